"""The importance-weighted estimate, against models whose evidence is known exactly."""

import math
from types import SimpleNamespace

import pytest
import torch
from scipy import integrate

from vae_helpers import VAE, LinearGaussian, VaeLabError, likelihood, log_likelihood


def orthogonal_oracle():
    """A linear-Gaussian model with a diagonal posterior, its observations scaled into [0, 1]."""
    W, _ = torch.linalg.qr(torch.randn(7, 3, dtype=torch.float64))
    oracle = LinearGaussian(0.05 * W, torch.full((7,), 0.5, dtype=torch.float64), s=0.03)
    return oracle, oracle.sample(5).x.clamp(0, 1)


def model_with(encode, oracle):
    return SimpleNamespace(encode=encode, log_joint=oracle.log_joint)


@pytest.mark.parametrize("num_samples", [1, 2, 37])
def test_with_the_exact_posterior_every_draw_gives_the_evidence(num_samples):
    """Oracle: LinearGaussian; all weights equal p(x), so no draw may differ, to 1e-10."""
    oracle, x = orthogonal_oracle()

    def encode(x):
        posterior = oracle.posterior(x)
        return posterior.mean, posterior.variance.log()

    estimate = log_likelihood(model_with(encode, oracle), x, num_samples)
    torch.testing.assert_close(estimate, oracle.log_evidence(x), rtol=1e-10, atol=1e-10)


def wrong_posterior(oracle):
    def encode(x):
        posterior = oracle.posterior(x)
        sigma = posterior.variance.sqrt()
        return posterior.mean + 0.5 * sigma, 2 * (1.2 * sigma).log()

    return encode


def test_the_weights_are_unbiased_for_the_evidence():
    """Oracle: E[exp L_K] = p(x), LinearGaussian. 20000 draws of K = 2; false alarm 2e-9 (six
    sigma, by the sample's own standard deviation; weights are bounded as q is wider than p)."""
    oracle, x = orthogonal_oracle()
    x = x[:1].expand(20_000, -1)
    estimate = log_likelihood(model_with(wrong_posterior(oracle), oracle), x, 2)
    ratio = (estimate - oracle.log_evidence(x)).exp()
    assert abs(ratio.mean() - 1) < 6 * ratio.std() / math.sqrt(len(ratio))


def test_one_sample_is_the_elbo_on_average():
    """Oracle: LinearGaussian.elbo. 20000 draws, false alarm 2e-9 (six sigma)."""
    oracle, x = orthogonal_oracle()
    x = x[:1].expand(20_000, -1)
    encode = wrong_posterior(oracle)
    mean, logvar = encode(x[:1])
    q = torch.distributions.Independent(torch.distributions.Normal(mean, (0.5 * logvar).exp()), 1)
    estimate = log_likelihood(model_with(encode, oracle), x, 1)
    error = estimate - oracle.elbo(x[:1], q)
    assert abs(error.mean()) < 6 * error.std() / math.sqrt(len(error))


def test_a_bernoulli_decoder_by_quadrature():
    """Oracle: scipy's quadrature of p(x|z) p(z) over one latent dimension; 40000 samples, six
    sigma by the bound exp(L) <= 1 on the weights' spread: false alarm below 2e-9."""
    torch.manual_seed(0)  # for the weights of the model, not for the estimate
    model = VAE(latent_dim=1, hidden_dim=5, data_dim=3).double()
    x = torch.tensor([[1.0, 0.0, 1.0]], dtype=torch.float64)

    def joint(z):
        with torch.no_grad():
            return model.log_joint(x, torch.tensor([[z]], dtype=torch.float64)).exp().item()

    evidence, _ = integrate.quad(joint, -10, 10, limit=200)
    torch.seed()
    student = SimpleNamespace(encode=model.encode, decode=model.decode)  # no log_joint
    for one in (model, student):
        estimates = log_likelihood(one, x.expand(200, -1), 200).exp()
        assert abs(estimates.mean() - evidence) < 6 * estimates.std() / math.sqrt(200)


def test_memory_is_bounded_for_any_number_of_samples_and_images(monkeypatch):
    """Oracle: the largest number of pixels the decoder was ever asked for at once."""
    monkeypatch.setattr(likelihood, "PIXELS_AT_ONCE", 70)
    asked = []

    def decode(z):
        asked.append(len(z))
        return torch.zeros(len(z), 7)

    def encode(x):
        return torch.zeros(len(x), 2), torch.zeros(len(x), 2)

    model = SimpleNamespace(encode=encode, decode=decode)
    for images, samples in ((1, 101), (23, 3), (4, 9)):
        asked.clear()
        estimate = log_likelihood(model, torch.zeros(images, 7), samples)
        assert max(asked) <= 10
        assert sum(asked) == images * samples
        torch.testing.assert_close(estimate, torch.full((images,), -7 * math.log(2)))


def test_the_generator_decides_and_the_model_stays_as_it_was():
    model, x = VAE(latent_dim=2, hidden_dim=5, data_dim=7), torch.rand(3, 7).round()

    def estimate():
        return log_likelihood(model, x, 5, generator=torch.Generator().manual_seed(1))

    assert torch.equal(estimate(), estimate())
    assert not estimate().requires_grad
    assert model.training
    assert log_likelihood(model, x[:0], 5).shape == (0,)


def test_bad_input_gets_one_clear_line():
    model = VAE(latent_dim=2, hidden_dim=5, data_dim=7)
    for num_samples in (0, 1.5):
        with pytest.raises(VaeLabError, match="num_samples must be a whole number of at least 1"):
            log_likelihood(model, torch.zeros(3, 7), num_samples)
    with pytest.raises(VaeLabError, match=r"x: values must lie in \[0, 1\]"):
        log_likelihood(model, torch.full((3, 7), 3.0), 2)
