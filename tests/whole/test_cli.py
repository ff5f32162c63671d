"""The command line: help at once, and one line with exit code 2 for a user's mistake."""

import os
import subprocess
import sys

import pytest

from vae_grading.cli import run


def _files(course):
    return sorted(course.root.rglob("*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["grade"], "Missing argument 'LAB'"),
        (["grade", "toy", "--wokers", "2"], "No such option: --wokers"),
        (["grade", "toy", "--workers", "two"], "Invalid value for '--workers'"),
        (["grade", "toy", "--workers", "0"], "--workers 0: at least one is needed"),
        (["grade", "toy", "--submitted", "nowhere"], "nowhere: there is no such folder"),
        (["grade", "toy"], "there is no such folder; put the submissions into"),
        (["grade", "lab9"], "there is no lab called 'lab9'; known labs: toy"),
        (["build", "lab9"], "there is no lab called 'lab9'"),
        (["report", "toy"], "toy has no results yet: run `vae-lab grade toy` first"),
        (["feedback", "toy"], "toy has no results yet"),
        (["feedback", "lab9"], "there is no lab called 'lab9'"),
        (["feedback", "toy", "--zip", "ilias"], "--zip ilias: archives of feedback are taken by"),
        (["feedback", "toy", "--zip", "moodle"], "toy has no results yet"),
        (["export", "toy"], "Missing option '--into'"),
        (["export", "toy", "--into", "marks.csv"], "toy has no results yet"),
        (["export", "lab9", "--into", "marks.csv"], "there is no lab called 'lab9'"),
        (["report", "lab9"], "there is no lab called 'lab9'"),
        (["open", "toy"], "release/toy was not built yet: run `vae-lab build toy`"),
        (["open"], "name the lab to open: toy"),
        (["demo"], "there is no lab called 'lab3-vae'"),
        (["demo", "--lab", "toy"], "release/toy was not built yet: run `vae-lab build toy`"),
        (["check", "--course", "nowhere"], "--course nowhere: there is no such folder"),
        (["try", "nothing.ipynb"], "nothing.ipynb: there is no such file"),
        (["try", "source"], "source is a folder; name the notebook in it"),
        (["try", "toy.ipynb", "--seconds", "0"], "Invalid value for '--seconds'"),
        (["explore"], "Missing argument 'RUN'"),
        (["explore", "nowhere"], "nowhere: there is no such folder"),
        (["explore", "source"], "source is no folder that `vae-lab train` wrote"),
        (["train", "--epochs", "none"], "Invalid value for '--epochs'"),
        (["train", "--recipe", "none"], "there is no recipe 'none'; there are altosaar"),
        (["train", "--images", "5"], "--images is for recipes: name one by --recipe"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_2(course, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(course.root)
    before = _files(course)
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert err.startswith("vae-lab: ")
    assert said in err
    assert err.count("\n") == 1
    assert out == ""
    assert _files(course) == before


def test_outside_a_course_the_line_says_how_to_name_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == 2
    assert "name it with --course DIR" in capsys.readouterr().err


def test_check_exits_with_1_when_something_is_wrong(course, capsys):
    assert run(["check", "--course", str(course.root)]) == 1
    assert "vae-lab build toy" in capsys.readouterr().out


def test_ctrl_c_gets_one_line(course, monkeypatch, capsys):
    def stopped(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("vae_grading.grading.run.grade", stopped)
    assert run(["grade", "toy", "--course", str(course.root)]) == 130
    assert capsys.readouterr().err == "vae-lab: stopped; what was finished is kept\n"


@pytest.mark.parametrize("command", ["build", "check", "grade toy", "report toy", "open", "demo"])
def test_where_only_a_student_s_packages_are_a_line_names_the_extra(
    course, monkeypatch, capsys, command
):
    monkeypatch.chdir(course.root)
    monkeypatch.setattr("vae_grading.options.INSTRUCTORS_PACKAGES", ("json", "no_such_package"))
    assert run(command.split()) == 2
    out, err = capsys.readouterr()
    assert 'pip install ".[instructor]"' in err
    assert (out, err.count("\n")) == ("", 1)


def test_without_a_command_help_is_shown(capsys):
    assert run([]) == 2
    out, err = capsys.readouterr()
    assert "Usage: vae-lab" in out
    assert err == ""


def test_version_is_told(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("vae-lab ")


@pytest.mark.parametrize(
    "command",
    [
        "build",
        "check",
        "collect",
        "grade",
        "feedback",
        "export",
        "report",
        "demo",
        "train",
        "explore",
        "open",
        "try",
    ],
)
def test_every_command_explains_itself(command, capsys):
    assert run([command, "--help"]) == 0
    assert f"vae-lab {command}" in capsys.readouterr().out


def test_help_loads_neither_torch_nor_nbgrader():
    """What makes help slow would be among the imported modules."""
    code = (
        "import sys; from vae_grading.cli import run; run(['--help']);"
        "print([m for m in ('torch', 'nbgrader', 'nbformat', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.rstrip().endswith("[]")
