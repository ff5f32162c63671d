"""Which argument was taken for another? A wrong value is compared with the right formula of others.

An answer that squares an argument too much, drops its sign, reads one of its rows for all or takes
another argument in its place gives what the right formula gives for that other argument. Trying
some forty of them names such a mistake without anybody having thought of it for this exercise.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from vae_checks.values import close
from vae_checks.verdict import Mistake
from vae_helpers.errors import VaeLabError

Reading = tuple[Callable[..., Tensor], Mapping[str, Any]]
_CHANGES: list[tuple[str, Callable[[Tensor], Tensor]]] = [
    ("-{}", torch.neg),
    ("{}^2", torch.square),
    ("|{}|", torch.abs),
    ("{}^3", lambda a: a**3),
    ("{}^4", lambda a: a**4),
    ("exp({})", torch.exp),
    ("exp({} / 2)", lambda a: torch.exp(a / 2)),
    ("exp(-{})", lambda a: torch.exp(-a)),
    ("log {}", torch.log),
    ("the root of {}", torch.sqrt),
    ("1 / {}", torch.reciprocal),
    ("2 {}", lambda a: 2 * a),
    ("{} / 2", lambda a: a / 2),
    ("-2 {}", lambda a: -2 * a),
    ("-{} / 2", lambda a: -a / 2),
    ("{} + 1", lambda a: a + 1),
    ("{} - 1", lambda a: a - 1),
    ("1 - {}", lambda a: 1 - a),
    ("tanh({})", torch.tanh),
    ("a sigmoid of {}", torch.sigmoid),
    ("a softplus of {}", torch.nn.functional.softplus),
    ("{}, its negative numbers set to 0,", torch.relu),
    *(
        (f"{{}}, cut to +-{most},", functools.partial(torch.clamp, min=-most, max=most))
        for most in (1, 3, 5, 10, 30)
    ),
    ("{}, rounded,", torch.round),
    ("{} in half precision", lambda a: a.half().to(a.dtype)),
    ("the sign of {}", torch.sign),
    ("0", torch.zeros_like),
    ("1", torch.ones_like),
    ("2", lambda a: 2 * torch.ones_like(a)),
    ("the mean of all of {}", lambda a: a.mean().expand_as(a)),
    ("the mean of {} over its first dimension", lambda a: a.mean(0, keepdim=True).expand_as(a)),
    ("the mean of {} over its last dimension", lambda a: a.mean(-1, keepdim=True).expand_as(a)),
    ("the first of {} for all", lambda a: a[:1].expand_as(a)),
    ("the last of {} for all", lambda a: a[-1:].expand_as(a)),
    ("the first column of {} for all", lambda a: a[..., :1].expand_as(a)),
    ("{0} minus the mean of {0}", lambda a: a - a.mean(0)),
    ("{}, its first dimension reversed,", lambda a: a.flip(0)),
    ("{}, its last dimension reversed,", lambda a: a.flip(-1)),
    ("{}, moved on by one,", lambda a: a.roll(1, 0)),
    ("{}, moved back by one,", lambda a: a.roll(-1, 0)),
    ("{}, sorted,", lambda a: a.sort(0).values),
    ("{} without its first row", lambda a: _some(a)[1:]),
    ("{} without its last row", lambda a: _some(a)[:-1]),
]


def _some(a: Tensor) -> Tensor:
    """Three rows or more: of two a single one would be left, which has no spread."""
    if a.ndim == 0 or len(a) < 3:
        raise IndexError("too few rows")
    return a


@contextlib.contextmanager
def arguments_named(
    value: object, truth: Callable[..., Tensor], arguments: Mapping[str, Any], *more: Reading
) -> Iterator[None]:
    """An unexplained "wrong-value" that is raised in here is told by the argument that was misread.

    `value` is what the answer gave for `arguments`, `truth` the right function of them by keyword.
    `more` are the same formula as a function of other things, of what lies between, say.
    """
    try:
        yield
    except Mistake as mistake:
        if mistake.slug != "wrong-value":
            raise
        for reading in ((truth, arguments), *more):
            if said := misread(value, *reading):
                raise Mistake("argument-misread", mistake.seen, said) from None
        raise


def misread(
    value: object, truth: Callable[..., Tensor], arguments: Mapping[str, Any]
) -> str | None:
    """In place of which argument what was taken, in a sentence; None where that is not clear.

    >>> x, y = torch.tensor([1.0, -2.0]).double(), torch.tensor([3.0, 5.0]).double()
    >>> misread(x**2 - y, lambda x, y: x - y, {"x": x, "y": y})
    'It would be right for x^2 in place of x.'
    >>> misread(y - x, lambda x, y: x - y, {"x": x, "y": y})
    'It would be right with x and y exchanged.'
    """
    if not torch.is_tensor(value) or close(value, _of(truth, arguments)):
        return None
    given = {
        key: torch.as_tensor(a, dtype=torch.float64)
        for key, a in arguments.items()
        if torch.is_tensor(a) or isinstance(a, float)
    }
    for said, changed in _changed(given):
        other = _of(truth, {**arguments, **changed})
        if torch.is_tensor(other) and other.isfinite().all() and close(value, other):
            return f"It would be right {said}."
    return None


def _changed(given: dict[str, Tensor]) -> Iterator[tuple[str, dict[str, Tensor]]]:
    names = list(given)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            if given[one].shape == given[other].shape:
                swapped = {one: given[other], other: given[one]}
                yield f"with {one} and {other} exchanged", swapped
    for key, argument in given.items():
        for other in names:
            if other != key and _fits(given[other], argument):
                taken = given[other].expand_as(argument)
                yield f"for {other} in place of {key}", {key: taken}
        for what, change in _CHANGES:
            with contextlib.suppress(RuntimeError, IndexError):
                yield f"for {what.format(key)} in place of {key}", {key: change(argument)}


def _fits(other: Tensor, argument: Tensor) -> bool:
    """Whether it can be broadcast to the argument's shape."""
    sizes = zip(reversed(other.shape), reversed(argument.shape), strict=False)
    return other.ndim <= argument.ndim and all(one in (1, two) for one, two in sizes)


def _of(truth: Callable[..., Tensor], arguments: Mapping[str, Any]) -> Any:
    try:
        return truth(**arguments).detach()
    except (RuntimeError, ValueError, ArithmeticError, VaeLabError):
        return torch.tensor(torch.nan)
