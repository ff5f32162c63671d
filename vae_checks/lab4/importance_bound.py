"""The importance-weighted bound L_K of log weights."""

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab4.uneven_weights import uneven
from vae_checks.misread import arguments_named
from vae_checks.values import expect_equal, expect_exact, expect_tensor, gradients
from vae_checks.verdict import Mistake, call


class _IwBound(Exercise):
    name, section = "iw_bound", "1.2"

    @idea(
        "the logarithm of the mean weight of each image",
        also=[{"samples": 4, "batch": 4}, {"samples": 1, "batch": 1}],
    )
    def value(self, answer: Any, *, samples: int = 5, batch: int = 3) -> None:
        """To 1e-10 for float64, to 1e-4 in float32 for float32."""
        log_w = 1.5 * normal(samples, batch) + spread(batch)
        log_w[:, 0] -= 12  # where a small constant added to a weight shows
        truth = bound(log_w)
        wrong = wrong_bounds(log_w)
        value = self._call(answer, log_w)
        with arguments_named(value, bound, {"log_w": log_w}), _floor_named(value, truth):
            expect_exact(value, truth, "L_K", wrong, "nats")
        value = expect_tensor(self._call(answer, log_w.float()), (batch,), "L_K")
        if value.dtype != torch.float32:
            raise Mistake("weight-dtype", f"L_K is {value.dtype}, log_w is torch.float32.")
        expect_equal(value, truth.float(), "L_K", wrong, "nats")

    @idea("of one weight its own logarithm, the plain bound", also=[{"batch": 1}])
    def one_sample(self, answer: Any, *, batch: int = 3) -> None:
        """L_1 = log w, to 1e-10."""
        log_w = spread(1, batch, low=2.0, high=9.0)
        log_w[:, 0] = -12 - log_w[:, 0].abs()
        wrong = [
            ("evidence-no-samples", log_w[0] - math.log(batch)),
            ("evidence-over-images", log_w.logsumexp(1)),
            ("evidence-over-images", log_w.logsumexp(1) - math.log(batch)),
            ("evidence-batch", log_w.mean()),
            ("density-sign", -log_w[0]),
            ("density-not-logged", log_w[0].exp()),
            ("density-keeps-dimension", log_w),
        ]
        value = self._call(answer, log_w)
        with _floor_named(value, log_w[0]):
            expect_exact(value, log_w[0], "L_1", wrong, "nats")

    @idea(
        "finite and right where the weights underflow or overflow",
        also=[{"samples": 4, "batch": 4}, {"samples": 1, "batch": 1}],
    )
    def stable(self, answer: Any, *, samples: int = 5, batch: int = 3) -> None:
        """To 1e-10 of the largest for log weights from -12,000 to 900 side by side, in images
        of their own and then within each image."""
        offsets = torch.linspace(-12_000, 900, batch, dtype=torch.float64)
        for log_w in (1.5 * normal(samples, batch) + offsets, uneven(samples, batch)):
            expect_stable(self._call(answer, log_w), log_w, "L_K")

    @idea(
        "its gradient is the share that each weight has in their sum",
        also=[{"samples": 4, "batch": 4}, {"samples": 1, "batch": 1}],
    )
    def gradient(self, answer: Any, *, samples: int = 5, batch: int = 3) -> None:
        """d L_K / d log w_k = w_k / sum_j w_j to 1e-10, near 0 and near -800 nats."""
        for offset in (0.0, -800.0):
            log_w = (1.5 * normal(samples, batch) + offset).requires_grad_()
            value = self._call(answer, log_w)
            if offset and torch.is_tensor(value) and not value.detach().isfinite().all():
                seen = f"For log weights near {offset:.0f} L_K is not finite."
                raise Mistake("density-underflow", seen)
            value = expect_tensor(value, (batch,), "L_K")
            found = gradients(value, {"log_w": log_w})["log_w"]
            if offset and not (found.isfinite().all() and found.any()):
                seen = f"Near {offset:.0f} nats d L_K / d log_w is {found[0, 0]:.3g}."
                raise Mistake("density-underflow", seen)
            shares = log_w.detach().softmax(0)
            wrong = [
                ("evidence-mean-of-logs", torch.full_like(shares, 1 / samples)),
                ("evidence-best-only", (shares == shares.amax(0)).double()),
                ("detached", torch.zeros_like(shares)),
                ("evidence-sum-of-logs", torch.ones_like(shares)),
                ("bound-share-removed", shares - (shares == shares.amax(0)).double()),
            ]
            expect_exact(found, shares, "d L_K / d log_w", wrong)

    def _call(self, answer: Any, log_w: Tensor) -> Any:
        return call(self.name, answer, {"log_w": log_w})


def bound(log_w: Tensor) -> Tensor:
    """L_K of log weights (K, B), (B,)."""
    return log_w.logsumexp(0) - math.log(len(log_w))


@contextlib.contextmanager
def _floor_named(value: Any, truth: Tensor) -> Iterator[None]:
    """Mean weights that are all too large by the same number: a floor under a logarithm."""
    try:
        yield
    except Mistake as mistake:
        if mistake.slug in ("wrong-value", "not-exact") and value.shape == truth.shape:
            added = value.detach().double().exp() - truth.exp()
            if added.isfinite().all() and added.min() > 0.9 * added.max() > 0:
                seen = f"All mean weights are {added.mean():.2g} too large."
                raise Mistake("density-floor", seen) from None
        raise


def expect_stable(
    value: Any, log_w: Tensor, what: str, wrong: list[tuple[str, Tensor]] | None = None
) -> None:
    truth = bound(log_w)
    wrong = [*(wrong or ()), *wrong_bounds(log_w)]
    if torch.is_tensor(value) and value.shape == truth.shape and value.is_floating_point():
        found = value.detach().double()
        begun = torch.logaddexp(log_w.logsumexp(0), torch.zeros(()).double())
        begun = begun - math.log(len(log_w))
        if 1e9 > found[0] > truth[0] + 500 and not (found - begun).abs().max() < 1:
            seen = f"{what}[0] is {found[0]:.4g} nats, it should be {truth[0]:.4g}."
            raise Mistake("density-floor", seen)
        if not found.isfinite().all():
            place = int((~found.isfinite()).double().argmax())
            seen = f"{what}[{place}] is {found[place]}, it should be {truth[place]:.4g} nats."
            # What exp makes of weights that are taken relative to the largest of all images.
            lost, far_below = found == -torch.inf, log_w.amax(0) < log_w.max() - 750
            of_one_maximum = far_below.any() and torch.equal(lost, far_below)
            of_one_maximum &= found[~lost].isfinite().all()
            raise Mistake("bound-one-maximum" if of_one_maximum else "density-underflow", seen)
    expect_exact(value, truth, what, wrong, "nats")


def wrong_bounds(log_w: Tensor) -> list[tuple[str, Tensor]]:
    """Wrong values for L_K of log_w (K, B)."""
    samples, batch = log_w.shape
    whole, truth = log_w.logsumexp(0), bound(log_w)
    others = [n for n in (samples - 1, samples + 1, batch) if n not in (0, samples)]
    zero = torch.zeros((), dtype=log_w.dtype)
    return [
        ("evidence-mean-of-logs", log_w.mean(0)),
        ("evidence-no-samples", whole),
        ("evidence-samples-sign", whole + math.log(samples)),
        ("evidence-divided-outside", whole / samples),
        *(("evidence-other-count", whole - math.log(n)) for n in others),
        ("evidence-other-count", whole - samples),
        ("evidence-other-count", whole - math.log(samples * batch)),
        ("evidence-best-only", log_w.amax(0)),
        *(("bound-sample-left-out", part) for part in _left_out(log_w)),
        ("evidence-best-only", log_w.amax(0) - math.log(samples)),
        ("evidence-sum-of-logs", log_w.sum(0)),
        ("evidence-over-images", log_w.logsumexp(1)),
        ("evidence-over-images", log_w.logsumexp(1) - math.log(batch)),
        ("evidence-over-images", log_w.logsumexp(1) - math.log(samples)),
        ("evidence-starts-at-zero", torch.logaddexp(whole, zero) - math.log(samples)),
        ("evidence-batch", truth.mean()),
        ("evidence-batch", truth.sum()),
        ("evidence-batch", log_w.flatten().logsumexp(0) - math.log(log_w.numel())),
        ("evidence-not-averaged", log_w),
        ("evidence-not-averaged", log_w - math.log(samples)),
        ("weight-normalized", log_w.log_softmax(0)),
        ("weight-normalized", log_w - whole),
        ("density-not-logged", truth.exp()),
        ("density-sign", -truth),
        ("not-nats", truth / math.log(2)),
        ("not-nats", truth / math.log(10)),
    ]


def _left_out(log_w: Tensor) -> list[Tensor]:
    """Bounds of all samples but the first or the last, divided by their number or by K."""
    parts = [log_w[1:], log_w[:-1]] if len(log_w) > 1 else []
    sums = [part.logsumexp(0) for part in parts]
    return [each - math.log(n) for each in sums for n in (len(log_w), len(log_w) - 1)]


iw_bound = _IwBound()
