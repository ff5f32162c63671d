"""A cell that a student runs once more, later, reads what it read: nothing has taken its names."""

import ast
import symtable
from collections.abc import Iterator

import pytest
from places import PROJECT

from vae_grading.course.course import Course
from vae_grading.course.notebooks import read_notebook
from vae_grading.submissions.cell_code import global_names

LABS = Course(PROJECT).labs()
AT_ONCE = {"listcomp", "setcomp", "dictcomp", "genexpr"}


def reads_and_sets(source: str) -> tuple[set[str], set[str], set[str]]:
    """Of a cell: names that it reads of others, that its functions read when called, and that it
    sets."""
    reads, sets = set(), set()
    for statement in ast.parse(source).body:
        used, defined = global_names(ast.unparse(statement))
        reads |= used - defined - sets
        sets |= defined
    return reads, set(_read_in_calls(symtable.symtable(source, "cell", "exec"))), sets


def _read_in_calls(scope: symtable.SymbolTable, called: bool = False) -> Iterator[str]:
    for child in scope.get_children():
        later = called or child.get_name() not in AT_ONCE
        if later:
            yield from (each.get_name() for each in child.get_symbols() if each.is_global())
        yield from _read_in_calls(child, later)


def retaken(cells: list[str]) -> list[str]:
    """What would be another object, were a cell run again behind all others: one line each."""
    found = []
    facts = [reads_and_sets(source) for source in cells]
    for number, (reads, late, sets) in enumerate(facts):
        for name in sorted(reads | late):
            others = [i for i, (_, _, set_by) in enumerate(facts) if name in set_by and i != number]
            own = name in sets and name in late
            if len(others) + own > 1:
                first = cells[number].splitlines()[0]
                found.append(f"code cell {number} ({first!r}) reads `{name}`, which cells "
                             f"{sorted({*others, *([number] if own else [])})} set")  # fmt: skip
    return found


def test_a_name_that_two_cells_set_is_seen():
    assert retaken(["x = 1", "print(x)", "x = 2"]) != []
    assert retaken(["x = 1", "f = lambda: x", "x = 2"]) != []
    assert retaken(["x = 1\nf = lambda: x", "x = 2"]) != []
    assert retaken(["x = 1\nprint(x)", "x = 2\nprint(x)"]) == []
    assert retaken(["x = 1", "print(x)", "def g():\n    x = 2\n    return x"]) == []
    assert retaken(["x = 1", "def g(x):\n    return lambda: x", "x = 2"]) == []


@pytest.mark.parametrize("lab", LABS)
def test_no_cell_takes_a_name_that_another_reads(lab):
    notebook = read_notebook(PROJECT / "source" / lab / f"{lab}.ipynb")
    cells = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert retaken(cells) == []
