"""One family, one seed: what to train on, with which networks, and the numbers that come of it.

MNIST   784-400-D fully connected, black and white pixels tossed anew in each batch, Bernoulli
faces   convolutions, 10,000 drawn faces of 32 x 32 in colour, a Gaussian with the best sigma (one
        that is learned moves by a rate a step: a few epochs end long before it arrives)
FOLDER  the same for a folder of pictures, of which every tenth is held back
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vae_helpers.arguments import whole_number
from vae_helpers.datasets import Binarize, binarize, mnist
from vae_helpers.errors import VaeLabError
from vae_helpers.randomness import randomness_of
from vae_helpers.work import work_size
from vae_zoo.contract import Autoencoder
from vae_zoo.data.faces import SIDE, faces
from vae_zoo.data.folder import folder
from vae_zoo.families import make
from vae_zoo.features import FeatureNetwork, trained
from vae_zoo.history import ZooHistory
from vae_zoo.measures import ZooMeasures, measure_zoo
from vae_zoo.networks import Convolutional, FullyConnected, Networks
from vae_zoo.training import fit
from vae_zoo.two_stage.second_stage import SecondStage

NUM_IMAGES, NUM_SAMPLES = 500, 500  # of the weights; few at small work size
BATCH, RATE = 128, 1e-3  # images a step, of Adam


class Setting(NamedTuple):
    """What all families are trained and tested on.

    Attributes:
        train, test: images (N, P) and labels, factors, or None; as a model sees them in a test.
        raw, labels: training images as they come, from which `binarize_as` draws, and classes of
            them, if there are any.
        pictures: test images as people see them, which samples are compared with.
    """

    name: str
    side: int
    channels: int
    networks: Networks
    pixels: str
    binarize_as: Binarize
    raw: Tensor
    labels: Tensor | None
    train: tuple[Tensor, Tensor | None]
    test: tuple[Tensor, Tensor | None]
    pictures: Tensor
    features: FeatureNetwork | None


class ZooRun(NamedTuple):
    """A trained model, its losses, its numbers, and the seconds that an epoch took."""

    model: Autoencoder
    history: ZooHistory
    measures: ZooMeasures
    seconds: float


def zoo_setting(data: str) -> Setting:
    """By name, or of the pictures of a folder. Raises a VaeLabError where there is nothing."""
    if data == "mnist":
        return _mnist()
    if data == "faces":
        generator = torch.Generator().manual_seed(0)
        train = faces(work_size(10_000, 200), generator=generator)
        test = faces(work_size(2000, 60), generator=generator)
        return _in_colour("faces", tuple(train), tuple(test))
    if not Path(data).exists():
        raise VaeLabError(f"zoo: {data!r} is neither 'mnist' nor 'faces', nor a folder of pictures")
    images = folder(data, side=SIDE, most=work_size(None, 200)).images
    held_back = torch.arange(len(images)) % 10 == 9
    if int(held_back.sum()) < 4:
        raise VaeLabError(f"zoo: {len(images)} pictures are too few: forty at least")
    return _in_colour(Path(data).name, (images[~held_back], None), (images[held_back], None))


def zoo_run(family: str, data: Setting, seed: int, *, epochs: int, progress: bool = True) -> ZooRun:
    """Train and measure a family from a seed; torch's global generator stays as it was.

    Raises:
        VaeLabError: there is no such family, or it needs labels and there are none.
    """
    seed = whole_number(seed, "zoo: seed", at_least=0)
    epochs = whole_number(epochs, "zoo: epochs")
    generator = torch.Generator().manual_seed(seed)
    with randomness_of(generator, torch.device("cpu")):
        model = make(
            family, data.networks, num_images=len(data.raw), side=data.side,
            channels=data.channels, pixels=data.pixels,
        )  # fmt: skip
    if model.needs_labels and data.labels is None:
        raise VaeLabError(f"zoo: {family} needs labels, {data.name} has none")
    if isinstance(model, SecondStage):  # half of the steps each
        model.first_steps = epochs * max(1, len(data.raw) // BATCH) // 2
    began = time.perf_counter()
    history = fit(
        model, data.raw, data.labels, epochs=epochs, batch_size=BATCH, learning_rate=RATE,
        binarize_as=data.binarize_as, generator=generator, progress=progress,
    )  # fmt: skip
    seconds = (time.perf_counter() - began) / max(1, len(history))
    found = measure_zoo(
        model, data.train, data.test, pictures=data.pictures, network=data.features,
        num_images=work_size(NUM_IMAGES, 8), num_samples=work_size(NUM_SAMPLES, 4),
        generator=generator,
    )  # fmt: skip
    return ZooRun(model, history, found, seconds)


def zoo_row(family: str, seed: int, done: ZooRun) -> dict[str, Any]:
    """A run as it is stored: the measures that exist, and the training loss of each epoch."""
    numbers = {k: round(v, 5) for k, v in done.measures._asdict().items() if v is not None}
    curve = [round(epoch["loss"], 3) for epoch in done.history.train]
    seconds = round(done.seconds, 3)
    return {"family": family, "seed": seed, **numbers, "seconds": seconds, "curve": curve}


def _mnist() -> Setting:
    few = slice(work_size(None, 300))
    (images, labels), (new, new_labels) = mnist("train"), mnist("test")
    images, labels, new, new_labels = images[few], labels[few], new[few], new_labels[few]
    return Setting(
        "mnist", 28, 1, FullyConnected(), "bernoulli", "dynamic", images, labels,
        (binarize(images[:10_000], "static"), labels[:10_000]),
        (binarize(new, "static"), new_labels), new, trained("mnist"),
    )  # fmt: skip


def _in_colour(name: str, train: Any, test: Any) -> Setting:
    return Setting(
        name, SIDE, 3, Convolutional(SIDE, 3), "gaussian-optimal", None, train[0], None,
        train, test, test[0], trained("faces"),
    )  # fmt: skip
