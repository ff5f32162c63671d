"""What a check writes down about tensors that an answer computes under torch.func.

Under vmap, grad or jvp a callable of the check is given tensors without values. `watch` peels the
transformations off, so that what it calls is given plain tensors, with a batch as a dimension.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def watch(note: Callable[..., None], *tensors: Tensor) -> None:
    """Call note(*tensors) with the values of tensors of one leading shape, without their graphs.

    Under vmap the leading shape has the batches in front. What `note` raises goes through.
    """
    plain = [each.detach() for each in tensors]
    if torch._C._are_functorch_transforms_active():
        _Watched.apply(note, *plain)
    else:
        note(*plain)


class _Watched(torch.autograd.Function):
    """An operation without a result or a derivative, whose inputs torch makes plain."""

    @staticmethod
    def forward(note: Callable[..., None], *tensors: Tensor) -> Tensor:
        note(*(each.detach() for each in tensors))
        return torch.zeros(())

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.mark_non_differentiable(output)
        ctx.inputs = len(inputs)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, ...]:
        return (None,) * ctx.inputs

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        return torch.zeros(())

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], note: Any, *tensors: Tensor) -> Any:
        rows = [
            each.expand(info.batch_size, *each.shape) if dim is None else each.movedim(dim, 0)
            for each, dim in zip(tensors, in_dims[1:], strict=True)
        ]
        return _Watched.apply(note, *rows), None
