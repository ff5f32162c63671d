"""Files that are either the old ones or the new ones, never half of each."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write beside, then rename. Raises VaeLabError when the disk is full or says no."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write beside, then rename. Raises VaeLabError when the disk is full or says no."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    with explained(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # a machine that fails now leaves no empty file behind
            if path.exists():
                shutil.copymode(path, beside)  # who may read marks is not for us to widen
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)


def replace_folder(new: Path, target: Path) -> None:
    """Put the files of `new` in the place of those of `target`: all of them, or none.

    The files are first copied beside the target, which is where a full disk shows; only then
    are they renamed. Raises VaeLabError, and leaves the target as it was, when that fails.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    behind = target.with_name(f".{target.name}.{os.getpid()}.old")
    with explained(target):
        try:
            shutil.copytree(new, beside)
            if target.exists():
                os.replace(target, behind)
            try:
                os.replace(beside, target)
            except OSError:
                if behind.exists():
                    os.replace(behind, target)
                raise
        finally:
            shutil.rmtree(beside, ignore_errors=True)
            shutil.rmtree(behind, ignore_errors=True)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an operating-system error while writing `path` into one line."""
    try:
        yield
    except (OSError, shutil.Error) as error:
        from vae_helpers.errors import VaeLabError  # imports torch: not for `vae-lab --help`

        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "[Errno 28]" in str(
            error
        ):
            what = "the disk is full; nothing was changed: make room and run again"
        else:
            what = f"cannot be written ({getattr(error, 'strerror', None) or error})"
        raise VaeLabError(f"{path}: {what}") from error
