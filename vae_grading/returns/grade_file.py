"""The file of marks that a system gave out: which system's it is, its people, the lab's column.

Nothing is guessed: the column is the lab's by its name or by what the instructor says, and what a
spreadsheet has done to the file is told before anything is written into it.
"""

import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vae_grading.course.lab import Lab
from vae_grading.deliveries.roster import LARGEST_BYTES
from vae_grading.plain_text import plain
from vae_grading.returns.cells import Line, NoTable, Table, read_table
from vae_grading.returns.heading import Column, Heading, maximum_beside, read_heading
from vae_helpers.errors import VaeLabError

_SHORTENED = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)  # a long number in a spreadsheet
_SAVED = "it was saved by a spreadsheet: export it again from {}, and leave it closed"
_MOST_COLUMNS = 12  # that a message names


@dataclass(frozen=True)
class Row:
    """A person's row: what the system says of them by kind (number, login, ...)."""

    line: Line
    ids: dict[str, str]


@dataclass(frozen=True)
class GradeFile:
    """A system's file; `maximum` are the points that its column gives, "" where it is not said."""

    path: Path
    table: Table
    heading: Heading
    column: Column
    rows: list[Row]
    maximum: str

    @property
    def decimal_comma(self) -> bool:
        """Whether the file writes 2,5 for two and a half."""
        place = self.column.place
        written = [self.maximum, *(row.line.value(place) for row in self.rows)]
        return any(re.fullmatch(r"\d+,\d+", each) for each in written)


def read_grade_file(path: Path, lab: Lab, labs: Sequence[str], column: str | None) -> GradeFile:
    """Read the file. Raises VaeLabError, one line, where it is none, was changed by a spreadsheet,
    or does not say which column is the lab's."""
    data = _bytes(path)
    heading = _recognised(path, data)
    try:
        table = read_table(data)
    except NoTable as reason:
        said = _SAVED.format(heading.system) if "UTF-8" in str(reason) else "export it again"
        raise VaeLabError(f"{path}: {reason}, as {heading.system} writes it; {said}") from None
    if table.separator not in heading.separators:
        shown = {"\t": "tabs", ";": "semicolons", ",": "commas"}[table.separator]
        said = _SAVED.format(heading.system)
        raise VaeLabError(f"{path}: its columns are separated by {shown}; {said}")
    head = [cell.value.strip() for cell in table.lines[0].cells]
    found = _column(path, heading, lab, labs, column)
    possible, rows = _rows(path, table, heading)
    if not rows:
        raise VaeLabError(f"{path} names nobody: there is nothing below its heading")
    maximum = _maximum(path, heading, found, head, possible, rows)
    return GradeFile(path, table, heading, found, rows, maximum)


def _bytes(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise VaeLabError(f"{path} is no file")
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise VaeLabError(f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > LARGEST_BYTES:
        raise VaeLabError(f"{path} has more than the {LARGEST_BYTES // 1_000_000} MB that are read")
    if data.startswith((b"PK\3\4", b"\xd0\xcf\x11\xe0")):
        raise VaeLabError(
            f"{path} is a spreadsheet's own file: export the marks as CSV, and use that"
        )
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise VaeLabError(f"{path} is empty")
    return data


def _recognised(path: Path, data: bytes) -> Heading:
    """The heading, also of a file whose encoding is no longer the system's."""
    try:
        table = read_table(data)
    except NoTable as reason:
        if "UTF-8" not in str(reason):
            raise VaeLabError(f"{path} is not a CSV file: {reason}") from None
        table = read_table(data.decode("latin-1").encode())
    heading = read_heading([cell.value for cell in table.lines[0].cells]) if table.lines else None
    if heading is None:
        shown = plain(", ".join(cell.value for cell in table.lines[0].cells))[:200]
        raise VaeLabError(
            f"{path}: its first line is no heading of Canvas's gradebook, Moodle's grading "
            "worksheet, Blackboard's grade centre, Brightspace's or Gradescope's grades; "
            f"it begins {shown}"
        )
    return heading


def _column(
    path: Path, heading: Heading, lab: Lab, labs: Sequence[str], wanted: str | None
) -> Column:
    """The lab's column: what `wanted` names, else the one that is called as the lab."""
    if wanted is not None:
        names = (wanted, wanted.strip())
        found = [
            each for each in heading.columns if {each.head, each.title, each.id} & {*names} - {""}
        ]
        said = f"--column {wanted}: "
        wrong = "no column for marks is called so" if not found else "several columns are called so"
    elif heading.one_lab:
        others = [each for each in labs if each != lab.name and is_called(path.stem, each, "")]
        if others and not is_called(path.stem, lab.name, lab.title):
            (only,) = heading.columns
            raise VaeLabError(
                f"{path} is called as {others[0]}, not as {lab.name}: if it is the right file, say "
                f"so with --column '{plain(only.head)}'"
            )
        return heading.columns[0]
    else:
        found = [each for each in heading.columns if is_called(each.title, lab.name, lab.title)]
        said, wrong = "", f"no column for marks is called as {lab.name}"
        if len(found) > 1:
            wrong = f"several columns are called as {lab.name}"
    if len(found) == 1:
        return found[0]
    shown = [plain(each.head) for each in (found or heading.columns)]
    more = f" and {len(shown) - _MOST_COLUMNS} more" if len(shown) > _MOST_COLUMNS else ""
    listed = ", ".join(f"'{each}'" for each in shown[:_MOST_COLUMNS]) or "none"
    raise VaeLabError(
        f"{path}: {said}{wrong}; name one with --column; columns for marks: {listed}{more}"
    )


def is_called(text: str, lab: str, title: str) -> bool:
    """Whether a column or a file is called as a lab: by its folder, its title, or "Lab 3".

    >>> [is_called(said, "lab3-vae", "A VAE") for said in ("Lab 3: VAEs", "lab_03", "Lab 13")]
    [True, True, False]
    """
    said = _letters(text)
    if said and said in (_letters(lab), _letters(title)):
        return True
    short = re.match(r"([a-z]+?)0*(\d+)(?![a-z0-9])", lab, re.IGNORECASE)
    if not short:
        return re.search(rf"(?<![^\W_]){re.escape(lab)}(?![^\W_])", text, re.IGNORECASE) is not None
    called = rf"(?<![^\W_]){short[1]}[\s_.-]*0*{short[2]}(?![^\W_])"
    return re.search(called, text, re.IGNORECASE) is not None


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", text).casefold())


def _rows(path: Path, table: Table, heading: Heading) -> tuple[Line | None, list[Row]]:
    """Canvas's row of points that are possible, and the rows of people."""
    possible, rows = None, []
    for line in table.lines[1:]:
        if heading.system == "Canvas":
            if "Points Possible" in line.value(0):
                possible = line
                continue
            if not line.value(heading.people["system_id"]):
                continue  # what is posted by hand, and other rows of nobody
        ids = dict(_ids(path, line, heading))
        if ids:
            rows.append(Row(line, ids))
    return possible, rows


def _ids(path: Path, line: Line, heading: Heading) -> Iterator[tuple[str, str]]:
    for kind, place in heading.people.items():
        value = line.value(place)
        if _SHORTENED.fullmatch(value):
            raise VaeLabError(
                f"{path}, line {line.number}: {value} was a longer number; "
                + _SAVED.format(heading.system)
            )
        if kind == "participant":
            digits = re.search(r"\d+$", value)
            value = digits[0] if digits else ""
        elif heading.system == "Brightspace":
            value = value.lstrip("#")
        if value:
            yield kind, value


def _maximum(
    path: Path,
    heading: Heading,
    column: Column,
    head: Sequence[str],
    possible: Line | None,
    rows: Sequence[Row],
) -> str:
    if heading.system == "Canvas":
        said = possible.value(column.place) if possible else ""
        if "read only" in said:
            raise VaeLabError(f"{path}: Canvas does not let '{plain(column.head)}' be changed")
        return said
    place = heading.maximum
    if heading.system == "Gradescope" and place is None:
        place = maximum_beside(head, column)
    if place is None:
        return column.maximum
    return next(filter(None, (row.line.value(place) for row in rows)), "")
