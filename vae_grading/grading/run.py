"""Grade a folder of submissions: only what has changed, several at a time, none lost."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from vae_grading import atomic
from vae_grading.course.assignment import Assignment
from vae_grading.course.course import Course
from vae_grading.course.dates import dates
from vae_grading.course.lab import Lab
from vae_grading.course.student_version import generated
from vae_grading.grading.crew import Crew, grade_all, local_crew
from vae_grading.grading.dates_of_hand_ins import note_dates
from vae_grading.grading.one_submission import Graded
from vae_grading.grading.up_to_date import HandIns
from vae_grading.marks import gradebook
from vae_grading.marks.lateness import record_penalties
from vae_grading.marks.marks import all_marks
from vae_grading.marks.results import NOT_GRADED
from vae_grading.marks.store import Store, only_run
from vae_grading.marks.table import print_marks
from vae_grading.plain_text import plain
from vae_grading.submissions.hand_in import doubtful_names, find_submissions
from vae_helpers.errors import VaeLabError

NO_WALLS = "the submissions' code runs with all your rights. Do this with trusted notebooks only."
BATCH = 50  # results that go into the gradebook together
BATCH_SECONDS = 5.0  # or after so long
PATIENCE_SECONDS = 20.0  # with a gradebook that is locked when all is graded


def grade(
    course: Course,
    lab_name: str,
    *,
    submitted: Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    force: bool = False,
    walls: bool = True,
    console: Console | None = None,
) -> None:
    """Grade the submissions of a lab and print the table of marks by question.

    Each result is stored as soon as it is there; running again grades only submissions that have
    none, or whose notebook, tests or environment have changed (all of them with `force`). Their
    code runs in the sandbox; with `walls` off it does not, which is said aloud. `workers`
    submissions are graded at a time here, or as many as the workers of the Dask `scheduler` take.
    Raises VaeLabError for an unknown lab, a folder without submissions, a bad number of workers, a
    scheduler that does not answer, a gradebook that cannot be written.
    """
    console = console or Console()
    lab = course.lab(lab_name)
    if workers is not None and workers < 1:
        raise VaeLabError(f"--workers {workers}: at least one is needed")
    if scheduler is not None and (workers is not None or not walls):
        raise VaeLabError(
            "--scheduler goes with neither --workers nor --unsafe-no-sandbox: how many are graded "
            "at a time is for the cluster's workers to say, and each has a sandbox of its own"
        )
    folder = submitted or course.submitted
    dates(course, lab.name)  # wrong ones show before anything is graded
    students = find_submissions(folder, lab.name)
    if not walls:
        console.print(f"[bold red]Without a sandbox:[/bold red] {NO_WALLS}")
    with only_run(course), Store(course) as store:
        hand_ins = HandIns(course, lab, store, folder)
        store.forget(lab.name, "bad-name", besides=students)  # renamed, as asked
        todo = students if force else [each for each in students if not hand_ins.holds(each)]
        if len(todo) < len(students):
            kept = len(students) - len(todo)
            console.print(f"{kept} of {len(students)} submissions are graded already.")
        book = _Gradebook(course, lab, store)
        if todo:
            crew = _crew(lab, scheduler, workers, len(todo), walls)
            _grade(course, lab, todo, hand_ins, crew, store, book, console)
        elif book.is_behind():
            with generated(course, lab.name, fresh=False) as prepared:
                gradebook.prepare(course, lab, prepared.gradebook)
        book.finish(console)
        undated = note_dates(course, lab.name, folder, students)
        record_penalties(
            course, lab.name, {each.student: each.penalty for each in all_marks(course, lab)}
        )
    remarks = [*doubtful_names(folder, lab.name), *undated]
    print_marks(course, lab, console, set(students), remarks)


def _grade(
    course: Course,
    lab: Lab,
    students: Sequence[str],
    hand_ins: HandIns,
    crew: contextlib.AbstractContextManager[Crew],
    store: Store,
    book: "_Gradebook",
    console: Console,
) -> None:
    # The crew starts while nbgrader makes the student version.
    with crew as ready, generated(course, lab.name, fresh=False) as prepared:
        ready.wait()  # before anything is changed: is there somebody to grade?
        gradebook.prepare(course, lab, prepared.gradebook)
        assignment = Assignment.of(course, lab, prepared)
        try:
            with _progress(console, len(students)) as advance:
                for graded in grade_all(assignment, map(hand_ins.read, students), ready):
                    _store(course, store, graded)
                    book.note_one()
                    advance(graded.result.student)
        finally:  # after Ctrl-C as well
            book.catch_up()


def _crew(
    lab: Lab, scheduler: str | None, workers: int | None, most: int, walls: bool
) -> contextlib.AbstractContextManager[Crew]:
    if scheduler is None:
        workers = min(workers or os.cpu_count() or 2, most)
        return local_crew(workers, walls=walls, libraries=lab.libraries)
    from vae_grading.grading.cluster import dask_crew

    return dask_crew(scheduler)


def _store(course: Course, store: Store, graded: Graded) -> None:
    """Notebook first, result last: what has a result is complete.

    One that could not be graded now does not lose what the same submission has earned before.
    """
    result = graded.result
    earlier = store.key(result.lab, result.student)
    if result.problem == NOT_GRADED and earlier == (result.key, None):
        return
    path = course.autograded(result.lab, result.student)
    if graded.notebook is None:
        path.unlink(missing_ok=True)
    else:
        atomic.write_bytes(path, graded.notebook)
    store.save(result)


class _Gradebook:
    """The one writer of the course's gradebook: it goes over in batches what the store has.

    Where another program holds the gradebook for a while, results wait in the store.
    """

    def __init__(self, course: Course, lab: Lab, store: Store) -> None:
        self._course, self._lab, self._store = course, lab, store
        self._waiting, self._since = 0, time.monotonic()

    def is_behind(self) -> bool:
        """Whether it lacks results: a run was killed, it was moved away, an older copy put back."""
        known, name = gradebook.recorded(self._course, self._lab.name), self._lab.name
        missing = [each for each in self._store.students(name, recorded=True) if each not in known]
        self._store.mark_unrecorded(name, missing)
        return next(self._store.students(name, recorded=False), None) is not None

    def note_one(self) -> None:
        """One more result is in the store: record what has gathered, if it is time."""
        self._waiting += 1
        if self._waiting >= BATCH or time.monotonic() - self._since > BATCH_SECONDS:
            self.catch_up()

    def catch_up(self) -> None:
        """Record what the store has, unless another program holds the gradebook."""
        with contextlib.suppress(gradebook.Locked):
            self._record_all()
        self._waiting, self._since = 0, time.monotonic()

    def finish(self, console: Console) -> None:
        """Record all that is left. Raises Locked if another program holds on to the gradebook."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        told = False
        while True:
            try:
                return self._record_all()
            except gradebook.Locked:
                if time.monotonic() > deadline:
                    raise
                if not told:
                    console.print("The gradebook is locked by another program; waiting for it.")
                told = True
                time.sleep(0.5)

    def _record_all(self) -> None:
        while batch := self._store.unrecorded(self._lab.name, BATCH):
            gradebook.record(self._course, self._lab, batch)
            self._store.mark_recorded(batch)


@contextlib.contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[str], None]]:
    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[last]}", style="dim", markup=False),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("grading", total=total, rate="", last="")

        def advance(student: str) -> None:
            progress.advance(task)
            done = progress.tasks[0]
            rate = f"{60 * done.completed / max(done.elapsed or 0, 1e-9):.0f}/min"
            progress.update(task, rate=rate, last=plain(student))

        yield advance
