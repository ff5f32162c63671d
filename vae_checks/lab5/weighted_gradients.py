"""The importance-weighted objective: every code pulls by its share."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.misread import arguments_named
from vae_checks.values import (
    Candidates,
    expect_exact,
    expect_tensor,
    gradients,
    unless_right,
)
from vae_checks.verdict import Mistake, call

_FAR = (-800.0, 0.0, 700.0)


class _IwaeSurrogate(Exercise):
    name, section = "iwae_surrogate", "3.1"

    @idea(
        "the mean of -log w, weighted by the shares of the weights",
        also=[{"samples": 4, "batch": 4}, {"samples": 1, "batch": 1}],
    )
    def value(self, answer: Any, *, samples: int = 5, batch: int = 3) -> None:
        """(B,), to 1e-10; near -800 nats, and with -800, 0 and 700 side by side in an image;
        float32 for float32."""
        for log_w in _log_weights(samples, batch):
            value = call(self.name, answer, {"log_w": log_w})
            truth, wrong = _surrogate(log_w), _wrong_surrogates(log_w)
            _expect_finite(value, "The surrogate")
            parts = {"share": log_w.softmax(0), "loss": -log_w}
            with arguments_named(value, _surrogate, {"log_w": log_w}, (_of_shares, parts)):
                expect_exact(value, truth, "the surrogate", wrong, "nats")
        log_w = 1.5 * normal(samples, batch)
        value = call(self.name, answer, {"log_w": log_w.float()})
        value = expect_tensor(value, (batch,), "the surrogate")
        if value.dtype != torch.float32:
            raise Mistake("shares-dtype", f"The result is {value.dtype}, log_w is torch.float32.")

    @idea(
        "its gradient is that of -L_K: minus each weight's share",
        also=[{"samples": 4, "batch": 4}, {"samples": 1, "batch": 1}],
    )
    def gradient(self, answer: Any, *, samples: int = 5, batch: int = 3) -> None:
        """To 1e-10, where images count differently in what is differentiated."""
        for log_w in _log_weights(samples, batch):
            leaf, counts = log_w.clone().requires_grad_(), spread(batch)
            value = call(self.name, answer, {"log_w": leaf})
            value = expect_tensor(value, (batch,), "the surrogate")
            found = gradients(value * counts, {"log_w": leaf})["log_w"]
            _expect_finite(found, "Its gradient")
            shares = log_w.softmax(0)
            whole = log_w - (shares * log_w).sum(0)  # what moving shares add
            wrong = [
                ("shares-not-cut", -shares * (1 + whole)),
                ("shares-only", -shares * whole),
                ("shares-nothing-left", torch.zeros_like(shares)),
                ("shares-sign", shares),
                ("shares-reversed", -(-log_w).softmax(0)),
                ("shares-equal", torch.full_like(shares, -1 / samples)),
                ("shares-equal", torch.full_like(shares, -1.0)),
                ("shares-divided", -shares / samples),
                ("shares-squared", -(shares**2)),
                ("shares-over-images", -log_w.softmax(1)),
                ("shares-best-only", -(shares == shares.amax(0)).double()),
            ]
            scaled = [(slug, each * counts) for slug, each in wrong]
            truth = -shares * counts
            with arguments_named(found, _minus_counted, {"share": shares, "count": counts}):
                expect_exact(found, truth, "d surrogate / d log_w", unless_right(scaled, truth))


def _minus_counted(share: Tensor, count: Tensor) -> Tensor:
    return -share * count


def _log_weights(samples: int, batch: int) -> list[Tensor]:
    """Log weights (K, B): near 0, near -800, and far apart within each image."""
    turn = torch.arange(samples)[:, None] + torch.arange(batch)
    far = torch.tensor(_FAR, dtype=torch.float64)[turn % len(_FAR)]
    near = [1.5 * normal(samples, batch) + spread(batch) + level for level in (0.0, -800.0)]
    return [*near, far + spread(samples, batch)]


def _surrogate(log_w: Tensor) -> Tensor:
    return -(log_w.softmax(0) * log_w).sum(0)


def _of_shares(share: Tensor, loss: Tensor) -> Tensor:
    return (share * loss).sum(0)


def _expect_finite(value: Any, what: str) -> None:
    if torch.is_tensor(value) and value.is_floating_point() and not value.isfinite().all():
        word = "nan" if value.isnan().any() else "infinite"
        raise Mistake("shares-overflow", f"{what} is {word} for log weights of -800 or 700.")


def _wrong_surrogates(log_w: Tensor) -> Candidates:
    shares, truth = log_w.softmax(0), _surrogate(log_w)
    reversed_ = (-log_w).softmax(0)
    bound = log_w.logsumexp(0) - torch.tensor(float(len(log_w))).double().log()
    wrong = [
        ("shares-sign", -truth),
        ("shares-bound", -bound),
        ("shares-bound", bound),
        ("shares-bound", -log_w.logsumexp(0)),
        ("shares-reversed", -(reversed_ * log_w).sum(0)),
        ("shares-reversed", (reversed_ * log_w).sum(0)),
        ("shares-equal", -log_w.mean(0)),
        ("shares-equal", -log_w.sum(0)),
        ("shares-divided", truth / len(log_w)),
        ("shares-squared", -(shares**2 * log_w).sum(0)),
        ("shares-over-images", -(log_w.softmax(1) * log_w).sum(0)),
        ("shares-over-images", -(log_w.softmax(1) * log_w).sum(1)),
        ("shares-best-only", -log_w.amax(0)),
        ("shares-not-summed", -shares * log_w),
        ("shares-not-summed", -shares),
        ("shares-batch", truth.mean()),
        ("shares-batch", truth.sum()),
        ("shares-over-images", -(shares * log_w).sum(1)),
        ("shares-of-all", -(log_w.flatten().softmax(0).view_as(log_w) * log_w).sum(0)),
        ("shares-logged", -(log_w.log_softmax(0) * log_w).sum(0)),
        ("shares-logged", -(shares * log_w.log_softmax(0)).sum(0)),
        ("shares-not-normalized", -(log_w.exp() * log_w).sum(0)),
    ]
    return unless_right(wrong, truth)


iwae_surrogate = _IwaeSurrogate()
