"""How many codes are in use: exp(-sum_j p_j log p_j), p_j the share of code j."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, shuffled
from vae_checks.values import expect_equal, expect_tensor, unless_right
from vae_checks.verdict import Mistake, call


class _Perplexity(Exercise):
    name, section = "perplexity", "4.2"

    @idea(
        "1 for a single code, J for J that are used alike, and in between by the entropy",
        also=[{"rows": 7, "places": 7, "codes": 7}, {"rows": 1, "places": 1, "codes": 1}],
    )
    def value(self, answer: Any, *, rows: int = 61, places: int = 3, codes: int = 11) -> None:
        """exp(-sum p log p), to 1e-5, of indices (N,), (B, n) and (B, n, 2) with codes in between
        that do not occur; J alike; one alone, 0 or another."""
        order = torch.tensor(shuffled(codes)) * 2 + 1  # every second number does not occur
        even = order.repeat(rows)
        for indices in (self._uneven(rows, order), self._uneven(rows * places, order),
                        self._uneven(rows * places * 2, order), even):  # fmt: skip
            shapes = {rows * places: (rows, places), 2 * rows * places: (rows, places, 2)}
            self._expect(answer, indices.view(shapes.get(len(indices), (-1,))))
        for only in (0, 5):
            self._expect(answer, torch.full((rows, places), only))

    def _uneven(self, number: int, order: Tensor) -> Tensor:
        """Codes of very different shares, some of which may be missing."""
        weights = torch.linspace(0, 3, len(order)).exp()
        drawn = torch.multinomial(weights, number, replacement=True, generator=fresh_generator())
        return order[drawn]

    def _expect(self, answer: Any, indices: Tensor) -> None:
        value = call(self.name, answer, {"indices": indices})
        if isinstance(value, float | int) and not isinstance(value, bool):
            value = torch.tensor(float(value))
        truth, wrong = _entropy(indices).exp(), _wrong_perplexities(indices)
        if torch.is_tensor(value) and value.is_floating_point() and bool(value.isnan().any()):
            raise Mistake("perplexity-zero", f"For {indices.numel()} indices it is nan.")
        value = expect_tensor(value, (), "the perplexity", wrong)
        wrong = unless_right(wrong, truth)
        digits = 1e-5 if truth > 1 else 5e-7  # exp(0) is exact
        if not math.isclose(value.item(), truth.item(), rel_tol=digits):
            expect_equal(value.float(), truth, "the perplexity", wrong)
            seen = f"The perplexity is {value.item():.7g}, it should be {truth.item():.7g}."
            raise Mistake("value-nearly", seen)


def _entropy(indices: Tensor) -> Tensor:
    """Of the shares of all codes, in nats; float64."""
    counts = torch.bincount(indices.flatten()).double()
    return torch.special.entr(counts / counts.sum()).sum()


def _of(counts: Tensor) -> Tensor:
    """The perplexity of counts (J,)."""
    return torch.special.entr(counts / counts.sum()).sum().exp()


def _changed(counts: Tensor) -> list[Tensor]:
    """Counts that something was done to."""
    most = [counts.clamp(max=bound) for bound in (1, 3, 5, 10)]
    return [*most, counts.sqrt(), counts.square(), counts.softmax(0), counts.sigmoid()]


def _wrong_perplexities(indices: Tensor) -> list[tuple[str, Tensor]]:
    counts = torch.bincount(indices.flatten()).double()
    shares, entropy = counts / counts.sum(), _entropy(indices)
    used, log2 = (counts > 0).sum().double(), math.log(2)
    wrong = [
        ("perplexity-entropy", entropy),
        ("perplexity-entropy", entropy / log2),
        ("perplexity-base", (entropy / log2).exp()),
        ("perplexity-base", (entropy * log2).exp()),
        ("perplexity-inverse", (-entropy).exp()),
        ("perplexity-used", used),
        ("perplexity-simpson", 1 / shares.square().sum()),
        ("perplexity-share", entropy.exp() / len(counts)),
        ("perplexity-share", entropy.exp() / used),
        ("perplexity-mean", (entropy / len(counts)).exp()),
        ("perplexity-mean", (entropy / used).exp()),
        ("perplexity-most", 1 / shares.max()),
        ("perplexity-entropy", entropy.square()),
        *(("perplexity-other-counts", _of(change)) for change in _changed(counts)),
        ("perplexity-not-shares", (-torch.special.xlogy(counts, counts).sum()).exp()),
    ]
    if indices.ndim > 1:
        flat = indices.flatten(1)
        each = torch.stack([_entropy(row).exp() for row in flat])
        wrong += [("perplexity-per-image", each), ("perplexity-per-image", each.mean())]
        columns = torch.stack([_entropy(column).exp() for column in flat.mT])
        wrong += [("perplexity-per-image", columns), ("perplexity-per-image", columns.mean())]
    return wrong


perplexity = _Perplexity()
