"""Does a network that sees classes use them: all of them, each in its own way?

The classes' effects are looked at, never how a label is coded: a one-hot vector, an embedding, a
weight of each class are all right. A label that enters as a number is not: with small weights its
network is nearly affine in that number, and the classes lie along one line in their order.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from vae_checks.networks import Network, randomize
from vae_checks.verdict import Mistake

_DRAWS = 4
_SAME = 1e-4  # of the largest output: float32, whose sums differ with the batch
_STRAIGHT = 0.25


def expect_labels_used(
    network: Network, names: Sequence[str], x: Tensor, classes: int, missing: str
) -> None:
    """Raise Mistake unless every output depends on the class of a row, for x (B, n) as input.

    Under four draws of the weights: the outputs of two classes differ in one of them, and so does
    what x changes in them. `missing` is the slug where no class differs. Then under four draws of
    small weights: the second differences of the outputs along the order of the classes are not far
    smaller than the first. For vectors of each class drawn by chance their squares have the ratio
    3; of a number it is below 0.1 (some kinks of a ReLU among 40 steps), and the mean of four draws
    is on the wrong side of 1/4 with probability below 1e-9 in either case.
    """
    drawn = [_by_class(network, x, classes, size=3) for _ in range(_DRAWS)]
    for number, name in enumerate(names):
        values = torch.stack([each[number] for each in drawn])  # (draws, C, B, n)
        scale = values.abs().amax((1, 2, 3)).clamp(min=1e-30)
        of_class = (values / scale[:, None, None, None]).transpose(0, 1).flatten(1)  # (C, ...)
        if (of_class - of_class[:1]).abs().max() < _SAME:
            raise Mistake(missing, f"{name} is the same for all classes.")
        apart = torch.cdist(of_class, of_class, p=torch.inf) + torch.eye(classes)
        if apart.min() < _SAME:
            one, other = sorted(divmod(int(apart.argmin()), classes))
            raise Mistake("label-classes-alike", f"{name} is the same for classes {one}, {other}.")
    _expect_no_number(network, names, x, classes)
    for number, name in enumerate(names):
        values = torch.stack([each[number] for each in drawn])
        scale = values.abs().amax((1, 2, 3)).clamp(min=1e-30)
        effects = values - values[:, :1]  # of a class rather than class 0
        mixed = (effects - effects[:, :, :1]).abs().amax((1, 2, 3)) / scale
        if mixed.max() < _SAME:
            seen = f"What a class changes in {name} is the same for all rows."
            raise Mistake("label-only-added", seen)


def _expect_no_number(network: Network, names: Sequence[str], x: Tensor, classes: int) -> None:
    drawn = [_by_class(network, x, classes, size=0.3) for _ in range(_DRAWS)]
    for number, name in enumerate(names):
        ratios = []
        for each in drawn:
            steps = each[number].diff(dim=0)  # (C - 1, B, n)
            ratios.append((steps.diff(dim=0).square().sum() / steps.square().sum()).item())
        if sum(ratios) / len(ratios) < _STRAIGHT:
            seen = f"With small weights {name} moves along a line from class 0 to {classes - 1}."
            raise Mistake("label-as-number", seen)


def _by_class(network: Network, x: Tensor, classes: int, *, size: float) -> list[Tensor]:
    """Each output under a new draw of the weights: (C, B, n), of all rows with every class."""
    randomize(network, size=size)
    labels = torch.arange(classes).repeat_interleave(len(x))[:, None]
    rows = torch.cat([x.repeat(classes, 1), labels.to(x.dtype)], dim=1).float()
    values = network(rows)
    return [each.detach().double().reshape(classes, len(x), -1) for each in values]
