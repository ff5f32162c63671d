"""Figures over several seeds: the mean as a line, the standard deviation over seeds as a band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vae_helpers.errors import VaeLabError
from vae_helpers.history import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Of the ten of `plots`: the first two, which nobody confuses.
TEST, TRAINING = "#3f90da", "#bd1f01"


def loss_bands(histories: Sequence[History], *, title: str | None = None) -> Figure:
    """Negative ELBO, reconstruction and KL by epoch, mean and spread over seeds, nats per image.

    Args:
        histories: one a seed, at least two, of as many epochs each.
        title: of the figure.

    Raises:
        VaeLabError: there are fewer than two, or they differ in their numbers of epochs.
    """
    import matplotlib.pyplot as plt
    import seaborn as sns
    from matplotlib.ticker import MaxNLocator

    if len(histories) < 2 or len({len(each) for each in histories}) > 1 or not len(histories[0]):
        lengths = [len(each) for each in histories]
        raise VaeLabError(
            f"loss_bands: at least two histories of as many epochs are wanted, got {lengths}"
        )
    figure, panels = plt.subplots(1, 3, figsize=(10.5, 3.4), layout="constrained")
    names = {"loss": "Negative ELBO (sum of both)", "nll": "Reconstruction (nll)",
             "kl": "KL(q(z|x) || p(z))"}  # fmt: skip
    for ax, (term, name) in zip(panels, names.items(), strict=True):
        for split, color, style in (("train", TRAINING, "--"), ("test", TEST, "-")):
            values = [getattr(each, f"{split}_{term}") for each in histories]
            y = [value for each in values for value in each]
            if y:
                x = [epoch for each in values for epoch in range(1, len(each) + 1)]
                sns.lineplot(
                    x=x, y=y, errorbar="sd", color=color, linestyle=style, marker=".", ax=ax,
                    label=split,
                )  # fmt: skip
        ax.set(title=name, xlabel="epoch", ylabel="nats per image")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
        if ax.get_legend() is not None and ax is not panels[0]:
            ax.get_legend().remove()
    if title:
        figure.suptitle(title)
    return figure
