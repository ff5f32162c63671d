"""A command in a notebook ends in time, and what it says takes no memory without a bound."""

import os
import threading
import time

import psutil
import pytest
from waiting import wait_until

from vae_grading.student import shell
from vae_grading.student.shell import run_command


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(shell, "COMMAND_SECONDS", 1)


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("echo out; echo err >&2", 0, "out\nerr\n"),
        ("exit 3", 3, ""),
        ("printf '\\377'", 0, "\ufffd"),
        ("not-a-command 2>/dev/null", 127, ""),
    ],
)
def test_a_command_has_its_code_and_its_output(command, code, said):
    assert run_command(command) == (code, said)


@pytest.mark.parametrize(
    "command",
    [
        "sleep {}.1",
        "exec 0<&- 1>&- 2>&-; sleep {}.2",
        "trap '' TERM INT HUP; sleep {0}.3; sleep {0}.3",
        "sleep {}.4 & echo started",
        "setsid sleep 5 & echo started",
    ],
)
def test_a_command_without_an_end_is_stopped(command):
    command = command.format(os.getpid())  # a time that no other process sleeps for
    began = time.monotonic()
    _, output = run_command(command)
    assert time.monotonic() - began < 10
    assert output.endswith(f"stopped after 1 s: {command}\n")
    if "setsid" not in command:
        times = command.split()  # among them those for which its processes sleep
        wait_until(lambda: not any(line[0] == "sleep" and line[-1] in times for line in _lines()))


def _lines() -> list[list[str]]:
    """The command lines of all processes."""
    listed = [each.info["cmdline"] for each in psutil.process_iter(["cmdline"])]
    return [line for line in listed if line]


def test_a_command_that_prints_without_an_end_takes_no_memory():
    process = psutil.Process()
    before = process.memory_info().rss
    code, output = run_command("yes")
    assert process.memory_info().rss - before < 10 * shell.MOST_SAID
    assert (code, len(output) - shell.MOST_SAID) == (-9, pytest.approx(50, abs=50))
    assert output.startswith("y\ny\n")
    assert output.endswith("stopped after 1 s: yes\n\ncut after 4,000,000 bytes: yes\n")


def test_nobody_listens_to_what_escaped_and_goes_on_printing():
    before = threading.active_count()
    _, output = run_command("setsid --fork yes escaped")
    assert output.endswith("cut after 4,000,000 bytes: setsid --fork yes escaped\n")
    wait_until(lambda: threading.active_count() <= before)
    wait_until(lambda: not any(line[-1] == "escaped" for line in _lines()))


def test_a_long_output_is_cut_and_says_so():
    code, output = run_command(f"head -c {shell.MOST_SAID} /dev/zero")
    assert (code, len(output)) == (0, shell.MOST_SAID)
    code, output = run_command(f"head -c {shell.MOST_SAID + 1} /dev/zero")
    assert code == 0
    assert "cut after 4,000,000 bytes: head" in output[-80:]
