"""What was done to the right value before it came back wrong: names for what no check foresaw.

A wrong answer often computes the right value and spoils it on the way out. `distortion` compares a
wrong value with the right one, element by element, and names what lies between them.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

DISTORTIONS = {
    "value-negated": "The sign of everything is reversed.",
    "value-scaled": "A factor is missing, or one too much: all numbers are off by the same one.",
    "value-shifted": "A constant is missing, or one too much: all numbers are off by the same.",
    "value-exp": "One exp too many: its logarithm is the right value.",
    "value-log": "One logarithm too many, or an exp missing: its exponential is the right value.",
    "value-root": "One square root too many, or a square missing: its square is the right value.",
    "value-squared": "One square too many, or a root missing: its root is the right value.",
    "value-absolute": "Negative numbers have lost their sign: something took an absolute value.",
    "value-constant": "The same number comes out for all of them.",
    "value-cut": "Numbers beyond a bound are cut off: a clamp or a ReLU is in the way.",
    "value-squashed": "A sigmoid, tanh or softplus was put on the right value.",
    "value-rounded": "The numbers are rounded.",
    "value-flipped": "The right numbers in the reverse order.",
    "value-one-row": "One entry stands for all of them: each has its own.",
    "value-averaged": "Everything was averaged or added up: each entry has its own value.",
    "value-half-precision": "Computed in half precision: only three digits are right.",
    "value-nearly": "Right to three digits: something small is added, missing, or rounded.",
    "shape-one-number": "Everything was reduced to one number: one for each entry is asked for.",
    "shape-extra-one": "A dimension of size 1 is too much.",
    "shape-not-reduced": "A sum or a mean is missing: a dimension is left that must be gone.",
    "shape-ones-dropped": "A dimension of size 1 is gone: squeeze() takes every one of them.",
    "shape-rows-missing": "Entries are missing: the first dimension is too short.",
    "shape-transposed": "Rows and columns have changed places.",
    "shape-reduced": "A dimension is gone that should have stayed: a sum or an index too much.",
}

_FUNCTIONS: list[tuple[str, Callable[[Tensor], Tensor]]] = [
    ("value-exp", torch.exp),
    ("value-log", torch.log),
    ("value-root", torch.sqrt),
    ("value-squared", torch.square),
    ("value-absolute", torch.abs),
    ("value-squashed", torch.sigmoid),
    ("value-squashed", torch.tanh),
    ("value-squashed", torch.nn.functional.softplus),
    ("value-squashed", torch.nn.functional.leaky_relu),
    ("value-rounded", torch.round),
    ("value-rounded", torch.trunc),
]


def distortion(value: Tensor, truth: Tensor) -> str | None:
    """The slug of what turns `truth` into `value`, a wrong one of the same shape; None if unknown.

    Numbers are compared to 1e-6 of the largest, 1e-4 where the value is not float64.
    """
    rtol = 1e-6 if value.dtype == torch.float64 else 1e-4
    value, truth = value.detach().double(), truth.detach().double()
    if not value.numel() or not bool(torch.isfinite(value).all() and torch.isfinite(truth).all()):
        return None
    largest = truth.abs().max().item()

    def same(other: Tensor) -> bool:
        scale = other.abs().max().item()
        return scale < 1e300 and torch.allclose(value, other, rtol=0, atol=rtol * scale)

    if same(-truth):
        return "value-negated"
    if same(truth.half().double()):
        return "value-half-precision"
    for slug, function in _FUNCTIONS:
        changed = function(truth)
        if bool(torch.isfinite(changed).all()) and same(changed):
            return slug
    nearly = "value-nearly" if (value - truth).abs().max() < 1e-3 * largest else None
    factor = (value.flatten()[truth.abs().argmax()] / largest).item()
    if truth.numel() == 1:
        return "value-scaled" if abs(factor) in (2, 0.5) else nearly
    if (value - truth).abs().max() < 1e-5 * largest:  # any factor and any shift would fit that
        return nearly
    if same(truth * factor * truth.flatten()[truth.abs().argmax()].sign()):
        return _factor(factor)
    if same(truth + (value - truth).mean()):
        return "value-shifted"
    low, high = value.min().item(), value.max().item()
    inside = (truth > low) & (truth < high)  # of few numbers any two have a bound between them
    if inside.any() and same(truth.clamp(low, high)):
        return "value-cut"
    if nearly:
        return nearly
    if any(same(truth.flip(dim)) for dim in range(truth.dim())):
        return "value-flipped"
    if same(truth[:1].expand_as(truth)) or same(truth[-1:].expand_as(truth)):
        return "value-one-row"
    if any(same(each.expand_as(truth)) for each in _reduced(truth)):
        return "value-averaged"
    return "value-constant" if low == high else None


def _factor(factor: float) -> str | None:
    """The name of a factor on everything: that of another logarithm, or any but 0."""
    if any(math.isclose(abs(factor), 1 / math.log(base), rel_tol=1e-6) for base in (2, 10)):
        return "not-nats"
    return "value-scaled" if factor else None


def _reduced(truth: Tensor) -> tuple[Tensor, ...]:
    return truth.mean(), truth.sum(), truth.mean(0), truth.sum(0)


def ones_dropped(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether `found` is `wanted` without some of its dimensions of size 1.

    >>> ones_dropped((5,), (1, 5)), ones_dropped((), (1,)), ones_dropped((1, 5), (5,))
    (True, True, False)
    """
    rest = [size for size in wanted if size != 1]
    return len(found) < len(wanted) and [size for size in found if size != 1] == rest


def distorted_shape(found: tuple[int, ...], wanted: tuple[int, ...]) -> str | None:
    """The slug of what is wrong with a shape; None if that is not clear.

    >>> distorted_shape((1, 3), (3,)), distorted_shape((3, 5), (3,)), distorted_shape((), (3,))
    ('shape-extra-one', 'shape-not-reduced', 'shape-one-number')
    """
    if len(found) == 0 and wanted:
        return "shape-one-number"
    if len(found) == len(wanted):
        if len(wanted) == 2 and found == wanted[::-1]:
            return "shape-transposed"
        shorter = found[:1] < wanted[:1] and found[1:] == wanted[1:]
        return "shape-rows-missing" if shorter else None
    if len(found) > len(wanted):
        if tuple(size for size in found if size != 1) == tuple(s for s in wanted if s != 1):
            return "shape-extra-one"
        without = [found[:dim] + found[dim + 1 :] for dim in range(len(found))]
        return "shape-not-reduced" if wanted in without else None
    without = [wanted[:dim] + wanted[dim + 1 :] for dim in range(len(wanted))]
    return "shape-reduced" if found in without else None
