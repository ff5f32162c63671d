"""Recipes from TOML files: those of this package by name, others by their path.

title, source            what it is and where it was published
not_stated, departures   lists of sentences, see the package; may be missing
[data]       binarize    "grey", "threshold", "static" or "dynamic"
             train_images  60,000 when missing
[model]      family      a name of vae_zoo.families; what else stands here is its class's
[networks]   kind        "fully-connected" or "convolutions"; what else stands here is its class's
[training]   optimizer   "adam" or "rmsprop"
             options     of the optimizer, a table; may be missing
             batch_size
             learning_rate with epochs, or with steps, which become whole epochs;
             or stages = [[passes, rate], ...]
[[published]] quantity   "negative_elbo", "train_loss" or "iw_nll"
             value, and within, epoch, samples where there are such; or
             by_epoch = [value of epoch 1, of epoch 2, ...]
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast, get_args

import torch

from vae_helpers.arguments import described, real_number, whole_number
from vae_helpers.datasets import Binarize
from vae_helpers.errors import VaeLabError
from vae_zoo.families import FAMILIES
from vae_zoo.recipes.set_up import NETWORKS, OPTIMIZERS, Published, Quantity, SetUp

FOLDER = Path(__file__).parent
BINARIZE: dict[str, Binarize] = {
    "grey": None, "threshold": "threshold", "static": "static", "dynamic": "dynamic",
}  # fmt: skip
MOST_IMAGES = 60_000
_IN_WORDS: dict[type, str] = {str: "a text", list: "a list", dict: "a table"}


def recipe_names() -> list[str]:
    """The recipes of this package.

    >>> "classic" in recipe_names()
    True
    """
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def recipe(name: str) -> SetUp:
    """The recipe of this name, or in this file where the name ends in .toml.

    Raises:
        VaeLabError: there is none, or it says something that makes no sense, in one line.

    >>> recipe("burda-vae-1").epochs
    3280
    """
    if name.endswith(".toml"):
        path, name = Path(name), Path(name).stem
    elif name in recipe_names():
        path = FOLDER / f"{name}.toml"
    else:
        raise VaeLabError(
            f"there is no recipe {name!r}; there are {', '.join(recipe_names())}, and files of "
            "your own that end in .toml"
        )
    try:
        found = recipe_of_text(path.read_text(encoding="utf-8"), name)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VaeLabError(f"recipe {path} cannot be read: {reason}") from None
    with torch.random.fork_rng(devices=[]):  # what classes refuse is said now, not in the training
        model = found.make_model()
    found.make_optimizer(list(model.parameters()), found.learning_rate(1))
    return found


def recipe_of_text(text: str, name: str) -> SetUp:
    """A recipe of its text. Raises a VaeLabError of one line for whatever is wrong in it."""
    try:
        top = _Table(f"recipe {name}", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise VaeLabError(f"recipe {name} is no TOML: {error}") from None
    title, source = top.take("title", str), top.take("source", str)
    notes = [top.texts(key) for key in ("not_stated", "departures")]
    data, model, networks, training = (
        top.table(key) for key in ("data", "model", "networks", "training")
    )
    binarize = BINARIZE[data.one_of("binarize", BINARIZE)]
    images = data.whole("train_images", MOST_IMAGES)
    if images > MOST_IMAGES:
        raise VaeLabError(f"{data.name}: train_images {images} are more than MNIST has")
    data.done()
    batch_size = training.whole("batch_size")
    found = SetUp(
        name, title, source, binarize, images,
        model.one_of("family", FAMILIES), model.rest(),
        networks.one_of("kind", NETWORKS), networks.rest(),
        training.one_of("optimizer", OPTIMIZERS), training.take("options", dict, {}), batch_size,
        _stages(training, math.ceil(images / batch_size)),
        tuple(_published(top)), *notes,
    )  # fmt: skip
    training.done()
    top.done()
    if not found.published:
        raise VaeLabError(f"recipe {name}: there is no [[published]] number to compare with")
    late = [each.epoch for each in found.published if (each.epoch or 0) > found.epochs]
    if late:
        raise VaeLabError(
            f"recipe {name}: a number is of epoch {late[0]}, there are {found.epochs} epochs"
        )
    return found


def _stages(training: _Table, steps_each: int) -> tuple[tuple[int, float], ...]:
    """(passes, rate) of each stage, where a pass has so many steps."""
    if "stages" in training.content:
        given = training.take("stages", list)
        if not given or any(not isinstance(each, list) or len(each) != 2 for each in given):
            raise VaeLabError(f"{training.name}: stages must be [[passes, learning rate], ...]")
        return tuple(
            (
                whole_number(passes, f"{training.name}: passes of a stage"),
                real_number(rate, f"{training.name}: learning rate of a stage", positive=True),
            )
            for passes, rate in given
        )
    rate = training.positive("learning_rate")
    if "steps" in training.content:
        passes = max(1, round(training.whole("steps") / steps_each))
    else:
        passes = training.whole("epochs")
    return ((passes, rate),)


def _published(top: _Table) -> Iterator[Published]:
    for content in top.take("published", list, []):
        if not isinstance(content, dict):
            raise VaeLabError(f"{top.name}: published numbers are tables, [[published]]")
        table = _Table(f"{top.name}: [[published]]", content)
        quantity = cast(Quantity, table.one_of("quantity", get_args(Quantity)))
        if "by_epoch" in content:
            for epoch, value in enumerate(table.take("by_epoch", list), start=1):
                number = real_number(value, f"{table.name}: by_epoch", positive=True)
                yield Published(quantity, number, epoch=epoch)
        else:
            yield Published(
                quantity,
                table.positive("value"),
                table.positive("within") if "within" in content else None,
                table.whole("epoch") if "epoch" in content else None,
                table.whole("samples") if quantity == "iw_nll" else None,
            )
        table.done()


class _Table:
    """A table of the file. What was taken out of it is gone: what is left at the end is unknown."""

    def __init__(self, name: str, content: dict[str, Any]) -> None:
        self.name, self.content = name, dict(content)
        self._known: dict[str, None] = {}

    def take(self, key: str, kind: type, *default: Any) -> Any:
        self._known[key] = None
        if key not in self.content and default:
            return default[0]
        if key not in self.content:
            raise VaeLabError(f"{self.name}: {key} is missing")
        value = self.content.pop(key)
        if not isinstance(value, kind):
            asked = _IN_WORDS[kind]
            raise VaeLabError(f"{self.name}: {key} must be {asked}, got {described(value)}")
        return value

    def table(self, key: str) -> _Table:
        return _Table(f"{self.name}: [{key}]", self.take(key, dict))

    def texts(self, key: str) -> tuple[str, ...]:
        found = self.take(key, list, [])
        if wrong := [each for each in found if not isinstance(each, str)]:
            raise VaeLabError(f"{self.name}: {key} are texts, got {described(wrong[0])}")
        return tuple(found)

    def one_of(self, key: str, names: Iterable[str]) -> str:
        value, names = self.take(key, str), list(names)
        if value not in names:
            raise VaeLabError(
                f"{self.name}: {key} must be one of {', '.join(names)}, got {described(value)}"
            )
        return value

    def whole(self, key: str, *default: int) -> int:
        return whole_number(self.take(key, object, *default), f"{self.name}: {key}")

    def positive(self, key: str) -> float:
        return real_number(self.take(key, object), f"{self.name}: {key}", positive=True)

    def rest(self) -> dict[str, Any]:
        """What a class is made with: it knows its names itself."""
        found, self.content = self.content, {}
        return found

    def done(self) -> None:
        if self.content:
            unknown, known = next(iter(self.content)), ", ".join(self._known)
            raise VaeLabError(f"{self.name} has no {unknown!r}; it has {known}")
