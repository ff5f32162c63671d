"""The oracle: a latent-variable model whose evidence and posterior are known exactly.

    p(z) = N(0, I),   p(x|z) = N(W z + b, s^2 I)

so that p(x) = N(b, W W' + s^2 I) and p(z|x) is Gaussian, too. Estimators of the ELBO and of
log p(x) are compared with it. Use float64: the formulas then hold to about 1e-10.

Sources: C. M. Bishop, Pattern Recognition and Machine Learning, section 12.2 (probabilistic PCA);
M. E. Tipping, C. M. Bishop, Probabilistic Principal Component Analysis, 1999.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import Distribution, MultivariateNormal

from vae_helpers.arguments import real_number, require_generator, require_tensor, whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.model import standard_normal_like, standard_normal_log_prob


class Draw(NamedTuple):
    """Observations x (n, P) and the codes z (n, D) that they were made of."""

    x: Tensor
    z: Tensor


@dataclass(frozen=True)
class LinearGaussian:
    """p(z) = N(0, I) over D dimensions, p(x|z) = N(W z + b, s^2 I) over P.

    Attributes:
        W: (P, D).
        b: (P,).
        s: standard deviation of the noise, above 0.

    Raises a VaeLabError when shapes do not fit or s is not a positive number.

    With W = 1, b = 0 and s = 1 in one dimension p(x) is N(0, 2), and z given x is N(x/2, 1/2):

    >>> import torch
    >>> one = torch.ones(1, 1, dtype=torch.float64)
    >>> model = LinearGaussian(W=one, b=torch.zeros(1, dtype=torch.float64), s=1.0)
    >>> posterior = model.posterior(one)
    >>> print(f"{posterior.mean.item():.2f}, {posterior.variance.item():.2f}")
    0.50, 0.50
    """

    W: Tensor
    b: Tensor
    s: float

    def __post_init__(self) -> None:
        require_tensor(self.W, "LinearGaussian: W")
        require_tensor(self.b, "LinearGaussian: b")
        if self.W.ndim != 2 or self.b.shape != self.W.shape[:1]:
            raise VaeLabError(
                f"LinearGaussian: expected W (P, D) and b (P,), "
                f"got {tuple(self.W.shape)} and {tuple(self.b.shape)}"
            )
        real_number(self.s, "LinearGaussian: s", positive=True)

    def log_evidence(self, x: Tensor) -> Tensor:
        """log p(x) = log N(x; b, W W' + s^2 I) in nats, (B,), of x (B, P)."""
        self._require_observations(x)
        covariance = self.W @ self.W.mT + self.s**2 * torch.eye(len(self.b)).to(self.W)
        return MultivariateNormal(self.b, covariance).log_prob(x)

    def posterior(self, x: Tensor) -> MultivariateNormal:
        """p(z|x) = N(S W'(x - b) / s^2, S) with S = (I + W'W / s^2)^-1, one for each x: (B, P)."""
        self._require_observations(x)
        precision = torch.eye(self.W.shape[1]).to(self.W) + self.W.mT @ self.W / self.s**2
        projected = (x - self.b) @ self.W / self.s**2  # (B, D)
        mean = torch.cholesky_solve(projected.mT, torch.linalg.cholesky(precision)).mT
        return MultivariateNormal(mean, precision_matrix=precision)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) = log p(x|z) + log p(z) in nats, of x (..., P) and z (..., D)."""
        self._require_observations(x)
        residual = (x - self.b - z @ self.W.mT) / self.s
        return standard_normal_log_prob(residual) - self._log_scale + standard_normal_log_prob(z)

    def elbo(self, x: Tensor, q: Distribution) -> Tensor:
        """E_q[log p(x, z)] + H[q] in closed form, for q = N(m, S): nats, (B,).

            log p(x, m) - 1/2 tr(S (I + W'W / s^2)) + H[q]

        The log joint is quadratic in z, so its mean is its value at m and a trace.

        Args:
            x: (B, P).
            q: Independent(Normal(m, sigma), 1) or MultivariateNormal(m, ...) over D dimensions,
                one for each x, or one for all. Gradients reach its parameters.

        Raises:
            VaeLabError: q is not a distribution over vectors of D numbers, or no Gaussian.
        """
        latent_dim = self.W.shape[1]
        if q.event_shape != (latent_dim,):
            raise VaeLabError(
                f"elbo: q must be over vectors of {latent_dim}, its event shape is "
                f"{tuple(q.event_shape)}; wrap a Normal as Independent(Normal(mean, sigma), 1)"
            )
        curvature = torch.eye(latent_dim).to(self.W) + self.W.mT @ self.W / self.s**2
        trace = (_covariance(q) * curvature).sum((-2, -1))  # of a product of symmetric matrices
        return self.log_joint(x, q.mean) - 0.5 * trace + q.entropy()

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Draw:
        """n draws of z from the prior and of x given z: Draw(x (n, P), z (n, D))."""
        n = whole_number(n, "sample: n", at_least=0)
        require_generator(generator, "sample")
        data_dim, latent_dim = self.W.shape
        z = standard_normal_like(self.W.new_empty(n, latent_dim), generator=generator)
        eps = standard_normal_like(self.W.new_empty(n, data_dim), generator=generator)
        return Draw(x=z @ self.W.mT + self.b + self.s * eps, z=z)

    @property
    def _log_scale(self) -> float:
        return len(self.b) * math.log(self.s)

    def _require_observations(self, x: Tensor) -> None:
        require_tensor(x, "x")
        if x.ndim == 0 or x.shape[-1] != len(self.b):
            raise VaeLabError(f"x: expected shape (B, {len(self.b)}), got {tuple(x.shape)}")


def _covariance(q: Distribution) -> Tensor:
    """(B, D, D), of a Gaussian q over vectors."""
    if isinstance(q, MultivariateNormal):
        return q.covariance_matrix
    if isinstance(getattr(q, "base_dist", None), torch.distributions.Normal):
        return torch.diag_embed(q.variance)
    raise VaeLabError(
        f"elbo: q must be Independent(Normal(...), 1) or MultivariateNormal, got {type(q).__name__}"
    )
