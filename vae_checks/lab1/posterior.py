"""Evidence, posterior and gap as sums over a grid of codes, for any log joint density.

The sums are compared with integrals: closed forms where the model is linear and Gaussian, another
grid, four times as fine and shifted, where the decoder is bent and the posterior has any shape.
"""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.lab1.grids import (
    Case,
    asked_log_q,
    bent,
    elbo,
    linear,
    logvar_on_grid,
    scattered,
    sharp,
)
from vae_checks.lab1.pieces import expect_fixed
from vae_checks.lab1.recorder import are_rows
from vae_checks.lab1.wrong_sums import (
    wrong_densities,
    wrong_evidences,
    wrong_gap_sums,
    wrong_gaps,
    wrong_sums,
)
from vae_checks.values import close, expect_exact, expect_pair, expect_tensor
from vae_checks.verdict import Mistake, call
from vae_checks.watching import watch


class _PosteriorOnGrid(Exercise):
    name, section = "posterior_on_grid", "7.2"

    @idea(
        "the log evidence: equal to its closed form, and to an integral on another grid",
        also=[{"batch": 1}],
    )
    def evidence(
        self, answer: Any, *, batch: int = 3, latent: int = 1, pixels: int = 7, side: int = 401
    ) -> None:
        """log p(x) to 1e-10: a linear model in closed form, then a bent one; `side`^D codes.

        Then the sum alone, over scattered codes in three dimensions, with any size of a cell.
        """
        for case in (linear(batch, latent, pixels, side), bent(batch, latent, pixels, side)):
            value, _ = self._call(answer, case)
            expect_exact(value, case.log_evidence, "log_evidence", wrong_evidences(case), "nats")
        for case in (scattered(4, 1), scattered(5, 3)):
            value, _ = self._call(answer, case)
            wrong = [*wrong_evidences(case), *wrong_sums(case)]
            what = "log_evidence (any codes and cell)"
            expect_exact(value, case.log_evidence, what, wrong, "nats")

    @idea("a log density for every code and image, which integrates to 1", also=[{"batch": 1}])
    def density(
        self, answer: Any, *, batch: int = 3, latent: int = 1, pixels: int = 7, side: int = 401
    ) -> None:
        """log p(x, z) - log p(x) to 1e-10, on a linear and on a bent model."""
        for case in (linear(batch, latent, pixels, side), bent(batch, latent, pixels, side)):
            _, value = self._call(answer, case)
            truth = case.logs - case.log_evidence
            wrong = wrong_densities(case)
            # The largest of these numbers are far below 0: a constant shows where they are small.
            value = expect_tensor(value, tuple(truth.shape), "log_posterior", wrong)
            top = truth > -50
            named = next((slug for slug, w in wrong if _same_top(value, w, top)), None)
            if named is not None and not _same_top(value, truth, top):
                place = int(truth[:, 0].argmax())
                seen = f"At its largest log_posterior[{place}, 0] is {value[place, 0]:.4g}"
                raise Mistake(named, f"{seen} nats, it should be {truth[place, 0]:.4g}.")
            expect_exact(value, truth, "log_posterior", wrong, "nats")
            expect_exact(value[top], truth[top], "log_posterior (where it is largest)")
        case = scattered(5, 3)
        _, value = self._call(answer, case)
        truth = case.logs - case.log_evidence
        wrong = [
            *wrong_densities(case),
            *((slug, case.logs - each) for slug, each in wrong_sums(case)),
        ]
        expect_exact(value, truth, "log_posterior (any codes and cell)", wrong, "nats")

    @idea("finite and right where the joint densities underflow or overflow")
    def stable(self, answer: Any, *, batch: int = 3, pixels: int = 7, side: int = 401) -> None:
        """log p(x) near -2,000, 0 and 900 nats side by side, with every pixel near 100."""
        case = bent(batch, 1, pixels, side)
        plain, images = case.log_joint, case.x + 100
        offsets = torch.linspace(-2000, 900, batch, dtype=torch.float64)
        offsets[1:2] = 0

        def log_joint(x: Any, z: Any) -> Tensor:
            value = plain(x - 100, z)
            image = (x[..., None, :] == images).all(-1).double()
            return value + image @ offsets

        log_evidence = case.log_evidence + offsets
        case = case._replace(x=images, log_joint=log_joint, log_evidence=log_evidence)
        value, density = self._call(answer, case)
        for what, part in (("log_evidence", value), ("log_posterior", density)):
            if torch.is_tensor(part) and part.is_floating_point() and not part.isfinite().all():
                seen = f"Where log p(x) is {case.log_evidence[0]:.0f} nats {what} is not finite."
                raise Mistake("density-underflow", seen)
        truth = case.log_evidence
        if torch.is_tensor(value) and value.shape == truth.shape and value[0] > truth[0] + 500:
            seen = f"log_evidence[0] is {value[0]:.4g} nats, it should be {truth[0]:.4g}."
            raise Mistake("density-floor", seen)
        expect_exact(value, truth, "log_evidence", wrong_evidences(case), "nats")

    def _call(self, answer: Any, case: Case) -> tuple[Any, Any]:
        arguments: dict[str, Any] = {"x": case.x, "log_joint": case.log_joint}
        arguments |= {"codes": case.codes, "cell": case.cell}
        result = call(self.name, answer, arguments)
        if torch.is_tensor(result) and result.is_floating_point():
            expect_tensor(result, result.shape, "The result")  # names nan first
        pair = expect_pair(result, self.name, ("log_evidence", "log_posterior"))
        shapes = [tuple(part.shape) if torch.is_tensor(part) else () for part in pair]
        images, codes = len(case.x), len(case.codes)
        if shapes == [(codes, images), (images,)]:
            seen = f"The two results have the shapes {shapes[0]} and {shapes[1]}."
            raise Mistake("results-swapped", seen)
        return pair


class _GapOnGrid(Exercise):
    name, section = "gap_on_grid", "7.3"

    @idea(
        "one number per image, in nats, equal to the closed form for a Gaussian posterior",
        also=[{"batch": 1}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 1, side: int = 401) -> None:
        """KL(q || N(m, S)) to 1e-10, also where log q is far below what exp can show.

        Then the sum alone: over scattered codes, for a q with two humps, one of them at a code, of
        usual width and very wide or narrow, and for numbers that no density need have on so few
        codes.
        """
        case = linear(batch, latent, latent + 2, side)
        mu, logvar = spread(batch, latent, low=0.2, high=0.6), logvar_on_grid(batch, latent)
        self._expect(answer, case, mu, logvar, "gap")
        # More than a hundred nats, where q is far from the posterior: on the longer grid of D = 1.
        case = sharp(batch, 503)
        mu, logvar = spread(batch, 1, low=4, high=5), -logvar_on_grid(batch, 1).abs()
        self._expect(answer, case, mu, logvar, "gap (q far from the posterior)")
        for latent, level in ((1, 0), (3, 0), (2, 12), (2, -12)):
            self._expect_any(answer, scattered(5, latent), level)

    @idea("log p(x) - ELBO for a posterior that is no Gaussian")
    def identity(self, answer: Any, *, batch: int = 3, pixels: int = 7, side: int = 401) -> None:
        """To 1e-10 on a bent model, whose ELBO Gauss-Hermite quadrature gives exactly."""
        case = bent(batch, 1, pixels, side)
        mu, logvar = spread(batch, 1, low=0.2, high=0.9), logvar_on_grid(batch, 1)
        self._expect(answer, case, mu, logvar, "log p(x) - ELBO")

    def _expect_any(self, answer: Any, case: Case, level: float) -> None:
        mu, logvar = case.codes.clone(), level + spread(*case.codes.shape, high=0.9)
        log_posterior = spread(len(case.codes), len(case.x))

        def log_q(z: Any, mu: Any, logvar: Any) -> Tensor:
            humps = asked_log_q(z, mu, logvar), asked_log_q(z, -mu, logvar)
            return torch.logaddexp(*humps) - math.log(2)

        arguments: dict[str, Any] = {"mu": mu, "logvar": logvar, "log_q": log_q}
        arguments |= {"codes": case.codes, "cell": case.cell, "log_posterior": log_posterior}
        value = call(self.name, answer, arguments)
        log_density = log_q(case.codes[:, None], mu, logvar)  # (G, B)
        truth = (log_density.exp() * (log_density - log_posterior)).sum(0) * case.cell
        wrong = [
            *wrong_gaps(log_density, log_posterior, case.cell),
            *wrong_gap_sums(log_density, log_posterior, case, logvar),
        ]
        expect_exact(value, truth, "gap (any codes and cell)", wrong, "nats")

    def _expect(self, answer: Any, case: Case, mu: Tensor, logvar: Tensor, what: str) -> None:
        log_posterior = case.logs - case.log_evidence
        truth = case.log_evidence - elbo(case, mu, logvar)
        asked: list[bool] = []

        def note(z: Tensor, centre: Tensor) -> None:
            """Its value does not tell z from mu: a Gaussian is symmetric in them, no other q is."""
            if are_rows(z, mu) and not are_rows(centre, mu):
                seen = "log_q was given mu in place of z, z in place of mu."
                raise Mistake("gap-arguments-exchanged", seen)

        def log_q(z: Any, mu: Any, logvar: Any) -> Tensor:
            asked.append(True)
            value = asked_log_q(z, mu, logvar)
            size = (*value.shape, z.shape[-1])
            watch(note, z.expand(size), mu.expand(size))
            return value

        arguments: dict[str, Any] = {"mu": mu, "logvar": logvar, "log_q": log_q}
        arguments |= {"codes": case.codes, "cell": case.cell, "log_posterior": log_posterior}
        value = call(self.name, answer, arguments)
        if not asked:
            raise Mistake("callable-not-called", "log_q was never called.")
        log_density = oracle.log_q(case.codes[:, None], mu, logvar)  # (G, B)
        wrong = wrong_gaps(log_density, log_posterior, case.cell)
        wrong.append(("gap-to-prior", oracle.cross_entropy(mu, logvar) - oracle.entropy(logvar)))
        for z, centre, scale in (
            (case.codes[:, None], logvar, mu),
            (case.codes[:, None] - mu, mu, logvar),
            (case.codes[:, None] + mu, mu, logvar),
        ):
            other = oracle.log_q(z, centre, scale)
            of_other = wrong_gaps(other, log_posterior, case.cell)
            wrong.append(("gap-arguments-exchanged", -dict(of_other)["kl-sign"]))
        expect_fixed(answer, self.name, arguments, value, truth, wrong, what)


def _same_top(value: Tensor, wrong: Tensor, top: Tensor) -> bool:
    if value.shape != wrong.shape or value.shape != top.shape:
        return False
    return close(value[top], wrong[top])


posterior_on_grid = _PosteriorOnGrid()
gap_on_grid = _GapOnGrid()
