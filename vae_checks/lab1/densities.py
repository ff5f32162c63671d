"""The two log densities that everything else is made of: log p(x, z) and log q(z|x)."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle, summands
from vae_checks.lab1.wrong_densities import wrong_joints, wrong_log_q
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
        also=[{"batch": 2, "latent": 3, "pixels": 1001}],
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
        wrong = [(slug, w) for slug, w in wrong_joints(model, x, z) if _equal(value, w)]
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
            expect_exact(value, truth, "log_joint", wrong_joints(model, x, z), "nats")

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
            expect_exact(value, truth, "log_q", wrong_log_q(z, mu, logvar), "nats")

    def _ask(self, answer: Any, images: int) -> tuple[Any, list[Term]]:
        z, mu, logvar = (spread(images, 5) for _ in range(3))
        value = call(self.name, answer, {"z": z, "mu": mu, "logvar": logvar})
        return value, summands.of_log_q(z, mu, logvar)


def _arguments(model: LinearGaussian, x: Tensor, z: Tensor) -> dict[str, Any]:
    return {"x": x, "z": z, "W": model.W, "b": model.b, "s": model.s}


def _right_joint(x: Tensor, z: Tensor, W: Tensor, b: Tensor, s: float) -> Tensor:
    model = LinearGaussian(W=W, b=b, s=float(s))
    return oracle.log_likelihood(model, x, z) + oracle.log_prior(z)


def _equal(value: Any, wrong: Tensor) -> bool:
    """Equal as far as float64 goes; of another shape, too, whatever the values."""
    if not torch.is_tensor(value) or value.shape != wrong.shape:
        return True
    off = (value.detach().double() - wrong).abs().max()
    return bool(off <= 1e-10 * wrong.abs().max())


log_joint = _LogJoint()
log_q = _LogQ()
