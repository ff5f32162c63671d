"""What codes tell of factors that are known: mutual information by a table of counts.

    I(z_d; v_f) = sum_{b, k} n_bk / N log(N n_bk / (n_b n_k))      bins b, values k, nats

Source: F. Locatello et al., arXiv:1811.12359, appendix C (bins of equal width).
"""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, shuffled
from vae_checks.values import Candidates, expect_equal, expect_exact, expect_tensor, unless_right
from vae_checks.verdict import Mistake, call

_VALUES = 5  # of a factor
_WHAT = "I(z_d; v_f)"


class _MutualInformation(Exercise):
    name, section = "mutual_information", "8.3"

    @idea(
        "of every dimension and every factor, as the table of their counts says",
        also=[
            {"images": 40, "latent": 3, "factors": 3, "bins": 5},
            {"images": 7, "latent": 1, "factors": 1, "bins": 3},
            {"images": 211, "latent": 2, "factors": 6, "bins": 3},
        ],
    )
    def value(
        self, answer: Any, *, images: int = 61, latent: int = 3, factors: int = 2, bins: int = 7
    ) -> None:
        """To 1e-10 for float64 codes, to 1e-4 in float32 for float32 ones.

        No code is near an edge between bins; the smallest and the largest of each dimension are its
        ends. Some cells of the tables are empty, and some values of the last factor.
        """
        places, codes, levels = _dependent(images, latent, factors, bins)
        truth = information_of(places, levels)
        wrong = _wrong_information(codes, places, levels, bins)
        value = self._call(answer, codes, levels, bins)
        _expect_finite_table(value)
        expect_exact(value, truth, _WHAT, wrong, "nats")
        value = expect_tensor(self._call(answer, codes.float(), levels, bins), truth.shape, _WHAT)
        if value.dtype != torch.float32:
            raise Mistake("sample-dtype", f"{_WHAT} is {value.dtype}, the codes are torch.float32.",
                          "The result has the dtype of the codes.")  # fmt: skip
        expect_equal(value, truth.float(), _WHAT, wrong, "nats")

    @idea(
        "the factor's entropy where a code tells it, 0 where they are independent or nothing moves"
    )
    def limits(self, answer: Any, *, bins: int = 7, repeats: int = 3) -> None:
        """To 1e-10, for codes of any scale and sign.

        Columns: one value a bin; two values a bin; a table that is a product; a dead dimension. The
        entropies are those of a factor with unequal shares, not log of the number of values.
        """
        shares = [1, 2, 3, 5, 1, 4, 2, 3, 6, 2, 5][:bins]
        whole = [place for place, share in enumerate(shares) for _ in range(share)]
        first = torch.tensor(whole).repeat_interleave(2 * repeats)  # (N,)
        second = torch.arange(2 * repeats).repeat(len(whole)) % 2  # independent of it
        order = torch.tensor(shuffled(len(first)))
        first, second = first[order], second[order]
        levels = torch.stack([first, first // 2, second], dim=1)
        for scale, shift in ((1.0, 0.0), (-700.0, 1e4), (1e-3, -3.0)):
            told = _placed(first[:, None], bins)[:, 0]
            # Far from the other dimension, so that one range for both always merges bins.
            dead = torch.full_like(told, 3 * told.max().item() - 2 * told.min().item())
            codes = scale * torch.stack([told, dead], dim=1) + shift
            entropies = torch.stack([_entropy(each) for each in levels.T])
            entropies[2] = 0.0  # what the first dimension tells of the second, independent one
            truth = torch.stack([entropies, torch.zeros(3, dtype=torch.float64)])
            value = self._call(answer, codes, levels, bins)
            _expect_finite_table(value)
            if torch.is_tensor(value) and value.shape == truth.shape and value.is_floating_point():
                found = value.detach().double()
                if (found[1] - truth[1]).abs().max() > 1e-9 and (
                    found[0] - truth[0]
                ).abs().max() < 1e-9:
                    seen = f"Where all codes are the same it is {found[1, 0]:.4g} nats."
                    raise Mistake("information-dead-dimension", seen)
            places = torch.stack([first if scale > 0 else bins - 1 - first, 0 * first], dim=1)
            wrong = _wrong_information(codes, places, levels, bins)
            expect_exact(value, truth, _WHAT, wrong, "nats")

    def _call(self, answer: Any, codes: Tensor, factors: Tensor, bins: int) -> Any:
        return call(self.name, answer, {"codes": codes, "factors": factors, "bins": bins})


def information_of(places: Tensor, levels: Tensor) -> Tensor:
    """(D, F) nats, of bins (N, D) and values (N, F): entropies of both less that of the pair."""
    pairs = [[z * (int(levels.max()) + 1) + v for v in levels.T] for z in places.T]
    return torch.stack([
        torch.stack([
            _entropy(z) + _entropy(v) - _entropy(pair)
            for v, pair in zip(levels.T, row, strict=True)
        ])
        for z, row in zip(places.T, pairs, strict=True)
    ])  # fmt: skip


def _entropy(whole: Tensor) -> Tensor:
    """Of whole numbers (N,), in nats."""
    share = whole.unique(return_counts=True)[1].double() / len(whole)
    return -(share * share.log()).sum()


def _placed(places: Tensor, bins: int) -> Tensor:
    """Codes (N, D) in these bins, each dimension of its own range, none near an inner edge."""
    inside = torch.rand(places.shape, generator=fresh_generator(), dtype=torch.float64)
    codes = places + 0.1 + 0.8 * inside
    for column, place in zip(codes.T, places.T, strict=True):
        column[(place == 0).nonzero()[0]] = 0.0
        column[(place == bins - 1).nonzero()[-1]] = bins
    width = 0.2 + 3 * torch.rand(places.shape[1], generator=fresh_generator(), dtype=torch.float64)
    return (codes - bins * torch.rand(places.shape[1], generator=fresh_generator())) * width


def _dependent(images: int, latent: int, factors: int, bins: int) -> tuple[Tensor, Tensor, Tensor]:
    """Bins (N, D), codes in them (N, D), values of factors (N, F) that have to do with the bins."""
    generator = fresh_generator()
    levels = torch.randint(_VALUES, (images, factors), generator=generator)
    levels[:, -1] = torch.tensor([0, 1, 3])[levels[:, -1] % 3]  # a value that never occurs
    which = torch.arange(latent) % factors
    places = (levels[:, which] * bins) // _VALUES
    at_random = torch.randint(bins, places.shape, generator=generator)
    places = torch.where(torch.rand(places.shape, generator=generator) < 0.4, at_random, places)
    places[0], places[-1] = 0, bins - 1
    return places, _placed(places, bins), levels


def _expect_finite_table(value: Any) -> None:
    if torch.is_tensor(value) and value.is_floating_point() and not value.isfinite().all():
        seen = f"{_WHAT} contains {'nan' if value.isnan().any() else 'inf'}."
        raise Mistake("information-empty-cell", seen)


def _wrong_information(codes: Tensor, places: Tensor, levels: Tensor, bins: int) -> Candidates:
    truth = information_of(places, levels)
    of_bins = torch.stack([_entropy(z) for z in places.T])[:, None].expand_as(truth)
    of_values = torch.stack([_entropy(v) for v in levels.T]).expand_as(truth)
    pair = of_bins + of_values - truth
    some = truth > 1e-12  # of nothing, any share is nothing
    cells = [
        [len(set(zip(z.tolist(), v.tolist(), strict=True))) for v in levels.T] for z in places.T
    ]
    used = [[len(z.unique()) + len(v.unique()) - 1 for v in levels.T] for z in places.T]
    bias = (torch.tensor(cells) - torch.tensor(used)).double() / (2 * len(codes))
    wrong = [
        ("not-nats", truth / math.log(2)),
        ("not-nats", truth / math.log(10)),
        ("value-negated", -truth),
        ("information-entropy", of_bins),
        ("information-entropy", of_values),
        ("information-joint", pair),
        ("information-joint", -pair),
        ("information-conditional", pair - of_bins),
        ("information-conditional", pair - of_values),
        ("information-one-marginal", of_bins - pair),
        ("information-one-marginal", of_values - pair),
        ("information-added", of_bins + of_values + pair),
        ("information-normalized", torch.where(some, truth / of_values, truth)),
        ("information-normalized", torch.where(some, truth / of_bins, truth)),
        ("information-normalized", torch.where(some, 2 * truth / (of_bins + of_values), truth)),
        ("information-normalized", torch.where(some, truth / (of_bins * of_values).sqrt(), truth)),
        ("information-normalized", torch.where(some, truth / torch.min(of_bins, of_values), truth)),
        ("information-counts", truth * len(codes)),
        ("information-cells-averaged", truth / (bins * (int(levels.max()) + 1))),
        ("information-bias-taken-off", truth - bias),
        ("information-transposed", truth.mT.contiguous()),
        ("information-over-factors", truth.mean(1)),
        ("information-over-factors", truth.sum(1)),
        ("information-over-factors", truth.mean(0)),
        ("information-over-factors", truth.sum(0)),
        *((slug, information_of(other, levels)) for slug, other in _other_bins(codes, bins)),
        ("information-linear", _linear(codes, levels)),
    ]
    return unless_right(wrong, truth)


def _other_bins(codes: Tensor, bins: int) -> list[tuple[str, Tensor]]:
    """The bins (N, D) of mistaken edges."""
    low, high = codes.amin(0), codes.amax(0)
    width = torch.where(high > low, high - low, 1.0)
    share, ranks = (codes - low) / width, codes.argsort(0).argsort(0)
    over_all = (codes - codes.min()) / (codes.max() - codes.min())
    fixed = [
        ((codes - a) / (b - a) * bins).floor().clamp(0, bins - 1)
        for a, b in ((-3, 3), (0, 1), (-4, 4), (-1, 1))
    ]
    scaled = (codes - codes.mean(0)) / codes.std(0).clamp_min(1e-12)
    fixed += [((scaled + k) / (2 * k) * bins).floor().clamp(0, bins - 1) for k in (2, 3, 4)]
    found = [
        ("information-last-bin", (share * bins).floor()),
        ("information-last-bin", ((codes - low) / (width / bins)).floor()),
        ("information-last-bin", ((codes - low) * bins / width).floor()),
        ("information-bins-count", (share * (bins - 1)).floor().clamp(max=bins - 2)),
        ("information-bins-count", (share * (bins - 1)).floor()),
        ("information-bins-count", (share * (bins + 1)).floor().clamp(max=bins)),
        ("information-bins-count", (share * (bins - 1)).ceil()),
        ("information-rounded", (share * bins).round()),
        ("information-rounded", (share * (bins - 1)).round()),
        ("information-one-range", (over_all * bins).floor().clamp(max=bins - 1)),
        ("information-equal-counts", ranks * bins // len(codes)),
        ("information-not-binned", ranks),
        ("information-not-binned", codes.floor()),
        ("information-not-binned", codes.round()),
        *(("information-fixed-range", each) for each in fixed),
    ]
    return [(slug, _whole(places)) for slug, places in found]


def _whole(places: Tensor) -> Tensor:
    """As whole numbers from 0."""
    places = places.long()
    return places - places.amin(0)


def _linear(codes: Tensor, levels: Tensor) -> Tensor:
    """-1/2 log(1 - r^2), of two that are normal together."""
    z, v = codes - codes.mean(0), levels.double() - levels.double().mean(0)
    norm = z.norm(dim=0)[:, None] * v.norm(dim=0)
    r = torch.where(norm > 0, z.mT @ v / norm.clamp_min(1e-300), 0.0)
    return -0.5 * torch.log1p(-r.square().clamp(max=1 - 1e-12))


mutual_information = _MutualInformation()
