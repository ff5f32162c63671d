"""What happens in the process that judges one submission.

It is forked from a server that has imported torch and the checks, so every submission gets a judge
that no other has touched. The student's code runs elsewhere: in the jail that `control` leads to.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import socket
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from vae_grading.assignment import Assignment
from vae_grading.build import as_text
from vae_grading.judge import preload
from vae_grading.judge.notebook import Judging
from vae_grading.judge.plan import plan
from vae_grading.judge.session import trusted_names
from vae_grading.regions import without
from vae_grading.results import NOT_GRADED, CellResult
from vae_grading.sandbox.jail import new_student
from vae_grading.sandbox.limits import Limits
from vae_grading.submissions import Unreadable, grade_id, parse_notebook, repair
from vae_grading.verdicts import verdicts
from vae_helpers.errors import VaeLabError

# Bytes of address space for one submission, beyond what is shared: times as many as are judged at a
# time. (The model answers of three labs take 2 MB, the largest tensors that may arrive 400.)
MOST_MEMORY = 2**30
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Outcome:
    """What came of one submission: `unreadable`, or its cells and the notebook as judged.

    `fault` says what of ours failed; then there is neither, and the submission has no part in it.
    """

    cells: tuple[CellResult, ...] = ()
    notes: tuple[str, ...] = ()
    notebook: bytes | None = None
    unreadable: Unreadable | None = None
    fault: str | None = None


@dataclass(frozen=True)
class Job:
    """A submission, `data`, to be judged."""

    assignment: Assignment
    data: bytes
    limits: Limits


def warm_up() -> None:
    """Import, before any fork, what the judging of a notebook imports when it first happens."""
    preload.libraries()
    preload.checks()
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1"}
    cell |= {"outputs": [], "execution_count": None}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    notebook = parse_notebook(json.dumps(notebook).encode())
    plan(notebook["cells"], [])
    as_text(notebook)


def work(connection: Connection, control: socket.socket) -> None:
    """Say who this process is, receive a Job, and send what came of it, an Outcome."""
    os.setsid()
    # When the command is killed, the server that this process comes from ends, and this one, too.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # A last net: a student's tensor may grow by what a check does with it.
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    connection.send(os.getpid())
    job: Job = connection.recv()
    try:
        found = judge(job.assignment, job.data, job.limits, control)
    except Unreadable as problem:
        found = Outcome(unreadable=problem)
    except VaeLabError as problem:  # no student's process could be had
        found = Outcome(fault=str(problem))
    except Exception as error:
        reason = f"The judge could not grade it: {type(error).__name__}: {error}"[:300]
        step = "Open the notebook and look; if it is sound, please report this."
        found = Outcome(unreadable=Unreadable(NOT_GRADED, reason, step))
    connection.send(found)


def judge(assignment: Assignment, data: bytes, limits: Limits, control: socket.socket) -> Outcome:
    """Raises Unreadable, and VaeLabError where the sandbox gives no process."""
    lab, release, source = assignment.lab, assignment.release, assignment.source
    notebook, notes = repair(parse_notebook(data), release, lab.name)
    _restore(notebook, source)
    given = [cell["source"] for cell in source["cells"] if _is_given(cell)]
    judging = Judging(
        notebook,
        release,
        lambda: new_student(control, limits),
        trusted_names(given),
        lab.forbidden,
        limits,
    )
    executed, passed = judging.judge()
    points = {cell.grade_id: cell.points for cell in lab.graded if not cell.manual}
    scores = {name: points[name] if passed[name] else 0.0 for name in passed}
    cells = verdicts(lab, executed, release, scores)
    return Outcome(cells, notes, as_text(executed).encode("utf-8", "replace"))


def _restore(notebook: dict[str, Any], source: dict[str, Any]) -> None:
    """Locked cells are the instructor's again, with their hidden tests."""
    originals = {grade_id(cell): cell for cell in source["cells"] if grade_id(cell)}
    for cell in notebook["cells"]:
        original = originals.get(grade_id(cell))
        if original is not None and original["metadata"]["nbgrader"]["locked"]:
            cell["source"] = without(original["source"], [])


def _is_given(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get("solution")
