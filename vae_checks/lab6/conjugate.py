"""Posterior and evidence of a linear regression whose noise is known, in closed form.

    w ~ N(0, diag(prior_scale^2)),   y | w ~ N(X w, sigma^2 I)

The truth is that of the linear-Gaussian model of lab 1, with the weights in units of their prior:
W = X diag(prior_scale), b = 0, s = sigma. Source: Bishop, Pattern Recognition and Machine Learning,
section 3.3 and 3.5.
"""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab1.oracle import LOG_2PI, uniform
from vae_checks.lab6.programs import refusals_named
from vae_checks.misread import arguments_named
from vae_checks.values import Candidates, expect_exact, expect_pair, expect_tensor
from vae_checks.verdict import Mistake, call
from vae_helpers.linear_gaussian import LinearGaussian

_SIZES = [{"count": 4, "dims": 4}, {"count": 1, "dims": 1}, {"count": 2, "dims": 3}]


class _ExactPosterior(Exercise):
    name, section = "exact_posterior", "1.2"

    @idea("its mean, with more data than weights and with fewer", also=_SIZES)
    def mean(self, answer: Any, *, count: int = 11, dims: int = 3) -> None:
        """To 1e-10 of the largest, for prior scales and a sigma away from 1; for a large y, too."""
        for reach in (1.0, 30.0):
            data = regression(count, dims)
            data["y"] = reach * data["y"]
            value, _ = self._call(answer, data)
            with arguments_named(value, posterior_mean, data):
                expect_exact(value, posterior_mean(**data), "The mean", _wrong_means(**data))

    @idea("its covariance, which knows nothing of y", also=_SIZES)
    def covariance(self, answer: Any, *, count: int = 11, dims: int = 3) -> None:
        """To 1e-10 of the largest; symmetric. The same again for another y."""
        data = regression(count, dims)
        for y in (data["y"], spread(count)):
            _, value = self._call(answer, data | {"y": y})
            truth, wrong = posterior_covariance(**data), _wrong_covariances(**data)
            with arguments_named(value, posterior_covariance, data | {"y": y}):
                expect_exact(value, truth, "The covariance", wrong)

    @idea("right where the data say nearly everything, and where they say nearly nothing")
    def limits(self, answer: Any, *, count: int = 11, dims: int = 3) -> None:
        """Prior scales near 1e4: least squares; near 1e-4: the prior; X and y near 100. To 1e-9 of
        the largest."""
        for factor, reach in ((1e4, 1.0), (1e-4, 1.0), (1.0, 100.0)):
            data = regression(count, dims)
            data["prior_scale"] = factor * data["prior_scale"]
            data["X"], data["y"] = reach * data["X"], reach * data["y"]
            pair = self._call(answer, data)
            truths = posterior_mean(**data), posterior_covariance(**data)
            for key, value, truth in zip(("mean", "covariance"), pair, truths, strict=True):
                what = f"With prior scales near {factor:g}, X and y near {reach:g} the {key}"
                value = expect_tensor(value, tuple(truth.shape), what)
                off = (value - truth).abs().max() / truth.abs().max()
                if off > 1e-3:  # not rounding: another formula
                    wrong = (_wrong_means if key == "mean" else _wrong_covariances)(**data)
                    expect_exact(value, truth, what, wrong)
                if off > 1e-9:
                    seen = f"{what} is off by {off:.1g} of its largest number."
                    raise Mistake("posterior-limits", seen)

    def _call(self, answer: Any, data: dict[str, Any]) -> tuple[Tensor, Tensor]:
        pair = expect_pair(call(self.name, answer, data), self.name, ("mean", "covariance"))
        dims = len(data["prior_scale"])
        wrong = _wrong_means(**data), _wrong_covariances(**data)
        mean = expect_tensor(pair[0], (dims,), "The mean", wrong[0])
        return mean, expect_tensor(pair[1], (dims, dims), "The covariance", wrong[1])


class _LogEvidence(Exercise):
    name, section = "log_evidence", "1.2"

    @idea("log N(y; 0, X S X' + sigma^2 I), in nats", also=_SIZES)
    def value(self, answer: Any, *, count: int = 11, dims: int = 3) -> None:
        """To 1e-10 of the largest of it and 1."""
        data = regression(count, dims)
        with refusals_named():
            value = call(self.name, answer, data)
        with arguments_named(value, evidence, data):
            expect_exact(value, evidence(**data), "log p(y)", _wrong_evidences(**data), "nats")

    @idea("the same as by Bayes' rule at any weights: joint less posterior")
    def identity(self, answer: Any, *, count: int = 7, dims: int = 4) -> None:
        """log p(y, w) - log p(w | y) at random weights, to 1e-9."""
        data = regression(count, dims)
        value = expect_tensor(call(self.name, answer, data), (), "log p(y)")
        w = spread(dims)
        residual = (data["y"] - data["X"] @ w) / data["sigma"]
        joint = _log_normal(residual).sum() - count * math.log(data["sigma"])
        joint = joint + (_log_normal(w / data["prior_scale"]) - data["prior_scale"].log()).sum()
        q = torch.distributions.MultivariateNormal(
            posterior_mean(**data), posterior_covariance(**data)
        )
        by_bayes = joint - q.log_prob(w)
        if not abs(value.item() - by_bayes.item()) < 1e-9 * max(1.0, abs(by_bayes.item())):
            expect_exact(value, evidence(**data), "log p(y)", _wrong_evidences(**data), "nats")

    @idea("right for hundreds of data: no determinant underflows")
    def stable(self, answer: Any, *, count: int = 401, dims: int = 3) -> None:
        """sigma near 0.01, so that the determinant is 1e-1600; near 100, where it is infinite."""
        for sigma in (0.01, 100.0):
            data = regression(count, dims)
            scale = sigma / data["sigma"]
            data |= {"sigma": sigma, "y": scale * data["y"]}
            value = call(self.name, answer, data)
            if torch.is_tensor(value) and not value.isfinite().all():
                seen = f"With {count} data and sigma = {sigma:g} log p(y) is {value.item()}."
                raise Mistake("evidence-determinant", seen)
            truth, wrong = evidence(**data), _wrong_evidences(**data)
            expect_exact(value, truth, "log p(y)", wrong, "nats", within=1e-9)


def regression(count: int, dims: int) -> dict[str, Any]:
    """X (N, D), y (N,), prior scales (D,) and a sigma, drawn anew; y has to do with X."""
    X, sigma = spread(count, dims), uniform(0.4, 0.8)
    y = X @ spread(dims) + sigma * normal(count)
    return {"X": X, "y": y, "prior_scale": spread(dims, low=1.2, high=2.5).abs(), "sigma": sigma}


def _model(X: Tensor, prior_scale: Tensor, sigma: float) -> LinearGaussian:
    zero = torch.zeros(len(X), dtype=torch.float64)
    return LinearGaussian(W=X * prior_scale, b=zero, s=float(sigma))


def posterior_mean(X: Tensor, y: Tensor, prior_scale: Tensor, sigma: float) -> Tensor:
    """(D,)"""
    return prior_scale * _model(X, prior_scale, sigma).posterior(y[None]).mean[0]


def posterior_covariance(X: Tensor, y: Tensor, prior_scale: Tensor, sigma: float) -> Tensor:
    """(D, D)"""
    found = _model(X, prior_scale, sigma).posterior(y[None]).covariance_matrix[0]
    return prior_scale[:, None] * found * prior_scale


def evidence(X: Tensor, y: Tensor, prior_scale: Tensor, sigma: float) -> Tensor:
    """log p(y) in nats, without dimensions."""
    return _model(X, prior_scale, sigma).log_evidence(y[None])[0]


def _log_normal(off: Tensor) -> Tensor:
    return -0.5 * (off**2 + LOG_2PI)


def _solved(precision: Tensor, right: Tensor) -> Tensor:
    """Of any matrix, singular ones included: a wrong formula may make one."""
    return torch.linalg.pinv(precision) @ right


def _wrong_means(X: Tensor, y: Tensor, prior_scale: Tensor, sigma: float) -> Candidates:
    dims = len(prior_scale)
    gram, target, eye = X.mT @ X, X.mT @ y, torch.eye(dims, dtype=torch.float64)
    by_prior = torch.diag(prior_scale**-2)
    return [
        ("posterior-no-prior", _solved(gram, target)),
        ("posterior-prior-as-variance", _solved(torch.diag(1 / prior_scale) + gram / sigma**2,
                                                target / sigma**2)),
        ("posterior-prior-inverted", _solved(torch.diag(prior_scale**2) + gram / sigma**2,
                                             target / sigma**2)),
        ("posterior-prior-inverted", _solved(torch.diag(prior_scale) + gram / sigma**2,
                                             target / sigma**2)),
        ("posterior-unit-prior", _solved(eye + gram / sigma**2, target / sigma**2)),
        ("posterior-sigma-not-squared", _solved(by_prior + gram / sigma, target / sigma)),
        ("posterior-noise-left-out", _solved(by_prior + gram, target)),
        ("posterior-noise-once", _solved(by_prior + gram / sigma**2, target)),
        ("posterior-noise-once", _solved(by_prior + gram, target / sigma**2)),
        ("posterior-not-solved", target / sigma**2),
        ("posterior-averaged", _solved(by_prior + gram / sigma**2 / len(X), target / sigma**2)),
        ("posterior-averaged", _solved(by_prior + gram / sigma**2 / len(X),
                                       target / sigma**2 / len(X))),
        ("posterior-precision-times", (by_prior + gram / sigma**2) @ target / sigma**2),
    ]  # fmt: skip


def _wrong_covariances(X: Tensor, y: Tensor, prior_scale: Tensor, sigma: float) -> Candidates:
    dims = len(prior_scale)
    gram, eye = X.mT @ X, torch.eye(dims, dtype=torch.float64)
    by_prior, by_data = torch.diag(prior_scale**-2), gram / sigma**2
    precision = by_prior + by_data
    right = torch.linalg.inv(precision)
    return [
        ("posterior-is-precision", precision),
        ("posterior-no-prior", torch.linalg.pinv(by_data)),
        ("posterior-prior-as-variance", torch.linalg.pinv(torch.diag(1 / prior_scale) + by_data)),
        ("posterior-prior-inverted", torch.linalg.pinv(torch.diag(prior_scale**2) + by_data)),
        ("posterior-prior-inverted", torch.linalg.pinv(torch.diag(prior_scale) + by_data)),
        ("posterior-unit-prior", torch.linalg.pinv(eye + by_data)),
        ("posterior-sigma-not-squared", torch.linalg.pinv(by_prior + gram / sigma)),
        ("posterior-noise-left-out", torch.linalg.pinv(by_prior + gram)),
        ("posterior-sum-of-covariances", torch.diag(prior_scale**2) + torch.linalg.pinv(by_data)),
        ("posterior-diagonal-only", torch.diag(right.diagonal())),
        ("posterior-diagonal-only", torch.diag(1 / precision.diagonal())),
        ("posterior-diagonal-only", right.diagonal()),
        ("posterior-root", torch.linalg.cholesky(right)),
        ("posterior-averaged", torch.linalg.pinv(by_prior + by_data / len(X))),
        ("posterior-scaled", right * sigma**2),
        ("posterior-scaled", right * sigma),
        ("posterior-scaled", right / len(X)),
    ]


def _wrong_evidences(X: Tensor, y: Tensor, prior_scale: Tensor, sigma: float) -> Candidates:
    count, dims = X.shape
    eye = torch.eye(count, dtype=torch.float64)
    truth = evidence(X, y, prior_scale, sigma)
    mean = posterior_mean(X, y, prior_scale, sigma)
    covariance = posterior_covariance(X, y, prior_scale, sigma)

    def normal_density(spread_of_y: Tensor, center: Tensor | float = 0.0) -> Tensor:
        off = y - center
        distance = off @ torch.linalg.solve(spread_of_y, off)
        logdet = torch.linalg.slogdet(spread_of_y).logabsdet
        return -0.5 * (distance + logdet + count * LOG_2PI)

    noise, by_prior = sigma**2 * eye, (X * prior_scale**2) @ X.mT
    total = noise + by_prior
    logdet = torch.linalg.slogdet(total).logabsdet
    distance = y @ torch.linalg.solve(total, y)
    at_mean = normal_density(noise, X @ mean)
    prior_at_mean = (_log_normal(mean / prior_scale) - prior_scale.log()).sum()
    return [
        ("evidence-likelihood-at-mean", at_mean),
        ("evidence-joint-at-mean", at_mean + prior_at_mean),
        ("evidence-bic", at_mean - 0.5 * dims * math.log(count)),
        ("evidence-no-prior", normal_density(noise)),
        ("evidence-prior-not-squared", normal_density(noise + (X * prior_scale) @ X.mT)),
        ("evidence-prior-not-squared", normal_density(noise + X @ X.mT)),
        ("evidence-sigma-not-squared", normal_density(sigma * eye + by_prior)),
        ("evidence-posterior-for-prior", normal_density(noise + X @ covariance @ X.mT)),
        ("evidence-predictive", normal_density(noise + X @ covariance @ X.mT, X @ mean)),
        ("evidence-no-determinant", truth + 0.5 * logdet),
        ("evidence-determinant-sign", truth + logdet),
        ("evidence-determinant-not-halved", truth - 0.5 * logdet),
        ("evidence-no-constant", truth + 0.5 * count * LOG_2PI),
        ("evidence-no-constant", truth + 0.5 * (count - 1) * LOG_2PI),
        ("evidence-no-half", truth - 0.5 * distance),
        ("value-negated", -truth),
        ("evidence-averaged", truth / count),
        ("evidence-not-logged", truth.exp()),
        ("evidence-precision", normal_density(torch.linalg.inv(total))),
        ("evidence-each-alone", _each_alone(y, total)),
    ]


def _each_alone(y: Tensor, total: Tensor) -> Tensor:
    variance = total.diagonal()
    return (_log_normal(y / variance.sqrt()) - 0.5 * variance.log()).sum()


exact_posterior = _ExactPosterior()
log_evidence = _LogEvidence()
