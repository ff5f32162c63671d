"""By which rule did a path climb, if not by plain gradient ascent? And the function to climb."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.verdict import Mistake, describe
from vae_checks.watching import watch
from vae_helpers.linear_gaussian import LinearGaussian


def name_rule(bound: "Climbed", mus: Tensor, logvars: Tensor, key: str, wanted: Tensor) -> None:
    """Raise the Mistake of a rule that explains the path of `key`, where gradients give `wanted`.

    Known are momentum, weight decay, clipped gradients, bounds on the values, a step size that
    changes, and gradients that are differences of values.
    """
    path = mus if key == "mu" else logvars
    if torch.equal(path, path.float().double()):
        seen = f"The path of {key} has the digits of float32."
        raise Mistake("lost-precision", seen)
    moved, off = path[1:] - path[:-1], path[1:] - path[:-1] - wanted
    what = f"The movement of {key}"
    points = torch.cat([mus, logvars], dim=-1).flatten(1)
    back = (points[2:, None] == points[:-2]).all(-1).tril()  # (steps - 1, steps - 1)
    back &= (points[2:] != points[1:-1]).any(-1, keepdim=True)  # what stands still is told below
    if back.any():
        late, early = back.nonzero()[-1].tolist()
        seen = f"Entry {late + 2} of the path is entry {early} once more."
        raise Mistake("climb-goes-back", seen)
    if bound.asked_beside(mus, logvars):
        seen = "elbo was asked at points that are not on the path."
        raise Mistake("climb-differences", seen)
    still_images = (moved == 0).all(2).all(0)
    if still_images.any() and not still_images.all():
        seen = f"{key} of image {int(still_images.int().argmax())} does not move."
        raise Mistake("climb-some-images", seen)
    largest = moved.abs().max()
    clips = largest < (1 - 1e-6) * wanted.abs().max()
    if clips and _explains(moved, wanted.clamp(-largest, largest), moved):
        seen = f"No movement of {key} is above {largest:.3g}; gradients give up to"
        raise Mistake("climb-clipped", f"{seen} {wanted.abs().max():.3g}.")
    low, high = path[1:].min(), path[1:].max()
    if _explains(path[1:], (path[:-1] + wanted).clamp(low, high), moved):
        seen = f"{key} stays between {low:.3g} and {high:.3g}, whatever the gradient."
        raise Mistake("climb-clipped", seen)
    pulled = -(off * path[:-1]).sum() / (path[:-1] ** 2).sum()
    if _explains(off, -pulled * path[:-1], moved) and pulled.abs() > 1e-9:
        seen = f"{what} holds -{pulled:.3g} times {key} itself."
        raise Mistake("climb-weight-decay", seen)
    kept = _momentum(moved, wanted)
    if kept is not None:
        seen = f"{what} holds {kept:.3g} times the movement before it."
        raise Mistake("climb-momentum", seen)
    scales = (moved * wanted).sum((1, 2)) / (wanted**2).sum((1, 2))  # of each step
    if not _explains(moved, scales[:, None, None] * wanted, moved):
        return
    still = scales.abs() < 1e-9
    if still.any():
        seen = f"In step {int(still.int().argmax()) + 1} of {len(scales)} {key} does not move."
        raise Mistake("climb-stands-still", seen)
    shown = ", ".join(f"{scale:.3g}" for scale in scales.tolist()[:4])
    seen = f"{what} is {shown} times what it should be, from step to step."
    by_mu, by_logvar = bound.gradient(mus[:-1], logvars[:-1])
    both = torch.cat([by_mu, by_logvar], -1).square().sum((1, 2)).sqrt()
    for norms in (both, by_mu.square().sum((1, 2)).sqrt(), by_logvar.square().sum((1, 2)).sqrt()):
        limit = (scales * norms).max()
        if (scales * norms - 1).abs().max() < 1e-6:
            raise Mistake("climb-normalized", seen)
        if (scales - (limit / norms).clamp(max=1)).abs().max() < 1e-4:
            raise Mistake("climb-clipped", seen)
    if scales.max() - scales.min() > 1e-6:
        raise Mistake("climb-step-size-changes", seen)


def _explains(value: Tensor, rule: Tensor, moved: Tensor) -> bool:
    return bool((value - rule).abs().max() < 1e-8 * moved.abs().max())


def _momentum(moved: Tensor, wanted: Tensor) -> float | None:
    """m where moved[t] = m moved[t - 1] + c wanted[t] + d wanted[t - 1]; d is Nesterov's."""
    if len(moved) < 3:
        return None
    parts = torch.stack([each.flatten() for each in (moved[:-1], wanted[1:], wanted[:-1])], dim=1)
    target = moved[1:].reshape(-1, 1)
    found = torch.linalg.lstsq(parts, target).solution
    kept = found[0].abs().item()
    return kept if _explains(target, parts @ found, moved) and kept > 1e-3 else None


class Climbed:
    """A function of mu and logvar (..., B, D) to climb, (..., B): it remembers where it was asked.

    A subclass has its values and, in closed form, their derivatives.
    """

    def __init__(self, shape: torch.Size) -> None:
        self._shape = shape
        self.asked: list[Tensor] = []

    def __call__(self, mu: Any, logvar: Any) -> Tensor:
        for key, value in (("mu", mu), ("logvar", logvar)):
            if not torch.is_tensor(value):
                seen = f"elbo was given {describe(value)} for {key}."
                raise Mistake("callable-arguments", seen)
            if value.ndim < 2 or value.shape[-2:] != self._shape:
                seen = f"elbo was given {key} of shape {tuple(value.shape)}"
                raise Mistake("callable-arguments", f"{seen}, it should be {tuple(self._shape)}.")
        watch(self.asked.append, torch.cat(torch.broadcast_tensors(mu, logvar), dim=-1))
        return self.value(mu, logvar)

    def value(self, mu: Tensor, logvar: Tensor) -> Tensor:
        raise NotImplementedError

    def gradient(self, mu: Tensor, logvar: Tensor) -> tuple[Tensor, Tensor]:
        """Its derivatives by mu and by logvar, in closed form."""
        raise NotImplementedError

    def asked_beside(self, mus: Tensor, logvars: Tensor) -> bool:
        """Whether some point at which it was asked is not on the path."""
        path = torch.cat([mus, logvars], dim=-1)  # (steps + 1, B, 2 D)
        for points in self.asked:
            for point in points.reshape(-1, *path.shape[1:]).double():
                if (path - point).abs().amax((1, 2)).min() > 1e-12 * path.abs().max().clamp(min=1):
                    return True
        return False


class Bowl(Climbed):
    """-(|mu - a|^2 + |logvar - b|^2) / 2: a step longer than 2 leads further away each time."""

    def __init__(self, shape: torch.Size) -> None:
        super().__init__(shape)
        self._a, self._b = spread(*shape), spread(*shape)

    def value(self, mu: Tensor, logvar: Tensor) -> Tensor:
        return -0.5 * ((mu - self._a) ** 2 + (logvar - self._b) ** 2).sum(-1)

    def gradient(self, mu: Tensor, logvar: Tensor) -> tuple[Tensor, Tensor]:
        return self._a - mu, self._b - logvar


class Bound(Climbed):
    """elbo(mu, logvar) of a batch of images: nats, (..., B), differentiable.

    `coupling` adds that many times mu'logvar, which no ELBO has, to a function to climb; `factor`
    multiplies it, and `constant` is added.
    """

    def __init__(
        self,
        model: LinearGaussian,
        x: Tensor,
        coupling: float = 0.0,
        factor: float = 1.0,
        constant: float = 0.0,
    ) -> None:
        super().__init__(torch.Size((len(x), model.W.shape[1])))
        self._model, self._x, self._coupling = model, x, coupling
        self._factor, self._constant = factor, constant

    def value(self, mu: Tensor, logvar: Tensor) -> Tensor:
        extra = self._coupling * (mu * logvar).sum(-1)
        value = oracle.elbo(self._model, self._x, mu, logvar) + extra
        return self._factor * value + self._constant

    def gradient(self, mu: Tensor, logvar: Tensor) -> tuple[Tensor, Tensor]:
        model = self._model
        residual = self._x - model.b - mu @ model.W.mT
        curvature = 1 + (model.W**2).sum(0) / model.s**2
        by_mu = residual @ model.W / model.s**2 - mu + self._coupling * logvar
        by_logvar = 0.5 * (1 - logvar.exp() * curvature) + self._coupling * mu
        return self._factor * by_mu, self._factor * by_logvar
