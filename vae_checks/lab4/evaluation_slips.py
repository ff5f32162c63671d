"""Known wrong results of the scripts of the bug hunt, by slug: what was computed instead."""

import math

import torch
from torch import Tensor

from vae_checks.fixtures import spread, true_kl
from vae_checks.lab1 import oracle
from vae_checks.lab4.importance_bound import bound
from vae_checks.values import Candidates


def wrong_bounds_of_parts(parts: list[Tensor]) -> Candidates:
    """For L_K of log weights that come in parts (k, B)."""
    log_w = torch.cat(parts)
    truth = bound(log_w)
    each = torch.stack([bound(part) for part in parts])
    sums = torch.stack([part.logsumexp(0) for part in parts])
    lengths = torch.tensor([len(part) for part in parts], dtype=log_w.dtype)[:, None]
    wrong = [
        ("bug-mean-of-logs", log_w.mean(0)),
        ("bug-mean-of-logs", torch.stack([part.mean(0) for part in parts]).mean(0)),
        ("bug-mean-of-parts", each.mean(0)),
        ("bug-mean-of-parts", (lengths * each).sum(0) / len(log_w)),
        ("bug-parts-weigh-alike", bound(each)),
        ("bug-no-count", log_w.logsumexp(0)),
        ("bug-no-count", sums.mean(0)),
        ("bug-counts-parts", log_w.logsumexp(0) - math.log(len(parts))),
        ("bug-counts-parts", sums.mean(0) - math.log(len(log_w))),
        ("bug-sum-of-logs", log_w.sum(0)),
        ("bug-parts-multiplied", sums.sum(0)),
        ("bug-parts-multiplied", sums.sum(0) - math.log(len(log_w))),
        ("bug-parts-multiplied", sums.sum(0) / len(log_w)),
        ("bug-parts-multiplied", each.sum(0)),
        ("bug-parts-multiplied", each.sum(0) / len(log_w)),
        ("bug-best-only", log_w.amax(0)),
        ("bug-best-only", log_w.amax(0) - math.log(len(log_w))),
        ("bug-last-part", each[-1]),
        ("bug-last-part", each[0]),
        ("bug-last-part", sums[-1] - math.log(len(log_w))),
        ("bug-not-logged", log_w.exp().mean(0)),
        ("bug-last-part", log_w[: -len(parts[-1])].logsumexp(0) - math.log(len(log_w))),
        ("bug-last-part", bound(log_w[: -len(parts[-1])]) if len(parts) > 1 else -truth),
        ("bug-divided-in-parts", _divided_on_the_way(parts)),
        ("chunk-not-rescaled", not_rescaled([[part[:, b] for part in parts]
            for b in range(log_w.shape[1])])),
        ("bug-starts-at-one", torch.logaddexp(log_w.logsumexp(0), 0 * log_w[0])
            - math.log(len(log_w))),
        ("value-negated", -bound(log_w)),
        ("bug-over-images", log_w.logsumexp(1) - math.log(log_w.shape[1])),
        ("bug-over-images", bound(log_w).mean()),
        ("bug-over-images", bound(log_w).sum()),
    ]  # fmt: skip
    # With one part or one sample several of these are right.
    return [(slug, value) for slug, value in wrong if not _equal(value, truth)]


def _divided_on_the_way(parts: list[Tensor]) -> Tensor:
    """The sum of each part joined to what came before, and divided by the number so far."""
    total, count = parts[0].logsumexp(0) - math.log(len(parts[0])), len(parts[0])
    for part in parts[1:]:
        count += len(part)
        total = torch.logaddexp(total, part.logsumexp(0)) - math.log(count)
    return total


def not_rescaled(given: list[list[Tensor]]) -> Tensor:
    """L_K with sums about the largest weight so far, the earlier ones left as they were."""
    found = []
    for parts in given:
        tops = torch.stack([part.max() for part in parts]).cummax(0).values
        total = sum((part - top).exp().sum() for part, top in zip(parts, tops, strict=True))
        found.append(tops[-1] + torch.as_tensor(total).log() - math.log(sum(map(len, parts))))
    return torch.stack(found)


def separating_weights(samples: int, images: int) -> Tensor:
    """Log weights (K, B) of which no known wrong mean or error is within 1e-3 of the right one.

    K, B and 2 are different numbers, else some are the same for all weights.
    """
    while True:
        log_w = -9 + spread(1, images, low=1, high=5) + spread(samples, images, high=1.0)
        bounds = bound(log_w)
        pairs = [(bounds.mean(), wrong_means(log_w)), (standard_error(bounds), wrong_errors(log_w))]
        if all(
            value.shape != right.shape or abs(value - right) > 1e-3 * abs(right)
            for right, known in pairs
            for _, value in known
        ):
            return log_w


def standard_error(bounds: Tensor) -> Tensor:
    """Of the mean of L_K over images, of their bounds (B,)."""
    return bounds.std() / math.sqrt(len(bounds))


def _equal(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.allclose(one, other, rtol=0, atol=1e-4)


def wrong_weights(likelihood: Tensor, z: Tensor, mu: Tensor, logvar: Tensor) -> Candidates:
    """For log weights (K, B) of codes z (K, B, D)."""
    prior, log_q, kl = oracle.log_prior(z), oracle.log_q(z, mu, logvar), true_kl(mu, logvar)
    truth, constant = likelihood + prior - log_q, 0.5 * mu.shape[-1] * oracle.LOG_2PI
    sigma = oracle.log_q(z, mu, 2 * logvar)
    return [
        ("bug-analytic-kl", likelihood - kl),
        ("bug-analytic-kl", likelihood + kl),
        ("bug-analytic-kl", (likelihood - kl).mean(0)),
        ("bug-analytic-kl", truth - kl),
        ("bug-kl-sign", likelihood - prior + log_q),
        ("bug-kl-sign", likelihood + prior + log_q),
        ("bug-kl-sign", likelihood - prior - log_q),
        ("bug-normalized", truth - truth.logsumexp(0)),
        ("bug-averaged-kl", likelihood + (prior - log_q).sum(0)),
        ("density-times-variance", likelihood + prior - _other_square(z, mu, logvar, logvar)),
        ("kl-sigma-not-squared", likelihood + prior - _other_square(z, mu, logvar, -logvar / 2)),
        ("bug-no-prior", likelihood - log_q),
        ("bug-no-q", likelihood + prior),
        ("bug-no-likelihood", prior - log_q),
        ("bug-averaged-kl", likelihood + (prior - log_q).mean(0)),
        ("bug-averaged-kl", likelihood + (prior - log_q).mean()),
        ("bug-log-sigma", likelihood + prior - sigma),
        ("bug-log-sigma", likelihood + prior - oracle.log_q(z, mu, logvar / 2)),
        ("density-constant", truth + constant),
        ("density-constant", truth - constant),
        ("bug-no-log-sigma", truth - 0.5 * logvar.sum(-1)),
        ("bug-dimensions-averaged", likelihood + (prior - log_q) / mu.shape[-1]),
        ("bug-latent-not-summed", likelihood[..., None] + oracle.log_normal(z, 0.0)
            - oracle.log_normal(z - mu, logvar)),
        ("value-negated", -truth),
        ("bug-not-logged", truth.exp()),
        ("bug-over-samples", truth.mean(0)),
        ("bug-over-samples", bound(truth)),
        ("bug-over-samples", truth.logsumexp(0)),
    ]  # fmt: skip


def _other_square(z: Tensor, mu: Tensor, logvar: Tensor, log_factor: Tensor) -> Tensor:
    """log q whose square is multiplied by exp(log_factor), not divided by the variance."""
    parts = (z - mu).square() * log_factor.exp() + logvar + oracle.LOG_2PI
    return -0.5 * parts.sum(-1)


def wrong_of_losses(losses: Tensor) -> Candidates:
    """For -L_K of losses -log w (K, B)."""
    count, truth = math.log(len(losses)), -bound(-losses)
    wrong = [
        ("bug-sign-of-losses", losses.logsumexp(0) - count),
        ("bug-sign-of-losses", losses.logsumexp(0)),
        ("bug-sign-of-losses", -(losses.logsumexp(0) - count)),
        ("bug-sign-of-result", -truth),
        ("bug-no-count", -(-losses).logsumexp(0)),
        ("bug-no-count", (-losses).logsumexp(0)),
        ("bug-count-sign", -(-losses).logsumexp(0) - count),
        ("bug-mean-of-logs", losses.mean(0)),
        ("bug-mean-of-logs", -losses.mean(0)),
        ("bug-best-only", losses.amin(0)),
        ("bug-best-only", losses.amax(0)),
        ("bug-not-logged", (-losses).exp().mean(0)),
        ("bug-softmax-weights", (torch.softmax(-losses, 0) * losses).sum(0)),
        ("bug-softmax-weights", (torch.softmax(losses, 0) * losses).sum(0)),
        ("bug-over-images", -((-losses).logsumexp(1) - math.log(losses.shape[1]))),
        ("bug-over-images", truth.mean()),
        ("bug-over-images", truth.sum()),
    ]
    return [(slug, value) for slug, value in wrong if not _equal(value, truth)]


def wrong_means(log_w: Tensor) -> Candidates:
    """For the mean of L_K over images."""
    bounds = bound(log_w)
    return [
        ("bug-mean-of-logs", log_w.mean()),
        ("bug-one-bound-for-all", bound(log_w.flatten())),
        ("bug-one-bound-for-all", bound(bounds)),
        ("bug-no-count", log_w.logsumexp(0).mean()),
        ("bug-sum-over-images", bounds.sum()),
        ("bug-mean-negated", -bounds.mean()),
        ("bug-over-images", log_w.logsumexp(1).mean() - math.log(log_w.shape[1])),
        ("bug-no-count", log_w.logsumexp(0).mean() - math.log(log_w.shape[1])),
        ("bug-pair-swapped", standard_error(bounds)),
        ("bug-not-averaged", bounds),
    ]


def wrong_errors(log_w: Tensor) -> Candidates:
    """For its standard error over images."""
    bounds, size = bound(log_w), (log_w - bound(log_w)).exp()  # weights, of mean 1
    samples, images = log_w.shape
    spread_of, biased = bounds.std(), bounds.std(correction=0)
    over_samples = size.std(0) / math.sqrt(samples)
    return [
        ("bug-divided-by-samples", spread_of / math.sqrt(samples)),
        ("bug-divided-by-samples", biased / math.sqrt(samples)),
        ("bug-divided-by-all", spread_of / math.sqrt(samples * images)),
        ("bug-divided-by-all", log_w.std() / math.sqrt(samples * images)),
        ("bug-error-of-logs", log_w.std() / math.sqrt(images)),
        ("bug-error-of-logs", log_w.mean(0).std() / math.sqrt(images)),
        ("bug-error-over-samples", over_samples.mean()),
        ("bug-error-over-samples", over_samples.square().sum().sqrt() / images),
        ("bug-error-over-samples", log_w.mean(1).std() / math.sqrt(samples)),
        ("bug-error-over-samples", log_w.std(0).mean() / math.sqrt(samples)),
        ("bug-spread-not-error", spread_of),
        ("bug-spread-not-error", biased),
        ("bug-interval", 1.96 * standard_error(bounds)),
        ("bug-interval", 2 * standard_error(bounds)),
        (
            "bug-error-joined",
            (standard_error(bounds) ** 2 + over_samples.square().sum() / images**2).sqrt(),
        ),
        ("bug-error-joined", standard_error(bounds) + over_samples.square().sum().sqrt() / images),
        ("bug-error-biased", biased / math.sqrt(images)),
        ("bug-error-no-root", spread_of / images),
        ("bug-error-no-root", bounds.var() / images),
        ("bug-error-no-root", bounds.var() / math.sqrt(images)),
        ("bug-one-less-twice", spread_of / math.sqrt(images - 1)),
        ("bug-not-averaged", over_samples),
    ]
