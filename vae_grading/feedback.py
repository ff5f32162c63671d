"""Feedback pages: for each exercise the mark, what was seen, what it means, where to look.

A page holds text and PNG pictures only, each escaped or decoded and checked; no script can run in
it, nothing is loaded from elsewhere, and no test, model answer or mark scheme is in it.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from vae_grading import atomic
from vae_grading.course import HEADING, Course, Exercise, read_notebook
from vae_grading.marks import Graded, Mark, all_marks, number
from vae_grading.messages import Message, distinct
from vae_grading.results import CellResult
from vae_helpers.errors import VaeLabError

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_PICTURE = 400_000
MOST_PICTURES = 12
_ANY_HEADING = re.compile(r"^#+ ", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """What a page says about one exercise."""

    exercise: Exercise
    mark: Mark
    cells: list[tuple[str, CellResult, float | None]]
    messages: list[Message]
    comments: list[str]
    pictures: list[str]


def feedback(course: Course, lab_name: str, *, console: Console | None = None) -> list[Path]:
    """Write `feedback/<student>/<lab>/<lab>.html` for every graded student; their paths.

    Raises VaeLabError when the lab is unknown or was not graded yet.
    """
    console = console or Console()
    pages = []
    for graded in all_marks(course, course.lab(lab_name)):
        path = course.feedback(lab_name, graded.student)
        atomic.write_text(path, page(course, graded))
        pages.append(path)
    console.print(f"{len(pages)} feedback pages: feedback/<student>/{lab_name}/{lab_name}.html")
    return pages


def page(course: Course, graded: Graded) -> str:
    """One student's page."""
    pictures = _pictures(course.autograded(graded.lab.name, graded.student))
    sections = [
        Section(
            exercise=exercise,
            mark=graded.mark(exercise),
            cells=[
                (_idea(cell, exercise), cell, graded.points(cell))
                for cell in graded.cells(exercise)
            ],
            messages=distinct(graded, exercise) if not graded.result.problem else [],
            comments=_comments(graded, exercise),
            pictures=pictures.get(exercise.label, []),
        )
        for exercise in graded.lab.exercises
    ]
    return (
        environment()
        .get_template("feedback.html")
        .render(
            lab=graded.lab,
            graded=graded,
            sections=sections,
            others=pictures.get("", []),
        )
    )


def environment():
    """Templates of this package; what they are given is escaped."""
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.PackageLoader("vae_grading"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["number"] = number
    return found


def _idea(cell: CellResult, exercise: Exercise) -> str:
    """The idea that a graded cell `<key>-<idea>` is about, or what it is called else."""
    if cell.grade_id in exercise.solutions:
        return "answer"
    if len(exercise.solutions) > 1:
        return cell.grade_id.replace("-", " ")
    return cell.grade_id.removeprefix(f"{exercise.key}-").replace("-", " ")


def _comments(graded: Graded, exercise: Exercise) -> list[str]:
    ids = [*exercise.solutions, *(cell.grade_id for cell in exercise.graded)]
    marks = (graded.personal.get(grade_id) for grade_id in dict.fromkeys(ids))
    return [mark.comment for mark in marks if mark and mark.comment]


def _pictures(path: Path) -> dict[str, list[str]]:
    """The notebook's PNG pictures as base64, by the label of the exercise they stand in ("" for
    those in none)."""
    try:
        cells = read_notebook(path)["cells"]
    except VaeLabError:
        return {}
    found: dict[str, list[str]] = {}
    label, total = "", 0
    for cell in cells:
        if cell["cell_type"] == "markdown" and _ANY_HEADING.search(cell["source"]):
            heading = HEADING.search(cell["source"])
            label = ""
            if heading:
                label = f"Q{heading[2]}" if heading[1] == "Question" else heading[2]
        for picture in _png_outputs(cell):
            if total < MOST_PICTURES:
                found.setdefault(label, []).append(picture)
                total += 1
    return found


def _png_outputs(cell: dict) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        encoded = output.get("data", {}).get("image/png")
        if isinstance(encoded, list):
            encoded = "".join(encoded)
        if not isinstance(encoded, str) or len(encoded) > 2 * LARGEST_PICTURE:
            continue
        try:
            picture = base64.b64decode(encoded.replace("\n", ""), validate=True)
        except (binascii.Error, ValueError):
            continue
        if picture.startswith(PNG_SIGNATURE) and len(picture) <= LARGEST_PICTURE:
            yield base64.b64encode(picture).decode()
