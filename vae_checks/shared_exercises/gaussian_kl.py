"""KL(N(mu, diag(exp(logvar))) || N(0, I)) per image, an exercise of more than one lab.

Every known wrong formula has a value of its own on fixtures whose numbers are away from 0 and 1.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread, true_kl
from vae_checks.misread import arguments_named
from vae_checks.terms import Term, terms_named
from vae_checks.values import close, expect_equal, expect_tensor, gradients
from vae_checks.verdict import Mistake, call

_TWO_LOG_TWO_PI = 2 * math.log(2 * math.pi)


class GaussianKL(Exercise):
    """`gaussian_kl(mu, logvar)`: one number per image, (B,), from two tensors (B, D)."""

    name = "gaussian_kl"

    def __init__(self, section: str) -> None:
        self.section = section

    @idea(
        "one number per image, in nats, equal to the formula",
        also=[{"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}, {"batch": 2, "latent": 41}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """Equal to the closed form of Kingma and Welling, appendix B."""
        mu, logvar = spread(batch, latent), spread(batch, latent)
        value = call(self.name, answer, {"mu": mu, "logvar": logvar})
        _expect_kl(self.name, answer, value, mu, logvar)
        for mu, logvar, slug, where in special_codes(batch, latent):
            value = call(self.name, answer, {"mu": mu, "logvar": logvar})
            expect_tensor(value, (batch,), f"kl ({where})")
            truth = true_kl(mu, logvar)
            # In float32 1 + logvar and exp(logvar), near 1, are rounded by 1e-7.
            absolute, relative = (1e-9, 1e-6) if value.dtype == torch.float64 else (1e-5, 1e-4)
            off = (value.detach().double() - truth).abs()
            if (off > absolute + relative * truth).any():
                if (off <= 1e-5 + 1e-4 * truth).all() and slug == "kl-floor":
                    slug = "not-exact"
                seen = f"With {where} kl[0] is {value[0]:.4g}, it should be {truth[0]:.4g}."
                raise Mistake(slug, seen)

    @idea("the right gradient reaches mu and logvar")
    def gradient(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """d kl / d mu = mu and d kl / d logvar = (exp(logvar) - 1) / 2."""
        mu = spread(batch, latent).requires_grad_()
        logvar = spread(batch, latent).requires_grad_()
        value = call(self.name, answer, {"mu": mu, "logvar": logvar})
        expect_tensor(value, (batch,), "kl", _wrong_kl(mu.detach(), logvar.detach()))
        found = gradients(value, {"mu": mu, "logvar": logvar})
        truth = {"mu": mu.detach(), "logvar": (logvar.detach().exp() - 1) / 2}
        if all(close(found[key], truth[key]) for key in truth):
            self._expect_specialgradients(answer, batch, latent)
            return
        # A wrong formula is better named by its value than by its gradient.
        _expect_kl(self.name, answer, value, mu.detach(), logvar.detach())
        for key in truth:
            if not found[key].any():
                raise Mistake("detached", f"The gradient of kl with respect to {key} is 0.")
            expect_equal(found[key], truth[key], f"d kl / d {key}")

    def _expect_specialgradients(self, answer: Any, batch: int, latent: int) -> None:
        for mu, logvar, slug, where in special_codes(batch, latent):
            codes = {"mu": mu.requires_grad_(), "logvar": logvar.requires_grad_()}
            value = expect_tensor(call(self.name, answer, codes), (batch,), f"kl ({where})")
            found = gradients(value, codes)
            truth = {"mu": mu.detach(), "logvar": (logvar.detach().exp() - 1) / 2}
            for key in truth:
                if found[key].isnan().any():
                    raise Mistake("nan", f"With {where} d kl / d {key} is nan.")
                if not close(found[key], truth[key]):
                    got, wanted = found[key][0, 0].item(), truth[key][0, 0].item()
                    seen = f"With {where} d kl / d {key} is {got:.4g}, it should be {wanted:.4g}."
                    raise Mistake(slug, seen)


def _wrong_kl(mu: Tensor, logvar: Tensor) -> list[tuple[str, Tensor]]:
    truth = true_kl(mu, logvar)
    each = true_kl(mu[..., None], logvar[..., None])  # (B, D)
    return [
        ("kl-mean-latent", each.mean(1)),
        ("kl-mean-all", each.mean()),
        ("kl-batch-sum", truth.sum()),
        ("kl-batch-mean", truth.mean()),
        ("kl-not-summed", each),
        ("kl-sum-over-batch", each.sum(0)),
        *wrong_formulas(mu, logvar),
    ]


def wrong_formulas(mu: Tensor, logvar: Tensor) -> list[tuple[str, Tensor]]:
    """Wrong terms of the formula, (B,), rightly summed over dimensions: slug and value."""
    truth = true_kl(mu, logvar)
    soft = torch.nn.functional.softplus(logvar)

    def summed(term: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Tensor:
        return 0.5 * term(mu, logvar, logvar.exp()).sum(1)

    return [
        ("kl-logvar-squared", summed(lambda m, s, v: m**2 + s**2 - 1 - s)),
        ("kl-logvar-squared", summed(lambda m, s, v: m**2 + s**2 - 1 - (s**2).log())),
        ("kl-logvar-squared", summed(lambda m, s, v: m**2 + v - 1 - s**2)),
        ("kl-exp-twice", summed(lambda m, s, v: m**2 + v.exp() - 1 - s)),
        ("kl-exp-twice", summed(lambda m, s, v: m**2 + v.exp() - 1 - v)),
        *(("kl-other-prior", _to_wider_prior(mu, logvar, by)) for by in (2.0, 4.0, 0.5, 0.25)),
        ("kl-other-prior", summed(lambda m, s, v: (m**2 + v) / 2 - 1 - s)),
        ("std-softplus", summed(lambda m, s, v: m**2 + soft - 1 - soft.log())),
        ("std-softplus", summed(lambda m, s, v: m**2 + soft**2 - 1 - 2 * soft.log())),
        ("kl-code-averaged", summed(lambda m, s, v: m.mean(0) ** 2 + v - 1 - s)),
        ("kl-code-averaged", summed(lambda m, s, v: (m**2).mean(0) + v - 1 - s)),
        ("kl-code-averaged", summed(lambda m, s, v: m**2 + s.mean(0).exp() - 1 - s.mean(0))),
        ("kl-code-averaged", summed(lambda m, s, v: m**2 + v.mean(0) - 1 - s.mean(0))),
        ("kl-code-averaged", summed(lambda m, s, v: (m - m.mean(0)) ** 2 + v - 1 - s)),
        ("kl-square-of-sum", truth + 0.5 * (mu.sum(1) ** 2 - (mu**2).sum(1))),
        ("kl-no-half", 2 * truth),
        ("kl-sign", -truth),
        ("kl-sign", -2 * truth),
        ("kl-log-sigma", summed(lambda m, s, v: m**2 + v**2 - 1 - 2 * s)),
        ("kl-sigma-squared-twice", summed(lambda m, s, v: m**2 + v**2 - 1 - s)),
        ("kl-sigma-not-squared", summed(lambda m, s, v: m**2 + v.sqrt() - 1 - s)),
        ("kl-sigma-not-squared", summed(lambda m, s, v: m**2 + v.sqrt() - 1 - s / 2)),
        ("kl-reversed", summed(lambda m, s, v: (1 + m**2) / v - 1 + s)),
        ("kl-no-mu", summed(lambda m, s, v: v - 1 - s)),
        ("kl-mu-not-squared", summed(lambda m, s, v: m + v - 1 - s)),
        ("kl-mu-not-squared", summed(lambda m, s, v: m.abs() + v - 1 - s)),
        ("kl-no-one", summed(lambda m, s, v: m**2 + v - s)),
        ("kl-no-one", summed(lambda m, s, v: m**2 + v + 1 - s)),
        ("kl-one-outside", summed(lambda m, s, v: m**2 + v - s) - 1),
        ("kl-one-outside", summed(lambda m, s, v: m**2 + v - s) - 0.5),
        ("kl-expectations-added", -summed(lambda m, s, v: m**2 + v + 1 + s)),
        ("kl-expectations-added", summed(lambda m, s, v: m**2 + v + 1 + s)),
        ("kl-expectations-added", -summed(lambda m, s, v: m**2 + v + 1 + s + _TWO_LOG_TWO_PI)),
        ("kl-expectations-added", summed(lambda m, s, v: m**2 + v + 1 + s + _TWO_LOG_TWO_PI)),
        ("kl-no-logvar", summed(lambda m, s, v: m**2 + v - 1)),
        ("kl-no-exp", summed(lambda m, s, v: m**2 + s - 1 - s)),
        ("kl-no-exp", summed(lambda m, s, v: m**2 - s - 1)),
        ("kl-logvar-sign", summed(lambda m, s, v: m**2 + v - 1 + s)),
        ("kl-half-misplaced", 2 * truth - 0.5 * (mu**2).sum(1)),
        ("kl-half-misplaced", truth + 0.5 * (mu**2 + logvar.exp()).sum(1)),
        ("kl-half-misplaced", truth - 0.5 * (1 + logvar).sum(1)),
        ("kl-entropy-only", -summed(lambda m, s, v: 1 + s)),
    ]


def _to_wider_prior(mu: Tensor, logvar: Tensor, variance: float) -> Tensor:
    """KL(q || N(0, variance I)), which is another number than the one to N(0, I)."""
    return true_kl(mu / math.sqrt(variance), logvar - math.log(variance))


def special_codes(batch: int, latent: int) -> list[tuple[Tensor, Tensor, str, str]]:
    """mu, logvar (B, D) where a floor or a clamp shows, the slug, and what to call them."""
    zero = torch.zeros(batch, latent, dtype=torch.float64)
    near, also_near = (spread(batch, latent, low=0.03, high=0.06) for _ in range(2))
    far = spread(batch, latent)
    return [
        (zero, zero.clone(), "kl-floor", "mu = 0, logvar = 0"),
        (near, also_near, "kl-floor", "mu and logvar near 0"),
        *((far.clone(), zero + at, "kl-clipped", f"logvar = {at}") for at in (-60, -12, 12, 60)),
        (300 * far, spread(batch, latent), "value-cut", "mu in the hundreds"),
    ]


def _expect_kl(name: str, answer: Any, value: Any, mu: Tensor, logvar: Tensor) -> None:
    try:
        expect_equal(value, true_kl(mu, logvar), "kl", _wrong_kl(mu, logvar), "nats")
    except Mistake as mistake:
        if mistake.slug != "wrong-value":
            raise
        again = call(name, answer, {"mu": mu, "logvar": logvar})
        if torch.is_tensor(again) and not close(again, value.double()):
            raise Mistake("kl-random", "Two calls with the same arguments differ.") from None
        named = arguments_named(value, true_kl, {"mu": mu, "logvar": logvar})
        with named, terms_named(lambda images: _asked(name, answer, images)):
            raise


def _asked(name: str, answer: Any, images: int) -> tuple[Any, list[Term]]:
    """What the answer gives for so many images, and the terms that its formula may be made of."""
    mu, logvar = spread(images, 5), spread(images, 5)
    return call(name, answer, {"mu": mu, "logvar": logvar}), kl_terms(mu, logvar)


def kl_terms(mu: Tensor, logvar: Tensor) -> list[Term]:
    """The terms of the formula with their weights, then others that may stand in their place."""
    variance = logvar.exp()
    return [
        Term("mu^2", mu**2, 0.5),
        Term("the variance", variance, 0.5),
        Term("the constant", torch.ones_like(mu), -0.5),
        Term("logvar", logvar, -0.5),
        Term("mu", mu),
        Term("|mu|", mu.abs()),
        Term("sigma", variance.sqrt()),
        Term("the variance's square", variance**2),
        Term("1 / variance", 1 / variance),
        Term("logvar^2", logvar**2),
        Term("mu times logvar", mu * logvar),
        Term("mu^2 / variance", mu**2 / variance),
        Term("mu^2 times the variance", mu**2 * variance),
    ]
