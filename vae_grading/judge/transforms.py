"""torch.func across the wire: calls of the other end's functions under vmap, grad, vjp and jvp.

The tensors of a transformation have no data to send. So the call becomes an autograd function of
its own: torch peels the transformations off, one by one, until plain tensors are left, which cross
as always. A batch is computed row by row, since nothing is known of the function. Derivatives of a
call are calls again (`_pulled`, `_pushed`), so that those of any order are. The same way goes
forward-mode differentiation, whose tangents have no place in a message either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.utils._pytree import tree_flatten, tree_unflatten

Function = Callable[..., tuple[Tensor, ...]]


def is_transformed(arguments: Any = ()) -> bool:
    """Whether the code that runs now is being transformed by torch.func, or `arguments` hold a
    tensor with a tangent."""
    if torch._C._are_functorch_transforms_active():
        return True
    if forward_ad._current_level < 0:
        return False
    tensors = (leaf for leaf in tree_flatten(arguments)[0] if isinstance(leaf, Tensor))
    return any(forward_ad.unpack_dual(each).tangent is not None for each in tensors)


def call_transformed(call: Callable[..., Any], arguments: Any) -> Any:
    """`call(arguments)`, a remote call that gives tensors, under torch.func's transformations."""
    leaves, structure = tree_flatten(arguments)
    places = [place for place, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
    made: list[Any] = []  # the structure of the result

    def plain(*tensors: Tensor) -> tuple[Tensor, ...]:
        filled = list(leaves)
        for place, tensor in zip(places, tensors, strict=True):
            filled[place] = tensor
        results, made[:] = _flat(call(tree_unflatten(filled, structure)))
        return results

    found = apply(plain, [leaves[place] for place in places])
    return tree_unflatten(list(found), made[0])


def apply(function: Function, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """`function(*tensors)` for one that takes plain tensors only, whatever these are."""
    return _Call.apply(function, *tensors)


def _flat(result: Any) -> tuple[tuple[Tensor, ...], list[Any]]:
    results, structure = tree_flatten(result)
    if not results or not all(isinstance(each, Tensor) for each in results):
        raise TypeError("under torch.func a function has to return tensors here")
    return tuple(results), [structure]


class _Call(torch.autograd.Function):
    """The call; its derivatives are calls of other functions."""

    @staticmethod
    def forward(function: Function, *tensors: Tensor) -> tuple[Tensor, ...]:
        given = {id(each) for each in tensors}
        return tuple(each.clone() if id(each) in given else each for each in function(*tensors))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.function = inputs[0]
        ctx.save_for_backward(*inputs[1:])
        ctx.save_for_forward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        pull = _pulled(ctx.function, len(gradients))
        return None, *_Call.apply(pull, *gradients, *ctx.saved_tensors)

    @staticmethod
    def jvp(ctx: Any, _: None, *tangents: Tensor | None) -> tuple[Tensor, ...]:
        tensors = ctx.saved_tensors
        moved = [
            torch.zeros_like(each) if tangent is None else tangent
            for each, tangent in zip(tensors, tangents, strict=True)
        ]
        return _Call.apply(_pushed(ctx.function), *tensors, *moved)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], function: Function, *tensors: Tensor) -> Any:
        rows = [
            [
                each if dim is None else each.select(dim, row)
                for each, dim in zip(tensors, in_dims[1:], strict=True)
            ]
            for row in range(info.batch_size)
        ]
        found = [_Call.apply(function, *row) for row in rows]
        columns = tuple(torch.stack(column) for column in zip(*found, strict=True))
        return columns, (0,) * len(columns)


def _pulled(function: Function, count: int) -> Function:
    """The vector-Jacobian product of a function with `count` results: of gradients and tensors."""

    def pull(*both: Tensor) -> tuple[Tensor, ...]:
        gradients, tensors = both[:count], both[count:]
        again = torch.is_grad_enabled()  # then this is being differentiated itself
        with torch.enable_grad():
            leaves = tensors if again else _leaves(tensors)
            found = _gradient(function(*leaves), leaves, gradients, again=again)
        return tuple(found)

    return pull


def _pushed(function: Function) -> Function:
    """The Jacobian-vector product: of tensors and as many tangents.

    The vector-Jacobian product is linear in its vector: its own gradient is what is asked for.
    """

    def push(*both: Tensor) -> tuple[Tensor, ...]:
        tensors, tangents = both[: len(both) // 2], both[len(both) // 2 :]
        again = torch.is_grad_enabled()
        with torch.enable_grad():
            leaves = tensors if again else _leaves(tensors)
            results = function(*leaves)
            vectors = _leaves([torch.zeros_like(each) for each in results])
            pulled = _gradient(results, leaves, vectors, again=True)
            return tuple(_gradient(pulled, vectors, tangents, again=again))

    return push


def _leaves(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [each.detach().requires_grad_(each.is_floating_point()) for each in tensors]


def _gradient(
    results: Sequence[Tensor], inputs: Sequence[Tensor], gradients: Sequence[Tensor], *, again: bool
) -> list[Tensor]:
    """d results / d inputs times `gradients`, 0 where there is none; `again`: with its graph."""
    pairs = [(r, g) for r, g in zip(results, gradients, strict=True) if r.requires_grad]
    varied = [each for each in inputs if each.requires_grad]
    found = iter(())
    if pairs and varied:
        results, gradients = zip(*pairs, strict=True)
        found = iter(
            torch.autograd.grad(
                results, varied, gradients, create_graph=again, materialize_grads=True
            )
        )
    return [
        next(found, torch.zeros_like(each)) if each.requires_grad else torch.zeros_like(each)
        for each in inputs
    ]
