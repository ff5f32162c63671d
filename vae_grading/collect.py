"""Put what a learning-management system gives into submitted/<student>/<lab>/<lab>.ipynb."""

import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from vae_grading import atomic
from vae_grading.course import Course
from vae_grading.delivery import Damaged, Delivered, Left, opened
from vae_grading.plain_text import plain
from vae_grading.sender import Sender, fits, folder_name, read_pattern, sender
from vae_helpers.errors import VaeLabError

NEW, SAME, REPLACED = "new", "as before", "replaced"
MOST_ROWS = 200  # of a table that somebody reads in a terminal


@dataclass(frozen=True)
class Collected:
    """One student's notebook: the folder's name, where it came from, and what became of it."""

    student: str
    path: str
    sent: Sender
    outcome: str = NEW


@dataclass(frozen=True)
class _Candidate:
    delivered: Delivered
    sent: Sender


def collect(
    course: Course,
    lab_name: str,
    source: Path,
    *,
    pattern: str | None = None,
    dry_run: bool = False,
    console: Console | None = None,
) -> tuple[list[Collected], list[Left]]:
    """Collect one notebook a student from a zip or a folder, and print what became of each file.

    The latest attempt counts. A submission that is there already and differs is replaced; the old
    one is kept in `replaced/<student>/<lab>/`. With `dry_run` nothing is written. `pattern` is a
    regular expression with a group `student` (and perhaps `attempt`, the greatest is the latest)
    for a system whose names are not known here.

    Returns what was collected, and what was left with the reason. Raises VaeLabError, with nothing
    changed, for an unknown lab, a source that cannot be read, or one in which nothing is usable.
    """
    console = console or Console()
    lab = course.lab(lab_name).name
    wanted = read_pattern(pattern) if pattern is not None else None
    if source.resolve() == course.submitted.resolve():
        raise VaeLabError(f"{source} is where submissions are collected into: name another folder")
    with opened(source) as (notebooks, left):
        senders = ((each, sender(each.path, pattern=wanted, top=source.stem)) for each in notebooks)
        known = [_Candidate(each, sent) for each, sent in senders if sent]
        nameless = {each.path for each in notebooks} - {each.delivered.path for each in known}
        left += [Left(path, "its name does not say whose it is") for path in sorted(nameless)]
        chosen = _by_student(known, lab, course, left)
        if not chosen:
            _print([], left, console)
            raise VaeLabError(
                f"{source}: no notebook of {lab} in it whose student is known; "
                "see `vae-lab collect --help` for the names that are understood, or use --pattern"
            )
        with (
            tempfile.TemporaryDirectory(prefix=".collect-", dir=course.root) as staged,
            atomic.explained(course.submitted),
        ):
            chosen = _stage(chosen, Path(staged), left)
            collected = [
                _place(course, lab, student, candidate, Path(staged) / student, dry_run)
                for student, candidate in chosen.items()
            ]
    _print(collected, left, console)
    _tell(collected, left, lab, dry_run, console)
    return collected, left


def _by_student(
    candidates: Iterable[_Candidate], lab: str, course: Course, left: list[Left]
) -> dict[str, _Candidate]:
    """The notebook that counts for each student; what does not count goes to `left`."""
    groups: dict[str, list[_Candidate]] = {}
    for each in candidates:
        # Some file systems do not tell upper from lower case.
        groups.setdefault(folder_name(each.sent.student).casefold(), []).append(each)
    chosen = {}
    there = {_folded(path.name): path.name for path in _folders(course.submitted)}
    for key, group in sorted(groups.items()):
        name = folder_name(group[0].sent.student)
        reason = _unusable(name, group, lab, there.get(key, name))
        if reason:
            left += [Left(each.delivered.path, reason) for each in group]
            continue
        best, others = _latest(group, lab, course.labs())
        left += others
        if best is not None:
            chosen[name] = best
    return chosen


def _unusable(name: str, group: list[_Candidate], lab: str, there: str) -> str | None:
    """Why the name of a group of notebooks names no student, or None."""
    if not name:
        return "nothing is left of its student's name that could be a folder's"
    if fits(f"{name}.ipynb", lab):
        return "it is called as the lab, and does not say whose it is"
    people = {(each.sent.student, each.sent.number) for each in group}
    if len(people) > 1:
        names = sorted(f"{who} ({number})" if number else who for who, number in people)
        return f"{len(people)} people would be {name}: {', '.join(names)}; use --pattern"
    if there != name:
        return f"submitted/{there} differs from {name} in its letters only: rename one of them"
    return None


def _latest(
    group: list[_Candidate], lab: str, labs: Iterable[str]
) -> tuple[_Candidate | None, list[Left]]:
    """A student's notebook of this lab from the latest attempt; the others with the reason."""
    left = []
    last = max(each.sent.attempt for each in group)
    pool = []
    for each in group:
        other = next((name for name in labs if name != lab and fits(each.sent.file, name)), None)
        if other:
            left.append(Left(each.delivered.path, f"a notebook of {other}"))
        elif each.sent.attempt < last:
            left.append(Left(each.delivered.path, "an earlier attempt"))
        else:
            pool.append(each)
    if called := [each for each in pool if fits(each.sent.file, lab)]:
        reason = f"beside one called {lab}.ipynb"
        left += [Left(each.delivered.path, reason) for each in pool if each not in called]
        pool = called
    if not pool:
        return None, left
    rank = {each: (each.sent.upload, each.sent.file == f"{lab}.ipynb") for each in pool}
    best = [each for each in pool if rank[each] == max(rank.values())]
    if len(best) > 1:
        reason = f"several notebooks, and which of them is {lab}.ipynb is not said"
        return None, left + [Left(each.delivered.path, reason) for each in pool]
    left += [Left(each.delivered.path, "an earlier upload") for each in pool if each not in best]
    return best[0], left


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _stage(chosen: dict[str, _Candidate], folder: Path, left: list[Left]) -> dict[str, _Candidate]:
    """Write every notebook beside the course first: a full disk shows before anything changes."""
    readable = {}
    for student, candidate in chosen.items():
        try:
            (folder / student).write_bytes(candidate.delivered.read())
        except Damaged as damage:
            left.append(Left(candidate.delivered.path, str(damage)))
        else:
            readable[student] = candidate
    return readable


def _place(
    course: Course, lab: str, student: str, candidate: _Candidate, staged: Path, dry_run: bool
) -> Collected:
    target = course.submitted / student / lab / f"{lab}.ipynb"
    outcome = NEW
    if os.path.lexists(target):
        same = target.is_file() and target.read_bytes() == staged.read_bytes()
        outcome = SAME if same else REPLACED
    if not dry_run and outcome != SAME:
        target.parent.mkdir(parents=True, exist_ok=True)
        if outcome == REPLACED:
            _keep(target, course.root / "replaced" / student / lab)
        os.replace(staged, target)
    return Collected(student, candidate.delivered.path, candidate.sent, outcome)


def _keep(old: Path, folder: Path) -> None:
    """Copy a submission that is about to be replaced, under the time at which it was collected."""
    folder.mkdir(parents=True, exist_ok=True)
    when = datetime.fromtimestamp(old.lstat().st_mtime).strftime("%Y-%m-%d-%H%M%S")
    number, kept = 1, folder / f"{when}.ipynb"
    while os.path.lexists(kept):
        number += 1
        kept = folder / f"{when}-{number}.ipynb"
    shutil.copy2(old, kept, follow_symlinks=False)


def _print(collected: list[Collected], left: list[Left], console: Console) -> None:
    if 0 < len(collected) <= MOST_ROWS:
        table = Table("student", _folded_column("from"), "known by", "", box=SIMPLE_HEAD)
        for each in collected:
            late = ", late" if each.sent.late else ""
            path = Text(plain(each.path))
            table.add_row(each.student, path, each.sent.system, each.outcome + late)
        console.print(table)
    if left:
        table = Table(_folded_column("left"), "why", box=SIMPLE_HEAD)
        for each in sorted(left, key=lambda each: each.path)[:MOST_ROWS]:
            table.add_row(Text(plain(each.path)), Text(plain(each.reason)))
        console.print(table)
        if len(left) > MOST_ROWS:
            console.print(f"... and {len(left) - MOST_ROWS} more")


def _folded_column(head: str) -> Column:
    return Column(head, overflow="fold")


def _tell(
    collected: list[Collected], left: list[Left], lab: str, dry_run: bool, console: Console
) -> None:
    counts = ", ".join(
        f"{sum(each.outcome == outcome for each in collected)} {outcome}"
        for outcome in (NEW, REPLACED, SAME)
    )
    console.print(
        f"{len(collected)} submissions for {lab} ({counts}); files left: {len(left)}.",
        soft_wrap=True,
    )
    if dry_run:
        console.print("Nothing was written: this was a dry run.")
    elif any(each.outcome == REPLACED for each in collected):
        console.print(f"What was replaced is kept in replaced/<student>/{lab}/.", soft_wrap=True)
