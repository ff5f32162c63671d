"""Answers to Exercise 11 of lab5-family: right ones, then wrong ones."""


# %% torch.distributions
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def gaussian(mu, logvar):
        return torch.distributions.Independent(
            torch.distributions.Normal(mu, (logvar / 2).exp()), 1
        )

    q2 = gaussian(*posterior2(x))
    z2 = q2.mean + q2.stddev * eps2
    q1 = gaussian(*posterior1(x, z2))
    z1 = q1.mean + q1.stddev * eps1
    p1, p2 = gaussian(*prior1(z2)), gaussian(torch.zeros_like(z2), torch.zeros_like(z2))
    log_q = q2.log_prob(z2) + q1.log_prob(z1)
    return log_p_x(x, z1) + p1.log_prob(z1) + p2.log_prob(z2) - log_q


# %% of the noise, constants cancelled
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    mu2, logvar2 = posterior2(x)
    z2 = mu2 + (logvar2 / 2).exp() * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + (logvar1 / 2).exp() * eps1
    mu_p, logvar_p = prior1(z2)
    upper = (eps2**2 + logvar2 - z2**2).sum(1)
    lower = (eps1**2 + logvar1 - (z1 - mu_p) ** 2 / logvar_p.exp() - logvar_p).sum(1)
    return log_p_x(x, z1) + 0.5 * (upper + lower)


# %% image by image
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    found = []
    for n in range(len(x)):
        row = x[n : n + 1]
        mu2, logvar2 = posterior2(row)
        z2 = mu2 + torch.exp(0.5 * logvar2) * eps2[n : n + 1]
        mu1, logvar1 = posterior1(row, z2)
        z1 = mu1 + torch.exp(0.5 * logvar1) * eps1[n : n + 1]
        log_p = log_p_x(row, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, 0 * z2, 0 * z2)
        found.append(log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1))
    return torch.cat(found)


# %% functions by keyword
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x=x)
    z2 = torch.addcmul(mu2, torch.exp(0.5 * logvar2), eps2)
    mu1, logvar1 = posterior1(x=x, z2=z2)
    z1 = torch.addcmul(mu1, torch.exp(0.5 * logvar1), eps1)
    mu_p, logvar_p = prior1(z2=z2)
    total = log_p_x(x=x, z1=z1)
    total = total + log_normal(z1, mu_p, logvar_p) - log_normal(z1, mu1, logvar1)
    return total + log_normal(z2, 0 * z2, 0 * z2) - log_normal(z2, mu2, logvar2)


# %% rsample by a normal with its own noise, undone
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def draw(parameters, eps):
        mu, logvar = parameters
        return mu + logvar.mul(0.5).exp().mul(eps), -0.5 * (eps.square() + logvar).sum(1)

    z2, log_q2 = draw(posterior2(x), eps2)
    z1, log_q1 = draw(posterior1(x, z2), eps1)
    mu, logvar = prior1(z2)
    log_p1 = -0.5 * ((z1 - mu).square().div(logvar.exp()) + logvar).sum(1)
    return log_p_x(x, z1) + log_p1 - 0.5 * z2.square().sum(1) - log_q1 - log_q2


# %% both levels as one Gaussian
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    mu_p, logvar_p = prior1(z2)
    z = torch.cat([z1, z2], dim=1)
    log_p = log_normal(z, torch.cat([mu_p, 0 * z2], 1), torch.cat([logvar_p, 0 * z2], 1))
    log_q = log_normal(z, torch.cat([mu1, mu2], 1), torch.cat([logvar1, logvar2], 1))
    return log_p_x(x, z1) + log_p - log_q


# %% both KLs in closed form
# slug: levels-analytic-kl
# says: at the draw
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def kl(mu_q, logvar_q, mu_p, logvar_p):
        ratio = logvar_q - logvar_p
        return 0.5 * ((mu_q - mu_p) ** 2 / logvar_p.exp() + ratio.exp() - 1 - ratio).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    return log_p_x(x, z1) - kl(mu1, logvar1, *prior1(z2)) - kl(mu2, logvar2, zero, zero)


# %% one KL in closed form
# slug: levels-analytic-kl
# says: closed form
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    kl2 = 0.5 * (posterior2(x)[0] ** 2 + posterior2(x)[1].exp() - 1 - posterior2(x)[1]).sum(dim=1)
    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    return log_p_x(x, z1) + log_normal(z1, *prior1(z2)) - log_normal(z1, mu1, logvar1) - kl2


# %% the mean of z2
# slug: levels-no-noise
# says: mean plus sigma times eps
# loses: two-level-elbo-value, two-level-elbo-gradient
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% the mean of z1
# slug: levels-no-noise
# says: in place of a draw
# loses: two-level-elbo-value, two-level-elbo-gradient
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% stretched by the variance
# slug: levels-noise-by-variance
# says: by the variance
# loses: two-level-elbo-value, two-level-elbo-gradient
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% noise of its own
# slug: levels-own-noise
# says: hands it in
# loses: two-level-elbo-value, two-level-elbo-gradient
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * torch.randn_like(eps2)
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% N(0, I) at both levels
# slug: levels-z1-prior-standard
# says: prior of z2 alone
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, 0 * z1, 0 * z1) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% the upper level forgotten
# slug: levels-no-upper
# says: upper level is missing
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2))
    return log_p - log_normal(z1, mu1, logvar1)


# %% the lower level forgotten
# slug: levels-no-lower
# says: lower level is missing
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2)


# %% no prior of z2
# slug: levels-no-prior2
# says: log p(z2)
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2))
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% no prior of z1
# slug: levels-no-prior1
# says: log p(z1|z2)
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% no posterior of z2
# slug: levels-no-posterior2
# says: log q(z2|x)
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z1, mu1, logvar1)


# %% no posterior of z1
# slug: levels-no-posterior1
# says: log q(z1|x, z2)
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2)


# %% log q added
# slug: levels-q-added
# says: subtracts it
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p + log_normal(z2, mu2, logvar2) + log_normal(z1, mu1, logvar1)


# %% one log q added
# slug: levels-q-added
# says: at both levels
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p + log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% the log joint
# slug: levels-joint-only
# says: log joint
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p


# %% the likelihood alone
# slug: levels-nll-only
# says: cost nats
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    return log_p_x(x, z1)


# %% the levels alone
# slug: levels-kl-only
# says: is missing
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% a loss
# slug: value-negated
# says: sign
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return -log_p + log_normal(z2, mu2, logvar2) + log_normal(z1, mu1, logvar1)


# %% the mean passed down
# slug: levels-mean-passed-down
# says: that was drawn
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, mu2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% the prior of the mean
# slug: levels-mean-passed-down
# says: passed down
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(mu2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% z1 of its prior
# slug: levels-drawn-of-prior
# says: draws it
# loses: two-level-elbo-value, two-level-elbo-gradient
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    mu_p, logvar_p = prior1(z2)
    z1 = mu_p + torch.exp(0.5 * logvar_p) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% noise exchanged
# slug: raised
# says: line
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps1
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps2
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% the image is not passed on
# slug: levels-arguments
# says: order of the task
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(z2, x)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% a mean over the batch
# slug: levels-batch
# says: own
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return (log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)).mean()


# %% no log-variances
# slug: levels-no-log-scale
# says: log-variance
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% log sigma
# slug: levels-log-sigma
# says: log sigma squared
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-2 * logvar)
        return -0.5 * (math.log(2 * math.pi) + 2 * logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% codes are cut off
# slug: levels-codes-cut
# says: where they fall
# loses: two-level-elbo-gradient
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    z2 = z2.detach()
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    z1 = z1.detach()
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% z2 is cut off
# slug: levels-z2-cut
# says: z2 is cut off
# loses: two-level-elbo-gradient
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    z2 = z2.detach()
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% z1 is cut off
# slug: levels-z1-cut
# says: z1 is cut off
# loses: two-level-elbo-gradient
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    z1 = z1.detach()
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% sticking the landing
# slug: levels-q-cut
# says: another estimator
# loses: two-level-elbo-gradient
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return (
        log_p
        - log_normal(z2, mu2.detach(), logvar2.detach())
        - log_normal(z1, mu1.detach(), logvar1.detach())
    )


# %% no gradient
# slug: detached
# says: gradient
# loses: two-level-elbo-gradient
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    with torch.no_grad():
        return _value(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1)


def _value(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)


# %% in double
# slug: another-dtype
# says: dtype
# loses: two-level-elbo-value
def two_level_elbo(x, log_p_x, prior1, posterior2, posterior1, eps2, eps1):
    def log_normal(z, mu, logvar):
        squares = (z - mu) ** 2 * torch.exp(-logvar)
        return -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=1)

    eps2, eps1 = eps2.double(), eps1.double()
    mu2, logvar2 = posterior2(x)
    z2 = mu2 + torch.exp(0.5 * logvar2) * eps2
    mu1, logvar1 = posterior1(x, z2)
    z1 = mu1 + torch.exp(0.5 * logvar1) * eps1
    zero = torch.zeros_like(z2)
    log_p = log_p_x(x, z1) + log_normal(z1, *prior1(z2)) + log_normal(z2, zero, zero)
    return log_p - log_normal(z2, mu2, logvar2) - log_normal(z1, mu1, logvar1)
