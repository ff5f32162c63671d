"""Names of every kind, links, pipes: what is odd is one student's matter, and is said."""

import csv
import io
import json
import os
import socket
import subprocess
import sys

import pytest
import toy

from vae_grading.course.course import Course
from vae_grading.grading import run as grade
from vae_grading.marks.store import load
from vae_grading.pages.feedback import feedback
from vae_grading.pages.report import report
from vae_grading.submissions.hand_in import (
    LONGEST_NAME,
    Submission,
    Unreadable,
    doubtful_names,
    find_submissions,
    read_bytes,
    submission,
)

GRADED = {
    "ada": b"ada",
    "-rf": b"-rf",
    "two\nlines": b"two\nlines",
    "bell\x07\x1b[31m": b"bell\x07\x1b[31m",
    "x" * LONGEST_NAME: b"x" * LONGEST_NAME,
    "[a]*{0}%s": b"[a]*{0}%s",
    "Zoë O'Neil": "Zoë O'Neil".encode(),
}
FLAGGED = {
    "Jos\\xe9": b"Jos\xe9",
    "..a": b"..a",
    ".hidden": b".hidden",
}


def _put(course: Course, folder: bytes, text: str) -> None:
    path = os.path.join(os.fsencode(course.submitted), folder, b"toy")
    os.makedirs(path)
    with open(os.path.join(path, b"toy.ipynb"), "w") as file:
        file.write(text)


def _read(course: Course, student: str) -> bytes:
    found = submission(course.submitted, "toy", student)
    return read_bytes(found.notebook, "toy", found.folder)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of all these names, graded, with pages, and what the terminal showed."""
    from rich.console import Console

    course = toy.copy_course(tmp_path_factory.mktemp("names") / "course")
    text = json.dumps(toy.answered(course))
    for folder in (*GRADED.values(), *FLAGGED.values(), b"\xe9" * LONGEST_NAME):
        _put(course, folder, text)
    for name in ("ada", "", ".", "..", "._mac"):
        (course.submitted / f"{name}.ipynb").write_text(text)
    console = Console(file=io.StringIO(), width=200, color_system=None)
    grade.grade(course, "toy", workers=2, console=console)
    feedback(course, "toy", console=console)
    report(course, "toy", console=console)
    return course, console.file.getvalue()


@pytest.mark.parametrize("student", GRADED)
def test_an_odd_name_costs_nothing(graded, student):
    course, _ = graded
    assert sum(cell.points or 0 for cell in load(course, "toy", student).cells) == 5
    assert course.feedback("toy", student).is_file()


@pytest.mark.parametrize("student", FLAGGED)
def test_a_name_that_nothing_else_can_show_is_flagged_with_what_to_do(graded, student):
    course, said = graded
    result = load(course, "toy", student)
    assert result.problem == "bad-name"
    assert f"! {student}: {result.reason} Rename it to the student's name" in said
    assert course.feedback("toy", student).is_file()


def test_a_name_that_is_too_long_once_it_can_be_shown_has_one_of_its_own(graded):
    course, _ = graded
    (student,) = (name for name in find_submissions(course.submitted, "toy") if "~" in name)
    assert len(student) <= LONGEST_NAME
    assert load(course, "toy", student).problem == "bad-name"


def test_files_that_name_nobody_are_flagged_and_lead_nowhere(graded):
    """ "...ipynb" would be the student "..", whose folders are the course's own."""
    course, _ = graded
    for name in (".ipynb", "..ipynb", "...ipynb"):
        assert load(course, "toy", name).problem == "bad-name"
    assert load(course, "toy", "._mac") is None
    assert not (course.root / "toy").exists()


def test_the_terminal_and_the_table_hold_nothing_that_drives_them(graded):
    course, said = graded
    assert all(char.isprintable() or char == "\n" for char in said)
    rows = list(csv.reader(io.StringIO((course.root / "reports/toy/marks.csv").read_text())))
    assert len(rows) == 1 + len(find_submissions(course.submitted, "toy"))
    assert {len(row) for row in rows} == {len(rows[0])}


def test_a_file_beside_the_folder_of_its_name_is_said_to_be_passed_over(graded):
    _, said = graded
    assert "! ada: ada counts, ada.ipynb beside it was passed over" in said


def test_once_it_is_renamed_nothing_is_left_of_the_flag(course, console):
    text = json.dumps(toy.answered(course))
    _put(course, b"Jos\xe9", text)
    _put(course, b"ada", text)
    grade.grade(course, "toy", workers=1, console=console)
    os.rename(os.path.join(os.fsencode(course.submitted), b"Jos\xe9"), course.submitted / "José")
    grade.grade(course, "toy", workers=1, console=console)
    assert load(course, "toy", "Jos\\xe9") is None
    assert load(course, "toy", "José").problem is None


@pytest.mark.parametrize(
    ("one", "other"), [("Ada", "ada"), ("Jos\u00e9", "Jose\u0301"), ("STRASSE", "straße")]
)
def test_two_names_that_look_alike_are_both_graded_and_both_named(course, one, other):
    for name in (one, other):
        toy.submit(course, name, "{}")
    assert find_submissions(course.submitted, "toy") == sorted([one, other])
    (line,) = doubtful_names(course.submitted, "toy")
    assert "the same name but for case or accents" in line


def test_names_that_nbgraders_pages_take_for_markup_are_told(course):
    toy.submit(course, "<b>", "{}")
    toy.submit(course, "O'Neil & co", "{}")
    (line,) = doubtful_names(course.submitted, "toy")
    assert line.startswith("<b>: ")


def test_a_link_at_any_level_is_not_followed(course):
    """To a neighbour's, to the model answer, to nowhere; hard links are files."""
    toy.submit(course, "ada", toy.answered(course))
    below = course.submitted
    (below / "folder").symlink_to("ada")
    (below / "lab").mkdir()
    (below / "lab" / "toy").symlink_to("../ada/toy")
    (below / "file" / "toy").mkdir(parents=True)
    (below / "file" / "toy" / "toy.ipynb").symlink_to(course.source("toy"))
    (below / "flat.ipynb").symlink_to("ada/toy/toy.ipynb")
    (below / "nowhere").symlink_to("gone")
    (below / "hard" / "toy").mkdir(parents=True)
    os.link(below / "ada/toy/toy.ipynb", below / "hard/toy/toy.ipynb")
    linked = {"folder", "lab", "file", "flat", "nowhere"}
    assert set(find_submissions(below, "toy")) == linked | {"ada", "hard"}
    for student in linked:
        with pytest.raises(Unreadable) as caught:
            _read(course, student)
        assert caught.value.problem == "symlink"
    assert _read(course, "hard") == _read(course, "ada")


def test_the_folder_of_the_class_may_be_a_link(course, tmp_path):
    toy.submit(course, "ada", "{}")
    (tmp_path / "elsewhere").symlink_to(course.submitted)
    found = submission(tmp_path / "elsewhere", "toy", "ada")
    assert found == Submission("ada", tmp_path / "elsewhere/ada/toy/toy.ipynb")
    assert read_bytes(found.notebook, "toy", found.folder) == b"{}"


def _pipe(path):
    os.mkfifo(path)


def _socket(path):
    here = os.getcwd()
    os.chdir(path.parent)  # its address has room for a short name only
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize(
    ("make", "kind"),
    [(_pipe, "a named pipe"), (_socket, "a socket"), (os.mkdir, "a folder")],
)
def test_what_is_no_file_is_named_and_not_waited_for(course, make, kind):
    path = toy.submit(course, "ada", None)
    make(path)
    with pytest.raises(Unreadable) as caught:
        _read(course, "ada")
    assert kind in caught.value.reason


@pytest.mark.slow
def test_by_plain_nbgrader_too_nobody_else_is_touched(tmp_path):
    """Names that nbgrader has no place for, links, and pipes where it reads or copies."""
    from test_nbgrader_judge import _course, _nbgrader, _scores

    from vae_grading.sandbox.jail import fault

    course = _course(tmp_path / "course")
    text = json.dumps(toy.answered(course))
    for folder in (b"ada", b"Jos\xe9", b"two\nlines", b"pipes"):
        _put(course, folder, text)
    below = course.submitted
    (below / "eve").symlink_to("ada")
    (below / "ada" / "toy" / "data.csv").write_text("1")
    for name in ("timestamp.txt", "pipe"):
        os.mkfifo(below / "pipes" / "toy" / name)
    (below / "pipes" / "toy" / "endless").symlink_to("/dev/zero")
    _nbgrader(course, "generate_assignment", "toy").check_returncode()
    trusted = [] if fault() is None else ["--JudgingExporter.walls=False"]
    done = _nbgrader(course, "autograde", "toy", *trusted)
    assert done.returncode == 0, done.stderr[-2000:]
    earned = {
        student: sum(score or 0 for score, _ in cells.values())
        for student, cells in _scores(course).items()
    }
    assert earned == {"ada": 5, "pipes": 5, "eve": 0}
    assert sorted(os.listdir(course.root / "autograded" / "pipes" / "toy")) == ["toy.ipynb"]
    assert (course.root / "autograded" / "ada" / "toy" / "data.csv").is_file()
    assert "nbgrader has no place for the name Jos\\xe9" in done.stderr
    assert load(course, "toy", "Jos\\xe9").problem == "bad-name"


def test_a_command_prints_a_name_that_is_no_text(tmp_path):
    """In a terminal that has no UTF-8 either."""
    course = toy.copy_course(tmp_path / "course")
    _put(course, b"Jos\xe9", "{}")
    _put(course, "José".encode(), "{}")
    done = subprocess.run(
        [sys.executable, "-m", "vae_grading.cli", "grade", "toy", "--workers", "1"],
        cwd=course.root,
        env=os.environ | {"PYTHONIOENCODING": "ascii:replace"},
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert b"Jos\\xe9" in done.stdout
