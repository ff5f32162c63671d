"""Answers to Exercise 18 of lab4-evaluation: right ones, then wrong ones."""


# %% torch.distributions
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    z = q.sample((num_samples,))
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# %% a loop over codes
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(log_joint(x, z) - log_q(z, mu, logvar))
    return torch.stack(log_w).logsumexp(0) - math.log(num_samples)


# %% minus the noise
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    mu, logvar = mu.expand(num_samples, -1, -1), logvar.expand(num_samples, -1, -1)
    z = mu - logvar.mul(0.5).exp() * torch.randn_like(mu)
    return (log_joint(x, z) - log_q(z, mu, logvar)).logsumexp(0) - math.log(num_samples)


# %% image by image
@torch.no_grad()
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    bounds = []
    for image, m, v in zip(x, mu, logvar, strict=True):
        z = torch.normal(m.expand(num_samples, -1), torch.exp(v / 2).expand(num_samples, -1))
        log_w = log_joint(image, z) - log_q(z, m, v)
        bounds.append(torch.logsumexp(log_w, 0) - math.log(num_samples))
    return torch.stack(bounds)


# %% a running sum
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    total = torch.full_like(mu[:, 0], -math.inf)
    for _ in range(num_samples):
        z = mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape, dtype=mu.dtype)
        total = torch.logaddexp(total, log_joint(x, z) - log_q(z, mu, logvar))
    return total - math.log(num_samples)


# %% still broken
# slug: bug-mean-decoded
# says: z is the mean of q
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu.expand(num_samples, *mu.shape)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# %% one code, K times
# slug: evidence-one-code
# says: the same code
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    z = z.expand(num_samples, *mu.shape)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# %% codes of the prior
# slug: bound-samples-prior
# says: from the prior
# loses: bug-4-codes
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# %% stretched by the variance
# slug: std-is-variance
# says: the variance
# loses: bug-4-codes
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# %% uniform noise
# slug: noise-uniform
# says: uniform
# loses: bug-4-codes
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    eps = (2 * torch.rand(num_samples, *mu.shape, dtype=mu.dtype) - 1) * 3**0.5
    z = mu + torch.exp(0.5 * logvar) * eps
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# %% noise shared by the images
# slug: noise-shared-batch
# says: All images share
# loses: bug-4-codes
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    eps = torch.randn(num_samples, 1, mu.shape[1], dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# %% a seed inside
# slug: noise-frozen
# says: drawn once
# loses: bug-4-codes
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    generator = torch.Generator().manual_seed(0)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype, generator=generator)
    z = mu + torch.exp(0.5 * logvar) * eps
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# %% the mean of logs
# slug: bug-mean-of-logs
# says: log of a mean
# loses: bug-4-bound
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(dim=0)


# %% no log K
# slug: bug-no-count
# says: not subtracted
# loses: bug-4-bound
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return (log_joint(x, z) - log_q(z, mu, logvar)).logsumexp(dim=0)


# %% q at its mean
# slug: bug-q-at-mean
# says: that was drawn
# loses: bug-4-bound
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(mu, mu, logvar)
    return log_w.logsumexp(dim=0) - math.log(num_samples)


# %% no q
# slug: bug-no-q
# says: q is missing
# loses: bug-4-bound
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return log_joint(x, z).logsumexp(dim=0) - math.log(num_samples)


# %% one number for all images
# slug: bug-over-images
# says: of its own
# loses: bug-4-bound
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return (log_w.logsumexp(dim=0) - math.log(num_samples)).mean()


# %% exp and log
# loses: bug-4-bound
# slug: bug-overflow
# says: log weights go from
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar / 2) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).exp().mean(0).log()


# %% minus sign
# slug: value-negated
# says: The sign of everything is reversed
# loses: bug-4-bound
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return math.log(num_samples) - torch.logsumexp(log_w, dim=0)


# %% mean is the first code
# slug: bug-mean-decoded
# says: z is the mean of q
# loses: bug-4-bound
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = torch.cat([mu[None], z[1:]])
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
# loses: bug-4-bound
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return (torch.logsumexp(log_w, dim=0) - math.log(num_samples)).squeeze()
