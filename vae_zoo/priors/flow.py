"""A normalizing flow as prior: N(0, I) is bent until the codes fit it."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_zoo.contract import size
from vae_zoo.flows import affine_chain
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import SampledKL


class FlowPriorVAE(SampledKL):
    """z = f(u), u ~ N(0, I): log p(z) = log N(u; 0, I) - log |det df/du| at u = f^-1(z).

    The flow maps codes to noise in one pass, and noise to codes dimension by dimension: densities
    are wanted in each step of the training, samples now and then.

    Source: X. Chen et al., Variational Lossy Autoencoder, arXiv:1611.02731, section 3.2.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_steps: int = 2,
        hidden_dim: int = 64,
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        steps, hidden = size(num_steps, self, "num_steps"), size(hidden_dim, self, "hidden_dim")
        self.to_noise = affine_chain(self.latent_dim, steps, hidden)

    def prior_log_prob(self, z: Tensor) -> Tensor:
        noise, log_det = self.to_noise(z)
        return super().prior_log_prob(noise) + log_det

    def prior_sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        return self.to_noise.inverse(super().prior_sample(n, generator=generator))[0]
