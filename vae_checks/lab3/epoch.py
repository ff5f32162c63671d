"""One training epoch, seen from the `step` that it calls: which images came, and in what order."""

import math
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, spread
from vae_checks.lab3.averages import expect_averages, expect_two_numbers
from vae_checks.lab3.orders import expect_random_order
from vae_checks.statistics import SIGMAS
from vae_checks.verdict import Mistake, call, describe

_PIXELS = 3
# Images and batch of every idea where no others are asked for (None: the default batch): what an
# answer does at these sizes it does for all ideas.
_SIZES = ((16, 5), (53, 7), (300, None), (2003, 800))


class _TrainEpoch(Exercise):
    name, section = "train_epoch", "4.2"

    @idea("every image once, in batches of the right size")
    def every_image(self, answer: Any, *, num_images: int | None = None, batch: int = 128) -> None:
        """Each image in exactly one batch; all batches full but the last; 128 by default.

        Sizes should be such that ceil(num_images / batch) is not batch: chunk shows then.
        """
        if num_images is not None:
            self._expect_every_image(answer, num_images, batch)
            return
        for count, size in (_SIZES[1], _SIZES[0], _SIZES[3]):
            self._expect_every_image(answer, count, size or 128)
        step = _RecordingStep(300)
        _run(self.name, answer, step, None)
        if step.sizes() != [128, 128, 44] or len(set(step.order())) < 300:
            seen = f"300 images, batch_size left out: step saw batches of {_shown(step.sizes())}."
            raise Mistake("wrong-batch-size", seen, "The default batch_size of the task is 128.")

    def _expect_every_image(self, answer: Any, num_images: int, batch: int) -> None:
        step = _RecordingStep(num_images)
        _run(self.name, answer, step, batch)
        order, sizes = step.order(), step.sizes()
        short = num_images % batch
        wanted = [len(part) for part in torch.arange(num_images).split(batch)]
        missing = num_images - len(set(order))
        seen = f"{num_images} images in batches of {batch}: step saw batches of {_shown(sizes)}"
        if sizes == [len(part) for part in torch.arange(num_images).chunk(batch)] != wanted:
            raise Mistake("chunk-not-split", f"{seen}.")
        if 0 in sizes:
            raise Mistake("empty-batch", f"{seen}.")
        if missing == short and len(order) == len(set(order)) and set(sizes) == {batch}:
            raise Mistake("last-batch-dropped", f"{seen}; {short} images never came.")
        if len(order) != len(set(order)):
            twice = len(order) - len(set(order))
            raise Mistake("image-twice", f"{seen}; {twice} came again, {missing} never came.")
        if missing:
            raise Mistake("image-missing", f"{seen}; {missing} images never came.")
        if sizes != wanted:
            raise Mistake("wrong-batch-size", f"{seen}.")

    @idea("a new order every epoch", random=True)
    def shuffled(
        self, answer: Any, *, num_images: int | None = None, batch: int | None = None
    ) -> None:
        """Two epochs have different orders, and neither keeps much of the original one.

        A random order has about 2 places where images that were neighbours still are; 20 or more
        have probability below 1e-12, 15 or more below 1e-8. That 16 images come in batches of old
        neighbours has probability 2e-7 in two epochs. Of 2003 images: see `expect_random_order`.
        Of three images each of the six orders comes in 150 epochs; one is missing with probability
        8e-12. In 40 epochs of 53 images no order comes twice, and places do not tell images: the
        mean correlation of both is below six standard errors 1 / sqrt(40 * 52).
        """
        if num_images is not None:
            epochs = self._epochs(answer, num_images, batch)
            _expect_mixed(epochs, num_images, batch)
            _expect_other_order(epochs)
            _expect_few_neighbours(epochs)
            return
        # Of few images an order may look like another by chance, where few orders are drawn: one
        # of 2003 images is looked at before one of 16.
        *small, large = _SIZES
        for count, size in (*small[1:], large):
            _expect_mixed(epochs := self._epochs(answer, count, size), count, size)
        orders = [step.order() for step in epochs]
        if all(sorted(order) == list(range(count)) for order in orders):
            _expect_other_order(epochs)
            expect_random_order(*orders)
        for count, size in small:
            _expect_mixed(epochs := self._epochs(answer, count, size), count, size)
            _expect_other_order(epochs)
        self._expect_all_orders(answer)
        self._expect_no_favourites(answer)

    def _expect_all_orders(self, answer: Any) -> None:
        orders = set()
        for order in islice(self._orders(answer, 3, 3), 150):
            orders.add(order)
            if len(orders) == 6:
                return
        seen = f"In 150 epochs of three images {len(orders)} of their 6 orders came."
        raise Mistake("orders-missing", seen)

    def _expect_no_favourites(self, answer: Any) -> None:
        (count, size), epochs = _SIZES[1], 40
        orders = list(islice(self._orders(answer, count, size), epochs))
        if any(sorted(order) != list(range(count)) for order in orders):
            return  # the business of another idea
        if len(set(orders)) < epochs:
            raise Mistake("same-order", f"In {epochs} epochs the same order came twice.")
        places = torch.tensor(orders).double()
        rows = (places - places.mean(1, keepdim=True)) / places.std(1, keepdim=True)
        kept = (rows * rows[0].sort().values).mean().item()
        if abs(kept) > SIGMAS / math.sqrt(epochs * (count - 1)):
            seen = f"Over {epochs} epochs an image's place has correlation {kept:.2g} with its old"
            raise Mistake("order-local", f"{seen} one.")

    def _orders(self, answer: Any, num_images: int, batch: int | None) -> Iterator[tuple[int, ...]]:
        """The order of one epoch after another, of the same images."""
        step = _RecordingStep(num_images)
        while True:
            step.batches = []
            _run(self.name, answer, step, batch)
            yield tuple(step.order())

    def _epochs(
        self, answer: Any, num_images: int, batch: int | None
    ) -> tuple["_RecordingStep", "_RecordingStep"]:
        first, second = _RecordingStep(num_images), _RecordingStep(num_images)
        for step in (first, second):
            _run(self.name, answer, step, batch)
        return first, second

    @idea("the average is over images")
    def average(
        self, answer: Any, *, num_images: int | None = None, batch: int | None = None
    ) -> None:
        """The mean over all images that `step` saw, for terms that differ between images.

        All that fill a batch must be seen, and more than one batch: of batches of another size,
        which is a mistake of its own, there are several when there are more images.
        """
        for count, size in _SIZES if num_images is None else ((num_images, batch),):
            self._expect_average(answer, count, size)

    def _expect_average(self, answer: Any, num_images: int, batch: int | None) -> None:
        for count in (num_images, 20 * num_images):
            step = _RecordingStep(count)
            result = _run(self.name, answer, step, batch)
            if len(step.batches) > 1:
                break
        sizes = step.sizes()
        seen = f"{count} images in batches of {batch or 128}: step saw batches of {_shown(sizes)}."
        if sum(sizes) < count - count % max(1, *sizes):
            raise Mistake("image-missing", seen)
        if len(sizes) < 2:
            raise Mistake("wrong-batch-size", seen)
        nll, kl = expect_two_numbers(result, self.name)
        order, seen_nll, seen_kl = step.order(), torch.cat(step.seen_nll), torch.cat(step.seen_kl)
        dropped = seen_nll.sum().item() / count
        if len(order) < count and abs(nll - dropped) < 1e-6 * dropped:
            seen = f"nll is {nll:.6g}: {len(order)} images came, it divides by {count}."
            raise Mistake("last-batch-dropped", seen)
        expect_averages(nll, kl, seen_nll, seen_kl, step.sizes())


def _expect_mixed(epochs: Sequence["_RecordingStep"], num_images: int, batch: int | None) -> None:
    """Raise Mistake when two epochs keep the old order, or have batches of old neighbours."""
    if all(step.order() == sorted(step.order()) for step in epochs):
        raise Mistake("not-shuffled", "The images come in their original order.")
    blocks = {frozenset(block.tolist()) for block in torch.arange(num_images).split(batch or 128)}
    if all({frozenset(indices) for indices in step.batches} == blocks for step in epochs):
        raise Mistake("shuffled-blocks", "Every batch holds images that were neighbours.")


def _expect_other_order(epochs: Sequence["_RecordingStep"]) -> None:
    if epochs[0].order() == epochs[1].order():
        raise Mistake("same-order", "Two epochs go through the images in the same order.")


def _expect_few_neighbours(epochs: Sequence["_RecordingStep"]) -> None:
    for step in epochs:
        order = step.order()
        near = sum(abs(a - b) == 1 for a, b in pairwise(order))
        if near >= (20 if len(order) > 25 else 15):
            seen = f"{near} pairs of neighbours are neighbours still; 2 are usual."
            raise Mistake("order-not-random", seen)


class _RecordingStep:
    """A `step` for `train_epoch`: remembers which images came, returns the means of their terms."""

    def __init__(self, num_images: int) -> None:
        self.images = grey_images(num_images, _PIXELS)
        self.images[:, 0] = (torch.arange(num_images) + 0.5) / num_images  # tells images apart
        self.nll = 500 * spread(num_images).abs() ** 3
        self.kl = 100 * spread(num_images).abs() ** 3
        self.batches: list[list[int]] = []
        self.seen_nll: list[Tensor] = []
        self.seen_kl: list[Tensor] = []

    def __call__(self, batch: Any) -> tuple[float, float]:
        """Raises Mistake when `batch` is not a tensor (b, P)."""
        if not torch.is_tensor(batch):
            raise Mistake("batch-not-tensor", f"step was called with {describe(batch)}.")
        if batch.ndim != 2 or batch.shape[1] != _PIXELS:
            seen = f"step was called with {describe(batch)}, it should be (b, {_PIXELS})."
            raise Mistake("wrong-shape", seen, "A batch holds one image a row, like `images`.")
        if not len(batch):
            self.batches.append([])
            return 0.0, 0.0
        index = self._indices(batch)
        nll, kl = self.nll[index], self.kl[index]
        if self.batches and len(index) < len(self.batches[0]):
            # Then averages that weigh a short batch wrongly differ, whatever the order.
            nll, kl = nll + 3000, kl + 600
        self.batches.append(index.tolist())
        self.seen_nll.append(nll)
        self.seen_kl.append(kl)
        return nll.mean().item(), kl.mean().item()

    def order(self) -> list[int]:
        """The images by number, in the order in which they came."""
        return [index for batch in self.batches for index in batch]

    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.batches]

    def _indices(self, batch: Tensor) -> Tensor:
        index = (batch[:, 0].detach().double() * len(self.images) - 0.5).round().long()
        known = (index >= 0) & (index < len(self.images))
        index = index.clamp(0, len(self.images) - 1)
        if not known.all() or not torch.allclose(self.images[index], batch.double(), atol=1e-6):
            seen = "step was called with rows that are no rows of `images`."
            raise Mistake("wrong-images", seen)
        return index


def _run(name: str, answer: Any, step: _RecordingStep, batch: int | None) -> Any:
    arguments = {"step": step, "images": step.images.clone()}
    if batch is not None:
        arguments["batch_size"] = batch
    result = call(name, answer, arguments)
    if not step.batches:
        raise Mistake("step-not-called", "step was never called.")
    if batch and step.sizes() == [batch] and batch < len(step.images):
        raise Mistake("first-batch-only", f"step saw one batch of {batch} images, and no more.")
    return result


def _shown(sizes: list[int]) -> str:
    shown = ", ".join(map(str, sizes[:8]))
    return shown if len(sizes) <= 8 else f"{shown}, ... ({len(sizes)} in all)"


_RecordingStep.__name__ = _RecordingStep.__qualname__ = "step"  # as errors call it
_RecordingStep.__call__.__qualname__ = "step"

train_epoch = _TrainEpoch()
