"""What a judge is asked and what it answers; whoever asks waits for no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vae_grading.course.assignment import Assignment
from vae_grading.marks.results import CellResult
from vae_grading.sandbox.limits import Limits
from vae_grading.submissions.hand_in import Unreadable


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
    doubts, then each verdict with the outputs of its test cell, by grade id."""

    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    notebook: bytes | None = None
    verdict: tuple[str, list[dict[str, Any]]] | None = None


@dataclass(frozen=True)
class Job:
    """A submission, `data`, to be judged."""

    assignment: Assignment
    data: bytes
    limits: Limits
