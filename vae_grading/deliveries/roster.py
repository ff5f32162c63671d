"""The people of a course, from the list that its system gives out, known by its heading.

Moodle       Identifier, Full name, ... (grading worksheet: "Participant 1001"), or First name,
             Last name (Surname), ID number, Email address (participants, grades)
Canvas       Student ("Quill, Ada"), ID, SIS User ID, SIS Login ID, Section, ... (gradebook)
Blackboard   Last Name, First Name, Username, Student ID, ... (grade centre)
Brightspace  OrgDefinedId, Username, Last Name, First Name, Email, ... ("#" before the first two)
Gradescope   First Name, Last Name, SID, Email, ... or Name, SID, Email, ...
nbgrader     id, first_name, last_name, email, lms_user_id   (`nbgrader db student import`): the
             id is the student's folder

Columns of one's own may be added to any of these: `extension` ("3 days", "36 h"), or `extension
LAB` for one lab, and `team`, the same word for those who hand in together. Of the systems' own,
Moodle's "Last modified (submission)" and Gradescope's "Submission Time" are read, too.
"""

import csv
import io
import re
import unicodedata
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from vae_grading.deliveries.sender import Sender, folder_name
from vae_grading.deliveries.times import duration
from vae_helpers.errors import VaeLabError

LARGEST_BYTES = 20_000_000
MOST_PEOPLE = 200_000
# What columns are called, also in German, French and Spanish (Moodle translates its headings).
_FIRST = ("first name", "first_name", "firstname", "given name", "vorname", "prénom", "nombre")
_LAST = (
    *("last name", "last_name", "lastname", "surname", "family name", "nachname"),
    *("nom", "nom de famille", "apellido(s)", "apellidos"),
)
_WHOLE = (
    *("full name", "fullname", "name", "student", "student name", "display name"),
    *("vollständiger name", "nom complet", "nombre completo"),
)
_COLUMNS = {
    "participant": ("identifier", "id-teilnehmer"),
    "number": (
        *("id number", "student id", "sid", "sis user id", "orgdefinedid", "student number"),
        *("id-nummer", "matrikelnummer", "numéro d'identification", "número de id"),
    ),
    "login": ("username", "user name", "login", "sis login id", "login id", "user", "anmeldename"),
    "email": (
        *("email", "email address", "e-mail", "e-mail address", "mail", "e-mail-adresse"),
        *("adresse de courriel", "dirección de correo"),
    ),
    "system_id": ("lms_user_id",),
    "handed_in": (
        *("last modified (submission)", "submission time", "zuletzt geändert (abgabe)"),
        *("dernière modification (travail remis)", "última modificación (entrega)"),
    ),
    "extension": ("extension", "verlängerung"),
    "team": ("team", "hand-in group", "abgabegruppe"),
}
_EXTENSION = "extension "  # and the lab's name
_IDS = ("folder", "participant", "system_id", "number", "login", "email")
_ROLES = ("role", "roles", "rolle", "rollen", "rôles")
_STAFF = ("teacher", "instructor", "ta", "reader", "manager", "grader", "observer", "trainer/in")


@dataclass(frozen=True)
class Person:
    """One of the roster; every part may be "" but the name.

    `participant` is Moodle's number in one assignment, `system_id` the user's number in Canvas
    and the like, `folder` the folder in submitted/ where the roster says so. `handed_in` is when,
    as the list says it of one lab; it is not remembered. `extension` is for every lab, `extensions`
    for single ones; those of one `team` hand in together.
    """

    name: str
    folder: str = ""
    participant: str = ""
    system_id: str = ""
    number: str = ""
    login: str = ""
    email: str = ""
    handed_in: str = ""
    extension: str = ""
    team: str = ""
    extensions: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        told = self.number or self.login or self.email or self.folder
        return f"{self.name} ({told})" if told and told != self.name else self.name

    def as_dict(self) -> dict[str, str]:
        said = {key: value for key, value in asdict(self).items() if value}
        said |= {_EXTENSION + lab: value for lab, value in said.pop("extensions", ())}
        said.pop("handed_in", None)
        return said


def person(said: dict[str, str]) -> Person:
    """The other way round from `as_dict`; what is not known here is left out."""
    known = {part.name for part in fields(Person)}
    parts: dict[str, str] = {"name": "", **{key: said[key] for key in said if key in known}}
    return Person(**parts, extensions=_extensions(said))


def _extensions(said: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The extensions for single labs among named values."""
    named = ((key, value) for key, value in said.items() if key.startswith(_EXTENSION) and value)
    return tuple((key.removeprefix(_EXTENSION), value) for key, value in named)


def read_roster(path: Path) -> list[Person]:
    """Everybody on a roster. Raises VaeLabError, one line, where it is none."""
    rows = _rows(path)
    head = [_folded(each) for each in rows[0][1]] if rows else []
    if not any(head):
        raise VaeLabError(f"{path} is empty: name the list that your system exports as CSV")
    columns = _columns(head)
    if "whole" not in columns and not {"first", "last"} <= set(columns):
        raise VaeLabError(
            f"{path}: no column for the name among {', '.join(filter(None, head))[:200]}; expected "
            "the list of students as Moodle, Canvas, Blackboard, Brightspace, Gradescope or "
            "nbgrader exports it"
        )
    found: list[Person] = []
    lines: dict[tuple[str, str], int] = {}
    for line, row in rows[1:]:
        cells = {name: row[at].strip() for name, at in columns.items() if at < len(row)}
        each = _person(cells)
        if each is None:
            continue
        for said in (each.extension, *(said for _, said in each.extensions)):
            if duration(said) is None:
                raise VaeLabError(
                    f"{path}, line {line}: the extension {said} is no time such as 3 days or 36 h"
                )
        for kind in _IDS:
            value = getattr(each, kind)
            first = lines.setdefault((kind, value.casefold()), line) if value else line
            if first != line:
                raise VaeLabError(
                    f"{path}, line {line}: {value} stands there twice, first in line {first}"
                )
        found.append(each)
    if not found:
        raise VaeLabError(f"{path} names nobody: there is nothing below its heading")
    return found


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, with their lines."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise VaeLabError(f"{path}: cannot be read ({error.strerror})") from None
    text = _text(data)
    if text is None or len(data) > LARGEST_BYTES:
        raise VaeLabError(f"{path} is not a CSV file: save or export the list as CSV")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise VaeLabError(f"{path} is not a CSV file ({error})") from None
    if len(rows) > MOST_PEOPLE:
        raise VaeLabError(f"{path} has {len(rows)} lines; at most {MOST_PEOPLE} are read")
    return rows


def _text(data: bytes) -> str | None:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        return None if "\0" in text or text.startswith(("PK\3\4", "%PDF", "{", "<")) else text
    return None


def _folded(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cell).casefold().split())


def _columns(head: list[str]) -> dict[str, int]:
    """The place of each column that is known; the first of two counts."""
    wanted = {"first": _FIRST, "last": _LAST, "whole": _WHOLE, "role": _ROLES, **_COLUMNS}
    found = {}
    for kind, names in wanted.items():
        places = [head.index(name) for name in names if name in head]
        if places:
            found[kind] = places[0]
    found |= {each: place for place, each in enumerate(head) if each.startswith(_EXTENSION)}
    if "id" in head:  # Canvas's own number of a user, or the name of nbgrader's folder
        canvas = "student" in head
        found["system_id" if canvas else "folder"] = head.index("id")
        if not canvas and "first_name" not in head:
            found.setdefault("number", found.pop("folder"))
    return found


def _person(cells: dict[str, str]) -> Person | None:
    """The person of a row; None for what is none: points possible, the test student, staff."""
    name = " ".join(part for part in (cells.get("first"), cells.get("last")) if part)
    name = name or cells.get("whole", "")
    if name.count(",") == 1:
        last, first = (part.strip() for part in name.split(","))
        name = f"{first} {last}"
    name = " ".join(unicodedata.normalize("NFC", name).split())
    roles = {_folded(each) for each in re.split("[,;]", cells.get("role", ""))}
    placeholder = name.casefold() in ("points possible", "test student")
    if placeholder or roles & set(_STAFF) or any("teacher" in role for role in roles):
        return None
    said = {kind: cells.get(kind, "") for kind in ("folder", *_COLUMNS)}
    said["participant"] = "".join(re.findall(r"\d+$", said["participant"]))
    said["number"], said["login"] = said["number"].lstrip("#"), said["login"].lstrip("#")
    if not name:
        if not any(said.values()):
            return None
        name = said["folder"] or said["login"] or said["number"] or said["email"]
    return Person(name, **said, extensions=_extensions(cells))


class Roster:
    """The people of a course, found again by what a delivery says."""

    def __init__(self, people: list[Person]) -> None:
        self.people = people
        self._by_id: dict[tuple[str, str], list[Person]] = {}
        self._by_name: dict[str, list[Person]] = {}
        for each in people:
            for kind in _IDS:
                if value := getattr(each, kind):
                    self._by_id.setdefault((kind, value.casefold()), []).append(each)
            for name in _names(each.name):
                self._by_name.setdefault(name, []).append(each)

    def logins(self) -> set[str]:
        return {each.login for each in self.people}

    def named(self, name: str) -> list[Person]:
        """Those who bear the name, in whatever order its parts are written."""
        return self._by_name.get(_words(name), [])

    def find(self, sender: Sender) -> list[Person]:
        """Who it may be: by what the system gives if that is on the roster, else by the name."""
        for kind, value in clues(sender):
            if value and (kind, value.casefold()) in self._by_id:
                return self._by_id[kind, value.casefold()]
        key = sender.student.casefold() if sender.system == "Canvas" else _words(sender.student)
        return self._by_name.get(key, [])

    def folder_of(self, one: Person) -> str:
        """The folder of somebody on the roster who has handed in nothing alone."""
        told = one.number or one.login or one.system_id or one.email
        shared = len(self.named(one.name)) > 1 and told
        return folder_name(one.folder or (f"{one.name}-{told}" if shared else one.name))

    def folder(self, sender: Sender) -> str:
        """The folder that the roster asks for, or "" where it leaves that to the system.

        It asks for nbgrader's id, and for a number behind a name that several people bear.
        """
        found = self.find(sender)
        if len(found) != 1:
            return ""
        (one,) = found
        if one.folder:
            return folder_name(one.folder)
        if sender.has_id and len(self.named(one.name)) > 1 and sender.login != sender.student:
            told = one.number or one.login or one.system_id or one.email
            return folder_name(f"{one.name}-{told}") if told else ""
        return ""


def clues(sender: Sender) -> list[tuple[str, str]]:
    """What a sender's parts are called on a roster, the most certain first."""
    number = sender.number
    of_system = {
        "Moodle": [("participant", number)],
        "Canvas": [("system_id", number)],
        "Brightspace": [("system_id", number)],
        "ILIAS": [("login", sender.login), ("system_id", number)],
        "Gradescope": [("number", number), ("email", sender.email)],
        "Blackboard": [("login", sender.login)],
    }
    own = [(kind, sender.student) for kind in ("folder", "login", "number", "email")]
    return of_system.get(sender.system, own)


def _names(name: str) -> set[str]:
    """The ways in which a name is found: by its words, and as Canvas writes it."""
    parts = name.split()
    turned = {"".join(parts[at:] + parts[:at]) for at in range(1, len(parts))} | {"".join(parts)}
    squeezed = {re.sub(r"\W", "", each).casefold() for each in turned}
    return squeezed | {_words(name)}


def _words(name: str) -> str:
    words = re.findall(r"\w+", unicodedata.normalize("NFC", name).casefold().replace("_", " "))
    return " ".join(sorted(words))
