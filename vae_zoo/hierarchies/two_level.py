"""Codes above codes, with q from the top down, as p is."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from vae_helpers.arguments import whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.model import standard_normal_log_prob
from vae_helpers.pixels import require_pixels
from vae_zoo.contract import Autoencoder, Loss, size
from vae_zoo.hierarchies.gaussians import Parameters, diagonal_kl
from vae_zoo.likelihoods.densities import Likelihood, Name, likelihood
from vae_zoo.networks import Networks
from vae_zoo.vae import gaussian_draw, standard_normal_codes


class Hierarchical(Autoencoder):
    """-ELBO = nll + KL(q(z_L|x) || p(z_L)) + sum_l KL(q(z_l|x, z_{l+1}) || p(z_l|z_{l+1})).

    p(z_L) = N(0, I); all others are diagonal Gaussians whose parameters are learned functions of
    the codes above, and of the image in q. `latent_dims` are the sizes of z_1, ..., z_L.

    Source: D. Rezende, S. Mohamed, D. Wierstra, arXiv:1401.4082, equation 6, with a q that goes
    from the top down as in arXiv:1602.02282.
    """

    def __init__(
        self,
        networks: Networks,
        latent_dims: Sequence[int] = (20, 10),
        pixels: Name | Likelihood = "bernoulli",
        *,
        hidden_dim: int = 128,
    ) -> None:
        super().__init__()
        if len(latent_dims) < 2:
            name = type(self).__name__
            raise VaeLabError(f"{name}: latent_dims of two levels at least, as (20, 10)")
        self.data_dim = networks.data_dim
        self.latent_dims = [size(each, self, "latent_dims") for each in latent_dims]
        hidden = size(hidden_dim, self, "hidden_dim")
        self.likelihood = likelihood(pixels)
        self.encoder = networks.encoder(hidden)  # what q sees of the image
        self.top = nn.Sequential(nn.ReLU(), nn.Linear(hidden, 2 * self.latent_dims[-1]))
        below_and_above = list(zip(self.latent_dims, self.latent_dims[1:], strict=False))
        self.priors = nn.ModuleList(_two(above, hidden, below) for below, above in below_and_above)
        self.posteriors = nn.ModuleList(
            _two(self.seen(hidden, above), hidden, below) for below, above in below_and_above
        )
        self.decoder = networks.decoder(self.latent_dims[0], self.likelihood.outputs)

    @property
    def is_bound(self) -> bool:
        return self.likelihood.is_density

    def seen(self, hidden: int, above: int) -> int:
        """How many numbers the network of q(z_l|x, z_{l+1}) sees."""
        return hidden + above

    def posterior_of(self, level: int, h: Tensor, above: Tensor, prior: Parameters) -> Parameters:
        """q(z_l|x, z_{l+1}) of features h (B, H), codes above (B, D), p(z_l|z_{l+1})."""
        return _halves(self.posteriors[level](torch.cat([h, above], dim=1)))

    def prior_of(self, level: int, above: Tensor) -> Parameters:
        """p(z_l|z_{l+1}) of codes above (B, D)."""
        return _halves(self.priors[level](above))

    def levels(
        self, x: Tensor, *, noise: bool = True, generator: torch.Generator | None = None
    ) -> list[tuple[Tensor, Parameters, Parameters]]:
        """Codes with q and p of each level, z_1 first; without noise the means of q."""
        require_pixels(x, data_dim=self.data_dim)
        h = self.encoder(x)
        q = _halves(self.top(h))
        p = (torch.zeros_like(q[0]), torch.zeros_like(q[1]))
        found = [(_drawn(q, noise, generator), q, p)]
        for level in reversed(range(len(self.priors))):
            above = found[0][0]
            p = self.prior_of(level, above)
            q = self.posterior_of(level, h, above, p)
            found.insert(0, (_drawn(q, noise, generator), q, p))
        return found

    def decode(self, z: Tensor) -> Tensor:
        """What the likelihood makes pixels of, of codes z_1 (B, D_1)."""
        return self.decoder(z)

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        levels = self.levels(x, generator=generator)
        nll = self.likelihood.nll(self.decode(levels[0][0]), x)
        kls = {f"kl_{n}": diagonal_kl(q, p) for n, (_, q, p) in enumerate(levels, start=1)}
        return Loss(nll + sum(kls.values()), {"nll": nll, **kls})

    def log_weights(
        self, x: Tensor, num_samples: int, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """log p(x, z) - log q(z|x) of K codes of all levels: (K, B) nats, differentiable."""
        weights = []
        for _ in range(whole_number(num_samples, "num_samples")):
            levels = self.levels(x, generator=generator)
            log_w = -self.likelihood.nll(self.decode(levels[0][0]), x)
            for z, q, p in levels:
                log_w = log_w + _log_prob(z, p) - _log_prob(z, q)
            weights.append(log_w)
        return torch.stack(weights)

    def latent(self, x: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """z_1, (B, D_1)."""
        return self.levels(x, generator=generator)[0][0]

    def representation(self, x: Tensor) -> Tensor:
        """The means of q on all levels, each given those above."""
        return torch.cat([z for z, _, _ in self.levels(x, noise=False)], dim=1)

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        z = standard_normal_codes(n, self.latent_dims[-1], self.decoder, generator=generator)
        for level in reversed(range(len(self.priors))):
            z = _drawn(self.prior_of(level, z), True, generator)
        return self.likelihood.mean(self.decode(z))

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        return self.likelihood.mean(self.decode(self.levels(x, noise=False)[0][0]))


def _two(inputs: int, hidden: int, dim: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, 2 * dim))


def _halves(values: Tensor) -> Parameters:
    mu, logvar = values.chunk(2, dim=1)
    return mu, logvar


def _drawn(of: Parameters, noise: bool, generator: torch.Generator | None) -> Tensor:
    return gaussian_draw(*of, generator=generator) if noise else of[0]


def _log_prob(z: Tensor, of: Parameters) -> Tensor:
    mu, logvar = of
    return standard_normal_log_prob((z - mu) * torch.exp(-0.5 * logvar)) - 0.5 * logvar.sum(-1)
