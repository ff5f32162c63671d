# %% parts swapped
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()
    return kl - info, info

# %% no 2 pi
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * (logvar + (z - mu) ** 2 / logvar.exp()).sum(1)
    info = (log_q - log_aggregate).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% no logvar in the density
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * (math.log(2 * math.pi) + (z - mu) ** 2 / logvar.exp()).sum(1)
    info = (log_q - log_aggregate).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% every code with every image
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z[:, None], mu, logvar) - log_aggregate[:, None]).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% information of the wrong sign
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_aggregate - log_gaussian(z, mu, logvar)).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% second part is information less rate
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, info - 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()

# %% second part estimated from the codes
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(1)
    return info, (log_aggregate - log_p).mean()

# %% second part is the whole rate
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()

# %% sums over images
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).sum()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum() - info

# %% KL summed over images
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum() - info

# %% KL mean over dimensions too
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean() - info

# %% KL without the half
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% KL with the wrong sign of logvar
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 + logvar).sum(1).mean() - info

# %% KL reversed
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    kl = 0.5 * ((mu**2 + 1) / logvar.exp() - 1 + logvar).sum(1).mean()
    return info, kl - info

# %% logvar read as log sigma
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    s = 2 * logvar
    info = (log_gaussian(z, mu, s) - log_aggregate).mean()
    return info, 0.5 * (mu**2 + s.exp() - 1 - s).sum(1).mean() - info

# %% sigma in the KL only
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, 0.5 * (mu**2 + (logvar / 2).exp() - 1 - logvar).sum(1).mean() - info

# %% aggregate as a density
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate.exp()).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% log N subtracted again
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean() - math.log(len(mu))
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% information kept at zero or above
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean().clamp(min=0)
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% information kept below log N
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean().clamp(max=math.log(len(mu)))
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% mismatch kept at zero or above
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, (0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info).clamp(min=0)

# %% aggregate computed anew from these rows
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    agg = torch.logsumexp(log_gaussian(z[:, None], mu, logvar), 1) - math.log(len(mu))
    info = (log_gaussian(z, mu, logvar) - agg).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% new codes
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% entropy in closed form
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * (math.log(2 * math.pi) + 1 + logvar).sum(1)
    info = (log_q - log_aggregate).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% codes at the means
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(mu, mu, logvar) - log_aggregate).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% KL by the codes, Monte Carlo, less information
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    log_q = log_gaussian(z, mu, logvar)
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(1)
    info = (log_q - log_aggregate).mean()
    return info, (log_q - log_p).mean() - info

# %% bits
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean() / math.log(2)
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() / math.log(2) - info

# %% per image
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = log_gaussian(z, mu, logvar) - log_aggregate
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1) - info

# %% single precision
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    mu, logvar, z = mu.float(), logvar.float(), z.float()
    info = (log_gaussian(z, mu, logvar) - log_aggregate.float()).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% density of the log instead of log of the density
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    q = log_gaussian(z, mu, logvar).exp()
    info = (q / log_aggregate.exp()).log().mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% log of the mean ratio
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = torch.logsumexp(log_gaussian(z, mu, logvar) - log_aggregate, 0) - math.log(len(mu))
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% in place
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    log_aggregate -= log_gaussian(z, mu, logvar)
    info = -log_aggregate.mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% table by a wrong broadcast, rows by columns
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    log_q = log_gaussian(z, mu, logvar)[:, None]
    each = log_q - log_aggregate
    info = torch.triu(each).sum() / torch.triu(torch.ones_like(each)).sum()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% Bessel
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    n = max(len(mu) - 1, 1)
    info = (log_gaussian(z, mu, logvar) - log_aggregate).sum() / n
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum() / n - info

# %% constant log N
# kind: wrong
def kl_split(mu, logvar, z, log_aggregate):
    info = torch.tensor(math.log(len(mu)), dtype=mu.dtype)
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% detached
# kind: open
@torch.no_grad()
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info

# %% Python floats
# kind: open
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()
    return info.item(), (kl - info).item()

# %% helpers of the package
# kind: right
def kl_split(mu, logvar, z, log_aggregate):
    info = torch.mean(log_gaussian(z, mu, logvar) - log_aggregate)
    return info, gaussian_kl(mu, logvar).mean() - info

# %% torch.distributions
# kind: right
def kl_split(mu, logvar, z, log_aggregate):
    D = torch.distributions
    q = D.Independent(D.Normal(mu, torch.exp(logvar / 2)), 1)
    p = D.Independent(D.Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    info = (q.log_prob(z) - log_aggregate).mean()
    return info, D.kl_divergence(q, p).mean() - info

# %% loop over images
# kind: right
def kl_split(mu, logvar, z, log_aggregate):
    info, kl = [], []
    for m, s, c, a in zip(mu, logvar, z, log_aggregate):
        info.append(-0.5 * (math.log(2 * math.pi) + s + (c - m) ** 2 / s.exp()).sum() - a)
        kl.append(0.5 * (m @ m + (s.exp() - 1 - s).sum()))
    info, kl = torch.stack(info).mean(), torch.stack(kl).mean()
    return info, kl - info

# %% einsum
# kind: right
def kl_split(mu, logvar, z, log_aggregate):
    n, d = mu.shape
    e = (z - mu) * torch.exp(-0.5 * logvar)
    total = -0.5 * torch.einsum("nd,nd->", e, e) - 0.5 * logvar.sum() - 0.5 * n * d * math.log(2 * math.pi)
    info = (total - log_aggregate.sum()) / n
    kl = 0.5 * (torch.einsum("nd,nd->", mu, mu) + (torch.expm1(logvar) - logvar).sum()) / n
    return info, kl - info

# %% parts each subtracted per image
# kind: right
def kl_split(mu, logvar, z, log_aggregate):
    ratio = log_gaussian(z, mu, logvar).sub(log_aggregate)
    kl = (mu.square() + logvar.expm1() - logvar).sum(-1) / 2
    return ratio.mean(), (kl - ratio).mean()

# %% vmap
# kind: right
def kl_split(mu, logvar, z, log_aggregate):
    def one(m, s, c, a):
        return log_gaussian(c, m, s) - a, 0.5 * (m**2 + s.exp() - 1 - s).sum()
    ratio, kl = torch.func.vmap(one)(mu, logvar, z, log_aggregate)
    return ratio.mean(), kl.mean() - ratio.mean()

# %% diagonal of a table
# kind: right
def kl_split(mu, logvar, z, log_aggregate):
    table = log_gaussian(z[:, None], mu[None], logvar[None])
    info = (table.diagonal() - log_aggregate).mean()
    kl = torch.stack([0.5 * (m**2 + s.exp() - 1 - s).sum() for m, s in zip(mu, logvar)]).mean()
    return info, kl - info

# %% double inside
# kind: right
def kl_split(mu, logvar, z, log_aggregate):
    m, s, c, a = (t.double() for t in (mu, logvar, z, log_aggregate))
    info = (log_gaussian(c, m, s) - a).mean()
    kl = 0.5 * (m**2 + s.exp() - 1 - s).sum(1).mean()
    return info.to(mu.dtype), (kl - info).to(mu.dtype)

# %% multivariate normal
# kind: right
def kl_split(mu, logvar, z, log_aggregate):
    q = torch.distributions.MultivariateNormal(mu, scale_tril=torch.diag_embed(torch.exp(0.5 * logvar)))
    info = (q.log_prob(z) - log_aggregate).mean()
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return info, kl.mean() - info
