"""The judge's modules, optimizers and generators, described so that the student's process can build
the same (replicas.py).

Nothing is told of a check's own module but what the nearest class that everybody has speaks of.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedTensorMixin  # type: ignore[attr-defined]  # torch's stub leaves it out
from torch.optim import Optimizer

import vae_helpers
from vae_grading.protocol.access_policy import MODULE
from vae_grading.protocol.values import Encoder

Tree = dict[str, Any]
HELPERS = vae_helpers.__name__
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_PLAIN = (bool, int, float, str, type(None), torch.dtype, torch.device, torch.Size)


def describe(
    value: Any,
    encoder: Encoder,
    share: Callable[[Tensor], Tree],
    hand_out: Callable[[Any], int],
) -> Tree | None:
    """What the other end needs to build a replica; None for what has no replica.

    `share(tensor)` gives the fields of a tensor that is in step from now on, `hand_out(module)`
    the number of one whose methods are called here.
    """

    def tensor(each: Tensor | None) -> Tree | None:
        return None if each is None else encoder.encode_tensor(each, share(each))

    if type(value) is torch.Generator and value.device.type == "cpu":
        return {"generator": encoder.put(value.get_state())}
    if isinstance(value, Optimizer):
        return _describe_optimizer(value, encoder, tensor)
    if not isinstance(value, nn.Module):
        return None
    modules = list(value.modules())
    held = [each for module in modules for each in _held(module)]
    if any(isinstance(each, UninitializedTensorMixin) for each in held):
        return None
    places = {id(module): place for place, module in enumerate(modules)}
    described = []
    for module in modules:
        kind, methods = _everybodys(module)
        tree: Tree = {
            "class": class_name(kind),
            "type": type(module).__name__,
            "training": module.training,
            "parameters": [[name, tensor(each)] for name, each in module._parameters.items()],
            "buffers": [
                [name, tensor(each), name not in module._non_persistent_buffers_set]
                for name, each in module._buffers.items()
            ],
            "children": [
                [name, None if child is None else places[id(child)]]
                for name, child in module._modules.items()
            ],
            "attributes": encoder.encode(_attributes(module, kind)),
        }
        if kind is not type(module):
            tree |= {"on": hand_out(module), "methods": methods}
        described.append(tree)
    return {"modules": described}


def _describe_optimizer(
    value: Optimizer, encoder: Encoder, tensor: Callable[[Tensor], Tree | None]
) -> Tree | None:
    kind = type(value)
    if _found(kind) is not kind or not kind.__module__.startswith("torch.optim."):
        return None
    groups = [
        {
            "params": [tensor(each) for each in group["params"]],
            "settings": encoder.encode(settings(group)),
        }
        for group in value.param_groups
    ]
    parameters = [each for group in value.param_groups for each in group["params"]]
    state = [encoder.encode(dict(value.state.get(each, {}))) for each in parameters]
    return {"class": class_name(kind), "groups": groups, "state": state}


def settings(group: dict[str, Any]) -> dict[str, Any]:
    """A group of an optimizer's parameters without the parameters."""
    return {key: each for key, each in group.items() if key != "params" and _is_plain(each)}


def _everybodys(module: nn.Module) -> tuple[type, list[str]]:
    """The nearest class that computes the same wherever it is, and the methods that are not its.

    A module that somebody watches, or that has what does not cross, is a mere nn.Module.
    """
    watched = any(getattr(module, name) for name in HOOKS)
    own: list[str] = ["forward"]
    for kind in type(module).__mro__:
        if kind is nn.Module:
            break
        crosses = all(map(_is_plain, _attributes(module, kind).values()))
        if _is_known(kind) and crosses and not watched:
            return kind, own[1:]
        own += [name for name, each in vars(kind).items() if callable(each) and name in MODULE]
    return nn.Module, own


def _is_known(kind: type) -> bool:
    path = kind.__module__
    known = path.startswith(("torch.nn.", f"{HELPERS}."))
    return known and _found(kind) is kind


def _attributes(module: nn.Module, kind: type) -> dict[str, Any]:
    """What a module has because it is of this class: not what a check has added."""
    names = _mentioned(kind) - _USUAL
    return {key: each for key, each in vars(module).items() if key in names}


@cache
def _mentioned(kind: type) -> frozenset[str]:
    """The names that the code of a class speaks of."""
    bases = [base for base in kind.__mro__ if base not in nn.Module.__mro__]
    methods = [each for base in bases for each in vars(base).values()]
    codes = [each.__code__ for each in methods if isinstance(each, types.FunctionType)]
    return frozenset(name for code in codes for name in code.co_names)


_USUAL = frozenset(vars(nn.Module()))


def _is_plain(value: Any) -> bool:
    if type(value) in (tuple, list):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(map(_is_plain, (*value, *value.values())))
    return type(value) in _PLAIN


def _held(module: nn.Module) -> Iterator[Tensor | None]:
    yield from module._parameters.values()
    yield from module._buffers.values()


def class_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _found(kind: type) -> type | None:
    """What the class's name leads to."""
    return getattr(sys.modules.get(kind.__module__), kind.__qualname__, None)
