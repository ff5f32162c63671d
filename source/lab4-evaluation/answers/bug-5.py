"""Answers to Exercise 18 of lab4-evaluation: right ones, then wrong ones."""


# %% plain numbers
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean().item(), bounds.std().item() / math.sqrt(len(bounds))


# %% the variance of the mean
def mended_5(log_w):
    K, B = log_w.shape
    bounds = log_w.logsumexp(0) - math.log(K)
    off = bounds - bounds.mean()
    return bounds.mean(), torch.sqrt((off**2).sum() / (B * (B - 1)))


# %% numpy
def mended_5(log_w):
    import numpy as np

    bounds = np.logaddexp.reduce(log_w.numpy(), axis=0) - np.log(log_w.shape[0])
    return float(np.mean(bounds)), float(np.std(bounds, ddof=1) / np.sqrt(bounds.size))


# %% a list of two
def mended_5(log_w):
    bounds = torch.log_softmax(log_w, dim=0).neg()[0] + log_w[0] - math.log(log_w.size(0))
    return [bounds.mean(), torch.var(bounds, unbiased=True).div(bounds.numel()).sqrt()]


# %% image by image
def mended_5(log_w):
    bounds = [float(torch.logsumexp(column, 0)) - math.log(len(column)) for column in log_w.T]
    mean = sum(bounds) / len(bounds)
    variance = sum((bound - mean) ** 2 for bound in bounds) / (len(bounds) - 1)
    return mean, (variance / len(bounds)) ** 0.5


# %% still broken
# slug: bug-divided-by-samples
# says: the root of K
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / math.sqrt(len(log_w))


# %% all weights as images
# slug: bug-divided-by-all
# says: no K B images
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / math.sqrt(log_w.numel())


# %% the error over codes
# slug: bug-error-over-samples
# says: nothing of other images
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    w = torch.exp(log_w - bounds)
    each = w.std(dim=0) / math.sqrt(len(log_w))
    return bounds.mean(), each.square().sum().sqrt() / len(bounds)


# %% the spread of one image
# slug: bug-spread-not-error
# says: of the mean of B it is less
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std()


# %% divided by B in the variance
# slug: bug-error-biased
# says: B - 1
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std(correction=0) / math.sqrt(len(bounds))


# %% no root
# slug: bug-error-no-root
# says: root of B
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / len(bounds)


# %% B - 1 twice
# slug: bug-one-less-twice
# says: taken twice
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds) - 1)


# %% the spread of the logs
# slug: bug-error-of-logs
# says: not of L_K
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), log_w.mean(dim=0).std() / math.sqrt(len(bounds))


# %% the mean of logs
# slug: bug-mean-of-logs
# says: the ELBO again
def mended_5(log_w):
    elbos = log_w.mean(dim=0)
    return elbos.mean(), elbos.std() / math.sqrt(len(elbos))


# %% one mean of all weights
# slug: bug-one-bound-for-all
# says: averaged then
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    mean = torch.logsumexp(log_w.flatten(), dim=0) - math.log(log_w.numel())
    return mean, bounds.std() / math.sqrt(len(bounds))


# %% no log K
# slug: bug-no-count
# says: not subtracted
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0)
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds))


# %% a sum over images
# slug: bug-sum-over-images
# says: the mean is asked for
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.sum(), bounds.std() / math.sqrt(len(bounds))


# %% one number an image
# slug: bug-not-averaged
# says: a mean is missing
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds, bounds.std() / math.sqrt(len(bounds))


# %% the mean alone
# slug: wrong-type
# says: (mean, error)
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean()


# %% right for an odd number of codes only
# slug: bug-error-over-samples
# says: nothing of other images
# loses: bug-5-error, bug-5-more-codes
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), log_w.mean(dim=1).std() / math.sqrt(len(log_w))


# %% exp and log
# loses: bug-5-error
# slug: nan
# says: overflowed
def mended_5(log_w):
    bounds = log_w.exp().mean(0).log()
    return bounds.mean(), bounds.std() / len(bounds) ** 0.5


# %% about the mean of the logs
# loses: bug-5-error
# slug: bug-overflow
# says: is infinite
def mended_5(log_w):
    middle = log_w.mean(0)
    bounds = (log_w - middle).exp().mean(0).log() + middle
    return bounds.mean(), bounds.std() / len(bounds) ** 0.5


# %% log B in the bound
# slug: bug-no-count
# says: log K is not subtracted
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(log_w.shape[1])
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds))


# %% both errors joined
# slug: bug-error-joined
# says: The error over codes was joined
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    over_images = bounds.std() / math.sqrt(len(bounds))
    e = (log_w - bounds).exp().std(0) / math.sqrt(len(log_w)) if len(log_w) > 1 else 0 * bounds
    return bounds.mean(), (over_images**2 + (e.square().sum() / len(bounds) ** 2)).sqrt()


# %% pair swapped
# slug: bug-pair-swapped
# says: The two have changed places
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.std() / math.sqrt(len(bounds)), bounds.mean()


# %% negative log likelihood
# slug: bug-mean-negated
# says: The mean has the other sign
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return -bounds.mean(), bounds.std() / math.sqrt(len(bounds))


# %% one-pass variance
# slug: bug-digits-lost
# says: float32 has no digits left for
# loses: bug-5-error
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    n = len(bounds)
    var = (bounds.square().sum() - bounds.sum() ** 2 / n) / (n - 1)
    return bounds.mean(), (var / n).sqrt()
