"""Two-stage VAE: a second VAE learns the codes of the first, which do not follow N(0, I)."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from vae_helpers.model import standard_normal_like
from vae_zoo.contract import Loss, size
from vae_zoo.likelihoods.densities import Gaussian
from vae_zoo.networks import FullyConnected
from vae_zoo.two_stage.second_stage import SecondStage
from vae_zoo.vae import GaussianVAE


class TwoStageVAE(SecondStage):
    """A VAE of codes (B, D) with as many latent dimensions and a learned sigma.

    Source: B. Dai, D. Wipf, Diagnosing and Enhancing VAE Models, arXiv:1903.05789, section 4.
    """

    def __init__(self, first: GaussianVAE, first_steps: int, *, hidden_dim: int = 256) -> None:
        super().__init__(first, first_steps)
        networks = FullyConnected(first.latent_dim, size(hidden_dim, self, "hidden_dim"))
        self.second = _OfCodes(networks, first.latent_dim, Gaussian("learned"))

    def second_loss(self, z: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        return self.second.loss(z, generator=generator)

    def sample_codes(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Drawn of p(z|u), with its noise: means alone would have too little variance."""
        means = self.second.decode(self.second.prior_sample(n, generator=generator))
        sigma = cast(Gaussian, self.second.likelihood).log_sigma.exp()
        return means + sigma * standard_normal_like(means, generator=generator)


class _OfCodes(GaussianVAE):
    """Of any numbers, not of pixels."""

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mu, logvar = self.encoder(x).chunk(2, dim=1)
        return mu, logvar
