"""beta-TC-VAE: the KL in three parts, of which one is weighted.

    E_n KL(q(z|x_n) || p(z)) = I(n; z)                          what a code tells of its image
                             + KL(q(z) || prod_d q(z_d))        total correlation
                             + sum_d KL(q(z_d) || p(z_d))       dimension by dimension

with q(z) = 1/N sum_n q(z|x_n) over the whole data set, of which a step sees a batch.

Source: R. T. Q. Chen et al., Isolating Sources of Disentanglement in VAEs, arXiv:1802.04942,
equation 2 and appendix C.2 (stratified sampling).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from vae_helpers.arguments import real_number
from vae_helpers.errors import VaeLabError
from vae_helpers.model import standard_normal_log_prob
from vae_zoo.contract import Loss, size
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import GaussianVAE


class ThreeParts(NamedTuple):
    """Nats, (B,) each; mutual_information + total_correlation + by_dimension = log q - log p."""

    mutual_information: Tensor
    total_correlation: Tensor
    by_dimension: Tensor


def stratified_log_weights(batch: int, images: int) -> Tensor:
    """log of the weights (B, B) with which row i's codes stand for q(z) at the code of image i.

    Its own image counts once, 1 / N; of the other N - 1 the B - 1 of the batch are a sample, each
    (N - 1) / (N (B - 1)). Each row sums to 1, and where the batch is the data set every weight is
    1 / N. (The paper gives one of the others another weight, with the same mean and more variance;
    the code that goes with it writes 1 / N into one column in place of the diagonal.)

    >>> stratified_log_weights(batch=3, images=5).exp()[0]
    tensor([0.2000, 0.4000, 0.4000])
    """
    if not 2 <= batch <= images:
        raise VaeLabError(
            f"stratified_log_weights: a batch of {batch} of {images} images: at least two, and no "
            "more than there are, are needed"
        )
    others = (images - 1) / (images * (batch - 1))
    weights = torch.full((batch, batch), math.log(others))
    return weights.fill_diagonal_(-math.log(images))


def three_parts(z: Tensor, mu: Tensor, logvar: Tensor, log_weights: Tensor) -> ThreeParts:
    """Estimates at codes z (B, D) of images with mu, logvar (B, D); weights (B, B), as above."""
    # [i, j, d]: dimension d of code i under the q of image j
    scaled = (z[:, None] - mu) * torch.exp(-0.5 * logvar)
    log_q_each = -0.5 * (scaled.square() + logvar + math.log(2 * math.pi))
    log_q_own = log_q_each.diagonal().sum(0)  # log q(z_i|x_i)
    log_q = (log_q_each.sum(2) + log_weights).logsumexp(1)  # log q(z_i)
    log_marginals = (log_q_each + log_weights[:, :, None]).logsumexp(1).sum(1)
    return ThreeParts(
        log_q_own - log_q, log_q - log_marginals, log_marginals - standard_normal_log_prob(z)
    )


class BetaTCVAE(GaussianVAE):
    """nll + I(n; z) + beta TC + dimension-wise KL, of a data set of `num_images`. No bound.

    The estimates are logarithms of unbiased ones, and so biased: less, the larger the batch.
    """

    minimizes_bound = False

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_images: int,
        beta: float = 6.0,
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        self.num_images = size(num_images, self, "num_images", at_least=2)
        self.beta = real_number(beta, "BetaTCVAE: beta")

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        mu, logvar = self.encode(x)
        z = self.draw(mu, logvar, generator=generator)
        nll = self.nll(z, x)
        weights = stratified_log_weights(len(x), max(self.num_images, len(x))).to(z)
        parts = three_parts(z, mu, logvar, weights)
        weighted = parts.mutual_information + self.beta * parts.total_correlation
        return Loss(nll + weighted + parts.by_dimension, {"nll": nll, **parts._asdict()})
