# ruff: noqa: F821, F811, F841, B905, RUF059
"""Wrong answers, one misconception each: the cells that each loses, and what it must be told.

Each block runs in the notebook, in place of the solution cell of its exercise.
"""


# %% exact-quadratic / nothing returned
# loses: exact-quadratic-value, exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: wrong-type
# says: Is a `return` missing?
def exact_quadratic(A, c, mu, sigma):
    value = mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()


# %% exact-quadratic / only the value
# loses: exact-quadratic-value, exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: wrong-type
# says: Return three values
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()


# %% exact-quadratic / two of three
# loses: exact-quadratic-value, exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: wrong-type
# says: a tuple of 2
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(), (A + A.mT) @ mu + c


# %% exact-quadratic / floats
# loses: exact-quadratic-value
# slug: wrong-type
# says: value is float
def exact_quadratic(A, c, mu, sigma):
    return (
        (mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()).item(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% exact-quadratic / float32
# loses: exact-quadratic-value, exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: lost-precision
# says: torch.float32
def exact_quadratic(A, c, mu, sigma):
    A, c, mu, sigma = A.float(), c.float(), mu.float(), sigma.float()
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% exact-quadratic / an argument overwritten
# loses: exact-quadratic-value, exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: changed-argument
# says: changed the values of `sigma`
def exact_quadratic(A, c, mu, sigma):
    variance = sigma.square_()
    return (
        mu @ A @ mu + c @ mu + A.diagonal() @ variance,
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% exact-quadratic / a generator
# loses: exact-quadratic-value, exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: wrong-type
# says: a generator
def exact_quadratic(A, c, mu, sigma):
    yield mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()
    yield (A + A.mT) @ mu + c
    yield 2 * A.diagonal() * sigma


# %% exact-quadratic / nan by a logarithm
# loses: exact-quadratic-value
# slug: nan
# says: contains nan
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum() + 0 * (-sigma).log().sum(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% exact-quadratic / f at the mean
# loses: exact-quadratic-value
# slug: expectation-no-variance
# says: what the spread of z adds
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu, (A + A.mT) @ mu + c, 2 * A.diagonal() * sigma


# %% exact-quadratic / no linear term
# loses: exact-quadratic-value, exact-quadratic-by-mu
# slug: expectation-no-linear
# says: the linear term is missing
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + (A.diagonal() * sigma**2).sum(), (A + A.mT) @ mu, 2 * A.diagonal() * sigma


# %% exact-quadratic / sigma not squared
# loses: exact-quadratic-value
# slug: expectation-sigma-not-squared
# says: belongs
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma).sum(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% exact-quadratic / sigma' A sigma
# loses: exact-quadratic-value, exact-quadratic-by-sigma
# slug: expectation-off-diagonal
# says: off-diagonal
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu + sigma @ A @ sigma, (A + A.mT) @ mu + c, (A + A.mT) @ sigma


# %% exact-quadratic / trace times all variances
# loses: exact-quadratic-value, exact-quadratic-by-sigma
# slug: expectation-trace-apart
# says: its own diagonal entry
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + A.trace() * (sigma**2).sum(),
        (A + A.mT) @ mu + c,
        2 * A.trace() * sigma,
    )


# %% exact-quadratic / variances without A
# loses: exact-quadratic-value, exact-quadratic-by-sigma
# slug: expectation-trace-apart
# says: its own diagonal entry
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu + (sigma**2).sum(), (A + A.mT) @ mu + c, 2 * sigma


# %% exact-quadratic / only the trace
# loses: exact-quadratic-value
# slug: expectation-no-mean
# says: f at the mean is missing
def exact_quadratic(A, c, mu, sigma):
    return (A.diagonal() * sigma**2).sum(), (A + A.mT) @ mu + c, 2 * A.diagonal() * sigma


# %% exact-quadratic / A taken for symmetric
# loses: exact-quadratic-by-mu
# slug: gradient-asymmetric
# says: need not be symmetric
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        2 * A @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% exact-quadratic / A transposed
# loses: exact-quadratic-by-mu
# slug: gradient-asymmetric
# says: need not be symmetric
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        2 * mu @ A + c,
        2 * A.diagonal() * sigma,
    )


# %% exact-quadratic / no factor 2 by mu
# loses: exact-quadratic-by-mu
# slug: gradient-no-two
# says: factor 2
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        A @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% exact-quadratic / no factor 2 by sigma
# loses: exact-quadratic-by-sigma
# slug: gradient-no-two
# says: factor 2
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.mT) @ mu + c,
        A.diagonal() * sigma,
    )


# %% exact-quadratic / by the variance
# loses: exact-quadratic-by-sigma
# slug: gradient-by-variance
# says: derivative by sigma squared
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(), (A + A.mT) @ mu + c, A.diagonal()


# %% exact-quadratic / by the log-variance
# loses: exact-quadratic-by-sigma
# slug: gradient-by-log
# says: log sigma
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.mT) @ mu + c,
        A.diagonal() * sigma**2,
    )


# %% exact-quadratic / by log sigma
# loses: exact-quadratic-by-sigma
# slug: gradient-by-log
# says: log sigma
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma**2,
    )


# %% exact-quadratic / sigma lost
# loses: exact-quadratic-by-sigma
# slug: gradient-not-derived
# says: factor sigma
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal(),
    )


# %% exact-quadratic / signs of a descent
# loses: exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: gradient-sign
# says: sign is reversed
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        -((A + A.mT) @ mu + c),
        -2 * A.diagonal() * sigma,
    )


# %% exact-quadratic / gradients swapped
# loses: exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: gradients-swapped
# says: changed places
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        2 * A.diagonal() * sigma,
        (A + A.mT) @ mu + c,
    )


# %% exact-quadratic / detached before autograd
# loses: exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: gradient-detached
# says: 0 everywhere
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        torch.zeros_like(mu),
        torch.zeros_like(sigma),
    )


# %% exact-quadratic / value per coordinate
# loses: exact-quadratic-value
# slug: wrong-shape
# says: it should be ()
def exact_quadratic(A, c, mu, sigma):
    return (
        mu * (A @ mu) + c * mu + A.diagonal() * sigma**2,
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% exact-quadratic / c missing from the gradient alone
# loses: exact-quadratic-by-mu
# slug: gradient-no-linear
# says: c is missing
def exact_quadratic(A, c, mu, sigma):
    value = mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()
    return value, (A + A.mT) @ mu, 2 * A.diagonal() * sigma


# %% score / nothing returned
# loses: score-by-mu, score-by-sigma
# slug: wrong-type
# says: Is a `return` missing?
def score(z, mu, sigma):
    by_mu = (z - mu) / sigma**2


# %% score / only one
# loses: score-by-mu, score-by-sigma
# slug: wrong-type
# says: Return the pair
def score(z, mu, sigma):
    return (z - mu) / sigma**2


# %% score / float32
# loses: score-by-mu, score-by-sigma
# slug: lost-precision
# says: torch.float32
def score(z, mu, sigma):
    z, mu, sigma = z.float(), mu.float(), sigma.float()
    return (z - mu) / sigma**2, ((z - mu) ** 2 / sigma**2 - 1) / sigma


# %% score / z overwritten
# loses: score-by-mu, score-by-sigma
# slug: changed-argument
# says: changed the values of `z`
def score(z, mu, sigma):
    z -= mu
    z /= sigma
    return z / sigma, (z**2 - 1) / sigma


# %% score / sign of the derivative by z
# loses: score-by-mu
# slug: score-sign
# says: opposite sign
def score(z, mu, sigma):
    return (mu - z) / sigma**2, ((z - mu) ** 2 / sigma**2 - 1) / sigma


# %% score / both signs reversed
# loses: score-by-mu, score-by-sigma
# slug: score-sign
# says: sign is reversed
def score(z, mu, sigma):
    return (mu - z) / sigma**2, (1 - (z - mu) ** 2 / sigma**2) / sigma


# %% score / of the density
# loses: score-by-mu, score-by-sigma
# slug: score-of-density
# says: gradient of the density
def score(z, mu, sigma):
    eps = (z - mu) / sigma
    q = Normal(mu, sigma).log_prob(z).exp()
    return eps / sigma * q, (eps**2 - 1) / sigma * q


# %% score / divided once
# loses: score-by-mu
# slug: score-scale
# says: power of sigma
def score(z, mu, sigma):
    return (z - mu) / sigma, ((z - mu) ** 2 / sigma**2 - 1) / sigma


# %% score / sigma taken for the variance
# loses: score-by-mu, score-by-sigma
# slug: score-scale
# says: power of sigma
def score(z, mu, sigma):
    return (z - mu) / sigma**4, ((z - mu) ** 2 / sigma**4 - 1) / sigma


# %% score / without the normalizer
# loses: score-by-sigma
# slug: score-no-normalizer
# says: normalizer
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3


# %% score / normalizer with the wrong sign
# loses: score-by-sigma
# slug: score-normalizer-sign
# says: wrong sign
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3 + 1 / sigma


# %% score / normalizer without sigma
# loses: score-by-sigma
# slug: score-normalizer-scale
# says: wrong power or factor
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3 - 1


# %% score / half a normalizer
# loses: score-by-sigma
# slug: score-normalizer-scale
# says: wrong power or factor
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3 - 0.5 / sigma


# %% score / by the variance
# loses: score-by-sigma
# slug: gradient-by-variance
# says: derivative by sigma squared
def score(z, mu, sigma):
    return (z - mu) / sigma**2, ((z - mu) ** 2 / sigma**2 - 1) / (2 * sigma**2)


# %% score / by the log-variance
# loses: score-by-sigma
# slug: gradient-by-log
# says: log sigma
def score(z, mu, sigma):
    return (z - mu) / sigma**2, ((z - mu) ** 2 / sigma**2 - 1) / 2


# %% score / distance not squared
# loses: score-by-sigma
# slug: score-scale
# says: power of sigma
def score(z, mu, sigma):
    return (z - mu) / sigma**2, ((z - mu) / sigma - 1) / sigma


# %% score / swapped
# loses: score-by-mu, score-by-sigma
# slug: gradients-swapped
# says: changed places
def score(z, mu, sigma):
    return ((z - mu) ** 2 / sigma**2 - 1) / sigma, (z - mu) / sigma**2


# %% score / summed over samples by autograd
# loses: score-by-mu, score-by-sigma
# slug: samples-merged
# says: one row for each sample
def score(z, mu, sigma):
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    return torch.autograd.grad(Normal(m, s).log_prob(z).sum(), (m, s))


# %% score / summed over coordinates
# loses: score-by-mu, score-by-sigma
# slug: coordinates-merged
# says: of its own
def score(z, mu, sigma):
    return ((z - mu) / sigma**2).sum(1), (((z - mu) ** 2 / sigma**2 - 1) / sigma).sum(1)


# %% score / a factor 2 by mu
# loses: score-by-mu
# slug: score-factor
# says: a factor is wrong
def score(z, mu, sigma):
    return 2 * (z - mu) / sigma**2, ((z - mu) ** 2 / sigma**2 - 1) / sigma


# %% score / a factor 1/2 by mu
# loses: score-by-mu
# slug: score-factor
# says: a factor is wrong
def score(z, mu, sigma):
    return (z - mu) / (2 * sigma**2), ((z - mu) ** 2 / sigma**2 - 1) / sigma


# %% score / a factor 1/2 by sigma
# loses: score-by-sigma
# slug: score-factor
# says: a factor is wrong
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / (2 * sigma**3) - 1 / sigma


# %% score / fourth power in the first term by sigma
# loses: score-by-sigma
# slug: score-power
# says: in the first term
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**4 - 1 / sigma


# %% score / second power in the first term by sigma
# loses: score-by-sigma
# slug: score-power
# says: in the first term
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**2 - 1 / sigma


# %% score / sign reversed by sigma alone
# loses: score-by-sigma
# slug: score-sign-sigma
# says: rises with sigma
def score(z, mu, sigma):
    return (z - mu) / sigma**2, 1 / sigma - (z - mu) ** 2 / sigma**3


# %% score-function / nothing returned
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: wrong-type
# says: Is a `return` missing?
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    f(z)[:, None] * by_mu, f(z)[:, None] * by_sigma


# %% score-function / float32
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: lost-precision
# says: torch.float32
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)[:, None].float()
    return v * by_mu.float(), v * by_sigma.float()


# %% score-function / f on float32
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: lost-precision
# says: z in torch.float32
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z.float())[:, None]
    return v * by_mu, v * by_sigma


# %% score-function / generators
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: wrong-type
# says: a generator
def score_function_gradient(f, z, mu, sigma):
    parts = score(z, mu, sigma)
    return (f(z)[:, None] * part for part in parts)


# %% score-function / a float
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: wrong-type
# says: by_mu is float
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    return (f(z)[:, None] * by_mu).mean().item(), (f(z)[:, None] * by_sigma).mean().item()


# %% score-function / shapes that do not fit
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: raised
# says: f needs a second dimension
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    return f(z) * by_mu, f(z) * by_sigma


# %% score-function / sign reversed
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-sign
# says: points the wrong way
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    return -f(z)[:, None] * by_mu, -f(z)[:, None] * by_sigma


# %% score-function / the score alone
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-no-f
# says: f is missing
def score_function_gradient(f, z, mu, sigma):
    return score(z, mu, sigma)


# %% score-function / f alone
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-no-score
# says: the score is missing
def score_function_gradient(f, z, mu, sigma):
    v = f(z)[:, None].expand_as(z)
    return v, v


# %% score-function / f times the log-density
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-log-density
# says: gradient of log q
def score_function_gradient(f, z, mu, sigma):
    v = f(z)[:, None] * Normal(mu, sigma).log_prob(z)
    return v, v


# %% score-function / gradient of the density
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: score-of-density
# says: gradient of the density
def score_function_gradient(f, z, mu, sigma):
    m, s = (x.expand_as(z).clone().requires_grad_() for x in (mu, sigma))
    q = Normal(m, s).log_prob(z).sum(1).exp()
    return torch.autograd.grad((f(z) * q).sum(), (m, s))


# %% score-function / f differentiated too
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-f-differentiated
# says: f is a value here
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    eps = (z - mu) / sigma
    z = z.detach().clone().requires_grad_()
    v = f(z)
    (slope,) = torch.autograd.grad(v.sum(), z)
    v = v.detach()[:, None]
    return v * by_mu + slope, v * by_sigma + slope * eps


# %% score-function / pathwise instead
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-pathwise
# says: needs no derivative of f
def score_function_gradient(f, z, mu, sigma):
    return pathwise_gradient(f, (z - mu) / sigma, mu, sigma)


# %% score-function / slope times score
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-slope-times-score
# says: f itself is wanted
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    x = z.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(f(x).sum(), x)
    return slope * by_mu, slope * by_sigma


# %% score-function / pathwise by finite differences
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: wrong-value
# says: it should be
def score_function_gradient(f, z, mu, sigma):
    h = 1e-6
    columns = []
    for d in range(z.shape[1]):
        h_d = h * torch.eye(z.shape[1], dtype=z.dtype)[d]
        columns.append((f(z + h_d) - f(z - h_d)) / (2 * h))
    slope = 1.001 * torch.stack(columns, dim=1)
    return slope, slope * (z - mu) / sigma


# %% score-function / mean of f first
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-mean-f
# says: each score goes with its own
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    return f(z).mean() * by_mu, f(z).mean() * by_sigma


# %% score-function / a baseline
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-baseline
# says: section 4.2
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)
    v = (v - v.mean())[:, None]
    return v * by_mu, v * by_sigma


# %% score-function / the value at the mean as baseline
# loses: score-function-rows, score-function-black-box
# slug: estimator-baseline
# says: section 4.2
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    v = (f(z) - f(mu[None]))[:, None]
    return v * by_mu, v * by_sigma


# %% score-function / f at the mean
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-f-elsewhere
# says: somewhere else
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    return f(mu) * by_mu, f(mu) * by_sigma


# %% score-function / f at the noise
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-f-elsewhere
# says: somewhere else
def score_function_gradient(f, z, mu, sigma):
    eps = (z - mu) / sigma
    v = f(eps)[:, None]
    return v * eps / sigma, v * (eps**2 - 1) / sigma


# %% score-function / by the log-variance
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: gradient-by-log
# says: log sigma
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)[:, None]
    return v * by_mu, v * by_sigma * sigma / 2


# %% score-function / averaged over samples
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: samples-merged
# says: one row for each sample
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)[:, None]
    return (v * by_mu).mean(0), (v * by_sigma).mean(0)


# %% score-function / divided by K
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: divided-by-samples
# says: not their mean
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)[:, None] / len(z)
    return v * by_mu, v * by_sigma


# %% score-function / summed over coordinates
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: coordinates-merged
# says: of its own
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)
    return v * by_mu.sum(1), v * by_sigma.sum(1)


# %% score-function / without the normalizer
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: score-no-normalizer
# says: normalizer
def score_function_gradient(f, z, mu, sigma):
    v = f(z)[:, None]
    return v * (z - mu) / sigma**2, v * (z - mu) ** 2 / sigma**3


# %% score-function / swapped
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: gradients-swapped
# says: changed places
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)[:, None]
    return v * by_sigma, v * by_mu


# %% score-function / f of a number
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: f-called-wrongly
# says: f was called with
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    v = torch.stack([f(row[0]) for row in z])[:, None]
    return v * by_mu, v * by_sigma


# %% score-function / a derivative of f that is not used
# loses: score-function-black-box
# slug: black-box
# says: only calls f
def score_function_gradient(f, z, mu, sigma):
    x = z.detach().clone().requires_grad_()
    v = f(x)
    torch.autograd.grad(v.sum(), x)
    by_mu, by_sigma = score(z, mu, sigma)
    return v.detach()[:, None] * by_mu, v.detach()[:, None] * by_sigma


# %% score-function / samples drawn anew
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: wrong-value
# says: it should be
def score_function_gradient(f, z, mu, sigma):
    z = mu + sigma * torch.randn_like(z)
    by_mu, by_sigma = score(z, mu, sigma)
    return f(z)[:, None] * by_mu, f(z)[:, None] * by_sigma


# %% score-function / means of f and of the path, mixed
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: estimator-pathwise
# says: needs no derivative of f
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    x = z.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(f(x).sum(), x)
    return slope, f(z)[:, None] * by_sigma


# %% score-function / twice the pathwise, less the score function
# loses: score-function-rows, score-function-unbiased, score-function-black-box
# slug: wrong-value
# says: it should be
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(z, mu, sigma)
    a, b = pathwise_gradient(f, (z - mu) / sigma, mu, sigma)
    v = f(z)[:, None]
    return 2 * a - v * by_mu, 2 * b - v * by_sigma


# %% pathwise / nothing returned
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: wrong-type
# says: Is a `return` missing?
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).requires_grad_()
    f(z).sum().backward()


# %% pathwise / float32
# loses: pathwise-rows, pathwise-unbiased
# slug: lost-precision
# says: torch.float32
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope.float(), (slope * eps).float()


# %% pathwise / floats
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: wrong-type
# says: by_mu is float
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope.mean().item(), (slope * eps).mean().item()


# %% pathwise / the noise overwritten
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: changed-argument
# says: changed the values of `eps`
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, eps.mul_(slope)


# %% pathwise / nan from a division
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: nan
# says: contains nan
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps * (0 * sigma) / (0 * sigma)


# %% pathwise / eps missing
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: pathwise-no-eps
# says: it is missing from the gradient by sigma
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope


# %% pathwise / z in place of eps
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: pathwise-by-z
# says: the noise alone
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * z.detach()


# %% pathwise / eps on mu as well
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: pathwise-eps-for-mu
# says: dz/dmu is 1
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope * eps, slope * eps


# %% pathwise / derivative by the noise
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: pathwise-times-sigma
# says: derivative by eps
def pathwise_gradient(f, eps, mu, sigma):
    e = eps.clone().requires_grad_()
    (slope,) = torch.autograd.grad(f(mu + sigma * e).sum(), e)
    return slope, slope * eps


# %% pathwise / derivative at the noise
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: pathwise-elsewhere
# says: somewhere else
def pathwise_gradient(f, eps, mu, sigma):
    z = (eps.clone()).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% pathwise / derivative at the mean
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: pathwise-elsewhere
# says: somewhere else
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + 0 * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% pathwise / sigma squared on the path
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: noise-by-variance
# says: stretched by sigma squared instead of sigma
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma**2 * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% pathwise / root of sigma on the path
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: noise-by-root
# says: root of sigma
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma.sqrt() * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% pathwise / mean stretched along
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: mu-scaled
# says: the mean is scaled
def pathwise_gradient(f, eps, mu, sigma):
    z = (sigma * (mu + eps)).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% pathwise / mean left out
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: mu-detached
# says: mu is missing
def pathwise_gradient(f, eps, mu, sigma):
    z = (sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% pathwise / sigma taken for a log-variance
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: noise-by-exp
# says: no exp is taken
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + torch.exp(sigma / 2) * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% pathwise / f in place of its derivative
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: estimator-no-derivative
# says: its derivative along the path
def pathwise_gradient(f, eps, mu, sigma):
    v = f(mu + sigma * eps)[:, None].expand_as(eps)
    return v, v * eps


# %% pathwise / score function instead
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: estimator-score-function
# says: follow the path
def pathwise_gradient(f, eps, mu, sigma):
    return score_function_gradient(f, mu + sigma * eps, mu, sigma)


# %% pathwise / sign reversed
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: estimator-sign
# says: points the wrong way
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return -slope, -slope * eps


# %% pathwise / by the log-variance
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: gradient-by-log
# says: log sigma
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps * sigma / 2


# %% pathwise / divided by K
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: divided-by-samples
# says: not their mean
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).requires_grad_()
    (slope,) = torch.autograd.grad(f(z).mean(), z)
    return slope, slope * eps


# %% pathwise / summed by autograd
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: samples-merged
# says: one row for each sample
def pathwise_gradient(f, eps, mu, sigma):
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    return torch.autograd.grad(f(m + s * eps).sum(), (m, s))


# %% pathwise / averaged
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: samples-merged
# says: one row for each sample
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope.mean(0), (slope * eps).mean(0)


# %% pathwise / summed over coordinates
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: coordinates-merged
# says: of its own
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope.sum(1), (slope * eps).sum(1)


# %% pathwise / swapped
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: gradients-swapped
# says: changed places
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope * eps, slope


# %% pathwise / sample detached
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: raised
# says: does not require grad
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach()
    f(z).sum().backward()
    return z.grad, z.grad * eps


# %% pathwise / gradient of a detached copy
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: gradient-detached
# says: 0 everywhere
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).requires_grad_()
    (slope,) = torch.autograd.grad((f(z.detach()).sum() + 0 * z.sum()), z)
    return slope, slope * eps


# %% pathwise / own noise
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: wrong-value
# says: it should be
def pathwise_gradient(f, eps, mu, sigma):
    eps = torch.randn_like(eps)
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% pathwise / requires_grad left on the arguments
# loses: pathwise-clean
# slug: argument-marked
# says: `mu` has requires_grad=True
def pathwise_gradient(f, eps, mu, sigma):
    mu.requires_grad_()
    sigma.requires_grad_()
    z = mu + sigma * eps
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% pathwise / gradients that add up
# loses: pathwise-clean
# slug: kept-between-calls
# says: start anew
def pathwise_gradient(f, eps, mu, sigma):
    eps.requires_grad_()
    f(mu + sigma * eps).sum().backward()
    slope = eps.grad / sigma
    return slope, slope * eps.detach()


# %% pathwise / gradients left on the noise
# loses: pathwise-clean
# slug: argument-marked
# says: `eps` has a .grad
def pathwise_gradient(f, eps, mu, sigma):
    eps.requires_grad_()
    eps.grad = None
    f(mu + sigma * eps).sum().backward()
    slope = eps.grad / sigma
    return slope, slope * eps.detach()


# %% pathwise / rows that add up
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: wrong-value
# says: it should be
def pathwise_gradient(f, eps, mu, sigma):
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    by_mu, by_sigma = [], []
    for noise in eps:
        f((m + s * noise)[None]).sum().backward()
        by_mu.append(m.grad.clone())
        by_sigma.append(s.grad.clone())
    return torch.stack(by_mu), torch.stack(by_sigma)


# %% pathwise / one gradient many times
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: wrong-value
# says: it should be
def pathwise_gradient(f, eps, mu, sigma):
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    g = torch.autograd.grad(f(m + s * eps).mean(), (m, s))
    return g[0].expand_as(eps), g[1].expand_as(eps)


# %% pathwise / the score function of exercise 3
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: estimator-score-function
# says: follow the path
def pathwise_gradient(f, eps, mu, sigma):
    return score_function_gradient(f, mu + sigma * eps, mu, sigma)


# %% pathwise / nothing but zeros
# loses: pathwise-rows, pathwise-unbiased, pathwise-clean
# slug: gradient-detached
# says: 0 everywhere
def pathwise_gradient(f, eps, mu, sigma):
    return 0 * eps, 0 * eps


# %% standard-error / nothing returned
# loses: standard-error-value, standard-error-stable
# slug: wrong-type
# says: Is a `return` missing?
def standard_error(estimates):
    estimates.std(dim=0) / len(estimates) ** 0.5


# %% standard-error / a float
# loses: standard-error-value, standard-error-stable
# slug: wrong-type
# says: the error is float
def standard_error(estimates):
    return float(estimates[:, 0].std()) / len(estimates) ** 0.5


# %% standard-error / float32
# loses: standard-error-value, standard-error-stable
# slug: lost-precision
# says: torch.float32
def standard_error(estimates):
    return estimates.float().std(dim=0) / len(estimates) ** 0.5


# %% standard-error / centered in place
# loses: standard-error-value, standard-error-stable
# slug: changed-argument
# says: changed the values of `estimates`
def standard_error(estimates):
    estimates -= estimates.mean(dim=0)
    return (estimates**2).sum(0).div(len(estimates) - 1).div(len(estimates)).sqrt()


# %% standard-error / a generator
# loses: standard-error-value, standard-error-stable
# slug: wrong-type
# says: a generator
def standard_error(estimates):
    return (x.std() / len(x) ** 0.5 for x in estimates.T)


# %% standard-error / spread of one estimate
# loses: standard-error-value, standard-error-stable
# slug: error-is-spread
# says: spread of one estimate
def standard_error(estimates):
    return estimates.std(dim=0)


# %% standard-error / divided by K
# loses: standard-error-value, standard-error-stable
# slug: error-divided-by-samples
# says: it is the variance that falls so
def standard_error(estimates):
    return estimates.std(dim=0) / len(estimates)


# %% standard-error / variance of the mean
# loses: standard-error-value, standard-error-stable
# slug: error-is-variance
# says: a root is missing
def standard_error(estimates):
    return estimates.var(dim=0) / len(estimates)


# %% standard-error / variance
# loses: standard-error-value, standard-error-stable
# slug: error-is-variance
# says: a root is missing
def standard_error(estimates):
    return estimates.var(dim=0)


# %% standard-error / biased variance
# loses: standard-error-value, standard-error-stable
# slug: error-biased
# says: so K - 1
def standard_error(estimates):
    return estimates.std(dim=0, correction=0) / len(estimates) ** 0.5


# %% standard-error / not centered
# loses: standard-error-value, standard-error-stable
# slug: error-not-centered
# says: mean was not subtracted
def standard_error(estimates):
    return (estimates**2).mean(dim=0).sqrt() / len(estimates) ** 0.5


# %% standard-error / all columns together
# loses: standard-error-value, standard-error-stable
# slug: error-over-all
# says: error of its own
def standard_error(estimates):
    return estimates.std() / len(estimates) ** 0.5


# %% standard-error / along the rows
# loses: standard-error-value, standard-error-stable
# slug: error-by-row
# says: samples are in the first dimension
def standard_error(estimates):
    return estimates.std(dim=1) / estimates.shape[1] ** 0.5


# %% standard-error / divided by the root of the columns
# loses: standard-error-value, standard-error-stable
# slug: error-by-row
# says: samples are in the first dimension
def standard_error(estimates):
    return estimates.std(dim=0) / estimates.shape[1] ** 0.5


# %% standard-error / the mean
# loses: standard-error-value, standard-error-stable
# slug: error-is-mean
# says: not its error
def standard_error(estimates):
    return estimates.mean(dim=0)


# %% standard-error / number of samples hard-coded
# loses: standard-error-value, standard-error-stable
# slug: wrong-value
# says: times the right ones
def standard_error(estimates):
    return estimates.std(dim=0) / 7**0.5


# %% standard-error / difference of squares
# loses: standard-error-stable
# slug: error-cancels
# says: subtract the mean first
def standard_error(estimates):
    K = len(estimates)
    variance = (estimates**2).mean(0) - estimates.mean(0) ** 2
    return (variance / (K - 1)).sqrt()


# %% standard-error / difference of squares, clamped
# loses: standard-error-stable
# slug: error-cancels
# says: subtract the mean first
def standard_error(estimates):
    K = len(estimates)
    variance = (estimates**2).mean(0) - estimates.mean(0) ** 2
    return (variance.clamp(min=0) / (K - 1)).sqrt()


# %% standard-error / K - 1 taken twice
# loses: standard-error-value, standard-error-stable
# slug: error-one-less-twice
# says: taken twice
def standard_error(estimates):
    return estimates.std(dim=0) / (len(estimates) - 1) ** 0.5


# %% with-baseline / nothing returned
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: wrong-type
# says: Is a `return` missing?
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    (f_values - others)[:, None] * scores


# %% with-baseline / a float
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: wrong-type
# says: is float
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return float(((f_values - others)[:, None] * scores).mean())


# %% with-baseline / float32
# loses: with-baseline-rows, with-baseline-unbiased
# slug: lost-precision
# says: float32
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return ((f_values - others)[:, None] * scores).float()


# %% with-baseline / f centered in place
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: changed-argument
# says: changed the values of `f_values`
def with_baseline(f_values, scores):
    f_values -= (f_values.sum() - f_values) / (len(f_values) - 1)
    return f_values[:, None] * scores


# %% with-baseline / a generator
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: wrong-type
# says: a generator
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (v * row for v, row in zip(f_values - others, scores))


# %% with-baseline / divided by a spread of 0
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: nan
# says: contains
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (f_values - others)[:, None] * scores / (f_values * 0).std()


# %% with-baseline / no baseline
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: baseline-missing
# says: plain estimator
def with_baseline(f_values, scores):
    return f_values[:, None] * scores


# %% with-baseline / mean of all
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-own-sample
# says: shrinks the gradient
def with_baseline(f_values, scores):
    return (f_values - f_values.mean())[:, None] * scores


# %% with-baseline / optimal constant from the same samples
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-own-sample
# says: shrinks the gradient
def with_baseline(f_values, scores):
    b = (f_values[:, None] * scores**2).sum(0) / (scores**2).sum(0)
    return (f_values[:, None] - b) * scores


# %% with-baseline / baseline added
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: baseline-added
# says: must be subtracted
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (f_values + others)[:, None] * scores


# %% with-baseline / sum of the others
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: baseline-sum
# says: should be their mean
def with_baseline(f_values, scores):
    others = f_values.sum() - f_values
    return (f_values - others)[:, None] * scores


# %% with-baseline / divided by K
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: baseline-divisor
# says: K - 1 in number
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / len(f_values)
    return (f_values - others)[:, None] * scores


# %% with-baseline / baseline on the score
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: baseline-on-score
# says: belongs to f
def with_baseline(f_values, scores):
    return f_values[:, None] * (scores - scores.mean(0))


# %% with-baseline / mean of the products
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: baseline-on-product
# says: leaves nothing
def with_baseline(f_values, scores):
    rows = f_values[:, None] * scores
    return rows - rows.mean(0)


# %% with-baseline / median
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-median
# says: median over all
def with_baseline(f_values, scores):
    return (f_values - f_values.median())[:, None] * scores


# %% with-baseline / sign reversed
# loses: with-baseline-rows, with-baseline-unbiased
# slug: estimator-sign
# says: points the wrong way
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (others - f_values)[:, None] * scores


# %% with-baseline / score forgotten
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: estimator-no-score
# says: the score is missing
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return f_values - others


# %% with-baseline / averaged
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: samples-merged
# says: one row for each sample
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return ((f_values - others)[:, None] * scores).mean(0)


# %% with-baseline / the others alone
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: baseline-alone
# says: own value is missing
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return others[:, None] * scores


# %% with-baseline / number of samples hard-coded
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: wrong-value
# says: it should be
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / 4
    return (f_values - others)[:, None] * scores


# %% with-baseline / standardized as in many codes
# loses: with-baseline-rows, with-baseline-unbiased
# slug: wrong-value
# says: it should be
def with_baseline(f_values, scores):
    v = (f_values - f_values.mean()) / (f_values.std() + 1e-8)
    return v[:, None] * scores


# %% with-baseline / mean of the samples before, right on average
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: wrong-value
# says: it should be
def with_baseline(f_values, scores):
    b = torch.cat([0 * f_values[:1], f_values.cumsum(0)[:-1] / torch.arange(1, len(f_values))])
    return (f_values - b)[:, None] * scores + 0 * scores


# %% with-baseline / the sample before as baseline, right on average
# loses: with-baseline-rows
# slug: baseline-one-other
# says: mean of all others
def with_baseline(f_values, scores):
    return (f_values - f_values.roll(1))[:, None] * scores


# %% with-baseline / another single sample as baseline
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-one-other
# says: mean of all others
def with_baseline(f_values, scores):
    return (f_values - f_values.flip(0))[:, None] * scores


# %% with-baseline / multiplied by K
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-times
# says: K - 1 times too large
def with_baseline(f_values, scores):
    return ((f_values - f_values.mean()) * len(f_values))[:, None] * scores


# %% with-baseline / differences in the wrong order
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-wrong-rows
# says: by the wrong rows
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (f_values - others).flip(0)[:, None] * scores


# %% with-baseline / no second dimension
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: raised
# says: need a second dimension
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (f_values - others) * scores


# %% with-baseline / a constant as baseline, right on average
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: wrong-value
# says: it should be
def with_baseline(f_values, scores):
    return (f_values - 1.5)[:, None] * scores


# %% with-baseline / zeros
# loses: with-baseline-rows, with-baseline-unbiased, with-baseline-shift
# slug: baseline-nothing
# says: all estimates are 0
def with_baseline(f_values, scores):
    return 0 * scores


# %% reparameterize / nothing returned
# loses: reparameterize-pathwise, reparameterize-noise, reparameterize-fresh
# slug: wrong-type
# says: Is a `return` missing?
def reparameterize(mu, logvar):
    mu + torch.exp(logvar / 2) * torch.randn_like(mu)


# %% reparameterize / a derivative written by hand
# loses: reparameterize-pathwise
# slug: wrong-derivative
# says: From logvar = 0 to 6
def reparameterize(mu, logvar):
    class Sample(torch.autograd.Function):
        @staticmethod
        def forward(ctx, mu, logvar):
            noise = torch.randn_like(mu) * (logvar > -50)
            ctx.save_for_backward(noise)
            return mu + noise

        @staticmethod
        def backward(ctx, gradient):
            (noise,) = ctx.saved_tensors
            return gradient, gradient * noise / 2

    return Sample.apply(mu, logvar)


# %% reparameterize / a float
# loses: reparameterize-pathwise, reparameterize-noise, reparameterize-fresh
# slug: wrong-type
# says: float
def reparameterize(mu, logvar):
    return float((mu + torch.exp(logvar / 2) * torch.randn_like(mu)).sum())


# %% reparameterize / exp of the log-variance
# loses: reparameterize-pathwise
# slug: std-is-variance
# says: the variance
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar) * torch.randn_like(mu)


# %% reparameterize / no exp
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-no-exp
# says: an exp is missing
def reparameterize(mu, logvar):
    return mu + 0.5 * logvar * torch.randn_like(mu)


# %% reparameterize / sample without a path
# loses: reparameterize-pathwise
# slug: sample-detached
# says: cut off
def reparameterize(mu, logvar):
    return Normal(mu, torch.exp(logvar / 2)).sample()


# %% reparameterize / std detached
# loses: reparameterize-pathwise
# slug: std-detached
# says: logvar is never learned
def reparameterize(mu, logvar):
    std = torch.exp(logvar / 2).detach()
    return mu + std * torch.randn_like(mu)


# %% reparameterize / mean stretched along
# loses: reparameterize-pathwise
# slug: mu-scaled
# says: the mean is scaled
def reparameterize(mu, logvar):
    return (mu + torch.randn_like(mu)) * torch.exp(logvar / 2)


# %% reparameterize / inverse
# loses: reparameterize-pathwise
# slug: std-inverse
# says: wrong sign
def reparameterize(mu, logvar):
    return mu + torch.exp(-logvar / 2) * torch.randn_like(mu)


# %% reparameterize / uniform
# loses: reparameterize-noise
# slug: noise-uniform
# says: uniform
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * (torch.rand_like(mu) - 0.5) * 12**0.5


# %% reparameterize / uniform, not centered
# loses: reparameterize-noise
# slug: noise-uniform
# says: uniform
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * torch.rand_like(mu)


# %% reparameterize / shared over the batch
# loses: reparameterize-noise
# slug: noise-shared-batch
# says: for each
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * torch.randn(mu.shape[1], dtype=mu.dtype)


# %% reparameterize / shared over the dimensions
# loses: reparameterize-noise
# slug: noise-shared-latent
# says: draw each
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * torch.randn(len(mu), 1, dtype=mu.dtype)


# %% reparameterize / noise too small
# loses: reparameterize-noise
# slug: noise-scale
# says: variance
def reparameterize(mu, logvar):
    return mu + 0.1 * torch.exp(logvar / 2) * torch.randn_like(mu)


# %% reparameterize / seeded
# loses: reparameterize-fresh
# slug: noise-frozen
# says: drawn once
def reparameterize(mu, logvar):
    eps = torch.randn(mu.shape, dtype=mu.dtype, generator=torch.Generator().manual_seed(1))
    return mu + torch.exp(logvar / 2) * eps


# %% reparameterize / mean in evaluation
# loses: reparameterize-noise, reparameterize-fresh
# slug: no-noise
# says: no noise
def reparameterize(mu, logvar):
    if not torch.is_grad_enabled():
        return mu
    return mu + torch.exp(logvar / 2) * torch.randn_like(mu)


# %% reparameterize / logvar overwritten
# loses: reparameterize-pathwise, reparameterize-noise, reparameterize-fresh
# slug: raised
# says: in-place
def reparameterize(mu, logvar):
    std = logvar.mul_(0.5).exp_()
    return mu + std * torch.randn_like(mu)


# %% reparameterize / a constant added to the variance
# loses: reparameterize-pathwise
# slug: std-clipped
# says: a constant added to the variance
def reparameterize(mu, logvar):
    std = torch.sqrt(torch.exp(logvar) + 1e-6)
    return mu + std * torch.randn_like(std)


# %% score-surrogate / nothing returned
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: wrong-type
# says: Is a `return` missing?
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    (f(z) * log_q).mean()


# %% score-surrogate / a float
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: wrong-type
# says: is float
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean().item()


# %% score-surrogate / float32
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: lost-precision
# says: torch.float32
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean().float()


# %% score-surrogate / a generator
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: wrong-type
# says: a generator
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (v for v in f(z) * log_q)


# %% score-surrogate / nan
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: nan
# says: contains nan
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = torch.log(-Normal(mu, torch.exp(logvar / 2)).log_prob(z).exp()).sum(1)
    return (f(z) * log_q).mean()


# %% score-surrogate / one number a sample
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: wrong-shape
# says: it should be ()
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return f(z) * log_q


# %% score-surrogate / z not detached
# loses: score-surrogate-constants
# slug: surrogate-pathwise-too
# says: must be a constant
def score_surrogate(f, z, mu, logvar):
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% score-surrogate / z detached in log q only
# loses: score-surrogate-constants
# slug: surrogate-pathwise-too
# says: must be a constant
def score_surrogate(f, z, mu, logvar):
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z.detach()).sum(1)
    return (f(z) * log_q).mean()


# %% score-surrogate / only f detached
# loses: score-surrogate-constants
# slug: surrogate-moving-sample
# says: take the sample as a constant
def score_surrogate(f, z, mu, logvar):
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z).detach() * log_q).mean()


# %% score-surrogate / f not detached
# loses: score-surrogate-constants
# slug: surrogate-f-moves
# says: as constants
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% score-surrogate / only f, no score
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: detached
# says: requires_grad=False
def score_surrogate(f, z, mu, logvar):
    return f(z).detach().mean()


# %% score-surrogate / pathwise instead
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: detached
# says: requires_grad=False
def score_surrogate(f, z, mu, logvar):
    return f(z).mean()


# %% score-surrogate / parameters detached
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: detached
# says: requires_grad=False
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu.detach(), torch.exp(0.5 * logvar.detach())).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% score-surrogate / mu detached
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: surrogate-no-gradient
# says: respect to mu is 0
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu.detach(), torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% score-surrogate / sigma detached
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: surrogate-no-gradient
# says: respect to logvar is 0
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar).detach()).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% score-surrogate / sum over samples
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: surrogate-sum
# says: take their mean
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).sum()


# %% score-surrogate / sign reversed
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: estimator-sign
# says: points the wrong way
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return -(f(z) * log_q).mean()


# %% score-surrogate / f forgotten
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: estimator-no-f
# says: f is missing
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return log_q.mean()


# %% score-surrogate / means multiplied
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: estimator-mean-f
# says: each score goes with its own
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return f(z).mean() * log_q.mean()


# %% score-surrogate / mean over dimensions
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: surrogate-mean-latent
# says: it is a sum over them
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).mean(1)
    return (f(z) * log_q).mean()


# %% score-surrogate / density
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: score-of-density
# says: gradient of the density
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q.exp()).mean()


# %% score-surrogate / logvar taken for log sigma
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: kl-log-sigma
# says: log sigma
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% score-surrogate / normalizer left out
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: score-no-normalizer
# says: normalizer
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = -0.5 * ((z - mu) ** 2 / logvar.exp()).sum(1)
    return (f(z) * log_q).mean()


# %% score-surrogate / a baseline
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: estimator-baseline
# says: section 4.2
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    v = f(z)
    return ((v - v.mean()) * log_q).mean()


# %% score-surrogate / z detached in place
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: surrogate-in-place
# says: detached in place
def score_surrogate(f, z, mu, logvar):
    z.detach_()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(dim=1)
    return (f(z).detach() * log_q).mean()


# %% score-surrogate / gradients of mu switched off in place
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: surrogate-in-place
# says: detached in place
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu.detach_(), torch.exp(0.5 * logvar)).log_prob(z).sum(dim=1)
    return (f(z).detach() * log_q).mean()


# %% score-surrogate / logvar in place of log sigma
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: surrogate-log-sigma
# says: half of logvar
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = (-((z - mu) ** 2) / (2 * logvar.exp()) - logvar).sum(1)
    return (f(z).detach() * log_q).mean()


# %% score-surrogate / plus log sigma
# loses: score-surrogate-gradient, score-surrogate-constants
# slug: score-normalizer-sign
# says: wrong sign
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = (-((z - mu) ** 2) / (2 * logvar.exp()) + logvar / 2).sum(1)
    return (f(z).detach() * log_q).mean()


# %% fit / nothing returned
# loses: fit-path, fit-start
# slug: wrong-type
# says: Is a `return` missing?
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)


# %% fit / lists
# loses: fit-path, fit-start
# slug: wrong-type
# says: a list of
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return mus, logvars


# %% fit / floats
# loses: fit-path, fit-start
# slug: wrong-type
# says: is float
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return mus[-1].sum().item(), logvars[-1].sum().item()


# %% fit / float32
# loses: fit-path, fit-start
# slug: lost-precision
# says: torch.float32
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus).float(), torch.stack(logvars).float()


# %% fit / a generator
# loses: fit-path, fit-start
# slug: wrong-type
# says: a generator
def fit(gradient, mu, logvar, steps, rate):
    for _ in range(steps):
        by_mu, by_logvar = gradient(mu, logvar)
        mu, logvar = mu - rate * by_mu, logvar - rate * by_logvar
        yield mu, logvar


# %% fit / nan
# loses: fit-path, fit-start
# slug: nan
# says: contains nan
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu / (0 * by_mu) * 0)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / start moved in place
# loses: fit-path, fit-start
# slug: changed-argument
# says: changed the values of `mu`
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mu, logvar)
        mu -= rate * by_mu
        logvar -= rate * by_logvar
        mus.append(mu.clone())
        logvars.append(logvar.clone())
    return torch.stack(mus), torch.stack(logvars)


# %% fit / one tensor many times
# loses: fit-path, fit-start
# slug: fit-overwritten
# says: one tensor many times
def fit(gradient, mu, logvar, steps, rate):
    mu, logvar = mu.clone(), logvar.clone()
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mu, logvar)
        mu -= rate * by_mu
        logvar -= rate * by_logvar
        mus.append(mu)
        logvars.append(logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / uphill
# loses: fit-path
# slug: fit-uphill
# says: uphill
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] + rate * by_mu)
        logvars.append(logvars[-1] + rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / rate ignored
# loses: fit-path
# slug: fit-rate-ignored
# says: learning rate
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - by_mu)
        logvars.append(logvars[-1] - by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / gradient taken once
# loses: fit-path
# slug: fit-gradient-frozen
# says: take it anew
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    by_mu, by_logvar = gradient(mu, logvar)
    for _ in range(steps):
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / one after the other
# loses: fit-path
# slug: fit-one-after-other
# says: move both at once
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        mus.append(mus[-1] - rate * gradient(mus[-1], logvars[-1])[0])
        logvars.append(logvars[-1] - rate * gradient(mus[-1], logvars[-1])[1])
    return torch.stack(mus), torch.stack(logvars)


# %% fit / only the last point
# loses: fit-path, fit-start
# slug: fit-only-last
# says: return the whole path
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return mus[-1], logvars[-1]


# %% fit / start left out
# loses: fit-path, fit-start
# slug: fit-no-start
# says: row 0 is the start
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus[1:]), torch.stack(logvars[1:])


# %% fit / start left out, one step more
# loses: fit-path, fit-start
# slug: fit-no-start
# says: row 0 is the start
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps + 1):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus[1:]), torch.stack(logvars[1:])


# %% fit / one step more
# loses: fit-path, fit-start
# slug: fit-step-count
# says: off by one
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps + 1):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / one step fewer
# loses: fit-path, fit-start
# slug: fit-step-count
# says: off by one
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(1, steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / gradients swapped
# loses: fit-path
# slug: fit-first-step
# says: first step is not rate times
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_logvar, by_mu = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / results swapped
# loses: fit-path, fit-start
# slug: gradients-swapped
# says: changed places
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(logvars), torch.stack(mus)


# %% fit / arguments swapped
# loses: fit-path
# slug: fit-first-step
# says: first step is not rate times
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(logvars[-1], mus[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / one argument
# loses: fit-path, fit-start
# slug: raised
# says: missing 1 required positional argument
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / the whole path as argument
# loses: fit-path, fit-start
# slug: gradient-arguments
# says: gradient was called with
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(torch.stack(mus), torch.stack(logvars))
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / stands still
# loses: fit-path, fit-start
# slug: fit-stands-still
# says: never leaves its start
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        gradient(mus[-1], logvars[-1])
        mus.append(mus[-1].clone())
        logvars.append(logvars[-1].clone())
    return torch.stack(mus), torch.stack(logvars)


# %% fit / logvar not moved
# loses: fit-path
# slug: fit-one-parameter
# says: only one
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1])
    return torch.stack(mus), torch.stack(logvars)


# %% fit / rate hard-coded
# loses: fit-path
# slug: fit-first-step
# says: first step is not rate times
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - 0.02 * by_mu)
        logvars.append(logvars[-1] - 0.02 * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / momentum
# loses: fit-path
# slug: fit-later-step
# says: a later one is not
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    v, w = 0, 0
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        v, w = 0.9 * v + by_mu, 0.9 * w + by_logvar
        mus.append(mus[-1] - rate * v)
        logvars.append(logvars[-1] - rate * w)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / starts at zero
# loses: fit-path, fit-start
# slug: fit-wrong-start
# says: begins somewhere else
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [torch.zeros_like(mu)], [torch.zeros_like(logvar)]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / Adam
# loses: fit-path
# slug: fit-first-step
# says: first step is not rate times the gradient
def fit(gradient, mu, logvar, steps, rate):
    parameters = [mu.clone().requires_grad_(), logvar.clone().requires_grad_()]
    optimizer = torch.optim.Adam(parameters, lr=rate)
    path = [[p.detach().clone() for p in parameters]]
    for _ in range(steps):
        for p, g in zip(parameters, gradient(*parameters)):
            p.grad = g
        optimizer.step()
        path.append([p.detach().clone() for p in parameters])
    return tuple(torch.stack(part) for part in zip(*path))


# %% fit / rate divided by the number of steps
# loses: fit-path
# slug: fit-first-step
# says: first step is not rate times the gradient
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate / steps * by_mu)
        logvars.append(logvars[-1] - rate / steps * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% fit / last step twice as long
# loses: fit-path
# slug: fit-later-step
# says: mus[5,
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for step in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        long = rate * (2 if 1 < steps == step + 1 else 1)
        mus.append(mus[-1] - long * by_mu)
        logvars.append(logvars[-1] - long * by_logvar)
    return torch.stack(mus), torch.stack(logvars)
