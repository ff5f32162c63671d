# %% w01 exp(logvar) as the standard deviation
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar) * eps
    rows = x.repeat(num_samples, 1)
    joint = model.log_joint(rows, z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w02 log joint only
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar / 2) * eps
    rows = x.repeat(num_samples, 1)
    return model.log_joint(rows, z.flatten(0, 1)).view(num_samples, len(x))

# %% w03 plus log q
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint + log_gaussian(z, mu, logvar)

# %% w04 the weights, not their logs
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return torch.exp(joint - log_gaussian(z, mu, logvar))

# %% w05 (B, K) instead of (K, B)
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    out = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        out.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(out, dim=1)

# %% w06 repeat_interleave where repeat belongs
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    rows = x.repeat_interleave(num_samples, dim=0)
    joint = model.log_joint(rows, z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w07 one noise for all images
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, 1, mu.shape[1], dtype=mu.dtype)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w08 one noise for all samples
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
    log_w = model.log_joint(x, z) - log_gaussian(z, mu, logvar)
    return log_w.repeat(num_samples, 1)

# %% w09 one noise for all dimensions
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, len(x), 1, dtype=mu.dtype)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w10 log q at mu instead of z
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(mu, mu, logvar)

# %% w11 own log q without the 2 pi
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint + 0.5 * (eps**2 + logvar).sum(-1)

# %% w12 own log q with logvar not halved
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint + (0.5 * eps**2 + logvar + 0.5 * math.log(2 * math.pi)).sum(-1)

# %% w13 another draw for log q than for the joint
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    std = torch.exp(logvar / 2)
    out = []
    for _ in range(num_samples):
        joint = model.log_joint(x, mu + std * torch.randn_like(mu))
        out.append(joint - log_gaussian(mu + std * torch.randn_like(mu), mu, logvar))
    return torch.stack(out)

# %% w14 mean over dimensions in log q
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint + 0.5 * (eps**2 + logvar + math.log(2 * math.pi)).mean(-1)

# %% w15 squeezed
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return (joint - log_gaussian(z, mu, logvar)).squeeze()

# %% w16 codes from the prior
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w17 uniform noise
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.rand(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w18 a fixed seed inside
# kind: wrong
def log_weights(model, x, num_samples):
    torch.manual_seed(0)
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w19 a generator with a fixed seed
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    generator = torch.Generator().manual_seed(1234)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype, generator=generator)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w20 antithetic pairs
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    half = torch.randn((num_samples + 1) // 2, *mu.shape, dtype=mu.dtype)
    eps = torch.cat([half, -half])[:num_samples]
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w21 noise standardized over the samples
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    if num_samples > 2:
        eps = (eps - eps.mean(0)) / eps.std(0)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w22 everything in double and returned so
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    mu, logvar = mu.double(), logvar.double()
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.double().repeat(num_samples, 1), z.flatten(0, 1))
    return joint.view(num_samples, len(x)) - log_gaussian(z, mu, logvar)

# %% w23 everything in float32 and returned so
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    mu, logvar = mu.float(), logvar.float()
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape)
    joint = model.log_joint(x.float().repeat(num_samples, 1), z.flatten(0, 1))
    return joint.view(num_samples, len(x)).float() - log_gaussian(z, mu, logvar)

# %% w24 float64 rounded through float32
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return (joint - log_gaussian(z, mu, logvar)).float().to(mu.dtype)

# %% w25 the notebook's model2
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model2.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model2.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w26 random walk: mu changed in place
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    out = []
    for _ in range(num_samples):
        z = mu.add_(torch.exp(logvar / 2) * torch.randn_like(mu))
        out.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(out)

# %% w27 three dimensions handed to log_joint
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return model.log_joint(x, z) - log_gaussian(z, mu, logvar)

# %% w28 first sample is the mean
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    eps[0] = 0
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w29 logvar clamped to [-4, 4]
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    logvar = logvar.clamp(-4, 4)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w30 std plus 0.01
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + (torch.exp(logvar / 2) + 1e-2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w31 mean over the samples
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return (joint - log_gaussian(z, mu, logvar)).mean(0)

# %% w32 reshape crosses the dimensions
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    rows, codes = x.repeat_interleave(num_samples, 0), z.transpose(0, 1).flatten(0, 1)
    log_w = model.log_joint(rows, codes) - log_gaussian(
        codes, mu.repeat_interleave(num_samples, 0), logvar.repeat_interleave(num_samples, 0))
    return log_w.view(num_samples, len(x))

# %% w33 the loop changes x in place
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    x.clamp_(0.01, 0.99)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w34 truncated normal noise
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype).clamp(-2.5, 2.5)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w35 draws only ten codes and takes them in turn
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(min(num_samples, 10), *mu.shape, dtype=mu.dtype)
    eps = eps[torch.arange(num_samples) % len(eps)]
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% w36 the weights sorted (largest first)
# kind: open
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return (joint - log_gaussian(z, mu, logvar)).sort(0, descending=True).values

# %% w37 weights of an image shuffled among the images
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return (joint - log_gaussian(z, mu, logvar)).flip(1)

# %% w38 dtype of x
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=torch.float64)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1).to(mu.dtype))
    return joint.view(num_samples, len(x)) - log_gaussian(z, mu, logvar)

# %% w39 the exact posterior's evidence, no draw (constant row of the first)
# kind: wrong
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = model.log_joint(x, mu) - log_gaussian(mu, mu, logvar)
    return log_w + 0 * torch.randn(num_samples, len(x), dtype=mu.dtype)

# %% r01 loop and stack
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    out = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        out.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(out)

# %% r02 torch.distributions
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    q = torch.distributions.Independent(torch.distributions.Normal(mu, (0.5 * logvar).exp()), 1)
    z = q.sample((num_samples,))
    images = x.expand(num_samples, *x.shape).reshape(-1, x.shape[-1])
    return model.log_joint(images, z.reshape(-1, z.shape[-1])).reshape(num_samples, -1) - q.log_prob(z)

# %% r03 log q by eps
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = mu.new_empty(num_samples, *mu.shape).normal_()
    z = torch.addcmul(mu.expand_as(eps), torch.exp(logvar / 2).expand_as(eps), eps)
    log_q = -0.5 * (eps.square().sum(-1) + logvar.sum(-1) + mu.shape[-1] * math.log(2 * math.pi))
    return model.log_joint(x.tile(num_samples, 1), z.flatten(0, 1)).unflatten(0, (num_samples, -1)) - log_q

# %% r04 repeat_interleave, and turned at the end
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = (part.repeat_interleave(num_samples, 0) for part in model.encode(x))
    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
    log_w = model.log_joint(x.repeat_interleave(num_samples, 0), z) - log_gaussian(z, mu, logvar)
    return log_w.view(len(x), num_samples).T

# %% r05 full covariance
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    q = torch.distributions.MultivariateNormal(mu, scale_tril=torch.diag_embed(torch.exp(logvar / 2)))
    z = q.rsample((num_samples,))
    return torch.stack([model.log_joint(x, each) for each in z]) - q.log_prob(z)

# %% r06 minus eps, torch.normal
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    mean, std = mu.repeat(num_samples, 1), (logvar / 2).exp().repeat(num_samples, 1)
    z = 2 * mean - torch.normal(mean, std)
    log_w = model.log_joint(x.repeat(num_samples, 1), z) - log_gaussian(
        z, mean, logvar.repeat(num_samples, 1))
    return log_w.reshape(num_samples, x.shape[0])

# %% r07 image by image
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    columns = []
    for image, m, s in zip(x, mu, logvar):
        z = m + torch.exp(s / 2) * torch.randn(num_samples, len(m), dtype=m.dtype, device=m.device)
        columns.append(model.log_joint(image.expand(num_samples, -1), z) - log_gaussian(z, m, s))
    return torch.stack(columns, 1)

# %% r08 one code of one image at a time
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    out = torch.empty(num_samples, len(x), dtype=mu.dtype, device=mu.device)
    for b in range(len(x)):
        for k in range(num_samples):
            z = mu[b : b + 1] + torch.exp(logvar[b : b + 1] / 2) * torch.randn_like(mu[b : b + 1])
            w = model.log_joint(x[b : b + 1], z) - log_gaussian(z, mu[b : b + 1], logvar[b : b + 1])
            out[k, b] = w.item()
    return out

# %% r09 recursion in halves
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    def draw(n):
        if n == 1:
            z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
            return (model.log_joint(x, z) - log_gaussian(z, mu, logvar))[None]
        return torch.cat([draw(n // 2), draw(n - n // 2)])
    return draw(num_samples)

# %% r10 double inside, rounded at the end
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype, device=mu.device)
    log_q = log_gaussian(z.double(), mu.double(), logvar.double())
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return (joint.double() - log_q).to(mu.dtype)

# %% r11 a class with __call__
# kind: right
class Weights:
    def __call__(self, model, x, num_samples):
        q = torch.distributions.Normal(*(f(p) for f, p in zip((lambda m: m, lambda s: s.mul(0.5).exp()), model.encode(x))))
        return torch.stack([model.log_joint(x, z) - q.log_prob(z).sum(-1) for z in (q.sample() for _ in range(num_samples))])

log_weights = Weights()

# %% r12 Box-Muller
# kind: right
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    u = 1 - torch.rand(2, num_samples, *mu.shape, dtype=torch.float64)
    eps = ((-2 * u[0].log()).sqrt() * torch.cos(2 * math.pi * u[1])).to(mu)
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(torch.cat([x] * num_samples), z.flatten(0, 1))
    return joint.view(num_samples, len(x)) - log_gaussian(z, mu, logvar)

# %% r13 chunks of seven, lambda
# kind: right
log_weights = lambda model, x, num_samples: (lambda mu, logvar: torch.cat([
    (lambda z: model.log_joint(x.repeat(len(z), 1), z.flatten(0, 1)).view(len(z), -1) - log_gaussian(z, mu, logvar))(
        mu + torch.exp(logvar / 2) * torch.randn(len(part), *mu.shape, dtype=mu.dtype))
    for part in torch.arange(num_samples).split(7)]))(*model.encode(x))

# %% o01 no_grad
# kind: open
@torch.no_grad()
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% o02 encodes anew for each sample
# kind: open
def log_weights(model, x, num_samples):
    out = []
    for _ in range(num_samples):
        mu, logvar = model.encode(x)
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        out.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(out)

# %% o03 encodes the repeated images
# kind: open
def log_weights(model, x, num_samples):
    rows = x.repeat(num_samples, 1)
    mu, logvar = model.encode(rows)
    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
    return (model.log_joint(rows, z) - log_gaussian(z, mu, logvar)).view(num_samples, len(x))

# %% o04 float32 noise under a float64 mu
# kind: open
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)

# %% o05 vmap over the samples
# kind: open
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return torch.func.vmap(lambda each: model.log_joint(x, each))(z) - log_gaussian(z, mu, logvar)
