"""The jail: a zygote behind outer walls, and the students' processes that it forks."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from vae_grading.fork_server import READY
from vae_grading.sandbox.control_groups import Group, new_group
from vae_grading.sandbox.limits import MADE, Limits
from vae_grading.sandbox.view import ENVIRONMENT, PYTHON, View
from vae_grading.sandbox.walls import behind, fault, lacking, start
from vae_helpers.errors import VaeLabError
from vae_helpers.extras import require_installed

if TYPE_CHECKING:
    from vae_grading.protocol.wire import Wire

__all__ = ["Jail", "StudentProcess", "ZygoteGone", "begin", "fault", "jail", "new_student"]

START_SECONDS = 120
MOST_STARTS = 3  # of a zygote that is killed while it starts
ZYGOTE = (PYTHON, "-m", "vae_grading.sandbox.zygote")
_AS_NBGRADER = {"NBGRADER_EXECUTION": "autograde"}
_WHY = {
    "memory": "It used more memory than a submission may.",
    "processes": "It started more processes than a submission may.",
    "ended": "Its process ended.",
}


class StudentProcess:
    """One student's process: `wire` leads to it. Close it and all that it started is gone."""

    def __init__(self, wire: Wire, keeper: socket.socket, group: Group | None = None) -> None:
        self.wire = wire
        self._keeper = keeper
        self._group = group

    def why(self) -> str | None:
        """Why the keeper ended it, in words; None if it did not."""
        if self._group is not None and self._group.ran_out_of_memory():
            return _WHY["memory"]
        self._keeper.settimeout(1.0)
        with contextlib.suppress(OSError):
            return _WHY.get(self._keeper.recv(100).decode(errors="replace"))
        return None

    def close(self) -> None:
        self.wire.close()
        self._keeper.close()
        if self._group is not None:
            self._group.close()
            self._group = None


class ZygoteGone(VaeLabError):
    """The process that makes students' processes ended; `jail()` starts another."""


class Jail:
    """A zygote behind walls, starting; after `wait()`, `student()` gives a fresh process at once.

    `kind` names the walls (walls.py); without one the best that there are. With `walls` off there
    are none, and whatever runs in it has this process's rights. `libraries` are imported in it
    beside those of every lab. It ends with this process. Raises VaeLabError when there can be no
    walls, or a library is not installed.
    """

    def __init__(
        self, *, walls: bool = True, kind: str | None = None, libraries: Sequence[str] = ()
    ) -> None:
        require_installed(libraries)
        before = behind(View(environment=_AS_NBGRADER), kind=kind) if walls else []
        if walls:
            _say_once(lacking())
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self.control = ours  # where to ask for a student's process; others may hold it, too
        how = "walls" if walls else "open"
        command = [*before, *ZYGOTE, str(theirs.fileno()), how, *libraries]
        self._process = start(
            command,
            env=None if walls else os.environ | ENVIRONMENT | _AS_NBGRADER,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )
        theirs.close()
        self._ready = False

    def wait(self) -> Jail:
        """Itself, once it has started. Raises VaeLabError when it does not, ZygoteGone when it was
        killed before it could."""
        if self._ready:
            return self
        self.control.settimeout(START_SECONDS)
        with contextlib.suppress(OSError):
            if self.control.recv(100) == READY:
                self.control.settimeout(30)
                self._ready = True
                return self
        self._process.kill()
        self._process.wait()
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip().splitlines()
        self.close()
        if not said:
            raise ZygoteGone("the sandbox did not start: its first process was killed; run again")
        raise VaeLabError(f"the sandbox did not start: {said[-1]}")

    @property
    def alive(self) -> bool:
        """Whether its zygote still runs, or may still start."""
        if not self._ready:
            return self.control.fileno() >= 0
        # It says no more unasked, so there is something to read once it is gone: bubblewrap
        # around it may live on for a while.
        return not wait([self.control], 0)

    def student(self, limits: Limits | None = None) -> StudentProcess:
        """A fresh process for one submission. Raises ZygoteGone."""
        return new_student(self.control, limits or Limits())

    def close(self) -> None:
        self.control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.close()


@cache
def _say_once(line: str | None) -> None:
    if line is not None:
        print(f"vae-lab: {line}", file=sys.stderr)


def new_student(control: socket.socket, limits: Limits) -> StudentProcess:
    """A fresh process from the zygote at `control`. Raises ZygoteGone."""
    from vae_grading.protocol.wire import Wire  # imports torch: a command only starts the jail

    ours, theirs = socket.socketpair()
    keeper, keeper_theirs = socket.socketpair()
    request = json.dumps(asdict(limits)).encode()
    keeper.settimeout(START_SECONDS)
    group = new_group(limits)
    entrance = [] if group is None else [group.entrance]
    try:
        with theirs, keeper_theirs:
            files = [theirs.fileno(), keeper_theirs.fileno(), *entrance]
            socket.send_fds(control, [request], files)
        made = keeper.recv(1) == MADE
    except OSError:
        made = False
    if not made:
        StudentProcess(Wire(ours), keeper, group).close()
        raise ZygoteGone("the sandbox's first process ended; run the command again")
    return StudentProcess(Wire(ours), keeper, group)


_JAILS: dict[tuple[bool, tuple[str, ...]], Jail] = {}
_STARTING = threading.Lock()


def begin(*, walls: bool = True, libraries: tuple[str, ...] = ()) -> None:
    """Let the sandbox of this process with these libraries start while other things are done.

    Raises VaeLabError when there should be walls and cannot be any, or a library is not installed.
    """
    with _STARTING:
        _begun(walls, libraries)


def jail(*, walls: bool = True, libraries: tuple[str, ...] = ()) -> Jail:
    """The sandbox of this process with these libraries: started when it is first needed, and again
    should it have died.

    Raises VaeLabError when there should be walls and cannot be any, or a library is not installed.
    """
    with _STARTING:
        for _ in range(MOST_STARTS - 1):
            with contextlib.suppress(ZygoteGone):
                return _begun(walls, libraries).wait()
        return _begun(walls, libraries).wait()


def _begun(walls: bool, libraries: tuple[str, ...]) -> Jail:
    current = _JAILS.get((walls, libraries))
    if current is None or not current.alive:
        if current is not None:
            current.close()
        current = _JAILS[walls, libraries] = Jail(walls=walls, libraries=libraries)
    return current


@atexit.register
def _close() -> None:
    for each in _JAILS.values():
        each.close()
