"""Answers to Exercise 1 of lab4-evaluation: right ones, then wrong ones."""


# %% all samples at once
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar / 2) * eps  # (K, B, D)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, -1)
    return joint - log_gaussian(z, mu, logvar)


# %% torch.distributions
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    rows = []
    for z in q.sample((num_samples,)):
        rows.append(model.log_joint(x, z) - q.log_prob(z).sum(-1))
    return torch.stack(rows)


# %% rsample of an Independent, without gradients
@torch.no_grad()
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    q = torch.distributions.Independent(torch.distributions.Normal(mu, (logvar / 2).exp()), 1)
    z = q.rsample((num_samples,))
    flat = z.reshape(-1, z.shape[-1])
    copies = x.expand(num_samples, *x.shape).reshape(-1, x.shape[1])
    return model.log_joint(copies, flat).reshape(num_samples, len(x)) - q.log_prob(z)


# %% image by image
def log_weights(model, x, num_samples):
    columns = []
    for image in x.split(1):
        mu, logvar = model.encode(image)
        z = mu - torch.exp(0.5 * logvar) * torch.randn(num_samples, mu.shape[1], dtype=mu.dtype)
        joint = model.log_joint(image.expand(num_samples, -1), z)
        columns.append(joint - log_gaussian(z, mu, logvar))
    return torch.stack(columns, dim=1)


# %% log q by change of variables
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = x.new_empty(num_samples, len(x))
    for k in range(num_samples):
        eps = torch.randn_like(mu)
        log_q = -0.5 * (eps**2 + logvar + math.log(2 * math.pi)).sum(1)
        log_w[k] = model.log_joint(x, mu + (0.5 * logvar).exp() * eps) - log_q
    return log_w


# %% images repeated, encoded once each sample
def log_weights(model, x, num_samples):
    x = x.repeat_interleave(num_samples, 0)  # (B K, P)
    mu, logvar = model.encode(x)
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    log_w = model.log_joint(x, z) - log_gaussian(z, mu, logvar)
    return log_w.view(-1, num_samples).T


# %% log q left out
# slug: weight-no-proposal
# says: log q is missing
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    draws = [mu + torch.exp(logvar / 2) * torch.randn_like(mu) for _ in range(num_samples)]
    return torch.stack([model.log_joint(x, z) for z in draws])


# %% log q added
# slug: weight-sign
# says: subtracts its logarithm
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) + log_gaussian(z, mu, logvar))
    return torch.stack(log_w)


# %% upside down
# slug: weight-upside-down
# says: upside down
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(log_gaussian(z, mu, logvar) - model.log_joint(x, z))
    return torch.stack(log_w)


# %% an analytic KL in place of log q
# slug: weight-kl-for-log-q
# says: a weight takes log q at its own code
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - kl)
    return torch.stack(log_w)


# %% an analytic KL after the likelihood
# slug: weight-kl-for-log-q
# says: a weight takes log q at its own code
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        prior = log_gaussian(z, torch.zeros_like(mu), torch.zeros_like(mu))
        log_w.append(model.log_joint(x, z) - prior - kl)
    return torch.stack(log_w)


# %% the prior taken off
# slug: weight-prior-for-q
# says: the codes come from q
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, torch.zeros_like(mu), 0 * mu))
    return torch.stack(log_w)


# %% the prior once more
# slug: weight-prior-twice
# says: log_joint holds it already
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        prior = log_gaussian(z, torch.zeros_like(mu), torch.zeros_like(mu))
        log_w.append(model.log_joint(x, z) + prior - log_gaussian(z, mu, logvar))
    return torch.stack(log_w)


# %% the entropy of q
# slug: weight-entropy-for-log-q
# says: the mean of -log q
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    entropy = 0.5 * (logvar + math.log(2 * math.pi) + 1).sum(-1)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) + entropy)
    return torch.stack(log_w)


# %% log q at the mean
# slug: weight-at-mean
# says: taken at mu
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(mu, mu, logvar))
    return torch.stack(log_w)


# %% constants dropped
# slug: density-constant
# says: constant is missing
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        eps = torch.randn_like(mu)
        log_q = -0.5 * (eps**2 + logvar).sum(-1)
        log_w.append(model.log_joint(x, mu + torch.exp(logvar / 2) * eps) - log_q)
    return torch.stack(log_w)


# %% the density of the noise
# slug: density-no-log-scale
# says: scale is missing
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        eps = torch.randn_like(mu)
        log_q = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(-1)
        log_w.append(model.log_joint(x, mu + torch.exp(logvar / 2) * eps) - log_q)
    return torch.stack(log_w)


# %% logvar read as a log standard deviation in log q
# slug: weight-scale
# says: another scale
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, 2 * logvar))
    return torch.stack(log_w)


# %% noise stretched by the variance, log q right
# slug: std-is-variance
# says: the variance
# loses: log-weights-value, log-weights-samples
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w)


# %% one code for all samples
# slug: evidence-one-code
# says: one code
# loses: log-weights-every-draw, log-weights-value, log-weights-samples
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
    log_w = model.log_joint(x, z) - log_gaussian(z, mu, logvar)
    joint = [model.log_joint(x, z) for _ in range(num_samples - 1)]
    return torch.stack([log_w for _ in range(len(joint) + 1)])


# %% the mean decoded
# slug: no-noise
# says: no noise
# loses: log-weights-every-draw, log-weights-value, log-weights-samples
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    rows = [model.log_joint(x, mu) - log_gaussian(mu, mu, logvar) for _ in range(num_samples)]
    return torch.stack(rows)


# %% uniform noise
# slug: noise-uniform
# says: uniform
# loses: log-weights-samples
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * (torch.rand_like(mu) - 0.5) * math.sqrt(12)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w)


# %% noise shared by the images
# slug: noise-shared-batch
# says: drawn for each image
# loses: log-weights-samples
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu[:1])
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w)


# %% a fixed seed
# slug: noise-frozen
# says: drawn once
# loses: log-weights-samples
def log_weights(model, x, num_samples):
    generator = torch.Generator().manual_seed(0)
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
        z = mu + torch.exp(logvar / 2) * eps
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w)


# %% noise drawn in the default type
# slug: noise-in-single
# says: seven digits
# loses: log-weights-samples
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn(mu.shape)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w)


# %% all in double
# slug: sample-dtype
# says: dtype of mu
# loses: log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = (each.double() for each in model.encode(x))
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w)


# %% another code for log q
# slug: weight-two-codes
# says: use one for both
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        other = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(other, mu, logvar))
    return torch.stack(log_w)


# %% averaged over samples
# slug: weight-averaged
# says: joined already
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w).mean(0)


# %% images in the first dimension
# slug: shape-transposed
# says: changed places
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w, dim=1)


# %% samples as a dimension of their own
# slug: model-rows
# says: one code for each row
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return model.log_joint(x, z) - log_gaussian(z, mu, logvar)


# %% images not repeated
# slug: model-rows
# says: one code for each row
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x, z.flatten(0, 1)).view(num_samples, -1)
    return joint - log_gaussian(z, mu, logvar)


# %% a forward pass
# slug: weight-forward
# says: another code
def log_weights(model, x, num_samples):
    _, mu, logvar = model(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return torch.stack([model.log_joint(x, row) - log_gaussian(row, mu, logvar) for row in z])


# %% the weights themselves
# slug: weight-not-logged
# says: its logarithm is asked for
# loses: log-weights-every-draw, log-weights-value, log-weights-single
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w).exp()


# %% logvar clamped
# slug: std-clipped
# says: clamped
# loses: log-weights-value
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    scale = logvar.clamp(-3, 3)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, scale))
    return torch.stack(log_w)


# %% none above 1
# loses: log-weights-value
# slug: wrong-value
# says: is 0 nats
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w).clamp(max=0)


# %% sorted
# loses: log-weights-samples
# slug: weight-sorted
# says: rise or fall
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w).sort(0).values


# %% logvar clamped at 10
# loses: log-weights-value
# slug: std-clipped
# says: logvar was clamped
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    logvar = logvar.clamp(-10, 10)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w)


# %% repeat_interleave where repeat belongs
# slug: weight-rows-mixed
# says: Codes met other images
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    rows = x.repeat_interleave(num_samples, dim=0)
    joint = model.log_joint(rows, z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)


# %% first sample is the mean
# slug: bug-mean-decoded
# says: z is the mean of q
# loses: log-weights-value
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    eps[0] = 0
    z = mu + torch.exp(logvar / 2) * eps
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)


# %% a hundredth added to sigma, log q right
# slug: std-clipped
# says: a constant added
# loses: log-weights-value
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    std = torch.exp(logvar / 2) + 0.01
    z = mu + std * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    joint = model.log_joint(x.repeat(num_samples, 1), z.flatten(0, 1)).view(num_samples, len(x))
    return joint - log_gaussian(z, mu, logvar)


# %% codes of the prior
# slug: bound-samples-prior
# says: come from the prior
# loses: log-weights-value, log-weights-samples
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = torch.randn_like(mu)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w)


# %% one number of noise a sample
# slug: noise-shared-batch
# says: drawn for each image
# loses: log-weights-samples
def log_weights(model, x, num_samples):
    mu, logvar = model.encode(x)
    log_w = []
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn(1, dtype=mu.dtype)
        log_w.append(model.log_joint(x, z) - log_gaussian(z, mu, logvar))
    return torch.stack(log_w)
