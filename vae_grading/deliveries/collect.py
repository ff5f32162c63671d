"""Put what a learning-management system gives into submitted/<student>/<lab>/<lab>.ipynb."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from pathlib import Path

from rich.console import Console

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.course.dates import dates
from vae_grading.deliveries import identities
from vae_grading.deliveries.attendance import absent, said
from vae_grading.deliveries.candidates import Candidate, choose
from vae_grading.deliveries.collect_table import print_table
from vae_grading.deliveries.delivery import Delivered, Delivery, Left, opened
from vae_grading.deliveries.identities import Identities, Member
from vae_grading.deliveries.learning_systems import place_of, senders
from vae_grading.deliveries.placement import EARLIER, NEW, REPLACED, SAME, Placed, place, stage
from vae_grading.deliveries.roster import Person, Roster, person, read_roster
from vae_grading.deliveries.sender import Sender, read_pattern
from vae_grading.deliveries.teams import members
from vae_grading.deliveries.times import as_timestamp, instant
from vae_grading.plain_text import plain, quoted
from vae_helpers.errors import VaeLabError

ROSTER = "roster.csv"


@dataclass(frozen=True)
class Collected:
    """One student's notebook: the folder's name, where it came from, and what became of it."""

    student: str
    path: str
    sent: Sender
    outcome: str = NEW
    members: tuple[Member, ...] = ()


def collect(
    course: Course,
    lab_name: str,
    source: Path,
    *,
    pattern: str | None = None,
    roster: Path | None = None,
    dry_run: bool = False,
    console: Console | None = None,
) -> tuple[list[Collected], list[Left]]:
    """Collect one notebook a student from a zip or a folder, and print what became of each file.

    The latest attempt counts, whenever it is collected, and nobody's notebook goes where another
    person's lies: who each is from is remembered (see identities.py). A submission that is there
    already and differs is replaced; the old one is kept in `replaced/<student>/<lab>/`. With
    `dry_run` nothing is written. `pattern` is a regular expression with a group `student` (and
    perhaps `number`, which tells two of one name apart, and `attempt`, the greatest is the
    latest) for a system whose names are not known here. `roster` is the system's list of
    students, else the course's roster.csv: who on it handed in nothing is said.

    Returns what was collected, and what was left with the reason. Raises VaeLabError, with nothing
    changed, for an unknown lab, a source or a roster that cannot be read, a source in which
    nothing is usable.
    """
    console = console or Console()
    lab = course.lab(lab_name).name
    wanted = read_pattern(pattern) if pattern is not None else None
    if source.resolve() == course.submitted.resolve():
        raise VaeLabError(f"{source} is where submissions are collected into: name another folder")
    zone = dates(course, lab).zone
    with identities.only_collection(course):
        store = identities.read(course)
        people = _people(course, roster, store)
        store.roster = [each.as_dict() for each in people]
        with opened(source) as delivery:
            whose = senders(
                delivery,
                course.labs(),
                pattern=wanted,
                top=source.stem,
                users=Roster(people).logins() | _of_blackboard(store, "login"),
                heads=_of_blackboard(store, "number", lab),
            )
            chosen, left = choose(whose, lab, course, store, Roster(people))
            left = delivery.left + left
            with (
                atomic.explained(course.submitted),
                tempfile.TemporaryDirectory(prefix=".collect-", dir=course.root) as staged,
            ):
                when = partial(_handed_in, Roster(people), zone)
                placed = stage(chosen, Path(staged), course, lab, store, source.name, left, when)
                if not placed and not any(each.reason.startswith(EARLIER) for each in left):
                    print_table([], left, console)
                    raise VaeLabError(_nothing(source, lab, delivery, left))
                if not dry_run:
                    place(placed, Path(staged), course, lab, store)
    left = list(dict.fromkeys(left))
    collected = [
        Collected(
            folder,
            each.candidate.delivered.path,
            each.candidate.sent,
            each.outcome,
            each.record.members,
        )
        for folder, each in placed.items()
    ]
    print_table(collected, left, console)
    _tell(collected, left, lab, dry_run, console)
    for line in (*_odd_times(people, zone), *_of_teams(store, lab, placed)):
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    if people:
        _tell_absent(course, lab, store, placed, _of_left(left, whose, course, source), console)
    return collected, left


def _people(course: Course, roster: Path | None, store: Identities) -> list[Person]:
    """The roster that is named, or lies in the course, or was remembered."""
    if roster is None and (course.root / ROSTER).is_file():
        roster = course.root / ROSTER
    return read_roster(roster) if roster else [person(each) for each in store.roster]


def _handed_in(roster: Roster, zone: tzinfo | None, candidate: Candidate) -> str:
    """When a notebook was handed in, as nbgrader writes it: by what the system says of it, the
    system's own list, or, of Moodle's files, the time in the zip; "" where nothing says so."""
    sent = candidate.sent
    people = roster.find(sent)
    said = [sent.time, people[0].handed_in if len(people) == 1 else ""]
    if sent.system == "Moodle":
        said.append(candidate.delivered.modified)
    found = next(filter(None, (instant(each, zone) for each in said if each)), None)
    return as_timestamp(found) if found else ""


def _of_blackboard(store: Identities, part: str, lab: str | None = None) -> set[str]:
    """What is remembered of Blackboard's senders, in this lab or in all."""
    found = store.records.values() if lab is None else [store.records.get(lab, {})]
    sent = [record.sender for records in found for record in records.values()]
    return {getattr(each, part) for each in sent if each.system == "Blackboard"} - {""}


def _odd_times(people: Iterable[Person], zone: tzinfo | None) -> list[str]:
    """A line about times in the list that are not understood, where there are any."""
    said = [each.handed_in for each in people if each.handed_in not in ("", "-")]
    odd = [each for each in said if instant(each, zone) is None]
    if not odd:
        return []
    return [f"{len(odd)} times in the list are not understood, such as {quoted(odd[0])}."]


def _of_teams(store: Identities, lab: str, placed: Mapping[str, Placed]) -> list[str]:
    """A line for whoever is named in a notebook and gets no mark by that."""
    lines = [
        f"{folder} names {quoted(name)}, whom no one on the roster or more than one is called."
        for folder, each in placed.items()
        for name in each.candidate.unknown
    ]
    return [*lines, *members(store, lab)[1]]


def _of_left(
    left: list[Left],
    whose: Mapping[Delivered, list[Sender] | str],
    course: Course,
    source: Path,
) -> list[Sender]:
    """Who handed in what was not taken, as far as that is said."""
    known = {each.path: people for each, people in whose.items() if not isinstance(people, str)}
    labs = course.labs()
    found = []
    for each in left:
        named = place_of(each.path, labs, source.stem)
        found += known.get(each.path, [named] if named else [])
    return found


def _nothing(source: Path, lab: str, delivery: Delivery, left: list[Left]) -> str:
    """Why nothing was collected, in one line."""
    notebooks = {each.path for each in delivery.notebooks}
    reasons = [each.reason for each in left if each.path in notebooks]
    if not reasons:
        return (
            f"{source}: no notebook of {lab} in it whose student is known; "
            "see `vae-lab collect --help` for the names that are understood, or use --pattern"
        )
    more = f" (and {len(reasons) - 1} more, listed above)" if len(reasons) > 1 else ""
    return f"{source}: nothing in it could be collected: {plain(reasons[0])}{more}"


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


def _tell_absent(
    course: Course,
    lab: str,
    store: Identities,
    placed: Mapping[str, Placed],
    of_left: list[Sender],
    console: Console,
) -> None:
    """Who on the roster handed in nothing, and who only what was left."""
    missing = absent(course, lab, store, [each.candidate.sent for each in placed.values()])
    roster = Roster([person(each) for each in store.roster])
    maybe = {each for sender in of_left for each in roster.find(sender)}
    only_left = [each for each in missing if each in maybe]
    nothing = [each for each in missing if each not in maybe]
    total = len(store.roster)
    if only_left:
        text = f"Of {len(only_left)} on the roster all was left: {said(only_left)}"
        console.print(text, soft_wrap=True, markup=False, highlight=False)
    text = f"{len(nothing)} of the {total} on the roster handed in nothing"
    text += f": {said(nothing)}" if nothing else ""
    console.print(text, soft_wrap=True, markup=False, highlight=False)
