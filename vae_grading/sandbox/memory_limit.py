"""How much memory a submission holds, counted from outside where no control group counts it.

A page that several processes share counts once in all. What belongs to no process is either
forbidden (system_calls.py), or bounded (the temporary folders), or counted here: sockets keep what
was sent through them, also of a sender that is gone.
"""

from __future__ import annotations

import contextlib
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from vae_grading.sandbox import linux as kernel

_PAGE = resource.getpagesize()
# An exact figure costs 10 ms a process, so that it is taken when it may have become too much, and
# in between so seldom that it takes a small share of a processor.
_EXACT_SECONDS, _EXACT_SHARE = 1.0, 0.1
_AGAIN_SECONDS = 0.005
_EXACT = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:", "Shared_Hugetlb:", "Private_Hugetlb:")
_AT_MOST = ("RssAnon:", "RssShmem:", "VmSwap:", "HugetlbPages:")
_OF_MEMORY = "\nRss"  # begins a line of a task that has memory, and nothing that it can call itself
_FAULTS = (7, 9)  # places in /proc/PID/stat, after the name: minor and major page faults
# A pipe keeps two pages when its user has many, and two files lead to it.
_BYTES_OF_A_PIPES_END = _PAGE
_OVER = 1.5  # a socket that is not full yet takes one more message, of half its size at most


class Watch:
    """Whether the processes that descend from `first` hold more than `most` bytes together.

    What they share with the zygote does not count: `first` has written to nothing yet.
    """

    def __init__(self, first: int, most: int) -> None:
        self._first = first
        self._faults: dict[int, int] = {}
        self._socket = int(_OVER * max(map(_setting, ("wmem_default", "rmem_default"))))
        shared = self._measure([first])
        self._most = most + shared

    def is_exceeded(self, processes: list[int]) -> bool:
        """`processes` are what `family` says. No page comes without a fault, so that between two
        exact figures the faults tell how much they may hold by now."""
        before = self._faults
        self._faults = {pid: _faults(pid) for pid in processes}
        new = sum(max(0, n - before.get(pid, 0)) for pid, n in self._faults.items())
        self._may_hold += new * _PAGE
        if time.monotonic() < self._due and self._may_hold + self._in_sockets() <= self._most:
            return False
        if self._measure(processes) <= self._most:
            return False
        # Seen twice: where the kernel does not tell who shares an address space, a process that is
        # about to become another program counts as two for a moment.
        time.sleep(_AGAIN_SECONDS)
        return self._measure(family(self._first)) > self._most

    def _measure(self, processes: list[int]) -> int:
        began = time.monotonic()
        self._may_hold = sum(map(_exactly, _address_spaces(processes)))
        ended = time.monotonic()
        self._due = ended + max(_EXACT_SECONDS, (ended - began) / _EXACT_SHARE)
        return self._may_hold + self._in_sockets()

    def _in_sockets(self) -> int:
        """Bytes in the sockets of this network namespace, at most."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            used = Path("/proc/self/net/sockstat").read_text().split()[2]
            return int(used) * self._socket
        return 0


def family(first: int) -> list[int]:
    """The process and all that descend from it. (Orphans belong to `first`, as its init.)"""
    found, waiting = [], [first]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for _, listed in _of_each_task(pid, "children"):  # each thread has its own
            waiting += map(int, listed.split())
    return found


def _address_spaces(processes: list[int]) -> list[int]:
    """These processes without those that live in the address space of another of them, as one does
    that is about to become another program."""
    found: dict[int, int] = {}  # by process, a task of it that has memory
    for pid in processes:
        task = _task_with_memory(pid)
        if task is None:
            continue
        # Two tasks that have ended are alike, too: hence the second look.
        if not any(kernel.share_memory(task, other) for other in found.values()) or (
            _task_with_memory(task) != task
        ):
            found[pid] = task
    return list(found)


def _exactly(pid: int) -> int:
    """Bytes that the process has written to, those that it shares in part, and the kernel's own.

    Where it may not be looked at (a program that may not be read), what it shares counts in full.
    """
    status = _of_one_task(pid, "status")
    exact = _sum(_of_one_task(pid, "smaps_rollup"), _EXACT)
    pipes = _sum(status, ("FDSize:",)) * _BYTES_OF_A_PIPES_END
    return 1024 * ((exact or _sum(status, _AT_MOST)) + _sum(status, ("VmPTE:",))) + pipes


def _sum(lines: list[str], names: tuple[str, ...]) -> int:
    return sum(int(line.split()[1]) for line in lines if line.startswith(names))


def _faults(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return sum(int(fields[place]) for place in _FAULTS)
    return 0


def _of_one_task(pid: int, name: str) -> list[str]:
    """The lines of a file about a process's memory. A first thread that has ended has none."""
    for _, text in _of_each_task(pid, name):
        if _OF_MEMORY in text:
            return text.splitlines()
    return []


def _task_with_memory(pid: int) -> int | None:
    """One of its threads that has not ended."""
    of_each = _of_each_task(pid, "status")
    return next((task for task, text in of_each if _OF_MEMORY in text), None)


def _of_each_task(pid: int, name: str) -> Iterator[tuple[int, str]]:
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():  # the first one first
            with contextlib.suppress(OSError):
                yield int(task.name), (task / name).read_text(errors="replace")


def _setting(name: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        return int(Path(f"/proc/sys/net/core/{name}").read_text())
    return 212_992  # the kernel's own on nearly every machine
