"""Student versions that nbgrader has made already: a run that grades need not wait for another."""

import contextlib
import hashlib
import importlib.metadata
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_helpers.errors import VaeLabError

_MAKERS = ("nbgrader", "nbconvert", "nbformat", "sqlalchemy")


def state_of(source: Path, config: object) -> str:
    """A hash of what a student version depends on: the files it is made from, the configuration,
    who makes it."""
    digest = hashlib.sha256(repr(config).encode())
    for package in _MAKERS:
        digest.update(f"{package} {importlib.metadata.version(package)}\n".encode())
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(source).as_posix()} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def keep(course: Course, lab: str, made: str, root: Path, parts: Iterable[Path]) -> None:
    """Keep files and folders below `root` as the version of the state `made`, in the place of an
    older one; where the course cannot be written, nothing is kept."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            for path in [part] if part.is_file() else sorted(part.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(root).as_posix())
        archive.comment = made.encode()
    with contextlib.suppress(VaeLabError):
        atomic.write_bytes(_place(course, lab), packed.getvalue())


def take(course: Course, lab: str, wanted: str, root: Path) -> bool:
    """Put the version of the state `wanted` below `root`, if it is the one that was kept."""
    try:
        with zipfile.ZipFile(_place(course, lab)) as archive:
            if archive.comment != wanted.encode() or archive.testzip() is not None:
                return False
            archive.extractall(root)
    except (OSError, zipfile.BadZipFile):
        return False
    return True


def _place(course: Course, lab: str) -> Path:
    return course.results.with_name("versions") / f"{lab}.zip"
