"""A Jupyter kernel in the sandbox: what provisioner.py starts behind the outer walls.

    python -m vae_grading.sandbox.jupyter_kernel FD START

START is a JSON object, see `main`; the kernel ends when the other end of the socket FD is closed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from typing import Any

from vae_grading.sandbox import cage
from vae_grading.sandbox.limits import Limits
from vae_grading.student import preload


def main(
    keeper: socket.socket,
    *,
    limits: dict[str, Any],
    sockets: str,
    folder: str,
    arguments: list[str],
) -> None:
    """Shut this process in, and be a kernel in `folder`, with sockets in the folder `sockets`.

    `arguments` are ipykernel's. Raises OSError where the kernel refuses a wall.
    """
    preload.libraries()
    from ipykernel.kernelapp import IPKernelApp

    cage.enter(Limits(**limits), keeper, sockets=sockets, user=cage.NOBODY)
    with open(os.devnull, "r+") as nowhere:
        for stream in (0, 1, 2):
            os.dup2(nowhere.fileno(), stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    IPKernelApp.launch_instance(argv=arguments)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), **json.loads(sys.argv[2]))
