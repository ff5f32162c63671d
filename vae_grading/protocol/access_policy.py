"""What an end of the conversation lets the other do with its objects.

The judge's policy stands in judge/policy.py, the student's process's in student/policy.py.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from torch import Tensor

# What a model that a check hands out shows of itself, besides its parts.
MODULE = frozenset(
    """forward encode decode log_joint reparameterize encoder decoder sample reconstruct
    latent_dim hidden_dim data_dim weight bias""".split()  # noqa: SIM905
)


class Here(NamedTuple):
    """With what a module's method is to compute, where it is not what the module has.

    Parameters and buffers by name, and the modes of the module's parts.
    """

    state: dict[str, Tensor]
    modes: list[bool] | None


class Policy(Protocol):
    """How an end treats requests on its objects.

    `is_judge`: stubs of modules are plain ones here; what the other end calls here draws its
    random numbers from the other end's stream, as it would in one process.
    """

    is_judge: bool

    def getattr(self, target: Any, name: str) -> Any: ...
    def setattr(self, target: Any, name: str, value: Any) -> None: ...
    def call(
        self,
        target: Any,
        method: str,
        arguments: list[Any],
        keywords: dict[str, Any],
        here: Here | None = None,
    ) -> Any: ...
    def special(self, operation: str, fields: dict[str, Any]) -> Any: ...
