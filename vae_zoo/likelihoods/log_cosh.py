"""log cosh of the error: squared where it is small, linear where it is large."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers.arguments import real_number
from vae_zoo.likelihoods.densities import Likelihood


def log_cosh(t: Tensor) -> Tensor:
    """log cosh t, to the last digits of its dtype however small or large t is.

        |t| + log(1 + exp(-2 |t|)) - log 2    far out, where cosh overflows (beyond 89 in float32)
        1/2 log(1 + sinh(t)^2)                near 0, where the first one has no digits left

    A known implementation has t in place of |t| in the first one, which is right as mathematics
    and overflows for t below -44.

    >>> import torch
    >>> log_cosh(torch.tensor([0.0, 1000.0, -1000.0]))
    tensor([  0.0000, 999.3068, 999.3068])
    """
    near = t.abs() < 1
    small, large = torch.where(near, t, 0.0), torch.where(near, 1.0, t.abs())
    far_out = large + F.softplus(-2 * large) - math.log(2)
    return torch.where(near, 0.5 * torch.log1p(torch.sinh(small).square()), far_out)


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
