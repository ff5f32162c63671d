"""One affine inverse-autoregressive step: the new codes and the log determinant."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab5.right_slopes import expect_dtype, expect_slopes
from vae_checks.misread import Reading, arguments_named
from vae_checks.values import (
    expect_equal,
    expect_exact,
    expect_pair,
    expect_tensor,
    gradients,
    unless_right,
)
from vae_checks.verdict import Mistake, call

Wrong = list[tuple[str, Tensor]]  # slugs and results

_SAME, _ONES = {"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}
Arguments = dict[str, Tensor]
Pair = tuple[Tensor, Tensor]
Masked = Callable[[Tensor], Tensor]


class _AutoregressiveStep(Exercise):
    name, section = "autoregressive_step", "6.1"

    @idea("every number is stretched by exp(s) and shifted by m", also=[_SAME, _ONES])
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """z_new to 1e-10 in float64 and 1e-4 in float32, for matrices that are strictly lower
        triangular; its gradients, by what lies in the triangle, to 1e-6."""
        for reach in (1, 100):  # of the shifts, where a clamp shows
            given = _all_lower(_arguments(batch, latent))
            given["bias_m"] = reach * given["bias_m"]
            found, _ = self._call(answer, given)
            self._expect_codes(found, given)
        single = {key: each.float() for key, each in given.items()}
        found, _ = self._call(answer, single)
        truth, _ = step({key: each.double() for key, each in single.items()})
        expect_equal(found, truth, "z_new (float32)")
        expect_dtype(found, single["z"], "z_new")
        leaves = {key: each.clone().requires_grad_() for key, each in given.items()}
        inside = _all_lower(leaves)  # nothing is asked about what the answer must mask
        found, _ = self._call(answer, inside)
        found = expect_tensor(found, (batch, latent), "z_new")
        toward = spread(batch, latent)
        expect_slopes(found * toward, step(inside)[0] * toward, leaves, "z_new")

    @idea(
        "z_new of a dimension sees those before it, whatever the matrices hold",
        also=[_SAME, {"batch": 1, "latent": 2}],
    )
    def triangular(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """Full matrices give what their strictly lower triangles give, to 1e-10, in both results;
        the gradient by all other entries is 0; the given matrices stay as they are."""
        given = _arguments(batch, latent)
        for key in ("weight_m", "weight_s"):  # numbers above the diagonal that nobody overlooks
            given[key] = given[key] + 3 * given[key].triu(1)
        leaves = {key: each.clone().requires_grad_() for key, each in given.items()}
        found, log_det = self._call(answer, leaves)
        self._expect_codes(found, given)
        truth = step(leaves)
        wrong = _wrong_dets(given)
        expect_exact(log_det, truth[1].detach(), "log_det", wrong, "nats")
        toward, other = spread(batch, latent), spread(batch)
        value = (found * toward).sum() + (log_det * other).sum()
        wanted = (truth[0] * toward).sum() + (truth[1] * other).sum()
        expect_slopes(value, wanted, leaves, "what was returned")

    @idea(
        "log_det is the logarithm of the Jacobian's determinant, with its gradients",
        also=[_SAME, _ONES],
    )
    def log_det(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """(B,), equal to slogdet of the matrix that autograd makes of the map, to 1e-9, where it
        is positive and where it is negative; for strictly lower triangular matrices."""
        for shift in (14.0, -14.0, -2.0, 2.0):
            given = _all_lower(_arguments(batch, latent))
            given["bias_s"] = given["bias_s"] / 2 + shift
            _, log_det = self._call(answer, given)
            truth = _by_jacobian(given)
            wrong = unless_right(_wrong_dets(given), truth)
            with arguments_named(log_det, lambda s: s.sum(1), {"s": _parts(given)[1]}):
                expect_exact(log_det, truth, "log_det", wrong, "nats", within=1e-9)
        single = {key: each.float() for key, each in given.items()}
        _, log_det = self._call(answer, single)
        expect_equal(log_det, truth, "log_det (float32)", unit="nats")
        expect_dtype(log_det, single["z"], "log_det")
        if latent == 1:  # no weight is left, z is in neither s nor m
            return
        leaves = {key: each.clone().requires_grad_() for key, each in given.items()}
        inside = _all_lower(leaves)
        _, log_det = self._call(answer, inside)
        log_det = expect_tensor(log_det, (batch,), "log_det")
        toward = spread(batch)
        expect_slopes(log_det * toward, step(inside)[1] * toward, leaves, "log_det")

    def _call(self, answer: Any, given: Arguments) -> tuple[Any, Any]:
        result = call(self.name, answer, given)
        first, second = expect_pair(result, self.name, ("z_new", "log_det"))
        shape = tuple(given["z"].shape)
        both = torch.is_tensor(first) and torch.is_tensor(second)
        if both and first.ndim == 1 and tuple(second.shape) == shape:
            raise Mistake("results-swapped", f"The first result has shape {tuple(first.shape)}.")
        return first, second

    def _expect_codes(self, found: Any, given: Arguments) -> None:
        truth, _ = step(given)
        wrong = unless_right(_wrong_codes(given), truth)
        m, s = _parts(given)
        parts: Arguments = {"m": m, "s": s, "z": given["z"]}
        scaled: Arguments = {"m": m, "scale": s.exp(), "z": given["z"]}
        readings: list[Reading] = [
            (lambda m, s, z: m + s.exp() * z, parts),
            (lambda m, scale, z: m + scale * z, scaled),
        ]
        with arguments_named(found, lambda **keys: step(keys)[0], given, *readings):
            expect_exact(found, truth, "z_new", wrong)


def step(given: Arguments) -> Pair:
    """z_new (B, D) and log_det (B,)."""
    m, s = _parts(given)
    return m + s.exp() * given["z"], s.sum(1)


def _lower(weight: Tensor) -> Tensor:
    return weight.tril(-1)


def _parts(given: Arguments, mask_m: Masked = _lower, mask_s: Masked = _lower) -> Pair:
    """m and s, (B, D) each, of matrices that are masked like this."""
    z = given["z"]
    m = z @ mask_m(given["weight_m"]).mT + given["bias_m"]
    return m, z @ mask_s(given["weight_s"]).mT + given["bias_s"]


def _arguments(batch: int, latent: int) -> Arguments:
    square = (latent, latent)
    return {
        "z": spread(batch, latent, high=1.2),
        "weight_m": spread(*square, high=1.2),
        "weight_s": spread(*square, low=0.1, high=0.5),
        "bias_m": spread(batch, latent, high=1.5),
        "bias_s": spread(batch, latent, low=0.2, high=0.9),
    }


def _all_lower(given: Arguments) -> Arguments:
    return {key: _lower(each) if "weight" in key else each for key, each in given.items()}


def _by_jacobian(given: Arguments) -> Tensor:
    """log |det| of the map's Jacobian matrix at each code, (B,)."""
    z = given["z"].clone().requires_grad_()
    after, _ = step(given | {"z": z})
    rows = [gradients(column, {"z": z})["z"] for column in after.unbind(1)]
    return torch.linalg.slogdet(torch.stack(rows, 1)).logabsdet


def _wrong_codes(given: Arguments) -> Wrong:
    z, bias_m, bias_s = given["z"], given["bias_m"], given["bias_s"]
    m, s = _parts(given)
    turned = {k: each.mT if "weight" in k else each for k, each in given.items()}
    gate = s.sigmoid()
    masks: list[tuple[str, Masked]] = [
        ("iaf-no-mask", lambda weight: weight),
        ("iaf-diagonal", lambda weight: weight.tril()),
        ("iaf-upper", lambda weight: weight.triu(1)),
        ("iaf-upper", lambda weight: weight.triu()),
        ("iaf-band", lambda weight: weight.tril(-2)),
        ("iaf-no-matrix", torch.zeros_like),
    ]

    def of(m: Tensor, s: Tensor) -> Tensor:
        return m + s.exp() * z

    found = [(slug, of(*_parts(given, mask_m=mask, mask_s=mask))) for slug, mask in masks]
    for _, mask in masks:
        found.append(("iaf-one-mask", of(*_parts(given, mask_m=mask, mask_s=_lower))))
        found.append(("iaf-one-mask", of(*_parts(given, mask_m=_lower, mask_s=mask))))
    each_turned = _parts(turned, mask_m=lambda w: w, mask_s=lambda w: w)
    whole = _parts(_all_lower(given))
    found += [
        ("iaf-transposed", of(*_transposed(given))),
        ("iaf-transposed", of(*each_turned)),
        ("iaf-transposed", of(*_parts(turned))),
        ("iaf-sequential", _in_turn(given)),
        ("iaf-scale-added", m + s.exp() + z),
        ("iaf-gate", gate * z + (1 - gate) * m),
        ("iaf-gate", m + gate * z),
        ("iaf-gate", gate * m + (1 - gate) * z),
        ("iaf-gate", m + torch.nn.functional.softplus(s) * z),
        ("iaf-scale-no-exp", m + s * z),
        ("iaf-scale-inverse", m + (-s).exp() * z),
        ("iaf-scale-root", m + (0.5 * s).exp() * z),
        ("iaf-scale-root", m + (2 * s).exp() * z),
        ("iaf-inverse-map", (z - m) * (-s).exp()),
        ("iaf-inverse-map", (z - m) / s),
        ("iaf-shift-scaled", s.exp() * (z + m)),
        ("iaf-shift-scaled", s.exp() * m + z),
        ("iaf-shift-sign", s.exp() * z - m),
        ("iaf-no-shift", s.exp() * z),
        ("iaf-no-stretch", m + z),
        ("iaf-no-stretch", m + s.exp()),
        ("iaf-exchanged", of(s, m)),
        ("iaf-no-bias", of(m - bias_m, s - bias_s)),
        ("iaf-no-bias", of(m - bias_m, s)),
        ("iaf-no-bias", of(m, s - bias_s)),
        ("iaf-of-parts", m),
        ("iaf-of-parts", whole[1].exp()),
    ]
    return found


def _transposed(given: Arguments) -> tuple[Tensor, Tensor]:
    """z times the matrices as they are, masked."""
    z = given["z"]
    m, s = (z @ given[key].tril(-1) for key in ("weight_m", "weight_s"))
    return m + given["bias_m"], s + given["bias_s"]


def _in_turn(given: Arguments) -> Tensor:
    """m and s of the numbers that are new already: the map that goes dimension by dimension."""
    new = torch.zeros_like(given["z"])
    for place in range(new.shape[1]):
        m, s = _parts(given | {"z": new})
        new[:, place] = m[:, place] + s[:, place].exp() * given["z"][:, place]
    return new


def _spreads(s: Tensor) -> list[Tensor]:
    """Of one number there is none."""
    return [s.std(1), s.var(1)] if s.shape[1] > 1 else []


def _wrong_dets(given: Arguments) -> Wrong:
    _, s = _parts(given)
    truth = s.sum(1)
    full = _parts(given, mask_m=lambda w: w, mask_s=lambda w: w)[1].sum(1)
    diagonal = _parts(given, mask_s=lambda w: w.tril())[1].sum(1)
    upper = _parts(given, mask_s=lambda w: w.triu(1))[1].sum(1)
    return [
        ("iaf-det-sign", -truth),
        ("iaf-det-mean", s.mean(1)),
        ("iaf-det-not-logged", truth.exp()),
        ("iaf-det-not-logged", s.exp().sum(1)),
        ("iaf-det-not-logged", s.exp().prod(1)),
        ("iaf-det-not-summed", s),
        ("iaf-det-batch", truth.sum()),
        ("iaf-det-batch", truth.mean()),
        ("iaf-det-batch", s.sum(0)),
        *(("iaf-det-spread", each) for each in _spreads(s)),
        ("iaf-det-zero", torch.zeros_like(truth)),
        ("iaf-det-absolute", truth.abs()),
        ("iaf-det-absolute", s.abs().sum(1)),
        ("iaf-det-factor", 2 * truth),
        ("iaf-det-factor", truth / 2),
        ("iaf-det-no-weights", given["bias_s"].sum(1)),
        ("iaf-det-no-bias", truth - given["bias_s"].sum(1)),
        ("iaf-det-of-log", s.abs().log().sum(1)),
        ("iaf-det-gate", torch.nn.functional.logsigmoid(s).sum(1)),
        ("iaf-no-mask", full),
        ("iaf-diagonal", diagonal),
        ("iaf-upper", upper),
        ("iaf-transposed", _transposed(given)[1].sum(1)),
    ]


autoregressive_step = _AutoregressiveStep()
