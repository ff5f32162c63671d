"""Do two answers do the same? By what they return, differentiate, change and draw; by no check.

Both are called with copies of recorded arguments and with arguments made of these: in float32,
scaled, all zero, with a gradient asked of every tensor. What is compared: values to nine digits
(four in float32), shapes, dtypes, the gradients of a weighted sum, the arguments and the state of
models afterwards, whether gradients are still on, and a second call, with the same random numbers.
"""

import contextlib
import io
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mutation.recording import Call
from vae_checks.uncompiled import uncompiled

Observation = list[Any]

SAME, BROKEN, OTHER = "same", "raises in every call", "other"


class Oracle:
    """What a right answer does with `calls`; `verdict` compares another answer with it."""

    def __init__(self, answer: Any, calls: list[Call]) -> None:
        self.answer = answer
        self.cases: list[tuple[Call, Observation, float]] = []
        for call in calls:
            for change, tolerance in CHANGES:
                # Twice: what an answer does not repeat with the same seed decides nothing.
                with contextlib.suppress(Exception):
                    changed = _changed(call, change)
                    seen, again = (observed(answer, changed) for _ in range(2))
                    if seen[0] != "raised" and equal(seen, again, tolerance):
                        self.cases.append((changed, seen, tolerance))

    def verdict(self, other: Any) -> str:
        """SAME, BROKEN for one that raises whatever it is given, or OTHER."""
        if not self.cases:
            return SAME if equal(_plain(self.answer), _plain(other), 0.0) else OTHER
        raised = 0
        is_same = True
        for call, wanted, tolerance in self.cases:
            seen = observed(other, call)
            raised += seen[0] == "raised"
            is_same = is_same and equal(seen, wanted, tolerance)
            if not is_same and not raised:
                return OTHER
        if is_same:
            return SAME
        return BROKEN if raised == len(self.cases) else OTHER


def observed(answer: Any, call: Call) -> Observation:
    """Everything that an answer does when it is called so, as plain values."""
    call = call.copy()
    torch.manual_seed(7)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            uncompiled(),  # a process forked from one that has compiled waits for its threads
        ):
            warnings.simplefilter("ignore")
            if call.used is not None:
                return ["network", *_network(answer, call)]
            first, again = [], []
            for seen in (first, again):
                arguments = [_listening(each, seen) for each in call.arguments]
                result = answer(*arguments, **call.keywords)
                seen.append(_plain(result))
                seen.append(_gradients(result, [*call.arguments, *call.keywords.values()]))
            state = [_state(each) for each in (*call.arguments, *call.keywords.values())]
            return ["returned", first, again, state, torch.is_grad_enabled()]
    except Exception as error:
        return ["raised", type(error).__name__]
    finally:
        torch.set_grad_enabled(True)


def _listening(argument: Any, seen: Observation) -> Any:
    """A function that notes the values that it is given; anything else as it is."""
    if not callable(argument) or isinstance(argument, (type, nn.Module)):
        return argument

    def listening(*arguments: Any, **keywords: Any) -> Any:
        # Under vmap or grad a tensor has no values that could be kept.
        if not torch._C._are_functorch_transforms_active():
            flat = _flat([*arguments, keywords])
            seen.append([each.detach().clone() for each in flat if torch.is_tensor(each)])
        return argument(*arguments, **keywords)

    return listening


def _network(network: Callable[..., nn.Module], call: Call) -> Observation:
    made = network(*call.arguments, **call.keywords)
    dtype = next((each.dtype for each in call.used if torch.is_tensor(each)), torch.float32)
    seen: Observation = [[tuple(each.shape) for each in made.parameters()], made.training]
    seen.append([each.requires_grad for each in made.parameters()])
    seen.append(_plain(made(*(each.float() for each in call.used))))
    made.to(dtype)
    for scale in (1, 6):
        with torch.no_grad():
            for parameter in made.parameters():
                parameter.mul_(scale)
        result = made(*call.used)
        seen += [_plain(result), _gradients(result, list(made.parameters()))]
    made.eval()
    seen.append(_plain(made(*call.used)))
    return seen


def _gradients(result: Any, arguments: list[Any]) -> Observation:
    """Of a weighted sum of all that was returned, by every argument that asks for one."""
    parts = [each for each in _flat(result) if torch.is_tensor(each) and each.requires_grad]
    leaves = [each for each in arguments if torch.is_tensor(each) and each.requires_grad]
    for model in (each for each in arguments if isinstance(each, nn.Module)):
        leaves += list(model.parameters())
    if not parts or not leaves:
        return []
    weighted = [(torch.linspace(1, 2, part.numel()).to(part) * part.flatten()).sum()
                for part in parts]  # fmt: skip
    found = torch.autograd.grad(sum(weighted), leaves, allow_unused=True, retain_graph=True)
    return [None if each is None else each.detach().clone() for each in found]


def _state(argument: Any) -> Any:
    if torch.is_tensor(argument):
        return _plain(argument.detach()), argument.requires_grad, _plain(argument.grad)
    if isinstance(argument, nn.Module):
        parts = list(argument.parameters())
        return [argument.training, _plain([each.detach() for each in parts]),
                _plain([each.grad for each in parts])]  # fmt: skip
    if isinstance(argument, torch.optim.Optimizer):
        return [{key: value for key, value in group.items() if key != "params"}
                for group in argument.param_groups]  # fmt: skip
    return None


def _plain(value: Any) -> Any:
    """A value that no later call changes, and whose kind is its own."""
    if torch.is_tensor(value):
        return value.requires_grad, value.detach().clone()
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return [[key, _plain(each)] for key, each in sorted(value.items(), key=repr)]
    if isinstance(value, (np.generic, bool, int, float)):
        return float(value)
    return value if isinstance(value, str) or value is None else type(value).__name__


def equal(one: Any, other: Any, tolerance: float) -> bool:
    """Are two observations the same, numbers to `tolerance` of the largest?"""
    if torch.is_tensor(one):
        if not torch.is_tensor(other) or one.shape != other.shape or one.dtype != other.dtype:
            return False
        if not one.is_floating_point():
            return torch.equal(one, other)
        finite = one[torch.isfinite(one)]
        scale = finite.abs().max().item() if finite.numel() else 0.0
        scale = tolerance * scale + 1e-13
        return torch.allclose(one, other, rtol=0, atol=scale, equal_nan=True)
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or math.isclose(one, other, rel_tol=tolerance, abs_tol=1e-12)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(
            equal(each, counterpart, tolerance)
            for each, counterpart in zip(one, other, strict=True)
        )
    if isinstance(one, dict):
        return equal(sorted(one.items()), sorted(other.items()), tolerance)
    return one == other


def _flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return [part for each in value for part in _flat(each)]
    return [value]


def _changed(call: Call, change: Callable[[Tensor], Tensor]) -> Call:
    """The call with every floating tensor changed, and models in the type of the tensors."""
    call = call.copy()

    def each(value: Any) -> Any:
        if torch.is_tensor(value) and value.is_floating_point():
            asks = value.requires_grad
            return change(value.detach().clone()).requires_grad_(asks or change is _with_gradient)
        if isinstance(value, (tuple, list)):
            return type(value)(each(part) for part in value)
        if isinstance(value, nn.Module) and change is _single:
            return value.float()
        return value

    used = None if call.used is None else each(call.used)
    keywords = {key: each(value) for key, value in call.keywords.items()}
    return Call(each(call.arguments), keywords, used)


def _with_gradient(tensor: Tensor) -> Tensor:
    return tensor


def _single(tensor: Tensor) -> Tensor:
    return tensor.float()


def _scaled(tensor: Tensor) -> Tensor:
    is_share = tensor.numel() and tensor.min() >= 0 and tensor.max() <= 1
    return tensor * (0.8 if is_share else 1.7)


def _large(tensor: Tensor) -> Tensor:
    is_share = tensor.numel() and tensor.min() >= 0 and tensor.max() <= 1
    return tensor.round() if is_share else tensor * 12


CHANGES: list[tuple[Callable[[Tensor], Tensor], float]] = [
    (lambda tensor: tensor, 1e-9),
    (_with_gradient, 1e-9),
    (_single, 1e-4),
    (_scaled, 1e-9),
    (_large, 1e-9),
    (torch.zeros_like, 1e-9),
]
