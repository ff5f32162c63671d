"""`vae-lab train --recipe`: a published set-up trained, our numbers beside its source's.

recipe.toml  the numbers of every run, with the command, date and versions that they came from
history.csv  -ELBO by epoch, of the training and of test images, and the source's
samples.png  mean pixels of codes of the prior, of the first run's model
"""

from __future__ import annotations

import csv
import datetime
import io
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vae_grading.atomic import write_bytes, write_text
from vae_grading.training.pictures import picture_of_samples
from vae_grading.training.results_folder import results_folder

if TYPE_CHECKING:
    from vae_zoo.recipes.run import EpochNumbers, RecipeRun
    from vae_zoo.recipes.set_up import SetUp

THEIRS = ("negative_elbo", "train_loss")  # what sources tell of single epochs


def of_a_recipe(
    name: str, epochs: int | None, images: int | None, seeds: int | None, output: Path | None
) -> None:
    """The command: `name` is a recipe's, a file's, or "list"; the others as `vae-lab train`."""
    from vae_zoo.recipes.reading import recipe
    from vae_zoo.recipes.run import run_recipe

    if name == "list":
        print(list_of_recipes())
        return
    set_up = recipe(name)
    if epochs is not None:
        set_up.shortened(epochs)
    folder = Path("runs") / f"recipe-{set_up.name}" if output is None else output
    with results_folder(folder):
        runs: list[RecipeRun] = []
        for seed in range(seeds or 1):
            _say(beginning(set_up, seed, epochs))
            done = run_recipe(
                set_up, seed, epochs=epochs, num_images=images,
                after_epoch=lambda numbers: _say(epoch_line(set_up, numbers)),
                before_weighing=lambda n, k: _say(f"weighing the first {n:,} images, K = {k:,}"),
            )  # fmt: skip
            # Of several seeds only whole runs compare.
            if done.by_epoch and not (done.interrupted and runs):
                runs.append(done)
                _say(ending(set_up, [done]))
            if done.interrupted:
                break
        if not runs:
            raise KeyboardInterrupt
        if len(runs) > 1:
            _say(ending(set_up, runs))
        _write(folder, name, set_up, runs, epochs, images, seeds)
        _say(f"Written: {folder}")
        if done.interrupted:
            raise KeyboardInterrupt  # the command ends as one does on Ctrl-C


def list_of_recipes() -> str:
    """A line each: name, data, length, published number and title; below them the sources."""
    from vae_zoo.recipes.reading import recipe, recipe_names

    recipes = [recipe(name) for name in recipe_names()]
    rows = [("recipe", "data", "length", "published, nats per image", "what")]
    rows += [(r.name, r.data, r.length, numbers_of(r), r.title) for r in recipes]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    sources: dict[str, list[str]] = {}
    for each in recipes:
        sources.setdefault(each.source, []).append(each.name)
    lines += ["", "Sources"]
    lines += [f"  {', '.join(names)}: {source}" for source, names in sources.items()]
    return "\n".join(lines)


def numbers_of(set_up: SetUp) -> str:
    """What the source has at the end, else after an epoch, in a few words."""
    told: dict[str, list[str]] = {}
    ks = [str(each.num_samples) for each in set_up.published if each.num_samples is not None]
    for each in set_up.published:
        if each.num_samples is not None:
            told.setdefault(f"IW-NLL, K = {' / '.join(ks)}:", []).append(str(each))
        else:
            epoch = "" if each.epoch in (None, set_up.epochs) else f", epoch {each.epoch}"
            told[each.name] = [f"{each}{epoch}"]  # of a curve the last
    return "; ".join(f"{name} {' / '.join(values)}" for name, values in told.items())


def beginning(set_up: SetUp, seed: int, epochs: int | None) -> str:
    """What is trained, what is known of it, and the head of the table that follows."""
    shortened = "" if epochs in (None, set_up.epochs) else f" (here {epochs:,})"
    lines = [
        f"{set_up.name}: {set_up.title}",
        f"source: {set_up.source}",
        f"data: {set_up.data}; {set_up.length}{shortened}, {set_up.batch_size} images a step, "
        f"{set_up.optimizer}; seed {seed}",
        *(f"not stated: {each}" for each in set_up.not_stated),
        *(f"otherwise than there: {each}" for each in set_up.departures),
        "",
        f"-ELBO, nats per image\n{'epoch':>5}{'training':>12}{'test':>10}   published",
    ]
    return "\n".join(lines)


def epoch_line(set_up: SetUp, numbers: EpochNumbers) -> str:
    """Ours, and theirs where the source has one of this epoch."""
    short = {"negative_elbo": "test", "train_loss": "training"}
    theirs = ", ".join(f"{short[each.quantity]} {each}" for each in numbers.published.values())
    line = f"{numbers.epoch:>5}{numbers.train_loss:>12.2f}{numbers.negative_elbo:>10.2f}"
    return f"{line}   {theirs or '-'}"


def ending(set_up: SetUp, runs: Sequence[RecipeRun]) -> str:
    """The last numbers of one run, or of several their mean and standard deviation."""
    last = [done.by_epoch[-1] for done in runs]
    several = f" of {len(runs)} seeds, mean +- sd" if len(runs) > 1 else ""
    lines = [
        f"After {last[0].epoch:,} of {set_up.epochs:,} epochs{several}",
        f"{'':<26}{'ours':>20}   published",
    ]
    if last[0].epoch < set_up.epochs:
        lines[0] += ": the published numbers are those of the whole"
    for place, (published, _, error) in enumerate(runs[0].compared):
        values = [done.compared[place].ours for done in runs if len(done.compared) > place]
        ours = f"{statistics.fmean(values):.2f}"
        if len(values) > 1:
            ours += f" +- {statistics.stdev(values):.2f}"
        elif error is not None:
            ours += f" (error {error:.2f})"
        lines.append(f"{published.name:<26}{ours:>20}   {published}")
    if set_up.binarize is None:
        lines.append("Grey pixels: no likelihood, and comparable with nothing but itself.")
    lines.append(f"{statistics.fmean(done.seconds for done in runs):.1f} seconds an epoch")
    return "\n".join(lines)


def _write(
    folder: Path,
    name: str,
    set_up: SetUp,
    runs: Sequence[RecipeRun],
    epochs: int | None,
    images: int | None,
    seeds: int | None,
) -> None:
    from vae_grading.training.measure import versions
    from vae_helpers.recipe import Stored
    from vae_zoo.recipes.run import recipe_row

    options = {"epochs": epochs, "images": images, "seeds": seeds}
    given = "".join(f" --{key} {value}" for key, value in options.items() if value is not None)
    about = {
        "name": set_up.name, "title": set_up.title, "source": set_up.source, "data": set_up.data,
        "epochs": set_up.epochs, "published": numbers_of(set_up),
    }  # fmt: skip
    rows = [recipe_row(seed, done) for seed, done in enumerate(runs)]
    command, today = f"vae-lab train --recipe {name}{given}", datetime.date.today().isoformat()
    samples = picture_of_samples(runs[0].model, side=28, channels=1)
    write_bytes(folder / "samples.png", samples)
    write_text(folder / "history.csv", _as_csv(runs))
    write_text(folder / "recipe.toml", Stored(command, today, versions(), about, rows).text())


def _as_csv(runs: Sequence[RecipeRun]) -> str:
    content = io.StringIO()
    theirs = [f"published_{quantity}" for quantity in THEIRS]
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(["seed", "epoch", "train_loss", "negative_elbo", *theirs])
    for seed, done in enumerate(runs):
        for each in done.by_epoch:
            found = [each.published[q].value if q in each.published else "" for q in THEIRS]
            ours = [f"{each.train_loss:.4f}", f"{each.negative_elbo:.4f}"]
            writer.writerow([seed, each.epoch, *ours, *found])
    return content.getvalue()


def _say(text: str) -> None:
    """A line on stdout, above the progress bar where there is one."""
    from tqdm.auto import tqdm

    tqdm.write(text)
