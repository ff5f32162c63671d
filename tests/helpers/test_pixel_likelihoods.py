"""Likelihoods of grey pixels: against quadrature, torch.distributions, scipy and closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate
from scipy.stats import logistic
from torch.distributions import ContinuousBernoulli

from vae_helpers import (
    VaeLabError,
    bernoulli_nll,
    bits_per_dimension,
    continuous_bernoulli_log_norm,
    continuous_bernoulli_nll,
    discretized_logistic_log_prob,
)

# Around 1/2 in steps down to the last bit, and out to both ends.
OFFSETS = [0.0, 1e-16, 1e-12, 1e-8, 1e-5, 1e-3, 0.02, 0.024, 0.025, 0.03, 0.1, 0.3, 0.49, 0.499999]
LAMS = sorted({0.5 + sign * offset for offset in OFFSETS for sign in (1, -1)})


def close(found, expected, tolerance=1e-12):
    expected = torch.as_tensor(expected, dtype=found.dtype)
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance)


def log_integral(lam):
    """-log of the integral of lam^x (1 - lam)^(1 - x) over [0, 1], and its derivative in lam, by
    Gauss and Legendre's rule of 60 points, which takes these exponentials for polynomials."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    x, weights = (nodes + 1) / 2, weights / 2
    density = lam**x * (1 - lam) ** (1 - x)
    total = weights @ density
    return -math.log(total), -(weights @ (density * (x - lam))) / (lam * (1 - lam)) / total


@pytest.mark.parametrize("lam", LAMS)
def test_the_log_norm_and_its_gradient_by_quadrature(lam):
    """Oracle: quadrature of the density and of its derivative, to 1e-12 and 1e-10."""
    value, slope = log_integral(lam)
    at = torch.tensor(lam, dtype=torch.float64, requires_grad=True)
    found = continuous_bernoulli_log_norm(at)
    close(found, value)
    (gradient,) = torch.autograd.grad(found, at)
    close(gradient, slope, 1e-10)


def test_at_one_half_it_is_log_two_and_flat_and_curved():
    """Oracle: log C = log 2 + (4/3) (lam - 1/2)^2 + ..., by hand from the series of atanh."""
    half = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    found = continuous_bernoulli_log_norm(half)
    assert found.item() == math.log(2)
    (slope,) = torch.autograd.grad(found, half, create_graph=True)
    assert slope.item() == 0
    (curvature,) = torch.autograd.grad(slope, half)
    assert curvature.item() == pytest.approx(8 / 3, abs=1e-12)


def test_where_series_and_formula_meet_nothing_jumps():
    """Oracle: gradcheck and the two neighbors, on either side of |u| = 0.1."""
    logits = torch.tensor([0.2 - 1e-15, 0.2 + 1e-15, -0.2, 0.1, 3.0], dtype=torch.float64)
    lam = torch.sigmoid(logits).requires_grad_()
    values = continuous_bernoulli_log_norm(lam)
    assert abs(values[0] - values[1]) < 1e-14
    assert torch.autograd.gradcheck(continuous_bernoulli_log_norm, lam)
    (gradient,) = torch.autograd.grad(values.sum(), lam)
    assert abs(gradient[0] - gradient[1]) < 1e-12


def test_float32_is_as_good_as_float32_is():
    """Oracle: the same in float64, around 1/2 and to both ends."""
    lam = torch.cat((torch.linspace(0.45, 0.55, 1001), torch.linspace(1e-6, 1 - 1e-6, 1001)))
    expected = continuous_bernoulli_log_norm(lam.double())
    close(continuous_bernoulli_log_norm(lam).double(), expected, 1e-6)


@pytest.mark.parametrize("extreme", [1.0, 30.0, 500.0])
def test_the_density_is_torchs_and_stays_finite(extreme):
    """Oracle: torch.distributions.ContinuousBernoulli, where it does not approximate: near 1/2
    within 1e-6 of its Taylor polynomial; and quadrature: it integrates to 1."""
    logits = extreme * torch.randn(6, 9, dtype=torch.float64)
    x = torch.rand(6, 9, dtype=torch.float64)
    found = continuous_bernoulli_nll(logits, x)
    assert found.isfinite().all()
    if extreme < 10:
        close(found, -ContinuousBernoulli(logits=logits).log_prob(x).sum(1), 1e-6)
    one = torch.tensor([[min(extreme, 30.0)]], dtype=torch.float64)

    def density(value):
        x = torch.tensor([[value]], dtype=torch.float64)
        return (-continuous_bernoulli_nll(one, x)).exp().item()

    assert integrate.quad(density, 0, 1, limit=200)[0] == pytest.approx(1, abs=1e-9)
    assert torch.autograd.gradcheck(continuous_bernoulli_nll, [logits.requires_grad_(), x])


def test_the_constant_is_all_that_the_cross_entropy_lacks():
    logits, x = torch.randn(3, 4), torch.rand(3, 4)
    lack = continuous_bernoulli_log_norm(torch.sigmoid(logits)).sum(1)
    close(bernoulli_nll(logits, x) - continuous_bernoulli_nll(logits, x), lack, 1e-5)
    assert (continuous_bernoulli_log_norm(torch.rand(99).clamp(0.01, 0.99)) >= math.log(2)).all()


@pytest.mark.parametrize("levels", [2, 5, 256])
@pytest.mark.parametrize("mean", [-0.7, 0.0, 0.31, 1.0, 1.4])
@pytest.mark.parametrize("log_scale", [-9.0, -4.0, 0.0, 3.0])
def test_probabilities_of_levels_are_those_of_the_logistic_and_sum_to_one(levels, mean, log_scale):
    """Oracle: 1 to 1e-10; and scipy's logistic distribution function, where it is not 0 or 1."""
    x = torch.arange(levels, dtype=torch.float64) / (levels - 1)
    at = torch.tensor([mean, log_scale], dtype=torch.float64)
    log_prob = discretized_logistic_log_prob(x, *at, levels=levels)
    assert log_prob.exp().sum().item() == pytest.approx(1, abs=1e-10)
    edges = np.concatenate([[-np.inf], (x.numpy()[1:] + x.numpy()[:-1]) / 2, [np.inf]])
    scaled = (edges - mean) / math.exp(log_scale)
    # Of the two tails the smaller one has the digits.
    expected = np.where(
        scaled[1:] > 0,
        logistic.sf(scaled[:-1]) - logistic.sf(scaled[1:]),
        logistic.cdf(scaled[1:]) - logistic.cdf(scaled[:-1]),
    )
    close(log_prob.exp(), expected, 1e-10)
    assert log_prob.isfinite().all()
    assert (log_prob <= 0).all()


def test_far_from_the_mean_the_tail_falls_as_an_exponential():
    """Oracle: log P = (x + h - mean) / scale + log(1 - exp(-2 h / scale)) far below the mean,
    where a difference of sigmoids is 0 - 0."""
    scale, x = 1e-4, 10 / 255
    h = 0.5 / 255
    expected = (x + h - 1) / scale + math.log(-math.expm1(-2 * h / scale))
    at = torch.tensor([x, 1.0, math.log(scale)], dtype=torch.float64)
    close(discretized_logistic_log_prob(*at), expected, 1e-10)


def test_gradients_of_the_discretized_logistic():
    """Oracle: torch.autograd.gradcheck at the edges and inside; finite in float32 far away."""
    x = torch.tensor([0.0, 1.0, 7 / 255, 0.2], dtype=torch.float64)
    mean = torch.tensor([0.1, 0.5, -0.2, 0.3], dtype=torch.float64, requires_grad=True)
    log_scale = torch.tensor([-3.0, -1.0, -4.0, 0.5], dtype=torch.float64, requires_grad=True)

    def function(mean, log_scale):
        return discretized_logistic_log_prob(x, mean, log_scale)

    assert torch.autograd.gradcheck(function, (mean, log_scale))
    far = torch.full((256,), 30.0, requires_grad=True)
    levels = torch.arange(256) / 255
    loss = discretized_logistic_log_prob(levels, far, torch.tensor(-7.0)).sum()
    (gradient,) = torch.autograd.grad(loss, far)
    assert loss.isfinite()
    assert gradient.isfinite().all()


def test_mnist_in_float32_is_on_its_levels_and_broadcasts():
    """Oracle: the sum over the pixels one by one in float64."""
    x = torch.randint(256, (5, 12), dtype=torch.uint8).float() / 255
    mean, log_scale = torch.rand(5, 12), torch.tensor(-2.0)
    found = discretized_logistic_log_prob(x, mean, log_scale)
    assert found.shape == (5, 12)
    expected = discretized_logistic_log_prob(x.double(), mean.double(), log_scale.double())
    close(found.double(), expected, 1e-4)


def test_bits_per_dimension_of_numbers_and_tensors():
    """Oracle: 256 equally probable levels are 8 bits; one nat is 1 / log 2 bits."""
    nll = torch.full((3,), 10 * math.log(256))
    close(bits_per_dimension(nll, 10), [8.0, 8.0, 8.0], 1e-6)
    assert bits_per_dimension(1.0, 1) == pytest.approx(1.4426950408889634)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: continuous_bernoulli_log_norm(torch.tensor([0.0])), "strictly between 0 and 1"),
        (lambda: continuous_bernoulli_log_norm(torch.tensor([1.0])), "of logits use continuous"),
        (lambda: continuous_bernoulli_log_norm(torch.tensor([math.nan])), "strictly between"),
        (lambda: continuous_bernoulli_log_norm(0.5), "expected a torch.Tensor, got 0.5"),
        (lambda: continuous_bernoulli_nll(torch.zeros(2, 3), torch.zeros(2, 4)), "the same shape"),
        (
            lambda: discretized_logistic_log_prob(*torch.tensor([0.5, 0.5, 0.0])),
            r"x must be levels k / 255 in \[0, 1\]$",
        ),
        (
            lambda: discretized_logistic_log_prob(*torch.tensor([128.0, 0.5, 0.0])),
            "divide by the highest level",
        ),
        (
            lambda: discretized_logistic_log_prob(torch.zeros(3), torch.zeros(2), torch.zeros(1)),
            r"x \(3,\), mean \(2,\) and log_scale \(1,\) do not fit together",
        ),
        (
            lambda: discretized_logistic_log_prob(*torch.zeros(3), levels=1),
            "levels must be a whole number of at least 2",
        ),
        (lambda: bits_per_dimension(100.0, 0), "num_dimensions must be a whole number of at least"),
    ],
)
def test_bad_input_gets_one_clear_line(call, said):
    with pytest.raises(VaeLabError, match=said) as told:
        call()
    assert "\n" not in str(told.value)
