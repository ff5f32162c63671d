"""torch.compile has no effect while a check runs: an answer is judged by what it computes.

Compiling takes longer than any check, needs a C++ compiler, and what it makes refuses second
derivatives and a graph that is used twice.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_SWITCH = "TORCH_COMPILE_DISABLE"


@contextmanager
def uncompiled() -> Iterator[None]:
    """Inside, compiled functions and modules run as they were written."""
    if "torch._dynamo" in sys.modules:
        with torch.compiler.set_stance("force_eager"):
            yield
        return
    # It takes a second to import, and few answers compile anything. One that does it only when it
    # is called imports it then, and finds the switch.
    before = os.environ.get(_SWITCH)
    os.environ[_SWITCH] = "1"
    try:
        yield
    finally:
        del os.environ[_SWITCH]
        if before is not None:
            os.environ[_SWITCH] = before
        if "torch._dynamo" in sys.modules:
            torch._dynamo.config.disable = before == "1"
