"""Answers to Exercise 3 of lab1-elbo: right ones, then wrong ones."""


# %% kl_divergence
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(q, p).sum(dim=1)


# %% as in the paper, with a minus sign
def gaussian_kl(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=-1)


# %% a loop over the latent dimensions
def gaussian_kl(mu, logvar):
    total = torch.zeros(len(mu), dtype=mu.dtype)
    for d in range(mu.shape[1]):
        total = total + (mu[:, d] ** 2 + torch.expm1(logvar[:, d]) - logvar[:, d]) / 2
    return total


# %% einsum
def gaussian_kl(mu, logvar):
    square = torch.einsum("bd,bd->b", mu, mu)
    return (square + torch.einsum("bd->b", torch.exp(logvar) - logvar) - mu.size(1)) * 0.5


# %% vmap of one image
def gaussian_kl(mu, logvar):
    return torch.func.vmap(lambda m, v: 0.5 * (m @ m + (v.exp() - 1 - v).sum()))(mu, logvar)


# %% by forward differentiation of the normalizer
def gaussian_kl(mu, logvar):
    half, _ = torch.func.jvp(lambda v: (v.exp() - v).sum(-1) / 2, (logvar,), (logvar,))
    return 0.5 * (mu**2).sum(-1) + half - 0.5 * mu.shape[-1]


# %% half missing
# slug: kl-no-half
# says: factor 1/2
def gaussian_kl(mu, logvar):
    return (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% sign
# slug: kl-sign
# says: never negative
def gaussian_kl(mu, logvar):
    return 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(-1)


# %% mean over latent dimensions
# slug: kl-mean-latent
# says: too small by the factor D
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(-1)


# %% KL the other way round
# slug: kl-reversed
# says: KL(p || q)
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(p, q).sum(-1)


# %% log sigma
# slug: kl-log-sigma
# says: log sigma squared
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + torch.exp(2 * logvar) - 1 - 2 * logvar).sum(-1)


# %% logvar as a standard deviation
# slug: kl-sigma-squared-twice
# says: squared once more
def gaussian_kl(mu, logvar):
    sigma = torch.exp(logvar)
    return 0.5 * (mu**2 + sigma**2 - 1 - logvar).sum(-1)


# %% averaged over the batch
# slug: kl-batch-mean
# says: too early
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1).mean()


# %% expectations added
# slug: kl-expectations-added
# says: their difference
def gaussian_kl(mu, logvar):
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + 1).sum(-1)
    log_p = -0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1)
    return log_q + log_p


# %% by sampling
# slug: kl-random
# says: Two calls
def gaussian_kl(mu, logvar):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * ((z - mu) ** 2 / logvar.exp() + logvar + math.log(2 * math.pi)).sum(-1)
    return log_q - log_p


# %% float32
# loses: gaussian-kl-value
# slug: lost-precision
# says: torch.float32
def gaussian_kl(mu, logvar):
    mu, logvar = mu.float(), logvar.float()
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% detached
# loses: gaussian-kl-gradient
# slug: detached
# says: No gradient passes
def gaussian_kl(mu, logvar):
    mu, logvar = mu.detach(), logvar.detach()
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% clamped from below
# slug: kl-clipped
# says: clamped
def gaussian_kl(mu, logvar):
    logvar = logvar.clamp(min=-10)
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% logvar squared
# slug: kl-logvar-squared
# says: logvar is squared
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar**2 - 1 - logvar).sum(-1)


# %% logvar squared as variance
# slug: kl-logvar-squared
# says: logvar is squared
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar**2 - 1 - (logvar**2).log()).sum(-1)


# %% logvar squared at the end
# slug: kl-logvar-squared
# says: logvar is squared
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar**2).sum(-1)


# %% two exponentials
# slug: kl-exp-twice
# says: Two exponentials
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp().exp() - 1 - logvar).sum(-1)


# %% two exponentials, the log of one
# slug: kl-exp-twice
# says: Two exponentials
def gaussian_kl(mu, logvar):
    logvar = logvar.exp()
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% a prior of variance 2
# slug: kl-other-prior
# says: prior of another variance
def gaussian_kl(mu, logvar):
    return 0.5 * ((mu**2 + logvar.exp()) / 2 - 1 - logvar + math.log(2)).sum(-1)


# %% a prior of standard deviation 2
# slug: kl-other-prior
# says: prior of another variance
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(logvar / 2))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.full_like(mu, 2.0))
    return torch.distributions.kl_divergence(q, p).sum(-1)


# %% a prior of variance 2 without its logarithm
# slug: kl-other-prior
# says: prior of another variance
def gaussian_kl(mu, logvar):
    return 0.5 * ((mu**2 + logvar.exp()) / 2 - 1 - logvar).sum(-1)


# %% softplus as variance
# slug: std-softplus
# says: another convention
def gaussian_kl(mu, logvar):
    variance = torch.nn.functional.softplus(logvar)
    return 0.5 * (mu**2 + variance - 1 - variance.log()).sum(-1)


# %% softplus as standard deviation
# slug: std-softplus
# says: another convention
def gaussian_kl(mu, logvar):
    std = torch.nn.functional.softplus(logvar)
    return 0.5 * (mu**2 + std**2 - 1 - 2 * std.log()).sum(-1)


# %% mu averaged over the batch
# slug: kl-code-averaged
# says: averaged over the batch
def gaussian_kl(mu, logvar):
    return 0.5 * (mu.mean(0) ** 2 + logvar.exp() - 1 - logvar).sum(-1)


# %% the square of mu averaged over the batch
# loses: gaussian-kl-value
# slug: kl-code-averaged
# says: averaged over the batch
def gaussian_kl(mu, logvar):
    return 0.5 * ((mu**2).mean(0) + logvar.exp() - 1 - logvar).sum(-1)


# %% logvar averaged over the batch
# slug: kl-code-averaged
# says: averaged over the batch
def gaussian_kl(mu, logvar):
    logvar = logvar.mean(0)
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% mu less its mean over the batch
# slug: kl-code-averaged
# says: averaged over the batch
def gaussian_kl(mu, logvar):
    mu = mu - mu.mean(0)
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% the sum of mu squared
# slug: kl-square-of-sum
# says: sum was squared
def gaussian_kl(mu, logvar):
    return 0.5 * (mu.sum(-1) ** 2 + (logvar.exp() - 1 - logvar).sum(-1))


# %% clamped to -30 and 20
# slug: kl-clipped
# says: clamped
def gaussian_kl(mu, logvar):
    logvar = logvar.clamp(-30, 20)
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% clamped to -40 and 40
# slug: kl-clipped
# says: clamped
def gaussian_kl(mu, logvar):
    logvar = logvar.clamp(-40, 40)
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% a small constant under the variance
# slug: kl-clipped
# says: small constant was added
def gaussian_kl(mu, logvar):
    variance = logvar.exp() + 1e-20
    return 0.5 * (mu**2 + variance - 1 - variance.log()).sum(-1)


# %% mu clamped at 30
# slug: value-cut
# says: cut off
def gaussian_kl(mu, logvar):
    mu = mu.clamp(-30, 30)
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% D = 1: no sum at all when shape is (B,1) flattened
# slug: kl-sum-over-batch
# says: over images, not latent dimensions
# loses: gaussian-kl-value
def gaussian_kl(mu, logvar):
    k = 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
    return k.sum(0) if k.shape[0] == k.shape[1] else k.sum(1)


# %% log of the product of variances (underflows for many dims)
# slug: nan
# says: A logarithm, root or quotient does not exist there, or a number overflowed
# loses: gaussian-kl-value
def gaussian_kl(mu, logvar):
    v = logvar.exp()
    return 0.5 * ((mu**2 + v - 1).sum(-1) - torch.log(v.prod(-1)))
