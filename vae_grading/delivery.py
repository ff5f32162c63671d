"""What a learning-management system hands over, a zip or a folder, read as if it were hostile.

Nothing is unpacked: a file is read by its place in the archive and written under a name of our
own, so that no path in an archive leads anywhere. Notebooks alone are read, within bounds.
"""

import contextlib
import lzma
import os
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vae_grading.submissions import LARGEST_BYTES
from vae_helpers.errors import VaeLabError

MOST_FILES = 200_000
MOST_BYTES = 20_000_000_000
LONGEST_PATH = 1000
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,  # also NotImplementedError: a compression that is not known
    ValueError,
)


@dataclass(frozen=True)
class Delivered:
    """A notebook in the delivery: its path there, with "/", and how to get at its bytes."""

    path: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Left:
    """A file that is not taken, and why."""

    path: str
    reason: str


class Damaged(Exception):
    """A file of the delivery that cannot be read; its text says why."""


@contextlib.contextmanager
def opened(source: Path) -> Iterator[tuple[list[Delivered], list[Left]]]:
    """The notebooks of a zip or a folder, and all the other files with the reason to leave them.

    Raises VaeLabError when `source` is neither, or holds more than anybody hands in.
    """
    if source.is_dir():
        yield _in_folder(source)
        return
    if not source.exists():
        raise VaeLabError(f"{source}: there is no such file or folder")
    try:
        archive = zipfile.ZipFile(source)
    except _DAMAGED:
        raise VaeLabError(
            f"{source} is neither a folder nor a zip: unpack it, and name the folder"
        ) from None
    with archive:
        yield _in_zip(source, archive)


def _in_zip(source: Path, archive: zipfile.ZipFile) -> tuple[list[Delivered], list[Left]]:
    entries = [
        (info, info.filename.replace("\\", "/")) for info in archive.infolist() if not info.is_dir()
    ]
    _require_bounded(source, len(entries), sum(info.file_size for info, _ in entries))
    times = Counter(path for _, path in entries)
    found, left = [], []
    for info, path in entries:
        if _is_systems_own(path):
            continue
        kind = stat.S_IFMT(info.external_attr >> 16)
        if _leads_out(path):
            reason = "its path leads out of the archive"
        elif len(path) > LONGEST_PATH:
            reason = f"its path has {len(path)} characters"
        elif kind not in (0, stat.S_IFREG):
            reason = "a link, not a file" if kind == stat.S_IFLNK else "not a plain file"
        elif times[path] > 1:
            reason = "in the archive more than once under this name"
        else:
            reason = _reason(path, info.file_size)
            if reason is None and info.flag_bits & 1:
                reason = "encrypted: unpack the archive with its password, name the folder"
        if reason:
            left.append(Left(path, reason))
        else:
            found.append(Delivered(path, lambda info=info: _read(lambda: archive.open(info))))
    return found, left


def _in_folder(source: Path) -> tuple[list[Delivered], list[Left]]:
    found, left, size = [], [], 0
    for folder, folders, files in os.walk(source):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted(files + links):
            path = Path(folder) / name
            shown = path.relative_to(source).as_posix()
            if _is_systems_own(shown):
                continue
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                reason = "a link, not a file"
            elif not stat.S_ISREG(status.st_mode):
                reason = "not a plain file"
            else:
                reason = _reason(shown, status.st_size)
                size += status.st_size
            if reason:
                left.append(Left(shown, reason))
            else:
                found.append(Delivered(shown, lambda path=path: _read(lambda: path.open("rb"))))
            _require_bounded(source, len(found) + len(left), size)
    return found, left


def _require_bounded(source: Path, files: int, size: int) -> None:
    if files > MOST_FILES or size > MOST_BYTES:
        raise VaeLabError(
            f"{source} holds {files} files of {size / 1e9:.1f} GB unpacked; at most {MOST_FILES} "
            f"files of {MOST_BYTES / 1e9:.0f} GB are read: collect it in parts"
        )


def _is_systems_own(path: str) -> bool:
    """What macOS, Jupyter and the like put beside files; nobody hands these in."""
    return any(part.startswith(".") and part != ".." for part in path.split("/")) or (
        "__MACOSX" in path.split("/")
    )


def _leads_out(path: str) -> bool:
    return path.startswith("/") or ".." in path.split("/") or bool(re.match("[A-Za-z]:", path))


def _reason(path: str, size: int) -> str | None:
    """Why a plain file is left, or None for a notebook."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix in _ARCHIVES:
        return "an archive inside: unpack it, and collect its folder"
    if suffix != ".ipynb":
        return "not a notebook"
    return _too_large(size) if size > LARGEST_BYTES else None


def _too_large(size: int) -> str:
    return f"{size / 1e6:.0f} MB; at most {LARGEST_BYTES / 1e6:.0f} MB are read"


def _read(opening: Callable) -> bytes:
    """The bytes; no more of them are unpacked than a notebook may have. Raises Damaged."""
    try:
        with opening() as file:
            data = file.read(LARGEST_BYTES + 1)
    except _DAMAGED as error:
        raise Damaged(f"damaged ({error or type(error).__name__})") from None
    if len(data) > LARGEST_BYTES:
        raise Damaged(_too_large(len(data)))
    return data
