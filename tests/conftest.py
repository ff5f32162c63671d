"""Fixtures that more than one file of tests uses."""

import io
import os
import sys
from pathlib import Path

import pytest
import toy
from rich.console import Console

from vae_grading import autograder, engine
from vae_grading.course import Course
from vae_grading.sandbox import jail

# nbgrader runs `alembic` by name: let it find the one beside this Python.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

# Not tests: a course that tests copy, hostile submissions, and commands of their own.
collect_ignore = ["toy_course", "benchmarks", "calibrate.py", "attacks"]


if jail.fault() is not None:  # the tests' own submissions may run without walls
    autograder.jail = engine.jail = lambda *, walls=True: jail.jail(walls=False)
    engine.begin = lambda *, walls=True: jail.begin(walls=False)


# Files that take minutes: started first, so that no core is idle at the end.
LONGEST = ("test_attacks", "test_chaos", "test_guide", "test_engine", "test_grading", "test_judge")
# Files whose tests have nothing in common that takes long to make.
SCATTERED = ("test_judge", "test_answers")


def pytest_collection_modifyitems(items):
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(LONGEST)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Each process takes a file at a time, or a test of one whose tests are scattered."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return nodeid if Path(file).stem in SCATTERED else file

    return ByFile(config, log)


@pytest.fixture
def console() -> Console:
    """A console whose text a test can read: `console.file.getvalue()`."""
    return Console(file=io.StringIO(), width=200, color_system=None)


@pytest.fixture
def course(tmp_path) -> Course:
    """A toy course of one's own, nothing built."""
    return toy.copy_course(tmp_path / "course")
