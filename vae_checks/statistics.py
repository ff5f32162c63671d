"""Tests of random results: six sigma or wider, so that a right answer practically never fails.

A statistic of n independent numbers with standard error s / sqrt(n) fails beyond 6 standard
errors, which happens to a right answer with probability 2e-9 where the statistic is near normal.
Heavy upper tails (third and fourth moments) get 9. tests/measure/calibrate.py measures both errors.
"""

import math

import torch
from torch import Tensor

from vae_checks.verdict import Mistake

SIGMAS, SIGMAS_HEAVY = 6.0, 9.0


def expect_standard_normal(eps: Tensor, what: str) -> None:
    """Raise Mistake unless the numbers eps (n, D) look like independent draws of N(0, 1).

    Tested: equal rows, columns or all numbers (never by chance); mean, variance (also of each
    column), third moment, kurtosis; correlation of neighbours along both axes. Meant for n = 2003,
    where a variance wrong by a third, uniform noise and all sharing are found in one run with
    probability above 0.999. False alarm: below 1e-7 a call.
    """
    if not torch.isfinite(eps).all():
        raise Mistake("nan", f"{what} contains nan or inf.")
    _expect_not_shared(eps, what)
    n = eps.numel()
    mean, variance = eps.mean().item(), eps.var().item()
    columns = eps.var(dim=0).tolist()
    if min(columns) < 1e-6:
        still = columns.index(min(columns))
        raise Mistake("no-noise", f"{what} does not vary in latent dimension {still}.")
    # Each latent dimension by itself: different scales would look like another distribution.
    standardized = (eps - eps.mean(dim=0)) / eps.std(dim=0)
    kurtosis = (standardized**4).mean().item()
    seen = f"{what} has mean {mean:.3g}, variance {variance:.3g}, kurtosis {kurtosis:.3g}"
    seen += f" over {n} numbers; N(0, 1) has 0, 1 and 3."
    # The kurtosis of a sample has standard error sqrt(24 / n) and a heavy tail above, none below.
    error = math.sqrt(24 / n)
    if not 3 - SIGMAS * error < kurtosis < 3 + 2 * SIGMAS_HEAVY * error:
        uniform = abs(kurtosis - 1.8) < 0.15
        raise Mistake("noise-uniform" if uniform else "noise-not-normal", seen)
    if abs(mean) > SIGMAS * math.sqrt(variance / n):  # a wrong scale moves the mean, too
        raise Mistake("noise-off-center", seen)
    if abs(variance - 1) > SIGMAS * math.sqrt(2 / n):
        raise Mistake("noise-scale", seen)
    if abs((eps**3).mean().item()) > SIGMAS_HEAVY * math.sqrt(15 / n):
        raise Mistake("noise-not-normal", f"{what} is skewed: E[eps^3] is not 0.")
    for column, spread in enumerate(columns):
        if abs(spread - 1) > SIGMAS * math.sqrt(2 / len(eps)):
            seen = f"{what} has variance {spread:.3g} in latent dimension {column}."
            raise Mistake("noise-scale", seen)
    for axis, between in ((0, "images"), (1, "latent dimensions")):
        along = eps.movedim(axis, 0)
        correlation = (along[1:] * along[:-1]).mean().item()
        if along[1:].numel() and abs(correlation) > SIGMAS / math.sqrt(along[1:].numel()):
            seen = f"{what}: neighbouring {between} have correlation {correlation:.2g}."
            raise Mistake("noise-correlated", seen)


def _expect_not_shared(eps: Tensor, what: str) -> None:
    over_batch = len(eps) > 1 and same_draws(eps[0], eps[1]) and same_draws(eps[0], eps[-1])
    over_latent = eps.shape[1] > 1 and same_draws(eps[:, 0], eps[:, 1])
    if over_batch and over_latent:
        if eps.abs().max() < 1e-3:
            raise Mistake("no-noise", f"{what} is 0 for every image.")
        raise Mistake("noise-shared", f"{what} is the same number {eps[0, 0]:.4g} everywhere.")
    if over_batch:
        raise Mistake("noise-shared-batch", f"{what} is the same for every image of the batch.")
    if over_latent:
        raise Mistake("noise-shared-latent", f"{what} is the same in every latent dimension.")


def same_draws(one: Tensor, other: Tensor) -> bool:
    """Whether two stretches of noise are the same numbers, up to the rounding of float32."""
    return torch.allclose(one, other, rtol=1e-5, atol=1e-6)
