"""Checks of lab6-pyro: `lab6.regression(answer)`; a graded cell calls one idea of it.

traces.py           what a program does, as plain values; runs in the answer's process
programs.py         how a check runs a program and reads its sites
regression_model.py regression
conjugate.py        exact_posterior, log_evidence
guides.py           mean_field_guide, full_guide
mean_field.py       mean_field_optimum
fitting.py          fit
examples.py         programs for answers that take some
chains.py           split_r_hat
predictions.py      predictive_interval
vae_program.py      vae_model, vae_guide
semi_supervised.py  labelled_bound, unlabelled_bound, m2_loss
flow_prior.py       flow_log_prob
quadrants.py        known_pixels, unknown_nll
misconceptions.py   what its mistakes mean

Nothing here imports Pyro before a program is looked at.
"""

from vae_checks.lab6 import examples, traces  # noqa: F401  # what runs beside an answer
from vae_checks.lab6.chains import split_r_hat
from vae_checks.lab6.conjugate import exact_posterior, log_evidence
from vae_checks.lab6.fitting import fit
from vae_checks.lab6.flow_prior import flow_log_prob
from vae_checks.lab6.guides import full_guide, mean_field_guide
from vae_checks.lab6.mean_field import mean_field_optimum
from vae_checks.lab6.misconceptions import LAB6
from vae_checks.lab6.predictions import predictive_interval
from vae_checks.lab6.quadrants import known_pixels, unknown_nll
from vae_checks.lab6.regression_model import regression
from vae_checks.lab6.semi_supervised import labelled_bound, m2_loss, unlabelled_bound
from vae_checks.lab6.vae_program import vae_guide, vae_model
from vae_checks.misconceptions import register
from vae_checks.shared_exercises.diagnosis import Diagnosis
from vae_checks.standing import Standing

__all__ = [
    "diagnosis",
    "exact_posterior",
    "fit",
    "flow_log_prob",
    "full_guide",
    "known_pixels",
    "labelled_bound",
    "log_evidence",
    "m2_loss",
    "mean_field_guide",
    "mean_field_optimum",
    "predictive_interval",
    "regression",
    "split_r_hat",
    "standing",
    "unknown_nll",
    "unlabelled_bound",
    "vae_guide",
    "vae_model",
]

register(LAB6)
diagnosis = Diagnosis("2.3", scripts=3, letters="ABCDEF", called="program")
standing = Standing("lab6-pyro")
