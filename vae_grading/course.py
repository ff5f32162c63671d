"""A course folder and its labs: what there is, and how a lab's notebook divides into exercises.

The layout is nbgrader's (https://nbgrader.readthedocs.io): `source/<lab>/<lab>.ipynb` beside
`nbgrader_config.py`. Nothing here imports nbgrader or nbformat, which take seconds to load.
"""

import difflib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class Course:
    """The folder that holds nbgrader_config.py."""

    root: Path

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def gradebook(self) -> Path:
        return self.root / "gradebook.db"

    def source(self, lab: str) -> Path:
        return self.root / "source" / lab / f"{lab}.ipynb"

    def answers(self, lab: str) -> Path:
        return self.root / "source" / lab / "answers"

    def release(self, lab: str) -> Path:
        return self.root / "release" / lab / f"{lab}.ipynb"

    def solution(self, lab: str) -> Path:
        return self.root / "solutions" / lab / f"{lab}.ipynb"

    def autograded(self, lab: str, student: str) -> Path:
        return self.root / "autograded" / student / lab / f"{lab}.ipynb"

    def feedback(self, lab: str, student: str) -> Path:
        return self.root / "feedback" / student / lab / f"{lab}.html"

    @property
    def results(self) -> Path:
        """The database of what grading found: see store.py."""
        return self.root / ".vae-lab" / "results.db"

    @property
    def backups(self) -> Path:
        """Where the gradebook is copied to before a run changes it."""
        return self.root / ".vae-lab" / "backups"

    def labs(self) -> tuple[str, ...]:
        """Names of the labs: the folders of source/ that hold a notebook of their own name."""
        folders = sorted((self.root / "source").glob("*/"))
        return tuple(folder.name for folder in folders if self.source(folder.name).is_file())

    def lab(self, name: str) -> Lab:
        """The lab called `name`, read from its source.

        Raises VaeLabError when there is no such lab, or when its notebook breaks a rule.
        """
        known = self.labs()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            listed = ", ".join(known) or f"none yet: put one into {self.root / 'source'}"
            raise VaeLabError(f"there is no lab called {name!r}; {hint}known labs: {listed}")
        path = self.source(name)
        return read_lab(path, shown=path.relative_to(self.root))


def find_course(start: Path | None = None) -> Course:
    """The course that `start` (or else the current folder) lies in.

    Raises VaeLabError when no folder from there upwards holds nbgrader_config.py.
    """
    here = (start or Path.cwd()).resolve()
    if start is not None and not here.is_dir():
        raise VaeLabError(f"--course {start}: there is no such folder")
    for folder in (here, *here.parents):
        if (folder / "nbgrader_config.py").is_file():
            return Course(folder)
    raise VaeLabError(
        f"{here} lies in no course: go to the folder that holds nbgrader_config.py, "
        "or name it with --course DIR"
    )


def read_notebook(path: Path, *, shown: Path | str | None = None) -> dict[str, Any]:
    """The notebook as a dictionary whose sources are single strings.

    Raises VaeLabError when the file is absent or is no notebook.
    """
    shown = shown or path
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise VaeLabError(f"{shown}: there is no such file") from None
    except (ValueError, RecursionError) as error:
        raise VaeLabError(f"{shown} is not a notebook: it is not JSON ({error})") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise VaeLabError(f"{shown} is not a notebook: it has no list of cells")
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell.get("source", ""))
    return notebook


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
    return Lab(
        name=path.stem,
        notebook=path,
        title=about["title"],
        minutes_to_read=about["minutes_to_read"],
        minutes_to_work=about["minutes_to_work"],
        forbidden=tuple(about["forbidden"]),
        exercises=_exercises(notebook["cells"], shown),
    )


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
