"""With which mean and standard deviation were codes drawn? Names for the usual wrong ones."""

import math

import torch
from torch import Tensor

from vae_checks.statistics import expect_standard_normal
from vae_checks.verdict import Mistake


def name_known_stretch(codes: Tensor, mu: Tensor, logvar: Tensor) -> None:
    """Name a wrong standard deviation that the variances of all latent dimensions agree with."""
    mean, measured = codes.mean(1), codes.var(1)  # (B, D)
    right = logvar.exp()
    if _agree(mean, torch.zeros_like(mu), measured) and _agree_log(measured, 0 * right + 1, codes):
        raise Mistake("bound-samples-prior", "The codes have mean 0 and variance 1 for all images.")
    if _right_moments(codes, mu, right):
        return
    std = torch.exp(logvar / 2)
    if _agree_log(measured, mu**2, codes) and _all_means(mean, std, measured, codes):
        seen = f"With mu = {mu[0, 0]:.3g} and sigma = {std[0, 0]:.3g} the codes have mean"
        seen += f" {mean[0, 0]:.3g} and standard deviation {measured[0, 0].sqrt():.3g}."
        raise Mistake("bound-mu-sigma-exchanged", seen)
    known = [
        ("std-is-variance", right**2),
        ("std-no-exp", logvar**2),
        ("std-no-exp", logvar**2 / 4),
        ("std-inverse", 1 / right),
        ("std-softplus", torch.nn.functional.softplus(logvar)),
        ("std-softplus", torch.nn.functional.softplus(logvar) ** 2),
    ]
    for slug, variance in known:
        if not _agree_log(measured, right, codes) and _agree_log(measured, variance, codes):
            seen = f"With logvar = {logvar[0, 0]:.3g} the codes have variance {measured[0, 0]:.3g}"
            raise Mistake(slug, f"{seen}, it should be {right[0, 0]:.3g}.")


def expect_standard_noise(eps: Tensor, codes: Tensor, mu: Tensor, logvar: Tensor) -> None:
    """`expect_standard_normal` of eps (B, K, D), with the moments of the codes for its words."""
    try:
        expect_standard_normal(eps.reshape(-1, eps.shape[-1]), "eps = (z - mu) / sigma")
    except Mistake as mistake:
        if mistake.slug == "noise-not-normal":
            # A wrong mean or variance that differs from image to image looks like that, too.
            expect_moments(codes, mu, logvar)
        raise


def expect_moments(codes: Tensor, mu: Tensor, logvar: Tensor) -> None:
    """Raise Mistake where the mean or the variance of some image's codes is not that of q."""
    mean, measured, right = codes.mean(1), codes.var(1), logvar.exp()
    if _right_moments(codes, mu, right):
        return
    off = ((mean - mu) ** 2 / right + (measured / right).log() ** 2).flatten().argmax()
    image, place = divmod(int(off), mu.shape[1])
    seen = f"Dimension {place} of image {image}'s codes has mean {mean[image, place]:.3g} and"
    seen += f" variance {measured[image, place]:.3g}; q has {mu[image, place]:.3g} and"
    raise Mistake("bound-wrong-moments", f"{seen} {right[image, place]:.3g}.")


def _right_moments(codes: Tensor, mu: Tensor, variance: Tensor) -> bool:
    means = _all_means(codes.mean(1), mu, variance, codes)
    return means and _agree_log(codes.var(1), variance, codes)


def _all_means(mean: Tensor, wanted: Tensor, variance: Tensor, codes: Tensor) -> bool:
    """All means within eight standard errors."""
    return bool(((mean - wanted).abs() < 8 * (variance / codes.shape[1]).sqrt()).all())


def _agree(mean: Tensor, wanted: Tensor, variance: Tensor) -> bool:
    return bool((mean - wanted).abs().max() < 0.3 * variance.sqrt().max())


def _agree_log(measured: Tensor, wanted: Tensor, codes: Tensor) -> bool:
    """All variances within a factor that eight standard errors of log variance allow."""
    return bool((measured / wanted).log().abs().max() < 8 * math.sqrt(2 / codes.shape[1]))
