"""Checks of lab4-evaluation: `lab4.pca(answer)`; a graded cell calls one idea of it.

continuous_pixels.py  continuous_bernoulli_log_norm
logistic_levels.py    discretized_logistic_log_prob
components.py         pca
bug_hunt_4.py         bug_1, bug_2, bug_3, bug_5
codes_at_test_time.py bug_4
evaluation_slips.py   what the scripts of the bug hunt give, and other wrong results
returned.py           tensors whose infinities have a name, several values
misconceptions.py     what its mistakes mean
"""

from vae_checks.lab4.bug_hunt_4 import bug_1, bug_2, bug_3, bug_5
from vae_checks.lab4.codes_at_test_time import bug_4
from vae_checks.lab4.components import pca
from vae_checks.lab4.continuous_pixels import continuous_bernoulli_log_norm
from vae_checks.lab4.logistic_levels import discretized_logistic_log_prob
from vae_checks.lab4.misconceptions import LAB4
from vae_checks.misconceptions import register
from vae_checks.standing import Standing

__all__ = [
    "bug_1",
    "bug_2",
    "bug_3",
    "bug_4",
    "bug_5",
    "continuous_bernoulli_log_norm",
    "discretized_logistic_log_prob",
    "pca",
    "standing",
]

register(LAB4)
standing = Standing("lab4-evaluation")
