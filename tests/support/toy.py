"""The toy course for tests of the tools: a lab without torch, and submissions to it."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

from vae_grading.course.course import Course
from vae_grading.course.notebooks import read_notebook

FOLDER = Path(__file__).parent / "toy_course"
LAB = "toy"


def copy_course(target: Path) -> Course:
    """A fresh toy course, nothing built."""
    shutil.copytree(FOLDER, target)
    return Course(target)


def cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """The cell with this grade id or cell id."""
    return next(
        cell
        for cell in notebook["cells"]
        if name in (cell["metadata"].get("nbgrader", {}).get("grade_id"), cell["id"])
    )


def answered(course: Course, **sources: str) -> dict[str, Any]:
    """The model answer as a submission, with other sources for some cells (- written as _)."""
    notebook = copy.deepcopy(read_notebook(course.source(LAB)))
    for name, source in sources.items():
        cell(notebook, name.replace("_", "-"))["source"] = source
    return notebook


def submit(course: Course, student: str, notebook: dict[str, Any] | str | None) -> Path:
    """Put a notebook, or any text, or nothing, where a student's submission goes."""
    path = course.submitted / student / LAB / f"{LAB}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    if notebook is not None:
        path.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook))
    return path


def write_source(course: Course, notebook: dict[str, Any]) -> None:
    course.source(LAB).write_text(json.dumps(notebook), encoding="utf-8")
