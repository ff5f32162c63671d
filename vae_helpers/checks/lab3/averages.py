"""What `training_step`, `train_epoch` and `evaluate` share: two averages, and codes with noise."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from vae_helpers.checks.statistics import expect_standard_normal
from vae_helpers.checks.values import expect_close, expect_number, expect_pair
from vae_helpers.checks.verdict import Mistake


def expect_two_numbers(result: Any, name: str) -> tuple[float, float]:
    """The pair (nll, kl) of Python or numpy numbers. Raises Mistake."""
    nll, kl = expect_pair(result, name, ("nll", "kl"))
    return expect_number(nll, "nll"), expect_number(kl, "kl")


def expect_averages(
    nll: float,
    kl: float,
    true_nll: Tensor,
    true_kl: Tensor,
    sizes: Sequence[int],
    *,
    loss_weight: float = 1.0,
) -> None:
    """Raise Mistake unless nll and kl are the means of the per-image numbers (N,).

    `sizes` are the sizes of the batches, in order; `loss_weight` is the weight of the KL in the
    loss. Tolerance 1e-5: some right answers add up in float32.
    """
    swapped = [("returns-swapped", true_kl.mean().item())]
    weighted = true_nll.mean() + loss_weight * true_kl.mean()
    loss = [("returns-loss", weighted.item()), ("returns-loss", (true_nll + true_kl).mean().item())]
    wrong = wrong_averages(true_nll, sizes)
    expect_close(nll, true_nll.mean().item(), "nll", [*swapped, *loss, *wrong], rtol=1e-5)
    expect_close(
        kl, true_kl.mean().item(), "kl", [*loss, *wrong_averages(true_kl, sizes)], rtol=1e-5
    )


def wrong_averages(each: Tensor, sizes: Sequence[int]) -> list[tuple[str, float]]:
    """Known wrong averages of the numbers (N,) that came in batches of these sizes."""
    parts = each.split(list(sizes))
    means = [part.mean().item() for part in parts]
    total, images, batches = each.sum().item(), len(each), len(parts)
    wrong = [("counted-twice", 2 * total / images), ("not-averaged", total)]
    if batches > 1:
        full = total - parts[-1].sum().item()
        wrong += [
            ("mean-of-batch-means", sum(means) / batches),
            ("not-averaged", sum(means)),
            ("sum-of-means-over-images", sum(means) / images),
            ("divided-by-batches", total / batches),
            ("divided-by-full-batches", total / (batches * sizes[0])),
            ("divided-by-full-batches", sum(means) * sizes[0] / images),
            ("first-batch-only", means[0]),
            ("first-batch-only", parts[0].sum().item() / images),
            ("last-batch-only", means[-1]),
            ("last-batch-only", parts[-1].sum().item() / images),
            ("last-batch-dropped", full / (images - sizes[-1])),
            ("last-batch-dropped", full / images),
        ]
    else:
        wrong += [("first-image-only", each[0].item())]
    return wrong


def expect_noise(eps: Tensor) -> None:
    """Raise Mistake unless the decoded codes had noise eps (N, D) like independent N(0, 1)."""
    if eps.abs().max().item() < 1e-3:
        raise Mistake("decodes-mu", "Every code z that was decoded equals its mu.")
    expect_standard_normal(eps, "The noise (z - mu) / sigma of the decoded codes")
