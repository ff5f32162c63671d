"""The bound of a model with two levels of codes, of one draw: log densities at what was drawn."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab1.oracle import log_prior, log_q
from vae_checks.lab5.gaussian_pairs import between
from vae_checks.lab5.linear_chain import Levels, Parameters, bent, chain
from vae_checks.lab5.right_slopes import expect_dtype, expect_slopes
from vae_checks.misread import arguments_named
from vae_checks.terms import Term, terms_named
from vae_checks.values import close, expect_equal, expect_exact, expect_tensor, unless_right
from vae_checks.verdict import Mistake, call

Wrong = list[tuple[str, Tensor]]  # slugs and results

_SAME = {"batch": 4, "pixels": 4, "latent1": 4, "latent2": 4}
_ONES = {"batch": 1, "pixels": 1, "latent1": 1, "latent2": 1}
Noise = tuple[Tensor, Tensor]  # eps2 (B, D2), eps1 (B, D1)


class _TwoLevelELBO(Exercise):
    name, section = "two_level_elbo", "5.1"

    @idea("with the exact posteriors it is log p(x), whatever was drawn", also=[_SAME, _ONES])
    def every_draw(
        self, answer: Any, *, batch: int = 3, pixels: int = 7, latent1: int = 5, latent2: int = 2
    ) -> None:
        """To 1e-9, in a chain of linear Gaussians, for draws in the middle and far out."""
        levels, log_evidence = chain(pixels, latent1, latent2)
        for reach in (1.0, 3.0, 0.0):
            x = (2 + 3 * reach) * spread(batch, pixels)
            noise = reach * normal(batch, latent2), reach * normal(batch, latent1)
            self._expect(answer, levels, x, noise, log_evidence(x), within=1e-9)

    @idea("of this draw of both codes, whatever the functions are", also=[_SAME, _ONES])
    def value(
        self, answer: Any, *, batch: int = 3, pixels: int = 7, latent1: int = 2, latent2: int = 5
    ) -> None:
        """To 1e-9 in float64, with posteriors that are wrong and functions that are not linear; to
        1e-4 in float32."""
        levels, x = bent(pixels, latent1, latent2), spread(batch, pixels)
        noise = spread(batch, latent2), spread(batch, latent1)
        self._expect(answer, levels, x, noise, of_draw(levels, x, noise).detach(), within=1e-9)
        single = levels.single()
        small = [each.float() for each in (x, *noise)]
        value = self._call(answer, single, small[0], (small[1], small[2]))
        double = [each.double() for each in small]
        truth = of_draw(levels, double[0], (double[1], double[2])).detach()
        expect_equal(value, truth, "the bound (float32)", unit="nats")
        expect_dtype(value, small[0], "the bound")

    @idea("its gradient reaches all that the functions are made of", also=[_SAME, _ONES])
    def gradient(
        self, answer: Any, *, batch: int = 3, pixels: int = 7, latent1: int = 2, latent2: int = 5
    ) -> None:
        """By numbers in each mean and each logvar, those that move the codes included: to 1e-6."""
        levels, x = bent(pixels, latent1, latent2), spread(batch, pixels)
        noise = spread(batch, latent2), spread(batch, latent1)
        value = expect_tensor(self._call(answer, levels, x, noise), (batch,), "the bound")
        wrong = {
            "levels-codes-cut": of_draw(levels, x, noise, cut=("z1", "z2")),
            "levels-z2-cut": of_draw(levels, x, noise, cut=("z2",)),
            "levels-z1-cut": of_draw(levels, x, noise, cut=("z1",)),
            "levels-q-cut": of_draw(levels, x, noise, cut=("q",)),
            "levels-parameters-cut": of_draw(levels, x, noise, cut=("q", "z1", "z2")),
        }
        expect_slopes(value, of_draw(levels, x, noise), levels.leaves, "bound", wrong)

    def _call(self, answer: Any, levels: Levels, x: Tensor, noise: Noise) -> Any:
        given = {"x": x, **levels.guarded(), "eps2": noise[0], "eps1": noise[1]}
        return call(self.name, answer, given)

    def _expect(
        self, answer: Any, levels: Levels, x: Tensor, noise: Noise, truth: Tensor, within: float
    ) -> None:
        value = self._call(answer, levels, x, noise)
        wrong = unless_right(_wrong(levels, x, noise), truth)

        def ask(rows: int) -> tuple[Any, list[Term]]:
            x = spread(rows, levels.sizes["x"])
            noise = spread(rows, levels.sizes["z2"]), spread(rows, levels.sizes["z1"])
            return self._call(answer, levels, x, noise), _terms(levels, x, noise)

        try:
            with arguments_named(value, *_readings(levels, x, noise)), terms_named(ask):
                expect_exact(value, truth, "the bound", wrong, "nats", within=within)
        except Mistake as mistake:
            if mistake.slug != "wrong-value":
                raise
            again = self._call(answer, levels, x, noise)
            if torch.is_tensor(again) and not close(again, value.detach().double()):
                raise Mistake("levels-own-noise", mistake.seen) from None
            raise


def of_draw(levels: Levels, x: Tensor, noise: Noise, cut: tuple[str, ...] = ()) -> Tensor:
    """The bound of one draw, (B,) nats; what `cut` names is detached: codes, or q in log q."""
    q2 = levels.posterior2(x)
    z2 = _drawn(q2, noise[0])
    z2 = z2.detach() if "z2" in cut else z2
    q1 = levels.posterior1(x, z2)
    z1 = _drawn(q1, noise[1])
    z1 = z1.detach() if "z1" in cut else z1
    if "q" in cut:
        q1, q2 = (q1[0].detach(), q1[1].detach()), (q2[0].detach(), q2[1].detach())
    log_p = levels.log_p_x(x, z1) + log_q(z1, *levels.prior1(z2)) + log_prior(z2)
    return log_p - log_q(z1, *q1) - log_q(z2, *q2)


def _readings(levels: Levels, x: Tensor, noise: Noise) -> tuple[Any, ...]:
    """The formula of its arguments, then of what is computed on the way: see `arguments_named`."""
    with torch.no_grad():
        q2 = levels.posterior2(x)
        z2 = _drawn(q2, noise[0])
        q1, p1 = levels.posterior1(x, z2), levels.prior1(z2)
        z1 = _drawn(q1, noise[1])
        nll, lower, upper = levels.log_p_x(x, z1), log_q(z1, *p1), log_prior(z2)
        of_q1, of_q2 = log_q(z1, *q1), log_q(z2, *q2)

    def of_arguments(x: Tensor, eps2: Tensor, eps1: Tensor) -> Tensor:
        return of_draw(levels, x, (eps2, eps1))

    def of_densities(
        likelihood: Tensor, prior2: Tensor, prior1: Tensor, posterior2: Tensor, posterior1: Tensor
    ) -> Tensor:
        return likelihood + prior2 + prior1 - posterior2 - posterior1

    def of_joint(log_joint: Tensor, posterior2: Tensor, posterior1: Tensor) -> Tensor:
        return log_joint - posterior2 - posterior1

    def of_codes(z1: Tensor, z2: Tensor) -> Tensor:
        log_p = levels.log_p_x(x, z1) + log_q(z1, *levels.prior1(z2)) + log_prior(z2)
        return log_p - log_q(z1, *levels.posterior1(x, z2)) - log_q(z2, *q2)

    def of_q(mu2: Tensor, logvar2: Tensor, mu1: Tensor, logvar1: Tensor) -> Tensor:
        z2, z1 = _drawn((mu2, logvar2), noise[0]), _drawn((mu1, logvar1), noise[1])
        log_p = levels.log_p_x(x, z1) + log_q(z1, *levels.prior1(z2)) + log_prior(z2)
        return log_p - log_q(z1, mu1, logvar1) - log_q(z2, mu2, logvar2)

    def of_widths(sigma2: Tensor, sigma1: Tensor) -> Tensor:
        z2 = q2[0] + sigma2 * noise[0]
        q1 = levels.posterior1(x, z2)
        z1 = q1[0] + torch.exp(0.5 * q1[1]) * noise[1] + (sigma1 - widths[1]) * noise[1]
        log_p = levels.log_p_x(x, z1) + log_q(z1, *levels.prior1(z2)) + log_prior(z2)
        return log_p - log_q(z1, *q1) - log_q(z2, *q2)

    widths = torch.exp(0.5 * q2[1]), torch.exp(0.5 * q1[1])
    densities = {"likelihood": nll, "prior2": upper, "prior1": lower}
    of_both = {"posterior2": of_q2, "posterior1": of_q1}
    return (
        of_arguments,
        {"x": x, "eps2": noise[0], "eps1": noise[1]},
        (of_densities, densities | of_both),
        (of_joint, {"log_joint": nll + lower + upper} | of_both),
        (of_codes, {"z1": z1, "z2": z2}),
        (of_q, {"mu2": q2[0], "logvar2": q2[1], "mu1": q1[0], "logvar1": q1[1]}),
        (of_widths, {"sigma2": widths[0], "sigma1": widths[1]}),
    )


def _drawn(q: Parameters, eps: Tensor, power: float = 0.5) -> Tensor:
    return q[0] + torch.exp(power * q[1]) * eps


def _of_sigma(z: Tensor, of: Parameters) -> Tensor:
    """Its log density, with logvar read as log sigma."""
    return log_q(z, of[0], 2 * of[1])


def _wrong(levels: Levels, x: Tensor, noise: Noise) -> Wrong:
    with torch.no_grad():
        q2 = levels.posterior2(x)
        z2 = _drawn(q2, noise[0])
        q1, p1 = levels.posterior1(x, z2), levels.prior1(z2)
        z1 = _drawn(q1, noise[1])
        nll, upper, lower = levels.log_p_x(x, z1), log_prior(z2), log_q(z1, *p1)
        of_q1, of_q2 = log_q(z1, *q1), log_q(z2, *q2)
        truth = nll + upper + lower - of_q1 - of_q2
        zero = torch.zeros_like
        kl2, kl1 = between(*q2, zero(q2[0]), zero(q2[1])), between(*q1, *p1)
        none = zero(noise[0]), zero(noise[1])
        at_mean2 = levels.posterior1(x, q2[0])  # of the mean of q(z2|x)
        from_mean = _drawn(at_mean2, noise[1])
        from_prior = _drawn(p1, noise[1])
        wide2 = _drawn(q2, noise[0], 1.0)
        wide_q1 = levels.posterior1(x, wide2)
        wide1 = _drawn(wide_q1, noise[1], 1.0)
        wide = log_q(wide1, *levels.prior1(wide2)) + log_prior(wide2)
        wide = wide + levels.log_p_x(x, wide1) - log_q(wide1, *wide_q1) - log_q(wide2, *q2)
        return [
            ("levels-analytic-kl", nll - kl1 - kl2),
            ("levels-analytic-kl", nll + lower - of_q1 - kl2),
            ("levels-analytic-kl", nll + upper - of_q2 - kl1),
            ("levels-no-noise", of_draw(levels, x, none)),
            ("levels-no-noise", of_draw(levels, x, (none[0], noise[1]))),
            ("levels-no-noise", of_draw(levels, x, (noise[0], none[1]))),
            ("levels-noise-by-variance", wide),
            ("levels-z1-prior-standard", truth - lower + log_prior(z1)),
            ("levels-no-upper", truth - upper + of_q2),
            ("levels-no-lower", truth - lower + of_q1),
            ("levels-no-prior2", truth - upper),
            ("levels-no-prior1", truth - lower),
            ("levels-no-posterior2", truth + of_q2),
            ("levels-no-posterior1", truth + of_q1),
            ("levels-no-log-scale", truth + 0.5 * (p1[1] - q1[1]).sum(1) - 0.5 * q2[1].sum(1)),
            ("levels-no-log-scale", truth + 0.5 * p1[1].sum(1)),
            ("levels-no-log-scale", truth - 0.5 * q1[1].sum(1)),
            ("levels-no-log-scale", truth - 0.5 * q2[1].sum(1)),
            ("levels-log-sigma", nll + upper + _of_sigma(z1, p1) - _of_sigma(z1, q1)
             - _of_sigma(z2, q2)),
            ("levels-log-sigma", truth - lower + _of_sigma(z1, p1)),
            ("levels-log-sigma", truth + of_q1 + of_q2 - _of_sigma(z1, q1) - _of_sigma(z2, q2)),
            ("levels-q-added", truth + 2 * (of_q1 + of_q2)),
            ("levels-q-added", truth + 2 * of_q1),
            ("levels-q-added", truth + 2 * of_q2),
            ("levels-joint-only", nll + upper + lower),
            ("levels-nll-only", nll),
            ("levels-kl-only", truth - nll),
            ("levels-kl-added", 2 * nll - truth),
            ("value-negated", -truth),
            ("levels-no-likelihood-sign", truth - 2 * nll),
            ("levels-mean-passed-down", levels.log_p_x(x, from_mean) + upper - of_q2
             + log_q(from_mean, *p1) - log_q(from_mean, *at_mean2)),
            ("levels-mean-passed-down", levels.log_p_x(x, from_mean) + upper - of_q2
             + log_q(from_mean, *levels.prior1(q2[0])) - log_q(from_mean, *at_mean2)),
            ("levels-mean-passed-down", truth - lower + log_q(z1, *levels.prior1(q2[0]))),
            ("levels-drawn-of-prior", levels.log_p_x(x, from_prior) + upper - of_q2
             + log_q(from_prior, *p1) - log_q(from_prior, *q1)),
            ("levels-drawn-of-prior", levels.log_p_x(x, from_prior) + upper - of_q2),
            ("levels-batch", truth.sum()),
            ("levels-batch", truth.mean()),
            ("levels-not-logged", truth.exp()),
            ("levels-not-logged", nll + (upper + lower).exp() - (of_q1 + of_q2).exp()),
        ]  # fmt: skip


def _terms(levels: Levels, x: Tensor, noise: Noise) -> list[Term]:
    with torch.no_grad():
        q2 = levels.posterior2(x)
        z2 = _drawn(q2, noise[0])
        q1, p1 = levels.posterior1(x, z2), levels.prior1(z2)
        z1 = _drawn(q1, noise[1])
        return [
            Term("log p(x|z1)", levels.log_p_x(x, z1), 1),
            Term("z2^2 of log p(z2)", z2**2, -0.5),
            Term("the square of log p(z1|z2)", (z1 - p1[0]) ** 2 / p1[1].exp(), -0.5),
            Term("logvar of log p(z1|z2)", p1[1], -0.5),
            Term("the square of log q(z2|x)", noise[0] ** 2, 0.5),
            Term("logvar of log q(z2|x)", q2[1], 0.5),
            Term("the square of log q(z1|x, z2)", noise[1] ** 2, 0.5),
            Term("logvar of log q(z1|x, z2)", q1[1], 0.5),
            Term("a constant", torch.ones_like(x[:, 0])),
            Term("the variances of q(z2|x)", q2[1].exp()),
            Term("z1^2", z1**2),
            Term("(z1 - mu)^2 without the variance of p(z1|z2)", (z1 - p1[0]) ** 2),
        ]


two_level_elbo = _TwoLevelELBO()
