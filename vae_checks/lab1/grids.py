"""Models with a grid of codes and the integral over them, for the checks of sums over grids.

`linear` has its evidence in closed form. `bent` has a decoder with a square in it, so that codes of
both signs explain an image; its evidence comes from another grid, finer and shifted.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.verdict import Mistake, describe
from vae_helpers import LinearGaussian

# Grids end where the densities on them are below exp(-35). In two dimensions they hold no more than
# 2,000 codes, so that an answer that asks for one code at a time can be judged, and q is narrow.
_REACH, _REACH_IN_THE_PLANE = 14.0, 9.5


class Case(NamedTuple):
    """Images x (B, P), a log joint density, a grid of codes (G, D), and log p(x), (B,)."""

    x: Tensor
    log_joint: Callable[[Any, Any], Tensor]
    codes: Tensor
    cell: float
    log_evidence: Tensor

    @property
    def logs(self) -> Tensor:
        """log p(x, z) of every code and image, (G, B)."""
        return self.log_joint(self.x, self.codes[:, None])


def linear(batch: int, latent: int, pixels: int, side: int) -> Case:
    """p(x|z) = N(W z + b, s^2 I), on a grid of side^D codes."""
    return _of_model(oracle.mild_model(pixels, latent), batch, side)


def sharp(batch: int, side: int) -> Case:
    """A linear model whose posterior, of one dimension, is four to six times narrower than p(z)."""
    model = LinearGaussian(W=spread(3, 1, low=0.7, high=1), b=spread(3), s=0.3)
    return _of_model(model, batch, side)


def scattered(batch: int, latent: int) -> Case:
    """As many codes as images, in order but on no regular grid; the ends have weights like all.

    `cell` is a number of its own: nothing about the codes tells it.
    """
    pixels, codes = latent + 1, spread(batch, latent, high=1.2)
    codes = codes[codes[:, 0].argsort()]
    case = bent(batch, latent, pixels, 2)._replace(codes=codes, cell=oracle.uniform(0.3, 0.6))
    return case._replace(log_evidence=case.logs.logsumexp(0) + math.log(case.cell))


def _of_model(model: LinearGaussian, batch: int, side: int) -> Case:
    pixels, latent = model.W.shape
    x = model.b + spread(batch, latent, high=0.8) @ model.W.mT + 0.3 * spread(batch, pixels)
    codes, cell = _grid(latent, side)
    log_joint = _asked_rightly(
        pixels, latent, lambda x, z: oracle.log_likelihood(model, x, z) + oracle.log_prior(z)
    )
    return Case(x, log_joint, codes, cell, model.log_evidence(x))


def bent(batch: int, latent: int, pixels: int, side: int) -> Case:
    """p(x|z) = N(W z + V (z^2 - 1), s^2 I): codes of both signs explain an image."""
    line, bend = (spread(pixels, latent, low=0.2, high=0.4) / latent for _ in range(2))
    s = latent * oracle.uniform(1.2, 1.5)

    def density(x: Tensor, z: Tensor) -> Tensor:
        mean = z @ line.mT + (z**2 - 1) @ bend.mT
        return oracle.log_normal(x - mean, 2 * math.log(s)).sum(-1) + oracle.log_prior(z)

    x = spread(batch, pixels)
    finer, size = _grid(latent, 4 * side)
    truth = density(x, finer[:, None]).logsumexp(0) + math.log(size)
    codes, cell = _grid(latent, side)
    return Case(x, _asked_rightly(pixels, latent, density), codes, cell, truth)


def _grid(latent: int, side: int) -> tuple[Tensor, float]:
    """side^D codes (G, D) on a regular grid, and the size of its cells."""
    reach = _REACH if latent == 1 else _REACH_IN_THE_PLANE
    low, high = -reach - oracle.uniform(0, 0.5), reach + oracle.uniform(0, 0.5)
    axis = torch.linspace(low, high, side, dtype=torch.float64)
    codes = torch.cartesian_prod(*[axis] * latent).reshape(-1, latent)
    return codes, ((high - low) / (side - 1)) ** latent


def _asked_rightly(
    pixels: int, latent: int, density: Callable[[Tensor, Tensor], Tensor]
) -> Callable[[Any, Any], Tensor]:
    """`density` behind a test of its arguments."""

    def log_joint(x: Any, z: Any) -> Tensor:
        for key, value, size in (("x", x, pixels), ("z", z, latent)):
            if not torch.is_tensor(value):
                seen = f"log_joint was given {describe(value)} for {key}."
                raise Mistake("callable-arguments", seen)
            if value.dtype != torch.float64:
                seen = f"log_joint was given {key} as {value.dtype}, not torch.float64."
                raise Mistake("lost-precision", seen)
            if not value.ndim or value.shape[-1] != size:
                seen = f"log_joint was given {key} {tuple(value.shape)}, its last size is {size}."
                raise Mistake("callable-arguments", seen)
        _require_broadcast("log_joint", {"x": x, "z": z})
        return density(x, z)

    return log_joint


def asked_log_q(z: Any, mu: Any, logvar: Any) -> Tensor:
    """The log density of q for answers, behind a test of its arguments."""
    for key, value in (("z", z), ("mu", mu), ("logvar", logvar)):
        if not torch.is_tensor(value) or not value.ndim:
            raise Mistake("callable-arguments", f"log_q was given {describe(value)} for {key}.")
    _require_broadcast("log_q", {"z": z, "mu": mu, "logvar": logvar})
    return oracle.log_q(z, mu, logvar)


def _require_broadcast(name: str, values: dict[str, Tensor]) -> None:
    try:
        torch.broadcast_shapes(*(value.shape[:-1] for value in values.values()))
    except RuntimeError:
        shapes = ", ".join(f"{key} {tuple(value.shape)}" for key, value in values.items())
        seen = f"{name} was given {shapes}: the leading dimensions do not fit."
        raise Mistake("grid-no-image-dimension", seen) from None


def logvar_on_grid(batch: int, latent: int) -> Tensor:
    """Log-variances that the grids resolve and cover: of both signs, negative in the plane."""
    logvar = spread(batch, latent, low=0.2, high=0.5)
    return logvar if latent == 1 else -logvar.abs()


def elbo(case: Case, mu: Tensor, logvar: Tensor) -> Tensor:
    """E_q[log p(x, z)] + H[q] by Gauss-Hermite quadrature: exact for polynomials of degree 15."""
    # Nodes and weights are eigenvalues and eigenvectors of the recurrence (Golub and Welsch 1969).
    recurrence = torch.diag(torch.arange(1, 8, dtype=torch.float64).sqrt(), 1)
    nodes, vectors = torch.linalg.eigh(recurrence + recurrence.mT)
    latent = mu.shape[-1]
    points = torch.cartesian_prod(*[nodes] * latent).reshape(-1, 1, latent)
    weights = torch.cartesian_prod(*[vectors[0] ** 2] * latent).reshape(-1, latent).prod(-1)
    z = mu + torch.exp(0.5 * logvar) * points
    return (weights[:, None] * case.log_joint(case.x, z)).sum(0) + oracle.entropy(logvar)
