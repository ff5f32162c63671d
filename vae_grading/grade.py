"""Grade a folder of submissions: only what has changed, several at a time, none lost."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from vae_grading import atomic, gradebook, results
from vae_grading.autograder import Graded, autograde
from vae_grading.course import Course, Lab
from vae_grading.generate import Generated, generated
from vae_grading.marks import all_marks, number
from vae_grading.submissions import Submission, find_submissions
from vae_helpers.errors import VaeLabError


def grade(
    course: Course,
    lab_name: str,
    *,
    submitted: Path | None = None,
    workers: int | None = None,
    force: bool = False,
    console: Console | None = None,
) -> None:
    """Grade the submissions of a lab and print the table of marks by question.

    Each result is stored as soon as it is there; running again grades only submissions that have
    none, or whose notebook, tests or environment have changed (all of them with `force`).
    Raises VaeLabError for an unknown lab, a folder without submissions, a bad number of workers.
    """
    console = console or Console()
    lab = course.lab(lab_name)
    workers = (os.cpu_count() or 2) if workers is None else workers
    if workers < 1:
        raise VaeLabError(f"--workers {workers}: at least one is needed")
    submissions = find_submissions(submitted or course.submitted, lab.name)
    current = results.fingerprint(course, lab.name)
    todo = [each for each in submissions if force or not _holds(course, lab, each, current)]
    if len(todo) < len(submissions):
        kept = len(submissions) - len(todo)
        console.print(f"{kept} of {len(submissions)} submissions are graded already.")
    if todo or {each.student for each in submissions} - gradebook.recorded(course, lab.name):
        with generated(course, lab.name) as prepared, _progress(console, len(todo)) as advance:
            gradebook.prepare(course, lab, prepared.gradebook)
            _record_old(course, lab, submissions, todo)
            _grade_all(course, lab, todo, prepared, workers, advance)
    print_marks(course, lab, console, {each.student for each in submissions})


def _holds(course: Course, lab: Lab, submission: Submission, current: str) -> bool:
    """Whether the stored result is of this very submission, these tests, this environment."""
    stored = results.load(course, lab.name, submission.student)
    if stored is None or stored.key != submission.key(current):
        return False
    notebook = course.autograded(lab.name, submission.student)
    return stored.problem not in (None, "not-graded") or notebook.is_file()


def _record_old(
    course: Course, lab: Lab, submissions: list[Submission], todo: list[Submission]
) -> None:
    """Results that hold go into a gradebook that does not have them, say after it was moved."""
    known = gradebook.recorded(course, lab.name) | {each.student for each in todo}
    missing = [each.student for each in submissions if each.student not in known]
    stored = [results.load(course, lab.name, student) for student in missing]
    gradebook.record(course, lab, [result for result in stored if result])


def _grade_all(
    course: Course,
    lab: Lab,
    submissions: list[Submission],
    prepared: Generated,
    workers: int,
    advance: Callable[[str], None],
) -> None:
    """Grade `workers` submissions at a time; whoever graded one stores it, one after the other."""
    stop, storing = threading.Event(), threading.Lock()
    workers = max(1, min(workers, len(submissions)))
    threads = max(1, (os.cpu_count() or 1) // workers)

    def grade_one(submission: Submission) -> str:
        graded = autograde(course, lab, submission, generated=prepared, threads=threads, stop=stop)
        with storing:
            _store(course, lab, graded)
        return submission.student

    with ThreadPoolExecutor(workers, thread_name_prefix="grade") as pool:
        running = [pool.submit(grade_one, each) for each in submissions]
        try:
            for future in as_completed(running):
                advance(future.result())
        finally:
            # After Ctrl-C: what waits is dropped, what runs is ended, what is being stored is.
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


def _store(course: Course, lab: Lab, graded: Graded) -> None:
    """Notebook first, result last: what has a result is complete."""
    path = course.autograded(lab.name, graded.result.student)
    if graded.notebook is None:
        path.unlink(missing_ok=True)
    else:
        atomic.write_bytes(path, graded.notebook)
    gradebook.record(course, lab, [graded.result])
    results.save(course, graded.result)


@contextlib.contextmanager
def _progress(console: Console, total: int) -> Iterator:
    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[last]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("grading", total=total, rate="", last="")

        def advance(student: str) -> None:
            progress.advance(task)
            done = progress.tasks[0]
            rate = f"{60 * done.completed / max(done.elapsed or 0, 1e-9):.0f}/min"
            progress.update(task, rate=rate, last=student)

        yield advance


def print_marks(
    course: Course, lab: Lab, console: Console, students: set[str] | None = None
) -> None:
    """The table of marks by question, and below it the submissions that need a person."""
    graded = [each for each in all_marks(course, lab) if not students or each.student in students]
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
    table.add_column(
        f"total\n[dim]/{number(lab.points)}", justify="right", style="bold", no_wrap=True
    )
    for each in graded:
        cells = [_shown(each.mark(exercise)) for exercise in lab.exercises]
        flag = Text(" !", style="yellow") if each.result.needs_person else Text("")
        table.add_row(Text(each.student) + flag, *cells, _shown(each.total))
    console.print(table)
    names = (f"{each.label} {each.plain_title}" for each in lab.exercises)
    console.print(Text(" · ".join(names), style="dim"))
    to_mark = sum(each.total.open > 0 for each in graded)
    if to_mark:
        console.print(
            f"[dim]…[/dim] {to_mark} submissions have written answers to mark: "
            "in JupyterLab, Nbgrader > Formgrader."
        )
    for each in graded:
        if each.result.needs_person:
            console.print(Text(f"! {each.student}: {needs(each.result, lab)}"), style="yellow")


def _shown(mark) -> Text:
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
    cells = [cell for cell in result.cells if cell.reason]
    exercises = {lab.exercise_of(cell.grade_id): cell for cell in cells}
    first = next(iter(exercises.values()))
    where = ", ".join(f"{each.word} {each.number}" for each in exercises if each)
    why = first.message.split(" It stands before")[0]
    return f"{where}: {why} Read the answer; its graded cells got no marks."
