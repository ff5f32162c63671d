"""Train a VAE: for the parts of a lab that are not about training loops.

`fit` keeps all images in one tensor on the model's device and takes a batch by its indices, so that
no Python runs per image.

Optimizer: D. P. Kingma, J. Ba, Adam, arXiv:1412.6980.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from vae_helpers import rates
from vae_helpers.arguments import (
    real_number,
    require_generator,
    require_module,
    usable_device,
    whole_number,
)
from vae_helpers.datasets import Binarize, _binarized, _require_mode
from vae_helpers.errors import VaeLabError
from vae_helpers.evaluation import evaluate
from vae_helpers.history import History
from vae_helpers.loss import vae_loss
from vae_helpers.model_contract import (
    is_finite,
    materialize,
    modes_kept,
    place_of,
    require_trainable,
)
from vae_helpers.pixels import require_images
from vae_helpers.precision import Forward, Precision, forward_in, require_precision
from vae_helpers.progress import bar
from vae_helpers.randomness import randomness_of
from vae_helpers.rates import kl_by_dimension
from vae_helpers.work import fastest_for

# Reading a loss makes the CPU wait for a GPU: there it is done once in so many steps.
STEPS_BETWEEN_READINGS = {"cpu": 1, "cuda": 50, "mps": 50}

STEPS_SHOWN = 50  # the bar moves once in so many steps


class TrainingDiverged(VaeLabError):
    """The loss became nan or infinite; the model is back in its state before that epoch.

    Attributes: `epoch` and `step`, both counted from 1, and the `history` of the epochs before.
    """

    def __init__(
        self, epoch: int, step: int, steps: int, history: Any, learning_rate: float
    ) -> None:
        super().__init__(
            f"training diverged: the loss is not finite at epoch {epoch}, step {step} of {steps}. "
            f"The model is back in its state before epoch {epoch}; "
            f"try a learning_rate below {learning_rate:g}."
        )
        self.epoch, self.step, self.history = epoch, step, history


def fit(
    model: nn.Module,
    images: Tensor,
    *,
    epochs: int,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    beta: float | Callable[[int], float] = 1.0,
    free_bits: float = 0.0,
    test_images: Tensor | None = None,
    binarize: Binarize = None,
    generator: torch.Generator | None = None,
    progress: bool = True,
    device: torch.device | str | None = None,
    precision: Precision = "float32",
) -> History:
    """Minimize the mean of nll + beta * kl by Adam; each epoch sees every image exactly once.

    Ctrl-C, or a notebook's stop button, ends the training where it is: the model keeps what it has
    learned, and the history of the epochs that were finished comes back, `interrupted`.

    Args:
        model: any module with forward(x) -> (logits, mu, logvar); trained in place. It may be
            compiled, and lazy layers get their weights here.
        images: (N, P) in [0, 1]; the last batch of an epoch is short when batch_size does not
            divide N, and averages are per image.
        epochs, batch_size, learning_rate: as usual.
        beta: the weight of the KL term, see `vae_loss`; or a function of the optimizer's step,
            counted from 0 over the whole run, which gives it: a warm-up of 1000 steps is
            lambda step: kl_weight(step, 1000).
        free_bits: nats of each latent dimension that cost nothing, see the function `free_bits`;
            the history's kl is the whole of it.
        test_images: evaluated after each epoch when given; nll and kl are unweighted, whatever
            beta is.
        binarize: applied to grey images, training and test; "dynamic" anew for each batch.
        generator: source of the order, of the binarization and of the model's own noise; torch's
            global generator when None, which otherwise stays as it was.
        progress: a bar with both terms of the loss, where a person watches: in a terminal or a
            notebook, not in a pipe or a log, and never at small work size.
        device: where to train; the fastest here when None. The model returns to where it was.
        precision: of the products of a training step. "float32" leaves them to the model; "bf16"
            rounds what the layers multiply to bfloat16, by torch.autocast. Weights, the steps of
            Adam, the sampling, the loss and the test stay in float32. It pays on processors
            made for it (AMX, AVX512_BF16, ARM's BF16) where layers are wide or batches large:
            half the time at 4096 units and 1024 images, none saved at 400 and 128. A CPU
            without such products gives the same, with a warning that it takes longer.

    Returns:
        History: nll and kl in nats per image, and beta, by epoch.

    Raises:
        VaeLabError: images outside [0, 1] or of the wrong shape, an argument without sense, a
            model that does not return what it should, or one that cannot be trained in this
            precision on this device. Gradients may be switched off outside.
        TrainingDiverged: the loss became nan or infinite. The model gets back the state it had
            before that epoch, the last one known to be good.
    """
    require_module(model, "fit")
    require_images(images)
    if test_images is not None:
        require_images(test_images, what="test_images", like=images)
    _require_mode(binarize)
    require_generator(generator, "fit")
    epochs = whole_number(epochs, "fit: epochs")
    batch_size = whole_number(batch_size, "fit: batch_size")
    learning_rate = real_number(learning_rate, "fit: learning_rate", positive=True)
    floor = real_number(free_bits, "fit: free_bits")
    steps = -(-len(images) // batch_size)  # in an epoch
    betas = _betas(beta, epochs * steps)
    plan = _Plan(betas, floor, steps, batch_size, learning_rate, binarize, precision)
    require_trainable(model)
    home, dtype = place_of(model, images)
    place = fastest_for(dtype) if device is None else usable_device(device, "fit")
    require_precision(precision, place, dtype, "fit")
    history = History()
    try:
        model.to(place)
        # A notebook may have switched gradients off, for good even.
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            modes_kept(model),
            randomness_of(generator, place),
        ):
            data = images.detach().to(place, dtype)
            for train, test, weight in _epochs(model, data, test_images, plan, history, progress):
                history.append(train, test, weight)
    except KeyboardInterrupt:
        print(
            f"fit: interrupted after {len(history)} of {epochs} epochs; the model keeps what "
            "it has learned"
        )
        return dataclasses.replace(history, interrupted=True)
    finally:
        model.to(home)
    return history


class _Plan(NamedTuple):
    """The arguments of `fit` that say how, each looked at; `betas` by step of the whole run."""

    betas: list[float]
    floor: float
    steps: int
    batch_size: int
    learning_rate: float
    binarize: Binarize
    precision: Precision

    @property
    def epochs(self) -> int:
        return len(self.betas) // self.steps


def _epochs(
    model: nn.Module,
    data: Tensor,
    test_images: Tensor | None,
    plan: _Plan,
    history: History,
    progress: bool,
) -> Iterator[tuple[tuple[float, float], tuple[float, float] | None, float]]:
    """Train, and give after each epoch its terms in training, those of the test, and its beta."""
    # What "static" and "threshold" give never changes: made once, before any shuffling.
    fresh: Binarize = "dynamic" if plan.binarize == "dynamic" else None
    data = _binarized(data, None if fresh else plan.binarize)
    materialize(model, data[:1], "fit")
    optimizer = torch.optim.Adam(model.parameters(), lr=plan.learning_rate, fused=True)
    with bar(total=len(plan.betas), wanted=progress) as shown:
        for epoch in range(1, plan.epochs + 1):
            shown.set_description_str(f"epoch {epoch}/{plan.epochs}", refresh=False)
            good_state = copy.deepcopy(model.state_dict())
            betas = plan.betas[(epoch - 1) * plan.steps : epoch * plan.steps]
            try:
                with forward_in(plan.precision, model, "fit") as forward:
                    train = _train_epoch(model, forward, optimizer, data, betas, plan, fresh, shown)
                test = _test(model, test_images, plan.binarize, step=plan.steps)
            except _NotFinite as found:
                model.load_state_dict(good_state)
                raise TrainingDiverged(
                    epoch, found.step, plan.steps, history, plan.learning_rate
                ) from None
            except KeyboardInterrupt:
                if not is_finite(model):  # losses are read now and then only
                    model.load_state_dict(good_state)
                raise
            yield train, test, betas[-1]


def _train_epoch(
    model: nn.Module,
    forward: Forward,
    optimizer: torch.optim.Optimizer,
    data: Tensor,
    betas: Sequence[float],
    plan: _Plan,
    fresh: Binarize,
    shown: Any,
) -> tuple[float, float]:
    """One epoch over `data`; the means of nll and kl per image while it ran."""
    model.train()
    batches = torch.randperm(len(data), device=data.device).split(plan.batch_size)
    every, read = STEPS_BETWEEN_READINGS.get(data.device.type, STEPS_SHOWN), 0
    losses: list[Tensor] = []  # they and the terms stay on the device until they are read
    nlls: list[Tensor] = []
    kls: list[Tensor] = []
    for step, (indices, beta) in enumerate(zip(batches, betas, strict=True), start=1):
        x = _binarized(data.index_select(0, indices), fresh)  # (B, P)
        optimizer.zero_grad()
        logits, mu, logvar = forward(x)
        loss, nll, kl = vae_loss(logits, x, mu, logvar, beta)
        if plan.floor:
            loss = nll.mean() + beta * rates.free_bits(kl_by_dimension(mu, logvar), plan.floor)
        _require_graph(model, loss)
        loss.backward()
        optimizer.step()
        for seen, value in ((losses, loss), (nlls, nll), (kls, kl)):
            seen.append(value.detach())
        if step % every == 0 or step == len(batches):
            _require_finite(losses[read:], first_step=read + 1)
            read = step
        if not shown.disable and (step % STEPS_SHOWN == 0 or step == len(batches)):
            shown.set_postfix_str(f"nll {nll.mean():.1f}, kl {kl.mean():.1f} nats per image")
            shown.update(step % STEPS_SHOWN or STEPS_SHOWN)
    if not is_finite(model):
        raise _NotFinite(step)  # the loss was finite still, what the last step made is not
    mean_nll, mean_kl = (torch.cat(term).cpu().double().mean().item() for term in (nlls, kls))
    return mean_nll, mean_kl


def _betas(beta: float | Callable[[int], float], steps: int) -> list[float]:
    """beta at every step, looked at before any training."""
    if not callable(beta):
        return [real_number(beta, "fit: beta")] * steps
    return [real_number(beta(step), f"fit: beta({step})") for step in range(steps)]


def _require_graph(model: nn.Module, loss: Tensor) -> None:
    if not loss.requires_grad:
        raise VaeLabError(
            f"fit: the loss hangs on no parameter of {type(model).__name__}: "
            "its forward computes without gradients (torch.no_grad, detach, .data)"
        )


def _require_finite(losses: list[Tensor], *, first_step: int) -> None:
    """Raise _NotFinite on the first bad one of these losses, of steps one after another."""
    for step, loss in enumerate(torch.stack(losses).tolist(), start=first_step):
        if not math.isfinite(loss):
            raise _NotFinite(step)


def _test(
    model: nn.Module, images: Tensor | None, binarize: Binarize, *, step: int
) -> tuple[float, float] | None:
    if images is None:
        return None
    loss, nll, kl = evaluate(model, images, binarize=binarize)
    if not math.isfinite(loss):
        raise _NotFinite(step)
    return nll, kl


class _NotFinite(Exception):
    """A loss was nan or infinite at this step of the epoch, counted from 1."""

    def __init__(self, step: int) -> None:
        self.step = step
