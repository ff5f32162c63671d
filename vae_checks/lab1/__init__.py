"""Checks of lab1-elbo: `lab1.log_joint(answer)`; a graded cell calls one idea of it.

densities.py      log_joint, log_q
evidence.py       naive_log_evidence
bound.py          elbo_monte_carlo
pieces.py         gaussian_kl, entropy, cross_entropy, expected_log_likelihood
derivation.py     derivation, and chain, which walks all pieces of a student together
gap.py            kl_to_posterior
ascent.py         climb
quadrature.py     posterior_on_grid, gap_on_grid
grids.py          models whose integrals over a grid of codes are known
oracle.py         the linear-Gaussian truth that these compare with
recorder.py       a callable for answers that remembers the codes it was given
misconceptions.py what its mistakes mean
"""

from vae_checks.lab1.ascent import climb
from vae_checks.lab1.bound import elbo_monte_carlo
from vae_checks.lab1.densities import log_joint, log_q
from vae_checks.lab1.derivation import chain, derivation
from vae_checks.lab1.evidence import naive_log_evidence
from vae_checks.lab1.gap import kl_to_posterior
from vae_checks.lab1.misconceptions import LAB1
from vae_checks.lab1.pieces import (
    cross_entropy,
    entropy,
    expected_log_likelihood,
    gaussian_kl,
)
from vae_checks.lab1.posterior import gap_on_grid, posterior_on_grid
from vae_checks.misconceptions import register
from vae_checks.standing import Standing

__all__ = [
    "chain",
    "climb",
    "cross_entropy",
    "derivation",
    "elbo_monte_carlo",
    "entropy",
    "expected_log_likelihood",
    "gap_on_grid",
    "gaussian_kl",
    "kl_to_posterior",
    "log_joint",
    "log_q",
    "naive_log_evidence",
    "posterior_on_grid",
    "standing",
]

register(LAB1)
standing = Standing("lab1-elbo")
