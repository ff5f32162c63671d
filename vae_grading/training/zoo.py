"""`vae-lab zoo`: train families of VAEs on the same images, print a row for each.

zoo.toml        the numbers of every run, with the command, date and versions that they came from
index.html      the table, with curves and samples
FAMILY.png      samples of the first seed's model
FAMILY.pt       that model itself; `vae-lab explore` shows it where it is a plain one of MNIST
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from vae_grading.atomic import explained, write_bytes, write_text
from vae_grading.training.pictures import picture_of_samples
from vae_grading.training.results_folder import results_folder
from vae_grading.training.zoo_results import Results, mean, table
from vae_helpers.errors import VaeLabError

if TYPE_CHECKING:
    from vae_zoo.runs import Setting


class _Task(NamedTuple):
    family: str
    seed: int
    data: str
    epochs: int


class _Done(NamedTuple):
    """A run's row, its model and samples of it, or why there are none."""

    row: dict[str, Any] | None = None
    samples: bytes = b""
    model: bytes = b""
    error: str = ""
    interrupted: bool = False


def zoo(
    families: Annotated[
        list[str] | None, typer.Argument(metavar="[FAMILY]...", help="All when left out.")
    ] = None,
    data: Annotated[
        str, typer.Option(metavar="mnist|faces|FOLDER", help="What to train on.")
    ] = "mnist",
    seeds: Annotated[int, typer.Option(min=1, help="Train each from the seeds 0 to N - 1.")] = 3,
    epochs: Annotated[int, typer.Option(min=1, help="Times to go through the images.")] = 5,
    workers: Annotated[
        int, typer.Option(min=1, help="Runs at the same time; they share the cores.")
    ] = 1,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the results; runs/zoo-DATA when left out.")
    ] = None,
) -> None:
    """Train VAEs of vae_zoo on the same images and print their numbers, a row a family.

    Nats per image of test images, mean and spread over seeds; a dash where a number does not exist.
    Ctrl-C ends it; the runs that were finished are kept, and the same command goes on from there.
    """
    import torch
    from rich.console import Console

    from vae_grading.training.measure import versions
    from vae_grading.training.zoo_page import zoo_page
    from vae_zoo.families import FAMILIES
    from vae_zoo.runs import zoo_setting

    wanted = list(dict.fromkeys(families or FAMILIES))
    if unknown := [name for name in wanted if name not in FAMILIES]:
        raise VaeLabError(f"there is no family {unknown[0]!r}; there are {', '.join(FAMILIES)}")
    console, images = Console(), zoo_setting(data)
    folder = Path("runs") / f"zoo-{images.name}" if output is None else output
    with results_folder(folder):
        if workers > 1:
            torch.set_num_threads(_threads(workers))
        names = " ".join(["", *wanted]) if families else ""
        command = f"vae-lab zoo{names} --data {data} --seeds {seeds} --epochs {epochs}"
        results = Results(folder, command, _settings(images, epochs), versions())
        if kept := results.go_on(wanted, seeds):
            runs = "1 run is" if kept == 1 else f"{kept} runs are"
            console.print(f"{runs} there already: {results.path}", soft_wrap=True)
        tasks = [
            _Task(family, seed, data, epochs)
            for family in wanted
            for seed in range(seeds)
            if not results.has(family, seed)
        ]
        try:
            _run_all(tasks, images, workers, results, folder, console, alone=len(wanted) == 1)
        finally:
            if rows := results.of(wanted):
                print(table(rows, images.name, epochs))
                with explained(folder):
                    write_text(folder / "index.html", zoo_page(results, rows, folder))
                console.print(f"Written: {folder}", soft_wrap=True)


def _run_all(
    tasks: Sequence[_Task], images: Setting, workers: int, results: Results, folder: Path,
    console: Any, *, alone: bool,
) -> None:  # fmt: skip
    """Keep each run as it ends; a family that cannot take these data is left out, unless it is
    alone: then a VaeLabError says why."""
    left_out: set[str] = set()
    for task, done in _ended(tasks, images, workers, left_out):
        if done.interrupted:
            raise KeyboardInterrupt
        if done.row is None:
            if alone:
                raise VaeLabError(done.error)
            if task.family not in left_out:
                console.print(f"{task.family} is left out: {done.error}", soft_wrap=True)
            left_out.add(task.family)
            continue
        results.add(done.row)
        if task.seed == 0:
            write_bytes(folder / f"{task.family}.png", done.samples)
            write_bytes(folder / f"{task.family}.pt", done.model)
        numbers = ", ".join(
            f"{name} {mean([done.row], key, 2)}"
            for name, key in (("-ELBO", "negative_elbo"), ("IW-NLL", "iw_nll"))
        )
        console.print(f"{task.family}, seed {task.seed}: {numbers}", soft_wrap=True)


def _ended(
    tasks: Sequence[_Task], images: Setting, workers: int, left_out: set[str]
) -> Iterator[tuple[_Task, _Done]]:
    """The runs, as they end; those of families that were left out meanwhile are not begun."""
    if workers == 1 or len(tasks) < 2:
        yield from ((task, _run(task, images)) for task in tasks if task.family not in left_out)
        return
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), _begin, (_threads(workers),)
    )
    try:
        waiting = {pool.submit(_run, task): task for task in tasks}
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _threads(workers: int) -> int:
    return max(1, (os.cpu_count() or 1) // workers)


def _begin(threads: int) -> None:
    """In a process that runs tasks."""
    import torch

    torch.set_num_threads(threads)


def _run(task: _Task, images: Setting | None = None) -> _Done:
    """One run; in a process of its own the images are loaded there, without a progress bar."""
    from vae_zoo import runs

    alone = images is not None
    try:
        setting = images or runs.zoo_setting(task.data)
        done = runs.zoo_run(task.family, setting, task.seed, epochs=task.epochs, progress=alone)
    except VaeLabError as error:
        return _Done(error=str(error))
    if done.history.interrupted:
        return _Done(interrupted=True)
    row = runs.zoo_row(task.family, task.seed, done)
    if task.seed:
        return _Done(row)
    samples = picture_of_samples(done.model, side=setting.side, channels=setting.channels)
    return _Done(row, samples, _kept(done.model, task.family, setting))


def _kept(model: Any, family: str, images: Setting) -> bytes:
    from vae_grading.training.kept_model import model_as_bytes

    how = f", {images.binarize_as} binarization" if images.binarize_as else ""
    return model_as_bytes(
        model,
        settings=f"{images.name.upper()}{how}, {family} of vae_zoo",
        binarize=images.binarize_as,
        family=family,
        networks=type(images.networks).__name__,
    )


def _settings(images: Setting, epochs: int) -> dict[str, Any]:
    from vae_zoo.runs import BATCH, RATE

    return {
        "data": images.name, "images": len(images.raw), "test_images": len(images.pictures),
        "binarize": images.binarize_as or "grey or colour", "pixels": images.pixels,
        "epochs": epochs, "batch_size": BATCH, "learning_rate": RATE,
    }  # fmt: skip
