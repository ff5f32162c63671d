"""What is not a loss: samples of the classes asked for, codes without noise where they are wanted,
averages that move in training alone, states that are whole."""

import math

import pytest
import torch
import torch.nn.functional as F
from test_hierarchies import A, chain, of_the_image, top_posterior
from torch.distributions import Gamma as GammaDistribution
from zoo_samples import networks, pixels, seeded

from vae_zoo.discrete.categorical import JointVAE
from vae_zoo.discrete.finite_scalar import FiniteScalar
from vae_zoo.discrete.vector_quantized import VQVAE
from vae_zoo.hierarchies.two_level import Hierarchical
from vae_zoo.labels.conditional import ConditionalVAE
from vae_zoo.labels.semi_supervised import UNLABELLED, SemiSupervised
from vae_zoo.likelihoods.densities import DiscretizedLogistic, Gaussian
from vae_zoo.posteriors.gamma import GammaVAE
from vae_zoo.regularizers.capacity import CapacityVAE
from vae_zoo.two_stage.latent_diffusion import LatentDiffusion
from vae_zoo.two_stage.two_stage import TwoStageVAE
from vae_zoo.vae import GaussianVAE

float64 = torch.float64


def test_samples_are_of_the_classes_that_were_asked_for():
    torch.manual_seed(0)
    model = ConditionalVAE(networks(), 2, num_classes=3)
    in_turn = model.sample(6, torch.tensor([0, 1, 2, 0, 1, 2]), generator=seeded())
    torch.testing.assert_close(model.sample(6, generator=seeded()), in_turn)
    assert not torch.allclose(model.sample(6, torch.zeros(6).long(), generator=seeded()), in_turn)


def test_latent_has_noise_and_reconstruct_has_none():
    model, labels = ConditionalVAE(networks(), 2), torch.arange(16) % 10
    one, other = (model.latent(pixels(), labels, generator=seeded(s)) for s in (1, 2))
    assert not torch.allclose(one, other)
    torch.testing.assert_close(
        model.reconstruct(pixels(), labels), model.reconstruct(pixels(), labels)
    )


def test_a_label_that_is_given_is_used_and_one_that_is_not_is_the_likeliest():
    torch.manual_seed(0)
    model = SemiSupervised(networks(), 2, num_classes=3)
    x = pixels(4)
    likeliest = model.classifier(x).argmax(1)
    conditional = ConditionalVAE.reconstruct
    torch.testing.assert_close(model.reconstruct(x), conditional(model, x, likeliest))
    given = (likeliest + 1) % 3
    torch.testing.assert_close(model.reconstruct(x, given), conditional(model, x, given))
    mixed = torch.tensor([UNLABELLED, given[1], UNLABELLED, given[3]])
    expected = torch.where(mixed == UNLABELLED, likeliest, mixed)
    torch.testing.assert_close(model.reconstruct(x, mixed), conditional(model, x, expected))


def test_the_classifier_learns_from_images_without_labels():
    """Oracle: the gradient of the sum over labels, written down."""
    torch.manual_seed(0)
    model = SemiSupervised(networks(), 2, num_classes=3).double()
    x, weights = pixels(4).double(), list(model.classifier.parameters())
    found = torch.autograd.grad(model.loss(x, generator=seeded()).loss.sum(), weights)
    generator, q = seeded(), model.classifier(x).softmax(1)
    total = (q * q.log()).sum()
    for label in range(3):
        labels = torch.full((4,), label)
        bound = ConditionalVAE.loss(model, x, labels, generator=generator).loss + math.log(3)
        total = total + (q[:, label] * bound).sum()
    torch.testing.assert_close(found, torch.autograd.grad(total, weights))


def test_the_categorical_code_of_a_joint_model_is_hard_in_eval_mode_alone():
    model = JointVAE(networks(), 2, num_values=4)
    relaxed = model.latent(pixels(), generator=seeded())[:, 2:]
    hard = model.eval().latent(pixels(), generator=seeded())[:, 2:]
    assert ((relaxed > 0) & (relaxed < 1)).all()
    assert set(hard.unique().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("average", [False, True])
def test_counts_and_averages_move_in_training_alone(average):
    torch.manual_seed(0)
    model = VQVAE(networks(), num_codes=5, channels=3, average=average)
    names = ["counts", *(["sizes", "sums", "codebook"] if average else [])]
    for training in (False, True):
        before = {name: value.clone() for name, value in model.state_dict().items()}
        model.train(training).loss(pixels())
        after = model.state_dict()
        assert all(torch.equal(before[name], after[name]) != training for name in names)


def test_a_code_that_nobody_chooses_stays_where_it_is():
    torch.manual_seed(0)
    model = VQVAE(networks(), num_codes=3, channels=3, average=True)
    model.encode = lambda x: model.codebook[:1].expand(len(x), 4, 3).detach().clone()
    before = model.codebook[1:].clone()
    for _ in range(3000):
        model.loss(pixels(2))
    assert (model.codebook[1:] - before).abs().max() < 1e-3


def test_the_codes_of_finite_scalars_are_counted():
    model = FiniteScalar(networks(), levels=(3, 2))
    before = model.counts.clone()
    model.loss(pixels())
    assert not torch.equal(model.counts, before)
    torch.testing.assert_close(model.counts.sum(1), torch.ones(4))


def test_a_hierarchy_reconstructs_from_the_means_of_q():
    model = chain(Hierarchical)
    x = torch.rand(4, 2, generator=seeded(), dtype=float64)
    top = top_posterior(x)[0]
    p_mu, p_logvar = model.priors[0](top).chunk(2, dim=1)
    e_mu, e_logvar = of_the_image(x)
    precision = (-e_logvar).exp() + (-p_logvar).exp()
    mean = (e_mu * (-e_logvar).exp() + p_mu * (-p_logvar).exp()) / precision
    torch.testing.assert_close(model.reconstruct(x), A * mean)
    torch.testing.assert_close(model.representation(x), torch.cat([mean, top], dim=1))


def test_the_running_sigma_is_of_the_mean_variance():
    """Two batches whose mean squared errors are 0.01 and 0.25: the first ones are a plain mean."""
    gaussian = Gaussian("optimal").double()
    zero = torch.zeros(2, 6, dtype=float64)
    for error in (0.1, 0.5):
        gaussian.nll(zero, zero + error)
    torch.testing.assert_close((2 * gaussian.log_sigma).exp().item(), (0.01 + 0.25) / 2)
    perfect = gaussian.nll(zero.requires_grad_(), zero.detach())
    assert perfect.isfinite().all()


def test_the_logistics_means_come_first_and_then_its_scales():
    """Oracle: the difference of sigmoids, in float64 near the middle."""
    raw = 0.3 * torch.randn(3, 10, generator=seeded(), dtype=float64)
    x = torch.randint(100, 156, (3, 5), generator=seeded(1)).double() / 255
    mean, scale = raw[:, :5].sigmoid(), (raw[:, 5:] - 3).exp()
    p = torch.sigmoid((x + 0.5 / 255 - mean) / scale) - torch.sigmoid(
        (x - 0.5 / 255 - mean) / scale
    )
    found = DiscretizedLogistic().nll(raw, x)
    torch.testing.assert_close(found, -p.log().sum(1), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(DiscretizedLogistic().mean(raw), mean)


def test_gamma_weights_are_those_of_its_densities():
    torch.manual_seed(0)
    model = GammaVAE(networks(), 3, concentration=2.0, rate=0.5).double()
    x = pixels(4).double()
    concentration, rate = model.encode(x)
    generator, q = seeded(), GammaDistribution(concentration, rate)
    z = torch.stack(
        [torch._standard_gamma(concentration, generator=generator) / rate for _ in range(5)]
    )
    p = GammaDistribution(torch.full_like(rate, 2.0), torch.full_like(rate, 0.5))
    raw = model.decoder(z)
    nll = F.binary_cross_entropy_with_logits(raw, x.expand_as(raw), reduction="none").sum(2)
    expected = p.log_prob(z).sum(2) - nll - q.log_prob(z).sum(2)
    torch.testing.assert_close(model.log_weights(x, 5, generator=seeded()), expected)


def test_a_first_stage_is_told_of_all_its_steps_and_of_no_other():
    first = CapacityVAE(networks(), 2, steps=100, most=100.0)
    model = TwoStageVAE(first, 3, hidden_dim=4)
    for _ in range(7):
        model.after_step()
    assert first.capacity.nats() == pytest.approx(3.0)


def test_a_frozen_first_stage_keeps_its_statistics():
    torch.manual_seed(0)
    first = GaussianVAE(networks(), 2)
    first.decoder = torch.nn.Sequential(torch.nn.Linear(2, 12), torch.nn.BatchNorm1d(12))
    model = LatentDiffusion(first, 0, num_steps=5, hidden_dim=4)
    model.train()
    assert model.denoiser.training
    assert not first.decoder[1].training


def test_codes_of_a_diffusion_are_put_back_where_they_were():
    torch.manual_seed(0)
    model = LatentDiffusion(GaussianVAE(networks(), 2), 0, num_steps=5, hidden_dim=4).eval()
    plain = model.sample_codes(6, generator=seeded())
    model.mean.copy_(torch.tensor([3.0, -1.0]))
    model.square.copy_(torch.tensor([9.0 + 4.0, 1.0 + 0.25]))
    moved = model.sample_codes(6, generator=seeded())
    torch.testing.assert_close(moved, model.mean + torch.tensor([2.0, 0.5]) * plain)
