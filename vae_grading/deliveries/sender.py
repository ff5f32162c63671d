"""Whose a notebook is: what a system says about the person, and when two are the same one.

How each system says it, in the names of files and in files of its own, is in `learning_systems.py`.
"""

import re
import unicodedata
from dataclasses import dataclass

from vae_helpers.errors import VaeLabError

# Moodle numbers the participants of each assignment anew (assign::get_uniqueid_for_user), and
# what Blackboard writes before "_attempt_" holds the assignment's name.
ONE_LAB_ONLY = ("Moodle", "Blackboard")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
LONGEST_NAME = 100


@dataclass(frozen=True)
class Sender:
    """What a delivery says about a notebook.

    `student` as the system writes the name; `number`, `login` (a user name) and `email` tell two
    of the same name apart, where the system gives them; of `attempt` and `upload` the greatest is
    the latest; `time` is when it was handed in, in ISO 8601 by the system's clock; `file` is the
    notebook's own name; `group` those who handed it in together.
    """

    system: str
    student: str
    file: str
    number: str = ""
    login: str = ""
    email: str = ""
    attempt: str = ""
    upload: int = 0
    time: str = ""
    late: bool = False
    group: tuple[str, ...] = ()

    @property
    def has_id(self) -> bool:
        return bool(self.number or self.login or self.email)

    def __str__(self) -> str:
        told = self.number or self.login or self.email
        return f"{self.student} ({told})" if told and told != self.student else self.student


def same_person(one: Sender, other: Sender, *, same_lab: bool) -> bool | None:
    """Whether two are one person; None when that cannot be told.

    Names decide only where neither has anything else: a name is not a person's alone.

    >>> ada = Sender("Moodle", "Ada", "lab3.ipynb", "7")
    >>> same_person(ada, Sender("Moodle", "Ada", "lab3.ipynb", "8"), same_lab=True)
    False
    >>> same_person(ada, Sender("file name", "Ada", "Ada.ipynb"), same_lab=True) is None
    True
    """
    if not (one.has_id or other.has_id):
        return one.student == other.student
    if one.system != other.system:
        return None
    numbers = (same_lab or one.system not in ONE_LAB_ONLY) and one.number and other.number
    if numbers and one.number == other.number:
        return True
    if one.login and other.login:
        return one.login.casefold() == other.login.casefold()
    if numbers:
        return False
    if one.email and other.email:
        return one.email.casefold() == other.email.casefold()
    return None


def earlier(one: Sender, other: Sender) -> bool:
    """Whether the system says that `one` was handed in before `other`."""
    if one.system != other.system:
        return False
    if one.attempt and other.attempt and one.attempt != other.attempt:
        return in_order(one.attempt) < in_order(other.attempt)
    return 0 < one.upload < other.upload


def in_order(attempt: str) -> list[tuple[int, str]]:
    """A key that sorts attempts as people count them.

    >>> sorted(["v10", "v9"], key=in_order)
    ['v9', 'v10']
    """
    parts = re.findall(r"[0-9]+|[^0-9]+", attempt)
    return [(int(part[:300]), "") if part[0] in "0123456789" else (-1, part) for part in parts]


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


_SECOND_SUFFIX = re.compile(r"(\.ipynb)(\.(ipynb|txt|json))+$", re.IGNORECASE)


def notebook_name(file: str) -> str:
    """A notebook's name without the suffix that a browser or an editor has added.

    >>> notebook_name("lab3.ipynb.txt"), notebook_name("lab3.IPYNB"), notebook_name("lab3")
    ('lab3.ipynb', 'lab3.ipynb', 'lab3.ipynb')
    """
    file = _SECOND_SUFFIX.sub(r"\1", file)
    stem = re.sub(r"\.(ipynb|json|txt)$", "", file, flags=re.IGNORECASE)
    return f"{stem}.ipynb"


def fits(file: str, lab: str) -> bool:
    """Whether a notebook is called as the lab, or so with what a second upload or a copy gets.

    >>> [fits(f"lab3{end}.ipynb", "lab3") for end in ("", "-1", " (2)", "-draft")]
    [True, True, True, False]
    >>> fits("Copy of lab3.ipynb", "lab3"), fits("lab3.ipynb (1).txt", "lab3")
    (True, True)
    """
    added = r"(-\d+|[ _]?\(\d+\))?"
    copy = "((copy of|kopie von|copie de|copia de) )*"  # as Google Drive says
    called = rf"{copy}{re.escape(lab)}{added}(\.ipynb{added})?\.ipynb"
    return re.fullmatch(called, notebook_name(file), re.IGNORECASE) is not None
