"""Answers to Exercise 7 of lab6-pyro: right ones, then wrong ones."""


# %% unflattened
def split_r_hat(x):
    halves = x.unflatten(1, (2, -1)).flatten(0, 1)
    n = halves.shape[-1]
    within = halves.var(-1, correction=1).mean()
    return torch.sqrt((n - 1) / n + halves.mean(-1).var() / within)


# %% Pyro's own
def split_r_hat(x):
    return pyro.ops.stats.split_gelman_rubin(x, chain_dim=0, sample_dim=1)


# %% a loop
def split_r_hat(x):
    halves = []
    for chain in x:
        halves.extend(chain.chunk(2))
    n = len(halves[0])
    W = sum(((h - h.mean()) ** 2).sum() / (n - 1) for h in halves) / len(halves)
    means = torch.stack([h.mean() for h in halves])
    V = ((means - means.mean()) ** 2).sum() / (len(halves) - 1)
    return torch.sqrt(((n - 1) / n * W + V) / W)


# %% by B
def split_r_hat(x):
    n = x.shape[1] // 2
    halves = torch.cat([x[:, :n], x[:, n:]])
    W, B = halves.var(1).mean(), n * halves.mean(1).var()
    return (((n - 1) / n * W + B / n) / W) ** 0.5


# %% slices
def split_r_hat(x):
    n = x.shape[1] // 2
    halves = torch.cat([x[:, :n], x[:, n:]])
    W, V = halves.var(1).mean(), halves.mean(1).var()
    return (((n - 1) / n * W + V) / W) ** 0.5


# %% not split
# slug: r-hat-not-split
# says: Split each chain
def split_r_hat(x):
    n = x.shape[1]
    W, V = x.var(1).mean(), x.mean(1).var()
    return (((n - 1) / n * W + V) / W) ** 0.5


# %% every other draw
# slug: r-hat-interleaved
# says: not every other
def split_r_hat(x):
    n = x.shape[1] // 2
    halves = torch.cat([x[:, ::2], x[:, 1::2]])
    W, V = halves.var(1).mean(), halves.mean(1).var()
    return (((n - 1) / n * W + V) / W) ** 0.5


# %% no root
# slug: r-hat-squared
# says: its square
def split_r_hat(x):
    n = x.shape[1] // 2
    halves = torch.cat([x[:, :n], x[:, n:]])
    W, V = halves.var(1).mean(), halves.mean(1).var()
    return ((n - 1) / n * W + V) / W


# %% no means
# slug: r-hat-no-means
# says: not in it
def split_r_hat(x):
    n = x.shape[1] // 2
    halves = torch.cat([x[:, :n], x[:, n:]])
    W, V = halves.var(1).mean(), halves.mean(1).var()
    return (((n - 1) / n * W) / W) ** 0.5


# %% no shrinkage
# slug: r-hat-no-shrinkage
# says: (n - 1) / n
def split_r_hat(x):
    n = x.shape[1] // 2
    halves = torch.cat([x[:, :n], x[:, n:]])
    W, V = halves.var(1).mean(), halves.mean(1).var()
    return ((W + V) / W) ** 0.5


# %% n times the means' variance
# slug: r-hat-between-times-n
# says: B / n
def split_r_hat(x):
    n = x.shape[1] // 2
    halves = torch.cat([x[:, :n], x[:, n:]])
    W, V = halves.var(1).mean(), halves.mean(1).var()
    return (((n - 1) / n * W + n * V) / W) ** 0.5


# %% upside down
# slug: r-hat-inverse
# says: Upside down
def split_r_hat(x):
    n = x.shape[1] // 2
    halves = torch.cat([x[:, :n], x[:, n:]])
    W, V = halves.var(1).mean(), halves.mean(1).var()
    return (((n - 1) / n * W + V) / W) ** -0.5


# %% population variances
# slug: r-hat-population
# says: n - 1
def split_r_hat(x):
    n = x.shape[1] // 2
    halves = torch.cat([x[:, :n], x[:, n:]])
    W, V = halves.var(1, correction=0).mean(), halves.mean(1).var()
    return (((n - 1) / n * W + V) / W) ** 0.5


# %% a mean of standard deviations
# slug: r-hat-scales-averaged
# says: Average the variances
def split_r_hat(x):
    n = x.shape[1] // 2
    halves = torch.cat([x[:, :n], x[:, n:]])
    W, V = halves.std(1).mean() ** 2, halves.mean(1).var()
    return (((n - 1) / n * W + V) / W) ** 0.5


# %% axes exchanged
# slug: r-hat-axes
# says: Chains are rows
def split_r_hat(x):
    halves = x.mT.reshape(-1, len(x))
    n = halves.shape[1]
    W, V = halves.var(1).mean(), halves.mean(1).var()
    return (((n - 1) / n * W + V) / W) ** 0.5


# %% n of the whole chain
# slug: r-hat-other-n
# says: R-hat
def split_r_hat(x):
    halves = x.reshape(2 * len(x), -1)
    n = x.shape[1]
    within, between = halves.var(dim=1).mean(), halves.mean(dim=1).var()
    return (((n - 1) / n * within + between) / within).sqrt()


# %% the variance of all draws
# slug: r-hat-within-of-all
# says: R-hat
def split_r_hat(x):
    halves = x.reshape(2 * len(x), -1)
    n = halves.shape[1]
    within, between = halves.var(), halves.mean(dim=1).var()
    return (((n - 1) / n * within + between) / within).sqrt()
