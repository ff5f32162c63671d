"""The two losses that train a codebook and keep the encoder near it.

    |sg(z) - e|^2,   beta |z - sg(e)|^2        sg: no gradient passes

Source: A. van den Oord, O. Vinyals, K. Kavukcuoglu, Neural discrete representation learning, 2017,
arXiv:1711.00937, equation 3.
"""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.misread import arguments_named
from vae_checks.values import (
    close,
    expect_equal,
    expect_exact,
    expect_pair,
    expect_tensor,
    unless_right,
)
from vae_checks.verdict import Mistake, call, describe

_SIZES = [
    {"batch": 4, "places": 4, "latent": 4},
    {"batch": 1, "places": 1, "latent": 1},
]


class _VQLosses(Exercise):
    name, section = "vq_losses", "4.2"

    @idea("both are squared distances of each image, beta weighs the commitment", also=_SIZES)
    def value(self, answer: Any, *, batch: int = 3, places: int = 2, latent: int = 5) -> None:
        """To 1e-10, for one code an image and for a row or a grid of them; with beta given and left
        out; in float32 for float32."""
        for shape in ((batch, latent), (batch, places, latent), (batch, places, 3, latent)):
            for size in (1, 90):
                z, codes = size * spread(*shape), size * spread(*shape)
                for beta in (1.7, 0.6):
                    found = self._call(answer, z.requires_grad_(), codes.requires_grad_(), beta)
                    self._expect_values(found, z, codes, beta)
        self._expect_nothing(answer, codes)
        squares = (z - codes).square().detach().flatten(1).sum(1)
        _, second = self._call(answer, z, codes, None)
        if not (torch.is_tensor(second) and close(second, 0.25 * squares)):
            seen = "Without beta the commitment is not 0.25 times the squared distance."
            raise Mistake("vq-beta-default", seen)
        single = z.detach().float(), codes.detach().float()
        for value, wanted in zip(
            self._call(answer, *single, 0.6), (squares, 0.6 * squares), strict=True
        ):
            value = expect_tensor(value, (batch,), "a loss")
            if value.dtype != torch.float32:
                raise Mistake("lost-precision", f"Of float32 it makes {value.dtype}.")
            expect_equal(value, wanted, "a loss")

    def _expect_nothing(self, answer: Any, codes: Tensor) -> None:
        """Where z is its code both losses are 0."""
        for value in self._call(answer, codes.detach().clone(), codes.detach(), 0.6):
            value = expect_tensor(value, (len(codes),), "a loss")
            if value.any():
                seen = f"Where z is its own code a loss is {value.abs().max().item():.3g}."
                raise Mistake("vq-floor", seen)

    @idea("the first moves the codes alone, the second the encoder alone", also=_SIZES)
    def gradient(self, answer: Any, *, batch: int = 3, places: int = 2, latent: int = 5) -> None:
        """2 (e - z) for e and nothing for z; 2 beta (z - e) for z and nothing for e: to 1e-6 of the
        largest, of sums with other weights for each image."""
        for shape in ((batch, latent), (batch, places, latent)):
            beta = 0.6
            z, codes = spread(*shape).requires_grad_(), spread(*shape).requires_grad_()
            pair = self._call(answer, z, codes, beta)
            weights = spread(batch)
            slopes = [_slopes(value, weights, z, codes, batch) for value in pair]
            _expect_directions(slopes)
            away = 2 * weights.view(-1, *[1] * (len(shape) - 1)) * (codes - z).detach()
            for found, wanted, of in (
                (slopes[0][1], away, "the codebook loss by the codes"),
                (slopes[1][0], -beta * away, "the commitment loss by z"),
            ):
                if not close(found, wanted):
                    self._expect_values(pair, z, codes, beta)
                    place = (0,) * len(shape)
                    seen = f"The gradient of {of} is {found[place]:.4g},"
                    seen += f" it should be {wanted[place]:.4g}."
                    raise Mistake("value-right-gradient-wrong", seen)

    def _call(self, answer: Any, z: Tensor, codes: Tensor, beta: float | None) -> tuple[Any, Any]:
        given = {"z": z, "codes": codes} | ({} if beta is None else {"beta": beta})
        result = call(self.name, answer, given)
        if torch.is_tensor(result) and result.ndim == 1 and beta is not None:
            squares = (z - codes).square().flatten(1).sum(1)
            if close(result, (1 + beta) * squares):
                raise Mistake("vq-added", f"{self.name} returned {describe(result)}.")
        return expect_pair(result, self.name, ("codebook_loss", "commitment_loss"))

    def _expect_values(self, pair: tuple[Any, Any], z: Tensor, codes: Tensor, beta: float) -> None:
        away = (z - codes).detach()
        squares = away.square().flatten(1).sum(1)
        first, second = pair
        both = [("vq-beta-on-codebook", beta * squares), ("vq-beta-on-codebook", 0.25 * squares)]
        if torch.is_tensor(first) and torch.is_tensor(second):
            if close(first, beta * squares) and close(second, squares):
                swapped = _reaches(first, z) and not _reaches(first, codes)
                slug = "results-swapped" if swapped else "vq-beta-on-codebook"
                raise Mistake(slug, "beta is a factor of the first result, and not of the second.")
            if close(first, beta * squares) and close(second, beta * squares):
                both = [("vq-beta-on-both", beta * squares)]
        shared = _wrong(away)
        wrong = unless_right([*both, *((slug, each) for slug, each in shared)], squares)
        given = {"z": z.detach(), "codes": codes.detach()}
        with arguments_named(first, _squares, given):
            expect_exact(first, squares, "the codebook loss", wrong)
        wrong = [
            ("vq-no-beta", squares),
            ("vq-beta-fixed", 0.25 * squares),
            ("vq-beta-power", beta**2 * squares),
            ("vq-beta-power", squares / beta),
            ("vq-beta-power", (1 - beta) * squares),
            ("vq-beta-power", (1 + beta) * squares),
            ("vq-beta-power", beta + squares),
            *((slug, beta * each) for slug, each in shared),
        ]
        wrong = unless_right(wrong, beta * squares)
        with arguments_named(second, lambda z, codes: beta * _squares(z, codes), given):
            expect_exact(second, beta * squares, "the commitment loss", wrong)


def _squares(z: Tensor, codes: Tensor) -> Tensor:
    return (z - codes).square().flatten(1).sum(1)


def _wrong(away: Tensor) -> list[tuple[str, Tensor]]:
    """Wrong reductions of differences (B, ..., D)."""
    each = away.square()
    flat = each.flatten(1)
    squares, latent = flat.sum(1), away.shape[-1]
    wrong = [
        ("vq-not-squared", away.flatten(1).sum(1)),
        ("vq-not-squared", -away.flatten(1).sum(1)),
        ("vq-not-squared", 2 * away.flatten(1).sum(1)),
        ("vq-not-squared", each.square().flatten(1).sum(1)),
        ("vq-mean", flat.mean(1)),
        ("vq-over-images", flat.sum(0)),
        ("vq-over-images", each.sum(0)),
        ("vq-mean", squares / latent),
        ("vq-mean", squares * latent / flat.shape[1]),
        ("vq-root", squares.sqrt()),
        ("vq-root", each.sum(-1).sqrt().flatten(1).sum(1) if away.ndim > 2 else squares.sqrt()),
        ("vq-absolute", away.abs().flatten(1).sum(1)),
        ("vq-half", squares / 2),
        ("vq-negative", -squares),
        ("vq-batch", squares.sum()),
        ("vq-batch", squares.mean()),
        ("vq-batch", each.mean()),
        ("vq-per-dimension", each),
        ("vq-per-dimension", flat),
        ("vq-per-dimension", each.sum(1)),
    ]
    if away.ndim > 2:
        wrong += [("vq-per-place", each.sum(-1)), ("vq-per-place", each.sum(-1).flatten(1))]
        wrong += [("vq-per-place", each.mean(-1)), ("vq-per-place", each.flatten(2).sum(-1))]
    return wrong


def _reaches(value: Tensor, argument: Tensor) -> bool:
    if not value.requires_grad:
        return False
    slope = torch.autograd.grad(value.sum(), argument, allow_unused=True, retain_graph=True)[0]
    return slope is not None and bool(slope.any())


def _slopes(
    value: Any, weights: Tensor, z: Tensor, codes: Tensor, batch: int
) -> tuple[Tensor, Tensor]:
    """The gradients of a loss by z and by the codes."""
    value = expect_tensor(value, (batch,), "a loss")
    if not value.requires_grad:
        return torch.zeros_like(z), torch.zeros_like(codes)
    found = torch.autograd.grad(
        (value * weights).sum(), (z, codes), allow_unused=True, retain_graph=True
    )
    of_z, of_codes = (torch.zeros_like(z) if g is None else g for g in found)
    return of_z, of_codes


def _expect_directions(slopes: list[tuple[Tensor, Tensor]]) -> None:
    """Which loss moves what."""
    moved = [tuple(bool(slope.any()) for slope in each) for each in slopes]
    if moved == [(False, True), (True, False)]:
        return
    names = {
        (True, True): "both",
        (True, False): "z",
        (False, True): "the codes",
        (False, False): "nothing",
    }
    first, second = (names[moves[0], moves[1]] for moves in moved)
    seen = f"The codebook loss moves {first}, the commitment loss {second}."
    if moved == [(True, False), (False, True)]:
        raise Mistake("vq-stops-reversed", seen)
    if (True, True) in moved:
        raise Mistake("vq-no-stop", seen)
    if (False, False) in moved:
        raise Mistake("detached", seen)
    slug = "vq-codebook-moves-encoder" if moved[0][0] else "vq-commitment-moves-codes"
    raise Mistake(slug, seen)


vq_losses = _VQLosses()
