"""One training step against the parameters that it must lead to; what it returns."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, spread
from vae_checks.lab3.averages import expect_averages, expect_two_numbers
from vae_checks.lab3.samples import (
    draws,
    expect_codes_near_mu,
    expect_mean_of_draws,
    expect_samples,
    expect_some_noise,
)
from vae_checks.lab3.update import Stepping, expect_right_update, state
from vae_checks.reference import LossCall, RecordingLoss, expect_float32, sharp_model, wide_model
from vae_checks.values import close
from vae_checks.verdict import Mistake, call

# Images of a batch in every idea where no other number is asked for: how many come tells no idea
# from another.
_FEW, _MANY = 3, 2003


class _TrainingStep(Exercise):
    name, section = "training_step", "4.1"

    @idea("one step of this optimizer on this batch's gradient, and on nothing else")
    def update(
        self,
        answer: Any,
        *,
        batch: int | None = None,
        latent: int = 2,
        hidden: int = 11,
        pixels: int = 7,
    ) -> None:
        """The parameters equal those after a step of the check's own; twice in a row.

        The model's z equals mu to 1e-8, so nothing is random. The gradients hold numbers from
        before, the loss weighs the KL by 0.6. The optimizer has two groups of parameters with rates
        of their own and remembers earlier steps (`Stepping`): no other optimizer, and no step by
        hand, leads to the same parameters. Then the loss is 10,000 times as large, with learning
        rates that are as much smaller.
        """
        for scale in (1, 1e4):
            model = sharp_model(pixels=pixels, latent=latent, hidden=hidden)
            stepping = Stepping(model, scale=scale)
            sizes = (_FEW, _MANY, 1) if scale == 1 else (_FEW,)
            for size in sizes if batch is None else (batch, batch):
                x = grey_images(size, pixels).float()
                self._expect_update(answer, model, stepping, x, scale)

    def _expect_update(
        self, answer: Any, model: Any, stepping: Stepping, x: Tensor, scale: float
    ) -> None:
        loss_fn = RecordingLoss(model, beta=0.6, scale=scale)
        reference = copy.deepcopy(model)
        stale = {name: spread(*value.shape).float() for name, value in state(model).items()}
        for name, parameter in model.named_parameters():
            parameter.grad = stale[name].clone()
        stepping.begin()
        _take_step(self.name, answer, model, loss_fn, x, stepping.optimizer)
        expect_float32(model)
        try:
            expect_right_update(stepping, stale, reference, x)
        except Mistake as mistake:
            if mistake.slug == "wrong-update":
                loss_fn.model = reference  # the model as it was
                expect_codes_near_mu(loss_fn)
            raise
        modes = [model.modes(), *(made.modes for made in loss_fn.calls)]
        if any(False in each for each in modes):
            when = "after the step" if False in modes[0] else "while the images pass"
            raise Mistake("step-in-eval-mode", f"model.training is False {when}.")

    @idea("the decoder sees a sample, not the mean", random=True)
    def samples(
        self, answer: Any, *, batch: int = _FEW, latent: int = 2, hidden: int = 11, pixels: int = 13
    ) -> None:
        """The decoded codes by `expect_samples`, n = 2003 * latent at least.

        Two small batches of the same images must be decoded from different codes; a batch of one
        image is sampled, too.
        """
        losses = []
        for size in (batch, batch, max(batch, _MANY), 1):
            model = wide_model(pixels=pixels, latent=latent, hidden=hidden)
            loss_fn = RecordingLoss(model)
            # A rate of 0: codes are read back through the weights, should there be several steps.
            optimizer = Stepping(model, rate=0.0).optimizer
            x = grey_images(size, pixels).float()
            _take_step(self.name, answer, model, loss_fn, x, optimizer)
            losses.append(loss_fn)
            expect_some_noise(loss_fn.noise())
        if close(losses[0].noise(), losses[1].noise()):
            raise Mistake("noise-frozen", "Two steps use the same noise.")
        expect_samples(losses[2])

    @idea("two plain numbers: the batch means of nll and kl")
    def returns(
        self,
        answer: Any,
        *,
        batch: int | None = None,
        latent: int = 2,
        hidden: int = 11,
        pixels: int = 7,
    ) -> None:
        """Equal to the batch means of what `loss_fn` returned, as Python or numpy numbers.

        The model's noise is large: other draws give other numbers.
        """
        for size in (_FEW, _MANY) if batch is None else (batch,):
            self._expect_means(answer, size, latent, hidden, pixels)

    def _expect_means(self, answer: Any, batch: int, latent: int, hidden: int, pixels: int) -> None:
        model = wide_model(pixels=pixels, latent=latent, hidden=hidden)
        loss_fn, x = RecordingLoss(model, beta=0.6), grey_images(batch, pixels).float()
        optimizer = Stepping(model).optimizer
        result = _take_step(self.name, answer, model, loss_fn, x, optimizer)
        nll, kl = expect_two_numbers(result, self.name)
        before = [made for made in loss_fn.calls if not made.moved]
        if len(before) < len(loss_fn.calls):
            after = [made for made in loss_fn.calls if made.moved]
            if _is_mean(nll, after[-1:]) or _is_mean(nll, after):
                seen = f"nll is {nll:.6g}, of the parameters afterwards."
                raise Mistake("returns-after-step", seen)
        # Passes that only look on, without a graph, do not count.
        learned = [made for made in before if made.builds_graph]
        used = learned if _is_mean(nll, learned) else before or loss_fn.calls
        if len(used) > 1:
            loss_fn.calls = used
            expect_mean_of_draws(nll, draws(loss_fn, x)[0], "nll")
        each_nll, each_kl = (
            torch.stack([part.double().mean() for part in parts])
            if len(used) > 1
            else parts[0].double()
            for parts in ([made.nll for made in used], [made.kl for made in used])
        )
        expect_averages(nll, kl, each_nll, each_kl, [len(each_nll)], loss_weight=0.6)


def _is_mean(nll: float, calls: list[LossCall]) -> bool:
    if not calls:
        return False
    mean = torch.cat([made.nll for made in calls]).double().mean().item()
    return abs(nll - mean) < 1e-5 * abs(mean)


def _take_step(
    name: str, answer: Any, model: nn.Module, loss_fn: RecordingLoss, x: Tensor, optimizer: Any
) -> Any:
    arguments = {"model": model, "loss_fn": loss_fn, "optimizer": optimizer, "x": x}
    result = call(name, answer, arguments)
    if not loss_fn.calls:
        raise Mistake("loss-not-called", "loss_fn was never called.")
    return result


training_step = _TrainingStep()
