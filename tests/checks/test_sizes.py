"""The sizes at which an idea runs beside its own: equal ones, ones, large ones."""

import pytest
import torch

from vae_checks import CheckFailed, Exercise, idea, load_all
from vae_checks.fixtures import spread
from vae_checks.values import expect_equal

load_all()  # what the mistakes of every lab mean


class Rows(Exercise):
    """The sums of the rows of a matrix."""

    name, section = "rows", "1.2"

    def __init__(self):
        self.asked = []

    @idea("sums", also=[{"rows": 4, "columns": 4}, {"rows": 1}])
    def value(self, answer, *, rows=3, columns=5):
        self.asked.append((rows, columns))
        x = spread(rows, columns)
        expect_equal(answer(x), x.sum(1), "rows")


def test_the_default_sizes_come_first_and_then_the_others():
    rows = Rows()
    rows.value(lambda x: x.sum(1))
    assert rows.asked == [(3, 5), (4, 4), (1, 5)]


def test_sizes_that_are_asked_for_come_alone():
    rows = Rows()
    rows.value(lambda x: x.sum(1), rows=2)
    assert rows.asked == [(2, 5)]


@pytest.mark.parametrize(
    ("answer", "slug", "asked"),
    [
        (lambda x: 3 * x.sum(1) ** 2, "wrong-value", 1),
        (lambda x: x.sum(0) if x.shape[0] == x.shape[1] else x.sum(1), "sizes-guessed", 2),
        (lambda x: x.sum(1).squeeze(), "shape-ones-dropped", 3),
    ],
)
def test_what_is_wrong_at_other_sizes_only_is_told_so(answer, slug, asked):
    rows = Rows()
    with pytest.raises(CheckFailed) as caught:
        rows.value(answer)
    assert (caught.value.slug, len(rows.asked)) == (slug, asked)


def test_a_row_of_zeros_is_no_size_that_was_dropped():
    with pytest.raises(CheckFailed) as caught:
        Rows().value(lambda x: torch.zeros(len(x), 1).double())
    assert caught.value.slug == "shape-extra-one"
