"""Checks of lab4-evaluation: `lab4.free_bits(answer)`; a graded cell calls one idea of it.

rates_of_codes.py       kl_by_dimension, active_units
schedules.py            kl_weight, free_bits
rate_and_distortion.py  rate_distortion
codes_together.py       aggregate_posterior_log_prob
parts_of_kl.py          kl_split
misconceptions.py       what its mistakes mean
"""

from vae_checks.lab4.codes_together import aggregate_posterior_log_prob
from vae_checks.lab4.misconceptions import LAB4
from vae_checks.lab4.parts_of_kl import kl_split
from vae_checks.lab4.rate_and_distortion import rate_distortion
from vae_checks.lab4.rates_of_codes import active_units, kl_by_dimension
from vae_checks.lab4.schedules import free_bits, kl_weight
from vae_checks.misconceptions import register
from vae_checks.standing import Standing

__all__ = [
    "active_units",
    "aggregate_posterior_log_prob",
    "free_bits",
    "kl_by_dimension",
    "kl_split",
    "kl_weight",
    "rate_distortion",
    "standing",
]

register(LAB4)
standing = Standing("lab4-evaluation")
