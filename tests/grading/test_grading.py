"""Whatever is handed in, everyone gets a result, and nobody's mistake stops another's grading.

Over 350 lines: cases, each read by itself.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import toy
from lab_harness import labs_with_answers
from places import PROJECT

from vae_grading.course.course import Course, find_course
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.student_version import generated
from vae_grading.grading import crew as engine
from vae_grading.grading import run as grade
from vae_grading.grading.one_submission import autograde, grade_submission
from vae_grading.marks import gradebook
from vae_grading.marks.marks import all_marks
from vae_grading.marks.store import load, load_all
from vae_grading.submissions.hand_in import (
    LARGEST_BYTES,
    Submission,
    Unreadable,
    find_submissions,
    read_bytes,
    submission,
)
from vae_grading.submissions.reading import parse_notebook
from vae_grading.submissions.repair import repair
from vae_helpers.errors import VaeLabError

ENDLESS = "def double(number):\n    while True:\n        pass"
STUBBORN = """
def double(number):
    while True:
        try:
            while True:
                pass
        except KeyboardInterrupt:
            pass
"""
WARNING = """
import sys, warnings

def double(number):
    warnings.warn("look out")
    print("careful", file=sys.stderr)
    return 2 * number
"""


def _without(notebook, *names):
    notebook["cells"] = [
        c for c in notebook["cells"] if c not in [toy.cell(notebook, n) for n in names]
    ]
    return notebook


def _twice(notebook, name):
    place = notebook["cells"].index(toy.cell(notebook, name))
    extra = json.loads(json.dumps(notebook["cells"][place])) | {"id": "another"}
    notebook["cells"].insert(place, extra)
    return notebook


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Course:
    """A class in which each submission is a case of its own, graded once."""
    course = toy.copy_course(tmp_path_factory.mktemp("graded") / "course")
    with generated(course, "toy") as new:
        release = read_notebook(new.notebook)
    cases = {
        "model": toy.answered(course),
        "untouched": release,
        "wrong": toy.answered(course, double="def double(number):\n    return number"),
        "warns": toy.answered(course, double=WARNING),
        "raises": toy.answered(course, mean="raise RuntimeError('<b>no</b>')"),
        "surrogates": toy.answered(
            course, mean="print('\\ud800')\nraise RuntimeError('\\ud800 \ud800')"
        ),
        "kills": toy.answered(course, double="import os\nos._exit(1)"),
        "kills-later": toy.answered(
            course, double="def double(number):\n    import os\n    os._exit(1)"
        ),
        "endless": toy.answered(course, double=ENDLESS),
        "stubborn": toy.answered(course, double=STUBBORN),
        "deletes": _without(toy.answered(course), "double-value", "mean-value", "double-task"),
        "copies": _twice(toy.answered(course), "double-value"),
        "empties": toy.answered(course, double_value="", double_negative="pass"),
        "missing": None,
        "not-json": "%PDF-1.7",
        "other": {**toy.answered(course), "cells": [toy.cell(toy.answered(course), "setup")]},
        "o'neil [x] ü": toy.answered(course),
    }
    for student, notebook in cases.items():
        toy.submit(course, student, notebook)
    grade.grade(course, "toy", workers=2)
    return course


def _points(course, student):
    result = load(course, "toy", student)
    return {cell.grade_id: cell.points for cell in result.cells}


FULL = {"double-value": 1, "double-negative": 2, "mean-value": 2, "question-why": None}
NO_DOUBLE = FULL | {"double-value": 0, "double-negative": 0}


@pytest.mark.parametrize(
    ("student", "points"),
    [
        ("model", FULL),
        ("warns", FULL),
        ("deletes", FULL),
        ("copies", FULL),
        ("empties", FULL),
        ("o'neil [x] ü", FULL),
        ("wrong", NO_DOUBLE),
        ("kills", NO_DOUBLE),
        ("kills-later", NO_DOUBLE),
        ("endless", NO_DOUBLE),
        ("stubborn", NO_DOUBLE),
        ("raises", FULL | {"mean-value": 0}),
        ("surrogates", FULL | {"mean-value": 0}),
        ("untouched", dict.fromkeys(FULL, 0)),
        ("missing", dict.fromkeys(FULL, 0)),
        ("not-json", dict.fromkeys(FULL, 0)),
        ("other", dict.fromkeys(FULL, 0)),
    ],
)
def test_each_case_gets_the_marks_of_what_was_really_answered(graded, student, points):
    assert _points(graded, student) == points


@pytest.mark.parametrize(
    ("student", "problem"),
    [("missing", "missing"), ("not-json", "not-json"), ("other", "wrong-lab")],
)
def test_what_cannot_be_graded_says_why_and_what_to_do(graded, student, problem):
    result = load(graded, "toy", student)
    assert result.problem == problem
    assert result.needs_person
    assert result.reason.endswith(".")
    assert result.next_step.endswith(".")


@pytest.mark.parametrize(
    ("student", "reason"),
    [
        ("kills", "kernel-died"),
        ("kills-later", "kernel-died"),
        ("endless", "out-of-time"),
        ("stubborn", "out-of-time"),
    ],
)
def test_a_cell_without_a_verdict_says_why(graded, student, reason):
    cells = {cell.grade_id: cell for cell in load(graded, "toy", student).cells}
    assert {cells["double-value"].reason, cells["double-negative"].reason} == {reason}
    assert cells["mean-value"].reason is None


def test_a_wrong_answer_is_named(graded):
    cell = load(graded, "toy", "wrong").cells[0]
    assert cell.slug == "factor-missing"
    assert cell.seen == "double: 4 gives 4."
    assert not load(graded, "toy", "wrong").needs_person


def test_an_untouched_exercise_is_not_done_rather_than_wrong(graded):
    assert {cell.slug for cell in load(graded, "toy", "untouched").cells} == {"not-done"}


def test_what_was_put_right_is_noted(graded):
    notes = load(graded, "toy", "deletes").notes
    assert "double-value had been deleted; it was put back as released." in notes
    (note,) = load(graded, "toy", "copies").notes
    assert note == "double-value was there more than once; the last one counts."


def test_the_gradebook_is_the_ordinary_one_with_the_same_marks(graded):
    """Oracle: nbgrader's own reading of its database."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{graded.gradebook}") as book:
        scores = {each.student.id: each.score for each in book.assignment_submissions("toy")}
        manual = {
            each.student.id: each.needs_manual_grade for each in book.assignment_submissions("toy")
        }
        book.engine.dispose()
    assert scores == {
        each.student: each.total.points for each in all_marks(graded, graded.lab("toy"))
    }
    assert manual["model"]
    assert not manual["missing"]
    assert not manual["untouched"]


def test_autograded_notebooks_are_where_formgrader_looks(graded):
    notebook = graded.autograded("toy", "model").read_text()
    assert "1234567" in notebook  # with its hidden tests
    assert "Two points for" in notebook  # and its mark scheme
    assert not graded.autograded("toy", "missing").exists()


@pytest.fixture
def small(tmp_path) -> Course:
    course = toy.copy_course(tmp_path / "course")
    toy.submit(course, "ada", toy.answered(course))
    toy.submit(course, "bo", toy.answered(course, double="def double(number):\n    return number"))
    return course


def test_running_again_grades_only_what_has_changed(small, console, monkeypatch):
    grade.grade(small, "toy", console=console)
    seen = []

    def recorded(lab, hand_in, **options):
        seen.append(hand_in.student)
        return grade_submission(lab, hand_in, **options)

    monkeypatch.setattr(engine, "grade_submission", recorded)
    grade.grade(small, "toy", console=console)
    assert seen == []
    assert "2 of 2 submissions are graded already." in console.file.getvalue()
    toy.submit(small, "bo", toy.answered(small))
    grade.grade(small, "toy", console=console)
    assert seen == ["bo"]
    assert _points(small, "bo") == FULL
    shutil.rmtree(small.root / "autograded" / "ada")
    grade.grade(small, "toy", console=console)
    assert seen == ["bo", "ada"]


def test_stopping_keeps_what_is_finished(small, console, monkeypatch):
    graded_so_far = []

    def interrupted(lab, hand_in, **options):
        if graded_so_far:
            raise KeyboardInterrupt
        graded_so_far.append(hand_in.student)
        return grade_submission(lab, hand_in, **options)

    monkeypatch.setattr(engine, "grade_submission", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grade.grade(small, "toy", workers=1, console=console)
    assert [result.student for result in load_all(small, "toy")] == graded_so_far == ["ada"]


def test_a_manual_mark_is_never_touched(small, console):
    from nbgrader.api import Gradebook

    grade.grade(small, "toy", console=console)
    with Gradebook(f"sqlite:///{small.gradebook}") as book:
        book.find_grade("question-why", "toy", "toy", "ada").manual_score = 3
        book.find_comment("question-why", "toy", "toy", "ada").manual_comment = "Well put."
        book.db.commit()
        book.engine.dispose()
    grade.grade(small, "toy", force=True, console=console)
    ada = next(each for each in all_marks(small, small.lab("toy")) if each.student == "ada")
    assert ada.total.points == 8
    assert ada.total.open == 0
    assert gradebook.personal_marks(small, "toy")["ada", "question-why"].comment == "Well put."


def test_a_gradebook_that_was_moved_away_is_filled_again(small, console):
    grade.grade(small, "toy", console=console)
    small.gradebook.rename(small.root / "old.db")
    grade.grade(small, "toy", console=console)
    assert gradebook.recorded(small, "toy") == {"ada", "bo"}


def test_cells_that_changed_after_grading_are_refused_in_one_line(small, console):
    grade.grade(small, "toy", console=console)
    notebook = toy.answered(small)
    toy.write_source(small, _without(notebook, "double-negative"))
    with pytest.raises(VaeLabError, match=r"gradebook\.db aside and grade again"):
        grade.grade(small, "toy", console=console)


def test_a_grader_that_hangs_is_stopped(small):
    toy.submit(small, "slow", toy.answered(small, double="import time\ntime.sleep(60)"))
    slow = submission(small.submitted, "toy", "slow")
    with generated(small, "toy") as new:
        result = autograde(small, small.lab("toy"), slow, generated=new, limit=1).result
    assert result.problem is None
    assert result.needs_person
    late = {cell.grade_id for cell in result.cells if cell.reason == "out-of-time"}
    assert late == {"double-value", "double-negative", "mean-value"}
    assert all("more than 1 s" in cell.message for cell in result.cells if cell.reason)


def test_verdicts_that_were_reached_before_a_grader_hangs_are_kept(small):
    """It is stopped from outside, while a cell runs that the notebook's limits would allow."""
    toy.submit(small, "slow", toy.answered(small, mean="import time\ntime.sleep(60)"))
    slow = submission(small.submitted, "toy", "slow")
    with generated(small, "toy") as new:
        graded = autograde(small, small.lab("toy"), slow, generated=new, limit=8)
    points = {cell.grade_id: cell.points for cell in graded.result.cells}
    assert points == {
        "double-value": 1,
        "double-negative": 2,
        "mean-value": 0,
        "question-why": None,
    }
    assert graded.notebook is not None


def test_submissions_may_also_lie_flat(small, tmp_path):
    flat = tmp_path / "flat"
    flat.mkdir()
    (flat / "eve.ipynb").write_text("{}")
    assert find_submissions(flat, "toy") == ["eve"]
    assert submission(flat, "toy", "eve") == Submission("eve", flat / "eve.ipynb")


def test_no_submissions_says_where_they_belong(course):
    with pytest.raises(VaeLabError, match=r"submitted/<student>/toy/toy\.ipynb"):
        grade.grade(course, "toy")


def _symlink(path):
    path.symlink_to("/etc/hostname")


def _huge(path):
    with path.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (_symlink, "symlink"),
        (_huge, "too-large"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "not-json"),
        (lambda path: path.write_text("[" * 100_000), "not-json"),
        (lambda path: path.write_text("[]"), "not-a-notebook"),
        (lambda path: path.write_text('{"cells": [[]], "nbformat": 4}'), "not-a-notebook"),
        (lambda path: path.mkdir(), "missing"),
    ],
)
def test_an_unreadable_submission_is_told_by_kind(tmp_path, make, problem):
    path = tmp_path / "toy.ipynb"
    make(path)
    with pytest.raises(Unreadable) as caught:
        parse_notebook(read_bytes(path, "toy"))
    assert caught.value.problem == problem


def test_repair_drops_foreign_marks_and_brings_deleted_cells_back(course):
    with generated(course, "toy") as new:
        release = read_notebook(new.notebook)
    submitted = _without(toy.answered(course), "double-check", "question-why-task")
    toy.cell(submitted, "figure")["metadata"]["nbgrader"] = {"grade": True, "grade_id": "mine"}
    toy.cell(submitted, "mean-value")["metadata"]["nbgrader"]["points"] = 100
    found = repair(submitted, release, "toy")
    repaired, notes = found.notebook, found.notes
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in repaired["cells"]]
    assert [each for each in ids if each] == [
        c["metadata"]["nbgrader"]["grade_id"]
        for c in release["cells"]
        if "nbgrader" in c["metadata"]
    ]
    assert toy.cell(repaired, "mean-value")["metadata"]["nbgrader"]["points"] == 2
    assert len(notes) == 2


def _by_plain_nbgrader(course: Course, lab: str) -> dict[str, float]:
    """The scores after `nbgrader generate_assignment` and nbgrader's own `nbgrader autograde`."""
    from nbgrader.api import Gradebook

    here = Path(sys.executable).parent  # nbgrader runs `alembic` by name
    environment = os.environ | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}"}
    environment["VAE_LAB_JUDGE"] = "off"
    for command in ("generate_assignment", "autograde"):
        subprocess.run(
            [sys.executable, "-m", "nbgrader", command, lab],
            cwd=course.root,
            env=environment,
            check=True,
            capture_output=True,
        )
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        scores = {each.student.id: each.score for each in book.assignment_submissions(lab)}
        book.engine.dispose()
    return scores


@pytest.mark.slow
def test_plain_nbgrader_gives_the_same_marks(small):
    """Oracle: nbgrader's commands, as in any course."""
    assert _by_plain_nbgrader(small, "toy") == {"ada": 5, "bo": 2}


def _copy_with_two_submissions(name: str, root: Path) -> Course:
    """A course with one lab: "model" hands in the answers, "untouched" what was released."""
    course, new = find_course(PROJECT), Course(root)
    shutil.copytree(course.source(name).parent, new.source(name).parent)
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    with generated(course, name) as built:
        for student, path in (("model", course.source(name)), ("untouched", built.notebook)):
            target = new.submitted / student / name / f"{name}.ipynb"
            target.parent.mkdir(parents=True)
            shutil.copy(path, target)
    return new


@pytest.mark.slow
@pytest.mark.parametrize("name", labs_with_answers())
def test_by_plain_nbgrader_the_model_answer_earns_all_and_the_untouched_release_nothing(
    name, tmp_path
):
    """At the small size; written answers are for a person to mark."""
    course = _copy_with_two_submissions(name, tmp_path)
    automatic = sum(cell.points for cell in course.lab(name).graded if not cell.manual)
    assert _by_plain_nbgrader(course, name) == {"model": automatic, "untouched": 0}


@pytest.mark.slow
@pytest.mark.parametrize("name", labs_with_answers())
def test_by_the_judge_the_model_answer_earns_all_and_the_untouched_release_nothing(name):
    course = find_course(PROJECT)
    lab = course.lab(name)
    with generated(course, name) as new:
        graded = [
            autograde(course, lab, Submission(path.parent.parent.name, path), generated=new).result
            for path in (course.source(name), new.notebook)
        ]
    model, untouched = graded
    automatic = [cell for cell in lab.graded if not cell.manual]
    earned = {cell.grade_id: cell.points for cell in model.cells}
    assert {cell.grade_id: earned[cell.grade_id] for cell in automatic} == {
        cell.grade_id: cell.points for cell in automatic
    }
    assert all(earned[cell.grade_id] is None for cell in lab.graded if cell.manual)
    assert {cell.points for cell in untouched.cells} == {0}
    assert {cell.slug for cell in untouched.cells} == {"not-done"}
