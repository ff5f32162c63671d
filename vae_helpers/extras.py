"""Libraries that only some labs need, and how to come by one that is not there."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable

from vae_helpers.errors import VaeLabError

_DISTRIBUTIONS = {
    "pyro": "pyro-ppl",
    "sklearn": "scikit-learn",
}  # by the name of the import, where they differ


def require_installed(libraries: Iterable[str]) -> None:
    """Raise a VaeLabError, which says how to install it, for a library that cannot be imported.

    >>> require_installed(["torch"])
    >>> require_installed(["torchh"])
    Traceback (most recent call last):
    vae_helpers.errors.VaeLabError: this needs torchh, which is not installed: pip install torchh
    """
    for name in libraries:
        if importlib.util.find_spec(name) is None:
            package = _DISTRIBUTIONS.get(name, name)
            raise VaeLabError(f"this needs {name}, which is not installed: pip install {package}")
