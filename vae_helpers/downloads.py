"""Data sets that are not embedded: fetched once by torchvision, kept in one folder.

A data set's folder appears whole or not at all: it is filled under a temporary name, then renamed.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs
import torch
from torch import Tensor

from vae_helpers.arguments import described
from vae_helpers.errors import VaeLabError
from vae_helpers.progress import unseen_is_unsaid

DOWNLOADABLE = ("FashionMNIST", "KMNIST", "QMNIST", "USPS", "CIFAR10")

# A network that swallows packets must not hold a lesson for minutes.
CONNECTION_TIMEOUT_SECONDS = 15


def data_folder(root: str | Path | None) -> Path:
    """Where data are kept: `root`, else $VAE_LAB_DATA, else the user's cache folder.

    >>> data_folder("/data").as_posix()
    '/data'
    """
    if root is not None:
        if not isinstance(root, (str, os.PathLike)):
            raise VaeLabError(f"root must be the path of a folder, got {described(root)}")
        return Path(root).expanduser()
    if os.environ.get("VAE_LAB_DATA"):
        return Path(os.environ["VAE_LAB_DATA"]).expanduser()
    return platformdirs.user_cache_path("vae-lab", appauthor=False)


def download(name: str, split: str, folder: Path) -> tuple[Tensor, Tensor]:
    """Pixels (N, ...), channels first, 0 to 255, and labels (N,), int64, of a data set by name.

    Raises:
        VaeLabError: the data set is not in `folder` yet and cannot be fetched, the folder cannot
            be written, or what lies there cannot be read.
    """
    home = folder / name
    if not home.exists():
        _fetch(name, home)
    try:
        return _pixels_and_labels(_torchvision_dataset(name, home, split, download=False))
    except (OSError, RuntimeError, ValueError, AssertionError, EOFError):
        raise VaeLabError(
            f"{name} in {home} cannot be read: delete that folder, try again"
        ) from None


@contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Turn a failure to write into a VaeLabError that names the folder."""
    try:
        yield
    except OSError as error:
        raise VaeLabError(
            f"data folder {folder} cannot be written ({error.strerror or error}): "
            "set VAE_LAB_DATA to a folder that can"
        ) from None


def _fetch(name: str, home: Path) -> None:
    """Fill `home` with both splits, whole or not at all."""
    with writing_into(home.parent):
        home.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=home.parent))
    try:
        with connection_timeout(CONNECTION_TIMEOUT_SECONDS), unseen_is_unsaid():
            for split in ("train", "test"):
                _torchvision_dataset(name, unfinished, split, download=True)
        if not home.exists():  # another process may have been faster
            unfinished.replace(home)
    except (OSError, RuntimeError):  # urllib's errors are OSErrors, torchvision's RuntimeErrors
        raise VaeLabError(
            f"{name} could not be downloaded: connect to the network, or copy {home} from a "
            "machine that has it; MNIST needs no download"
        ) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _torchvision_dataset(name: str, root: Path, split: str, *, download: bool) -> Any:
    import torchvision

    return getattr(torchvision.datasets, name)(root, train=split == "train", download=download)


def _pixels_and_labels(data: Any) -> tuple[Tensor, Tensor]:
    pixels, labels = torch.as_tensor(data.data), torch.as_tensor(data.targets).long()
    if pixels.ndim == 4:  # CIFAR10 is stored (N, height, width, channel)
        pixels = pixels.permute(0, 3, 1, 2)
    return pixels, labels if labels.ndim == 1 else labels[:, 0]  # QMNIST's digit is column 0


@contextmanager
def connection_timeout(seconds: float) -> Iterator[None]:
    """Inside, a connection on which nothing comes for so long is given up."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
