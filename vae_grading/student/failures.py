"""Lines of a cell that fail where it is graded, though perhaps not where it was written.

`from google.colab import drive`, a path of one's own, a package that is not installed: in a kernel
the cell ends there, and the imports and answers below are lost with it. Here the statements behind
such a line still run. In an answer only what fails by its surroundings is passed over so: any
other error is the answer's own.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from typing import Any

MOST_TOLD = 20  # failures of one cell
LONGEST_TEXT = 1000
_CALLED = "__statement_failed__"  # a name of ours among the built-in ones
_SHELL = "get_ipython"  # what IPython makes of magics and shell lines is a call of it
# What torch says of a device that is not there.
_DEVICES = re.compile(r"\b(cuda|nvidia|mps|xla|gpus?)\b", re.IGNORECASE)


class GoingOn(ast.NodeTransformer):
    """Of IPython's transformers of a cell's syntax tree: each statement fails by itself.

    `failures` are those of the cell that ran last, as they are told to the judge.
    """

    def __init__(self) -> None:
        self.failures: list[dict[str, Any]] = []
        self._statements: list[tuple[ast.stmt, int]] = []  # with the line before the first one
        self._last: ast.stmt | None = None
        self._answer = False
        self._missing: set[str] = set()  # names that failed statements would have defined

    def begin(self, *, answer: bool) -> None:
        """The next cell is an answer, or none."""
        self.failures, self._statements, self._last = [], [], None
        self._answer = answer
        setattr(builtins, _CALLED, self._goes_on)

    def visit_Module(self, module: ast.Module) -> ast.Module:
        within = self._last is not None  # below %%capture, %%time ...
        guarded = []
        for statement in module.body:
            guarded.append(_guarded(statement, len(self._statements)))
            self._statements.append((statement, int(within)))
        if module.body and not within:
            self._last = module.body[-1]
        if module.body and isinstance(module.body[-1], ast.Expr):
            guarded[-1] = module.body[-1]  # its value is shown
        module.body = guarded
        return module  # IPython fills in the places of new nodes, behind the last transformer

    def note_end(self, error: BaseException) -> None:
        """The cell ended by this error, of its last statement if of one that may fail."""
        if self._last is not None and self._passed_over(self._last, error):
            self._note(self._last, 0, error)

    def _goes_on(self, place: int) -> bool:
        """Whether the statement that has just failed is passed over."""
        (statement, before), error = self._statements[place], sys.exc_info()[1]
        if not self._passed_over(statement, error):
            return False
        self._note(statement, before, error)
        return True

    def _passed_over(self, statement: ast.stmt, error: BaseException | None) -> bool:
        # Memory that is used up is so for the lines below as well.
        if not isinstance(error, Exception) or isinstance(error, MemoryError):
            return False
        if not self._answer or _is_command(statement) or by_surroundings(error):
            return True
        return isinstance(error, NameError) and error.name in self._missing

    def _note(self, statement: ast.stmt, before: int, error: BaseException) -> None:
        names = sorted(defined_names(statement))
        self._missing |= set(names)
        if len(self.failures) < MOST_TOLD:
            said = [type(error).__name__, text(error)]
            self.failures.append({"line": before + statement.lineno, "names": names, "error": said})


def by_surroundings(error: Exception) -> bool:
    """Whether an error speaks of the machine (a package, a file, a device), not of the code."""
    if isinstance(error, (ImportError, OSError)):
        return True
    return isinstance(error, (RuntimeError, AssertionError)) and bool(_DEVICES.search(text(error)))


def defined_names(statement: ast.stmt) -> set[str]:
    """The names that a statement of a cell binds at its top level."""
    found: set[str] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
            continue
        if isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Lambda):
            continue
        waiting += ast.iter_child_nodes(node)
    return found - {"*"}


def _guarded(statement: ast.stmt, place: int) -> ast.stmt:
    """try: statement; except: if not __statement_failed__(place): raise"""
    if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
        return statement
    asks = ast.Call(ast.Name(_CALLED, ast.Load()), [ast.Constant(place)], [])
    ends = ast.If(ast.UnaryOp(ast.Not(), asks), [ast.Raise()], [])
    handler = ast.ExceptHandler(None, None, [ends])
    return ast.copy_location(ast.Try([statement], [handler], [], []), statement)


def _is_command(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Name) and node.id == _SHELL for node in ast.walk(statement))


def text(error: BaseException) -> str:
    """What an exception says, cut; its class may be the student's own."""
    try:
        return str(error)[:LONGEST_TEXT]
    except Exception:
        return ""
