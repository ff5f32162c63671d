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
from torch import nn


class Policy(Protocol):
    """How an end treats requests on its objects.

    `is_judge`: stubs of modules are plain ones here; what the other end calls here draws its
    random numbers from the other end's stream, as it would in one process.
    """

    is_judge: bool

    def getattr(self, target: Any, name: str) -> Any: ...
    def setattr(self, target: Any, name: str, value: Any) -> None: ...
    def call(self, target: Any, method: str, arguments: list[Any], keywords: dict) -> Any: ...
    def special(self, operation: str, fields: dict[str, Any]) -> Any: ...


_MODULE = frozenset(
    """forward encode decode reparameterize encoder decoder sample reconstruct
    latent_dim hidden_dim data_dim weight bias
    train eval training parameters named_parameters children named_children modules named_modules
    buffers named_buffers
    state_dict load_state_dict zero_grad requires_grad_ to cpu float double""".split()  # noqa: SIM905
)
_OPTIMIZER = frozenset({"zero_grad", "step", "param_groups", "state_dict"})
_SETTABLE = frozenset(["training"])
_CONTAINERS = (Iterator, types.GeneratorType, type({}.keys()), type({}.values()), type({}.items()))


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
        if name.startswith("_") or name not in allowed:
            raise AttributeError(f"{type(target).__name__!r} object has no attribute {name!r}")
        return getattr(target, name)

    def setattr(self, target: Any, name: str, value: Any) -> None:
        if not isinstance(target, nn.Module) or name not in _SETTABLE or type(value) is not bool:
            raise AttributeError(f"{type(target).__name__!r} object's {name!r} cannot be set")
        setattr(target, name, value)

    def call(self, target: Any, method: str, arguments: list[Any], keywords: dict) -> Any:
        """Call it, or go on with an iteration that was handed out."""
        if method == "__call__":
            return target(*arguments, **keywords)
        if method in ("__iter__", "__next__", "__len__") and isinstance(target, _CONTAINERS):
            return getattr(target, method)()
        if method in ("__len__", "__iter__", "__getitem__") and isinstance(target, nn.Module):
            return getattr(target, method)(*arguments)
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

    def call(self, target: Any, method: str, arguments: list[Any], keywords: dict) -> Any:
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
