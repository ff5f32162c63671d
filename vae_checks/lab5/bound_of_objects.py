"""The negative ELBO of distributions that come as objects, whatever family they are of."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vae_checks.beside import beside
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, spread, true_kl, true_nll
from vae_checks.lab5.distribution_objects import NOISE
from vae_checks.statistics import expect_standard_normal, same_draws
from vae_checks.values import (
    Candidates,
    close,
    expect_equal,
    expect_exact,
    expect_tensor,
    unless_right,
)
from vae_checks.verdict import Mistake, call

_FAR = 40.0  # spreads away from the middle of q: a Laplace variable is there once in 1e17 times
_TWO = ("loc", "scale")


class _Case(NamedTuple):
    """What the distributions are made of, and the images."""

    numbers: dict[str, Tensor]
    laplace: bool
    binary: bool
    x: Tensor
    samples: int


class _ElboLoss(Exercise):
    name, section = "elbo_loss", "7.2"

    @idea(
        "the mean over the draws of -log p(x|z), plus KL(q || prior) in closed form",
        also=[
            {"batch": 4, "latent": 4, "pixels": 4, "samples": 4},
            {"batch": 1, "latent": 1, "pixels": 1, "samples": 1},
        ],
    )
    def value(
        self, answer: Any, *, batch: int = 3, latent: int = 2, pixels: int = 7, samples: int = 5
    ) -> None:
        """To 1e-10 for the codes that were drawn, in nats, (B,): a Normal and a Laplace q, pixels
        of zeros and ones and real ones, K and one sample; in float32 to 1e-4."""
        for laplace, binary, number, dtype in (
            (False, True, samples, torch.float64),
            (True, False, samples, torch.float64),
            (False, False, 1, torch.float64),
            (True, True, samples, torch.float32),
        ):
            case = _case(batch, latent, pixels, number, laplace, binary, dtype)
            found = self._asked(answer, case)
            value = expect_tensor(found["value"], (batch,), "the loss", self._early(case, found))
            codes = _codes(case, found)
            wrong = _wrong(case, codes)
            truth = _nll(case, codes).mean(1) + _kl(case)
            if value.dtype != dtype:
                raise Mistake("objects-dtype", f"The loss is {value.dtype}, all else is {dtype}.")
            compare = expect_exact if dtype == torch.float64 else expect_equal
            compare(value, truth, "the loss", wrong, "nats")

    @idea("codes drawn from q itself, new in each call, that gradients pass", random=True)
    def draws(
        self, answer: Any, *, batch: int = 3, latent: int = 2, pixels: int = 7, samples: int = 701
    ) -> None:
        """The gradients by all numbers that the distributions are made of, to 1e-6, for a Normal
        and a Laplace q. Their noise, made normal by its distribution function, by
        `expect_standard_normal` with n = batch * samples rows. False alarm: below 1e-6."""
        for laplace in (False, True):
            case = _case(batch, latent, pixels, samples, laplace, True, torch.float64)
            found = self._asked(answer, case)
            expect_tensor(found["value"], (batch,), "the loss", self._early(case, found))
            codes = _codes(case, found)
            eps = (codes - case.numbers["loc"][:, None]) / case.numbers["scale"][:, None]
            self._expect_of_q(case, codes, eps)
            self._expect_gradients(case, codes, found["gradients"])
            what = "(z - loc) / scale"
            if laplace:
                below = 0.5 * torch.exp(-eps.abs())  # what lies beyond it
                eps, what = -torch.special.ndtri(below) * eps.sign(), f"{what}, made normal,"
            try:
                expect_standard_normal(eps.flatten(0, 1), what)
            except Mistake as mistake:
                if laplace and mistake.slug in ("noise-not-normal", "noise-scale", "noise-cut"):
                    seen = "The codes of a Laplace q are not distributed like it."
                    raise Mistake("objects-takes-gaussian", seen) from None
                raise
            again = _codes(case, self._asked(answer, case))
            if close(again, codes):
                raise Mistake("noise-frozen", "Two calls draw the same codes.")

    def _expect_of_q(self, case: _Case, codes: Tensor, eps: Tensor) -> None:
        """Raise Mistake where codes (B, S, D) are the prior's, or all images have one noise."""
        if len(eps) > 1 and same_draws(eps[0], eps[1]):
            raise Mistake("noise-shared-batch", "The noise of images 0 and 1 is the same.")
        prior = (codes - case.numbers["prior_loc"]) / case.numbers["prior_scale"]
        near = [each.mean(1).abs().max() < 0.3 and (each.std(1) - 1).abs().max() < 0.3
                for each in (prior, eps / (math.sqrt(2) if case.laplace else 1))]  # fmt: skip
        if near == [True, False]:
            raise Mistake("objects-other-codes", "The codes have the prior's mean and spread.")

    def _asked(self, answer: Any, case: _Case) -> Mapping[str, Any]:
        if not callable(answer):
            raise Mistake("wrong-type", f"{self.name} cannot be called.")
        given = {name: object() for name in ("q", "prior", "likelihood")}

        def asked(*arguments: Any) -> Any:
            numbers, laplace, binary, _, samples = case
            run = beside("lab5.distribution_objects.loss_of")
            return run(answer, numbers, laplace, binary, arguments[3], samples)

        found: Mapping[str, Any] = call(
            self.name, asked, given | {"x": case.x, "num_samples": case.samples}
        )
        return found

    def _early(self, case: _Case, found: Mapping[str, Any]) -> Candidates:
        """Wrong values of another shape, where the codes are as they should be."""
        try:
            codes = _codes(case, found)
        except Mistake:
            return []
        nll, kl = _nll(case, codes), _kl(case)
        each = [nll.mT + kl, nll.mT]
        slugs = ["objects-not-averaged"] * 2
        total = nll.mean(1) + kl
        return [
            *zip(slugs, each, strict=True),
            ("objects-batch", total.mean()),
            ("objects-batch", total.sum()),
        ]

    def _expect_gradients(
        self, case: _Case, codes: Tensor, found: Mapping[str, Tensor | None]
    ) -> None:
        leaves = {key: each.clone().requires_grad_() for key, each in case.numbers.items()}
        own = case._replace(numbers=leaves)
        eps = (codes - case.numbers["loc"][:, None]) / case.numbers["scale"][:, None]
        moving = leaves["loc"][:, None] + leaves["scale"][:, None] * eps
        nll, kl = _nll(own, moving).mean(1).sum(), _kl(own).sum()
        wanted, of_kl = _slopes(nll + kl, leaves), _slopes(kl, leaves)
        slopes = {key: _or_zero(each, case.numbers[key]) for key, each in found.items()}
        off = [key for key in wanted if not close(slopes[key], wanted[key])]
        if not off:
            return
        seen = f"The gradient by q's {off[0]} is not that of the loss of these codes."
        if not any(each.any() for each in slopes.values()):
            raise Mistake("detached", "No gradient passes at all.")
        if all(close(slopes[key], of_kl[key]) for key in _TWO):
            raise Mistake("objects-not-reparameterized", seen)
        if all(close(slopes[key], wanted[key] - of_kl[key]) for key in _TWO):
            raise Mistake("objects-kl-detached", seen)
        if off[0] not in _TWO:
            seen = f"The gradient by the {off[0]} of prior or likelihood is not that of the loss."
        raise Mistake("value-right-gradient-wrong", seen)


def _case(
    batch: int, latent: int, pixels: int, samples: int, laplace: bool, binary: bool,
    dtype: torch.dtype,
) -> _Case:  # fmt: skip
    numbers = {
        "loc": spread(batch, latent, high=1.5),
        "scale": spread(batch, latent, low=0.4, high=1.6).abs(),
        "prior_loc": spread(latent),
        "prior_scale": spread(latent, low=1.2, high=2.0).abs(),
        "weight": spread(latent, pixels, high=1.0),
        "bias": spread(pixels),
    }
    x = _tossed(batch, pixels) if binary else spread(batch, pixels)
    numbers = {key: each.to(dtype) for key, each in numbers.items()}
    return _Case(numbers, laplace, binary, x.to(dtype), samples)


def _tossed(batch: int, pixels: int) -> Tensor:
    """Images of zeros and ones, no two of them alike: a code is told by its image."""
    while True:
        x = torch.randint(0, 2, (batch, pixels), generator=fresh_generator()).double()
        if len(x.unique(dim=0)) == batch:
            return x


def _codes(case: _Case, found: Mapping[str, Any]) -> Tensor:
    """The codes (B, S, D) of every image, in float64. Raises Mistake unless they may be q's."""
    codes, images = found["codes"].double(), found["images"].double()
    if not len(codes):
        given = "was never called" if not found["decoded"] else "is not asked for its log_prob"
        raise Mistake("objects-no-log-prob", f"The likelihood {given}.")
    same = (images[:, None] == case.x.double()).all(-1)  # (N, B)
    if not same.any(1).all():
        raise Mistake("objects-other-images", "log_prob was given an image that is not in x.")
    each = [codes[same[:, number]] for number in range(len(case.x))]
    for number, part in enumerate(each):
        if len(part) != case.samples:
            seen = f"{len(part)} codes were decoded for image {number}, num_samples is"
            raise Mistake("objects-count", f"{seen} {case.samples}.")
    joined = torch.stack(each)
    loc, scale = case.numbers["loc"].double(), case.numbers["scale"].double()
    if close(joined, loc[:, None].expand_as(joined)):
        raise Mistake("objects-mean-decoded", "Every code is the mean of its q.")
    if case.samples > 1 and any(len(part.unique(dim=0)) < len(part) for part in each):
        raise Mistake("objects-one-code", "Some codes of an image are the same.")
    if ((joined - loc[:, None]).abs() > _FAR * scale[:, None]).any():
        raise Mistake("objects-other-codes", "A code lies where q has none.")
    return joined


def _nll(case: _Case, codes: Tensor) -> Tensor:
    """-log p(x|z), (B, S), of codes (B, S, D)."""
    logits = codes @ case.numbers["weight"].double() + case.numbers["bias"].double()
    x = case.x.double()[:, None].expand_as(logits)
    if case.binary:
        return true_nll(logits, x)
    return (0.5 * ((x - logits) / NOISE) ** 2 + math.log(NOISE) + _HALF_LOG_2PI).sum(-1)


_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def _kl(case: _Case) -> Tensor:
    """KL(q || prior), (B,): E_q[-log prior] - H(q), both known for Normal and Laplace."""
    scale = case.numbers["scale"].double()
    entropy = 1 + (2 * scale).log() if case.laplace else 0.5 + _HALF_LOG_2PI + scale.log()
    return _cross(case) - entropy.sum(-1)


def _cross(case: _Case) -> Tensor:
    """E_q[-log prior], (B,)."""
    loc, scale, prior_loc, prior_scale = _four(case)
    variance = 2 * scale**2 if case.laplace else scale**2
    each = (variance + (loc - prior_loc) ** 2) / (2 * prior_scale**2) + prior_scale.log()
    return (each + _HALF_LOG_2PI).sum(-1)


def _four(case: _Case) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    loc, scale, prior_loc, prior_scale = (
        case.numbers[key].double() for key in ("loc", "scale", "prior_loc", "prior_scale")
    )
    return loc, scale, prior_loc, prior_scale


def _wrong(case: _Case, codes: Tensor) -> Candidates:
    nll, kl = _nll(case, codes), _kl(case)
    mean, samples = nll.mean(1), case.samples
    loc, scale, prior_loc, prior_scale = _four(case)
    z = (codes - loc[:, None]) / scale[:, None]
    log_q = -z.abs() - (2 * scale[:, None]).log()
    if not case.laplace:
        log_q = -0.5 * z**2 - _HALF_LOG_2PI - scale[:, None].log()
    log_p = -0.5 * ((codes - prior_loc) / prior_scale) ** 2 - _HALF_LOG_2PI - prior_scale.log()
    drawn = (log_q - log_p).sum(-1)  # (B, S), whose mean estimates the KL
    entropy = _cross(case) - kl
    standard = true_kl(loc, 2 * scale.log())
    sigma = scale * math.sqrt(2) if case.laplace else scale
    gaussian = true_kl((loc - prior_loc) / prior_scale, 2 * (sigma / prior_scale).log())
    log_mean = -(-nll).logsumexp(1) + math.log(samples)
    wrong = [
        ("objects-no-kl", mean),
        ("objects-no-likelihood", kl),
        ("objects-kl-sign", mean - kl),
        ("value-negated", -mean - kl),
        ("objects-likelihood-sign", kl - mean),
        ("objects-kl-by-draws", (nll + drawn).mean(1)),
        ("objects-kl-by-draws", mean - entropy - log_p.sum(-1).mean(1)),
        ("objects-weights", -(-nll - drawn).logsumexp(1) + math.log(samples)),
        ("objects-weights", log_mean + kl),
        ("objects-summed", nll.sum(1) + kl),
        ("objects-summed", nll.sum(1) + samples * kl),
        ("objects-summed", mean / samples + kl),
        ("objects-kl-shared", mean + kl / samples),
        ("objects-best-only", nll.amin(1) + kl),
        ("objects-best-only", nll.amax(1) + kl),
        ("objects-per-pixel", mean / case.x.shape[1] + kl),
        ("objects-standard-prior", mean + standard),
        ("objects-standard-prior", mean + true_kl(loc, 2 * sigma.log())),
        ("objects-batch", (mean + kl).mean().expand_as(mean)),
        ("objects-batch", mean + kl.mean()),
        ("objects-batch", mean + kl.sum()),
        ("objects-batch", mean.mean() + kl),
        ("objects-kl-by-dimension", mean + kl / loc.shape[1]),
        ("objects-takes-gaussian", mean + gaussian),
    ]
    if not case.laplace:
        other = true_kl((prior_loc - loc) / scale, 2 * (prior_scale / scale).log())
        wrong.append(("objects-kl-reversed", mean + other))
    return unless_right(wrong, mean + kl)


def _slopes(total: Tensor, by: dict[str, Tensor]) -> dict[str, Tensor]:
    found = torch.autograd.grad(total, list(by.values()), allow_unused=True, retain_graph=True)
    return {key: _or_zero(each, by[key]) for key, each in zip(by, found, strict=True)}


def _or_zero(gradient: Tensor | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if gradient is None else gradient.to(like.dtype)


elbo_loss = _ElboLoss()
