"""Which cells of a submission have to run for its test cells to be judged.

Always: answers, and whatever a student added or changed, in the notebook's order. Of the
instructor's own cells only those that define a name which these, or a test, speak of: a cell that
trains for a minute to draw a figure has no part in any mark.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

MOST_READ = 500_000  # characters of one cell; parsing them takes most of a second at worst
# Of IPython's own lines, those that hold Python, and all others.
_HOLDS_PYTHON = re.compile(
    r"^([ \t]*)%(?:time|prun|memit|mprun|lprun)\b(?:[ \t]+-\S+)*[ \t]*", re.MULTILINE
)
_MAGIC = re.compile(
    r"^([ \t]*)(?:[%!?](?:.*\\\n)*.*|[^\s#].*[?][ \t]*)$|(?<==)[ \t]*[%!](?:.*\\\n)*.*$",
    re.MULTILINE,
)
ANSWER, TEST, NEEDED, SKIPPED = "answer", "test", "needed", "skipped"


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
            kinds[index] = NEEDED if defined & wanted else SKIPPED
            wanted |= used if defined & wanted else set()
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


@cache
def global_names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """Global names that a cell speaks of, and those that it defines; none where it is no Python."""
    if len(source) > MOST_READ:
        return frozenset(), frozenset()
    top = _symbols(source) or _symbols(_without_magics(source))
    if top is None:
        return frozenset(), frozenset()
    used, defined, waiting = set(), set(), [top]
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        for symbol in scope.get_symbols():
            if scope is top or symbol.is_global():
                if symbol.is_referenced():
                    used.add(symbol.get_name())
                if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
                    defined.add(symbol.get_name())
    return frozenset(used), frozenset(defined)


def definitions(source: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Each name that a statement of a cell defines, and the global names of that statement."""
    if len(source) > MOST_READ:
        return
    for text in (source, _without_magics(source)):
        try:
            body = ast.parse(text).body
        except Exception:  # as above
            continue
        for statement in body:
            used, defined = global_names(ast.unparse(statement))
            yield from ((name, used) for name in defined)
        return


def _symbols(source: str) -> symtable.SymbolTable | None:
    try:
        return symtable.symtable(source, "cell", "exec")
    except Exception:  # what parsers raise at a hostile source is many things
        return None


def _without_magics(source: str) -> str:
    """A cell as Python: below a cell magic such as %%time stands Python mostly."""
    if source.lstrip().startswith("%%"):
        source = source.lstrip().partition("\n")[2]
    source = _HOLDS_PYTHON.sub(r"\1", source)
    return _MAGIC.sub(lambda found: " None" if found[1] is None else f"{found[1]}pass", source)
