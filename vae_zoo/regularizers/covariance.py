"""DIP-VAE: the covariance of all codes is pulled towards the identity, that of the prior."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from vae_helpers.arguments import real_number
from vae_helpers.errors import VaeLabError
from vae_helpers.loss import gaussian_kl
from vae_zoo.contract import Loss
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import GaussianVAE


def covariance_penalty(covariance: Tensor, off_diagonal: float, diagonal: float) -> Tensor:
    """off_diagonal sum_{i != j} C_ij^2 + diagonal sum_i (C_ii - 1)^2, of C (D, D).

    >>> covariance_penalty(torch.tensor([[3.0, 1.0], [1.0, 1.0]]), off_diagonal=10.0, diagonal=1.0)
    tensor(24.)
    """
    on = covariance.diagonal()
    off = covariance.square().sum() - on.square().sum()
    return off_diagonal * off + diagonal * (on - 1).square().sum()


class DIPVAE(GaussianVAE):
    """nll + KL + penalty on the covariance over images, of mu ("I") or of z ("II"). No bound.

        Cov(z) = Cov(mu) + E[diag(sigma^2)]

    A known implementation centres mu over dimensions in place of images, divides by nothing, and
    takes sigma^4 for sigma^2.

    Source: A. Kumar, P. Sattigeri, A. Balakrishnan, arXiv:1711.00848, equations 5 to 7.
    """

    minimizes_bound = False

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        kind: Literal["I", "II"] = "II",
        off_diagonal: float = 10.0,
        diagonal: float = 10.0,
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        if kind not in ("I", "II"):
            raise VaeLabError(f"DIPVAE: kind is 'I' or 'II', got {kind!r}")
        self.kind = kind
        self.off_diagonal = real_number(off_diagonal, "DIPVAE: off_diagonal")
        self.diagonal = real_number(diagonal, "DIPVAE: diagonal")

    def covariance(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """Of the codes of a batch, (D, D), with mu and logvar (B, D)."""
        centred = mu - mu.mean(0)
        covariance = centred.mT @ centred / len(mu)
        return covariance if self.kind == "I" else covariance + logvar.exp().mean(0).diag()

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        mu, logvar = self.encode(x)
        nll = self.nll(self.draw(mu, logvar, generator=generator), x)
        kl = gaussian_kl(mu, logvar)
        covariance = self.covariance(mu, logvar)
        penalty = covariance_penalty(covariance, self.off_diagonal, self.diagonal).expand(len(x))
        return Loss(nll + kl + penalty, {"nll": nll, "kl": kl, "penalty": penalty})
