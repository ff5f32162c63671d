"""`vae-lab zoo`: train families of VAEs on the same images, print a row for each.

zoo.toml        the numbers of every run, with the command, date and versions that they came from
FAMILY.png      samples of the first seed's model
"""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vae_grading.atomic import explained, write_bytes, write_text
from vae_helpers.errors import VaeLabError

if TYPE_CHECKING:
    from vae_zoo.runs import Setting

# What is printed: a column's head, the measure, and how many decimals.
_COLUMNS = (
    ("-ELBO", "negative_elbo", 2), ("IW-NLL", "iw_nll", 2), ("rate", "rate", 2),
    ("distortion", "distortion", 2), ("units", "active_units", 0), ("KL(q||p)", "marginal_kl", 2),
    ("Frechet", "frechet", 1), ("floor", "frechet_floor", 1), ("probe", "probe", 3),
    ("parameters", "parameters", 0), ("s/epoch", "seconds", 1),
)  # fmt: skip
SAMPLES = 64


def zoo(
    families: Annotated[
        list[str] | None, typer.Argument(metavar="[FAMILY]...", help="All when left out.")
    ] = None,
    data: Annotated[
        str, typer.Option(metavar="mnist|faces|FOLDER", help="What to train on.")
    ] = "mnist",
    seeds: Annotated[int, typer.Option(min=1, help="Train each from the seeds 0 to N - 1.")] = 3,
    epochs: Annotated[int, typer.Option(min=1, help="Times to go through the images.")] = 5,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the results; runs/zoo-DATA when left out.")
    ] = None,
) -> None:
    """Train VAEs of vae_zoo on the same images and print their numbers, a row a family.

    Nats per image of test images, mean and spread over seeds; a dash where a number does not exist.
    Ctrl-C ends it; the families that were finished are kept.
    """
    from rich.console import Console

    from vae_zoo.families import FAMILIES
    from vae_zoo.runs import zoo_setting

    wanted = list(dict.fromkeys(families or FAMILIES))
    if unknown := [name for name in wanted if name not in FAMILIES]:
        raise VaeLabError(f"there is no family {unknown[0]!r}; there are {', '.join(FAMILIES)}")
    console, images = Console(), zoo_setting(data)
    folder = Path("runs") / f"zoo-{images.name}" if output is None else output
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    try:
        for family in wanted:
            rows += _family(family, images, seeds, epochs, folder, console, alone=len(wanted) == 1)
    finally:
        if rows:
            print(zoo_table(rows, images.name, epochs))
            _store(rows, wanted if families else None, data, images, seeds, epochs, folder)
            console.print(f"Written: {folder}", soft_wrap=True)


def _family(
    family: str,
    images: Setting,
    seeds: int,
    epochs: int,
    folder: Path,
    console: Any,
    *,
    alone: bool,
) -> list[dict[str, Any]]:
    """The rows of all seeds; none for a family that cannot take these data, unless it is alone."""
    from vae_zoo.runs import zoo_row, zoo_run

    rows = []
    for seed in range(seeds):
        try:
            done = zoo_run(family, images, seed, epochs=epochs)
        except VaeLabError as error:
            if alone:
                raise
            console.print(f"{family} is left out: {error}", soft_wrap=True)
            return []
        if done.history.interrupted:
            raise KeyboardInterrupt
        rows.append(zoo_row(family, seed, done))
        if seed == 0:
            write_bytes(folder / f"{family}.png", _samples(done.model, images))
    shown = ", ".join(f"{name} {_mean(rows, key, places)}" for name, key, places in _COLUMNS[:2])
    console.print(f"{family}: {shown}", soft_wrap=True)
    return rows


def zoo_table(rows: Sequence[dict[str, Any]], data: str, epochs: int) -> str:
    """As text, a line a family, of the rows of all seeds; columns without any number are left out.

    Plain lines, since they are as long as they are: nothing may be cut off in a pipe.
    """
    families = list(dict.fromkeys(row["family"] for row in rows))
    columns = [["family", *families]]
    for name, key, places in _COLUMNS:
        cells = [_mean([r for r in rows if r["family"] == f], key, places) for f in families]
        if set(cells) != {"-"}:
            columns.append([name, *cells])
    widths = [max(map(len, column)) for column in columns]
    lines = [f"{data}, {epochs} epochs, nats per image of test images"]
    for family, *cells in zip(*columns, strict=True):
        numbers = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        lines.append("  ".join((f"{family:<{widths[0]}}", *numbers)))
    return "\n".join(lines)


def _mean(rows: Sequence[dict[str, Any]], key: str, places: int) -> str:
    """Mean and standard deviation over seeds; a dash where there is no such number."""
    values = [row[key] for row in rows if key in row]
    if not values:
        return "-"
    text = f"{statistics.fmean(values):,.{places}f}"
    if len(values) < 2 or key in ("parameters", "frechet_floor"):
        return text
    return f"{text} +- {statistics.stdev(values):.{places}f}"


def _samples(model: Any, images: Setting) -> bytes:
    """Of eight by eight codes of the prior."""
    import io

    import torch
    from torchvision.utils import save_image

    made = model.eval().sample(SAMPLES, generator=torch.Generator().manual_seed(0)).clamp(0, 1)
    file = io.BytesIO()
    save_image(made.view(-1, images.channels, images.side, images.side), file, nrow=8, format="png")
    return file.getvalue()


def _store(
    rows: list[dict[str, Any]], wanted: list[str] | None, data: str, images: Setting, seeds: int,
    epochs: int, folder: Path,
) -> None:  # fmt: skip
    from vae_grading.training.measure import versions
    from vae_helpers.recipe import Stored
    from vae_zoo.runs import BATCH, RATE

    names = "" if wanted is None else " " + " ".join(wanted)
    command = f"vae-lab zoo{names} --data {data} --seeds {seeds} --epochs {epochs}"
    recipe = {
        "data": images.name, "images": len(images.raw), "test_images": len(images.pictures),
        "binarize": images.binarize_as or "grey or colour", "pixels": images.pixels,
        "epochs": epochs, "batch_size": BATCH, "learning_rate": RATE,
    }  # fmt: skip
    today = datetime.date.today().isoformat()
    write_text(folder / "zoo.toml", Stored(command, today, versions(), recipe, rows).text())
