"""Memory counts wherever a submission hides it, or cannot be had there."""

import pytest

from vae_grading.protocol.wire import WireError
from vae_grading.sandbox.jail import fault
from vae_grading.sandbox.limits import MB

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}"),
]

MOST = 400 * MB  # the hidden ones hold at least half as much again
HOLD = """
import ctypes, os, socket, threading, time
libc = ctypes.CDLL(None)
def hold(megabytes, seconds=50):
    held = ctypes.create_string_buffer(megabytes << 20)
    ctypes.memset(held, 1, megabytes << 20)
    time.sleep(seconds)
"""
HIDDEN = {
    "in children": """
for _ in range(6):
    if os.fork() == 0:
        hold(120)
""",
    "in children of a thread": """
def start():
    for _ in range(6):
        if os.fork() == 0:
            hold(120)
    time.sleep(50)
threading.Thread(target=start).start()
""",
    "in processes whose first thread has ended": """
for _ in range(6):
    if os.fork() == 0:
        threading.Thread(target=hold, args=(120,)).start()
        libc.syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)
""",
    "in processes whose first thread has ended and is called as their memory is": """
assert libc.prctl(15, b"RssAnon:", 0, 0, 0) == 0
for _ in range(6):
    if os.fork() == 0:
        threading.Thread(target=hold, args=(120,)).start()
        libc.syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)
""",
    "in processes that may not be looked at": """
for _ in range(6):
    if os.fork() == 0:
        libc.prctl(4, 0, 0, 0, 0)
        hold(120)
""",
    "in another program": """
import subprocess, sys
code = "import time; held = bytearray(b'1') * (120 << 20); time.sleep(50)"
for _ in range(6):
    subprocess.Popen([sys.executable, "-S", "-c", code])
""",
    "in a grandchild whose parent has ended": """
for _ in range(6):
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
            hold(120)
        os._exit(0)
""",
    "in messages to itself": """
kept = []
for _ in range(490):
    ends = socket.socketpair()
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        end.setblocking(False)
        try:
            while True:
                end.send(b"x" * 65536)
        except BlockingIOError:
            pass
    kept.append(ends)
    if len(kept) % 90 == 0 and os.fork():  # the child goes on
        time.sleep(50)
""",
    "in messages that wait for somebody to listen, from senders that are gone": """
waiting = socket.socket(socket.AF_UNIX)
waiting.bind(b"\\0waiting")
waiting.listen(4096)
for _ in range(4000):
    sender = socket.socket(socket.AF_UNIX)
    sender.setblocking(False)
    try:
        sender.connect(b"\\0waiting")
        while True:
            sender.send(b"x" * 65536)
    except BlockingIOError:
        pass
    sender.close()
""",
}


@pytest.mark.parametrize("source", HIDDEN.values(), ids=HIDDEN)
def test_hidden_memory_ends_the_submission(run, source):
    with pytest.raises(WireError):
        run(f"{HOLD}{source}\ntime.sleep(40)", memory=MOST)
    assert run.students[-1].why() == "It used more memory than a submission may."


REFUSED = {
    "pages in a pipe": """
part = (ctypes.c_size_t * 2)(ctypes.addressof(ctypes.create_string_buffer(4096)), 4096)
reader, writer = os.pipe()
assert libc.vmsplice(writer, part, 1, 0) == -1
""",
    "pages of a file in a pipe": """
reader, writer = os.pipe()
try:
    os.splice(os.open(os.__file__, os.O_RDONLY), writer, 4096)
    raise SystemError
except PermissionError:
    pass
""",
    "shared memory that nothing maps": """
import mmap
try:
    mmap.mmap(-1, 4096)
    raise SystemError
except PermissionError:
    pass
assert not os.path.exists("/dev/zero")
""",
    "locked memory": """
assert libc.mlock(ctypes.create_string_buffer(1 << 20), 1 << 20) == -1
""",
    "huge pages": """
libc.prctl(41, 0, 0, 0, 0)
assert libc.prctl(42, 0, 0, 0, 0) == 1
""",
    "a larger buffer": """
end = socket.socketpair()[0]
before = end.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
assert end.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == before
""",
    "files of both temporary folders": """
for folder in "/scratch", "/dev/shm":
    try:
        for number in range(9):
            with open(f"{folder}/{number}", "wb") as file:
                file.write(b"0" * (30 << 20))
        raise SystemError
    except OSError:
        pass
""",
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED)
def test_memory_that_would_not_be_counted_cannot_be_had(run, source):
    assert run(HOLD + source) is None, run.said


def test_a_process_about_to_become_another_program_does_not_count_twice(run):
    """200 commands, each started by a process that holds more than half of what it may."""
    source = """
import ctypes, subprocess
held = ctypes.create_string_buffer(260 << 20)
ctypes.memset(held, 1, 260 << 20)
for _ in range(200):
    subprocess.run(["/bin/true"], check=True)
"""
    assert run(source, memory=MOST, seconds=120) is None


def test_a_process_that_shares_its_address_space_does_not_count_twice(run):
    """As one that is about to become another program does, only for longer."""
    source = """
import ctypes, time
libc = ctypes.CDLL(None)
held = ctypes.create_string_buffer(260 << 20)
ctypes.memset(held, 1, 260 << 20)
stack = ctypes.create_string_buffer(1 << 16)
of_one_memory, that_is_waited_for = 0x100, 17
top = ctypes.c_void_p((ctypes.addressof(stack) + (1 << 16)) & -16)
assert libc.clone(libc.sleep, top, of_one_memory | that_is_waited_for, ctypes.c_void_p(30)) > 0
time.sleep(5)
"""
    assert run(source, memory=MOST, seconds=120) is None
