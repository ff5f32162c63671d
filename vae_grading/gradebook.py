"""nbgrader's gradebook: one writer for automatic marks; manual marks and comments are only read."""

import sqlite3
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vae_grading import atomic
from vae_grading.course import Course, Lab
from vae_grading.results import Result
from vae_helpers.errors import VaeLabError


@dataclass(frozen=True)
class PersonalMark:
    """What a person put into formgrader for one cell: points, or a comment, or both."""

    points: float | None
    comment: str | None


def prepare(course: Course, lab: Lab, empty: Path) -> None:
    """Record the lab's cells in the course's gradebook, as generate_assignment does.

    `empty` is a gradebook that holds them and no students; a course without one gets its copy.

    Raises VaeLabError when submissions are in the gradebook that had other cells.
    """
    from vae_grading.generate import generated

    if not course.gradebook.exists():
        atomic.write_bytes(course.gradebook, empty.read_bytes())
        return
    try:
        with generated(course, lab.name, gradebook=course.gradebook):
            return
    except VaeLabError as error:
        if "Cannot add or remove cells" not in str(error):
            raise
    raise VaeLabError(
        f"{course.gradebook.name} holds submissions for {lab.name} from before its graded cells "
        f"changed; move {course.gradebook.name} aside and grade again"
    )


def record(course: Course, lab: Lab, results: Iterable[Result]) -> None:
    """Put automatic marks into the gradebook; a manual mark is never touched.

    Recording the same result twice changes nothing.
    """
    from nbgrader.api import Gradebook

    from vae_grading.generate import nbgrader_config

    course_id = nbgrader_config(course).CourseDirectory.course_id or "default_course"
    with warnings.catch_warnings(), Gradebook(_url(course), course_id) as gradebook:
        # SQLAlchemy's remarks on how nbgrader uses it.
        warnings.simplefilter("ignore")
        for result in results:
            gradebook.update_or_create_student(result.student)
            gradebook.update_or_create_submission(lab.name, result.student)
            place = (lab.name, lab.name, result.student)
            for cell in result.cells:
                grade = gradebook.find_grade(cell.grade_id, *place)
                grade.auto_score = cell.points
                # As nbgrader does: what a person marked before is to be looked at again.
                grade.needs_manual_grade = grade.manual_score is not None or cell.points is None
            silent = {cell.grade_id for cell in result.cells if cell.slug == "not-done"}
            for exercise in lab.exercises:
                undone = any(cell.grade_id in silent for cell in exercise.graded)
                for key in exercise.solutions:
                    comment = gradebook.find_comment(key, *place)
                    comment.auto_comment = "No response." if undone else None
            gradebook.db.commit()


def recorded(course: Course, lab: str) -> set[str]:
    """Students whose submission of the lab is in the gradebook."""
    query = (
        "select submitted_assignment.student_id from submitted_assignment "
        "join assignment on assignment.id = submitted_assignment.assignment_id "
        "where assignment.name = ?"
    )
    return {student for (student,) in _select(course.gradebook, query, lab)}


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
        for student, grade_id, value in _select(course.gradebook, query, lab):
            old = found.get((student, grade_id), PersonalMark(None, None))
            points = value if table == "grade" else old.points
            comment = value if table == "comment" else old.comment
            found[student, grade_id] = PersonalMark(points, comment)
    return found


def _url(course: Course) -> str:
    return f"sqlite:///{course.gradebook}"


def _select(gradebook: Path, query: str, *values: str) -> list[tuple]:
    if not gradebook.is_file():
        return []
    connection = sqlite3.connect(f"file:{gradebook}?mode=ro", uri=True)
    try:
        return connection.execute(query, values).fetchall()
    except sqlite3.OperationalError:  # a gradebook without tables yet
        return []
    finally:
        connection.close()
