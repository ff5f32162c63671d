"""What the tests of vae_zoo have in common: a source of noise, small networks, a few images."""

import torch
from torch import Tensor

from vae_zoo.networks import FullyConnected


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def networks() -> FullyConnected:
    """For images of twelve pixels, in a grid of four places."""
    return FullyConnected(data_dim=12, hidden_dim=8, grid_size=4)


def pixels(n: int = 16) -> Tensor:
    """(n, 12) in [0, 1]."""
    return torch.rand(n, 12, generator=seeded(7))
