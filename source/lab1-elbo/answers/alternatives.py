# ruff: noqa: F821, F811
"""Right answers that are not the model answer: each must earn every mark.

Each block runs in the notebook, in place of the solution cell of its exercise.
"""


# %% log-joint / torch.distributions
def log_joint(x, z, W, b, s):
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z))
    likelihood = torch.distributions.Normal(z @ W.T + b, s)
    return likelihood.log_prob(x).sum(-1) + prior.log_prob(z).sum(-1)


# %% log-joint / MultivariateNormal
def log_joint(x, z, W, b, s):
    eye_p = torch.eye(len(b), dtype=x.dtype)
    eye_d = torch.eye(z.shape[-1], dtype=x.dtype)
    likelihood = torch.distributions.MultivariateNormal(torch.matmul(z, W.t()) + b, s**2 * eye_p)
    prior = torch.distributions.MultivariateNormal(torch.zeros(z.shape[-1], dtype=x.dtype), eye_d)
    return likelihood.log_prob(x) + prior.log_prob(z)


# %% log-joint / einsum and a log of the whole constant
def log_joint(x, z, W, b, s):
    mean = torch.einsum("pd,...d->...p", W, z) + b
    off = mean - x
    quadratic = torch.einsum("...p,...p->...", off, off) / s**2 + torch.einsum(
        "...d,...d->...", z, z
    )
    P, D = W.shape
    return -(quadratic + 2 * P * math.log(s) + (P + D) * math.log(2 * math.pi)) / 2


# %% log-joint / loops over samples and images
def log_joint(x, z, W, b, s):
    if z.ndim == 3:
        return torch.stack([log_joint(x, codes, W, b, s) for codes in z])
    rows = []
    for image, code in zip(x, z, strict=True):
        value = torch.zeros((), dtype=x.dtype)
        for j in range(len(b)):
            r = image[j] - b[j] - (W[j] * code).sum()
            value = value - r * r / (2 * s * s) - 0.5 * math.log(2 * math.pi * s * s)
        for c in code:
            value = value - c * c / 2 - 0.5 * math.log(2 * math.pi)
        rows.append(value)
    return torch.stack(rows)


# %% log-joint / joint Gaussian over x and z
def log_joint(x, z, W, b, s):
    P, D = W.shape
    eye_d, eye_p = torch.eye(D, dtype=x.dtype), torch.eye(P, dtype=x.dtype)
    precision = torch.cat(
        [
            torch.cat([eye_p / s**2, -W / s**2], 1),
            torch.cat([-W.T / s**2, eye_d + W.T @ W / s**2], 1),
        ]
    )
    both = torch.cat([(x - b).expand(*z.shape[:-1], P), z], -1)
    logdet = 2 * P * math.log(s)
    quadratic = (both @ precision * both).sum(-1)
    return -0.5 * (quadratic + logdet + (P + D) * math.log(2 * math.pi))


# %% naive-log-evidence / distributions and logsumexp over the first dimension
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    prior = torch.distributions.Normal(torch.tensor(0.0, dtype=x.dtype), 1.0)
    z = prior.sample((num_samples, x.shape[0], latent_dim))
    logs = log_likelihood(x, z)
    return logs.logsumexp(dim=0) - torch.tensor(float(num_samples), dtype=x.dtype).log()


# %% naive-log-evidence / float32 noise turned into float64, antithetic halves
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    half = torch.randn((num_samples + 1) // 2, len(x), latent_dim).to(x)
    z = torch.cat([half, -half])[:num_samples]
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / one sample at a time
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    total = torch.full((len(x),), -math.inf, dtype=x.dtype)
    for _ in range(num_samples):
        z = torch.randn(len(x), latent_dim, dtype=x.dtype)
        total = torch.logaddexp(total, log_likelihood(x, z))
    return total - math.log(num_samples)


# %% naive-log-evidence / one image at a time
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    found = []
    for image in x:
        z = torch.randn(num_samples, latent_dim, dtype=x.dtype)
        logs = log_likelihood(image, z)
        top = logs.max()
        found.append(top + (logs - top).exp().mean().log())
    return torch.stack(found)


# %% naive-log-evidence / samples in the second dimension, with the largest pulled out
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.empty(len(x), num_samples, latent_dim, dtype=x.dtype).normal_()
    logs = log_likelihood(x[:, None, :], z)  # (B, K)
    top = logs.amax(dim=1, keepdim=True)
    return (torch.log(torch.mean(torch.exp(logs - top), dim=1, keepdim=True)) + top).squeeze(1)


# %% naive-log-evidence / x repeated, one flat batch
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    B = len(x)
    z = -torch.randn(num_samples * B, latent_dim, dtype=torch.float64)
    logs = log_likelihood(x.repeat(num_samples, 1), z).reshape(num_samples, B)
    return torch.logsumexp(logs - math.log(num_samples), 0)


# %% gaussian-kl / kl_divergence
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(q, p).sum(dim=1)


# %% gaussian-kl / as in the paper, with a minus sign
def gaussian_kl(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=-1)


# %% gaussian-kl / a loop over the latent dimensions
def gaussian_kl(mu, logvar):
    total = torch.zeros(len(mu), dtype=mu.dtype)
    for d in range(mu.shape[1]):
        total = total + (mu[:, d] ** 2 + torch.expm1(logvar[:, d]) - logvar[:, d]) / 2
    return total


# %% gaussian-kl / einsum
def gaussian_kl(mu, logvar):
    square = torch.einsum("bd,bd->b", mu, mu)
    return (square + torch.einsum("bd->b", torch.exp(logvar) - logvar) - mu.size(1)) * 0.5


# %% log-q / torch.distributions
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(dim=-1)


# %% log-q / Independent
def log_q(z, mu, logvar):
    normal = torch.distributions.Normal(loc=mu, scale=logvar.mul(0.5).exp())
    return torch.distributions.Independent(normal, 1).log_prob(z)


# %% log-q / standardized first
def log_q(z, mu, logvar):
    eps = (z - mu) / torch.exp(0.5 * logvar)
    D = mu.shape[-1]
    return -eps.pow(2).sum(-1) / 2 - logvar.sum(-1) / 2 - D * math.log(math.sqrt(2 * math.pi))


# %% log-q / MultivariateNormal
def log_q(z, mu, logvar):
    return torch.distributions.MultivariateNormal(mu, torch.diag_embed(logvar.exp())).log_prob(z)


# %% log-q / einsum and F.gaussian_nll_loss
def log_q(z, mu, logvar):
    shape = torch.broadcast_shapes(z.shape, mu.shape)
    nll = torch.nn.functional.gaussian_nll_loss(
        mu.expand(shape), z, logvar.exp().expand(shape), full=True, eps=1e-300, reduction="none"
    )
    return -torch.einsum("...d->...", nll)


# %% elbo-mc / rsample and log_prob
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    q = torch.distributions.Independent(torch.distributions.Normal(mu, torch.exp(0.5 * logvar)), 1)
    z = q.rsample((num_samples,))
    return torch.mean(log_joint(x, z) - q.log_prob(z), dim=0)


# %% elbo-mc / one sample at a time
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    total = 0
    for _ in range(num_samples):
        z = mu - logvar.mul(0.5).exp() * torch.randn_like(mu)
        total = total + log_joint(x, z) - log_q(z, mu, logvar)
    return total / num_samples


# %% elbo-mc / repeated rows
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    B = x.shape[0]
    m, v = mu.repeat(num_samples, 1), logvar.repeat(num_samples, 1)
    z = m + torch.randn_like(m) * torch.sqrt(v.exp())
    weights = log_joint(x.repeat(num_samples, 1), z) - log_q(z, m, v)
    return weights.view(num_samples, B).mean(0)


# %% elbo-mc / log q from the noise
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn((num_samples, *mu.shape), dtype=mu.dtype)
    z = mu[None] + torch.exp(logvar / 2)[None] * eps
    entropy_of_draw = 0.5 * (eps**2 + logvar + math.log(2 * math.pi)).sum(-1)
    return (log_joint(x, z) + entropy_of_draw).sum(0) / num_samples


# %% elbo-mc / one image at a time
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    bounds = []
    for image, m, v in zip(x, mu, logvar, strict=True):
        z = m + v.exp().sqrt() * torch.randn(num_samples, len(m), dtype=m.dtype)  # (K, D)
        bounds.append((log_joint(image, z) - log_q(z, m, v)).mean())
    return torch.stack(bounds)


# %% elbo-mc / float32 noise turned into float64, log q called with keywords
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape).to(mu)
    return (log_joint(x, z) - log_q(z=z, mu=mu, logvar=logvar)).mean(0)


# %% elbo-mc / both densities in loops of their own
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    codes = [mu + torch.exp(logvar / 2) * torch.randn_like(mu) for _ in range(num_samples)]
    joints = torch.stack([log_joint(x, z) for z in codes])
    return joints.mean(0) - torch.stack([log_q(z, mu, logvar) for z in reversed(codes)]).mean(0)


# %% entropy / torch.distributions
def entropy(logvar):
    q = torch.distributions.Normal(torch.zeros_like(logvar), torch.exp(0.5 * logvar))
    return q.entropy().sum(-1)


# %% entropy / one logarithm of 2 pi e
def entropy(logvar):
    D = logvar.shape[1]
    return 0.5 * D * math.log(2 * math.pi * math.e) + 0.5 * torch.einsum("bd->b", logvar)


# %% entropy / minus E_q[log q] over points that are exact for quadratics
def entropy(logvar):
    D = logvar.shape[-1]
    mu = torch.zeros_like(logvar)
    steps = math.sqrt(D) * torch.exp(0.5 * logvar) * torch.eye(D, dtype=logvar.dtype)[:, None]
    return -log_q(steps, mu, logvar).mean(0)


# %% entropy / a loop
def entropy(logvar):
    rows = []
    for row in logvar:
        rows.append(sum((1.0 + math.log(2 * math.pi) + v) / 2 for v in row))
    return torch.stack(rows)


# %% entropy / log determinant
def entropy(logvar):
    covariance = torch.diag_embed(torch.exp(logvar))
    D = logvar.shape[-1]
    return 0.5 * torch.linalg.slogdet(covariance)[1] + 0.5 * D * (1 + math.log(2 * math.pi))


# %% cross-entropy / the KL plus the entropy
def cross_entropy(mu, logvar):
    return gaussian_kl(mu, logvar) + entropy(logvar)


# %% cross-entropy / at the mean, plus half the variance
def cross_entropy(mu, logvar):
    prior = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return -prior.log_prob(mu).sum(-1) + 0.5 * logvar.exp().sum(-1)


# %% cross-entropy / kl_divergence plus entropy of distributions
def cross_entropy(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), 1.0)
    return (torch.distributions.kl_divergence(q, p) + q.entropy()).sum(dim=1)


# %% cross-entropy / sigma by a root, einsum
def cross_entropy(mu, logvar):
    sigma = torch.sqrt(torch.exp(logvar))
    second_moment = torch.einsum("bd,bd->b", mu, mu) + torch.einsum("bd,bd->b", sigma, sigma)
    return (second_moment + mu.shape[1] * math.log(2 * math.pi)) / 2


# %% expected-log-likelihood / distributions at the mean, less the cost
def expected_log_likelihood(x, mu, logvar, W, b, s):
    likelihood = torch.distributions.Normal(mu @ W.T + b, s)
    cost = torch.einsum("bd,pd,pd->b", logvar.exp(), W, W) / (2 * s**2)
    return likelihood.log_prob(x).sum(-1) - cost


# %% expected-log-likelihood / variance of each pixel
def expected_log_likelihood(x, mu, logvar, W, b, s):
    variance = logvar.exp() @ (W**2).T  # (B, P), of W z
    squares = (x - b - mu @ W.T).pow(2) + variance
    return (-0.5 * squares / s**2 - math.log(s) - 0.5 * math.log(2 * math.pi)).sum(dim=1)


# %% expected-log-likelihood / trace of W S W'
def expected_log_likelihood(x, mu, logvar, W, b, s):
    covariance = W @ torch.diag_embed(logvar.exp()) @ W.T  # (B, P, P)
    trace = torch.diagonal(covariance, dim1=1, dim2=2).sum(1)
    off = torch.linalg.vector_norm(x - b - torch.einsum("pd,bd->bp", W, mu), dim=1)
    return -(off**2 + trace) / (2 * s * s) - 0.5 * len(b) * math.log(2 * math.pi * s * s)


# %% expected-log-likelihood / from the log joint, exact for a quadratic
def expected_log_likelihood(x, mu, logvar, W, b, s):
    D = mu.shape[1]
    steps = math.sqrt(D) * torch.exp(0.5 * logvar) * torch.eye(D, dtype=mu.dtype)[:, None]
    z = torch.cat([mu + steps, mu - steps])
    return log_joint(x, z, W, b, s).mean(0) + cross_entropy(mu, logvar)


# %% expected-log-likelihood / a loop over images
def expected_log_likelihood(x, mu, logvar, W, b, s):
    rows = []
    for image, m, v in zip(x, mu, logvar, strict=True):
        residual = image - b - W.mv(m)
        spread = (W.square() * v.exp()).sum()
        rows.append(-(residual.dot(residual) + spread) / (2 * s**2))
    return torch.stack(rows) - len(b) * math.log(s * math.sqrt(2 * math.pi))


# %% derivation / second form first
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy.sub(entropy)
    bound = log_likelihood - kl
    return {
        "gap": log_evidence - bound,
        "second_form": bound,
        "first_form": bound,
        "log_joint": bound - entropy,
        "kl": kl,
    }


# %% derivation / dict by keywords, nested sums
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    return dict(
        kl=-(entropy - cross_entropy),
        log_joint=-cross_entropy + log_likelihood,
        first_form=log_likelihood - cross_entropy + entropy,
        second_form=log_likelihood - (cross_entropy - entropy),
        gap=log_evidence - log_likelihood + cross_entropy - entropy,
    )


# %% derivation / a dict that is filled step by step
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    steps = {}
    steps["kl"] = cross_entropy - entropy
    steps["log_joint"] = log_likelihood - cross_entropy
    steps["first_form"] = steps["log_joint"] + entropy
    steps["second_form"] = log_likelihood - steps["kl"]
    steps["gap"] = log_evidence - steps["second_form"]
    steps["note"] = "all in nats"
    return steps


# %% derivation / an ordered dict
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    from collections import OrderedDict

    first = log_likelihood - cross_entropy + entropy
    steps = OrderedDict(first_form=first, second_form=first, gap=log_evidence - first)
    steps.update(kl=cross_entropy - entropy, log_joint=first - entropy)
    return steps


# %% derivation / a matrix of signs
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    pieces = torch.stack([log_evidence, log_likelihood, cross_entropy, entropy])
    signs = torch.tensor(
        [[0, 0, 1, -1], [0, 1, -1, 0], [0, 1, -1, 1], [0, 1, -1, 1], [1, -1, 1, -1]],
        dtype=pieces.dtype,
    )
    rows = signs @ pieces
    return dict(zip(["kl", "log_joint", "first_form", "second_form", "gap"], rows, strict=True))


# %% kl-to-posterior / kl_divergence of MultivariateNormals
def kl_to_posterior(mu, logvar, mean, covariance):
    q = torch.distributions.MultivariateNormal(mu, torch.diag_embed(logvar.exp()))
    p = torch.distributions.MultivariateNormal(mean, covariance)
    return torch.distributions.kl_divergence(q, p)


# %% kl-to-posterior / Cholesky
def kl_to_posterior(mu, logvar, mean, covariance):
    root = torch.linalg.cholesky(covariance)
    delta = (mean - mu)[..., None]
    whitened = torch.linalg.solve_triangular(root, delta, upper=False)[..., 0]
    scaled = torch.linalg.solve_triangular(
        root, torch.diag_embed(torch.exp(logvar / 2)), upper=False
    )
    logdet = 2 * torch.diagonal(root, dim1=-2, dim2=-1).log().sum(-1)
    squares = whitened.pow(2).sum(-1) + scaled.pow(2).sum((-2, -1))
    return (squares - mu.shape[1] + logdet - logvar.sum(-1)) / 2


# %% kl-to-posterior / a loop over images with einsum
def kl_to_posterior(mu, logvar, mean, covariance):
    values = []
    for i in range(len(mu)):
        S = covariance if covariance.ndim == 2 else covariance[i]
        inverse = torch.inverse(S)
        d = mu[i] - mean[i]
        trace = torch.einsum("ii,i->", inverse, logvar[i].exp())
        quadratic = torch.einsum("i,ij,j->", d, inverse, d)
        values.append(0.5 * (trace + quadratic - len(d) + torch.logdet(S) - logvar[i].sum()))
    return torch.stack(values)


# %% kl-to-posterior / cross-entropy with the posterior minus the entropy
def kl_to_posterior(mu, logvar, mean, covariance):
    eigenvalues, vectors = torch.linalg.eigh(covariance)
    along = (vectors.mT @ (mean - mu)[..., None])[..., 0]
    spread = (vectors**2 * logvar.exp()[..., None]).sum(-2)
    both = ((along**2 + spread) / eigenvalues + eigenvalues.log()).sum(-1)
    cross = 0.5 * (both + mu.shape[-1] * math.log(2 * math.pi))
    return cross - entropy(logvar)


# %% kl-to-posterior / solve
def kl_to_posterior(mu, logvar, mean, covariance):
    D = mu.size(-1)
    S = covariance.expand(len(mu), D, D)
    ratio = torch.linalg.solve(S, torch.diag_embed(logvar.exp()))
    pulled = torch.linalg.solve(S, mean - mu)
    trace = ratio.diagonal(dim1=-2, dim2=-1).sum(-1)
    return 0.5 * (trace + (pulled * (mean - mu)).sum(-1) - D + torch.slogdet(S)[1] - logvar.sum(-1))


# %% climb / SGD that maximizes, clones stored
def climb(elbo, mu, logvar, steps, step_size):
    m = mu.detach().clone().requires_grad_()
    v = logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([m, v], lr=step_size, maximize=True)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% climb / descent on the negative bound, in preallocated tensors
def climb(elbo, mu, logvar, steps, step_size):
    mus = torch.empty(steps + 1, *mu.shape, dtype=mu.dtype)
    logvars = torch.empty_like(mus)
    mus[0], logvars[0] = mu, logvar
    for t in range(steps):
        m, v = mus[t].clone().requires_grad_(True), logvars[t].clone().requires_grad_(True)
        (-elbo(m, v)).sum().backward()
        mus[t + 1] = mus[t] - step_size * m.grad
        logvars[t + 1] = logvars[t] - step_size * v.grad
    return [mus, logvars]


# %% climb / one image's gradient by a vector of ones
def climb(elbo, mu, logvar, steps, step_size):
    path = [(mu, logvar)]
    for _ in range(steps):
        m, v = (part.detach().requires_grad_() for part in path[-1])
        bounds = elbo(m, v)
        gradients = torch.autograd.grad(bounds, [m, v], grad_outputs=torch.ones_like(bounds))
        path.append(
            tuple((p + step_size * g).detach() for p, g in zip((m, v), gradients, strict=True))
        )
    mus, logvars = zip(*path, strict=True)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / in place on copies, under no_grad
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        m.grad = v.grad = None
        elbo(m, v).sum().backward()
        with torch.no_grad():
            m += step_size * m.grad
            v += step_size * v.grad
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus, dim=0), torch.stack(logvars, dim=0)


# %% climb / recursion
def climb(elbo, mu, logvar, steps, step_size):
    start = torch.stack([mu, logvar]).detach()
    if steps == 0:
        return start[0][None], start[1][None]
    both = start.clone().requires_grad_()
    (slope,) = torch.autograd.grad(elbo(both[0], both[1]).sum(), both)
    after = start + step_size * slope
    mus, logvars = climb(elbo, after[0], after[1], steps - 1, step_size)
    return torch.cat([start[:1], mus]), torch.cat([start[1:], logvars])


# %% log-joint / vmap over the samples
def log_joint(x, z, W, b, s):
    def one(x, z):
        at = torch.distributions.Normal(W @ z + b, s).log_prob(x).sum()
        return at + torch.distributions.Normal(0.0, 1.0, validate_args=False).log_prob(z).sum()

    of_batch = torch.func.vmap(one)
    return of_batch(x, z) if z.ndim == 2 else torch.func.vmap(lambda z: of_batch(x, z))(z)


# %% log-joint / compiled
@torch.compile
def log_joint(x, z, W, b, s):
    data_dim, latent_dim = W.shape
    squares = (((x - b - z @ W.mT) / s) ** 2).sum(-1) + (z**2).sum(-1)
    constant = 0.5 * (data_dim + latent_dim) * math.log(2 * math.pi) + data_dim * math.log(s)
    return -0.5 * squares - constant


# %% naive-log-evidence / vmap over the samples
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    logs = torch.func.vmap(lambda z: log_likelihood(x, z))(z)  # (K, B)
    return logs.logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / vmap over the images
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    def of_image(x):
        z = torch.randn(num_samples, latent_dim, dtype=x.dtype)
        return torch.logsumexp(log_likelihood(x, z), 0) - math.log(num_samples)

    return torch.func.vmap(of_image, randomness="different")(x)


# %% naive-log-evidence / vmap over images and samples
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(len(x), num_samples, latent_dim, dtype=x.dtype)
    each = torch.func.vmap(torch.func.vmap(log_likelihood, in_dims=(None, 0)))
    return each(x, z).logsumexp(1) - math.log(num_samples)


# %% naive-log-evidence / the callable compiled
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return torch.compile(log_likelihood)(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / vmap of the callable compiled
@torch.compile
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    logs = torch.vmap(log_likelihood, in_dims=(None, 0), chunk_size=3)(x, z)
    return logs.logsumexp(0) - math.log(num_samples)


# %% gaussian-kl / vmap of one image
def gaussian_kl(mu, logvar):
    return torch.func.vmap(lambda m, v: 0.5 * (m @ m + (v.exp() - 1 - v).sum()))(mu, logvar)


# %% gaussian-kl / by forward differentiation of the normalizer
def gaussian_kl(mu, logvar):
    half, _ = torch.func.jvp(lambda v: (v.exp() - v).sum(-1) / 2, (logvar,), (logvar,))
    return 0.5 * (mu**2).sum(-1) + half - 0.5 * mu.shape[-1]


# %% log-q / vmap over everything
def log_q(z, mu, logvar):
    def one(z, mu, logvar):
        return -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp())

    each = torch.func.vmap(torch.func.vmap(one))
    if z.ndim == 3:
        each = torch.func.vmap(each, in_dims=(0, None, None))
    return each(z, mu, logvar).sum(-1)


# %% elbo-mc / vmap over the samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    def weight(eps):
        z = mu + torch.exp(logvar / 2) * eps
        return log_joint(x, z) - log_q(z, mu, logvar)

    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return torch.func.vmap(weight)(eps).mean(0)


# %% elbo-mc / vmap over the images
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    def of_image(x, mu, logvar):
        z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, len(mu), dtype=mu.dtype)
        return (log_joint(x, z) - log_q(z, mu, logvar)).mean()

    return torch.func.vmap(of_image, randomness="different")(x, mu, logvar)


# %% elbo-mc / callables compiled
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    joint, q = torch.compile(log_joint, fullgraph=True), torch.compile(log_q)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return (joint(x, z) - q(z, mu, logvar)).mean(0)


# %% elbo-mc / in two dimensions of vmap
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    def weight(x, mu, logvar, eps):
        z = mu + torch.exp(0.5 * logvar) * eps
        return log_joint(x, z) - log_q(z, mu, logvar)

    over_samples = torch.func.vmap(weight, in_dims=(None, None, None, 0))
    eps = torch.randn(*mu.shape[:1], num_samples, mu.shape[1], dtype=mu.dtype)
    return torch.func.vmap(over_samples)(x, mu, logvar, eps).mean(1)


# %% entropy / minus the gradient of the log-normalizer
def entropy(logvar):
    each = torch.func.vmap(torch.func.vmap(torch.func.grad(lambda v: v**2 / 4)))(logvar)
    return (each + 0.5 * math.log(2 * math.pi * math.e)).sum(-1)


# %% cross-entropy / vmap
def cross_entropy(mu, logvar):
    def one(m, v):
        return 0.5 * (m**2 + v.exp() + math.log(2 * math.pi)).sum()

    return torch.vmap(one)(mu, logvar)


# %% expected-log-likelihood / by a Hessian
def expected_log_likelihood(x, mu, logvar, W, b, s):
    def log_likelihood(z, x):
        return torch.distributions.Normal(W @ z + b, s).log_prob(x).sum()

    def one(x, mu, logvar):
        curvature = torch.func.hessian(log_likelihood)(mu, x).diagonal()
        return log_likelihood(mu, x) + 0.5 * (curvature * logvar.exp()).sum()

    return torch.func.vmap(one)(x, mu, logvar)


# %% expected-log-likelihood / curvature by forward over forward
def expected_log_likelihood(x, mu, logvar, W, b, s):
    constant = len(b) * (math.log(s) + 0.5 * math.log(2 * math.pi))

    def value(z):
        return -0.5 * (((x - b - z @ W.mT) / s) ** 2).sum(-1) - constant

    total = value(mu)
    for d in range(mu.shape[1]):
        e = torch.zeros_like(mu)
        e[:, d] = torch.exp(logvar[:, d] / 2)

        def first(z, e=e):
            return torch.func.jvp(value, (z,), (e,))[1]

        total = total + 0.5 * torch.func.jvp(first, (mu,), (e,))[1]
    return total


# %% kl-to-posterior / vmap
def kl_to_posterior(mu, logvar, mean, covariance):
    def one(mu, logvar, mean, covariance):
        P = torch.linalg.inv(covariance)
        d = mean - mu
        logdet = torch.linalg.slogdet(covariance)[1]
        rest = logdet - len(mu) - logvar.sum()
        return 0.5 * ((P.diagonal() * logvar.exp()).sum() + d @ P @ d + rest)

    dims = (0, 0, 0, 0 if covariance.ndim == 3 else None)
    return torch.func.vmap(one, in_dims=dims)(mu, logvar, mean, covariance)


# %% derivation / compiled
@torch.compile
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    joint = log_likelihood - cross_entropy
    return {
        "kl": cross_entropy - entropy,
        "log_joint": joint,
        "first_form": joint + entropy,
        "second_form": log_likelihood - (cross_entropy - entropy),
        "gap": log_evidence - (joint + entropy),
    }


# %% climb / torch.func.grad
def climb(elbo, mu, logvar, steps, step_size):
    slope = torch.func.grad(lambda m, v: elbo(m, v).sum(), argnums=(0, 1))
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        by_mu, by_logvar = slope(mus[-1], logvars[-1])
        mus.append(mus[-1] + step_size * by_mu)
        logvars.append(logvars[-1] + step_size * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / jacrev of the whole batch
def climb(elbo, mu, logvar, steps, step_size):
    def own(jacobian):  # (B, B, D): each image's own
        return jacobian.diagonal(dim1=0, dim2=1).mT

    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        jacobians = torch.func.jacrev(elbo, argnums=(0, 1))(mus[-1], logvars[-1])
        mus.append(mus[-1] + step_size * own(jacobians[0]))
        logvars.append(logvars[-1] + step_size * own(jacobians[1]))
    return torch.stack(mus), torch.stack(logvars)


# %% climb / jacfwd
def climb(elbo, mu, logvar, steps, step_size):
    path = [torch.stack([mu, logvar])]
    for _ in range(steps):
        slope = torch.func.jacfwd(lambda both: elbo(both[0], both[1]).sum())(path[-1])
        path.append(path[-1] + step_size * slope)
    path = torch.stack(path)
    return path[:, 0].clone(), path[:, 1].clone()


# %% climb / vjp
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        value, pull = torch.func.vjp(elbo, mus[-1], logvars[-1])
        by_mu, by_logvar = pull(torch.ones_like(value))
        mus.append(mus[-1] + step_size * by_mu)
        logvars.append(logvars[-1] + step_size * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / autograd's jacobian
def climb(elbo, mu, logvar, steps, step_size):
    from torch.autograd.functional import jacobian

    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        found = jacobian(lambda m, v: elbo(m, v).sum(), (mus[-1], logvars[-1]), vectorize=True)
        mus.append(mus[-1] + step_size * found[0])
        logvars.append(logvars[-1] + step_size * found[1])
    return torch.stack(mus), torch.stack(logvars)


# %% climb / an optimizer with a schedule that stays
def climb(elbo, mu, logvar, steps, step_size):
    m, v = (each.detach().clone().requires_grad_() for each in (mu, logvar))
    optimizer = torch.optim.SGD([m, v], lr=step_size, maximize=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        schedule.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% climb / the callable compiled
def climb(elbo, mu, logvar, steps, step_size):
    bound = torch.compile(elbo)
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_mu, by_logvar = torch.autograd.grad(bound(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_mu)
        logvars.append(logvars[-1] + step_size * by_logvar)
    return torch.stack(mus), torch.stack(logvars)
