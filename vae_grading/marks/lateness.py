"""How late each submission is, and what that costs: nbgrader's own dates, by its own policy.

The gradebook holds what nbgrader keeps there: when a lab is due, when each submission was handed
in, an extension, the points taken off. Points are worked out anew from the marks of the moment, by
the plugin that nbgrader_config.py names (nbgrader.plugins.LateSubmissionPlugin, unless another).
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from vae_grading.course.course import Course
from vae_grading.course.dates import course_config, dates
from vae_grading.deliveries import identities
from vae_grading.deliveries.roster import Person, Roster, person
from vae_grading.deliveries.sender import Sender
from vae_grading.deliveries.times import duration
from vae_grading.marks.gradebook import BUSY_SECONDS, gradebook_errors, select
from vae_helpers.errors import VaeLabError

_EPOCH = datetime(1970, 1, 1)  # from which SQLAlchemy counts an interval
_ROWS = (
    "from submitted_assignment join assignment "
    "on assignment.id = submitted_assignment.assignment_id where assignment.name = ?"
)


@dataclass(frozen=True)
class Lateness:
    """Seconds after the student's own due date; `said` where the system alone says that it is late,
    and not by how much."""

    seconds: float = 0.0
    said: bool = False

    def __bool__(self) -> bool:
        return self.seconds > 0 or self.said


IN_TIME = Lateness()


def lateness(course: Course, lab: str) -> dict[str, Lateness]:
    """Those who were late, by what the gradebook says."""
    query = f"select student_id, timestamp, extension, duedate {_ROWS}"
    found, dated = {}, set()
    for student, handed_in, extension, due in select(course.gradebook, query, lab):
        if handed_in is None or due is None:
            continue
        dated.add(student)
        grace = _time(extension) - _EPOCH if extension else timedelta()
        seconds = (_time(handed_in) - _time(due) - grace).total_seconds()
        if seconds > 0:
            found[student] = Lateness(seconds)
    with contextlib.suppress(VaeLabError):  # of which those who read marks are told elsewhere
        for student, record in identities.read(course).records.get(lab, {}).items():
            if record.sender.late and student not in dated:
                found[student] = Lateness(said=True)
    return found


def _time(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


def _stored(when: datetime | None) -> str | None:
    if when is None:
        return None
    naive = when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when
    return naive.isoformat(" ", "microseconds")


def penalties(course: Course, late: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Points taken off, of (score, seconds late), by the course's policy.

    Raises VaeLabError for a policy that cannot be had or does not give a number.
    """
    if not late:
        return {}
    policy = _policy(course)
    found = {}
    for student, (score, seconds) in late.items():
        try:
            taken = float(policy(student, score, seconds) or 0.0)
            if taken != taken:
                raise ValueError("not a number")
        except Exception as error:  # whatever somebody's plugin does
            said = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise VaeLabError(
                f"the policy for late work gives no points for {student} ({said})"
            ) from None
        found[student] = min(max(taken, 0.0), score)
    return found


def _policy(course: Course) -> Callable[[str, float, float], float | None]:
    """The plugin as nbgrader makes it; importing it is left out where nothing is ever taken off."""
    config: Any = course_config(course)
    chosen = config.get("AssignLatePenalties", {}).get("plugin_class")
    method = config.get("LateSubmissionPlugin", {}).get("penalty_method", "none")
    if chosen is None and method == "none":
        return lambda student, score, seconds: None
    from nbgrader.preprocessors import AssignLatePenalties

    try:
        preprocessor = AssignLatePenalties(config=config)
        preprocessor.init_plugin()
    except Exception as error:
        said = " ".join(str(error).split())
        raise VaeLabError(f"nbgrader_config.py: the policy for late work: {said}") from None
    return preprocessor.plugin_inst.late_submission_penalty


def record_dates(course: Course, lab: str, handed_in: Mapping[str, datetime | None]) -> None:
    """Tell the gradebook when the lab is due, when students handed it in, and their extensions.

    A due date that Formgrader was told stays where the configuration has none. Where the roster has
    a column for extensions, it has all of them; else those in the gradebook stay.
    """
    due = _stored(dates(course, lab).due)
    given = _extensions(course, lab, handed_in)
    where = "where student_id = ? and assignment_id = (select id from assignment where name = ?)"
    query = f"select student_id, timestamp, extension, duedate {_ROWS}"
    rows = list(select(course.gradebook, query, lab))
    times, extensions = [], []
    for student, before, extension, _ in rows:
        if student in handed_in and (now := _stored(handed_in[student])) != before:
            times.append((now, student, lab))
        own = given.get(student)
        wanted = _stored(_EPOCH + own) if own else None
        if student in given and wanted != extension:
            extensions.append((wanted, student, lab))
    told = due is None or all(before == due for *_, before in rows[:1])
    if told and not times and not extensions:
        return  # a gradebook that another program holds can be left alone
    with gradebook_errors(course), contextlib.closing(_opened(course)) as book, book:
        if due is not None:
            book.execute("update assignment set duedate = ? where name = ?", (due, lab))
        book.executemany(f"update submitted_assignment set timestamp = ? {where}", times)
        book.executemany(f"update submitted_assignment set extension = ? {where}", extensions)


def _extensions(course: Course, lab: str, students: Iterable[str]) -> dict[str, timedelta | None]:
    """Each student's extension by the roster, which the folder's owner is on; {} where no roster
    has any."""
    store = identities.read(course)
    people = [person(each) for each in store.roster]
    if not any(each.extension or each.extensions for each in people):
        return {}
    roster = Roster(people)
    found = {}
    for student in students:
        record = store.get(lab, student)
        senders = record.person if record else (Sender("folder name", student, ""),)
        named = {each for sender in senders for each in roster.find(sender)}
        found[student] = _extension(named.pop(), lab) if len(named) == 1 else None
    return found


def _extension(each: Person, lab: str) -> timedelta | None:
    own = {name.casefold(): said for name, said in each.extensions}
    return duration(own.get(lab.casefold(), each.extension))


def record_penalties(course: Course, lab: str, taken: Mapping[str, float]) -> None:
    """Put the points that are taken off where nbgrader keeps them; None for everybody else."""
    here = (
        "from submitted_notebook join submitted_assignment "
        "on submitted_assignment.id = submitted_notebook.assignment_id "
        "join assignment on assignment.id = submitted_assignment.assignment_id "
        "where assignment.name = ?"
    )
    query = f"select submitted_notebook.id, student_id, late_submission_penalty {here}"
    rows = [
        (taken.get(student) or None, notebook)
        for notebook, student, before in select(course.gradebook, query, lab)
        if (before or None) != (taken.get(student) or None)
    ]
    if rows:
        with gradebook_errors(course), contextlib.closing(_opened(course)) as book, book:
            book.executemany(
                "update submitted_notebook set late_submission_penalty = ? where id = ?", rows
            )


def _opened(course: Course) -> sqlite3.Connection:
    return sqlite3.connect(course.gradebook, timeout=BUSY_SECONDS)
