"""An exercise's checks: one method an idea, each graded alone, all together in the check cell.

class Half(Exercise):
    name, section = "half", "1.2"

    @idea("halves every number")
    def value(self, answer, *, size=3): ...

half = Half()
half(answer)                   # the check cell: every idea, one tick a line
half.value(answer)             # a graded cell
half.value(answer, size=7)     # its hidden part: another size
"""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from vae_checks.uncompiled import uncompiled
from vae_checks.verdict import Mistake, UnknownSlug, failure, raised_later

Method = Callable[..., None]
Sizes = Mapping[str, Any]

# Times that an idea is asked again which of two mistakes it saw.
_LOOKS = 3


def idea(
    says: str, *, random: bool = False, also: Sequence[Sizes] = ()
) -> Callable[[Method], Method]:
    """Make a method an idea: it prints a tick and `says`, or raises CheckFailed for a Mistake.

    At its default sizes it runs a second time with each of the sizes in `also`: equal ones, where
    a wrong axis has the right size, those of one image or number, where a squeeze takes too much,
    and large ones, where a product underflows. By then an answer is known to be right at sizes that
    are told apart. `random` marks an idea that tests random numbers: its docstring states how many,
    and how often a right answer fails; tests/measure/calibrate.py measures it.
    """

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def check(self: "Exercise", answer: Any, **keywords: Any) -> None:
            # Outside of `except`: nothing of the check is chained to what is raised.
            for sizes in (keywords,) if keywords else ({}, *also):
                mistake = _mistake(method, self, answer, sizes)
                if mistake is not None and sizes in also and _is_unexplained(mistake.slug):
                    mistake = Mistake("sizes-guessed", mistake.seen)  # others were right
                if mistake is not None:
                    raise failure(
                        self.name, self.section, _decided(mistake, method, self, answer, sizes)
                    )
            print(f"✓ {self.name}.{method.__name__}: {says}")

        vars(check).update(is_idea=True, is_random=random)
        return check

    return decorate


def _is_unexplained(slug: str) -> bool:
    """Of no known mistake, or a sum of terms that was fitted to it."""
    return slug == "wrong-value" or slug.startswith("term-")


def _mistake(method: Method, exercise: "Exercise", answer: Any, keywords: Sizes) -> Mistake | None:
    """What an idea finds wrong with an answer, None if nothing."""
    try:
        # A notebook may have switched gradients off for good.
        with torch.enable_grad(), uncompiled():
            method(exercise, answer, **keywords)
    except Mistake as found:
        return found
    except UnknownSlug:
        raise
    except Exception as error:
        return raised_later(exercise.name, error)
    return None


def _decided(
    mistake: Mistake, method: Method, exercise: "Exercise", answer: Any, keywords: Sizes
) -> Mistake:
    """The mistake, or the one that other numbers show where these fit two of them.

    Of three samples the first is the largest of every image now and then. What is wrong stays
    wrong, whatever the second look finds: it is for the words alone.
    """
    for _ in range(_LOOKS if mistake.undecided else 0):
        other = _mistake(method, exercise, answer, keywords)
        if other is not None and not other.undecided:
            return other
    return mistake


class Exercise:
    """The ideas of one exercise: `name` is the student's object, `section` where to look.

    Called with the answer it runs every idea at its default sizes, in order, and stops at the
    first that fails. An idea with a keyword that has no default (the key of a quiz) runs only in
    its graded cell.
    """

    name: str
    section: str

    def __call__(self, answer: Any) -> None:
        for check in self.ideas().values():
            required = inspect.signature(check).parameters.values()
            if all(p.default is not p.empty for p in required if p.kind is p.KEYWORD_ONLY):
                check(answer)

    def ideas(self) -> dict[str, Method]:
        """Name and bound method of every idea, in the order stated, those of a base class first."""
        classes = reversed(type(self).__mro__)
        methods = {name: method for each in classes for name, method in vars(each).items()}
        return {name: getattr(self, name) for name, m in methods.items() if hasattr(m, "is_idea")}
