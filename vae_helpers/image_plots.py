"""Figures made of images, and the canvas that they are put on.

image_grid       images in rows of `columns`
reconstructions  originals above what the model makes of them
strip            rows of images with a name each: interpolations, the same codes over time

Images are (n, P) in [0, 1], square, P = side^2, or P = 3 side^2 in color.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vae_helpers.arguments import require_tensor, whole_number
from vae_helpers.errors import VaeLabError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES_PER_IMAGE = 0.7


def image_grid(
    images: Tensor, *, columns: int = 10, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Images (n, P) from left to right and top to bottom, `columns` in a row."""
    columns = whole_number(columns, "image_grid: columns")
    canvas = tiled(images, columns)
    rows = math.ceil(len(images) / columns)
    if ax is None:
        _, ax = figure_for(min(columns, len(images)), rows, titled=title is not None)
    show(ax, canvas)
    ax.set_axis_off()
    ax.set_title(title or "")
    return ax


def reconstructions(
    originals: Tensor, reconstructed: Tensor, *, title: str | None = None
) -> Figure:
    """Two rows: originals (n, P), and below each what the model makes of it (n, P)."""
    require_tensor(originals, "originals")
    require_tensor(reconstructed, "reconstructed")
    if originals.shape != reconstructed.shape:
        raise VaeLabError(
            f"reconstructions: {tuple(originals.shape)} originals, but "
            f"{tuple(reconstructed.shape)} reconstructed"
        )
    return strip(
        [originals, reconstructed],
        row_labels=["original", "reconstructed"],
        title="Test images and their reconstructions" if title is None else title,
    )


def strip(
    rows_of_images: Iterable[Tensor],
    *,
    row_labels: Sequence[str] | None = None,
    title: str | None = None,
) -> Figure:
    """Rows of images, each (n, P), with a label to the left of each."""
    rows = list(rows_of_images)
    for row in rows:
        require_tensor(row, "strip: a row")
    if not rows or len({row.shape for row in rows}) > 1:
        raise VaeLabError(f"strip: rows must be of one shape, got {[tuple(r.shape) for r in rows]}")
    if row_labels is not None and len(row_labels) != len(rows):
        raise VaeLabError(f"strip: {len(rows)} rows, but {len(row_labels)} labels")
    columns = len(rows[0])
    canvas = tiled(torch.cat([row.detach().cpu() for row in rows]), columns)
    widest = max(map(len, row_labels or [""]))
    margin = 0.09 * widest  # inches of text
    figure, ax = figure_for(columns, len(rows), titled=title is not None, margin=margin)
    show(ax, canvas)
    bare(ax)
    ax.set_xticks([])
    centers = _centers(len(rows), canvas.shape[0])
    ax.set_yticks(centers if row_labels else [], labels=row_labels or [])
    ax.set_title(title or "")
    return figure


def tiled(images: Tensor, columns: int, *, gap: int = 1) -> Tensor:
    """Images (n, P) on one canvas, (height, width) or (height, width, 3); nan between and after."""
    require_tensor(images, "images")
    if images.ndim != 2 or len(images) == 0:
        raise VaeLabError(f"images: expected shape (n, P), n > 0, got {tuple(images.shape)}")
    n, pixels = images.shape
    channels = 1 if math.isqrt(pixels) ** 2 == pixels else 3
    side = math.isqrt(pixels // channels)
    if channels * side**2 != pixels:
        raise VaeLabError(f"images: {pixels} pixels make no square, neither grey nor in color")
    columns = min(columns, n)
    rows, cell = math.ceil(n / columns), side + gap
    tiles = torch.full((rows * columns, channels, cell, cell), math.nan)
    tiles[:n, :, :side, :side] = images.detach().cpu().float().view(n, channels, side, side)
    tiles = tiles.view(rows, columns, channels, cell, cell).permute(0, 3, 1, 4, 2)
    canvas = tiles.reshape(rows * cell, columns * cell, channels)
    return canvas[: rows * cell - gap, : columns * cell - gap].squeeze(-1)


def show(ax: Axes, canvas: Tensor) -> None:
    if canvas.ndim == 3:
        canvas = canvas.nan_to_num(1.0)  # white, as matplotlib draws nan of grey images
    ax.imshow(canvas.numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def figure_for(
    columns: int,
    rows: int,
    *,
    titled: bool,
    margin: float = 0.0,
    inches_per_image: float = INCHES_PER_IMAGE,
) -> tuple[Figure, Axes]:
    """A new figure and its axes: room for so many images, a title, `margin` inches of labels."""
    import matplotlib.pyplot as plt

    width = columns * inches_per_image + margin + 0.2
    height = rows * inches_per_image + (margin and 0.2) + (0.4 if titled else 0.1)
    return plt.subplots(figsize=(width, height), layout="constrained")


def bare(ax: Axes) -> None:
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


def _centers(count: int, length: int) -> list[float]:
    """Middles of `count` equal cells along an image axis of `length` pixels."""
    return [(i + 0.5) * length / count - 0.5 for i in range(count)]
