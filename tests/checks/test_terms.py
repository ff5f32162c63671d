"""A formula with one slip is told by its term; what is no such slip is left unexplained."""

import pytest
import torch

from vae_checks.fixtures import spread
from vae_checks.terms import (
    ROWS,
    Term,
    one_by_one,
    terms_named,
    terms_named_one_by_one,
    wrong_terms,
)
from vae_checks.verdict import Mistake

MU, LOGVAR = spread(ROWS, 5), spread(ROWS, 5)
TERMS = [
    Term("mu^2", MU**2, 0.5),
    Term("the variance", LOGVAR.exp(), 0.5),
    Term("the constant", torch.ones_like(MU), -0.5),
    Term("logvar", LOGVAR, -0.5),
    Term("mu", MU),
    Term("the standard deviation", (LOGVAR / 2).exp()),
]


SQUARE, VARIANCE = MU**2, LOGVAR.exp()


def kl(mu=SQUARE, variance=VARIANCE, one=1.0, logvar=LOGVAR, half=0.5):
    return (half * (mu + variance - one - logvar)).sum(1)


@pytest.mark.parametrize(
    ("value", "slug", "says"),
    [
        (kl(mu=0), "term-missing", "Missing: mu^2."),
        (kl(one=0), "term-missing", "Missing: the constant."),
        (kl(mu=-(MU**2)), "term-sign", "mu^2 has the wrong sign"),
        (kl(logvar=3 * LOGVAR), "term-factor", "logvar counts 3 times"),
        (kl(half=0.25), "term-factor", "All of it counts 0.5 times."),
        (kl(mu=MU), "term-replaced", "Where mu^2 belongs stands mu."),
        (kl(variance=(LOGVAR / 2).exp()), "term-replaced", "stands the standard deviation"),
        (kl() + MU.sum(1), "term-strange", "no term with mu."),
        (kl() + 1, "term-factor", "the constant counts 0.6 times"),
        (kl() - 0.5 * MU[:, 0] ** 2, "term-dimension", "dimension 0"),
        (kl(logvar=2 * LOGVAR, mu=0), "term-factor", "mu^2 counts 0 times"),
    ],
)
def test_a_slip_is_told_by_its_term(value, slug, says):
    found = wrong_terms(value, TERMS)
    assert found is not None
    assert found[0] == slug
    assert says in found[1]


@pytest.mark.parametrize(
    "value",
    [kl(), kl().exp(), kl(mu=MU**3), torch.full((ROWS,), torch.nan).double(), kl() + spread(ROWS)],
    ids=["right", "another function", "a term of no list", "nan", "noise"],
)
def test_what_is_no_slip_in_a_term_is_not_explained(value):
    assert wrong_terms(value, TERMS) is None


def test_terms_that_depend_on_each_other_explain_nothing():
    twice = [*TERMS, Term("twice mu^2", 2 * MU**2, 0.1)]
    assert wrong_terms(kl(mu=0), twice) is None


def named(mistake, ask):
    with pytest.raises(Mistake) as caught, terms_named(ask):
        raise mistake
    return caught.value


def test_a_constant_that_was_rounded_is_named_however_large_the_value_is():
    """Beside a large value it passes for right to a millionth, and is not exact all the same."""
    terms = [Term("mu^2", 1e3 * MU**2, 0.5), Term("the constant", torch.ones_like(MU), -0.91894)]
    value = sum(weight * term.values for term, weight in zip(terms, (0.5, -0.9189), strict=True))
    found = named(Mistake("not-exact", "It is off."), lambda n: (value.sum(1), terms))
    assert found.meaning == "Only 4 digits of the constant are right: it was rounded."


def test_only_an_unexplained_value_is_named_anew():
    known = Mistake("kl-sign", "kl[0] is -1.")
    assert named(known, lambda n: (kl(mu=0), TERMS)) is known
    unknown = named(Mistake("wrong-value", "kl[0] is 1."), lambda n: (kl(mu=0), TERMS))
    assert unknown.slug == "term-missing"
    assert unknown.seen == "kl[0] is 1."


def test_a_sum_over_the_images_is_no_factor_of_a_term():
    def ask(images):
        a, b = spread(images), spread(images)
        return a.sum() + images * b, [Term("a", a, 1), Term("b", b, 1)]

    assert named(Mistake("wrong-value", "It is 3."), ask).slug == "wrong-value"

    def counted(images):
        a, one = spread(images), torch.ones(images).double()
        return a + images * one, [Term("a", a, 1), Term("the constant", one, 5)]

    assert named(Mistake("wrong-value", "It is 3."), counted).slug == "term-batch"


def test_an_answer_that_fails_at_more_images_keeps_its_mistake():
    mistake = Mistake("wrong-value", "kl[0] is 1.")

    def raising(n):
        raise Mistake("raised", "at 97 images")

    assert named(mistake, raising) is mistake
    assert named(mistake, lambda n: (None, TERMS)) is mistake
    assert named(mistake, lambda n: (kl()[:3], TERMS)) is mistake


def test_numbers_of_one_problem_after_another_are_told_by_their_terms():
    problems = [(spread(3), spread(3)) for _ in range(ROWS)]

    def ask(number):
        a, b = problems[number]
        return a.sum() - 2 * b.sum(), [Term("a", a.sum(), 1), Term("b", b.sum(), 1)]

    with pytest.raises(Mistake) as told, terms_named_one_by_one(ask):
        raise Mistake("wrong-value", "It is 3.")
    assert (told.value.slug, told.value.meaning) == (
        "term-factor",
        "All but one term is right: b counts -2 times what it should.",
    )
    assert one_by_one(lambda _: (None, []), 3) == (None, [])
