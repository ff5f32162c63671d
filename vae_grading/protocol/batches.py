"""Batched gradients of torch.autograd: is_grads_batched, and with it jacobian(vectorize=True).

They are no tensors of torch.func but of an older kind, which no autograd function can be asked to
take apart. Here they are: one row after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

Gradients = Sequence[Any]  # tensors, and None where there is none


def is_batched() -> bool:
    """Whether gradients come in batches now."""
    return _level() > 0


def by_rows(function: Callable[[Gradients], Gradients], gradients: Gradients) -> Gradients:
    """`function` of each row of gradients; batches of its results."""
    level = _level()
    # One that is no batch becomes one of the size that is said.
    apart = [
        None if each is None else torch._remove_batch_dim(each, level, 1, 0) for each in gradients
    ]
    size = max(len(each) for each in apart if each is not None)
    rows = zip(*(_rows(each, size) for each in apart), strict=True)
    found = [function(row) for row in rows]
    return [
        None
        if all(each is None for each in column)
        else torch._add_batch_dim(torch.stack(_filled(column)), 0, level)
        for column in zip(*found, strict=True)
    ]


def _level() -> int:
    level = torch._C._vmapmode_increment_nesting()
    torch._C._vmapmode_decrement_nesting()
    return level - 1


def _rows(batch: Tensor | None, size: int) -> Gradients:
    return [None] * size if batch is None else list(batch.expand(size, *batch.shape[1:]))


def _filled(column: Gradients) -> list[Tensor]:
    like = next(each for each in column if each is not None)
    return [torch.zeros_like(like) if each is None else each for each in column]
