"""Feedback pages: for each exercise the mark, what was seen, what it means, where to look.

A page holds text and PNG pictures only, each escaped or decoded and checked; no script can run in
it, nothing is loaded from elsewhere, and no test, model answer or mark scheme is in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from vae_grading import atomic
from vae_grading.course.assignment import content_hash
from vae_grading.course.course import Course
from vae_grading.course.lab import Exercise
from vae_grading.deliveries.times import in_words
from vae_grading.marks.marks import Mark, StudentMarks, all_marks, number
from vae_grading.marks.results import MOST_NOTES, NOT_GRADED, CellResult
from vae_grading.pages.figures import figures
from vae_grading.plain_text import plain
from vae_grading.submissions.hand_in import Submission, Unreadable, read_bytes, submission

if TYPE_CHECKING:
    import jinja2


@dataclass(frozen=True)
class Section:
    """What a page says about one exercise."""

    exercise: Exercise
    mark: Mark
    cells: list[tuple[str, CellResult, float | None]]
    messages: list[CellResult]
    comments: list[str]
    figures: list[str]


def feedback(
    course: Course,
    lab_name: str,
    *,
    submitted: Path | None = None,
    console: Console | None = None,
) -> list[Path]:
    """Write `feedback/<student>/<lab>/<lab>.html` for every graded student; their paths.

    `submitted` is the folder that was graded, for the figures in its notebooks; a submission
    that is no longer there, or is another by now, has a page without figures.
    Raises VaeLabError when the lab is unknown or was not graded yet.
    """
    console = console or Console()
    class_marks = all_marks(course, course.lab(lab_name))
    handed_in = submitted or course.submitted
    pages = []
    for graded in class_marks:
        own = submission(handed_in, lab_name, graded.student)
        page = student_page(graded, own)
        for student in (graded.student, *(each.folder for each in graded.members)):
            path = course.feedback(lab_name, student)
            atomic.write_text(path, page)
            pages.append(path)
    console.print(
        f"{len(pages)} feedback pages: feedback/<student>/{lab_name}/{lab_name}.html",
        soft_wrap=True,
    )
    return pages


def student_page(graded: StudentMarks, handed_in: Submission) -> str:
    """One student's page, with the figures of what was handed in if that is what was graded."""
    data = _graded_file(graded, handed_in)
    drawn = {} if data is None else figures(data)
    return (
        templates()
        .get_template("feedback.html")
        .render(
            lab=graded.lab,
            graded=graded,
            sections=sections(graded, drawn),
            others=drawn.get("", []),
            most_notes=MOST_NOTES,
            not_graded=graded.result.problem == NOT_GRADED,
            late=in_words(graded.late.seconds),
            changed=data is None and not graded.result.problem,
        )
    )


def sections(graded: StudentMarks, drawn: Mapping[str, list[str]] | None = None) -> list[Section]:
    """What is said about each exercise, with the figures `drawn` in it."""
    return [
        Section(
            exercise=exercise,
            mark=graded.mark(exercise),
            cells=[
                (_idea(cell, exercise), cell, graded.points(cell))
                for cell in graded.cells(exercise)
            ],
            messages=_distinct(graded, exercise) if not graded.result.problem else [],
            comments=_comments(graded, exercise),
            figures=(drawn or {}).get(exercise.label, []),
        )
        for exercise in graded.lab.exercises
    ]


def _graded_file(graded: StudentMarks, handed_in: Submission) -> bytes | None:
    """What was graded, if it is still there."""
    try:
        data = read_bytes(handed_in.notebook, graded.lab.name, handed_in.folder)
    except Unreadable:
        return None
    return data if content_hash(data) == graded.result.submission else None


def templates() -> "jinja2.Environment":
    """Templates of this package; what they are given is escaped, and has nothing unprintable."""
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.PackageLoader("vae_grading.pages"),
        autoescape=True,
        finalize=_printable,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["number"] = number
    return found


def _printable(value: object) -> object:
    # A template's own parts are of a subclass of str.
    return plain(value, lines=True) if type(value) is str else value


def _distinct(graded: StudentMarks, exercise: Exercise) -> list[CellResult]:
    """The cells of one exercise that say something, each misconception once."""
    found: dict[str, CellResult] = {}
    for cell in graded.cells(exercise):
        if cell.seen:
            found.setdefault(cell.slug or cell.seen, cell)
    return list(found.values())


def _idea(cell: CellResult, exercise: Exercise) -> str:
    """The idea that a graded cell `<key>-<idea>` is about, or what it is called else."""
    if cell.grade_id in exercise.solutions:
        return "answer"
    if len(exercise.solutions) > 1:
        return cell.grade_id.replace("-", " ")
    return cell.grade_id.removeprefix(f"{exercise.key}-").replace("-", " ")


def _comments(graded: StudentMarks, exercise: Exercise) -> list[str]:
    ids = [*exercise.solutions, *(cell.grade_id for cell in exercise.graded)]
    marks = (graded.personal.get(grade_id) for grade_id in dict.fromkeys(ids))
    return [mark.comment for mark in marks if mark and mark.comment]
