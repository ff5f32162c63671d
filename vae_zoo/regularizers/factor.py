"""FactorVAE: the total correlation by a second player, who tells codes from shuffled ones."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_helpers.arguments import real_number, require_generator
from vae_helpers.loss import gaussian_kl
from vae_zoo.contract import Loss, Player, size, trainable
from vae_zoo.likelihoods.densities import Likelihood, Name
from vae_zoo.networks import Networks
from vae_zoo.vae import GaussianVAE


def permute_dimensions(z: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
    """Each dimension of the codes (B, D) in an order of its own *across the batch*.

    What is left of q(z) is the product of its marginals. A known implementation permutes the
    dimensions within each code, which mixes the marginals up.

    >>> permute_dimensions(torch.tensor([[0.0, 5.0], [0.0, 5.0]]))
    tensor([[0., 5.],
            [0., 5.]])
    """
    require_generator(generator, "permute_dimensions")
    device = z.device if generator is None else generator.device
    keys = torch.rand(z.shape, generator=generator, device=device).to(z.device)
    return z.gather(0, keys.argsort(0))


class FactorVAE(GaussianVAE):
    """nll + KL + gamma TC, the TC estimated as the mean of the discriminator's logit. No bound.

    The discriminator's best logit is log q(z) - log prod_d q(z_d). It sees codes of one half of the
    batch as they are, and of the other half shuffled.

    Source: H. Kim, A. Mnih, Disentangling by Factorising, arXiv:1802.05983, algorithm 2.
    """

    minimizes_bound = False

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
        *,
        gamma: float = 10.0,
        hidden_dim: int = 256,
    ) -> None:
        super().__init__(networks, latent_dim, pixels)
        self.gamma = real_number(gamma, "FactorVAE: gamma")
        hidden = size(hidden_dim, self, "hidden_dim")
        self.discriminator: nn.Module = nn.Sequential(
            nn.Linear(self.latent_dim, hidden), nn.LeakyReLU(0.2),
            nn.Linear(hidden, hidden), nn.LeakyReLU(0.2),
            nn.Linear(hidden, 1),
        )  # fmt: skip

    def players(self) -> list[Player]:
        first, second = trainable(self, without=self.discriminator), trainable(self.discriminator)
        return [
            Player("autoencoder", first, self.loss),
            Player("discriminator", second, self.discriminator_loss),
        ]

    def total_correlation(self, z: Tensor) -> Tensor:
        """An estimate of log q(z) - log prod_d q(z_d), (B,), of codes (B, D)."""
        return self.discriminator(z).squeeze(1)

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        mu, logvar = self.encode(x)
        z = self.draw(mu, logvar, generator=generator)
        nll, kl, tc = self.nll(z, x), gaussian_kl(mu, logvar), self.total_correlation(z)
        terms = {"nll": nll, "kl": kl, "total_correlation": tc}
        return Loss(nll + kl + self.gamma * tc, terms)

    def discriminator_loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        """Cross-entropy of telling codes from shuffled ones; log 2 where they are alike."""
        with torch.no_grad():
            z = self.latent(x, generator=generator)
        true, other = z.chunk(2) if len(z) > 1 else (z, z)
        shuffled = permute_dimensions(other, generator=generator)
        wrong = F.softplus(-self.total_correlation(true)).mean()
        wrong = 0.5 * (wrong + F.softplus(self.total_correlation(shuffled)).mean())
        return Loss(wrong.expand(len(x)), {"discrimination": wrong.expand(len(x))})
