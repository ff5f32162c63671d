"""Pyro programs of the checks' own, for answers that take programs. They run beside the answer."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_checks.beside import runs_beside


@runs_beside
def line(X: Tensor, y: Tensor, prior_scale: Tensor, sigma: float) -> None:
    """The conjugate regression: w ~ N(0, diag(prior_scale^2)), y ~ N(X w, sigma^2 I)."""
    import pyro
    import pyro.distributions as dist

    w = pyro.sample("w", dist.Normal(torch.zeros_like(prior_scale), prior_scale).to_event(1))
    with pyro.plate("data", len(X)):
        pyro.sample("y", dist.Normal(X @ w, sigma), obs=y)


@runs_beside
def line_guide(X: Tensor, y: Tensor, prior_scale: Tensor, sigma: float) -> None:
    """A diagonal Gaussian over w that begins far from where the data put it."""
    import pyro
    import pyro.distributions as dist

    loc = pyro.param("loc", -torch.ones_like(prior_scale))
    scale = pyro.param("scale", torch.ones_like(prior_scale), constraint=dist.constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))
