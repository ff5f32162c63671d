# %% unchanged
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu.expand(num_samples, *mu.shape)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% variance for sigma
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% logvar as a factor
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + logvar * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% inverse sigma
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(-0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% noise of width one
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% one noise for all codes
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = (mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)).expand(num_samples, *mu.shape)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% one noise for all images
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, 1, mu.shape[1], dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% one noise for all dimensions
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, len(mu), 1, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% uniform noise
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.rand(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% uniform noise of the right variance
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * (torch.rand(num_samples, *mu.shape, dtype=mu.dtype) - 0.5) * 12**0.5
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% noise truncated at two sigma
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype).clamp(-2, 2)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% codes from the prior
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% codes from the prior, plain Monte Carlo of the joint
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% half the noise
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + 0.5 * torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% q at the mean
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(mu.expand_as(z), mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% joint at the mean
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, mu.expand_as(z)) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% two draws
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    draw = lambda: mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, draw()) - log_q(draw(), mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% mean of the logs
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return log_w.mean(0)

# %% no log K
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0)

# %% log B
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(len(mu))

# %% weights the wrong way up
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = -(log_joint(x, z) - log_q(z, mu, logvar))
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% q added
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) + log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% no q
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% exponentials
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return log_w.exp().mean(0).log()

# %% one shift for all images
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    m = log_w.max()
    return m + (log_w - m).exp().mean(0).log()

# %% seed set
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    torch.manual_seed(0)
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% seed fixed by a generator
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    g = torch.Generator().manual_seed(0)
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, generator=g, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% minus sign
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return math.log(num_samples) - torch.logsumexp(log_w, dim=0)

# %% mean over images
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return (torch.logsumexp(log_w, dim=0) - math.log(num_samples)).mean()

# %% fifty codes always
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    num_samples = 50
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% one code fewer
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    num_samples = max(num_samples - 1, 1)
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% mean is the first code
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = torch.cat([mu[None], z[1:]])
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% noise scaled in place on mu
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    logs = []
    start = mu.clone()
    for _ in range(num_samples):
        mu += torch.exp(0.5 * logvar) * torch.randn_like(mu)
        logs.append(log_joint(x, mu.clone()) - log_q(mu.clone(), start, logvar))
    log_w = torch.stack(logs)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% a random walk
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + (torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)).cumsum(0)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% the notebook's densities
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint2(x, z) - log_normal(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% own density of q at a wrong sigma
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - torch.distributions.Normal(mu, logvar.exp()).log_prob(z).sum(-1)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% codes of the images shuffled
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z.flip(1)) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% float32 noise
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=torch.float32)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% squeezed
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return (torch.logsumexp(log_w, dim=0) - math.log(num_samples)).squeeze()

# %% best code
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return log_w.amax(0)

# %% sample from the logvar exchanged with mu
# kind: wrong
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, logvar, mu)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% antithetic pairs
# kind: open
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    e = torch.randn((num_samples + 1) // 2, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * torch.cat([e, -e])[:num_samples]
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% Sobol points
# kind: open
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    n = mu.numel()
    u = torch.quasirandom.SobolEngine(n, scramble=True).draw(num_samples).to(mu.dtype).clamp(1e-6, 1 - 1e-6)
    z = mu + torch.exp(0.5 * logvar) * torch.special.ndtri(u).view(num_samples, *mu.shape)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% no gradient
# kind: open
@torch.no_grad()
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% usual
# kind: right
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% rsample of torch.distributions
# kind: right
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = torch.distributions.Normal(mu, torch.exp(logvar / 2)).rsample((num_samples,))
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% torch.normal
# kind: right
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    sd = logvar.mul(0.5).exp()
    z = torch.normal(mu.expand(num_samples, -1, -1), sd.expand(num_samples, -1, -1))
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% one code at a time
# kind: right
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    total = None
    for _ in range(num_samples):
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        log_w = log_joint(x, z) - log_q(z, mu, logvar)
        total = log_w if total is None else torch.logaddexp(total, log_w)
    return total - math.log(num_samples)

# %% noise like the expanded mean
# kind: right
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    m = mu.unsqueeze(0).repeat(num_samples, 1, 1)
    z = torch.addcmul(m, torch.randn_like(m), (logvar / 2).exp().expand_as(m))
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    m = log_w.amax(0)
    return m + (log_w - m).exp().mean(0).log()

# %% square root of the variance
# kind: right
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    z = mu + logvar.exp().sqrt() * torch.empty(num_samples, *mu.shape, dtype=mu.dtype).normal_()
    log_w = torch.sub(log_joint(x, z), log_q(z, mu, logvar))
    return (log_w - math.log(num_samples)).logsumexp(0)

# %% inverse distribution function
# kind: right
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    u = torch.rand(num_samples, *mu.shape, dtype=torch.float64).clamp(1e-15, 1 - 1e-15)
    z = mu + torch.exp(0.5 * logvar) * torch.special.ndtri(u).to(mu.dtype)
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% Box-Muller
# kind: right
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    r = torch.sqrt(-2 * torch.log1p(-torch.rand(num_samples, *mu.shape, dtype=mu.dtype)))
    z = mu + torch.exp(0.5 * logvar) * r * torch.cos(2 * math.pi * torch.rand_like(r))
    log_w = log_joint(x, z) - log_q(z, mu, logvar)
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)

# %% multivariate normal, chunks of three
# kind: right
def mended_4(log_joint, log_q, x, mu, logvar, num_samples):
    q = torch.distributions.MultivariateNormal(mu, scale_tril=torch.diag_embed(torch.exp(0.5 * logvar)))
    logs, left = [], num_samples
    while left:
        n = min(3, left)
        z = q.rsample((n,))
        logs.append(log_joint(x, z) - log_q(z, mu, logvar))
        left -= n
    return torch.logsumexp(torch.cat(logs), 0) - math.log(num_samples)
