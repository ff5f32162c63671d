"""Checks of lab5-family: `lab5.quantize(answer)`; a graded cell calls one idea of it.

networks_with_labels.py  conditional_vae
use_of_labels.py         whether a network uses the classes that it sees
codes_with_labels.py     class_samples
convolutional_vae.py     conv_vae
gaussian_pixels.py       gaussian_nll, optimal_variance
beta_of_squares.py       hidden_beta
weighted_gradients.py    iwae_surrogate
doubly_reparameterized.py  dreg_surrogate
repaired_loss.py         bug_iwae
nearest_codes.py         quantize
past_the_choice.py       straight_through
code_losses.py           vq_losses
used_codes.py            perplexity
relaxed_categories.py    gumbel_softmax
gaussian_pairs.py        kl_between
two_levels.py            two_level_elbo
linear_chain.py          two levels whose evidence is known, and others
mixture_priors.py        mixture_log_prob, bug_vamp
autoregressive.py        autoregressive_step
flow_densities.py        flow_log_q
right_slopes.py          gradients and dtypes of what was returned
held_divergence.py       kl_layer
bound_of_objects.py      elbo_loss
distribution_objects.py  distributions for answers that take some
factor_information.py    mutual_information
factor_gap.py            information_gap
noised_codes.py          noised
denoising.py             denoising_loss
noise_predictor.py       a predictor that remembers what it was asked
reverse_steps.py         reverse_step
misconceptions.py        what its mistakes mean, from misconceptions_of_*.py
"""

from vae_checks.lab5 import distribution_objects  # noqa: F401  # what runs beside an answer
from vae_checks.lab5.autoregressive import autoregressive_step
from vae_checks.lab5.beta_of_squares import hidden_beta
from vae_checks.lab5.bound_of_objects import elbo_loss
from vae_checks.lab5.code_losses import vq_losses
from vae_checks.lab5.codes_with_labels import class_samples
from vae_checks.lab5.convolutional_vae import conv_vae
from vae_checks.lab5.denoising import denoising_loss
from vae_checks.lab5.doubly_reparameterized import dreg_surrogate
from vae_checks.lab5.factor_gap import information_gap
from vae_checks.lab5.factor_information import mutual_information
from vae_checks.lab5.flow_densities import flow_log_q
from vae_checks.lab5.gaussian_pairs import kl_between
from vae_checks.lab5.gaussian_pixels import gaussian_nll, optimal_variance
from vae_checks.lab5.held_divergence import kl_layer
from vae_checks.lab5.misconceptions import LAB5
from vae_checks.lab5.mixture_priors import bug_vamp, mixture_log_prob
from vae_checks.lab5.nearest_codes import quantize
from vae_checks.lab5.networks_with_labels import conditional_vae
from vae_checks.lab5.noised_codes import noised
from vae_checks.lab5.past_the_choice import straight_through
from vae_checks.lab5.relaxed_categories import gumbel_softmax
from vae_checks.lab5.repaired_loss import bug_iwae
from vae_checks.lab5.reverse_steps import reverse_step
from vae_checks.lab5.two_levels import two_level_elbo
from vae_checks.lab5.used_codes import perplexity
from vae_checks.lab5.weighted_gradients import iwae_surrogate
from vae_checks.misconceptions import register
from vae_checks.standing import Standing

__all__ = [
    "autoregressive_step",
    "bug_iwae",
    "bug_vamp",
    "class_samples",
    "conditional_vae",
    "conv_vae",
    "denoising_loss",
    "dreg_surrogate",
    "elbo_loss",
    "flow_log_q",
    "gaussian_nll",
    "gumbel_softmax",
    "hidden_beta",
    "information_gap",
    "iwae_surrogate",
    "kl_between",
    "kl_layer",
    "mixture_log_prob",
    "mutual_information",
    "noised",
    "optimal_variance",
    "perplexity",
    "quantize",
    "reverse_step",
    "standing",
    "straight_through",
    "two_level_elbo",
    "vq_losses",
]

register(LAB5)
standing = Standing("lab5-family")
