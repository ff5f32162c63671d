"""Two diagonal Gaussians, by mu and logvar (B, D): how far apart, and what they say together."""

from __future__ import annotations

import torch
from torch import Tensor

Parameters = tuple[Tensor, Tensor]  # mu and logvar, (..., D) each


def diagonal_kl(q: Parameters, p: Parameters) -> Tensor:
    """KL(q || p), summed over the last dimension, in nats:

        1/2 sum_d [ (mu_q - mu_p)^2 / var_p + var_q / var_p - 1 - log(var_q / var_p) ]

    A known ladder leaves out the half of the logarithm, and the KL of the level at the top.

    >>> zero, one = torch.zeros(1, 1), torch.ones(1, 1)
    >>> diagonal_kl((one, zero), (zero, zero))
    tensor([0.5000])
    """
    (mu_q, logvar_q), (mu_p, logvar_p) = q, p
    ratio = logvar_q - logvar_p
    scaled = (mu_q - mu_p).square() * torch.exp(-logvar_p)
    return 0.5 * (scaled + ratio.expm1() - ratio).sum(-1)


def merge(one: Parameters, other: Parameters) -> Parameters:
    """The Gaussian proportional to the product of both densities: precisions add up, and the mean
    is weighted by them.

    Source: C. K. Sonderby et al., Ladder Variational Autoencoders, arXiv:1602.02282, equations 17
    and 18.

    >>> mu, logvar = merge((torch.tensor([0.0]), torch.tensor([0.0])),
    ...                    (torch.tensor([3.0]), torch.tensor([0.0])))
    >>> mu, logvar.exp()
    (tensor([1.5000]), tensor([0.5000]))
    """
    (mu_a, logvar_a), (mu_b, logvar_b) = one, other
    logvar = -torch.logaddexp(-logvar_a, -logvar_b)
    share = torch.sigmoid(logvar_b - logvar_a)  # of the first: 1 / var_a over the sum
    return share * mu_a + (1 - share) * mu_b, logvar


def relative(delta: Parameters, p: Parameters) -> Parameters:
    """q = N(mu_p + d_mu, var_p * exp(d_logvar)): where the encoder says nothing new, q is p.

    KL(q || p) = 1/2 sum [ d_mu^2 / var_p + exp(d_logvar) - d_logvar - 1 ].

    Source: A. Vahdat, J. Kautz, NVAE, arXiv:2007.03898, equation 2.
    """
    return p[0] + delta[0], p[1] + delta[1]
