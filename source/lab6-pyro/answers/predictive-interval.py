"""Answers to Exercise 8 of lab6-pyro: right ones, then wrong ones."""


# %% by torch.normal, one call of quantile
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = torch.normal(mean, sigma.expand_as(mean))
    tail = (1 - level) / 2
    return tuple(new.quantile(torch.tensor([tail, 1 - tail], dtype=new.dtype), 0))


# %% a loop over countries
def predictive_interval(samples, africa, ruggedness, level=0.9):
    ends = []
    for inside, rough in zip(africa, ruggedness):
        slope = samples["b_ruggedness"] + samples["b_both"] * inside
        mean = samples["a"] + samples["b_africa"] * inside + slope * rough
        new = dist.Normal(mean, samples["sigma"]).sample()
        ends.append([new.quantile((1 - level) / 2), new.quantile((1 + level) / 2)])
    low, high = torch.tensor(ends, dtype=africa.dtype).T
    return low, high


# %% five draws of noise each
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean + sigma * torch.randn(5, *mean.shape, dtype=mean.dtype)
    new = new.flatten(0, 1)
    tail = (1 - level) / 2
    return new.quantile(tail, 0), new.quantile(1 - tail, 0)


# %% by bisection of the mixture
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    tail, ends = (1 - level) / 2, []
    for share in (tail, 1 - tail):
        low, high = mean.amin(0) - 20 * sigma.max(), mean.amax(0) + 20 * sigma.max()
        for _ in range(60):
            middle = (low + high) / 2
            below = torch.special.ndtr((middle - mean) / sigma).mean(0) < share
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        ends.append(middle)
    return ends


# %% sorted draws
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean + sigma * torch.randn_like(mean)
    tail = (1 - level) / 2
    new = new.sort(0).values
    S = len(new)
    return new[round(tail * (S - 1))], new[round((1 - tail) * (S - 1))]


# %% names unpacked
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean + sigma * torch.randn_like(mean)
    tail = (1 - level) / 2
    return new.quantile(tail, 0), new.quantile(1 - tail, 0)


# %% no noise
# slug: interval-no-noise
# says: its noise sigma
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean
    tail = (1 - level) / 2
    return new.quantile(tail, 0), new.quantile(1 - tail, 0)


# %% all of the tail on each side
# slug: interval-one-tail
# says: Half of what
# loses: predictive-interval-share
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean + sigma * torch.randn_like(mean)
    tail = 1 - level
    return new.quantile(tail, 0), new.quantile(1 - tail, 0)


# %% a variance for a scale
# slug: interval-variance
# says: not squared
# loses: predictive-interval-share
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean + sigma**2 * torch.randn_like(mean)
    tail = (1 - level) / 2
    return new.quantile(tail, 0), new.quantile(1 - tail, 0)


# %% the mean line
# slug: interval-mean-line
# says: One line
# loses: predictive-interval-share
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean.mean(0) + sigma * torch.randn_like(mean)
    tail = (1 - level) / 2
    return new.quantile(tail, 0), new.quantile(1 - tail, 0)


# %% exchanged
# slug: interval-exchanged
# says: (low, high)
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean + sigma * torch.randn_like(mean)
    tail = (1 - level) / 2
    return new.quantile(1 - tail, 0), new.quantile(tail, 0)


# %% level ignored
# slug: interval-level
# says: level is not used
# loses: predictive-interval-share
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean + sigma * torch.randn_like(mean)
    tail = 0.05
    return new.quantile(tail, 0), new.quantile(1 - tail, 0)


# %% no interaction
# slug: interval-wrong
# says: not the interval
# loses: predictive-interval-share
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness
    new = mean + sigma * torch.randn_like(mean)
    tail = (1 - level) / 2
    return new.quantile(tail, 0), new.quantile(1 - tail, 0)


# %% over countries
# slug: wrong-shape
# says: low
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean + sigma * torch.randn_like(mean)
    tail = (1 - level) / 2
    return new.quantile(tail, 1), new.quantile(1 - tail, 1)


# %% mean and width
# slug: interval-wrong
# says: ✗
# loses: predictive-interval-share
def predictive_interval(samples, africa, ruggedness, level=0.9):
    a, b_africa, b_ruggedness, b_both, sigma = (
        samples[name][:, None] for name in ("a", "b_africa", "b_ruggedness", "b_both", "sigma")
    )
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    new = mean + sigma * torch.randn_like(mean)
    tail = (1 - level) / 2
    return new.mean(0) - new.std(0), new.mean(0) + new.std(0)


# %% one sigma for all draws
# slug: interval-mean-sigma
# says: lies below
# loses: predictive-interval-share
def predictive_interval(samples, africa, ruggedness, level=0.9):
    s = {name: each[:, None] for name, each in samples.items()}
    slope = s["b_ruggedness"] + s["b_both"] * africa
    mean = s["a"] + s["b_africa"] * africa + slope * ruggedness
    new = mean + s["sigma"].mean() * torch.randn_like(mean)
    tail = (1 - level) / 2
    return new.quantile(tail, dim=0), new.quantile(1 - tail, dim=0)


# %% a normal of mean and width
# slug: interval-wrong
# says: lies below
# loses: predictive-interval-share
def predictive_interval(samples, africa, ruggedness, level=0.9):
    s = {name: each[:, None] for name, each in samples.items()}
    slope = s["b_ruggedness"] + s["b_both"] * africa
    mean = s["a"] + s["b_africa"] * africa + slope * ruggedness
    new = mean + s["sigma"] * torch.randn_like(mean)
    tail = (1 - level) / 2
    wide = torch.special.ndtri(torch.tensor(1 - tail, dtype=new.dtype)) * new.std(dim=0)
    return new.mean(dim=0) - wide, new.mean(dim=0) + wide


# %% weights that are shuffled
# slug: interval-wrong
# says: lies below
# loses: predictive-interval-share
def predictive_interval(samples, africa, ruggedness, level=0.9):
    s = {name: each[torch.randperm(len(each))][:, None] for name, each in samples.items()}
    slope = s["b_ruggedness"] + s["b_both"] * africa
    mean = s["a"] + s["b_africa"] * africa + slope * ruggedness
    new = mean + s["sigma"] * torch.randn_like(mean)
    tail = (1 - level) / 2
    return new.quantile(tail, dim=0), new.quantile(1 - tail, dim=0)
