# %% w01 over dimensions
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.var(1) > threshold

# %% w02 std
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.std(0) > threshold

# %% w03 less than
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.var(0) < threshold

# %% w04 mean square
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu**2).mean(0) > threshold

# %% w05 threshold ignored
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.var(0, correction=0) > 0.01

# %% w06 number of them
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu.var(0, correction=0) > threshold).sum()

# %% w07 indices
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu.var(0, correction=0) > threshold).nonzero().flatten()

# %% w08 0/1 floats
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu.var(0, correction=0) > threshold).to(mu.dtype)

# %% w09 int
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu.var(0, correction=0) > threshold).int()

# %% w10 list of bools
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu.var(0, correction=0) > threshold).tolist()

# %% w11 mean of all columns subtracted
# kind: wrong
def active_units(mu, threshold=0.01):
    return ((mu - mu.mean()) ** 2).mean(0) > threshold

# %% w12 mean of the row subtracted
# kind: wrong
def active_units(mu, threshold=0.01):
    return ((mu - mu.mean(1, keepdim=True)) ** 2).mean(0) > threshold

# %% w13 sum of squares
# kind: wrong
def active_units(mu, threshold=0.01):
    return ((mu - mu.mean(0)) ** 2).sum(0) > threshold

# %% w14 range of the means
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.amax(0) - mu.amin(0) > threshold

# %% w15 abs deviation
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu - mu.mean(0)).abs().mean(0) > threshold

# %% w16 abs mean
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.mean(0).abs() > threshold

# %% w17 E x^2 - (E x)^2 in float32
# kind: wrong
def active_units(mu, threshold=0.01):
    m = mu.float()
    return (m**2).mean(0) - m.mean(0) ** 2 > threshold

# %% w18 E x^2 - (E x)^2 in the dtype
# kind: open
def active_units(mu, threshold=0.01):
    return (mu**2).mean(0) - mu.mean(0) ** 2 > threshold

# %% w19 threshold squared
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.var(0, correction=0) > threshold**2

# %% w20 relative to the largest
# kind: wrong
def active_units(mu, threshold=0.01):
    v = mu.var(0, correction=0)
    return v > threshold * v.max()

# %% w21 relative to the mean (coefficient of variation)
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.var(0, correction=0) / mu.mean(0).abs().clamp(min=1e-6) > threshold

# %% w22 one bool
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu.var(0, correction=0) > threshold).any()

# %% w23 squeezed
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu.var(0, correction=0) > threshold).squeeze()

# %% w24 keepdim
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.var(0, correction=0, keepdim=True) > threshold

# %% w25 threshold without a default
# kind: wrong
def active_units(mu, threshold):
    return mu.var(0, correction=0) > threshold

# %% w26 default 0.1
# kind: wrong
def active_units(mu, threshold=0.1):
    return mu.var(0, correction=0) > threshold

# %% w27 square root of the threshold compared with the variance
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.var(0, correction=0) > math.sqrt(threshold)

# %% w28 rounded to two decimals first
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.var(0, correction=0).round(decimals=2) > threshold

# %% w29 covariance matrix's rows
# kind: wrong
def active_units(mu, threshold=0.01):
    return torch.cov(mu.T).abs().sum(0) > threshold

# %% w30 variance of the first half of the images
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu[: max(len(mu) // 2, 2)].var(0, correction=0) > threshold

# %% w31 neighbours in the batch differ
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu[1:] - mu[:-1]).square().mean(0) > threshold

# %% w32 centers the argument in place
# kind: wrong
def active_units(mu, threshold=0.01):
    mu -= mu.mean(0)
    return mu.square().mean(0) > threshold

# %% w33 the first image as the mean
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu - mu[0]).square().mean(0) > threshold

# %% w34 half precision
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.half().var(0, correction=0) > threshold

# %% w35 all active
# kind: wrong
def active_units(mu, threshold=0.01):
    return torch.ones(mu.shape[1], dtype=torch.bool)

# %% w36 mask (B, D)
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu - mu.mean(0)).square() > threshold

# %% w37 at least
# kind: open
def active_units(mu, threshold=0.01):
    return mu.var(0, correction=0) >= threshold

# %% w38 KL above the threshold of logvar 0
# kind: wrong
def active_units(mu, threshold=0.01):
    return 0.5 * mu.square().mean(0) > threshold

# %% w39 median deviation squared
# kind: wrong
def active_units(mu, threshold=0.01):
    return (mu - mu.median(0).values).square().median(0).values > threshold

# %% w40 eps: threshold + 1e-3
# kind: wrong
def active_units(mu, threshold=0.01):
    return mu.var(0, correction=0) > threshold + 1e-3

# %% r01 var, n - 1
# kind: right
def active_units(mu, threshold=0.01):
    return mu.var(0) > threshold

# %% r02 var, n
# kind: right
def active_units(mu, threshold=0.01):
    return mu.var(dim=0, correction=0) > threshold

# %% r03 by hand
# kind: right
def active_units(mu, threshold=0.01):
    return ((mu - mu.mean(0, keepdim=True)) ** 2).mean(0).gt(threshold)

# %% r04 pairs of images
# kind: right
def active_units(mu, threshold=0.01):
    out = []
    for column in mu.T:
        out.append(0.5 * (column[:, None] - column[None]).square().mean() > threshold)
    return torch.stack(out)

# %% r05 torch.cov's diagonal
# kind: right
def active_units(mu, threshold=0.01):
    return torch.cov(mu.T, correction=0).reshape(mu.shape[1], mu.shape[1]).diagonal() > threshold

# %% r06 std against the root
# kind: right
def active_units(mu, threshold=0.01):
    return mu.std(0, correction=0) > math.sqrt(threshold)

# %% r07 Welford
# kind: right
def active_units(mu, threshold=0.01):
    mean, total = torch.zeros_like(mu[0]), torch.zeros_like(mu[0])
    for n, row in enumerate(mu, 1):
        delta = row - mean
        mean = mean + delta / n
        total = total + delta * (row - mean)
    return total / len(mu) > threshold

# %% r08 numpy-free loop of bools
# kind: right
def active_units(mu, threshold=0.01):
    return torch.tensor([torch.var(c, correction=0).item() > threshold for c in mu.unbind(1)])

# %% r09 var_mean in double, where
# kind: right
def active_units(mu, threshold=0.01):
    variance, _ = torch.var_mean(mu.detach().double(), dim=0, correction=0)
    return torch.where(variance > threshold, True, False)

# %% r10 norm of the centred column
# kind: right
def active_units(mu, threshold=0.01):
    return torch.linalg.vector_norm(mu - mu.mean(0), dim=0) ** 2 > threshold * len(mu)

# %% r11 vmap, partial
# kind: right
import functools
def _active(mu, threshold):
    return torch.func.vmap(lambda c: torch.var(c, correction=0) > threshold, in_dims=1)(mu)
active_units = functools.partial(_active, threshold=0.01)
