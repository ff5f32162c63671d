"""What a diagonal Gaussian makes of a correlated posterior: its widths, and the gap in nats."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import normal, spread
from vae_checks.misread import arguments_named
from vae_checks.values import expect_exact, expect_pair, unless_right
from vae_checks.verdict import Mistake, call

_SIZES = [{"dims": 2}]


class _MeanFieldOptimum(Exercise):
    name, section = "mean_field_optimum", "1.3"

    @idea("the standard deviations of the best diagonal Gaussian", also=_SIZES)
    def scale(self, answer: Any, *, dims: int = 4) -> None:
        """1 / sqrt of the diagonal of the precision, to 1e-10."""
        for covariance in (_covariance(dims), _covariance(1), 1e4 * _covariance(dims)):
            self._expect_scale(answer, covariance)

    def _expect_scale(self, answer: Any, covariance: Tensor) -> None:
        value, _ = self._call(answer, covariance)
        precision = torch.linalg.inv(covariance)
        truth = precision.diagonal() ** -0.5
        wrong = [
            ("mean-field-marginal", covariance.diagonal().sqrt()),
            ("mean-field-variance", 1 / precision.diagonal()),
            ("mean-field-variance", covariance.diagonal()),
            ("mean-field-precision", precision.diagonal()),
            ("mean-field-precision", precision.diagonal().sqrt()),
            ("mean-field-cholesky", torch.linalg.cholesky(covariance).diagonal()),
            ("mean-field-eigen", torch.linalg.eigvalsh(covariance).sqrt()),
        ]
        with arguments_named(value, _scale, {"covariance": covariance}):
            expect_exact(value, truth, "scale", unless_right(wrong, truth))

    @idea("what it lacks: the KL divergence at its best, in nats", also=_SIZES)
    def gap(self, answer: Any, *, dims: int = 4) -> None:
        """(1/2)(sum_d log Lambda_dd - log det Lambda), to 1e-10; 0 without correlations; stable for
        covariances near 1e-12 in 40 dimensions."""
        for covariance in (_covariance(dims), _covariance(1), 1e4 * _covariance(dims),
                           torch.diag(spread(dims).abs()),
                           1e-12 * _covariance(40)):  # fmt: skip
            _, value = self._call(answer, covariance)
            truth = _gap(covariance)
            with arguments_named(value, _gap, {"covariance": covariance}):
                wrong = unless_right(_wrong_gaps(covariance), truth)
                expect_exact(value, truth, "gap", wrong, "nats", within=1e-9)

    def _call(self, answer: Any, covariance: Tensor) -> tuple[Any, Any]:
        result = call(self.name, answer, {"covariance": covariance})
        scale, gap = expect_pair(result, self.name, ("scale", "gap"))
        if all(map(torch.is_tensor, (scale, gap))) and (scale.ndim, gap.ndim) == (0, 1):
            seen = f"The first of the two is one number, the second has {len(gap)}."
            raise Mistake("mean-field-exchanged", seen)
        return scale, gap


def _covariance(dims: int) -> Tensor:
    """Correlated, with variances near 1."""
    factor = torch.eye(dims, dtype=torch.float64) + 0.4 * normal(dims, dims)
    return factor @ factor.mT + 0.1 * torch.eye(dims, dtype=torch.float64)


def _scale(covariance: Tensor) -> Tensor:
    return torch.linalg.inv(covariance).diagonal() ** -0.5


def _gap(covariance: Tensor) -> Tensor:
    diagonal = torch.linalg.inv(covariance).diagonal()
    return 0.5 * (diagonal.log().sum() + torch.linalg.slogdet(covariance).logabsdet)


def _wrong_gaps(covariance: Tensor) -> list[tuple[str, Tensor]]:
    logdet = torch.linalg.slogdet(covariance).logabsdet
    diagonal = torch.linalg.inv(covariance).diagonal().log().sum()
    marginal = covariance.diagonal().log().sum()
    return [
        ("gap-reverse-kl", 0.5 * (marginal - logdet)),
        ("gap-no-half", diagonal + logdet),
        ("value-negated", -0.5 * (diagonal + logdet)),
        ("gap-determinant-sign", 0.5 * (diagonal - logdet)),
        ("gap-of-covariance", 0.5 * (marginal + logdet)),
        ("gap-one-part", 0.5 * diagonal),
        ("gap-one-part", 0.5 * logdet),
    ]


mean_field_optimum = _MeanFieldOptimum()
