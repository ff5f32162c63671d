"""Log weights so far apart that only one way to add them up survives.

About the largest of an image's weights no exponential overflows. About another number (the first,
the smallest, their mean, the largest of another image or of one part) the largest one does, or all
of them vanish.
"""

import torch
from torch import Tensor

from vae_checks.fixtures import spread

_LEVELS = (-800.0, 0.0, 700.0)


def apart(samples: int, batch: int) -> Tensor:
    """(K, B) in float64: each image near a level of its own, from -900 to 900 nats."""
    levels = torch.linspace(-900, 900, batch, dtype=torch.float64)
    return levels + spread(samples, batch, low=0.1, high=1.0)


def uneven(samples: int, batch: int) -> Tensor:
    """(K, B) in float64: near -800, 0 and 700 nats in turn; in each image another comes first."""
    levels = torch.tensor(_LEVELS, dtype=torch.float64)
    turn = torch.arange(samples)[:, None] + torch.arange(batch)
    return levels[turn % len(levels)] + spread(samples, batch, low=0.1, high=1.0)
