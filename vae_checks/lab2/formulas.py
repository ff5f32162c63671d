"""The terms of lab 2's formulas with their weights, and those often taken in their place.

For `vae_checks.terms`, which says of a wrong answer which of them it has wrong. Each function gives
the terms of one number, that of dimension d, of one problem: values without dimensions.
"""

import torch
from torch import Tensor

from vae_checks.terms import Term


def of_quadratic(A: Tensor, c: Tensor, mu: Tensor, sigma: Tensor) -> list[Term]:
    """E[z'Az + c'z]."""
    diagonal = A.diagonal()
    return [
        Term("mu'A mu", mu @ A @ mu, 1),
        Term("c'mu", c @ mu, 1),
        Term("the sum of A_dd sigma_d^2", diagonal @ sigma**2, 1),
        Term("sigma'A sigma", sigma @ A @ sigma),
        Term("the sum of A_dd sigma_d", diagonal @ sigma),
        Term("the sum of A_dd sigma_d^3", diagonal @ sigma**3),
        Term("the sum of A_dd sigma_d^4", diagonal @ sigma**4),
        Term("the sum of A_dd", diagonal.sum()),
        Term("the sum of sigma_d^2", sigma @ sigma),
        Term("the sum of A_dd mu_d^2", diagonal @ mu**2),
        Term("mu'mu", mu @ mu),
        Term("c'sigma", c @ sigma),
    ]


def of_quadratic_by_mu(A: Tensor, c: Tensor, mu: Tensor, sigma: Tensor, d: int) -> list[Term]:
    """d E[z'Az + c'z] / d mu_d."""
    return [
        Term("A mu", (A @ mu)[d], 1),
        Term("A'mu", (A.mT @ mu)[d], 1),
        Term("c", c[d], 1),
        Term("A_dd mu_d", A[d, d] * mu[d]),
        Term("mu", mu[d]),
        Term("c mu", c[d] * mu[d]),
        Term("A sigma", (A @ sigma)[d]),
        Term("sigma", sigma[d]),
        Term("a constant", torch.ones_like(mu[d])),
    ]


def of_quadratic_by_sigma(A: Tensor, c: Tensor, mu: Tensor, sigma: Tensor, d: int) -> list[Term]:
    """d E[z'Az + c'z] / d sigma_d."""
    diagonal = A[d, d]
    return [
        Term("A_dd sigma_d", diagonal * sigma[d], 2),
        Term("A_dd", diagonal),
        Term("A_dd sigma_d^2", diagonal * sigma[d] ** 2),
        Term("A_dd sigma_d^3", diagonal * sigma[d] ** 3),
        Term("A_dd mu_d", diagonal * mu[d]),
        Term("sigma_d", sigma[d]),
        Term("sigma_d^2", sigma[d] ** 2),
        Term("A sigma", (A @ sigma)[d]),
        Term("A'sigma", (A.mT @ sigma)[d]),
        Term("A mu", (A @ mu)[d]),
        Term("c", c[d]),
        Term("a constant", torch.ones_like(mu[d])),
    ]


def of_score_by_mu(z: Tensor, mu: Tensor, sigma: Tensor, f: Tensor | None = None) -> list[Term]:
    """d log N(z; mu, sigma^2) / d mu of one number z, times f."""
    one = torch.ones_like(z) if f is None else f
    times = "" if f is None else "f times "
    return [
        Term(f"{times}z / sigma^2", one * z / sigma**2, 1),
        Term(f"{times}mu / sigma^2", one * mu / sigma**2, -1),
        *_of_score(z, mu, sigma, one, times),
        Term(f"{times}(z - mu)^2 / sigma^3", one * (z - mu) ** 2 / sigma**3),
        *_without_f(z, mu, sigma, f),
    ]


def of_score_by_sigma(z: Tensor, mu: Tensor, sigma: Tensor, f: Tensor | None = None) -> list[Term]:
    """d log N(z; mu, sigma^2) / d sigma of one number z, times f."""
    one = torch.ones_like(z) if f is None else f
    times = "" if f is None else "f times "
    return [
        Term(f"{times}(z - mu)^2 / sigma^3", one * (z - mu) ** 2 / sigma**3, 1),
        Term(f"{times}1 / sigma", one / sigma, -1),
        *_of_score(z, mu, sigma, one, times),
        Term(f"{times}(z - mu)^2", one * (z - mu) ** 2),
        Term(f"{times}(z - mu)^2 / sigma", one * (z - mu) ** 2 / sigma),
        Term(f"{times}(z - mu)^2 / sigma^4", one * (z - mu) ** 2 / sigma**4),
        Term(f"{times}(z - mu) / sigma^3", one * (z - mu) / sigma**3),
        *_without_f(z, mu, sigma, f),
    ]


def _of_score(z: Tensor, mu: Tensor, sigma: Tensor, one: Tensor, times: str) -> list[Term]:
    return [
        Term(f"{times}(z - mu) / sigma", one * (z - mu) / sigma),
        Term(f"{times}(z - mu)", one * (z - mu)),
        Term(f"{times}|z - mu| / sigma^2", one * (z - mu).abs() / sigma**2),
        Term(f"{times}(z - mu)^2 / sigma^2", one * (z - mu) ** 2 / sigma**2),
        Term(f"{times}1", one),
        Term(f"{times}1 / sigma^2", one / sigma**2),
        Term(f"{times}sigma", one * sigma),
    ]


def _without_f(z: Tensor, mu: Tensor, sigma: Tensor, f: Tensor | None) -> list[Term]:
    if f is None:
        return []
    return [
        Term("a score without f", (z - mu) / sigma**2),
        Term("a square without f", (z - mu) ** 2 / sigma**3),
        Term("1 / sigma without f", 1 / sigma),
        Term("f^2 times a score", f**2 * (z - mu) / sigma**2),
    ]


def of_path(slope: Tensor, eps: Tensor, f: Tensor, sigma: Tensor, power: int) -> list[Term]:
    """The derivative of f along the path by mu (power 0) or sigma (power 1), at one eps."""
    return [
        Term("f'(z)", slope, 1 - power),
        Term("f'(z) eps", slope * eps, power),
        Term("f'(z) sigma", slope * sigma),
        Term("f'(z) eps sigma", slope * eps * sigma),
        Term("f'(z) eps^2", slope * eps**2),
        Term("f(z)", f),
        Term("f(z) eps", f * eps),
        Term("eps", eps),
        Term("f'(z)^2", slope**2),
        Term("a constant", torch.ones_like(eps)),
    ]


def of_baseline(f: Tensor, scores: Tensor, k: int, d: int) -> list[Term]:
    """The estimate with the mean of the others as a baseline: row k, dimension d."""
    count, score, others = len(f), scores[k, d], f.sum() - f[k]
    return [
        Term("f_k times its score", f[k] * score, 1),
        Term("the mean of the others times the score", others / (count - 1) * score, -1),
        Term("the sum of the others times the score", others * score),
        Term("the sum of the others, divided by K, times the score", others / count * score),
        Term(
            "the sum of the others, divided by K + 1, times the score", others / (count + 1) * score
        ),
        Term("f_k, divided by K - 1, times its score", f[k] / (count - 1) * score),
        Term("f_k, divided by K, times its score", f[k] / count * score),
        Term("the score", score),
        Term("f_k", f[k]),
        Term("the mean of the others", others / (count - 1)),
        Term("the mean of all scores times f_k", scores[:, d].mean() * f[k]),
        Term("f_k^2 times its score", f[k] ** 2 * score),
    ]
