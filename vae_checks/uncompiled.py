"""torch.compile has no effect while a check runs: an answer is judged by what it computes.

Compiling takes longer than any check, needs a C++ compiler, and what it makes refuses second
derivatives and a graph that is used twice.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

_SWITCH = "TORCH_COMPILE_DISABLE"


@contextmanager
def uncompiled() -> Iterator[None]:
    """Inside, compiled functions and modules run as they were written."""
    if "torch._dynamo" in sys.modules:
        with torch.compiler.set_stance("force_eager"):
            yield
        return
    # It takes a second to import, and few answers compile anything: an answer that does it when it
    # is called imports it then. One that has torch.compile by another name finds the switch.
    before, compiles = os.environ.get(_SWITCH), torch.compile

    def eager(*arguments: Any, **options: Any) -> Any:
        os.environ.pop(_SWITCH, None)  # under it fullgraph=True is refused
        torch.compiler.set_stance("force_eager")
        return compiles(*arguments, **options)

    os.environ[_SWITCH] = "1"
    torch.compile = eager
    try:
        yield
    finally:
        torch.compile = compiles
        os.environ.pop(_SWITCH, None)
        if before is not None:
            os.environ[_SWITCH] = before
        if "torch._dynamo" in sys.modules:
            torch.compiler.set_stance("default")
            torch._dynamo.config.disable = before == "1"
