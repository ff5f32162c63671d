"""Known wrong sums over a grid: evidences, posterior densities and gaps, each with its slug."""

import math

import torch
from torch import Tensor

from vae_checks.lab1 import oracle
from vae_checks.lab1.grids import Case


def wrong_evidences(case: Case) -> list[tuple[str, Tensor]]:
    logs, log_cell = case.logs, math.log(case.cell)
    count, images = logs.shape
    whole, prior = logs.logsumexp(0), oracle.log_prior(case.codes)[:, None]
    length = abs(case.codes[1] - case.codes[0]).max().item()  # the spacing of the last axis
    right = case.log_evidence
    return [
        ("grid-no-cell", whole),
        ("grid-mean", whole - math.log(count)),
        ("grid-mean", whole - math.log(count) + log_cell),
        ("grid-cell-sign", whole - log_cell),
        ("grid-cell-not-logged", whole + case.cell),
        ("grid-cell-not-logged", whole * case.cell),
        ("grid-cell-is-spacing", whole + math.log(length)),
        ("grid-cell-is-spacing", whole + case.codes.shape[1] * log_cell),
        ("grid-mean-of-logs", logs.mean(0)),
        ("grid-mean-of-logs", logs.mean(0) + log_cell),
        ("grid-sum-of-logs", logs.sum(0)),
        ("grid-sum-of-logs", logs.sum(0) * case.cell),
        ("grid-best-only", logs.amax(0)),
        ("grid-best-only", logs.amax(0) + log_cell),
        ("evidence-prior-twice", (logs + prior).logsumexp(0) + log_cell),
        ("grid-prior-removed", (logs - prior).logsumexp(0) + log_cell),
        ("grid-prior-removed", (logs - prior).logsumexp(0) - math.log(count)),
        ("evidence-starts-at-zero", torch.logaddexp(whole, torch.zeros(())) + log_cell),
        ("evidence-starts-at-zero", torch.logaddexp(whole + log_cell, torch.zeros(()))),
        ("grid-over-images", logs.logsumexp(1) + log_cell),
        ("grid-over-images", logs.logsumexp(1)),
        ("evidence-batch", right.sum()),
        ("evidence-batch", right.mean()),
        ("evidence-batch", logs.flatten().logsumexp(0) + log_cell),
        ("evidence-batch", right.logsumexp(0)),
        ("evidence-batch", right - math.log(images)),
        ("not-nats", right / math.log(10)),
        ("density-not-logged", right.exp()),
        ("density-sign", -right),
        ("density-keeps-dimension", right[:, None]),
    ]


def wrong_sums(case: Case) -> list[tuple[str, Tensor]]:
    """Log evidences of sums that are equal where the ends count for nothing, and not elsewhere."""
    logs, log_cell = case.logs, math.log(case.cell)
    halves = torch.zeros(len(logs), 1, dtype=logs.dtype)
    halves[[0, -1]] = -math.log(2)
    return [
        ("grid-ends-halved", (logs + halves).logsumexp(0) + log_cell),
        ("grid-code-left-out", logs[1:].logsumexp(0) + log_cell),
        ("grid-code-left-out", logs[:-1].logsumexp(0) + log_cell),
        *(("grid-cell-from-codes", logs.logsumexp(0) + c.log()) for c in _cells(case.codes)),
    ]


def wrong_gap_sums(
    log_q: Tensor, log_p: Tensor, case: Case, logvar: Tensor
) -> list[tuple[str, Tensor]]:
    """Gaps of sums that are equal for two densities on a grid that covers them."""
    cell, log_cell = case.cell, math.log(case.cell)

    def gap(log_q: Tensor = log_q, log_p: Tensor = log_p, cell: float = cell) -> Tensor:
        return (log_q.exp() * (log_q - log_p)).sum(0) * cell

    halves = torch.ones(len(log_q), 1, dtype=log_q.dtype)
    halves[[0, -1]] = 0.5
    one_q, one_p = (each.log_softmax(0) - log_cell for each in (log_q, log_p))
    cross = (log_q.exp() * log_p).sum(0) * cell
    return [
        ("grid-ends-halved", (halves * log_q.exp() * (log_q - log_p)).sum(0) * cell),
        ("grid-code-left-out", gap(log_q[1:], log_p[1:])),
        ("grid-code-left-out", gap(log_q[:-1], log_p[:-1])),
        *(("grid-cell-from-codes", gap(cell=size.item())) for size in _cells(case.codes)),
        ("gap-normalized", gap(one_q)),
        ("gap-normalized", gap(log_p=one_p)),
        ("gap-normalized", gap(one_q, one_p)),
        ("gap-normalized", (log_q.softmax(0) * (log_q - log_p)).sum(0)),
        ("gap-entropy-exact", -oracle.entropy(logvar) - cross),
        ("gap-generalized", gap() + (log_p.exp() - log_q.exp()).sum(0) * cell),
    ]


def _cells(codes: Tensor) -> list[Tensor]:
    """A cell's size as it is guessed from the first two codes."""
    apart = (codes[1] - codes[0]).abs()
    return [apart.prod(), apart[0], apart[-1], apart.norm()]


def wrong_densities(case: Case) -> list[tuple[str, Tensor]]:
    logs, log_cell = case.logs, math.log(case.cell)
    truth = logs - case.log_evidence
    return [
        ("grid-probability-not-density", truth + log_cell),
        ("grid-cell-twice", truth + 2 * log_cell),
        ("grid-cell-twice", truth - log_cell),
        ("grid-cell-not-logged", logs - logs.logsumexp(0) - case.cell),
        ("grid-not-normalized", logs),
        ("grid-not-normalized", logs + log_cell),
        ("grid-not-normalized", logs - logs.amax(0)),
        ("grid-over-images", logs.log_softmax(1)),
        ("grid-over-images", logs.log_softmax(1) - log_cell),
        ("grid-over-images", logs - logs.logsumexp(1, keepdim=True) - log_cell),
        ("grid-over-all", logs - logs.flatten().logsumexp(0)),
        ("grid-over-all", logs - logs.flatten().logsumexp(0) - log_cell),
        ("grid-evidence-added", logs + case.log_evidence),
        ("density-sign", -truth),
        ("density-not-logged", truth.exp()),
        ("density-not-logged", truth.exp() * case.cell),
        ("grid-transposed", truth.mT),
        ("density-keeps-dimension", truth[..., None]),
    ]


def wrong_gaps(
    log_q: Tensor, log_p: Tensor, cell: float, off: Tensor | None = None
) -> list[tuple[str, Tensor]]:
    """`off` is log q - log p, unless it is given: where q is 0 it may be anything."""
    q, p, off = log_q.exp(), log_p.exp(), log_q - log_p if off is None else off
    log_q, log_p = log_q.clamp(min=-1e9), log_p.clamp(min=-1e9)
    right = (q * off).sum(0) * cell
    return [
        ("grid-no-cell", right / cell),
        ("grid-mean", (q * off).mean(0)),
        ("grid-mean", (q * off).mean(0) * cell),
        ("grid-cell-is-spacing", right * cell),
        ("grid-cell-not-logged", (q * off).sum(0) + math.log(cell)),
        ("gap-reversed", -(p * off).sum(0) * cell),
        ("gap-reversed", -(p * off).sum(0)),
        ("gap-weighted-by-p", (p * off).sum(0) * cell),
        ("kl-sign", -right),
        ("gap-not-weighted", off.sum(0) * cell),
        ("gap-not-weighted", off.sum(0)),
        ("gap-not-weighted", off.mean(0)),
        ("gap-log-weights", (log_q * off).sum(0) * cell),
        ("gap-only-entropy", (q * log_q).sum(0) * cell),
        ("gap-only-entropy", -(q * log_q).sum(0) * cell),
        ("gap-only-cross-entropy", -(q * log_p).sum(0) * cell),
        ("gap-only-cross-entropy", (q * log_p).sum(0) * cell),
        ("kl-expectations-added", (q * (log_q + log_p)).sum(0) * cell),
        ("gap-densities-not-logged", (q * (q - p)).sum(0) * cell),
        ("gap-absolute", (q * off.abs()).sum(0) * cell),
        ("gap-absolute", (q * off.clamp(min=0)).sum(0) * cell),
        ("gap-absolute", (q - p).abs().sum(0) * cell),
        ("gap-absolute", 0.5 * (q - p).abs().sum(0) * cell),
        ("gap-both-directions", ((q - p) * off).sum(0) * cell),
        ("gap-both-directions", 0.5 * ((q - p) * off).sum(0) * cell),
        ("grid-over-images", (q * off).sum(1) * cell),
        ("grid-over-images", (q * off).sum(1)),
        ("gap-not-summed", q * off * cell),
        ("gap-not-summed", q * off),
        ("kl-batch-sum", right.sum()),
        ("kl-batch-mean", right.mean()),
        ("density-keeps-dimension", right[:, None]),
    ]
