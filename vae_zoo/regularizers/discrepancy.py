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
from vae_helpers.pixels import require_pixels
from vae_zoo.contract import Autoencoder, Loss, single_at_least, size
from vae_zoo.likelihoods.densities import Likelihood, Name, likelihood
from vae_zoo.networks import Networks
from vae_zoo.vae import GaussianVAE, standard_normal_codes

Kernel = Literal["rbf", "imq"]
SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # of the inverse multiquadratic, Tolstikhin's code


def kernel(a: Tensor, b: Tensor, which: Kernel = "rbf") -> Tensor:
    """k(a_i, b_j), (M, N), of codes (M, D) and (N, D).

    rbf   exp(-|a - b|^2 / (2 D))
    imq   sum_s C_s / (C_s + |a - b|^2),  C_s = 2 D s over several scales s

    2 D is the mean of |a - b|^2 of two codes of the prior.
    """
    a, b = single_at_least(a), single_at_least(b)
    squares = torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist").square()
    width = 2.0 * a.shape[1]
    if which == "rbf":
        return torch.exp(-squares / width)
    return torch.stack([width * s / (width * s + squares) for s in SCALES]).sum(0)


def mmd(z: Tensor, y: Tensor, which: Kernel = "rbf") -> Tensor:
    """The unbiased estimate of MMD^2 between samples (M, D) and (N, D): below 0 as often as above
    where they come from one distribution.

    Pairs of a code with itself are left out. With the kernel rbf a known implementation keeps them,
    and divides by N (N - 1) once more.

    >>> mmd(torch.zeros(2, 1), torch.zeros(3, 1))
    tensor(0.)
    """
    _kernel(which, None)
    if min(len(z), len(y)) < 2:
        raise VaeLabError("mmd: at least two codes of each kind are needed")
    found = _within(z, which) + _within(y, which) - 2 * kernel(z, y, which).mean()
    return found.to(z.dtype)


def _kernel(which: Kernel, model: Autoencoder | None) -> Kernel:
    if which not in get_args(Kernel):
        what = "mmd" if model is None else type(model).__name__
        raise VaeLabError(f"{what}: the kernel is 'rbf' or 'imq', got {which!r}")
    return which


def _within(z: Tensor, which: Kernel) -> Tensor:
    values = kernel(z, z, which)
    return (values.sum() - values.diagonal().sum()) / (len(z) * (len(z) - 1))


class InfoVAE(GaussianVAE):
    """nll + (1 - alpha) KL + (alpha + weight - 1) MMD^2. alpha = 1 leaves the MMD alone. No bound.

    Source: Zhao et al., equation 6.
    """

    minimizes_bound = False

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
        self.alpha, self.weight, self.kernel = float(alpha), float(weight), _kernel(which, self)
        if not (self.alpha <= 1 and self.alpha + self.weight >= 1):
            raise VaeLabError(
                "InfoVAE: alpha must be at most 1, and alpha + weight at least 1, or divergence is "
                f"rewarded; got {alpha} and {weight}"
            )

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        mu, logvar = self.encode(x)
        z = self.draw(mu, logvar, generator=generator)
        nll, kl = self.nll(z, x), gaussian_kl(mu, logvar)
        away = mmd(z, self.prior_sample(len(z), generator=generator), self.kernel).expand(len(x))
        loss = nll + (1 - self.alpha) * kl + (self.alpha + self.weight - 1) * away
        return Loss(loss, {"nll": nll, "kl": kl, "mmd": away})


class WassersteinAutoencoder(Autoencoder):
    """nll + weight times the distance of all codes from N(0, I); an image has one code, without
    noise, so that there is no q to have a density. No bound. Subclasses say which distance."""

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        weight: float = 100.0,
    ) -> None:
        super().__init__()
        self.data_dim, self.latent_dim = networks.data_dim, size(latent_dim, self, "latent_dim")
        self.weight = real_number(weight, f"{type(self).__name__}: weight")
        self.likelihood = likelihood(pixels)
        self.encoder = networks.encoder(self.latent_dim)
        self.decoder = networks.decoder(self.latent_dim, self.likelihood.outputs)

    def distance(self, z: Tensor, y: Tensor, generator: torch.Generator | None) -> Tensor:
        """Of codes (B, D) from as many of the prior."""
        raise NotImplementedError

    def encode(self, x: Tensor) -> Tensor:
        """The codes (B, D)."""
        require_pixels(x, data_dim=self.data_dim)
        return self.encoder(x)

    def decode(self, z: Tensor) -> Tensor:
        """What the likelihood makes pixels of, of codes (B, D)."""
        return self.decoder(z)

    def latent(self, x: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        return self.encode(x)

    def representation(self, x: Tensor) -> Tensor:
        return self.encode(x)

    def prior_sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Codes (n, D) of N(0, I)."""
        return standard_normal_codes(n, self.latent_dim, self.decoder, generator=generator)

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        z = self.encode(x)
        nll = self.likelihood.nll(self.decode(z), x)
        prior = self.prior_sample(len(z), generator=generator)
        away = self.distance(z, prior, generator).expand(len(x))
        return Loss(nll + self.weight * away, {"nll": nll, "distance": away})

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        return self.likelihood.mean(self.decode(self.prior_sample(n, generator=generator)))

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        return self.likelihood.mean(self.decode(self.encode(x)))


class WassersteinMMD(WassersteinAutoencoder):
    """nll + weight MMD^2 of codes without noise. No bound.

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
        super().__init__(networks, latent_dim, pixels, weight=weight)
        self.kernel = _kernel(which, self)

    def distance(self, z: Tensor, y: Tensor, generator: torch.Generator | None) -> Tensor:
        return mmd(z, y, self.kernel)
