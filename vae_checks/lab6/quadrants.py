"""A part of an image is given, the rest is to be told: which pixels count, and what they cost."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, shuffled, spread, true_nll
from vae_checks.lab4.codes_together import unless_right
from vae_checks.misread import arguments_named
from vae_checks.values import Candidates, expect_exact
from vae_checks.verdict import Mistake, call, describe


class _KnownPixels(Exercise):
    name, section = "known_pixels", "4.2"

    @idea("the quadrants in the order in which one reads, as a mask of pixels", also=[{"side": 4}])
    def mask(self, answer: Any, *, side: int = 10) -> None:
        """A bool tensor (side^2,) for 0 to 4 quadrants."""
        for quadrants in range(5):
            value = call(self.name, answer, {"quadrants": quadrants, "side": side})
            if torch.is_tensor(value) and value.isnan().any():
                raise Mistake("nan", "The mask contains nan.")
            if not torch.is_tensor(value) or value.dtype != torch.bool:
                kind = value.dtype if torch.is_tensor(value) else describe(value)
                raise Mistake("wrong-type", f"known_pixels is {kind}, not a tensor of bool.")
            if tuple(value.shape) != (side * side,):
                seen = f"The mask has the shape {tuple(value.shape)}, not ({side * side},)."
                raise Mistake("wrong-shape", seen)
            truth = _known(quadrants, side)
            if torch.equal(value, truth):
                continue
            picture = truth.view(side, side)
            seen = f"With {quadrants} of 4 quadrants known the mask has {int(value.sum())} pixels"
            seen += f" set, {int((value != truth).sum())} of all are wrong."
            wrong = [
                ("quadrants-unknown", ~truth),
                ("quadrants-columns-first", picture.mT.reshape(-1)),
                ("quadrants-one-only", truth & ~_known(quadrants - 1, side)),
                ("quadrants-upside-down", picture.flip(0).reshape(-1)),
                ("quadrants-upside-down", picture.flip(1).reshape(-1)),
                ("quadrants-rows", torch.arange(side * side) < quadrants * side * side // 4),
            ]
            slug = next((slug for slug, each in wrong if torch.equal(value, each)), "quadrants")
            raise Mistake(slug, seen)


class _MaskedNLL(Exercise):
    name, section = "unknown_nll", "4.2"

    @idea("minus the log likelihood of the pixels that are not known", also=[{"batch": 1}])
    def value(self, answer: Any, *, batch: int = 3, pixels: int = 16) -> None:
        """(B,) nats, to 1e-10: only the unknown pixels, summed; logits up to 60; none known, all
        known."""
        for count in (pixels // 4, 0, pixels):
            known = torch.zeros(pixels, dtype=torch.bool)
            known[shuffled(pixels)[:count]] = True
            for reach in (2.0, 60.0):
                logits = reach * spread(batch, pixels)
                x = torch.randint(0, 2, (batch, pixels), generator=fresh_generator()).double()
                arguments = {"logits": logits, "x": x}
                value = call(self.name, answer, arguments | {"known": known})
                truth = true_nll(logits[:, ~known], x[:, ~known])
                wrong = _wrong_nlls(logits, x, known)

                def right(logits: Tensor, x: Tensor, known: Tensor = known) -> Tensor:
                    return true_nll(logits[:, ~known], x[:, ~known])

                with arguments_named(value, right, arguments):
                    expect_exact(value, truth, "nll", wrong, "nats")


def _known(quadrants: int, side: int) -> Tensor:
    """(side^2,): the upper left, upper right, lower left and lower right one, as many as known."""
    half, found = side // 2, torch.zeros(side, side, dtype=torch.bool)
    for number in range(quadrants):
        row, column = divmod(number, 2)
        found[row * half : (row + 1) * half, column * half : (column + 1) * half] = True
    return found.view(-1)


def _wrong_nlls(logits: Tensor, x: Tensor, known: Tensor) -> Candidates:
    truth = true_nll(logits[:, ~known], x[:, ~known])
    wrong = [
        ("quadrants-known-pixels", true_nll(logits[:, known], x[:, known])),
        ("quadrants-all-pixels", true_nll(logits, x)),
        ("quadrants-zeroed", true_nll(logits * ~known, x * ~known)),
        ("value-negated", -truth),
        ("quadrants-mean", truth / max(1, int((~known).sum()))),
        ("quadrants-mean", truth / len(known)),
        ("quadrants-summed", truth.sum()),
        ("quadrants-summed", truth.mean()),
        ("program-sigmoid-twice", true_nll(torch.sigmoid(logits)[:, ~known], x[:, ~known])),
    ]
    return unless_right(wrong, truth)


known_pixels = _KnownPixels()
unknown_nll = _MaskedNLL()
