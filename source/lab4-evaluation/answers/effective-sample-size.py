"""Answers to Exercise 4 of lab4-evaluation, its first half: right ones, then wrong ones."""


# %% by logsumexp
def effective_sample_size(log_w):
    return torch.exp(2 * log_w.logsumexp(0) - (2 * log_w).logsumexp(0))


# %% the largest taken out
def effective_sample_size(log_w):
    w = torch.exp(log_w - log_w.max(dim=0, keepdim=True).values)
    return w.sum(0) ** 2 / (w**2).sum(0)


# %% normalized by hand
def effective_sample_size(log_w):
    share = torch.exp(log_w - torch.logsumexp(log_w, dim=0))
    return (share**2).sum(0).reciprocal()


# %% K over the mean square ratio
def effective_sample_size(log_w):
    ratio = torch.exp(log_w - log_w.logsumexp(0) + math.log(len(log_w)))
    return len(log_w) / ratio.square().mean(0)


# %% image by image, einsum
def effective_sample_size(log_w):
    shares = [column.softmax(0) for column in log_w.T]
    return torch.stack([1 / torch.einsum("k,k->", share, share) for share in shares])


# %% numpy inside
def effective_sample_size(log_w):
    logs = log_w.double().numpy()
    w = np.exp(logs - logs.max(axis=0))
    return torch.from_numpy(w.sum(0) ** 2 / (w**2).sum(0))


# %% of the logarithms
# slug: size-of-logs
# says: computed of the logarithms
def effective_sample_size(log_w):
    return log_w.sum(0) ** 2 / log_w.square().sum(0)


# %% upside down
# slug: size-inverse
# says: between 1 and K
def effective_sample_size(log_w):
    return log_w.softmax(0).square().sum(0)


# %% a share
# slug: size-share
# says: multiply by K
def effective_sample_size(log_w):
    return 1 / log_w.softmax(0).square().sum(0) / len(log_w)


# %% K times
# slug: size-times-samples
# says: one factor too many
def effective_sample_size(log_w):
    return 1 / log_w.softmax(0).square().mean(0)


# %% the perplexity
# slug: size-perplexity
# says: perplexity
def effective_sample_size(log_w):
    share = log_w.softmax(0)
    return torch.exp(-(share * log_w.log_softmax(0)).sum(0))


# %% the entropy
# slug: size-entropy
# says: entropy of the normalized
def effective_sample_size(log_w):
    return -(log_w.softmax(0) * log_w.log_softmax(0)).sum(0)


# %% the largest share
# slug: size-of-largest
# says: only the largest
def effective_sample_size(log_w):
    return 1 / log_w.softmax(0).amax(0)


# %% by the unbiased variance
# slug: size-by-variance
# says: with K - 1
# loses: effective-sample-size-value, effective-sample-size-stable
def effective_sample_size(log_w):
    ratio = log_w.softmax(0) * len(log_w)
    return len(log_w) / (1 + ratio.var(0))


# %% the sum squared in both places
# slug: size-square-of-sum
# says: squared twice
def effective_sample_size(log_w):
    share = log_w.softmax(0)
    return share.sum(0) ** 2 / share.sum(0) ** 2


# %% not squared
# slug: size-not-squared
# says: a square is missing
# loses: effective-sample-size-value, effective-sample-size-stable
def effective_sample_size(log_w):
    w = log_w.exp()
    return w.sum(0) / w.square().sum(0)


# %% the logarithm of it
# slug: size-not-exp
# says: the logarithm of the size
def effective_sample_size(log_w):
    return 2 * log_w.logsumexp(0) - (2 * log_w).logsumexp(0)


# %% over images
# slug: size-over-images
# says: belong together
def effective_sample_size(log_w):
    return 1 / log_w.softmax(1).square().sum(1)


# %% all images together
# slug: size-batch
# says: an effective size of its own
def effective_sample_size(log_w):
    return 1 / log_w.flatten().softmax(0).square().sum()


# %% averaged over images
# slug: size-batch
# says: an effective size of its own
def effective_sample_size(log_w):
    return (1 / log_w.softmax(0).square().sum(0)).mean()


# %% exp first
# slug: density-underflow
# says: left the range
# loses: effective-sample-size-stable
def effective_sample_size(log_w):
    w = log_w.exp()
    return w.sum(0) ** 2 / w.square().sum(0)


# %% a constant in the denominator
# slug: value-nearly
# says: three digits
def effective_sample_size(log_w):
    return 1 / (log_w.softmax(0).square().sum(0) + 1e-5)


# %% about the mean of the logs
# loses: effective-sample-size-stable
# slug: density-underflow
# says: ess is nan
def effective_sample_size(log_w):
    w = (log_w - log_w.mean(0)).exp()
    return w.sum(0) ** 2 / (w**2).sum(0)


# %% square forgotten on the sum
# slug: size-not-squared
# says: A square is missing
def effective_sample_size(log_w):
    w = (log_w - log_w.amax(0)).exp()
    return w.sum(0) / (w**2).sum(0)


# %% one number for all images
# slug: size-batch
# says: Reduced over images too
def effective_sample_size(log_w):
    return (1 / (log_w.softmax(0) ** 2).sum(0)).mean()


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
# loses: effective-sample-size-value
def effective_sample_size(log_w):
    return (1 / (log_w.softmax(0) ** 2).sum(0)).squeeze()


# %% shift by the first weight
# slug: density-underflow
# says: A density left the range of
# loses: effective-sample-size-stable
def effective_sample_size(log_w):
    w = (log_w - log_w[0]).exp()
    return w.sum(0) ** 2 / (w**2).sum(0)


# %% maximum clamped at 0
# slug: density-underflow
# says: A density left the range of
# loses: effective-sample-size-stable
def effective_sample_size(log_w):
    w = (log_w - log_w.amax(0).clamp(min=0)).exp()
    return w.sum(0) ** 2 / (w**2).sum(0)


# %% shares among the images
# slug: size-over-images
# says: over images
def effective_sample_size(log_w):
    return 1 / (torch.softmax(log_w, dim=1) ** 2).sum(0)
