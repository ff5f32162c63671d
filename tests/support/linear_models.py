"""Models of the zoo whose parts are linear and Gaussian, so that everything about them is known."""

import math

import torch
from torch import Tensor, nn

from vae_helpers import LinearGaussian
from vae_zoo.likelihoods.densities import Gaussian

float64 = torch.float64


def linear_gaussian(*, orthogonal: bool, seed: int = 0) -> LinearGaussian:
    """Three latent dimensions, six pixels; with orthogonal columns the posterior is diagonal."""
    generator = torch.Generator().manual_seed(seed)
    W = torch.randn(6, 3, generator=generator, dtype=float64)
    if orthogonal:
        W = torch.linalg.qr(W).Q * torch.tensor([0.5, 1.0, 2.0], dtype=float64)
    return LinearGaussian(W=W, b=torch.full((6,), 0.5, dtype=float64), s=0.4)


def images(n: int = 5, seed: int = 1) -> Tensor:
    """(n, 6) in [0, 1]; every such row has a density under the model."""
    return torch.rand(n, 6, generator=torch.Generator().manual_seed(seed), dtype=float64)


class Computed(nn.Module):
    """A function as a layer, with a number that is no part of it for those who ask for a dtype."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function = function
        self.unused = nn.Parameter(torch.zeros((), dtype=float64))

    def forward(self, *arguments: Tensor) -> Tensor:
        return self.function(*arguments)


def decoder(model: LinearGaussian) -> nn.Linear:
    """z -> W z + b."""
    layer = nn.Linear(*reversed(model.W.shape), dtype=float64)
    with torch.no_grad():
        layer.weight.copy_(model.W)
        layer.bias.copy_(model.b)
    return layer


class LinearNetworks:
    """Networks of a linear-Gaussian model: the decoder is its mean, the encoder any function."""

    grid_size = 1

    def __init__(self, model: LinearGaussian, encoder) -> None:
        self.model, self.data_dim = model, len(model.b)
        self._encoder = encoder

    def encoder(self, outputs: int, extra: int = 0) -> nn.Module:
        return Computed(self._encoder)

    def decoder(self, inputs: int, outputs: int = 1) -> nn.Module:
        return decoder(self.model)


def posterior(model: LinearGaussian):
    """x -> mean and logvar of the posterior's marginals, side by side."""

    def encode(x: Tensor, *_: Tensor) -> Tensor:
        p = model.posterior(x)
        return torch.cat([p.mean, p.variance.log().expand_as(p.mean)], dim=1)

    return encode


def too_wide(model: LinearGaussian):
    """x -> mean and logvar of a q that is not the posterior."""

    def encode(x: Tensor, *_: Tensor) -> Tensor:
        p = model.posterior(x)
        return torch.cat([p.mean + 0.1, p.variance.log().expand_as(p.mean) + 0.4], dim=1)

    return encode


def exact(sort, *, orthogonal: bool = True, encoder=posterior, **settings):
    """A model of this class with the linear-Gaussian model's parts, and that model."""
    model = linear_gaussian(orthogonal=orthogonal)
    networks = LinearNetworks(model, encoder(model))
    made = sort(networks, 3, Gaussian(model.s), **settings).double()
    made.likelihood.log_sigma.fill_(math.log(model.s))  # which was rounded to float32
    return made, model
