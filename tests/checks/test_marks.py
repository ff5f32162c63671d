"""What an answer may not leave on the tensors that it was given: requires_grad and .grad."""

import pytest
import torch

import vae_checks
from vae_checks.verdict import Mistake, call

vae_checks.load_all()


def marked(x):
    x.requires_grad_()
    return x.detach() / 2


def with_gradient(x):
    y = x.requires_grad_() / 2
    y.sum().backward()
    x.requires_grad_(False)
    return y.detach()


@pytest.mark.parametrize(
    ("answer", "says"), [(marked, "requires_grad=True"), (with_gradient, "has a .grad")]
)
def test_an_answer_that_marks_its_argument_is_told_so(answer, says):
    with pytest.raises(Mistake) as caught:
        call("half", answer, {"x": torch.ones(3)})
    error = caught.value
    assert error.slug == "argument-marked"
    assert says in error.seen
    call("half", answer, {"x": torch.ones(3)}, may_mark=True)


def test_an_argument_that_takes_part_in_a_graph_before_may_do_so_afterwards():
    x = torch.ones(3, requires_grad=True)
    x.sum().backward()
    call("half", lambda x: x / 2, {"x": x})
