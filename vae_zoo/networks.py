"""Encoders and decoders, handed to a model, which asks for as many outputs as it needs.

FullyConnected  one hidden layer, images of any size
Convolutional   strided convolutions down to a few pixels a side, grey or colour

Both take images as rows (B, P) and give them back so, whatever they do inside: P = channels * side
* side, in torch's order.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from vae_helpers.arguments import whole_number
from vae_helpers.errors import VaeLabError


class Networks(Protocol):
    """What a model asks of the networks handed to it.

    Attributes:
        data_dim: P.
        grid_size: n, how many places of an image's grid have a code of their own (see `grid_*`).
    """

    data_dim: int
    grid_size: int

    def encoder(self, outputs: int, extra: int = 0) -> nn.Module:
        """x (B, P) -> (B, outputs); called with (x, e), e (B, extra), if there is more to see."""

    def decoder(self, inputs: int, outputs: int = 1) -> nn.Module:
        """z (B, inputs) -> (B, outputs * P): `outputs` numbers for each pixel, one after another
        for all pixels."""

    def grid_encoder(self, channels: int) -> nn.Module:
        """x (B, P) -> (B, n, channels)."""

    def grid_decoder(self, channels: int, outputs: int = 1) -> nn.Module:
        """(B, n, channels) -> (B, outputs * P)."""


class FullyConnected:
    """The 784-400-D networks of the reference VAE, or of other sizes.

    >>> networks = FullyConnected(data_dim=6, hidden_dim=5)
    >>> networks.encoder(4)(torch.zeros(2, 6)).shape, networks.decoder(3)(torch.zeros(2, 3)).shape
    (torch.Size([2, 4]), torch.Size([2, 6]))
    """

    def __init__(self, data_dim: int = 784, hidden_dim: int = 400, grid_size: int = 16) -> None:
        self.data_dim = whole_number(data_dim, "FullyConnected: data_dim")
        self.hidden_dim = whole_number(hidden_dim, "FullyConnected: hidden_dim")
        self.grid_size = whole_number(grid_size, "FullyConnected: grid_size")

    def encoder(self, outputs: int, extra: int = 0) -> nn.Module:
        return _Joined(_layers(self.data_dim + extra, self.hidden_dim, outputs))

    def decoder(self, inputs: int, outputs: int = 1) -> nn.Module:
        return _layers(inputs, self.hidden_dim, outputs * self.data_dim)

    def grid_encoder(self, channels: int) -> nn.Module:
        places = nn.Unflatten(1, (self.grid_size, channels))
        return nn.Sequential(self.encoder(self.grid_size * channels), places)

    def grid_decoder(self, channels: int, outputs: int = 1) -> nn.Module:
        return nn.Sequential(nn.Flatten(), self.decoder(self.grid_size * channels, outputs))


class Convolutional:
    """Convolutions of stride 2, at least one, until a side has `smallest` pixels, and back.

    `width` channels at the first of them, twice as many at each further one. A linear layer with
    `hidden_dim` units stands between the smallest grid and a code; the codes of `grid_encoder` are
    one for each place of that grid.

    Raises a VaeLabError for a side that is no even number.

    >>> networks = Convolutional(side=28, width=4)
    >>> networks.grid_size, networks.decoder(3, outputs=2)(torch.zeros(5, 3)).shape
    (49, torch.Size([5, 1568]))
    """

    def __init__(
        self,
        side: int = 28,
        channels: int = 1,
        width: int = 32,
        hidden_dim: int = 256,
        smallest: int = 8,
    ) -> None:
        self.side = whole_number(side, "Convolutional: side", at_least=2)
        self.channels = whole_number(channels, "Convolutional: channels")
        self.width = whole_number(width, "Convolutional: width")
        self.hidden_dim = whole_number(hidden_dim, "Convolutional: hidden_dim")
        smallest = whole_number(smallest, "Convolutional: smallest")
        if self.side % 2:
            raise VaeLabError(
                f"Convolutional: side must be an even number, got {self.side}; cut or pad the "
                f"images to {self.side - 1} or {self.side + 1}"
            )
        self._sides = [self.side]
        while len(self._sides) == 1 or self._sides[-1] > smallest:
            self._sides.append((self._sides[-1] + 1) // 2)
        self._widths = [self.width * 2**level for level in range(len(self._sides) - 1)]
        self.data_dim = self.channels * self.side**2
        self.grid_size = self._sides[-1] ** 2

    def encoder(self, outputs: int, extra: int = 0) -> nn.Module:
        features = nn.Sequential(self._down(), nn.Flatten())
        inside = self._inside * self.grid_size
        return _Joined(_layers(inside + extra, self.hidden_dim, outputs), features)

    def decoder(self, inputs: int, outputs: int = 1) -> nn.Module:
        return nn.Sequential(
            _layers(inputs, self.hidden_dim, self._inside * self.grid_size),
            nn.Unflatten(1, (self._inside, self._sides[-1], self._sides[-1])),
            *self._up(outputs),
        )

    def grid_encoder(self, channels: int) -> nn.Module:
        return nn.Sequential(
            self._down(), nn.Conv2d(self._inside, channels, 1), nn.Flatten(2), _Swapped()
        )

    def grid_decoder(self, channels: int, outputs: int = 1) -> nn.Module:
        return nn.Sequential(
            _Swapped(),
            nn.Unflatten(2, (self._sides[-1], self._sides[-1])),
            nn.Conv2d(channels, self._inside, 1),
            *self._up(outputs),
        )

    @property
    def _inside(self) -> int:
        """Channels of the smallest grid."""
        return self._widths[-1]

    def _down(self) -> nn.Module:
        layers: list[nn.Module] = [nn.Unflatten(1, (self.channels, self.side, self.side))]
        for before, after in zip([self.channels, *self._widths], self._widths, strict=False):
            layers += [nn.Conv2d(before, after, kernel_size=3, stride=2, padding=1), nn.ReLU()]
        return nn.Sequential(*layers)

    def _up(self, outputs: int) -> list[nn.Module]:
        """From the smallest grid, before its activation, to rows."""
        layers: list[nn.Module] = []
        widths = [outputs * self.channels, *self._widths]
        for level in reversed(range(len(self._widths))):
            # A side of 2 m - 1 or 2 m was made m on the way down: the padding tells which.
            even = 1 - self._sides[level] % 2
            layers += [
                nn.ReLU(),
                nn.ConvTranspose2d(widths[level + 1], widths[level], 3, 2, 1, output_padding=even),
            ]
        return [*layers, nn.Flatten()]


class _Joined(nn.Module):
    """Layers that see the features of an image and, beside them, what else is given."""

    def __init__(self, layers: nn.Module, features: nn.Module | None = None) -> None:
        super().__init__()
        self.features = nn.Identity() if features is None else features
        self.layers = layers

    def forward(self, x: Tensor, *beside: Tensor) -> Tensor:
        return self.layers(torch.cat([self.features(x), *beside], dim=1))


class _Swapped(nn.Module):
    """(B, channels, n) <-> (B, n, channels)"""

    def forward(self, values: Tensor) -> Tensor:
        return values.mT


def _layers(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))


def parameter_count(module: nn.Module) -> int:
    """How many numbers are learned.

    >>> parameter_count(FullyConnected(2, 3).encoder(4))  # 2 3 + 3, and 3 4 + 4
    25
    """
    return sum(each.numel() for each in module.parameters() if each.requires_grad)
