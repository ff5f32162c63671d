"""A product with one slip is told by its factor; what is no such slip is left unexplained."""

import pytest
import torch

from vae_checks.factors import PROBLEMS, Factor, factors_named, wrong_factors
from vae_checks.fixtures import spread
from vae_checks.verdict import Mistake

PAIRS = [(2.0 + number % 5, abs(spread(1).item())) for number in range(PROBLEMS)]
FACTORS = [
    [Factor("K", k, -0.5), Factor("the sum", s, 1), Factor("D", d % 3 + 2)]
    for d, (k, s) in enumerate(PAIRS)
]


def results(formula):
    return [torch.tensor(formula(k, s, d % 3 + 2)).double() for d, (k, s) in enumerate(PAIRS)]


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        (lambda k, s, d: s / k, "K counts with power -1, it should be -0.5."),
        (lambda k, s, d: s, "K is missing, with power -0.5."),
        (lambda k, s, d: 3 * s / k**0.5, "All is 3 times what it should be."),
        (lambda k, s, d: -s / k, "K counts with power -1, it should be -0.5."),
        (
            lambda k, s, d: s / d**0.5,
            "K is missing, with power -0.5; D counts with power -0.5, it does not belong there.",
        ),
        (lambda k, s, d: s / k**0.5, None),
        (lambda k, s, d: s / k**0.5 + 1, None),
        (lambda k, s, d: 0.0, None),
        (lambda k, s, d: float("nan"), None),
    ],
)
def test_a_power_is_told_where_powers_explain_all(formula, says):
    assert wrong_factors(results(formula), FACTORS) == says


def test_only_an_unexplained_value_is_asked_about():
    asked = []

    def ask(number):
        asked.append(number)
        k, s = PAIRS[number]
        return torch.tensor(s / k).double(), FACTORS[number]

    with factors_named(ask):
        pass
    with pytest.raises(Mistake) as known, factors_named(ask):
        raise Mistake("nan", "It is nan.")
    assert known.value.slug == "nan"
    assert asked == []
    with pytest.raises(Mistake) as told, factors_named(ask):
        raise Mistake("wrong-value", "It is 3.")
    assert (told.value.slug, told.value.seen) == ("factor-power", "It is 3.")


def test_an_answer_that_gives_something_else_keeps_its_mistake():
    def refuses(number):
        raise Mistake("raised", "It raised.")

    for ask in (refuses, lambda number: (None, FACTORS[number])):
        with pytest.raises(Mistake) as kept, factors_named(ask):
            raise Mistake("wrong-value", "It is 3.")
        assert kept.value.slug == "wrong-value"
