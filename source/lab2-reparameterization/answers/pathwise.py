"""Answers to Exercise 4 of lab2-reparameterization: right ones, then wrong ones."""


# %% leaves for every row
def pathwise_gradient(f, eps, mu, sigma):
    m = mu.detach().expand_as(eps).clone().requires_grad_()
    s = sigma.detach().expand_as(eps).clone().requires_grad_()
    return torch.autograd.grad(f(m + s * eps).sum(), (m, s))


# %% backward and .grad
def pathwise_gradient(f, eps, mu, sigma):
    z = torch.addcmul(mu, sigma, eps)
    z.requires_grad_(True)
    f(z).sum().backward()
    return z.grad, z.grad.mul(eps)


# %% vmap of a gradient
def pathwise_gradient(f, eps, mu, sigma):
    def along(m, s, noise):
        return f(m + s * noise)

    rows = torch.func.vmap(torch.func.grad(along, argnums=(0, 1)), in_dims=(None, None, 0))
    return rows(mu, sigma, eps)


# %% row by row
def pathwise_gradient(f, eps, mu, sigma):
    by_mu, by_sigma = [], []
    for noise in eps:
        m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
        g = torch.autograd.grad(f((m + s * noise)[None])[0], (m, s))
        by_mu.append(g[0])
        by_sigma.append(g[1])
    return torch.stack(by_mu), torch.stack(by_sigma)


# %% a vector of ones as grad_outputs
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu[None, :] + sigma[None, :] * eps).requires_grad_()
    values = f(z)
    g = torch.autograd.grad(values, z, grad_outputs=torch.ones_like(values), create_graph=True)[0]
    return [g, g * (z - mu) / sigma]


# %% functional vjp
def pathwise_gradient(f, eps, mu, sigma):
    _, pull = torch.func.vjp(f, mu + sigma * eps)
    slope = pull(torch.ones(len(eps), dtype=eps.dtype))[0]
    return slope, torch.einsum("kd,kd->kd", slope, eps)


# %% the diagonal of a jacobian
def pathwise_gradient(f, eps, mu, sigma):
    full = torch.autograd.functional.jacobian(f, mu + sigma * eps)  # (K, K, D)
    slope = full.diagonal(dim1=0, dim2=1).T
    return slope, slope * eps


# %% vmap of grad
def pathwise_gradient(f, eps, mu, sigma):
    def path(mu, sigma, eps):
        return f(mu + sigma * eps)

    return torch.func.vmap(torch.func.grad(path, argnums=(0, 1)), in_dims=(None, None, 0))(
        mu, sigma, eps
    )


# %% jacrev
def pathwise_gradient(f, eps, mu, sigma):
    return torch.func.jacrev(lambda m, s: f(m + s * eps), argnums=(0, 1))(mu, sigma)


# %% jacfwd
def pathwise_gradient(f, eps, mu, sigma):
    return torch.func.jacfwd(lambda m, s: f(m + s * eps), argnums=(0, 1))(mu, sigma)


# %% jvp along each coordinate
def pathwise_gradient(f, eps, mu, sigma):
    z = mu + sigma * eps
    slopes = []
    for e in torch.eye(len(mu), dtype=z.dtype):
        slopes.append(torch.func.jvp(f, (z,), (e.expand_as(z).contiguous(),))[1])
    slope = torch.stack(slopes, dim=1)
    return slope, slope * eps


# %% dual numbers
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


# %% the callable compiled
def pathwise_gradient(f, eps, mu, sigma):
    m, s = (each.detach().expand_as(eps).clone().requires_grad_() for each in (mu, sigma))
    return torch.autograd.grad(torch.compile(f)(m + s * eps).sum(), (m, s))


# %% vjp
def pathwise_gradient(f, eps, mu, sigma):
    value, pull = torch.func.vjp(f, mu + sigma * eps)
    (slope,) = pull(torch.ones_like(value))
    return slope, slope * eps


# %% autograd's jacobian
def pathwise_gradient(f, eps, mu, sigma):
    slope = torch.autograd.functional.jacobian(lambda z: f(z).sum(), mu + sigma * eps)
    return slope, slope * eps


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).requires_grad_()
    f(z).sum().backward()


# %% float32
# loses: pathwise-rows, pathwise-unbiased
# slug: lost-precision
# says: torch.float32
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope.float(), (slope * eps).float()


# %% floats
# slug: wrong-type
# says: by_mu is float
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope.mean().item(), (slope * eps).mean().item()


# %% the noise overwritten
# slug: changed-argument
# says: changed the values of `eps`
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, eps.mul_(slope)


# %% nan from a division
# slug: nan
# says: contains nan
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps * (0 * sigma) / (0 * sigma)


# %% eps missing
# slug: pathwise-no-eps
# says: it is missing from the gradient by sigma
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope


# %% z in place of eps
# slug: pathwise-by-z
# says: the noise alone
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * z.detach()


# %% eps on mu as well
# slug: pathwise-eps-for-mu
# says: dz/dmu is 1
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope * eps, slope * eps


# %% derivative by the noise
# slug: pathwise-times-sigma
# says: derivative by eps
def pathwise_gradient(f, eps, mu, sigma):
    e = eps.clone().requires_grad_()
    (slope,) = torch.autograd.grad(f(mu + sigma * e).sum(), e)
    return slope, slope * eps


# %% derivative at the noise
# slug: pathwise-elsewhere
# says: somewhere else
def pathwise_gradient(f, eps, mu, sigma):
    z = (eps.clone()).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% derivative at the mean
# slug: pathwise-elsewhere
# says: somewhere else
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + 0 * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% sigma squared on the path
# slug: noise-by-variance
# says: stretched by sigma squared instead of sigma
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma**2 * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% root of sigma on the path
# slug: noise-by-root
# says: root of sigma
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma.sqrt() * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% mean stretched along
# slug: mu-scaled
# says: the mean is scaled
def pathwise_gradient(f, eps, mu, sigma):
    z = (sigma * (mu + eps)).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% mean left out
# slug: mu-detached
# says: mu is missing
def pathwise_gradient(f, eps, mu, sigma):
    z = (sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% sigma taken for a log-variance
# slug: noise-by-exp
# says: no exp is taken
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + torch.exp(sigma / 2) * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% f in place of its derivative
# slug: estimator-no-derivative
# says: its derivative along the path
def pathwise_gradient(f, eps, mu, sigma):
    v = f(mu + sigma * eps)[:, None].expand_as(eps)
    return v, v * eps


# %% score function instead
# slug: estimator-score-function
# says: follow the path
def pathwise_gradient(f, eps, mu, sigma):
    return score_function_gradient(f, mu + sigma * eps, mu, sigma)


# %% sign reversed
# slug: estimator-sign
# says: points the wrong way
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return -slope, -slope * eps


# %% by the log-variance
# slug: gradient-by-log
# says: log sigma
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps * sigma / 2


# %% divided by K
# slug: divided-by-samples
# says: not their mean
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).requires_grad_()
    (slope,) = torch.autograd.grad(f(z).mean(), z)
    return slope, slope * eps


# %% summed by autograd
# slug: samples-merged
# says: one row for each sample
def pathwise_gradient(f, eps, mu, sigma):
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    return torch.autograd.grad(f(m + s * eps).sum(), (m, s))


# %% averaged
# slug: samples-merged
# says: one row for each sample
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope.mean(0), (slope * eps).mean(0)


# %% summed over coordinates
# slug: coordinates-merged
# says: of its own
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope.sum(1), (slope * eps).sum(1)


# %% swapped
# slug: gradients-swapped
# says: changed places
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope * eps, slope


# %% sample detached
# slug: raised
# says: does not require grad
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach()
    f(z).sum().backward()
    return z.grad, z.grad * eps


# %% gradient of a detached copy
# slug: gradient-detached
# says: 0 everywhere
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).requires_grad_()
    (slope,) = torch.autograd.grad((f(z.detach()).sum() + 0 * z.sum()), z)
    return slope, slope * eps


# %% own noise
# slug: wrong-value
# says: it should be
def pathwise_gradient(f, eps, mu, sigma):
    eps = torch.randn_like(eps)
    z = (mu + sigma * eps).detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% requires_grad left on the arguments
# loses: pathwise-clean
# slug: argument-marked
# says: `mu` has requires_grad=True
def pathwise_gradient(f, eps, mu, sigma):
    mu.requires_grad_()
    sigma.requires_grad_()
    z = mu + sigma * eps
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


# %% gradients that add up
# slug: argument-marked
# says: work on a detached copy
# loses: pathwise-clean
def pathwise_gradient(f, eps, mu, sigma):
    eps.requires_grad_()
    f(mu + sigma * eps).sum().backward()
    slope = eps.grad / sigma
    return slope, slope * eps.detach()


# %% gradients left on the noise
# slug: argument-marked
# says: work on a detached copy
# loses: pathwise-clean
def pathwise_gradient(f, eps, mu, sigma):
    eps.requires_grad_()
    eps.grad = None
    f(mu + sigma * eps).sum().backward()
    slope = eps.grad / sigma
    return slope, slope * eps.detach()


# %% rows that add up
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


# %% one gradient many times
# slug: value-averaged
# says: it should be
def pathwise_gradient(f, eps, mu, sigma):
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    g = torch.autograd.grad(f(m + s * eps).mean(), (m, s))
    return g[0].expand_as(eps), g[1].expand_as(eps)


# %% the score function of exercise 3
# slug: estimator-score-function
# says: follow the path
def pathwise_gradient(f, eps, mu, sigma):
    return score_function_gradient(f, mu + sigma * eps, mu, sigma)


# %% nothing but zeros
# slug: gradient-detached
# says: 0 everywhere
def pathwise_gradient(f, eps, mu, sigma):
    return 0 * eps, 0 * eps


# %% central differences
# slug: difference-quotient
# says: right to some digits only
def pathwise_gradient(f, eps, mu, sigma):
    z, h = mu + sigma * eps, 1e-5
    steps = h * torch.eye(len(mu), dtype=z.dtype)
    slope = torch.stack([(f(z + s) - f(z - s)) / (2 * h) for s in steps], dim=1)
    return slope, slope * eps


# %% differences to one side
# slug: difference-quotient
# says: derive exactly
def pathwise_gradient(f, eps, mu, sigma):
    z, h = mu + sigma * eps, 1e-6
    steps = h * torch.eye(len(mu), dtype=z.dtype)
    slope = torch.stack([(f(z + s) - f(z)) / h for s in steps], dim=1)
    return slope, slope * eps


# %% central differences of higher order
# slug: difference-quotient
# says: difference quotient
def pathwise_gradient(f, eps, mu, sigma):
    z, h = mu + sigma * eps, 1e-3
    steps = h * torch.eye(len(mu), dtype=z.dtype)
    near = torch.stack([(f(z + s) - f(z - s)) / (2 * h) for s in steps], dim=1)
    far = torch.stack([(f(z + 2 * s) - f(z - 2 * s)) / (4 * h) for s in steps], dim=1)
    slope = (4 * near - far) / 3
    return slope, slope * eps


# %% K == D: g * eps.T
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: pathwise-rows
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (g,) = torch.autograd.grad(f(z).sum(), z)
    return g, g * (eps.T if eps.shape[0] == eps.shape[1] and eps.shape[0] > 1 else eps)


# %% sigma clamped at 0.05
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: pathwise-rows
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma.clamp(min=0.05) * eps).detach().requires_grad_()
    (g,) = torch.autograd.grad(f(z).sum(), z)
    return g, g * eps


# %% sigma clamped at 0.2
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: pathwise-rows
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma.clamp(min=0.2) * eps).detach().requires_grad_()
    (g,) = torch.autograd.grad(f(z).sum(), z)
    return g, g * eps


# %% D up to 3 only
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: pathwise-rows
def pathwise_gradient(f, eps, mu, sigma):
    z = (mu + sigma * eps).detach().requires_grad_()
    (g,) = torch.autograd.grad(f(z).sum(), z)
    g = torch.cat([g[:, :3], 0 * g[:, 3:]], 1)
    return g, g * eps
