"""Answers to Exercise 4 of lab5-family: right ones, then wrong ones."""


# %% a Normal of torch.distributions
def gaussian_nll(mean, logvar, x):
    std = torch.exp(torch.as_tensor(logvar, dtype=x.dtype) / 2)
    return -torch.distributions.Normal(mean, std).log_prob(x).sum(-1)


# %% F.gaussian_nll_loss without its floor
def gaussian_nll(mean, logvar, x):
    variance = torch.as_tensor(logvar, dtype=x.dtype).exp().expand_as(x)
    return F.gaussian_nll_loss(mean, x, variance, full=True, eps=0.0, reduction="none").sum(1)


# %% three sums
def gaussian_nll(mean, logvar, x):
    full = torch.zeros_like(x) + logvar
    squares = ((x - mean).square() / full.exp()).sum(1)
    return (squares + full.sum(1) + x.shape[1] * math.log(2 * math.pi)) / 2


# %% image by image
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype).expand(x.shape)
    rows = []
    for m, v, row in zip(mean, logvar, x):
        cost = (row - m) ** 2 / (2 * v.exp()) + 0.5 * v + 0.5 * math.log(2 * math.pi)
        rows.append(cost.sum())
    return torch.stack(rows)


# %% einsum over scaled errors
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype) + torch.zeros_like(x)
    scaled = (x - mean) * torch.exp(-0.5 * logvar)
    constant = math.log(2 * math.pi) * x.size(-1)
    return 0.5 * (torch.einsum("bp,bp->b", scaled, scaled) + torch.sum(logvar, -1) + constant)


# %% an isinstance, and in place where it harms nobody
def gaussian_nll(mean, logvar, x):
    if not torch.is_tensor(logvar):
        logvar = x.new_tensor(float(logvar))
    cost = (x - mean).pow(2) * (-logvar).exp()
    cost = cost + logvar
    cost += math.log(2 * math.pi)
    return cost.sum(dim=-1).mul(0.5)


# %% Independent, by the standard deviation
def gaussian_nll(mean, logvar, x):
    D = torch.distributions
    scale = torch.as_tensor(logvar, dtype=x.dtype).mul(0.5).exp().expand_as(mean)
    return -D.Independent(D.Normal(loc=mean, scale=scale), 1).log_prob(x)


# %% no constant
# slug: gauss-no-constant
# says: log 2 pi
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar).sum(1)


# %% F.gaussian_nll_loss as it comes
# slug: gauss-no-constant
# says: log 2 pi
def gaussian_nll(mean, logvar, x):
    variance = torch.as_tensor(logvar, dtype=x.dtype).exp().expand_as(x)
    return F.gaussian_nll_loss(mean, x, variance, reduction="none").sum(1)


# %% F.gaussian_nll_loss with its floor
# slug: gauss-variance-floor
# says: floor
# loses: gaussian-nll-value
def gaussian_nll(mean, logvar, x):
    variance = torch.as_tensor(logvar, dtype=x.dtype).exp().expand_as(x)
    return F.gaussian_nll_loss(mean, x, variance, full=True, reduction="none").sum(1)


# %% a small number added to the variance
# slug: gauss-variance-floor
# says: small number
def gaussian_nll(mean, logvar, x):
    variance = torch.as_tensor(logvar, dtype=x.dtype).exp() + 1e-6
    return 0.5 * ((x - mean) ** 2 / variance + variance.log() + math.log(2 * math.pi)).sum(1)


# %% the constant once an image
# slug: gauss-constant-once
# says: each of the P pixels
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    cost = 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar).sum(1)
    return cost + 0.5 * math.log(2 * math.pi)


# %% the constant subtracted
# slug: gauss-constant-sign
# says: wrong sign
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar - math.log(2 * math.pi)).sum(1)


# %% no log variance
# slug: gauss-no-logvar
# says: log variance is missing
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + math.log(2 * math.pi)).sum(1)


# %% the log variance subtracted
# slug: gauss-logvar-sign
# says: wrong sign
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) - logvar + math.log(2 * math.pi)).sum(1)


# %% a shared log variance counts once
# slug: gauss-logvar-once
# says: each of the P pixels
# loses: gaussian-nll-shared
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    squares = ((x - mean) ** 2 * torch.exp(-logvar)).sum(1)
    logs = logvar.sum(-1)
    return 0.5 * (squares + logs + x.shape[1] * math.log(2 * math.pi))


# %% the log variance as log sigma
# slug: gauss-log-sigma
# says: log sigma
def gaussian_nll(mean, logvar, x):
    log_sigma = torch.as_tensor(logvar, dtype=x.dtype)
    return -torch.distributions.Normal(mean, log_sigma.exp()).log_prob(x).sum(1)


# %% the variance as a standard deviation, in the square only
# slug: gauss-deviation
# says: divided by sigma
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 / torch.exp(logvar / 2) + logvar + math.log(2 * math.pi)).sum(1)


# %% times the variance
# slug: gauss-times-variance
# says: divide by it
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 * torch.exp(logvar) + logvar + math.log(2 * math.pi)).sum(1)


# %% the log variance as variance
# slug: gauss-no-exp
# says: logarithm of the variance
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 / logvar + logvar + math.log(2 * math.pi)).sum(1)


# %% a mean over pixels
# slug: gauss-mean-pixels
# says: their sum
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).mean(1)


# %% not summed
# slug: gauss-not-summed
# says: sum over pixels is missing
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi))


# %% over images
# slug: gauss-over-images
# says: instead of pixels
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(0)


# %% averaged over the batch
# slug: gauss-batch
# says: number of its own
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    cost = 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi))
    return cost.sum(1).mean()


# %% a log density
# slug: gauss-sign
# says: sign is reversed
def gaussian_nll(mean, logvar, x):
    std = torch.exp(torch.as_tensor(logvar, dtype=x.dtype) / 2)
    return torch.distributions.Normal(mean, std).log_prob(x).sum(-1)


# %% the half forgotten
# slug: gauss-no-half
# says: 1/2
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return ((x - mean) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)


# %% the half at the logs only
# slug: gauss-no-half
# says: 1/2
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    squares = (x - mean) ** 2 * torch.exp(-logvar)
    return (squares + 0.5 * logvar + 0.5 * math.log(2 * math.pi)).sum(1)


# %% a squared error
# slug: gauss-squared-error
# says: squared error
def gaussian_nll(mean, logvar, x):
    return ((x - mean) ** 2).sum(1)


# %% clamped as decoders often are
# slug: argument-misread
# says: cut to +-10
# loses: gaussian-nll-value
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype).clamp(-10, 10)
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)


# %% pi rounded
# slug: not-exact
# says: rounded
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * 3.1416)).sum(1)


# %% the variance detached
# slug: value-right-gradient-wrong
# says: gradient
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    squares = (x - mean) ** 2 * torch.exp(-logvar.detach())
    return 0.5 * (squares + logvar + math.log(2 * math.pi)).sum(1)


# %% numbers of Python not thought of
# slug: raised
# says: line 2
# loses: gaussian-nll-shared
def gaussian_nll(mean, logvar, x):
    squares = (x - mean) ** 2 * torch.exp(-logvar)
    return 0.5 * (squares + logvar + math.log(2 * math.pi)).sum(1)


# %% a log variance of images
# slug: raised
# says: line
# loses: gaussian-nll-shared
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    if logvar.ndim == 1:
        logvar = logvar.view(len(x), 1)
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)


# %% one variance for all pixels, the mean of those given
# slug: gauss-logvar-averaged
# says: averaged
# loses: gaussian-nll-value
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    squares = (x - mean) ** 2 * torch.exp(-logvar)
    return 0.5 * (squares + logvar.mean() + math.log(2 * math.pi)).sum(1)


# %% a new tensor of the log variance
# slug: value-right-gradient-wrong
# says: gradient
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype).detach().clone()
    return 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)


# %% always double
# slug: gauss-dtype
# says: float32 out
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=torch.float64)
    squares = (x - mean).double() ** 2 * torch.exp(-logvar)
    return 0.5 * (squares + logvar + math.log(2 * math.pi)).sum(1)


# %% always single
# slug: lost-precision
# says: stay in the arguments' dtype
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=torch.float32)
    squares = (x - mean).float() ** 2 * torch.exp(-logvar)
    return 0.5 * (squares + logvar + math.log(2 * math.pi)).sum(1)


# %% in place on the image
# slug: changed-argument
# says: in place
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    squares = x.sub_(mean.detach()) ** 2 * torch.exp(-logvar) + 0 * mean
    return 0.5 * (squares + logvar + math.log(2 * math.pi)).sum(1)


# %% bits
# slug: not-nats
# says: natural logarithm
def gaussian_nll(mean, logvar, x):
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    cost = 0.5 * ((x - mean) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    return cost / math.log(2)
