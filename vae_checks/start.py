"""The exercise of notebooks/00-start-here.ipynb: a first meeting with a check, not graded."""

import math
from typing import Any

import torch

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images
from vae_checks.values import expect_equal
from vae_checks.verdict import call


class _CoinEntropy(Exercise):
    name, section = "coin_entropy", "3"

    @idea("the entropy of each coin, in nats")
    def value(self, answer: Any, *, coins: int = 5) -> None:
        """Equal to -p log p - (1 - p) log(1 - p) for probabilities strictly between 0 and 1."""
        p = grey_images(1, coins)[0]
        truth = torch.special.entr(p) + torch.special.entr(1 - p)
        wrong = [
            ("not-nats", truth / math.log(2)),
            ("not-nats", truth / math.log(10)),
            ("entropy-sign", -truth),
            ("entropy-half", torch.special.entr(p)),
            ("entropy-half", torch.special.entr(1 - p)),
        ]
        value = call(self.name, answer, {"p": p})
        expect_equal(value, truth, "the entropy", wrong, "nats")

    @idea("largest for a fair coin, with log 2 nats")
    def fair(self, answer: Any) -> None:
        """Equal to log 2 at p = 1/2."""
        p = torch.full((1,), 0.5, dtype=torch.float64)
        expect_equal(call(self.name, answer, {"p": p}), 0 * p + math.log(2), "the entropy at 0.5")


coin_entropy = _CoinEntropy()
