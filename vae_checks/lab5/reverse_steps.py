"""One step of the way back from noise to a code.

    q(z_{t-1} | z_t, z_0) = N(mean, (1 - abar_{t-1}) / (1 - abar_t) (1 - abar_t / abar_{t-1}) I)

It is compared with Bayes' rule for two Gaussians and not with the formula that is printed.

Source: J. Ho, A. Jain, P. Abbeel, arXiv:2006.11239, equations 6, 7 and 15.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab5.noised_codes import expect_dtype, schedule
from vae_checks.misread import arguments_named
from vae_checks.terms import Term, wrong_terms
from vae_checks.values import (
    Candidates,
    close,
    expect_equal,
    expect_exact,
    expect_tensor,
    unless_right,
)
from vae_checks.verdict import Mistake, call

_EQUAL = [{"batch": 5, "latent": 5, "steps": 5}, {"batch": 1, "latent": 1, "steps": 2}]


class _ReverseStep(Exercise):
    name, section = "reverse_step", "9.2"

    @idea(
        "without noise, the mean of q(z_{t-1} | z_t, z_0) at the z_0 that eps_hat implies",
        also=_EQUAL,
    )
    def mean(self, answer: Any, *, batch: int = 3, latent: int = 5, steps: int = 7) -> None:
        """To 1e-9, for every t from T to 1, against Bayes' rule; in float32 for float32."""
        alpha_bar = schedule(steps)
        for t in range(steps, 0, -1):
            z_t, eps_hat = spread(batch, latent), spread(batch, latent)
            noise = torch.zeros_like(z_t)
            self._expect(answer, z_t, t, eps_hat, alpha_bar, noise)
        single = [each.float() for each in (z_t, eps_hat, alpha_bar, noise)]
        value = self._call(answer, single[0], steps, single[1], single[2], single[3])
        value = expect_tensor(value, z_t.shape, "z_{t-1}")
        expect_dtype(value, torch.float32, "z_{t-1}")
        expect_equal(value, backward(z_t, steps, eps_hat, alpha_bar, noise).float(), "z_{t-1}")

    @idea(
        "the noise counts with that distribution's standard deviation, at t = 1 with none",
        also=_EQUAL,
    )
    def noise(self, answer: Any, *, batch: int = 3, latent: int = 5, steps: int = 7) -> None:
        """To 1e-9, for every t from T to 1, against Bayes' rule, by the noise that is given."""
        alpha_bar = schedule(steps)
        for t in range(steps, 0, -1):
            z_t, eps_hat, noise = (spread(batch, latent) for _ in range(3))
            self._expect(answer, z_t, t, eps_hat, alpha_bar, noise)

    def _expect(
        self, answer: Any, z_t: Tensor, t: int, eps_hat: Tensor, alpha_bar: Tensor, noise: Tensor
    ) -> None:
        value = self._call(answer, z_t, t, eps_hat, alpha_bar, noise)
        arguments = {"z_t": z_t, "eps_hat": eps_hat, "noise": noise}
        truth = backward(z_t, t, eps_hat, alpha_bar, noise)
        what = f"z_{{t-1}} at t = {t}"
        if torch.is_tensor(value) and value.is_floating_point() and not value.isfinite().all():
            raise Mistake("reverse-not-finite", f"{what} contains {value.flatten()[0].item()}.")
        wrong = _wrong_steps(z_t, t, eps_hat, alpha_bar, noise)

        def right(z_t: Tensor, eps_hat: Tensor, noise: Tensor) -> Tensor:
            return backward(z_t, t, eps_hat, alpha_bar, noise)

        if torch.is_tensor(value) and value.shape == truth.shape:
            again = self._call(answer, z_t, t, eps_hat, alpha_bar, noise)
            if torch.is_tensor(again) and not close(value, again.detach().double()):
                raise Mistake("reverse-own-noise", "Two calls with the same noise differ.")
        with (
            _weights_named(value, z_t, t, eps_hat, alpha_bar, noise),
            arguments_named(value, right, arguments),
        ):
            expect_exact(value, truth, what, wrong, within=1e-9)

    def _call(
        self, answer: Any, z_t: Tensor, t: int, eps_hat: Tensor, alpha_bar: Tensor, noise: Tensor
    ) -> Any:
        given = {"z_t": z_t, "t": t, "eps_hat": eps_hat, "alpha_bar": alpha_bar, "noise": noise}
        return call(self.name, answer, given)


@contextlib.contextmanager
def _weights_named(
    value: Any, z_t: Tensor, t: int, eps_hat: Tensor, alpha_bar: Tensor, noise: Tensor
) -> Iterator[None]:
    """An unexplained mistake is told by the weight of z_t, eps_hat or noise that is wrong."""
    try:
        yield
    except Mistake as mistake:
        if mistake.slug != "wrong-value" or value.shape != z_t.shape or value.numel() < 6:
            raise
        one, zero = torch.ones(1, 1, dtype=z_t.dtype), torch.zeros(1, 1, dtype=z_t.dtype)
        weights = [
            backward(*arguments).item()
            for arguments in (
                (one, t, zero, alpha_bar, zero),
                (zero, t, one, alpha_bar, zero),
                (zero, t, zero, alpha_bar, one),
            )
        ]
        values = zip(("z_t", "eps_hat", "the noise"), (z_t, eps_hat, noise), weights, strict=True)
        terms = [Term(name, each.flatten(), w) for name, each, w in values if each.any()]
        told = wrong_terms(value.detach().double().flatten(), terms)
        if told is None:
            raise
        raise Mistake(told[0], mistake.seen, told[1]) from None


def backward(z_t: Tensor, t: int, eps_hat: Tensor, alpha_bar: Tensor, noise: Tensor) -> Tensor:
    """A draw of q(z_{t-1} | z_t, z_0), by Bayes' rule: precisions add up."""
    now, before = alpha_bar[t], alpha_bar[t - 1]
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    if t == 1:
        return start
    kept = now / before
    precision = 1 / (1 - before) + kept / (1 - kept)
    mean = before.sqrt() * start / (1 - before) + kept.sqrt() * z_t / (1 - kept)
    return mean / precision + noise / precision.sqrt()


def _wrong_steps(
    z_t: Tensor, t: int, eps_hat: Tensor, alpha_bar: Tensor, noise: Tensor
) -> Candidates:
    now, before = alpha_bar[t], alpha_bar[t - 1]
    kept = now / before
    new = 1 - kept
    start = (z_t - (1 - now).sqrt() * eps_hat) / now.sqrt()
    mean = (before.sqrt() * new * start + kept.sqrt() * (1 - before) * z_t) / (1 - now)
    variance = new * (1 - before) / (1 - now)
    no_start = before.sqrt() * new * z_t + kept.sqrt() * (1 - before) * start
    truth = mean + variance.sqrt() * noise
    means = [
        ("reverse-start-alone", start),
        ("reverse-start-alone", before.sqrt() * start),
        (
            "reverse-eps-as-start",
            (before.sqrt() * new * eps_hat + kept.sqrt() * (1 - before) * z_t) / (1 - now),
        ),
        ("reverse-exchanged", no_start / (1 - now)),
        ("reverse-bar-for-step", (z_t - new / (1 - now).sqrt() * eps_hat) / now.sqrt()),
        ("reverse-no-shrink-undone", z_t - new / (1 - now).sqrt() * eps_hat),
        ("reverse-no-shrink-undone", (z_t - new / (1 - now).sqrt() * eps_hat) * kept.sqrt()),
        ("reverse-no-root", (z_t - new / (1 - now) * eps_hat) / kept.sqrt()),
        ("reverse-no-root", (z_t - new / (1 - now).sqrt() * eps_hat) / kept),
        ("reverse-noise-alone", (z_t - new.sqrt() * eps_hat) / kept.sqrt()),
        ("reverse-noise-alone", (z_t - new * eps_hat) / kept.sqrt()),
        ("reverse-eps-added", (z_t + new / (1 - now).sqrt() * eps_hat) / kept.sqrt()),
        ("reverse-deterministic", before.sqrt() * start + (1 - before).sqrt() * eps_hat),
        (
            "reverse-deterministic",
            before.sqrt() * start + (1 - before - variance).clamp_min(0).sqrt() * eps_hat,
        ),
        ("reverse-forward", kept.sqrt() * z_t + new.sqrt() * eps_hat),
    ]
    cut = [start.clamp(-most, most) for most in (1, 2, 3, 4, 5)]
    cut += [start.clamp(min=0), start.clamp(0, 1), start.tanh()]
    means += [
        (
            "reverse-clamped",
            (before.sqrt() * new * c + kept.sqrt() * (1 - before) * z_t) / (1 - now),
        )
        for c in cut
    ]
    stretches = [
        ("reverse-variance-of-step", new.sqrt()),
        ("reverse-variance-not-root", variance),
        ("reverse-variance-not-root", new),
        ("reverse-variance-of-level", (1 - before).sqrt()),
        ("reverse-variance-of-level", (1 - now).sqrt()),
        ("reverse-variance-upside-down", (new * (1 - now) / (1 - before).clamp_min(1e-300)).sqrt()),
        ("reverse-variance-no-step", ((1 - before) / (1 - now)).sqrt()),
        ("reverse-noise-whole", torch.ones_like(now)),
        ("reverse-noise-left-out", torch.zeros_like(now)),
        ("reverse-variance-fourth-root", variance.sqrt().sqrt()),
    ]
    wrong = [(slug, value + variance.sqrt() * noise) for slug, value in means]
    if t == 2 < len(alpha_bar) - 1:
        wrong += [("reverse-no-noise-too-early", mean)]
    if noise.any():
        wrong += [("reverse-noise-at-end" if t == 1 else slug, mean + stretch * noise)
                  for slug, stretch in stretches]  # fmt: skip
        wrong += [("reverse-noise-subtracted", mean - variance.sqrt() * noise)]
        wrong += [(slug, value + new.sqrt() * noise) for slug, value in means]
        wrong += [("reverse-added-twice", 2 * mean + variance.sqrt() * noise)]
    if t + 1 < len(alpha_bar):
        wrong += [("reverse-steps-shifted", backward(z_t, t + 1, eps_hat, alpha_bar, noise))]
    if t > 1:
        wrong += [("reverse-steps-shifted", backward(z_t, t - 1, eps_hat, alpha_bar, noise))]
    return [(slug, value) for slug, value in unless_right(wrong, truth) if value.isfinite().all()]


reverse_step = _ReverseStep()
