"""What `fit` and `evaluate` ask of a model, whoever wrote it: forward(x) -> (logits, mu, logvar).

The model may be compiled, have lazy layers, or be a module around another one. One that keeps the
contract is used as it is; one that does not is told so in one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from vae_helpers.arguments import described
from vae_helpers.errors import VaeLabError


def outputs_of(model: nn.Module, x: Tensor, what: str) -> tuple[Tensor, Tensor, Tensor]:
    """logits, mu and logvar of images x (B, P), by the model's forward.

    Exactly these three: among more, no shape would tell mu from a z of the same size.

    Raises:
        VaeLabError: forward returns something else, or torch.compile has no compiler here. What
            the model's own code raises goes through.
    """
    try:
        found = model(x)
    except RuntimeError as error:
        if not type(error).__module__.startswith(("torch._dynamo.", "torch._inductor.")):
            raise
        with torch.compiler.set_stance("force_eager"):
            model(x)  # what is wrong without torch.compile, too, says so itself
        raise VaeLabError(_not_compiled(what, error)) from error
    name = type(getattr(model, "_orig_mod", model)).__name__  # of a compiled model: what it is of
    if not isinstance(found, (tuple, list)) or len(found) != 3:
        raise VaeLabError(
            f"{what}: forward of {name} must return three tensors, (logits, mu, logvar), "
            f"got {described(found)}"
        )
    for part, value in zip(("logits", "mu", "logvar"), found, strict=True):
        if not isinstance(value, Tensor) or not value.is_floating_point():
            kind = value.dtype if isinstance(value, Tensor) else described(value)
            raise VaeLabError(
                f"{what}: forward of {name} must return (logits, mu, logvar), tensors of "
                f"floating-point numbers; {part} is {kind}"
            )
    logits, mu, logvar = found
    if logits.shape != x.shape or mu.ndim != 2 or mu.shape != logvar.shape or len(mu) != len(x):
        raise VaeLabError(
            f"{what}: forward of {name} must return logits {tuple(x.shape)}, as the images, and mu "
            f"and logvar ({len(x)}, D); "
            f"got {tuple(logits.shape)}, {tuple(mu.shape)} and {tuple(logvar.shape)}"
        )
    return logits, mu, logvar


def place_of(model: nn.Module, like: Tensor) -> tuple[torch.device, torch.dtype]:
    """Where the model computes, and the dtype of its images: of its weights if they have one dtype,
    else that of the images `like`."""
    weights: list[Tensor] = [each for each in model.parameters() if each.is_floating_point()]
    weights = weights or [like]
    dtypes = {each.dtype for each in weights}
    return weights[0].device, dtypes.pop() if len(dtypes) == 1 else like.dtype


def require_trainable(model: nn.Module) -> None:
    """Raise a VaeLabError unless there is something to train, and torch lets it be trained."""
    name, parameters = type(model).__name__, list(model.parameters())
    if not parameters:
        raise VaeLabError(f"{name} has no parameters: there is nothing to train")
    if not any(each.requires_grad for each in parameters):
        raise VaeLabError(
            f"all parameters of {name} are frozen: there is nothing to train; "
            "model.requires_grad_() frees them"
        )
    if any(each.is_inference() for each in parameters if not is_lazy(each)):
        raise VaeLabError(
            f"{name} was made under torch.inference_mode(): its parameters cannot be trained; "
            "make the model outside of it"
        )


def is_finite(model: nn.Module) -> bool:
    """Whether no parameter holds nan or infinity."""
    return all(bool(parameter.isfinite().all()) for parameter in model.parameters())


@torch.no_grad()
def materialize(model: nn.Module, x: Tensor, what: str) -> None:
    """Give lazy layers their weights, by one pass of images x (B, P) in eval mode."""
    if any(is_lazy(each) for each in (*model.parameters(), *model.buffers())):
        with modes_kept(model):
            outputs_of(model.eval(), x, what)


@contextmanager
def modes_kept(model: nn.Module) -> Iterator[None]:
    """Whatever happens inside, each part of the model is in training or eval mode as before."""
    modes = {module: module.training for module in model.modules()}
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training


def _not_compiled(what: str, error: Any) -> str:
    lines = (line for line in str(error).splitlines() if line and not line.endswith(":"))
    reason = next(lines, type(error).__name__)  # "backend='inductor' raised:" stands above it
    return (
        f"{what}: torch.compile failed on this model ({reason[:200]}); use the model itself, or "
        "torch.compile(model, backend='aot_eager'), which needs no C++ compiler"
    )
