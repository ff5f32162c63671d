"""Script 4 of the bug hunt: L_K by codes that are drawn, in an evaluation as in training."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.lab1.moments import expect_standard_noise, name_known_stretch
from vae_checks.lab1.recorder import Recorder, expect_double_digits
from vae_checks.lab4.importance_bound import bound
from vae_checks.misread import arguments_named
from vae_checks.statistics import same_draws
from vae_checks.values import Candidates, close, expect_equal
from vae_checks.verdict import Mistake, call


class _Bug4(Exercise):
    name, section = "mended_4", "8"

    @idea(
        "the log of the mean weight of the codes that were drawn",
        also=[
            {"batch": 4, "latent": 4, "pixels": 4, "samples": 4},
            {"batch": 1, "latent": 1, "pixels": 1, "samples": 1},
        ],
    )
    def bound(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 4
    ) -> None:
        """Exact for whatever codes came, for K = 4 and K = 1: needs pixels >= latent.

        Then near -900 and 900 nats, and with the weights of an image hundreds of nats apart.
        """
        for number, scale, level in (
            *((samples, 1, 0), (1, 1, 0)),
            *((samples, 1, -900), (samples, 1, 900), (samples, 300, 0)),
        ):
            model, x = oracle.mild_model(pixels, latent), spread(batch, pixels)
            mu, logvar = spread(batch, latent, high=0.9), spread(batch, latent, high=0.9)
            value, seen = self._estimate(answer, model, x, mu, logvar, number, scale, level)
            codes = seen.codes(number)
            at_mean = (codes - mu[:, None]).abs().amax(-1) < 1e-12  # (B, K)
            if at_mean.any():
                several = "Every" if at_mean.all() else "One"
                seen_here = f"{several} code that log_joint was given is mu (K = {number})."
                raise Mistake("bug-mean-decoded", seen_here)
            seen.require_distinct(number, "bug-mean-decoded", mu)
            log_w = _log_weights(seen, mu, logvar, number)
            if torch.is_tensor(value) and not value.isfinite().all():
                seen_here = f"L_K is {value[~value.isfinite()][0]}, log weights go from"
                seen_here += f" {log_w.min():.0f} to {log_w.max():.0f}."
                raise Mistake("bug-overflow", seen_here)
            wrong = _wrong(seen, mu, logvar, number)
            with arguments_named(value, bound, {"log_w": log_w}):
                expect_equal(value, bound(log_w), "L_K", wrong, "nats")

    @idea("the codes come from q(z|x), new ones in every call", random=True)
    def codes(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 701
    ) -> None:
        """eps = (z - mu) / sigma by `expect_standard_normal`, n = batch * samples rows.

        Scales wrong by a tenth, codes that repeat or are shared by images are found with
        probability above 0.999. False alarm: below 1e-7.
        """
        model, x = oracle.mild_model(pixels, latent), spread(batch, pixels)
        mu, logvar = spread(batch, latent), spread(batch, latent)
        _, seen = self._estimate(answer, model, x, mu, logvar, samples)
        codes = seen.codes(samples)
        if close(codes, mu[:, None].expand_as(codes)):
            raise Mistake("bug-mean-decoded", "Every code that log_joint was given is mu.")
        if any(len(image.unique(dim=0)) < samples for image in codes):
            raise Mistake("evidence-repeated-codes", "Some codes of an image are the same.")
        name_known_stretch(codes, mu, logvar)
        eps = (codes - mu[:, None]) / torch.exp(logvar / 2)[:, None]  # (B, K, D)
        expect_double_digits(eps, "The noise")
        if same_draws(eps[0], eps[1]):
            raise Mistake("noise-shared-batch", "The noise of images 0 and 1 is the same.")
        expect_standard_noise(eps, codes, mu, logvar)
        _, again = self._estimate(answer, model, x, mu, logvar, samples)
        if close(again.codes(samples), codes):
            raise Mistake("noise-frozen", "Two calls use the same codes.")

    def _estimate(
        self,
        answer: Any,
        model: Any,
        x: Tensor,
        mu: Tensor,
        logvar: Tensor,
        samples: int,
        scale: float = 1,
        level: float = 0,
    ) -> tuple[Any, Recorder]:
        def log_joint(x_rows: Tensor, z: Tensor) -> Tensor:
            value = oracle.log_likelihood(model, x_rows, z) + oracle.log_prior(z)
            return scale * value + level

        seen = Recorder("log_joint", log_joint, x, mu.shape[-1])
        arguments = {"log_joint": seen, "log_q": oracle.log_q, "x": x, "mu": mu}
        arguments |= {"logvar": logvar, "num_samples": samples}
        return call(self.name, answer, arguments), seen


def _log_weights(seen: Recorder, mu: Tensor, logvar: Tensor, samples: int) -> Tensor:
    log_q = oracle.log_q(seen.codes(samples), mu[:, None], logvar[:, None])
    return (seen.values(samples) - log_q).mT  # (K, B)


def _wrong(seen: Recorder, mu: Tensor, logvar: Tensor, samples: int) -> Candidates:
    codes, joint = seen.codes(samples), seen.values(samples).mT
    log_w, prior = _log_weights(seen, mu, logvar, samples), oracle.log_prior(codes).mT
    at_mean = oracle.log_q(mu, mu, logvar)
    kl = oracle.cross_entropy(mu, logvar) - oracle.entropy(logvar)
    truth = bound(log_w)
    wrong = [
        ("bug-mean-of-logs", log_w.mean(0)),
        ("bug-no-count", log_w.logsumexp(0)),
        ("bug-count-sign", log_w.logsumexp(0) + math.log(samples)),
        ("bug-no-q", bound(joint)),
        ("bug-q-at-mean", bound(joint - at_mean)),
        ("bug-analytic-kl", bound(joint - prior - kl)),
        ("bug-no-prior", bound(log_w - prior)),
        ("bug-kl-sign", bound(2 * joint - log_w)),
        ("value-negated", -truth),
        ("bug-upside-down", bound(-log_w)),
        ("bug-best-only", log_w.amax(0)),
        ("bug-best-only", log_w.amax(0) - math.log(samples)),
        ("bug-not-logged", log_w.exp().mean(0)),
        ("bug-over-images", truth.mean()),
        ("bug-over-images", truth.sum()),
        ("bug-over-images", log_w.logsumexp(1) - math.log(log_w.shape[1])),
        ("bug-not-averaged", log_w),
    ]
    return [(slug, value) for slug, value in wrong if not close(value, truth)]


bug_4 = _Bug4()
