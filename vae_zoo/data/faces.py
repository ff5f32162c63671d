"""Small faces with known factors, drawn by code: any number, no download, no licence, no person.

Each image is made of six independent numbers between 0 and 1, so that what a code has learned can
be compared with what there was to learn. They stand here and not in vae_helpers because models of
factors are compared with nothing but each other: the labs' own numbers are MNIST's.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from vae_helpers.arguments import require_generator, require_tensor, whole_number
from vae_helpers.errors import VaeLabError

SIDE = 32
FACTORS = ("shape", "eyes", "mouth", "brows", "skin", "position")
AT_ONCE = 500  # images drawn together: what they need stays in the processor's cache
_BACKGROUND = (0.86, 0.90, 0.94)
_LIGHT, _DARK = (0.98, 0.83, 0.69), (0.40, 0.25, 0.16)  # of the skin
_WHITE, _PUPIL = (1.0, 1.0, 1.0), (0.10, 0.14, 0.22)
_BROW, _LIPS = (0.20, 0.13, 0.10), (0.72, 0.22, 0.25)


class Faces(NamedTuple):
    """images (N, 3 * 32 * 32) in [0, 1], channels first; factors (N, 6), by FACTORS, in [0, 1]."""

    images: Tensor
    factors: Tensor


def faces(n: int, *, generator: torch.Generator | None = None) -> Faces:
    """n faces of 32 x 32 pixels in colour, each factor uniform and independent of the others.

        shape     0 round, 1 long            mouth   0 sad, 1 glad         skin      0 light, 1 dark
        eyes      0 narrow, 1 wide open      brows   0 angry, 1 worried    position  0 left, 1 right

    Raises:
        VaeLabError: n is no whole number of at least 1.

    >>> images, factors = faces(2, generator=torch.Generator().manual_seed(0))
    >>> images.shape, factors.shape
    (torch.Size([2, 3072]), torch.Size([2, 6]))
    """
    n = whole_number(n, "faces: n")
    require_generator(generator, "faces")
    factors = torch.rand(n, len(FACTORS), generator=generator)
    return Faces(draw_faces(factors), factors)


def draw_faces(factors: Tensor) -> Tensor:
    """The faces (N, 3072) with these factors (N, 6) in [0, 1]: the same picture every time.

    Raises:
        VaeLabError: the shape is another one, or a factor is outside [0, 1].

    >>> middle = torch.full((1, 6), 0.5)
    >>> torch.equal(draw_faces(middle), draw_faces(middle))
    True
    """
    require_tensor(factors, "draw_faces: factors")
    if factors.ndim != 2 or factors.shape[1] != len(FACTORS):
        raise VaeLabError(
            f"draw_faces: factors must be (N, {len(FACTORS)}), one number for each of "
            f"{', '.join(FACTORS)}, got {tuple(factors.shape)}"
        )
    if not bool(((factors >= 0) & (factors <= 1)).all()):
        raise VaeLabError("draw_faces: factors must lie in [0, 1]")
    return torch.cat([_drawn(part.float()).flatten(1) for part in factors.split(AT_ONCE)])


def _drawn(factors: Tensor) -> Tensor:
    """(n, 3, 32, 32); lengths are in pixels, y points down, the face's middle is (0, 0)."""
    shape, eyes, mouth, brows, skin, position = factors.T[:, :, None, None]  # (n, 1, 1) each
    places = torch.arange(SIDE, dtype=torch.float32) - (SIDE - 1) / 2
    x = places - 8 * (position - 0.5)  # (n, 1, 32)
    y = places[:, None].expand(1, SIDE, 1)
    image = _colour(_BACKGROUND).expand(len(factors), 3, SIDE, SIDE)
    tone = _colour(_LIGHT).lerp(_colour(_DARK), skin[:, None])
    image = _painted(image, tone, _ellipse(x, y, 10.5 - 2.5 * shape, 10.5 + 3.0 * shape))
    side = x.abs()  # left and right are alike
    white = _ellipse(side - 4.2, y + 2.0, torch.tensor(2.6), 0.5 + 2.0 * eyes)
    pupil = _ellipse(side - 4.2, y + 2.0, torch.tensor(1.3), torch.tensor(1.3))
    image = _painted(image, _colour(_WHITE), white)
    image = _painted(image, _colour(_PUPIL), white * pupil)
    slope = 1.3 * (brows - 0.5)  # inner ends low: angry
    brow = (y + 6.2 + slope * (4.2 - side)).abs() - 0.7
    brow = _inside(torch.maximum(brow, (side - 4.2).abs() - 2.4))
    image = _painted(image, _colour(_BROW), brow)
    lips = (y - 5.5 + 5.0 * (mouth - 0.5) * ((x / 4.0).square() - 0.5)).abs() - 0.8
    return _painted(image, _colour(_LIPS), _inside(torch.maximum(lips, side - 4.0)))


def _colour(values: tuple[float, float, float]) -> Tensor:
    return torch.tensor(values)[:, None, None]


def _ellipse(x: Tensor, y: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """How much of each pixel is inside, (n, 32, 32); nearly, at the edge."""
    radius = ((x / across).square() + (y / down).square()).sqrt()
    return _inside((radius - 1) * torch.minimum(across, down))


def _inside(distance: Tensor) -> Tensor:
    """The share of a pixel within a shape, by its middle's distance from the edge in pixels."""
    return (0.5 - distance).clamp(0, 1)


def _painted(image: Tensor, colour: Tensor, share: Tensor) -> Tensor:
    """Colour laid over the image, by the share (n, 32, 32) of each pixel that it covers."""
    return image.lerp(colour.expand_as(image), share[:, None].expand_as(image))
