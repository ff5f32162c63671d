"""Run mutants and rewrites against the oracle and the cells, two at a time, and end those that hang."""

import contextlib
import io
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection, wait
from typing import Any

from lab_harness import LabUnderTest, defined_by, judge, read
from mutation.mutants import Mutant
from mutation.oracle import BROKEN, OTHER, SAME, Oracle
from mutation.recording import Call, name_of, recorded

from vae_checks import CheckFailed

# Slugs that say that an answer is wrong, and not what is wrong with it.
GENERIC = frozenset(
    {"wrong-value", "raised", "wrong-shape", "unusable", "wrong-update", "not-exact", "nan"}
    | {"wrong-derivative", "hung"}
)
_SECONDS = 40


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: the oracle's word, and the slug and message of each lost cell.

    An error that is no check's has `accident` for its slug; one that did not end has `hung`.
    """

    mutant: Mutant
    oracle: str
    lost: dict[str, tuple[str, str]]

    @property
    def slug(self) -> str | None:
        """Of the first cell that was lost."""
        return next((slug for slug, _ in self.lost.values()), None)

    @property
    def message(self) -> str:
        return next((message for _, message in self.lost.values()), "")

    @property
    def kind(self) -> str:
        """`equal`, `broken`, `paid`, `named`, `generic` or `accident`."""
        if not self.lost:
            return "equal" if self.oracle == SAME else "paid"
        if self.oracle == BROKEN:
            return "broken"
        if self.slug == "accident":
            return "accident"
        return "generic" if self.slug in GENERIC else "named"


def verdicts(lab: str, mutants: Iterable[Mutant], workers: int = 2) -> Iterator[Verdict]:
    """The verdicts on mutants of answers to a lab, in the order in which they are done."""
    waiting = list(mutants)[::-1]
    read(lab)
    context = multiprocessing.get_context("fork")
    running: dict[Connection, _Worker] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                worker = _Worker(context, lab)
                running[worker.pipe] = worker
                worker.give(waiting.pop())
            ready = wait(list(running), timeout=1)
            for pipe, worker in list(running.items()):
                done = None
                if pipe in ready:
                    with contextlib.suppress(EOFError, ConnectionError):
                        done = pipe.recv()
                elif time.monotonic() < worker.deadline:
                    continue
                yield done or Verdict(worker.mutant, OTHER, {"": ("hung", "It does not end.")})
                if done is None or not waiting:
                    worker.end()
                    del running[pipe]
                else:
                    worker.give(waiting.pop())
    finally:
        for worker in running.values():
            worker.end()


class _Worker:
    def __init__(self, context: Any, lab: str) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, self.pipe, lab), daemon=True)
        self.process.start()
        theirs.close()

    def give(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.deadline = time.monotonic() + _SECONDS
        self.pipe.send(mutant)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _work(pipe: Connection, parents: Connection, lab_name: str) -> None:
    import torch

    parents.close()
    torch.set_num_threads(1)
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
        told = _by_the_oracle(lab, mutant)
        outcome = judge(lab, mutant.key, mutant.source)
    lost = {cell: _said(error) for cell, error in outcome.lost.items()}
    return Verdict(mutant, told, lost)


def _by_the_oracle(lab: LabUnderTest, mutant: Mutant) -> str:
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
