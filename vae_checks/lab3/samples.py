"""Were the decoded codes samples of q(z|x), and does the result count every one of them?"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from vae_checks.lab3.averages import expect_all_images, wrong_averages
from vae_checks.reference import RecordingLoss
from vae_checks.statistics import SIGMAS, expect_standard_normal
from vae_checks.verdict import Mistake

_WHAT = "The noise (z - mu) / sigma of the decoded codes"


def expect_samples(loss_fn: RecordingLoss) -> None:
    """Raise Mistake unless the codes that a wide model decoded are samples of q(z|x).

    The noise eps (n, D) of all calls by `expect_standard_normal`; its correlation with mu, in each
    latent dimension, six standard errors 1 / sqrt(n); and how often a code costs less than its
    mirror image 2 mu - z: in half of all cases, within six standard errors 1 / (2 sqrt(n)). The
    better of two samples, by nll, costs less in three of four cases. False alarm: 2e-9 for each
    statistic beside `expect_standard_normal`.
    """
    eps, mu = loss_fn.noise(), loss_fn.all_mu()
    expect_some_noise(eps)
    try:
        expect_standard_normal(eps, _WHAT)
        _expect_free_of(eps, mu)
    except Mistake as mistake:
        # The prior, or all codes of it: z itself is standard normal, whatever mu is.
        z = mu + eps * torch.exp(torch.cat([made.logvar for made in loss_fn.calls]) / 2)
        if mistake.slug.startswith("noise-") and _is_standard_normal(z):
            seen = f"The decoded codes have mean {z.mean():.2g} and variance {z.var():.2g}."
            raise Mistake("codes-from-prior", seen) from None
        raise
    less = loss_fn.against().double().mean().item()
    if abs(less - 0.5) > SIGMAS / (2 * math.sqrt(len(eps))):
        seen = f"{less:.0%} of the decoded codes cost less than their mirror images 2 mu - z."
        raise Mistake("draws-selected", seen)


def expect_some_noise(eps: Tensor) -> None:
    """Raise Mistake if the decoded codes, few or many, had no noise eps (N, D)."""
    if eps.abs().max().item() < 1e-3:
        raise Mistake("decodes-mu", "Every code z that was decoded equals its mu.")


def _expect_free_of(eps: Tensor, mu: Tensor) -> None:
    columns = zip(eps.T, mu.T, strict=True)
    for number, (noise, mean) in enumerate(columns):
        if mean.std() < 1e-6:
            continue
        correlation = torch.corrcoef(torch.stack([noise, mean]))[0, 1].item()
        if abs(correlation) > SIGMAS / math.sqrt(len(noise)):
            seen = (
                f"{_WHAT} has correlation {correlation:.2g} with mu in latent dimension {number}."
            )
            raise Mistake("noise-correlated", seen)


def _is_standard_normal(z: Tensor) -> bool:
    try:
        expect_standard_normal(z, "")
    except Mistake:
        return False
    return True


def draws(loss_fn: RecordingLoss, images: Tensor) -> tuple[Tensor, Tensor]:
    """nll and kl of all images, (K, N) each for K draws an image, as `loss_fn` returned them.

    Raises Mistake unless every image came, each equally often.
    """
    expect_all_images(loss_fn, images)
    seen = torch.cat([made.x for made in loss_fn.calls]).double()
    # Sums with weights of no pattern tell images apart.
    weights = torch.sqrt(torch.arange(2.0, 2 + images.shape[1], dtype=torch.float64))
    order = (seen @ weights).argsort(stable=True)
    each = (loss_fn.all_nll()[order].double(), loss_fn.all_kl()[order].double())
    nll, kl = (value.reshape(len(images), -1).T for value in each)
    place = torch.empty(len(images), dtype=torch.long)
    place[(images.double() @ weights).argsort(stable=True)] = torch.arange(len(images))
    return nll[:, place], kl[:, place]


def expect_mean_of_draws(value: float, each: Tensor, what: str) -> bool:
    """Whether `value` is the mean of what was drawn, `each` (K, N) for K draws of N images.

    Raises Mistake for what else is made of several draws: a minimum, a chosen one, a logarithm of
    a mean.
    """
    mean = each.mean().item()
    if _is(value, mean):
        return True
    if len(each) > 1:
        seen = f"{what} is {value:.6g}, the mean over {len(each)} draws an image is {mean:.6g}."
        log_mean = math.log(len(each)) - torch.logsumexp(-each, 0)
        if _is(value, log_mean.mean().item()):
            raise Mistake("draws-log-mean", seen)
        ordered = each.sort(0).values  # the least of each image, ..., the largest
        middle = ordered[(len(each) - 1) // 2 : len(each) // 2 + 1].mean(0)
        if any(_is(value, one.mean().item()) for one in (*each, *ordered, middle)):
            raise Mistake("draws-not-averaged", seen)
        if _is(value, each.sum(0).mean().item()):
            raise Mistake("draws-added", seen)
    return False


def expect_result_of_draws(
    result: Any, loss_fn: RecordingLoss, images: Tensor, sizes: Sequence[int]
) -> None:
    """Raise Mistake unless the pair `result` is made of what `loss_fn` returned for its draws.

    A wrong average over images, or a pair of another kind, is the mistake of another idea; so is
    one that leaves out the short batch, or all but the first.
    """
    came = sum(len(made.x) for made in loss_fn.calls)
    if came in (sizes[0], sum(sizes) - sizes[-1]) and came < len(images):
        return
    nll, kl = draws(loss_fn, images)
    pair = _numbers(result)
    if pair is None or expect_mean_of_draws(pair[0], nll, "nll"):
        return
    each, other = nll.mean(0), kl.mean(0)
    wrong = [*wrong_averages(each, sizes), *wrong_averages(each + other, sizes)]
    others = [value for _, value in wrong] + [other.mean().item(), (each + other).mean().item()]
    if not any(_is(pair[0], value) for value in others):
        seen = f"nll is {pair[0]:.6g}; what loss_fn returned has the mean {nll.mean():.6g}."
        raise Mistake("not-of-these-draws", seen)


def _numbers(result: Any) -> tuple[float, float] | None:
    try:
        nll, kl = result
        return float(nll), float(kl)
    except (TypeError, ValueError, RuntimeError):
        return None


def _is(value: float, other: float) -> bool:
    return math.isclose(value, other, rel_tol=1e-5, abs_tol=1e-5)
