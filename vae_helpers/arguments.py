"""What people hand to this package's functions: is it of the kind that was asked for?

Each function here gives back the argument in its plain form, or raises a VaeLabError of one line
that says what was expected, what came, and what to do about it.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import torch
from torch import Tensor, nn

from vae_helpers.errors import VaeLabError


def whole_number(value: Any, what: str, *, at_least: int = 1) -> int:
    """`value` as an int: Python's, numpy's or torch's, one number; True and 2.0 are none.

    >>> whole_number(torch.tensor(3), "fit: epochs")
    3
    >>> whole_number(2.5, "fit: epochs")
    Traceback (most recent call last):
    vae_helpers.errors.VaeLabError: fit: epochs must be a whole number of at least 1, got 2.5
    """
    number = _index(value)
    if number is None or number < at_least:
        asked = f"{what} must be a whole number of at least {at_least}"
        raise VaeLabError(f"{asked}, got {described(value)}")
    return number


def real_number(value: Any, what: str, *, positive: bool = False) -> float:
    """`value` as a finite float >= 0, above 0 if `positive`: Python's, numpy's or torch's.

    >>> real_number(-1, "fit: beta")
    Traceback (most recent call last):
    vae_helpers.errors.VaeLabError: fit: beta must be a finite number >= 0, got -1
    """
    number = _float(value)
    if not (math.isfinite(number) and number >= 0 and not (positive and number == 0)):
        asked = "a positive number" if positive else "a finite number >= 0"
        raise VaeLabError(f"{what} must be {asked}, got {described(value)}")
    return number


def require_tensor(value: Any, what: str) -> None:
    """Raise a VaeLabError unless `value` is a tensor, with the way to one where it is known."""
    if not isinstance(value, Tensor):
        raise VaeLabError(f"{what}: expected a torch.Tensor, got {described(value)}{_hint(value)}")


def require_codes(mu: Any, logvar: Any, what: str) -> None:
    """Raise a VaeLabError unless mu and logvar are of one shape (B, D), B and D at least 1.

    >>> require_codes(torch.zeros(3, 2), torch.zeros(3), "kl_split")
    Traceback (most recent call last):
    vae_helpers.errors.VaeLabError: kl_split: mu (3, 2) and logvar (3,) must have the same shape \
(B, D), B and D at least 1
    """
    require_tensor(mu, f"{what}: mu")
    require_tensor(logvar, f"{what}: logvar")
    if mu.ndim != 2 or mu.shape != logvar.shape or mu.numel() == 0:
        raise VaeLabError(
            f"{what}: mu {tuple(mu.shape)} and logvar {tuple(logvar.shape)} must have the same "
            "shape (B, D), B and D at least 1"
        )


def require_generator(value: Any, what: str) -> None:
    """Raise a VaeLabError unless `value` is None or a torch.Generator.

    >>> require_generator(42, "fit")
    Traceback (most recent call last):
    vae_helpers.errors.VaeLabError: fit: generator must be a torch.Generator, got 42; for a seed \
use torch.Generator().manual_seed(42)
    """
    if value is None or isinstance(value, torch.Generator):
        return
    seed = _index(value)
    hint = "" if seed is None else f"; for a seed use torch.Generator().manual_seed({seed})"
    raise VaeLabError(f"{what}: generator must be a torch.Generator, got {described(value)}{hint}")


def require_module(value: Any, what: str) -> None:
    """Raise a VaeLabError unless `value` is a model, an instance of nn.Module."""
    if isinstance(value, nn.Module):
        return
    hint = "; the model comes first, then the images" if isinstance(value, Tensor) else ""
    if isinstance(value, type) and issubclass(value, nn.Module):
        hint = f"; make a model of it: {value.__name__}()"
    raise VaeLabError(f"{what}: model must be an nn.Module, got {described(value)}{hint}")


def usable_device(value: Any, what: str) -> torch.device:
    """The device that `value` names. Raises a VaeLabError when there is none of that name here."""
    try:
        device = torch.device(value)
        torch.zeros(1, device=device).tolist()  # the "meta" device keeps no values
    except Exception:  # torch raises AssertionError, RuntimeError, NotImplementedError or TypeError
        raise VaeLabError(
            f"{what}: there is no device {described(value)} here that can compute; "
            "leave device out to use the fastest there is"
        ) from None
    return device


def described(value: Any) -> str:
    """What a value is, in a few words for a message.

    >>> described("grey"), described(torch.nn.Linear), described(torch.zeros(2, 3)), described(2.0)
    ("'grey'", 'the class Linear', 'a tensor of shape (2, 3)', '2.0')
    """
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}" if value.ndim else repr(value)
    if value is None or isinstance(value, (str, bool, int, float, torch.device)):
        return repr(value) if len(repr(value)) < 50 else f"{repr(value)[:45]} ..."
    if getattr(value, "shape", None) == ():
        return repr(value)  # one number of numpy's
    if isinstance(value, (tuple, list, dict, set)):
        return f"a {type(value).__name__} of {len(value)}"
    name = {"ndarray": "numpy array"}.get(type(value).__name__, type(value).__name__)
    return f"{'an' if name[0] in 'AEIOaeio' else 'a'} {name}"


def _index(value: Any) -> int | None:
    """The whole number that `value` is, if it is one; a truth value is none."""
    if isinstance(value, bool) or bool(getattr(value, "ndim", 0)) or _dtype(value) == "bool":
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def _float(value: Any) -> float:
    """The number that `value` is; nan if it is none."""
    if isinstance(value, (str, bytes, bool)) or bool(getattr(value, "ndim", 0)):
        return math.nan
    if _dtype(value) == "bool" or isinstance(value, type):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return math.nan


def _dtype(value: Any) -> str:
    return str(getattr(value, "dtype", "")).removeprefix("torch.")


def _hint(value: Any) -> str:
    """How to make one tensor of what people have in place of one."""
    kind = type(value).__name__
    if isinstance(getattr(value, "images", None), Tensor):
        return "; take its images: mnist(...).images"
    if kind == "ndarray":
        scale = " / 255" if _dtype(value) == "uint8" else ""
        return f"; use torch.from_numpy(...).float(){scale}"
    if isinstance(value, (list, tuple)) and value and all(isinstance(v, Tensor) for v in value):
        return "; one tensor of many is torch.stack(...)"
    if isinstance(value, (torch.utils.data.DataLoader, torch.utils.data.Dataset)):
        return "; all images in one tensor are wanted, as mnist(...).images"
    return ""
