"""The judge's end of one submission: cells go to the student's process, tests are run here."""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from vae_checks.beside import answers_elsewhere
from vae_grading.judge.access_policy import JudgePolicy
from vae_grading.protocol.peer import Peer
from vae_grading.protocol.wire import Late, Wire, WireError
from vae_grading.submissions.cell_code import global_names

LONGEST_PRINTED = 20_000
LONGEST_ERROR = 1_000
LONGEST_NAME = 100
MOST_FAILURES, MOST_NAMES = 20, 100  # of one cell, of one line
_BUILTINS = frozenset(vars(builtins))


@dataclass(frozen=True)
class Verdict:
    """What a test cell came to: `error` is None when it passed."""

    error: BaseException | None
    printed: str


class Failure(NamedTuple):
    """A line of a cell that failed and was passed over: type and text of its error, and the names
    that it would have defined."""

    line: int
    error: tuple[str, str]
    names: tuple[str, ...]


class Run(NamedTuple):
    """What a student's cell came to: what it printed, and type and text of its error, if any."""

    printed: str
    error: tuple[str, str] | None
    failures: tuple[Failure, ...] = ()


class Session:
    """A conversation with one student's process over `wire`.

    `trusted` are the names that the instructor's imports define: in a test they mean the judge's
    own modules, whatever the student's notebook has put in their place.
    """

    def __init__(self, wire: Wire, trusted: Mapping[str, Any]) -> None:
        self._peer = Peer(wire, JudgePolicy())
        self._wire = wire
        self._trusted = trusted

    def forbid(self, names: Sequence[str], *, seconds: float) -> None:
        """Make the references of these names refuse the student's code. To be called before any
        of it runs, once. Raises WireError, also for a name that does not exist."""
        self._wire.begin(seconds)
        self._ask("forbid", names=list(names))

    def run(self, source: str, *, seconds: float, given: bool = False, answer: bool = False) -> Run:
        """Run a cell there; `given` ones may call what is forbidden, and an `answer` ends where it
        fails by its own fault. Raises WireError."""
        self._wire.begin(seconds)
        done = self._ask("run", source=source, given=given, answer=answer)
        try:
            printed, error = str(done["printed"])[:LONGEST_PRINTED], done["error"]
            failures = tuple(map(_failure, done["failed"][:MOST_FAILURES]))
            return Run(printed, None if error is None else _said(error), failures)
        except (TypeError, KeyError, IndexError, ValueError):
            raise WireError("a cell's end that is none") from None

    def judge(self, tests: str, *, seconds: float) -> Verdict:
        """Run a test cell here, on the student's objects. Raises WireError."""
        self._wire.begin(seconds)
        self._peer.forget()
        wanted = global_names(tests)[0] - _BUILTINS
        namespace: dict[str, Any] = {"__name__": "__main__"}
        namespace |= {name: self._trusted[name] for name in wanted if name in self._trusted}
        printed = io.StringIO()
        error: BaseException | None = None
        try:
            namespace |= self._of_the_student(sorted(wanted - set(namespace)))
            code = compile(tests, "<test cell>", "exec")
            # A student's code may leave gradients switched off, here too.
            with (
                contextlib.redirect_stdout(printed),
                torch.enable_grad(),
                answers_elsewhere(self._beside),
                self._ended_after(seconds),
            ):
                exec(code, namespace)
        except WireError:
            raise
        except (Exception, SystemExit) as found:  # the student's code may raise both
            error = found
        if self._peer.failure is not None:  # a check that caught it has not seen an answer
            raise self._peer.failure
        return Verdict(error, printed.getvalue())

    def met(self, *, seconds: float) -> str | None:
        """What the student's code met in the last test that is the machine's fault rather than its
        own, such as a device that is not there, as it tells it. Raises WireError."""
        self._wire.begin(seconds)
        try:
            return next((": ".join(_said(error)) for error in self._ask("met")), None)
        except (TypeError, KeyError, IndexError):
            raise WireError("errors that are none") from None

    @contextlib.contextmanager
    def _ended_after(self, seconds: float) -> Iterator[None]:
        """End the judge's own computing, too, which the wire's deadline does not see."""

        def end(*_: object) -> None:
            self._peer.failure = self._peer.failure or Late("the check took too long")
            raise self._peer.failure

        before = signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _beside(self, name: str) -> Any:
        return self._peer.request("beside", name=name)

    def _of_the_student(self, names: Sequence[str]) -> dict[str, Any]:
        """The student's objects of these names, of those that are defined there."""
        found = self._peer.request("roots", names=names)
        if not isinstance(found, dict):
            raise WireError("names that are none")
        return {name: found[name] for name in names if name in found}

    def _ask(self, operation: str, **fields: Any) -> Any:
        """A request whose failure is the process's, not the notebook's. Raises WireError."""
        try:
            return self._peer.request(operation, **fields)
        except WireError:
            raise
        except (Exception, SystemExit) as error:
            raise WireError(f"{operation} failed: {type(error).__name__}: {error}") from None


def _failure(told: Any) -> Failure:
    """Raises anything for a failure that is none."""
    names = (str(name)[:LONGEST_NAME] for name in told["names"][:MOST_NAMES])
    return Failure(
        max(0, min(int(told["line"]), 10**6)),
        _said(told["error"]),
        tuple(name for name in names if name.isidentifier()),
    )


def _said(error: Any) -> tuple[str, str]:
    return str(error[0])[:LONGEST_ERROR], str(error[1])[:LONGEST_ERROR]


class TrustedNames(Mapping[str, Any]):
    """What the instructor's cells define without the student: imports, and functions and classes
    that speak of nothing but such names.

    Each is made when it is first asked for: most tests ask for few, and an import takes its time.
    """

    def __init__(self, sources: Sequence[str]) -> None:
        self._made: dict[str, Any] = {"__name__": "__main__"}
        self._statements: dict[str, list[tuple[ast.stmt, frozenset[str]]]] = {}
        for source in sources:
            try:
                body = ast.parse(source).body
            except SyntaxError:  # a cell with a magic command
                continue
            for statement in body:
                self._add(statement)

    def __getitem__(self, name: str) -> Any:
        for statement, used in self._statements.pop(name, ()):
            for each in used & self._statements.keys():
                self[each]
            self._run(statement)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        names = {*self._made, *self._statements}
        return (name for name in names if not name.startswith("__"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _add(self, statement: ast.stmt) -> None:
        used: frozenset[str] = frozenset()
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            names = {each.asname or each.name.partition(".")[0] for each in statement.names}
            if "*" in names:
                return self._run(statement)
        elif isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            used, defined = global_names(ast.unparse(statement))
            if not used <= defined | self._made.keys() | self._statements.keys() | _BUILTINS:
                return None
            names = {statement.name}
        else:
            return None
        for name in names:
            self._statements.setdefault(name, []).append((statement, used))

    def _run(self, statement: ast.stmt) -> None:
        exec(compile(ast.Module([statement], []), "<given>", "exec"), self._made)
