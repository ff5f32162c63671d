"""The files of a zip or a folder as they lie there, each with what is wrong with it.

Zips are read as if somebody hostile had made them; nothing of a file is opened here.
"""

import io
import os
import re
import stat
import struct
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, cast

from vae_grading.deliveries import file_names

_DIRECTORY_BYTES = 400  # of an archive's table of contents, for a file: more than any needs


@dataclass(frozen=True)
class Entry:
    """A file: its path with "/", and why it is not to be read at all, or None."""

    path: str
    size: int
    open: Callable[[], IO[bytes]]
    fault: str | None = None
    modified: str = ""  # in ISO 8601


class TooMany(Exception):
    """More than is read; its text says how much."""


def regular(source: Path) -> BinaryIO:
    """Open a file. Raises OSError, and ValueError for what would never end."""
    if not stat.S_ISREG(source.stat().st_mode):
        raise ValueError("a pipe or a device")
    return source.open("rb")


def archive_of(file: BinaryIO, most: int) -> zipfile.ZipFile:
    """Open a zip, unless its table of contents alone would fill the memory (TooMany)."""
    size = file.seek(0, io.SEEK_END)
    start = file.seek(max(0, size - 65_600))
    tail = file.read()
    patched: BinaryIO | _Patched = file
    ends = [(tail.rfind(b"PK\5\6"), 12, 4), (tail.rfind(b"PK\6\6"), 40, 8)]  # the second: ZIP64
    for end, place, width in ends:
        listed = int.from_bytes(tail[end + place :][:width], "little")
        if end < 0 or listed == 0xFFFFFFFF:
            continue
        if listed > most * _DIRECTORY_BYTES:
            raise TooMany(f"more than {most} files")
        at = file.seek(max(0, start + end - listed))
        contents = file.read(listed)
        if contents.count(b"PK\1\2") > most:
            raise TooMany(f"more than {most} files")
        if (honest := _with_honest_names(contents)) != contents:
            patched = _Patched(file, at, honest)
    return zipfile.ZipFile(cast(BinaryIO, patched))


def _with_honest_names(contents: bytes) -> bytes:
    """A zip's table of contents in which no name is said to be UTF-8 that is not.

    One such name would keep `zipfile` from all the others.
    """
    table, at = bytearray(contents), 0
    while table[at : at + 4] == b"PK\1\2" and len(table) >= at + 46:
        flags, size, extra, comment = struct.unpack_from("<8xH18xHHH", table, at)
        if flags & file_names.UTF8:
            try:
                table[at + 46 : at + 46 + size].decode("utf-8")
            except UnicodeDecodeError:
                struct.pack_into("<H", table, at + 8, flags & ~file_names.UTF8)
        at += 46 + size + extra + comment
    return bytes(table)


class _Patched(io.RawIOBase):
    """A file that reads as if it held `data` at a place."""

    def __init__(self, file: BinaryIO, place: int, data: bytes) -> None:
        self._file, self._place, self._data = file, place, data

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        start = self._file.tell()
        found = bytearray(self._file.read(size))
        first = max(start, self._place)
        last = min(start + len(found), self._place + len(self._data))
        if first < last:
            data = self._data[first - self._place : last - self._place]
            found[first - start : last - start] = data
        return bytes(found)


def of_zip(archive: zipfile.ZipFile) -> Iterator[Entry]:
    """The files of an archive, in its order."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    paths = [_normal(file_names.name_in_zip(info)) for info in infos]
    times = Counter(paths)
    for info, path in zip(infos, paths, strict=True):
        fault = _zip_fault(info, path, times[path])
        yield Entry(path, info.file_size, partial(archive.open, info), fault, _zip_time(info))


def _normal(path: str) -> str:
    """Without the parts that say nothing; a "/" at the start does say something."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "/" * path.startswith("/") + "/".join(parts)


def _zip_fault(info: zipfile.ZipInfo, path: str, times: int) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if path.startswith("/") or ".." in path.split("/") or re.match("[A-Za-z]:", path):
        return "its path leads out of the archive"
    if "\0" in path:
        return "its name goes on after its end"
    if kind not in (0, stat.S_IFREG):
        return "a link, not a file" if kind == stat.S_IFLNK else "not a plain file"
    if times > 1:
        return "in the archive more than once under this name"
    if info.flag_bits & 1:
        return "encrypted: unpack the archive with its password, name the folder"
    return None


def _zip_time(info: zipfile.ZipInfo) -> str:
    try:
        when = datetime(*info.date_time)
    except ValueError:
        return ""
    return when.isoformat() if when.year > 1980 else ""  # 1980 is where it says nothing


def of_folder(source: Path) -> Iterator[Entry]:
    """The files of a folder and all folders in it, and what there cannot be looked into."""
    unread: list[OSError] = []
    for folder, folders, files in os.walk(source, onerror=unread.append):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted(files + links):
            yield _on_disk(source, Path(folder) / name)
    for error in unread:
        shown = file_names.of_disk(os.path.relpath(error.filename, source))
        yield Entry(shown, 0, io.BytesIO, f"the folder cannot be read ({error.strerror})")


def _on_disk(source: Path, path: Path) -> Entry:
    shown = file_names.of_disk(path.relative_to(source).as_posix())
    status = path.lstat()
    when = datetime.fromtimestamp(status.st_mtime).isoformat(timespec="seconds")
    fault = None
    if stat.S_ISLNK(status.st_mode):
        fault = "a link, not a file"
    elif not stat.S_ISREG(status.st_mode):
        fault = "not a plain file"
    size = 0 if fault else status.st_size
    return Entry(shown, size, lambda: path.open("rb"), fault, when)
