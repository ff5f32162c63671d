"""Exceptions that cross: with their type's name, text and lines.

One that began at this end and went through the other comes back as itself, so that what a check
raises in a loss function that it handed out still is the check's own when the student's code lets
it through. One of the other end's arrives as one of Python's own types, or as a `RemoteError`: no
name makes it a verdict of a check or a fault of the conversation.
"""

from __future__ import annotations

import builtins
import traceback
from pathlib import Path
from typing import Any

from vae_grading.protocol.values import safe_name
from vae_grading.protocol.wire import WireError

MOST_FRAMES = 20
LONGEST_TEXT = 2000
_OURS = str(Path(__file__).parents[1])
# Their arguments are no text, or mean something to whoever catches them.
_NOT_REBUILT = (KeyError, UnicodeError, StopIteration, StopAsyncIteration, BaseExceptionGroup)


class RemoteError(Exception):
    """An exception of the other process whose type is none of Python's own."""


def is_theirs(error: BaseException) -> bool:
    """Whether it began at the other end: then its type and its text are the other's words."""
    return hasattr(error, "_remote_number")


class Exceptions:
    """The exceptions of this end that the other has heard of, by number."""

    def __init__(self) -> None:
        self._ours: dict[int, BaseException] = {}

    def describe(self, error: BaseException, number: int) -> dict[str, Any]:
        """The tree of an exception; `number` is a new one, for the case that it is ours."""
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if not frame.filename.startswith(_OURS)
        ]
        shown = [[f.filename, f.lineno, f.name, f.line or ""] for f in frames[-MOST_FRAMES:]]
        origin = getattr(error, "_remote_number", None)
        if origin is not None:
            return {"origin": origin, "frames": shown}
        self._ours[number] = error
        try:
            text = str(error)[:LONGEST_TEXT]
        except Exception:
            text = ""
        return {
            "number": number,
            "type": type(error).__name__,
            "text": text,
            "bare": not error.args,
            "frames": shown,
        }

    def rebuild(self, tree: dict[str, Any]) -> BaseException:
        """The exception of a tree. Raises WireError for one that came from nowhere, and what a
        tree that is none leads to."""
        if "origin" in tree:
            error: Any = self._ours.get(int(tree["origin"]))
            if error is None:
                raise WireError("an exception that never was")
        else:
            error = _made(str(tree["type"]), str(tree["text"])[:LONGEST_TEXT], bool(tree["bare"]))
            error._remote_number = int(tree["number"])
        error.remote_frames = [
            traceback.FrameSummary(
                str(file)[:LONGEST_TEXT],
                int(line),
                str(name)[:LONGEST_TEXT],
                lookup_line=False,
                line=str(text)[:LONGEST_TEXT],
            )
            for file, line, name, text in tree["frames"][:MOST_FRAMES]
        ]
        return error


def _made(type_name: str, text: str, bare: bool) -> BaseException:
    kind = getattr(builtins, type_name, None)
    usual = isinstance(kind, type) and issubclass(kind, (Exception, SystemExit))
    if usual and not issubclass(kind, _NOT_REBUILT):
        return kind() if bare else kind(text)
    if kind is StopIteration:
        return StopIteration()
    made = type(safe_name(type_name), (RemoteError,), {})
    return made() if bare else made(text)
