# %% swapped
# kind: wrong
def rate_distortion(nll, kl):
    return nll.mean(), kl.mean()

# %% sums
# kind: wrong
def rate_distortion(nll, kl):
    return kl.sum(), nll.sum()

# %% detached
# kind: wrong
def rate_distortion(nll, kl):
    return kl.mean().detach(), nll.mean().detach()

# %% rate detached only
# kind: wrong
def rate_distortion(nll, kl):
    return kl.detach().mean(), nll.mean()

# %% distortion detached only
# kind: wrong
def rate_distortion(nll, kl):
    return kl.mean(), nll.detach().mean()

# %% no_grad
# kind: wrong
@torch.no_grad()
def rate_distortion(nll, kl):
    return kl.mean(), nll.mean()

# %% floats
# kind: wrong
def rate_distortion(nll, kl):
    return kl.mean().item(), nll.mean().item()

# %% numpy means
# kind: wrong
def rate_distortion(nll, kl):
    return torch.tensor(np.mean(kl.tolist())), torch.tensor(np.mean(nll.tolist()))

# %% distortion is the whole loss
# kind: wrong
def rate_distortion(nll, kl):
    return kl.mean(), (nll + kl).mean()

# %% distortion is what is left of nll
# kind: wrong
def rate_distortion(nll, kl):
    return kl.mean(), (nll - kl).mean()

# %% negative distortion
# kind: wrong
def rate_distortion(nll, kl):
    return kl.mean(), -nll.mean()

# %% not averaged
# kind: wrong
def rate_distortion(nll, kl):
    return kl, nll

# %% shape (1,)
# kind: wrong
def rate_distortion(nll, kl):
    return kl.mean(0, keepdim=True), nll.mean(0, keepdim=True)

# %% median
# kind: wrong
def rate_distortion(nll, kl):
    return kl.median(), nll.median()

# %% Bessel
# kind: wrong
def rate_distortion(nll, kl):
    n = max(len(kl) - 1, 1)
    return kl.sum() / n, nll.sum() / n

# %% bits
# kind: wrong
def rate_distortion(nll, kl):
    return kl.mean() / math.log(2), nll.mean() / math.log(2)

# %% per pixel
# kind: wrong
def rate_distortion(nll, kl):
    return kl.mean(), nll.mean() / 784

# %% divided by two always
# kind: wrong
def rate_distortion(nll, kl):
    return kl.sum() / 2, nll.sum() / 2

# %% single precision
# kind: wrong
def rate_distortion(nll, kl):
    return kl.float().mean(), nll.float().mean()

# %% constants of the example
# kind: wrong
def rate_distortion(nll, kl):
    return torch.tensor(25.0, dtype=kl.dtype), torch.tensor(85.0, dtype=kl.dtype)

# %% first image only
# kind: wrong
def rate_distortion(nll, kl):
    return kl[0], nll[0]

# %% mid-range
# kind: wrong
def rate_distortion(nll, kl):
    return (kl.max() + kl.min()) / 2, (nll.max() + nll.min()) / 2

# %% in place division
# kind: wrong
def rate_distortion(nll, kl):
    with torch.no_grad():
        nll /= len(nll)
        kl /= len(kl)
    return kl.sum(), nll.sum()

# %% rate clamped to free bits
# kind: wrong
def rate_distortion(nll, kl):
    return kl.clamp(max=100).mean(), nll.clamp(max=500).mean()

# %% a dictionary
# kind: wrong
def rate_distortion(nll, kl):
    return {"rate": kl.mean(), "distortion": nll.mean()}

# %% only the sum
# kind: wrong
def rate_distortion(nll, kl):
    return kl.mean() + nll.mean()

# %% smaller one is the rate
# kind: wrong
def rate_distortion(nll, kl):
    a, b = kl.mean(), nll.mean()
    return (a, b) if a < b else (b, a)

# %% root mean square
# kind: wrong
def rate_distortion(nll, kl):
    return kl.square().mean().sqrt(), nll.square().mean().sqrt()

# %% log of the mean exponential
# kind: wrong
def rate_distortion(nll, kl):
    return torch.logsumexp(kl, 0) - math.log(len(kl)), torch.logsumexp(nll, 0) - math.log(len(nll))

# %% rate of the gradient of the sum
# kind: wrong
def rate_distortion(nll, kl):
    s = kl.sum()
    return kl.mean().detach() + s - s.detach(), nll.mean()

# %% graph restarted
# kind: wrong
def rate_distortion(nll, kl):
    return torch.tensor(kl.mean().item(), dtype=kl.dtype, requires_grad=True), torch.tensor(nll.mean().item(), dtype=nll.dtype, requires_grad=True)

# %% distortion clamped at zero
# kind: open
def rate_distortion(nll, kl):
    return kl.mean(), nll.clamp(min=0).mean()

# %% stacked in one tensor
# kind: open
def rate_distortion(nll, kl):
    return torch.stack([kl, nll]).mean(1)

# %% a list
# kind: open
def rate_distortion(nll, kl):
    return [kl.mean(), nll.mean()]

# %% a generator
# kind: open
def rate_distortion(nll, kl):
    return (t.mean() for t in (kl, nll))

# %% nanmean
# kind: open
def rate_distortion(nll, kl):
    return kl.nanmean(), nll.nanmean()

# %% sum over length
# kind: right
def rate_distortion(nll, kl):
    return kl.sum() / len(kl), nll.sum() / len(nll)

# %% dot product with weights
# kind: right
def rate_distortion(nll, kl):
    w = torch.full_like(kl, 1 / kl.numel())
    return w @ kl, w @ nll

# %% one matrix mean unpacked
# kind: right
def rate_distortion(nll, kl):
    rate, distortion = torch.stack((kl, nll), dim=1).mean(dim=0)
    return rate, distortion

# %% map
# kind: right
rate_distortion = lambda nll, kl: tuple(map(torch.mean, (kl, nll)))

# %% running mean
# kind: right
def rate_distortion(nll, kl):
    def mean(t):
        m = t.new_zeros(())
        for n, v in enumerate(t, start=1):
            m = m + (v - m) / n
        return m
    return mean(kl), mean(nll)

# %% named tuple
# kind: right
from collections import namedtuple
Point = namedtuple("Point", "rate distortion")
def rate_distortion(nll, kl):
    return Point(rate=kl.mean(), distortion=nll.mean())

# %% adaptive pooling
# kind: right
def rate_distortion(nll, kl):
    pooled = F.adaptive_avg_pool1d(torch.stack([kl, nll])[None], 1)[0, :, 0]
    return tuple(pooled.unbind())

# %% double inside
# kind: right
def rate_distortion(nll, kl):
    return kl.double().mean().to(kl.dtype), nll.double().mean().to(nll.dtype)

# %% pairwise recursion
# kind: right
def rate_distortion(nll, kl):
    def total(t):
        if len(t) == 1:
            return t[0]
        h = len(t) // 2
        return total(t[:h]) + total(t[h:])
    return total(kl) / len(kl), total(nll) / len(nll)

# %% difference of the sum
# kind: right
def rate_distortion(nll, kl):
    both = (nll + kl).mean()
    rate = torch.einsum("b->", kl) / kl.shape[0]
    return rate, both - rate
