"""nbgrader's gradebook: one writer for automatic marks; manual marks and comments are only read."""

import contextlib
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.marks.results import Result
from vae_grading.marks.store import sqlite_code
from vae_helpers.errors import VaeLabError

BACKUPS_KEPT = 5
BUSY_SECONDS = 5.0  # how long to wait for somebody else who is writing
INDICES = (
    ("grade", "notebook_id"),
    ("comment", "notebook_id"),
    ("submitted_notebook", "assignment_id"),
    ("submitted_notebook", "notebook_id"),
    ("submitted_assignment", "student_id"),
)
# What generate_assignment records of a lab's cells.
_OF_A_LAB = (
    "from assignment join notebook on notebook.assignment_id = assignment.id "
    "join {0} on {0}.notebook_id = notebook.id where assignment.name = ?"
)
_CELLS = (
    "select notebook.name, source_cell.name, cell_type, locked, source, checksum "
    + _OF_A_LAB.format("source_cell"),
    "select notebook.name, base_cell.name, type, "
    "(select max_score || cell_type from grade_cells where id = base_cell.id), "
    "(select max_score || cell_type from task_cells where id = base_cell.id) "
    + _OF_A_LAB.format("base_cell"),
)


@dataclass(frozen=True)
class PersonalMark:
    """What a person put into formgrader for one cell: points, or a comment, or both."""

    points: float | None
    comment: str | None


def prepare(course: Course, lab: Lab, empty: Path) -> None:
    """Make the course's gradebook ready for marks of this lab; the old one is kept as a copy.

    The lab's cells are recorded as generate_assignment does it, and nbgrader's tables get the
    indices without which recording slows down with every submission. `empty` is a gradebook that
    holds the lab and no students; a course without one gets its copy.

    Raises VaeLabError, before anything is changed, when the gradebook is of another version of
    nbgrader, damaged, or locked by another program; and when submissions are in it that had other
    cells.
    """
    from vae_grading.course.student_version import generated

    if not course.gradebook.exists():
        atomic.write_bytes(course.gradebook, empty.read_bytes())
        with gradebook_errors(course):
            _add_indices(course.gradebook)
        return
    _require_sound(course.gradebook, empty)
    _back_up(course)
    if _cells(course.gradebook, lab.name) == _cells(empty, lab.name):
        with gradebook_errors(course):
            _add_indices(course.gradebook)
        return
    try:
        with gradebook_errors(course), generated(course, lab.name, gradebook=course.gradebook):
            _add_indices(course.gradebook)
    except VaeLabError as error:
        if "Cannot add or remove cells" not in str(error):
            raise
        raise VaeLabError(
            f"{course.gradebook.name} holds submissions for {lab.name} from before its graded "
            f"cells changed; move {course.gradebook.name} aside and grade again"
        ) from None


def record(course: Course, lab: Lab, results: Iterable[Result]) -> None:
    """Put automatic marks into the gradebook; manual marks are not touched.

    Recording the same result twice changes nothing. Raises Locked when another program holds the
    gradebook for longer than a moment.
    """
    from nbgrader.api import Gradebook

    from vae_grading.course.student_version import nbgrader_config
    from vae_grading.marks.gradebook_writer import record_all

    course_id = nbgrader_config(course).CourseDirectory.course_id or "default_course"
    with gradebook_errors(course), Gradebook(_url(course), course_id) as gradebook:
        record_all(gradebook, lab, list(results))


class Locked(VaeLabError):
    """Another program holds the gradebook."""


@contextlib.contextmanager
def gradebook_errors(course: Course) -> Iterator[None]:
    """Turn the database's errors into one line."""
    try:
        yield
    except Exception as error:
        of_sqlalchemy = "sqlalchemy.exc" in sys.modules and isinstance(
            error, sys.modules["sqlalchemy.exc"].DatabaseError
        )
        if not of_sqlalchemy and not isinstance(error, sqlite3.DatabaseError):
            raise
        raise _in_a_line(course.gradebook, getattr(error, "orig", None) or error) from None


def _in_a_line(gradebook: Path, error: BaseException) -> VaeLabError:
    if _is_locked(error):
        return Locked(
            f"{gradebook} is locked by another program; what was graded is kept: close the program "
            "and run again"
        )
    full = sqlite_code(error) == "SQLITE_FULL"
    what = "the disk is full: make room and run again" if full else str(error)
    return VaeLabError(f"{gradebook}: {what}; what was graded is kept")


def _is_locked(error: BaseException) -> bool:
    return sqlite_code(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _require_sound(gradebook: Path, empty: Path) -> None:
    """Raise VaeLabError unless it can be written and has the tables that this nbgrader makes.

    Their version is nbgrader's own note, compared with that of a gradebook it has just made.
    """
    query = "select version_num from alembic_version"
    try:
        with contextlib.closing(sqlite3.connect(gradebook, timeout=BUSY_SECONDS)) as database:
            database.execute("begin immediate")  # may somebody else be writing?
            database.rollback()
    except sqlite3.DatabaseError as error:
        if _is_locked(error):
            raise Locked(
                f"{gradebook} is locked by another program: close that and run again"
            ) from None
        raise VaeLabError(
            f"{gradebook} is no gradebook ({error}): move it aside and grade again"
        ) from None
    found, wanted = (select(path, query) for path in (gradebook, empty))
    if found != wanted:
        raise VaeLabError(
            f"{gradebook} was made by another version of nbgrader: run `nbgrader db upgrade` in "
            f"{gradebook.parent}, or move it aside and grade again"
        )


def _cells(gradebook: Path, lab: str) -> list[set[tuple]]:
    return [set(select(gradebook, query, lab)) for query in _CELLS]


def _back_up(course: Course) -> None:
    """Copy the gradebook beside it; the last few copies are kept."""
    target = course.backups / f"gradebook-{_now()}.db"
    beside = target.with_suffix(".new")
    with atomic.explained(target), gradebook_errors(course):
        course.backups.mkdir(parents=True, exist_ok=True)
        try:
            with (
                contextlib.closing(sqlite3.connect(course.gradebook)) as old,
                contextlib.closing(sqlite3.connect(beside)) as new,
            ):
                old.backup(new)
            beside.rename(target)
        finally:
            beside.unlink(missing_ok=True)
        for path in sorted(course.backups.glob("gradebook-*.db"))[:-BACKUPS_KEPT]:
            path.unlink()


def _now() -> str:
    return time.strftime("%Y-%m-%d-%H%M%S")


def _add_indices(gradebook: Path) -> None:
    """Without them nbgrader searches whole tables for every cell of every submission."""
    with contextlib.closing(sqlite3.connect(gradebook)) as database:
        for table, column in INDICES:
            name = f"vae_lab_{table}_{column}"
            database.execute(f"create index if not exists {name} on {table} ({column})")
        database.commit()


def recorded(course: Course, lab: str) -> set[str]:
    """Students whose submission of the lab is in the gradebook; empty when there is none."""
    query = (
        "select submitted_assignment.student_id from submitted_assignment "
        "join assignment on assignment.id = submitted_assignment.assignment_id "
        "where assignment.name = ?"
    )
    return {student for (student,) in select(course.gradebook, query, lab)}


def personal_marks(course: Course, lab: str) -> dict[tuple[str, str], PersonalMark]:
    """Manual points and comments by (student, grade id)."""
    where = (
        "join base_cell on base_cell.id = {0}.cell_id "
        "join submitted_notebook on submitted_notebook.id = {0}.notebook_id "
        "join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id "
        "join assignment on assignment.id = submitted_assignment.assignment_id "
        "where assignment.name = ? and {0}.{1} is not null"
    )
    start = "select submitted_assignment.student_id, base_cell.name, {0}.{1} from {0} "
    found: dict[tuple[str, str], PersonalMark] = {}
    for table, column in (("grade", "manual_score"), ("comment", "manual_comment")):
        query = (start + where).format(table, column)
        for student, grade_id, value in select(course.gradebook, query, lab):
            old = found.get((student, grade_id), PersonalMark(None, None))
            points = value if table == "grade" else old.points
            comment = value if table == "comment" else old.comment
            found[student, grade_id] = PersonalMark(points, comment)
    return found


def _url(course: Course) -> str:
    return f"sqlite:///{course.gradebook}?timeout={BUSY_SECONDS}"


def select(gradebook: Path, query: str, *values: str) -> list[tuple]:
    """Nothing where there is no gradebook, or one without tables yet. Raises VaeLabError for one
    that cannot be read now: pages without a person's marks would be wrong."""
    if not gradebook.is_file():
        return []
    connection = sqlite3.connect(f"file:{gradebook}?mode=ro", BUSY_SECONDS, uri=True)
    try:
        return connection.execute(query, values).fetchall()
    except sqlite3.DatabaseError as error:
        if sqlite_code(error) == "SQLITE_ERROR":
            return []
        raise _in_a_line(gradebook, error) from None
    finally:
        connection.close()
