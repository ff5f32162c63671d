"""What a learning-management system hands over, a zip or a folder, read as if it were hostile.

Nothing is unpacked: a file is read by its place in the archive and written under a name of our
own, so that no path in an archive leads anywhere. Notebooks alone are read, within bounds; a
student's own archive inside is looked into once, and nothing inside that.
"""

import contextlib
import io
import json
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from vae_grading.deliveries.entries import Entry, TooMany, archive_of, of_folder, of_zip, regular
from vae_grading.submissions.hand_in import LARGEST_BYTES
from vae_helpers.errors import VaeLabError

MOST_FILES = 200_000
MOST_BYTES = 20_000_000_000
LONGEST_PATH = 1000
LARGEST_ARCHIVE = 100_000_000  # a student's own, and what of it is looked into
MOST_INSIDE = 20_000  # files in it: a whole environment of Python has fewer
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_NO_NOTEBOOK = "not a notebook"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,  # also NotImplementedError: a compression that is not known
    ValueError,
)
# What macOS, Windows, Jupyter and the like put beside files; nobody hands these in.
_SYSTEMS_OWN = re.compile(
    r"__MACOSX|__pycache__|\.DS_Store|\._.*|\.ipynb_checkpoints|\.git|\.localized|\.Spotlight-V100|"
    r"\.Trashes|\.fseventsd|\.virtual_documents|Thumbs\.db|desktop\.ini",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Delivered:
    """A file of the delivery: its path there, with "/", and how to get at its bytes.

    `archive` is the path of the student's own zip in which it lies; `modified` the time that the
    delivery gives for the file, in ISO 8601, or "".
    """

    path: str
    read: Callable[[], bytes]
    archive: str = ""
    modified: str = ""


@dataclass(frozen=True)
class Left:
    """A file that is not taken, and why."""

    path: str
    reason: str


@dataclass
class Delivery:
    """The notebooks, the files that may tell whose these are, and all others with the reason."""

    notebooks: list[Delivered] = field(default_factory=list)
    beside: list[Delivered] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


class Damaged(Exception):
    """A file of the delivery that cannot be read; its text says why."""


@contextlib.contextmanager
def opened(source: Path) -> Iterator[Delivery]:
    """What is in a zip or a folder. What can be read stays so until the end of the context.

    Raises VaeLabError when `source` is neither, or holds more than anybody hands in.
    """
    with contextlib.ExitStack() as stack:
        try:
            if source.is_dir():
                entries = _bounded(of_folder(source))
            elif not source.exists():
                raise VaeLabError(f"{source}: there is no such file or folder")
            else:
                file = stack.enter_context(regular(source))
                archive = stack.enter_context(archive_of(file, MOST_FILES))
                entries = _bounded(of_zip(archive))
        except TooMany as bound:
            raise VaeLabError(f"{source} holds {bound}: collect it in parts") from None
        except PermissionError as error:
            raise VaeLabError(f"{source}: cannot be read ({error.strerror})") from None
        except _DAMAGED as error:
            raise _unreadable(source, error) from None
        delivery = Delivery()
        for entry in entries:
            if not _is_systems_own(entry.path):
                _take(entry, delivery)
        yield delivery


def _unreadable(source: Path, error: Exception) -> VaeLabError:
    with contextlib.suppress(OSError, ValueError), regular(source) as file:
        if file.read(4) == b"PK\3\4":
            return VaeLabError(
                f"{source} is a zip that is damaged or was cut off ({error}): download it again"
            )
    return VaeLabError(f"{source} is neither a folder nor a zip: unpack it, and name the folder")


def _bounded(entries: Iterable[Entry]) -> list[Entry]:
    taken, size = [], 0
    for entry in entries:
        taken.append(entry)
        size += entry.size
        if len(taken) > MOST_FILES or size > MOST_BYTES:
            raise TooMany(
                f"more than {MOST_FILES} files or {MOST_BYTES / 1e9:.0f} GB unpacked, which is "
                "all that is read"
            )
    return taken


def _is_systems_own(path: str) -> bool:
    return any(_SYSTEMS_OWN.fullmatch(part) for part in path.split("/"))


def _take(entry: Entry, delivery: Delivery) -> None:
    """Put an entry where it belongs in the delivery."""
    delivered = Delivered(
        entry.path, lambda: _read(entry.open, LARGEST_BYTES), modified=entry.modified
    )
    suffix = os.path.splitext(entry.path)[1].lower()
    reason = entry.fault
    if reason is None and len(entry.path) > LONGEST_PATH:
        reason = f"its path has {len(entry.path)} characters"
    elif reason is None and any(part.startswith(".") for part in entry.path.split("/")):
        reason = "its name begins with a dot: rename it"
    if reason is None and suffix == ".zip":
        found, reason = _inside(entry)
        delivery.notebooks += found
        if found:
            return
    elif reason is None:
        reason = _reason(entry)
        if reason == _NO_NOTEBOOK and suffix in (".txt", ".yml", ".yaml"):
            delivery.beside.append(delivered)
    if reason is None:
        delivery.notebooks.append(delivered)
    else:
        delivery.left.append(Left(entry.path, reason))


def _reason(entry: Entry) -> str | None:
    """Why a plain file is left, or None for a notebook, whatever its name ends with."""
    name = entry.path.lower()
    if name.endswith(_ARCHIVES):
        return "an archive inside: unpack it, and collect its folder"
    called = re.search(r"\.ipynb(\.(ipynb|txt|json))*$", name) is not None
    if entry.size > LARGEST_BYTES:
        return _too_large(entry.size) if called else _NO_NOTEBOOK
    return None if called or _holds_notebook(entry) else _NO_NOTEBOOK


def _too_large(size: int, most: int = LARGEST_BYTES) -> str:
    return f"{size / 1e6:.0f} MB; at most {most / 1e6:.0f} MB are read"


def _holds_notebook(entry: Entry) -> bool:
    try:
        with entry.open() as file:
            head = file.read(100).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
        if not head.startswith(b"{"):
            return False
        found = json.loads(_read(entry.open, LARGEST_BYTES))
    except (*_DAMAGED, Damaged, RecursionError):
        return False
    return (
        isinstance(found, dict)
        and isinstance(found.get("nbformat"), int)
        and isinstance(found.get("cells", found.get("worksheets")), list)
    )


def _inside(entry: Entry) -> tuple[list[Delivered], str | None]:
    """The notebooks in a student's own archive, or why there are none."""
    if entry.size > LARGEST_ARCHIVE:
        return [], f"an archive inside of {_too_large(entry.size, LARGEST_ARCHIVE)}"
    try:
        with _opened_inside(entry) as inner:
            entries = [each for each in inner if each.fault is None and _may_be_notebook(each)]
            if sum(each.size for each in entries) > LARGEST_ARCHIVE:
                return [], "an archive inside that unpacks to more than is read"
            found = [each for each in entries if _reason(each) is None]
    except TooMany as bound:
        return [], f"an archive inside with {bound}"
    except Damaged as damage:
        return [], f"an archive inside, {damage}"
    except _DAMAGED as error:
        return [], f"an archive inside, damaged ({error or type(error).__name__})"
    if not found:
        return [], "an archive inside without a notebook that can be read"
    return [
        Delivered(
            f"{entry.path}/{each.path}",
            partial(_read_inside, entry, each.path),
            entry.path,
            each.modified,
        )
        for each in found
    ], None


@contextlib.contextmanager
def _opened_inside(entry: Entry) -> Iterator[Iterable[Entry]]:
    data = io.BytesIO(_read(entry.open, LARGEST_ARCHIVE))
    with archive_of(data, MOST_INSIDE) as archive:
        if len(archive.infolist()) > MOST_INSIDE:
            raise TooMany(f"more than {MOST_INSIDE} files")
        yield of_zip(archive)


def _may_be_notebook(entry: Entry) -> bool:
    parts = entry.path.split("/")
    suffix = os.path.splitext(entry.path)[1].lower()
    hidden = any(part.startswith(".") for part in parts) or _is_systems_own(entry.path)
    short = len(entry.path) <= LONGEST_PATH
    return suffix in (".ipynb", ".txt", ".json", "") and short and not hidden


def _read_inside(entry: Entry, path: str) -> bytes:
    try:
        with _opened_inside(entry) as inner:
            found = next(each for each in inner if each.path == path)
            return _read(found.open, LARGEST_BYTES)
    except _DAMAGED as error:
        raise Damaged(f"damaged ({error or type(error).__name__})") from None


def _read(opening: Callable[[], IO[bytes]], most: int) -> bytes:
    """The bytes; no more of them are unpacked than a file may have. Raises Damaged."""
    try:
        with opening() as file:
            data = file.read(most + 1)
    except _DAMAGED as error:
        raise Damaged(f"damaged ({error or type(error).__name__})") from None
    if len(data) > most:
        raise Damaged(_too_large(len(data), most))
    return data
