"""Answers to Exercise 2 of lab1-elbo: right ones, then wrong ones."""


# %% distributions and logsumexp over the first dimension
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    prior = torch.distributions.Normal(torch.tensor(0.0, dtype=x.dtype), 1.0)
    z = prior.sample((num_samples, x.shape[0], latent_dim))
    logs = log_likelihood(x, z)
    return logs.logsumexp(dim=0) - torch.tensor(float(num_samples), dtype=x.dtype).log()


# %% normal numbers of numpy
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.from_numpy(np.random.default_rng().normal(size=(num_samples, len(x), latent_dim)))
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% quantiles of uniform numbers
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.special.ndtri(torch.rand(num_samples, len(x), latent_dim, dtype=x.dtype))
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% one sample at a time
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    total = torch.full((len(x),), -math.inf, dtype=x.dtype)
    for _ in range(num_samples):
        z = torch.randn(len(x), latent_dim, dtype=x.dtype)
        total = torch.logaddexp(total, log_likelihood(x, z))
    return total - math.log(num_samples)


# %% one image at a time
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    found = []
    for image in x:
        z = torch.randn(num_samples, latent_dim, dtype=x.dtype)
        logs = log_likelihood(image, z)
        top = logs.max()
        found.append(top + (logs - top).exp().mean().log())
    return torch.stack(found)


# %% samples in the second dimension, with the largest pulled out
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.empty(len(x), num_samples, latent_dim, dtype=x.dtype).normal_()
    logs = log_likelihood(x[:, None, :], z)  # (B, K)
    top = logs.amax(dim=1, keepdim=True)
    return (torch.log(torch.mean(torch.exp(logs - top), dim=1, keepdim=True)) + top).squeeze(1)


# %% x repeated, one flat batch
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    B = len(x)
    z = -torch.randn(num_samples * B, latent_dim, dtype=torch.float64)
    logs = log_likelihood(x.repeat(num_samples, 1), z).reshape(num_samples, B)
    return torch.logsumexp(logs - math.log(num_samples), 0)


# %% vmap over the samples
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    logs = torch.func.vmap(lambda z: log_likelihood(x, z))(z)  # (K, B)
    return logs.logsumexp(0) - math.log(num_samples)


# %% vmap over the images
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    def of_image(x):
        z = torch.randn(num_samples, latent_dim, dtype=x.dtype)
        return torch.logsumexp(log_likelihood(x, z), 0) - math.log(num_samples)

    return torch.func.vmap(of_image, randomness="different")(x)


# %% vmap over images and samples
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(len(x), num_samples, latent_dim, dtype=x.dtype)
    each = torch.func.vmap(torch.func.vmap(log_likelihood, in_dims=(None, 0)))
    return each(x, z).logsumexp(1) - math.log(num_samples)


# %% the callable compiled
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return torch.compile(log_likelihood)(x, z).logsumexp(0) - math.log(num_samples)


# %% vmap of the callable compiled
@torch.compile
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    logs = torch.vmap(log_likelihood, in_dims=(None, 0), chunk_size=3)(x, z)
    return logs.logsumexp(0) - math.log(num_samples)


# %% mean of the logs
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-mean-of-logs
# says: is not the log of the mean
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).mean(0)


# %% log K missing
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-no-samples
# says: log K is missing
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0)


# %% log K added
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-samples-sign
# says: log K is added
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) + math.log(num_samples)


# %% the logarithm divided by K
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-divided-outside
# says: not the sum inside
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) / num_samples


# %% sum of the logs
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-sum-of-logs
# says: multiplies the likelihoods
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).sum(0)


# %% the best sample
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-best-only
# says: best sample
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).max(0).values


# %% exp first
# loses: naive-log-evidence-stable
# slug: density-underflow
# says: range of float64
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).exp().mean(0).log()


# %% one maximum for the whole batch
# loses: naive-log-evidence-stable
# slug: density-underflow
# says: range of float64
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    logs = log_likelihood(x, z)
    return (logs - logs.max()).exp().mean(0).log() + logs.max()


# %% reduced over images
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-over-images
# says: instead of samples
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(1) - math.log(len(x))


# %% one number for the batch
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-batch
# says: Reduced over images too
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return (log_likelihood(x, z).logsumexp(0) - math.log(num_samples)).mean()


# %% no mean over samples
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-not-averaged
# says: One number for each sample
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z)


# %% p(x) itself
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: density-not-logged
# says: logarithm is missing
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).exp().mean(0)


# %% uniform codes
# loses: naive-log-evidence-prior
# slug: noise-uniform
# says: rand instead of randn
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.rand(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% uniform codes of the right variance
# loses: naive-log-evidence-prior
# slug: noise-uniform
# says: uniform
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = math.sqrt(12) * (torch.rand(num_samples, len(x), latent_dim, dtype=x.dtype) - 0.5)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% codes twice as wide
# loses: naive-log-evidence-prior
# slug: noise-scale
# says: does not have variance 1
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = 2 * torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% codes shared by all images
# loses: naive-log-evidence-prior
# slug: noise-shared-batch
# says: same codes
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, 1, latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% one code repeated
# slug: evidence-one-code
# says: K copies
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(len(x), latent_dim, dtype=x.dtype).expand(num_samples, -1, -1)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% one number per code
# loses: naive-log-evidence-prior
# slug: noise-shared-latent
# says: every latent dimension
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), 1, dtype=x.dtype).expand(-1, -1, latent_dim)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% mean of logs of one code
# slug: evidence-one-code
# says: K copies
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(len(x), latent_dim, dtype=x.dtype).expand(num_samples, -1, -1)
    return log_likelihood(x, z).mean(dim=0)


# %% half of the codes used twice
# slug: evidence-repeated-codes
# says: more than once
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    half = torch.randn(num_samples // 2 + 1, len(x), latent_dim, dtype=x.dtype)
    z = torch.cat([half, half])[:num_samples]
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% all codes at the prior's mean
# slug: evidence-at-zero
# says: at the prior's mean
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.zeros(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% a seed
# loses: naive-log-evidence-prior
# slug: noise-frozen
# says: same codes
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    torch.manual_seed(0)
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% one sample only
# slug: callable-count
# says: num_samples is
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z)


# %% codes in float32
# slug: lost-precision
# says: not torch.float64
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% arguments exchanged
# slug: callable-arguments
# says: the last sizes must be
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(z, x).logsumexp(0) - math.log(num_samples)


# %% latent size of x
# slug: callable-arguments
# says: the last sizes must be
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, *x.shape, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% leading dimensions that do not fit
# slug: callable-arguments
# says: do not fit
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(len(x), num_samples, latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(1) - math.log(num_samples)


# %% the model is never asked
# slug: callable-not-called
# says: never called
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return -0.5 * (z**2).sum(-1).logsumexp(0)


# %% nothing returned
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: wrong-type
# says: Is a `return` missing?
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% a list of floats
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: wrong-type
# says: a list
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return (log_likelihood(x, z).logsumexp(0) - math.log(num_samples)).tolist()


# %% float32 at the end
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: lost-precision
# says: torch.float32
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return (log_likelihood(x, z).logsumexp(0) - math.log(num_samples)).float()


# %% float32 noise turned into float64
# loses: naive-log-evidence-prior
# slug: noise-in-single
# says: seven digits
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim).to(x)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% float32 noise, added to float64 zeros
# loses: naive-log-evidence-prior
# slug: noise-in-single
# says: seven digits
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.zeros(num_samples, len(x), latent_dim, dtype=x.dtype)
    z += torch.randn(num_samples, len(x), latent_dim)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% normal_ in float32, doubled
# loses: naive-log-evidence-prior
# slug: noise-in-single
# says: seven digits
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.empty(num_samples, len(x), latent_dim).normal_().double()
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% mirrored halves
# loses: naive-log-evidence-prior
# slug: noise-correlated
# says: used more than once
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    half = torch.randn((num_samples + 1) // 2, len(x), latent_dim, dtype=x.dtype)
    z = torch.cat([half, -half])[:num_samples]
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% the last image gets the codes of the first, in reverse
# loses: naive-log-evidence-prior
# slug: noise-correlated
# says: used more than once
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    z[:, -1] = z[:, 0].flip(0)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% the last image gets mirror images of the first
# loses: naive-log-evidence-prior
# slug: noise-correlated
# says: used more than once
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    z[:, -1] = -z[:, 0]
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% one latent dimension is another, turned round
# loses: naive-log-evidence-prior
# slug: noise-correlated
# says: used more than once
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    z[..., -1] = -z[..., 0].flip(0)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% standardized over the samples
# loses: naive-log-evidence-prior
# slug: noise-standardized
# says: chance
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    if num_samples > 1:
        z = (z - z.mean(0)) / z.std(0)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% mean taken off over all
# loses: naive-log-evidence-prior
# slug: noise-standardized
# says: chance
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    z = (z - z.mean()) / z.std()
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% clamped at 3
# loses: naive-log-evidence-prior
# slug: noise-cut
# says: noise
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    z = z.clamp(-3, 3)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% clamped at 2.5
# loses: naive-log-evidence-prior
# slug: noise-cut
# says: noise
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    z = z.clamp(-2.5, 2.5)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% drawn again beyond 2.5
# loses: naive-log-evidence-prior
# slug: noise-cut
# says: noise
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.empty(num_samples, len(x), latent_dim, dtype=x.dtype)
    torch.nn.init.trunc_normal_(z, a=-2.5, b=2.5)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% log B for log K
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-other-count
# says: another number than K
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(len(x))


# %% log D for log K
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-other-count
# says: another number than K
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(latent_dim)


# %% K less one
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-other-count
# says: another number than K
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples - 1)


# %% log P for log K
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-other-count
# says: another number than K
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(x.shape[-1])


# %% a running sum that starts at 0
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-starts-at-zero
# says: log 1 = 0
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    total = torch.zeros(len(x), dtype=x.dtype)
    for _ in range(num_samples):
        z = torch.randn(len(x), latent_dim, dtype=x.dtype)
        total = torch.logaddexp(total, log_likelihood(x, z))
    return total - math.log(num_samples)


# %% a zero stacked in front of the samples
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-starts-at-zero
# says: log 1 = 0
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    logs = torch.cat([torch.zeros(1, len(x), dtype=x.dtype), log_likelihood(x, z)])
    return logs.logsumexp(0) - math.log(num_samples)


# %% log1p of the sum
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-starts-at-zero
# says: log 1 = 0
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    logs = log_likelihood(x, z).logsumexp(0)
    return torch.nn.functional.softplus(logs) - math.log(num_samples)


# %% a numpy array
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: wrong-type
# says: numpy array
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0).numpy() - math.log(num_samples)


# %% images clamped
# slug: callable-arguments
# says: not a row of the argument x
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x.clamp(-10, 10), z).logsumexp(0) - math.log(num_samples)


# %% seeded by the image (same codes in each call for the same x)
# slug: noise-frozen
# says: each call needs its own
# loses: naive-log-evidence-prior
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    g = torch.Generator().manual_seed(int(x.abs().sum().item() * 1e6) % 2**31)
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype, generator=g)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% sum of twelve uniforms instead of a Gaussian
# slug: noise-not-normal
# says: it is not normal
# loses: naive-log-evidence-prior
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.rand(12, num_samples, len(x), latent_dim, dtype=x.dtype).sum(0) - 6
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% squeeze: one image
# slug: shape-ones-dropped
# says: squeeze() takes every one of them
# loses: naive-log-evidence-value
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return (log_likelihood(x, z).logsumexp(0) - math.log(num_samples)).squeeze()


# %% noise times 0.97
# slug: noise-scale
# says: it is scaled by the wrong number
# loses: naive-log-evidence-prior
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = 0.97 * torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% noise times 1.03
# slug: noise-scale
# says: it is scaled by the wrong number
# loses: naive-log-evidence-prior
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = 1.03 * torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% mean shifted by 0.02
# slug: noise-off-center
# says: The noise does not have mean 0
# loses: naive-log-evidence-prior
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = 0.02 + torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)
