"""Autograd across the wire: a result of the other process knows which arguments it came from.

The process that computed keeps the graph. Here the result hangs on a node whose backward asks for
the vector-Jacobian product; so `requires_grad`, `backward` and `torch.autograd.grad` mean what
they mean in one process. Derivatives of derivatives do not cross.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

if TYPE_CHECKING:
    from vae_grading.judge.peer import Peer


class _Remote(torch.autograd.Function):
    """Identity on results; its backward is computed where they come from."""

    @staticmethod
    def forward(ctx: Any, peer: Peer, node: int, results: list[Tensor], *inputs: Tensor) -> Any:
        ctx.peer, ctx.node, ctx.count = peer, node, len(inputs)
        ctx.set_materialize_grads(False)
        return tuple(results)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor | None) -> Any:
        found = ctx.peer.vector_jacobian_product(ctx.node, gradients)
        found += [None] * (ctx.count - len(found))  # a leaf of its own gets nothing
        return (None, None, None, *found)


def attach(peer: Peer, node: int, results: list[Tensor], inputs: Sequence[Tensor]) -> list[Tensor]:
    """The results as functions of `inputs` (a leaf of their own where there are none)."""
    if not torch.is_grad_enabled() or not results:
        return results
    if not any(each.requires_grad for each in inputs):
        inputs = (*inputs, torch.zeros((), requires_grad=True))
    return list(_Remote.apply(peer, node, results, *inputs))


class Graphs:
    """The graphs that run through both ends, as far as one end has to know them."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._nodes: dict[int, Node] = {}
        self._arrived: list[tuple[int, int, Tensor]] = []  # the other's results, by node and place

    def __getitem__(self, node: int) -> Node:
        """A node of ours. Raises KeyError for one that never was."""
        return self._nodes[node]

    def attach(
        self, reply: dict[str, Any], tensors: list[Tensor], inputs: list[Tensor]
    ) -> list[Tensor]:
        """The results of a reply that have a graph, as functions of the call's inputs.

        Raises anything for a reply that no `hang` made.
        """
        if "node" not in reply:
            return []
        places: dict[int, int] = {}
        _find_results(reply.get("ok"), places)
        values = [tensors[places[number]] for number in range(len(places))]
        # Of our results, those that the other end's hang on.
        passed_on = [
            self._nodes[node].results[place] for node, place in reply.get("from", ()) if place >= 0
        ]
        results = attach(self._peer, int(reply["node"]), values, [*inputs, *passed_on])
        self._arrived += [(int(reply["node"]), i, each) for i, each in enumerate(results)]
        return results

    @contextmanager
    def arriving(self) -> Iterator[list[tuple[int, int, Tensor]]]:
        """The results of the other end that arrive inside."""
        before, self._arrived = self._arrived, []
        try:
            yield self._arrived
        finally:
            self._arrived = before

    def hang(
        self,
        results: list[Tensor],
        inputs: list[Tensor],
        arrived: list[tuple[int, int, Tensor]],
        number: int,
    ) -> dict[str, Any]:
        """Keep the graph from `inputs` to `results`; the fields of the reply that tell of it.

        Of what the other end handed in meanwhile, its graph goes on from there by itself.
        """
        arrived = [each for each in arrived if each[2].requires_grad]
        self._nodes[number] = Node(results, [*inputs, *(tensor for _, _, tensor in arrived)])
        return {"node": number, "from": [[node, place] for node, place, _ in arrived]}


class Node:
    """What the computing process keeps of one call: results with their graph, and its inputs."""

    def __init__(self, results: list[Tensor], inputs: list[Tensor]) -> None:
        self.results, self.inputs = results, inputs

    def vjp(self, gradients: Sequence[Tensor | None], *, accumulate: bool) -> list[Tensor | None]:
        """d results / d inputs, times `gradients`; with `accumulate`, other leaves get theirs."""
        pairs = [
            (result, gradient.to(result.dtype))
            for result, gradient in zip(self.results, gradients, strict=True)
            if gradient is not None
        ]
        if not pairs or not (self.inputs or accumulate):
            return [None] * len(self.inputs)
        results, gradients = zip(*pairs, strict=True)
        with torch.enable_grad():
            if accumulate:
                return self._accumulating(results, gradients)
            found = torch.autograd.grad(
                results, self.inputs, gradients, retain_graph=True, allow_unused=True
            )
            return list(found)

    def _accumulating(self, results: Any, gradients: Any) -> list[Tensor | None]:
        seen: dict[int, Tensor] = {}

        def note(number: int) -> Any:
            return lambda gradient: seen.__setitem__(number, seen.get(number, 0) + gradient)

        # One that the call detached in place needs nothing any more.
        hooks = [
            each.register_hook(note(i)) for i, each in enumerate(self.inputs) if each.requires_grad
        ]
        kept = [each.grad if each.is_leaf else None for each in self.inputs]
        try:
            torch.autograd.backward(results, gradients, retain_graph=True)
        finally:
            for hook in hooks:
                hook.remove()
            for each, old in zip(self.inputs, kept, strict=True):
                if each.is_leaf:
                    each.grad = old
        return [seen.get(i) for i in range(len(self.inputs))]


def _find_results(tree: Any, places: dict[int, int]) -> None:
    """Number -> index of data, of the hanging results in a reply's tree."""
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            if each.get("k") == "tensor" and "r" in each:
                places[int(each["r"])] = int(each["i"])
            elif "v" in each:
                waiting.append(each["v"])
