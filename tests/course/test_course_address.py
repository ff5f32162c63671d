"""Where notebooks install the course's package from: one setting, in what students are given."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import toy
from places import PROJECT

from vae_grading.course.course import Course
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.student_version import generated

ADDRESS = 'git+https://example.org/a "course".git@v1'
CELL = 'COURSE_ADDRESS = ""  # where from\nprint(COURSE_ADDRESS)'


@pytest.fixture
def with_cell(course):
    """The toy course with the project's own configuration and a cell that has the setting."""
    shutil.copy(PROJECT / "nbgrader_config.py", course.root)
    notebook = read_notebook(course.source(toy.LAB))
    notebook["cells"][1]["source"] = f"{CELL}\n{notebook['cells'][1]['source']}"
    toy.write_source(course, notebook)
    return course


def lines(path: Path) -> list[str]:
    sources = (cell["source"] for cell in read_notebook(path)["cells"])
    return [line for source in sources for line in source.split("\n") if "COURSE_ADDRESS =" in line]


def built(course: Course) -> list[str]:
    with generated(course, toy.LAB) as new:
        return lines(new.notebook)


def test_without_a_setting_the_student_version_has_the_line_as_it_is_written(
    with_cell, monkeypatch
):
    monkeypatch.delenv("VAE_LAB_ADDRESS", raising=False)
    assert built(with_cell) == ['COURSE_ADDRESS = ""  # where from']


def test_the_address_is_in_the_student_version_and_runs_as_python(with_cell, monkeypatch):
    monkeypatch.setenv("VAE_LAB_ADDRESS", ADDRESS)
    (line,) = built(with_cell)
    names: dict[str, str] = {}
    exec(line, names)
    assert names["COURSE_ADDRESS"] == ADDRESS
    assert lines(with_cell.source(toy.LAB)) == ['COURSE_ADDRESS = ""  # where from']


def test_nbgrader_by_itself_puts_it_there_too(with_cell):
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", toy.LAB],
        cwd=with_cell.root,
        env=os.environ | {"VAE_LAB_ADDRESS": "https://example.org/course.zip"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert lines(with_cell.release(toy.LAB)) == [
        'COURSE_ADDRESS = "https://example.org/course.zip"  # where from'
    ]


@pytest.mark.parametrize("path", sorted(PROJECT.glob("source/*/*.ipynb")), ids=lambda p: p.stem)
def test_every_lab_has_the_line_once_and_without_an_address_in_its_first_code_cell(path):
    first = next(c for c in read_notebook(path)["cells"] if c["cell_type"] == "code")["source"]
    assert len(lines(path)) == 1
    assert re.findall(r'^COURSE_ADDRESS = ""', first, re.MULTILINE) == ['COURSE_ADDRESS = ""']
