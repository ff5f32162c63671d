"""The student's process: runs the cells of a notebook, then answers for what they defined.

It holds nothing that is worth stealing and is believed in nothing: it never sees a test, an
expected value or a mark.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

from vae_checks.beside import local
from vae_grading.protocol.peer import Peer
from vae_grading.protocol.wire import Wire
from vae_grading.student.access_policy import StudentPolicy
from vae_grading.student.cells import Cells
from vae_grading.student.failures import by_surroundings, text
from vae_grading.student.forbidden import forbid, import_all
from vae_grading.student.shell import Shell

_MODELS = "vae_zoo"  # computes what labs ask for


class Notebook(StudentPolicy):
    """The notebook's namespace, and the cells that run in it."""

    def __init__(self) -> None:
        self.cells = Cells()
        super().__init__(self.cells.namespace)
        self.peer: Peer
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
            return self.cells.run(fields["source"], given=fields["given"], answer=fields["answer"])
        if operation == "forbid":
            return forbid(fields["names"], self.cells.given)
        if operation == "roots":  # the next test begins: nothing of the last one is used any more
            self.peer.forget()
            self._met = []
        if operation == "beside":
            return local(fields["name"])
        if operation == "met":
            return self._met
        return super().special(operation, fields)


def warm_up() -> None:
    """Make the shell and import what is imported when first used, before any fork."""
    import_all()
    Cells().run(
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
    if _MODELS not in sys.modules:  # a lab's metadata name it: the process was forked with it
        sys.meta_path.insert(0, _ModelsNotHere())
    notebook = Notebook()
    notebook.namespace.update(names or {})
    peer = Peer(Wire(connection), notebook)
    notebook.peer = peer
    peer.serve()


class _ModelsNotHere:
    """A finder of modules that says of the collection of models why it is not there."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """None, "ask another finder", for all other modules."""
        if name.partition(".")[0] == _MODELS:
            said = f"{_MODELS} computes what labs ask you to write: it is not there in grading"
            raise ModuleNotFoundError(said, name=name)
