"""Train a VAE and measure it: for the parts of a lab that are not about training loops.

`fit` keeps all images in one tensor on the model's device and takes a batch by its indices, so that
no Python runs per image; `evaluate` gives the negative ELBO of a set of images, per image.

Optimizer: D. P. Kingma, J. Ba, Adam, arXiv:1412.6980.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from vae_helpers.datasets import Binarize, _binarized, _require_mode
from vae_helpers.errors import VaeLabError
from vae_helpers.history import History
from vae_helpers.loss import VAELoss, vae_loss
from vae_helpers.pixels import require_pixels, require_unit_interval
from vae_helpers.work import best_device, work_size

# Reading a loss makes the CPU wait for a GPU: there it is done once in so many steps.
STEPS_BETWEEN_READINGS = {"cpu": 1, "cuda": 50, "mps": 50}

STEPS_SHOWN = 50  # the bar moves once in so many steps


class TrainingDiverged(VaeLabError):
    """The loss became nan or infinite; the model is back in its state before that epoch.

    Attributes: `epoch` and `step`, both counted from 1, and the `history` of the epochs before.
    """

    def __init__(
        self, epoch: int, step: int, steps: int, history: History, learning_rate: float
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
    beta: float = 1.0,
    test_images: Tensor | None = None,
    binarize: Binarize = None,
    generator: torch.Generator | None = None,
    progress: bool = True,
    device: torch.device | str | None = None,
) -> History:
    """Minimize the mean of nll + beta * kl by Adam; each epoch sees every image exactly once.

    Args:
        model: any module with forward(x) -> (logits, mu, logvar); trained in place.
        images: (N, P) in [0, 1]; the last batch of an epoch is short when batch_size does not
            divide N, and averages are per image.
        epochs, batch_size, learning_rate, beta: see `vae_loss` for beta.
        test_images: evaluated after each epoch when given.
        binarize: applied to grey images, training and test; "dynamic" anew for each batch.
        generator: source of the order, of the binarization and of the model's own noise; torch's
            global generator when None, which otherwise stays as it was.
        progress: a bar with both terms of the loss; never shown at small work size.
        device: where to train; the fastest here when None. The model returns to where it was.

    Returns:
        History: nll and kl in nats per image, by epoch.

    Raises:
        VaeLabError: images outside [0, 1] or of the wrong shape, or an argument without sense.
        TrainingDiverged: the loss became nan or infinite. The model gets back the state it had
            before that epoch, the last one known to be good.
    """
    _require_images(images)
    if test_images is not None:
        _require_images(test_images, "test_images")
    _require_mode(binarize)
    _require_sensible(epochs, batch_size, learning_rate)
    parameter, was_training = _first_parameter(model), model.training
    home = parameter.device
    device = best_device() if device is None else torch.device(device)
    history = History()
    try:
        model.to(device)
        with _randomness_of(generator, device):
            # What "static" and "threshold" give never changes: made once, before any shuffling.
            fixed, fresh = (None, binarize) if binarize == "dynamic" else (binarize, None)
            data = _binarized(images.to(device, parameter.dtype), fixed)
            optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True)
            steps = -(-len(data) // batch_size)
            with _progress_bar(progress, total=epochs * steps) as bar:
                for epoch in range(1, epochs + 1):
                    bar.set_description_str(f"epoch {epoch}/{epochs}", refresh=False)
                    good_state = {k: v.detach().clone() for k, v in model.state_dict().items()}
                    try:
                        train = _train_epoch(model, optimizer, data, batch_size, beta, fresh, bar)
                        test = _test(model, test_images, binarize, step=steps)
                    except _NotFinite as found:
                        model.load_state_dict(good_state)
                        raise TrainingDiverged(
                            epoch, found.step, steps, history, learning_rate
                        ) from None
                    history.append(train, test)
    finally:
        model.to(home).train(was_training)
    return history


@torch.no_grad()
def evaluate(
    model: nn.Module,
    images: Tensor,
    *,
    batch_size: int = 1000,
    beta: float = 1.0,
    binarize: Binarize = None,
    generator: torch.Generator | None = None,
) -> VAELoss:
    """The negative ELBO of a set of images, and its two terms, in nats per image.

    z is drawn as `model(x)` draws it, one sample per image, in eval mode; parameters, gradients and
    the training mode stay as they were.

    Args:
        model: any module with forward(x) -> (logits, mu, logvar), evaluated where it is.
        images: (N, P) in [0, 1].
        batch_size: how many images at once; the averages do not depend on it.
        beta, binarize, generator: see `fit`.

    Returns:
        VAELoss(loss, nll, kl) of floats, loss = nll + beta * kl.

    Raises:
        VaeLabError: images outside [0, 1], of the wrong shape, or none at all.
    """
    _require_images(images)
    _require_mode(binarize)
    parameter, mode = _first_parameter(model), model.training
    if binarize != "dynamic":
        images, binarize = _binarized(images, binarize), None
    terms = []
    try:
        model.eval()
        with _randomness_of(generator, parameter.device):
            for batch in images.split(batch_size):
                x = _binarized(batch.to(parameter.device, parameter.dtype), binarize)
                logits, mu, logvar = model(x)
                _, nll, kl = vae_loss(logits, x, mu, logvar, beta)
                terms.append(torch.stack((nll, kl)))
    finally:
        model.train(mode)
    nll, kl = torch.cat(terms, dim=1).cpu().double().mean(1).tolist()
    return VAELoss(nll + beta * kl, nll, kl)


def _train_epoch(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    data: Tensor,
    batch_size: int,
    beta: float,
    fresh: Binarize,
    bar: Any,
) -> tuple[float, float]:
    """One epoch over `data`; the means of nll and kl per image while it ran."""
    model.train()
    batches = torch.randperm(len(data), device=data.device).split(batch_size)
    every, read = STEPS_BETWEEN_READINGS.get(data.device.type, STEPS_SHOWN), 0
    losses, nlls, kls = [], [], []  # they stay on the device until they are read
    for step, indices in enumerate(batches, start=1):
        x = _binarized(data.index_select(0, indices), fresh)  # (B, P)
        optimizer.zero_grad()
        logits, mu, logvar = model(x)
        loss, nll, kl = vae_loss(logits, x, mu, logvar, beta)
        loss.backward()
        optimizer.step()
        for seen, value in ((losses, loss), (nlls, nll), (kls, kl)):
            seen.append(value.detach())
        if step % every == 0 or step == len(batches):
            _require_finite(losses[read:], first_step=read + 1)
            read = step
        if not bar.disable and (step % STEPS_SHOWN == 0 or step == len(batches)):
            bar.set_postfix_str(f"nll {nll.mean():.1f}, kl {kl.mean():.1f} nats per image")
            bar.update(step % STEPS_SHOWN or STEPS_SHOWN)
    if not all(parameter.isfinite().all() for parameter in model.parameters()):
        raise _NotFinite(step)  # the loss was finite still, what the last step made is not
    nll, kl = (torch.cat(term).cpu().double().mean().item() for term in (nlls, kls))
    return nll, kl


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


@contextmanager
def _randomness_of(generator: torch.Generator | None, device: torch.device) -> Iterator[None]:
    """All that is random inside, the model's own noise too, follows from `generator`.

    forward(x) draws from torch's global state; so that state is seeded from the generator for the
    time being, and put back (on the CPU and on CUDA; MPS cannot be forked).
    """
    if generator is None:
        yield
        return
    seed = torch.randint(2**62, (), generator=generator, device=generator.device).item()
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _progress_bar(progress: bool, *, total: int) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=total, unit="step", disable=not work_size(full=progress, small=False))


def _require_images(images: Tensor, what: str = "images") -> None:
    require_pixels(images, what=what)
    require_unit_interval(images, what=what)  # on any device: this is done once
    if len(images) == 0:
        raise VaeLabError(f"{what}: there are none, the shape is {tuple(images.shape)}")


def _require_sensible(epochs: int, batch_size: int, learning_rate: float) -> None:
    for name, value in {"epochs": epochs, "batch_size": batch_size}.items():
        if not isinstance(value, int) or value < 1:
            raise VaeLabError(f"fit: {name} must be a whole number of at least 1, got {value!r}")
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise VaeLabError(f"fit: learning_rate must be a positive number, got {learning_rate!r}")


def _first_parameter(model: nn.Module) -> nn.Parameter:
    parameter = next(model.parameters(), None)
    if parameter is None:
        raise VaeLabError(f"{type(model).__name__} has no parameters: there is nothing to train")
    return parameter
