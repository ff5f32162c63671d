"""log p(x) of a batch of images as a sum over the cells of a grid, for any log joint density."""

import contextlib
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import shuffled, spread
from vae_checks.lab1 import oracle
from vae_checks.lab1.grids import Case, bent, linear
from vae_checks.misread import arguments_named
from vae_checks.values import expect_equal, expect_exact, expect_tensor
from vae_checks.verdict import Mistake, call, describe

LogJoint = Callable[[Any], Tensor]


class _LogEvidenceOnGrid(Exercise):
    name, section = "log_evidence_on_grid", "2.1"

    @idea(
        "log p(x) of each image: its closed form, and an integral on another grid",
        also=[{"batch": 1}],
    )
    def value(
        self, answer: Any, *, batch: int = 3, latent: int = 2, pixels: int = 7, side: int = 43
    ) -> None:
        """To 1e-10: a linear model in closed form, then a bent one; `side`^D cells, shuffled."""
        for case in (linear(batch, latent, pixels, side), bent(batch, latent, pixels, side)):
            order = shuffled(len(case.codes))
            case = case._replace(codes=case.codes[order])
            value = self._call(answer, case)
            with _misreading_named(value, case):
                expect_exact(value, case.log_evidence, "log p(x)", _wrong(case), "nats")

    @idea(
        "of a grid that covers a part, the integral over that part",
        also=[{"batch": 1, "latent": 1}, {"batch": 21, "latent": 1}],
    )
    def part(
        self, answer: Any, *, batch: int = 3, latent: int = 2, pixels: int = 7, side: int = 43
    ) -> None:
        """The sum over the cells that were given, to 1e-10: what lies outside is not made up for.

        Codes with a first number above 0 only; then one cell alone, and one that is far from 0.
        """
        whole = bent(batch, latent, pixels, side)
        half = whole.codes[whole.codes[:, 0] > 0]
        far = half[:1] * 25 / half[:1].abs().max()
        for codes, level in ((half, None), (half[:1], None), (far, spread(batch))):
            case = whole._replace(codes=codes)
            # At a far code the densities would be 0: there they are brought near 1.
            offsets = torch.zeros(()) if level is None else level - case.logs[0]
            truth = (case.logs + offsets).logsumexp(0) + math.log(case.cell)
            case = case._replace(log_evidence=truth)
            value = self._call(answer, case, offsets)
            wrong = [("grid-renormalized", whole.log_evidence), *_wrong(case, offsets)]
            with _misreading_named(value, case, offsets):
                expect_exact(value, truth, "log of the integral over a part", wrong, "nats")

    @idea("finite and right where the joint densities underflow or overflow", also=[{"batch": 1}])
    def stable(self, answer: Any, *, batch: int = 3, pixels: int = 7, side: int = 43) -> None:
        """To 1e-10 of the largest for log p(x) from -12,000 to 900 side by side; in float32."""
        case = bent(batch, 2, pixels, side)
        offsets = torch.linspace(-12_000, 900, batch, dtype=torch.float64)
        truth = case.log_evidence + offsets
        value = self._call(answer, case, offsets)
        if torch.is_tensor(value) and value.shape == truth.shape and value.is_floating_point():
            found = value.detach().double()
            if 1e9 > found[0] > truth[0] + 500:
                seen = f"log p(x)[0] is {found[0]:.4g} nats, it should be {truth[0]:.4g}."
                raise Mistake("density-floor", seen)
            if not found.isfinite().all():
                place = int((~found.isfinite()).double().argmax())
                seen = f"log p(x)[{place}] is {found[place]}, it should be {truth[place]:.4g} nats."
                raise Mistake("density-underflow", seen)
        expect_exact(value, truth, "log p(x)", _wrong(case, offsets), "nats")
        value = expect_tensor(self._call(answer, case, single=True), (batch,), "log p(x)")
        expect_equal(value.float(), case.log_evidence.float(), "log p(x) (of float32)")

    def _call(
        self, answer: Any, case: Case, offsets: Tensor | float = 0.0, single: bool = False
    ) -> Any:
        asked: list[bool] = []
        dtype = torch.float32 if single else torch.float64

        def log_joint(z: Any) -> Tensor:
            asked.append(True)
            return (case.log_joint(case.x, _rows(z, case.codes, dtype)) + offsets).to(dtype)

        arguments: dict[str, Any] = {"log_joint": log_joint, "points": case.codes.to(dtype)}
        arguments |= {"cell_area": case.cell}
        value = call(self.name, answer, arguments)
        if not asked:
            raise Mistake("callable-not-called", "log_joint was never called.")
        return value


def _misreading_named(
    value: Any, case: Case, offsets: Tensor | float = 0.0
) -> contextlib.AbstractContextManager[None]:
    def right(log_joint: Tensor, cell_area: Tensor) -> Tensor:
        return log_joint.logsumexp(0) + torch.as_tensor(cell_area).log()

    given = {"log_joint": case.logs + offsets, "cell_area": float(case.cell)}
    return arguments_named(value, right, given)


def _rows(z: Any, codes: Tensor, dtype: torch.dtype) -> Tensor:
    """Codes (G, D) as they were asked for, (G, 1, D) in float64."""
    if not torch.is_tensor(z):
        raise Mistake("grid-rows", f"log_joint was given {describe(z)}.")
    if z.ndim != 2 or z.shape[1] != codes.shape[1]:
        seen = f"log_joint was given {tuple(z.shape)}, it takes (G, {codes.shape[1]})."
        raise Mistake("grid-rows", seen)
    if z.dtype != dtype:
        seen = f"log_joint was given {z.dtype}, the points are {dtype}."
        raise Mistake("lost-precision", seen)
    return z.double()[:, None]


def _wrong(case: Case, offsets: Tensor | float = 0.0) -> list[tuple[str, Tensor]]:
    """Wrong values of log p(x), by any numbers (G, B) of a grid."""
    logs, cell = case.logs + offsets, case.cell
    count, images = logs.shape
    log_cell, dimensions = math.log(cell), case.codes.shape[1]
    whole = logs.logsumexp(0)
    right, prior = whole + log_cell, oracle.log_prior(case.codes)[:, None]
    zero = torch.zeros((), dtype=torch.float64)
    return [
        ("grid-no-cell", whole),
        ("grid-mean", whole - math.log(count)),
        ("grid-mean", right - math.log(count)),
        ("grid-cell-sign", whole - log_cell),
        ("grid-cell-not-logged", whole + cell),
        ("grid-cell-not-logged", whole * cell),
        ("grid-cell-is-spacing", whole + dimensions * log_cell),
        ("grid-cell-is-spacing", whole + log_cell / dimensions),
        ("grid-mean-of-logs", logs.mean(0)),
        ("grid-mean-of-logs", logs.mean(0) + log_cell),
        ("grid-mean-of-logs", logs.mean(0) + math.log(count) + log_cell),
        ("grid-sum-of-logs", logs.sum(0)),
        ("grid-sum-of-logs", logs.sum(0) + log_cell),
        ("grid-sum-of-logs", logs.sum(0) * cell),
        ("grid-sum-of-logs", (logs + log_cell).sum(0)),
        ("grid-best-only", logs.amax(0)),
        ("grid-best-only", logs.amax(0) + log_cell),
        ("grid-prior-twice", (logs + prior).logsumexp(0) + log_cell),
        ("grid-prior-removed", (logs - prior).logsumexp(0) + log_cell),
        ("evidence-starts-at-zero", torch.logaddexp(whole, zero) + log_cell),
        ("evidence-starts-at-zero", torch.logaddexp(right, zero)),
        ("grid-over-images", logs.logsumexp(1)),
        ("grid-over-images", logs.logsumexp(1) + log_cell),
        ("grid-not-normalized", logs),
        ("grid-cells-not-joined", logs + log_cell),
        ("grid-is-posterior", logs - right),
        ("grid-is-posterior", logs - whole),
        ("evidence-batch", right.sum()),
        ("evidence-batch", right.mean()),
        ("evidence-batch", logs.flatten().logsumexp(0) + log_cell),
        ("evidence-batch", right - math.log(images)),
        ("not-nats", right / math.log(2)),
        ("not-nats", right / math.log(10)),
        ("density-not-logged", right.exp()),
        ("density-sign", -right),
        ("density-keeps-dimension", right[None]),
        ("density-keeps-dimension", right[:, None]),
    ]


log_evidence_on_grid = _LogEvidenceOnGrid()
