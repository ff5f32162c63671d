"""Answers to Exercise 18 of lab4-evaluation: right ones, then wrong ones."""


# %% torch.distributions
def mended_2(log_px_given_z, z, mu, logvar):
    prior = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    return log_px_given_z + prior.log_prob(z).sum(-1) - q.log_prob(z).sum(-1)


# %% one density for both
def mended_2(log_px_given_z, z, mu, logvar):
    def log_density(z, mu, logvar):
        off = (z - mu).square() * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + off).sum(dim=2)

    zero = torch.zeros(())
    return log_px_given_z + log_density(z, zero, zero) - log_density(z, mu, logvar)


# %% the constants cancel
def mended_2(log_px_given_z, z, mu, logvar):
    eps = (z - mu) / torch.exp(logvar / 2)
    return log_px_given_z + 0.5 * (eps**2 - z**2 + logvar).sum(dim=-1)


# %% Independent
def mended_2(log_px_given_z, z, mu, logvar):
    from torch.distributions import Independent, MultivariateNormal, Normal

    q = Independent(Normal(mu, logvar.div(2).exp()), 1)
    p = MultivariateNormal(torch.zeros(z.shape[-1]).to(z), torch.eye(z.shape[-1]).to(z))
    return log_px_given_z + p.log_prob(z) - q.log_prob(z)


# %% code by code
def mended_2(log_px_given_z, z, mu, logvar):
    rows = []
    for given, code in zip(log_px_given_z, z, strict=True):
        log_prior = (-0.5 * code**2).sum(1)
        log_q = (-0.5 * (code - mu) ** 2 / logvar.exp() - 0.5 * logvar).sum(1)
        rows.append(given + log_prior - log_q)
    return torch.stack(rows)


# %% still broken
# slug: bug-analytic-kl
# says: this code's term
def mended_2(log_px_given_z, z, mu, logvar):
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
    return log_px_given_z - kl


# %% by kl_divergence
# slug: bug-analytic-kl
# says: exact KL
def mended_2(log_px_given_z, z, mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return log_px_given_z - torch.distributions.kl_divergence(q, p).sum(-1)


# %% the sampled KL, averaged over codes
# slug: bug-averaged-kl
# says: was averaged
def mended_2(log_px_given_z, z, mu, logvar):
    eps = (z - mu) / torch.exp(logvar / 2)
    return log_px_given_z + 0.5 * (eps**2 - z**2 + logvar).sum(dim=-1).mean(0)


# %% signs exchanged
# slug: bug-kl-sign
# says: log p(z) is added
def mended_2(log_px_given_z, z, mu, logvar):
    eps = (z - mu) / torch.exp(logvar / 2)
    return log_px_given_z - 0.5 * (eps**2 - z**2 + logvar).sum(dim=-1)


# %% no prior
# slug: bug-no-prior
# says: prior is missing
def mended_2(log_px_given_z, z, mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    return log_px_given_z - q.log_prob(z).sum(-1)


# %% no q
# slug: bug-no-q
# says: q is missing
def mended_2(log_px_given_z, z, mu, logvar):
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return log_px_given_z + p.log_prob(z).sum(-1)


# %% the variance as a standard deviation
# slug: bug-log-sigma
# says: another power of sigma
def mended_2(log_px_given_z, z, mu, logvar):
    q = torch.distributions.Normal(mu, logvar.exp())
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return log_px_given_z + p.log_prob(z).sum(-1) - q.log_prob(z).sum(-1)


# %% log sigma forgotten
# slug: bug-no-log-sigma
# says: log sigma is missing
def mended_2(log_px_given_z, z, mu, logvar):
    eps = (z - mu) / torch.exp(logvar / 2)
    return log_px_given_z + 0.5 * (eps**2 - z**2).sum(dim=-1)


# %% the constant in one of the two
# slug: density-constant
# says: constant
def mended_2(log_px_given_z, z, mu, logvar):
    log_prior = -0.5 * (z**2).sum(-1)
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    return log_px_given_z + log_prior - q.log_prob(z).sum(-1)


# %% averaged over dimensions
# slug: bug-dimensions-averaged
# says: add up over them
def mended_2(log_px_given_z, z, mu, logvar):
    eps = (z - mu) / torch.exp(logvar / 2)
    return log_px_given_z + 0.5 * (eps**2 - z**2 + logvar).mean(dim=-1)


# %% one number a dimension
# slug: bug-latent-not-summed
# says: their sum is missing
def mended_2(log_px_given_z, z, mu, logvar):
    eps = (z - mu) / torch.exp(logvar / 2)
    return log_px_given_z[..., None] + 0.5 * (eps**2 - z**2 + logvar)


# %% the bound in place of the weights
# slug: bug-over-samples
# says: each code has a weight
def mended_2(log_px_given_z, z, mu, logvar):
    eps = (z - mu) / torch.exp(logvar / 2)
    log_w = log_px_given_z + 0.5 * (eps**2 - z**2 + logvar).sum(dim=-1)
    return log_w.logsumexp(0) - math.log(len(log_w))


# %% weights in place of their logarithms
# slug: bug-not-logged
# says: not its logarithm
def mended_2(log_px_given_z, z, mu, logvar):
    eps = (z - mu) / torch.exp(logvar / 2)
    return torch.exp(log_px_given_z + 0.5 * (eps**2 - z**2 + logvar).sum(dim=-1))


# %% the image forgotten
# slug: bug-no-likelihood
# says: no part in the weight
def mended_2(log_px_given_z, z, mu, logvar):
    eps = (z - mu) / torch.exp(logvar / 2)
    return 0.5 * (eps**2 - z**2 + logvar).sum(dim=-1)


# %% both subtracted
# slug: bug-kl-sign
# says: A sign is wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z - log_p - log_q


# %% sigma for the variance
# slug: kl-sigma-not-squared
# says: The standard deviation stands where the
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / (0.5 * logvar).exp()).sum(-1)
    return log_px_given_z + log_p - log_q


# %% times the variance
# slug: density-times-variance
# says: The squared residual is multiplied by
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 * logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q


# %% normalized over codes
# slug: bug-normalized
# says: Divided by the sum over codes
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return (log_px_given_z + log_p - log_q).log_softmax(0)


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
# loses: bug-2-weights
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return (log_px_given_z + log_p - log_q).squeeze()


# %% mu along the codes
# slug: sizes-guessed
# says: Right at other sizes
# loses: bug-2-weights
def mended_2(log_px_given_z, z, mu, logvar):
    m, s = mu[:, None], logvar[:, None]
    if len(mu) != len(z):
        m, s = mu, logvar
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + s + (z - m) ** 2 / s.exp()).sum(-1)
    return log_px_given_z + log_p - log_q
