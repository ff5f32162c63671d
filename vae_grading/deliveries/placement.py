"""What becomes of a collected notebook beside what lies in submitted/, and putting it there."""

import dataclasses
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.deliveries.candidates import Candidate
from vae_grading.deliveries.delivery import Damaged, Left
from vae_grading.deliveries.identities import Identities, Record
from vae_grading.deliveries.sender import earlier
from vae_grading.deliveries.times import FILE, read_timestamp

NEW, SAME, REPLACED = "new", "as before", "replaced"
EARLIER = "an earlier attempt"
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Placed:
    """A notebook and what is remembered of it; `outcome` is NEW, SAME or REPLACED."""

    candidate: Candidate
    record: Record
    outcome: str


def stage(
    chosen: Mapping[str, Candidate],
    staged: Path,
    course: Course,
    lab: str,
    store: Identities,
    source: str,
    left: list[Left],
    when: Callable[[Candidate], str] = lambda candidate: "",
) -> dict[str, Placed]:
    """Write every notebook beside the course first: a full disk shows before anything changes.

    `when` says when each was handed in, as it will stand in timestamp.txt, or "".

    What cannot be read, or does not belong where something else lies, goes to `left`.
    """
    found = {}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for folder, candidate in chosen.items():
        delivered = candidate.delivered
        try:
            data = delivered.read()
        except Damaged as damage:
            left.append(Left(delivered.path, str(damage)))
            continue
        record = Record(
            candidate.sent,
            delivered.path,
            source,
            delivered.modified,
            now,
            hashlib.sha256(data).hexdigest(),
            handed_in=when(candidate),
            members=candidate.members,
        )
        try:
            found[folder] = Placed(candidate, *_outcome(course, lab, folder, record, store))
        except _Refused as reason:
            left.append(Left(delivered.path, str(reason)))
        else:
            (staged / folder).write_bytes(data)
    return found


class _Refused(Exception):
    pass


def _outcome(
    course: Course, lab: str, folder: str, record: Record, store: Identities
) -> tuple[Record, str]:
    """What becomes of a notebook, and what is remembered. Raises _Refused, with the reason.

    What lies there was either collected as it is, or by a run that was killed, or by hand.
    """
    target = _target(course, lab, folder)
    known = store.get(lab, folder)
    there = _digest(target)
    is_earlier = known is not None and _is_before(record, known)
    if known is not None:
        others = (each for each in known.person if each.system != record.sender.system)
        record = dataclasses.replace(record, formerly=tuple(each for each in others if each.has_id))
    if not there or there == _EMPTY != record.digest:  # what a machine that failed leaves behind
        return record, NEW
    if there == record.digest:
        times = [each.handed_in for each in (record, known) if each and each.handed_in]
        # Handed in twice as it is: in time if the first was.
        record = known if known is not None and is_earlier else record
        return dataclasses.replace(record, handed_in=min(times, default="")), SAME
    if known is None:
        raise _Refused(
            f"submitted/{folder}/{lab} was put there by hand, and whose it is was not said: move "
            "it away, or collect first the delivery that it came from"
        )
    if is_earlier:
        told = earlier(record.sender, known.sender)
        by_file = f", by its file's time: if not, move submitted/{folder}/{lab} away first"
        raise _Refused(EARLIER + ("" if told else by_file))
    if record.digest == known.digest and there != known.before:
        raise _Refused(
            f"submitted/{folder}/{lab} was changed by hand since this was collected: move it away "
            "to collect this again"
        )
    return dataclasses.replace(record, before=there), REPLACED


def _is_before(one: Record, other: Record) -> bool:
    """By what the system says of the attempts; where it says nothing, by the files' times."""
    if earlier(one.sender, other.sender) or earlier(other.sender, one.sender):
        return earlier(one.sender, other.sender)
    told = one.sender.system == other.sender.system and (one.sender.attempt or one.sender.upload)
    return bool(not told and one.modified and one.modified < other.modified)


def _target(course: Course, lab: str, folder: str) -> Path:
    """Where a notebook goes. Raises _Refused where something else is in its place."""
    student = course.submitted / folder
    target = student / lab / f"{lab}.ipynb"
    for path in (student, target.parent):
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise _Refused(f"{path.relative_to(course.root)} is no folder: move it away")
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise _Refused(f"{target.relative_to(course.root)} is no plain file: move it away")
    flat = course.submitted / f"{folder}.ipynb"
    if os.path.lexists(flat):
        raise _Refused(f"submitted/{flat.name} lies beside it, and whose it is was not said")
    return target


def _digest(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place(
    placed: Mapping[str, Placed], staged: Path, course: Course, lab: str, store: Identities
) -> None:
    """Remember what will be there, put it there, remember that it is."""
    records = store.records.setdefault(lab, {})
    before = dict(records)
    records |= {folder: each.record for folder, each in placed.items()}
    course.submitted.mkdir(exist_ok=True)
    store.save()
    for folder, each in placed.items():
        target = course.submitted / folder / lab / f"{lab}.ipynb"
        if each.outcome == SAME:
            _date(target.parent, each, before.get(folder))
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if each.outcome == REPLACED:
            _keep(target, course.root / "replaced" / folder / lab)
        os.replace(staged / folder, target)
        _date(target.parent, each, before.get(folder))
        records[folder] = dataclasses.replace(each.record, before="")
    if any(each.record.before for each in placed.values()):
        store.save()


def _date(folder: Path, placed: Placed, before: Record | None) -> None:
    """Write down when the notebook was handed in, as nbgrader does.

    What somebody wrote there stays with the notebook that it is said of.
    """
    there, handed_in = read_timestamp(folder), placed.record.handed_in
    own = there is not None and there != (before.handed_in if before else "")
    if placed.outcome == SAME and (own or there == handed_in):
        return
    if handed_in:
        atomic.write_text(folder / FILE, f"{handed_in}\n")
    elif placed.outcome == REPLACED:
        (folder / FILE).unlink(missing_ok=True)


def _keep(old: Path, folder: Path) -> None:
    """Copy a submission that is about to be replaced, under the time at which it was collected."""
    folder.mkdir(parents=True, exist_ok=True)
    when = datetime.fromtimestamp(old.lstat().st_mtime).strftime("%Y-%m-%d-%H%M%S")
    number, kept = 1, folder / f"{when}.ipynb"
    while os.path.lexists(kept):
        number += 1
        kept = folder / f"{when}-{number}.ipynb"
    shutil.copy2(old, kept, follow_symlinks=False)
