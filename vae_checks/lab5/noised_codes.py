"""Codes with noise: z_t of z_0, any share of it.

    q(z_t | z_0) = N(sqrt(abar_t) z_0, (1 - abar_t) I),   abar_0 = 1, falling with t

Source: J. Ho, A. Jain, P. Abbeel, arXiv:2006.11239, equation 4.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, spread
from vae_checks.misread import arguments_named
from vae_checks.terms import Term, wrong_terms
from vae_checks.values import (
    Candidates,
    close,
    expect_equal,
    expect_exact,
    expect_tensor,
    gradients,
    unless_right,
)
from vae_checks.verdict import Mistake, call


class _Noised(Exercise):
    name, section = "noised", "9.2"

    @idea(
        "the root of alpha_bar of the code, the root of the rest of noise",
        also=[{"batch": 5, "latent": 5}, {"batch": 1, "latent": 1}],
    )
    def value(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """With a share for each code to 1e-10; with one number for all, whose roots may be taken in
        float32, to 3e-7; at both ends; in float32.

        Gradients by the code and by the noise are the two roots.
        """
        z0, eps = spread(batch, latent), spread(batch, latent)
        shares = _share(batch)
        for alpha_bar in (shares, 0.37, 1.0, 0.0, 0.81, shares.round()):
            self._expect_value(answer, z0, alpha_bar, eps)
        self._expect_value(answer, 30 * z0, shares, 30 * eps)  # no bound on either
        single = [each.float() for each in (z0, shares, eps)]
        value = expect_tensor(self._call(answer, *single), z0.shape, "z_t")
        expect_dtype(value, torch.float32, "z_t")
        expect_equal(value, marginal(z0, shares, eps).float(), "z_t")
        leaves = {"z0": z0.clone().requires_grad_(), "eps": eps.clone().requires_grad_()}
        value = self._call(answer, leaves["z0"], shares, leaves["eps"])
        for key, root in (("z0", shares), ("eps", 1 - shares)):
            slope = gradients(value, leaves)[key]
            if not close(slope, root.sqrt()[:, None].expand_as(z0)):
                seen = f"d z_t / d {key} is {slope[0, 0]:.4g}, it should be {root[0].sqrt():.4g}."
                raise Mistake("value-right-gradient-wrong", seen)

    def _expect_value(self, answer: Any, z0: Tensor, alpha_bar: Any, eps: Tensor) -> None:
        value = self._call(answer, z0, alpha_bar, eps)
        truth = marginal(z0, alpha_bar, eps)
        if torch.is_tensor(value) and value.is_floating_point() and value.isnan().any():
            seen = (
                f"With alpha_bar = {float(torch.as_tensor(alpha_bar).flatten()[0]):.4g} z_t is nan."
            )
            raise Mistake("nan", seen)
        if not torch.is_tensor(alpha_bar) and torch.is_tensor(value):
            # The root of a number may have been taken in float32, whose digits are enough here.
            near = value.shape == truth.shape and value.dtype == truth.dtype
            if near and (value.detach() - truth).abs().max() < 3e-7:
                return
            if near and float(alpha_bar) in (0.0, 1.0) and (value - truth).abs().max() < 0.2:
                seen = (
                    f"With alpha_bar = {alpha_bar:g} z_t[0, 0] is {value[0, 0]:.6g}, it should be"
                )
                raise Mistake("noised-share-cut", f"{seen} {truth[0, 0]:.6g}.")
        wrong = _wrong_marginals(z0, alpha_bar, eps)
        arguments = {"z0": z0, "alpha_bar": alpha_bar, "eps": eps}
        with (
            _weights_named(value, z0, alpha_bar, eps),
            arguments_named(value, marginal, arguments),
        ):
            expect_exact(value, truth, "z_t", wrong)

    def _call(self, answer: Any, z0: Tensor, alpha_bar: Any, eps: Tensor) -> Any:
        return call(self.name, answer, {"z0": z0, "alpha_bar": alpha_bar, "eps": eps})


@contextlib.contextmanager
def _weights_named(value: Any, z0: Tensor, alpha_bar: Any, eps: Tensor) -> Iterator[None]:
    """An unexplained mistake is told by the weight of code or noise that is wrong in one row."""
    try:
        yield
    except Mistake as mistake:
        if mistake.slug != "wrong-value" or value.shape != z0.shape or z0.shape[1] < 4:
            raise
        share = torch.as_tensor(alpha_bar, dtype=z0.dtype).flatten()[0]
        terms = [
            Term("the code", z0[0], share.sqrt().item()),
            Term("the noise", eps[0], (1 - share).sqrt().item()),
        ]
        told = wrong_terms(value[0].detach().double(), terms)
        if told is None:
            raise
        raise Mistake(told[0], mistake.seen, told[1]) from None


def schedule(steps: int) -> Tensor:
    """alpha_bar (T + 1,), from 1 down, in steps of any size."""
    kept = 0.55 + 0.37 * torch.rand(steps, generator=fresh_generator(), dtype=torch.float64)
    return torch.cat([torch.ones(1, dtype=torch.float64), kept.cumprod(0)])


def marginal(z0: Tensor, alpha_bar: Any, eps: Tensor) -> Tensor:
    """z_t (B, D) of codes, shares that are left, (B,) or a number, and noise."""
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    return share.sqrt() * z0 + (1 - share).sqrt() * eps


def roots(share: Tensor) -> list[tuple[str, Tensor, Tensor]]:
    """Wrong pairs of factors (of the code, of the noise) of this share, each with its slug."""
    rest, one = 1 - share, torch.ones_like(share)
    return [
        ("noised-exchanged", rest.sqrt(), share.sqrt()),
        ("noised-no-roots", share, rest),
        ("noised-no-root-code", share, rest.sqrt()),
        ("noised-no-root-noise", share.sqrt(), rest),
        ("noised-one-minus-root", share.sqrt(), 1 - share.sqrt()),
        ("noised-one-minus-square", share, (1 - share**2).sqrt()),
        ("noised-code-kept", one, rest.sqrt()),
        ("noised-code-kept", one, share.sqrt()),
        ("noised-code-kept", one, (rest / share.clamp_min(1e-300)).sqrt()),
        ("noised-noise-whole", share.sqrt(), one),
        ("noised-noise-subtracted", share.sqrt(), -rest.sqrt()),
        ("noised-no-noise", share.sqrt(), torch.zeros_like(share)),
        ("noised-squares", share**2, rest**2),
    ]


def expect_dtype(value: Tensor, dtype: torch.dtype, what: str) -> None:
    if value.dtype != dtype:
        seen = f"{what} is {value.dtype}, the arguments are {dtype}."
        raise Mistake("sample-dtype", seen, "The result has the dtype of the arguments.")


def _share(batch: int) -> Tensor:
    return 0.1 + 0.8 * torch.rand(batch, generator=fresh_generator(), dtype=torch.float64)


def _wrong_marginals(z0: Tensor, alpha_bar: Any, eps: Tensor) -> Candidates:
    share = torch.as_tensor(alpha_bar, dtype=z0.dtype).reshape(-1, 1)
    truth = marginal(z0, alpha_bar, eps)
    wrong = [(slug, a * z0 + s * eps) for slug, a, s in roots(share)]
    wrong += [("noised-summed", truth.sum(1)), ("noised-summed", truth.mean(1))]
    if len(share) == z0.shape[1] > 1:
        across = share.mT
        wrong += [("noised-across", across.sqrt() * z0 + (1 - across).sqrt() * eps)]
    return unless_right(wrong, truth)


noised = _Noised()
