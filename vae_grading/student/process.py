"""The student's process: runs the cells of a notebook, then answers for what they defined.

It holds nothing that is worth stealing and is believed in nothing: it never sees a test, an
expected value or a mark.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from typing import Any

from vae_grading.protocol.peer import Peer
from vae_grading.protocol.wire import Wire
from vae_grading.student.access_policy import StudentPolicy
from vae_grading.student.failures import GoingOn, by_surroundings, text
from vae_grading.student.forbidden import forbid, import_all
from vae_grading.student.shell import Printed, Shell


class Notebook(StudentPolicy):
    """The notebook's namespace, and the cells that run in it."""

    def __init__(self) -> None:
        self.shell = Shell.instance()
        super().__init__(self.shell.user_ns)
        self.peer: Peer
        self._given: set[str] = set()  # file names of the code of given cells
        self._going_on = GoingOn()
        self.shell.ast_transformers.append(self._going_on)
        self._printed = Printed()
        self._met: list[list[str]] = []  # errors of the surroundings in calls of this test

    def call(self, *asked: Any) -> Any:
        try:
            return super().call(*asked)
        except Exception as error:
            if by_surroundings(error):
                self._met = [[type(error).__name__, text(error)]]
            raise

    def special(self, operation: str, fields: dict[str, Any]) -> Any:
        if operation == "run":
            return self._run(fields["source"], given=fields["given"], answer=fields["answer"])
        if operation == "forbid":
            return forbid(fields["names"], self._given)
        if operation == "roots":  # the next test begins: nothing of the last one is used any more
            self.peer.forget()
            self._met = []
        if operation == "met":
            return self._met
        return super().special(operation, fields)

    def _run(self, source: str, *, given: bool, answer: bool) -> dict[str, Any]:
        """Run a cell as Jupyter does: what it printed, its error, if any, and the lines that
        failed without being its end."""
        if given:
            code = self.shell.transform_cell(source)
            number = self.shell.execution_count
            self._given.add(self.shell.compile.get_code_name(source, code, number))
        self._going_on.begin(answer=answer)
        with (
            contextlib.redirect_stdout(self._printed),
            contextlib.redirect_stderr(self._printed),
        ):
            done = self.shell.run_cell(source, store_history=False)
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


def warm_up() -> None:
    """Make the shell and import what is imported when first used, before any fork."""
    import_all()
    Notebook()._run(
        "import torch\n(torch.ones(1, requires_grad=True) ** 2).sum().backward()\n1",
        given=False,
        answer=False,
    )
    Shell.clear_instance()  # a shell of its own for every notebook: this one has run a cell


def main(connection: socket.socket, names: dict[str, Any] | None = None) -> None:
    """Serve until the other end is gone; `names` are in the namespace from the start."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    sys.stdin = open(os.devnull)  # noqa: SIM115
    notebook = Notebook()
    notebook.namespace.update(names or {})
    peer = Peer(Wire(connection), notebook)
    notebook.peer = peer
    peer.serve()
