"""Marks into the file that a system gave out, which takes it back: `vae-lab export`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.deliveries import identities
from vae_grading.marks.marks import all_marks, number
from vae_grading.plain_text import plain
from vae_grading.returns.cells import Cell
from vae_grading.returns.grade_file import GradeFile, Row, read_grade_file
from vae_grading.returns.recipients import Recipient, matched, recipients
from vae_grading.returns.wording import OURS, parsed, short_comment, written
from vae_helpers.errors import VaeLabError

MOST_NAMED = 50


@dataclass(frozen=True)
class Exported:
    """What was written for whom, and who was left out, each with the reason."""

    marks: dict[str, str]
    left: dict[str, str]
    unfinished: dict[str, str]


def export(
    course: Course,
    lab_name: str,
    into: Path,
    *,
    column: str | None = None,
    scale: bool = False,
    partial: bool = False,
    unfinished: bool = False,
    dry_run: bool = False,
    console: Console | None = None,
) -> Exported:
    """Fill a lab's marks into the file `into`; every other byte of it stays as it is.

    People are found by the numbers and user names of the system. Where one who has a mark is not
    found, nothing is written unless `partial`. Marks that are not final are left out unless
    `unfinished`. `column` names the lab's column where the file's own words do not; with `scale`
    marks are scaled to the maximum that the file gives.

    Raises VaeLabError, with nothing changed, for a file that is no system's, was changed by a
    spreadsheet, or is of another course or lab, and when the lab was not graded yet.
    """
    console = console or Console()
    lab = course.lab(lab_name)
    graded = all_marks(course, lab)
    file = read_grade_file(into, lab, course.labs(), column)
    factor = _factor(file, lab, scale)
    people = recipients(course, lab.name, graded, identities.read(course))
    pairs, left = matched(people, file.rows, list(file.heading.people))
    if not pairs:
        tell_left("No place in the file:", left, console)
        raise VaeLabError(_nobody(file, lab, left))
    _require_this_lab(file, pairs, lab)
    final = [(each, row) for each, row in pairs if unfinished or not each.graded.unfinished]
    waiting = {each.folder: each.graded.unfinished for each in people if each.graded.unfinished}
    cells: dict[Cell, str] = {}
    marks: dict[str, str] = {}
    kept = changed = 0
    for each, row in final:
        place = file.column.place
        if reason := _closed(file, row):
            left.append((each, reason))
            continue
        mark = written(each.graded.total.points * factor, decimal_comma=file.decimal_comma)
        before = row.line.value(place)
        marks[each.folder] = mark
        if parsed(before) != parsed(mark):
            cells[row.line.cells[place]] = mark
            changed += bool(before)
        kept += _comment(file, each, row, cells)
    tell_left("No place in the file:", left, console)
    if not unfinished:
        tell_waiting(waiting, console)
    if left and not partial:
        raise VaeLabError(
            f"{into}: {len(left)} of {len(people)} students with marks have no place in it (they "
            "are listed above): nothing was written; --partial writes the others"
        )
    if not dry_run and cells:
        atomic.write_bytes(into.resolve(), file.table.replaced(cells))
    _tell(file, lab, marks, changed, kept, pairs, people, dry_run, console)
    reasons = {each.folder: reason for each, reason in left}
    return Exported(marks, reasons, {} if unfinished else waiting)


def _factor(file: GradeFile, lab: Lab, scale: bool) -> float:
    most = parsed(file.maximum)
    if most is None or most == lab.points:
        return 1.0
    name = plain(file.column.head)
    if most == 0:
        raise VaeLabError(
            f"{file.path}: '{name}' has a maximum of 0: set its points in {file.heading.system}, "
            "and export the file again"
        )
    if not scale:
        raise VaeLabError(
            f"{file.path}: '{name}' has a maximum of {number(most)}, and {lab.name} has "
            f"{number(lab.points)} points; is it another lab's? --scale multiplies every mark by "
            f"{number(most)}/{number(lab.points)}"
        )
    return most / lab.points


def _nobody(file: GradeFile, lab: Lab, left: Sequence[tuple[Recipient, str]]) -> str:
    each, reason = left[0]
    of = "lab or course" if file.heading.one_lab else "course"
    return (
        f"{file.path}: none of the {len(left)} students with marks for {lab.name} is found in it: "
        f"is it another {of}'s? ({each}: {reason})"
    )


def _require_this_lab(file: GradeFile, pairs: Sequence[tuple[Recipient, Row]], lab: Lab) -> None:
    """Gradescope numbers submissions: where all that were collected are others, it is another lab.

    A number in the file may be a later attempt's, which was not collected.
    """
    place = file.heading.submission
    if place is None:
        return
    told = [
        (row.line.value(place), str(each.record.sender.upload))
        for each, row in pairs
        if each.record and each.record.sender.system == "Gradescope" and row.line.value(place)
    ]
    if told and all(there != collected for there, collected in told):
        raise VaeLabError(
            f"{file.path}: none of its submission numbers was collected for {lab.name}: is it "
            "another lab's? If all have handed in anew, collect that first"
        )


def _closed(file: GradeFile, row: Row) -> str:
    """Why a row's mark is not to be touched, or ""."""
    place, line = file.column.place, row.line
    if place >= len(line.cells):
        return f"line {line.number} ends before the column for the mark"
    said = line.value(place).casefold()
    if file.heading.system == "Canvas" and said == "ex":
        return "excused in Canvas"
    if file.heading.system == "Canvas" and said == "n/a":
        return "Canvas has not assigned the lab to this student"
    changeable = line.value(file.heading.changeable).casefold()
    if changeable in ("no", "nein", "non"):
        return "Moodle does not let this grade be changed"
    return ""


def _comment(file: GradeFile, each: Recipient, row: Row, cells: dict[Cell, str]) -> bool:
    """Put the comment where the system has a column for it; whether somebody's stands there."""
    place = file.heading.comment
    if place is None or place >= len(row.line.cells):
        return False
    before = row.line.value(place)
    if before and not before.startswith(OURS):
        return True
    as_html = row.line.value(file.heading.comment_format).upper() in ("HTML", "SMART_TEXT")
    comment = short_comment(each.graded, as_html=as_html or file.heading.system == "Moodle")
    if comment != before:
        cells[row.line.cells[place]] = comment
    return False


def tell_left(head: str, left: Sequence[tuple[Recipient, str]], console: Console) -> None:
    """List who was left out, and why."""
    _list(head, sorted(f"{each}: {reason}" for each, reason in left), console)


def tell_waiting(waiting: dict[str, str], console: Console) -> None:
    """List whose marks are not final, and why."""
    lines = [f"{plain(student)}: {reason}" for student, reason in sorted(waiting.items())]
    _list("Not final, and left out (--unfinished takes them, too):", lines, console)


def _list(head: str, lines: Sequence[str], console: Console) -> None:
    if not lines:
        return
    more = [f"... and {len(lines) - MOST_NAMED} more"] if len(lines) > MOST_NAMED else []
    for line in (head, *(f"  {line}" for line in (*lines[:MOST_NAMED], *more))):
        console.print(line, soft_wrap=True, markup=False, highlight=False)


def _tell(
    file: GradeFile,
    lab: Lab,
    marks: dict[str, str],
    changed: int,
    kept: int,
    pairs: Sequence[tuple[Recipient, Row]],
    people: Sequence[Recipient],
    dry_run: bool,
    console: Console,
) -> None:
    others = len(file.rows) - len(pairs)
    said = (
        f"{len(marks)} of {len(people)} marks for {lab.name} into '{plain(file.column.head)}' of "
        f"{file.path} ({file.heading.system}); {changed} replace another mark; "
        f"{others} in it have no marks here."
    )
    named = sum(each.by_name for each, _ in pairs)
    lines = [
        said,
        f"{named} of them the roster knows by their names alone: look at these." if named else "",
        f"{kept} comments that somebody wrote stay as they are." if kept else "",
        "Nothing was written: this was a dry run." if dry_run else "",
    ]
    for line in filter(None, lines):
        console.print(line, soft_wrap=True, markup=False, highlight=False)
