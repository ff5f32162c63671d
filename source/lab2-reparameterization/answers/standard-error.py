"""Answers to Exercise 5 of lab2-reparameterization: right ones, then wrong ones."""


# %% by hand
def standard_error(estimates):
    K = estimates.shape[0]
    off = estimates - estimates.mean(dim=0, keepdim=True)
    return torch.sqrt((off**2).sum(dim=0) / (K * (K - 1)))


# %% root of the variance of the mean
def standard_error(estimates):
    return (torch.var(estimates, dim=0, unbiased=True) / estimates.size(0)).sqrt()


# %% column by column
def standard_error(estimates):
    return torch.stack([x.std() / math.sqrt(len(x)) for x in estimates.unbind(dim=1)])


# %% numpy, and back
def standard_error(estimates):
    x = estimates.numpy()
    return torch.from_numpy(np.std(x, axis=0, ddof=1) / np.sqrt(x.shape[0]))


# %% differences of all pairs
def standard_error(estimates):
    K = len(estimates)
    pairs = estimates[:, None] - estimates[None]
    return (pairs.square().sum((0, 1)) / (2 * K * K * (K - 1))).sqrt()


# %% in inference mode, Welford's running update
@torch.inference_mode()
def standard_error(estimates):
    mean, total = torch.zeros_like(estimates[0]), torch.zeros_like(estimates[0])
    for k, row in enumerate(estimates, start=1):
        off = row - mean
        mean = mean + off / k
        total = total + off * (row - mean)
    return (total / (k - 1) / k).sqrt()


# %% vmap over the columns
def standard_error(estimates):
    def of_column(column):
        return column.std() / len(column) ** 0.5

    return torch.func.vmap(of_column, in_dims=1)(estimates)


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def standard_error(estimates):
    estimates.std(dim=0) / len(estimates) ** 0.5


# %% a float
# slug: wrong-type
# says: the error is float
def standard_error(estimates):
    return float(estimates[:, 0].std()) / len(estimates) ** 0.5


# %% float32
# slug: lost-precision
# says: torch.float32
def standard_error(estimates):
    return estimates.float().std(dim=0) / len(estimates) ** 0.5


# %% centered in place
# slug: changed-argument
# says: changed the values of `estimates`
def standard_error(estimates):
    estimates -= estimates.mean(dim=0)
    return (estimates**2).sum(0).div(len(estimates) - 1).div(len(estimates)).sqrt()


# %% a generator
# slug: wrong-type
# says: a generator
def standard_error(estimates):
    return (x.std() / len(x) ** 0.5 for x in estimates.T)


# %% spread of one estimate
# slug: error-is-spread
# says: spread of one estimate
def standard_error(estimates):
    return estimates.std(dim=0)


# %% divided by K
# slug: error-divided-by-samples
# says: it is the variance that falls so
def standard_error(estimates):
    return estimates.std(dim=0) / len(estimates)


# %% variance of the mean
# slug: error-is-variance
# says: a root is missing
def standard_error(estimates):
    return estimates.var(dim=0) / len(estimates)


# %% variance
# slug: error-is-variance
# says: a root is missing
def standard_error(estimates):
    return estimates.var(dim=0)


# %% biased variance
# slug: error-biased
# says: so K - 1
def standard_error(estimates):
    return estimates.std(dim=0, correction=0) / len(estimates) ** 0.5


# %% not centered
# slug: error-not-centered
# says: mean was not subtracted
def standard_error(estimates):
    return (estimates**2).mean(dim=0).sqrt() / len(estimates) ** 0.5


# %% all columns together
# slug: error-over-all
# says: error of its own
def standard_error(estimates):
    return estimates.std() / len(estimates) ** 0.5


# %% along the rows
# slug: error-by-row
# says: samples are in the first dimension
def standard_error(estimates):
    return estimates.std(dim=1) / estimates.shape[1] ** 0.5


# %% divided by the root of the columns
# slug: error-by-row
# says: samples are in the first dimension
def standard_error(estimates):
    return estimates.std(dim=0) / estimates.shape[1] ** 0.5


# %% the mean
# slug: error-is-mean
# says: not its error
def standard_error(estimates):
    return estimates.mean(dim=0)


# %% number of samples hard-coded
# slug: factor-power
# says: K is missing
def standard_error(estimates):
    return estimates.std(dim=0) / 7**0.5


# %% difference of squares
# loses: standard-error-stable
# slug: error-cancels
# says: subtract the mean first
def standard_error(estimates):
    K = len(estimates)
    variance = (estimates**2).mean(0) - estimates.mean(0) ** 2
    return (variance / (K - 1)).sqrt()


# %% difference of squares, clamped
# loses: standard-error-stable
# slug: error-cancels
# says: subtract the mean first
def standard_error(estimates):
    K = len(estimates)
    variance = (estimates**2).mean(0) - estimates.mean(0) ** 2
    return (variance.clamp(min=0) / (K - 1)).sqrt()


# %% K - 1 taken twice
# slug: error-one-less-twice
# says: taken twice
def standard_error(estimates):
    return estimates.std(dim=0) / (len(estimates) - 1) ** 0.5
