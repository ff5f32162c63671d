"""How many weights count, and the errors of a mean of bounds: over images, and over samples."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.factors import Factor, factors_named
from vae_checks.fixtures import normal, spread
from vae_checks.lab4.importance_bound import bound
from vae_checks.lab4.uneven_weights import uneven
from vae_checks.misread import arguments_named
from vae_checks.values import expect_equal, expect_exact, expect_pair, expect_tensor
from vae_checks.verdict import Mistake, call

Wrong = list[tuple[str, Tensor]]


class _EffectiveSampleSize(Exercise):
    name, section = "effective_sample_size", "1.4"

    @idea(
        "(sum of weights)^2 / (sum of squared weights), for each image",
        also=[{"samples": 4, "batch": 4}, {"samples": 3, "batch": 1}],
    )
    def value(self, answer: Any, *, samples: int = 7, batch: int = 3) -> None:
        """To 1e-10; then K for equal weights, and 1 where one weight is all."""
        log_w = _scattered(samples, batch)
        value = self._call(answer, log_w)
        inner = (_size_of_shares, {"share": log_w.softmax(0)})
        with arguments_named(value, _size, {"log_w": log_w}, inner):
            expect_exact(value, _size(log_w), "ess", _wrong_sizes(log_w))
        equal = spread(1, batch).expand(samples, batch).clone()
        number = torch.full((batch,), float(samples), dtype=torch.float64)
        expect_exact(self._call(answer, equal), number, "ess (equal weights)")
        alone = torch.zeros(samples, batch, dtype=torch.float64)
        alone[samples // 2] = 60
        expect_exact(self._call(answer, alone), number / samples, "ess (one weight is all)")

    @idea(
        "finite and right where the weights underflow or overflow",
        also=[{"samples": 4, "batch": 4}],
    )
    def stable(self, answer: Any, *, samples: int = 7, batch: int = 3) -> None:
        """To 1e-9 for log weights from -12,000 to 900 side by side, in images of their own and
        then within each image; in float32, too."""
        offsets = torch.linspace(-12_000, 900, batch, dtype=torch.float64)
        log_w = _scattered(samples, batch) + offsets
        single = (log_w - offsets).float()
        for far in (log_w, uneven(samples, batch)):
            value, truth = self._call(answer, far), _size(far)
            _expect_finite(value, truth, "ess")
            expect_equal(value, truth, "ess", _wrong_sizes(far))
        value = expect_tensor(self._call(answer, single), (batch,), "ess")
        expect_equal(value.float(), _size(single.double()).float(), "ess (of float32)")

    def _call(self, answer: Any, log_w: Tensor) -> Any:
        return call(self.name, answer, {"log_w": log_w})


class _StandardErrors(Exercise):
    name, section = "standard_errors", "1.4"

    @idea(
        "over images: the spread of L_K between images, over the root of their number",
        also=[{"samples": 4, "batch": 4}, {"samples": 1, "batch": 3}, {"samples": 3, "batch": 2}],
    )
    def over_images(self, answer: Any, *, samples: int = 7, batch: int = 5) -> None:
        """sd(L_K) / sqrt B to 1e-10, B - 1 in the variance; near 0, near -800, and near -800, 0 and
        700 in turn; then in float32."""
        near = _scattered(samples, batch) + spread(batch)
        for log_w in (near, near - 800, uneven(samples, batch)):
            value, _ = self._call(answer, log_w)
            images, over_samples, _ = _errors(log_w)
            _expect_finite(value, images, "The error over images")
            wrong = [("errors-exchanged", over_samples), *_wrong_over_images(log_w)]
            inner = (_of_bounds, {"L_K": bound(log_w)})
            named = arguments_named(value, lambda log_w: _errors(log_w)[0], {"log_w": log_w}, inner)
            with named, factors_named(lambda number: self._ask(answer, number, 0)):
                expect_exact(value, images, "The error over images", wrong, "nats")
        while _errors(near)[0] < 0.05:  # bounds that are alike leave float32 no digits of a spread
            near = _scattered(samples, batch) + spread(batch)
        single = near.float()
        value, _ = self._call(answer, single)
        value, truth = (
            expect_tensor(value, (), "The error over images"),
            _errors(single.double())[0],
        )
        expect_equal(value.float(), truth.float(), "The error over images (of float32)")

    @idea(
        "over samples: the relative error of each mean weight, joined for the mean of B images",
        also=[{"samples": 4, "batch": 4}, {"samples": 3, "batch": 1}, {"samples": 2, "batch": 3}],
    )
    def over_samples(self, answer: Any, *, samples: int = 7, batch: int = 5) -> None:
        """sqrt(sum_b e_b^2) / B to 1e-10, e_b = sd(w) / (mean(w) sqrt K), K - 1 in the variance.

        Once with weights near 1, then, to 1e-8, from -12,000 to 900 nats side by side, in images of
        their own and within each image.
        """
        offsets = torch.linspace(-12_000, 900, batch, dtype=torch.float64)
        near = _scattered(samples, batch) + spread(batch)
        for reach, log_w in ((0, near), (1, near + offsets), (1, uneven(samples, batch))):
            _, value = self._call(answer, log_w)
            images, over_samples, _ = _errors(log_w)
            _expect_finite(value, over_samples, "The error over samples")
            wrong = [("errors-exchanged", images), *_wrong_over_samples(log_w)]
            inner = (_of_ratios, {"ratio": (log_w - bound(log_w)).exp()})
            named = arguments_named(value, lambda log_w: _errors(log_w)[1], {"log_w": log_w}, inner)
            # Log weights near -12,000 have no more than 11 digits behind the point.
            within, what = (1e-8 if reach else 1e-10), "The error over samples"
            with named, factors_named(lambda number: self._ask(answer, number, 1)):
                expect_exact(value, over_samples, what, wrong, "nats", within=within)

    def _ask(self, answer: Any, number: int, place: int) -> tuple[Any, list[Factor]]:
        """One of the errors for new weights of other sizes, and the factors of it."""
        samples, batch = 4 + number % 6, 3 + number % 5
        log_w = _scattered(samples, batch) + spread(batch)
        images, over_samples, _ = _errors(log_w)
        if place:
            norm = over_samples.item() * batch * math.sqrt(samples)
            proper = Factor("the root of the sum of (sd(w) / mean(w))^2", norm, 1)
        else:
            proper = Factor("the standard deviation of L_K", images.item() * math.sqrt(batch), 1)
        value = expect_tensor(self._call(answer, log_w)[place], (), "the error")
        return value, [
            proper,
            Factor("K", samples, -0.5 if place else 0),
            Factor("B", batch, -1 if place else -0.5),
            Factor("K - 1", samples - 1),
            Factor("B - 1", batch - 1),
        ]

    def _call(self, answer: Any, log_w: Tensor) -> tuple[Any, Any]:
        found = call(self.name, answer, {"log_w": log_w})
        if torch.is_tensor(found) and found.is_floating_point():
            expect_tensor(found, found.shape, "The result")  # names nan first
        return expect_pair(found, self.name, ("over_images", "over_samples"))


def _scattered(samples: int, batch: int) -> Tensor:
    """Log weights a few nats apart, of images that differ in how far."""
    reach = torch.linspace(0.4, 1.6, batch, dtype=torch.float64)
    return normal(samples, batch) * reach


def _size(log_w: Tensor) -> Tensor:
    return _size_of_shares(log_w.softmax(0))


def _size_of_shares(share: Tensor) -> Tensor:
    return 1 / share.square().sum(0)


def sd(values: Tensor, dim: int = 0) -> Tensor:
    """The standard deviation over a dimension; of a single value nan, without torch's warning."""
    count = values.shape[dim]
    return values.std(dim) if count > 1 else torch.full_like(values.select(dim, 0), math.nan)


def _errors(log_w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Over images, over samples, and that of each image over samples, (B,)."""
    ratio = (log_w - bound(log_w)).exp()  # w / mean(w)
    each = sd(ratio) / math.sqrt(len(ratio))
    return _of_bounds(bound(log_w)), _of_ratios(ratio), each


def _of_bounds(L_K: Tensor) -> Tensor:
    return sd(L_K) / math.sqrt(len(L_K))


def _of_ratios(ratio: Tensor) -> Tensor:
    samples, batch = ratio.shape
    return (sd(ratio) / math.sqrt(samples)).norm() / batch


def _expect_finite(value: Any, truth: Tensor, what: str) -> None:
    if torch.is_tensor(value) and value.shape == truth.shape and value.is_floating_point():
        off = ~value.detach().isfinite()
        if off.any():
            found, wanted = value[off][0].item(), truth[off][0].item()
            seen = f"{what} is {found}, where log weights go from -12,000 to 900"
            raise Mistake("density-underflow", f"{seen}; it should be {wanted:.4g}.")


def _wrong_sizes(log_w: Tensor) -> Wrong:
    samples, share, right = len(log_w), log_w.softmax(0), _size(log_w)
    across, all_of_them = log_w.softmax(1), log_w.flatten().softmax(0)
    ratio = share * samples
    centred = log_w - log_w.amax(0)
    raw = log_w.exp()
    return [
        ("size-of-logs", log_w.sum(0) ** 2 / (log_w**2).sum(0)),
        ("size-of-logs", centred.sum(0) ** 2 / (centred**2).sum(0)),
        ("size-inverse", 1 / right),
        ("size-share", right / samples),
        ("size-times-samples", right * samples),
        ("size-perplexity", torch.exp(-(share * share.log()).sum(0))),
        ("size-entropy", -(share * share.log()).sum(0)),
        ("size-of-largest", 1 / share.amax(0)),
        ("size-of-largest", 1 / share.amax(0).square()),
        ("size-not-squared", 1 / share.pow(3).sum(0)),
        ("size-not-squared", 1 / share.pow(4).sum(0)),
        ("size-by-variance", samples / (1 + ratio.var(0))),
        ("size-by-variance", samples / (1 + ratio.std(0))),
        ("size-not-squared", raw.sum(0) / (raw**2).sum(0)),
        ("size-not-squared", raw.sum(0) ** 2 / raw.sum(0)),
        ("size-not-squared", centred.exp().sum(0) / centred.exp().square().sum(0)),
        ("size-square-of-sum", torch.ones_like(right)),
        ("size-root", right.sqrt()),
        ("size-not-exp", right.log()),
        ("size-over-images", 1 / across.square().sum(1)),
        ("size-over-images", 1 / across.square().sum(0)),
        ("size-over-images", 1 / share.square().sum(1)),
        ("size-batch", 1 / all_of_them.square().sum()),
        ("size-batch", right.mean()),
        ("size-batch", right.sum()),
        ("density-keeps-dimension", right[None]),
    ]


def _wrong_over_images(log_w: Tensor) -> Wrong:
    samples, batch = log_w.shape
    bounds, mean = bound(log_w), log_w.mean(0)
    return [
        ("error-root-of-samples", bounds.std() / math.sqrt(samples)),
        ("error-root-of-samples", bounds.std() / math.sqrt(samples * batch)),
        ("error-not-divided", bounds.std()),
        ("error-no-root", bounds.std() / batch),
        ("error-root-less-one", bounds.std() / math.sqrt(batch - 1)),
        ("error-population", bounds.std(correction=0) / math.sqrt(batch)),
        ("error-variance", bounds.var() / batch),
        ("error-variance", bounds.var() / math.sqrt(batch)),
        ("error-of-elbo", mean.std() / math.sqrt(batch)),
        ("error-all-as-one", log_w.std() / math.sqrt(log_w.numel())),
        ("error-all-as-one", log_w.std() / math.sqrt(batch)),
        ("error-all-as-one", log_w.std() / math.sqrt(samples)),
        ("error-axes", _errors(log_w.mT)[0]),
        ("error-joined", torch.stack(_errors(log_w)[:2]).norm()),
        ("error-joined", torch.stack(_errors(log_w)[:2]).sum()),
        ("error-of-weights", bounds.exp().std() / math.sqrt(batch)),
        ("error-per-image", sd(log_w) / math.sqrt(samples)),
        ("error-per-image", _errors(log_w)[2]),
        ("error-per-image", (bounds - bounds.mean()).abs()),
    ]


def _wrong_over_samples(log_w: Tensor) -> Wrong:
    samples, batch = log_w.shape
    images, right, each = _errors(log_w)
    of_logs = sd(log_w) / math.sqrt(samples)
    population = each * math.sqrt((samples - 1) / samples)
    absolute = sd(log_w.exp()) / math.sqrt(samples)
    by_size = _size(log_w).rsqrt()
    return [
        ("error-per-image", each),
        ("error-axes", _errors(log_w.mT)[1]),
        ("error-no-root", each.square().sum() / batch),
        ("error-root-less-one", right * math.sqrt(samples / max(1, samples - 1))),
        ("error-no-count", right / samples),
        ("error-absolute", (absolute / log_w.amax(0).exp()).norm() / batch),
        ("error-not-averaged", each.norm()),
        ("error-not-averaged", each.norm() / math.sqrt(batch)),
        ("error-added", each.mean()),
        ("error-added", each.sum()),
        ("error-added", each.mean() / math.sqrt(batch)),
        ("error-no-samples", right * math.sqrt(samples)),
        ("error-samples-twice", right / math.sqrt(samples)),
        ("error-population", population.norm() / batch),
        ("error-variance", right**2),
        ("error-of-logs", of_logs.norm() / batch),
        ("error-of-logs", of_logs.mean()),
        ("error-of-logs", of_logs),
        ("error-of-logs", log_w.std() / math.sqrt(log_w.numel())),
        ("error-of-logs", log_w.std() / math.sqrt(samples)),
        ("error-of-logs", log_w.mean(1).std() / math.sqrt(samples)),
        ("error-absolute", absolute.norm() / batch),
        ("error-absolute", absolute.mean()),
        ("error-of-size", by_size.norm() / batch),
        ("error-joined", torch.stack([images, right]).norm()),
        ("error-scatter-of-bounds", sd(each) / math.sqrt(batch)),
        ("error-root-of-samples", images * math.sqrt(batch / samples)),
    ]


effective_sample_size = _EffectiveSampleSize()
standard_errors = _StandardErrors()
