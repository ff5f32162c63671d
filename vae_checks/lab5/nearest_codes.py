"""The nearest code of a codebook.

Source: A. van den Oord, O. Vinyals, K. Kavukcuoglu, Neural discrete representation learning, 2017,
arXiv:1711.00937, equations 1 and 2.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_checks.distortions import distorted_shape
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, normal, shuffled, spread
from vae_checks.misread import arguments_named
from vae_checks.values import close, expect_equal, expect_exact, expect_pair, expect_tensor
from vae_checks.verdict import Mistake, call, describe


class _Quantize(Exercise):
    name, section = "quantize", "4.1"

    @idea(
        "the number of the nearest code, and that row of the codebook",
        also=[
            {"rows": 4, "places": 4, "latent": 4, "codes": 4},
            {"rows": 1, "places": 1, "latent": 1, "codes": 1},
        ],
    )
    def nearest(
        self, answer: Any, *, rows: int = 211, places: int = 2, latent: int = 5, codes: int = 7
    ) -> None:
        """For z of shapes (D,) to (., ., ., D), and where two codes are equally near. Rows enough
        that another distance chooses another code for one of them, but for less than one call in a
        million. d codes / d codebook are ones at the chosen rows, and no gradient reaches z."""
        book = 1.5 * normal(codes, latent)
        _, single = self._call(answer, normal(rows, latent).float(), book.float())
        if single.dtype != torch.float32:
            raise Mistake("lost-precision", f"codes are {single.dtype} of a codebook in float32.")
        grid = normal(places, rows, 3, latent)
        for z in (normal(rows, latent), normal(rows, places, latent), grid, normal(latent)):
            self._expect_nearest(answer, 2 * z, book)
        self._expect_one_of_two(answer, latent)

    @idea(
        "the nearest also where all vectors lie close together and far from the origin",
        also=[{"rows": 4, "latent": 4, "codes": 4}],
    )
    def precise(self, answer: Any, *, rows: int = 31, latent: int = 5, codes: int = 29) -> None:
        """3,000 from it in float32 and 1e8 in float64: each vector within a fifth of a quarter of
        its code, codes a quarter apart at least. A difference is exact there, |z|^2 is off by more
        than 1."""
        for dtype, origin in ((torch.float32, 3e3), (torch.float64, 1e8)):
            steps = torch.stack([torch.tensor(shuffled(codes)) for _ in range(latent)], dim=1)
            book = (origin + 0.25 * steps.double()).to(dtype)
            chosen = torch.randint(codes, (rows,), generator=fresh_generator())
            z = (book[chosen].double() + 0.05 * (2 * torch.rand(rows, latent).double() - 1)).to(
                dtype
            )
            indices, found = self._call(answer, z, book)
            if torch.equal(indices, chosen):
                _expect_rows(found.detach(), z, book, chosen)
                continue
            row = int((indices != chosen).double().argmax())
            seen = f"{origin:.0e} from the origin, in {dtype}, the code of row {row} is"
            seen += f" {int(indices[row])}, the nearest is {int(chosen[row])}."
            _raise_known(indices, z.double(), book.double(), seen)
            near = self._call(answer, (z - origin).double(), (book - origin).double())
            slug = "codes-multiplied-out" if torch.equal(near[0], chosen) else "wrong-value"
            raise Mistake(slug, seen)

    def _expect_nearest(self, answer: Any, z: Tensor, book: Tensor) -> None:
        z, book = z.detach().requires_grad_(), book.detach().requires_grad_()
        indices, found = self._call(answer, z, book)
        with torch.no_grad():
            truth = _squares(z, book).argmin(-1)
        if not torch.equal(indices, truth):
            off = int((indices != truth).sum())
            seen = f"{off} of {truth.numel()} vectors have another code than their nearest."
            given = {"z": z.detach(), "codebook": book.detach()}
            _raise_known(indices, z.detach(), book.detach(), seen)
            with arguments_named(indices.double(), _choice, given):
                raise Mistake("wrong-value", seen)
        rows = book.detach()[truth]
        if close(found, z) and not close(rows, z):
            raise Mistake("codes-not-replaced", "codes are z itself.")
        wrong = [("codes-one-code-for-all", rows.reshape(-1, rows.shape[-1]).mean(0).expand_as(z))]
        wrong.append(("codes-soft", (-_squares(z, book)).softmax(-1) @ book))
        expect_exact(found, rows, "codes", [(slug, each.detach()) for slug, each in wrong])
        self._expect_gradient(found, z, book, truth)

    def _expect_gradient(self, found: Tensor, z: Tensor, book: Tensor, truth: Tensor) -> None:
        if not found.requires_grad:
            raise Mistake("codes-detached", "codes have requires_grad=False.")
        weights = spread(*found.shape)
        slopes = torch.autograd.grad((found * weights).sum(), (z, book), allow_unused=True)
        of_z, of_book = (
            torch.zeros_like(a) if g is None else g for g, a in zip(slopes, (z, book), strict=True)
        )
        if of_z.any():
            seen = "A gradient of codes reaches z."
            raise Mistake("codes-pass-to-z", seen)
        latent = book.shape[1]
        wanted = torch.zeros_like(book).index_add(0, truth.reshape(-1), weights.view(-1, latent))
        if not of_book.any():
            raise Mistake("codes-detached", "The gradient of codes by the codebook is 0.")
        expect_equal(of_book, wanted, "the gradient of codes by the codebook")

    def _expect_one_of_two(self, answer: Any, latent: int) -> None:
        """z = 0 between the codes 2, u and -u: either of these is right."""
        one = spread(latent)
        book = torch.stack([3 * one, one, -one])
        indices, found = self._call(answer, torch.zeros(2, latent).double(), book)
        if not ((indices == 1) | (indices == 2)).all():
            seen = f"Of codes at equal distances number {indices.tolist()} was chosen."
            raise Mistake("wrong-value", seen)
        if not close(found, book[indices]):
            raise Mistake("codes-of-ties", "Where two codes are equally near codes are neither.")

    def _call(self, answer: Any, z: Tensor, book: Tensor) -> tuple[Tensor, Tensor]:
        """Its pair, whole numbers (...) and finite vectors (..., D)."""
        result = call(self.name, answer, {"z": z, "codebook": book})
        indices, found = expect_pair(result, self.name, ("indices", "codes"))
        leading, latent, codes = tuple(z.shape[:-1]), z.shape[-1], len(book)
        if torch.is_tensor(found) and not found.is_floating_point():
            if torch.is_tensor(indices) and indices.is_floating_point():
                raise Mistake("results-swapped", f"{self.name} returned (codes, indices).")
            seen = f"codes are {found.dtype}: real numbers are wanted."
            raise Mistake("wrong-type", seen)
        indices = _whole_numbers(indices, leading, codes)
        flat = [("codes-flattened", torch.zeros(indices.numel(), latent))] if leading else []
        found = _shaped(found, (*leading, latent), (codes, latent), flat)
        return indices, expect_tensor(found, (*leading, latent), "codes")


def _whole_numbers(indices: Any, leading: tuple[int, ...], codes: int) -> Tensor:
    """`indices`, which have to be whole numbers below `codes`, of this shape, as int64."""
    if not torch.is_tensor(indices):
        hint = " Is a `return` missing?" if indices is None else " A torch tensor is wanted."
        raise Mistake("wrong-type", f"indices are {describe(indices)}.{hint}")
    if indices.device.type != "cpu":
        raise Mistake("wrong-device", f"indices are on {indices.device}.")
    if indices.is_floating_point() or indices.is_complex() or indices.dtype == torch.bool:
        if bool(indices.isnan().any()):
            raise Mistake("nan", "indices contain nan.")
        raise Mistake("codes-not-whole", f"indices have dtype {indices.dtype}.")
    if tuple(indices.shape) != leading:
        seen = f"indices have shape {tuple(indices.shape)}, it should be {leading}."
        if tuple(indices.shape) == (codes,) and leading != (codes,):
            raise Mistake("codes-over-vectors", seen)
        if indices.shape == (*leading, 1):
            raise Mistake("shape-extra-one", seen)
        size = torch.Size(leading).numel()
        flat = len(leading) != 1 and tuple(indices.shape) in ((size,), (size, 1))
        if flat:
            raise Mistake("codes-flattened", seen)
        likely = distorted_shape(tuple(indices.shape), leading)
        raise Mistake("wrong-shape", seen, likely=likely)
    indices = indices.long()
    if indices.numel() and not (indices.min() >= 0 and indices.max() < codes):
        worst = int(indices.max() if indices.max() >= codes else indices.min())
        raise Mistake("codes-out-of-range", f"An index is {worst}, there are {codes} codes.")
    return indices


def _shaped(
    found: Any, shape: tuple[int, ...], book: tuple[int, int], flat: list[tuple[str, Tensor]]
) -> Any:
    """`found`; a Mistake for a shape that tells where it comes from."""
    if torch.is_tensor(found) and tuple(found.shape) != shape:
        seen = f"codes have shape {tuple(found.shape)}, they should have {shape}."
        if any(found.shape == each.shape for _, each in flat):
            raise Mistake(flat[0][0], seen)
        if tuple(found.shape) == book:
            raise Mistake("codes-whole-book", seen)
    return found


def _expect_rows(found: Tensor, z: Tensor, book: Tensor, chosen: Tensor) -> None:
    """Codes far from the origin, to the last digits of their differences."""
    off = (found - book[chosen]).abs().max().item()
    if off > 1e-3:
        soft = (-_squares(z, book)).softmax(-1) @ book
        known = [("codes-not-replaced", z), ("codes-soft", soft)]
        slugs = [slug for slug, each in known if (found - each).abs().max() < 1e-3]
        seen = f"codes are off by {off:.2g} from the rows of their numbers."
        raise Mistake((slugs or ["wrong-value"])[0], seen)


def _squares(z: Tensor, book: Tensor) -> Tensor:
    """Squared distances (..., J)."""
    return (z.unsqueeze(-2) - book).square().sum(-1)


def _choice(z: Tensor, codebook: Tensor) -> Tensor:
    """The numbers of the nearest codes, as real numbers."""
    return _squares(z, codebook).argmin(-1).double()


def _raise_known(indices: Tensor, z: Tensor, book: Tensor, seen: str) -> None:
    """Raise the Mistake whose rule makes these choices, if there is one."""
    squares, products = _squares(z, book), z @ book.T
    away, norms = (z.unsqueeze(-2) - book), book.square().sum(-1)
    truth = squares.argmin(-1)
    rules = [
        ("codes-farthest", squares.argmax(-1)),
        ("codes-inner-product", products.argmax(-1)),
        ("codes-least-product", products.argmin(-1)),
        ("codes-least-product", (norms + 2 * products).argmin(-1)),
        ("codes-cosine", (F.normalize(z, dim=-1) @ F.normalize(book, dim=-1).T).argmax(-1)),
        ("codes-cosine", _squares(F.normalize(z, dim=-1), F.normalize(book, dim=-1)).argmin(-1)),
        ("codes-no-factor-two", (norms - products).argmin(-1)),
        ("codes-no-factor-two", (norms.sqrt() - 2 * products).argmin(-1)),
        ("codes-other-norm", away.abs().sum(-1).argmin(-1)),
        ("codes-other-norm", away.abs().amax(-1).argmin(-1)),
        ("codes-other-norm", away.abs().sqrt().sum(-1).argmin(-1)),
        ("codes-other-norm", away.pow(4).sum(-1).argmin(-1)),
        ("codes-signed", away.pow(3).sum(-1).argmin(-1)),
        ("codes-signed", away.sigmoid().sum(-1).argmin(-1)),
        ("codes-signed", away.relu().square().sum(-1).argmin(-1)),
        ("codes-spread", away.square().std(-1).nan_to_num().argmin(-1)),
        ("codes-wrong-axis", away.square().sum(-2).argmin(-1)),
        ("value-rounded", away.round().square().sum(-1).argmin(-1)),
        *(
            ("value-cut", away.clamp(-most, most).square().sum(-1).argmin(-1))
            for most in (1, 3, 5, 10)
        ),
        ("codes-signed", away.sum(-1).argmin(-1)),
        ("codes-signed", away.sum(-1).argmax(-1)),
        ("codes-signed", away.sum(-1).abs().argmin(-1)),
        ("codes-one-coordinate", away[..., 0].abs().argmin(-1)),
        ("codes-one-coordinate", away[..., -1].abs().argmin(-1)),
        ("codes-one-coordinate", away.square().amin(-1).argmin(-1)),
        ("codes-one-for-all", squares.reshape(-1, len(book)).mean(0).argmin().expand_as(truth)),
        ("codes-without-z", norms.argmin().expand_as(truth)),
    ]
    if len(book) > 1:
        rules.append(("codes-second", squares.argsort(-1)[..., 1]))
        rules.append(("codes-off-by-one", (truth + 1) % len(book)))
        rules.append(("codes-off-by-one", (truth + 1).clamp(max=len(book) - 1)))
    for slug, choice in rules:
        if torch.equal(choice, indices) and not torch.equal(choice, truth):
            raise Mistake(slug, seen)


quantize = _Quantize()
