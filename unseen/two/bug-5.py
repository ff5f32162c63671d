# %% unchanged
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / math.sqrt(len(log_w))

# %% no root
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / len(bounds)

# %% not divided
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std()

# %% variance over B
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.var() / len(bounds)

# %% variance over root B
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.var() / math.sqrt(len(bounds))

# %% root of K B
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / math.sqrt(log_w.numel())

# %% spread of all log weights
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), log_w.std() / math.sqrt(log_w.numel())

# %% spread of all log weights over root B
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), log_w.std() / math.sqrt(log_w.shape[1])

# %% no Bessel
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std(correction=0) / math.sqrt(len(bounds))

# %% Bessel twice
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / math.sqrt(max(len(bounds) - 1, 1))

# %% mean of logs
# kind: wrong
def mended_5(log_w):
    bounds = log_w.mean(0)
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds))

# %% right mean, error of the ELBO
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    each = log_w.mean(0)
    return bounds.mean(), each.std() / math.sqrt(len(each))

# %% no log K
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0)
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds))

# %% log B in the bound
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(log_w.shape[1])
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds))

# %% over codes by the delta method
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    r = (log_w - bounds).exp()
    e = r.std(0) / math.sqrt(len(log_w))
    return bounds.mean(), e.square().sum().sqrt() / len(bounds)

# %% both errors joined
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    over_images = bounds.std() / math.sqrt(len(bounds))
    e = (log_w - bounds).exp().std(0) / math.sqrt(len(log_w)) if len(log_w) > 1 else 0 * bounds
    return bounds.mean(), (over_images**2 + (e.square().sum() / len(bounds) ** 2)).sqrt()

# %% error over codes per image, averaged
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), (log_w.std(0) / math.sqrt(len(log_w))).mean()

# %% pair swapped
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.std() / math.sqrt(len(bounds)), bounds.mean()

# %% median
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.median(), bounds.std() / math.sqrt(len(bounds))

# %% ninety-five per cent
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), 1.96 * bounds.std() / math.sqrt(len(bounds))

# %% log of the mean over images as well
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return torch.logsumexp(log_w.flatten(), 0) - math.log(log_w.numel()), bounds.std() / math.sqrt(len(bounds))

# %% over the other axis
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=1) - math.log(log_w.shape[1])
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds))

# %% exponentials
# kind: wrong
def mended_5(log_w):
    bounds = log_w.exp().mean(0).log()
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds))

# %% one shift for all images
# kind: wrong
def mended_5(log_w):
    m = log_w.max()
    bounds = m + (log_w - m).exp().mean(0).log()
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds))

# %% size of the notebook's test set
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / math.sqrt(len(test_images))

# %% mean absolute deviation
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), (bounds - bounds.mean()).abs().mean() / math.sqrt(len(bounds))

# %% range over four
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), (bounds.max() - bounds.min()) / 4 / math.sqrt(len(bounds))

# %% bootstrap
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    idx = torch.randint(len(bounds), (2000, len(bounds)))
    return bounds.mean(), bounds[idx].mean(1).std()

# %% mean square without the mean removed
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.square().mean().sqrt() / math.sqrt(len(bounds))

# %% negative log likelihood
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return -bounds.mean(), bounds.std() / math.sqrt(len(bounds))

# %% single precision
# kind: wrong
def mended_5(log_w_):
    log_w = log_w_.float()
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean().to(log_w_.dtype), (bounds.std() / math.sqrt(len(bounds))).to(log_w_.dtype)

# %% error of every image
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds / math.sqrt(len(bounds))

# %% one-pass variance
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    n = len(bounds)
    var = (bounds.square().sum() - bounds.sum() ** 2 / n) / (n - 1)
    return bounds.mean(), (var / n).sqrt()

# %% K where K is larger, B otherwise
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / math.sqrt(max(log_w.shape))

# %% smaller of K and B
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / math.sqrt(min(log_w.shape))

# %% argument overwritten
# kind: wrong
def mended_5(log_w):
    m = log_w.amax(0)
    bounds = m + log_w.sub_(m).exp_().mean(0).log()
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds))

# %% error clamped
# kind: wrong
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), (bounds.std() / math.sqrt(len(bounds))).clamp(0.01, 5)

# %% Python floats
# kind: open
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean().item(), bounds.std().item() / math.sqrt(len(bounds))

# %% one tensor of two
# kind: open
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return torch.stack([bounds.mean(), bounds.std() / math.sqrt(len(bounds))])

# %% usual
# kind: right
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), bounds.std() / math.sqrt(len(bounds))

# %% std_mean
# kind: right
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    sd, mean = torch.std_mean(bounds)
    return mean, sd / math.sqrt(bounds.numel())

# %% centred squares by hand
# kind: right
def mended_5(log_w):
    K, B = log_w.shape
    m = log_w.amax(0)
    L = m + (log_w - m).exp().mean(0).log()
    c = L - L.mean()
    return L.mean(), (c @ c / (B * (B - 1))).sqrt()

# %% var over B, root
# kind: right
def mended_5(log_w):
    L = (log_w - math.log(log_w.shape[0])).logsumexp(0)
    return L.mean(), L.var(unbiased=True).div(L.shape[0]).sqrt()

# %% Welford, image by image
# kind: right
def mended_5(log_w):
    mean, m2 = log_w.new_zeros(()), log_w.new_zeros(())
    for n, column in enumerate(log_w.unbind(1), start=1):
        L = torch.logsumexp(column, 0) - math.log(len(column))
        d = L - mean
        mean = mean + d / n
        m2 = m2 + d * (L - mean)
    return mean, (m2 / (n - 1) / n).sqrt()

# %% norm of the centred bounds, double inside
# kind: right
def mended_5(log_w):
    d = log_w.double()
    L = torch.logsumexp(d, 0) - math.log(len(d))
    n = len(L)
    error = torch.linalg.vector_norm(L - L.mean()) / math.sqrt(n * (n - 1))
    return L.mean().to(log_w.dtype), error.to(log_w.dtype)

# %% torch.cov
# kind: right
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return bounds.mean(), (torch.cov(bounds) / bounds.size(0)) ** 0.5

# %% pairwise differences
# kind: right
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    n = len(bounds)
    var = (bounds[:, None] - bounds).square().sum() / (2 * n * (n - 1))
    return bounds.mean(), (var / n).sqrt()

# %% jackknife
# kind: right
def mended_5(log_w):
    bounds = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    n = len(bounds)
    c = bounds - bounds.mean()
    left_out = (c.sum() - c) / (n - 1)  # the means without one image, centred
    return bounds.mean(), ((n - 1) / n * (left_out - left_out.mean()).square().sum()).sqrt()
