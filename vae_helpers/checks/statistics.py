"""Tests of random results: six sigma or wider, so that a right answer practically never fails.

Where a statistic of n independent numbers has mean m and standard error s / sqrt(n), an answer
fails beyond 6 standard errors; a right one does so with probability 2e-9 as long as the statistic
is near normal. The fourth moment has heavy tails and gets 9 of them.
"""

import math

import torch
from torch import Tensor

from vae_helpers.checks.verdict import Mistake

SIGMAS = 6.0
# A statistic of normal numbers beyond 6 standard errors, both sides.
FALSE_ALARM = math.erfc(SIGMAS / math.sqrt(2))


def expect_standard_normal(eps: Tensor, what: str) -> None:
    """Raise Mistake unless the numbers eps (n, D) look like independent draws of N(0, 1).

    Tested: equal rows, columns or all numbers (never by chance); mean, variance, skewness,
    kurtosis; correlation of neighbours along both axes. With n * D >= 10,000 it finds any of the
    known mistakes in one run with probability above 0.999; false alarm below 2e-8 a call.
    """
    _expect_not_shared(eps, what)
    n = eps.numel()
    mean, variance = eps.mean().item(), eps.var().item()
    if variance < 1e-6:
        raise Mistake("no-noise", f"{what} has variance {variance:.1g} over {n} numbers.")
    # Each latent dimension by itself: different scales would look like another distribution.
    standardized = (eps - eps.mean(dim=0)) / eps.std(dim=0)
    kurtosis = (standardized**4).mean().item()
    seen = f"{what} has mean {mean:.3g}, variance {variance:.3g}, kurtosis {kurtosis:.3g}"
    seen += f" over {n} numbers; N(0, 1) has 0, 1 and 3."
    wide_tails = 9 * math.sqrt(96 / n)
    if abs(kurtosis - 3) > wide_tails:
        uniform = abs(kurtosis - 1.8) < 0.15
        raise Mistake("noise-uniform" if uniform else "noise-not-normal", seen)
    if abs(mean) > SIGMAS * math.sqrt(1 / n):
        raise Mistake("noise-off-center", seen)
    if abs(variance - 1) > SIGMAS * math.sqrt(2 / n):
        raise Mistake("noise-scale", seen)
    if abs((eps**3).mean().item()) > 9 * math.sqrt(15 / n):
        raise Mistake("noise-not-normal", f"{what} is skewed: E[eps^3] is not 0.")
    for column, spread in enumerate(eps.var(dim=0).tolist()):
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
    over_batch = len(eps) > 1 and _equal(eps[0], eps[1]) and _equal(eps[0], eps[-1])
    over_latent = eps.shape[1] > 1 and _equal(eps[:, 0], eps[:, 1])
    if over_batch and over_latent:
        if eps.abs().max() < 1e-3:
            raise Mistake("no-noise", f"{what} is 0 for every image.")
        raise Mistake("noise-shared", f"{what} is the same number {eps[0, 0]:.4g} everywhere.")
    if over_batch:
        raise Mistake("noise-shared-batch", f"{what} is the same for every image of the batch.")
    if over_latent:
        raise Mistake("noise-shared-latent", f"{what} is the same in every latent dimension.")


def _equal(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-5, atol=1e-6)
