"""How far samples are from images: the Frechet distance of features in a small network of ours.

    d^2 = |m_1 - m_2|^2 + tr(C_1 + C_2 - 2 (C_1 C_2)^(1/2))

of the Gaussians with the means and covariances of two sets of features. It is not the FID, whose
features are Inception's: numbers of one network compare with its own alone. What real images that
were held back are away from others is the floor.

Source: D. C. Dowson, B. V. Landau, The Frechet Distance between Multivariate Normal Distributions,
1982; M. Heusel et al., arXiv:1706.08500 (of features).
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from vae_helpers.errors import VaeLabError

WEIGHTS = Path(__file__).parent / "data" / "features"
NUM_FEATURES = 32
AT_ONCE = 1000


class FeatureNetwork(nn.Module):
    """Two convolutions and a layer of 32 features, below a linear output: rows (B, P) -> (B, n)."""

    def __init__(self, side: int, channels: int, outputs: int) -> None:
        super().__init__()
        small = side // 4
        self.features = nn.Sequential(
            nn.Unflatten(1, (channels, side, side)),
            nn.Conv2d(channels, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(min(small, 4)),
            nn.Flatten(), nn.Linear(32 * min(small, 4) ** 2, NUM_FEATURES), nn.ReLU(),
        )  # fmt: skip
        self.output = nn.Linear(NUM_FEATURES, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.features(x))


def trained(data: Literal["mnist", "faces"]) -> FeatureNetwork:
    """The network that was trained to tell digits, or to tell the factors of faces, frozen.

    Raises:
        VaeLabError: its file is missing or damaged.
    """
    shapes = {"mnist": (28, 1, 10), "faces": (32, 3, 6)}
    if data not in shapes:
        raise VaeLabError(f"trained: there are networks for {' and '.join(shapes)}, got {data!r}")
    network, file = FeatureNetwork(*shapes[data]), WEIGHTS / f"{data}.pt"
    try:
        state = torch.load(file, weights_only=True)
        network.load_state_dict({name: value.float() for name, value in state.items()})
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise VaeLabError(
            f"{file} is missing or damaged ({type(error).__name__}): restore it, or make it anew "
            "with tests/measure/zoo_features.py"
        ) from None
    return network.requires_grad_(False).eval()


@torch.no_grad()
def features_of(network: FeatureNetwork, images: Tensor) -> Tensor:
    """Features (N, 32), float64, of images (N, P)."""
    return torch.cat([network.features(part).double() for part in images.split(AT_ONCE)])


def frechet_distance(one: Tensor, other: Tensor) -> float:
    """The squared Frechet distance of the Gaussians fitted to features (M, F) and (N, F).

    Biased: of two sets of one distribution it is above 0, the more so the smaller they are.

    >>> zero = torch.tensor([[0.0], [2.0]], dtype=torch.float64)
    >>> round(frechet_distance(zero, zero + 3), 6)  # the same spread, three apart
    9.0
    """
    if one.ndim != 2 or one.shape[1:] != other.shape[1:] or min(len(one), len(other)) < 2:
        raise VaeLabError(
            f"frechet_distance: features must be (M, F) and (N, F), two of each at least, "
            f"got {tuple(one.shape)} and {tuple(other.shape)}"
        )
    means = (one.mean(0) - other.mean(0)).square().sum()
    first, second = (torch.atleast_2d(torch.cov(each.T)) for each in (one, other))
    root = _root(first)
    # (C_1 C_2)^(1/2) has the trace of (C_1^(1/2) C_2 C_1^(1/2))^(1/2), which is symmetric.
    cross = _root(root @ second @ root).trace()
    return (means + first.trace() + second.trace() - 2 * cross).clamp_min(0).item()


def _root(matrix: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp_min(0).sqrt()) @ vectors.T
