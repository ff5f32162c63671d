"""`vae-lab train`: train the reference VAE on MNIST, print its losses, leave a folder of pictures.

loss.png             the negative ELBO and its two terms by epoch
reconstructions.png  test images beside what the model makes of them
samples.png          decoded codes drawn from the prior
latent.png           posterior means of the test images, colored by digit, when D > 1
manifold.png         decoded codes over the plane of codes, when D = 2
history.csv          the table as numbers
"""

from __future__ import annotations

import contextlib
import csv
import io
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vae_grading.atomic import explained, write_bytes

if TYPE_CHECKING:
    import torch
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import Console

    from vae_helpers import VAE, History

# On grey pixels the cross-entropy cannot fall below the entropy of the test pixels themselves.
GREY_FLOOR = 45.53


def train(
    epochs: Annotated[int, typer.Option(min=1, help="Times to go through the images.")] = 10,
    binarize: Annotated[
        Literal["threshold", "static", "dynamic"] | None,
        typer.Option(help="Make pixels black or white; grey when left out."),
    ] = None,
    latent_dim: Annotated[int, typer.Option(min=1, help="Dimensions of the code z.")] = 20,
    batch_size: Annotated[int, typer.Option(min=1, help="Images a step.")] = 128,
    lr: Annotated[float, typer.Option(help="Adam's learning rate.")] = 1e-3,
    beta: Annotated[float, typer.Option(min=0.0, help="Weight of the KL term.")] = 1.0,
    precision: Annotated[
        Literal["float32", "bf16"],
        typer.Option(help="Of the products; bf16 is faster on processors made for it."),
    ] = "float32",
    output: Annotated[
        Path | None, typer.Option(help="Folder for the pictures; runs/<settings> when left out.")
    ] = None,
) -> None:
    """Train the 784-400-D VAE on MNIST, print losses by epoch, leave pictures in a folder.

    The test loss is the negative ELBO, the sum of reconstruction and KL, in nats per image.
    Ctrl-C ends the training; what was learned until then is shown and kept.
    """
    # Imported here: `vae-lab --help` must not wait for torch.
    from rich.console import Console

    import vae_helpers

    name = f"mnist-{binarize or 'grey'}-z{latent_dim}-beta{beta:g}"
    name += "" if precision == "float32" else f"-{precision}"
    folder = Path("runs") / name if output is None else output
    with _folder(folder):
        train_images, _ = vae_helpers.mnist("train")
        test_images, test_labels = vae_helpers.mnist("test")
        model = vae_helpers.VAE(latent_dim=latent_dim)
        history = vae_helpers.fit(
            model,
            train_images,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=lr,
            beta=beta,
            test_images=test_images,
            binarize=binarize,
            precision=precision,
        )
        if not len(history):
            raise KeyboardInterrupt
        console = Console()
        _print_table(console, history, grey=binarize is None)
        shown = vae_helpers.binarize(test_images, binarize)
        pixels = f"{binarize} binarization" if binarize else "grey pixels"
        settings = f"MNIST, {pixels}, D = {latent_dim}, beta = {beta:g}"
        files = {"history.csv": _as_csv(history).encode()}
        for picture, figure in _pictures(model, shown, test_labels, history, settings).items():
            files[picture] = _as_png(figure)
        for file, content in files.items():  # when all is made: an end before leaves the old ones
            write_bytes(folder / file, content)
        console.print(f"Pictures and history.csv are in [bold]{folder}[/bold].", soft_wrap=True)
        if history.interrupted:
            raise KeyboardInterrupt  # the command ends as one does on Ctrl-C


@contextlib.contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """The folder, made now rather than after the training; gone again if nothing was put there."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # something lies in it
            for each in missing:
                each.rmdir()


def _print_table(console: Console, history: History, *, grey: bool) -> None:
    from rich.table import Table

    table = Table(title="Test set, nats per image")
    for heading in ("epoch", "test loss (-ELBO)", "reconstruction", "KL"):
        table.add_column(heading, justify="right")
    rows = zip(history.test_loss, history.test_nll, history.test_kl, strict=True)
    for epoch, values in enumerate(rows, start=1):
        table.add_row(str(epoch), *(f"{value:.2f}" for value in values))
    console.print(table)
    if grey:
        console.print(
            f"On grey pixels this is no log-likelihood, and cannot fall below {GREY_FLOOR}: "
            "see --binarize dynamic."
        )


def _pictures(
    model: VAE, images: torch.Tensor, labels: torch.Tensor, history: History, settings: str
) -> dict[str, Figure]:
    """The figures by file name, each with a caption that says what to see."""
    import matplotlib
    import torch

    from vae_helpers import plots

    matplotlib.use("agg")  # files only: no window, no display needed
    one_of_each = torch.stack([(labels == digit).nonzero()[0, 0] for digit in range(10)])
    originals = images[one_of_each]
    pictures = {
        "loss.png": _captioned(
            plots.loss_curves(history, title=settings),
            "The training curve averages over an epoch while the model changes; the test curve is "
            "measured at its end.",
        ),
        "reconstructions.png": _captioned(
            plots.reconstructions(originals, model.reconstruct(originals)),
            f"One test image of each digit; below, pixel probabilities decoded from its mean code. "
            f"{settings}.",
        ),
        "samples.png": _captioned(
            _figure_of(plots.image_grid(model.sample(100), title="A hundred samples of the model")),
            f"Pixel probabilities decoded from codes z ~ N(0, I). {settings}.",
        ),
    }
    if model.latent_dim >= 2:
        pictures["latent.png"] = _latent_scatter(model, images, labels, settings)
    if model.latent_dim == 2:
        pictures["manifold.png"] = _captioned(
            plots.manifold(model.decode),
            f"Codes on a grid of equal probability under the prior. {settings}.",
        )
    return pictures


def _latent_scatter(
    model: VAE, images: torch.Tensor, labels: torch.Tensor, settings: str
) -> Figure:
    """The plane of codes itself when D = 2, else the two dimensions that say most about x."""
    import torch

    from vae_helpers import gaussian_kl, plots

    with torch.no_grad():
        mu, logvar = model.encode(images)
    if model.latent_dim == 2:
        dims, title = (0, 1), "Posterior means of the test images"
    else:
        kl = torch.stack(
            [gaussian_kl(mu[:, [d]], logvar[:, [d]]).mean() for d in range(model.latent_dim)]
        )
        dims = tuple(kl.topk(2).indices.tolist())
        title = (
            "Posterior means, the two dimensions with the largest KL\n"
            + ", ".join(f"$z_{{{d}}}$: {kl[d]:.2f}" for d in dims)
            + f" of {kl.sum():.2f} nats per image"
        )
    ax = plots.latent_scatter(mu, labels, dims=dims, title=title)
    return _captioned(
        _figure_of(ax), f"A digit's name stands at the median of its codes. {settings}."
    )


def _figure_of(ax: Axes) -> Figure:
    return ax.get_figure(root=True)


def _captioned(figure: Figure, caption: str) -> Figure:
    width = int(figure.get_figwidth() * 15)  # characters of this size that fit
    figure.supxlabel("\n".join(textwrap.wrap(caption, width)), fontsize=9, color="0.25")
    return figure


def _as_png(figure: Figure) -> bytes:
    import matplotlib.pyplot as plt

    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    plt.close(figure)
    return content.getvalue()


def _as_csv(history: History) -> str:
    """One row an epoch, in nats per image."""
    columns = history.columns()
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(columns)
    for epoch, *values in zip(*columns.values(), strict=True):
        writer.writerow([epoch, *(f"{value:.4f}" for value in values)])
    return content.getvalue()
