"""Answers to Exercise 8 of lab2-reparameterization: right ones, then wrong ones."""


# %% log-density by hand
def score_surrogate(f, z, mu, logvar):
    with torch.no_grad():
        z, weights = z.clone(), f(z)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return torch.dot(weights, log_q) / len(z)


# %% independent
def score_surrogate(f, z, mu, logvar):
    z = z.data
    q = torch.distributions.Independent(Normal(mu, logvar.exp().sqrt()), 1)
    return torch.mean(f(z).detach() * q.log_prob(z))


# %% sum over dimensions last, constants left out
def score_surrogate(f, z, mu, logvar):
    fixed = z.detach()
    weights = f(fixed).detach()[:, None]
    pieces = -logvar / 2 - (fixed - mu).square() * torch.exp(-logvar) / 2
    return (weights * pieces).mean(dim=0).sum()


# %% the gradient by hand, times the parameters
def score_surrogate(f, z, mu, logvar):
    with torch.no_grad():
        sigma = torch.exp(logvar / 2)
        by_mu, by_sigma = score_function_gradient(f, z, mu, sigma)
        g_mu, g_logvar = by_mu.mean(0), (by_sigma * sigma / 2).mean(0)
    return mu @ g_mu + logvar @ g_logvar


# %% one sample at a time
def score_surrogate(f, z, mu, logvar):
    total = 0.0
    for row in z.detach():
        log_q = Normal(mu, torch.exp(logvar / 2)).log_prob(row).sum()
        total = total + f(row[None]).detach()[0] * log_q / len(z)
    return total


# %% the ratio of densities, whose gradient is the score
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(1)
    return (f(z).detach() * torch.exp(log_q - log_q.detach())).mean()


# %% multivariate normal, averaged by a dot product
def score_surrogate(f, z, mu, logvar):
    q = torch.distributions.MultivariateNormal(mu, torch.diag(torch.exp(logvar)))
    z = z.detach()
    return f(z).detach() @ q.log_prob(z) / z.shape[0]


# %% parameters repeated for each row
def score_surrogate(f, z, mu, logvar):
    m, s = mu.expand_as(z), torch.exp(logvar / 2).expand_as(z)
    z = z.detach()
    rows = [f(z).detach()[k] * Normal(m[k], s[k]).log_prob(z[k]).sum() for k in range(len(z))]
    return torch.stack(rows).mean()


# %% a clone, detached in place
def score_surrogate(f, z, mu, logvar):
    z = z.clone().detach_()
    q = Normal(mu, torch.exp(logvar / 2))
    return (f(z).detach() * q.log_prob(z).sum(-1)).mean()


# %% vmap of the log density
def score_surrogate(f, z, mu, logvar):
    z = z.detach()

    def log_q(z):
        return -0.5 * ((z - mu) ** 2 / logvar.exp() + logvar).sum()

    return (torch.func.vmap(f)(z).detach() * torch.func.vmap(log_q)(z)).mean()


# %% the callable compiled
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    with torch.no_grad():
        values = torch.compile(f)(z)
    return (values * Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)).mean()


# %% a product with the score by torch.func
def score_surrogate(f, z, mu, logvar):
    z = z.detach()

    def log_q(mu, logvar, z):
        return -0.5 * ((z - mu) ** 2 / logvar.exp() + logvar).sum()

    slopes = torch.func.vmap(torch.func.grad(log_q, argnums=(0, 1)), in_dims=(None, None, 0))
    by_mu, by_logvar = slopes(mu.detach(), logvar.detach(), z)
    values = f(z).detach()[:, None]
    return ((values * by_mu).mean(0) * mu).sum() + ((values * by_logvar).mean(0) * logvar).sum()


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    (f(z) * log_q).mean()


# %% a float
# slug: wrong-type
# says: is float
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean().item()


# %% float32
# slug: lost-precision
# says: torch.float32
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean().float()


# %% a generator
# slug: wrong-type
# says: a generator
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (v for v in f(z) * log_q)


# %% nan
# slug: nan
# says: contains nan
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = torch.log(-Normal(mu, torch.exp(logvar / 2)).log_prob(z).exp()).sum(1)
    return (f(z) * log_q).mean()


# %% one number a sample
# slug: shape-not-reduced
# says: it should be ()
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return f(z) * log_q


# %% z not detached
# loses: score-surrogate-constants
# slug: surrogate-pathwise-too
# says: must be a constant
def score_surrogate(f, z, mu, logvar):
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% z detached in log q only
# loses: score-surrogate-constants
# slug: surrogate-pathwise-too
# says: must be a constant
def score_surrogate(f, z, mu, logvar):
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z.detach()).sum(1)
    return (f(z) * log_q).mean()


# %% only f detached
# loses: score-surrogate-constants
# slug: surrogate-moving-sample
# says: take the sample as a constant
def score_surrogate(f, z, mu, logvar):
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z).detach() * log_q).mean()


# %% f not detached
# loses: score-surrogate-constants
# slug: surrogate-f-moves
# says: as constants
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% only f, no score
# slug: detached
# says: requires_grad=False
def score_surrogate(f, z, mu, logvar):
    return f(z).detach().mean()


# %% pathwise instead
# slug: detached
# says: requires_grad=False
def score_surrogate(f, z, mu, logvar):
    return f(z).mean()


# %% parameters detached
# slug: detached
# says: requires_grad=False
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu.detach(), torch.exp(0.5 * logvar.detach())).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% mu detached
# slug: surrogate-no-gradient
# says: respect to mu is 0
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu.detach(), torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% sigma detached
# slug: surrogate-no-gradient
# says: respect to logvar is 0
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar).detach()).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% sum over samples
# slug: surrogate-sum
# says: take their mean
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).sum()


# %% sign reversed
# slug: estimator-sign
# says: points the wrong way
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return -(f(z) * log_q).mean()


# %% f forgotten
# slug: estimator-no-f
# says: f is missing
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return log_q.mean()


# %% means multiplied
# slug: estimator-mean-f
# says: each score goes with its own
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return f(z).mean() * log_q.mean()


# %% mean over dimensions
# slug: surrogate-mean-latent
# says: it is a sum over them
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).mean(1)
    return (f(z) * log_q).mean()


# %% density
# slug: score-of-density
# says: gradient of the density
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    return (f(z) * log_q.exp()).mean()


# %% logvar taken for log sigma
# slug: kl-log-sigma
# says: log sigma
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(logvar)).log_prob(z).sum(1)
    return (f(z) * log_q).mean()


# %% normalizer left out
# slug: score-no-normalizer
# says: normalizer
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = -0.5 * ((z - mu) ** 2 / logvar.exp()).sum(1)
    return (f(z) * log_q).mean()


# %% a baseline
# slug: estimator-baseline
# says: section 4.2
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    v = f(z)
    return ((v - v.mean()) * log_q).mean()


# %% z detached in place
# slug: surrogate-in-place
# says: detached in place
def score_surrogate(f, z, mu, logvar):
    z.detach_()
    log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(dim=1)
    return (f(z).detach() * log_q).mean()


# %% gradients of mu switched off in place
# slug: argument-marked
# says: work on a detached copy
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = Normal(mu.detach_(), torch.exp(0.5 * logvar)).log_prob(z).sum(dim=1)
    return (f(z).detach() * log_q).mean()


# %% logvar in place of log sigma
# slug: surrogate-log-sigma
# says: half of logvar
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = (-((z - mu) ** 2) / (2 * logvar.exp()) - logvar).sum(1)
    return (f(z).detach() * log_q).mean()


# %% plus log sigma
# slug: score-normalizer-sign
# says: wrong sign
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    log_q = (-((z - mu) ** 2) / (2 * logvar.exp()) + logvar / 2).sum(1)
    return (f(z).detach() * log_q).mean()


# %% the exponential without its normalizer
# slug: surrogate-bare-density
# says: no density
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    q = torch.exp(-0.5 * ((z - mu) ** 2 / logvar.exp()).sum(1))
    return (f(z).detach() * q).mean()


# %% a density without its constant
# slug: surrogate-bare-density
# says: nor is one wanted
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    q = torch.exp(-0.5 * ((z - mu) ** 2 / logvar.exp() + logvar).sum(1))
    return (f(z).detach() * q).mean()


# %% z.requires_grad_(False) / f under no_grad, backward called inside
# slug: argument-marked
# says: work on a detached copy
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    loss = (f(z).detach() * Normal(mu, (logvar / 2).exp()).log_prob(z).sum(1)).mean()
    loss.backward(retain_graph=True)
    return loss


# %% logvar clamp inside (-5, 5)
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: score-surrogate-gradient
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    return (f(z).detach() * Normal(mu, (logvar.clamp(-5, 5) / 2).exp()).log_prob(z).sum(1)).mean()


# %% backward inside (again)
# slug: argument-marked
# says: work on a detached copy
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    loss = (f(z).detach() * Normal(mu, (logvar / 2).exp()).log_prob(z).sum(1)).mean()
    loss.backward(retain_graph=True)
    return loss


# %% logvar clamp 5
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: score-surrogate-gradient
def score_surrogate(f, z, mu, logvar):
    z = z.detach()
    lv = logvar.clamp(-5, 5)
    lp = -0.5 * (lv + (z - mu) ** 2 / lv.exp()).sum(1)
    return (f(z).detach() * lp).mean()
