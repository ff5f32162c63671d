"""The closed forms that the ELBO of a Gaussian q is made of, each an exercise of its own."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread, true_kl
from vae_checks.lab1 import oracle, summands
from vae_checks.lab1.oracle import LOG_2PI
from vae_checks.misread import arguments_named
from vae_checks.shared_exercises.gaussian_kl import GaussianKL
from vae_checks.terms import Term, terms_named
from vae_checks.values import (
    Candidates,
    close,
    expect_exact,
    expect_tensor,
    expect_uncut,
    gradients,
    sampling_named,
)
from vae_checks.verdict import Mistake, call
from vae_helpers.linear_gaussian import LinearGaussian


class _ExactKL(GaussianKL):
    """The exercise of lab 3, with ten digits asked for in addition."""

    @idea("ten digits")
    def exact(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """Equal to the closed form to 1e-10."""
        mu, logvar = spread(batch, latent), spread(batch, latent)
        value = call(self.name, answer, {"mu": mu, "logvar": logvar})
        expect_exact(value, true_kl(mu, logvar), "kl", unit="nats")


class _Entropy(Exercise):
    name, section = "entropy", "4.1"

    @idea(
        "one number per image, in nats, equal to the closed form",
        also=[{"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}, {"batch": 2, "latent": 41}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """1/2 sum(log 2 pi + 1 + logvar), also at variances of exp(-60) and exp(60)."""
        for shift in (0, -60, 60):
            logvar = spread(batch, latent) + shift
            arguments = {"logvar": logvar}
            value = call(self.name, answer, arguments)
            truth = oracle.entropy(logvar)
            if shift:
                _expect_unclipped(value, truth, self.name, shift)
            named = arguments_named(value, oracle.entropy, arguments)
            with named, terms_named(lambda images: self._ask(answer, images)):
                expect_fixed(answer, self.name, arguments, value, truth, _wrong_entropies(logvar))

    def _ask(self, answer: Any, images: int) -> tuple[Any, list[Term]]:
        logvar = spread(images, 5)
        return call(self.name, answer, {"logvar": logvar}), summands.of_entropy(logvar)


class _CrossEntropy(Exercise):
    name, section = "cross_entropy", "4.1"

    @idea(
        "one number per image, in nats, equal to the closed form",
        also=[{"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """1/2 sum(log 2 pi + mu^2 + exp(logvar)), also at variances from exp(-60) to exp(60)."""
        for shift in (0, -60, -12, 12, 60):
            mu, logvar = spread(batch, latent), spread(batch, latent) + shift
            arguments = {"mu": mu, "logvar": logvar}
            value = call(self.name, answer, arguments)
            truth, wrong = oracle.cross_entropy(mu, logvar), _wrong_cross_entropies(mu, logvar)
            if shift:
                _expect_unclipped(value, truth, self.name, shift)
            named = arguments_named(value, oracle.cross_entropy, arguments)
            with named, terms_named(lambda images: self._ask(answer, images)):
                expect_fixed(answer, self.name, arguments, value, truth, wrong)
        mu, logvar = 300 * spread(batch, latent), spread(batch, latent)
        value = call(self.name, answer, {"mu": mu, "logvar": logvar})
        expect_uncut(value, oracle.cross_entropy(mu, logvar), self.name)

    def _ask(self, answer: Any, images: int) -> tuple[Any, list[Term]]:
        mu, logvar = spread(images, 5), spread(images, 5)
        value = call(self.name, answer, {"mu": mu, "logvar": logvar})
        return value, summands.of_cross_entropy(mu, logvar)


class _ExpectedLogLikelihood(Exercise):
    name, section = "expected_log_likelihood", "4.2"

    @idea(
        "one number per image, in nats: its value at mu, less what the spread of z costs",
        also=[
            {"batch": 4, "latent": 4, "pixels": 4},
            {"batch": 1, "latent": 1, "pixels": 1},
            {"batch": 2, "latent": 3, "pixels": 3001},
        ],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7) -> None:
        """Equal to the closed form; no sampling."""
        model, x = oracle.fresh_model(pixels, latent), spread(batch, pixels)
        mu, logvar = spread(batch, latent), spread(batch, latent)
        arguments = _arguments(model, x, mu, logvar)
        value = call(self.name, answer, arguments)
        truth = oracle.expected_log_likelihood(model, x, mu, logvar)
        wrong = _wrong_likelihoods(model, x, mu, logvar)
        named = arguments_named(value, _right_likelihood, arguments)
        with named, terms_named(lambda images: self._ask(answer, model, images)):
            expect_fixed(answer, self.name, arguments, value, truth, wrong)
        for shift in (-60, -12, 12, 60):
            far = logvar + shift
            value = call(self.name, answer, _arguments(model, x, mu, far))
            truth = oracle.expected_log_likelihood(model, x, mu, far)
            _expect_unclipped(value, truth, self.name, shift)
        model = LinearGaussian(W=40 * model.W, b=1600 * model.b, s=model.s)
        x, mu = 1600 * x, 40 * mu
        value = call(self.name, answer, _arguments(model, x, mu, logvar + 8))
        truth = oracle.expected_log_likelihood(model, x, mu, logvar + 8)
        expect_uncut(value, truth, self.name)
        # At the image that mu stands for nothing is left of the residual, not even a floor.
        model = LinearGaussian(W=model.W, b=model.b, s=0.01)
        x = model.b + mu @ model.W.mT
        value = call(self.name, answer, _arguments(model, x, mu, logvar - 40))
        truth = oracle.expected_log_likelihood(model, x, mu, logvar - 40)
        expect_uncut(value, truth, self.name, where="At its own image")

    def _ask(self, answer: Any, model: LinearGaussian, images: int) -> tuple[Any, list[Term]]:
        pixels, latent = model.W.shape
        x, mu, logvar = spread(images, pixels), spread(images, latent), spread(images, latent)
        value = call(self.name, answer, _arguments(model, x, mu, logvar))
        return value, summands.of_expected_log_likelihood(model, x, mu, logvar)

    @idea("the right gradient reaches mu and logvar")
    def gradient(self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7) -> None:
        """d/dmu = W'(x - b - W mu) / s^2 and d/dlogvar = -exp(logvar) |W_d|^2 / (2 s^2)."""
        model, x = oracle.fresh_model(pixels, latent), spread(batch, pixels)
        mu, logvar = (spread(batch, latent).requires_grad_() for _ in range(2))
        value = call(self.name, answer, _arguments(model, x, mu, logvar))
        m, v = mu.detach(), logvar.detach()
        expect_tensor(value, (batch,), self.name, _wrong_likelihoods(model, x, m, v))
        found = gradients(value, {"mu": mu, "logvar": logvar})
        if not found["mu"].any() and not found["logvar"].any():
            raise Mistake("detached", "The gradients with respect to mu and logvar are 0.")
        by_mu = (x - model.b - m @ model.W.mT) @ model.W / model.s**2
        by_logvar = -v.exp() * (model.W**2).sum(0) / (2 * model.s**2)
        if not found["logvar"].any():
            right = close(value, oracle.expected_log_likelihood(model, x, m, v))
            slug = "detached" if right else "piece-at-mean"
            raise Mistake(slug, "The gradient with respect to logvar is 0.")
        # A wrong formula is better named by its value than by its gradient.
        if not (close(found["mu"], by_mu) and close(found["logvar"], by_logvar)):
            truth = oracle.expected_log_likelihood(model, x, m, v)
            expect_exact(value, truth, self.name, _wrong_likelihoods(model, x, m, v), "nats")
        expect_exact(found["mu"], by_mu, "d / d mu")
        expect_exact(found["logvar"], by_logvar, "d / d logvar")


def _arguments(model: LinearGaussian, x: Tensor, mu: Tensor, logvar: Tensor) -> dict[str, Any]:
    return {"x": x, "mu": mu, "logvar": logvar, "W": model.W, "b": model.b, "s": model.s}


def expect_fixed(
    answer: Any,
    name: str,
    arguments: dict[str, Any],
    value: Any,
    truth: Tensor,
    wrong: Candidates,
    what: str = "",
) -> None:
    """`expect_exact`, with a word of its own for a value that differs from call to call."""
    with sampling_named(lambda: call(name, answer, arguments), value):
        expect_exact(value, truth, what or name, wrong, "nats")


def _expect_unclipped(value: Any, truth: Tensor, name: str, shift: int) -> None:
    """Raise Mistake unless an answer that is right elsewhere is right at logvar near `shift`."""
    value = expect_tensor(value, tuple(truth.shape), name)
    if (value.detach() - truth).abs().max() > 1e-9 * max(1.0, truth.abs().max().item()):
        seen = f"With logvar near {shift} {name}[0] is {value[0]:.8g}, it should be {truth[0]:.8g}."
        raise Mistake("kl-clipped", seen)


def _wrong_entropies(logvar: Tensor) -> list[tuple[str, Tensor]]:
    truth, half = oracle.entropy(logvar), 0.5 * logvar.shape[-1]
    return [
        ("density-sign", -truth),
        ("density-no-half", 2 * truth),
        ("piece-entropy-log-sigma", truth + 0.5 * logvar.sum(-1)),
        ("density-constant", truth - half * LOG_2PI),
        ("density-constant", truth - (half - 0.5) * LOG_2PI),
        ("density-constant", truth - (half - 0.5) * (LOG_2PI + 1)),
        ("piece-entropy-no-one", truth - half),
        ("piece-entropy-no-one", truth - half + 0.5),
        ("piece-entropy-no-one", truth - half + 1),
        ("piece-entropy-no-one", truth - 2 * half),
        ("piece-entropy-no-one", 0.5 * logvar.sum(-1)),
        ("kl-no-exp", half * (LOG_2PI + 1) + 0.5 * logvar.abs().log().sum(-1)),
        ("piece-variance-not-log", half * (LOG_2PI + 1) + 0.5 * logvar.exp().sum(-1)),
        ("piece-logvar-sign", truth - logvar.sum(-1)),
        ("kl-expectations-added", truth - half + 0.5 * logvar.exp().sum(-1)),
        *_wrongly_reduced(0.5 * (LOG_2PI + 1 + logvar)),
    ]


def _wrong_cross_entropies(mu: Tensor, logvar: Tensor) -> list[tuple[str, Tensor]]:
    truth, half = oracle.cross_entropy(mu, logvar), 0.5 * mu.shape[-1]
    variance = logvar.exp()

    def summed(second_moment: Tensor) -> Tensor:
        return 0.5 * (LOG_2PI + second_moment).sum(-1)

    return [
        ("density-sign", -truth),
        ("density-no-half", 2 * truth),
        ("density-no-half", truth + 0.5 * (mu**2 + variance).sum(-1)),
        ("density-constant", truth - half * LOG_2PI),
        ("density-constant", truth - (half - 0.5) * LOG_2PI),
        ("piece-at-mean", summed(mu**2)),
        ("kl-no-mu", summed(variance)),
        ("kl-mu-not-squared", summed(mu + variance)),
        ("kl-mu-not-squared", summed(mu.abs() + variance)),
        ("piece-square-of-sum", summed((mu + variance.sqrt()) ** 2)),
        ("kl-sigma-not-squared", summed(mu**2 + variance.sqrt())),
        ("kl-sigma-squared-twice", summed(mu**2 + variance**2)),
        ("kl-no-exp", summed(mu**2 + logvar)),
        ("piece-second-moment", summed(mu**2 - variance)),
        ("piece-is-kl", truth - oracle.entropy(logvar)),
        ("piece-of-q", oracle.entropy(logvar)),
        ("piece-reversed", 0.5 * (LOG_2PI + logvar + (1 + mu**2) / variance).sum(-1)),
        *_wrongly_reduced(0.5 * (LOG_2PI + mu**2 + variance)),
    ]


def _right_likelihood(
    x: Tensor, mu: Tensor, logvar: Tensor, W: Tensor, b: Tensor, s: float
) -> Tensor:
    model = LinearGaussian(W=W, b=b, s=float(s))
    return oracle.expected_log_likelihood(model, x, mu, logvar)


def _wrong_likelihoods(
    model: LinearGaussian, x: Tensor, mu: Tensor, logvar: Tensor
) -> list[tuple[str, Tensor]]:
    truth = oracle.expected_log_likelihood(model, x, mu, logvar)
    s, (pixels, _) = model.s, model.W.shape
    at_mean = oracle.log_likelihood(model, x, mu)
    squares = (model.W**2).sum(0)
    variance, constant = logvar.exp(), 0.5 * pixels * LOG_2PI
    soft = torch.nn.functional.softplus(logvar)
    cost = (variance * squares).sum(-1)
    quadratic = (at_mean + constant + pixels * math.log(s)) * -(s**2)  # half the squared residual
    batch, log_s = len(x), math.log(s)
    pairs = ((batch, batch), (batch, pixels), (pixels, batch))
    return [
        *(
            ("joint-mean-sign", oracle.expected_log_likelihood(model, x, mu, logvar, *signs))
            for signs in ((-1, 1), (1, -1), (-1, -1))
        ),
        ("density-unnormalized", truth + constant + pixels * log_s),
        *(
            ("density-pixels-from-batch", right)
            for right in (
                truth + (pixels - scales) * log_s + 0.5 * (pixels - halves) * LOG_2PI
                for scales, halves in pairs
            )
        ),
        ("density-constant", truth - constant),
        ("density-constant", truth + 0.5 * pixels * math.log(2)),
        ("std-softplus", at_mean - soft @ squares / (2 * s**2)),
        ("std-softplus", at_mean - soft**2 @ squares / (2 * s**2)),
        ("piece-at-mean", at_mean),
        ("piece-cost-sign", at_mean + cost / (2 * s**2)),
        ("density-no-half", at_mean - cost / s**2),
        ("density-no-half", at_mean - (quadratic + cost) / s**2),
        ("piece-cost-not-scaled", at_mean - cost / 2),
        ("piece-cost-not-scaled", at_mean - cost),
        ("density-s-is-variance", at_mean - cost / (2 * s)),
        ("piece-cost-without-weights", at_mean - variance.sum(-1) / (2 * s**2)),
        ("piece-cost-without-weights", at_mean - 0.5 * variance.sum(-1)),
        ("piece-cost-weights-not-squared", at_mean - variance @ model.W.sum(0) / (2 * s**2)),
        ("piece-cost-weights-not-squared", at_mean - variance @ model.W.abs().sum(0) / (2 * s**2)),
        ("piece-cost-summed-first", at_mean - variance @ model.W.sum(0) ** 2 / (2 * s**2)),
        (
            "piece-cost-squared-late",
            at_mean - ((variance.sqrt() @ model.W.mT) ** 2).sum(-1) / (2 * s**2),
        ),
        (
            "kl-sigma-squared-twice",
            at_mean - ((variance @ model.W.mT) ** 2).sum(-1) / (2 * s**2),
        ),
        ("kl-sigma-squared-twice", at_mean - (variance**2 * squares).sum(-1) / (2 * s**2)),
        ("kl-sigma-not-squared", at_mean - (variance.sqrt() * squares).sum(-1) / (2 * s**2)),
        ("kl-no-exp", at_mean - (logvar * squares).sum(-1) / (2 * s**2)),
        ("density-constant", truth + constant),
        ("density-constant", truth + constant - 0.5 * LOG_2PI),
        ("density-no-log-scale", truth + pixels * math.log(s)),
        ("density-log-scale-once", truth + (pixels - 1) * math.log(s)),
        ("density-log-scale-sign", truth + 2 * pixels * math.log(s)),
        ("density-log-scale-factor", truth + pixels * math.log(s) / 2),
        ("density-log-scale-factor", truth - pixels * math.log(s)),
        ("piece-is-joint", truth - oracle.cross_entropy(mu, logvar)),
        ("piece-is-joint", truth + oracle.log_prior(mu)),
        ("piece-is-joint", at_mean + oracle.log_prior(mu)),
        ("density-sign", -truth),
        ("density-mean", truth / pixels),
        *_over_batch(truth),
    ]


def _wrongly_reduced(each: Tensor) -> list[tuple[str, Tensor]]:
    """Terms (B, D) that were not summed over the latent dimensions alone."""
    return [
        ("density-not-summed", each),
        ("density-mean", each.mean(-1)),
        ("density-over-samples", each.sum(0)),
        *_over_batch(each.sum(-1)),
    ]


def _over_batch(truth: Tensor) -> list[tuple[str, Tensor]]:
    return [
        ("density-batch-sum", truth.sum()),
        ("density-batch-mean", truth.mean()),
        ("density-keeps-dimension", truth[..., None]),
    ]


gaussian_kl = _ExactKL("3.1")
entropy = _Entropy()
cross_entropy = _CrossEntropy()
expected_log_likelihood = _ExpectedLogLikelihood()
