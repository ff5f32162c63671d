"""The distance of the codes from the prior, seen from random sides."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers.errors import VaeLabError
from vae_helpers.model import standard_normal_like
from vae_zoo.contract import size
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.regularizers.discrepancy import WassersteinAutoencoder


def sliced_wasserstein(
    z: Tensor, y: Tensor, num_directions: int, *, generator: torch.Generator | None = None
) -> Tensor:
    """Mean over random directions of the squared Wasserstein-2 distance of z and y (B, D) along it.

    In one dimension the best transport pairs the smallest with the smallest: both are sorted. Of
    N(m, s^2 I) and N(0, I) it is |m|^2 / D + (s - 1)^2.

    >>> sliced_wasserstein(torch.ones(2, 1), torch.zeros(2, 1), 3)
    tensor(1.)
    """
    if z.shape != y.shape:
        raise VaeLabError(
            f"sliced_wasserstein: as many codes of both kinds are needed, got {tuple(z.shape)} "
            f"and {tuple(y.shape)}"
        )
    like = z.new_empty(z.shape[1], num_directions)
    directions = F.normalize(standard_normal_like(like, generator=generator), dim=0)
    along, prior = ((codes @ directions).sort(0).values for codes in (z, y))
    return (along - prior).square().mean()


class SlicedWasserstein(WassersteinAutoencoder):
    """nll + weight SW^2 of codes without noise. No bound.

    A known implementation divides its weight by B (B - 1), 20,000 at a batch of 144: next to
    nothing is left of it.

    Source: S. Kolouri et al., Sliced-Wasserstein Autoencoder, arXiv:1804.01947, algorithm 1.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        weight: float = 100.0,
        num_directions: int = 50,
    ) -> None:
        super().__init__(networks, latent_dim, pixels, weight=weight)
        self.num_directions = size(num_directions, self, "num_directions")

    def distance(self, z: Tensor, y: Tensor, generator: torch.Generator | None) -> Tensor:
        return sliced_wasserstein(z, y, self.num_directions, generator=generator)
