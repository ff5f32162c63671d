"""`vae-lab measure`: train and measure what a lab's notebook only reads, since it takes minutes.

The file holds the command, the date and the versions that it was made with; a notebook can make any
of its runs again by `vae_helpers.run_seed`.
"""

from __future__ import annotations

import dataclasses
import datetime
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vae_grading.atomic import explained, write_text
from vae_helpers.errors import VaeLabError

if TYPE_CHECKING:
    from vae_helpers import Recipe

LABS = ("lab4-evaluation",)
SEEDS = 5


def measure(
    lab: Annotated[str, typer.Argument(metavar="LAB", help=f"One of: {', '.join(LABS)}.")],
    seeds: Annotated[
        int, typer.Option(min=2, metavar="N", help="Train each model from the seeds 0 to N - 1.")
    ] = SEEDS,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to; else where the notebook reads it."),
    ] = None,
) -> None:
    """Train and measure the models of which a lab's notebook reads the numbers.

    Nothing is written before all is measured; at small work size (VAE_LAB_SMOKE) the models learn
    next to nothing, and --output must say where that goes.
    """
    from rich.console import Console

    from vae_helpers import run_seed, work_size
    from vae_helpers.recipe import MEASURED, Stored, as_row, shared

    if lab not in LABS:
        raise VaeLabError(f"nothing is stored for {lab!r}: use one of {', '.join(LABS)}")
    if output is None and work_size(full=False, small=True):
        raise VaeLabError("measure: at small work size --output must say where to write")
    file = output or MEASURED / f"{lab}.toml"
    with explained(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    console, runs = Console(), []
    models = recipes()
    for recipe in models:
        for seed in range(seeds):
            found = run_seed(recipe, seed).measures
            runs.append(as_row(recipe, seed, found))
            console.print(
                f"D = {recipe.latent_dim}, seed {seed}: -ELBO {found.negative_elbo:.2f}, "
                f"IW-NLL {found.iw_nll:.2f} +- {found.iw_nll_error:.2f}"
            )
    command = f"vae-lab measure {lab}" + ("" if seeds == SEEDS else f" --seeds {seeds}")
    today = datetime.date.today().isoformat()
    write_text(file, Stored(command, today, versions(), shared(models[0]), runs).text())
    console.print(f"Written: {file}", soft_wrap=True)


def recipes() -> list[Recipe]:
    """The models of lab 4, which differ in latent_dim alone."""
    from vae_helpers import Recipe, work_size

    small = Recipe(2, epochs=1, hidden_dim=8, num_samples=5, num_images=20)
    one = work_size(Recipe(2), small)
    return [dataclasses.replace(one, latent_dim=latent_dim) for latent_dim in (2, 20)]


def versions() -> dict[str, str]:
    """What the numbers depend on besides the seed."""
    import torch

    return {
        "python": platform.python_version(),
        "torch": version("torch"),
        "vae-lab": version("vae-lab"),
        "machine": f"{platform.machine()}, threads: {torch.get_num_threads()}",
    }
