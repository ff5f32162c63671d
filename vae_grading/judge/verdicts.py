"""From what became of a notebook's test cells to one verdict for each graded cell."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from vae_grading.course.lab import Lab
from vae_grading.judge.job import KERNEL_DIED, LINE_FAILED, OUT_OF_TIME, RAISED, Reason
from vae_grading.marks import results
from vae_grading.marks.results import CellResult
from vae_grading.plain_text import plain, quoted
from vae_grading.submissions.repair import ANSWERED_BESIDE

REASONS = {
    KERNEL_DIED: "kernel-died",
    OUT_OF_TIME: results.OUT_OF_TIME,
    LINE_FAILED: "line-failed",
}
CHECK_FAILED = "CheckFailed"
LONGEST = 600, 500, 90  # what was seen, what it means, where to look
LONGEST_MESSAGE = 1200
_SLUG = re.compile(r"\[([a-z0-9][a-z0-9-]*)\]\s*$")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class _Said(NamedTuple):
    seen: str = ""
    meaning: str = ""
    look: str = ""
    slug: str | None = None
    reason: str | None = None
    misconception: str = ""


_NOT_DONE = _Said("The exercise is not done yet.", slug="not-done")


def verdicts(
    lab: Lab,
    executed: dict[str, Any],
    release: dict[str, Any],
    ends: Mapping[str, Reason | None],
) -> tuple[CellResult, ...]:
    """One result for each graded cell of the lab, in order.

    `ends` say of each test cell that was judged, by grade id, why it failed, or None.
    """
    cells, released = _by_grade_id(executed), _by_grade_id(release)
    found = []
    for exercise in lab.exercises:
        for graded in exercise.graded:
            name = graded.grade_id
            untouched = _untouched(exercise.solutions_of(name), cells, released)
            points: float | None = 0.0
            said = _Said()
            if graded.manual and not untouched:
                points = None
            elif graded.manual:
                if _answered_beside(exercise.solutions, cells):
                    points = None
                else:
                    said = _Said("No answer was written.", slug="not-done")
            elif name not in ends or name not in cells:
                said = _Said("The cell is missing.", reason="no-verdict")
            elif (failed := ends[name]) is None:
                points = graded.points
            else:
                said = _outcome(failed)
                if untouched and said.slug is None and said.reason is None:
                    said = _NOT_DONE
            found.append(CellResult(name, points, graded.points, *said))
    return tuple(found)


def _untouched(keys: tuple[str, ...], cells: dict[str, Any], released: dict[str, Any]) -> bool:
    """Whether every one of these solution cells is as it was released."""
    return all(
        key in cells and cells[key]["source"].strip() == released[key]["source"].strip()
        for key in keys
    )


def _answered_beside(keys: tuple[str, ...], cells: dict[str, Any]) -> bool:
    return any(ANSWERED_BESIDE in cells[key]["metadata"] for key in keys if key in cells)


def _outcome(failed: Reason) -> _Said:
    """What a failed test cell has to say."""
    if failed.slug is not None:
        told = zip((failed.seen, failed.meaning, failed.look), LONGEST, strict=True)
        seen, meaning, look = (_clean(part)[:most] for part, most in told)
        return _Said(seen, meaning, look, failed.slug, misconception=failed.misconception)
    said = _clean(failed.why)
    if failed.name in REASONS:
        return _Said(said, reason=REASONS[failed.name])
    if failed.name == RAISED:  # the student's words, marked and cut as such
        return _Said(said, slug="raised")
    if failed.name == "NotImplementedError":
        return _NOT_DONE
    if failed.name == "NameError":
        missing = re.search(r"name '(\w+)' is not defined", said)
        what = missing.group(1) if missing else "A name"
        return _Said(
            f"{what} is not defined: the cell that defines it did not run to its end.",
            slug="not-defined",
        )
    if said.startswith("✗"):
        return _written(said[:LONGEST_MESSAGE], named=failed.name == CHECK_FAILED)
    return _Said(f"The check stopped with {failed.name}: {quoted(said)}", slug="raised")


def _written(text: str, *, named: bool) -> _Said:
    """What a course's own test cell says, which may write it as the labs' checks do: what was seen,
    what it means, "See ..." and, in an error that it calls CheckFailed, a slug."""
    found = _SLUG.search(text) if named else None
    slug = found.group(1) if found else None
    lines = [line.strip() for line in _SLUG.sub("", text).splitlines() if line.strip()]
    seen, meaning = lines[0].removeprefix("✗").strip(), lines[1:]
    look = meaning.pop() if meaning and meaning[-1].startswith("See ") else ""
    return _Said(seen or "The check failed.", " ".join(meaning), look, slug)


def _clean(text: str) -> str:
    """Without what is no text: colors, half a surrogate pair, controls."""
    text = _ANSI.sub("", text).strip().encode("utf-8", "replace").decode()
    return plain(text, lines=True)


def _by_grade_id(notebook: dict[str, Any]) -> dict[str, Any]:
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id")
    }
