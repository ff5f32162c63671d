"""A formgrader of a test's own, on a course that is graded."""

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from vae_grading.course.course import Course

TOKEN = "for-this-test"


@contextlib.contextmanager
def formgrader(course: Course, folder: Path) -> Iterator[tuple[Callable[..., str], str]]:
    """Serve the course; gives a function that asks it for a path, and its address.

    ask(path), or ask(path, changes) to change what is there. `folder` takes the server's log.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--no-browser", f"--port={port}", f"--IdentityProvider.token={TOKEN}"]
    address = f"http://127.0.0.1:{port}/formgrader"
    log = folder / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "server", "--allow-root", *options],
            cwd=course.root,
            stdout=file,
            stderr=file,
        )

    def ask(path: str, changes: dict | None = None) -> str:
        request = urllib.request.Request(
            f"{address}/{path}",
            data=None if changes is None else json.dumps(changes).encode(),
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
            method="GET" if changes is None else "PUT",
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read().decode()

    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                ask("api/assignments")
                break
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline, log.read_text()
                assert server.poll() is None, log.read_text()
                time.sleep(0.3)
        yield ask, address
    finally:
        server.terminate()
        server.wait(30)
