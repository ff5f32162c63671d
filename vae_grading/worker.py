"""What happens in the process that grades one submission: nbgrader's autograder, once.

The process is forked from a server that has imported this module already: importing nbgrader
takes longer than anything else here but the student's own cells.
"""

import json
import os
import sqlite3
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from vae_grading.course import Course, Lab
from vae_grading.execution import ExecuteToTheEnd, use_sockets_of_files
from vae_grading.generate import nbgrader_config
from vae_grading.submissions import Unreadable, read_submission, repair
from vae_grading.verdicts import verdicts

# A fixed name in the scratch folder: a student's own may hold what a glob takes for a pattern.
STUDENT = "student"


@dataclass(frozen=True)
class Job:
    """One submission, and a scratch folder with a gradebook and the release notebook."""

    course: Course
    lab: Lab
    notebook: Path
    scratch: Path
    threads: int

    @property
    def release(self) -> Path:
        return self.scratch / "release" / self.lab.name / f"{self.lab.name}.ipynb"

    @property
    def submitted(self) -> Path:
        return self.scratch / "submitted" / STUDENT / self.lab.name / f"{self.lab.name}.ipynb"

    @property
    def autograded(self) -> Path:
        return self.scratch / "autograded" / STUDENT / self.lab.name / f"{self.lab.name}.ipynb"

    @property
    def outcome(self) -> Path:
        return self.scratch / "outcome.json"


def work(job: Job) -> None:
    """Grade the submission and write what came of it into `job.outcome`."""
    os.setsid()  # Ctrl-C in the terminal is for the command, which ends this process itself
    with (job.scratch / "log.txt").open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ |= {
        "OMP_NUM_THREADS": str(job.threads),
        "IPYTHONDIR": str(job.scratch / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(job.scratch / "runtime"),
    }
    os.environ.pop("MPLBACKEND", None)
    try:
        outcome = _grade(job)
    except Unreadable as problem:
        outcome = {
            "problem": problem.problem,
            "reason": problem.reason,
            "next_step": problem.next_step,
        }
    except Exception:
        traceback.print_exc()
        outcome = {
            "problem": "not-graded",
            "reason": f"nbgrader could not grade it: {_last_words(job)}",
            "next_step": "Open the notebook and look; if it is sound, please report this.",
        }
    beside = job.outcome.with_suffix(".new")
    beside.write_text(json.dumps(outcome), encoding="utf-8")
    beside.rename(job.outcome)


def _grade(job: Job) -> dict[str, Any]:
    release = nbformat.read(job.release, as_version=4)
    submitted = read_submission(job.notebook, job.lab.name)
    repaired, notes = repair(submitted, release, job.lab.name)
    job.submitted.parent.mkdir(parents=True)
    nbformat.write(nbformat.from_dict(repaired), job.submitted)
    _autograde(job)
    executed = nbformat.read(job.autograded, as_version=4)
    cells = verdicts(job.lab, executed, release, _scores(job.scratch / "gradebook.db"))
    return {"cells": [vars(cell) for cell in cells], "notes": notes}


def _autograde(job: Job) -> None:
    config = use_sockets_of_files(nbgrader_config(job.course), job.scratch)
    config.Autograde.autograde_preprocessors = [
        ExecuteToTheEnd if step.__name__ == "Execute" else step
        for step in Autograde.autograde_preprocessors.default_args[0]
    ]
    folders = CourseDirectory(
        root=str(job.scratch),
        assignment_id=job.lab.name,
        student_id=STUDENT,
        db_url=f"sqlite:///{job.scratch / 'gradebook.db'}",
        config=config,
    )
    try:
        Autograde(coursedir=folders, config=config).start()
    except NbGraderException:
        print("nbgrader gave up", file=sys.stderr)
        raise


def _scores(gradebook: Path) -> dict[str, float | None]:
    connection = sqlite3.connect(gradebook)
    try:
        rows = connection.execute(
            "select base_cell.name, grade.auto_score from grade "
            "join base_cell on base_cell.id = grade.cell_id"
        )
        return dict(rows.fetchall())
    finally:
        connection.close()


def _last_words(job: Job) -> str:
    lines = (job.scratch / "log.txt").read_text(errors="replace").strip().splitlines()
    said = [line for line in lines if "Error" in line] or lines or ["no message"]
    return said[-1].strip()[:300]
