"""In what precision a training step multiplies: float32, or bfloat16 where that is faster.

A bfloat16 has the range of a float32 and 8 bits of its 24: enough for the products of a training
step, which the noise of its batch blurs far more, and too few for the weights themselves, whose
steps would be lost in rounding. So the products alone are rounded, as in torch's mixed precision.

Source: D. Kalamkar et al., A Study of BFLOAT16 for Deep Learning Training, arXiv:1905.12322.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch
from torch import Tensor, nn

from vae_helpers.arguments import described
from vae_helpers.errors import VaeLabError
from vae_helpers.model_contract import outputs_of

Precision = Literal["float32", "bf16"]
Forward = Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]


def require_precision(precision: Any, device: torch.device, dtype: torch.dtype, what: str) -> None:
    """Raise a VaeLabError unless a model of this dtype can be trained so on this device.

    On a CPU without instructions for bfloat16 products it can, slowly, and a warning says so.
    """
    if not isinstance(precision, str) or precision not in ("float32", "bf16"):
        got = described(precision)
        raise VaeLabError(f"{what}: precision must be 'float32' or 'bf16', got {got}")
    if precision == "float32":
        return
    if dtype != torch.float32:
        raise VaeLabError(
            f"{what}: precision='bf16' is for a model of torch.float32, this one is {dtype}; "
            "leave precision out, or use model.float()"
        )
    if not _multiplies_bf16(device):
        raise VaeLabError(
            f"{what}: the device {device} has no bfloat16 products; leave precision out"
        )
    if device.type == "cpu" and not cpu_has_bf16():
        warnings.warn(
            f"{what}: this processor has no instructions for bfloat16 products: "
            "precision='bf16' gives the same losses here, but takes longer than 'float32'",
            stacklevel=3,
        )


def cpu_has_bf16() -> bool:
    """Does the processor multiply bfloat16 by itself: AMX or AVX512_BF16, or ARM's BF16?

    Torch computes bfloat16 products on every CPU, but without these piece by piece: the products of
    the classic model took 5 to 25 times as long as in float32 on a processor of AVX2.
    """
    get: Callable[[], dict[str, Any]] = getattr(torch.cpu, "get_capabilities", dict)
    return any(there for name, there in get().items() if "bf16" in name)  # an older torch: none


@contextmanager
def forward_in(precision: Precision, model: nn.Module, what: str) -> Iterator[Forward]:
    """The model's forward as a function of images x (B, P), its products in this precision.

    With "bf16" what a layer of the model returns is a float32 again, so that everything between
    the products, the sample z too, is computed as ever; and so are the gradients of weights.
    """
    if precision == "float32":
        yield lambda x: outputs_of(model, x, what)
        return

    def forward(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        # Entered anew at each step: autocast keeps the rounded weights until it is left.
        with torch.autocast(x.device.type, torch.bfloat16):
            logits, mu, logvar = outputs_of(model, x, what)
        return logits.float(), mu.float(), logvar.float()

    hooks = [part.register_forward_hook(_in_float32) for part in model.modules()]
    try:
        yield forward
    finally:
        for hook in hooks:
            hook.remove()


def _in_float32(part: nn.Module, inputs: Any, output: Any) -> Any:
    if isinstance(output, Tensor) and output.dtype == torch.bfloat16:
        return output.float()
    return output


def _multiplies_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    try:
        square = torch.ones(2, 2, dtype=torch.bfloat16, device=device)
        return bool((square @ square == 2).all())
    except (RuntimeError, TypeError):  # MPS before macOS 14
        return False
