"""What the checks say about a module's outputs, whatever weights they draw."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import vae_checks
from vae_checks.networks import expect_nonlinear, working
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
