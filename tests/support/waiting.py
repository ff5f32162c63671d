"""Wait for what other processes do."""

import time
from collections.abc import Callable

import psutil


def wait_until(true: Callable[[], object], seconds: float = 20) -> None:
    """Raise AssertionError unless it comes true in time; a process that is gone leaves it open."""
    deadline = time.monotonic() + seconds
    while not _is(true):
        assert time.monotonic() < deadline, f"in vain for {seconds:.0f} s"
        time.sleep(0.05)


def _is(true: Callable[[], object]) -> bool:
    try:
        return bool(true())
    except psutil.Error:
        return False
