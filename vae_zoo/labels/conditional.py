"""The conditional VAE: encoder and decoder see the label."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers.errors import VaeLabError
from vae_helpers.loss import gaussian_kl
from vae_helpers.pixels import require_pixels
from vae_zoo.contract import Autoencoder, Loss, require_labels, size
from vae_zoo.likelihoods.densities import Likelihood, Name, likelihood
from vae_zoo.networks import Networks
from vae_zoo.vae import gaussian_draw, standard_normal_codes


class ConditionalVAE(Autoencoder):
    """-ELBO of log p(x|y), with q(z|x, y), p(x|z, y) and a prior p(z) = N(0, I) without y.

    Labels are whole numbers (B,) from 0 to num_classes - 1.

    Source: K. Sohn, H. Lee, X. Yan, Learning Structured Output Representation using Deep
    Conditional Generative Models, 2015, equation 4; there the prior may depend on the condition.
    """

    needs_labels = True

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_classes: int = 10,
    ) -> None:
        super().__init__()
        self.data_dim, self.latent_dim = networks.data_dim, size(latent_dim, self, "latent_dim")
        self.num_classes = size(num_classes, self, "num_classes")
        self.likelihood = likelihood(pixels)
        self.encoder = networks.encoder(2 * self.latent_dim, extra=self.num_classes)
        inputs = self.latent_dim + self.num_classes
        self.decoder = networks.decoder(inputs, self.likelihood.outputs)

    @property
    def is_bound(self) -> bool:
        return self.likelihood.is_density

    def encode(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Parameters (mu, logvar) of q(z|x, y), each (B, D)."""
        require_pixels(x, data_dim=self.data_dim)
        mu, logvar = self.encoder(x, self._one_hot(labels, x)).chunk(2, dim=1)
        return mu, logvar

    def decode(self, z: Tensor, labels: Tensor) -> Tensor:
        """What the likelihood makes pixels of, of codes (B, D) and labels (B,)."""
        return self.decoder(torch.cat([z, self._one_hot(labels, z)], dim=1))

    def loss(self, x: Tensor, labels: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        mu, logvar = self.encode(x, labels)
        z = gaussian_draw(mu, logvar, generator=generator)
        nll, kl = self.likelihood.nll(self.decode(z, labels), x), gaussian_kl(mu, logvar)
        return Loss(nll + kl, {"nll": nll, "kl": kl})

    def latent(
        self, x: Tensor, labels: Tensor, *, generator: torch.Generator | None = None
    ) -> Tensor:
        return gaussian_draw(*self.encode(x, labels), generator=generator)

    @torch.no_grad()
    def sample(
        self, n: int, labels: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """Mean pixels (n, P), of these labels (n,), or of the classes one after another."""
        z = standard_normal_codes(n, self.latent_dim, self.decoder, generator=generator)
        if labels is None:
            labels = torch.arange(n, device=z.device) % self.num_classes
        if len(labels) != n:
            raise VaeLabError(f"ConditionalVAE: {n} samples of {len(labels)} labels")
        return self.likelihood.mean(self.decode(z, labels))

    @torch.no_grad()
    def reconstruct(self, x: Tensor, labels: Tensor) -> Tensor:
        return self.likelihood.mean(self.decode(self.encode(x, labels)[0], labels))

    def _one_hot(self, labels: Tensor, like: Tensor) -> Tensor:
        labels = require_labels(labels, like, self.num_classes, "ConditionalVAE")
        return F.one_hot(labels.long(), self.num_classes).to(like)
