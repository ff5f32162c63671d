"""What the checks of lab 4 compare with: other formulas than the helpers have, the same numbers."""

import math

import pytest
import torch

from vae_checks.fixtures import spread
from vae_checks.lab4.components import made
from vae_checks.lab4.continuous_pixels import by_quadrature, near_half
from vae_checks.lab4.evaluation_slips import (
    bound,
    separating_weights,
    wrong_bounds_of_parts,
    wrong_errors,
    wrong_of_losses,
)
from vae_checks.lab4.logistic_levels import true_log_prob
from vae_helpers import continuous_bernoulli_log_norm, discretized_logistic_log_prob, iw_bound


def test_the_constant_by_quadrature_is_the_formulas_and_so_is_its_slope():
    """Oracle: the helper's formula and series, to 1e-12, and its gradient to 1e-10 of its size."""
    lam = torch.cat([near_half(16).flatten(), torch.tensor([1e-3, 0.02, 0.7, 0.999]).double()])
    value, slope = by_quadrature(lam)
    found = continuous_bernoulli_log_norm(lam.requires_grad_())
    torch.testing.assert_close(value, found.detach(), rtol=0, atol=1e-12)
    (gradient,) = torch.autograd.grad(found.sum(), lam)
    torch.testing.assert_close(slope, gradient, rtol=1e-10, atol=1e-11)


def test_numbers_near_one_half_fit_no_mask_of_one_row_or_column():
    for numbers in (11, 16):
        near = (near_half(numbers) - 0.5).abs() < 0.06
        assert near.shape == (4, 2 * numbers)
        for dim in (0, 1):
            assert near.any(dim).all()
            assert not near.all(dim).any()


@pytest.mark.parametrize("levels", [2, 16, 256])
def test_levels_from_the_smaller_tail_are_those_of_the_product(levels):
    """Oracle: the helper, which computes a product in place of a difference."""
    x = torch.randint(levels, (50, 3)).double() / (levels - 1)
    mean, log_scale = spread(50, 3), -3 * spread(50, 3).abs()
    expected = discretized_logistic_log_prob(x, mean, log_scale, levels=levels)
    found = true_log_prob(x, mean, log_scale, levels)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("images", "pixels"), [(13, 7), (5, 17)])
def test_images_have_the_axes_that_they_were_made_of(images, pixels):
    """Oracle: torch.linalg.svd of the centred images."""
    x, mean, axes, sizes = made(images, pixels)
    assert x.abs().max() < 3  # as a clamp for images may have it
    torch.testing.assert_close(x.mean(0), mean)
    _, found, rows = torch.linalg.svd(x - mean, full_matrices=False)
    torch.testing.assert_close(found[: len(sizes)], sizes)
    cosines = (rows[: len(sizes)] * axes).sum(1).abs()
    torch.testing.assert_close(cosines, torch.ones_like(cosines))


def test_no_wrong_number_of_the_bug_hunt_is_the_right_one():
    """For each fixture that the checks draw: a known mistake is another number, by far."""
    for _ in range(20):
        log_w = -9 + spread(11, 5, low=0.1, high=1.0)
        right = bound(log_w)
        torch.testing.assert_close(right, iw_bound(log_w))
        known = wrong_bounds_of_parts(list(log_w.split([2, 1, 8])))
        known += [(slug, -value) for slug, value in wrong_of_losses(-log_w)]
        for slug, value in known:
            assert value.shape != right.shape or (value - right).abs().max() > 1e-4, slug
        log_w = separating_weights(4, 7)
        error = bound(log_w).std() / math.sqrt(7)
        for slug, value in wrong_errors(log_w):
            assert value.shape != error.shape or abs(value - error) > 1e-4 * error, slug
