"""Fixtures of the sandbox and of forked processes: what there is on Linux only."""

import gc

import psutil
import pytest

from vae_grading.grading import crew as engine
from vae_grading.grading import one_submission as autograder
from vae_grading.judge.session import Session
from vae_grading.sandbox import jail
from vae_grading.sandbox.limits import Limits
from vae_grading.sandbox.walls import KINDS

if jail.fault() is not None:  # the tests' own submissions may run without walls
    autograder.jail = engine.jail = lambda *, walls=True: jail.jail(walls=False)
    engine.begin = lambda *, walls=True: jail.begin(walls=False)


@pytest.fixture(scope="module")
def ready_to_fork():
    """No threads that a forked process would miss, a shell that need not be made each time, and
    imported what every student's process imports: without it each of thousands takes a second.
    And nothing that a collector of garbage would look through: it would copy each page of it."""
    import torch
    import torch._dynamo

    from vae_grading.student.forbidden import import_all
    from vae_grading.student.shell import Shell

    import_all()
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    Shell.instance()
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
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
        error = session.run(source, seconds=seconds, answer=True).error
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
