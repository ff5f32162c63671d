"""The tables that `vae-lab collect` prints: what was collected, and what was left and why."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from vae_grading.deliveries.delivery import Left
from vae_grading.plain_text import plain

MOST_ROWS = 200  # of a table that somebody reads in a terminal


def print_table(collected: Iterable, left: Iterable[Left], console: Console) -> None:
    """Each student's notebook with where it came from; each other file with the reason."""
    collected, left = list(collected), sorted(set(left), key=lambda each: each.path)
    if 0 < len(collected) <= MOST_ROWS:
        table = Table("student", _folded("from"), "known by", "", box=SIMPLE_HEAD)
        for each in collected:
            late = ", late" if each.sent.late else ""
            group = (
                f", with {', '.join(mate.name for mate in each.members)}" if each.members else ""
            )
            path = Text(plain(each.path))
            table.add_row(
                each.student, path, Text(plain(each.sent.system + group)), each.outcome + late
            )
        console.print(table)
    if left:
        table = Table(_folded("left"), "why", box=SIMPLE_HEAD)
        for each in left[:MOST_ROWS]:
            table.add_row(Text(plain(each.path)), Text(plain(each.reason)))
        console.print(table)
        if len(left) > MOST_ROWS:
            console.print(f"... and {len(left) - MOST_ROWS} more")


def _folded(head: str) -> Column:
    return Column(head, overflow="fold")
