"""`vae-lab try`: what it prints and how it ends, for notebooks in every state."""

import json
import shutil
from pathlib import Path

import pytest
import toy
from places import PROJECT

from vae_grading.cli import run
from vae_grading.course.course import find_course
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.student_version import generated

WRONG_DOUBLE = "def double(number):\n    return number"
RIGHT_MEAN = "def mean(numbers):\n    return sum(numbers) / len(numbers)"
# What a notebook of lab 1 has in place of its model answers, and what is said of each.
BROKEN = {
    "log-joint": ("def log_joint(x, z, W, b, s):\n    return (", "ended with SyntaxError"),
    "naive-log-evidence": ("def other_name(): pass", "naive_log_evidence is not defined."),
    "gaussian-kl": (
        "def gaussian_kl(mu, logvar):\n    return (logvar.exp() + mu**2 - 1 - logvar).sum(-1)",
        "the factor 1/2 is missing.",
    ),
    "log-q": (
        "def log_q(z, mu, logvar):\n    while True:\n        pass",
        "✗ This check ran for 8 s without coming to an end.",
    ),
    "elbo-mc": (
        "import os\ndef elbo_monte_carlo(*arguments):\n    os._exit(3)",
        "✗ This check ended the notebook's process",
    ),
    "entropy": (
        "import time\ntime.sleep(1000)\ndef entropy(logvar):\n    return 0",
        "✗ The cell ran for 8 s without coming to an end.",
    ),
    "cross-entropy": (
        "import vae_helpers\ndef cross_entropy(mu, logvar):\n"
        "    return vae_helpers.gaussian_kl(mu, logvar)",
        "vae_helpers.gaussian_kl is what this lab asks you to write",
    ),
    "derivation": ("raise SystemExit", "The cell for it ended with SystemExit\n"),
}


@pytest.fixture
def released(course):
    """The toy course with its student version; the notebook that students are given."""
    with generated(course, toy.LAB) as new:
        shutil.copytree(new.release, course.release(toy.LAB).parent)
    return read_notebook(course.release(toy.LAB))


def write(course, notebook) -> Path:
    path = course.root / "mine.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def tried(path: Path, capsys, *options: str) -> tuple[int, str]:
    code = run(["try", str(path), *options])
    out, err = capsys.readouterr()
    assert err == ""  # no progress bar into a pipe
    return code, out


def test_a_solved_notebook_has_all_ticks_and_exit_code_0(course, released, capsys):
    code, out = tried(write(course, toy.answered(course)), capsys)
    assert code == 0
    assert "✓ Exercise 1   double           3 of 3" in out
    assert "Question 1   why twice?       4 by a person, an answer is written" in out
    assert "✗" not in out


def test_an_untouched_notebook_is_not_tried_and_nothing_is_written(course, released, capsys):
    code, out = tried(write(course, released), capsys)
    assert code == 1
    assert out.count("not tried") == 2
    assert "4 by a person, nothing is written yet" in out
    assert "✓" not in out
    assert "✗" not in out


def test_a_mistake_is_told_with_its_meaning_and_what_is_right_keeps_its_tick(
    course, released, capsys
):
    toy.cell(released, "double")["source"] = WRONG_DOUBLE
    toy.cell(released, "mean")["source"] = RIGHT_MEAN
    code, out = tried(write(course, released), capsys)
    assert code == 1
    assert "✗ Exercise 1" in out
    assert "    ✗ double: 4 gives 4.\n      The argument comes back unchanged" in out
    assert "✓ Exercise 2" in out


def test_a_notebook_without_marks_in_another_encoding_is_read_as_grading_reads_it(
    course, released, capsys
):
    """And what it prints, shell lines and lines for another machine do it no harm."""
    toy.cell(released, "double")["source"] = (
        "import google.colab\n%matplotlib inline\nprint('noise')\n"
        "def double(number):\n    return 2 * number"
    )
    for cell in released["cells"]:
        cell["metadata"] = {}
    path = course.root / "mine.ipynb"
    path.write_bytes(json.dumps(released).encode("utf-16"))
    code, out = tried(path, capsys)
    assert code == 1
    assert "✓ Exercise 1" in out
    assert "· Exercise 2" in out
    assert "noise" not in out
    assert "Note: " in out
    assert "had lost their marks" in out


def test_json_tells_the_same_to_a_program(course, released, capsys):
    toy.cell(released, "double")["source"] = WRONG_DOUBLE
    code, out = tried(write(course, released), capsys, "--json")
    told = json.loads(out)
    assert code == 1
    assert (told["lab"], told["points"]) == ("toy", 0)
    assert [each.get("state") for each in told["exercises"]] == ["wrong", "not tried", None]
    assert "factor 2 is missing" in told["exercises"][0]["said"][0]
    assert told["exercises"][2]["written"] is False


def test_a_notebook_of_no_lab_is_one_line(course, released, capsys):
    path = write(course, read_notebook(PROJECT / "notebooks" / "00-start-here.ipynb"))
    assert run(["try", str(path)]) == 2
    out, err = capsys.readouterr()
    assert "it holds no cell of a lab that is known here (toy)" in err
    assert (out, err.count("\n")) == ("", 1)


def test_a_file_beside_it_that_hides_a_library_is_one_line(course, released, capsys):
    path = write(course, released)
    path.with_name("random.py").write_text("1 / 0", encoding="utf-8")
    assert run(["try", str(path)]) == 2
    out, err = capsys.readouterr()
    assert "no notebook can be run there (ZeroDivisionError: division by zero)" in err
    assert (out, err.count("\n")) == ("", 1)


@pytest.mark.slow
def test_what_hangs_dies_or_cheats_costs_its_own_exercise_only(tmp_path, capsys):
    """Eight kinds of broken answers in one notebook; the others keep their points."""
    course = find_course(PROJECT)
    notebook = read_notebook(course.source("lab1-elbo"))
    for key, (source, _) in BROKEN.items():
        toy.cell(notebook, key)["source"] = source
    path = tmp_path / "a name of my own.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    code, out = tried(path, capsys, "--seconds", "8")
    assert code == 1
    for key, (_, said) in BROKEN.items():
        assert said in out, key
    exercises = [each for each in course.lab("lab1-elbo").exercises if each.kind == "auto"]
    assert [line.split()[2] for line in out.splitlines() if line.startswith("✓")] == [
        str(each.number) for each in exercises if each.key not in BROKEN
    ]
    assert "\n· " not in out
