"""A process inside the jail that has imported everything, and forks a child for each submission.

    python -m vae_grading.sandbox.zygote FD walls|open

A request on the socket FD is a JSON object of limits, and two sockets: the student's end of the
conversation with the judge, and the keeper's (see cage.py), to which it says when the child is
made; after them the entrance of a control group, where there is one. The zygote runs nothing of a
student's and hears nothing from a child. `open` is for submissions that are trusted: no walls
around them.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys

from vae_grading.sandbox import cage
from vae_grading.sandbox.limits import MADE, Limits
from vae_grading.student import preload
from vae_grading.student import process as student


def main(control: socket.socket, *, walls: bool) -> None:
    """Import, say so, and serve until the other end is gone."""
    with preload.before_forks():
        preload.libraries()
        student.warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.send(b"ready")
    while True:
        message, files, _, _ = socket.recv_fds(control, 4096, 3)
        if not message:
            return
        with contextlib.suppress(OSError):  # no more processes, or whoever asked is gone
            if os.fork() == 0:
                control.close()
                limits = Limits(**json.loads(message)) if walls else None
                sockets = (socket.socket(fileno=fd) for fd in files[:2])
                _child(limits, *sockets, group=files[2] if files[2:] else None)
            os.write(files[1], MADE)
        for file in files:
            os.close(file)


def _child(
    limits: Limits | None, conversation: socket.socket, keeper: socket.socket, *, group: int | None
) -> None:
    try:
        kept = [conversation.fileno(), keeper.fileno(), *([] if group is None else [group])]
        cage.close_all_but(*kept)
        # The zygote's is one for all submissions, with flags that each could read and change.
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        if limits is None:
            cage.enter_without_walls(keeper)
        else:
            cage.enter(limits, keeper, group=group)
        student.main(conversation)
    except BaseException as error:  # nothing may go on in a copy of the zygote
        os.write(2, f"a student's process: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), walls=sys.argv[2] != "open")
    os._exit(0)  # libraries that were only imported have nothing to clean up
