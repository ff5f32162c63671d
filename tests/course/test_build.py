"""Student versions and model answers: built from source alone, whole or not at all."""

import errno
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
import toy
from nbgrader.api import Gradebook
from places import PROJECT

from vae_grading import atomic
from vae_grading.course import student_version as generate
from vae_grading.course.build import build
from vae_grading.course.check import check, findings, leaks
from vae_grading.course.course import Course, find_course
from vae_grading.course.notebooks import read_notebook
from vae_helpers.errors import VaeLabError


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Course:
    """A toy course with everything built; tests that change it take a copy."""
    course = toy.copy_course(tmp_path_factory.mktemp("built") / "course")
    build(course)
    return course


@pytest.fixture
def mine(built, tmp_path) -> Course:
    shutil.copytree(built.root, tmp_path / "copy")
    return Course(tmp_path / "copy")


def test_release_shows_tasks_and_tests_but_nothing_hidden(built):
    release = built.release("toy").read_text(encoding="utf-8")
    assert "YOUR CODE HERE" in release
    assert "check_double(double, 4)" in release
    for hidden in ("twice_as_much", "1234567", "Two points for", "BEGIN", "An even integer"):
        assert hidden not in release


def test_solution_shows_answers_and_mark_scheme_but_no_hidden_test(built):
    solution = built.solution("toy").read_text(encoding="utf-8")
    for shown in ("twice_as_much", "Two points for", "An even integer", "image/png"):
        assert shown in solution
    for hidden in ("1234567", "BEGIN ", "END ", "HIDDEN"):
        assert hidden not in solution


def test_solution_is_executed_and_keeps_the_sources_metadata(built):
    solution = read_notebook(built.solution("toy"))
    assert solution["metadata"] == read_notebook(built.source("toy"))["metadata"]
    assert [c["execution_count"] for c in solution["cells"] if c["cell_type"] == "code"] == [
        *range(1, 10)
    ]


def test_building_again_changes_nothing_and_does_not_execute(mine, console):
    before = {path: path.stat().st_mtime_ns for path in mine.root.rglob("*.ipynb")}
    build(mine, console=console)
    assert {path: path.stat().st_mtime_ns for path in mine.root.rglob("*.ipynb")} == before
    assert "solutions/toy: up to date" in console.file.getvalue()


def test_building_does_not_touch_the_gradebook(built):
    assert not built.gradebook.exists()


def test_a_fresh_gradebook_is_what_nbgrader_makes(tmp_path):
    """Oracle: one that nbgrader made by itself, asking the command `alembic`."""
    generate.nbgrader_config(find_course(PROJECT))  # puts alembic on PATH
    Gradebook(f"sqlite:///{tmp_path / 'theirs.db'}").close()
    (tmp_path / "ours.db").write_bytes(generate._empty_gradebook())

    def content(name):
        database = sqlite3.connect(tmp_path / name)
        tables = [
            name
            for (name,) in database.execute("select name from sqlite_master where type = 'table'")
        ]
        columns = {name: database.execute(f"pragma table_info({name})") for name in tables}
        rows = {name: database.execute(f"select * from {name}").fetchall() for name in tables}
        return {name: [each[1:3] for each in found] for name, found in columns.items()}, rows

    assert content("ours.db") == content("theirs.db")


def test_a_changed_answer_is_executed_again(mine, console):
    toy.write_source(mine, toy.answered(mine, figure="print('no picture')"))
    build(mine, console=console)
    assert "no picture" in mine.solution("toy").read_text()
    assert "solutions/toy: executed" in console.file.getvalue()
    shutil.copytree(toy.FOLDER / "source/toy/answers", mine.answers("toy"), dirs_exist_ok=True)
    assert list(findings(mine)) == []


def test_where_only_text_has_changed_the_outputs_are_kept(mine, console):
    before = read_notebook(mine.solution("toy"))
    source = read_notebook(mine.source("toy"))
    text = next(cell for cell in source["cells"] if cell["cell_type"] == "markdown")
    text["source"] += " A sentence more."
    mine.source("toy").write_text(json.dumps(source), encoding="utf-8")
    build(mine, console=console)
    after = read_notebook(mine.solution("toy"))
    assert "A sentence more." in after["cells"][source["cells"].index(text)]["source"]
    assert [c.get("outputs") for c in after["cells"]] == [c.get("outputs") for c in before["cells"]]
    assert check(mine, console=console)
    assert "executed" not in console.file.getvalue()


def test_a_failing_model_answer_is_named_and_the_old_one_stays(mine):
    old = mine.solution("toy").read_bytes()
    toy.write_source(mine, toy.answered(mine, double_check="1 / 0"))
    with pytest.raises(
        VaeLabError, match=r"fails in cell 5 \(double-check\): ZeroDivisionError: division by zero"
    ):
        build(mine)
    assert mine.solution("toy").read_bytes() == old


def test_a_full_disk_leaves_the_old_files(mine, monkeypatch):
    old = {path: path.read_bytes() for path in mine.root.rglob("*.ipynb")}
    changed = toy.answered(mine, figure="print('changed')")
    toy.write_source(mine, changed)

    def full(source, target, **options):
        raise shutil.Error([(str(source), str(target), f"[Errno {errno.ENOSPC}] No space left")])

    # The last step: everything new is ready and is copied beside the old folder.
    monkeypatch.setattr(atomic.shutil, "copytree", _only_beside(full, shutil.copytree))
    with pytest.raises(VaeLabError, match="the disk is full; nothing was changed"):
        build(mine)
    old[mine.source("toy")] = mine.source("toy").read_bytes()
    assert {path: path.read_bytes() for path in mine.root.rglob("*.ipynb")} == old
    assert not list(mine.root.rglob("*.new"))


def _only_beside(failing, working):
    def copytree(source, target, **options):
        beside = Path(target).name.endswith(".new")
        return (failing if beside else working)(source, target, **options)

    return copytree


def test_a_lab_with_a_duplicate_grade_id_is_not_built(mine):
    notebook = toy.answered(mine)
    toy.cell(notebook, "mean")["metadata"]["nbgrader"]["grade_id"] = "double"
    toy.write_source(mine, notebook)
    old = mine.release("toy").read_bytes()
    with pytest.raises(VaeLabError, match=r"'?double'?.*used twice"):
        build(mine)
    assert mine.release("toy").read_bytes() == old


def test_an_unfinished_region_is_told_in_nbgraders_words(mine):
    notebook = toy.answered(mine, double="### BEGIN SOLUTION\ndef double(number): ...")
    toy.write_source(mine, notebook)
    with pytest.raises(VaeLabError, match=r"cannot build the student version.*no end solution"):
        build(mine)


def test_check_finds_nothing_wrong_in_what_was_built(mine, console):
    assert check(mine, console=console)
    assert "Everything is built and right" in console.file.getvalue()


def test_check_names_what_is_missing(course):
    found = {(finding.file, finding.what) for finding in findings(course)}
    assert ("release/toy/toy.ipynb", "is missing") in found
    assert ("solutions/toy/toy.ipynb", "is missing") in found


def test_check_sees_a_leaked_answer(mine):
    notebook = read_notebook(mine.release("toy"))
    toy.cell(notebook, "double")["source"] = "def double(number):\n    return twice_as_much"
    mine.release("toy").write_text(json.dumps(notebook))
    assert leaks(read_notebook(mine.source("toy")), mine.release("toy")) == ["return twice_as_much"]


def test_check_sees_a_hidden_line_anywhere_in_the_file(mine):
    notebook = read_notebook(mine.release("toy"))
    notebook["metadata"]["note"] = "check_double(double, -7654321)"
    mine.release("toy").write_text(json.dumps(notebook))
    assert leaks(read_notebook(mine.source("toy")), mine.release("toy")) == [
        "check_double(double, -7654321)"
    ]


def _outputs_in_source(course):
    notebook = read_notebook(course.solution("toy"))
    course.source("toy").write_text(json.dumps(toy.answered(course)))
    source = toy.answered(course)
    toy.cell(source, "setup")["execution_count"] = 3
    toy.cell(source, "double-check")["outputs"] = toy.cell(notebook, "double-check")["outputs"]
    toy.write_source(course, source)


def _failed_solution(course):
    notebook = read_notebook(course.solution("toy"))
    toy.cell(notebook, "mean-check")["outputs"] = [
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    ]
    course.solution("toy").write_text(json.dumps(notebook))


def _edited_release(course):
    text = course.release("toy").read_text()
    course.release("toy").write_text(text.replace("A lab without torch", "A lab with torch"))


def _orphan(course):
    (course.root / "release" / "gone").mkdir()


def _no_such_name(course):
    source = toy.answered(course)
    source["metadata"]["vae_lab"]["forbidden"] = ["vae_helpers.VAE.forward", "vae_helpers.gone"]
    toy.write_source(course, source)


def _no_mark_scheme(course):
    source = toy.answered(course)
    for cell in source["cells"]:
        cell["source"] = cell["source"].replace("### BEGIN MARK SCHEME", "")
        cell["source"] = cell["source"].replace("### END MARK SCHEME", "")
    toy.write_source(course, source)


def _no_answers(course):
    shutil.rmtree(course.answers("toy"))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_outputs_in_source, "has outputs or execution counts (cell 2, 5"),
        (_failed_solution, "has a cell that failed (cell 10)"),
        (_edited_release, "differs from what source builds"),
        (_orphan, "has no source"),
        (_no_answers, "is missing"),
        (_no_such_name, "vae_lab.forbidden: there is no vae_helpers.gone"),
        (_no_mark_scheme, "has 1 written questions and 0 mark schemes"),
    ],
)
def test_check_sees_what_was_spoiled(mine, spoil, said):
    spoil(mine)
    assert any(said in finding.what for finding in findings(mine))


@pytest.mark.slow
def test_the_repositorys_labs_are_built_and_right():
    """release/ and solutions/ equal what source/ builds, and nothing hidden is released."""
    assert list(findings(find_course(PROJECT))) == []
