"""The density of all codes of a data set together, q(z) = 1/N sum_n q(z|x_n)."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.lab1.oracle import LOG_2PI
from vae_checks.misread import arguments_named
from vae_checks.values import (
    close,
    expect_equal,
    expect_exact,
    expect_single,
    expect_tensor,
    infinity,
    unless_right,
)
from vae_checks.verdict import Mistake, call


class _AggregatePosteriorLogProb(Exercise):
    name, section = "aggregate_posterior_log_prob", "4.4"

    @idea(
        "for each code the log of the mean of all images' densities, in nats",
        also=[
            {"codes": 4, "images": 4, "latent": 4},
            {"codes": 1, "images": 1, "latent": 1},
            {"codes": 3, "images": 1021, "latent": 2},
        ],
    )
    def value(self, answer: Any, *, codes: int = 3, images: int = 5, latent: int = 7) -> None:
        """Equal to the mixture's log density, in float64 and float32."""
        z, mu, logvar = _mixture(codes, images, latent)
        self._expect(answer, z, mu, logvar)
        self._expect(answer, mu[:codes].clone(), mu, logvar)  # where a square is 0
        z, mu, logvar = (each.float() for each in (z, mu, logvar))
        value = self._call(answer, z, mu, logvar)
        expect_equal(expect_single(value, "log q(z)"), mixture(z, mu, logvar), "log q(z)")

    @idea("a density: it integrates to 1, on a line and in the plane", also=[{"images": 1}])
    def normalized(self, answer: Any, *, images: int = 5) -> None:
        """Sums over grids that hold all of five Gaussians, to 1e-6: the trapezoidal rule."""
        for latent, side in ((1, 401), (2, 61)):
            mu = spread(images, latent)
            logvar = spread(images, latent, low=0.1, high=0.6)
            axis = torch.linspace(-9.5, 9.5, side, dtype=torch.float64)
            z = torch.cartesian_prod(*[axis] * latent).reshape(-1, latent)
            value = self._call(answer, z, mu, logvar)
            integral = value.detach().double().exp().sum() * (axis[1] - axis[0]) ** latent
            if not abs(integral.item() - 1) < 1e-4:
                self._expect(answer, z, mu, logvar)
                seen = f"Over a grid in {latent} dimensions exp(log q(z)) sums to {integral:.4g}."
                raise Mistake("aggregate-not-one", seen)

    @idea(
        "right for codes far from all images: no density underflows",
        also=[{"codes": 4, "images": 4, "latent": 4}, {"codes": 1, "images": 1, "latent": 1}],
    )
    def far(self, answer: Any, *, codes: int = 3, images: int = 5, latent: int = 7) -> None:
        """Where all densities are 0 in float64; then where the posteriors are very narrow."""
        z, mu, logvar = _mixture(codes, images, latent)
        for codes_far, width, slug in (
            (40 * z, logvar, "density-floor"),
            (z, logvar - 12, "kl-clipped"),
            (z, logvar + 20, "kl-clipped"),
            (z + 60, logvar, "value-cut"),
        ):
            mu = mu + 60 if slug == "value-cut" else mu
            truth = mixture(codes_far, mu, width)
            value = self._called(answer, codes_far, mu, width)
            if torch.is_tensor(value) and value.isinf().any():
                seen = f"Where log q(z) is {truth[0]:.0f} nats it contains {infinity(value)}."
                raise Mistake("density-underflow", seen)
            wrong = _wrong(codes_far, mu, width)
            value = expect_tensor(value, tuple(truth.shape), "log q(z)", wrong)
            off = (value.detach().double() - truth).abs().max()
            if off > 0.01 * truth.abs().max() and not _known(value, wrong):
                place = int((value.detach().double() - truth).abs().argmax())
                got, wanted = value[place].item(), truth[place].item()
                seen = f"With z near {codes_far.mean():.0f} and logvar near {width.mean():.0f}"
                raise Mistake(slug, f"{seen} log q(z) is {got:.4g}, it should be {wanted:.4g}.")
            expect_equal(value, truth, "log q(z)", wrong, "nats")

    def _call(self, answer: Any, z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
        value = self._called(answer, z, mu, logvar)
        if torch.is_tensor(value) and value.isinf().any():
            raise Mistake("density-underflow", f"log q(z) contains {infinity(value)}.")
        wrong = _wrong(z.double(), mu.double(), logvar.double())
        return expect_tensor(value, (len(z),), "log q(z)", wrong)

    def _called(self, answer: Any, z: Tensor, mu: Tensor, logvar: Tensor) -> Any:
        try:
            return call(self.name, answer, {"z": z, "mu": mu, "logvar": logvar})
        except Mistake as mistake:
            if mistake.slug == "raised" and self._pairs_by_row(answer, mu, logvar):
                raise Mistake("aggregate-own-image", mistake.seen) from None
            raise

    def _pairs_by_row(self, answer: Any, mu: Tensor, logvar: Tensor) -> bool:
        """Whether an answer works where there are as many codes as images, pairing them."""
        z = mu.flip(0).clone()
        try:
            value = call(self.name, answer, {"z": z, "mu": mu, "logvar": logvar})
        except Mistake:
            return False
        own = of_all_pairs(z, mu, logvar).diagonal()
        return torch.is_tensor(value) and close(value, own)

    def _expect(self, answer: Any, z: Tensor, mu: Tensor, logvar: Tensor) -> None:
        value, wrong = self._call(answer, z, mu, logvar), _wrong(z, mu, logvar)
        inner = (_mixed, {"log_q": of_all_pairs(z, mu, logvar)})
        with arguments_named(value, mixture, {"z": z, "mu": mu, "logvar": logvar}, inner):
            expect_exact(value, mixture(z, mu, logvar), "log q(z)", wrong, "nats")


def mixture(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log 1/N sum_n N(z; mu_n, diag(exp(logvar_n))) of z (K, D), (K,) in float64."""
    return _mixed(of_all_pairs(z, mu, logvar))


def _mixed(log_q: Tensor) -> Tensor:
    """Of log densities (K, N)."""
    return log_q.logsumexp(1) - math.log(log_q.shape[1])


def of_all_pairs(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log q(z_k|x_n), (K, N), in float64."""
    return oracle.log_q(z.double()[:, None], mu.double(), logvar.double())


def _mixture(codes: int, images: int, latent: int) -> tuple[Tensor, Tensor, Tensor]:
    """z (K, D) among the images, mu and logvar (N, D)."""
    mu, logvar = spread(images, latent), spread(images, latent, high=1.2)
    return spread(codes, latent), mu, logvar


def _wrong(z: Tensor, mu: Tensor, logvar: Tensor) -> list[tuple[str, Tensor]]:
    pairs, (images, latent) = of_all_pairs(z, mu, logvar), mu.shape
    each = oracle.log_normal(z[:, None] - mu, logvar)  # (K, N, D)
    truth, codes = pairs.logsumexp(1) - math.log(images), len(z)
    total, count = pairs.logsumexp(1), math.log(images)
    variance = logvar.exp()
    mean, fitted = mu.mean(0), variance.mean(0) + mu.var(0, correction=0)

    def mixed(quadratic: Tensor, log_scale: Tensor, constant: float = LOG_2PI) -> Tensor:
        parts = -0.5 * (quadratic + log_scale + constant)
        return parts.sum(-1).logsumexp(1) - count

    off = (z[:, None] - mu) ** 2
    right, scale = off / variance, logvar + 0 * off
    wrong = [
        ("aggregate-mean-of-logs", pairs.mean(1)),
        ("aggregate-mean-of-logs", pairs.sum(1)),
        ("aggregate-mean-of-logs", pairs.sum(1) - count),
        ("aggregate-axes-exchanged", each.sum(1).logsumexp(1) - count),
        ("aggregate-axes-exchanged", each.sum(1).logsumexp(1)),
        ("aggregate-axes-exchanged", each.sum(1).logsumexp(1) - math.log(latent)),
        ("aggregate-one-image", of_all_pairs(z, mu[:1], logvar).logsumexp(1) - count),
        ("aggregate-one-image", of_all_pairs(z, mu[:1], logvar).logsumexp(1)),
        *(("value-cut", truth.clamp(-b, b)) for b in (1, 3, 5, 10, 30)),
        ("value-cut", truth.relu()),
        ("aggregate-no-count", total),
        ("aggregate-count-sign", total + count),
        ("aggregate-divided-outside", total / images),
        ("aggregate-other-count", total - math.log(latent)),
        ("aggregate-nearest-only", pairs.amax(1)),
        ("aggregate-nearest-only", pairs.amax(1) - count),
        ("aggregate-one-image", pairs[:, 0]),
        ("aggregate-one-image", pairs[:, -1]),
        ("aggregate-by-dimension", (each.logsumexp(1) - count).sum(-1)),
        ("aggregate-by-dimension", each.logsumexp(1).sum(-1) - count),
        ("aggregate-by-dimension", each.logsumexp(1).sum(-1)),
        ("aggregate-one-gaussian", oracle.log_q(z, mean, logvar.mean(0))),
        ("aggregate-one-gaussian", oracle.log_q(z, mean, variance.mean(0).log())),
        ("aggregate-one-gaussian", oracle.log_q(z, mean, fitted.log())),
        ("aggregate-is-prior", oracle.log_prior(z)),
        ("density-not-logged", truth.exp()),
        ("density-not-logged", total.exp()),
        ("density-sign", -truth),
        ("density-no-log-scale", mixed(right, 0 * scale)),
        ("density-log-scale-sign", mixed(right, -scale)),
        ("density-log-sigma-factor", mixed(right, 2 * scale)),
        ("density-log-sigma-factor", mixed(right, scale / 2)),
        ("density-times-variance", mixed(off * variance, scale)),
        ("density-no-half", mixed(2 * right, scale)),
        ("density-no-half", mixed(2 * right, 2 * scale, 2 * LOG_2PI)),
        ("density-no-half", mixed(2 * right, scale, LOG_2PI)),
        ("density-constant", mixed(right, scale, 0.0)),
        ("density-constant", truth + 0.5 * (latent - 1) * LOG_2PI),
        ("density-constant", truth + 0.5 * LOG_2PI * (latent - images)),
        ("density-unnormalized", mixed(right, 0 * scale, 0.0)),
        ("kl-sigma-not-squared", mixed(off / variance.sqrt(), scale)),
        ("kl-sigma-not-squared", mixed(off / variance.sqrt(), scale / 2)),
        ("kl-log-sigma", mixed(off / variance**2, 2 * scale)),
        ("kl-no-exp", mixed(off / logvar, scale)),
        ("density-mean", each.mean(-1).logsumexp(1) - count),
        ("density-at-origin", mixed(z[:, None] ** 2 / variance, scale)),
        ("aggregate-not-reduced", pairs),
        ("aggregate-not-reduced", pairs.mT),
        ("aggregate-not-reduced", pairs - count),
        ("aggregate-batch", truth.mean()),
        ("aggregate-batch", truth.sum()),
        ("aggregate-batch", pairs.logsumexp((0, 1)) - math.log(images * codes)),
        ("aggregate-over-codes", pairs.logsumexp(0)),
        ("aggregate-over-codes", pairs.logsumexp(0) - math.log(codes)),
        ("aggregate-over-codes", pairs.logsumexp(0) - count),
        ("aggregate-by-dimension", each.logsumexp(1) - count),
        ("density-keeps-dimension", truth[:, None]),
    ]
    if codes > 1:
        wrong += [("aggregate-other-count", total - math.log(codes))]
    return unless_right(wrong, truth)


def _known(value: Tensor, wrong: list[tuple[str, Tensor]]) -> bool:
    return any(close(value, each) for _, each in wrong)


aggregate_posterior_log_prob = _AggregatePosteriorLogProb()
