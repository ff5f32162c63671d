"""The two terms of the loss and their sum, against closed forms.

Every known wrong formula has a value of its own on fixtures whose numbers are away from 0 and 1.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_helpers.checks.exercise import Exercise, idea
from vae_helpers.checks.fixtures import grey_images, spread, true_kl, true_nll
from vae_helpers.checks.values import close, expect_equal, expect_tensor
from vae_helpers.checks.verdict import Mistake, call

_TWO_LOG_TWO_PI = 2 * math.log(2 * math.pi)


class _BernoulliNLL(Exercise):
    name, section = "bernoulli_nll", "3.1"

    @idea("one number per image, in nats, equal to the cross-entropy")
    def value(self, answer: Any, *, batch=3, pixels=7) -> None:
        """Equal to the closed form for grey images and moderate logits."""
        logits, x = spread(batch, pixels), grey_images(batch, pixels)
        try:
            value = call(self.name, answer, {"logits": logits, "x": x})
            expect_tensor(value, (batch,), "nll", _wrong_nll(logits, x))
        except Mistake as mistake:
            if mistake.slug in ("raised", "nan"):
                _expect_no_probabilities(self.name, answer, batch, pixels)
            raise
        expect_equal(value, true_nll(logits, x), "nll", _wrong_nll(logits, x), "nats")

    @idea("finite and right for logits of 200, gradient included")
    def stable(self, answer: Any, *, batch=3, pixels=7) -> None:
        """Value and gradient in float32, at logits of +-200, +-30 and moderate ones."""
        logits = spread(batch, pixels)
        logits[:, ::2] *= 100 / logits[:, ::2].abs()
        logits[0] *= 200 / logits[0].abs()
        logits[-1, -1] = -30
        logits = logits.float().requires_grad_()
        x = grey_images(batch, pixels).float()
        x[:, 1::2] = x[:, 1::2].round()
        x[0, 0], x[-1, -1] = (logits[0, 0] < 0).float(), 1.0  # the costly cases
        value = call(self.name, answer, {"logits": logits, "x": x})
        _expect_finite(value)
        truth = true_nll(logits.detach().double(), x.double())
        wrong = _wrong_stable(logits.detach(), x)
        expect_equal(value, truth, "nll (logits of size 200)", wrong, "nats")
        gradient = _gradients(value, {"logits": logits})["logits"]
        expected = torch.sigmoid(logits.detach().double()) - x.double()
        if not torch.isfinite(gradient).all():
            raise Mistake("nll-overflow", "The gradient is not finite at logits of size 200.")
        expect_equal(gradient, expected, "d nll / d logits (of size 200)")


class _GaussianKL(Exercise):
    name, section = "gaussian_kl", "3.2"

    @idea("one number per image, in nats, equal to the formula")
    def value(self, answer: Any, *, batch=3, latent=5) -> None:
        """Equal to the closed form of Kingma and Welling, appendix B."""
        mu, logvar = spread(batch, latent), spread(batch, latent)
        value = call(self.name, answer, {"mu": mu, "logvar": logvar})
        _expect_kl(self.name, answer, value, mu, logvar)
        for mu, logvar, slug, where in _special_codes(batch, latent):
            value = call(self.name, answer, {"mu": mu, "logvar": logvar})
            expect_tensor(value, (batch,), f"kl ({where})")
            truth = true_kl(mu, logvar)
            # In float32 1 + logvar and exp(logvar), near 1, are rounded by 1e-7.
            absolute, relative = (1e-9, 1e-6) if value.dtype == torch.float64 else (1e-5, 1e-4)
            off = (value.detach().double() - truth).abs()
            if (off > absolute + relative * truth).any():
                seen = f"With {where} kl[0] is {value[0]:.4g}, it should be {truth[0]:.4g}."
                raise Mistake(slug, seen)

    @idea("the right gradient reaches mu and logvar")
    def gradient(self, answer: Any, *, batch=3, latent=5) -> None:
        """d kl / d mu = mu and d kl / d logvar = (exp(logvar) - 1) / 2."""
        mu = spread(batch, latent).requires_grad_()
        logvar = spread(batch, latent).requires_grad_()
        value = call(self.name, answer, {"mu": mu, "logvar": logvar})
        expect_tensor(value, (batch,), "kl", _wrong_kl(mu.detach(), logvar.detach()))
        found = _gradients(value, {"mu": mu, "logvar": logvar})
        truth = {"mu": mu.detach(), "logvar": (logvar.detach().exp() - 1) / 2}
        if all(close(found[key], truth[key]) for key in truth):
            self._expect_special_gradients(answer, batch, latent)
            return
        # A wrong formula is better named by its value than by its gradient.
        _expect_kl(self.name, answer, value, mu.detach(), logvar.detach())
        for key in truth:
            if not found[key].any():
                raise Mistake("detached", f"The gradient of kl with respect to {key} is 0.")
            expect_equal(found[key], truth[key], f"d kl / d {key}")

    def _expect_special_gradients(self, answer: Any, batch: int, latent: int) -> None:
        for mu, logvar, slug, where in _special_codes(batch, latent)[1:]:
            codes = {"mu": mu.requires_grad_(), "logvar": logvar.requires_grad_()}
            value = expect_tensor(call(self.name, answer, codes), (batch,), f"kl ({where})")
            found = _gradients(value, codes)
            truth = {"mu": mu.detach(), "logvar": (logvar.detach().exp() - 1) / 2}
            for key in truth:
                if not close(found[key], truth[key]):
                    got, wanted = found[key][0, 0].item(), truth[key][0, 0].item()
                    seen = f"With {where} d kl / d {key} is {got:.4g}, it should be {wanted:.4g}."
                    raise Mistake(slug, seen)


class _NegativeELBO(Exercise):
    name, section = "negative_elbo", "3.3"

    @idea("the batch mean of both terms")
    def value(self, answer: Any, *, batch=5) -> None:
        """Equal to mean(nll + kl) with beta left out, and differentiable in both terms."""
        nll, kl = _terms(batch)
        loss = call(self.name, answer, {"nll": nll, "kl": kl})
        _expect_scalar(loss)
        wrong = _wrong_elbo(nll.detach(), kl.detach(), 1.0)
        expect_equal(loss, (nll + kl).mean().detach(), "the loss", wrong, "nats")
        for key, gradient in _gradients(loss, {"nll": nll, "kl": kl}).items():
            if not gradient.any():
                raise Mistake("detached", f"The gradient with respect to {key} is 0.")
            expect_equal(gradient, 0 * gradient + 1 / batch, f"d loss / d {key}")

    @idea("beta weighs the KL, and nothing else")
    def beta(self, answer: Any, *, batch=5) -> None:
        """Equal to mean(nll + beta * kl) at beta below 1, above 1 and 0."""
        for beta in (0.37, 4.1, 0.0):
            nll, kl = _terms(batch)
            loss = call(self.name, answer, {"nll": nll, "kl": kl}, beta=beta)
            _expect_scalar(loss)
            wrong = _wrong_elbo(nll.detach(), kl.detach(), beta)
            truth = (nll + beta * kl).mean().detach()
            expect_equal(loss, truth, f"the loss with beta={beta}", wrong, "nats")


def _wrong_nll(logits: Tensor, x: Tensor) -> list[tuple[str, Tensor]]:
    truth, p = true_nll(logits, x), torch.sigmoid(logits)
    each = true_nll(logits[..., None], x[..., None])  # (B, P)
    softmax = -(x * torch.log_softmax(logits, dim=1)).sum(1)
    return [
        ("nll-sign", -truth),
        ("nll-mean-pixels", each.mean(1)),
        ("nll-mean-all", each.mean()),
        ("nll-batch-sum", each.sum()),
        ("nll-batch-mean", truth.mean()),
        ("nll-not-summed", each),
        ("nll-sum-over-batch", each.sum(0)),
        ("nll-sigmoid-twice", true_nll(p, x)),
        ("nll-half-the-terms", -(x * p.log()).sum(1)),
        ("nll-half-the-terms", -((1 - x) * (1 - p).log()).sum(1)),
        ("nll-squared-error", (p - x).square().sum(1)),
        ("nll-squared-error", 0.5 * (p - x).square().sum(1)),
        ("nll-squared-error", (logits - x).square().sum(1)),
        ("nll-swapped", true_nll(x, logits)),
        ("nll-flipped", true_nll(-logits, x)),
        ("nll-thresholds-x", true_nll(logits, (x > 0.5).to(x.dtype))),
        ("nll-thresholds-x", true_nll(logits, x.round())),
        ("nll-no-sigmoid", -(x * logits).sum(1)),
        ("hard-coded-pixels", 784 * each.mean(1)),
        ("hard-coded-pixels", 784 * each.mean()),
        ("nll-softmax", softmax),
        ("nll-softmax", softmax.mean()),
        ("nll-softmax", softmax.sum()),
    ]


def _expect_no_probabilities(name: str, answer: Any, batch: int, pixels: int) -> None:
    """Raise Mistake when the answer takes its first argument for probabilities."""
    p, x = grey_images(batch, pixels), grey_images(batch, pixels)
    value = call(name, answer, {"logits": p, "x": x})
    if torch.is_tensor(value) and close(value, true_nll(torch.logit(p), x)):
        seen = "It returns the cross-entropy for logits in (0, 1) read as probabilities."
        raise Mistake("nll-no-sigmoid", seen)


def _wrong_stable(logits: Tensor, x: Tensor) -> list[tuple[str, Tensor]]:
    wrong = _wrong_nll(logits.double(), x.double())
    p = torch.sigmoid(logits)
    clamped = x * p.log().clamp(min=-100) + (1 - x) * (1 - p).log().clamp(min=-100)
    wrong.append(("nll-clamped", -clamped.sum(1).double()))
    for tiny in (1e-12, 1e-10, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3):
        added = x * (p + tiny).log() + (1 - x) * (1 - p + tiny).log()
        q = p.clamp(tiny, 1 - tiny)
        cut = x * q.log() + (1 - x) * (1 - q).log()
        wrong += [("nll-epsilon", -added.sum(1).double()), ("nll-epsilon", -cut.sum(1).double())]
    return wrong


def _expect_finite(value: Any) -> None:
    if torch.is_tensor(value) and not torch.isfinite(value.detach()).all():
        kind = "nan" if torch.isnan(value.detach()).any() else "inf"
        raise Mistake("nll-overflow", f"The result contains {kind} at logits of size 200.")


def _wrong_kl(mu: Tensor, logvar: Tensor) -> list[tuple[str, Tensor]]:
    truth = true_kl(mu, logvar)
    each = true_kl(mu[..., None], logvar[..., None])  # (B, D)

    def summed(term: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Tensor:
        return 0.5 * term(mu, logvar, logvar.exp()).sum(1)

    return [
        ("kl-no-half", 2 * truth),
        ("kl-sign", -truth),
        ("kl-sign", -2 * truth),
        ("kl-mean-latent", each.mean(1)),
        ("kl-mean-all", each.mean()),
        ("kl-batch-sum", truth.sum()),
        ("kl-batch-mean", truth.mean()),
        ("kl-not-summed", each),
        ("kl-sum-over-batch", each.sum(0)),
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


def _special_codes(batch: int, latent: int) -> list[tuple[Tensor, Tensor, str, str]]:
    """mu, logvar (B, D) where a floor or a clamp shows, the slug, and what to call them."""
    zero = torch.zeros(batch, latent, dtype=torch.float64)
    near = [spread(batch, latent, low=0.03, high=0.06) for _ in range(2)]
    far = spread(batch, latent)
    return [
        (zero, zero.clone(), "kl-floor", "mu = 0, logvar = 0"),
        (*near, "kl-floor", "mu and logvar near 0"),
        (far, zero - 12, "kl-clipped", "logvar = -12"),
        (far.clone(), zero + 12, "kl-clipped", "logvar = 12"),
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
        raise


def _terms(batch: int) -> tuple[Tensor, Tensor]:
    nll, kl = spread(batch, low=3, high=9).abs(), spread(batch, low=0.5, high=2).abs()
    return nll.requires_grad_(), kl.requires_grad_()


def _wrong_elbo(nll: Tensor, kl: Tensor, beta: float) -> list[tuple[str, Tensor]]:
    wrong = [
        ("elbo-minus-kl", (nll - beta * kl).mean()),
        ("elbo-sign", -(nll + beta * kl).mean()),
        ("elbo-sign", (beta * kl - nll).mean()),
        ("elbo-batch-sum", (nll + beta * kl).sum()),
        ("elbo-batch-sum", nll.mean() + beta * kl.sum()),
        ("elbo-batch-sum", nll.sum() + beta * kl.mean()),
        ("elbo-not-averaged", nll + beta * kl),
    ]
    if beta != 1:
        wrong += [
            ("beta-ignored", (nll + kl).mean()),
            ("beta-ignored", (nll + min(beta, 1.0) * kl).mean()),
            ("beta-on-nll", (beta * nll + kl).mean()),
            ("beta-on-both", (beta * (nll + kl)).mean()),
        ]
    if beta > 0:
        wrong += [("beta-divides", (nll + kl / beta).mean())]
    return [*wrong, ("elbo-no-kl", nll.mean()), ("elbo-no-nll", beta * kl.mean())]


def _expect_scalar(loss: Any) -> None:
    if loss is not None and not torch.is_tensor(loss) and hasattr(loss, "__float__"):
        raise Mistake("number-not-tensor", f"The loss is the number {float(loss):.4g}.")


def _gradients(value: Tensor, arguments: dict[str, Tensor]) -> dict[str, Tensor]:
    """The gradient of value.sum() with respect to each argument; zeros where none arrives."""
    if not value.requires_grad:
        raise Mistake("detached", "The result has requires_grad=False.")
    found = torch.autograd.grad(value.sum(), list(arguments.values()), allow_unused=True)
    pairs = zip(arguments.items(), found, strict=True)
    # Gradients of an answer that computes in float32 are as exact as that.
    dtype = value.dtype
    return {key: (torch.zeros_like(a) if g is None else g).to(dtype) for (key, a), g in pairs}


bernoulli_nll = _BernoulliNLL()
gaussian_kl = _GaussianKL()
negative_elbo = _NegativeELBO()
