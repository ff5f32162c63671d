"""Finite scalar quantization: numbers are rounded to a few levels. No codebook, no dead codes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from vae_helpers.errors import VaeLabError
from vae_zoo.contract import Loss, size
from vae_zoo.discrete.quantized import QuantizedGrid, straight_through
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks


def round_to_levels(z: Tensor, levels: Tensor) -> Tensor:
    """z (..., C) squeezed by tanh and rounded to `levels` (C,) values in [-1, 1], evenly spaced.

    The gradient is that of the tanh: rounding passes it through.

    >>> round_to_levels(torch.tensor([-9.0, 0.1, 9.0]), torch.tensor([3, 3, 2]))
    tensor([-1.,  0.,  1.])
    """
    half = (levels - 1).to(z) / 2
    bounded = torch.tanh(z) * half
    offset = half % 1  # an even number of levels has none at 0
    return straight_through((bounded - offset).round() + offset, bounded) / half


class FiniteScalar(QuantizedGrid):
    """C numbers at each place with levels[c] values each: prod(levels) codes. Loss: nll alone.

    As for VQVAE, the uniform prior's n log K nats are left out.

    Source: F. Mentzer et al., Finite Scalar Quantization: VQ-VAE Made Simple, arXiv:2309.15505,
    section 3.1 (there an even number of levels is shifted by half a level before the tanh).
    """

    levels: Tensor
    factors: Tensor

    def __init__(
        self,
        networks: Networks,
        pixels: Name | Likelihood = "bernoulli",
        *,
        levels: Sequence[int] = (5, 5, 3),
    ) -> None:
        if not levels:
            raise VaeLabError(
                "FiniteScalar: levels are missing: how many for each number, as (5, 5)"
            )
        each = [size(level, self, "levels", at_least=2) for level in levels]
        super().__init__(networks, len(each), math.prod(each), pixels)
        self.register_buffer("levels", torch.tensor(each))
        factors = [math.prod(each[:c]) for c in range(len(each))]
        self.register_buffer("factors", torch.tensor(factors))

    def code(self, indices: Tensor) -> Tensor:
        digits = indices[..., None] // self.factors % self.levels
        half = (self.levels - 1).to(self.counts) / 2
        return digits.to(self.counts) / half - 1

    def index(self, z: Tensor) -> Tensor:
        digits = (round_to_levels(z, self.levels) + 1) * ((self.levels - 1) / 2)
        return (digits.round().long() * self.factors).sum(-1)

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        z = self.encode(x)
        nll = self.likelihood.nll(self.decode(round_to_levels(z, self.levels)), x)
        if self.training:
            self.count(self.index(z))
        return Loss(nll, {"nll": nll})
