"""Figures used in more than one notebook, drawn by matplotlib's pyplot.

image_grid       images in rows of `columns`
reconstructions  originals above what the model makes of them
strip            rows of images with a name each: interpolations, the same codes over time
loss_curves      the negative ELBO and its two terms by epoch, of one run or several
latent_scatter   codes in two latent dimensions, colored by class
manifold         what a decoder makes of a grid of codes in two dimensions

Images are (n, P) in [0, 1], square, P = side^2, or P = 3 side^2 in color. Each function returns the
figure or axes that it drew on; in a notebook, `plt.show()` or a semicolon ends the cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from vae_helpers.arguments import require_tensor, whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.model_contract import place_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Ten colors that people with any kind of color vision tell apart: M. A. Petroff, Accessible Color
# Sequences for Data Visualization, arXiv:2107.02270.
TEN_COLORS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6",
    "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip

INCHES_PER_IMAGE = 0.7


def image_grid(
    images: Tensor, *, columns: int = 10, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Images (n, P) from left to right and top to bottom, `columns` in a row."""
    columns = whole_number(columns, "image_grid: columns")
    canvas = _tiled(images, columns)
    rows = math.ceil(len(images) / columns)
    if ax is None:
        _, ax = _figure_for(min(columns, len(images)), rows, titled=title is not None)
    _show(ax, canvas)
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
    canvas = _tiled(torch.cat([row.detach().cpu() for row in rows]), columns)
    widest = max(map(len, row_labels or [""]))
    margin = 0.09 * widest  # inches of text
    figure, ax = _figure_for(columns, len(rows), titled=title is not None, margin=margin)
    _show(ax, canvas)
    _bare(ax)
    ax.set_xticks([])
    centers = _centers(len(rows), canvas.shape[0])
    ax.set_yticks(centers if row_labels else [], labels=row_labels or [])
    ax.set_title(title or "")
    return figure


def loss_curves(
    history: Any,
    *,
    reference: Sequence[float] | None = None,
    title: str | None = None,
) -> Figure:
    """Negative ELBO, reconstruction and KL by epoch, apart, in nats per image.

    Args:
        history: a History; a dict of lists "train_nll", "train_kl", "test_nll", "test_kl" (the
            test ones may be missing); or a dict of such by name, to compare runs.
        reference: a published test loss by epoch.
        title: of the figure.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    runs = _runs_by_name(history)
    figure, panels = plt.subplots(1, 3, figsize=(10.5, 3.4), layout="constrained")
    for color, (name, run) in zip(TEN_COLORS * len(runs), runs.items(), strict=False):
        for split, style in (("train", "--"), ("test", "-")):
            nll, kl = run[f"{split}_nll"], run[f"{split}_kl"]
            epochs = range(1, len(nll) + 1)
            for ax, values in zip(panels, (_sums(nll, kl), nll, kl), strict=True):
                if values:
                    label = f"{name} {split}".strip()
                    ax.plot(epochs, values, style, color=color, marker=".", label=label)
    if reference is not None and len(reference):
        epochs = range(1, len(reference) + 1)
        panels[0].plot(epochs, reference, "x", color="black", label="reference", zorder=3)
    names = ("Negative ELBO (sum of both)", "Reconstruction (nll)", "KL(q(z|x) || p(z))")
    for ax, name in zip(panels, names, strict=True):
        ax.set(title=name, xlabel="epoch", ylabel="nats per image")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
    panels[0].legend()
    if title:
        figure.suptitle(title)
    return figure


def latent_scatter(
    mu: Tensor,
    labels: Tensor,
    *,
    dims: tuple[int, int] = (0, 1),
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Codes mu (N, D) of images in two of their dimensions, colored by label (N,).

    The name of a class stands at the median of its points, so that color is not needed to read it.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patheffects import withStroke

    require_tensor(mu, "latent_scatter: mu")
    require_tensor(labels, "latent_scatter: labels")
    first, second = dims
    if mu.ndim != 2 or not all(-mu.shape[1] <= d < mu.shape[1] for d in dims):
        raise VaeLabError(f"latent_scatter: codes {tuple(mu.shape)} have no dimensions {dims}")
    points = mu.detach().cpu()[:, [first, second]]
    labels = labels.detach().cpu()
    if len(labels) != len(points):
        raise VaeLabError(f"latent_scatter: {len(points)} codes, but {len(labels)} labels")
    if ax is None:
        _, ax = plt.subplots(figsize=(6.2, 5.6), layout="constrained")
    # One scatter in the order of the data: drawn class by class, the last would hide the first.
    classes, index = labels.unique(return_inverse=True)
    colors = [TEN_COLORS[i % len(TEN_COLORS)] for i in range(len(classes))]
    x, y = points.T
    ax.scatter(x, y, s=5, c=[colors[i] for i in index.tolist()], alpha=0.6, linewidths=0)
    for color, label in zip(colors, classes.tolist(), strict=True):
        ax.scatter([], [], s=45, color=color, label=str(label))  # for the legend
        ax.annotate(
            str(label),
            tuple(points[labels == label].median(0).values.tolist()),
            ha="center",
            va="center",
            weight="bold",
            size=13,
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )
    ax.set(xlabel=f"mean of $z_{{{first}}}$", ylabel=f"mean of $z_{{{second}}}$")
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_title("Posterior means, by digit" if title is None else title)
    ax.legend(title="digit", loc="center left", bbox_to_anchor=(1, 0.5))
    ax.grid(alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def manifold(
    decode: Callable[[Tensor], Tensor], *, steps: int = 20, title: str | None = None
) -> Figure:
    """What `decode` makes of steps x steps codes spread evenly over the mass of the prior N(0, I).

    Neighbors are equally probable, not equally far apart: the coordinates are quantiles of the
    standard normal (Kingma and Welling, figure 4), and the axes are labeled in z.

    Args:
        decode: z (n, 2) -> logits (n, P).
        steps: images along an axis.
    """
    from scipy.stats import norm

    steps = whole_number(steps, "manifold: steps")
    quantiles = torch.as_tensor(norm.ppf([(i + 0.5) / steps for i in range(steps)]))
    z = torch.cartesian_prod(quantiles.flip(0), quantiles).flip(1)  # z_1 falls from row to row
    place, dtype = place_of(getattr(decode, "__self__", torch.nn.Module()), torch.zeros(()))
    with torch.no_grad():
        images = torch.sigmoid(decode(z.to(place, dtype)))
    figure, ax = _figure_for(steps, steps, titled=True, margin=0.6, inches_per_image=7 / steps)
    canvas = _tiled(images, steps, gap=0)
    _show(ax, canvas)
    _bare(ax)
    # Round numbers where they belong on axes that are even in probability.
    ticks = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]
    places, names = norm.cdf(ticks) * len(canvas) - 0.5, [f"{z:g}" for z in ticks]
    ax.set_xticks(places, labels=names)
    ax.set_yticks(len(canvas) - 1 - places, labels=names)
    ax.set(xlabel="$z_0$ (even in probability)", ylabel="$z_1$ (even in probability)")
    ax.set_title("Decoded codes over the plane of the prior" if title is None else title)
    return figure


def _tiled(images: Tensor, columns: int, *, gap: int = 1) -> Tensor:
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


def _show(ax: Axes, canvas: Tensor) -> None:
    if canvas.ndim == 3:
        canvas = canvas.nan_to_num(1.0)  # white, as matplotlib draws nan of grey images
    ax.imshow(canvas.numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def _figure_for(
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


def _bare(ax: Axes) -> None:
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


def _centers(count: int, length: int) -> list[float]:
    """Middles of `count` equal cells along an image axis of `length` pixels."""
    return [(i + 0.5) * length / count - 0.5 for i in range(count)]


def _runs_by_name(history: Any) -> dict[str, dict[str, list[float]]]:
    """One run or several as {name: {"train_nll": ..., ...}}; a single run has no name."""
    several = isinstance(history, Mapping) and "train_nll" not in history
    runs = history if several else {"": history}
    keys = ("train_nll", "train_kl", "test_nll", "test_kl")
    return {
        name: {
            key: list(run.get(key, ()) if isinstance(run, Mapping) else getattr(run, key))
            for key in keys
        }
        for name, run in runs.items()
    }


def _sums(nll: list[float], kl: list[float]) -> list[float]:
    return [a + b for a, b in zip(nll, kl, strict=True)]
