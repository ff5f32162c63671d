"""The ELBO by Monte Carlo, in its first form: E_q[log p(x, z) - log q(z|x)]."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.lab1.moments import expect_standard_noise, name_known_stretch
from vae_checks.lab1.recorder import (
    MANY_LATENT,
    Recorder,
    are_rows,
    expect_double_digits,
    expect_unscaled,
)
from vae_checks.statistics import (
    SIGMAS,
    expect_normal_numbers,
    same_draws,
)
from vae_checks.values import close, expect_exact, expect_tensor, expect_uncut, gradients
from vae_checks.verdict import Mistake, call
from vae_checks.watching import watch
from vae_helpers.linear_gaussian import LinearGaussian


class _ElboMonteCarlo(Exercise):
    name, section = "elbo_monte_carlo", "3.3"

    @idea(
        "with q equal to the posterior every draw gives log p(x)",
        also=[
            {"batch": 4, "latent": 4, "pixels": 4, "samples": 4},
            {"batch": 1, "latent": 1, "pixels": 2, "samples": 3},
            {"batch": 2, "latent": 3, "pixels": 5, "samples": 23},
        ],
    )
    def every_draw(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 4
    ) -> None:
        """Equal to log p(x) to 1e-10 whatever was drawn: log p(x, z) - log p(z|x) is constant.

        The posterior is diagonal because W has orthogonal columns; needs pixels >= latent.
        """
        model, x = oracle.factorized_model(pixels, latent), spread(batch, pixels)
        mu, logvar = oracle.diagonal_posterior(model, x)
        for number in (samples, 1):
            value, seen = self._estimate(answer, model, x, mu, logvar, number)
            seen.require_distinct(number, "no-noise", mu)
            self._expect(value, model.log_evidence(x), "elbo (q is the posterior)", seen, number)

    @idea(
        "the mean of log p(x, z) - log q(z|x) over the codes that were drawn",
        also=[
            {"batch": 4, "latent": 4, "pixels": 4, "samples": 4},
            {"batch": 1, "latent": 1, "pixels": 2, "samples": 3},
            {"batch": 2, "latent": 3, "pixels": 5, "samples": 23},
        ],
    )
    def average(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 4
    ) -> None:
        """Exact for whatever codes came, with a q that is not the posterior.

        Log weights lie a few nats apart: the log of their mean is neither their mean nor the best.
        Needs pixels >= latent.
        """
        model, x = oracle.mild_model(pixels, latent), spread(batch, pixels)
        mu, logvar = spread(batch, latent, high=0.9), spread(batch, latent, high=0.9)
        value, seen = self._estimate(answer, model, x, mu, logvar, samples)
        seen.require_distinct(samples, "no-noise", mu)
        truth = _log_weights(seen, mu, logvar, samples).mean(1)
        self._expect(value, truth, "elbo", seen, samples)

    @idea("the codes come from q(z|x), new ones in every call", random=True)
    def samples(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 701
    ) -> None:
        """eps = (z - mu) / sigma by `expect_standard_normal`, n = batch * samples * latent numbers;
        then some 320,000, of 153 dimensions, by `expect_normal_numbers`.

        Then the mean of log p(x, z) - log q(z|x) over them against the closed form of the ELBO,
        within 7.5 standard errors as estimated from the samples: quadratic in eps, it has a tail
        that is heavier than normal. False alarm: below 1e-7. What the answer makes of its codes
        is the business of `average`.
        """
        model, x = oracle.fresh_model(pixels, latent), spread(batch, pixels)
        mu, logvar = spread(batch, latent), spread(batch, latent)
        _, seen = self._estimate(answer, model, x, mu, logvar, samples)
        eps = _noise(seen, mu, logvar, samples)
        if not eps.std(1).gt(1e-9).any():
            slug = "evidence-one-code" if eps.abs().max() > 1e-6 else "no-noise"
            raise Mistake(slug, "All samples of an image are the same code.")
        if any(len(image.unique(dim=0)) < samples for image in seen.codes(samples)):
            raise Mistake("evidence-repeated-codes", "Some codes of an image are the same.")
        name_known_stretch(seen.codes(samples), mu, logvar)
        expect_double_digits(eps, "The noise")
        expect_unscaled(eps, "eps = (z - mu) / sigma")
        if same_draws(eps[0], eps[1]):
            raise Mistake("noise-shared-batch", "The noise of images 0 and 1 is the same.")
        expect_standard_noise(eps, seen.codes(samples), mu, logvar)
        _, again = self._estimate(answer, model, x, mu, logvar, samples)
        if close(again.codes(samples), seen.codes(samples)):
            raise Mistake("noise-frozen", "Two calls use the same codes.")
        self._expect_normal_numbers(answer, x, samples)
        weights = _log_weights(seen, mu, logvar, samples)
        error = weights.std(1) / math.sqrt(samples)
        off = (weights.mean(1) - oracle.elbo(model, x, mu, logvar)).abs() / error
        if off.max() > SIGMAS + 1.5:
            seen_here = f"Their ELBO is {off.max():.3g} standard errors from its closed form."
            raise Mistake("noise-not-normal", seen_here)

    def _expect_normal_numbers(self, answer: Any, x: Tensor, samples: int) -> None:
        mu, logvar = spread(len(x), MANY_LATENT), spread(len(x), MANY_LATENT)
        model = oracle.fresh_model(x.shape[1], MANY_LATENT)
        _, seen = self._estimate(answer, model, x, mu, logvar, samples)
        expect_normal_numbers(_noise(seen, mu, logvar, samples).flatten(), "eps = (z - mu) / sigma")

    @idea("gradients reach mu and logvar, through the samples and through log q")
    def gradient(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 4
    ) -> None:
        """Exact for every draw: with log p(x, z) = a'z the estimate is a'z plus the entropy of q.

        Up to a term in eps that moves with neither, so that d/dmu = a and
        d/dlogvar = 1/2 + a (z - mu) / 2, for logvar in +-2, +-[5, 8] and +-[35, 40]. Here a is the
        beginning of x; needs pixels >= latent.
        """
        for low, high in ((0.3, 2.0), (5.0, 8.0), (35.0, 40.0)):
            self._expect_gradient(answer, batch, latent, pixels, samples, (low, high))

    def _expect_gradient(
        self,
        answer: Any,
        batch: int,
        latent: int,
        pixels: int,
        samples: int,
        size: tuple[float, float],
    ) -> None:
        x, mu = spread(batch, pixels), spread(batch, latent)
        far = 1 < size[0] < 10  # beside a sigma of 1e-9 a large mu would leave z no digits
        mu = (50 * mu if far else mu).requires_grad_()
        logvar = spread(batch, latent, low=size[0], high=size[1]).requires_grad_()
        seen = Recorder("log_joint", lambda x, z: (x[..., :latent] * z).sum(-1), x, latent)
        arguments: dict[str, Any] = {"x": x, "mu": mu, "logvar": logvar}
        arguments |= {"log_joint": seen, "log_q": oracle.log_q, "num_samples": samples}
        value = call(self.name, answer, arguments)
        expect_tensor(value, (batch,), "elbo")
        off = seen.codes(samples) - mu.detach()[:, None]  # (B, K, D)
        found = gradients(value, {"mu": mu, "logvar": logvar})
        slope, variance = x[:, :latent], logvar.detach().exp()
        pulled = slope * off.mean(1) / 2
        right = 0.5 + pulled
        if far:
            expect_uncut(found["mu"], slope, "d elbo / d mu")
        if size[0] > 1:  # what is right for small logvar and wrong here was clamped
            wrongness = (found["logvar"] - right).abs() / right.abs().clamp(min=1)
            if not wrongness.max() < 1e-6:
                image, place = divmod(int(wrongness.argmax()), latent)
                seen_here = f"With logvar = {logvar[image, place]:.2f} d elbo / d logvar is"
                seen_here += f" {found['logvar'][image, place]:.4g}, it should be"
                raise Mistake("std-clipped", f"{seen_here} {right[image, place]:.4g}.")
            return
        score = off / variance[:, None]
        spreads = (score * off).mean(1)
        wrong_mu = [
            ("sample-detached", -score.mean(1)),
            ("bound-log-q-detached", slope + score.mean(1)),
            ("bound-joint-detached", 0 * slope),
            ("bound-codes-of-q-detached", slope - score.mean(1)),
            ("bound-wrong-sign", -slope),
        ]
        wrong_logvar = [
            ("bound-log-q-detached", pulled + spreads / 2),
            ("bound-codes-of-q-detached", pulled + 0.5 - spreads / 2),
            ("std-detached", 0.5 - spreads / 2),
            ("std-detached", 0.5 + 0 * pulled),
            ("bound-no-entropy", pulled),
            ("bound-wrong-sign", pulled - 0.5),
        ]
        if all(not gradient.any() for gradient in found.values()):
            raise Mistake("detached", "The gradients with respect to mu and logvar are 0.")
        expect_exact(found["mu"], slope, "d elbo / d mu", wrong_mu)
        expect_exact(found["logvar"], right, "d elbo / d logvar", wrong_logvar)

    def _expect(self, value: Any, truth: Tensor, what: str, seen: "_Seen", samples: int) -> None:
        wrong = _wrong_bounds(seen, seen.mu, seen.logvar, samples)
        try:
            expect_exact(value, truth, what, wrong, "nats")
        except Mistake as mistake:
            other = seen.first_new(seen.codes_of_q)
            if mistake.slug not in ("wrong-value", "not-exact") or other is None:
                raise
            numbers = ", ".join(f"{number:.3g}" for number in other.tolist())
            said = f"log_q was given z = ({numbers}), log_joint was not."
            raise Mistake("bound-two-codes", said) from None

    def _estimate(
        self,
        answer: Any,
        model: LinearGaussian,
        x: Tensor,
        mu: Tensor,
        logvar: Tensor,
        samples: int,
    ) -> tuple[Any, "_Seen"]:
        def log_joint(x_rows: Tensor, z: Tensor) -> Tensor:
            return oracle.log_likelihood(model, x_rows, z) + oracle.log_prior(z)

        seen = _Seen("log_joint", log_joint, x, mu.shape[-1])
        seen.mu, seen.logvar = mu, logvar
        arguments: dict[str, Any] = {"x": x, "mu": mu, "logvar": logvar}
        arguments |= {"log_joint": seen, "log_q": seen.log_q, "num_samples": samples}
        return call(self.name, answer, arguments), seen


class _Seen(Recorder):
    """What log_joint was given, and beside it the codes that log_q was given."""

    mu: Tensor
    logvar: Tensor

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.codes_of_q: list[Tensor] = []

    def log_q(self, z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
        value = oracle.log_q(z, mu, logvar)
        if z.ndim and z.shape[-1] == self.mu.shape[-1]:
            watch(self._note_q, z, mu.expand_as(z) if mu.ndim <= z.ndim else mu)
        return value

    def _note_q(self, z: Tensor, mu: Tensor) -> None:
        """Its value does not tell z from mu: a Gaussian is symmetric in them, another q is not."""
        if are_rows(z, self.mu) and not are_rows(mu, self.mu):
            seen = "log_q was given mu in place of z, z in place of mu."
            raise Mistake("callable-arguments", seen)
        self.codes_of_q.append(z)


def _noise(seen: Recorder, mu: Tensor, logvar: Tensor, samples: int) -> Tensor:
    return (seen.codes(samples) - mu[:, None]) / torch.exp(logvar / 2)[:, None]  # (B, K, D)


def _log_weights(seen: Recorder, mu: Tensor, logvar: Tensor, samples: int) -> Tensor:
    log_q = oracle.log_q(seen.codes(samples), mu[:, None], logvar[:, None])
    return seen.values(samples) - log_q  # (B, K)


def _wrong_bounds(
    seen: Recorder, mu: Tensor, logvar: Tensor, samples: int
) -> list[tuple[str, Tensor]]:
    codes, joint = seen.codes(samples), seen.values(samples)
    log_q = oracle.log_q(codes, mu[:, None], logvar[:, None])
    prior = oracle.log_prior(codes)
    weights = joint - log_q
    truth = weights.mean(1)
    entropy, kl = oracle.entropy(logvar), oracle.cross_entropy(mu, logvar) - oracle.entropy(logvar)
    return [
        ("bound-no-entropy", joint.mean(1)),
        ("bound-only-entropy", -log_q.mean(1)),
        ("bound-wrong-sign", (joint + log_q).mean(1)),
        ("bound-negated", -truth),
        ("bound-log-mean", weights.logsumexp(1) - math.log(samples)),
        ("bound-log-mean", weights.logsumexp(1)),
        ("bound-entropy-exact", joint.mean(1) + entropy),
        ("bound-wrong-sign", joint.mean(1) - entropy),
        ("bound-kl-for-log-q", joint.mean(1) - kl),
        ("bound-kl-for-log-q", truth - kl),
        ("bound-weighted-by-q", (weights * log_q.exp()).mean(1)),
        ("bound-prior-for-q", (joint - prior).mean(1)),
        ("bound-not-averaged", weights.sum(1)),
        ("bound-not-averaged", weights.mT),
        ("bound-not-averaged", weights),
        *(("bound-other-count", weights.sum(1) / n) for n in _other_counts(mu, samples)),
        ("bound-starts-above-zero", truth + 1 / samples),
        ("bound-best-sample", weights.amax(1)),
        ("bound-best-sample", weights.amin(1)),
        ("bound-best-sample", weights.median(1).values),
        ("bound-one-sample", weights[:, 0]),
        ("bound-one-sample", weights[:, -1]),
        ("bound-one-sample", weights[:, 0] / samples),
        ("bound-batch", weights.mean()),
        ("bound-batch", weights.sum()),
        ("bound-over-images", weights.mean(0)),
        ("bound-over-images", weights.sum(0)),
    ]


def _other_counts(mu: Tensor, samples: int) -> list[int]:
    """Numbers that are taken for K."""
    return [n for n in (samples - 1, samples + 1, *mu.shape) if n not in (0, samples)]


elbo_monte_carlo = _ElboMonteCarlo()
