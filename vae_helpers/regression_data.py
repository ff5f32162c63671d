"""Ruggedness and income of countries: the data on which many texts teach Bayesian regression.

Source: N. Nunn, D. Puga, Ruggedness: the blessing of bad geography in Africa, Review of Economics
and Statistics 94(1), 2012; see data/ruggedness/README.md.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from vae_helpers.errors import VaeLabError

FILE = Path(__file__).parent / "data" / "ruggedness" / "ruggedness.csv"


class Countries(NamedTuple):
    """N countries. Attributes, float32 (N,) but for the names:

    names: in the order of the rows.
    africa: 1 in Africa, 0 elsewhere.
    ruggedness: terrain ruggedness index, hundreds of metres of difference in elevation.
    log_gdp: natural logarithm of real GDP per capita in 2000, US dollars.
    """

    names: tuple[str, ...]
    africa: Tensor
    ruggedness: Tensor
    log_gdp: Tensor


def countries() -> Countries:
    """The 170 countries of the copy in this package.

    Raises:
        VaeLabError: the file is missing or damaged.

    >>> found = countries()
    >>> len(found.names), int(found.africa.sum()), round(found.log_gdp.mean().item(), 3)
    (170, 49, 8.517)
    """
    try:
        with FILE.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
        columns = [
            [float(row["africa"]) for row in rows],
            [float(row["ruggedness"]) for row in rows],
            [math.log(float(row["gdp_per_capita_2000"])) for row in rows],
        ]
        if not rows:
            raise ValueError
        return Countries(tuple(row["country"] for row in rows), *map(torch.tensor, columns))
    except (OSError, KeyError, ValueError, TypeError, csv.Error):
        raise VaeLabError(
            f"data file {FILE} is missing or damaged: restore it with "
            "`git checkout -- vae_helpers/data` or reinstall vae-lab"
        ) from None
