"""Answers to Exercise 3 of lab6-pyro: right ones, then wrong ones."""


# %% by Bayes' rule at the mean
def log_evidence(X, y, prior_scale, sigma):
    precision = torch.diag(prior_scale**-2) + X.T @ X / sigma**2
    mean = torch.linalg.solve(precision, X.T @ y / sigma**2)
    likelihood = torch.distributions.Normal(X @ mean, sigma).log_prob(y).sum()
    prior = torch.distributions.Normal(torch.zeros_like(mean), prior_scale).log_prob(mean).sum()
    posterior = torch.distributions.MultivariateNormal(mean, precision_matrix=precision)
    return likelihood + prior - posterior.log_prob(mean)


# %% by slogdet
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    distance = y @ torch.linalg.solve(covariance, y)
    return -0.5 * (distance + logdet + len(y) * math.log(2 * math.pi))


# %% one datum after the other
def log_evidence(X, y, prior_scale, sigma):
    mean, covariance = torch.zeros_like(prior_scale), torch.diag(prior_scale**2)
    total = torch.zeros((), dtype=X.dtype)
    for row, value in zip(X, y):
        spread = row @ covariance @ row + sigma**2
        total = total + torch.distributions.Normal(row @ mean, spread.sqrt()).log_prob(value)
        gain = covariance @ row / spread
        mean = mean + gain * (value - row @ mean)
        covariance = covariance - torch.outer(gain, row @ covariance)
    return total


# %% a low-rank normal
def log_evidence(X, y, prior_scale, sigma):
    noise = torch.full_like(y, sigma**2)
    model = dist.LowRankMultivariateNormal(torch.zeros_like(y), X * prior_scale, noise)
    return model.log_prob(y)


# %% by the determinant lemma
def log_evidence(X, y, prior_scale, sigma):
    W = X * prior_scale / sigma
    inner = torch.eye(W.shape[1], dtype=X.dtype) + W.T @ W
    logdet = torch.logdet(inner) + 2 * len(y) * math.log(sigma)
    u = y / sigma
    distance = u @ u - (W.T @ u) @ torch.linalg.solve(inner, W.T @ u)
    return -0.5 * (distance + logdet + len(y) * math.log(2 * math.pi))


# %% the likelihood at the mean
# slug: evidence-likelihood-at-mean
# says: one w
def log_evidence(X, y, prior_scale, sigma):
    mean, _ = exact_posterior(X, y, prior_scale, sigma)
    return torch.distributions.Normal(X @ mean, sigma).log_prob(y).sum()


# %% the joint at the mean
# slug: evidence-joint-at-mean
# says: one w
def log_evidence(X, y, prior_scale, sigma):
    mean, _ = exact_posterior(X, y, prior_scale, sigma)
    likelihood = torch.distributions.Normal(X @ mean, sigma).log_prob(y).sum()
    prior = torch.distributions.Normal(torch.zeros_like(mean), prior_scale)
    return likelihood + prior.log_prob(mean).sum()


# %% BIC
# slug: evidence-bic
# says: the BIC
def log_evidence(X, y, prior_scale, sigma):
    mean, _ = exact_posterior(X, y, prior_scale, sigma)
    likelihood = torch.distributions.Normal(X @ mean, sigma).log_prob(y).sum()
    return likelihood - 0.5 * X.shape[1] * math.log(len(X))


# %% no prior
# slug: evidence-no-prior
# says: X S X'
def log_evidence(X, y, prior_scale, sigma):
    covariance = sigma**2 * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    distance = y @ torch.linalg.solve(covariance, y)
    return -0.5 * (distance + logdet + len(y) * math.log(2 * math.pi))


# %% the prior scale once
# slug: evidence-prior-not-squared
# says: prior_scale^2
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale) @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    distance = y @ torch.linalg.solve(covariance, y)
    return -0.5 * (distance + logdet + len(y) * math.log(2 * math.pi))


# %% sigma once
# slug: evidence-sigma-not-squared
# says: sigma^2 I
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T + sigma * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    distance = y @ torch.linalg.solve(covariance, y)
    return -0.5 * (distance + logdet + len(y) * math.log(2 * math.pi))


# %% the posterior's covariance
# slug: evidence-posterior-for-prior
# says: over the prior
def log_evidence(X, y, prior_scale, sigma):
    _, covariance = exact_posterior(X, y, prior_scale, sigma)
    total = X @ covariance @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    return torch.distributions.MultivariateNormal(torch.zeros_like(y), total).log_prob(y)


# %% the predictive density
# slug: evidence-predictive
# says: seen them already
def log_evidence(X, y, prior_scale, sigma):
    mean, covariance = exact_posterior(X, y, prior_scale, sigma)
    total = X @ covariance @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    return torch.distributions.MultivariateNormal(X @ mean, total).log_prob(y)


# %% no determinant
# slug: evidence-no-determinant
# says: determinant is missing
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    distance = y @ torch.linalg.solve(covariance, y)
    return -0.5 * (distance + len(y) * math.log(2 * math.pi))


# %% the determinant's sign
# slug: evidence-determinant-sign
# says: wrong sign
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    distance = y @ torch.linalg.solve(covariance, y)
    return -0.5 * (distance - logdet + len(y) * math.log(2 * math.pi))


# %% no constant
# slug: evidence-no-constant
# says: N/2 log
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    distance = y @ torch.linalg.solve(covariance, y)
    return -0.5 * (distance + logdet)


# %% no half in the quadratic form
# slug: evidence-no-half
# says: factor 1/2
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    distance = y @ torch.linalg.solve(covariance, y)
    return -0.5 * (2 * distance + logdet + len(y) * math.log(2 * math.pi))


# %% minus
# slug: value-negated
# says: sign
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    distance = y @ torch.linalg.solve(covariance, y)
    return 0.5 * (distance + logdet + len(y) * math.log(2 * math.pi))


# %% a mean over data
# slug: evidence-averaged
# says: Divided
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.slogdet(covariance).logabsdet
    distance = y @ torch.linalg.solve(covariance, y)
    return -0.5 * (distance + logdet + len(y) * math.log(2 * math.pi)) / len(y)


# %% each datum alone
# slug: evidence-each-alone
# says: correlated
def log_evidence(X, y, prior_scale, sigma):
    variance = ((X * prior_scale) ** 2).sum(1) + sigma**2
    return torch.distributions.Normal(torch.zeros_like(y), variance.sqrt()).log_prob(y).sum()


# %% a determinant that underflows
# slug: evidence-determinant
# says: slogdet
# loses: log-evidence-stable
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    logdet = torch.linalg.det(covariance).log()
    distance = y @ torch.linalg.solve(covariance, y)
    return -0.5 * (distance + logdet + len(y) * math.log(2 * math.pi))


# %% the covariance as a precision
# slug: evidence-precision
# says: log p(y)
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T + sigma**2 * torch.eye(len(X), dtype=X.dtype)
    return dist.MultivariateNormal(torch.zeros_like(y), precision_matrix=covariance).log_prob(y)


# %% no noise
# slug: program-not-positive-definite
# says: positive definite
def log_evidence(X, y, prior_scale, sigma):
    covariance = (X * prior_scale**2) @ X.T
    return dist.MultivariateNormal(torch.zeros_like(y), covariance).log_prob(y)
