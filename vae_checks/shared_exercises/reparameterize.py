"""z ~ N(mu, diag(exp(logvar))) by reparameterization, an exercise of more than one lab."""

import itertools
import math
from typing import Any

import torch
from torch import Tensor, nn

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.statistics import SIGMAS, expect_normal_numbers, expect_standard_normal
from vae_checks.values import close, expect_tensor
from vae_checks.verdict import Mistake, call

_WIDE = 6.0  # a logvar at which the spread of z shows how it grows
_MANY_LATENT = 53  # three batches of 2,003 rows are some 320,000 numbers
# What a derivative says of the standard deviation, unless z has the right one.
_STRETCHES = {
    "std-is-variance",
    "std-no-exp",
    "std-square-root",
    "std-inverse",
    "std-softplus",
    "std-exp-twice",
    "std-logvar-squared",
    "std-power",
    "wrong-derivative",
}


class Reparameterize(Exercise):
    """`reparameterize(mu, logvar)`: a sample of each row's Gaussian, (B, D), for gradients."""

    name = "reparameterize"

    def __init__(self, section: str) -> None:
        self.section = section

    @idea("gradients pass the sample: dz/dmu = 1, dz/dlogvar = (z - mu) / 2", random=True)
    def pathwise(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """Two identities that hold for whatever noise was drawn; no false alarms.

        They fix z = mu + c * exp(logvar / 2) with c free of mu and logvar; `noise` looks at c. The
        second holds at logvar of +-[5, 8] and +-[20, 60], too, and z = mu to 8e-12 at logvar = -60
        and mu up to 100.
        `_expect_growth` finds a derivative that is not z's own. All of it in float64, the
        identities in float32 as well.
        """
        mu = spread(batch, latent).requires_grad_()
        logvar = spread(batch, latent).requires_grad_()
        z = self._sample(answer, mu, logvar)
        many = spread(100, latent)  # few numbers may all be 0 by chance, where some are
        if close(z, mu) and close(self._sample(answer, many, 0 * many), many):
            raise Mistake("no-noise", "z equals mu.")
        if not z.requires_grad:
            raise Mistake("sample-detached", "z has requires_grad=False.")
        self._expect_derivatives(answer, z, mu, logvar)
        for sign in (-1, 1):
            self._expect_stretch(answer, sign * spread(batch, latent, low=5, high=8).abs())
        # So many that the largest noise is above 2.7, whatever was drawn.
        mu = 50 * spread(100, 20)
        z = self._sample(answer, mu, 0 * mu - 60).detach()
        off = (z - mu).abs()
        if off.max() > 8e-12:
            place = divmod(int(off.argmax()), 20)
            seen = f"At mu = {mu[place]:.4g} and logvar = -60 z is off by {off[place]:.2g}."
            raise Mistake("value-cut" if off.max() > 1 else "std-clipped", seen)
        growth, wanted = self._growth(answer)
        if not _near(growth, wanted):
            seen = f"From logvar = 0 to {_WIDE:g} the spread of z grows {growth:.4g} times,"
            raise Mistake("wrong-derivative", f"{seen} by its derivative {wanted:.4g} times.")
        for sign in (-1, 1):
            self._expect_stretch(answer, sign * spread(batch, latent, low=20, high=60).abs())
        mu, logvar = (spread(batch, latent).float().requires_grad_() for _ in range(2))
        self._expect_derivatives(answer, self._sample(answer, mu, logvar), mu, logvar)

    def _sample(self, answer: Any, mu: Tensor, logvar: Tensor) -> Tensor:
        """z of the shape and dtype of mu, which the answer was called with."""
        z = call(self.name, answer, {"mu": mu, "logvar": logvar})
        if torch.is_tensor(z) and z.isnan().any() and torch.equal(z.isnan(), logvar < 0):
            raise Mistake("std-square-root", "z is nan wherever logvar is negative.")
        expect_tensor(z, tuple(mu.shape), "z")
        if z.dtype != mu.dtype:
            seen = f"z is {z.dtype}, the arguments are {mu.dtype}."
            raise Mistake("sample-dtype", seen)
        return z

    def _expect_derivatives(self, answer: Any, z: Tensor, mu: Tensor, logvar: Tensor) -> None:
        # Random weights tell dz_i/dmu_i apart from derivatives of z_i by another image's mu.
        weight = spread(*mu.shape).to(z.dtype)
        found = torch.autograd.grad((z * weight).sum(), (mu, logvar), allow_unused=True)
        by_mu, by_logvar = (_or_zero(g, mu) / weight for g in found)
        fault = _fault(z.detach(), mu.detach(), logvar.detach(), by_mu, by_logvar)
        if fault is None:
            return
        if fault.slug in _STRETCHES:
            growth, wanted = self._growth(answer)
            if _near(growth, wanted):  # z is right, and its derivative is not its own
                raise Mistake("backward-by-hand", fault.seen)
        raise fault

    def _growth(self, answer: Any, *, batch: int = 2000, latent: int = 5) -> tuple[float, float]:
        """How many times the spread of z grows from logvar = 0 to 6, and how many times it should.

        In one batch, half of it with logvar = 0, so that it does not matter what the noise is or
        what shares it. The spread is the distance from mu that a fifth of the numbers exceeds. For
        right answers the ratio has a relative standard error below 3 % (6 % where the noise is
        shared by the latent dimensions); see `_near`.
        """
        wide = (torch.randperm(batch) < batch // 2)[:, None].expand(batch, latent)
        mu = spread(batch, latent)
        z = call(self.name, answer, {"mu": mu, "logvar": _WIDE * wide.double()})
        off = (expect_tensor(z, (batch, latent), "z").detach().double() - mu).abs()
        growth = (off[wide].quantile(0.8) / off[~wide].quantile(0.8)).item()
        return growth, math.exp(_WIDE / 2)

    def _expect_stretch(self, answer: Any, logvar: Tensor) -> None:
        """dz/dlogvar = (z - mu) / 2 far from 0; mu = 0, so that z - mu keeps its digits."""
        logvar.requires_grad_()
        mu = torch.zeros_like(logvar.detach())
        z = self._sample(answer, mu, logvar)
        (found,) = torch.autograd.grad(z.sum(), logvar, allow_unused=True)
        found, half = _or_zero(found, mu), z.detach() / 2
        off = ((found - half) / half).abs().nan_to_num(nan=0)  # 0 / 0 where the noise was 0
        if not off.max() < 1e-4:
            worst = tuple(int(i) for i in torch.unravel_index(off.argmax(), off.shape))
            ratio = (found / half)[worst].item() / 2
            seen = f"At logvar = {logvar[worst].item():.2f} dz/dlogvar is {ratio:.4g} times z - mu,"
            raise Mistake("std-clipped", f"{seen} it should be 0.5 times.")

    @idea("the noise is N(0, 1), independent over images and latent dimensions", random=True)
    def noise(self, answer: Any, *, batch: int = 2003, latent: int = 5) -> None:
        """eps = z - mu at logvar = 0 by `expect_standard_normal`, n = batch * latent numbers.

        Once as in training, once under `torch.no_grad()`, as in evaluation, there with the same mu
        for all images; once for one latent dimension. Then some 320,000 numbers by
        `expect_normal_numbers`, which says what such a number of them can tell. Noise may be drawn
        in float32: its 24 binary digits do not show. It knows nothing of mu (`_expect_unrelated`).
        """
        for gradients, where in ((True, ""), (False, ", under torch.no_grad()")):
            mu = spread(batch, latent) if gradients else spread(1, latent).repeat(batch, 1)
            with torch.set_grad_enabled(gradients):
                z = self._sample(answer, mu, 0 * mu)
            eps = z.detach() - mu
            expect_standard_normal(eps, f"eps = z - mu (at logvar = 0{where})")
            if gradients:
                _expect_unrelated(eps, mu)
        mu = spread(batch, 1)
        z = self._sample(answer, mu, 0 * mu)
        expect_standard_normal(z - mu, "eps = z - mu (at logvar = 0, with D = 1)")
        draws = self._many(answer)
        with torch.no_grad():
            mu = spread(3, latent).float()
            self._sample(answer, mu, mu)
        expect_normal_numbers(torch.cat(draws).flatten(), "eps = z - mu")

    def _many(self, answer: Any) -> list[Tensor]:
        """The noise of three calls, (2003, 53) each, for other mu each time."""
        with torch.no_grad():
            means = [spread(2003, _MANY_LATENT) for _ in range(3)]
            return [self._sample(answer, mu, 0 * mu) - mu for mu in means]

    @idea("every call draws new noise", random=True)
    def fresh(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """Two calls with the same arguments differ, in float64 and float32; never by chance.

        Nor do eight calls share part of their numbers, in the same places and up to the sign: three
        in common happen with a probability below 1e-12. (Zeros do not count, nor do numbers that
        one call has twice: that noise is wrong in another way.) Three calls of some 100,000 numbers
        have no row in common, and correlations below six standard errors.
        """
        mu, logvar = spread(batch, latent), spread(batch, latent)
        for gradients, where in ((True, ""), (False, " under torch.no_grad()")):
            for dtype in (torch.float64, torch.float32):
                arguments = mu.to(dtype), logvar.to(dtype)
                with torch.set_grad_enabled(gradients):
                    one, other = (self._sample(answer, *arguments) for _ in range(2))
                if close(one, arguments[0]):
                    raise Mistake("no-noise", f"z equals mu{where}.")
                if close(one, other.double()):
                    seen = f"Two calls with the same arguments give the same z{where}."
                    raise Mistake("noise-frozen", seen)
        sizes = [(self._sample(answer, mu, 0 * mu) - mu).detach().abs().flatten() for _ in range(8)]
        for one, other in itertools.combinations(sizes, 2):
            common = ((one - other).abs() < 1e-9) & (one > 1e-9)
            twice = any((each.sort().values.diff() < 1e-9).any() for each in (one, other))
            if common.sum() > 2 and not twice:
                seen = f"{common.sum()} of {len(one)} numbers came in an earlier call as well."
                raise Mistake("noise-frozen", seen)
        _expect_unrelated_calls(self._many(answer))


def _expect_unrelated_calls(draws: list[Tensor]) -> None:
    """Raise Mistake when the noise (n, D) of two calls has a row in common, or a correlation.

    What is used more than once in a single call is the business of another idea.
    """
    if any(len(each.abs().unique()) < 0.9 * each.numel() for each in draws):
        return
    rows = torch.cat(draws)
    if len(rows.unique(dim=0)) < len(rows):
        raise Mistake("noise-frozen", "A row of noise came in an earlier call as well.")
    apart = [each - each.mean(0) for each in draws]
    apart = [(each - each.mean(1, keepdim=True)) / each.std() for each in apart]
    for one, other in itertools.combinations(apart, 2):
        correlation = (one * other).mean().item()
        if abs(correlation) > SIGMAS / math.sqrt(one.numel()):
            seen = f"The noise of two calls has correlation {correlation:.2g}."
            raise Mistake("noise-correlated", seen)


def _expect_unrelated(eps: Tensor, mu: Tensor) -> None:
    """Raise Mistake when eps (n, D) is correlated with mu or its sign, or eps^2 with |mu|.

    Six standard errors: 2e-9 for a right answer, three times.
    """
    size = (mu.abs() - mu.abs().mean()) / mu.abs().std()
    found = [eps * mu / mu.square().mean().sqrt(), eps * mu.sign(), (eps**2 - 1) * size / 2**0.5]
    worst = max((each.mean().item() for each in found), key=abs)
    if abs(worst) > SIGMAS / math.sqrt(eps.numel()):
        seen = f"eps = z - mu has correlation {worst:.2g} with mu, its sign or its size."
        raise Mistake("noise-of-mu", seen)


def _near(growth: float, wanted: float) -> bool:
    """Within 50 %: eight standard errors, or more."""
    return 1 / 1.5 < growth / wanted < 1.5


def _fault(
    z: Tensor, mu: Tensor, logvar: Tensor, by_mu: Tensor, by_logvar: Tensor
) -> Mistake | None:
    """What is wrong with the derivatives of z, all (B, D); None if nothing is."""
    off = (z - mu).double()  # std * eps
    std = torch.exp(logvar / 2)
    no_mu, no_logvar = not by_mu.any(), not by_logvar.any()
    if no_mu and no_logvar:
        return Mistake("sample-detached", "dz/dmu and dz/dlogvar are both 0.")
    if no_logvar:
        return Mistake("std-detached", "dz/dmu is right, dz/dlogvar is 0.")
    if no_mu:
        return Mistake("mu-detached", "dz/dmu is 0, it should be 1.")
    if not close(by_mu, torch.ones_like(mu)):
        seen = f"dz/dmu is {by_mu[0, 0]:.4g}, it should be 1."
        if close(by_mu, std) or close(by_mu, std**2):
            return Mistake("mu-scaled", seen)
        return Mistake("mu-misread", seen, _of_mu(z, mu, by_mu))
    # dz/dlogvar is eps * dstd/dlogvar, and off is eps * std: the ratio knows the formula of std.
    # In float32 both sides have a rounding, that of the largest number on the way.
    rounding = torch.finfo(z.dtype).eps * 32 * (z.abs() + mu.abs()).max().item()
    allowed = 1e-4 * off.abs().max() if z.dtype == torch.float64 else rounding
    if (by_logvar - off / 2).abs().max() <= allowed:
        return None
    known = _known_stretches(logvar.double())
    ratio = by_logvar / off
    same = close(ratio, ratio[:1, :1].expand_as(ratio))
    other = "std-power" if same else "wrong-derivative"
    slug = next((slug for slug, factor in known if close(by_logvar, off * factor)), other)
    seen = f"dz/dlogvar is {ratio[0, 0].item():.4g} times z - mu, it should be 0.5 times."
    return Mistake(slug, seen)


def _of_mu(z: Tensor, mu: Tensor, by_mu: Tensor) -> str | None:
    """What became of mu, by the derivative of z, all (B, D); None where that is not clear."""
    if close(by_mu, by_mu[:1, :1].expand_as(by_mu)):
        return f"mu counts {by_mu[0, 0]:.4g} times."
    if (z > 0).all() and (z < 1).all():
        return "All samples lie between 0 and 1: something follows mu + std * eps."
    if (z >= 0).all():
        return "No sample is negative: something follows mu + std * eps."
    known = (("mu^2", 2 * mu), ("mu^3", 3 * mu**2), ("exp(mu)", mu.exp()), ("|mu|", mu.sign()))
    for what, slope in known:
        if close(by_mu, slope):
            return f"{what} stands in the place of mu."
    rows = by_mu.abs().sum(1) > 0
    if rows.sum() < len(mu):
        return "Some images do not have a mean of their own: those of others stand for it."
    return None


def _known_stretches(logvar: Tensor) -> list[tuple[str, Tensor]]:
    """d log std / d logvar of known wrong standard deviations, by slug."""
    soft, steep = nn.functional.softplus(logvar), torch.sigmoid(logvar)
    half, half_steep = nn.functional.softplus(logvar / 2), torch.sigmoid(logvar / 2)
    one = torch.ones_like(logvar)
    return [
        ("std-is-variance", one),
        ("std-no-exp", 1 / logvar),
        ("std-square-root", 0.5 / logvar),
        ("std-inverse", -0.5 * one),
        ("std-inverse", -one),
        ("std-softplus", steep / soft),
        ("std-softplus", steep / (2 * soft)),
        ("std-softplus", steep / 2),
        ("std-softplus", half_steep / (2 * half)),
        ("std-exp-twice", logvar.exp() / 2),
        ("std-exp-twice", logvar.exp()),
        ("std-exp-twice", (logvar / 2).exp() / 2),
        ("std-logvar-squared", logvar),
        ("std-logvar-squared", 2 * logvar),
        ("std-logvar-squared", logvar / 2),
        ("std-logvar-squared", 2 / logvar),
    ]


def _or_zero(gradient: Tensor | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if gradient is None else gradient
