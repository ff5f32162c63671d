"""One stream of torch's random numbers for both ends.

The student's stream is the one that goes on, as it would in one process: what the student's code
calls in the judge (a model that samples) draws from it. The judge borrows it and keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from vae_grading.protocol.values import Encoder


class RandomNumbers:
    """One end's part: `follow` tells whether its stream is the one that goes on."""

    def __init__(self, *, follow: bool) -> None:
        self._follow = follow

    def pass_on(self, encoder: Encoder) -> dict[str, int]:
        """The field of a call that lends the stream."""
        return {"random": encoder.put(torch.get_rng_state())} if self._follow else {}

    def take_back(self, reply: dict[str, Any], tensors: list[Tensor]) -> None:
        """Go on where the other end stopped. Raises anything for a state that is none."""
        if "random" in reply and self._follow:
            torch.set_rng_state(tensors[int(reply["random"])])

    @contextmanager
    def borrowed(
        self, message: dict[str, Any], tensors: list[Tensor], answer: dict[str, Any]
    ) -> Iterator[None]:
        """Inside, the stream is the one that came with the call; the answer gives it back."""
        if "random" not in message:
            yield
            return
        follow, own = self._follow, torch.get_rng_state()
        theirs = tensors[int(message["random"])]
        torch.set_rng_state(theirs)
        self._follow = True
        try:
            yield
        finally:
            now = torch.get_rng_state()
            if not torch.equal(now, theirs):
                answer["random"] = now  # a tensor yet: whoever sends the answer numbers it
            self._follow = follow
            if not follow:
                torch.set_rng_state(own)
