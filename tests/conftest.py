"""Fixtures that more than one file of tests uses."""

import io
import os
import random
import sys
from pathlib import Path

import pytest
import toy
from rich.console import Console

from vae_grading.course.course import Course

if sys.platform == "linux":  # elsewhere nothing is graded, helpers and checks alone are tested
    from sandboxed import ready_to_fork, run, walled  # noqa: F401

# nbgrader runs `alembic` by name: let it find the one beside this Python.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

# Not tests: what several of them use (a course that they copy, hostile and odd submissions), and
# commands of their own.
collect_ignore = ["support", "measure"]


@pytest.fixture(autouse=True)
def numbers_of_its_own(request, monkeypatch):
    """Tests of the checks draw the same numbers each time: one that fails can be run again.

    The seeds, for what checks draw and for what answers draw, are made of the test's name and of
    VAE_LAB_SEED. How often chance decides is not for a suite that runs once: `make rounds` and
    `make calibrate` draw anew thousands of times.
    """
    if request.path.parent.name != "checks":
        return
    import torch

    from vae_checks import fixtures

    name = f"{os.environ.get('VAE_LAB_SEED', '0')} {request.node.nodeid}"
    seeds = random.Random(name)
    monkeypatch.setattr(fixtures, "new_seed", lambda: seeds.getrandbits(63))
    torch.manual_seed(seeds.getrandbits(63))


# Files that take minutes: started first, so that no core is idle at the end.
LONGEST = (
    *("test_attacks", "test_chaos", "test_guide", "test_engine", "test_grading", "test_judge"),
    "test_installed",
)
# Files whose tests have nothing in common that takes long to make, or that take long themselves.
SCATTERED = ("test_judge", "test_answers", "test_chaos")
# Files that `make quick` leaves out whole; of the others, the tests that are marked so.
SLOW = (
    *("test_attacks", "test_guide", "test_grading", "test_forbidden", "test_given_cells"),
    "test_progress",
)


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.stem in SLOW:
            item.add_marker(pytest.mark.slow)
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


# What a machine may lack, by the words in which a test that is skipped says so.
LEFT_OUT = {
    "/usr/bin/chromium": "the tests in a browser (no Chromium: apt install chromium)",
    "bubblewrap is not installed": (
        "the walls of bubblewrap; the kernel's own were tested (apt install bubblewrap)"
    ),
    "no sandbox here": "everything about the sandbox (no walls stand here: apt install bubblewrap)",
}


def pytest_terminal_summary(terminalreporter):
    reasons = [str(each.longrepr) for each in terminalreporter.stats.get("skipped", ())]
    for line in left_out(reasons):
        terminalreporter.write_line(f"left out: {line}")


def left_out(reasons: list[str]) -> list[str]:
    """What was not tested for want of something, and how to get it: a line each."""
    known = ((words, line) for words, line in LEFT_OUT.items() if any(words in r for r in reasons))
    found = dict(known)
    if "no sandbox here" in found:  # which says why for each kind of walls
        found.pop("bubblewrap is not installed", None)
    return list(found.values())


@pytest.fixture
def console() -> Console:
    """A console whose text a test can read: `console.file.getvalue()`."""
    return Console(file=io.StringIO(), width=200, color_system=None)


@pytest.fixture
def course(tmp_path) -> Course:
    """A toy course of one's own, nothing built."""
    return toy.copy_course(tmp_path / "course")
