"""What was done to a right value is named by its slug, and nothing is named that was not done."""

import math

import pytest
import torch

from vae_checks.distortions import distorted_shape, distortion

RIGHT = torch.tensor([[1.5, -2.7, 3.9], [0.4, 2.2, -0.8]], dtype=torch.float64)


@pytest.mark.parametrize(
    ("done", "slug"),
    [
        (lambda x: -x, "value-negated"),
        (lambda x: x * 2, "value-scaled"),
        (lambda x: x / -3, "value-scaled"),
        (lambda x: x / math.log(2), "not-nats"),
        (lambda x: x - 0.7, "value-shifted"),
        (lambda x: x.exp(), "value-exp"),
        (lambda x: x**2, "value-squared"),
        (lambda x: x.abs(), "value-absolute"),
        (lambda x: x.sigmoid(), "value-squashed"),
        (lambda x: x.round(), "value-rounded"),
        (lambda x: x.half(), "value-half-precision"),
        (lambda x: x + 1e-3 * x.sin(), "value-nearly"),
        (lambda x: x.flip(0), "value-flipped"),
        (lambda x: x[:1].expand_as(x), "value-one-row"),
        (lambda x: x.mean(0).expand_as(x), "value-averaged"),
        (lambda x: x.clamp(-1, 2), "value-cut"),
        (lambda x: x + x**2, None),
        (lambda x: x * torch.arange(1, 4), None),
        (lambda x: 0 * x, None),
        (lambda x: x / 0, None),
    ],
)
def test_what_was_done_to_the_right_value_is_named(done, slug):
    assert distortion(done(RIGHT), RIGHT) == slug


def test_of_a_single_number_only_what_is_plain_is_named():
    right = torch.tensor(3.1)
    assert distortion(2 * right, right) == "value-scaled"
    assert distortion(-right, right) == "value-negated"
    assert distortion(1.3 * right, right) is None
    assert distortion(right + 5, right) is None


@pytest.mark.parametrize(
    ("found", "wanted", "slug"),
    [
        ((), (3,), "shape-one-number"),
        ((1, 3), (3,), "shape-extra-one"),
        ((3, 5), (3,), "shape-not-reduced"),
        ((3, 5), (5, 3), "shape-transposed"),
        ((1,), (3,), "shape-rows-missing"),
        ((5, 3), (5, 4, 3), "shape-reduced"),
        ((3, 7), (3, 5), None),
        ((2, 2, 7), (5,), None),
    ],
)
def test_what_is_wrong_with_a_shape_is_named(found, wanted, slug):
    assert distorted_shape(found, wanted) == slug
