"""Likelihoods for pixels that are not black or white: grey ones as they are.

continuous Bernoulli   a density on [0, 1]: the cross-entropy with the constant it lacks
discretized logistic   a probability of each of 256 levels, so that bits per dimension mean bits

Numbers of the two, of `bernoulli_nll` on binary pixels and of the cross-entropy on grey ones
compare with their own kind alone: they are about different data.

Sources: G. Loaiza-Ganem, J. P. Cunningham, The continuous Bernoulli, arXiv:1907.06845;
T. Salimans et al., PixelCNN++, arXiv:1701.05517.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers.arguments import require_tensor, whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.loss import bernoulli_nll

# log(u / tanh u) is the sum of these times u^2, u^4, ...: as exact as float64 for |u| < NEAR_HALF.
SERIES = (1 / 3, -7 / 90, 62 / 2835, -127 / 18900, 146 / 66825)
NEAR_HALF = 0.1


def continuous_bernoulli_log_norm(lam: Tensor) -> Tensor:
    """log C(lam) of the density p(x) = C(lam) lam^x (1 - lam)^(1 - x) on [0, 1].

        C = 2 atanh(1 - 2 lam) / (1 - 2 lam),   C(1/2) = 2

    Exact at 1/2 and around it, where the formula as it stands is 0 / 0; and so is its gradient.

    Args:
        lam: any shape, in (0, 1).

    Returns:
        of the shape of lam; at least log 2; differentiable.

    Raises:
        VaeLabError: lam is no tensor of floating-point numbers strictly between 0 and 1.

    Source: Loaiza-Ganem and Cunningham, section 3.

    >>> continuous_bernoulli_log_norm(torch.tensor([0.5])).exp()
    tensor([2.])
    """
    require_tensor(lam, "continuous_bernoulli_log_norm: lam")
    if not lam.is_floating_point() or not bool(((lam > 0) & (lam < 1)).all()):
        raise VaeLabError(
            "continuous_bernoulli_log_norm: lam must be numbers strictly between 0 and 1; of "
            "logits use continuous_bernoulli_nll"
        )
    return _log_norm(torch.logit(lam))


def continuous_bernoulli_nll(logits: Tensor, x: Tensor) -> Tensor:
    """Negative log-density of grey images under independent continuous Bernoulli pixels.

        nll = bernoulli_nll(logits, x) - sum_p log C(sigmoid(logit_p))

    A density, which may be above 1: values below 0 are nothing odd. What sigmoid(logit) is, is not
    the mean of the pixel, as it is for the Bernoulli.

    Args:
        logits: (B, P), or (B, ...).
        x: the images, of the shape of `logits`, in [0, 1].

    Returns:
        nats per image, (B,); differentiable.

    Raises:
        VaeLabError: as `bernoulli_nll`.

    Source: Loaiza-Ganem and Cunningham, section 3. At logit 0 the density is 1, that of the
    uniform distribution:

    >>> continuous_bernoulli_nll(torch.zeros(1, 2), torch.tensor([[0.1, 0.7]])).abs() < 1e-6
    tensor([True])
    """
    return bernoulli_nll(logits, x) - _log_norm(logits).flatten(1).sum(1)


def discretized_logistic_log_prob(
    x: Tensor, mean: Tensor, log_scale: Tensor, levels: int = 256
) -> Tensor:
    """Log-probability of each grey level under a logistic distribution cut into as many bins.

        P(x) = s((x + h - mean) / scale) - s((x - h - mean) / scale),   h = 1 / (2 (levels - 1))

    with s the sigmoid; the bins of 0 and 1 reach to minus and plus infinity, so that the
    probabilities of the levels sum to 1. Computed without a difference of sigmoids, hence finite
    however far from the mean.

    Args:
        x: levels k / (levels - 1), k = 0 ... levels - 1, in [0, 1]; any shape.
        mean, log_scale: of the logistic, on the scale of x; of a shape that x broadcasts with.
        levels: how many there are, at least 2.

    Returns:
        nats, one value a pixel, of the shape that the three broadcast to; differentiable in mean
        and log_scale. The nll of an image is minus the sum over its pixels.

    Raises:
        VaeLabError: x is not on these levels, or the shapes do not fit.

    Source: Salimans et al., section 2.1 (on the scale [-1, 1]). Two levels share evenly:

    >>> zero = torch.zeros(1)
    >>> discretized_logistic_log_prob(torch.tensor([0.0, 1.0]), zero + 0.5, zero, levels=2).exp()
    tensor([0.5000, 0.5000])
    """
    what = "discretized_logistic_log_prob"
    levels = whole_number(levels, f"{what}: levels", at_least=2)
    for name, value in (("x", x), ("mean", mean), ("log_scale", log_scale)):
        require_tensor(value, f"{what}: {name}")
    try:
        x, mean, log_scale = torch.broadcast_tensors(x, mean, log_scale)
    except RuntimeError:
        raise VaeLabError(
            f"{what}: shapes of x {tuple(x.shape)}, mean {tuple(mean.shape)} and log_scale "
            f"{tuple(log_scale.shape)} do not fit together"
        ) from None
    _require_levels(x, levels, what)
    half = 0.5 / (levels - 1)
    inverse = torch.exp(-log_scale)
    above, below = (x + half - mean) * inverse, (x - half - mean) * inverse
    # s(a) - s(b) = s(a) s(-b) (1 - exp(b - a)), and a - b is the same for every level.
    width = torch.log(-torch.expm1(-2 * half * inverse))
    inside = F.logsigmoid(above) + F.logsigmoid(-below) + width
    ends = torch.where(x < half, F.logsigmoid(above), F.logsigmoid(-below))
    return torch.where((x < half) | (x > 1 - half), ends, inside)


def bits_per_dimension(nll: Any, num_dimensions: int) -> Any:
    """A negative log-likelihood in bits a dimension: nll / (num_dimensions log 2).

    Args:
        nll: nats per image, a number or a tensor of any shape.
        num_dimensions: P, the numbers that an image is made of: pixels times channels.

    Returns:
        bits, of the type and shape of nll. A density's are relative to its unit of x and may be
        negative; of 256 levels 8 bits are a guess without a model.

    Raises:
        VaeLabError: num_dimensions is no whole number of at least 1.

    >>> print(bits_per_dimension(nll=784 * 8 * math.log(2), num_dimensions=784))
    8.0
    """
    return nll / (whole_number(num_dimensions, "bits_per_dimension: num_dimensions") * math.log(2))


def _log_norm(logits: Tensor) -> Tensor:
    """log C at lam = sigmoid(logits): log 2 + log(u / tanh u), u = logits / 2."""
    u = 0.5 * logits
    near = u.abs() < NEAR_HALF
    # Each branch is given only what it is good for: a nan in one would spoil the other's gradient.
    far = torch.where(near, 1.0, u).abs()
    ratio = far.log() - far.tanh().log()
    square = torch.where(near, u, 0.0).square()
    series = torch.zeros_like(square)
    for coefficient in reversed(SERIES):
        series = square * (coefficient + series)
    return math.log(2) + torch.where(near, series, ratio)


def _require_levels(x: Tensor, levels: int, what: str) -> None:
    steps = x.detach() * (levels - 1)
    off = (steps - steps.round()).abs()
    if not bool(((off < 0.01) & (x >= 0) & (x <= 1)).all()):
        hint = "; divide by the highest level" if bool((x > 1).any()) else ""
        raise VaeLabError(f"{what}: x must be levels k / {levels - 1} in [0, 1]{hint}")
