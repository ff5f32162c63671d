"""The importance-weighted bound L_K of log weights, and the same of weights that come in chunks."""

import contextlib
import math
import operator
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, normal, spread
from vae_checks.lab4.recorded_model import RecordedModel
from vae_checks.lab4.uneven_weights import uneven
from vae_checks.values import expect_equal, expect_exact, expect_tensor, gradients
from vae_checks.verdict import Mistake, call, describe

_MOST_CALLS = 200  # of log_weights for one image


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
        truth = _bound(log_w)
        wrong = wrong_bounds(log_w)
        value = self._call(answer, log_w)
        with _floor_named(value, truth):
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
        """To 1e-10 of the largest for log weights near -2,000, -800 and 900 side by side, in images
        of their own and then within each image."""
        offsets = torch.linspace(-2000, 900, batch, dtype=torch.float64)
        for log_w in (1.5 * normal(samples, batch) + offsets, uneven(samples, batch)):
            _expect_stable(self._call(answer, log_w), log_w, "L_K")

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


class _LogLikelihood(Exercise):
    name, section = "log_likelihood", "1.3"

    @idea(
        "L_K of all the weights that were drawn, however they were divided",
        also=[
            {"batch": 4, "samples": 4, "chunk": 2, "pixels": 4},
            {"batch": 1, "samples": 5, "chunk": 2, "pixels": 1},
        ],
    )
    def value(
        self, answer: Any, *, batch: int = 3, samples: int = 11, chunk: int = 4, pixels: int = 7
    ) -> None:
        """To 1e-10 for whatever weights came, in chunks that leave a rest, all at once, one by one.

        Every image has exactly `samples` weights.
        """
        for size in (chunk, samples, 1, samples + 3):
            value, source = self._estimate(answer, batch, samples, size, pixels)
            log_w = source.weights(samples)
            wrong = _wrong_unions(source, log_w)
            expect_exact(value, _bound(log_w), f"L_K (chunk={size})", wrong, "nats")

    @idea(
        "never more than `chunk` samples at a time",
        also=[{"batch": 1, "samples": 4, "chunk": 2, "pixels": 1}],
    )
    def memory(
        self, answer: Any, *, batch: int = 3, samples: int = 11, chunk: int = 4, pixels: int = 7
    ) -> None:
        """As few calls of log_weights as the chunks allow, none of them of more samples."""
        for size in (chunk, samples + 3, 1):
            _, source = self._estimate(answer, batch, samples, size, pixels)
            source.weights(samples)
            most, calls = source.most(), source.calls()
            if most > min(size, samples):
                seen = f"log_weights was asked for {most} samples at once, chunk is {size}."
                raise Mistake("chunk-ignored", seen)
            if calls > -(-samples // size):
                seen = f"{samples} samples in chunks of {size} took {calls} calls of log_weights."
                raise Mistake("chunk-too-small", seen)

    @idea(
        "finite and right where the weights underflow or overflow",
        also=[{"batch": 1, "samples": 5, "chunk": 2, "pixels": 1}],
    )
    def stable(
        self, answer: Any, *, batch: int = 3, samples: int = 11, chunk: int = 4, pixels: int = 7
    ) -> None:
        """To 1e-10 of the largest for log weights near -2,000 to 900 side by side, in images of
        their own and then in each image, rising."""
        offsets = torch.linspace(-2000, 900, batch, dtype=torch.float64).expand(samples, batch)
        for levels in (offsets, uneven(samples, batch).sort(0).values):
            value, source = self._estimate(answer, batch, samples, chunk, pixels, levels)
            log_w = source.weights(samples)
            _expect_stable(value, log_w, "L_K", _wrong_unions(source, log_w))

    def _estimate(
        self,
        answer: Any,
        batch: int,
        samples: int,
        chunk: int,
        pixels: int,
        levels: Tensor | None = None,
    ) -> tuple[Any, "_Source"]:
        x, mu = spread(batch, pixels), spread(batch, 2)
        model = RecordedModel(x, mu, mu / 2, lambda x, z: x.sum(-1) + z.sum(-1))
        source = _Source(x, torch.zeros(1, batch).double() if levels is None else levels)
        arguments: dict[str, Any] = {"model": model, "x": x, "log_weights": source}
        arguments |= {"num_samples": samples, "chunk": chunk}
        return call(self.name, answer, arguments), source


class _Source:
    """log_weights(model, x, num_samples) for answers: any numbers, remembered for each image."""

    def __init__(self, x: Tensor, levels: Tensor) -> None:
        self._x, self._levels = x, levels  # near which level the k-th weight of an image lies
        self._generator = fresh_generator()
        self.given: list[list[Tensor]] = [[] for _ in x]

    def __call__(self, model: Any, x: Any, num_samples: Any) -> Tensor:
        """(num_samples, N) for images x (N, P)."""
        if not torch.is_tensor(x) or x.ndim != 2 or x.shape[1] != self._x.shape[1]:
            seen = f"log_weights was given {describe(x)} for x, it takes (N, {self._x.shape[1]})."
            raise Mistake("weights-arguments", seen)
        try:
            count = operator.index(num_samples)
        except TypeError:
            seen = f"log_weights was given {describe(num_samples)} for num_samples."
            raise Mistake("weights-arguments", seen) from None
        if count < 1:
            raise Mistake("chunk-empty", f"log_weights was asked for {count} samples.")
        same = (x[:, None] == self._x.to(x.dtype)).all(-1)  # (N, B)
        if not same.any(-1).all():
            seen = "log_weights was given an x that is not a row of the argument x."
            raise Mistake("weights-arguments", seen)
        images = same.double().argmax(-1)
        shape, dtype = (count, len(x)), torch.float64
        log_w = 1.5 * torch.randn(shape, generator=self._generator, dtype=dtype)
        for place, image in enumerate(images.tolist()):
            drawn = sum(map(len, self.given[image]))
            turn = (drawn + torch.arange(count)) % len(self._levels)
            log_w[:, place] += self._levels[turn, image]
        for column, image in zip(log_w.T, images.tolist(), strict=True):
            self.given[image].append(column.clone())
            if len(self.given[image]) > _MOST_CALLS:
                seen = f"log_weights was called {_MOST_CALLS} times and more, there is no end."
                raise Mistake("callable-count", seen)
        return log_w

    def weights(self, samples: int) -> Tensor:
        """All log weights, (samples, B). Raises Mistake unless there are as many for each image."""
        if not any(self.given):
            raise Mistake("callable-not-called", "log_weights was never called.")
        for image, parts in enumerate(self.given):
            count = sum(map(len, parts))
            if count != samples:
                seen = f"{count} weights were drawn for image {image}, num_samples is {samples}."
                raise Mistake("callable-count", seen)
        return torch.stack([torch.cat(parts) for parts in self.given], dim=1)

    def most(self) -> int:
        """The most samples of an image in one call."""
        return max(len(part) for parts in self.given for part in parts)

    def calls(self) -> int:
        """The most calls that an image had."""
        return max(map(len, self.given))


def _bound(log_w: Tensor) -> Tensor:
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


def _expect_stable(
    value: Any, log_w: Tensor, what: str, wrong: list[tuple[str, Tensor]] | None = None
) -> None:
    truth = _bound(log_w)
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
            raise Mistake("density-underflow", seen)
    expect_exact(value, truth, what, wrong, "nats")


def wrong_bounds(log_w: Tensor) -> list[tuple[str, Tensor]]:
    """Wrong values for L_K of log_w (K, B)."""
    samples, batch = log_w.shape
    whole, truth = log_w.logsumexp(0), _bound(log_w)
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


def _wrong_unions(source: _Source, log_w: Tensor) -> list[tuple[str, Tensor]]:
    """Wrong ways to join the chunks, then wrong bounds of all weights."""
    given, samples = source.given, len(log_w)
    if len({tuple(map(len, parts)) for parts in given}) != 1:
        return wrong_bounds(log_w)
    sizes = list(map(len, given[0]))
    sums = torch.stack([torch.stack([part.logsumexp(0) for part in parts]) for parts in given])
    counts = torch.tensor(sizes, dtype=torch.float64)
    bounds = sums - counts.log()  # (B, C): L of each chunk
    number, first = len(sizes), sizes[0]
    wrong = []
    if number > 1:
        wrong = [
            ("chunk-mean-of-logs", bounds.mean(1)),
            ("chunk-mean-of-logs", (bounds * counts).sum(1) / samples),
            ("chunk-mean-of-logs", bounds.sum(1)),
            ("chunk-mean-of-logs", sums.mean(1)),
            ("chunk-mean-of-logs", sums.sum(1) - math.log(samples)),
            ("chunk-not-weighted", bounds.logsumexp(1) - math.log(number)),
            ("chunk-not-weighted", sums.logsumexp(1) - math.log(number)),
            ("chunk-not-weighted", bounds.logsumexp(1) - math.log(samples)),
            ("chunk-not-weighted", bounds.logsumexp(1)),
            ("chunk-count", sums.logsumexp(1) - math.log(first)),
            ("chunk-count", sums.logsumexp(1) - math.log(number * first)),
            ("chunk-best-only", bounds.amax(1)),
            ("chunk-best-only", sums.amax(1) - math.log(samples)),
            ("chunk-last-only", bounds[:, -1]),
            ("chunk-last-only", bounds[:, 0]),
            ("chunk-last-only", sums[:, -1] - math.log(samples)),
            ("chunk-last-only", sums[:, 0] - math.log(samples)),
            ("chunk-last-only", sums[:, :-1].logsumexp(1) - math.log(samples)),
        ]
    return [*wrong, *wrong_bounds(log_w)]


iw_bound = _IwBound()
log_likelihood = _LogLikelihood()
