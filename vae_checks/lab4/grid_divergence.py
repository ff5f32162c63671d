"""KL(q || p(z|x)) of a batch of images as a sum over the cells of a grid."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import shuffled, spread
from vae_checks.lab1 import oracle
from vae_checks.lab1.grids import bent, elbo, linear, logvar_on_grid
from vae_checks.lab1.wrong_sums import wrong_gaps
from vae_checks.misread import arguments_named
from vae_checks.values import expect_equal, expect_exact, expect_tensor
from vae_checks.verdict import Mistake, call

# What lies where q < t adds up to some 4 t to 120 t here: a mask at 1e-12 costs nothing that
# counts, one at 1e-10 does.
_EXACT = 1e-9
_HUGE = 1e4  # nats: an answer that has a very low number for the log of 0 says infinite so


class _KlOnGrid(Exercise):
    name, section = "kl_on_grid", "2.2"

    @idea(
        "one number for each image, equal to the closed form for a Gaussian posterior",
        also=[{"batch": 43, "latent": 1}, {"batch": 1, "latent": 1}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 2, side: int = 43) -> None:
        """KL(q || N(m, S)) to 1e-9, then in float32, also where q is far below what exp shows."""
        case = linear(batch, latent, latent + 3, side)
        mu, logvar = spread(batch, latent, low=0.2, high=0.6), logvar_on_grid(batch, latent)
        log_q = oracle.log_q(case.codes[:, None], mu, logvar)  # (G, B)
        truth = case.log_evidence - elbo(case, mu, logvar)
        log_posterior = case.logs - case.log_evidence
        self._expect(answer, log_q, log_posterior, case.cell, truth, "KL(q || p(z|x))")
        # Where q has no mass of 1, and the first image's sum is negative.
        part = (log_q[:, 0] < log_posterior[:, 0]).nonzero()[:, 0]
        q, off = log_q[part].exp(), log_q[part] - log_posterior[part]
        truth_of_part, what = (q * off).sum(0) * case.cell, "The sum over a part of the cells"
        self._expect(answer, log_q[part], log_posterior[part], case.cell, truth_of_part, what)
        single = {"log_q": log_q.float(), "log_posterior": log_posterior.float()}
        value = call(self.name, answer, single | {"cell_area": case.cell})
        value = expect_tensor(value, (batch,), "KL(q || p(z|x)) (of float32)")
        # A sum of numbers of size 1, however small the KL is.
        if (value.detach() - truth).abs().max() > 1e-4 * max(1.0, truth.abs().max().item()):
            expect_equal(value.float(), truth.float(), "KL(q || p(z|x)) (of float32)")

    @idea(
        "log p(x) = ELBO + KL(q || p(z|x)) for a posterior that is no Gaussian",
        also=[{"batch": 1, "latent": 1, "pixels": 1}],
    )
    def identity(
        self, answer: Any, *, batch: int = 3, latent: int = 2, pixels: int = 7, side: int = 43
    ) -> None:
        """To 1e-9 on a bent model, whose ELBO Gauss-Hermite quadrature gives exactly."""
        case = bent(batch, latent, pixels, side)
        mu, logvar = spread(batch, latent, low=0.2, high=0.9), logvar_on_grid(batch, latent)
        log_q = oracle.log_q(case.codes[:, None], mu, logvar)
        truth = case.log_evidence - elbo(case, mu, logvar)
        log_posterior = case.logs - case.log_evidence
        self._expect(answer, log_q, log_posterior, case.cell, truth, "log p(x) - ELBO")

    @idea("a point where q is 0 adds nothing", also=[{"batch": 41}, {"batch": 1}])
    def zeros(self, answer: Any, *, batch: int = 3, points: int = 41) -> None:
        """To 1e-10 where log q is -inf at half of the points, log p at some of them as well; then
        infinite for an image with a point at which p alone is 0.

        Densities on cells of the size 1 / 8, with known sums: q is uniform, p anything. Each image
        has its own points where q is 0.
        """
        cell, half = 0.125, points // 2
        log_p = spread(points, batch, high=3.0).log_softmax(0) - math.log(cell)
        log_q = torch.full_like(log_p, -math.inf)
        log_q[:half] = -math.log(half * cell)
        truth = -math.log(half * cell) - log_p[:half].mean(0)
        log_p[half : half + 3] = -math.inf
        order = torch.tensor([shuffled(points) for _ in range(batch)]).mT  # (points, B)
        log_q, log_p = log_q.gather(0, order), log_p.gather(0, order)
        value = call(self.name, answer, {"log_q": log_q, "log_posterior": log_p, "cell_area": cell})
        if torch.is_tensor(value) and value.is_floating_point() and value.isnan().any():
            seen = "Where log q is -inf the sum is nan."
            raise Mistake("kl-zero-times-infinity", seen)
        off = torch.where(log_q.isfinite(), log_q - log_p, 0.0)
        expect_exact(value, truth, "KL(q || p)", _wrong(log_q, log_p, off, cell), "nats")
        log_p[log_q[:, 0].argmax(), 0] = -math.inf  # the first image: p is 0 where q is not
        value = call(self.name, answer, {"log_q": log_q, "log_posterior": log_p, "cell_area": cell})
        if torch.is_tensor(value) and value.shape == truth.shape and not value[0] > _HUGE:
            seen = f"Where q has mass and the posterior none KL(q || p) is {value[0]:.4g}, not inf."
            raise Mistake("kl-infinite", seen)
        if batch > 1:
            expect_exact(value[1:], truth[1:], "KL(q || p) of the others", unit="nats")

    def _expect(
        self,
        answer: Any,
        log_q: Tensor,
        log_posterior: Tensor,
        cell: float,
        truth: Tensor,
        what: str,
    ) -> None:
        arguments: dict[str, Any] = {"log_q": log_q, "log_posterior": log_posterior}
        value = call(self.name, answer, arguments | {"cell_area": cell})
        wrong = _wrong(log_q, log_posterior, log_q - log_posterior, cell)
        terms = log_q.exp() * (log_q - log_posterior)
        inner = (_sum_of_cells, {"terms": terms, "cell_area": float(cell)})
        with arguments_named(value, _right, {**arguments, "cell_area": float(cell)}, inner):
            expect_exact(value, truth, what, wrong, "nats", within=_EXACT)


def _right(log_q: Tensor, log_posterior: Tensor, cell_area: float | Tensor) -> Tensor:
    return _sum_of_cells(log_q.exp() * (log_q - log_posterior), cell_area)


def _sum_of_cells(terms: Tensor, cell_area: float | Tensor) -> Tensor:
    return terms.sum(0) * cell_area


def _wrong(log_q: Tensor, log_p: Tensor, off: Tensor, cell: float) -> list[tuple[str, Tensor]]:
    """`off` is log q - log p where q is not 0."""
    q = log_q.exp()
    right, mass = (q * off).sum(0) * cell, q.sum(0) * cell
    of_p = log_p.logsumexp(0) + math.log(cell)
    normalized = [] if of_p.abs().max() < 1e-6 else [("gap-normalized", right + mass * of_p)]
    if normalized:
        both = off - log_q.logsumexp(0) + log_p.logsumexp(0)
        normalized.append(("gap-normalized", (log_q.softmax(0) * both).sum(0)))
    normalized += [] if (mass - 1).abs().max() < 1e-6 else [("gap-normalized", right / mass)]
    return [
        *normalized,
        *wrong_gaps(log_q, log_p, cell, off),
        ("grid-cell-sign", right / cell**2),
        ("grid-cell-is-spacing", right / cell**0.5),
        ("value-cut", right.clamp(min=0)),
        ("gap-squared", (q * off**2).sum(0) * cell),
        ("not-nats", right / math.log(2)),
        ("density-keeps-dimension", right[None]),
    ]


kl_on_grid = _KlOnGrid()
