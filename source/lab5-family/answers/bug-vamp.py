"""Answers to Exercise 12 of lab5-family: right ones, then wrong ones."""


# %% by exp(-logvar)
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares * torch.exp(-logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% torch.distributions
def mended_vamp(z, mu, logvar):
    d = torch.distributions
    components = d.Independent(d.Normal(mu, torch.exp(0.5 * logvar)), 1)
    alike = d.Categorical(logits=torch.zeros_like(mu[:, 0]))
    return d.MixtureSameFamily(alike, components).log_prob(z)


# %% a loop over components
def mended_vamp(z, mu, logvar):
    logs = [
        torch.distributions.Normal(m, torch.exp(0.5 * s)).log_prob(z).sum(dim=1)
        for m, s in zip(mu, logvar)
    ]
    return torch.stack(logs, dim=1).logsumexp(dim=1) - math.log(len(logs))


# %% the largest taken out by hand
def mended_vamp(z, mu, logvar):
    squares = ((z[:, None] - mu) * torch.exp(-0.5 * logvar)) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    top = log_each.amax(dim=1, keepdim=True)
    return top[:, 0] + torch.exp(log_each - top).mean(dim=1).log()


# %% the count inside
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(logvar))
    return torch.logsumexp(log_each.sum(dim=2) - math.log(len(mu)), dim=1)


# %% as it was
# slug: mixture-bracket
# says: bracket too far
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + (logvar + squares) / torch.exp(logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% the bracket around all
# slug: mixture-bracket
# says: bracket too far
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * ((math.log(2 * math.pi) + logvar + squares) / torch.exp(logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% the log-variance left out
# slug: mixture-no-log-scale
# says: must be higher
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + squares / torch.exp(logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% the log-variance outside of the half
# slug: mixture-half-misplaced
# says: factor 1/2
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + squares / torch.exp(logvar)) - logvar
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% the sign of the log-variance
# slug: mixture-log-scale-sign
# says: wide densities
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) - logvar + squares / torch.exp(logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% the constant left out
# slug: mixture-constant
# says: 2 pi
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (logvar + squares / torch.exp(logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% the square not divided
# slug: argument-misread
# says: in place of precision
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares)
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% divided by sigma
# slug: mixture-sigma-as-variance
# says: power of sigma
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(0.5 * logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% log sigma
# slug: mixture-log-sigma
# says: log sigma
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + 2 * logvar + squares / torch.exp(2 * logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% no count
# slug: mixture-not-averaged
# says: not weighted
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1)


# %% the number of codes
# slug: value-shifted
# says: constant
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(z))


# %% a mean of logs
# slug: mixture-mean-of-logs
# says: adds the densities
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(logvar))
    return log_each.sum(dim=2).mean(dim=1)


# %% mixed dimension by dimension
# slug: mixture-by-dimension
# says: whole code
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(logvar))
    return (torch.logsumexp(log_each, dim=1) - math.log(len(mu))).sum(dim=1)


# %% a mean over dimensions
# slug: mixture-mean-over-dimensions
# says: are summed
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(logvar))
    return torch.logsumexp(log_each.mean(dim=2), dim=1) - math.log(len(mu))


# %% the best component
# slug: mixture-best-only
# says: all of them
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(logvar))
    return log_each.sum(dim=2).amax(dim=1) - math.log(len(mu))


# %% the standard normal of old
# slug: wrong-value
# says: should be
def mended_vamp(z, mu, logvar):
    return -0.5 * (math.log(2 * math.pi) + z**2).sum(dim=1)


# %% densities added as they are
# slug: mixture-underflow
# says: underflow
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(logvar))
    return torch.log(torch.exp(log_each.sum(dim=2)).mean(dim=1))


# %% components cut off
# slug: detached
# says: cut off
def mended_vamp(z, mu, logvar):
    mu, logvar = mu.detach(), logvar.detach()
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(logvar))
    return torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))


# %% a mean over codes
# slug: mixture-batch
# says: every code
def mended_vamp(z, mu, logvar):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares / torch.exp(logvar))
    return (torch.logsumexp(log_each.sum(dim=2), dim=1) - math.log(len(mu))).mean()
