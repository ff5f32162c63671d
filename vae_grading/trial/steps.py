"""What a trial runs and judges: the notebook's cells as grading takes them, tests as released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vae_checks.released import Part, Task, released_labs, released_notebook, tasks
from vae_grading.course.course import find_course
from vae_grading.course.notebooks import read_notebook
from vae_grading.judge.cells_to_run import ANSWER, NEEDED, TEST, plan
from vae_grading.submissions.hand_in import LARGEST_BYTES, Unreadable
from vae_grading.submissions.reading import read_notebook_file
from vae_grading.submissions.repair import ANSWERED_BESIDE, grade_id, repair
from vae_helpers.errors import VaeLabError

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """A cell to be run, or with `part` a graded cell to be judged; `key` is its grade id, if any.

    `given` is what the lab's author wrote, `answer` what a student writes where it is asked for.
    """

    source: str
    key: str
    given: bool = False
    answer: bool = False
    part: Part | None = None


@dataclass(frozen=True)
class Plan:
    """A notebook to be tried: of which lab, in which steps.

    `touched` are the solution cells with something of the student's, `notes` what was repaired.
    """

    lab: str
    tasks: tuple[Task, ...]
    steps: tuple[Step, ...]
    touched: frozenset[str]
    forbidden: tuple[str, ...]
    notes: tuple[str, ...]


def plan_of(path: Path) -> Plan:
    """Read a notebook and find out what is to be done with it.

    Raises VaeLabError for a file that cannot be read, is no notebook, or is none of a lab's.
    """
    try:
        read = read_notebook_file(_bytes(path))
        lab, release = _lab_of(read.notebook, path)
        repaired = repair(read.notebook, release, lab)
    except Unreadable as problem:
        raise VaeLabError(f"{path}: {problem.reason}") from None
    cells, all_tasks = repaired.notebook["cells"], tasks(release)
    parts = {part.grade_id: part for task in all_tasks for part in task.parts}
    steps = []
    for cell, kind in zip(cells, plan(cells, release["cells"]), strict=True):
        key, source = grade_id(cell), cell["source"]
        if kind == TEST and key in parts:
            steps.append(Step(parts[key].tests, key, part=parts[key]))
        elif kind in (ANSWER, NEEDED):
            is_answer = bool(cell["metadata"].get("nbgrader", {}).get("solution"))
            steps.append(Step(source, key, given=kind == NEEDED, answer=is_answer))
    return Plan(
        lab,
        all_tasks,
        tuple(steps),
        _touched(cells, release["cells"]),
        tuple(release["metadata"].get("vae_lab", {}).get("forbidden", ())),
        (*read.notes, *repaired.notes),
    )


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise VaeLabError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise VaeLabError(f"{path} is a folder; name the notebook in it") from None
    except OSError as error:  # Windows says so of a folder, too
        raise VaeLabError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST_BYTES:
        raise VaeLabError(
            f"{path} has more than the {LARGEST_BYTES / 1e6:.0f} MB that are read; clear its "
            "outputs and save it"
        )
    return data


def _lab_of(notebook: Notebook, path: Path) -> tuple[str, Notebook]:
    """The lab that most of the notebook's cells are from, and what students of it were given."""
    releases = _releases(path)
    known = {lab: _cells_of(notebook, release) for lab, release in releases.items()}
    lab = max(known, key=lambda name: known[name], default="")
    if not known.get(lab):
        raise VaeLabError(
            f"{path}: it holds no cell of a lab that is known here ({', '.join(known) or 'none'})"
        )
    return lab, releases[lab]


def _releases(path: Path) -> Mapping[str, Notebook]:
    """The labs of the course that the file lies in, else those that are installed."""
    try:
        course = find_course(path.resolve().parent)
        built = {lab: course.release(lab) for lab in course.labs()}
        found = {lab: read_notebook(file) for lab, file in built.items() if file.is_file()}
    except VaeLabError:
        found = {}
    return found or {lab: _joined(released_notebook(lab)) for lab in released_labs()}


def _joined(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def _cells_of(notebook: Notebook, release: Notebook) -> int:
    """How many of a notebook's cells are, by grade id, id or text, those of a lab."""
    ids, names, texts = _known(release["cells"])
    return sum(
        cell.get("id") in ids or grade_id(cell) in names or cell["source"].strip() in texts
        for cell in notebook["cells"]
    )


def _known(cells: Sequence[dict[str, Any]]) -> tuple[set[str], set[str], set[str]]:
    ids = {cell.get("id", "") for cell in cells}
    names = {grade_id(cell) for cell in cells}
    texts = {cell["source"].strip() for cell in cells}
    return ids - {""}, names - {""}, texts - {""}


def _touched(cells: Sequence[dict[str, Any]], released: Sequence[dict[str, Any]]) -> frozenset[str]:
    originals = {grade_id(cell): cell["source"].strip() for cell in released}
    return frozenset(
        grade_id(cell)
        for cell in cells
        if cell["metadata"].get("nbgrader", {}).get("solution")
        and (
            cell["source"].strip() not in ("", originals[grade_id(cell)])
            or ANSWERED_BESIDE in cell["metadata"]
        )
    )
