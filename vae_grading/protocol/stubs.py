"""Objects that stand for those of the other process: what is done to one is done there.

A stub's class is made for what the other object can do, so that `callable(stub)`, `len(stub)` and
`hasattr(stub, "items")` say what they would say of the object, and `type(stub).__name__` is its
type's name. Nothing else of the other object is trusted or even known here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from torch import nn

from vae_grading.protocol.end import End
from vae_grading.protocol.values import safe_name

# What may be asked of an object besides its attributes, by Python's name for it.
CAN = (
    "__call__",
    "__len__",
    "__iter__",
    "__next__",
    "__getitem__",
    "__contains__",
    "__float__",
    "__int__",
    "__bool__",
    "__enter__",
    "__exit__",
)
# What every module has: known without asking, which saves a third of all requests.
MODULE_METHODS = tuple(
    name for name, value in vars(nn.Module).items() if callable(value) and not name.startswith("_")
)


def abilities(value: Any) -> list[str]:
    """Which of `CAN` the object has."""
    return [name for name in CAN if callable(getattr(type(value), name, None))]


class Stub:
    """Base of all stubs; `_peer` and `_handle` say where the object is."""

    def __init__(self, peer: End, handle: int) -> None:
        object.__setattr__(self, "_peer", peer)
        object.__setattr__(self, "_handle", handle)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._peer.request("getattr", on=self._handle, name=name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object>"


def _method(name: str) -> Any:
    def method(self: Stub, *arguments: Any, **keywords: Any) -> Any:
        return self._peer.call(self._handle, name, arguments, keywords)

    method.__name__ = name
    return method


@cache
def stub_class(type_name: str, can: tuple[str, ...], is_module: bool) -> type:
    """The class of stubs for objects of this type name with these abilities."""
    names = (*can, *MODULE_METHODS) if is_module else can
    return type(safe_name(type_name), (Stub,), {each: _method(each) for each in names})
