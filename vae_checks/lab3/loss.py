"""The two terms of the loss and their sum, against closed forms.

Every known wrong formula has a value of its own on fixtures whose numbers are away from 0 and 1.
"""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, spread, true_nll
from vae_checks.lab3.likelihood import (
    expect_partly_detached,
    name_stable,
    name_value,
    terms_of_loss,
    terms_of_nll,
    wrong_nll,
    wrong_stable,
)
from vae_checks.misread import arguments_named
from vae_checks.shared_exercises.gaussian_kl import GaussianKL
from vae_checks.terms import Term, terms_named, terms_named_one_by_one
from vae_checks.values import (
    close,
    expect_equal,
    expect_single,
    expect_tensor,
    expect_uncut,
    gradients,
)
from vae_checks.verdict import Mistake, call


class _BernoulliNLL(Exercise):
    name, section = "bernoulli_nll", "3.1"

    @idea(
        "one number per image, in nats, equal to the cross-entropy",
        also=[{"batch": 4, "pixels": 4}, {"batch": 1, "pixels": 1}, {"batch": 2, "pixels": 801}],
    )
    def value(self, answer: Any, *, batch: int = 3, pixels: int = 7) -> None:
        """Equal to the closed form for grey images and moderate logits, in float64 and float32.

        So it is for pixels that are black and white, or almost.
        """
        for dtype in (torch.float64, torch.float32):
            logits, x = spread(batch, pixels).to(dtype), grey_images(batch, pixels).to(dtype)
            try:
                value = call(self.name, answer, {"logits": logits, "x": x})
                expect_tensor(value, (batch,), "nll", wrong_nll(logits, x))
            except Mistake as mistake:
                if mistake.slug in ("raised", "nan"):
                    self._expect_no_other_use(answer, batch, dtype, mistake)
                raise
            expect_single(value, "nll")
            truth = true_nll(logits.double(), x.double())
            try:
                expect_equal(value, truth, "nll", wrong_nll(logits.double(), x.double()), "nats")
            except Mistake as mistake:
                self._expect_no_noise(answer, value, logits, x)
                if mistake.slug == "wrong-value":
                    name_value(value.detach().double(), logits.double(), x.double(), mistake)
                given = {"logits": logits.double(), "x": x.double()}
                named = arguments_named(value, true_nll, given)
                with named, terms_named(lambda images: self._ask(answer, images)):
                    raise
        self._expect_ends(answer, batch, pixels)

    def _expect_ends(self, answer: Any, batch: int, pixels: int) -> None:
        """The same for pixels that are black and white, or almost."""
        x = _ends(batch, pixels)
        logits = spread(batch, pixels)
        value = call(self.name, answer, {"logits": logits, "x": x})
        what = "nll (pixels near 0 and 1)"
        expect_equal(value, true_nll(logits, x), what, wrong_nll(logits, x), "nats")

    def _ask(self, answer: Any, images: int) -> tuple[Any, list[Term]]:
        logits, x = spread(images, 5), grey_images(images, 5)
        return call(self.name, answer, {"logits": logits, "x": x}), terms_of_nll(logits, x)

    def _expect_no_other_use(
        self, answer: Any, batch: int, dtype: torch.dtype, mistake: Mistake
    ) -> None:
        """Raise Mistake when it raises, or gives nan, since it was made for something else.

        For probabilities, for black-and-white images, for images of 784 pixels.
        """
        if mistake.slug == "raised" and "support" in mistake.seen:
            raise Mistake("nll-grey-refused", mistake.seen) from None
        if mistake.slug == "raised" and "dtype" in mistake.seen:
            raise Mistake("types-mixed", mistake.seen) from None
        p, x = (grey_images(batch, 784).to(dtype) for _ in range(2))
        result = self._tried(answer, p, x)
        if result is None:
            return
        if close(result, true_nll(torch.logit(p), x)):
            seen = "It returns the cross-entropy for logits in (0, 1) read as probabilities."
            raise Mistake("nll-no-sigmoid", seen) from None
        if mistake.slug == "raised":
            raise Mistake("hard-coded-pixels", mistake.seen) from None

    def _expect_no_noise(self, answer: Any, value: Tensor, logits: Tensor, x: Tensor) -> None:
        """Raise Mistake when one of five more calls gives another value: pixels were drawn."""
        for _ in range(5):
            again = call(self.name, answer, {"logits": logits, "x": x})
            if torch.is_tensor(again) and not close(value, again.detach().double()):
                seen = "Two calls with the same arguments differ."
                raise Mistake("nll-random", seen) from None

    def _tried(self, answer: Any, logits: Tensor, x: Tensor) -> Tensor | None:
        try:
            result = call(self.name, answer, {"logits": logits, "x": x})
        except Mistake:
            return None
        return result if torch.is_tensor(result) else None

    @idea("finite and right for logits of 200, gradient included")
    def stable(self, answer: Any, *, batch: int = 3, pixels: int = 7) -> None:
        """Value and gradient in float32, at logits of +-200, +-30 and moderate ones; the value at
        those between, from 3 to 16, that fit the pixels or not.
        """
        logits = spread(batch, pixels)
        logits[:, ::2] *= 100 / logits[:, ::2].abs()
        logits[0] *= 200 / logits[0].abs()
        logits[-1, -1] = -30
        logits = logits.float().requires_grad_()
        x = grey_images(batch, pixels).float()
        x[:, 1::2] = x[:, 1::2].round()
        x[0, 0], x[-1, -1] = (logits[0, 0] < 0).float(), 1.0  # the costly cases
        value = call(self.name, answer, {"logits": logits, "x": x})
        if torch.is_tensor(value):
            expect_single(value, "nll (logits of size 200)")
        _expect_finite(value)
        truth = true_nll(logits.detach().double(), x.double())
        wrong = wrong_stable(logits.detach(), x)
        try:
            expect_equal(value, truth, "nll (logits of size 200)", wrong, "nats")
        except Mistake as mistake:
            self._expect_no_noise(answer, value, logits, x)
            if mistake.slug == "wrong-value":
                name_stable(value.detach().double(), logits.detach().double(), x.double(), mistake)
            raise
        gradient = gradients(value, {"logits": logits})["logits"]
        expected = torch.sigmoid(logits.detach().double()) - x.double()
        if not torch.isfinite(gradient).all():
            raise Mistake("nll-overflow", "The gradient is not finite at logits of size 200.")
        if not close(gradient, expected):
            expect_partly_detached(gradient, logits.detach(), x)
        expect_equal(gradient, expected, "d nll / d logits (of size 200)")
        self._expect_between(answer, batch, pixels)

    def _expect_between(self, answer: Any, batch: int, pixels: int) -> None:
        """Between moderate and very large logits no approximation is exact."""
        for dtype in (torch.float64, torch.float32):
            x = _ends(batch, pixels).to(dtype)
            size = spread(batch, pixels, low=3, high=16).abs().to(dtype)
            for logits in (torch.where(x > 0.5, size, -size), torch.where(x > 0.5, -size, size)):
                value = call(self.name, answer, {"logits": logits, "x": x})
                truth = true_nll(logits.double(), x.double())
                value = expect_tensor(value, (batch,), "nll (logits from 3 to 16)").detach()
                off = (value.double() - truth).abs()
                if (off > 1e-4 + 1e-5 * truth).any():
                    place = int(off.argmax())
                    seen = f"With logits from 3 to 16 nll[{place}] is {value[place]:.6g}"
                    raise Mistake("nll-approximated", f"{seen}, it should be {truth[place]:.6g}.")


class _NegativeELBO(Exercise):
    name, section = "negative_elbo", "3.3"

    @idea("the batch mean of both terms", also=[{"batch": 1}])
    def value(self, answer: Any, *, batch: int = 5) -> None:
        """Equal to mean(nll + kl) with beta left out, and differentiable in both terms; where both
        are large, and where the KL is small.
        """
        nll, kl = _terms(batch)
        loss = call(self.name, answer, {"nll": nll, "kl": kl})
        _expect_scalar(loss)
        wrong = _wrong_elbo(nll.detach(), kl.detach(), 1.0)
        with terms_named_one_by_one(lambda _: self._ask(answer, weighed=False)):
            expect_equal(loss, (nll + kl).mean().detach(), "the loss", wrong, "nats")
        for key, gradient in gradients(loss, {"nll": nll, "kl": kl}).items():
            if not gradient.any():
                raise Mistake("detached", f"The gradient with respect to {key} is 0.")
            expect_equal(gradient, 0 * gradient + 1 / batch, f"d loss / d {key}")
        for sign in (1, -1):  # the nll of a density may be negative
            nll, kl = (300 * term.detach() for term in _terms(batch))
            loss = call(self.name, answer, {"nll": 2 * sign * nll, "kl": kl})
            expect_uncut(loss, (2 * sign * nll + kl).mean(), "the loss")
        nll, kl = (term.detach() for term in _terms(batch))
        loss = call(self.name, answer, {"nll": nll, "kl": kl / 50})
        expect_uncut(loss, (nll + kl / 50).mean(), "the loss", where="For a small KL")

    def _ask(self, answer: Any, *, weighed: bool) -> tuple[Any, list[Term]]:
        """The loss of a new batch of three, and its terms."""
        nll, kl = (term.detach() for term in _terms(3))
        options: dict[str, Any] = (
            {"beta": spread(1, low=0.3, high=3).abs().item()} if weighed else {}
        )
        loss = call(self.name, answer, {"nll": nll, "kl": kl}, **options)
        return loss, terms_of_loss(nll, kl, options.get("beta"))

    @idea("beta weighs the KL, and nothing else")
    def beta(self, answer: Any, *, batch: int = 5) -> None:
        """Equal to mean(nll + beta * kl) at beta below 1, above 1, far above 1 and 0."""
        for beta in (0.37, 4.1, 0.0, 784.5):
            nll, kl = _terms(batch)
            loss = call(self.name, answer, {"nll": nll, "kl": kl}, beta=beta)
            _expect_scalar(loss)
            wrong = _wrong_elbo(nll.detach(), kl.detach(), beta)
            truth = (nll + beta * kl).mean().detach()
            with terms_named_one_by_one(lambda _: self._ask(answer, weighed=True)):
                expect_equal(loss, truth, f"the loss with beta={beta}", wrong, "nats")


def _ends(batch: int, pixels: int) -> Tensor:
    """Images (batch, pixels) of black and white pixels, and of some that almost are, in float64."""
    ends = torch.tensor([0.0, 1.0, 0.015, 0.985], dtype=torch.float64)
    return ends.repeat(batch * pixels)[: batch * pixels].reshape(batch, pixels)


def _expect_finite(value: Any) -> None:
    if torch.is_tensor(value) and not (value.detach().abs() < 1e30).all():
        kind = "nan" if torch.isnan(value.detach()).any() else f"{value.detach().abs().max():.2g}"
        raise Mistake("nll-overflow", f"The result contains {kind} at logits of size 200.")


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
            *(("beta-cut", (nll + most * kl).mean()) for most in (5, 10, 20, 100) if most < beta),
            ("beta-on-nll", (beta * nll + kl).mean()),
            ("beta-on-both", (beta * (nll + kl)).mean()),
        ]
    if beta > 0:
        wrong += [("beta-divides", (nll + kl / beta).mean())]
    return [*wrong, ("elbo-no-kl", nll.mean()), ("elbo-no-nll", beta * kl.mean())]


def _expect_scalar(loss: Any) -> None:
    plain = hasattr(loss, "__float__") and not getattr(loss, "shape", ())
    if plain and not torch.is_tensor(loss):
        raise Mistake("number-not-tensor", f"The loss is the number {float(loss):.4g}.")


bernoulli_nll = _BernoulliNLL()
gaussian_kl = GaussianKL("3.2")
negative_elbo = _NegativeELBO()
