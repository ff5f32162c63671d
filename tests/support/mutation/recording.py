"""The calls that an exercise's cells make of an answer, kept as fixtures for the oracle."""

import contextlib
import copy
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from lab_harness import LabUnderTest, defined_by, run
from torch import Tensor, nn

from vae_checks import CheckFailed

# Calls of one exercise that are kept: the first ones of every set of sizes.
_KEPT, _OF_EACH_SIZE = 8, 2
# Of steps or samples that a check asks for in hundreds so many tell two answers apart as well.
_MANY, _ENOUGH = 100, 25


@dataclass
class Call:
    """Arguments of a call. Those of a network are two: of the class, and of its first use."""

    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    used: tuple[Any, ...] | None = None

    def copy(self) -> "Call":
        """Arguments of one's own; what they share (an optimizer, its model) they share again.

        Raises TypeError or RuntimeError for what cannot be copied.
        """
        everything = (self.arguments, self.keywords, self.used)
        memo: dict[int, Any] = {}
        for tensor in _tensors(everything):
            if not tensor.is_leaf:  # refuses to be copied
                memo[id(tensor)] = tensor.detach().clone().requires_grad_()
        return Call(*copy.deepcopy(everything, memo))

    @property
    def sizes(self) -> list[Any]:
        found = [tuple(each.shape) for each in _tensors((self.arguments, self.keywords, self.used))]
        return found or [repr(self.arguments)]


def name_of(lab: LabUnderTest, key: str) -> str:
    """The name that the check of an exercise is given."""
    return re.search(r"^lab\w+\.\w+\((\w+)\)", lab.tasks[key].check, re.MULTILINE)[1]


def recorded(lab: LabUnderTest, key: str) -> list[Call]:
    """Calls that check cell and graded cells, hidden tests included, make of the model answer."""
    task, name = lab.tasks[key], name_of(lab, key)
    names = defined_by(lab, key, task.solution)
    calls: list[Call] = []
    answer = names[name]
    names[name] = _watched(answer, calls)
    with contextlib.redirect_stdout(io.StringIO()):
        for number, tests in enumerate((task.check, *task.graded.values())):
            with contextlib.suppress(CheckFailed, Exception):
                run(tests, names, f"<recorded tests {number}>")
    kept: list[Call] = []
    for call in calls:
        call = _shorter(answer, call)
        if sum(call.sizes == other.sizes for other in kept) < _OF_EACH_SIZE and len(kept) < _KEPT:
            kept.append(call)
    return kept


def _shorter(answer: Any, call: Call) -> Call:
    """The call with smaller numbers of steps or samples, where the answer works with them."""
    short = Call(
        tuple(_few(each) for each in call.arguments),
        {key: _few(each) for key, each in call.keywords.items()},
        call.used,
    )
    given = (*call.arguments, *call.keywords.values())
    if call.used is not None or not any(_few(each) is not each for each in given):
        return call
    try:
        tried = short.copy()
        answer(*tried.arguments, **tried.keywords)
    except Exception:
        return call
    return short


def _few(value: Any) -> Any:
    return _ENOUGH if type(value) is int and value > _MANY else value


def _watched(answer: Any, calls: list[Call]) -> Any:
    if isinstance(answer, type) and issubclass(answer, nn.Module):
        return _watched_class(answer, calls)
    return _watched_function(answer, calls) if callable(answer) else answer


def _watched_function(function: Callable[..., Any], calls: list[Call]) -> Callable[..., Any]:
    def watched(*arguments: Any, **keywords: Any) -> Any:
        with contextlib.suppress(TypeError, RuntimeError):
            calls.append(Call(arguments, keywords).copy())
        return function(*arguments, **keywords)

    return watched


def _watched_class(network: type[nn.Module], calls: list[Call]) -> type[nn.Module]:
    class Watched(network):
        def __init__(self, *arguments: Any, **keywords: Any) -> None:
            super().__init__(*arguments, **keywords)
            self.made_by = (arguments, keywords)

        def forward(self, *arguments: Any) -> Any:
            calls.append(Call(*self.made_by, arguments).copy())
            return super().forward(*arguments)

    return Watched


def _tensors(value: Any) -> list[Tensor]:
    if torch.is_tensor(value):
        return [value]
    if isinstance(value, (tuple, list)):
        return [tensor for each in value for tensor in _tensors(each)]
    if isinstance(value, dict):
        return [tensor for each in value.values() for tensor in _tensors(each)]
    return []
