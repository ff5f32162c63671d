"""log q of what several invertible maps make of noise."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.lab1.oracle import LOG_2PI, log_prior
from vae_checks.lab5.right_slopes import expect_dtype, expect_slopes
from vae_checks.misread import Reading, arguments_named
from vae_checks.terms import Term, terms_named
from vae_checks.values import (
    expect_equal,
    expect_exact,
    expect_tensor,
    expect_uncut,
    unless_right,
)
from vae_checks.verdict import call

Wrong = list[tuple[str, Tensor]]  # slugs and results


class _FlowLogQ(Exercise):
    name, section = "flow_log_q", "6.1"

    @idea(
        "log N(eps; 0, I) less all log determinants, with its gradients",
        also=[{"batch": 4, "latent": 4, "steps": 4}, {"batch": 1, "latent": 1, "steps": 1}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5, steps: int = 2) -> None:
        """To 1e-10 in float64, 1e-4 in float32; for one map and for none as well."""
        for number in (steps, 1, 0):
            self._expect_log_q(answer, batch, latent, number)
        far, large = spread(batch, latent), [100 * each for each in spread(steps, batch)]
        value = expect_tensor(self._call(answer, far, large), (batch,), "log q")
        expect_uncut(value, of_noise(far, large), "log q", where="For large determinants")
        eps = normal(batch, latent).float()
        log_dets = [each.float() for each in spread(steps, batch)]
        value = self._call(answer, eps, log_dets)
        truth = of_noise(eps.double(), [each.double() for each in log_dets])
        expect_equal(value, truth, "log q (float32)", unit="nats")
        expect_dtype(value, eps, "log q")
        leaves = {"eps": spread(batch, latent).requires_grad_()}
        leaves |= {f"log_dets[{n}]": spread(batch).requires_grad_() for n in range(steps)}
        log_dets = [each for key, each in leaves.items() if key != "eps"]
        value = self._call(answer, leaves["eps"], log_dets)
        value = expect_tensor(value, (batch,), "log q")
        expect_slopes(value, of_noise(leaves["eps"], log_dets), leaves, "log q")

    def _call(self, answer: Any, eps: Tensor, log_dets: list[Tensor]) -> Any:
        return call(self.name, answer, {"eps": eps, "log_dets": log_dets})

    def _expect_log_q(self, answer: Any, batch: int, latent: int, steps: int) -> None:
        eps, log_dets = spread(batch, latent), list(spread(steps, batch))
        value, truth = self._call(answer, eps, log_dets), of_noise(eps, log_dets)
        wrong = unless_right(_wrong_log_q(eps, log_dets), truth)

        def ask(rows: int) -> tuple[Any, list[Term]]:
            eps, log_dets = spread(rows, latent), list(spread(steps, rows))
            return self._call(answer, eps, log_dets), _terms(eps, log_dets)

        total = of_noise(eps, []) - truth
        readings: list[Reading] = [
            (
                lambda noise, all_maps: noise - all_maps,
                {"noise": of_noise(eps, []), "all_maps": total},
            ),
            (
                lambda squares: -0.5 * (squares + LOG_2PI).sum(1) - total,
                {"squares": eps**2},
            ),
        ]
        named = arguments_named(value, lambda eps: of_noise(eps, log_dets), {"eps": eps}, *readings)
        with named, terms_named(ask):
            expect_exact(value, truth, "log q", wrong, "nats")


def of_noise(eps: Tensor, log_dets: list[Tensor]) -> Tensor:
    """log q of what maps with these log determinants make of eps, (B,) nats."""
    return log_prior(eps) - sum(log_dets, start=eps.new_zeros(len(eps)))


def _wrong_log_q(eps: Tensor, log_dets: list[Tensor]) -> Wrong:
    base = log_prior(eps)
    total = sum(log_dets, start=torch.zeros_like(base))
    truth, constant = base - total, 0.5 * eps.shape[1] * LOG_2PI
    wrong = [
        ("logq-sign", base + total),
        ("logq-no-determinants", base),
        ("logq-no-noise", -total),
        ("logq-constant", truth + constant),
        ("logq-constant", truth - constant),
        ("logq-constant", truth + constant - 0.5 * LOG_2PI),
        ("logq-no-half", truth - 0.5 * (eps**2).sum(1)),
        ("logq-no-half", truth + base),
        ("logq-negative", -truth),
        ("logq-exponent-sign", truth + (eps**2).sum(1)),
        ("logq-not-logged", truth.exp()),
        ("logq-not-logged", base.exp() - total),
        ("logq-mean-of-dimensions", base / eps.shape[1] - total),
        ("logq-batch", truth.sum()),
        ("logq-batch", truth.mean()),
        ("logq-determinants-batch", base - total.sum()),
        ("logq-determinants-batch", base - total.mean()),
    ]
    if log_dets:
        wrong += [
            ("logq-determinants-averaged", base - total / len(log_dets)),
            ("logq-one-determinant", base - log_dets[-1]),
            ("logq-one-determinant", base - log_dets[0]),
            ("logq-determinants-exp", base - sum(each.exp() for each in log_dets)),
            ("logq-determinants-exp", base - total.exp()),
        ]
    return wrong


def _terms(eps: Tensor, log_dets: list[Tensor]) -> list[Term]:
    one = torch.ones_like(eps)
    found = [Term("eps^2", eps**2, -0.5), Term("the constant", one * LOG_2PI, -0.5)]
    found += [Term(f"log_dets[{n}]", each, -1) for n, each in enumerate(log_dets)]
    return [*found, Term("eps", eps), Term("|eps|", eps.abs())]


flow_log_q = _FlowLogQ()
