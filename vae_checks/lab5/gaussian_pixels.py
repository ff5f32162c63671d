"""Grey pixels as a Gaussian: its cost with every constant, and the best variance."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.misread import Reading, arguments_named
from vae_checks.terms import Term, terms_named
from vae_checks.values import (
    Candidates,
    close,
    expect_exact,
    expect_tensor,
    gradients,
    unless_right,
)
from vae_checks.verdict import Mistake, call

LOG_2PI = oracle.LOG_2PI
_EPSILONS = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
_FLOORS = (1e-3, *_EPSILONS, 1e-10, 1e-12)


class _GaussianNLL(Exercise):
    name, section = "gaussian_nll", "2.2"

    @idea(
        "minus the log density of all pixels, constants included, and its gradients",
        also=[{"batch": 4, "pixels": 4}, {"batch": 1, "pixels": 1}],
    )
    def value(self, answer: Any, *, batch: int = 3, pixels: int = 7) -> None:
        """To 1e-10 for log variances (B, P) of +-2, and of +-14 to 20, where a clamp shows, with
        the gradients for mean and logvar; in float32 to 1e-4."""
        for low, high, far in ((0.3, 2.0, 0), (14.0, 20.0, 0), (0.3, 2.0, 90)):
            logvar, away = spread(batch, pixels, low=low, high=high), far * spread(batch, pixels)
            arguments = {"mean": away + spread(batch, pixels), "logvar": logvar}
            arguments["x"] = away + spread(batch, pixels)  # a clamp of either shows far away
            with terms_named(lambda rows: _ask(answer, rows)):
                self._expect(answer, arguments)
        self._expect_single(answer, spread(batch, pixels), batch, pixels)

    @idea(
        "one variance for all images, and one for all pixels",
        also=[{"batch": 4, "pixels": 4}, {"batch": 1, "pixels": 1}],
    )
    def shared(self, answer: Any, *, batch: int = 3, pixels: int = 7) -> None:
        """The same, to 1e-10, for logvar (P,), a tensor without dimensions, and a number of
        Python; the gradient for a shared logvar is the sum over those that share it."""
        for logvar in (spread(pixels), spread(), float(spread()), -2):
            x = spread(batch, pixels)
            self._expect(answer, {"mean": spread(batch, pixels), "logvar": logvar, "x": x})
        self._expect_single(answer, spread(), batch, pixels)

    def _expect(self, answer: Any, arguments: dict[str, Any]) -> None:
        """The value and the gradients at these arguments."""
        keys = [key for key in ("mean", "logvar") if torch.is_tensor(arguments[key])]
        given = arguments | {key: arguments[key].clone().requires_grad_() for key in keys}
        value = call(self.name, answer, given)
        truth, wrong = _nll(**arguments), _wrong_nlls(**arguments)
        with arguments_named(value, _nll, arguments, *_readings(**arguments)):
            # A number of Python becomes a tensor of float32 where nothing else is said.
            within = 1e-10 if torch.is_tensor(arguments["logvar"]) else 1e-6
            expect_exact(value, truth, "nll", wrong, "nats", within=within)
        own = arguments | {key: arguments[key].clone().requires_grad_() for key in keys}
        found = gradients(value, {key: given[key] for key in keys})
        wanted = gradients(_nll(**own), {key: own[key] for key in keys})
        for key in keys:
            if not close(found[key], wanted[key]):
                seen = f"d nll / d {key} is {found[key].flatten()[0]:.4g} at its first number, "
                seen += f"it should be {wanted[key].flatten()[0]:.4g}."
                raise Mistake("value-right-gradient-wrong", seen)

    def _expect_single(self, answer: Any, logvar: Tensor, batch: int, pixels: int) -> None:
        arguments = {"mean": spread(batch, pixels), "logvar": logvar, "x": spread(batch, pixels)}
        single = {key: each.float() for key, each in arguments.items()}
        value = expect_tensor(call(self.name, answer, single), (batch,), "nll")
        if value.dtype != torch.float32:
            raise Mistake("gauss-dtype", f"nll is {value.dtype}, its arguments are torch.float32.")
        if not close(value, _nll(**arguments)):
            raise Mistake("gauss-dtype", "In float32 nll is off by more than 1e-4 of its size.")


def _nll(mean: Tensor, logvar: Tensor | float, x: Tensor) -> Tensor:
    logvar = torch.as_tensor(logvar, dtype=x.dtype).expand_as(x)
    return 0.5 * ((x - mean).square() * torch.exp(-logvar) + logvar + LOG_2PI).sum(1)


def _readings(mean: Tensor, logvar: Tensor | float, x: Tensor) -> list[Reading]:
    """The same as functions of what lies between."""
    full = torch.as_tensor(logvar, dtype=x.dtype).expand_as(x)
    square, variance = (x - mean).square(), full.exp()
    scaled = {"scaled_square": square / variance, "log_variance": full}
    return [
        (_of_scaled, scaled),
        (_of_parts, {"distance": x - mean, "variance": variance, "log_variance": full}),
        (_of_parts, {"distance": x - mean, "precision": 1 / variance, "log_variance": full}),
        (_of_deviation, {"off": x - mean, "sigma": variance.sqrt()}),
    ]


def _of_scaled(scaled_square: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (scaled_square + log_variance + LOG_2PI).sum(1)


def _of_parts(
    distance: Tensor,
    log_variance: Tensor,
    variance: Tensor | None = None,
    precision: Tensor | None = None,
) -> Tensor:
    square = distance.square()
    square = square if variance is None else square / variance
    return _of_scaled(square if precision is None else square * precision, log_variance)


def _of_deviation(off: Tensor, sigma: Tensor) -> Tensor:
    return _of_scaled((off / sigma).square(), 2 * sigma.log())


def _ask(answer: Any, rows: int) -> tuple[Any, list[Term]]:
    """Many images of five pixels, and the terms that their cost is the sum of."""
    mean, logvar, x = spread(rows, 5), spread(rows, 5), spread(rows, 5)
    value = call("gaussian_nll", answer, {"mean": mean, "logvar": logvar, "x": x})
    off, one = x - mean, torch.ones(rows, dtype=torch.float64)
    return value, [
        Term("(x - mean)^2 / sigma^2", off.square() * torch.exp(-logvar), 0.5),
        Term("log sigma^2", logvar, 0.5),
        Term("log 2 pi", 5 * LOG_2PI * one, 0.5),
        Term("(x - mean)^2", off.square()),
        Term("(x - mean)^2 sigma^2", off.square() * logvar.exp()),
        Term("(x - mean)^2 / sigma", off.square() * torch.exp(-logvar / 2)),
        Term("sigma^2", logvar.exp()),
        Term("x^2", x.square()),
    ]


def _wrong_nlls(mean: Tensor, logvar: Tensor | float, x: Tensor) -> Candidates:
    pixels, truth = x.shape[1], _nll(mean, logvar, x)
    one = torch.as_tensor(logvar, dtype=x.dtype)
    full = one.expand_as(x)
    squares, scaled = (x - mean).square(), (x - mean).square() * torch.exp(-full)
    each = 0.5 * (scaled + full + LOG_2PI)
    bare, constant = 0.5 * (scaled + full).sum(1), 0.5 * pixels * LOG_2PI
    wrong = [
        ("gauss-no-constant", bare),
        ("gauss-constant-once", bare + 0.5 * LOG_2PI),
        ("gauss-constant-sign", bare - constant),
        ("gauss-no-constant", bare + 0.5 * len(x) * LOG_2PI),
        ("gauss-no-logvar", 0.5 * (scaled + LOG_2PI).sum(1)),
        ("gauss-no-logvar", 0.5 * scaled.sum(1)),
        ("gauss-logvar-sign", 0.5 * (scaled - full + LOG_2PI).sum(1)),
        ("gauss-mean-pixels", truth / pixels),
        ("gauss-mean-pixels", bare / pixels),
        ("gauss-not-summed", each),
        ("gauss-over-images", each.sum(0)),
        ("gauss-batch", truth.sum()),
        ("gauss-batch", truth.mean()),
        ("gauss-batch", each.mean()),
        ("gauss-sign", -truth),
        ("gauss-log-sigma", _nll(mean, 2 * full, x)),
        ("gauss-log-sigma", 0.5 * (scaled + 2 * full + LOG_2PI).sum(1)),
        ("gauss-no-half", 2 * truth),
        ("gauss-no-half", (scaled + full + LOG_2PI).sum(1) - 0.5 * scaled.sum(1)),
        ("gauss-no-half", each.sum(1) + 0.5 * scaled.sum(1)),
        ("gauss-deviation", _nll(mean, full / 2, x)),
        ("gauss-deviation", each.sum(1) + 0.5 * (squares * torch.exp(-full / 2) - scaled).sum(1)),
        ("gauss-times-variance", 0.5 * (squares * full.exp() + full + LOG_2PI).sum(1)),
        ("gauss-no-exp", 0.5 * (squares / full + full + LOG_2PI).sum(1)),
        ("gauss-squared-error", squares.sum(1)),
        ("gauss-squared-error", 0.5 * squares.sum(1)),
        ("gauss-squared-error", squares.mean(1)),
        ("gauss-not-squared", 0.5 * ((x - mean).abs() * torch.exp(-full) + full + LOG_2PI).sum(1)),
        ("gauss-density", torch.exp(-truth)),
        *(("gauss-other-reduction", value) for value in _other_reductions(each)),
        ("gauss-logvar-averaged", 0.5 * (scaled + full.mean() + LOG_2PI).sum(1)),
        ("gauss-logvar-averaged", 0.5 * (scaled + full.mean(0) + LOG_2PI).sum(1)),
        ("not-nats", truth / math.log(2)),
        ("gauss-variance-floor", _nll(mean, full.clamp(min=math.log(1e-6)), x)),
        *(("gauss-variance-floor", _nll(mean, (full.exp() + e).log(), x)) for e in _EPSILONS),
    ]
    if one.ndim == 0:
        alone = 0.5 * (scaled + LOG_2PI).sum(1)
        wrong += [("gauss-logvar-once", alone + 0.5 * one), ("gauss-logvar-once", alone + one)]
        wrong += [("gauss-logvar-once", 0.5 * (scaled.sum(1) + one + LOG_2PI))]
    return unless_right(wrong, truth)


def _other_reductions(each: Tensor) -> list[Tensor]:
    """What else than a sum is made of the costs of pixels (B, P)."""
    found = [each.amax(1), each.amin(1), each.median(1).values, each.prod(1), each.logsumexp(1)]
    return [*found, each.norm(dim=1), *((each.var(1), each.std(1)) if each.shape[1] > 1 else ())]


class _OptimalVariance(Exercise):
    name, section = "optimal_variance", "2.2"

    @idea(
        "the mean squared error over all pixels of all images, and its gradient",
        also=[{"batch": 4, "pixels": 4}, {"batch": 1, "pixels": 1}],
    )
    def value(self, answer: Any, *, batch: int = 3, pixels: int = 7) -> None:
        """One tensor without dimensions, to 1e-10; the same for errors of 1e-7, where a floor
        shows; its gradient for the mean; float32 for float32."""
        for size, far in ((1.0, 1), (1e-7, 1), (1.0, 90), (100.0, 1)):
            mean = far * spread(batch, pixels)
            x = mean + size * (1.5 + spread(batch, pixels))
            given = mean.clone().requires_grad_()
            value = call(self.name, answer, {"mean": given, "x": x})
            truth = (x - mean).square().mean()
            if isinstance(value, float):
                raise Mistake("number-not-tensor", f"optimal_variance is the number {value:.4g}.")
            wrong = unless_right(_wrong_variances(mean, x), truth)
            value = expect_tensor(value, (), "sigma^2", wrong)
            readings = _readings_of_mean(mean, x, size)
            known = [(slug, each / size**2) for slug, each in wrong]
            with arguments_named(value / size**2, *readings[0], *readings[1:]):
                expect_exact(value / size**2, truth / size**2, "sigma^2", known)
            found = gradients(value, {"mean": given})["mean"]
            wanted = 2 * (mean - x) / x.numel()
            if not close(found / size, wanted / size):
                seen = f"d sigma^2 / d mean[0, 0] is {found[0, 0]:.4g}, it should be "
                raise Mistake("value-right-gradient-wrong", f"{seen}{wanted[0, 0]:.4g}.")
        mean, x = spread(batch, pixels).float(), spread(batch, pixels).float()
        value = expect_tensor(call(self.name, answer, {"mean": mean, "x": x}), (), "sigma^2")
        if value.dtype != torch.float32:
            raise Mistake("gauss-dtype", f"sigma^2 is {value.dtype}, its arguments are float32.")


def _readings_of_mean(mean: Tensor, x: Tensor, size: float) -> list[Reading]:
    """The variance, over size^2, as a function of the arguments and of what lies between."""

    def of_arguments(mean: Tensor, x: Tensor) -> Tensor:
        return of_distances(distance=(x - mean) / size)

    def of_distances(distance: Tensor) -> Tensor:
        return distance.square().mean()

    def of_squares(square: Tensor) -> Tensor:
        return square.mean()

    distance = (x - mean) / size
    squares = {"square": distance.square()}
    arguments = {"mean": mean, "x": x}
    return [
        (of_arguments, arguments),
        (of_distances, {"distance": distance}),
        (of_squares, squares),
    ]


def _wrong_variances(mean: Tensor, x: Tensor) -> list[tuple[str, Tensor]]:
    off = x - mean
    squares = off.square()
    truth = squares.mean()
    return [
        ("best-variance-of-image", squares.mean(1)),
        ("best-variance-of-pixel", squares.mean(0)),
        ("best-variance-not-averaged", squares),
        ("best-variance-summed", squares.sum()),
        ("best-variance-summed", squares.sum(1).mean()),
        ("best-variance-summed", squares.sum(0).mean()),
        ("best-variance-deviation", truth.sqrt()),
        ("best-variance-log", truth.log()),
        *(("best-variance-centered", each) for each in _spreads(off)),
        ("best-variance-one-less", squares.sum() / max(1, x.numel() - 1)),
        ("best-variance-absolute", off.abs().mean()),
        ("best-variance-half", truth / 2),
        ("best-variance-half", 2 * truth),
        *(("best-variance-of-images", each) for each in _spreads(x)),
        ("best-variance-square-of-mean", off.mean().square()),
        ("best-variance-median", squares.median()),
        *(("best-variance-floor", truth.clamp(min=floor)) for floor in _FLOORS),
        *(("best-variance-floor", truth + floor) for floor in _FLOORS),
    ]


def _spreads(values: Tensor) -> list[Tensor]:
    """Variances about a mean that is theirs: of all, of rows and columns, by n and by n - 1."""
    found = []
    for dims in ((0, 1), (0,), (1,)):
        squares = (values - values.mean(dims, keepdim=True)).square()
        count = values.numel() // squares.sum(dims).numel()
        found += [squares.sum(dims).mean() / max(1, n) for n in (count, count - 1)]
    return found


gaussian_nll = _GaussianNLL()
optimal_variance = _OptimalVariance()
