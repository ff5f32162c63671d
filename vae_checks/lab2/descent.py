"""Gradient descent: every point of the path, against a path that is known."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab2.oracles import Pair, expect_gradients
from vae_checks.values import close, expect_pair, expect_tensor, expect_uncut
from vae_checks.verdict import Mistake, call, describe

Wrong = list[tuple[str, Pair]]
_UNEXPLAINED = ("fit-first-step", "fit-later-step", "fit-step-count", "wrong-shape")
# Sizes of the gradient from step to step: a rule that ends the descent, shortens long steps, or
# changes the rate, shows at one of them. An estimated gradient may well be small, and then large.
_SIZES = (0.1, 1e-8, 2.0, 1e-5, 30.0, 1e-3, 300.0, 0.3)


class _LinearGradient:
    """A gradient (by_mu, by_logvar) that is linear in both, so that a path has a closed form."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self.a, self.b, self.c, self.d = (0.5 * spread(dimensions) for _ in range(4))
        self.e, self.f = spread(dimensions), spread(dimensions)

    def __call__(self, mu: Any, logvar: Any) -> Pair:
        for value, name in ((mu, "mu"), (logvar, "logvar")):
            if not torch.is_tensor(value) or tuple(value.shape) != (self.dimensions,):
                seen = f"gradient was called with {describe(value)} for {name}."
                raise Mistake("gradient-arguments", seen)
        mu, logvar = mu.detach(), logvar.detach()
        by_mu = self.a * mu + self.b * logvar + self.e
        return by_mu, self.c * mu + self.d * logvar + self.f


class _UnevenGradient(_LinearGradient):
    """A gradient of any size, small and large in turn, at each point of its own path (n, D).

    Elsewhere it is linear. A function of the point: it may be asked more than once at each.
    """

    def __init__(self, dimensions: int, steps: int, rate: float) -> None:
        super().__init__(dimensions)
        sizes = torch.tensor([_SIZES[step % len(_SIZES)] for step in range(steps)]).double()
        slopes = sizes[:, None] * spread(steps, 2 * dimensions)
        start = spread(2 * dimensions)
        self.points = torch.cat([start[None], start - rate * slopes.cumsum(0)])
        self.slopes = slopes

    def __call__(self, mu: Any, logvar: Any) -> Pair:
        by_mu, by_logvar = super().__call__(mu, logvar)
        off = (self.points[:-1] - torch.cat([mu.detach(), logvar.detach()])).abs().amax(1)
        nearest = int(off.argmin())
        if off[nearest] > 1e-10:
            return by_mu, by_logvar
        slope = self.slopes[nearest]
        return slope[: self.dimensions].clone(), slope[self.dimensions :].clone()


class _Fit(Exercise):
    name, section = "fit", "5.3"

    @idea("every step goes down the gradient at the point that was reached")
    def path(self, answer: Any, *, steps: int = 5, dimensions: int = 3) -> None:
        """Every row after the first is the one before it minus rate times its gradient.

        Then 120 steps with a gradient whose size goes from 1e-8 to 300 and back: each is made; and
        from a start far away.
        """
        try:
            self._expect(answer, steps, dimensions, rows=slice(1, None))
        except Mistake as mistake:
            raise self._explained(answer, mistake) from None
        self._expect_every_step(answer, dimensions)
        gradient, (mu, logvar) = _LinearGradient(dimensions), 50 * spread(2, dimensions)
        arguments = {"gradient": gradient, "mu": mu, "logvar": logvar, "steps": steps, "rate": 0.1}
        pair = expect_pair(call(self.name, answer, arguments), self.name, ("mus", "logvars"))
        for part, right in zip(pair, _descend(gradient, mu, logvar, steps, 0.1), strict=True):
            expect_uncut(part, right, "the path from a start far away")

    @idea("the path begins at the start, and the start is left alone")
    def start(self, answer: Any, *, steps: int = 3, dimensions: int = 2) -> None:
        """Row 0 is the start; there are steps + 1 rows, and they are not all the same."""
        try:
            self._expect(answer, steps, dimensions, rows=slice(0, 1))
        except Mistake as mistake:
            raise self._explained(answer, mistake) from None

    def _explained(self, answer: Any, mistake: Mistake) -> Mistake:
        """The mistake, by a better name if an uneven gradient shows one."""
        if mistake.slug in _UNEXPLAINED:
            try:
                self._expect_every_step(answer, 3)
            except Mistake as better:
                if better.slug not in (*_UNEXPLAINED, "raised"):
                    return better
        return mistake

    def _expect_every_step(self, answer: Any, dimensions: int, *, steps: int = 120) -> None:
        rate = spread(1, low=0.2, high=0.4).abs().item()
        gradient = _UnevenGradient(dimensions, steps, rate)
        mu, logvar = gradient.points[0].split(dimensions)
        arguments = {"gradient": gradient, "mu": mu.clone(), "logvar": logvar.clone()}
        arguments |= {"steps": steps, "rate": rate}
        pair = expect_pair(call(self.name, answer, arguments), self.name, ("mus", "logvars"))
        if not all(torch.is_tensor(each) and each.shape[1:] == (dimensions,) for each in pair):
            raise Mistake("wrong-shape", "The path is not two tensors of shape (steps + 1, D).")
        path = torch.cat([each.detach().double() for each in pair], dim=1)
        rows = min(len(path), steps + 1)
        off = (path[:rows] - gradient.points[:rows]).abs().amax(1)
        wrong = (off > 1e-9 * gradient.points.abs().max()).nonzero()
        if len(path) == steps + 1 and not len(wrong):
            return
        first = int(wrong[0]) if len(wrong) else rows
        seen = f"With a gradient whose size changes from step to step row {first} of the path"
        if first == rows:
            slug = "fit-stops-early" if rows < steps else "fit-step-count"
            raise Mistake(slug, f"There are {len(path)} rows, it should be {steps + 1}.")
        raise Mistake(_fault_of(path, gradient, first, rate), f"{seen} is wrong.")

    def _expect(self, answer: Any, steps: int, dimensions: int, *, rows: slice) -> None:
        gradient, rate = _LinearGradient(dimensions), spread(1, low=0.2, high=0.4).abs().item()
        mu, logvar = spread(dimensions), spread(dimensions)
        arguments = {"gradient": gradient, "mu": mu, "logvar": logvar, "steps": steps, "rate": rate}
        pair = expect_pair(call(self.name, answer, arguments), self.name, ("mus", "logvars"))
        truth = _descend(gradient, mu, logvar, steps, rate)
        wrong = _wrong_paths(gradient, mu, logvar, steps, rate)
        parts = ("mus", "logvars")
        for place, part in enumerate(parts):
            known = [(slug, path[place]) for slug, path in wrong]
            expect_tensor(pair[place], (steps + 1, dimensions), part, known)
        if all(close(v, first.expand_as(v)) for v, first in zip(pair, (mu, logvar), strict=True)):
            raise Mistake("fit-stands-still", f"All {steps + 1} rows are the start.")
        cut = [
            (slug, _with_rows(rows, path, truth))
            for slug, path in wrong
            if path[0].shape == truth[0].shape
        ]
        try:
            expect_gradients(_with_rows(rows, pair, truth), self.name, truth, cut, parts)
        except Mistake as mistake:
            if mistake.slug not in ("wrong-value", "difference-quotient"):
                raise
            raise Mistake(_first_fault(pair, truth), mistake.seen) from None


def _with_rows(rows: slice, path: Pair, truth: Pair) -> Pair:
    """`truth` with these rows of `path`: the others belong to another idea."""

    def mixed(each: Tensor, right: Tensor) -> Tensor:
        rest = right.to(each.dtype, copy=True)
        rest[rows] = each.detach()[rows]
        return rest

    return mixed(path[0], truth[0]), mixed(path[1], truth[1])


def _fault_of(path: Tensor, gradient: Any, first: int, rate: float) -> str:
    """The name of what is wrong with row `first` of path (n, 2 D), the rows before being right."""
    slopes = (path[:-1] - path[1:]) / rate  # what the path takes for the gradient
    true = torch.stack([torch.cat(gradient(*row.chunk(2))) for row in path[:-1]])
    if first == 0:
        return "fit-wrong-start"
    if not slopes[first - 1 :].any():
        return "fit-stops-early"
    slope, right = slopes[first - 1], true[first - 1]
    extra = slope - right
    if _along(extra, path[first - 1]):
        return "fit-weight-decay"
    rest = slopes[first - 1 :], true[first - 1 :]
    halves = zip(slope.chunk(2), right.chunk(2), strict=True)
    one_is_right = sum(close(one, other) for one, other in halves) == 1
    # What is cut short is so in few steps, now and then in a single one.
    if one_is_right and _off(*rest).double().mean() > 0.5 and not _is_bounded(*rest):
        return "fit-other-part"
    share = slope / right
    if (share > 0).all() and (share < 1 + 1e-6).all():
        # Shorter than it should be: because it is long, or because it is late? A later rate is
        # that of both parts; each may be cut by a size of its own.
        if share.max() - share.min() > 1e-6 or _is_bounded(*rest):
            return "fit-clipped"
        return "fit-rate-changes" if first > 1 else "fit-first-step"
    if first > 1 and (_along(extra, slopes[first - 2]) or _along(extra, slopes[first - 2] - right)):
        return "fit-momentum"
    sizes = [part.norm().item() for part in (slope, *slope.chunk(2))]
    if _along(slope.abs(), torch.ones_like(slope)) or any(abs(s - 1) < 1e-6 for s in sizes):
        return "fit-size-ignored"
    return "fit-first-step" if first == 1 else "fit-later-step"


def _is_bounded(slopes: Tensor, true: Tensor) -> bool:
    """Have all slopes (n, 2 D) that are not the true ones one norm, or one largest entry?"""
    halves = zip(slopes.chunk(2, dim=1), true.chunk(2, dim=1), strict=True)
    for part, wanted in ((slopes, true), *halves):
        short = part[_off(part, wanted)]
        for sizes in (short.norm(dim=1), short.abs().amax(1)):
            if len(sizes) > 1 and sizes.max() - sizes.min() < 1e-6 * sizes.max():
                return True
    return False


def _off(slopes: Tensor, true: Tensor) -> Tensor:
    """Which rows of slopes (n, 2 D) are not the true ones, (n,)."""
    return ((slopes - true).abs() > 1e-6 * true.abs() + 1e-9).any(1)


def _along(one: Tensor, other: Tensor) -> bool:
    """Is `one` a multiple of `other`, and not 0?"""
    norms = one.norm() * other.norm()
    return bool(norms > 0) and math.isclose((one @ other).abs(), norms, rel_tol=1e-7)


def _first_fault(path: Pair, truth: Pair) -> str:
    right = [
        all(close(each[row], known[row]) for each, known in zip(path, truth, strict=True))
        for row in (0, 1)
    ]
    if not right[0]:
        return "fit-wrong-start"
    return "fit-later-step" if right[1] else "fit-first-step"


def _descend(gradient: Any, mu: Tensor, logvar: Tensor, steps: int, rate: float) -> Pair:
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


def _in_turn(gradient: Any, mu: Tensor, logvar: Tensor, steps: int, rate: float) -> Pair:
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        mus.append(mus[-1] - rate * gradient(mus[-1], logvars[-1])[0])
        logvars.append(logvars[-1] - rate * gradient(mus[-1], logvars[-1])[1])
    return torch.stack(mus), torch.stack(logvars)


def _only(gradient: Any, moved: int) -> Any:
    """The gradient with one of its two parts replaced by 0."""

    def part(mu: Tensor, logvar: Tensor) -> Pair:
        return tuple(g * (place == moved) for place, g in enumerate(gradient(mu, logvar)))

    return part


def _wrong_paths(gradient: Any, mu: Tensor, logvar: Tensor, steps: int, rate: float) -> Wrong:
    right = _descend(gradient, mu, logvar, steps, rate)
    longer = _descend(gradient, mu, logvar, steps + 1, rate)
    by_mu, by_logvar = gradient(mu, logvar)
    count = torch.arange(steps + 1, dtype=mu.dtype)[:, None]
    last = (right[0][-1].expand(steps + 1, -1), right[1][-1].expand(steps + 1, -1))
    wrong = [
        ("fit-uphill", _descend(gradient, mu, logvar, steps, -rate)),
        ("fit-rate-ignored", _descend(gradient, mu, logvar, steps, 1.0)),
        ("fit-one-after-other", _in_turn(gradient, mu, logvar, steps, rate)),
        ("fit-only-last", (right[0][-1], right[1][-1])),
        ("fit-no-start", (right[0][1:], right[1][1:])),
        ("fit-no-start", (longer[0][1:], longer[1][1:])),
        ("fit-step-count", longer),
        ("fit-step-count", (right[0][:-1], right[1][:-1])),
        ("fit-overwritten", last),
        ("gradients-swapped", (right[1], right[0])),
        ("fit-one-parameter", _descend(_only(gradient, 0), mu, logvar, steps, rate)),
        ("fit-one-parameter", _descend(_only(gradient, 1), mu, logvar, steps, rate)),
    ]
    if steps > 1:
        frozen = (mu - rate * count * by_mu, logvar - rate * count * by_logvar)
        wrong.append(("fit-gradient-frozen", frozen))
    return wrong


fit = _Fit()
