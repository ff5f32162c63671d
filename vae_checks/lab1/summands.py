"""The terms of lab 1's closed forms with their weights, and those often taken in their place.

For `vae_checks.terms`, which says of a wrong answer which of them it has wrong. Values are (N, D),
or (N, P) where a sum runs over pixels.
"""

import torch
from torch import Tensor

from vae_checks.lab1.oracle import LOG_2PI
from vae_checks.terms import Term
from vae_helpers.linear_gaussian import LinearGaussian


def of_log_q(z: Tensor, mu: Tensor, logvar: Tensor) -> list[Term]:
    """log N(z; mu, exp(logvar))."""
    off, variance = z - mu, logvar.exp()
    return [
        Term("the constant", torch.ones_like(off), -0.5 * LOG_2PI),
        Term("logvar", logvar, -0.5),
        Term("(z - mu)^2 / variance", off**2 / variance, -0.5),
        Term("the variance", variance),
        Term("(z - mu)^2", off**2),
        Term("(z - mu) / sigma", off / variance.sqrt()),
        Term("|z - mu| / sigma", off.abs() / variance.sqrt()),
    ]


def of_log_joint(model: LinearGaussian, x: Tensor, z: Tensor) -> list[Term]:
    """log p(x|z) + log p(z); the constants are one term, with everything that s adds."""
    pixels, latent = model.W.shape
    mean = z @ model.W.mT
    residual = (x - model.b - mean) / model.s
    return [
        Term("the residual's square", residual**2, -0.5),
        Term("z^2", z**2, -0.5),
        _constant(model, len(x), pixels + latent),
        Term("the residual", residual),
        Term("|residual|", residual.abs()),
        Term("z", z),
        Term("|z|", z.abs()),
        Term("(x - b) times Wz", (x - model.b) * mean),
        Term("b times Wz", model.b * mean),
    ]


def of_entropy(logvar: Tensor) -> list[Term]:
    """H[q]."""
    return [
        Term("the constant", torch.ones_like(logvar), 0.5 * (LOG_2PI + 1)),
        Term("logvar", logvar, 0.5),
        Term("the variance", logvar.exp()),
        Term("sigma", (logvar / 2).exp()),
        Term("logvar^2", logvar**2),
    ]


def of_cross_entropy(mu: Tensor, logvar: Tensor) -> list[Term]:
    """-E_q[log p(z)]."""
    return [
        Term("the constant", torch.ones_like(mu), 0.5 * LOG_2PI),
        Term("mu^2", mu**2, 0.5),
        Term("the variance", logvar.exp(), 0.5),
        Term("logvar", logvar),
        Term("sigma", (logvar / 2).exp()),
        Term("mu", mu),
        Term("|mu|", mu.abs()),
        Term("mu times logvar", mu * logvar),
        Term("logvar^2", logvar**2),
    ]


def of_expected_log_likelihood(
    model: LinearGaussian, x: Tensor, mu: Tensor, logvar: Tensor
) -> list[Term]:
    """E_q[log p(x|z)]."""
    residual = (x - model.b - mu @ model.W.mT) / model.s
    columns, variance = (model.W**2).sum(0) / model.s**2, logvar.exp()
    return [
        Term("the residual's square at mu", residual**2, -0.5),
        Term("what the spread of z costs", variance * columns, -0.5),
        _constant(model, len(x), len(model.b)),
        Term("the residual", residual),
        Term("logvar", logvar),
        Term("logvar times the columns' squares", logvar * columns),
        Term("sigma times the columns' squares", variance.sqrt() * columns),
        Term("the variance alone", variance),
        Term("mu^2", mu**2),
    ]


def _constant(model: LinearGaussian, images: int, dimensions: int) -> Term:
    value = model.b.shape[0] * torch.tensor(model.s).double().log() + 0.5 * dimensions * LOG_2PI
    return Term("all that is constant", value.expand(images), -1.0)
