"""Progress bars for people: in a terminal and in a notebook, and nothing into a pipe or a log."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import Any

from vae_helpers.work import work_size


def bar(*, total: int, wanted: bool = True) -> Any:
    """tqdm's bar for this many steps, where it is wanted, somebody watches and work is full."""
    from tqdm.auto import tqdm

    shown = wanted and work_size(full=True, small=False) and somebody_watches()
    return tqdm(total=total, unit="step", disable=not shown)


@contextlib.contextmanager
def unseen_is_unsaid() -> Iterator[None]:
    """Drop what libraries print inside, their own bars above all, unless somebody watches."""
    if somebody_watches():
        yield
        return
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        yield


def somebody_watches() -> bool:
    """Does what is written now reach a person: a terminal, or a notebook that a person runs?

    nbconvert, nbgrader and papermill run a notebook as a program: they alone take no input.
    """
    parent = _request_of_a_notebook()
    if parent is not None:
        return bool(parent.get("content", {}).get("allow_stdin", True))
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # there is none, or it is closed
        return False


def _request_of_a_notebook() -> dict[str, Any] | None:
    """The message by which a notebook had the running cell executed; None outside of one."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    ask = getattr(shell, "get_parent", None)  # an IPython terminal has none
    return ask() if ask is not None else None
