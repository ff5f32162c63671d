"""Faults of implementations that people copy, planted here: an oracle test must reject each.

A fault is put in the place of what is right, and the test that should see it is run: it must fail.
"""

import math

import pytest
import test_bounds
import test_contract
import test_hierarchies
import test_likelihoods
import test_priors_and_posteriors
import test_regularizers
import torch

from vae_helpers import iw_bound
from vae_zoo.bounds import importance_weighted, partial
from vae_zoo.contract import Loss
from vae_zoo.hierarchies import gaussians, two_level
from vae_zoo.likelihoods import densities, log_cosh
from vae_zoo.posteriors import gamma
from vae_zoo.priors import mixture
from vae_zoo.regularizers import covariance, discrepancy, factor, sliced_wasserstein
from vae_zoo.regularizers import total_correlation as tc
from vae_zoo.vae import GaussianVAE


def weights_reversed(self, x, *, generator=None):
    log_w = self.log_weights(x, self.num_samples, generator=generator)
    weights = (-log_w).detach().softmax(0)
    return Loss(-(weights * log_w).sum(0), {"negative_elbo": -log_w.mean(0)})


def densities_averaged(log_w):
    return iw_bound(log_w / 6)


def multiply_reversed(log_w, num_means):
    parts = log_w.chunk(num_means)
    return torch.stack([((-part).softmax(0) * part).sum(0) for part in parts]).mean(0)


def permuted_within(z, *, generator=None):
    keys = torch.rand(z.shape, generator=generator)
    return z.gather(1, keys.argsort(1))


def bracket_too_far(z, mu, logvar):
    away = (z[..., None, :] - mu).square()
    each = -0.5 * ((logvar + away) / logvar.exp() + math.log(2 * math.pi)).sum(-1)
    return each.logsumexp(-1) - math.log(len(mu))


def prior_not_sampled(self, n, *, generator=None):
    return GaussianVAE.prior_sample(self, n, generator=generator)


def without_the_half(q, p):
    (mu_q, logvar_q), (mu_p, logvar_p) = q, p
    ratio = logvar_q - logvar_p
    return ((mu_q - mu_p).square() / logvar_p.exp() + ratio.exp() - 1 - ratio).sum(-1)


def ends_in_tanh(self, raw):
    return torch.tanh(raw)


def another_objective_in_eval(self, nll, kl):
    return Loss(nll + kl if self.training else nll, {"nll": nll, "kl": kl})


def centred_over_dimensions(self, mu, logvar):
    centred = mu - mu.mean(1, keepdim=True)
    return centred.mT @ centred + (2 * logvar).exp().mean(0).diag()


def pairs_with_themselves(z, which):
    return discrepancy.kernel(z, z, which).mean()


def weight_of_the_column(batch, images):
    M, N = batch - 1, images
    weights = torch.full((batch, batch), 1 / M)
    weights.view(-1)[:: M + 1] = 1 / N
    weights.view(-1)[1 :: M + 1] = (N - M) / (N * M)
    weights[M - 1, 0] = (N - M) / (N * M)
    return weights.log()


def concentration_too_large(self, concentration, rate, *, generator=None):
    return torch._standard_gamma(concentration + 8, generator=generator) / rate


def overflows(t):
    return t + torch.log(1 + torch.exp(-2 * t)) - math.log(2)


def divided_by_pairs(z, y, num_directions, *, generator=None):
    found = sliced_wasserstein.sliced_wasserstein(z, y, num_directions, generator=generator)
    return found / (len(z) * (len(z) - 1))


def total_correlation_subtracted(self, x, *, generator=None):
    loss, terms = RIGHT_FACTOR_LOSS(self, x, generator=generator)
    return Loss(loss - 2 * self.gamma * terms["total_correlation"], terms)


RIGHT_FACTOR_LOSS = factor.FactorVAE.loss

# What is replaced, in which modules, by what, and which test sees it.
FAULTS = {
    "IWAE: weights by the losses": (
        [(importance_weighted.ImportanceWeighted, "loss")], weights_reversed,
        test_bounds.test_the_gradient_of_iwae_weighs_the_best_codes_most,
    ),
    "IWAE: log densities averaged": (
        [(importance_weighted, "iw_bound")], densities_averaged,
        lambda: test_bounds.test_with_the_posterior_as_q_every_draw_of_every_bound_is_log_p(
            importance_weighted.ImportanceWeighted
        ),
    ),
    "MIWAE: weights by the losses": (
        [(partial, "multiply_weighted_bound"), (test_bounds, "multiply_weighted_bound")],
        multiply_reversed,
        lambda: test_bounds.
        test_miwae_is_iwae_with_one_mean_and_the_elbo_with_as_many_means_as_codes(1, "iwae"),
    ),
    "FactorVAE: permuted within a code": (
        [(factor, "permute_dimensions"), (test_regularizers, "permute_dimensions")],
        permuted_within,
        test_regularizers.test_permuting_keeps_every_marginal_and_loses_every_correlation,
    ),
    "FactorVAE: total correlation subtracted": (
        [(factor.FactorVAE, "loss")], total_correlation_subtracted,
        test_regularizers.test_both_players_learn_and_each_moves_its_own_part_alone,
    ),
    "VampPrior: a bracket too far": (
        [(mixture, "mixture_log_prob")], bracket_too_far,
        lambda: test_priors_and_posteriors.test_a_prior_integrates_to_one(mixture.VampPrior),
    ),
    "VampPrior: samples of N(0, I)": (
        [(mixture.MixtureVAE, "prior_sample")], prior_not_sampled,
        lambda: test_priors_and_posteriors.test_samples_of_a_prior_have_its_density(
            mixture.VampPrior, 0.5
        ),
    ),
    "ladder: no half in the KL": (
        [(gaussians, "diagonal_kl"), (two_level, "diagonal_kl")], without_the_half,
        lambda: test_hierarchies.
        test_with_the_posterior_of_a_chain_every_draw_weighs_the_evidence(two_level.Hierarchical),
    ),
    "decoders end in tanh": (
        [(densities.Bernoulli, "mean")], ends_in_tanh,
        lambda: test_contract.test_mean_pixels_are_in_the_unit_interval("vae"),
    ),
    "validation optimizes something else than training": (
        [(GaussianVAE, "negative_elbo")], another_objective_in_eval,
        lambda: test_contract.test_the_objective_of_a_test_is_that_of_the_training("vae"),
    ),
    "DIP-VAE: centred over dimensions, variances squared": (
        [(covariance.DIPVAE, "covariance")], centred_over_dimensions,
        test_regularizers.test_the_covariance_of_z_is_that_of_mu_and_the_mean_variance,
    ),
    "MMD: pairs of a code with itself": (
        [(discrepancy, "_within")], pairs_with_themselves,
        lambda: test_regularizers.test_the_mmd_is_unbiased_under_the_prior("rbf"),
    ),
    "beta-TC: 1 / N in one column": (
        [(tc, "stratified_log_weights"), (test_regularizers, "stratified_log_weights")],
        weight_of_the_column,
        test_regularizers.test_the_stratified_weights_of_each_row_sum_to_one,
    ),
    "GammaVAE: 8 too much": (
        [(gamma.GammaVAE, "draw")], concentration_too_large,
        test_priors_and_posteriors.test_gamma_draws_have_the_moments_of_their_distribution,
    ),
    "log cosh overflows": (
        [(log_cosh, "log_cosh"), (test_likelihoods, "log_cosh")], overflows,
        test_likelihoods.test_log_cosh_is_stable_far_out_and_exact_near_zero,
    ),
    "SWAE: the weight divided by pairs": (
        [(test_regularizers, "sliced_wasserstein")], divided_by_pairs,
        test_regularizers.test_the_sliced_distance_of_a_gaussian_is_its_closed_form,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_rejected(name, monkeypatch):
    places, fault, test = FAULTS[name]
    test()  # what is right passes
    for holder, attribute in places:
        assert hasattr(holder, attribute)
        monkeypatch.setattr(holder, attribute, fault)
    with pytest.raises(AssertionError):
        test()
