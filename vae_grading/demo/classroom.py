"""An invented class for the demonstration: who hands in what, put together from the answer bank.

`source/<lab>/answers/class.toml` lists the students:

    [[student]]
    id = "noor"
    does = "forgets the factor 1/2"       # said in the demonstration's own table of contents
    start = "model"                       # or "release": every exercise untouched
    alternatives = 1                      # the n-th other right answer to each exercise, if any
    left = ["question-beta"]              # solution cells left as they were released
    file = "missing"                      # or "not JSON": hands in no notebook;
                                          # or "executed": the model answer with its figures
    answers = { gaussian-kl = "half missing" }           # by name, from the bank
    cells = { decoder = "raise RuntimeError" }           # or a solution cell's own source
    hostile = true                        # handed in only where there is a sandbox
"""

import copy
import json
import shutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vae_grading.course.bank import Answer, read_bank
from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.regions import HIDDEN_TESTS, without
from vae_helpers.errors import VaeLabError

_STARTS = ("model", "release")
_FILES = ("notebook", "missing", "not JSON", "executed")


@dataclass(frozen=True)
class Student:
    """One line of the class list; see above for the fields."""

    id: str
    does: str
    start: str = "model"
    alternatives: int = 0
    left: tuple[str, ...] = ()
    file: str = "notebook"
    answers: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    hostile: bool = False


def read_class(path: Path) -> list[Student]:
    """The students of a class list. Raises VaeLabError for what is not understood."""
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))["student"]
        students = [Student(**entry) for entry in listed]
    except FileNotFoundError:
        raise VaeLabError(f"{path}: there is no such class list (lab3-vae has one)") from None
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise VaeLabError(f"{path}: {error}") from None
    for student in students:
        if student.start not in _STARTS or student.file not in _FILES:
            raise VaeLabError(
                f"{path}: {student.id}: start is one of {', '.join(_STARTS)} and file one of "
                f"{', '.join(_FILES)}"
            )
    return students


def hand_in(course: Course, lab: Lab, students: list[Student], folder: Path) -> None:
    """Write each student's submission into `folder/<student>/<lab>/`.

    Raises VaeLabError for an answer that the bank does not have, or an unknown solution cell.
    """
    bank = read_bank(lab, course.answers(lab.name))
    release = read_notebook(course.release(lab.name))
    model = _model_answers(read_notebook(lab.notebook))
    for student in students:
        target = folder / student.id / lab.name
        target.mkdir(parents=True)
        if student.file == "missing":
            (target / "notes.txt").write_text("Sorry, I will send the notebook tomorrow.\n")
        elif student.file == "not JSON":
            (target / f"{lab.name}.ipynb").write_text("%PDF-1.7 lab3 printed as a PDF\n")
        elif student.file == "executed":
            shutil.copy(_executed(course, lab), target / f"{lab.name}.ipynb")
        else:
            answers = _answers_of(student, model, bank)
            text = json.dumps(_filled(release, answers), indent=1, ensure_ascii=False) + "\n"
            (target / f"{lab.name}.ipynb").write_text(text, encoding="utf-8")


def _executed(course: Course, lab: Lab) -> Path:
    path = course.solution(lab.name)
    if not path.is_file():
        raise VaeLabError(f"solutions/{lab.name} was not built yet: run `vae-lab build {lab.name}`")
    return path


def _model_answers(source: dict[str, Any]) -> dict[str, str]:
    """The source of every solution cell, by its grade id."""
    return {
        marks["grade_id"]: without(cell["source"], [HIDDEN_TESTS])
        for cell in source["cells"]
        if (marks := cell["metadata"].get("nbgrader")) and marks["solution"]
    }


def _answers_of(
    student: Student, model: dict[str, str], bank: dict[str, list[Answer]]
) -> dict[str, str]:
    """What a student writes into the solution cells; those left out stay as released."""
    written = dict(model) if student.start == "model" else {}
    if student.alternatives:
        for key in model:
            right = [answer for answer in bank.get(key, []) if not answer.loses]
            if right:
                written[key] = right[(student.alternatives - 1) % len(right)].source
    for key, name in student.answers.items():
        found = [answer.source for answer in bank.get(key, []) if answer.name == name]
        if not found:
            known = ", ".join(answer.name for answer in bank.get(key, [])) or "none"
            raise VaeLabError(
                f"class.toml: {student.id}: the bank has no answer {name!r} to {key!r} "
                f"(it has: {known})"
            )
        written[key] = found[0]
    unknown = sorted({*student.cells, *student.answers, *student.left} - set(model))
    if unknown:
        raise VaeLabError(f"class.toml: {student.id}: no solution cell is called {unknown[0]!r}")
    written |= student.cells
    return {key: source for key, source in written.items() if key not in student.left}


def _filled(release: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
    notebook = copy.deepcopy(release)
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader")
        if marks and marks["grade_id"] in answers:
            cell["source"] = answers[marks["grade_id"]].strip("\n")
    return notebook
