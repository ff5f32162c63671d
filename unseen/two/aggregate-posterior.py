# %% mean of the logs
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return log_gaussian(z[:, None], mu, logvar).mean(1)

# %% no log N
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return torch.logsumexp(log_gaussian(z[:, None], mu, logvar), 1)

# %% log K instead of log N
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return torch.logsumexp(log_gaussian(z[:, None], mu, logvar), 1) - math.log(len(z))

# %% divides by log N
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return torch.logsumexp(log_gaussian(z[:, None], mu, logvar), 1) - len(mu)

# %% no 2 pi
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = -0.5 * (logvar + (z[:, None] - mu) ** 2 / logvar.exp()).sum(-1)
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% 2 pi once, not D times
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = -0.5 * ((logvar + (z[:, None] - mu) ** 2 / logvar.exp()).sum(-1) + math.log(2 * math.pi))
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% 2 pi hard-coded for two dimensions
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = -0.5 * (logvar + (z[:, None] - mu) ** 2 / logvar.exp()).sum(-1) - math.log(2 * math.pi)
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% logvar read as log sigma
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = -0.5 * (math.log(2 * math.pi) + 2 * logvar + (z[:, None] - mu) ** 2 / (2 * logvar).exp()).sum(-1)
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% normalization without logvar
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = -0.5 * (math.log(2 * math.pi) + (z[:, None] - mu) ** 2 / logvar.exp()).sum(-1)
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% sigma where the variance belongs
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = -0.5 * (math.log(2 * math.pi) + logvar + (z[:, None] - mu) ** 2 / (logvar / 2).exp()).sum(-1)
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% times the variance
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = -0.5 * (math.log(2 * math.pi) + logvar + (z[:, None] - mu) ** 2 * logvar.exp()).sum(-1)
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% half missing in the squares
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = (-0.5 * (math.log(2 * math.pi) + logvar) - (z[:, None] - mu) ** 2 / logvar.exp()).sum(-1)
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% mean over dimensions
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = -0.5 * (math.log(2 * math.pi) + logvar + (z[:, None] - mu) ** 2 / logvar.exp()).mean(-1)
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% mixture per dimension, then sum
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = -0.5 * (math.log(2 * math.pi) + logvar + (z[:, None] - mu) ** 2 / logvar.exp())
    return (torch.logsumexp(t, 1) - math.log(len(mu))).sum(-1)

# %% logsumexp over the codes
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return torch.logsumexp(log_gaussian(z[:, None], mu, logvar), 0) - math.log(len(mu))

# %% exponentials themselves
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return log_gaussian(z[:, None], mu, logvar).exp().mean(1).log()

# %% exponentials with a small number
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return (log_gaussian(z[:, None], mu, logvar).exp().mean(1) + 1e-300).log()

# %% one maximum for all codes
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = log_gaussian(z[:, None], mu, logvar)
    m = t.max()
    return m + (t - m).exp().mean(1).log()

# %% nearest image only
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return log_gaussian(z[:, None], mu, logvar).amax(1) - math.log(len(mu))

# %% top ten images
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = log_gaussian(z[:, None], mu, logvar)
    return t.topk(min(10, len(mu)), dim=1).values.logsumexp(1) - math.log(len(mu))

# %% one Gaussian of the moments
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    var = logvar.exp().mean(0) + mu.var(0, correction=0)
    return log_gaussian(z, mu.mean(0), var.log())

# %% mean variance for all
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return torch.logsumexp(log_gaussian(z[:, None], mu, logvar.mean(0)), 1) - math.log(len(mu))

# %% row with row
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return log_gaussian(z, mu, logvar)

# %% squeeze at the end
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return (torch.logsumexp(log_gaussian(z[:, None], mu, logvar), 1) - math.log(len(mu))).squeeze()

# %% log variance clamped
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    logvar = logvar.clamp(-4, 4)
    return torch.logsumexp(log_gaussian(z[:, None], mu, logvar), 1) - math.log(len(mu))

# %% distances clamped
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return torch.logsumexp(log_gaussian(z[:, None], mu, logvar).clamp(min=-700), 1) - math.log(len(mu))

# %% nan_to_num and floor
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return torch.nan_to_num(log_gaussian(z[:, None], mu, logvar).exp().mean(1).log(), neginf=-1e4)

# %% single precision
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = log_gaussian(z.float()[:, None], mu.float(), logvar.float())
    return (torch.logsumexp(t, 1) - math.log(len(mu))).to(z.dtype)

# %% in place exp
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    c = logvar.sum(-1)
    var = logvar.exp_()
    t = -0.5 * (c + math.log(2 * math.pi) * z.shape[1] + ((z[:, None] - mu) ** 2 / var).sum(-1))
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% last chunk lost
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    out, step = None, 4
    for i in range(0, len(mu) - step + 1, step) if len(mu) >= step else [0]:
        t = torch.logsumexp(log_gaussian(z[:, None], mu[i:i + step], logvar[i:i + step]), 1)
        out = t if out is None else torch.logaddexp(out, t)
    return out - math.log(len(mu))

# %% mean of chunk means
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    parts = [torch.logsumexp(log_gaussian(z[:, None], m, s), 1) - math.log(len(m)) for m, s in zip(mu.split(4), logvar.split(4))]
    return torch.logsumexp(torch.stack(parts), 0) - math.log(len(parts))

# %% Gaussian nll with its clamp of the variance
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    Z, M, V = torch.broadcast_tensors(z[:, None], mu, logvar.exp())
    t = -F.gaussian_nll_loss(M, Z, V, full=True, reduction="none", eps=1e-4).sum(-1)
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% random subset of images
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    some = torch.randperm(len(mu))[:100]
    return torch.logsumexp(log_gaussian(z[:, None], mu[some], logvar[some]), 1) - math.log(len(some))

# %% N of the notebook
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return torch.logsumexp(log_gaussian(z[:, None], mu, logvar), 1) - math.log(len(test_images))

# %% convolved with the prior
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    return torch.logsumexp(log_gaussian(z[:, None], mu, (1 + logvar.exp()).log()), 1) - math.log(len(mu))

# %% ratio to the prior
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    return torch.logsumexp(log_gaussian(z[:, None], mu, logvar), 1) - math.log(len(mu)) - log_p

# %% equality of K and N assumed for the axis
# kind: wrong
def aggregate_posterior_log_prob(z, mu, logvar):
    t = log_gaussian(z, mu[:, None], logvar[:, None])  # (N, K)
    dim = 0 if len(z) != len(mu) else 1
    return torch.logsumexp(t, dim) - math.log(len(mu))

# %% expanded squares
# kind: open
def aggregate_posterior_log_prob(z, mu, logvar):
    v = (-logvar).exp()
    sq = z**2 @ v.T - 2 * z @ (mu * v).T + (mu**2 * v).sum(-1)
    t = -0.5 * (sq + logvar.sum(-1) + z.shape[1] * math.log(2 * math.pi))
    return torch.logsumexp(t, 1) - math.log(len(mu))

# %% no gradient
# kind: open
@torch.no_grad()
def aggregate_posterior_log_prob(z, mu, logvar):
    return torch.logsumexp(log_gaussian(z[:, None], mu, logvar), 1) - math.log(len(mu))

# %% mixture of torch.distributions
# kind: right
def aggregate_posterior_log_prob(z, mu, logvar):
    D = torch.distributions
    mix = D.Categorical(logits=torch.zeros(len(mu), dtype=mu.dtype))
    parts = D.Independent(D.Normal(mu, torch.exp(0.5 * logvar)), 1)
    return D.MixtureSameFamily(mix, parts).log_prob(z)

# %% reduce by logaddexp
# kind: right
from functools import reduce
def aggregate_posterior_log_prob(z, mu, logvar):
    each = (log_gaussian(z, m, s) for m, s in zip(mu, logvar))
    return reduce(torch.logaddexp, each) - math.log(mu.shape[0])

# %% vmap over the codes
# kind: right
def aggregate_posterior_log_prob(z, mu, logvar):
    def one(code):
        return torch.logsumexp(-0.5 * (math.log(2 * math.pi) + logvar + (code - mu) ** 2 * (-logvar).exp()).sum(-1), 0)
    return torch.func.vmap(one)(z) - math.log(len(mu))

# %% own maximum per code
# kind: right
def aggregate_posterior_log_prob(z, mu, logvar):
    t = log_gaussian(z[:, None, :], mu[None], logvar[None])
    m = t.amax(1, keepdim=True)
    return m[:, 0] + (t - m).exp().mean(1).log()

# %% images first
# kind: right
def aggregate_posterior_log_prob(z, mu, logvar):
    e = (z[None] - mu[:, None]) / torch.exp(0.5 * logvar)[:, None]
    t = -0.5 * torch.einsum("nkd,nkd->nk", e, e) - 0.5 * logvar.sum(1)[:, None] - z.shape[1] * 0.5 * math.log(2 * math.pi)
    return t.logsumexp(0) - math.log(t.shape[0])

# %% recursion in halves
# kind: right
def aggregate_posterior_log_prob(z, mu, logvar):
    def total(m, s):
        if len(m) == 1:
            return log_gaussian(z, m, s)
        h = len(m) // 2
        return torch.logaddexp(total(m[:h], s[:h]), total(m[h:], s[h:]))
    return total(mu, logvar) - math.log(len(mu))

# %% code by code with logcumsumexp
# kind: right
def aggregate_posterior_log_prob(z, mu, logvar):
    rows = [torch.logcumsumexp(log_gaussian(code, mu, logvar), 0)[-1] for code in z]
    return torch.stack(rows) - math.log(len(mu))

# %% log weights inside
# kind: right
def aggregate_posterior_log_prob(z, mu, logvar):
    normal = torch.distributions.Normal(mu, logvar.mul(0.5).exp())
    return (normal.log_prob(z.unsqueeze(1)).sum(2) + math.log(1 / mu.size(0))).logsumexp(dim=1)

# %% double inside, in chunks of codes
# kind: right
def aggregate_posterior_log_prob(z, mu, logvar):
    m, s = mu.double(), logvar.double()
    parts = [torch.logsumexp(log_gaussian(part.double()[:, None], m, s), 1) for part in z.split(3)]
    return (torch.cat(parts) - math.log(len(m))).to(z.dtype)

# %% dimension by dimension
# kind: right
def aggregate_posterior_log_prob(z, mu, logvar):
    table = z.new_full((len(z), len(mu)), -math.log(len(mu)))
    for d in range(z.shape[1]):
        e = (z[:, d, None] - mu[:, d]) * torch.exp(-0.5 * logvar[:, d])
        table = table - 0.5 * e * e - 0.5 * logvar[:, d] - 0.5 * math.log(2 * math.pi)
    return torch.logsumexp(table, 1)
