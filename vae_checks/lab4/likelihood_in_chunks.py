"""L_K of weights that are drawn in chunks, in memory that does not grow with their number."""

import math
import operator
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, spread
from vae_checks.lab4.evaluation_slips import not_rescaled
from vae_checks.lab4.importance_bound import bound, expect_stable, wrong_bounds
from vae_checks.lab4.recorded_model import RecordedModel
from vae_checks.lab4.uneven_weights import uneven
from vae_checks.values import expect_exact
from vae_checks.verdict import Mistake, call, describe

_MOST_CALLS = 200  # of log_weights for one image


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
            expect_exact(value, bound(log_w), f"L_K (chunk={size})", wrong, "nats")

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
        """To 1e-10 of the largest for log weights from -12,000 to 900 side by side, in images of
        their own and then in each image, rising."""
        offsets = torch.linspace(-12_000, 900, batch, dtype=torch.float64).expand(samples, batch)
        for levels in (offsets, uneven(samples, batch).sort(0).values):
            value, source = self._estimate(answer, batch, samples, chunk, pixels, levels)
            log_w = source.weights(samples)
            expect_stable(value, log_w, "L_K", _wrong_unions(source, log_w))

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


def _divided_each(sums: Tensor, samples: int) -> Tensor:
    """The sums (B, C) of the chunks joined one by one, and divided by K each time."""
    total = sums[:, 0]
    for each in sums[:, 1:].unbind(1):
        total = torch.logaddexp(total, each) - math.log(samples)
    return total


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
            ("chunk-logs-added", bounds.sum(1)),
            ("chunk-mean-of-logs", sums.mean(1)),
            ("chunk-logs-added", sums.sum(1) - math.log(samples)),
            ("chunk-logs-added", sums.sum(1)),
            ("chunk-divided-each", _divided_each(sums, samples)),
            ("chunk-not-rescaled", not_rescaled(given)),
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


log_likelihood = _LogLikelihood()
