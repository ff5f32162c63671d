"""Where will a new country lie? Intervals of the posterior predictive distribution, from draws."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, normal, spread
from vae_checks.statistics import SIGMAS
from vae_checks.values import expect_pair, expect_tensor
from vae_checks.verdict import Mistake, call


class _PredictiveInterval(Exercise):
    name, section = "predictive_interval", "1.6"

    @idea("it holds the asked share of new countries, as many below it as above", random=True)
    def share(self, answer: Any, *, count: int = 5, draws: int = 4001, level: float = 0.9) -> None:
        """Of the mixture of normals that the draws stand for, in closed form: the shares below
        both ends to six standard errors of a quantile of `draws` numbers; for two levels. False
        alarm: below 1e-7 for ten ends."""
        for asked in (level, 0.5):
            samples, africa, ruggedness = _posterior(draws), *_countries(count)
            low, high = self._call(answer, samples, africa, ruggedness, asked)
            if (high < low).all():
                raise Mistake("interval-exchanged", f"low is {low[0]:.4g}, high is {high[0]:.4g}.")
            mean = _mean(samples, africa, ruggedness)  # (S, N)
            tail = (1 - asked) / 2
            for end, wanted, name in ((low, tail, "low"), (high, 1 - tail, "high")):
                found = torch.special.ndtr((end - mean) / samples["sigma"][:, None]).mean(0)  # (N,)
                error = (tail * (1 - tail) / draws) ** 0.5
                if ((found - wanted).abs() < SIGMAS * error).all():
                    continue
                place = int((found - wanted).abs().argmax())
                seen = (
                    f"At level {asked:g} a share of {found[place]:.3f} of new countries lies below "
                )
                seen += f"{name}[{place}], it should be {wanted:.3f}."
                raise Mistake(self._named(low, high, mean, samples["sigma"], asked), seen)

    @idea("a pair (low, high), one of each for a country")
    def ends(self, answer: Any, *, count: int = 5, draws: int = 401) -> None:
        """low lies below high; wider where sigma is a thousand times as large; at level 0.9
        three tenths of new countries or more lie within somewhere."""
        samples, africa, ruggedness = _posterior(draws), *_countries(count)
        low, high = self._call(answer, samples, africa, ruggedness, 0.9)
        if not (low < high).all():
            raise Mistake("interval-exchanged", f"low is {low[0]:.4g}, high is {high[0]:.4g}.")
        wide = samples | {"sigma": 1000 * samples["sigma"]}
        lower, higher = self._call(answer, wide, africa, ruggedness, 0.9)
        if not (higher - lower > 2 * (high - low)).all():
            seen = "With a sigma a thousand times as large the interval is not even twice as wide."
            raise Mistake("interval-no-noise", seen)
        mean, sigma = _mean(samples, africa, ruggedness), samples["sigma"][:, None]
        below = [torch.special.ndtr((end - mean) / sigma).mean(0) for end in (low, high)]
        inside = below[1] - below[0]
        if not inside.max() > 0.3:
            seen = (
                f"At level 0.9 a share of at most {inside.max():.3g} of new countries lies within."
            )
            raise Mistake("interval-wrong", seen)

    def _call(
        self, answer: Any, samples: dict[str, Tensor], africa: Tensor, ruggedness: Tensor,
        level: float,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        arguments = {"samples": samples, "africa": africa, "ruggedness": ruggedness}
        pair = expect_pair(
            call(self.name, answer, arguments | {"level": level}), self.name, ("low", "high")
        )
        low, high = (expect_tensor(each, (len(africa),), key).detach().double()
                     for each, key in zip(pair, ("low", "high"), strict=True))  # fmt: skip
        return low, high

    def _named(self, low: Tensor, high: Tensor, mean: Tensor, sigma: Tensor, level: float) -> str:
        """The known interval whose shares lie below both ends, to four standard errors."""
        tail, sigma = (1 - level) / 2, sigma[:, None]
        known = [
            ("interval-no-noise", mean, 1e-9 * sigma, tail),
            ("interval-level", mean, sigma, 0.05),
            ("interval-one-tail", mean, sigma, 1 - level),
            ("interval-one-tail", mean, sigma, tail / 2),
            ("interval-variance", mean, sigma**2, tail),
            ("interval-variance", mean, sigma.sqrt(), tail),
            ("interval-mean-line", mean.mean(0), sigma, tail),
            ("interval-mean-sigma", mean, sigma.mean(), tail),
        ]
        for slug, center, scale, share in known:
            below = [torch.special.ndtr((end - center) / scale).mean(0) for end in (low, high)]
            error = 4 * (share * (1 - share) / len(mean)) ** 0.5
            if all(((each - wanted).abs() < error).all()
                   for each, wanted in zip(below, (share, 1 - share), strict=True)):  # fmt: skip
                return slug
        return "interval-wrong"


def _posterior(draws: int) -> dict[str, Tensor]:
    """Draws around weights of the check's own: correlated, as posteriors are, and skewed, so that
    quantiles are neither a normal's nor the ends of the shortest interval; sigma is widely spread
    and away from 1."""
    names = ("a", "b_africa", "b_ruggedness", "b_both")
    # Of a generator of its own: an answer may draw from the global one in another process.
    uniform = torch.rand(draws, generator=fresh_generator(), dtype=torch.float64)
    shared = -torch.log1p(-uniform) - 1  # exponential, with mean 0
    found = {
        name: spread(1, low=10, high=20)[0] + 3.0 * (-1) ** place * shared + 0.3 * normal(draws)
        for place, name in enumerate(names)
    }
    return found | {"sigma": 0.2 + 4 * normal(draws).abs()}


def _countries(count: int) -> tuple[Tensor, Tensor]:
    africa = torch.randint(0, 2, (count,), generator=fresh_generator()).double()
    africa[0], africa[1] = 0, 1
    ruggedness = spread(count).abs()
    ruggedness[-1] = 12  # one of them as rugged as none is
    return africa, ruggedness


def _mean(samples: dict[str, Tensor], africa: Tensor, ruggedness: Tensor) -> Tensor:
    """(S, N)"""
    a, b_africa, b_ruggedness, b_both = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both")
    )
    return a + b_africa * africa + (b_ruggedness + b_both * africa) * ruggedness


predictive_interval = _PredictiveInterval()
