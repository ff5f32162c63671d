"""Answers to Exercise 2 of lab4-evaluation: right ones, then wrong ones."""


# %% K from the shape
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=0) - math.log(log_w.shape[0])


# %% the largest taken out by hand
def iw_bound(log_w):
    top = log_w.max(dim=0).values
    return top + torch.log(torch.exp(log_w - top).mean(0))


# %% the largest taken out, detached
def iw_bound(log_w):
    top = log_w.amax(0, keepdim=True).detach()
    return ((log_w - top).exp().mean(0).log() + top[0]).reshape(-1)


# %% a running sum
def iw_bound(log_w):
    total = log_w[0]
    for row in log_w[1:]:
        total = torch.logaddexp(total, row)
    return total - math.log(len(log_w))


# %% log K inside
def iw_bound(log_w):
    return (log_w - math.log(log_w.size(0))).logsumexp(0)


# %% by a log-softmax
def iw_bound(log_w):
    return log_w[0] - log_w.log_softmax(0)[0] - math.log(len(log_w))


# %% a mean of logs
# slug: evidence-mean-of-logs
# says: not the log of the mean
# loses: iw-bound-value, iw-bound-stable, iw-bound-gradient
def iw_bound(log_w):
    return log_w.mean(0)


# %% log K forgotten
# slug: evidence-no-samples
# says: log K is missing
# loses: iw-bound-value, iw-bound-stable
def iw_bound(log_w):
    return log_w.logsumexp(0)


# %% log K added
# slug: evidence-samples-sign
# says: subtracts it
# loses: iw-bound-value, iw-bound-stable
def iw_bound(log_w):
    return log_w.logsumexp(0) + math.log(len(log_w))


# %% divided outside
# slug: evidence-divided-outside
# says: not the sum inside
# loses: iw-bound-value, iw-bound-stable, iw-bound-gradient
def iw_bound(log_w):
    return log_w.logsumexp(0) / len(log_w)


# %% the number of images for K
# slug: evidence-other-count
# says: another number than K
# loses: iw-bound-value, iw-bound-stable, iw-bound-one-sample
def iw_bound(log_w):
    return log_w.logsumexp(0) - math.log(log_w.shape[1])


# %% K itself taken off
# slug: evidence-other-count
# says: another number than K
# loses: iw-bound-value, iw-bound-stable, iw-bound-one-sample
def iw_bound(log_w):
    return log_w.logsumexp(0) - len(log_w)


# %% over images
# slug: evidence-over-images
# says: instead of samples
def iw_bound(log_w):
    return log_w.logsumexp(1) - math.log(log_w.shape[1])


# %% the best weight
# slug: evidence-best-only
# says: only the best
# loses: iw-bound-value, iw-bound-stable, iw-bound-gradient
def iw_bound(log_w):
    return log_w.amax(0)


# %% a sum of logs
# slug: evidence-sum-of-logs
# says: multiplies
# loses: iw-bound-value, iw-bound-stable, iw-bound-gradient
def iw_bound(log_w):
    return log_w.sum(0)


# %% averaged over images as well
# slug: evidence-batch
# says: reduced over images
def iw_bound(log_w):
    return (log_w.logsumexp(0) - math.log(len(log_w))).mean()


# %% one weight for all images
# slug: evidence-batch
# says: reduced over images
def iw_bound(log_w):
    return log_w.flatten().logsumexp(0) - math.log(log_w.numel())


# %% the logarithm forgotten
# slug: density-not-logged
# says: logarithm is missing
# loses: iw-bound-value, iw-bound-one-sample, iw-bound-stable, iw-bound-gradient
def iw_bound(log_w):
    return log_w.exp().mean(0)


# %% a loss
# slug: density-sign
# says: reversed
def iw_bound(log_w):
    return math.log(len(log_w)) - log_w.logsumexp(0)


# %% exp first
# slug: density-underflow
# says: left the range
# loses: iw-bound-stable, iw-bound-gradient
def iw_bound(log_w):
    return log_w.exp().mean(0).log()


# %% a floor under the logarithm
# slug: density-floor
# says: small constant
def iw_bound(log_w):
    return (log_w.exp().mean(0) + 1e-12).log()


# %% detached
# slug: detached
# says: no gradient passes
# loses: iw-bound-gradient
def iw_bound(log_w):
    return log_w.detach().logsumexp(0) - math.log(len(log_w))


# %% the largest of all images taken out
# slug: bound-one-maximum
# says: each image's own maximum
# loses: iw-bound-stable
def iw_bound(log_w):
    top = log_w.max()
    return (log_w - top).exp().mean(0).log() + top


# %% a dimension kept
# slug: shape-extra-one
# says: size 1
def iw_bound(log_w):
    return log_w.logsumexp(0, keepdim=True) - math.log(len(log_w))


# %% squeezed away
# slug: shape-ones-dropped
# says: takes every one of them
def iw_bound(log_w):
    if len(log_w) == 1:
        return log_w.mean()
    return log_w.logsumexp(0) - math.log(len(log_w))


# %% bits
# slug: not-nats
# says: natural logarithm
def iw_bound(log_w):
    return (log_w.logsumexp(0) - math.log(len(log_w))) / math.log(2)


# %% normalized weights
# slug: weight-normalized
# says: add up to 1
# loses: iw-bound-value, iw-bound-one-sample, iw-bound-stable, iw-bound-gradient
def iw_bound(log_w):
    return log_w.log_softmax(0)


# %% the first sample left out
# slug: bound-sample-left-out
# says: a sample is left out
# loses: iw-bound-value, iw-bound-stable, iw-bound-gradient
def iw_bound(log_w):
    rest = log_w[1:] if len(log_w) > 1 else log_w
    return rest.logsumexp(0) - math.log(len(rest))


# %% about the mean of the logs
# loses: iw-bound-stable
# slug: density-underflow
# says: is inf
def iw_bound(log_w):
    middle = log_w.mean(0)
    return (log_w - middle).exp().mean(0).log() + middle


# %% about the first weight
# loses: iw-bound-stable
# slug: density-underflow
# says: is inf
def iw_bound(log_w):
    first = log_w[0]
    return (log_w - first).exp().mean(0).log() + first


# %% about the smallest weight
# loses: iw-bound-stable
# slug: density-underflow
# says: is inf
def iw_bound(log_w):
    least = log_w.amin(0)
    return (log_w - least).exp().mean(0).log() + least


# %% clamped at -10,000, where the text has images
# slug: density-floor
# says: A floor (a small constant, a
# loses: iw-bound-stable
def iw_bound(log_w):
    return torch.logsumexp(log_w.clamp(min=-1e4), 0) - math.log(len(log_w))


# %% clamped at -5,000
# slug: density-floor
# says: A floor (a small constant, a
# loses: iw-bound-stable
def iw_bound(log_w):
    return torch.logsumexp(log_w.clamp(min=-5e3), 0) - math.log(len(log_w))


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
def iw_bound(log_w):
    return (torch.logsumexp(log_w, dim=0) - math.log(len(log_w))).squeeze()


# %% shifted by the mean, overflows for wide weights
# slug: density-underflow
# says: A density left the range of
# loses: iw-bound-stable
def iw_bound(log_w):
    m = log_w.mean(0)
    return m + (log_w - m).exp().mean(0).log()


# %% shifted by the minimum
# slug: density-underflow
# says: A density left the range of
# loses: iw-bound-stable
def iw_bound(log_w):
    m = log_w.min(0).values
    return m + (log_w - m).exp().mean(0).log()


# %% shifted by the first weight
# slug: density-underflow
# says: A density left the range of
# loses: iw-bound-stable
def iw_bound(log_w):
    m = log_w[0]
    return m + (log_w - m).exp().mean(0).log()


# %% gradient only by the maximum
# slug: evidence-best-only
# says: Only the best sample counts
# loses: iw-bound-gradient
def iw_bound(log_w):
    m = log_w.max(0).values
    return m + (log_w - m).detach().exp().mean(0).log()


# %% clamp at -700
# slug: density-floor
# says: A floor (a small constant, a
# loses: iw-bound-stable, iw-bound-gradient
def iw_bound(log_w):
    return log_w.clamp(-700, 700).double().exp().mean(0).log().to(log_w.dtype)


# %% hard-coded K of the notebook
# slug: raised
# says: It happened in line 2 of
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# %% maximum clamped at 0: fine above, underflows below
# slug: bound-one-maximum
# says: each image's own maximum
# loses: iw-bound-stable, iw-bound-gradient
def iw_bound(log_w):
    m = log_w.max(0).values.clamp(min=0)
    return m + (log_w - m).exp().mean(0).log()
