"""Mutants and rewrites against the oracle and the cells, in processes that are ended on a hang."""

import contextlib
import io
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.connection import Connection, wait

import psutil
import torch
from lab_harness import LabUnderTest, defined_by, judge, read
from worker_pool import begin

from mutation.explained import Explanation
from mutation.mutants import Mutant
from mutation.oracle import BROKEN, OTHER, SAME, Oracle
from mutation.recording import Call, name_of, recorded
from vae_checks import CheckFailed

# Slugs that say that an answer is wrong, and not what is wrong with it.
GENERIC = frozenset(
    {"wrong-value", "wrong-shape", "wrong-update", "wrong-derivative", "nan"}
    | {"raised", "unusable", "hung"}
)
# Of processor time: how busy the machine is decides nothing.
_SECONDS = 10


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: the oracle's word, slug and message of the first cell that it lost.

    An error that is no check's has `accident` for its slug; one that did not end has `hung`.
    """

    mutant: Mutant
    oracle: str
    slug: str | None
    message: str
    why: str = ""

    def explained(self, known: Iterable[Explanation]) -> "Verdict":
        """With the reason why it may be paid, if one of `known` is about it."""
        fitting = (each.why for each in known if each.fits(self.mutant))
        return replace(self, why=next(fitting, "")) if self.kind == "paid" else self

    @property
    def kind(self) -> str:
        """`equal`, `explained`, `paid`, `raises`, `named`, `generic` or `accident`."""
        if self.slug is None:
            if self.oracle == SAME:
                return "equal"
            return "explained" if self.why else "paid"
        if self.oracle == BROKEN:
            return "raises"
        if self.slug == "accident":
            return "accident"
        return "generic" if self.slug in GENERIC else "named"


def verdicts(lab: str, mutants: Iterable[Mutant], workers: int = 2) -> Iterator[Verdict]:
    """The verdicts on mutants of answers to a lab, in the order in which they are done."""
    by_key: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        by_key.setdefault(mutant.key, []).append(mutant)
    for key, waiting in by_key.items():
        _calls(lab, key)  # what the workers find in their memory
        oracle(lab, key, waiting[0].answer)
        yield from _by_workers(lab, waiting[::-1], workers)


def _by_workers(lab: str, waiting: list[Mutant], workers: int) -> Iterator[Verdict]:
    running: dict[Connection, _Worker] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                worker = _Worker(lab)
                running[worker.pipe] = worker
                worker.give(waiting.pop())
            ready = wait(list(running), timeout=1)
            for pipe, worker in list(running.items()):
                done = None
                if pipe in ready:
                    with contextlib.suppress(EOFError, ConnectionError):
                        done = pipe.recv()
                elif not worker.hangs():
                    continue
                yield done or Verdict(worker.mutant, OTHER, "hung", "It does not end.")
                if done is None or not waiting:
                    worker.end()
                    del running[pipe]
                else:
                    worker.give(waiting.pop())
    finally:
        for worker in running.values():
            worker.end()


class _Worker:
    def __init__(self, lab: str) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, theirs = context.Pipe()
        seed = int(torch.randint(2**62, ()))  # of this process's own numbers, in a test the same
        given = (theirs, self.pipe, lab, seed)
        self.process = context.Process(target=_work, args=given, daemon=True)
        self.process.start()
        theirs.close()

    def give(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.deadline = self._used() + _SECONDS
        self.latest = time.monotonic() + 20 * _SECONDS
        self.pipe.send(mutant)

    def hangs(self) -> bool:
        """Has it computed, or slept, for longer than any mutant needs that comes to an end?"""
        return self._used() > self.deadline or time.monotonic() > self.latest

    def _used(self) -> float:
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self.process.pid).cpu_times().user
        return 0.0

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _work(pipe: Connection, parents: Connection, lab_name: str, seed: int) -> None:
    parents.close()
    begin(seed)
    _limit_memory()
    lab = read(lab_name)
    while True:
        try:
            mutant = pipe.recv()
        except EOFError:
            os._exit(0)
        pipe.send(verdict(lab, mutant))


def verdict(lab: LabUnderTest, mutant: Mutant) -> Verdict:
    """The verdict on one mutant, in this process."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        told = told_by_the_oracle(lab, mutant)
        try:
            first = next(lost(lab, mutant.key, mutant.source), None)
        except Exception as error:  # of the cell itself: there is nothing to judge
            return Verdict(mutant, BROKEN, "raised", f"{type(error).__name__}: {error}")
    return Verdict(mutant, told, *(first or (None, "")))


def told_by_the_oracle(lab: LabUnderTest, mutant: Mutant) -> str:
    try:
        names = defined_by(lab, mutant.key, mutant.source)
        other = names[name_of(lab, mutant.key)]
    except Exception:
        return BROKEN
    return oracle(lab.name, mutant.key, mutant.answer).verdict(other)


@cache
def oracle(lab_name: str, key: str, answer: str) -> Oracle:
    """The oracle of one right answer, the model answer or one of the bank."""
    lab = read(lab_name)
    source = sources(lab, key)[answer]
    return Oracle(defined_by(lab, key, source)[name_of(lab, key)], _calls(lab_name, key))


@cache
def _calls(lab_name: str, key: str) -> list[Call]:
    return recorded(read(lab_name), key)


def sources(lab: LabUnderTest, key: str) -> dict[str, str]:
    """The right answers to an exercise: the model answer, and those of the bank by name."""
    others = {each.name: each.source for each in lab.right if each.exercise == key}
    return {"model answer": lab.tasks[key].solution, **others}


def lost(lab: LabUnderTest, key: str, source: str) -> Iterator[tuple[str, str]]:
    """Slug and message of each graded cell that an answer loses, judged one after another."""
    task = lab.tasks[key]
    for tests in task.graded.values():
        outcome = judge(
            replace(lab, tasks={key: replace(task, check="", graded={"": tests})}), key, source
        )
        yield from (_said(error) for error in outcome.lost.values())


def _said(error: BaseException) -> tuple[str, str]:
    if isinstance(error, CheckFailed):
        return error.slug, error.message
    return "accident", f"{type(error).__name__}: {error}"


def _limit_memory() -> None:
    """A mutant that asks for a terabyte gets an error."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        with open("/proc/self/statm") as pages:
            now = int(pages.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + 4 * 2**30, now + 4 * 2**30))
