"""A graded class without grading: results written by hand, for tests of pages and tables."""

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.course.student_version import generated
from vae_grading.marks.gradebook import prepare, record
from vae_grading.marks.results import CellResult, Result
from vae_grading.marks.store import Store

NAMES = ("double-value", "double-negative", "mean-value", "question-why")
POINTS = {"double-value": 1, "double-negative": 2, "mean-value": 2, "question-why": 4}
FACTOR = ("double: 4 gives 4.", "The factor 2 is missing.", "See section 1.", "factor-missing")
SUM = ("mean: [1, 3] gives 4.", "That is the sum.", "See section 2.", "sum-not-mean")
NOT_DONE = ("The exercise is not done yet.", "", "", "not-done")


def result(
    student: str, wrong: dict[str, tuple[str, str, str, str]] | None = None, **others
) -> Result:
    """Full marks but for the cells in `wrong`, each with what is said and its slug."""
    wrong = wrong or {}
    cells = tuple(
        CellResult(name, 0, POINTS[name], *wrong[name])
        if name in wrong
        else CellResult(name, None if name == "question-why" else POINTS[name], POINTS[name])
        for name in NAMES
    )
    return Result(student, "toy", "key", cells, seconds=2.0, **others)


def store(course: Course, *class_results: Result, notebooks: dict[str, str] | None = None) -> None:
    """Put results, gradebook and autograded notebooks where grading would put them."""
    lab = course.lab("toy")
    with generated(course, "toy") as new:
        prepare(course, lab, new.gradebook)
    record(course, lab, class_results)
    with Store(course) as results:
        for each in class_results:
            results.save(each)
        results.mark_recorded(class_results)
    for student, text in (notebooks or {}).items():
        atomic.write_text(course.autograded("toy", student), text)


def mark_by_hand(course, *students: str) -> None:
    """Full marks for the written answer, as Formgrader records them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}", "toy-course") as book:
        for student in students:
            grade = book.find_grade("question-why", "toy", "toy", student)
            grade.manual_score, grade.needs_manual_grade = 4.0, False
        book.db.commit()
        book.engine.dispose()
