"""What every model of the collection offers, whatever it changes.

    latent(x)       a code z of each image, drawn as the model draws it
    decode(z)       what the likelihood makes pixels of
    loss(x)         Loss: what is minimized, and the named terms of it, per image
    sample(n)       mean pixels (n, P) of n codes of the prior
    reconstruct(x)  mean pixels (B, P) of each image's code, without noise
    representation(x)  numbers (B, F) that stand for an image, without noise; not where labels are
    log_weights(x, K)  log p(x, z) - log q(z|x), where both densities exist

Images are rows x (B, P) in [0, 1]. A model whose `is_bound` is true gives, in eval mode, a loss
whose mean over noise is at least -log p(x), in nats; what the others minimize compares with nothing
but itself.

Two-player games, stages and averages that follow the training are not the loop's business: a model
says in `players` what is to be minimized over which parameters, one step each in turn, and is told
by `after_step` that a step was taken. See vae_zoo.training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from vae_helpers.arguments import require_tensor, whole_number
from vae_helpers.errors import VaeLabError


class Loss(NamedTuple):
    """`loss` (B,), what is minimized for each image; `terms` what it is made of, each (B,)."""

    loss: Tensor
    terms: dict[str, Tensor]


class Player(NamedTuple):
    """What one optimizer minimizes, a Loss of the images, and over which parameters."""

    name: str
    parameters: Sequence[nn.Parameter]
    loss: Callable[..., Loss]


class Autoencoder(nn.Module):
    """The base of all models here.

    loss(x), latent(x), sample(n) take a generator=, which all their noise comes of; reconstruct(x)
    has none. Where `needs_labels` is true, labels (B,) come behind the images.
    """

    needs_labels: ClassVar[bool] = False
    loss: Callable[..., Loss]
    latent: Callable[..., Tensor]
    sample: Callable[..., Tensor]
    reconstruct: Callable[..., Tensor]
    representation: Callable[..., Tensor]

    @property
    def is_bound(self) -> bool:
        """Whether, in eval mode, the mean of the loss is at least -log p(x)."""
        return False

    def players(self) -> list[Player]:
        """One, unless a model plays against itself."""
        return [Player("model", trainable(self), self.loss)]

    def after_step(self) -> None:
        """A step of training was taken by every player."""


def trainable(model: nn.Module, *, without: nn.Module | None = None) -> list[nn.Parameter]:
    """The parameters that are not frozen, but for those of one part of the model."""
    left = set() if without is None else {id(each) for each in without.parameters()}
    return [each for each in model.parameters() if each.requires_grad and id(each) not in left]


def require_labels(
    labels: object, x: Tensor, classes: int, what: str, *, lowest: int = 0
) -> Tensor:
    """Whole numbers (B,) from `lowest` to classes - 1, one for each image. Raises a VaeLabError.

    >>> require_labels(torch.tensor([1, 10]), torch.zeros(2, 4), 10, "ConditionalVAE")
    Traceback (most recent call last):
    vae_helpers.errors.VaeLabError: ConditionalVAE: labels must be whole numbers from 0 to 9, \
found 1 to 10
    """
    if labels is None:
        raise VaeLabError(f"{what}: labels are missing: this model is trained on labelled images")
    require_tensor(labels, f"{what}: labels")
    assert isinstance(labels, Tensor)
    if labels.shape != x.shape[:1] or labels.is_floating_point() or labels.dtype == torch.bool:
        raise VaeLabError(
            f"{what}: labels must be whole numbers of shape ({len(x)},), one for each image, "
            f"got {labels.dtype} of shape {tuple(labels.shape)}"
        )
    if len(labels) and not (int(labels.min()) >= lowest and int(labels.max()) < classes):
        low, high = int(labels.min()), int(labels.max())
        raise VaeLabError(
            f"{what}: labels must be whole numbers from {lowest} to {classes - 1}, "
            f"found {low} to {high}"
        )
    return labels


def single_at_least(values: Tensor) -> Tensor:
    """In float32 where they have fewer digits: what has no other form, or compares near numbers."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def size(value: object, model: nn.Module, name: str, *, at_least: int = 1) -> int:
    """A size that a model is made with, as an int. Raises a VaeLabError that names both."""
    return whole_number(value, f"{type(model).__name__}: {name}", at_least=at_least)
