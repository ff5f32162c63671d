"""Guides of the conjugate regression: a diagonal Gaussian, and one with all correlations."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab1.oracle import LOG_2PI
from vae_checks.lab6.conjugate import (
    evidence,
    posterior_covariance,
    posterior_mean,
    regression,
)
from vae_checks.lab6.programs import Sites, expect_gradients, gradients, reached, run
from vae_checks.misread import arguments_named
from vae_checks.statistics import expect_normal_numbers
from vae_checks.values import Candidates, close, expect_equal, expect_exact, expect_tensor
from vae_checks.verdict import Mistake


class _Guide(Exercise):
    """What both guides have: one site w, a vector, and two parameters."""

    @idea("one site w, a vector of all weights, and nothing observed", also=[{"dims": 1}])
    def site(self, answer: Any, *, count: int = 7, dims: int = 4) -> None:
        """w has the shape (D,), one log probability for all of it, and is in no plate."""
        found = run(self.name, answer, regression(count, dims))
        found.require_names(["w"])
        found.require_full_weight("w")
        shape, events = tuple(found["w"]["value"].shape), found["w"]["event_dims"]
        if shape != (dims,):
            raise Mistake("site-shape", f"Site 'w' has the shape {shape}, not ({dims},).")
        if events != 1 or found["w"]["plates"]:
            seen = f"Site 'w' has {events} dimensions of an event, {list(found['w']['plates'])}"
            raise Mistake("guide-no-event", f"{seen} around it; the model's w is one event.")

    @idea("its parameters have the names that were asked for, and stay what they must be")
    def parameters(self, answer: Any, *, count: int = 7, dims: int = 4) -> None:
        """loc (D,) and the other of its own shape; no scale that an optimizer makes negative."""
        found = run(self.name, answer, regression(count, dims))
        for name, shape in self._shapes(dims).items():
            got = tuple(found.parameter(name).shape)
            if got != shape:
                raise Mistake(
                    "guide-parameter-shape", f"{name!r} has the shape {got}, not {shape}."
                )
        if more := [name for name in found.parameters if name not in self._shapes(dims)]:
            raise Mistake("guide-parameter-unasked", f"{self.name} has a parameter {more[0]!r}.")
        self._expect_constrained(answer, regression(count, dims))

    @idea("w has the Gaussian density of its parameters", also=[{"dims": 1}])
    def density(self, answer: Any, *, count: int = 7, dims: int = 4) -> None:
        """log q(w) at a w of the check's, for parameters of the check's: small, near 1, large."""
        for factor in (0.1, 1.0, 10.0):
            data, given = regression(count, dims), self._given(dims, factor)
            w = given["loc"] + factor * spread(dims)
            found = run(self.name, answer, data, {"w": w}, given)
            found.require_names(["w"])
            self._expect_met(found, given)
            found.require_density("w")
            value = found.log_prob("w", ())
            arguments = {**given, "w": w}
            with arguments_named(value, self.truth, arguments):
                expect_equal(value, self.truth(**arguments), "log q(w)", self._wrong(**arguments))

    @idea("w is drawn from it anew in each run, and passes gradients to both", random=True)
    def draws(self, answer: Any, *, count: int = 7, dims: int = 503) -> None:
        """(w - loc) in units of the scale, 503 numbers, by `expect_normal_numbers`, twice; the
        gradients of a weighted sum of w by both parameters. False alarm: below 1e-7."""
        data, given, weights = regression(count, dims), self._given(dims), spread(dims)
        before = torch.zeros(dims)
        for _ in range(2):
            w, found = gradients(self.name, answer, data, ("w", "value"), weights, None, given)
            noise = self._noise(expect_tensor(w, (dims,), "Site 'w'"), **given)
            if close(noise, before):
                raise Mistake("noise-frozen", "Two runs of the guide draw the same w.")
            expect_normal_numbers(noise, "(w - loc) in units of the scale")
            expect_gradients(found, self._slopes(noise, weights), "a drawn w")
            before = noise

    def _expect_met(self, found: Sites, given: dict[str, Tensor]) -> None:
        """Raise Mistake unless the program has met the parameters that were in the store."""
        for name, value in given.items():
            if not torch.equal(found.parameter(name), value):
                seen = f"The store has {name!r}, and {self.name} begins with another value."
                raise Mistake("guide-starts-anew", seen)

    def _shapes(self, dims: int) -> dict[str, tuple[int, ...]]:
        raise NotImplementedError

    def _given(self, dims: int, factor: float = 1.0) -> dict[str, Tensor]:
        """Values of both parameters; the second one's are near `factor`."""
        raise NotImplementedError

    def truth(self, **arguments: Tensor) -> Tensor:
        """log q(w)."""
        raise NotImplementedError

    def _wrong(self, **arguments: Tensor) -> Candidates:
        raise NotImplementedError

    def _noise(self, w: Tensor, **given: Tensor) -> Tensor:
        """What makes w of loc and the other parameter, (D,)."""
        raise NotImplementedError

    def _slopes(self, noise: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """The gradients of a weighted sum of w by both parameters."""
        raise NotImplementedError

    def _expect_constrained(self, answer: Any, data: dict[str, Any]) -> None:
        """Raise Mistake unless both parameters stay what they must be, and reach all that they may
        be, wherever an optimizer steps."""
        dims = len(data["prior_scale"])
        ends = [torch.full((dims,), end) for end in (-20.0, 20.0)]
        low, high = reached(self.name, answer, data, "loc", ends)
        if (low > -5).any() or (high < 5).any():
            seen = f"A constraint keeps 'loc' between {low.min():.3g} and {high.max():.3g}."
            raise Mistake("guide-bounded", seen)


class _MeanField(_Guide):
    name, section = "mean_field_guide", "1.3"

    def _shapes(self, dims: int) -> dict[str, tuple[int, ...]]:
        return {"loc": (dims,), "scale": (dims,)}

    def _given(self, dims: int, factor: float = 1.0) -> dict[str, Tensor]:
        return {"loc": spread(dims), "scale": factor * spread(dims, low=0.3, high=0.8).abs()}

    def truth(self, **arguments: Tensor) -> Tensor:
        off = (arguments["w"] - arguments["loc"]) / arguments["scale"]
        return (-0.5 * (off**2 + LOG_2PI) - arguments["scale"].log()).sum()

    def _wrong(self, **arguments: Tensor) -> Candidates:
        scale = arguments["scale"]
        return [
            ("guide-scale-is-variance", self.truth(**(arguments | {"scale": scale.sqrt()}))),
            ("guide-scale-is-variance", self.truth(**(arguments | {"scale": scale**2}))),
            ("guide-exp-twice", self.truth(**(arguments | {"scale": scale.exp()}))),
        ]

    def _noise(self, w: Tensor, **given: Tensor) -> Tensor:
        return (w - given["loc"]) / given["scale"]

    def _slopes(self, noise: Tensor, weights: Tensor) -> dict[str, Tensor]:
        return {"loc": weights, "scale": weights * noise}

    def _expect_constrained(self, answer: Any, data: dict[str, Any]) -> None:
        super()._expect_constrained(answer, data)
        dims = len(data["prior_scale"])
        ends = [torch.full((dims,), end) for end in (-20.0, 8.0)]
        low, high = reached(self.name, answer, data, "scale", ends)
        if (low <= 0).any():
            raise Mistake("guide-unconstrained", "'scale' has no constraint that keeps it above 0.")
        if (low > 0.05).any() or (high < 5).any():
            seen = f"The constraint of 'scale' keeps it between {low.min():.3g} and"
            raise Mistake("guide-bounded", f"{seen} {high.max():.3g}.")


class _Full(_Guide):
    name, section = "full_guide", "1.3"

    @idea("at the posterior every draw's log p(y, w) - log q(w) is the log evidence")
    def posterior(self, answer: Any, *, count: int = 7, dims: int = 4) -> None:
        """To 1e-9, for whatever w is drawn: the ELBO has no noise and no gap there."""
        data = regression(count, dims)
        covariance = posterior_covariance(**data)
        given = {"loc": posterior_mean(**data), "scale_tril": torch.linalg.cholesky(covariance)}
        found = run(self.name, answer, data, None, given)
        found.require_names(["w"])
        w, log_q = found["w"]["value"].detach(), found.log_prob("w", ()).detach()
        residual = (data["y"] - data["X"] @ w) / data["sigma"]
        joint = _log_normal(residual) - count * math.log(data["sigma"])
        joint = joint + _log_normal(w / data["prior_scale"]) - data["prior_scale"].log().sum()
        expect_exact(joint - log_q, evidence(**data), "log p(y, w) - log q(w)", (), "nats",
                     within=1e-9)  # fmt: skip

    def _shapes(self, dims: int) -> dict[str, tuple[int, ...]]:
        return {"loc": (dims,), "scale_tril": (dims, dims)}

    def _given(self, dims: int, factor: float = 1.0) -> dict[str, Tensor]:
        lower = torch.tril(spread(dims, dims, low=0.2, high=0.5), -1) * min(1, 4 / dims)
        tril = factor * (lower + torch.diag(0.5 + normal(dims).abs()))
        return {"loc": spread(dims), "scale_tril": tril}

    def truth(self, **arguments: Tensor) -> Tensor:
        tril = arguments["scale_tril"]
        off = self._noise(**arguments)
        return _log_normal(off) - tril.diagonal().abs().log().sum()

    def _wrong(self, **arguments: Tensor) -> Candidates:
        tril = arguments["scale_tril"]
        diagonal = self.truth(**(arguments | {"scale_tril": torch.diag(tril.diagonal())}))
        return [
            ("guide-diagonal", diagonal),
            ("guide-tril-is-covariance", self._by_covariance(tril @ tril.mT @ tril @ tril.mT,
                                                             **arguments)),
            ("guide-tril-is-covariance", self._by_covariance(tril, **arguments)),
            ("guide-precision", self._by_covariance(torch.linalg.inv(tril @ tril.mT), **arguments)),
            ("guide-transposed", self._by_covariance(tril.mT @ tril, **arguments)),
        ]  # fmt: skip

    def _by_covariance(self, covariance: Tensor, w: Tensor, loc: Tensor, **_: Tensor) -> Tensor:
        off = w - loc
        logdet = torch.linalg.slogdet(covariance).logabsdet
        distance = off @ torch.linalg.solve(covariance, off)
        return -0.5 * (distance + logdet + len(off) * LOG_2PI)

    def _noise(self, w: Tensor, **given: Tensor) -> Tensor:
        off = (w - given["loc"])[:, None]
        return torch.linalg.solve_triangular(given["scale_tril"], off, upper=False)[:, 0]

    def _slopes(self, noise: Tensor, weights: Tensor) -> dict[str, Tensor]:
        return {"loc": weights, "scale_tril": torch.outer(weights, noise).tril()}

    def _expect_constrained(self, answer: Any, data: dict[str, Any]) -> None:
        super()._expect_constrained(answer, data)
        dims = len(data["prior_scale"])
        pairs = [3 * spread(dims * dims) for _ in range(8)]
        reach = torch.stack(reached(self.name, answer, data, "scale_tril", pairs))
        if (reach.diagonal(dim1=-2, dim2=-1) <= 0).any():
            seen = "'scale_tril' has no constraint that keeps its diagonal above 0."
            raise Mistake("guide-unconstrained", seen)
        if reach.triu(1).any():
            seen = "'scale_tril' has numbers above its diagonal where an optimizer moves it."
            raise Mistake("guide-not-triangular", seen)
        below = reach[:, *torch.tril_indices(dims, dims, -1)]
        if reach.amax() < 2 or (dims > 1 and not (below.amin() < -1 and below.amax() > 1)):
            seen = f"The constraint of 'scale_tril' keeps it between {reach.min():.3g} and"
            raise Mistake("guide-bounded", f"{seen} {reach.max():.3g}.")


def _log_normal(off: Tensor) -> Tensor:
    return -0.5 * (off**2 + LOG_2PI).sum()


mean_field_guide = _MeanField()
full_guide = _Full()
