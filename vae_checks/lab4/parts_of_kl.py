"""The mean KL in two parts: what codes tell about their images, and how far all are from p(z).

    1/N sum_n KL(q(z|x_n) || p(z)) = I(n; z) + KL(q(z) || p(z)),   q(z) = 1/N sum_n q(z|x_n)

Source: M. D. Hoffman, M. J. Johnson, ELBO surgery, 2016.
"""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread, true_kl
from vae_checks.lab1 import oracle
from vae_checks.lab1.oracle import LOG_2PI
from vae_checks.lab4.codes_together import mixture, of_all_pairs
from vae_checks.values import (
    close,
    expect_equal,
    expect_exact,
    expect_pair,
    expect_single,
    expect_tensor,
    unless_right,
)
from vae_checks.verdict import Mistake, call, describe


class _KLSplit(Exercise):
    name, section = "kl_split", "4.4"

    @idea(
        "the mutual information is the mean of log q(z|x) - log q(z)",
        also=[{"images": 4, "latent": 4}, {"images": 2, "latent": 1}],
    )
    def information(self, answer: Any, *, images: int = 5, latent: int = 3) -> None:
        """For these codes, in float64 and float32; negative where codes lie at other images."""
        for shift in (1, 0):
            mu, logvar, z = _codes(images, latent, shift)
            self._expect_information(answer, mu, logvar, z)
            if shift:  # q(z) of these images and of twice as many that are far from all codes
                aggregate = mixture(z, mu, logvar) - math.log(3)
                self._expect_information(answer, mu, logvar, z, aggregate)
        # Of three times as many images, as in the notebook: I may be above log of the rows.
        more = [spread(2 * images, latent) for _ in range(2)]
        whole = [torch.cat(pair) for pair in zip((10 * mu, logvar), more, strict=True)]
        self._expect_information(answer, 10 * mu, logvar, z + 9 * mu, mixture(z + 9 * mu, *whole))
        single = [each.float() for each in (mu, logvar, z)]
        first, _ = self._call(answer, *single)
        truth = _information(*(each.double() for each in single))
        first = expect_single(expect_tensor(_as_tensor(first), (), "the estimate of I"), "it")
        # A mean of numbers of some nats, however near to 0: float32 has six digits of those.
        if (first.detach() - truth).abs() > 1e-4 * max(1.0, abs(truth.item())):
            expect_equal(first, truth, "the estimate of I", unit="nats")

    @idea("at most log N, reached where no two codes could be confused; 0 where all images agree")
    def bounds(self, answer: Any, *, images: int = 5, latent: int = 3) -> None:
        """Images at distances of 100: I is log N, whatever the codes. One posterior for all: 0."""
        mu, logvar, z = _codes(images, latent, 0)
        apart = mu + 100 * torch.arange(images, dtype=torch.float64)[:, None]
        self._expect_information(answer, apart, logvar, z + apart - mu)
        one, width = mu[:1].expand(images, -1).clone(), logvar[:1].expand(images, -1).clone()
        first, second = self._call(answer, one, width, z)
        first = expect_tensor(_as_tensor(first), (), "the mutual information")
        if first.abs() > 1e-9:
            truth, wrong = torch.tensor(0.0).double(), _wrong_information(one, width, z)
            wrong = [(slug, value) for slug, value in wrong if abs(value.mean()) > 1e-6]
            expect_equal(first, truth, "the mutual information", wrong, "nats")
            seen = f"Where all images have one posterior it is {first:.4g}, it should be 0."
            raise Mistake("wrong-value", seen)
        self._expect_second(first, second, one, width, z)

    @idea(
        "both parts add up to the mean KL, exactly",
        also=[{"images": 4, "latent": 4}, {"images": 2, "latent": 1}],
    )
    def identity(self, answer: Any, *, images: int = 5, latent: int = 3) -> None:
        """The second part is the closed-form mean KL less the answer's own first part.

        Also where that is negative, as an estimate may be.
        """
        direction = torch.nn.functional.normalize(normal(images, latent), dim=1)
        near, width = 0.2 * direction, torch.full_like(direction, 0.1)
        for mu, logvar, z in (
            _codes(images, latent, 0),
            _codes(images, latent, 1),
            (near, width, 200 * direction),  # a small KL, and codes that tell their images
        ):
            first, second = self._call(answer, mu, logvar, z)
            first = expect_tensor(_as_tensor(first), (), "the mutual information",
                                  _wrong_information(mu, logvar, z))  # fmt: skip
            self._expect_second(first, second, mu, logvar, z)

    def _call(
        self, answer: Any, mu: Tensor, logvar: Tensor, z: Tensor, aggregate: Tensor | None = None
    ) -> tuple[Any, Any]:
        given = {"mu": mu, "logvar": logvar, "z": z}
        aggregate = mixture(z, mu, logvar) if aggregate is None else aggregate
        given["log_aggregate"] = aggregate.to(z.dtype)
        result = call(self.name, answer, given)
        return expect_pair(result, self.name, ("mutual_information", "marginal_kl"))

    def _expect_information(
        self, answer: Any, mu: Tensor, logvar: Tensor, z: Tensor, aggregate: Tensor | None = None
    ) -> None:
        first, second = self._call(answer, mu, logvar, z, aggregate)
        truth, what = _information(mu, logvar, z, aggregate), "the estimate of I, of these codes,"
        kl = true_kl(mu, logvar).mean()
        parts = [_as_tensor(part) for part in (second, first)]
        if all(torch.is_tensor(part) and part.ndim == 0 for part in parts) and all(
            close(part, wanted) for part, wanted in zip(parts, (truth, kl - truth), strict=True)
        ):
            seen = f"The pair is ({first:.4g}, {second:.4g}); the mutual information is second."
            raise Mistake("split-swapped", seen)
        wrong = _wrong_information(mu, logvar, z, aggregate)
        expect_exact(_as_tensor(first), truth, what, wrong, "nats")

    def _expect_second(
        self, first: Tensor, second: Any, mu: Tensor, logvar: Tensor, z: Tensor
    ) -> None:
        kl, first = true_kl(mu, logvar), first.detach().double()
        aggregate, prior = mixture(z, mu, logvar), oracle.log_prior(z)
        truth = kl.mean() - first
        wrong = [
            ("split-marginal-drawn", (aggregate - prior).mean()),
            ("split-marginal-drawn", (oracle.log_q(z, mu, logvar) - prior).mean() - first),
            ("split-whole", kl.mean()),
            ("split-added", kl.mean() + first),
            ("split-second-sign", first - kl.mean()),
            ("split-sign", (prior - aggregate).mean()),
            ("split-kl-batch", kl.sum() - first),
            ("split-summed", kl.sum() - first * len(mu)),
            ("split-not-averaged", kl - first),
            ("kl-no-half", 2 * kl.mean() - first),
            ("kl-mean-latent", kl.mean() / mu.shape[1] - first),
            ("split-clamped", truth.clamp(min=0)),
            ("split-clamped", truth.abs()),
        ]
        wrong = unless_right(wrong, truth)
        second = expect_tensor(_as_tensor(second), (), "the second part", wrong)
        if close(second, truth):
            return
        what = f"KL(q(z) || p(z)), with {first:.4g} of {kl.mean():.4g} nats in the first part,"
        try:
            expect_exact(second, truth, what, wrong, "nats")
        except Mistake as mistake:
            if mistake.slug != "wrong-value":
                raise
            raise Mistake("split-not-adding-up", mistake.seen, likely=mistake.likely) from None


def _codes(images: int, latent: int, shift: int) -> tuple[Tensor, Tensor, Tensor]:
    """mu, logvar (N, D), and codes z (N, D) of the images, or of their neighbours in the list."""
    mu, logvar = spread(images, latent), spread(images, latent, high=1.2) - 1.5
    z = mu + (0.5 * logvar).exp() * normal(images, latent)
    return mu, logvar, z.roll(shift, 0)


def _information(mu: Tensor, logvar: Tensor, z: Tensor, aggregate: Tensor | None = None) -> Tensor:
    aggregate = mixture(z, mu, logvar) if aggregate is None else aggregate
    return (oracle.log_q(z, mu, logvar) - aggregate).mean()


def _wrong_information(
    mu: Tensor, logvar: Tensor, z: Tensor, aggregate: Tensor | None = None
) -> list[tuple[str, Tensor]]:
    own, of_rows = oracle.log_q(z, mu, logvar), mixture(z, mu, logvar)
    aggregate = of_rows if aggregate is None else aggregate
    prior, kl, images = oracle.log_prior(z), true_kl(mu, logvar), len(mu)
    terms, count = own - aggregate, math.log(images)
    truth = terms.mean()
    constant = 0.5 * mu.shape[1] * LOG_2PI
    bare = -0.5 * ((z - mu) ** 2 / logvar.exp()).sum(1)
    wrong = [
        ("split-sign", -truth),
        ("split-clamped", truth.clamp(0, count)),
        ("split-clamped", terms.clamp(min=0).mean()),
        ("split-aggregate-anew", (own - of_rows).mean()),
        ("split-clamped", terms.abs().mean()),
        ("split-to-prior", (own - prior).mean()),
        ("split-to-prior", (aggregate - prior).mean()),
        ("split-summed", terms.sum()),
        ("split-summed", own.sum() - aggregate.mean()),
        ("split-spread", terms.std()),
        ("split-spread", terms.var()),
        ("split-spread", terms.median()),
        ("value-scaled", 2 * truth),
        ("value-scaled", truth / 2),
        ("density-no-half", 2 * own.mean() - aggregate.mean()),
        ("split-aggregate-exp", (own - aggregate.exp()).mean()),
        ("not-nats", truth / math.log(2)),
        ("kl-log-sigma", (oracle.log_q(z, mu, 2 * logvar) - aggregate).mean()),
        ("split-spread", terms.sum() / max(1, images - 1)),
        ("kl-code-averaged", (oracle.log_q(z, mu, logvar.mean(0)) - aggregate).mean()),
        ("kl-code-averaged", (oracle.log_q(z, mu.mean(0), logvar) - aggregate).mean()),
        *(("split-clamped", truth.clamp(-b, b)) for b in (1, 3, 5, 10, 30)),
        ("split-not-averaged", terms),
        ("split-log-n", torch.tensor(count).double()),
        ("split-log-n-subtracted", truth - count),
        ("split-log-n-subtracted", truth + count),
        ("split-all-pairs", of_all_pairs(z, mu, logvar).mean() - aggregate.mean()),
        ("split-no-own", -aggregate.mean()),
        ("split-no-own", aggregate.mean()),
        ("split-entropy", (-oracle.entropy(logvar) - aggregate).mean()),
        ("split-entropy", (oracle.entropy(logvar) - aggregate).mean()),
        ("split-own-at-mean", (oracle.log_q(mu, mu, logvar) - aggregate).mean()),
        ("split-whole", kl.mean()),
        ("split-whole", (kl - aggregate).mean()),
        ("density-constant", truth + constant),
        ("density-no-log-scale", (bare - constant - aggregate).mean()),
        ("density-unnormalized", (bare - aggregate).mean()),
        ("density-no-half", (2 * bare - constant - 0.5 * logvar.sum(1) - aggregate).mean()),
        ("density-no-half", (bare - constant - logvar.sum(1) - aggregate).mean()),
        ("density-not-logged", (own.exp() - aggregate.exp()).mean()),
        ("density-not-logged", terms.exp().mean()),
    ]
    return unless_right(wrong, truth)


def _as_tensor(value: Any) -> Any:
    """A plain number as a tensor in float64; anything else as it is, None as a Mistake."""
    if type(value) in (int, float) or type(value).__name__ in ("float64", "float32"):
        return torch.tensor(float(value), dtype=torch.float64)
    if value is None:
        raise Mistake("wrong-type", f"A part of the pair is {describe(value)}.")
    return value


kl_split = _KLSplit()
