"""Known wrong values of log p(x, z) and log q(z|x), each with the slug of its mistake."""

import math

import torch
from torch import Tensor

from vae_checks.lab1 import oracle
from vae_checks.lab1.oracle import LOG_2PI
from vae_helpers.linear_gaussian import LinearGaussian


def wrong_joints(model: LinearGaussian, x: Tensor, z: Tensor) -> list[tuple[str, Tensor]]:
    likelihood, prior = oracle.log_likelihood(model, x, z), oracle.log_prior(z)
    s, (pixels, latent) = model.s, model.W.shape
    log_s = math.log(s)
    residual = x - model.b - z @ model.W.mT
    squares = (residual**2).sum(-1)
    no_offset = ((x - z @ model.W.mT) ** 2).sum(-1)
    constant = 0.5 * pixels * LOG_2PI

    def joint(quadratic: Tensor, log_scale: float) -> Tensor:
        return prior - quadratic - log_scale - constant

    half = squares / (2 * s**2)
    unit = -half - 0.5 * (z**2).sum(-1)  # without any normalizer
    return [
        ("density-unnormalized", unit),
        ("density-unnormalized", prior - half),
        ("density-unnormalized", likelihood - 0.5 * (z**2).sum(-1) + constant + pixels * log_s),
        *_with_other_mean(model, x, z),
        *(("density-pixels-from-batch", w) for w in _other_pixels(model, x, half, prior)),
        ("density-sizes-exchanged", likelihood + prior + (pixels - latent) * log_s),
        ("density-log-scale-factor", likelihood + prior - latent * log_s),
        ("density-constant", likelihood + prior - constant - 0.5 * latent * LOG_2PI),
        ("density-constant", likelihood + prior - constant),
        ("density-constant", likelihood + prior + 0.5 * (pixels + latent) * math.log(2)),
        ("density-square-of-sum", likelihood + prior + 0.5 * (z**2).sum(-1) - 0.5 * z.sum(-1) ** 2),
        ("density-square-of-sum", prior + likelihood + half - residual.sum(-1) ** 2 / (2 * s**2)),
        ("joint-no-prior", likelihood),
        ("joint-no-likelihood", prior),
        ("joint-prior-divided", likelihood - prior),
        ("joint-offset", joint(no_offset / (2 * s**2), pixels * log_s)),
        ("density-s-is-variance", joint(squares / (2 * s), pixels * log_s / 2)),
        ("density-s-is-variance", joint(squares / (2 * s), pixels * log_s)),
        ("density-s-squared-twice", joint(squares / (2 * s**4), 2 * pixels * log_s)),
        ("density-times-variance", joint(squares * s**2 / 2, pixels * log_s)),
        ("density-no-scale", joint(squares / 2, 0.0)),
        ("density-no-scale", joint(squares / 2, pixels * log_s)),
        ("density-no-log-scale", joint(half, 0.0)),
        ("density-log-scale-once", joint(half, log_s)),
        ("density-log-scale-once", joint(half, log_s / 2)),
        ("density-log-scale-factor", joint(half, pixels * log_s / 2)),
        ("density-log-scale-factor", joint(half, 2 * pixels * log_s)),
        ("density-log-scale-sign", joint(half, -pixels * log_s)),
        ("density-no-half", joint(2 * half, pixels * log_s)),
        ("density-no-half", likelihood + 2 * prior + 0.5 * latent * LOG_2PI),
        ("density-no-half", likelihood + prior - 0.5 * (z**2).sum(-1)),
        ("density-no-half", joint(2 * half, pixels * log_s) - 0.5 * (z**2).sum(-1)),
        *_size_of_batch(likelihood + prior, z),
        ("not-nats", (likelihood + prior) / math.log(10)),
        *(("not-nats", joint(half, p * log_s) + c) for p, c in _base_ten(model)),
        ("density-constant", likelihood + constant + prior),
        ("density-constant", likelihood + prior + 0.5 * latent * LOG_2PI),
        ("density-constant", likelihood + constant + prior + 0.5 * latent * LOG_2PI),
        ("density-constant", likelihood + prior + constant - 0.5 * LOG_2PI),
        ("density-constant", likelihood + prior + 0.5 * (latent - 1) * LOG_2PI),
        (
            "density-constant",
            likelihood + prior + constant + 0.5 * latent * LOG_2PI - LOG_2PI,
        ),
        ("density-mean", likelihood / pixels + prior / latent),
        ("density-mean", likelihood / pixels + prior),
        ("density-mean", likelihood + prior / latent),
        ("density-sign", -likelihood - prior),
        ("density-sign", prior - likelihood),
        *_wrongly_reduced(likelihood + prior),
    ]


def wrong_log_q(z: Tensor, mu: Tensor, logvar: Tensor) -> list[tuple[str, Tensor]]:
    latent = z.shape[-1]
    each = oracle.log_normal(z - mu, logvar)
    truth, off = each.sum(-1), z - mu

    def summed(quadratic: Tensor, log_scale: Tensor) -> Tensor:
        return -0.5 * (LOG_2PI + log_scale + quadratic).sum(-1)

    right, zero = off**2 / logvar.exp(), torch.zeros_like(each)
    scale = logvar + zero
    soft = torch.nn.functional.softplus(logvar) + zero
    return [
        ("density-unnormalized", -0.5 * right.sum(-1)),
        ("std-softplus", summed(off**2 / soft, soft.log())),
        ("std-softplus", summed(off**2 / soft**2, 2 * soft.log())),
        ("density-constant", truth + 0.5 * latent * math.log(2)),
        ("density-square-of-sum", truth + 0.5 * right.sum(-1) - 0.5 * right.sqrt().sum(-1) ** 2),
        (
            "density-square-of-sum",
            truth + 0.5 * right.sum(-1) - 0.5 * (off / (logvar / 2).exp()).sum(-1) ** 2,
        ),
        ("kl-log-sigma", summed(off**2 / logvar.exp() ** 2, 2 * scale)),
        ("kl-log-sigma", summed(off**2 / logvar.exp() ** 2, scale)),
        ("kl-sigma-not-squared", summed(off**2 / (logvar / 2).exp(), scale)),
        ("kl-sigma-not-squared", summed(off**2 / (logvar / 2).exp(), scale / 2)),
        ("kl-no-exp", summed(off**2 / logvar, scale)),
        ("kl-no-exp", summed(off**2 / logvar**2, 2 * logvar.abs().log() + zero)),
        ("kl-no-exp", summed(off**2 / logvar, logvar.abs().log() + zero)),
        ("density-no-log-scale", summed(right, zero)),
        ("density-log-scale-sign", summed(right, -scale)),
        ("density-log-sigma-factor", summed(right, 2 * scale)),
        ("density-log-sigma-factor", summed(right, scale / 2)),
        ("density-times-variance", summed(off**2 * logvar.exp(), scale)),
        ("density-no-half", -0.5 * LOG_2PI * latent - (right + scale / 2).sum(-1)),
        ("density-no-half", -0.5 * LOG_2PI * latent - (right + scale).sum(-1)),
        ("density-no-half", -(LOG_2PI + right + scale).sum(-1)),
        *_size_of_batch(truth, z),
        ("density-constant", truth + 0.5 * latent * LOG_2PI),
        ("density-constant", truth + 0.5 * (latent - 1) * LOG_2PI),
        ("density-constant", truth - 0.5 * latent * LOG_2PI),
        ("density-at-origin", oracle.log_prior(z)),
        ("density-at-origin", summed(z**2 / logvar.exp() + zero, scale)),
        ("density-mean", each.mean(-1)),
        ("density-sign", -truth),
        ("density-not-logged", truth.exp()),
        ("density-not-summed", each),
        ("density-over-samples", each.sum(0)),
        *_wrongly_reduced(truth),
    ]


def _with_other_mean(model: LinearGaussian, x: Tensor, z: Tensor) -> list[tuple[str, Tensor]]:
    """log_joint with a wrong sign before W z or b."""
    return [
        ("joint-mean-sign", oracle.log_likelihood(model, x, z, *signs) + oracle.log_prior(z))
        for signs in ((-1, 1), (1, -1), (-1, -1))
    ]


def _other_pixels(model: LinearGaussian, x: Tensor, half: Tensor, prior: Tensor) -> list[Tensor]:
    """log_joint with the number of images in the place of P: in both terms, or in one."""
    pixels, batch, log_s = model.W.shape[0], len(x), math.log(model.s)
    pairs = ((batch, batch), (batch, pixels), (pixels, batch))
    return [prior - half - scales * log_s - 0.5 * halves * LOG_2PI for scales, halves in pairs]


def _size_of_batch(truth: Tensor, z: Tensor) -> list[tuple[str, Tensor]]:
    """The constant with another size of z (K, B, D) in the place of D."""
    sizes = z.shape[:-1] if z.ndim == 3 else ()
    return [
        ("density-size-of-batch", truth + 0.5 * (z.shape[-1] - size) * LOG_2PI)
        for size in reversed(sizes)
    ]


def _base_ten(model: LinearGaussian) -> list[tuple[float, float]]:
    """What log s is counted, and what is added, where logarithms to base 10 stand in log_joint."""
    pixels, latent = model.W.shape
    ten = 1 / math.log(10)
    constants = 0.5 * (pixels + latent) * LOG_2PI * (1 - ten)
    return [(pixels * ten, constants), (pixels * ten, 0.0), (pixels, constants)]


def _wrongly_reduced(truth: Tensor) -> list[tuple[str, Tensor]]:
    """A right log density that was summed or averaged over images or samples as well."""
    return [
        ("density-batch-sum", truth.sum()),
        ("density-batch-mean", truth.mean()),
        ("density-batch-sum", truth.sum(-1)),
        ("density-batch-mean", truth.mean(-1)),
        ("density-over-samples", truth.sum(0)),
        ("density-over-samples", truth.mean(0)),
        ("density-keeps-dimension", truth[..., None]),
    ]
