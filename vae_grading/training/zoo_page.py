"""The page of `vae-lab zoo`: the table, and of each family its training losses and its samples."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vae_grading.pages.feedback import templates
from vae_grading.training.zoo_results import Results, cells

WIDTH, HEIGHT = 300, 110  # of a curve, in CSS pixels


class Card(NamedTuple):
    """What is shown of a family: its curves as points of SVG polylines, and a picture.

    `first` and `last` are the loss of the first epoch and of the last, means over seeds.
    """

    family: str
    curves: list[str]
    first: str
    last: str
    epochs: int
    samples: str


def zoo_page(results: Results, rows: Sequence[dict[str, Any]], folder: Path) -> str:
    """One HTML page that needs nothing else."""
    shown, lines = cells(rows)
    facts = [
        ("command", results.command),
        *((name.replace("_", " "), str(value)) for name, value in results.settings.items()),
        *results.versions.items(),
    ]
    return (
        templates()
        .get_template("zoo.html")
        .render(
            columns=shown,
            lines=lines,
            cards=[
                _card(line[0], [row for row in rows if row["family"] == line[0]], folder)
                for line in lines
            ],
            facts=facts,
            data=results.settings["data"],
            width=WIDTH,
            height=HEIGHT,
        )
    )


def _card(family: str, rows: Sequence[dict[str, Any]], folder: Path) -> Card:
    curves = [row["curve"] for row in rows]
    picture = folder / f"{family}.png"
    return Card(
        family,
        _lines(curves),
        f"{sum(each[0] for each in curves) / len(curves):,.2f}",
        f"{sum(each[-1] for each in curves) / len(curves):,.2f}",
        len(curves[0]),
        base64.b64encode(picture.read_bytes()).decode() if picture.exists() else "",
    )


def _lines(curves: Sequence[Sequence[float]]) -> list[str]:
    """Points of a polyline for each seed, all in one frame; a curve of one epoch is a short line.

    >>> _lines([[3.0, 1.0]])
    ['0.0,0.0 300.0,110.0']
    """
    low = min(map(min, curves))
    height = (max(map(max, curves)) - low) or 1.0
    found = []
    for curve in curves:
        values = [*curve] if len(curve) > 1 else [*curve] * 2
        step = WIDTH / (len(values) - 1)
        points = (
            f"{place * step:.1f},{HEIGHT * (1 - (value - low) / height):.1f}"
            for place, value in enumerate(values)
        )
        found.append(" ".join(points))
    return found
