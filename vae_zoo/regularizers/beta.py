"""beta-VAE: the KL with another weight."""

from __future__ import annotations

from torch import Tensor

from vae_helpers.arguments import real_number
from vae_zoo.contract import Loss
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import GaussianVAE


class BetaVAE(GaussianVAE):
    """nll + beta KL. A bound where beta is at least 1, and a looser one the larger it is.

    What beta means depends on the nll's scale: a squared error averaged over pixels is beta = P / 2
    to begin with (see likelihoods.densities.implied_beta).

    Source: I. Higgins et al., beta-VAE, 2017, equation 4.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        beta: float = 4.0,
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        self.beta = real_number(beta, "BetaVAE: beta")

    @property
    def is_bound(self) -> bool:
        return self.likelihood.is_density and self.beta >= 1

    def negative_elbo(self, nll: Tensor, kl: Tensor) -> Loss:
        return Loss(nll + self.beta * kl, {"nll": nll, "kl": kl})
