"""A flow as prior: the density of what invertible maps make of a normal number."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions.transforms import Transform

from vae_checks.beside import beside
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.lab6 import examples
from vae_checks.values import (
    Candidates,
    close,
    expect_exact,
    expect_tensor,
    gradients,
    unless_right,
)
from vae_checks.verdict import Mistake, call


class _FlowLogProb(Exercise):
    name, section = "flow_log_prob", "4.1"

    @idea(
        "log N(u; 0, I) less the log determinants of all maps",
        also=[{"batch": 4, "latent": 4, "maps": 4}, {"batch": 1, "latent": 2, "maps": 1}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5, maps: int = 3) -> None:
        """To 1e-9, against the product of the maps' Jacobians, computed column by column; for one
        map and for none as well."""
        for number in (maps, 1, 0):
            z, numbers = spread(batch, latent), examples.coupling_numbers(latent, number)
            transforms = beside("lab6.examples.couplings")(numbers)
            value = call(self.name, answer, {"z": z, "transforms": transforms})
            truth, wrong = self._truth(z, numbers)
            expect_exact(value, truth, "log p(z)", wrong, "nats", within=1e-9)
        numbers = examples.coupling_numbers(latent, maps + 1)
        if not beside("lab6.examples.keeps_couplings")(answer, spread(batch, latent), numbers):
            seen = "flow_log_prob leaves another list of transforms than it was given."
            raise Mistake("changed-argument", seen)

    @idea("gradients pass to the codes")
    def gradient(self, answer: Any, *, batch: int = 3, latent: int = 5, maps: int = 2) -> None:
        """d log p / dz, to 1e-6 of the largest."""
        leaf = spread(batch, latent).requires_grad_()
        numbers = examples.coupling_numbers(latent, maps)
        transforms = beside("lab6.examples.couplings")(numbers)
        value = call(self.name, answer, {"z": leaf, "transforms": transforms})
        value = expect_tensor(value, (batch,), "log p(z)")
        slope = gradients(value, {"z": leaf})["z"]
        own = leaf.detach().requires_grad_()
        truth, wrong = self._truth(own, numbers)
        wanted = gradients(truth, {"z": own})["z"]
        if close(slope, wanted):
            return
        wrong = [(slug, each.detach()) for slug, each in wrong]
        expect_exact(value.detach(), truth.detach(), "log p(z)", wrong, "nats", within=1e-9)
        place = int((slope - wanted).abs().amax(0).argmax())
        seen = f"d log p(z) / dz has {slope[0, place]:.6g} in dimension {place}, it should be"
        raise Mistake("value-right-gradient-wrong", f"{seen} {wanted[0, place]:.6g}.")

    def _truth(
        self, z: Tensor, numbers: list[tuple[Tensor, Tensor, Tensor]]
    ) -> tuple[Tensor, Candidates]:
        """log p(z), and known wrong results."""
        own = examples.couplings(numbers)
        u, log_dets = _undone(own[::-1], z)
        base, total = oracle.log_prior(u), log_dets.sum(0)
        truth = base - total
        wrong = [
            ("flow-sign", base + total),
            ("flow-no-jacobian", base),
            ("flow-at-z", oracle.log_prior(z) - total),
            ("flow-at-z", oracle.log_prior(z)),
            ("flow-only-jacobian", -total),
            ("flow-summed", truth.sum()),
            ("flow-summed", truth.mean()),
            ("flow-no-half", truth - 0.5 * (u**2).sum(1)),
            ("flow-constant", truth + 0.5 * z.shape[1] * math.log(2 * math.pi)),
        ]
        if len(numbers) > 1:
            forward, in_order = _undone(own, z)
            wrong += [
                ("flow-order", oracle.log_prior(forward) - in_order.sum(0)),
                ("flow-last-only", base - log_dets[0]),
                ("flow-last-only", base - log_dets[-1]),
            ]
        wrong += [("flow-forward", _forward(own, z)), ("flow-exchanged", _exchanged(own, z))]
        return truth, unless_right(wrong, truth)


def _forward(maps: Sequence[Transform], z: Tensor) -> Tensor:
    """As if z were what the maps began with."""
    total = z.new_zeros(len(z))
    for each in maps:
        after = each(z)
        total, z = total + each.log_abs_det_jacobian(z, after), after
    return oracle.log_prior(z) - total


def _exchanged(maps: Sequence[Transform], z: Tensor) -> Tensor:
    """With the two arguments of log_abs_det_jacobian exchanged."""
    total = z.new_zeros(len(z))
    for each in reversed(maps):
        before = each.inv(z)
        total, z = total + each.log_abs_det_jacobian(z, before), before
    return oracle.log_prior(z) - total


def _undone(maps: Sequence[Transform], z: Tensor) -> tuple[Tensor, Tensor]:
    """What u (B, D) maps, undone in this order, take z to; log |det| of each where it was undone,
    (maps, B), from its Jacobian matrix."""
    log_dets = [z.new_zeros(len(z))]
    for each in maps:
        before = each.inv(z)
        jacobian = torch.func.vmap(torch.func.jacrev(each))(before)
        log_dets.append(torch.linalg.slogdet(jacobian).logabsdet)
        z = before
    return z, torch.stack(log_dets)


flow_log_prob = _FlowLogProb()
