"""What the systems call the columns of the files into which marks go.

Moodle       the grading worksheet of one assignment (mod/assign/feedback/offline/
             importgradeslib.php): Identifier ("Participant 12345"), Grade, Maximum Grade, Grade can
             be changed, Feedback comments; in UTF-8, with commas
Canvas       the gradebook (lib/gradebook_exporter.rb): Student, ID, SIS User ID, SIS Login ID,
             Section, "Lab 3 (12345)", ...; below it rows for what is posted and "Points Possible"
Blackboard   the Grade Center ("Working Offline with the Grade Center"): Last Name, First Name,
             Username, ..., "Lab 3 [Total Pts: 50 Score] |12345", Feedback to Learner; with commas
             (.csv) or in UTF-16 with tabs (.xls)
Brightspace  the grades ("Importing grades"): OrgDefinedId, Username, "Lab 3 Points Grade <Numeric
             MaxPoints:50>", End-of-Line Indicator
Gradescope   the grades of an assignment (SID, Email, Total Score, Max Points) or of a course
             ("Lab 3", "Lab 3 - Max Points")
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_PARTICIPANT = ("identifier", "teilnehmer-id", "id-teilnehmer", "identifiant", "identificador")
_MOODLE_GRADE = ("grade", "bewertung", "note", "calificación")
_MOODLE_MAXIMUM = (
    *("maximum grade", "bestwertung", "höchste bewertung", "note maximale"),
    *("calificación máxima",),
)
_MOODLE_OPEN = (
    *("grade can be changed", "bewertung kann geändert werden"),
    *("la note peut être modifiée", "la calificación puede ser cambiada"),
)
_MOODLE_COMMENT = (
    *("feedback comments", "feedback als kommentar", "commentaires de feedback"),
    *("comentarios de retroalimentación",),
)
_NUMBER = ("id number", "id-nummer", "numéro d'identification", "número de id", "número id")
_EMAIL = (
    *("email address", "email", "e-mail-adresse", "adresse de courriel"),
    *("dirección de correo", "dirección email"),
)
_CANVAS = re.compile(r"(?P<title>.+) \((?P<id>\d+)\)")
_BLACKBOARD = re.compile(
    r"(?P<title>.+?) \[[^\][]*?(?P<most>\d+(?:[.,]\d+)?)(?: (?P<kind>[^\][\d]+))?\]"
    r"(?: ?\|(?P<id>\d+))?"
)
_BRIGHTSPACE = re.compile(r"(?P<title>.+?) Points Grade(?: ?<(?P<about>[^<>]*)>)?")
_GRADESCOPE = " - Max Points"


@dataclass(frozen=True)
class Column:
    """A column that can hold a mark: its place, what it is called without what the system adds,
    the system's number for it, and its maximum where the heading tells that ("" where not)."""

    place: int
    head: str
    title: str
    id: str = ""
    maximum: str = ""


@dataclass(frozen=True)
class Heading:
    """A system's heading: the columns that say who, by kind, those for marks, and the others.

    `maximum`, `changeable` and `submission` (its number) are columns with what holds for a row.
    Where `one_lab` is said the whole file is of one assignment, and no column tells which.
    """

    system: str
    people: dict[str, int]
    columns: list[Column]
    separators: str
    comment: int | None = None
    comment_format: int | None = None
    maximum: int | None = None
    changeable: int | None = None
    submission: int | None = None
    one_lab: bool = False


def read_heading(cells: Sequence[str]) -> Heading | None:
    """The heading of one of the five systems, or None."""
    head = [each.strip().lstrip("\ufeff") for each in cells]
    folded = [" ".join(unicodedata.normalize("NFC", each).casefold().split()) for each in head]
    known: tuple[Callable[[list[str], list[str]], Heading | None], ...]
    known = (_moodle, _brightspace, _canvas, _blackboard, _gradescope)
    return next(filter(None, (each(head, folded) for each in known)), None)


def _find(folded: list[str], *names: str) -> int | None:
    return next((folded.index(name) for name in names if name in folded), None)


def _people(**columns: int | None) -> dict[str, int]:
    return {kind: place for kind, place in columns.items() if place is not None}


def _moodle(head: list[str], folded: list[str]) -> Heading | None:
    identifier = _find(folded, *_PARTICIPANT)
    grade = _find(folded, *_MOODLE_GRADE)
    maximum, changeable = _find(folded, *_MOODLE_MAXIMUM), _find(folded, *_MOODLE_OPEN)
    if identifier is None or grade is None or (maximum is None and changeable is None):
        return None
    people = _people(
        participant=identifier,
        number=_find(folded, *_NUMBER),
        login=_find(folded, "username", "anmeldename", "nom d'utilisateur", "nombre de usuario"),
        email=_find(folded, *_EMAIL),
    )
    column = Column(grade, head[grade], head[grade])
    comment = _find(folded, *_MOODLE_COMMENT)
    return Heading(
        "Moodle",
        people,
        [column],
        ",",
        comment=comment,
        maximum=maximum,
        changeable=changeable,
        one_lab=True,
    )


def _canvas(head: list[str], folded: list[str]) -> Heading | None:
    named = "student" in folded or {"lastname", "firstname"} <= {*folded}
    identifier = _find(folded, "id")
    if not named or identifier is None or "section" not in folded:
        return None
    people = _people(
        system_id=identifier,
        number=_find(folded, "sis user id"),
        login=_find(folded, "sis login id"),
    )
    found = ((place, _CANVAS.fullmatch(each)) for place, each in enumerate(head))
    columns = [
        Column(place, head[place], each["title"], each["id"]) for place, each in found if each
    ]
    return Heading("Canvas", people, columns, ",;")


def _blackboard(head: list[str], folded: list[str]) -> Heading | None:
    user = _find(folded, "username", "user name", "benutzername")
    found = [(place, _BLACKBOARD.fullmatch(each)) for place, each in enumerate(head)]
    told = [(place, each) for place, each in found if each]
    if user is None or not told:
        return None
    columns = [
        Column(place, head[place], each["title"], each["id"] or "", each["most"])
        for place, each in told
        if (each["kind"] or "Score").strip().casefold() in ("score", "punkte", "punktzahl")
        and "up to" not in head[place]
    ]
    people = _people(login=user, number=_find(folded, "student id", "studenten-id"))
    return Heading(
        "Blackboard",
        people,
        columns,
        ",\t",
        comment=_find(folded, "feedback to learner", "feedback to user"),
        comment_format=_find(folded, "feedback format"),
    )


def _brightspace(head: list[str], folded: list[str]) -> Heading | None:
    number, login = _find(folded, "orgdefinedid"), _find(folded, "username")
    if (number is None and login is None) or "end-of-line indicator" not in folded:
        return None
    columns = []
    for place, each in enumerate(head):
        found = _BRIGHTSPACE.fullmatch(each)
        about = (found["about"] or "Numeric") if found else ""
        if found and about.startswith("Numeric"):
            most = re.search(r"MaxPoints:(\d+(?:[.,]\d+)?)", about)
            columns.append(Column(place, each, found["title"], maximum=most[1] if most else ""))
    people = _people(number=number, login=login, email=_find(folded, "email"))
    return Heading("Brightspace", people, columns, ",")


def _gradescope(head: list[str], folded: list[str]) -> Heading | None:
    people = _people(number=_find(folded, "sid"), email=_find(folded, "email"))
    if "number" not in people and "email" not in people:
        return None
    total, most = _find(folded, "total score"), _find(folded, "max points")
    if total is not None and most is not None:
        column = Column(total, head[total], head[total])
        submission = _find(folded, "submission id")
        return Heading(
            "Gradescope",
            people,
            [column],
            ",",
            maximum=most,
            submission=submission,
            one_lab=True,
        )
    titles = {each.removesuffix(_GRADESCOPE) for each in head if each.endswith(_GRADESCOPE)}
    columns = [Column(place, each, each) for place, each in enumerate(head) if each in titles]
    return Heading("Gradescope", people, columns, ",") if columns else None


def maximum_beside(head: Sequence[str], column: Column) -> int | None:
    """Where Gradescope's file of a course has a column's maximum, for each row."""
    wanted = f"{column.head}{_GRADESCOPE}"
    return next((place for place, each in enumerate(head) if each.strip() == wanted), None)
