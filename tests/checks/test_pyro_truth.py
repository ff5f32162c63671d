"""What lab 6 sets beside Pyro is true: closed forms against quadrature, sampling and Pyro itself.

The functions and programs are the lab's own, its model answers included.
"""

import math

import pytest
import torch
from lab_harness import model_names, read

from vae_helpers import vae_loss

pyro = pytest.importorskip("pyro")
DATA = {
    "X": torch.tensor([[1.0, 0.3], [1.0, -0.8], [1.0, 1.7], [1.0, 0.4]], dtype=torch.float64),
    "y": torch.tensor([0.9, -0.4, 2.1, 0.2], dtype=torch.float64),
    "prior_scale": torch.tensor([2.0, 1.5], dtype=torch.float64),
    "sigma": 0.6,
}


@pytest.fixture
def lab():
    pyro.clear_param_store()
    torch.manual_seed(0)
    yield model_names(read("lab6-pyro"))
    pyro.clear_param_store()


def _normal(value, mean, std):
    return torch.distributions.Normal(mean, std).log_prob(torch.as_tensor(value).double())


def test_posterior_and_evidence_of_one_weight_are_those_of_quadrature(lab):
    X, y, prior_scale, sigma = DATA["X"][:, 1:], DATA["y"], DATA["prior_scale"][1:], 0.6
    w = torch.linspace(-12, 12, 20_001, dtype=torch.float64)
    joint = _normal(w, 0.0, prior_scale[0]) + _normal(y[:, None], X * w, sigma).sum(0)
    evidence = torch.trapezoid(joint.exp(), w)
    assert math.isclose(lab["log_evidence"](X, y, prior_scale, sigma), evidence.log(), abs_tol=1e-9)
    density = joint.exp() / evidence
    mean = torch.trapezoid(w * density, w)
    variance = torch.trapezoid((w - mean) ** 2 * density, w)
    found = lab["exact_posterior"](X, y, prior_scale, sigma)
    assert torch.allclose(found[0], mean, atol=1e-9)
    assert torch.allclose(found[1], variance, atol=1e-9)


@pytest.mark.slow
def test_the_posterior_is_what_nuts_draws(lab):
    from pyro.infer import MCMC, NUTS
    from pyro.ops.stats import effective_sample_size

    mean, covariance = lab["exact_posterior"](*DATA.values())
    pyro.set_rng_seed(0)
    sampler = MCMC(NUTS(lab["linear_model"]), 600, warmup_steps=200, disable_progbar=True)
    sampler.run(*DATA.values())
    w = sampler.get_samples()["w"]  # (600, 2)
    size = effective_sample_size(w[None], chain_dim=0, sample_dim=1)
    assert size.min() > 150
    errors = (covariance.diagonal() / size).sqrt()
    assert ((w.mean(0) - mean).abs() < 6 * errors).all()
    relative = (2 / size).sqrt()
    assert ((w.var(0) / covariance.diagonal() - 1).abs() < 6 * relative).all()


def test_the_best_elbo_of_both_guides_is_the_evidence_less_the_gap(lab):
    from pyro.infer import Trace_ELBO

    mean, covariance = lab["exact_posterior"](*DATA.values())
    evidence = lab["log_evidence"](*DATA.values())
    scale, gap = lab["mean_field_optimum"](covariance)
    assert gap > 0.05
    pyro.param("loc", mean)
    pyro.param("scale_tril", torch.linalg.cholesky(covariance))
    elbo = Trace_ELBO()
    for _ in range(5):  # every draw
        found = -elbo.loss(lab["linear_model"], lab["full_guide"], *DATA.values())
        assert math.isclose(found, evidence, abs_tol=1e-9)
    pyro.param("scale", scale)
    draws = torch.tensor(
        [
            -elbo.loss(lab["linear_model"], lab["mean_field_guide"], *DATA.values())
            for _ in range(400)
        ]
    )
    error = draws.std() / len(draws) ** 0.5
    assert abs(draws.mean() - (evidence - gap)) < 6 * error


@pytest.mark.parametrize("kind", ["Trace_ELBO", "TraceMeanField_ELBO"])
def test_pyros_loss_of_the_vae_is_that_of_lab_3_with_the_same_noise(lab, kind):
    encoder, decoder = lab["Encoder"](5, 11).double(), lab["Decoder"](5, 11).double()
    x = torch.bernoulli(torch.full((7, 784), 0.3, dtype=torch.float64))
    torch.manual_seed(3)
    elbo = getattr(pyro.infer, kind)()
    found = elbo.loss(lab["vae_model"], lab["vae_guide"], x, encoder, decoder, 5) / len(x)
    torch.manual_seed(3)
    with torch.no_grad():
        mu, logvar = encoder(x)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        loss = vae_loss(decoder(z), x, mu, logvar)
        kl = loss.kl
        if kind == "Trace_ELBO":  # that of the draw
            kl = (_normal(z, mu, torch.exp(0.5 * logvar)) - _normal(z, 0.0, 1.0)).sum(1)
    assert math.isclose(found, (loss.nll + kl).mean(), rel_tol=1e-9)


def test_pyros_enumeration_of_the_label_is_the_table_by_hand(lab):
    import pyro.distributions as dist
    from pyro.infer import TraceEnum_ELBO, config_enumerate

    m2 = lab["M2"](latent_dim=3, hidden_dim=8, num_classes=4).double()
    x = torch.bernoulli(torch.full((5, 784), 0.3, dtype=torch.float64))

    def model(x):
        with pyro.plate("images", len(x)):
            y = pyro.sample("y", dist.OneHotCategorical(logits=torch.zeros(4).double()))
            z = pyro.sample("z", dist.Normal(torch.zeros(3).double(), 1.0).to_event(1))
            pyro.sample("x", m2.p_x(y.expand(*z.shape[:-1], -1), z), obs=x)

    @config_enumerate
    def guide(x):
        with pyro.plate("images", len(x)):
            y = pyro.sample("y", dist.OneHotCategorical(logits=m2.classifier(x)))
            shape = torch.broadcast_shapes(x.shape[:-1], y.shape[:-1])
            pyro.sample("z", m2.q_z(x.expand(*shape, -1), y.expand(*shape, -1)))

    torch.manual_seed(4)
    by_pyro = -TraceEnum_ELBO(max_plate_nesting=1).loss(model, guide, x)
    torch.manual_seed(4)
    with torch.no_grad():
        y = torch.eye(4).double()[:, None].expand(4, 5, 4)  # a row a label, as Pyro enumerates
        q = m2.q_z(x.expand(4, 5, 784), y)
        z = q.rsample()
        prior = dist.Normal(torch.zeros(3).double(), 1.0).to_event(1)
        terms = m2.p_x(y, z).log_prob(x), prior.log_prob(z), q.log_prob(z)
        bounds = lab["labelled_bound"](*terms, 4).T  # (5, 4)
        by_hand = lab["unlabelled_bound"](bounds, m2.classifier(x).log_softmax(1)).sum()
    assert math.isclose(by_pyro, by_hand, rel_tol=1e-9)


def test_a_flows_density_is_that_of_a_transformed_distribution(lab):
    from pyro.distributions import TransformedDistribution, transforms

    base = torch.distributions.Independent(
        torch.distributions.Normal(torch.zeros(3), torch.ones(3)), 1
    )
    maps = [transforms.affine_coupling(3), transforms.Permute(torch.tensor([2, 0, 1]))] * 2
    z = torch.randn(9, 3)
    with torch.no_grad():
        found = lab["flow_log_prob"](z, maps)
        assert torch.allclose(found, TransformedDistribution(base, maps).log_prob(z), atol=1e-5)
