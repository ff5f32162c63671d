"""A published loss to repair: the importance-weighted step that weighs by losses."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.misread import arguments_named
from vae_checks.values import close, expect_exact, expect_tensor, gradients, unless_right
from vae_checks.verdict import Mistake, call

KEYS = ("nll", "log_prior", "log_q")


class _BugIwae(Exercise):
    name, section = "mended_loss", "3.3"

    @idea(
        "its gradient is that of -L_K, for all three terms of the weights",
        also=[{"samples": 4, "batch": 4}, {"samples": 1, "batch": 1}],
    )
    def gradient(self, answer: Any, *, samples: int = 5, batch: int = 3) -> None:
        """To 1e-9: each code's share at its nll and at its log q, minus it at its log prior; images
        count differently in what is differentiated; near 0, near 800 nats, and 1,500 apart."""
        turn = torch.arange(samples)[:, None] + torch.arange(batch)
        far = torch.tensor([800.0, 0.0, -700.0], dtype=torch.float64)[turn % 3]
        # At the second levels a clamp of any term shows.
        levels: list[tuple[Any, Any, Any]] = [
            (0.0, -3.0, 2.0),
            (800.0, -90.0, 70.0),
            (far, -3.0, 2.0),
            (-60.0, 40.0, -50.0),
        ]
        for offsets in levels:
            parts = [1.2 * normal(samples, batch) + offset for offset in offsets]
            leaves = {k: v.clone().requires_grad_() for k, v in zip(KEYS, parts, strict=True)}
            counts = spread(batch)
            value = expect_tensor(call(self.name, answer, leaves), (batch,), "the loss")
            found = gradients(value * counts, leaves)
            losses = parts[0] - parts[1] + parts[2]
            share, wrong = (-losses).softmax(0), _wrong_shares(losses, *parts)
            for (key, slope), sign in zip(found.items(), (1, -1, 1), strict=True):
                if not slope.isfinite().all():
                    seen = f"d loss / d {key} is not finite for losses of 800 or -700."
                    raise Mistake("mended-overflow", seen)
                truth = sign * counts * share
                known = [(slug, sign * counts * each) for slug, each in wrong]
                known += [("mended-term-sign", -truth), ("mended-term-missing", 0 * truth)]
                if key == "nll":  # of the first term: all three of them
                    known = [("mended-negated", -truth), ("mended-detached", 0 * truth), *known]
                terms = dict(zip(KEYS, parts, strict=True))
                of_terms, of_losses, of_shares = _shares_times(sign * counts)
                more = (of_losses, {"loss": losses}), (of_shares, {"share": share})
                with _scaling_named(slope, truth), arguments_named(slope, of_terms, terms, *more):
                    expect_exact(slope, truth, f"d loss / d {key}", unless_right(known, truth),
                                 within=1e-9)  # fmt: skip
        single = [part.float() for part in parts]
        value = call(self.name, answer, dict(zip(KEYS, single, strict=True)))
        if expect_tensor(value, (batch,), "the loss").dtype != torch.float32:
            raise Mistake("shares-dtype", f"The loss is {value.dtype}, its terms torch.float32.")


@contextlib.contextmanager
def _scaling_named(slope: Tensor, truth: Tensor) -> Iterator[None]:
    """The right gradient of each image times a number of its own: something was put on the sum."""
    try:
        yield
    except Mistake as mistake:
        ratio = slope / truth.where(truth.abs() > 1e-12, torch.ones_like(truth))
        known = [column[each.abs() > 1e-6] for column, each in zip(ratio.mT, truth.mT, strict=True)]
        if mistake.slug == "wrong-value" and all(
            close(each, each[:1] + 0 * each) for each in known
        ):
            raise Mistake("mended-sum-changed", mistake.seen) from None
        raise


def _shares_times(factor: Tensor) -> tuple[Callable[..., Tensor], ...]:
    """The shares as a function of the three terms, of the losses, and of themselves."""

    def of_terms(nll: Tensor, log_prior: Tensor, log_q: Tensor) -> Tensor:
        return of_losses(loss=nll - log_prior + log_q)

    def of_losses(loss: Tensor) -> Tensor:
        return factor * (-loss).softmax(0)

    def of_shares(share: Tensor) -> Tensor:
        return factor * share

    return of_terms, of_losses, of_shares


def _wrong_shares(
    losses: Tensor, nll: Tensor, log_prior: Tensor, log_q: Tensor
) -> list[tuple[str, Tensor]]:
    """What may stand in place of the shares of losses (K, B)."""
    shares, reversed_ = (-losses).softmax(0), losses.softmax(0)
    off = losses - (shares * losses).sum(0)
    off_reversed = losses - (reversed_ * losses).sum(0)
    return [
        ("mended-still-reversed", reversed_),
        ("mended-still-reversed", reversed_ * (1 + off_reversed)),
        ("mended-still-reversed", -reversed_),
        ("mended-not-cut", shares * (1 - off)),
        ("mended-not-cut", -shares * off),
        ("mended-equal", torch.full_like(losses, 1 / len(losses))),
        ("mended-equal", torch.ones_like(losses)),
        ("mended-best-only", (losses == losses.amin(0)).double()),
        ("mended-worst-only", (losses == losses.amax(0)).double()),
        ("mended-over-images", (-losses).softmax(1)),
        ("mended-over-images", losses.softmax(1)),
        ("mended-divided", shares / len(losses)),
        ("mended-complement", 1 - reversed_),
        ("mended-complement", (1 - reversed_) / max(1, len(losses) - 1)),
        ("mended-squared", shares**2),
        *(("mended-temperature", (-t * losses).softmax(0)) for t in (0.5, 2.0)),
        *(("mended-temperature", t * (-t * losses).softmax(0)) for t in (0.5, 2.0)),
        ("mended-shares-of-part", (-nll).softmax(0)),
        ("mended-shares-of-part", (log_prior - nll).softmax(0)),
        ("mended-shares-of-part", (log_prior - log_q).softmax(0)),
        ("mended-shares-of-part", (-nll - log_q).softmax(0)),
        ("mended-shares-sign", (log_prior - nll + log_q).softmax(0)),
        ("mended-shares-sign", (-nll - log_prior - log_q).softmax(0)),
        ("mended-shares-sign", (log_q - nll - log_prior).softmax(0)),
    ]


bug_iwae = _BugIwae()
