"""The names that a cell's code speaks of and defines, whatever commands of IPython stand in it."""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterator
from functools import cache

MOST_READ = 500_000  # characters of one cell; parsing them takes most of a second at worst
# Of IPython's own lines, those that hold Python, and all others.
_HOLDS_PYTHON = re.compile(
    r"^([ \t]*)%(?:time|prun|memit|mprun|lprun)\b(?:[ \t]+-\S+)*[ \t]*", re.MULTILINE
)
_MAGIC = re.compile(
    r"^([ \t]*)(?:[%!?](?:.*\\\n)*.*|[^\s#].*[?][ \t]*)$|(?<==)[ \t]*[%!](?:.*\\\n)*.*$",
    re.MULTILINE,
)


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
