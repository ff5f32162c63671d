# ruff: noqa: F821, F811, F841, RUF059
"""Wrong answers, one misconception each: the cells that each loses, and what it must be told.

Each block runs in the notebook, in place of the solution cell of its exercise.
"""


# %% log-joint / likelihood only
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: joint-no-prior
# says: log prior log p(z) is missing
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * P * two_pi


# %% log-joint / prior only
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: joint-no-likelihood
# says: log prior alone
def log_joint(x, z, W, b, s):
    return -0.5 * (z**2).sum(-1) - 0.5 * z.shape[-1] * math.log(2 * math.pi)


# %% log-joint / prior subtracted
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: joint-prior-divided
# says: subtracted
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    likelihood = -squares / (2 * s**2) - P * math.log(s) - 0.5 * P * two_pi
    return likelihood + 0.5 * (z**2).sum(-1) + 0.5 * D * two_pi


# %% log-joint / covariance s instead of s squared
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-s-is-variance
# says: taken for a variance
def log_joint(x, z, W, b, s):
    P, D = W.shape
    likelihood = torch.distributions.MultivariateNormal(
        z @ W.mT + b, s * torch.eye(P, dtype=x.dtype)
    )
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z))
    return likelihood.log_prob(x) + prior.log_prob(z).sum(-1)


# %% log-joint / residual divided by s, not s squared
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-s-is-variance
# says: taken for a variance
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s) - P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% log-joint / s squared as the standard deviation
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-s-squared-twice
# says: s squared is taken
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s**2).log_prob(x).sum(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return likelihood + prior


# %% log-joint / noise of variance 1
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-no-scale
# says: variance 1
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, 1.0).log_prob(x).sum(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return likelihood + prior


# %% log-joint / log-determinant missing
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-no-log-scale
# says: log of the scale is missing
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - 0 - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% log-joint / log s once
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-log-scale-once
# says: each of the P dimensions
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% log-joint / half of log s
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-log-scale-factor
# says: wrong factor
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return (
        -squares / (2 * s**2)
        - 0.5 * P * math.log(s)
        - 0.5 * (z**2).sum(-1)
        - 0.5 * (P + D) * two_pi
    )


# %% log-joint / log s squared as if it were a variance
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-log-scale-factor
# says: wrong factor
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return (
        -squares / (2 * s**2) - P * math.log(s**2) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi
    )


# %% log-joint / log s added
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-log-scale-sign
# says: wider means lower
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) + P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% log-joint / no half in the likelihood
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-no-half
# says: factor 1/2
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / s**2 - P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% log-joint / no half in the prior
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-no-half
# says: factor 1/2
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% log-joint / prior's constant dropped
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-constant
# says: 1/2 log(2 pi)
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * P * two_pi


# %% log-joint / likelihood's constant dropped
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-constant
# says: 1/2 log(2 pi)
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * D * two_pi


# %% log-joint / all constants dropped
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-constant
# says: 1/2 log(2 pi)
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1)


# %% log-joint / one constant for each density
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-constant
# says: 1/2 log(2 pi)
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1) - two_pi


# %% log-joint / mean over pixels
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-mean
# says: log densities of dimensions add
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).mean(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return likelihood + prior


# %% log-joint / means in both
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-mean
# says: log densities of dimensions add
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).mean(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).mean(-1)
    return likelihood + prior


# %% log-joint / offset forgotten
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: joint-offset
# says: b is left out
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT, s).log_prob(x).sum(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return likelihood + prior


# %% log-joint / negative
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-sign
# says: sign is reversed
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return squares / (2 * s**2) + P * math.log(s) + 0.5 * (z**2).sum(-1) + 0.5 * (P + D) * two_pi


# %% log-joint / summed over the batch
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-batch-sum
# says: summed over images too
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).sum()
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum()
    return likelihood + prior


# %% log-joint / sum over dimension 1
# loses: log-joint-samples
# slug: raised
# says: line 5
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constant = 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x - b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(1) - 0.5 * (z**2).sum(1) - P * math.log(s) - constant


# %% log-joint / W transposed
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: raised
# says: line 2
def log_joint(x, z, W, b, s):
    mean = z @ W + b
    return torch.distributions.Normal(mean, s).log_prob(x).sum(-1)


# %% log-joint / log of a product of densities
# loses: log-joint-stable
# slug: density-underflow
# says: work with logarithms
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).sum(-1).exp()
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return torch.log(likelihood * prior.exp())


# %% log-joint / epsilon against the underflow
# loses: log-joint-stable
# slug: density-floor
# says: small constant
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).sum(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return torch.log((likelihood + prior).exp() + 1e-300)


# %% log-joint / nothing returned
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: wrong-type
# says: Is a `return` missing?
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    value = -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1)


# %% log-joint / a float
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: wrong-type
# says: float
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return float((-squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1)).sum())


# %% log-joint / float32
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: lost-precision
# says: torch.float32
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    total = -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1)
    return (total - 0.5 * (P + D) * two_pi).float()


# %% log-joint / float32 constant
# loses: log-joint-value, log-joint-samples
# slug: not-exact
# says: constant was rounded
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    total = -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1)
    return total - 0.5 * (P + D) * torch.tensor(2 * math.pi).log()


# %% log-joint / changes x in place
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: changed-argument
# says: changed the values of `x`
def log_joint(x, z, W, b, s):
    P, D = W.shape
    x -= b
    squares = ((x - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% log-joint / a generator
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: wrong-type
# says: a generator
def log_joint(x, z, W, b, s):
    q = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).sum(-1)
    return (value for value in q)


# %% log-joint / logarithm to base 10
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: not-nats
# says: natural logarithm
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return (
        -squares / (2 * s**2)
        - P * math.log10(s)
        - 0.5 * (z**2).sum(-1)
        - 0.5 * (P + D) * math.log10(2 * math.pi)
    )


# %% log-joint / a latent size of its own
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: raised
# says: line
def log_joint(x, z, W, b, s):
    D = 5
    prior = torch.distributions.MultivariateNormal(
        torch.zeros(D, dtype=x.dtype), torch.eye(D, dtype=x.dtype)
    )
    likelihood = torch.distributions.Normal(z @ W.mT + b, s)
    return likelihood.log_prob(x).sum(-1) + prior.log_prob(z)


# %% log-joint / D from the second dimension of z
# loses: log-joint-samples
# slug: density-size-of-batch
# says: z.shape[1] is the number of images
def log_joint(x, z, W, b, s):
    P, D = x.shape[1], z.shape[1]
    squares = ((x - b - z @ W.mT) ** 2).sum(-1) / s**2 + (z**2).sum(-1)
    return -0.5 * squares - P * math.log(s) - 0.5 * (P + D) * math.log(2 * math.pi)


# %% log-joint / residual times s
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: density-times-variance
# says: divide by it
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = (((x - b - z @ W.mT) * s) ** 2).sum(-1) + (z**2).sum(-1)
    return -0.5 * squares - P * math.log(s) - 0.5 * (P + D) * math.log(2 * math.pi)


# %% log-joint / all of it to base 10
# loses: log-joint-value, log-joint-samples, log-joint-stable
# slug: not-nats
# says: natural logarithm
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1) / s**2 + (z**2).sum(-1)
    nats = -0.5 * squares - P * math.log(s) - 0.5 * (P + D) * math.log(2 * math.pi)
    return nats / math.log(10)


# %% naive-log-evidence / mean of the logs
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-mean-of-logs
# says: is not the log of the mean
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).mean(0)


# %% naive-log-evidence / log K missing
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-no-samples
# says: log K is missing
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0)


# %% naive-log-evidence / log K added
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-samples-sign
# says: log K is added
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) + math.log(num_samples)


# %% naive-log-evidence / the logarithm divided by K
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-divided-outside
# says: not the sum inside
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) / num_samples


# %% naive-log-evidence / sum of the logs
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-sum-of-logs
# says: multiplies the likelihoods
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).sum(0)


# %% naive-log-evidence / the best sample
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-best-only
# says: best sample
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).max(0).values


# %% naive-log-evidence / exp first
# loses: naive-log-evidence-stable
# slug: density-underflow
# says: range of float64
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).exp().mean(0).log()


# %% naive-log-evidence / one maximum for the whole batch
# loses: naive-log-evidence-stable
# slug: density-underflow
# says: range of float64
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    logs = log_likelihood(x, z)
    return (logs - logs.max()).exp().mean(0).log() + logs.max()


# %% naive-log-evidence / prior density counted again
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-prior-twice
# says: prior counts twice
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    log_prior = -0.5 * (z**2).sum(-1) - 0.5 * latent_dim * math.log(2 * math.pi)
    return (log_likelihood(x, z) + log_prior).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / reduced over images
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-over-images
# says: instead of samples
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(1) - math.log(len(x))


# %% naive-log-evidence / one number for the batch
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-batch
# says: Reduced over images too
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return (log_likelihood(x, z).logsumexp(0) - math.log(num_samples)).mean()


# %% naive-log-evidence / no mean over samples
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: evidence-not-averaged
# says: One number for each sample
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z)


# %% naive-log-evidence / p(x) itself
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: density-not-logged
# says: logarithm is missing
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).exp().mean(0)


# %% naive-log-evidence / uniform codes
# loses: naive-log-evidence-prior
# slug: prior-uniform
# says: rand instead of randn
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.rand(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / uniform codes of the right variance
# loses: naive-log-evidence-prior
# slug: noise-uniform
# says: uniform
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = math.sqrt(12) * (torch.rand(num_samples, len(x), latent_dim, dtype=x.dtype) - 0.5)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / codes twice as wide
# loses: naive-log-evidence-prior
# slug: noise-scale
# says: does not have variance 1
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = 2 * torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / codes shared by all images
# loses: naive-log-evidence-prior
# slug: noise-shared-batch
# says: same codes
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, 1, latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / one code repeated
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
# slug: evidence-one-code
# says: K copies
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(len(x), latent_dim, dtype=x.dtype).expand(num_samples, -1, -1)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / one number per code
# loses: naive-log-evidence-prior
# slug: noise-shared-latent
# says: every latent dimension
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), 1, dtype=x.dtype).expand(-1, -1, latent_dim)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / mean of logs of one code
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
# slug: evidence-one-code
# says: K copies
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(len(x), latent_dim, dtype=x.dtype).expand(num_samples, -1, -1)
    return log_likelihood(x, z).mean(dim=0)


# %% naive-log-evidence / half of the codes used twice
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
# slug: evidence-repeated-codes
# says: more than once
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    half = torch.randn(num_samples // 2 + 1, len(x), latent_dim, dtype=x.dtype)
    z = torch.cat([half, half])[:num_samples]
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / all codes at the prior's mean
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
# slug: evidence-at-zero
# says: at the prior's mean
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.zeros(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / a seed
# loses: naive-log-evidence-prior
# slug: noise-frozen
# says: same codes
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    torch.manual_seed(0)
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / one sample only
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
# slug: callable-count
# says: num_samples is
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(x, z)


# %% naive-log-evidence / codes in float32
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
# slug: lost-precision
# says: not torch.float64
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / arguments exchanged
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
# slug: callable-arguments
# says: the last sizes must be
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return log_likelihood(z, x).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / latent size of x
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
# slug: callable-arguments
# says: the last sizes must be
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, *x.shape, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / leading dimensions that do not fit
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
# slug: callable-arguments
# says: do not fit
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(len(x), num_samples, latent_dim, dtype=x.dtype)
    return log_likelihood(x, z).logsumexp(1) - math.log(num_samples)


# %% naive-log-evidence / the model is never asked
# loses: naive-log-evidence-value, naive-log-evidence-prior, naive-log-evidence-stable
# slug: callable-not-called
# says: never called
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return -0.5 * (z**2).sum(-1).logsumexp(0)


# %% naive-log-evidence / nothing returned
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: wrong-type
# says: Is a `return` missing?
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    log_likelihood(x, z).logsumexp(0) - math.log(num_samples)


# %% naive-log-evidence / a list of floats
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: wrong-type
# says: a list
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return (log_likelihood(x, z).logsumexp(0) - math.log(num_samples)).tolist()


# %% naive-log-evidence / float32 at the end
# loses: naive-log-evidence-value, naive-log-evidence-stable
# slug: lost-precision
# says: torch.float32
def naive_log_evidence(x, log_likelihood, latent_dim, num_samples):
    z = torch.randn(num_samples, len(x), latent_dim, dtype=x.dtype)
    return (log_likelihood(x, z).logsumexp(0) - math.log(num_samples)).float()


# %% gaussian-kl / half missing
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-no-half
# says: factor 1/2
def gaussian_kl(mu, logvar):
    return (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% gaussian-kl / sign
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-sign
# says: never negative
def gaussian_kl(mu, logvar):
    return 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(-1)


# %% gaussian-kl / mean over latent dimensions
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-mean-latent
# says: too small by the factor D
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(-1)


# %% gaussian-kl / KL the other way round
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-reversed
# says: KL(p || q)
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(p, q).sum(-1)


# %% gaussian-kl / log sigma
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-log-sigma
# says: log sigma squared
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + torch.exp(2 * logvar) - 1 - 2 * logvar).sum(-1)


# %% gaussian-kl / logvar as a standard deviation
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-sigma-squared-twice
# says: squared once more
def gaussian_kl(mu, logvar):
    sigma = torch.exp(logvar)
    return 0.5 * (mu**2 + sigma**2 - 1 - logvar).sum(-1)


# %% gaussian-kl / averaged over the batch
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-batch-mean
# says: too early
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1).mean()


# %% gaussian-kl / expectations added
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-expectations-added
# says: their difference
def gaussian_kl(mu, logvar):
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + 1).sum(-1)
    log_p = -0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1)
    return log_q + log_p


# %% gaussian-kl / by sampling
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-random
# says: Two calls
def gaussian_kl(mu, logvar):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * ((z - mu) ** 2 / logvar.exp() + logvar + math.log(2 * math.pi)).sum(-1)
    return log_q - log_p


# %% gaussian-kl / float32
# loses: gaussian-kl-value
# slug: lost-precision
# says: torch.float32
def gaussian_kl(mu, logvar):
    mu, logvar = mu.float(), logvar.float()
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% gaussian-kl / detached
# loses: gaussian-kl-gradient
# slug: detached
# says: No gradient passes
def gaussian_kl(mu, logvar):
    mu, logvar = mu.detach(), logvar.detach()
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% gaussian-kl / clamped from below
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-clipped
# says: clamped
def gaussian_kl(mu, logvar):
    logvar = logvar.clamp(min=-10)
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% log-q / logvar as log sigma
# loses: log-q-value, log-q-samples
# slug: kl-log-sigma
# says: log sigma squared
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar)).log_prob(z).sum(-1)


# %% log-q / square divided by sigma
# loses: log-q-value, log-q-samples
# slug: kl-sigma-not-squared
# says: standard deviation stands
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + (z - mu) ** 2 / torch.exp(0.5 * logvar)).sum(-1)


# %% log-q / divided by logvar
# loses: log-q-value, log-q-samples
# slug: kl-no-exp
# says: exp is missing
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + (z - mu) ** 2 / logvar).sum(-1)


# %% log-q / log-determinant missing
# loses: log-q-value, log-q-samples
# slug: density-no-log-scale
# says: log of the scale is missing
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% log-q / log-determinant added
# loses: log-q-value, log-q-samples
# slug: density-log-scale-sign
# says: wider means lower
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi - logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% log-q / whole log-determinant
# loses: log-q-value, log-q-samples
# slug: density-log-sigma-factor
# says: half of log sigma^2
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return (-logvar - 0.5 * (two_pi + (z - mu) ** 2 / logvar.exp())).sum(-1)


# %% log-q / half of the square missing
# loses: log-q-value, log-q-samples
# slug: density-no-half
# says: factor 1/2
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return (-0.5 * two_pi - 0.5 * logvar - (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% log-q / no constant
# loses: log-q-value, log-q-samples
# slug: density-constant
# says: 1/2 log(2 pi)
def log_q(z, mu, logvar):
    return -0.5 * (logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% log-q / one constant
# loses: log-q-value, log-q-samples
# slug: density-constant
# says: 1/2 log(2 pi)
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (logvar + (z - mu) ** 2 / logvar.exp()).sum(-1) - 0.5 * two_pi


# %% log-q / prior instead
# loses: log-q-value, log-q-samples
# slug: density-at-origin
# says: mean is left out
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + z**2).sum(-1)


# %% log-q / mean left out
# loses: log-q-value, log-q-samples
# slug: density-at-origin
# says: mean is left out
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + z**2 / logvar.exp()).sum(-1)


# %% log-q / mean over dimensions
# loses: log-q-value, log-q-samples
# slug: density-mean
# says: add up
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + (z - mu) ** 2 / logvar.exp()).mean(-1)


# %% log-q / not summed
# loses: log-q-value, log-q-samples
# slug: density-not-summed
# says: sum over the last
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + (z - mu) ** 2 / logvar.exp())


# %% log-q / sum over dimension 1
# loses: log-q-value, log-q-samples
# slug: density-over-samples
# says: sum belongs to the last
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(0)


# %% log-q / sum over dimension 1 of samples
# loses: log-q-samples
# slug: wrong-shape
# says: it should be
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(1)


# %% log-q / negative
# loses: log-q-value, log-q-samples
# slug: density-sign
# says: sign is reversed
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return 0.5 * (two_pi + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% log-q / the density
# loses: log-q-value, log-q-samples
# slug: density-not-logged
# says: logarithm is missing
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(-1).exp()


# %% log-q / product of densities
# loses: log-q-value, log-q-samples
# slug: density-underflow
# says: work with logarithms
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).exp().prod(-1).log()


# %% log-q / nothing returned
# loses: log-q-value, log-q-samples
# slug: wrong-type
# says: Is a `return` missing?
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    value = -0.5 * (two_pi + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)


# %% log-q / float32
# loses: log-q-value, log-q-samples
# slug: lost-precision
# says: torch.float32
def log_q(z, mu, logvar):
    z, mu, logvar = z.float(), mu.float(), logvar.float()
    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z).sum(-1)


# %% log-q / changes z in place
# loses: log-q-value, log-q-samples
# slug: changed-argument
# says: changed the values of `z`
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    z -= mu
    return -0.5 * (two_pi + logvar + z**2 / logvar.exp()).sum(-1)


# %% log-q / clamped
# loses: log-q-value
# slug: kl-clipped
# says: logvar is clamped
def log_q(z, mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(logvar.clamp(-10, 10) / 2)).log_prob(z).sum(-1)


# %% log-q / an epsilon in the variance
# loses: log-q-value, log-q-samples
# slug: not-exact
# says: something was added
def log_q(z, mu, logvar):
    two_pi = math.log(2 * math.pi)
    return -0.5 * (two_pi + logvar + (z - mu) ** 2 / (logvar.exp() + 1e-8)).sum(-1)


# %% log-q / D from the second dimension of z
# loses: log-q-samples
# slug: density-size-of-batch
# says: z.shape[1] is the number of images
def log_q(z, mu, logvar):
    squares = ((z - mu) ** 2 / logvar.exp() + logvar).sum(-1)
    return -0.5 * (squares + z.shape[1] * math.log(2 * math.pi))


# %% log-q / half of log sigma
# loses: log-q-value, log-q-samples
# slug: density-log-sigma-factor
# says: half of log sigma^2
def log_q(z, mu, logvar):
    sigma = torch.exp(logvar / 2)
    squares = ((z - mu) / sigma) ** 2
    return -0.5 * (squares + torch.log(sigma) + math.log(2 * math.pi)).sum(-1)


# %% log-q / square times the variance
# loses: log-q-value, log-q-samples
# slug: density-times-variance
# says: divide by it
def log_q(z, mu, logvar):
    squares = (z - mu) ** 2 * torch.exp(logvar)
    return -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(-1)


# %% elbo-mc / log q missing
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-no-entropy
# says: without the entropy
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return log_joint(x, z).mean(0)


# %% elbo-mc / log q added
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-wrong-sign
# says: log q is added
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) + log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / negative bound
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-negated
# says: negative ELBO
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_q(z, mu, logvar) - log_joint(x, z)).mean(0)


# %% elbo-mc / log of the mean weight
# loses: elbo-mc-average, elbo-mc-gradient
# slug: bound-log-mean
# says: another bound
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).logsumexp(0) - math.log(num_samples)


# %% elbo-mc / closed-form entropy
# loses: elbo-mc-every-draw, elbo-mc-average
# slug: bound-entropy-exact
# says: same codes
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return log_joint(x, z).mean(0) + 0.5 * (math.log(2 * math.pi) + 1 + logvar).sum(-1)


# %% elbo-mc / KL to the prior instead of log q
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-kl-for-log-q
# says: KL to the prior
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return log_joint(x, z).mean(0) - 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


# %% elbo-mc / KL to the prior as well
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-kl-for-log-q
# says: KL to the prior
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0) - kl


# %% elbo-mc / weighted by q once more
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-weighted-by-q
# says: once more
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    log_density = log_q(z, mu, logvar)
    return (log_density.exp() * (log_joint(x, z) - log_density)).mean(0)


# %% elbo-mc / prior subtracted
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-prior-for-q
# says: not log q
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, 0 * mu, 0 * logvar)).mean(0)


# %% elbo-mc / sum over samples
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-not-averaged
# says: mean over samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).sum(0)


# %% elbo-mc / all samples returned
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-not-averaged
# says: mean over samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return log_joint(x, z) - log_q(z, mu, logvar)


# %% elbo-mc / first sample only
# loses: elbo-mc-average, elbo-mc-gradient
# slug: bound-one-sample
# says: one of the samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).select(0, 0)


# %% elbo-mc / one number for the batch
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-batch
# says: Reduced over images too
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean()


# %% elbo-mc / mean over images
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-over-images
# says: instead of samples
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(1)


# %% elbo-mc / codes from the prior
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: bound-samples-prior
# says: expectation is under q
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / variance as standard deviation
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: std-is-variance
# says: instead of its root
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / no exp
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: std-no-exp
# says: exp is missing
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + logvar * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / exponent with the wrong sign
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: std-inverse
# says: wrong sign
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(-0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / uniform noise
# loses: elbo-mc-samples
# slug: noise-uniform
# says: uniform
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = math.sqrt(12) * (torch.rand(num_samples, *mu.shape, dtype=mu.dtype) - 0.5)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / noise shared by the images
# loses: elbo-mc-samples
# slug: noise-shared-batch
# says: noise of images 0 and 1
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, 1, mu.shape[1], dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / noise shared by the samples
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples
# slug: evidence-one-code
# says: same code
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    z = z.expand(num_samples, -1, -1)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / noise shared by latent dimensions
# loses: elbo-mc-samples
# slug: noise-shared-latent
# says: every latent dimension
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, len(mu), 1, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / log of the mean, of one code
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples
# slug: evidence-one-code
# says: same code
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    z = z.expand(num_samples, *z.shape)
    weights = log_joint(x, z) - log_q(z, mu, logvar)
    return weights.logsumexp(0) - math.log(num_samples)


# %% elbo-mc / half of the noise used twice
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples
# slug: evidence-repeated-codes
# says: more than once
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    half = torch.randn(num_samples // 2 + 1, *mu.shape, dtype=mu.dtype)
    eps = torch.cat([half, half])[:num_samples]
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / mu detached in the sample
# loses: elbo-mc-gradient
# slug: sample-detached
# says: cut off
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu.detach() + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / logvar clamped in the sample
# loses: elbo-mc-gradient
# slug: std-clipped
# says: logvar was clamped
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar.clamp(-4, 4)) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / no noise
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples
# slug: no-noise
# says: is the mean
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu.expand(num_samples, -1, -1)
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / a seed
# loses: elbo-mc-samples
# slug: noise-frozen
# says: same codes
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    torch.manual_seed(1)
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / sample without gradients
# loses: elbo-mc-gradient
# slug: sample-detached
# says: cut off
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = torch.distributions.Normal(mu, torch.exp(0.5 * logvar)).sample((num_samples,))
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / torch.normal
# loses: elbo-mc-gradient
# slug: sample-detached
# says: cut off
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = torch.normal(mu.expand(num_samples, -1, -1), torch.exp(0.5 * logvar)).detach()
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / sigma detached
# loses: elbo-mc-gradient
# slug: std-detached
# says: detached
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar).detach() * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / parameters of q detached in log q
# loses: elbo-mc-gradient
# slug: bound-log-q-detached
# says: detached inside log q
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(z, mu.detach(), logvar.detach())).mean(0)


# %% elbo-mc / no_grad
# loses: elbo-mc-gradient
# slug: detached
# says: No gradient passes
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    with torch.no_grad():
        eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
        z = mu + torch.exp(0.5 * logvar) * eps
        return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / one sample
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples, elbo-mc-gradient
# slug: callable-count
# says: num_samples is
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return log_joint(x, z) - log_q(z, mu, logvar)


# %% elbo-mc / codes in float32
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples, elbo-mc-gradient
# slug: lost-precision
# says: not torch.float64
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    z = (mu + torch.exp(0.5 * logvar) * torch.randn(num_samples, *mu.shape)).float()
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / nothing returned
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: wrong-type
# says: Is a `return` missing?
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / log joint of the model by hand
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-samples, elbo-mc-gradient
# slug: raised
# says: line 4
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z, W, b, s) - log_q(z, mu, logvar)).mean(0)


# %% elbo-mc / a draw for each of the two densities
# loses: elbo-mc-every-draw, elbo-mc-average
# slug: bound-two-codes
# says: use the same z in both
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    def draw():
        eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
        return mu + torch.exp(0.5 * logvar) * eps

    return (log_joint(x, draw()) - log_q(draw(), mu, logvar)).mean(0)


# %% elbo-mc / two draws in a loop over samples
# loses: elbo-mc-every-draw, elbo-mc-average
# slug: bound-two-codes
# says: log_joint was not
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    std, total = torch.exp(0.5 * logvar), 0
    for _ in range(num_samples):
        total = total + log_joint(x, mu + std * torch.randn_like(mu))
        total = total - log_q(mu + std * torch.randn_like(mu), mu, logvar)
    return total / num_samples


# %% elbo-mc / log q of the noise
# loses: elbo-mc-every-draw, elbo-mc-average, elbo-mc-gradient
# slug: bound-two-codes
# says: use the same z in both
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * logvar) * eps
    return (log_joint(x, z) - log_q(eps, mu, logvar)).mean(0)


# %% elbo-mc / mu and sigma exchanged
# loses: elbo-mc-samples, elbo-mc-gradient
# slug: bound-mu-sigma-exchanged
# says: mu is the mean
def elbo_monte_carlo(x, mu, logvar, log_joint, log_q, num_samples):
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = torch.exp(0.5 * logvar) + mu * eps
    return (log_joint(x, z) - log_q(z, mu, logvar)).mean(0)


# %% entropy / E_q[log q]
# loses: entropy-value
# slug: density-sign
# says: sign is reversed
def entropy(logvar):
    return -0.5 * (math.log(2 * math.pi) + 1 + logvar).sum(-1)


# %% entropy / half missing
# loses: entropy-value
# slug: density-no-half
# says: factor 1/2
def entropy(logvar):
    return (math.log(2 * math.pi) + 1 + logvar).sum(-1)


# %% entropy / half of logvar missing
# loses: entropy-value
# slug: piece-entropy-log-sigma
# says: read as log sigma
def entropy(logvar):
    return (0.5 * math.log(2 * math.pi) + 0.5 + logvar).sum(-1)


# %% entropy / no constant
# loses: entropy-value
# slug: density-constant
# says: 1/2 log(2 pi)
def entropy(logvar):
    return 0.5 * (1 + logvar).sum(-1)


# %% entropy / constants outside of the sum
# loses: entropy-value
# slug: density-constant
# says: 1/2 log(2 pi)
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1) + 0.5 * logvar.sum(-1)


# %% entropy / the one missing
# loses: entropy-value
# slug: piece-entropy-no-one
# says: The 1 of each dimension
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + logvar).sum(-1)


# %% entropy / half the log-determinant only
# loses: entropy-value
# slug: piece-entropy-no-one
# says: The 1 of each dimension
def entropy(logvar):
    return 0.5 * logvar.sum(-1)


# %% entropy / the variance
# loses: entropy-value
# slug: piece-variance-not-log
# says: where its logarithm belongs
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.exp()).sum(-1)


# %% entropy / log of logvar
# loses: entropy-value
# slug: nan
# says: contains nan
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.log()).sum(-1)


# %% entropy / sign of logvar
# loses: entropy-value
# slug: piece-logvar-sign
# says: wider q has more entropy
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 - logvar).sum(-1)


# %% entropy / mean over dimensions
# loses: entropy-value
# slug: density-mean
# says: add up
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar).mean(-1)


# %% entropy / not summed
# loses: entropy-value
# slug: density-not-summed
# says: sum over the last
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar)


# %% entropy / summed over the batch
# loses: entropy-value
# slug: density-batch-sum
# says: Summed over images too
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar).sum()


# %% entropy / by sampling
# loses: entropy-value
# slug: piece-random
# says: estimated by sampling
def entropy(logvar):
    eps = torch.randn_like(logvar)
    return 0.5 * (math.log(2 * math.pi) + eps**2 + logvar).sum(-1)


# %% entropy / clamped from above
# loses: entropy-value
# slug: kl-clipped
# says: logvar is clamped
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.clamp(max=10)).sum(-1)


# %% entropy / by exp and log, clamped
# loses: entropy-value
# slug: kl-clipped
# says: logvar near -40
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.exp().clamp(min=1e-12).log()).sum(-1)


# %% entropy / a float
# loses: entropy-value
# slug: wrong-type
# says: float
def entropy(logvar):
    return float(0.5 * (math.log(2 * math.pi) + 1 + logvar).sum())


# %% entropy / float32
# loses: entropy-value
# slug: lost-precision
# says: torch.float32
def entropy(logvar):
    return 0.5 * (math.log(2 * math.pi) + 1 + logvar.float()).sum(-1)


# %% entropy / rounded constant
# loses: entropy-value
# slug: not-exact
# says: constant was rounded
def entropy(logvar):
    return 0.5 * (2.8378771 + logvar).sum(-1)


# %% entropy / logvar as log sigma
# loses: entropy-value
# slug: piece-entropy-log-sigma
# says: read as log sigma
def entropy(logvar):
    return (0.5 * (1 + math.log(2 * math.pi)) + logvar).sum(-1)


# %% cross-entropy / E_q[log p]
# loses: cross-entropy-value
# slug: density-sign
# says: sign is reversed
def cross_entropy(mu, logvar):
    return -0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1)


# %% cross-entropy / half missing
# loses: cross-entropy-value
# slug: density-no-half
# says: factor 1/2
def cross_entropy(mu, logvar):
    return (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1)


# %% cross-entropy / no constant
# loses: cross-entropy-value
# slug: density-constant
# says: 1/2 log(2 pi)
def cross_entropy(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp()).sum(-1)


# %% cross-entropy / at the mean
# loses: cross-entropy-value
# slug: piece-at-mean
# says: spread of z around mu
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2).sum(-1)


# %% cross-entropy / the mean missing
# loses: cross-entropy-value
# slug: kl-no-mu
# says: mean is missing
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + logvar.exp()).sum(-1)


# %% cross-entropy / mu not squared
# loses: cross-entropy-value
# slug: kl-mu-not-squared
# says: not squared
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu + logvar.exp()).sum(-1)


# %% cross-entropy / square of the sum
# loses: cross-entropy-value
# slug: piece-square-of-sum
# says: cross term has mean 0
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + (mu + torch.exp(0.5 * logvar)) ** 2).sum(-1)


# %% cross-entropy / sigma not squared
# loses: cross-entropy-value
# slug: kl-sigma-not-squared
# says: standard deviation stands
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + torch.exp(0.5 * logvar)).sum(-1)


# %% cross-entropy / variance squared
# loses: cross-entropy-value
# slug: kl-sigma-squared-twice
# says: squared once more
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + torch.exp(logvar) ** 2).sum(-1)


# %% cross-entropy / no exp
# loses: cross-entropy-value
# slug: kl-no-exp
# says: exp is missing
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar).sum(-1)


# %% cross-entropy / minus the variance
# loses: cross-entropy-value
# slug: piece-second-moment
# says: plus the variance
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 - logvar.exp()).sum(-1)


# %% cross-entropy / the KL
# loses: cross-entropy-value
# slug: piece-is-kl
# says: That is the KL
def cross_entropy(mu, logvar):
    return gaussian_kl(mu, logvar)


# %% cross-entropy / the entropy
# loses: cross-entropy-value
# slug: piece-of-q
# says: entropy of q
def cross_entropy(mu, logvar):
    return entropy(logvar)


# %% cross-entropy / roles exchanged
# loses: cross-entropy-value
# slug: piece-reversed
# says: roles are exchanged
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + logvar + (1 + mu**2) / logvar.exp()).sum(-1)


# %% cross-entropy / clamped
# loses: cross-entropy-value
# slug: kl-clipped
# says: logvar is clamped
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.clamp(-10, 10).exp()).sum(-1)


# %% cross-entropy / by sampling
# loses: cross-entropy-value
# slug: piece-random
# says: Two calls
def cross_entropy(mu, logvar):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return 0.5 * (math.log(2 * math.pi) + z**2).sum(-1)


# %% cross-entropy / mean over dimensions
# loses: cross-entropy-value
# slug: density-mean
# says: add up
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).mean(-1)


# %% cross-entropy / averaged over the batch
# loses: cross-entropy-value
# slug: density-batch-mean
# says: Averaged over images too
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1).mean()


# %% cross-entropy / nothing returned
# loses: cross-entropy-value
# slug: wrong-type
# says: Is a `return` missing?
def cross_entropy(mu, logvar):
    value = 0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1)


# %% cross-entropy / changes mu in place
# loses: cross-entropy-value
# slug: changed-argument
# says: changed the values of `mu`
def cross_entropy(mu, logvar):
    return 0.5 * (math.log(2 * math.pi) + mu.pow_(2) + logvar.exp()).sum(-1)


# %% expected-log-likelihood / at the mean
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-at-mean
# says: spread of z around mu
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    return -squares / (2 * s**2) - constants


# %% expected-log-likelihood / spread rewarded
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-cost-sign
# says: lowers the likelihood
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares - cost) / (2 * s**2) - constants


# %% expected-log-likelihood / cost without its half
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: density-no-half
# says: factor 1/2
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -squares / (2 * s**2) - cost / s**2 - constants


# %% expected-log-likelihood / no half at all
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: density-no-half
# says: factor 1/2
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares + cost) / s**2 - constants


# %% expected-log-likelihood / cost not divided by s squared
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-cost-not-scaled
# says: divided by 2 s^2
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -squares / (2 * s**2) - 0.5 * cost - constants


# %% expected-log-likelihood / cost divided by s
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: density-s-is-variance
# says: taken for a variance
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -squares / (2 * s**2) - cost / (2 * s) - constants


# %% expected-log-likelihood / variances without W
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-cost-without-weights
# says: W is missing
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    return -(squares + logvar.exp().sum(-1)) / (2 * s**2) - constants


# %% expected-log-likelihood / W not squared
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-cost-weights-not-squared
# says: W enters
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    return -(squares + logvar.exp() @ W.sum(0)) / (2 * s**2) - constants


# %% expected-log-likelihood / standard deviations added
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-cost-squared-late
# says: standard deviations do not
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = ((torch.exp(0.5 * logvar) @ W.mT) ** 2).sum(-1)
    return -(squares + cost) / (2 * s**2) - constants


# %% expected-log-likelihood / variance squared
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: kl-sigma-squared-twice
# says: squared once more
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = (torch.exp(logvar) ** 2) @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants


# %% expected-log-likelihood / standard deviation in the cost
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: kl-sigma-not-squared
# says: standard deviation stands
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = torch.exp(0.5 * logvar) @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants


# %% expected-log-likelihood / logvar in the cost
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: kl-no-exp
# says: exp is missing
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants


# %% expected-log-likelihood / constant dropped
# loses: expected-log-likelihood-value
# slug: density-constant
# says: 1/2 log(2 pi)
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - P * math.log(s)


# %% expected-log-likelihood / log s dropped
# loses: expected-log-likelihood-value
# slug: density-no-log-scale
# says: log of the scale is missing
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - 0.5 * P * math.log(2 * math.pi)


# %% expected-log-likelihood / log s once
# loses: expected-log-likelihood-value
# slug: density-log-scale-once
# says: each of the P
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - math.log(s) - 0.5 * P * math.log(2 * math.pi)


# %% expected-log-likelihood / the log joint
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-is-joint
# says: log prior is included
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants - cross_entropy(mu, logvar)


# %% expected-log-likelihood / clamped
# loses: expected-log-likelihood-value
# slug: kl-clipped
# says: logvar is clamped
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.clamp(-6, 6).exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants


# %% expected-log-likelihood / one sample
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-random
# says: estimated by sampling
def expected_log_likelihood(x, mu, logvar, W, b, s):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    return -squares / (2 * s**2) - constants


# %% expected-log-likelihood / negative
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: density-sign
# says: sign is reversed
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (squares + cost) / (2 * s**2) + constants


# %% expected-log-likelihood / mean over pixels
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: density-mean
# says: add up
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (-(squares + cost) / (2 * s**2) - constants) / P


# %% expected-log-likelihood / one number for the batch
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: density-batch-sum
# says: Summed over images too
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (-(squares + cost) / (2 * s**2) - constants).sum()


# %% expected-log-likelihood / detached
# loses: expected-log-likelihood-gradient
# slug: detached
# says: No gradient passes
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (-(squares + cost) / (2 * s**2) - constants).detach()


# %% expected-log-likelihood / logvar detached
# loses: expected-log-likelihood-gradient
# slug: piece-at-mean
# says: gradient with respect to logvar is 0
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.detach().exp() @ (W**2).sum(0)
    return -(squares + cost) / (2 * s**2) - constants


# %% expected-log-likelihood / numpy
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: wrong-type
# says: a numpy array
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (-(squares + cost) / (2 * s**2) - constants).detach().numpy()


# %% expected-log-likelihood / float32
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: lost-precision
# says: torch.float32
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    return (-(squares + cost) / (2 * s**2) - constants).float()


# %% expected-log-likelihood / the log prior at mu
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-is-joint
# says: log prior is included
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ (W**2).sum(0)
    log_prior = -0.5 * (mu**2 + math.log(2 * math.pi)).sum(-1)
    return -(squares + cost) / (2 * s**2) - constants + log_prior


# %% expected-log-likelihood / the log joint at mu
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-is-joint
# says: log prior is included
def expected_log_likelihood(x, mu, logvar, W, b, s):
    return log_joint(x, mu, W, b, s)


# %% expected-log-likelihood / W summed before it is squared
# loses: expected-log-likelihood-value, expected-log-likelihood-gradient
# slug: piece-cost-summed-first
# says: then sum
def expected_log_likelihood(x, mu, logvar, W, b, s):
    squares = ((x - b - mu @ W.mT) ** 2).sum(-1)
    P = len(b)
    constants = P * math.log(s) + 0.5 * P * math.log(2 * math.pi)
    cost = logvar.exp() @ W.sum(0) ** 2
    return -(squares + cost) / (2 * s**2) - constants


# %% derivation / KL with its sign reversed
# loses: derivation-kl
# slug: kl-sign
# says: Step 1 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = entropy - cross_entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / entropies added
# loses: derivation-kl
# slug: kl-expectations-added
# says: Step 1 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy + entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / only the entropy
# loses: derivation-kl
# slug: kl-entropy-only
# says: Step 1 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = -entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / cross-entropy added to the log-likelihood
# loses: derivation-forms
# slug: chain-prior-sign
# says: Step 2 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood + cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / prior forgotten
# loses: derivation-forms
# slug: joint-no-prior
# says: Step 2 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood + 0
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / entropy in the log joint
# loses: derivation-forms
# slug: chain-entropy-for-prior
# says: Step 2 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / KL in the log joint
# loses: derivation-forms
# slug: chain-entropy-for-prior
# says: Step 2 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - kl
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / entropy subtracted
# loses: derivation-forms
# slug: chain-entropy-sign
# says: Step 3 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint - entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / entropy forgotten
# loses: derivation-forms
# slug: chain-no-entropy
# says: Step 3 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + 0
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / KL taken off the log joint
# loses: derivation-forms
# slug: chain-prior-twice
# says: Step 3 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy - kl
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / negative bound
# loses: derivation-forms
# slug: chain-sign
# says: Step 3 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = -log_joint - entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / KL added
# loses: derivation-forms
# slug: chain-kl-sign
# says: Step 4 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood + kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / KL forgotten
# loses: derivation-forms
# slug: chain-no-kl
# says: Step 4 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood + 0
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / log joint minus KL
# loses: derivation-forms
# slug: chain-prior-twice
# says: Step 4 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_joint - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / gap with its sign reversed
# loses: derivation-forms
# slug: chain-gap-sign
# says: Step 5 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = first_form - log_evidence
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / KL to the prior as the gap
# loses: derivation-forms
# slug: chain-gap-is-kl
# says: Step 5 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = kl
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / bound added to the evidence
# loses: derivation-forms
# slug: chain-gap-sum
# says: Step 5 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence + first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / something else in step 2
# loses: derivation-forms
# slug: chain-breaks
# says: Step 2 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_evidence - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / a key missing
# loses: derivation-kl, derivation-forms
# slug: wrong-type
# says: no 'gap'
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form)


# %% derivation / a tuple
# loses: derivation-kl, derivation-forms
# slug: wrong-type
# says: a tuple of 5
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return kl, log_joint, first_form, second_form, gap


# %% derivation / nothing returned
# loses: derivation-kl, derivation-forms
# slug: wrong-type
# says: None
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form


# %% derivation / mean over the batch
# loses: derivation-kl, derivation-forms
# slug: wrong-shape
# says: it should be (3,)
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    kl = kl.mean()
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / floats
# loses: derivation-kl, derivation-forms
# slug: wrong-type
# says: float
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    kl = kl.sum().item()
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% derivation / changes an argument in place
# loses: derivation-kl, derivation-forms
# slug: changed-argument
# says: changed the values of `cross_entropy`
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy.sub_(entropy)
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% kl-to-posterior / reversed
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-reversed
# says: KL(q || p)
def kl_to_posterior(mu, logvar, mean, covariance):
    q = torch.distributions.MultivariateNormal(mu, torch.diag_embed(logvar.exp()))
    p = torch.distributions.MultivariateNormal(mean, covariance.expand(len(mu), -1, -1))
    return torch.distributions.kl_divergence(p, q)


# %% kl-to-posterior / posterior taken for diagonal
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-diagonal
# says: correlations matter
def kl_to_posterior(mu, logvar, mean, covariance):
    variances = torch.diagonal(covariance, dim1=-2, dim2=-1)
    p = torch.distributions.Normal(mean, variances.sqrt())
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    return torch.distributions.kl_divergence(q, p).sum(-1)


# %% kl-to-posterior / inverse of the diagonal in the trace
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-diagonal
# says: correlations matter
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (logvar.exp() / torch.diagonal(covariance, dim1=-2, dim2=-1)).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / covariance not inverted
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-covariance-not-inverted
# says: where its inverse belongs
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = covariance
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / log-determinants exchanged
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-log-determinant-sign
# says: sum log sigma^2 subtracted
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D - logdet + logvar.sum(-1))


# %% kl-to-posterior / both log-determinants added
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-log-determinant-sign
# says: sum log sigma^2 subtracted
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet + logvar.sum(-1))


# %% kl-to-posterior / log-determinant of the posterior missing
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-no-log-determinant
# says: missing
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D - logvar.sum(-1))


# %% kl-to-posterior / both log-determinants missing
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-no-log-determinant
# says: missing
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D)


# %% kl-to-posterior / D missing
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-no-dimension
# says: must give 0
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance + logdet - logvar.sum(-1))


# %% kl-to-posterior / 1 instead of D
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-no-dimension
# says: must give 0
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - 1 + logdet - logvar.sum(-1))


# %% kl-to-posterior / trace missing
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-no-trace
# says: trace is missing
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / distance missing
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-no-mean
# says: distance of the means
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / distance not squared
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-mean-not-squared
# says: enters squared
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (precision @ delta[..., None])[..., 0].sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / half missing
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: kl-no-half
# says: factor 1/2
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return trace + distance - D + logdet - logvar.sum(-1)


# %% kl-to-posterior / half on the squares only
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: kl-half-misplaced
# says: every term
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D) + logdet - logvar.sum(-1)


# %% kl-to-posterior / standard deviation in the trace
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: kl-sigma-not-squared
# says: standard deviation stands
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * torch.exp(0.5 * logvar)).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / logvar as log sigma
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: kl-sigma-squared-twice
# says: squared once more
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * torch.exp(2 * logvar)).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / logvar in the trace
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: kl-no-exp
# says: exp is missing
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / determinant not logged
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-determinant-not-logged
# says: logarithm of the determinant
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.det(covariance)
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / log of det
# loses: kl-to-posterior-stable
# slug: gap-determinant-underflow
# says: compute its logarithm directly
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.log(torch.det(covariance))
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / jitter
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: not-exact
# says: something was added
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance + 1e-8 * torch.eye(len(mean[0]), dtype=mu.dtype))
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / KL to the prior
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-to-prior
# says: KL to the prior
def kl_to_posterior(mu, logvar, mean, covariance):
    return gaussian_kl(mu, logvar)


# %% kl-to-posterior / one covariance only
# loses: kl-to-posterior-value, kl-to-posterior-identity
# slug: raised
# says: line
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = torch.einsum("bi,ij,bj->b", delta, precision, delta)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / first covariance for all
# loses: kl-to-posterior-value
# slug: gap-first-covariance
# says: first image
def kl_to_posterior(mu, logvar, mean, covariance):
    S = covariance if covariance.ndim == 2 else covariance[0]
    precision = torch.linalg.inv(S)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(S).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / negative
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: kl-sign
# says: never negative
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return -0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / one number for the batch
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: kl-batch-mean
# says: too early
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return (0.5 * (trace + distance - D + logdet - logvar.sum(-1))).mean()


# %% kl-to-posterior / all pairs of images
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-all-pairs
# says: do not pair
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return (0.5 * (trace + distance - D + logdet - logvar.sum(-1)))[:, None].expand(-1, len(mu))


# %% kl-to-posterior / by sampling
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: piece-random
# says: Two calls
def kl_to_posterior(mu, logvar, mean, covariance):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(4000, *mu.shape, dtype=mu.dtype)
    p = torch.distributions.MultivariateNormal(mean, covariance)
    return (log_q(z, mu, logvar) - p.log_prob(z)).mean(0)


# %% kl-to-posterior / float32
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: lost-precision
# says: torch.float32
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return (0.5 * (trace + distance - D + logdet - logvar.sum(-1))).float()


# %% kl-to-posterior / nothing returned
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: wrong-type
# says: Is a `return` missing?
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    value = 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% kl-to-posterior / a generator
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: wrong-type
# says: a generator
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return (row for row in 0.5 * (trace + distance - D + logdet - logvar.sum(-1)))


# %% kl-to-posterior / log-determinant of the precision
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-log-determinant-sign
# says: log det S is added
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(precision).logabsdet
    return 0.5 * (trace + distance - mu.shape[-1] + logdet - logvar.sum(-1))


# %% kl-to-posterior / diagonal of the precision in the distance
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-diagonal
# says: correlations matter
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta**2 * torch.diagonal(precision, dim1=-2, dim2=-1)).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    return 0.5 * (trace + distance - mu.shape[-1] + logdet - logvar.sum(-1))


# %% kl-to-posterior / Cholesky factor without its 2
# loses: kl-to-posterior-value, kl-to-posterior-identity, kl-to-posterior-stable
# slug: gap-root-determinant
# says: Cholesky
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    root = torch.linalg.cholesky(covariance)
    logdet = torch.diagonal(root, dim1=-2, dim2=-1).log().sum(-1)
    return 0.5 * (trace + distance - mu.shape[-1] + logdet - logvar.sum(-1))


# %% climb / downhill
# loses: climb-step, climb-arrives
# slug: climb-downhill
# says: ascent adds
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] - step_size * by_m)
        logvars.append(logvars[-1] - step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / mean over the batch
# loses: climb-step, climb-arrives
# slug: climb-batch-mean
# says: mean over images
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).mean(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / step size ignored
# loses: climb-step, climb-arrives
# slug: climb-no-step-size
# says: not used
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + by_m)
        logvars.append(logvars[-1] + by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / gradients added up
# loses: climb-step, climb-arrives
# slug: climb-adds-gradients
# says: Old gradients
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        elbo(m, v).sum().backward()
        with torch.no_grad():
            m += step_size * m.grad
            v += step_size * v.grad
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% climb / the first gradient throughout
# loses: climb-step, climb-arrives
# slug: climb-same-gradient
# says: computed once
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
    t = torch.arange(steps + 1, dtype=mu.dtype)[:, None, None]
    return mu + t * step_size * by_m, logvar + t * step_size * by_v


# %% climb / sign of the gradient
# loses: climb-step, climb-arrives
# slug: climb-sign-only
# says: rescales it
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m.sign())
        logvars.append(logvars[-1] + step_size * by_v.sign())
    return torch.stack(mus), torch.stack(logvars)


# %% climb / Adam
# loses: climb-step, climb-arrives
# slug: climb-sign-only
# says: rescales it
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    optimizer = torch.optim.Adam([m, v], lr=step_size, maximize=True)
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% climb / momentum
# loses: climb-step, climb-arrives
# slug: climb-momentum
# says: holds 0.9 times the movement before
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    optimizer = torch.optim.SGD([m, v], lr=step_size, momentum=0.9, maximize=True)
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% climb / one after the other
# loses: climb-step
# slug: climb-one-after-other
# says: take both gradients
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        m = mus[-1].clone().requires_grad_()
        (by_m,) = torch.autograd.grad(elbo(m, logvars[-1]).sum(), m)
        mus.append(mus[-1] + step_size * by_m)
        v = logvars[-1].clone().requires_grad_()
        (by_v,) = torch.autograd.grad(elbo(mus[-1], v).sum(), v)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / logvar never updated
# loses: climb-path, climb-step, climb-arrives
# slug: climb-stands-still
# says: does not move
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1])
    return torch.stack(mus), torch.stack(logvars)


# %% climb / mu never updated
# loses: climb-path, climb-step, climb-arrives
# slug: climb-stands-still
# says: does not move
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1])
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / half a step
# loses: climb-step, climb-arrives
# slug: climb-half-step
# says: twice or half
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + 0.5 * step_size * by_m)
        logvars.append(logvars[-1] + 0.5 * step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / start missing
# loses: climb-path, climb-step, climb-arrives
# slug: climb-path-too-short
# says: steps + 1
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    mus, logvars = torch.stack(mus), torch.stack(logvars)
    return mus[1:], logvars[1:]


# %% climb / end missing
# loses: climb-path, climb-step, climb-arrives
# slug: climb-path-too-short
# says: steps + 1
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    mus, logvars = torch.stack(mus), torch.stack(logvars)
    return mus[:-1], logvars[:-1]


# %% climb / end only
# loses: climb-path, climb-step, climb-arrives
# slug: climb-end-only
# says: not only where it ends
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return mus[-1], logvars[-1]


# %% climb / one tensor stored many times
# loses: climb-path, climb-step
# slug: climb-path-aliased
# says: store a copy
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone(), logvar.clone()
    mus, logvars = [m], [v]
    for _ in range(steps):
        m.requires_grad_(), v.requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        m, v = m.detach_(), v.detach_()
        m += step_size * by_m
        v += step_size * by_v
        mus.append(m)
        logvars.append(v)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / a graph kept
# loses: climb-path
# slug: graph-kept
# says: requires_grad=True
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    mus, logvars = [m], [v]
    for _ in range(steps):
        by_m, by_v = torch.autograd.grad(elbo(mus[-1], logvars[-1]).sum(), (mus[-1], logvars[-1]))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / arguments changed in place
# loses: climb-path, climb-step, climb-arrives
# slug: changed-argument
# says: changed the values of `mu`
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mu += step_size * by_m
        logvar += step_size * by_v
        mus.append(mu.clone())
        logvars.append(logvar.clone())
    return torch.stack(mus), torch.stack(logvars)


# %% climb / one image only
# loses: climb-path, climb-step, climb-arrives
# slug: wrong-shape
# says: it should be
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus)[:, 0], torch.stack(logvars)[:, 0]


# %% climb / lists
# loses: climb-path, climb-step, climb-arrives
# slug: wrong-type
# says: a list of
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return mus, logvars


# %% climb / path of mu only
# loses: climb-path, climb-step, climb-arrives
# slug: wrong-type
# says: Return the pair
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus)


# %% climb / nothing returned
# loses: climb-path, climb-step, climb-arrives
# slug: wrong-type
# says: Is a `return` missing?
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    path = torch.stack(mus), torch.stack(logvars)


# %% climb / sigma climbs instead of logvar
# loses: climb-step
# slug: wrong-value
# says: movement of logvar
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(2 * torch.log(torch.exp(0.5 * logvars[-1]) + step_size * by_v))
    return torch.stack(mus), torch.stack(logvars)


# %% climb / float32
# loses: climb-path, climb-step
# slug: lost-precision
# says: torch.float32
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus).float(), torch.stack(logvars).float()


# %% climb / one step too few, padded
# loses: climb-step
# slug: wrong-value
# says: movement of mu
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(max(steps - 1, 0)):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return (
        torch.stack(mus + mus[-1:] * (steps + 1 - len(mus))),
        torch.stack(logvars + logvars[-1:] * (steps + 1 - len(logvars))),
    )


# %% climb / each image by its own step, first only
# loses: climb-step, climb-arrives
# slug: wrong-value
# says: movement of mu
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v)[0], (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / momentum in an average of gradients
# loses: climb-step, climb-arrives
# slug: climb-momentum
# says: plain ascent
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    mean_m, mean_v = torch.zeros_like(mu), torch.zeros_like(mu)
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mean_m, mean_v = 0.9 * mean_m + 0.1 * by_m, 0.9 * mean_v + 0.1 * by_v
        mus.append(mus[-1] + step_size * mean_m)
        logvars.append(logvars[-1] + step_size * mean_v)
    return torch.stack(mus), torch.stack(logvars)


# %% climb / gradients asked of the arguments themselves
# loses: climb-path, climb-step, climb-arrives
# slug: changed-argument
# says: has requires_grad=True
def climb(elbo, mu, logvar, steps, step_size):
    mu.requires_grad_(), logvar.requires_grad_()
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    m, v = mu, logvar
    for _ in range(steps):
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        m = (m + step_size * by_m).detach().requires_grad_()
        v = (v + step_size * by_v).detach().requires_grad_()
        mus.append(m.detach())
        logvars.append(v.detach())
    return torch.stack(mus), torch.stack(logvars)
