"""Pyro programs of the checks' own, for answers that take programs. They run beside the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions import constraints
from torch.distributions.transforms import Transform

from vae_checks.beside import runs_beside
from vae_checks.fixtures import fresh_generator


class _Bent(Transform):
    """y = scale * asinh(x): how much it stretches depends on where."""

    domain = codomain = constraints.real_vector
    bijective = True

    def __init__(self, scale: Tensor) -> None:
        super().__init__()
        self._scale = 1 + scale

    def _call(self, x: Tensor) -> Tensor:
        return self._scale * torch.asinh(x)

    def _inverse(self, y: Tensor) -> Tensor:
        return torch.sinh(y / self._scale)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return (self._scale.log() - torch.log1p(x**2) / 2).sum(-1)


class _Coupling(Transform):
    """y = scale * x + L tanh(x), L strictly lower triangular: undone coordinate by coordinate."""

    domain = codomain = constraints.real_vector
    bijective = True

    def __init__(self, lower: Tensor, scale: Tensor) -> None:
        super().__init__()
        self._lower, self._scale = lower, scale

    def _call(self, x: Tensor) -> Tensor:
        return self._scale * x + torch.tanh(x) @ self._lower.mT

    def _inverse(self, y: Tensor) -> Tensor:
        found: list[Tensor] = []
        for row in range(y.shape[-1]):
            known = torch.stack(found, -1) if found else y[..., :0]
            mixed = torch.tanh(known) @ self._lower[row, :row]
            found.append((y[..., row] - mixed) / self._scale[row])
        return torch.stack(found, -1)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return self._scale.log().sum() + 0 * x[..., 0]


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

    loc = pyro.param("loc", -1.5 * torch.ones_like(prior_scale))
    scale = pyro.param(
        "scale", 0.3 * torch.ones_like(prior_scale), constraint=dist.constraints.positive
    )
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


@runs_beside
def networks(pixels: int, latent: int) -> tuple[Any, Any]:
    """An encoder, x (B, P) -> (mu, logvar), (B, D) each, and a decoder, z (B, D) -> logits (B, P).

    In float64, small, with weights drawn anew.
    """
    from torch import nn

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mean = nn.Linear(pixels, latent)
            self.spread = nn.Linear(pixels, latent)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return self.mean(x), self.spread(x)

    encoder = Encoder().double()
    decoder = nn.Sequential(nn.Linear(latent, 11), nn.Tanh(), nn.Linear(11, pixels)).double()
    generator = fresh_generator()
    for each in (*encoder.parameters(), *decoder.parameters()):
        nn.init.normal_(each, std=0.6, generator=generator)
    return encoder, decoder


@runs_beside
def outputs(network: Any, argument: Tensor) -> Any:
    """What a network of `networks` gives, without a graph."""
    with torch.no_grad():
        return network(argument)


@runs_beside
def gradients(network: Any, name: str | None, argument: Tensor, weights: Any) -> dict[str, Tensor]:
    """The gradients of a weighted sum of a network's outputs by its parameters, under their names,
    and by its argument, under the given one, if there is one."""
    argument = argument.detach().clone().requires_grad_()
    by = dict(network.named_parameters()) | ({name: argument} if name else {})
    with torch.enable_grad():
        outputs = network(argument)
    if torch.is_tensor(outputs):
        outputs, weights = [outputs], [weights]
    found = torch.autograd.grad(outputs, list(by.values()), list(weights))
    return dict(zip(by, found, strict=True))


@runs_beside
def sizes(network: Any) -> dict[str, list[int]]:
    """The shapes of its parameters by name."""
    return {name: list(each.shape) for name, each in network.named_parameters()}


@runs_beside
def couplings(latent: int, count: int) -> list[Any]:
    """Maps as torch.distributions has them: bent, coupled over the coordinates, affine, in turn."""
    from torch.distributions import transforms

    found: list[Any] = []
    for number in range(count):
        scale = 0.5 + torch.rand(latent, generator=fresh_generator(), dtype=torch.float64)
        shift = torch.randn(latent, generator=fresh_generator(), dtype=torch.float64)
        affine = transforms.AffineTransform(shift, scale, event_dim=1)
        lower = torch.tril(
            torch.randn(latent, latent, generator=fresh_generator(), dtype=torch.float64), -1
        )
        found.append((_Bent(scale), _Coupling(lower / latent, scale), affine)[number % 3])
    return found


@runs_beside
def undone(maps: Sequence[Any], z: Tensor) -> tuple[Tensor, Tensor]:
    """u (B, D) that the maps take to z, and log |det| of each at what it was given, (maps, B)."""
    return _undone(list(reversed(maps)), z)


@runs_beside
def undone_in_order(maps: Sequence[Any], z: Tensor) -> tuple[Tensor, Tensor]:
    """The same with the maps undone in the wrong order."""
    return _undone(list(maps), z)


def _undone(maps: Sequence[Any], z: Tensor) -> tuple[Tensor, Tensor]:
    log_dets = [z.new_zeros(len(z))]
    for each in maps:
        before = each.inv(z)
        jacobian = torch.func.vmap(torch.func.jacrev(each))(before)
        log_dets.append(torch.linalg.slogdet(jacobian).logabsdet)
        z = before
    return z, torch.stack(log_dets)
