"""What the checks of the codes of all images hold to be true, against quadrature of five Gaussians.

By the trapezoidal rule on grids that hold all of them, in one dimension and in two.
"""

import math

import pytest
import torch

from vae_checks import CheckFailed, lab4
from vae_checks.fixtures import spread, true_kl
from vae_checks.lab1 import oracle
from vae_checks.lab4.codes_together import mixture

IMAGES = 5


@pytest.fixture(params=[1, 2], ids=["line", "plane"])
def five(request):
    """mu and logvar (5, D), a grid of codes (G, D), and the area of its cells."""
    latent = request.param
    mu, logvar = spread(IMAGES, latent), spread(IMAGES, latent, low=0.1, high=0.6)
    axis = torch.linspace(-12, 12, 481 if latent == 1 else 161, dtype=torch.float64)
    z = torch.cartesian_prod(*[axis] * latent).reshape(-1, latent)
    return mu, logvar, z, (axis[1] - axis[0]).item() ** latent


def split_by_quadrature(mu, logvar, z, cell):
    """I(n; z) and KL(q(z) || p(z)) as integrals, neither from the other."""
    log_q = oracle.log_q(z[:, None], mu, logvar)  # (G, N)
    total = mixture(z, mu, logvar)  # (G,)
    information = (log_q.exp() * (log_q - total[:, None])).sum() * cell / len(mu)
    marginal = (total.exp() * (total - oracle.log_prior(z))).sum() * cell
    return information.item(), marginal.item()


def test_the_mixture_is_a_density(five):
    mu, logvar, z, cell = five
    assert math.isclose(mixture(z, mu, logvar).exp().sum().item() * cell, 1, rel_tol=1e-9)


def test_both_parts_are_what_is_in_the_mean_kl(five):
    mu, logvar, z, cell = five
    information, marginal = split_by_quadrature(mu, logvar, z, cell)
    assert math.isclose(information + marginal, true_kl(mu, logvar).mean().item(), rel_tol=1e-9)
    assert 0 < information < math.log(IMAGES)


def test_a_right_answer_estimates_the_parts_without_bias(five):
    """A mean over 20,000 codes an image; fails beyond six standard errors, with probability 2e-9.

    The spread of the terms log q(z|x) - log q(z) is estimated from the same codes.
    """
    mu, logvar, z, cell = five
    information, marginal = split_by_quadrature(mu, logvar, z, cell)
    codes = 20_000
    many, wide = mu.repeat(codes, 1), logvar.repeat(codes, 1)  # (codes N, D)
    drawn = many + (0.5 * wide).exp() * torch.randn_like(many)
    aggregate = mixture(drawn, mu, logvar)
    terms = oracle.log_q(drawn, many, wide) - aggregate
    error = terms.std().item() / math.sqrt(len(terms))
    assert abs(terms.mean().item() - information) < 6 * error
    left = true_kl(many, wide).mean() - terms.mean()
    assert abs(left.item() - marginal) < 6 * error


def no_count(z, mu, logvar):
    return mixture(z, mu, logvar) + math.log(len(mu))


def half_a_nat(z, mu, logvar):
    return mixture(z, mu, logvar) + 0.5


@pytest.mark.parametrize(
    ("answer", "slug"), [(no_count, "aggregate-no-count"), (half_a_nat, "value-shifted")]
)
def test_what_does_not_integrate_to_one_is_named_by_its_value(answer, slug):
    with pytest.raises(CheckFailed) as caught:
        lab4.aggregate_posterior_log_prob.normalized(answer)
    assert caught.value.slug == slug


def only_the_grid(z, mu, logvar):
    """Right at few codes; on a grid, where there are many, twice the density."""
    return mixture(z, mu, logvar) + (len(z) > 2000) * math.log(2)


def test_the_integral_is_looked_at_and_not_only_single_codes():
    lab4.aggregate_posterior_log_prob.value(only_the_grid)
    with pytest.raises(CheckFailed):
        lab4.aggregate_posterior_log_prob.normalized(only_the_grid)
