"""What a submission sees of the machine, item by item: the same behind either kind of walls."""

import ast
import platform
import socket

import pytest

from vae_grading.judge.session import Session
from vae_grading.sandbox import landlock, namespaces, system_calls, walls
from vae_grading.sandbox.jail import fault
from vae_grading.sandbox.view import View, parents

in_the_sandbox = pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}")

LOOK = """
import ctypes, os, resource, signal, socket
libc = ctypes.CDLL(None, use_errno=True)
def found(path):
    try:
        return sorted(os.listdir(path))
    except OSError as error:
        return type(error).__name__
def capabilities():
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    bounding = [n for n in range(41) if libc.prctl(23, n, 0, 0, 0) == 1]
    return [n for n in sets if n], bounding
def connects(name):
    try:
        socket.socket(socket.AF_UNIX).connect(name)
    except OSError as error:
        return type(error).__name__
hidden = ("/proc", "/sys", "/run", "/home", "/var", "/opt", "/boot", "/dev/pts", "/dev/shm")
print({
    "hidden": {path: found(path) for path in hidden},
    "devices": found("/dev"),
    "etc": found("/etc"),
    "written by root alone": [p for p in ("/", "/usr", "/dev", "/etc") if os.access(p, os.W_OK)],
    "ids": (os.getresuid(), os.getresgid(), os.getgroups()),
    "processes": (os.getpid(), os.getppid(), os.getsid(0), os.getpgrp()),
    "capabilities": capabilities(),
    "no new privileges": libc.prctl(39, 0, 0, 0, 0),
    "host": (socket.gethostname(), socket.if_nameindex()),
    "kernel log": libc.syscall(103 if os.uname().machine == "x86_64" else 116, 3, 0, 0),
    "keyring": libc.syscall(250 if os.uname().machine == "x86_64" else 219, 0, -3, 0),
    "abstract sockets": connects(b"\\0vae-lab-views"),
    "environment": sorted(set(os.environ) - {"PWD"}),
    "files": [n for n in range(64) if libc.fcntl(n, 1) >= 0][:3],
    "limits": {
        name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))
        for name in ("CORE", "MEMLOCK", "MSGQUEUE", "NOFILE", "NPROC", "SIGPENDING")
    },
})
"""
SEEN = {
    "hidden": dict.fromkeys(
        ("/sys", "/run", "/home", "/var", "/opt", "/boot", "/dev/pts"), "FileNotFoundError"
    )
    | {"/proc": [], "/dev/shm": []},
    "devices": ["fd", "full", "null", "random", "shm", "urandom"],
    "written by root alone": [],
    "ids": ((1000,) * 3, (1000,) * 3, []),
    "processes": (1, 0, 1, 1),
    "capabilities": ([], []),
    "no new privileges": 1,
    "host": ("sandbox", [(1, "lo")]),
    "kernel log": -1,
    "keyring": -1,
    "abstract sockets": "ConnectionRefusedError",
    "files": [0, 1, 2],
    "limits": {
        **dict.fromkeys(("CORE", "MEMLOCK", "MSGQUEUE"), (0, 0)),
        "NOFILE": (1024, 1024),
        **dict.fromkeys(("NPROC", "SIGPENDING"), (500, 500)),
    },
}


@pytest.mark.slow
@in_the_sandbox
def test_a_submission_sees_this_and_nothing_else(walled):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(b"\0vae-lab-views")
        listening.listen()
        student = walled.student()
        ran = Session(student.wire, {}).run(LOOK, seconds=60, answer=True)
        student.close()
    assert ran.error is None
    seen = ast.literal_eval(ran.printed)
    assert {"HOME", "PATH", "TMPDIR"} < set(seen.pop("environment"))
    assert set(seen.pop("etc")) <= {"fonts", "ld.so.cache"}
    # The project and its Python may lie in one of these.
    above = {folder for path in View().shown() for folder in parents(path)}
    hidden, expected = seen.pop("hidden"), dict(SEEN)
    for path, found in expected.pop("hidden").items():
        assert path in above or hidden[path] == found, path
    assert seen == expected


def test_a_kernel_that_lacks_a_wall_is_told(monkeypatch):
    """By the reason why there is no sandbox, or, where there is another wall, in a line."""
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert "has no Landlock" in namespaces.fault()
    assert "has no Landlock" in walls.lacking.__wrapped__()
    monkeypatch.undo()
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert "riscv64" in system_calls.fault()
    monkeypatch.setattr(walls.KINDS["landlock"], "fault", lambda: None)
    assert "riscv64" in walls._fault.__wrapped__("landlock")
    with pytest.raises(OSError, match="riscv64"):
        system_calls.forbid_calls()
    monkeypatch.undo()
    monkeypatch.setattr(system_calls.libc, "prctl", lambda *_: 0)
    assert "no seccomp" in system_calls.fault()


@pytest.mark.slow
@in_the_sandbox
@pytest.mark.parametrize("kind", walls.KINDS)
def test_outer_walls_without_inner_ones_are_none(kind, monkeypatch):
    """The trial says why the inner ones do not stand: here, for want of a folder to hide."""
    if fault(kind) is not None:
        pytest.skip(f"no such walls here: {fault(kind)}")
    nothing = ["/usr/bin/env"]
    monkeypatch.setattr(walls.KINDS[kind], "behind", lambda view: nothing)
    reason = walls._fault.__wrapped__(kind)
    assert reason is not None
    assert reason.startswith(f"the walls of {kind} do not stand: ")
