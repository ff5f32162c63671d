"""One training step against the parameters that it must lead to; one epoch by its batches."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, spread, true_kl, true_nll
from vae_checks.lab3.averages import (
    expect_averages,
    expect_noise,
    expect_some_noise,
    expect_two_numbers,
)
from vae_checks.reference import RecordingLoss, ReferenceModel, sharp_model, wide_model
from vae_checks.values import close
from vae_checks.verdict import Mistake, call

_RATE = 0.1
# Images of a batch in every idea where no other number is asked for: how many come tells no idea
# from another.
_FEW, _MANY = 3, 2003
State = dict[str, Tensor]


class _TrainingStep(Exercise):
    name, section = "training_step", "4.1"

    @idea("one step on this batch's gradient, and on nothing else")
    def update(
        self,
        answer: Any,
        *,
        batch: int | None = None,
        latent: int = 2,
        hidden: int = 11,
        pixels: int = 7,
    ) -> None:
        """The parameters equal those after one SGD step of the check's own.

        The model's z equals mu to 1e-8, so nothing is random. The gradients hold numbers from
        before, the loss weighs the KL by 0.6.
        """
        for size in (_FEW, _MANY) if batch is None else (batch,):
            self._expect_update(answer, size, latent, hidden, pixels)

    def _expect_update(
        self, answer: Any, batch: int, latent: int, hidden: int, pixels: int
    ) -> None:
        model = sharp_model(pixels=pixels, latent=latent, hidden=hidden)
        x = grey_images(batch, pixels)
        loss_fn = RecordingLoss(model, beta=0.6)
        start, reference = _state(model), copy.deepcopy(model)
        stale = {name: spread(*value.shape) for name, value in start.items()}
        for name, parameter in model.named_parameters():
            parameter.grad = stale[name].clone()
        steps: list[Any] = []
        _take_step(self.name, answer, model, loss_fn, x, steps=steps)
        after = _state(model)
        moved = {name: (start[name] - new) / _RATE for name, new in after.items()}
        unresolved = {name: _rounding(new, start[name]) / _RATE for name, new in after.items()}
        gradients_left = any(p.grad is not None and p.grad.any() for p in model.parameters())
        try:
            _expect_right_update(moved, unresolved, stale, reference, x, gradients_left)
        except Mistake as mistake:
            if mistake.slug == "step-twice" and len(steps) == 1:
                raise Mistake("gradient-doubled", mistake.seen) from None
            raise
        if not (model.training and all(made.training for made in loss_fn.calls)):
            when = "while the images pass" if model.training else "after the step"
            raise Mistake("step-in-eval-mode", f"model.training is False {when}.")

    @idea("the decoder sees a sample, not the mean", random=True)
    def samples(
        self, answer: Any, *, batch: int = _FEW, latent: int = 2, hidden: int = 11, pixels: int = 7
    ) -> None:
        """eps of the decoded codes by `expect_standard_normal`, n = 2003 * latent at least.

        Two small batches of the same images must be decoded from different codes.
        """
        noise = []
        for size in (batch, batch, max(batch, _MANY)):
            model = wide_model(pixels=pixels, latent=latent, hidden=hidden)
            loss_fn = RecordingLoss(model)
            # A rate of 0: codes are read back through the weights, should there be several steps.
            _take_step(self.name, answer, model, loss_fn, grey_images(size, pixels), rate=0.0)
            noise.append(loss_fn.noise())
            expect_some_noise(noise[-1])
        if close(noise[0], noise[1]):
            raise Mistake("noise-frozen", "Two steps use the same noise.")
        expect_noise(noise[2])

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
        """Equal to the batch means of what `loss_fn` returned, as Python or numpy numbers."""
        for size in (_FEW, _MANY) if batch is None else (batch,):
            self._expect_means(answer, size, latent, hidden, pixels)

    def _expect_means(self, answer: Any, batch: int, latent: int, hidden: int, pixels: int) -> None:
        model = sharp_model(pixels=pixels, latent=latent, hidden=hidden)
        loss_fn = RecordingLoss(model, beta=0.6)
        result = _take_step(self.name, answer, model, loss_fn, grey_images(batch, pixels))
        nll, kl = expect_two_numbers(result, self.name)
        # The call that the numbers are about, should there be several.
        made = min(loss_fn.calls, key=lambda made: abs(made.nll.mean().item() - nll))
        if made.moved and not all(made.moved for made in loss_fn.calls):
            raise Mistake("returns-after-step", f"nll is {nll:.6g}, of the parameters afterwards.")
        expect_averages(nll, kl, made.nll, made.kl, [len(made.nll)], loss_weight=0.6)


def _take_step(
    name: str,
    answer: Any,
    model: nn.Module,
    loss_fn: RecordingLoss,
    x: Tensor,
    rate: float = _RATE,
    steps: list[Any] | None = None,
) -> Any:
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    if steps is not None:  # grows by one with every step
        optimizer.register_step_post_hook(lambda *arguments: steps.append(None))
    arguments = {"model": model, "loss_fn": loss_fn, "optimizer": optimizer, "x": x}
    result = call(name, answer, arguments)
    if not loss_fn.calls:
        raise Mistake("loss-not-called", "loss_fn was never called.")
    return result


def _state(model: nn.Module) -> State:
    return {name: value.detach().clone() for name, value in model.named_parameters()}


def _rounding(new: Tensor, start: Tensor) -> Tensor:
    """The error of a parameter that a model made float32 can hold: two roundings of half a unit.

    A logvar of -40 in float32 moves in units of 4e-6. Nothing coarser is allowed for.
    """
    if new.dtype == torch.float64:
        return torch.zeros_like(start)
    return start.abs() * torch.finfo(torch.float32).eps


def _expect_right_update(
    moved: State,
    unresolved: State,
    stale: State,
    reference: ReferenceModel,
    x: Tensor,
    gradients_left: bool,
) -> None:
    right = _gradient(reference, x)
    zero = {name: 0 * value for name, value in right.items()}

    def is_step(other: State, like: State | None = None) -> bool:
        """Equal to 1e-5 of the largest: z differs from mu by 1e-8, steps are differences."""
        scale = max(value.abs().max().item() for value in (like or other).values())
        return all(
            ((moved[n] - other[n]).abs() - unresolved[n]).max().item() < 1e-5 * scale for n in moved
        )

    if is_step(right):
        return
    if is_step(zero, like=right):
        unmoved = "no-step" if gradients_left else "no-step-cleared"
        raise Mistake(unmoved, "No parameter has changed.")
    known = [
        ("no-zero-grad", _combine(right, stale)),
        ("step-on-old-gradients", stale),
        ("step-uphill", _combine(zero, right, -1)),
        ("update-nll-only", _gradient(reference, x, kl=0)),
        ("update-kl-only", _gradient(reference, x, nll=0)),
        ("update-own-loss", _gradient(reference, x, kl=1)),
        ("update-minus-kl", _gradient(reference, x, kl=-0.6)),
        ("update-minus-kl", _gradient(reference, x, kl=-1)),
        ("update-batch-sum", _combine(zero, right, len(x))),
        ("update-batch-sum", _combine(zero, _gradient(reference, x, kl=1), len(x))),
        ("step-twice", _combine(zero, right, 2)),
        ("step-twice", _two_steps(reference, x)),
        ("code-detached", _gradient(reference, x, detach=True)),
    ]
    seen = f"The step is not the learning rate times the gradient: {_largest(moved, right)}."
    slug = next((slug for slug, wrong in known if is_step(wrong)), None)
    if slug is None:
        for part, layers in (("encoder", ("fc1.", "fc2")), ("decoder", ("fc3.", "fc4."))):
            names = [name for name in moved if name.startswith(layers)]
            if not any(moved[name].any() for name in names):
                raise Mistake(f"{part}-not-moved", f"No parameter of the {part} has changed.")
    raise Mistake(slug or "wrong-update", seen)


def _gradient(
    model: ReferenceModel, x: Tensor, *, nll: float = 1, kl: float = 0.6, detach: bool = False
) -> State:
    mu, logvar = model.encode(x)
    logits = model.decode(mu.detach() if detach else mu)
    loss = (nll * true_nll(logits, x) + kl * true_kl(mu, logvar)).mean()
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(loss, parameters, materialize_grads=True)
    return dict(zip(names, found, strict=True))


def _two_steps(model: ReferenceModel, x: Tensor) -> State:
    first = _gradient(model, x)
    after = copy.deepcopy(model)
    after.load_state_dict(_combine(_state(model), first, -_RATE))
    return _combine(first, _gradient(after, x))


def _combine(one: State, other: State, factor: float = 1) -> State:
    return {name: value + factor * other[name] for name, value in one.items()}


def _largest(moved: State, right: State) -> str:
    name = max(right, key=lambda n: (moved[n] - right[n]).abs().max().item())
    place = (moved[name] - right[name]).abs().argmax()
    got, wanted = moved[name].flatten()[place].item(), right[name].flatten()[place].item()
    part = "encoder" if name.startswith(("fc1.", "fc2")) else "decoder"
    seen = f"a parameter of the {part} moved by {got:.4g} learning rates"
    return f"{seen}, its gradient is {wanted:.4g}"


training_step = _TrainingStep()
