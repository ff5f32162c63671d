"""Categorical codes by the Gumbel-softmax, alone and beside Gaussian ones.

    arg max_k (log pi_k + g_k),  g_k = -log(-log u_k)    has exactly the probabilities pi
    softmax((log pi + g) / temperature)                  stands for it where gradients are wanted

The relaxed code is used in training. In eval mode the code is the arg max, so that the loss is a
sample of the true -ELBO, with the KL by enumeration.

Sources: E. Jang, S. Gu, B. Poole, arXiv:1611.01144; C. J. Maddison, A. Mnih, Y. W. Teh,
arXiv:1611.00712; E. Dupont, Learning Disentangled Joint Continuous and Discrete Representations,
arXiv:1804.00104, equation 7.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers.arguments import real_number, require_generator, whole_number
from vae_helpers.loss import gaussian_kl
from vae_helpers.pixels import require_pixels
from vae_zoo.contract import Autoencoder, Loss, size
from vae_zoo.likelihoods.densities import Likelihood, Name, likelihood
from vae_zoo.networks import Networks
from vae_zoo.regularizers.capacity import Capacity
from vae_zoo.vae import gaussian_draw, standard_normal_codes


def gumbel_like(logits: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
    """Independent draws of the standard Gumbel distribution: -log E, E exponential."""
    require_generator(generator, "gumbel")
    device = logits.device if generator is None else generator.device
    drawn = torch.empty(logits.shape, dtype=logits.dtype, device=device)
    return -drawn.exponential_(generator=generator).log().to(logits.device)


def gumbel_softmax(
    logits: Tensor, temperature: float, *, hard: bool, generator: torch.Generator | None = None
) -> Tensor:
    """A code (..., K) for each row of logits: relaxed, or the arg max as one-hot if `hard`.

    The arg max has the probabilities softmax(logits) at every temperature.
    """
    noisy = logits + gumbel_like(logits, generator=generator)
    if hard:
        return F.one_hot(noisy.argmax(-1), logits.shape[-1]).to(logits)
    return (noisy / temperature).softmax(-1)


def categorical_kl(logits: Tensor) -> Tensor:
    """KL of categorical distributions (B, G, K) from the uniform one, summed over G: (B,) nats.

        sum_k q_k log q_k + log K

    >>> categorical_kl(torch.tensor([[[0.0, 0.0]], [[0.0, -100.0]]]))  # nothing known, and all
    tensor([0.0000, 0.6931])
    """
    log_q = logits.log_softmax(-1)
    each = (log_q.exp() * log_q).sum(-1) + math.log(logits.shape[-1])
    return each.sum(-1)


class CategoricalVAE(Autoencoder):
    """`num_codes` categorical codes of `num_values` values each; the prior is uniform."""

    def __init__(
        self,
        networks: Networks,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_codes: int = 20,
        num_values: int = 10,
        temperature: float = 0.67,
    ) -> None:
        super().__init__()
        self.data_dim = networks.data_dim
        self.shape = (
            size(num_codes, self, "num_codes"),
            size(num_values, self, "num_values", at_least=2),
        )
        self.temperature = real_number(temperature, "CategoricalVAE: temperature", positive=True)
        self.likelihood = likelihood(pixels)
        self.encoder = networks.encoder(math.prod(self.shape))
        self.decoder = networks.decoder(math.prod(self.shape), self.likelihood.outputs)

    @property
    def is_bound(self) -> bool:
        return self.likelihood.is_density

    def encode(self, x: Tensor) -> Tensor:
        """Logits of q(z|x), (B, num_codes, num_values)."""
        require_pixels(x, data_dim=self.data_dim)
        return self.encoder(x).unflatten(1, self.shape)

    def decode(self, z: Tensor) -> Tensor:
        """What the likelihood makes pixels of, of codes (B, num_codes, num_values)."""
        return self.decoder(z.flatten(1))

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        logits = self.encode(x)
        z = self._drawn(logits, generator)
        nll, kl = self.likelihood.nll(self.decode(z), x), categorical_kl(logits)
        return Loss(nll + kl, {"nll": nll, "kl": kl})

    def representation(self, x: Tensor) -> Tensor:
        """Probabilities of all values."""
        return self.encode(x).softmax(-1).flatten(1)

    def latent(self, x: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        return self._drawn(self.encode(x), generator)

    def _drawn(self, logits: Tensor, generator: torch.Generator | None) -> Tensor:
        hard = not self.training
        return gumbel_softmax(logits, self.temperature, hard=hard, generator=generator)

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        n = whole_number(n, "sample: n", at_least=0)
        even = next(self.decoder.parameters()).new_zeros(n, *self.shape)
        z = gumbel_softmax(even, 1.0, hard=True, generator=generator)
        return self.likelihood.mean(self.decode(z))

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        """Decoded from the likeliest value of each code."""
        likeliest = F.one_hot(self.encode(x).argmax(-1), self.shape[1])
        return self.likelihood.mean(self.decode(likeliest.to(x)))


class JointVAE(Autoencoder):
    """nll + gamma (|KL_z - C_z| + |KL_c - C_c|): Gaussian codes z beside one categorical code c.

    Each capacity grows in a line; that of c ends at log K, which its KL cannot pass. No bound.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 10,
        pixels: Name | Likelihood = "bernoulli",
        *,
        num_values: int = 10,
        temperature: float = 0.67,
        gamma: float = 30.0,
        most: float = 20.0,
        steps: int = 2000,
    ) -> None:
        super().__init__()
        self.data_dim, self.latent_dim = networks.data_dim, size(latent_dim, self, "latent_dim")
        self.num_values = size(num_values, self, "num_values", at_least=2)
        self.temperature = real_number(temperature, "JointVAE: temperature", positive=True)
        self.gamma = real_number(gamma, "JointVAE: gamma")
        self.likelihood = likelihood(pixels)
        self.encoder = networks.encoder(2 * self.latent_dim + self.num_values)
        inputs = self.latent_dim + self.num_values
        self.decoder = networks.decoder(inputs, self.likelihood.outputs)
        self.capacity = Capacity(most, steps)
        self.capacity_categorical = Capacity(math.log(self.num_values), steps)

    def after_step(self) -> None:
        self.capacity.grow()
        self.capacity_categorical.grow()

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """mu and logvar (B, D) of z, logits (B, K) of c."""
        require_pixels(x, data_dim=self.data_dim)
        sizes = [self.latent_dim, self.latent_dim, self.num_values]
        mu, logvar, logits = self.encoder(x).split(sizes, dim=1)
        return mu, logvar, logits

    def decode(self, z: Tensor) -> Tensor:
        """What the likelihood makes pixels of, of z and c side by side, (B, D + K)."""
        return self.decoder(z)

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        mu, logvar, logits = self.encode(x)
        nll = self.likelihood.nll(self.decode(self._drawn(mu, logvar, logits, generator)), x)
        kl, categorical = gaussian_kl(mu, logvar), categorical_kl(logits[:, None])
        away = (kl.mean() - self.capacity.nats()).abs()
        away = away + (categorical.mean() - self.capacity_categorical.nats()).abs()
        return Loss(nll + self.gamma * away, {"nll": nll, "kl": kl, "kl_categorical": categorical})

    def representation(self, x: Tensor) -> Tensor:
        """mu beside the probabilities of c."""
        mu, _, logits = self.encode(x)
        return torch.cat([mu, logits.softmax(1)], dim=1)

    def latent(self, x: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        return self._drawn(*self.encode(x), generator)

    def _drawn(
        self, mu: Tensor, logvar: Tensor, logits: Tensor, generator: torch.Generator | None
    ) -> Tensor:
        z = gaussian_draw(mu, logvar, generator=generator)
        hard = not self.training
        c = gumbel_softmax(logits, self.temperature, hard=hard, generator=generator)
        return torch.cat([z, c], dim=1)

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        z = standard_normal_codes(n, self.latent_dim, self.decoder, generator=generator)
        even = z.new_zeros(n, self.num_values)
        c = gumbel_softmax(even, 1.0, hard=True, generator=generator)
        return self.likelihood.mean(self.decode(torch.cat([z, c], dim=1)))

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        mu, _, logits = self.encode(x)
        c = F.one_hot(logits.argmax(1), self.num_values).to(x)
        return self.likelihood.mean(self.decode(torch.cat([mu, c], dim=1)))
