"""Encoders and decoders, handed to a model, which asks for as many outputs as it needs.

FullyConnected      hidden layers one after another, images of any size
Convolutional       strided convolutions down to a few pixels a side, grey or colour
ListedConvolutions  convolutions one by one, as a publication lists them

All take images as rows (B, P) and give them back so, whatever they do inside: P = channels * side
* side, in torch's order.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from vae_helpers.arguments import described, whole_number
from vae_helpers.errors import VaeLabError

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU, "tanh": nn.Tanh, "elu": nn.ELU, "softplus": nn.Softplus,
}  # fmt: skip


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

    Args:
        hidden_dim: units of the hidden layer, or of several from the images to the codes; the
            decoder has them in the other order.
        activation: after each hidden layer, one of ACTIVATIONS.

    Raises a VaeLabError for a size or a name that makes no sense.

    >>> networks = FullyConnected(data_dim=6, hidden_dim=5)
    >>> networks.encoder(4)(torch.zeros(2, 6)).shape, networks.decoder(3)(torch.zeros(2, 3)).shape
    (torch.Size([2, 4]), torch.Size([2, 6]))
    >>> FullyConnected(6, hidden_dim=(5, 2)).decoder(3)[2]
    Linear(in_features=2, out_features=5, bias=True)
    """

    def __init__(
        self,
        data_dim: int = 784,
        hidden_dim: int | Sequence[int] = 400,
        grid_size: int = 16,
        activation: str = "relu",
    ) -> None:
        self.data_dim = whole_number(data_dim, "FullyConnected: data_dim")
        hidden = hidden_dim if isinstance(hidden_dim, (list, tuple)) else [hidden_dim]
        self.hidden_dims = [whole_number(each, "FullyConnected: hidden_dim") for each in hidden]
        self.grid_size = whole_number(grid_size, "FullyConnected: grid_size")
        self.activation = _activation(activation, "FullyConnected")

    def encoder(self, outputs: int, extra: int = 0) -> nn.Module:
        sizes = [self.data_dim + extra, *self.hidden_dims, outputs]
        return _Joined(_layers(sizes, self.activation))

    def decoder(self, inputs: int, outputs: int = 1) -> nn.Module:
        sizes = [inputs, *reversed(self.hidden_dims), outputs * self.data_dim]
        return _layers(sizes, self.activation)

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
        return _Joined(_layers([inside + extra, self.hidden_dim, outputs]), features)

    def decoder(self, inputs: int, outputs: int = 1) -> nn.Module:
        return nn.Sequential(
            _layers([inputs, self.hidden_dim, self._inside * self.grid_size]),
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


class ListedConvolutions(Convolutional):
    """Convolutions one by one, as a publication lists them: kernels of 3 x 3, ReLU after each.

    The encoder's go to a linear layer with `hidden_dim` units and ReLU, and from there to a code. A
    linear layer leads from a code to the decoder's grid, which has the encoder's last side and
    channels; its convolutions are transposed, and one more without stride makes the outputs.

    Args:
        down, up: (channels, stride) of each convolution of the encoder and of the decoder; their
            strides come to the same factor, by which `side` can be divided.

    Raises a VaeLabError otherwise.

    >>> networks = ListedConvolutions(down=[(4, 1), (8, 2)], up=[(4, 2)], hidden_dim=5)
    >>> networks.grid_size, networks.decoder(3)(torch.zeros(2, 3)).shape
    (196, torch.Size([2, 784]))
    """

    def __init__(
        self,
        down: Sequence[tuple[int, int]],
        up: Sequence[tuple[int, int]],
        side: int = 28,
        channels: int = 1,
        hidden_dim: int = 256,
    ) -> None:
        super().__init__(side, channels, hidden_dim=hidden_dim)
        for pair in (*down, *up):
            if len(pair) != 2:
                raise VaeLabError(f"ListedConvolutions: (channels, stride) expected, got {pair}")
            for number in pair:
                whole_number(number, "ListedConvolutions: channels and strides")
        factors = [math.prod(stride for _, stride in each) for each in (down, up)]
        if not down or factors[0] != factors[1] or self.side % factors[0]:
            raise VaeLabError(
                f"ListedConvolutions: strides make {self.side} pixels a side {factors[0]} times "
                f"smaller and {factors[1]} times larger: it must be the same, and divide the side"
            )
        self.down, self.up = down, up
        self._sides = [self.side, self.side // factors[0]]
        self._widths = [down[-1][0]]
        self.grid_size = self._sides[-1] ** 2

    def decoder(self, inputs: int, outputs: int = 1) -> nn.Module:
        return nn.Sequential(
            nn.Linear(inputs, self._inside * self.grid_size),
            nn.Unflatten(1, (self._inside, self._sides[-1], self._sides[-1])),
            *self._up(outputs),
        )

    def _down(self) -> nn.Module:
        layers: list[nn.Module] = [nn.Unflatten(1, (self.channels, self.side, self.side))]
        before = self.channels
        for after, stride in self.down:
            layers += [nn.Conv2d(before, after, 3, stride, padding=1), nn.ReLU()]
            before = after
        return nn.Sequential(*layers)

    def _up(self, outputs: int) -> list[nn.Module]:
        layers: list[nn.Module] = [nn.ReLU()]
        before = self._inside
        for after, stride in self.up:
            larger = nn.ConvTranspose2d(before, after, 3, stride, 1, output_padding=stride - 1)
            layers += [larger, nn.ReLU()]
            before = after
        last = nn.Conv2d(before, outputs * self.channels, 3, padding=1)
        return [*layers, last, nn.Flatten()]


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


def _layers(sizes: Sequence[int], activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Linear layers of these sizes, from the inputs to the outputs, activations between them."""
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(sizes):
        layers += [nn.Linear(before, after), activation()]
    return nn.Sequential(*layers[:-1])


def _activation(name: object, what: str) -> type[nn.Module]:
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise VaeLabError(
            f"{what}: there is no activation {described(name)}; there are {', '.join(ACTIVATIONS)}"
        )
    return ACTIVATIONS[name]


def parameter_count(module: nn.Module) -> int:
    """How many numbers are learned.

    >>> parameter_count(FullyConnected(2, 3).encoder(4))  # 2 3 + 3, and 3 4 + 4
    25
    """
    return sum(each.numel() for each in module.parameters() if each.requires_grad)
