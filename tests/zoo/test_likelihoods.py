"""What is made of a decoder's outputs: densities by their constants, losses by their oracles."""

import math

import numpy as np
import pytest
import scipy.integrate
import torch
from skimage.metrics import structural_similarity

from vae_helpers import VaeLabError
from vae_zoo.likelihoods.densities import (
    Bernoulli,
    ContinuousBernoulli,
    DiscretizedLogistic,
    Gaussian,
    implied_beta,
    likelihood,
)
from vae_zoo.likelihoods.log_cosh import LogCosh, log_cosh
from vae_zoo.likelihoods.perceptual import Perceptual
from vae_zoo.likelihoods.structural_similarity import (
    StructuralSimilarity,
    multiscale_ssim,
    ssim_parts,
)

float64 = torch.float64


def rand(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=float64)


@pytest.mark.parametrize("sigma", [0.1, 1.0, 3.0])
def test_the_gaussian_has_all_its_constants(sigma):
    """Oracle: torch.distributions.Normal."""
    raw, x = rand(4, 6), rand(4, 6, seed=1)
    expected = -torch.distributions.Normal(raw, sigma).log_prob(x).sum(1)
    torch.testing.assert_close(Gaussian(sigma).double().nll(raw, x), expected, rtol=1e-6, atol=1e-6)


def test_the_optimal_sigma_is_where_the_nll_is_smallest():
    """Oracle: the learned sigma, moved around it; and the mean squared error in closed form."""
    raw, x = rand(4, 6), rand(4, 6, seed=1)
    best = Gaussian("optimal").double().nll(raw, x).sum()
    mse = (raw - x).square().mean()
    torch.testing.assert_close(best, 12 * ((2 * math.pi * mse).log() + 1))
    for factor in (0.9, 0.99, 1.01, 1.1):
        assert Gaussian(factor * mse.sqrt().item()).double().nll(raw, x).sum() > best


def test_the_optimal_sigmas_gradient_is_that_of_the_logarithm_of_the_error():
    """d/d raw of N P / 2 log mse: the detached sigma changes nothing (envelope theorem)."""
    raw, x = rand(4, 6).requires_grad_(), rand(4, 6, seed=1)
    (found,) = torch.autograd.grad(Gaussian("optimal").double().nll(raw, x).sum(), raw)
    (expected,) = torch.autograd.grad(12 * (raw - x).square().mean().log(), raw)
    torch.testing.assert_close(found, expected)


def test_in_eval_mode_the_optimal_sigma_is_the_running_one():
    gaussian = Gaussian("optimal").double()
    raw, x = rand(400, 6), rand(400, 6, seed=1)
    for _ in range(1500):
        gaussian.nll(raw, x)
    gaussian.eval()
    alone = torch.cat([gaussian.nll(raw[n : n + 1], x[n : n + 1]) for n in range(5)])
    torch.testing.assert_close(gaussian.nll(raw, x)[:5], alone)
    torch.testing.assert_close(
        (2 * gaussian.log_sigma).exp(), (raw - x).square().mean(), rtol=1e-3, atol=0
    )


def test_a_learned_sigma_finds_the_optimal_one():
    gaussian = Gaussian("learned").double()
    raw, x = rand(50, 6), rand(50, 6, seed=1)
    optimizer = torch.optim.Adam(gaussian.parameters(), lr=0.02)
    for _ in range(400):
        optimizer.zero_grad()
        gaussian.nll(raw, x).mean().backward()
        optimizer.step()
    torch.testing.assert_close(
        gaussian.log_sigma.exp().square(), (raw - x).square().mean(), rtol=1e-3, atol=0
    )


def test_the_mean_of_the_continuous_bernoulli_is_that_of_its_density():
    """Oracle: quadrature, near 1/2 as well."""
    for logit in (-9.0, -0.5, -1e-3, 0.0, 1e-3, 0.02, 0.5, 9.0):
        raw = torch.tensor([[logit]], dtype=float64)

        def density(value, raw=raw):
            x = torch.tensor([[value]], dtype=float64)
            return math.exp(-ContinuousBernoulli().nll(raw, x).item())

        total = scipy.integrate.quad(density, 0, 1)[0]
        mean = scipy.integrate.quad(lambda v: v * density(v), 0, 1)[0]
        assert abs(total - 1) < 1e-7
        assert abs(ContinuousBernoulli().mean(raw).item() - mean) < 1e-6


def test_the_levels_of_the_discretized_logistic_have_probabilities_that_sum_to_one():
    model = DiscretizedLogistic(levels=16)
    raw = torch.tensor([[0.3, 1.0]], dtype=float64)  # one pixel: mean and scale
    levels = torch.arange(16, dtype=float64)[:, None] / 15
    total = (-model.nll(raw.expand(16, 2), levels)).exp().sum()
    torch.testing.assert_close(total, torch.ones((), dtype=float64))


def test_a_squared_error_averaged_over_pixels_hides_a_beta():
    """Mean squared error + KL is 2 sigma^2 / P (nll + beta KL), but for constants."""
    P, sigma = 784, 0.7
    beta = implied_beta(P, sigma)
    raw, x, kl = rand(3, P), rand(3, P, seed=1), rand(3, seed=2)
    gaussian = Gaussian(sigma).double()
    constant = 0.5 * P * math.log(2 * math.pi * sigma**2)
    weighted = (gaussian.nll(raw, x) - constant + beta * kl) * 2 * sigma**2 / P
    torch.testing.assert_close(weighted, (raw - x).square().mean(1) + kl, rtol=1e-5, atol=1e-6)


def test_log_cosh_is_stable_far_out_and_exact_near_zero():
    t = torch.tensor([-1000.0, -1.0, 0.0, 1e-3, 1.0, 1000.0], dtype=float64, requires_grad=True)
    found = log_cosh(t)
    assert found.isfinite().all()
    torch.testing.assert_close(found[1:5], t[1:5].cosh().log())
    torch.testing.assert_close(found[[0, 5]], torch.full((2,), 1000 - math.log(2), dtype=float64))
    (gradient,) = torch.autograd.grad(found.sum(), t)
    torch.testing.assert_close(gradient, t.tanh())
    single = log_cosh(torch.tensor([-1000.0, 1000.0]))
    assert single.isfinite().all()


def test_log_cosh_is_squared_for_small_errors_and_linear_for_large_ones():
    zero = torch.zeros(1, 1, dtype=float64)
    for steepness, error, expected in ((10.0, 1e-3, 5e-6), (1e6, 0.5, 0.5)):
        found = LogCosh(steepness).nll(zero, zero + error).item()
        assert abs(found - expected) < 1e-3 * expected


def test_ssim_is_that_of_scikit_image():
    """Of windows of 11, which a Gaussian of 1.5 has there."""
    x = rand(3, 1, 20, 24)
    y = 0.7 * x + 0.3 * rand(3, 1, 20, 24, seed=1)
    found, _ = ssim_parts(x, y, window=11)
    expected = [
        structural_similarity(
            a[0].numpy(), b[0].numpy(), gaussian_weights=True, use_sample_covariance=False,
            data_range=1.0,
        )
        for a, b in zip(x, y, strict=True)
    ]  # fmt: skip
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-10)


def test_ssim_of_colour_is_the_mean_over_channels_and_one_of_an_image_with_itself():
    x, y = rand(2, 3, 28, 28), rand(2, 3, 28, 28, seed=1)
    each = torch.stack([ssim_parts(x[:, c : c + 1], y[:, c : c + 1])[0] for c in range(3)])
    torch.testing.assert_close(ssim_parts(x, y)[0], each.mean(0))
    torch.testing.assert_close(multiscale_ssim(x, x), torch.ones(2, dtype=float64))
    assert (multiscale_ssim(x, y) < 0.5).all()


def test_the_structural_loss_is_zero_at_the_image_and_teaches():
    x = rand(2, 784) * 0.8 + 0.1
    loss = StructuralSimilarity().double()
    assert (loss.nll(torch.logit(x), x).abs() < 1e-9).all()
    raw = torch.zeros(2, 784, dtype=float64, requires_grad=True)
    optimizer = torch.optim.Adam([raw], lr=0.1)
    first = loss.nll(raw, x).mean().item()
    for _ in range(50):
        optimizer.zero_grad()
        value = loss.nll(raw, x).mean()
        value.backward()
        optimizer.step()
    assert value.item() < 0.5 * first


def test_the_features_of_the_perceptual_loss_are_frozen():
    layers = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.Dropout(), torch.nn.Linear(5, 4))
    loss = Perceptual(layers, taken=(1, 2)).double()
    loss.train()
    assert not any(each.requires_grad for each in loss.parameters())
    assert not any(each.training for each in loss.layers)
    x = rand(3, 6)
    raw = torch.logit(rand(3, 6, seed=1)).requires_grad_()
    first, second = loss.nll(raw, x), loss.nll(raw, x)
    torch.testing.assert_close(first, second)  # no dropout
    assert torch.autograd.grad(first.sum(), raw)[0].abs().sum() > 0
    assert (loss.nll(torch.logit(x), x).abs() < 1e-9).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: likelihood("poisson"), "discretized-logistic; got 'poisson'"),
        (lambda: Gaussian(0.0), "sigma must be a positive number"),
        (lambda: Gaussian("best"), "'learned' or 'optimal', got 'best'"),
        (lambda: StructuralSimilarity(scales=9), "at most 5 scales"),
        (lambda: ssim_parts(rand(1, 1, 5, 9), rand(1, 1, 5, 9)), "a window of 7 does not fit"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(call, said):
    with pytest.raises(VaeLabError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_likelihood_by_name_or_by_hand():
    assert isinstance(likelihood("bernoulli"), Bernoulli)
    mine = Gaussian(0.3)
    assert likelihood(mine) is mine
