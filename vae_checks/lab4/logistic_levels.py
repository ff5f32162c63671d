"""The logistic distribution cut into levels: its probabilities from the smaller of two tails."""

import math
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, spread
from vae_checks.lab4.returned import expect_kind
from vae_checks.misread import arguments_named
from vae_checks.values import Candidates, close, expect_equal, expect_single, gradients, not_finite
from vae_checks.verdict import Mistake, call


class _DiscretizedLogistic(Exercise):
    name, section = "discretized_logistic_log_prob", "5.3"

    @idea(
        "between the ends: what the logistic distribution has between two borders",
        also=[{"batch": 4, "pixels": 4}, {"batch": 1, "pixels": 2}],
    )
    def inside(self, answer: Any, *, batch: int = 3, pixels: int = 7) -> None:
        """Equal to log(F(x + h) - F(x - h)) for levels 1 to 254, one number a pixel.

        Scales down to 0.011, less than three levels, where density times width is wrong by 0.005.
        The second time with one log_scale for each pixel, (P,), which all images share.
        """
        for shared in (False, True):
            x, mean, log_scale = _near(batch, pixels, 256, shared=shared, log_scales=(1.0, 4.5))
            self._expect(answer, x, mean, log_scale, 256, "log P")

    @idea("the ends take the tails: the levels' probabilities add up to 1")
    def ends(self, answer: Any, *, pixels: int = 5) -> None:
        """Values at levels 0 and 255, and the sum over all 256 levels, 1 to 1e-10."""
        _, mean, log_scale = _near(1, pixels, 256)
        mean = mean.clamp(-0.3, 1.3)
        log_scale[0, 1] = 0.7  # so wide that a bin holds less than exp(-5)
        x = torch.tensor([[0.0], [1.0]], dtype=torch.float64).expand(2, pixels).contiguous()
        mean, log_scale = mean.expand(2, -1).contiguous(), log_scale.expand(2, -1).contiguous()
        self._expect(answer, x, mean, log_scale, 256, "log P (ends)")
        levels = torch.arange(256, dtype=torch.float64) / 255
        x = levels[:, None].expand(-1, pixels).contiguous()
        mean, log_scale = (each[:1].expand(256, -1).contiguous() for each in (mean, log_scale))
        result = call(self.name, answer, {"x": x, "mean": mean, "log_scale": log_scale})
        expect_kind(result, (256, pixels), "log P")
        total = result.detach().double().exp().sum(0)
        off = (total - 1).abs().max().item()
        if not off < 1e-10:
            seen = f"The probabilities of all levels add up to {total[0]:.10g}, not to 1."
            raise Mistake("dl-not-one", seen)

    @idea("for any number of levels", also=[{"batch": 1, "pixels": 1, "levels": 3}])
    def levels(self, answer: Any, *, batch: int = 3, pixels: int = 7, levels: int = 16) -> None:
        """Equal to the truth for 16, 5, 2 and 4,096 levels, ends included."""
        for number in (levels, 5, 2, 4096):
            x, mean, log_scale = _near(batch, pixels, number, ends=True)
            self._expect(answer, x, mean, log_scale, number, f"log P ({number} levels)")

    @idea(
        "finite and right far from the mean, the gradient included",
        also=[{"batch": 4, "pixels": 4}, {"batch": 1, "pixels": 2}],
    )
    def far(self, answer: Any, *, batch: int = 3, pixels: int = 7) -> None:
        """Values of -20 to -60 nats, then of -7,000; float64 and float32; ends, inside; gradients.

        There the difference of two sigmoids is 0 or has lost its digits.
        """
        for dtype in (torch.float64, torch.float32):
            for away in ((25.0, 60.0), (6000.0, 7000.0)):
                # Narrower still in float64: float32 has no digits left there for x - mean.
                narrow = 9.0 if dtype == torch.float64 else 6.0
                x, mean, log_scale = (each.to(dtype) for each in _far(batch, pixels, away, narrow))
                mean, log_scale = mean.requires_grad_(), log_scale.requires_grad_()
                arguments = {"x": x, "mean": mean, "log_scale": log_scale}
                result = call(self.name, answer, arguments)
                result = expect_kind(result, (batch, pixels), "log P")
                plain = [each.detach().double() for each in (x, mean, log_scale)]
                truth = true_log_prob(plain[0], plain[1], plain[2], 256)
                self._name_far(result, truth, plain)
                expect_single(result, "log P (far from the mean)")
                expect_equal(result, truth, "log P (far from the mean)", unit="nats")
                self._expect_gradients(result, arguments, plain)

    def _expect_gradients(
        self, result: Tensor, arguments: dict[str, Tensor], plain: list[Tensor]
    ) -> None:
        found = gradients(result, {key: arguments[key] for key in ("mean", "log_scale")})
        x, mean, log_scale = plain
        mean, log_scale = mean.requires_grad_(), log_scale.requires_grad_()
        truth = true_log_prob(x, mean, log_scale, 256)
        right = torch.autograd.grad(truth.sum(), [mean, log_scale])
        for (key, slope), expected in zip(found.items(), right, strict=True):
            if not slope.isfinite().all():
                seen = f"d log P / d {key} contains {not_finite(slope)} far from the mean."
                raise Mistake("dl-gradient-nan", seen)
            if not slope.any():
                raise Mistake("detached", f"The gradient with respect to {key} is 0.")
            if not close(slope, expected):
                seen = f"log P is right, its derivative by {key} is {_largest(slope):.4g}"
                seen += f" where it should be {_largest(expected):.4g}."
                raise Mistake("value-right-gradient-wrong", seen)

    def _name_far(self, result: Tensor, truth: Tensor, plain: list[Tensor]) -> None:
        found = result.detach().double()
        bad = ~found.isfinite()
        if bad.any():
            seen = f"Where log P is {truth[bad][0]:.5g} the result is {not_finite(result)}."
            raise Mistake("dl-underflow", seen)
        if close(result.detach(), truth):
            return
        place = int((found - truth).abs().argmax())
        got, wanted = found.flatten()[place].item(), truth.flatten()[place].item()
        seen = f"Where log P should be {wanted:.6g} nats it is {got:.6g}."
        x, mean, log_scale = plain
        for slug, value in _guarded(x, mean, log_scale, result.dtype):
            if close(result.detach(), value):
                raise Mistake(slug, seen)
        middle = _log_density(x, mean, log_scale) - math.log(255)
        ways = [(found - way).abs() < 1e-4 * way.abs() for way in (middle, truth)]
        if (ways[0] | ways[1])[(x > 0) & (x < 1)].all():  # right where the difference has digits
            raise Mistake("dl-midpoint", seen)
        # Right where the difference has digits, and the same number wherever it has none.
        is_least = (found - found.min()).abs() < 1e-6
        rest = (found - truth)[~is_least]
        if is_least.sum() > 1 and (rest.abs() < 0.5).all():
            raise Mistake("dl-floor", seen)
        off = (found - truth).abs()
        if off.max() < 0.5:
            raise Mistake("dl-midpoint", seen)

    def _expect(
        self, answer: Any, x: Tensor, mean: Tensor, log_scale: Tensor, levels: int, what: str
    ) -> None:
        arguments = {"x": x, "mean": mean, "log_scale": log_scale}
        keywords: dict[str, Any] = {} if levels == 256 else {"levels": levels}
        result = call(self.name, answer, arguments, **keywords)
        truth = true_log_prob(x, mean, log_scale, levels)
        wrong = _wrong(x, mean, log_scale, levels)
        expect_kind(result, tuple(x.shape), what, wrong)
        expect_single(result, what)
        if not result.detach().isfinite().all():
            swapped = bool(result.detach().isnan().all())
            seen = f"{what} contains {not_finite(result)}, a few scales from the mean."
            raise Mistake("dl-borders-swapped" if swapped else "nan", seen)
        given = {**arguments, "levels": float(levels)}
        with arguments_named(result, true_log_prob, given):
            expect_equal(result, truth, what, wrong, "nats")


def true_log_prob(x: Tensor, mean: Tensor, log_scale: Tensor, levels: float) -> Tensor:
    """log P of each level in float64, from the tail that has the digits."""
    half = 0.5 / (levels - 1)
    scale = log_scale.exp()
    above, below = (x + half - mean) / scale, (x - half - mean) / scale
    # Above the mean the distribution is mirrored: F(a) - F(b) = F(-b) - F(-a).
    mirrored = above + below > 0
    high = torch.where(mirrored, -below, above)
    low = torch.where(mirrored, -above, below)
    ratio = F.logsigmoid(low) - F.logsigmoid(high)
    inside = F.logsigmoid(high) + torch.log(-torch.expm1(ratio))
    bottom, top = x < half, x > 1 - half
    ends = torch.where(bottom, F.logsigmoid(above), F.logsigmoid(-below))
    return torch.where(bottom | top, ends, inside)


def _brought_to_pm1(x: Tensor, mean: Tensor, log_scale: Tensor, levels: int) -> Tensor:
    """The same with x brought to [-1, 1], as PixelCNN++ has its pixels, and all else left alone."""
    half, scale = 1 / (levels - 1), log_scale.exp()
    above, below = (2 * x - 1 + half - mean) / scale, (2 * x - 1 - half - mean) / scale
    inside = _between(above, below)
    inside = torch.where(x < half / 2, F.logsigmoid(above), inside)
    return torch.where(x > 1 - half / 2, F.logsigmoid(-below), inside)


def _levels(batch: int, pixels: int, low: int, high: int) -> Tensor:
    """Whole numbers of low to high, in float64."""
    drawn = torch.randint(low, high + 1, (batch, pixels), generator=fresh_generator())
    return drawn.double()


def _near(
    batch: int,
    pixels: int,
    levels: int,
    *,
    ends: bool = False,
    shared: bool = False,
    log_scales: tuple[float, float] = (0.4, 1.6),
) -> tuple[Tensor, Tensor, Tensor]:
    """x and mean (B, P), at most three scales apart, log_scale (B, P) or, `shared`, (P,)."""
    x = _levels(batch, pixels, 0 if ends else 1, levels - (1 if ends else 2))
    if ends:
        x[0, 0], x[-1, -1] = 0, levels - 1
        if pixels > 2:  # their neighbours, which are no ends however close
            x[0, 1], x[-1, -2] = 1, levels - 2
    x = x / (levels - 1)
    shape = (pixels,) if shared else (batch, pixels)
    log_scale = -spread(*shape, low=log_scales[0], high=log_scales[1]).abs()
    log_scale[..., 0] = -log_scales[1]
    mean = x + log_scale.exp() * spread(batch, pixels, low=0.3, high=3)
    return x, mean, log_scale


def _far(
    batch: int, pixels: int, scales: tuple[float, float], narrow: float
) -> tuple[Tensor, Tensor, Tensor]:
    """The same as many scales apart, on both sides, ends included; scales down to exp(-narrow)."""
    x = _levels(batch, pixels, 1, 254)
    x[:, 0], x[:, 1] = 0, 255
    x = x / 255
    log_scale = -spread(batch, pixels, low=3.5, high=narrow).abs()
    away = spread(batch, pixels, low=scales[0], high=scales[1])
    log_scale[0, -1] = -narrow
    away[:, 0], away[:, 1] = away[:, 0].abs(), -away[:, 1].abs()
    return x, x + log_scale.exp() * away, log_scale


def _log_density(x: Tensor, mean: Tensor, log_scale: Tensor) -> Tensor:
    u = (x - mean) / log_scale.exp()
    return F.logsigmoid(u) + F.logsigmoid(-u) - log_scale


def _largest(value: Tensor) -> float:
    return value.flatten()[value.abs().argmax()].item()


def _between(above: Tensor, below: Tensor) -> Tensor:
    """log(F(above) - F(below)), nan where that is not positive."""
    return (torch.sigmoid(above) - torch.sigmoid(below)).log()


def _guarded(
    x: Tensor, mean: Tensor, log_scale: Tensor, dtype: torch.dtype
) -> Iterator[tuple[str, Tensor]]:
    """The difference of two sigmoids, computed in `dtype`, kept away from 0 in some way; and what
    arguments that are cut give. All with the tails, for 256 levels."""
    x, mean, log_scale = (each.to(dtype) for each in (x, mean, log_scale))
    above, below = ((x + half - mean) * torch.exp(-log_scale) for half in (0.5 / 255, -0.5 / 255))
    plain = torch.sigmoid(above) - torch.sigmoid(below)
    plain = torch.where(x < 0.5 / 255, torch.sigmoid(above), plain)
    plain = torch.where(x > 1 - 0.5 / 255, 1 - torch.sigmoid(below), plain)
    tiny = torch.finfo(dtype).tiny
    for floor in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30, tiny):
        yield "dl-floor", plain.clamp(min=floor).log()
        yield "dl-floor", (plain + floor).log()
    yield "dl-floor", plain.log().nan_to_num()
    for bound in (10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 80.0, 100.0):
        high, low = above.clamp(-bound, bound), below.clamp(-bound, bound)
        inside = F.logsigmoid(high) + F.logsigmoid(-low)
        inside = inside + torch.log(-torch.expm1(below - above))
        inside = torch.where(x < 0.5 / 255, F.logsigmoid(high), inside)
        yield "dl-arguments-cut", torch.where(x > 1 - 0.5 / 255, F.logsigmoid(-low), inside)
    for least in (-5.0, -6.0, -7.0, -8.0):
        cut = log_scale.double().clamp(min=least)
        yield "dl-scale-cut", true_log_prob(x.double(), mean.double(), cut, 256)
    yield (
        "dl-mean-cut",
        true_log_prob(x.double(), mean.double().clamp(0, 1), log_scale.double(), 256),
    )


def _wrong(x: Tensor, mean: Tensor, log_scale: Tensor, levels: int) -> Candidates:
    truth = true_log_prob(x, mean, log_scale, levels)
    half, scale = 0.5 / (levels - 1), log_scale.exp()
    density = _log_density(x, mean, log_scale)
    bottom, top = x < half, x > 1 - half

    def cut(half: float, scale: Tensor, tails: bool = True) -> Tensor:
        """The same with other borders or another scale, and with or without the tails."""
        above, below = (x + half - mean) / scale, (x - half - mean) / scale
        inside = _between(above, below)
        if not tails:
            return inside
        inside = torch.where(bottom, F.logsigmoid(above), inside)
        return torch.where(top, F.logsigmoid(-below), inside)

    above, below = (x + half - mean) / scale, (x - half - mean) / scale
    normal = (torch.special.ndtr(above) - torch.special.ndtr(below)).log()
    bare = cut(half, scale, tails=False)
    high, low, away = F.logsigmoid(above), F.logsigmoid(-below), (above - below).clamp(min=1e-300)
    product = [  # of sigma(a) sigma(-b) (1 - exp(b - a)), with a slip in one factor
        ("dl-factor-missing", high + low),
        ("dl-factor-missing", high + low + torch.log(-torch.expm1(-away / 2))),
        ("dl-factor-missing", high + low + torch.log(-torch.expm1(-2 * away))),
        ("dl-factor-missing", high + F.logsigmoid(below) + torch.log(-torch.expm1(-away))),
    ]
    product = [(slug, torch.where(bottom, high, torch.where(top, low, v))) for slug, v in product]
    found = [
        *product,
        ("dl-tails-swapped", torch.where(top, F.logsigmoid(below), truth)),
        ("dl-tails-swapped", torch.where(bottom, F.logsigmoid(-above), truth)),
        ("dl-rescaled", _brought_to_pm1(x, mean, log_scale, levels)),
        ("dl-mean-cut", true_log_prob(x, mean.clamp(0, 1), log_scale, levels)),
        ("dl-scale-cut", true_log_prob(x, mean, log_scale.clamp(min=-3), levels)),
        ("dl-no-tails", bare),
        ("dl-one-tail", torch.where(top, bare, truth)),
        ("dl-one-tail", torch.where(bottom, bare, truth)),
        ("dl-tails-swapped", torch.where(bottom, F.logsigmoid(-below), torch.where(
            top, F.logsigmoid(above), truth))),
        ("dl-tails-swapped", torch.where(bottom, F.logsigmoid(-above), torch.where(
            top, F.logsigmoid(below), truth))),
        ("dl-tails-swapped", torch.where(bottom, F.logsigmoid(below), torch.where(
            top, F.logsigmoid(-above), truth))),
        ("dl-density", density),
        ("dl-midpoint", density + math.log(2 * half)),
        ("dl-scale-no-exp", cut(half, log_scale)),
        ("dl-scale-no-exp", cut(half, log_scale.abs())),
        ("dl-scale-inverse", cut(half, 1 / scale)),
        ("dl-scale-half", cut(half, scale.sqrt())),
        ("dl-scale-half", cut(half, scale.square())),
        ("dl-scale-averaged", cut(half, scale.mean())),
        ("dl-scale-averaged", cut(half, log_scale.mean().exp())),
        ("dl-normal", normal),
        *(("dl-borders", cut(wrong, scale, tails)) for tails in (True, False) for wrong in (
            2 * half, half / 2, 0.5 / levels, 1 / levels, 0.5, 1 / (levels + 1), 0.5 / (levels + 1)
        )),
        ("dl-summed", truth.sum(-1)),
        ("dl-summed", truth.mean(-1)),
        ("dl-summed", truth.sum()),
        ("dl-summed", truth.mean()),
        ("dl-summed", truth.sum(0)),
        ("dl-mean-swapped", cut(half, scale) if x is mean else _swapped(x, mean, scale, half)),
    ]  # fmt: skip
    if levels != 256:
        other = 0.5 / 255
        found += [("dl-levels-ignored", cut(other, scale, tails)) for tails in (True, False)]
    for reach in (1e-4, 1e-3, 2e-3, 1e-2):  # ends that are wider than a bin
        ends = torch.where(x < reach, F.logsigmoid(above), truth)
        found.append(("dl-ends-wide", torch.where(x > 1 - reach, F.logsigmoid(-below), ends)))
    return [(slug, value) for slug, value in found if value.isfinite().all()]


def _swapped(x: Tensor, mean: Tensor, scale: Tensor, half: float) -> Tensor:
    """Cut at the borders of the mean's bin, with the ends where the mean leaves [0, 1]."""
    above, below = (mean + half - x) / scale, (mean - half - x) / scale
    inside = _between(above, below)
    inside = torch.where(mean < half, F.logsigmoid(above), inside)
    return torch.where(mean > 1 - half, F.logsigmoid(-below), inside)


discretized_logistic_log_prob = _DiscretizedLogistic()
