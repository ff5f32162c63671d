"""Answers to Exercise 12 of lab4-evaluation: right ones, then wrong ones."""


# %% a named tuple
def rate_distortion(nll, kl):
    from typing import NamedTuple

    class Point(NamedTuple):
        rate: torch.Tensor
        distortion: torch.Tensor

    return Point(kl.mean(), nll.mean())


# %% sums over size
def rate_distortion(nll, kl):
    return torch.sum(kl) / kl.numel(), torch.sum(nll) / nll.numel()


# %% stacked, then taken apart
def rate_distortion(nll, kl):
    distortion, rate = torch.stack([nll, kl]).mean(dim=1)
    return rate, distortion


# %% by the bound
def rate_distortion(nll, kl):
    rate = torch.mean(kl)
    return rate, torch.mean(nll + kl) - rate


# %% a list
def rate_distortion(nll, kl):
    return [each.mean() for each in (kl, nll)]


# %% image by image
def rate_distortion(nll, kl):
    rate = distortion = 0.0
    for n, k in zip(nll, kl):
        rate, distortion = rate + k / len(kl), distortion + n / len(nll)
    return rate, distortion


# %% swapped
# slug: rate-distortion-swapped
# says: changed places
def rate_distortion(nll, kl):
    return nll.mean(), kl.mean()


# %% the sum for the distortion
# slug: rate-distortion-summed
# says: the negative ELBO
def rate_distortion(nll, kl):
    return kl.mean(), (nll + kl).mean()


# %% the log-likelihood for the distortion
# slug: rate-distortion-sign
# says: a cost already
def rate_distortion(nll, kl):
    return kl.mean(), -nll.mean()


# %% sums
# slug: rate-distortion-batch-sum
# says: nats per image
def rate_distortion(nll, kl):
    return kl.sum(), nll.sum()


# %% not averaged
# slug: rate-distortion-not-averaged
# says: the mean over them is missing
def rate_distortion(nll, kl):
    return kl, nll


# %% one of them twice
# slug: rate-distortion-same
# says: one and the same
def rate_distortion(nll, kl):
    return kl.mean(), kl.mean()


# %% plain numbers
# slug: number-not-tensor
# loses: rate-distortion-gradient
# says: backward needs a tensor
def rate_distortion(nll, kl):
    return kl.mean().item(), nll.mean().item()


# %% detached
# slug: detached
# loses: rate-distortion-gradient
# says: no gradient passes
@torch.no_grad()
def rate_distortion(nll, kl):
    return kl.mean(), nll.mean()


# %% the rate detached
# slug: detached
# loses: rate-distortion-gradient
# says: requires_grad=False
def rate_distortion(nll, kl):
    return kl.mean().detach(), nll.mean()


# %% one number
# slug: wrong-type
# says: Return the pair
def rate_distortion(nll, kl):
    return (nll + kl).mean()


# %% in bits
# slug: not-nats
# says: nats need the natural logarithm
def rate_distortion(nll, kl):
    return kl.mean() / math.log(2), nll.mean() / math.log(2)


# %% the last image left out
# slug: rate-distortion-images-left-out
# says: means over all of them
def rate_distortion(nll, kl):
    return kl[:-1].mean(), nll[:-1].mean()


# %% spreads
# slug: rate-distortion-spread
# says: a spread or a median
def rate_distortion(nll, kl):
    return kl.std(), nll.std()


# %% clamped
# slug: value-cut
# loses: rate-distortion-value
# says: cut off
def rate_distortion(nll, kl):
    return kl.clamp(max=100).mean(), nll.mean()


# %% distortion is what is left of nll
# slug: rate-distortion-less
# says: The KL was taken off
def rate_distortion(nll, kl):
    return kl.mean(), (nll - kl).mean()


# %% Bessel
# slug: rate-distortion-divided
# says: Divided by B - 1, or
def rate_distortion(nll, kl):
    n = max(len(kl) - 1, 1)
    return kl.sum() / n, nll.sum() / n


# %% per pixel
# slug: rate-distortion-divided
# says: Divided by B - 1, or
def rate_distortion(nll, kl):
    return kl.mean(), nll.mean() / 784


# %% single precision
# slug: lost-precision
# says: Half of the digits are lost
# loses: rate-distortion-value
def rate_distortion(nll, kl):
    return kl.float().mean(), nll.float().mean()


# %% smaller one is the rate
# slug: rate-distortion-swapped
# says: Rate and distortion have changed places
# loses: rate-distortion-value
def rate_distortion(nll, kl):
    a, b = kl.mean(), nll.mean()
    return (a, b) if a < b else (b, a)
