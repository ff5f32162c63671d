"""The report on a class: one self-contained page for the instructor, and the marks as CSV."""

import contextlib
import csv
import io
import statistics
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.course.notebooks import read_notebook
from vae_grading.deliveries import attendance
from vae_grading.marks.marks import StudentMarks, all_marks, number
from vae_grading.marks.table import late_in_words, needs
from vae_grading.pages.analysis import histogram, lost_otherwise, misconceptions, questions
from vae_grading.pages.feedback import templates
from vae_grading.pages.similarity import Resemblance, answers, resemblances
from vae_grading.plain_text import plain
from vae_helpers.errors import VaeLabError

MOST_COMPARED = 5000  # notebooks that are looked at for near-identical answers


def report(
    course: Course, lab_name: str, *, output: Path | None = None, console: Console | None = None
) -> Path:
    """Write report.html and marks.csv into `output`, or else into reports/<lab>/.

    Returns the page's path. Raises VaeLabError when the lab is unknown or was not graded yet.
    """
    console = console or Console()
    lab = course.lab(lab_name)
    graded = all_marks(course, lab)
    folder = output or course.root / "reports" / lab.name
    missing = attendance.line(course, lab.name)
    html = class_page(lab, graded, _similar(course, lab, graded), missing)
    atomic.write_text(folder / "report.html", html)
    atomic.write_text(folder / "marks.csv", as_csv(lab, graded))
    console.print(
        f"report: {folder / 'report.html'}\nmarks:  {folder / 'marks.csv'}", soft_wrap=True
    )
    if missing:
        console.print(missing, soft_wrap=True, markup=False, highlight=False)
    return folder / "report.html"


def class_page(
    lab: Lab, graded: list[StudentMarks], similar: list[Resemblance] | None, missing: str = ""
) -> str:
    """The report as one HTML page that needs nothing else.

    `similar` is None if not looked for; `missing` says who has no submission.
    """
    by_total = sorted(graded, key=lambda each: (-each.total.points, each.student))
    sound = [each for each in graded if each.result.problem is None]
    shares = [each.total.points / max(1e-9, lab.points - each.total.open) for each in sound]
    return (
        templates()
        .get_template("report.html")
        .render(
            lab=lab,
            graded=by_total,
            sound=sound,
            median=statistics.median(shares) if shares else None,
            bins=histogram(sound, lab),
            questions=questions(graded, lab),
            misconceptions=misconceptions(graded, lab),
            undone=_undone(lab, graded),
            lost_otherwise=lost_otherwise(graded),
            people=[(each, needs(each.result, lab)) for each in graded if each.result.needs_person],
            similar=similar,
            missing=missing,
            late={each.student: late_in_words(each) for each in graded}
            if any(each.late for each in graded)
            else {},
            most_compared=MOST_COMPARED,
            to_mark=[each for each in graded if each.total.open],
            seconds=sorted((each.result.seconds for each in sound), reverse=True),
        )
    )


def _similar(course: Course, lab: Lab, graded: list[StudentMarks]) -> list[Resemblance] | None:
    """Near-identical submissions among those that could be read, or None when there are too many.

    What students were given does not count.
    """
    if len(graded) > MOST_COMPARED:
        return None
    found = {}
    for each in graded:
        with contextlib.suppress(VaeLabError):  # one that could not be graded has no notebook
            notebook = read_notebook(course.autograded(lab.name, each.student))
            found[each.student] = answers(notebook, lab)
    given: list[str] = []
    with contextlib.suppress(VaeLabError):  # the lab as released, if it was built here
        given = [cell["source"] for cell in read_notebook(course.release(lab.name))["cells"]]
    return resemblances(found, given)


def _undone(lab: Lab, graded: list[StudentMarks]) -> list[tuple[str, list[str]]]:
    """Exercises that some students have not tried, with these students."""
    found = []
    for exercise in lab.exercises:
        students = [
            each.student
            for each in graded
            if all(cell.slug == "not-done" for cell in each.cells(exercise))
        ]
        if students:
            found.append((f"{exercise.word} {exercise.number}", students))
    return found


def as_csv(lab: Lab, graded: list[StudentMarks]) -> str:
    """One row a student: points by exercise (empty while a person has yet to mark), total, ..."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(
        [
            "student",
            *(exercise.key for exercise in lab.exercises),
            "total",
            "max",
            "to_mark",
            "problem",
            "seconds",
            "hours_late",
            "taken_off",
        ]
    )
    for each, student in _with_members(graded):
        marks = [each.mark(exercise) for exercise in lab.exercises]
        rows.writerow(
            [
                _plain(student),
                *("" if mark.open else number(mark.points) for mark in marks),
                number(each.total.points),
                number(lab.points),
                number(each.total.open),
                each.result.problem or "",
                number(each.result.seconds),
                number(each.late.seconds / 3600) if each.late.seconds else "",
                number(each.penalty) if each.penalty else "",
            ]
        )
    return text.getvalue()


def _with_members(graded: list[StudentMarks]) -> Iterator[tuple[StudentMarks, str]]:
    """Everybody who has a mark: who handed in, and those who did it together with that one."""
    for each in graded:
        for student in (each.student, *(mate.folder for mate in each.members)):
            yield each, student


def _plain(text: str) -> str:
    """Keep spreadsheets from taking a name for a formula, or a part of it for a row."""
    text = plain(text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
