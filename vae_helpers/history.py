"""What a training run left behind: the two terms of the loss, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class History:
    """nll and kl by epoch, in nats per image; the test lists are empty without test images.

    `beta` is the weight of the kl at each epoch's last step, where it is known; `interrupted` tells
    whether somebody stopped the training, so that the last epoch begun is missing.

    The training terms are means over the epoch while the model changed; the test terms are of the
    model at the epoch's end. That is why a test loss can lie below the training loss.

    >>> history = History(train_nll=[90.0], train_kl=[25.0], test_nll=[84.5], test_kl=[24.5])
    >>> history.test_loss
    [109.0]
    """

    train_nll: list[float] = field(default_factory=list)
    train_kl: list[float] = field(default_factory=list)
    test_nll: list[float] = field(default_factory=list)
    test_kl: list[float] = field(default_factory=list)
    beta: list[float] = field(default_factory=list)
    interrupted: bool = False

    @property
    def train_loss(self) -> list[float]:
        """Negative ELBO, nll + kl whatever beta was, in nats per image by epoch."""
        return [nll + kl for nll, kl in zip(self.train_nll, self.train_kl, strict=True)]

    @property
    def test_loss(self) -> list[float]:
        """Negative ELBO, nll + kl whatever beta was, in nats per image by epoch."""
        return [nll + kl for nll, kl in zip(self.test_nll, self.test_kl, strict=True)]

    def append(
        self,
        train: tuple[float, float],
        test: tuple[float, float] | None = None,
        beta: float | None = None,
    ) -> None:
        """Record an epoch: (nll, kl) on the training images, and on the test images if any."""
        self.train_nll.append(train[0])
        self.train_kl.append(train[1])
        if test is not None:
            self.test_nll.append(test[0])
            self.test_kl.append(test[1])
        if beta is not None:
            self.beta.append(beta)

    def __len__(self) -> int:
        """The number of epochs."""
        return len(self.train_nll)

    def columns(self) -> dict[str, list[float]]:
        """The columns of the table by name, "epoch" first; no test columns without test images.

        beta is among them when it was not 1 all the time.
        """
        columns: dict[str, list[float]] = {
            "epoch": [*range(1, len(self) + 1)],
            "train_loss": self.train_loss,
            "train_nll": self.train_nll,
            "train_kl": self.train_kl,
        }
        if self.test_nll:
            columns |= {
                "test_loss": self.test_loss,
                "test_nll": self.test_nll,
                "test_kl": self.test_kl,
            }
        if set(self.beta) - {1.0}:
            columns["beta"] = self.beta
        return columns

    def table(self) -> str:
        """The history as text, one line an epoch, in nats per image.

        >>> print(History(train_nll=[90.0], train_kl=[25.0]).table())
        epoch  train_loss   train_nll    train_kl
            1      115.00       90.00       25.00
        """
        columns = self.columns()
        head = "epoch" + "".join(f"{name:>12}" for name in list(columns)[1:])
        rows = (
            f"{epoch:5d}" + "".join(f"{value:12.2f}" for value in values)
            for epoch, *values in zip(*columns.values(), strict=True)
        )
        return "\n".join((head, *rows))

    def plot(self, *, reference: Sequence[float] | None = None, title: str | None = None) -> Figure:
        """Curves of the loss and of its two terms; see `plots.loss_curves`."""
        from vae_helpers import plots

        return plots.loss_curves(self, reference=reference, title=title)
