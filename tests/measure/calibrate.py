"""How often do the checks err? Thousands of runs on right answers, and on wrong ones.

    export PYTHONPATH=tests/support
    python tests/measure/calibrate.py [LAB ...] [--cells CELL,...] [--runs 2000] [--workers N]

Every check that tests random numbers judges the model answer `runs` times and the exercise's other
right answers a quarter as often in all: a graded cell runs it several times, in its visible and in
its hidden part. The other cells, where only the inputs are drawn, judge the model answer a
twentieth as often and the other right answers a fiftieth. No verdict against a right answer is
accepted: the exit status is 1 after any. Wrong answers that a random test must catch are judged by
its cell a hundredth as often each, which tells its power: how often they are caught, and how often
by the right name. Prints two tables in Markdown, one by cell and one by wrong answer.
"""

import argparse
import contextlib
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lab_harness import LabUnderTest, defined_by, graded_calls, labs_with_answers, read
from tqdm import tqdm
from worker_pool import worker_pool

import vae_checks as checks
from vae_checks import CheckFailed

MOST_RUNS = 250  # of a job in one process at a time


@dataclass(frozen=True)
class Job:
    """Judge one answer by one graded cell, `runs` times; `slug` is the expected one, if wrong.

    `is_random` says that the cell tests random numbers, `checks` how often it runs its check.
    """

    lab: str
    key: str
    cell: str
    answer: str
    runs: int
    slug: str | None = None
    is_random: bool = True
    checks: int = 1


@dataclass(frozen=True)
class Count:
    """How many runs failed, and how many of them with the expected slug."""

    job: Job
    failed: int
    named: int
    first_message: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("labs", nargs="*", metavar="LAB", help="labs to judge; all when left out")
    parser.add_argument("--cells", help="graded cells to run, with commas; all when left out")
    parser.add_argument("--runs", type=int, default=2000, help="runs on each right answer")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    arguments = parser.parse_args()
    if unknown := set(arguments.labs) - set(labs_with_answers()):
        parser.error(f"no lab {', '.join(sorted(unknown))}; there are {labs_with_answers()}")
    labs = arguments.labs or labs_with_answers()
    jobs = [job for name in labs for job in jobs_of(read(name), arguments.runs)]
    if arguments.cells is not None:
        wanted = set(arguments.cells.split(","))
        if unknown := wanted - {job.cell for job in jobs}:
            parser.error(f"no graded cell {', '.join(sorted(unknown))}")
        jobs = [job for job in jobs if job.cell in wanted]
    with worker_pool(arguments.workers) as pool:
        counts = together(_watched(pool.map(count, parts := list(parts_of(jobs))), len(parts)))
    print(table(counts), power(counts), sep="\n\n")
    alarms = [found for found in counts if found.job.slug is None and found.failed]
    for found in alarms:
        print(f"\nfalse alarm: {found.job.key} / {found.job.answer}\n{found.first_message}")
    return 1 if alarms else 0


def parts_of(jobs: Iterable[Job]) -> Iterator[Job]:
    """The same runs in shares that several processes can take, the longest jobs first."""
    for job in sorted(jobs, key=lambda job: job.runs, reverse=True):
        for begin in range(0, job.runs, MOST_RUNS):
            yield replace(job, runs=min(MOST_RUNS, job.runs - begin))


def _watched(counts: Iterable[Count], number: int) -> Iterator[Count]:
    """The same, each false alarm told when it comes: a run that is stopped has said it."""
    bar = tqdm(counts, total=number, disable=None)
    for found in bar:
        if found.job.slug is None and found.failed:
            text = f"false alarm: {found.job.key} / {found.job.answer}: {found.first_message}"
            bar.write(" ".join(text.split()), file=sys.stderr)
        yield found


def together(counts: Iterable[Count]) -> list[Count]:
    """One count of each job, of the counts of its parts."""
    found: dict[Job, Count] = {}
    for part in counts:
        key = replace(part.job, runs=0)
        old = found.get(key, Count(key, 0, 0, ""))
        found[key] = Count(
            replace(key, runs=old.job.runs + part.job.runs),
            old.failed + part.failed,
            old.named + part.named,
            old.first_message or part.first_message,
        )
    return list(found.values())


def jobs_of(lab: LabUnderTest, runs: int) -> list[Job]:
    """What to run for a lab: all cells on right answers, random ones on wrong ones as well."""
    jobs = []
    for key, task in lab.tasks.items():
        for cell in task.graded if task.check else ():
            right = [answer.name for answer in lab.right if answer.exercise == key]
            if not is_random(task.graded[cell]):
                # Only the fixtures are random there: see that no draw of them hurts. An answer in
                # float32, say, may be right to the precision it has in most draws and not in all.
                for name in ("model answer", *right):
                    share = max(1, runs // (20 if name == "model answer" else 50))
                    jobs.append(Job(lab.name, key, cell, name, share, is_random=False))
                continue
            number = len(_called(task.graded[cell]))
            jobs.append(Job(lab.name, key, cell, "model answer", -(-runs // number), checks=number))
            share = -(-runs // (4 * len(right) * number))
            jobs += [Job(lab.name, key, cell, name, share, checks=number) for name in right]
            for answer in lab.wrong:
                if answer.exercise == key and cell == answer.loses[0]:
                    share = max(2, runs // 100)
                    jobs.append(Job(lab.name, key, cell, answer.name, share, answer.slug))
    return jobs


def is_random(source: str) -> bool:
    """Does a graded cell call an idea that is marked as testing random numbers?"""
    ideas = []
    for lab, exercise, name in _called(source):
        module = __import__(f"{checks.__name__}.{lab}", fromlist=["_"])
        ideas.append(getattr(getattr(module, exercise), name))
    return any(found.is_random for found in ideas)


def _called(source: str) -> list[tuple[str, str, str]]:
    """Lab, exercise and idea of each call of a graded cell, in order."""
    return re.findall(r"^(lab\w+)\.(\w+)\.(\w+)\(", source, re.MULTILINE)


def count(job: Job) -> Count:
    """Run one job in this process."""
    lab = read(job.lab)
    task = lab.tasks[job.key]
    sources = {
        answer.name: answer.source
        for answer in (*lab.right, *lab.wrong)
        if answer.exercise == job.key
    }
    namespace = defined_by(lab, job.key, sources.get(job.answer, task.solution))
    tests = compile(graded_calls(task, job.cell), job.cell, "exec")
    failed = named = 0
    first = ""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for _ in range(job.runs):
            try:
                exec(tests, namespace)
            except (CheckFailed, Exception) as error:
                failed += 1
                named += getattr(error, "slug", None) == job.slug
                first = first or f"{type(error).__name__}: {error}"
            printed.seek(0)
            printed.truncate()
    return Count(job, failed, named, first)


def table(counts: Iterable[Count]) -> str:
    """One row for each graded cell that tests random numbers, one for all others together."""
    counts = list(counts)
    lines = [
        "| cell | right answers | runs | false alarms | wrong answers | runs | caught | named |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for cell in sorted({found.job.cell for found in counts if found.job.is_random}):
        lines.append(_row(cell, [found for found in counts if found.job.cell == cell]))
    others = [found for found in counts if not found.job.is_random]
    cells = len({found.job.cell for found in others})
    lines.append(_row(f"cells that draw only their inputs: {cells}", others))
    lines.append(_row("**all**", counts))
    return "\n".join(lines)


def power(counts: Iterable[Count]) -> str:
    """One row for each wrong answer that a random test must catch, the most often missed first."""
    wrong = [found for found in counts if found.job.slug is not None]
    wrong.sort(key=lambda found: (found.failed / found.job.runs, found.named / found.job.runs))
    lines = ["| wrong answer | cell | runs | caught | named |", "|---|---|---|---|---|"]
    for found in wrong:
        job = found.job
        shares = f"{found.failed / job.runs:.2%} | {found.named / job.runs:.2%}"
        lines.append(f"| {job.key}: {job.answer} | {job.cell} | {job.runs:,} | {shares} |")
    return "\n".join(lines)


def _row(name: str, counts: list[Count]) -> str:
    right = [found for found in counts if found.job.slug is None]
    wrong = [found for found in counts if found.job.slug is not None]
    runs = sum(found.job.runs * found.job.checks for found in right)
    alarms = sum(found.failed for found in right)
    cells = [name, str(len(right)), f"{runs:,}", str(alarms), str(len(wrong))]
    tried = sum(found.job.runs for found in wrong)
    if tried:
        caught, named = sum(f.failed for f in wrong), sum(f.named for f in wrong)
        cells += [f"{tried:,}", f"{caught / tried:.2%}", f"{named / tried:.2%}"]
    else:
        cells += ["", "", ""]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
