"""The submissions in a folder, and the bytes of each."""

import contextlib
import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vae_grading.plain_text import plain
from vae_helpers.errors import VaeLabError

LARGEST_BYTES = 100_000_000  # most of it outputs, which nobody reads: see reading.py
LONGEST_REASON = 400  # characters: what a file holds may be told, not whole
LONGEST_NAME = 255  # bytes, of a file or folder


@dataclass(frozen=True)
class Submission:
    """One student's notebook; `notebook` may turn out not to exist.

    Below `folder`, which holds the whole class, no link is followed.
    """

    student: str
    notebook: Path
    folder: Path | None = field(default=None, compare=False)


class Unreadable(Exception):
    """A submission that cannot be graded: `problem`, `reason` and `next_step` say why."""

    def __init__(self, problem: str, reason: str, next_step: str) -> None:
        reason = plain(reason[:LONGEST_REASON])
        super().__init__(problem, reason, next_step)
        self.problem, self.reason, self.next_step = problem, reason, next_step


def find_submissions(folder: Path, lab: str) -> list[str]:
    """The students who have `<student>/<lab>/` or `<student>.ipynb` in the folder, sorted.

    A name that is no text, or that nothing else would show, stands for somebody all the same:
    reading what lies there says what is to be done. Raises VaeLabError when the folder is absent
    or holds neither.
    """
    if not folder.is_dir():
        raise VaeLabError(
            f"{folder}: there is no such folder; put the submissions into "
            f"{folder}/<student>/{lab}/{lab}.ipynb, or name their folder with --submitted DIR"
        )
    found = {student for student, _ in _entries(folder, lab)}
    if not found:
        raise VaeLabError(
            f"{folder} holds no submission for {lab}: expected {folder}/<student>/{lab}/{lab}.ipynb"
        )
    return sorted(found)


def doubtful_names(folder: Path, lab: str) -> list[str]:
    """One line for each entry that is passed over for another, for names that look alike, and for
    those that nbgrader's own pages would take for markup."""
    groups: dict[str, dict[str, list[str]]] = {}
    for student, entry in sorted(_entries(folder, lab)):
        alike = unicodedata.normalize("NFC", student).casefold()
        groups.setdefault(alike, {}).setdefault(student, []).append(shown_name(entry))
    lines = []
    for students in groups.values():
        for student, entries in students.items():
            if {*student} & {*'<>"'}:
                lines.append(
                    f"{student}: the name holds < > or \", which nbgrader's pages take for markup; "
                    "rename it before you open Formgrader."
                )
            if len(entries) > 1:
                used = submission(folder, lab, student).notebook.relative_to(folder).parts[0]
                others = ", ".join(each for each in entries if each != shown_name(used))
                lines.append(
                    f"{student}: {shown_name(used)} counts, {others} beside it was passed over; "
                    "keep the right one only."
                )
        if len(students) > 1:
            names = " and ".join(map(_spelled, students))
            lines.append(
                f"{names} are the same name but for case or accents: each was graded; if it is "
                "one student, keep the right one only."
            )
    return lines


def submission(folder: Path, lab: str, student: str) -> Submission:
    """What a student of `find_submissions` has handed in."""
    flat = folder / f"{student}.ipynb"
    nested = folder / student / lab
    found = flat if os.path.lexists(flat) else nested / f"{lab}.ipynb"
    if os.path.lexists(nested) or os.path.islink(nested.parent):
        found = nested / f"{lab}.ipynb"
    elif not os.path.lexists(flat) and ("\\" in student or student.endswith(".ipynb")):
        # A name that is shown in another way than it is written.
        entries = (entry for known, entry in _entries(folder, lab) if known == student)
        if (entry := next(entries, None)) is not None:
            named = folder / entry
            found = named / lab / f"{lab}.ipynb" if os.path.lexists(named / lab) else named
    return Submission(student, found, folder)


def _entries(folder: Path, lab: str) -> Iterator[tuple[str, str]]:
    """Student's name and own name of every entry that seems to be somebody's."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            inside = os.path.lexists(os.path.join(entry.path, lab))
            dangling = entry.is_symlink() and not os.path.exists(entry.path)
            if inside or (dangling and not name.endswith(".ipynb")):
                yield shown_name(name), name
            elif name.endswith(".ipynb") and not name.startswith("._"):  # which macOS leaves
                student = name.removesuffix(".ipynb")
                yield shown_name(name if student in ("", ".", "..") else student), name


def shown_name(name: str) -> str:
    """A file's name as text: bytes that are no UTF-8 are written out.

    >>> print(shown_name(os.fsdecode(b"Jos\\xe9")))
    Jos\\xe9
    """
    shown = os.fsencode(name).decode("utf-8", "backslashreplace")
    if len(shown.encode()) <= LONGEST_NAME:
        return shown
    return (
        f"{shown[:200]}~{hashlib.sha256(shown.encode()).hexdigest()[:12]}"  # still one of its own
    )


def _spelled(name: str) -> str:
    """A name in which what looks like another's letter is told from it."""
    return name if name.isascii() else f"{name} ({name.encode('unicode_escape').decode()})"


def read_bytes(path: Path, lab: str, folder: Path | None = None) -> bytes:
    """What was handed in, read once: all that follows speaks of these bytes. Raises Unreadable.

    No link below `folder` (by default the one that the file is in) is followed, and nothing but a
    file is read.
    """
    folder = path.parent if folder is None else folder
    *above, name = path.relative_to(folder).parts
    _require_usable((*above, name)[0])
    try:
        with contextlib.ExitStack() as opened:
            place = _directory(str(folder), opened)
            for part in above:
                _require_kind(part, place, lab, stat.S_ISDIR)
                place = _directory(part, opened, place)
            _require_kind(name, place, lab, stat.S_ISREG)
            # Not to wait for whoever writes into a pipe that has just taken the file's place.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            number = os.open(name, flags, dir_fd=place)
            with open(number, "rb") as file:
                if not stat.S_ISREG(os.fstat(number).st_mode):
                    raise OSError(0, "it is no file any more")
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


def _require_usable(name: str) -> None:
    """Raise Unreadable for a name of submitted/ that nbgrader or a database cannot hold."""
    if shown_name(name) != name:
        what = f"The name {plain(shown_name(name))[:80]} is not written in UTF-8."
    elif name.startswith("."):
        what = f"The name {plain(name)[:80]} begins with a dot, and so it is hidden elsewhere."
    else:
        return
    raise Unreadable("bad-name", what, "Rename it to the student's name; then grade again.")


def _directory(name: str, opened: contextlib.ExitStack, place: int | None = None) -> int:
    """A folder, open; the outermost alone may be reached by a link: that is the instructor's."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | (0 if place is None else os.O_NOFOLLOW)
    number = os.open(name, flags, dir_fd=place)
    opened.callback(os.close, number)
    return number


_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISREG, "a file"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (lambda mode: True, "a device"),
)


def _require_kind(name: str, place: int, lab: str, wanted: Any) -> None:
    """Raise Unreadable unless the entry is there and no link but what is `wanted`; OSError."""
    shown = plain(shown_name(name))
    again = (
        f"Ask for the notebook, or rename it to {lab}.ipynb if it came under another name; "
        "then grade again."
    )
    try:
        mode = os.stat(name, dir_fd=place, follow_symlinks=False).st_mode
    except FileNotFoundError:
        reason = f"There is no {shown}; the folder holds {_held(place)}."
        raise Unreadable("missing", reason, again) from None
    if stat.S_ISLNK(mode):
        what = f"{shown} is a symbolic link, which is not followed."
        raise Unreadable("symlink", what, "Ask for the notebook itself; then grade again.")
    if not wanted(mode):
        kind = next(says for holds, says in _KINDS if holds(mode))
        other = next(says for holds, says in _KINDS if holds is wanted)
        raise Unreadable("missing", f"{shown} is {kind}, not {other}.", again)


def _held(place: int) -> str:
    with os.scandir(place) as entries:
        others = sorted(plain(shown_name(each.name)) for each in entries if each.is_file())
    return ", ".join(others[:3]) or "nothing"
