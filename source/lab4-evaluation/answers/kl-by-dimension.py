"""Answers to Exercise 9, a of lab4-evaluation: right ones, then wrong ones."""


# %% torch.distributions
def kl_by_dimension(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(logvar / 2))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(q, p).mean(dim=0)


# %% column by column
def kl_by_dimension(mu, logvar):
    columns = []
    for m, s in zip(mu.unbind(dim=1), logvar.unbind(dim=1)):
        columns.append((0.5 * (m * m + s.exp() - s - 1)).sum() / len(m))
    return torch.stack(columns)


# %% by the library's KL, one column at a time
def kl_by_dimension(mu, logvar):
    kl = gaussian_kl(mu.reshape(-1, 1), logvar.reshape(-1, 1))
    return kl.view(mu.shape).mean(0)


# %% means of the terms
def kl_by_dimension(mu, logvar):
    second = mu.square().mean(0) + logvar.exp().mean(0)
    return (second - logvar.mean(0) - 1) / 2


# %% einsum and expm1
def kl_by_dimension(mu, logvar):
    each = torch.expm1(logvar) - logvar + mu**2
    return torch.einsum("bd->d", each) / (2 * mu.shape[0])


# %% vmap over dimensions
def kl_by_dimension(mu, logvar):
    def of_column(m, s):
        return -0.5 * torch.mean(1 + s - m.pow(2) - s.exp())

    return torch.func.vmap(of_column, in_dims=1)(mu, logvar)


# %% image by image
def kl_by_dimension(mu, logvar):
    total = torch.zeros_like(mu[0])
    for m, s in zip(mu, logvar):
        total = total + 0.5 * (m**2 + torch.exp(s) - 1 - s)
    return total / len(mu)


# %% summed over images
# slug: rate-batch-sum
# says: a mean over them
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).sum(dim=0)


# %% one number an image
# slug: rate-of-image
# says: one number for each image
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).sum(dim=1)


# %% mean over dimensions
# slug: rate-of-image
# says: not over dimensions
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(dim=1)


# %% not averaged
# slug: rate-not-averaged
# says: mean over images is missing
def kl_by_dimension(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar)


# %% the rate of the whole model
# slug: rate-total
# says: each has a rate of its own
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).sum(dim=1).mean()


# %% the mean of everything
# slug: rate-total
# says: put together
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean()


# %% of the average code
# slug: rate-of-mean-code
# says: an average code
def kl_by_dimension(mu, logvar):
    m, s = mu.mean(dim=0), logvar.mean(dim=0)
    return 0.5 * (m**2 + s.exp() - 1 - s)


# %% of the average mean and variance
# slug: rate-of-mean-code
# says: first take the KL
def kl_by_dimension(mu, logvar):
    m, v = mu.mean(dim=0), logvar.exp().mean(dim=0)
    return 0.5 * (m**2 + v - 1 - v.log())


# %% of a Gaussian fitted to the codes
# slug: rate-of-aggregate
# says: fitted to all codes
def kl_by_dimension(mu, logvar):
    m, v = mu.mean(dim=0), logvar.exp().mean(dim=0) + mu.var(dim=0, correction=0)
    return 0.5 * (m**2 + v - 1 - v.log())


# %% shares
# slug: rate-share
# says: shares of the whole
def kl_by_dimension(mu, logvar):
    each = (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(dim=0)
    return each / each.sum()


# %% divided by D
# slug: rate-by-latent-size
# says: add up to the KL
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(dim=0) / mu.shape[1]


# %% the first image only
# slug: rate-of-one-image
# says: one image stands for all
def kl_by_dimension(mu, logvar):
    return 0.5 * (mu[0] ** 2 + logvar[0].exp() - 1 - logvar[0])


# %% the median
# slug: rate-median
# says: only means add up
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).median(dim=0).values


# %% sorted
# slug: rate-sorted
# loses: kl-by-dimension-value
# says: the place of its dimension
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(dim=0).sort(descending=True).values


# %% half missing
# slug: kl-no-half
# says: factor 1/2
def kl_by_dimension(mu, logvar):
    return (mu**2 + logvar.exp() - 1 - logvar).mean(dim=0)


# %% sign
# slug: kl-sign
# says: never negative
def kl_by_dimension(mu, logvar):
    return (0.5 * (1 + logvar - mu**2 - logvar.exp())).mean(dim=0)


# %% reversed
# slug: kl-reversed
# says: KL(q || p)
def kl_by_dimension(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(logvar / 2))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(p, q).mean(dim=0)


# %% logvar read as log sigma
# slug: kl-log-sigma
# says: log sigma squared
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + (2 * logvar).exp() - 1 - 2 * logvar)).mean(dim=0)


# %% mu not squared
# slug: kl-mu-not-squared
# says: not squared
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu + logvar.exp() - 1 - logvar)).mean(dim=0)


# %% sum of means squared
# slug: kl-other-prior
# says: another variance
def kl_by_dimension(mu, logvar):
    return (0.5 * ((mu**2 + logvar.exp()) / 2 - 1 - logvar)).mean(dim=0)


# %% two mu
# slug: term-factor
# says: counts 2 times
def kl_by_dimension(mu, logvar):
    return (0.5 * (2 * mu**2 + logvar.exp() - 1 - logvar)).mean(dim=0)


# %% clamped at a floor
# slug: kl-floor
# loses: kl-by-dimension-value
# says: exactly 0
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(dim=0).clamp(min=0.01)


# %% logvar clamped
# slug: kl-clipped
# loses: kl-by-dimension-value
# says: omit that
def kl_by_dimension(mu, logvar):
    logvar = logvar.clamp(-10, 10)
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(dim=0)


# %% by sampling
# slug: kl-random
# says: closed form
def kl_by_dimension(mu, logvar):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return 0.5 * (z**2 - (z - mu) ** 2 / logvar.exp() - logvar).mean(dim=0)


# %% detached
# slug: detached
# loses: kl-by-dimension-gradient
# says: no gradient passes
@torch.no_grad()
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(dim=0)


# %% half precision
# slug: half-precision
# says: 16 bits
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(dim=0).half()


# %% a list
# slug: wrong-type
# says: a list of
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(dim=0).tolist()


# %% mean of the mu, then square
# slug: rate-of-mean-code
# says: That is the KL of an
def kl_by_dimension(mu, logvar):
    return 0.5 * (mu.mean(0) ** 2 + logvar.exp().mean(0) - 1 - logvar.mean(0))


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0).squeeze()


# %% bits
# slug: not-nats
# says: The logarithm has another base
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0) / math.log(2)


# %% twenty dimensions
# slug: shape-rows-missing
# says: Entries are missing
# loses: kl-by-dimension-value
def kl_by_dimension(mu, logvar):
    return torch.stack(
        [
            (0.5 * (mu[:, d] ** 2 + logvar[:, d].exp() - 1 - logvar[:, d])).mean()
            for d in range(min(20, mu.shape[1]))
        ]
    )
