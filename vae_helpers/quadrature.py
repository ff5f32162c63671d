"""Posterior and evidence by quadrature, for codes of one or two dimensions.

    log p(x) = log integral p(x, z) dz,   p(z|x) = p(x, z) / p(x)

p(x, z) is taken at the centers of a grid's cells (the midpoint rule). Two errors are left, and both
are measured: what lies outside of the grid, `missed_mass`, and what the cells are too coarse for,
`refinement_change`. For a smooth density that is almost 0 at the border the second falls faster
than any power of the cell's width; a decoder of ReLUs has kinks, and there it falls as the square.

Source: P. J. Davis, P. Rabinowitz, Methods of Numerical Integration, 2nd edition, chapter 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_helpers.arguments import described, require_tensor
from vae_helpers.errors import VaeLabError
from vae_helpers.grid import Grid
from vae_helpers.likelihood import PIXELS_AT_ONCE
from vae_helpers.loss import bernoulli_nll
from vae_helpers.model import standard_normal_log_prob
from vae_helpers.model_contract import place_of
from vae_helpers.pixels import require_images

# log p(x, z) of codes z (G, D), for one image (G,) or for B of them (G, B)
LogJoint = Callable[[Tensor], Tensor]

# More than this share of the posterior outside is no rounding: the evidence is 0.001 nats too low.
MOST_MISSED = 1e-3


def log_joint_of(model: Any, x: Tensor) -> LogJoint:
    """The function z -> log p(x, z) of a VAE with Bernoulli pixels, for all images at once.

        log p(x, z) = x . logits - sum_p log(1 + exp(logit_p)) + log N(z; 0, I)

    Each code is decoded once, in pieces, whatever the number of images; all else is in float64.

    Args:
        model: decode(z) -> logits (G, P).
        x: (B, P) in [0, 1].

    Returns:
        z (G, D) -> (G, B) nats, float64; no gradient.

    Raises:
        VaeLabError: x is no batch of images, or the decoder's logits are not of their size.

    A decoder that ignores z, at probability 1/2: log p(x, 0) = -2 log 2 - 1/2 log 2 pi.

    >>> from types import SimpleNamespace
    >>> ignorant = SimpleNamespace(decode=lambda z: torch.zeros(len(z), 2))
    >>> log_joint_of(ignorant, torch.tensor([[0.0, 1.0]]))(torch.zeros(1, 1))
    tensor([[-2.3052]], dtype=torch.float64)
    """
    require_images(x, what="x")
    place, dtype = place_of(model if isinstance(model, torch.nn.Module) else torch.nn.Module(), x)
    images = x.to(place, torch.float64).flatten(1)

    @torch.no_grad()
    def log_joint(z: Tensor) -> Tensor:
        pieces = []
        for codes in z.split(max(1, PIXELS_AT_ONCE // images.shape[1])):
            logits = model.decode(codes.to(place, dtype)).double().flatten(1)  # (g, P)
            if logits.shape[1:] != images.shape[1:]:
                raise VaeLabError(
                    f"log_joint_of: logits {tuple(logits.shape)} are not of the size of the "
                    f"images, {tuple(images.shape)}"
                )
            black = bernoulli_nll(logits, torch.zeros_like(logits))  # of the image without ink
            prior = standard_normal_log_prob(codes.to(place, torch.float64))
            pieces.append(logits @ images.mT + (prior - black)[:, None])
        return torch.cat(pieces)

    return log_joint


def log_evidence_on_grid(log_joint: LogJoint, points: Tensor, cell_area: float) -> Tensor:
    """log p(x) by the midpoint rule: logsumexp of log p(x, z) over the points, plus log cell_area.

    What lies outside of the points counts for nothing: see `missed_mass`.

    Args:
        log_joint: log p(x, z) of codes z (G, D): (G,) for one image, or (G, B) for several.
        points: centers of the cells, (G, D), as `Grid.points`.
        cell_area: the size of a cell, as `Grid.cell_area`.

    Returns:
        nats, a scalar or (B,); differentiable.

    Raises:
        VaeLabError: the shapes do not fit, a cell has no size, or log_joint gives nan.

    The standard normal density integrates to 1:

    >>> grid = Grid(low=-8, high=8, steps=100)
    >>> total = log_evidence_on_grid(standard_normal_log_prob, grid.points, grid.cell_area)
    >>> abs(total.item()) < 1e-12
    True
    """
    values = _log_joint_at(log_joint, points, cell_area, "log_evidence_on_grid")
    return values.logsumexp(0) + math.log(cell_area)


def posterior_on_grid(log_joint: LogJoint, points: Tensor, cell_area: float) -> Tensor:
    """log p(z|x) at the points, in nats: log p(x, z) - log p(x), both by the grid.

    Arguments and errors as those of `log_evidence_on_grid`. The densities times cell_area add up
    to 1, whether or not the grid covers the posterior.

    Returns:
        (G,) or (G, B), log of a density over z; differentiable.
    """
    values = _log_joint_at(log_joint, points, cell_area, "posterior_on_grid")
    return values - (values.logsumexp(0) + math.log(cell_area))


def kl_on_grid(log_q: Tensor, log_p: Tensor, cell_area: float) -> Tensor:
    """KL(q || p) = integral q (log q - log p) dz by the midpoint rule, in nats.

    Args:
        log_q, log_p: logs of two densities at the same points, (G,) or (G, B), such as q(z|x) and
            `posterior_on_grid`.
        cell_area: the size of a cell.

    Returns:
        a scalar or (B,); differentiable.

    Raises:
        VaeLabError: the shapes differ, or q does not integrate to 1 on this grid, which then
            misses a part of it or is too coarse for it.

    KL(N(1, 1) || N(0, 1)) = 1/2:

    >>> grid = Grid(low=-9, high=9, steps=100)
    >>> q, p = (standard_normal_log_prob(grid.points - mean) for mean in (1.0, 0.0))
    >>> print(f"{kl_on_grid(q, p, grid.cell_area):.6f}")
    0.500000
    """
    require_tensor(log_q, "kl_on_grid: log_q")
    require_tensor(log_p, "kl_on_grid: log_p")
    if log_q.shape != log_p.shape or log_q.ndim not in (1, 2) or log_q.numel() == 0:
        raise VaeLabError(
            f"kl_on_grid: log_q {tuple(log_q.shape)} and log_p {tuple(log_p.shape)} must have the "
            "same shape (G,) or (G, B)"
        )
    _require_area(cell_area, "kl_on_grid")
    q = log_q.exp()
    mass = (q.detach().sum(0) * cell_area).flatten()
    worst = int((mass - 1).abs().argmax())
    if not abs(float(mass[worst]) - 1) <= MOST_MISSED:
        raise VaeLabError(
            f"kl_on_grid: q of image {worst} has the mass {float(mass[worst]):.4g} on this grid "
            "instead of 1: widen the grid if it is less, refine it if it is more"
        )
    # Where q is 0 in floating point it adds nothing, whatever the logarithms are.
    return torch.where(q > 0, q * (log_q - log_p), 0.0).sum(0) * cell_area


def missed_mass(log_joint: LogJoint, grid: Grid) -> Tensor:
    """The share of the posterior that lies outside of the grid, measured on the grids around it.

        1 - (mass on the grid) / (mass on a box three times as wide)

    Args:
        log_joint: as in `log_evidence_on_grid`; asked at 3 steps points, or 9 steps^2.
        grid: where evidence or posterior are to be computed.

    Returns:
        a scalar or (B,), between 0 and 1. -log(1 - share) is what the evidence lacks, in nats.

    Raises:
        VaeLabError: as `log_evidence_on_grid`.

    Half of a standard normal lies above 0:

    >>> print(f"{missed_mass(standard_normal_log_prob, Grid(low=0, high=6, steps=100)):.4f}")
    0.5000
    """
    inside, *others = (
        log_evidence_on_grid(log_joint, each.points, each.cell_area)
        for each in (grid, *grid.around())
    )
    outside = torch.stack(others).logsumexp(0)
    return torch.sigmoid(outside - inside)  # outside / (inside + outside)


def refinement_change(log_joint: LogJoint, grid: Grid) -> Tensor:
    """How much log p(x) changes when every cell is cut in half along each axis: nats.

    About the error that this grid's cells make: that of the finer ones is a quarter of it or far
    less. Large where the posterior is narrower than a cell.

    Arguments and errors as those of `missed_mass`; log_joint is asked at 2^D as many points more.

    Returns:
        a scalar or (B,): log p(x) by the finer grid less that by this one.

    >>> change = refinement_change(standard_normal_log_prob, Grid(low=-8, high=8, steps=4))
    >>> print(f"{change:.2f}")
    0.83
    """
    ours, finer = (
        log_evidence_on_grid(log_joint, each.points, each.cell_area)
        for each in (grid, grid.refined())
    )
    return finer - ours


def require_covered(log_joint: LogJoint, grid: Grid, *, most: float = MOST_MISSED) -> None:
    """Raise a VaeLabError that names the mass missed, if it is more than `most` for any image.

    >>> require_covered(standard_normal_log_prob, Grid(low=-1, high=6, steps=1000))
    Traceback (most recent call last):
    vae_helpers.errors.VaeLabError: the grid from -1 to 6 misses 15.87 % of the posterior of \
image 0: log p(x) by it is 0.1728 nats too low; widen it
    """
    missed = missed_mass(log_joint, grid).detach().flatten()
    worst = int(missed.argmax())
    share = float(missed[worst])
    if share > most:
        lost = -math.log1p(-share) if share < 1 else math.inf
        raise VaeLabError(
            f"the grid from {grid.low} to {grid.high} misses {100 * share:.4g} % of the posterior "
            f"of image {worst}: log p(x) by it is {lost:.4g} nats too low; widen it"
        )


def _log_joint_at(log_joint: LogJoint, points: Tensor, cell_area: float, what: str) -> Tensor:
    require_tensor(points, f"{what}: points")
    if points.ndim != 2 or points.shape[1] not in (1, 2) or len(points) == 0:
        raise VaeLabError(
            f"{what}: points must be (G, 1) or (G, 2), more dimensions have too many cells; "
            f"got {tuple(points.shape)}"
        )
    _require_area(cell_area, what)
    values = log_joint(points)
    require_tensor(values, f"{what}: what log_joint returns")
    if values.ndim not in (1, 2) or len(values) != len(points) or values.numel() == 0:
        raise VaeLabError(
            f"{what}: log_joint of {len(points)} codes must be ({len(points)},) for one image or "
            f"({len(points)}, B) for several, got {tuple(values.shape)}"
        )
    if not bool((values < math.inf).all()):
        raise VaeLabError(f"{what}: log_joint is nan or infinite at a point of the grid")
    if not bool((values.amax(0) > -math.inf).all()):
        raise VaeLabError(f"{what}: log_joint is -inf at every point: the grid misses all of it")
    return values


def _require_area(cell_area: float, what: str) -> None:
    good = isinstance(cell_area, (int, float)) and not isinstance(cell_area, bool)
    if not (good and 0 < cell_area < math.inf):
        raise VaeLabError(
            f"{what}: cell_area must be a positive number, got {described(cell_area)}"
        )
