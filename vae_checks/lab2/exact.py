"""What needs no sample: the mean of a quadratic form, and the score of a Gaussian."""

import contextlib
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Normal

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab2 import formulas
from vae_checks.lab2.known_estimates import score as known_score
from vae_checks.lab2.oracles import expect_all_digits, expect_derivative, gaussian
from vae_checks.misread import arguments_named
from vae_checks.terms import Term, terms_named_one_by_one
from vae_checks.values import (
    Candidates,
    expect_exact,
    expect_pair,
    expect_tensor,
    expect_uncut,
    sampling_named,
)
from vae_checks.verdict import Mistake, call, describe

# A derivative that loses digits where the numbers are large is no clamp.
_DIFFERENCE = "difference-quotient"


class _ExactQuadratic(Exercise):
    name, section = "exact_quadratic", "1.1"

    @idea("the mean of z'Az + c'z", also=[{"dimensions": 1}])
    def value(self, answer: Any, *, dimensions: int = 3) -> None:
        """mu'A mu + c'mu + sum_d A_dd sigma_d^2, with an A that is not symmetric."""
        A, c, mu, sigma = problem = _problem(dimensions)
        value, _, _ = _three(call(self.name, answer, _arguments(problem)))
        at_mean = mu @ A @ mu + c @ mu
        trace = (A.diagonal() * sigma**2).sum()
        known = [
            ("expectation-no-variance", at_mean),
            ("expectation-no-linear", mu @ A @ mu + trace),
            ("expectation-sigma-not-squared", at_mean + (A.diagonal() * sigma).sum()),
            ("expectation-off-diagonal", at_mean + sigma @ A @ sigma),
            ("expectation-off-diagonal", at_mean + (A @ sigma**2).sum()),
            ("expectation-off-diagonal", at_mean + (A.mT @ sigma**2).sum()),
            ("expectation-trace-apart", at_mean + A.trace() * (sigma**2).sum()),
            ("expectation-trace-apart", at_mean + (sigma**2).sum()),
            ("expectation-no-mean", trace),
        ]
        named = arguments_named(value, _value, _arguments(problem))
        drawn = self._sampling_named(answer, problem, 0, value)
        with named, terms_named_one_by_one(lambda _: self._ask(answer, 0, 0)), drawn:
            expect_exact(value, at_mean + trace, "value", known)
        A, c, mu, sigma = problem = _large_problem(dimensions)
        truth = mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()
        expect_uncut(_three(call(self.name, answer, _arguments(problem)))[0], truth, "value")
        A, c, mu, sigma = problem = _narrow_problem(dimensions)
        truth = mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()
        value = _three(call(self.name, answer, _arguments(problem)))[0]
        expect_uncut(value, truth, "value", where="For a narrow Gaussian")

    @idea("its gradient with respect to mu", also=[{"dimensions": 1}])
    def by_mu(self, answer: Any, *, dimensions: int = 3) -> None:
        """(A + A')mu + c; the small entries keep their digits beside a large A[0, 0]."""
        A, c, mu, _ = problem = _problem(dimensions)
        _, by_mu, _ = _three(call(self.name, answer, _arguments(problem)))
        truth = (A + A.mT) @ mu + c
        known = [
            ("gradient-asymmetric", 2 * A @ mu + c),
            ("gradient-asymmetric", 2 * A.mT @ mu + c),
            ("gradient-no-two", A @ mu + c),
            ("gradient-no-two", A.mT @ mu + c),
            ("gradient-no-two", 0.5 * (A + A.mT) @ mu + c),
            ("gradient-no-linear", (A + A.mT) @ mu),
            ("gradients-swapped", _by_sigma(problem)),
            ("gradient-sign", -truth),
            ("gradient-detached", 0 * truth),
        ]
        named = arguments_named(by_mu, _by_mu, _arguments(problem))
        drawn = self._sampling_named(answer, problem, 1, by_mu)
        with named, terms_named_one_by_one(lambda n: self._ask(answer, 1, n)), drawn:
            expect_derivative(by_mu, truth, "by_mu", known)
        A, c, mu, _ = problem = _large_problem(dimensions)
        parts = _three(call(self.name, answer, _arguments(problem)))
        expect_uncut(parts[1], (A + A.mT) @ mu + c, "by_mu", near=_DIFFERENCE)
        (A, c, mu, _), parts = self._with_large_entry(answer, dimensions)
        expect_all_digits(
            parts[1][1:], ((A + A.mT) @ mu + c)[1:], "by_mu[1:] beside a large A[0, 0]"
        )

    @idea("its gradient with respect to sigma", also=[{"dimensions": 1}])
    def by_sigma(self, answer: Any, *, dimensions: int = 3) -> None:
        """2 A_dd sigma_d; the small entries keep their digits beside a large A[0, 0]."""
        A, c, mu, sigma = problem = _problem(dimensions)
        _, _, by_sigma = _three(call(self.name, answer, _arguments(problem)))
        diagonal = A.diagonal()
        known = [
            ("gradient-no-two", diagonal * sigma),
            ("gradient-by-variance", diagonal),
            ("gradient-by-log", 2 * diagonal * sigma**2),
            ("gradient-by-log", diagonal * sigma**2),
            ("gradient-not-derived", 2 * diagonal),
            ("expectation-off-diagonal", (A + A.mT) @ sigma),
            ("expectation-off-diagonal", 2 * A @ sigma),
            ("expectation-off-diagonal", 2 * A.mT @ sigma),
            ("expectation-trace-apart", 2 * A.trace() * sigma),
            ("expectation-trace-apart", 2 * sigma),
            ("gradients-swapped", (A + A.mT) @ mu + c),
            ("gradient-sign", -2 * diagonal * sigma),
            ("gradient-detached", 0 * diagonal),
        ]
        named = arguments_named(
            by_sigma, lambda **a: _by_sigma(tuple(a.values())), _arguments(problem)
        )
        drawn = self._sampling_named(answer, problem, 2, by_sigma)
        with named, terms_named_one_by_one(lambda n: self._ask(answer, 2, n)), drawn:
            expect_derivative(by_sigma, _by_sigma(problem), "by_sigma", known)
        problem = _large_problem(dimensions)
        parts = _three(call(self.name, answer, _arguments(problem)))
        expect_uncut(parts[2], _by_sigma(problem), "by_sigma", near=_DIFFERENCE)
        problem = _narrow_problem(dimensions)
        parts = _three(call(self.name, answer, _arguments(problem)))
        where = "For a narrow Gaussian"
        expect_uncut(parts[2], _by_sigma(problem), "by_sigma", near=_DIFFERENCE, where=where)
        problem, parts = self._with_large_entry(answer, dimensions)
        truth = _by_sigma(problem)[1:]
        expect_all_digits(parts[2][1:], truth, "by_sigma[1:] beside a large A[0, 0]")

    def _sampling_named(
        self, answer: Any, problem: tuple[Tensor, ...], place: int, value: Any
    ) -> contextlib.AbstractContextManager[None]:
        return sampling_named(
            lambda: _three(call(self.name, answer, _arguments(problem)))[place], value
        )

    def _ask(self, answer: Any, place: int, number: int) -> tuple[Any, list[Term]]:
        """One number of a new problem, of its value or its gradients, and the terms of it."""
        problem, d = _problem(3), number % 3
        part = _three(call(self.name, answer, _arguments(problem)))[place]
        if place == 0:
            return part, formulas.of_quadratic(*problem)
        part = expect_tensor(part, (3,), "a gradient")[d]
        terms = (formulas.of_quadratic_by_mu, formulas.of_quadratic_by_sigma)[place - 1]
        return part, terms(*problem, d)

    def _with_large_entry(self, answer: Any, dimensions: int) -> tuple[Any, tuple[Any, ...]]:
        """A problem, and what the answer makes of it; a difference of its values has few digits."""
        problem = _problem(max(2, dimensions))
        problem[0][0, 0] *= 1e7
        return problem, _three(call(self.name, answer, _arguments(problem)))


def _problem(dimensions: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    mu, sigma = gaussian(dimensions)
    return spread(dimensions, dimensions), spread(dimensions), mu, sigma


def _large_problem(dimensions: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Numbers of which none is small against the others, since each may be cut off."""
    A, c, mu, sigma = _problem(dimensions)
    return 50 * A, 5000 * c, 50 * mu, 50 * sigma


def _narrow_problem(dimensions: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Standard deviations near 1e-5 at a mean near 0, whose value they still are a part of."""
    A, c, mu, sigma = _problem(dimensions)
    return A, 1e-5 * c, 1e-5 * mu, 1e-5 * sigma


def _arguments(problem: tuple[Tensor, ...]) -> dict[str, Tensor]:
    return dict(zip(("A", "c", "mu", "sigma"), problem, strict=True))


def _value(A: Tensor, c: Tensor, mu: Tensor, sigma: Tensor) -> Tensor:
    return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()


def _by_mu(A: Tensor, c: Tensor, mu: Tensor, sigma: Tensor) -> Tensor:
    return (A + A.mT) @ mu + c


def _by_sigma(problem: tuple[Tensor, ...]) -> Tensor:
    A, _, _, sigma = problem
    return 2 * A.diagonal() * sigma


def _three(result: Any) -> tuple[Any, Any, Any]:
    kind = type(result)
    if result is None or torch.is_tensor(result) or not hasattr(result, "__len__"):
        hint = " Is a `return` missing?" if result is None else ""
    elif len(result) == 3 and kind not in (str, dict, set) and kind.__name__ != "ndarray":
        return tuple(result)
    else:
        hint = ""
    seen = f"exact_quadratic returned {describe(result)}.{hint}"
    raise Mistake("wrong-type", seen, "Return three values: the mean and its two gradients.")


class _Score(Exercise):
    name, section = "score", "2.1"

    @idea(
        "d log q / d mu, by the distance from the mean",
        also=[{"samples": 4, "dimensions": 4}, {"samples": 1, "dimensions": 1}],
    )
    def by_mu(self, answer: Any, *, samples: int = 7, dimensions: int = 3) -> None:
        """(z - mu) / sigma^2, one row for each sample; as exact where all is a million times as
        large, and where sigma is near 1e-5.
        """
        z, mu, sigma = _points(samples, dimensions)
        by_mu, _ = self._call(answer, z, mu, sigma)
        eps = (z - mu) / sigma
        density = Normal(mu, sigma).log_prob(z).exp()
        truth = eps / sigma
        known = [
            ("score-sign", -truth),
            ("score-of-density", truth * density),
            ("score-of-density", truth * density.prod(1, keepdim=True)),
            ("score-of-density", truth * torch.exp(-(eps**2) / 2)),
            ("score-scale", eps),
            ("score-scale", eps * sigma),
            ("score-scale", eps / sigma.sqrt()),
            ("score-scale", (z - mu) / sigma**4),
            ("score-factor", 2 * truth),
            ("score-factor", truth / 2),
            ("gradients-swapped", (eps**2 - 1) / sigma),
            *_summed(truth),
        ]
        given = {"z": z, "mu": mu, "sigma": sigma}
        inner = (lambda eps, sigma: eps / sigma, {"eps": eps, "sigma": sigma})
        named = arguments_named(by_mu, lambda **a: known_score(**a)[0], given, inner)
        with named, terms_named_one_by_one(lambda n: self._ask(answer, 0, n)):
            expect_derivative(by_mu, truth, "by_mu", known)
        z, mu, sigma = (1e6 * each for each in _points(samples, dimensions))
        by_mu, _ = self._call(answer, z, mu, sigma)
        expect_all_digits(by_mu, (z - mu) / sigma**2, "by_mu")
        z, mu, sigma = _far_points(samples, dimensions)
        expect_uncut(
            self._call(answer, z, mu, sigma)[0], (z - mu) / sigma**2, "by_mu", near=_DIFFERENCE
        )
        z, mu, sigma = _near_points(samples, dimensions)
        by_mu, truth = self._call(answer, z, mu, sigma)[0], (z - mu) / sigma**2
        expect_uncut(by_mu, truth, "by_mu", near="score-cancels", where="For a narrow Gaussian")

    @idea(
        "d log q / d sigma, with the term of the normalizer",
        also=[{"samples": 4, "dimensions": 4}, {"samples": 1, "dimensions": 1}],
    )
    def by_sigma(self, answer: Any, *, samples: int = 7, dimensions: int = 3) -> None:
        """((z - mu)^2 / sigma^2 - 1) / sigma, one row for each sample; at large sizes, too, and
        where sigma is near 1e-5.
        """
        z, mu, sigma = _points(samples, dimensions)
        _, by_sigma = self._call(answer, z, mu, sigma)
        eps = (z - mu) / sigma
        density = Normal(mu, sigma).log_prob(z).exp()
        truth = (eps**2 - 1) / sigma
        known = [
            ("score-sign-sigma", -truth),
            ("score-no-normalizer", eps**2 / sigma),
            ("score-normalizer-sign", (eps**2 + 1) / sigma),
            ("score-normalizer-scale", eps**2 / sigma - 1),
            ("score-normalizer-scale", eps**2 / sigma - 0.5 / sigma),
            ("score-factor", (eps**2 / 2 - 1) / sigma),
            ("score-factor", (2 * eps**2 - 1) / sigma),
            *[("score-power", eps**2 * sigma**power - 1 / sigma) for power in (-3, -2, 0, 1, 2)],
            ("gradient-by-variance", truth / (2 * sigma)),
            ("gradient-by-log", truth * sigma),
            ("gradient-by-log", truth * sigma / 2),
            ("score-of-density", truth * density),
            ("score-of-density", truth * density.prod(1, keepdim=True)),
            ("score-of-density", eps**2 / sigma * torch.exp(-(eps**2) / 2)),
            ("score-scale", (eps / sigma - 1) / sigma),
            ("score-scale", (eps - 1) / sigma),
            ("score-scale", (eps.abs() - 1) / sigma),
            ("gradients-swapped", eps / sigma),
            *_summed(truth),
        ]
        given = {"z": z, "mu": mu, "sigma": sigma}
        inner = (lambda eps, sigma: (eps**2 - 1) / sigma, {"eps": eps, "sigma": sigma})
        named = arguments_named(by_sigma, lambda **a: known_score(**a)[1], given, inner)
        with named, terms_named_one_by_one(lambda n: self._ask(answer, 1, n)):
            expect_derivative(by_sigma, truth, "by_sigma", known)
        z, mu, sigma = (1e6 * each for each in _points(samples, dimensions))
        _, by_sigma = self._call(answer, z, mu, sigma)
        expect_all_digits(by_sigma, (((z - mu) / sigma) ** 2 - 1) / sigma, "by_sigma")
        z, mu, sigma = _far_points(samples, dimensions)
        truth = (((z - mu) / sigma) ** 2 - 1) / sigma
        expect_uncut(self._call(answer, z, mu, sigma)[1], truth, "by_sigma", near=_DIFFERENCE)
        z, mu, sigma = _near_points(samples, dimensions)
        by_sigma, truth = self._call(answer, z, mu, sigma)[1], (((z - mu) / sigma) ** 2 - 1) / sigma
        where = "For a narrow Gaussian"
        expect_uncut(by_sigma, truth, "by_sigma", near="score-cancels", where=where)

    def _ask(self, answer: Any, place: int, number: int) -> tuple[Any, list[Term]]:
        """One number of the scores of a new Gaussian, and the terms of it."""
        z, mu, sigma = _points(3, 2)
        row, d = number % 3, number % 2
        part = expect_tensor(self._call(answer, z, mu, sigma)[place], (3, 2), "a score")[row, d]
        terms = (formulas.of_score_by_mu, formulas.of_score_by_sigma)[place]
        return part, terms(z[row, d], mu[d], sigma[d])

    def _call(self, answer: Any, z: Tensor, mu: Tensor, sigma: Tensor) -> tuple[Any, Any]:
        result = call(self.name, answer, {"z": z, "mu": mu, "sigma": sigma})
        return expect_pair(result, self.name, ("by_mu", "by_sigma"))


def _points(samples: int, dimensions: int) -> tuple[Tensor, Tensor, Tensor]:
    mu, sigma = gaussian(dimensions)
    return mu + sigma * spread(samples, dimensions, low=0.3, high=2.5), mu, sigma


def _near_points(samples: int, dimensions: int) -> tuple[Tensor, Tensor, Tensor]:
    """Samples of a Gaussian that is narrow against its mean."""
    mu, sigma = gaussian(dimensions)
    return mu + 1e-5 * sigma * spread(samples, dimensions, high=2.5), mu, 1e-5 * sigma


def _far_points(samples: int, dimensions: int) -> tuple[Tensor, Tensor, Tensor]:
    """Samples far out of a Gaussian that is far from 0."""
    mu, sigma = gaussian(dimensions)
    mu = 50 * mu
    return mu + sigma * spread(samples, dimensions, low=30, high=50), mu, sigma


def _summed(truth: Tensor) -> Candidates:
    """The right scores (K, D) after a sum or mean that was not asked for."""
    return [
        ("samples-merged", truth.sum(0)),
        ("samples-merged", truth.mean(0)),
        ("coordinates-merged", truth.sum(1)),
        ("coordinates-merged", truth.mean(1)),
        ("coordinates-merged", truth.sum(1, keepdim=True)),
    ]


exact_quadratic = _ExactQuadratic()
score = _Score()
