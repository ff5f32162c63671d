"""Who every collected notebook is from, remembered beside the submissions.

One JSON file, `submitted/.collected.json`: for each lab and folder what the system said of the
person, and which bytes were put there. What lies in submitted/ is compared with it, never taken
for it: people put files there by hand, too.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.deliveries.roster import Roster
from vae_grading.deliveries.sender import ONE_LAB_ONLY, Sender, same_person
from vae_helpers.errors import VaeLabError

VERSION = 1


@dataclass(frozen=True)
class Member:
    """One of those who handed in together with a folder's owner, with a folder's name of their own
    (for feedback), and what is known of them by kind."""

    folder: str
    name: str
    participant: str = ""
    system_id: str = ""
    number: str = ""
    login: str = ""
    email: str = ""


@dataclass(frozen=True)
class Record:
    """A collected notebook.

    `path` is its path in the delivery `source`, `modified` the time that the delivery gives for
    the file, `collected` when it was collected (UTC), `digest` the SHA-256 of its bytes. `before`
    is that of what it replaces, until it is in its place: the trace of a run that was killed.
    `handed_in` is what was written into timestamp.txt, `members` are those who handed it in, too.
    `formerly` is the same person as other systems said it of what lay there before.
    """

    sender: Sender
    path: str
    source: str
    modified: str
    collected: str
    digest: str
    before: str = ""
    handed_in: str = ""
    formerly: tuple[Sender, ...] = ()
    members: tuple[Member, ...] = ()

    @property
    def person(self) -> tuple[Sender, ...]:
        """All that is known of the one whose it is."""
        return self.sender, *self.formerly


@dataclass
class Identities:
    """The records of a course by lab and folder, and the people of its roster, if it has one."""

    path: Path
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    roster: list[dict[str, str]] = field(default_factory=list)

    def get(self, lab: str, folder: str) -> Record | None:
        return self.records.get(lab, {}).get(folder)

    def of_folder(self, folder: str) -> Iterator[tuple[str, Record]]:
        """A folder's records with their labs."""
        for lab, records in self.records.items():
            if folder in records:
                yield lab, records[folder]

    def folders(self, lab: str) -> dict[tuple[str, ...], str]:
        """Where each known person's notebooks go, by the keys of `ids`."""
        found: dict[tuple[str, ...], str] = {}
        for known in sorted(self.records, key=lambda each: each == lab):
            for folder, record in self.records[known].items():
                for key in (key for each in record.person for key in ids(each)):
                    if known == lab or not key[-1]:
                        found[key] = folder
        return found

    def other(self, lab: str, folder: str, sender: Sender, roster: Roster) -> str | None:
        """Why what `sender` handed in for `lab` does not belong into the folder, or None."""
        for known, record in self.of_folder(folder):
            same_lab = known == lab
            same = {is_same(sender, each, roster, same_lab=same_lab) for each in record.person}
            if False in same:
                return two_people(folder, [*record.person, sender])
            # In the next lab Moodle's numbers are others: a name is all that there is.
            if True not in same and (same_lab or sender.student != record.sender.student):
                return (
                    f"submitted/{folder} is {record.sender}, of {record.sender.system}, and "
                    f"nothing says that {sender} is the same person: if so, put it there yourself"
                )
        return None

    def save(self) -> None:
        """Write all of it, or nothing. Raises VaeLabError."""
        records = {
            lab: {folder: dataclasses.asdict(each) for folder, each in sorted(found.items())}
            for lab, found in sorted(self.records.items())
        }
        text = json.dumps({"version": VERSION, "labs": records, "roster": self.roster}, indent=1)
        atomic.write_text(self.path, text + "\n")


def is_same(one: Sender, other: Sender, roster: Roster, *, same_lab: bool) -> bool | None:
    """Whether two are one person, also by a roster on which both are one; None if it is not told.

    A roster tells nothing against two numbers of one system: they are two people's.
    """
    same = same_person(one, other, same_lab=same_lab)
    if same is None:
        found = roster.find(one)
        return True if len(found) == 1 and found == roster.find(other) else None
    return same


def two_people(folder: str, people: Iterable[Sender]) -> str:
    """Why a folder is nobody's."""
    names = sorted({str(each) for each in people})
    return f"{len(names)} people would be {folder}: {', '.join(names)}; use --pattern"


def ids(sender: Sender) -> list[tuple[str, str, str, str]]:
    """The keys by which a person is found again; the last part says that it holds for a lab only.

    What is only sometimes given, an address, finds nobody: it may be a group's.
    """
    found = []
    if sender.number:
        within = "lab" if sender.system in ONE_LAB_ONLY else ""
        found.append((sender.system, "number", sender.number, within))
    if sender.login:
        found.append((sender.system, "login", sender.login.casefold(), ""))
    if sender.email and not sender.number:
        found.append((sender.system, "email", sender.email.casefold(), ""))
    return found


def read(course: Course) -> Identities:
    """What was remembered; nothing, before the first time. Raises VaeLabError when damaged."""
    path = course.submitted / ".collected.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Identities(path)
    except OSError as error:
        raise VaeLabError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise _damaged(path) from None
    if isinstance(said, dict) and said.get("version") not in (None, VERSION):
        raise VaeLabError(f"{path} was written by another version of VAE Lab: update this one")
    try:
        records = {
            lab: {folder: _record(each) for folder, each in found.items()}
            for lab, found in said["labs"].items()
        }
        roster = [{str(key): str(value) for key, value in each.items()} for each in said["roster"]]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise _damaged(path) from None
    return Identities(path, records, roster)


def _damaged(path: Path) -> VaeLabError:
    return VaeLabError(
        f"{path} is damaged: move it aside, and collect again the deliveries that were collected"
    )


def _record(said: dict[str, Any]) -> Record:
    formerly = tuple(_sender(each) for each in said["formerly"])
    members = tuple(Member(**each) for each in said.get("members", ()))
    parts = {"sender": _sender(said["sender"]), "formerly": formerly, "members": members}
    record = Record(**{**said, **parts})
    _require_text(record, but=parts)
    for each in members:
        _require_text(each, but=())
    return record


def _sender(said: dict[str, Any]) -> Sender:
    sender = Sender(**said)
    sender = dataclasses.replace(sender, group=tuple(sender.group), upload=int(sender.upload))
    _require_text(sender, but=("upload", "late", "group"))
    return sender


def _require_text(each: Any, but: Iterable[str]) -> None:
    for part in dataclasses.fields(each):
        if part.name not in but and not isinstance(getattr(each, part.name), str):
            raise ValueError(part.name)


@contextlib.contextmanager
def only_collection(course: Course) -> Iterator[None]:
    """Inside, this is the one run that collects. Raises VaeLabError beside another.

    The lock ends with the process, however that ends.
    """
    folder = os.open(course.root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(folder)
        raise VaeLabError(
            "another run is collecting into this course: wait for it to end; then run again"
        ) from None
    try:
        yield
    finally:
        os.close(folder)
