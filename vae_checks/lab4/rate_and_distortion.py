"""Rate and distortion: what the code costs on average, and what it leaves to pay."""

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab4.errors_of_estimates import sd
from vae_checks.values import (
    close,
    expect_equal,
    expect_exact,
    expect_pair,
    expect_tensor,
    expect_uncut,
    gradients,
)
from vae_checks.verdict import Mistake, call, describe


class _RateDistortion(Exercise):
    name, section = "rate_distortion", "4.3"

    @idea("the rate is the mean KL, the distortion the mean nll", also=[{"batch": 1}])
    def value(self, answer: Any, *, batch: int = 5) -> None:
        """Equal to the two means, to 1e-10 in float64; for terms of any size, of which either may
        be the larger one."""
        for scale, turned in ((1, False), (300, False), (1, True)):
            for dtype in (torch.float64, torch.float32):
                nll, kl = (scale * each for each in _terms(batch))
                nll, kl = (kl, nll) if turned else (nll, kl)
                nll, kl = nll.to(dtype), kl.to(dtype)
                parts = self._call(answer, nll, kl)
                pair = tuple(_as_tensor(each, "it", dtype) for each in parts)
                wrong = _wrong_pair(nll.double(), kl.double())
                self._expect_place(pair, nll.double(), kl.double())
                for name, value, truth in zip(("rate", "distortion"), pair, (kl, nll), strict=True):
                    truth = truth.double().mean()
                    named = [
                        (slug, w) for slug, of, w in wrong if of == name and not close(w, truth)
                    ]
                    check = expect_exact if dtype == torch.float64 else expect_equal
                    check(value, truth, name, named, "nats")
                    expect_uncut(value, truth, name)

    @idea("both pass their gradients: distortion + beta * rate can be trained", also=[{"batch": 1}])
    def gradient(self, answer: Any, *, batch: int = 5) -> None:
        """d rate / d kl = d distortion / d nll = 1 / B, and nothing of the one in the other."""
        terms = dict(zip(("nll", "kl"), _terms(batch), strict=True))
        for each in terms.values():
            each.requires_grad_()
        rate, distortion = self._call(answer, *terms.values())
        self._name_wrong_value((rate, distortion), *(each.detach() for each in terms.values()))
        for name, value, own in (("rate", rate, "kl"), ("distortion", distortion, "nll")):
            if not torch.is_tensor(value):
                raise Mistake("number-not-tensor", f"The {name} is {describe(value)}.")
            found = gradients(expect_tensor(value, (), name), terms)
            for key, gradient in found.items():
                wanted = torch.full_like(gradient, (key == own) / batch)
                if key == own and not gradient.any():
                    raise Mistake("detached", f"The gradient of the {name} by {key} is 0.")
                wrong = [
                    ("rate-distortion-swapped", 0 * wanted if key == own else wanted + 1 / batch),
                    ("rate-distortion-batch-sum", batch * wanted),
                    ("rate-distortion-sign", -wanted),
                ]
                if not gradient.any() and not wanted.any():
                    continue
                expect_equal(gradient, wanted, f"d {name} / d {key}", wrong)

    def _name_wrong_value(self, pair: tuple[Any, Any], nll: Tensor, kl: Tensor) -> None:
        """Raise Mistake for a wrong value that has a name: its gradient says less."""
        wrong = _wrong_pair(nll, kl)
        truths = {"rate": kl.mean(), "distortion": nll.mean()}
        for (name, truth), value in zip(truths.items(), pair, strict=True):
            named = [(slug, w) for slug, of, w in wrong if of == name and not close(w, truth)]
            if torch.is_tensor(value) and any(close(value, w) for _, w in named):
                expect_equal(value, truth, name, named, "nats")

    def _call(self, answer: Any, nll: Tensor, kl: Tensor) -> tuple[Any, Any]:
        result = call(self.name, answer, {"nll": nll, "kl": kl})
        return expect_pair(result, self.name, ("rate", "distortion"))

    def _expect_place(self, pair: tuple[Tensor, ...], nll: Tensor, kl: Tensor) -> None:
        """Raise Mistake for right numbers in the wrong places, and for one number twice."""
        rate, distortion = pair
        means = kl.mean(), nll.mean()
        seen = f"rate_distortion returned {_shown(rate)} and {_shown(distortion)}, "
        seen += f"means of kl and nll are {means[0]:.4g} and {means[1]:.4g}."
        if close(rate, means[1]) and close(distortion, means[0]):
            raise Mistake("rate-distortion-swapped", seen)
        same = rate.shape == distortion.shape and close(distortion, rate.double())
        if same and any(close(rate, each) for each in means):
            raise Mistake("rate-distortion-same", seen)


def _terms(batch: int) -> tuple[Tensor, Tensor]:
    """nll and kl (B,), of different sizes."""
    return spread(batch, low=3, high=9).abs(), spread(batch, low=0.5, high=2).abs()


def _wrong_pair(nll: Tensor, kl: Tensor) -> list[tuple[str, str, Tensor]]:
    """Slug, which of the two, and its wrong value."""
    sums = [("rate-distortion-summed", part, (nll + kl).mean()) for part in ("rate", "distortion")]
    found = [*sums, ("rate-distortion-less", "distortion", (nll - kl).mean())]
    for part, own in (("rate", kl), ("distortion", nll)):
        found += [
            ("rate-distortion-sign", part, -own.mean()),
            ("rate-distortion-batch-sum", part, own.sum()),
            ("rate-distortion-not-averaged", part, own),
            ("rate-distortion-divided", part, own.mean() / 784),
            ("rate-distortion-divided", part, own.sum() / max(1, len(own) - 1)),
            ("rate-distortion-images-left-out", part, own[0]),
            ("rate-distortion-images-left-out", part, own[-1]),
            ("rate-distortion-images-left-out", part, own[:-1].mean()),
            ("rate-distortion-images-left-out", part, own[1:].mean()),
            ("rate-distortion-spread", part, sd(own)),
            ("rate-distortion-spread", part, sd(own) ** 2),
            ("rate-distortion-spread", part, own.median()),
            *(("value-cut", part, own.mean().clamp(max=by)) for by in (1, 3, 5, 10, 30, 100)),
            *(("value-cut", part, own.clamp(max=by).mean()) for by in (1, 3, 5, 10, 30, 100)),
            *(("not-nats", part, own.mean() / math.log(base)) for base in (2, 10)),
        ]
    return found


def _as_tensor(value: Any, what: str, dtype: torch.dtype) -> Tensor:
    """A number or a tensor as a tensor, a number in this type. Raises Mistake."""
    if torch.is_tensor(value):
        return value
    if value is None or type(value) in (str, bool) or not hasattr(value, "__float__"):
        raise Mistake("wrong-type", f"{what} is {describe(value)}, not a number.")
    return torch.tensor(float(value), dtype=dtype)


def _shown(value: Tensor) -> str:
    return f"{value.item():.4g}" if value.numel() == 1 else describe(value)


rate_distortion = _RateDistortion()
