"""Run one answer against the graded cells of its exercise, in this process.

The notebook's import cells and all its model answers run once; then an answer replaces one
solution cell, in a copy of that namespace, and the check cell and graded cells run after it with
their hidden tests, each by itself. No cell that loads data, trains or draws is run.
"""

import contextlib
import io
import linecache
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from places import PROJECT

from vae_checks import CheckFailed
from vae_grading.course.bank import Answer, read_bank
from vae_grading.course.lab import read_lab
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.regions import HIDDEN_TESTS, split_regions, without


@dataclass(frozen=True)
class Task:
    """A solution cell with the cells that judge it: the check cell, and the graded ones by id."""

    key: str
    solution: str
    untouched: str
    check: str
    graded: dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What an answer got: the error of the check cell, and of each graded cell that it lost."""

    check: BaseException | None
    lost: dict[str, BaseException]
    stderr: str


@dataclass(frozen=True)
class LabUnderTest:
    """A lab's notebook, divided into what runs before any answer and the tasks by key."""

    name: str
    preamble: tuple[str, ...]
    tasks: dict[str, Task]
    right: tuple[Answer, ...]
    wrong: tuple[Answer, ...]


def labs_with_answers() -> list[str]:
    """Names of the labs whose folder holds a bank of answers."""
    return sorted({path.parents[1].name for path in PROJECT.glob("source/*/answers/*.py")})


@cache
def read(name: str) -> LabUnderTest:
    """The lab `name` of source/, with its bank."""
    folder = PROJECT / "source" / name
    cells = read_notebook(folder / f"{name}.ipynb")["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    tasks: dict[str, Task] = {}
    given = []
    key = None
    for cell in code:
        marks = cell["metadata"].get("nbgrader")
        if marks is None:
            continue
        source, grade_id = cell["source"], marks["grade_id"]
        if marks["solution"]:
            key = grade_id
            solution = without(source, [])
            tasks[key] = Task(key, solution, _untouched(source), "", {})
        elif marks["grade"]:
            tasks[key].graded[grade_id] = source
        elif grade_id == f"{key}-check":
            old = tasks[key]
            tasks[key] = Task(key, old.solution, old.untouched, source, old.graded)
        elif re.search(r"^(class|def) ", source, re.MULTILINE):
            given.append(source)  # locked cells that define something, as the given VAE class
    imports = [cell["source"] for cell in code if only_imports(cell["source"])]
    solutions = [task.solution for task in tasks.values()]
    bank = read_bank(read_lab(folder / f"{name}.ipynb"), folder / "answers")
    answers = [answer for listed in bank.values() for answer in listed]
    right = tuple(answer for answer in answers if not answer.loses)
    wrong = tuple(answer for answer in answers if answer.loses)
    return LabUnderTest(name, (*imports, *solutions, *given), tasks, right, wrong)


def judge(lab: LabUnderTest, key: str, source: str, *, checked: bool = True) -> Outcome:
    """Run `source` in place of the solution cell `key`, then its check and graded cells.

    The check cell, which asks what the visible part of the graded cells asks again, is left out
    unless `checked`.
    """
    task = lab.tasks[key]
    namespace = dict(_base(lab.name))
    stderr = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(stderr):
        # A cell that assigns a value and then raises, as an untouched quiz does, has defined it.
        with contextlib.suppress(NotImplementedError):
            run(source, namespace, f"<{key}>")
        check = _error_of(task.check, namespace) if checked else None
        errors = {cell: _error_of(tests, namespace) for cell, tests in task.graded.items()}
    lost = {cell: error for cell, error in errors.items() if error is not None}
    return Outcome(check, lost, stderr.getvalue())


def defined_by(lab: LabUnderTest, key: str, source: str) -> dict[str, Any]:
    """The lab's namespace after `source` has run in place of the solution cell `key`."""
    namespace = dict(_base(lab.name))
    run(source, namespace, f"<{key}>")
    return namespace


def model_names(lab: LabUnderTest) -> dict[str, Any]:
    """The lab's namespace with all model answers in it."""
    return dict(_base(lab.name))


def graded_calls(task: Task, cell: str) -> str:
    """The tests of a graded cell, visible and hidden, without the delimiter lines."""
    return without(task.graded[cell], [])


def visible_calls(task: Task, cell: str) -> str:
    """The tests of a graded cell as a student sees them."""
    return without(task.graded[cell], [HIDDEN_TESTS])


def run(source: str, namespace: dict[str, Any], name: str) -> None:
    """Execute source as a notebook cell called `name`, whose lines tracebacks can show."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), namespace)


@cache
def _base(name: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, source in enumerate(read(name).preamble):
        run(source, namespace, f"<{name}, given cell {number}>")
    return namespace


def _error_of(source: str, namespace: dict[str, Any]) -> BaseException | None:
    try:
        run(source, namespace, "<test cell>")
    except (CheckFailed, Exception) as error:
        return error
    return None


def _untouched(source: str) -> str:
    """The solution cell as nbgrader releases it: `raise NotImplementedError()` in each region."""
    lines, inside = [], False
    for region, line in split_regions(source):
        if region is None:
            lines.append(line)
        elif not inside:
            indent = line[: len(line) - len(line.lstrip())]
            lines += [f"{indent}# YOUR CODE HERE", f"{indent}raise NotImplementedError()"]
        inside = region is not None
    return "\n".join(lines)


def only_imports(source: str) -> bool:
    """Whether a cell does nothing but import."""
    lines = [line for line in source.splitlines() if line and not line.startswith("#")]
    return bool(lines) and all(line.startswith(("import ", "from ")) for line in lines)
