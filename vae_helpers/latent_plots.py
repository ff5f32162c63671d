"""Figures of the space of codes: where images lie in it, and what lies where.

latent_scatter  codes in two latent dimensions, colored by class
latent_panels   the same, one panel a class: what is hidden in a crowd shows
manifold        what a decoder makes of a grid of codes in two dimensions
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vae_helpers.arguments import require_tensor, whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.image_plots import bare, figure_for, show, tiled
from vae_helpers.model_contract import place_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Ten colors, none of them grey, whose nearest two are 23 apart in CIE L*a*b* for people with any
# kind of color vision (G. M. Machado et al., A physiologically-based model for simulation of color
# vision deficiency, 2009). Digits that often lie side by side (4, 7, 9; 3, 5, 8) are further apart.
TEN_COLORS = (
    "#0077bb", "#72190e", "#ee6677", "#e69f00", "#cc3311",
    "#000000", "#ddcc77", "#332288", "#882e72", "#66ccee",
)  # fmt: skip

PANELS_IN_A_ROW = 5


def latent_scatter(
    mu: Tensor,
    labels: Tensor,
    *,
    dims: tuple[int, int] = (0, 1),
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Codes mu (N, D) of images in two of their dimensions, colored by label (N,).

    The name of a class stands at the median of its points, or beside it where two names would
    cover each other. Where classes overlap no color tells them apart: see `latent_panels`.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patheffects import withStroke

    points, labels = _points(mu, labels, dims, "latent_scatter")
    if ax is None:
        _, ax = plt.subplots(figsize=(6.2, 5.6), layout="constrained")
    # One scatter in the order of the data: drawn class by class, the last would hide the first.
    classes, index = labels.unique(return_inverse=True)
    colors = [TEN_COLORS[i % len(TEN_COLORS)] for i in range(len(classes))]
    x, y = points.T.numpy()
    ax.scatter(x, y, s=5, c=[colors[i] for i in index.tolist()], alpha=0.6, linewidths=0)
    medians = torch.stack([points[labels == label].median(0).values for label in classes])
    width = float((points.max(0).values - points.min(0).values).max())
    places = apart(medians, 0.055 * width)
    for color, label, median, place in zip(
        colors, classes.tolist(), medians.tolist(), places.tolist(), strict=True
    ):
        ax.scatter([], [], s=45, color=color, label=str(label))  # for the legend
        ax.annotate(
            str(label),
            median,
            xytext=place,
            ha="center",
            va="center",
            weight="bold",
            size=13,
            color=color,
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )
    ax.set_aspect("equal", adjustable="datalim")
    _name_axes(ax, dims)
    ax.set_title("Posterior means, by digit" if title is None else title)
    ax.legend(title="digit", loc="center left", bbox_to_anchor=(1, 0.5))
    ax.grid(alpha=0.3)
    return ax


def latent_panels(
    mu: Tensor, labels: Tensor, *, dims: tuple[int, int] = (0, 1), title: str | None = None
) -> Figure:
    """Codes mu (N, D) in two of their dimensions, one panel for each label (N,).

    A panel has all codes in grey, those of its class in color, and around these the contours
    that hold a half and nine tenths of their density, as seaborn estimates it.
    """
    import matplotlib.pyplot as plt
    import seaborn as sns

    points, labels = _points(mu, labels, dims, "latent_panels")
    classes = labels.unique().tolist()
    columns = min(PANELS_IN_A_ROW, len(classes))
    rows = math.ceil(len(classes) / columns)
    figure, panels = plt.subplots(
        rows,
        columns,
        figsize=(2.1 * columns + 0.3, 2.1 * rows + 0.6),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    everyone = points.T.numpy()  # matplotlib reads a tensor number by number
    for number, (ax, label) in enumerate(zip(panels.flat, classes, strict=False)):
        x, y = points[labels == label].T.numpy()
        color = TEN_COLORS[number % len(TEN_COLORS)]
        ax.scatter(*everyone, s=2, color="0.85", linewidths=0)
        ax.scatter(x, y, s=2, color=color, alpha=0.4, linewidths=0)
        sns.kdeplot(
            x=x,
            y=y,
            ax=ax,
            levels=[0.1, 0.5],  # shares of the density that lie outside
            color=color,
            linewidths=1.2,
            gridsize=60,
            warn_singular=False,  # points on a line, or too few: no contours
        )
        ax.set_title(str(label))
        _name_axes(ax, dims)
        ax.label_outer()
    for ax in panels.flat[len(classes) :]:
        ax.set_axis_off()
    figure.suptitle("Posterior means, one panel a digit" if title is None else title)
    return figure


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
    figure, ax = figure_for(steps, steps, titled=True, margin=0.6, inches_per_image=7 / steps)
    canvas = tiled(images, steps, gap=0)
    show(ax, canvas)
    bare(ax)
    # Round numbers where they belong on axes that are even in probability.
    ticks = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]
    places, names = norm.cdf(ticks) * len(canvas) - 0.5, [f"{z:g}" for z in ticks]
    ax.set_xticks(places, labels=names)
    ax.set_yticks(len(canvas) - 1 - places, labels=names)
    ax.set(xlabel="$z_0$ (even in probability)", ylabel="$z_1$ (even in probability)")
    ax.set_title("Decoded codes over the plane of the prior" if title is None else title)
    return figure


def _points(
    mu: Tensor, labels: Tensor, dims: tuple[int, int], caller: str
) -> tuple[Tensor, Tensor]:
    """Two of the codes' dimensions, (N, 2), and the labels, (N,), or one line on what is wrong."""
    require_tensor(mu, f"{caller}: mu")
    require_tensor(labels, f"{caller}: labels")
    if mu.ndim != 2 or not all(-mu.shape[1] <= d < mu.shape[1] for d in dims):
        raise VaeLabError(f"{caller}: codes {tuple(mu.shape)} have no dimensions {dims}")
    if len(labels) != len(mu) or len(mu) == 0:
        raise VaeLabError(f"{caller}: {len(mu)} codes, but {len(labels)} labels")
    return mu.detach().cpu()[:, list(dims)].float(), labels.detach().cpu()


def _name_axes(ax: Axes, dims: tuple[int, int]) -> None:
    first, second = dims
    ax.set(xlabel=f"mean of $z_{{{first}}}$", ylabel=f"mean of $z_{{{second}}}$")
    ax.spines[["top", "right"]].set_visible(False)


def apart(places: Tensor, distance: float) -> Tensor:
    """Places (n, 2), those nearer to each other than `distance` pushed apart until none is.

    >>> places = apart(torch.tensor([[0.0, 0.0], [0.5, 0.0], [9.0, 9.0]]), distance=1.0)
    >>> places.round(decimals=2)
    tensor([[-0.2500,  0.0000],
            [ 0.7500,  0.0000],
            [ 9.0000,  9.0000]])
    """
    places = places.clone()
    for _ in range(200):
        between = places[:, None] - places  # (n, n, 2)
        length = between.norm(dim=2).fill_diagonal_(math.inf)  # (n, n)
        if length.min() >= 0.999 * distance:
            break
        turn = torch.arange(len(places), dtype=places.dtype)  # where two are in one place
        away = torch.stack([turn.cos(), turn.sin()], dim=1)[:, None] * torch.ones_like(between)
        unit = torch.where(length[:, :, None] > 0, between / length[:, :, None], away)
        places += (0.5 * (distance - length).clamp(min=0)[:, :, None] * unit).sum(dim=1)
    return places
