"""Checks of lab2-reparameterization: `lab2.score(answer)`; a graded cell calls one idea of it.

exact.py          exact_quadratic, score: what can be written down without sampling
estimators.py     score_function_gradient, pathwise_gradient
variance.py       standard_error, with_baseline
optimization.py   reparameterize, score_surrogate
descent.py        fit
oracles.py        functions whose mean under a Gaussian is known, quadrature, comparison of pairs
misconceptions.py what its mistakes mean
"""

from vae_checks.lab2.descent import fit
from vae_checks.lab2.estimators import pathwise_gradient, score_function_gradient
from vae_checks.lab2.exact import exact_quadratic, score
from vae_checks.lab2.misconceptions import LAB2
from vae_checks.lab2.optimization import reparameterize, score_surrogate
from vae_checks.lab2.variance import standard_error, with_baseline
from vae_checks.misconceptions import register
from vae_checks.standing import Standing

__all__ = [
    "exact_quadratic",
    "fit",
    "pathwise_gradient",
    "reparameterize",
    "score",
    "score_function_gradient",
    "score_surrogate",
    "standard_error",
    "standing",
    "with_baseline",
]

register(LAB2)
standing = Standing("lab2-reparameterization")
