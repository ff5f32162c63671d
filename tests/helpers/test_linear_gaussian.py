"""The oracle itself, against quadrature, Bayes' rule and the ELBO's definition."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from vae_helpers import LinearGaussian, VaeLabError

sizes = st.integers(min_value=1, max_value=7)
seeds = st.integers(min_value=0, max_value=2**32 - 1)


def random_model(data_dim, latent_dim, seed, s=0.7):
    generator = torch.Generator().manual_seed(seed)
    W = torch.randn(data_dim, latent_dim, generator=generator, dtype=torch.float64)
    b = torch.randn(data_dim, generator=generator, dtype=torch.float64)
    return LinearGaussian(W, b, s)


def close(a, b):
    torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("x", [-2.0, 0.3, 5.0])
def test_evidence_by_quadrature_in_one_dimension(x):
    """Oracle: scipy's adaptive quadrature of exp(log joint) over z."""
    model = random_model(1, 1, seed=1)
    point = torch.tensor([[x]], dtype=torch.float64)

    def joint(z):
        return model.log_joint(point, torch.tensor([[z]], dtype=torch.float64)).exp().item()

    integral, _ = integrate.quad(joint, -12, 12, epsabs=1e-14, epsrel=1e-12, limit=200)
    assert model.log_evidence(point).exp().item() == pytest.approx(integral, rel=1e-10)


@settings(deadline=None)  # the first call of a process is slow
@given(data_dim=sizes, latent_dim=sizes, seed=seeds)
def test_bayes_rule_holds_at_every_code(data_dim, latent_dim, seed):
    """Oracle: log p(x) = log p(x, z) - log p(z|x) for any z at all, to 1e-10."""
    model = random_model(data_dim, latent_dim, seed)
    x, z = model.sample(5)
    close(model.log_joint(x, z) - model.posterior(x).log_prob(z), model.log_evidence(x))


@settings(deadline=None)  # the first call of a process is slow
@given(data_dim=sizes, latent_dim=sizes, seed=seeds, full=st.booleans())
def test_elbo_plus_kl_to_the_posterior_is_the_evidence(data_dim, latent_dim, seed, full):
    """Oracle: log p(x) = ELBO + KL(q || posterior), the KL by torch.distributions, to 1e-10."""
    model = random_model(data_dim, latent_dim, seed)
    x = model.sample(3).x
    mean = torch.randn(3, latent_dim, dtype=torch.float64)
    if full:
        root = torch.randn(3, latent_dim, latent_dim, dtype=torch.float64).tril(-1)
        q = MultivariateNormal(mean, scale_tril=root + torch.eye(latent_dim))
        as_full = q
    else:
        sigma = torch.rand(3, latent_dim, dtype=torch.float64) + 0.1
        q = Independent(Normal(mean, sigma), 1)
        as_full = MultivariateNormal(mean, scale_tril=torch.diag_embed(sigma))
    close(model.elbo(x, q) + kl_divergence(as_full, model.posterior(x)), model.log_evidence(x))


def test_elbo_of_the_posterior_is_the_evidence():
    """Oracle: the KL of a distribution to itself is 0, to 1e-10."""
    model = random_model(7, 3, seed=2)
    x = model.sample(5).x
    close(model.elbo(x, model.posterior(x)), model.log_evidence(x))


def test_gradient_of_the_elbo_by_finite_differences():
    """Oracle: torch.autograd.gradcheck in float64."""
    model = random_model(7, 3, seed=3)
    x = model.sample(2).x

    def elbo(mean, logvar):
        return model.elbo(x, Independent(Normal(mean, (0.5 * logvar).exp()), 1))

    inputs = torch.randn(2, 2, 3, dtype=torch.float64)
    assert torch.autograd.gradcheck(elbo, [t.clone().requires_grad_() for t in inputs])


def test_samples_have_the_moments_of_the_evidence():
    """Oracle: mean b and covariance W W' + s^2 I. False alarm: 2e-9 times 30 statistics."""
    model, n = random_model(3, 2, seed=4), 100_000
    x, z = model.sample(n)
    covariance = model.W @ model.W.T + model.s**2 * torch.eye(3)
    spread = covariance.diagonal().sqrt()
    assert (((x.mean(0) - model.b) / spread).abs() < 6 / n**0.5).all()
    # Var of an entry of the sample covariance is (C_ij^2 + C_ii C_jj) / n.
    error = (covariance.square() + torch.outer(spread**2, spread**2)).sqrt() / n**0.5
    assert ((x.T.cov() - covariance).abs() < 6 * error).all()
    assert ((z.T.cov() - torch.eye(2)).abs() < 6 * (2 / n) ** 0.5).all()
    generators = [torch.Generator().manual_seed(5) for _ in range(2)]
    first, second = (model.sample(4, generator=g) for g in generators)
    assert torch.equal(first.x, second.x)


def test_bad_input_gets_one_clear_line():
    model = random_model(7, 3, seed=6)
    with pytest.raises(VaeLabError, match=r"x: expected shape \(B, 7\), got \(2, 6\)"):
        model.log_evidence(torch.zeros(2, 6, dtype=torch.float64))
    with pytest.raises(VaeLabError, match=r"wrap a Normal as Independent"):
        model.elbo(torch.zeros(2, 7).double(), Normal(torch.zeros(2, 3), torch.ones(2, 3)))
    laplace = Independent(torch.distributions.Laplace(torch.zeros(2, 3), torch.ones(2, 3)), 1)
    with pytest.raises(VaeLabError, match=r"got Independent"):
        model.elbo(torch.zeros(2, 7).double(), laplace)
    with pytest.raises(VaeLabError, match=r"expected W \(P, D\) and b \(P,\)"):
        LinearGaussian(torch.zeros(7, 3), torch.zeros(3), 1.0)
    for s in (0.0, -1.0, float("nan")):
        with pytest.raises(VaeLabError, match="s must be a positive number"):
            LinearGaussian(torch.zeros(7, 3), torch.zeros(7), s)
