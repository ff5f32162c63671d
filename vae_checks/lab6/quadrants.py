"""A part of an image is given, the rest is to be told: which pixels count, and what they cost."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, shuffled, spread, true_nll
from vae_checks.misread import arguments_named
from vae_checks.values import Candidates, close, expect_exact, gradients, unless_right
from vae_checks.verdict import Mistake, call, describe


class _KnownPixels(Exercise):
    name, section = "known_pixels", "4.2"

    @idea("the quadrants in the order in which one reads, as a mask of pixels", also=[{"side": 4}])
    def mask(self, answer: Any, *, side: int = 10) -> None:
        """A bool tensor (side^2,) for 0 to 4 quadrants, in any order. A mistake is known where all
        five masks are those that it makes."""
        found = {number: self._mask(answer, number, side) for number in (3, 1, 0, 4, 2)}
        off = {number: mask != _known(number, side) for number, mask in found.items()}
        for number, wrong in off.items():
            if wrong.any():
                seen = f"With {number} of 4 quadrants known the mask has {int(found[number].sum())}"
                seen += f" pixels set, {int(wrong.sum())} of all are wrong."
                raise Mistake(_slug(found, side), seen)

    def _mask(self, answer: Any, quadrants: int, side: int) -> Tensor:
        value = call(self.name, answer, {"quadrants": quadrants, "side": side})
        if torch.is_tensor(value) and value.isnan().any():
            raise Mistake("nan", "The mask contains nan.")
        if not torch.is_tensor(value) or value.dtype != torch.bool:
            kind = value.dtype if torch.is_tensor(value) else describe(value)
            raise Mistake("wrong-type", f"known_pixels is {kind}, not a tensor of bool.")
        if tuple(value.shape) != (side * side,):
            seen = f"The mask has the shape {tuple(value.shape)}, not ({side * side},)."
            raise Mistake("wrong-shape", seen)
        return value.clone()


def _slug(found: dict[int, Tensor], side: int) -> str:
    """The known mistake that makes all of these masks."""

    def picture(number: int) -> Tensor:
        return _known(number, side).view(side, side)

    ways: list[tuple[str, Callable[[int], Tensor]]] = [
        ("quadrants-unknown", lambda number: ~picture(number)),
        ("quadrants-columns-first", lambda number: picture(number).mT),
        ("quadrants-one-only", lambda number: picture(number) & ~picture(number - 1)),
        ("quadrants-upside-down", lambda number: picture(number).flip(0)),
        ("quadrants-upside-down", lambda number: picture(number).flip(1)),
        ("quadrants-upside-down", lambda number: picture(number).flip(0, 1)),
        ("quadrants-clockwise", lambda number: picture(2) | picture(4) & ~picture(3)
                                               if number == 3 else picture(number)),
        ("quadrants-off-by-one", lambda number: picture(min(4, number + 1))),
        ("quadrants-off-by-one", lambda number: picture(max(0, number - 1))),
        ("quadrants-rows", lambda number: (torch.arange(side * side) < number * side**2 // 4)
                                          .view(side, side)),
    ]  # fmt: skip
    for slug, way in ways:
        if all(torch.equal(mask, way(number).reshape(-1)) for number, mask in found.items()):
            return slug
    return "quadrants"


class _MaskedNLL(Exercise):
    name, section = "unknown_nll", "4.2"

    @idea("minus the log likelihood of the pixels that are not known", also=[{"batch": 1}])
    def value(self, answer: Any, *, batch: int = 3, pixels: int = 16) -> None:
        """(B,) nats, to 1e-10: only the unknown pixels, summed; logits up to 60 and
        up to 900, whose exponential is infinite; none known, all known."""
        for count in (pixels // 4, 0, pixels):
            known = torch.zeros(pixels, dtype=torch.bool)
            known[shuffled(pixels)[:count]] = True
            for reach in (2.0, 60.0, 900.0):
                logits = (reach * spread(batch, pixels)).requires_grad_()
                x = torch.randint(0, 2, (batch, pixels), generator=fresh_generator()).double()
                arguments = {"logits": logits, "x": x}
                value = call(self.name, answer, arguments | {"known": known})
                given, logits = logits, logits.detach()
                truth = true_nll(logits[:, ~known], x[:, ~known])
                wrong = _wrong_nlls(logits, x, known)

                def right(logits: Tensor, x: Tensor, known: Tensor = known) -> Tensor:
                    return true_nll(logits[:, ~known], x[:, ~known])

                with arguments_named(value, right, arguments):
                    expect_exact(value, truth, "nll", wrong, "nats")
                if count < pixels:
                    if not value.requires_grad:
                        raise Mistake("quadrants-detached", "nll has requires_grad=False.")
                    slope = gradients(value, {"logits": given})["logits"]
                    if not close(slope, (torch.sigmoid(logits) - x) * ~known):
                        seen = "The gradient of nll by the logits is not that of the formula."
                        raise Mistake("quadrants-detached", seen)


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
    clipped = F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="none")
    wrong.append(("quadrants-sigmoid-rounds", clipped[:, ~known].sum(1)))
    bits = ~known.int()
    wrong.append(
        ("quadrants-inverted-integer", (true_nll(logits[..., None], x[..., None]) * bits).sum(1))
    )
    return unless_right(wrong, truth)


known_pixels = _KnownPixels()
unknown_nll = _MaskedNLL()
