"""Cells of equal size that tile a box of one or two dimensions, for quadrature."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vae_helpers.arguments import whole_number
from vae_helpers.errors import VaeLabError


@dataclass(frozen=True)
class Grid:
    """steps^D cells that tile the box from `low` to `high`, in D = 1 or 2 dimensions.

    Attributes:
        low, high: the box's corners, D numbers each; a plain number is one dimension.
        steps: cells along each axis, at least 2.
        dtype: of the points; float64 unless a model wants another.

    Raises a VaeLabError when the corners do not span a box of one or two dimensions.

    >>> Grid(low=-1, high=1, steps=4).points.flatten().tolist()
    [-0.75, -0.25, 0.25, 0.75]
    >>> Grid(low=(-1, 0), high=(1, 3), steps=4).cell_area
    0.375
    """

    low: float | Sequence[float]
    high: float | Sequence[float]
    steps: int
    dtype: torch.dtype = torch.float64

    def __post_init__(self) -> None:
        whole_number(self.steps, "Grid: steps", at_least=2)
        try:
            low, high = self.corners
        except (TypeError, ValueError):
            low, high = (), ()
        spans = [math.isfinite(a + b) and a < b for a, b in zip(low, high, strict=False)]
        if len(low) != len(high) or len(low) not in (1, 2) or not all(spans):
            raise VaeLabError(
                "Grid: low and high must be one or two finite numbers each, low below high, "
                f"got {self.low} and {self.high}"
            )

    @property
    def corners(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """low and high, as tuples of D numbers."""
        return _numbers(self.low), _numbers(self.high)

    @property
    def axes(self) -> list[Tensor]:
        """The centers of the cells along each axis, D tensors of shape (steps,)."""
        centers = (torch.arange(self.steps, dtype=torch.float64) + 0.5) / self.steps
        return [(a + (b - a) * centers).to(self.dtype) for a, b in zip(*self.corners, strict=True)]

    @property
    def points(self) -> Tensor:
        """The centers of all cells, (steps^D, D), the last dimension running fastest."""
        return torch.cartesian_prod(*self.axes).view(-1, len(self.axes))

    @property
    def cell_area(self) -> float:
        """The size of a cell: a length in one dimension, an area in two."""
        return math.prod((b - a) / self.steps for a, b in zip(*self.corners, strict=True))

    def refined(self) -> Grid:
        """The same box in cells half as wide."""
        return dataclasses.replace(self, steps=2 * self.steps)

    def around(self) -> list[Grid]:
        """The grids of the same size and cells that lie around this one: 2, or 8 in two dimensions.

        With this one they cover a box three times as wide.
        """
        low, high = self.corners
        widths = [b - a for a, b in zip(low, high, strict=True)]
        return [
            Grid(
                [edge + m * w for edge, m, w in zip(low, move, widths, strict=True)],
                [edge + m * w for edge, m, w in zip(high, move, widths, strict=True)],
                self.steps,
                self.dtype,
            )
            for move in itertools.product((-1, 0, 1), repeat=len(widths))
            if any(move)
        ]


def _numbers(corner: float | Sequence[float]) -> tuple[float, ...]:
    return tuple(torch.as_tensor(corner, dtype=torch.float64).flatten().tolist())
