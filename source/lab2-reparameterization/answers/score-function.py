"""Answers to Exercise 3 of lab2-reparameterization: right ones, then wrong ones."""


# %% einsum
def score_function_gradient(f, z, mu, sigma, score=score):
    eps = (z - mu) / sigma
    values = f(z)
    by_mu = torch.einsum("k,kd->kd", values, eps / sigma)
    by_sigma = torch.einsum("k,kd,d->kd", values, eps**2 - 1, 1 / sigma)
    return by_mu, by_sigma


# %% autograd of the weighted log-density
def score_function_gradient(f, z, mu, sigma, score=score):
    with torch.no_grad():
        values = f(z)
    m = mu.repeat(len(z), 1).requires_grad_()
    s = sigma.repeat(len(z), 1).requires_grad_()
    weighted = values * Normal(m, s).log_prob(z).sum(1)
    return torch.autograd.grad(weighted.sum(), [m, s])


# %% row by row, f called on one row at a time
def score_function_gradient(f, z, mu, sigma, score=score):
    rows = [f(z[k : k + 1]) for k in range(len(z))]
    by_mu, by_sigma = score(z, mu, sigma)
    for_mu = torch.cat([v * by_mu[k] for k, v in enumerate(rows)]).reshape(z.shape)
    for_sigma = torch.stack([v.item() * by_sigma[k] for k, v in enumerate(rows)])
    return for_mu, for_sigma


# %% without the argument that may be left out, scores by the log trick on logsigma
def score_function_gradient(f, z, mu, sigma):
    values = f(z).unsqueeze(dim=-1)
    by_mu = values * (z - mu) / sigma.square()
    by_log_sigma = values * (((z - mu) / sigma).square() - 1)
    return [by_mu, by_log_sigma / sigma]


# %% a diagonal matrix
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(mu=mu, sigma=sigma, z=z)
    weights = torch.diag(f(z.clone()))
    return weights @ by_mu, weights @ by_sigma


# %% in inference mode, through numpy
@torch.inference_mode()
def score_function_gradient(f, z, mu, sigma, score=score):
    values = torch.from_numpy(np.array(f(z)))
    by_mu, by_sigma = score(z, mu, sigma)
    return values.view(-1, 1).mul(by_mu), (by_sigma.T * values).T


# %% vmap over the samples
def score_function_gradient(f, z, mu, sigma, **others):
    def one(z):
        eps = (z - mu) / sigma
        return f(z) * eps / sigma, f(z) * (eps**2 - 1) / sigma

    return torch.func.vmap(one)(z)


# %% jacrev of the log density
def score_function_gradient(f, z, mu, sigma, score=score):
    def log_q(mu, sigma):
        return Normal(mu, sigma, validate_args=False).log_prob(z).sum(1)

    by_mu, by_sigma = torch.func.jacrev(log_q, argnums=(0, 1))(mu, sigma)
    values = torch.compile(f)(z)[:, None]
    return values * by_mu, values * by_sigma


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    f(z)[:, None] * by_mu, f(z)[:, None] * by_sigma


# %% float32
# slug: lost-precision
# says: torch.float32
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)[:, None].float()
    return v * by_mu.float(), v * by_sigma.float()


# %% f on float32
# slug: lost-precision
# says: z in torch.float32
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z.float())[:, None]
    return v * by_mu, v * by_sigma


# %% generators
# slug: wrong-type
# says: a generator
def score_function_gradient(f, z, mu, sigma, score=score):
    parts = score(z, mu, sigma)
    return (f(z)[:, None] * part for part in parts)


# %% a float
# slug: wrong-type
# says: by_mu is float
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    return (f(z)[:, None] * by_mu).mean().item(), (f(z)[:, None] * by_sigma).mean().item()


# %% shapes that do not fit
# slug: raised
# says: f needs a second dimension
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    return f(z) * by_mu, f(z) * by_sigma


# %% sign reversed
# slug: estimator-sign
# says: points the wrong way
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    return -f(z)[:, None] * by_mu, -f(z)[:, None] * by_sigma


# %% the score alone
# slug: estimator-no-f
# says: f is missing
def score_function_gradient(f, z, mu, sigma, score=score):
    return score(z, mu, sigma)


# %% f alone
# slug: estimator-no-score
# says: the score is missing
def score_function_gradient(f, z, mu, sigma, score=score):
    v = f(z)[:, None].expand_as(z)
    return v, v


# %% f times the log-density
# slug: estimator-log-density
# says: gradient of log q
def score_function_gradient(f, z, mu, sigma, score=score):
    v = f(z)[:, None] * Normal(mu, sigma).log_prob(z)
    return v, v


# %% gradient of the density
# slug: score-of-density
# says: gradient of the density
def score_function_gradient(f, z, mu, sigma, score=score):
    m, s = (x.expand_as(z).clone().requires_grad_() for x in (mu, sigma))
    q = Normal(m, s).log_prob(z).sum(1).exp()
    return torch.autograd.grad((f(z) * q).sum(), (m, s))


# %% f differentiated too
# slug: estimator-f-differentiated
# says: f is a value here
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    eps = (z - mu) / sigma
    z = z.detach().clone().requires_grad_()
    v = f(z)
    (slope,) = torch.autograd.grad(v.sum(), z)
    v = v.detach()[:, None]
    return v * by_mu + slope, v * by_sigma + slope * eps


# %% pathwise instead
# slug: estimator-pathwise
# says: needs no derivative of f
def score_function_gradient(f, z, mu, sigma, score=score):
    return pathwise_gradient(f, (z - mu) / sigma, mu, sigma)


# %% slope times score
# slug: estimator-slope-times-score
# says: f itself is wanted
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    x = z.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(f(x).sum(), x)
    return slope * by_mu, slope * by_sigma


# %% pathwise by finite differences
# slug: wrong-value
# says: it should be
def score_function_gradient(f, z, mu, sigma, score=score):
    h = 1e-6
    columns = []
    for d in range(z.shape[1]):
        h_d = h * torch.eye(z.shape[1], dtype=z.dtype)[d]
        columns.append((f(z + h_d) - f(z - h_d)) / (2 * h))
    slope = 1.001 * torch.stack(columns, dim=1)
    return slope, slope * (z - mu) / sigma


# %% mean of f first
# slug: estimator-mean-f
# says: each score goes with its own
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    return f(z).mean() * by_mu, f(z).mean() * by_sigma


# %% a baseline
# slug: estimator-baseline
# says: section 4.2
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)
    v = (v - v.mean())[:, None]
    return v * by_mu, v * by_sigma


# %% the value at the mean as baseline
# loses: score-function-rows, score-function-black-box
# slug: estimator-baseline
# says: section 4.2
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    v = (f(z) - f(mu[None]))[:, None]
    return v * by_mu, v * by_sigma


# %% f at the mean
# slug: estimator-f-elsewhere
# says: somewhere else
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    return f(mu) * by_mu, f(mu) * by_sigma


# %% f at the noise
# slug: estimator-f-elsewhere
# says: somewhere else
def score_function_gradient(f, z, mu, sigma, score=score):
    eps = (z - mu) / sigma
    v = f(eps)[:, None]
    return v * eps / sigma, v * (eps**2 - 1) / sigma


# %% by the log-variance
# slug: gradient-by-log
# says: log sigma
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)[:, None]
    return v * by_mu, v * by_sigma * sigma / 2


# %% averaged over samples
# slug: samples-merged
# says: one row for each sample
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)[:, None]
    return (v * by_mu).mean(0), (v * by_sigma).mean(0)


# %% divided by K
# slug: divided-by-samples
# says: not their mean
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)[:, None] / len(z)
    return v * by_mu, v * by_sigma


# %% summed over coordinates
# slug: coordinates-merged
# says: of its own
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)
    return v * by_mu.sum(1), v * by_sigma.sum(1)


# %% without the normalizer
# slug: score-no-normalizer
# says: normalizer
def score_function_gradient(f, z, mu, sigma, score=score):
    v = f(z)[:, None]
    return v * (z - mu) / sigma**2, v * (z - mu) ** 2 / sigma**3


# %% swapped
# slug: gradients-swapped
# says: changed places
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    v = f(z)[:, None]
    return v * by_sigma, v * by_mu


# %% f of a number
# slug: f-called-wrongly
# says: f was called with
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    v = torch.stack([f(row[0]) for row in z])[:, None]
    return v * by_mu, v * by_sigma


# %% a derivative of f that is not used
# loses: score-function-black-box
# slug: black-box
# says: only calls f
def score_function_gradient(f, z, mu, sigma, score=score):
    x = z.detach().clone().requires_grad_()
    v = f(x)
    torch.autograd.grad(v.sum(), x)
    by_mu, by_sigma = score(z, mu, sigma)
    return v.detach()[:, None] * by_mu, v.detach()[:, None] * by_sigma


# %% samples drawn anew
# slug: wrong-value
# says: it should be
def score_function_gradient(f, z, mu, sigma, score=score):
    z = mu + sigma * torch.randn_like(z)
    by_mu, by_sigma = score(z, mu, sigma)
    return f(z)[:, None] * by_mu, f(z)[:, None] * by_sigma


# %% means of f and of the path, mixed
# slug: estimator-pathwise
# says: needs no derivative of f
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    x = z.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(f(x).sum(), x)
    return slope, f(z)[:, None] * by_sigma


# %% twice the pathwise, less the score function
# slug: wrong-value
# says: it should be
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    a, b = pathwise_gradient(f, (z - mu) / sigma, mu, sigma)
    v = f(z)[:, None]
    return 2 * a - v * by_mu, 2 * b - v * by_sigma


# %% scores by a difference quotient
# slug: difference-quotient
# says: right to some digits only
def score_function_gradient(f, z, mu, sigma, score=score):
    h, values = 1e-5, f(z)[:, None]
    by_mu = Normal(mu + h, sigma).log_prob(z) - Normal(mu - h, sigma).log_prob(z)
    by_sigma = Normal(mu, sigma + h).log_prob(z) - Normal(mu, sigma - h).log_prob(z)
    return values * by_mu / (2 * h), values * by_sigma / (2 * h)


# %% a density without its normalizer
# slug: score-of-density
# says: gradient of the density
def score_function_gradient(f, z, mu, sigma, score=score):
    by_mu, by_sigma = score(z, mu, sigma)
    q = f(z)[:, None] * torch.exp(-(((z - mu) / sigma) ** 2).sum(1, keepdim=True) / 2)
    return q * by_mu, q * by_sigma


# %% no unsqueeze: right only when K == D or D == 1.. broadcast
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: score-function-rows
def score_function_gradient(f, z, mu, sigma, score=score):
    a, b = score(z, mu, sigma)
    v = f(z)
    if v.shape[0] == a.shape[1]:
        return v * a, v * b
    return v[:, None] * a, v[:, None] * b


# %% z made to require grad before f (f may not have a graph)
# slug: black-box
# says: this estimator only calls f
# loses: score-function-black-box
def score_function_gradient(f, z, mu, sigma, score=score):
    zz = z.detach().clone().requires_grad_()
    v = f(zz)
    a, b = score(z, mu, sigma)
    return (v[:, None] * a), (v[:, None] * b)


# %% requires_grad left on z
# slug: argument-marked
# says: work on a detached copy
def score_function_gradient(f, z, mu, sigma, score=score):
    z.requires_grad_()
    v = f(z).detach()
    a, b = score(z.detach(), mu, sigma)
    return v[:, None] * a, v[:, None] * b


# %% f's result clamped to +-1e6
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: score-function-rows
def score_function_gradient(f, z, mu, sigma, score=score):
    v = f(z)[:, None].clamp(-1e6, 1e6)
    a, b = score(z, mu, sigma)
    return v * a, v * b


# %% f clamped at +-1e4
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: score-function-rows
def score_function_gradient(f, z, mu, sigma, score=score):
    v = f(z)[:, None].clamp(-1e4, 1e4)
    a, b = score(z, mu, sigma)
    return v * a, v * b


# %% grad left on mu by autograd with backward
# slug: argument-marked
# says: work on a detached copy
def score_function_gradient(f, z, mu, sigma, score=score):
    v = f(z).detach()
    mu.requires_grad_()
    sigma.requires_grad_()
    lp = torch.distributions.Normal(mu, sigma).log_prob(z.detach()).sum(1)
    a, b = [], []
    for k in range(len(z)):
        ga, gb = torch.autograd.grad(lp[k], (mu, sigma), retain_graph=True)
        a.append(v[k] * ga)
        b.append(v[k] * gb)
    return torch.stack(a), torch.stack(b)
