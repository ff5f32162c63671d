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

_WHAT = "eps = (z - mu) / sigma of the decoded codes"


def expect_samples(loss_fn: RecordingLoss) -> None:
    """Raise Mistake unless the codes that a wide model decoded are samples of q(z|x).

    The noise eps (n, D) of all calls by `expect_standard_normal`, and by what an honest eps is free
    of: of mu, and of the direction in which an image's nll grows. For the first, the correlation in
    each latent dimension; for the second the mean of eps * d nll / dz, of what is left of eps when
    its regression on mu is taken off. Both fail beyond six standard errors: 2e-9 for a right
    answer. Of two codes the cheaper one is found at n = 2003 with 13 standard errors; 9 were the
    least for 300 models.
    """
    eps, mu = loss_fn.noise().double(), loss_fn.all_mu().double()
    expect_some_noise(eps)
    z = mu + eps * torch.exp(torch.cat([made.logvar for made in loss_fn.calls]).double() / 2)
    if _depends_on(eps, mu) and _is_standard_normal(z):
        seen = (
            f"The decoded codes have mean {z.mean():.2g}, variance {z.var():.2g}, whatever mu is."
        )
        raise Mistake("codes-from-prior", seen)
    off = _selection(eps, mu, torch.cat([made.slope for made in loss_fn.calls]).double())
    if abs(off) > SIGMAS:
        kind = "cheap" if off < 0 else "expensive"
        seen = f"The decoded codes are {kind} ones: {abs(off):.0f} standard errors from chance."
        raise Mistake("draws-selected", seen)
    if correlation := _depends_on(eps, mu):
        seen = f"{_WHAT} has correlation {correlation:.2g} with mu."
        raise Mistake("noise-depends-on-mu", seen)
    expect_standard_normal(eps, _WHAT)


def expect_some_noise(eps: Tensor) -> None:
    """Raise Mistake if the decoded codes, few or many, had no noise eps (N, D)."""
    if eps.abs().max().item() < 1e-3:
        raise Mistake("decodes-mu", "Every code z that was decoded equals its mu.")


def _depends_on(eps: Tensor, mu: Tensor) -> float:
    """The correlation of eps (n, D) with mu in a latent dimension where it is no chance, or 0."""
    for noise, mean in zip(eps.T, mu.T, strict=True):
        if min(mean.std().item(), noise.std().item()) < 1e-6:
            continue
        correlation = torch.corrcoef(torch.stack([noise, mean]))[0, 1].item()
        if abs(correlation) > SIGMAS / math.sqrt(len(noise)):
            return correlation
    return 0.0


def _selection(eps: Tensor, mu: Tensor, slope: Tensor) -> float:
    """The mean of eps * slope, without what mu says of eps, in standard errors; below 0: cheap."""
    known = torch.cat([torch.ones_like(mu[:, :1]), mu], 1)
    both = torch.cat([eps, slope], 1)
    left = both - known @ torch.linalg.lstsq(known, both).solution
    each = (left[:, : eps.shape[1]] * left[:, eps.shape[1] :]).sum(1)
    return each.mean().item() * math.sqrt(len(each)) / (each.std().item() + 1e-12)


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
    order = _fingerprints(torch.cat([made.x for made in loss_fn.calls])).argsort(stable=True)
    each = (loss_fn.all_nll()[order].double(), loss_fn.all_kl()[order].double())
    nll, kl = (value.reshape(len(images), -1).T for value in each)
    place = torch.empty(len(images), dtype=torch.long)
    place[_fingerprints(images).argsort(stable=True)] = torch.arange(len(images))
    return nll[:, place], kl[:, place]


def _fingerprints(images: Tensor) -> Tensor:
    """A whole number (N,) for each image (N, P): sums with weights of no pattern.

    Whole numbers, since a float64 sum may differ in its last digit with the row that it stands in.
    """
    weights = torch.arange(2.0, 2 + images.shape[1], dtype=torch.float64).sqrt()
    digits = [(each.double() * 2.0**24).round().long() for each in (images, weights)]
    return (digits[0] * digits[1]).sum(1)


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


def expect_codes_near_mu(loss_fn: RecordingLoss) -> None:
    """Raise Mistake when a sharp model, whose z equals mu to 1e-8, decoded something else."""
    model = loss_fn.model
    for made in loss_fn.calls:
        if made.moved:
            continue
        with torch.no_grad():
            logits = model.logits(made.mu.to(model.fc3.weight.dtype))
        off = (logits - made.logits).abs().max().item()
        if off > 1e-2 * logits.abs().max().item():
            seen = "The decoded codes are not near mu, though sigma is 2e-9 for every image."
            raise Mistake("codes-elsewhere", seen)


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
