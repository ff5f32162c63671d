"""A CSV file whose cells can be replaced one by one while every other byte stays as it is.

Python's `csv` reads and writes values; what it was that stood between them (a quote that was not
needed, a line's end, a byte-order mark) is lost. Here each cell keeps its place in the text. The
rules are those of RFC 4180, with any of the separators that systems use.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEPARATORS = ",;\t"
_QUOTED = re.compile(r'"[^"]*"')
_MOST_READ = 200_000  # characters, to tell the separator


class NoTable(ValueError):
    """Bytes that are no such file; the text says why."""


@dataclass(frozen=True)
class Cell:
    """A value, and the place in the text of what stands for it, quotes included."""

    value: str
    start: int
    end: int
    quoted: bool


@dataclass(frozen=True)
class Line:
    """A row that is not empty, with the number of the line on which it begins."""

    number: int
    cells: tuple[Cell, ...]

    def value(self, column: int | None) -> str:
        """What stands there, without spaces around; "" beyond the end of the row."""
        inside = column is not None and column < len(self.cells)
        return self.cells[column].value.strip() if inside and column is not None else ""


@dataclass(frozen=True)
class Table:
    """A file as text, its encoding with the mark at its start, its separator and its rows."""

    mark: bytes
    encoding: str
    text: str
    separator: str
    lines: tuple[Line, ...]

    def replaced(self, values: Mapping[Cell, str]) -> bytes:
        """The file with other values in some cells.

        A cell is quoted if it was, or if its value has to be. What the encoding lacks becomes "?".
        """
        parts, at = [], 0
        for cell in sorted(values, key=lambda cell: cell.start):
            parts += [self.text[at : cell.start], self._written(values[cell], cell.quoted)]
            at = cell.end
        text = "".join([*parts, self.text[at:]])
        return self.mark + text.encode(self.encoding, "replace")

    def _written(self, value: str, quoted: bool) -> str:
        special = any(char in value for char in f'{self.separator}"\r\n')
        return '"' + value.replace('"', '""') + '"' if quoted or special else value


def read_table(data: bytes) -> Table:
    """The rows of a file in UTF-8, or in UTF-16 with its mark. Raises NoTable."""
    found = ((mark, code) for mark, code in _MARKS if data.startswith(mark))
    mark, encoding = next(found, (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        raise NoTable("it is not in UTF-8") from None
    if "\0" in text:
        raise NoTable("it holds no text")
    bare = _QUOTED.sub("x", text[:_MOST_READ])  # what is quoted separates nothing
    first = next((line for line in bare.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    return Table(mark, encoding, text, separator, tuple(_lines(text, separator)))


def _lines(text: str, separator: str) -> list[Line]:
    lines: list[Line] = []
    cells: list[Cell] = []
    at, number, began = 0, 1, 1
    while at < len(text):
        cell = _cell(text, at, separator, number)
        cells.append(cell)
        number += text.count("\n", at, cell.end)
        at = cell.end
        if at < len(text) and text[at] == separator:
            at += 1
            if at == len(text):
                cells.append(Cell("", at, at, quoted=False))
            continue
        end = 2 if text.startswith("\r\n", at) else 1
        if any(each.value.strip() for each in cells):
            lines.append(Line(began, tuple(cells)))
        at, number, cells = at + end, number + 1, []
        began = number
    if any(each.value.strip() for each in cells):
        lines.append(Line(began, tuple(cells)))
    return lines


def _cell(text: str, start: int, separator: str, number: int) -> Cell:
    if not text.startswith('"', start):
        end = _next(text, start, separator)
        return Cell(text[start:end], start, end, quoted=False)
    at = start + 1
    while True:
        at = text.find('"', at)
        if at < 0:
            raise NoTable(f'line {number}: a quotation mark (") is not closed')
        if not text.startswith('""', at):
            break
        at += 2
    end = at + 1
    if end < len(text) and text[end] not in f"{separator}\r\n":
        raise NoTable(f'line {number}: text follows a closing quotation mark (")')
    return Cell(text[start + 1 : at].replace('""', '"'), start, end, quoted=True)


def _next(text: str, start: int, separator: str) -> int:
    """Where an unquoted cell ends."""
    places = (text.find(char, start) for char in f"{separator}\r\n")
    return min((place for place in places if place >= 0), default=len(text))
