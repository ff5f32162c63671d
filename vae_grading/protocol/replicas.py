"""The judge's modules, optimizers and generators as real ones in the student's process.

An answer does with a model what one does with models: copies it, hooks into it, calls it with
other parameters, wraps it, compiles it. No stub keeps up with that. So the judge describes what it
hands out, and the student's process builds the same from its own torch. A module of a class that
everybody has (torch.nn, vae_helpers) computes there. A check may have made a class of its own, to
watch what a module is given or to refuse a method: the replica is of the nearest class that
everybody has, and the methods that the check wrote are the judge's. They are called there, with
the parameters and the mode that the module, or the copy that an answer made of it, has here.

Parameters and buffers are leaves in step (leaves.py); modes, steps and settings are as well
(in_step.py).
"""

from __future__ import annotations

import copyreg
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from vae_grading.protocol.access_policy import Here
from vae_grading.protocol.end import End
from vae_grading.protocol.originals import HELPERS, HOOKS, Tree, class_name
from vae_grading.protocol.transforms import is_transformed
from vae_grading.protocol.values import Decoder, safe_name


def build_replica(tree: Tree, decoder: Decoder, tensors: list[Tensor], peer: End) -> Any:
    """What a description describes. Raises anything for one that `describe` does not make."""
    if "generator" in tree:
        generator = torch.Generator()
        generator.set_state(tensors[tree["generator"]])
        return generator
    if "groups" in tree:
        return _build_optimizer(tree, decoder)
    made = [_build_module(each, decoder, peer) for each in tree["modules"]]
    for module, each in zip(made, tree["modules"], strict=True):
        for name, place in each["children"]:
            module._modules[name] = None if place is None else made[place]
    for module, each in zip(made, tree["modules"], strict=True):
        if "on" in each:
            vars(module)["_remote"] = Remote(peer, each["on"], module)
    return made[0]


def _build_module(tree: Tree, decoder: Decoder, peer: End) -> nn.Module:
    kind = _class(tree["class"], nn.Module)
    if "on" in tree:
        kind = _remote_class(tree["type"], kind, tuple(tree["methods"]))
    module = kind.__new__(kind)
    nn.Module.__init__(module)
    for name, each in tree["parameters"]:
        module._parameters[name] = decoder.decode(each)
    for name, each, persistent in tree["buffers"]:
        module._buffers[name] = decoder.decode(each)
        if not persistent:
            module._non_persistent_buffers_set.add(name)
    module.training = tree["training"]
    vars(module).update(decoder.decode(tree["attributes"]))
    return module


def _build_optimizer(tree: Tree, decoder: Decoder) -> Optimizer:
    groups = [
        {"params": [decoder.decode(each) for each in group["params"]]}
        | decoder.decode(group["settings"])
        for group in tree["groups"]
    ]
    made = _class(tree["class"], Optimizer)(groups)
    parameters = [each for group in groups for each in group["params"]]
    for parameter, each in zip(parameters, tree["state"], strict=True):
        state = decoder.decode(each)
        if state:
            made.state[parameter] = state
    return made


@cache
def _class(name: str, base: type) -> Any:
    """The class of this name, also where the student's process must not call it by its name."""
    waiting = [base]
    while waiting:
        kind = waiting.pop()
        if class_name(kind) == name:
            if name.startswith(HELPERS):  # pickle looks for a class by its name, too
                copyreg.pickle(kind, _reduce)
            return kind
        waiting += kind.__subclasses__()
    raise LookupError(f"no class {name}")


def _reduce(value: Any) -> tuple[Any, ...]:
    return _bare, (class_name(type(value)),), vars(value)


def _bare(name: str) -> Any:
    kind = _class(name, nn.Module)
    return kind.__new__(kind)


@cache
def _remote_class(type_name: str, base: type, methods: tuple[str, ...]) -> type:
    members = {name: _remote_method(name, getattr(base, name, None)) for name in methods}
    return type(safe_name(type_name), (_Remotely, base), members)


def _remote_method(name: str, local: Any) -> Any:
    def method(self: Any, *arguments: Any, **keywords: Any) -> Any:
        remote: Remote = self._remote
        if local is None or name == "forward" or not _is_watched(self):
            return remote.call(self, name, arguments, keywords)
        # The answer's own hooks are called where it hung them, and the check sees the call.
        with torch.no_grad():
            remote.call(self, name, arguments, keywords)
        return local(self, *arguments, **keywords)

    method.__name__ = name
    return method


def _is_watched(module: nn.Module) -> bool:
    return any(getattr(part, name) for part in module.modules() for name in HOOKS)


class _Remotely(nn.Module):
    """A module some of whose methods, and all other attributes, are the judge's."""

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name.startswith("_"):
                raise
            return self._remote.attribute(name)


class Remote:
    """Where a module's methods are called; copies of the module have the same."""

    def __init__(self, peer: End, number: int, module: nn.Module) -> None:
        self._peer, self._number, self._module = peer, number, module
        self._own = _state(module)  # what the judge's module holds as well

    def __deepcopy__(self, memo: dict[int, Any]) -> Remote:
        return self

    def attribute(self, name: str) -> Any:
        return self._peer.request("getattr", on=self._number, name=name)

    def call(self, module: nn.Module, name: str, arguments: Any, keywords: Any) -> Any:
        state = _state(module)
        if not is_transformed((arguments, keywords, state)):
            state = {key: each for key, each in state.items() if each is not self._own.get(key)}
        modes = None
        if module is not self._module:
            modes = [part.training for part in module.modules()]
        method = "__call__" if name == "forward" else name
        return self._peer.call(self._number, method, arguments, keywords, Here(state, modes))


def _state(module: nn.Module) -> dict[str, Tensor]:
    return dict(module.named_parameters()) | dict(module.named_buffers())
