"""The submissions in a folder, and the bytes of each."""

import os
from dataclasses import dataclass
from pathlib import Path

from vae_helpers.errors import VaeLabError

LARGEST_BYTES = 100_000_000  # most of it outputs, which nobody reads: see reading.py


@dataclass(frozen=True)
class Submission:
    """One student's notebook; `notebook` may turn out not to exist."""

    student: str
    notebook: Path


class Unreadable(Exception):
    """A submission that cannot be graded: `problem`, `reason` and `next_step` say why."""

    def __init__(self, problem: str, reason: str, next_step: str) -> None:
        super().__init__(problem, reason, next_step)
        self.problem, self.reason, self.next_step = problem, reason, next_step


def find_submissions(folder: Path, lab: str) -> list[str]:
    """The students who have `<student>/<lab>/` or `<student>.ipynb` in the folder, sorted.

    Raises VaeLabError when the folder is absent or holds neither.
    """
    if not folder.is_dir():
        raise VaeLabError(
            f"{folder}: there is no such folder; put the submissions into "
            f"{folder}/<student>/{lab}/{lab}.ipynb, or name their folder with --submitted DIR"
        )
    found = set()
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".ipynb"):
                found.add(entry.name.removesuffix(".ipynb"))
            elif not entry.name.startswith(".") and os.path.isdir(os.path.join(entry.path, lab)):
                found.add(entry.name)
    if not found:
        raise VaeLabError(
            f"{folder} holds no submission for {lab}: expected {folder}/<student>/{lab}/{lab}.ipynb"
        )
    return sorted(found)


def submission(folder: Path, lab: str, student: str) -> Submission:
    """What a student of `find_submissions` has handed in."""
    nested = folder / student / lab
    flat = folder / f"{student}.ipynb"
    return Submission(student, nested / f"{lab}.ipynb" if nested.is_dir() else flat)


def read_bytes(path: Path, lab: str) -> bytes:
    """What was handed in, read once: all that follows speaks of these bytes. Raises Unreadable."""
    if path.is_symlink():
        raise Unreadable(
            "symlink", f"{path.name} is a symbolic link.", "Ask for the notebook itself."
        )
    if not path.is_file():
        raise Unreadable(
            "missing",
            f"There is no {lab}.ipynb; the folder holds {_held(path.parent)}.",
            f"Ask for the notebook, or rename it to {lab}.ipynb if it came under another name; "
            "then grade again.",
        )
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise Unreadable(
            "unreadable",
            f"The file cannot be read ({error.strerror}).",
            "Look at its permissions; then grade again.",
        ) from None
    if len(data) > LARGEST_BYTES:
        raise Unreadable(
            "too-large",
            f"The file has more than the {LARGEST_BYTES / 1e6:.0f} MB that are read.",
            "Ask for the notebook with its outputs cleared.",
        )
    return data


def _held(folder: Path) -> str:
    try:
        others = sorted(other.name for other in folder.iterdir() if other.is_file())
    except OSError:
        others = []
    return ", ".join(others[:3]) or "nothing"
