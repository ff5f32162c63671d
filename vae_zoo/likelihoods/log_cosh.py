"""log cosh of the error: squared where it is small, linear where it is large."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor

from vae_helpers.arguments import real_number
from vae_zoo.likelihoods.densities import Likelihood


def log_cosh(t: Tensor) -> Tensor:
    """log cosh t, exact for every t: |t| + log(1 + exp(-2 |t|)) - log 2.

    cosh itself overflows in float32 beyond 89. A known implementation has t in place of |t| in a
    formula that is right either way in exact numbers, and overflows for t below -44.

    >>> import torch
    >>> log_cosh(torch.tensor([0.0, 1000.0, -1000.0]))
    tensor([  0.0000, 999.3068, 999.3068])
    """
    return t.abs() + F.softplus(-2 * t.abs()) - math.log(2)


class LogCosh(Likelihood):
    """sum_p log cosh(a (x - mean)) / a, with the outputs as means; a constant short of a density.

    Source: P. Chen et al., Log Hyperbolic Cosine Loss Improves Variational Auto-Encoder, 2018.
    """

    is_density = False

    def __init__(self, steepness: float = 10.0) -> None:
        super().__init__()
        self.steepness = real_number(steepness, "LogCosh: steepness", positive=True)

    def nll(self, raw: Tensor, x: Tensor) -> Tensor:
        return log_cosh(self.steepness * (x - raw)).sum(1) / self.steepness

    def mean(self, raw: Tensor) -> Tensor:
        return raw
