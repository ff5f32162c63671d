"""Functions whose mean under a Gaussian is known with its gradient, quadrature, pairs of results.

Everything is float64. z has K rows of D coordinates; q(z) = N(mu, diag(sigma^2)).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vae_checks.fixtures import spread
from vae_checks.values import close, expect_exact, expect_pair
from vae_checks.verdict import Mistake, call, describe

Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Curve:
    """f(z) = z'Az + c'z + sin(w'z) + b for z (..., D): values (...); its mean is known.

    A large b takes no digit from a derivative, and all of them from a difference quotient.
    """

    A: Tensor
    c: Tensor
    w: Tensor
    b: float = 0.0

    def __call__(self, z: Any) -> Tensor:
        z = expect_samples(z, len(self.c))
        quadratic = torch.einsum("...i,ij,...j->...", z, self.A, z)
        return quadratic + z @ self.c + torch.sin(z @ self.w) + self.b

    def derivative(self, z: Tensor) -> Tensor:
        """df/dz, (K, D)."""
        return z @ (self.A + self.A.mT) + self.c + torch.cos(z @ self.w)[..., None] * self.w

    def gradients(self, mu: Tensor, sigma: Tensor) -> Pair:
        """dE[f]/dmu and dE[f]/dsigma, two of (D,).

        E[z'Az] = mu'A mu + sum A_dd sigma_d^2, E[sin w'z] = sin(w'mu) exp(-sum (w sigma)^2 / 2).
        """
        damping = torch.exp(-0.5 * ((self.w * sigma) ** 2).sum())
        phase = self.w @ mu
        by_mu = (self.A + self.A.mT) @ mu + self.c + self.w * torch.cos(phase) * damping
        by_sigma = 2 * self.A.diagonal() * sigma
        return by_mu, by_sigma - self.w**2 * sigma * torch.sin(phase) * damping


@dataclass(frozen=True)
class Steps:
    """A staircase of z (..., D), values (...): no derivative, no graph, a black box."""

    c: Tensor

    def __call__(self, z: Any) -> Tensor:
        z = expect_samples(z, len(self.c))
        if z.requires_grad:
            seen = "f was given a z with requires_grad=True."
            raise Mistake("black-box", seen)
        return 1.5 + torch.floor(2 * (z @ self.c)) + (z[..., 0] > 0).double()


def curve(dimensions: int, b: float = 0.0, scale: float = 1.0) -> Curve:
    """A new function of D coordinates of about the size `scale`."""
    A, c = spread(dimensions, dimensions) / scale**2, spread(dimensions) / scale
    return Curve(A, c, spread(dimensions, high=1.0) / scale, b)


def gaussian(dimensions: int) -> Pair:
    """mu (D,) and sigma (D,) of a new Gaussian, away from 0 and 1 where formulas agree."""
    sigma = spread(dimensions, low=0.4, high=0.8).abs()
    wide = spread(dimensions, low=1.2, high=1.5).abs()
    return spread(dimensions), torch.where(spread(dimensions) > 0, sigma, wide)


def gauss_hermite(nodes: int, dimensions: int) -> Pair:
    """eps (nodes^D, D) and weights (nodes^D,) of a product rule for N(0, I).

    Exact for polynomials up to degree 2 nodes - 1 in each coordinate.
    """
    points, weights = map(torch.from_numpy, np.polynomial.hermite_e.hermegauss(nodes))
    weights = weights / math.sqrt(2 * math.pi)
    eps = torch.cartesian_prod(*[points] * dimensions).reshape(-1, dimensions)
    weight = torch.cartesian_prod(*[weights] * dimensions).reshape(-1, dimensions)
    return eps, weight.prod(dim=1)


def expect_samples(z: Any, dimensions: int) -> Tensor:
    """z as an answer hands it to f. Raises Mistake unless it is (..., D) in float64."""
    if not torch.is_tensor(z):
        raise Mistake("f-called-wrongly", f"f was called with {describe(z)}.")
    if z.ndim == 0 or z.shape[-1] != dimensions:
        seen = f"f was called with {describe(z)}, it takes z of shape (K, {dimensions})."
        raise Mistake("f-called-wrongly", seen)
    if z.dtype != torch.float64:
        raise Mistake("lost-precision", f"f was called with z in {z.dtype}.")
    return z


def call_with_rows(
    name: str,
    function: Any,
    arguments: dict[str, Any],
    shape: tuple[int, ...],
    hint: str,
    **keywords: Any,
) -> Any:
    """`call`, with `hint` where (K,) was multiplied with `shape`, (K, D): torch hardly says so."""
    try:
        return call(name, function, arguments, **keywords)
    except Mistake as mistake:
        said = [f"tensor {a} ({size}) must match" in mistake.seen for a in "ab" for size in shape]
        if mistake.slug != "raised" or not any(said):
            raise
        # First the hint: the meaning ends in a line of the answer.
        raise Mistake("raised", mistake.seen, f"{hint} {mistake.meaning}") from None


def expect_gradients(
    result: Any,
    name: str,
    truth: Pair,
    wrong: Iterable[tuple[str, Pair]] = (),
    parts: tuple[str, str] = ("by_mu", "by_sigma"),
) -> None:
    """Raise Mistake unless `result` is the pair `truth`, to 1e-10; `wrong` are known pairs.

    A wrong pair that is returned as a whole is named before one that explains a part. What is off
    by less than a hundredth is named as a difference quotient.
    """
    wrong = [("gradients-swapped", (truth[1], truth[0])), *wrong]
    found = expect_pair(result, name, parts)
    if all(torch.is_tensor(value) and value.device.type == "cpu" for value in found):
        wrong.sort(key=lambda known: not all(map(close, found, known[1])))
    for place, value in enumerate(found):
        known = [(slug, pair[place]) for slug, pair in wrong]
        expect_derivative(value, truth[place], parts[place], known)


def expect_derivative(
    value: Any, truth: Tensor, what: str, wrong: Iterable[tuple[str, Tensor]] = ()
) -> None:
    """`expect_exact`, with a name for what is nearly right, as a difference quotient is."""
    try:
        expect_exact(value, truth, what, wrong)
    except Mistake as mistake:
        if mistake.slug in ("wrong-value", "not-exact"):
            off = (value.detach() - truth).abs().max() / truth.abs().max()
            if off < 1e-2:
                raise Mistake("difference-quotient", mistake.seen) from None
        raise


def expect_all_digits(value: Tensor, truth: Tensor, what: str) -> None:
    """Raise Mistake unless value is `truth`, of whatever size, to 1e-9 of its largest number."""
    off = ((value.detach() - truth).abs().max() / truth.abs().max()).item()
    if not off < 1e-9:
        seen = f"{what} is off by {off:.1g} of itself, where mu and sigma are large."
        raise Mistake("difference-quotient", seen)
