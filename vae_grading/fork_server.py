"""A process that imports what takes long once, and forks a child for each request.

Whoever starts it keeps one end of a SOCK_SEQPACKET socket: it hears READY, and sends messages with
open files. Not multiprocessing's own fork server: that one imports the command's main module anew
in each child, which takes longer than many a submission, and a daemonic process, such as a Dask
worker under its nanny, may not use it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
from collections.abc import Callable, Iterator

READY = b"ready"
LONGEST_REQUEST = 4096


@contextlib.contextmanager
def before_forks() -> Iterator[None]:
    """What is made inside is there for good, and the garbage collector never looks at it: looking
    through all of torch takes it as long as many a submission, and a copy of each page it marks."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def serve(
    control: socket.socket, child: Callable[[bytes, list[int]], object], *, most_files: int
) -> None:
    """Say READY, and call `child(message, files)` in a fork for each request, until the other end
    is gone. A child that returns or raises has ended; nothing hears of it here."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.send(READY)
    while True:
        message, files, _, _ = socket.recv_fds(control, LONGEST_REQUEST, most_files)
        if not message:
            return
        with contextlib.suppress(OSError):  # no more processes: whoever asked sees its files close
            if os.fork() == 0:
                try:
                    control.close()
                    child(message, files)
                finally:
                    os._exit(0)
        for file in files:
            os.close(file)
