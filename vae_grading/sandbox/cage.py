"""The inner walls: namespaces, a private temporary folder, limits; nothing is left to get out by.

`enter` runs in a child of the zygote, before any line of a student's. The child becomes two: a
keeper, which the student's code can neither see nor signal, and the process in which that code
runs, the first one of its own process namespace: when it ends, all that it started ends.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import select
import signal
import socket
from pathlib import Path

from vae_grading.sandbox import control_groups, landlock, memory_limit, system_calls
from vae_grading.sandbox import linux as kernel
from vae_grading.sandbox.limits import Limits
from vae_grading.sandbox.view import SCRATCH

STANDS = "the walls stand"  # what this module says when it is run, if they do
NOBODY = 65534  # who root's kernels are
_STRANGERS = range(10**9, 2 * 10**9)  # and root's students
_WATCH_SECONDS, _WATCH_SECONDS_AT_MOST = 0.025, 0.2
_MOST_SOCKETS = 100
_TEMPORARY = (SCRATCH, "/dev/shm")


def enter(
    limits: Limits,
    keeper: socket.socket,
    *,
    sockets: str | None = None,
    user: int | None = None,
    group: int | None = None,
) -> None:
    """Return in a process that is shut in; never return in the one that keeps it.

    It may write into its temporary folders, and make a few sockets in the folder `sockets`. Root
    becomes `user`, or else somebody whom nobody knows. `group` is the entrance of a control group.
    The keeper ends everything when the other end of `keeper` is closed, and says why it had to end
    something itself: one line, such as "memory". Raises OSError where the kernel refuses a wall.
    """
    if os.getuid() == 0:  # limits on the number of processes do not bind root
        os.setgroups([])
        _become(user)
    uid, gid = os.getuid(), os.getgid()
    kernel.prctl(kernel.SET_DUMPABLE, 1)  # else /proc/self is root's after setresuid
    inner = kernel.NEWPID | kernel.NEWIPC | kernel.NEWUTS | kernel.NEWNET
    kernel.unshare(kernel.NEWUSER | inner)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"1000 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"1000 {gid} 1")
    inside = os.fork()
    if inside:
        _keep(inside, limits, keeper, sockets)
    keeper.close()
    if group is not None:  # without the keeper, which has to say why it ended
        control_groups.enter_group(group)
        os.close(group)
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()  # a signal to its own process group must not reach the keeper
    _shut(limits, sockets)
    _show_processors(limits.processors)


def _become(user: int | None) -> None:
    """Some bounds are a user's, not a process's: files that are being passed, pages in pipes. No
    submission can use up another's if each is a user of its own."""
    users = [random.SystemRandom().choice(_STRANGERS), NOBODY] if user is None else [user]
    for each in users:
        try:
            os.setresgid(each, each, each)
            return os.setresuid(each, each, each)
        except OSError:  # a container may have few users
            if each == users[-1]:
                raise


def enter_without_walls(keeper: socket.socket) -> None:
    """As `enter`, with nothing around it: what the process starts ends with it, mostly."""
    inside = os.fork()
    if inside:
        _keep(inside, None, keeper)
    keeper.close()
    os.setsid()


def _shut(limits: Limits, sockets: str | None) -> None:
    address_space = _address_space() + limits.memory  # read while there is a /proc
    kernel.unshare(kernel.NEWNS)
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    harmless = kernel.MS_NOSUID | kernel.MS_NODEV
    options = f"size={limits.file_bytes},nr_inodes=4096,mode=700"
    for folder in _TEMPORARY:
        kernel.mount("tmpfs", folder, "tmpfs", harmless, options)
    os.chdir(SCRATCH)
    socket.sethostname("sandbox")  # the machine's own is nobody's business
    # No way back: a process in a user namespace of its own would have capabilities there.
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    # The outer /proc shows the keeper and the zygote.
    kernel.mount("tmpfs", "/proc", "tmpfs", harmless | kernel.MS_NOEXEC, "size=0,mode=555")
    for name, value in {
        "RLIMIT_NPROC": limits.threads,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_CPU": limits.processor_seconds,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_SIGPENDING": limits.threads,
        "RLIMIT_AS": address_space,
    }.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))
    kernel.prctl(kernel.SET_THP_DISABLE, 1)  # what a fault brings is a page: memory_limit counts
    kernel.give_up_capabilities()
    kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)
    landlock.restrict(_TEMPORARY, sockets)
    system_calls.forbid_calls()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)


def _address_space() -> int:
    """Bytes of address space in use, most of it shared with the zygote."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _show_processors(most: int) -> None:
    """Let libraries start no more threads and processes than there may be work for.

    Not by the kernel's affinity, which would tie each submission to processors of its own.
    """
    shown = set(sorted(os.sched_getaffinity(0))[:most])
    os.cpu_count = lambda: len(shown)
    os.sched_getaffinity = lambda pid: set(shown)


def _keep(
    inside: int, limits: Limits | None, keeper: socket.socket, sockets: str | None = None
) -> None:
    """Wait for the end of the process or of the wish for it; then end both."""
    why = b""
    try:
        close_all_but(keeper.fileno())
        watch = memory_limit.Watch(inside, limits.memory) if limits else None
        processes: list[int] = []
        while True:
            # With many processes a look takes longer, and it takes less of a processor's time.
            pause = _WATCH_SECONDS * (1 + len(processes) / 10)
            if select.select([keeper], [], [], min(pause, _WATCH_SECONDS_AT_MOST))[0]:
                break  # whoever asked for it wants no more, or is gone
            if os.waitpid(inside, os.WNOHANG)[0]:
                why = b"ended"
                break
            processes = memory_limit.family(inside) if limits else []
            why = _excess(processes, watch, limits) if limits else b""
            if sockets and len(os.listdir(sockets)) > _MOST_SOCKETS:
                why = b"files"
            if why:
                break
    finally:
        with contextlib.suppress(OSError):
            os.kill(inside, signal.SIGKILL)
        if limits is None:  # with walls, all others ended with the first of their namespace
            with contextlib.suppress(OSError):
                os.killpg(inside, signal.SIGKILL)
        with contextlib.suppress(OSError):
            keeper.send(why)
        os._exit(0)


def _excess(processes: list[int], watch: memory_limit.Watch, limits: Limits) -> bytes:
    """Of what they use more than they may."""
    if len(processes) > limits.processes:
        return b"processes"
    return b"memory" if watch.is_exceeded(processes) else b""


def close_all_but(*kept: int) -> None:
    """Close every file above the standard three that is not one of these."""
    first = 3
    for each in sorted(kept):
        os.closerange(first, each)
        first = each + 1
    os.closerange(first, 65536)


if __name__ == "__main__":
    ours, theirs = socket.socketpair()
    try:
        enter(Limits(), theirs)
        os.write(1, STANDS.encode())
    except OSError as error:
        os.write(2, f"{error}".encode())
    os._exit(0)
