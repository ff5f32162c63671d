"""The two terms of the loss, in value and in gradient, against torch.distributions."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from vae_helpers import VaeLabError, bernoulli_nll, gaussian_kl, vae_loss

sizes = st.integers(min_value=1, max_value=13)
seeds = st.integers(min_value=0, max_value=2**32 - 1)


def gradients(total, *inputs):
    return torch.autograd.grad(total.sum(), inputs)


@settings(deadline=None)  # the first call of a process is slow
@given(batch=sizes, latent=sizes, seed=seeds)
def test_gaussian_kl_is_torchs_kl_divergence_in_value_and_gradient(batch, latent, seed):
    """Oracle: torch.distributions.kl_divergence in float64. Deterministic for any seed."""
    generator = torch.Generator().manual_seed(seed)
    mu, logvar = torch.randn(2, batch, latent, generator=generator, dtype=torch.float64).unbind()
    mu.requires_grad_()
    logvar.requires_grad_()

    q = Independent(Normal(mu, torch.exp(0.5 * logvar)), 1)
    prior = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    expected, kl = kl_divergence(q, prior), gaussian_kl(mu, logvar)

    torch.testing.assert_close(kl, expected)
    torch.testing.assert_close(gradients(kl, mu, logvar), gradients(expected, mu, logvar))


@settings(deadline=None)  # the first call of a process is slow
@given(batch=sizes, pixels=sizes, seed=seeds, binary=st.booleans())
def test_bernoulli_nll_is_the_cross_entropy_in_value_and_gradient(batch, pixels, seed, binary):
    """Oracles: torch.distributions.Bernoulli (binary x) and the definition (grey x), float64."""
    generator = torch.Generator().manual_seed(seed)
    shape, float64 = (batch, pixels), torch.float64
    logits = torch.randn(shape, generator=generator, dtype=float64).mul_(5).requires_grad_()
    x = torch.rand(shape, generator=generator, dtype=float64)
    if binary:
        x = x.round()
        expected = -Independent(Bernoulli(logits=logits), 1).log_prob(x)
    else:
        p = torch.sigmoid(logits)
        expected = -(x * p.log() + (1 - x) * (1 - p).log()).sum(1)

    nll = bernoulli_nll(logits, x)

    torch.testing.assert_close(nll, expected)
    torch.testing.assert_close(gradients(nll, logits), gradients(expected, logits))
    torch.testing.assert_close(gradients(bernoulli_nll(logits, x), logits)[0], logits.sigmoid() - x)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bernoulli_nll_is_exact_for_logits_of_any_size(dtype):
    """Oracle: -log s(l) = l for l -> -inf, 0 for l -> inf; the gradient is s(l) - x."""
    logits = torch.tensor([[-1000.0, 1000.0], [1000.0, -1000.0]], dtype=dtype, requires_grad=True)
    x = torch.tensor([[1.0, 0.0], [1.0, 0.0]], dtype=dtype)

    nll = bernoulli_nll(logits, x)

    assert nll.tolist() == [2000.0, 0.0]
    assert gradients(nll, logits)[0].tolist() == [[-1.0, 1.0], [0.0, 0.0]]


@settings(deadline=None)  # the first call of a process is slow
@given(batch=sizes, latent=sizes, pixels=sizes, beta=st.floats(0, 10), seed=seeds)
def test_vae_loss_is_the_batch_mean_of_nll_plus_beta_kl(batch, latent, pixels, beta, seed):
    """Oracle: the two terms, added by hand."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(batch, pixels, generator=generator)
    x = torch.rand(batch, pixels, generator=generator)
    mu, logvar = torch.randn(2, batch, latent, generator=generator).unbind()

    loss, nll, kl = vae_loss(logits, x, mu, logvar, beta)

    assert loss.shape == ()
    assert nll.shape == kl.shape == (batch,)
    expected = sum(a + beta * b for a, b in zip(nll.tolist(), kl.tolist(), strict=True)) / batch
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_the_kl_near_the_prior_keeps_its_digits_in_float32():
    """Oracle: the Taylor series of exp; kl = logvar^2 / 4 + O(logvar^3)."""
    logvar = torch.full((1, 1), 1e-4)
    assert gaussian_kl(torch.zeros(1, 1), logvar).item() == pytest.approx(2.5e-9, rel=1e-3)


def test_images_need_not_be_flat():
    logits, x = torch.zeros(3, 1, 4, 4), torch.ones(3, 1, 4, 4)
    torch.testing.assert_close(
        bernoulli_nll(logits, x), bernoulli_nll(logits.flatten(1), x.flatten(1))
    )


def test_gradients_per_image_can_be_taken_by_vmap():
    """Oracle: the gradient of the sum, row by row; pixels cannot be read inside vmap."""
    logits, x = torch.randn(3, 5), torch.rand(3, 5)

    def of_one(logit, pixels):
        return bernoulli_nll(logit[None], pixels[None])[0]

    each = torch.vmap(torch.func.grad(of_one))(logits, x)
    torch.testing.assert_close(each, logits.sigmoid() - x)


good = {
    "logits": torch.zeros(3, 7),
    "x": torch.zeros(3, 7),
    "mu": torch.zeros(3, 5),
    "logvar": torch.zeros(3, 5),
}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"x": torch.full((3, 7), 2.0)}, r"images: values must lie in \[0, 1\], found 2 to 2"),
        ({"x": torch.full((3, 7), -0.1)}, r"found -0\.1 to -0\.1"),
        ({"x": torch.full((3, 7), torch.nan)}, r"found nan to nan"),
        ({"x": torch.full((3, 7), 255.0)}, r"divide by 255"),
        ({"x": torch.full((3, 7), -1.0)}, r"found -1 to -1; of pixels in \[-1, 1\] take"),
        ({"x": torch.zeros(3, 7, dtype=torch.uint8)}, r"torch\.uint8; use images\.float\(\) / 255"),
        ({"x": [[0.0]]}, r"expected a torch\.Tensor, got a list of 1"),
        ({"x": torch.zeros(7)}, r"expected shape \(B, P\)"),
        ({"x": torch.zeros(3, 6)}, r"logits \(3, 7\) and images \(3, 6\) must have the same shape"),
        ({"x": torch.zeros(1, 7)}, r"logits \(3, 7\) and images \(1, 7\)"),
        ({"mu": torch.zeros(3, 4)}, r"mu \(3, 4\) and logvar \(3, 5\) must have the same shape"),
        ({"mu": torch.zeros(5), "logvar": torch.zeros(5)}, r"the same shape \(B, D\)"),
        ({"mu": torch.zeros(1, 5), "logvar": torch.zeros(1, 5)}, r"3 images .* but 1 codes"),
        ({"beta": float("nan")}, r"beta must be a finite number >= 0, got nan"),
        ({"beta": -1.0}, r"got -1\.0"),
        (
            {"logits": torch.zeros(0, 7), "x": torch.zeros(0, 7)}
            | {"mu": torch.zeros(0, 5), "logvar": torch.zeros(0, 5)},
            r"the batch is empty",
        ),
    ],
)
def test_bad_input_gets_one_clear_line(bad, message):
    with pytest.raises(VaeLabError, match=message) as caught:
        vae_loss(**good | bad)
    assert "\n" not in str(caught.value)
