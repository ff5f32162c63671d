"""A control group for each submission, where the machine gives us any: the kernel's own count.

https://docs.kernel.org/admin-guide/cgroup-v2.html. Root has them on most systems, others where
systemd hands a part of the tree on to them. The walls hold without: see memory_limit.py.
"""

from __future__ import annotations

import contextlib
import os
import time
from functools import cache
from pathlib import Path

from vae_grading.sandbox.limits import Limits

_NEEDED = {"memory", "pids"}
_NAME = "vae-lab-"
_LEFT_SECONDS = 3600  # a group that has nobody in it for so long is a killed command's
_ENDING_SECONDS = 5.0
_TMPFS = 2  # temporary folders, which are counted as memory here


class Group:
    """One submission's. What cannot be set is left to the other walls."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        """Raises OSError."""
        self._folder = folder
        folder.mkdir()
        try:
            most = limits.memory + _TMPFS * limits.file_bytes
            for name, value in {
                "memory.max": most,
                "memory.swap.max": 0,
                "memory.oom.group": 1,
                "pids.max": limits.threads,
            }.items():
                with contextlib.suppress(OSError):  # without swap, say
                    (folder / name).write_text(str(value))
            self.entrance = os.open(folder / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
        except OSError:
            folder.rmdir()
            raise

    def ran_out_of_memory(self) -> bool:
        with contextlib.suppress(OSError):
            lines = (self._folder / "memory.events").read_text().splitlines()
            return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)
        return False

    def close(self) -> None:
        """End all that is in it."""
        os.close(self.entrance)
        with contextlib.suppress(OSError):  # Linux 5.14 and newer; the keeper ends them, too
            (self._folder / "cgroup.kill").write_text("1")
        deadline = time.monotonic() + _ENDING_SECONDS
        while time.monotonic() < deadline:
            try:
                return self._folder.rmdir()
            except OSError:  # somebody is still ending
                time.sleep(0.01)


def new_group(limits: Limits) -> Group | None:
    """A group for one submission, or None where there can be none."""
    above = _above()
    if above is None:
        return None
    with contextlib.suppress(OSError):
        return Group(above / f"{_NAME}{os.getpid()}-{time.monotonic_ns()}", limits)
    return None


def enter_group(entrance: int) -> None:
    """Move this process into the group that it was given the entrance of, if it still exists."""
    with contextlib.suppress(OSError):
        os.write(entrance, b"0")


@cache
def _above() -> Path | None:
    """The nearest group at or above this process's own that lets us make such groups in it."""
    with contextlib.suppress(OSError, StopIteration):
        mounted = _mounted()
        below = mounted / _own().lstrip("/")
        for folder in (below, *below.parents):
            if not folder.is_relative_to(mounted):
                break
            if _lets_us(folder):
                _sweep(folder)
                return folder
    return None


def _own() -> str:
    """This process's group. Raises StopIteration."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    return next(line.removeprefix("0::") for line in lines if line.startswith("0::"))


def _mounted() -> Path:
    """Where the tree of control groups is. Raises StopIteration."""
    lines = map(str.split, Path("/proc/self/mountinfo").read_text().splitlines())
    return Path(next(line[4] for line in lines if line[line.index("-") + 1] == "cgroup2"))


def _lets_us(folder: Path) -> bool:
    handed_on = set((folder / "cgroup.subtree_control").read_text().split())
    # Whoever moves a process needs to write where both groups come from.
    writable = os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK)
    return handed_on >= _NEEDED and writable


def _sweep(folder: Path) -> None:
    for each in folder.glob(f"{_NAME}*"):
        with contextlib.suppress(OSError):
            if time.time() - each.stat().st_mtime > _LEFT_SECONDS:
                each.rmdir()  # refused while somebody is in it
