"""Many submissions at a time, on this machine or on others, in memory that does not grow.

`Crew` is whoever grades: a pool of threads here, each of which waits for a judging process, or the
workers of a Dask cluster. Both are executors of the standard library's kind, so that the way of a
submission is the same: read here, graded there, its result stored here before the next is counted.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from vae_grading.course.assignment import Assignment
from vae_grading.grading.one_submission import Graded, HandIn, grade_submission
from vae_grading.judge.server import JudgesGone, judges
from vae_grading.marks.results import NOT_GRADED, no_marks
from vae_grading.sandbox.jail import begin, jail


@dataclass(frozen=True)
class Crew:
    """Who grades: `executor` runs what it is given, `size()` says how many at a time by now.

    `wait` returns once it can grade, and raises VaeLabError if it cannot.
    `lost` are the errors by which it says that a submission's graders were killed, again and again.
    """

    executor: Executor
    size: Callable[[], int]
    grade: Callable[[Assignment, HandIn], Graded]
    wait: Callable[[], object] = lambda: None
    lost: tuple[type[Exception], ...] = ()


@contextlib.contextmanager
def local_crew(
    workers: int, *, walls: bool = True, libraries: tuple[str, ...] = ()
) -> Iterator[Crew]:
    """This machine, `workers` submissions at a time, of a lab with these `libraries`.

    Left early, it drops what is not finished.

    Raises VaeLabError where there can be no sandbox.
    """
    threading.Thread(target=_start_judges).start()
    # From this thread, which stays: the sandbox ends with it.
    begin(walls=walls, libraries=libraries)
    stop = threading.Event()

    def grade(assignment: Assignment, hand_in: HandIn) -> Graded:
        return grade_submission(assignment, hand_in, walls=walls, stop=stop)

    pool = ThreadPoolExecutor(workers, thread_name_prefix="grade")
    try:
        yield Crew(
            pool, lambda: workers, grade, wait=lambda: jail(walls=walls, libraries=libraries)
        )
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _start_judges() -> None:
    with contextlib.suppress(JudgesGone):  # then it is tried again for the first submission
        judges()


def grade_all(assignment: Assignment, hand_ins: Iterable[HandIn], crew: Crew) -> Iterator[Graded]:
    """What each submission came to, as soon as it is known, in no particular order.

    At most twice as many are under way as the crew grades at a time. What the crew raises (it has
    no sandbox, its scheduler is gone) is raised here, and what is still under way is dropped.
    """
    waiting = iter(hand_ins)
    running: dict[Future[Graded], HandIn] = {}
    try:
        while True:
            for hand_in in waiting:
                running[crew.executor.submit(crew.grade, assignment, hand_in)] = hand_in
                if len(running) >= 2 * crew.size():
                    break
            if not running:
                return
            done = wait(running, return_when=FIRST_COMPLETED).done
            # What is finished is kept, also when another future brings the end of the run.
            for future in sorted(done, key=lambda each: each.exception() is not None):
                hand_in = running.pop(future)
                try:
                    graded = future.result()
                except crew.lost as error:
                    graded = _lost(assignment, hand_in, error)
                yield graded
    finally:
        for future in running:
            future.cancel()


def _lost(assignment: Assignment, hand_in: HandIn, error: Exception) -> Graded:
    reason = f"The workers that graded it were killed ({type(error).__name__})."
    step = "Look at why they ended; then grade again."
    key = assignment.key(hand_in.data)
    return Graded(no_marks(assignment.lab, hand_in.student, key, NOT_GRADED, reason, step), None)
