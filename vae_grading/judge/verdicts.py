"""From an executed notebook and its scores to one verdict for each graded cell."""

import re
from typing import Any

from vae_grading.course.lab import Lab
from vae_grading.judge.notebook import RAISED
from vae_grading.marks.results import OUT_OF_TIME, SLUG, CellResult
from vae_grading.plain_text import plain, quoted
from vae_grading.submissions.repair import ANSWERED_BESIDE

REASONS = {
    "KernelDied": "kernel-died",
    "OutOfTime": OUT_OF_TIME,
    "LineFailed": "line-failed",
}
CHECK_FAILED = "CheckFailed"  # the one error that names a misconception
LONGEST_MESSAGE = 1200
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def verdicts(
    lab: Lab, executed: dict[str, Any], release: dict[str, Any], scores: dict[str, float | None]
) -> tuple[CellResult, ...]:
    """One result for each graded cell of the lab, in order.

    `scores` are nbgrader's, by grade id; None there means that a person gives the points.
    """
    cells, released = _by_grade_id(executed), _by_grade_id(release)
    results = []
    for exercise in lab.exercises:
        for graded in exercise.graded:
            untouched = _untouched(exercise.solutions_of(graded.grade_id), cells, released)
            if graded.manual:
                empty = untouched and not _answered_beside(exercise.solutions, cells)
                points = 0.0 if empty else None
                message = "No answer was written." if empty else ""
                slug = "not-done" if empty else None
                results.append(CellResult(graded.grade_id, points, graded.points, message, slug))
                continue
            message, slug, reason = _outcome(cells.get(graded.grade_id))
            points = scores.get(graded.grade_id)
            if untouched and message and slug is None and reason is None:
                message, slug = "The exercise is not done yet.", "not-done"
            if points is None:
                points, reason = 0.0, reason or "no-verdict"
            results.append(
                CellResult(graded.grade_id, points, graded.points, message, slug, reason)
            )
    return tuple(results)


def _untouched(keys: tuple[str, ...], cells: dict[str, Any], released: dict[str, Any]) -> bool:
    """Whether every one of these solution cells is as it was released."""
    return all(
        key in cells and cells[key]["source"].strip() == released[key]["source"].strip()
        for key in keys
    )


def _answered_beside(keys: tuple[str, ...], cells: dict[str, Any]) -> bool:
    return any(ANSWERED_BESIDE in cells[key]["metadata"] for key in keys if key in cells)


def _outcome(cell: dict[str, Any] | None) -> tuple[str, str | None, str | None]:
    """Message, slug and reason of a graded cell; all empty when it passed."""
    if cell is None:
        return "The cell is missing.", None, "no-verdict"
    error = next((out for out in cell.get("outputs", ()) if out["output_type"] == "error"), None)
    if error is None:
        return "", None, None
    name, said = error.get("ename", ""), _ANSI.sub("", error.get("evalue", "")).strip()
    said = said.encode("utf-8", "replace").decode()  # half a surrogate pair fits into no page
    said = plain(said, lines=True)
    if name in REASONS:
        return said, None, REASONS[name]
    if name == CHECK_FAILED:
        slug = SLUG.search(said)
        return said[:LONGEST_MESSAGE], slug.group(1) if slug else None, None
    if name == RAISED:  # the student's words, marked and cut as such
        return said, "raised", None
    if name == "NotImplementedError":
        return "The exercise is not done yet.", "not-done", None
    if name == "NameError":
        missing = re.search(r"name '(\w+)' is not defined", said)
        what = missing.group(1) if missing else "A name"
        return (
            f"{what} is not defined: the cell that defines it did not run to its end.",
            ("not-defined"),
            None,
        )
    if said.startswith("✗"):  # a course's own test cell
        return said[:LONGEST_MESSAGE], None, None
    return f"The check stopped with {name}: {quoted(said)}", "raised", None


def _by_grade_id(notebook: dict[str, Any]) -> dict[str, Any]:
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id")
    }
