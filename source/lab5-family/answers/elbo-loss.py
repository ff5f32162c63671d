"""Answers to Exercise 14 of lab5-family: right ones, then wrong ones."""


# %% a loop over draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    total = 0
    for _ in range(num_samples):
        total = total - likelihood(q.rsample()).log_prob(x)
    return total / num_samples + torch.distributions.kl_divergence(q, prior)


# %% draws stacked one by one
def elbo_loss(q, prior, likelihood, x, num_samples):
    from torch.distributions.kl import kl_divergence

    z = torch.stack([q.rsample() for _ in range(num_samples)])
    log_p = likelihood(z).log_prob(x.expand(num_samples, *x.shape))
    return kl_divergence(q, prior) - log_p.sum(0) / num_samples


# %% draws in the second dimension
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample(torch.Size([num_samples])).transpose(0, 1)  # (B, S, D)
    nll = likelihood(z).log_prob(x[:, None]).neg()
    return nll.mean(1) + torch.distributions.kl_divergence(q, prior)


# %% rows of all draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample((num_samples,))
    rows = likelihood(z.flatten(0, 1)).log_prob(x.repeat(num_samples, 1))
    mean = rows.view(num_samples, len(x)).mean(dim=0)
    return -(mean - torch.distributions.kl_divergence(q, prior))


# %% an einsum
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample([num_samples])).log_prob(x[None])
    weights = log_p.new_full((num_samples,), 1 / num_samples)
    return torch.distributions.kl_divergence(q, prior) - torch.einsum("sb,s->b", log_p, weights)


# %% image by image
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample((num_samples,))
    kl = torch.distributions.kl_divergence(q, prior)
    losses = [
        kl[b] - likelihood(z[:, b]).log_prob(image.expand(num_samples, -1)).mean()
        for b, image in enumerate(x)
    ]
    return torch.stack(losses)


# %% draws in chunks
def elbo_loss(q, prior, likelihood, x, num_samples):
    found, left = [], num_samples
    while left:
        now = min(left, 3)
        found.append(likelihood(q.rsample((now,))).log_prob(x))
        left -= now
    return torch.distributions.kl_divergence(q, prior) - torch.cat(found).mean(0)


# %% sample
# slug: objects-not-reparameterized
# says: cut off
# loses: elbo-loss-draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.sample((num_samples,))
    return torch.distributions.kl_divergence(q, prior) - likelihood(z).log_prob(x).mean(0)


# %% detached codes
# slug: objects-not-reparameterized
# says: no gradient reaches it
# loses: elbo-loss-draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample((num_samples,)).detach()
    return torch.distributions.kl_divergence(q, prior) - likelihood(z).log_prob(x).mean(0)


# %% no gradients at all
# slug: detached
# says: no gradient
# loses: elbo-loss-draws
@torch.no_grad()
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample((num_samples,))
    return torch.distributions.kl_divergence(q, prior) - likelihood(z).log_prob(x).mean(0)


# %% the KL is detached
# slug: objects-kl-detached
# says: no gradient to q
# loses: elbo-loss-draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample((num_samples,))
    kl = torch.distributions.kl_divergence(q, prior).detach()
    return kl - likelihood(z).log_prob(x).mean(0)


# %% the KL the other way
# slug: objects-kl-reversed
# says: q comes first
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample((num_samples,))
    a, b = q.base_dist, prior.base_dist
    b = type(b)(b.loc.expand_as(a.loc), b.scale.expand_as(a.scale))
    if type(a) is not type(b):
        return torch.distributions.kl_divergence(q, prior) - likelihood(z).log_prob(x).mean(0)
    return torch.distributions.kl_divergence(b, a).sum(-1) - likelihood(z).log_prob(x).mean(0)


# %% no KL
# slug: objects-no-kl
# says: KL is missing
def elbo_loss(q, prior, likelihood, x, num_samples):
    return -likelihood(q.rsample((num_samples,))).log_prob(x).mean(0)


# %% the KL is subtracted
# slug: objects-kl-sign
# says: added
def elbo_loss(q, prior, likelihood, x, num_samples):
    nll = -likelihood(q.rsample((num_samples,))).log_prob(x).mean(0)
    return nll - torch.distributions.kl_divergence(q, prior)


# %% the ELBO
# slug: value-negated
# says: sign
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x).mean(0)
    return log_p - torch.distributions.kl_divergence(q, prior)


# %% the likelihood's sign
# slug: objects-likelihood-sign
# says: its sign is wrong
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x).mean(0)
    return log_p + torch.distributions.kl_divergence(q, prior)


# %% the KL by draws
# slug: objects-kl-by-draws
# says: closed form
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample((num_samples,))
    return (q.log_prob(z) - prior.log_prob(z) - likelihood(z).log_prob(x)).mean(0)


# %% the entropy exact, the prior by draws
# slug: objects-kl-by-draws
# says: estimated
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample((num_samples,))
    return -q.entropy() - (prior.log_prob(z) + likelihood(z).log_prob(x)).mean(0)


# %% importance weights
# slug: objects-weights
# says: another bound
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample((num_samples,))
    log_w = prior.log_prob(z) + likelihood(z).log_prob(x) - q.log_prob(z)
    return math.log(num_samples) - log_w.logsumexp(0)


# %% the logarithm of the mean likelihood
# slug: objects-weights
# says: another bound
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x)
    mean = log_p.logsumexp(0) - math.log(num_samples)
    return torch.distributions.kl_divergence(q, prior) - mean


# %% summed over draws
# slug: objects-summed
# says: a mean over the draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x)
    return torch.distributions.kl_divergence(q, prior) - log_p.sum(0)


# %% the KL is divided, too
# slug: objects-kl-shared
# says: does not depend on them
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x)
    return (torch.distributions.kl_divergence(q, prior) - log_p.sum(0)) / num_samples


# %% one draw
# slug: objects-count
# says: num_samples
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample()).log_prob(x)
    return torch.distributions.kl_divergence(q, prior) - log_p


# %% one draw for all
# slug: objects-one-code
# says: several times
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample().expand(num_samples, -1, -1)
    return torch.distributions.kl_divergence(q, prior) - likelihood(z).log_prob(x).mean(0)


# %% the mean is decoded
# slug: objects-mean-decoded
# says: draw codes
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.mean.expand(num_samples, -1, -1)
    return torch.distributions.kl_divergence(q, prior) - likelihood(z).log_prob(x).mean(0)


# %% not averaged
# slug: objects-not-averaged
# says: mean over the draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x)
    return torch.distributions.kl_divergence(q, prior) - log_p


# %% a mean over everything
# slug: objects-batch
# says: each image
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x)
    return (torch.distributions.kl_divergence(q, prior) - log_p).mean()


# %% a sum over the batch
# slug: objects-batch
# says: summed
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x).mean(0)
    return (torch.distributions.kl_divergence(q, prior) - log_p).sum()


# %% the KL to N(0, I) by hand
# slug: objects-standard-prior
# says: the prior is an argument
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x).mean(0)
    kl = 0.5 * (q.mean**2 + q.variance - 1 - q.variance.log()).sum(-1)
    return kl - log_p


# %% the KL of Gaussians by hand
# slug: objects-takes-gaussian
# says: Gaussians alone
# loses: elbo-loss-value
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x).mean(0)
    ratio = q.variance / prior.variance
    kl = 0.5 * ((q.mean - prior.mean) ** 2 / prior.variance + ratio - 1 - ratio.log()).sum(-1)
    return kl - log_p


# %% noise by hand
# slug: objects-takes-gaussian
# says: Gaussians alone
# loses: elbo-loss-draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    eps = torch.randn(num_samples, *q.mean.shape, dtype=x.dtype)
    z = q.mean + q.stddev * eps
    return torch.distributions.kl_divergence(q, prior) - likelihood(z).log_prob(x).mean(0)


# %% codes of the prior
# slug: objects-other-codes
# says: not drawn from q
# loses: elbo-loss-draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = prior.rsample((num_samples, len(x)))
    return torch.distributions.kl_divergence(q, prior) - likelihood(z).log_prob(x).mean(0)


# %% cross-entropy by hand
# slug: objects-no-log-prob
# says: log_prob
def elbo_loss(q, prior, likelihood, x, num_samples):
    p = likelihood(q.rsample((num_samples,))).mean
    nll = -(x * p.log() + (1 - x) * (1 - p).log()).sum(-1).mean(0)
    return nll + torch.distributions.kl_divergence(q, prior)


# %% a squared error
# slug: objects-no-log-prob
# says: is not asked
def elbo_loss(q, prior, likelihood, x, num_samples):
    mean = likelihood(q.rsample((num_samples,))).mean
    return ((x - mean) ** 2).sum(-1).mean(0) + torch.distributions.kl_divergence(q, prior)


# %% a reconstruction is scored
# slug: raised
# says: ✗
def elbo_loss(q, prior, likelihood, x, num_samples):
    z = q.rsample((num_samples,))
    log_p = likelihood(z).log_prob(likelihood(z).mean).mean(0)
    return torch.distributions.kl_divergence(q, prior) - log_p


# %% the best draw
# slug: objects-best-only
# says: one draw
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x).amax(0)
    return torch.distributions.kl_divergence(q, prior) - log_p


# %% a mean over pixels
# slug: objects-per-pixel
# says: sum over its pixels
def elbo_loss(q, prior, likelihood, x, num_samples):
    log_p = likelihood(q.rsample((num_samples,))).log_prob(x).mean(0) / x.shape[-1]
    return torch.distributions.kl_divergence(q, prior) - log_p


# %% a seed
# slug: noise-frozen
# says: same codes
# loses: elbo-loss-draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    torch.manual_seed(0)
    z = q.rsample((num_samples,))
    return torch.distributions.kl_divergence(q, prior) - likelihood(z).log_prob(x).mean(0)


# %% one code shared by all images
# slug: noise-shared-batch
# says: the same
# loses: elbo-loss-draws
def elbo_loss(q, prior, likelihood, x, num_samples):
    eps = (q.rsample((num_samples,)) - q.mean) / q.stddev
    z = q.mean + q.stddev * eps[:, :1]
    return torch.distributions.kl_divergence(q, prior) - likelihood(z).log_prob(x).mean(0)
