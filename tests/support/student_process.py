"""A student's process without walls, for tests and measurements of the judge alone."""

import os
import signal
import socket
from collections.abc import Sequence
from typing import Any

from lab_harness import LabUnderTest, model_names, only_imports
from places import PROJECT

from vae_grading.course.lab import read_lab
from vae_grading.judge.session import Session, TrustedNames
from vae_grading.protocol.transforms import by_what_crosses
from vae_grading.protocol.wire import Wire
from vae_grading.student import preload
from vae_grading.student import process as student


class StudentProcess:
    """Forked from this process; the names in `names` are in its notebook from the start.

    `trusted` are the names that mean the judge's own objects in a test, `forbidden` those that the
    notebook's code must not call (see Session). It can stand for a process of the jail, too.
    """

    def __init__(
        self,
        names: dict[str, Any],
        source: str | None = None,
        trusted: dict[str, Any] | None = None,
        forbidden: Sequence[str] | None = None,
    ) -> None:
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            try:
                preload.compile_nothing()
                by_what_crosses()
                student.main(theirs, names)
            finally:
                os._exit(0)
        theirs.close()
        self.wire = Wire(ours)
        self.session = Session(self.wire, trusted or {})
        if forbidden is not None:
            self.session.forbid(forbidden, seconds=60)
        if source is not None:
            self.session.run(source, seconds=60)

    def why(self) -> None:
        """No reason why it ended is known here."""

    def root(self, name: str) -> Any:
        """The object of this name there, by value or as a stub. Raises KeyError."""
        self.wire.begin(60)
        return self.session._peer.request("roots", names=[name])[name]

    def close(self) -> None:
        self.wire.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def verdicts(lab: LabUnderTest, key: str, source: str) -> dict[str, str | None]:
    """By the judge: the slug of each graded cell of exercise `key`, None for one that passed."""
    return verdicts_on_all(lab, {key: source})


def verdicts_on_all(lab: LabUnderTest, answers: dict[str, str]) -> dict[str, str | None]:
    """The same for several answers, by exercise, in one notebook."""
    imports = [source for source in lab.preamble if only_imports(source)]
    forbidden = read_lab(PROJECT / "source" / lab.name / f"{lab.name}.ipynb").forbidden
    process = StudentProcess(model_names(lab), None, TrustedNames(imports), forbidden)
    errors = {}
    try:
        for key, source in answers.items():
            process.session.run(source, seconds=60)
            for cell, tests in lab.tasks[key].graded.items():
                errors[cell] = process.session.judge(tests, seconds=60).error
    finally:
        process.close()
    return {cell: error and getattr(error, "slug", repr(error)) for cell, error in errors.items()}
