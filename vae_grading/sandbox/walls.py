"""Which outer walls there are here: bubblewrap's, else our own by namespaces and Landlock."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from functools import cache
from typing import Any

from vae_grading.sandbox import bubblewrap, namespaces
from vae_grading.sandbox.view import View
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
    return KINDS[kind].fault()
