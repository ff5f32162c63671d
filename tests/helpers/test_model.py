"""The reference model: its layers, its sampling identities and what it says to bad input."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Bernoulli, Independent, Normal

from vae_helpers import VAE, VaeLabError, fit

sizes = st.integers(min_value=1, max_value=11)


def small_vae(dtype=torch.float64):
    return VAE(latent_dim=5, hidden_dim=11, data_dim=7).to(dtype)


def test_weights_of_the_classic_example_load():
    """Oracle: the names and shapes in the PyTorch VAE example."""
    published = {
        "fc1.weight": (400, 784), "fc1.bias": (400,),
        "fc21.weight": (20, 400), "fc21.bias": (20,),
        "fc22.weight": (20, 400), "fc22.bias": (20,),
        "fc3.weight": (400, 20), "fc3.bias": (400,),
        "fc4.weight": (784, 400), "fc4.bias": (784,),
    }  # fmt: skip
    VAE().load_state_dict({name: torch.zeros(shape) for name, shape in published.items()})


@settings(deadline=None)
@given(
    batch=st.integers(min_value=0, max_value=11),
    latent=sizes,
    hidden=sizes,
    data=sizes,
    dtype=st.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
)
def test_shapes_and_dtypes_for_any_sizes(batch, latent, hidden, data, dtype):
    model = VAE(latent, hidden, data).to(dtype)
    logits, mu, logvar = model(torch.rand(batch, data, dtype=dtype))
    assert logits.shape == (batch, data)
    assert mu.shape == logvar.shape == (batch, latent)
    assert logits.dtype == mu.dtype == logvar.dtype == dtype
    assert (
        model.sample(batch).shape == model.reconstruct(torch.zeros(batch, data, dtype=dtype)).shape
    )


def test_forward_is_the_classic_network():
    """Oracle: the same network written out with matrices; z is read back from the noise."""
    model, x = small_vae(), torch.rand(3, 7, dtype=torch.float64)
    p = dict(model.named_parameters())
    h = (x @ p["fc1.weight"].T + p["fc1.bias"]).clamp(min=0)
    mu = h @ p["fc21.weight"].T + p["fc21.bias"]
    logvar = h @ p["fc22.weight"].T + p["fc22.bias"]
    torch.manual_seed(1)
    z = mu + (logvar / 2).exp() * torch.randn(3, 5, dtype=torch.float64)
    h = (z @ p["fc3.weight"].T + p["fc3.bias"]).clamp(min=0)
    logits = h @ p["fc4.weight"].T + p["fc4.bias"]

    torch.manual_seed(1)
    output = model.eval()(x)  # z is drawn in eval mode, too

    torch.testing.assert_close(tuple(output), (logits, mu, logvar))
    torch.testing.assert_close(model.reconstruct(x), torch.sigmoid(model.decode(mu)))
    assert not model.reconstruct(x).requires_grad


def test_reparameterize_is_pathwise():
    """Oracles: dz/dmu = 1 and dz/dlogvar = (z - mu) / 2, exact whatever the noise was."""
    mu = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    logvar = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    z = small_vae().reparameterize(mu, logvar)
    dmu, dlogvar = torch.autograd.grad(z.sum(), (mu, logvar))
    torch.testing.assert_close(dmu, torch.ones_like(mu))
    torch.testing.assert_close(dlogvar, (z - mu).detach() / 2)


def test_noise_is_standard_normal_and_follows_the_generator():
    """Oracle: moments of N(0, 1). False alarm: 2e-9 each for mean and variance (six sigma)."""
    model, n = small_vae(), 200_000
    mu, logvar = torch.full((n, 1), 3.0), torch.full((n, 1), -1.0)
    eps = (model.reparameterize(mu, logvar) - mu) / math.exp(-0.5)
    assert abs(eps.mean()) < 6 / math.sqrt(n)
    assert abs(eps.var() - 1) < 6 * math.sqrt(2 / n)

    def draw():
        return model.reparameterize(mu, logvar, generator=torch.Generator().manual_seed(7))

    assert torch.equal(draw(), draw())
    assert not torch.equal(draw(), model.reparameterize(mu, logvar))


def test_samples_are_decoded_from_the_prior():
    """Oracle: the decoder applied to the generator's normals. No gradient is kept."""
    model = small_vae()
    samples = model.sample(4, generator=torch.Generator().manual_seed(3))
    z = torch.randn(4, 5, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    torch.testing.assert_close(samples, torch.sigmoid(model.decode(z)).detach())
    assert not samples.requires_grad


def test_log_joint_is_likelihood_times_prior():
    """Oracle: torch.distributions."""
    model, z = small_vae(), torch.randn(3, 5, dtype=torch.float64)
    x = torch.rand(3, 7, dtype=torch.float64).round()
    likelihood = Independent(Bernoulli(logits=model.decode(z)), 1).log_prob(x)
    prior = Independent(Normal(torch.zeros_like(z), torch.ones_like(z)), 1).log_prob(z)
    torch.testing.assert_close(model.log_joint(x, z), likelihood + prior)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(3, 6), r"images: expected shape \(B, 7\), got \(3, 6\)$"),
        (torch.zeros(3, 1, 7), r"got \(3, 1, 7\); flatten them: images\.flatten\(1\)"),
        (torch.zeros(7), r"expected shape \(B, 7\), got \(7,\)"),
        (torch.full((3, 7), 1.5), r"values must lie in \[0, 1\], found 1\.5 to 1\.5"),
        (torch.zeros(3, 7, dtype=torch.uint8), r"got torch\.uint8"),
        (
            torch.zeros(3, 7, dtype=torch.float64),
            r"torch\.float64 given to a model of torch\.float32",
        ),
    ],
)
def test_bad_images_get_one_clear_line(x, message):
    with pytest.raises(VaeLabError, match=message):
        small_vae(torch.float32)(x)


def test_bad_codes_and_sizes_get_one_clear_line():
    with pytest.raises(VaeLabError, match=r"z: expected shape \(B, 5\), got \(3, 4\)"):
        small_vae().decode(torch.zeros(3, 4))
    with pytest.raises(VaeLabError, match=r"z: torch\.float32 given to a model of torch\.float64"):
        small_vae().decode(torch.zeros(3, 5))
    for latent_dim in (0, 2.0):
        with pytest.raises(VaeLabError, match="latent_dim must be a whole number"):
            VAE(latent_dim=latent_dim)


def test_mixed_precision_works():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits, _, _ = small_vae(torch.float32)(torch.rand(3, 7))
    assert logits.dtype == torch.bfloat16


def test_the_values_of_a_set_of_images_are_read_once(monkeypatch):
    """Reading the 188 MB of MNIST takes a two-hundredth of an epoch; batches are read besides."""
    read, aminmax = [], torch.aminmax
    monkeypatch.setattr(torch, "aminmax", lambda x: read.append(len(x)) or aminmax(x))
    fit(small_vae(torch.float32), torch.rand(23, 7), epochs=2, batch_size=5, progress=False)
    assert read.count(23) == 1
