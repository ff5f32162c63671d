"""Answers to Exercise 9, b of lab4-evaluation: right ones, then wrong ones."""


# %% by hand, divided by B
def active_units(mu, threshold=0.01):
    off = mu - mu.mean(dim=0, keepdim=True)
    return off.square().mean(dim=0) > threshold


# %% torch.var with correction 0
def active_units(mu, threshold=0.01):
    return torch.var(mu, dim=0, correction=0).gt(threshold)


# %% the diagonal of the covariance
def active_units(mu, threshold=0.01):
    return torch.cov(mu.T).diagonal() > threshold


# %% column by column
def active_units(mu, threshold=0.01):
    return torch.tensor([bool(column.var() > threshold) for column in mu.unbind(dim=1)])


# %% numpy, and back
def active_units(mu, threshold=0.01):
    return torch.from_numpy(np.var(mu.numpy(), axis=0) > threshold)


# %% second moment less the squared mean
def active_units(mu, threshold=0.01):
    return (mu**2).mean(0) - mu.mean(0) ** 2 > threshold


# %% the deviation against the root
def active_units(mu, threshold=0.01):
    return mu.std(dim=0) > threshold**0.5


# %% how many
# slug: units-counted
# says: which ones is asked for
def active_units(mu, threshold=0.01):
    return (mu.var(dim=0) > threshold).sum()


# %% how many, a number
# slug: units-counted
# says: how many are active
def active_units(mu, threshold=0.01):
    return int((mu.var(dim=0) > threshold).sum())


# %% which ones, by number
# slug: units-indices
# says: numbers of dimensions
def active_units(mu, threshold=0.01):
    return (mu.var(dim=0) > threshold).nonzero()[:, 0]


# %% zeros and ones
# slug: units-not-bool
# says: type bool
def active_units(mu, threshold=0.01):
    return (mu.var(dim=0) > threshold).float()


# %% the variances
# slug: units-not-bool
# says: truth value
def active_units(mu, threshold=0.01):
    return mu.var(dim=0)


# %% a list
# slug: wrong-type
# says: a list of
def active_units(mu, threshold=0.01):
    return (mu.var(dim=0) > threshold).tolist()


# %% over dimensions
# slug: units-over-latent
# says: it goes over images
def active_units(mu, threshold=0.01):
    return mu.var(dim=1) > threshold


# %% every image and dimension
# slug: shape-not-reduced
# says: a mean is missing
def active_units(mu, threshold=0.01):
    return (mu - mu.mean(dim=0)) ** 2 > threshold


# %% the standard deviation
# slug: units-by-deviation
# says: the variance is its square
def active_units(mu, threshold=0.01):
    return mu.std(dim=0) > threshold


# %% the sum of squares
# slug: units-not-divided
# says: a variance is a mean
def active_units(mu, threshold=0.01):
    return ((mu - mu.mean(dim=0)) ** 2).sum(dim=0) > threshold


# %% not centered
# slug: units-not-centered
# says: may still be constant
def active_units(mu, threshold=0.01):
    return (mu**2).mean(dim=0) > threshold


# %% the mean
# slug: units-by-mean
# says: how much mu varies
def active_units(mu, threshold=0.01):
    return mu.mean(dim=0).abs() > threshold


# %% the range
# slug: units-by-range
# says: a mean of squares
def active_units(mu, threshold=0.01):
    return mu.amax(dim=0) - mu.amin(dim=0) > threshold


# %% inverted
# slug: units-inverted
# says: exchanged
def active_units(mu, threshold=0.01):
    return mu.var(dim=0) <= threshold


# %% threshold ignored
# slug: units-threshold-ignored
# says: not used
def active_units(mu, threshold=0.01):
    return mu.var(dim=0) > 0.01


# %% at least
# slug: units-at-threshold
# says: a constant is still not active
def active_units(mu, threshold=0.01):
    return mu.var(dim=0) >= threshold


# %% all together
# slug: units-all-together
# says: active or not by itself
def active_units(mu, threshold=0.01):
    return (mu.var() > threshold).expand(mu.shape[1])


# %% another threshold
# slug: units-wrong
# says: the wrong side
def active_units(mu, threshold=0.01):
    return mu.var(dim=0) > 20 * threshold


# %% clamped
# slug: value-cut
# says: a clamp or a ReLU
def active_units(mu, threshold=0.01):
    return mu.clamp(-3, 3).var(dim=0) > threshold


# %% mean of all columns subtracted
# slug: units-other-mean
# says: Another mean was subtracted
def active_units(mu, threshold=0.01):
    return ((mu - mu.mean()) ** 2).mean(0) > threshold


# %% mean of the row subtracted
# slug: units-other-mean
# says: another mean was subtracted
def active_units(mu, threshold=0.01):
    return ((mu - mu.mean(1, keepdim=True)) ** 2).mean(0) > threshold


# %% relative to the largest
# slug: units-relative
# says: The threshold was scaled by the
def active_units(mu, threshold=0.01):
    v = mu.var(0, correction=0)
    return v > threshold * v.max()


# %% rounded to two decimals first
# slug: units-rounded
# says: Something was rounded before it was
def active_units(mu, threshold=0.01):
    return mu.var(0, correction=0).round(decimals=2) > threshold


# %% neighbours in the batch differ
# slug: units-neighbours
# says: Neighbouring images were compared
def active_units(mu, threshold=0.01):
    return (mu[1:] - mu[:-1]).square().mean(0) > threshold


# %% the first image as the mean
# slug: units-other-mean
# says: Another mean was subtracted
def active_units(mu, threshold=0.01):
    return (mu - mu[0]).square().mean(0) > threshold


# %% all active
# slug: units-constant
# says: The same for every dimension, whatever
def active_units(mu, threshold=0.01):
    return torch.ones(mu.shape[1], dtype=torch.bool)


# %% eps: threshold + 1e-3
# slug: units-wrong
# says: Some dimensions are on the wrong
def active_units(mu, threshold=0.01):
    return mu.var(0, correction=0) > threshold + 1e-3
