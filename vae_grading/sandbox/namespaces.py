"""The outer walls by the kernel's namespaces and Landlock alone, where there is no bubblewrap.

    python -m vae_grading.sandbox.namespaces VIEW COMMAND...

runs the command with nothing around it but the view (view.py, as JSON): its own network, processes,
names and messages, a root folder into which only what is shown is mounted, no capabilities but
those with which root becomes somebody else. What it starts ends with it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from vae_grading.sandbox import landlock
from vae_grading.sandbox import linux as kernel
from vae_grading.sandbox.view import DEVICES, PROJECT, PYTHON, SCRATCH, View, parents

_SETGID, _SETUID = 6, 7
_LOCKED = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV


def fault() -> str | None:
    """Why it cannot be used here, or None."""
    return landlock.fault()


def behind(view: View) -> list[str]:
    """What to put before a command, for it to run with no more than `view` around it."""
    here = ["/usr/bin/env", f"PYTHONPATH={PROJECT}", PYTHON]
    # -P: nothing is imported from the working folder, which may be a submission's.
    return [*here, "-P", "-m", "vae_grading.sandbox.namespaces", json.dumps(asdict(view))]


def main(view: View, command: list[str]) -> None:
    """Never returns. Raises OSError where the kernel refuses a wall."""
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    root = os.getuid() == 0
    everything = kernel.NEWNS | kernel.NEWPID | kernel.NEWIPC | kernel.NEWNET | kernel.NEWUTS
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(everything | (0 if root else kernel.NEWUSER))
    if not root:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    inside = os.fork()
    if inside:  # the first of the new process namespace, with which all others end
        os._exit(os.waitstatus_to_exitcode(os.waitpid(inside, 0)[1]) & 0xFF)
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    _build_root(view)
    os.setsid()
    kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)
    kernel.drop_capabilities(frozenset({_SETGID, _SETUID}) if root else frozenset())
    os.chdir(view.folder)
    os.execve(command[0], command, view.variables())


def _build_root(view: View) -> None:
    """A root folder in memory, into which the view is mounted, becomes the root."""
    shown = {path: _held(path) for path in view.shown()}
    writable = {path: _held(path) for path in view.writable}
    devices = {path: _held(path) for path in DEVICES}
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    root = "/tmp"  # there is one everywhere, and this hides it from this process alone
    kernel.mount("tmpfs", root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755")
    for folder in (SCRATCH, "/proc", "/dev"):
        os.mkdir(root + folder, 0o755)
    for path, held in (shown | writable).items():
        _make_place(root, path, os.path.isdir(f"/proc/self/fd/{held}"))
    for path, held in shown.items():
        _bind(held, root + path)
    if not os.path.lexists(root + "/tmp"):
        os.symlink(SCRATCH, root + "/tmp")
    kernel.lock_mounts(root, _LOCKED)
    for path, held in writable.items():
        _bind(held, root + path)
    harmless = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("tmpfs", root + SCRATCH, "tmpfs", harmless, "mode=755")
    kernel.mount("proc", root + "/proc", "proc", harmless | kernel.MS_NOEXEC)
    kernel.mount("tmpfs", root + "/dev", "tmpfs", kernel.MS_NOSUID, "mode=755")
    for path, held in devices.items():
        Path(root + path).touch()
        _bind(held, root + path)
    os.mkdir(root + "/dev/shm", 0o755)
    os.symlink("/proc/self/fd", root + "/dev/fd")
    kernel.lock_mounts(root + "/dev", kernel.MS_RDONLY)
    for held in (*shown.values(), *writable.values(), *devices.values()):
        os.close(held)
    kernel.change_root(root)


def _held(path: str) -> int:
    """The file or folder, whatever will be mounted over it."""
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


def _bind(held: int, target: str) -> None:
    kernel.mount(f"/proc/self/fd/{held}", target, None, kernel.MS_BIND | kernel.MS_REC)


def _make_place(root: str, path: str, folder: bool) -> None:
    for above in parents(path):
        os.makedirs(root + above, 0o755, exist_ok=True)
    if folder:
        os.makedirs(root + path, 0o755, exist_ok=True)
    else:
        Path(root + path).touch()


if __name__ == "__main__":
    os.umask(0o022)
    try:
        main(View(**json.loads(sys.argv[1])), sys.argv[2:])
    except OSError as error:
        sys.exit(f"{error}")
