"""The doubly reparameterized gradient: squares of shares, and no score of q."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab1 import oracle
from vae_checks.misread import arguments_named
from vae_checks.values import expect_exact, expect_tensor, gradients, unless_right
from vae_checks.verdict import Mistake, call


class _DregSurrogate(Exercise):
    name, section = "dreg_surrogate", "3.2"

    @idea(
        "the gradient that reaches mu and logvar is the doubly reparameterized one",
        also=[{"samples": 4, "batch": 4, "latent": 4}, {"samples": 1, "batch": 1, "latent": 1}],
    )
    def gradient(self, answer: Any, *, samples: int = 5, batch: int = 3, latent: int = 2) -> None:
        """To 1e-9, for the noise that is handed in and a q that is not the posterior; images count
        differently in what is differentiated. The value may be any. In float32 as well."""
        pixels = latent + 3
        model, x = oracle.mild_model(pixels, latent), spread(batch, pixels)
        density = _density(model, x)
        mu = model.posterior(x).mean + 0.4 * spread(batch, latent)
        logvar = 0.5 * spread(batch, latent) - 0.7
        eps, counts = normal(samples, batch, latent), spread(batch)
        found = _slopes(answer, density, mu, logvar, eps, counts)
        ways = {key: _joined(each) for key, each in _ways(density, mu, logvar, eps, counts).items()}
        truth = ways.pop("truth")
        try:
            what = "the gradient (of mu, of logvar)"
            named = arguments_named(
                found, _counted(density, counts), {"mu": mu, "logvar": logvar, "eps": eps}
            )
            with named:
                expect_exact(found, truth, what, unless_right([*ways.items()], truth), within=1e-9)
        except Mistake as mistake:
            again = _slopes(answer, density, mu, logvar, eps, counts)
            if mistake.slug == "wrong-value" and not torch.equal(again, found):
                seen = "Two calls with the same noise have different gradients."
                raise Mistake("dreg-noise-of-its-own", seen) from None
            raise
        single = _slopes(answer, _density(model, x, torch.float32), mu.float(), logvar.float(),
                         eps.float(), counts.float())  # fmt: skip
        # Squares of log densities have lost more than four digits here and there.
        if (single.double() - truth).abs().max() > 1e-2 * truth.abs().max():
            raise Mistake("shares-dtype", "In float32 the gradient is another.")

    @idea(
        "no gradient, hence no noise, where q is the posterior; beside it, the way back",
        also=[{"samples": 4, "batch": 4, "latent": 4}, {"samples": 1, "batch": 1, "latent": 1}],
    )
    def posterior(self, answer: Any, *, samples: int = 5, batch: int = 3, latent: int = 2) -> None:
        """0 to 1e-9 for every draw. With mu moved by d the gradient for it is d over the variance,
        times a number between 1 / K and 1 (the sum of v, or of v^2), in a linear-Gaussian model."""
        pixels = latent + 3
        model, x = oracle.factorized_model(pixels, latent), spread(batch, pixels)
        density, eps = _density(model, x), normal(samples, batch, latent)
        mean, logvar = oracle.diagonal_posterior(model, x)
        one = torch.ones(batch, dtype=torch.float64)
        found = _slopes(answer, density, mean, logvar, eps, one)
        for key, value in zip(("mu", "logvar"), found, strict=True):
            if value.abs().max() > 1e-9:
                seen = f"With q equal to the posterior d / d {key} reaches {value.abs().max():.3g}."
                raise Mistake("dreg-noise-left", seen)
        moved = 0.3 * spread(batch, latent)
        back = _slopes(answer, density, mean + moved, logvar, eps, one)[0]
        share = back / (moved * torch.exp(-logvar))
        low, high = share.min().item(), share.max().item()
        if high - low < 1e-9 and abs(high) < 1e-9:
            raise Mistake("dreg-nothing-left", "Beside the posterior d / d mu is 0 as well.")
        if not (1 / samples - 1e-6 < low and high < 1 + 1e-6):
            seen = f"With mu moved by d, d / d mu is {low:.3g} to {high:.3g} times d / sigma^2."
            raise Mistake("dreg-not-back", seen)


Density = Callable[[Tensor], Tensor]


def _density(model: Any, x: Tensor, dtype: torch.dtype = torch.float64) -> Density:
    """log p(x, z) of codes z (..., B, D), (..., B), for these images."""

    def log_joint(z: Tensor) -> Tensor:
        if not torch.is_tensor(z) or z.shape[-2:] != (len(x), model.W.shape[1]):
            shape = tuple(z.shape) if torch.is_tensor(z) else type(z).__name__
            raise Mistake("dreg-codes", f"log_joint was given {shape} for codes (K, B, D).")
        z = z.double()
        return (oracle.log_likelihood(model, x, z) + oracle.log_prior(z)).to(dtype)

    return log_joint


def _slopes(
    answer: Any, density: Density, mu: Tensor, logvar: Tensor, eps: Tensor, counts: Tensor
) -> Tensor:
    """Gradients for mu and logvar, (2, B, D), of the answer's (B,), each image times its count."""
    leaves = {"mu": mu.clone().requires_grad_(), "logvar": logvar.clone().requires_grad_()}
    arguments = {"log_joint": density, **leaves, "eps": eps}
    value = call("dreg_surrogate", answer, arguments)
    value = expect_tensor(value, (len(mu),), "the surrogate")
    if value.dtype != mu.dtype:
        raise Mistake("shares-dtype", f"The result is {value.dtype}, mu is {mu.dtype}.")
    return _joined(gradients(value * counts, leaves))


def _joined(slopes: dict[str, Tensor]) -> Tensor:
    return torch.stack([slopes["mu"], slopes["logvar"]])


def _ways(
    density: Density, mu: Tensor, logvar: Tensor, eps: Tensor, counts: Tensor
) -> dict[str, dict[str, Tensor]]:
    """The right gradients, and those of known mistakes, by slug."""
    std = torch.exp(0.5 * logvar)
    z = (mu + std * eps).requires_grad_()
    log_p, log_q = density(z), oracle.log_q(z, mu, logvar)
    (of_p,) = torch.autograd.grad(log_p.sum(), z)
    of_q = -eps / std  # d log q / dz
    log_w = (log_p - log_q).detach()
    v = log_w.softmax(0)[..., None]
    path = of_p - of_q
    score_mu, score_logvar = eps / std, 0.5 * (eps**2 - 1)

    def pair(on_z: Tensor, on_scores: Tensor | float = 0.0) -> dict[str, Tensor]:
        """Minus the sum over draws; `on_scores` is what stands at the scores of q."""
        each = {
            "mu": on_z - on_scores * score_mu,
            "logvar": on_z * 0.5 * std * eps - on_scores * score_logvar,
        }
        return {key: -(value.sum(0) * counts[:, None]) for key, value in each.items()}

    truth = pair(v**2 * path)
    whole = (log_w - (log_w.softmax(0) * log_w).sum(0))[..., None]
    squares = (2 * v**2 * (log_w[..., None] - (v**2 * log_w[..., None]).sum(0) / v)).detach()
    normalized = v**2 / (v**2).sum(0)
    best = (v == v.amax(0)).double()
    variance = torch.exp(logvar)
    wide = _of_codes(density, mu, logvar, mu + variance * eps, variance * eps)
    return {
        "truth": truth,
        "dreg-not-squared": pair(v * path),
        "dreg-is-iwae": pair(v * path, v),
        "dreg-score-left": pair(v**2 * path, v**2),
        "dreg-mu-not-cut": truth | {"mu": pair(v**2 * path, v**2)["mu"]},
        "dreg-logvar-not-cut": truth | {"logvar": pair(v**2 * path, v**2)["logvar"]},
        "dreg-sign": {key: -value for key, value in truth.items()},
        "dreg-averaged": {key: value / len(eps) for key, value in truth.items()},
        "dreg-normalized": pair(normalized * path),
        "dreg-not-weighted": pair(path / len(eps)),
        "dreg-not-weighted-squared": pair(path / len(eps) ** 2),
        "dreg-code-cut": pair(v**2 * of_p),
        "dreg-only-entropy": pair(-(v**2) * of_q),
        "dreg-plus-q": pair(v**2 * (of_p + of_q)),
        "dreg-weights-not-cut": pair((v**2 + squares) * path),
        "dreg-share-not-cut": pair(v * (1 + whole) * path),
        "dreg-over-images": pair(log_w.softmax(1)[..., None] ** 2 * path),
        "dreg-reversed": pair((-log_w).softmax(0)[..., None] ** 2 * path),
        "dreg-of-joint": pair(log_p.detach().softmax(0)[..., None] ** 2 * path),
        "dreg-best-only": pair(best * path),
        "dreg-power": pair(v**3 * path),
        "dreg-one-minus": pair(v * (1 - v) * path),
        "dreg-root": pair(v.sqrt() * path),
        "std-is-variance": {key: value * counts[:, None] for key, value in wide.items()},
        "dreg-std-cut": truth | {"logvar": torch.zeros_like(mu)},
        "dreg-mu-cut": truth | {"mu": torch.zeros_like(mu)},
        "dreg-nothing-left": {key: torch.zeros_like(mu) for key in truth},
    }


def _of_codes(
    density: Density, mu: Tensor, logvar: Tensor, z: Tensor, by_logvar: Tensor
) -> dict[str, Tensor]:
    """The gradients of these codes (K, B, D), whose derivative for logvar is `by_logvar`."""
    leaf = z.clone().requires_grad_()
    log_w = density(leaf) - oracle.log_q(leaf, mu, logvar)
    (path,) = torch.autograd.grad(log_w.sum(), leaf)
    path = path * log_w.detach().softmax(0)[..., None] ** 2
    return {"mu": -path.sum(0), "logvar": -(path * by_logvar).sum(0)}


def _counted(density: Density, counts: Tensor) -> Callable[..., Tensor]:
    """The right gradients, (2, B, D), as a function of the other arguments."""

    def of(mu: Tensor, logvar: Tensor, eps: Tensor) -> Tensor:
        noise = torch.exp(0.5 * logvar) * eps
        return counts[:, None] * _joined(_of_codes(density, mu, logvar, mu + noise, noise / 2))

    return of


dreg_surrogate = _DregSurrogate()
