"""Checks of lab5-family: `lab5.quantize(answer)`; a graded cell calls one idea of it."""

from vae_checks.lab5.misconceptions import LAB5
from vae_checks.misconceptions import register
from vae_checks.standing import Standing

__all__ = ["standing"]

register(LAB5)
standing = Standing("lab5-family")
