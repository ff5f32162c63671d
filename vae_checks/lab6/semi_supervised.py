"""The bounds of the semi-supervised VAE M2: with a label, without one, and all of them together.

Source: D. P. Kingma, D. J. Rezende, S. Mohamed, M. Welling, Semi-supervised learning with deep
generative models, 2014, arXiv:1406.5298, equations 6 to 9.
"""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.misread import arguments_named
from vae_checks.values import Candidates, close, expect_exact, expect_tensor, gradients
from vae_checks.verdict import Mistake, call

_SIZES = [{"batch": 4, "classes": 4}, {"batch": 1, "classes": 2}]


class _LabelledBound(Exercise):
    name, section = "labelled_bound", "3.1"

    @idea(
        "log p(x|y, z) + log p(y) + log p(z) - log q(z|x, y), for each image", also=[{"batch": 1}]
    )
    def value(self, answer: Any, *, batch: int = 5, classes: int = 7) -> None:
        """To 2e-7, which leaves room for a log C in float32; log p(y) = -log C for labels that are
        all alike. Gradients pass to all three."""
        # The sum stays away from 0, where float32 would be too coarse for a relative tolerance.
        log_px = (-spread(batch, low=200, high=300).abs()).requires_grad_()
        log_pz, log_qz = (spread(batch, low=3, high=90).requires_grad_() for _ in range(2))
        arguments = {"log_px": log_px, "log_pz": log_pz, "log_qz": log_qz, "num_classes": classes}
        value = call(self.name, answer, arguments)
        named = {"log_px": log_px, "log_pz": log_pz, "log_qz": log_qz}

        def truth(log_px: Tensor, log_pz: Tensor, log_qz: Tensor) -> Tensor:
            return log_px + log_pz - log_qz - math.log(classes)

        right = truth(**named).detach()
        wrong = [
            ("semi-no-label-prior", right + math.log(classes)),
            ("semi-label-prior-sign", right + 2 * math.log(classes)),
            ("semi-label-prior-not-logged", right + math.log(classes) + 1 / classes),
            ("semi-label-prior-not-logged", right + math.log(classes) - 1 / classes),
            ("value-negated", -right),
            ("semi-summed", right.sum()),
            ("semi-summed", right.mean()),
        ]
        with arguments_named(value, truth, named):
            expect_exact(value, right, "L(x, y)", wrong, "nats", within=1e-6)
        if (off := (value.detach() - right).abs().max().item()) > 2e-7:
            raise Mistake("not-exact", f"L(x, y) is off by {off:.1g}.")
        _expect_slopes(value, named, [1.0, 1.0, -1.0])


class _UnlabelledBound(Exercise):
    name, section = "unlabelled_bound", "3.1"

    @idea("the mean over labels of the bound, plus the entropy of q(y|x)", also=_SIZES)
    def value(self, answer: Any, *, batch: int = 3, classes: int = 5) -> None:
        """sum_y q(y|x) (L(x, y) - log q(y|x)), to 1e-10, and its gradient by the logits of q(y|x);
        q(y|x) far from equal."""
        for high in (9.0, 200.0):
            self._expect_value_and_gradient(answer, batch, classes, high)

    def _expect_value_and_gradient(
        self, answer: Any, batch: int, classes: int, high: float
    ) -> None:
        bounds = -spread(batch, classes, low=3, high=high).abs()
        logits = (2 * normal(batch, classes)).requires_grad_()
        value = self._call(answer, bounds, logits.log_softmax(1))
        arguments = {"bounds": bounds, "log_qy": logits.detach().log_softmax(1)}
        self._expect_value(value, arguments)
        own = logits.detach().requires_grad_()
        truth = unlabelled(bounds, own.log_softmax(1))
        wanted = gradients(truth, {"logits": own})["logits"]
        if not close(gradients(value, {"logits": logits})["logits"], wanted):
            seen = "The gradient of U(x) by what log q(y|x) was made of is not that of the formula."
            raise Mistake("value-right-gradient-wrong", seen)

    @idea("a label of probability 0 adds nothing")
    def zeros(self, answer: Any, *, batch: int = 3, classes: int = 5) -> None:
        """log q(y|x) = -inf for one label of each image, whose bound may be -inf, too."""
        log_qy = _labels(batch, classes)
        bounds = -spread(batch, classes, low=3, high=9).abs()
        where = torch.arange(batch) % classes
        log_qy[torch.arange(batch), where] = -torch.inf
        log_qy = log_qy.log_softmax(1)
        for impossible in (-50.0, -torch.inf):
            bounds[torch.arange(batch), where] = impossible
            truth = unlabelled(bounds, log_qy)
            value = self._call(answer, bounds, log_qy)
            if torch.is_tensor(value) and not value.isfinite().all():
                raise Mistake("semi-zero-times-infinity", f"U(x) is {value.flatten()[0].item()}.")
            expect_exact(value, truth, "U(x)", _wrong(bounds.clamp(min=-50), log_qy), "nats")

    @idea("equal to the evidence where q(y|x) is the posterior of the label; gradients pass")
    def tight(self, answer: Any, *, batch: int = 3, classes: int = 5) -> None:
        """With q(y|x) proportional to exp(L(x, y)) it is log sum_y exp(L(x, y)), and its gradient
        by the bounds is q(y|x)."""
        bounds = -spread(batch, classes, low=3, high=9).abs()
        log_qy = bounds.log_softmax(1)
        bounds.requires_grad_()
        value = self._call(answer, bounds, log_qy)
        value = expect_tensor(value, (batch,), "U(x)")
        if not close(value, bounds.detach().logsumexp(1)):
            self._expect_value(value, {"bounds": bounds.detach(), "log_qy": log_qy})
            seen = f"U(x) is {value[0]:.6g}, the evidence is {bounds[0].logsumexp(0):.6g}."
            raise Mistake("semi-not-tight", seen)
        slope = gradients(value, {"bounds": bounds})["bounds"]
        if not close(slope, log_qy.exp()):
            seen = (
                f"dU/dL is {slope[0, 0]:.4g} for the first label, q(y|x) {log_qy[0, 0].exp():.4g}."
            )
            raise Mistake("value-right-gradient-wrong", seen)

    def _expect_value(self, value: Any, arguments: dict[str, Tensor]) -> None:
        with arguments_named(value, unlabelled, arguments):
            expect_exact(value, unlabelled(**arguments), "U(x)", _wrong(**arguments), "nats")

    def _call(self, answer: Any, bounds: Tensor, log_qy: Tensor) -> Any:
        return call(self.name, answer, {"bounds": bounds, "log_qy": log_qy})


class _M2Loss(Exercise):
    name, section = "m2_loss", "3.1"

    @idea("minus both bounds and alpha times the log probability of the right label, summed")
    def value(self, answer: Any, *, labelled: int = 3, unlabelled: int = 7) -> None:
        """To 1e-10, for alpha of 0, 0.7 and 40, bounds of both signs; no labelled image, no
        unlabelled one. Gradients pass to all."""
        for many, few, alpha in ((unlabelled, labelled, 0.7), (unlabelled, labelled, 40.0),
                                 (unlabelled, labelled, 0.0), (unlabelled, 0, 0.7),
                                 (0, labelled, 0.7)):  # fmt: skip
            arguments = {"labelled": spread(few, high=90), "unlabelled": spread(many, high=90),
                         "log_q_label": -spread(few, high=20).abs()}  # fmt: skip
            leaves = {key: each.clone().requires_grad_() for key, each in arguments.items()}
            with_label, without, log_q = arguments.values()
            value = call(self.name, answer, leaves | {"alpha": alpha})
            truth = -(with_label.sum() + without.sum() + alpha * log_q.sum())
            if torch.is_tensor(value) and not value.isfinite().all():
                seen = (
                    f"With {few} labelled and {many} unlabelled images the loss is {value.item()}."
                )
                raise Mistake("semi-empty", seen)
            wrong = _wrong_losses(with_label, without, log_q, alpha)
            try:
                expect_exact(value, truth, "The loss", wrong, "nats")
            except Mistake as mistake:
                if mistake.slug == "wrong-value" and value.requires_grad:
                    _expect_slopes(value, leaves, [-1.0, -1.0, -alpha], "semi-coefficients")
                raise
            _expect_slopes(value, leaves, [-1.0, -1.0, -alpha])


def _expect_slopes(
    value: Tensor,
    by: dict[str, Tensor],
    slopes: list[float],
    slug: str = "semi-classifier-detached",
) -> None:
    """Raise Mistake unless the gradient by every number of each argument is that of `slopes`."""
    found = gradients(value, by)
    for (key, slope), wanted in zip(found.items(), slopes, strict=True):
        if slope.numel() and not close(slope, torch.full_like(slope, wanted)):
            seen = f"The gradient by {key} is {slope[0]:.4g}, it should be {wanted:g}."
            raise Mistake(slug, seen)


def unlabelled(bounds: Tensor, log_qy: Tensor) -> Tensor:
    """U(x) of bounds and log q(y|x), (B, C) each: (B,) nats."""
    q = log_qy.exp()
    return torch.where(q > 0, q * (bounds - log_qy), 0.0).sum(1)


def _labels(batch: int, classes: int) -> Tensor:
    return (2 * normal(batch, classes)).log_softmax(1)


def _wrong(bounds: Tensor, log_qy: Tensor) -> Candidates:
    q = log_qy.exp()
    entropy = -torch.where(q > 0, q * log_qy, 0.0).sum(1)
    mean = (q * bounds).sum(1)
    return [
        ("semi-no-entropy", mean),
        ("semi-entropy-sign", mean - entropy),
        ("semi-labels-alike", bounds.mean(1) + entropy),
        ("semi-labels-alike", bounds.mean(1)),
        ("semi-best-label", bounds.amax(1)),
        ("semi-best-label", bounds.gather(1, q.argmax(1, keepdim=True))[:, 0]),
        ("semi-logsumexp", bounds.logsumexp(1)),
        ("semi-logsumexp", (bounds + log_qy).logsumexp(1)),
        ("semi-sum-over-labels", bounds.sum(1) + entropy),
        ("semi-over-images", (q * (bounds - log_qy.clamp(min=-1e3))).sum(0)),
        ("value-negated", -(mean + entropy)),
        ("semi-summed", (mean + entropy).sum()),
        ("semi-summed", (mean + entropy).mean()),
    ]


def _wrong_losses(labelled: Tensor, without: Tensor, log_q: Tensor, alpha: float) -> Candidates:
    with_label, rest, classifier = labelled.sum(), without.sum(), alpha * log_q.sum()
    wrong = [
        ("value-negated", with_label + rest + classifier),
        ("semi-classifier-sign", -(with_label + rest - classifier)),
        ("semi-no-classifier", -(with_label + rest)),
        ("semi-no-alpha", -(with_label + rest + log_q.sum())),
        ("semi-alpha-everywhere", -alpha * (with_label + rest + log_q.sum())),
        ("semi-one-bound", -(with_label + classifier)),
        ("semi-one-bound", -(rest + classifier)),
    ]
    if len(labelled) and len(without):
        means = labelled.mean() + without.mean()
        wrong += [
            ("semi-means", -(means + alpha * log_q.mean())),
            ("semi-means", -(means + classifier)),
            ("semi-means", -(with_label + rest + alpha * log_q.mean())),
        ]
    truth = -(with_label + rest + classifier)
    return [(slug, value) for slug, value in wrong if not torch.isclose(value, truth)]


labelled_bound = _LabelledBound()
unlabelled_bound = _UnlabelledBound()
m2_loss = _M2Loss()
