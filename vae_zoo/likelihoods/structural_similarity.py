"""SSIM: means, contrasts and correlations of small windows, at several scales. No density."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers.arguments import real_number, whole_number
from vae_helpers.errors import VaeLabError
from vae_zoo.likelihoods.densities import Likelihood

WINDOW = 7  # pixels across
C1, C2 = 0.01**2, 0.03**2  # for values in [0, 1]
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # of five scales, Wang et al. 2003


def ssim_parts(
    x: Tensor, y: Tensor, window: int = WINDOW, sigma: float = 1.5
) -> tuple[Tensor, Tensor]:
    """SSIM and its part of contrast and structure, each (B,), of (B, channels, H, W) in [0, 1].

    Windows are weighted by a Gaussian and lie inside the image; variances are divided by the whole
    weight, not by one less.

    Source: Z. Wang et al., Image Quality Assessment, 2004, equation 13.
    """
    if min(x.shape[-2:]) < window:
        raise VaeLabError(f"ssim: a window of {window} does not fit into {tuple(x.shape[-2:])}")
    places = torch.arange(window, dtype=x.dtype, device=x.device) - (window - 1) / 2
    line = (-0.5 * (places / sigma).square()).exp()
    line = line / line.sum()
    channels = x.shape[1]
    kernel = (line[:, None] * line).expand(channels, 1, window, window)

    def mean(values: Tensor) -> Tensor:
        return F.conv2d(values, kernel, groups=channels)

    mean_x, mean_y = mean(x), mean(y)
    var_x, var_y = mean(x.square()) - mean_x.square(), mean(y.square()) - mean_y.square()
    both = mean(x * y) - mean_x * mean_y
    structure = (2 * both + C2) / (var_x + var_y + C2)
    luminance = (2 * mean_x * mean_y + C1) / (mean_x.square() + mean_y.square() + C1)
    return (luminance * structure).flatten(1).mean(1), structure.flatten(1).mean(1)


def multiscale_ssim(x: Tensor, y: Tensor, scales: int = 2, window: int = WINDOW) -> Tensor:
    """Product over scales, each of half the size, of the structure to a power: (B,).

    The last scale has its luminance as well. Powers are those of five scales, made to sum to 1;
    small images have room for fewer scales. Below 1e-6 a factor counts as that, without a gradient.

    Source: Z. Wang, E. P. Simoncelli, A. C. Bovik, Multiscale Structural Similarity, 2003,
    equation 7.

    >>> image = torch.rand(1, 1, 28, 28)
    >>> multiscale_ssim(image, image)
    tensor([1.])
    """
    weights = [weight / sum(WEIGHTS[:scales]) for weight in WEIGHTS[:scales]]
    found = x.new_ones(len(x))
    for scale, weight in enumerate(weights):
        whole, structure = ssim_parts(x, y, window)
        part = whole if scale == len(weights) - 1 else structure
        found = found * part.clamp_min(1e-6) ** weight
        x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
    return found


class StructuralSimilarity(Likelihood):
    """`weight` (1 - MS-SSIM), with outputs as logits of pixels. No density: no bound.

    Source: J. Snell et al., Learning to Generate Images with Perceptual Similarity Metrics,
    arXiv:1511.06409.
    """

    is_density = False

    def __init__(
        self, side: int = 28, channels: int = 1, *, scales: int = 2, weight: float = 784.0
    ) -> None:
        super().__init__()
        self.side = whole_number(side, "StructuralSimilarity: side")
        self.channels = whole_number(channels, "StructuralSimilarity: channels")
        self.scales = whole_number(scales, "StructuralSimilarity: scales")
        self.weight = real_number(weight, "StructuralSimilarity: weight", positive=True)
        if self.scales > len(WEIGHTS):
            raise VaeLabError(f"StructuralSimilarity: at most {len(WEIGHTS)} scales, got {scales}")
        if self.side // 2 ** (self.scales - 1) < WINDOW:
            raise VaeLabError(
                f"StructuralSimilarity: {self.scales} scales of a side of {self.side} end below "
                f"the window of {WINDOW}; take fewer"
            )

    def nll(self, raw: Tensor, x: Tensor) -> Tensor:
        shape = (self.channels, self.side, self.side)
        pair = (x.unflatten(1, shape), self.mean(raw).unflatten(1, shape))
        return self.weight * (1 - multiscale_ssim(*pair, scales=self.scales))

    def mean(self, raw: Tensor) -> Tensor:
        return torch.sigmoid(raw)
