"""The gradient of IWAE for the encoder, with less variance."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_helpers.importance import iw_bound
from vae_helpers.model import standard_normal_log_prob
from vae_zoo.bounds.importance_weighted import ImportanceWeighted
from vae_zoo.contract import Loss
from vae_zoo.vae import gaussian_samples


class DoublyReparameterized(ImportanceWeighted):
    """IWAE's bound and its gradient for the decoder; for the encoder's parameters phi

        sum_k v_k^2  d log w_k / dz_k  dz_k / dphi,   v = softmax of log w,

    which has the same mean: the score of q within d log w / dphi is written as a derivative through
    z once more. Mean over spread grows with sqrt K, where IWAE's own falls with 1 / sqrt K.

    Source: G. Tucker, D. Lawson, S. Gu, C. J. Maddison, Doubly Reparameterized Gradient Estimators
    for Monte Carlo Objectives, arXiv:1810.04152, section 3.
    """

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        mu, logvar = self.encode(x)
        z, _ = gaussian_samples(mu, logvar, self.num_samples, generator=generator)
        log_w = self._of_fixed_q(x, z, mu.detach(), logvar.detach())
        if z.requires_grad:
            weights = log_w.detach().softmax(0)[:, :, None]
            # What arrives at z is v d log w / dz already, by the bound below: once more by v.
            z.register_hook(lambda gradient: (weights * gradient).to(gradient))
        return Loss(-iw_bound(log_w), {"negative_elbo": -log_w.mean(0)})

    def _of_fixed_q(self, x: Tensor, z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
        """log w of codes (K, B, D); phi moves z alone, not the density of q."""
        eps = (z - mu) * torch.exp(-0.5 * logvar)
        log_q = standard_normal_log_prob(eps) - 0.5 * logvar.sum(1)
        repeated = x.expand(len(z), *x.shape).flatten(0, 1)
        return self.log_joint(repeated, z.flatten(0, 1)).view(log_q.shape) - log_q
