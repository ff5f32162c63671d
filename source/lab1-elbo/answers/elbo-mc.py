"""Answers to Exercise 5 of lab1-elbo: right ones, then wrong ones."""


# %% rsample and log_prob
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    q = torch.distributions.Independent(torch.distributions.Normal(mu, torch.exp(0.5 * logvar)), 1)
    z = q.rsample((num_samples,))
    return torch.mean(log_joint(x, z) - q.log_prob(z), dim=0)


# %% one sample at a time
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    total = 0
    for _ in range(num_samples):
        z = mu - logvar.mul(0.5).exp() * torch.randn_like(mu)
        total = total + log_joint(x, z) - log_q(z, mu, logvar)
    return total / num_samples


# %% repeated rows
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    B = x.shape[0]
    m, v = mu.repeat(num_samples, 1), logvar.repeat(num_samples, 1)
    z = m + torch.randn_like(m) * torch.sqrt(v.exp())
    weights = log_joint(x.repeat(num_samples, 1), z) - log_q(z, m, v)
    return weights.view(num_samples, B).mean(0)


# %% log q from the noise
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn((num_samples, *mu.shape), dtype=mu.dtype)
    z = mu[None] + torch.exp(logvar / 2)[None] * eps
    entropy_of_draw = 0.5 * (eps**2 + logvar + math.log(2 * math.pi)).sum(-1)
    return (log_joint(x, z) + entropy_of_draw).sum(0) / num_samples


# %% one image at a time
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    bounds = []
    for image, m, v in zip(x, mu, logvar, strict=True):
        z = m + v.exp().sqrt() * torch.randn(num_samples, len(m), dtype=m.dtype)  # (K, D)
        bounds.append((log_joint(image, z) - log_q(z, m, v)).mean())
    return torch.stack(bounds)


# %% log q called with keywords
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return (log_joint(x, z) - log_q(z=z, mu=mu, logvar=logvar)).mean(0)


# %% both densities in loops of their own
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    codes = [mu + torch.exp(logvar / 2) * torch.randn_like(mu) for _ in range(num_samples)]
    joints = torch.stack([log_joint(x, z) for z in codes])
    return joints.mean(0) - torch.stack([log_q(z, mu, logvar) for z in reversed(codes)]).mean(0)


# %% vmap over the samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    def weight(eps):
        z = mu + torch.exp(logvar / 2) * eps
        return log_joint(x, z) - log_q(z, mu, logvar)

    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return torch.func.vmap(weight)(eps).mean(0)


# %% vmap over the images
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    def of_image(x, mu, logvar):
        z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, len(mu), dtype=mu.dtype)
        return (log_joint(x, z) - log_q(z, mu, logvar)).mean()

    return torch.func.vmap(of_image, randomness="different")(x, mu, logvar)


# %% callables compiled
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    joint, q = torch.compile(log_joint, fullgraph=True), torch.compile(log_q)
    z = mu + torch.exp(logvar / 2) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return (joint(x, z) - q(z, mu, logvar)).mean(0)


# %% in two dimensions of vmap
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    def weight(x, mu, logvar, eps):
        z = mu + torch.exp(0.5 * logvar) * eps
        return log_joint(x, z) - log_q(z, mu, logvar)

    over_samples = torch.func.vmap(weight, in_dims=(None, None, None, 0))
    eps = torch.randn(*mu.shape[:1], num_samples, mu.shape[1], dtype=mu.dtype)
    return torch.func.vmap(over_samples)(x, mu, logvar, eps).mean(1)


# %% log q missing
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-no-entropy
# says: without the entropy
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return log_joint(x, z).mean(0)


# %% log q added
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-wrong-sign
# says: log q is added
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) + log_q(z, mu, logvar)).mean(0)


# %% negative bound
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-negated
# says: negative ELBO
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_q(z, mu, logvar) - log_joint(x, z)).mean(0)


# %% log of the mean weight
# loses: elbo-mc-average, elbo-mc-gradient
# slug: bound-log-mean
# says: another bound
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).logsumexp(0) - math.log(num_samples)


# %% closed-form entropy
# loses: elbo-mc-every-draw, elbo-mc-average
# slug: bound-entropy-exact
# says: same codes
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return log_joint(x, z).mean(0) + 0.5 * (math.log(2 * math.pi) + 1 + logvar).sum(-1)


# %% KL to the prior instead of log q
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-kl-for-log-q
# says: KL to the prior
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return log_joint(x, z).mean(0) - 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% KL to the prior as well
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-kl-for-log-q
# says: KL to the prior
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0) - kl


# %% weighted by q once more
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-weighted-by-q
# says: once more
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    log_density = log_q(z, mu, logvar)
    return (log_density.exp() * (log_joint(x, z) - log_density)).mean(0)


# %% prior subtracted
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-prior-for-q
# says: not log q
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, 0 * mu, 0 * logvar)).mean(0)


# %% sum over samples
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-not-averaged
# says: mean over samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).sum(0)


# %% all samples returned
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-not-averaged
# says: mean over samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return log_joint(x, z) - log_q(z, mu, logvar)


# %% first sample only
# loses: elbo-mc-average, elbo-mc-gradient
# slug: bound-one-sample
# says: one of the samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).select(0, 0)


# %% one number for the batch
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-batch
# says: Reduced over images too
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean()


# %% mean over images
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-over-images
# says: instead of samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(1)


# %% codes from the prior
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: bound-samples-prior
# says: expectation is under q
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% variance as standard deviation
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: std-is-variance
# says: instead of its root
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% no exp
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: std-no-exp
# says: exp is missing
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + logvar * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% exponent with the wrong sign
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: std-inverse
# says: wrong sign
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(-0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% uniform noise
# loses: elbo-mc-samples
# slug: noise-uniform
# says: uniform
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = math.sqrt(12) * (torch.rand(num_samples, *mu.shape, dtype=mu.dtype) - 0.5)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% noise shared by the images
# loses: elbo-mc-samples
# slug: noise-shared-batch
# says: noise of images 0 and 1
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, 1, mu.shape[1], dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% noise shared by the samples
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples
# slug: evidence-one-code
# says: same code
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    z = z.expand(num_samples, -1, -1)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% noise shared by latent dimensions
# loses: elbo-mc-samples
# slug: noise-shared-latent
# says: every latent dimension
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, len(mu), 1, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% log of the mean, of one code
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples
# slug: evidence-one-code
# says: same code
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    z = z.expand(num_samples, *z.shape)
    weights = log_joint(x, z) - log_q(z, mu, logvar)
    return weights.logsumexp(0) - math.log(num_samples)


# %% half of the noise used twice
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples
# slug: evidence-repeated-codes
# says: more than once
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    half = torch.randn(num_samples // 2 + 1, *mu.shape, dtype=mu.dtype)
    eps = torch.cat([half, half])[:num_samples]
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% mu detached in the sample
# loses: elbo-mc-gradient
# slug: sample-detached
# says: cut off
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu.detach() + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% logvar clamped in the sample
# loses: elbo-mc-gradient
# slug: std-clipped
# says: logvar was clamped
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar.clamp(-4, 4)) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% no noise
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples
# slug: no-noise
# says: is the mean
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu.expand(num_samples, -1, -1)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% a seed
# loses: elbo-mc-samples
# slug: noise-frozen
# says: same codes
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    torch.manual_seed(1)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% sample without gradients
# loses: elbo-mc-gradient
# slug: sample-detached
# says: cut off
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = torch.distributions.Normal(mu, torch.exp(0.5 * logvar)).sample((num_samples,))
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% torch.normal
# loses: elbo-mc-gradient
# slug: sample-detached
# says: cut off
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = torch.normal(mu.expand(num_samples, -1, -1), torch.exp(0.5 * logvar)).detach()
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% sigma detached
# loses: elbo-mc-gradient
# slug: std-detached
# says: detached
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar).detach() * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% parameters of q detached in log q
# loses: elbo-mc-gradient
# slug: bound-log-q-detached
# says: detached inside log q
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu.detach(), logvar.detach())).mean(0)


# %% no_grad
# loses: elbo-mc-gradient
# slug: detached
# says: No gradient passes
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    with torch.no_grad():
        eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
        z = mu + torch.exp(0.5 * logvar) * eps
        return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% one sample
# slug: callable-count
# says: num_samples is
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return log_joint(x, z) - log_q(z, mu, logvar)


# %% codes in float32
# slug: lost-precision
# says: not torch.float64
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = (mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape)).float()
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% nothing returned
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: wrong-type
# says: Is a `return` missing?
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% log joint of the model by hand
# slug: raised
# says: line 4
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z, W, b, s) - log_q(z, mu, logvar)).mean(0)


# %% a draw for each of the two densities
# loses: elbo-mc-every-draw, elbo-mc-average
# slug: bound-two-codes
# says: use the same z in both
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    def draw():
        eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
        return mu + torch.exp(0.5 * logvar) * eps

    return (log_joint(x, draw()) - log_q(draw(), mu, logvar)).mean(0)


# %% two draws in a loop over samples
# loses: elbo-mc-every-draw, elbo-mc-average
# slug: bound-two-codes
# says: log_joint was not
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    std, total = torch.exp(0.5 * logvar), 0
    for _ in range(num_samples):
        total = total + log_joint(x, mu + std * torch.randn_like(mu))
        total = total - log_q(mu + std * torch.randn_like(mu), mu, logvar)
    return total / num_samples


# %% log q of the noise
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-two-codes
# says: use the same z in both
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(eps, mu, logvar)).mean(0)


# %% mu and sigma exchanged
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: bound-mu-sigma-exchanged
# says: mu is the mean
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = torch.exp(0.5 * logvar) + mu * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% float32 noise beside float64
# loses: elbo-mc-samples
# slug: noise-in-single
# says: seven digits
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% float32 noise turned into float64
# loses: elbo-mc-samples
# slug: noise-in-single
# says: seven digits
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape).to(mu)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% float32 noise of a distribution
# loses: elbo-mc-samples
# slug: noise-in-single
# says: seven digits
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.distributions.Normal(0.0, 1.0).sample((num_samples, *mu.shape))
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% mirrored halves
# loses: elbo-mc-samples
# slug: noise-correlated
# says: used more than once
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    half = torch.randn((num_samples + 1) // 2, *mu.shape, dtype=mu.dtype)
    eps = torch.cat([half, -half])[:num_samples]
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% the last image gets the noise of the first, in reverse
# loses: elbo-mc-samples
# slug: noise-correlated
# says: used more than once
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    eps[:, -1] = eps[:, 0].flip(0)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% one latent dimension is another, turned round
# loses: elbo-mc-samples
# slug: noise-correlated
# says: used more than once
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    eps[..., -1] = -eps[..., 0].flip(0)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% standardized over the samples
# loses: elbo-mc-samples
# slug: noise-standardized
# says: chance
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    if num_samples > 1:
        eps = (eps - eps.mean(0)) / eps.std(0)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% centred over all
# loses: elbo-mc-samples
# slug: noise-standardized
# says: chance
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    if num_samples > 1:
        eps = (eps - eps.mean()) / eps.std()
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% clamped at 3
# loses: elbo-mc-samples
# slug: noise-cut
# says: noise
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    eps = eps.clamp(-3, 3)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% clamped at 2.5
# loses: elbo-mc-samples
# slug: noise-cut
# says: noise
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    eps = eps.clamp(-2.5, 2.5)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% codes detached in the log joint
# loses: elbo-mc-gradient
# slug: bound-joint-detached
# says: pulls at nothing
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z.detach()) - log_q(z, mu, logvar)).mean(0)


# %% log joint without gradients
# loses: elbo-mc-gradient
# slug: bound-joint-detached
# says: pulls at nothing
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    with torch.no_grad():
        joint = log_joint(x, z)
    return (joint - log_q(z, mu, logvar)).mean(0)


# %% log joint detached
# loses: elbo-mc-gradient
# slug: bound-joint-detached
# says: pulls at nothing
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z).detach() - log_q(z, mu, logvar)).mean(0)


# %% codes detached in log q
# loses: elbo-mc-gradient
# slug: bound-codes-of-q-detached
# says: they move with mu
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z.detach(), mu, logvar)).mean(0)


# %% divided by K less one
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-other-count
# says: another number than K
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).sum(0) / max(1, num_samples - 1)


# %% divided by the number of images
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-other-count
# says: another number than K
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).sum(0) / len(x)


# %% divided by the number of latent dimensions
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-other-count
# says: another number than K
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).sum(0) / mu.shape[1]


# %% a running sum that starts at 1
# loses: elbo-mc-every-draw, elbo-mc-average
# slug: bound-starts-above-zero
# says: does not begin at 0
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    total = torch.ones(len(x), dtype=x.dtype)
    for _ in range(num_samples):
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        total = total + log_joint(x, z) - log_q(z, mu, logvar)
    return total / num_samples


# %% the median
# loses: elbo-mc-average, elbo-mc-gradient
# slug: bound-best-sample
# says: chosen by its size
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).median(0).values


# %% the largest
# loses: elbo-mc-average, elbo-mc-gradient
# slug: bound-best-sample
# says: chosen by its size
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).amax(0)


# %% softplus as standard deviation
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: std-softplus
# says: another convention
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.nn.functional.softplus(logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% softplus as variance
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: std-softplus
# says: another convention
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.nn.functional.softplus(logvar).sqrt() * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% logvar clamped to -30 and 20
# loses: elbo-mc-gradient
# slug: std-clipped
# says: clamped
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    logvar = logvar.clamp(-30, 20)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% logvar clamped to -20 and 20 in the codes
# loses: elbo-mc-gradient
# slug: std-clipped
# says: clamped
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar.clamp(-20, 20)) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% log_q of mu instead of z
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples
# slug: callable-arguments
# says: mu in place of z
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar / 2) * eps
    return (log_joint(x, z) - log_q(mu, z, logvar)).mean(0)


# %% log_q of mu instead of z, sample by sample
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples
# slug: callable-arguments
# says: mu in place of z
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    total = 0
    for _ in range(num_samples):
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        total = total + log_joint(x, z) - log_q(z=mu, mu=z, logvar=logvar)
    return total / num_samples


# %% mu clamped at 20
# slug: value-cut
# says: cut off
# loses: elbo-mc-gradient
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu.clamp(-20, 20) + torch.exp(logvar / 2) * torch.randn(
        num_samples, *mu.shape, dtype=mu.dtype
    )
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% noise scaled by 0.97
# slug: noise-scale
# says: it is scaled by the wrong number
# loses: elbo-mc-samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + 0.97 * torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% squeeze at the end
# slug: shape-ones-dropped
# says: squeeze() takes every one of them
# loses: elbo-mc-every-draw, elbo-mc-average
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0).squeeze()


# %% trimmed mean (drops the smallest weight) for K >= 10
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: elbo-mc-average
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    w = log_joint(x, z) - log_q(z, mu, logvar)
    if num_samples >= 10:
        w = w.sort(0).values[1:-1]
    return w.mean(0)


# %% images shuffled: codes of image b from q of image b, but log_joint mee
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: elbo-mc-every-draw, elbo-mc-average
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    lj = log_joint(x[:, None], z) if num_samples == len(x) else log_joint(x, z)
    return (lj - log_q(z, mu, logvar)).mean(0)


# %% D = 1: squeezed codes
# slug: shape-ones-dropped
# says: squeeze() takes every one of them
# loses: elbo-mc-every-draw, elbo-mc-average
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    if mu.shape[1] == 1:
        z = z.squeeze(-1)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)
