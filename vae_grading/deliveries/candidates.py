"""Which notebook of a delivery counts for each student; all others with the reason."""

import dataclasses
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from vae_grading.course.course import Course
from vae_grading.deliveries.delivery import Damaged, Delivered, Left
from vae_grading.deliveries.identities import Identities, Member, ids, is_same, two_people
from vae_grading.deliveries.roster import Roster
from vae_grading.deliveries.sender import Sender, fits, folder_name, in_order
from vae_grading.deliveries.teams import Teams


@dataclass(frozen=True)
class Candidate:
    """A notebook, whose it is, those who handed it in together with that one, and whom it names in
    vain."""

    delivered: Delivered
    sent: Sender
    members: tuple[Member, ...] = ()
    unknown: tuple[str, ...] = ()


def choose(
    whose: Mapping[Delivered, list[Sender] | str],
    lab: str,
    course: Course,
    store: Identities,
    roster: Roster,
) -> tuple[dict[str, Candidate], list[Left]]:
    """The notebook that counts for each folder of submitted/, and what does not count."""
    handed_in = Teams(lab, store, roster).read(whose)
    left = [Left(each.path, said) for each, said in handed_in.items() if isinstance(said, str)]
    groups: dict[str, tuple[str, list[Candidate]]] = {}
    known = store.folders(lab)
    for delivered, said in handed_in.items():
        if isinstance(said, str):
            continue
        folder, reason = _folder(said.sent, known, roster)
        if reason:
            left.append(Left(delivered.path, reason))
            continue
        # Some file systems do not tell upper from lower case.
        _, group = groups.setdefault(folder.casefold(), (folder, []))
        group.append(Candidate(delivered, said.sent, said.members, said.unknown))
    chosen, labs = {}, course.labs()
    there = {_folded(path.name): path.name for path in _folders(course.submitted)}
    for key, (folder, group) in sorted(groups.items()):
        called = {folder, *(each.sent.student for each in group)}
        if any(fits(f"{name}.ipynb", each) for name in called for each in labs):
            reason = "it is called as the lab, and does not say whose it is"
        else:
            reason = _unusable(folder, group, lab, there.get(key, folder), store, roster)
        if reason:
            left += [Left(each.delivered.path, reason) for each in group]
            continue
        best, others = _latest(group, lab, labs, alone=len(groups) == 1)
        left += others
        if best is not None:
            chosen[folder] = best
    return chosen, list(dict.fromkeys(left))


def _folder(
    sent: Sender, known: dict[tuple[str, ...], str], roster: Roster
) -> tuple[str, str | None]:
    """The folder in which a person's notebooks lie or are to lie, or why there is none.

    It is `known` from then on: a number stays a person's, also under another name.
    """
    folder = next((known[key] for key in ids(sent) if key in known), "")
    if not folder:
        people = roster.find(sent)
        if len(people) > 1:
            return "", f"the roster has {len(people)} called {sent.student}, and which is not said"
        folder = roster.folder(sent) or folder_name(sent.student)
    for key in ids(sent):
        known.setdefault(key, folder)
    return folder, None


def _unusable(
    folder: str,
    group: list[Candidate],
    lab: str,
    there: str,
    store: Identities,
    roster: Roster,
) -> str | None:
    """Why a group of notebooks is no student's, or None."""
    if not folder:
        return "nothing is left of its student's name that could be a folder's"
    people = list(dict.fromkeys(dataclasses.replace(each.sent, file="") for each in group))
    pairs = combinations(people, 2)
    if not all(is_same(one, other, roster, same_lab=True) for one, other in pairs):
        return two_people(folder, people)
    if there != folder:
        return f"submitted/{there} differs from {folder} in its letters only: rename one of them"
    return next(filter(None, (store.other(lab, folder, each, roster) for each in people)), None)


def _latest(
    group: list[Candidate], lab: str, labs: Iterable[str], *, alone: bool
) -> tuple[Candidate | None, list[Left]]:
    """A student's notebook of this lab from the latest attempt; the others with the reason."""
    left = []
    last = max((each.sent.attempt for each in group), key=in_order)
    pool = []
    for each in group:
        other = next((name for name in labs if name != lab and fits(each.sent.file, name)), None)
        if other:
            left.append(Left(each.delivered.path, f"a notebook of {other}"))
        elif in_order(each.sent.attempt) < in_order(last):
            left.append(Left(each.delivered.path, "an earlier attempt"))
        else:
            pool.append(each)
    if called := [each for each in pool if fits(each.sent.file, lab)]:
        pool = _without(pool, called, f"beside one called {lab}.ipynb", left)
    if loose := [each for each in pool if not each.delivered.archive]:
        pool = _without(pool, loose, "in an archive, beside one that is in none", left)
    if not pool:
        return None, left
    rank = {each: (each.sent.upload, each.sent.file == f"{lab}.ipynb") for each in pool}
    best = [each for each in pool if rank[each] == max(rank.values())]
    if len(best) > 1 and not (called and _alike(best)):
        reason = f"several notebooks, and which of them is {lab}.ipynb is not said"
        if alone and best[0].sent.system == "folder name":
            reason = (
                f"several notebooks in the one folder {best[0].sent.student}: if their names say "
                "whose they are, unpack it, and collect that folder itself"
            )
        return None, left + [Left(each.delivered.path, reason) for each in pool]
    others = _without(pool, best, "an earlier upload", left)
    _without(others, others[:1], "the same as another one", left)
    return others[0], left


def _without(
    pool: list[Candidate], kept: list[Candidate], reason: str, left: list[Left]
) -> list[Candidate]:
    left += [Left(each.delivered.path, reason) for each in pool if each not in kept]
    return kept


def _alike(candidates: list[Candidate]) -> bool:
    try:
        return len({each.delivered.read() for each in candidates}) == 1
    except Damaged:
        return False


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
