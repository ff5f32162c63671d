"""What grading found, one JSON file a student, and the hash that says whether it still holds."""

import dataclasses
import hashlib
import importlib.metadata
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from vae_grading import atomic
from vae_grading.course import Course, Lab
from vae_helpers.errors import VaeLabError

SLUG = re.compile(r"\[([a-z0-9][a-z0-9-]*)\]\s*$")


@dataclass(frozen=True)
class CellResult:
    """The verdict on one graded cell.

    `points` is None where a person gives them. `message` says what was seen, what it means and
    where to look; `slug` names the misconception. `reason` says why the cell had no verdict
    (the kernel died, time ran out); it is None for a cell that was judged, rightly or wrongly.
    """

    grade_id: str
    points: float | None
    max_points: float
    message: str = ""
    slug: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Result:
    """Everything known about one student's submission.

    `problem` names what kept the whole submission from being graded ("missing", "not-json" ...);
    then `reason` says it in words and `next_step` what to do. `notes` tell what was put right
    before grading. `seconds` is wall-clock time.
    """

    student: str
    lab: str
    key: str
    cells: tuple[CellResult, ...]
    seconds: float = 0.0
    problem: str | None = None
    reason: str = ""
    next_step: str = ""
    notes: tuple[str, ...] = ()

    @property
    def needs_person(self) -> bool:
        """Whether somebody must look at it: it could not be graded, or a cell had no verdict."""
        return self.problem is not None or any(cell.reason for cell in self.cells)


def no_marks(lab: Lab, student: str, key: str, problem: str, reason: str, next_step: str) -> Result:
    """The result of a submission that could not be graded at all."""
    cells = tuple(
        CellResult(cell.grade_id, 0.0, cell.points, reason, None, problem) for cell in lab.graded
    )
    return Result(student, lab.name, key, cells, 0.0, problem, reason, next_step)


def save(course: Course, result: Result) -> None:
    text = json.dumps(dataclasses.asdict(result), indent=1, ensure_ascii=False) + "\n"
    atomic.write_text(_file(course, result.lab, result.student), text)


def load(course: Course, lab: str, student: str) -> Result | None:
    """The stored result, or None when there is none that can be read."""
    return _read(_file(course, lab, student))


def load_all(course: Course, lab: str) -> list[Result]:
    """All stored results, by student. Raises VaeLabError when nothing was graded yet."""
    found = [_read(path) for path in sorted(course.results(lab).glob("*.json"))]
    results = sorted((result for result in found if result), key=lambda result: result.student)
    if not results:
        raise VaeLabError(f"{lab} has no results yet: run `vae-lab grade {lab}` first")
    return results


def _read(path: Path) -> Result | None:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        cells = tuple(CellResult(**cell) for cell in stored.pop("cells"))
        return Result(**{**stored, "notes": tuple(stored["notes"])}, cells=cells)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _file(course: Course, lab: str, student: str) -> Path:
    # A student's id is a folder's name, but not every such name is safe in every file system.
    return course.results(lab) / f"{quote(student, safe=' @+-_.')}.json"


@cache
def fingerprint(course: Course, lab: str) -> str:
    """A hash of all that a mark depends on besides the submission: tests, checks, versions."""
    digest = hashlib.sha256(course.source(lab).read_bytes())
    packages = Path(__file__).parent.parent
    for path in sorted(
        [*(packages / "vae_helpers").rglob("*.py"), *(packages / "vae_grading").glob("*.py")]
    ):
        # Of the tools, only these decide on marks.
        if "vae_helpers" in path.parts or path.stem in (
            "autograder",
            "execution",
            "submissions",
            "verdicts",
            "worker",
        ):
            digest.update(path.read_bytes())
    for package in ("torch", "nbgrader", "nbclient", "ipykernel"):
        digest.update(_version(package).encode())
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "absent"
