"""Answers to Exercise 6 of lab1-elbo: right ones, then wrong ones."""


# %% torch.distributions
def entropy(logvar):
    q = torch.distributions.Normal(torch.zeros_like(logvar), torch.exp(0.5 * logvar))
    return q.entropy().sum(-1)


# %% one logarithm of 2 pi e
def entropy(logvar):
    D = logvar.shape[1]
    return 0.5 * D * math.log(2 * math.pi * math.e) + 0.5 * torch.einsum("bd->b", logvar)


# %% minus E_q[log q] over points that are exact for quadratics
def entropy(logvar):
    D = logvar.shape[-1]
    mu = torch.zeros_like(logvar)
    steps = math.sqrt(D) * torch.exp(0.5 * logvar) * torch.eye(D, dtype=logvar.dtype)[:, None]
    return -log_q(steps, mu, logvar).mean(0)


# %% a loop
def entropy(logvar):
    rows = []
    for row in logvar:
        rows.append(sum((1.0 + math.log(2 * math.pi) + v) / 2 for v in row))
    return torch.stack(rows)


# %% log determinant
def entropy(logvar):
    covariance = torch.diag_embed(torch.exp(logvar))
    D = logvar.shape[-1]
    return 0.5 * torch.linalg.slogdet(covariance)[1] + 0.5 * D * (1 + math.log(2 * math.pi))


# %% minus the gradient of the log-normalizer
def entropy(logvar):
    each = torch.func.vmap(torch.func.vmap(torch.func.grad(lambda v: v**2 / 4)))(logvar)
    return (each + 0.5 * math.log(2 * math.pi * math.e)).sum(-1)


# %% E_q[log q]
# slug: density-sign
# says: sign is reversed
def entropy(logvar):
    return -0.5 * (math.log(2 * math.pi) + 1 + logvar).sum(-1)


# %% half missing
# slug: density-no-half
# says: factor 1/2
def entropy(logvar):
    return (math.log(2 * math.pi) + 1 + logvar).sum(-1)


# %% half of logvar missing
# slug: piece-entropy-log-sigma
# says: read as log sigma
def entropy(logvar):
    return (0.5 * math.log(2 * math.pi) + 0.5 + logvar).sum(-1)


# %% no constant
# slug: density-constant
# says: 1/2 log(2 pi)
def entropy(logvar):
    return 0.5 * (1 + logvar).sum(-1)


# %% constants outside of the sum
# slug: density-constant
# says: 1/2 log(2 pi)
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1) + 0.5 * logvar.sum(-1)


# %% the one missing
# slug: piece-entropy-no-one
# says: The 1 of each dimension
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + logvar).sum(-1)


# %% half the log-determinant only
# slug: piece-entropy-no-one
# says: The 1 of each dimension
def entropy(logvar):
    return 0.5 * logvar.sum(-1)


# %% the variance
# slug: piece-variance-not-log
# says: where its logarithm belongs
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.exp()).sum(-1)


# %% log of logvar
# slug: nan
# says: contains nan
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.log()).sum(-1)


# %% sign of logvar
# slug: piece-logvar-sign
# says: wider q has more entropy
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 - logvar).sum(-1)


# %% mean over dimensions
# slug: density-mean
# says: add up
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar).mean(-1)


# %% not summed
# slug: density-not-summed
# says: sum over the last
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar)


# %% summed over the batch
# slug: density-batch-sum
# says: Summed over images too
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar).sum()


# %% by sampling
# slug: value-random
# says: estimated by sampling
def entropy(logvar):
    eps = torch.randn_like(logvar)
    return 0.5 * (math.log(2 * math.pi) + eps**2 + logvar).sum(-1)


# %% clamped from above
# slug: kl-clipped
# says: logvar is clamped
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.clamp(max=10)).sum(-1)


# %% by exp and log, clamped
# slug: kl-clipped
# says: logvar near -60
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.exp().clamp(min=1e-12).log()).sum(-1)


# %% a float
# slug: wrong-type
# says: float
def entropy(logvar):
    return float(0.5 * (math.log(2 * math.pi) + 1 + logvar).sum())


# %% float32
# slug: lost-precision
# says: torch.float32
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.float()).sum(-1)


# %% rounded constant
# slug: not-exact
# says: constant was rounded
def entropy(logvar):
    return 0.5 * (2.8378771 + logvar).sum(-1)


# %% logvar as log sigma
# slug: piece-entropy-log-sigma
# says: read as log sigma
def entropy(logvar):
    return (0.5 * (1 + math.log(2 * math.pi)) + logvar).sum(-1)


# %% clamped to -50 and 50
# loses: entropy-value
# slug: kl-clipped
# says: clamped
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.clamp(-50, 50)).sum(-1)


# %% clamped to -30 and 20
# loses: entropy-value
# slug: kl-clipped
# says: clamped
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.clamp(-30, 20)).sum(-1)


# %% prod then log (det)
# slug: nan
# says: A logarithm, root or quotient does not exist there, or a number overflowed
def entropy(logvar):
    return 0.5 * torch.log((2 * math.pi * math.e * logvar.exp()).prod(-1))


# %% log of prod of sigma
# slug: nan
# says: A logarithm, root or quotient does not exist there, or a number overflowed
def entropy(logvar):
    return torch.log((logvar / 2).exp().prod(-1)) + 0.5 * logvar.shape[-1] * (
        math.log(2 * math.pi) + 1
    )


# %% 1.4189 for the constant of each dimension
# slug: not-exact
# says: digits of the constant are right
def entropy(logvar):
    return (1.4189 + 0.5 * logvar).sum(-1)


# %% 3.14 for pi
# slug: not-exact
# says: digits of the constant are right
def entropy(logvar):
    return 0.5 * (logvar + math.log(2 * 3.14) + 1).sum(-1)
