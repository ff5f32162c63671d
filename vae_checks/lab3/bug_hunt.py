"""The bug hunt: which symptom belongs to which script, and the scripts without their bugs."""

from typing import Any

import torch

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, shuffled, spread, true_nll
from vae_checks.lab3.averages import separating_images, wrong_averages
from vae_checks.lab3.likelihood import expect_partly_detached, terms_of_loss, wrong_stable
from vae_checks.lab3.samples import (
    draws,
    expect_codes_near_mu,
    expect_mean_of_draws,
    expect_samples,
    expect_some_noise,
)
from vae_checks.reference import RecordingLoss, ReferenceModel, expect_trainable, wide_model
from vae_checks.shared_exercises.diagnosis import Diagnosis
from vae_checks.terms import Term, terms_named_one_by_one
from vae_checks.values import (
    close,
    expect_close,
    expect_equal,
    expect_number,
    expect_uncut,
    gradients,
)
from vae_checks.verdict import Mistake, call, describe


class _Bug1(Exercise):
    name, section = "mended_1", "7"

    @idea("the average over images")
    def mended(self, answer: Any, *, num_batches: int = 3) -> None:
        """Equal to sum(loss * size) / sum(size), for batches of different sizes."""
        for size in (1, 1e-3):  # the second call must not know of the first
            self._expect_average(answer, num_batches, size)

    def _expect_average(self, answer: Any, num_batches: int, size: float) -> None:
        # The longest batch has the largest loss: then no wrong average comes near the right one.
        losses = sorted((10 * spread(num_batches).abs()).tolist())
        losses[-1] += 20
        losses = [size * loss for loss in losses]
        sizes = [3 + 2 * number for number in range(num_batches)]
        each = torch.cat(
            [torch.full((n,), loss).double() for loss, n in zip(losses, sizes, strict=True)]
        )
        truth = sum(loss * n for loss, n in zip(losses, sizes, strict=True)) / sum(sizes)
        arguments = {"batch_losses": list(losses), "batch_sizes": list(sizes)}
        result = _plain(call(self.name, answer, arguments))
        if arguments != {"batch_losses": losses, "batch_sizes": sizes}:
            raise Mistake("changed-argument", "After the call the lists are others than before.")
        try:
            expect_close(result, truth, "the average", wrong_averages(each, sizes), rtol=1e-5)
        except Mistake as mistake:
            again = _plain(call(self.name, answer, arguments))
            if mistake.slug == "wrong-value" and again != result:
                raise Mistake("kept-between-calls", mistake.seen) from None
            raise


class _Bug2(Exercise):
    name, section = "mended_2", "7"

    @idea("every image counts once")
    def mended(
        self,
        answer: Any,
        *,
        num_images: int = 17,
        batch: int = 5,
        latent: int = 2,
        hidden: int = 11,
        pixels: int = 7,
    ) -> None:
        """Equal to the mean of nll + kl over all images, for a model whose z equals mu to 1e-8.

        With another model, whose z never equals mu, a sample must be decoded, and the result is the
        mean of the losses of what was decoded.
        """
        model, images, nll, kl = separating_images(
            num_images, batch, pixels=pixels, latent=latent, hidden=hidden
        )
        loss_fn = RecordingLoss(model.train())
        arguments = {"model": model, "loss_fn": loss_fn, "images": images, "batch_size": batch}
        result = call(self.name, answer, arguments)
        wrong = wrong_averages(nll + kl, [len(part) for part in images.split(batch)])
        wrong += _wrong_terms(nll, kl)
        try:
            expect_close(result, (nll + kl).mean().item(), "the result", wrong, rtol=1e-5)
        except Mistake:
            expect_codes_near_mu(loss_fn)  # of other codes any average may be near by chance
            raise
        model, noise = wide_model(pixels=pixels, latent=latent, hidden=hidden), []
        for _ in range(2):
            loss_fn = RecordingLoss(model.train())
            result = call(self.name, answer, {**arguments, "model": model, "loss_fn": loss_fn})
            if not loss_fn.calls:
                raise Mistake("loss-not-called", "loss_fn was never called.")
            expect_some_noise(loss_fn.noise())
            _expect_mean_loss(result, loss_fn, images)
            noise.append(loss_fn.noise())
            _expect_evaluation(model, loss_fn)
        if close(*noise):
            raise Mistake("noise-frozen", "Two evaluations of the same images use the same noise.")


class _Bug3(Exercise):
    name, section = "mended_3", "7"

    @idea("both terms are in nats per image")
    def mended(self, answer: Any, *, batch: int = 3, pixels: int = 7) -> None:
        """Equal to the batch mean of cross-entropy plus kl, and differentiable in both terms."""
        logits, x = spread(batch, pixels).requires_grad_(), grey_images(batch, pixels)
        asked = spread(batch).abs().requires_grad_()
        loss = call(self.name, answer, {"logits": logits, "x": x, "kl": asked})
        kl = asked.detach()
        nll = true_nll(logits.detach(), x)
        wrong = [
            ("nll-mean-pixels", (nll / pixels + kl).mean()),
            ("terms-per-pixel", (nll + kl).mean() / pixels),
            ("terms-per-pixel", (nll + kl).mean() / 784),
            ("kl-per-pixel", (nll + kl / pixels).mean()),
            ("kl-per-pixel", (nll + kl / 784).mean()),
            ("hard-coded-pixels", (784 * nll / pixels + kl).mean()),
            ("hard-coded-pixels", (nll / 784 + kl).mean()),
            ("nll-sum-over-batch", nll.sum() / pixels + kl.mean()),
            ("nll-mean-all", nll / pixels / batch + kl),
            ("nll-mean-pixels", nll.mean() / pixels + kl),
            ("elbo-batch-sum", (nll + kl).sum()),
            ("elbo-batch-sum", nll.sum() + kl.mean()),
            ("elbo-batch-sum", nll.mean() + kl.sum()),
            ("elbo-not-averaged", nll + kl),
            ("elbo-not-averaged", nll.mean() + kl),
            ("elbo-not-averaged", nll.sum() + kl),
            ("elbo-minus-kl", (nll - kl).mean()),
            ("elbo-no-kl", nll.mean()),
        ]
        wrong.append(("elbo-no-nll", kl.mean()))
        with terms_named_one_by_one(lambda _: self._ask(answer)):
            expect_equal(loss, (nll + kl).mean(), "the loss", wrong, "nats")
        slope, by_kl = gradients(loss, {"logits": logits, "kl": asked}).values()
        right = (torch.sigmoid(logits.detach()) - x) / batch
        if not close(slope, right):
            expect_partly_detached(slope * batch, logits.detach(), x)
        expect_equal(slope, right, "d loss / d logits")
        if not by_kl.any():
            raise Mistake("detached", "The gradient of the loss with respect to kl is 0.")
        expect_equal(by_kl, 0 * kl + 1 / batch, "d loss / d kl")
        logits, kl = 50 * logits.detach(), 100 * kl
        loss = call(self.name, answer, {"logits": logits, "x": x, "kl": kl})
        costs = wrong_stable(logits, x)  # those for each image
        known = [(slug, (each + kl).mean()) for slug, each in costs if each.shape == kl.shape]
        expect_uncut(loss, (true_nll(logits, x) + kl).mean(), "the loss", known)
        logits, kl = spread(batch, pixels), spread(batch).abs() / 50
        loss = call(self.name, answer, {"logits": logits, "x": x, "kl": kl})
        truth = (true_nll(logits, x) + kl).mean()
        expect_uncut(loss, truth, "the loss", where="For a small KL")
        logits, kl = spread(batch, pixels, low=3, high=16), spread(batch).abs()
        loss = call(self.name, answer, {"logits": logits, "x": x, "kl": kl})
        truth = (true_nll(logits, x) + kl).mean()
        try:
            expect_uncut(loss, truth, "the loss", where="For logits from 3 to 16")
        except Mistake as mistake:
            if mistake.slug != "value-cut":
                raise
            raise Mistake("nll-approximated", mistake.seen) from None

    def _ask(self, answer: Any) -> tuple[Any, list[Term]]:
        """The loss of a new batch of three, and its terms."""
        logits, x, kl = spread(3, 5), grey_images(3, 5), spread(3).abs()
        loss = call(self.name, answer, {"logits": logits, "x": x, "kl": kl})
        return loss, terms_of_loss(true_nll(logits, x), kl)


class _Bug4(Exercise):
    name, section = "mended_4", "7"

    @idea("True for CUDA devices, with and without an index, and for no others")
    def mended(self, answer: Any, *, index: int = 1) -> None:
        """True for cuda, cuda:0, cuda:index and cuda:11; False for cpu, mps and xpu.

        Each is asked six times, in an order of chance: an answer that goes by the order passes
        with probability 35**-6.
        """
        names = ("cuda", "cuda:0", f"cuda:{index}", "cuda:11", "cpu", "mps", "xpu")
        said: dict[str, bool] = {}
        for name in [names[place] for _ in range(6) for place in shuffled(len(names))]:
            result = call(self.name, answer, {"device": torch.device(name)})
            if type(result).__name__ not in ("bool", "bool_", "int") or result not in (0, 1):
                seen = f"For torch.device('{name}') it returns {describe(result)}."
                raise Mistake("wrong-type", seen, "Return True or False.")
            if said.setdefault(name, bool(result)) != bool(result):
                seen = f"For torch.device('{name}') it returns now True, now False."
                raise Mistake("kept-between-calls", seen)
        wrong = [name for name in names if said[name] != name.startswith("cuda")]
        if not wrong:
            return
        seen = f"For torch.device('{wrong[0]}') it returns {said[wrong[0]]}."
        if len(set(said.values())) == 1:
            seen = f"It returns {said['cuda']} for every device."
            by_text = not said["cuda"] and self._knows_text(answer)
            raise Mistake("device-as-text" if by_text else "device-always-same", seen)
        cuda = [name for name in wrong if name.startswith("cuda")]
        raise Mistake("device-index" if cuda else "device-not-cpu", seen)

    def _knows_text(self, answer: Any) -> bool:
        """Whether it says True to the string, which is no device."""
        try:
            return bool(call(self.name, answer, {"device": "cuda"}) is True)
        except Mistake:
            return False


class _Bug5(Exercise):
    name, section = "mended_5", "7"

    @idea("the code is sampled: the result is a bound", random=True)
    def mended(
        self,
        answer: Any,
        *,
        latent: int = 2,
        num_images: int = 2003,
        hidden: int = 7,
        pixels: int = 13,
    ) -> None:
        """The decoded codes by `expect_samples`; the result is the mean of their losses.

        A second call draws other noise.
        """
        model = wide_model(pixels=pixels, latent=latent, hidden=hidden)
        images, noise = grey_images(num_images, pixels).float(), []
        for _ in range(2):
            loss_fn = RecordingLoss(model.train())
            arguments = {"model": model, "loss_fn": loss_fn, "images": images}
            result = call(self.name, answer, arguments)
            if not loss_fn.calls:
                raise Mistake("loss-not-called", "loss_fn was never called.")
            draws(loss_fn, images)  # every image came
            expect_samples(loss_fn)
            _expect_mean_loss(result, loss_fn, images)
            _expect_evaluation(model, loss_fn)
            noise.append(loss_fn.noise())
        if close(*noise):
            raise Mistake("noise-frozen", "Two evaluations of the same images use the same noise.")


def _plain(result: Any) -> Any:
    """A number that came as a tensor without dimensions, and without a graph, as a float."""
    lone = torch.is_tensor(result) and not result.ndim and not result.requires_grad
    return result.item() if lone else result


def _expect_evaluation(model: ReferenceModel, loss_fn: RecordingLoss) -> None:
    """Raise Mistake unless all images passed in evaluation mode, and all parameters can be trained
    on."""
    if any(True in made.modes for made in loss_fn.calls):
        raise Mistake("evaluation-mode", "model.training is True while the images pass.")
    expect_trainable(model)


def _expect_mean_loss(result: Any, loss_fn: RecordingLoss, images: torch.Tensor) -> None:
    """Raise Mistake unless it is the mean of nll + kl over the draws and the images."""
    nll, kl = draws(loss_fn, images)
    if expect_mean_of_draws(expect_number(result, "the result"), nll + kl, "the result"):
        return
    wrong = [("not-averaged", (nll + kl).mean(0).sum().item()), *_wrong_terms(nll, kl)]
    try:
        expect_close(result, (nll + kl).mean().item(), "the result", wrong, rtol=1e-5)
    except Mistake as mistake:
        if mistake.slug != "wrong-value":
            raise
        raise Mistake("not-of-these-draws", mistake.seen) from None


def _wrong_terms(nll: torch.Tensor, kl: torch.Tensor) -> list[tuple[str, float]]:
    return [
        ("elbo-no-kl", nll.mean().item()),
        ("elbo-no-nll", kl.mean().item()),
        ("elbo-minus-kl", (nll - kl).mean().item()),
        ("elbo-sign", -(nll + kl).mean().item()),
    ]


diagnosis = Diagnosis("7", scripts=5, letters="ABCDEFG")
bug_1, bug_2, bug_3, bug_4, bug_5 = _Bug1(), _Bug2(), _Bug3(), _Bug4(), _Bug5()
