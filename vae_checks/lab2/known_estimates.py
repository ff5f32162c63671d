"""Right and known wrong estimates of both gradients, for the checks of the two estimators."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Normal

from vae_checks.lab2.oracles import Curve, Pair

Wrong = list[tuple[str, Pair]]


def score(z: Tensor, mu: Tensor, sigma: Tensor) -> Pair:
    """The gradients of log N(z; mu, diag(sigma^2)) by mu and sigma, two of (K, D)."""
    eps = (z - mu) / sigma
    return eps / sigma, (eps**2 - 1) / sigma


def weighed_scores(values: Tensor, z: Tensor, mu: Tensor, sigma: Tensor) -> Pair:
    by_mu, by_sigma = score(z, mu, sigma)
    return values[:, None] * by_mu, values[:, None] * by_sigma


def along_path(f: Curve, eps: Tensor, mu: Tensor, sigma: Tensor) -> Pair:
    slope = f.derivative(mu + sigma * eps)
    return slope, slope * eps


def wrong_score_function(f: Curve, z: Tensor, mu: Tensor, sigma: Tensor) -> Wrong:
    values, ones = f(z), torch.ones(len(z), dtype=z.dtype)
    right = weighed_scores(values, z, mu, sigma)
    eps = (z - mu) / sigma
    slope = f.derivative(z)
    score = weighed_scores(ones, z, mu, sigma)
    density = Normal(mu, sigma).log_prob(z).exp()
    log_density = Normal(mu, sigma).log_prob(z)
    joint, bare = density.prod(1, keepdim=True), torch.exp(-(eps**2).sum(1, keepdim=True) / 2)
    rest = values - f(mu)
    mean = values.mean()
    others = (values.sum() - values) / max(1, len(z) - 1)
    return [
        ("estimator-sign", (-right[0], -right[1])),
        ("estimator-f-differentiated", (right[0] + slope, right[1] + slope * eps)),
        ("estimator-f-differentiated", (right[0] + slope, right[1] + slope)),
        ("estimator-pathwise", (slope, slope * eps)),
        ("estimator-no-f", score),
        ("estimator-no-score", (values[:, None] + 0 * z,) * 2),
        ("estimator-no-score", (values,) * 2),
        ("estimator-log-density", (values[:, None] * log_density,) * 2),
        ("estimator-log-density", (values * log_density.sum(1),) * 2),
        ("score-of-density", (right[0] * density, right[1] * density)),
        ("score-of-density", (right[0] * joint, right[1] * joint)),
        ("score-of-density", (right[0] * bare, right[1] * bare)),
        ("estimator-slope-times-score", (slope * score[0], slope * score[1])),
        ("estimator-mean-f", weighed_scores(mean * ones, z, mu, sigma)),
        ("estimator-mean-f", weighed_scores(values.sum() * ones, z, mu, sigma)),
        ("estimator-f-elsewhere", weighed_scores(f(mu) * ones, z, mu, sigma)),
        ("estimator-f-elsewhere", weighed_scores(f(eps), z, mu, sigma)),
        ("estimator-f-elsewhere", weighed_scores(f(mu + sigma * z), z, mu, sigma)),
        ("estimator-baseline", weighed_scores(values - mean, z, mu, sigma)),
        ("estimator-baseline", weighed_scores(values - others, z, mu, sigma)),
        ("estimator-baseline", weighed_scores(rest, z, mu, sigma)),
        ("gradient-by-variance", (right[0], right[1] / (2 * sigma))),
        ("gradient-by-log", (right[0], right[1] * sigma)),
        ("gradient-by-log", (right[0], right[1] * sigma / 2)),
        ("score-no-normalizer", (right[0], values[:, None] * eps**2 / sigma)),
        ("score-scale", (right[0] * sigma, right[1] * sigma)),
        *_merged(right),
    ]


def wrong_pathwise(f: Curve, eps: Tensor, mu: Tensor, sigma: Tensor) -> Wrong:
    z = mu + sigma * eps
    right = along_path(f, eps, mu, sigma)
    slope = right[0]

    def elsewhere(where: Tensor) -> Pair:
        other = f.derivative(where) + 0 * eps
        return other, other * eps

    return [
        ("estimator-sign", (-right[0], -right[1])),
        ("pathwise-no-eps", (slope, slope)),
        ("pathwise-no-eps", (slope, slope * sigma)),
        ("pathwise-by-z", (slope, slope * z)),
        ("pathwise-eps-for-mu", (slope * eps, slope * eps)),
        ("pathwise-times-sigma", (slope * sigma, slope * eps * sigma)),
        ("pathwise-times-sigma", (slope * sigma, slope * eps)),
        ("gradient-by-log", (slope, slope * eps * sigma)),
        ("gradient-by-log", (slope, slope * eps * sigma / 2)),
        ("gradient-by-variance", (slope, slope * eps / (2 * sigma))),
        ("pathwise-elsewhere", elsewhere(eps)),
        ("pathwise-elsewhere", elsewhere(mu)),
        ("noise-by-variance", elsewhere(mu + sigma**2 * eps)),
        ("noise-by-variance", (elsewhere(mu + sigma**2 * eps)[0], right[1])),
        ("noise-by-root", elsewhere(mu + sigma.sqrt() * eps)),
        ("mu-scaled", elsewhere(sigma * (mu + eps))),
        ("mu-detached", elsewhere(sigma * eps)),
        ("noise-by-exp", elsewhere(mu + torch.exp(sigma / 2) * eps)),
        ("estimator-no-derivative", (f(z)[:, None] + 0 * eps, f(z)[:, None] * eps)),
        ("estimator-score-function", weighed_scores(f(z), z, mu, sigma)),
        ("gradient-detached", (0 * eps, 0 * eps)),
        *_merged(right),
    ]


def _merged(right: Pair) -> Wrong:
    """Right estimates (K, D) after a sum or mean that was not asked for."""

    def both(merge: Callable[[Tensor], Tensor]) -> Pair:
        return merge(right[0]), merge(right[1])

    samples = len(right[0])
    wrong = [
        ("samples-merged", both(lambda part: part.sum(0))),
        ("samples-merged", both(lambda part: part.mean(0))),
        ("coordinates-merged", both(lambda part: part.sum(1))),
        ("coordinates-merged", both(lambda part: part.mean(1))),
    ]
    if samples > 1:  # for one sample these are right
        wrong.append(("divided-by-samples", both(lambda part: part / samples)))
    return wrong
