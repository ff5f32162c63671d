"""Discrete codes: by enumeration, by frequencies, by the gradients on each side of a stop."""

import math

import pytest
import torch
from zoo_samples import networks, pixels, seeded

from vae_helpers import VaeLabError
from vae_zoo.discrete.categorical import (
    CategoricalVAE,
    JointVAE,
    categorical_kl,
    gumbel_softmax,
)
from vae_zoo.discrete.finite_scalar import FiniteScalar, round_to_levels
from vae_zoo.discrete.quantized import perplexity, straight_through
from vae_zoo.discrete.vector_quantized import VQVAE, nearest, quantization_losses

float64 = torch.float64


def test_the_categorical_kl_is_the_sum_over_all_values():
    logits = torch.randn(5, 3, 4, generator=seeded(), dtype=float64)
    q = logits.softmax(-1)
    expected = (q * (q.log() - math.log(1 / 4))).sum((1, 2))
    torch.testing.assert_close(categorical_kl(logits), expected)


@pytest.mark.parametrize("temperature", [0.1, 1.0, 5.0])
def test_the_arg_max_has_the_categoricals_frequencies_at_every_temperature(temperature):
    """20,000 draws: each frequency within five standard errors; relaxed and hard ones."""
    logits = torch.tensor([2.0, 0.0, -1.0, 0.5], dtype=float64)
    p = logits.softmax(0)
    rows = logits.expand(20_000, 4)
    for hard in (False, True):
        z = gumbel_softmax(rows, temperature, hard=hard, generator=seeded(int(hard)))
        found = torch.bincount(z.argmax(1), minlength=4) / 20_000
        assert ((found - p).abs() < 5 * (p * (1 - p) / 20_000).sqrt()).all()
        torch.testing.assert_close(z.sum(1), torch.ones(20_000, dtype=float64))


def test_in_eval_mode_the_loss_is_a_draw_of_the_true_negative_elbo():
    """Oracle: the sum over all 3^2 codes of two; 4,000 draws, within five standard errors."""
    torch.manual_seed(0)
    model = CategoricalVAE(networks(), num_codes=2, num_values=3).double().eval()
    x = pixels(1).double()
    q = model.encode(x)[0].softmax(-1)
    expected = categorical_kl(model.encode(x))[0]
    for one in range(3):
        for other in range(3):
            z = torch.nn.functional.one_hot(torch.tensor([[one, other]]), 3).double()
            nll = model.likelihood.nll(model.decode(z), x)[0]
            expected = expected + q[0, one] * q[1, other] * nll
    with torch.no_grad():
        found = model.loss(x.expand(4000, -1), generator=seeded()).loss
    assert abs(found.mean() - expected) < 5 * found.std() / 4000**0.5


def test_the_relaxed_code_teaches_the_encoder_and_the_hard_one_does_not():
    model = CategoricalVAE(networks(), num_codes=2, num_values=3)
    for training in (True, False):
        model.train(training)
        nll = model.loss(pixels()).terms["nll"].sum()
        found = torch.autograd.grad(nll, list(model.encoder.parameters()), allow_unused=True)
        assert all((each is not None) == training for each in found)


def test_the_categorical_capacity_ends_at_log_k():
    model = JointVAE(networks(), 2, num_values=5, gamma=3.0, most=7.0, steps=2)
    for _ in range(4):
        model.after_step()
    assert [model.capacity.nats(), model.capacity_categorical.nats()] == [7.0, math.log(5)]
    loss, terms = model.loss(pixels())
    away = (terms["kl"].mean() - 7).abs() + (terms["kl_categorical"].mean() - math.log(5)).abs()
    torch.testing.assert_close(loss, terms["nll"] + 3 * away)


def test_nearest_is_that_of_a_loop_for_any_leading_shape():
    codebook = torch.randn(7, 3, generator=seeded(), dtype=float64)
    z = torch.randn(2, 5, 3, generator=seeded(1), dtype=float64)
    found = nearest(z, codebook)
    assert found.shape == (2, 5)
    for place in range(2):
        for other in range(5):
            squares = [(z[place, other] - row).square().sum().item() for row in codebook]
            assert found[place, other] == squares.index(min(squares))
    assert nearest(z[0, 0], codebook).shape == ()


def test_straight_through_has_the_value_of_one_and_the_gradient_of_the_other():
    z = torch.tensor([0.3, -0.7], requires_grad=True)
    e = torch.tensor([1.0, 2.0], requires_grad=True)
    made = straight_through(e, z)
    torch.testing.assert_close(made, e)
    found = torch.autograd.grad((made * torch.tensor([3.0, 5.0])).sum(), [z, e], allow_unused=True)
    torch.testing.assert_close(found[0], torch.tensor([3.0, 5.0]))
    assert found[1] is None


def test_each_of_the_two_losses_moves_one_side_alone():
    z = torch.randn(2, 4, 3, generator=seeded()).requires_grad_()
    e = torch.randn(2, 4, 3, generator=seeded(1)).requires_grad_()
    codebook, commitment = quantization_losses(z, e)
    torch.testing.assert_close(codebook, commitment)
    of_codes = torch.autograd.grad(codebook.sum(), [z, e], allow_unused=True)
    of_outputs = torch.autograd.grad(commitment.sum(), [z, e], allow_unused=True)
    assert of_codes[0] is None
    torch.testing.assert_close(of_codes[1], 2 * (e - z))
    assert of_outputs[1] is None
    torch.testing.assert_close(of_outputs[0], 2 * (z - e))


def test_the_commitment_weight_is_on_the_encoders_side():
    torch.manual_seed(0)
    found = []
    for commitment in (0.0, 1.0):
        model = VQVAE(networks(), num_codes=5, channels=3, commitment=commitment)
        model.load_state_dict(found[0][1]) if found else None
        loss = model.loss(pixels()).loss.sum()
        gradients = torch.autograd.grad(loss, [model.codebook, *model.encoder.parameters()])
        found.append((gradients, model.state_dict()))
    torch.testing.assert_close(found[0][0][0], found[1][0][0])
    assert not torch.allclose(found[0][0][1], found[1][0][1])


def test_the_fixed_point_of_moving_averages_is_the_mean_of_each_cluster():
    torch.manual_seed(0)
    model = VQVAE(networks(), num_codes=2, channels=1, average=True).double()
    outputs = torch.tensor([[[-1.2], [-0.8], [3.0], [5.0]]], dtype=float64)
    model.encoder = torch.nn.Sequential()
    model.encode = lambda x: outputs.expand(len(x), -1, -1)
    model.codebook.data.copy_(torch.tensor([[-1.0], [1.0]]))
    model.sums.copy_(model.codebook)
    for _ in range(3000):
        model.loss(pixels(3).double())
    torch.testing.assert_close(
        model.codebook.data, torch.tensor([[-1.0], [4.0]], dtype=float64), rtol=0, atol=1e-3
    )
    assert not model.codebook.requires_grad


def test_perplexity_counts_the_codes_in_use():
    assert perplexity(torch.arange(8), 8).item() == pytest.approx(8)
    assert perplexity(torch.zeros(8, dtype=torch.long), 8).item() == pytest.approx(1)


def test_levels_are_exact_and_evenly_spaced():
    levels = torch.tensor([2, 3, 4, 5])
    z = torch.linspace(-4, 4, 4001, dtype=float64)[:, None].expand(-1, 4)
    made = round_to_levels(z, levels)
    for c, count in enumerate(levels.tolist()):
        expected = torch.linspace(-1, 1, count, dtype=float64)
        torch.testing.assert_close(made[:, c].unique(), expected)


def test_rounding_passes_the_gradient_of_the_tanh():
    z = torch.randn(6, 2, generator=seeded(), dtype=float64).requires_grad_()
    (found,) = torch.autograd.grad(round_to_levels(z, torch.tensor([3, 4])).sum(), z)
    torch.testing.assert_close(found, 1 - z.tanh().square())


def test_every_code_of_finite_scalars_has_its_number():
    model = FiniteScalar(networks(), levels=(3, 4, 2))
    numbers = torch.arange(24)
    codes = model.code(numbers)
    assert len({tuple(row) for row in codes.tolist()}) == 24
    outside = torch.atanh(codes * 0.98)  # where the tanh brings it near that level
    torch.testing.assert_close(model.index(outside), numbers)


def test_codes_that_are_counted_are_sampled_as_often_and_their_bits_add_up():
    torch.manual_seed(0)
    model = VQVAE(networks(), num_codes=3, channels=2)
    codes = torch.tensor([[0, 1, 2, 2]]).expand(50, -1)
    for _ in range(2000):
        model.count(codes)
    assert (model.bits(codes) < 0.01).all()
    seen = []
    model.code = lambda indices: seen.append(indices) or torch.zeros(*indices.shape, 2)
    model.sample(20, generator=seeded())
    assert (seen[0] == codes[0]).float().mean() > 0.99
    fresh = VQVAE(networks(), num_codes=8, channels=2)
    torch.testing.assert_close(
        fresh.bits(torch.zeros(1, 4, dtype=torch.long)), torch.tensor([12.0])
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: VQVAE(networks(), num_codes=0), "VQVAE: num_codes must be a whole number"),
        (lambda: FiniteScalar(networks(), levels=()), "levels are missing"),
        (lambda: FiniteScalar(networks(), levels=(1,)), "at least 2, got 1"),
        (lambda: CategoricalVAE(networks(), num_values=1), "num_values"),
        (lambda: nearest(torch.zeros(2, 3), torch.zeros(4, 2)), r"\(\.\.\., C\) and \(K, C\)"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(call, said):
    with pytest.raises(VaeLabError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)
