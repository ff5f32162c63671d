"""Exercises whose answers are Pyro programs: how a check runs one and reads its sites."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from vae_checks.beside import beside
from vae_checks.values import Candidates, close, expect_tensor
from vae_checks.verdict import Mistake, call, describe

Site = Mapping[str, Any]


class Sites:
    """What one run of a program came to: its sites by name, as `traces.sites` tells them."""

    def __init__(self, name: str, found: Mapping[str, Any]) -> None:
        self.program = name
        self.all: dict[str, Site] = {str(site["name"]): site for site in found["sites"]}
        self.parameters: Mapping[str, Tensor] = found["parameters"]

    def __getitem__(self, name: str) -> Site:
        """Raises Mistake where the program has no such site."""
        if name not in self.all:
            raise Mistake("site-missing", f"{self.program} has no site {name!r}, {self._has}.")
        return self.all[name]

    def parameter(self, name: str) -> Tensor:
        """As the program met it. Raises Mistake where it met none of that name."""
        if name not in self.parameters:
            has = _listed(list(self.parameters))
            seen = f"{self.program} has no parameter {name!r}; it has {has}."
            raise Mistake("guide-parameter-missing", seen)
        return self.parameters[name]

    def require_names(self, latent: Sequence[str], observed: Sequence[str] = ()) -> None:
        """Raise Mistake unless these are the program's sites, observed where they should be."""
        wanted = [*latent, *observed]
        for name in wanted:
            self[name]
        if more := [name for name in self.all if name not in wanted]:
            seen = f"{self.program} has a site {more[0]!r} beside {_listed(wanted)}."
            raise Mistake("site-unasked", seen)
        for name in wanted:
            if self[name]["observed"] and name in latent:
                raise Mistake("site-observed", f"Site {name!r} is observed: it has an obs=.")
            if not self[name]["observed"] and name in observed:
                raise Mistake("site-not-observed", f"Site {name!r} is drawn anew, not observed.")

    def require_full_weight(self, *names: str) -> None:
        """Raise Mistake if something multiplies a site's log probability, or masks some of it."""
        for name in names:
            if (scale := float(self[name]["scale"])) != 1:
                seen = f"The log probability of {name!r} counts {scale:.4g} times."
                raise Mistake("site-scaled", seen)
            if self[name]["masked"]:
                raise Mistake("site-masked", f"A mask leaves some of {name!r} out.")

    def require_plate(self, name: str, plate: str) -> None:
        """Raise Mistake unless the site is in this plate and in no other."""
        plates = list(self[name]["plates"])
        if plate not in plates:
            inside = f"in the plates {_listed(plates)}" if plates else "in no plate"
            raise Mistake("plate-missing", f"Site {name!r} is {inside}; {plate!r} was asked for.")
        if len(plates) > 1:
            raise Mistake("plate-too-many", f"Site {name!r} is in the plates {_listed(plates)}.")

    def require_density(self, name: str) -> None:
        """Raise Mistake where the site has none at the value that the check gave it."""
        if torch.isneginf(self[name]["log_prob"].detach()).any():
            seen = f"The log_prob of {name!r} is -inf at a value beside the drawn one."
            raise Mistake("guide-delta", seen)

    def log_prob(self, name: str, shape: tuple[int, ...], wrong: Candidates = ()) -> Tensor:
        """Of a site, of its batch's shape: one number for each that the plates tell apart."""
        return expect_tensor(self[name]["log_prob"], shape, f"The log_prob of {name!r}", wrong)

    @property
    def _has(self) -> str:
        return f"it has {_listed(list(self.all))}" if self.all else "nor any other"


def run(
    name: str,
    program: Any,
    arguments: Mapping[str, Any],
    at: Mapping[str, Tensor] | None = None,
    parameters: Mapping[str, Tensor] | None = None,
) -> Sites:
    """Run a student's program `name` with its latent sites `at` values. Raises Mistake."""
    return Sites(name, _beside("sites", name, program, arguments, at, parameters))


def draws(
    name: str, program: Any, arguments: Mapping[str, Any], times: int
) -> Mapping[str, Tensor]:
    """The values of its sites in `times` runs, (times, ...) each, by name."""
    found: Mapping[str, Tensor] = _beside("draws", name, program, arguments, times)
    return found


def reached(
    name: str, program: Any, arguments: Mapping[str, Any], parameter: str, steps: Sequence[Tensor]
) -> list[Tensor]:
    """What a parameter becomes where its unconstrained numbers are those of each of `steps`."""
    found = _beside("reached", name, program, arguments, parameter, steps)
    return [each.detach().double() for each in found]


def gradients(
    name: str,
    program: Any,
    arguments: Mapping[str, Any],
    of: tuple[str, str],
    weights: Tensor,
    at: Mapping[str, Tensor] | None = None,
    by: Any = None,
) -> tuple[Tensor, Mapping[str, Tensor | None]]:
    """A site's value and the gradient of a weighted sum over it: see `traces.gradients`. Raises
    Mistake, also where there is no such site."""
    found = _beside("gradients", name, program, arguments, of, weights, at, by)
    if found["value"] is None:
        raise Mistake("site-missing", f"{name} has no site {of[0]!r}.")
    return found["value"], found["gradients"]


def _beside(which: str, name: str, program: Any, arguments: Mapping[str, Any], *others: Any) -> Any:
    """What a function of `traces` says of a program, called with these arguments. Raises Mistake,
    also where the program changes what it is given, as `verdict.call` does."""
    if not callable(program):
        raise Mistake("wrong-type", f"{name} is {describe(program)}, it cannot be called.")

    def asked(*given: Any) -> Any:
        with torch.enable_grad():
            return beside(f"lab6.traces.{which}")(program, list(given), *others)

    rows = next((len(each) for each in arguments.values() if torch.is_tensor(each)), None)
    with refusals_named(rows):
        return call(name, asked, dict(arguments))


# What Pyro and torch.distributions say of mistakes that have a name, and the name.
_REFUSALS = (
    (r"Shape mismatch inside plate\(\W(\w+)\W\) at site (\w+)", "program-batch-shape",
     "Site '{2}' has another batch shape than its plate '{1}'."),
    (r"Expected parameter scale ", "program-scale-not-positive",
     "A scale is not above 0."),
    (r"Expected parameter probs ", "program-logits-as-probs",
     "A probability is not between 0 and 1."),
    (r"Expected parameter (?:covariance|precision)_matrix|linalg.cholesky",
     "program-not-positive-definite", "A covariance is not symmetric and positive definite."),
    (r"Multiple sample sites named \W(\w+)\W", "program-site-twice",
     "Site {1!r} is there twice."),
    (r"value argument.* to be within the support \(Boolean", "program-not-binary",
     "The observed values are not zeros and ones."),
    (r"must be a Tensor|'value' of type|has no attribute '(?:dtype|size|shape)'",
     "program-no-tensor", "A number stands where a distribution wants a tensor."),
    (r"mat1 and mat2 shapes cannot be multiplied", "program-layer-shape",
     "A network is given a tensor of another shape than its first layer has."),
)  # fmt: skip


# Of what has another size than the data: what it is, and its size.
_SIZES = (
    r"Shape mismatch inside (plate\(\W\w+\W\)) at site \w+ dim -?\d+, (\d+) vs",
    r"not broadcastable with (batch_shape)\+event_shape: torch.Size\(\S+.*?vs torch.Size\(\[(\d+)",
)


@contextmanager
def refusals_named(data: int | None = None) -> Iterator[None]:
    """Inside, an exception of Pyro's that has a name of its own is told by it; `data` is how many
    there are."""
    try:
        yield
    except Mistake as mistake:
        if mistake.slug == "raised":
            for pattern in _SIZES if data is not None else ():
                found = re.search(pattern, mistake.seen, re.DOTALL)
                if found and int(found[2]) != data:
                    what = "A distribution's batch" if found[1] == "batch_shape" else found[1]
                    seen = f"{what} has size {found[2]}, there are {data} data."
                    raise Mistake("plate-size", seen) from None
            for pattern, slug, seen in _REFUSALS:
                if found := re.search(pattern, mistake.seen, re.DOTALL):
                    raise Mistake(slug, seen.format(found[0], *found.groups())) from None
        raise


def expect_registered(
    name: str, program: Any, arguments: Mapping[str, Any], network: Any, wanted: Mapping[str, str]
) -> None:
    """Raise Mistake unless exactly the parameters of `network` among the arguments are in the store
    after a run, under the `wanted` names: each with the network's name for it."""
    found = _beside("registered", name, program, arguments, network)
    prefix = next(iter(wanted)).split("$$$")[0]
    prefixes = sorted({key.split("$$$")[0] for key in found})
    if prefix not in prefixes:
        seen = f"{name} registers {_listed(prefixes)}; {prefix!r} was asked for."
        raise Mistake("program-not-registered", seen)
    if more := [key for key in prefixes if key != prefix]:
        raise Mistake("program-registers-other", f"{name} registers {_listed(more)}, too.")
    if any(found.get(key) != own for key, own in wanted.items()):
        seen = f"What is registered as {prefix!r} is not the network that {name} was given."
        raise Mistake("program-registers-copy", seen)


def expect_gradients(
    found: Mapping[str, Tensor | None], truth: Mapping[str, Tensor], what: str
) -> None:
    """Raise Mistake unless the gradients by these names are those of `truth`."""
    for name, right in truth.items():
        value = found.get(name)
        if value is not None and right.ndim == 2 and not right.triu(1).any():
            value = value.tril()  # a Cholesky factor: what lies above its diagonal is not moved
        if value is None or (right.any() and not value.any()):
            raise Mistake("program-detached", f"No gradient passes from {what} to {name!r}.")
        if not close(value, right):
            seen = f"The gradient of {what} by {name!r} is not that of the formula."
            raise Mistake("program-gradient", seen)


def _listed(names: Sequence[str]) -> str:
    """The first few names, of each the beginning."""
    texts = [repr(name if len(name) <= 40 else name[:40] + "...") for name in names[:6]]
    return ", ".join(texts) + (", ..." if len(names) > 6 else "") or "none"
