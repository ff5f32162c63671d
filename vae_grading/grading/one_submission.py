"""Grading one submission: the one function behind which it happens.

Tests run in a judge, one process a submission; the student's code runs in the sandbox. Only the
outcome comes back. Nothing is written here, so it can happen on any machine that has the packages.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import cast

from vae_grading.course.assignment import Assignment, content_hash
from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.course.student_version import Generated
from vae_grading.judge.job import Job, Outcome, Told
from vae_grading.judge.server import JudgesGone, judges
from vae_grading.marks.results import NOT_GRADED, OUT_OF_TIME, Result, no_marks
from vae_grading.sandbox.jail import ZygoteGone, jail
from vae_grading.sandbox.limits import Limits
from vae_grading.submissions.hand_in import Submission, Unreadable, read_bytes

UNSAFE = "It was graded without a sandbox: its code ran with the grader's own rights."
GRACE_SECONDS = 60  # beyond the notebook's own limit: then whatever grades it hangs, and is ended
LIMITS = Limits()
MOST_TRIES = 5  # what a submission does cannot end its judge: when one is lost, it was our fault


@dataclass(frozen=True)
class Graded:
    """A result, and the notebook with the judge's outputs (None when it could not be run)."""

    result: Result
    notebook: bytes | None


class Interrupted(Exception):
    """Grading was stopped from outside; there is no result."""


def autograde(
    course: Course,
    lab: Lab,
    submission: Submission,
    *,
    generated: Generated,
    walls: bool = True,
    stop: threading.Event | None = None,
    limit: float | None = None,
) -> Graded:
    """Grade one submission of a course here and now. See `grade_submission`."""
    assignment = Assignment.of(course, lab, generated)
    return grade_submission(
        assignment, read_hand_in(submission, lab.name), walls=walls, stop=stop, limit=limit
    )


@dataclass(frozen=True)
class HandIn:
    """One submission on its way to be graded: the bytes of its file, or why there are none."""

    student: str
    data: bytes | None
    unreadable: Unreadable | None = None


def read_hand_in(submission: Submission, lab: str) -> HandIn:
    """Read a submission once; whatever happens to the file afterwards is the next run's."""
    student = submission.student
    try:
        return HandIn(student, read_bytes(submission.notebook, lab, submission.folder))
    except Unreadable as problem:
        return HandIn(student, None, problem)


def grade_submission(
    assignment: Assignment,
    hand_in: HandIn,
    *,
    walls: bool = True,
    stop: threading.Event | None = None,
    limit: float | None = None,
) -> Graded:
    """Grade one submission. Whatever it does, there is a result, and nobody else is stopped.

    With `walls` off its code runs outside of the sandbox, and a note says so. `limit` is in seconds
    (of wall-clock time; the notebook's own and a little more when None): what was judged until
    then counts. When a process of ours is killed meanwhile, it is graded again. Raises Interrupted
    once `stop` is set, VaeLabError where there can be no sandbox.
    """
    began = time.monotonic()
    lab, key, student = assignment.lab, assignment.key(hand_in.data), hand_in.student
    problem = hand_in.unreadable
    notes = () if walls else (UNSAFE,)
    for _ in range(MOST_TRIES if problem is None else 0):
        outcome = _judge(assignment, hand_in.data, walls, stop or threading.Event(), limit)
        if outcome.fault is not None:
            step = "Grade again."
            problem = Unreadable(NOT_GRADED, f"{outcome.fault}"[:300], step)
            continue
        problem = outcome.unreadable
        if problem is None:
            seconds = round(time.monotonic() - began, 2)
            notes = (*outcome.notes, *notes)
            version = content_hash(hand_in.data)
            result = Result(
                student,
                lab.name,
                key,
                outcome.cells,
                seconds,
                notes=notes,
                submission=version,
                doubts=outcome.doubts,
            )
            return Graded(result, outcome.notebook)
        break
    result = no_marks(lab, student, key, problem.problem, problem.reason, problem.next_step)
    return Graded(result, None)


def _judge(
    assignment: Assignment, data: bytes, walls: bool, stop: threading.Event, limit: float | None
) -> Outcome:
    """What the judge says, or what can be said of its end."""

    try:
        judge = judges().new(jail(walls=walls, libraries=assignment.lab.libraries).control)
    except JudgesGone as error:
        return Outcome(fault=f"The server that judges come from was killed ({error}).")
    except ZygoteGone as error:
        return Outcome(fault=str(error))
    limits = LIMITS.on_this_machine()
    limit = limits.notebook_seconds + GRACE_SECONDS if limit is None else limit
    told: list[Told] = []
    try:
        judge.send(Job(assignment, data, limits))
        deadline = time.monotonic() + limit
        while True:
            while judge.answers_within(0.1):
                answer = judge.answer()
                if isinstance(answer, Outcome):
                    return answer
                told.append(cast(Told, answer))
            if stop.is_set():
                raise Interrupted
            if time.monotonic() > deadline:
                reason = f"Grading took more than {limit:.0f} s and was stopped."
                step = "Open the notebook and look at what it runs; then grade again."
                from vae_grading.judge.process import interrupted  # imports torch

                return interrupted(assignment, told, reason) or Outcome(
                    unreadable=Unreadable(OUT_OF_TIME, reason, step)
                )
    except JudgesGone:
        return Outcome(fault="The process that graded it was killed.")
    finally:
        judge.close()
