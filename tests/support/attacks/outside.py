"""What must not change while attacks are graded: canaries around a course, and processes."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import signal
import socket
import subprocess
import sysconfig
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Ended:
    """How a command ended, and the most memory that one process of it took (bytes).

    `outside` counts processes without the sandbox's, which are those below its walls.
    """

    code: int
    output: str
    seconds: float
    most_memory_outside: int
    left: list[str]


def make_canaries(root: Path, home: Path) -> None:
    """Files beside the course and in HOME, which hostile code may find and would change."""
    (root / "canary.txt").write_text("untouched")
    for name in (".bashrc", ".profile", "canary.txt"):
        home.mkdir(exist_ok=True)
        (home / name).write_text("untouched")


def fingerprints(*folders: Path, ignored: tuple[str, ...] = ()) -> dict[str, str]:
    """Content of every file below the folders, by path; for large folders time and size."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inner = path.relative_to(folder)
            if (
                path.is_file()
                and "__pycache__" not in inner.parts
                and inner.parts[0] not in ignored
            ):
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def start_up_files() -> dict[str, float]:
    """What Python reads when it starts, in the environment's packages: name and time of change."""
    packages = Path(sysconfig.get_path("purelib"))
    return {str(p): p.stat().st_mtime for p in packages.iterdir() if p.suffix in (".pth", ".py")}


def watch(command: list[str], environment: dict[str, str], cwd: Path, limit: float) -> Ended:
    """Run a command and watch its processes; end what it leaves behind, and name it."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # orphans become this one's
    me, began, most = psutil.Process(), time.monotonic(), 0
    before = set(me.children(recursive=True))
    log = cwd / "log.txt"
    with log.open("w") as file:
        running = subprocess.Popen(command, env=environment, cwd=cwd, stdout=file, stderr=file)
        while running.poll() is None:
            most = max([most, *_memory_outside(psutil.Process(running.pid))])
            if time.monotonic() - began > limit:
                running.send_signal(signal.SIGKILL)
            time.sleep(0.2)
    seconds = time.monotonic() - began
    left = _rest(me, before)
    for _ in range(100):  # 10 s, for those that are just ending
        if left:
            time.sleep(0.1)
            left = _rest(me, before)
    named = []
    for each in left:
        with contextlib.suppress(psutil.Error):
            named.append(" ".join(each.cmdline())[:100] or each.name())
            each.kill()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    return Ended(running.returncode, log.read_text(errors="replace"), seconds, most, named)


def _rest(me: psutil.Process, before: set[psutil.Process]) -> list[psutil.Process]:
    """This process's new descendants; those that have ended are cleared away."""
    rest = []
    for each in set(me.children(recursive=True)) - before:
        with contextlib.suppress(psutil.Error):
            if each.status() != psutil.STATUS_ZOMBIE:
                rest.append(each)
            elif each.ppid() == me.pid:
                os.waitpid(each.pid, os.WNOHANG)
    return rest


def _memory_outside(top: psutil.Process) -> Iterator[int]:
    """Resident memory of a process and of those below it, but for the sandbox's."""
    with contextlib.suppress(psutil.Error):
        if is_of_walls(top):
            return
        yield top.memory_info().rss
        for child in top.children():
            yield from _memory_outside(child)


def is_of_walls(process: psutil.Process) -> bool:
    """Whether it keeps the walls of a sandbox, of either kind: what is below is inside."""
    line = process.cmdline()
    return process.name() == "bwrap" or (
        "vae_grading.sandbox.namespaces" in line or "vae_grading.sandbox.zygote" in line
    )


@contextlib.contextmanager
def listener(port: int) -> Iterator[list[bytes]]:
    """A service on this machine that no submission may reach; gives what reached it."""
    heard: list[bytes] = []
    with socket.socket() as waiting:
        waiting.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        waiting.bind(("127.0.0.1", port))
        waiting.listen()

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    made, _ = waiting.accept()
                    heard.append(made.recv(100))

        threading.Thread(target=serve, daemon=True).start()
        yield heard
