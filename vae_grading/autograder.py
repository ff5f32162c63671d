"""Grading one submission: the one function behind which it happens.

Here it is nbgrader's own autograder, in a process of its own with a limit in time. The process
works in a scratch folder with a copy of the gradebook; only its outcome comes back.
"""

import contextlib
import json
import multiprocessing
import os
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from vae_grading.course import Course, Lab
from vae_grading.generate import Generated
from vae_grading.results import CellResult, Result, fingerprint, no_marks
from vae_grading.submissions import Submission

LIMIT_SECONDS = 360  # the notebook's own limit is shorter; this one ends a grader that hangs


@dataclass(frozen=True)
class Graded:
    """A result, and the notebook as nbgrader left it (None when it could not be run)."""

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
    threads: int = 1,
    stop: threading.Event | None = None,
    limit: float = LIMIT_SECONDS,
) -> Graded:
    """Grade one submission. Whatever it does, there is a result, and nobody else is stopped.

    `generated` is the lab as nbgrader built it: its tests and an empty gradebook. `threads` is
    what the student's kernel may use. Raises Interrupted once `stop` is set.
    """
    from vae_grading.worker import Job, work

    began = time.monotonic()
    key = submission.key(fingerprint(course, lab.name))
    with tempfile.TemporaryDirectory(prefix="vae-lab-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        shutil.copytree(generated.root, scratch, dirs_exist_ok=True)
        job = Job(course, lab, submission.notebook.absolute(), scratch, threads)
        process = server().Process(target=work, args=(job,), daemon=False)
        process.start()
        try:
            in_time = _wait(process, stop or threading.Event(), limit)
        finally:
            _end(process)
        outcome = _read(job.outcome)
        seconds = time.monotonic() - began
        if not outcome:
            reason = (
                f"The process that graded it ended without a word (exit code {process.exitcode})."
                if in_time
                else f"Grading took more than {limit:.0f} s and was stopped."
            )
            outcome = {
                "problem": "not-graded",
                "reason": reason,
                "next_step": "Open the notebook and look at what it runs; then grade again.",
            }
        if "problem" in outcome:
            return Graded(no_marks(lab, submission.student, key, **outcome), None)
        cells = tuple(CellResult(**cell) for cell in outcome["cells"])
        notes = tuple(outcome["notes"])
        result = Result(submission.student, lab.name, key, cells, round(seconds, 2), notes=notes)
        return Graded(result, job.autograded.read_bytes())


def server() -> multiprocessing.context.ForkServerContext:
    """Where grading processes come from: one that has imported nbgrader, once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["vae_grading.worker"])
    return context


def _wait(process: multiprocessing.Process, stop: threading.Event, limit: float) -> bool:
    """Whether the process ended by itself within the limit."""
    deadline = time.monotonic() + limit
    while process.is_alive():
        if stop.is_set():
            raise Interrupted
        if time.monotonic() > deadline:
            return False
        process.join(0.1)
    return True


def _end(process: multiprocessing.Process) -> None:
    """Kill what is left of the process and of all that it started."""
    with contextlib.suppress(psutil.Error, TypeError):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
    with contextlib.suppress(OSError):
        os.kill(process.pid, 9) if process.is_alive() else None
    process.join(5)


def _read(outcome: Path) -> dict:
    try:
        return json.loads(outcome.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
