"""No submission reaches its keeper, outlives its command, or tells another one anything."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
from sandboxed import processes_of
from waiting import wait_until

from vae_grading.judge.session import Session
from vae_grading.sandbox import jail as jails
from vae_grading.sandbox.jail import Jail, fault
from vae_grading.sandbox.walls import KINDS, VARIABLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}"),
]

# As kernels before 6.12 have it: signals are in nobody's scope.
OLD_LANDLOCK = """
from vae_grading.sandbox import landlock
known = landlock.version()
landlock.version = lambda: min(known, 5)
import runpy
runpy.run_module("vae_grading.sandbox.zygote", run_name="__main__", alter_sys=True)
"""
SIGNALS = """
import ctypes, os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # not to end when the parent does
for target in (0, -1, *range(2, 500)):
    for send in (os.kill, os.killpg):
        try:
            if target != os.getpgrp():
                send(target, signal.SIGTERM)
        except OSError:
            pass
"""


@pytest.fixture(params=KINDS)
def unscoped(request, monkeypatch):
    if fault(request.param) is not None:
        pytest.skip(f"no such walls here: {fault(request.param)}")
    monkeypatch.setattr(jails, "ZYGOTE", (sys.executable, "-c", OLD_LANDLOCK))
    made = Jail(kind=request.param).wait()
    made.own_processes = processes_of(made)
    yield made
    made.close()


def test_the_keeper_is_out_of_reach_where_signals_have_no_scope(unscoped):
    """It still ends what takes too much memory, and everything when it is asked to."""
    student = unscoped.student()
    session = Session(student.wire, {})
    # Were it the keeper's process group, this signal would end the keeper.
    assert session.run(SIGNALS, seconds=60, answer=True).error is None
    assert len(processes_of(unscoped) - unscoped.own_processes) == 2
    start = "for _ in range(3):\n    if os.fork() == 0:\n        time.sleep(600)"
    assert session.run(start, seconds=60, answer=True).error is None
    student.close()
    wait_until(lambda: processes_of(unscoped) == unscoped.own_processes)


def test_what_runs_ends_with_its_keeper_whatever_it_asked_for(walled):
    student = walled.student()
    session = Session(student.wire, {})
    assert session.run(SIGNALS, seconds=60, answer=True).error is None
    keeper, _ = sorted(processes_of(walled) - walled.own_processes)
    os.kill(keeper, signal.SIGKILL)
    wait_until(lambda: processes_of(walled) == walled.own_processes)
    student.close()


COMMAND = """
import sys, time
from vae_grading.judge.session import Session
from vae_grading.sandbox.jail import Jail
jail = Jail().wait()
student = jail.student()
Session(student.wire, {}).run(sys.stdin.read(), seconds=60)
print("made", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_outlives_a_command_that_was_killed(kind):
    if fault(kind) is not None:
        pytest.skip(f"no such walls here: {fault(kind)}")
    running = subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        env=os.environ | {VARIABLE: kind},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    source = SIGNALS + "for _ in range(3):\n    if os.fork() == 0:\n        time.sleep(600)"
    with running:
        running.stdin.write(source)
        running.stdin.close()
        assert running.stdout.readline() == "made\n"
        made = psutil.Process(running.pid).children(recursive=True)
        assert len(made) >= 6
        running.kill()
    wait_until(lambda: not any(each.is_running() for each in made))


TALK = {
    "flags of the standard streams": (
        "import fcntl, os\nfor n in range(3):\n    fcntl.fcntl(n, fcntl.F_SETFL, os.O_NONBLOCK)",
        "import fcntl, os\nassert not any(fcntl.fcntl(n, fcntl.F_GETFL) & os.O_NONBLOCK "
        "for n in range(3))",
    ),
    "a lock on a file of the machine": (
        "import fcntl, os\nfile = open(os.__file__)\nfcntl.flock(file, fcntl.LOCK_EX)",
        "import fcntl, os\nfile = open(os.__file__)\n"
        "fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)",
    ),
    "a lock on a part of it": (
        "import fcntl, os\nfile = open(os.__file__)\nfcntl.lockf(file, fcntl.LOCK_SH, 1, 7)",
        "import fcntl, os, struct\nfile = open(os.__file__)\n"
        "asked = struct.pack('hhqqi', fcntl.F_WRLCK, 0, 7, 1, 0)\n"
        "found = fcntl.fcntl(file, fcntl.F_GETLK, asked)\n"
        "assert struct.unpack('hhqqi', found)[0] == fcntl.F_UNLCK",
    ),
    "all files that may be on their way": (
        "import os, socket\nends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "ends[0].setblocking(False)\nkept = []\n"
        "try:\n    while True:\n        ends = socket.socketpair()\n        kept.append(ends)\n"
        "        for _ in range(9):\n"
        "            socket.send_fds(ends[0], [b'x'], [0] * 250)\n"
        "except OSError:\n    pass\n",
        "import socket\nends = socket.socketpair()\nsocket.send_fds(ends[0], [b'x'], [0])",
    ),
    "its name": (
        "import socket, ctypes\nctypes.CDLL(None).sethostname(b'told', 4)",
        "import socket\nassert socket.gethostname() == 'sandbox'",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tells", "asks"), TALK.values(), ids=TALK)
def test_one_submission_does_not_hear_what_another_one_says_meanwhile(run, tells, asks):
    if "250" in tells and os.getuid() != 0:
        pytest.skip("only root can make every submission another user")
    assert run(tells) is None, run.said
    assert run(asks) is None, run.said  # the first one is still there


WATCHES = """
import ctypes, errno, fcntl, os
libc = ctypes.CDLL(None, use_errno=True)
assert libc.inotify_init() == -1 and ctypes.get_errno() == errno.EPERM
assert libc.inotify_init1(0) == -1 and ctypes.get_errno() == errno.EPERM
assert libc.fanotify_init(0x200, 0) == -1 and ctypes.get_errno() == errno.EPERM
for ask, value in ((fcntl.F_NOTIFY, fcntl.DN_ACCESS), (fcntl.F_SETLEASE, fcntl.F_RDLCK)):
    try:
        fcntl.fcntl(os.open("/usr", os.O_RDONLY), ask, value)
        raise SystemError
    except PermissionError:
        pass
"""


def test_nobody_is_told_of_what_others_do_with_files(run):
    assert run(WATCHES) is None, run.said
