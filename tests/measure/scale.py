"""How grading scales: 1,000 submissions, a cluster that loses a worker, a gradebook of 100,000.

    export PYTHONPATH=tests/support
    python tests/measure/scale.py [--submissions 1000] [--gradebook 100000] [--workers 3]

Measures on this machine, each part by itself:
1. submissions of lab 3 (right, wrong, unfinished, hostile), graded here: rate, and the memory of
   the process that runs it after a tenth and at the end;
2. a tenth as many by a Dask cluster of worker processes, one of which is killed on the way;
3. seconds for one result to go into the gradebook, when that is new and when it is full;
and prints from these what a course of any size takes. `make scale` runs it, for about half an hour.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from dask_cluster import Cluster, kill_tree
from grading_speed import LAB, class_of
from rich.console import Console
from rich.table import Table

from vae_grading.course.course import Course
from vae_grading.demo.classroom import Student
from vae_grading.grading import run as grade
from vae_grading.marks import gradebook
from vae_grading.marks.store import Store

HOSTILE = {
    "ends its process": "import os\nos._exit(0)",
    "forks": "import os\nfor _ in range(200):\n    os.fork()",
    "fills memory": "x = []\nwhile True:\n    x.append(bytearray(10**8))",
    "fills the disk": "open('big', 'wb').write(bytes(10**9))",
    "patches torch": "import torch\ntorch.allclose = torch.equal = lambda *a, **k: True",
    "prints without end": "for _ in range(10**6):\n    print('spam ' * 20)",
}
COURSES = (100, 1_000, 10_000, 100_000)
MACHINES = {"a laptop, 8 cores": 8, "a server, 64 cores": 64, "10 such servers": 640}


@dataclass(frozen=True)
class Rate:
    """How a run went: submissions, seconds, and MB of the run's own process early and late."""

    count: int
    seconds: float
    early: float
    late: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--gradebook", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=3, help="of the cluster")
    arguments = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        course = class_of(Path(folder) / "here", mixed(arguments.submissions))
        here = graded_here(course)
        console.print(
            f"{here.count} submissions in {here.seconds:.0f} s on {os.cpu_count()} cores: "
            f"{60 * here.count / here.seconds:.0f} a minute; the engine took {here.early:.0f} MB "
            f"after a tenth of them and {here.late:.0f} MB at the end"
        )
        require_right_marks(course)
        few = class_of(Path(folder) / "cluster", mixed(arguments.submissions // 10))
        seconds = graded_by_cluster(few, Path(folder), arguments.workers)
        console.print(
            f"{arguments.submissions // 10} by a cluster of {arguments.workers} workers, one of "
            f"them killed on the way: {seconds:.0f} s, none lost"
        )
        require_right_marks(few)
        new, full = recording(course, arguments.gradebook)
        console.print(
            f"one result into the gradebook: {1000 * new:.0f} ms at {here.count} submissions, "
            f"{1000 * full:.0f} ms at {arguments.gradebook:,}"
        )
    console.print(plan(here.seconds * os.cpu_count() / here.count, full))
    return 0


def mixed(count: int) -> list[Student]:
    """Of twenty, twelve right by several routes, four wrong, two unfinished, one empty, one
    hostile."""
    kinds = [
        *({"alternatives": number} for number in (0, 1, 2, 3) for _ in range(3)),
        {"answers": {"gaussian-kl": "half missing"}},
        {"answers": {"gaussian-kl": "mean over latent dimensions"}},
        {"answers": {"reparameterize": "stretched by the variance"}},
        {"answers": {"gaussian-kl": "half missing"}, "alternatives": 1},
        {"left": ("decoder",)},
        {"left": ("encoder", "gaussian-kl")},
        {"start": "release"},
    ]
    attacks = list(HOSTILE.values())
    students = []
    for i in range(count):
        kind = kinds[i % 20] if i % 20 < 19 else {"cells": {"decoder": attacks[i // 20 % 6]}}
        students.append(Student(f"student-{i:06}", "", **kind))
    return students


def graded_here(course: Course) -> Rate:
    """By this process, as `vae-lab grade` does it."""
    count = len(os.listdir(course.submitted))
    process, samples, over = psutil.Process(), [], threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            samples.append((stored(course), process.memory_info().rss / 2**20))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    try:
        grade.grade(course, LAB)
    finally:
        over.set()
        watcher.join()
    seconds = time.perf_counter() - began
    early = max((used for done, used in samples if done <= count / 10), default=0.0)
    late = max(used for done, used in samples if done < count)
    return Rate(count, seconds, early, late)


def stored(course: Course) -> int:
    if not course.results.is_file():
        return 0
    with sqlite3.connect(f"file:{course.results}?mode=ro", uri=True) as database:
        try:
            return database.execute("select count(*) from result").fetchone()[0]
        except sqlite3.OperationalError:
            return 0


def graded_by_cluster(course: Course, folder: Path, workers: int) -> float:
    """Seconds; one worker and its nanny are killed when a fifth is done."""
    cluster = Cluster(folder, workers)
    count = len(os.listdir(course.submitted))

    def kill_one() -> None:
        while stored(course) < count / 5:
            time.sleep(0.2)
        kill_tree(cluster.workers[0].pid)

    try:
        cluster.wait_for_workers(workers)
        killer = threading.Thread(target=kill_one, daemon=True)  # also when grading fails
        killer.start()
        began = time.perf_counter()
        grade.grade(course, LAB, scheduler=cluster.address)
        seconds = time.perf_counter() - began
        killer.join()
        return seconds
    finally:
        cluster.close()


def require_right_marks(course: Course) -> None:
    """Everybody has a result; the model answers are full, nobody hostile has the attacked marks."""
    lab = course.lab(LAB)
    automatic = sum(cell.points for cell in lab.graded if not cell.manual)
    with Store(course) as store:
        results = {each.student: each for each in store.load_all(LAB)}
    students = sorted(os.listdir(course.submitted))
    assert sorted(results) == students
    for i, student in enumerate(students):
        points = {cell.grade_id: cell.points or 0.0 for cell in results[student].cells}
        if i % 20 < 12:
            assert sum(points.values()) == automatic, (student, points)
        if i % 20 == 19:
            assert not any(got for name, got in points.items() if name.startswith("decoder"))
        if i % 20 == 18:
            assert not any(points.values())


def recording(course: Course, size: int) -> tuple[float, float]:
    """Seconds for a result to go into the gradebook as it is, and when it holds `size`."""
    lab = course.lab(LAB)
    with Store(course) as store:
        some = store.load(LAB, sorted(os.listdir(course.submitted))[0])
    new = seconds_each(course, lab, some, "new")
    fill(course.gradebook, some.student, size)
    return new, seconds_each(course, lab, some, "full")


def seconds_each(course: Course, lab, some, name: str, count: int = 50) -> float:
    import dataclasses

    results = [dataclasses.replace(some, student=f"{name}-{i}") for i in range(count)]
    began = time.perf_counter()
    gradebook.record(course, lab, results)
    return (time.perf_counter() - began) / count


def fill(path: Path, model: str, size: int) -> None:
    """Copy one student's rows until the gradebook has `size` submissions."""
    with sqlite3.connect(path) as database:
        (have,) = database.execute("select count(*) from submitted_assignment").fetchone()
        numbers = [(f"copy-{i:06}",) for i in range(size - have)]
        database.execute("create temp table wanted (id text primary key)")
        database.executemany("insert into wanted values (?)", numbers)
        one = f"student_id = '{model}'"
        copies = {
            "student": (f"id = '{model}'", {"id": "w.id"}),
            "submitted_assignment": (one, {"id": "t.id || w.id", "student_id": "w.id"}),
            "submitted_notebook": (
                f"assignment_id in (select id from submitted_assignment where {one})",
                {"id": "t.id || w.id", "assignment_id": "t.assignment_id || w.id"},
            ),
        }
        notebooks = (
            "select n.id from submitted_notebook n join submitted_assignment a "
            f"on a.id = n.assignment_id where {one}"
        )
        cell = {"id": "t.id || w.id", "notebook_id": "t.notebook_id || w.id"}
        for table in ("grade", "comment"):
            copies[table] = (f"notebook_id in ({notebooks})", cell)
        for table, (where, changed) in copies.items():
            columns = [row[1] for row in database.execute(f"pragma table_info({table})")]
            values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
            database.execute(
                f"insert into {table} ({', '.join(columns)}) "
                f"select {values} from (select * from {table} where {where}) t, wanted w"
            )


def plan(core_seconds: float, record_seconds: float) -> Table:
    """What courses of several sizes take: judging is shared by the cores, one process records."""
    table = Table("students", *MACHINES, title="time to grade lab 3, from the rates above")
    for count in COURSES:
        row = [
            max(count * core_seconds / cores, count * record_seconds) for cores in MACHINES.values()
        ]
        table.add_row(f"{count:,}", *(shown(seconds) for seconds in row))
    return table


def shown(seconds: float) -> str:
    """
    >>> shown(30), shown(600), shown(10**5)
    ('1 min', '10 min', '27.8 h')
    """
    return f"{max(1, seconds / 60):.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


if __name__ == "__main__":
    sys.exit(main())
