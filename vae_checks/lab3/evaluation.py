"""Evaluation: an average over images, a bound, and nothing learned meanwhile."""

from typing import Any

import torch

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, spread
from vae_checks.lab3.averages import (
    expect_averages,
    expect_noise,
    expect_some_noise,
    expect_two_numbers,
    separating_images,
)
from vae_checks.reference import RecordingLoss, ReferenceModel, sharp_model, wide_model
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
        """Equal to the mean over all images, for a model whose z equals mu to 1e-8."""
        for count, size in _SIZES if num_images is None else ((num_images, batch),):
            self._expect_average(answer, count, size, latent, hidden, pixels)

    def _expect_average(
        self, answer: Any, num_images: int, batch: int, latent: int, hidden: int, pixels: int
    ) -> None:
        model, images, nll, kl = separating_images(
            num_images, batch, pixels=pixels, latent=latent, hidden=hidden
        )
        loss_fn = RecordingLoss(model)
        before = [parameter.detach().clone() for parameter in model.parameters()]
        result = call(self.name, answer, _arguments(model, loss_fn, images, batch))
        _expect_called(loss_fn)
        _expect_same_weights(model, before)  # else the average would be that of several models
        found = expect_two_numbers(result, self.name)
        sizes = [len(part) for part in images.split(batch)]
        expect_averages(*found, nll, kl, sizes)
        largest = max(len(made.x) for made in loss_fn.calls)
        if largest > batch:
            seen = f"loss_fn was given {largest} images at once, batch_size is {batch}."
            raise Mistake("wrong-batch-size", seen)

    @idea("the code is sampled in evaluation, too", random=True)
    def bound(
        self,
        answer: Any,
        *,
        num_images: int = 2003,
        batch: int = 1000,
        latent: int | None = None,
        hidden: int = 7,
        pixels: int = 7,
    ) -> None:
        """eps of the decoded codes by `expect_standard_normal`, n = num_images * latent.

        A second evaluation must draw other noise.
        """
        model = wide_model(pixels=pixels, latent=latent or 2, hidden=hidden)
        expect_noise(self._noise(answer, model, grey_images(num_images, pixels), batch))
        # Too few to tell how the noise is distributed.
        for count, size in _SIZES if latent is None else ():
            self._noise(answer, model, grey_images(count, pixels), size)

    def _noise(
        self, answer: Any, model: ReferenceModel, images: torch.Tensor, batch: int
    ) -> torch.Tensor:
        noise = []
        for _ in range(2):
            loss_fn = RecordingLoss(model)
            call(self.name, answer, _arguments(model, loss_fn, images, batch))
            _expect_called(loss_fn)
            noise.append(loss_fn.noise())
            expect_some_noise(noise[-1])
        if close(noise[0], noise[1]):
            raise Mistake("noise-frozen", "Two evaluations of the same images use the same noise.")
        return noise[0]

    @idea("nothing is learned, and the model is in evaluation mode")
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
        """Weights and gradients are left alone, no graph is built, model.training is False."""
        for count, size in _SIZES if num_images is None else ((num_images, batch),):
            self._expect_no_training(answer, count, size, latent, hidden, pixels)

    def _expect_no_training(
        self, answer: Any, num_images: int, batch: int, latent: int, hidden: int, pixels: int
    ) -> None:
        model = sharp_model(pixels=pixels, latent=latent, hidden=hidden).train()
        loss_fn, images = RecordingLoss(model), grey_images(num_images, pixels)
        gradients = [spread(*parameter.shape) for parameter in model.parameters()]
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            parameter.grad = gradient.clone()
        before = [parameter.detach().clone() for parameter in model.parameters()]
        call(self.name, answer, _arguments(model, loss_fn, images, batch))
        _expect_called(loss_fn)
        _expect_same_weights(model, before)
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            if parameter.grad is None or not torch.equal(parameter.grad, gradient):
                raise Mistake("evaluation-gradients", "The parameters' gradients have changed.")
        if any(made.builds_graph for made in loss_fn.calls):
            raise Mistake("graph-kept", "loss_fn was given logits with requires_grad=True.")
        if any(made.training for made in loss_fn.calls):
            raise Mistake("evaluation-mode", "model.training is True while the images pass.")


def _arguments(model: Any, loss_fn: Any, images: torch.Tensor, batch: int) -> dict[str, Any]:
    return {"model": model, "loss_fn": loss_fn, "images": images, "batch_size": batch}


def _expect_same_weights(model: Any, before: list[torch.Tensor]) -> None:
    pairs = zip(model.parameters(), before, strict=True)
    if not all(torch.equal(parameter.detach(), value) for parameter, value in pairs):
        raise Mistake("evaluation-trains", "The model's parameters have changed.")


def _expect_called(loss_fn: RecordingLoss) -> None:
    if not loss_fn.calls:
        raise Mistake("loss-not-called", "loss_fn was never called.")


evaluate = _Evaluate()
