"""The derivation as numbers: each step has a left side and a right side, and the first that
differ are told with both values.

`derivation` is an exercise, given right numbers for the pieces. `chain` walks the functions of the
earlier exercises together on a fresh linear-Gaussian model; it is not graded.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.values import close, expect_exact, expect_tensor
from vae_checks.verdict import Mistake, call, describe

# The steps are sums and differences: right numbers are right in every unit, and large ones would
# be cut where a clamp stands.
_SIZES = (1.0, 300.0)
_KEYS = ("kl", "log_joint", "first_form", "second_form", "gap")


class _Derivation(Exercise):
    name, section = "derivation", "4.3"

    @idea("step 1: the KL from the two expectations under q")
    def kl(self, answer: Any, *, batch: int = 3) -> None:
        """KL(q || p(z)) = cross-entropy - entropy, for right numbers of both."""
        for size in _SIZES:
            pieces = _pieces(batch, size)
            found = self._steps(answer, pieces)
            _expect_step(1, found, "kl", pieces["cross_entropy"] - pieces["entropy"], pieces)

    @idea("steps 2 to 5: the log joint, both forms of the ELBO, and the gap")
    def forms(self, answer: Any, *, batch: int = 3) -> None:
        """Each step from the ones before, so that a wrong KL is not told twice."""
        for size in _SIZES:
            self._expect_forms(answer, batch, size)

    def _expect_forms(self, answer: Any, batch: int, size: float) -> None:
        pieces = _pieces(batch, size)
        found = self._steps(answer, pieces)
        log_joint = pieces["log_likelihood"] - pieces["cross_entropy"]
        _expect_step(2, found, "log_joint", log_joint, pieces)
        first = log_joint + pieces["entropy"]
        _expect_step(3, found, "first_form", first, pieces)
        kl = expect_tensor(found["kl"], (batch,), "kl").detach().double()
        if not _same(found["second_form"], first):  # it may come from the first form as well
            _expect_step(4, found, "second_form", pieces["log_likelihood"] - kl, pieces)
        _expect_step(5, found, "gap", pieces["log_evidence"] - first, pieces)

    def _steps(self, answer: Any, pieces: dict[str, Tensor]) -> dict[str, Any]:
        found = call(self.name, answer, pieces)
        wanted = f"Return a dict with the keys {', '.join(_KEYS)}."
        if not hasattr(found, "keys"):
            if torch.is_tensor(found):
                expect_tensor(found, (-1,) if found.isfinite().all() else found.shape, "the result")
            raise Mistake("wrong-type", f"{self.name} returned {describe(found)}.", wanted)
        missing = [key for key in _KEYS if key not in found]
        if missing:
            seen = f"The dict has no {' and no '.join(repr(key) for key in missing)}."
            raise Mistake("wrong-type", seen, wanted)
        return found


def _pieces(batch: int, size: float) -> dict[str, Tensor]:
    """Right numbers (B,) of a model and a q of their own for each image, times `size`."""
    model, latent = oracle.fresh_model(7, 5), 5
    x, mu, logvar = spread(batch, 7), spread(batch, latent), spread(batch, latent)
    return {
        "log_evidence": size * model.log_evidence(x),
        "log_likelihood": size * oracle.expected_log_likelihood(model, x, mu, logvar),
        "cross_entropy": size * oracle.cross_entropy(mu, logvar),
        "entropy": size * oracle.entropy(logvar),
    }


def _expect_step(
    number: int, found: dict[str, Any], key: str, right: Tensor, pieces: dict[str, Tensor]
) -> None:
    value = expect_tensor(found[key], tuple(right.shape), f"{key!r}")
    if value.dtype != torch.float64:
        expect_exact(value, right, f"{key!r}")
    if _same(value, right):
        return
    off = (value.detach() - right).abs()
    image = int(off.argmax())
    sides = f"the left side is {value[image]:.6g}, the right side {right[image]:.6g} nats."
    seen = f"Step {number} breaks at {key!r}, image {image}: {sides}"
    slug = _slug_of(key, value.detach(), right, pieces)
    low, high = value.min().item(), value.max().item()
    # Any two numbers have a bound between them: some must lie inside, or all beyond one bound.
    beyond = right.min() >= high or right.max() <= low
    bounded = beyond or ((right > low) & (right < high)).any()
    cut = bounded and close(value, right.clamp(low, high))
    raise Mistake("value-cut" if slug == "chain-breaks" and cut else slug, seen)


def _slug_of(key: str, value: Tensor, right: Tensor, pieces: dict[str, Tensor]) -> str:
    likelihood, cross, entropy = (
        pieces[name] for name in ("log_likelihood", "cross_entropy", "entropy")
    )
    evidence, kl = pieces["log_evidence"], cross - entropy
    known = {
        "kl": [
            ("kl-sign", -right),
            ("kl-expectations-added", cross + entropy),
            ("kl-expectations-added", -cross - entropy),
            ("kl-entropy-only", -entropy),
            ("kl-entropy-only", cross),
        ],
        "log_joint": [
            ("chain-prior-sign", likelihood + cross),
            ("joint-no-prior", likelihood),
            ("chain-entropy-for-prior", likelihood + entropy),
            ("chain-entropy-for-prior", likelihood - entropy),
            ("chain-entropy-for-prior", likelihood - kl),
        ],
        "first_form": [
            ("chain-entropy-sign", right - 2 * entropy),
            ("chain-no-entropy", right - entropy),
            ("chain-prior-twice", right - kl),
            ("chain-prior-twice", right - cross),
            ("chain-sign", -right),
        ],
        "second_form": [
            ("chain-kl-sign", 2 * likelihood - right),
            ("chain-prior-twice", right - cross),
            ("chain-sign", -right),
            ("chain-no-kl", likelihood),
        ],
        "gap": [
            ("chain-gap-sign", -right),
            ("chain-gap-is-kl", kl),
            ("chain-gap-sum", 2 * evidence - right),
        ],
    }
    return next((slug for slug, wrong in known[key] if _same(value, wrong)), "chain-breaks")


def _same(value: Any, truth: Tensor) -> bool:
    if not torch.is_tensor(value) or value.shape != truth.shape:
        return False
    scale = max(1.0, truth.abs().max().item())
    return bool((value.detach() - truth).abs().max() <= 1e-10 * scale)


class _Chain(Exercise):
    name, section = "chain", "5.1"

    @idea("your functions fit together: no step of the derivation breaks")
    def steps(self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7) -> None:
        """Walk the derivation with the student's functions, by name, on a fresh model.

        Expectations of a quadratic function under q are means over 2 D points, exactly.
        """
        run = _Run(answer, batch, latent, pixels)
        names: tuple[str, ...] = ("log_q", "entropy")
        run.expect(1, "E_q[log q] = -entropy", names, run.mean("log_q"), -run["entropy"])
        names = ("gaussian_kl", "cross_entropy", "entropy")
        right = run["cross_entropy"] - run["entropy"]
        run.expect(2, "KL = cross-entropy - entropy", names, run["gaussian_kl"], right)
        names = ("log_joint", "expected_log_likelihood", "cross_entropy")
        joint = run.mean("log_joint")
        right = run["expected_log_likelihood"] - run["cross_entropy"]
        run.expect(3, "E_q[log joint] = E_q[log-likelihood] - cross-entropy", names, joint, right)
        names = ("log_joint", "entropy", "expected_log_likelihood", "gaussian_kl")
        first, second = joint + run["entropy"], run["expected_log_likelihood"] - run["gaussian_kl"]
        run.expect(4, "first form = second form", names, first, second)
        names = (*names, "kl_to_posterior")
        total = first + run["kl_to_posterior"]
        run.expect(5, "log p(x) = ELBO + KL to the posterior", names, run.log_evidence, total)


Functions = dict[str, Callable[..., Any]]


class _Run:
    """One model, one q, and the values of the student's functions at them."""

    def __init__(self, functions: Functions, batch: int, latent: int, pixels: int) -> None:
        if type(functions) is not dict:
            raise Mistake("wrong-type", f"chain was given {describe(functions)}, not a dict.")
        model = oracle.fresh_model(pixels, latent)
        x, mu, logvar = spread(batch, pixels), spread(batch, latent), spread(batch, latent)
        steps = math.sqrt(latent) * torch.exp(logvar / 2) * torch.eye(latent)[:, None]  # (D, B, D)
        self._points = torch.cat([mu + steps, mu - steps])  # (2 D, B, D)
        q, likelihood = {"mu": mu, "logvar": logvar}, {"W": model.W, "b": model.b, "s": model.s}
        posterior = model.posterior(x)
        target = {"mean": posterior.mean, "covariance": posterior.covariance_matrix}
        self._functions, self._batch = functions, batch
        self._arguments: dict[str, dict[str, Any]] = {
            "log_q": {"z": self._points, **q},
            "log_joint": {"x": x, "z": self._points, **likelihood},
            "entropy": {"logvar": logvar},
            "cross_entropy": q,
            "gaussian_kl": q,
            "expected_log_likelihood": {"x": x, **q, **likelihood},
            "kl_to_posterior": {**q, **target},
        }
        cross, entropy = oracle.cross_entropy(mu, logvar), oracle.entropy(logvar)
        reconstruction = oracle.expected_log_likelihood(model, x, mu, logvar)
        self.log_evidence = model.log_evidence(x)
        self._truth = {
            "log_q": -entropy,
            "log_joint": reconstruction - cross,
            "entropy": entropy,
            "cross_entropy": cross,
            "gaussian_kl": cross - entropy,
            "expected_log_likelihood": reconstruction,
            "kl_to_posterior": self.log_evidence - (reconstruction - cross + entropy),
        }

    def __getitem__(self, name: str) -> Tensor:
        return self._value(name, (self._batch,))

    def mean(self, name: str) -> Tensor:
        """E_q of a function that is quadratic in z."""
        return self._value(name, (len(self._points), self._batch)).mean(0)

    def _value(self, name: str, shape: tuple[int, ...]) -> Tensor:
        if name not in self._functions:
            raise Mistake("wrong-type", f"chain was given no function {name!r}.")
        value = call(name, self._functions[name], self._arguments[name])
        return expect_tensor(value, shape, name).detach().double()

    def expect(
        self, number: int, says: str, names: tuple[str, ...], left: Tensor, right: Tensor
    ) -> None:
        """Raise Mistake unless both sides agree to 1e-10 of the larger; name who is off."""
        if _same(left, right):
            return
        off = [name for name in names if not self._is_right(name)]
        image = int((left - right).abs().argmax())
        sides = f"{left[image]:.6g} on the left, {right[image]:.6g} on the right"
        culprit = f" Not the closed form: {', '.join(off)}." if off else ""
        raise Mistake("chain-breaks", f"Step {number}, {says}, breaks: {sides}.{culprit}")

    def _is_right(self, name: str) -> bool:
        value = self.mean(name) if name in ("log_q", "log_joint") else self[name]
        return _same(value, self._truth[name])


derivation = _Derivation()
chain = _Chain()
