"""Bounds against the model whose evidence is known, against each other, and their gradients."""

import pytest
import torch
from linear_models import exact, images, too_wide
from zoo_samples import seeded

from vae_helpers import VaeLabError, iw_bound
from vae_zoo.bounds.doubly_reparameterized import DoublyReparameterized
from vae_zoo.bounds.importance_weighted import ImportanceWeighted
from vae_zoo.bounds.partial import Combined, MultiplyWeighted, Partial, multiply_weighted_bound
from vae_zoo.vae import GaussianVAE

ALL = [ImportanceWeighted, MultiplyWeighted, Combined, Partial, DoublyReparameterized]


@pytest.mark.parametrize("sort", ALL)
def test_with_the_posterior_as_q_every_draw_of_every_bound_is_log_p(sort):
    model, truth = exact(sort)
    x = images()
    for seed in range(3):
        loss, terms = model.loss(x, generator=seeded(seed))
        torch.testing.assert_close(-loss, truth.log_evidence(x), rtol=0, atol=1e-9)
        torch.testing.assert_close(
            -terms["negative_elbo"], truth.log_evidence(x), rtol=0, atol=1e-9
        )


def test_the_elbo_with_the_posterior_is_log_p_and_otherwise_below_by_the_kl():
    """Oracle: the closed form of the ELBO; 4,000 draws, within five standard errors."""
    model, truth = exact(GaussianVAE, encoder=too_wide)
    x = images(1)
    mu, logvar = model.encode(x)
    q = torch.distributions.Independent(torch.distributions.Normal(mu, (0.5 * logvar).exp()), 1)
    with torch.no_grad():
        losses = model.loss(x.expand(4000, -1), generator=seeded()).loss
    error = losses.std() / 4000**0.5
    assert abs(-losses.mean() - truth.elbo(x, q)) < 5 * error
    assert truth.elbo(x, q) < truth.log_evidence(x)


def test_one_code_is_the_elbo_and_more_codes_are_tighter():
    model, truth = exact(ImportanceWeighted, encoder=too_wide, num_samples=1)
    x = images(1).expand(4000, -1)
    with torch.no_grad():
        means = []
        for num_samples in (1, 5, 25):
            model.num_samples = num_samples
            means.append(-model.loss(x, generator=seeded(num_samples)).loss.mean())
    assert means[0] < means[1] < means[2] < truth.log_evidence(x[:1])[0] + 1e-9


@pytest.mark.parametrize(("num_means", "same_as"), [(1, "iwae"), (12, "elbo")])
def test_miwae_is_iwae_with_one_mean_and_the_elbo_with_as_many_means_as_codes(num_means, same_as):
    log_w = torch.randn(12, 4, generator=seeded(), dtype=torch.float64)
    expected = iw_bound(log_w) if same_as == "iwae" else log_w.mean(0)
    torch.testing.assert_close(multiply_weighted_bound(log_w, num_means), expected)


@pytest.mark.parametrize(("share", "same_as"), [(0.0, "iwae"), (1.0, "elbo")])
def test_ciwae_goes_from_one_to_the_other(share, same_as):
    model, _ = exact(Combined, encoder=too_wide, share=share)
    x = images()
    loss, terms = model.loss(x, generator=seeded())
    log_w = model.log_weights(x, model.num_samples, generator=seeded())
    expected = iw_bound(log_w) if same_as == "iwae" else log_w.mean(0)
    torch.testing.assert_close(-loss, expected)
    torch.testing.assert_close(-terms["negative_elbo"], log_w.mean(0))


def test_the_gradient_of_iwae_weighs_the_best_codes_most():
    """Oracle: the single gradients of log w_k, weighted by w_k / sum w, not reversed."""
    model, _ = exact(ImportanceWeighted, encoder=too_wide)
    x, weight = images(1), model.decoder.weight
    (gradient,) = torch.autograd.grad(model.loss(x, generator=seeded()).loss.sum(), weight)
    log_w = model.log_weights(x, 5, generator=seeded())[:, 0]
    single = [torch.autograd.grad(each, weight, retain_graph=True)[0] for each in log_w]
    stacked = torch.stack(single)
    expected = -(log_w.softmax(0)[:, None, None] * stacked).sum(0)
    torch.testing.assert_close(gradient, expected)
    reversed_ = -((-log_w).softmax(0)[:, None, None] * stacked).sum(0)
    assert not torch.allclose(gradient, reversed_, rtol=1e-3)


class Shifted(torch.nn.Module):
    """An encoder with a parameter: a shift of the mean of a q that is too wide."""

    def __init__(self, encode) -> None:
        super().__init__()
        self.encode = encode
        self.shift = torch.nn.Parameter(torch.zeros(6, dtype=torch.float64))

    def forward(self, x):
        return self.encode(x) + self.shift


def gradients_of_encoder(sort, draws, num_samples):
    model, _ = exact(sort, encoder=too_wide, num_samples=num_samples)
    model.encoder = Shifted(model.encoder)
    x = images(1)
    generator = seeded(num_samples)
    found = []
    for _ in range(draws):
        loss = model.loss(x, generator=generator).loss.sum()
        found.append(torch.autograd.grad(loss, model.encoder.shift)[0])
    return torch.stack(found)


def test_the_doubly_reparameterized_gradient_has_the_same_mean_and_less_spread():
    """4,000 draws each: means within five standard errors, spread below in every direction."""
    plain = gradients_of_encoder(ImportanceWeighted, 4000, 8)
    doubly = gradients_of_encoder(DoublyReparameterized, 4000, 8)
    error = ((plain.var(0) + doubly.var(0)) / 4000).sqrt()
    assert ((plain.mean(0) - doubly.mean(0)).abs() < 5 * error).all()
    assert (doubly.std(0) < plain.std(0)).all()


def test_the_decoders_gradient_is_iwaes_own():
    x = images()
    found = []
    for sort in (ImportanceWeighted, DoublyReparameterized):
        model, _ = exact(sort, encoder=too_wide)
        loss = model.loss(x, generator=seeded()).loss.sum()
        found.append(torch.autograd.grad(loss, model.decoder.weight)[0])
    torch.testing.assert_close(*found)


def test_piwae_trains_each_part_on_its_own_bound():
    model, _ = exact(Partial, encoder=too_wide, num_samples=2, num_means=3)
    x = images()
    encoder, decoder = model.players()
    log_w = model.log_weights(x, 6, generator=seeded())
    torch.testing.assert_close(
        -encoder.loss(x, generator=seeded()).loss, multiply_weighted_bound(log_w, 3)
    )
    torch.testing.assert_close(-decoder.loss(x, generator=seeded()).loss, iw_bound(log_w))
    names = {id(each): name for name, each in model.named_parameters()}
    assert {names[id(each)].partition(".")[0] for each in encoder.parameters} == {"encoder"}
    assert {names[id(each)].partition(".")[0] for each in decoder.parameters} == {"decoder"}


def test_parts_that_are_not_equal_are_refused_in_one_line():
    with pytest.raises(VaeLabError, match="5 weights do not split into 2 equal parts"):
        multiply_weighted_bound(torch.zeros(5, 1), 2)
