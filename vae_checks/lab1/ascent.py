"""Gradient ascent on the ELBO: the path of q, and where it ends."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.distortions import ones_dropped
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.lab1.rules_of_ascent import Bound, Bowl, Climbed, name_rule
from vae_checks.values import close, expect_exact, expect_pair, expect_tensor
from vae_checks.verdict import Mistake, call, describe


class _Climb(Exercise):
    name, section = "climb", "6.1"

    @idea("the path: its start and every step, without a graph", also=[{"batch": 1, "latent": 1}])
    def path(
        self, answer: Any, *, batch: int = 3, latent: int = 2, pixels: int = 7, steps: int = 4
    ) -> None:
        """Two tensors (steps + 1, B, D) that begin at the arguments; no steps, no movement."""
        model, x = oracle.mild_model(pixels, latent), spread(batch, pixels)
        for number in (steps, 0):
            mu, logvar = spread(batch, latent), spread(batch, latent, high=0.6)
            found = self._climb(answer, Bound(model, x), mu, logvar, number, 0.05)
            for key, path, start in zip(("mu", "logvar"), found, (mu, logvar), strict=True):
                shape = (number + 1, batch, latent)
                if ones_dropped(tuple(path.shape), shape):
                    seen = f"The path of {key} has shape {tuple(path.shape)}"
                    raise Mistake("shape-ones-dropped", f"{seen}, it should be {shape}.")
                if path.shape == (number, batch, latent):
                    seen = f"The path of {key} has {len(path)} entries for {number} steps"
                    raise Mistake("climb-path-too-short", f"{seen}, it should have {number + 1}.")
                if path.shape == (batch, latent):
                    seen = f"The path of {key} has shape {tuple(path.shape)}"
                    raise Mistake("climb-end-only", f"{seen}, it should be {shape}.")
                expect_tensor(path, shape, f"The path of {key}")
                if path.requires_grad:
                    raise Mistake("graph-kept", f"The path of {key} has requires_grad=True.")
                if number and (path == path[:1]).all():
                    moved = not close(path[0], start)
                    slug = "climb-path-aliased" if moved else "climb-stands-still"
                    raise Mistake(slug, f"All {number + 1} entries of the path of {key} are equal.")
                expect_exact(path[0], start, f"The first entry of the path of {key}")

    @idea("every step is step_size times the gradient of each image's own ELBO")
    def step(
        self,
        answer: Any,
        *,
        batch: int = 3,
        latent: int = 2,
        pixels: int = 7,
        steps: int = 4,
        step_size: float = 0.07,
    ) -> None:
        """Exact at every entry of the path, from the closed-form gradient there.

        Once with gradients of ordinary size, then a thousand times as steep with a step as much
        smaller. A large constant in the ELBO, as that of many pixels, leaves derivatives alone and
        ruins differences. Then with steps so long that the ELBO falls, from a logvar of 12: a step
        is a step, wherever it leads.
        """
        for factor in (1.0, 1000.0):
            model, x = oracle.mild_model(pixels, latent), spread(batch, pixels)
            # The extra term makes each gradient depend on both: the order of updates shows.
            bound = Bound(model, x, coupling=0.4, factor=factor, constant=-1e6)
            mu, logvar = spread(batch, latent), spread(batch, latent, high=0.6)
            self._expect_steps(answer, bound, mu, logvar, steps, step_size / factor)
        mu, logvar = spread(batch, latent), 12 + spread(batch, latent)
        self._expect_steps(answer, Bowl(mu.shape), mu, logvar, steps, 2.5)

    def _expect_steps(
        self,
        answer: Any,
        bound: Climbed,
        mu: Tensor,
        logvar: Tensor,
        steps: int,
        step_size: float,
    ) -> None:
        batch, latent = mu.shape
        mus, logvars = self._climb(answer, bound, mu, logvar, steps, step_size)
        for path in (mus, logvars):
            expect_tensor(path, (steps + 1, batch, latent), "The path")
        mus, logvars = mus.detach().double(), logvars.detach().double()
        by_mu, by_logvar = bound.gradient(mus[:-1], logvars[:-1])
        late_mu, _ = bound.gradient(mus[:-1], logvars[1:])
        _, late_logvar = bound.gradient(mus[1:], logvars[:-1])
        found = (("mu", mus, by_mu, late_mu), ("logvar", logvars, by_logvar, late_logvar))
        for key, path, slope, late in found:
            moved, wanted = path[1:] - path[:-1], step_size * slope
            wrong = [
                ("climb-downhill", -wanted),
                ("climb-batch-mean", wanted / batch),
                ("climb-no-step-size", slope),
                ("climb-adds-gradients", wanted.cumsum(0)),
                ("climb-stands-still", 0 * wanted),
                ("climb-same-gradient", wanted[:1].expand_as(wanted)),
                ("climb-normalized", step_size * slope / slope.norm()),
                ("climb-one-after-other", step_size * late),
                ("climb-half-step", wanted / 2),
                ("climb-half-step", wanted * 2),
            ]
            # An optimizer that rescales gradients has its own second step.
            if close(moved[0], step_size * slope[0].sign()):
                seen = f"The first movement of {key} is {step_size} everywhere, up to its sign."
                raise Mistake("climb-sign-only", seen)
            what = f"The movement of {key}"
            try:
                expect_exact(moved, wanted, what, wrong)
            except Mistake as mistake:
                if mistake.slug in ("wrong-value", "not-exact"):
                    name_rule(bound, mus, logvars, key, wanted)
                raise

    @idea("it arrives at the best factorized Gaussian, and the ELBO never falls on the way")
    def arrives(
        self, answer: Any, *, batch: int = 24, latent: int = 2, pixels: int = 5, steps: int = 100
    ) -> None:
        """mu at the posterior mean, the variance at 1 / diag(precision); the gap is the known KL.

        All precisions p are between 1.3 and 3.5. With a step of 0.4 the distance of mu shrinks by
        |1 - 0.4 p| < 0.5 each time, that of logvar by 0.8 in the end. The curvature by logvar is
        at most 0.5 exp(0.5) 3.5 < 2.9 on the way, below 2 / 0.4, so that the ELBO never falls.
        Images that begin at so many places: another rule arrives from some of them.
        """
        step_size = 0.4
        model, x = oracle.mild_model(pixels, latent), spread(batch, pixels)
        mu, logvar = spread(batch, latent), spread(batch, latent, high=0.5)
        bound = Bound(model, x)
        mus, logvars = self._climb(answer, bound, mu, logvar, steps, step_size)
        for path in (mus, logvars):
            expect_tensor(path, (steps + 1, batch, latent), "The path")
        posterior = model.posterior(x)
        precision = posterior.precision_matrix[0]
        with torch.no_grad():
            heights = bound(mus.detach().double(), logvars.detach().double())  # (steps + 1, B)
        falls = (heights[:-1] - heights[1:]).max().item()
        if falls > 1e-9:
            raise Mistake("climb-falls", f"The ELBO falls by {falls:.3g} nats in one step.")
        best = -torch.diagonal(precision).log().expand(batch, -1)
        ends = (("mu", mus[-1], posterior.mean, mu), ("logvar", logvars[-1], best, logvar))
        for key, end, truth, start in ends:
            off = (end.detach().double() - truth).abs().max().item()
            if off > 1e-5:
                slug = "climb-stands-still" if close(end, start) else "climb-not-there"
                seen = f"After {steps} steps of {step_size} {key} is {off:.3g} from the best one."
                raise Mistake(slug, seen)
        gap = 0.5 * (torch.diagonal(precision).log().sum() - torch.logdet(precision))
        left = model.log_evidence(x) - heights[-1]
        expect_exact(left, gap.expand(batch) + (left - gap).clamp(0, 1e-8), "log p(x) - ELBO")

    def _climb(
        self,
        answer: Any,
        bound: Climbed,
        mu: Tensor,
        logvar: Tensor,
        steps: int,
        step_size: float,
    ) -> tuple[Any, Any]:
        arguments: dict[str, Any] = {"elbo": bound, "mu": mu, "logvar": logvar}
        arguments |= {"steps": steps, "step_size": step_size}
        found = call(self.name, answer, arguments)
        if torch.is_tensor(found):
            expect_tensor(found, found.shape, "The result")  # names nan first
        pair = expect_pair(found, self.name, ("mus", "logvars"))
        for key, path in zip(("mu", "logvar"), pair, strict=True):
            if not torch.is_tensor(path):
                raise Mistake("wrong-type", f"The path of {key} is {describe(path)}.")
        return pair


climb = _Climb()
