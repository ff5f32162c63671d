"""The walls around a student's process: what it can reach, and what it can use up."""

import builtins
import contextlib
import os
import signal

import pytest
from sandboxed import processes_of
from waiting import wait_until

from vae_grading.judge.session import Session
from vae_grading.protocol.wire import WireError
from vae_grading.sandbox import jail as jails
from vae_grading.sandbox.jail import ZygoteGone, fault
from vae_grading.sandbox.walls import VARIABLE, behind
from vae_helpers.errors import VaeLabError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}"),
]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import socket; socket.create_connection(('127.0.0.1', 1), 2)", "OSError"),
        ("import socket; socket.create_connection(('192.0.2.1', 80), 2)", "OSError"),
        ("import socket; socket.socket(socket.AF_VSOCK)", "PermissionError"),
        ("open('/etc/passwd')", "FileNotFoundError"),
        ("open('/etc/hostname')", "FileNotFoundError"),
        ("open('/proc/self/status')", "FileNotFoundError"),
        ("open('/usr/written', 'w')", "OSError"),
        ("import vae_helpers; open(vae_helpers.__file__, 'a')", "OSError"),
        ("import vae_grading.judge as j; open(j.__file__, 'a')", "OSError"),
        ("import os; os.kill(os.getppid() or 999999, 9)", "ProcessLookupError"),
        ("import os; os.setuid(0)", "OSError"),
        ("import os; os.chroot('/')", "PermissionError"),
        ("open('/dev/null2', 'w')", "OSError"),
        ("open('/scratch/big', 'wb').write(b'0' * (200 << 20))", "OSError"),
        ("x = bytearray(8 << 30)", "MemoryError"),
        ("[open('/dev/null') for _ in range(2000)]", "OSError"),
    ],
)
def test_what_is_outside_cannot_be_reached_or_used_up(run, source, error):
    found = run(source)
    assert found is not None
    assert issubclass(getattr(builtins, found), getattr(builtins, error))


def test_a_line_that_fails_is_seen_by_these_tests(run):
    """In an ordinary cell a line that fails does not end it, and tests that ask for no error would
    ask for nothing."""
    assert run("assert 1 == 2\nx = 1") == "AssertionError"


def test_no_new_namespaces_and_no_privileges(run):
    source = """
import ctypes
libc = ctypes.CDLL(None)
assert libc.unshare(0x10000000) != 0  # a user namespace
assert libc.unshare(0x00020000) != 0  # mounts
assert libc.mount(b"none", b"/scratch", b"tmpfs", 0, None) != 0
assert libc.prctl(39, 0, 0, 0, 0) == 1  # no new privileges
"""
    assert run(source) is None


def test_one_submission_finds_nothing_that_another_left(run):
    places = """
import os, sys
from pathlib import Path
places = {str(place) for path in [*sys.path, os.__file__] for place in Path(path).parents}
places |= {"/", "/tmp", "/dev", "/dev/shm", "/proc", "/scratch", "/usr", "/run", "/var/tmp"}
"""
    write = """
for place in places:
    try:
        open(f"{place}/left", "w").close()
    except OSError:
        pass
assert os.path.exists("/scratch/left") and os.path.exists("/dev/shm/left")
"""
    assert run(places + write) is None
    assert (
        run(places + 'assert not any(os.path.exists(f"{place}/left") for place in places)') is None
    )


def test_a_fork_bomb_is_ended_with_its_notebook(run):
    source = """
import os, time
for _ in range(1000):
    if os.fork() == 0:
        time.sleep(600)
"""
    with pytest.raises(WireError):
        run(source)
    assert run.students[-1].why() == "It started more processes than a submission may."
    assert run("1") is None  # the next one is served as before


def test_what_one_does_to_its_modules_does_not_reach_the_next(run):
    assert run("import torch; torch.allclose = None") is None
    assert run("import torch; assert torch.allclose is not None") is None


def test_calls_that_only_system_software_makes_fail(run):
    source = """
import ctypes, os, errno
libc = ctypes.CDLL(None, use_errno=True)
assert libc.ptrace(0, 0, 0, 0) == -1
for call in (425, 428, 430, 438):  # io_uring_setup, open_tree, fsopen, pidfd_getfd
    assert libc.syscall(call, 0, 0, 0) == -1 and ctypes.get_errno() == errno.EPERM
assert libc.shmget(0, 4096, 0o1600) == -1
try:
    os.memfd_create("hidden")
except PermissionError:
    pass
else:
    raise AssertionError("memory that counts as nobody's")
"""
    assert run(source) is None


def test_threads_and_other_processes_work_as_a_notebook_expects(run):
    source = """
import subprocess, sys, threading, torch
from torch.utils.data import DataLoader
batches = DataLoader(torch.arange(6), batch_size=3, num_workers=1)
assert [len(batch) for batch in batches] == [3, 3]
command = [sys.executable, "-c", "print(6 * 7)"]
assert subprocess.run(command, capture_output=True).stdout.strip() == b"42"
ran = []
threads = [threading.Thread(target=ran.append, args=(n,)) for n in range(8)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
assert len(ran) == 8
"""
    assert run(source) is None


@pytest.mark.parametrize("persistent", [False, True], ids=["anew", "persistent"])
@pytest.mark.parametrize("workers", [8, 16, 32])
def test_data_is_loaded_by_as_many_workers_as_a_notebook_asks_for(run, workers, persistent):
    source = f"""
import torch
from torch.utils.data import DataLoader, TensorDataset
data = TensorDataset(torch.rand(640, 784), torch.arange(640))
loader = DataLoader(data, batch_size=16, shuffle=True, num_workers={workers},
                    persistent_workers={persistent})
for epoch in range(2):
    assert sum(int(labels.sum()) for images, labels in loader) == 640 * 639 // 2
"""
    assert run(source) is None, run.said


def test_it_is_told_of_as_many_processors_as_it_should_start_workers_for(run):
    source = """
import multiprocessing, os, torch
assert os.cpu_count() == multiprocessing.cpu_count() == len(os.sched_getaffinity(0)) <= 2
assert torch.get_num_threads() <= 2
"""
    assert run(source) is None, run.said


def test_what_libraries_lock_map_and_share_works(run):
    """filelock (torch.compile's), SQLite, shared tensors, pools, memory-mapped arrays, figures."""
    source = """
import asyncio, concurrent.futures, multiprocessing, sqlite3, tempfile, torch
import filelock, numpy as np
from multiprocessing import shared_memory
with filelock.FileLock("/scratch/lock", timeout=5):
    pass
with sqlite3.connect("/scratch/marks.db") as db:
    db.execute("create table t (x)")
    db.execute("insert into t values (1)")
assert torch.ones(3).share_memory_().is_shared()
with multiprocessing.Pool(2) as pool:
    assert pool.map(abs, [-1, -2]) == [1, 2]
with concurrent.futures.ProcessPoolExecutor(2) as pool:
    assert list(pool.map(abs, [-1])) == [1]
value, queue = multiprocessing.Value("i", 3), multiprocessing.Queue()
queue.put(value.value)
assert queue.get(timeout=20) == 3
block = shared_memory.SharedMemory(create=True, size=4096)
block.buf[0] = 1
block.unlink()
with tempfile.NamedTemporaryFile() as file:
    np.memmap(file, dtype="f4", mode="w+", shape=8)[:] = 1
assert asyncio.run(asyncio.sleep(0, 3)) == 3
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.savefig("/scratch/figure.png")
"""
    assert run(source) is None, run.said


def test_thousands_of_threads_cannot_be_started(run):
    source = """
import threading
done, started = threading.Event(), 0
try:
    for _ in range(5000):
        threading.Thread(target=done.wait, daemon=True).start()
        started += 1
except RuntimeError:
    pass
done.set()
assert started < 512, started
"""
    assert run(source) is None


def test_no_other_process_is_to_be_seen_or_signalled(run):
    source = """
import os
assert os.getpid() == 1 and os.getppid() == 0
assert os.listdir('/proc') == []
try:
    os.kill(-1, 9)
except ProcessLookupError:
    pass
"""
    assert run(source) is None
    assert run("1") is None


@pytest.mark.parametrize(
    "source",
    [
        "import os, signal\nif os.fork() == 0:\n    os.kill(os.getpid(), signal.SIGSTOP)",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)",
        "import signal\nfor n in (1, 2, 3, 13, 15, 17):\n    signal.signal(n, signal.SIG_IGN)",
        "import os\nfor n in range(3, 256):\n    try:\n        os.close(n)\n"
        "    except OSError:\n        pass\nwhile True:\n    pass",
    ],
    ids=["stopped", "in a session of its own", "deaf to signals", "without its sockets"],
)
def test_whatever_it_made_of_itself_it_is_gone_when_it_is_closed(walled, source):
    student = walled.student()
    with contextlib.suppress(WireError):
        Session(student.wire, {}).run(source, seconds=2)
    student.close()
    # Beside tests that take all there is of the machine.
    wait_until(lambda: processes_of(walled) == walled.own_processes, seconds=60)


def test_a_flood_of_output_harms_nobody(run):
    assert run("import os\nfor _ in range(300):\n    os.write(2, b'x' * 2**20)") is None
    assert run("print('x' * 2**28)") in (None, "MemoryError")
    assert run("1") is None


@pytest.fixture
def living(monkeypatch):
    """The sandbox as `jail()` keeps it, apart from the one that other tests use."""
    made: dict = {}
    monkeypatch.setattr(jails, "_JAILS", made)
    yield jails.jail
    for each in made.values():
        each.close()


def test_a_zygote_that_was_killed_is_told_and_replaced(living):
    first = living()
    assert living() is first
    for pid in processes_of(first):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with pytest.raises(ZygoteGone):
        first.student()
    student = living().student()  # at once, though bubblewrap may not have noticed yet
    assert Session(student.wire, {}).run("1", seconds=20, answer=True).error is None
    student.close()


def test_a_library_is_imported_for_the_labs_that_name_it_alone(living):
    source = "import sys\nassert ('wave' in sys.modules) is {wanted}"
    for libraries, wanted in (((), False), (("wave",), True)):
        student = living(libraries=libraries).student()
        session = Session(student.wire, {})
        assert session.run(source.format(wanted=wanted), seconds=20, answer=True).error is None
        student.close()
    assert living() is not living(libraries=("wave",))


def test_a_library_that_is_not_installed_is_told_in_one_line(living):
    with pytest.raises(VaeLabError, match="this needs wavve, which is not installed: pip install"):
        living(libraries=("wavve",))


def test_without_any_walls_it_refuses_in_one_line(monkeypatch, living):
    monkeypatch.setenv(VARIABLE, "none")
    with pytest.raises(VaeLabError, match="there is no sandbox here") as caught:
        living()
    assert "--unsafe-no-sandbox" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_bubblewrap_the_kernels_own_walls_are_taken(monkeypatch):
    from vae_grading.sandbox import walls
    from vae_grading.sandbox.view import View

    found = {"bubblewrap": "bubblewrap is not installed", "landlock": None}
    monkeypatch.setattr(walls, "_fault", found.get)
    assert "vae_grading.sandbox.namespaces" in behind(View())
    found["landlock"] = "the kernel has no Landlock"
    assert fault() == "bubblewrap is not installed; the kernel has no Landlock"
