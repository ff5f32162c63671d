"""How a check calls an answer, and how it says what is wrong with it.

A check raises `Mistake`: a slug of the bank of misconceptions and what was seen. `Exercise` adds
which exercise it was and where to look, which makes the `CheckFailed` that the student sees:

    ✗ gaussian_kl: image 0 gives 12.31 nats, the formula gives 6.155.
      That is exactly twice the right value: the factor 1/2 is missing.
      See section 3.2. [kl-no-half]
"""

import contextlib
import re
import site
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

import vae_helpers
from vae_checks.misconceptions import MISCONCEPTIONS

_OURS = (str(Path(__file__).parent), str(Path(vae_helpers.__file__).parent))
_LIBRARIES = tuple(
    {
        *_OURS,
        str(Path(torch.__file__).parent),
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("purelib"),
        *site.getsitepackages(),
    }
)


class UnknownSlug(Exception):
    """A check names a misconception that no bank has: the check's fault, not the answer's."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"no bank has the misconception {slug!r}: is it misspelt, or does labN/__init__.py not "
            "register labN/misconceptions.py?"
        )


class Mistake(Exception):
    """What a check found: `seen` (numbers, shapes) and `meaning`, by default the bank's sentence,
    `misconception`. `likely` is the slug that is told in its place when no check knows better;
    `undecided` says that the numbers drawn fit another slug as well, which others may not.

    Raises UnknownSlug for a slug that the bank does not have.
    """

    def __init__(
        self,
        slug: str,
        seen: str,
        meaning: str | None = None,
        likely: str | None = None,
        *,
        undecided: bool = False,
    ) -> None:
        super().__init__(slug, seen, meaning)
        self.slug = slug
        self.seen = seen
        self.likely = likely
        self.undecided = undecided
        if slug not in MISCONCEPTIONS:
            raise UnknownSlug(slug)
        self.misconception = MISCONCEPTIONS[slug]
        self.meaning = self.misconception if meaning is None else meaning


class CheckFailed(AssertionError):
    """The verdict on a wrong answer: at most three lines, shown without a traceback.

    `seen` begins with the exercise's name, `meaning` says what that means, `look` where to look;
    `slug` is the bank's name for the misconception, and `misconception` its sentence, the same for
    everyone who has it.
    """

    def __init__(
        self, seen: str, meaning: str, look: str, slug: str, misconception: str = ""
    ) -> None:
        super().__init__(seen, meaning, look, slug, misconception)
        self.seen, self.meaning, self.look = seen, meaning, look
        self.slug, self.misconception = slug, misconception

    @property
    def message(self) -> str:
        return f"✗ {self.seen}\n  {self.meaning}\n  {self.look} [{self.slug}]"

    def __str__(self) -> str:
        return self.message

    def _render_traceback_(self) -> list[str]:
        """What Jupyter and nbgrader show in place of a traceback."""
        return self.message.splitlines()


def failure(exercise: str, section: str, mistake: Mistake) -> CheckFailed:
    """The verdict that tells `mistake` in `exercise`, with the section to look at."""
    if mistake.likely is not None:
        own = None if mistake.meaning == mistake.misconception else mistake.meaning
        mistake = Mistake(mistake.likely, mistake.seen, own)
    seen, meaning = _one_line(mistake.seen), _one_line(mistake.meaning)
    look = f"See section {section}."
    return CheckFailed(f"{exercise}: {seen}", meaning, look, mistake.slug, mistake.misconception)


def call(
    name: str,
    function: Any,
    arguments: dict[str, Any],
    *,
    may_mark: bool = False,
    **keywords: Any,
) -> Any:
    """The result of `function(*arguments.values(), **keywords)`, a call of the student's code.

    `arguments` maps the name by which a message calls an argument to its value; `may_mark` leaves
    it to another idea to look at their requires_grad and .grad.

    Raises Mistake: `not-done` for the NotImplementedError of an untouched cell, `raised` for any
    other exception (with the call and the line of the student's cell), `changed-argument` when a
    tensor given to the function has other values afterwards, `argument-marked` when it has another
    requires_grad or a .grad that it had not, `wrong-device` when the result is not on the CPU,
    `gradients-left-off` when gradients are switched off afterwards (here they are on again). A
    Mistake raised by a callable that the check itself passed in goes through. What the code writes
    to stderr goes to stdout and its warnings are dropped: neither may cost marks.
    """
    described = describe_call(name, arguments | keywords)
    if not callable(function):
        raise Mistake("wrong-type", f"{name} is {describe(function)}, it cannot be called.")
    before = [(key, each, each.detach().clone()) for key, each in _tensors(arguments)]
    watched = {} if may_mark else arguments
    marks = {key: _marks(value) for key, value in watched.items() if torch.is_tensor(value)}
    gradients = torch.is_grad_enabled()
    try:
        with quiet(described):
            result = function(*arguments.values(), **keywords)
        if torch.is_grad_enabled() != gradients:
            seen = f"After {described} torch.is_grad_enabled() is {not gradients}."
            raise Mistake("gradients-left-off", seen)
    finally:
        torch.set_grad_enabled(gradients)
    for part in result if isinstance(result, (tuple, list)) else (result,):
        if torch.is_tensor(part) and part.device.type != "cpu":
            seen = f"{described} returned a tensor on {part.device}, its arguments are on the CPU."
            raise Mistake("wrong-device", seen)
    for key, given, old in before:
        if given.shape != old.shape or not _same(given.detach(), old):
            raise Mistake("changed-argument", f"{described} changed the values of `{key}`.")
    for key, (varied, had_gradient) in marks.items():
        varies, has_gradient = _marks(arguments[key])
        if varies != varied:
            seen = f"After {described} `{key}` has requires_grad={varies}."
            raise Mistake("argument-marked", seen)
        if has_gradient and not had_gradient:
            raise Mistake("argument-marked", f"After {described} `{key}` has a .grad.")
    return result


@contextlib.contextmanager
def quiet(described: str) -> Iterator[None]:
    """Run the student's code: exceptions become a Mistake about the call `described`."""
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(sys.stdout):
            warnings.simplefilter("ignore")
            yield
    except (Mistake, UnknownSlug):
        raise
    except (Exception, SystemExit) as error:
        raise _raised(described, error) from None


def raised_later(name: str, error: Exception) -> Mistake:
    """What is told when no call of the answer raised, but the use of what it returned did.

    Its graph may hold a function that refuses its derivative, its module a hook that raises.
    """
    return Mistake("unusable", f"The use of what {name} gave raised {_quoted(error)}")


def describe_call(name: str, arguments: dict[str, Any]) -> str:
    """The call as a message shows it: names with shapes or values.

    >>> describe_call("f", {"x": torch.zeros(2, 3), "beta": 0.5})
    'f(x (2, 3), beta=0.5)'
    """
    shown = []
    for key, value in arguments.items():
        if torch.is_tensor(value):
            shown.append(f"{key} {tuple(value.shape)}")
        elif value is None or type(value) in (bool, int, float, str):
            shown.append(f"{key}={value:.4g}" if type(value) is float else f"{key}={value!r}")
        else:
            shown.append(key)
    return f"{name}({', '.join(shown)})"


def describe(value: Any) -> str:
    """What a value is, in a few words for a message.

    >>> describe(torch.zeros(2, 3)), describe(None), describe([1, 2])
    ('a tensor of shape (2, 3)', 'None', 'a list of 2')
    """
    if value is None:
        return "None"
    if torch.is_tensor(value):
        return f"a tensor of shape {tuple(value.shape)}"
    kind = type(value).__name__
    if kind in ("tuple", "list", "dict", "set"):
        return f"a {kind} of {len(value)}"
    if kind in ("int", "float", "bool", "str"):
        return f"{kind} {value!r}"[:60]
    names = {"generator": "a generator", "ndarray": "a numpy array"}
    names |= dict.fromkeys(("float64", "float32", "int64", "bool_"), "a numpy number")
    return names.get(kind, f"an object of type {kind}")


def _tensors(arguments: dict[str, Any]) -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors that are given, in lists and dictionaries as well, small enough to be compared,
    with their key."""
    for key, value in arguments.items():
        parts = list(value.values()) if type(value) is dict else value
        for each in parts if type(parts) in (list, tuple) else (parts,):
            if torch.is_tensor(each) and each.numel() < 1_000_000:
                yield key, each


def _marks(value: torch.Tensor) -> tuple[bool, bool]:
    """Whether gradients are asked for, and whether there is one; only a leaf keeps its own."""
    return value.requires_grad, value.is_leaf and value.grad is not None


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    # `equal` is far cheaper, and knows no NaN.
    return torch.equal(one, other) or torch.allclose(one, other, rtol=0, atol=0, equal_nan=True)


def _raised(described: str, error: BaseException) -> Mistake:
    frames = getattr(error, "remote_frames", None)  # of an answer in another process
    if frames is None:
        walk = traceback.walk_tb(error.__traceback__)
        frames = traceback.StackSummary.extract(walk, lookup_lines=False)
    frames = [frame for frame in frames if not _is_library_frame(frame)]
    line = _line(frames[-1]) if frames else ""
    # torch, too, raises NotImplementedError, with a text, from a line that does not name it.
    if type(error) is NotImplementedError and (not error.args or type(error).__name__ in line):
        return Mistake("not-done", f"{described} raises NotImplementedError.")
    text, seen = _one_line(str(error)), f"{described} raised {_quoted(error)}"
    if not frames:
        if type(error) is NotImplementedError and "forward" in text:
            return Mistake("no-forward", seen)
        # Calls that the function's own head refuses never enter the cell.
        wrong_call = type(error) is TypeError and "argument" in text
        return Mistake("signature" if wrong_call else "raised", seen)
    # The exercise's own cell called the others: its line is the one to look at.
    own = [frame for frame in frames if frame.filename == frames[0].filename][-1]
    line = _line(own)
    if not line:
        return Mistake("raised", seen)
    where = f"It happened in line {own.lineno} of your cell: {line[:120]}"
    # view(-1, 784), where the argument is of another size.
    refused = re.match(r"shape '\[(.*)\]' is invalid for input of size", text)
    if refused and any(size in line for size in re.findall(r"\d{2,}", refused[1])):
        told = f"{MISCONCEPTIONS['hard-coded-size']} {where}"
        return Mistake("raised", seen, told, likely="hard-coded-size")
    if frames[-1].filename != own.filename:
        where += " (Is a global used there instead of an argument?)"
    return Mistake("raised", seen, where)


def _line(frame: traceback.FrameSummary) -> str:
    return (frame.line or "").strip()


def _is_library_frame(frame: traceback.FrameSummary) -> bool:
    # A student's own file beside the notebook is theirs even where the environment is, too.
    return frame.filename.startswith((*_LIBRARIES, "<frozen"))


def _quoted(error: BaseException) -> str:
    """An exception's name and words, which may be the answer's own: nothing in them closes the
    quotation."""
    text = _one_line(str(error))[:200].replace("'", '"')
    return f"{type(error).__name__}: '{text}'" if text else f"{type(error).__name__}."


def _one_line(text: str) -> str:
    return " ".join(text.split())
