"""Automatic marks into nbgrader's tables, the submissions of a batch in one transaction.

nbgrader's own API writes the same rows, one submission after the other and each with a commit of
its own. The tables are nbgrader's as it declares them.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from vae_grading.course.lab import Lab
from vae_grading.marks.results import Result


def record_all(gradebook: Any, lab: Lab, results: Sequence[Result]) -> None:
    """Put results, each of another student, into an open nbgrader.api.Gradebook that knows the lab.

    What a person put in stays; a mark that a person gave is to be looked at again, as after
    nbgrader's own autograding.
    """
    from nbgrader.api import Comment, Grade
    from sqlalchemy import bindparam, or_, update

    assignment = gradebook.find_assignment(lab.name)
    (notebook,) = (each for each in assignment.notebooks if each.name == lab.name)
    places = _places(gradebook.db, assignment, notebook, [each.student for each in results])
    graded = {cell.name: cell.id for cell in (*notebook.grade_cells, *notebook.task_cells)}
    answers = {cell.name: cell.id for cell in (*notebook.solution_cells, *notebook.task_cells)}

    def the_row(table: Any) -> Any:
        here = table.c.cell_id == bindparam("cell"), table.c.notebook_id == bindparam("place")
        return update(table).where(*here)

    grades, comments = Grade.__table__, Comment.__table__
    by_a_person = grades.c.manual_score.is_not(None)
    mark = the_row(grades).values(
        auto_score=bindparam("points"),
        needs_manual_grade=or_(by_a_person, bindparam("undecided")),
    )
    comment = the_row(comments).values(auto_comment=bindparam("said"))
    _execute(
        gradebook.db,
        mark,
        (
            {
                "cell": graded[cell.grade_id],
                "place": places[result.student],
                "points": cell.points,
                "undecided": cell.points is None,
            }
            for result in results
            for cell in result.cells
        ),
    )
    _execute(
        gradebook.db,
        comment,
        (
            {"cell": answers[key], "place": places[result.student], "said": said}
            for result in results
            for key, said in _comments(lab, result)
        ),
    )
    gradebook.db.commit()


def _comments(lab: Lab, result: Result) -> Iterator[tuple[str, str | None]]:
    silent = {cell.grade_id for cell in result.cells if cell.slug == "not-done"}
    for exercise in lab.exercises:
        undone = any(cell.grade_id in silent for cell in exercise.graded)
        yield from ((key, "No response." if undone else None) for key in exercise.solutions)


def _places(db: Any, assignment: Any, notebook: Any, students: Sequence[str]) -> dict[str, str]:
    """The id of each student's submitted notebook; who has none yet gets empty rows."""
    from nbgrader.api import Student, SubmittedAssignment, SubmittedNotebook
    from sqlalchemy import select

    known = db.scalars(select(Student.id).where(Student.id.in_(students)))
    _insert(db, Student, ({"id": each} for each in {*students}.difference(known)))
    submitted = select(SubmittedAssignment.student_id).where(
        SubmittedAssignment.assignment_id == assignment.id,
        SubmittedAssignment.student_id.in_(students),
    )
    _add_submissions(db, assignment, sorted({*students}.difference(db.scalars(submitted))))
    places = (
        select(SubmittedAssignment.student_id, SubmittedNotebook.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(
            SubmittedAssignment.assignment_id == assignment.id,
            SubmittedAssignment.student_id.in_(students),
            SubmittedNotebook.notebook_id == notebook.id,
        )
    )
    return {student: place for student, place in db.execute(places)}


def _add_submissions(db: Any, assignment: Any, students: Sequence[str]) -> None:
    from nbgrader.api import Comment, Grade, SubmittedAssignment, SubmittedNotebook

    submissions = [
        {"id": _new_id(), "assignment_id": assignment.id, "student_id": each} for each in students
    ]
    _insert(db, SubmittedAssignment, submissions)
    for notebook in assignment.notebooks:
        graded = [cell.id for cell in (*notebook.grade_cells, *notebook.task_cells)]
        answers = [cell.id for cell in (*notebook.solution_cells, *notebook.task_cells)]
        copies = [
            {"id": _new_id(), "notebook_id": notebook.id, "assignment_id": each["id"]}
            for each in submissions
        ]
        _insert(db, SubmittedNotebook, copies)
        for table, cells in ((Grade, graded), (Comment, answers)):
            _insert(
                db,
                table,
                (
                    {"id": _new_id(), "cell_id": cell, "notebook_id": copy["id"]}
                    for copy in copies
                    for cell in cells
                ),
            )


def _insert(db: Any, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    from sqlalchemy import insert

    _execute(db, insert(table.__table__), rows)


def _execute(db: Any, statement: Any, rows: Iterable[dict[str, Any]]) -> None:
    if rows := list(rows):
        db.connection().execute(statement, rows)


def _new_id() -> str:
    """32 hexadecimal digits, as nbgrader's, but later ones are larger: a new row's place in each
    index is beside the last one's, also where a million rows stand before it (RFC 9562, UUID 7)."""
    return f"{time.time_ns() // 1_000_000:012x}7{secrets.token_hex(10)[1:]}"
