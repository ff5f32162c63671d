"""Objects that both ends know by number: ours that were handed out, and what stands for the
other's: stubs, or replicas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from vae_grading.protocol.end import End
from vae_grading.protocol.stubs import CAN, Stub, abilities, stub_class
from vae_grading.protocol.wire import WireError


class Objects:
    """The objects of one end; `next_number` gives numbers that were never used."""

    def __init__(self, peer: End, next_number: Callable[[], int]) -> None:
        self._peer = peer
        self._next = next_number
        self._handed_out: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # by id: what is in the table above stays alive
        self._stubs: dict[int, Any] = {}
        self._replicas: dict[int, int] = {}  # by id: their numbers

    def __getitem__(self, number: int) -> Any:
        """One of ours. Raises KeyError for a number that stands for none."""
        return self._handed_out[number]

    def hand_out(self, value: Any) -> int:
        """The number of one of ours, which the other end may use from now on."""
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = self._next()
            self._handed_out[number] = value
        return number

    def refer(self, value: Any) -> dict[str, Any]:
        """The tree of an object: the other end's own, or one of ours, from now on handed out."""
        if isinstance(value, Stub):
            return {"k": "yours", "id": object.__getattribute__(value, "_handle")}
        if id(value) in self._replicas:
            return {"k": "yours", "id": self._replicas[id(value)]}
        number = self.hand_out(value)
        tree = {"k": "object", "id": number, "type": type(value).__name__, "can": abilities(value)}
        return tree | {"module": True} if isinstance(value, nn.Module) else tree

    def has_stub(self, tree: dict[str, Any]) -> bool:
        return int(tree["id"]) in self._stubs

    def stands_for(self, tree: dict[str, Any], replica: Any) -> Any:
        """From now on `replica` stands for the other end's object."""
        number = int(tree["id"])
        self._stubs[number], self._replicas[id(replica)] = replica, number
        return replica

    def resolve(self, tree: dict[str, Any]) -> Any:
        """What a tree of an object stands for. Raises anything for one that stands for none."""
        if tree["k"] == "yours":
            return self._handed_out[int(tree["id"])]
        if tree["k"] != "object":
            raise WireError(f"a value of unknown kind {tree['k']!r}")
        number = int(tree["id"])
        if number not in self._stubs:
            can = tuple(name for name in CAN if name in tree["can"])
            made = stub_class(str(tree["type"]), can, "module" in tree)
            self._stubs[number] = made(self._peer, number)
        return self._stubs[number]
