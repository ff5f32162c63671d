"""The truth of lab1: densities and expectations of the linear-Gaussian model, in closed form.

    p(z) = N(0, I),   p(x|z) = N(W z + b, s^2 I),   q(z|x) = N(mu, diag(exp(logvar)))

Evidence and posterior come from `vae_helpers.LinearGaussian`; what stands here is written anew, so
that the two can be compared. Source: Bishop, Pattern Recognition and Machine Learning, 12.2.
"""

import math

import torch
from torch import Tensor

from vae_checks.fixtures import fresh_generator, normal, spread
from vae_helpers.linear_gaussian import LinearGaussian

LOG_2PI = math.log(2 * math.pi)


def fresh_model(pixels: int, latent: int) -> LinearGaussian:
    """A model with numbers of both signs; s is in [0.5, 0.8], so that s, s^2 and s^4 differ."""
    return LinearGaussian(W=spread(pixels, latent, high=1.2), b=spread(pixels), s=uniform(0.5, 0.8))


def factorized_model(pixels: int, latent: int) -> LinearGaussian:
    """A model whose posterior is exactly a diagonal Gaussian: W has orthogonal columns."""
    basis, _ = torch.linalg.qr(normal(pixels, latent))
    lengths = spread(latent, low=0.4, high=1.5).abs()
    return LinearGaussian(W=basis * lengths, b=spread(pixels), s=uniform(0.5, 0.8))


def mild_model(pixels: int, latent: int) -> LinearGaussian:
    """A model whose posterior is correlated, with precisions between 1.3 and 3.5."""
    left, _ = torch.linalg.qr(normal(pixels, latent))
    right, _ = torch.linalg.qr(normal(latent, latent))
    s = uniform(0.5, 0.8)
    lengths = s * torch.linspace(0.3, 2.5, latent, dtype=torch.float64).sqrt()
    return LinearGaussian(W=left * lengths @ right, b=spread(pixels), s=s)


def uniform(low: float, high: float) -> float:
    """One number between `low` and `high`."""
    return low + (high - low) * torch.rand((), generator=fresh_generator()).item()


def log_normal(off: Tensor, logvar: Tensor | float) -> Tensor:
    """log N(off; 0, exp(logvar)), number by number."""
    logvar = torch.as_tensor(logvar, dtype=torch.float64)
    return -0.5 * (LOG_2PI + logvar + off**2 * torch.exp(-logvar))


def log_likelihood(
    model: LinearGaussian, x: Tensor, z: Tensor, weights: float = 1, offset: float = 1
) -> Tensor:
    """log p(x|z) of x (..., P) and z (..., D), (...); its mean is weights * W z + offset * b."""
    residual = x - offset * model.b - weights * (z @ model.W.mT)
    return log_normal(residual, 2 * math.log(model.s)).sum(-1)


def log_prior(z: Tensor) -> Tensor:
    """log N(z; 0, I) of z (..., D), (...)."""
    return log_normal(z, 0.0).sum(-1)


def log_q(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log N(z; mu, diag(exp(logvar))) of z (..., D), (...)."""
    return log_normal(z - mu, logvar).sum(-1)


def entropy(logvar: Tensor) -> Tensor:
    """H[q] in nats, (B,)."""
    return 0.5 * (LOG_2PI + 1 + logvar).sum(-1)


def cross_entropy(mu: Tensor, logvar: Tensor) -> Tensor:
    """-E_q[log p(z)] in nats, (B,)."""
    return 0.5 * (LOG_2PI + mu**2 + logvar.exp()).sum(-1)


def expected_log_likelihood(
    model: LinearGaussian, x: Tensor, mu: Tensor, logvar: Tensor, *signs: float
) -> Tensor:
    """E_q[log p(x|z)] in nats, (B,): its value at mu, less what the spread of z costs."""
    cost = logvar.exp() @ (model.W**2).sum(0) / (2 * model.s**2)
    return log_likelihood(model, x, mu, *signs) - cost


def elbo(model: LinearGaussian, x: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """The evidence lower bound in nats, (B,)."""
    terms = expected_log_likelihood(model, x, mu, logvar)
    return terms - cross_entropy(mu, logvar) + entropy(logvar)


def diagonal_posterior(model: LinearGaussian, x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and log-variance (B, D) of the posterior of a `factorized_model`."""
    posterior = model.posterior(x)
    return posterior.mean, posterior.variance.log()


def kl_to_gaussian(mu: Tensor, logvar: Tensor, mean: Tensor, covariance: Tensor) -> Tensor:
    """KL(N(mu, diag(exp(logvar))) || N(mean, covariance)) in nats, (B,)."""
    precision = torch.linalg.inv(covariance)
    off = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (off * (precision @ off[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    return 0.5 * (trace + distance - mu.shape[-1] + logdet - logvar.sum(-1))
