"""A second model of the codes sees nothing else; Gaussian codes come back by their moments."""

import math

import pytest
import torch
from linear_models import Computed
from zoo_samples import seeded

from vae_helpers import VaeLabError
from vae_zoo.networks import FullyConnected
from vae_zoo.two_stage.latent_diffusion import (
    LatentDiffusion,
    cosine_schedule,
    linear_schedule,
)
from vae_zoo.two_stage.two_stage import TwoStageVAE
from vae_zoo.vae import GaussianVAE

float64 = torch.float64


def first():
    torch.manual_seed(0)
    return GaussianVAE(FullyConnected(12, 8), 2)


SORTS = [
    lambda steps: TwoStageVAE(first(), steps, hidden_dim=16),
    lambda steps: LatentDiffusion(first(), steps, num_steps=20, hidden_dim=16),
]


@pytest.mark.parametrize("make", SORTS)
def test_the_first_stage_is_trained_then_frozen(make):
    model, x = make(2), torch.rand(8, 12, generator=seeded())
    for _ in range(2):
        (player,) = model.players()
        assert {id(p) for p in player.parameters} == {id(p) for p in model.first.parameters()}
        model.after_step()
    (player,) = model.players()
    assert {id(p) for p in player.parameters}.isdisjoint({id(p) for p in model.first.parameters()})
    loss = player.loss(x).loss.sum()
    loss.backward()
    assert all(p.grad is None for p in model.first.parameters())
    assert all(p.grad is not None for p in player.parameters)


@pytest.mark.parametrize("make", SORTS)
def test_the_second_stage_sees_codes_only(make):
    """Two images of one code are one to it."""
    model = make(0).eval()
    seen = []
    model.second_loss = lambda z, *, generator=None: seen.append(z)
    model.loss(torch.rand(8, 12, generator=seeded()), generator=seeded(1))
    assert seen[0].shape == (8, 2)
    assert not seen[0].requires_grad


@pytest.mark.parametrize("schedule", [cosine_schedule, linear_schedule])
def test_the_forward_marginal_keeps_the_variance(schedule):
    """Steps one by one, z_t = sqrt(1 - beta_t) z_{t-1} + sqrt(beta_t) eps, give a_t and s_t."""
    a, s = schedule(50)
    assert a[0] == 1
    assert s[0] == 0
    assert a[-1] < 0.01
    mean, variance = 1.0, 0.0
    for t in range(1, 51):
        step = (a[t] / a[t - 1]).item()
        mean, variance = step * mean, step**2 * variance + 1 - step**2
        assert mean == pytest.approx(a[t].item(), abs=1e-5)
        assert variance == pytest.approx(s[t].item() ** 2, abs=1e-5)


def test_the_linear_schedule_is_that_of_a_thousand_steps():
    """Ho et al., section 4: beta_t from 1e-4 to 0.02 over a thousand steps, multiplied up."""
    betas = torch.linspace(1e-4, 0.02, 1000, dtype=float64)
    theirs = (1 - betas).cumprod(0).sqrt()
    ours = LatentDiffusion(first(), 0, num_steps=1000, schedule=linear_schedule).a[1:]
    assert (ours - theirs).abs().max() < 2e-3


def test_one_reverse_step_is_the_posterior_of_the_chain():
    """Oracle: Bayes for z_{t-1} given z_t and z_0, by the product of two Gaussians."""
    model = LatentDiffusion(first(), 0, num_steps=10).double()
    z0, zt = torch.tensor([[0.7, -1.0]], dtype=float64), torch.tensor([[0.2, 0.5]], dtype=float64)
    for t in range(2, 11):
        a, s = model.a[t], model.s[t]
        eps_hat = (zt - a * z0) / s
        step, before = a / model.a[t - 1], (model.a[t - 1], model.s[t - 1])
        added = 1 - step.square()
        precision = 1 / before[1].square() + step.square() / added
        mean = (before[0] * z0 / before[1].square() + step * zt / added) / precision
        zero = torch.zeros_like(zt)
        found = model.reverse_step(zt, t, eps_hat, zero)
        torch.testing.assert_close(found, mean, rtol=1e-5, atol=1e-5)
        spread = model.reverse_step(zt, t, eps_hat, zero + 1) - found
        torch.testing.assert_close(spread, zero + precision.rsqrt(), rtol=1e-5, atol=1e-5)
    last = model.reverse_step(zt, 1, (zt - model.a[1] * z0) / model.s[1], torch.ones_like(zt))
    torch.testing.assert_close(last, z0, rtol=1e-5, atol=1e-5)


def test_gaussian_codes_come_back_by_their_moments():
    """With codes N(m, v I) the best denoiser is s (z_t - a m) / (a^2 v + s^2).
    The reverse chain of 200 steps returns m and v: 20,000 codes."""
    model = LatentDiffusion(first(), 0, num_steps=200).double().eval()
    m, v = torch.tensor([1.5, -0.5], dtype=float64), 0.3

    def best(z, share):
        t = (share * 200).round().long()
        a, s = model.a[t][:, None], model.s[t][:, None]
        return s * (z - a * m) / (a.square() * v + s.square())

    model.denoiser = Computed(best)
    codes = model.sample_codes(20_000, generator=seeded())
    assert ((codes.mean(0) - m).abs() < 5 * math.sqrt(v / 20_000) + 0.005).all()
    torch.testing.assert_close(codes.var(0), torch.full((2,), v, dtype=float64), rtol=0.05, atol=0)


def test_the_codes_are_standardized_and_put_back():
    model = LatentDiffusion(first(), 0, num_steps=5)
    z = 3 + 2 * torch.randn(500, 2, generator=seeded())
    model.second_loss(z, generator=seeded(1))
    torch.testing.assert_close(model.mean, z.mean(0))
    torch.testing.assert_close(model.std, z.std(0, correction=0))
    before = model.mean.clone()
    model.eval()
    model.second_loss(z + 100)
    torch.testing.assert_close(model.mean, before)


def test_a_second_vae_learns_where_the_codes_are():
    """Codes far from N(0, I): after 300 steps its samples have their mean and spread, nearly."""
    model = TwoStageVAE(first(), 0, hidden_dim=32)
    generator = seeded()
    player = model.players()[0]
    optimizer = torch.optim.Adam(player.parameters, lr=5e-3)
    shift, scale = torch.tensor([3.0, -2.0]), torch.tensor([0.5, 1.5])
    for _ in range(600):
        z = shift + scale * torch.randn(256, 2, generator=generator)
        optimizer.zero_grad()
        model.second_loss(z, generator=generator).loss.mean().backward()
        optimizer.step()
    with torch.no_grad():
        codes = model.sample_codes(5000, generator=generator)
    assert ((codes.mean(0) - shift).abs() < 0.2).all()
    assert ((codes.std(0) / scale - 1).abs() < 0.25).all()


def test_a_first_stage_without_codes_is_refused_in_one_line():
    with pytest.raises(VaeLabError, match="first must be a VAE with Gaussian codes"):
        TwoStageVAE(torch.nn.Linear(2, 2), 5)
