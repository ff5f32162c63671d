"""`vae-lab train`: train the reference VAE on MNIST, print its losses, leave a folder of results.

report.html          one page with everything: measures, curves, pictures
loss.png             the negative ELBO and its two terms by epoch
reconstructions.png  test images beside what the model makes of them
samples.png          decoded codes drawn from the prior
rates.png            the KL of each latent dimension
latent.png           posterior means of the test images, colored by digit, when D > 1
manifold.png         decoded codes over the plane of codes, when D = 2
history.csv          the losses by epoch as numbers
measures.csv         the measures as numbers, one row a run
model.pt             the model of the pictures, for `vae-lab explore`
"""

from __future__ import annotations

import csv
import datetime
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from vae_grading.atomic import write_bytes
from vae_grading.training.published import of_a_recipe
from vae_grading.training.results_folder import results_folder
from vae_helpers.errors import VaeLabError

if TYPE_CHECKING:
    import torch
    from rich.console import Console

    from vae_helpers import VAE, History, Measures

# On grey pixels the cross-entropy cannot fall below the entropy of the test pixels themselves.
GREY_FLOOR = 45.53

EPOCHS = 10
NUM_IMAGES, NUM_SAMPLES = 1000, 500  # of the measures; few where a machine only checks
FEW_IMAGES, FEW_SAMPLES = 50, 20


class _Run(NamedTuple):
    model: VAE
    history: History
    measures: Measures


def train(
    context: typer.Context,
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE.toml|list",
            help="A published set-up, its numbers beside ours; `list` tells which there are.",
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1, show_default="10, or all of a recipe's", help="Times to go through the images."
        ),
    ] = None,
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
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Train N models, of the seeds 0 to N - 1; else one, of none."
        ),
    ] = None,
    images: Annotated[
        int | None,
        typer.Option(
            min=2, metavar="N", show_default="all",
            help="Of a recipe alone: weigh N test images for its importance-weighted NLL.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the results; runs/<settings> when left out.")
    ] = None,
) -> None:  # fmt: skip
    """Train the 784-400-D VAE on MNIST, print losses by epoch, leave a page in a folder.

    The test loss is the negative ELBO, the sum of reconstruction and KL, in nats per image.
    With --seeds the page tells mean and spread of all numbers. Ctrl-C ends the training; what was
    learned until then is shown and kept. With --recipe a published set-up is trained in its place,
    and the folder holds its numbers and samples.
    """
    if recipe is not None:
        _require_only(context, "recipe", "epochs", "images", "seeds", "output")
        of_a_recipe(recipe, epochs, images, seeds, output)
        return
    if images is not None:
        raise VaeLabError("--images is for recipes: name one by --recipe")
    # Imported here: `vae-lab --help` must not wait for torch.
    from rich.console import Console

    import vae_helpers
    from vae_grading.training.kept_model import KEPT, model_as_bytes
    from vae_grading.training.pictures import pictures
    from vae_grading.training.run_page import run_page

    name = f"mnist-{binarize or 'grey'}-z{latent_dim}-beta{beta:g}"
    name += "" if precision == "float32" else f"-{precision}"
    name += "" if seeds is None else f"-seeds{seeds}"
    folder = Path("runs") / name if output is None else output
    fitting: dict[str, Any] = {
        "epochs": epochs or EPOCHS, "batch_size": batch_size, "learning_rate": lr, "beta": beta,
        "binarize": binarize, "precision": precision,
    }  # fmt: skip
    with results_folder(folder):
        console = Console()
        test_images, test_labels = vae_helpers.mnist("test")
        runs: list[_Run] = []
        for seed in [None] if seeds is None else range(seeds):
            run = _run(seed, latent_dim, test_images, fitting)
            # Of several seeds only whole runs compare.
            stopped = run is None or (run.history.interrupted and runs != [])
            if not stopped:
                runs.append(run)
                _print_table(console, run, seed, grey=binarize is None)
            if stopped or run.history.interrupted:
                stopped = True
                break
        if not runs:
            raise KeyboardInterrupt
        shown = vae_helpers.binarize(test_images, binarize)
        pixels = f"{binarize} binarization" if binarize else "grey pixels"
        settings = f"MNIST, {pixels}, D = {latent_dim}, beta = {beta:g}"
        numbers = [] if seeds is None else list(range(len(runs)))
        histories, measured = [run.history for run in runs], [run.measures for run in runs]
        found = pictures(runs[0].model, shown, test_labels, histories, settings)
        page = run_page(
            f"VAE 784-400-{latent_dim}: {settings}", _facts(fitting, histories), measured, found,
            seeds=numbers, grey=binarize is None,
        )  # fmt: skip
        files = {picture.file: picture.png for picture in found}
        files["history.csv"] = _histories_as_csv(histories, numbers).encode()
        files["measures.csv"] = _measures_as_csv(measured, numbers).encode()
        files[KEPT] = model_as_bytes(runs[0].model, settings=settings, binarize=binarize)
        files["report.html"] = page.encode()
        for file, content in files.items():  # when all is made: an end before leaves the old ones
            write_bytes(folder / file, content)
        console.print(f"Open [bold]{folder / 'report.html'}[/bold].", soft_wrap=True)
        console.print(f"To walk through its codes: vae-lab explore {folder}", soft_wrap=True)
        if stopped:
            raise KeyboardInterrupt  # the command ends as one does on Ctrl-C


def _require_only(context: typer.Context, *names: str) -> None:
    """Raise a VaeLabError for an option beside these that somebody gave: the recipe says it."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in names and source is not None and source.name == "COMMANDLINE":
            raise VaeLabError(
                f"--{name.replace('_', '-')} does not go with --recipe, which says it itself: "
                "write a recipe of your own, a file that ends in .toml"
            )


def _run(
    seed: int | None, latent_dim: int, test_images: torch.Tensor, fitting: dict[str, Any]
) -> _Run | None:
    """A model trained and measured; None if it was stopped before its first epoch ended."""
    import torch

    import vae_helpers
    from vae_helpers.randomness import randomness_of

    generator = None if seed is None else torch.Generator().manual_seed(seed)
    with randomness_of(generator, torch.device("cpu")):
        model = vae_helpers.VAE(latent_dim=latent_dim)
    train_images, _ = vae_helpers.mnist("train")
    history = vae_helpers.fit(
        model, train_images, test_images=test_images, generator=generator, **fitting
    )
    if not len(history):
        return None
    measures = vae_helpers.measure(
        model,
        test_images,
        num_images=vae_helpers.work_size(NUM_IMAGES, FEW_IMAGES),
        num_samples=vae_helpers.work_size(NUM_SAMPLES, FEW_SAMPLES),
        binarize_as=fitting["binarize"],
        generator=generator,
    )
    return _Run(model, history, measures)


def _facts(fitting: dict[str, Any], histories: Sequence[History]) -> list[tuple[str, str]]:
    """Settings and versions by name."""
    from importlib.metadata import version

    arguments = [f"{name.replace('_', ' ')} = {value}" for name, value in fitting.items()]
    done = ", ".join(str(len(each)) for each in histories)
    return [
        ("training", ", ".join(arguments)),
        ("epochs finished", done),
        ("date", datetime.date.today().isoformat()),
        ("versions", f"Python {sys.version.split()[0]}, torch {version('torch')}, "
         f"vae-lab {version('vae-lab')}"),
    ]  # fmt: skip


def _print_table(console: Console, run: _Run, seed: int | None, *, grey: bool) -> None:
    from rich.table import Table

    history, measures = run.history, run.measures
    table = Table(title="Test set, nats per image" + ("" if seed is None else f", seed {seed}"))
    for heading in ("epoch", "test loss (-ELBO)", "reconstruction", "KL"):
        table.add_column(heading, justify="right")
    rows = zip(history.test_loss, history.test_nll, history.test_kl, strict=True)
    for epoch, values in enumerate(rows, start=1):
        table.add_row(str(epoch), *(f"{value:.2f}" for value in values))
    console.print(table)
    console.print(
        f"importance-weighted, K = {measures.num_samples}, {measures.num_images} images: "
        f"{measures.iw_nll:.2f} +- {measures.iw_nll_error:.2f}"
    )
    if grey:
        console.print(
            f"On grey pixels this is no log-likelihood, and cannot fall below {GREY_FLOOR}: "
            "see --binarize dynamic."
        )


def _histories_as_csv(histories: Sequence[History], seeds: Sequence[int]) -> str:
    """One row an epoch, in nats per image; with seeds, each row's first."""
    rows = []
    for place, history in enumerate(histories):
        columns = history.columns()
        seed = {"seed": seeds[place]} if seeds else {}
        for epoch, *values in zip(*columns.values(), strict=True):
            written = (f"{value:.4f}" for value in values)
            rows.append(seed | dict(zip(columns, (epoch, *written), strict=True)))
    return _as_csv(rows)


def _measures_as_csv(measured: Sequence[Measures], seeds: Sequence[int]) -> str:
    """One row a run."""
    rows = [each._asdict() for each in measured]
    return _as_csv([{"seed": seed} | row for seed, row in zip(seeds, rows, strict=True)]
                   if seeds else rows)  # fmt: skip


def _as_csv(rows: Sequence[dict[str, Any]]) -> str:
    content = io.StringIO()
    writer = csv.DictWriter(content, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return content.getvalue()
