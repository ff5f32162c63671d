"""How much work to do, and where: full size for a person, small for a machine that only checks."""

from __future__ import annotations

import os
from typing import TypeVar

import torch

T = TypeVar("T")

# nbgrader sets the first when it executes a notebook; continuous integration sets the second.
SMALL_WORK_VARIABLES = ("NBGRADER_EXECUTION", "VAE_LAB_SMOKE")


def work_size(full: T, small: T) -> T:
    """`full` when a person runs the notebook, `small` when a machine checks that it runs.

    Small means that NBGRADER_EXECUTION or VAE_LAB_SMOKE is set in the environment and not empty.

    >>> os.environ["VAE_LAB_SMOKE"] = "1"
    >>> work_size(full=10, small=1)
    1
    >>> del os.environ["VAE_LAB_SMOKE"]
    """
    return small if any(os.environ.get(name) for name in SMALL_WORK_VARIABLES) else full


def best_device() -> torch.device:
    """The fastest device here: CUDA, else Apple's MPS, else the CPU.

    >>> best_device().type in ("cuda", "mps", "cpu")
    True
    """
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def fastest_for(dtype: torch.dtype) -> torch.device:
    """The fastest device here that computes in this dtype."""
    device = best_device()
    if device.type == "mps" and dtype == torch.float64:  # which Apple's GPUs do not have
        return torch.device("cpu")
    return device
