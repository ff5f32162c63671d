"""The beta that a squared error hides, once a variance is named."""

import math
from typing import Any

from vae_checks.exercise import Exercise, idea
from vae_checks.values import expect_close
from vae_checks.verdict import call


class _HiddenBeta(Exercise):
    name, section = "hidden_beta", "2.3"

    @idea(
        "the weight of the KL, once the squared error is a Gaussian of the named variance",
        also=[{"pixels": 3, "latent_dim": 3}, {"pixels": 1, "latent_dim": 1}],
    )
    def value(self, answer: Any, *, pixels: int = 11, latent_dim: int = 3) -> None:
        """A number, to 1e-6, for both reductions of both terms, several variances and weights."""
        ways = [("mean", "sum"), ("sum", "mean"), ("mean", "mean"), ("sum", "sum")]
        for variance, weight in ((0.3, 0.7), (1.9, 2.3), (0.5, 1.0)):
            for reduction, kl_reduction in ways:
                sizes = {"pixels": pixels, "latent_dim": latent_dim, "variance": variance}
                words = {"reduction": reduction, "kl_reduction": kl_reduction}
                value = call(self.name, answer, sizes | words, kl_weight=weight)
                truth = beta_of(pixels, latent_dim, variance, reduction, kl_reduction, weight)
                what = f'beta of "{reduction}" and the KL\'s "{kl_reduction}"'
                wrong = _wrong_betas(sizes, words, weight, truth)
                expect_close(value, truth, what, wrong, rtol=5e-7)
        sizes = {"pixels": pixels, "latent_dim": latent_dim, "variance": 0.3}
        value = call(self.name, answer, sizes)
        expect_close(value, 1 / 0.6, "beta of the defaults", [("beta-defaults", pixels / 0.6),
            ("beta-defaults", 1 / 0.6 / latent_dim)])  # fmt: skip


def beta_of(
    pixels: float,
    latent_dim: float,
    variance: float,
    reduction: str,
    kl_reduction: str,
    weight: float,
) -> float:
    """beta with error / (2 variance) + beta KL a multiple of what is minimized."""
    of_error = 1 / pixels if reduction == "mean" else 1.0
    of_kl = weight / latent_dim if kl_reduction == "mean" else weight
    return of_kl / (2 * variance * of_error)


def _wrong_betas(
    sizes: dict[str, Any], words: dict[str, str], weight: float, truth: float
) -> list[tuple[str, float]]:
    pixels, latent, variance = sizes["pixels"], sizes["latent_dim"], sizes["variance"]
    averaged = words["reduction"] == "mean"
    of_mean = words["kl_reduction"] == "mean"
    p, d = (pixels if averaged else 1), (latent if of_mean else 1)
    swapped = (1 if averaged else pixels), (1 if of_mean else latent)

    def of(count: float, size: float, spread_: float = 2 * variance, w: float = weight) -> float:
        return w * count / (spread_ * size)

    wrong = [
        ("beta-upside-down", 1 / truth),
        ("beta-no-two", of(p, d, variance)),
        ("beta-two-above", of(p, d, variance / 2)),
        ("beta-of-deviation", of(p, d, 2 * math.sqrt(variance))),
        ("beta-of-deviation", of(p, d, 2 * variance**2)),
        ("beta-variance-above", 2 * variance * weight * p / d),
        ("beta-variance-above", variance * weight * p / d),
        ("beta-variance-ignored", weight * p / d),
        ("beta-pixels-divide", of(1 / p, d)),
        ("beta-latent-multiplies", of(p, 1 / d)),
        ("beta-weight-ignored", of(p, d, w=1.0)),
        ("beta-weight-divides", of(p, d, w=1 / weight)),
        ("beta-pixels-ignored", of(1, d)),
        ("beta-latent-ignored", of(p, 1)),
        ("beta-always-averaged", of(pixels, d)),
        ("beta-always-averaged", of(p, latent)),
        ("beta-always-averaged", of(pixels, latent)),
        ("beta-reductions-swapped", of(swapped[0], swapped[1])),
        ("beta-reductions-swapped", of(swapped[0], d)),
        ("beta-reductions-swapped", of(p, swapped[1])),
        ("beta-sizes-exchanged", of(latent if averaged else 1, pixels if of_mean else 1)),
        ("beta-sizes-exchanged", of(p, pixels if of_mean else 1)),
        ("beta-negative", -truth),
    ]
    return [(slug, w) for slug, w in wrong if not math.isclose(w, truth, rel_tol=1e-5)]


hidden_beta = _HiddenBeta()
