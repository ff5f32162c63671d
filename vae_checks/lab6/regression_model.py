"""The regression of log GDP on ruggedness and continent as a Pyro program."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, spread
from vae_checks.lab1.oracle import LOG_2PI, uniform
from vae_checks.lab6.programs import Sites, draws, expect_gradients, gradients, run
from vae_checks.misread import arguments_named
from vae_checks.statistics import SIGMAS, expect_normal_numbers, expect_standard_normal
from vae_checks.values import Candidates, close, expect_equal
from vae_checks.verdict import Mistake

_WEIGHTS = {"a": 10.0, "b_africa": 1.0, "b_ruggedness": 1.0, "b_both": 1.0}  # and prior scales
_PLATE = "countries"


class _Regression(Exercise):
    name, section = "regression", "1.1"

    @idea("its sites have the names that were asked for, and log_gdp is what was observed")
    def sites(self, answer: Any, *, count: int = 7) -> None:
        """Five latent sites, each a number; log_gdp observed when given, drawn when not."""
        data = _data(count)
        for log_gdp in (spread(count), None):
            found = run(self.name, answer, data | {"log_gdp": log_gdp})
            latent, seen = [*_WEIGHTS, "sigma"], ["log_gdp"]
            found.require_names(*((latent, seen) if log_gdp is not None else ([*latent, *seen],)))
            for name in latent:
                shape = tuple(found[name]["value"].shape)
                if shape != ():
                    told = f"Site {name!r} has the shape {shape}: it is a single number."
                    raise Mistake("site-shape", told)

    @idea("the weights and sigma have the priors that were asked for", random=True)
    def priors(self, answer: Any, *, count: int = 7, runs: int = 200) -> None:
        """The log density of each at values of both signs, near 0 and far from it; sigma's at these
        and at 0.01 and 9.9. Then their draws in `runs` runs: the variance of each weight in
        units of its prior, all of them by `expect_normal_numbers`, the mean of sigma. False alarm:
        below 1e-7."""
        ends = (
            _values(1.0) | {"sigma": torch.tensor(end, dtype=torch.float64)} for end in (0.01, 9.9)
        )
        for at in (_values(0.1), _values(1.0), _values(3.0), *ends):
            try:
                found = self._at(answer, count, at)
            except Mistake as mistake:
                if mistake.slug != "raised" or 0.01 < at["sigma"] < 9.9:
                    raise
                seen = f"With 'sigma' at {at['sigma']:.3g}, between 0 and 10, regression raises."
                raise Mistake("prior-sigma", seen) from None
            for name, scale in _WEIGHTS.items():
                value = found.log_prob(name, ())
                truth, wrong = _log_normal(at[name], 0.0, scale), _wrong_priors(at[name], scale)
                wrong = [*wrong, ("prior-other", value)]
                what = f"The log prior of {name!r} at {at[name]:.3g}"
                expect_equal(value, truth, what, wrong, "nats")
            value, sigma = found.log_prob("sigma", ()), at["sigma"]
            truth = -torch.tensor(10.0, dtype=torch.float64).log()
            what = f"The log prior of 'sigma' at {sigma:.3g}"
            expect_equal(value, truth, what, [("prior-sigma", value)], "nats")
        found.require_full_weight(*_WEIGHTS, "sigma")
        drawn = draws(self.name, answer, _data(count) | {"log_gdp": None}, runs)
        weights = torch.stack([drawn[name].double() / scale for name, scale in _WEIGHTS.items()])
        mean = drawn["sigma"].double().mean()
        if close(weights[:, 0], weights[:, 1]):
            return  # a seed inside: that is what `drawn` is about
        for name, variance in zip(_WEIGHTS, weights.var(1).tolist(), strict=True):
            if not abs(variance - 1) < SIGMAS * (2 / runs) ** 0.5:
                seen = f"{name!r} is drawn with variance {variance:.3g} in units of its prior."
                raise Mistake("noise-scale", seen)
        expect_normal_numbers(weights.flatten(), "The weights, in units of their priors,")
        if not (mean - 5).abs() < SIGMAS * 10 / (12 * runs) ** 0.5:
            raise Mistake(
                "prior-sigma", f"The mean of sigma over {runs} runs is {mean:.3g}, not 5."
            )

    @idea("log_gdp is normal around the line of its continent, in a plate over the countries")
    def likelihood(self, answer: Any, *, count: int = 7) -> None:
        """log N(log_gdp; a + b_africa africa + b_ruggedness ruggedness + b_both africa ruggedness,
        sigma^2) of each country at random weights."""
        at, data, y = _values(1.0), _data(count), 9 * spread(count)
        found = run(self.name, answer, data | {"log_gdp": y}, at)
        arguments = {**data, **at, "log_gdp": y}
        wrong = _wrong_likelihoods(**arguments)
        value = found.log_prob("log_gdp", (count,), wrong)
        with arguments_named(value, _log_likelihood, arguments):
            expect_equal(value, _log_likelihood(**arguments), "log p(log_gdp)", wrong, "nats")
        found.require_plate("log_gdp", _PLATE)
        found.require_full_weight("log_gdp")
        varied = {key: each.clone().requires_grad_() for key, each in at.items()}
        total = _log_likelihood(**(arguments | varied)).sum()
        truth = torch.autograd.grad(total, list(varied.values()))
        _, by_site = gradients(
            self.name, answer, data | {"log_gdp": y}, ("log_gdp", "log_prob"), torch.ones(count), at
        )
        slopes = dict(zip(varied, truth, strict=True))
        expect_gradients(by_site, slopes, "log p(log_gdp)")

    @idea("without data all is drawn, for each country anew", random=True)
    def drawn(self, answer: Any, *, count: int = 2003) -> None:
        """(log_gdp - mean) / sigma of 2,003 countries by `expect_standard_normal`, twice, and the
        draws differ. False alarm: below 1e-7."""
        at, data = _values(0.65), _data(count)  # a sigma between 0.26 and 0.59: away from 1
        drawn = []
        for _ in range(2):
            found = run(self.name, answer, data | {"log_gdp": None}, at)
            value = found["log_gdp"]["value"]
            if not torch.is_tensor(value) or value.shape != (count,):
                told = f"Without data log_gdp has the shape {tuple(value.shape)}, not ({count},)."
                raise Mistake("site-shape", told)
            drawn.append(value.detach().double())
            noise = (drawn[-1] - _mean(**data, **at)) / at["sigma"]
            if noise.abs().max() < 1e-6:
                raise Mistake("regression-no-noise", "log_gdp is drawn without noise.")
            expect_standard_normal(noise[:, None], "log_gdp's noise")
        if close(drawn[0], drawn[1]):
            raise Mistake("noise-frozen", "Two calls draw the same log_gdp.")

    def _at(self, answer: Any, count: int, at: dict[str, Tensor]) -> Sites:
        found = run(self.name, answer, _data(count) | {"log_gdp": spread(count)}, at)
        found.require_names([*_WEIGHTS, "sigma"], ["log_gdp"])
        return found


def _data(count: int) -> dict[str, Tensor]:
    """Countries in and outside of Africa, and how rugged they are."""
    africa = torch.randint(0, 2, (count,), generator=fresh_generator()).double()
    africa[0], africa[1] = 0, 1
    return {"africa": africa, "ruggedness": spread(count, high=15).abs()}


def _values(reach: float) -> dict[str, Tensor]:
    at = {name: reach * spread(1)[0] for name in _WEIGHTS}
    return at | {"sigma": torch.tensor(uniform(0.4, 0.9) * max(reach, 0.2), dtype=torch.float64)}


def _mean(
    africa: Tensor, ruggedness: Tensor, a: Tensor, b_africa: Tensor, b_ruggedness: Tensor,
    b_both: Tensor, **_: Any,
) -> Tensor:  # fmt: skip
    return a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness


def _log_normal(value: Tensor, mean: Tensor | float, scale: Tensor | float) -> Tensor:
    scale = torch.as_tensor(scale, dtype=torch.float64)
    return -0.5 * (((value - mean) / scale) ** 2 + LOG_2PI) - scale.log()


def _log_likelihood(log_gdp: Tensor, sigma: Tensor, **given: Any) -> Tensor:
    return _log_normal(log_gdp, _mean(**given), sigma)


def _wrong_priors(value: Tensor, scale: float) -> Candidates:
    scales = (1.0, 2.0, 5.0, 10.0, 100.0, 10**0.5, 0.1, 0.5)
    return [("prior-scale", _log_normal(value, 0.0, each)) for each in scales if each != scale]


def _wrong_likelihoods(**given: Tensor) -> Candidates:
    def at(**other: Tensor) -> Tensor:
        return _log_likelihood(**(given | other))

    africa, ruggedness, sigma = given["africa"], given["ruggedness"], given["sigma"]
    zero = torch.zeros((), dtype=torch.float64)
    a, b_africa, b_ruggedness, b_both = (given[name] for name in _WEIGHTS)
    return [
        ("regression-no-interaction", at(b_both=zero)),
        ("regression-no-constant", at(a=zero)),
        ("regression-no-africa", at(b_africa=zero)),
        ("regression-no-ruggedness", at(b_ruggedness=zero)),
        ("regression-variance-for-scale", at(sigma=sigma**2)),
        ("regression-variance-for-scale", at(sigma=sigma.sqrt())),
        ("regression-exchanged", at(africa=ruggedness, ruggedness=africa)),
        ("regression-interaction-sum", at(a=a + b_both * (africa + ruggedness), b_both=zero)),
        ("regression-one-slope", at(b_both=b_ruggedness)),
        ("regression-factor-left-out", at(b_ruggedness=b_ruggedness + b_both, b_both=zero)),
        ("regression-factor-left-out", at(b_africa=b_africa + b_both, b_both=zero)),
        ("regression-factor-left-out", at(a=a + b_africa, b_africa=zero)),
        ("regression-factor-left-out", at(a=a + b_ruggedness, b_ruggedness=zero)),
        ("regression-factor-left-out", at(a=a + b_both, b_both=zero)),
        ("regression-of-exp", at(log_gdp=given["log_gdp"].exp())),
        ("regression-of-log", at(log_gdp=given["log_gdp"].abs().log())),
        ("regression-summed", at().sum()),
        ("regression-summed", at().sum().expand(len(africa))),
    ]  # fmt: skip


regression = _Regression()
