"""p(x|z): what is made of the numbers that a decoder gives for each pixel.

    Bernoulli             black or white pixels; of grey ones the cross-entropy, no likelihood
    ContinuousBernoulli   a density on [0, 1]
    Gaussian              a density with one sigma for all pixels: given, learned, or the best one
    DiscretizedLogistic   a probability of each of 256 levels

A known implementation ends most of its decoders in tanh, whose range is (-1, 1), while its data
module makes images in [0, 1]. And a squared error averaged over pixels is a Gaussian of some sigma
that nobody has chosen: see `implied_beta`.

Sources: O. Rybkin, K. Daniilidis, S. Levine, Simple and Effective VAE
Training with Calibrated Decoders, arXiv:2006.13202 (the best sigma); the others in
vae_helpers.pixel_likelihoods.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from vae_helpers.arguments import real_number, whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.loss import bernoulli_nll
from vae_helpers.pixel_likelihoods import continuous_bernoulli_nll, discretized_logistic_log_prob


class Likelihood(nn.Module):
    """Attributes: `outputs`, numbers that the decoder gives for each pixel; `is_density`, whether
    nll is the -log of a density or of a probability."""

    outputs = 1
    is_density = True

    def nll(self, raw: Tensor, x: Tensor) -> Tensor:
        """Nats per image (B,), of the decoder's outputs (B, outputs * P) and images (B, P)."""
        raise NotImplementedError

    def mean(self, raw: Tensor) -> Tensor:
        """E[x|z], (B, P)."""
        raise NotImplementedError


class Bernoulli(Likelihood):
    """Outputs are logits."""

    def nll(self, raw: Tensor, x: Tensor) -> Tensor:
        return bernoulli_nll(raw, x)

    def mean(self, raw: Tensor) -> Tensor:
        return torch.sigmoid(raw)


class ContinuousBernoulli(Likelihood):
    """Outputs are logits of lambda, which is not the mean."""

    def nll(self, raw: Tensor, x: Tensor) -> Tensor:
        return continuous_bernoulli_nll(raw, x)

    def mean(self, raw: Tensor) -> Tensor:
        """lam / (2 lam - 1) + 1 / (2 atanh(1 - 2 lam)), which is (1 + coth(u) - 1 / u) / 2 with
        u = logit / 2; 1/2 + u / 6 at small u. Source: Loaiza-Ganem and Cunningham, equation 8."""
        u = 0.5 * raw
        near = u.abs() < 1e-2
        far = torch.where(near, 1.0, u)
        return 0.5 + torch.where(near, u / 6, 0.5 * (1 / far.tanh() - 1 / far))


class Gaussian(Likelihood):
    """N(x; mean, sigma^2 I) with the outputs as means and one sigma for all pixels.

        nll = |x - mean|^2 / (2 sigma^2) + P/2 log(2 pi sigma^2)

    sigma is a number, "learned" (a parameter), or "optimal": the root of the batch's mean squared
    error, at which the summed nll is smallest. Since its derivative there is 0, that error is a
    constant to the gradient of that sum (not of a bound of several weights). In eval mode it is
    a running mean over the batches of the training, without the bias of its beginning.

    Source: Rybkin et al., equation 4.

    >>> zero = torch.zeros(1, 2)
    >>> Gaussian(1.0).nll(zero, zero)  # log 2 pi
    tensor([1.8379])
    """

    MOMENTUM = 0.01  # of the running mean
    SMALLEST = 1e-6  # of the mean squared error: pixels of 8 bits are no more exact than that
    log_sigma: Tensor
    batches: Tensor

    def __init__(self, sigma: float | Literal["learned", "optimal"] = 1.0) -> None:
        super().__init__()
        self.kind = sigma if isinstance(sigma, str) else "given"
        if self.kind not in ("given", "learned", "optimal"):
            raise VaeLabError(f"Gaussian: sigma is a number, 'learned' or 'optimal', got {sigma!r}")
        given = (
            1.0 if isinstance(sigma, str) else real_number(sigma, "Gaussian: sigma", positive=True)
        )
        log_sigma = torch.tensor(math.log(given))
        if self.kind == "learned":
            self.log_sigma = nn.Parameter(log_sigma)
        else:
            self.register_buffer("log_sigma", log_sigma)
        self.register_buffer("batches", torch.tensor(0))  # that the running mean is of

    def nll(self, raw: Tensor, x: Tensor) -> Tensor:
        squares = (x - raw).square()
        log_sigma = self.log_sigma
        if self.kind == "optimal" and self.training:
            log_sigma = 0.5 * squares.detach().mean().clamp_min(self.SMALLEST).log()
            self._follow(log_sigma)
        return 0.5 * (squares * (-2 * log_sigma).exp() + 2 * log_sigma + math.log(2 * math.pi)).sum(
            1
        )

    def mean(self, raw: Tensor) -> Tensor:
        return raw

    @torch.no_grad()
    def _follow(self, log_sigma: Tensor) -> None:
        """The running mean is one of variances: of the first batches a plain mean."""
        self.batches += 1
        share = max(self.MOMENTUM, 1 / int(self.batches))
        old, new = (2 * self.log_sigma).exp(), (2 * log_sigma).exp()
        self.log_sigma.copy_(0.5 * old.lerp(new, share).log())


class DiscretizedLogistic(Likelihood):
    """Outputs are means, as logits so that they are in [0, 1], and the logarithms of scales."""

    outputs = 2

    def __init__(self, levels: int = 256) -> None:
        super().__init__()
        self.levels = whole_number(levels, "DiscretizedLogistic: levels", at_least=2)

    def nll(self, raw: Tensor, x: Tensor) -> Tensor:
        """Of images whose pixels are k / (levels - 1)."""
        mean, log_scale = self.mean(raw), raw.chunk(2, dim=1)[1] - 3.0  # e^-3: a sensible start
        return -discretized_logistic_log_prob(x, mean, log_scale, self.levels).sum(1)

    def mean(self, raw: Tensor) -> Tensor:
        """Of the logistic that is cut into bins."""
        return torch.sigmoid(raw.chunk(2, dim=1)[0])


Name = Literal[
    "bernoulli", "continuous-bernoulli", "gaussian", "gaussian-learned", "gaussian-optimal",
    "discretized-logistic",
]  # fmt: skip


def likelihood(which: Name | Likelihood) -> Likelihood:
    """The likelihood of this name, or the one that is handed in. Raises a VaeLabError.

    >>> likelihood("gaussian-learned").kind
    'learned'
    """
    if isinstance(which, Likelihood):
        return which
    if which not in get_args(Name):
        raise VaeLabError(f"likelihood: one of {', '.join(get_args(Name))}; got {which!r}")
    if which == "bernoulli":
        return Bernoulli()
    if which == "continuous-bernoulli":
        return ContinuousBernoulli()
    if which == "discretized-logistic":
        return DiscretizedLogistic()
    if which == "gaussian-learned":
        return Gaussian("learned")
    return Gaussian("optimal") if which == "gaussian-optimal" else Gaussian()


def implied_beta(data_dim: int, sigma: float = 1.0) -> float:
    """The beta of a Gaussian VAE that is trained on a squared error averaged over pixels.

        mean_p (x - m)^2 + KL = 2 sigma^2 / P ( |x - m|^2 / (2 sigma^2) + beta KL )

    so that beta = P / (2 sigma^2): 392 on 28 x 28 pixels at sigma = 1. Of a *summed* squared error
    it is 1 at sigma^2 = 1/2.

    >>> implied_beta(784), implied_beta(2)
    (392.0, 1.0)
    """
    data_dim = whole_number(data_dim, "implied_beta: data_dim")
    return data_dim / (2 * real_number(sigma, "implied_beta: sigma", positive=True) ** 2)


__all__ = [
    "Bernoulli", "ContinuousBernoulli", "DiscretizedLogistic", "Gaussian", "Likelihood",
    "implied_beta", "likelihood",
]  # fmt: skip
