"""Which factor of a product is wrong? Found by solving for the power of each, as terms.py for sums.

A standard error is (sum of squares)^(1/2) (K - 1)^(-1/2) K^(-1/2). An answer that forgets a root,
divides by another number or not at all is such a product with other powers.
"""

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vae_checks.verdict import Mistake

PROBLEMS = 23


@dataclass(frozen=True)
class Factor:
    """A factor `what`, its positive value in one problem, and its `power` in the formula.

    A power of 0 is that of a number that may be taken in place of another.
    """

    what: str
    value: float
    power: float = 0.0


@contextlib.contextmanager
def factors_named(ask: Callable[[int], tuple[object, Sequence[Factor]]]) -> Iterator[None]:
    """An unexplained "wrong-value" that is raised in here is told by the factors that are wrong.

    `ask(k)` calls the answer with a new problem and returns one number of what it gave, as a tensor
    without dimensions, with the factors of that number.
    """
    try:
        yield
    except Mistake as mistake:
        if mistake.slug != "wrong-value":
            raise
        try:
            asked = [ask(number) for number in range(PROBLEMS)]
        except Mistake:
            raise mistake from None
        said = wrong_factors([value for value, _ in asked], [factors for _, factors in asked])
        if said is None:
            raise
        raise Mistake("factor-power", mistake.seen, said) from None


def wrong_factors(values: Sequence[object], problems: Sequence[Sequence[Factor]]) -> str | None:
    """How the values differ from the products of their problems' factors; None if no powers do.

    >>> problems = [[Factor("K", k, -1), Factor("s", s, 0.5)] for k, s in ((2, 3), (3, 7), (5, 4))]
    >>> squared = [torch.tensor(s * k**-1.0).double() for k, s in ((2, 3), (3, 7), (5, 4))]
    >>> wrong_factors(squared, problems)
    'S counts with power 1, it should be 0.5.'
    """
    if not all(torch.is_tensor(value) and value.ndim == 0 for value in values):
        return None
    value = torch.stack([each.detach().double() for each in values if torch.is_tensor(each)])
    if not (value.isfinite().all() and (value.sign() == value[0].sign()).all() and value.all()):
        return None
    names = [(factor.what, factor.power) for factor in problems[0]]
    rows = [[factor.value for factor in factors] for factors in problems]
    columns = torch.tensor(rows, dtype=torch.float64).log()
    constant = torch.ones_like(value)
    proper = [place for place, (_, power) in enumerate(names) if power]
    for places in (proper, range(len(names))):
        matrix = torch.stack([*(columns[:, place] for place in places), constant], dim=1)
        powers = _solve(matrix, value.abs().log())
        if powers is not None:
            found = [(*names[place], power) for place, power in zip(places, powers, strict=False)]
            return _told(found, powers[-1])
    return None


def _solve(matrix: Tensor, value: Tensor) -> list[float] | None:
    if torch.linalg.matrix_rank(matrix, rtol=1e-9) < matrix.shape[1]:
        return None
    solution = torch.linalg.lstsq(matrix, value[:, None], driver="gelsd").solution[:, 0]
    return solution.tolist() if (matrix @ solution - value).abs().max() < 1e-6 else None


def _told(found: Sequence[tuple[str, float, float]], constant: float) -> str | None:
    parts = []
    for what, power, wrong in found:
        if abs(wrong) < 1e-4 and power:
            parts.append(f"{what} is missing, with power {power:g}")
        elif abs(wrong - power) > 1e-4:
            instead = f"it should be {power:g}" if power else "it does not belong there"
            parts.append(f"{what} counts with power {wrong:.4g}, {instead}")
    if abs(constant) > 1e-4:
        parts.append(f"all is {math.exp(constant):.4g} times what it should be")
    if not 0 < len(parts) < 4:
        return None
    said = "; ".join(parts)
    return f"{said[0].upper()}{said[1:]}."
