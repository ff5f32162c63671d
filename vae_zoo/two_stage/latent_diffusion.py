"""A denoising diffusion model in the space of codes.

    q(z_t | z_0) = N(a_t z_0, s_t^2 I),   a_t^2 + s_t^2 = 1        forward, t = 1 ... T
    loss = |eps - eps_hat(a_t z_0 + s_t eps, t)|^2                 noise prediction, t uniform
    z_{t-1} ~ N(mean of q(z_{t-1} | z_t, z_0_hat), its variance)   one reverse step

Codes are standardized first. This is a hierarchical VAE of T levels whose encoder is fixed.

Sources: J. Ho, A. Jain, P. Abbeel, arXiv:2006.11239, equations 4, 7 and 14; R. Rombach et al.,
arXiv:2112.10752.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from vae_helpers.arguments import whole_number
from vae_helpers.model import standard_normal_like
from vae_zoo.contract import Loss, size
from vae_zoo.two_stage.second_stage import SecondStage
from vae_zoo.vae import GaussianVAE

MOMENTUM = 0.01  # of the running means
SMALLEST_VARIANCE = 1e-4  # of a code, before anything is known of it


class Schedule(NamedTuple):
    """How much of the code is left, a (T + 1,), and how much noise is there, s; a_0 = 1."""

    a: Tensor
    s: Tensor


def cosine_schedule(num_steps: int) -> Schedule:
    """a_t falls like a cosine. Source: A. Nichol, P. Dhariwal, arXiv:2102.09672, equation 17.

    >>> a, s = cosine_schedule(4)
    >>> (a.square() + s.square()).allclose(torch.ones(5)), a[0]
    (True, tensor(1.))
    """
    t = torch.linspace(0, 1, num_steps + 1, dtype=torch.float64)
    left = torch.cos(0.5 * math.pi * (t + 0.008) / 1.008).square()
    left = left / left[0]
    betas = (1 - left[1:] / left[:-1]).clamp(max=0.999)
    squares = torch.cat([torch.ones(1, dtype=torch.float64), (1 - betas).cumprod(0)])
    return Schedule(squares.sqrt().float(), (1 - squares).clamp_min(0).sqrt().float())


def linear_schedule(num_steps: int) -> Schedule:
    """The share of noise that is added grows linearly with t: of T steps as of infinitely many.

        a_t = exp(-1/4 (b_1 - b_0) u^2 - 1/2 b_0 u),   u = t / T,   b_0 = 0.1,   b_1 = 20

    Sources: J. Ho, A. Jain, P. Abbeel, arXiv:2006.11239, section 4 (T = 1000); Y. Song et al.,
    arXiv:2011.13456, equation 33.

    >>> a, s = linear_schedule(4)
    >>> (a.square() + s.square()).allclose(torch.ones(5)), a[0]
    (True, tensor(1.))
    """
    u = torch.linspace(0, 1, num_steps + 1, dtype=torch.float64)
    a = torch.exp(-0.25 * (20 - 0.1) * u.square() - 0.5 * 0.1 * u)
    return Schedule(a.float(), (1 - a.square()).clamp_min(0).sqrt().float())


class Denoiser(nn.Module):
    """eps_hat(z_t, t): a small network that sees the code and the share of the way, t / T."""

    def __init__(self, dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(dim + 16, hidden_dim), nn.SiLU(),
            nn.Linear(hidden_dim, hidden_dim), nn.SiLU(),
            nn.Linear(hidden_dim, dim),
        )  # fmt: skip

    def forward(self, z: Tensor, share: Tensor) -> Tensor:
        """Noise (B, D) of codes (B, D) at shares (B,) of the way."""
        octaves = 2.0 ** torch.arange(8, device=z.device)
        angles = (share[:, None] * math.pi * octaves).to(z)
        return self.layers(torch.cat([z, angles.sin(), angles.cos()], dim=1))


class LatentDiffusion(SecondStage):
    """The prior of the codes is a diffusion model of `num_steps` steps.

    schedule: of so many steps, `cosine_schedule` or `linear_schedule`.
    """

    a: Tensor
    s: Tensor
    mean: Tensor
    square: Tensor
    batches: Tensor

    def __init__(
        self,
        first: GaussianVAE,
        first_steps: int,
        *,
        num_steps: int = 100,
        hidden_dim: int = 256,
        schedule: Callable[[int], Schedule] = cosine_schedule,
    ) -> None:
        super().__init__(first, first_steps)
        self.num_steps = size(num_steps, self, "num_steps")
        self.denoiser: nn.Module = Denoiser(first.latent_dim, size(hidden_dim, self, "hidden_dim"))
        for name, value in schedule(self.num_steps)._asdict().items():
            self.register_buffer(name, value)
        # Of the codes, followed while the second stage is trained.
        self.register_buffer("mean", torch.zeros(first.latent_dim))
        self.register_buffer("square", torch.ones(first.latent_dim))
        self.register_buffer("batches", torch.tensor(0))

    def noised(self, z: Tensor, t: Tensor, eps: Tensor) -> Tensor:
        """z_t of standardized codes z (B, D), steps t (B,) from 0 to T, noise (B, D)."""
        return self.a[t][:, None] * z + self.s[t][:, None] * eps

    def second_loss(self, z: Tensor, *, generator: torch.Generator | None = None) -> Loss:
        if self.training:
            self._follow(z)
        z = (z - self.mean) / self.std
        device = z.device if generator is None else generator.device
        t = torch.randint(1, self.num_steps + 1, (len(z),), generator=generator, device=device)
        t = t.to(z.device)
        eps = standard_normal_like(z, generator=generator)
        found = self.denoiser(self.noised(z, t, eps), t / self.num_steps)
        wrong = (eps - found).square().sum(1)
        return Loss(wrong, {"noise": wrong})

    def reverse_step(self, z: Tensor, t: int, eps_hat: Tensor, noise: Tensor) -> Tensor:
        """z_{t-1} of z_t (B, D): a draw of q(z_{t-1} | z_t, z_0) at the z_0 that eps_hat implies.

        Its variance is s_{t-1}^2 / s_t^2 (1 - a_t^2 / a_{t-1}^2), and 0 at t = 1.
        """
        a, s, a_before, s_before = self.a[t], self.s[t], self.a[t - 1], self.s[t - 1]
        start = (z - s * eps_hat) / a
        step = a / a_before
        new = 1 - step.square()  # the variance that this step had added
        mean = (a_before * new * start + step * s_before.square() * z) / s.square()
        return mean + (new.sqrt() * s_before / s) * noise

    @torch.no_grad()
    def sample_codes(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        n = whole_number(n, "sample: n", at_least=0)
        z = standard_normal_like(self.mean.expand(n, -1), generator=generator)
        for t in range(self.num_steps, 0, -1):
            share = torch.full((n,), t / self.num_steps, device=z.device)
            eps_hat = self.denoiser(z, share)
            noise = standard_normal_like(z, generator=generator)
            z = self.reverse_step(z, t, eps_hat, noise)
        return self.mean + self.std * z

    @property
    def std(self) -> Tensor:
        """Of the codes that have been seen, (D,)."""
        return (self.square - self.mean.square()).clamp_min(SMALLEST_VARIANCE).sqrt()

    @torch.no_grad()
    def _follow(self, z: Tensor) -> None:
        """Running means of the codes and of their squares: of the first batches plain means."""
        self.batches += 1
        share = max(MOMENTUM, 1 / int(self.batches))
        self.mean.lerp_(z.mean(0), share)
        self.square.lerp_(z.square().mean(0), share)
