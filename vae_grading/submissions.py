"""The submissions in a folder, and what is put right in a notebook before it is graded."""

import copy
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vae_helpers.errors import VaeLabError

LARGEST_BYTES = 25_000_000
MOST_CELLS = 5_000


@dataclass(frozen=True)
class Submission:
    """One student's notebook; `notebook` may turn out not to exist."""

    student: str
    notebook: Path


class Unreadable(Exception):
    """A submission that cannot be graded: `problem`, `reason` and `next_step` say why."""

    def __init__(self, problem: str, reason: str, next_step: str) -> None:
        super().__init__(problem, reason, next_step)
        self.problem, self.reason, self.next_step = problem, reason, next_step


def find_submissions(folder: Path, lab: str) -> list[str]:
    """The students who have `<student>/<lab>/` or `<student>.ipynb` in the folder, sorted.

    Raises VaeLabError when the folder is absent or holds neither.
    """
    if not folder.is_dir():
        raise VaeLabError(
            f"{folder}: there is no such folder; put the submissions into "
            f"{folder}/<student>/{lab}/{lab}.ipynb, or name their folder with --submitted DIR"
        )
    found = set()
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".ipynb"):
                found.add(entry.name.removesuffix(".ipynb"))
            elif not entry.name.startswith(".") and os.path.isdir(os.path.join(entry.path, lab)):
                found.add(entry.name)
    if not found:
        raise VaeLabError(
            f"{folder} holds no submission for {lab}: expected {folder}/<student>/{lab}/{lab}.ipynb"
        )
    return sorted(found)


def submission(folder: Path, lab: str, student: str) -> Submission:
    """What a student of `find_submissions` has handed in."""
    nested = folder / student / lab
    flat = folder / f"{student}.ipynb"
    return Submission(student, nested / f"{lab}.ipynb" if nested.is_dir() else flat)


def read_bytes(path: Path, lab: str) -> bytes:
    """What was handed in, read once: all that follows speaks of these bytes. Raises Unreadable."""
    if path.is_symlink():
        raise Unreadable(
            "symlink", f"{path.name} is a symbolic link.", "Ask for the notebook itself."
        )
    if not path.is_file():
        raise Unreadable(
            "missing",
            f"There is no {lab}.ipynb; the folder holds {_held(path.parent)}.",
            f"Ask for the notebook, or rename it to {lab}.ipynb if it came under another name; "
            "then grade again.",
        )
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise Unreadable(
            "unreadable",
            f"The file cannot be read ({error.strerror}).",
            "Look at its permissions; then grade again.",
        ) from None
    if len(data) > LARGEST_BYTES:
        raise Unreadable(
            "too-large",
            f"The file has more than the {LARGEST_BYTES / 1e6:.0f} MB that are read.",
            "Ask for the notebook with its outputs cleared.",
        )
    return data


def _held(folder: Path) -> str:
    try:
        others = sorted(other.name for other in folder.iterdir() if other.is_file())
    except OSError:
        others = []
    return ", ".join(others[:3]) or "nothing"


def parse_notebook(data: bytes) -> dict[str, Any]:
    """The submitted notebook in nbformat 4. Raises Unreadable."""
    again = "Ask for the .ipynb file as JupyterLab saves it; then grade again."
    try:
        notebook = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Unreadable("not-json", "The file is not text.", again) from None
    except (ValueError, RecursionError) as error:
        raise Unreadable("not-json", f"The file is not JSON ({error}).", again) from None
    return _as_version_4(notebook, again)


def _as_version_4(notebook: Any, again: str) -> dict[str, Any]:
    import nbformat

    count = _cells(notebook)
    if count > MOST_CELLS:
        reason = f"It has {count:,} cells; at most {MOST_CELLS:,} are read."
        raise Unreadable("too-large", reason, again)
    try:
        found = nbformat.from_dict(notebook)
        found = nbformat.v4.upgrade(nbformat.convert(found, 4))
        # Joins lists of lines; and half a surrogate pair, which no file can hold, becomes "?".
        text = json.dumps(found, ensure_ascii=False).encode("utf-8", "replace").decode()
        found = nbformat.reads(text, as_version=4)
        for cell in found.cells:
            if cell.cell_type not in ("code", "markdown", "raw"):
                raise ValueError(f"a cell of type {cell.cell_type!r}")
            cell.metadata = cell.get("metadata") or {}
            if not isinstance(cell.source, str):
                raise ValueError("a cell whose source is not text")
    except Exception as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Unreadable(
            "not-a-notebook", f"It is JSON, but no notebook ({said}).", again
        ) from None
    return found


def _cells(notebook: Any) -> int:
    """How many cells a notebook seems to have; those of version 3 lie in worksheets."""
    if not isinstance(notebook, dict):
        return 0
    sheets = notebook.get("worksheets")
    parts = [notebook, *(sheets if isinstance(sheets, list) else ())]
    cells = (part.get("cells") for part in parts if isinstance(part, dict))
    return sum(len(each) for each in cells if isinstance(each, list))


def repair(
    notebook: dict[str, Any], release: dict[str, Any], lab: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Give each of the release's cells its place and its metadata back, and tell what was done.

    Cells are known by their grade id. One that was deleted comes back as released; of one that
    was copied, the last counts and the others become ordinary cells; the marks on other cells
    are dropped. Sources are left alone: nbgrader restores those that are locked.

    Raises Unreadable when none of the lab's cells is there.
    """
    originals = {grade_id(cell): cell for cell in release["cells"] if grade_id(cell)}
    repaired = copy.deepcopy(notebook)
    places: dict[str, int] = {}
    for position, cell in enumerate(repaired["cells"]):
        if grade_id(cell) in originals:
            places[grade_id(cell)] = position
    if not places:
        raise Unreadable(
            "wrong-lab",
            f"None of {lab}'s cells is in the notebook.",
            f"Ask for {lab}.ipynb; this looks like another notebook under its name.",
        )
    notes = []
    for position, cell in enumerate(repaired["cells"]):
        name = grade_id(cell)
        if name and places.get(name) == position:
            if cell["cell_type"] != originals[name]["cell_type"]:
                notes.append(f"{name} had become a {cell['cell_type']} cell.")
                _retype(cell, originals[name]["cell_type"])
            cell["metadata"] = copy.deepcopy(originals[name]["metadata"])
        else:
            if name in originals:
                notes.append(f"{name} was there more than once; the last one counts.")
            cell["metadata"] = {}
    notes += _bring_back(repaired["cells"], originals)
    # Kernel and language are the lab's; widgets' saved state and the like are of no use here.
    repaired["metadata"] = copy.deepcopy(release["metadata"])
    return repaired, tuple(notes)


def _bring_back(cells: list[dict[str, Any]], originals: dict[str, dict[str, Any]]) -> list[str]:
    """Insert each missing cell after the one that it follows in the release."""
    notes = []
    after = -1
    for name, original in originals.items():
        place = next((i for i, cell in enumerate(cells) if grade_id(cell) == name), None)
        if place is None:
            place = after + 1
            cells.insert(place, copy.deepcopy(original))
            notes.append(f"{name} had been deleted; it was put back as released.")
        after = place
    used: set[str] = set()
    for position, cell in enumerate(cells):
        if cell.get("id") in used:
            cell["id"] = f"cell-{position}"
        used.add(cell["id"])
    return notes


def grade_id(cell: dict[str, Any]) -> str:
    """The cell's grade id, or "" where it has none, or one that is no text."""
    marks = cell["metadata"].get("nbgrader")
    name = marks.get("grade_id", "") if isinstance(marks, dict) else ""
    return name if isinstance(name, str) else ""


def _retype(cell: dict[str, Any], cell_type: str) -> None:
    cell["cell_type"] = cell_type
    if cell_type == "code":
        cell["outputs"], cell["execution_count"] = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
