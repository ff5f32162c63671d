"""Checks of lab4-evaluation: `lab4.log_weights(answer)`; a graded cell calls one idea of it.

weights.py              log_weights
importance_bound.py     iw_bound, log_likelihood
errors_of_estimates.py  effective_sample_size, standard_errors
grid_evidence.py        log_evidence_on_grid
grid_divergence.py      kl_on_grid
refinement.py           refine
inference_gaps.py       gaps
recorded_model.py       a model for answers that remembers the codes it was given
misconceptions.py       what its mistakes mean

The linear-Gaussian truth and the models on grids are lab 1's.
"""

from vae_checks.lab4.errors_of_estimates import effective_sample_size, standard_errors
from vae_checks.lab4.grid_divergence import kl_on_grid
from vae_checks.lab4.grid_evidence import log_evidence_on_grid
from vae_checks.lab4.importance_bound import iw_bound, log_likelihood
from vae_checks.lab4.inference_gaps import gaps
from vae_checks.lab4.misconceptions import LAB4
from vae_checks.lab4.refinement import refine
from vae_checks.lab4.weights import log_weights
from vae_checks.misconceptions import register
from vae_checks.standing import Standing

__all__ = [
    "effective_sample_size",
    "gaps",
    "iw_bound",
    "kl_on_grid",
    "log_evidence_on_grid",
    "log_likelihood",
    "log_weights",
    "refine",
    "standard_errors",
    "standing",
]

register(LAB4)
standing = Standing("lab4-evaluation")
