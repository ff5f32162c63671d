"""A predictor of noise for answers, predict(z_t, t), that remembers what it was given and said."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.verdict import Mistake, describe
from vae_checks.watching import watch


class Predict:
    """A predictor for answers that remembers what it was given, in order, and what it said."""

    def __init__(self, z0: Tensor, t: Tensor, function: Callable[[Tensor, Tensor], Tensor]) -> None:
        self._z0, self._t, self._function = z0, t, function
        self._codes: list[Tensor] = []
        self._steps: list[Tensor] = []
        self._said: list[Tensor] = []

    def __call__(self, z_t: Any, t: Any) -> Tensor:
        for key, value in (("z_t", z_t), ("t", t)):
            if not torch.is_tensor(value):
                seen = f"predict was given {describe(value)} for {key}."
                raise Mistake("denoise-predict-arguments", seen)
        if z_t.ndim != 2 or z_t.shape[1] != self._z0.shape[1] or t.ndim != 1:
            seen = f"predict was given z_t {tuple(z_t.shape)} and t {tuple(t.shape)}."
            raise Mistake("denoise-predict-arguments", seen)
        if len(z_t) != len(t):
            seen = f"predict was given {len(z_t)} codes and {len(t)} steps."
            raise Mistake("denoise-predict-arguments", seen)
        if z_t.dtype != self._z0.dtype:
            seen = f"predict was given z_t as {z_t.dtype}, z0 is {self._z0.dtype}."
            raise Mistake("sample-dtype", seen)
        said = self._function(z_t, t)
        watch(self._note, z_t, t, said)
        return said

    def _note(self, z_t: Tensor, t: Tensor, said: Tensor) -> None:
        self._codes.append(z_t)
        self._steps.append(t)
        self._said.append(said)

    def given(self) -> Tensor:
        """z_t (B, D) of all codes. Raises Mistake unless each was asked about once, at its t."""
        number = sum(map(len, self._codes))
        if number != len(self._z0):
            seen = f"predict was asked about {number} codes of {len(self._z0)}."
            raise Mistake("denoise-not-once" if number else "denoise-not-asked", seen)
        steps = torch.cat(self._steps)
        if not torch.equal(steps.double(), self._t.double()) or steps.is_floating_point():
            seen = f"predict was given t = {steps[0].item():.4g} for the first code, its t is"
            seen += f" {self._t[0]}."
            raise Mistake("denoise-other-steps", seen)
        z_t = torch.cat(self._codes).detach()
        if torch.equal(z_t, self._z0):
            raise Mistake("denoise-clean-given", "predict was given z_0 itself.")
        return z_t

    def said(self) -> Tensor:
        return torch.cat(self._said).detach()
