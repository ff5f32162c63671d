"""A row of a benchmark's table, and the table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

_VERDICTS = {True: "[green]reached[/green]", False: "[red]missed[/red]", None: ""}


class Measured(NamedTuple):
    """`reached` is None where there is no goal; `detail` says what the value was made from."""

    what: str
    value: float
    unit: str
    goal: str
    reached: bool | None
    detail: str


def show(rows: Iterable[Measured], console: Console) -> None:
    """Print a table with one line a row."""
    table = Table("what", "measured", "goal", "verdict", "from")
    for row in rows:
        value = f"{row.value:.2f} {row.unit}"
        table.add_row(row.what, value, row.goal, _VERDICTS[row.reached], row.detail)
    console.print(table)
