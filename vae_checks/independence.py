"""Is noise independent? Numbers used twice, at whatever distance, leave traces: copies, mirror
images, correlations, averages that are better than chance lets them be.

Every limit is that of a probability below 1e-9 for independent draws of N(0, 1).
"""

import math

import torch
from torch import Tensor

from vae_checks.verdict import Mistake

_LEAST_TERMS = 400  # of a correlation, so that its distribution is near normal
_SIGMAS_PAIRS, _SIGMAS_LAGS = 6.5, 8.0  # tens of pairs of columns, 60,000 lags
_TOO_GOOD = 1e-10


def same_draws(one: Tensor, other: Tensor) -> bool:
    """Whether two stretches of noise are the same numbers, up to the rounding of float32."""
    return torch.allclose(one, other, rtol=1e-5, atol=1e-6)


def expect_not_shared(eps: Tensor, what: str) -> None:
    """Raise Mistake when all rows, all columns or all numbers of eps (n, D) are the same."""
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


def expect_independent(eps: Tensor, what: str) -> None:
    """Raise Mistake when the numbers eps (n, D) were not drawn one by one.

    Tested are copies and mirror images of numbers anywhere (more than one in 200 is found), piles
    of one number, numbers with few digits, correlations of columns, of all rows at every distance
    and of the sequence with its reverse (above 0.1 at n D = 10,000), and sums and squares along
    rows, columns and over all that are too near to 0 and 1. False alarm: below 1e-8 a call.
    """
    different = 1 + int((eps.abs().flatten().sort().values.diff() > 1e-9).sum())
    if eps.numel() < 100 or different <= 6:  # signs, say: another distribution
        return
    _expect_no_copies(eps.flatten(), different, what)
    _expect_chance_in_averages(eps, what)
    if len(eps) >= _LEAST_TERMS:
        _expect_uncorrelated_columns(eps, what)
    # Columns of different scales are another mistake, and would look like a correlation.
    # So are heavy tails: a few large numbers are not to outweigh all others.
    scaled = ((eps - eps.mean(0)) / eps.std(0).clamp(min=1e-12)).clamp(-5, 5)
    for sequence, along in ((scaled, "rows"), (scaled.T, "columns")):
        _expect_uncorrelated_lags(sequence.flatten(), what, along)


def _expect_no_copies(numbers: Tensor, different: int, what: str) -> None:
    """Copies and mirror images: too many sorted sizes have no distance."""
    n = numbers.numel()
    size = numbers.abs() / numbers.std()  # a wrong scale is found elsewhere
    zero, bound = size < 1e-5, _at_bounds(numbers)
    sizes = size[~zero & ~bound].sort().values
    # Pairs within a distance d by chance: 0.57 n^2 d; in float32 some 6e-8 n^2 are equal.
    for distance, chance in ((1e-9, 8e-8 * n**2), (1e-5, 6e-6 * n**2)):
        copies = int((sizes.diff() < distance).sum())
        if chance < 0.1 * n and copies > _most(chance):
            if _has_few_digits(numbers):
                seen = f"{what} has {different} different sizes among {n} numbers."
                raise Mistake("noise-coarse", seen)
            seen = f"{copies} of {n} numbers of {what} are copies of others, up to the sign."
            raise Mistake("noise-correlated", seen)
    expect_no_zeros(numbers, what)
    if (pile := int(bound.sum())) > 16:
        seen = f"{pile} of {n} numbers of {what} are its largest or smallest."
        raise Mistake("noise-cut", seen)


def expect_no_zeros(numbers: Tensor, what: str) -> None:
    """Raise Mistake when too many of `numbers` (n,) are 0, up to 1e-5 of their spread."""
    n, zeros = numbers.numel(), int((numbers.abs() < 1e-5 * numbers.std()).sum())
    if zeros > _most(6e-5 * n):  # seven times as many as lie there by chance
        raise Mistake("noise-zeros", f"{zeros} of {n} numbers of {what} are 0.")


def _most(chance: float) -> float:
    """What a count with this mean exceeds with a probability below 1e-9."""
    return chance + 8 * math.sqrt(chance) + 15


def _at_bounds(numbers: Tensor) -> Tensor:
    """Which numbers are the largest or the smallest of all; as a rule two are."""
    low, high = numbers.min(), numbers.max()
    return ((numbers - low).abs() < 1e-9) | ((numbers - high).abs() < 1e-9)


def _has_few_digits(numbers: Tensor) -> bool:
    rounded = [numbers.to(dtype).to(numbers.dtype) for dtype in (torch.half, torch.bfloat16)]
    rounded += [(numbers * scale).round() / scale for scale in (1, 4, 16, 100, 256, 1000, 10_000)]
    return any((numbers - each).abs().max().item() < 1e-9 for each in rounded)


def _expect_chance_in_averages(eps: Tensor, what: str) -> None:
    """Means are not 0 and mean squares not 1 of columns, of rows and of all: chance moves them."""
    n, latent = eps.shape
    variance = eps.var(dim=0).clamp(min=1e-12)
    all_mean, all_variance = eps.mean(), eps.var()
    common = (eps.mean(0) / variance).sum() / (1 / variance).sum()  # columns may differ in scale
    apart = (n * (eps.mean(0) - common) ** 2 / variance).sum()
    if latent > 1 and 1 - _probability_below(apart, latent - 1) < _TOO_GOOD:
        seen = f"The means of the columns of {what} are too far apart: its rows share a part."
        raise Mistake("noise-correlated", seen)
    means = (n * eps.mean(0) ** 2 / variance).sum()
    spreads = (n / 2 * (variance - 1) ** 2).sum()
    total = eps.numel() * (all_mean**2 / all_variance + (all_variance - 1) ** 2 / 2)
    row_means = latent * (eps.mean(1) ** 2).sum() / all_variance
    found = [(means, latent, "means of the columns"), (spreads, latent, "variances of the columns")]
    found += [(total, 2, "mean and variance"), (row_means, n, "means of the rows")]
    for square, freedom, name in found:
        if n > 1 and latent > 0 and _probability_below(square, freedom) < _TOO_GOOD:
            seen = f"The {name} of {what} are nearer to those of N(0, 1) than chance allows."
            raise Mistake("noise-standardized", seen)
    # 1 on average, over 500 rows and more within 0.3.
    lengths = (latent / 2 * (eps.square().mean(1) - 1) ** 2).mean().item()
    if n >= 500 and latent > 1 and lengths < 0.2:
        raise Mistake("noise-standardized", f"All rows of {what} are of one length.")


def _probability_below(square: Tensor, freedom: int) -> float:
    """P(X < square) of a chi-square variable."""
    half = torch.tensor(freedom / 2, dtype=torch.float64)
    return torch.special.gammainc(half, square.double() / 2).item()


def _expect_uncorrelated_columns(eps: Tensor, what: str) -> None:
    n, latent = eps.shape
    if latent < 2:
        return
    between = torch.corrcoef(eps.T).triu(1)
    worst = between.abs().max().item()
    if worst > _SIGMAS_PAIRS / math.sqrt(n):
        one, other = divmod(int(between.abs().argmax()), latent)
        seen = f"{what}: latent dimensions {one} and {other} have correlation {worst:.2g}."
        raise Mistake("noise-correlated", seen)
    pairs = latent * (latent - 1) // 2
    if 1 - _probability_below(n * between.square().sum(), pairs) < _TOO_GOOD:
        raise Mistake("noise-correlated", f"{what}: the latent dimensions are correlated.")


def _expect_uncorrelated_lags(sequence: Tensor, what: str, along: str) -> None:
    """No correlation with the sequence shifted by any distance, nor with its reverse, shifted.

    Sums of products by the fast Fourier transform; shifts with fewer than 400 terms are left out.
    """
    n = sequence.numel()
    if n < 2 * _LEAST_TERMS:
        return
    length = 2 ** (2 * n).bit_length()  # a power of 2, where the transform is fast
    spectrum = torch.fft.rfft(sequence, length)
    shifted = torch.fft.irfft(spectrum.abs() ** 2, length)[1 : n - _LEAST_TERMS]
    terms = n - torch.arange(1, n - _LEAST_TERMS)
    reverse = torch.fft.irfft(spectrum**2, length)[_LEAST_TERMS : 2 * n - _LEAST_TERMS]
    overlap = n - (torch.arange(_LEAST_TERMS, 2 * n - _LEAST_TERMS) - (n - 1)).abs()
    found = [(shifted / terms.sqrt(), terms, f"at a distance of {{}} along its {along}")]
    # Every product stands there twice.
    found += [(reverse / (2 * overlap).sqrt(), overlap, f"with its reverse along its {along}")]
    for scores, terms, where in found:
        place = int(scores.abs().argmax())
        if scores[place].abs() > _SIGMAS_LAGS:
            correlation = (scores[place] / terms[place].sqrt()).item()
            seen = f"{what} has correlation {correlation:.2g} {where.format(place + 1)}."
            raise Mistake("noise-correlated", seen)
