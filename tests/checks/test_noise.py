"""What the tests of noise find and what they leave alone, on draws that are made here.

Each false alarm has a probability below 1e-7 and each miss one below 1e-4, as their docstrings say.
"""

import pytest
import torch

from vae_checks.statistics import expect_normal_numbers, expect_standard_normal
from vae_checks.verdict import Mistake

ROWS, LATENT, MANY = 2003, 5, 320_000


def normal(*shape, dtype=torch.float64):
    return torch.randn(shape, dtype=dtype).double()


def copied(eps):
    return torch.cat([eps[: ROWS // 2], eps[: ROWS // 2]])


def mirrored(eps):
    return torch.cat([eps[: ROWS // 2], -eps[: ROWS // 2].flip(0)])


def some_again(eps):
    eps[:50] = eps[torch.randperm(ROWS - 50)[:50] + 50]
    return eps


SPOILED = {
    "copied": (copied, "noise-correlated"),
    "mirrored": (mirrored, "noise-correlated"),
    "one in forty rows again": (some_again, "noise-correlated"),
    "columns in another order": (
        lambda eps: torch.stack([eps[torch.randperm(ROWS), 0] for _ in range(LATENT)], dim=1),
        "noise-correlated",
    ),
    "mixed with a distant row": (
        lambda eps: 0.8 * eps + 0.6 * eps.roll(777, dims=0),
        "noise-correlated",
    ),
    "a common part": (
        # Of a size that is found whatever was drawn: 13 standard errors, up and down.
        lambda eps: 0.95 * eps + 0.3 * (-1.0) ** torch.arange(LATENT),
        "noise-correlated",
    ),
    "centred": (lambda eps: eps - eps.mean(0), "noise-standardized"),
    "scaled": (lambda eps: eps / eps.std(0), "noise-standardized"),
    "half precision": (lambda eps: eps.half().double(), "noise-coarse"),
    "cut off at 3": (lambda eps: eps.clamp(-3, 3), "noise-cut"),
    "one in a hundred 0": (lambda eps: eps * (torch.rand_like(eps) > 0.01), "noise-zeros"),
}


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_independent_draws_pass(dtype):
    expect_standard_normal(normal(ROWS, LATENT, dtype=dtype), "eps")
    expect_normal_numbers(normal(MANY, dtype=dtype), "eps")


@pytest.mark.parametrize("how", SPOILED)
def test_spoiled_draws_are_named(how):
    spoil, slug = SPOILED[how]
    with pytest.raises(Mistake) as caught:
        expect_standard_normal(spoil(normal(ROWS, LATENT)), "eps")
    assert caught.value.slug == slug


NEARLY_NORMAL = {
    "twelve uniform numbers": lambda: torch.rand(12, MANY).double().sum(0) - 6,
    "Student's t with 40 degrees of freedom": lambda: (
        torch.distributions.StudentT(torch.tensor(40.0).double()).sample((MANY,)) * 0.95**0.5
    ),
    "cut off at 3.9": lambda: normal(MANY).clamp(-3.9, 3.9),
    "one in a thousand 0": lambda: normal(MANY) * (torch.rand(MANY) > 0.001),
    "a variance off by 3 %": lambda: 1.03**0.5 * normal(MANY),
    "a mean off by 0.02": lambda: normal(MANY) + 0.02,
    "two humps": lambda: (normal(MANY) + torch.sign(normal(MANY))) / 2**0.5,
    "quantiles in any order": lambda: torch.special.ndtri(
        (torch.randperm(MANY).double() + 0.5) / MANY
    ),
}


def test_what_ends_early_is_no_cut_if_it_is_flatter_than_its_end_says():
    """Where twelve uniform numbers end is chance, and what is said of them must not hang on it."""
    for _ in range(3):
        uniform = torch.rand(12, MANY).double().sum(0) - 6
        with pytest.raises(Mistake) as caught:
            expect_normal_numbers(uniform[uniform.abs() < 3.9], "eps")
        assert caught.value.slug == "noise-not-normal"
    for cut in (normal(MANY).clamp(-2, 2), normal(MANY).clamp(-1.8, 9), normal(MANY).clamp(-3, 3)):
        with pytest.raises(Mistake) as caught:
            expect_normal_numbers(cut - cut.mean(), "eps")
        assert caught.value.slug == "noise-cut"


@pytest.mark.parametrize("how", NEARLY_NORMAL)
def test_what_is_nearly_normal_is_found_among_many_numbers(how):
    with pytest.raises(Mistake):
        expect_normal_numbers(NEARLY_NORMAL[how](), "eps")
