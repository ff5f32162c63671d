"""What both have in common: an autoencoder, then a prior of its codes; two stages of one fit."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from vae_helpers.errors import VaeLabError
from vae_zoo.contract import Autoencoder, Loss, Player, size, trainable
from vae_zoo.posteriors.gamma import GammaVAE
from vae_zoo.vae import GaussianVAE


class SecondStage(Autoencoder):
    """`first` is trained for `first_steps` steps; then it is frozen, and its codes are modelled.

    The second stage sees codes only: no gradient of it reaches the first.
    """

    step: Tensor

    def __init__(self, first: GaussianVAE, first_steps: int) -> None:
        super().__init__()
        if not isinstance(first, GaussianVAE) or isinstance(first, GammaVAE):
            raise VaeLabError(f"{type(self).__name__}: first must be a VAE with Gaussian codes")
        self.first = first
        self.first_steps = size(first_steps, self, "first_steps", at_least=0)
        self.register_buffer("step", torch.tensor(0))

    @property
    def in_second_stage(self) -> bool:
        return int(self.step) >= self.first_steps

    def after_step(self) -> None:
        if not self.in_second_stage:
            self.first.after_step()
        self.step += 1

    def train(self, mode: bool = True) -> Self:
        """What is frozen is in eval mode: no statistics of a batch move, nothing is dropped out."""
        super().train(mode)
        if self.in_second_stage:
            self.first.eval()
        return self

    def players(self) -> list[Player]:
        if not self.in_second_stage:
            return self.first.players()
        return [Player("second stage", trainable(self, without=self.first), self.loss)]

    def second_loss(self, z: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        """Of codes (B, D)."""
        raise NotImplementedError

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        """Of the second stage, on codes of q(z|x)."""
        with torch.no_grad():
            z = self.first.latent(x, generator=generator)
        return self.second_loss(z, generator=generator)

    def sample_codes(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Codes (n, D) of the second stage."""
        raise NotImplementedError

    def latent(self, x: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        return self.first.latent(x, generator=generator)

    def representation(self, x: Tensor) -> Tensor:
        return self.first.representation(x)

    def decode(self, z: Tensor) -> Tensor:
        return self.first.decode(z)

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        codes = self.sample_codes(n, generator=generator)
        return self.first.likelihood.mean(self.first.decode(codes))

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        return self.first.reconstruct(x)
