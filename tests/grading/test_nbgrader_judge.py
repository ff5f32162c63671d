"""`nbgrader autograde` and formgrader's button give the judge's marks, whatever is handed in."""

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import toy
from places import PROJECT

from vae_grading.course.course import Course
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.student_version import generated, nbgrader_config
from vae_grading.grading import nbgrader_exporter as nbgrader_judge
from vae_grading.grading import run as grade
from vae_grading.marks.store import load
from vae_grading.pages.feedback import feedback
from vae_grading.sandbox.jail import fault
from vae_helpers.errors import VaeLabError

WARNS = """
import sys, warnings

def double(number):
    warnings.warn("look out")
    print("careful", file=sys.stderr)
    return 2 * number
"""
EMPTIES_OUTPUTS = """
import sys
from IPython.display import clear_output

def double(number):
    get_ipython().run_cell = lambda *a, **k: None
    sys.displayhook = lambda value: None
    clear_output()
    return number
"""

pytestmark = pytest.mark.slow


def _hand_in(course: Course) -> None:
    with generated(course, "toy") as new:
        release = read_notebook(new.notebook)
    model = toy.answered(course)
    copied = json.loads(json.dumps(model))
    copied["cells"].append(toy.cell(copied, "double-value") | {"id": "again"})
    deleted = json.loads(json.dumps(model))
    deleted["cells"] = [
        c for c in deleted["cells"] if c["id"] != toy.cell(model, "mean-value")["id"]
    ]
    tagged = toy.answered(course, double="def double(number):\n    return number")
    for cell in tagged["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "remove_output"]
        cell["metadata"].setdefault("nbgrader", {})["points"] = 100
    cases = {
        "model": model,
        "untouched": release,
        "wrong": toy.answered(course, double="def double(number):\n    return number + 1"),
        "warns": toy.answered(course, double=WARNS),
        "empties": toy.answered(course, double=EMPTIES_OUTPUTS),
        "tagged": tagged,
        "dies": toy.answered(course, double="import os\nos._exit(0)"),
        "copied": copied,
        "deleted": deleted,
        "not-json": "%PDF-1.7",
        "array": "[]",
        "beside": _answered_beside(release),
        "other": {**model, "cells": [toy.cell(model, "setup")]},
    }
    for student, notebook in cases.items():
        toy.submit(course, student, notebook)


def _answered_beside(release: dict) -> dict:
    """Nothing but a written answer, in a cell of its own below the one for it."""
    notebook = copy.deepcopy(release)
    own = {"cell_type": "markdown", "id": "own", "metadata": {}, "source": "Because it is."}
    notebook["cells"].append(own)
    return notebook


def _course(root: Path) -> Course:
    course = toy.copy_course(root)
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    return course


def _nbgrader(course: Course, *command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=course.root,
        env=os.environ | {"PYTHONPATH": str(PROJECT)} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_nbgraders_own_autograde_takes_points_off_for_late_work(tmp_path):
    """Its AssignLatePenalties, by the times and dates that `vae-lab` tells the gradebook."""
    from nbgrader.api import Gradebook

    course = _course(tmp_path / "course")
    config = course.root / "nbgrader_config.py"
    late = 'c.VaeLab.due = {"toy": "2026-09-24 23:59"}\nc.VaeLab.timezone = "UTC"\n'
    config.write_text(f'{config.read_text()}{late}c.LateSubmissionPlugin.penalty_method = "zero"\n')
    for student, hour in (("ada", 23), ("bo", 24)):
        path = toy.submit(course, student, toy.answered(course))
        day, hour = 24 + hour // 24, hour % 24
        path.with_name("timestamp.txt").write_text(f"2026-09-{day} {hour:02}:30:00 UTC\n")
    _nbgrader(course, "generate_assignment", "toy").check_returncode()
    _nbgrader(course, "autograde", "toy").check_returncode()
    with Gradebook(f"sqlite:///{course.gradebook}", "vae-lab") as book:
        found = [book.find_submission("toy", each) for each in ("ada", "bo")]
        assert [(each.score, each.late_submission_penalty) for each in found] == [(5, 0), (5, 5)]
        book.engine.dispose()


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Course:
    """The class, graded by nbgrader's own two commands."""
    course = _course(tmp_path_factory.mktemp("nbgrader") / "course")
    _hand_in(course)
    _nbgrader(course, "generate_assignment", "toy").check_returncode()
    trusted = [] if fault() is None else ["--JudgingExporter.walls=False"]
    _nbgrader(course, "autograde", "toy", *trusted).check_returncode()
    return course


def _scores(course: Course) -> dict[str, dict[str, tuple]]:
    """What the gradebook holds, by student and cell. Oracle: nbgrader's own reading of it."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        found = {
            each.student.id: {
                grade.cell.name: (grade.auto_score, grade.needs_manual_grade)
                for notebook in each.notebooks
                for grade in notebook.grades
            }
            for each in book.assignment_submissions("toy")
        }
        book.engine.dispose()
    return found


def test_the_gradebook_holds_the_marks_that_vae_lab_grade_gives(graded, tmp_path):
    other = toy.copy_course(tmp_path / "course")
    shutil.copytree(graded.submitted, other.submitted)
    grade.grade(other, "toy", workers=2)
    assert _scores(graded) == _scores(other)
    assert sum(score or 0 for score, _ in _scores(graded)["model"].values()) == 5
    assert sum(score or 0 for score, _ in _scores(graded)["warns"].values()) == 5


@pytest.mark.parametrize("student", ["untouched", "not-json", "array", "other"])
def test_what_is_no_answer_earns_nothing_and_needs_no_manual_mark(graded, student):
    assert set(_scores(graded)[student].values()) == {(0, False)}


def test_a_written_answer_in_another_cell_is_for_a_person(graded):
    assert _scores(graded)["beside"]["question-why"] == (None, True)


@pytest.mark.parametrize("student", ["empties", "tagged", "dies", "wrong"])
def test_emptied_outputs_earn_nothing(graded, student):
    scores = _scores(graded)[student]
    assert scores["double-value"][0] == 0
    assert scores["double-negative"][0] == 0


def test_why_there_are_no_marks_stands_where_formgrader_shows_it(graded):
    (said,) = toy.cell(read_notebook(graded.autograded("toy", "not-json")), "double-value")[
        "outputs"
    ]
    assert said["ename"] == "not-json"
    assert "The file is a PDF document" in said["traceback"][0]
    assert "Ask for the .ipynb file" in said["traceback"][0]
    put_right = read_notebook(graded.autograded("toy", "deleted"))["cells"][0]["source"]
    assert "mean-value had been deleted; it was put back as released." in put_right


def test_feedback_and_a_later_run_know_what_nbgrader_graded(graded, console):
    """Of the same submissions `vae-lab grade` has nothing left to do, and changes no mark."""
    before = _scores(graded)
    grade.grade(graded, "toy", console=console)
    count = len(list(graded.submitted.iterdir()))
    assert f"{count} of {count} submissions are graded already." in console.file.getvalue()
    assert _scores(graded) == before
    feedback(graded, "toy", console=console)
    assert "number + 1" not in graded.feedback("toy", "wrong").read_text()
    assert "✗ value 0/1" in graded.feedback("toy", "wrong").read_text()


def test_export_works_as_always(graded):
    _nbgrader(graded, "export").check_returncode()
    rows = (graded.root / "grades.csv").read_text().splitlines()
    assert len(rows) == 1 + len(list(graded.submitted.iterdir()))


@pytest.fixture
def formgrader(graded):
    """What formgrader's button calls."""
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    config = nbgrader_config(graded)
    folders = CourseDirectory(root=str(graded.root), config=config)
    if fault() is not None:
        config.JudgingExporter.walls = False
    return NbGraderAPI(folders, config=config)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_the_button_of_formgrader_grades_one_submission_again(graded, formgrader):
    toy.submit(graded, "later", toy.answered(graded))
    assert formgrader.autograde("toy", "later")["success"]
    assert _scores(graded)["later"]["double-value"] == (1, False)


def test_without_a_sandbox_it_refuses_in_one_line(formgrader, monkeypatch):
    def none(*, walls, libraries):
        raise VaeLabError("there is no sandbox here: no bubblewrap")

    monkeypatch.setattr(nbgrader_judge, "jail", none)
    said = formgrader.autograde("toy", "model", force=True)
    assert not said["success"]
    assert "there is no sandbox here" in said["log"]
    assert "Traceback" not in said["log"]


def test_an_assignment_that_is_no_lab_is_refused_with_the_way_out(graded):
    said = _nbgrader(graded, "autograde", "essay")
    assert said.returncode == 1
    assert "essay" in said.stderr


def test_with_the_judge_off_nbgrader_runs_the_notebooks_itself(tmp_path):
    course = _course(tmp_path / "course")
    toy.submit(course, "warns", toy.answered(course, double=WARNS))
    for command in ("generate_assignment", "autograde"):
        _nbgrader(course, command, "toy", VAE_LAB_JUDGE="off").check_returncode()
    assert _scores(course)["warns"]["double-value"][0] == 0  # nbgrader's way with a warning
    assert not load(course, "toy", "warns")
