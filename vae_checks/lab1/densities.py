"""The two log densities that everything else is made of: log p(x, z) and log q(z|x)."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle, summands
from vae_checks.lab1.oracle import LOG_2PI
from vae_checks.misread import arguments_named
from vae_checks.terms import Term, terms_named
from vae_checks.values import (
    close,
    expect_exact,
    expect_tensor,
    expect_uncut,
    gradients,
    infinity,
)
from vae_checks.verdict import Mistake, call
from vae_helpers.linear_gaussian import LinearGaussian


class _LogJoint(Exercise):
    name, section = "log_joint", "1.2"

    @idea(
        "one number per image, in nats: likelihood plus prior, with all constants",
        also=[{"batch": 4, "latent": 4, "pixels": 4}, {"batch": 1, "latent": 1, "pixels": 1}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7) -> None:
        """Equal to log p(x|z) + log p(z), written out with sums of squares."""
        model = oracle.fresh_model(pixels, latent)
        x, z = spread(batch, pixels), spread(batch, latent)
        self._expect(answer, model, x, z)
        # On the model's own mean the quadratic terms are 0, and only the constants are left.
        self._expect(answer, model, model.b.expand(batch, -1), 0 * z)

    @idea(
        "a number for every sample and image: z may be (K, B, D)",
        also=[
            {"samples": 4, "batch": 4, "latent": 4, "pixels": 4},
            {"samples": 1, "batch": 1, "latent": 2},
        ],
    )
    def samples(
        self, answer: Any, *, samples: int = 4, batch: int = 3, latent: int = 5, pixels: int = 7
    ) -> None:
        """Values (K, B) for codes (K, B, D) and the same images x (B, P)."""
        model = oracle.fresh_model(pixels, latent)
        self._expect(answer, model, spread(batch, pixels), spread(samples, batch, latent))

    @idea(
        "right for images far from what the model expects: no density underflows",
        also=[{"batch": 2, "latent": 3, "pixels": 3001}],
    )
    def stable(self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7) -> None:
        """Finite and exact where the density itself, exp(-20,000) and less, is 0 in float64; for
        codes in the hundreds and s = 0.01; and near the model's mean where that is in the tens of
        thousands, since a square that is multiplied out has no digits left there.
        """
        model = oracle.fresh_model(pixels, latent)
        x, z = 100 * spread(batch, pixels, low=1.0), spread(batch, latent)
        truth = oracle.log_likelihood(model, x, z) + oracle.log_prior(z)
        value = call(self.name, answer, _arguments(model, x, z))
        if torch.is_tensor(value) and torch.isinf(value).any():
            seen = f"Where the log density is {truth[0]:.0f} nats it contains {infinity(value)}."
            raise Mistake("density-underflow", seen)
        # 1e-6 of so many nats is more than a constant: only an equal value has a name here.
        wrong = [(slug, w) for slug, w in _wrong_joints(model, x, z) if _equal(value, w)]
        comparable = torch.is_tensor(value) and value.shape == truth.shape
        named = comparable and any(w.shape == truth.shape for _, w in wrong)
        if comparable and not named and (value > truth / 2).all():
            seen = f"log_joint[0] is {value[0]:.4g} nats, it should be {truth[0]:.6g}."
            raise Mistake("density-floor", seen)
        expect_exact(value, truth, "log_joint", wrong, "nats")
        self._expect_far(answer, model, batch)

    def _expect_far(self, answer: Any, model: LinearGaussian, batch: int) -> None:
        pixels, latent = model.W.shape
        narrow = LinearGaussian(W=model.W, b=model.b, s=0.01)
        z = 300 * spread(batch, latent)
        x = spread(batch, pixels) + z @ model.W.mT
        value = call(self.name, answer, _arguments(narrow, x, z))
        truth = oracle.log_likelihood(narrow, x, z) + oracle.log_prior(z)
        expect_uncut(value, truth, "log_joint", where="For codes in the hundreds and s = 0.01")
        far = LinearGaussian(W=model.W, b=3e4 * spread(pixels), s=model.s)
        z = spread(batch, latent)
        x = far.b + z @ far.W.mT + far.s * spread(batch, pixels)
        value = call(self.name, answer, _arguments(far, x, z))
        truth = oracle.log_likelihood(far, x, z) + oracle.log_prior(z)
        expect_uncut(value, truth, "log_joint", near="density-cancels", where="Near a far mean")

    def _expect(self, answer: Any, model: LinearGaussian, x: Tensor, z: Tensor) -> None:
        truth = oracle.log_likelihood(model, x, z) + oracle.log_prior(z)
        value = call(self.name, answer, _arguments(model, x, z))
        if torch.is_tensor(value) and value.shape == truth.shape and value.isinf().any():
            raise Mistake("density-underflow", f"log_joint contains {infinity(value)}.")
        named = arguments_named(value, _right_joint, _arguments(model, x, z))
        with named, terms_named(lambda images: self._ask(answer, model, images)):
            expect_exact(value, truth, "log_joint", _wrong_joints(model, x, z), "nats")

    def _ask(self, answer: Any, model: LinearGaussian, images: int) -> tuple[Any, list[Term]]:
        pixels, latent = model.W.shape
        x, z = spread(images, pixels), spread(images, latent)
        value = call(self.name, answer, _arguments(model, x, z))
        return value, summands.of_log_joint(model, x, z)


class _LogQ(Exercise):
    name, section = "log_q", "3.2"

    @idea(
        "one number per image, in nats, equal to the log density, and so are its gradients",
        also=[{"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}, {"batch": 2, "latent": 41}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """Equal to the log density of a diagonal Gaussian, away from and at its mean, at variances
        from exp(-60) to exp(60); its derivatives by z, mu and logvar are those of the formula.
        """
        z, mu, logvar = (spread(batch, latent) for _ in range(3))
        self._expect(answer, z, mu, logvar)
        self._expect(answer, mu.clone(), mu, logvar)
        for shift in (-60, -12, 12, 60):
            logvar = spread(batch, latent) + shift
            value = call(self.name, answer, {"z": z, "mu": mu, "logvar": logvar})
            truth = oracle.log_q(z, mu, logvar)
            if torch.is_tensor(value) and value.isinf().any():
                raise Mistake("density-underflow", f"log_q contains {infinity(value)}.")
            if not close(expect_tensor(value, (batch,), "log_q"), truth):
                seen = f"With logvar = {logvar[0, 0]:.1f} log_q[0] is {value[0]:.4g}"
                raise Mistake("kl-clipped", f"{seen}, it should be {truth[0]:.4g}.")
        self._expect_gradients(answer, batch, latent)

    def _expect_gradients(self, answer: Any, batch: int, latent: int) -> None:
        """Section 7 of the lab climbs along them: a detached z or mu leads elsewhere."""
        given = {key: spread(batch, latent).requires_grad_() for key in ("z", "mu", "logvar")}
        value = expect_tensor(call(self.name, answer, given), (batch,), "log_q")
        found = gradients(value, given)
        z, mu, logvar = (each.detach() for each in given.values())
        pull = (z - mu) * torch.exp(-logvar)
        truth = {"z": -pull, "mu": pull, "logvar": 0.5 * ((z - mu) * pull - 1)}
        for key, right in truth.items():
            if not found[key].any():
                raise Mistake("detached", f"The gradient of log_q by {key} is 0.")
            expect_exact(found[key], right, f"d log_q / d {key}")

    @idea(
        "a number for every sample and image: z may be (K, B, D)",
        also=[{"samples": 4, "batch": 4, "latent": 4}, {"samples": 1, "batch": 1, "latent": 2}],
    )
    def samples(self, answer: Any, *, samples: int = 4, batch: int = 3, latent: int = 5) -> None:
        """Values (K, B) for codes (K, B, D) and the same mu and logvar (B, D); a narrow q, too."""
        z, mu, logvar = spread(samples, batch, latent), spread(batch, latent), spread(batch, latent)
        self._expect(answer, z, mu, logvar)
        # Where a density underflows, or its variance is very small, the logarithm is still exact.
        self._expect(answer, 100 * z, mu, logvar)
        logvar = logvar - 30
        near = mu + torch.exp(logvar / 2) * z
        truth = oracle.log_q(near, mu, logvar)
        value = call(self.name, answer, {"z": near, "mu": mu, "logvar": logvar})
        value = expect_tensor(value, (samples, batch), "log_q (q is narrow)")
        off = (value.detach() - truth).abs().max()
        if off > 1e-9 * truth.abs().max():
            seen = f"Near the mean of a q with logvar = {logvar[0, 0]:.1f} log_q[0, 0] is"
            seen += f" {value[0, 0]:.8g}, it should be {truth[0, 0]:.8g}."
            raise Mistake("kl-clipped" if off > 1 else "density-cancels", seen)

    def _expect(self, answer: Any, z: Tensor, mu: Tensor, logvar: Tensor) -> None:
        arguments = {"z": z, "mu": mu, "logvar": logvar}
        value = call(self.name, answer, arguments)
        truth = oracle.log_q(z, mu, logvar)
        if torch.is_tensor(value) and value.shape == truth.shape and value.isinf().any():
            raise Mistake("density-underflow", f"log_q contains {infinity(value)}.")
        named = arguments_named(value, oracle.log_q, arguments)
        with named, terms_named(lambda images: self._ask(answer, images)):
            expect_exact(value, truth, "log_q", _wrong_log_q(z, mu, logvar), "nats")

    def _ask(self, answer: Any, images: int) -> tuple[Any, list[Term]]:
        z, mu, logvar = (spread(images, 5) for _ in range(3))
        value = call(self.name, answer, {"z": z, "mu": mu, "logvar": logvar})
        return value, summands.of_log_q(z, mu, logvar)


def _arguments(model: LinearGaussian, x: Tensor, z: Tensor) -> dict[str, Any]:
    return {"x": x, "z": z, "W": model.W, "b": model.b, "s": model.s}


def _right_joint(x: Tensor, z: Tensor, W: Tensor, b: Tensor, s: float) -> Tensor:
    model = LinearGaussian(W=W, b=b, s=float(s))
    return oracle.log_likelihood(model, x, z) + oracle.log_prior(z)


def _wrong_joints(model: LinearGaussian, x: Tensor, z: Tensor) -> list[tuple[str, Tensor]]:
    likelihood, prior = oracle.log_likelihood(model, x, z), oracle.log_prior(z)
    s, (pixels, latent) = model.s, model.W.shape
    log_s = math.log(s)
    residual = x - model.b - z @ model.W.mT
    squares = (residual**2).sum(-1)
    no_offset = ((x - z @ model.W.mT) ** 2).sum(-1)
    constant = 0.5 * pixels * LOG_2PI

    def joint(quadratic: Tensor, log_scale: float) -> Tensor:
        return prior - quadratic - log_scale - constant

    half = squares / (2 * s**2)
    unit = -half - 0.5 * (z**2).sum(-1)  # without any normalizer
    return [
        ("density-unnormalized", unit),
        ("density-unnormalized", prior - half),
        ("density-unnormalized", likelihood - 0.5 * (z**2).sum(-1) + constant + pixels * log_s),
        *_with_other_mean(model, x, z),
        *(("density-pixels-from-batch", w) for w in _other_pixels(model, x, half, prior)),
        ("density-sizes-exchanged", likelihood + prior + (pixels - latent) * log_s),
        ("density-log-scale-factor", likelihood + prior - latent * log_s),
        ("density-constant", likelihood + prior - constant - 0.5 * latent * LOG_2PI),
        ("density-constant", likelihood + prior - constant),
        ("density-constant", likelihood + prior + 0.5 * (pixels + latent) * math.log(2)),
        ("density-square-of-sum", likelihood + prior + 0.5 * (z**2).sum(-1) - 0.5 * z.sum(-1) ** 2),
        ("density-square-of-sum", prior + likelihood + half - residual.sum(-1) ** 2 / (2 * s**2)),
        ("joint-no-prior", likelihood),
        ("joint-no-likelihood", prior),
        ("joint-prior-divided", likelihood - prior),
        ("joint-offset", joint(no_offset / (2 * s**2), pixels * log_s)),
        ("density-s-is-variance", joint(squares / (2 * s), pixels * log_s / 2)),
        ("density-s-is-variance", joint(squares / (2 * s), pixels * log_s)),
        ("density-s-squared-twice", joint(squares / (2 * s**4), 2 * pixels * log_s)),
        ("density-times-variance", joint(squares * s**2 / 2, pixels * log_s)),
        ("density-no-scale", joint(squares / 2, 0.0)),
        ("density-no-scale", joint(squares / 2, pixels * log_s)),
        ("density-no-log-scale", joint(half, 0.0)),
        ("density-log-scale-once", joint(half, log_s)),
        ("density-log-scale-once", joint(half, log_s / 2)),
        ("density-log-scale-factor", joint(half, pixels * log_s / 2)),
        ("density-log-scale-factor", joint(half, 2 * pixels * log_s)),
        ("density-log-scale-sign", joint(half, -pixels * log_s)),
        ("density-no-half", joint(2 * half, pixels * log_s)),
        ("density-no-half", likelihood + 2 * prior + 0.5 * latent * LOG_2PI),
        ("density-no-half", likelihood + prior - 0.5 * (z**2).sum(-1)),
        ("density-no-half", joint(2 * half, pixels * log_s) - 0.5 * (z**2).sum(-1)),
        *_size_of_batch(likelihood + prior, z),
        ("not-nats", (likelihood + prior) / math.log(10)),
        *(("not-nats", joint(half, p * log_s) + c) for p, c in _base_ten(model)),
        ("density-constant", likelihood + constant + prior),
        ("density-constant", likelihood + prior + 0.5 * latent * LOG_2PI),
        ("density-constant", likelihood + constant + prior + 0.5 * latent * LOG_2PI),
        ("density-constant", likelihood + prior + constant - 0.5 * LOG_2PI),
        ("density-constant", likelihood + prior + 0.5 * (latent - 1) * LOG_2PI),
        (
            "density-constant",
            likelihood + prior + constant + 0.5 * latent * LOG_2PI - LOG_2PI,
        ),
        ("density-mean", likelihood / pixels + prior / latent),
        ("density-mean", likelihood / pixels + prior),
        ("density-mean", likelihood + prior / latent),
        ("density-sign", -likelihood - prior),
        ("density-sign", prior - likelihood),
        *_wrongly_reduced(likelihood + prior),
    ]


def _wrong_log_q(z: Tensor, mu: Tensor, logvar: Tensor) -> list[tuple[str, Tensor]]:
    latent = z.shape[-1]
    each = oracle.log_normal(z - mu, logvar)
    truth, off = each.sum(-1), z - mu

    def summed(quadratic: Tensor, log_scale: Tensor) -> Tensor:
        return -0.5 * (LOG_2PI + log_scale + quadratic).sum(-1)

    right, zero = off**2 / logvar.exp(), torch.zeros_like(each)
    scale = logvar + zero
    soft = torch.nn.functional.softplus(logvar) + zero
    return [
        ("density-unnormalized", -0.5 * right.sum(-1)),
        ("std-softplus", summed(off**2 / soft, soft.log())),
        ("std-softplus", summed(off**2 / soft**2, 2 * soft.log())),
        ("density-constant", truth + 0.5 * latent * math.log(2)),
        ("density-square-of-sum", truth + 0.5 * right.sum(-1) - 0.5 * right.sqrt().sum(-1) ** 2),
        (
            "density-square-of-sum",
            truth + 0.5 * right.sum(-1) - 0.5 * (off / (logvar / 2).exp()).sum(-1) ** 2,
        ),
        ("kl-log-sigma", summed(off**2 / logvar.exp() ** 2, 2 * scale)),
        ("kl-log-sigma", summed(off**2 / logvar.exp() ** 2, scale)),
        ("kl-sigma-not-squared", summed(off**2 / (logvar / 2).exp(), scale)),
        ("kl-sigma-not-squared", summed(off**2 / (logvar / 2).exp(), scale / 2)),
        ("kl-no-exp", summed(off**2 / logvar, scale)),
        ("kl-no-exp", summed(off**2 / logvar**2, 2 * logvar.abs().log() + zero)),
        ("kl-no-exp", summed(off**2 / logvar, logvar.abs().log() + zero)),
        ("density-no-log-scale", summed(right, zero)),
        ("density-log-scale-sign", summed(right, -scale)),
        ("density-log-sigma-factor", summed(right, 2 * scale)),
        ("density-log-sigma-factor", summed(right, scale / 2)),
        ("density-times-variance", summed(off**2 * logvar.exp(), scale)),
        ("density-no-half", -0.5 * LOG_2PI * latent - (right + scale / 2).sum(-1)),
        ("density-no-half", -0.5 * LOG_2PI * latent - (right + scale).sum(-1)),
        ("density-no-half", -(LOG_2PI + right + scale).sum(-1)),
        *_size_of_batch(truth, z),
        ("density-constant", truth + 0.5 * latent * LOG_2PI),
        ("density-constant", truth + 0.5 * (latent - 1) * LOG_2PI),
        ("density-constant", truth - 0.5 * latent * LOG_2PI),
        ("density-at-origin", oracle.log_prior(z)),
        ("density-at-origin", summed(z**2 / logvar.exp() + zero, scale)),
        ("density-mean", each.mean(-1)),
        ("density-sign", -truth),
        ("density-not-logged", truth.exp()),
        ("density-not-summed", each),
        ("density-over-samples", each.sum(0)),
        *_wrongly_reduced(truth),
    ]


def _with_other_mean(model: LinearGaussian, x: Tensor, z: Tensor) -> list[tuple[str, Tensor]]:
    """log_joint with a wrong sign before W z or b."""
    return [
        ("joint-mean-sign", oracle.log_likelihood(model, x, z, *signs) + oracle.log_prior(z))
        for signs in ((-1, 1), (1, -1), (-1, -1))
    ]


def _other_pixels(model: LinearGaussian, x: Tensor, half: Tensor, prior: Tensor) -> list[Tensor]:
    """log_joint with the number of images in the place of P: in both terms, or in one."""
    pixels, batch, log_s = model.W.shape[0], len(x), math.log(model.s)
    pairs = ((batch, batch), (batch, pixels), (pixels, batch))
    return [prior - half - scales * log_s - 0.5 * halves * LOG_2PI for scales, halves in pairs]


def _size_of_batch(truth: Tensor, z: Tensor) -> list[tuple[str, Tensor]]:
    """The constant with another size of z (K, B, D) in the place of D."""
    sizes = z.shape[:-1] if z.ndim == 3 else ()
    return [
        ("density-size-of-batch", truth + 0.5 * (z.shape[-1] - size) * LOG_2PI)
        for size in reversed(sizes)
    ]


def _base_ten(model: LinearGaussian) -> list[tuple[float, float]]:
    """What log s is counted, and what is added, where logarithms to base 10 stand in log_joint."""
    pixels, latent = model.W.shape
    ten = 1 / math.log(10)
    constants = 0.5 * (pixels + latent) * LOG_2PI * (1 - ten)
    return [(pixels * ten, constants), (pixels * ten, 0.0), (pixels, constants)]


def _equal(value: Any, wrong: Tensor) -> bool:
    """Equal as far as float64 goes; of another shape, too, whatever the values."""
    if not torch.is_tensor(value) or value.shape != wrong.shape:
        return True
    off = (value.detach().double() - wrong).abs().max()
    return bool(off <= 1e-10 * wrong.abs().max())


def _wrongly_reduced(truth: Tensor) -> list[tuple[str, Tensor]]:
    """A right log density that was summed or averaged over images or samples as well."""
    return [
        ("density-batch-sum", truth.sum()),
        ("density-batch-mean", truth.mean()),
        ("density-batch-sum", truth.sum(-1)),
        ("density-batch-mean", truth.mean(-1)),
        ("density-over-samples", truth.sum(0)),
        ("density-over-samples", truth.mean(0)),
        ("density-keeps-dimension", truth[..., None]),
    ]


log_joint = _LogJoint()
log_q = _LogQ()
