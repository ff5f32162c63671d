"""Answers to Exercise 4 of lab1-elbo: right ones, then wrong ones."""


# %% torch.distributions
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(dim=-1)


# %% Independent
def log_q(z, mu, logvar):
    normal = torch.distributions.Normal(loc=mu, scale=logvar.mul(0.5).exp())
    return torch.distributions.Independent(normal, 1).log_prob(z)


# %% standardized first
def log_q(z, mu, logvar):
    eps = (z - mu) / torch.exp(0.5 * logvar)
    D = mu.shape[-1]
    return -eps.pow(2).sum(-1) / 2 - logvar.sum(-1) / 2 - D * math.log(math.sqrt(2 * math.pi))


# %% MultivariateNormal
def log_q(z, mu, logvar):
    return torch.distributions.MultivariateNormal(mu, torch.diag_embed(logvar.exp())).log_prob(z)


# %% einsum and F.gaussian_nll_loss
def log_q(z, mu, logvar):
    shape = torch.broadcast_shapes(z.shape, mu.shape)
    nll = torch.nn.functional.gaussian_nll_loss(
        mu.expand(shape), z, logvar.exp().expand(shape), full=True, eps=1e-300, reduction="none"
    )
    return -torch.einsum("...d->...", nll)


# %% vmap over everything
def log_q(z, mu, logvar):
    def one(z, mu, logvar):
        return -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp())

    each = torch.func.vmap(torch.func.vmap(one))
    if z.ndim == 3:
        each = torch.func.vmap(each, in_dims=(0, None, None))
    return each(z, mu, logvar).sum(-1)


# %% logvar as log sigma
# slug: kl-log-sigma
# says: log sigma squared
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar)).log_prob(z).sum(-1)


# %% square divided by sigma
# slug: kl-sigma-not-squared
# says: standard deviation stands
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + (z - mu) ** 2 / torch.exp(0.5 * logvar)).sum(-1)


# %% divided by logvar
# slug: kl-no-exp
# says: exp is missing
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + (z - mu) ** 2 / logvar).sum(-1)


# %% log-determinant missing
# slug: density-no-log-scale
# says: log of the scale is missing
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% log-determinant added
# slug: density-log-scale-sign
# says: wider means lower
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi - logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% whole log-determinant
# slug: density-log-sigma-factor
# says: half of log sigma^2
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return (-logvar - 0.5 * (two_pi + (z - mu) ** 2 / logvar.exp())).sum(-1)


# %% half of the square missing
# slug: density-no-half
# says: factor 1/2
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return (-0.5 * two_pi - 0.5 * logvar - (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% no constant
# slug: density-constant
# says: 1/2 log(2 pi)
def log_q(z, mu, logvar):
    return -0.5 * (logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% one constant
# slug: density-constant
# says: 1/2 log(2 pi)
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (logvar + (z - mu) ** 2 / logvar.exp()).sum(-1) - 0.5 * two_pi


# %% prior instead
# slug: density-at-origin
# says: mean is left out
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + z**2).sum(-1)


# %% mean left out
# slug: density-at-origin
# says: mean is left out
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + z**2 / logvar.exp()).sum(-1)


# %% mean over dimensions
# slug: density-mean
# says: add up
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + (z - mu) ** 2 / logvar.exp()).mean(-1)


# %% not summed
# slug: density-not-summed
# says: sum over the last
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + (z - mu) ** 2 / logvar.exp())


# %% sum over dimension 1
# slug: density-over-samples
# says: sum belongs to the last
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(0)


# %% sum over dimension 1 of samples
# loses: log-q-samples
# slug: wrong-shape
# says: it should be
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(1)


# %% negative
# slug: density-sign
# says: sign is reversed
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return 0.5 * (two_pi + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% the density
# slug: density-not-logged
# says: logarithm is missing
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(-1).exp()


# %% product of densities
# slug: density-underflow
# says: work with logarithms
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).exp().prod(-1).log()


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    value = -0.5 * (two_pi + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% float32
# slug: lost-precision
# says: torch.float32
def log_q(z, mu, logvar):
    z, mu, logvar = z.float(), mu.float(), logvar.float()
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(-1)


# %% changes z in place
# slug: changed-argument
# says: changed the values of `z`
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    z -= mu
    return -0.5 * (two_pi + logvar + z**2 / logvar.exp()).sum(-1)


# %% clamped
# slug: kl-clipped
# says: logvar is clamped
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar.clamp(-10, 10) / 2)).log_prob(z).sum(-1)


# %% an epsilon in the variance
# slug: not-exact
# says: something added
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + (z - mu) ** 2 / (logvar.exp() + 1e-8)).sum(-1)


# %% D from the second dimension of z
# slug: density-size-of-batch
# says: The constant counts another size than D, which is z.shape[-1]
# loses: log-q-samples
def log_q(z, mu, logvar):
    squares = ((z - mu) ** 2 / logvar.exp() + logvar).sum(-1)
    return -0.5 * (squares + z.shape[1] * math.log(2 * math.pi))


# %% half of log sigma
# slug: density-log-sigma-factor
# says: half of log sigma^2
def log_q(z, mu, logvar):
    sigma = torch.exp(logvar / 2)
    squares = ((z - mu) / sigma) ** 2
    return -0.5 * (squares + torch.log(sigma) + math.log(2 * math.pi)).sum(-1)


# %% square times the variance
# slug: density-times-variance
# says: divide by it
def log_q(z, mu, logvar):
    squares = (z - mu) ** 2 * torch.exp(logvar)
    return -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(-1)


# %% no normalizer
# slug: density-unnormalized
# says: normalizer is missing
def log_q(z, mu, logvar):
    return -0.5 * ((z - mu) ** 2 / logvar.exp()).sum(-1)


# %% softplus as standard deviation
# slug: std-softplus
# says: another convention
def log_q(z, mu, logvar):
    std = torch.nn.functional.softplus(logvar)
    return torch.distributions.Normal(mu, std).log_prob(z).sum(-1)


# %% softplus as variance
# slug: std-softplus
# says: another convention
def log_q(z, mu, logvar):
    std = torch.nn.functional.softplus(logvar).sqrt()
    return torch.distributions.Normal(mu, std).log_prob(z).sum(-1)


# %% the sum squared
# slug: density-square-of-sum
# says: sum was squared
def log_q(z, mu, logvar):
    ratio = ((z - mu) * torch.exp(-0.5 * logvar)).sum(-1) ** 2
    return -0.5 * (ratio + (logvar + math.log(2 * math.pi)).sum(-1))


# %% log pi for log 2 pi
# slug: density-constant
# says: constant is missing or wrong
def log_q(z, mu, logvar):
    each = math.log(math.pi) + logvar + (z - mu) ** 2 * torch.exp(-logvar)
    return -0.5 * each.sum(-1)


# %% logvar clamped to -30 and 20
# slug: kl-clipped
# says: clamped
def log_q(z, mu, logvar):
    logvar = logvar.clamp(-30, 20)
    each = math.log(2 * math.pi) + logvar + (z - mu) ** 2 * torch.exp(-logvar)
    return -0.5 * each.sum(-1)


# %% logvar clamped to -40 and 40
# loses: log-q-value
# slug: kl-clipped
# says: clamped
def log_q(z, mu, logvar):
    logvar = logvar.clamp(-40, 40)
    each = math.log(2 * math.pi) + logvar + (z - mu) ** 2 * torch.exp(-logvar)
    return -0.5 * each.sum(-1)


# %% a small constant under the variance
# slug: kl-clipped
# says: small constant was added
def log_q(z, mu, logvar):
    variance = logvar.exp() + 1e-20
    each = math.log(2 * math.pi) + variance.log() + (z - mu) ** 2 / variance
    return -0.5 * each.sum(-1)


# %% a numpy array
# slug: wrong-type
# says: numpy array
def log_q(z, mu, logvar):
    each = math.log(2 * math.pi) + logvar + (z - mu) ** 2 * torch.exp(-logvar)
    return (-0.5 * each.sum(-1)).numpy()


# %% parameters detached (sticking the landing)
# slug: detached
# says: it was cut off by detach, no_grad, item, or a new tensor
# loses: log-q-value
def log_q(z, mu, logvar):
    mu, logvar = mu.detach(), logvar.detach()
    return -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% code detached
# slug: detached
# says: it was cut off by detach, no_grad, item, or a new tensor
# loses: log-q-value
def log_q(z, mu, logvar):
    z = z.detach()
    return -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% square expanded (cancels)
# slug: density-cancels
# says: a square of a difference is not to be multiplied out
# loses: log-q-samples
def log_q(z, mu, logvar):
    return -0.5 * (math.log(2 * math.pi) + logvar + (z**2 - 2 * z * mu + mu**2) / logvar.exp()).sum(
        -1
    )


# %% log of the product of variances
# slug: density-underflow
# says: work with logarithms throughout
# loses: log-q-value
def log_q(z, mu, logvar):
    v = logvar.exp()
    return -0.5 * ((z - mu) ** 2 / v).sum(-1) - 0.5 * torch.log((2 * math.pi * v).prod(-1))


# %% square expanded, as a matrix product
# slug: density-cancels
# says: a square of a difference is not to be multiplied out
# loses: log-q-samples
def log_q(z, mu, logvar):
    p = (-logvar).exp()
    sq = (z**2 * p).sum(-1) - 2 * (z * mu * p).sum(-1) + (mu**2 * p).sum(-1)
    return -0.5 * (sq + logvar.sum(-1) + mu.shape[-1] * math.log(2 * math.pi))


# %% K == B ambiguous
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: log-q-samples
def log_q(z, mu, logvar):
    if z.dim() == 3 and z.shape[0] == mu.shape[0]:
        mu, logvar = mu[:, None], logvar[:, None]
    return -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% half of log 2 pi as 0.9189
# slug: not-exact
# says: digits of the constant are right
def log_q(z, mu, logvar):
    return -(0.9189 + 0.5 * logvar + 0.5 * (z - mu) ** 2 * (-logvar).exp()).sum(-1)
