"""IWAE: the loss is minus the bound of K importance weights."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_helpers.importance import iw_bound
from vae_zoo.contract import Loss, size
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import GaussianVAE


class ImportanceWeighted(GaussianVAE):
    """-log 1/K sum_k w_k, with K codes an image; K = 1 is the ELBO with its KL sampled.

    Its gradient is the mean of the gradients of log w_k, weighted by w_k / sum w: the best codes
    count most. A known implementation long weighted by the softmax of the *losses*, so that the
    worst did, and still averages log densities over pixels and dimensions in place of adding them.

    Source: Y. Burda, R. Grosse, R. Salakhutdinov, arXiv:1509.00519, equations 8 and 14.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_samples: int = 5,
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        self.num_samples = size(num_samples, self, "num_samples")

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        log_w = self.log_weights(x, self.num_samples, generator=generator)
        return Loss(-iw_bound(log_w), {"negative_elbo": -log_w.mean(0)})
