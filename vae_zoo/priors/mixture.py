"""Priors with several peaks: a free mixture of Gaussians, and one made of the encoder.

p(z) = 1/C sum_c N(z; m_c, diag(exp(s_c)))
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from vae_helpers.arguments import whole_number
from vae_helpers.model import standard_normal_like
from vae_zoo.contract import size
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import SampledKL


def mixture_log_prob(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log of the mixture with equal weights at z (..., D), components (C, D): nats, (...).

    A known implementation writes -1/2 (logvar + (z - mu)^2) / var: a bracket too far, by which
    logvar is divided by the variance as well; the density no longer integrates to 1.

    >>> zero = torch.zeros(1, 1)
    >>> mixture_log_prob(zero[0], zero, zero)  # log N(0; 0, 1)
    tensor(-0.9189)
    """
    scaled = (z[..., None, :] - mu) * torch.exp(-0.5 * logvar)
    log_each = -0.5 * (scaled.square() + logvar + math.log(2 * math.pi)).sum(-1)
    return log_each.logsumexp(-1) - math.log(len(mu))


class MixtureVAE(SampledKL):
    """A VAE whose prior is a mixture of `num_components` Gaussians, learned with the rest.

    The KL has no closed form; one code of each image stands for it.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_components: int = 50,
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        self.num_components = size(num_components, self, "num_components")
        self._make_components()

    def _make_components(self) -> None:
        shape = (self.num_components, self.latent_dim)
        self.prior_mu = nn.Parameter(torch.randn(shape))
        self.prior_logvar = nn.Parameter(torch.zeros(shape))

    def components(self) -> tuple[Tensor, Tensor]:
        """Means and log-variances, (C, D) each."""
        return self.prior_mu, self.prior_logvar

    def prior_log_prob(self, z: Tensor) -> Tensor:
        return mixture_log_prob(z, *self.components())

    def prior_sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        n = whole_number(n, "sample: n", at_least=0)
        mu, logvar = self.components()
        device = mu.device if generator is None else generator.device
        which = torch.randint(len(mu), (n,), generator=generator, device=device).to(mu.device)
        eps = standard_normal_like(mu.new_empty(n, mu.shape[1]), generator=generator)
        return mu[which] + torch.exp(0.5 * logvar[which]) * eps


class VampPrior(MixtureVAE):
    """The components are q of C invented images u_c, which are learned: p(z) = 1/C sum_c q(z|u_c).

    The prior that is best for the ELBO is the mean of q over all images; this one is made of a few.
    Samples come of it, and not of N(0, I) as in a known implementation.

    Source: J. M. Tomczak, M. Welling, VAE with a VampPrior, arXiv:1705.07120, equation 9.
    """

    def _make_components(self) -> None:
        # Logits of the invented pixels: those stay in [0, 1] whatever a step does.
        self.pseudo_logits = nn.Parameter(0.1 * torch.randn(self.num_components, self.data_dim))

    def components(self) -> tuple[Tensor, Tensor]:
        return self.encode(torch.sigmoid(self.pseudo_logits))
