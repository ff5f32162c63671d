"""Numbers that fit two mistakes decide nothing: the idea is asked again, for the words alone."""

import pytest
import torch

from vae_checks import CheckFailed, Exercise, idea, load_all
from vae_checks.values import expect_equal

load_all()  # what the mistakes of every lab mean


class Largest(Exercise):
    """An exercise whose first row shows too little to tell two mistakes apart."""

    name, section = "largest", "1.2"
    rows = ((3.0, 1.0, 2.0), (1.0, 3.0, 2.0))

    def __init__(self, *asked):
        self.asked = list(asked)

    @idea("is the mean")
    def value(self, answer):
        row = torch.tensor(self.rows[self.asked.pop(0)]).double()
        wrong = [("bound-best-sample", row.max()), ("bound-one-sample", row[0])]
        expect_equal(answer(row), row.mean(), "largest", wrong)


@pytest.mark.parametrize(
    ("answer", "rows", "slug"),
    [
        (lambda row: row[0], (1,), "bound-one-sample"),  # seen at once: one look
        (lambda row: row[0], (0, 0, 1), "bound-one-sample"),
        (lambda row: row.max(), (0, 1), "bound-best-sample"),
        (lambda row: row.max(), (0, 0, 0, 0), "bound-best-sample"),  # never: the first of the list
    ],
)
def test_numbers_that_fit_two_mistakes_are_drawn_again(answer, rows, slug):
    exercise = Largest(*rows)
    with pytest.raises(CheckFailed) as caught:
        exercise.value(answer)
    assert (caught.value.slug, exercise.asked) == (slug, [])


def test_a_mistake_stays_one_when_the_second_look_finds_none():
    answers = iter((3.0, 2.0, 2.0, 2.0))
    with pytest.raises(CheckFailed, match="bound-best-sample"):
        Largest(0, 0, 0, 0).value(lambda row: torch.tensor(next(answers)).double())
