"""Do the chains of a sampler agree? Split R-hat, by hand."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.misread import arguments_named
from vae_checks.values import Candidates, expect_exact, unless_right
from vae_checks.verdict import Mistake, call


class _SplitRHat(Exercise):
    name, section = "split_r_hat", "1.5"

    @idea(
        "the root of the pooled variance over the variance within, of half chains",
        also=[{"chains": 4, "draws": 4}, {"chains": 1, "draws": 10}],
    )
    def value(self, answer: Any, *, chains: int = 3, draws: int = 14) -> None:
        """To 1e-10; for chains in different places, and for chains that drift; of any scale."""
        for drift, reach in ((0.0, 1.0), (3.0, 1.0), (3.0, 100.0)):
            along = torch.linspace(0, drift, draws, dtype=torch.float64)
            x = reach * (normal(chains, draws) + spread(chains, 1) + along)
            value = call(self.name, answer, {"x": x})
            try:
                with arguments_named(value, of_halves, {"x": x}):
                    expect_exact(value, of_halves(x), "R-hat", _wrong(x))
            except Mistake as mistake:
                if mistake.slug == "wrong-value" and (factor := _factor(x, value)) is not None:
                    seen = (
                        f"W counts {factor:.4g} times in the pooled variance, as if n were wrong."
                    )
                    raise Mistake("r-hat-other-n", seen) from None
                raise

    @idea("near 1 where the chains agree, whatever their mean and scale")
    def agreement(self, answer: Any, *, chains: int = 4, draws: int = 500) -> None:
        """Of independent normal numbers; the same, moved by 1e4 and stretched by 1e-3; and with
        half chains whose means are equal, where it is sqrt((n - 1) / n), below 1."""
        x = normal(chains, draws)
        halves = x.reshape(2 * chains, -1)
        equal = (halves - halves.mean(1, keepdim=True)).reshape(chains, draws)
        for moved, within in ((x, 1e-10), (1e4 + 1e-3 * x, 1e-6), (equal, 1e-10)):
            value = call(self.name, answer, {"x": moved})
            expect_exact(value, of_halves(moved), "R-hat", _wrong(moved), within=within)


def of_halves(x: Tensor) -> Tensor:
    """Of chains (C, S), S even: Gelman et al., Bayesian Data Analysis, 3rd edition, section 11.4.

    With 2 C half chains of n draws, W the mean of their variances, B / n the variance of their
    means: sqrt(((n - 1) / n W + B / n) / W).
    """
    return _r_hat(x.reshape(2 * len(x), -1))


def _r_hat(halves: Tensor) -> Tensor:
    n, (within, between) = halves.shape[1], _variances(halves)
    return _ratio(within, between, n)


def _variances(halves: Tensor, correction: int = 1) -> tuple[Tensor, Tensor]:
    """The mean variance within half chains, and the variance of their means."""
    return halves.var(1, correction=correction).mean(), halves.mean(1).var(correction=correction)


def _ratio(within: Tensor, between: Tensor, n: int) -> Tensor:
    return (((n - 1) / n * within + between) / within).sqrt()


def _factor(x: Tensor, value: Tensor) -> float | None:
    """How often W counts in the pooled variance, if (m - 1) / m, (m + 1) / m or -1 / m for a whole
    number m, up to twice the draws, explains the value."""
    within, between = _variances(x.reshape(2 * len(x), -1))
    factor = (value**2 - between / within).item()
    known = [(m + k) / m for m in range(1, 2 * x.shape[1] + 1) for k in (-1, 1)]
    known += [-1 / m for m in range(1, 2 * x.shape[1] + 1)]
    return next((each for each in known if abs(each - factor) < 1e-8), None)


def _wrong(x: Tensor) -> Candidates:
    halves = x.reshape(2 * len(x), -1)
    n, truth = halves.shape[1], of_halves(x)
    within, between = _variances(halves)
    biased_within, biased_between = _variances(halves, correction=0)
    wrong = [
        ("r-hat-squared", truth**2),
        ("r-hat-no-means", _ratio(within, 0 * between, n)),
        ("r-hat-no-shrinkage", ((within + between) / within).sqrt()),
        ("r-hat-between-times-n", _ratio(within, n * between, n)),
        ("r-hat-between-alone", (between / within).sqrt()),
        ("r-hat-inverse", 1 / truth),
        ("r-hat-population", _ratio(biased_within, between, n)),
        ("r-hat-population", _ratio(within, biased_between, n)),
        ("r-hat-population", _ratio(biased_within, biased_between, n)),
        ("r-hat-scales-averaged", _ratio(halves.std(1).mean() ** 2, between, n)),
        *(("r-hat-other-n", _ratio(within, between, other))
          for other in (2 * n, len(x), 2 * len(x), n + 1) if other != n),
        *(("r-hat-within-of-all", _ratio(x.var(correction=correction), between, n))
          for correction in (1, 0)),
    ]  # fmt: skip
    if len(x) > 1:
        interleaved = torch.cat([x[:, ::2], x[:, 1::2]])
        wrong += [("r-hat-not-split", _r_hat(x)), ("r-hat-interleaved", _r_hat(interleaved))]
        wrong += [("r-hat-axes", _r_hat(x.mT.reshape(-1, len(x))))]
        wrong += [("r-hat-axes", _r_hat(x.reshape(-1, 2 * len(x))))]
        wrong += [("r-hat-axes", _r_hat(x.mean(0, keepdim=True).reshape(2, -1)))]
        wrong += [("r-hat-axes", _r_hat(x.reshape(2, -1)))]
    return unless_right(wrong, truth)


split_r_hat = _SplitRHat()
