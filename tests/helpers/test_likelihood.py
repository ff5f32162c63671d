"""The importance-weighted estimate, against models whose evidence is known exactly."""

import math
from types import SimpleNamespace

import pytest
import torch
from scipy import integrate

from vae_helpers import (
    VAE,
    LinearGaussian,
    VaeLabError,
    bernoulli_nll,
    effective_sample_size,
    iw_bound,
    likelihood,
    likelihood_estimate,
    log_likelihood,
    log_weights,
    standard_error,
)
from vae_helpers.model import standard_normal_log_prob


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

    model = model_with(encode, oracle)
    estimate = log_likelihood(model, x, num_samples)
    torch.testing.assert_close(estimate, oracle.log_evidence(x), rtol=1e-10, atol=1e-10)
    weights = log_weights(model, x, num_samples)
    expected = oracle.log_evidence(x).expand(num_samples, -1)
    torch.testing.assert_close(weights, expected, rtol=1e-10, atol=1e-10)
    found = likelihood_estimate(model, x, num_samples)
    every = torch.full((5,), float(num_samples), dtype=torch.float64)
    torch.testing.assert_close(found.effective_sample_size, every, rtol=1e-9, atol=0)
    assert (found.standard_error < 1e-6).all() or num_samples == 1


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


def small_case(*, grey=False, scale=1.0):
    """A model of 7 pixels whose weights are `scale` times as large, and images."""
    model = VAE(latent_dim=2, hidden_dim=5, data_dim=7).double()
    model.fc4.weight.data *= scale
    x = torch.rand(4, 7, dtype=torch.float64)
    return model, x if grey else x.round()


def by_a_loop(model, x, num_samples, generator):
    """(K, B) log weights as most people write them: a sample of all images at a time."""
    mu, logvar = model.encode(x)
    rows = []
    for _ in range(num_samples):
        eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
        z = mu + (0.5 * logvar).exp() * eps
        log_q = torch.distributions.Normal(mu, (0.5 * logvar).exp()).log_prob(z).sum(1)
        rows.append(-bernoulli_nll(model.decode(z), x) + standard_normal_log_prob(z) - log_q)
    return torch.stack(rows).detach()


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("scale", [1.0, 3000.0])
@pytest.mark.parametrize("pixels", [1, 70, 2**18])
def test_weights_are_those_of_a_loop_whatever_is_decoded_at_once(monkeypatch, grey, scale, pixels):
    """Oracle: a loop over K with torch.distributions and the same noise, to 1e-10; logits of
    thousands, where exp overflows, too."""
    monkeypatch.setattr(likelihood, "PIXELS_AT_ONCE", pixels)
    model, x = small_case(grey=grey, scale=scale)
    noise = [torch.Generator().manual_seed(7) for _ in range(4)]
    expected = by_a_loop(model, x, 9, noise[0])
    found = log_weights(model, x, 9, generator=noise[1])
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)
    bound = log_likelihood(model, x, 9, generator=noise[2])
    torch.testing.assert_close(bound, iw_bound(expected), rtol=1e-10, atol=1e-10)
    estimate = likelihood_estimate(model, x, 9, generator=noise[3])
    expected_parts = (bound, standard_error(found), effective_sample_size(found), found.mean(0))
    for part, from_weights in zip(estimate, expected_parts, strict=True):
        torch.testing.assert_close(part, from_weights, rtol=1e-9, atol=1e-9)


def test_float32_agrees_with_float64_to_the_rounding_of_its_logits():
    """Oracle: the same weights in float64, of a model as large as those of the labs, near 543 nats,
    where a float32 is good to 3e-5. Errors of one image had an sd of 4e-5 (12 models): the bounds
    are 12 of them for the largest of 100, and 7 for the mean."""
    model, x = VAE(latent_dim=20), torch.rand(100, 784).round()
    noise = [torch.Generator().manual_seed(3) for _ in range(2)]
    narrow = likelihood_estimate(model, x, 4, generator=noise[0])
    eps_of = likelihood.standard_normal_like

    def in_float32(like, *, generator):  # a float64 draw is another one
        return eps_of(like.float(), generator=generator).double()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likelihood, "standard_normal_like", in_float32)
        wide = likelihood_estimate(model.double(), x.double(), 4, generator=noise[1])
    assert (narrow.log_likelihood - wide.log_likelihood).abs().max() < 5e-4
    assert (narrow.log_likelihood - wide.log_likelihood).mean().abs() < 3e-5


def test_a_model_with_a_log_joint_of_its_own_is_asked_for_it():
    class Shifted(VAE):
        def log_joint(self, x, z):
            return super().log_joint(x, z) - 3

    plain, x = small_case()
    shifted = Shifted(latent_dim=2, hidden_dim=5, data_dim=7).double()
    shifted.load_state_dict(plain.state_dict())
    ours, theirs = (
        log_likelihood(model, x, 3, generator=torch.Generator().manual_seed(1))
        for model in (plain, shifted)
    )
    torch.testing.assert_close(ours - theirs, torch.full_like(ours, 3.0))


def test_both_errors_of_the_mean_are_told_apart():
    """Oracle: sd over images / sqrt n, and the errors of the images added in quadrature / n."""
    estimate = likelihood_estimate(*small_case(), 50)
    mean = estimate.mean()
    values, errors = estimate.log_likelihood, estimate.standard_error
    assert mean.log_likelihood == pytest.approx(values.mean().item())
    assert mean.error_over_images == pytest.approx(values.std().item() / 2)
    assert mean.error_over_samples == pytest.approx(errors.norm().item() / 4)
    one = likelihood_estimate(small_case()[0], small_case()[1][:1], 1).mean()
    assert math.isnan(one.error_over_images)
    assert math.isnan(one.error_over_samples)


def test_the_standard_error_is_the_spread_of_repeated_estimates():
    """Oracle: the sd of 4000 estimates of K = 200 by a wrong q of LinearGaussian, against the mean
    of their own errors. Six standard errors of an sd (6 / sqrt 8000 = 7 %) and 3 % for the
    delta method's curvature: false alarm below 2e-9."""
    oracle, x = orthogonal_oracle()
    x = x[:1].expand(4000, -1)
    found = likelihood_estimate(model_with(wrong_posterior(oracle), oracle), x, 200)
    ratio = found.log_likelihood.std() / found.standard_error.mean()
    assert abs(ratio - 1) < 0.1


def test_the_generator_decides_and_the_model_stays_as_it_was():
    model, x = VAE(latent_dim=2, hidden_dim=5, data_dim=7), torch.rand(3, 7).round()

    def estimate():
        return log_likelihood(model, x, 5, generator=torch.Generator().manual_seed(1))

    assert torch.equal(estimate(), estimate())
    assert not estimate().requires_grad
    assert model.training


def test_bad_input_gets_one_clear_line():
    model = VAE(latent_dim=2, hidden_dim=5, data_dim=7)
    for num_samples in (0, 1.5):
        with pytest.raises(VaeLabError, match="num_samples must be a whole number of at least 1"):
            log_likelihood(model, torch.zeros(3, 7), num_samples)
    with pytest.raises(VaeLabError, match=r"x: values must lie in \[0, 1\]"):
        log_likelihood(model, torch.full((3, 7), 3.0), 2)
    for function in (log_likelihood, log_weights, likelihood_estimate):
        with pytest.raises(VaeLabError, match=r"x: there are none, the shape is \(0, 7\)"):
            function(model, torch.zeros(0, 7), 2)
        with pytest.raises(VaeLabError, match=rf"{function.__name__}: num_samples must be"):
            function(model, torch.zeros(3, 7), 0)
        with pytest.raises(VaeLabError, match=rf"{function.__name__}: a model with encode"):
            function(lambda x: x, torch.zeros(3, 7), 2)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"encode": lambda x: (x[:, 0], x[:, 0])}, r"one shape \(3, D\), got \(3,\) and \(3,\)"),
        ({"decode": lambda z: torch.zeros(len(z), 6)}, r"logits \(6, 6\) and images \(6, 7\)"),
        ({"log_joint": lambda x, z: x}, r"as many values, \(B,\), got \(6, 7\)"),
        ({"log_joint": lambda x, z: z[:, 0] / 0 * 0}, "a log weight of image 0 is nan"),
        (
            {"log_joint": lambda x, z: torch.where(x[:, 0] > 0, -math.inf, 0.0)},
            "a log weight of image 1 is -inf: p.x, z. is 0 there",
        ),
    ],
)
def test_what_is_wrong_with_a_model_is_said_in_a_line(parts, said):
    model = VAE(latent_dim=2, hidden_dim=5, data_dim=7)
    odd = SimpleNamespace(**({"encode": model.encode, "decode": model.decode} | parts))
    x = torch.zeros(3, 7)
    x[1, 0] = 1
    for function in (log_likelihood, log_weights, likelihood_estimate):
        with pytest.raises(VaeLabError, match=said) as told:
            function(odd, x, 2)
        assert "\n" not in str(told.value)
