"""What grading found out about one submission."""

import dataclasses
import json
from dataclasses import dataclass

from vae_grading.course.lab import Lab

NOT_GRADED = "not-graded"  # the problem of a submission that the next run takes up again
OUT_OF_TIME = "out-of-time"
MOST_NOTES = 20  # lines that a page shows about what was put right


@dataclass(frozen=True)
class CellResult:
    """The verdict on one graded cell.

    `points` is None where a person gives them. `seen`, `meaning` and `look` say what was seen, what
    it means and where to look; `slug` names the misconception, and `misconception` is the sentence
    that all who have it are told. `reason` says why the cell had no verdict (the kernel died, time
    ran out); it is None for a cell that was judged, rightly or wrongly.
    """

    grade_id: str
    points: float | None
    max_points: float
    seen: str = ""
    meaning: str = ""
    look: str = ""
    slug: str | None = None
    reason: str | None = None
    misconception: str = ""

    @property
    def message(self) -> str:
        """All that is said, in lines; "" for a cell that passed."""
        return "\n".join(filter(None, (self.seen, self.meaning, self.look)))


@dataclass(frozen=True)
class Result:
    """Everything known about one student's submission.

    `problem` names what kept the whole submission from being graded ("missing", "not-json" ...);
    then `reason` says it in words and `next_step` what to do. `notes` tell what was put right
    before grading, `doubts` what of it a person should look at. `seconds` is wall-clock time.
    `submission` is the hash of the file that was graded, "" where there was none that could be.
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
    submission: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def needs_person(self) -> bool:
        """Whether somebody must look at it: it could not be graded, a cell had no verdict, or its
        file was damaged."""
        return bool(self.problem or self.doubts) or any(cell.reason for cell in self.cells)

    def as_json(self) -> str:
        """One line of JSON."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Result":
        """Raises ValueError, TypeError or KeyError for a text that `as_json` did not write."""
        stored = json.loads(text)
        cells = tuple(CellResult(**cell) for cell in stored.pop("cells"))
        lists = {name: tuple(stored.get(name, ())) for name in ("notes", "doubts")}
        return cls(**{**stored, **lists}, cells=cells)


def no_marks(lab: Lab, student: str, key: str, problem: str, reason: str, next_step: str) -> Result:
    """The result of a submission that could not be graded at all."""
    cells = tuple(
        CellResult(cell.grade_id, 0.0, cell.points, reason, reason=problem) for cell in lab.graded
    )
    return Result(student, lab.name, key, cells, 0.0, problem, reason, next_step)
