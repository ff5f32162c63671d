"""Which outer walls there are here: bubblewrap's, else our own by namespaces and Landlock.

Either kind counts only if the inner walls (cage.py) stand behind it, which is tried.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from functools import cache
from typing import Any

from vae_grading.sandbox import bubblewrap, landlock, namespaces, system_calls
from vae_grading.sandbox.cage import STANDS
from vae_grading.sandbox.view import PYTHON, View
from vae_helpers.errors import VaeLabError

KINDS = {"bubblewrap": bubblewrap, "landlock": namespaces}  # the first that works is taken
VARIABLE = "VAE_LAB_WALLS"  # takes this kind and no other


def behind(view: View, *, kind: str | None = None) -> list[str]:
    """What to put before a command, for it to run with no more than `view` around it.

    `kind` is one of KINDS. Raises VaeLabError when it, or any, cannot be had.
    """
    reason = fault(kind)
    if reason is not None:
        raise VaeLabError(
            f"there is no sandbox here: {reason}. Submissions run without one only with "
            "--unsafe-no-sandbox, with all your rights: for notebooks of people you trust"
        )
    return KINDS[kind or _first()].behind(view)


def start(command: list[str], **options: Any) -> subprocess.Popen:
    """A process that the kernel can end with this one: walls ask to end with the thread that they
    were started by, and this one lives as long as they do."""
    started: queue.SimpleQueue = queue.SimpleQueue()

    def keep() -> None:
        try:
            process = subprocess.Popen(command, **options)
        except BaseException as error:
            started.put(error)
        else:
            started.put(process)
            process.wait()

    threading.Thread(target=keep, daemon=True, name="walls").start()
    found = started.get()
    if isinstance(found, BaseException):
        raise found
    return found


def fault(kind: str | None = None) -> str | None:
    """Why there can be no sandbox, of this kind or of any, or None."""
    if kind is None and _first() is not None:
        return None
    kinds = [kind] if kind else _wanted()
    return "; ".join(filter(None, map(_fault, kinds))) or None


def _first() -> str | None:
    return next((kind for kind in _wanted() if _fault(kind) is None), None)


def _wanted() -> list[str]:
    wanted = os.environ.get(VARIABLE)
    return [wanted] if wanted else list(KINDS)


@cache
def _fault(kind: str) -> str | None:
    if not sys.platform.startswith("linux"):
        return "it needs Linux"
    if kind not in KINDS:
        return f"{VARIABLE}={kind} is none of {', '.join(KINDS)}"
    reason = KINDS[kind].fault() or system_calls.fault()
    if reason is not None:
        return reason
    tried = subprocess.run(
        [*KINDS[kind].behind(View()), PYTHON, "-m", "vae_grading.sandbox.cage"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    if tried.stdout == STANDS:
        return None
    said = tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"]
    return f"the walls of {kind} do not stand: {said[-1]}"


@cache
def lacking() -> str | None:
    """What is missing here without being needed, in words, or None."""
    reason = landlock.fault()
    return reason and f"the sandbox has one wall less than it may have: {reason}"
