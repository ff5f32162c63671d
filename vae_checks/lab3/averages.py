"""What `training_step`, `train_epoch` and `evaluate` share: averages, right and wrong ones."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from vae_checks.fixtures import grey_images, true_kl, true_nll
from vae_checks.reference import RecordingLoss, ReferenceModel, sharp_model
from vae_checks.values import expect_close, expect_number, expect_pair
from vae_checks.verdict import Mistake


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
    wrong += [("hard-coded-images", total / size) for size in (10_000, 60_000)]
    wrong += [("start-not-zero", (total + start) / images) for start in (1, -1)]
    wrong += [("start-not-zero", total / (images + start)) for start in (1, -1)]
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
            ("first-batch-left-out", (total - parts[0].sum().item()) / images),
            ("first-batch-left-out", (total - parts[0].sum().item()) / (images - sizes[0])),
            ("batch-counted-twice", (total + parts[0].sum().item()) / images),
            ("batch-counted-twice", (total + parts[-1].sum().item()) / images),
            ("batch-counted-twice", (total + means[0]) / images),
        ]
    else:
        wrong += [("first-image-only", each[0].item())]
    return wrong


def separating_images(
    num_images: int, batch: int, **sizes_of_model: int
) -> tuple[ReferenceModel, Tensor, Tensor, Tensor]:
    """A sharp model, images (N, P), their nll and kl (N,), free of coincidences.

    No wrong average of nll, kl or nll + kl comes within 1e-4 of the right one.
    """
    sizes = [len(part) for part in torch.arange(num_images).split(batch)]
    while True:
        model = sharp_model(**sizes_of_model)
        for _ in range(20):  # images are drawn faster than models
            images = grey_images(num_images, sizes_of_model["pixels"]).float()
            with torch.no_grad():
                mu, logvar = model.codes(images)
                nll, kl = true_nll(model.decode(mu), images).double(), true_kl(mu, logvar).double()
            if all(_separates(each, sizes) for each in (nll, kl, nll + kl)):
                return model, images, nll, kl


def _separates(each: Tensor, sizes: Sequence[int]) -> bool:
    truth = each.mean().item()
    wrong = [value for slug, value in wrong_averages(each, sizes) if slug != "start-not-zero"]
    return all(abs(value - truth) > 1e-4 * truth for value in wrong)


def expect_all_images(loss_fn: RecordingLoss, images: Tensor) -> None:
    """Raise Mistake unless `loss_fn` saw every image of `images` (N, P), each as often."""
    seen = torch.cat([made.x for made in loss_fn.calls])
    times = max(1, len(seen) // len(images))
    # The first pixels tell images apart.
    first, wanted = seen[:, 0].double(), images[:, 0].double().repeat(times)
    first, wanted = first.sort().values, wanted.sort().values
    if first.shape != wanted.shape or not torch.allclose(first, wanted, atol=1e-6):
        different = len(first.unique())
        said = f"loss_fn was given {len(seen)} rows of {different} different images of the "
        said += f"{len(images)}."
        raise Mistake("image-missing", said, "Every image counts, and each as much.")
