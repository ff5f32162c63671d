"""What the corpus of attacks does to plain `nbgrader autograde`, and to `vae-lab grade`.

    export PYTHONPATH=tests/support
    python tests/measure/attacks_on_nbgrader.py [--kinds outputs,hooks] [--workers 2]
                                                   [--keep FILE] [--skip-vae-lab]

Plain nbgrader runs hostile code with the rights of whoever calls it. Here that is a process in
bubblewrap of its own: no network but a loopback of its own, all of this machine read-only but a
temporary course, at most 4 GB of address space a process, 240 s a run. Each attack is graded in a
course of its own together with an honest neighbour who comes after it. To save time the lab holds
its imports, answers and tests, and not the cells that train and draw.

Columns: attacks; those that earned points for what they did not answer; those after which the
neighbour had no marks or the command failed; those that reached or changed something outside of
their own notebook (a canary file, HOME, the gradebook, another process or submission, hidden
tests, a service on the machine). `--keep` writes each outcome at once, and reads those there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from attacks import outside
from attacks.corpus import (
    CANARY_PORT,
    LABS,
    Attack,
    Handouts,
    breaches,
    hand_in,
    read_attacks,
)
from places import PROJECT
from rich.console import Console
from rich.table import Table

from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.course.notebooks import read_notebook
from vae_grading.marks.results import Result
from vae_grading.marks.store import load
from vae_grading.sandbox.jail import fault

CELL_SECONDS, RUN_SECONDS, MOST_ADDRESSES = 30, 240, 4 * 2**30
NEIGHBOUR = "zz-neighbour"
# Right answers that `vae-lab grade` refuses for their size: what they earn elsewhere is earned.
ANSWERED_RIGHTLY = (
    "structure-huge-file",
    "structure-many-cells",
    "resources-large-cells",
)
ANSWERED = {  # by the neighbour: one exercise of each lab
    "lab1-elbo": "entropy",
    "lab2-reparameterization": "exact-quadratic",
    "lab3-vae": "negative-elbo",
}
CONFIG = f"""
c = get_config()
c.CourseDirectory.course_id = "attacked"
c.ClearMarkScheme.enforce_metadata = False
c.Execute.timeout = c.ExecutePreprocessor.timeout = {CELL_SECONDS}
"""
# A service that no submission should reach, in the same network as plain nbgrader.
SERVED = f"""
import socket, subprocess, sys, threading
waiting = socket.socket()
waiting.bind(("127.0.0.1", {CANARY_PORT}))
waiting.listen()
def serve():
    while True:
        waiting.accept()
threading.Thread(target=serve, daemon=True).start()
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""


class Outcome(NamedTuple):
    """What one attack came to."""

    unearned: float
    aborted: bool
    outside: bool


def main() -> None:
    asked = _arguments()
    here = os.path.dirname(sys.executable)  # nbgrader calls alembic from PATH
    os.environ["PATH"] = here + os.pathsep + os.environ["PATH"]
    console = Console(width=120)
    if fault() is not None:
        console.print(f"This runs hostile code; there is no sandbox for it: {fault()}.")
        sys.exit(2)
    attacks = [each for each in read_attacks() if not asked.kinds or each.kind in asked.kinds]
    with tempfile.TemporaryDirectory(prefix="attacked-") as folder:
        labs = sorted({attack.lab for attack in attacks})
        templates = {lab: _template(Path(folder) / f"template-{lab}", lab) for lab in labs}
        kept = json.loads(asked.keep.read_text()) if asked.keep and asked.keep.exists() else {}

        def measure(attack: Attack) -> Outcome:
            if attack.id not in kept:
                kept[attack.id] = by_nbgrader(
                    attack, templates[attack.lab], Path(folder) / attack.id
                )
                if asked.keep:
                    asked.keep.write_text(json.dumps(kept, indent=1))
            return Outcome(*kept[attack.id])

        with ThreadPoolExecutor(asked.workers) as pool:
            plain = dict(
                zip((each.id for each in attacks), pool.map(measure, attacks), strict=True)
            )
        ours = {} if asked.skip_vae_lab else by_vae_lab(attacks, Path(folder) / "judged")
    console.print(table(attacks, plain, ours))


def by_nbgrader(attack: Attack, template: Course, folder: Path) -> Outcome:
    """Grade the attack and a neighbour by `nbgrader autograde`, walled in."""
    course, home = Course(folder / "course"), folder / "home"
    shutil.copytree(template.root, course.root)
    outside.make_canaries(course.root, home)
    lab, answered = attack.lab, ANSWERED[attack.lab]
    handouts = Handouts(course, lab)
    neighbour = Attack("", "", "", lab, answers={answered: handouts.model[answered]})
    for student, made in ((attack.id, handouts.hostile(attack)), (NEIGHBOUR, None)):
        made = handouts.hostile(neighbour) if made is None else made
        path = course.submitted / student / lab / f"{lab}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(made if isinstance(made, str) else json.dumps(made), encoding="utf-8")
    before = _surroundings(course, home)
    code = _walled(course, home, "autograde", lab)
    changed = _surroundings(course, home) != before
    marks = _marks(course)
    described = Course(PROJECT).lab(lab)
    wanted = attack.points(described)
    got = marks.get(attack.id, {})
    unearned = sum(max(0.0, (got.get(name) or 0) - most) for name, most in wanted.items())
    unearned = 0.0 if attack.id in ANSWERED_RIGHTLY else unearned
    names = [cell.grade_id for cell in described.exercise_of(answered).graded]
    spoiled = any((marks.get(NEIGHBOUR, {}).get(name) or 0) <= 0 for name in names)
    # nbgrader says by its exit code that it could not grade a submission: no abortion by itself.
    lost = attack.start == "model" and not attack.problem and not any(got.values())
    outcome = Outcome(
        unearned, spoiled or (code != 0 and lost), changed or _reached(course, attack)
    )
    shutil.rmtree(folder, ignore_errors=True)
    return outcome


def by_vae_lab(attacks: list[Attack], folder: Path) -> dict[str, Outcome]:
    """The same by `vae-lab grade`, all as one class."""
    from test_attacks import make_course

    folder.mkdir()
    course, home = Course(folder / "course"), folder / "home"
    make_course(course)
    outside.make_canaries(course.root, home)
    hand_in(course, attacks)
    before = _surroundings(course, home)
    command = [sys.executable, "-m", "attacks.grade_class", str(course.root)]
    with outside.listener(CANARY_PORT) as heard:
        ended = outside.watch(command, _environment(home), folder, 3600)
    changed = _surroundings(course, home) != before or bool(heard)
    labs = {name: course.lab(name) for name in LABS}
    return {
        attack.id: Outcome(
            _unearned(load(course, attack.lab, attack.submitter), attack, labs[attack.lab]),
            ended.code != 0 or load(course, attack.lab, attack.submitter) is None,
            changed or _reached(course, attack, attack.submitter),
        )
        for attack in attacks
    }


def table(attacks: list[Attack], plain: dict[str, Outcome], ours: dict[str, Outcome]) -> Table:
    """One row a class: what its attacks came to by each of the two commands."""
    made = Table("class", "attacks", title="unearned points / aborted / reached or changed outside")
    made.add_column("nbgrader autograde")
    made.add_column("vae-lab grade")
    kinds = [*dict.fromkeys(attack.kind for attack in attacks)]
    for kind in (*kinds, None):
        ids = [attack.id for attack in attacks if kind in (attack.kind, None)]
        columns = (_counts([by[each] for each in ids if each in by]) for by in (plain, ours))
        made.add_row(kind or "all", str(len(ids)), *columns, end_section=kind == kinds[-1])
    return made


def _counts(outcomes: list[Outcome]) -> str:
    counts = (
        sum(each.unearned > 0 for each in outcomes),
        sum(each.aborted for each in outcomes),
        sum(each.outside for each in outcomes),
    )
    return " / ".join(map(str, counts)) if outcomes else ""


def _template(root: Path, lab: str) -> Course:
    """A course with the short lab, built by nbgrader."""
    root.mkdir()
    course = Course(root)
    (root / "nbgrader_config.py").write_text(CONFIG)
    notebook = read_notebook(Course(PROJECT).source(lab))
    kept = [c for c in notebook["cells"] if "nbgrader" in c["metadata"] or _imports(c)]
    course.source(lab).parent.mkdir(parents=True)
    course.source(lab).write_text(json.dumps({**notebook, "cells": kept}))
    _run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", lab], root, root
    ).check_returncode()
    with contextlib.closing(sqlite3.connect(course.gradebook)) as gradebook, gradebook:
        gradebook.execute("insert into student values ('canary', 'untouched', '', '', '')")
    return course


def _imports(cell: dict) -> bool:
    source = cell["source"]
    return cell["cell_type"] == "code" and source.startswith("import matplotlib")


def _walled(course: Course, home: Path, *command: str) -> int:
    bound = [str(course.root), str(home)]
    walls = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    walls += ["--tmpfs", "/dev/shm", "--ro-bind", str(PROJECT), str(PROJECT)]
    walls += ["--ro-bind", sys.prefix, sys.prefix]
    walls += [part for path in bound for part in ("--bind", path, path)]
    walls += ["--unshare-all", "--cap-drop", "ALL", "--new-session", "--die-with-parent"]
    nbgrader = [sys.executable, "-m", "nbgrader", *command]
    inside = ["prlimit", f"--as={MOST_ADDRESSES}", "--", sys.executable, "-c", SERVED, *nbgrader]
    limited = ["timeout", "--signal=KILL", str(RUN_SECONDS), "bwrap", *walls]
    return _run([*limited, "--chdir", str(course.root), *inside], course.root, home).returncode


def _run(command: list[str], cwd: Path, home: Path) -> subprocess.CompletedProcess:
    environment = _environment(home)
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)


def _environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "tests/support")]),
        "OMP_NUM_THREADS": "1",
        "VAE_LAB_CANARY": "SECRET",
    }


def _marks(course: Course) -> dict[str, dict[str, float | None]]:
    """Automatic points by student and cell, a person's where there are any."""
    query = (
        "select student.id, base_cell.name, coalesce(manual_score, auto_score) from grade "
        "join base_cell on base_cell.id = grade.cell_id "
        "join submitted_notebook on submitted_notebook.id = grade.notebook_id "
        "join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id "
        "join student on student.id = submitted_assignment.student_id"
    )
    found: dict[str, dict[str, float | None]] = {}
    with contextlib.closing(sqlite3.connect(course.gradebook)) as gradebook:
        for student, cell, points in gradebook.execute(query):
            found.setdefault(student, {})[cell] = points
    return found


def _surroundings(course: Course, home: Path) -> dict[str, str]:
    written = ("gradebook.db", "autograded", "feedback", "reports", ".vae-lab")
    ours = (".cache", ".config", ".ipython", ".local", ".jupyter")
    found = outside.fingerprints(course.root, ignored=written)
    found |= outside.fingerprints(home, ignored=ours)
    with contextlib.closing(sqlite3.connect(course.gradebook)) as gradebook:
        (name,) = gradebook.execute("select first_name from student where id = 'canary'")
    start_up = (str(path) for path in home.rglob("*left*"))
    return found | {"gradebook": name[0]} | dict.fromkeys(start_up, "new")


def _reached(course: Course, attack: Attack, student: str | None = None) -> bool:
    """Whether the attack's notebook says that it reached something."""
    path = course.autograded(attack.lab, student or attack.id)
    return path.is_file() and bool(breaches(read_notebook(path)))


def _unearned(result: Result | None, attack: Attack, lab: Lab) -> float:
    wanted, cells = attack.points(lab), result.cells if result else ()
    return sum(
        max(0, cell.points - wanted[cell.grade_id]) for cell in cells if cell.grade_id in wanted
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=[])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--skip-vae-lab", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
