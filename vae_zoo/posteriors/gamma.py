"""Codes above 0: Gamma distributions in place of Gaussians."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.distributions import Gamma, kl_divergence

from vae_helpers.arguments import real_number, require_generator, whole_number
from vae_zoo.contract import Loss, single_at_least
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import GaussianVAE

# Of concentrations: of a draw at 0.1 one in a million underflows in float32, at 0.01 two in five.
SMALLEST_CONCENTRATION, SMALLEST_RATE = 0.2, 1e-3


class GammaVAE(GaussianVAE):
    """q(z|x) = prod_d Gamma(concentration_d, rate_d), p(z) = Gamma(`concentration`, `rate`).

    A draw's derivative by its concentration is implicit, -(dF/da) / (dF/dz) with F the cumulative
    distribution: torch has it. A known implementation draws of Gamma(concentration + 8) and
    forgets to take the 8 back, and lets a softmax make parameters that sum to 1.

    Source: M. Figurnov, S. Mohamed, A. Mnih, Implicit Reparameterization Gradients,
    arXiv:1805.08498, section 4.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        concentration: float = 2.0,
        rate: float = 1.0,
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        self.concentration = real_number(concentration, "GammaVAE: concentration", positive=True)
        self.rate = real_number(rate, "GammaVAE: rate", positive=True)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Concentrations and rates of q(z|x), each (B, D)."""
        concentration, rate = super().encode(x)
        return F.softplus(concentration) + SMALLEST_CONCENTRATION, F.softplus(rate) + SMALLEST_RATE

    def draw(
        self, concentration: Tensor, rate: Tensor, *, generator: torch.Generator | None = None
    ) -> Tensor:
        require_generator(generator, "GammaVAE")
        device = concentration.device if generator is None else generator.device
        drawn = torch._standard_gamma(
            single_at_least(concentration).to(device), generator=generator
        )
        return drawn.to(rate) / rate

    def prior(self, like: Tensor) -> Gamma:
        """Of one dimension, on the device of `like`."""
        return Gamma(like.new_tensor(self.concentration), like.new_tensor(self.rate))

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        concentration, rate = self.encode(x)
        z = self.draw(concentration, rate, generator=generator)
        kl = kl_divergence(Gamma(concentration, rate), self.prior(x)).sum(1)
        return self.negative_elbo(self.nll(z, x), kl)

    def posterior(
        self, x: Tensor, num_samples: int = 1, *, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        num_samples = whole_number(num_samples, "num_samples")
        q = Gamma(*self.encode(x))
        draws = [
            self.draw(q.concentration, q.rate, generator=generator) for _ in range(num_samples)
        ]
        z = torch.stack(draws)
        return z, q.log_prob(z).sum(2)

    def prior_log_prob(self, z: Tensor) -> Tensor:
        return self.prior(z).log_prob(z).sum(-1)

    def prior_sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        n = whole_number(n, "sample: n", at_least=0)
        like = next(self.decoder.parameters()).new_full((n, self.latent_dim), self.concentration)
        return self.draw(like, like.new_tensor(self.rate), generator=generator)

    def centre(self, x: Tensor) -> Tensor:
        concentration, rate = self.encode(x)
        return concentration / rate
