"""Fixtures that more than one file of tests uses."""

import io
import os
import sys
from pathlib import Path

import psutil
import pytest
import toy
from rich.console import Console

from vae_grading.course.course import Course
from vae_grading.grading import crew as engine
from vae_grading.grading import one_submission as autograder
from vae_grading.judge.session import Session
from vae_grading.sandbox import jail
from vae_grading.sandbox.limits import Limits
from vae_grading.sandbox.walls import KINDS

# nbgrader runs `alembic` by name: let it find the one beside this Python.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

# Not tests: what several of them use (a course that they copy, hostile and odd submissions), and
# commands of their own.
collect_ignore = ["support", "measure"]


if jail.fault() is not None:  # the tests' own submissions may run without walls
    autograder.jail = engine.jail = lambda *, walls=True: jail.jail(walls=False)
    engine.begin = lambda *, walls=True: jail.begin(walls=False)


# Files that take minutes: started first, so that no core is idle at the end.
LONGEST = ("test_attacks", "test_chaos", "test_guide", "test_engine", "test_grading", "test_judge")
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


@pytest.fixture(scope="module")
def ready_to_fork():
    """No threads that a forked process would miss, and a shell that need not be made each time."""
    import torch

    from vae_grading.student.shell import Shell

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    Shell.instance()
    yield
    Shell.clear_instance()
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=KINDS)
def walled(request):
    """A jail behind each kind of walls that there is here; `own_processes` are those it keeps."""
    if jail.fault(request.param) is not None:
        pytest.skip(f"no such walls here: {jail.fault(request.param)}")
    made = jail.Jail(kind=request.param).wait()
    made.own_processes = processes_of(made)
    yield made
    made.close()


@pytest.fixture
def run(walled):
    """Run a cell in a fresh student's process: the name of its error, or None."""
    students = []

    def run(source: str, *, seconds: float = 60, **limits) -> str | None:
        students.append(walled.student(Limits(**limits)))
        session = Session(students[-1].wire, {})
        error = session.run(source, seconds=seconds).error
        run.said = error and error[1]
        return error and error[0]

    run.students = students
    yield run
    for each in students:
        each.close()


def processes_of(jailed: jail.Jail) -> set[int]:
    """The jail's first process, and all that descends from it."""
    first = psutil.Process(jailed._process.pid)
    return {each.pid for each in (first, *first.children(recursive=True))}
