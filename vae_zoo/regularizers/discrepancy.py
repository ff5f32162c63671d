"""Distances of the codes' distribution from the prior by kernels: InfoVAE and WAE-MMD.

    MMD^2 = E k(z, z') + E k(y, y') - 2 E k(z, y),   z, z' ~ q(z), y, y' ~ p(z) independent

Sources: A. Gretton et al., A Kernel Two-Sample Test, 2012, equation 3 (the unbiased estimate);
I. Tolstikhin et al., Wasserstein Auto-Encoders, arXiv:1711.01558; S. Zhao, J. Song, S. Ermon,
InfoVAE, arXiv:1706.02262.
"""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from vae_helpers.arguments import real_number
from vae_helpers.errors import VaeLabError
from vae_helpers.loss import gaussian_kl
from vae_zoo.contract import Loss
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import GaussianVAE

Kernel = Literal["rbf", "imq"]
SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # of the inverse multiquadratic, Tolstikhin's code


def kernel(a: Tensor, b: Tensor, which: Kernel = "rbf") -> Tensor:
    """k(a_i, b_j), (M, N), of codes (M, D) and (N, D).

    rbf   exp(-|a - b|^2 / (2 D))
    imq   sum_s C_s / (C_s + |a - b|^2),  C_s = 2 D s over several scales s

    2 D is the mean of |a - b|^2 of two codes of the prior.
    """
    squares = torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist").square()
    width = 2.0 * a.shape[1]
    if which == "rbf":
        return torch.exp(-squares / width)
    return torch.stack([width * s / (width * s + squares) for s in SCALES]).sum(0)


def mmd(z: Tensor, y: Tensor, which: Kernel = "rbf") -> Tensor:
    """The unbiased estimate of MMD^2 between samples (M, D) and (N, D): below 0 as often as above
    where they come from one distribution.

    Pairs of a code with itself are left out. A known implementation keeps them for one kernel; for
    the other it takes sums in place of the matrices, and multiplies by 1 / (N (N - 1)) afterwards.

    >>> mmd(torch.zeros(2, 1), torch.zeros(3, 1))
    tensor(0.)
    """
    if which not in get_args(Kernel):
        raise VaeLabError(f"mmd: the kernel is 'rbf' or 'imq', got {which!r}")
    if min(len(z), len(y)) < 2:
        raise VaeLabError("mmd: at least two codes of each kind are needed")
    return _within(z, which) + _within(y, which) - 2 * kernel(z, y, which).mean()


def _within(z: Tensor, which: Kernel) -> Tensor:
    values = kernel(z, z, which)
    return (values.sum() - values.diagonal().sum()) / (len(z) * (len(z) - 1))


class InfoVAE(GaussianVAE):
    """nll + (1 - alpha) KL + (alpha + weight - 1) MMD^2. alpha = 1 leaves the MMD alone. No bound.

    Source: Zhao et al., equation 6.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        alpha: float = 0.0,
        weight: float = 100.0,
        which: Kernel = "rbf",
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        self.alpha = real_number(alpha, "InfoVAE: alpha")
        self.weight = real_number(weight, "InfoVAE: weight")
        self.kernel = which

    @property
    def is_bound(self) -> bool:
        return False

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        mu, logvar = self.encode(x)
        z = self.draw(mu, logvar, generator=generator)
        nll, kl = self.nll(z, x), gaussian_kl(mu, logvar)
        away = mmd(z, self.prior_sample(len(z), generator=generator), self.kernel).expand(len(x))
        loss = nll + (1 - self.alpha) * kl + (self.alpha + self.weight - 1) * away
        return Loss(loss, {"nll": nll, "kl": kl, "mmd": away})


class WassersteinMMD(GaussianVAE):
    """nll + weight MMD^2 of codes without noise: the mean of q alone is used. No bound.

    Source: Tolstikhin et al., algorithm 2.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        weight: float = 100.0,
        which: Kernel = "imq",
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        self.weight = real_number(weight, "WassersteinMMD: weight")
        self.kernel = which

    @property
    def is_bound(self) -> bool:
        return False

    def latent(self, x: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        return self.centre(x)

    def distance(self, z: Tensor, y: Tensor, generator: torch.Generator | None) -> Tensor:
        """Of codes (B, D) from as many of the prior."""
        return mmd(z, y, self.kernel)

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        z = self.latent(x, generator=generator)
        nll = self.nll(z, x)
        prior = self.prior_sample(len(z), generator=generator)
        away = self.distance(z, prior, generator).expand(len(x))
        return Loss(nll + self.weight * away, {"nll": nll, "distance": away})
