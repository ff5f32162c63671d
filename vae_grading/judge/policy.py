"""What the other end of the conversation may do with our objects.

The student's process answers everything: it has nothing to hide, the jail is around it. The judge
answers nearly nothing: its objects lead to the checks, to this process and to the marks. A check
hands out models, optimizers and functions; what the student's code needs of them is listed here by
name, and no other attribute exists as far as the student can see.
"""

from __future__ import annotations

import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.dataloader import _BaseDataLoaderIter


class Here(NamedTuple):
    """With what a module's method is to compute, where it is not what the module has.

    Parameters and buffers by name, and the modes of the module's parts.
    """

    state: dict[str, Tensor]
    modes: list[bool] | None


class Policy(Protocol):
    """How an end treats requests on its objects.

    `is_judge`: stubs of modules are plain ones here; what the other end calls here draws its
    random numbers from the other end's stream, as it would in one process.
    """

    is_judge: bool

    def getattr(self, target: Any, name: str) -> Any: ...
    def setattr(self, target: Any, name: str, value: Any) -> None: ...
    def call(
        self,
        target: Any,
        method: str,
        arguments: list[Any],
        keywords: dict[str, Any],
        here: Here | None = None,
    ) -> Any: ...
    def special(self, operation: str, fields: dict[str, Any]) -> Any: ...


MODULE = frozenset(
    """forward encode decode reparameterize encoder decoder sample reconstruct
    latent_dim hidden_dim data_dim weight bias""".split()  # noqa: SIM905
)
_OPTIMIZER = frozenset({"zero_grad", "step", "param_groups", "state_dict"})
_DATA = frozenset({"dataset", "batch_size", "drop_last", "tensors"})
_DATA_TYPES = (Dataset, DataLoader, _BaseDataLoaderIter)
_VIEWS = (type({}.keys()), type({}.values()), type({}.items()))
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
                method = _Method(self, target, method)
                state = {f"target.{name}": each for name, each in here.state.items()}
                return torch.func.functional_call(method, state, tuple(arguments), keywords)
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


class StudentPolicy:
    """Of the student's objects: everything. `namespace` is where the notebook's names live."""

    is_judge = False

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace

    def getattr(self, target: Any, name: str) -> Any:
        return getattr(target, name)

    def setattr(self, target: Any, name: str, value: Any) -> None:
        setattr(target, name, value)

    def call(
        self,
        target: Any,
        method: str,
        arguments: list[Any],
        keywords: dict[str, Any],
        here: Here | None = None,
    ) -> Any:
        """Call it; a warning costs nobody marks, even where the notebook made it an error."""
        function = target if method == "__call__" else getattr(target, method)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*arguments, **keywords)

    def special(self, operation: str, fields: dict[str, Any]) -> Any:
        if operation == "roots":
            names = fields["names"]
            return {name: self.namespace[name] for name in names if name in self.namespace}
        raise TypeError(f"no such request: {operation!r}")


class _Method(nn.Module):
    """A module's method as a module, whose parameters can be given."""

    def __init__(self, policy: JudgePolicy, target: nn.Module, method: str) -> None:
        super().__init__()
        self.target = target
        self._policy, self._method = policy, method

    def forward(self, *arguments: Any, **keywords: Any) -> Any:
        return self._policy.call(self.target, self._method, arguments, keywords)


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
