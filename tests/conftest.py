"""Fixtures that more than one file of tests uses."""

import io

import pytest
import toy
from rich.console import Console

from vae_grading.course import Course

# Not tests: a course that tests copy, and commands of their own.
collect_ignore = ["toy_course", "benchmarks", "calibrate.py"]


@pytest.fixture
def console() -> Console:
    """A console whose text a test can read: `console.file.getvalue()`."""
    return Console(file=io.StringIO(), width=200, color_system=None)


@pytest.fixture
def course(tmp_path) -> Course:
    """A toy course of one's own, nothing built."""
    return toy.copy_course(tmp_path / "course")
