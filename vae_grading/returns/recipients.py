"""Who gets a mark, and by what each system knows them: never by a name that two could bear.

What `collect` has remembered of a student counts first: the number or user name under which a
system handed the notebook over. A roster on which that student is found adds the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vae_grading.course.course import Course
from vae_grading.deliveries.identities import Identities, Member, Record
from vae_grading.deliveries.roster import Person, Roster, clues, person
from vae_grading.deliveries.sender import ONE_LAB_ONLY, Sender
from vae_grading.marks.marks import StudentMarks
from vae_grading.plain_text import plain
from vae_grading.returns.grade_file import Row

KINDS = ("participant", "system_id", "number", "login", "email")


@dataclass(frozen=True)
class Recipient:
    """One person's mark: the folder's name, the judgement, what is known of the person by kind.

    `record` is what was remembered of the notebook, `mate` what was of one who handed it in, too;
    `by_name` says that the roster knows the person by the name alone.
    """

    folder: str
    graded: StudentMarks
    ids: Mapping[str, str]
    record: Record | None = None
    by_name: bool = False
    mate: Member | None = None

    def __str__(self) -> str:
        return plain(self.folder)


def recipients(
    course: Course, lab: str, graded: Sequence[StudentMarks], store: Identities
) -> list[Recipient]:
    """Everybody who gets a mark for a lab, by folder."""
    roster = Roster([person(each) for each in store.roster])
    found = []
    for each in graded:
        ids, by_name = _ids(store, lab, each.student, roster)
        record = store.get(lab, each.student)
        found.append(Recipient(each.student, each, ids, record, by_name))
        for mate in each.members:
            told = {kind: getattr(mate, kind) for kind in KINDS if getattr(mate, kind)}
            found.append(Recipient(mate.folder, each, told, record, mate=mate))
    return found


def _ids(store: Identities, lab: str, folder: str, roster: Roster) -> tuple[dict[str, str], bool]:
    """What is known of a folder's owner, by kind, and whether the roster knows the name only."""
    told: dict[str, str] = {}
    by_name = False
    for known, sender in _senders(store, lab, folder):
        said = clues(sender)
        if ("folder", sender.student) in said:  # no system's: a name that somebody chose
            said = [("own", sender.student), ("number", sender.number)]
        for kind, value in (*said, ("login", sender.login), ("email", sender.email)):
            lab_only = sender.system in ONE_LAB_ONLY and kind in ("participant", "number")
            if value and (known == lab or not lab_only):
                told.setdefault(kind, value)
        people = roster.find(sender)
        if len(people) == 1:
            by_name = by_name or not _found_by_id(sender, people[0])
            # The number that Moodle gives in one assignment is no other assignment's.
            for kind in KINDS[1:]:
                if value := getattr(people[0], kind):
                    told.setdefault(kind, value)
    return told, by_name


def _senders(store: Identities, lab: str, folder: str) -> list[tuple[str, Sender]]:
    """All that was said of a folder's owner, this lab first; its name, if it was put by hand."""
    records = sorted(store.of_folder(folder), key=lambda each: each[0] != lab)
    said = [(known, sender) for known, record in records for sender in record.person]
    return said or [(lab, Sender("folder name", folder, ""))]


def _found_by_id(sender: Sender, found: Person) -> bool:
    return any(
        value and getattr(found, kind).casefold() == value.casefold()
        for kind, value in clues(sender)
    )


def matched(
    people: Sequence[Recipient], rows: Sequence[Row], kinds: Sequence[str]
) -> tuple[list[tuple[Recipient, Row]], list[tuple[Recipient, str]]]:
    """Each person's row by the strongest of the `kinds` that both have; who has none, and why.

    Where the strongest says that they are different people, no weaker one is asked.
    """
    index: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        for kind, value in row.ids.items():
            index.setdefault((kind, value.casefold()), []).append(row)
    claims: dict[int, list[tuple[Recipient, Row]]] = {}
    left: list[tuple[Recipient, str]] = []
    for each in people:
        several = _rows_of(each, index, kinds)
        if len(several) == 1:
            claims.setdefault(several[0].line.number, []).append((each, several[0]))
        else:
            left.append((each, _why(each, len(several), index, kinds)))
    for line, claim in claims.items():
        if len(claim) > 1:
            left += [(each, f"line {line} would be another's, too") for each, _ in claim]
    return [claim[0] for claim in claims.values() if len(claim) == 1], left


def _rows_of(
    each: Recipient, index: Mapping[tuple[str, str], list[Row]], kinds: Sequence[str]
) -> list[Row]:
    stronger: list[str] = []
    for kind in kinds:
        value = each.ids.get(kind, "")
        if not value:
            continue
        rows = index.get((kind, value.casefold()), [])
        rows = [row for row in rows if not any(row.ids.get(other) for other in stronger)]
        if rows:
            return rows
        stronger.append(kind)
    own = each.ids.get("own", "").casefold()
    if own and not stronger:
        lines = {row.line.number: row for kind in kinds for row in index.get((kind, own), [])}
        return list(lines.values())
    return []


def _why(
    each: Recipient,
    rows: int,
    index: Mapping[tuple[str, str], list[Row]],
    kinds: Sequence[str],
) -> str:
    if rows > 1:
        return f"{rows} lines would be this person's"
    told = [(kind, each.ids[kind]) for kind in kinds if each.ids.get(kind)]
    if not told and not each.ids.get("own"):
        return (
            "no number or user name that this file has is known: collect again with --roster, and "
            "a list that has them"
        )
    for kind, value in told:
        if value != value.lstrip("0") and index.get((kind, value.lstrip("0"))):
            return f"{value} stands there without its leading zeros, as spreadsheets save it"
    shown = ", ".join(plain(value) for _, value in told) or plain(each.ids["own"])
    return f"{shown} is not in the file"
