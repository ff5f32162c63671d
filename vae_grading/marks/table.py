"""The table of marks by question that `vae-lab grade` ends with, and what is left for a person."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.deliveries import attendance
from vae_grading.deliveries.times import in_words
from vae_grading.marks import results
from vae_grading.marks.marks import Mark, StudentMarks, all_marks, number
from vae_grading.plain_text import plain

MOST_ROWS = 200  # of a table that somebody reads in a terminal
MOST_NAMED = 20
LONGEST_NAME = 40  # characters


def print_marks(
    course: Course,
    lab: Lab,
    console: Console,
    students: set[str] | None = None,
    remarks: Sequence[str] = (),
) -> None:
    """The table of marks by question, and below it the submissions that need a person.

    Of a class that fills screens, only how many there are and what they earned on average.
    `remarks` are lines that somebody has to read, too.
    """
    graded = [each for each in all_marks(course, lab) if not students or each.student in students]
    if len(graded) <= MOST_ROWS:
        console.print(_table(lab, graded))
        names = (f"{each.label} {each.plain_title}" for each in lab.exercises)
        console.print(Text(" · ".join(names), style="dim"))
    else:
        mean = sum(each.total.points for each in graded) / len(graded)
        console.print(
            f"{len(graded):,} submissions of {lab.title}: {mean:.1f} of {number(lab.points)} "
            f"points on average. `vae-lab report {lab.name}` shows everybody's marks."
        )
    said_only = sum(each.late.said for each in graded)
    if said_only:
        console.print(
            f"{said_only:,} are late by their system, which does not say by how much: nothing is "
            "taken off unless timestamp.txt beside the notebook has the time.",
            soft_wrap=True,
        )
    to_mark = sum(each.total.open > 0 for each in graded)
    if to_mark:
        console.print(
            f"[dim]…[/dim] {to_mark:,} submissions have written answers to mark: "
            "in JupyterLab, Nbgrader > Formgrader."
        )
    for_a_person = [each for each in graded if each.result.needs_person]
    for each in for_a_person[:MOST_NAMED]:
        _warn(f"{_name(each.student)}: {needs(each.result, lab)}", console)
    if len(for_a_person) > MOST_NAMED:
        _warn(f"{len(for_a_person) - MOST_NAMED:,} more need a person: see the report", console)
    for line in remarks[:MOST_NAMED]:
        _warn(line, console)
    if len(remarks) > MOST_NAMED:
        _warn(f"{len(remarks) - MOST_NAMED:,} more names are alike", console)
    if missing := attendance.line(course, lab.name):
        console.print(Text(missing), soft_wrap=True)


def _name(student: str) -> str:
    """A name for a line in which there has to be room for more."""
    shown = plain(student)
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}…"


def _warn(line: str, console: Console) -> None:
    console.print(Text(f"! {plain(line)}"), style="yellow")


def _table(lab: Lab, graded: list[StudentMarks]) -> Table:
    table = Table(
        title=f"{lab.title}: marks by question",
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("student", no_wrap=True)
    for exercise in lab.exercises:
        head = f"{exercise.label}\n[dim]/{number(exercise.points)}"
        table.add_column(head, justify="right", no_wrap=True)
    with_late = any(each.late for each in graded)
    if with_late:
        table.add_column("late", justify="right", no_wrap=True)
    table.add_column(
        f"total\n[dim]/{number(lab.points)}", justify="right", style="bold", no_wrap=True
    )
    for each in graded:
        cells = [_shown(each.mark(exercise)) for exercise in lab.exercises]
        if with_late:
            cells.append(Text(late_in_words(each), style="yellow"))
        flag = Text(" !", style="yellow") if each.result.needs_person else Text("")
        table.add_row(Text(_name(each.everybody)) + flag, *cells, _shown(each.total))
    return table


def late_in_words(each: StudentMarks) -> str:
    """How late, and the points that are taken off; "" in time."""
    if each.late.seconds:
        taken = f" -{number(each.penalty)}" if each.penalty else ""
        return in_words(each.late.seconds) + taken
    return "late" if each.late.said else ""


def _shown(mark: Mark) -> Text:
    """Points as text; what a person has yet to give is shown by dots."""
    if mark.open:
        return Text(f"{number(mark.points)}…" if mark.points else "…", style="dim")
    full = mark.points >= mark.max_points
    style = "green" if full else "red" if mark.points == 0 else "yellow"
    return Text(number(mark.points), style=style)


def needs(result: results.Result, lab: Lab) -> str:
    """Why a submission needs a person, and what to do, in one or two sentences."""
    if result.problem:
        return f"{result.reason} {result.next_step}"
    said = [f"{doubt} Look at the file." for doubt in result.doubts]
    cells = [cell for cell in result.cells if cell.reason]
    if cells:
        exercises = {lab.exercise_of(cell.grade_id): cell for cell in cells}
        first = next(iter(exercises.values()))
        where = ", ".join(f"{each.word} {each.number}" for each in exercises if each)
        why = first.seen.split(" It stands before")[0]
        said.append(f"{where}: {why} Read the answer; its graded cells got no marks.")
    return " ".join(said)
