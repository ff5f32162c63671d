"""A published set-up, as it is trained: data, networks, optimizer, length, and numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from vae_helpers.arguments import whole_number
from vae_helpers.datasets import Binarize
from vae_helpers.errors import VaeLabError
from vae_zoo.contract import Autoencoder
from vae_zoo.families import make
from vae_zoo.networks import FullyConnected, ListedConvolutions, Networks

Quantity = Literal["negative_elbo", "train_loss", "iw_nll"]
QUANTITIES: dict[Quantity, str] = {
    "negative_elbo": "-ELBO", "train_loss": "training -ELBO", "iw_nll": "IW-NLL",
}  # fmt: skip

NETWORKS: dict[str, Callable[..., Networks]] = {
    "fully-connected": FullyConnected,
    "convolutions": ListedConvolutions,
}
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
}


@dataclass(frozen=True)
class Published:
    """A number of the source, in nats per image; lower is better.

    Attributes:
        quantity: of test images -ELBO or -L_K, or the mean -ELBO of an epoch's training.
        value: the number; `within` is how far from it a run may be, where the source says so.
        epoch: after which it was measured, the last one when None.
        num_samples: K, of iw_nll alone.
    """

    quantity: Quantity
    value: float
    within: float | None = None
    epoch: int | None = None
    num_samples: int | None = None

    @property
    def name(self) -> str:
        """As a table says it.

        >>> Published("iw_nll", 97.10, num_samples=128).name
        'IW-NLL, K = 128'
        """
        k = f", K = {self.num_samples}" if self.quantity == "iw_nll" else ""
        return QUANTITIES[self.quantity] + k

    def __str__(self) -> str:
        value = f"{self.value:.0f}" if self.value.is_integer() else f"{self.value:.2f}"
        return value + ("" if self.within is None else f" +- {self.within:g}")


@dataclass(frozen=True)
class SetUp:
    """Everything that a recipe says.

    Attributes:
        name, title, source: the recipe's own name, what it is, and where it was published.
        binarize, train_images: MNIST as it is trained on; the first so many of its 60,000 images.
        family, settings: of vae_zoo, and what its class is made with, such as latent_dim.
        networks, sizes: the kind, and what it is made with.
        optimizer, options: by name, and what else it is made with.
        batch_size: images a step.
        stages: (passes through the images, learning rate), one after another.
        published: the numbers of the source.
        not_stated, departures: see the package.
    """

    name: str
    title: str
    source: str
    binarize: Binarize
    train_images: int
    family: str
    settings: dict[str, Any]
    networks: str
    sizes: dict[str, Any]
    optimizer: str
    options: dict[str, Any]
    batch_size: int
    stages: tuple[tuple[int, float], ...]
    published: tuple[Published, ...]
    not_stated: tuple[str, ...] = ()
    departures: tuple[str, ...] = ()

    @property
    def epochs(self) -> int:
        """Passes through the images, all stages together."""
        return sum(passes for passes, _ in self.stages)

    def learning_rate(self, epoch: int) -> float:
        """Of an epoch, counted from 1. Raises a VaeLabError for one that there is not."""
        epoch = whole_number(epoch, f"recipe {self.name}: epoch")
        ends = itertools.accumulate(passes for passes, _ in self.stages)
        for end, (_, rate) in zip(ends, self.stages, strict=True):
            if epoch <= end:
                return rate
        raise VaeLabError(f"recipe {self.name}: there are {self.epochs} epochs, no epoch {epoch}")

    def shortened(self, epochs: int) -> int:
        """So many epochs, if there are as many. Raises a VaeLabError otherwise."""
        epochs = whole_number(epochs, f"recipe {self.name}: epochs")
        if epochs > self.epochs:
            raise VaeLabError(
                f"recipe {self.name} has {self.epochs} epochs: they can be made fewer, not {epochs}"
            )
        return epochs

    def make_optimizer(
        self, parameters: Sequence[nn.Parameter], learning_rate: float
    ) -> torch.optim.Optimizer:
        """As vae_zoo.training.fit takes it. Raises a VaeLabError for options that there are not."""
        options: dict[str, Any] = {"lr": learning_rate, **self.options}
        if self.optimizer == "adam":
            options["fused"] = True
        try:
            return OPTIMIZERS[self.optimizer](parameters, **options)
        except (TypeError, ValueError) as error:
            raise VaeLabError(
                f"recipe {self.name}: {self.optimizer} cannot be made with {self.options}: {error}"
            ) from None

    def make_model(self) -> Autoencoder:
        """A new one, of torch's global generator. Raises a VaeLabError for sizes without sense."""
        try:
            networks = NETWORKS[self.networks](**self.sizes)
        except TypeError as error:
            raise VaeLabError(
                f"recipe {self.name}: {self.networks} networks cannot be made with {self.sizes}: "
                f"{error}"
            ) from None
        return make(self.family, networks, num_images=self.train_images, **self.settings)

    def by_epoch(self, quantity: Quantity) -> dict[int, Published]:
        """The source's numbers of this quantity by the epoch that they belong to."""
        found = (each for each in self.published if each.quantity == quantity)
        return {each.epoch or self.epochs: each for each in found}

    @property
    def data(self) -> str:
        """In words.

        >>> from vae_zoo.recipes.reading import recipe
        >>> recipe("classic").data, recipe("classic").length
        ('MNIST, grey pixels', '10 epochs')
        """
        pixels = "grey pixels" if self.binarize is None else f"{self.binarize} binarization"
        fewer = "" if self.train_images == 60_000 else f", {self.train_images:,} images"
        return f"MNIST, {pixels}{fewer}"

    @property
    def length(self) -> str:
        return f"{self.epochs:,} epochs"
