"""Answers to Exercise 1 of lab2-reparameterization: right ones, then wrong ones."""


# %% einsum, gradients by autograd
def exact_quadratic(A, c, mu, sigma):
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    value = torch.einsum("i,ij,j->", m, A, m) + torch.einsum("i,i->", c, m)
    value = value + torch.einsum("ii,i->", A, s**2)
    by_mu, by_sigma = torch.autograd.grad(value, (m, s))
    return value.detach(), by_mu, by_sigma


# %% loops over coordinates
def exact_quadratic(A, c, mu, sigma):
    D = len(mu)
    value = torch.zeros((), dtype=mu.dtype)
    by_mu, by_sigma = torch.zeros_like(mu), torch.zeros_like(sigma)
    for i in range(D):
        value = value + c[i] * mu[i] + A[i, i] * sigma[i] ** 2
        by_mu[i] += c[i]
        by_sigma[i] = A[i, i] * sigma[i] + A[i, i] * sigma[i]
        for j in range(D):
            value = value + A[i, j] * mu[i] * mu[j]
            by_mu[i] += A[i, j] * mu[j] + A[j, i] * mu[j]
    return [value, by_mu, by_sigma]


# %% trace with a covariance matrix, graph kept
def exact_quadratic(A, c, mu, sigma):
    covariance = torch.diag(sigma.square())
    value = torch.trace(A @ covariance) + mu.dot(A.matmul(mu)) + mu.dot(c)
    symmetric = (A + A.T) / 2
    return value, 2 * symmetric @ mu + c, (2 * symmetric * torch.diag(sigma)).sum(dim=0)


# %% named tuple, value still differentiable
def exact_quadratic(A, c, mu, sigma):
    from collections import namedtuple

    mu = mu.detach().clone().requires_grad_()
    second_moment = torch.outer(mu, mu) + torch.diag_embed(sigma**2)
    value = (A * second_moment).sum() + (c * mu).sum()
    (by_mu,) = torch.autograd.grad(value, mu, create_graph=True)
    return namedtuple("Quadratic", "value by_mu by_sigma")(value, by_mu, 2 * sigma * A.diag())


# %% jacobians of a function
def exact_quadratic(A, c, mu, sigma):
    def F(m, s):
        return m @ A @ m + c @ m + (A.diagonal() * s * s).sum()

    return (F(mu, sigma), *torch.autograd.functional.jacobian(F, (mu, sigma)))


# %% by quadrature, exact for polynomials
def exact_quadratic(A, c, mu, sigma):
    nodes, weight = np.polynomial.hermite_e.hermegauss(3)
    nodes = torch.cartesian_prod(*[torch.from_numpy(nodes)] * len(mu)).reshape(-1, len(mu))
    weight = torch.cartesian_prod(*[torch.from_numpy(weight)] * len(mu)).reshape(-1, len(mu))
    weight = weight.prod(1) / weight.prod(1).sum()
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    z = m + s * nodes
    value = weight @ ((z @ A * z).sum(1) + z @ c)
    return (value, *torch.autograd.grad(value, (m, s), retain_graph=True))


# %% torch.func.grad
def exact_quadratic(A, c, mu, sigma):
    def value(mu, sigma):
        return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()

    return value(mu, sigma), *torch.func.grad(value, argnums=(0, 1))(mu, sigma)


# %% forward mode, compiled
@torch.compile
def exact_quadratic(A, c, mu, sigma):
    def value(mu, sigma):
        return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()

    return value(mu, sigma), *torch.func.jacfwd(value, argnums=(0, 1))(mu, sigma)


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def exact_quadratic(A, c, mu, sigma):
    value = mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()


# %% only the value
# slug: wrong-type
# says: Return three values
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()


# %% two of three
# slug: wrong-type
# says: a tuple of 2
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(), (A + A.mT) @ mu + c


# %% floats
# loses: exact-quadratic-value
# slug: wrong-type
# says: value is float
def exact_quadratic(A, c, mu, sigma):
    return (
        (mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()).item(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% float32
# slug: lost-precision
# says: torch.float32
def exact_quadratic(A, c, mu, sigma):
    A, c, mu, sigma = A.float(), c.float(), mu.float(), sigma.float()
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% an argument overwritten
# slug: changed-argument
# says: changed the values of `sigma`
def exact_quadratic(A, c, mu, sigma):
    variance = sigma.square_()
    return (
        mu @ A @ mu + c @ mu + A.diagonal() @ variance,
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% a generator
# slug: wrong-type
# says: a generator
def exact_quadratic(A, c, mu, sigma):
    yield mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()
    yield (A + A.mT) @ mu + c
    yield 2 * A.diagonal() * sigma


# %% nan by a logarithm
# loses: exact-quadratic-value
# slug: nan
# says: contains nan
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum() + 0 * (-sigma).log().sum(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% f at the mean
# loses: exact-quadratic-value
# slug: expectation-no-variance
# says: what the spread of z adds
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu, (A + A.mT) @ mu + c, 2 * A.diagonal() * sigma


# %% no linear term
# loses: exact-quadratic-value, exact-quadratic-by-mu
# slug: expectation-no-linear
# says: the linear term is missing
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + (A.diagonal() * sigma**2).sum(), (A + A.mT) @ mu, 2 * A.diagonal() * sigma


# %% sigma not squared
# loses: exact-quadratic-value
# slug: expectation-sigma-not-squared
# says: belongs
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma).sum(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% sigma' A sigma
# loses: exact-quadratic-value, exact-quadratic-by-sigma
# slug: expectation-off-diagonal
# says: off-diagonal
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu + sigma @ A @ sigma, (A + A.mT) @ mu + c, (A + A.mT) @ sigma


# %% trace times all variances
# loses: exact-quadratic-value, exact-quadratic-by-sigma
# slug: expectation-trace-apart
# says: its own diagonal entry
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + A.trace() * (sigma**2).sum(),
        (A + A.mT) @ mu + c,
        2 * A.trace() * sigma,
    )


# %% variances without A
# loses: exact-quadratic-value, exact-quadratic-by-sigma
# slug: expectation-trace-apart
# says: its own diagonal entry
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu + (sigma**2).sum(), (A + A.mT) @ mu + c, 2 * sigma


# %% only the trace
# loses: exact-quadratic-value
# slug: expectation-no-mean
# says: f at the mean is missing
def exact_quadratic(A, c, mu, sigma):
    return (A.diagonal() * sigma**2).sum(), (A + A.mT) @ mu + c, 2 * A.diagonal() * sigma


# %% A taken for symmetric
# loses: exact-quadratic-by-mu
# slug: gradient-asymmetric
# says: need not be symmetric
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        2 * A @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% A transposed
# loses: exact-quadratic-by-mu
# slug: gradient-asymmetric
# says: need not be symmetric
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        2 * mu @ A + c,
        2 * A.diagonal() * sigma,
    )


# %% no factor 2 by mu
# loses: exact-quadratic-by-mu
# slug: gradient-no-two
# says: factor 2
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        A @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% no factor 2 by sigma
# loses: exact-quadratic-by-sigma
# slug: gradient-no-two
# says: factor 2
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.mT) @ mu + c,
        A.diagonal() * sigma,
    )


# %% by the variance
# loses: exact-quadratic-by-sigma
# slug: gradient-by-variance
# says: derivative by sigma squared
def exact_quadratic(A, c, mu, sigma):
    return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(), (A + A.mT) @ mu + c, A.diagonal()


# %% by the log-variance
# loses: exact-quadratic-by-sigma
# slug: gradient-by-log
# says: log sigma
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.mT) @ mu + c,
        A.diagonal() * sigma**2,
    )


# %% by log sigma
# loses: exact-quadratic-by-sigma
# slug: gradient-by-log
# says: log sigma
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma**2,
    )


# %% sigma lost
# loses: exact-quadratic-by-sigma
# slug: gradient-not-derived
# says: factor sigma
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.mT) @ mu + c,
        2 * A.diagonal(),
    )


# %% signs of a descent
# loses: exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: gradient-sign
# says: sign is reversed
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        -((A + A.mT) @ mu + c),
        -2 * A.diagonal() * sigma,
    )


# %% gradients swapped
# loses: exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: gradients-swapped
# says: changed places
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        2 * A.diagonal() * sigma,
        (A + A.mT) @ mu + c,
    )


# %% detached before autograd
# loses: exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: gradient-detached
# says: 0 everywhere
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        torch.zeros_like(mu),
        torch.zeros_like(sigma),
    )


# %% value per coordinate
# loses: exact-quadratic-value
# slug: shape-not-reduced
# says: it should be ()
def exact_quadratic(A, c, mu, sigma):
    return (
        mu * (A @ mu) + c * mu + A.diagonal() * sigma**2,
        (A + A.mT) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% c missing from the gradient alone
# loses: exact-quadratic-by-mu
# slug: gradient-no-linear
# says: c is missing
def exact_quadratic(A, c, mu, sigma):
    value = mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()
    return value, (A + A.mT) @ mu, 2 * A.diagonal() * sigma


# %% central differences of the value
# loses: exact-quadratic-by-mu, exact-quadratic-by-sigma
# slug: difference-quotient
# says: right to some digits only
def exact_quadratic(A, c, mu, sigma):
    def value(mu, sigma):
        return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()

    steps = 1e-5 * torch.eye(len(mu), dtype=mu.dtype)
    by_mu = torch.stack([value(mu + s, sigma) - value(mu - s, sigma) for s in steps]) / 2e-5
    by_sigma = torch.stack([value(mu, sigma + s) - value(mu, sigma - s) for s in steps]) / 2e-5
    return value(mu, sigma), by_mu, by_sigma


# %% requires_grad left on mu
# slug: argument-marked
# says: work on a detached copy
def exact_quadratic(A, c, mu, sigma):
    mu.requires_grad_()
    sigma.requires_grad_()
    v = mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()
    gm, gs = torch.autograd.grad(v, [mu, sigma])
    return v.detach(), gm, gs


# %% grad stays on mu and sigma, adds up
# slug: argument-marked
# says: work on a detached copy
def exact_quadratic(A, c, mu, sigma):
    mu.requires_grad_()
    sigma.requires_grad_()
    v = mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()
    v.backward()
    out = v.detach(), mu.grad.clone(), sigma.grad.clone()
    mu.requires_grad_(False)
    sigma.requires_grad_(False)
    return out


# %% squeeze: D = 1 gives numbers
# slug: shape-ones-dropped
# says: squeeze() takes every one of them
# loses: exact-quadratic-by-mu, exact-quadratic-by-sigma
def exact_quadratic(A, c, mu, sigma):
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        ((A + A.T) @ mu + c).squeeze(),
        (2 * A.diagonal() * sigma).squeeze(),
    )


# %% sigma clamped at 0.05
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: exact-quadratic-value, exact-quadratic-by-sigma
def exact_quadratic(A, c, mu, sigma):
    sigma = sigma.clamp(min=0.05)
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.T) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% sigma clamped at 0.2
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: exact-quadratic-value, exact-quadratic-by-sigma
def exact_quadratic(A, c, mu, sigma):
    sigma = sigma.clamp(min=0.2)
    return (
        mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum(),
        (A + A.T) @ mu + c,
        2 * A.diagonal() * sigma,
    )


# %% the value of samples, gradients by hand
# slug: value-random
# says: estimated by sampling
# loses: exact-quadratic-value
def exact_quadratic(A, c, mu, sigma):
    z = mu + sigma * torch.randn(100_000, len(mu), dtype=mu.dtype)
    value = torch.einsum("ni,ij,nj->n", z, A, z).mean() + (z @ c).mean()
    return value, (A + A.T) @ mu + c, 2 * A.diagonal() * sigma


# %% all of it of samples, through the path
# slug: value-random
# says: estimated by sampling
def exact_quadratic(A, c, mu, sigma):
    m, s = (each.detach().clone().requires_grad_() for each in (mu, sigma))
    z = m + s * torch.randn(50_000, len(m), dtype=m.dtype)
    value = ((z @ A) * z).sum(-1).mean() + (z @ c).mean()
    return value.detach(), *torch.autograd.grad(value, [m, s])


# %% gradients by the score of samples
# slug: value-random
# says: estimated by sampling
# loses: exact-quadratic-by-mu, exact-quadratic-by-sigma
def exact_quadratic(A, c, mu, sigma):
    eps = torch.randn(400_000, len(mu), dtype=mu.dtype)
    z = mu + sigma * eps
    f = ((z @ A) * z).sum(-1) + z @ c
    f = (f - f.mean())[:, None]
    value = mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()
    return value, (f * eps / sigma).mean(0), (f * (eps**2 - 1) / sigma).mean(0)


# %% numpy arrays
# slug: wrong-type
# says: A torch tensor is wanted
def exact_quadratic(A, c, mu, sigma):
    A, c, mu, sigma = (each.numpy() for each in (A, c, mu, sigma))
    value = mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()
    return value, (A + A.T) @ mu + c, 2 * A.diagonal() * sigma
