"""What weights say of themselves, against arithmetic on the weights and against closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm

from vae_helpers import VaeLabError, effective_sample_size, iw_bound, standard_error

SUMMARIES = (iw_bound, effective_sample_size, standard_error)


def weights(samples=50, images=3):
    return torch.rand(samples, images, dtype=torch.float64) + 0.1


def close(found, expected, tolerance=1e-12):
    expected = torch.as_tensor(np.asarray(expected), dtype=found.dtype)
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("shift", [0.0, -800.0, 800.0])
def test_all_three_by_plain_arithmetic_on_the_weights(shift):
    """Oracle: numpy on w itself; where exp(log w) would be 0 or infinite, the same but shifted."""
    w = weights()
    log_w, plain = w.log() + shift, w.numpy()
    close(iw_bound(log_w), np.log(plain.mean(0)) + shift)
    close(effective_sample_size(log_w), plain.sum(0) ** 2 / (plain**2).sum(0), 1e-10)
    relative = plain.std(0, ddof=1) / plain.mean(0) / math.sqrt(len(plain))
    close(standard_error(log_w), relative, 1e-10)


def test_one_weight_is_the_elbo_and_has_no_spread():
    log_w = weights(samples=1).log()
    close(iw_bound(log_w), log_w[0])
    close(effective_sample_size(log_w), torch.ones(3))
    assert standard_error(log_w).isnan().all()


def test_equal_weights_all_count_and_one_heavy_weight_is_alone():
    equal = torch.full((40, 2), -93.7)
    close(effective_sample_size(equal), [40.0, 40.0], 1e-6)
    close(standard_error(equal), [0.0, 0.0], 1e-6)
    heavy = torch.full((40, 1), -100.0)
    heavy[7] = 0.0
    close(effective_sample_size(heavy), [1.0], 1e-6)
    close(standard_error(heavy), [1.0], 1e-6)  # as large as the estimate itself


@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0])
def test_log_normal_weights_in_closed_form(sigma):
    """Oracle: log w ~ N(m, s^2) has E[w] = exp(m + s^2/2), ESS / K = exp(-s^2) and relative
    variance exp(s^2) - 1; the draws are quantiles, so that nothing is random."""
    quantiles = norm.ppf((np.arange(400_000) + 0.5) / 400_000)
    log_w = torch.from_numpy(-90 + sigma * quantiles)[:, None]
    close(iw_bound(log_w), [-90 + sigma**2 / 2], 1e-4)
    close(effective_sample_size(log_w) / len(log_w), [math.exp(-(sigma**2))], 1e-3)
    close(standard_error(log_w) * math.sqrt(len(log_w)), [math.sqrt(math.expm1(sigma**2))], 2e-3)


def test_the_bound_is_never_below_the_mean_and_its_gradient_is_the_weights():
    """Oracle: Jensen; and d L_K / d log w_k = w_k / sum w, by hand and by gradcheck."""
    log_w = weights().log().requires_grad_()
    assert (iw_bound(log_w) >= log_w.mean(0)).all()
    (gradient,) = torch.autograd.grad(iw_bound(log_w).sum(), log_w)
    close(gradient, log_w.detach().softmax(0))
    for summary in SUMMARIES:
        assert torch.autograd.gradcheck(summary, [weights(4, 2).log().requires_grad_()])


def test_what_comes_back_has_the_dtype_that_came_in():
    for dtype in (torch.float32, torch.float64):
        assert {summary(weights().to(dtype)).dtype for summary in SUMMARIES} == {dtype}


def spoiled(value):
    log_w = weights().log()
    log_w[7, 1] = value
    return log_w


@pytest.mark.parametrize("summary", SUMMARIES)
@pytest.mark.parametrize(
    ("log_w", "said"),
    [
        (torch.zeros(3), r"must be \(K, B\), samples by images, .* got \(3,\)"),
        (torch.zeros(2, 3, 4), r"got \(2, 3, 4\)"),
        (torch.zeros(2, 3).long(), "of torch.int64"),
        ([0.0, 1.0], "expected a torch.Tensor, got a list of 2"),
        (torch.zeros(0, 3), r"no samples, its shape is \(0, 3\)"),
        (torch.zeros(3, 0), r"no images, its shape is \(3, 0\)"),
        (spoiled(math.nan), "a log weight of image 1 is nan: "),
        (spoiled(-math.inf), "a log weight of image 1 is -inf: "),
        (spoiled(math.inf), "a log weight of image 1 is inf: "),
    ],
)
def test_bad_weights_get_one_clear_line(summary, log_w, said):
    with pytest.raises(VaeLabError, match=f"{summary.__name__}: .*{said}") as told:
        summary(log_w)
    assert "\n" not in str(told.value)
