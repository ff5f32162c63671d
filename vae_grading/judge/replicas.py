"""The judge's modules, optimizers and generators as real ones in the student's process.

An answer does with a model what one does with models: copies it, hooks into it, calls it with
other parameters, wraps it, compiles it. No stub keeps up with that. So the judge describes what it
hands out, and the student's process builds the same from its own torch. A module of a class that
everybody has (torch.nn, vae_helpers) computes there. A check may have made a class of its own, to
watch what a module is given or to refuse a method: the replica is of the nearest class that
everybody has, and the methods that the check wrote are the judge's. They are called there, with
the parameters and the mode that the module, or the copy that an answer made of it, has here.

Parameters and buffers are leaves in step (leaves.py); modes, steps and settings are as well
(in_step.py). Nothing is told of a check's own module but what may be asked of it anyway.
"""

from __future__ import annotations

import copyreg
import sys
import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedTensorMixin
from torch.optim import Optimizer

import vae_helpers
from vae_grading.judge.policy import MODULE, Here
from vae_grading.judge.transforms import is_transformed
from vae_grading.judge.values import Decoder, Encoder, safe_name

if TYPE_CHECKING:
    from vae_grading.judge.peer import Peer

Tree = dict[str, Any]
_HELPERS = vae_helpers.__name__
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_PLAIN = (bool, int, float, str, type(None), torch.dtype, torch.device, torch.Size)


# --- the judge describes ------------------------------------------------------------------------


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
            "class": _name(kind),
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
    return {"class": _name(kind), "groups": groups, "state": state}


def settings(group: dict[str, Any]) -> dict[str, Any]:
    """A group of an optimizer's parameters without the parameters."""
    return {key: each for key, each in group.items() if key != "params" and _is_plain(each)}


def _everybodys(module: nn.Module) -> tuple[type, list[str]]:
    """The nearest class that computes the same wherever it is, and the methods that are not its.

    A module that somebody watches, or that has what does not cross, is a mere nn.Module.
    """
    watched = any(getattr(module, name) for name in _HOOKS)
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
    known = path.startswith(("torch.nn.", f"{_HELPERS}."))
    return known and not path.startswith(f"{_HELPERS}.checks.") and _found(kind) is kind


def _attributes(module: nn.Module, kind: type) -> dict[str, Any]:
    """What a module has because it is of this class: not what a check has added."""
    names = _mentioned(kind) - _USUAL
    return {key: each for key, each in vars(module).items() if key in names}


@cache
def _mentioned(kind: type) -> frozenset[str]:
    """The names that the code of a class speaks of."""
    methods = [each for base in kind.__mro__ for each in vars(base).values()]
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


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _found(kind: type) -> type | None:
    """What the class's name leads to."""
    return getattr(sys.modules.get(kind.__module__), kind.__qualname__, None)


# --- the student's process builds ---------------------------------------------------------------


def build(tree: Tree, decoder: Decoder, tensors: list[Tensor], peer: Peer) -> Any:
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


def _build_module(tree: Tree, decoder: Decoder, peer: Peer) -> nn.Module:
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
def _class(name: str, base: type) -> type:
    """The class of this name, also where the student's process must not call it by its name."""
    waiting = [base]
    while waiting:
        kind = waiting.pop()
        if _name(kind) == name:
            if name.startswith(_HELPERS):  # pickle looks for a class by its name, too
                copyreg.pickle(kind, _reduce)
            return kind
        waiting += kind.__subclasses__()
    raise LookupError(f"no class {name}")


def _reduce(value: Any) -> tuple[Any, ...]:
    return _bare, (_name(type(value)),), vars(value)


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
    return any(getattr(part, name) for part in module.modules() for name in _HOOKS)


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

    def __init__(self, peer: Peer, number: int, module: nn.Module) -> None:
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
