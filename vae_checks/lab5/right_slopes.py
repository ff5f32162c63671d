"""Gradients of what an answer returned, beside those of the truth, and its dtype."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vae_checks.values import close, gradients
from vae_checks.verdict import Mistake


def expect_slopes(
    value: Tensor,
    truth: Tensor,
    arguments: Mapping[str, Tensor],
    what: str,
    wrong: Mapping[str, Tensor] | None = None,
) -> None:
    """Raise Mistake unless `value` has the gradients of `truth` by all `arguments`, to 1e-6.

    `wrong` maps the slugs of known mistakes to what they differentiate. A gradient that is 0
    where it should not be is told as cut off.
    """
    found, wanted = gradients(value, dict(arguments)), _slopes(truth, arguments)
    off = [key for key in arguments if not close(found[key], wanted[key])]
    if not off:
        return
    key = off[0]
    place = int((found[key] - wanted[key]).abs().argmax())
    got, right = found[key].flatten()[place].item(), wanted[key].flatten()[place].item()
    seen = f"d {what} / d {key} is {got:.4g}, it should be {right:.4g}."
    for slug, other in (wrong or {}).items():
        slopes = _slopes(other, arguments)
        if all(close(found[each], slopes[each]) for each in arguments):
            raise Mistake(slug, seen)
    cut = all(not found[each].any() for each in off)
    raise Mistake("detached" if cut else "value-right-gradient-wrong", seen)


def expect_dtype(value: Any, like: Tensor, what: str) -> None:
    """Raise Mistake when `value` has another dtype than `like`."""
    if torch.is_tensor(value) and value.dtype != like.dtype:
        seen = f"{what} is {value.dtype}, the arguments are {like.dtype}."
        raise Mistake("another-dtype", seen)


def _slopes(of: Tensor, arguments: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """As `gradients`, of what may depend on none of the arguments."""
    if not of.requires_grad:
        return {key: torch.zeros_like(each) for key, each in arguments.items()}
    return gradients(of, dict(arguments))
