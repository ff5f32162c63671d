"""A trained model on disk, and back into one that was made like it.

The file is torch's, of numbers and names alone: it is read without running anything that stands in
it. Beside the numbers it says of what kinds of parts the model was made, so that weights of another
family, which may fit by their shapes, are told from its own.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vae_helpers.errors import VaeLabError
from vae_zoo.contract import Autoencoder

FORMAT = 1


def save_checkpoint(model: Autoencoder, file: Path | str) -> None:
    """Write parameters and buffers, whole or not at all: an older file stays until then.

    Raises:
        VaeLabError: it cannot be written there.
    """
    file = Path(file)
    partial = file.with_name(f".{file.name}.partial")
    state = {name: value.detach().cpu() for name, value in model.state_dict().items()}
    try:
        torch.save({"format": FORMAT, "parts": _parts(model), "state": state}, partial)
        os.replace(partial, file)
    except (OSError, RuntimeError) as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise VaeLabError(f"{file} cannot be written: {error}") from None


def load_checkpoint(model: Autoencoder, file: Path | str) -> None:
    """Give a model the numbers that one like it had, where it is and in its dtype.

    Raises:
        VaeLabError: there is no such file, it is damaged or of another version, its model was of
            another family or of other sizes, or has numbers that are not finite. The model then
            is as it was.
    """
    file = Path(file)
    found = _read(file)
    _require_parts(found["parts"], _parts(model), file)
    state: dict[str, Tensor] = found["state"]
    _require_shapes(state, model.state_dict(), file)
    for name, value in state.items():
        if not bool(value.isfinite().all()):
            raise VaeLabError(f"{file}: {name} has numbers that are not finite")
    model.load_state_dict(state)


def _read(file: Path) -> dict[str, Any]:
    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise VaeLabError(f"there is no {file}") from None
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError,
            zipfile.BadZipFile) as error:  # fmt: skip
        raise VaeLabError(
            f"{file} is no checkpoint of vae_zoo, or damaged ({type(error).__name__})"
        ) from None
    if not isinstance(found, dict) or not {"format", "parts", "state"} <= {*found}:
        raise VaeLabError(
            f"{file} is no checkpoint of vae_zoo: `save_checkpoint` writes one (a bare state is "
            "read by torch.load and load_state_dict)"
        )
    if found["format"] != FORMAT:
        raise VaeLabError(
            f"{file} is a checkpoint of version {found['format']}, this vae_zoo reads version "
            f"{FORMAT}"
        )
    return found


def _parts(model: Autoencoder) -> dict[str, str]:
    """The class of every module of a model, by its name; the model's own is ""."""
    return {name: type(part).__name__ for name, part in model.named_modules()}


def _require_parts(there: dict[str, str], here: dict[str, str], file: Path) -> None:
    if there.get("") != here[""]:
        raise VaeLabError(f"{file} holds a {there.get('')}, the model is a {here['']}")
    for name in {**here, **there}:
        if there.get(name) != here.get(name):
            kinds = (f"a {each[name]}" if name in each else "missing" for each in (there, here))
            raise VaeLabError(
                f"{file} holds a {here['']} made otherwise: {name} is {next(kinds)} there, "
                f"{next(kinds)} here"
            )


def _require_shapes(there: dict[str, Tensor], here: dict[str, Tensor], file: Path) -> None:
    for name in {**here, **there}:
        shapes = [tuple(each[name].shape) if name in each else "missing" for each in (there, here)]
        if shapes[0] != shapes[1]:
            raise VaeLabError(
                f"{file} holds a model of other sizes: {name} is {shapes[0]} there, {shapes[1]} "
                "here"
            )
