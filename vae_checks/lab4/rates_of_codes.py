"""What each latent dimension costs, and which dimensions follow the images."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, shuffled, spread, true_kl
from vae_checks.shared_exercises.gaussian_kl import kl_terms, special_codes, wrong_formulas
from vae_checks.terms import ROWS, Term, terms_named
from vae_checks.values import (
    close,
    expect_equal,
    expect_single,
    expect_tensor,
    gradients,
)
from vae_checks.verdict import Mistake, call, describe


class _KLByDimension(Exercise):
    name, section = "kl_by_dimension", "4.1"

    @idea(
        "one rate for each dimension, the mean over images of its KL",
        also=[
            {"batch": 4, "latent": 4},
            {"batch": 1, "latent": 1},
            {"batch": 2, "latent": 41},
        ],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """Equal to the closed form, in float64 and float32, near the prior and far from it."""
        for dtype in (torch.float64, torch.float32):
            mu, logvar = spread(batch, latent).to(dtype), spread(batch, latent).to(dtype)
            self._expect(answer, mu, logvar)
        for mu, logvar, slug, where in special_codes(batch, latent):
            value = self._call(answer, mu, logvar, f"kl ({where})")
            truth = _each(mu, logvar).mean(0)
            absolute, relative = (1e-9, 1e-6) if value.dtype == torch.float64 else (1e-5, 1e-4)
            off = (value.detach().double() - truth).abs()
            if (off > absolute + relative * truth).any():
                if (off <= 1e-5 + 1e-4 * truth).all() and slug == "kl-floor":
                    slug = "not-exact"
                place = int(off.argmax())
                got, wanted = value[place].item(), truth[place].item()
                seen = f"With {where} kl[{place}] is {got:.8g}, it should be {wanted:.8g}."
                raise Mistake(slug, seen)

    @idea(
        "the right gradient reaches mu and logvar of every image",
        also=[{"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}],
    )
    def gradient(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """d kl_d / d mu = mu / B and d kl_d / d logvar = (exp(logvar) - 1) / 2B."""
        codes = {key: spread(batch, latent).requires_grad_() for key in ("mu", "logvar")}
        mu, logvar = (each.detach() for each in codes.values())
        value = self._call(answer, codes["mu"], codes["logvar"], "kl")
        found = gradients(value, codes)
        truth = {"mu": mu / batch, "logvar": (logvar.exp() - 1) / (2 * batch)}
        if not all(close(found[key], truth[key]) for key in truth):
            self._expect(answer, mu, logvar)  # a wrong formula is better named by its value
        for key, wanted in truth.items():
            if not found[key].any():
                raise Mistake("detached", f"The gradient of kl with respect to {key} is 0.")
            expect_equal(found[key], wanted, f"d kl / d {key}")

    def _call(self, answer: Any, mu: Tensor, logvar: Tensor, what: str) -> Tensor:
        value = call(self.name, answer, {"mu": mu, "logvar": logvar})
        with torch.no_grad():
            wrong = [
                (slug, each)
                for slug, each in _wrong(mu.double(), logvar.double())
                if each.shape != mu.shape[1:]
            ]
        return expect_single(expect_tensor(value, (mu.shape[1],), what, wrong), what)

    def _expect(self, answer: Any, mu: Tensor, logvar: Tensor) -> None:
        value = self._call(answer, mu, logvar, "kl")
        m, s = mu.double(), logvar.double()
        try:
            expect_equal(value, _each(m, s).mean(0), "kl", _wrong(m, s), "nats")
        except Mistake as mistake:
            if mistake.slug != "wrong-value":
                raise
            again = call(self.name, answer, {"mu": mu, "logvar": logvar})
            if torch.is_tensor(again) and not close(again, value.detach().double()):
                raise Mistake("kl-random", "Two calls with the same arguments differ.") from None
            with terms_named(lambda columns: self._asked(answer, columns)):
                raise

    def _asked(self, answer: Any, columns: int) -> tuple[Any, list[Term]]:
        """Ask for as many dimensions as `terms` wants images; five images a dimension."""
        mu, logvar = spread(5, columns), spread(5, columns)
        value = call(self.name, answer, {"mu": mu, "logvar": logvar})
        if torch.is_tensor(value) and value.shape == (ROWS,):
            value = 5 * value
        return value, kl_terms(mu.mT, logvar.mT)


def _each(mu: Tensor, logvar: Tensor) -> Tensor:
    """The KL of each image and dimension, (B, D)."""
    return true_kl(mu[..., None], logvar[..., None])


def _wrong(mu: Tensor, logvar: Tensor) -> list[tuple[str, Tensor]]:
    each = _each(mu, logvar)
    (batch, latent), truth = each.shape, each.mean(0)
    wrong = [
        ("rate-of-image", each.sum(1)),
        ("rate-of-image", each.mean(1)),
        ("rate-not-averaged", each),
        ("rate-total", each.sum()),
        ("rate-total", truth.sum()),
        ("rate-total", each.mean()),
        ("rate-share", truth / truth.sum()),
        ("rate-by-latent-size", truth / latent),
        ("rate-sorted", truth.sort(descending=True).values),
        ("rate-sorted", truth.sort().values),
    ]
    if batch == 1:  # then there is nothing to take a mean over
        wrong = [(slug, each) for slug, each in wrong if each.shape != truth.shape] + wrong[6:]
        return wrong + wrong_formulas(mu.mT, logvar.mT)
    mean_mu, mean_variance = mu.mean(0), logvar.exp().mean(0)
    fitted = [(mean_mu, (mean_variance + mu.var(0, correction=c)).log()) for c in (0, 1)]
    return [
        *wrong,
        *((slug, value / batch) for slug, value in wrong_formulas(mu.mT, logvar.mT)),
        ("rate-batch-sum", each.sum(0)),
        ("rate-median", each.median(0).values),
        ("rate-of-one-image", each[0]),
        ("rate-of-one-image", each[-1]),
        ("rate-of-mean-code", _each(mean_mu, logvar.mean(0))),
        ("rate-of-mean-code", 0.5 * (mean_mu**2 + mean_variance - 1 - logvar.mean(0))),
        ("not-nats", truth / math.log(2)),
        ("rate-of-mean-code", _each(mean_mu, mean_variance.log())),
        *(("rate-of-aggregate", _each(*pair)) for pair in fitted),
    ]


class _ActiveUnits(Exercise):
    name, section = "active_units", "4.1"

    @idea("the variance over images of each dimension's mean is above the threshold")
    def which(self, answer: Any, *, batch: int = 11) -> None:
        """Dimensions of seven kinds in an order of chance, at four thresholds.

        No variance is near the threshold, so that dividing by B or by B - 1 is the same.
        """
        for threshold in (0.01, 0.0009, 0.02, 1e-5):
            for dtype, far in ((torch.float64, 30.0), (torch.float32, 3.0)):
                mu = _means(batch, threshold, far)
                keywords: dict[str, Any] = {} if threshold == 0.01 else {"threshold": threshold}
                active = call(self.name, answer, {"mu": mu.to(dtype)}, **keywords)
                truth = mu.var(0) > threshold
                if threshold != 0.01:
                    self._expect_used(answer, active, mu, truth)
                self._expect(answer, active, mu, threshold, truth)
        constant = torch.tensor([[2.0, 1.0], [2.0, -1.0]], dtype=torch.float64)  # exact means
        for mu in (constant, constant.flip(1)):
            active = call(self.name, answer, {"mu": mu}, threshold=0.0)
            truth = mu.var(0) > 0
            _expect_bool(active, truth, mu, 0.0)
            if not bool((active == truth).all()):
                seen = f"With threshold 0 it gives {active.tolist()} for mu {mu.tolist()}."
                raise Mistake("units-at-threshold", seen)

    def _expect_used(self, answer: Any, active: Any, mu: Tensor, truth: Tensor) -> None:
        """Raise Mistake where the values are those of the threshold that is the default."""
        if not _same(active, mu.var(0) > 0.01) or _same(active, truth):
            return
        many = _many_means()
        pair = [call(self.name, answer, {"mu": many}, threshold=at) for at in (0.01, 1e-4)]
        if torch.is_tensor(pair[0]) and _same(pair[1], pair[0]):
            raise Mistake("units-threshold-ignored", "Another threshold gives the same values.")

    def _expect(
        self, answer: Any, active: Any, mu: Tensor, threshold: float, truth: Tensor
    ) -> None:
        _expect_bool(active, truth, mu, threshold)
        if _same(active, truth):
            return
        place = int((active != truth).nonzero()[0, 0])
        variance = mu[:, place].var().item()
        seen = (
            f"Dimension {place}, where mu has variance {variance:.3g}, is called "
            f"{'active' if active[place] else 'inactive'} at threshold {threshold}."
        )
        raise Mistake(self._slug(answer), seen)

    def _slug(self, answer: Any) -> str:
        """The wrong rule that calls each of many dimensions what the answer calls it."""
        threshold, draws = 0.01, [_many_means() for _ in range(4)]  # of one two rules may agree
        batches = [mu for many in draws for mu in (many, many / 30, many / 1000, many / 30 + 5)]
        active = [call(self.name, answer, {"mu": mu}, threshold=threshold) for mu in batches]
        for correction in (0, 1):
            right = [mu.var(0, correction=correction) > threshold for mu in batches]
            if all(_same(one, other) for one, other in zip(active, right, strict=True)):
                return "units-wrong"  # for other numbers than these
        for slug, rule in _WRONG_RULES:
            told = (rule(mu, threshold) for mu in batches)
            if all(_same(one, other) for one, other in zip(active, told, strict=True)):
                return slug
        return "units-wrong"


def _spread_from(mu: Tensor, place: Tensor) -> Tensor:
    return (mu - place).square().mean(0)


# Which dimensions of mu (B, D) are above the threshold t, by other rules than the variance.
_WRONG_RULES: list[tuple[str, Callable[[Tensor, float], Tensor]]] = [
    ("units-inverted", lambda mu, t: mu.var(0) <= t),
    ("units-constant", lambda mu, t: torch.ones_like(mu[0], dtype=torch.bool)),
    ("units-constant", lambda mu, t: torch.zeros_like(mu[0], dtype=torch.bool)),
    ("units-by-deviation", lambda mu, t: mu.std(0) > t),
    ("units-not-divided", lambda mu, t: len(mu) * mu.var(0, correction=0) > t),
    ("units-not-centered", lambda mu, t: (mu**2).mean(0) > t),
    ("units-not-centered", lambda mu, t: (mu**2).sum(0) > t),
    ("units-other-mean", lambda mu, t: _spread_from(mu, mu.mean()) > t),
    ("units-other-mean", lambda mu, t: _spread_from(mu, mu.mean(1, keepdim=True)) > t),
    ("units-other-mean", lambda mu, t: _spread_from(mu, mu[0]) > t),
    ("units-other-mean", lambda mu, t: _spread_from(mu, mu.median(0).values) > t),
    ("units-neighbours", lambda mu, t: mu.diff(dim=0).square().mean(0) > t),
    ("units-relative", lambda mu, t: mu.var(0) > t * mu.var(0).max()),
    ("units-relative", lambda mu, t: mu.var(0) > t * mu.var(0).sum()),
    ("units-covariance", lambda mu, t: torch.cov(mu.mT).abs().sum(0) > t),
    ("units-rounded", lambda mu, t: mu.var(0).round(decimals=2) > t),
    ("units-rounded", lambda mu, t: mu.round(decimals=2).var(0) > t),
    ("units-by-mean", lambda mu, t: mu.mean(0).abs() > t),
    ("units-by-mean", lambda mu, t: mu.mean(0) > t),
    ("units-by-mean", lambda mu, t: mu.abs().mean(0) > t),
    ("units-by-range", lambda mu, t: mu.amax(0) - mu.amin(0) > t),
    ("units-by-range", lambda mu, t: (mu - mu.mean(0)).abs().mean(0) > t),
    ("units-by-range", lambda mu, t: (mu - mu.median(0).values).abs().median(0).values > t),
    ("value-cut", lambda mu, t: mu.clamp(-1, 1).var(0) > t),
    ("value-cut", lambda mu, t: mu.clamp(-2, 2).var(0) > t),
    ("value-cut", lambda mu, t: mu.clamp(-3, 3).var(0) > t),
    ("value-cut", lambda mu, t: mu.clamp(-5, 5).var(0) > t),
    ("value-cut", lambda mu, t: mu.clamp(-10, 10).var(0) > t),
    ("units-all-together", lambda mu, t: (mu.var() > t).expand(mu.shape[1])),
    ("units-all-together", lambda mu, t: (mu.var(0).mean() > t).expand(mu.shape[1])),
]


def _means(batch: int, threshold: float, far: float) -> Tensor:
    """mu (B, 7), one dimension of each kind; `far`: the mean of some, in float32 one whose square
    leaves digits for the variance."""
    deviation = threshold**0.5
    between = (threshold * (threshold / batch) ** 0.5) ** 0.5  # needs threshold < 1 / batch
    kinds = [  # mean, standard deviation
        (0.0, 3 * deviation),  # active
        (-far, 2 * deviation),  # active and far
        (far, 0.0),  # constant and far
        (0.0, 0.7 * deviation),  # below; its deviation, and its sum of squares, above
        (0.0, between),  # below; its deviation above
        (0.0, 0.55 * threshold),  # below; its range above
        (0.5 * deviation, 0.1 * threshold),  # below; its mean above
    ]
    pattern = spread(batch, len(kinds), low=0.8, high=1.2)
    pattern = (pattern - pattern.mean(0)) / pattern.std(0, correction=0)
    mean, size = torch.tensor(kinds, dtype=torch.float64)[shuffled(len(kinds))].unbind(1)
    return mean + size * pattern


def _many_means() -> Tensor:
    """mu (23, 97) with deviations from 0.003 to 1 and means up to 12, of which some are 0."""
    deviation = torch.linspace(math.log(0.003), 0, 97, dtype=torch.float64).exp()
    mean = torch.where(torch.rand(97) < 0.5, 0.0, 12.0) * spread(97, low=0.01, high=1.0)
    pattern = normal(23, 97)
    return mean + deviation * (pattern - pattern.mean(0)) / pattern.std(0)


def _same(active: Any, other: Tensor) -> bool:
    return torch.is_tensor(active) and active.shape == other.shape and bool((active == other).all())


def _expect_bool(active: Any, truth: Tensor, mu: Tensor, threshold: float) -> None:
    wanted = f"a tensor of {len(truth)} truth values"
    seen = f"active_units returned {describe(active)}"
    if not torch.is_tensor(active):
        number = type(active).__name__ in ("int", "float")
        raise Mistake("units-counted" if number else "wrong-type", f"{seen}, not {wanted}.")
    if active.device.type != "cpu":
        raise Mistake("wrong-device", f"{seen} on {active.device}.")
    if active.dtype == torch.bool and active.shape == truth.shape:
        return
    if active.is_floating_point() and not active.isfinite().all():
        raise Mistake("nan", f"active_units contains {'nan' if active.isnan().any() else 'inf'}.")
    seen = f"{seen} and dtype {active.dtype}, not {wanted}."
    if active.ndim == 0:
        one = active.dtype == torch.bool
        raise Mistake("units-all-together" if one else "units-counted", seen)
    if not active.is_floating_point() and _same(active.flatten(), truth.nonzero()[:, 0]):
        raise Mistake("units-indices", seen)
    if active.shape == mu.shape[:1] and active.dtype == torch.bool:
        raise Mistake("units-over-latent", seen)
    if active.dtype == torch.bool:
        expect_tensor(active.double(), tuple(truth.shape), "active_units")
    raise Mistake("units-not-bool", seen)


kl_by_dimension = _KLByDimension()
active_units = _ActiveUnits()
