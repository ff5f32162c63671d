"""The aggregate posterior, all codes of a data set together, and what it says about the rate.

    q(z) = 1/N sum_n q(z|x_n),   1/N sum_n KL(q(z|x_n) || p(z)) = I(n; z) + KL(q(z) || p(z))

The first part is what a code tells about which image it is of, at most log N. The second is the
mismatch of the codes of these N images with the prior: samples suffer from it, since the decoder
never saw such codes. Of all images that there might be it is an upper bound (I grows with N, on
average), and a poor one where I is near log N: then rate - log N is left of any encoder with codes
as narrow, also of one whose codes are, all together, distributed as the prior.

Source: M. D. Hoffman, M. J. Johnson, ELBO surgery: yet another way to carve up the variational
evidence lower bound, 2016.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from vae_helpers.arguments import require_codes, require_generator, require_tensor, whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.importance import precise
from vae_helpers.loss import gaussian_kl
from vae_helpers.model import standard_normal_like

# Pairs of a code and an image at once: 32 MB in float64.
PAIRS_AT_ONCE = 2**22


class KLSplit(NamedTuple):
    """The two parts of the mean KL, in nats: kl = mutual_information + marginal_kl.

    Attributes:
        kl: mean over the N images of KL(q(z|x) || p(z)), exact.
        mutual_information: I(n; z) of an image's number n and its code, from 0 to log N.
        marginal_kl: KL(q(z) || p(z)) of the codes of these N images; of all images at most that.
        standard_error: of both parts, which err by the same amount in opposite directions.
        num_images: N. Both parts depend on it: where every code tells its image, I = log N.
    """

    kl: float
    mutual_information: float
    marginal_kl: float
    standard_error: float
    num_images: int


def aggregate_posterior_log_prob(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log q(z) = log 1/N sum_n N(z; mu_n, diag(exp(logvar_n))), in nats.

    Computed in float64, in pieces, so that N may be all images of a data set; for gradients all
    pieces are kept.

    Args:
        z: (M, D).
        mu, logvar: (N, D), of the images' q(z|x_n).

    Returns:
        (M,) nats, in the dtype of z; differentiable.

    Raises:
        VaeLabError: the shapes do not fit, or there are no codes or images.

    Source: Hoffman and Johnson 2016. One image at the prior gives N(0; 0, 1):

    >>> zero = torch.zeros(1, 1)
    >>> aggregate_posterior_log_prob(zero, mu=zero, logvar=zero)
    tensor([-0.9189])
    """
    require_codes(mu, logvar, "aggregate_posterior_log_prob")
    require_tensor(z, "aggregate_posterior_log_prob: z")
    if z.ndim != 2 or z.shape[1] != mu.shape[1] or len(z) == 0:
        raise VaeLabError(
            f"aggregate_posterior_log_prob: z must be (M, {mu.shape[1]}), M at least 1, "
            f"got {tuple(z.shape)}"
        )
    return _log_prob(z, mu, logvar).to(z.dtype)


@torch.no_grad()
def kl_split(
    mu: Tensor, logvar: Tensor, *, num_samples: int = 1, generator: torch.Generator | None = None
) -> KLSplit:
    """The mean KL of N images as mutual information and the KL of the aggregate posterior.

        I = 1/N sum_n E_{z ~ q(z|x_n)} [ log q(z|x_n) - log q(z) ],   KL(q(z) || p(z)) = kl - I

    I is estimated by `num_samples` codes an image, and no term of it passes log N; kl is exact. The
    standard error is the spread of all terms / sqrt(N num_samples): not too small, since drawing
    the same number for each image can only make the mean more certain.

    Args:
        mu, logvar: (N, D), of the images' q(z|x_n).
        num_samples: codes drawn for each image.
        generator: source of the codes.

    Returns:
        KLSplit, of floats in nats. No gradient.

    Raises:
        VaeLabError: the shapes are not one and the same (N, D), or there are no images.

    Source: Hoffman and Johnson 2016. Two images whose codes never meet: I = log 2, and the
    rest of kl = 50 keeps the codes from the prior.

    >>> split = kl_split(torch.tensor([[-10.0], [10.0]]), torch.zeros(2, 1))
    >>> print(f"{split.kl:.0f} = {split.mutual_information:.4f} + {split.marginal_kl:.4f}")
    50 = 0.6931 + 49.3069
    """
    require_codes(mu, logvar, "kl_split")
    num_samples = whole_number(num_samples, "kl_split: num_samples")
    require_generator(generator, "kl_split")
    wide = precise(mu)
    mu, logvar = mu.to(wide), logvar.to(wide)
    terms = []
    for _ in range(num_samples):
        eps = standard_normal_like(mu, generator=generator)
        z = mu + (0.5 * logvar).exp() * eps
        own = -0.5 * (eps.square() + logvar + math.log(2 * math.pi)).sum(1)  # log q(z|x_n)
        terms.append(own - _log_prob(z, mu, logvar))
    found = torch.cat(terms)  # (num_samples N,)
    kl, information = gaussian_kl(mu, logvar).mean().item(), found.mean().item()
    error = found.std().item() / math.sqrt(len(found)) if len(found) > 1 else 0.0
    return KLSplit(kl, information, kl - information, error, len(mu))


def _log_prob(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """(M,), in the precision of `precise`: the squares are multiplied out into two products.

    (z - mu)^2 / var = z^2 (1 / var) - 2 z (mu / var) + mu^2 / var
    """
    wide = precise(mu)
    z, mu, logvar = z.to(wide), mu.to(wide), logvar.to(wide)
    over = (-logvar).exp()  # 1 / var, (N, D)
    weights = torch.cat((-0.5 * over, mu * over), dim=1)  # (N, 2 D)
    constant = -0.5 * (mu.square() * over + logvar + math.log(2 * math.pi)).sum(1)  # (N,)
    pieces = [
        torch.addmm(constant, torch.cat((each.square(), each), dim=1), weights.mT).logsumexp(1)
        for each in z.split(max(1, PAIRS_AT_ONCE // len(mu)))
    ]
    return torch.cat(pieces) - math.log(len(mu))
