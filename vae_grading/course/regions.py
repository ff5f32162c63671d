"""The regions that an instructor marks in a cell: solutions, hidden tests, mark schemes.

A region begins at a line that contains `BEGIN SOLUTION` (or `BEGIN HIDDEN TESTS`,
`BEGIN MARK SCHEME`) and ends at the line with the matching `END ...`, as in nbgrader.
"""

import re
from collections.abc import Iterable
from typing import Any

SOLUTION, HIDDEN_TESTS, MARK_SCHEME = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
_DELIMITER = re.compile(r"\b(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)\b")


def split_regions(source: str) -> list[tuple[str | None, str]]:
    """Each line of a cell with the region that it lies in; delimiter lines are left out.

    >>> split_regions("a\\n### BEGIN SOLUTION\\nb\\n### END SOLUTION")
    [(None, 'a'), ('SOLUTION', 'b')]
    """
    lines = []
    region = None
    for line in source.split("\n"):
        delimiter = _DELIMITER.search(line)
        if delimiter:
            region = delimiter.group(2) if delimiter.group(1) == "BEGIN" else None
        else:
            lines.append((region, line))
    return lines


def without(source: str, regions: Iterable[str]) -> str:
    """The cell without these regions, and without any delimiter line.

    >>> without("a\\n### BEGIN HIDDEN TESTS\\nb\\n### END HIDDEN TESTS", [HIDDEN_TESTS])
    'a'
    """
    dropped = set(regions)
    return "\n".join(line for region, line in split_regions(source) if region not in dropped)


def hidden_lines(cells: Iterable[dict[str, Any]]) -> set[str]:
    """Lines that only the instructor may see: in a region somewhere, visible nowhere.

    A solution cell without a region is hidden as a whole, as nbgrader replaces it whole.
    """
    hidden: set[str] = set()
    visible: set[str] = set()
    for cell in cells:
        lines = split_regions(cell["source"])
        marks = cell.get("metadata", {}).get("nbgrader", {})
        has_solution = any(region == SOLUTION for region, _ in lines)
        whole = bool(marks.get("solution")) and not has_solution
        for region, line in lines:
            (hidden if whole or region else visible).add(line.strip())
    return {line for line in hidden - visible if any(letter.isalnum() for letter in line)}
