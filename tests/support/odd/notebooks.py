"""Odd notebooks: answers to a lab, some right and some wrong, changed by several kinds at once.

    make odd       (writes plain.json)

has nbgrader grade each of them as it does without this project's judge, and writes the marks of
every cell into plain.json: what the judge's marks are compared with.
"""

from __future__ import annotations

import copy
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import cycle
from pathlib import Path

from places import PROJECT

from odd.kinds import KINDS, PLAIN_LOSES
from vae_grading.course.bank import read_bank
from vae_grading.course.course import Course, find_course
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.regions import HIDDEN_TESTS, MARK_SCHEME, without

PLAIN = Path(__file__).with_name("plain.json")
LABS = ("lab1-elbo", "lab2-reparameterization", "lab3-vae")
EACH = 24  # notebooks of a lab
TOGETHER = 3  # kinds in one notebook
# Two of these cannot be in one notebook: both change what the file is, or where a cell stands.
_FILES = {"utf-16", "utf-8-with-a-mark", "windows-code-page", "text-after-the-end"}
_PLACES = {"answered-below", "answered-above", "copied-answer", "helper-above", "timed-answers"}
_IMPORTS = {"captured-imports", "imports-deleted", "imports-as-markdown", "future"}
_METADATA = {"metadata-lost", "metadata-and-ids-lost", "code-metadata-lost", "ids-lost",
             "saved-by-colab", "saved-by-vs-code", "keys-missing"}  # fmt: skip


@dataclass(frozen=True)
class Odd:
    """One notebook to hand in: `answers` says which of its answers are wrong, `kinds` what was done
    to it."""

    lab: str
    answers: str
    kinds: tuple[str, ...]

    @property
    def name(self) -> str:
        return "--".join((self.answers, *self.kinds))

    @property
    def plain_loses(self) -> tuple[str, ...]:
        """Its kinds with which plain nbgrader cannot give its marks."""
        return tuple(kind for kind in self.kinds if kind in PLAIN_LOSES)


def odd_notebooks() -> Iterator[Odd]:
    """The same ones every time; each kind is in several, and each lab has all sorts of answers."""
    chance = random.Random(0)
    runs_plain = [kind for kind in KINDS if kind not in PLAIN_LOSES]
    waiting = {True: [], False: []}
    for lab in LABS:
        answers = cycle(("right", "wrong", "half"))
        for number in range(EACH):
            plain = number % 2 == 0  # every other one can be run by nbgrader, too
            queue, pool = waiting[plain], runs_plain if plain else list(KINDS)
            kinds: list[str] = []
            while len(kinds) < TOGETHER:
                if not any(_fit(kind, kinds) for kind in queue):
                    queue += chance.sample(pool, len(pool))
                kinds.append(queue.pop(next(i for i, k in enumerate(queue) if _fit(k, kinds))))
            kinds.sort(key=lambda each: (each in _FILES, each in _METADATA, each in _IMPORTS))
            yield Odd(lab, next(answers), tuple(kinds))


def _fit(kind: str, others: list[str]) -> bool:
    groups = (_FILES, _PLACES, _IMPORTS, _METADATA)
    clash = any(kind in group and group & {*others} for group in groups)
    return kind not in others and not clash


class Makes:
    """Makes the odd notebooks of one lab, from its source and its bank."""

    def __init__(self, course: Course, lab: str) -> None:
        self._release = read_notebook(course.release(lab))
        self._model = {
            marks["grade_id"]: without(cell["source"], [HIDDEN_TESTS, MARK_SCHEME])
            for cell in read_notebook(course.source(lab))["cells"]
            if (marks := cell["metadata"].get("nbgrader")) and marks["solution"]
        }
        bank = read_bank(course.lab(lab), course.answers(lab))
        wrong = {key: [each for each in answers if each.loses] for key, answers in bank.items()}
        self._wrong = {key: answers[0].source.strip() for key, answers in wrong.items() if answers}

    def file(self, odd: Odd) -> bytes:
        notebook = copy.deepcopy(self._release)
        notebook["released"] = {}  # for kinds that put a cell back as it was
        turn = 0
        for cell in notebook["cells"]:
            marks = cell["metadata"].get("nbgrader")
            if not marks or not marks["solution"]:
                continue
            turn, name = turn + 1, marks["grade_id"]
            notebook["released"][name] = cell["source"]
            if odd.answers == "half" and turn % 2:
                continue
            wrong = odd.answers == "wrong" and turn % 3 == 0
            cell["source"] = (self._wrong.get(name) if wrong else None) or self._model[name]
        for kind in odd.kinds:
            if kind in _FILES:  # the last one
                del notebook["released"]
                return KINDS[kind](notebook)
            KINDS[kind](notebook)
        del notebook["released"]
        return json.dumps(notebook).encode()


def hand_in(course: Course, lab: str) -> list[Odd]:
    """Write the lab's odd notebooks into the course's submitted/."""
    makes = Makes(find_course(PROJECT), lab)
    found = [odd for odd in odd_notebooks() if odd.lab == lab]
    for odd in found:
        path = course.submitted / odd.name / lab / f"{lab}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(makes.file(odd))
    return found


def course_with(lab: str, root: Path) -> Course:
    """A course of this lab alone."""
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    shutil.copytree(PROJECT / "source" / lab, root / "source" / lab)
    return Course(root)


def by_plain_nbgrader(course: Course, lab: str) -> dict[str, dict[str, float]]:
    """The automatic points that nbgrader gives to each submission that it can grade, by cell."""
    from nbgrader.api import Gradebook

    here = Path(sys.executable).parent  # nbgrader runs `alembic` by name
    environment = os.environ | {
        "PATH": f"{here}{os.pathsep}{os.environ['PATH']}",
        "VAE_LAB_JUDGE": "off",
        "OMP_NUM_THREADS": "1",
    }
    # One at a time: a notebook that nbgrader refuses ends its run.
    students = sorted(path.name for path in course.submitted.iterdir())
    commands = [["generate_assignment", lab]]
    commands += [["autograde", lab, "--student", student] for student in students]
    for command in commands:
        subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=course.root,
            env=environment,
            capture_output=True,
            check=False,  # what could not be graded is not in the gradebook
        )
    found: dict[str, dict[str, float]] = {}
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        for submission in book.assignment_submissions(lab):
            if (course.root / "autograded" / submission.student.id / lab).is_dir():
                (notebook,) = submission.notebooks
                found[submission.student.id] = {
                    grade.name: grade.auto_score
                    for grade in notebook.grades
                    if grade.auto_score is not None and grade.cell.cell_type == "code"
                }
        book.engine.dispose()
    return found


def main() -> None:
    marks = {}
    for lab in LABS:
        with tempfile.TemporaryDirectory() as folder:
            course = course_with(lab, Path(folder) / "course")
            hand_in(course, lab)
            marks[lab] = by_plain_nbgrader(course, lab)
            print(f"{lab}: {len(marks[lab])} of {EACH} graded", flush=True)
    made_by = {name: version(name) for name in ("nbgrader", "torch", "ipython", "ipykernel")}
    PLAIN.write_text(json.dumps({"made_by": made_by, "marks": marks}, indent=1) + "\n")


if __name__ == "__main__":
    main()
