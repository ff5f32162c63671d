"""What an ELBO lacks, in two parts: the family of q, and the encoder."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.values import expect_equal, expect_exact, expect_pair, expect_tensor
from vae_checks.verdict import call


class _Gaps(Exercise):
    name, section = "gaps", "3.2"

    @idea("first what no diagonal Gaussian can reach: the approximation gap")
    def approximation(self, answer: Any, *, batch: int = 5) -> None:
        """log p(x) less the refined ELBO, to 1e-10 for float64, to 1e-4 for float32."""
        self._expect(answer, batch, 0)

    @idea("then what the encoder leaves on the table: the amortization gap")
    def amortization(self, answer: Any, *, batch: int = 5) -> None:
        """The refined ELBO less the amortized one, to 1e-10 for float64, to 1e-4 for float32."""
        self._expect(answer, batch, 1)

    def _expect(self, answer: Any, batch: int, place: int) -> None:
        approximation, amortization = (spread(batch, low=0.2, high=3.0).abs() for _ in range(2))
        log_evidence = -30 + spread(batch, low=1, high=20)
        refined = log_evidence - approximation
        amortized = refined - amortization
        parts = (approximation, amortization)
        what = ("approximation", "amortization")[place]
        wrong = [
            ("gaps-exchanged", parts[1 - place]),
            ("gaps-sign", -parts[place]),
            ("gaps-sign", -parts[1 - place]),
            ("gaps-total", approximation + amortization),
            ("gaps-difference", approximation - amortization),
            ("gaps-difference", amortization - approximation),
            ("gaps-share", parts[place] / (approximation + amortization)),
            ("gaps-share", parts[1 - place] / (approximation + amortization)),
            ("gaps-absolute-bound", (refined, amortized)[place]),
            ("gaps-absolute-bound", log_evidence),
            ("gaps-added", (log_evidence + refined, refined + amortized)[place]),
            ("gaps-averaged", parts[place].mean()),
            ("gaps-averaged", parts[place].sum()),
        ]
        for dtype in (torch.float64, torch.float32):
            truth = parts[place].to(dtype)
            value = self._call(
                answer, [each.to(dtype) for each in (log_evidence, amortized, refined)]
            )
            value = value[place]
            if dtype is torch.float64:
                expect_exact(value, truth, what, wrong, "nats")
            else:
                value = expect_tensor(value, (batch,), what)
                expect_equal(value.float(), truth, f"{what} (of float32)", wrong, "nats")

    def _call(self, answer: Any, given: list[Tensor]) -> tuple[Any, Any]:
        names = ("log_evidence", "elbo_amortized", "elbo_refined")
        found = call(self.name, answer, dict(zip(names, given, strict=True)))
        if torch.is_tensor(found) and found.is_floating_point():
            expect_tensor(found, found.shape, "The result")  # names nan first
        return expect_pair(found, self.name, ("approximation", "amortization"))


gaps = _Gaps()
