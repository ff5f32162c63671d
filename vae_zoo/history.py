"""What a training of vae_zoo went through: the loss and its terms, epoch by epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

Terms = dict[str, float]


@dataclass(frozen=True)
class ZooHistory:
    """Means per image of the loss and its terms, one dictionary an epoch; `test` is empty without
    test images. Terms of several players are side by side, and "loss" is the first one's."""

    train: list[Terms] = field(default_factory=list)
    test: list[Terms] = field(default_factory=list)
    interrupted: bool = False

    def __len__(self) -> int:
        """The number of epochs."""
        return len(self.train)

    @property
    def best(self) -> int:
        """The epoch, counted from 1, after which the test loss was smallest; 0 without a test."""
        losses = [terms["loss"] for terms in self.test]
        return losses.index(min(losses)) + 1 if losses else 0

    def curves(self) -> dict[str, list[float]]:
        """Each term by epoch, "train_nll", "test_nll" and so on, as plots.loss_curves takes it.

        A term that an epoch lacks is nan there.

        >>> ZooHistory(train=[{"nll": 90.0, "kl": 25.0}, {"nll": 80.0, "kl": 26.0}]).curves()
        {'train_nll': [90.0, 80.0], 'train_kl': [25.0, 26.0]}
        """
        found: dict[str, list[float]] = {}
        for split, rows in (("train", self.train), ("test", self.test)):
            for name in dict.fromkeys(name for row in rows for name in row):
                found[f"{split}_{name}"] = [row.get(name, math.nan) for row in rows]
        return found

    def table(self) -> str:
        """As text, one line an epoch; a term that an epoch lacks is a dash.

        >>> print(ZooHistory(train=[{"loss": 115.0, "nll": 90.0}]).table())
        epoch        loss         nll
            1      115.00       90.00
        """
        rows = [
            dict(train) | {f"test_{name}": value for name, value in test.items()}
            for train, test in zip(self.train, self.test or [{}] * len(self), strict=True)
        ]
        names = list(dict.fromkeys(name for row in rows for name in row))
        widths = [max(12, len(name) + 2) for name in names]
        lines = ["epoch" + "".join(f"{name:>{w}}" for name, w in zip(names, widths, strict=True))]
        for epoch, row in enumerate(rows, start=1):
            cells = (
                f"{row[name]:{w}.2f}" if name in row else f"{'-':>{w}}"
                for name, w in zip(names, widths, strict=True)
            )
            lines.append(f"{epoch:5d}" + "".join(cells))
        return "\n".join(lines)
