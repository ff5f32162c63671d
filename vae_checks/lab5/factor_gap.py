"""The mutual information gap: how far one dimension is ahead of the others, factor by factor.

    gap = mean over factors of (largest I - second largest I) / H(v_f)

Source: R. T. Q. Chen et al., Isolating Sources of Disentanglement in VAEs, arXiv:1802.04942,
section 4.1.
"""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, shuffled, spread
from vae_checks.misread import arguments_named
from vae_checks.values import Candidates, expect_equal, expect_exact, expect_tensor, unless_right
from vae_checks.verdict import Mistake, call


class _InformationGap(Exercise):
    name, section = "information_gap", "8.3"

    @idea(
        "largest less second largest, over the factor's entropy, averaged over factors",
        also=[
            {"latent": 4, "factors": 4},
            {"latent": 2, "factors": 1},
            {"latent": 2, "factors": 7},
        ],
    )
    def value(self, answer: Any, *, latent: int = 5, factors: int = 3) -> None:
        """To 1e-10: for any table; one dimension a factor, where it is 1; two alike, where it is 0.

        In float32 for float32. Rows are shuffled, so that no order of dimensions helps.
        """
        entropies = spread(factors, low=0.7, high=2.3).abs()
        share = torch.rand(latent, factors, generator=fresh_generator(), dtype=torch.float64)
        table = share * entropies
        perfect, alike = torch.zeros_like(table), table.clone()
        for factor in range(factors):
            rows = shuffled(latent)
            perfect[rows[0], factor] = entropies[factor]
            alike[rows[0], factor] = alike[rows[1], factor] = 0.99 * entropies[factor]
        cases = [(each, entropies) for each in (table, perfect, alike)]
        for information, whole in (*cases, (20 * table, 20 * entropies)):
            value = self._call(answer, information, whole)
            arguments = {"information": information, "entropies": whole}
            wrong = _wrong_gaps(**arguments)
            with arguments_named(value, gap, arguments):
                expect_exact(value, gap(**arguments), "The gap", wrong)
        value = expect_tensor(self._call(answer, table.float(), entropies.float()), (), "The gap")
        if value.dtype != torch.float32:
            raise Mistake("sample-dtype", f"The gap is {value.dtype}, the table is torch.float32.",
                          "The result has the dtype of the table.")  # fmt: skip
        expect_equal(value, gap(table, entropies).float(), "The gap", _wrong_gaps(table, entropies))

    def _call(self, answer: Any, information: Tensor, entropies: Tensor) -> Any:
        return call(self.name, answer, {"information": information, "entropies": entropies})


def gap(information: Tensor, entropies: Tensor) -> Tensor:
    """The mutual information gap of a table (D, F) and entropies (F,)."""
    first, second = information.sort(0, descending=True).values[:2]
    return ((first - second) / entropies).mean()


def _wrong_gaps(information: Tensor, entropies: Tensor) -> Candidates:
    ordered = information.sort(0, descending=True).values
    first, second = ordered[0], ordered[1]
    truth = gap(information, entropies)
    per_factor = (first - second) / entropies
    wrong = [
        ("gap-not-normalized", (first - second).mean()),
        ("gap-not-normalized", (first - second).sum()),
        ("gap-of-sums", (first - second).mean() / entropies.mean()),
        ("gap-of-sums", (first - second).mean() / entropies.sum()),
        ("gap-summed", per_factor.sum()),
        ("gap-not-averaged", per_factor),
        ("gap-of-largest", ((first - second) / first.clamp_min(1e-300)).mean()),
        ("gap-no-second", (first / entropies).mean()),
        ("gap-to-smallest", ((first - ordered[-1]) / entropies).mean()),
        ("gap-smallest-two", ((ordered[-2] - ordered[-1]) / entropies).mean()),
        ("gap-smallest-two", ((ordered[-1] - ordered[-2]) / entropies).mean()),
        (
            "gap-to-others",
            ((first - (information.sum(0) - first) / (len(information) - 1)) / entropies).mean(),
        ),
        ("gap-to-others", ((first - information.mean(0)) / entropies).mean()),
        ("gap-to-others", ((2 * first - information.sum(0)) / entropies).mean()),
        ("gap-negated", ((second - first) / entropies).mean()),
        ("gap-times-entropy", ((first - second) * entropies).mean()),
        ("gap-median", per_factor.median()),
        ("gap-median", per_factor.amax()),
        ("gap-median", per_factor.amin()),
        ("gap-distinct", _distinct_gap(information, entropies)),
        ("gap-not-nats", ((first - second) / (entropies / math.log(2))).mean()),
        ("gap-percent", 100 * truth),
    ]
    if information.shape[1] > 1:
        across = information.sort(1, descending=True).values
        lead = across[:, 0] - across[:, 1]
        wrong += [("gap-over-factors", lead.mean()), ("gap-over-factors", lead.sum())]
        wrong += [("gap-over-factors", (lead / across[:, 0].clamp_min(1e-300)).mean())]
        shares = (information / entropies).sort(1, descending=True).values
        wrong += [("gap-over-factors", (shares[:, 0] - shares[:, 1]).mean())]
        if len(information) == len(entropies):
            wrong += [("gap-over-factors", (lead / entropies).mean())]
    return unless_right(wrong, truth)


def _distinct_gap(information: Tensor, entropies: Tensor) -> Tensor:
    """As if dimensions that tell as much counted once."""
    gaps = []
    for column, entropy in zip(information.T, entropies, strict=True):
        values = column.unique()
        gaps.append((values[-1] - (values[-2] if len(values) > 1 else 0.0)) / entropy)
    return torch.stack(gaps).mean()


information_gap = _InformationGap()
