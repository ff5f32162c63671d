"""Where the nats of the negative ELBO go: rate and distortion, dimension by dimension, in training.

    -ELBO = distortion + rate,   distortion = E[-log p(x|z)],   rate = KL(q(z|x) || p(z))

rate_distortion, kl_by_dimension, active_units   what a trained model spends, and on what
kl_weight, free_bits                             two ways to keep a model from spending nothing

Sources: A. A. Alemi et al., Fixing a Broken ELBO, arXiv:1711.00464; Burda et al., arXiv:1509.00519
(active units); S. R. Bowman et al., arXiv:1511.06349 (warm-up); D. P. Kingma et al.,
arXiv:1606.04934, appendix C.8 (free bits).
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from vae_helpers.arguments import real_number, require_codes, require_tensor, whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.loss import gaussian_kl


class RateDistortion(NamedTuple):
    """Means over images in nats, scalars: what the code costs, and what is left to pay with it."""

    rate: Tensor
    distortion: Tensor


def rate_distortion(nll: Tensor, kl: Tensor) -> RateDistortion:
    """Rate, the mean of kl, and distortion, the mean of nll; their sum is the negative ELBO.

    Models of one sum lie on a line of slope -1 in the plane of the two, and no model lies below the
    line rate + distortion = H, the entropy of the data (Alemi et al.: H - D <= I <= R).

    Args:
        nll: -log p(x|z) per image, (B,), z ~ q(z|x).
        kl: KL(q(z|x) || p(z)) per image, (B,).

    Returns:
        RateDistortion(rate, distortion), nats per image; differentiable.

    Raises:
        VaeLabError: the shapes are not one and the same (B,), or there are no images.

    >>> import torch
    >>> rate_distortion(nll=torch.tensor([80.0, 90.0]), kl=torch.tensor([20.0, 30.0]))
    RateDistortion(rate=tensor(25.), distortion=tensor(85.))
    """
    require_tensor(nll, "rate_distortion: nll")
    require_tensor(kl, "rate_distortion: kl")
    if nll.ndim != 1 or nll.shape != kl.shape or len(nll) == 0:
        raise VaeLabError(
            f"rate_distortion: nll {tuple(nll.shape)} and kl {tuple(kl.shape)} must have the same "
            "shape (B,), one value an image, B at least 1"
        )
    return RateDistortion(kl.mean(), nll.mean())


def kl_by_dimension(mu: Tensor, logvar: Tensor) -> Tensor:
    """The rate of each latent dimension: the mean over images of its part of `gaussian_kl`.

        kl_d = 1/B sum_b 1/2 [ mu_bd^2 + exp(logvar_bd) - 1 - logvar_bd ]

    The parts add up to the rate, since q and the prior are both independent over dimensions.

    Args:
        mu, logvar: (B, D), see `gaussian_kl`.

    Returns:
        (D,) nats; differentiable; never negative, and 0 where q is the prior for every image.

    Raises:
        VaeLabError: the shapes are not one and the same (B, D), or there are no images.

    >>> import torch
    >>> kl_by_dimension(torch.tensor([[1.0, 0.0], [3.0, 0.0]]), torch.zeros(2, 2))
    tensor([2.5000, 0.0000])
    """
    require_codes(mu, logvar, "kl_by_dimension")
    kl = gaussian_kl(mu.reshape(-1, 1), logvar.reshape(-1, 1))  # (B D,)
    return kl.view(mu.shape).mean(0)


def active_units(mu: Tensor, threshold: float = 0.01) -> Tensor:
    """Which latent dimensions follow the images: Var over images of mu_d > threshold.

    A dimension whose posterior mean is the same for every image tells the decoder nothing.

    Args:
        mu: posterior means, (B, D), of at least two images; many, for a variance that means much.
        threshold: 0.01 in the paper, where variances are either well above or well below.

    Returns:
        (D,) of bool; its sum is their number.

    Raises:
        VaeLabError: mu is not (B, D) with B >= 2, or the threshold is no number >= 0.

    Source: Burda et al., section 5.2: A_u = Cov_x(E_q[u]). The variances here are 2 and 0:

    >>> import torch
    >>> active_units(torch.tensor([[-1.0, 5.0], [1.0, 5.0]]))
    tensor([ True, False])
    """
    require_tensor(mu, "active_units: mu")
    threshold = real_number(threshold, "active_units: threshold")
    if mu.ndim != 2 or len(mu) < 2:
        raise VaeLabError(
            f"active_units: mu must be (B, D), the means of at least two images, since one has no "
            f"variance; got {tuple(mu.shape)}"
        )
    return mu.var(0) > threshold


def kl_weight(step: int, warmup_steps: int) -> float:
    """Weight of the KL term in a linear warm-up: min(1, step / warmup_steps), 1 from there on.

    Steps are counted from 0 over the whole run, as `fit` counts them:
    fit(..., beta=lambda step: kl_weight(step, 1000)).

    Args:
        step: at least 0.
        warmup_steps: at least 0; none means the weight 1 from the start.

    Raises:
        VaeLabError: either is no whole number >= 0.

    Source: Bowman et al., section 3.1; C. K. Sonderby et al., arXiv:1602.02282 (linear).

    >>> [kl_weight(step, 4) for step in (0, 1, 4, 5)]
    [0.0, 0.25, 1.0, 1.0]
    """
    step = whole_number(step, "kl_weight: step", at_least=0)
    warmup_steps = whole_number(warmup_steps, "kl_weight: warmup_steps", at_least=0)
    return min(1.0, step / warmup_steps) if warmup_steps else 1.0


def free_bits(kl: Tensor, floor: float) -> Tensor:
    """The KL term of a loss in which the first `floor` nats of each dimension cost nothing.

        sum_d max(floor, mean over the batch of kl_d)

    Below the floor a dimension has no gradient: nothing pushes it back to the prior.

    Args:
        kl: (B, D), the KL of each image and dimension; or (D,), means over a batch.
        floor: nats a dimension, at least 0, where the sum is the KL itself. (Kingma et al. call it
            lambda, and give one to each group of dimensions.)

    Returns:
        a scalar, in nats; differentiable.

    Raises:
        VaeLabError: kl is neither, or empty; the floor is no number >= 0.

    Source: Kingma et al., appendix C.8. The means 0.25 and 3, with a floor of 1:

    >>> import torch
    >>> free_bits(torch.tensor([[0.5, 2.0], [0.0, 4.0]]), floor=1.0)
    tensor(4.)
    """
    require_tensor(kl, "free_bits: kl")
    floor = real_number(floor, "free_bits: floor")
    if kl.ndim not in (1, 2) or kl.numel() == 0:
        raise VaeLabError(
            f"free_bits: kl must be (B, D), or (D,) of means over a batch, got {tuple(kl.shape)}"
        )
    means = kl.mean(0) if kl.ndim == 2 else kl
    return means.clamp(min=floor).sum()
