"""KL(q || p(z|x)) for a Gaussian posterior with any covariance: what the bound lacks."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab1 import oracle
from vae_checks.lab1.pieces import expect_fixed
from vae_checks.values import expect_exact, expect_tensor
from vae_checks.verdict import Mistake, call


class _KLToPosterior(Exercise):
    name, section = "kl_to_posterior", "5.1"

    @idea(
        "one number per image, in nats, for a covariance of each image or one for all",
        also=[{"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """Equal to the closed form; the covariance is (B, D, D) or (D, D), with correlations."""
        for leading in ((batch,), ()):
            covariance = _covariance(*leading, latent=latent)
            mu, logvar, mean = (spread(batch, latent) for _ in range(3))
            self._expect(answer, mu, logvar, mean, covariance, "kl")

    @idea("log p(x) - ELBO, to ten digits, and 0 where q is the posterior")
    def identity(self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7) -> None:
        """On the linear-Gaussian model; then with a diagonal posterior as q: needs pixels >= D."""
        model, x = oracle.fresh_model(pixels, latent), spread(batch, pixels)
        mu, logvar = spread(batch, latent), spread(batch, latent)
        posterior = model.posterior(x)
        covariance = posterior.covariance_matrix[0].clone()
        truth = model.log_evidence(x) - oracle.elbo(model, x, mu, logvar)
        self._expect(answer, mu, logvar, posterior.mean, covariance, "log p(x) - ELBO", truth)
        model = oracle.factorized_model(pixels, latent)
        mu, logvar = oracle.diagonal_posterior(model, x)
        covariance = torch.diag_embed(logvar.exp())
        what = "kl (q is the posterior)"
        self._expect(answer, mu, logvar, mu.clone(), covariance, what, 0 * mu[:, 0])

    @idea("right for many dimensions and small variances: no determinant underflows")
    def stable(self, answer: Any, *, batch: int = 2, latent: int = 61) -> None:
        """D = 61 and variances near 1e-6: the determinant, about 1e-366, is 0 in float64. Then
        variances of q from exp(-60) to exp(60).
        """
        covariance = 1e-6 * _covariance(latent=latent)
        mu, logvar = spread(batch, latent), spread(batch, latent, high=0.6) - 13.8
        mean = mu + 1e-3 * spread(batch, latent)
        value = call(self.name, answer, _arguments(mu, logvar, mean, covariance))
        if torch.is_tensor(value) and not torch.isfinite(value).all():
            raise Mistake("gap-determinant-underflow", f"kl is {value.flatten()[0]:.4g}.")
        self._expect(answer, mu, logvar, mean, covariance, "kl")
        for shift in (-60, -30, -12, 12, 30, 60):
            mu, logvar, mean = spread(batch, 3), spread(batch, 3) + shift, spread(batch, 3)
            covariance = _covariance(latent=3)
            truth = oracle.kl_to_gaussian(mu, logvar, mean, covariance)
            value = call(self.name, answer, _arguments(mu, logvar, mean, covariance))
            value = expect_tensor(value, (batch,), "kl")
            if (value.detach() - truth).abs().max() > 1e-9 * truth.abs().max():
                seen = f"With logvar near {shift} kl[0] is {value[0]:.8g}"
                raise Mistake("kl-clipped", f"{seen}, it should be {truth[0]:.8g}.")

    def _expect(
        self,
        answer: Any,
        mu: Tensor,
        logvar: Tensor,
        mean: Tensor,
        covariance: Tensor,
        what: str,
        truth: Tensor | None = None,
    ) -> None:
        value = call(self.name, answer, _arguments(mu, logvar, mean, covariance))
        if truth is None:
            truth = oracle.kl_to_gaussian(mu, logvar, mean, covariance)
        wrong = _wrong(mu, logvar, mean, covariance)
        if truth.any():
            arguments = _arguments(mu, logvar, mean, covariance)
            expect_fixed(answer, self.name, arguments, value, truth, wrong, what)
            return
        if torch.is_tensor(value) and value.shape == truth.shape:
            off = value.detach().double().abs().max()
            if 1e-12 < off < 1e-10:  # what is 0 up to rounding
                value = 0 * value
        expect_exact(value, truth, what, wrong, "nats")


def _covariance(*leading: int, latent: int) -> Tensor:
    """Positive definite, with correlations and eigenvalues not far from 1."""
    root = normal(*leading, latent, latent + 3) / (latent + 3) ** 0.5
    scale = spread(*leading, latent, low=0.5, high=1.3).abs()
    covariance = root @ root.mT + 0.3 * torch.eye(latent, dtype=torch.float64)
    return scale[..., None] * covariance * scale[..., None, :]


def _arguments(mu: Tensor, logvar: Tensor, mean: Tensor, covariance: Tensor) -> dict[str, Any]:
    return {"mu": mu, "logvar": logvar, "mean": mean, "covariance": covariance}


def _wrong(
    mu: Tensor, logvar: Tensor, mean: Tensor, covariance: Tensor
) -> list[tuple[str, Tensor]]:
    latent, variance, off = mu.shape[-1], logvar.exp(), mean - mu
    truth = oracle.kl_to_gaussian(mu, logvar, mean, covariance)
    precision = torch.linalg.inv(covariance)
    logdet = torch.linalg.slogdet(covariance).logabsdet.expand(len(mu))
    precisions = torch.diagonal(precision, dim1=-2, dim2=-1)
    variances = torch.diagonal(covariance, dim1=-2, dim2=-1)
    trace = (precisions * variance).sum(-1)
    distance = (off * (precision @ off[..., None])[..., 0]).sum(-1)
    stretched = (off * (covariance @ off[..., None])[..., 0]).sum(-1)
    entropies = logdet - logvar.sum(-1)

    def kl(
        trace: Tensor = trace, distance: Tensor = distance, rest: Tensor = entropies - latent
    ) -> Tensor:
        return 0.5 * (trace + distance + rest)

    reversed_kl = 0.5 * ((variances / variance + off**2 / variance).sum(-1) - latent - entropies)
    diagonal = 0.5 * ((variance + off**2) / variances - 1 + variances.log() - logvar).sum(-1)
    std = torch.exp(logvar / 2)
    first = covariance if covariance.ndim == 2 else covariance[0]
    return [
        ("gap-reversed", reversed_kl),
        ("gap-diagonal", diagonal),
        ("gap-diagonal", kl((variance / variances).sum(-1))),
        ("gap-diagonal", kl(distance=(off**2 / variances).sum(-1))),
        ("gap-diagonal", kl(distance=(off**2 * precisions).sum(-1))),
        ("gap-diagonal", kl(rest=variances.log().sum(-1) - logvar.sum(-1) - latent)),
        ("gap-covariance-not-inverted", kl((variances * variance).sum(-1), stretched)),
        ("gap-covariance-not-inverted", kl((variances * variance).sum(-1))),
        ("gap-covariance-not-inverted", kl(distance=stretched)),
        ("gap-log-determinant-sign", kl(rest=-entropies - latent)),
        ("gap-log-determinant-sign", kl(rest=logdet + logvar.sum(-1) - latent)),
        ("gap-log-determinant-sign", kl(rest=-logdet - logvar.sum(-1) - latent)),
        ("gap-root-determinant", kl(rest=logdet / 2 - logvar.sum(-1) - latent)),
        ("gap-root-determinant", kl(rest=-logdet / 2 - logvar.sum(-1) - latent)),
        ("gap-no-log-determinant", kl(rest=-logvar.sum(-1) - latent)),
        ("gap-no-log-determinant", kl(rest=logdet - latent)),
        ("gap-no-log-determinant", kl(rest=0 * entropies - latent)),
        ("gap-no-dimension", kl(rest=entropies)),
        ("gap-no-dimension", kl(rest=entropies + latent)),
        ("gap-no-dimension", kl(rest=entropies - 1)),
        ("gap-first-covariance", oracle.kl_to_gaussian(mu, logvar, mean, first)),
        ("gap-no-trace", kl(trace=0 * trace)),
        ("gap-no-mean", kl(distance=0 * distance)),
        ("gap-mean-not-squared", kl(distance=(precision @ off[..., None])[..., 0].sum(-1))),
        ("kl-sigma-not-squared", kl((precisions * std).sum(-1))),
        ("kl-sigma-squared-twice", kl((precisions * variance**2).sum(-1))),
        ("kl-no-exp", kl((precisions * logvar).sum(-1))),
        ("kl-log-sigma", kl(rest=entropies - logvar.sum(-1) - latent)),
        ("gap-determinant-not-logged", kl(rest=logdet.exp() - logvar.sum(-1) - latent)),
        ("kl-no-half", 2 * truth),
        ("kl-half-misplaced", 2 * truth - 0.5 * entropies),
        ("kl-half-misplaced", truth + 0.5 * distance),
        ("kl-half-misplaced", truth + 0.5 * entropies),
        ("kl-sign", -truth),
        ("gap-to-prior", 0.5 * (variance + mu**2 - 1 - logvar).sum(-1)),
        ("kl-batch-sum", truth.sum()),
        ("kl-batch-mean", truth.mean()),
        ("density-keeps-dimension", truth[..., None]),
        ("gap-all-pairs", truth[:, None].expand(-1, len(mu))),
    ]


kl_to_posterior = _KLToPosterior()
