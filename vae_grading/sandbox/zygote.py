"""A process inside the jail that has imported everything, and forks a child for each submission.

    python -m vae_grading.sandbox.zygote FD walls|open [LIBRARY ...]

A request on the socket FD is a JSON object of limits, and two sockets: the student's end of the
conversation with the judge, and the keeper's (see cage.py), to which it says when the child is
made; after them the entrance of a control group, where there is one. The zygote runs nothing of a
student's and hears nothing from a child. `open` is for submissions that are trusted: no walls
around them.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Sequence

from vae_grading.fork_server import before_forks, serve
from vae_grading.sandbox import cage
from vae_grading.sandbox.limits import MADE, Limits
from vae_grading.student import preload
from vae_grading.student import process as student


def main(control: socket.socket, libraries: Sequence[str], *, walls: bool) -> None:
    """Import, say so, and serve until the other end is gone."""
    with before_forks():
        preload.libraries(libraries)
        student.warm_up()

    def child(message: bytes, files: list[int]) -> None:
        try:
            _be_a_student(Limits(**json.loads(message)) if walls else None, *files)
        except BaseException as error:  # nothing may go on in a copy of the zygote
            os.write(2, f"a student's process: {type(error).__name__}: {error}\n".encode())

    serve(control, child, most_files=3)


def _be_a_student(
    limits: Limits | None, conversation: int, keeper: int, group: int | None = None
) -> None:
    """`limits` None: no walls. The others are open files: two sockets and a group's entrance."""
    os.write(keeper, MADE)
    cage.close_all_but(conversation, keeper, *([] if group is None else [group]))
    # The zygote's is one for all submissions, with flags that each could read and change.
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    if limits is None:
        cage.enter_without_walls(socket.socket(fileno=keeper))
    else:
        cage.enter(limits, socket.socket(fileno=keeper), group=group)
    student.main(socket.socket(fileno=conversation))


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[3:], walls=sys.argv[2] != "open")
    os._exit(0)  # libraries that were only imported have nothing to clean up
