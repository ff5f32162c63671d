"""Two ways to keep a model from spending nothing on its code: a warm-up, and free nats."""

import itertools
import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import shuffled, spread
from vae_checks.values import (
    close,
    expect_equal,
    expect_exact,
    expect_number,
    expect_tensor,
    gradients,
)
from vae_checks.verdict import Mistake, call


class _KLWeight(Exercise):
    name, section = "kl_weight", "4.2"

    @idea("it rises from 0 in equal steps", also=[{"warmup": 1}])
    def rises(self, answer: Any, *, warmup: int = 7) -> None:
        """step / warmup_steps before the end, for three lengths, in an order of chance."""
        asked = [
            (step, length)
            for length in (warmup, 10 * warmup, 1000 * warmup + 1)
            for step in (0, 1, length // 3, length // 2 + 1, length - 1)
            if step < length
        ]
        found = {}
        for place in shuffled(len(asked)):
            step, length = asked[place]
            found[step, length] = self._call(answer, step, length)
        wrong = [key for key in asked if abs(found[key] - key[0] / key[1]) > 1e-9]
        if wrong:
            worst = max(wrong, key=lambda key: abs(found[key] - key[0] / key[1]))
            seen = _told(found, worst)
            if abs(self._call(answer, *worst) - found[worst]) > 1e-9:
                raise Mistake("kept-between-calls", f"{seen} The next call gives another weight.")
            raise Mistake(_wrong_rise(found), seen)

    @idea("it reaches 1 at the end, and stays there", also=[{"warmup": 1}])
    def stays(self, answer: Any, *, warmup: int = 7) -> None:
        """1 at warmup_steps and from there on; 1 at every step where there is no warm-up."""
        for length in (warmup, 10 * warmup):
            later = (length, length + 1, length + 2, 2 * length, 3 * length + 1, 1000 * length)
            found = {(step, length): self._call(answer, step, length) for step in later}
            for key in found:
                if abs(found[key] - 1) > 1e-9:
                    raise Mistake(_wrong_end(found, length), _told(found, key, 1.0))
        for step in (3, 0, 1):
            try:
                weight = self._call(answer, step, 0)
            except Mistake as mistake:
                if "ZeroDivisionError" in mistake.seen or mistake.slug == "nan":
                    raise Mistake("weight-no-warmup", mistake.seen) from None
                raise
            if abs(weight - 1) > 1e-9:
                seen = f"kl_weight({step}, 0) is {weight:.6g}, it should be 1."
                raise Mistake("weight-no-warmup", seen)

    def _call(self, answer: Any, step: int, warmup: int) -> float:
        value = call(self.name, answer, {"step": step, "warmup_steps": warmup})
        return expect_number(value, f"kl_weight({step}, {warmup})")


def _told(found: dict[tuple[int, int], float], key: tuple[int, int], truth: Any = None) -> str:
    step, length = key
    wanted = step / length if truth is None else truth
    return f"kl_weight({step}, {length}) is {found[key]:.9g}, it should be {wanted:.9g}."


def _wrong_rise(found: dict[tuple[int, int], float]) -> str:
    """The slug that explains all weights during the warm-up."""

    def are(formula: Any, tolerance: float = 1e-7) -> bool:
        return all(
            math.isclose(weight, formula(step, length), abs_tol=tolerance)
            for (step, length), weight in found.items()
        )

    formulas = [
        ("weight-one-step-early", lambda s, w: (s + 1) / w),
        ("weight-one-step-early", lambda s, w: min(1, (s + 1) / w)),
        ("weight-one-step-early", lambda s, w: (s + 1) / (w + 1)),
        ("weight-one-step-early", lambda s, w: s / max(1, w - 1)),
        ("weight-one-step-early", lambda s, w: min(1, s / max(1, w - 1))),
        ("weight-one-step-late", lambda s, w: s / (w + 1)),
        ("weight-one-step-late", lambda s, w: max(0, s - 1) / w),
        ("weight-from-one", lambda s, w: 1 - s / w),
        ("weight-constant", lambda s, w: 1.0),
        ("weight-zero", lambda s, w: 0.0),
        ("weight-in-steps", lambda s, w: s),
        ("weight-in-steps", lambda s, w: 100 * s / w),
        ("weight-in-steps", lambda s, w: min(s, w)),
        ("weight-switched", lambda s, w: float(s / w > 0)),
        ("weight-switched", lambda s, w: float(s / w >= 0.5)),
        ("weight-switched", lambda s, w: float(round(s / w))),
    ]
    slug = next((slug for slug, formula in formulas if are(formula)), None)
    if slug is not None:
        return slug
    if all(abs(weight - step / length) < 0.011 for (step, length), weight in found.items()):
        return "weight-nearly"
    if max(found.values()) > 1 + 1e-9:
        return "weight-above-one"
    rising = sorted(found, key=lambda key: key[0] / key[1])
    weights = [found[key] for key in rising]
    lengths = {key[1] for key in rising}
    fixed = {w / step for (step, _), w in found.items() if step and w < 1}
    if len(lengths) > 1 and fixed and max(fixed) - min(fixed) < 1e-9 * max(fixed):
        return "weight-hard-coded"
    if min(weights) < 0:
        return "weight-negative"
    rises = all(b >= a - 1e-9 for a, b in itertools.pairwise(weights))
    if rises and weights[-1] > 0.9 and weights[0] > -1e-9:
        return "weight-switched" if set(weights) <= {0.0, 1.0} else "weight-not-linear"
    right = [step / length for step, length in rising]
    low = sum(w < wanted - 1e-9 for w, wanted in zip(weights, right, strict=True))
    high = sum(w > wanted + 1e-9 for w, wanted in zip(weights, right, strict=True))
    return "weight-too-low" if low >= high else "weight-too-high"


def _wrong_end(found: dict[tuple[int, int], float], length: int) -> str:
    """The slug that explains the weights from the end of the warm-up on."""
    after = [found[key] for key in sorted(found)]
    last = found[length, length]
    if min(after) < -1e-9:
        return "weight-negative"
    if max(after) > 1 + 1e-9:
        big = all(math.isclose(w, length) for w in after)
        return "weight-in-steps" if big else "weight-above-one"
    if abs(last - 1) < 1e-9:
        again = abs(found[3 * length + 1, length] - 1 / length) < 1e-9
        return "weight-starts-again" if again else "weight-falls-again"
    if last == 0 and found[length + 1, length] > 0:
        return "weight-starts-again"
    late = any(abs(w - 1) < 1e-9 for w in after)
    if late:
        return "weight-one-step-late"
    return "weight-falls-again" if after[-1] < last - 1e-9 else "weight-never-one"


class _FreeBits(Exercise):
    name, section = "free_bits", "4.2"

    @idea(
        "the sum over dimensions of the larger of floor and mean KL",
        also=[
            {"batch": 4, "latent": 4},
            {"batch": 1, "latent": 4},
            {"batch": 4, "latent": 1},
            {"batch": 1, "latent": 1},
        ],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 7) -> None:
        """Some dimensions are below the floor, some above, with images on the other side."""
        for floor in (1.0, 0.75):  # in float32, too
            for dtype in (torch.float64, torch.float32):
                kl = _kl(batch, latent, floor).to(dtype)
                self._expect(answer, kl, floor)

    @idea(
        "the floor of every dimension below, the KL itself without a floor",
        also=[{"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}],
    )
    def limits(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """D * floor where all are below; the mean KL where all are above, or the floor is 0."""
        kl = spread(batch, latent, low=0.1, high=0.4).abs()
        self._expect(answer, kl, 0.5)
        for floor, scale in ((0.05, 1.0), (0.0, 1.0), (0.5, 1e4)):
            self._expect(answer, scale * kl, floor)
        self._expect(answer, 0 * kl, 0.0)

    @idea(
        "below the floor no gradient, above it that of the mean KL",
        also=[{"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}],
    )
    def gradient(self, answer: Any, *, batch: int = 3, latent: int = 7) -> None:
        """1 / B for every image where the mean is above, 0 where it is below."""
        floor = 0.8
        kl = _kl(batch, latent, floor)
        above = kl.mean(0) > floor
        truth = (above / batch).double().expand(batch, -1)
        kl.requires_grad_()
        value = self._call(answer, kl, floor)
        value = expect_tensor(value, (), "free_bits", _wrong_free(kl.detach(), floor))
        gradient = gradients(value, {"kl": kl})["kl"]
        if close(gradient, truth):
            return
        self._expect(answer, kl.detach(), floor)  # a wrong formula is better named by its value
        if close(gradient, batch * truth):
            raise Mistake("free-bits-batch-sum", "The gradient is that of a sum over images.")
        pulled = (gradient[:, ~above].abs() > 1e-9).any()
        off = (gradient - truth).abs().sum(0)
        place = int(torch.where(above, 0, off).argmax() if pulled else off.argmax())
        mean = kl[:, place].mean().item()
        image = int((gradient - truth)[:, place].abs().argmax())
        got, wanted = gradient[image, place].item(), truth[image, place].item()
        seen = f"Where the mean KL is {mean:.3g} and the floor {floor}, the derivative by an"
        seen += f" image's kl is {got:.3g}, it should be {wanted:.3g}."
        if not gradient.any():
            raise Mistake("detached", seen)
        if pulled:
            raise Mistake("free-bits-pulls-below", seen)
        raise Mistake("free-bits-cut-above", seen)

    def _expect(self, answer: Any, kl: Tensor, floor: float) -> None:
        value = self._call(answer, kl, floor)
        truth = _truth(kl.double(), floor)
        wrong = [each for each in _wrong_free(kl.double(), floor) if not close(each[1], truth)]
        try:
            check = expect_exact if kl.dtype == torch.float64 else expect_equal
            check(value, truth, "free_bits", wrong, "nats")
        except Mistake as mistake:
            if mistake.slug not in {slug for slug, _ in wrong}:
                raise
            raise Mistake(self._slug(answer, mistake.slug, kl, floor), mistake.seen) from None

    def _call(self, answer: Any, kl: Tensor, floor: float) -> Any:
        value = call(self.name, answer, {"kl": kl, "floor": floor})
        if type(value) not in (int, float):
            return value
        if (kl.mean(0) > floor).any():
            raise Mistake("number-not-tensor", f"free_bits returned the number {value:.4g}.")
        return torch.tensor(float(value), dtype=torch.float64)  # there is no gradient to lose

    def _slug(self, answer: Any, first: str, kl: Tensor, floor: float) -> str:
        """The wrong formula that gives the answer's values here and for four more batches.

        On one batch several of them agree. None does: `first`, but where an axis has size 1.
        """
        asked = [(kl.double(), floor)] if len(kl) > 1 else []
        for rows in (
            [[2.0, 0.01, 0.01]] * 2,
            [[0.01, 0.01, 0.02]] * 2,
            [[0.03] * 3, [1.0] * 3],
            [[2.0, 2.0, 0.2]] * 2,
        ):
            asked.append((1.3 * torch.tensor(rows, dtype=torch.float64), 1.3))
        found = [call(self.name, answer, {"kl": each, "floor": at}) for each, at in asked]
        if not all(torch.is_tensor(value) for value in found):
            return first
        for candidates in zip(*(_wrong_free(each, at) for each, at in asked), strict=True):
            if all(close(v, wrong) for v, (_, wrong) in zip(found, candidates, strict=True)):
                return candidates[0][0]
        return "sizes-guessed" if 1 in kl.shape else first  # and right for others


def _kl(batch: int, latent: int, floor: float) -> Tensor:
    """kl (B, D): in turn a mean above and below the floor, with an image on the other side."""
    kl = floor * spread(batch, latent, low=0.1, high=0.5).abs()
    kl[:, ::2] += floor * 1.1
    if batch > 1:
        kl[0, ::2] *= 0.3  # an image below, in dimensions whose mean is above
        kl[1:, ::2] += floor * 1.5
        kl[0, 1::2] = floor * (1 + 0.1 * spread(len(kl[0, 1::2])).abs())  # and the reverse
        kl[1:, 1::2] *= 0.5
    order = shuffled(latent)
    return kl[:, order]


def _truth(kl: Tensor, floor: float) -> Tensor:
    means = kl.mean(0)
    return torch.where(means > floor, means, torch.full_like(means, floor)).sum()


def _wrong_free(kl: Tensor, floor: float) -> list[tuple[str, Tensor]]:
    batch, latent = kl.shape
    means, low = kl.mean(0), torch.full_like(kl.mean(0), floor)
    truth, total = torch.maximum(means, low), kl.sum(1)
    gate = means > floor
    wrong = [
        ("free-bits-not-summed", truth),
        ("free-bits-not-summed", kl.clamp(min=floor)),
        ("free-bits-mean-latent", truth.mean()),
        ("free-bits-of-total", means.sum().clamp(min=floor)),
        ("free-bits-of-total", means.sum().clamp(min=floor * latent)),
        ("free-bits-of-image-total", total.clamp(min=floor).mean()),
        ("free-bits-of-image-total", total.clamp(min=floor * latent).mean()),
        ("free-bits-of-image-total", total.clamp(min=floor)),
        ("free-bits-axes", kl.mean(1).clamp(min=floor).sum()),
        ("free-bits-ceiling", means.clamp(max=floor).sum()),
        ("free-bits-excess", (means - floor).clamp(min=0).sum()),
        ("free-bits-excess", (means - floor).sum()),
        ("free-bits-excess", (kl - floor).clamp(min=0).mean(0).sum()),
        ("free-bits-distance", (means - floor).abs().sum()),
        ("free-bits-distance", ((means - floor) ** 2).sum()),
        ("free-bits-dropped", (means * gate).sum()),
        ("free-bits-dropped", (kl * (kl > floor)).mean(0).sum()),
        ("free-bits-added", (means + floor).sum()),
        ("free-bits-added", means.sum() + floor),
        ("free-bits-ignored", means.sum()),
        ("free-bits-batch-sum", kl.sum(0).clamp(min=floor).sum()),
        ("free-bits-batch-sum", batch * truth.sum()),
        ("free-bits-floor-shared", means.clamp(min=floor / latent).sum()),
        ("free-bits-floor-shared", means.clamp(min=floor / batch).sum()),
        ("free-bits-floor-times", means.clamp(min=floor * latent).sum()),
        ("free-bits-floor-times", means.clamp(min=floor * batch).sum()),
        ("free-bits-smooth", torch.logaddexp(means, low).sum()),
        ("free-bits-smooth", (floor + torch.nn.functional.softplus(means - floor)).sum()),
        ("free-bits-floor-only", low.sum()),
        ("free-bits-floor-only", low.sum() / latent),
        ("free-bits-mean-latent", means.mean().clamp(min=floor)),
        ("free-bits-mean-latent", means.mean().clamp(min=floor) * latent),
        *(("free-bits-floor-fixed", means.clamp(min=by).sum()) for by in (1, 0.5, 0.1, 2)),
        *(("value-cut", truth.sum().clamp(max=by)) for by in (1, 3, 5, 10, 30, 100)),
        *(("value-cut", truth.clamp(max=by).sum()) for by in (1, 3, 5, 10, 30, 100)),
        *(("value-cut", kl.clamp(max=by).mean(0).clamp(min=floor).sum()) for by in (1, 3, 10)),
        ("value-nearly", truth.sum() + 1e-6),
        ("value-nearly", truth.sum().clamp(min=1e-6)),
    ]
    if batch > 1:
        wrong += [
            ("free-bits-other-mean", kl.median(0).values.clamp(min=floor).sum()),
            ("free-bits-other-mean", (kl.sum(0) / (batch - 1)).clamp(min=floor).sum()),
            ("free-bits-by-image", kl.clamp(min=floor).mean(0).sum()),
            ("free-bits-by-image", kl.clamp(min=floor).sum()),
            ("free-bits-by-image", kl.clamp(min=floor).sum(1)),
            ("free-bits-by-image", kl.clamp(min=floor).mean()),
            ("rate-of-one-image", kl[0].clamp(min=floor).sum()),
            ("rate-of-one-image", kl[-1].clamp(min=floor).sum()),
            ("free-bits-of-image-total", kl.mean(1).clamp(min=floor).sum()),
            ("free-bits-of-image-total", kl.mean(1).clamp(min=floor).mean()),
        ]
    return wrong


kl_weight = _KLWeight()
free_bits = _FreeBits()
