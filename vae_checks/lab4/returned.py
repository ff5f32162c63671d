"""What an answer returned: a tensor whose infinities others explain, or several values."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.values import Candidates, expect_tensor
from vae_checks.verdict import Mistake, describe


def expect_kind(value: Any, shape: tuple[int, ...], what: str, wrong: Candidates = ()) -> Tensor:
    """`expect_tensor` that leaves nan and infinity to who knows what they mean."""
    if torch.is_tensor(value) and value.is_floating_point() and tuple(value.shape) == shape:
        return value
    return expect_tensor(value, shape, what, wrong)


def expect_values(value: Any, name: str, names: tuple[str, ...]) -> tuple[Any, ...]:
    """The parts of a tuple, named tuple or list of as many as `names`. Raises Mistake."""
    wanted = f"Return ({', '.join(names)})."
    if value is None or torch.is_tensor(value) or not hasattr(value, "__len__"):
        hint = " Is a `return` missing?" if value is None else ""
        raise Mistake("wrong-type", f"{name} returned {describe(value)}.{hint}", wanted)
    if len(value) != len(names) or type(value) in (dict, set, str):
        seen = f"{name} returned {describe(value)}, not {len(names)} values."
        raise Mistake("wrong-type", seen, wanted)
    return tuple(value[place] for place in range(len(names)))
