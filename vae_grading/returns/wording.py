"""A student's mark as the number and the few words that go into a system's file."""

import html
import re

from vae_grading.deliveries.times import in_words
from vae_grading.marks.marks import StudentMarks, number
from vae_grading.plain_text import plain

OURS = "Marks by exercise: "  # how our comments begin: what begins otherwise, somebody has written
LONGEST = 1000


def written(points: float, *, decimal_comma: bool = False) -> str:
    """Points to two decimals, none of them needless, as a system reads them.

    >>> written(32.0), written(2 / 3), written(0.1 + 0.2, decimal_comma=True)
    ('32', '0.67', '0,3')
    """
    said = f"{points:.2f}".rstrip("0").rstrip(".")
    return said.replace(".", ",") if decimal_comma else said


def parsed(said: str) -> float | None:
    """The number of a cell, or None.

    >>> parsed("50.00"), parsed("50,5"), parsed("N/A")
    (50.0, 50.5, None)
    """
    found = re.fullmatch(r"\d+(?:[.,]\d+)?", said)
    return float(said.replace(",", ".")) if found else None


def short_comment(graded: StudentMarks, *, as_html: bool = False) -> str:
    """What was earned where, in one line that no spreadsheet takes for a formula.

    It begins with words of ours, and so no sign at its start is anybody's.
    """
    marks = ((each, graded.mark(each)) for each in graded.lab.exercises)
    parts = [
        f"{each.label}: "
        + ("to be marked" if mark.open else f"{number(mark.points)}/{number(mark.max_points)}")
        for each, mark in marks
    ]
    late = in_words(graded.late.seconds) if graded.late.seconds else ""
    if late:
        taken = f", {number(graded.penalty)} points taken off" if graded.penalty else ""
        parts[-1] += f". Late by {late}{taken}"
    said = plain(" ".join((OURS + ", ".join(parts) + ".").split()))[:LONGEST]
    return html.escape(said) if as_html else said
