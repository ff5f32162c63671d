"""Evaluation: an average over images, a bound, and a model that is as it was before."""

from typing import Any

import torch

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, spread
from vae_checks.lab3.averages import (
    expect_averages,
    expect_two_numbers,
    separating_images,
)
from vae_checks.lab3.samples import (
    expect_codes_near_mu,
    expect_result_of_draws,
    expect_samples,
    expect_some_noise,
)
from vae_checks.reference import (
    RecordingLoss,
    ReferenceModel,
    expect_float32,
    expect_trainable,
    sharp_model,
    wide_model,
)
from vae_checks.values import close
from vae_checks.verdict import Mistake, call

# Images and batch of every idea where no others are asked for: what an answer does at these sizes
# it does for all ideas.
_SIZES = ((17, 5), (301, 150))


class _Evaluate(Exercise):
    name, section = "evaluate", "4.3"

    @idea("the average over images, with a short last batch")
    def average(
        self,
        answer: Any,
        *,
        num_images: int | None = None,
        batch: int = 1000,
        latent: int = 2,
        hidden: int = 11,
        pixels: int = 7,
    ) -> None:
        """Equal to the mean over all images, for a model whose z equals mu to 1e-8.

        The loss weighs the KL by 0.6, which the two averages do not hear of. Then both terms are
        a thousand times as large.
        """
        for count, size in _SIZES if num_images is None else ((num_images, batch),):
            self._expect_average(answer, count, size, latent, hidden, pixels)
        self._expect_average(answer, *_SIZES[0], latent, hidden, pixels, scale=1000)

    def _expect_average(
        self,
        answer: Any,
        num_images: int,
        batch: int,
        latent: int,
        hidden: int,
        pixels: int,
        scale: float = 1,
    ) -> None:
        model, images, nll, kl = separating_images(
            num_images, batch, pixels=pixels, latent=latent, hidden=hidden
        )
        nll, kl = scale * nll, scale * kl
        loss_fn = RecordingLoss(model, beta=0.6, trained=False, scale=scale)
        before = [parameter.detach().clone() for parameter in model.parameters()]
        result = call(self.name, answer, _arguments(model, loss_fn, images, batch))
        _expect_called(loss_fn)
        _expect_same_weights(model, before)  # else the average would be that of several models
        found = expect_two_numbers(result, self.name)
        sizes = [len(part) for part in images.split(batch)]
        try:
            expect_averages(*found, nll, kl, sizes, loss_weight=0.6)
        except Mistake as mistake:
            if mistake.slug == "wrong-value":
                expect_codes_near_mu(loss_fn)
                times = sum(len(made.x) for made in loss_fn.calls) / num_images
                if times > 1 and abs(found[0] / nll.mean().item() - times) < 1e-4:
                    raise Mistake("draws-added", mistake.seen) from None
                if scale != 1:
                    raise Mistake("not-of-these-draws", mistake.seen) from None
            raise
        largest = max(len(made.x) for made in loss_fn.calls)
        if largest > batch:
            seen = f"loss_fn was given {largest} images at once, batch_size is {batch}."
            raise Mistake("wrong-batch-size", seen)

    @idea("the code is sampled in evaluation, too, and every sample counts", random=True)
    def bound(
        self,
        answer: Any,
        *,
        num_images: int = 2003,
        batch: int = 1000,
        latent: int | None = None,
        hidden: int = 7,
        pixels: int = 13,
    ) -> None:
        """The decoded codes by `expect_samples`, n = num_images * latent; the result is their mean.

        Several samples an image are right when it is the mean over all of them: the mean of as many
        estimates without bias. A second evaluation must draw other noise.
        """
        model = wide_model(pixels=pixels, latent=latent or 2, hidden=hidden)
        expect_samples(self._evaluated(answer, model, num_images, batch))
        # Too few to tell how the noise is distributed.
        for count, size in _SIZES if latent is None else ():
            self._evaluated(answer, model, count, size)

    def _evaluated(
        self, answer: Any, model: ReferenceModel, num_images: int, batch: int
    ) -> RecordingLoss:
        images = grey_images(num_images, model.data_dim).float()
        losses = []
        for _ in range(2):
            loss_fn = RecordingLoss(model, trained=False)
            before = [parameter.detach().clone() for parameter in model.parameters()]
            result = call(self.name, answer, _arguments(model, loss_fn, images, batch))
            _expect_called(loss_fn)
            _expect_same_weights(model, before)
            losses.append(loss_fn)
            expect_some_noise(loss_fn.noise())
            sizes = [len(part) for part in images.split(batch)]
            expect_result_of_draws(result, loss_fn, images, sizes)
        if close(losses[0].noise(), losses[1].noise()):
            raise Mistake("noise-frozen", "Two evaluations of the same images use the same noise.")
        return losses[0]

    @idea("nothing is learned; in evaluation mode meanwhile, afterwards in the mode found")
    def no_training(
        self,
        answer: Any,
        *,
        num_images: int | None = None,
        batch: int = 1000,
        latent: int = 2,
        hidden: int = 11,
        pixels: int = 7,
    ) -> None:
        """Weights and gradients are left alone, no graph is built, model.training is False, and all
        parameters can be trained afterwards.

        All parts of the model come in one mode, training or evaluation, and are in it afterwards.
        """
        sizes = _SIZES if num_images is None else ((num_images, batch), (num_images, batch))
        for (count, size), training in zip(sizes, (True, False), strict=True):
            model = sharp_model(pixels=pixels, latent=latent, hidden=hidden).train(training)
            self._expect_no_training(answer, model, count, size)

    def _expect_no_training(
        self, answer: Any, model: ReferenceModel, num_images: int, batch: int
    ) -> None:
        found = model.modes()
        loss_fn, images = (
            RecordingLoss(model, trained=False),
            grey_images(num_images, model.data_dim).float(),
        )
        gradients = [spread(*parameter.shape).float() for parameter in model.parameters()]
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            parameter.grad = gradient.clone()
        before = [parameter.detach().clone() for parameter in model.parameters()]
        call(self.name, answer, _arguments(model, loss_fn, images, batch))
        _expect_called(loss_fn)
        _expect_same_weights(model, before)
        expect_trainable(model)
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            if parameter.grad is None or not torch.equal(parameter.grad, gradient):
                raise Mistake("evaluation-gradients", "The parameters' gradients have changed.")
        if any(made.builds_graph for made in loss_fn.calls):
            raise Mistake("graph-kept", "loss_fn was given logits with requires_grad=True.")
        if any(True in made.modes for made in loss_fn.calls):
            what = "model" if all(False not in made.modes for made in loss_fn.calls) else "a part"
            raise Mistake("evaluation-mode", f"{what}.training is True while the images pass.")
        if model.modes() != found:
            seen = f"model.training was {True in found} before and is {model.training} afterwards."
            if {model.training} == found:
                seen = f"model.training is {model.training} as before, that of a part is not."
            raise Mistake("mode-not-restored", seen)


def _arguments(model: Any, loss_fn: Any, images: torch.Tensor, batch: int) -> dict[str, Any]:
    return {"model": model, "loss_fn": loss_fn, "images": images, "batch_size": batch}


def _expect_same_weights(model: Any, before: list[torch.Tensor]) -> None:
    expect_float32(model)
    pairs = zip(model.parameters(), before, strict=True)
    if not all(torch.equal(parameter.detach(), value) for parameter, value in pairs):
        raise Mistake("evaluation-trains", "The model's parameters have changed.")


def _expect_called(loss_fn: RecordingLoss) -> None:
    if not loss_fn.calls:
        raise Mistake("loss-not-called", "loss_fn was never called.")


evaluate = _Evaluate()
