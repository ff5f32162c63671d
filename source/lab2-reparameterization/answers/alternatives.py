# ruff: noqa: F821, F811, B905
"""Right answers that are not the model answer: each must earn every mark.

Each block runs in the notebook, in place of the solution cell of its exercise.
"""


# %% exact-quadratic / einsum, gradients by autograd
def exact_quadratic(A, c, mu, sigma):
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    value = torch.einsum("i,ij,j->", m, A, m) + torch.einsum("i,i->", c, m)
    value = value + torch.einsum("ii,i->", A, s**2)
    by_mu, by_sigma = torch.autograd.grad(value, (m, s))
    return value.detach(), by_mu, by_sigma


# %% exact-quadratic / loops over coordinates
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


# %% exact-quadratic / trace with a covariance matrix, graph kept
def exact_quadratic(A, c, mu, sigma):
    covariance = torch.diag(sigma.square())
    value = torch.trace(A @ covariance) + mu.dot(A.matmul(mu)) + mu.dot(c)
    symmetric = (A + A.T) / 2
    return value, 2 * symmetric @ mu + c, (2 * symmetric * torch.diag(sigma)).sum(dim=0)


# %% exact-quadratic / named tuple, value still differentiable
def exact_quadratic(A, c, mu, sigma):
    from collections import namedtuple

    mu = mu.detach().clone().requires_grad_()
    second_moment = torch.outer(mu, mu) + torch.diag_embed(sigma**2)
    value = (A * second_moment).sum() + (c * mu).sum()
    (by_mu,) = torch.autograd.grad(value, mu, create_graph=True)
    return namedtuple("Quadratic", "value by_mu by_sigma")(value, by_mu, 2 * sigma * A.diag())


# %% exact-quadratic / jacobians of a function
def exact_quadratic(A, c, mu, sigma):
    def F(m, s):
        return m @ A @ m + c @ m + (A.diagonal() * s * s).sum()

    return (F(mu, sigma), *torch.autograd.functional.jacobian(F, (mu, sigma)))


# %% exact-quadratic / by quadrature, exact for polynomials
def exact_quadratic(A, c, mu, sigma):
    nodes, weight = np.polynomial.hermite_e.hermegauss(3)
    nodes = torch.cartesian_prod(*[torch.from_numpy(nodes)] * len(mu)).reshape(-1, len(mu))
    weight = torch.cartesian_prod(*[torch.from_numpy(weight)] * len(mu)).reshape(-1, len(mu))
    weight = weight.prod(1) / weight.prod(1).sum()
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    z = m + s * nodes
    value = weight @ ((z @ A * z).sum(1) + z @ c)
    return (value, *torch.autograd.grad(value, (m, s), retain_graph=True))


# %% score / autograd of Normal.log_prob on expanded leaves
def score(z, mu, sigma):
    m = mu.expand_as(z).clone().requires_grad_()
    s = sigma.expand_as(z).clone().requires_grad_()
    return torch.autograd.grad(Normal(m, s).log_prob(z).sum(), (m, s))


# %% score / written out with powers
def score(z, mu, sigma):
    by_mu = (z - mu) / sigma**2
    by_sigma = -1 / sigma + (z - mu) ** 2 * sigma**-3
    return by_mu, by_sigma


# %% score / vmap of a gradient
def score(z, mu, sigma):
    def log_q(m, s, row):
        return (-torch.log(s) - 0.5 * ((row - m) / s) ** 2).sum()

    rows = torch.func.vmap(torch.func.grad(log_q, argnums=(0, 1)), in_dims=(None, None, 0))
    return rows(mu, sigma, z)


# %% score / row by row
def score(z, mu, sigma):
    by_mu, by_sigma = [], []
    for row in z:
        by_mu.append(-(mu - row) / sigma / sigma)
        by_sigma.append((row - mu).abs().pow(2).div(sigma**3) - sigma.reciprocal())
    return torch.stack(by_mu), torch.stack(by_sigma)


# %% score / through precision
def score(z, mu, sigma):
    precision = sigma.pow(-2)
    off = torch.sub(z, mu)
    return off * precision, sigma * precision * (precision * off * off - 1.0)


# %% score / in inference mode
@torch.inference_mode()
def score(z, mu, sigma):
    eps = torch.div(z - mu, sigma)
    return torch.div(eps, sigma), torch.addcdiv(-1 / sigma, eps * eps, sigma.expand_as(eps))


# %% score-function / einsum
def score_function_gradient(f, z, mu, sigma):
    eps = (z - mu) / sigma
    values = f(z)
    by_mu = torch.einsum("k,kd->kd", values, eps / sigma)
    by_sigma = torch.einsum("k,kd,d->kd", values, eps**2 - 1, 1 / sigma)
    return by_mu, by_sigma


# %% score-function / autograd of the weighted log-density
def score_function_gradient(f, z, mu, sigma):
    with torch.no_grad():
        values = f(z)
    m = mu.repeat(len(z), 1).requires_grad_()
    s = sigma.repeat(len(z), 1).requires_grad_()
    weighted = values * Normal(m, s).log_prob(z).sum(1)
    return torch.autograd.grad(weighted.sum(), [m, s])


# %% score-function / row by row, f called on one row at a time
def score_function_gradient(f, z, mu, sigma):
    rows = [f(z[k : k + 1]) for k in range(len(z))]
    by_mu, by_sigma = score(z, mu, sigma)
    for_mu = torch.cat([v * by_mu[k] for k, v in enumerate(rows)]).reshape(z.shape)
    for_sigma = torch.stack([v.item() * by_sigma[k] for k, v in enumerate(rows)])
    return for_mu, for_sigma


# %% score-function / keyword arguments and unsqueeze, scores by the log trick on logsigma
def score_function_gradient(f, z, mu, sigma):
    values = f(z).unsqueeze(dim=-1)
    by_mu = values * (z - mu) / sigma.square()
    by_log_sigma = values * (((z - mu) / sigma).square() - 1)
    return [by_mu, by_log_sigma / sigma]


# %% score-function / a diagonal matrix
def score_function_gradient(f, z, mu, sigma):
    by_mu, by_sigma = score(mu=mu, sigma=sigma, z=z)
    weights = torch.diag(f(z.clone()))
    return weights @ by_mu, weights @ by_sigma


# %% score-function / in inference mode, through numpy
@torch.inference_mode()
def score_function_gradient(f, z, mu, sigma):
    values = torch.from_numpy(np.array(f(z)))
    by_mu, by_sigma = score(z, mu, sigma)
    return values.view(-1, 1).mul(by_mu), (by_sigma.T * values).T


# %% pathwise / leaves for every row
def pathwise_gradient(f, eps, mu, sigma):
    m = mu.detach().expand_as(eps).clone().requires_grad_()
    s = sigma.detach().expand_as(eps).clone().requires_grad_()
    return torch.autograd.grad(f(m + s * eps).sum(), (m, s))


# %% pathwise / backward and .grad
def pathwise_gradient(f, eps, mu, sigma):
    z = torch.addcmul(mu, sigma, eps)
    z.requires_grad_(True)
    f(z).sum().backward()
    return z.grad, z.grad.mul(eps)


# %% pathwise / vmap of a gradient
def pathwise_gradient(f, eps, mu, sigma):
    def along(m, s, noise):
        return f(m + s * noise)

    rows = torch.func.vmap(torch.func.grad(along, argnums=(0, 1)), in_dims=(None, None, 0))
    return rows(mu, sigma, eps)


# %% pathwise / row by row
def pathwise_gradient(f, eps, mu, sigma):
    by_mu, by_sigma = [], []
    for noise in eps:
        m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
        g = torch.autograd.grad(f((m + s * noise)[None])[0], (m, s))
        by_mu.append(g[0])
        by_sigma.append(g[1])
    return torch.stack(by_mu), torch.stack(by_sigma)


# %% pathwise / a vector of ones as grad_outputs
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu[None, :] + sigma[None, :] * eps).requires_grad_()
    values = f(z)
    g = torch.autograd.grad(values, z, grad_outputs=torch.ones_like(values), create_graph=True)[0]
    return [g, g * (z - mu) / sigma]


# %% pathwise / functional vjp
def pathwise_gradient(f, eps, mu, sigma):
    _, pull = torch.func.vjp(f, mu + sigma * eps)
    slope = pull(torch.ones(len(eps), dtype=eps.dtype))[0]
    return slope, torch.einsum("kd,kd->kd", slope, eps)


# %% pathwise / the diagonal of a jacobian
def pathwise_gradient(f, eps, mu, sigma):
    full = torch.autograd.functional.jacobian(f, mu + sigma * eps)  # (K, K, D)
    slope = full.diagonal(dim1=0, dim2=1).T
    return slope, slope * eps


# %% standard-error / by hand
def standard_error(estimates):
    K = estimates.shape[0]
    off = estimates - estimates.mean(dim=0, keepdim=True)
    return torch.sqrt((off**2).sum(dim=0) / (K * (K - 1)))


# %% standard-error / variance of the mean
def standard_error(estimates):
    return (torch.var(estimates, dim=0, unbiased=True) / estimates.size(0)).sqrt()


# %% standard-error / column by column
def standard_error(estimates):
    return torch.stack([x.std() / math.sqrt(len(x)) for x in estimates.unbind(dim=1)])


# %% standard-error / numpy, and back
def standard_error(estimates):
    x = estimates.numpy()
    return torch.from_numpy(np.std(x, axis=0, ddof=1) / np.sqrt(x.shape[0]))


# %% standard-error / differences of all pairs
def standard_error(estimates):
    K = len(estimates)
    pairs = estimates[:, None] - estimates[None]
    return (pairs.square().sum((0, 1)) / (2 * K * K * (K - 1))).sqrt()


# %% standard-error / in inference mode, Welford's running update
@torch.inference_mode()
def standard_error(estimates):
    mean, total = torch.zeros_like(estimates[0]), torch.zeros_like(estimates[0])
    for k, row in enumerate(estimates, start=1):
        off = row - mean
        mean = mean + off / k
        total = total + off * (row - mean)
    return (total / (k - 1) / k).sqrt()


# %% with-baseline / by a matrix
def with_baseline(f_values, scores):
    K = len(f_values)
    weights = (1 - torch.eye(K, dtype=f_values.dtype)) / (K - 1)
    return (f_values - weights @ f_values).unsqueeze(1) * scores


# %% with-baseline / the mean of all, rescaled
def with_baseline(f_values, scores):
    K = f_values.numel()
    return K / (K - 1) * (f_values - f_values.mean()).reshape(-1, 1) * scores


# %% with-baseline / a loop that leaves one out
def with_baseline(f_values, scores):
    rows = []
    for k in range(len(f_values)):
        others = torch.cat([f_values[:k], f_values[k + 1 :]])
        rows.append((f_values[k] - others.mean()) * scores[k])
    return torch.stack(rows)


# %% with-baseline / all pairs
def with_baseline(f_values, scores):
    pairs = f_values[:, None] - f_values[None, :]
    return torch.einsum("kj,kd->kd", pairs, scores) / (len(scores) - 1)


# %% with-baseline / the product taken apart
def with_baseline(f_values, scores):
    others = (torch.sum(f_values) - f_values) / (f_values.shape[0] - 1)
    return torch.diag(f_values) @ scores - others[:, None].expand_as(scores) * scores


# %% with-baseline / numpy, and back
def with_baseline(f_values, scores):
    f, s = f_values.numpy(), scores.numpy()
    others = np.array([np.delete(f, k).mean() for k in range(len(f))])
    return torch.tensor((f - others)[:, None] * s)


# %% with-baseline / sorted and put back
def with_baseline(f_values, scores):
    K = len(f_values)
    order = f_values.argsort()
    f = f_values[order]
    off = (K * f - f.sum()) / (K - 1)
    return off[order.argsort()].view(K, 1) * scores


# %% reparameterize / rsample
def reparameterize(mu, logvar):
    return Normal(mu, (0.5 * logvar).exp()).rsample()


# %% reparameterize / minus the noise
def reparameterize(mu, logvar):
    return mu - torch.sqrt(torch.exp(logvar)) * torch.randn(mu.shape, dtype=mu.dtype)


# %% reparameterize / multivariate normal
def reparameterize(mu, logvar):
    scale = torch.diag_embed(torch.exp(logvar / 2))
    return torch.distributions.MultivariateNormal(mu, scale_tril=scale).rsample()


# %% reparameterize / addcmul and normal_
def reparameterize(mu, logvar):
    eps = torch.empty_like(mu).normal_()
    return torch.addcmul(mu, eps, logvar.mul(0.5).exp())


# %% reparameterize / quantiles of uniform numbers
def reparameterize(mu, logvar):
    u = torch.rand_like(logvar).clamp(1e-15, 1 - 1e-15)
    return torch.special.ndtri(u) * math.e ** (logvar / 2) + mu


# %% score-surrogate / log-density by hand
def score_surrogate(f, z, mu, logvar):
    with torch.no_grad():
        z, weights = z.clone(), f(z)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return torch.dot(weights, log_q) / len(z)


# %% score-surrogate / independent
def score_surrogate(f, z, mu, logvar):
    z = z.data
    q = torch.distributions.Independent(Normal(mu, logvar.exp().sqrt()), 1)
    return torch.mean(f(z).detach() * q.log_prob(z))


# %% score-surrogate / sum over dimensions last, constants left out
def score_surrogate(f, z, mu, logvar):
    fixed = z.detach()
    weights = f(fixed).detach()[:, None]
    pieces = -logvar / 2 - (fixed - mu).square() * torch.exp(-logvar) / 2
    return (weights * pieces).mean(dim=0).sum()


# %% score-surrogate / the gradient by hand, times the parameters
def score_surrogate(f, z, mu, logvar):
    with torch.no_grad():
        sigma = torch.exp(logvar / 2)
        by_mu, by_sigma = score_function_gradient(f, z, mu, sigma)
        g_mu, g_logvar = by_mu.mean(0), (by_sigma * sigma / 2).mean(0)
    return mu @ g_mu + logvar @ g_logvar


# %% score-surrogate / one sample at a time
def score_surrogate(f, z, mu, logvar):
    total = 0.0
    for row in z.detach():
        log_q = Normal(mu, torch.exp(logvar / 2)).log_prob(row).sum()
        total = total + f(row[None]).detach()[0] * log_q / len(z)
    return total


# %% score-surrogate / the ratio of densities, whose gradient is the score
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(1)
    return (f(z).detach() * torch.exp(log_q - log_q.detach())).mean()


# %% score-surrogate / multivariate normal, averaged by a dot product
def score_surrogate(f, z, mu, logvar):
    q = torch.distributions.MultivariateNormal(mu, torch.diag(torch.exp(logvar)))
    z = z.detach()
    return f(z).detach() @ q.log_prob(z) / z.shape[0]


# %% score-surrogate / parameters repeated for each row
def score_surrogate(f, z, mu, logvar):
    m, s = mu.expand_as(z), torch.exp(logvar / 2).expand_as(z)
    z = z.detach()
    rows = [f(z).detach()[k] * Normal(m[k], s[k]).log_prob(z[k]).sum() for k in range(len(z))]
    return torch.stack(rows).mean()


# %% score-surrogate / a clone, detached in place
def score_surrogate(f, z, mu, logvar):
    z = z.clone().detach_()
    q = Normal(mu, torch.exp(logvar / 2))
    return (f(z).detach() * q.log_prob(z).sum(-1)).mean()


# %% fit / no_grad and clones
def fit(gradient, mu, logvar, steps, rate):
    mu, logvar = mu.clone(), logvar.clone()
    mus, logvars = [mu.clone()], [logvar.clone()]
    with torch.no_grad():
        for _ in range(steps):
            by_mu, by_logvar = gradient(mu, logvar)
            mu -= rate * by_mu
            logvar -= rate * by_logvar
            mus.append(mu.clone())
            logvars.append(logvar.clone())
    return torch.stack(mus), torch.stack(logvars)


# %% fit / preallocated
def fit(gradient, mu, logvar, steps, rate):
    mus = torch.empty(steps + 1, len(mu), dtype=mu.dtype)
    logvars = torch.empty_like(mus)
    mus[0], logvars[0] = mu, logvar
    for i in range(steps):
        g = gradient(mus[i], logvars[i])
        mus[i + 1] = mus[i] - rate * g[0]
        logvars[i + 1] = logvars[i] + g[1] * (-rate)
    return [mus, logvars]


# %% fit / torch.optim.SGD
def fit(gradient, mu, logvar, steps, rate):
    parameters = [mu.clone().requires_grad_(), logvar.clone().requires_grad_()]
    optimizer = torch.optim.SGD(parameters, lr=rate)
    path = [[p.detach().clone() for p in parameters]]
    for _ in range(steps):
        for p, g in zip(parameters, gradient(*parameters)):
            p.grad = g
        optimizer.step()
        path.append([p.detach().clone() for p in parameters])
    return tuple(torch.stack(part) for part in zip(*path))


# %% fit / recursion
def fit(gradient, mu, logvar, steps, rate):
    if steps == 0:
        return mu[None], logvar[None]
    by_mu, by_logvar = gradient(mu, logvar)
    mus, logvars = fit(gradient, mu - rate * by_mu, logvar - rate * by_logvar, steps - 1, rate)
    return torch.cat([mu[None], mus]), torch.cat([logvar[None], logvars])


# %% fit / both in one tensor
def fit(gradient, mu, logvar, steps, rate):
    points = [torch.stack([mu, logvar])]
    while len(points) <= steps:
        points.append(points[-1].sub(torch.stack(gradient(*points[-1])), alpha=rate))
    return torch.stack(points).unbind(dim=1)


# %% fit / in inference mode
@torch.inference_mode()
def fit(gradient, mu, logvar, steps, rate):
    points = [(mu, logvar)]
    for _ in range(steps):
        points.append(tuple(x - rate * g for x, g in zip(points[-1], gradient(*points[-1]))))
    return torch.stack([p[0] for p in points]), torch.stack([p[1] for p in points])


# %% fit / gradient asked for each of its two parts, both at the same point
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        at = mus[-1], logvars[-1]
        mus.append(at[0] - rate * gradient(*at)[0])
        logvars.append(at[1] - rate * gradient(*at)[1])
    return torch.stack(mus), torch.stack(logvars)


# %% exact-quadratic / torch.func.grad
def exact_quadratic(A, c, mu, sigma):
    def value(mu, sigma):
        return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()

    return value(mu, sigma), *torch.func.grad(value, argnums=(0, 1))(mu, sigma)


# %% exact-quadratic / forward mode, compiled
@torch.compile
def exact_quadratic(A, c, mu, sigma):
    def value(mu, sigma):
        return mu @ A @ mu + c @ mu + (A.diagonal() * sigma**2).sum()

    return value(mu, sigma), *torch.func.jacfwd(value, argnums=(0, 1))(mu, sigma)


# %% score / vmap of grad
def score(z, mu, sigma):
    def log_q(mu, sigma, z):
        return Normal(mu, sigma, validate_args=False).log_prob(z).sum()

    each = torch.func.vmap(torch.func.grad(log_q, argnums=(0, 1)), in_dims=(None, None, 0))
    return each(mu, sigma, z)


# %% score / jacfwd
def score(z, mu, sigma):
    def log_q(mu, sigma):
        return Normal(mu, sigma, validate_args=False).log_prob(z).sum(1)

    return torch.func.jacfwd(log_q, argnums=(0, 1))(mu, sigma)


# %% score / autograd's jacobian, forward mode
def score(z, mu, sigma):
    from torch.autograd.functional import jacobian

    def log_q(mu, sigma):
        return -0.5 * (((z - mu) / sigma) ** 2).sum(1) - sigma.log().sum()

    return jacobian(log_q, (mu, sigma), vectorize=True, strategy="forward-mode")


# %% score-function / vmap over the samples
def score_function_gradient(f, z, mu, sigma):
    def one(z):
        eps = (z - mu) / sigma
        return f(z) * eps / sigma, f(z) * (eps**2 - 1) / sigma

    return torch.func.vmap(one)(z)


# %% score-function / jacrev of the log density
def score_function_gradient(f, z, mu, sigma):
    def log_q(mu, sigma):
        return Normal(mu, sigma, validate_args=False).log_prob(z).sum(1)

    by_mu, by_sigma = torch.func.jacrev(log_q, argnums=(0, 1))(mu, sigma)
    values = torch.compile(f)(z)[:, None]
    return values * by_mu, values * by_sigma


# %% pathwise / vmap of grad
def pathwise_gradient(f, eps, mu, sigma):
    def path(mu, sigma, eps):
        return f(mu + sigma * eps)

    return torch.func.vmap(torch.func.grad(path, argnums=(0, 1)), in_dims=(None, None, 0))(
        mu, sigma, eps
    )


# %% pathwise / jacrev
def pathwise_gradient(f, eps, mu, sigma):
    return torch.func.jacrev(lambda m, s: f(m + s * eps), argnums=(0, 1))(mu, sigma)


# %% pathwise / jacfwd
def pathwise_gradient(f, eps, mu, sigma):
    return torch.func.jacfwd(lambda m, s: f(m + s * eps), argnums=(0, 1))(mu, sigma)


# %% pathwise / jvp along each coordinate
def pathwise_gradient(f, eps, mu, sigma):
    z = mu + sigma * eps
    slopes = []
    for e in torch.eye(len(mu), dtype=z.dtype):
        slopes.append(torch.func.jvp(f, (z,), (e.expand_as(z).contiguous(),))[1])
    slope = torch.stack(slopes, dim=1)
    return slope, slope * eps


# %% pathwise / dual numbers
def pathwise_gradient(f, eps, mu, sigma):
    import torch.autograd.forward_ad as forward_ad

    z = mu + sigma * eps
    slope = torch.zeros_like(z)
    for d in range(z.shape[1]):
        e = torch.zeros_like(z)
        e[:, d] = 1
        with forward_ad.dual_level():
            slope[:, d] = forward_ad.unpack_dual(f(forward_ad.make_dual(z, e))).tangent
    return slope, slope * eps


# %% pathwise / the callable compiled
def pathwise_gradient(f, eps, mu, sigma):
    m, s = (each.detach().expand_as(eps).clone().requires_grad_() for each in (mu, sigma))
    return torch.autograd.grad(torch.compile(f)(m + s * eps).sum(), (m, s))


# %% pathwise / vjp
def pathwise_gradient(f, eps, mu, sigma):
    value, pull = torch.func.vjp(f, mu + sigma * eps)
    (slope,) = pull(torch.ones_like(value))
    return slope, slope * eps


# %% pathwise / autograd's jacobian
def pathwise_gradient(f, eps, mu, sigma):
    slope = torch.autograd.functional.jacobian(lambda z: f(z).sum(), mu + sigma * eps)
    return slope, slope * eps


# %% standard-error / vmap over the columns
def standard_error(estimates):
    def of_column(column):
        return column.std() / len(column) ** 0.5

    return torch.func.vmap(of_column, in_dims=1)(estimates)


# %% with-baseline / vmap over the samples
def with_baseline(f_values, scores):
    total, others = f_values.sum(), len(f_values) - 1
    return torch.func.vmap(lambda f, score: (f - (total - f) / others) * score)(f_values, scores)


# %% reparameterize / vmap over the rows
def reparameterize(mu, logvar):
    def row(mu, logvar):
        return mu + torch.exp(logvar / 2) * torch.randn(mu.shape, dtype=mu.dtype)

    return torch.func.vmap(row, randomness="different")(mu, logvar)


# %% reparameterize / compiled
@torch.compile(dynamic=True)
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% score-surrogate / vmap of the log density
def score_surrogate(f, z, mu, logvar):
    z = z.detach()

    def log_q(z):
        return -0.5 * ((z - mu) ** 2 / logvar.exp() + logvar).sum()

    return (torch.func.vmap(f)(z).detach() * torch.func.vmap(log_q)(z)).mean()


# %% score-surrogate / the callable compiled
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    with torch.no_grad():
        values = torch.compile(f)(z)
    return (values * Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)).mean()


# %% score-surrogate / a product with the score by torch.func
def score_surrogate(f, z, mu, logvar):
    z = z.detach()

    def log_q(mu, logvar, z):
        return -0.5 * ((z - mu) ** 2 / logvar.exp() + logvar).sum()

    slopes = torch.func.vmap(torch.func.grad(log_q, argnums=(0, 1)), in_dims=(None, None, 0))
    by_mu, by_logvar = slopes(mu.detach(), logvar.detach(), z)
    values = f(z).detach()[:, None]
    return ((values * by_mu).mean(0) * mu).sum() + ((values * by_logvar).mean(0) * logvar).sum()


# %% fit / an optimizer with a schedule
def fit(gradient, mu, logvar, steps, rate):
    m, v = (torch.nn.Parameter(each.detach().clone()) for each in (mu, logvar))
    optimizer = torch.optim.SGD([m, v], lr=rate)
    schedule = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        m.grad, v.grad = (each.clone() for each in gradient(m.detach(), v.detach()))
        optimizer.step()
        schedule.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% fit / the callable compiled
def fit(gradient, mu, logvar, steps, rate):
    step = torch.compile(gradient)
    path = [(mu, logvar)]
    for _ in range(steps):
        slopes = step(*path[-1])
        path.append(tuple(p - rate * s for p, s in zip(path[-1], slopes)))
    mus, logvars = zip(*path)
    return torch.stack(mus), torch.stack(logvars)
