"""Kill the grading of a class with `kill -9` at random moments, again and again; lose nothing.

    export PYTHONPATH=tests/support
    python tests/measure/chaos.py [--kills 1000] [--seed N]

A run of `vae-lab grade` is started on a course of its own, and at a random moment one of its
processes is killed: the run itself (which is also the one that writes results and gradebook), the
sandbox's zygote or the process that keeps its walls, the server that judges are forked from, or a
judge. A run that lives on is hit again; one that ended is started anew. After every run, killed or
not: no result is wrong or there twice, the gradebook agrees with the results that it knows and is
sound, a manual mark is as it was, no process is left. A submission whose graders were killed time
and again may be left to the next run, which says so. At the end one run finishes the rest.
Prints a table of what was killed how often; the exit status is 1 after any fault.
"""

import argparse
import contextlib
import os
import random
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import toy

from vae_grading import cli
from vae_grading.course.course import Course
from vae_grading.course.student_version import generated
from vae_grading.marks.results import NOT_GRADED
from vae_grading.marks.store import Store
from vae_grading.sandbox import linux

RIGHT = {"double-value": 1.0, "double-negative": 2.0, "mean-value": 2.0, "question-why": None}
WRONG = RIGHT | {"double-value": 0.0, "double-negative": 0.0}
MANUAL = 3.0
LONGEST_RUN = 240.0  # seconds
LONGEST_END = 90.0  # a server that still imports notices afterwards that nobody needs it
LONGEST_PAUSE = 0.6  # seconds between two kills of a run; a submission takes 0.4
STUDENTS = 24
SET_CHILD_SUBREAPER = 36  # of prctl(2): whose parent has ended is a child of this process then
# Kinds of processes, and how often of a dozen kills each is hit: a run takes seconds to come back,
# a judge none.
RUN, ZYGOTE, WALLS, SERVER, JUDGE = (
    "the run", "the sandbox's zygote", "the sandbox's walls", "the judges' server", "a judge",
)  # fmt: skip
WEIGHTS = {RUN: 2, ZYGOTE: 1, WALLS: 1, SERVER: 2, JUDGE: 6}


class Fault(AssertionError):
    """Something was lost, doubled or changed."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None, help="of the moments and the victims")
    arguments = parser.parse_args()
    seed = random.randrange(10**6) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            killed = chaos(Path(folder), arguments.kills, random.Random(seed))
        except Fault as fault:
            print(f"fault: {fault}")
            return 1
    for name, count in killed.most_common():
        print(f"| {name} | {count} |")
    return 0


def chaos(folder: Path, kills: int, rng: random.Random) -> Counter:
    """Kill `kills` times; how often what was hit, each kind in a dozen. Raises Fault."""
    with _adopting() as others:
        return _chaos(_class(folder / "course"), kills, rng, others)


def _chaos(
    course: Course, kills: int, rng: random.Random, others: frozenset[psutil.Process]
) -> Counter:
    with generated(course, toy.LAB):  # imports nbgrader, once for all runs
        pass
    _grade(course, others)
    _mark_by_hand(course)
    _change_some(course, rng)
    began = time.monotonic()
    _grade(course, others)
    calm = time.monotonic() - began
    killed: Counter = Counter()
    victims = _victims(rng)
    victim = next(victims)
    while killed.total() < kills:
        _change_some(course, rng)
        run = _start(course)
        deadline = time.monotonic() + LONGEST_RUN
        hit = time.monotonic() + rng.uniform(0, calm)
        while _is_alive(run):
            time.sleep(0.05)
            if time.monotonic() > deadline:
                raise Fault(f"a run did not come to an end within {LONGEST_RUN:.0f} s")
            due = time.monotonic() > hit and killed.total() < kills
            if due and _kill(run, victim, rng):
                killed[victim] += 1
                hit, victim = time.monotonic() + rng.uniform(0, LONGEST_PAUSE), next(victims)
        _end(run, others)
        _require_sound(course)
    _grade(course, others)
    _require_sound(course, complete=True)
    return killed


def _class(root: Path) -> Course:
    course = toy.copy_course(root)
    for number in range(STUDENTS):
        _change(course, f"student-{number}")
    return course


def _change_some(course: Course, rng: random.Random) -> None:
    """Hand in anew for two of three students: there is always work."""
    students = sorted(path.name for path in course.submitted.iterdir())
    for student in rng.sample(students, k=2 * len(students) // 3):
        _change(course, student)


def _change(course: Course, student: str) -> None:
    """Hand in something new: right or wrong by what its own words say."""
    number = sum(path.stat().st_mtime_ns for path in course.submitted.glob(f"{student}/*/*"))
    wrong = (number + int(student[-1])) % 3 == 0
    factor = 1 if wrong else 2
    source = f"def double(number):\n    return {factor} * number  # {time.time_ns()}"
    toy.submit(course, student, toy.answered(course, double=source))


def _grade(course: Course, others: frozenset[psutil.Process]) -> None:
    if code := _end(_start(course), others):
        raise Fault(f"a calm run ended with {code}")


def _start(course: Course) -> int:
    """A run in a process that is forked from this one, which has imported all that it needs."""
    sys.stdout.flush()
    run = os.fork()
    if run == 0:
        status = 1
        try:
            os.setsid()
            log = os.open(course.root / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            status = cli.run(["grade", toy.LAB, "--course", str(course.root)])
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(status)
    return run


def _victims(rng: random.Random) -> Iterator[str]:
    """Kinds of processes by their weights, each dozen in another order."""
    dozen = [kind for kind, weight in WEIGHTS.items() for _ in range(weight)]
    while True:
        yield from rng.sample(dozen, len(dozen))


def _kill(run: int, victim: str, rng: random.Random) -> bool:
    """Kill one of the run's processes of this kind, if there is any by now."""
    with contextlib.suppress(psutil.Error):
        whole = psutil.Process(run)
        found = [whole] if victim == RUN else []
        for each in whole.children(recursive=True) if victim != RUN else ():
            with contextlib.suppress(psutil.Error):
                if _kind(each) == victim:
                    found.append(each)
        if found:
            rng.choice(found).kill()
            return True
    return False


def _kind(process: psutil.Process) -> str | None:
    line, above = process.cmdline(), process.parent()
    parent = "" if above is None else " ".join(above.cmdline())  # it may have ended just now
    if "vae_grading.judge.server" in line:
        return JUDGE if "vae_grading.judge.server" in parent else SERVER
    if "vae_grading.sandbox.zygote" not in line:
        return None
    if line[0] == "bwrap" or "vae_grading.sandbox.namespaces" in line:
        return WALLS
    below_walls = "bwrap" in parent or "vae_grading.sandbox.namespaces" in parent
    return ZYGOTE if below_walls else None


def _is_alive(run: int) -> bool:
    with contextlib.suppress(psutil.Error):
        return psutil.Process(run).status() != psutil.STATUS_ZOMBIE
    return False


@contextlib.contextmanager
def _adopting() -> Iterator[frozenset[psutil.Process]]:
    """Inside, what a run leaves behind becomes a child of this process, and not of the machine's
    first one: other runs go on beside these. The children that this process has already."""
    linux.prctl(SET_CHILD_SUBREAPER, 1)
    try:
        yield frozenset(psutil.Process().children())
    finally:
        linux.prctl(SET_CHILD_SUBREAPER, 0)


def _end(run: int, others: frozenset[psutil.Process]) -> int:
    """Wait for a run's exit code; nothing that it started may be left. Raises Fault."""
    _, status = os.waitpid(run, 0)
    deadline = time.monotonic() + LONGEST_END
    while left := _left(others):
        if time.monotonic() > deadline:
            raise Fault(f"processes were left: {left}")
        time.sleep(0.05)
    return os.waitstatus_to_exitcode(status)


def _left(others: frozenset[psutil.Process]) -> list[str]:
    """What lives on of a run that has ended; what has ended as well is reaped."""
    found = []
    for each in set(psutil.Process().children()) - others:
        with contextlib.suppress(psutil.NoSuchProcess):
            if each.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(each.pid, 0)
            else:
                found.append(f"{each.pid} {' '.join(each.cmdline())[:80]}")
    return found


def _mark_by_hand(course: Course) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        for submission in book.assignment_submissions("toy"):
            grade = book.find_grade("question-why", "toy", "toy", submission.student.id)
            grade.manual_score = MANUAL
        book.db.commit()
        book.engine.dispose()


def _require_sound(course: Course, *, complete: bool = False) -> None:
    """Raise Fault unless results and gradebook are what they should be."""
    with Store(course) as store:
        results = list(store.load_all("toy"))
        recorded = set(store.students("toy", recorded=True))
    for result in results:
        if result.problem == NOT_GRADED and not complete:
            continue
        if result.problem is not None:
            raise Fault(f"{result.student} was not graded: {result.reason}")
        found = {cell.grade_id: cell.points for cell in result.cells}
        if found not in (RIGHT, WRONG):
            raise Fault(f"{result.student} has marks that no answer earns: {found}")
        if complete:
            text = course.submitted.joinpath(result.student, "toy", "toy.ipynb").read_text()
            if found != (WRONG if "return 1 * number" in text else RIGHT):
                raise Fault(f"{result.student} has the marks of another submission: {found}")
    in_book = _scores(course)
    totals = {each.student: _automatic(each) for each in results}
    for student in recorded | (set(totals) if complete else set()):
        if in_book.get(student) != (totals[student], MANUAL):
            raise Fault(f"{student} has {in_book.get(student)} in the gradebook, not {totals}")
    if complete and len(results) != STUDENTS:
        raise Fault(f"{len(results)} of {STUDENTS} have a result")


def _automatic(result) -> float:
    return sum(cell.points for cell in result.cells if cell.points is not None)


def _scores(course: Course) -> dict[str, tuple[float, float]]:
    """Automatic and manual points by student, by SQL beside nbgrader's own reading."""
    query = (
        "select student_id, sum(auto_score), sum(manual_score) from submitted_assignment s "
        "join submitted_notebook n on n.assignment_id = s.id join grade g on g.notebook_id = n.id "
        "group by s.id"
    )
    with contextlib.closing(sqlite3.connect(course.gradebook)) as database:
        (sound,) = database.execute("pragma integrity_check").fetchone()
        rows = database.execute(query).fetchall()
    if sound != "ok":
        raise Fault(f"the gradebook is damaged: {sound}")
    if len({student for student, _, _ in rows}) != len(rows):
        raise Fault("a submission stands in the gradebook twice")
    return {student: (auto, manual) for student, auto, manual in rows}


if __name__ == "__main__":
    sys.exit(main())
