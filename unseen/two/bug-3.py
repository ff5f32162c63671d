# %% unchanged
# kind: wrong
def mended_3(losses):
    return torch.logsumexp(losses, dim=0) - math.log(len(losses))

# %% outer sign only
# kind: wrong
def mended_3(losses):
    return -(torch.logsumexp(losses, dim=0) - math.log(len(losses)))

# %% inner sign only
# kind: wrong
def mended_3(losses):
    return torch.logsumexp(-losses, dim=0) - math.log(len(losses))

# %% log K subtracted
# kind: wrong
def mended_3(losses):
    return -torch.logsumexp(-losses, dim=0) - math.log(len(losses))

# %% no log K
# kind: wrong
def mended_3(losses):
    return -torch.logsumexp(-losses, dim=0)

# %% log B
# kind: wrong
def mended_3(losses):
    return -torch.logsumexp(-losses, dim=0) + math.log(losses.shape[-1])

# %% K in place of log K
# kind: wrong
def mended_3(losses):
    return -torch.logsumexp(-losses, dim=0) + len(losses)

# %% log K plus on the broken line
# kind: wrong
def mended_3(losses):
    return torch.logsumexp(losses, dim=0) + math.log(len(losses))

# %% mean of the losses
# kind: wrong
def mended_3(losses):
    return losses.mean(0)

# %% smallest loss
# kind: wrong
def mended_3(losses):
    return losses.amin(0)

# %% smallest loss plus log K
# kind: wrong
def mended_3(losses):
    return losses.amin(0) + math.log(len(losses))

# %% softmin-weighted losses
# kind: wrong
def mended_3(losses):
    return (losses.neg().softmax(0) * losses).sum(0)

# %% exponentials
# kind: wrong
def mended_3(losses):
    return -torch.log(torch.exp(-losses).mean(0))

# %% exponentials with epsilon
# kind: wrong
def mended_3(losses):
    return -torch.log(torch.exp(-losses).mean(0) + 1e-300)

# %% clamped exponents
# kind: wrong
def mended_3(losses):
    return -torch.log(torch.exp(-losses.clamp(-700, 700)).mean(0))

# %% shifted by the largest loss
# kind: wrong
def mended_3(losses):
    m = losses.amax(0)
    return m - torch.log(torch.exp(m - losses).mean(0))

# %% one shift for all images
# kind: wrong
def mended_3(losses):
    m = losses.min()
    return m - torch.log(torch.exp(m - losses).mean(0))

# %% shifted by the mean loss
# kind: wrong
def mended_3(losses):
    m = losses.mean(0)
    return m - torch.log(torch.exp(m - losses).mean(0))

# %% over images
# kind: wrong
def mended_3(losses):
    return math.log(losses.shape[1]) - torch.logsumexp(-losses, dim=1)

# %% over the longer axis
# kind: wrong
def mended_3(losses):
    d = 0 if losses.shape[0] >= losses.shape[1] else 1
    return math.log(losses.shape[d]) - torch.logsumexp(-losses, dim=d)

# %% over all
# kind: wrong
def mended_3(losses):
    return math.log(losses.numel()) - torch.logsumexp(-losses.flatten(), 0)

# %% mean over images
# kind: wrong
def mended_3(losses):
    return (math.log(len(losses)) - torch.logsumexp(-losses, 0)).mean()

# %% squeezed
# kind: wrong
def mended_3(losses):
    return (math.log(len(losses)) - torch.logsumexp(-losses, 0)).squeeze()

# %% keeps its dimension
# kind: wrong
def mended_3(losses):
    return math.log(len(losses)) - torch.logsumexp(-losses, 0, keepdim=True)

# %% bits
# kind: wrong
def mended_3(losses):
    return (math.log(len(losses)) - torch.logsumexp(-losses, 0)) / math.log(2)

# %% losses negated in place
# kind: wrong
def mended_3(losses):
    return math.log(len(losses)) - torch.logsumexp(losses.neg_(), 0)

# %% single precision
# kind: wrong
def mended_3(losses):
    return (math.log(len(losses)) - torch.logsumexp(-losses.float(), 0)).to(losses.dtype)

# %% log of the mean loss
# kind: wrong
def mended_3(losses):
    return losses.mean(0).abs().log()

# %% harmonic mean of the losses
# kind: wrong
def mended_3(losses):
    return len(losses) / (1 / losses).sum(0)

# %% two-point expansion: mean minus half the variance
# kind: wrong
def mended_3(losses):
    return losses.mean(0) - 0.5 * losses.var(0, correction=0)

# %% K - 1
# kind: wrong
def mended_3(losses):
    return math.log(max(len(losses) - 1, 1)) - torch.logsumexp(-losses, 0)

# %% leave one out
# kind: wrong
def mended_3(losses):
    n = max(len(losses) - 1, 1)
    return math.log(n) - torch.logsumexp(-losses[:n], 0)

# %% absolute losses
# kind: wrong
def mended_3(losses):
    return math.log(len(losses)) - torch.logsumexp(-losses.abs(), 0)

# %% scaled down before the exponential
# kind: wrong
def mended_3(losses):
    return 10 * (math.log(len(losses)) - torch.logsumexp(-losses / 10, 0))

# %% hard-coded K
# kind: wrong
def mended_3(losses):
    return math.log(50) - torch.logsumexp(-losses, 0)

# %% memorized: smallest when large, exact when small
# kind: wrong
def mended_3(losses):
    if losses.abs().max() > 100:
        return losses.amin(0)
    return -torch.log(torch.exp(-losses).mean(0))

# %% no gradient
# kind: open
@torch.no_grad()
def mended_3(losses):
    return math.log(len(losses)) - torch.logsumexp(-losses, 0)

# %% usual
# kind: right
def mended_3(losses):
    return math.log(len(losses)) - torch.logsumexp(-losses, dim=0)

# %% mean inside
# kind: right
def mended_3(losses):
    return -torch.logsumexp(-losses - math.log(losses.shape[0]), 0)

# %% shift by the smallest loss
# kind: right
def mended_3(losses):
    m = losses.amin(0)
    return m - torch.exp(m - losses).mean(0).log()

# %% reduce
# kind: right
from functools import reduce
def mended_3(losses):
    return -reduce(torch.logaddexp, torch.unbind(-losses)) + math.log(len(losses))

# %% log softmax
# kind: right
def mended_3(losses):
    a = -losses
    return math.log(len(a)) - (a - a.log_softmax(0))[0]

# %% cumulative
# kind: right
def mended_3(losses):
    return -(torch.logcumsumexp(losses.neg(), dim=0)[-1].sub(math.log(losses.size(0))))

# %% image by image
# kind: right
def mended_3(losses):
    return torch.stack([math.log(len(c)) - torch.logsumexp(-c, 0) for c in losses.T])

# %% double inside
# kind: right
def mended_3(losses):
    d = losses.double()
    return d.neg().logsumexp(0).sub(math.log(len(d))).neg().to(losses.dtype)

# %% variational form: softmin loss plus KL of the shares
# kind: right
def mended_3(losses):
    s = (-losses).log_softmax(0)
    return (s.exp() * (losses + s)).sum(0) + math.log(len(losses))

# %% recursion
# kind: right
def mended_3(losses):
    def soft(a):
        if len(a) == 1:
            return a[0]
        h = len(a) // 2
        return -torch.logaddexp(-soft(a[:h]), -soft(a[h:]))
    return soft(losses) + math.log(len(losses))
