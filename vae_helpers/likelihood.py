"""log p(x) of a VAE, estimated from below by importance sampling with q as the proposal.

log_weights          the weights themselves, (K, B)
log_likelihood       the bound L_K that they give, in memory that does not grow with K
likelihood_estimate  the same with its errors, the effective sample size and the ELBO

Source: Y. Burda, R. Grosse, R. Salakhutdinov, Importance Weighted Autoencoders, arXiv:1509.00519.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers.arguments import described, require_generator, whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.importance import error_of_size, precise, require_finite_weights
from vae_helpers.loss import bernoulli_nll
from vae_helpers.model import VAE, standard_normal_like, standard_normal_log_prob
from vae_helpers.pixels import require_images

# Pixels decoded at once, 4 MB in float32, whatever the number of images and samples: enough for
# quick products, few enough to be in the processor's cache for what follows, a fourth at a time.
PIXELS_AT_ONCE = 2**20
PARTS = 4


class MeanLikelihood(NamedTuple):
    """The mean over images of L_K, in nats per image, and its two errors, which do not mix.

    `error_over_images` says how much other images would change it, sd / sqrt n, and
    `error_over_samples` how much other z of the same images would.
    """

    log_likelihood: float
    error_over_images: float
    error_over_samples: float


class LikelihoodEstimate(NamedTuple):
    """What K importance weights say about each of B images, each (B,), in nats but for the size.

    Attributes:
        log_likelihood: L_K, see `iw_bound`.
        standard_error: of it over samples, see `standard_error`; nan for K = 1.
        effective_sample_size: between 1 and K, see there.
        elbo: mean of log w, an unbiased estimate of the ELBO; never above log_likelihood.
    """

    log_likelihood: Tensor
    standard_error: Tensor
    effective_sample_size: Tensor
    elbo: Tensor

    def mean(self) -> MeanLikelihood:
        """Over the images; the error over images is nan for one image.

        >>> one = torch.ones(4)
        >>> LikelihoodEstimate(torch.tensor([1.0, 3.0, 1.0, 3.0]), one, one, one).mean()[::2]
        (2.0, 0.5)
        """
        values, n = self.log_likelihood.double().cpu(), len(self.log_likelihood)
        spread = values.std().item() if n > 1 else math.nan
        errors = self.standard_error.double().cpu().square().sum().sqrt().item()
        return MeanLikelihood(values.mean().item(), spread / math.sqrt(n), errors / n)


@torch.no_grad()
def log_likelihood(
    model: Any, x: Tensor, num_samples: int, *, generator: torch.Generator | None = None
) -> Tensor:
    """Importance-weighted estimate of log p(x), in nats per image.

        L_K(x) = log 1/K sum_k w_k,   w_k = p(x, z_k) / q(z_k|x),   z_k ~ q(z|x)

    E[L_1] is the ELBO, E[L_K] grows with K towards log p(x) and never passes it. Everything is
    computed in log space, in memory of about twice that of x, whatever `num_samples`.

    Args:
        model: encode(x) -> (mu, logvar) of q; and either log_joint(x, z) -> log p(x, z), (B,), or
            decode(z) -> logits of Bernoulli pixels under the prior N(0, I).
        x: (B, P) in [0, 1]; a likelihood only when binary.
        num_samples: K, at least 1.
        generator: source of the z: K times the noise of all images, one after the other.

    Returns:
        (B,) nats. No gradient.

    Raises:
        VaeLabError: num_samples below 1, x is no batch of images or holds none, or a log weight
            is nan or infinite.

    Source: Burda et al., equation 8. A decoder that ignores z has p(x) = 2^-P at logits 0, and
    with q the prior every weight is p(x) itself:

    >>> from types import SimpleNamespace
    >>> ignorant = SimpleNamespace(
    ...     encode=lambda x: (torch.zeros(len(x), 1), torch.zeros(len(x), 1)),
    ...     decode=lambda z: torch.zeros(len(z), 2),
    ... )
    >>> log_likelihood(ignorant, torch.tensor([[0.0, 1.0]]), num_samples=10)
    tensor([-1.3863])
    """
    return _estimate(model, x, num_samples, generator, "log_likelihood").log_likelihood


@torch.no_grad()
def likelihood_estimate(
    model: Any, x: Tensor, num_samples: int, *, generator: torch.Generator | None = None
) -> LikelihoodEstimate:
    """`log_likelihood` with its standard errors, the effective sample size and the ELBO.

    Arguments and errors are those of `log_likelihood`, as are memory and, by the same generator,
    the values. With q the posterior all weights are equal, K of them count and nothing is left to
    err; log p(x) = -2 log 2 as there:

    >>> from types import SimpleNamespace
    >>> ignorant = SimpleNamespace(
    ...     encode=lambda x: (torch.zeros(len(x), 1), torch.zeros(len(x), 1)),
    ...     decode=lambda z: torch.zeros(len(z), 2),
    ... )
    >>> found = likelihood_estimate(ignorant, torch.tensor([[0.0, 1.0]]), num_samples=10)
    >>> found.effective_sample_size.round(), found.elbo
    (tensor([10.]), tensor([-1.3863]))
    """
    return _estimate(model, x, num_samples, generator, "likelihood_estimate")


@torch.no_grad()
def log_weights(
    model: Any, x: Tensor, num_samples: int, *, generator: torch.Generator | None = None
) -> Tensor:
    """log w = log p(x, z) - log q(z|x) of K fresh samples z ~ q(z|x) for each image: (K, B) nats.

    Model, arguments and errors are those of `log_likelihood`; so are the weights, by the same
    generator: `iw_bound(log_weights(...))` is `log_likelihood(...)`. No gradient.

    Source: Burda et al., equation 8.
    """
    num_samples = _checked(model, x, num_samples, generator, "log_weights")
    log_w = torch.empty(0)
    with _in_eval_mode(model):
        for samples, images, block in _weights(model, x, num_samples, generator, "log_weights"):
            if len(log_w) == 0:
                log_w = block.new_empty(num_samples, len(x))
            log_w[samples, images] = block
    require_finite_weights(log_w.isfinite().all(0), log_w.sum(0), "log_weights")
    return log_w


def _estimate(
    model: Any, x: Tensor, num_samples: int, generator: torch.Generator | None, what: str
) -> LikelihoodEstimate:
    """Three running sums for each image, in float64: of w and w^2 as logarithms, and of log w."""
    num_samples = _checked(model, x, num_samples, generator, what)
    sums, dtype = torch.empty(0), x.dtype
    with _in_eval_mode(model):
        for _, images, block in _weights(model, x, num_samples, generator, what):
            log_w, dtype = block.to(precise(block)), block.dtype
            if len(sums) == 0:
                sums = log_w.new_tensor([-math.inf, -math.inf, 0.0])[:, None].repeat(1, len(x))
            for row, power in enumerate((1, 2)):
                more = (power * log_w).logsumexp(0)
                sums[row, images] = torch.logaddexp(sums[row, images], more)
            sums[2, images] += log_w.sum(0)
    log_sum, log_squares, sum_log = sums
    require_finite_weights(sum_log.isfinite(), sum_log, what)
    size = (2 * log_sum - log_squares).exp()
    bound, elbo = log_sum - math.log(num_samples), sum_log / num_samples
    parts = (bound, error_of_size(size, num_samples), size, elbo)
    return LikelihoodEstimate(*(part.to(dtype) for part in parts))


def _checked(
    model: Any, x: Tensor, num_samples: int, generator: torch.Generator | None, what: str
) -> int:
    """num_samples as an int, all arguments being what they should. Raises VaeLabError."""
    if isinstance(model, type) or not hasattr(model, "encode"):
        raise VaeLabError(f"{what}: a model with encode(x) is wanted, got {described(model)}")
    require_generator(generator, what)
    require_images(x, what="x")
    return whole_number(num_samples, f"{what}: num_samples")


def _weights(
    model: Any, x: Tensor, num_samples: int, generator: torch.Generator | None, what: str
) -> Iterator[tuple[slice, slice, Tensor]]:
    """Blocks of log weights, as many samples and images at once as memory is granted for.

    The noise is drawn sample after sample for all images, so that no block's size changes it.
    """
    rows = max(1, PIXELS_AT_ONCE // math.prod(x.shape[1:]))
    # Of binary pixels: -log p(x|z) is the sum of softplus(sign logit), every term positive.
    signs = 1 - 2 * x if bool(((x == 0) | (x == 1)).all()) else None
    encoded = [model.encode(images) for images in x.split(rows)]
    mu, logvar = (torch.cat(parts) for parts in zip(*encoded, strict=True))  # (B, D)
    if mu.ndim != 2 or mu.shape != logvar.shape or len(mu) != len(x):
        raise VaeLabError(
            f"{what}: encode must give mu and logvar of one shape ({len(x)}, D), "
            f"got {tuple(mu.shape)} and {tuple(logvar.shape)}"
        )
    most = max(1, rows // PARTS)
    few = -(-len(x) // -(-len(x) // most))  # images at once, about as many in each block
    at_once = max(1, rows // few)
    for start in range(0, num_samples, at_once):
        samples = slice(start, min(start + at_once, num_samples))
        draws = range(samples.stop - start)
        eps = torch.stack([standard_normal_like(mu, generator=generator) for _ in draws])
        for first in range(0, len(x), few):
            each = slice(first, first + few)
            of_images = (x[each], None if signs is None else signs[each], mu[each], logvar[each])
            yield samples, each, _log_weights(model, *of_images, eps[:, each])


def _log_weights(
    model: Any, x: Tensor, signs: Tensor | None, mu: Tensor, logvar: Tensor, eps: Tensor
) -> Tensor:
    """log w = log p(x, z) - log q(z|x) at z = mu + sigma eps, eps (k, b, D): (k, b)."""
    z = mu + torch.exp(0.5 * logvar) * eps
    # log q(z|x) by change of variables: the density of eps, stretched by sigma.
    log_q = standard_normal_log_prob(eps) - 0.5 * logvar.sum(-1)
    return _log_joint(model, x, signs, z) - log_q


def _log_joint(model: Any, x: Tensor, signs: Tensor | None, z: Tensor) -> Tensor:
    """log p(x, z) of x (b, ...) and z (k, b, D): (k, b)."""
    own = getattr(model, "log_joint", None)
    if own is None or getattr(own, "__func__", None) is VAE.log_joint:
        logits = model.decode(z.flatten(0, 1))  # (k b, ...)
        return standard_normal_log_prob(z) - _nll(logits, x, signs).view(z.shape[:-1])
    log_p = own(_repeated(x, len(z)), z.flatten(0, 1))
    if log_p.shape != (len(z) * len(x),):
        raise VaeLabError(
            f"log_joint of {len(z) * len(x)} images and codes must give as many values, (B,), "
            f"got {tuple(log_p.shape)}"
        )
    return log_p.view(z.shape[:-1])


def _nll(logits: Tensor, x: Tensor, signs: Tensor | None) -> Tensor:
    """`bernoulli_nll` of logits (k b, ...), with images x (b, ...) and their signs: (k b,).

    log(1 + exp) takes a third of the time of softplus, and overflows where that does not.
    """
    if signs is None or logits.shape[1:] != x.shape[1:]:
        return bernoulli_nll(logits, _repeated(x, len(logits) // len(x)))
    samples = max(1, PIXELS_AT_ONCE // PARTS // signs.numel())
    signed = logits.new_empty(samples, *signs.shape)  # overwritten by each part: it stays in cache
    parts = []
    for part in logits.view(-1, *signs.shape).split(samples):
        here = torch.mul(part, signs, out=signed[: len(part)])
        parts.append(here.exp_().add_(1).log_().flatten(2).sum(2).flatten())
    nll = torch.cat(parts)
    if bool(nll.isfinite().all()):
        return nll
    return F.softplus(logits.view(-1, *signs.shape) * signs).flatten(2).sum(2).flatten()


def _repeated(x: Tensor, times: int) -> Tensor:
    return x.expand(times, *x.shape).flatten(0, 1)


@contextmanager
def _in_eval_mode(model: Any) -> Iterator[None]:
    was_training = getattr(model, "training", False)
    if was_training:
        model.eval()
    try:
        yield
    finally:
        if was_training:
            model.train()
