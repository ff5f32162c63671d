"""What is imported before a process forks, once for all submissions."""

import os


def libraries() -> None:
    """Import what a notebook imports, and what those import only when they are first used."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    import matplotlib.pyplot  # noqa: F401
    import numpy  # noqa: F401
    import scipy.stats  # noqa: F401
    import torch

    torch.set_num_threads(1)
    import torch._dynamo

    from vae_grading.judge.transforms import by_what_crosses

    compile_nothing()
    by_what_crosses()

    import vae_helpers.plots  # noqa: F401

    repr(torch.ones(2))  # looks into /proc/cpuinfo once, and complains where there is none


def compile_nothing() -> None:
    """From now on torch.compile returns what computes the same, uncompiled.

    A compiler takes a minute of an answer's time, needs another one on the machine, and does not
    see through an object of the judge's.
    """
    import torch

    torch.compiler.set_stance("force_eager")
