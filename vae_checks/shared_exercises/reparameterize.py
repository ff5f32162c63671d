"""z ~ N(mu, diag(exp(logvar))) by reparameterization, an exercise of more than one lab."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.statistics import expect_standard_normal
from vae_checks.values import close, expect_tensor
from vae_checks.verdict import Mistake, call


class Reparameterize(Exercise):
    """`reparameterize(mu, logvar)`: a sample of each row's Gaussian, (B, D), for gradients."""

    name = "reparameterize"

    def __init__(self, section: str) -> None:
        self.section = section

    @idea("gradients pass the sample: dz/dmu = 1, dz/dlogvar = (z - mu) / 2", random=True)
    def pathwise(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """Two identities that hold for whatever noise was drawn; no false alarms.

        They fix z = mu + c * exp(logvar / 2) with c free of mu and logvar; `noise` looks at c. The
        second holds at logvar of +-[5, 8], too, and z = mu to 1e-5 at logvar = -60. A constant of
        1e-6 added to the standard deviation is below all tolerances. `_expect_growth` finds a
        derivative that is not z's own.
        """
        mu = spread(batch, latent).requires_grad_()
        logvar = spread(batch, latent).requires_grad_()
        z = call(self.name, answer, {"mu": mu, "logvar": logvar})
        if torch.is_tensor(z) and z.isnan().any() and torch.equal(z.isnan(), logvar < 0):
            raise Mistake("std-square-root", "z is nan wherever logvar is negative.")
        expect_tensor(z, (batch, latent), "z")
        if close(z, mu):
            raise Mistake("no-noise", "z equals mu.")
        if not z.requires_grad:
            raise Mistake("sample-detached", "z has requires_grad=False.")
        # Random weights tell dz_i/dmu_i apart from derivatives of z_i by another image's mu.
        weight = spread(batch, latent)
        found = torch.autograd.grad((z * weight).sum(), (mu, logvar), allow_unused=True)
        by_mu, by_logvar = (_or_zero(g, mu).to(z.dtype) / weight.to(z.dtype) for g in found)
        _expect_derivatives(z.detach(), mu.detach(), logvar.detach(), by_mu, by_logvar)
        for sign in (-1, 1):
            self._expect_stretch(answer, sign * spread(batch, latent, low=5, high=8).abs())
        # So many that the largest noise is above 2.7, whatever was drawn.
        mu = torch.full((100, 20), 2.0, dtype=torch.float64)
        z = call(self.name, answer, {"mu": mu, "logvar": 0 * mu - 60})
        off = (expect_tensor(z, (100, 20), "z").detach() - 2).abs().max().item()
        if off > 1e-5:
            seen = f"At mu = 2, logvar = -60 z differs from 2 by up to {off:.2g}."
            raise Mistake("std-clipped", seen)
        self._expect_growth(answer)

    def _expect_growth(
        self, answer: Any, *, batch: int = 2000, latent: int = 5, logvar: float = 6.0
    ) -> None:
        """The spread of z is as its derivative says, which an answer may have written by hand.

        In one batch, half of it with logvar = 0, so that it does not matter what the noise is or
        what shares it. For right answers the ratio of mean squares has a relative standard error
        of 3 % (6 % where the noise is shared by the latent dimensions); here it may be off by 50 %.
        """
        wide = (torch.randperm(batch) < batch // 2)[:, None].expand(batch, latent)
        mu = spread(batch, latent)
        z = call(self.name, answer, {"mu": mu, "logvar": logvar * wide.double()})
        square = (expect_tensor(z, (batch, latent), "z").detach().double() - mu) ** 2
        growth = (square[wide].mean() / square[~wide].mean()).sqrt().item()
        wanted = math.exp(logvar / 2)
        if not 1 / 1.5 < (growth / wanted) ** 2 < 1.5:
            seen = f"From logvar = 0 to {logvar:g} the spread of z grows {growth:.4g} times,"
            raise Mistake("wrong-derivative", f"{seen} by its derivative {wanted:.4g} times.")

    def _expect_stretch(self, answer: Any, logvar: Tensor) -> None:
        logvar.requires_grad_()
        mu = spread(*logvar.shape)
        z = call(self.name, answer, {"mu": mu, "logvar": logvar})
        expect_tensor(z, tuple(mu.shape), "z")
        (found,) = torch.autograd.grad(z.sum(), logvar, allow_unused=True)
        found, half = _or_zero(found, mu).double(), (z.detach().double() - mu) / 2
        if (found - half).abs().max() > 1e-4 * half.abs().max():
            ratio = (found / half)[0, 0].item() / 2
            seen = f"At logvar = {logvar[0, 0].item():.2f} dz/dlogvar is {ratio:.4g} times z - mu,"
            raise Mistake("std-clipped", f"{seen} it should be 0.5 times.")

    @idea("the noise is N(0, 1), independent over images and latent dimensions", random=True)
    def noise(self, answer: Any, *, batch: int = 2003, latent: int = 5) -> None:
        """eps = z - mu at logvar = 0 by `expect_standard_normal`, n = batch * latent numbers.

        Once as in training, once under `torch.no_grad()`, as in evaluation.
        """
        for gradients, where in ((True, ""), (False, ", under torch.no_grad()")):
            mu = spread(batch, latent)
            with torch.set_grad_enabled(gradients):
                z = call(self.name, answer, {"mu": mu, "logvar": 0 * mu})
            expect_tensor(z, (batch, latent), "z")
            expect_standard_normal(z.detach().double() - mu, f"eps = z - mu (at logvar = 0{where})")

    @idea("every call draws new noise", random=True)
    def fresh(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """Two calls with the same arguments differ; by chance they never agree."""
        arguments = {"mu": spread(batch, latent), "logvar": spread(batch, latent)}
        for gradients, where in ((True, ""), (False, " under torch.no_grad()")):
            with torch.set_grad_enabled(gradients):
                one, other = (call(self.name, answer, arguments) for _ in range(2))
            for z in (one, other):
                expect_tensor(z, (batch, latent), "z")
            if close(one, arguments["mu"]):
                raise Mistake("no-noise", f"z equals mu{where}.")
            if close(one, other.double()):
                seen = f"Two calls with the same arguments give the same z{where}."
                raise Mistake("noise-frozen", seen)


def _expect_derivatives(
    z: Tensor, mu: Tensor, logvar: Tensor, by_mu: Tensor, by_logvar: Tensor
) -> None:
    off = z.double() - mu  # std * eps
    std = torch.exp(logvar / 2)
    no_mu, no_logvar = not by_mu.any(), not by_logvar.any()
    if no_mu and no_logvar:
        raise Mistake("sample-detached", "dz/dmu and dz/dlogvar are both 0.")
    if no_logvar:
        raise Mistake("std-detached", "dz/dmu is right, dz/dlogvar is 0.")
    if no_mu:
        raise Mistake("mu-detached", "dz/dmu is 0, it should be 1.")
    if not close(by_mu, torch.ones_like(mu)):
        slug = "mu-scaled" if close(by_mu, std) or close(by_mu, std**2) else "wrong-derivative"
        raise Mistake(slug, f"dz/dmu is {by_mu[0, 0]:.4g}, it should be 1.")
    # dz/dlogvar is eps * dstd/dlogvar, and off is eps * std: the ratio knows the formula of std.
    known = [
        ("std-is-variance", off),
        ("std-no-exp", off / logvar),
        ("std-inverse", -off / 2),
        ("std-inverse", -off),
        ("std-softplus", off * torch.sigmoid(logvar) / nn.functional.softplus(logvar)),
        ("std-softplus", off * torch.sigmoid(logvar) / (2 * nn.functional.softplus(logvar))),
    ]
    # 1e-6 added to the standard deviation changes this by less than 1e-5.
    if (by_logvar - off / 2).abs().max() <= 1e-4 * off.abs().max():
        return
    slug = next((slug for slug, wrong in known if close(by_logvar, wrong)), "wrong-derivative")
    ratio = (by_logvar / off)[0, 0].item()
    raise Mistake(slug, f"dz/dlogvar is {ratio:.4g} times z - mu, it should be 0.5 times.")


def _or_zero(gradient: Tensor | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if gradient is None else gradient
