"""Answers to Exercise 5 of lab3-vae: right ones, then wrong ones."""


# %% the textbook form with a minus
def gaussian_kl(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)


# %% kl_divergence
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(q, p).sum(-1)


# %% Independent distributions
def gaussian_kl(mu, logvar):
    from torch.distributions import Independent, Normal, kl_divergence

    q = Independent(Normal(mu, logvar.exp().sqrt()), 1)
    p = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    return kl_divergence(q, p)


# %% from the two expectations
def gaussian_kl(mu, logvar):
    from math import log, pi

    log_q = -0.5 * (log(2 * pi) + logvar + 1)
    log_p = -0.5 * (log(2 * pi) + mu**2 + logvar.exp())
    return (log_q - log_p).sum(dim=1)


# %% einsum and expm1
def gaussian_kl(mu, logvar):
    return 0.5 * (torch.einsum("bd,bd->b", mu, mu) + (torch.expm1(logvar) - logvar).sum(1))


# %% with sigma
def gaussian_kl(mu, logvar):
    sigma = torch.exp(logvar / 2)
    return torch.sum((sigma**2 + mu**2 - 1) / 2 - torch.log(sigma), dim=-1)


# %% image by image
def gaussian_kl(mu, logvar):
    out = []
    for m, s in zip(mu, logvar):
        total = 0
        for a, b in zip(m, s):
            total = total + 0.5 * (a * a + b.exp() - b - 1)
        out.append(total)
    return torch.stack(out)


# %% multivariate normal
def gaussian_kl(mu, logvar):
    from torch.distributions import MultivariateNormal, kl_divergence

    q = MultivariateNormal(mu, torch.diag_embed(logvar.exp()))
    p = MultivariateNormal(torch.zeros_like(mu), torch.eye(mu.shape[1], dtype=mu.dtype))
    return kl_divergence(q, p)


# %% in float32
def gaussian_kl(mu, logvar):
    mu, logvar = mu.float(), logvar.float()
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(dim=1)


# %% norm, size and mean
def gaussian_kl(mu, logvar):
    rest = (logvar.exp() - logvar).mean(dim=1) - 1
    return (mu.norm(dim=1) ** 2 + mu.size(1) * rest) / 2


# %% vmap over the images
def gaussian_kl(mu, logvar):
    return torch.func.vmap(lambda m, v: 0.5 * (m**2 + v.exp() - 1 - v).sum())(mu, logvar)


# %% half missing
# slug: kl-no-half
# says: factor 1/2
def gaussian_kl(mu, logvar):
    return (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% sign
# slug: kl-sign
# says: a KL divergence is never negative
def gaussian_kl(mu, logvar):
    return 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(dim=1)


# %% mean over latent dimensions
# slug: kl-mean-latent
# says: too small by the factor D
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(dim=1)


# %% mean over everything
# slug: kl-mean-all
# says: mean over batch and latent dimensions
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean()


# %% summed over the batch
# slug: kl-batch-sum
# says: summed over the batch too early
def gaussian_kl(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


# %% averaged over the batch
# slug: kl-batch-mean
# says: averaged over the batch too early
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1).mean()


# %% not summed
# slug: kl-not-summed
# says: the sum over them is missing
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar)


# %% summed over the wrong dimension
# slug: kl-sum-over-batch
# says: wrong dimension
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=0)


# %% logvar read as log sigma
# slug: kl-log-sigma
# says: it is log sigma squared
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + (2 * logvar).exp() - 1 - 2 * logvar).sum(dim=1)


# %% variance squared
# slug: kl-sigma-squared-twice
# says: squared once more
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() ** 2 - 1 - logvar).sum(dim=1)


# %% sigma not squared
# slug: kl-sigma-not-squared
# says: where the variance belongs
def gaussian_kl(mu, logvar):
    sigma = torch.exp(0.5 * logvar)
    return 0.5 * (mu**2 + sigma - 1 - logvar).sum(dim=1)


# %% from prior to posterior
# slug: kl-reversed
# says: KL(p || q)
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(p, q).sum(dim=1)


# %% no mean
# slug: kl-no-mu
# says: term with the mean is missing
def gaussian_kl(mu, logvar):
    return 0.5 * (logvar.exp() - 1 - logvar).sum(dim=1)


# %% mean not squared
# slug: kl-mu-not-squared
# says: the mean is not squared
def gaussian_kl(mu, logvar):
    return 0.5 * (mu + logvar.exp() - 1 - logvar).sum(dim=1)


# %% constant missing
# loses: gaussian-kl-value
# slug: kl-no-one
# says: constant -1
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - logvar).sum(dim=1)


# %% log-variance missing
# slug: kl-no-logvar
# says: the variance may go to 0
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1).sum(dim=1)


# %% exp missing
# slug: kl-no-exp
# says: an exp is missing
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar - 1 - logvar).sum(dim=1)


# %% wrong sign of the log-variance
# slug: kl-logvar-sign
# says: has the wrong sign
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 + logvar).sum(dim=1)


# %% brackets
# slug: kl-half-misplaced
# says: look at the brackets
def gaussian_kl(mu, logvar):
    return (0.5 * mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% estimated from a sample
# slug: kl-random
# says: closed form without noise
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    z = q.rsample()
    return (q.log_prob(z) - p.log_prob(z)).sum(dim=1)


# %% a constant factor nobody asked for
# slug: term-factor
# says: all of it counts 0.3 times
def gaussian_kl(mu, logvar):
    return 0.15 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% detached
# loses: gaussian-kl-gradient
# slug: detached
# says: no gradient passes
def gaussian_kl(mu, logvar):
    mu, logvar = mu.detach(), logvar.detach()
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% log-variance detached
# loses: gaussian-kl-gradient
# slug: detached
# says: with respect to logvar is 0
def gaussian_kl(mu, logvar):
    logvar = logvar.detach()
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% arguments changed in place
# slug: changed-argument
# says: must not change its arguments
def gaussian_kl(mu, logvar):
    return 0.5 * (mu.pow_(2) + logvar.exp() - 1 - logvar).sum(dim=1)


# %% numpy result
# slug: wrong-type
# says: a torch tensor is wanted
def gaussian_kl(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)).detach().numpy()


# %% a floor for each dimension
# slug: kl-floor
# says: at mu = 0, logvar = 0 the KL is exactly 0
def gaussian_kl(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).clamp(min=0.02).sum(1)


# %% log-variance clamped
# slug: kl-clipped
# says: logvar is clamped
def gaussian_kl(mu, logvar):
    logvar = logvar.clamp(-10, 10)
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)


# %% minus one outside
# loses: gaussian-kl-value
# slug: kl-one-outside
# says: outside of the sum
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - logvar).sum(1) - 1


# %% plus one
# loses: gaussian-kl-value
# slug: kl-no-one
# says: wrong sign
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() + 1 - logvar).sum(1)


# %% expectations added
# slug: kl-expectations-added
# says: their difference
def gaussian_kl(mu, logvar):
    return -0.5 * (1 + logvar + mu**2 + logvar.exp()).sum(1)


# %% sqrt(sum mu^2)^2: NaN gradient at mu=0
# slug: nan
# says: A logarithm, root or quotient does not exist there, or a number overflowed
# loses: gaussian-kl-gradient
def gaussian_kl(mu, logvar):
    r = torch.sqrt((mu**2).sum(1))
    return 0.5 * (r**2 + (logvar.exp() - 1 - logvar).sum(1))


# %% sqrt(sum mu^2)^2: NaN gradient at mu = 0
# slug: nan
# says: A logarithm, root or quotient does not exist there, or a number overflowed
# loses: gaussian-kl-gradient
def gaussian_kl(mu, logvar):
    r = torch.sqrt((mu**2).sum(1))
    return 0.5 * (r**2 + (logvar.exp() - 1 - logvar).sum(1))
