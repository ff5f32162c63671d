"""The numbers of `vae-lab zoo`: kept run by run, and shown as a table.

A file that holds some of the runs that a command makes is gone on with; one that holds others, or
was made with other settings or versions, is not mixed with them.
"""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vae_grading.atomic import write_text
from vae_helpers.errors import VaeLabError

FILE = "zoo.toml"


class ZooColumn(NamedTuple):
    """What is shown of a measure: the column's head, the decimals, and what it means."""

    head: str
    key: str
    places: int
    meaning: str


COLUMNS = tuple(ZooColumn(*each) for each in (
    ("-ELBO", "negative_elbo", 2, "minus the bound that the model has on log p(x)"),
    ("IW-NLL", "iw_nll", 2, "the importance-weighted bound on -log p(x), nearer to it"),
    ("rate", "rate", 2, "KL(q(z|x) || p(z)): what a code costs"),
    ("distortion", "distortion", 2, "E[-log p(x|z)]: what is left to tell beside the code"),
    ("units", "active_units", 0, "dimensions of the code that vary over images"),
    ("KL(q||p)", "marginal_kl", 2, "KL(q(z) || p(z)): how far all codes are from the prior"),
    ("Frechet", "frechet", 1, "distance of samples from test images, by features of ours"),
    ("floor", "frechet_floor", 1, "the same distance of real images that were held back"),
    ("probe", "probe", 3, "what a linear model reads from the codes: digits told right, or "
     "the share of the factors' variance"),
    ("parameters", "parameters", 0, "numbers that are learned"),
    ("s/epoch", "seconds", 1, "seconds an epoch, on the machine named below"),
))  # fmt: skip


class Results:
    """The runs in a folder's zoo.toml, by family and seed."""

    def __init__(
        self, folder: Path, command: str, settings: dict[str, Any], versions: dict[str, str]
    ) -> None:
        self.path, self.command = folder / FILE, command
        self.settings, self.versions = settings, versions
        self._rows: dict[tuple[str, int], dict[str, Any]] = {}

    def go_on(self, families: Sequence[str], seeds: int) -> int:
        """Take over the runs that are there, and return their number.

        Raises:
            VaeLabError: they are others than this command makes.
        """
        from vae_helpers.recipe import read  # imports torch: not for `vae-lab --help`

        if not self.path.exists():
            return 0
        found = read(self.path)
        here = {**self.settings, **self.versions}
        there = {**found.recipe, **found.versions}
        for name in here | there:
            if here.get(name) != there.get(name):
                raise VaeLabError(
                    f"{self.path} was made with {name} = {there.get(name)}, this would be "
                    f"{here.get(name)}: give another folder by --output, or remove the file"
                )
        for row in found.runs:
            key = row["family"], int(row["seed"])
            if key[0] not in families or key[1] >= seeds:
                raise VaeLabError(
                    f"{self.path} holds {key[0]} of seed {key[1]}, which this command does not "
                    "make: give another folder by --output, or remove the file"
                )
            self._rows[key] = dict(row)
        return len(self._rows)

    def has(self, family: str, seed: int) -> bool:
        return (family, seed) in self._rows

    def add(self, row: dict[str, Any]) -> None:
        """Keep a run, on disk at once."""
        from vae_helpers.recipe import Stored

        self._rows[row["family"], row["seed"]] = row
        today = datetime.date.today().isoformat()
        stored = Stored(self.command, today, self.versions, self.settings, [*self._rows.values()])
        write_text(self.path, stored.text())

    def of(self, families: Sequence[str]) -> list[dict[str, Any]]:
        """The runs of these families, in their order and that of the seeds."""
        found = (key for key in self._rows if key[0] in families)
        order = sorted(found, key=lambda key: (families.index(key[0]), key[1]))
        return [self._rows[key] for key in order]


def table(rows: Sequence[dict[str, Any]], data: str, epochs: int) -> str:
    """As text, a line a family, of the rows of all seeds; columns without any number are left out.

    Plain lines, since they are as long as they are: nothing may be cut off in a pipe.
    """
    heads, lines = cells(rows)
    columns = list(zip(["family", *(head.head for head in heads)], *lines, strict=True))
    widths = [max(map(len, column)) for column in columns]
    text = [f"{data}, {epochs} epochs, nats per image of test images"]
    for family, *numbers in (["family", *(head.head for head in heads)], *lines):
        shown = (f"{cell:>{width}}" for cell, width in zip(numbers, widths[1:], strict=True))
        text.append("  ".join((f"{family:<{widths[0]}}", *shown)))
    return "\n".join(text)


def cells(rows: Sequence[dict[str, Any]]) -> tuple[list[ZooColumn], list[list[str]]]:
    """The columns that have a number, and for each family its name and what stands in them."""
    families = list(dict.fromkeys(row["family"] for row in rows))
    shown = [column for column in COLUMNS if any(column.key in row for row in rows)]
    of = {name: [row for row in rows if row["family"] == name] for name in families}
    return shown, [
        [name, *(mean(of[name], each.key, each.places) for each in shown)] for name in families
    ]


def mean(rows: Sequence[dict[str, Any]], key: str, places: int) -> str:
    """Mean and standard deviation over seeds; a dash where there is no such number."""
    values = [row[key] for row in rows if key in row]
    if not values:
        return "-"
    text = f"{statistics.fmean(values):,.{places}f}"
    if len(values) < 2 or key in ("parameters", "frechet_floor"):
        return text
    return f"{text} +- {statistics.stdev(values):.{places}f}"
