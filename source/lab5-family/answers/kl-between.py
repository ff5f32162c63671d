"""Answers to Exercise 11 of lab5-family: right ones, then wrong ones."""


# %% by variances
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    var_q, var_p = logvar_q.exp(), logvar_p.exp()
    return 0.5 * ((mu_q - mu_p) ** 2 / var_p + var_q / var_p - 1 + torch.log(var_p / var_q)).sum(-1)


# %% torch.distributions
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    q = torch.distributions.Normal(mu_q, torch.exp(0.5 * logvar_q))
    p = torch.distributions.Normal(mu_p, torch.exp(0.5 * logvar_p))
    return torch.distributions.kl_divergence(q, p).sum(dim=1)


# %% independent
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    def gaussian(mu, logvar):
        return torch.distributions.Independent(
            torch.distributions.Normal(mu, (logvar / 2).exp()), 1
        )

    return torch.distributions.kl_divergence(gaussian(mu_q, logvar_q), gaussian(mu_p, logvar_p))


# %% a loop over dimensions
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    total = 0
    for d in range(mu_q.shape[1]):
        ratio = logvar_q[:, d] - logvar_p[:, d]
        off = (mu_q[:, d] - mu_p[:, d]) / torch.exp(logvar_p[:, d] / 2)
        total = total + (off.square() + ratio.expm1() - ratio) / 2
    return total


# %% in units of p, by einsum
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    off, ratio = (mu_q - mu_p) * torch.exp(-0.5 * logvar_p), logvar_q - logvar_p
    return (torch.einsum("bd,bd->b", off, off) + (ratio.exp() - ratio - 1).sum(1)) / 2


# %% the residual form
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    d_mu, d_logvar = mu_q - mu_p, logvar_q - logvar_p
    return (d_mu**2 / logvar_p.exp() + d_logvar.exp() - 1 - d_logvar).sum(1).mul(0.5)


# %% cross-entropy less entropy
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    cross = 0.5 * (logvar_p + (logvar_q.exp() + (mu_q - mu_p) ** 2) / logvar_p.exp())
    return (cross - 0.5 * (1 + logvar_q)).sum(dim=-1)


# %% the half missing at the logarithm
# slug: kl-half-misplaced
# says: brackets
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return (0.5 * (squares + torch.exp(ratio) - 1) - ratio).sum(dim=1)


# %% the half missing at the first two terms
# slug: kl-half-misplaced
# says: every term
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return (squares + torch.exp(ratio) - 0.5 - 0.5 * ratio).sum(dim=1)


# %% no half
# slug: kl-no-half
# says: factor 1/2
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return (squares + torch.exp(ratio) - 1 - ratio).sum(dim=1)


# %% the sign
# slug: kl-sign
# says: never negative
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return -0.5 * (squares + torch.exp(ratio) - 1 - ratio).sum(dim=1)


# %% from p to q
# slug: kl-reversed
# says: KL(p || q)
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    mu_q, mu_p, logvar_q, logvar_p = mu_p, mu_q, logvar_p, logvar_q
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 - ratio).sum(dim=1)


# %% to the standard normal
# slug: levels-prior-standard
# says: of its own
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    return 0.5 * (mu_q**2 + logvar_q.exp() - 1 - logvar_q).sum(dim=1)


# %% a difference of two KLs
# slug: levels-prior-standard
# says: not N(0, I)
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    def kl(mu, logvar):
        return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)

    return kl(mu_q, logvar_q) - kl(mu_p, logvar_p)


# %% the means by the variance of q
# slug: levels-by-variance-of-q
# says: widths of p
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_q)
    return 0.5 * (squares + torch.exp(ratio) - 1 - ratio).sum(dim=1)


# %% the means not divided
# slug: levels-off-not-scaled
# says: not divided
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    return 0.5 * ((mu_q - mu_p) ** 2 + torch.exp(ratio) - 1 - ratio).sum(dim=1)


# %% the means by sigma
# slug: levels-off-by-sigma
# says: not by its root
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    return 0.5 * (
        (mu_q - mu_p) ** 2 / torch.exp(0.5 * logvar_p) + torch.exp(ratio) - 1 - ratio
    ).sum(1)


# %% the means not squared
# slug: kl-mu-not-squared
# says: not squared
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    return 0.5 * ((mu_q - mu_p) / torch.exp(logvar_p) + torch.exp(ratio) - 1 - ratio).sum(1)


# %% no means
# slug: kl-no-mu
# says: mean is missing
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (torch.exp(ratio) - 1 - ratio).sum(dim=1)


# %% no one
# slug: kl-no-one
# says: constant -1
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - ratio).sum(dim=1)


# %% the one outside of the sum
# slug: kl-one-outside
# says: each dimension
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * ((squares + torch.exp(ratio) - ratio).sum(dim=1) - 1)


# %% no logarithm
# slug: kl-no-logvar
# says: log sigma squared is missing
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1).sum(dim=1)


# %% the sign of the logarithm
# slug: kl-logvar-sign
# says: wrong sign
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 + ratio).sum(dim=1)


# %% a sum of logs
# slug: levels-sum-of-logs
# says: difference of logs
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 - logvar_q - logvar_p).sum(dim=1)


# %% log sigma
# slug: kl-log-sigma
# says: log sigma
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    q = torch.distributions.Normal(mu_q, torch.exp(logvar_q))
    p = torch.distributions.Normal(mu_p, torch.exp(logvar_p))
    return torch.distributions.kl_divergence(q, p).sum(dim=1)


# %% sigma in place of the variance
# slug: kl-sigma-not-squared
# says: standard deviation
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(0.5 * ratio) - 1 - ratio).sum(dim=1)


# %% squares of the means apart
# slug: levels-squares-apart
# says: square of the difference
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    return 0.5 * ((mu_q**2 - mu_p**2) * torch.exp(-logvar_p) + torch.exp(ratio) - 1 - ratio).sum(1)


# %% the means added
# slug: levels-means-added
# says: how far apart
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    return 0.5 * ((mu_q + mu_p) ** 2 * torch.exp(-logvar_p) + torch.exp(ratio) - 1 - ratio).sum(1)


# %% a mean over dimensions
# slug: kl-mean-latent
# says: not their sum
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 - ratio).mean(dim=1)


# %% a mean over the batch, too
# slug: kl-batch-mean
# says: for each image
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 - ratio).sum(dim=1).mean()


# %% summed over the batch
# slug: kl-sum-over-batch
# says: wrong dimension
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 - ratio).sum(dim=0)


# %% not summed
# slug: kl-not-summed
# says: sum over them
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 - ratio)


# %% p is cut off
# slug: detached
# says: no gradient passes
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    mu_p, logvar_p = mu_p.detach(), logvar_p.detach()
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 - ratio).sum(dim=1)


# %% clamped
# slug: kl-clipped
# says: clamped
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    logvar_q, logvar_p = logvar_q.clamp(-10, 10), logvar_p.clamp(-10, 10)
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 - ratio).sum(dim=1)


# %% a small constant
# slug: not-exact
# says: something added
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 - ratio).sum(dim=1) + 1e-8


# %% by a draw
# slug: kl-random
# says: without noise
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    q = torch.distributions.Normal(mu_q, torch.exp(0.5 * logvar_q))
    p = torch.distributions.Normal(mu_p, torch.exp(0.5 * logvar_p))
    z = q.rsample()
    return (q.log_prob(z) - p.log_prob(z)).sum(dim=1)


# %% in double
# slug: another-dtype
# says: another dtype
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    mu_q, logvar_q, mu_p, logvar_p = (each.double() for each in (mu_q, logvar_q, mu_p, logvar_p))
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares + torch.exp(ratio) - 1 - ratio).sum(dim=1)


# %% the means are cut off
# slug: value-right-gradient-wrong
# says: a part is detached
def kl_between(mu_q, logvar_q, mu_p, logvar_p):
    ratio = logvar_q - logvar_p
    squares = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (squares.detach() + torch.exp(ratio) - 1 - ratio).sum(dim=1)
