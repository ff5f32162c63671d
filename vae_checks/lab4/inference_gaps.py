"""What an ELBO lacks, in two parts: the family of q, and the encoder."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.misread import arguments_named
from vae_checks.terms import Term, terms_named
from vae_checks.values import expect_equal, expect_exact, expect_pair, expect_tensor
from vae_checks.verdict import call

_NAMES = ("log_evidence", "elbo_amortized", "elbo_refined")


class _Gaps(Exercise):
    name, section = "gaps", "3.2"

    @idea("first what no diagonal Gaussian can reach: the approximation gap", also=[{"batch": 1}])
    def approximation(self, answer: Any, *, batch: int = 5) -> None:
        """log p(x) less the refined ELBO, to 1e-10 for float64, to 1e-4 for float32."""
        self._expect(answer, batch, 0)

    @idea("then what the encoder leaves on the table: the amortization gap", also=[{"batch": 1}])
    def amortization(self, answer: Any, *, batch: int = 5) -> None:
        """The refined ELBO less the amortized one, to 1e-10 for float64, to 1e-4 for float32."""
        self._expect(answer, batch, 1)

    def _expect(self, answer: Any, batch: int, place: int) -> None:
        what = ("approximation", "amortization")[place]

        def ask(images: int) -> tuple[Any, list[Term]]:
            heights, _ = _heights(images)
            return self._call(answer, heights)[place], _terms(heights, place)

        # Gaps of a few nats, then of hundreds, where a clamp shows.
        for dtype, size in ((torch.float64, 1), (torch.float64, 200), (torch.float32, 1)):
            heights, parts = _heights(batch, size)
            value = self._call(answer, [each.to(dtype) for each in heights])[place]
            truth, wrong = parts[place].to(dtype), _wrong_gaps(heights, parts, place)
            if dtype is torch.float64:
                given = dict(zip(_NAMES, heights, strict=True))
                named = arguments_named(value, lambda **a: _right(**a)[place], given)
                with named, terms_named(ask):
                    expect_exact(value, truth, what, wrong, "nats")
            else:
                found = expect_tensor(value, (batch,), what)
                expect_equal(found.float(), truth, f"{what} (of float32)", wrong, "nats")

    def _call(self, answer: Any, given: list[Tensor]) -> tuple[Any, Any]:
        found = call(self.name, answer, dict(zip(_NAMES, given, strict=True)))
        if torch.is_tensor(found) and found.is_floating_point():
            expect_tensor(found, found.shape, "The result")  # names nan first
        return expect_pair(found, self.name, ("approximation", "amortization"))


def _right(
    log_evidence: Tensor, elbo_amortized: Tensor, elbo_refined: Tensor
) -> tuple[Tensor, Tensor]:
    return log_evidence - elbo_refined, elbo_refined - elbo_amortized


def _heights(batch: int, size: float = 1) -> tuple[list[Tensor], tuple[Tensor, Tensor]]:
    """log p(x), amortized and refined ELBO of each image, and the two gaps between them.

    Those of the last image are negative, as an estimate's may be: nothing is to be cut off.
    """
    first, second = (spread(batch, low=0.2, high=3.0).abs() for _ in range(2))
    first[-1], second[-1] = -0.05, -0.03
    first, second = size * first, size * second
    log_evidence = -30 + spread(batch, low=1, high=20)
    refined = log_evidence - first
    return [log_evidence, refined - second, refined], (first, second)


def _terms(heights: list[Tensor], place: int) -> list[Term]:
    weights = ((1.0, 0.0, -1.0), (0.0, -1.0, 1.0))[place]
    names = ("log p(x)", "the amortized ELBO", "the refined ELBO")
    terms = zip(names, heights, weights, strict=True)
    return [Term(name, values, weight) for name, values, weight in terms]


def _wrong_gaps(
    heights: list[Tensor], parts: tuple[Tensor, Tensor], place: int
) -> list[tuple[str, Tensor]]:
    log_evidence, amortized, refined = heights
    right, other = parts[place], parts[1 - place]
    return [
        ("gaps-exchanged", other),
        ("gaps-sign", -right),
        ("gaps-sign", -other),
        ("gaps-total", right + other),
        ("gaps-difference", right - other),
        ("gaps-difference", other - right),
        ("gaps-share", right / (right + other)),
        ("gaps-share", other / (right + other)),
        ("gaps-absolute-bound", log_evidence),
        ("gaps-absolute-bound", refined),
        ("gaps-absolute-bound", amortized),
        ("gaps-added", log_evidence + refined),
        ("gaps-added", refined + amortized),
        ("gaps-added", log_evidence + amortized),
        ("gaps-averaged", right.mean()),
        ("gaps-averaged", right.sum()),
    ]


gaps = _Gaps()
