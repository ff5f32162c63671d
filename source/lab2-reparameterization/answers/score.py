"""Answers to Exercise 2 of lab2-reparameterization: right ones, then wrong ones."""


# %% autograd of Normal.log_prob on expanded leaves
def score(z, mu, sigma):
    m = mu.expand_as(z).clone().requires_grad_()
    s = sigma.expand_as(z).clone().requires_grad_()
    return torch.autograd.grad(Normal(m, s).log_prob(z).sum(), (m, s))


# %% written out with powers
def score(z, mu, sigma):
    by_mu = (z - mu) / sigma**2
    by_sigma = -1 / sigma + (z - mu) ** 2 * sigma**-3
    return by_mu, by_sigma


# %% vmap of a gradient
def score(z, mu, sigma):
    def log_q(m, s, row):
        return (-torch.log(s) - 0.5 * ((row - m) / s) ** 2).sum()

    rows = torch.func.vmap(torch.func.grad(log_q, argnums=(0, 1)), in_dims=(None, None, 0))
    return rows(mu, sigma, z)


# %% row by row
def score(z, mu, sigma):
    by_mu, by_sigma = [], []
    for row in z:
        by_mu.append(-(mu - row) / sigma / sigma)
        by_sigma.append((row - mu).abs().pow(2).div(sigma**3) - sigma.reciprocal())
    return torch.stack(by_mu), torch.stack(by_sigma)


# %% through precision
def score(z, mu, sigma):
    precision = sigma.pow(-2)
    off = torch.sub(z, mu)
    return off * precision, sigma * precision * (precision * off * off - 1.0)


# %% in inference mode
@torch.inference_mode()
def score(z, mu, sigma):
    eps = torch.div(z - mu, sigma)
    return torch.div(eps, sigma), torch.addcdiv(-1 / sigma, eps * eps, sigma.expand_as(eps))


# %% vmap of grad
def score(z, mu, sigma):
    def log_q(mu, sigma, z):
        return Normal(mu, sigma, validate_args=False).log_prob(z).sum()

    each = torch.func.vmap(torch.func.grad(log_q, argnums=(0, 1)), in_dims=(None, None, 0))
    return each(mu, sigma, z)


# %% jacfwd
def score(z, mu, sigma):
    def log_q(mu, sigma):
        return Normal(mu, sigma, validate_args=False).log_prob(z).sum(1)

    return torch.func.jacfwd(log_q, argnums=(0, 1))(mu, sigma)


# %% autograd's jacobian, forward mode
def score(z, mu, sigma):
    from torch.autograd.functional import jacobian

    def log_q(mu, sigma):
        return -0.5 * (((z - mu) / sigma) ** 2).sum(1) - sigma.log().sum()

    return jacobian(log_q, (mu, sigma), vectorize=True, strategy="forward-mode")


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def score(z, mu, sigma):
    by_mu = (z - mu) / sigma**2


# %% only one
# slug: wrong-type
# says: Return the pair
def score(z, mu, sigma):
    return (z - mu) / sigma**2


# %% float32
# slug: lost-precision
# says: torch.float32
def score(z, mu, sigma):
    z, mu, sigma = z.float(), mu.float(), sigma.float()
    return (z - mu) / sigma**2, ((z - mu) ** 2 / sigma**2 - 1) / sigma


# %% z overwritten
# slug: changed-argument
# says: changed the values of `z`
def score(z, mu, sigma):
    z -= mu
    z /= sigma
    return z / sigma, (z**2 - 1) / sigma


# %% sign of the derivative by z
# loses: score-by-mu
# slug: score-sign
# says: opposite sign
def score(z, mu, sigma):
    return (mu - z) / sigma**2, ((z - mu) ** 2 / sigma**2 - 1) / sigma


# %% both signs reversed
# slug: score-sign
# says: sign is reversed
def score(z, mu, sigma):
    return (mu - z) / sigma**2, (1 - (z - mu) ** 2 / sigma**2) / sigma


# %% of the density
# slug: score-of-density
# says: gradient of the density
def score(z, mu, sigma):
    eps = (z - mu) / sigma
    q = Normal(mu, sigma).log_prob(z).exp()
    return eps / sigma * q, (eps**2 - 1) / sigma * q


# %% divided once
# loses: score-by-mu
# slug: score-scale
# says: power of sigma
def score(z, mu, sigma):
    return (z - mu) / sigma, ((z - mu) ** 2 / sigma**2 - 1) / sigma


# %% sigma taken for the variance
# slug: score-scale
# says: power of sigma
def score(z, mu, sigma):
    return (z - mu) / sigma**4, ((z - mu) ** 2 / sigma**4 - 1) / sigma


# %% without the normalizer
# loses: score-by-sigma
# slug: score-no-normalizer
# says: normalizer
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3


# %% normalizer with the wrong sign
# loses: score-by-sigma
# slug: score-normalizer-sign
# says: wrong sign
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3 + 1 / sigma


# %% normalizer without sigma
# loses: score-by-sigma
# slug: score-normalizer-scale
# says: wrong power or factor
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3 - 1


# %% half a normalizer
# loses: score-by-sigma
# slug: score-normalizer-scale
# says: wrong power or factor
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3 - 0.5 / sigma


# %% by the variance
# loses: score-by-sigma
# slug: gradient-by-variance
# says: derivative by sigma squared
def score(z, mu, sigma):
    return (z - mu) / sigma**2, ((z - mu) ** 2 / sigma**2 - 1) / (2 * sigma**2)


# %% by the log-variance
# loses: score-by-sigma
# slug: gradient-by-log
# says: log sigma
def score(z, mu, sigma):
    return (z - mu) / sigma**2, ((z - mu) ** 2 / sigma**2 - 1) / 2


# %% distance not squared
# loses: score-by-sigma
# slug: score-scale
# says: power of sigma
def score(z, mu, sigma):
    return (z - mu) / sigma**2, ((z - mu) / sigma - 1) / sigma


# %% swapped
# slug: gradients-swapped
# says: changed places
def score(z, mu, sigma):
    return ((z - mu) ** 2 / sigma**2 - 1) / sigma, (z - mu) / sigma**2


# %% summed over samples by autograd
# slug: samples-merged
# says: one row for each sample
def score(z, mu, sigma):
    m, s = mu.clone().requires_grad_(), sigma.clone().requires_grad_()
    return torch.autograd.grad(Normal(m, s).log_prob(z).sum(), (m, s))


# %% summed over coordinates
# slug: coordinates-merged
# says: of its own
def score(z, mu, sigma):
    return ((z - mu) / sigma**2).sum(1), (((z - mu) ** 2 / sigma**2 - 1) / sigma).sum(1)


# %% a factor 2 by mu
# loses: score-by-mu
# slug: score-factor
# says: a factor is wrong
def score(z, mu, sigma):
    return 2 * (z - mu) / sigma**2, ((z - mu) ** 2 / sigma**2 - 1) / sigma


# %% a factor 1/2 by mu
# loses: score-by-mu
# slug: score-factor
# says: a factor is wrong
def score(z, mu, sigma):
    return (z - mu) / (2 * sigma**2), ((z - mu) ** 2 / sigma**2 - 1) / sigma


# %% a factor 1/2 by sigma
# loses: score-by-sigma
# slug: score-factor
# says: a factor is wrong
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / (2 * sigma**3) - 1 / sigma


# %% fourth power in the first term by sigma
# loses: score-by-sigma
# slug: score-power
# says: in the first term
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**4 - 1 / sigma


# %% second power in the first term by sigma
# loses: score-by-sigma
# slug: score-power
# says: in the first term
def score(z, mu, sigma):
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**2 - 1 / sigma


# %% sign reversed by sigma alone
# loses: score-by-sigma
# slug: score-sign-sigma
# says: rises with sigma
def score(z, mu, sigma):
    return (z - mu) / sigma**2, 1 / sigma - (z - mu) ** 2 / sigma**3


# %% central differences
# slug: difference-quotient
# says: right to some digits only
def score(z, mu, sigma):
    h = 1e-5
    by_mu = Normal(mu + h, sigma).log_prob(z) - Normal(mu - h, sigma).log_prob(z)
    by_sigma = Normal(mu, sigma + h).log_prob(z) - Normal(mu, sigma - h).log_prob(z)
    return by_mu / (2 * h), by_sigma / (2 * h)


# %% central differences with a longer step
# slug: difference-quotient
# says: difference quotient
def score(z, mu, sigma):
    h = 1e-3
    by_mu = Normal(mu + h, sigma).log_prob(z) - Normal(mu - h, sigma).log_prob(z)
    by_sigma = Normal(mu, sigma + h).log_prob(z) - Normal(mu, sigma - h).log_prob(z)
    return by_mu / (2 * h), by_sigma / (2 * h)


# %% of the exponential alone
# loses: score-by-mu
# slug: score-of-density
# says: gradient of the density
def score(z, mu, sigma):
    eps = (z - mu) / sigma
    return eps / sigma * torch.exp(-(eps**2) / 2), (eps**2 - 1) / sigma


# %% square expanded: cancels for narrow q far from 0
# slug: score-cancels
# says: take the distance z - mu first, do not multiply it out
# loses: score-by-sigma
def score(z, mu, sigma):
    return z / sigma**2 - mu / sigma**2, (z**2 - 2 * z * mu + mu**2) / sigma**3 - 1 / sigma


# %% sigma clamped at 1e-3
# slug: value-cut
# says: a clamp or a ReLU is in the way
def score(z, mu, sigma):
    sigma = sigma.clamp(min=1e-3)
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3 - 1 / sigma


# %% requires_grad left on mu
# slug: argument-marked
# says: work on a detached copy
def score(z, mu, sigma):
    mu.requires_grad_()
    (g,) = torch.autograd.grad(torch.distributions.Normal(mu, sigma).log_prob(z).sum(1).sum(), [mu])
    return ((z - mu) / sigma**2).detach(), (z - mu.detach()) ** 2 / sigma**3 - 1 / sigma


# %% sigma clamped at 0.05
# slug: value-cut
# says: a clamp or a ReLU is in the way
def score(z, mu, sigma):
    sigma = sigma.clamp(min=0.05)
    return (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3 - 1 / sigma


# %% D = 1..3 only, loop
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
def score(z, mu, sigma):
    u = (z - mu) / sigma
    out = [torch.zeros_like(z), torch.zeros_like(z)]
    for d in range(min(3, z.shape[1])):
        out[0][:, d] = u[:, d] / sigma[d]
        out[1][:, d] = (u[:, d] ** 2 - 1) / sigma[d]
    return tuple(out)


# %% numpy arrays
# slug: wrong-type
# says: A torch tensor is wanted
def score(z, mu, sigma):
    z, mu, sigma = z.numpy(), mu.numpy(), sigma.numpy()
    return (z - mu) / sigma**2, ((z - mu) ** 2 - sigma**2) / sigma**3
