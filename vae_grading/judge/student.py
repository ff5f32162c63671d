"""The student's process: runs the cells of a notebook, then answers for what they defined.

It holds nothing that is worth stealing and is believed in nothing: it never sees a test, an
expected value or a mark.
"""

from __future__ import annotations

import contextlib
import io
import os
import socket
import sys
from typing import Any

from vae_grading.judge.forbidden import forbid, load_checks
from vae_grading.judge.peer import Peer
from vae_grading.judge.policy import StudentPolicy
from vae_grading.judge.wire import Wire

MOST_PRINTED = 20_000


class Notebook(StudentPolicy):
    """The notebook's namespace, and the cells that run in it."""

    def __init__(self) -> None:
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        # A real IPython: magics, display and a last expression work as in Jupyter. No history: its
        # file would be open in the zygote, and so in every student's process.
        self.shell = InteractiveShell.instance(
            config=Config({"HistoryManager": {"enabled": False}})
        )
        self.shell.colors = "nocolor"
        super().__init__(self.shell.user_ns)
        self.peer: Peer
        self._given: set[str] = set()  # file names of the code of given cells

    def special(self, operation: str, fields: dict[str, Any]) -> Any:
        if operation == "run":
            return self._run(fields["source"], given=fields["given"])
        if operation == "forbid":
            return forbid(fields["names"], self._given)
        if operation == "roots":  # the next test begins: nothing of the last one is used any more
            self.peer.forget()
        return super().special(operation, fields)

    def _run(self, source: str, *, given: bool) -> dict[str, Any]:
        """Run a cell as Jupyter does; what it printed, and its error, if any."""
        if given:
            code = self.shell.transform_cell(source)
            number = self.shell.execution_count
            self._given.add(self.shell.compile.get_code_name(source, code, number))
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            done = self.shell.run_cell(source, store_history=False)
        error = done.error_before_exec or done.error_in_exec
        said = None if error is None else [type(error).__name__, str(error)[:1000]]
        return {"printed": printed.getvalue()[:MOST_PRINTED], "error": said}


def warm_up() -> None:
    """Make the shell and import what is imported when first used, before any fork."""
    load_checks()
    Notebook()._run(
        "import torch\n(torch.ones(1, requires_grad=True) ** 2).sum().backward()\n1", given=False
    )
    # A shell of its own for every notebook: this one has run a cell.
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.clear_instance()


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
