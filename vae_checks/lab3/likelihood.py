"""What a wrong Bernoulli likelihood is: known wrong formulas, and what fits a value or gradient."""

from collections.abc import Callable

import torch
from torch import Tensor

from vae_checks.fixtures import true_nll
from vae_checks.terms import Term
from vae_checks.values import close
from vae_checks.verdict import Mistake


def wrong_nll(logits: Tensor, x: Tensor) -> list[tuple[str, Tensor]]:
    """Known wrong results for logits and images (B, P), by slug."""
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
        ("nll-squared-error", (p - x).square().mean(1)),
        ("nll-squared-error", (logits - x).square().sum(1)),
        ("nll-absolute-error", (p - x).abs().sum(1)),
        ("nll-swapped", true_nll(x, logits)),
        ("nll-flipped", true_nll(-logits, x)),
        ("nll-thresholds-x", true_nll(logits, (x > 0.5).to(x.dtype))),
        ("nll-thresholds-x", true_nll(logits, x.round())),
        ("nll-no-sigmoid", -(x * logits).sum(1)),
        ("hard-coded-pixels", 784 * each.mean(1)),
        ("hard-coded-pixels", 784 * each.mean()),
        ("pixels-from-batch", len(x) * each.mean(1)),
        ("pixels-from-batch", len(x) * each.mean()),
        ("nll-softmax", softmax),
        ("nll-softmax", softmax.mean()),
        ("nll-softmax", softmax.sum()),
    ]


def terms_of_nll(logits: Tensor, x: Tensor) -> list[Term]:
    """The cross-entropy's terms (B, P), and those often taken in their place."""
    softplus, p = torch.nn.functional.softplus(logits), torch.sigmoid(logits)
    return [
        Term("log(1 + exp(logits))", softplus, 1),
        Term("x times the logits", x * logits, -1),
        Term("the logits", logits),
        Term("x times log(1 + exp(logits))", x * softplus),
        Term("x", x),
        Term("x^2", x**2),
        Term("x times the probabilities", x * p),
        Term("the probabilities", p),
        Term("a constant", torch.ones_like(x)),
        Term("x^2 times the logits", x**2 * logits),
        Term("|logits|", logits.abs()),
    ]


def terms_of_loss(nll: Tensor, kl: Tensor, beta: float | None = None) -> list[Term]:
    """The terms, without dimensions, of the loss of one batch (B,), with a beta or without."""
    weight = nll.new_tensor(1.0 if beta is None else beta)
    terms = [
        Term("the mean of nll", nll.mean(), 1),
        Term(
            "the mean of kl" if beta is None else "beta times the mean of kl", weight * kl.mean(), 1
        ),
        Term("the mean of their product", (nll * kl).mean()),
        Term("the mean of nll^2", nll.square().mean()),
        Term("the mean of kl^2", kl.square().mean()),
        Term("the first image's nll", nll[0]),
        Term("the first image's kl", kl[0]),
        Term("a constant", torch.ones_like(weight)),
    ]
    if beta is not None:
        terms += [
            Term("the mean of kl without beta", kl.mean()),
            Term("beta times the mean of nll", weight * nll.mean()),
            Term("beta^2 times the mean of kl", weight**2 * kl.mean()),
            Term("beta", weight),
        ]
    return terms


def name_value(value: Tensor, logits: Tensor, x: Tensor, mistake: Mistake) -> None:
    """Raise Mistake when wrong results (B,) for logits and images (B, P) have a known cause.

    All arguments are in float64; one image or two fit anything.
    """
    if len(value) < 3:
        return
    truth = true_nll(logits, x)
    white = (x * torch.nn.functional.softplus(-logits)).sum(1)
    fits = [
        ("nll-constant-added", value - truth),
        ("nll-scaled", value / truth),
        ("nll-pos-weight", (value - (truth - white)) / white),
        ("nll-pos-weight", (value - white) / (truth - white)),
    ]
    for slug, number in fits:
        if (number - number[0]).abs().max() < 1e-4 * (1 + number[0].abs()):
            raise Mistake(slug, mistake.seen) from None
    if _fits(lambda c: true_nll(logits.clamp(-c, c), x), value, 0, logits.abs().max().item()):
        raise Mistake("nll-logits-clamped", mistake.seen) from None


def wrong_stable(logits: Tensor, x: Tensor) -> list[tuple[str, Tensor]]:
    """Known wrong results for large logits and images (B, P) in float32, by slug."""
    wrong = wrong_nll(logits.double(), x.double())
    p = torch.sigmoid(logits)

    def cost(q: Tensor, least: float | None = None) -> Tensor:
        return -(x * q.log().clamp(min=least) + (1 - x) * (1 - q).log().clamp(min=least)).sum(1)

    wrong.append(("nll-clamped", cost(p, -100).double()))
    for tiny in (1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.0):
        added = x * (p + tiny).log() + (1 - x) * (1 - p + tiny).log()
        q = p.clamp(tiny, 1 - tiny)
        wrong += [("nll-epsilon", -added.sum(1).double()), ("nll-epsilon", cost(q, -200).double())]
        wrong += [("nll-epsilon", cost(q, -100).double())]
        wrong += [("nll-epsilon", cost((p + tiny) / (1 + 2 * tiny), -100).double())]
    return [(slug, value) for slug, value in wrong if value.isfinite().all()]


def name_stable(value: Tensor, logits: Tensor, x: Tensor, mistake: Mistake) -> None:
    """Raise Mistake when wrong results (B,) for large logits (B, P) have a known cause."""
    each = true_nll(logits[..., None], x[..., None])
    p = torch.sigmoid(logits.float()).double()  # 0 or 1 where it is rounded
    rounded = ((p == 0) & (x > 0)) | ((p == 1) & (x < 1))
    left_out = torch.where(rounded, 0.0, each).sum(1)
    if close(value, left_out) or (value == 0).any():
        raise Mistake("nll-nan-to-num", mistake.seen) from None
    if _fits(lambda c: true_nll(logits.clamp(-c, c), x), value, 0, 200):
        raise Mistake("nll-logits-clamped", mistake.seen) from None
    if _fits(lambda most: each.clamp(max=most).sum(1), value, 0, 200):
        raise Mistake("nll-clamped", mistake.seen) from None


def _fits(rule: Callable[[float], Tensor], value: Tensor, low: float, high: float) -> bool:
    """Whether some number between low and high gives `value` (B,); the sum of `rule` rises."""
    for _ in range(60):
        middle = (low + high) / 2
        if rule(middle).sum() < value.sum():
            low = middle
        else:
            high = middle
    off = (rule(high) - value).abs().max()
    return bool(off < 1e-4 * value.abs().max())


def expect_partly_detached(gradient: Tensor, logits: Tensor, x: Tensor) -> None:
    """Raise Mistake when d nll / d logits (B, P) lacks what one of the two terms has."""
    p, x = torch.sigmoid(logits.double()), x.double()
    if any(close(gradient, part) for part in (p, -x, x * (p - 1), (1 - x) * p)):
        seen = "The gradient with respect to the logits lacks a part; the value is right."
        raise Mistake("nll-part-detached", seen)
