"""The negative ELBO of a VAE, term by term, per image, in nats.

    -ELBO(x) = E_q(z|x)[-log p(x|z)]  +  KL(q(z|x) || p(z))
             =        nll             +          kl

with p(x|z) Bernoulli, q(z|x) = N(mu, diag(exp(logvar))) and p(z) = N(0, I). Both terms are sums
over pixels or latent dimensions, one number per image; only `vae_loss` takes the mean of a batch.

Source: D. P. Kingma, M. Welling, Auto-Encoding Variational Bayes, arXiv:1312.6114.
"""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

import torch.nn.functional as F
from torch import Tensor

from vae_helpers.arguments import real_number, require_tensor
from vae_helpers.errors import VaeLabError
from vae_helpers.pixels import require_pixels

Nats = TypeVar("Nats", Tensor, float)


class VAELoss(NamedTuple, Generic[Nats]):
    """What `vae_loss` returns: tensors, `nll` and `kl` per image; `evaluate`: floats, all means."""

    loss: Nats
    nll: Nats
    kl: Nats


def bernoulli_nll(logits: Tensor, x: Tensor) -> Tensor:
    """Negative log-likelihood of images under independent Bernoulli pixels.

        nll = -sum_p [ x_p log s(logit_p) + (1 - x_p) log(1 - s(logit_p)) ],  s the sigmoid

    For binary x this is -log p(x|z). For grey x it is the cross-entropy between pixel intensities
    and probabilities, which is no likelihood: it cannot fall below the entropy of the pixels.
    Computed from logits, hence finite and exact however large they are.

    Args:
        logits: (B, P), or (B, ...) for images that are not flattened.
        x: the images, of the shape of `logits`, in [0, 1].

    Returns:
        nats per image, shape (B,).

    Raises:
        VaeLabError: when shapes differ or x is not in [0, 1].

    Source: Kingma and Welling, appendix C.1. Two pixels at probability 1/2 cost 2 log 2 nats:

    >>> import torch
    >>> bernoulli_nll(torch.zeros(1, 2), torch.tensor([[0.0, 1.0]]))
    tensor([1.3863])
    """
    require_pixels(x)
    require_tensor(logits, "logits")
    if logits.shape != x.shape:
        raise VaeLabError(
            f"bernoulli_nll: logits {tuple(logits.shape)} and images {tuple(x.shape)} "
            "must have the same shape (B, P)"
        )
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


def gaussian_kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL divergence from N(mu, diag(exp(logvar))) to the standard normal prior.

        kl = 1/2 sum_d [ mu_d^2 + exp(logvar_d) - 1 - logvar_d ]

    Args:
        mu: means, (B, D).
        logvar: log sigma squared, (B, D).

    Returns:
        nats per image, shape (B,); never negative.

    Raises:
        VaeLabError: when the shapes are not one and the same (B, D).

    Source: Kingma and Welling, appendix B.

    >>> import torch
    >>> gaussian_kl(mu=torch.tensor([[1.0]]), logvar=torch.tensor([[0.0]]))
    tensor([0.5000])
    """
    require_tensor(mu, "mu")
    require_tensor(logvar, "logvar")
    if mu.ndim != 2 or mu.shape != logvar.shape:
        raise VaeLabError(
            f"gaussian_kl: mu {tuple(mu.shape)} and logvar {tuple(logvar.shape)} "
            "must have the same shape (B, D)"
        )
    # expm1 keeps the digits that exp(logvar) - 1 loses near the prior.
    return 0.5 * (mu.square() + logvar.expm1() - logvar).sum(1)


def vae_loss(
    logits: Tensor, x: Tensor, mu: Tensor, logvar: Tensor, beta: float = 1.0
) -> VAELoss[Tensor]:
    """The loss to minimize, mean over the batch of nll + beta * kl, and its two terms per image.

    With beta = 1 it is a one-sample estimate of the negative ELBO, which bounds -log p(x) from
    above when x is binary.

    Args:
        logits, x: (B, P), see `bernoulli_nll`.
        mu, logvar: (B, D), see `gaussian_kl`.
        beta: weight of the KL term, Higgins et al. 2017; finite and not negative.

    Returns:
        VAELoss(loss, nll, kl): a scalar, (B,) and (B,), in nats.

    Raises:
        VaeLabError: when shapes do not fit, the batch is empty or beta makes no sense.

    One pixel at probability 1/2 and a code of mean 1: log 2 + 1/2 nats.

    >>> import torch
    >>> zero, one = torch.zeros(1, 1), torch.ones(1, 1)
    >>> vae_loss(logits=zero, x=one, mu=one, logvar=zero).loss
    tensor(1.1931)
    """
    beta = real_number(beta, "vae_loss: beta")
    nll, kl = bernoulli_nll(logits, x), gaussian_kl(mu, logvar)
    if len(nll) != len(kl):
        raise VaeLabError(
            f"vae_loss: {len(nll)} images {tuple(x.shape)} but {len(kl)} codes {tuple(mu.shape)}"
        )
    if len(nll) == 0:
        raise VaeLabError("vae_loss: the batch is empty, a mean over no images does not exist")
    return VAELoss((nll + beta * kl).mean(), nll, kl)
