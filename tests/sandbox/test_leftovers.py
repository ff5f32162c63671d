"""A command leaves nothing in the temporary folder and no process, however it ends."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
import toy
from waiting import wait_until

from vae_grading.sandbox.jail import fault

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}"),
]
ENDLESS = "def double(number):\n    while True:\n        pass"


@pytest.mark.parametrize(
    "number", [None, signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n and n.name
)
def test_nothing_is_left_of_a_run(course, tmp_path, number):
    """The signal comes while a submission is being judged, which takes 30 seconds."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    right = number is None
    toy.submit(course, "ada", toy.answered(course, **({} if right else {"double": ENDLESS})))
    running = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from vae_grading.cli import main; main()",
            "grade",
            toy.LAB,
            "--course",
            str(course.root),
        ],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_as_in_a_terminal,
    )
    made: set[psutil.Process] = set()
    with running:
        if not right:
            wait_until(lambda: _judges(running.pid), seconds=120)
            assert list(temporary.iterdir()) != []  # there is something to leave
            made = set(psutil.Process(running.pid).children(recursive=True))
            running.send_signal(number)
        assert running.wait(90) == (0 if right else 130 if number == 2 else 128 + number)
        assert "Traceback" not in running.stderr.read()
    assert list(temporary.iterdir()) == []
    wait_until(lambda: not any(each.is_running() for each in made), seconds=120)


def _as_in_a_terminal() -> None:
    """A signal that this process was told to ignore (nohup, `&` in a script) ends the command."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _judges(run: int) -> bool:
    """Whether a judge and a student's process are at work."""
    below = psutil.Process(run).children(recursive=True)
    lines = [" ".join(each.cmdline()) for each in below]
    return sum("vae_grading.judge.server" in line for line in lines) > 1
