"""Where judges come from: a server that has imported torch and the checks, and forks on request.

python -m vae_grading.judge.server FD
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path

from vae_grading.fork_server import READY, before_forks, serve

START_SECONDS = 120
_COMPILED = "TORCHINDUCTOR_CACHE_DIR"
_PROJECT = Path(__file__).parents[2]


class JudgesGone(Exception):
    """The server, or the judge that was asked, was killed."""


class Judge:
    """A fresh process for one submission. What it is sent and sends is pickled: it is trusted."""

    def __init__(self, connection: Connection) -> None:
        """Raises JudgesGone."""
        self._connection = connection
        self._pid: int | None = None
        with _gone():
            self._pid = connection.recv()

    def send(self, job: object) -> None:
        """Raises JudgesGone."""
        with _gone():
            self._connection.send(job)

    def answers_within(self, seconds: float) -> bool:
        """Whether there is an answer, or will be none any more."""
        return self._connection.poll(seconds)

    def answer(self) -> object:
        """Raises JudgesGone."""
        with _gone():
            return self._connection.recv()

    def close(self) -> None:
        """End it; nothing happens to one that has ended."""
        if self._pid is not None and not self._ended():
            with contextlib.suppress(OSError):
                os.kill(self._pid, signal.SIGKILL)
        self._connection.close()

    def _ended(self) -> bool:
        """Its end of the connection is closed: another process may have its number by now."""
        try:
            while self._connection.poll(0):
                self._connection.recv()
        except (EOFError, OSError):
            return True
        return False


class Judges:
    """The server, running. Raises JudgesGone when it does not start."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        path = os.pathsep.join(filter(None, [str(_PROJECT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "vae_grading.judge.server", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=os.environ | {"PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        theirs.close()
        self._control.settimeout(START_SECONDS)
        with _gone():
            if self._control.recv(100) != READY:
                raise EOFError
        self._control.settimeout(30)

    def alive(self) -> bool:
        # It never speaks first, so there is something to read once it is gone.
        return not wait([self._control], 0)

    def new(self, jail: socket.socket) -> Judge:
        """A judge that gets students' processes from `jail`. Raises JudgesGone."""
        ours, theirs = socket.socketpair()
        with theirs, _gone():
            socket.send_fds(self._control, [b"judge"], [theirs.fileno(), jail.fileno()])
        return Judge(Connection(ours.detach()))

    def close(self) -> None:
        self._control.close()
        self._process.kill()
        self._process.wait()


_running: list[Judges] = []
_starting = threading.Lock()


def judges() -> Judges:
    """The server of this process, started when it is first needed, and again when it was killed."""
    with _starting:
        if _running and not _running[0].alive():
            _running.pop().close()
        if not _running:
            _running.append(Judges())
            if len(_running) == 1:
                atexit.register(_close)
        return _running[0]


def _close() -> None:
    while _running:
        _running.pop().close()


@contextlib.contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError) as error:
        raise JudgesGone(str(error) or type(error).__name__) from None


def main(control: socket.socket) -> None:
    """Import, say so, and fork a judge for each request until the other end is gone."""
    with before_forks(), _no_folder_left():
        from vae_grading.judge.process import get_ready, work

        get_ready()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command

    def child(_: bytes, files: list[int]) -> None:
        connection, jail = files
        work(Connection(connection), socket.socket(fileno=jail))

    serve(control, child, most_files=2)


@contextlib.contextmanager
def _no_folder_left() -> Iterator[None]:
    """torch makes a folder for what it compiles when it is imported; a judge compiles nothing."""
    with tempfile.TemporaryDirectory(prefix="vae-lab-") as folder:
        before = os.environ.get(_COMPILED)
        os.environ[_COMPILED] = folder
        try:
            yield
        finally:
            del os.environ[_COMPILED]
            if before is not None:
                os.environ[_COMPILED] = before


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)  # libraries that were only imported have nothing to clean up
