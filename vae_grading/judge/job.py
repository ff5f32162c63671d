"""What a judge is asked and what it answers; whoever asks waits for no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from vae_grading.course.assignment import Assignment
from vae_grading.marks.results import CellResult
from vae_grading.sandbox.limits import Limits
from vae_grading.submissions.hand_in import Unreadable

KERNEL_DIED, OUT_OF_TIME, RAISED = "KernelDied", "OutOfTime", "Raised"
LINE_FAILED = "LineFailed"
LONGEST_WHY = 10_000  # characters


class Reason(NamedTuple):
    """Why a cell failed or has no verdict: the error's name and what it says; what a check of ours
    found is in the other fields (see vae_checks.verdict.CheckFailed)."""

    name: str
    why: str
    seen: str = ""
    meaning: str = ""
    look: str = ""
    slug: str | None = None
    misconception: str = ""


def as_output(reason: Reason) -> dict[str, Any]:
    """As a notebook's cell shows it."""
    why = reason.why[:LONGEST_WHY]
    lines = why.splitlines()
    return {"output_type": "error", "ename": reason.name, "evalue": why, "traceback": lines}


@dataclass(frozen=True)
class Outcome:
    """What came of one submission: `unreadable`, or its cells and the notebook as judged.

    `fault` says what of ours failed; then there is neither, and the submission has no part in it.
    """

    cells: tuple[CellResult, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    notebook: bytes | None = None
    unreadable: Unreadable | None = None
    fault: str | None = None


@dataclass(frozen=True)
class Told:
    """What a judge says on its way: first the notebook as it is going to be judged, with notes and
    doubts, then of each test cell its grade id, its outputs and why it failed, None if it passed.
    """

    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    notebook: bytes | None = None
    verdict: tuple[str, list[dict[str, Any]], Reason | None] | None = None


@dataclass(frozen=True)
class Job:
    """A submission, `data`, to be judged."""

    assignment: Assignment
    data: bytes
    limits: Limits
