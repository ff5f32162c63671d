"""Answers to Exercise 7 of lab1-elbo: right ones, then wrong ones."""


# %% the KL plus the entropy
def cross_entropy(mu, logvar):
    return gaussian_kl(mu, logvar) + entropy(logvar)


# %% at the mean, plus half the variance
def cross_entropy(mu, logvar):
    prior = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return -prior.log_prob(mu).sum(-1) + 0.5 * logvar.exp().sum(-1)


# %% kl_divergence plus entropy of distributions
def cross_entropy(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), 1.0)
    return (torch.distributions.kl_divergence(q, p) + q.entropy()).sum(dim=1)


# %% sigma by a root, einsum
def cross_entropy(mu, logvar):
    sigma = torch.sqrt(torch.exp(logvar))
    second_moment = torch.einsum("bd,bd->b", mu, mu) + torch.einsum("bd,bd->b", sigma, sigma)
    return (second_moment + mu.shape[1] * math.log(2 * math.pi)) / 2


# %% vmap
def cross_entropy(mu, logvar):
    def one(m, v):
        return 0.5 * (m**2 + v.exp() + math.log(2 * math.pi)).sum()

    return torch.vmap(one)(mu, logvar)


# %% E_q[log p]
# slug: density-sign
# says: sign is reversed
def cross_entropy(mu, logvar):
    return -0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1)


# %% half missing
# slug: density-no-half
# says: factor 1/2
def cross_entropy(mu, logvar):
    return (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1)


# %% no constant
# slug: density-constant
# says: 1/2 log(2 pi)
def cross_entropy(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp()).sum(-1)


# %% at the mean
# slug: piece-at-mean
# says: spread of z around mu
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2).sum(-1)


# %% the mean missing
# slug: kl-no-mu
# says: mean is missing
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + logvar.exp()).sum(-1)


# %% mu not squared
# slug: kl-mu-not-squared
# says: not squared
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu + logvar.exp()).sum(-1)


# %% square of the sum
# slug: piece-square-of-sum
# says: cross term has mean 0
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + (mu + torch.exp(0.5 * logvar)) ** 2).sum(-1)


# %% sigma not squared
# slug: kl-sigma-not-squared
# says: standard deviation stands
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + torch.exp(0.5 * logvar)).sum(-1)


# %% variance squared
# slug: kl-sigma-squared-twice
# says: squared once more
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + torch.exp(logvar) ** 2).sum(-1)


# %% no exp
# slug: kl-no-exp
# says: exp is missing
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar).sum(-1)


# %% minus the variance
# slug: piece-second-moment
# says: plus the variance
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 - logvar.exp()).sum(-1)


# %% the KL
# slug: piece-is-kl
# says: That is the KL
def cross_entropy(mu, logvar):
    return gaussian_kl(mu, logvar)


# %% the entropy
# slug: piece-of-q
# says: entropy of q
def cross_entropy(mu, logvar):
    return entropy(logvar)


# %% roles exchanged
# slug: piece-reversed
# says: roles are exchanged
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + logvar + (1 + mu**2) / logvar.exp()).sum(-1)


# %% clamped
# slug: kl-clipped
# says: logvar is clamped
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.clamp(-10, 10).exp()).sum(-1)


# %% by sampling
# slug: value-random
# says: Two calls
def cross_entropy(mu, logvar):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return 0.5 * (math.log(2 * math.pi) + z**2).sum(-1)


# %% mean over dimensions
# slug: density-mean
# says: add up
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).mean(-1)


# %% averaged over the batch
# slug: density-batch-mean
# says: Averaged over images too
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1).mean()


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def cross_entropy(mu, logvar):
    value = 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1)


# %% changes mu in place
# slug: changed-argument
# says: changed the values of `mu`
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu.pow_(2) + logvar.exp()).sum(-1)


# %% clamped to -30 and 20
# loses: cross-entropy-value
# slug: kl-clipped
# says: clamped
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.clamp(-30, 20).exp()).sum(-1)


# %% clamped at 50
# loses: cross-entropy-value
# slug: kl-clipped
# says: clamped
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.clamp(max=50).exp()).sum(-1)


# %% mu clamped at 10
# slug: value-cut
# says: cut off
def cross_entropy(mu, logvar):
    mu = mu.clamp(-10, 10)
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1)


# %% half of log 2 pi as 0.9189
# slug: not-exact
# says: digits of the constant are right
def cross_entropy(mu, logvar):
    return (0.9189 + 0.5 * (mu**2 + logvar.exp())).sum(-1)
