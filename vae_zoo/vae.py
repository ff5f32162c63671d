"""The VAE of 2013, cut into the parts that its descendants change.

    q(z|x) = N(mu, diag(exp(logvar)))   posterior(x, K): K codes of each image, and their densities
    p(z)   = N(0, I)                    prior_log_prob(z), prior_sample(n)
    p(x|z)                              a decoder and a Likelihood
    loss   = E_q[-log p(x|z)] + KL(q(z|x) || p(z))

Most models of this collection are this class with one of these methods written anew.

Source: D. P. Kingma, M. Welling, Auto-Encoding Variational Bayes, arXiv:1312.6114.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from vae_helpers.arguments import whole_number
from vae_helpers.loss import gaussian_kl
from vae_helpers.model import standard_normal_like, standard_normal_log_prob
from vae_helpers.pixels import require_pixels
from vae_zoo.contract import Autoencoder, Loss, size
from vae_zoo.likelihoods.densities import Likelihood, Name, likelihood
from vae_zoo.networks import Networks


class GaussianVAE(Autoencoder):
    """A VAE with a diagonal Gaussian q(z|x); sizes: B images, P pixels, D latent dimensions.

    >>> from vae_zoo.networks import FullyConnected
    >>> model = GaussianVAE(FullyConnected(data_dim=6), latent_dim=2)
    >>> model.loss(torch.rand(5, 6)).loss.shape, model.sample(3).shape
    (torch.Size([5]), torch.Size([3, 6]))
    """

    minimizes_bound: ClassVar[bool] = True  # and not something beside it

    def __init__(
        self,
        networks: Networks,
        latent_dim: int = 20,
        pixels: Name | Likelihood = "bernoulli",
    ) -> None:
        super().__init__()
        self.data_dim, self.latent_dim = networks.data_dim, size(latent_dim, self, "latent_dim")
        self.likelihood = likelihood(pixels)
        self.encoder = networks.encoder(2 * self.latent_dim)
        self.decoder = networks.decoder(self.latent_dim, self.likelihood.outputs)

    @property
    def is_bound(self) -> bool:
        """Bernoulli pixels: of black and white images alone; of grey ones it is no likelihood."""
        return self.minimizes_bound and self.likelihood.is_density

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Parameters (mu, logvar) of q(z|x), each (B, D)."""
        require_pixels(x, data_dim=self.data_dim)
        mu, logvar = self.encoder(x).chunk(2, dim=1)
        return mu, logvar

    def draw(
        self, mu: Tensor, logvar: Tensor, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """One code of each q(z|x), (B, D)."""
        return gaussian_draw(mu, logvar, generator=generator)

    def decode(self, z: Tensor) -> Tensor:
        """What the likelihood makes pixels of, (B, outputs * P), of codes (B, D)."""
        return self.decoder(z)

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        """-ELBO by one code an image, with the KL in closed form: terms nll and kl."""
        mu, logvar = self.encode(x)
        z = self.draw(mu, logvar, generator=generator)
        return self.negative_elbo(self.nll(z, x), gaussian_kl(mu, logvar))

    def negative_elbo(self, nll: Tensor, kl: Tensor) -> Loss:
        """The two terms (B,) as a loss."""
        return Loss(nll + kl, {"nll": nll, "kl": kl})

    def nll(self, z: Tensor, x: Tensor) -> Tensor:
        """-log p(x|z) in nats, (B,)."""
        return self.likelihood.nll(self.decode(z), x)

    def posterior(
        self, x: Tensor, num_samples: int = 1, *, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Codes z (K, B, D) of q(z|x) and log q(z|x) (K, B), both differentiable."""
        mu, logvar = self.encode(x)
        return gaussian_samples(mu, logvar, num_samples, generator=generator)

    def prior_log_prob(self, z: Tensor) -> Tensor:
        """log p(z) in nats, over the last dimension of z."""
        return standard_normal_log_prob(z)

    def prior_sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Codes (n, D) of p(z)."""
        return standard_normal_codes(n, self.latent_dim, self.decoder, generator=generator)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) in nats, (B,), of images (B, P) and codes (B, D)."""
        return self.prior_log_prob(z) - self.nll(z, x)

    def log_weights(
        self, x: Tensor, num_samples: int, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """log p(x, z) - log q(z|x) of K codes an image: (K, B) nats, differentiable."""
        z, log_q = self.posterior(x, num_samples, generator=generator)
        repeated = x.expand(num_samples, *x.shape).flatten(0, 1)
        return self.log_joint(repeated, z.flatten(0, 1)).view(log_q.shape) - log_q

    def latent(self, x: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        return self.posterior(x, generator=generator)[0][0]

    def centre(self, x: Tensor) -> Tensor:
        """The code (B, D) that stands for an image without noise: the mean of q(z|x)."""
        return self.encode(x)[0]

    def representation(self, x: Tensor) -> Tensor:
        return self.centre(x)

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        return self.likelihood.mean(self.decode(self.prior_sample(n, generator=generator)))

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        return self.likelihood.mean(self.decode(self.centre(x)))


class SampledKL(GaussianVAE):
    """A VAE whose KL has no closed form: log q(z|x) - log p(z) at the code that was drawn.

    What the models with other priors and posteriors have in common. The ELBO is the same on
    average; a single value may have a negative kl.
    """

    def loss(self, x: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        z, log_q = (each[0] for each in self.posterior(x, generator=generator))
        return self.negative_elbo(self.nll(z, x), log_q - self.prior_log_prob(z))


def gaussian_draw(
    mu: Tensor, logvar: Tensor, *, generator: torch.Generator | None = None
) -> Tensor:
    """One draw of N(mu, diag(exp(logvar))), of the shape of mu; gradients reach both."""
    return mu + torch.exp(0.5 * logvar) * standard_normal_like(mu, generator=generator)


def standard_normal_codes(
    n: int, dim: int, decoder: nn.Module, *, generator: torch.Generator | None = None
) -> Tensor:
    """Codes (n, dim) of N(0, I), where the decoder is and in its dtype. Raises a VaeLabError for
    an n that is no number of codes."""
    n = whole_number(n, "sample: n", at_least=0)
    like = next(decoder.parameters()).new_empty(n, dim)
    return standard_normal_like(like, generator=generator)


def gaussian_samples(
    mu: Tensor, logvar: Tensor, num_samples: int, *, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """z (K, B, D) of N(mu, diag(exp(logvar))), mu and logvar (B, D), and log q(z), (K, B).

    The noise of one sample after another is drawn, so that the first does not depend on K.
    """
    num_samples = whole_number(num_samples, "num_samples")
    eps = [standard_normal_like(mu, generator=generator) for _ in range(num_samples)]
    noise = torch.stack(eps)
    z = mu + torch.exp(0.5 * logvar) * noise
    return z, standard_normal_log_prob(noise) - 0.5 * logvar.sum(1)
