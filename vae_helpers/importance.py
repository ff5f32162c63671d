"""What importance weights say: a bound on log p(x), its error, and how many of them count.

    w_k = p(x, z_k) / q(z_k|x),   z_k ~ q(z|x),   E[w_k] = p(x)

Everything here is computed of log w, (K, B): K samples for each of B images. exp(log w) itself is
0 in floating point for any image worth looking at.

Sources: Y. Burda, R. Grosse, R. Salakhutdinov, Importance Weighted Autoencoders, arXiv:1509.00519;
A. B. Owen, Monte Carlo Theory, Methods and Examples, section 9.3 (effective
sample size).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from vae_helpers.arguments import require_tensor
from vae_helpers.errors import VaeLabError


def iw_bound(log_w: Tensor) -> Tensor:
    """The importance-weighted lower bound on log p(x), in nats: L_K = log 1/K sum_k w_k.

    With K = 1 it is the one-sample ELBO; it never lies below the mean of log w (Jensen).

    Args:
        log_w: (K, B), see `log_weights`.

    Returns:
        (B,) nats per image; differentiable.

    Raises:
        VaeLabError: the shape is not (K, B), there are no samples or images, or a log weight is
            nan or infinite.

    Source: Burda et al., equation 8. Weights 1 and 3 have the mean 2:

    >>> iw_bound(torch.tensor([[1.0], [3.0]]).log()).exp()
    tensor([2.])
    """
    require_log_weights(log_w, "iw_bound")
    return log_w.logsumexp(0) - math.log(len(log_w))


def effective_sample_size(log_w: Tensor) -> Tensor:
    """How many equal weights would estimate as well: (sum_k w_k)^2 / sum_k w_k^2.

    Between 1, where one weight is all, and K, where all are equal.

    Args:
        log_w: (K, B), see `log_weights`.

    Returns:
        (B,), a number of samples.

    Raises:
        VaeLabError: as `iw_bound`.

    Source: Owen, section 9.3. Weights 1 and 3: 16 / 10.

    >>> effective_sample_size(torch.tensor([[1.0], [3.0]]).log())
    tensor([1.6000])
    """
    require_log_weights(log_w, "effective_sample_size")
    return _size(log_w).to(log_w.dtype)


def standard_error(log_w: Tensor) -> Tensor:
    """Of L_K as an estimate of log p(x), over the samples of each image, in nats.

        sd(w) / (mean(w) sqrt K) = sqrt((K / ESS - 1) / (K - 1))

    By the delta method: the error of a logarithm is the relative error of its argument. It says
    nothing of the error over images, and little where few weights count: a q that misses a part
    of the posterior has never drawn the weights that would betray it.

    Args:
        log_w: (K, B), see `log_weights`.

    Returns:
        (B,) nats; nan where K = 1, since one weight has no spread.

    Raises:
        VaeLabError: as `iw_bound`.

    Weights 1 and 3 have sd sqrt 2 and mean 2: sqrt 2 / (2 sqrt 2).

    >>> standard_error(torch.tensor([[1.0], [3.0]]).log())
    tensor([0.5000])
    """
    require_log_weights(log_w, "standard_error")
    return error_of_size(_size(log_w), len(log_w)).to(log_w.dtype)


def error_of_size(size: Tensor, num_samples: int) -> Tensor:
    """`standard_error` of an effective sample size; nan for one sample.

    >>> error_of_size(torch.tensor([1.6]), 2)
    tensor([0.5000])
    """
    if num_samples == 1:
        return torch.full_like(size, math.nan)
    return ((num_samples / size - 1).clamp(min=0) / (num_samples - 1)).sqrt()


def _size(log_w: Tensor) -> Tensor:
    log_w = log_w.to(precise(log_w))
    return (2 * log_w.logsumexp(0) - (2 * log_w).logsumexp(0)).exp()


def require_log_weights(log_w: Tensor, what: str) -> None:
    """Raise a VaeLabError unless `log_w` is (K, B), K and B at least 1, all finite."""
    require_tensor(log_w, f"{what}: log_w")
    if log_w.ndim != 2 or not log_w.is_floating_point():
        raise VaeLabError(
            f"{what}: log_w must be (K, B), samples by images, of floating-point numbers, "
            f"got {tuple(log_w.shape)} of {log_w.dtype}"
        )
    samples, images = log_w.shape
    if samples == 0 or images == 0:
        raise VaeLabError(f"{what}: log_w has no {'images' if samples else 'samples'}, its shape "
                          f"is {tuple(log_w.shape)}")  # fmt: skip
    require_finite_weights(log_w.isfinite().all(0), log_w.sum(0), what)


def require_finite_weights(finite: Tensor, example: Tensor, what: str) -> None:
    """Raise a VaeLabError about the first image whose weights are not `finite`, (B,)."""
    if bool(finite.all()):
        return
    image = int((~finite).nonzero()[0])
    value = float(example[image])
    means = {
        "nan": "the model computes no number there",
        "-inf": "p(x, z) is 0 there, this model cannot have made the image",
    }.get(str(value), "q(z|x) is 0 where it was drawn")
    raise VaeLabError(f"{what}: a log weight of image {image} is {value}: {means}")


def precise(like: Tensor) -> torch.dtype:
    """float64, in which sums of many weights keep their digits; Apple's GPUs do not have it."""
    return like.dtype if like.device.type == "mps" else torch.float64
