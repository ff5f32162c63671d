"""The steps of a trial in a process of their own: one that hangs or dies takes no other with it.

The process ends with the step; a fresh one runs the cells before it again and goes on behind it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vae_checks.standing import NOT_TRIED, WRONG, Found
from vae_grading.trial.steps import Plan, Step
from vae_helpers.errors import VaeLabError

START_SECONDS = 300  # a first import of torch on a cold, slow disk
MOST_STARTS = 7
_WINDOWS = os.name == "nt"


class _Lost(Exception):
    """The process did not come to the end of a step; its text says how."""


class Trial:
    """A plan being carried out: `found` is what became of each graded cell, by grade id."""

    def __init__(self, plan: Plan, folder: Path, seconds: float) -> None:
        self.found: dict[str, Found] = {}
        self._plan, self._folder, self._seconds = plan, folder, seconds
        self._errors: dict[str, str] = {}  # how solution cells ended, by grade id
        self._lost: dict[int, str] = {}  # steps that end their process, and how
        self._task = {part.grade_id: task for task in plan.tasks for part in task.parts}

    def run(self, on_step: Callable[[int], object] = lambda number: None) -> None:
        """Run and judge everything; `on_step` hears how many steps are behind.

        Raises VaeLabError where no process can be had.
        """
        for _ in range(MOST_STARTS):
            at: int | None = None
            try:
                for event, *told in self._events():
                    if event == "begins":
                        at = int(told[0])
                        on_step(at)
                    elif told:
                        self._note(event, *told)
                break
            except _Lost as lost:
                if at is None:
                    raise VaeLabError(
                        f"{self._folder}: no notebook can be run there ({lost}); has a file beside "
                        "it the name of a library, such as random.py?"
                    ) from None
                self._lose(at, str(lost))
        self._fill()

    def _note(self, event: str, number: int, *told: Any) -> None:
        step = self._plan.steps[number]
        if event == "ran" and told[0] is not None:
            name, text = told[0]
            self._errors[step.key] = f"{name}{text and ': '}{' '.join(text.split())}"[:300]
        elif event == "judged":
            self.found[step.key] = self._explained(step, Found(*told))

    def _explained(self, step: Step, found: Found) -> Found:
        """A verdict with what is known of the cells that it is about."""
        cells = self._task[step.key].solutions_of(step.key)
        touched = any(cell in self._plan.touched for cell in cells)
        if found.state == WRONG and not found.by_check and not touched:
            return Found(NOT_TRIED)
        ended = next((self._errors[cell] for cell in cells if cell in self._errors), "")
        if found.state == NOT_TRIED and found.said and touched:  # a name is not defined
            ended = f"\n  The cell for it ended with {ended}" if ended else ""
            return Found(WRONG, f"✗ {found.said}.{ended}")
        return found

    def _lose(self, number: int, how: str) -> None:
        step = self._plan.steps[number]
        self._lost[number] = how
        what = "This check" if step.part is not None else "The cell"
        for test in self._plan.steps:
            if test.part is None or test.key in self.found:
                continue
            own = step.part is not None and self._task[step.key] is self._task[test.key]
            if own or step.key in self._task[test.key].solutions_of(test.key):
                self.found[test.key] = Found(WRONG, f"✗ {what} {how}.")

    def _fill(self) -> None:
        """What is left when the process ended too often."""
        for key in self._task:
            why = "✗ Not looked at: the notebook's process ended too often."
            self.found.setdefault(key, Found(WRONG, why))

    def _events(self) -> Iterator[list[Any]]:
        """What a fresh process tells of the steps that are left. Raises _Lost."""
        steps = [
            (number, _as_told(step))
            for number, step in enumerate(self._plan.steps)
            if number not in self._lost and (step.part is None or step.key not in self.found)
        ]
        sent = json.dumps({"steps": steps, "forbidden": self._plan.forbidden}).encode()
        with _process(self._folder) as process:
            lines: queue.Queue[bytes] = queue.Queue()
            threading.Thread(target=_listen, args=(process, lines), daemon=True).start()
            for hand_over in (lambda: process.stdin.write(sent), process.stdin.close):
                with contextlib.suppress(OSError):  # it ended already: what it says tells so
                    hand_over()
            seconds, event = float(START_SECONDS), [""]
            while event != ["done"]:
                try:
                    line = lines.get(timeout=seconds)
                except queue.Empty:
                    raise _Lost(f"ran for {seconds:g} s without coming to an end") from None
                if not line:
                    raise _Lost(_end_of(process, ready=event != [""]))
                event = json.loads(line)
                seconds = self._seconds
                yield event


def _as_told(step: Step) -> dict[str, Any]:
    is_test = step.part is not None
    kinds = {"given": step.given, "answer": step.answer, "is_test": is_test}
    return {"source": step.source, "key": step.key, **kinds}


@contextlib.contextmanager
def _process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in the notebook's folder; it ends with the block, and what it started as well."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vae_grading.trial.worker"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUTF8": "1"},
        start_new_session=not _WINDOWS,
    )
    with process:
        try:
            yield process
        finally:
            with contextlib.suppress(OSError):
                process.kill() if _WINDOWS else os.killpg(process.pid, signal.SIGKILL)


def _listen(process: subprocess.Popen[bytes], lines: queue.Queue[bytes]) -> None:
    with contextlib.suppress(ValueError):  # closed meanwhile
        for line in process.stdout:
            lines.put(line)
    lines.put(b"")


def _end_of(process: subprocess.Popen[bytes], *, ready: bool) -> str:
    """How a process ended that did not tell so."""
    if ready:
        return "ended the notebook's process (out of memory, or a call that ends it)"
    said = process.stderr.read().decode(errors="replace").strip().splitlines()
    return said[-1] if said else f"its process ended with {process.wait()}"
