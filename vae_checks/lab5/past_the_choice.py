"""A gradient that is handed past the choice of a code.

Source: A. van den Oord, O. Vinyals, K. Kavukcuoglu, Neural discrete representation learning, 2017,
arXiv:1711.00937, section 3.2; Y. Bengio, N. Leonard, A. Courville, arXiv:1308.3432.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.misread import arguments_named
from vae_checks.values import close, expect_exact, expect_tensor
from vae_checks.verdict import Mistake, call


class _StraightThrough(Exercise):
    name, section = "straight_through", "4.1"

    @idea(
        "forward the code, backward the identity",
        also=[
            {"rows": 3, "places": 3, "latent": 3},
            {"rows": 1, "places": 1, "latent": 1},
        ],
    )
    def gradient(self, answer: Any, *, rows: int = 7, places: int = 3, latent: int = 5) -> None:
        """The value is `codes` to 1e-10; the gradient of any weighted sum is its weights for z, and
        0 for the codes. In float32 as well."""
        self._expect_single(answer, rows, latent)
        for size, shape in ((1, (rows, latent)), (1, (rows, places, latent)), (90, (rows, latent))):
            z = (size * spread(*shape)).requires_grad_()
            codes = (3 * size * spread(*shape)).requires_grad_()
            value = call(self.name, answer, {"z": z, "codes": codes})
            given, wanted = z.detach(), codes.detach()
            wrong = [
                ("straight-not-the-code", given),
                ("straight-not-the-code", 2 * wanted - given),
                ("straight-not-the-code", 2 * given - wanted),
                ("straight-not-the-code", given + wanted),
                ("straight-not-the-code", wanted - given),
                ("straight-not-the-code", (given + wanted) / 2),
            ]
            with _parts_named(value, given, wanted):
                expect_exact(value, wanted, "the value", wrong)
            _expect_identity(value, z, codes)

    def _expect_single(self, answer: Any, rows: int, latent: int) -> None:
        """Of float32 and without gradients, as in a test."""
        z, codes = spread(rows, latent).float(), spread(rows, latent).float()
        value = expect_tensor(
            call(self.name, answer, {"z": z, "codes": codes}), (rows, latent), "the value"
        )
        if value.dtype != torch.float32:
            raise Mistake("lost-precision", f"Of float32 it makes {value.dtype}.")


@contextlib.contextmanager
def _parts_named(value: Any, z: Tensor, codes: Tensor) -> Iterator[None]:
    """A wrong value that is some sum of z, the codes and a constant is told so."""
    try:
        yield
    except Mistake as mistake:
        if mistake.slug == "wrong-value" and mistake.likely is None and z.numel() > 9:
            parts = torch.stack([z.flatten(), codes.flatten(), torch.ones(z.numel()).double()], 1)
            target = value.detach().double().flatten()[:, None]
            solution = torch.linalg.lstsq(parts, target).solution
            if (parts @ solution - target).abs().max() < 1e-6:
                raise Mistake("straight-not-the-code", mistake.seen) from None
        with arguments_named(value, lambda z, codes: codes, {"z": z, "codes": codes}):
            raise


def _expect_identity(value: Tensor, z: Tensor, codes: Tensor) -> None:
    if not value.requires_grad:
        raise Mistake("straight-cut", "The result has requires_grad=False.")
    weights = spread(*z.shape)
    slopes = torch.autograd.grad((value * weights).sum(), (z, codes), allow_unused=True)
    of_z, of_codes = (torch.zeros_like(z) if g is None else g for g in slopes)
    place = (0,) * z.ndim
    seen = f"A gradient of {weights[place]:.4g} for the result is {of_z[place]:.4g} for z"
    seen += f" and {of_codes[place]:.4g} for the codes."
    if not of_z.any():
        raise Mistake("straight-codes-only" if of_codes.any() else "straight-cut", seen)
    if of_codes.any():
        raise Mistake("straight-codes-too", seen)
    if close(of_z, weights):
        return
    share = of_z / weights
    if (share - share.mean()).abs().max() < 1e-6:
        raise Mistake("straight-scaled", seen)
    apart = (share == 0) | ((share - 1).abs() < 1e-9)
    raise Mistake("straight-clipped" if apart.all() else "straight-other-derivative", seen)


straight_through = _StraightThrough()
