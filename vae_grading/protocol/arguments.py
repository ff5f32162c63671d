"""What a call did to the tensors that it was given, told to whoever gave them.

A check looks whether an answer changed its arguments, and what an answer hands to a check's
callable may come back with a gradient on it. So a reply names the arguments whose values are
others than before, and the leaves among them that the call marked: with another `requires_grad`,
or with a `.grad`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from vae_grading.protocol.leaves import overwrite, same
from vae_grading.protocol.values import Encoder
from vae_grading.protocol.wire import Message

# Arguments larger than this are not compared with what they were before the call.
MOST_COMPARED = 1_000_000
MOST_KEPT = 10_000  # numbers of an argument that is known again


def is_plain_call(message: Message) -> bool:
    """Of the methods, only a plain call is one whose arguments a check looks at afterwards."""
    return message.get("method") == "__call__" and "vmaps" not in message


class Arguments:
    """The tensors that a call received, by place, and what they were before it, if anybody will
    ask: `watched`."""

    def __init__(self, *, watched: bool = True) -> None:
        self._watched = watched
        self._values: dict[int, Tensor] = {}
        self._before: dict[int, Tensor] = {}
        self._traces: dict[int, tuple[bool, int]] = {}

    def add(self, place: int, value: Tensor) -> None:
        self._values[place] = value
        if self._watched and value.numel() <= MOST_COMPARED:
            self._before[place] = value.detach().clone()

    def all(self) -> list[Tensor]:
        return list(self._values.values())

    def complete(self) -> None:
        """All are there, their gradients, too: the call begins."""
        if self._watched:
            self._traces = {
                place: _graph_traces(value)
                for place, value in self._values.items()
                if value.is_leaf  # others have no .grad of their own
            }

    def changes(self, encoder: Encoder) -> dict[str, Any]:
        """The fields of the reply for what is not as it was."""
        changed = [
            [place, encoder.put(self._values[place])]
            for place, before in self._before.items()
            if not same(self._values[place], before)
        ]
        marked = []
        for place, traces in self._traces.items():
            value = self._values[place]
            if value.is_leaf and _graph_traces(value) != traces:
                gradient = -1 if value.grad is None else encoder.put(value.grad)
                marked.append([place, gradient, value.requires_grad])
        return {key: told for key, told in (("changed", changed), ("marked", marked)) if told}


class SameTensors:
    """One object here for one object there: a tensor that is given twice arrives as the same one.

    Unless something was done to it: then it arrives anew. An answer may remember its arguments.
    """

    def __init__(self) -> None:
        self._given: dict[int, Tensor] = {}  # by id: kept, so that no other gets the number
        self._received: dict[int, Tensor] = {}

    def number(self, value: Tensor) -> int | None:
        """What to call a tensor that is given; None for one that is too large to be kept."""
        if value.numel() > MOST_KEPT:
            return None
        self._given[id(value)] = value
        return id(value)

    def received(self, number: int, value: Tensor) -> Tensor:
        """What arrived before under this number, if that still is what arrives now."""
        before = self._received.get(number)
        if before is None or before.requires_grad or not same(before, value):
            before = self._received[number] = value
        return before


def take_over(changes: dict[str, Any], given: Sequence[Tensor], tensors: list[Tensor]) -> None:
    """Do to the arguments what the call did to its copies of them. Raises anything for changes
    that no `Arguments` tells."""
    for place, index in changes.get("changed", ()):
        if given[int(place)].numel() <= MOST_COMPARED:
            overwrite(given[int(place)], tensors[int(index)])
    for place, index, requires_grad in changes.get("marked", ()):
        value, gradient = given[int(place)], None if index < 0 else tensors[int(index)]
        if value.is_leaf and value.is_floating_point():
            value.requires_grad_(bool(requires_grad))
            if gradient is not None and gradient.shape == value.shape:
                value.grad = gradient.to(value.dtype)


def _graph_traces(value: Tensor) -> tuple[bool, int]:
    """What tells whether a call took an argument into a graph: its flag, and whose .grad it has."""
    return value.requires_grad, id(value.grad)
