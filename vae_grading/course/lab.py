"""A lab as its source notebook describes it: exercises, their cells and points."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vae_grading.course.notebooks import read_notebook
from vae_helpers.errors import VaeLabError

HEADING = re.compile(r"^#+ (Exercise|Question) (\d+): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class GradedCell:
    """One graded cell: `manual` when a person gives the points."""

    grade_id: str
    points: float
    manual: bool


@dataclass(frozen=True)
class Exercise:
    """A task with the cells that belong to it; `key` is the grade id of its first solution cell."""

    key: str
    word: str  # "Exercise" or "Question", as the heading says
    number: int
    title: str
    solutions: tuple[str, ...]
    check: str | None
    graded: tuple[GradedCell, ...]

    @property
    def kind(self) -> str:
        """ "auto" when a check gives the marks, "manual" when a person does."""
        return "manual" if any(cell.manual for cell in self.graded) else "auto"

    @property
    def points(self) -> float:
        return sum(cell.points for cell in self.graded)

    def solutions_of(self, grade_id: str) -> tuple[str, ...]:
        """The solution cells that a graded cell `<key>-<idea>` judges; all, if none fits by name.

        An exercise with several solution cells, such as a bug hunt, tells them apart so.
        """
        named = [key for key in self.solutions if f"{grade_id}-".startswith(f"{key}-")]
        return (max(named, key=len),) if named else self.solutions

    @property
    def label(self) -> str:
        """Short name for the head of a column: "3" for Exercise 3, "Q1" for Question 1."""
        return f"Q{self.number}" if self.word == "Question" else str(self.number)

    @property
    def plain_title(self) -> str:
        """The title without Markdown's code marks."""
        return self.title.replace("`", "")


@dataclass(frozen=True)
class Lab:
    """A lab as its source notebook describes it."""

    name: str
    notebook: Path
    title: str
    minutes_to_read: int
    minutes_to_work: int
    forbidden: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    libraries: tuple[str, ...] = ()  # beyond those of every lab, by the names of their imports

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def graded(self) -> tuple[GradedCell, ...]:
        return tuple(cell for exercise in self.exercises for cell in exercise.graded)

    def exercise_of(self, grade_id: str) -> Exercise | None:
        """The exercise that a solution, check or graded cell belongs to."""
        for exercise in self.exercises:
            graded = (cell.grade_id for cell in exercise.graded)
            if grade_id in (*exercise.solutions, exercise.check, *graded):
                return exercise
        return None


def read_lab(path: Path, *, shown: Path | str | None = None) -> Lab:
    """Divide a lab's source notebook into exercises.

    Raises VaeLabError, one line that names file and cell, for a duplicate grade id, bad points,
    missing metadata, or a graded cell that stands before the first exercise.
    """
    shown = shown or path
    notebook = read_notebook(path, shown=shown)
    about = notebook.get("metadata", {}).get("vae_lab")
    for name in ("title", "minutes_to_read", "minutes_to_work", "forbidden"):
        if not isinstance(about, dict) or name not in about:
            raise VaeLabError(
                f"{shown}: the notebook's metadata lack vae_lab.{name}; "
                "add it in JupyterLab's Property Inspector"
            )
    _require_told(about, shown)
    return Lab(
        name=path.stem,
        notebook=path,
        title=about["title"],
        minutes_to_read=about["minutes_to_read"],
        minutes_to_work=about["minutes_to_work"],
        forbidden=tuple(about["forbidden"]),
        exercises=_exercises(notebook["cells"], shown),
        libraries=tuple(about.get("libraries", ())),
    )


def _require_told(about: dict[str, Any], shown: Path | str) -> None:
    """Raise VaeLabError unless what the metadata say of the lab is of the right kinds."""
    for name in ("minutes_to_read", "minutes_to_work"):
        minutes = about[name]
        if isinstance(minutes, bool) or not isinstance(minutes, int | float) or minutes <= 0:
            raise VaeLabError(f"{shown}: vae_lab.{name} must be a number above 0, not {minutes!r}")
    names = about["forbidden"]
    if not isinstance(names, list) or not all(map(_is_of_helpers, names)):
        raise VaeLabError(
            f"{shown}: vae_lab.forbidden must be a list of names such as "
            f"'vae_helpers.gaussian_kl' (what another package has cannot be forbidden), "
            f"not {names!r}"
        )
    names = about.get("libraries", [])
    if not isinstance(names, list) or not all(map(_is_identifier, names)):
        raise VaeLabError(
            f"{shown}: vae_lab.libraries must be a list of names that can be imported, such as "
            f"'pyro', not {names!r}"
        )


def _is_identifier(name: Any) -> bool:
    return isinstance(name, str) and name.isidentifier()


def _is_of_helpers(name: Any) -> bool:
    package, *path = name.split(".") if isinstance(name, str) else [""]
    return package == "vae_helpers" and path != [] and all(map(str.isidentifier, path))


def _exercises(cells: list[dict[str, Any]], shown: Path | str) -> tuple[Exercise, ...]:
    found: list[tuple[re.Match[str], list[dict[str, Any]]]] = []
    first_use: dict[str, int] = {}
    for position, cell in enumerate(cells, start=1):
        if cell["cell_type"] == "markdown":
            found += [(heading, []) for heading in HEADING.finditer(cell["source"])]
        marks = cell.get("metadata", {}).get("nbgrader")
        if not marks:
            continue
        _require_sound(marks, f"{shown}, cell {position}", first_use)
        first_use[marks["grade_id"]] = position
        if not (marks["grade"] or marks["solution"]) and cell["cell_type"] == "markdown":
            continue
        if not found:
            raise VaeLabError(
                f"{shown}, cell {position}: {marks['grade_id']!r} stands before the first heading "
                "'Exercise N: ...'; a solution, check or graded cell belongs to an exercise"
            )
        found[-1][1].append({**marks, "cell_type": cell["cell_type"]})
    return tuple(_exercise(heading, marks, shown) for heading, marks in found)


def _require_sound(marks: dict[str, Any], where: str, first_use: dict[str, int]) -> None:
    """Raise VaeLabError unless a cell's nbgrader metadata is complete and its id is new."""
    grade_id = marks.get("grade_id")
    if not grade_id:
        raise VaeLabError(f"{where}: its nbgrader metadata has no grade_id; give the cell an id")
    where = f"{where} ({grade_id})"
    if grade_id in first_use:
        raise VaeLabError(
            f"{where}: the grade id is used twice, first in cell {first_use[grade_id]}; "
            "give each cell its own"
        )
    for name in ("grade", "solution", "locked", "schema_version"):
        if name not in marks:
            raise VaeLabError(f"{where}: its nbgrader metadata lacks {name!r}")
    points = marks.get("points")
    if marks["grade"] and (
        isinstance(points, bool) or not isinstance(points, int | float) or not 0 < points < 1000
    ):
        raise VaeLabError(f"{where}: points must be a number above 0, not {points!r}")


def _exercise(heading: re.Match[str], marks: list[dict[str, Any]], shown: Path | str) -> Exercise:
    word, number, title = heading.groups()
    solutions = tuple(mark["grade_id"] for mark in marks if mark["solution"])
    if not solutions:
        raise VaeLabError(f"{shown}: {word} {number} ({title}) has no solution cell")
    graded = tuple(
        GradedCell(mark["grade_id"], float(mark["points"]), bool(mark["solution"]))
        for mark in marks
        if mark["grade"]
    )
    if not graded:
        raise VaeLabError(f"{shown}: {word} {number} ({title}) has no graded cell")
    checks = [
        mark["grade_id"]
        for mark in marks
        if mark["locked"] and not mark["grade"] and mark["cell_type"] == "code"
    ]
    return Exercise(
        key=solutions[0],
        word=word,
        number=int(number),
        title=title.strip(),
        solutions=solutions,
        check=checks[0] if checks else None,
        graded=graded,
    )
