"""Between ELBO and IWAE: tighter is not always better for the encoder.

The gradient of the encoder's parameters has a signal that vanishes faster with K than its noise.
These bounds spend the same codes differently.

Source: T. Rainforth et al., Tighter Variational Bounds are Not Necessarily Better,
arXiv:1802.04537, section 5.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vae_helpers.arguments import real_number
from vae_helpers.errors import VaeLabError
from vae_helpers.importance import iw_bound
from vae_zoo.bounds.importance_weighted import ImportanceWeighted
from vae_zoo.contract import Loss, Player, size, trainable
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks


def multiply_weighted_bound(log_w: Tensor, num_means: int) -> Tensor:
    """The mean of `num_means` bounds of as many equal parts of the weights (K, B): (B,).

    One part is IWAE's bound, K parts are the ELBO.

    >>> log_w = torch.tensor([[0.0], [1.0], [2.0], [3.0]])
    >>> multiply_weighted_bound(log_w, 4)
    tensor([1.5000])
    """
    if len(log_w) % num_means:
        raise VaeLabError(
            f"multiply_weighted_bound: {len(log_w)} weights do not split into {num_means} equal "
            "parts"
        )
    return torch.stack([iw_bound(part) for part in log_w.chunk(num_means)]).mean(0)


class MultiplyWeighted(ImportanceWeighted):
    """MIWAE: the mean of M bounds of K codes each.

    A known implementation takes the softmax of the losses (the sign is reversed), and lets
    gradients through it.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_samples: int = 5,
        num_means: int = 5,
    ) -> None:
        super().__init__(networks, latent_dim, pixels, num_samples=num_samples)
        self.num_means = size(num_means, self, "num_means")

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        log_w = self.log_weights(x, self.num_samples * self.num_means, generator=generator)
        bound = multiply_weighted_bound(log_w, self.num_means)
        return Loss(-bound, {"negative_elbo": -log_w.mean(0)})


class Combined(ImportanceWeighted):
    """CIWAE: share * ELBO + (1 - share) * IWAE, both of the same K codes."""

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_samples: int = 5,
        share: float = 0.5,
    ) -> None:
        super().__init__(networks, latent_dim, pixels, num_samples=num_samples)
        self.share = real_number(share, "Combined: share")
        if self.share > 1:
            raise VaeLabError(f"Combined: share must be between 0 and 1, got {share}")

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        log_w = self.log_weights(x, self.num_samples, generator=generator)
        elbo = log_w.mean(0)
        bound = self.share * elbo + (1 - self.share) * iw_bound(log_w)
        return Loss(-bound, {"negative_elbo": -elbo})


class Partial(MultiplyWeighted):
    """PIWAE: the decoder is trained on IWAE of M K codes, the encoder on MIWAE of as many."""

    def players(self) -> list[Player]:
        return [
            Player("encoder", trainable(self.encoder), super().loss),
            Player("decoder", trainable(self, without=self.encoder), self.loss),
        ]

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        log_w = self.log_weights(x, self.num_samples * self.num_means, generator=generator)
        return Loss(-iw_bound(log_w), {"negative_elbo": -log_w.mean(0)})
