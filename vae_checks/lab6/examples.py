"""Pyro programs of the checks' own, for answers that take programs. They run beside the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions import constraints
from torch.distributions.transforms import Transform

from vae_checks.beside import runs_beside
from vae_checks.fixtures import normal, spread


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
        return (self._scale.log() - torch.log(torch.cosh(y / self._scale))).sum(-1)


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
def line(offset: float, start: tuple[float, float]) -> tuple[Any, Any]:
    """A model and its guide: w ~ N(0, diag(prior_scale^2)), y ~ N(X w + offset, sigma^2 I), and a
    diagonal Gaussian whose loc and scale begin at `start`."""
    import pyro
    import pyro.distributions as dist

    def model(X: Tensor, y: Tensor, prior_scale: Tensor, sigma: float) -> None:
        w = pyro.sample("w", dist.Normal(torch.zeros_like(prior_scale), prior_scale).to_event(1))
        with pyro.plate("data", len(X)):
            pyro.sample("y", dist.Normal(X @ w + offset, sigma), obs=y)

    def guide(X: Tensor, y: Tensor, prior_scale: Tensor, sigma: float) -> None:
        loc = pyro.param("loc", torch.full_like(prior_scale, start[0]))
        scale = pyro.param("scale", torch.full_like(prior_scale, start[1]), constraints.positive)
        pyro.sample("w", dist.Normal(loc, scale).to_event(1))

    return model, guide


@runs_beside
def networks(weights: Mapping[str, Mapping[str, Tensor]]) -> tuple[Any, Any]:
    """An encoder, x (B, P) -> (mu, logvar), (B, D) each, and a decoder, z (B, D) -> logits (B, P),
    with the weights of `network_weights`."""
    from torch import nn

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mean = nn.Linear(1, 1)
            self.spread = nn.Linear(1, 1)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return self.mean(x), self.spread(x)

    decoder = nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1))
    made = Encoder(), decoder
    for network, name in zip(made, ("encoder", "decoder"), strict=True):
        for key, value in weights[name].items():
            part, _, which = key.rpartition(".")
            setattr(network.get_submodule(part), which, nn.Parameter(value.clone()))
    return made


def network_weights(pixels: int, latent: int) -> dict[str, dict[str, Tensor]]:
    """Weights of a small encoder and decoder, by name, in float64, drawn anew."""
    sizes = {
        "encoder": {"mean": (latent, pixels), "spread": (latent, pixels)},
        "decoder": {"0": (11, latent), "2": (pixels, 11)},
    }
    return {
        network: {
            f"{part}.{which}": 0.6 * normal(*(shape if which == "weight" else shape[:1]))
            for part, shape in parts.items()
            for which in ("weight", "bias")
        }
        for network, parts in sizes.items()
    }


@runs_beside
def couplings(numbers: Sequence[tuple[Tensor, Tensor, Tensor]]) -> list[Any]:
    """Maps as torch.distributions has them: bent, coupled over the coordinates, affine, in turn,
    from the numbers of `coupling_numbers`."""
    from torch.distributions import transforms

    return [
        (
            _Bent(scale),
            _Coupling(lower, scale),
            transforms.AffineTransform(shift, scale, event_dim=1),
        )[place % 3]
        for place, (scale, shift, lower) in enumerate(numbers)
    ]


@runs_beside
def keeps_couplings(
    function: Callable[..., Any], z: Tensor, numbers: Sequence[tuple[Tensor, Tensor, Tensor]]
) -> bool:
    """Whether the list of maps that a function of (z, maps) is given is as it was afterwards."""
    given = couplings(numbers)
    kept = list(given)
    function(z, given)
    return len(given) == len(kept) and all(a is b for a, b in zip(given, kept, strict=True))


def coupling_numbers(latent: int, count: int) -> list[tuple[Tensor, Tensor, Tensor]]:
    """For each of `count` maps a scale (D,), a shift (D,) and a strictly lower triangle (D, D)."""
    return [
        (
            spread(latent, low=0.5, high=1.5).abs(),
            normal(latent),
            torch.tril(normal(latent, latent), -1) / latent,
        )
        for _ in range(count)
    ]
