"""An answer that only calls what the lab asks for earns nothing, and is told so politely.

Nothing is random here. Each answer runs in a student's process without walls and is judged by the
graded cells of its exercise.
"""

import importlib
import sys

import pytest
from lab_harness import labs_with_answers, only_imports, read
from places import PROJECT
from student_process import StudentProcess

from vae_grading.course.lab import read_lab
from vae_grading.judge.notebook import Judging
from vae_grading.judge.session import TrustedNames

pytestmark = pytest.mark.usefixtures("ready_to_fork")

SAYS = "is what this lab asks you to write: an answer that calls it earns nothing."

# Lab, exercise, and an answer that would be right if it were allowed.
CALLS = {
    "by its name": (
        "lab3-vae",
        "gaussian-kl",
        "import vae_helpers\ngaussian_kl = vae_helpers.gaussian_kl",
    ),
    "from the package": ("lab3-vae", "gaussian-kl", "from vae_helpers import gaussian_kl"),
    "from its module": (
        "lab3-vae",
        "bernoulli-nll",
        "import vae_helpers.loss as l\ndef bernoulli_nll(logits, x):\n"
        "    return l.bernoulli_nll(logits, x)",
    ),
    "by another module": (
        "lab3-vae",
        "bernoulli-nll",
        "from vae_helpers.likelihood import bernoulli_nll",
    ),
    "through another function": (
        "lab3-vae",
        "gaussian-kl",
        "import vae_helpers\ndef gaussian_kl(mu, logvar):\n"
        "    return vae_helpers.vae_loss(mu, mu, mu, logvar).kl",
    ),
    "partial": (
        "lab3-vae",
        "gaussian-kl",
        "import functools, vae_helpers\ngaussian_kl = functools.partial(vae_helpers.gaussian_kl)",
    ),
    "called by torch": (
        "lab3-vae",
        "gaussian-kl",
        "import torch, vae_helpers\ndef gaussian_kl(mu, logvar):\n"
        "    return torch.utils.checkpoint.checkpoint(\n"
        "        vae_helpers.gaussian_kl, mu, logvar, use_reentrant=False)",
    ),
    "a method": (
        "lab1-elbo",
        "log-joint",
        "import vae_helpers\ndef log_joint(x, z, W, b, s):\n"
        "    return vae_helpers.LinearGaussian(W, b, s).log_joint(x, z)",
    ),
    "a method of a class": (
        "lab1-elbo",
        "log-joint",
        "import vae_helpers\nlog_joint = vae_helpers.LinearGaussian.log_joint",
    ),
    "a method of a forbidden class": (
        "lab2-reparameterization",
        "reparameterize",
        "import vae_helpers\ndef reparameterize(mu, logvar):\n"
        "    return vae_helpers.VAE.reparameterize(None, mu, logvar)",
    ),
    "an instance of a forbidden class": (
        "lab2-reparameterization",
        "reparameterize",
        "import vae_helpers\ndef reparameterize(mu, logvar):\n"
        "    return vae_helpers.VAE().reparameterize(mu, logvar)",
    ),
}  # fmt: skip
PARTS_OF_CHECKS = {
    "an oracle": (
        "lab3-vae",
        "gaussian-kl",
        "from vae_checks.fixtures import true_kl as gaussian_kl",
    ),
    "a call that a check makes": (
        "lab3-vae",
        "gaussian-kl",
        "import vae_helpers\nfrom vae_checks.verdict import call\n"
        "def gaussian_kl(mu, logvar):\n"
        "    return call('', vae_helpers.gaussian_kl, {'mu': mu, 'logvar': logvar})",
    ),
}


_PASSES = """
import torch, vae_helpers
class Passes(torch.nn.Module):
    def __init__(self, mu, logvar):
        super().__init__()
        self.unused, self.terms = torch.nn.Parameter(torch.zeros(1)), (mu, logvar)
    def forward(self, x):
        return vae_helpers.VAEOutput(torch.zeros_like(x), *self.terms)
def gaussian_kl(mu, logvar):
    rows = [{call} for m, s in zip(mu, logvar)]
    return torch.tensor(rows, dtype=mu.dtype)
"""
_LIKELIHOOD = """
import torch, vae_helpers
from types import SimpleNamespace
from vae_helpers.likelihood import _log_joint
def bernoulli_nll(logits, x):
    zeros = torch.zeros(len(x), 1, dtype=x.dtype)
    model = SimpleNamespace(encode=lambda x: (zeros, zeros), decode=lambda z: logits)
    return {call}
"""
_EVALUATE = "vae_helpers.evaluate(Passes(m[None], s[None]), torch.zeros(1, 4)).kl"
_FIT = "vae_helpers.fit(Passes(m[None], s[None]), torch.zeros(1, 4), epochs=1, progress=False)"
# Answers by functions that are not named by the lab, and compute their result with what is.
DETOURS = {
    "evaluate": ("lab3-vae", "gaussian-kl", _PASSES.format(call=_EVALUATE)),
    "evaluate, in another lab": ("lab1-elbo", "gaussian-kl", _PASSES.format(call=_EVALUATE)),
    "fit": ("lab3-vae", "gaussian-kl", _PASSES.format(call=f"{_FIT}.train_kl[0]")),
    "log_likelihood": (
        "lab3-vae",
        "bernoulli-nll",
        _LIKELIHOOD.format(call="-vae_helpers.log_likelihood(model, x, 1)"),
    ),
    "a private part of it": (
        "lab3-vae",
        "bernoulli-nll",
        _LIKELIHOOD.format(call="-_log_joint(model, x, zeros)"),
    ),
}


@pytest.fixture
def process():
    made = []

    def start(lab: str, source: str | None = None) -> StudentProcess:
        found = read(lab)
        imports = [each for each in found.preamble if only_imports(each)]
        forbidden = read_lab(_source(lab)).forbidden
        made.append(StudentProcess({}, None, TrustedNames(imports), forbidden))
        for each in imports:
            assert made[-1].session.run(each, seconds=60, given=True).error is None
        if source is not None:
            made[-1].session.run(source, seconds=60)
        return made[-1]

    yield start
    for each in made:
        each.close()


def _source(lab: str):
    return PROJECT / "source" / lab / f"{lab}.ipynb"


@pytest.mark.parametrize("case", CALLS.values(), ids=CALLS)
def test_an_answer_that_calls_the_reference_earns_nothing_and_is_told_why(process, case):
    lab, key, source = case
    started = process(lab, source)
    for tests in read(lab).tasks[key].graded.values():
        assert SAYS in str(started.session.judge(tests, seconds=60).error)


@pytest.mark.parametrize("case", DETOURS.values(), ids=DETOURS)
def test_an_answer_by_a_detour_earns_nothing_and_is_told_why(process, case):
    lab, key, source = case
    started = process(lab, source)
    for tests in read(lab).tasks[key].graded.values():
        said = str(started.session.judge(tests, seconds=60).error)
        assert "computes what this lab asks you to write" in said


def test_an_exact_value_of_another_model_is_no_detour(process):
    """LinearGaussian's ELBO tells the KL of any Gaussian, log_likelihood hands out its sample."""
    for lab, call in (
        ("lab3-vae", "vae_helpers.LinearGaussian(w, w[0], 1.0).elbo(w, None)"),
        ("lab2-reparameterization", "vae_helpers.log_likelihood(None, w, 1)"),
    ):
        source = f"import torch, vae_helpers\nw = torch.zeros(1, 1)\n{call}"
        assert process(lab).session.run(source, seconds=60).error[0] == "ForbiddenName"


def test_where_a_reference_model_can_be_made_it_opens_no_way(process):
    """Its weights can be such that it passes on what it is given."""
    source = (
        "import torch, vae_helpers\nmodel = vae_helpers.VAE(2, 3, 4)\n"
        "vae_helpers.evaluate(model, torch.rand(3, 4))"
    )
    assert process("lab1-elbo").session.run(source, seconds=60).error[0] == "ForbiddenName"


@pytest.mark.parametrize("case", PARTS_OF_CHECKS.values(), ids=PARTS_OF_CHECKS)
def test_an_answer_that_calls_a_part_of_the_checks_earns_nothing(process, case):
    lab, key, source = case
    started = process(lab, source)
    for tests in read(lab).tasks[key].graded.values():
        said = str(started.session.judge(tests, seconds=60).error)
        assert "is a part of the checks: an answer that calls it earns nothing." in said


@pytest.mark.parametrize(
    "source",
    [
        "class Encoder(vae_helpers.VAE):\n    pass",
        "Encoder = vae_helpers.VAE()",
        "import importlib, vae_helpers.loss\nimportlib.reload(vae_helpers.loss)",
        "import sys\ndel sys.modules['vae_helpers.loss']\nimport vae_helpers.loss",
        "vae_helpers.gaussian_kl.__wrapped__",
        "import inspect\ninspect.getsource(vae_helpers.VAE)",
    ],
)
def test_the_easy_ways_around_it_are_closed(process, source):
    cell = f"import vae_helpers\n{source}"
    done = process("lab3-vae").session.run(cell, seconds=60, answer=True)
    assert done.error is not None
    assert done.error[0] in ("ForbiddenName", "AttributeError", "TypeError")


def test_a_subclass_of_a_forbidden_class_is_named_where_its_name_is_not_defined():
    marks = {"grade_id": "a", "solution": True, "grade": False, "locked": False}
    tests = {"grade_id": "t", "solution": False, "grade": True, "locked": True}
    notebook = {
        "cells": [
            {"cell_type": "code", "source": source, "metadata": {"nbgrader": each}, "outputs": []}
            for source, each in (
                ("import vae_helpers\nclass Encoder(vae_helpers.VAE):\n    pass", marks),
                ("Encoder(3)", tests),
            )
        ]
    }
    judging = Judging(notebook, notebook, lambda: StudentProcess({}), {}, ["vae_helpers.VAE"])
    _, ends = judging.judge()
    assert ends["t"].why == f"vae_helpers.VAE {SAYS}"


def test_the_package_itself_and_given_cells_may_use_what_is_forbidden(process):
    session = process("lab3-vae").session
    given = (
        "import torch, vae_helpers\nmodel = vae_helpers.VAE(2, 3, 4)\n"
        "def given(x):\n    return vae_helpers.gaussian_kl(x, x)"
    )
    assert session.run(given, seconds=60, given=True).error is None
    own = (
        "x = torch.rand(3, 4)\nassert given(x).shape == (3,)\n"
        "assert vae_helpers.log_likelihood(model, x, num_samples=2).shape == (3,)\n"
        "assert isinstance(model, vae_helpers.VAE)"
    )
    assert session.run(own, seconds=60).error is None


@pytest.mark.parametrize("lab", labs_with_answers())
def test_model_answers_pass_the_visible_checks_and_the_graded_cells_as_before(process, lab):
    started = process(lab)
    found = read(lab)
    for source in found.preamble:
        done = started.session.run(source, seconds=60, given=source not in _answers(found))
        assert done.error is None
    for task in found.tasks.values():
        assert started.session.run(task.check, seconds=60).error is None
        for tests in task.graded.values():
            assert started.session.judge(tests, seconds=60).error is None


def _answers(lab) -> set[str]:
    return {task.solution for task in lab.tasks.values()}


def test_the_other_models_are_there_for_a_lab_that_names_them_alone(monkeypatch):
    """What has been imported before the fork stays; nothing else of vae_zoo can be."""
    source = "from vae_zoo.hierarchies.gaussians import diagonal_kl"
    for name in [name for name in sys.modules if name.partition(".")[0] == "vae_zoo"]:
        monkeypatch.delitem(sys.modules, name)
    process = StudentProcess({})
    try:
        (failed,) = process.session.run(source, seconds=60, answer=True).failures
        assert failed.error[0] == "ModuleNotFoundError"
        assert "computes what labs ask you to write" in failed.error[1]
    finally:
        process.close()
    importlib.import_module("vae_zoo.hierarchies.gaussians")  # as its zygote does
    process = StudentProcess({})
    try:
        assert process.session.run(source, seconds=60, answer=True).failures == ()
    finally:
        process.close()
