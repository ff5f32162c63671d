"""A submitted file as a notebook, however it was saved; or what it is instead.

Editors and platforms write notebooks in other encodings, leave keys out and keep old formats: that
is put right without a word, or with a note where something may be lost. What is no notebook is
named for what it is. Stored outputs are dropped before anything is measured.
"""

from __future__ import annotations

import codecs
import copy
import json
import re
import warnings
from dataclasses import dataclass
from typing import Any

from vae_grading.plain_text import quoted
from vae_grading.submissions.hand_in import Unreadable

MOST_CELLS = 5_000
LARGEST_CODE = 5_000_000  # characters in code cells
LARGEST_TEXT = 25_000_000  # characters in all cells, pictures in written answers included
# Values in the whole file: each takes a hundred bytes of memory at most, whatever its length.
MOST_VALUES = 8_000_000
_AGAIN = "Ask for the .ipynb file as JupyterLab saves it; then grade again."
_BY_MARK = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first bytes of what is handed in under a notebook's name.
_BY_FIRST_BYTES = (
    (b"PK\x03\x04", "a zip archive (or a document of Word or the like)"),
    (b"\x1f\x8b", "a file compressed by gzip"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\xd0\xcf\x11\xe0", "a document of Microsoft Office"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"SQLite format 3", "a database"),
)
_PRINTED = bytes({9, 10, 12, 13, *range(32, 256)})
_HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body|meta)\b", re.I | re.S)
_MARKERS = re.compile(r"^(<{7} |={7}$|>{7} )", re.MULTILINE)
_PYTHON = re.compile(r"^\s*(import |from \w+ import |def |class |# ?%%|#!)", re.MULTILINE)
Cell = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """A notebook in nbformat 4.5, and what whoever marks it should know about its file."""

    notebook: dict[str, Any]
    notes: tuple[str, ...] = ()


def read_notebook_file(data: bytes, *, outputs: bool = False) -> Read:
    """The submitted notebook, without outputs unless they are asked for. Raises Unreadable."""
    text, notes = _text(data)
    notebook, more = _json(text)
    if not isinstance(notebook, dict):
        raise _no_notebook(f"it holds {_kind(notebook)}")
    return Read(_as_version_4_5(notebook, outputs=outputs), (*notes, *more))


def parse_notebook(data: bytes) -> dict[str, Any]:
    """The notebook alone. Raises Unreadable."""
    return read_notebook_file(data).notebook


# --- bytes to text --------------------------------------------------------------------------------


def _text(data: bytes) -> tuple[str, tuple[str, ...]]:
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("not-json", "The file is empty.", _AGAIN)
    for first, what in _BY_FIRST_BYTES:
        if data.startswith(first):
            raise Unreadable("not-json", f"The file is {what}, not a notebook.", _AGAIN)
    encoding = _encoding(data)
    try:
        return data.decode(encoding).removeprefix("\ufeff"), ()
    except UnicodeDecodeError:
        if encoding != "utf-8":
            said = f"The file begins as {encoding.upper()}, but is not."
            raise Unreadable("not-json", said, _AGAIN) from None
    text = _in_code_page(data)
    if text is None:
        raise Unreadable("not-json", "The file is not text.", _AGAIN)
    note = (
        "The file is in a Windows code page (read as 1252), not in UTF-8: letters with accents may "
        "be wrong in its written answers."
    )
    return text, (note,)


def _encoding(data: bytes) -> str:
    for mark, encoding in _BY_MARK:
        if data.startswith(mark):
            return encoding
    start = data[:4]
    if len(start) == 4 and start[0] and start[1:] == b"\0\0\0":
        return "utf-32-le"
    if len(start) == 4 and start[0] and not start[1] and start[2]:
        return "utf-16-le"
    if len(start) == 4 and not start[0] and start[1] and not start[2]:
        return "utf-16-be"
    return "utf-8"


def _in_code_page(data: bytes) -> str | None:
    """Text of Windows, of which no byte is a control character but those of lines; else None."""
    if data.translate(None, _PRINTED):
        return None
    return data.decode("cp1252", errors="replace")


# --- text to JSON ---------------------------------------------------------------------------------


def _json(text: str) -> tuple[Any, tuple[str, ...]]:
    if _HTML.match(text[:10_000]):
        said = "The file is a web page saved under a notebook's name, not the notebook."
        raise Unreadable("not-json", said, _AGAIN)
    # Outside of strings each value has a comma, a bracket or a brace of its own.
    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        said = f"The file holds more than {MOST_VALUES:,} values."
        raise Unreadable("too-large", said, "Ask for the notebook with its outputs cleared.")
    text = text.strip("\0 \t\r\n")
    try:
        notebook, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not-json", _why_no_json(text, error), _AGAIN) from None
    rest = text[end:].strip("\0 \t\r\n")
    if isinstance(notebook, str) and rest and _PYTHON.search(rest[:10_000]):  # a docstring
        raise Unreadable("not-json", _SCRIPT, _AGAIN)
    if not rest or not isinstance(notebook, dict):
        return notebook, ()
    if _MARKERS.search(rest):
        raise Unreadable("not-json", _MERGE, _AGAIN)
    if re.search(r'^\s*\{\s*"(cells|metadata|nbformat|worksheets)"', rest):
        said = "The file holds two notebooks, one after the other."
        raise Unreadable("not-json", said, "Ask which of them counts, as a file of its own.")
    return notebook, (
        f"The file goes on after the end of the notebook ({len(rest):,} characters, which were "
        "left out).",
    )


_SCRIPT = "The file is a Python script, not a notebook."
_MERGE = (
    "The file holds merge markers (<<<<<<<, =======, >>>>>>>): two versions of the notebook that "
    "git could not join."
)


def _why_no_json(text: str, error: Exception) -> str:
    if _MARKERS.search(text):
        return _MERGE
    if isinstance(error, RecursionError):
        return "The file is JSON so deeply nested that it cannot be read."
    if not text.startswith(("{", "[", '"')):
        if _PYTHON.search(text[:10_000]):
            return _SCRIPT
        return f"The file is text, not a notebook ({error})."
    if (isinstance(error, json.JSONDecodeError) and error.pos >= len(text) - 1) or (
        "Unterminated string" in str(error)
    ):
        return (
            f"The file ends in the middle of the notebook, as an upload that broke off ({error})."
        )
    return f"The file is not JSON ({error})."


# --- JSON to a notebook ---------------------------------------------------------------------------


def _as_version_4_5(notebook: dict[str, Any], *, outputs: bool) -> dict[str, Any]:
    import nbformat

    if _number(notebook.get("nbformat"), 4) < 4:
        notebook = _upgraded(notebook)
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise _no_notebook("it has no list of cells")
    if len(cells) > MOST_CELLS:
        said = f"It has {len(cells):,} cells; at most {MOST_CELLS:,} are read."
        raise Unreadable("too-large", said, _AGAIN)
    made = [_cell(cell, position, outputs=outputs) for position, cell in enumerate(cells, start=1)]
    _require_bounded(made)
    _number_cells(made)
    metadata = notebook.get("metadata")
    return nbformat.from_dict(
        {
            "cells": made,
            "metadata": metadata if isinstance(metadata, dict) else {},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def _upgraded(notebook: dict[str, Any]) -> dict[str, Any]:
    """A notebook of an older format, in version 4. Raises Unreadable."""
    import nbformat

    sheets = notebook.get("worksheets")
    parts = [sheet.get("cells") for sheet in _dicts(sheets)]
    if sum(len(part) for part in parts if isinstance(part, list)) > MOST_CELLS:
        raise Unreadable("too-large", f"It has more than {MOST_CELLS:,} cells.", _AGAIN)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return nbformat.convert(nbformat.from_dict(notebook), 4)
    except Exception as error:
        said = f"nbformat says of its old format {quoted(_first(error), 100)}"
        raise _no_notebook(said) from None


def _cell(cell: Any, position: int, *, outputs: bool) -> Cell:
    """A cell whose keys are all there; one that is absent means that there is nothing."""
    if not isinstance(cell, dict):
        raise _no_notebook(f"cell {position} is {_kind(cell)}")
    kind = cell.get("cell_type")
    if kind is None:
        kind = "code" if "outputs" in cell or "execution_count" in cell else "markdown"
    kind = {"heading": "markdown", "html": "markdown", "plaintext": "raw"}.get(kind, kind)
    if kind not in ("code", "markdown", "raw"):
        raise _no_notebook(f"a cell of type {quoted(str(kind), 50)}")
    metadata, name = cell.get("metadata"), cell.get("id")
    made: Cell = {
        "cell_type": kind,
        "id": name if isinstance(name, str) else "",
        "metadata": copy.deepcopy(metadata) if isinstance(metadata, dict) else {},
        "source": _source(cell.get("source"), position),
    }
    if kind == "code":
        stored = cell.get("outputs") if outputs else None
        made |= {"outputs": _dicts(stored), "execution_count": None}
    elif isinstance(cell.get("attachments"), dict):  # pictures in a written answer
        made["attachments"] = cell["attachments"]
    return made


def _source(source: Any, position: int) -> str:
    if source is None:
        return ""
    lines = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        raise _no_notebook(f"the source of cell {position} is not text")
    text = "".join(lines).replace("\r\n", "\n").replace("\r", "\n")
    # Half a surrogate pair, which no file can hold, becomes "?".
    return text.encode("utf-8", "replace").decode()


def _require_bounded(cells: list[Cell]) -> None:
    code = sum(len(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    text = sum(len(cell["source"]) + _size(cell.get("attachments")) for cell in cells)
    for size, most, what in ((code, LARGEST_CODE, "code"), (text, LARGEST_TEXT, "text")):
        if size > most:
            raise Unreadable(
                "too-large",
                f"It holds {size / 1e6:.1f} million characters of {what}; at most "
                f"{most / 1e6:.0f} million are read.",
                "Open it and look what it holds; ask for the answers alone.",
            )


def _size(attachments: Any) -> int:
    return len(json.dumps(attachments)) if attachments else 0


def _number_cells(cells: list[Cell]) -> None:
    """Ids as the format asks for them, unique; older notebooks have none."""
    used: set[str] = set()
    for position, cell in enumerate(cells):
        if not re.fullmatch(r"[\w-]{1,64}", cell["id"], re.ASCII) or cell["id"] in used:
            cell["id"] = f"cell-{position}"
        used.add(cell["id"])


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _number(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


def _no_notebook(why: str) -> Unreadable:
    return Unreadable("not-a-notebook", f"The file is JSON, but no notebook: {why}.", _AGAIN)


def _kind(value: Any) -> str:
    names = {list: "a list", str: "text", dict: "an object", type(None): "nothing"}
    return names.get(type(value), "a number")


def _first(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
