"""A mixture of Gaussians as prior: its log density, and a script of it with a bracket too far."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, spread
from vae_checks.lab1.oracle import LOG_2PI, log_normal
from vae_checks.lab5.right_slopes import expect_dtype, expect_slopes
from vae_checks.misread import Reading, arguments_named
from vae_checks.values import (
    expect_equal,
    expect_exact,
    expect_tensor,
    unless_right,
)
from vae_checks.verdict import Mistake, call

Wrong = list[tuple[str, Tensor]]  # slugs and results

_SAME = {"batch": 4, "latent": 4, "components": 4}
_ONES = {"batch": 1, "latent": 1, "components": 1}
Arguments = dict[str, Tensor]


class _MixtureLogProb(Exercise):
    name, section = "mixture_log_prob", "5.2"

    @idea("the logarithm of the weighted mean of the densities", also=[_SAME, _ONES])
    def value(self, answer: Any, *, batch: int = 3, latent: int = 2, components: int = 5) -> None:
        """To 1e-10 in float64 and 1e-4 in float32; in one dimension it integrates to 1 to 1e-6,
        by the trapezoidal rule."""
        given = _codes(batch, latent, components)
        _expect(self.name, answer, given, mixture)
        single = {key: each.float() for key, each in _codes(batch, latent, components).items()}
        value = call(self.name, answer, single)
        truth = mixture(**{key: each.double() for key, each in single.items()})
        expect_equal(value, truth, "log p(z) (float32)", unit="nats")
        expect_dtype(value, single["z"], "log p(z)")
        _expect_integral(self.name, answer, _codes(1, 1, components))

    @idea("finite and right far from all components, its gradients too", also=[_SAME, _ONES])
    def far(self, answer: Any, *, batch: int = 3, latent: int = 2, components: int = 5) -> None:
        """Thousands of standard deviations away, and with narrow components: to 1e-9; gradients by
        all arguments, which the components share by their responsibilities, to 1e-6."""
        for given in _far(batch, latent, components):
            value, truth = call(self.name, answer, given), mixture(**given)
            value = _expect_finite(value, truth)
            expect_exact(value, truth, "log p(z)", _wrong(**given), "nats", within=1e-9)
            leaves = {key: each.clone().requires_grad_() for key, each in given.items()}
            # By logits: that weights which do not add up to 1 are divided by their sum is harmless.
            logits = leaves.pop("weights").detach().log().requires_grad_()
            arguments = {**leaves, "weights": logits.softmax(0)}
            value = expect_tensor(call(self.name, answer, arguments), (batch,), "log p(z)")
            by = {**leaves, "the logits of weights": logits}
            expect_slopes(value, mixture(**arguments), by, "log p(z)")


class _BugVamp(Exercise):
    name, section = "mended_vamp", "5.2"

    @idea("a density again: it integrates to 1", also=[_SAME, _ONES])
    def mended(self, answer: Any, *, batch: int = 3, latent: int = 2, components: int = 5) -> None:
        """Equal to the formula with equal weights to 1e-10, far away as well; its gradients to
        1e-6; the integral in one dimension to 1e-6."""
        near = _codes(batch, latent, components)
        for given in (near, *_far(batch, latent, components)):
            del given["weights"]
            value = _expect_finite(call(self.name, answer, given), alike(**given))
            _expect(self.name, answer, given, alike, value)
            leaves = {key: each.clone().requires_grad_() for key, each in given.items()}
            value = expect_tensor(call(self.name, answer, leaves), (batch,), "log p(z)")
            expect_slopes(value, alike(**leaves), leaves, "log p(z)")
        given = _codes(1, 1, components)
        del given["weights"]
        _expect_integral(self.name, answer, given)


def mixture(z: Tensor, mu: Tensor, logvar: Tensor, weights: Tensor) -> Tensor:
    """log sum_c w_c N(z; mu_c, diag exp(logvar_c)) in nats, (B,)."""
    return (_log_each(z, mu, logvar) + weights.log()).logsumexp(1)


def alike(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """The same with equal weights."""
    return _log_each(z, mu, logvar).logsumexp(1) - math.log(len(mu))


def _log_each(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log N of every code and every component, (B, C)."""
    return _by_dimension(z, mu, logvar).sum(2)


def _by_dimension(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    return log_normal(z[:, None] - mu, logvar)


def _parts(z: Tensor, mu: Tensor, logvar: Tensor, weights: Tensor) -> list[Reading]:
    """The formula as a function of what is computed on the way."""
    log_w, off, precision = weights.log(), z[:, None] - mu, torch.exp(-logvar)

    def of_precision(distance: Tensor, precision: Tensor) -> Tensor:
        each = -0.5 * (LOG_2PI + logvar + distance**2 * precision)
        return (each.sum(2) + log_w).logsumexp(1)

    def of_squares(squares: Tensor, constant: Tensor) -> Tensor:
        return (-0.5 * (constant + logvar + squares).sum(2) + log_w).logsumexp(1)

    def of_parts(parts: Tensor) -> Tensor:
        return (parts.sum(2) + log_w).logsumexp(1)

    def of_logs(log_densities: Tensor, log_weights: Tensor) -> Tensor:
        return (log_densities + log_weights).logsumexp(1)

    constant = torch.tensor(LOG_2PI, dtype=torch.float64)
    return [
        (of_precision, {"distance": off, "precision": precision}),
        (of_squares, {"squares": off**2 * precision, "constant": constant}),
        (of_parts, {"parts": _by_dimension(z, mu, logvar)}),
        (of_logs, {"log_densities": _log_each(z, mu, logvar), "log_weights": log_w}),
    ]


def _codes(batch: int, latent: int, components: int) -> Arguments:
    """Codes among the components, so that several of these count, and unequal weights."""
    shape = (components, latent)
    return {
        "z": spread(batch, latent, high=1.5),
        "mu": spread(*shape, high=1.5),
        "logvar": spread(*shape, high=1.2),
        "weights": _weights(components),
    }


def _weights(components: int) -> Tensor:
    order = torch.randperm(components, generator=fresh_generator())
    return (0.7 * order.double()).softmax(0)


def _far(batch: int, latent: int, components: int) -> list[Arguments]:
    """Codes where every density is 0 in float64, and others where all but one are."""
    far, narrow, apart = (_codes(batch, latent, components) for _ in range(3))
    far["z"] = 3000 * far["z"]
    narrow["logvar"] = narrow["logvar"] - 20
    # Components at distances of 60, codes half a unit beside one or the other of them.
    apart["mu"] = apart["mu"] + 60 * torch.arange(components, dtype=torch.float64)[:, None]
    apart["z"] = apart["mu"][torch.arange(batch) % components] + 0.3 * apart["z"]
    return [far, narrow, apart]


def _expect(
    name: str,
    answer: Any,
    given: Arguments,
    truth_of: Callable[..., Tensor],
    value: Any = None,
) -> None:
    value = call(name, answer, given) if value is None else value
    truth = truth_of(**given)
    equal = torch.full((len(given["mu"]),), 1 / len(given["mu"]), dtype=torch.float64)
    wrong = unless_right(_wrong(**({"weights": equal} | given)), truth)
    with arguments_named(value, truth_of, given, *_parts(**({"weights": equal} | given))):
        expect_exact(value, truth, "log p(z)", wrong, "nats")


def _expect_finite(value: Any, truth: Tensor) -> Any:
    """`value`, unless it is infinite, nan or a floor where a density under- or overflowed."""
    if torch.is_tensor(value) and value.is_floating_point() and value.shape == truth.shape:
        found = value.detach()
        lost = ~found.isfinite() | (truth < -740) & (found < -80) & (found > -746)
        if lost.any():
            place = int(lost.double().argmax())
            seen = f"log p(z)[{place}] is {value[place]}, it should be {truth[place]:.6g} nats."
            raise Mistake("mixture-underflow", seen)
    return value


def _expect_integral(name: str, answer: Any, given: Arguments) -> None:
    """The integral over one dimension, from 12 standard deviations below all to as many above."""
    mu, sigma = given["mu"], torch.exp(0.5 * given["logvar"])
    low, high = (mu - 12 * sigma).min().item(), (mu + 12 * sigma).max().item()
    line = torch.linspace(low, high, 4001, dtype=torch.float64)
    value = expect_tensor(call(name, answer, given | {"z": line[:, None]}), (4001,), "log p(z)")
    whole = torch.trapezoid(value.detach().double().exp(), line).item()
    if abs(whole - 1) > 1e-6:
        raise Mistake("mixture-integral", f"The density integrates to {whole:.6g}.")


def _wrong(z: Tensor, mu: Tensor, logvar: Tensor, weights: Tensor) -> Wrong:
    log_w, each = weights.log(), _log_each(z, mu, logvar)
    joint, apart, count = each + log_w, _by_dimension(z, mu, logvar), math.log(len(mu))
    truth, var = joint.logsumexp(1), logvar.exp()
    squares = (z[:, None] - mu) ** 2

    def mixed(log_each: Tensor) -> Tensor:
        return (log_each.sum(2) + log_w).logsumexp(1)

    mean = weights @ mu
    spread_of_all = weights @ (var + mu**2) - mean**2
    return [
        ("mixture-bracket", mixed(-0.5 * (LOG_2PI + (logvar + squares) / var))),
        ("mixture-bracket", mixed(-0.5 * ((logvar + squares + LOG_2PI) / var))),
        ("mixture-no-log-scale", mixed(-0.5 * (LOG_2PI + squares / var))),
        ("mixture-no-log-scale", mixed(-0.5 * squares / var)),
        ("mixture-half-misplaced", mixed(-0.5 * (LOG_2PI + squares / var) - logvar)),
        ("mixture-half-misplaced", mixed(-0.5 * (LOG_2PI + logvar) - squares / var)),
        ("mixture-half-misplaced", mixed(-(LOG_2PI + logvar + squares / var))),
        ("mixture-log-scale-sign", mixed(-0.5 * (LOG_2PI - logvar + squares / var))),
        ("mixture-log-sigma", mixed(log_normal(z[:, None] - mu, 2 * logvar))),
        ("mixture-sigma-as-variance", mixed(-0.5 * (LOG_2PI + logvar + squares / var.sqrt()))),
        ("mixture-sigma-as-variance", mixed(-0.5 * (LOG_2PI + logvar + squares / var**2))),
        ("mixture-not-squared", mixed(-0.5 * (LOG_2PI + logvar + squares.sqrt() / var))),
        ("mixture-constant", mixed(-0.5 * (logvar + squares / var))),
        ("mixture-constant", truth + 0.5 * (z.shape[1] - 1) * LOG_2PI),
        ("mixture-constant", truth - 0.5 * (z.shape[1] - 1) * LOG_2PI),
        ("mixture-constant", truth - 0.5 * z.shape[1] * LOG_2PI),
        ("mixture-sign", mixed(0.5 * (LOG_2PI + logvar + squares / var))),
        ("mixture-weights-ignored", each.logsumexp(1) - count),
        ("mixture-not-averaged", each.logsumexp(1)),
        ("mixture-not-averaged", each.exp().sum(1).log()),
        ("mixture-count-twice", truth - count),
        ("mixture-weights-as-logits", (each + weights.log_softmax(0)).logsumexp(1)),
        ("mixture-weights-as-logits", (each + log_w.log_softmax(0) ** 2).logsumexp(1)),
        ("mixture-weights-not-logged", (each + weights).logsumexp(1)),
        ("mixture-weights-outside", (weights * each).logsumexp(1)),
        ("mixture-weights-outside", (log_w * each).logsumexp(1)),
        ("mixture-mean-of-logs", each @ weights),
        ("mixture-mean-of-logs", each.mean(1)),
        ("mixture-mean-of-logs", joint.sum(1)),
        ("mixture-mean-of-logs", joint.mean(1)),
        ("mixture-mean-of-logs", each.sum(1)),
        ("mixture-mean-of-logs", each.sum(1) - count),
        ("mixture-best-only", joint.amax(1)),
        ("mixture-best-only", each.amax(1)),
        ("mixture-by-dimension", (apart + log_w[:, None]).logsumexp(1).sum(1)),
        ("mixture-by-dimension", (apart.logsumexp(1) - count).sum(1)),
        ("mixture-by-dimension", (apart.logsumexp(2) + log_w).logsumexp(1)),
        ("mixture-mean-over-dimensions", mixed(apart / z.shape[1])),
        ("mixture-one-gaussian", log_normal(z - mean, spread_of_all.log()).sum(1)),
        ("mixture-one-gaussian", log_normal(z - mean, (weights @ var).log()).sum(1)),
        ("mixture-one-gaussian", log_normal(z - mean, weights @ logvar).sum(1)),
        ("mixture-one-gaussian", log_normal(z - mu.mean(0), logvar.mean(0)).sum(1)),
        ("mixture-not-logged", truth.exp()),
        ("mixture-of-components", joint.logsumexp(0)),
        ("mixture-of-components", joint),
        ("mixture-of-components", each),
        ("mixture-of-components", joint.log_softmax(1)),
        ("mixture-batch", truth.sum()),
        ("mixture-batch", truth.mean()),
        ("value-negated", -truth),
    ]


mixture_log_prob, bug_vamp = _MixtureLogProb(), _BugVamp()
