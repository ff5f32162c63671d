"""The page of a training run: curves, measures with their errors and meaning, pictures."""

from __future__ import annotations

import base64
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from vae_grading.pages.feedback import templates
from vae_grading.training.pictures import Picture

if TYPE_CHECKING:
    from vae_helpers import Measures

_TITLES = {
    "loss.png": "Losses by epoch",
    "reconstructions.png": "Reconstructions",
    "samples.png": "Samples from the prior",
    "rates.png": "The rate, dimension by dimension",
    "latent.png": "Codes of the test images",
    "manifold.png": "The plane of codes, decoded",
}


class MeasureRow(NamedTuple):
    """A measure: its name and meaning, a value for each seed, and what they come to.

    `error` is what one value is uncertain by; `spread` the standard deviation over seeds.
    """

    name: str
    meaning: str
    values: list[str]
    mean: str
    spread: str
    error: str


def rows(measured: Sequence[Measures], *, grey: bool) -> list[MeasureRow]:
    """The table of measures, of one run or of several seeds."""
    first = measured[0]
    k, n, codes = first.num_samples, first.num_images, first.num_codes
    likelihood = "no likelihood: the pixels are grey" if grey else "an upper bound on -log p(x)"
    named = (
        ("negative_elbo", "-ELBO", f"rate + distortion, {n} test images", "negative_elbo_error"),
        ("iw_nll", f"IW-NLL, K = {k}", f"importance-weighted, {likelihood}", "iw_nll_error"),
        ("rate", "Rate", "KL(q(z|x) || p(z)): what the code costs", None),
        ("distortion", "Distortion", "E[-log p(x|z)]: what is left to pay with it", None),
        ("active_units", "Active units", "dimensions whose mean varies over images, of D", None),
        ("mutual_information", "I(n; z)",
         f"what a code tells of which of {codes} images it is, at most log of that", None),
        ("marginal_kl", "KL(q(z) || p(z))",
         f"of the codes of {codes} images, from which samples suffer; of all images at most that",
         None),
        ("effective_sample_size", "ESS", f"of {k} weights, median over images", None),
    )  # fmt: skip
    return [
        _row(name, meaning, [float(getattr(each, key)) for each in measured],
             None if error is None else float(getattr(first, error)))
        for key, name, meaning, error in named
    ]  # fmt: skip


def run_page(
    title: str,
    facts: Sequence[tuple[str, str]],
    measured: Sequence[Measures],
    pictures: Sequence[Picture],
    *,
    seeds: Sequence[int],
    grey: bool,
) -> str:
    """One HTML page that needs nothing else.

    `facts` are settings and versions by name; there is a seed for each of `measured`, or none.
    """
    shown = [
        (_TITLES[each.file], each.caption, base64.b64encode(each.png).decode()) for each in pictures
    ]
    return (
        templates()
        .get_template("run.html")
        .render(
            title=title,
            facts=facts,
            rows=rows(measured, grey=grey),
            seeds=seeds,
            first=measured[0],
            grey=grey,
            pictures=shown,
        )
    )


def _row(name: str, meaning: str, values: list[float], error: float | None) -> MeasureRow:
    spread = f"{statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return MeasureRow(
        name,
        meaning,
        [_number(value) for value in values],
        _number(statistics.mean(values)),
        spread,
        "" if error is None else f"{error:.2f}",
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() else f"{value:.2f}"
