"""A model for answers, encode(x) and log_joint(x, z), that remembers the codes it was asked about.

It refuses what the notebook's model refuses: images that are no batch, codes that are not one for
each row of x, another dtype than its own.
"""

from collections.abc import Callable
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from vae_checks.lab1.recorder import Recorder
from vae_checks.verdict import Mistake, describe

Density = Callable[[Tensor, Tensor], Tensor]


class RecordedModel(nn.Module):
    """q(z|x) = N(mu, diag(exp(logvar))) of the images x (B, P), and log p(x, z) by `density`."""

    def __init__(self, x: Tensor, mu: Tensor, logvar: Tensor, density: Density) -> None:
        super().__init__()
        self.seen = _Rows("model.log_joint", density, x, mu.shape[-1])
        self._x, self._mu, self._logvar = x, mu, logvar
        self.latent_dim = mu.shape[-1]
        # Code that asks a model where it is asks its first parameter.
        self.weight = nn.Parameter(torch.zeros(1, dtype=x.dtype))

    def encode(self, x: Any) -> tuple[Tensor, Tensor]:
        """mu and logvar (N, D) of rows x (N, P) of the images."""
        _require_rows("model.encode", "x", x, self._x)
        number = self.seen.images_of(x)
        return self._mu[number], self._logvar[number]

    def log_joint(self, x: Any, z: Any) -> Tensor:
        """log p(x, z), (N,), of images x (N, P) and codes z (N, D)."""
        return self.seen(x, z)

    def forward(self, *_: Any, **__: Any) -> NoReturn:
        raise Mistake("weight-forward", "It calls model(x).")


class _Rows(Recorder):
    """A recorder that takes as many codes as images, row by row, in the images' dtype."""

    def images_of(self, x: Tensor) -> Tensor:
        return self._images_of(x).long()

    def _require_arguments(self, x: Any, z: Any) -> None:
        _require_rows(self._name, "x", x, self._x)
        _require_rows(self._name, "z", z, self._x.new_empty(0, self._latent))
        if len(x) != len(z):
            seen = f"{self._name} was given x {tuple(x.shape)} and z {tuple(z.shape)}."
            raise Mistake("model-rows", seen)


def _require_rows(name: str, key: str, value: Any, like: Tensor) -> None:
    if not torch.is_tensor(value):
        raise Mistake("model-rows", f"{name} was given {describe(value)} for {key}.")
    if value.ndim != 2 or value.shape[1] != like.shape[1]:
        seen = f"{name} was given {key} {tuple(value.shape)}, it takes (N, {like.shape[1]})."
        raise Mistake("model-rows", seen)
    if value.dtype != like.dtype:
        seen = f"{name} was given {key} as {value.dtype}, its images are {like.dtype}."
        raise Mistake("sample-dtype" if key == "z" else "lost-precision", seen)
