"""What crosses the wire by value: numbers, strings, tensors, arrays, and containers of them.

`Encoder` turns a Python value into a JSON tree; what is not a plain value becomes a reference
through its `refer` function. `Decoder` turns a tree back, and refers what it finds to `resolve`.
Subclasses cross as what they are a subclass of: a tensor that overrides operators arrives as a
tensor, a float that lies about itself as a float.
"""

from __future__ import annotations

import collections
import keyword
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.parameter import UninitializedTensorMixin  # type: ignore[attr-defined]  # torch's stub leaves it out

import vae_helpers
from vae_grading.protocol.wire import WireError

DEEPEST = 40
MOST_ITEMS = 100_000
MOST_HASHED = 10_000  # of a set or a dictionary: their time grows with the square at worst
MOST_FIELDS = 100  # of a named tuple: its class is written and compiled
LONGEST_INTEGER = 80  # digits: 256 bits
LONGEST_NAME = 60
Tree = Any

_SEQUENCES = {"tuple": tuple, "list": list, "set": set, "frozenset": frozenset}
_DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in vars(torch).values()
    if isinstance(dtype, torch.dtype)
}


class Encoder:
    """Turns values into trees; `tensors` collects the tensors that they name, in order.

    `tensor(value)` gives the fields that go with a tensor, `refer(value)` the tree for an object.
    """

    def __init__(
        self,
        refer: Callable[[Any, Encoder], Tree],
        tensor: Callable[[Tensor], dict[str, Any] | None],
    ) -> None:
        self.tensors: list[Tensor] = []
        self._refer = refer
        self._tensor = tensor
        self._left = MOST_ITEMS

    def encode(self, value: Any, depth: int = 0) -> Tree:
        """Raises ValueError for a value that is too deep or too large."""
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            raise ValueError("too deep or too large to pass on")
        if value is None or value is True or value is False:
            return value
        if type(value) is Tensor:
            return self._encode_tensor(value)
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            value = int.__index__(value)
            if value.bit_length() > 256:
                raise ValueError("an integer that is too large to pass on")
            return {"k": "int", "v": str(value)}
        if isinstance(value, float) and not isinstance(value, np.generic):
            return {"k": "float", "v": float.__repr__(value)}
        if isinstance(value, Tensor) and not isinstance(value, UninitializedTensorMixin):
            return self._encode_tensor(value)
        if isinstance(value, (np.ndarray, np.generic)):
            return self._encode_array(value)
        return self._encode_other(value, depth + 1)

    def _encode_tensor(self, value: Tensor) -> Tree:
        return self.encode_tensor(value, self._tensor(value))

    def encode_tensor(self, value: Tensor, extra: dict[str, Any] | None) -> Tree:
        """The tree of a tensor with these fields; one that is "same" crosses without its data."""
        if extra is not None and "same" in extra:
            return {"k": "tensor", **extra}
        dense = value.layout is torch.strided and not value.is_quantized
        if value.device.type != "cpu" or not dense:
            shown = value.device.type if value.device.type != "cpu" else str(value.layout)
            return {"k": "elsewhere", "on": shown, "shape": list(value.shape)}
        tree = {"k": "tensor", "i": self.put(value), **(extra or {})}
        if value.is_leaf and value.grad is not None and not value.grad.is_meta:
            tree["grad"] = self.put(value.grad)
        return tree

    def _encode_array(self, value: np.ndarray | np.generic) -> Tree:
        try:  # torch has no other byte order than the machine's
            data = torch.from_numpy(np.array(value, value.dtype.newbyteorder("=")))
        except TypeError:
            return self._refer(value, self)
        return {"k": "array", "i": self.put(data), "scalar": isinstance(value, np.generic)}

    def put(self, value: Tensor) -> int:
        """Add a tensor to what goes with the tree; its number."""
        plain = value.detach()
        if type(plain) is not Tensor:
            plain = plain.as_subclass(Tensor)
        if plain.layout is not torch.strided:  # the gradient of an embedding may be sparse
            plain = plain.to_dense()
        if plain.is_conj() or plain.is_neg():
            plain = plain.resolve_conj().resolve_neg()
        self.tensors.append(plain.contiguous())
        return len(self.tensors) - 1

    def _encode_other(self, value: Any, depth: int) -> Tree:
        if isinstance(value, (dict, set, frozenset)) and len(value) > MOST_HASHED:
            raise ValueError("too large to pass on")
        if type(value) is dict:
            pairs = [[self.encode(k, depth), self.encode(v, depth)] for k, v in value.items()]
            return {"k": "dict", "v": pairs}
        if isinstance(value, torch.Size):
            return {"k": "size", "v": list(value)}
        fields = getattr(type(value), "_fields", None) if isinstance(value, tuple) else None
        if fields is not None and len(fields) <= MOST_FIELDS:
            fields = [str(field) for field in fields]
            parts = [self.encode(part, depth) for part in tuple.__iter__(value)]
            return {"k": "named", "name": type(value).__name__, "fields": fields, "v": parts}
        for kind, sequence in _SEQUENCES.items():
            if isinstance(value, sequence):
                return {"k": kind, "v": [self.encode(v, depth) for v in sequence.__iter__(value)]}
        if isinstance(value, dict):
            pairs = [[self.encode(k, depth), self.encode(v, depth)] for k, v in dict.items(value)]
            return {"k": "dict", "v": pairs}
        if isinstance(value, torch.dtype):
            return {"k": "dtype", "v": str(value).removeprefix("torch.")}
        if isinstance(value, torch.device):
            return {"k": "device", "v": str(value)}
        if isinstance(value, slice):
            parts = [self.encode(v, depth) for v in (value.start, value.stop, value.step)]
            return {"k": "slice", "v": parts}
        if value is Ellipsis:
            return {"k": "ellipsis"}
        return self._refer(value, self)


class Decoder:
    """Turns trees back into values. Raises WireError for a tree that no Encoder makes."""

    def __init__(
        self,
        tensors: list[Tensor],
        resolve: Callable[[dict[str, Any], Decoder], Any],
        tensor: Callable[[Tensor | None, dict[str, Any]], Tensor],
    ) -> None:
        self._tensors = tensors
        self._resolve = resolve
        self._tensor = tensor
        self._left = MOST_ITEMS

    def decode(self, tree: Tree) -> Any:
        """The value of a tree."""
        try:
            return self._decode(tree, 0)
        except WireError:
            raise
        except Exception as error:
            raise WireError(f"a value that is none: {type(error).__name__}: {error}") from None

    def _decode(self, tree: Tree, depth: int) -> Any:
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            raise WireError("a value that is too deep or too large")
        if tree is None or isinstance(tree, (bool, str)):
            return tree
        kind = tree["k"]
        if kind == "int":
            if len(tree["v"]) > LONGEST_INTEGER:
                raise WireError("an integer that is too large")
            return int(tree["v"])
        if kind == "float":
            return float(tree["v"])
        if kind == "tensor":
            found = self._tensors[int(tree["i"])] if "i" in tree else None
            gradient = self._tensors[int(tree["grad"])] if "grad" in tree else None
            if found is not None:
                found.grad = gradient
            made = self._tensor(found, tree)
            if gradient is not None and made.grad is None and made.is_leaf:
                made.grad = gradient
            return made
        if kind == "elsewhere":
            return torch.empty([int(n) for n in tree["shape"]], device="meta")
        if kind == "array":
            array = self._tensors[int(tree["i"])].numpy()
            return array[()] if tree["scalar"] and not array.ndim else array
        if kind in ("set", "frozenset", "dict") and len(tree["v"]) > MOST_HASHED:
            raise WireError(f"a {kind} of {len(tree['v']):,}")
        if kind in _SEQUENCES:
            return _SEQUENCES[kind](self._decode(part, depth + 1) for part in tree["v"])
        if kind == "named":
            if len(tree["fields"]) > MOST_FIELDS:
                raise WireError(f"a tuple of {len(tree['fields']):,} names")
            parts = [self._decode(part, depth + 1) for part in tree["v"]]
            return named_tuple(tree["name"], tuple(tree["fields"]))(*parts)
        if kind == "dict":
            pairs = tree["v"]
            return {self._decode(k, depth + 1): self._decode(v, depth + 1) for k, v in pairs}
        if kind == "size":
            return torch.Size(int(n) for n in tree["v"])
        if kind == "dtype":
            return _DTYPES[tree["v"]]
        if kind == "device":
            return torch.device(tree["v"])
        if kind == "slice":
            return slice(*(self._decode(part, depth + 1) for part in tree["v"]))
        if kind == "ellipsis":
            return ...
        return self._resolve(tree, self)


@cache
def named_tuple(name: str, fields: tuple[str, ...]) -> type:
    """The class of vae_helpers of this name and these fields, or one made alike.

    Names that are none become plain ones.
    """
    known = getattr(vae_helpers, name, None) if name in vae_helpers.__all__ else None
    if isinstance(known, type) and getattr(known, "_fields", None) == fields:
        return known
    made: Any = collections.namedtuple  # whose name and fields mypy wants to read in the source
    return made(safe_name(name), fields, rename=True)


def safe_name(name: Any) -> str:
    """`name` if it can be a class's name, or else "object"."""
    usable = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
    return name if usable and len(name) <= LONGEST_NAME else "object"
