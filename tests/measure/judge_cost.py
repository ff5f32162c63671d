"""What it costs to judge an answer in another process, in multiples of what it costs in one.

    export PYTHONPATH=tests/support
    python tests/measure/judge_cost.py [LAB ...]

The graded cells of every exercise run on the model answer, by the judge with a student's process
of its own (no walls, started beforehand), and in this process as plain nbgrader would. What counts
is the processor's time, of both processes together: it is what grading many submissions takes of a
machine, and other work on it only adds a little. Both processes share one core, as they do when
every core has a submission to grade: to wake a core that idles costs more than a message does. Each
cell is measured `ROUNDS` times both ways, in turn; the least of each counts.
"""

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import lab_harness
import torch
from student_process import StudentProcess

from vae_grading.judge.session import TrustedNames

ROUNDS = 5


class Cost(NamedTuple):
    """Seconds of processor time for all graded cells of a lab."""

    judged: float
    plain: float

    @property
    def ratio(self) -> float:
        return self.judged / self.plain


def judge_cost(name: str, *, rounds: int = ROUNDS) -> Cost:
    """The cost of judging lab `name`'s model answers. Raises what a cell raises: none should."""
    lab = lab_harness.read(name)
    imports = [source for source in lab.preamble if lab_harness.only_imports(source)]
    trusted = TrustedNames(imports)
    namespace = lab_harness.model_names(lab)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    process = StudentProcess(namespace, "", trusted)
    judged = plain = 0.0
    try:
        for task in lab.tasks.values():
            for cell in task.graded.values():
                times = [
                    (
                        _seconds(_judge, process, cell, of=process.pid),
                        _seconds(_run_here, cell, namespace),
                    )
                    for _ in range(rounds)
                ]
                judged += min(one for one, _ in times)
                plain += min(other for _, other in times)
    finally:
        process.close()
        os.sched_setaffinity(0, cores)
    return Cost(judged, plain)


def _judge(process: StudentProcess, cell: str) -> None:
    error = process.session.judge(cell, seconds=60).error
    if error is not None:
        raise error


def _run_here(cell: str, namespace: dict) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(cell, "<test cell>", "exec"), dict(namespace))


def _seconds(function: Callable, *arguments: object, of: int | None = None) -> float:
    """Processor time of this process, and of process `of`, for a call."""
    began = _processor_time(of)
    function(*arguments)
    return _processor_time(of) - began


def _processor_time(other: int | None) -> float:
    own = time.process_time()
    # The clock of another process, as clock_getcpuclockid(3) makes it.
    return own if other is None else own + time.clock_gettime((~other << 3) | 2)


def main() -> None:
    """Print a line for each lab named on the command line, or for all."""
    torch.set_num_threads(1)
    from vae_grading.student.shell import Shell

    Shell.instance()
    for name in sys.argv[1:] or lab_harness.labs_with_answers():
        cost = judge_cost(name)
        print(
            f"{name:25} judged {cost.judged:6.2f} s, in one process {cost.plain:6.2f} s: "
            f"{cost.ratio:.2f} times"
        )


if __name__ == "__main__":
    main()
