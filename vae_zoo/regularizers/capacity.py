"""The KL is held at a capacity of so many nats, which grows while the model is trained."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_helpers.arguments import real_number
from vae_zoo.contract import Loss, size
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import GaussianVAE


class Capacity(torch.nn.Module):
    """Nats that grow in a line from 0 to `most` within `steps` steps, and stay there.

    >>> capacity = Capacity(most=20.0, steps=2)
    >>> [capacity.grow() or capacity.nats() for _ in range(3)]
    [10.0, 20.0, 20.0]
    """

    step: Tensor

    def __init__(self, most: float, steps: int) -> None:
        super().__init__()
        self.most = real_number(most, "Capacity: most")
        self.steps = size(steps, self, "steps")
        self.register_buffer("step", torch.tensor(0))

    def grow(self) -> None:
        """A step was taken."""
        self.step += 1

    def nats(self) -> float:
        return self.most * min(1.0, int(self.step) / self.steps)


class CapacityVAE(GaussianVAE):
    """nll + gamma | mean KL - C |, C from 0 to `most` nats within `steps` steps. No bound.

    Source: C. P. Burgess et al., Understanding disentangling in beta-VAE, arXiv:1804.03599,
    equation 8.
    """

    minimizes_bound = False

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        gamma: float = 30.0,
        most: float = 25.0,
        steps: int = 2000,
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        self.gamma = real_number(gamma, "CapacityVAE: gamma")
        self.capacity = Capacity(most, steps)

    def after_step(self) -> None:
        self.capacity.grow()

    def negative_elbo(self, nll: Tensor, kl: Tensor) -> Loss:
        """The capacity is that of the mean over images."""
        away = (kl.mean() - self.capacity.nats()).abs()
        return Loss(nll + self.gamma * away, {"nll": nll, "kl": kl})
