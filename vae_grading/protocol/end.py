"""One end of the conversation as its parts use it; peer.py is what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from torch import Tensor

from vae_grading.protocol.access_policy import Here
from vae_grading.protocol.values import Encoder
from vae_grading.protocol.wire import Message


class End(Protocol):
    """Asks the other end, and answers it; `memory` is what it knows of the other."""

    is_judge: bool
    memory: Any

    def request(self, operation: str, **fields: Any) -> Any: ...
    def call(
        self,
        handle: int,
        method: str,
        arguments: Sequence[Any],
        keywords: Mapping[str, Any],
        here: Here | None = None,
    ) -> Any: ...
    def vector_jacobian_product(
        self, node: int, gradients: Sequence[Tensor | None]
    ) -> list[Tensor | None]: ...
    def pull(
        self, node: int, gradients: Sequence[Tensor | None], inputs: Sequence[Tensor]
    ) -> list[Tensor | None]: ...
    def send(self, message: Message, encoder: Encoder) -> None: ...
    def next_number(self) -> int: ...
