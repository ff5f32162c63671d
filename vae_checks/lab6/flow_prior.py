"""A flow as prior: the density of what invertible maps make of a normal number."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.beside import beside
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.lab4.codes_together import unless_right
from vae_checks.values import Candidates, expect_exact, expect_tensor, gradients
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
            z = spread(batch, latent)
            transforms, truth, wrong = self._truth(z, number)
            value = call(self.name, answer, {"z": z, "transforms": transforms})
            expect_exact(value, truth, "log p(z)", wrong, "nats", within=1e-9)

    @idea("gradients pass to the codes")
    def gradient(self, answer: Any, *, batch: int = 3, latent: int = 5, maps: int = 2) -> None:
        """d log p / dz against differences, to 1e-5 of the largest."""
        z = spread(batch, latent)
        transforms, _, _ = self._truth(z, maps)
        leaf = z.clone().requires_grad_()
        value = call(self.name, answer, {"z": leaf, "transforms": transforms})
        slope = gradients(expect_tensor(value, (batch,), "log p(z)"), {"z": leaf})["z"]
        step, place = 1e-5, torch.zeros(latent, dtype=torch.float64)
        place[0] = 1e-5
        ends = [call(self.name, answer, {"z": z + sign * place, "transforms": transforms})
                for sign in (1, -1)]  # fmt: skip
        wanted = (ends[0] - ends[1]).detach() / (2 * step)
        if not ((slope[:, 0] - wanted).abs() < 1e-5 * wanted.abs().max() + 1e-7).all():
            seen = f"d log p(z) / dz is {slope[0, 0]:.6g}, by differences it is {wanted[0]:.6g}."
            raise Mistake("value-right-gradient-wrong", seen)

    def _truth(self, z: Tensor, maps: int) -> tuple[Any, Tensor, Candidates]:
        """Maps that live beside the answer, log p(z), and known wrong results."""
        transforms = beside("lab6.examples.couplings")(z.shape[1], maps)
        u, log_dets = beside("lab6.examples.undone")(transforms, z)
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
            ("flow-constant", truth + 0.5 * z.shape[1] * math.log(2 * math.pi)),
        ]
        if maps > 1:
            forward, in_order = beside("lab6.examples.undone_in_order")(transforms, z)
            wrong += [
                ("flow-order", oracle.log_prior(forward) - in_order.sum(0)),
                ("flow-last-only", base - log_dets[0]),
                ("flow-last-only", base - log_dets[-1]),
            ]
        return transforms, truth, unless_right(wrong, truth)


flow_log_prob = _FlowLogProb()
