"""Relaxed draws of a categorical distribution, by Gumbel noise and a softmax.

    y = softmax((logits + g) / temperature),   g_j = -log(-log u_j)

The noise is recovered up to a constant a row: temperature log y - logits. Differences of standard
Gumbel numbers are logistic; with the frequencies of the arg max, they tell the noise apart.

Sources: E. Jang, S. Gu, B. Poole, arXiv:1611.01144; C. J. Maddison, A. Mnih, Y. W. Teh,
arXiv:1611.00712, proposition 1.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.independence import expect_independent
from vae_checks.statistics import SIGMAS
from vae_checks.values import close, expect_tensor
from vae_checks.verdict import Mistake, call

_DISTANCE = 3.6  # of distribution functions times sqrt(n): probability 2 exp(-2 * 3.6^2), 1e-11


class _GumbelSoftmax(Exercise):
    name, section = "gumbel_softmax", "4.5"

    @idea(
        "on the simplex, with an arg max of the right probabilities, by Gumbel noise",
        random=True,
        also=[{"rows": 2003, "categories": 2}],
    )
    def categories(self, answer: Any, *, rows: int = 10_007, categories: int = 5) -> None:
        """`rows` draws at each of two temperatures, 0.6 and 1.7. Frequencies of the arg max
        within six standard errors, differences of the noise logistic (distribution function to
        3.6 / sqrt(n)), rows independent. False alarm: below 1e-7 a call."""
        logits = spread(categories, low=0.2, high=1.1)
        for temperature in (0.6, 1.7):
            draws = self._draws(answer, logits.expand(rows, -1).clone(), temperature)
            again = self._draws(answer, logits.expand(rows, -1).clone(), temperature)
            noise = temperature * draws.log() - logits
            noise = noise - noise.mean(1, keepdim=True)
            _expect_noise(noise, logits, temperature)
            if torch.equal(draws, again):
                raise Mistake("noise-frozen", "Two calls with the same arguments are equal.")
            _expect_frequencies(draws, logits, temperature)
            for other in range(1, categories):
                level = torch.sigmoid(noise[:, other] - noise[:, 0])
                off = _distance(level)
                if off > _DISTANCE:
                    raise Mistake("gumbel-noise-other", _seen(noise, off))
                _expect_tails(noise[:, other] - noise[:, 0])
                eps = torch.special.ndtri(level.clamp(1e-12, 1 - 1e-12))
                expect_independent(eps[:, None], "the noise of a category")

    @idea(
        "the gradient of a softmax at every draw, and finite at small temperatures",
        also=[{"batch": 4, "categories": 4}, {"batch": 1, "categories": 2}],
    )
    def gradient(self, answer: Any, *, batch: int = 7, categories: int = 5) -> None:
        """y (w - sum_j w_j y_j) / temperature for the gradient of sum_j w_j y_j, of whatever y was
        drawn, to 1e-9; at a temperature of 0.01 and for logits of +-900, too, and in float32."""
        cases = [(1.0, 0.7, torch.float64), (1.0, 2.3, torch.float64), (1.0, 0.01, torch.float64)]
        cases += [(450.0, 0.7, torch.float64), (450.0, 0.1, torch.float32)]
        for size, temperature, dtype in cases:
            logits = (size * spread(batch, categories)).to(dtype).requires_grad_()
            draws = self._draws(answer, logits, temperature)
            if not draws.requires_grad:
                raise Mistake("detached", "The draws have requires_grad=False.")
            y, weights = draws.detach().double(), spread(batch, categories)
            hard = ((y == 0) | (y == 1)).all()
            if hard and size == 1.0 and temperature > 0.5:
                raise Mistake("gumbel-hard", "Every number of the draws is 0 or 1.")
            (slope,) = torch.autograd.grad((draws * weights.to(dtype)).sum(), logits)
            if not slope.isfinite().all():
                seen = f"At temperature {temperature} the gradient contains nan or inf."
                raise Mistake("gumbel-overflow", seen)
            wanted = y * (weights - (weights * y).sum(1, keepdim=True)) / temperature
            digits = 1e-9 if dtype == torch.float64 else 1e-5
            # Relative to what is added up: where y is nearly one-hot the terms cancel.
            off = (slope - wanted).abs().max() * temperature / weights.abs().max()
            if off > digits:
                seen = f"At temperature {temperature} a gradient is {slope[0, 0]:.4g}, that of the"
                seen += f" softmax is {wanted[0, 0]:.4g}."
                times = close(slope.double(), temperature * wanted)
                times |= close(slope.double(), temperature**2 * wanted)
                raise Mistake("gumbel-temperature-ignored" if times else "gumbel-slope", seen)

    def _draws(self, answer: Any, logits: Tensor, temperature: float) -> Tensor:
        """The answer's draws, on the simplex."""
        value = call(self.name, answer, {"logits": logits, "temperature": temperature})
        shape = tuple(logits.shape)
        if torch.is_tensor(value) and value.is_floating_point() and value.device.type == "cpu":
            finite = bool(value.detach().isfinite().all())
            if not finite and (logits.abs().max() > 100 or temperature < 0.05):
                seen = f"At temperature {temperature}, for logits up to"
                seen += f" {logits.abs().max():.0f}, the draws contain nan or inf."
                raise Mistake("gumbel-overflow", seen)
        value = expect_tensor(value, shape, "the draws")
        if value.dtype != logits.dtype:
            raise Mistake("sample-dtype", f"The draws are {value.dtype}, logits {logits.dtype}.")
        y = value.detach().double()
        digits = 1e-9 if logits.dtype == torch.float64 else 1e-5
        sums = y.sum(1)
        if (y >= 0).all() and (sums - 1).abs().max() < digits:
            return value
        row = int((sums - 1).abs().argmax())
        seen = f"The numbers of draw {row} add up to {sums[row]:.4g}, the smallest is"
        seen += f" {y.min():.4g}."
        if (y <= 0).all() and (y.exp().sum(1) - 1).abs().max() < 1e-5:
            raise Mistake("gumbel-logarithms", seen)
        over_rows = (y >= 0).all() and (y.sum(0) - 1).abs().max() < 1e-5
        raise Mistake("gumbel-wrong-dimension" if over_rows else "gumbel-off-simplex", seen)


def _expect_frequencies(draws: Tensor, logits: Tensor, temperature: float) -> None:
    rows, categories = draws.shape
    wanted = logits.softmax(0)
    found = torch.bincount(draws.argmax(1), minlength=categories).double() / rows
    errors = (wanted * (1 - wanted) / rows).sqrt()
    worst = int(((found - wanted).abs() / errors).argmax())
    if (found - wanted).abs()[worst] > SIGMAS * errors[worst]:
        seen = f"At temperature {temperature} category {worst} is the largest of"
        seen += f" {found[worst]:.3f} of {rows} draws, its probability is {wanted[worst]:.3f}."
        raise Mistake("gumbel-frequencies", seen)


def _expect_tails(apart: Tensor) -> None:
    """Logistic numbers (N,) have 21 on each side of +-t, t = log(N / 21 - 1): none on one of them
    has probability exp(-21), 8e-10."""
    bound = math.log(len(apart) / 21 - 1)
    largest = min(apart.max().item(), -apart.min().item())
    if largest < bound:
        seen = f"None of {len(apart)} differences of the noise lies beyond {bound:.3g} on one side."
        raise Mistake("gumbel-noise-cut", seen)


def _expect_noise(noise: Tensor, logits: Tensor, temperature: float) -> None:
    """Raise the Mistake by which this noise (N, J), less the mean of each row, came about.

    Whatever is no Gumbel noise and is not known goes on to the frequencies and to the distances.
    """
    if not noise.isfinite().all():
        raise Mistake("gumbel-hard", "A number of the draws is 0 or 1: one-hot, or nearly.")
    rows = len(noise)
    spread_of = noise.std(0).max().item()
    if spread_of < 1e-6:
        constant = noise[0]
        shifted = constant.abs().max() > 1e-6
        seen = "All draws of the same logits are equal."
        raise Mistake("noise-shared-batch" if shifted else "gumbel-no-noise", seen)
    same = _right(noise)
    if same and _skew(noise) > 0:
        return
    centered = logits - logits.mean()
    probabilities = logits.softmax(0) - logits.softmax(0).mean()
    t = temperature
    # What y = softmax(a logits + b noise) gives as noise: (t a - 1) logits + t b noise.
    tried: list[tuple[str, Tensor]] = [
        ("gumbel-noise-not-tempered", noise / t),
        ("gumbel-logits-not-tempered", noise - (t - 1) * centered),
        ("gumbel-temperature-ignored", (noise - (t - 1) * centered) / t),
        ("gumbel-temperature-multiplied", (noise - (t * t - 1) * centered) / t**2),
        ("gumbel-logits-not-tempered", (noise - (t - 1) * centered) / t**2),
        ("gumbel-probabilities", noise + centered - probabilities),
    ]
    for slug, recovered in tried:
        if _right(recovered) and _skew(recovered) > 0:
            raise Mistake(slug, _seen(noise, _distance(_levels(noise))))
    if same and noise.shape[1] > 2 and rows > 1000:
        seen = "The noise has its long tail on the left."
        raise Mistake("gumbel-noise-sign", seen)
    apart = noise[:, 1] - noise[:, 0]
    known: list[tuple[str, Callable[[Tensor], Tensor]]] = [
        ("gumbel-noise-normal", lambda d: torch.special.ndtr(d / math.sqrt(2))),
        ("gumbel-noise-uniform", _triangular),
        ("gumbel-noise-one-log", _laplace),
        ("gumbel-noise-logistic", _two_logistic),
    ]
    for slug, distribution in known:
        if _distance(distribution(apart)) < _DISTANCE:
            raise Mistake(slug, _seen(noise, _distance(_levels(noise))))
    for factor in (0.5, 2.0, 0.1, 10.0, math.pi / math.sqrt(6), math.sqrt(6) / math.pi):
        if _right(noise / factor):
            raise Mistake("gumbel-noise-scale", f"The noise is stretched by {factor:.3g}.")


def _right(noise: Tensor) -> bool:
    """Whether all differences of neighbors are logistic."""
    pairs = zip(noise.T[1:], noise.T[:-1], strict=True)
    return all(_distance(torch.sigmoid(one - other)) < _DISTANCE for one, other in pairs)


def _skew(noise: Tensor) -> float:
    """Positive for Gumbel's long tail; of two categories it is always 0, and told as positive."""
    return 1.0 if noise.shape[1] == 2 else noise.pow(3).mean().item()


def _levels(noise: Tensor) -> Tensor:
    return torch.sigmoid(noise[:, 1] - noise[:, 0])


def _distance(level: Tensor) -> float:
    """How far numbers (n,) are from uniform ones: of distribution functions, times sqrt(n)."""
    n = len(level)
    steps = torch.arange(1, n + 1, dtype=level.dtype) / n
    ordered = level.sort().values
    off = torch.maximum((ordered - steps).abs(), (ordered - steps + 1 / n).abs()).max()
    return off.item() * math.sqrt(n)


def _triangular(d: Tensor) -> Tensor:
    """The distribution function of a difference of two uniform numbers."""
    inside = d.clamp(-1, 1)
    return torch.where(inside < 0, (1 + inside) ** 2 / 2, 1 - (1 - inside) ** 2 / 2)


def _laplace(d: Tensor) -> Tensor:
    """That of a difference of two exponential numbers."""
    tail = 0.5 * (-d.abs()).exp()
    return torch.where(d < 0, tail, 1 - tail)


def _two_logistic(d: Tensor) -> Tensor:
    """That of a difference of two logistic numbers: 1/(1 - e^-d) - d e^-d / (1 - e^-d)^2."""
    d = torch.where(d.abs() < 1e-3, 1e-3, d)
    gone = -torch.expm1(-d)
    return 1 / gone - d * (-d).exp() / gone**2


def _seen(noise: Tensor, off: float) -> str:
    apart = noise[:, 1] - noise[:, 0]
    seen = f"Differences of the noise have variance {apart.var():.3g}, logistic ones"
    return f"{seen} {math.pi**2 / 3:.3g}; distribution functions differ {off:.2g} / sqrt(n)."


gumbel_softmax = _GumbelSoftmax()
