"""A value that is right for another argument is told by it; what is no such value is not."""

import pytest
import torch

from vae_checks.fixtures import spread
from vae_checks.misread import arguments_named, misread
from vae_checks.verdict import Mistake

X, Y, W = spread(4, 3), spread(4, 3), spread(3)
W[0] = 1.5  # one number at least that a cut at 1 changes


def formula(x, y, w):
    return (x**3 * w).sum(1) - y.exp().sum(1)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (formula(X, Y, W), None),
        (formula(X, Y, W) + 1, None),
        (formula(-X, Y, W), "It would be right for -x in place of x."),
        (formula(X, Y**2, W), "It would be right for y^2 in place of y."),
        (formula(Y, X, W), "It would be right with x and y exchanged."),
        (formula(X, X, W), "It would be right for x in place of y."),
        (formula(X, W.expand_as(Y), W), "It would be right for w in place of y."),
        (
            formula(X[:1].expand_as(X), Y, W),
            "It would be right for the first of x for all in place of x.",
        ),
        (formula(X, Y, W.clamp(-1, 1)), "It would be right for w, cut to +-1, in place of w."),
        (formula(X, 0 * Y, W), "It would be right for 0 in place of y."),
        (formula(X, Y, W)[:2], None),
        (None, None),
        (3.0, None),
    ],
)
def test_a_value_is_told_by_the_argument_that_it_is_right_for(value, says):
    assert misread(value, formula, {"x": X, "y": Y, "w": W}) == says


def test_a_formula_of_what_lies_between_is_asked_after_that_of_the_arguments():
    given, inner = {"x": X, "y": Y, "w": W}, (torch.abs, {"input": -(formula(X, Y, W) ** 2)})
    value = formula(X, Y, W) ** 4
    with pytest.raises(Mistake) as kept, arguments_named(value, formula, given, inner):
        raise Mistake("nan", "It is nan.")
    assert kept.value.slug == "nan"
    with pytest.raises(Mistake) as told, arguments_named(value, formula, given, inner):
        raise Mistake("wrong-value", "It is 3.")
    assert told.value.slug == "argument-misread"
    assert told.value.meaning == "It would be right for input^2 in place of input."
