"""Pictures of one's own: a folder of them, or CelebA through torchvision, cut to one size.

Whatever a folder holds becomes rows (N, channels * side * side) in [0, 1]: turned as the camera
meant it, cut to the middle square, made smaller, grey or in colour. What cannot be read is left out
and told in one line.
"""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from vae_helpers.arguments import whole_number
from vae_helpers.downloads import CONNECTION_TIMEOUT_SECONDS, connection_timeout, data_folder
from vae_helpers.errors import VaeLabError
from vae_helpers.progress import bar, unseen_is_unsaid

ENDINGS = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
MOST_PIXELS = 100_000_000  # of one picture: more is a scan, a map, or made to fill the memory
CELEBA_SQUARE = 148  # of 178 x 218 pixels: the face without the frame
Channels = Literal[1, 3]


class Pictures(NamedTuple):
    """images (N, channels * side * side) in [0, 1]; their files; files left out, and why."""

    images: Tensor
    files: list[str]
    left_out: dict[str, str]


def folder(
    path: str | Path,
    *,
    side: int = 32,
    channels: Channels = 3,
    most: int | None = None,
    progress: bool = True,
) -> Pictures:
    """The pictures of a folder and of the folders in it, by name.

    Args:
        path: of the folder.
        side: pixels across and down.
        channels: 3 for colour, into which grey pictures are turned; 1 for grey.
        most: how many to read at most, all when None.
        progress: a bar where a person watches.

    Returns:
        Pictures. What was left out is printed in one line.

    Raises:
        VaeLabError: there is no such folder, or nothing in it can be read as a picture.
    """
    side = whole_number(side, "folder: side")
    if channels not in (1, 3):
        raise VaeLabError(f"folder: channels is 3 for colour or 1 for grey, got {channels!r}")
    most = None if most is None else whole_number(most, "folder: most")
    root = Path(path).expanduser()
    if not root.is_dir():
        what = "is a file, not a folder" if root.exists() else "does not exist"
        raise VaeLabError(f"folder: {root} {what}")
    files = sorted(each for each in root.rglob("*") if each.suffix.lower() in ENDINGS)[:most]
    if not files:
        raise VaeLabError(f"folder: no picture in {root} (of {', '.join(sorted(ENDINGS))})")
    rows, left_out = [], {}
    with bar(total=len(files), wanted=progress) as shown:
        for file in files:
            name = str(file.relative_to(root))
            try:
                rows.append((name, _read(file, side, channels)))
            except _Unusable as unusable:
                left_out[name] = str(unusable)
            shown.update()
    if not rows:
        name, reason = next(iter(left_out.items()))
        raise VaeLabError(
            f"folder: none of {len(files)} pictures in {root} can be used: {name} {reason}"
        )
    if left_out:
        print(f"folder: {_told(left_out)}")
    return Pictures(torch.stack([row for _, row in rows]), [name for name, _ in rows], left_out)


def celeba(
    split: Literal["train", "valid", "test"],
    *,
    side: int = 64,
    most: int | None = None,
    root: str | Path | None = None,
    progress: bool = True,
) -> Tensor:
    """Faces of people, (N, 3 * side * side) in [0, 1]: CelebA, fetched once by torchvision.

    For research that is not commercial, by its licence. It is large: most= reads a part of it.

    Raises:
        VaeLabError: it is not there and cannot be fetched.

    Source: Z. Liu et al., Deep Learning Face Attributes in the Wild, 2015.
    """
    if split not in ("train", "valid", "test"):
        raise VaeLabError(f"celeba: split is 'train', 'valid' or 'test', got {split!r}")
    side = whole_number(side, "celeba: side")
    data = _celeba(split, data_folder(root))
    number = len(data) if most is None else min(len(data), whole_number(most, "celeba: most"))
    rows = []
    with bar(total=number, wanted=progress) as shown:
        for place in range(number):
            rows.append(_as_row(data[place][0], side, 3, square=CELEBA_SQUARE))
            shown.update()
    return torch.stack(rows)


def _celeba(split: str, root: Path) -> Any:
    import torchvision

    def opened(download: bool) -> Any:
        return torchvision.datasets.CelebA(root, split, target_type=[], download=download)

    with contextlib.suppress(RuntimeError):  # its files are not there, or not whole
        return opened(download=False)
    try:
        with connection_timeout(CONNECTION_TIMEOUT_SECONDS), unseen_is_unsaid():
            return opened(download=True)
    except Exception as error:  # gdown's, urllib's, zipfile's: all mean one thing here
        raise VaeLabError(
            f"CelebA could not be downloaded ({type(error).__name__}): connect to the network, or "
            f"copy {root / 'celeba'} from a machine that has it; vae_zoo.data.faces draws faces "
            "without a download"
        ) from None


class _Unusable(Exception):
    """Why a picture is left out, as the end of a sentence."""


def _read(file: Path, side: int, channels: Channels) -> Tensor:
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what PIL thinks of its size or its tags
            with Image.open(file) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise _Unusable(f"has {picture.width} x {picture.height} pixels, too many")
                if min(picture.size) < 2:
                    raise _Unusable(f"has {picture.width} x {picture.height} pixels, too few")
                picture.draft("RGB", (2 * side, 2 * side))  # a JPEG is read smaller at once
                return _as_row(ImageOps.exif_transpose(picture), side, channels)
    except _Unusable:
        raise
    except Exception as error:  # of many kinds, by the format
        if type(error).__name__ == "DecompressionBombError":
            raise _Unusable("has too many pixels") from None
        raise _Unusable("cannot be read as a picture") from None


def _as_row(picture: Any, side: int, channels: int, square: int | None = None) -> Tensor:
    """A picture of PIL's, first cut to a middle square of so many pixels, as a row in [0, 1]."""
    from PIL import Image, ImageOps

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    if picture.mode.startswith("I") or picture.mode == "F":  # 16 bits and more, of any range
        picture = _in_eight_bits(picture)
    picture = picture.convert("RGB" if channels == 3 else "L")
    if square is not None:
        left, top = (picture.width - square) // 2, (picture.height - square) // 2
        picture = picture.crop((left, top, left + square, top + square))
    picture = ImageOps.fit(picture, (side, side), Image.Resampling.BOX)
    values = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8).float() / 255
    return values.view(side, side, channels).permute(2, 0, 1).flatten()


def _in_eight_bits(picture: Any) -> Any:
    """By 65535 where the mode has 16 bits or a value is above 255; a float by its own maximum."""
    import numpy as np
    from PIL import Image

    values = np.asarray(picture, dtype=np.float64)
    most = (
        max(values.max(), 1.0) if picture.mode == "F" else 65535.0 if values.max() > 255 else 255.0
    )
    return Image.fromarray((255 * np.clip(values / most, 0, 1)).round().astype(np.uint8))


def _told(left_out: dict[str, str]) -> str:
    (name, reason), *others = left_out.items()
    more = f", and {len(others)} more" if others else ""
    return f"left out: {name} {reason}{more}"
