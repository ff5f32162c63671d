"""Stochastic variational inference: a loop of steps, of which the losses are returned."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.beside import beside
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab6.conjugate import evidence, posterior_covariance, posterior_mean
from vae_checks.values import expect_number
from vae_checks.verdict import Mistake, describe, quiet

_STEPS, _RATE = 600, 0.02


class _Fit(Exercise):
    name, section = "fit", "1.4"

    @idea("one loss for each step, of all data together, before the step is taken")
    def losses(self, answer: Any, *, steps: int = 5, count: int = 11) -> None:
        """As many numbers as steps. With steps of 1e-7 every loss is minus the ELBO at the start,
        up to the noise of one draw: their mean lies within six standard errors of the closed form.
        """
        data = _line(count)
        losses, _ = self._fit(answer, data, 40 * steps, 1e-7)
        values = torch.tensor(losses[0], dtype=torch.float64)
        error = values.std() / len(values) ** 0.5
        if error < 0.01:  # steps of 1e-7 move a loss by a thousandth
            raise Mistake("svi-frozen", f"All of {len(values)} losses are {values[0]:.6g}.")
        truth = _loss(data, -1.5 * torch.ones(1).double(), 0.3 * torch.ones(1).double())
        for slug, wrong in (("svi-sign", -truth), ("svi-per-datum", truth / count)):
            if (values.mean() - wrong).abs() < 6 * error + 1e-3 * abs(truth):
                seen = f"At the start the loss is {values.mean():.4g}, it should be {truth:.4g}."
                raise Mistake(slug, seen)
        if not (values.mean() - truth).abs() < 6 * error + 1e-3 * abs(truth):
            seen = f"At the start the loss is {values.mean():.4g}, it should be {truth:.4g}."
            raise Mistake("svi-other-loss", seen)
        for number in (steps, 1):
            self._fit(answer, data, number, _RATE)

    @idea("it arrives: the guide's parameters are the posterior's")
    def arrives(self, answer: Any, *, count: int = 23) -> None:
        """One weight, so that the posterior is of the guide's family: after 600 steps of 0.02 loc
        lies within a standard deviation of its mean, scale within a factor of 1.5: six standard
        deviations of what is left to the draws, measured with Adam.
        """
        data = _line(count)
        losses, parameters = self._fit(answer, data, _STEPS, _RATE)
        self._expect_arrival(data, losses[0], parameters[0])

    @idea("a second run begins anew, as the first did")
    def anew(self, answer: Any, *, count: int = 23) -> None:
        """Its first ten losses are those of the start, ten nats or more above those at the end of
        the first run, give or take two."""
        data = _line(count)
        losses, parameters = self._fit(answer, data, _STEPS, _RATE, times=2)
        first, last = (torch.tensor(each, dtype=torch.float64) for each in losses)
        if first[:10].mean() < first[-20:].mean() + 5:
            seen = f"The loss goes from {first[0]:.4g} to {first[-1]:.4g}."
            moved = (parameters[0]["loc"] + 1.5).abs().max() > 1e-6
            raise Mistake("svi-not-there" if moved else "svi-stands-still", seen)
        if last[:10].mean() < (first[:10].mean() + first[-20:].mean()) / 2:
            seen = f"The first loss of a second run is {last[0]:.4g}, of the first {first[0]:.4g}."
            raise Mistake("svi-goes-on", seen)

    def _fit(
        self, answer: Any, data: dict[str, Any], steps: int, rate: float, times: int = 1
    ) -> tuple[list[list[float]], list[dict[str, Tensor]]]:
        """Losses and final parameters of each of several runs."""
        if not callable(answer):
            raise Mistake("wrong-type", f"fit is {describe(answer)}, it cannot be called.")
        programs = [beside(f"lab6.examples.{name}") for name in ("line", "line_guide")]
        arguments = [*programs, tuple(data.values()), steps, rate]
        described = f"fit(model, guide, arguments, steps={steps}, learning_rate={rate:g})"
        with quiet(described), torch.enable_grad():
            found = beside("lab6.traces.calls")(answer, arguments, times)
        losses = [self._numbers(each, steps) for each in found["returned"]]
        for each in found["parameters"]:
            if set(each) != {"loc", "scale"}:
                seen = f"Afterwards the store holds {sorted(each)}, not loc and scale."
                raise Mistake("svi-stands-still", seen)
        return losses, found["parameters"]

    def _numbers(self, value: Any, steps: int) -> list[float]:
        if torch.is_tensor(value) and value.ndim == 1:
            value = value.tolist()
        if type(value) not in (list, tuple):
            hint = " Is a `return` missing?" if value is None else ""
            raise Mistake("wrong-type", f"fit returned {describe(value)}, not a list.{hint}")
        if len(value) != steps:
            raise Mistake("svi-losses-number", f"{len(value)} losses for {steps} steps.")
        return [
            each.item() if torch.is_tensor(each) and each.numel() == 1
            else expect_number(each, "A loss")
            for each in value
        ]  # fmt: skip

    def _expect_arrival(
        self, data: dict[str, Any], losses: list[float], parameters: dict[str, Tensor]
    ) -> None:
        mean, std = posterior_mean(**data)[0], posterior_covariance(**data)[0, 0].sqrt()
        loc, scale = parameters["loc"].double()[0], parameters["scale"].double()[0]
        off = (loc - mean).abs() / std
        if off < 1 and (scale / std).log().abs() < 0.4:
            return
        seen = f"After {_STEPS} steps loc is {loc:.4g} and scale {scale:.3g}; the posterior has"
        seen += f" {mean:.4g} and {std:.3g}."
        if loc < -1.6:  # it began at -1.5
            raise Mistake("svi-uphill", seen)
        if abs(loc + 1.5) < 1e-6:
            raise Mistake("svi-stands-still", seen)
        raise Mistake("svi-not-there", seen)


def _line(count: int) -> dict[str, Any]:
    """One weight between 0.8 and 1.5 that the data tell to a third or so: a sharper posterior takes
    Adam longer than a check may, since it remembers the steep slopes of the start."""
    X = spread(count, 1, low=0.8)
    y = X[:, 0] * spread(1, low=0.8, high=1.5).abs() + 2 * normal(count)
    return {"X": X, "y": y, "prior_scale": torch.ones(1, dtype=torch.float64), "sigma": 2.0}


def _loss(data: dict[str, Any], loc: Tensor, scale: Tensor) -> float:
    """-ELBO of N(loc, scale^2), in nats: -log p(y) + KL to the posterior, for one weight."""
    mean, variance = posterior_mean(**data)[0], posterior_covariance(**data)[0, 0]
    ratio = scale[0] ** 2 / variance
    kl = 0.5 * (ratio + (loc[0] - mean) ** 2 / variance - 1 - ratio.log())
    return float(kl - evidence(**data))


fit = _Fit()
