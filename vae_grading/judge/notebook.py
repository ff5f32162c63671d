"""Judge a whole notebook: run what must run, judge every test cell, lose nothing on the way."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vae_checks.verdict import CheckFailed
from vae_grading.judge.cells_to_run import ANSWER, NEEDED, SKIPPED, TEST, plan
from vae_grading.judge.job import KERNEL_DIED, LINE_FAILED, OUT_OF_TIME, RAISED, Reason, as_output
from vae_grading.judge.session import Run, Session
from vae_grading.judge.surroundings import Surroundings
from vae_grading.plain_text import quoted
from vae_grading.protocol.exceptions import is_theirs
from vae_grading.protocol.wire import Gone, Late, WireError
from vae_grading.sandbox.jail import StudentProcess, ZygoteGone
from vae_grading.sandbox.limits import Limits
from vae_grading.student.forbidden import is_refusal

MOST_RESTARTS = 6
MOST_PRINTED = 2_000_000  # characters, by all cells of a notebook
MOST_NOTES = 5  # on lines that failed
OWN_SHARE = 0.4  # of a notebook's time
Cell = dict[str, Any]


class Judging:
    """One submission being judged.

    `start` gives a fresh student's process, `trusted` is what the instructor's cells define
    (see Session), `forbidden` are the names that an answer must not call, `limits` say how long
    it may take, counted from `began` (time.monotonic()). `numbers` are what its author calls the
    cells, where not all of them are the author's. `tell` is told of each test cell's
    outputs and why it failed, by grade id, as soon as that is known.
    """

    def __init__(
        self,
        notebook: dict[str, Any],
        released: dict[str, Any],
        start: Callable[[], StudentProcess],
        trusted: Mapping[str, Any],
        forbidden: Sequence[str] = (),
        limits: Limits = Limits(),  # noqa: B008 (frozen)
        numbers: Sequence[int] = (),
        began: float | None = None,
        tell: Callable[[str, list[Cell], Reason | None], object] = lambda *_: None,
    ) -> None:
        self.notebook = copy.deepcopy(notebook)
        self._cells: Sequence[Cell] = self.notebook["cells"]
        self._kinds = plan(self._cells, released["cells"])
        self._exercise = _exercises(self._cells)
        self._numbers = numbers or range(1, len(self._cells) + 1)
        self._start, self._trusted, self._forbidden = start, trusted, forbidden
        self._limits, self._tell = limits, tell
        began = time.monotonic() if began is None else began
        self._deadline = began + limits.notebook_seconds
        self._surroundings = Surroundings()
        self._called: dict[int, Reason] = {}  # exercise -> the forbidden name that it calls
        self._ran: list[int] = []  # cells that a fresh process has to run again
        self._ended: Reason | None = None  # why no more cells are run at all
        self._lost: dict[int, Reason] = {}  # exercise -> why its tests are not judged
        self._slow: set[int] = set()  # exercises in which time ran out
        self._restarts = 0
        self._print_left = MOST_PRINTED
        # For cells of a student's own that belong to no exercise: experiments must not use up the
        # time of the answers below them.
        self._own_left = limits.notebook_seconds * OWN_SHARE

    def judge(self) -> tuple[dict[str, Any], dict[str, Reason | None]]:
        """The notebook with the tests' outputs, and why each test cell failed, None for one that
        passed, by grade id."""
        ends: dict[str, Reason | None] = {}
        self._student = self._start()
        try:
            self._begin()
            for index, (cell, kind) in enumerate(zip(self._cells, self._kinds, strict=True)):
                if cell["cell_type"] == "code":
                    cell["outputs"], cell["execution_count"] = [], None
                if kind == TEST:
                    printed, failed = self._test(index)
                    cell["outputs"] = printed if failed is None else [*printed, as_output(failed)]
                    grade_id = cell["metadata"]["nbgrader"]["grade_id"]
                    ends[grade_id] = failed
                    self._tell(grade_id, cell["outputs"], failed)
                elif kind != SKIPPED:
                    cell["outputs"] = self._run(index)
        finally:
            self._student.close()
        return self.notebook, ends

    def notes(self) -> list[str]:
        """Lines that failed without being the end of their cells."""
        failed = self._surroundings.failed
        told = [f"L{str(line)[1:]}; what follows it was run all the same." for line in failed]
        more = len(told) - MOST_NOTES
        return told if more <= 0 else [*told[:MOST_NOTES], f"{more} more lines failed so."]

    def _begin(self) -> None:
        """Prepare a fresh process, in which nothing of the student's has run.

        Raises ZygoteGone when it ends all the same: that is no doing of the submission.
        """
        self._session = Session(self._student.wire, self._trusted)
        try:
            self._session.forbid(self._forbidden, seconds=self._limits.cell_seconds)
        except WireError as error:
            raise ZygoteGone(f"a fresh process of the sandbox was lost ({error})") from None

    def _run_there(self, index: int, seconds: float) -> Run:
        kind, source = self._kinds[index], self._cells[index]["source"]
        answer = kind == ANSWER and self._exercise[index] > 0
        began = time.monotonic()
        try:
            return self._session.run(source, seconds=seconds, given=kind == NEEDED, answer=answer)
        finally:  # each time that it runs: a fresh process runs it again
            if self._is_own(index):
                self._own_left -= time.monotonic() - began

    def _is_own(self, index: int) -> bool:
        return self._kinds[index] == ANSWER and not self._exercise[index]

    def _run(self, index: int) -> list[Cell]:
        if self._ended is not None:
            return [as_output(self._ended)]
        seconds = self._seconds(index)
        if self._is_own(index):
            seconds = min(seconds, self._own_left)
            if seconds <= 0:
                why = "The notebook's own cells took too long; this did not run."
                return [as_output(Reason(OUT_OF_TIME, why))]
        try:
            done = self._run_there(index, seconds)
        except WireError as error:
            reason = self._explain(index, error)
            if self._kinds[index] == ANSWER and self._exercise[index]:
                why = f"{reason.why} It stands before this one."
                self._lost[self._exercise[index]] = Reason(reason.name, why)
            self._restart(reason)
            return [as_output(reason)]
        self._ran.append(index)
        source, given = self._cells[index]["source"], self._kinds[index] == NEEDED
        self._surroundings.ran(self._numbers[index], source, done.failures, given=given)
        if done.error is not None and is_refusal(*done.error):
            self._called[self._exercise[index]] = Reason(*done.error)
        outputs = self._printed(done.printed)
        return outputs if done.error is None else [*outputs, as_output(Reason(*done.error))]

    def _test(self, index: int) -> tuple[list[Cell], Reason | None]:
        """What a test cell printed, and why it failed, if it did."""
        lost = self._lost.get(self._exercise[index]) or self._ended
        if lost is not None:
            return [], lost
        try:
            verdict = self._session.judge(
                self._cells[index]["source"], seconds=self._seconds(index)
            )
        except WireError as error:
            reason = self._explain(index, error)
            self._restart(reason)
            return [], reason
        printed = self._printed(verdict.printed)
        if verdict.error is None:
            return printed, None
        called = self._called.get(self._exercise[index])
        not_defined = isinstance(verdict.error, NameError) and not is_theirs(verdict.error)
        if called is not None and not_defined:
            return printed, called  # why the name is not defined
        why = self._not_the_answer(index, verdict.error)
        return printed, _told(verdict.error) if why is None else Reason(LINE_FAILED, why)

    def _not_the_answer(self, index: int, error: BaseException) -> str | None:
        """Why a failed test says nothing about the answer that it was to judge, or None."""
        if isinstance(error, NotImplementedError):
            return None
        why = self._surroundings.reason(self._cells[index]["source"])
        if why is not None:
            return why
        try:
            met = self._session.met(seconds=self._seconds(index))
        except WireError:  # the next cell finds out
            return None
        if met is None:
            return None
        return (
            f"The answer met what is not there where it is graded ({quoted(met)}). "
            "So it could not be judged."
        )

    def _restart(self, reason: Reason) -> None:
        """A fresh process, brought to where the old one was before the cell that broke it."""
        self._student.close()
        self._restarts += 1
        if time.monotonic() > self._deadline:
            most = self._limits.notebook_seconds
            late = f"The notebook took more than {most:g} s; this cell was not run."
            self._ended = Reason(OUT_OF_TIME, late)
        elif self._restarts > MOST_RESTARTS:
            self._ended = Reason(KERNEL_DIED, "The process ended too often; this cell was not run.")
        if self._ended is not None:
            return
        self._student = self._start()
        try:
            self._begin()
            for index in self._ran:
                self._run_there(index, self._seconds(index))
        except WireError:  # it went well before: what it does depends on chance or time
            why = f"{reason.why} Running the cells before it again failed."
            self._ended = Reason(reason.name, why)

    def _printed(self, text: str) -> list[Cell]:
        """The output of a cell that printed; of a notebook that prints without end, the start."""
        text = text[: self._print_left]
        self._print_left -= len(text)
        return [{"output_type": "stream", "name": "stdout", "text": text}] if text else []

    def _seconds(self, index: int) -> float:
        slow = self._exercise[index] in self._slow
        left = self._deadline - time.monotonic()
        limits = self._limits
        most = limits.cell_seconds_after_timeout if slow else limits.cell_seconds
        return max(0.1, min(most, left))

    def _explain(self, index: int, error: WireError) -> Reason:
        if isinstance(error, Gone):
            why = self._student.why() or "Its process ended."
            return Reason(KERNEL_DIED, f"The kernel died while this cell ran. {why}")
        if not isinstance(error, Late):
            # What exactly would be told in the student's words.
            why = "The process was ended while this cell ran: it sent what no notebook sends."
            return Reason(KERNEL_DIED, why)
        if self._is_own(index) and self._own_left <= 0:
            why = "The notebook's own cells took too long; this one was stopped."
            return Reason(OUT_OF_TIME, why)
        limits, exercise = self._limits, self._exercise[index]
        if exercise in self._slow:
            return Reason(
                OUT_OF_TIME,
                f"The cell was stopped after {limits.cell_seconds_after_timeout:g} s: one before "
                f"it in this exercise had run for {limits.cell_seconds:g} s without coming to an "
                "end.",
            )
        if exercise:
            self._slow.add(exercise)
        return Reason(
            OUT_OF_TIME,
            f"The cell ran for {limits.cell_seconds:g} s without coming to an end and was stopped.",
        )


def _told(error: BaseException) -> Reason:
    """An error of a test cell, by name: a verdict of ours, or what the student's code raised."""
    if not is_theirs(error):
        if isinstance(error, CheckFailed):
            return Reason(CheckFailed.__name__, error.message, *error.args)
        return Reason(type(error).__name__, str(error))
    if type(error) is NotImplementedError and not error.args:
        return Reason(NotImplementedError.__name__, "")
    try:
        text = str(error)
    except Exception:  # an exception's own method may fail
        text = ""
    said = f": {quoted(text)}" if text else "."
    return Reason(RAISED, f"Your code raised {type(error).__name__}{said}")


def _exercises(cells: Sequence[Cell]) -> list[int]:
    """The exercise that each cell belongs to, by number, or 0 for none."""
    numbers, current = [], 0
    for cell in cells:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("solution"):
            current += 1
        belongs = marks.get("solution") or (marks.get("locked") and cell["cell_type"] == "code")
        numbers.append(current if belongs else 0)
    return numbers
