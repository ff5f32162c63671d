"""Leaves in step: a parameter that was handed out has a mirror at the other end.

Whatever either side does to values, `.grad` or `requires_grad` is passed on with its next message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from vae_grading.protocol.values import Encoder
from vae_grading.protocol.wire import WireError

MOST_MIRRORS = 10_000  # each of them is looked at with every message
Seen = tuple[Tensor, Tensor | None, bool]  # values, .grad and requires_grad as last told


class Leaves:
    """Leaves of autograd's graphs that both ends know, by number.

    `ours` have a mirror at the other end; `mirrors` are here for leaves of the other end.
    """

    def __init__(self) -> None:
        self.ours: dict[int, Tensor] = {}
        self.mirrors: dict[int, Tensor] = {}
        # By id; each end counts for itself, so that one number may stand for two.
        self._of_ours: dict[int, int] = {}
        self._of_mirrors: dict[int, int] = {}
        self._ours_seen: dict[int, Seen] = {}
        self._mirrors_seen: dict[int, Seen] = {}

    def mirror_of(self, value: Tensor) -> int | None:
        """The number of the other end's leaf that this tensor is the mirror of."""
        number = self._of_mirrors.get(id(value))
        return number if number is not None and self.mirrors[number] is value else None

    def fields(self, value: Tensor, next_number: Callable[[], int]) -> dict[str, Any]:
        """The fields that tell the other end whose leaf a tensor is; none for a plain one."""
        known = id(value) in self._of_ours or self.mirror_of(value) is not None
        on_cpu = value.device.type == "cpu"
        if known or (value.requires_grad and value.is_leaf and on_cpu):
            return self.share(value, next_number)
        return {}

    def share(self, value: Tensor, next_number: Callable[[], int]) -> dict[str, Any]:
        """The same for a tensor that is to be in step in any case: a module's own."""
        mirrored = self.mirror_of(value)
        if mirrored is not None:
            return {"same": mirrored}
        number = self._of_ours.get(id(value))
        if number is None:
            number = self._of_ours[id(value)] = next_number()
            self.ours[number] = value
            self._ours_seen[number] = _state(value)
        fields = {"leaf": number, "parameter": isinstance(value, nn.Parameter)}
        return fields if value.requires_grad else fields | {"fixed": True}

    def replace(self, number: int, value: Tensor) -> None:
        """From now on `value` is the mirror of this number."""
        self._of_mirrors[id(value)] = number
        self.mirrors[number] = value

    def received(self, value: Tensor | None, tree: dict[str, Any]) -> Tensor:
        """A tensor as it arrives: one of our leaves, a mirror, or a plain value."""
        if "same" in tree:
            return self.ours[int(tree["same"])]
        if value is None:
            raise WireError("a tensor without data")
        if "leaf" not in tree:
            return value.requires_grad_() if tree.get("g") else value
        number = int(tree["leaf"])
        if number not in self.mirrors:
            if len(self.mirrors) >= MOST_MIRRORS:
                raise WireError("too many parameters")
            varied = not tree.get("fixed")
            made = nn.Parameter(value, varied) if tree.get("parameter") else value
            made.requires_grad_(varied).grad = value.grad
            self.replace(number, made)
            self._mirrors_seen[number] = _state(made)
        return self.mirrors[number]

    def news(self, encoder: Encoder) -> list[dict[str, Any]]:
        """What this end did to leaves and mirrors since the last message."""
        found = []
        for side, table, seen in (
            ("leaf", self.ours, self._ours_seen),
            ("mirror", self.mirrors, self._mirrors_seen),
        ):
            for number, leaf in table.items():
                old, old_grad, varied = seen[number]
                unmoved = same(leaf, old) and leaf.requires_grad is varied
                if unmoved and _same_grad(leaf, old_grad):
                    continue
                entry = {"side": side, "id": number, "data": encoder.put(leaf)}
                entry["varied"] = leaf.requires_grad
                if leaf.grad is not None:
                    entry["grad"] = encoder.put(leaf.grad)
                found.append(entry)
                seen[number] = _state(leaf)
        return found

    def update(self, news: list[dict[str, Any]], tensors: list[Tensor]) -> None:
        """Take over what the other end did. Raises anything for news that are none."""
        for entry in news:
            ours = entry["side"] == "mirror"
            number = int(entry["id"])
            leaf = (self.ours if ours else self.mirrors).get(number)
            data = tensors[int(entry["data"])]
            if leaf is None or data.shape != leaf.shape or not _convertible(data, leaf):
                continue
            if data.dtype != leaf.dtype:
                leaf.grad, leaf.data = None, data
            overwrite(leaf, data)
            if leaf.is_leaf and leaf.is_floating_point():
                leaf.requires_grad_(bool(entry.get("varied", leaf.requires_grad)))
            grad = tensors[int(entry["grad"])] if "grad" in entry else None
            if grad is not None and (grad.shape != leaf.shape or grad.dtype != leaf.dtype):
                continue
            if not _same_grad(leaf, grad):
                leaf.grad = grad
            (self._ours_seen if ours else self._mirrors_seen)[number] = _state(leaf)


def same(one: Tensor, other: Tensor) -> bool:
    """Equal in every value, nan to nan."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return torch.equal(one, other) or bool(((one == other) | (one.isnan() & other.isnan())).all())


def overwrite(target: Tensor, value: Tensor) -> None:
    """Give a tensor other values, behind autograd's back, where they differ and it can have them:
    an expanded one, whose values are one number in many places, cannot."""
    if target.shape == value.shape and target.dtype == value.dtype:
        expanded = any(s == 0 and n > 1 for s, n in zip(target.stride(), target.shape, strict=True))
        if not expanded and not same(target, value):
            target.data.copy_(value)
    elif target.dtype == value.dtype:
        target.data = value


def _convertible(data: Tensor, leaf: Tensor) -> bool:
    """Of one dtype, or both of floating ones: a module may be halved and doubled."""
    both_floating = data.is_floating_point() and leaf.is_floating_point()
    return data.dtype == leaf.dtype or both_floating


def _state(leaf: Tensor) -> Seen:
    grad = None if leaf.grad is None else leaf.grad.detach().to_dense().clone()
    return leaf.detach().clone(), grad, leaf.requires_grad


def _same_grad(leaf: Tensor, old: Tensor | None) -> bool:
    if leaf.grad is None or old is None:
        return leaf.grad is None and old is None
    return same(leaf.grad.to_dense(), old)  # an embedding's may be sparse
