"""Naive Monte Carlo: log p(x) as the logarithm of an average over codes from the prior."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.lab1.recorder import (
    MANY_LATENT,
    Recorder,
    expect_double_digits,
    expect_unscaled,
)
from vae_checks.statistics import expect_normal_numbers, expect_standard_normal, same_draws
from vae_checks.values import close, expect_exact
from vae_checks.verdict import Mistake, call


class _NaiveLogEvidence(Exercise):
    name, section = "naive_log_evidence", "2.1"

    @idea(
        "the logarithm of the mean of the likelihoods of the codes that were drawn",
        also=[
            {"batch": 4, "latent": 4, "pixels": 4, "samples": 4},
            {"batch": 1, "latent": 1, "pixels": 1, "samples": 2},
            {"batch": 2, "latent": 3, "pixels": 5, "samples": 23},
            {"batch": 3, "latent": 2, "samples": 1},
        ],
    )
    def value(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 11
    ) -> None:
        """Exact for whatever codes came: a recorder knows the likelihood of each of them."""
        value, seen = self._estimate(answer, batch, latent, pixels, samples)
        seen.require_distinct(
            samples, "evidence-at-zero", torch.zeros_like(seen.codes(samples)[:, 0])
        )
        logs = seen.values(samples)
        truth = logs.logsumexp(1) - math.log(samples)
        priors = oracle.log_prior(seen.codes(samples))
        wrong = _wrong_estimates(logs, priors, samples, (batch, latent, pixels))
        expect_exact(value, truth, "log p(x)", wrong, "nats")

    @idea("the codes come from N(0, I), new ones for every image and every call", random=True)
    def prior(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 701
    ) -> None:
        """The codes by `expect_standard_normal`, n = batch * samples * latent numbers; then some
        320,000, of 153 dimensions, by `expect_normal_numbers`.

        False alarm: below 1e-7. Codes that two images, or all samples, share never arise by chance.
        """
        codes, x = [], spread(batch, pixels) + 1000 * spread(pixels)
        for _ in range(2):
            _, seen = self._estimate(answer, batch, latent, pixels, samples, x=x)
            codes.append(seen.codes(samples))  # (B, K, D)
        z = codes[0]
        if z.min() >= 0 and z.max() <= 1 and z.max() > z.min():
            raise Mistake("noise-uniform", f"The codes lie between 0 and 1; mean {z.mean():.3f}.")
        if not z.any():
            raise Mistake("evidence-at-zero", "Every code is 0.")
        if same_draws(z[:, 0], z[:, 1]) and same_draws(z[:, 0], z[:, -1]):
            raise Mistake("evidence-one-code", "All samples of an image are the same code.")
        for number, image in enumerate(z):
            if len(image.unique(dim=0)) < samples:
                seen_here = f"Some of the {samples} codes of image {number} are the same."
                raise Mistake("evidence-repeated-codes", seen_here)
        if same_draws(z[0].sort(0).values, z[1].sort(0).values):
            raise Mistake("noise-shared-batch", "Images 0 and 1 were given the same codes.")
        expect_double_digits(z, "The code z")
        expect_unscaled(z, "z")
        expect_standard_normal(z.reshape(-1, latent), "z")
        if close(codes[0], codes[1]):
            raise Mistake("noise-frozen", "Two calls use the same codes.")
        _, seen = self._estimate(answer, batch, MANY_LATENT, pixels, samples)
        expect_normal_numbers(seen.codes(samples).flatten(), "z")

    @idea("finite and right where the likelihoods underflow or overflow")
    def stable(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 11
    ) -> None:
        """Exact for log-likelihoods near -2,000, 0 and 900 nats side by side."""
        offsets = torch.linspace(-2000, 900, batch, dtype=torch.float64)
        offsets[1:2] = 0
        value, seen = self._estimate(answer, batch, latent, pixels, samples, offsets)
        seen.require_distinct(
            samples, "evidence-at-zero", torch.zeros_like(seen.codes(samples)[:, 0])
        )
        logs = seen.values(samples)
        truth = logs.logsumexp(1) - math.log(samples)
        if torch.is_tensor(value) and value.shape == truth.shape:
            if not torch.isfinite(value).all():
                found = ", ".join(f"{number:.4g}" for number in value.tolist())
                wanted = ", ".join(f"{number:.4g}" for number in truth.tolist())
                seen_here = f"The estimates are {found}; they should be {wanted}."
                raise Mistake("density-underflow", seen_here)
            begun = torch.logaddexp(logs.logsumexp(1), torch.zeros(())) - math.log(samples)
            if value[0] > truth[0] + 500 and not close(value, begun):
                seen_here = f"log p(x)[0] is {value[0]:.4g} nats, it should be {truth[0]:.4g}."
                raise Mistake("density-floor", seen_here)
        priors = oracle.log_prior(seen.codes(samples))
        wrong = _wrong_estimates(logs, priors, samples, (batch, latent, pixels))
        expect_exact(value, truth, "log p(x)", wrong, "nats")

    def _estimate(
        self,
        answer: Any,
        batch: int,
        latent: int,
        pixels: int,
        samples: int,
        offsets: Tensor | None = None,
        x: Tensor | None = None,
    ) -> tuple[Any, Recorder]:
        model, far = oracle.fresh_model(pixels, latent), 1000 * spread(pixels)
        if x is None:
            x = spread(batch, pixels) + far  # where a clamp would show

        def log_likelihood(x_rows: Tensor, z: Tensor) -> Tensor:
            value = oracle.log_likelihood(model, x_rows - far, z) / pixels  # a few nats apart
            if offsets is None:
                return value
            image = (x_rows[..., None, :] == x).all(-1).double()
            return value + image @ offsets

        seen = Recorder("log_likelihood", log_likelihood, x, latent)
        arguments = {
            "x": x,
            "log_likelihood": seen,
            "latent_dim": latent,
            "num_samples": samples,
        }
        return call(self.name, answer, arguments), seen


def _wrong_estimates(
    logs: Tensor, priors: Tensor, samples: int, sizes: tuple[int, ...]
) -> list[tuple[str, Tensor]]:
    """`sizes` are numbers that are taken for K."""
    truth, zero = logs.logsumexp(1) - math.log(samples), torch.zeros((), dtype=logs.dtype)
    others = [n for n in (samples - 1, samples + 1, *sizes) if n not in (0, samples)]
    return [
        ("evidence-mean-of-logs", logs.mean(1)),
        ("evidence-no-samples", logs.logsumexp(1)),
        ("evidence-sum-of-logs", logs.sum(1)),
        ("evidence-divided-outside", logs.logsumexp(1) / samples),
        ("evidence-samples-sign", logs.logsumexp(1) + math.log(samples)),
        ("evidence-best-only", logs.max(1).values),
        ("evidence-best-only", logs.max(1).values - math.log(samples)),
        ("evidence-prior-twice", (logs + priors).logsumexp(1) - math.log(samples)),
        ("evidence-prior-twice", (logs - priors).logsumexp(1) - math.log(samples)),
        ("evidence-over-images", logs.logsumexp(0) - math.log(len(logs))),
        ("evidence-over-images", logs.logsumexp(0) - math.log(samples)),
        *(("evidence-other-count", logs.logsumexp(1) - math.log(n)) for n in others),
        ("evidence-starts-at-zero", torch.logaddexp(logs.logsumexp(1), zero) - math.log(samples)),
        ("evidence-batch", truth.mean()),
        ("evidence-batch", truth.sum()),
        ("evidence-batch", logs.flatten().logsumexp(0) - math.log(logs.numel())),
        ("evidence-batch", logs.logsumexp(1) - math.log(logs.numel())),
        ("evidence-not-averaged", logs.mT),
        ("evidence-not-averaged", logs),
        ("density-not-logged", truth.exp()),
        ("density-sign", -truth),
    ]


naive_log_evidence = _NaiveLogEvidence()
