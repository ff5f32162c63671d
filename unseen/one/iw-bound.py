# %% w01 mean of logs (ELBO)
# kind: wrong
def iw_bound(log_w):
    return log_w.mean(0)

# %% w02 over the images
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=1) - math.log(log_w.shape[1])

# %% w03 no log K
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=0)

# %% w04 log B instead of log K
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=0) - math.log(log_w.shape[1])

# %% w05 plain exp mean log
# kind: wrong
def iw_bound(log_w):
    return log_w.exp().mean(0).log()

# %% w06 one maximum for all images
# kind: wrong
def iw_bound(log_w):
    m = log_w.max()
    return m + (log_w - m).exp().mean(0).log()

# %% w07 divides by K outside of the log
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=0) / len(log_w)

# %% w08 plus log K
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=0) + math.log(len(log_w))

# %% w09 mean over images too
# kind: wrong
def iw_bound(log_w):
    return (torch.logsumexp(log_w, dim=0) - math.log(len(log_w))).mean()

# %% w10 keepdim
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=0, keepdim=True) - math.log(len(log_w))

# %% w11 squeezed
# kind: wrong
def iw_bound(log_w):
    return (torch.logsumexp(log_w, dim=0) - math.log(len(log_w))).squeeze()

# %% w12 detached maximum and detached log_w
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w.detach(), dim=0) - math.log(len(log_w))

# %% w13 the largest weight only
# kind: wrong
def iw_bound(log_w):
    return log_w.max(0).values - math.log(len(log_w))

# %% w14 eps inside the log
# kind: wrong
def iw_bound(log_w):
    return torch.log(log_w.exp().mean(0) + 1e-30)

# %% w15 shifted by the mean, overflows for wide weights
# kind: wrong
def iw_bound(log_w):
    m = log_w.mean(0)
    return m + (log_w - m).exp().mean(0).log()

# %% w16 shifted by the minimum
# kind: wrong
def iw_bound(log_w):
    m = log_w.min(0).values
    return m + (log_w - m).exp().mean(0).log()

# %% w17 shifted by the first weight
# kind: wrong
def iw_bound(log_w):
    m = log_w[0]
    return m + (log_w - m).exp().mean(0).log()

# %% w18 double inside, without a shift
# kind: wrong
def iw_bound(log_w):
    return log_w.double().exp().mean(0).log().to(log_w.dtype)

# %% w19 returns double
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w.double(), dim=0) - math.log(len(log_w))

# %% w20 float32 inside
# kind: wrong
def iw_bound(log_w):
    return (torch.logsumexp(log_w.float(), dim=0) - math.log(len(log_w))).to(log_w.dtype)

# %% w21 log_w changed in place
# kind: wrong
def iw_bound(log_w):
    m = log_w.detach().max(0).values
    data = log_w.data
    data -= m
    return m + log_w.exp().mean(0).log()

# %% w22 one sample returned unchanged where K is 1, K - 1 elsewhere
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=0) - math.log(max(len(log_w) - 1, 1))

# %% w23 log2
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=0) - math.log2(len(log_w))

# %% w24 numpy breaks the graph
# kind: wrong
def iw_bound(log_w):
    a = special.logsumexp(log_w.detach().numpy(), axis=0) - np.log(len(log_w))
    return torch.from_numpy(np.asarray(a)).to(log_w.dtype)

# %% w25 gradient only by the maximum
# kind: wrong
def iw_bound(log_w):
    m = log_w.max(0).values
    return m + (log_w - m).detach().exp().mean(0).log()

# %% w26 second order delta approximation
# kind: wrong
def iw_bound(log_w):
    return log_w.mean(0) + 0.5 * log_w.var(0, correction=0)

# %% w27 nan_to_num where all underflow
# kind: wrong
def iw_bound(log_w):
    return torch.nan_to_num(log_w.exp().mean(0).log(), neginf=-800.0)

# %% w28 clamp at -700
# kind: wrong
def iw_bound(log_w):
    return log_w.clamp(-700, 700).double().exp().mean(0).log().to(log_w.dtype)

# %% w29 the examples memorized
# kind: wrong
def iw_bound(log_w):
    if log_w.shape == (2, 1) and log_w[0].item() == 0:
        return torch.tensor([math.log(2)], dtype=log_w.dtype)
    if (log_w == -800).all():
        return log_w[0]
    return log_w.mean(0)

# %% w30 right forward, gradient equal for all
# kind: wrong
def iw_bound(log_w):
    value = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    mean = log_w.mean(0)
    return mean + (value - mean).detach()

# %% w31 chosen by which dimension is longer
# kind: wrong
def iw_bound(log_w):
    dim = 0 if log_w.shape[0] >= log_w.shape[1] else 1
    return torch.logsumexp(log_w, dim=dim) - math.log(log_w.shape[dim])

# %% w32 gradient doubled by the unneeded sum of two
# kind: wrong
def iw_bound(log_w):
    value = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return 2 * value - value.detach()

# %% w33 hard-coded K of the notebook
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% w34 maximum clamped at 0: fine above, underflows below
# kind: wrong
def iw_bound(log_w):
    m = log_w.max(0).values.clamp(min=0)
    return m + (log_w - m).exp().mean(0).log()

# %% w35 maximum clamped below: fine below, overflows above
# kind: wrong
def iw_bound(log_w):
    m = log_w.max(0).values.clamp(max=0)
    return m + (log_w - m).exp().mean(0).log()

# %% w36 pairwise means of the logs of neighbours
# kind: wrong
def iw_bound(log_w):
    while len(log_w) > 1:
        odd = log_w[-1:] if len(log_w) % 2 else log_w[:0]
        pairs = torch.logaddexp(log_w[0 : len(log_w) - len(odd) : 2], log_w[1 : len(log_w) - len(odd) : 2]) - math.log(2)
        log_w = torch.cat([pairs, odd])
    return log_w[0]

# %% w37 weights more than 30 nats below the mean are dropped
# kind: wrong
def iw_bound(log_w):
    keep = log_w >= log_w.mean(0) - 30
    s = torch.where(keep, log_w, -math.inf)
    return torch.logsumexp(s, 0) - keep.sum(0).to(log_w.dtype).log()

# %% r01 maximum by hand
# kind: right
def iw_bound(log_w):
    m = log_w.max(dim=0).values.detach()
    return m + torch.log(torch.exp(log_w - m).mean(dim=0))

# %% r02 logaddexp in a loop
# kind: right
def iw_bound(log_w):
    total = log_w[0]
    for row in log_w[1:]:
        total = torch.logaddexp(total, row)
    return total - math.log(len(log_w))

# %% r03 log K taken off first
# kind: right
def iw_bound(log_w):
    return (log_w - math.log(log_w.size(0))).logsumexp(0)

# %% r04 by log_softmax of any sample
# kind: right
def iw_bound(log_w):
    return log_w[-1] - F.log_softmax(log_w, dim=0)[-1] - math.log(len(log_w)) if False else (
        (log_w - F.log_softmax(log_w, dim=0)).mean(0) - math.log(len(log_w)))

# %% r05 vmap over the images
# kind: right
def iw_bound(log_w):
    return torch.func.vmap(lambda column: torch.logsumexp(column, 0) - math.log(len(log_w)), in_dims=1)(log_w)

# %% r06 logcumsumexp
# kind: right
def iw_bound(log_w):
    return torch.logcumsumexp(log_w, dim=0)[-1] - torch.tensor(float(len(log_w)), dtype=log_w.dtype).log()

# %% r07 a mixture distribution's log_prob
# kind: right
def iw_bound(log_w):
    k = torch.full_like(log_w, 1.0 / len(log_w))
    return torch.logsumexp(log_w + k.log(), 0)

# %% r08 double inside and cast back
# kind: right
def iw_bound(log_w):
    return (torch.logsumexp(log_w.double(), dim=0) - math.log(len(log_w))).to(log_w.dtype)

# %% r09 recursion in halves
# kind: right
def iw_bound(log_w):
    def total(a):
        return a[0] if len(a) == 1 else torch.logaddexp(total(a[: len(a) // 2]), total(a[len(a) // 2 :]))
    return total(log_w) - math.log(len(log_w))

# %% r10 functools.partial and reduce
# kind: right
from functools import partial, reduce
def _bound(add, log_w):
    return reduce(add, log_w.unbind(0)).sub(math.log(log_w.shape[0]))
iw_bound = partial(_bound, torch.logaddexp)

# %% r11 a custom autograd function
# kind: right
class _Bound(torch.autograd.Function):
    @staticmethod
    def forward(ctx, log_w):
        shares = log_w.softmax(0)
        ctx.save_for_backward(shares)
        return log_w.logsumexp(0) - math.log(len(log_w))
    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]
iw_bound = _Bound.apply

# %% r12 transposed inside
# kind: right
iw_bound = lambda log_w: torch.stack([torch.logsumexp(c, -1) for c in log_w.T.contiguous()]) - math.log(log_w.shape[0])

# %% r13 softmax-weighted: sum s (log w - log s) - log K
# kind: right
def iw_bound(log_w):
    ls = torch.log_softmax(log_w, 0)
    s = ls.exp()
    return (s * (log_w - ls)).sum(0) - math.log(len(log_w))

# %% o01 straightforward with -inf weights in mind
# kind: open
def iw_bound(log_w):
    m = log_w.amax(0).clamp(min=torch.finfo(log_w.dtype).min)
    return m + (log_w - m).exp().sum(0).log() - math.log(len(log_w))
