"""torch.func across the wire: calls of the other end's functions under vmap, grad and vjp.

The tensors of a transformation have no data to send. So the call becomes an autograd function of
its own: torch peels the transformations off, one by one, until plain tensors are left, which cross
as always. A batch is computed row by row, since nothing is known of the function. One derivative
crosses, as elsewhere (gradients.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten


def is_transformed() -> bool:
    """Whether the code that runs now is being transformed by torch.func."""
    return torch._C._are_functorch_transforms_active()


def call_transformed(call: Callable[..., Any], arguments: Any) -> Any:
    """`call(arguments)`, a remote call that gives a tensor, under torch.func's transformations."""
    leaves, structure = tree_flatten(arguments)
    places = [place for place, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]

    def plain(*tensors: Tensor) -> Tensor:
        filled = list(leaves)
        for place, tensor in zip(places, tensors, strict=True):
            filled[place] = tensor
        result = call(tree_unflatten(filled, structure))
        if not isinstance(result, Tensor):
            raise TypeError("under torch.func a function has to return one tensor here")
        return result

    return _Call.apply(plain, *(leaves[place] for place in places))


class _Call(torch.autograd.Function):
    """The call; its derivative calls again."""

    @staticmethod
    def forward(call: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
        return call(*tensors)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.call = inputs[0]
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        return None, *_Pull.apply(ctx.call, gradient, *ctx.saved_tensors)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], call: Any, *tensors: Tensor) -> Any:
        rows = _rows(info.batch_size, in_dims[1:], tensors)
        return torch.stack([_Call.apply(call, *row) for row in rows]), 0


class _Pull(torch.autograd.Function):
    """The vector-Jacobian product of a call, for each of its tensors."""

    @staticmethod
    def forward(call: Callable[..., Tensor], gradient: Tensor, *tensors: Tensor) -> Any:
        with torch.enable_grad():
            leaves = [each.detach().requires_grad_(each.is_floating_point()) for each in tensors]
            varied = [each for each in leaves if each.requires_grad]
            result = call(*leaves)
        zeros = [torch.zeros_like(each) for each in tensors]
        if not result.requires_grad:
            return tuple(zeros)
        found = iter(torch.autograd.grad(result, varied, gradient, materialize_grads=True))
        return tuple(
            next(found) if leaf.requires_grad else zero
            for leaf, zero in zip(leaves, zeros, strict=True)
        )

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        raise RuntimeError("derivatives of derivatives do not cross between processes")

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], call: Any, *tensors: Tensor) -> Any:
        rows = _rows(info.batch_size, in_dims[1:], tensors)
        found = [_Pull.apply(call, *row) for row in rows]
        columns = tuple(torch.stack(column) for column in zip(*found, strict=True))
        return columns, (0,) * len(columns)


def _rows(size: int, in_dims: tuple[Any, ...], tensors: tuple[Tensor, ...]) -> list[list[Tensor]]:
    return [
        [
            each if dim is None else each.select(dim, row)
            for each, dim in zip(tensors, in_dims, strict=True)
        ]
        for row in range(size)
    ]
