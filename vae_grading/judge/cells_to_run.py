"""Which cells of a submission have to run for its test cells to be judged.

Always: answers, and whatever a student added or changed, in the notebook's order. Of the
instructor's own cells only those that define a name which these, or a test, speak of: a cell that
trains for a minute to draw a figure has no part in any mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from vae_grading.submissions.cell_code import global_names

ANSWER, TEST, NEEDED, SKIPPED = "answer", "test", "needed", "skipped"
# What defines names that no line of a cell shows.
_DEFINES_UNSEEN = re.compile(
    r"(?:^|;)[ \t]*(?:from\s+\S+\s+import\s*\*|%(?:run|pylab)\b)", re.MULTILINE
)


def plan(cells: Sequence[dict[str, Any]], released: Sequence[dict[str, Any]]) -> list[str]:
    """For each cell of a submission: ANSWER or NEEDED (run it), TEST (judge it) or SKIPPED.

    `released` are the cells that students were given.
    """
    given = {cell["source"].strip() for cell in released if cell["cell_type"] == "code"}
    kinds = [_kind(cell, given) for cell in cells]
    _skip_answered_elsewhere(cells, kinds, given)
    wanted: set[str] = set()
    for cell, kind in zip(cells, kinds, strict=True):
        if kind in (ANSWER, TEST):
            wanted |= global_names(cell["source"])[0]
    # A name may be defined by a cell that itself speaks of names defined before, hence backwards.
    for index in range(len(cells) - 1, -1, -1):
        if kinds[index] == "given":
            used, defined = global_names(cells[index]["source"])
            if defined & wanted or _DEFINES_UNSEEN.search(cells[index]["source"]):
                kinds[index] = NEEDED
                wanted |= used
            else:
                kinds[index] = SKIPPED
    return kinds


def _kind(cell: dict[str, Any], given: set[str]) -> str:
    if cell["cell_type"] != "code" or not cell["source"].strip():
        return SKIPPED
    marks = cell["metadata"].get("nbgrader", {})
    if marks.get("solution"):
        return ANSWER
    if marks.get("grade"):
        return TEST
    if str(marks.get("grade_id", "")).endswith("-check"):
        return SKIPPED
    return "given" if marks.get("locked") or cell["source"].strip() in given else ANSWER


def _skip_answered_elsewhere(
    cells: Sequence[dict[str, Any]], kinds: list[str], given: set[str]
) -> None:
    """An untouched answer must not undo the one that a student wrote into a cell above it."""
    defined: set[str] = set()
    for index, cell in enumerate(cells):
        if kinds[index] != ANSWER:
            continue
        names = global_names(cell["source"])[1]
        is_untouched = cell["source"].strip() in given
        if is_untouched and names and names <= defined:
            kinds[index] = SKIPPED
        elif not is_untouched and not cell["metadata"].get("nbgrader"):
            defined |= names
