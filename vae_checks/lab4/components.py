"""Principal components: the nearest flat of D dimensions, by its axes and by what it leaves out."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab4.returned import expect_values
from vae_checks.values import Candidates, close, expect_equal, expect_single, expect_tensor
from vae_checks.verdict import Mistake, call

_PARTS = ("mean", "components", "reconstruction")


class _PCA(Exercise):
    name, section = "pca", "6.1"

    @idea(
        "the mean, and D orthonormal axes of the largest variance, in order",
        also=[
            {"num_images": 6, "pixels": 6, "latent": 2},
            {"num_images": 5, "pixels": 3, "latent": 3},
            {"num_images": 2, "pixels": 2, "latent": 1},
            {"num_images": 61, "pixels": 41, "latent": 3},
        ],
    )
    def axes(self, answer: Any, *, num_images: int = 13, pixels: int = 7, latent: int = 3) -> None:
        """Equal to the axes that the images were made of, each up to its sign."""
        x, mean, axes, _ = made(num_images, pixels)
        found_mean, found, _ = self._parts(answer, x, latent)
        expect_equal(found_mean, mean, "the mean", _wrong_means(x))
        expect_tensor(found, (latent, pixels), "components")
        _expect_axes(found, x, axes, latent)

    @idea(
        "the best reconstruction that D numbers an image allow",
        also=[{"num_images": 6, "pixels": 6, "latent": 2}],
    )
    def reconstruction(
        self, answer: Any, *, num_images: int = 13, pixels: int = 7, latent: int = 3
    ) -> None:
        """Equal to the nearest matrix of rank D plus the mean (Eckart and Young), also for D = 1
        and D = P, where it is x itself."""
        for dimensions in (latent, 1, pixels):
            x, mean, axes, sizes = made(num_images, pixels)
            _, _, found = self._parts(answer, x, dimensions)
            truth = mean + (x - mean) @ axes[:dimensions].mT @ axes[:dimensions]
            wrong = _wrong_reconstructions(x, mean, axes, dimensions)
            if torch.is_tensor(found) and tuple(found.shape) == (num_images, dimensions) != x.shape:
                seen = f"The reconstruction has shape {tuple(found.shape)}, x {tuple(x.shape)}."
                raise Mistake("pca-codes", seen)
            found = expect_tensor(found, (num_images, pixels), "reconstruction", wrong)
            if not close(found, truth):
                lost = (found.detach().double() - x).square().sum().item()
                least = sizes[dimensions:].square().sum().item()
                seen = f"With D = {dimensions} the squared error is {lost:.5g}, the least possible"
                self._name(found, truth, wrong, f"{seen} is {least:.5g}.")
            expect_equal(found, truth, "reconstruction", wrong)

    @idea("small directions keep their digits; fewer images than pixels, float32")
    def digits(self, answer: Any, *, num_images: int = 5, pixels: int = 17) -> None:
        """Axes whose spread is 1, 1e-4, 1e-7 and 4e-8, each to 1e-6: the eigenvalues of a
        covariance matrix are their squares, of which float64 does not hold the last, and so are
        those of the products of images. In float32 to 1e-4."""
        x, _, axes, _ = made(num_images, pixels, sizes=(1.0, 1e-4, 1e-7, 4e-8))
        x = x - x.mean(0) + 1e-9 * spread(pixels)
        _, found, _ = self._parts(answer, x, 3)
        found = expect_tensor(found, (3, pixels), "components")
        off = (_aligned(found.detach().double(), axes[:3]) - axes[:3]).abs().amax(1)
        if off[:2].max() > 1e-6:
            _expect_axes(found, x, axes, 3)
        if not off[2] < 1e-5:
            seen = f"The axis whose spread is 1e-7 of the largest is off by {off[2]:.1g}."
            raise Mistake("pca-squared", seen)
        x, mean, axes, _ = made(num_images, pixels)
        parts = self._parts(answer, x.float(), 2)
        truth = mean + (x - mean) @ axes[:2].mT @ axes[:2]
        for value, right, what in zip(parts, (mean, None, truth), _PARTS, strict=True):
            if right is not None:
                expect_equal(expect_single_tensor(value, what), right, f"{what} (float32)")
        _expect_axes(expect_single_tensor(parts[1], "components"), x, axes, 2)

    def _parts(self, answer: Any, x: Tensor, latent: int) -> tuple[Any, ...]:
        result = call(self.name, answer, {"x": x, "latent_dim": latent})
        parts = expect_values(result, self.name, _PARTS)
        wanted = [(x.shape[1],), (latent, x.shape[1]), tuple(x.shape)]
        shapes = [tuple(part.shape) if torch.is_tensor(part) else () for part in parts]
        if shapes != wanted and sorted(shapes) == sorted(wanted):
            raise Mistake("pca-order", f"The shapes of the three values are {shapes}.")
        return parts

    def _name(self, found: Tensor, truth: Tensor, wrong: Candidates, seen: str) -> None:
        for slug, value in wrong:
            if close(found, value):
                raise Mistake(slug, seen)
        off = found.detach().double() - truth
        if close(off, off.mean(0).expand_as(off)):
            raise Mistake("pca-mean-not-added", seen)


def made(
    num_images: int, pixels: int, sizes: tuple[float, ...] | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Images (N, P), their mean (P,), axes (R, P) in order, and singular values (R,).

    Centred images of rank R = min(N - 1, P), whose singular values lie apart: 0.7 of the one
    before, of many 0.97, which tells what iterates and stops from what decomposes.
    """
    rank = min(num_images - 1, pixels)
    if sizes is None:
        ratio = 0.7 if rank < 20 else 0.97
        sizes = tuple(0.8 * ratio**number for number in range(rank))
    else:
        rank = len(sizes)
    weights = normal(num_images, rank)
    left, _ = torch.linalg.qr(weights - weights.mean(0))
    right, _ = torch.linalg.qr(normal(pixels, rank))
    values, mean = torch.tensor(sizes, dtype=torch.float64), spread(pixels, low=0.3, high=1.0)
    return mean + left * values @ right.mT, mean, right.mT.contiguous(), values


def expect_single_tensor(value: Any, what: str) -> Tensor:
    """A tensor of float32 or float64."""
    if not torch.is_tensor(value):
        return expect_tensor(value, (), what)
    return expect_single(value, what)


def _aligned(found: Tensor, axes: Tensor) -> Tensor:
    """Axes are the same with the other sign."""
    sign = (found * axes).sum(1, keepdim=True).sign()
    return found * torch.where(sign == 0, 1.0, sign)


def _expect_axes(found: Tensor, x: Tensor, axes: Tensor, latent: int) -> None:
    right, value = axes[:latent], found.detach().double()
    tolerance = 1e-6 if found.dtype == torch.float64 else 1e-3
    if value.isfinite().all() and (_aligned(value, right) - right).abs().max() < tolerance:
        return
    expect_tensor(found, tuple(right.shape), "components")
    gram = value @ value.mT
    lengths = gram.diagonal().sqrt()
    angles = (_aligned(value, right) * right).sum(1) / lengths
    seen = f"Their cosines with the principal axes are {_numbers(angles)}"
    seen += f", their lengths {_numbers(lengths)}."
    if angles.min() > 1 - 1e-6 and (lengths - 1).abs().max() > 0.01:
        raise Mistake("pca-length", seen)
    for slug, wrong in _wrong_axes(x, axes, latent):
        if (_aligned(value, wrong) - wrong).abs().max() < tolerance:
            raise Mistake(slug, seen)
    if angles.min() > 0.99:
        raise Mistake("pca-nearly", seen)
    inside = (value @ right.mT).square().sum()
    if abs(inside - latent) < 1e-6 and (gram - torch.eye(latent)).abs().max() < 1e-6:
        raise Mistake("pca-turned", seen)
    raise Mistake("pca-other-axes", seen)


def _numbers(values: Tensor) -> str:
    return ", ".join(f"{value:.3g}" for value in values.tolist())


def _wrong_axes(x: Tensor, axes: Tensor, latent: int) -> Candidates:
    """Unit vectors (D, P) that are mistaken for the principal axes of x (N, P)."""
    plain = torch.linalg.svd(x, full_matrices=False).Vh[:latent]
    off = x - x.mean(0)
    scaled = torch.linalg.svd(off / off.std(0), full_matrices=False).Vh[:latent]
    by_row = torch.linalg.svd(x - x.mean(1, keepdim=True), full_matrices=False).Vh[:latent]
    overall = torch.linalg.svd(x - x.mean(), full_matrices=False).Vh[:latent]
    found = [
        ("pca-not-centred", plain),
        ("pca-scaled", scaled),
        ("pca-centred-wrongly", by_row),
        ("pca-centred-wrongly", overall),
        ("pca-last", axes[-latent:]),
        ("pca-last", axes[-latent:].flip(0)),
        ("pca-reversed", axes[:latent].flip(0)),
        ("pca-rows-of-v", _square(off, latent)),
    ]
    return [(slug, value) for slug, value in found if tuple(value.shape) == axes[:latent].shape]


def _square(off: Tensor, latent: int) -> Tensor:
    """The first columns of V', as who takes torch's Vh for V has them: the same numbers across."""
    turned = torch.linalg.svd(off, full_matrices=True).Vh.mT
    return turned[:latent]


def _left(off: Tensor, latent: int) -> Tensor:
    """U of the decomposition, without the singular values: with the axes' own signs."""
    left, _, right = torch.linalg.svd(off, full_matrices=False)
    return left[:, :latent] * torch.where((off @ right.mT * left)[:, :latent].sum(0) < 0, -1, 1)


def _wrong_means(x: Tensor) -> Candidates:
    return [
        ("pca-centred-wrongly", x.mean()),
        ("pca-centred-wrongly", x.mean(1)),
        ("pca-centred-wrongly", x.mean().expand(x.shape[1])),
        ("pca-not-centred", 0 * x[0]),
        ("pca-mean-kept", x.mean(0, keepdim=True)),
    ]


def _wrong_reconstructions(x: Tensor, mean: Tensor, axes: Tensor, latent: int) -> Candidates:
    """Known wrong reconstructions of x (N, P), by slug."""
    latent = min(latent, len(axes))
    off, basis = x - mean, axes[:latent]
    codes = off @ basis.mT
    plain = torch.linalg.svd(x, full_matrices=False).Vh[:latent]
    found = [
        ("pca-mean-not-added", codes @ basis),
        ("pca-mean-not-subtracted", mean + x @ basis.mT @ basis),
        ("pca-not-centred", x @ plain.mT @ plain),
        ("pca-unscaled", mean + _left(off, latent) @ basis),
        ("pca-mean-not-subtracted", x @ basis.mT @ basis),
        ("pca-mean-only", mean.expand_as(x)),
        ("pca-whitened", mean + codes / codes.std(0) @ basis),
    ]
    if 0 < latent < len(axes):
        for number in (latent - 1, latent + 1):
            if number:
                found.append(("pca-count", mean + off @ axes[:number].mT @ axes[:number]))
        found.append(("pca-last", mean + off @ axes[-latent:].mT @ axes[-latent:]))
        found.append(("pca-input", x))
    return found


pca = _PCA()
