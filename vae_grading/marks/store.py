"""The results of a course on disk: one row a student and lab, in a database of its own.

Each result is flushed to disk before the next is taken up, so that a run can be killed at any
moment; a run afterwards sees what has a result, and what of that the gradebook does not know yet.
"""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.marks.results import Result
from vae_helpers.errors import VaeLabError

VERSION = 1
WAIT_SECONDS = 30  # for somebody else who is writing at this moment
_TABLE = """
create table if not exists result (
    lab text not null,
    student text not null,
    key text not null,       -- what the result depends on: see Assignment.key
    body text not null,      -- JSON
    problem text,
    recorded integer not null default 0,  -- whether the gradebook has it
    primary key (lab, student)
)
"""


def sqlite_code(error: BaseException) -> str:
    """SQLite's name for the error; "" for one that Python itself raises."""
    return getattr(error, "sqlite_errorname", "")


class Store:
    """The results of one course. Every method that writes has written when it returns."""

    def __init__(self, course: Course) -> None:
        """Raises VaeLabError when the file is damaged, or of another version."""
        self.path = course.results
        with atomic.explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._database = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
            self._database.execute("pragma synchronous = full")
            (version,) = self._database.execute("pragma user_version").fetchone()
            if version == 0:
                with self._transaction():
                    self._database.execute(_TABLE)
                    self._database.execute(f"pragma user_version = {VERSION}")
        except sqlite3.Error as error:
            raise self._explained(error) from None
        if version not in (0, VERSION):
            self.close()
            raise VaeLabError(
                f"{self.path} was written by another version of VAE Lab: move it aside and grade "
                "again (marks in the gradebook stay as they are)"
            )

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def save(self, result: Result) -> None:
        """Put a result in the place of the student's old one."""
        row = (result.lab, result.student, result.key, result.as_json(), result.problem)
        self._write("insert or replace into result values (?, ?, ?, ?, ?, 0)", [row])

    def mark_recorded(self, results: Iterable[Result]) -> None:
        """Note that the gradebook has exactly these results."""
        rows = [(each.lab, each.student, each.key) for each in results]
        self._write(
            "update result set recorded = 1 where lab = ? and student = ? and key = ?", rows
        )

    def mark_unrecorded(self, lab: str, students: Iterable[str]) -> None:
        """Note that the gradebook does not have what it had of these students."""
        rows = [(lab, student) for student in students]
        self._write("update result set recorded = 0 where lab = ? and student = ?", rows)

    def forget(self, lab: str, problem: str, *, besides: Iterable[str]) -> None:
        """Drop the results of this problem, but for those of the students `besides`."""
        query = "select student from result where lab = ? and problem = ?"
        gone = {student for (student,) in self._read(query, lab, problem)} - {*besides}
        statement = "delete from result where lab = ? and student = ?"
        self._write(statement, [(lab, student) for student in gone])

    def key(self, lab: str, student: str) -> tuple[str, str | None] | None:
        """Key and problem of the student's result; None when there is none."""
        query = "select key, problem from result where lab = ? and student = ?"
        return next(iter(self._read(query, lab, student)), None)

    def load(self, lab: str, student: str) -> Result | None:
        query = "select body from result where lab = ? and student = ?"
        return next(self._results(query, lab, student), None)

    def load_all(self, lab: str) -> Iterator[Result]:
        """All results of a lab, by student."""
        return self._results("select body from result where lab = ? order by student", lab)

    def unrecorded(self, lab: str, most: int) -> list[Result]:
        """Some results that the gradebook does not have."""
        query = "select body from result where lab = ? and recorded = 0 limit ?"
        return list(self._results(query, lab, most))

    def students(self, lab: str, *, recorded: bool) -> Iterator[str]:
        query = "select student from result where lab = ? and recorded = ?"
        return (student for (student,) in self._read(query, lab, int(recorded)))

    def _results(self, query: str, *values: object) -> Iterator[Result]:
        for (body,) in self._read(query, *values):
            with contextlib.suppress(ValueError, TypeError, KeyError):  # graded again, then
                yield Result.from_json(body)

    def _read(self, query: str, *values: object) -> Iterator[tuple]:
        try:
            yield from self._database.execute(query, values)
        except sqlite3.Error as error:
            raise self._explained(error) from None

    def _write(self, statement: str, rows: list[tuple]) -> None:
        try:
            with self._transaction():
                self._database.executemany(statement, rows)
        except sqlite3.Error as error:
            raise self._explained(error) from None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("begin immediate")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._database.execute("rollback")
            raise
        self._database.execute("commit")

    def _explained(self, error: sqlite3.Error) -> VaeLabError:
        if isinstance(error, sqlite3.OperationalError):
            full = sqlite_code(error) == "SQLITE_FULL"
            what = "the disk is full: make room" if full else str(error)
            return VaeLabError(f"{self.path}: {what}; what was graded is kept: run again")
        return VaeLabError(
            f"{self.path} is damaged ({error}): move it aside and grade again (marks in the "
            "gradebook stay as they are)"
        )


def load(course: Course, lab: str, student: str) -> Result | None:
    """The student's result, or None when there is none."""
    if not course.results.is_file():
        return None
    with Store(course) as store:
        return store.load(lab, student)


def load_all(course: Course, lab: str) -> list[Result]:
    """All results of a lab, by student. Raises VaeLabError when nothing was graded yet."""
    found: list[Result] = []
    if course.results.is_file():
        with Store(course) as store:
            found = list(store.load_all(lab))
    if not found:
        raise VaeLabError(f"{lab} has no results yet: run `vae-lab grade {lab}` first")
    return found


@contextlib.contextmanager
def only_run(course: Course) -> Iterator[None]:
    """Inside, this is the one run that grades the course. Raises VaeLabError beside another.

    The lock ends with the process, however that ends.
    """
    path = course.results.with_name("lock")
    with atomic.explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            number = file.read().strip() or "unknown"
            raise VaeLabError(
                f"another run is grading this course (process {number}): wait for it to end, or "
                "stop it; then run again"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
