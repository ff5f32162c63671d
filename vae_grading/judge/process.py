"""What happens in the process that judges one submission.

It is forked from a server that has imported torch and the checks, so every submission gets a judge
that no other has touched. The student's code runs elsewhere: in the jail that `control` leads to.
"""

from __future__ import annotations

import codecs
import ctypes
import json
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Sequence
from itertools import accumulate
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from vae_grading.course.assignment import Assignment
from vae_grading.course.notebooks import as_text
from vae_grading.course.regions import without
from vae_grading.judge.cells_to_run import plan
from vae_grading.judge.job import OUT_OF_TIME, Job, Outcome, Reason, Told, as_output
from vae_grading.judge.notebook import Judging
from vae_grading.judge.session import TrustedNames
from vae_grading.judge.verdicts import verdicts
from vae_grading.marks.results import NOT_GRADED
from vae_grading.sandbox.jail import new_student
from vae_grading.sandbox.limits import Limits
from vae_grading.student import preload
from vae_grading.student.forbidden import import_all
from vae_grading.submissions.hand_in import Unreadable
from vae_grading.submissions.harmless import harmless
from vae_grading.submissions.reading import parse_notebook, read_notebook_file
from vae_grading.submissions.repair import PUT_BACK, grade_id, repair
from vae_helpers.errors import VaeLabError

# Bytes of address space for one submission, beyond what is shared: times as many as are judged at a
# time. (The model answers of three labs take 2 MB, the largest tensors that may arrive 400.)
MOST_MEMORY = 2**30
_PR_SET_PDEATHSIG = 1


def get_ready() -> None:
    """Import, before any fork, what the judging of a notebook imports when it first happens."""
    codecs.lookup("ascii")
    preload.torch_as_graded()
    import_all()
    cell: dict[str, Any] = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1"}
    cell |= {"outputs": [], "execution_count": None}
    text = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "<b>1</b>"}
    smallest = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell, text]}
    notebook = parse_notebook(json.dumps(smallest).encode())
    plan(notebook["cells"], [])
    as_text(harmless(notebook))


def work(connection: Connection, control: socket.socket) -> None:
    """Say who this process is, receive a Job, and send what came of it: any number of Told, then an
    Outcome."""
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
        found = judge(job.assignment, job.data, job.limits, control, connection.send)
    except Unreadable as problem:
        found = Outcome(unreadable=problem)
    except VaeLabError as problem:  # no student's process could be had
        found = Outcome(fault=str(problem))
    except Exception as error:
        reason = f"The judge could not grade it: {type(error).__name__}: {error}"[:300]
        step = "Open the notebook and look; if it is sound, please report this."
        found = Outcome(unreadable=Unreadable(NOT_GRADED, reason, step))
    connection.send(found)


def judge(
    assignment: Assignment,
    data: bytes,
    limits: Limits,
    control: socket.socket,
    tell: Callable[[Told], object] = lambda told: None,
) -> Outcome:
    """Raises Unreadable, and VaeLabError where the sandbox gives no process.

    `tell` hears of each verdict as soon as it is reached.
    """
    began = time.monotonic()
    lab, release, source = assignment.lab, assignment.release, assignment.source
    read = read_notebook_file(data)
    repaired = repair(read.notebook, release, lab.name)
    notebook = repaired.notebook
    _restore(notebook, source)
    tell(Told(repaired.notes, read.notes, json.dumps(notebook).encode()))
    given = [cell["source"] for cell in source["cells"] if _is_given(cell)]
    judging = Judging(
        notebook,
        release,
        lambda: new_student(control, limits),
        TrustedNames(given),
        lab.forbidden,
        limits,
        numbers=list(
            accumulate(int(PUT_BACK not in cell["metadata"]) for cell in notebook["cells"])
        ),
        began=began,
        tell=lambda *verdict: tell(Told(verdict=verdict)),
    )
    executed, ends = judging.judge()
    cells = verdicts(lab, executed, release, ends)
    notes = (*repaired.notes, *judging.notes())
    return Outcome(cells, notes, read.notes, _shown(executed, release))


def interrupted(assignment: Assignment, told: Sequence[Told], reason: str) -> Outcome | None:
    """What can be said of a submission whose judge was stopped, by what it told until then: the
    verdicts that it had reached count, the others are `reason`. None if it had told nothing."""
    if not told or told[0].notebook is None:
        return None
    first = told[0]
    notebook = parse_notebook(first.notebook)
    reached = {each.verdict[0]: each.verdict[1:] for each in told if each.verdict is not None}
    late = Reason(OUT_OF_TIME, reason)
    ends = {}
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("grade") and not marks.get("solution"):
            name = marks["grade_id"]
            cell["outputs"], ends[name] = reached.get(name, ([as_output(late)], late))
    cells = verdicts(assignment.lab, notebook, assignment.release, ends)
    return Outcome(cells, first.notes, first.doubts, _shown(notebook, assignment.release))


def _shown(notebook: dict[str, Any], release: dict[str, Any]) -> bytes:
    """What is written to autograded/: the student's cells and the lab's, harmless."""
    own = {cell["source"] for cell in release["cells"]}
    own |= {cell["source"] for cell in notebook["cells"] if _is_locked(cell)}
    cells = [cell for cell in notebook["cells"] if PUT_BACK not in cell["metadata"]]
    return _as_bytes(harmless({**notebook, "cells": cells}, own))


def _as_bytes(notebook: dict[str, Any]) -> bytes:
    return as_text(notebook).encode("utf-8", "replace")


def _restore(notebook: dict[str, Any], source: dict[str, Any]) -> None:
    """Locked cells are the instructor's again, with their hidden tests."""
    originals = {grade_id(cell): cell for cell in source["cells"] if grade_id(cell)}
    for cell in notebook["cells"]:
        original = originals.get(grade_id(cell))
        if original is not None and _is_locked(original):
            cell["source"] = without(original["source"], [])


def _is_locked(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("locked"))


def _is_given(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get("solution")
