"""Figures used in more than one notebook, drawn by matplotlib's pyplot and by seaborn.

image_grid       images in rows of `columns`
reconstructions  originals above what the model makes of them
strip            rows of images with a name each: interpolations, the same codes over time
loss_curves      the negative ELBO and its two terms by epoch, of one run or several
latent_scatter   codes in two latent dimensions, colored by class
latent_panels    the same, one panel a class
manifold         what a decoder makes of a grid of codes in two dimensions

Images are (n, P) in [0, 1], square, P = side^2, or P = 3 side^2 in color. Each function returns the
figure or axes that it drew on; in a notebook, `plt.show()` or a semicolon ends the cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vae_helpers.image_plots import image_grid, reconstructions, strip
from vae_helpers.latent_plots import TEN_COLORS, latent_panels, latent_scatter, manifold

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "TEN_COLORS",
    "image_grid",
    "latent_panels",
    "latent_scatter",
    "loss_curves",
    "manifold",
    "reconstructions",
    "strip",
]


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
        reference: a published test loss by epoch. A fourth panel then shows the distance of the
            runs' test loss from it, which the first epochs hide in the others.
        title: of the figure.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    runs = _runs_by_name(history)
    reference = [] if reference is None else list(reference)
    count = 4 if reference else 3
    figure, panels = plt.subplots(1, count, figsize=(3.5 * count, 3.4), layout="constrained")
    for color, (name, run) in zip(TEN_COLORS * len(runs), runs.items(), strict=False):
        for split, style in (("train", "--"), ("test", "-")):
            nll, kl = run[f"{split}_nll"], run[f"{split}_kl"]
            epochs = range(1, len(nll) + 1)
            for ax, values in zip(panels, (_sums(nll, kl), nll, kl), strict=False):
                if values:
                    label = f"{name} {split}".strip()
                    ax.plot(epochs, values, style, color=color, marker=".", label=label)
        if reference:
            test = _sums(run["test_nll"], run["test_kl"])
            apart = [ours - theirs for ours, theirs in zip(test, reference, strict=False)]
            panels[3].plot(range(1, len(apart) + 1), apart, color=color, marker=".")
    if reference:
        epochs = range(1, len(reference) + 1)
        panels[0].plot(epochs, reference, "x", color="black", label="reference", zorder=3)
        panels[3].axhline(0, color="black", linewidth=0.8)
    names = (
        "Negative ELBO (sum of both)",
        "Reconstruction (nll)",
        "KL(q(z|x) || p(z))",
        "Test loss minus reference",
    )
    for ax, name in zip(panels, names, strict=False):
        ax.set(title=name, xlabel="epoch", ylabel="nats per image")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
    panels[0].legend()
    if title:
        figure.suptitle(title)
    return figure


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
