"""Whose notebook it is, by the way in which a learning-management system names files.

Moodle      Ada Lovelace_123456_assignsubmission_file_/lab3-vae.ipynb
Canvas      lovelaceada_LATE_12345_67890_lab3-vae-1.ipynb
Blackboard  Lab 3_alovelace_attempt_2026-01-31-10-00-00_lab3-vae.ipynb
otherwise   alovelace.ipynb, or alovelace/lab3-vae.ipynb, or alovelace/anything/lab3-vae.ipynb
"""

import re
import unicodedata
from dataclasses import dataclass

from vae_helpers.errors import VaeLabError

_NOTEBOOK = r"(?P<file>[^/]+\.ipynb)"
_SYSTEMS = {
    "Moodle": (
        r"(?:[^/]+/(?=[^/]+/))??"  # and then a folder of the system's
        r"(?P<student>[^/]+?)_(?P<number>\d+)_assignsubmission_file_?"
        rf"(?:/(?:.*/)?)?{_NOTEBOOK}"
    ),
    "Canvas": (
        r"(?P<student>[^/_]+)(?P<late>_LATE)?_(?P<number>\d+)_(?P<upload>\d+)_"
        rf"{_NOTEBOOK}"
    ),
    "Blackboard": (
        r"(?P<number>[^/]+?)_(?P<student>[^/_]+)_attempt_(?P<attempt>\d{4}(?:-\d\d){5})_"
        rf"{_NOTEBOOK}"
    ),
}
# A system's own part comes first, and the first that fits counts: what follows is the student's
# own choice, who may call a file as the system calls somebody else's.
_PATTERNS = {name: re.compile(text, re.IGNORECASE) for name, text in _SYSTEMS.items()}
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
LONGEST_NAME = 100


@dataclass(frozen=True)
class Sender:
    """What a path says about a notebook.

    `student` as the system writes the name; `number` tells two of the same name apart (in
    Blackboard, the assignment); of `attempt` and `upload` the greatest is the latest;
    `file` is the notebook's own name.
    """

    system: str
    student: str
    file: str
    number: str = ""
    attempt: str = ""
    upload: int = 0
    late: bool = False


def sender(path: str, *, pattern: re.Pattern[str] | None = None, top: str = "") -> Sender | None:
    """Who sent the file at `path`, or None when its name does not say.

    `pattern` takes the place of the known systems; `top` is a folder that stands for the whole
    delivery and is nobody's name.

    >>> sender("Ada Lovelace_12_assignsubmission_file_/lab3-vae.ipynb").student
    'Ada Lovelace'
    >>> sender("lovelaceada_LATE_12_34_lab3-vae-1.ipynb").late
    True
    >>> sender("Lab 3_ada_attempt_2026-01-31-10-00-00_lab3.ipynb").student
    'ada'
    """
    file = path.rsplit("/", 1)[-1]
    if pattern is not None:
        found = pattern.search(path)
        if not found or not found["student"]:
            return None
        attempt = found.groupdict().get("attempt") or ""
        return Sender("--pattern", found["student"], file, attempt=attempt)
    parts = path.split("/")
    if top and len(parts) > 1 and parts[0] == top:
        parts = parts[1:]
    inside = "/".join(parts)
    for system, known in _PATTERNS.items():
        if found := known.fullmatch(inside):
            said = found.groupdict("")
            return Sender(
                system,
                said["student"],
                said["file"],
                said["number"],
                said.get("attempt", ""),
                int(said.get("upload", 0)),
                bool(said.get("late")),
            )
    if "_assignsubmission_" in path or "_attempt_" in path:
        return None  # a system's name all the same, and not to be taken for a student's
    if len(parts) == 1:
        return Sender("file name", file.rsplit(".", 1)[0], file)
    return Sender("folder name", parts[0], file)


def read_pattern(text: str) -> re.Pattern[str]:
    """The regular expression of `--pattern`. Raises VaeLabError."""
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise VaeLabError(f"--pattern {text}: not a regular expression ({error})") from None
    if "student" not in pattern.groupindex:
        raise VaeLabError(f"--pattern {text}: it has no group for the name: (?P<student>...)")
    return pattern


def folder_name(student: str) -> str:
    """The name as a folder that every file system takes; empty when nothing is left of it.

    Letters of any script stay, in their composed form; all else becomes a hyphen.

    >>> folder_name("Zoe\\u0308 O'Neil"), folder_name("../../etc"), folder_name("con")
    ('Zoë-O-Neil', 'etc', 'con_')
    """
    name = unicodedata.normalize("NFC", student)
    name = re.sub(r"[^\w.@-]+", "-", name)
    name = re.sub(r"\.{2,}", ".", name)
    while len(name.encode()) > LONGEST_NAME:
        name = name[:-1]
    name = name.strip("-. ")
    return f"{name}_" if _DEVICES.fullmatch(name) else name


def fits(file: str, lab: str) -> bool:
    """Whether a notebook is called as the lab, or so with the number that a second upload gets.

    >>> [fits(f"lab3{end}.ipynb", "lab3") for end in ("", "-1", " (2)", "-draft")]
    [True, True, True, False]
    """
    return re.fullmatch(rf"{re.escape(lab)}(-\d+|[ _]?\(\d+\))?\.ipynb", file, re.I) is not None
