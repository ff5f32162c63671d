"""log p(x) of a VAE, estimated from below by importance sampling with q as the proposal.

Source: Y. Burda, R. Grosse, R. Salakhutdinov, Importance Weighted Autoencoders, arXiv:1509.00519.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from vae_helpers.arguments import described, require_generator, whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.loss import bernoulli_nll
from vae_helpers.model import standard_normal_like, standard_normal_log_prob
from vae_helpers.pixels import require_pixels

# Pixels decoded at once: 16 MB in float32, whatever the number of images and samples.
PIXELS_AT_ONCE = 2**22


@torch.no_grad()
def log_likelihood(
    model: Any, x: Tensor, num_samples: int, *, generator: torch.Generator | None = None
) -> Tensor:
    """Importance-weighted estimate of log p(x), in nats per image.

        L_K(x) = log 1/K sum_k w_k,   w_k = p(x, z_k) / q(z_k|x),   z_k ~ q(z|x)

    E[L_1] is the ELBO, E[L_K] grows with K towards log p(x) and never passes it. Everything is
    computed in log space, in memory that depends on neither the images' number nor `num_samples`.

    Args:
        model: encode(x) -> (mu, logvar) of q; and either log_joint(x, z) -> log p(x, z), (B,), or
            decode(z) -> logits of Bernoulli pixels under the prior N(0, I).
        x: (B, P) in [0, 1]; a likelihood only when binary.
        num_samples: K, at least 1.
        generator: source of the z.

    Returns:
        (B,) nats. No gradient.

    Raises:
        VaeLabError: num_samples below 1, or x is no batch of images.

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
    if isinstance(model, type) or not hasattr(model, "encode"):
        raise VaeLabError(
            f"log_likelihood: a model with encode(x) is wanted, got {described(model)}"
        )
    num_samples = whole_number(num_samples, "log_likelihood: num_samples")
    require_generator(generator, "log_likelihood")
    require_pixels(x, what="x")
    rows = max(1, PIXELS_AT_ONCE // math.prod(x.shape[1:]))
    estimates = []
    was_training = getattr(model, "training", False)
    try:
        if was_training:
            model.eval()
        for images in x.split(rows):
            mu, logvar = model.encode(images)
            log_sum = torch.full_like(mu[:, 0], -math.inf)  # of the weights so far, (B,)
            for samples in _shares(num_samples, rows // max(1, len(images))):
                log_w = _log_weights(model, images, mu, logvar, samples, generator)  # (k, B)
                log_sum = torch.logaddexp(log_sum, log_w.logsumexp(0))
            estimates.append(log_sum - math.log(num_samples))
    finally:
        if was_training:
            model.train()
    return torch.cat(estimates)


def _log_weights(
    model: Any,
    x: Tensor,
    mu: Tensor,
    logvar: Tensor,
    samples: int,
    generator: torch.Generator | None,
) -> Tensor:
    """log w = log p(x, z) - log q(z|x) of fresh samples z, (samples, B)."""
    eps = standard_normal_like(mu.expand(samples, *mu.shape), generator=generator)  # (k, B, D)
    z = mu + torch.exp(0.5 * logvar) * eps
    # log q(z|x) by change of variables: the density of eps, stretched by sigma.
    log_q = standard_normal_log_prob(eps) - 0.5 * logvar.sum(-1)  # (k, B)
    x = x.expand(samples, *x.shape).flatten(0, 1)  # (k B, P)
    log_p = _log_joint(model, x, z.flatten(0, 1))  # (k B,)
    return log_p.view_as(log_q) - log_q


def _log_joint(model: Any, x: Tensor, z: Tensor) -> Tensor:
    if hasattr(model, "log_joint"):
        return model.log_joint(x, z)
    return -bernoulli_nll(model.decode(z), x) + standard_normal_log_prob(z)


def _shares(total: int, at_once: int) -> list[int]:
    """`total` cut into shares of `at_once` and a rest.

    >>> _shares(7, 3)
    [3, 3, 1]
    """
    whole, rest = divmod(total, at_once)
    return [at_once] * whole + ([rest] if rest else [])
