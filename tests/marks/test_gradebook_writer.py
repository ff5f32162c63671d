"""Marks go into nbgrader's gradebook in batches: the rows are those that nbgrader's API writes."""

import contextlib
import sqlite3
import time
import warnings

import pytest
import toy

from vae_grading.course import student_version
from vae_grading.course.student_version import generated
from vae_grading.marks import gradebook
from vae_grading.marks.gradebook_writer import _new_id
from vae_grading.marks.results import CellResult, Result

TABLES = ("student", "submitted_assignment", "submitted_notebook", "grade", "comment")
RANDOM = 'id "o\'neil" ü'


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A course whose gradebook knows the lab and no students."""
    course = toy.copy_course(tmp_path_factory.mktemp("recording") / "course")
    with generated(course, "toy") as new:
        return new.gradebook.read_bytes()


@pytest.fixture
def courses(tmp_path, empty):
    """Two courses alike: one for nbgrader's API, one for ours."""
    made = [toy.copy_course(tmp_path / name) for name in ("nbgrader", "ours")]
    for course in made:
        course.gradebook.write_bytes(empty)
    return made


def results(course, *, right=True):
    """Of five students: all right, all wrong, not done, a name of many letters, no notebook."""
    lab = course.lab("toy")

    def result(student, points, slug=None, problem=None):
        cells = tuple(
            CellResult(
                cell.grade_id, None if cell.manual else points * cell.points, cell.points, slug=slug
            )
            for cell in lab.graded
        )
        return Result(student, lab.name, f"key of {student}", cells, 1.0, problem)

    return [
        result("ada", float(right)),
        result("bo", 0.0, "wrong-value"),
        result("cy", 0.0, "not-done"),
        result(RANDOM, 0.5),
        result("eve", 0.0, None, "missing"),
    ]


def by_nbgrader(course, found):
    """What nbgrader's autograding does with its own API, submission by submission."""
    from nbgrader.api import Gradebook

    lab = course.lab("toy")
    with warnings.catch_warnings(), Gradebook(f"sqlite:///{course.gradebook}") as book:
        warnings.simplefilter("ignore")  # SQLAlchemy's remarks on how nbgrader uses it
        for result in found:
            book.update_or_create_student(result.student)
            book.update_or_create_submission(lab.name, result.student)
            for cell in result.cells:
                grade = book.find_grade(cell.grade_id, lab.name, lab.name, result.student)
                grade.auto_score = cell.points
                grade.needs_manual_grade = grade.manual_score is not None or cell.points is None
            silent = {cell.grade_id for cell in result.cells if cell.slug == "not-done"}
            for exercise in lab.exercises:
                undone = any(cell.grade_id in silent for cell in exercise.graded)
                for key in exercise.solutions:
                    comment = book.find_comment(key, lab.name, lab.name, result.student)
                    comment.auto_comment = "No response." if undone else None
            book.db.commit()


def by_a_person(course):
    """Points, extra points and a comment from formgrader."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}", "default_course") as book:
        grade = book.find_grade("question-why", "toy", "toy", "ada")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 2, 1, False
        book.find_grade("double-value", "toy", "toy", "bo").manual_score = 1
        book.find_comment("question-why", "toy", "toy", "cy").manual_comment = "Well put."
        book.db.commit()


def rows(course):
    """Every row of every table about students, by what it speaks of instead of by random ids."""
    with sqlite3.connect(course.gradebook) as database:
        database.row_factory = sqlite3.Row
        tables = {
            name: [dict(row) for row in database.execute(f"select * from {name}")]
            for name in (*TABLES, "assignment", "notebook", "base_cell")
        }
    called = {row["id"]: f"assignment {row['name']}" for row in tables["assignment"]}
    called |= {row["id"]: f"notebook {row['name']}" for row in tables["notebook"]}
    called |= {row["id"]: f"cell {row['name']}" for row in tables["base_cell"]}
    for table, owner in (("submitted_assignment", "student_id"), ("submitted_notebook", None)):
        for row in tables[table]:
            whose = row[owner] if owner else called[row["assignment_id"]]
            called[row["id"]] = f"{table} of {whose}"
    found = {}
    for table in TABLES:
        known = [{**row} for row in tables[table]]
        for row in known:
            for key, value in row.items():
                row[key] = called.get(value, value)
            if table in ("grade", "comment"):
                del row["id"]
        found[table] = sorted(map(repr, known))
    return found


def test_the_rows_are_those_of_nbgraders_own_api(courses):
    theirs, ours = courses
    by_nbgrader(theirs, results(theirs))
    gradebook.record(ours, ours.lab("toy"), results(ours))
    assert rows(ours) == rows(theirs)
    assert len(rows(ours)["grade"]) == 5 * len(ours.lab("toy").graded)


def test_so_they_are_after_a_person_and_a_second_grading(courses):
    theirs, ours = courses
    by_nbgrader(theirs, results(theirs)[:3])
    gradebook.record(ours, ours.lab("toy"), results(ours)[:3])
    for course in courses:
        by_a_person(course)
    by_nbgrader(theirs, results(theirs, right=False))
    gradebook.record(ours, ours.lab("toy"), results(ours, right=False))
    assert rows(ours) == rows(theirs)
    assert any("Well put." in row for row in rows(ours)["comment"])
    assert any("'manual_score': 2.0" in row for row in rows(ours)["grade"])


def test_recording_twice_changes_nothing(courses):
    _, ours = courses
    gradebook.record(ours, ours.lab("toy"), results(ours))
    once = ours.gradebook.read_bytes()
    gradebook.record(ours, ours.lab("toy"), results(ours))
    with sqlite3.connect(ours.gradebook) as now:
        dump = list(now.iterdump())
    ours.gradebook.write_bytes(once)
    with sqlite3.connect(ours.gradebook) as before:
        assert dump == list(before.iterdump())


def test_later_ids_are_larger_and_none_comes_twice():
    first = [_new_id() for _ in range(1000)]
    time.sleep(0.002)
    second = [_new_id() for _ in range(1000)]
    assert max(first) < min(second)
    assert len({*first, *second}) == 2000
    assert all(len(each) == 32 and int(each, 16) for each in first)


def test_cells_that_the_gradebook_knows_are_not_recorded_again(courses, monkeypatch, tmp_path):
    """A second run of nbgrader for a lab that has not changed: a commit for every cell, for
    nothing."""
    _, ours = courses
    empty = tmp_path / "empty.db"
    empty.write_bytes(ours.gradebook.read_bytes())
    with monkeypatch.context() as patched:
        patched.setattr(student_version, "generated", None)
        gradebook.prepare(ours, ours.lab("toy"), empty)
    changed = toy.answered(ours, double_value="assert double(3) == 6")
    toy.write_source(ours, changed)
    with generated(ours, "toy") as new:
        gradebook.prepare(ours, ours.lab("toy"), new.gradebook)
    with sqlite3.connect(ours.gradebook) as database:
        sources = {source for (source,) in database.execute("select source from source_cell")}
    assert any("double(3) == 6" in source for source in sources)


def test_a_gradebook_that_is_locked_is_not_taken_for_one_without_marks(courses, monkeypatch):
    """Pages that show no mark of a person's would be wrong, silently."""
    _, ours = courses
    gradebook.record(ours, ours.lab("toy"), results(ours))
    by_a_person(ours)
    monkeypatch.setattr(gradebook, "BUSY_SECONDS", 0.1)
    with contextlib.closing(sqlite3.connect(ours.gradebook)) as other:
        other.execute("begin exclusive")
        with pytest.raises(gradebook.Locked, match="is locked by another program"):
            gradebook.personal_marks(ours, "toy")
    assert gradebook.personal_marks(ours, "toy")["cy", "question-why"].comment == "Well put."


def test_a_gradebook_without_tables_has_no_marks(courses):
    _, ours = courses
    ours.gradebook.write_bytes(b"")
    assert gradebook.personal_marks(ours, "toy") == {}
