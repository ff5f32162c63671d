"""What one end knows of the other while a test is judged, and how values are written and read with
it: objects and leaves by number, graphs, exceptions, arguments that come again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from vae_grading.protocol import originals, replicas
from vae_grading.protocol.arguments import SameTensors
from vae_grading.protocol.end import End
from vae_grading.protocol.exceptions import Exceptions
from vae_grading.protocol.gradients import Graphs
from vae_grading.protocol.in_step import InStep
from vae_grading.protocol.leaves import Leaves
from vae_grading.protocol.objects import Objects
from vae_grading.protocol.values import Decoder, Encoder
from vae_grading.protocol.wire import Message

Received = Callable[[Tensor | None, dict[str, Any]], Tensor]
Fields = Callable[[Tensor], dict[str, Any]]


class Memory:
    """The memory of one end; `next_number` gives numbers that were never used."""

    def __init__(self, peer: End, next_number: Callable[[], int]) -> None:
        self._peer = peer
        self._next = next_number
        self.objects = Objects(peer, next_number)
        self.graphs = Graphs(peer)
        self.exceptions = Exceptions()
        self.leaves = Leaves()
        self.identities = SameTensors()
        self._in_step = InStep(self.leaves)

    def encoder(self, tensor: Fields | None = None) -> Encoder:
        """One for a message; `tensor` gives the fields of a tensor where it is no plain value."""
        return Encoder(self._refer, tensor or self.fields)

    def decoder(self, tensors: list[Tensor], received: Received | None = None) -> Decoder:
        """One for a message that came with `tensors`."""

        def resolve(tree: dict[str, Any], decoder: Decoder) -> Any:
            return self._resolve(tree, decoder, tensors)

        return Decoder(tensors, resolve, received or self.leaves.received)

    def fields(self, value: Tensor) -> dict[str, Any]:
        return self.leaves.fields(value, self._next)

    def news(self, message: Message, encoder: Encoder) -> None:
        """Add to a message what this end did to leaves and to what is in step."""
        if "here" not in message:  # else parameters may stand in for others, for one call
            self._in_step.follow_replaced()
        for key, told in (
            ("news", self.leaves.news(encoder)),
            ("changes", self._in_step.news(encoder)),
        ):
            if told:
                message[key] = told

    def take_news(self, message: Message, tensors: list[Tensor]) -> None:
        """Take over what the other end did. Raises anything for news that are none."""
        self.leaves.update(message.get("news", []), tensors)
        if "changes" in message:
            self._in_step.update(message["changes"], tensors, self.decoder(tensors))

    def _refer(self, value: Any, encoder: Encoder) -> dict[str, Any]:
        tree = self.objects.refer(value)
        if self._peer.is_judge and tree["k"] == "object":
            described = originals.describe(value, encoder, self._share, self.objects.hand_out)
            if described is not None:
                tree["replica"] = described
                self._in_step.original(tree["id"], value)
        return tree

    def _share(self, value: Tensor) -> dict[str, Any]:
        return self.leaves.share(value, self._next)

    def _resolve(self, tree: dict[str, Any], decoder: Decoder, tensors: list[Tensor]) -> Any:
        if "replica" not in tree or self._peer.is_judge or self.objects.has_stub(tree):
            return self.objects.resolve(tree)
        made = replicas.build_replica(tree["replica"], decoder, tensors, self._peer)
        self._in_step.replica(int(tree["id"]), made)
        return self.objects.stands_for(tree, made)
