"""Deep feature consistency: images are alike where a frozen network sees them alike."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from vae_helpers.arguments import real_number
from vae_helpers.errors import VaeLabError
from vae_zoo.likelihoods.densities import Likelihood


class Perceptual(Likelihood):
    """sum_l mean squared difference of features of layer l, times `weight`, plus `pixel_weight`
    times the squared error of pixels. No density: no bound.

    `layers` are applied one after another to images (B, P); the features are what the layers of the
    numbers `taken` give. They are frozen, stay in eval mode, and are no parameters to train.

    Source: X. Hou et al., Deep Feature Consistent Variational Autoencoder, arXiv:1610.00291,
    section 3 (there with another factor and without the pixels).
    """

    is_density = False

    def __init__(
        self,
        layers: nn.Sequential,
        taken: Sequence[int],
        *,
        weight: float = 100.0,
        pixel_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.layers = copy.deepcopy(layers).requires_grad_(False).eval()
        self.taken = sorted(set(taken))
        if not self.taken or not 0 <= self.taken[0] <= self.taken[-1] < len(layers):
            raise VaeLabError(
                f"Perceptual: taken are numbers of layers from 0 to {len(layers) - 1}, one at "
                f"least; got {list(taken)}"
            )
        self.weight = real_number(weight, "Perceptual: weight")
        self.pixel_weight = real_number(pixel_weight, "Perceptual: pixel_weight")

    def train(self, mode: bool = True) -> Any:
        super().train(mode)
        self.layers.eval()
        return self

    def features(self, x: Tensor) -> list[Tensor]:
        """Of images (B, P), one (B, ...) for each layer that is taken."""
        found, x = [], x.clone()  # layers may work in place
        for number, layer in enumerate(self.layers[: self.taken[-1] + 1]):
            x = layer(x)
            if number in self.taken:
                found.append(x.clone())
        return found

    def nll(self, raw: Tensor, x: Tensor) -> Tensor:
        with torch.no_grad():
            wanted = self.features(x)
        made = self.mean(raw)
        pairs = zip(self.features(made), wanted, strict=True)
        away = sum((a - b).square().flatten(1).mean(1) for a, b in pairs)
        return self.weight * away + self.pixel_weight * (made - x).square().sum(1)

    def mean(self, raw: Tensor) -> Tensor:
        return torch.sigmoid(raw)
