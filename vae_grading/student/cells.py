"""A notebook's cells run one after the other, as Jupyter runs them, in this process."""

from __future__ import annotations

import contextlib
from typing import Any

from vae_grading.student.failures import GoingOn
from vae_grading.student.shell import Printed, Shell


class Cells:
    """A shell and what the cells that ran in it have left: `namespace`.

    `given` are the file names of the code of given cells, which may call what a lab forbids.
    """

    def __init__(self) -> None:
        self._shell = Shell.instance()
        self.namespace: dict[str, Any] = self._shell.user_ns
        self.given: set[str] = set()
        self._going_on = GoingOn()
        self._shell.ast_transformers.append(self._going_on)
        self._printed = Printed()

    def run(self, source: str, *, given: bool, answer: bool) -> dict[str, Any]:
        """Run a cell: what it printed, its error, if any, and the lines that failed without being
        its end."""
        if given:
            code = self._shell.transform_cell(source)
            number = self._shell.execution_count
            self.given.add(self._shell.compile.get_code_name(source, code, number))
        self._going_on.begin(answer=answer)
        with (
            contextlib.redirect_stdout(self._printed),
            contextlib.redirect_stderr(self._printed),
        ):
            done = self._shell.run_cell(source, store_history=False)
        error = done.error_before_exec or done.error_in_exec
        said = None
        if error is not None:
            said = [type(error).__name__, str(error)[:1000]]
            if done.error_in_exec is error:
                self._going_on.note_end(error)
        failed = self._going_on.failures
        for each in failed:  # another line, or an earlier cell, may have defined them
            each["names"] = [name for name in each["names"] if name not in self.namespace]
        return {"printed": self._printed.take(), "error": said, "failed": failed}
