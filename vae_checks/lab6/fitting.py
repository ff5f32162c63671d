"""Stochastic variational inference: a loop of steps, of which the losses are returned."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vae_checks.beside import beside
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab1.oracle import uniform
from vae_checks.lab6.conjugate import evidence, posterior_covariance, posterior_mean
from vae_checks.values import expect_number, expect_tensor
from vae_checks.verdict import Mistake, describe, quiet

_STEPS, _RATE = 300, 0.03
_START = -3.0, 0.1  # of loc and scale: far from where the data put them, and little noise


class _Fit(Exercise):
    name, section = "fit", "1.4"

    @idea("one loss for each step, of all data together", random=True)
    def losses(self, answer: Any, *, steps: int = 5, count: int = 11) -> None:
        """As many numbers as steps. With steps of 1e-7 every loss is minus the ELBO at the start,
        up to the noise of one draw: their mean lies within six standard errors of the closed form.
        """
        data = _Line(count)
        losses, parameters = self._fit(answer, data, 40 * steps, 1e-7)
        if (moved := (parameters[0]["loc"] - _START[0]).abs().max().item()) > 1e-3:
            seen = f"With learning_rate=1e-07 {40 * steps} steps move loc by {moved:.3g}."
            raise Mistake("svi-rate", seen)
        values = torch.tensor(losses[0], dtype=torch.float64)
        error = values.std() / len(values) ** 0.5
        if error < 0.01:  # steps of 1e-7 move a loss by a thousandth
            raise Mistake("svi-frozen", f"All of {len(values)} losses are {values[0]:.6g}.")
        truth = data.loss(*torch.tensor(_START, dtype=torch.float64))
        seen = f"At the start the loss is {values.mean():.4g}, it should be {truth:.4g}."
        for slug, wrong in (("svi-sign", -truth), ("svi-per-datum", truth / count)):
            if (values.mean() - wrong).abs() < 6 * error + 1e-3 * abs(truth):
                raise Mistake(slug, seen)
        if not (values.mean() - truth).abs() < 6 * error + 1e-3 * abs(truth):
            raise Mistake("svi-other-loss", seen)
        spread_of_draws = data.spread_of_draws(*_START)
        if not 0.6 < values.std() / spread_of_draws < 1.6:
            seen = f"Losses of one draw spread by {spread_of_draws:.3g} here, these by"
            raise Mistake("svi-draws", f"{seen} {values.std():.3g}.")
        for number in (steps, 1):
            self._fit(answer, data, number, _RATE)

    @idea("it arrives: the guide's parameters are the posterior's", random=True)
    def arrives(self, answer: Any, *, count: int = 23) -> None:
        """The first step of Adam is as long as its learning rate, to 5 %. One weight, so that the
        posterior is of the guide's family: after 300 steps of 0.03 loc lies within 1.6 standard
        deviations of its mean, scale within a factor of 1.8: six standard deviations of what is
        left to the draws, measured with Adam and with ClippedAdam. An Adam that forgets moves loc
        and log scale by its learning rate in each step, so that both end a whole number of them
        from where they began: by chance one run in ten million.
        """
        data = _Line(count)
        _, first = self._fit(answer, data, 1, _RATE)
        step = (first[0]["loc"] - _START[0]).abs().item()
        _, parameters = self._fit(answer, data, _STEPS, _RATE)
        walked = (parameters[0]["loc"].double() - _START[0]).item() / _RATE
        if abs(abs(walked) - 1) < 0.05:
            seen = f"{_STEPS} steps have moved loc as far as one does."
            raise Mistake("svi-cleared", seen)
        widened = (parameters[0]["scale"].double() / _START[1]).log().item() / _RATE
        if round(walked) and all(abs(way - round(way)) < 1e-4 for way in (walked, widened)):
            seen = f"{_STEPS} steps have moved loc by {abs(round(walked))} learning rates exactly."
            raise Mistake("svi-forgets", seen)
        self._expect_arrival(data, parameters[0])
        if not 0.95 < step / _RATE < 1.05:
            seen = f"The first step of loc is {step:.3g} long, the learning rate is {_RATE:g}."
            raise Mistake("svi-not-adam", seen)

    @idea("a second run begins anew, as the first did", random=True)
    def anew(self, answer: Any, *, count: int = 23) -> None:
        """Two runs of 80 steps of 0.1. In the first the losses fall, by nats, to about minus the
        ELBO of its last parameters; the first ten of the second are nearer to the first ten of the
        first than to its last."""
        data = _Line(count)
        losses, parameters = self._fit(answer, data, 80, 0.1, times=2)
        first, last = (torch.tensor(each, dtype=torch.float64) for each in losses)
        if first[:10].mean() < first[-20:].mean() + 5:
            seen = f"The loss goes from {first[0]:.4g} to {first[-1]:.4g}."
            moved = (parameters[0]["loc"] - _START[0]).abs().max() > 1e-6
            raise Mistake("svi-not-there" if moved else "svi-stands-still", seen)
        self._expect_own_losses(data, losses[0], parameters[0])
        if last[:10].mean() < (first[:10].mean() + first[-20:].mean()) / 2:
            seen = f"The first loss of a second run is {last[0]:.4g}, of the first {first[0]:.4g}."
            raise Mistake("svi-goes-on", seen)

    def _fit(
        self, answer: Any, data: _Line, steps: int, rate: float, times: int = 1
    ) -> tuple[list[list[float]], list[dict[str, Tensor]]]:
        """Losses and final parameters of each of several runs."""
        if not callable(answer):
            raise Mistake("wrong-type", f"fit is {describe(answer)}, it cannot be called.")
        arguments = [*data.programs, data.arguments, steps, rate]
        described = f"fit(model, guide, arguments, steps={steps}, learning_rate={rate:g})"
        with quiet(described), torch.enable_grad():
            found = beside("lab6.traces.calls")(answer, arguments, times)
        losses = [self._numbers(each, steps) for each in found["returned"]]
        for each in found["parameters"]:
            if set(each) != {"loc", "scale"}:
                has = ", ".join(sorted(repr(name)[:40] for name in each)) or "nothing"
                raise Mistake(
                    "svi-store", f"Afterwards the store holds {has}, not 'loc' and 'scale'."
                )
            for name in ("loc", "scale"):
                expect_tensor(each[name], (1,), f"{name!r} after {steps} steps")
        return losses, found["parameters"]

    def _numbers(self, value: Any, steps: int) -> list[float]:
        if torch.is_tensor(value) and value.ndim == 1:
            value = value.tolist()
        if type(value) not in (list, tuple):
            hint = " Is a `return` missing?" if value is None else ""
            raise Mistake("wrong-type", f"fit returned {describe(value)}, not a list.{hint}")
        if len(value) != steps:
            raise Mistake("svi-losses-number", f"{len(value)} losses for {steps} steps.")
        numbers = [each.item() if torch.is_tensor(each) and each.numel() == 1 else each
                   for each in value]  # fmt: skip
        return [expect_number(each, "A loss") for each in numbers]

    def _expect_arrival(self, data: _Line, parameters: dict[str, Tensor]) -> None:
        loc, scale = parameters["loc"].double()[0], parameters["scale"].double()[0]
        off = (loc - data.mean).abs() / data.std
        if off < 1.6 and (scale / data.std).log().abs() < 0.6:
            return
        seen = f"After {_STEPS} steps loc is {loc:.4g} and scale {scale:.3g}; the posterior has"
        seen += f" {data.mean:.4g} and {data.std:.3g}."
        if loc < _START[0] - 0.1:
            raise Mistake("svi-uphill", seen)
        if abs(loc - _START[0]) < 1e-6:
            raise Mistake("svi-stands-still", seen)
        raise Mistake("svi-not-there", seen)

    def _expect_own_losses(
        self, data: _Line, losses: list[float], parameters: dict[str, Tensor]
    ) -> None:
        """Raise Mistake unless the last losses are about minus the ELBO of the last parameters."""
        last = torch.tensor(losses[-20:], dtype=torch.float64)
        loc, scale = (parameters[name].double()[0] for name in ("loc", "scale"))
        truth, error = data.loss(loc, scale), last.std() / len(last) ** 0.5
        if not (last.mean() - truth).abs() < 6 * error + 4:
            seen = f"The last losses are near {last.mean():.4g}; the ELBO there says {truth:.4g}."
            raise Mistake("svi-other-loss", seen)


class _Line:
    """A regression with one weight between 0.8 and 1.5, which the data tell to a third or so: a
    sharper posterior takes Adam longer than a check may, since it remembers steep slopes."""

    def __init__(self, count: int) -> None:
        self._offset, sigma = float(uniform(0.5, 1.5)), float(uniform(1.8, 2.2))
        X, prior_scale = spread(count, 1, low=0.8), spread(1, low=0.8, high=1.3).abs()
        self._y = X[:, 0] * spread(1, low=0.8, high=1.5).abs() + sigma * normal(count)
        self._data: dict[str, Any] = {
            "X": X,
            "y": self._y,
            "prior_scale": prior_scale,
            "sigma": sigma,
        }
        self.arguments = (X, self._y + self._offset, prior_scale, sigma)
        self.mean = posterior_mean(**self._data)[0]
        self.std = posterior_covariance(**self._data)[0, 0].sqrt()

    @property
    def programs(self) -> tuple[Any, Any]:
        """Model and guide, where the answer lives."""
        model, guide = beside("lab6.examples.line")(self._offset, _START)
        return model, guide

    def loss(self, loc: Tensor, scale: Tensor) -> float:
        """-ELBO of N(loc, scale^2), in nats: -log p(y) + KL to the posterior."""
        ratio = (scale / self.std) ** 2
        kl = 0.5 * (ratio + ((loc - self.mean) / self.std) ** 2 - 1 - ratio.log())
        return float(kl - evidence(**self._data))

    def spread_of_draws(self, loc: float, scale: float) -> float:
        """The standard deviation of -log p(y, w) + log q(w) over draws w of q: of
        a eps + b (eps^2 - 1) with normal eps it is sqrt(a^2 + 2 b^2)."""
        precision = self.std.item() ** -2
        a, b = scale * precision * (loc - self.mean.item()), (scale**2 * precision - 1) / 2
        return float((a**2 + 2 * b**2) ** 0.5)


fit = _Fit()
