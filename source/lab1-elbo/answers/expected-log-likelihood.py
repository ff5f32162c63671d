"""Answers to Exercise 8 of lab1-elbo: right ones, then wrong ones."""


# %% distributions at the mean, less the cost
def expected_log_likelihood(x, mu, logvar, W, b, s):
    likelihood = torch.distributions.Normal(mu @ W.T + b, s)
    cost = torch.einsum("bd,pd,pd->b", logvar.exp(), W, W) / (2 * s**2)
    return likelihood.log_prob(x).sum(-1) - cost


# %% variance of each pixel
def expected_log_likelihood(x, mu, logvar, W, b, s):
    variance = logvar.exp() @ (W**2).T  # (B, P), of W z
    squares = (x - b - mu @ W.T).pow(2) + variance
    return (-0.5 * squares / s**2 - math.log(s) - 0.5 * math.log(2 * math.pi)).sum(dim=1)


# %% trace of W S W'
def expected_log_likelihood(x, mu, logvar, W, b, s):
    covariance = W @ torch.diag_embed(logvar.exp()) @ W.T  # (B, P, P)
    trace = torch.diagonal(covariance, dim1=1, dim2=2).sum(1)
    off = torch.linalg.vector_norm(x - b - torch.einsum("pd,bd->bp", W, mu), dim=1)
    return -(off**2 + trace) / (2 * s * s) - 0.5 * len(b) * math.log(2 * math.pi * s * s)


# %% from the log joint, exact for a quadratic
def expected_log_likelihood(x, mu, logvar, W, b, s):
    D = mu.shape[1]
    steps = math.sqrt(D) * torch.exp(0.5 * logvar) * torch.eye(D, dtype=mu.dtype)[:, None]
    z = torch.cat([mu + steps, mu - steps])
    return log_joint(x, z, W, b, s).mean(0) + cross_entropy(mu, logvar)


# %% a loop over images
def expected_log_likelihood(x, mu, logvar, W, b, s):
    rows = []
    for image, m, v in zip(x, mu, logvar, strict=True):
        residual = image - b - W.mv(m)
        spread = (W.square() * v.exp()).sum()
        rows.append(-(residual.dot(residual) + spread) / (2 * s**2))
    return torch.stack(rows) - len(b) * math.log(s * math.sqrt(2 * math.pi))


# %% by a Hessian
def expected_log_likelihood(x, mu, logvar, W, b, s):
    def log_likelihood(z, x):
        return torch.distributions.Normal(W @ z + b, s).log_prob(x).sum()

    def one(x, mu, logvar):
        curvature = torch.func.hessian(log_likelihood)(mu, x).diagonal()
        return log_likelihood(mu, x) + 0.5 * (curvature * logvar.exp()).sum()

    return torch.func.vmap(one)(x, mu, logvar)


# %% curvature by forward over forward
def expected_log_likelihood(x, mu, logvar, W, b, s):
    constant = len(b) * (math.log(s) + 0.5 * math.log(2 * math.pi))

    def value(z):
        return -0.5 * (((x - b - z @ W.mT) / s) ** 2).sum(-1) - constant

    total = value(mu)
    for d in range(mu.shape[1]):
        e = torch.zeros_like(mu)
        e[:, d] = torch.exp(logvar[:, d] / 2)

        def first(z, e=e):
            return torch.func.jvp(value, (z,), (e,))[1]

        total = total + 0.5 * torch.func.jvp(first, (mu,), (e,))[1]
    return total


# %% at the mean
# slug: piece-at-mean
# says: spread of z around mu
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    return -squares / (2 * s**2) - constants


# %% spread rewarded
# slug: piece-cost-sign
# says: lowers the likelihood
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares - cost) / (2 * s**2) - constants


# %% cost without its half
# slug: density-no-half
# says: factor 1/2
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -squares / (2 * s**2) - cost / s**2 - constants


# %% no half at all
# slug: density-no-half
# says: factor 1/2
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares + cost) / s**2 - constants


# %% cost not divided by s squared
# slug: piece-cost-not-scaled
# says: divided by 2 s^2
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -squares / (2 * s**2) - 0.5 * cost - constants


# %% cost divided by s
# slug: density-s-is-variance
# says: taken for a variance
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -squares / (2 * s**2) - cost / (2 * s) - constants


# %% variances without W
# slug: piece-cost-without-weights
# says: W is missing
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    return -(squares + logvar.exp().sum(-1)) / (2 * s**2) - constants


# %% W not squared
# slug: piece-cost-weights-not-squared
# says: W enters
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    return -(squares + logvar.exp() @ W.sum(0)) / (2 * s**2) - constants


# %% standard deviations added
# slug: piece-cost-squared-late
# says: standard deviations do not
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = ((torch.exp(0.5 * logvar) @ W.mT) ** 2).sum(-1)
    return -(squares + cost) / (2 * s**2) - constants


# %% variance squared
# slug: kl-sigma-squared-twice
# says: squared once more
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = (torch.exp(logvar) ** 2) @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants


# %% standard deviation in the cost
# slug: kl-sigma-not-squared
# says: standard deviation stands
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = torch.exp(0.5 * logvar) @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants


# %% logvar in the cost
# slug: kl-no-exp
# says: exp is missing
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants


# %% constant dropped
# loses: expected-log-likelihood-value
# slug: density-constant
# says: 1/2 log(2 pi)
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - P * math.log(s)


# %% log s dropped
# loses: expected-log-likelihood-value
# slug: density-no-log-scale
# says: log of the scale is missing
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - 0.5 * P * math.log(2 * math.pi)


# %% log s once
# loses: expected-log-likelihood-value
# slug: density-log-scale-once
# says: each of the P
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - math.log(s) - 0.5 * P * math.log(2 * math.pi)


# %% the log joint
# slug: piece-is-joint
# says: log prior is included
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants - cross_entropy(mu, logvar)


# %% clamped
# loses: expected-log-likelihood-value
# slug: kl-clipped
# says: logvar is clamped
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.clamp(-6, 6).exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants


# %% one sample
# slug: value-random
# says: estimated by sampling
def expected_log_likelihood(x, mu, logvar, W, b, s):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    return -squares / (2 * s**2) - constants


# %% negative
# slug: density-sign
# says: sign is reversed
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (squares + cost) / (2 * s**2) + constants


# %% mean over pixels
# slug: density-mean
# says: add up
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (-(squares + cost) / (2 * s**2) - constants) / P


# %% one number for the batch
# slug: density-batch-sum
# says: Summed over images too
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (-(squares + cost) / (2 * s**2) - constants).sum()


# %% detached
# loses: expected-log-likelihood-gradient
# slug: detached
# says: No gradient passes
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (-(squares + cost) / (2 * s**2) - constants).detach()


# %% logvar detached
# slug: detached
# says: gradient with respect to logvar is 0
# loses: expected-log-likelihood-gradient
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.detach().exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants


# %% numpy
# slug: wrong-type
# says: a numpy array
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (-(squares + cost) / (2 * s**2) - constants).detach().numpy()


# %% float32
# slug: lost-precision
# says: torch.float32
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (-(squares + cost) / (2 * s**2) - constants).float()


# %% the log prior at mu
# slug: piece-is-joint
# says: log prior is included
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    log_prior = -0.5 * (mu**2 + math.log(2 * math.pi)).sum(-1)
    return -(squares + cost) / (2 * s**2) - constants + log_prior


# %% the log joint at mu
# slug: piece-is-joint
# says: log prior is included
def expected_log_likelihood(x, mu, logvar, W, b, s):
    return log_joint(x, mu, W, b, s)


# %% W summed before it is squared
# slug: piece-cost-summed-first
# says: then sum
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ W.sum(0) ** 2
    return -(squares + cost) / (2 * s**2) - constants


# %% W mu with the wrong sign
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: joint-mean-sign
# says: sign is wrong
def expected_log_likelihood(x, mu, logvar, W, b, s):
    at_mean = ((x - b + mu @ W.mT) ** 2).sum(-1)
    spread = logvar.exp() @ (W**2).sum(0)
    constants = len(b) * (math.log(s) + 0.5 * math.log(2 * math.pi))
    return -0.5 * (at_mean + spread) / s**2 - constants


# %% b with the wrong sign
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: joint-mean-sign
# says: sign is wrong
def expected_log_likelihood(x, mu, logvar, W, b, s):
    at_mean = ((x + b - mu @ W.mT) ** 2).sum(-1)
    spread = logvar.exp() @ (W**2).sum(0)
    constants = len(b) * (math.log(s) + 0.5 * math.log(2 * math.pi))
    return -0.5 * (at_mean + spread) / s**2 - constants


# %% both with the wrong sign
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: joint-mean-sign
# says: sign is wrong
def expected_log_likelihood(x, mu, logvar, W, b, s):
    at_mean = ((x + b + mu @ W.mT) ** 2).sum(-1)
    spread = logvar.exp() @ (W**2).sum(0)
    constants = len(b) * (math.log(s) + 0.5 * math.log(2 * math.pi))
    return -0.5 * (at_mean + spread) / s**2 - constants


# %% P is the number of images
# loses: expected-log-likelihood-value
# slug: density-pixels-from-batch
# says: number of images
def expected_log_likelihood(x, mu, logvar, W, b, s):
    at_mean = ((x - b - mu @ W.mT) ** 2).sum(-1)
    spread = logvar.exp() @ (W**2).sum(0)
    constants = len(x) * (math.log(s) + 0.5 * math.log(2 * math.pi))
    return -0.5 * (at_mean + spread) / s**2 - constants


# %% no normalizer
# loses: expected-log-likelihood-value
# slug: density-unnormalized
# says: normalizer is missing
def expected_log_likelihood(x, mu, logvar, W, b, s):
    at_mean = ((x - b - mu @ W.mT) ** 2).sum(-1)
    spread = logvar.exp() @ (W**2).sum(0)
    return -0.5 * (at_mean + spread) / s**2


# %% log 2 pi without its half
# loses: expected-log-likelihood-value
# slug: density-constant
# says: constant is missing or wrong
def expected_log_likelihood(x, mu, logvar, W, b, s):
    at_mean = ((x - b - mu @ W.mT) ** 2).sum(-1)
    spread = logvar.exp() @ (W**2).sum(0)
    constants = len(b) * (math.log(s) + math.log(2 * math.pi))
    return -0.5 * (at_mean + spread) / s**2 - constants


# %% log pi for log 2 pi
# loses: expected-log-likelihood-value
# slug: density-constant
# says: constant is missing or wrong
def expected_log_likelihood(x, mu, logvar, W, b, s):
    at_mean = ((x - b - mu @ W.mT) ** 2).sum(-1)
    spread = logvar.exp() @ (W**2).sum(0)
    constants = len(b) * (math.log(s) + 0.5 * math.log(math.pi))
    return -0.5 * (at_mean + spread) / s**2 - constants


# %% softplus as variance
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: std-softplus
# says: another convention
def expected_log_likelihood(x, mu, logvar, W, b, s):
    at_mean = ((x - b - mu @ W.mT) ** 2).sum(-1)
    spread = torch.nn.functional.softplus(logvar) @ (W**2).sum(0)
    constants = len(b) * (math.log(s) + 0.5 * math.log(2 * math.pi))
    return -0.5 * (at_mean + spread) / s**2 - constants


# %% logvar clamped to -30 and 20
# loses: expected-log-likelihood-value
# slug: kl-clipped
# says: clamped
def expected_log_likelihood(x, mu, logvar, W, b, s):
    logvar = logvar.clamp(-30, 20)
    at_mean = ((x - b - mu @ W.mT) ** 2).sum(-1)
    spread = logvar.exp() @ (W**2).sum(0)
    constants = len(b) * (math.log(s) + 0.5 * math.log(2 * math.pi))
    return -0.5 * (at_mean + spread) / s**2 - constants


# %% logvar clamped at 40
# loses: expected-log-likelihood-value
# slug: kl-clipped
# says: clamped
def expected_log_likelihood(x, mu, logvar, W, b, s):
    logvar = logvar.clamp(max=40)
    at_mean = ((x - b - mu @ W.mT) ** 2).sum(-1)
    spread = logvar.exp() @ (W**2).sum(0)
    constants = len(b) * (math.log(s) + 0.5 * math.log(2 * math.pi))
    return -0.5 * (at_mean + spread) / s**2 - constants


# %% a floor under the squared residual
# slug: value-cut
# says: at its own image
# loses: expected-log-likelihood-value
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1).clamp(min=1e-6)
    spread = logvar.exp() @ (W**2).sum(0)
    constant = len(b) * (math.log(2 * math.pi) / 2 + math.log(s))
    return -(squares + spread) / (2 * s**2) - constant


# %% rows when square
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: expected-log-likelihood-value
def expected_log_likelihood(x, mu, logvar, W, b, s):
    lin = torch.distributions.Normal(mu @ W.T + b, s).log_prob(x).sum(-1)
    cols = (W**2).sum(1) if W.shape[0] == W.shape[1] else (W**2).sum(0)
    return lin - 0.5 / s**2 * (logvar.exp() * cols).sum(-1)


# %% log of s in product s**P
# slug: raised
# says: OverflowError
# loses: expected-log-likelihood-value
def expected_log_likelihood(x, mu, logvar, W, b, s):
    P = x.shape[-1]
    r = x - b - mu @ W.T
    return -0.5 / s**2 * ((r**2).sum(-1) + (logvar.exp() * (W**2).sum(0)).sum(-1)) - math.log(
        s**P * (2 * math.pi) ** (P / 2)
    )


# %% W used by shape guess
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: expected-log-likelihood-value
def expected_log_likelihood(x, mu, logvar, W, b, s):
    Wt = W if W.shape[0] == mu.shape[1] else W.T
    P = x.shape[-1]
    sq = ((x - b - mu @ Wt) ** 2).sum(-1) + (logvar.exp() @ (Wt**2)).sum(-1)
    return -0.5 / s**2 * sq - P * math.log(s) - 0.5 * P * math.log(2 * math.pi)


# %% half of log 2 pi as 0.9189
# slug: not-exact
# says: it was rounded
# loses: expected-log-likelihood-value
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1) + logvar.exp() @ (W**2).sum(0)
    return -0.5 * squares / s**2 - len(b) * (math.log(s) + 0.9189)
