"""Tests of random results: six sigma or wider, so that a right answer practically never fails.

A statistic of n independent numbers with standard error s / sqrt(n) fails beyond 6 standard
errors, which happens to a right answer with probability 2e-9 where the statistic is near normal.
Heavy upper tails (third and fourth moments) get more. tests/measure/calibrate.py measures both
errors. Here is how noise is distributed; independence.py tests whether it is independent.
"""

import math

import torch
from torch import Tensor

from vae_checks.independence import (
    expect_independent,
    expect_no_zeros,
    expect_not_shared,
    same_draws,
)
from vae_checks.verdict import Mistake

__all__ = ["SIGMAS", "expect_normal_numbers", "expect_standard_normal", "same_draws"]

SIGMAS, SIGMAS_COLUMNS, SIGMAS_HEAVY = 6.0, 6.5, 9.0
_NONE_BEYOND = 21.0  # as many are expected there: none has probability exp(-21), 8e-10
_LEVELS = 2000
_LEAST = 500  # numbers, for limits that hold when there are many


def expect_standard_normal(eps: Tensor, what: str) -> None:
    """Raise Mistake unless the numbers eps (n, D) look like independent draws of N(0, 1).

    Tested: equal rows, columns or all numbers; anything used twice (`expect_independent`); mean,
    variance (also of each column), and what `expect_normal_numbers` tests. Meant for n = 2003,
    where a variance wrong by a third, uniform noise and all sharing are found in one run with
    probability above 0.999. False alarm: below 1e-7 a call.
    """
    if not torch.isfinite(eps).all():
        raise Mistake("nan", f"{what} contains nan or inf.")
    expect_not_shared(eps, what)
    columns = eps.var(dim=0).tolist()
    if min(columns) < 1e-6:
        still = columns.index(min(columns))
        raise Mistake("no-noise", f"{what} does not vary in latent dimension {still}.")
    expect_independent(eps, what)
    # Each latent dimension by itself: different scales would look like another distribution.
    standardized = (eps - eps.mean(dim=0)) / eps.std(dim=0)
    _expect_kurtosis(standardized.flatten(), eps.flatten(), what)
    _expect_moments(eps.flatten(), what)
    for column, spread in enumerate(columns):
        if abs(spread - 1) > SIGMAS_COLUMNS * math.sqrt(2 / len(eps)):
            seen = f"{what} has variance {spread:.3g} in latent dimension {column}."
            raise Mistake("noise-scale", seen)
    _expect_distribution(eps.flatten(), what)


def expect_normal_numbers(numbers: Tensor, what: str) -> None:
    """Raise Mistake unless `numbers` (n,) are distributed like N(0, 1), however they depend.

    Kurtosis, mean, variance and third moment; the largest number, which has to lie beyond the c
    that 21 numbers are expected to exceed (a cut at c or below is always found; c is 3.1 for
    n = 10,000 and 3.99 for 320,000); the largest distance between the distribution functions
    (Kolmogorov and Smirnov), beyond 3.6 / sqrt(n) or below 0.2 / sqrt(n). For n = 320,000 this
    finds, with probability above 0.9999: a kurtosis 0.1 too small (twelve uniform numbers) or 0.12
    too large, a variance off by 3 %, a mean off by 0.02, one number in 1,000 replaced by 0, a
    distribution function off by 0.013 anywhere. It does not find: Student's t with 100 degrees of
    freedom or more, a cut beyond 4. False alarm: below 1e-8 a call.
    """
    expect_no_zeros(numbers, what)
    _expect_kurtosis((numbers - numbers.mean()) / numbers.std(), numbers, what)
    _expect_moments(numbers, what)
    _expect_distribution(numbers, what)


def _expect_moments(numbers: Tensor, what: str) -> None:
    n = numbers.numel()
    mean, variance = numbers.mean().item(), numbers.var().item()
    if abs(mean) > SIGMAS * math.sqrt(variance / n):  # a wrong scale moves the mean, too
        raise Mistake("noise-off-center", _moments(numbers, what))
    _expect_no_cut(numbers, what)
    if abs(variance - 1) > SIGMAS * math.sqrt(2 / n):
        raise Mistake("noise-scale", _moments(numbers, what))
    if abs((numbers.square() * numbers).mean().item()) > SIGMAS_HEAVY * math.sqrt(15 / n):
        raise Mistake("noise-not-normal", f"{what} is skewed: E[eps^3] is not 0.")


def _expect_kurtosis(standardized: Tensor, numbers: Tensor, what: str) -> None:
    kurtosis = standardized.square().square().mean().item()
    # The kurtosis of a sample has standard error sqrt(24 / n) and a heavy tail above, none below.
    n = standardized.numel()
    error, above = math.sqrt(24 / n), SIGMAS + 12 * math.sqrt(1e4 / n)
    if 3 - SIGMAS * error < kurtosis < 3 + above * error:
        return
    end = min(numbers.max(), -numbers.min())
    if kurtosis > 1.9 and _least_kurtosis_of_cut(end, n) < kurtosis < 3:
        _expect_no_cut(numbers, what)
    uniform = abs(kurtosis - 1.8) < 0.15
    raise Mistake("noise-uniform" if uniform else "noise-not-normal", _moments(numbers, what))


def _least_kurtosis_of_cut(bound: Tensor, n: int) -> float:
    """The kurtosis of n draws of N(0, 1) cut at +-bound, left out beyond or set to it, less four
    standard errors: a sum of uniform numbers ends early, too, and is flatter than its end says."""
    x = torch.linspace(0, bound.item(), 4001, dtype=torch.float64)
    density = 2 * torch.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)
    powers = torch.tensor([0.0, 2, 4, 6, 8], dtype=torch.float64)[:, None]
    inside = torch.trapezoid(density * x**powers, x)  # moments 0, 2, 4, 6 and 8, of what is inside
    set_to_it = inside + (1 - inside[0]) * bound ** powers[:, 0]
    return min(_less_errors(each / each[0], n) for each in (inside, set_to_it))


def _less_errors(moments: Tensor, n: int) -> float:
    """m4 / m2^2 less four standard errors of its estimate by n numbers (delta method)."""
    _, m2, m4, m6, m8 = moments.tolist()
    k, sixth, eighth = m4 / m2**2, m6 / m2**3, m8 / m2**4
    variance = (eighth - k**2) - 4 * k * (sixth - k) + 4 * k**2 * (k - 1)
    return k - 4 * math.sqrt(max(variance, 0) / n)


def _moments(numbers: Tensor, what: str) -> str:
    mean, variance = numbers.mean().item(), numbers.var().item()
    kurtosis = (((numbers - mean) / variance**0.5) ** 4).mean().item()
    seen = f"{what} has mean {mean:.3g}, variance {variance:.3g}, kurtosis {kurtosis:.3g}"
    return f"{seen} over {numbers.numel()} numbers; N(0, 1) has 0, 1 and 3."


def _expect_no_cut(numbers: Tensor, what: str) -> None:
    """A Mistake where no number lies beyond what 21 are expected to exceed, on either side."""
    n = numbers.numel()
    if n < _LEAST or not 0.75 < numbers.var().item() < 1.25:  # else its scale is what is wrong
        return
    largest = torch.stack([numbers.max(), -numbers.min()])
    for bound, share in ((largest.max(), 2), (largest[0], 1), (largest[1], 1)):
        beyond = n * share * torch.special.ndtr(-bound).item()
        if beyond > _NONE_BEYOND:
            seen = f"None of {n} numbers of {what} lies beyond {bound:.4g}"
            seen += ", on one side," if share == 1 else ""
            raise Mistake("noise-cut", f"{seen} where N(0, 1) has {beyond:.0f} of as many.")


def _expect_distribution(numbers: Tensor, what: str) -> None:
    n = numbers.numel()
    if n < _LEAST:
        return
    # At 2,000 levels: sorting so many numbers would take several times as long.
    counts = torch.histc(torch.special.ndtr(numbers), bins=_LEVELS, min=0, max=1)
    levels = torch.arange(1, _LEVELS + 1, dtype=counts.dtype) / _LEVELS
    off = (counts.cumsum(0) / n - levels).abs().max().item()
    if off * math.sqrt(n) > 3.6:  # probability 2 exp(-2 * 3.6^2), 1e-11
        seen = f"The distribution function of {what} is off by {off:.3g} over {n} numbers."
        raise Mistake("noise-not-normal", seen)
    if off * math.sqrt(n) < 0.2:  # 12.5 exp(-pi^2 / (8 * 0.2^2)), 5e-13
        seen = f"The distribution function of {what} is off by no more than {off:.1g}"
        raise Mistake("noise-standardized", f"{seen} over {n} numbers.")
