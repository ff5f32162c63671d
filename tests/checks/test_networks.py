"""What the checks say about a module's outputs, whatever weights they draw."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import vae_checks
from vae_checks.networks import expect_all_inputs, expect_nonlinear, in_training, working
from vae_checks.verdict import Mistake

vae_checks.load_all()


class Encoder(nn.Module):
    """A ReLU stands on one narrow output: it is 0 for all inputs under many weights."""

    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.hidden, self.mu = nn.Linear(7, 11), nn.Linear(11, 1)
        self.weight = weight

    def forward(self, x):
        return self.weight * F.relu(self.mu(F.relu(self.hidden(x))))


def expect(module: nn.Module) -> None:
    network, x = working(module, lambda module, x: [module(x)], torch.rand(5, 7))
    expect_nonlinear(network, ["mu"], x)


def test_an_output_that_is_zero_under_some_weights_is_not_called_constant():
    for _ in range(20):
        expect(Encoder())


def test_an_output_that_is_zero_under_all_weights_is_called_constant():
    with pytest.raises(Mistake) as caught:
        expect(Encoder(weight=0.0))
    assert caught.value.slug == "output-constant"


class Blind(nn.Module):
    """A network of seven inputs that makes something of them first."""

    def __init__(self, first) -> None:
        super().__init__()
        self.first = first
        self.layers = nn.Sequential(nn.Linear(7, 11), nn.ReLU(), nn.Linear(11, 3))

    def forward(self, x):
        return self.layers(self.first(x))


@pytest.mark.parametrize(
    ("first", "slug"),
    [
        (lambda x: torch.cat([x[:, :6], 0 * x[:, 6:]], 1), "input-ignored"),
        (lambda x: F.normalize(x, dim=1), "input-scaled-away"),
    ],
)
def test_inputs_that_change_nothing_are_named(first, slug):
    network, x = working(Blind(first), lambda module, x: [module(x)], torch.rand(5, 7))
    with pytest.raises(Mistake) as caught:
        expect_all_inputs(network, ["mu"], x)
    assert caught.value.slug == slug


def test_all_inputs_of_a_network_count():
    for _ in range(20):
        network, x = working(Blind(lambda x: x), lambda module, x: [module(x)], torch.rand(5, 7))
        expect_all_inputs(network, ["mu"], x)


def test_training_mode_leaves_no_trace_and_says_so():
    module = nn.Sequential(nn.Linear(7, 3), nn.BatchNorm1d(3))
    network, x = working(module.eval(), lambda module, x: [module(x)], torch.rand(5, 7))
    before = {key: value.clone() for key, value in module.state_dict().items()}

    def look():
        with in_training(network):
            assert module.training
            network(x)
            raise Mistake("output-relu", "mu is 0.")

    with pytest.raises(Mistake) as caught:
        look()
    assert caught.value.seen == "In training mode: mu is 0."
    assert not module.training
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
