"""Checks of lab4-evaluation: `lab4.log_weights(answer)`; a graded cell calls one idea of it.

weights.py              log_weights
importance_bound.py     iw_bound
likelihood_in_chunks.py log_likelihood
errors_of_estimates.py  effective_sample_size, standard_errors
grid_evidence.py        log_evidence_on_grid
grid_divergence.py      kl_on_grid
refinement.py           refine
inference_gaps.py       gaps
recorded_model.py       a model for answers that remembers the codes it was given
rates_of_codes.py       kl_by_dimension, active_units
schedules.py            kl_weight, free_bits
rate_and_distortion.py  rate_distortion
codes_together.py       aggregate_posterior_log_prob
parts_of_kl.py          kl_split
continuous_pixels.py    continuous_bernoulli_log_norm
logistic_levels.py      discretized_logistic_log_prob
components.py           pca
bug_hunt_4.py           bug_1, bug_2, bug_3, bug_5
codes_at_test_time.py   bug_4
evaluation_slips.py     what the scripts of the bug hunt give, and other wrong results
returned.py             tensors whose infinities have a name, several values
misconceptions.py, misconceptions_of_pixels.py: what its mistakes mean

The linear-Gaussian truth and the models on grids are lab 1's.
"""

from vae_checks.lab4.bug_hunt_4 import bug_1, bug_2, bug_3, bug_5
from vae_checks.lab4.codes_at_test_time import bug_4
from vae_checks.lab4.codes_together import aggregate_posterior_log_prob
from vae_checks.lab4.components import pca
from vae_checks.lab4.continuous_pixels import continuous_bernoulli_log_norm
from vae_checks.lab4.errors_of_estimates import effective_sample_size, standard_errors
from vae_checks.lab4.grid_divergence import kl_on_grid
from vae_checks.lab4.grid_evidence import log_evidence_on_grid
from vae_checks.lab4.importance_bound import iw_bound
from vae_checks.lab4.inference_gaps import gaps
from vae_checks.lab4.likelihood_in_chunks import log_likelihood
from vae_checks.lab4.logistic_levels import discretized_logistic_log_prob
from vae_checks.lab4.misconceptions import LAB4
from vae_checks.lab4.parts_of_kl import kl_split
from vae_checks.lab4.rate_and_distortion import rate_distortion
from vae_checks.lab4.rates_of_codes import active_units, kl_by_dimension
from vae_checks.lab4.refinement import refine
from vae_checks.lab4.schedules import free_bits, kl_weight
from vae_checks.lab4.weights import log_weights
from vae_checks.misconceptions import register
from vae_checks.standing import Standing

__all__ = [
    "active_units",
    "aggregate_posterior_log_prob",
    "bug_1",
    "bug_2",
    "bug_3",
    "bug_4",
    "bug_5",
    "continuous_bernoulli_log_norm",
    "discretized_logistic_log_prob",
    "effective_sample_size",
    "free_bits",
    "gaps",
    "iw_bound",
    "kl_by_dimension",
    "kl_on_grid",
    "kl_split",
    "kl_weight",
    "log_evidence_on_grid",
    "log_likelihood",
    "log_weights",
    "pca",
    "rate_distortion",
    "refine",
    "standard_errors",
    "standing",
]

register(LAB4)
standing = Standing("lab4-evaluation")
