"""Functions of the checks that run where the answer lives."""

import pytest
import torch
from student_process import StudentProcess

from vae_checks.beside import answers_elsewhere, beside
from vae_checks.lab6 import traces

pytestmark = pytest.mark.usefixtures("ready_to_fork")
PROGRAM = """import pyro
import pyro.distributions as dist
import torch


def program(x):
    w = pyro.sample("w", dist.Normal(0.0, 2.0))
    with pyro.plate("data", len(x)):
        pyro.sample("y", dist.Normal(w * x, 1.0), obs=x)
"""
ASKS = """import torch
from vae_checks.beside import beside

x = torch.tensor([1.0, 2.0])
found = beside("lab6.traces.sites")(program, [x], {"w": torch.tensor(3.0)})
assert [site["name"] for site in found["sites"]] == ["w", "y"]
wanted = torch.distributions.Normal(3 * x, 1.0).log_prob(x)
assert torch.allclose(found["sites"][1]["log_prob"], wanted)
"""


def test_in_one_process_it_is_the_function_itself():
    assert beside("lab6.traces.sites") is traces.sites


def test_a_name_that_is_none_is_told():
    with pytest.raises(LookupError, match=r"lab6\.traces\.alone"):
        beside("lab6.traces.alone")  # not marked


def test_inside_another_place_is_asked():
    with answers_elsewhere(lambda name: name.upper):
        assert beside("a.b")() == "A.B"
    assert beside("lab6.traces.sites") is traces.sites


def test_a_judge_finds_it_in_the_students_process():
    process = StudentProcess({}, PROGRAM, forbidden=[])
    try:
        assert process.session.judge(ASKS, seconds=60).error is None
    finally:
        process.close()


def test_a_notebook_that_takes_its_name_changes_nothing():
    taken = (
        PROGRAM + "\n\ndef beside(name):\n    return lambda *_: {}\n\n\nsites = traces = beside\n"
    )
    process = StudentProcess({}, taken, forbidden=[])
    try:
        assert process.session.judge(ASKS, seconds=60).error is None
    finally:
        process.close()


def test_what_was_trained_and_handled_before_is_there_afterwards():
    import pyro

    pyro.clear_param_store()
    pyro.param("kept", torch.tensor(3.0))
    with pyro.poutine.trace() as outer:
        found = beside("lab6.traces.sites")(lambda: pyro.param("kept", torch.tensor(1.0)), [])
    assert found["parameters"]["kept"].item() == 1.0
    assert pyro.param("kept").item() == 3.0
    assert "kept" not in outer.trace.nodes
    pyro.clear_param_store()
