"""What counts as images here: floating-point pixels in [0, 1], one image a row."""

from __future__ import annotations

import torch

from vae_helpers.arguments import require_tensor
from vae_helpers.errors import VaeLabError


def require_pixels(x: torch.Tensor, *, what: str = "images", data_dim: int | None = None) -> None:
    """Raise a VaeLabError of one clear line unless `x` holds images.

    Args:
        x: (B, P), or (B, ...) where `data_dim` is None; any floating dtype, values in [0, 1].
        what: how the message calls `x`.
        data_dim: P, the number of pixels of an image.

    Values are read on the CPU only: on a GPU reading them would make every training step wait.
    `fit` and `evaluate` look once at all images, wherever they are.

    >>> require_pixels(torch.tensor([[0.0, 0.5, 1.0]]), data_dim=3)
    >>> require_pixels(torch.tensor([[0.0, 128.0, 255.0]]))
    Traceback (most recent call last):
    vae_helpers.errors.VaeLabError: images: values must lie in [0, 1], found 0 to 255; divide by 255
    """
    _require_shape(x, what, data_dim)
    if x.device.type == "cpu":
        require_unit_interval(x, what=what)


def require_unit_interval(x: torch.Tensor, *, what: str = "images") -> None:
    """Raise a VaeLabError unless every value of `x` lies in [0, 1]; reads `x` on any device."""
    if x.numel() == 0 or torch.compiler.is_compiling():
        return
    try:
        low, high = (bound.item() for bound in torch.aminmax(x.detach()))
    except RuntimeError:  # inside torch.vmap there are no values to read
        return
    if not (low >= 0 and high <= 1):  # written so that nan fails, too
        hint = ""
        if low >= 0 and 1 < high <= 255:
            hint = "; divide by 255"
        elif -1 <= low < -0.5 and high <= 1:
            hint = "; of pixels in [-1, 1] take (x + 1) / 2"
        raise VaeLabError(f"{what}: values must lie in [0, 1], found {low:.4g} to {high:.4g}{hint}")


def require_images(
    x: torch.Tensor, *, what: str = "images", like: torch.Tensor | None = None
) -> None:
    """`require_pixels`, with the values read on any device, and at least one image there.

    Args:
        like: images whose size those of `x` must have.
    """
    _require_shape(x, what)
    require_unit_interval(x, what=what)
    if len(x) == 0:
        raise VaeLabError(f"{what}: there are none, the shape is {tuple(x.shape)}")
    if like is not None and x.shape[1:] != like.shape[1:]:
        raise VaeLabError(
            f"{what}: {tuple(x.shape)} are not of the size of the training images, "
            f"{tuple(like.shape)}"
        )


def _require_shape(x: torch.Tensor, what: str, data_dim: int | None = None) -> None:
    _require_float_tensor(x, what)
    shape = tuple(x.shape)
    if data_dim is not None and (x.ndim != 2 or shape[1] != data_dim):
        flatten = x.ndim > 2 and x[0].numel() == data_dim if len(x) else False
        hint = f"; flatten them: {what}.flatten(1)" if flatten else ""
        raise VaeLabError(f"{what}: expected shape (B, {data_dim}), got {shape}{hint}")
    if x.ndim < 2:
        raise VaeLabError(f"{what}: expected shape (B, P), one image a row, got {shape}")


def _require_float_tensor(x: torch.Tensor, what: str) -> None:
    require_tensor(x, what)
    if x.layout != torch.strided or x.device.type == "meta":
        kind = "no values" if x.device.type == "meta" else f"layout {x.layout}"
        raise VaeLabError(f"{what}: expected an ordinary dense tensor, got one of {kind}")
    if not x.is_floating_point():
        hint = f"; use {what}.float() / 255" if x.dtype == torch.uint8 else ""
        raise VaeLabError(f"{what}: expected floating-point values, got {x.dtype}{hint}")
