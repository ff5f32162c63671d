"""Where a student stands: every exercise by the checks that everybody may see, run anew.

`lab1.standing(globals())` is a lab's last cell; `vae-lab try` prints the same lines in a terminal.

    ✓ Exercise 1   The log joint density                              4 of 4
    ✗ Exercise 2   Naive Monte Carlo                                  2 of 4
        ✗ naive_log_evidence: ...
    · Exercise 3   The KL divergence from a Gaussian to the prior     0 of 3   not tried
      Question 1   Why it is a lower bound                            4 by a person
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from vae_checks.released import Part, Task, released_notebook, tasks
from vae_checks.verdict import CheckFailed

RIGHT, WRONG, NOT_TRIED = "right", "wrong", "not tried"
_MARKS = {RIGHT: "✓", WRONG: "✗", NOT_TRIED: "·"}


class Found(NamedTuple):
    """What became of a graded cell: one of the three words above, what there is to say, and
    whether one of our checks says it."""

    state: str
    said: str = ""
    by_check: bool = False


class Standing:
    """The standing in one lab: called with a notebook's `globals()` it prints where that is."""

    def __init__(self, lab: str) -> None:
        self.lab = lab

    def __call__(self, namespace: Mapping[str, Any]) -> None:
        """Run every check that can be seen on the objects of `namespace`, and print the lines.

        Takes as long as the checks do, some seconds. Nothing is printed where nbgrader runs the
        notebook: it runs the checks itself. Ctrl-C (the button with the square) ends it.
        """
        if os.environ.get("NBGRADER_EXECUTION"):
            return
        print("Where you stand: the checks that you can see, run on what is defined now.\n")
        try:
            for line in self._lines(namespace):
                print(line, flush=True)
        except KeyboardInterrupt:
            print("Stopped: the exercises below were not looked at.")

    def _lines(self, namespace: Mapping[str, Any]) -> Iterator[str]:
        all_tasks = tasks(released_notebook(self.lab))
        width = title_width(all_tasks)
        found: dict[str, Found] = {}
        for task in all_tasks:
            found |= {part.grade_id: judged(part, namespace) for part in task.parts}
            yield from task_lines(task, found, width)
        yield ""
        yield from total_lines(all_tasks, found)


def judged(part: Part, namespace: Mapping[str, Any]) -> Found:
    """Run the tests of a graded cell on the objects of `namespace`; what they print is dropped.

    A test's `lab1` is that of the checks, whatever the notebook has put in its place.
    """
    code = compile(part.tests, "<test cell>", "exec")
    names = {**namespace, **_modules(code.co_names)}
    try:
        with warnings.catch_warnings(), _silent():
            warnings.simplefilter("ignore")
            exec(code, names)
    except CheckFailed as failed:
        if failed.slug == "not-done":
            return Found(NOT_TRIED, by_check=True)
        return Found(WRONG, failed.message, by_check=True)
    except NameError as error:
        if error.name in code.co_names and error.name not in names:
            return Found(NOT_TRIED, f"{error.name} is not defined")
        return Found(WRONG, _stopped(error))
    except (Exception, SystemExit) as error:
        if type(error) is NotImplementedError:
            return Found(NOT_TRIED)
        if str(error).startswith(_MARKS[WRONG]):  # a course's own check, which writes as ours do
            return Found(WRONG, str(error)[:1200], by_check=True)
        return Found(WRONG, _stopped(error))
    return Found(RIGHT)


def state_of(task: Task, found: Mapping[str, Found]) -> str:
    """RIGHT where all parts are, WRONG where one is; else some, or all, were not tried."""
    states = [found[part.grade_id].state for part in task.parts]
    if WRONG in states:
        return WRONG
    return NOT_TRIED if NOT_TRIED in states else RIGHT


def earned(task: Task, found: Mapping[str, Found]) -> float:
    """The points of the parts whose tests pass."""
    return sum(part.points for part in task.parts if found[part.grade_id].state == RIGHT)


def form_points(task: Task, found: Mapping[str, Found]) -> float:
    """Of these, the points of parts of which nothing but the form was looked at."""
    right = (part for part in task.parts if found[part.grade_id].state == RIGHT)
    return sum(part.points for part in right if part.form_only)


def title_width(all_tasks: Iterable[Task]) -> int:
    """Columns of the longest title, for `task_lines`."""
    return max((len(task.title) for task in all_tasks), default=0)


def task_lines(
    task: Task, found: Mapping[str, Found], width: int, written: str = ""
) -> Iterator[str]:
    """A line on this task, and below it what is wrong: for each object what its first check says.

    `written` says of a question whether something was written, where that is known.
    """
    head = f"{task.name:<13}{task.title:<{width}}"
    if task.is_written:
        yield f"  {head}   {task.points:g} by a person{written and f', {written}'}"
        return
    state, points = state_of(task, found), earned(task, found)
    line = f"{_MARKS[state]} {head}   {points:g} of {task.points:g}"
    if state == NOT_TRIED:
        line += f"   {'not tried' if points == 0 else 'the rest was not tried'}"
    elif any(found[part.grade_id].state == NOT_TRIED for part in task.parts):
        line += "   a part was not tried"
    elif form := form_points(task, found):
        line += f"   {form:g} of them for the form of the answer alone"
    yield line
    told: set[str] = set()
    for part in task.parts:
        each = found[part.grade_id]
        about = each.said.split(":")[0]  # "✗ mended_1"
        if each.state == WRONG and about not in told:
            yield from (f"    {words}" for words in each.said.splitlines())
            told.add(about)


def total_lines(all_tasks: Iterable[Task], found: Mapping[str, Found]) -> Iterator[str]:
    """How many points that makes, and what else there is to earn."""
    judged_here = [task for task in all_tasks if not task.is_written]
    by_hand = sum(task.points for task in all_tasks if task.is_written)
    points = sum(earned(task, found) for task in judged_here)
    most = sum(task.points for task in judged_here)
    form = sum(form_points(task, found) for task in judged_here)
    alone = f", {form:g} of them for the form of an answer alone" if form else ""
    yield (
        f"So far {points:g} of {most:g} points{alone}. Grading asks the same of other sizes and "
        "values, too."
    )
    if by_hand:
        yield f"A person reads your answers to the questions and gives up to {by_hand:g} more."
    missing = {each.said for each in found.values() if each.state == NOT_TRIED and each.said}
    if missing and all(each.said for each in found.values()):
        yield "Nothing of this lab is defined: run the cells above first (Run All Above)."


def _modules(names: Iterable[str]) -> dict[str, Any]:
    """The labs' checks among the modules that are loaded, by the names that tests have for them."""
    known = ((name, sys.modules.get(f"{__package__}.{name}")) for name in names)
    return {name: module for name, module in known if name.startswith("lab") and module}


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _stopped(error: BaseException) -> str:
    said = " ".join(str(error).split())[:300]
    return f"✗ The check stopped with {type(error).__name__}{said and f': {said}'}"
