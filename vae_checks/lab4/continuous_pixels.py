"""The constant of the continuous Bernoulli distribution, by quadrature of its density."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, shuffled, spread
from vae_checks.lab4.returned import expect_kind
from vae_checks.values import (
    Candidates,
    close,
    expect_equal,
    expect_single,
    gradients,
    not_finite,
)
from vae_checks.verdict import Mistake, call

# How far from 1/2, from the last bits of float64 to where the formula needs no help.
_OFFSETS = (
    0.0,
    1e-16,
    1e-13,
    1e-12,
    1e-10,
    1e-8,
    1e-6,
    1e-5,
    1e-4,
    9e-4,
    1.1e-3,
    2e-3,
    3e-3,
    4e-3,
    5e-3,
    7e-3,
    9.5e-3,
    1.5e-2,
    2e-2,
    3e-2,
    4.9e-2,
)
# Nodes of Gauss and Legendre: exact to the last digits for the exponentials that the density is.
_NODES = 60


class _ContinuousBernoulli(Exercise):
    name, section = "continuous_bernoulli_log_norm", "5.2"

    @idea(
        "the logarithm of the constant, pixel by pixel",
        also=[{"batch": 4, "pixels": 4}, {"batch": 1, "pixels": 2}],
    )
    def value(self, answer: Any, *, batch: int = 3, pixels: int = 7) -> None:
        """Equal to -log of the integral of lam^x (1 - lam)^(1 - x), for lam away from 1/2.

        In float64 from 0.001 to 0.999, to 1e-6; in float32 to 1e-4. Then in float64 at 1e-7 and
        1e-15, in float32 at 1e-6, and as near to 1.
        """
        between = _away_from_half(batch, pixels)
        for lam in (between, between.float()):
            result = call(self.name, answer, {"lam": lam})
            truth, _ = by_quadrature(lam.double())
            wrong = _wrong_log_norms(lam.double())
            expect_kind(result, tuple(lam.shape), "log C", wrong)
            _expect_finite(result, lam)
            expect_single(result, "log C")
            if result.dtype == torch.float64 and lam.dtype == torch.float32:
                raise Mistake("weight-dtype", "log C is torch.float64, lam is torch.float32.")
            expect_equal(result, truth, "log C", wrong, "nats")
        for near, dtype in ((1e-7, torch.float64), (1e-15, torch.float64), (1e-6, torch.float32)):
            self._expect_ends(answer, torch.tensor([[near, 1 - near]], dtype=dtype))

    def _expect_ends(self, answer: Any, lam: Tensor) -> None:
        result = call(self.name, answer, {"lam": lam})
        result = expect_kind(result, tuple(lam.shape), "log C", _wrong_log_norms(lam.double()))
        truth, _ = by_quadrature(lam.double())
        if not close(result, truth):
            place = int((result.detach().double() - truth).abs().nan_to_num(1e9).argmax())
            got, wanted = result.flatten()[place].item(), truth.flatten()[place].item()
            at = f"{lam[0, 0]:.0e}" if place == 0 else f"1 - {lam[0, 0]:.0e}"
            seen = f"At lam = {at} log C is {got:.6g}, it should be {wanted:.6g}."
            raise Mistake(_at_ends(result.detach(), lam, truth), seen)

    @idea("log 2 at 1/2, and right all around it")
    def near_half(self, answer: Any, *, numbers: int = len(_OFFSETS)) -> None:
        """To 1e-9 at distances from 1/2 of 0 and 1e-16 to 0.05, on both sides, in float64, among
        numbers further away; to 1e-6 where the answer comes back in float32.

        Written with log lam - log(1 - lam) over 1 - 2 lam the formula is wrong by 1e-4 at 1e-12.
        """
        lam = near_half(numbers)
        result = call(self.name, answer, {"lam": lam})
        truth, _ = by_quadrature(lam)
        result = expect_kind(result, tuple(lam.shape), "log C", _wrong_log_norms(lam))
        expect_single(result, "log C")
        _expect_finite_near_half(result, lam)
        off = (result.detach().double() - truth).abs()
        if not off.max() < (1e-9 if result.dtype == torch.float64 else 1e-6):
            self._name_near_half(result.detach().double(), lam, truth, off)

    def _name_near_half(self, result: Tensor, lam: Tensor, truth: Tensor, off: Tensor) -> None:
        at, got, wanted = (each.flatten()[off.argmax()].item() for each in (lam, result, truth))
        seen = f"At 1/2 {at - 0.5:+.3g} log C is {got:.12g}, it should be {wanted:.12g}."
        if close(result, truth.exp()):
            raise Mistake("value-exp", seen)
        if close(result, truth - math.log(2)) or close(result, truth + math.log(2)):
            raise Mistake("cb-no-two", seen)
        if close(result, -truth):
            raise Mistake("cb-sign", seen)
        tiny = (lam - 0.5).abs() < 1e-7
        if off[~tiny].max() < 1e-9 and off.max() < 0.01:
            raise Mistake("cb-cancels", seen)
        raise Mistake("cb-near-half", seen)

    @idea(
        "its gradient, at 1/2, around it and away from it",
        also=[{"batch": 4, "pixels": 4}, {"batch": 1, "pixels": 2}],
    )
    def gradient(self, answer: Any, *, batch: int = 3, pixels: int = 7) -> None:
        """Equal to (lam - E[x]) / (lam (1 - lam)), E[x] by quadrature.

        Away from 1/2 to 1e-6 of the largest; around it to 1e-7 in float64 and 0.02 in float32,
        where atanh(1 - 2 lam) / (1 - 2 lam), differentiated as it stands, is 0 / 0 or cancels.
        """
        lam = _away_from_half(batch, pixels).requires_grad_()
        result = call(self.name, answer, {"lam": lam})
        expect_kind(result, (batch, pixels), "log C", _wrong_log_norms(lam.detach()))
        slope = gradients(result, {"lam": lam})["lam"]
        truth, right = by_quadrature(lam.detach())
        if not slope.any():
            raise Mistake("detached", "The gradient with respect to lam is 0.")
        if slope.isfinite().all() and not close(slope, right):
            expect_equal(result, truth, "log C", _wrong_log_norms(lam.detach()), "nats")
        _expect_slope(slope, right, lam.detach(), 1e-6 * right.abs().max().item())
        for dtype, tolerance in ((torch.float64, 1e-7), (torch.float32, 0.02)):
            lam = near_half(len(_OFFSETS)).to(dtype).requires_grad_()
            result = call(self.name, answer, {"lam": lam})
            slope = gradients(result, {"lam": lam})["lam"]
            _, right = by_quadrature(lam.detach().double())
            single = result.dtype == torch.float32
            _expect_slope(slope, right, lam.detach(), 0.02 if single else tolerance)


def _at_ends(result: Tensor, lam: Tensor, truth: Tensor) -> str:
    """The slug of a wrong log C near 0 and 1: of digits that 1 - 2 lam lost, or of a clamp."""
    away = (1 - 2 * lam).abs()
    cancelled = (2 * torch.atanh(away) / away).log().to(result.dtype)
    if close(result, cancelled):
        return "cb-ends-cancel"
    return "cb-clamped" if bool((result < truth).all()) else "cb-ends"


def by_quadrature(lam: Tensor) -> tuple[Tensor, Tensor]:
    """log C of lam in float64 and its derivative by lam, of the shape of lam."""
    nodes, weights = (torch.from_numpy(part) for part in np.polynomial.legendre.leggauss(_NODES))
    x, weights = (nodes + 1) / 2, weights / 2
    density = torch.exp(x * lam.log()[..., None] + (1 - x) * torch.log1p(-lam)[..., None])
    total = density @ weights
    # The mean of x less lam, divided by the variance of a coin: minus the slope of the integral.
    off = (density * (x - lam[..., None])) @ weights
    return -total.log(), -off / total / (lam * (1 - lam))


def near_half(numbers: int) -> Tensor:
    """Numbers around 1/2 and 1/2 itself, and as many 0.1 to 0.4 away from it: (4, 2 numbers).

    In an order of chance, but in every column and row some of each kind: a mask that is made for
    one row or one column fits no other.
    """
    distances = torch.tensor(_OFFSETS, dtype=torch.float64)[shuffled(len(_OFFSETS))][:numbers]
    away = spread(2, len(distances), low=0.1, high=0.4)
    near = 0.5 + torch.stack([distances, -distances])
    rows = torch.cat([torch.cat([near, 0.5 + away], 1), torch.cat([0.5 + away, near], 1)])
    return rows[:, shuffled(rows.shape[1])].contiguous()


def _away_from_half(batch: int, pixels: int) -> Tensor:
    """Numbers of (0.001, 0.999) of which half lie on each side, none nearer to 1/2 than 0.02."""
    lam = grey_images(batch, pixels)
    lam = torch.where((lam - 0.5).abs() < 0.02, lam + 0.1, lam)
    lam[0, 0], lam[0, 1], lam[-1, -1] = 0.002, 0.997, 0.93
    return lam


def _expect_finite(result: Tensor, lam: Tensor) -> None:
    bad = ~result.detach().isfinite()
    if not bad.any():
        return
    sides = lam[bad] > 0.5
    if sides.all() or not sides.any():
        side = "above" if sides.all() else "below"
        where = f"for every lam {side} 1/2 that was given, and for no other"
        raise Mistake("cb-log-of-negative", f"log C is {not_finite(result)} {where}.")
    raise Mistake("nan", f"log C contains {not_finite(result)}, at lam = {lam[bad][0]:.4g}.")


def _expect_finite_near_half(result: Tensor, lam: Tensor) -> None:
    bad = ~result.detach().isfinite()
    if not bad.any():
        return
    distance = (lam[bad] - 0.5).abs().min().item()
    where = "at lam = 1/2" if distance == 0 else f"{distance:.1g} from lam = 1/2"
    raise Mistake("cb-zero-by-zero", f"log C is {not_finite(result)} {where}.")


def _expect_slope(slope: Tensor, right: Tensor, lam: Tensor, tolerance: float) -> None:
    where = f"d log C / d lam ({str(lam.dtype).removeprefix('torch.')})"
    bad = ~slope.isfinite()
    if bad.any():
        at = lam[bad][(lam[bad] - 0.5).abs().argmin()].item()
        raise Mistake("cb-gradient-nan", f"{where} is {not_finite(slope)} at lam = {at:.10g}.")
    off = (slope.double() - right).abs()
    if off.max() < tolerance:
        return
    place = off.argmax()
    at, got, wanted = (each.flatten()[place].item() for each in (lam, slope, right))
    seen = f"{where} at lam = 1/2 {at - 0.5:+.2g} is {got:.8g}, it should be {wanted:.8g}."
    near = abs(at - 0.5) < 0.011
    if near and got == 0:
        raise Mistake("cb-flat-near-half", seen)
    raise Mistake("cb-gradient-cancels" if near else "value-right-gradient-wrong", seen)


def _wrong_log_norms(lam: Tensor) -> Candidates:
    """Known wrong results for lam (B, P) in float64, by slug."""
    truth, _ = by_quadrature(lam)
    away = 1 - 2 * lam
    half = truth - math.log(2)
    entropy = -(lam * lam.log() + (1 - lam) * torch.log1p(-lam))
    return [
        ("cb-no-two", half),
        ("cb-no-two", half - math.log(2)),
        ("cb-no-two", truth + math.log(2)),
        ("cb-sign", -truth),
        ("value-exp", truth.exp()),
        ("cb-sign", (-truth).exp()),
        ("cb-no-denominator", truth + away.abs().log()),
        ("cb-no-denominator", (2 * torch.atanh(away.abs())).log()),
        ("cb-no-denominator", truth + 2 * away.abs().log()),
        ("cb-other-function", (2 * torch.tanh(away) / away).log()),
        ("cb-other-function", (2 * torch.atan(away) / away).log()),
        ("cb-other-function", (2 * torch.asinh(away) / away).log()),
        ("cb-other-function", (2 * torch.atanh(away / 2) / away).log()),
        ("cb-other-function", (2 * torch.atanh(away) / (1 - lam)).log()),
        ("cb-entropy", entropy),
        ("cb-entropy", -entropy),
        ("cb-only-two", 0 * truth + math.log(2)),
        ("cb-only-two", 0 * truth + 2),
        ("cb-summed", truth.sum(-1)),
        ("cb-summed", truth.mean(-1)),
        ("cb-summed", truth.sum()),
        ("cb-summed", truth.mean()),
        ("cb-summed", truth.sum(0)),
        ("cb-taylor", math.log(2) + away.square() / 3),
        ("cb-taylor", math.log(2) + away.square() / 3 + 13 * away**4 / 90),
    ]


continuous_bernoulli_log_norm = _ContinuousBernoulli()
