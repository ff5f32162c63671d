"""The bug hunt of lab 4: five numbers that evaluations report, without their bugs."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, shuffled, spread
from vae_checks.lab1 import oracle
from vae_checks.lab4.evaluation_slips import (
    separating_weights,
    standard_error,
    wrong_bounds_of_parts,
    wrong_errors,
    wrong_means,
    wrong_of_losses,
    wrong_weights,
)
from vae_checks.lab4.importance_bound import bound
from vae_checks.lab4.returned import expect_kind
from vae_checks.lab4.uneven_weights import apart, uneven
from vae_checks.misread import arguments_named
from vae_checks.terms import Term, terms_named
from vae_checks.values import Candidates, expect_equal, expect_pair, expect_single
from vae_checks.verdict import Mistake, call, describe


class _Bug1(Exercise):
    name, section = "mended_1", "8"

    @idea(
        "the logarithm of the mean of all weights, however they are cut into parts",
        also=[{"batch": 4, "samples": 4}, {"batch": 1, "samples": 5}],
    )
    def bound(self, answer: Any, *, batch: int = 5, samples: int = 11) -> None:
        """Equal to logsumexp - log K over parts of different lengths, of one part, and for K = 1.

        Weights within two nats of each other, so that the largest is not all of their sum.
        """
        for sizes in (_parts(samples), [samples], [1], [1] * 3):
            log_w = -9 + spread(sum(sizes), batch, low=0.1, high=1.0)
            parts = list(log_w.split(sizes))
            result = call(self.name, answer, {"parts": parts})
            truth = bound(log_w)
            wrong = wrong_bounds_of_parts(parts)
            result = expect_kind(result, (batch,), "L_K", wrong)
            expect_single(result, "L_K")
            with arguments_named(result, bound, {"log_w": log_w}):
                expect_equal(result, truth, "L_K", wrong, "nats")

    @idea("finite and right for weights of exp(-900), in float32 as well")
    def stable(self, answer: Any, *, batch: int = 5, samples: int = 11) -> None:
        """The same at log weights of -900 and of 900, to 1e-6, where exp is 0 or infinite; with
        both side by side, in images and in parts."""
        for dtype in (torch.float64, torch.float32):
            for where, log_w in _far(samples, batch, dtype):
                parts = list(log_w.split(_parts(samples)))
                result = call(self.name, answer, {"parts": parts})
                result = expect_kind(result, (batch,), "L_K", wrong_bounds_of_parts(parts))
                _expect_no_overflow(result, f"log weights {where}")
                truth = bound(log_w.double())
                wrong = wrong_bounds_of_parts([part.double() for part in parts])
                _expect_at_level(result, truth, "L_K", wrong)


class _Bug2(Exercise):
    name, section = "mended_2", "8"

    @idea(
        "log p(x|z) + log p(z) - log q(z|x), for every code",
        also=[{"samples": 4, "batch": 4, "latent": 4}, {"samples": 1, "batch": 1, "latent": 1}],
    )
    def weights(self, answer: Any, *, samples: int = 4, batch: int = 3, latent: int = 5) -> None:
        """Equal to the log weights of codes that were drawn from q; log-variances of +-2, then of
        11 to 13 and of -20 to -14, where a clamp shows."""
        for low, high, sign in ((0.3, 2.0, 0), (11.0, 13.0, 1), (14.0, 20.0, -1)):
            mu, logvar = spread(batch, latent), spread(batch, latent, low=low, high=high)
            logvar = sign * logvar.abs() if sign else logvar
            z = mu + torch.exp(logvar / 2) * normal(samples, batch, latent)
            with terms_named(lambda codes: self._ask(answer, codes)):
                self._expect(answer, spread(samples, batch, low=3, high=9), z, mu, logvar)

    def _ask(self, answer: Any, codes: int) -> tuple[Any, list[Term]]:
        """One code for each of many images, and the terms that its weight is the sum of."""
        mu, logvar, eps = spread(codes, 5), spread(codes, 5), normal(1, codes, 5)
        likelihood, std = spread(1, codes, low=3, high=9), torch.exp(logvar / 2)
        z = mu + std * eps
        arguments = {"log_px_given_z": likelihood, "z": z, "mu": mu, "logvar": logvar}
        result = call(self.name, answer, arguments)
        terms = [
            Term("log p(x|z)", likelihood[0], 1),
            Term("z^2", z[0].square(), -0.5),
            Term("(z - mu)^2 / sigma^2", eps[0].square(), 0.5),
            Term("logvar", logvar, 0.5),
            Term("a constant", torch.ones(codes, dtype=torch.float64)),
            Term("mu^2", mu.square()),
            Term("sigma^2", logvar.exp()),
            Term("(z - mu)^2", (z - mu)[0].square()),
        ]
        return (result[0] if torch.is_tensor(result) and result.ndim == 2 else result), terms

    @idea("with q equal to the posterior every weight is p(x)")
    def posterior(
        self, answer: Any, *, samples: int = 4, batch: int = 3, latent: int = 5, pixels: int = 7
    ) -> None:
        """All K equal to log p(x) of a linear-Gaussian model; pixels >= latent."""
        model, x = oracle.factorized_model(pixels, latent), spread(batch, pixels)
        mu, logvar = oracle.diagonal_posterior(model, x)
        z = mu + torch.exp(logvar / 2) * normal(samples, batch, latent)
        likelihood = oracle.log_likelihood(model, x, z)
        truth = model.log_evidence(x).expand(samples, -1)
        self._expect(answer, likelihood, z, mu, logvar, truth)

    def _expect(
        self,
        answer: Any,
        likelihood: Tensor,
        z: Tensor,
        mu: Tensor,
        logvar: Tensor,
        truth: Tensor | None = None,
    ) -> None:
        arguments = {"log_px_given_z": likelihood, "z": z, "mu": mu, "logvar": logvar}
        result = call(self.name, answer, arguments)
        if truth is None:
            truth = likelihood + oracle.log_prior(z) - oracle.log_q(z, mu, logvar)
        wrong = wrong_weights(likelihood, z, mu, logvar)
        expect_kind(result, tuple(truth.shape), "log w", wrong)
        expect_single(result, "log w")
        square = (z - mu).square() / logvar.exp()
        parts = {"log_px_given_z": likelihood, "z": z, "logvar": logvar, "scaled_square": square}
        with arguments_named(result, _log_weights, arguments, (_of_squares, parts)):
            expect_equal(result, truth, "log w", wrong, "nats")


class _Bug3(Exercise):
    name, section = "mended_3", "8"

    @idea(
        "minus the log of the mean of exp(-loss)",
        also=[{"batch": 4, "samples": 4}, {"batch": 1, "samples": 1}],
    )
    def bound(self, answer: Any, *, batch: int = 5, samples: int = 7) -> None:
        """Equal to -L_K, for K = 7 and K = 1; losses of both signs, within two nats."""
        for number in (samples, 1, 2):
            losses = 4 + spread(number, batch, low=0.1, high=1.0)
            result = call(self.name, answer, {"losses": losses})
            truth, wrong = -bound(-losses), wrong_of_losses(losses)
            result = expect_kind(result, (batch,), "-L_K", wrong)
            expect_single(result, "-L_K")
            with arguments_named(result, lambda losses: -bound(-losses), {"losses": losses}):
                expect_equal(result, truth, "-L_K", wrong, "nats")

    @idea("finite for losses of 900, and then as right")
    def stable(self, answer: Any, *, batch: int = 5, samples: int = 7) -> None:
        """The same near 900 and near -900 (a density's), where exp is 0 or infinite; with both side
        by side, in images of their own and within each."""
        for dtype in (torch.float64, torch.float32):
            for where, log_w in _far(samples, batch, dtype):
                losses = -log_w
                result = call(self.name, answer, {"losses": losses})
                wrong = wrong_of_losses(losses.double())
                result = expect_kind(result, (batch,), "-L_K", wrong)
                _expect_no_overflow(result, f"log weights (minus losses) {where}")
                truth = -bound(-losses.double())
                _expect_at_level(result, truth, "-L_K", wrong)


class _Bug5(Exercise):
    name, section = "mended_5", "8"

    @idea("the mean of L_K, and sd / sqrt(B) over the images")
    def error(self, answer: Any, *, samples: int = 4, batch: int = 7) -> None:
        """Equal to the mean over images of L_K and to its standard error, n - 1 in the variance.

        Then with weights of exp(-900) and exp(900) side by side, in images and within each; and
        in float32 near -900, where a square that is taken before the mean is subtracted has no
        digits left: eight times, since it is right to a thousandth by chance in one of six.
        """
        for images in (batch, 3):
            self._expect(answer, separating_weights(samples, images))
        for _ in range(8):
            self._expect(answer, separating_weights(samples, batch).float() - 900, within=1e-3)
        for where, log_w in _far(samples, batch, torch.float64):
            self._expect(answer, log_w, f"log weights {where}")

    @idea("more codes of the same images do not make it smaller")
    def more_codes(self, answer: Any, *, samples: int = 4, batch: int = 7) -> None:
        """Every weight twice, or eleven times, changes neither the mean nor its error."""
        log_w = separating_weights(samples, batch)
        for times in (2, 11):
            rows = shuffled(times * samples)
            self._expect(answer, log_w.repeat(times, 1)[rows])

    def _expect(
        self, answer: Any, log_w: Tensor, where: str = "", within: float | None = None
    ) -> None:
        """`within`: how far off a number may be in float32, of an answer that is right in float64:
        what is further off has lost its digits, whatever it looks like."""
        result = call(self.name, answer, {"log_w": log_w})
        found = expect_pair(result, self.name, ("mean", "error"))
        for part in found if where else ():
            _expect_no_overflow(_as_scalar(part, "a result"), where)
        log_w = log_w.double()
        bounds = bound(log_w)
        wrong, rights = (wrong_means(log_w), wrong_errors(log_w)), (_mean, standard_error)
        whats = ("the mean", "the error")
        for value, right_of, known, what in zip(found, rights, wrong, whats, strict=True):
            value, right = _as_scalar(value, what), right_of(bounds)
            if within and value.shape == right.shape and abs(value.detach() - right) < within:
                continue
            named = arguments_named(value, _after(right_of), {"log_w": log_w})
            try:
                with named:
                    expect_equal(value, right, what, known, "nats")
            except Mistake as mistake:
                if not within or (mistake.slug == "nan" and "contains nan" not in mistake.seen):
                    raise
                raise Mistake("bug-digits-lost", f"{mistake.seen} (of float32)") from None


def _mean(bounds: Tensor) -> Tensor:
    return bounds.mean()


def _after(right_of: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda log_w: right_of(bound(log_w))


def _log_weights(log_px_given_z: Tensor, z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    return log_px_given_z + oracle.log_prior(z) - oracle.log_q(z, mu, logvar)


def _of_squares(log_px_given_z: Tensor, z: Tensor, logvar: Tensor, scaled_square: Tensor) -> Tensor:
    """The same; `scaled_square` is ((z - mu) / sigma)^2, (K, B, D)."""
    return log_px_given_z - 0.5 * (z.square() - logvar - scaled_square).sum(-1)


def _parts(samples: int) -> list[int]:
    """Lengths of parts, all different, the shortest neither first nor last."""
    first = max(2, samples // 4)
    return [first, 1, samples - first - 1]


def _far(samples: int, batch: int, dtype: torch.dtype) -> list[tuple[str, Tensor]]:
    """Log weights (K, B) whose exponentials are 0 or infinite, and what to call them."""
    near = [(f"near {level}", level + spread(samples, batch, high=3.0)) for level in (-900, 900)]
    mixed = [
        ("from -900 to 900", apart(samples, batch)),
        ("of -800 and 700", uneven(samples, batch)),
    ]
    return [(where, log_w.to(dtype)) for where, log_w in (*near, *mixed)]


def _expect_no_overflow(result: Tensor, where: str) -> None:
    if not result.detach().isfinite().all():
        word = "nan" if result.detach().isnan().any() else "infinite"
        raise Mistake("bug-overflow", f"The result is {word} for {where}.")


def _expect_at_level(result: Tensor, truth: Tensor, what: str, wrong: Candidates) -> None:
    """Raise Mistake unless the nats are right, however large: to 1e-6, in float32 to 0.002."""
    expect_single(result, what)
    tolerance = 1e-6 if result.dtype == torch.float64 else 2e-3
    off = (result.detach().double() - truth).abs()
    if off.max() < tolerance:
        return
    place = int(off.argmax())
    seen = f"{what}[{place}] is {result[place]:.8g} nats, it should be {truth[place]:.8g}."
    for slug, value in wrong:
        if value.shape == truth.shape and (result.detach() - value).abs().max() < tolerance:
            raise Mistake(slug, seen)
    raise Mistake("bug-far-from-zero", seen)


def _as_scalar(value: Any, what: str) -> Any:
    """A tensor without dimensions, of a number of Python or numpy as well."""
    if torch.is_tensor(value):
        return value
    if value is None or type(value) in (str, bool) or not hasattr(value, "__float__"):
        raise Mistake("wrong-type", f"{what} is {describe(value)}, not a number.")
    return torch.tensor(float(value), dtype=torch.float64)


bug_1, bug_2, bug_3, bug_5 = _Bug1(), _Bug2(), _Bug3(), _Bug5()
