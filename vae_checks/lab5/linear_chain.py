"""Two levels of codes: a chain of linear Gaussians whose evidence is known, and one that is bent.

    p(z2) = N(0, I),   p(z1|z2) = N(A z2 + a, diag v),   p(x|z1) = N(W z1 + b, s^2 I)

W has orthogonal columns, so that p(z1|x, z2) is diagonal; A is chosen such that p(z2|x) is, too.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from vae_checks.fixtures import normal, spread
from vae_checks.lab1.oracle import log_normal, uniform
from vae_checks.verdict import Mistake, describe

Parameters = tuple[Tensor, Tensor]  # mu and logvar


@dataclass
class Levels:
    """What an answer is given: four functions, `sizes` of x, z1 and z2, `leaves` they depend on.

    The functions refuse arguments of another shape or dtype than they take.
    """

    sizes: dict[str, int]
    log_p_x: Callable[[Any, Any], Tensor]
    prior1: Callable[[Any], Parameters]
    posterior2: Callable[[Any], Parameters]
    posterior1: Callable[[Any, Any], Parameters]
    dtype: torch.dtype = torch.float64
    leaves: dict[str, Tensor] = field(default_factory=dict)

    def guarded(self) -> dict[str, Callable[..., Any]]:
        """The four functions as an answer is given them, by name."""

        def prior1(z2: Any) -> Parameters:
            self._require("prior1", z2=z2)
            return self.prior1(z2)

        def posterior2(x: Any) -> Parameters:
            self._require("posterior2", x=x)
            return self.posterior2(x)

        def posterior1(x: Any, z2: Any) -> Parameters:
            self._require("posterior1", x=x, z2=z2)
            return self.posterior1(x, z2)

        def log_p_x(x: Any, z1: Any) -> Tensor:
            self._require("log_p_x", x=x, z1=z1)
            return self.log_p_x(x, z1)

        return {"log_p_x": log_p_x, "prior1": prior1, "posterior2": posterior2,
                "posterior1": posterior1}  # fmt: skip

    def single(self) -> "Levels":
        """The same functions for numbers of float32, and with results of float32."""

        def rounded(function: Callable[..., Any]) -> Callable[..., Any]:
            def wrapped(*given: Tensor) -> Any:
                found = function(*(each.double() for each in given))
                return found.float() if torch.is_tensor(found) else tuple(f.float() for f in found)

            return wrapped

        return replace(
            self,
            dtype=torch.float32,
            log_p_x=rounded(self.log_p_x),
            prior1=rounded(self.prior1),
            posterior2=rounded(self.posterior2),
            posterior1=rounded(self.posterior1),
        )

    def _require(self, name: str, **given: Any) -> None:
        for key, value in given.items():
            if not torch.is_tensor(value):
                seen = f"{name} was given {describe(value)} for {key}."
                raise Mistake("levels-arguments", seen)
            if value.ndim != 2 or value.shape[1] != self.sizes[key]:
                seen = f"{name} was given {key} {tuple(value.shape)}, it takes"
                raise Mistake("levels-arguments", f"{seen} (B, {self.sizes[key]}).")
            if value.dtype != self.dtype:
                seen = f"{name} was given {key} as {value.dtype}, x is {self.dtype}."
                raise Mistake("another-dtype", seen)
        rows = {len(value) for value in given.values()}
        if len(rows) > 1:
            seen = f"{name} was given {' and '.join(map(str, sorted(rows)))} rows side by side."
            raise Mistake("levels-arguments", seen)


def chain(pixels: int, latent1: int, latent2: int) -> tuple[Levels, Callable[[Tensor], Tensor]]:
    """Levels of the linear chain, with its exact posteriors, and its log p(x), (B,) of (B, P).

    latent2 <= latent1 <= pixels, as columns are orthogonal.
    """
    basis, _ = torch.linalg.qr(normal(pixels, latent1))  # (P, D1)
    lengths, s = spread(latent1, low=0.5, high=1.5).abs(), uniform(0.5, 0.8)
    W, b = basis * lengths, spread(pixels)
    logvar, a = spread(latent1, high=0.9), spread(latent1)
    variance = logvar.exp()
    # W'(W diag(v) W' + s^2 I)^-1 W = diag(gain): what x says about the mean of z1, if z1 is unknown
    gain = lengths**2 / (lengths**2 * variance + s**2)
    turned, _ = torch.linalg.qr(normal(latent1, latent2))
    wide = spread(latent2, low=0.5, high=1.5)
    A = gain.rsqrt()[:, None] * turned * wide  # A' diag(gain) A = diag(wide^2)
    of_x = (W * variance) @ W.mT + s**2 * torch.eye(pixels, dtype=torch.float64)

    def log_p_x(x: Tensor, z1: Tensor) -> Tensor:
        return log_normal(x - z1 @ W.mT - b, 2 * math.log(s)).sum(1)

    def prior1(z2: Tensor) -> Parameters:
        mu = z2 @ A.mT + a
        return mu, logvar.expand_as(mu)

    def posterior2(x: Tensor) -> Parameters:
        projected = torch.linalg.solve(of_x, (x - W @ a - b).mT).mT @ W @ A  # (B, D2)
        precision = 1 + wide**2
        mu = projected / precision
        return mu, -precision.log().expand_as(mu)

    def posterior1(x: Tensor, z2: Tensor) -> Parameters:
        precision = 1 / variance + lengths**2 / s**2
        mu = ((x - b) @ W / s**2 + (z2 @ A.mT + a) / variance) / precision
        return mu, -precision.log().expand_as(mu)

    def log_evidence(x: Tensor) -> Tensor:
        return MultivariateNormal(W @ a + b, of_x + W @ A @ A.mT @ W.mT).log_prob(x)

    sizes = {"x": pixels, "z1": latent1, "z2": latent2}
    return Levels(sizes, log_p_x, prior1, posterior2, posterior1), log_evidence


def bent(pixels: int, latent1: int, latent2: int) -> Levels:
    """Levels whose means and variances are no linear functions, with a leaf for each of them."""
    shapes = {"P": (latent1, pixels), "A": (latent2, latent1), "R": (latent2, latent1),
              "M2": (pixels, latent2), "S2": (pixels, latent2),
              "M1": (pixels, latent1), "S1": (pixels, latent1),
              "N1": (latent2, latent1), "T1": (latent2, latent1)}  # fmt: skip
    w = {key: normal(*shape) / math.sqrt(shape[0]) for key, shape in shapes.items()}
    sizes = {"the mean of x": pixels, "mu of prior1": latent1, "logvar of prior1": latent1,
             "mu of posterior2": latent2, "logvar of posterior2": latent2,
             "mu of posterior1": latent1, "logvar of posterior1": latent1}  # fmt: skip
    leaves = {key: spread(size, high=0.9).requires_grad_() for key, size in sizes.items()}

    def log_p_x(x: Tensor, z1: Tensor) -> Tensor:
        return log_normal(x - torch.tanh(z1 @ w["P"]) - leaves["the mean of x"], -0.7).sum(1)

    def prior1(z2: Tensor) -> Parameters:
        mu = torch.tanh(z2 @ w["A"]) + leaves["mu of prior1"]
        return mu, 0.5 * torch.sin(z2 @ w["R"]) + leaves["logvar of prior1"]

    def posterior2(x: Tensor) -> Parameters:
        mu = torch.sin(x @ w["M2"]) + leaves["mu of posterior2"]
        return mu, 0.5 * torch.cos(x @ w["S2"]) + leaves["logvar of posterior2"]

    def posterior1(x: Tensor, z2: Tensor) -> Parameters:
        mu = torch.sin(x @ w["M1"] + z2 @ w["N1"]) + leaves["mu of posterior1"]
        logvar = 0.5 * torch.cos(x @ w["S1"] - z2 @ w["T1"]) + leaves["logvar of posterior1"]
        return mu, logvar

    of = {"x": pixels, "z1": latent1, "z2": latent2}
    return Levels(of, log_p_x, prior1, posterior2, posterior1, leaves=leaves)
