"""Functions of the checks that have to run where the answer lives: in its process, beside it.

What a Pyro program does is seen by a handler in the program's own process. A check asks for such a
function by its dotted name below vae_checks, and calls it with the answer as an argument; what it
returns are plain values and tensors. In a notebook the answer's process is this one; where a judge
grades, a student's process looks the name up, among its own modules, not among the notebook's
names. What comes back is believed as little as an answer is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_PACKAGE = __name__.partition(".")[0]
_functions: dict[str, Callable[..., Any]] = {}


def runs_beside(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function of the checks as one that `beside` finds."""
    name = f"{function.__module__}.{function.__qualname__}".removeprefix(f"{_PACKAGE}.")
    _functions[name] = function
    return function


def local(name: str) -> Callable[..., Any]:
    """The function of this process. Raises LookupError for a name that is none's."""
    if name not in _functions:
        raise LookupError(f"no function of the checks runs beside an answer by the name {name!r}")
    return _functions[name]


_find: ContextVar[Callable[[str], Callable[..., Any]]] = ContextVar("_find", default=local)


def beside(name: str) -> Callable[..., Any]:
    """The function of this name, such as "lab6.traces.sites", in the answer's process."""
    return _find.get()(name)


@contextmanager
def answers_elsewhere(find: Callable[[str], Callable[..., Any]]) -> Iterator[None]:
    """Inside, answers live where `find` finds functions."""
    token = _find.set(find)
    try:
        yield
    finally:
        _find.reset(token)
