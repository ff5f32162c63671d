"""How far an average is off, and the baseline that brings it nearer."""

import itertools
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.factors import Factor, factors_named
from vae_checks.fixtures import normal, spread
from vae_checks.lab2 import formulas
from vae_checks.lab2.oracles import call_with_rows, gauss_hermite
from vae_checks.misread import arguments_named
from vae_checks.terms import Term, terms_named_one_by_one
from vae_checks.values import close, expect_equal, expect_exact, expect_tensor, expect_uncut
from vae_checks.verdict import Mistake, call

_SECOND_DIMENSION = "f_values is (K,), scores (K, D): the differences need a second dimension."


class _StandardError(Exercise):
    name, section = "standard_error", "4.1"

    @idea("the standard error of the mean, for each column")
    def value(self, answer: Any, *, samples: int = 7, dimensions: int = 3) -> None:
        """The root of the unbiased variance of each column, divided by K."""
        estimates = spread(samples, dimensions) * torch.linspace(0.5, 2, dimensions).double()
        found = call(self.name, answer, {"estimates": estimates})
        named = arguments_named(found, _error, {"estimates": estimates})
        with named, factors_named(lambda number: self._ask(answer, number)):
            expect_exact(found, _error(estimates), "the error", _wrong_errors(estimates))
        for size in (1e4, 1e-9):
            found = call(self.name, answer, {"estimates": size * estimates})
            expect_uncut(found, _error(size * estimates), "the error")

    def _ask(self, answer: Any, number: int) -> tuple[Any, list[Factor]]:
        """The error of one column of new numbers, and the factors of it."""
        samples, dimensions = 4 + number % 6, 2 + number % 3
        estimates, d = spread(samples, dimensions), number % 2
        found = call(self.name, answer, {"estimates": estimates})
        error = expect_tensor(found, (dimensions,), "the error")[d]
        column = estimates[:, d]
        return error, [
            Factor("the sum of squares", (column - column.mean()).square().sum().item(), 0.5),
            Factor("K - 1", samples - 1, -0.5),
            Factor("K", samples, -0.5),
            Factor("K - 2", samples - 2),
            Factor("K + 1", samples + 1),
            Factor("D", dimensions),
            Factor("the mean of squares", column.square().mean().item()),
        ]

    @idea("still right where the mean is large against the spread")
    def stable(self, answer: Any, *, samples: int = 11, dimensions: int = 3) -> None:
        """Numbers around 1e8 with spread 1, where a difference of two large squares is noise."""
        estimates = 1e8 + normal(samples, dimensions)
        truth = _error(estimates)
        found = call(self.name, answer, {"estimates": estimates})
        # A difference of squares is off by multiples of 1 here, or its root is nan.
        if _is_wrong(found, truth):
            near_zero = call(self.name, answer, {"estimates": estimates - 1e8})
            if torch.is_tensor(near_zero) and not _is_wrong(near_zero, truth):
                seen = f"With numbers around 1e8 the error[0] is {found[0]:.4g},"
                raise Mistake("error-cancels", f"{seen} it should be {truth[0]:.4g}.")
        expect_equal(found, truth, "the error", _wrong_errors(estimates))


def _is_wrong(value: Any, truth: Tensor) -> bool:
    """A tensor of the right kind with other numbers than `truth`."""
    alike = torch.is_tensor(value) and value.shape == truth.shape and value.device.type == "cpu"
    return alike and value.is_floating_point() and not close(value, truth)


def _error(estimates: Tensor) -> Tensor:
    off = estimates - estimates.mean(0)
    return (off.square().sum(0) / (len(off) - 1) / len(off)).sqrt()


def _wrong_errors(estimates: Tensor) -> list[tuple[str, Tensor]]:
    truth, samples = _error(estimates), len(estimates)
    spread_of_one = truth * samples**0.5
    biased = truth * ((samples - 1) / samples) ** 0.5
    wrong = [
        ("error-is-spread", spread_of_one),
        ("error-is-spread", biased * samples**0.5),
        ("error-is-variance", spread_of_one**2),
        ("error-is-variance", spread_of_one**2 / samples),
        ("error-divided-by-samples", spread_of_one / samples),
        ("error-biased", biased),
        ("error-one-less-twice", spread_of_one / (samples - 1) ** 0.5),
        ("error-not-centered", (estimates.square().sum(0) / (samples - 1) / samples).sqrt()),
        ("error-not-centered", estimates.square().mean(0).sqrt() / samples**0.5),
        ("error-over-all", estimates.std() / samples**0.5),
        ("error-over-all", estimates.std() / estimates.numel() ** 0.5),
        ("error-is-mean", estimates.mean(0)),
    ]
    if estimates.shape[1] > 1:
        rows = estimates.std(dim=1)
        wrong.append(("error-by-row", rows / estimates.shape[1] ** 0.5))
        wrong.append(("error-by-row", rows / samples**0.5))
        wrong.append(("error-by-row", spread_of_one / estimates.shape[1] ** 0.5))
    return wrong


class _WithBaseline(Exercise):
    name, section = "with_baseline", "4.2"

    @idea("each value minus the mean of the others, times its score")
    def rows(self, answer: Any, *, samples: int = 5, dimensions: int = 3) -> None:
        """(f_k - mean of the other f) * score_k, exactly."""
        f, scores = spread(samples), spread(samples, dimensions)
        found = self._call(answer, f, scores)
        named = arguments_named(found, _leave_one_out, {"f": f, "scores": scores})
        with named, terms_named_one_by_one(lambda n: self._ask(answer, n)):
            expect_exact(found, _leave_one_out(f, scores), "the estimates", _wrong_rows(f, scores))
        f, scores = 1e3 * spread(samples), 1e3 * spread(samples, dimensions)
        expect_uncut(self._call(answer, f, scores), _leave_one_out(f, scores), "the estimates")

    def _ask(self, answer: Any, number: int) -> tuple[Any, list[Term]]:
        """One estimate for new values and scores, of 4 to 7 samples, and the terms of it."""
        samples = 4 + number % 4
        f, scores = spread(samples), spread(samples, 3)
        k, d = number % samples, number % 3
        found = expect_tensor(self._call(answer, f, scores), (samples, 3), "the estimates")
        return found[k, d], formulas.of_baseline(f, scores, k, d)

    @idea("unbiased: exactly, over all samples that could be drawn")
    def unbiased(self, answer: Any, *, samples: int = 2, nodes: int = 4) -> None:
        """The mean over every possible sample of a distribution of `nodes` points is exact.

        The points are those of the Gauss-Hermite rule with its weights as probabilities; under
        them the scores have mean 0, so that E[f score] is the truth. K is `samples`, and 3, where
        all others are more than one. The plain estimator is unbiased as well, and so is one with
        a baseline that depends on f in part: what is asked for does not see a constant in f.
        """
        for count in sorted({samples, 3}):
            try:
                self._expect_mean(answer, count, nodes)
            except Mistake as mistake:
                slug = mistake.slug
                if slug in ("raised", "wrong-shape", "lost-precision"):
                    raise
                raise Mistake(self._known(answer) or slug, mistake.seen) from None
        self._expect_no_shift(answer, samples + 2, dimensions=3)

    @idea("a constant added to f changes nothing")
    def shift(self, answer: Any, *, samples: int = 5, dimensions: int = 3) -> None:
        """The estimates for f + 100 are those for f, and not all 0."""
        self._expect_no_shift(answer, samples, dimensions)

    def _call(self, answer: Any, f: Tensor, scores: Tensor) -> Any:
        arguments = {"f_values": f, "scores": scores}
        return call_with_rows(self.name, answer, arguments, scores.shape, _SECOND_DIMENSION)

    def _expect_mean(self, answer: Any, samples: int, nodes: int) -> None:
        dimensions = samples + 2  # never K, where a missing dimension would not show
        weight, scores, f = _small_distribution(nodes, dimensions)
        truth = (weight * f) @ scores
        mean = torch.zeros_like(truth)
        for drawn in map(list, itertools.product(range(nodes), repeat=samples)):
            found = self._call(answer, f[drawn], scores[drawn])
            expect_tensor(found, (samples, dimensions), "the estimates")
            if found.dtype != torch.float64:
                seen = f"The estimates are {found.dtype}, the arguments are float64."
                raise Mistake("lost-precision", seen)
            mean += weight[drawn].prod() * found.detach().mean(0)
        what = f"over all samples of size {samples} the mean estimate"
        expect_exact(mean, truth, what, _with_own_sample(samples, truth))

    def _expect_no_shift(self, answer: Any, samples: int, dimensions: int) -> None:
        f, scores = spread(samples), spread(samples, dimensions)
        results = []
        for shifted in (f, f + 100):
            found = self._call(answer, shifted, scores)
            results.append(expect_tensor(found, (samples, dimensions), "the estimates").detach())
        if not results[0].any():
            raise Mistake("baseline-nothing", "All estimates are 0.")
        first, second = (found.double() for found in results)
        off = (second - first).abs().max().item()
        if off > 1e-9 + (0.01 if results[0].dtype != torch.float64 else 0):
            slug = _slug_of(results[0], f, scores) or "baseline-shift"
            raise Mistake(slug, f"With 100 added to every f an estimate changes by {off:.3g}.")

    def _known(self, answer: Any) -> str | None:
        """The slug of a wrong answer that its rows give away, where a mean is ambiguous."""
        f, scores = spread(5), spread(5, 3)
        found = self._call(answer, f, scores)
        return _slug_of(found, f, scores) if torch.is_tensor(found) else None


def _slug_of(found: Tensor, f: Tensor, scores: Tensor) -> str | None:
    return next((slug for slug, rows in _wrong_rows(f, scores) if close(found, rows)), None)


def _leave_one_out(f: Tensor, scores: Tensor) -> Tensor:
    others = (f.sum() - f) / (len(f) - 1)
    return (f - others)[:, None] * scores


def _wrong_rows(f: Tensor, scores: Tensor) -> list[tuple[str, Tensor]]:
    samples, right = len(f), _leave_one_out(f, scores)
    others = f.sum() - f
    plain = f[:, None] * scores
    squares = scores.square()
    optimal = (f[:, None] * squares).sum(0) / squares.sum(0)
    return [
        ("baseline-missing", plain),
        ("baseline-own-sample", (f - f.mean())[:, None] * scores),
        ("estimator-sign", -right),
        ("baseline-added", (f + others / (samples - 1))[:, None] * scores),
        ("baseline-sum", (f - others)[:, None] * scores),
        ("baseline-divisor", (f - others / samples)[:, None] * scores),
        ("baseline-times", right * (samples - 1)),
        *[("baseline-one-other", (f - other)[:, None] * scores) for other in _moved(f)],
        *[
            ("baseline-wrong-rows", row[:, None] * scores)
            for row in _moved(f - others / (samples - 1))
        ],
        ("baseline-nothing", 0 * scores),
        ("baseline-on-score", f[:, None] * (scores - scores.mean(0))),
        ("baseline-own-sample", (f[:, None] - optimal) * scores),
        ("baseline-median", (f - f.median())[:, None] * scores),
        ("baseline-alone", (others / (samples - 1))[:, None] * scores),
        ("baseline-on-product", plain - plain.mean(0)),
        ("estimator-no-score", (f - others / (samples - 1))[:, None].expand_as(scores)),
        ("estimator-no-score", f - others / (samples - 1)),
        ("samples-merged", right.sum(0)),
        ("samples-merged", right.mean(0)),
        ("divided-by-samples", right / samples),
    ]


def _moved(values: Tensor) -> list[Tensor]:
    return [values.flip(0), values.roll(1), values.roll(-1)]


def _small_distribution(nodes: int, dimensions: int) -> tuple[Tensor, Tensor, Tensor]:
    """Probabilities (n,), scores (n, D), values (n,) of a quadratic f.

    The scores are those of N(mu, sigma^2) by D parameters on which both mu and sigma depend.
    """
    mu, scale, a, b, c = spread(5)
    sigma = scale.abs()
    eps, weight = gauss_hermite(nodes, 1)
    z = mu + sigma * eps[:, 0]
    scores = torch.stack([eps[:, 0], eps[:, 0] ** 2 - 1], dim=1) / sigma
    scores = scores @ spread(2, dimensions)
    return weight, scores, a + b * z + c * z**2


def _with_own_sample(samples: int, truth: Tensor) -> list[tuple[str, Tensor]]:
    """What the mean becomes where each sample is part of its own baseline."""
    return [
        ("baseline-own-sample", truth * (samples - 1) / samples),
        ("divided-by-samples", truth / samples),
        ("baseline-sum", truth * samples),
        ("estimator-sign", -truth),
        ("baseline-wrong-rows", 0 * truth),
    ]


standard_error = _StandardError()
with_baseline = _WithBaseline()
