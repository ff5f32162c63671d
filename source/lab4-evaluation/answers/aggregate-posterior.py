"""Answers to Exercise 13 of lab4-evaluation: right ones, then wrong ones."""


# %% torch.distributions
def aggregate_posterior_log_prob(z, mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    log_q = q.log_prob(z.unsqueeze(1)).sum(dim=-1)
    return log_q.logsumexp(dim=1) - math.log(mu.shape[0])


# %% a mixture of torch.distributions
def aggregate_posterior_log_prob(z, mu, logvar):
    parts = torch.distributions.Independent(
        torch.distributions.Normal(mu, torch.exp(logvar / 2)), 1
    )
    weights = torch.distributions.Categorical(logits=torch.zeros_like(mu[:, 0]))
    return torch.distributions.MixtureSameFamily(weights, parts).log_prob(z)


# %% code by code
def aggregate_posterior_log_prob(z, mu, logvar):
    found = []
    for code in z:
        log_q = -0.5 * (((code - mu) / torch.exp(logvar / 2)) ** 2 + logvar).sum(dim=1)
        found.append(torch.logsumexp(log_q, dim=0))
    constant = 0.5 * mu.shape[1] * math.log(2 * math.pi) + math.log(len(mu))
    return torch.stack(found) - constant


# %% image by image, a running logaddexp
def aggregate_posterior_log_prob(z, mu, logvar):
    total = torch.full_like(z[:, 0], -torch.inf)
    for m, s in zip(mu, logvar):
        log_q = -0.5 * ((z - m) ** 2 / s.exp() + s + math.log(2 * math.pi)).sum(dim=1)
        total = torch.logaddexp(total, log_q)
    return total - math.log(len(mu))


# %% the largest taken out by hand
def aggregate_posterior_log_prob(z, mu, logvar):
    std = torch.exp(0.5 * logvar)
    log_q = (
        -0.5 * ((z[:, None] - mu[None]) / std) ** 2 - 0.5 * math.log(2 * math.pi) - std.log()
    ).sum(-1)
    largest = log_q.max(dim=1, keepdim=True).values
    return largest[:, 0] + (log_q - largest).exp().mean(dim=1).log()


# %% weights inside the logsumexp, einsum
def aggregate_posterior_log_prob(z, mu, logvar):
    precision = torch.exp(-logvar)
    squares = torch.einsum("knd,nd->kn", (z[:, None] - mu) ** 2, precision)
    log_norm = logvar.sum(1) + mu.shape[1] * math.log(2 * math.pi)
    return torch.logsumexp(-0.5 * (squares + log_norm) - math.log(len(mu)), dim=1)


# %% vmap
def aggregate_posterior_log_prob(z, mu, logvar):
    def of_code(code):
        each = -0.5 * ((code - mu) ** 2 * (-logvar).exp() + logvar + math.log(2 * math.pi))
        return each.sum(1).logsumexp(0) - math.log(len(mu))

    return torch.func.vmap(of_code)(z)


# %% mean of logs
# slug: aggregate-mean-of-logs
# says: a mean of logs
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    return -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2).mean(dim=1)


# %% no log N
# slug: aggregate-no-count
# says: integrates to 1
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    return torch.logsumexp(-0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2), dim=1)


# %% log N added
# slug: aggregate-count-sign
# says: subtracts it
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return torch.logsumexp(log_q, dim=1) + math.log(len(mu))


# %% divided by the number of codes
# slug: aggregate-other-count
# says: the number of images
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return torch.logsumexp(log_q, dim=1) - math.log(len(z))


# %% divided outside
# slug: aggregate-divided-outside
# says: not the sum inside it
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return torch.logsumexp(log_q, dim=1) / len(mu)


# %% over codes
# slug: aggregate-over-codes
# says: not over codes
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return torch.logsumexp(log_q, dim=0) - math.log(len(mu))


# %% the nearest image
# slug: aggregate-nearest-only
# says: only the nearest
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return log_q.amax(dim=1) - math.log(len(mu))


# %% dimension by dimension
# slug: aggregate-by-dimension
# loses: aggregate-posterior-value, aggregate-posterior-far
# says: mixed one by one
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi))
    return (torch.logsumexp(log_q, dim=1) - math.log(len(mu))).sum(dim=1)


# %% averaged parameters
# slug: aggregate-one-gaussian
# loses: aggregate-posterior-value, aggregate-posterior-far
# says: one Gaussian for all
def aggregate_posterior_log_prob(z, mu, logvar):
    m, s = mu.mean(dim=0), logvar.mean(dim=0)
    return -0.5 * ((z - m) ** 2 / s.exp() + s + math.log(2 * math.pi)).sum(dim=1)


# %% moments matched
# slug: aggregate-one-gaussian
# loses: aggregate-posterior-value, aggregate-posterior-far
# says: one for each
def aggregate_posterior_log_prob(z, mu, logvar):
    m, v = mu.mean(dim=0), logvar.exp().mean(dim=0) + mu.var(dim=0, correction=0)
    return -0.5 * ((z - m) ** 2 / v + v.log() + math.log(2 * math.pi)).sum(dim=1)


# %% the prior
# slug: aggregate-is-prior
# loses: aggregate-posterior-value, aggregate-posterior-far
# says: are not used
def aggregate_posterior_log_prob(z, mu, logvar):
    return -0.5 * (z**2 + math.log(2 * math.pi)).sum(dim=1)


# %% not reduced
# slug: aggregate-not-reduced
# says: one number a code and image
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    return -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)


# %% the density
# slug: density-not-logged
# says: the logarithm is missing
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return log_q.exp().mean(dim=1)


# %% densities, then the log
# slug: density-underflow
# loses: aggregate-posterior-far
# says: work with logarithms
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return log_q.exp().mean(dim=1).log()


# %% densities and a small constant
# slug: density-floor
# loses: aggregate-posterior-far
# says: falsifies it
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return (log_q.exp().mean(dim=1) + 1e-300).log()


# %% no constant
# slug: density-constant
# says: for each dimension
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    return torch.logsumexp(-0.5 * (squares + logvar).sum(dim=2), dim=1) - math.log(len(mu))


# %% no log-scale
# slug: density-no-log-scale
# says: a wider density is a lower one
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + math.log(2 * math.pi)).sum(dim=2)
    return torch.logsumexp(log_q, dim=1) - math.log(len(mu))


# %% logvar read as log sigma
# slug: kl-log-sigma
# loses: aggregate-posterior-value, aggregate-posterior-far
# says: log sigma squared
def aggregate_posterior_log_prob(z, mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(logvar))
    return q.log_prob(z[:, None]).sum(-1).logsumexp(1) - math.log(len(mu))


# %% negated
# slug: density-sign
# says: the sign is reversed
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return math.log(len(mu)) - torch.logsumexp(log_q, dim=1)


# %% the mean over all codes
# slug: aggregate-batch
# says: each code has a density
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return (torch.logsumexp(log_q, dim=1) - math.log(len(mu))).mean()


# %% each code with its own image
# slug: aggregate-own-image
# says: it meets all of them
def aggregate_posterior_log_prob(z, mu, logvar):
    return -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(dim=1)


# %% the last dimension kept
# slug: density-keeps-dimension
# says: drop it
def aggregate_posterior_log_prob(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return torch.logsumexp(log_q, dim=1, keepdim=True) - math.log(len(mu))


# %% a clamp on logvar
# slug: kl-clipped
# loses: aggregate-posterior-far
# says: omit that
def aggregate_posterior_log_prob(z, mu, logvar):
    logvar = logvar.clamp(-8, 8)
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return torch.logsumexp(log_q, dim=1) - math.log(len(mu))


# %% float32 inside
# slug: lost-precision
# loses: aggregate-posterior-value
# says: half of the digits
def aggregate_posterior_log_prob(z, mu, logvar):
    z, mu, logvar = z.float(), mu.float(), logvar.float()
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(dim=2)
    return torch.logsumexp(log_q, dim=1) - math.log(len(mu))
