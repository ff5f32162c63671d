"""What a lab asks students to write is not to be called in its place: in a student's process, the
reference refuses.

Forbidden are the names in the lab's metadata, every function of vae_helpers that computes its
result with one of them (`evaluate` tells the KL of any model), and all that the checks are made of.
Each such object is replaced, wherever a module of vae_helpers holds it, by one that looks at who
calls: code of vae_helpers itself and the cells that students were given may, all others get
`ForbiddenName`.

This is for honest marks, not a wall: the source is public, and a copy of it that somebody pastes
(or reads from the file and executes) cannot be told from an answer. Whoever searches the
interpreter for the original finds it. What is closed here are the ways that need no search: calls
under any name, partial applications, subclasses, instances, callables handed to the checks, and
loading a module anew.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import pkgutil
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import vae_checks
import vae_helpers
from vae_checks import exercise

_PACKAGES = (vae_helpers.__name__, vae_checks.__name__)
_OURS = tuple(str(Path(each.__file__).parent) + os.sep for each in (vae_helpers, vae_checks))
_EXERCISE = str(Path(exercise.__file__))
Allowed = Callable[[types.FrameType], bool]
Modules = Mapping[str, types.ModuleType]
_ASKED = "is what this lab asks you to write: an answer that calls it earns nothing."
_WITH_IT = "computes what this lab asks you to write: an answer that calls it earns nothing."
_PART = "is a part of the checks: an answer that calls it earns nothing."


class ForbiddenName(Exception):
    """A student's code called what the lab asks for, or a part of the checks."""


def forbid(names: Sequence[str], given: set[str]) -> None:
    """Make the objects of these dotted names, and the checks' own, refuse a student's code.

    `given` holds the file names of code that may call them; it may grow afterwards. To be called
    once in a process. Raises AttributeError for a name that does not exist.
    """
    import_all()  # what is not imported when names are forbidden is not forbidden
    modules = _modules()

    def allowed(frame: types.FrameType) -> bool:
        file = frame.f_code.co_filename
        return file in given or file.startswith(_OURS)

    def inside_a_check(frame: types.FrameType | None) -> bool:
        # A check that a notebook runs hands parts of itself to the answer, which calls them.
        while frame is not None and frame.f_code.co_filename != _EXERCISE:
            frame = frame.f_back
        return frame is not None

    stand_ins: dict[int, Any] = {}  # by the id of what they stand for
    for name in names:
        said = f"{name} {_ASKED}"
        holder, last = _holder(name)
        value = getattr(holder, last)
        made = _stand_in(value, said, allowed)
        if isinstance(holder, type):
            setattr(holder, last, made)
        else:
            stand_ins[id(value)] = made
    # What is said of the reference model, where nobody can make one, answers nothing.
    reference = vae_helpers.VAE if f"{vae_helpers.__name__}.VAE" in names else None
    for name, value in _users_of(modules, set(stand_ins)):
        stand_ins[id(value)] = _stand_in(value, f"{name} {_WITH_IT}", allowed, reference)
    for name, value in _parts_of_checks(modules):
        if id(value) not in stand_ins:
            said = f"{name} {_PART}"
            made = _stand_in(value, said, lambda frame: allowed(frame) or inside_a_check(frame))
            stand_ins[id(value)] = made
    for module in modules.values():
        for key, value in list(vars(module).items()):
            if id(value) in stand_ins:
                setattr(module, key, stand_ins[id(value)])
    sys.meta_path.insert(0, _NotAnew(frozenset(modules)))


def is_refusal(type_name: str, text: str) -> bool:
    """Whether an error that a student's process tells of is one of `forbid`, in its very words."""
    name, _, said = text.partition(" ")
    package, *path = name.split(".")
    ours = package in _PACKAGES and path != [] and len(name) < 100
    known = ours and all(each.isidentifier() for each in path)
    return known and type_name == ForbiddenName.__name__ and said in (_ASKED, _WITH_IT, _PART)


@functools.cache
def import_all() -> None:
    """Import vae_helpers, file by file, and the checks of every lab."""
    for module in pkgutil.iter_modules(vae_helpers.__path__, f"{vae_helpers.__name__}."):
        if module.name != f"{vae_helpers.__name__}.checks":  # where they were
            importlib.import_module(module.name)
    vae_checks.load_all()


def _holder(name: str) -> tuple[Any, str]:
    """The module or class that a dotted name below vae_helpers is in, and what it is called."""
    _, *path, last = name.split(".")
    holder: Any = vae_helpers
    for part in path:
        holder = getattr(holder, part)
    return holder, last


def _modules() -> Modules:
    return {
        name: module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in _PACKAGES
    }


def _is_a_check(module: str) -> bool:
    return module.partition(".")[0] == vae_checks.__name__


def _users_of(modules: Modules, known: set[int]) -> list[tuple[str, Any]]:
    """The functions outside of the checks that call one of the objects with these ids, or one of
    those functions."""
    functions = [
        (f"{name}.{key}", value)
        for name, module in modules.items()
        for key, value in list(vars(module).items())
        if isinstance(value, types.FunctionType)
        and value.__module__ == name
        and not _is_a_check(name)
    ]
    found: list[tuple[str, Any]] = []
    while new := [
        (name, value)
        for name, value in functions
        if id(value) not in known and _speaks_of(inspect.unwrap(value), known)
    ]:
        known = known | {id(value) for _, value in new}
        found += new
    return found


def _speaks_of(function: types.FunctionType, known: set[int]) -> bool:
    names, waiting = set(), [function.__code__]
    while waiting:
        code = waiting.pop()
        names |= {*code.co_names}
        waiting += [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return any(id(function.__globals__.get(name)) in known for name in names)


def _parts_of_checks(modules: Modules) -> Iterator[tuple[str, Any]]:
    """Functions and classes of the checks, but for what a notebook calls and what is caught."""
    for name, module in modules.items():
        if not _is_a_check(name):
            continue
        for key, value in list(vars(module).items()):
            if getattr(value, "__module__", None) != name:
                continue
            usual = isinstance(value, type) and not issubclass(
                value, (BaseException, exercise.Exercise)
            )
            if usual or isinstance(value, types.FunctionType):
                yield f"{name}.{key}", value


def _stand_in(value: Any, said: str, allowed: Allowed, model_class: type | None = None) -> Any:
    """What stands for a value; a function may be called on a model of this very class."""
    if isinstance(value, type):
        return _ClassStandIn(value, said, allowed)

    @functools.wraps(value)
    def refuse(*arguments: Any, **keywords: Any) -> Any:
        model = arguments[0] if arguments else keywords.get("model")
        if type(model) is not model_class and not allowed(sys._getframe(1)):
            raise ForbiddenName(said)
        return value(*arguments, **keywords)

    del refuse.__wrapped__
    return refuse


class _ClassStandIn:
    """In place of a class: no instances, no subclasses, no methods for a student's code."""

    def __init__(self, original: type, said: str, allowed: Allowed) -> None:
        self.__name__, self.__doc__ = original.__name__, original.__doc__

        def for_whom(frame: types.FrameType) -> type:
            if not allowed(frame):
                raise ForbiddenName(said)
            return original

        self._for_whom = for_whom
        self._is_instance = lambda instance: isinstance(instance, original)
        self._is_subclass = lambda kind: issubclass(kind, original)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._for_whom(sys._getframe(1))(*arguments, **keywords)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (self._for_whom(sys._getframe(1)),)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__") and name != "__init__":
            raise AttributeError(name)
        return getattr(self._for_whom(sys._getframe(1)), name)

    def __instancecheck__(self, instance: Any) -> bool:
        return self._is_instance(instance)

    def __subclasscheck__(self, kind: Any) -> bool:
        return self._is_subclass(kind)


class _NotAnew:
    """A finder of modules that refuses those that are loaded: a second copy would be untouched."""

    def __init__(self, loaded: frozenset[str]) -> None:
        self._loaded = loaded

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """None, "ask another finder", for all other modules."""
        if name in self._loaded:
            raise ForbiddenName(f"{name} is loaded already; a lab's answer does not load it anew.")
        return None
