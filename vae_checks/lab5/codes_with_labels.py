"""Every code decoded with every label: mean pixels by code and class."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.values import expect_equal, expect_tensor, unless_right
from vae_checks.verdict import Mistake, call, describe
from vae_checks.watching import watch


class _ClassSamples(Exercise):
    name, section = "class_samples", "1.2"

    @idea(
        "the mean pixels of every code with every label",
        also=[
            {"batch": 5, "classes": 5, "latent": 5, "pixels": 5},
            {"batch": 1, "classes": 1, "latent": 1, "pixels": 1},
            {"batch": 1, "classes": 4},
        ],
    )
    def value(
        self, answer: Any, *, batch: int = 3, classes: int = 5, latent: int = 2, pixels: int = 7
    ) -> None:
        """sigmoid of the logits of code i with label k at [i, k], to 1e-6 (1e-4 in float32), for
        logits of a few nats and, in float32, of hundreds."""
        for dtype, scale in ((torch.float64, 1), (torch.float32, 1), (torch.float32, 300)):
            z = spread(batch, latent, high=40).to(dtype)  # beyond any clamp
            decoder = _Decoder(classes, latent, pixels, dtype, scale)
            arguments = {"decode": decoder, "z": z, "classes": classes}
            value = call(self.name, answer, arguments)
            truth = decoder.logits(z).sigmoid()
            wrong = unless_right(_wrong(decoder, z), truth)
            if torch.is_tensor(value) and value.isnan().any():
                raise Mistake("nan", "For large logits a pixel is nan.")
            value = expect_tensor(value, tuple(truth.shape), "the result", wrong)
            if value.dtype != dtype:
                raise Mistake("class-dtype", f"The result is {value.dtype}, the codes are {dtype}.")
            if scale > 1:
                if (value.double() - truth).abs().max() > 0.05:
                    expect_equal(value, truth, "the result", wrong)
                continue
            self._expect_own_codes(decoder, z)
            if ((value == 0) | (value == 1)).all():
                raise Mistake("class-thrown", "The result holds nothing but 0 and 1.")
            expect_equal(value, truth, "the result", wrong)

    def _expect_own_codes(self, decoder: "_Decoder", z: Tensor) -> None:
        """Raise Mistake where other codes than those of z were decoded."""
        codes = torch.cat(decoder.seen) if decoder.seen else z[:0]
        known = (codes[:, None] == z).all(-1)  # (N, B)
        if len(codes) and not known.any(1).all():
            raise Mistake("class-other-codes", "A code was decoded that is none of z.")


class _Decoder:
    """decode(z, y), linear: what a row of codes (N, D) with labels (N,) comes to, (N, P)."""

    def __init__(
        self, classes: int, latent: int, pixels: int, dtype: torch.dtype, scale: float
    ) -> None:
        self._weight = (scale / 20 * normal(classes, latent, pixels)).to(dtype)
        self._bias = (scale * normal(classes, pixels)).to(dtype)
        self.seen: list[Tensor] = []

    def __call__(self, z: Any, y: Any) -> Tensor:
        self._require(z, y)
        watch(lambda codes: self.seen.append(codes.reshape(-1, codes.shape[-1])), z)
        return torch.einsum("nd,ndp->np", z, self._weight[y]) + self._bias[y]

    def logits(self, z: Tensor) -> Tensor:
        """Of every code with every label, (B, C, P), in float64."""
        by_label = torch.einsum("bd,cdp->bcp", z.double(), self._weight.double())
        return by_label + self._bias.double()

    def _require(self, z: Any, y: Any) -> None:
        classes, latent, _ = self._weight.shape
        if not torch.is_tensor(z) or z.ndim != 2 or z.shape[1] != latent:
            self._refuse(f"decode was given {describe(z)} for z, it takes (N, {latent}).")
        if z.dtype != self._weight.dtype:
            self._refuse(f"decode was given codes of {z.dtype}, z is {self._weight.dtype}.")
        if not torch.is_tensor(y):
            self._refuse(f"decode was given {describe(y)} for y, it takes a tensor (N,).")
        if y.dtype != torch.int64:
            self._refuse(f"decode was given labels of {y.dtype}, not of torch.int64.")
        if tuple(y.shape) != (len(z),):
            self._refuse(f"decode was given z {tuple(z.shape)} and y {tuple(y.shape)}.")
        if not torch._C._are_functorch_transforms_active() and len(y):
            low, high = int(y.min()), int(y.max())
            if low < 0 or high >= classes:
                self._refuse(f"decode was given the label {low if low < 0 else high}.", "range")

    def _refuse(self, seen: str, slug: str = "rows") -> None:
        raise Mistake(f"class-{slug}", seen)


def _wrong(decoder: _Decoder, z: Tensor) -> list[tuple[str, Tensor]]:
    logits = decoder.logits(z)  # (B, C, P)
    batch, classes, pixels = logits.shape
    p = logits.sigmoid()
    scrambled = p.transpose(0, 1).reshape(batch, classes, pixels)
    row, label = torch.arange(batch * classes) % batch, torch.arange(batch * classes) % classes
    next_label = p.roll(-1, 1)
    return [
        ("class-logits", logits),
        ("class-sigmoid-twice", p.sigmoid()),
        ("class-softmax", logits.softmax(-1)),
        ("class-softmax", logits.softmax(1)),
        ("class-thrown", p.round()),
        ("class-transposed", p.transpose(0, 1)),
        ("class-flat", p.flatten(0, 1)),
        ("class-flat", p.flatten(1)),
        ("class-flat", p.transpose(0, 1).flatten(0, 1)),
        ("class-scrambled", scrambled),
        ("class-scrambled", p[row, label].view(batch, classes, pixels)),
        ("class-one-label", p[:, :1].expand_as(p)),
        ("class-one-label", p[:, -1:].expand_as(p)),
        ("class-one-label", p.mean(1)),
        ("class-one-label", p[:, 0]),
        ("class-one-code", p[:1].expand_as(p)),
        ("class-one-code", p[0]),
        ("class-one-code", p.mean(0)),
        ("class-one-code", p.mean(0).expand_as(p)),
        ("class-shifted", next_label),
        ("class-shifted", p.roll(1, 1)),
        ("class-shifted", p.flip(1)),
        ("class-shifted", p[:, 1:]),
        ("class-shifted", p[:, :-1]),
        ("class-paired", p.diagonal(dim1=0, dim2=1).mT),
    ]


class_samples = _ClassSamples()
