"""Arguments for answers: drawn anew each time, in ranges where wrong formulas give other values.

Values are kept away from 0 and 1, where many wrong formulas agree with the right one, and sizes
default to distinct primes. The numbers come from a generator of the check's own, seeded by the
machine: a check neither depends on a notebook's `manual_seed` nor changes what the notebook draws.
"""

import secrets

import torch
from torch import Tensor


def spread(*shape: int, low: float = 0.3, high: float = 2.0) -> Tensor:
    """Numbers of both signs with `low` <= |value| <= `high`, in float64."""
    generator = fresh_generator()
    size = torch.rand(shape, generator=generator, dtype=torch.float64) * (high - low) + low
    sign = torch.randint(0, 2, shape, generator=generator) * 2 - 1
    return size * sign


def normal(*shape: int) -> Tensor:
    """Standard normal numbers in float64."""
    return torch.randn(shape, generator=fresh_generator(), dtype=torch.float64)


def grey_images(batch: int, pixels: int) -> Tensor:
    """Images (batch, pixels) with every pixel strictly between 0 and 1, in float64."""
    return torch.rand(batch, pixels, generator=fresh_generator(), dtype=torch.float64) * 0.9 + 0.05


def shuffled(count: int) -> list[int]:
    """The numbers below `count` in an order of chance."""
    return torch.randperm(count, generator=fresh_generator()).tolist()


def fresh_generator() -> torch.Generator:
    """A generator that no seed of the notebook reaches."""
    return torch.Generator().manual_seed(new_seed())


def new_seed() -> int:
    """A seed by the machine, as no answer can know it."""
    return secrets.randbits(63)


def true_kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, exp(logvar)) || N(0, 1)) summed over the last dimension, in nats."""
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


def true_nll(logits: Tensor, x: Tensor) -> Tensor:
    """Cross-entropy of x in [0, 1] and sigmoid(logits), summed over the last dimension, in nats."""
    # log(1 + e^l) - x l, written so that no exponential overflows.
    return (logits.clamp(min=0) - x * logits + torch.log1p(torch.exp(-logits.abs()))).sum(-1)
