"""`vae-lab explore`: a trained model's space of codes as a page in which one walks through it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vae_grading.atomic import write_text


def explore(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="A folder that `vae-lab train` wrote, or its model.pt."),
    ],
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; RUN/explore.html when left out.")
    ] = None,
) -> None:
    """Write a page in which one walks through a trained model's codes and sees them decoded.

    For a plane of codes (D = 2) a map with test images to drag over, for others a slider for each
    dimension; traversals, draws of the prior, codes of test images. One file, without a network.
    """
    from rich.console import Console

    from vae_grading.training.explorer_page import explorer_page
    from vae_grading.training.kept_model import kept_model

    kept = kept_model(run)
    file = output or (run if run.is_dir() else run.parent) / "explore.html"
    page = explorer_page(kept)
    write_text(file, page)
    Console().print(f"Open [bold]{file}[/bold] ({len(page) / 1e6:.1f} MB).", soft_wrap=True)
