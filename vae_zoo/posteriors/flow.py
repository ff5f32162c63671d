"""q(z|x) is a diagonal Gaussian, bent by a flow."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from vae_helpers.errors import VaeLabError
from vae_helpers.pixels import require_pixels
from vae_zoo.contract import size
from vae_zoo.flows import Chain, Planar, affine_chain
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import SampledKL, gaussian_samples


class FlowPosteriorVAE(SampledKL):
    """z = f(u), u ~ N(mu, diag(exp(logvar))): log q(z|x) = log q(u|x) - log |det df/du|.

    The same flow for all images; a correlated Gaussian posterior is reached by one affine step.
    With a context the encoder gives `context_dim` more numbers, (B, C), which each step of an
    affine flow sees: it is another flow for each image.

    Sources: Kingma et al., arXiv:1606.04934; Rezende and Mohamed, arXiv:1505.05770.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        kind: Literal["affine", "planar"] = "affine",
        num_steps: int = 2,
        hidden_dim: int = 64,
        context_dim: int = 0,
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        steps, hidden = size(num_steps, self, "num_steps"), size(hidden_dim, self, "hidden_dim")
        if kind not in ("affine", "planar"):
            raise VaeLabError(f"FlowPosteriorVAE: kind is 'affine' or 'planar', got {kind!r}")
        self.context_dim = size(context_dim, self, "context_dim", at_least=0)
        if kind == "affine":
            self.flow = affine_chain(self.latent_dim, steps, hidden, self.context_dim)
        elif self.context_dim:
            raise VaeLabError("FlowPosteriorVAE: only an affine flow takes a context")
        else:
            self.flow = Chain(Planar(self.latent_dim) for _ in range(steps))
        if self.context_dim:
            self.encoder = networks.encoder(2 * self.latent_dim + self.context_dim)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Parameters (mu, logvar) of q(u|x), before the flow, each (B, D)."""
        return self._encode(x)[:2]

    def posterior(
        self, x: Tensor, num_samples: int = 1, *, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        mu, logvar, context = self._encode(x)
        u, log_q = gaussian_samples(mu, logvar, num_samples, generator=generator)
        z, log_det = self.flow(u, context)
        return z, log_q - log_det

    def centre(self, x: Tensor) -> Tensor:
        """The image of the Gaussian's mean, which is not the mean of q."""
        mu, _, context = self._encode(x)
        return self.flow(mu, context)[0]

    def _encode(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """mu, logvar, and the context (B, C) if there is one."""
        if not self.context_dim:
            return *super().encode(x), None
        require_pixels(x, data_dim=self.data_dim)
        mu, logvar, context = self.encoder(x).split(
            [self.latent_dim, self.latent_dim, self.context_dim], dim=1
        )
        return mu, logvar, context
