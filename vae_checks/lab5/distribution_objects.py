"""Distributions for answers that take some, and what an answer does with them.

These functions run where the answer lives: an object of torch.distributions does not leave its
process. What they tell of it are tensors.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Bernoulli, Distribution, Independent, Laplace, Normal

from vae_checks.beside import runs_beside
from vae_checks.watching import watch

NOISE = 0.7  # standard deviation of pixels that are real numbers


class _Watched(Independent):  # type: ignore[type-arg]  # as generic it is in torch's stubs alone
    """A distribution over images that notes of which one it is asked for the density."""

    note: Callable[[Tensor, Tensor], None]
    codes: Tensor

    def log_prob(self, value: Tensor) -> Tensor:
        found: Tensor = super().log_prob(value)  # type: ignore[no-untyped-call]  # torch has no types there
        codes = self.codes.expand(*found.shape, self.codes.shape[-1])
        watch(self.note, codes, value.expand(*found.shape, value.shape[-1]))
        return found


@runs_beside
def loss_of(
    answer: Callable[..., Any],
    numbers: Mapping[str, Tensor],
    laplace: bool,
    binary: bool,
    x: Tensor,
    num_samples: int,
) -> dict[str, Any]:
    """What an answer gives for (q, prior, likelihood, x, num_samples), made of `numbers`.

    q is Normal or Laplace with "loc" and "scale" (B, D), the prior Normal with "prior_loc" and
    "prior_scale" (D,), pixels Bernoulli or Normal with z @ "weight" + "bias". "value" is what came
    back, "codes" (N, D) and "images" (N, P) what densities of images were asked for, "decoded" how
    many codes the likelihood was given, "gradients" those of the sum of the values, by name.
    """
    leaves = {key: each.clone().requires_grad_() for key, each in numbers.items()}
    seen: list[tuple[Tensor, Tensor]] = []
    decoded: list[int] = []

    def note(codes: Tensor, images: Tensor) -> None:
        seen.append((codes.reshape(-1, codes.shape[-1]), images.reshape(-1, images.shape[-1])))

    def likelihood(z: Tensor) -> Distribution:
        logits = z @ leaves["weight"] + leaves["bias"]
        decoded.append(z[..., 0].numel())
        found = _Watched(Bernoulli(logits=logits) if binary else Normal(logits, NOISE), 1)
        found.note, found.codes = note, z
        return found

    family = Laplace if laplace else Normal
    q = Independent(family(leaves["loc"], leaves["scale"]), 1)
    prior = Independent(Normal(leaves["prior_loc"], leaves["prior_scale"]), 1)
    value = answer(q, prior, likelihood, x, num_samples)
    found: dict[str, Tensor | None] = dict.fromkeys(leaves)
    if torch.is_tensor(value) and value.requires_grad:
        slopes = torch.autograd.grad(value.sum(), list(leaves.values()), allow_unused=True)
        found = dict(zip(leaves, slopes, strict=True))
    codes, images = zip(*seen, strict=True) if seen else ((x[:0, :0],), (x[:0],))
    return {
        "value": value.detach() if torch.is_tensor(value) else value,
        "codes": torch.cat(codes),
        "images": torch.cat(images),
        "decoded": sum(decoded),
        "gradients": found,
    }
