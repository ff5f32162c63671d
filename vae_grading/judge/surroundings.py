"""What keeps an answer from being judged though it may be right: lines before it that fail here.

A line that fails where a notebook is graded (see failures.py) leaves names undefined. A test that
fails by an answer which needs such a name says nothing about the answer, and a person looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vae_grading.judge.session import Failure
from vae_grading.plain_text import quoted
from vae_grading.student.forbidden import ForbiddenName
from vae_grading.submissions.cell_code import definitions, global_names

LONGEST_SHOWN = 120  # characters of a student's line or error in a sentence of ours


@dataclass(frozen=True)
class FailedLine:
    """A line of a notebook that failed, in the cell of this number."""

    cell: int
    line: int
    text: str
    error: str

    def __str__(self) -> str:
        where = f"line {self.line} of cell {self.cell}"
        text, error = (quoted(each, LONGEST_SHOWN) for each in (self.text, self.error))
        return f"{where}, {text}, fails where it is graded ({error})"


class Surroundings:
    """What the cells that have run so far define, and what their failed lines do not.

    `failed` are the lines to tell about: those that a student can do something about.
    """

    def __init__(self) -> None:
        self.failed: list[FailedLine] = []
        self._missing: dict[str, FailedLine] = {}
        self._ran: list[str] = []

    def ran(
        self, number: int, source: str, failures: Sequence[Failure], *, given: bool = False
    ) -> None:
        """A cell has run, the one of this number in the notebook; a `given` one stands there as
        it was handed out, and fails by an answer above it, whose own test says why."""
        self._ran.append(source)
        for name in global_names(source)[1]:
            self._missing.pop(name, None)
        lines = source.splitlines()
        blank = next((i for i, line in enumerate(lines) if line.strip()), 0)  # IPython drops these
        for each in failures:
            if (
                each.error[0] == ForbiddenName.__name__
            ):  # said where an answer does it; else nobody's loss
                continue
            place = each.line + blank
            text = lines[place - 1].strip() if 0 < place <= len(lines) else ""
            told = FailedLine(number, place, text, ": ".join(filter(None, each.error)))
            if not given:
                self.failed.append(told)
            self._missing |= dict.fromkeys(each.names, told)

    def reason(self, tests: str) -> str | None:
        """Why these tests could not judge; None if no name that they need, by whatever way, is
        missing."""
        if not self._missing:
            return None
        used = {name: names for source in self._ran for name, names in definitions(source)}
        waiting, seen = [*global_names(tests)[0]], set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self._missing:
                return (
                    f"The answer needs {name}, which is not defined: {self._missing[name]}. "
                    "So it could not be judged."
                )
            waiting += used.get(name, ())
        return None
