"""What is put right in a notebook before it is graded: each of the lab's cells is found again.

Editors and platforms lose metadata and ids, students delete, copy, move and change what they were
given. A cell of the lab is known by its grade id, else by its cell id, else by its unchanged
source, else by standing where a cell is missing. What is not found is put back as released.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from vae_grading.submissions.cell_code import global_names
from vae_grading.submissions.hand_in import Unreadable

PUT_BACK = "vae_lab_put_back"  # in the metadata of a given cell that only the judge runs
ANSWERED_BESIDE = "vae_lab_answered_beside"  # of a written question with an answer in other cells
FEWEST_KNOWN = 3  # cells known by id or source alone: fewer may stand in any notebook
MOST_CANDIDATES = 100  # cells that may be one that is missing
Cell = dict[str, Any]


@dataclass(frozen=True)
class Repaired:
    """A submission with the lab's cells in it, and what was done: `notes`."""

    notebook: dict[str, Any]
    notes: tuple[str, ...]


def repair(notebook: dict[str, Any], release: dict[str, Any], lab: str) -> Repaired:
    """Give each of the release's cells its place and its metadata back, and tell what was done.

    Of a cell that was copied the last one with its marks counts, the others become ordinary cells;
    marks on other cells are dropped. A graded cell, an answer or a question that is missing comes
    back as released. A given cell that is missing or was changed comes back in addition, for the
    judge alone: what it defines stands, whatever became of it. Sources are left alone: whoever
    judges restores those that are locked.

    Raises Unreadable when none of the lab's cells is there.
    """
    cells = copy.deepcopy(notebook["cells"])
    released = release["cells"]
    places = _Places(cells, released)
    if not places.known:
        raise Unreadable(
            "wrong-lab",
            f"None of {lab}'s cells is in the notebook.",
            f"Ask for {lab}.ipynb; this looks like another notebook under its name.",
        )
    notes = _restore_marks(cells, released, places)
    _mark_answers_beside(cells, released, places, notes)
    repaired = _with_missing(cells, released, places, notes)
    _make_ids_unique(repaired)
    # Kernel and language are the lab's; widgets' saved state and the like are of no use here.
    metadata = copy.deepcopy(release["metadata"])
    return Repaired({**notebook, "cells": repaired, "metadata": metadata}, tuple(notes))


def grade_id(cell: Cell) -> str:
    """The cell's grade id, or "" where it has none, or one that is no text."""
    marks = cell["metadata"].get("nbgrader")
    name = marks.get("grade_id", "") if isinstance(marks, dict) else ""
    return name if isinstance(name, str) else ""


class _Places:
    """Which cell of a submission is which of the release: `of[released] = submitted`.

    `by_marks` are those that were known by their grade id.
    """

    def __init__(self, cells: Sequence[Cell], released: Sequence[Cell]) -> None:
        self._cells, self._released = cells, released
        self.of: dict[int, int] = {}
        self._taken: set[int] = set()
        self._find_by_grade_id()
        self.by_marks = frozenset(self.of)
        self._find_by_id()
        self._find_by_source()
        marked = [place for place in self.of if grade_id(released[place])]
        self.known = bool(self.by_marks) or (bool(marked) and len(self.of) >= FEWEST_KNOWN)
        if self.known:
            self._find_answers()

    def _take(self, released: int, submitted: int) -> None:
        self.of[released] = submitted
        self._taken.add(submitted)

    def _free(self) -> list[int]:
        return [place for place in range(len(self._cells)) if place not in self._taken]

    def _missing(self) -> list[int]:
        return [place for place in range(len(self._released)) if place not in self.of]

    def _find_by_grade_id(self) -> None:
        wanted = {grade_id(cell): place for place, cell in enumerate(self._released)}
        found = {grade_id(cell): place for place, cell in enumerate(self._cells)}  # the last counts
        for name, submitted in found.items():
            if name and name in wanted:
                self._take(wanted[name], submitted)

    def _find_by_id(self) -> None:
        wanted = {self._released[place].get("id"): place for place in self._missing()}
        for submitted in self._free():
            cell = self._cells[submitted]
            place = wanted.get(cell.get("id"))
            if place is not None and place not in self.of and not grade_id(cell):
                self._take(place, submitted)

    def _find_by_source(self) -> None:
        """Unchanged cells: first those that are the only ones of their text, then, between these,
        the others."""
        ours = _by_text(self._released, self._missing())
        theirs = _by_text(self._cells, self._free())
        for text, (place, *others) in ours.items():
            if not others and len(theirs.get(text, ())) == 1:
                self._take(place, theirs[text][0])
        for place in self._missing():
            text = _text(self._released[place])
            same = (each for each in self._between(place) if text == _text(self._cells[each]))
            if text and (submitted := next(same, None)) is not None:
                self._take(place, submitted)

    def _find_answers(self) -> None:
        """An answer without its marks stands between the cells around it that are known, or, if it
        defines what was asked for, anywhere."""
        for place in self._missing():
            original = self._released[place]
            if not _is_answer(original):
                continue
            names = global_names(original["source"])[1] if original["cell_type"] == "code" else ()
            near = [each for each in self._between(place) if self._cells[each]["source"].strip()]
            fitting = [each for each in near if self._defines(each, names)]
            if names and not fitting:
                fitting = [each for each in self._free() if self._defines(each, names)][-1:]
            alike = [each for each in fitting or near if self._type(each) == original["cell_type"]]
            if alike or (near and _is_written(original)):
                self._take(place, (alike or near)[0])

    def _between(self, place: int) -> list[int]:
        """Cells that are nobody's yet, between the known neighbours of a missing one."""
        before = max((each for each in self.of if each < place), default=None)
        after = min((each for each in self.of if each > place), default=None)
        first = -1 if before is None else self.of[before]
        last = len(self._cells) if after is None else self.of[after]
        free = (each for each in range(first + 1, last) if each not in self._taken)
        return list(islice(free, MOST_CANDIDATES))

    def _defines(self, submitted: int, names: Iterable[str]) -> bool:
        cell = self._cells[submitted]
        return cell["cell_type"] == "code" and {*names} <= global_names(cell["source"])[1]

    def _type(self, submitted: int) -> str:
        return self._cells[submitted]["cell_type"]


def _by_text(cells: Sequence[Cell], places: Iterable[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place in places:
        if text := _text(cells[place]):
            found.setdefault(text, []).append(place)
    return found


def _restore_marks(cells: list[Cell], released: Sequence[Cell], places: _Places) -> list[str]:
    notes = []
    originals = {submitted: released[place] for place, submitted in places.of.items()}
    names = {grade_id(cell) for cell in released if grade_id(cell)}
    found_again = 0
    for position, cell in enumerate(cells):
        original = originals.get(position)
        if original is None:
            if grade_id(cell) in names:
                notes.append(f"{grade_id(cell)} was there more than once; the last one counts.")
            cell["metadata"] = {}
            continue
        name = grade_id(original)
        if name and cell["cell_type"] != original["cell_type"]:
            notes.append(f"{name} had become a {cell['cell_type']} cell.")
            retype(cell, original["cell_type"])
        found_again += bool(name) and not grade_id(cell)
        cell["metadata"] = copy.deepcopy(original["metadata"])
    if found_again:
        notes.append(
            f"{found_again} cells had lost their marks as cells of the lab; they were found again "
            "by their ids, their text or their places."
        )
    return notes


def _mark_answers_beside(
    cells: Sequence[Cell], released: Sequence[Cell], places: _Places, notes: list[str]
) -> None:
    """A written question whose answer cell is untouched, while something was written around it."""
    lab = set(places.of.values())
    for place, original in enumerate(released):
        answer = places.of.get(place)
        if not _is_written(original) or answer is None:
            continue
        if _text(cells[answer]) not in ("", _text(original)):
            continue
        if any(cells[each]["source"].strip() for each in _around(answer, lab, len(cells))):
            where = "stands in a cell beside the one for it"
        elif _question_was_changed(place, cells, released, places):
            where = "may stand in the question's own cell, whose text was changed"
        else:
            continue
        cells[answer]["metadata"][ANSWERED_BESIDE] = True
        notes.append(f"{grade_id(original)}: the answer {where}.")


def _around(place: int, lab: set[int], size: int) -> Iterable[int]:
    """The student's own cells next to this one."""
    for step in (-1, 1):
        each = place + step
        while 0 <= each < size and each not in lab:
            yield each
            each += step


def _question_was_changed(
    place: int, cells: Sequence[Cell], released: Sequence[Cell], places: _Places
) -> bool:
    """Whether the text just above a written answer is another than what was released."""
    before = place - 1
    if before < 0 or before not in places.of or released[before]["cell_type"] != "markdown":
        return False
    return _text(cells[places.of[before]]) != _text(released[before])


def _with_missing(
    cells: list[Cell], released: Sequence[Cell], places: _Places, notes: list[str]
) -> list[Cell]:
    """All cells, and after the one that it follows in the release each that is missing."""
    before: dict[int, list[Cell]] = {}  # by the position in front of which they are to stand
    after = -1
    for place, original in enumerate(released):
        submitted = places.of.get(place)
        name = grade_id(original)
        if submitted is None and name:
            before.setdefault(after + 1, []).append(copy.deepcopy(original))
            notes.append(f"{name} had been deleted; it was put back as released.")
        elif not name and original["cell_type"] == "code":
            if submitted is None:
                before.setdefault(after + 1, []).append(_put_back(original))
            elif not _same(cells[submitted], original):
                before.setdefault(submitted, []).append(_put_back(original))
        elif (
            submitted is not None
            and _is_question(original)
            and _text(cells[submitted]) != _text(original)  # with an answer in it, perhaps
        ):
            own = {**copy.deepcopy(cells[submitted]), "metadata": {}, "id": ""}
            before.setdefault(submitted + 1, []).append(own)
        if submitted is not None:
            after = submitted
    repaired = []
    for position, cell in enumerate(cells):
        repaired += before.get(position, [])
        repaired.append(cell)
    return [*repaired, *before.get(len(cells), [])]


def _put_back(original: Cell) -> Cell:
    cell = copy.deepcopy(original)
    cell["metadata"] = {PUT_BACK: True}
    return cell


def _make_ids_unique(cells: Iterable[Cell]) -> None:
    used: set[str] = set()
    for position, cell in enumerate(cells):
        if not cell.get("id") or cell["id"] in used:
            cell["id"] = f"cell-{position}"
        used.add(cell["id"])


def _is_answer(cell: Cell) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def _is_written(cell: Cell) -> bool:
    marks = cell["metadata"].get("nbgrader", {})
    return bool(marks.get("solution") and marks.get("grade"))


def _is_question(cell: Cell) -> bool:
    return cell["cell_type"] == "markdown" and bool(grade_id(cell)) and not _is_answer(cell)


def _same(one: Cell, other: Cell) -> bool:
    return one["cell_type"] == other["cell_type"] and _text(one) == _text(other)


def _text(cell: Cell) -> str:
    """A cell's source without what editors change: space at the ends of lines and of the cell."""
    return "\n".join(line.rstrip() for line in cell["source"].strip().splitlines())


def retype(cell: Cell, cell_type: str) -> None:
    """Make it a cell of another type, with the same source."""
    cell["cell_type"] = cell_type
    if cell_type == "code":
        cell["outputs"], cell["execution_count"] = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
