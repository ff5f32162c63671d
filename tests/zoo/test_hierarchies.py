"""Codes above codes: a chain of linear Gaussians, whose posterior is known, and the parts."""

import math

import pytest
import torch
from linear_models import Computed
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence
from zoo_samples import seeded

from vae_helpers import VaeLabError
from vae_zoo.hierarchies.gaussians import diagonal_kl, merge, relative
from vae_zoo.hierarchies.ladder import LadderVAE
from vae_zoo.hierarchies.residual_cell import ResidualVAE
from vae_zoo.hierarchies.two_level import Hierarchical
from vae_zoo.likelihoods.densities import Gaussian
from vae_zoo.networks import FullyConnected

float64 = torch.float64


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=seeded(seed), dtype=float64)


def both(seed=0):
    """Two Gaussians (5, 3), as parameters and as distributions."""
    q, p = (tuple(normal(2, 5, 3, seed=each).unbind()) for each in (seed, seed + 1))
    made = [Independent(Normal(mu, (0.5 * logvar).exp()), 1) for mu, logvar in (q, p)]
    return q, p, *made


def test_the_kl_between_diagonal_gaussians_is_torchs():
    q, p, of_q, of_p = both()
    torch.testing.assert_close(diagonal_kl(q, p), kl_divergence(of_q, of_p))
    assert (diagonal_kl(q, q) == 0).all()


def test_the_merge_is_proportional_to_the_product_of_both():
    q, p, of_q, of_p = both()
    mu, logvar = merge(q, p)
    merged = Independent(Normal(mu, (0.5 * logvar).exp()), 1)
    z = normal(7, 5, 3, seed=9)
    away = merged.log_prob(z) - of_q.log_prob(z) - of_p.log_prob(z)
    torch.testing.assert_close(away, away[:1].expand_as(away))  # a constant
    huge = merge((q[0], q[1] + 800), p)  # nothing is known of one: no overflow
    torch.testing.assert_close(huge, p)


def test_nvaes_kl_is_the_same_kl_in_other_coordinates():
    delta, p, *_ = both()
    d_mu, d_logvar = delta
    written = 0.5 * (d_mu.square() / p[1].exp() + d_logvar.exp() - d_logvar - 1).sum(1)
    torch.testing.assert_close(diagonal_kl(relative(delta, p), p), written)


# x (2) <- z_1 (2) <- z_2 (2), dimension by dimension: x = A z_1 + noise, z_1 = C z_2 + noise.
A = torch.tensor([0.8, -0.5], dtype=float64)
C = torch.tensor([0.9, 0.4], dtype=float64)
NOISE_1, NOISE_X = torch.tensor([0.5, 0.7], dtype=float64), 0.3


def evidence(x):
    """log p(x): x_d is N(0, A^2 (C^2 + n^2) + s^2)."""
    variance = A.square() * (C.square() + NOISE_1.square()) + NOISE_X**2
    return MultivariateNormal(torch.zeros(2, dtype=float64), variance.diag()).log_prob(x)


def top_posterior(x):
    """p(z_2|x), by the joint Gaussian of z_2 and x."""
    noise = A.square() * NOISE_1.square() + NOISE_X**2  # of x given z_2
    weight = A * C
    precision = 1 + weight.square() / noise
    return weight * x / noise / precision, (-precision.log()).expand_as(x)


def of_the_image(x):
    """The Gaussian of z_1 that p(x|z_1) is proportional to: mean x / A, variance s^2 / A^2."""
    return x / A, (2 * (NOISE_X / A.abs()).log()).expand_as(x)


def chain(sort):
    networks = FullyConnected(data_dim=2, hidden_dim=4)
    model = sort(networks, (2, 2), Gaussian(NOISE_X), hidden_dim=2).double()
    model.likelihood.log_sigma.fill_(math.log(NOISE_X))
    model.encoder = Computed(lambda x: x)
    model.top = Computed(lambda h: torch.cat(top_posterior(h), dim=1))
    model.decoder = Computed(lambda z: A * z)
    log_noise = 2 * NOISE_1.log()

    def prior(z):
        return torch.cat([C * z, log_noise.expand_as(z)], dim=1)

    def joined(values):
        """q(z_1|x, z_2) of the image and the code above."""
        x, z = values.chunk(2, dim=1)
        mu, logvar = merge(of_the_image(x), prior(z).chunk(2, dim=1))
        if sort is ResidualVAE:
            mu, logvar = mu - C * z, logvar - log_noise
        return torch.cat([mu, logvar], dim=1)

    model.priors[0] = Computed(prior)
    alone = Computed(lambda h: torch.cat(of_the_image(h), dim=1))
    model.posteriors[0] = alone if sort is LadderVAE else Computed(joined)
    return model


@pytest.mark.parametrize("sort", [Hierarchical, LadderVAE, ResidualVAE])
def test_with_the_posterior_of_a_chain_every_draw_weighs_the_evidence(sort):
    """log p(x, z) - log q(z|x) is log p(x) whatever z; the ELBO's KLs in closed form are it on
    average: 20,000 draws, within five standard errors."""
    model = chain(sort)
    x = torch.rand(4, 2, generator=seeded(), dtype=float64)
    for seed in range(3):
        log_w = model.log_weights(x, 2, generator=seeded(seed))
        torch.testing.assert_close(log_w, evidence(x).expand(2, -1), rtol=0, atol=1e-9)
    with torch.no_grad():
        found = -model.loss(x[:1].expand(20_000, -1), generator=seeded(5)).loss
    assert abs(found.mean() - evidence(x[:1])[0]) < 5 * found.std() / 20_000**0.5


def test_half_a_kl_too_much_is_no_bound_any_more():
    """The fault of a known ladder, planted: without the half the loss is not -log p(x)."""
    model = chain(LadderVAE)
    x = torch.rand(1, 2, generator=seeded(), dtype=float64).expand(20_000, -1)
    with torch.no_grad():
        terms = model.loss(x, generator=seeded(5)).terms
    faulty = -(terms["nll"] + 2 * terms["kl_1"] + 2 * terms["kl_2"])
    assert abs(faulty.mean() - evidence(x[:1])[0]) > 50 * faulty.std() / 20_000**0.5


def test_samples_of_the_chain_have_its_moments():
    model = chain(Hierarchical)
    means = model.sample(20_000, generator=seeded())  # without the noise of the pixels
    expected = A.square() * (C.square() + NOISE_1.square())
    assert (means.mean(0).abs() < 5 * (expected / 20_000).sqrt()).all()
    torch.testing.assert_close(means.var(0), expected, rtol=0.05, atol=0)


@pytest.mark.parametrize("sort", [Hierarchical, LadderVAE, ResidualVAE])
def test_three_levels_have_three_kls(sort):
    torch.manual_seed(0)
    model = sort(FullyConnected(12, 8), (4, 3, 2), hidden_dim=8)
    loss, terms = model.loss(torch.rand(5, 12, generator=seeded()))
    assert list(terms) == ["nll", "kl_1", "kl_2", "kl_3"]
    torch.testing.assert_close(loss, sum(terms.values()))
    assert model.log_weights(torch.rand(5, 12, generator=seeded()), 3).shape == (3, 5)


@pytest.mark.parametrize("dims", [(3,), (3, 0)])
def test_levels_that_make_no_sense_are_refused_in_one_line(dims):
    with pytest.raises(VaeLabError, match="latent_dims"):
        Hierarchical(FullyConnected(12, 8), dims)
