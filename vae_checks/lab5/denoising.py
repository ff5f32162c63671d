"""The loss of who predicts the noise in a code.

    loss = |eps - eps_hat(z_t, t)|^2,   z_t = sqrt(abar_t) z_0 + sqrt(1 - abar_t) eps

The noise that an answer drew is read off the z_t that its predictor was given.

Source: J. Ho, A. Jain, P. Abbeel, arXiv:2006.11239, equation 14.
"""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import shuffled, spread
from vae_checks.lab5.noise_predictor import Predict
from vae_checks.lab5.noised_codes import expect_dtype, roots, schedule
from vae_checks.statistics import expect_standard_normal
from vae_checks.values import (
    Candidates,
    close,
    expect_equal,
    expect_exact,
    expect_tensor,
    gradients,
    unless_right,
)
from vae_checks.verdict import Mistake, call

_EQUAL = [{"batch": 5, "latent": 5, "steps": 5}, {"batch": 1, "latent": 1, "steps": 2}]


class _DenoisingLoss(Exercise):
    name, section = "denoising_loss", "9.2"

    @idea("the squared distance of the noise from what predict says, of each code", also=_EQUAL)
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5, steps: int = 7) -> None:
        """To 1e-9, for whatever noise was drawn: it is read off the z_t that predict was given.

        The gradient by what predict says passes, and is 2 (eps_hat - eps).
        """
        z0, t, alpha_bar = spread(batch, latent, high=30), _steps(batch, steps), schedule(steps)
        shift = spread(latent).requires_grad_()
        seen = Predict(z0, t, lambda z, k: shift - 0.3 * z + 0.2 * k[:, None])
        value = self._call(answer, seen, z0, t, alpha_bar)
        z_t, said = seen.given(), seen.said()
        eps = _noise(z0, t, alpha_bar, z_t)
        truth = (eps - said).square().sum(1)
        if torch.is_tensor(value) and torch.equal(~value.isfinite(), t == 1):
            raise Mistake("denoise-weighted", "At t = 1 the loss is not finite.")
        wrong = _wrong_losses(z0, t, alpha_bar, z_t, said, value)
        value = expect_tensor(value, (batch,), "The loss", wrong)
        try:
            expect_exact(value.detach(), truth, "The loss", wrong, within=1e-9)
        except Mistake as mistake:
            if mistake.slug != "wrong-value" or mistake.likely is not None:
                raise
            raise Mistake("denoise-inconsistent", mistake.seen) from None
        slope = gradients(value, {"shift": shift})["shift"]
        if not close(slope, 2 * (said - eps).sum(0)):
            slug = "detached" if not slope.any() else "value-right-gradient-wrong"
            raise Mistake(slug, f"The gradient by eps_hat is {slope[0]:.4g}, it should be "
                                f"{2 * (said - eps).sum(0)[0]:.4g}.")  # fmt: skip
        single = Predict(z0.float(), t, lambda z, k: 0.4 * z)
        value = self._call(answer, single, z0.float(), t, alpha_bar.float())
        expect_dtype(expect_tensor(value, (batch,), "The loss"), torch.float32, "The loss")
        eps = _noise(z0, t, alpha_bar, single.given().double())
        expect_equal(value, (eps - single.said().double()).square().sum(1).float(), "The loss")

    @idea("the noise is N(0, I), new for every code and in every call", random=True)
    def noise(self, answer: Any, *, batch: int = 2003, latent: int = 5, steps: int = 7) -> None:
        """eps = (z_t - sqrt(abar_t) z_0) / sqrt(1 - abar_t) by `expect_standard_normal`.

        Then its variance at each t and its correlation with z_0, within 6.5 standard errors each.
        False alarm: below 2e-7.
        """
        z0, t, alpha_bar = spread(batch, latent), _steps(batch, steps), schedule(steps)
        found = []
        for _ in range(2):
            seen = Predict(z0, t, lambda z, k: 0.1 * z)
            self._call(answer, seen, z0, t, alpha_bar)
            z_t = seen.given()
            _expect_known_marginal(z0, t, alpha_bar, z_t)
            found.append(_noise(z0, t, alpha_bar, z_t))
        if close(*found):
            raise Mistake("noise-frozen", "Two calls draw the same noise.")
        eps = found[0]
        expect_standard_normal(eps, "The noise")
        for step in range(1, steps + 1):
            here = eps[t == step]
            if abs(here.var().item() - 1) > 6.5 * math.sqrt(2 / here.numel()):
                raise Mistake(
                    "noise-scale", f"At t = {step} the noise has variance {here.var():.3g}."
                )
        slope = (eps * z0).mean() / z0.square().mean().sqrt()
        if abs(slope.item()) > 6.5 / math.sqrt(eps.numel()):
            raise Mistake("noise-correlated", f"The noise has correlation {slope:.3g} with z_0.")

    def _call(self, answer: Any, predict: Any, z0: Tensor, t: Tensor, alpha_bar: Tensor) -> Any:
        given = {"predict": predict, "z0": z0, "t": t, "alpha_bar": alpha_bar}
        return call(self.name, answer, given)


def _steps(batch: int, steps: int) -> Tensor:
    """t (B,) of 1 ... T, each as often as can be, shuffled."""
    return (torch.arange(batch) % steps + 1)[torch.tensor(shuffled(batch))]


def _noise(z0: Tensor, t: Tensor, alpha_bar: Tensor, z_t: Tensor) -> Tensor:
    share = alpha_bar[t][:, None]
    return (z_t - share.sqrt() * z0) / (1 - share).sqrt()


def _expect_known_marginal(z0: Tensor, t: Tensor, alpha_bar: Tensor, z_t: Tensor) -> None:
    """A Mistake where z_t was mixed in a wrong way that is known: its noise is told by that."""
    right = _spread_of(_noise(z0, t, alpha_bar, z_t), z0)
    if right is None or max(right) < 0.15:
        return
    for slug, eps in _ways_to_noise(z0, t, alpha_bar, z_t):
        spread_of = _spread_of(eps, z0)
        if spread_of is not None and max(spread_of) < 0.1 and _is_whole_everywhere(eps, t):
            seen = "z_t is no draw of q(z_t | z_0) for its t."
            raise Mistake(slug, seen)


def _is_whole_everywhere(eps: Tensor, t: Tensor) -> bool:
    """Whether its variance is 1 at every t, and not on average alone: 6.5 standard errors."""
    return all(
        abs(eps[t == step].var().item() - 1) < 0.05 + 6.5 * math.sqrt(2 / eps[t == step].numel())
        for step in t.unique()
    )


def _spread_of(eps: Tensor, z0: Tensor) -> tuple[float, ...] | None:
    """How far its variance, its mean and its regression on z_0 are from those of N(0, I)."""
    some = eps.isfinite().all(1)  # no noise can be read off a code that has none
    if some.double().mean() < 0.5:
        return None
    eps, z0 = eps[some], z0[some]
    slope = (eps * z0).mean() / z0.square().mean()
    return abs(eps.var().item() - 1), abs(eps.mean().item()), abs(slope.item())


def _ways_to_noise(
    z0: Tensor, t: Tensor, alpha_bar: Tensor, z_t: Tensor
) -> list[tuple[str, Tensor]]:
    """The noise in z_t, for each wrong way in which it may have been mixed in."""
    whole = {
        "denoise-steps-shifted": alpha_bar[t - 1],
        "denoise-one-step": alpha_bar[t] / alpha_bar[t - 1],
        "denoise-time-reversed": alpha_bar.flip(0)[t],
        "denoise-share-of-first": alpha_bar[t[:1]].expand(len(t)),
    }
    found = [(slug, a, s) for slug, a, s in roots(alpha_bar[t][:, None])]
    for slug, share in whole.items():
        found.append((slug, share.sqrt()[:, None], (1 - share).sqrt()[:, None]))
    after = alpha_bar[(t + 1).clamp(max=len(alpha_bar) - 1)][:, None]
    found.append(("denoise-steps-shifted", after.sqrt(), (1 - after).sqrt()))
    return [(slug, (z_t - a * z0) / s) for slug, a, s in found if bool((s != 0).any())]


def _wrong_losses(
    z0: Tensor, t: Tensor, alpha_bar: Tensor, z_t: Tensor, said: Tensor, value: Any
) -> Candidates:
    """Known wrong results; where no noise can be read off a code, what `value` is there."""
    eps = _noise(z0, t, alpha_bar, z_t)
    squares = (eps - said).square()
    truth, share, before = squares.sum(1), alpha_bar[t], alpha_bar[t - 1]
    start = (z_t - (1 - share).sqrt()[:, None] * said) / share.sqrt()[:, None]
    ratio = (1 - before) / (1 - share)
    weight = (share / (1 - share)).sqrt()
    wrong = [
        ("denoise-mean-latent", squares.mean(1)),
        ("denoise-batch", truth.mean()),
        ("denoise-batch", truth.sum()),
        ("denoise-batch", squares.mean()),
        ("denoise-batch", squares.sum(0)),
        ("denoise-batch", squares.mean(0)),
        ("denoise-not-summed", squares),
        ("denoise-absolute", (eps - said).abs().sum(1)),
        ("denoise-absolute", truth.sqrt()),
        ("denoise-half", truth / 2),
        ("denoise-half", 2 * truth),
        ("denoise-target-code", (z0 - said).square().sum(1)),
        ("denoise-target-code", (z0 - start).square().sum(1)),
        ("denoise-target-noised", (z_t - said).square().sum(1)),
        ("denoise-target-noised", (z_t - z0 - said).square().sum(1)),
        ("denoise-target-scaled", ((1 - share).sqrt()[:, None] * eps - said).square().sum(1)),
        ("denoise-added", (eps + said).square().sum(1)),
        ("denoise-no-target", said.square().sum(1)),
        ("denoise-square-of-sum", (eps - said).sum(1).square()),
        ("denoise-product", -(eps * said).sum(1)),
        ("denoise-weighted", truth * share),
        ("denoise-weighted", truth * (1 - share)),
        ("denoise-weighted", truth * share / (1 - share)),
        ("denoise-weighted", truth * (1 - share) / share),
        ("denoise-weighted", truth * ratio),
        ("denoise-weighted", 0.5 * truth * ((before - share) / (1 - before) / share)),
        ("denoise-velocity", (weight[:, None] * eps - said).square().sum(1)),
        ("value-negated", -truth),
    ]
    if torch.is_tensor(value) and value.shape == truth.shape:
        own = value.detach().double()
        for slug, other in _ways_to_noise(z0, t, alpha_bar, z_t):
            some = other.isfinite().all(1)
            if some.any():
                wrong.append((slug, torch.where(some, (other - said).square().sum(1), own)))
    return [(slug, value) for slug, value in unless_right(wrong, truth) if value.isfinite().all()]


denoising_loss = _DenoisingLoss()
