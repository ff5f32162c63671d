"""Those who hand in together: one notebook, one judgement, the mark to each.

Who they are is said by a system's own groups (Gradescope), by the column `team` of the roster, or
by the notebook, in a line of text "Handed in by: Ada Quill, Bo Reed" whose names are on the roster.
The first two are the instructor's words: whoever of a team hands in, hands in for all, and what
counts is the team's latest notebook. The third is a student's: it shares a mark with those who have
none of their own, and takes nobody's notebook away.
"""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vae_grading.deliveries.delivery import Damaged, Delivered
from vae_grading.deliveries.identities import Identities, Member, Record, ids
from vae_grading.deliveries.roster import Person, Roster, clues
from vae_grading.deliveries.sender import Sender

_SAID = re.compile(r"^\W*(?:handed in by|abgegeben von)\W*:(.*)$", re.IGNORECASE | re.MULTILINE)
_BETWEEN = re.compile(r"[,;&]|\s(?:and|und)\s", re.IGNORECASE)
MOST_NAMED = 12
_KINDS = ("participant", "system_id", "number", "login", "email")


@dataclass(frozen=True)
class HandedIn:
    """A notebook with the one in whose folder it belongs, the others, and who was named in vain."""

    sent: Sender
    members: tuple[Member, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass
class _Team:
    """A team of the roster: its owner, and what systems call its people, as far as it was seen."""

    owner: Sender
    seen: dict[Person, Sender] = field(default_factory=dict)


class Teams:
    """Who hands in with whom in one lab."""

    def __init__(self, lab: str, store: Identities, roster: Roster) -> None:
        self._roster = roster
        self._records = store.records.get(lab, {})
        self._known = store.folders(lab)
        self._teams: dict[str, _Team] = {}
        for record in self._records.values():
            if one := self._person(record.sender):
                self._team(one, record.sender)

    def read(
        self, whose: Mapping[Delivered, list[Sender] | str]
    ) -> dict[Delivered, HandedIn | str]:
        """Each notebook's owner and members, or why there is none."""
        for said in whose.values():  # all are seen before any is asked
            for sent in said if not isinstance(said, str) else ():
                if one := self._person(sent):
                    self._team(one, sent)
        return {
            each: said if isinstance(said, str) else self._read(each, said)
            for each, said in whose.items()
        }

    def _person(self, sent: Sender) -> Person | None:
        found = self._roster.find(sent)
        return found[0] if len(found) == 1 else None

    def _team(self, one: Person, sent: Sender) -> None:
        if one.team:
            team = self._teams.setdefault(one.team.casefold(), _Team(sent))
            team.seen.setdefault(one, sent)

    def _read(self, delivered: Delivered, senders: list[Sender]) -> HandedIn | str:
        sent, *others = senders
        if others:
            return self._group(senders)
        one = self._person(sent)
        if one is not None and one.team:
            return self._of_roster(sent, one)
        return self._named(delivered, sent, one)

    def _group(self, senders: Sequence[Sender]) -> HandedIn:
        """A system's own group: its notebook goes where one of it has one, or to the first."""
        owner = next(filter(self._has_record, senders), senders[0])
        others = [each for each in senders if each is not owner]
        return HandedIn(owner, tuple(self._member(self._person(each), each) for each in others))

    def _has_record(self, sent: Sender) -> bool:
        known = (self._known.get(key) for key in ids(sent))
        return any(folder in self._records for folder in known)

    def _of_roster(self, sent: Sender, one: Person) -> HandedIn | str:
        team = self._teams[one.team.casefold()]
        if team.owner.system != sent.system:
            return (
                f"the notebook of team {one.team} came from {team.owner.system}: collect all of a "
                "team from one system"
            )
        own = self._person(team.owner)
        mates = [
            each
            for each in self._roster.people
            if each.team.casefold() == one.team.casefold() and each != own
        ]
        members = tuple(self._member(each, team.seen.get(each)) for each in mates)
        return HandedIn(_in_the_name_of(team.owner, sent), members)

    def _named(self, delivered: Delivered, sent: Sender, one: Person | None) -> HandedIn:
        """What a notebook says of itself; who hands it in owns it."""
        try:
            names = named_in(delivered.read())
        except Damaged:
            names = []
        found, unknown = {}, []
        for name in names:
            people = self._called(name)
            if len(people) != 1:
                unknown.append(name)
            elif people[0] != one and name.casefold() != sent.student.casefold():
                found[people[0]] = self._member(people[0], None)
        return HandedIn(sent, tuple(found.values()), tuple(unknown))

    def _called(self, name: str) -> list[Person]:
        told = re.search(r"\(([^()]+)\)$", name)
        by_id = [
            each
            for each in self._roster.people
            if (told[1] if told else name) in (each.number, each.login, each.email)
        ]
        return by_id or self._roster.named(name)

    def _member(self, one: Person | None, sent: Sender | None) -> Member:
        """What is known of somebody by the roster, and by the system in this lab."""
        told = {kind: getattr(one, kind) for kind in _KINDS[1:]} if one else {}
        for kind, value in clues(sent) if sent and sent.has_id else ():
            if value and kind in _KINDS:
                told[kind] = value
        name = one.name if one else sent.student if sent else ""
        folder = self._roster.folder_of(one or Person(name))
        return Member(folder, name, **told)


def _in_the_name_of(owner: Sender, sent: Sender) -> Sender:
    """What one of a team has handed in, as the owner's."""
    parts = ("file", "attempt", "upload", "time", "late")
    return dataclasses.replace(owner, **{part: getattr(sent, part) for part in parts})


def named_in(notebook: bytes) -> list[str]:
    """The names in a notebook's own line "Handed in by: ...", in its text or in a list below it."""
    lowered = notebook[:50_000_000].lower()
    if b"handed in by" not in lowered and b"abgegeben von" not in lowered:
        return []
    try:
        cells = json.loads(notebook)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    for cell in cells if isinstance(cells, list) else ():
        found = _SAID.search(_markdown(cell))
        if found:
            return _names(found[1], _markdown(cell)[found.end() :])
    return []


def _markdown(cell: Any) -> str:
    if not isinstance(cell, dict) or cell.get("cell_type") != "markdown":
        return ""
    source = cell.get("source")
    parts = source if isinstance(source, list) else [source]
    return "".join(part for part in parts if isinstance(part, str))


def _names(line: str, below: str) -> list[str]:
    """Names in a line, or in the list that follows it."""
    parts = _BETWEEN.split(line) if re.search(r"\w", line) else []
    for item in below.splitlines()[1:] if not parts else ():
        found = re.fullmatch(r"\s*(?:[-*+]|\d+[.)])\s+(.+)", item)
        if not found and item.strip():
            break
        parts += [found[1]] if found else []
    names = (" ".join(part.strip(" *_`.\t").split()) for part in parts)
    return [name for name in names if name and len(name) <= 100][:MOST_NAMED]


def members(store: Identities, lab: str) -> tuple[dict[str, list[Member]], list[str]]:
    """Who shares the mark of each folder's owner, and a line for each who does not after all:
    who handed in alone has that mark, and whom two notebooks name has neither's."""
    records: dict[str, Record] = store.records.get(lab, {})
    claims: dict[str, list[tuple[str, Member]]] = {}
    lines = []
    folders = {folder.casefold() for folder in records}
    for folder, record in sorted(records.items()):
        for each in record.members:
            alone = store.path.parent / each.folder / lab
            if each.folder.casefold() in folders or alone.is_dir():
                lines.append(f"{each.folder} is named by {folder}, and has a notebook alone.")
            else:
                claims.setdefault(each.folder.casefold(), []).append((folder, each))
    found: dict[str, list[Member]] = {}
    for claim in claims.values():
        if len(claim) == 1:
            found.setdefault(claim[0][0], []).append(claim[0][1])
        else:
            names = " and ".join(folder for folder, _ in claim)
            lines.append(f"{claim[0][1].folder} is named by {names}, and has a mark of neither.")
    return found, lines
