"""The labs as students are given them: their exercises, and the tests that everybody may see.

In a copy of the project they are the notebooks of `release/`; an installation holds copies of them
beside this file (see setup.py).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vae_helpers.errors import VaeLabError

_HEADING = re.compile(r"^#+ (Exercise|Question) (\d+): (.+)$", re.MULTILINE)
_PACKAGED = Path(__file__).parent / "release"
_BUILT = Path(__file__).parents[1] / "release"


@dataclass(frozen=True)
class Part:
    """A graded cell that a machine judges; `tests` are those that students see."""

    grade_id: str
    points: float
    tests: str

    @property
    def form_only(self) -> bool:
        """Whether all that students see of the tests is an idea called `form`, as of a quiz."""
        return re.findall(r"\.(\w+)\(", self.tests) == ["form"]


@dataclass(frozen=True)
class Task:
    """An exercise with its parts, or a question, for whose `points` a person reads the answer.

    `solutions` are the grade ids of the cells that a student writes.
    """

    name: str  # "Exercise 3", "Question 1"
    title: str
    solutions: tuple[str, ...]
    parts: tuple[Part, ...]
    points: float

    @property
    def is_written(self) -> bool:
        """Whether a person marks it."""
        return not self.parts

    def solutions_of(self, grade_id: str) -> tuple[str, ...]:
        """The solution cells that the graded cell `<solution>-<idea>` judges; all, if none fits."""
        named = [key for key in self.solutions if f"{grade_id}-".startswith(f"{key}-")]
        return (max(named, key=len),) if named else self.solutions


def released_labs() -> tuple[str, ...]:
    """The names of the labs that this installation knows."""
    return tuple(sorted(path.stem for path in _folder().glob("*/*.ipynb") if _is_lab(path)))


def released_notebook(lab: str) -> dict[str, Any]:
    """The notebook that students of `lab` are given. Raises VaeLabError where it is not there."""
    path = _folder() / lab / f"{lab}.ipynb"
    if not path.is_file():
        raise VaeLabError(f"{lab}: there is no such lab here, or `vae-lab build` has not made it")
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def tasks(notebook: dict[str, Any]) -> tuple[Task, ...]:
    """The exercises and questions of a released notebook, in its order."""
    found: list[Task] = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            for word, number, title in _HEADING.findall(source):
                title = title.strip().replace("`", "")
                found.append(Task(f"{word} {number}", title, (), (), 0))
        marks = cell["metadata"].get("nbgrader", {})
        if found and (marks.get("grade") or marks.get("solution")):
            found[-1] = _with_cell(found[-1], marks, source)
    return tuple(task for task in found if task.points)


def _with_cell(task: Task, marks: dict[str, Any], source: str) -> Task:
    solutions, parts, points = task.solutions, task.parts, task.points
    if marks.get("solution"):
        solutions = (*solutions, marks["grade_id"])
    if marks.get("grade"):
        points += marks["points"]
        if not marks.get("solution"):
            parts = (*parts, Part(marks["grade_id"], marks["points"], source))
    return Task(task.name, task.title, solutions, parts, points)


def _folder() -> Path:
    return _PACKAGED if _PACKAGED.is_dir() else _BUILT


def _is_lab(path: Path) -> bool:
    return path.parent.name == path.stem
