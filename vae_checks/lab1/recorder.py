"""Callables for answers, log_likelihood(x, z), log_joint(x, z), log_q, that remember their codes.

An answer may call it once with all samples, in a loop over samples or images, under vmap, with x
repeated or broadcast: each code is told by its x to which image it belongs.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.statistics import same_draws
from vae_checks.verdict import Mistake, describe
from vae_checks.watching import watch

_MOST_PAIRS = 1_000_000  # of codes that are compared at a time


class Recorder:
    """`function(x, z)` for x (..., P) and z (..., D), remembered for each image of `x`."""

    def __init__(
        self, name: str, function: Callable[[Tensor, Tensor], Tensor], x: Tensor, latent: int
    ) -> None:
        self._name, self._function, self._x, self._latent = name, function, x, latent
        self._codes: list[list[Tensor]] = [[] for _ in x]
        self._values: list[list[Tensor]] = [[] for _ in x]

    def __call__(self, x: Tensor, z: Tensor) -> Tensor:
        """The values (...) of x (..., P) and z (..., D), whose leading dimensions broadcast."""
        self._require_arguments(x, z)
        value = self._function(x, z)
        rows = x.expand(*value.shape, x.shape[-1])
        watch(self._note, rows, z.expand(*value.shape, self._latent), value)
        return value

    def _note(self, x: Tensor, codes: Tensor, values: Tensor) -> None:
        image = self._images_of(x)
        for number in range(len(self._x)):
            self._codes[number].append(codes[image == number])
            self._values[number].append(values[image == number])

    def first_new(self, codes: list[Tensor]) -> Tensor | None:
        """The first of `codes`, each (..., D), that was not among those given here; None if all."""
        here = torch.cat([part for parts in self._codes for part in parts] or [self._x[:0, :0]])
        if not codes or not len(here):
            return None
        asked = torch.cat([part.reshape(-1, self._latent) for part in codes])
        for rows in asked.split(max(1, _MOST_PAIRS // len(here))):
            new = torch.cdist(rows, here, p=torch.inf).amin(1) > 1e-9
            if new.any():
                return rows[new][0]
        return None

    def codes(self, samples: int) -> Tensor:
        """The codes of every image, (B, samples, D)."""
        return self._all(self._codes, samples)

    def values(self, samples: int) -> Tensor:
        """What was returned for them, (B, samples)."""
        return self._all(self._values, samples)

    def require_distinct(self, samples: int, slug: str, centre: Tensor) -> None:
        """Raise Mistake unless every image was given as many different codes.

        Of copies of one code a mean of logarithms is the logarithm of a mean. `slug` names the
        mistake of codes that are all equal to the image's `centre` (B, D).
        """
        for number, codes in enumerate(self.codes(samples)):
            if samples == 1 or len(codes.unique(dim=0)) == samples:
                continue
            if torch.allclose(codes, centre[number].expand_as(codes), rtol=0, atol=1e-6):
                raise Mistake(slug, f"Every code of image {number} is the mean.")
            if same_draws(codes[0], codes[1]) and same_draws(codes[0], codes[-1]):
                seen = f"All {samples} samples of image {number} are the same code."
                raise Mistake("evidence-one-code", seen)
            seen = f"Some of the {samples} codes of image {number} are the same."
            raise Mistake("evidence-repeated-codes", seen)

    def _all(self, parts: list[list[Tensor]], samples: int) -> Tensor:
        if not any(parts):
            raise Mistake("callable-not-called", f"{self._name} was never called.")
        found = [torch.cat(part) for part in parts]
        for number, part in enumerate(found):
            if len(part) != samples:
                seen = f"{self._name} saw {len(part)} codes for image {number}"
                raise Mistake("callable-count", f"{seen}, num_samples is {samples}.")
        return torch.stack(found)

    def _require_arguments(self, x: Any, z: Any) -> None:
        for key, value in (("x", x), ("z", z)):
            if not torch.is_tensor(value):
                seen = f"{self._name} was given {describe(value)} for {key}."
                raise Mistake("callable-arguments", seen)
            if value.dtype != torch.float64:
                seen = f"{self._name} was given {key} as {value.dtype}, not torch.float64."
                raise Mistake("lost-precision", seen)
        shapes = f"x {tuple(x.shape)} and z {tuple(z.shape)}"
        sizes = (x.shape[-1] if x.ndim else 0, z.shape[-1] if z.ndim else 0)
        wanted = (self._x.shape[-1], self._latent)
        if sizes != wanted:
            seen = f"{self._name} was given {shapes}; the last sizes must be {wanted}."
            raise Mistake("callable-arguments", seen)
        try:
            torch.broadcast_shapes(x.shape[:-1], z.shape[:-1])
        except RuntimeError:
            seen = f"{self._name} was given {shapes}: the leading dimensions do not fit."
            raise Mistake("callable-arguments", seen) from None

    def _images_of(self, x: Tensor) -> Tensor:
        """For each row of x the number of its image in the batch, (...)."""
        same = (x[..., None, :] == self._x).all(-1)  # (..., B)
        if not same.any(-1).all():
            seen = f"{self._name} was given an x that is not a row of the argument x."
            raise Mistake("callable-arguments", seen)
        return same.double().argmax(-1)


def are_rows(rows: Tensor, of: Tensor) -> bool:
    """Whether each of `rows` (..., D) is one of `of` (B, D)."""
    return bool((rows[..., None, :] == of).all(-1).any(-1).all())


MANY_LATENT = 153  # of 701 codes of three images: some 320,000 numbers


def expect_unscaled(noise: Tensor, what: str) -> None:
    """Raise Mistake when the mean square of an image's noise (B, K, D) is 1 exactly."""
    if ((noise.square().mean((1, 2)) - 1).abs() < 1e-9).any():
        seen = f"The mean square of {what} is 1 exactly, for an image."
        raise Mistake("noise-standardized", seen)


def expect_double_digits(noise: Tensor, what: str) -> None:
    """Raise Mistake when numbers of float64 are numbers of float32, up to the rounding of a sum.

    A number that was drawn in float64 is as near to one of float32 with probability below 1e-4.
    """
    rounded = noise.float().double()
    coarse = ((noise - rounded).abs() <= 1e-12 * noise.abs().clamp(min=1)).double().mean().item()
    if coarse > 0.5:
        seen = f"{what} has the digits of float32, in numbers of {noise.dtype}."
        raise Mistake("noise-in-single", seen)
