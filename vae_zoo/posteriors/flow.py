"""q(z|x) is a diagonal Gaussian, bent by a flow."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from vae_helpers.errors import VaeLabError
from vae_zoo.contract import size
from vae_zoo.flows import Chain, Planar, affine_chain
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import SampledKL


class FlowPosteriorVAE(SampledKL):
    """z = f(u), u ~ N(mu, diag(exp(logvar))): log q(z|x) = log q(u|x) - log |det df/du|.

    The same flow for all images; a correlated Gaussian posterior is reached by one affine step.

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
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        steps, hidden = size(num_steps, self, "num_steps"), size(hidden_dim, self, "hidden_dim")
        if kind not in ("affine", "planar"):
            raise VaeLabError(f"FlowPosteriorVAE: kind is 'affine' or 'planar', got {kind!r}")
        if kind == "affine":
            self.flow = affine_chain(self.latent_dim, steps, hidden)
        else:
            self.flow = Chain(Planar(self.latent_dim) for _ in range(steps))

    def posterior(
        self, x: Tensor, num_samples: int = 1, *, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        u, log_q = super().posterior(x, num_samples, generator=generator)
        z, log_det = self.flow(u)
        return z, log_q - log_det

    def centre(self, x: Tensor) -> Tensor:
        """The image of the Gaussian's mean, which is not the mean of q."""
        return self.flow(super().centre(x))[0]
