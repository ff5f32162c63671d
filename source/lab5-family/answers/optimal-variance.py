"""More answers to Exercise 4 of lab5-family: right ones, then wrong ones."""


# %% F.mse_loss
def optimal_variance(mean, x):
    return F.mse_loss(mean, x)


# %% a sum, divided
def optimal_variance(mean, x):
    off = mean - x
    return (off * off).sum() / off.numel()


# %% a norm, squared
def optimal_variance(mean, x):
    return torch.linalg.vector_norm(x - mean) ** 2 / x.numel()


# %% a dot product
def optimal_variance(mean, x):
    off = (x - mean).flatten()
    return torch.dot(off, off) / len(off)


# %% rows first
def optimal_variance(mean, x):
    rows = [((one - other) ** 2).sum() for one, other in zip(x, mean)]
    return torch.stack(rows).sum() / (x.shape[0] * x.shape[1])


# %% the mean of means
def optimal_variance(mean, x):
    return torch.square(x - mean).mean(dim=1).mean(dim=0)


# %% by variance and mean
def optimal_variance(mean, x):
    off = x - mean
    return off.var(correction=0) + off.mean() ** 2


# %% for each image
# slug: best-variance-of-image
# says: all images share
def optimal_variance(mean, x):
    return ((x - mean) ** 2).mean(1)


# %% for each pixel
# slug: best-variance-of-pixel
# says: all pixels share
def optimal_variance(mean, x):
    return ((x - mean) ** 2).mean(0)


# %% not averaged
# slug: best-variance-not-averaged
# says: their mean is missing
def optimal_variance(mean, x):
    return (x - mean) ** 2


# %% summed
# slug: best-variance-summed
# says: grows
def optimal_variance(mean, x):
    return ((x - mean) ** 2).sum()


# %% summed over pixels
# slug: best-variance-summed
# says: grows
def optimal_variance(mean, x):
    return ((x - mean) ** 2).sum(1).mean()


# %% a standard deviation
# slug: best-variance-deviation
# says: its square
def optimal_variance(mean, x):
    return ((x - mean) ** 2).mean().sqrt()


# %% its logarithm
# slug: best-variance-log
# says: the variance itself
def optimal_variance(mean, x):
    return ((x - mean) ** 2).mean().log()


# %% the variance of the errors
# slug: best-variance-centered
# says: mean error was subtracted
def optimal_variance(mean, x):
    return (x - mean).var(correction=0)


# %% the variance of the errors, unbiased
# slug: best-variance-centered
# says: mean error was subtracted
def optimal_variance(mean, x):
    return torch.var(x - mean) if x.numel() > 1 else ((x - mean) ** 2).mean()


# %% one less
# slug: best-variance-one-less
# says: one less
def optimal_variance(mean, x):
    return ((x - mean) ** 2).sum() / max(1, x.numel() - 1)


# %% a mean distance
# slug: best-variance-absolute
# says: Laplace
def optimal_variance(mean, x):
    return (x - mean).abs().mean()


# %% half of it
# slug: best-variance-half
# says: factor 2
def optimal_variance(mean, x):
    return 0.5 * ((x - mean) ** 2).mean()


# %% twice
# slug: best-variance-half
# says: factor 2
def optimal_variance(mean, x):
    return 2 * ((x - mean) ** 2).mean()


# %% of the images
# slug: best-variance-of-images
# says: spread of the images
def optimal_variance(mean, x):
    return x.var() + 0 * mean.sum()


# %% the square of a mean
# slug: best-variance-square-of-mean
# says: square each distance
def optimal_variance(mean, x):
    return (x - mean).mean() ** 2


# %% a median
# slug: best-variance-median
# says: mean of squares
def optimal_variance(mean, x):
    return ((x - mean) ** 2).median()


# %% detached
# slug: detached
# says: no gradient passes
def optimal_variance(mean, x):
    return ((x - mean) ** 2).mean().detach()


# %% a number
# slug: number-not-tensor
# says: has no graph
def optimal_variance(mean, x):
    return ((x - mean) ** 2).mean().item()


# %% a floor
# slug: best-variance-floor
# says: floor
def optimal_variance(mean, x):
    return ((x - mean) ** 2).mean().clamp(min=1e-6)


# %% a small number added
# slug: not-exact
# says: something added
def optimal_variance(mean, x):
    return ((x - mean) ** 2).mean() + 1e-8


# %% kept dimensions
# slug: shape-extra-one
# says: size 1
def optimal_variance(mean, x):
    return ((x - mean) ** 2).mean(dim=(0, 1), keepdim=True)


# %% a running mean that begins at 1
# slug: wrong-value
# says: sigma^2
def optimal_variance(mean, x):
    return 0.9 * torch.ones((), dtype=x.dtype) + 0.1 * ((x - mean) ** 2).mean()
