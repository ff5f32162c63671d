"""What stands beside the reconstruction, against closed forms."""

import math

import pytest
import torch
from torch.distributions import MultivariateNormal
from zoo_samples import networks, pixels, seeded

from vae_helpers import VaeLabError, gaussian_kl, kl_split
from vae_zoo.regularizers.beta import BetaVAE
from vae_zoo.regularizers.capacity import CapacityVAE
from vae_zoo.regularizers.covariance import DIPVAE, covariance_penalty
from vae_zoo.regularizers.discrepancy import InfoVAE, WassersteinMMD, mmd
from vae_zoo.regularizers.factor import FactorVAE, permute_dimensions
from vae_zoo.regularizers.sliced_wasserstein import sliced_wasserstein
from vae_zoo.regularizers.total_correlation import (
    BetaTCVAE,
    stratified_log_weights,
    three_parts,
)

float64 = torch.float64


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=seeded(seed), dtype=float64)


def test_beta_weighs_the_kl_alone():
    model = BetaVAE(networks(), 3, beta=4.0)
    loss, terms = model.loss(pixels())
    torch.testing.assert_close(loss, terms["nll"] + 4 * terms["kl"])
    assert model.is_bound
    assert not BetaVAE(networks(), 3, beta=0.5).is_bound


def test_the_capacity_grows_in_a_line_and_stays():
    model = CapacityVAE(networks(), 3, gamma=10.0, most=8.0, steps=4)
    seen = []
    for _ in range(6):
        seen.append(model.capacity.nats())
        model.after_step()
    assert seen == [0.0, 2.0, 4.0, 6.0, 8.0, 8.0]
    loss, terms = model.loss(pixels())
    away = (terms["kl"].mean() - 8.0).abs()
    torch.testing.assert_close(loss, terms["nll"] + 10 * away)


def test_the_stratified_weights_of_each_row_sum_to_one():
    weights = stratified_log_weights(batch=16, images=1000).exp()
    torch.testing.assert_close(weights.sum(1), torch.ones(16))
    torch.testing.assert_close(weights.diagonal(), torch.full((16,), 1e-3))


def test_the_stratified_weights_estimate_the_mixture_without_bias():
    """q(z) at the code of image 0, of 40 images; batches of 4 that contain it: 4,000 of them."""
    mu, logvar = normal(40, 2), normal(40, 2, seed=1) - 1
    z = mu[0] + 0.3
    density = torch.exp(-0.5 * ((z - mu).square() * (-logvar).exp() + logvar).sum(1)) / (
        2 * math.pi
    )
    weights = stratified_log_weights(batch=4, images=40).exp()[0].double()
    generator, found = seeded(3), []
    for _ in range(4000):
        others = 1 + torch.randperm(39, generator=generator)[:3]
        found.append(weights @ density[torch.cat([torch.tensor([0]), others])])
    found = torch.stack(found)
    assert abs(found.mean() - density.mean()) < 5 * found.std() / 4000**0.5


def test_the_three_parts_of_a_finite_set_of_gaussians_add_up_to_the_kl():
    """The batch is the data set: exact weights. Mean over 4,000 codes an image against the closed
    KL, within five standard errors; the sum at each code is log q(z|x) - log p(z), exactly."""
    mu, logvar = normal(6, 2), normal(6, 2, seed=1)
    weights = stratified_log_weights(batch=6, images=6).double()
    generator = seeded(2)
    sums = []
    for _ in range(4000):
        eps = torch.randn(6, 2, generator=generator, dtype=float64)
        z = mu + (0.5 * logvar).exp() * eps
        parts = three_parts(z, mu, logvar, weights)
        exact = 0.5 * (z.square() - eps.square() - logvar).sum(1)
        torch.testing.assert_close(sum(parts), exact)
        sums.append(torch.stack(parts))
    values = torch.stack(sums)  # (draws, parts, images)
    total = values.sum(1).mean(1)
    assert abs(total.mean() - gaussian_kl(mu, logvar).mean()) < 5 * total.std() / 4000**0.5
    information = values[:, 0].mean(1)
    other = kl_split(mu, logvar, num_samples=4000, generator=seeded(5))
    error = math.hypot(information.std().item() / 4000**0.5, other.standard_error)
    assert abs(information.mean() - other.mutual_information) < 5 * error
    assert 0 < information.mean() < math.log(6)
    assert (values[:, 1:].mean((0, 2)) > 0).all()  # both are KLs


def test_beta_tc_with_weight_one_is_the_elbo_with_its_kl_sampled():
    model = BetaTCVAE(networks(), 3, num_images=16, beta=1.0)
    loss, terms = model.loss(pixels(), generator=seeded())
    kl = terms["mutual_information"] + terms["total_correlation"] + terms["by_dimension"]
    torch.testing.assert_close(loss, terms["nll"] + kl)
    z, log_q = model.posterior(pixels(), generator=seeded())
    torch.testing.assert_close(kl, log_q[0] - model.prior_log_prob(z[0]))


def test_permuting_keeps_every_marginal_and_loses_every_correlation():
    """A known implementation permutes within each code: its marginals are mixed."""
    shared = normal(5000, 1)
    z = torch.cat([shared + 10, shared - 10], dim=1)
    shuffled = permute_dimensions(z, generator=seeded(1))
    torch.testing.assert_close(shuffled.sort(0).values, z.sort(0).values)
    assert abs(torch.corrcoef(shuffled.mT)[0, 1]) < 5 / 5000**0.5
    assert torch.corrcoef(z.mT)[0, 1] > 0.999


class BestDiscriminator(torch.nn.Module):
    """log N(z; 0, R) - log N(z; 0, I), the logit that tells codes from shuffled ones best."""

    def __init__(self, R):
        super().__init__()
        self.joint = MultivariateNormal(torch.zeros(len(R), dtype=float64), R)

    def forward(self, z):
        product = MultivariateNormal(torch.zeros_like(z[0]), torch.eye(z.shape[1], dtype=float64))
        return (self.joint.log_prob(z) - product.log_prob(z))[:, None]


def test_the_best_discriminator_estimates_the_total_correlation():
    """TC of N(0, R) is -1/2 log det R: 20,000 codes, within five standard errors."""
    R = torch.tensor([[1.0, 0.6, 0.0], [0.6, 1.0, 0.3], [0.0, 0.3, 1.0]], dtype=float64)
    model = FactorVAE(networks(), 3)
    model.discriminator = BestDiscriminator(R)
    z = normal(20000, 3) @ torch.linalg.cholesky(R).mT
    found = model.total_correlation(z)
    expected = -0.5 * torch.logdet(R)
    assert expected > 0.2
    assert abs(found.mean() - expected) < 5 * found.std() / 20000**0.5


def test_both_players_learn_and_each_moves_its_own_part_alone():
    """The discriminator's loss falls below log 2 where codes are correlated, and the model's loss
    rises with the total correlation: it is added, not subtracted."""
    torch.manual_seed(0)
    model = FactorVAE(networks(), 2, gamma=5.0, hidden_dim=32)
    first, second = model.players()
    assert {id(p) for p in first.parameters}.isdisjoint({id(p) for p in second.parameters})
    shared = torch.randn(512, 1)
    z = torch.cat([shared, shared], dim=1) + 0.1 * torch.randn(512, 2)
    model.latent = lambda x, *, generator=None: z
    optimizer = torch.optim.Adam(second.parameters, lr=1e-2)
    x = torch.rand(512, 12)
    for _ in range(100):
        optimizer.zero_grad()
        loss = second.loss(x).loss.mean()
        loss.backward()
        optimizer.step()
    assert loss < 0.5 * math.log(2)
    assert model.total_correlation(z).mean() > 0.5
    terms = FactorVAE(networks(), 2, gamma=5.0)
    loss, parts = terms.loss(pixels())
    torch.testing.assert_close(loss, parts["nll"] + parts["kl"] + 5 * parts["total_correlation"])


def test_whitened_codes_pay_no_covariance_penalty():
    z = normal(500, 3)
    z = z - z.mean(0)
    whitened = z @ torch.linalg.inv(torch.linalg.cholesky(z.mT @ z / 500)).mT
    one, two = DIPVAE(networks(), 3, kind="I"), DIPVAE(networks(), 3, kind="II")
    silent = torch.full((500, 3), -60.0, dtype=float64)
    for model in (one, two):
        covariance = model.covariance(whitened, silent)
        torch.testing.assert_close(covariance, torch.eye(3, dtype=float64))
        assert covariance_penalty(covariance, 10.0, 10.0) < 1e-20


def test_the_covariance_of_z_is_that_of_mu_and_the_mean_variance():
    """Oracle: 200,000 drawn codes."""
    mu, logvar = (
        normal(50, 2) @ torch.tensor([[1.0, 0.8], [0.0, 0.6]], dtype=float64),
        normal(50, 2),
    )
    drawn = mu.repeat(4000, 1) + (0.5 * logvar).exp().repeat(4000, 1) * normal(200_000, 2, seed=4)
    found = DIPVAE(networks(), 2, kind="II").covariance(mu, logvar)
    torch.testing.assert_close(found, torch.cov(drawn.mT), rtol=0, atol=0.05)
    torch.testing.assert_close(
        DIPVAE(networks(), 2, kind="I").covariance(mu, logvar), torch.cov(mu.mT, correction=0)
    )


@pytest.mark.parametrize("which", ["rbf", "imq"])
def test_the_mmd_is_unbiased_under_the_prior(which):
    """1,000 pairs of samples of N(0, I): mean 0 within five standard errors, of both signs."""
    generator = seeded(1)
    found = torch.stack([
        mmd(*torch.randn(2, 20, 3, generator=generator, dtype=float64), which) for _ in range(1000)
    ])  # fmt: skip
    assert abs(found.mean()) < 5 * found.std() / 1000**0.5
    assert found.min() < 0 < found.max()


@pytest.mark.parametrize(("shift", "scale"), [(1.0, 1.0), (0.0, 0.3), (0.5, 2.0)])
def test_the_rbf_mmd_of_gaussians_is_its_closed_form(shift, scale):
    """E exp(-|d|^2 / (2 w)) of d ~ N(m, v I) is (w / (w + v))^(D/2) exp(-|m|^2 / (2 (w + v)))."""
    D, n = 3, 3000
    z, y = shift + scale * normal(n, D), normal(n, D, seed=9)

    def expected(mean, variance):
        w = float(D)
        return (w / (w + variance)) ** (D / 2) * math.exp(-D * mean**2 / (2 * (w + variance)))

    closed = expected(0, 2 * scale**2) + expected(0, 2.0) - 2 * expected(shift, 1 + scale**2)
    assert abs(mmd(z, y) - closed) < 0.01
    assert closed > 0.02


def test_the_sliced_distance_of_a_gaussian_is_its_closed_form():
    """|m|^2 / D + (s - 1)^2; 20,000 codes and 400 directions."""
    m = torch.tensor([2.0, -1.0, 0.5], dtype=float64)
    z, y = m + 1.5 * normal(20000, 3), normal(20000, 3, seed=2)
    found = sliced_wasserstein(z, y, 400, generator=seeded(3))
    assert abs(found - (m.square().sum() / 3 + 0.25)) < 0.15
    one = sliced_wasserstein(z[:, :1], y[:, :1], 5, generator=seeded(3))  # no direction to choose
    assert abs(one - (4 + 0.25)) < 0.1


def test_what_infovae_adds_up():
    model = InfoVAE(networks(), 3, alpha=0.5, weight=7.0)
    loss, terms = model.loss(pixels())
    torch.testing.assert_close(loss, terms["nll"] + 0.5 * terms["kl"] + 6.5 * terms["mmd"])


def test_a_wasserstein_autoencoder_has_no_noise():
    model = WassersteinMMD(networks(), 3)
    torch.testing.assert_close(model.latent(pixels()), model.latent(pixels()))
    assert not model.is_bound


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mmd(torch.zeros(1, 2), torch.zeros(5, 2)), "at least two codes"),
        (lambda: mmd(torch.zeros(5, 2), torch.zeros(5, 2), "linear"), "'rbf' or 'imq'"),
        (lambda: stratified_log_weights(1, 5), "at least two"),
        (lambda: DIPVAE(networks(), 2, kind="III"), "'I' or 'II'"),
        (lambda: sliced_wasserstein(torch.zeros(2, 3), torch.zeros(3, 3), 5), "as many codes"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(call, said):
    with pytest.raises(VaeLabError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)
