"""A small VAE, how it is trained and how it is measured: everything that follows from a seed.

What lab 4 says of five seeds was made by `vae-lab measure`; a notebook that makes one of them again
calls the same function, so that the two cannot differ in what they do.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch

from vae_helpers.arguments import whole_number
from vae_helpers.datasets import Binarize, mnist
from vae_helpers.errors import VaeLabError
from vae_helpers.history import History
from vae_helpers.measures import Measures, measure
from vae_helpers.model import VAE
from vae_helpers.randomness import randomness_of
from vae_helpers.training import fit

MEASURED = Path(__file__).parent / "data" / "measured"


@dataclass(frozen=True)
class Recipe:
    """784-hidden_dim-latent_dim on MNIST by Adam; measured on test images, see `measure`."""

    latent_dim: int
    hidden_dim: int = 200
    epochs: int = 5
    batch_size: int = 128
    learning_rate: float = 1e-3
    binarize: Binarize = "dynamic"
    num_samples: int = 500
    num_images: int = 1000


class Run(NamedTuple):
    """A model trained by a recipe from one seed, its losses by epoch, and its measures."""

    model: VAE
    history: History
    measures: Measures


class Stored(NamedTuple):
    """Measures that a command wrote down, and what is needed to tell what they are.

    Attributes:
        command, date: how and when they were made.
        versions: of Python and of the libraries, and the processor, by name.
        recipe: a Recipe's fields but for latent_dim.
        runs: one a seed; latent_dim, seed and all fields of Measures by name.
    """

    command: str
    date: str
    versions: dict[str, str]
    recipe: dict[str, Any]
    runs: list[dict[str, Any]]

    def text(self) -> str:
        """As TOML, which `read` reads."""
        lines = [f"command = {_value(self.command)}", f"date = {_value(self.date)}"]
        for name, table in (("versions", self.versions), ("recipe", self.recipe)):
            lines += ["", f"[{name}]", *_lines(table)]
        for run in self.runs:
            lines += ["", "[[runs]]", *_lines(run)]
        return "\n".join(lines) + "\n"


def run_seed(recipe: Recipe, seed: int, *, progress: bool = True) -> Run:
    """Train and measure the model of this seed; torch's global generator stays as it was.

    The same seed gives the same numbers on one machine with one version of torch and as many
    threads; elsewhere other ones, of the same spread.

    Raises:
        VaeLabError: the recipe or the seed makes no sense.
    """
    seed = whole_number(seed, "run_seed: seed", at_least=0)
    generator = torch.Generator().manual_seed(seed)
    with randomness_of(generator, torch.device("cpu")):
        model = VAE(recipe.latent_dim, recipe.hidden_dim)
    history = fit(
        model,
        mnist("train").images,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        binarize=recipe.binarize,
        generator=generator,
        progress=progress,
    )
    found = measure(
        model,
        mnist("test").images,
        num_samples=recipe.num_samples,
        num_images=recipe.num_images,
        binarize_as=recipe.binarize,
        generator=generator,
    )
    return Run(model, history, found)


def as_row(recipe: Recipe, seed: int, measures: Measures) -> dict[str, float]:
    """A run as it is stored: latent_dim, seed, and the measures to a hundred-thousandth."""
    rounded = {name: round(value, 5) for name, value in measures._asdict().items()}
    return {"latent_dim": recipe.latent_dim, "seed": seed, **rounded}


def shared(recipe: Recipe) -> dict[str, Any]:
    """What the models of different latent_dim have in common."""
    return {name: value for name, value in asdict(recipe).items() if name != "latent_dim"}


def stored(lab: str) -> Stored:
    """The measures that came with this package for a lab, read from its data folder.

    Raises:
        VaeLabError: there are none for this lab, or the file is damaged.
    """
    return read(MEASURED / f"{lab}.toml")


def read(path: Path) -> Stored:
    """What `Stored.text` wrote."""
    try:
        return Stored(**tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise VaeLabError(f"there is no {path}: `vae-lab measure` writes it") from None
    except (ValueError, TypeError) as error:
        raise VaeLabError(f"{path} is damaged ({error}): remove it, and make it anew") from None


def _lines(table: dict[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in table.items()]


def _value(value: Any) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value)
