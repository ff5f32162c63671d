"""Everything random from one generator, the noise inside a model, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def randomness_of(generator: torch.Generator | None, device: torch.device) -> Iterator[None]:
    """All that is random inside, the model's own noise too, follows from `generator`.

    forward(x) draws from torch's global state; so that state is seeded from the generator for the
    time being, and put back (on the CPU and on CUDA; MPS cannot be forked).
    """
    if generator is None:
        yield
        return
    seed = torch.randint(2**62, (), generator=generator, device=generator.device).item()
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
