"""The aggregate posterior: against quadrature in one and two dimensions, and its two bounds."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate

from vae_helpers import (
    VaeLabError,
    aggregate,
    aggregate_posterior_log_prob,
    gaussian_kl,
    kl_split,
)

STEPS = 801


def five(dims):
    """Five Gaussians, some near each other, some far."""
    mu = torch.tensor([[-2.0, 0.5], [-1.5, 0.0], [0.3, 1.0], [1.1, -2.0], [3.0, 2.0]]).double()
    logvar = torch.tensor([[-1.0, -2.0], [-0.5, 0.3], [-2.0, -1.0], [0.0, -0.4], [-3.0, -2.0]])
    return mu[:, :dims], logvar.double()[:, :dims]


def density(z, mu, logvar):
    """q(z) by numpy, of points (..., D), plainly."""
    z, mu, logvar = np.asarray(z)[..., None, :], mu.numpy(), logvar.numpy()
    exponent = -0.5 * ((z - mu) ** 2 / np.exp(logvar) + logvar + np.log(2 * np.pi)).sum(-1)
    return np.exp(exponent).mean(-1)


def marginal_kl(mu, logvar):
    """KL(q(z) || N(0, I)) by Simpson's rule on a grid from -9 to 9."""
    axis = np.linspace(-9, 9, STEPS)
    points = np.stack(np.meshgrid(*[axis] * mu.shape[1], indexing="ij"), axis=-1)
    q = density(points, mu, logvar)
    log_p = -0.5 * (points**2 + np.log(2 * np.pi)).sum(-1)
    values = q * (np.log(q) - log_p)
    for _ in range(mu.shape[1]):
        values = integrate.simpson(values, x=axis, axis=-1)
    return float(values)


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("pairs", [1, 12, 2**22])
def test_the_density_is_the_mean_of_the_gaussians(monkeypatch, dims, pairs):
    """Oracle: numpy's mean of densities, to 1e-10, however many pairs at once."""
    monkeypatch.setattr(aggregate, "PAIRS_AT_ONCE", pairs)
    mu, logvar = five(dims)
    z = 3 * torch.randn(7, dims, dtype=torch.float64)
    expected = torch.from_numpy(np.log(density(z.numpy(), mu, logvar)))
    found = aggregate_posterior_log_prob(z, mu, logvar)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)
    inputs = [each.clone().requires_grad_() for each in (z, mu, logvar)]
    assert torch.autograd.gradcheck(aggregate_posterior_log_prob, inputs)


def test_a_code_far_from_all_and_very_narrow_gaussians_stay_finite():
    """Oracle: the nearest Gaussian alone, whose density is all there is; float32 loses nothing."""
    mu = torch.tensor([[-3.0] * 20, [3.0] * 20])
    logvar = torch.full((2, 20), -12.0)
    z = mu[:1] + (-6.0 + torch.zeros(20)).exp()
    expected = -0.5 * 20 * (1 - 12 + math.log(2 * math.pi)) - math.log(2)
    (found,) = aggregate_posterior_log_prob(z, mu, logvar).tolist()
    assert found == pytest.approx(expected, abs=0.01)  # z itself is rounded in float32
    assert aggregate_posterior_log_prob(z + 1000, mu, logvar).isfinite().all()


@pytest.mark.parametrize("dims", [1, 2])
def test_both_parts_of_the_kl_by_quadrature(dims):
    """Oracle: Simpson's rule. 4000 codes an image; six of the standard errors that the split
    itself gives, which are not too small: false alarm below 2e-9."""
    mu, logvar = five(dims)
    split = kl_split(mu, logvar, num_samples=4_000)
    assert 0 < split.standard_error < 0.012
    assert abs(split.marginal_kl - marginal_kl(mu, logvar)) < 6 * split.standard_error
    assert split.kl == pytest.approx(gaussian_kl(mu, logvar).mean().item(), abs=1e-12)
    assert split.mutual_information + split.marginal_kl == pytest.approx(split.kl, abs=1e-12)
    assert split.num_images == 5


def test_no_code_tells_more_than_its_number_and_equal_codes_tell_nothing():
    """Oracle: I <= log N whatever was drawn, I = log N for codes far apart, I = 0 for equal ones;
    one image has nothing to be told from."""
    apart = 100.0 * torch.arange(6.0)[:, None]
    assert kl_split(apart, torch.zeros(6, 1)).mutual_information == pytest.approx(math.log(6))
    same = kl_split(torch.ones(6, 2), torch.zeros(6, 2))
    assert same.mutual_information == pytest.approx(0, abs=1e-12)
    assert same.marginal_kl == pytest.approx(1.0)  # of N(1, I) in two dimensions
    near = torch.randn(50, 2)
    assert 0 < kl_split(near, torch.zeros(50, 2), num_samples=50).mutual_information < math.log(50)
    alone = kl_split(torch.ones(1, 1), torch.zeros(1, 1))
    assert alone[1:4] == (pytest.approx(0), pytest.approx(0.5), 0.0)


def test_the_generator_decides():
    mu, logvar = five(2)
    first, second = (kl_split(mu, logvar, generator=torch.Generator().manual_seed(1)) for _ in "ab")
    assert first == second
    assert kl_split(mu, logvar) != first


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: kl_split(torch.zeros(3, 2), torch.zeros(3, 1)), r"mu \(3, 2\) and logvar \(3, 1"),
        (lambda: kl_split(torch.zeros(0, 2), torch.zeros(0, 2)), "B and D at least 1"),
        (lambda: kl_split(*five(1), num_samples=0), "num_samples must be a whole number"),
        (lambda: kl_split(*five(1), generator=3), "generator must be a torch.Generator, got 3"),
        (
            lambda: aggregate_posterior_log_prob(torch.zeros(4, 2), *five(1)),
            r"z must be \(M, 1\), M at least 1, got \(4, 2\)",
        ),
        (lambda: aggregate_posterior_log_prob(torch.zeros(0, 1), *five(1)), r"got \(0, 1\)"),
        (lambda: aggregate_posterior_log_prob(0.0, *five(1)), "expected a torch.Tensor, got 0.0"),
    ],
)
def test_bad_input_gets_one_clear_line(call, said):
    with pytest.raises(VaeLabError, match=said) as told:
        call()
    assert "\n" not in str(told.value)
