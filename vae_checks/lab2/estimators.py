"""The two estimators of a gradient, one row for each sample, against closed forms.

Fed with the nodes of a quadrature instead of random numbers and averaged with its weights, an
unbiased estimator gives the exact gradient: no sampling, and no tolerance but rounding.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab2 import formulas
from vae_checks.lab2.known_estimates import (
    Wrong,
    along_path,
    score,
    weighed_scores,
    wrong_pathwise,
    wrong_score_function,
)
from vae_checks.lab2.oracles import (
    Pair,
    Steps,
    call_with_rows,
    curve,
    expect_all_digits,
    expect_gradients,
    gauss_hermite,
    gaussian,
)
from vae_checks.misread import arguments_named
from vae_checks.terms import Term, terms_named_one_by_one
from vae_checks.values import close, expect_pair, expect_tensor, expect_uncut
from vae_checks.verdict import Mistake, call

_NODES = {1: 40, 2: 16}  # in each dimension: rounding, 1e-13, is all that remains
_PARTS = ("by_mu", "by_sigma")
_LARGE = 1e5  # added to f: to a derivative along the path it is nothing
_SECOND_DIMENSION = "f(z) is (K,), a score (K, D): f needs a second dimension."


class _ScoreFunctionGradient(Exercise):
    name, section = "score_function_gradient", "2.2"

    @idea(
        "one estimate a sample: f(z) times the score",
        also=[{"samples": 4, "dimensions": 4}, {"samples": 1, "dimensions": 1}],
    )
    def rows(self, answer: Any, *, samples: int = 7, dimensions: int = 3) -> None:
        """Row k is f(z_k) times the score at z_k, exactly; also for large f and small sigma."""
        f, (mu, sigma) = curve(dimensions), gaussian(dimensions)
        z = mu + sigma * spread(samples, dimensions)
        result = self._call(answer, f, z, mu, sigma)
        wrong = wrong_score_function(f, z, mu, sigma)
        given = {"z": z, "mu": mu, "sigma": sigma}
        inner = (lambda f, **a: weighed_scores(f, **a), {"f": f(z), **given})
        readings = ((lambda **a: weighed_scores(f(z), **a), given), inner)
        with _parts_named(self._ask, answer, result, *readings):
            expect_gradients(result, self.name, weighed_scores(f(z), z, mu, sigma), wrong)
        self._expect_all_digits(answer, curve(dimensions, 0.0, 1e6), samples, dimensions)
        for f, width in ((curve(dimensions, 1e7), 1.0), (curve(dimensions), 1e-5)):
            mu, sigma = gaussian(dimensions)
            z = mu + width * sigma * spread(samples, dimensions)
            pair = expect_pair(self._call(answer, f, z, mu, width * sigma), self.name, _PARTS)
            truths = weighed_scores(f(z), z, mu, width * sigma)
            where = "For f near 1e7" if width == 1 else "For a narrow Gaussian"
            for value, truth, part in zip(pair, truths, _PARTS, strict=True):
                expect_uncut(value, truth, part, near="difference-quotient", where=where)

    def _ask(self, answer: Any, place: int, number: int) -> tuple[Any, list[Term]]:
        """One estimate for a new f and Gaussian, and the terms of it."""
        f, (mu, sigma) = curve(2), gaussian(2)
        z = mu + sigma * spread(3, 2)
        row, d = number % 3, number % 2
        pair = expect_pair(self._call(answer, f, z, mu, sigma), self.name, _PARTS)
        part = expect_tensor(pair[place], (3, 2), "an estimate")[row, d]
        terms = (formulas.of_score_by_mu, formulas.of_score_by_sigma)[place]
        return part, terms(z[row, d], mu[d], sigma[d], f(z)[row])

    @idea("unbiased: by quadrature the mean is the exact gradient")
    def unbiased(self, answer: Any, *, dimensions: int = 2) -> None:
        """The mean over Gauss-Hermite nodes, with their weights, is the closed form.

        So it is for the pathwise estimates, and for a mean of the nodes as baseline, which is
        biased on samples: the rows may differ from f times the score by a fixed baseline only.
        """
        f, (mu, sigma) = curve(dimensions), gaussian(dimensions)
        eps, weights = gauss_hermite(_NODES[dimensions], dimensions)
        z = mu + sigma * eps
        result = self._call(answer, f, z, mu, sigma)
        wrong = wrong_score_function(f, z, mu, sigma)
        _expect_mean(result, self.name, weights, f.gradients(mu, sigma), wrong)
        if not _has_fixed_baseline(result, f(z), z, mu, sigma):
            expect_gradients(result, self.name, weighed_scores(f(z), z, mu, sigma), wrong)
        self._expect_all_digits(answer, curve(dimensions, 0.0, 1e6), 7, dimensions)

    @idea("f is a black box: a staircase will do")
    def black_box(self, answer: Any, *, samples: int = 11, dimensions: int = 2) -> None:
        """The same for an f without derivatives, whose values carry no graph."""
        (mu, sigma), f = gaussian(dimensions), Steps(spread(dimensions))
        z = mu + sigma * normal(samples, dimensions)
        try:
            result = self._call(answer, f, z, mu, sigma)
        except Mistake as mistake:
            # The call itself is quoted before, and its name holds the word.
            if mistake.slug == "raised" and "grad" in mistake.seen.partition(" raised ")[2]:
                raise Mistake("black-box", mistake.seen) from None
            raise
        truth = weighed_scores(f(z), z, mu, sigma)
        for part in expect_pair(result, self.name, _PARTS):
            if torch.is_tensor(part) and close(part, 0 * truth[0]):
                raise Mistake("black-box", "All estimates are 0 for an f made of steps.")
        expect_gradients(result, self.name, truth)
        self._expect_all_digits(answer, Steps(1e-6 * f.c), samples, dimensions)

    def _call(self, answer: Any, f: Any, z: Tensor, mu: Tensor, sigma: Tensor) -> Any:
        """What the answer returns; it is given a right `score`, which it need not accept."""
        arguments = {"f": f, "z": z, "mu": mu, "sigma": sigma}
        shape, hint = z.shape, _SECOND_DIMENSION
        try:
            return call_with_rows(self.name, answer, arguments, shape, hint, score=score)
        except Mistake as mistake:
            if 'unexpected keyword argument "score"' not in mistake.seen:
                raise
        return call_with_rows(self.name, answer, arguments, shape, hint)

    def _expect_all_digits(self, answer: Any, f: Any, samples: int, dimensions: int) -> None:
        """Right as well where mu, sigma and z are a million times as large."""
        mu, sigma = (1e6 * each for each in gaussian(dimensions))
        z = mu + sigma * spread(samples, dimensions)
        pair = expect_pair(self._call(answer, f, z, mu, sigma), self.name, _PARTS)
        truth, scores = weighed_scores(f(z), z, mu, sigma), score(z, mu, sigma)
        for place, part in enumerate(_PARTS):
            baseline = truth[place] / scores[place] - pair[place].detach() / scores[place]
            if (baseline - baseline.mean()).abs().max() > 1e-9 * f(z).abs().max():
                expect_all_digits(pair[place], truth[place], part)


class _PathwiseGradient(Exercise):
    name, section = "pathwise_gradient", "3.1"

    @idea(
        "one estimate a sample: the derivative of f along the path",
        also=[{"samples": 4, "dimensions": 4}, {"samples": 1, "dimensions": 1}],
    )
    def rows(self, answer: Any, *, samples: int = 7, dimensions: int = 3) -> None:
        """Row k is f'(z_k), and f'(z_k) times eps_k, at z_k = mu + sigma eps_k."""
        f, (mu, sigma) = curve(dimensions, _LARGE), gaussian(dimensions)
        eps = spread(samples, dimensions)
        result = self._call(answer, f, eps, mu, sigma)
        wrong = wrong_pathwise(f, eps, mu, sigma)
        given = {"eps": eps, "mu": mu, "sigma": sigma}
        inner = (
            lambda z, eps: (f.derivative(z), f.derivative(z) * eps),
            {"z": mu + sigma * eps, "eps": eps},
        )
        readings = ((lambda **a: along_path(f, **a), given), inner)
        with _parts_named(self._ask, answer, result, *readings):
            expect_gradients(result, self.name, along_path(f, eps, mu, sigma), wrong)
        mu, sigma = gaussian(dimensions)
        far = {"eps": 20 * spread(samples, dimensions), "mu": 50 * mu, "sigma": 50 * sigma}
        pair = expect_pair(self._call(answer, f, **far), self.name, _PARTS)
        for value, truth, part in zip(pair, along_path(f, **far), _PARTS, strict=True):
            expect_uncut(value, truth, part, near="difference-quotient")
        mu, sigma = gaussian(dimensions)
        narrow = {"eps": spread(samples, dimensions), "mu": mu, "sigma": 1e-5 * sigma}
        pair = expect_pair(self._call(answer, f, **narrow), self.name, _PARTS)
        for value, truth, part in zip(pair, along_path(f, **narrow), _PARTS, strict=True):
            where = "For a narrow Gaussian"
            expect_uncut(value, truth, part, near="difference-quotient", where=where)

    def _ask(self, answer: Any, place: int, number: int) -> tuple[Any, list[Term]]:
        """One estimate for a new f and Gaussian, and the terms of it."""
        f, (mu, sigma), eps = curve(2), gaussian(2), spread(3, 2)
        row, d = number % 3, number % 2
        result = self._call(answer, f, eps, mu, sigma)
        pair = expect_pair(result, self.name, _PARTS)
        part = expect_tensor(pair[place], (3, 2), "an estimate")[row, d]
        z = mu + sigma * eps
        slope = f.derivative(z)[row, d]
        return part, formulas.of_path(slope, eps[row, d], f(z)[row], sigma[d], place)

    @idea("unbiased: by quadrature the mean is the exact gradient")
    def unbiased(self, answer: Any, *, dimensions: int = 2) -> None:
        """The mean over Gauss-Hermite nodes, with their weights, is the closed form.

        So it is for the score-function estimates: the rows at the nodes have to be right, too.
        """
        f, (mu, sigma) = curve(dimensions, _LARGE), gaussian(dimensions)
        eps, weights = gauss_hermite(_NODES[dimensions], dimensions)
        result = self._call(answer, f, eps, mu, sigma)
        wrong = wrong_pathwise(f, eps, mu, sigma)
        _expect_mean(result, self.name, weights, f.gradients(mu, sigma), wrong)
        expect_gradients(result, self.name, along_path(f, eps, mu, sigma), wrong)

    @idea("the arguments are left as they were, and a second call gives the same")
    def clean(self, answer: Any, *, samples: int = 7, dimensions: int = 3) -> None:
        """No requires_grad or .grad stays on the tensors; gradients do not add up over calls.

        The estimates have to be right as well, if only in float32: doing nothing leaves no trace.
        """
        f, (mu, sigma) = curve(dimensions, _LARGE), gaussian(dimensions)
        tensors = {"eps": spread(samples, dimensions), "mu": mu, "sigma": sigma}
        parts = _PARTS
        results = []
        for _ in range(2):
            result = call(self.name, answer, {"f": f, **tensors})
            pair = expect_pair(result, self.name, parts)
            for value, part in zip(pair, parts, strict=True):
                expect_tensor(value, (samples, dimensions), part)
            results.append([value.detach().clone() for value in pair])
        for first, second, part in zip(*results, parts, strict=True):
            if not close(first, second.double()):
                raise Mistake("kept-between-calls", f"A second call gives another {part}.")
        truth = along_path(f, *tensors.values())
        exact = all(value.dtype == torch.float64 for value in results[0])
        if exact or not all(map(close, results[0], truth)):
            wrong = wrong_pathwise(f, *tensors.values())
            expect_gradients(tuple(results[0]), self.name, truth, wrong)

    def _call(self, answer: Any, f: Any, eps: Tensor, mu: Tensor, sigma: Tensor) -> Any:
        """What the answer returns; marks that it leaves are the business of `clean`."""
        arguments = {"f": f, "eps": eps, "mu": mu, "sigma": sigma}
        return call(self.name, answer, arguments, may_mark=True)


@contextlib.contextmanager
def _parts_named(
    ask: Callable[[Any, int, int], tuple[Any, list[Term]]],
    answer: Any,
    result: Any,
    *readings: tuple[Callable[..., Pair], dict[str, Tensor]],
) -> Iterator[None]:
    """`arguments_named` and `terms_named` for the part, by mu or by sigma, that is wrong."""
    try:
        yield
    except Mistake as mistake:
        if mistake.slug != "wrong-value":
            raise
        place = 1 if mistake.seen.startswith("by_sigma") else 0
        first, *more = [(_part(truth, place), given) for truth, given in readings]
        named = arguments_named(result[place], *first, *more)
        with named, terms_named_one_by_one(lambda n: ask(answer, place, n)):
            raise mistake from None


def _part(truth: Callable[..., Pair], place: int) -> Callable[..., Tensor]:
    return lambda **arguments: truth(**arguments)[place]


def _has_fixed_baseline(result: Pair, values: Tensor, z: Tensor, mu: Tensor, sigma: Tensor) -> bool:
    """Are these (f(z) - c) times the scores, with one number c that is not the mean of f(z)?"""
    scores = weighed_scores(torch.ones_like(values), z, mu, sigma)
    pairs = zip(result, scores, strict=True)
    taken = torch.stack([values[:, None] - part.detach() / score for part, score in pairs])
    rounding = 1e-6 * values.abs().max()
    mean = values.mean()
    return bool((taken - taken.mean()).abs().max() < rounding < (taken.mean() - mean).abs())


def _expect_mean(result: Any, name: str, weights: Tensor, exact: Pair, wrong: Wrong) -> None:
    """Raise Mistake unless the weighted means of the two parts (K, D) are `exact`, to 1e-10."""
    names = ("by_mu", "by_sigma")
    shape = (len(weights), len(exact[0]))
    means, rows = [], []
    for place, value in enumerate(expect_pair(result, name, names)):
        known = [(slug, pair[place]) for slug, pair in wrong]
        value = expect_tensor(value, shape, names[place], known)
        if value.dtype != torch.float64:
            seen = f"{names[place]} is {value.dtype}, the arguments are float64."
            raise Mistake("lost-precision", seen)
        means.append(weights @ value.detach())
        rows.append(value)
    # Wrong answers may agree in their means, as those without f(z_k) do: their rows differ.
    wrong = sorted(wrong, key=lambda known: not all(map(close, rows, known[1])))
    wrong_means = [
        (slug, (weights @ pair[0], weights @ pair[1]))
        for slug, pair in wrong
        if pair[0].shape == shape
    ]
    parts = ("the mean of by_mu", "the mean of by_sigma")
    expect_gradients(tuple(means), name, exact, wrong_means, parts)


score_function_gradient = _ScoreFunctionGradient()
pathwise_gradient = _PathwiseGradient()
