"""The tests of the tests: every exercise of every lab against its bank of answers.

For each exercise: the model answer and all alternatives earn every mark; the untouched cell earns
none and says so; each wrong answer loses exactly the cells that it names, with the message, and no
message gives the answer away.
"""

import re
from functools import cache

import pytest
from lab_harness import LabUnderTest, judge, labs_with_answers, read

from vae_checks import CheckFailed
from vae_grading.course.bank import Answer

LABS = [read(name) for name in labs_with_answers()]
AUTOGRADED = [(lab, key) for lab in LABS for key, task in lab.tasks.items() if task.check]
RIGHT = [(lab, answer) for lab in LABS for answer in lab.right]
WRONG = [(lab, answer) for lab in LABS for answer in lab.wrong]


def _function(lab: LabUnderTest, key: str) -> str | None:
    """The name of the function that the check of an exercise is given; None for a class."""
    task = lab.tasks[key]
    given = re.search(r"^lab\w+\.\w+\((\w+)\)", task.check, re.MULTILINE)
    is_function = given and re.search(rf"^def {given[1]}\(", task.solution, re.MULTILINE)
    return given[1] if is_function else None


# Of a Pyro program nothing is returned that a check would look at.
FUNCTIONS = [
    (lab, key)
    for lab, key in AUTOGRADED
    if _function(lab, key) and "return" in lab.tasks[key].solution
]


@cache
def _secret(lab_name: str, key: str) -> frozenset[str]:
    """Lines of code of the model answer that a student is not given."""
    task = read(lab_name).tasks[key]
    hidden = {line.split("#")[0].strip() for line in task.solution.splitlines()}
    hidden -= {line.split("#")[0].strip() for line in task.untouched.splitlines()}
    return frozenset(line.removeprefix("return ") for line in hidden if len(line) > 12)


def _name(value: object) -> str | None:
    if isinstance(value, Answer):
        return f"{value.exercise}-{value.name}".replace(" ", "_")
    return getattr(value, "name", None)


@pytest.mark.parametrize(("lab", "key"), AUTOGRADED, ids=_name)
def test_the_model_answer_earns_every_mark(lab, key):
    outcome = judge(lab, key, lab.tasks[key].solution)
    assert outcome.check is None
    assert outcome.lost == {}


@pytest.mark.parametrize(("lab", "key"), AUTOGRADED, ids=_name)
def test_the_untouched_cell_earns_nothing_and_is_told_that_it_is_not_done(lab, key):
    outcome = judge(lab, key, lab.tasks[key].untouched)
    assert set(outcome.lost) == set(lab.tasks[key].graded)
    for error in (outcome.check, *outcome.lost.values()):
        assert isinstance(error, CheckFailed)
        assert error.slug == "not-done"


@pytest.mark.slow
@pytest.mark.parametrize(("lab", "answer"), RIGHT, ids=_name)
def test_another_right_answer_earns_every_mark(lab, answer):
    outcome = judge(lab, answer.exercise, answer.source)
    assert outcome.check is None
    assert outcome.lost == {}
    assert outcome.stderr == ""  # nbgrader gives no marks to a cell that writes there


@pytest.mark.slow
@pytest.mark.parametrize(("lab", "answer"), WRONG, ids=_name)
def test_a_wrong_answer_loses_the_cells_it_names_and_is_told_why(lab, answer):
    outcome = judge(lab, answer.exercise, answer.source, checked=False)
    assert set(outcome.lost) == set(answer.loses)
    for error in outcome.lost.values():
        assert isinstance(error, CheckFailed), "it must fail by the check, not by accident"
        assert len(error.message.splitlines()) <= 3
        # But for the line of the student's own cell that raised, which the message quotes.
        told = error.message.partition("It happened in line")[0]
        assert not any(line in told for line in _secret(lab.name, answer.exercise))
    first = next(
        outcome.lost[cell] for cell in lab.tasks[answer.exercise].graded if cell in outcome.lost
    )
    assert first.slug == answer.slug
    assert answer.says.lower() in first.message.lower()
    assert outcome.stderr == ""


# What the model answer's result is turned into, and the word for it in the message.
SPOILED = {
    "None": "None",
    "'abc'": "'abc'",
    "generator": "(number for number in [result])",
    "nan": "result * torch.nan if torch.is_tensor(result) else float('nan')",
    "meta": "result.to('meta') if torch.is_tensor(result) else torch.zeros(2, device='meta')",
    "numpy": "np.array([0.5, 1.5, 2.5])",
}


@pytest.mark.parametrize("word", SPOILED)
@pytest.mark.parametrize(("lab", "key"), FUNCTIONS, ids=_name)
def test_a_result_of_the_wrong_kind_is_named_by_the_check(lab, key, word):
    name = _function(lab, key)
    spoiled = f"""
import numpy as np
_right_{name} = {name}
def {name}(*arguments, **keywords):
    result = _right_{name}(*arguments, **keywords)
    return {SPOILED[word]}
"""
    outcome = judge(lab, key, lab.tasks[key].solution + spoiled)
    assert isinstance(outcome.check, CheckFailed)
    assert word in outcome.check.message
    for error in outcome.lost.values():
        assert isinstance(error, CheckFailed), "it must fail by the check, not by accident"
    assert outcome.lost


@pytest.mark.parametrize(("lab", "key"), AUTOGRADED, ids=_name)
def test_every_exercise_has_alternatives_and_every_graded_cell_a_wrong_answer(lab, key):
    assert sum(answer.exercise == key for answer in lab.right) >= 4
    lost = {cell for answer in lab.wrong if answer.exercise == key for cell in answer.loses}
    assert lost == set(lab.tasks[key].graded)


@pytest.mark.parametrize("lab", LABS, ids=_name)
def test_the_bank_is_about_exercises_of_its_lab(lab):
    assert {answer.exercise for answer in (*lab.right, *lab.wrong)} <= set(lab.tasks)
    assert all(answer.loses == () for answer in lab.right)
    assert len(lab.wrong) >= 25, f"{lab.name} has {len(lab.wrong)} wrong answers; 25 are few"
