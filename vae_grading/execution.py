"""Run a submitted notebook to its end, whatever its cells do to the kernel or to the clock.

nbgrader's own `Execute` gives up when the kernel dies, and waits 30 s again for every later cell
that calls an endless function. Here the cell concerned gets an error in place of a verdict, a
fresh kernel is brought to where the dead one was, and the rest goes on.
"""

import copy
import os
import time
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import Execute
from traitlets.config import Config

KERNEL_DIED, OUT_OF_TIME = "KernelDied", "OutOfTime"

SECONDS_AFTER_TIMEOUT = 5  # for the other cells of an exercise in which time ran out once
NOTEBOOK_SECONDS = 240
MOST_RESTARTS = 4


def use_sockets_of_files(config: Config, folder: Path) -> Config:
    """Let kernels be reached by files in `folder`, not by network ports: without any network."""
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = str(folder / "kernel")  # the beginning of the files' names
    return config


class ExecuteToTheEnd(Execute):
    """nbgrader's Execute, for one notebook, that leaves no graded cell without an outcome.

    A cell may run for as long as the course's `c.Execute.timeout` says.
    A graded cell ends with an error (no marks) or without (full marks): what it wrote to
    standard error, and any value that it displayed, are no verdicts.
    """

    def preprocess(self, nb: Any, resources: Any = None, km: Any = None) -> tuple[Any, Any]:
        self._cell_seconds = self.timeout or 30
        NotebookClient.__init__(self, nb, km)
        self._check_assign_resources(resources)
        self.timeout_func = self._seconds_for
        self._deadline = time.monotonic() + NOTEBOOK_SECONDS
        self._exercise = exercises(nb.cells)
        self._slow: set[int] = set()
        self._barred: set[int] = set()
        begin = 0
        for _ in range(MOST_RESTARTS + 1):
            stopped = self._run_from(begin)
            if stopped is None:
                break
            begin = stopped + 1
        else:
            died = "The kernel died too often; this cell was not run."
            self._give_up(range(begin, len(nb.cells)), KERNEL_DIED, died)
        for cell in nb.cells:
            if utils.is_grade(cell) and cell.cell_type == "code":
                _keep_verdict(cell)
        return nb, self.resources

    def _run_from(self, begin: int) -> int | None:
        """Run the cells from `begin` in a fresh kernel; the cell at which the kernel was lost."""
        cells = self.nb.cells
        self.reset_execution_trackers()
        with self.setup_kernel():
            info = self.wait_for_reply(self.kc.kernel_info())
            self.nb.metadata["language_info"] = info["content"]["language_info"]
            for index, cell in enumerate(cells):
                if index < begin and (utils.is_locked(cell) or cell.cell_type != "code"):
                    continue
                if index in self._barred:
                    continue
                if time.monotonic() > self._deadline:
                    late = f"The notebook took more than {NOTEBOOK_SECONDS} s; "
                    self._give_up(
                        range(max(index, begin), len(cells)),
                        OUT_OF_TIME,
                        late + "this cell was not run.",
                    )
                    return None
                if not self._survives(index, replay=index < begin):
                    return max(index, begin - 1)
        return None

    def _survives(self, index: int, *, replay: bool) -> bool:
        """Run one cell; whether the kernel is still of use. A replay leaves the cell as it is."""
        original = self.nb.cells[index]
        cell = copy.deepcopy(original) if replay else original
        try:
            self.execute_cell(cell, index, store_history=True)
        except DeadKernelError:
            self._lose(index, KERNEL_DIED, "The kernel died while this cell ran.", replay)
            return False
        except CellTimeoutError:  # it did not heed the interrupt
            self._lose(index, OUT_OF_TIME, self._out_of_time(index), replay)
            return False
        finally:
            self.nb.cells[index] = original
        if any(output.get("ename") == "CellTimeoutError" for output in cell.get("outputs", ())):
            cell.outputs = [output for output in cell.outputs if output.output_type != "error"]
            cell.outputs.append(_error(OUT_OF_TIME, self._out_of_time(index)))
            self._slow.add(self._exercise[index])
            self._slow.discard(0)
            if not utils.is_locked(cell):
                self._barred.add(index)
        return True

    def _lose(self, index: int, name: str, why: str, replay: bool) -> None:
        """Bar the cell that broke the kernel, and what is left of its exercise."""
        self._barred.add(index)
        if replay:
            return
        self.nb.cells[index].outputs = [_error(name, why)]
        exercise = self._exercise[index]
        if exercise:
            rest = [
                i for i in range(index + 1, len(self.nb.cells)) if self._exercise[i] == exercise
            ]
            self._give_up(rest, name, f"{why} It stands before this one, which was not run.")

    def _give_up(self, indices: Any, name: str, why: str) -> None:
        for index in indices:
            self._barred.add(index)
            if self.nb.cells[index].cell_type == "code":
                self.nb.cells[index].outputs = [_error(name, why)]

    def _seconds_for(self, cell: Any) -> int:
        index = next(i for i, other in enumerate(self.nb.cells) if other.id == cell.id)
        left = int(self._deadline - time.monotonic()) + 1
        slow = self._exercise[index] in self._slow
        most = min(SECONDS_AFTER_TIMEOUT, self._cell_seconds) if slow else self._cell_seconds
        return max(1, min(most, left))

    def _out_of_time(self, index: int) -> str:
        if self._exercise[index] in self._slow:
            return (
                f"The cell was stopped after {SECONDS_AFTER_TIMEOUT} s: one before it in this "
                f"exercise had run for {self._cell_seconds} s without coming to an end."
            )
        return f"The cell ran for {self._cell_seconds} s without coming to an end and was stopped."


def exercises(cells: list[Any]) -> list[int]:
    """The exercise that each cell belongs to, by number, or 0 for none.

    A solution cell begins an exercise; the locked cells after it belong to it.
    """
    numbers, current = [], 0
    for cell in cells:
        if utils.is_solution(cell):
            current += 1
        belongs = utils.is_solution(cell) or (utils.is_locked(cell) and cell.cell_type == "code")
        numbers.append(current if belongs else 0)
    return numbers


def _keep_verdict(cell: Any) -> None:
    """Leave a graded cell's error, if there is one, and what it printed."""
    kept = [out for out in cell.outputs if out.output_type in ("error", "stream")]
    for output in kept:
        if output.output_type == "stream":
            output.name = "stdout"
    cell.outputs = kept


def _error(name: str, why: str) -> Any:
    return new_output("error", ename=name, evalue=why, traceback=[why])
