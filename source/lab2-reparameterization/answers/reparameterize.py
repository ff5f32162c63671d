"""Answers to Exercise 7 of lab2-reparameterization: right ones, then wrong ones."""


# %% rsample
def reparameterize(mu, logvar):
    return Normal(mu, (0.5 * logvar).exp()).rsample()


# %% minus the noise
def reparameterize(mu, logvar):
    return mu - torch.sqrt(torch.exp(logvar)) * torch.randn(mu.shape, dtype=mu.dtype)


# %% multivariate normal
def reparameterize(mu, logvar):
    scale = torch.diag_embed(torch.exp(logvar / 2))
    return torch.distributions.MultivariateNormal(mu, scale_tril=scale).rsample()


# %% addcmul and normal_
def reparameterize(mu, logvar):
    eps = torch.empty_like(mu).normal_()
    return torch.addcmul(mu, eps, logvar.mul(0.5).exp())


# %% quantiles of uniform numbers
def reparameterize(mu, logvar):
    u = torch.rand_like(logvar).clamp(1e-15, 1 - 1e-15)
    return torch.special.ndtri(u) * math.e ** (logvar / 2) + mu


# %% vmap over the rows
def reparameterize(mu, logvar):
    def row(mu, logvar):
        return mu + torch.exp(logvar / 2) * torch.randn(mu.shape, dtype=mu.dtype)

    return torch.func.vmap(row, randomness="different")(mu, logvar)


# %% compiled
@torch.compile(dynamic=True)
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def reparameterize(mu, logvar):
    mu + torch.exp(logvar / 2) * torch.randn_like(mu)


# %% a derivative written by hand
# loses: reparameterize-pathwise
# slug: wrong-derivative
# says: From logvar = 0 to 6
def reparameterize(mu, logvar):
    class Sample(torch.autograd.Function):
        @staticmethod
        def forward(ctx, mu, logvar):
            noise = torch.randn_like(mu) * (logvar > -50)
            ctx.save_for_backward(noise)
            return mu + noise

        @staticmethod
        def backward(ctx, gradient):
            (noise,) = ctx.saved_tensors
            return gradient, gradient * noise / 2

    return Sample.apply(mu, logvar)


# %% a float
# slug: wrong-type
# says: float
def reparameterize(mu, logvar):
    return float((mu + torch.exp(logvar / 2) * torch.randn_like(mu)).sum())


# %% exp of the log-variance
# loses: reparameterize-pathwise
# slug: std-is-variance
# says: the variance
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar) * torch.randn_like(mu)


# %% no exp
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-no-exp
# says: an exp is missing
def reparameterize(mu, logvar):
    return mu + 0.5 * logvar * torch.randn_like(mu)


# %% sample without a path
# loses: reparameterize-pathwise
# slug: sample-detached
# says: cut off
def reparameterize(mu, logvar):
    return Normal(mu, torch.exp(logvar / 2)).sample()


# %% std detached
# loses: reparameterize-pathwise
# slug: std-detached
# says: logvar is never learned
def reparameterize(mu, logvar):
    std = torch.exp(logvar / 2).detach()
    return mu + std * torch.randn_like(mu)


# %% mean stretched along
# loses: reparameterize-pathwise
# slug: mu-scaled
# says: the mean is scaled
def reparameterize(mu, logvar):
    return (mu + torch.randn_like(mu)) * torch.exp(logvar / 2)


# %% inverse
# loses: reparameterize-pathwise
# slug: std-inverse
# says: wrong sign
def reparameterize(mu, logvar):
    return mu + torch.exp(-logvar / 2) * torch.randn_like(mu)


# %% uniform
# loses: reparameterize-noise
# slug: noise-uniform
# says: uniform
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * (torch.rand_like(mu) - 0.5) * 12**0.5


# %% uniform, not centered
# loses: reparameterize-noise
# slug: noise-uniform
# says: uniform
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * torch.rand_like(mu)


# %% shared over the batch
# loses: reparameterize-noise
# slug: noise-shared-batch
# says: for each
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * torch.randn(mu.shape[1], dtype=mu.dtype)


# %% shared over the dimensions
# loses: reparameterize-noise
# slug: noise-shared-latent
# says: draw each
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * torch.randn(len(mu), 1, dtype=mu.dtype)


# %% noise too small
# loses: reparameterize-noise
# slug: noise-scale
# says: variance
def reparameterize(mu, logvar):
    return mu + 0.1 * torch.exp(logvar / 2) * torch.randn_like(mu)


# %% seeded
# loses: reparameterize-fresh
# slug: noise-frozen
# says: drawn once
def reparameterize(mu, logvar):
    eps = torch.randn(mu.shape, dtype=mu.dtype, generator=torch.Generator().manual_seed(1))
    return mu + torch.exp(logvar / 2) * eps


# %% mean in evaluation
# loses: reparameterize-noise, reparameterize-fresh
# slug: no-noise
# says: no noise
def reparameterize(mu, logvar):
    if not torch.is_grad_enabled():
        return mu
    return mu + torch.exp(logvar / 2) * torch.randn_like(mu)


# %% logvar overwritten
# slug: raised
# says: in-place
def reparameterize(mu, logvar):
    std = logvar.mul_(0.5).exp_()
    return mu + std * torch.randn_like(mu)


# %% a constant added to the variance
# loses: reparameterize-pathwise
# slug: std-clipped
# says: a constant added to the variance
def reparameterize(mu, logvar):
    std = torch.sqrt(torch.exp(logvar) + 1e-6)
    return mu + std * torch.randn_like(std)
