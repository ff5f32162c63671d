"""Answers to Exercise 10 of lab1-elbo: right ones, then wrong ones."""


# %% kl_divergence of MultivariateNormals
def kl_to_posterior(mu, logvar, mean, covariance):
    q = torch.distributions.MultivariateNormal(mu, torch.diag_embed(logvar.exp()))
    p = torch.distributions.MultivariateNormal(mean, covariance)
    return torch.distributions.kl_divergence(q, p)


# %% Cholesky
def kl_to_posterior(mu, logvar, mean, covariance):
    root = torch.linalg.cholesky(covariance)
    delta = (mean - mu)[..., None]
    whitened = torch.linalg.solve_triangular(root, delta, upper=False)[..., 0]
    scaled = torch.linalg.solve_triangular(
        root, torch.diag_embed(torch.exp(logvar / 2)), upper=False
    )
    logdet = 2 * torch.diagonal(root, dim1=-2, dim2=-1).log().sum(-1)
    squares = whitened.pow(2).sum(-1) + scaled.pow(2).sum((-2, -1))
    return (squares - mu.shape[1] + logdet - logvar.sum(-1)) / 2


# %% a loop over images with einsum
def kl_to_posterior(mu, logvar, mean, covariance):
    values = []
    for i in range(len(mu)):
        S = covariance if covariance.ndim == 2 else covariance[i]
        inverse = torch.inverse(S)
        d = mu[i] - mean[i]
        trace = torch.einsum("ii,i->", inverse, logvar[i].exp())
        quadratic = torch.einsum("i,ij,j->", d, inverse, d)
        values.append(0.5 * (trace + quadratic - len(d) + torch.logdet(S) - logvar[i].sum()))
    return torch.stack(values)


# %% cross-entropy with the posterior minus the entropy
def kl_to_posterior(mu, logvar, mean, covariance):
    eigenvalues, vectors = torch.linalg.eigh(covariance)
    along = (vectors.mT @ (mean - mu)[..., None])[..., 0]
    spread = (vectors**2 * logvar.exp()[..., None]).sum(-2)
    both = ((along**2 + spread) / eigenvalues + eigenvalues.log()).sum(-1)
    cross = 0.5 * (both + mu.shape[-1] * math.log(2 * math.pi))
    return cross - entropy(logvar)


# %% solve
def kl_to_posterior(mu, logvar, mean, covariance):
    D = mu.size(-1)
    S = covariance.expand(len(mu), D, D)
    ratio = torch.linalg.solve(S, torch.diag_embed(logvar.exp()))
    pulled = torch.linalg.solve(S, mean - mu)
    trace = ratio.diagonal(dim1=-2, dim2=-1).sum(-1)
    return 0.5 * (trace + (pulled * (mean - mu)).sum(-1) - D + torch.slogdet(S)[1] - logvar.sum(-1))


# %% vmap
def kl_to_posterior(mu, logvar, mean, covariance):
    def one(mu, logvar, mean, covariance):
        P = torch.linalg.inv(covariance)
        d = mean - mu
        logdet = torch.linalg.slogdet(covariance)[1]
        rest = logdet - len(mu) - logvar.sum()
        return 0.5 * ((P.diagonal() * logvar.exp()).sum() + d @ P @ d + rest)

    dims = (0, 0, 0, 0 if covariance.ndim == 3 else None)
    return torch.func.vmap(one, in_dims=dims)(mu, logvar, mean, covariance)


# %% reversed
# slug: gap-reversed
# says: KL(q || p)
def kl_to_posterior(mu, logvar, mean, covariance):
    q = torch.distributions.MultivariateNormal(mu, torch.diag_embed(logvar.exp()))
    p = torch.distributions.MultivariateNormal(mean, covariance.expand(len(mu), -1, -1))
    return torch.distributions.kl_divergence(p, q)


# %% posterior taken for diagonal
# slug: gap-diagonal
# says: correlations matter
def kl_to_posterior(mu, logvar, mean, covariance):
    variances = torch.diagonal(covariance, dim1=-2, dim2=-1)
    p = torch.distributions.Normal(mean, variances.sqrt())
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    return torch.distributions.kl_divergence(q, p).sum(-1)


# %% inverse of the diagonal in the trace
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


# %% covariance not inverted
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


# %% log-determinants exchanged
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


# %% both log-determinants added
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


# %% log-determinant of the posterior missing
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


# %% both log-determinants missing
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


# %% D missing
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


# %% 1 instead of D
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


# %% trace missing
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


# %% distance missing
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


# %% distance not squared
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


# %% half missing
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


# %% half on the squares only
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


# %% standard deviation in the trace
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


# %% logvar as log sigma
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


# %% logvar in the trace
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


# %% determinant not logged
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


# %% log of det
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


# %% jitter
# slug: not-exact
# says: something added
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance + 1e-8 * torch.eye(len(mean[0]), dtype=mu.dtype))
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    D = mu.shape[-1]
    return 0.5 * (trace + distance - D + logdet - logvar.sum(-1))


# %% KL to the prior
# slug: gap-to-prior
# says: KL to the prior
def kl_to_posterior(mu, logvar, mean, covariance):
    return gaussian_kl(mu, logvar)


# %% one covariance only
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


# %% first covariance for all
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


# %% negative
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


# %% one number for the batch
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


# %% all pairs of images
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


# %% by sampling
# slug: value-random
# says: Two calls
def kl_to_posterior(mu, logvar, mean, covariance):
    z = mu + torch.exp(0.5 * logvar) * torch.randn(4000, *mu.shape, dtype=mu.dtype)
    p = torch.distributions.MultivariateNormal(mean, covariance)
    return (log_q(z, mu, logvar) - p.log_prob(z)).mean(0)


# %% float32
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


# %% nothing returned
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


# %% a generator
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


# %% log-determinant of the precision
# slug: gap-log-determinant-sign
# says: log det S is added
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta * (precision @ delta[..., None])[..., 0]).sum(-1)
    logdet = torch.linalg.slogdet(precision).logabsdet
    return 0.5 * (trace + distance - mu.shape[-1] + logdet - logvar.sum(-1))


# %% diagonal of the precision in the distance
# slug: gap-diagonal
# says: correlations matter
def kl_to_posterior(mu, logvar, mean, covariance):
    precision = torch.linalg.inv(covariance)
    delta = mean - mu
    trace = (torch.diagonal(precision, dim1=-2, dim2=-1) * logvar.exp()).sum(-1)
    distance = (delta**2 * torch.diagonal(precision, dim1=-2, dim2=-1)).sum(-1)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    return 0.5 * (trace + distance - mu.shape[-1] + logdet - logvar.sum(-1))


# %% Cholesky factor without its 2
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


# %% q's covariance via exp, cholesky of diag; clamps +-25
# slug: kl-clipped
# says: or a small constant was added
# loses: kl-to-posterior-stable
def kl_to_posterior(mu, logvar, mean, covariance):
    MVN = torch.distributions.MultivariateNormal
    logvar = logvar.clamp(-25, 25)
    return torch.distributions.kl_divergence(
        MVN(mu, scale_tril=torch.diag_embed((0.5 * logvar).exp())), MVN(mean, covariance)
    )


# %% squeeze
# slug: shape-ones-dropped
# says: squeeze() takes every one of them
# loses: kl-to-posterior-value
def kl_to_posterior(mu, logvar, mean, covariance):
    MVN = torch.distributions.MultivariateNormal
    return torch.distributions.kl_divergence(
        MVN(mu, scale_tril=torch.diag_embed((0.5 * logvar).exp())), MVN(mean, covariance)
    ).squeeze()


# %% logvar clamped to +-15
# slug: kl-clipped
# says: or a small constant was added
# loses: kl-to-posterior-stable
def kl_to_posterior(mu, logvar, mean, covariance):
    MVN = torch.distributions.MultivariateNormal
    logvar = logvar.clamp(-15, 15)
    return torch.distributions.kl_divergence(
        MVN(mu, scale_tril=torch.diag_embed((0.5 * logvar).exp())), MVN(mean, covariance)
    )


# %% squeeze of the covariance (D = 1)
# slug: raised
# says: ValueError
# loses: kl-to-posterior-value
def kl_to_posterior(mu, logvar, mean, covariance):
    S = covariance.squeeze() if covariance.shape[-1] == 1 else covariance
    MVN = torch.distributions.MultivariateNormal
    return torch.distributions.kl_divergence(
        MVN(mu, scale_tril=torch.diag_embed((0.5 * logvar).exp())), MVN(mean, S)
    )
