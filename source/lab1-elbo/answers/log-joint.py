"""Answers to Exercise 1 of lab1-elbo: right ones, then wrong ones."""


# %% torch.distributions
def log_joint(x, z, W, b, s):
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z))
    likelihood = torch.distributions.Normal(z @ W.T + b, s)
    return likelihood.log_prob(x).sum(-1) + prior.log_prob(z).sum(-1)


# %% scipy inside, a tensor outside
def log_joint(x, z, W, b, s):
    likelihood = stats.norm.logpdf(x.numpy(), (z @ W.mT + b).numpy(), s).sum(-1)
    return torch.from_numpy(likelihood + stats.norm.logpdf(z.numpy()).sum(-1))


# %% MultivariateNormal
def log_joint(x, z, W, b, s):
    eye_p = torch.eye(len(b), dtype=x.dtype)
    eye_d = torch.eye(z.shape[-1], dtype=x.dtype)
    likelihood = torch.distributions.MultivariateNormal(torch.matmul(z, W.t()) + b, s**2 * eye_p)
    prior = torch.distributions.MultivariateNormal(torch.zeros(z.shape[-1], dtype=x.dtype), eye_d)
    return likelihood.log_prob(x) + prior.log_prob(z)


# %% einsum and a log of the whole constant
def log_joint(x, z, W, b, s):
    mean = torch.einsum("pd,...d->...p", W, z) + b
    off = mean - x
    quadratic = torch.einsum("...p,...p->...", off, off) / s**2 + torch.einsum(
        "...d,...d->...", z, z
    )
    P, D = W.shape
    return -(quadratic + 2 * P * math.log(s) + (P + D) * math.log(2 * math.pi)) / 2


# %% loops over samples and images
def log_joint(x, z, W, b, s):
    if z.ndim == 3:
        return torch.stack([log_joint(x, codes, W, b, s) for codes in z])
    rows = []
    for image, code in zip(x, z, strict=True):
        value = torch.zeros((), dtype=x.dtype)
        for j in range(len(b)):
            r = image[j] - b[j] - (W[j] * code).sum()
            value = value - r * r / (2 * s * s) - 0.5 * math.log(2 * math.pi * s * s)
        for c in code:
            value = value - c * c / 2 - 0.5 * math.log(2 * math.pi)
        rows.append(value)
    return torch.stack(rows)


# %% joint Gaussian over x and z
def log_joint(x, z, W, b, s):
    P, D = W.shape
    eye_d, eye_p = torch.eye(D, dtype=x.dtype), torch.eye(P, dtype=x.dtype)
    precision = torch.cat(
        [
            torch.cat([eye_p / s**2, -W / s**2], 1),
            torch.cat([-W.T / s**2, eye_d + W.T @ W / s**2], 1),
        ]
    )
    both = torch.cat([(x - b).expand(*z.shape[:-1], P), z], -1)
    logdet = 2 * P * math.log(s)
    quadratic = (both @ precision * both).sum(-1)
    return -0.5 * (quadratic + logdet + (P + D) * math.log(2 * math.pi))


# %% vmap over the samples
def log_joint(x, z, W, b, s):
    def one(x, z):
        at = torch.distributions.Normal(W @ z + b, s).log_prob(x).sum()
        return at + torch.distributions.Normal(0.0, 1.0, validate_args=False).log_prob(z).sum()

    of_batch = torch.func.vmap(one)
    return of_batch(x, z) if z.ndim == 2 else torch.func.vmap(lambda z: of_batch(x, z))(z)


# %% compiled
@torch.compile
def log_joint(x, z, W, b, s):
    data_dim, latent_dim = W.shape
    squares = (((x - b - z @ W.mT) / s) ** 2).sum(-1) + (z**2).sum(-1)
    constant = 0.5 * (data_dim + latent_dim) * math.log(2 * math.pi) + data_dim * math.log(s)
    return -0.5 * squares - constant


# %% likelihood only
# slug: joint-no-prior
# says: log prior log p(z) is missing
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * P * two_pi


# %% prior only
# slug: joint-no-likelihood
# says: log prior alone
def log_joint(x, z, W, b, s):
    return -0.5 * (z**2).sum(-1) - 0.5 * z.shape[-1] * math.log(2 * math.pi)


# %% prior subtracted
# slug: joint-prior-divided
# says: subtracted
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    likelihood = -squares / (2 * s**2) - P * math.log(s) - 0.5 * P * two_pi
    return likelihood + 0.5 * (z**2).sum(-1) + 0.5 * D * two_pi


# %% covariance s instead of s squared
# slug: density-s-is-variance
# says: taken for a variance
def log_joint(x, z, W, b, s):
    P, D = W.shape
    likelihood = torch.distributions.MultivariateNormal(
        z @ W.mT + b, s * torch.eye(P, dtype=x.dtype)
    )
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z))
    return likelihood.log_prob(x) + prior.log_prob(z).sum(-1)


# %% residual divided by s, not s squared
# slug: density-s-is-variance
# says: taken for a variance
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s) - P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% s squared as the standard deviation
# slug: density-s-squared-twice
# says: s squared is taken
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s**2).log_prob(x).sum(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return likelihood + prior


# %% noise of variance 1
# slug: density-no-scale
# says: variance 1
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, 1.0).log_prob(x).sum(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return likelihood + prior


# %% log-determinant missing
# slug: density-no-log-scale
# says: log of the scale is missing
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - 0 - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% log s once
# slug: density-log-scale-once
# says: each of the P dimensions
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% half of log s
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


# %% log s squared as if it were a variance
# slug: density-log-scale-factor
# says: wrong factor
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return (
        -squares / (2 * s**2) - P * math.log(s**2) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi
    )


# %% log s added
# slug: density-log-scale-sign
# says: wider means lower
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) + P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% no half in the likelihood
# slug: density-no-half
# says: factor 1/2
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / s**2 - P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% no half in the prior
# slug: density-no-half
# says: factor 1/2
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% prior's constant dropped
# slug: density-constant
# says: 1/2 log(2 pi)
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * P * two_pi


# %% likelihood's constant dropped
# slug: density-constant
# says: 1/2 log(2 pi)
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * D * two_pi


# %% all constants dropped
# slug: density-constant
# says: 1/2 log(2 pi)
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1)


# %% one constant for each density
# slug: density-constant
# says: 1/2 log(2 pi)
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1) - two_pi


# %% mean over pixels
# slug: density-mean
# says: log densities of dimensions add
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).mean(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return likelihood + prior


# %% means in both
# slug: density-mean
# says: log densities of dimensions add
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).mean(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).mean(-1)
    return likelihood + prior


# %% offset forgotten
# slug: joint-offset
# says: b is left out
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT, s).log_prob(x).sum(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return likelihood + prior


# %% negative
# slug: density-sign
# says: sign is reversed
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return squares / (2 * s**2) + P * math.log(s) + 0.5 * (z**2).sum(-1) + 0.5 * (P + D) * two_pi


# %% summed over the batch
# slug: density-batch-sum
# says: summed over images too
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).sum()
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum()
    return likelihood + prior


# %% sum over dimension 1
# loses: log-joint-samples
# slug: raised
# says: line 5
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constant = 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x - b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(1) - 0.5 * (z**2).sum(1) - P * math.log(s) - constant


# %% W transposed
# slug: raised
# says: line 2
def log_joint(x, z, W, b, s):
    mean = z @ W + b
    return torch.distributions.Normal(mean, s).log_prob(x).sum(-1)


# %% log of a product of densities
# loses: log-joint-stable
# slug: density-underflow
# says: work with logarithms
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).sum(-1).exp()
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return torch.log(likelihood * prior.exp())


# %% epsilon against the underflow
# loses: log-joint-stable
# slug: density-floor
# says: small constant
def log_joint(x, z, W, b, s):
    likelihood = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).sum(-1)
    prior = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(-1)
    return torch.log((likelihood + prior).exp() + 1e-300)


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    value = -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1)


# %% a float
# slug: wrong-type
# says: float
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return float((-squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1)).sum())


# %% float32
# slug: lost-precision
# says: torch.float32
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    total = -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1)
    return (total - 0.5 * (P + D) * two_pi).float()


# %% float32 constant
# slug: not-exact
# says: constant was rounded
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    total = -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1)
    return total - 0.5 * (P + D) * torch.tensor(2 * math.pi).log()


# %% changes x in place
# slug: changed-argument
# says: changed the values of `x`
def log_joint(x, z, W, b, s):
    P, D = W.shape
    x -= b
    squares = ((x - z @ W.mT) ** 2).sum(-1)
    two_pi = math.log(2 * math.pi)
    return -squares / (2 * s**2) - P * math.log(s) - 0.5 * (z**2).sum(-1) - 0.5 * (P + D) * two_pi


# %% a generator
# slug: wrong-type
# says: a generator
def log_joint(x, z, W, b, s):
    q = torch.distributions.Normal(z @ W.mT + b, s).log_prob(x).sum(-1)
    return (value for value in q)


# %% logarithm to base 10
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


# %% a latent size of its own
# slug: raised
# says: line
def log_joint(x, z, W, b, s):
    D = 5
    prior = torch.distributions.MultivariateNormal(
        torch.zeros(D, dtype=x.dtype), torch.eye(D, dtype=x.dtype)
    )
    likelihood = torch.distributions.Normal(z @ W.mT + b, s)
    return likelihood.log_prob(x).sum(-1) + prior.log_prob(z)


# %% D from the second dimension of z
# slug: density-size-of-batch
# says: The constant counts another size than D, which is z.shape[-1]
# loses: log-joint-samples
def log_joint(x, z, W, b, s):
    P, D = x.shape[1], z.shape[1]
    squares = ((x - b - z @ W.mT) ** 2).sum(-1) / s**2 + (z**2).sum(-1)
    return -0.5 * squares - P * math.log(s) - 0.5 * (P + D) * math.log(2 * math.pi)


# %% residual times s
# slug: density-times-variance
# says: divide by it
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = (((x - b - z @ W.mT) * s) ** 2).sum(-1) + (z**2).sum(-1)
    return -0.5 * squares - P * math.log(s) - 0.5 * (P + D) * math.log(2 * math.pi)


# %% all of it to base 10
# slug: not-nats
# says: natural logarithm
def log_joint(x, z, W, b, s):
    P, D = W.shape
    squares = ((x - b - z @ W.mT) ** 2).sum(-1) / s**2 + (z**2).sum(-1)
    nats = -0.5 * squares - P * math.log(s) - 0.5 * (P + D) * math.log(2 * math.pi)
    return nats / math.log(10)


# %% no normalizer
# slug: density-unnormalized
# says: normalizer is missing
def log_joint(x, z, W, b, s):
    residual = (x - b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1)


# %% the likelihood without its normalizer
# slug: density-unnormalized
# says: normalizer is missing
def log_joint(x, z, W, b, s):
    residual = (x - b - z @ W.mT) / s
    D = W.shape[1]
    log_prior = -0.5 * (z**2).sum(-1) - 0.5 * D * math.log(2 * math.pi)
    return -0.5 * (residual**2).sum(-1) + log_prior


# %% W z with the wrong sign
# slug: joint-mean-sign
# says: sign is wrong
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constants = P * math.log(s) + 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x - b + z @ W.mT) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1) - constants


# %% b with the wrong sign
# slug: joint-mean-sign
# says: sign is wrong
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constants = P * math.log(s) + 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x + b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1) - constants


# %% both with the wrong sign
# slug: joint-mean-sign
# says: sign is wrong
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constants = P * math.log(s) + 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x + (z @ W.mT + b)) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1) - constants


# %% P is the number of images
# slug: density-pixels-from-batch
# says: number of images
def log_joint(x, z, W, b, s):
    P, D = len(x), W.shape[1]
    constants = P * math.log(s) + 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x - b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1) - constants


# %% log s once for each image
# slug: density-pixels-from-batch
# says: number of images
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constants = len(x) * math.log(s) + 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x - b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1) - constants


# %% P of the constant is the number of images
# slug: density-pixels-from-batch
# says: number of images
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constants = P * math.log(s) + 0.5 * (len(x) + D) * math.log(2 * math.pi)
    residual = (x - b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1) - constants


# %% P and D exchanged
# slug: density-sizes-exchanged
# says: exchanged
def log_joint(x, z, W, b, s):
    D, P = W.shape
    constants = P * math.log(s) + 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x - b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1) - constants


# %% log 2 pi without its half
# slug: density-constant
# says: constant is missing or wrong
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constants = P * math.log(s) + (P + D) * math.log(2 * math.pi)
    residual = (x - b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1) - constants


# %% log pi for log 2 pi
# slug: density-constant
# says: constant is missing or wrong
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constants = P * math.log(s) + 0.5 * (P + D) * math.log(math.pi)
    residual = (x - b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1) - constants


# %% the sum of z squared
# slug: density-square-of-sum
# says: sum was squared
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constants = P * math.log(s) + 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x - b - z @ W.mT) / s
    return -0.5 * (residual**2).sum(-1) - 0.5 * z.sum(-1) ** 2 - constants


# %% the sum of the residuals squared
# slug: density-square-of-sum
# says: sum was squared
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constants = P * math.log(s) + 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x - b - z @ W.mT) / s
    return -0.5 * residual.sum(-1) ** 2 - 0.5 * (z**2).sum(-1) - constants


# %% a numpy array
# slug: wrong-type
# says: numpy array
def log_joint(x, z, W, b, s):
    P, D = W.shape
    constants = P * math.log(s) + 0.5 * (P + D) * math.log(2 * math.pi)
    residual = (x - b - z @ W.mT) / s
    found = -0.5 * (residual**2).sum(-1) - 0.5 * (z**2).sum(-1) - constants
    return found.numpy()


# %% W not transposed when it is square
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: log-joint-value, log-joint-samples
def log_joint(x, z, W, b, s):
    P, D = W.shape
    m = z @ W if W.shape[0] == W.shape[1] else z @ W.T
    return (
        -0.5 * (((x - b - m) / s) ** 2).sum(-1)
        - P * math.log(s)
        - 0.5 * (P + D) * math.log(2 * math.pi)
        - 0.5 * (z**2).sum(-1)
    )


# %% s through abs and log of s**2 underflow: log(s**(2P))
# slug: raised
# says: OverflowError
# loses: log-joint-stable
def log_joint(x, z, W, b, s):
    P, D = W.shape
    return (
        -0.5 * (((x - b - z @ W.T) / s) ** 2).sum(-1)
        - 0.5 * math.log((2 * math.pi * s**2) ** P)
        - 0.5 * D * math.log(2 * math.pi)
        - 0.5 * (z**2).sum(-1)
    )


# %% W transposed only if the shapes do not fit (square W: not transposed)
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: log-joint-value, log-joint-samples
def log_joint(x, z, W, b, s):
    P, D = W.shape
    Wt = W if W.shape[0] == z.shape[-1] else W.T
    return (
        -0.5 * (((x - b - z @ Wt) / s) ** 2).sum(-1)
        - P * math.log(s)
        - 0.5 * (P + D) * math.log(2 * math.pi)
        - 0.5 * (z**2).sum(-1)
    )


# %% (2 pi s^2)^P overflow/underflow for many pixels, torch
# slug: raised
# says: OverflowError
# loses: log-joint-stable
def log_joint(x, z, W, b, s):
    P, D = W.shape
    norm = (2 * math.pi) ** ((P + D) / 2) * s**P
    return -0.5 * (((x - b - z @ W.T) / s) ** 2).sum(-1) - math.log(norm) - 0.5 * (z**2).sum(-1)


# %% s floored at 1e-3 / codes clamped at 30
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: log-joint-stable
def log_joint(x, z, W, b, s):
    P, D = W.shape
    z = z.clamp(-30, 30)
    return (
        -0.5 * (((x - b - z @ W.T) / s) ** 2).sum(-1)
        - P * math.log(s)
        - 0.5 * (P + D) * math.log(2 * math.pi)
        - 0.5 * (z**2).sum(-1)
    )


# %% s floored at 1e-3 / codes clamped at 100
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: log-joint-stable
def log_joint(x, z, W, b, s):
    P, D = W.shape
    z = z.clamp(-100, 100)
    return (
        -0.5 * (((x - b - z @ W.T) / s) ** 2).sum(-1)
        - P * math.log(s)
        - 0.5 * (P + D) * math.log(2 * math.pi)
        - 0.5 * (z**2).sum(-1)
    )


# %% half of log 2 pi as 0.9189
# slug: not-exact
# says: it was rounded
def log_joint(x, z, W, b, s):
    residual = (x - b - z @ W.mT) / s
    pixels = (-0.5 * residual**2 - math.log(s) - 0.9189).sum(-1)
    return pixels + (-0.5 * z**2 - 0.9189).sum(-1)
