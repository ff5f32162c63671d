"""What the models of quantized grids have in common: codes (B, n, C), a prior that is counted.

A uniform prior over K codes costs log K nats a place whatever the encoder does: it drops out of
the training. Which codes occur where is learned afterwards; here each place has its own
frequencies, counted while the model is trained, and samples come of them.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers.arguments import whole_number
from vae_helpers.pixels import require_pixels
from vae_zoo.contract import Autoencoder
from vae_zoo.likelihoods.densities import Likelihood, Name, likelihood
from vae_zoo.networks import Networks

MOMENTUM = 0.99  # of the counts


def straight_through(value: Tensor, like: Tensor) -> Tensor:
    """`value`, to the last digit, with the gradient of `like`.

    >>> z = torch.tensor([0.7], requires_grad=True)
    >>> straight_through(z.round(), z)
    tensor([1.], grad_fn=<AddBackward0>)
    """
    return value.detach() + (like - like.detach())


def perplexity(indices: Tensor, num_codes: int) -> Tensor:
    """exp of the entropy of how often each code occurs: from 1, one code for all, to num_codes.

    >>> perplexity(torch.tensor([0, 0, 2, 2]), 3)
    tensor(2.)
    """
    shares = torch.bincount(indices.flatten(), minlength=num_codes) / indices.numel()
    return torch.special.entr(shares).sum().exp()


class QuantizedGrid(Autoencoder):
    """An encoder to a grid of n places, codes by number, a decoder. Subclasses quantize."""

    counts: Tensor

    def __init__(
        self, networks: Networks, channels: int, num_codes: int, pixels: Name | Likelihood
    ) -> None:
        super().__init__()
        self.data_dim, self.grid_size, self.num_codes = (
            networks.data_dim, networks.grid_size, num_codes,
        )  # fmt: skip
        self.likelihood = likelihood(pixels)
        self.encoder = networks.grid_encoder(channels)
        self.decoder = networks.grid_decoder(channels, self.likelihood.outputs)
        self.register_buffer("counts", torch.full((networks.grid_size, num_codes), 1 / num_codes))

    def code(self, indices: Tensor) -> Tensor:
        """Codes (..., C) by number (...)."""
        raise NotImplementedError

    def index(self, z: Tensor) -> Tensor:
        """The numbers (...) of the codes nearest to z (..., C)."""
        raise NotImplementedError

    def encode(self, x: Tensor) -> Tensor:
        """What the encoder says, (B, n, C), before it is quantized."""
        require_pixels(x, data_dim=self.data_dim)
        return self.encoder(x)

    def decode(self, z: Tensor) -> Tensor:
        """What the likelihood makes pixels of, of codes (B, n, C)."""
        return self.decoder(z)

    def latent(self, x: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """The numbers of the codes, (B, n): nothing is random."""
        return self.index(self.encode(x))

    def representation(self, x: Tensor) -> Tensor:
        """The chosen codes of all places."""
        return self.code(self.index(self.encode(x))).flatten(1)

    @torch.no_grad()
    def count(self, indices: Tensor) -> None:
        """Follow the frequencies of the codes, (B, n), at each place."""
        found = F.one_hot(indices, self.num_codes).to(self.counts).mean(0)
        self.counts.lerp_(found, 1 - MOMENTUM)

    def bits(self, indices: Tensor) -> Tensor:
        """What the codes (B, n) cost under the counted prior, bits per image: (B,)."""
        shares = self.counts.clamp_min(1e-6)
        log_p = (shares / shares.sum(1, keepdim=True)).log()
        places = torch.arange(self.grid_size, device=indices.device)
        return -log_p[places, indices].sum(1) / math.log(2)

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        n = whole_number(n, "sample: n", at_least=0)
        shares = self.counts if generator is None else self.counts.to(generator.device)
        if n == 0:
            return self.counts.new_empty(0, self.data_dim)
        drawn = torch.multinomial(shares, n, replacement=True, generator=generator).mT
        return self.likelihood.mean(self.decode(self.code(drawn.to(self.counts.device))))

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        return self.likelihood.mean(self.decode(self.code(self.index(self.encode(x)))))
