"""How fast grading is, as ratios of times taken in one run on one machine.

    export PYTHONPATH=tests/support
    python tests/measure/grading_speed.py [--students 30]

The same submissions of lab 3 are graded by `vae-lab grade`, sandbox on, and by nbgrader's own
`autograde`, in one process and without a sandbox, as commands; the marks must be the same. `make
bench` prints the table and always succeeds, unless marks differ.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from judge_cost import judge_cost, lab_harness
from measured import Measured, show
from places import PROJECT
from rich.console import Console

from vae_grading.course.course import Course, find_course
from vae_grading.course.student_version import generated
from vae_grading.demo.classroom import Student, hand_in
from vae_grading.judge.session import Session
from vae_grading.marks.store import Store
from vae_grading.sandbox.jail import Jail

LAB = "lab3-vae"
ROUNDS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--students", type=int, default=30)
    arguments = parser.parse_args()
    console = Console()
    console.print(f"{arguments.students} honest submissions of {LAB}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        course = class_of(Path(folder) / "course", honest(arguments.students))
        show((*against_nbgrader(course), warm_start(), *judges_cost()), console)
    return 0


def honest(count: int) -> list[Student]:
    """Model answers, other right answers, wrong ones, half-finished ones, in turns."""
    kinds = (
        {},
        {"alternatives": 1},
        {"answers": {"gaussian-kl": "half missing"}},
        {"start": "release"},
        {"alternatives": 2},
    )
    return [Student(f"student-{i:05}", "", **kinds[i % len(kinds)]) for i in range(count)]


def class_of(root: Path, students: list[Student]) -> Course:
    """A course of its own with lab 3 and these students' submissions."""
    ours, course = find_course(PROJECT), Course(root)
    shutil.copytree(ours.source(LAB).parent, course.source(LAB).parent)
    shutil.copy(ours.root / "nbgrader_config.py", root)
    with generated(course, LAB) as new:
        shutil.copytree(new.release, course.release(LAB).parent)
    hand_in(course, course.lab(LAB), students, course.submitted)
    return course


def against_nbgrader(course: Course) -> tuple[Measured, ...]:
    """Submissions a minute by both commands, and how soon the first result is there."""
    count = len(list(course.submitted.iterdir()))
    seconds, first = by_vae_lab(course)
    ours = marks(course)
    shutil.rmtree(course.root / "autograded")
    course.gradebook.unlink()
    theirs_seconds = by_nbgrader(course)
    theirs = marks(course)
    if ours != theirs:
        raise SystemExit(f"the marks differ: {ours} by vae-lab, {theirs} by nbgrader")
    ratio = theirs_seconds / seconds
    return (
        Measured(
            "vae-lab grade against nbgrader autograde", ratio, "times faster", ">= 10",
            ratio >= 10, f"{60 * count / seconds:.1f} / {60 * count / theirs_seconds:.1f} "
            "submissions a minute, start included; identical marks",
        ),
        Measured(
            "from start to the first result", first, "s", "", None, f"the whole run: {seconds:.1f}",
        ),
    )  # fmt: skip


def by_vae_lab(course: Course) -> tuple[float, float]:
    """Seconds of the command, and until its first result was on disk."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "vae_grading.cli", "grade", LAB, "--course", str(course.root)]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    first = None
    while run.poll() is None:
        if first is None and course.results.is_file():
            with Store(course) as store:
                if next(store.load_all(LAB), None) is not None:
                    first = time.perf_counter() - began
        time.sleep(0.02)
    if run.returncode:
        raise SystemExit(run.stderr.read().decode())
    seconds = time.perf_counter() - began
    return seconds, first or seconds


def by_nbgrader(course: Course) -> float:
    """Seconds of nbgrader's own `generate_assignment` (about two) and `autograde`."""
    here = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"VAE_LAB_JUDGE": "off"}
    began = time.perf_counter()
    for command in ("generate_assignment", "autograde"):
        subprocess.run(
            [sys.executable, "-m", "nbgrader", command, LAB, "--force"],
            cwd=course.root, env=environment, check=True, capture_output=True,
        )  # fmt: skip
    return time.perf_counter() - began


def marks(course: Course) -> dict[str, float]:
    """Scores by student, by nbgrader's own reading of the gradebook."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        found = {each.student.id: each.score for each in book.assignment_submissions(LAB)}
        book.engine.dispose()
    return found


def warm_start() -> Measured:
    """Until a student's process has run its first cell: from the zygote, and from nothing."""
    cold, warm = [], []
    for _ in range(2):
        began = time.perf_counter()
        jail = Jail().wait()
        first_cell(jail)
        cold.append(time.perf_counter() - began)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            first_cell(jail)
            warm.append(time.perf_counter() - began)
        jail.close()
    ratio = min(cold) / min(warm)
    return Measured(
        "a student's process, warm against cold", ratio, "times faster", "", None,
        f"{min(cold):.2f} s / {min(warm):.3f} s, the best of {len(cold)} and {len(warm)}",
    )  # fmt: skip


def judges_cost() -> list[Measured]:
    """Processor time of the checks by the judge, against the same checks in one process."""
    torch.set_num_threads(1)
    rows = []
    for lab in lab_harness.labs_with_answers():
        cost = judge_cost(lab)
        detail = f"{cost.judged:.2f} s / {cost.plain:.2f} s of processor time, model answer"
        what = f"{lab}'s checks, judged against in one process"
        rows.append(Measured(what, cost.ratio, "times", "<= 1.5", cost.ratio <= 1.5, detail))
    return rows


def first_cell(jail: Jail) -> None:
    student = jail.student()
    Session(student.wire, {}).run("import torch\ntorch.ones(3).sum()", seconds=60)
    student.close()


if __name__ == "__main__":
    sys.exit(main())
