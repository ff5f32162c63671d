"""What the student's process may do with the judge's objects: nearly nothing.

They lead to the checks, to this process and to the marks. A check hands out models, optimizers and
functions; what the student's code needs of them is listed here by name, and no other attribute
exists as far as the student can see.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.dataloader import _BaseDataLoaderIter

from vae_grading.protocol.access_policy import MODULE, Here

_OPTIMIZER = frozenset({"zero_grad", "step", "param_groups", "state_dict"})
_DATA = frozenset({"dataset", "batch_size", "drop_last", "tensors"})
_DATA_TYPES = (Dataset, DataLoader, _BaseDataLoaderIter)
_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))
_CONTAINERS = (Iterator, types.GeneratorType, *_VIEWS, *_DATA_TYPES)


class JudgePolicy:
    """Of the judge's objects: calls of what a check handed out, and the names above."""

    is_judge = True

    def getattr(self, target: Any, name: str) -> Any:
        """The attribute, when its name is on the list; else AttributeError."""
        allowed: frozenset[str] = frozenset()
        if isinstance(target, nn.Module):
            allowed = MODULE | set(target._modules) | set(target._parameters)
        elif isinstance(target, torch.optim.Optimizer):
            allowed = _OPTIMIZER
        elif isinstance(target, _DATA_TYPES):
            allowed = _DATA
        if name.startswith("_") or name not in allowed:
            raise AttributeError(f"{type(target).__name__!r} object has no attribute {name!r}")
        return getattr(target, name)

    def setattr(self, target: Any, name: str, value: Any) -> None:
        raise AttributeError(f"{type(target).__name__!r} object's {name!r} cannot be set")

    def call(
        self,
        target: Any,
        method: str,
        arguments: list[Any],
        keywords: dict[str, Any],
        here: Here | None = None,
    ) -> Any:
        """Call it (a module with what it has `here`), or go on with an iteration that was handed
        out."""
        if here is not None and isinstance(target, nn.Module):
            with _modes(target, here.modes):
                called = _Method(self, target, method)
                state = {f"target.{name}": each for name, each in here.state.items()}
                return torch.func.functional_call(called, state, tuple(arguments), keywords)
        if method == "__call__":
            return target(*arguments, **keywords)
        if method in ("__iter__", "__next__", "__len__") and isinstance(target, _CONTAINERS):
            return getattr(target, method)()
        if method == "__getitem__" and isinstance(target, Dataset):
            return target[arguments[0]]
        if not method.startswith("_"):
            return self.getattr(target, method)(*arguments, **keywords)
        raise TypeError(f"{type(target).__name__!r} object does not support {method}")

    def special(self, operation: str, fields: dict[str, Any]) -> Any:
        raise TypeError(f"no such request: {operation!r}")


class _Method(nn.Module):
    """A module's method as a module, whose parameters can be given."""

    def __init__(self, policy: JudgePolicy, target: nn.Module, method: str) -> None:
        super().__init__()
        self.target = target
        self._policy, self._method = policy, method

    def forward(self, *arguments: Any, **keywords: Any) -> Any:
        return self._policy.call(self.target, self._method, [*arguments], keywords)


@contextmanager
def _modes(module: nn.Module, modes: list[bool] | None) -> Iterator[None]:
    """Inside, the module's parts are in these modes."""
    parts = list(module.modules())
    before = [part.training for part in parts]
    try:
        for part, mode in zip(parts, before if modes is None else modes, strict=True):
            part.training = mode is True
        yield
    finally:
        for part, mode in zip(parts, before, strict=True):
            part.training = mode
