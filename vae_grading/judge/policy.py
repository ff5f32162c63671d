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
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.dataloader import _BaseDataLoaderIter


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
        state: dict[str, Tensor] | None = None,
    ) -> Any: ...
    def special(self, operation: str, fields: dict[str, Any]) -> Any: ...


_MODULE = frozenset(
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
            allowed = _MODULE | set(target._modules) | set(target._parameters)
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
        state: dict[str, Tensor] | None = None,
    ) -> Any:
        """Call it (a module with `state` in the place of its parameters of these names), or go on
        with an iteration that was handed out."""
        if method == "__call__" and state:
            return _call_with(target, state, arguments, keywords)
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
        state: dict[str, Tensor] | None = None,
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


def _call_with(
    module: Any, state: dict[str, Tensor], arguments: list[Any], keywords: dict[str, Any]
) -> Any:
    own = dict(module.named_parameters()) | dict(module.named_buffers())
    if not set(state) <= set(own) or not all(map(torch.is_tensor, state.values())):
        raise TypeError(f"{type(module).__name__!r} object has no such parameters")
    return torch.func.functional_call(module, state, tuple(arguments), keywords)
