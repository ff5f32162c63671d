"""What is imported before a process forks, once for all submissions."""

import importlib
import os
from collections.abc import Sequence


def torch_as_graded() -> None:
    """Import torch and what it imports only when it is first used, as grading uses it."""
    import numpy  # noqa: F401
    import torch

    torch.set_num_threads(1)
    import torch._dynamo  # the first step of an optimizer does, for as long as torch took

    from vae_grading.protocol.transforms import by_what_crosses

    compile_nothing()
    by_what_crosses()
    repr(torch.ones(2))  # looks into /proc/cpuinfo once, and complains where there is none


def libraries(more: Sequence[str] = ()) -> None:
    """Import what the labs' notebooks import: torch, what draws figures, and `more` of one lab."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    torch_as_graded()
    import matplotlib.pyplot  # noqa: F401

    import vae_helpers.plots  # noqa: F401

    for name in more:
        importlib.import_module(name)


def compile_nothing() -> None:
    """From now on torch.compile returns what computes the same, uncompiled.

    A compiler takes a minute of an answer's time, needs another one on the machine, and does not
    see through an object of the judge's.
    """
    import torch

    torch.compiler.set_stance("force_eager")
