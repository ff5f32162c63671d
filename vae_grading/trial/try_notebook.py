"""`vae-lab try`: a student's notebook, judged by the checks that a student can see."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from vae_checks.released import Task
from vae_checks.standing import (
    RIGHT,
    Found,
    earned,
    state_of,
    task_lines,
    title_width,
    total_lines,
)
from vae_grading.plain_text import plain
from vae_grading.trial.running import Trial
from vae_grading.trial.steps import Plan, plan_of


def try_notebook(path: Path, *, seconds: float, as_json: bool = False) -> int:
    """Run a notebook's answers and print what the visible checks say of each exercise.

    No cell, and no check, runs longer than `seconds`. Returns 0 where every exercise is right,
    else 1. Raises VaeLabError for a file that is no lab's notebook.
    """
    plan = plan_of(path)
    trial = Trial(plan, path.resolve().parent, seconds)
    _run_with_bar(trial, plan)
    if as_json:
        print(json.dumps(_told(plan, trial.found), indent=2))
    else:
        _print(path, plan, trial.found)
    exercises = [task for task in plan.tasks if not task.is_written]
    return 0 if all(state_of(task, trial.found) == RIGHT for task in exercises) else 1


def _run_with_bar(trial: Trial, plan: Plan) -> None:
    console = Console(stderr=True)
    with Progress(
        TextColumn(f"{plan.lab}:"),
        BarColumn(),
        TextColumn("cell {task.completed:.0f} of {task.total:.0f}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("", total=len(plan.steps))
        trial.run(lambda number: progress.update(task, completed=number + 1))


def _print(path: Path, plan: Plan, found: Mapping[str, Found]) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):  # into a pipe on Windows: it has no ticks
        sys.stdout.reconfigure(errors="replace")
    print(f"{plain(path.name)} ({plan.lab}), by the checks that you can see:\n")
    width = title_width(plan.tasks)
    for task in plan.tasks:
        for line in task_lines(task, found, width, _written(task, plan) if task.is_written else ""):
            print(plain(line))
    print()
    for line in total_lines(plan.tasks, found):
        print(plain(line))
    for note in plan.notes:
        print(f"Note: {plain(note)}")


def _written(task: Task, plan: Plan) -> str:
    is_written = any(cell in plan.touched for cell in task.solutions)
    return "an answer is written" if is_written else "nothing is written yet"


def _told(plan: Plan, found: Mapping[str, Found]) -> dict[str, Any]:
    """All of it for a program to read."""
    exercises = []
    for task in plan.tasks:
        told: dict[str, Any] = {"name": task.name, "title": task.title, "of": task.points}
        if task.is_written:
            told |= {"by_a_person": True, "written": any(c in plan.touched for c in task.solutions)}
        else:
            said = [found[p.grade_id].said for p in task.parts if found[p.grade_id].state != RIGHT]
            told |= {"state": state_of(task, found), "points": earned(task, found), "said": said}
        exercises.append(told)
    return {
        "lab": plan.lab,
        "points": sum(each.get("points", 0) for each in exercises),
        "of": sum(each["of"] for each in exercises if "points" in each),
        "exercises": exercises,
        "notes": list(plan.notes),
    }
