"""The check that walks lab 1's derivation names the step that breaks, and whose fault it is."""

import pytest
from lab_harness import defined_by, read

from vae_checks import CheckFailed, lab1

LAB = read("lab1-elbo")
FIRST_STEP_WITH = {
    "log_q": 1,
    "entropy": 1,
    "gaussian_kl": 2,
    "cross_entropy": 2,
    "log_joint": 3,
    "expected_log_likelihood": 3,
    "kl_to_posterior": 5,
}


@pytest.fixture
def functions() -> dict:
    """The model answers' functions, by name."""
    namespace = defined_by(LAB, "log-joint", LAB.tasks["log-joint"].solution)
    return {name: namespace[name] for name in FIRST_STEP_WITH}


def test_right_functions_fit_together(functions, capsys):
    lab1.chain(functions)
    assert "no step of the derivation breaks" in capsys.readouterr().out


@pytest.mark.parametrize("name", FIRST_STEP_WITH)
def test_a_broken_function_is_named_with_the_first_step_it_breaks(functions, name):
    right = functions[name]
    functions[name] = lambda *arguments: 1.1 * right(*arguments) + 0.3
    with pytest.raises(CheckFailed) as caught:
        lab1.chain(functions)
    assert f"tep {FIRST_STEP_WITH[name]}" in caught.value.message
    assert name in caught.value.message


def test_a_function_that_is_missing_is_named(functions):
    del functions["entropy"]
    with pytest.raises(CheckFailed, match="no function 'entropy'"):
        lab1.chain(functions)
