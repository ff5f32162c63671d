"""KL(q || p) of two diagonal Gaussians, per image."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread, true_kl
from vae_checks.lab5.right_slopes import expect_dtype, expect_slopes
from vae_checks.misread import Reading, arguments_named
from vae_checks.terms import Term, terms_named
from vae_checks.values import (
    close,
    expect_equal,
    expect_exact,
    expect_tensor,
    unless_right,
)
from vae_checks.verdict import Mistake, call

Wrong = list[tuple[str, Tensor]]  # slugs and results

Arguments = dict[str, Tensor]


class _KLBetween(Exercise):
    name, section = "kl_between", "5.1"

    @idea(
        "one number per image, in nats, equal to the formula, and its gradients",
        also=[{"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}, {"batch": 2, "latent": 41}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """To 1e-10 in float64 and 1e-4 in float32; where both agree, are near to each other, very
        narrow, very wide or far away; the gradients by all four arguments to 1e-6."""
        given = _parameters(batch, latent)
        self._expect_kl(answer, given)
        for given, slug, where in _special(batch, latent):
            value = expect_tensor(call(self.name, answer, given), (batch,), f"kl ({where})")
            truth = between(**given)
            off = (value.detach() - truth).abs()
            if not (off <= 1e-9 + 1e-6 * truth).all():
                place = int(off.argmax())
                seen = f"With {where} kl[{place}] is {value[place]:.6g}, it should be"
                raise Mistake(slug, f"{seen} {truth[place]:.6g}.")
        single = {key: each.float() for key, each in _parameters(batch, latent).items()}
        value = call(self.name, answer, single)
        truth = between(**{key: each.double() for key, each in single.items()})
        expect_equal(value, truth, "kl (float32)", unit="nats")
        expect_dtype(value, single["mu_q"], "kl")
        leaves = {key: each.requires_grad_() for key, each in _parameters(batch, latent).items()}
        value = expect_tensor(call(self.name, answer, leaves), (batch,), "kl")
        expect_slopes(value, between(**leaves), leaves, "kl")

    def _expect_kl(self, answer: Any, given: Arguments) -> None:
        value, truth = call(self.name, answer, given), between(**given)
        wrong = unless_right(_wrong(**given), truth)
        try:
            expect_exact(value, truth, "kl", wrong, "nats")
        except Mistake as mistake:
            if mistake.slug not in ("wrong-value", "not-exact"):
                raise
            again = call(self.name, answer, given)
            if torch.is_tensor(again) and not close(again, value.detach().double()):
                raise Mistake("kl-random", "Two calls with the same arguments differ.") from None
            with (
                arguments_named(value, between, given, *_between_parts(**given)),
                terms_named(lambda images: self._asked(answer, images)),
            ):
                raise

    def _asked(self, answer: Any, images: int) -> tuple[Any, list[Term]]:
        given = _parameters(images, 5)
        return call(self.name, answer, given), _terms(**given)


def between(mu_q: Tensor, logvar_q: Tensor, mu_p: Tensor, logvar_p: Tensor) -> Tensor:
    """KL(N(mu_q, diag exp(logvar_q)) || N(mu_p, diag exp(logvar_p))) in nats, (B,): that of q to
    N(0, I), in the units of p."""
    return true_kl((mu_q - mu_p) * torch.exp(-0.5 * logvar_p), logvar_q - logvar_p)


def _between_parts(mu_q: Tensor, logvar_q: Tensor, mu_p: Tensor, logvar_p: Tensor) -> list[Reading]:
    """The formula as a function of what is computed on the way."""
    off, ratio, precision = mu_q - mu_p, logvar_q - logvar_p, torch.exp(-logvar_p)

    def of_precision(distance: Tensor, precision: Tensor, log_quotient: Tensor) -> Tensor:
        quotient = log_quotient.exp() - 1 - log_quotient
        return 0.5 * (distance**2 * precision + quotient).sum(1)

    def of_terms(squares: Tensor, quotient: Tensor, log_quotient: Tensor) -> Tensor:
        return 0.5 * (squares + quotient - 1 - log_quotient).sum(1)

    return [
        (of_precision, {"distance": off, "precision": precision, "log_quotient": ratio}),
        (of_terms, {"squares": off**2 * precision, "quotient": ratio.exp(), "log_quotient": ratio}),
    ]


def _parameters(batch: int, latent: int) -> Arguments:
    keys = ("mu_q", "logvar_q", "mu_p", "logvar_p")
    return {key: spread(batch, latent, high=1.5) for key in keys}


def _special(batch: int, latent: int) -> list[tuple[Arguments, str, str]]:
    """Parameters where a floor, a clamp or another convention shows, its slug, what to say."""
    one = _parameters(batch, latent)
    same = {**one, "mu_p": one["mu_q"].clone(), "logvar_p": one["logvar_q"].clone()}
    near = {key: each + 0.04 * spread(batch, latent) for key, each in same.items()}
    found = [(same, "kl-floor", "q = p"), (near, "kl-floor", "q near p")]
    for at in (-60, -12, 12, 60):
        moved = _parameters(batch, latent)
        moved = {k: m + at if "log" in k else m * math.exp(at / 2) for k, m in moved.items()}
        found.append((moved, "kl-clipped", f"logvar_q and logvar_p near {at}"))
    far = _parameters(batch, latent)
    found.append(({**far, "mu_q": 300 * far["mu_q"]}, "value-cut", "mu_q in the hundreds"))
    return found


def _wrong(mu_q: Tensor, logvar_q: Tensor, mu_p: Tensor, logvar_p: Tensor) -> Wrong:
    truth = between(mu_q, logvar_q, mu_p, logvar_p)
    var_q, var_p, off = logvar_q.exp(), logvar_p.exp(), mu_q - mu_p
    ratio = logvar_q - logvar_p
    each = between(*(part[..., None] for part in (mu_q, logvar_q, mu_p, logvar_p)))  # (B, D)

    def summed(term: Tensor) -> Tensor:
        return 0.5 * term.sum(1)

    sigma = between(mu_q, 2 * logvar_q, mu_p, 2 * logvar_p)
    return [
        ("kl-half-misplaced", summed(off**2 / var_p + var_q / var_p - 1 - 2 * ratio)),
        ("kl-half-misplaced", summed(2 * off**2 / var_p + 2 * var_q / var_p - 1 - ratio)),
        ("kl-half-misplaced", summed(2 * off**2 / var_p + var_q / var_p - 1 - ratio)),
        ("kl-half-misplaced", summed(off**2 / var_p + var_q / var_p - 2 - ratio)),
        ("kl-half-misplaced", summed(off**2 / var_p + var_q / var_p - 2 - 2 * ratio)),
        ("kl-no-half", 2 * truth),
        ("kl-sign", -truth),
        ("kl-sign", -2 * truth),
        ("kl-reversed", between(mu_p, logvar_p, mu_q, logvar_q)),
        ("levels-prior-standard", true_kl(mu_q, logvar_q)),
        ("levels-prior-standard", true_kl(mu_q, logvar_q) - true_kl(mu_p, logvar_p)),
        ("levels-by-variance-of-q", summed(off**2 / var_q + var_q / var_p - 1 - ratio)),
        ("levels-off-not-scaled", summed(off**2 + var_q / var_p - 1 - ratio)),
        ("levels-off-by-sigma", summed(off**2 / var_p.sqrt() + var_q / var_p - 1 - ratio)),
        ("kl-mu-not-squared", summed(off.abs() / var_p + var_q / var_p - 1 - ratio)),
        ("kl-mu-not-squared", summed(off / var_p + var_q / var_p - 1 - ratio)),
        ("kl-no-mu", summed(var_q / var_p - 1 - ratio)),
        ("kl-no-one", summed(off**2 / var_p + var_q / var_p - ratio)),
        ("kl-one-outside", summed(off**2 / var_p + var_q / var_p - ratio) - 1),
        ("kl-one-outside", summed(off**2 / var_p + var_q / var_p - ratio) - 0.5),
        ("kl-no-logvar", summed(off**2 / var_p + var_q / var_p - 1)),
        ("kl-logvar-sign", summed(off**2 / var_p + var_q / var_p - 1 + ratio)),
        ("levels-sum-of-logs", summed(off**2 / var_p + var_q / var_p - 1 - logvar_q - logvar_p)),
        ("kl-no-exp", summed(off**2 / logvar_p + logvar_q / logvar_p - 1 - ratio)),
        ("kl-no-exp", summed(off**2 / var_p + ratio - 1 - ratio)),
        ("kl-log-sigma", sigma),
        ("kl-sigma-squared-twice", summed(off**2 / var_p**2 + (var_q / var_p) ** 2 - 1 - ratio)),
        ("kl-sigma-not-squared", summed(off**2 / var_p + (ratio / 2).exp() - 1 - ratio)),
        ("kl-square-of-sum", truth + 0.5 * (off.sum(1) ** 2 - (off**2).sum(1))),
        ("levels-squares-apart", summed((mu_q**2 - mu_p**2) / var_p + var_q / var_p - 1 - ratio)),
        ("levels-means-added", between(mu_q, logvar_q, -mu_p, logvar_p)),
        ("kl-mean-latent", each.mean(1)),
        ("kl-mean-all", each.mean()),
        ("kl-batch-sum", truth.sum()),
        ("kl-batch-mean", truth.mean()),
        ("kl-not-summed", each),
        ("kl-sum-over-batch", each.sum(0)),
        ("kl-entropy-only", -summed(1 + logvar_q)),
    ]


def _terms(mu_q: Tensor, logvar_q: Tensor, mu_p: Tensor, logvar_p: Tensor) -> list[Term]:
    var_q, var_p, off = logvar_q.exp(), logvar_p.exp(), mu_q - mu_p
    return [
        Term("(mu_q - mu_p)^2 / variance of p", off**2 / var_p, 0.5),
        Term("the quotient of the variances", var_q / var_p, 0.5),
        Term("the constant", torch.ones_like(off), -0.5),
        Term("logvar_q", logvar_q, -0.5),
        Term("logvar_p", logvar_p, 0.5),
        Term("(mu_q - mu_p)^2", off**2),
        Term("the variance of q", var_q),
        Term("the variance of p", var_p),
        Term("variance of p / variance of q", var_p / var_q),
        Term("(mu_q - mu_p)^2 / variance of q", off**2 / var_q),
        Term("mu_q^2 / variance of p", mu_q**2 / var_p),
        Term("the quotient of the sigmas", (var_q / var_p).sqrt()),
        Term("|mu_q - mu_p| / variance of p", off.abs() / var_p),
        Term("(mu_q - mu_p) / variance of p", off / var_p),
    ]


kl_between = _KLBetween()
