"""A recipe trained and measured: our numbers, which its source's stand beside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vae_helpers.arguments import whole_number
from vae_helpers.datasets import binarize, mnist
from vae_helpers.model_contract import modes_kept
from vae_helpers.randomness import randomness_of
from vae_helpers.work import fastest_for, work_size
from vae_zoo.contract import Autoencoder
from vae_zoo.history import Terms
from vae_zoo.measures import elbo_measures, iw_measures, negative_elbo_of
from vae_zoo.recipes.set_up import Published, SetUp
from vae_zoo.training import fit

MOST_LINES = 60  # of a longer training about so many epochs are tested
FEW_IMAGES, FEW_WEIGHED, FEW_SAMPLES = 300, 8, 4  # at small work size


class EpochNumbers(NamedTuple):
    """Our -ELBO in nats per image, of the training's epoch and of test images after it; theirs."""

    epoch: int
    train_loss: float
    negative_elbo: float
    published: dict[str, Published]


class Compared(NamedTuple):
    """A number of the source beside ours, whose standard error over test images is `error`."""

    published: Published
    ours: float
    error: float | None


class RecipeRun(NamedTuple):
    """A trained model; its numbers by epoch and at the end; whether Ctrl-C ended it before."""

    model: Autoencoder
    by_epoch: list[EpochNumbers]
    compared: list[Compared]
    seconds: float
    interrupted: bool


def run_recipe(
    set_up: SetUp,
    seed: int,
    *,
    epochs: int | None = None,
    num_images: int | None = None,
    progress: bool = True,
    after_epoch: Callable[[EpochNumbers], None] | None = None,
    before_weighing: Callable[[int, int], None] | None = None,
) -> RecipeRun:
    """Train and measure a recipe from a seed; torch's global generator stays as it was.

    Test images are tossed once where the training's are anew for each batch.

    Args:
        epochs: so many of the recipe's, from its first one; all when None.
        num_images: how many test images are weighed for a -L_K, from the first one; all when None.
        after_epoch: called with the numbers of each epoch that was tested: all, or of a training
            longer than MOST_LINES epochs about so many, the last one, and those that the source
            tells of.
        before_weighing: called with num_images and K before each -L_K, which takes long.

    Raises:
        VaeLabError: the recipe or an argument makes no sense; the training diverged.
    """
    seed = whole_number(seed, "recipe: seed", at_least=0)
    length = work_size(set_up.epochs, 1) if epochs is None else set_up.shortened(epochs)
    generator = torch.Generator().manual_seed(seed)
    with randomness_of(generator, torch.device("cpu")):
        model = set_up.make_model()
    images = mnist("train").images[: work_size(set_up.train_images, FEW_IMAGES)]
    new = binarize(mnist("test").images, set_up.binarize, generator=generator)
    place = fastest_for(images.dtype)  # where fit trains, too
    new = new[: work_size(len(new), FEW_IMAGES)].to(place)
    tested, stopped = _tested(set_up, length), False
    numbers: list[EpochNumbers] = []

    def test(epoch: int, train: Terms) -> None:
        if epoch not in tested and not stopped:
            return
        theirs = {
            quantity: set_up.by_epoch(quantity)[epoch]
            for quantity in ("negative_elbo", "train_loss")
            if epoch in set_up.by_epoch(quantity)
        }
        found = EpochNumbers(epoch, negative_elbo_of(train), _negative_elbo(model, new), theirs)
        numbers.append(found)
        if after_epoch is not None:
            after_epoch(found)

    began = time.perf_counter()
    history = fit(
        model, images, epochs=length, batch_size=set_up.batch_size,
        learning_rate=set_up.learning_rate, optimizer=set_up.make_optimizer,
        binarize_as=set_up.binarize, generator=generator, progress=progress, after_epoch=test,
    )  # fmt: skip
    seconds = (time.perf_counter() - began) / max(1, len(history))
    model.to(place)
    stopped = history.interrupted
    if stopped and len(history) and (not numbers or numbers[-1].epoch < len(history)):
        test(len(history), history.train[-1])
    compared: list[Compared] = []
    try:
        if numbers:
            weighed = new[: work_size(num_images or len(new), FEW_WEIGHED)]
            for each in _at_the_end(
                set_up, model, numbers[-1], weighed, generator, before_weighing
            ):
                compared.append(each)
    except KeyboardInterrupt:  # what was trained for hours is not lost with it
        stopped = True
    return RecipeRun(model.cpu(), numbers, compared, seconds, stopped)


def _tested(set_up: SetUp, length: int) -> set[int]:
    """The epochs after which test images are looked at."""
    every = -(-length // MOST_LINES)
    named = {*set_up.by_epoch("negative_elbo"), *set_up.by_epoch("train_loss")}
    return {*range(every, length + 1, every), length} | {e for e in named if e <= length}


def _negative_elbo(model: Autoencoder, images: Tensor) -> float:
    with modes_kept(model):
        return elbo_measures(model.eval(), images)["negative_elbo"]


def _at_the_end(
    set_up: SetUp,
    model: Autoencoder,
    last: EpochNumbers,
    images: Tensor,
    generator: torch.Generator,
    before_weighing: Callable[[int, int], None] | None,
) -> Iterator[Compared]:
    """Each number of the source's last epoch beside ours of the last one that was finished."""
    for each in set_up.published:
        if each.epoch not in (None, set_up.epochs):
            continue
        if each.num_samples is None:
            yield Compared(each, getattr(last, each.quantity), None)
            continue
        samples = work_size(each.num_samples, FEW_SAMPLES)
        if before_weighing is not None:
            before_weighing(len(images), samples)
        with modes_kept(model), randomness_of(generator, images.device):
            found = iw_measures(model.eval(), images, samples)
        yield Compared(each, found["iw_nll"], found["iw_nll_error"])


def recipe_row(seed: int, done: RecipeRun) -> dict[str, Any]:
    """A run as it is stored: its last epoch's numbers, and what the source has beside.

    The keys of an L_K end in its K.
    """
    last = done.by_epoch[-1]
    row: dict[str, Any] = {
        "seed": seed, "epochs": last.epoch, "train_loss": round(last.train_loss, 5),
        "negative_elbo": round(last.negative_elbo, 5),
    }  # fmt: skip
    for published, ours, error in done.compared:
        if published.num_samples is not None and error is not None:
            row[f"iw_nll_{published.num_samples}"] = round(ours, 5)
            row[f"iw_nll_{published.num_samples}_error"] = round(error, 5)
    return row | {"seconds": round(done.seconds, 3)}
