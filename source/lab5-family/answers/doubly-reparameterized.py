"""Answers to the second part of Exercise 6 of lab5-family: right ones, then wrong ones."""


# %% distributions
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + (logvar / 2).exp() * eps
    q = torch.distributions.Normal(mu.detach(), (logvar / 2).exp().detach())
    log_w = log_joint(z) - q.log_prob(z).sum(-1)
    with torch.no_grad():
        v = torch.softmax(log_w, 0)
    return -(v * v * log_w).sum(0)


# %% a hook on the codes, with the bound as value
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    fixed = torch.distributions.Normal(mu.detach(), torch.exp(0.5 * logvar).detach())
    log_w = log_joint(z) - fixed.log_prob(z).sum(-1)
    shares = log_w.detach().softmax(0)[..., None]
    z.register_hook(lambda gradient: shares * gradient)
    return math.log(len(eps)) - log_w.logsumexp(0)


# %% the derivative taken first
def dreg_surrogate(log_joint, mu, logvar, eps):
    std = torch.exp(0.5 * logvar)
    z = mu + std * eps
    leaf = z.detach().requires_grad_()
    log_q = -0.5 * ((leaf - mu.detach()) ** 2 / std.detach() ** 2 + logvar.detach()).sum(-1)
    log_w = log_joint(leaf) - log_q
    (slope,) = torch.autograd.grad(log_w.sum(), leaf)
    v = log_w.detach().softmax(0)[..., None]
    return -(v**2 * slope * z).sum(dim=(0, 2))


# %% sample by sample
def dreg_surrogate(log_joint, mu, logvar, eps):
    m, s = mu.detach(), torch.exp(0.5 * logvar.detach())
    rows = []
    for noise in eps:
        z = mu + torch.exp(0.5 * logvar) * noise
        log_q = -0.5 * (((z - m) / s) ** 2 + 2 * s.log() + math.log(2 * math.pi)).sum(-1)
        rows.append(log_joint(z) - log_q)
    log_w = torch.stack(rows)
    return -(log_w.detach().softmax(0).square() * log_w).sum(0)


# %% the constant left out, einsum
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = torch.addcmul(mu, torch.exp(logvar * 0.5), eps)
    precision = torch.exp(-logvar).detach()
    off = z - mu.detach()
    log_q = -0.5 * torch.einsum("kbd,kbd,bd->kb", off, off, precision)
    log_q = log_q - 0.5 * logvar.detach().sum(-1)
    log_w = log_joint(z) - log_q
    v = torch.exp(log_w - log_w.logsumexp(0)).detach()
    return torch.einsum("kb,kb,kb->b", v, v, -log_w)


# %% plain path twice over
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.data, logvar.data
    log_q = -0.5 * ((z - m).pow(2) * torch.exp(-v) + v + math.log(2 * math.pi)).sum(dim=2)
    log_w = log_joint(z) - log_q
    w = log_w.softmax(dim=0).detach()
    first = (w * log_w).sum(0)
    correction = (w * (1 - w) * log_w).sum(0)
    return correction - first


# %% the shares not squared
# slug: dreg-not-squared
# says: not squared
# loses: doubly-reparameterized-gradient
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() * log_w).sum(0)


# %% minus the bound of a fixed q
# slug: dreg-not-squared
# says: not squared
# loses: doubly-reparameterized-gradient
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    return -(log_joint(z) - log_q).logsumexp(0)


# %% IWAE's own
# slug: dreg-is-iwae
# says: nothing was reparameterized twice
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() * log_w).sum(0)


# %% nothing cut in log q
# slug: dreg-score-left
# says: not cut
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% the noise in place of the square
# slug: dreg-score-left
# says: not cut
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    log_q = -0.5 * (eps**2 + logvar + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% logvar cut, mu not
# slug: dreg-mu-not-cut
# says: mu is not
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    v = logvar.detach()
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% mu cut, logvar not
# slug: dreg-logvar-not-cut
# says: logvar is not
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m = mu.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% the bound itself
# slug: dreg-sign
# says: sign is reversed
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return (log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% a mean over codes
# slug: dreg-averaged
# says: sum over them
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).mean(0)


# %% squares made to add up to 1
# slug: dreg-normalized
# says: stay as they are
# loses: doubly-reparameterized-gradient
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -((2 * log_w).softmax(0).detach() * log_w).sum(0)


# %% no weights, sticking the landing of the ELBO
# slug: dreg-not-weighted
# says: counts alike
# loses: doubly-reparameterized-gradient
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    return -(log_joint(z) - log_q).mean(0)


# %% log q of codes that are cut
# slug: dreg-code-cut
# says: not z
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    with torch.no_grad():
        log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% the joint of codes that are cut
# slug: dreg-only-entropy
# says: z was cut there
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z.detach()) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% log q added
# slug: dreg-plus-q
# says: divides by q
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    shares = (log_joint(z) - log_q).softmax(0).detach()
    return -(shares**2 * (log_joint(z) + log_q)).sum(0)


# %% the shares not cut
# slug: dreg-weights-not-cut
# says: squared shares carry a gradient
# loses: doubly-reparameterized-gradient
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0) ** 2 * log_w).sum(0)


# %% shares over images
# slug: dreg-over-images
# says: Shares over images
# loses: doubly-reparameterized-gradient, doubly-reparameterized-posterior
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(1).detach() ** 2 * log_w).sum(0)


# %% shares of losses
# slug: dreg-reversed
# says: worst code
# loses: doubly-reparameterized-gradient
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    losses = log_q - log_joint(z)
    return (losses.softmax(0).detach() ** 2 * losses).sum(0)


# %% shares of the joint
# slug: dreg-of-joint
# says: joint density alone
# loses: doubly-reparameterized-gradient
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_p = log_joint(z)
    return -(log_p.softmax(0).detach() ** 2 * (log_p - log_q)).sum(0)


# %% the correction alone
# slug: dreg-one-minus
# says: v (1 - v)
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    w = log_w.softmax(0).detach()
    return -(w * (1 - w) * log_w).sum(0)


# %% the deviation cut
# slug: dreg-std-cut
# says: reaches logvar
# loses: doubly-reparameterized-gradient
def dreg_surrogate(log_joint, mu, logvar, eps):
    m, v = mu.detach(), logvar.detach()
    z = mu + torch.exp(0.5 * v) * eps
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% the variance for the deviation
# slug: std-is-variance
# says: the variance
# loses: doubly-reparameterized-gradient
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% noise of its own
# slug: dreg-noise-of-its-own
# says: given eps
# loses: doubly-reparameterized-gradient
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(eps)
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% averaged over the batch
# slug: shape-one-number
# says: one number
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0).mean()


# %% all of it cut
# slug: detached
# says: no gradient passes
def dreg_surrogate(log_joint, mu, logvar, eps):
    mu, logvar = mu.detach(), logvar.detach()
    z = mu + torch.exp(0.5 * logvar) * eps
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0) ** 2 * log_w).sum(0)


# %% not summed over codes
# slug: shape-not-reduced
# says: sum or a mean is missing
def dreg_surrogate(log_joint, mu, logvar, eps):
    z = mu + torch.exp(0.5 * logvar) * eps
    m, v = mu.detach(), logvar.detach()
    log_q = -0.5 * ((z - m) ** 2 * torch.exp(-v) + v + math.log(2 * math.pi)).sum(-1)
    log_w = log_joint(z) - log_q
    return -(log_w.softmax(0).detach() ** 2 * log_w)
