"""The reference VAE: a Gaussian encoder and a Bernoulli decoder, both with one hidden layer.

    x (B, P) -> encode -> mu, logvar (B, D) -> reparameterize -> z (B, D) -> decode -> logits (B, P)

The layers are called fc1, fc21, fc22, fc3 and fc4 as in the PyTorch VAE example, so that weights
published for it load. Sizes: B batch, P pixels, D latent dimensions, H hidden units.

Source: D. P. Kingma, M. Welling, Auto-Encoding Variational Bayes, arXiv:1312.6114, appendix C.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from vae_helpers.arguments import require_generator, require_tensor, whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.loss import bernoulli_nll
from vae_helpers.pixels import require_pixels


class VAEOutput(NamedTuple):
    """What a forward pass returns: logits of pixels (B, P), mu and logvar of codes (B, D)."""

    logits: Tensor
    mu: Tensor
    logvar: Tensor


class VAE(nn.Module):
    """A variational autoencoder with p(z) = N(0, I), p(x|z) Bernoulli and q(z|x) diagonal Gaussian.

    >>> model = VAE(latent_dim=2)
    >>> logits, mu, logvar = model(torch.rand(5, 784))
    >>> logits.shape, mu.shape, logvar.shape
    (torch.Size([5, 784]), torch.Size([5, 2]), torch.Size([5, 2]))
    """

    def __init__(self, latent_dim: int = 20, hidden_dim: int = 400, data_dim: int = 784) -> None:
        super().__init__()
        latent_dim = whole_number(latent_dim, "VAE: latent_dim")
        hidden_dim = whole_number(hidden_dim, "VAE: hidden_dim")
        data_dim = whole_number(data_dim, "VAE: data_dim")
        self.latent_dim, self.hidden_dim, self.data_dim = latent_dim, hidden_dim, data_dim
        self.fc1 = nn.Linear(data_dim, hidden_dim)
        self.fc21 = nn.Linear(hidden_dim, latent_dim)  # mu
        self.fc22 = nn.Linear(hidden_dim, latent_dim)  # logvar
        self.fc3 = nn.Linear(latent_dim, hidden_dim)
        self.fc4 = nn.Linear(hidden_dim, data_dim)

    def forward(self, x: Tensor) -> VAEOutput:
        """Encode x (B, P), draw one z per image, decode it. z is drawn in eval mode, too.

        Raises a VaeLabError when x is not (B, P) with values in [0, 1].
        """
        mu, logvar = self.encode(x)
        z = self.reparameterize(mu, logvar)
        return VAEOutput(self.decode(z), mu, logvar)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Parameters (mu, logvar) of q(z|x), each (B, D), of images x (B, P) in [0, 1]."""
        require_pixels(x, data_dim=self.data_dim)
        _require_same_dtype(x, self.fc1.weight, "images")
        h = torch.relu(self.fc1(x))  # (B, H)
        return self.fc21(h), self.fc22(h)

    def reparameterize(
        self, mu: Tensor, logvar: Tensor, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """A sample z = mu + exp(logvar / 2) * eps of q(z|x), eps ~ N(0, I): (B, D).

        Gradients reach mu and logvar: dz/dmu = 1 and dz/dlogvar = (z - mu) / 2.
        """
        return mu + torch.exp(0.5 * logvar) * standard_normal_like(mu, generator=generator)

    def decode(self, z: Tensor) -> Tensor:
        """Logits (B, P) of the pixels given codes z (B, D); sigmoid makes them probabilities."""
        require_tensor(z, "z")
        if z.ndim != 2 or z.shape[1] != self.latent_dim:
            raise VaeLabError(f"z: expected shape (B, {self.latent_dim}), got {tuple(z.shape)}")
        _require_same_dtype(z, self.fc3.weight, "z")
        return self.fc4(torch.relu(self.fc3(z)))

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) = log p(x|z) + log p(z) in nats, (B,), of images (B, P) and codes (B, D)."""
        return -bernoulli_nll(self.decode(z), x) + standard_normal_log_prob(z)

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Pixel probabilities (n, P) of n codes drawn from the prior. No gradient."""
        n = whole_number(n, "sample: n", at_least=0)
        z = standard_normal_like(self.fc3.weight.new_empty(n, self.latent_dim), generator=generator)
        return torch.sigmoid(self.decode(z))

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        """Pixel probabilities (B, P) decoded from the mean code of x (B, P): no noise."""
        mu, _ = self.encode(x)
        return torch.sigmoid(self.decode(mu))


def standard_normal_like(like: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
    """Independent N(0, 1) numbers of the shape, dtype and device of `like`.

    Drawn on the generator's device: a CPU generator gives the same numbers to a model on a GPU.
    """
    if generator is None:  # what torch.compile understands, for batches of any size, too
        return torch.randn_like(like, memory_format=torch.contiguous_format)
    require_generator(generator, "noise")
    eps = torch.randn(like.shape, generator=generator, dtype=like.dtype, device=generator.device)
    return eps.to(like.device)


def standard_normal_log_prob(z: Tensor) -> Tensor:
    """log N(z; 0, I) = -1/2 sum_d (z_d^2 + log 2 pi) in nats, over the last dimension of z.

    >>> standard_normal_log_prob(torch.zeros(1, 2))
    tensor([-1.8379])
    """
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1)


def _require_same_dtype(x: Tensor, weight: Tensor, what: str) -> None:
    if x.dtype != weight.dtype and not torch.is_autocast_enabled(x.device.type):
        raise VaeLabError(
            f"{what}: {x.dtype} given to a model of {weight.dtype}; use {what}.to({weight.dtype})"
        )
