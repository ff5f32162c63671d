"""Autograd across the wire: a result of the other process knows which arguments it came from.

The process that computed keeps the graph. Here the result hangs on a node whose backward asks for
the vector-Jacobian product; so `requires_grad`, `backward` and `torch.autograd.grad` mean what
they mean in one process. Where that product is to be differentiated itself (`create_graph=True`),
it is asked for as the result of one more call, which hangs on a node of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor

from vae_grading.protocol import batches
from vae_grading.protocol.end import End


class _Remote(torch.autograd.Function):
    """Identity on results; its backward is computed where they come from."""

    @staticmethod
    def forward(
        ctx: Any, peer: End, node: int, results: list[Tensor], own: bool, *inputs: Tensor
    ) -> Any:
        ctx.peer, ctx.node, ctx.own, ctx.count = peer, node, own, len(inputs)
        ctx.save_for_backward(*inputs)  # for derivatives of derivatives
        ctx.set_materialize_grads(False)
        return tuple(results)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> Any:
        if batches.is_batched():
            found = batches.by_rows(partial(ctx.peer.vector_jacobian_product, ctx.node), gradients)
        elif torch.is_grad_enabled():
            known = ctx.saved_tensors[: ctx.count - ctx.own]
            found = ctx.peer.pull(ctx.node, gradients, known)
        else:
            found = ctx.peer.vector_jacobian_product(ctx.node, gradients)
        own = [None] * (ctx.count - len(found))  # a leaf of its own gets nothing
        return (None, None, None, None, *found, *own)


def attach(peer: End, node: int, results: list[Tensor], inputs: Sequence[Tensor]) -> list[Tensor]:
    """The results as functions of `inputs` (a leaf of their own where there are none)."""
    if not torch.is_grad_enabled() or not results:
        return results
    own = not any(each.requires_grad for each in inputs)
    if own:
        inputs = (*inputs, torch.zeros((), requires_grad=True))
    return list(_Remote.apply(peer, node, results, own, *inputs))


class Graphs:
    """The graphs that run through both ends, as far as one end has to know them."""

    def __init__(self, peer: End) -> None:
        self._peer = peer
        self._nodes: dict[int, Node] = {}
        self._arrived: list[tuple[int, int, Tensor]] = []  # the other's results, by node and place

    def __getitem__(self, node: int) -> Node:
        """A node of ours. Raises KeyError for one that never was."""
        return self._nodes[node]

    def attach(
        self,
        reply: dict[str, Any],
        tensors: list[Tensor],
        inputs: list[Tensor],
        leaves: dict[int, Tensor],
    ) -> list[Tensor]:
        """The results of a reply that have a graph, as functions of the call's inputs, and of our
        `leaves` that the other end has mirrors of.

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
        passed_on += [leaves[number] for number in reply.get("leaves", ())]
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
        mirrors: dict[int, Tensor],
        number: int,
    ) -> dict[str, Any]:
        """Keep the graph from `inputs` to `results`; the fields of the reply that tell of it.

        Of what the other end handed in meanwhile, its graph goes on from there by itself; and so
        it does from its leaves, whose `mirrors` may have been used here.
        """
        arrived = [each for each in arrived if each[2].requires_grad]
        mirrors = {number: each for number, each in mirrors.items() if each.requires_grad}
        known = [*inputs, *(tensor for _, _, tensor in arrived), *mirrors.values()]
        self._nodes[number] = Node(results, known)
        told = {"node": number, "from": [[node, place] for node, place, _ in arrived]}
        return told | {"leaves": list(mirrors)} if mirrors else told


class Node:
    """What the computing process keeps of one call: results with their graph, and its inputs."""

    def __init__(self, results: list[Tensor], inputs: list[Tensor]) -> None:
        self.results, self.inputs = results, inputs

    def vjp(self, gradients: Sequence[Tensor | None], *, accumulate: bool) -> list[Tensor | None]:
        """d results / d inputs, times `gradients`; with `accumulate`, other leaves get theirs."""
        results, gradients = self._pairs(gradients)
        if not results or not (self.inputs or accumulate):
            return [None] * len(self.inputs)
        with torch.enable_grad():
            if accumulate:
                return self._accumulating(results, gradients)
            return self._gradient(results, gradients)

    def pull(self, gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
        """The same with a graph, to `gradients` and to the inputs."""
        results, gradients = self._pairs(gradients)
        if not results:
            return [None] * len(self.inputs)
        return self._gradient(results, gradients, create_graph=True)

    def _pairs(self, gradients: Sequence[Tensor | None]) -> tuple[list[Tensor], list[Tensor]]:
        """Results that have a gradient, and their gradients."""
        pairs = [
            (result, gradient.to(result.dtype))
            for result, gradient in zip(self.results, gradients, strict=True)
            if gradient is not None
        ]
        return [result for result, _ in pairs], [gradient for _, gradient in pairs]

    def _gradient(self, results: Any, gradients: Any, **options: bool) -> list[Tensor | None]:
        varied = [each for each in self.inputs if each.requires_grad]
        if not varied:
            return [None] * len(self.inputs)
        found = iter(
            torch.autograd.grad(
                results, varied, gradients, retain_graph=True, allow_unused=True, **options
            )
        )
        return [next(found) if each.requires_grad else None for each in self.inputs]

    def _accumulating(self, results: Any, gradients: Any) -> list[Tensor | None]:
        seen: dict[int, Tensor] = {}

        def note(number: int) -> Any:
            def hook(gradient: Tensor | None) -> None:
                if gradient is not None:  # None: a backward by hand that gives an input nothing
                    seen[number] = seen.get(number, 0) + gradient

            return hook

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
