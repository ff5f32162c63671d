"""The outer walls by bubblewrap (https://github.com/containers/bubblewrap)."""

from __future__ import annotations

import os
import shutil

from vae_grading.sandbox.view import DEVICES, SCRATCH, View, parents


def fault() -> str | None:
    """Why it cannot be used here, or None."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (Debian, Ubuntu: apt install bubblewrap)"
    return None


def behind(view: View) -> list[str]:
    """What to put before a command, for it to run with no more than `view` around it."""
    walls = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    # Root needs no user namespace; its zygote may only become somebody else.
    walls += (
        ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        if os.getuid() == 0
        else ["--unshare-user"]
    )
    walls += ["--die-with-parent", "--new-session", "--clearenv"]
    for name, value in view.variables().items():
        walls += ["--setenv", name, value]
    # Not bubblewrap's own /dev, in which submissions see each other's terminals.
    walls += ["--proc", "/proc", "--perms", "0755", "--tmpfs", "/dev", "--dir", "/dev/shm"]
    for device in DEVICES:
        walls += ["--dev-bind", device, device]
    walls += ["--symlink", "/proc/self/fd", "/dev/fd", "--perms", "0755", "--tmpfs", SCRATCH]
    below_tmp = any("/tmp" in parents(path) for path in (*view.shown(), *view.writable))
    walls += ["--perms", "0755", "--tmpfs", "/tmp"] if below_tmp else ["--symlink", SCRATCH, "/tmp"]
    for bind, paths in (("--ro-bind", view.shown()), ("--bind", view.writable)):
        for path in paths:
            # bubblewrap makes folders above a mount for its own user alone; a student's is another.
            for above in parents(path):
                walls += ["--perms", "0755", "--dir", above]
            walls += [bind, path, path]
    # One submission must not find anywhere what another left.
    for folder in ("/tmp", "/dev", "/") if below_tmp else ("/dev", "/"):
        walls += ["--remount-ro", folder]
    return ["bwrap", *walls, "--chdir", view.folder, "--"]
