"""A folder that is there before the training, and does not stay where nothing was put in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from vae_grading.atomic import explained


@contextlib.contextmanager
def results_folder(folder: Path) -> Iterator[None]:
    """The folder, made now rather than after the training; gone again if nothing was put there."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # something lies in it
            for each in missing:
                each.rmdir()
