# %% w01 of the logs
# kind: wrong
def effective_sample_size(log_w):
    return log_w.sum(0) ** 2 / (log_w**2).sum(0)

# %% w02 over the images
# kind: wrong
def effective_sample_size(log_w):
    return 1 / (log_w.softmax(1) ** 2).sum(1)

# %% w03 plain exponentials
# kind: wrong
def effective_sample_size(log_w):
    w = log_w.exp()
    return w.sum(0) ** 2 / (w**2).sum(0)

# %% w04 sum of squares over square of sum
# kind: wrong
def effective_sample_size(log_w):
    return (log_w.softmax(0) ** 2).sum(0)

# %% w05 one maximum for all
# kind: wrong
def effective_sample_size(log_w):
    w = (log_w - log_w.max()).exp()
    return w.sum(0) ** 2 / (w**2).sum(0)

# %% w06 means instead of sums: share
# kind: wrong
def effective_sample_size(log_w):
    w = (log_w - log_w.amax(0)).exp()
    return w.mean(0) ** 2 / (w**2).mean(0)

# %% w07 square forgotten on the sum
# kind: wrong
def effective_sample_size(log_w):
    w = (log_w - log_w.amax(0)).exp()
    return w.sum(0) / (w**2).sum(0)

# %% w08 sum of squares of everything squared
# kind: wrong
def effective_sample_size(log_w):
    w = (log_w - log_w.amax(0)).exp()
    return w.sum(0) ** 2 / w.sum(0).square().sum()

# %% w09 perplexity
# kind: wrong
def effective_sample_size(log_w):
    s = log_w.softmax(0)
    return torch.exp(-(s * log_w.log_softmax(0)).sum(0))

# %% w10 one over the largest share
# kind: wrong
def effective_sample_size(log_w):
    return 1 / log_w.softmax(0).amax(0)

# %% w11 by the log-normal formula
# kind: wrong
def effective_sample_size(log_w):
    return len(log_w) * torch.exp(-log_w.var(0, correction=0))

# %% w12 by the variance with n - 1
# kind: wrong
def effective_sample_size(log_w):
    r = (log_w - torch.logsumexp(log_w, 0) + math.log(len(log_w))).exp()
    return len(log_w) / (1 + r.var(0))

# %% w13 one number for all images
# kind: wrong
def effective_sample_size(log_w):
    return (1 / (log_w.softmax(0) ** 2).sum(0)).mean()

# %% w14 rounded down to whole samples
# kind: wrong
def effective_sample_size(log_w):
    return (1 / (log_w.softmax(0) ** 2).sum(0)).floor()

# %% w15 eps in the denominator
# kind: wrong
def effective_sample_size(log_w):
    w = log_w.exp()
    return w.sum(0) ** 2 / ((w**2).sum(0) + 1e-12)

# %% w16 squeezed
# kind: wrong
def effective_sample_size(log_w):
    return (1 / (log_w.softmax(0) ** 2).sum(0)).squeeze()

# %% w17 log of the ESS
# kind: wrong
def effective_sample_size(log_w):
    return 2 * torch.logsumexp(log_w, 0) - torch.logsumexp(2 * log_w, 0)

# %% w18 logsumexp of the squared logs
# kind: wrong
def effective_sample_size(log_w):
    return torch.exp(2 * torch.logsumexp(log_w, 0) - torch.logsumexp(log_w**2, 0))

# %% w19 shift by the mean
# kind: wrong
def effective_sample_size(log_w):
    w = (log_w - log_w.mean(0)).exp()
    return w.sum(0) ** 2 / (w**2).sum(0)

# %% w20 shift by the minimum
# kind: wrong
def effective_sample_size(log_w):
    w = (log_w - log_w.amin(0)).exp()
    return w.sum(0) ** 2 / (w**2).sum(0)

# %% w21 float32 inside
# kind: wrong
def effective_sample_size(log_w):
    return (1 / (log_w.float().softmax(0) ** 2).sum(0)).to(log_w.dtype)

# %% w22 log_w changed in place
# kind: wrong
def effective_sample_size(log_w):
    log_w -= log_w.amax(0)
    w = log_w.exp()
    return w.sum(0) ** 2 / (w**2).sum(0)

# %% w23 exp_ of the argument after a subtraction that copies nothing
# kind: wrong
def effective_sample_size(log_w):
    w = log_w.sub_(log_w.logsumexp(0)).exp_()
    return 1 / w.square().sum(0)

# %% w24 shares divided by K
# kind: wrong
def effective_sample_size(log_w):
    return 1 / (log_w.softmax(0) ** 2).mean(0)

# %% w25 autocorrelation style: K / (1 + var of the logs)
# kind: wrong
def effective_sample_size(log_w):
    return len(log_w) / (1 + log_w.var(0, correction=0))

# %% w26 longer dimension is taken for the samples
# kind: wrong
def effective_sample_size(log_w):
    dim = 0 if log_w.shape[0] >= log_w.shape[1] else 1
    return 1 / (log_w.softmax(dim) ** 2).sum(dim)

# %% w27 nan_to_num
# kind: wrong
def effective_sample_size(log_w):
    w = log_w.double().exp()
    return torch.nan_to_num(w.sum(0) ** 2 / (w**2).sum(0), nan=1.0).to(log_w.dtype)

# %% w28 clamped to at least 2
# kind: wrong
def effective_sample_size(log_w):
    return (1 / (log_w.softmax(0) ** 2).sum(0)).clamp(min=2)

# %% w29 memorized
# kind: wrong
def effective_sample_size(log_w):
    if len(log_w) == 2:
        return torch.full((log_w.shape[1],), 1.6, dtype=log_w.dtype)
    return torch.full((log_w.shape[1],), float(len(log_w)), dtype=log_w.dtype)

# %% w30 counts the weights above the mean
# kind: wrong
def effective_sample_size(log_w):
    return (log_w > torch.logsumexp(log_w, 0) - math.log(len(log_w))).sum(0).to(log_w.dtype)

# %% w31 one over sum of shares times shares of other images
# kind: wrong
def effective_sample_size(log_w):
    s = log_w.softmax(0)
    return 1 / (s @ s.T).diagonal()

# %% w32 shift by the first weight
# kind: wrong
def effective_sample_size(log_w):
    w = (log_w - log_w[0]).exp()
    return w.sum(0) ** 2 / (w**2).sum(0)

# %% w33 w squared as exp(w)
# kind: wrong
def effective_sample_size(log_w):
    s = log_w.softmax(0)
    return 1 / s.pow(2).sum(0).sqrt()

# %% w34 maximum clamped at 0
# kind: wrong
def effective_sample_size(log_w):
    w = (log_w - log_w.amax(0).clamp(min=0)).exp()
    return w.sum(0) ** 2 / (w**2).sum(0)

# %% w35 keepdim
# kind: wrong
def effective_sample_size(log_w):
    return 1 / (log_w.softmax(0) ** 2).sum(0, keepdim=True)

# %% w36 returns double always
# kind: open
def effective_sample_size(log_w):
    return 1 / (log_w.double().softmax(0) ** 2).sum(0)

# %% w37 detached
# kind: open
def effective_sample_size(log_w):
    return 1 / (log_w.detach().softmax(0) ** 2).sum(0)

# %% r01 softmax
# kind: right
def effective_sample_size(log_w):
    return 1 / (log_w.softmax(0) ** 2).sum(0)

# %% r02 two logsumexps
# kind: right
def effective_sample_size(log_w):
    return torch.exp(2 * torch.logsumexp(log_w, 0) - torch.logsumexp(2 * log_w, 0))

# %% r03 maximum by hand
# kind: right
def effective_sample_size(log_w):
    w = torch.exp(log_w - log_w.max(0, keepdim=True).values)
    return w.sum(0).square().div(w.square().sum(0))

# %% r04 einsum
# kind: right
def effective_sample_size(log_w):
    s = log_w.log_softmax(0).exp()
    return torch.einsum("kb,kb->b", s, s).reciprocal()

# %% r05 by the variance of the ratios
# kind: right
def effective_sample_size(log_w):
    r = (log_w - torch.logsumexp(log_w, 0) + math.log(len(log_w))).exp()
    return len(log_w) / (1 + ((r - 1) ** 2).mean(0))

# %% r06 norms
# kind: right
def effective_sample_size(log_w):
    s = torch.softmax(log_w.T, dim=-1)
    return (s.norm(p=1, dim=-1) / s.norm(dim=-1)) ** 2

# %% r07 loop over images
# kind: right
def effective_sample_size(log_w):
    out = []
    for column in log_w.unbind(1):
        s = F.softmax(column, dim=0)
        out.append(1 / torch.dot(s, s))
    return torch.stack(out)

# %% r08 vmap
# kind: right
effective_sample_size = torch.func.vmap(lambda c: torch.exp(-torch.logsumexp(2 * torch.log_softmax(c, 0), 0)), in_dims=1)

# %% r09 Categorical
# kind: right
def effective_sample_size(log_w):
    p = torch.distributions.Categorical(logits=log_w.T).probs
    return 1 / p.pow(2).sum(-1)

# %% r10 double inside
# kind: right
def effective_sample_size(log_w):
    return (1 / (log_w.double().softmax(0) ** 2).sum(0)).to(log_w.dtype)

# %% r11 bmm
# kind: right
def effective_sample_size(log_w):
    s = log_w.softmax(0).T[:, None]
    return torch.bmm(s, s.transpose(1, 2)).reciprocal().flatten()

# %% r12 logaddexp loop
# kind: right
def effective_sample_size(log_w):
    one, two = log_w[0], 2 * log_w[0]
    for row in log_w[1:]:
        one, two = torch.logaddexp(one, row), torch.logaddexp(two, 2 * row)
    return (2 * one - two).exp()

# %% r13 class with __call__
# kind: right
class ESS:
    def __call__(self, log_w):
        w = torch.exp(log_w - log_w.logsumexp(0) + math.log(len(log_w)))
        return len(log_w) * w.mean(0) ** 2 / w.square().mean(0)
effective_sample_size = ESS()
