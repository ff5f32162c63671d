"""Invertible maps of codes and the logarithms of their determinants: for priors and posteriors.

y = f(x),   log p(y) = log p(x) - log |det df/dx|
"""

from __future__ import annotations

import math
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_zoo.contract import size


class Masked(nn.Linear):
    """A linear layer of which a mask (outputs, inputs) leaves some weights."""

    mask: Tensor

    def __init__(self, mask: Tensor) -> None:
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask)

    def forward(self, values: Tensor) -> Tensor:
        return F.linear(values, self.weight * self.mask, self.bias)


class Autoregressive(nn.Module):
    """x (..., D) -> two numbers for each dimension d, (..., 2, D), which see x_1 ... x_{d-1} alone.

    With a context, (..., `context_dim`), they see all of it as well.

    Source: M. Germain et al., MADE, arXiv:1502.03509, section 4.
    """

    def __init__(self, dim: int, hidden_dim: int, context_dim: int = 0) -> None:
        super().__init__()
        dim, hidden = size(dim, self, "dim"), size(hidden_dim, self, "hidden_dim")
        inputs = torch.arange(1, dim + 1)
        units = torch.arange(hidden) % max(1, dim - 1) + 1  # unit h sees x_1 ... x_{units[h]}
        seen = (units[:, None] >= inputs).float()
        given = (inputs[:, None] > units).float()
        self.hidden, self.out = Masked(seen), Masked(given.repeat(2, 1))
        nn.init.zeros_(self.out.weight)  # begins as the identity
        nn.init.zeros_(self.out.bias)
        context = size(context_dim, self, "context_dim", at_least=0)
        self.context = nn.Linear(context, hidden, bias=False) if context else None

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        inside = self.hidden(x)
        if self.context is not None:
            inside = inside + self.context(context)
        return self.out(torch.relu(inside)).unflatten(-1, (2, -1))


class AffineAutoregressive(nn.Module):
    """y_d = x_d exp(s_d) + t_d with s, t of x_1 ... x_{d-1} (and a context): log-determinant
    sum_d s_d.

    Forward in one pass; the inverse goes dimension by dimension.

    Source: D. P. Kingma et al., Improving Variational Inference with Inverse Autoregressive Flow,
    arXiv:1606.04934, sections 3 and 4 (there in the form of a gate).
    """

    def __init__(self, dim: int, hidden_dim: int = 64, context_dim: int = 0) -> None:
        super().__init__()
        self.parts = Autoregressive(dim, hidden_dim, context_dim)

    def forward(self, x: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """y (..., D) and the log-determinant (...)."""
        parts = self.parts(x) if context is None else self.parts(x, context)
        log_scale, shift = parts.unbind(-2)
        return x * log_scale.exp() + shift, log_scale.sum(-1)

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """x (..., D) of y, and the log-determinant of *forward* at x."""
        x = torch.zeros_like(y)
        for _ in range(y.shape[-1]):  # each pass makes one more dimension right
            log_scale, shift = self.parts(x).unbind(-2)
            x = (y - shift) * (-log_scale).exp()
        log_scale, _ = self.parts(x).unbind(-2)
        return x, log_scale.sum(-1)


class Planar(nn.Module):
    """y = x + u tanh(w x + b), with u moved so that w u > -1, which makes it invertible.

    Source: D. Rezende, S. Mohamed, Variational Inference with Normalizing Flows, arXiv:1505.05770,
    equations 10 to 12 and appendix A.1.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        dim = size(dim, self, "dim")
        w = F.normalize(torch.randn(dim), dim=0)
        # softplus(w u) = 1: it begins as the identity.
        self.w, self.u = nn.Parameter(w), nn.Parameter(math.log(math.e - 1) * w)
        self.b = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """y (..., D) and the log-determinant (...)."""
        along = self.w @ self.u
        stretched = F.softplus(along)  # 1 + w u of the u that is used, above 0 whatever u is
        u = self.u + (stretched - 1 - along) * self.w / self.w.square().sum()
        inside = (x @ self.w + self.b).tanh()
        # 1 + (1 - tanh^2) w u, without a difference that could be 0 or less in float32
        slope = inside.square() + (1 - inside.square()) * stretched
        return x + inside[..., None] * u, slope.log()


class Reversed(nn.Module):
    """Dimensions in the other order: between autoregressive maps. Log-determinant 0."""

    def forward(self, x: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        return x.flip(-1), x.new_zeros(x.shape[:-1])

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return self.forward(y)


class Chain(nn.ModuleList):
    """Maps one after another; their log-determinants add up. A context goes to all of them."""

    def forward(self, x: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        total = x.new_zeros(x.shape[:-1])
        for each in self:
            x, log_det = each(x) if context is None else each(x, context)
            total = total + log_det
        return x, total

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        total = y.new_zeros(y.shape[:-1])
        for each in reversed(self):
            y, log_det = cast(Any, each).inverse(y)
            total = total + log_det
        return y, total


def affine_chain(dim: int, steps: int, hidden_dim: int, context_dim: int = 0) -> Chain:
    """So many affine autoregressive maps, the order reversed between them.

    With a context they go forward only.
    """
    maps: list[nn.Module] = []
    for step in range(steps):
        maps += [Reversed()] * (step > 0) + [AffineAutoregressive(dim, hidden_dim, context_dim)]
    return Chain(maps)
