"""Train any model of the collection: one player or two, one stage or two, with labels or without.

As vae_helpers.training.fit, whose arguments, errors and manners it has; what is minimized is the
model's own business (see contract). Each player has an optimizer of its own, Adam unless another is
asked for, and takes a step in each batch, in the order in which the model names them.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from vae_helpers.arguments import real_number, require_generator, usable_device, whole_number
from vae_helpers.datasets import Binarize, _binarized, _require_mode
from vae_helpers.errors import VaeLabError
from vae_helpers.model_contract import is_finite, modes_kept, place_of, require_trainable
from vae_helpers.pixels import require_images
from vae_helpers.progress import bar
from vae_helpers.randomness import randomness_of
from vae_helpers.training import STEPS_BETWEEN_READINGS, STEPS_SHOWN, TrainingDiverged
from vae_helpers.work import fastest_for
from vae_zoo.contract import Autoencoder, Player
from vae_zoo.history import Terms, ZooHistory

MakeOptimizer = Callable[[Sequence[nn.Parameter], float], torch.optim.Optimizer]


def adam(parameters: Sequence[nn.Parameter], learning_rate: float) -> torch.optim.Optimizer:
    """Adam as `fit` takes it when nothing else is asked for."""
    return torch.optim.Adam(parameters, lr=learning_rate, fused=True)


def fit(
    model: Autoencoder,
    images: Tensor,
    labels: Tensor | None = None,
    *,
    epochs: int,
    batch_size: int = 128,
    learning_rate: float | Callable[[int], float] = 1e-3,
    optimizer: MakeOptimizer = adam,
    test_images: Tensor | None = None,
    test_labels: Tensor | None = None,
    binarize_as: Binarize = None,
    keep_best: bool = False,
    generator: torch.Generator | None = None,
    progress: bool = True,
    device: torch.device | str | None = None,
    after_epoch: Callable[[int, Terms], None] | None = None,
) -> ZooHistory:
    """Minimize each player's mean loss; each epoch sees every image exactly once.

    Ctrl-C ends the training where it is; the history of the epochs that were finished comes back.

    Args:
        model: trained in place.
        images: (N, P) in [0, 1], in batches of about one size.
        labels: (N,), for a model that needs them.
        test_images, test_labels: the model's loss on them after each epoch, in eval mode.
        binarize_as: of grey images; "dynamic" anew for each batch.
        keep_best: leave the model as it was after the epoch of the smallest test loss, `best` of
            the history, and not as it is after the last: for few images, which are learned by
            heart in the end. Of an objective that stays the same from epoch to epoch.
        generator: source of everything random; torch's own stays as it was.
        learning_rate: a number, or a function of the epoch, counted from 1, which gives it.
        optimizer: makes one of a player's parameters and of the first epoch's rate.
        after_epoch: called with each epoch that was finished, counted from 1, and its means in the
            training; what it draws at random comes from `generator`, too.
        epochs, batch_size, progress, device: as vae_helpers.fit.

    Raises:
        VaeLabError: what is given makes no sense, or labels are missing.
        TrainingDiverged: a loss became nan or infinite; the model is as before that epoch.
    """
    if not isinstance(model, Autoencoder):
        raise VaeLabError(f"fit: a model of vae_zoo is wanted, got {type(model).__name__}")
    require_images(images)
    if test_images is not None:
        require_images(test_images, what="test_images", like=images)
    elif keep_best:
        raise VaeLabError("fit: keep_best=True is told by test_images, and there are none")
    _require_mode(binarize_as)
    require_generator(generator, "fit")
    epochs, batch_size = (
        whole_number(value, f"fit: {name}")
        for value, name in ((epochs, "epochs"), (batch_size, "batch_size"))
    )
    rates = _rates(learning_rate, epochs)
    require_trainable(model)
    home, dtype = place_of(model, images)
    place = fastest_for(dtype) if device is None else usable_device(device, "fit")
    # A single image that is left over is one more for another batch: distances of codes need two.
    steps = max(1, len(images) // batch_size + (len(images) % batch_size > 1))
    history = ZooHistory()
    run = _Run(model, rates, optimizer, steps, history)
    best: dict[str, Any] = {}
    try:
        model.to(place)
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            modes_kept(model),
            randomness_of(generator, place),
            bar(total=epochs * steps, wanted=progress) as shown,
        ):
            data = _Data.of(images, labels, model, place, dtype, binarize_as)
            test = None
            if test_images is not None:
                test = _Data.of(test_images, test_labels, model, place, dtype, binarize_as)
            for epoch in range(1, epochs + 1):
                shown.set_description_str(f"epoch {epoch}/{epochs}", refresh=False)
                train, tested = run.epoch(epoch, data, test, shown)
                history.train.append(train)
                history.test.extend(tested)
                if keep_best and history.best == epoch:
                    best = copy.deepcopy(model.state_dict())
                if after_epoch is not None:
                    after_epoch(epoch, train)
    except KeyboardInterrupt:
        print(
            f"fit: interrupted after {len(history)} of {epochs} epochs; the model keeps what "
            "it has learned"
        )
        history = dataclasses.replace(history, interrupted=True)
    finally:
        model.to(home)
    if best:
        model.load_state_dict(best)
    return history


@dataclass(frozen=True)
class _Data:
    images: Tensor
    labels: Tensor | None
    fresh: Binarize  # what is drawn anew for each batch

    @classmethod
    def of(
        cls,
        images: Tensor,
        labels: Tensor | None,
        model: Autoencoder,
        place: torch.device,
        dtype: torch.dtype,
        mode: Binarize,
    ) -> _Data:
        """On the device; labels only where the model looks at them."""
        if not model.needs_labels:
            labels = None
        elif labels is None or len(labels) != len(images):
            raise VaeLabError(
                f"fit: {type(model).__name__} needs a label for each of {len(images)} images, "
                f"got {'none' if labels is None else len(labels)}"
            )
        fresh: Binarize = "dynamic" if mode == "dynamic" else None
        made = _binarized(images.detach(), None if fresh else mode).to(place, dtype)
        return cls(made, None if labels is None else labels.to(place), fresh)

    def batch(self, indices: Tensor) -> tuple[Tensor, ...]:
        x = _binarized(self.images[indices], self.fresh)
        return (x,) if self.labels is None else (x, self.labels[indices])


class _Run:
    """One training: the players' optimizers live as long as it."""

    def __init__(
        self,
        model: Autoencoder,
        rates: list[float],
        optimizer: MakeOptimizer,
        steps: int,
        history: ZooHistory,
    ) -> None:
        self.model, self.rates, self.steps, self.history = model, rates, steps, history
        self._make = optimizer
        self._optimizers: dict[str, torch.optim.Optimizer] = {}

    def epoch(
        self, epoch: int, data: _Data, test: _Data | None, shown: Any
    ) -> tuple[Terms, list[Terms]]:
        """Terms of the training, and of the test if there is one. Raises TrainingDiverged."""
        good = copy.deepcopy(self.model.state_dict())
        rate = self.rates[epoch - 1]
        for optimizer in self._optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = rate
        try:
            train = self._train(data, shown)
            tested = [] if test is None else [self._test(test)]
        except _NotFinite as found:
            self.model.load_state_dict(good)
            step = found.step
            raise TrainingDiverged(epoch, step, self.steps, self.history, rate) from None
        except KeyboardInterrupt:
            if not is_finite(self.model):
                self.model.load_state_dict(good)
            raise
        return train, tested

    def _train(self, data: _Data, shown: Any) -> Terms:
        self.model.train()
        order = torch.randperm(len(data.images), device=data.images.device)
        every = STEPS_BETWEEN_READINGS.get(data.images.device.type, STEPS_SHOWN)
        sums: dict[str, list[Tensor]] = defaultdict(list)
        unread: list[Tensor] = []
        for step, indices in enumerate(_batches(order, self.steps), start=1):
            batch = data.batch(indices)
            terms: dict[str, Tensor] = {}
            for player in self.model.players():
                found = self._step(player, batch)
                unread.append(found["loss"].mean())
                terms = found | terms  # the first player's, where two speak of the same
            self.model.after_step()
            for name, value in terms.items():
                sums[name].append(value)
            if step % every == 0 or step == self.steps:
                if not bool(torch.stack(unread).isfinite().all()):
                    raise _NotFinite(step)
                unread.clear()
            if step % STEPS_SHOWN == 0 or step == self.steps:
                shown.update(step % STEPS_SHOWN or STEPS_SHOWN)
        if not is_finite(self.model):
            raise _NotFinite(self.steps)
        return _means(sums)

    def _step(self, player: Player, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """A step of one player; its loss and terms."""
        if player.name not in self._optimizers:
            self._optimizers[player.name] = self._make(player.parameters, self.rates[0])
        optimizer = self._optimizers[player.name]
        optimizer.zero_grad()
        loss, terms = player.loss(*batch)
        loss.mean().backward()
        optimizer.step()
        return {name: value.detach() for name, value in ({"loss": loss} | terms).items()}

    @torch.no_grad()
    def _test(self, data: _Data) -> Terms:
        self.model.eval()
        sums: dict[str, list[Tensor]] = defaultdict(list)
        whole = torch.arange(len(data.images), device=data.images.device)
        for indices in _batches(whole, max(1, len(whole) // 1000)):
            loss, terms = self.model.loss(*data.batch(indices))
            for name, value in ({"loss": loss} | terms).items():
                sums[name].append(value)
        found = _means(sums)
        if not math.isfinite(found["loss"]):
            raise _NotFinite(self.steps)
        return found


def _rates(learning_rate: float | Callable[[int], float], epochs: int) -> list[float]:
    """The rate of every epoch, looked at before any training."""
    if not callable(learning_rate):
        return [real_number(learning_rate, "fit: learning_rate", positive=True)] * epochs
    return [
        real_number(learning_rate(epoch), f"fit: learning_rate({epoch})", positive=True)
        for epoch in range(1, epochs + 1)
    ]


def _batches(order: Tensor, number: int) -> tuple[Tensor, ...]:
    """So many batches of about one size, none of them empty."""
    return order.tensor_split(number)


def _means(sums: dict[str, list[Tensor]]) -> Terms:
    return {name: torch.cat(parts).double().mean().item() for name, parts in sums.items()}


class _NotFinite(Exception):
    """A loss was nan or infinite at this step of the epoch, counted from 1."""

    def __init__(self, step: int) -> None:
        self.step = step
