"""The figures of a trained model, each with a caption that says what to see, and its samples."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import torch
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vae_helpers import VAE, History


SAMPLES = 64  # of a family or a recipe, eight in a row


class Picture(NamedTuple):
    """A figure as PNG, under a file name, and in words for whoever cannot see it."""

    file: str
    png: bytes
    caption: str


def pictures(
    model: VAE,
    images: torch.Tensor,
    labels: torch.Tensor,
    histories: Sequence[History],
    settings: str,
) -> list[Picture]:
    """The losses of all runs, and what `model` makes of these images and of codes."""
    import matplotlib
    import torch

    from vae_helpers import loss_bands, plots

    matplotlib.use("agg")  # files only: no window, no display needed
    one_of_each = torch.stack([(labels == digit).nonzero()[0, 0] for digit in range(10)])
    originals = images[one_of_each]
    seeds = f" Lines are means of {len(histories)} seeds, bands their standard deviation."
    several = len(histories) > 1
    if several:
        curves = loss_bands(histories, title=settings)
    else:
        curves = plots.loss_curves(histories[0], title=settings)
    found = [
        _picture(
            "loss.png",
            curves,
            "The training curve averages over an epoch while the model changes; the test curve is "
            "measured at its end." + seeds * several,
        ),
        _picture(
            "reconstructions.png",
            plots.reconstructions(originals, model.reconstruct(originals)),
            f"One test image of each digit; below, pixel probabilities decoded from its mean code. "
            f"{settings}.",
        ),
        _picture(
            "samples.png",
            _figure_of(plots.image_grid(model.sample(100), title="A hundred samples of the model")),
            f"Pixel probabilities decoded from codes z ~ N(0, I). {settings}.",
        ),
        _rates(model, images, settings),
    ]
    if model.latent_dim >= 2:
        found.append(_latent_scatter(model, images, labels, settings))
    if model.latent_dim == 2:
        found.append(
            _picture(
                "manifold.png",
                plots.manifold(model.decode),
                f"Codes on a grid of equal probability under the prior. {settings}.",
            )
        )
    return found


def _rates(model: VAE, images: torch.Tensor, settings: str) -> Picture:
    """The rate of each latent dimension, the largest first."""
    import matplotlib.pyplot as plt
    import torch

    from vae_helpers import kl_by_dimension, plots

    with torch.no_grad():
        rates, order = kl_by_dimension(*model.encode(images)).sort(descending=True)
    figure, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
    ax.bar(range(len(rates)), rates.tolist(), color=plots.TEN_COLORS[0])
    ax.set_xticks(range(len(rates)), labels=[f"$z_{{{d}}}$" for d in order.tolist()])
    ax.set(title="The rate, dimension by dimension", xlabel="latent dimension",
           ylabel="KL, nats per image")  # fmt: skip
    ax.spines[["top", "right"]].set_visible(False)
    return _picture(
        "rates.png",
        figure,
        f"They add up to the rate, {rates.sum():.2f} nats per image; a dimension near 0 tells the "
        f"decoder nothing. {settings}.",
    )


def _latent_scatter(
    model: VAE, images: torch.Tensor, labels: torch.Tensor, settings: str
) -> Picture:
    """The plane of codes itself when D = 2, else the two dimensions that say most about x."""
    import torch

    from vae_helpers import kl_by_dimension, plots

    with torch.no_grad():
        mu, logvar = model.encode(images)
    if model.latent_dim == 2:
        dims, title = (0, 1), "Posterior means of the test images"
    else:
        kl = kl_by_dimension(mu, logvar)
        dims = tuple(kl.topk(2).indices.tolist())
        title = (
            "Posterior means, the two dimensions with the largest KL\n"
            + ", ".join(f"$z_{{{d}}}$: {kl[d]:.2f}" for d in dims)
            + f" of {kl.sum():.2f} nats per image"
        )
    ax = plots.latent_scatter(mu, labels, dims=dims, title=title)
    return _picture(
        "latent.png",
        _figure_of(ax),
        f"A digit's name stands at the median of its codes. {settings}.",
    )


def _figure_of(ax: Axes) -> Figure:
    return ax.get_figure(root=True)


def picture_of_samples(model: Any, *, side: int, channels: int) -> bytes:
    """Mean pixels of eight by eight codes of the prior, as PNG."""
    import torch
    from torchvision.utils import save_image

    made = model.eval().sample(SAMPLES, generator=torch.Generator().manual_seed(0)).clamp(0, 1)
    file = io.BytesIO()
    save_image(made.view(-1, channels, side, side), file, nrow=8, format="png")
    return file.getvalue()


def _picture(file: str, figure: Figure, caption: str) -> Picture:
    import matplotlib.pyplot as plt

    width = int(figure.get_figwidth() * 15)  # characters of this size that fit
    figure.supxlabel("\n".join(textwrap.wrap(caption, width)), fontsize=9, color="0.25")
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    plt.close(figure)
    return Picture(file, content.getvalue(), caption)
