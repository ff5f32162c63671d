"""Where the nats go: against torch.distributions, arithmetic and finite differences."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from vae_helpers import (
    VAE,
    VaeLabError,
    active_units,
    evaluate,
    fit,
    free_bits,
    gaussian_kl,
    kl_by_dimension,
    kl_weight,
    rate_distortion,
)


def codes(images=6, dims=3):
    return (torch.randn(2, images, dims, dtype=torch.float64)).unbind()


def close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)


def test_each_dimensions_kl_is_torchs_and_they_add_up_to_the_rate():
    """Oracle: torch.distributions, for each image and dimension."""
    mu, logvar = codes()
    expected = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0))
    close(kl_by_dimension(mu, logvar), expected.mean(0))
    close(kl_by_dimension(mu, logvar).sum(), gaussian_kl(mu, logvar).mean())
    transposed = kl_by_dimension(mu.T, logvar.T)  # not contiguous
    close(transposed, expected.T.mean(0))
    inputs = [mu.requires_grad_(), logvar.requires_grad_()]
    assert torch.autograd.gradcheck(kl_by_dimension, inputs)


def test_evaluate_tells_the_rate_of_each_dimension_whatever_the_batch():
    """Oracle: kl_by_dimension of all codes at once."""
    model, images = VAE(latent_dim=3, hidden_dim=5, data_dim=7), torch.rand(23, 7)
    mu, logvar = model.encode(images)
    for batch_size in (1, 10, 100):
        found = evaluate(model, images, batch_size=batch_size, by_dimension=True)
        expected = kl_by_dimension(mu, logvar).detach().double()
        torch.testing.assert_close(found.kl_by_dimension, expected, rtol=1e-5, atol=1e-7)
        assert found.kl_by_dimension.sum().item() == pytest.approx(found.kl, rel=1e-5)
        assert found.loss == found.nll + found.kl
    weighted = evaluate(model, images, beta=0.5, by_dimension=True)
    assert weighted.loss == weighted.nll + 0.5 * weighted.kl


def test_rate_and_distortion_are_means_whose_sum_is_the_negative_elbo():
    nll, kl = torch.rand(2, 9, dtype=torch.float64).requires_grad_().unbind()
    rate, distortion = rate_distortion(nll, kl)
    close(rate + distortion, (nll + kl).mean())
    close(rate, kl.mean())
    assert torch.autograd.gradcheck(lambda a, b: sum(rate_distortion(a, b)), (nll, kl))


def test_units_are_active_by_the_variance_of_their_means_alone():
    """Oracle: torch.var; a dimension far from the prior that never moves is inactive."""
    spread = torch.tensor([0.0, 0.05, 0.2, 2.0], dtype=torch.float64)
    mu = torch.randn(4000, 4, dtype=torch.float64) * spread + torch.tensor([9.0, 0, 0, 0])
    assert active_units(mu).tolist() == [False, False, True, True]
    assert active_units(mu, threshold=1.0).tolist() == [False, False, False, True]
    assert active_units(mu, threshold=0).tolist() == [False, True, True, True]
    assert active_units(torch.tensor([[0.0], [0.2]])).item()  # 0.02 with B - 1, 0.01 with B


def test_the_warm_up_grows_evenly_to_one_and_stays():
    weights = [kl_weight(step, 10) for step in range(30)]
    assert weights == [min(1, step / 10) for step in range(30)]
    assert kl_weight(0, 0) == kl_weight(7, 0) == 1.0
    model = VAE(latent_dim=2, hidden_dim=5, data_dim=7)
    history = fit(model, torch.rand(20, 7), epochs=3, batch_size=5, progress=False,
                  beta=lambda step: kl_weight(step, 8))  # fmt: skip
    assert history.beta == [3 / 8, 7 / 8, 1.0]  # at each epoch's last step of four


def test_below_the_floor_a_dimension_costs_the_floor_and_has_no_gradient():
    kl = torch.tensor([[0.5, 2.0, 0.1], [0.1, 4.0, 0.1]], dtype=torch.float64).requires_grad_()
    loss = free_bits(kl, 1.0)
    close(loss, torch.tensor(1.0 + 3.0 + 1.0, dtype=torch.float64))
    (gradient,) = torch.autograd.grad(loss, kl)
    close(gradient, torch.tensor([[0.0, 0.5, 0.0]] * 2, dtype=torch.float64))
    close(free_bits(kl, 0), kl.mean(0).sum())
    close(free_bits(kl.mean(0), 1.0), loss)
    assert torch.autograd.gradcheck(lambda each: free_bits(each, 1.0), kl)
    # The floor is for the batch's mean: an image alone may be below it.
    close(free_bits(torch.tensor([[0.0], [3.0]]), 1.0), torch.tensor(1.5))


def test_training_with_free_bits_spends_what_is_free():
    """Oracle: a decoder that cannot use its code: without a floor the KL falls to 0; below a floor
    of 0.5 nats a dimension nothing pushes, and the codes stay as they are."""
    images, kls = torch.full((40, 7), 0.5), []
    for floor in (0.0, 0.5):
        torch.manual_seed(0)  # the same weights for both
        model = VAE(latent_dim=2, hidden_dim=5, data_dim=7)
        model.fc3.weight.data.zero_()
        model.fc3.weight.requires_grad_(False)
        model.fc21.bias.data += 0.6  # 0.18 nats or so a dimension
        history = fit(model, images, epochs=60, batch_size=20, learning_rate=0.02, progress=False,
                      free_bits=floor, device="cpu")  # fmt: skip
        kls.append(history.train_kl[-1])
    assert kls[0] < 0.01
    assert 0.1 < kls[1] < 1.0
    with pytest.raises(VaeLabError, match="fit: free_bits must be a finite number >= 0, got -1"):
        fit(model, images, epochs=1, free_bits=-1)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: kl_by_dimension(torch.zeros(3, 2), torch.zeros(3)), r"mu \(3, 2\) and logvar"),
        (lambda: kl_by_dimension(torch.zeros(0, 2), torch.zeros(0, 2)), "B and D at least 1"),
        (lambda: active_units(torch.zeros(1, 2)), r"at least two images.*got \(1, 2\)"),
        (lambda: active_units(torch.zeros(9)), r"mu must be \(B, D\).*got \(9,\)"),
        (lambda: active_units(torch.zeros(9, 2), -1), "threshold must be a finite number >= 0"),
        (lambda: rate_distortion(torch.zeros(3), torch.zeros(2)), r"nll \(3,\) and kl \(2,\)"),
        (lambda: rate_distortion(torch.zeros(0), torch.zeros(0)), "B at least 1"),
        (lambda: rate_distortion(85.0, 25.0), "nll: expected a torch.Tensor, got 85.0"),
        (lambda: kl_weight(-1, 10), "step must be a whole number of at least 0, got -1"),
        (lambda: kl_weight(3, 1.5), "warmup_steps must be a whole number of at least 0"),
        (lambda: free_bits(torch.zeros(2, 2), -0.1), "floor must be a finite number >= 0"),
        (lambda: free_bits(torch.zeros(0, 2), 1), r"kl must be \(B, D\), or \(D,\)"),
        (lambda: free_bits(torch.tensor(1.0), 1), r"or \(D,\) of means over a batch, got \(\)"),
    ],
)
def test_bad_input_gets_one_clear_line(call, said):
    with pytest.raises(VaeLabError, match=said) as told:
        call()
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("weight", [-0.5, math.nan, math.inf, "one"])
def test_a_schedule_that_gives_no_weight_is_told_its_step_before_any_training(weight):
    model, images = VAE(latent_dim=2, hidden_dim=5, data_dim=7), torch.rand(20, 7)
    before = [each.clone() for each in model.parameters()]
    with pytest.raises(VaeLabError, match=r"fit: beta\(6\) must be a finite number >= 0") as told:
        fit(model, images, epochs=2, batch_size=5, beta=lambda step: weight if step == 6 else 1.0)
    assert "\n" not in str(told.value)
    assert all(map(torch.equal, before, model.parameters()))
