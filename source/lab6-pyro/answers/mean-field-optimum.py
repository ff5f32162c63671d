"""Answers to Exercise 5 of lab6-pyro: right ones, then wrong ones."""


# %% as a KL of torch.distributions
def mean_field_optimum(covariance):
    scale = torch.linalg.inv(covariance).diagonal() ** -0.5
    zero = torch.zeros_like(scale)
    q = torch.distributions.MultivariateNormal(zero, scale_tril=torch.diag(scale))
    p = torch.distributions.MultivariateNormal(zero, covariance)
    return [scale, torch.distributions.kl_divergence(q, p)]


# %% of the precision
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = precision.diagonal().rsqrt()
    return scale, 0.5 * (precision.diagonal().log().sum() - torch.logdet(precision))


# %% by Cholesky
def mean_field_optimum(covariance):
    L = torch.linalg.cholesky(covariance)
    scale = 1 / torch.cholesky_inverse(L).diagonal().sqrt()
    return scale, L.diagonal().log().sum() - scale.log().sum()


# %% by eigenvalues
def mean_field_optimum(covariance):
    values, vectors = torch.linalg.eigh(covariance)
    precision = (vectors**2 / values).sum(1)
    return precision**-0.5, 0.5 * (precision.log().sum() + values.log().sum())


# %% by solving
def mean_field_optimum(covariance):
    D = len(covariance)
    precision = torch.linalg.solve(covariance, torch.eye(D, dtype=covariance.dtype))
    scale = torch.stack([precision[d, d] ** -0.5 for d in range(D)])
    return scale, 0.5 * torch.linalg.slogdet(covariance)[1] - torch.log(scale).sum()


# %% the marginals
# slug: mean-field-marginal
# says: marginals
# loses: mean-field-optimum-scale
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = covariance.diagonal().sqrt()
    return scale, 0.5 * (precision.diagonal().log().sum() - torch.logdet(precision))


# %% a variance
# slug: mean-field-variance
# says: its root
# loses: mean-field-optimum-scale
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = precision.diagonal().reciprocal()
    return scale, 0.5 * (precision.diagonal().log().sum() - torch.logdet(precision))


# %% a precision
# slug: mean-field-precision
# says: one over that
# loses: mean-field-optimum-scale
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = precision.diagonal()
    return scale, 0.5 * (precision.diagonal().log().sum() - torch.logdet(precision))


# %% the diagonal of a factor
# slug: mean-field-cholesky
# says: order of the weights
# loses: mean-field-optimum-scale
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = torch.linalg.cholesky(covariance).diagonal()
    return scale, 0.5 * (precision.diagonal().log().sum() - torch.logdet(precision))


# %% along the axes of the posterior
# slug: mean-field-eigen
# says: own axes
# loses: mean-field-optimum-scale
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = torch.linalg.eigvalsh(covariance).sqrt()
    return scale, 0.5 * (precision.diagonal().log().sum() - torch.logdet(precision))


# %% the other divergence
# slug: gap-reverse-kl
# says: KL(p || q)
# loses: mean-field-optimum-gap
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = precision.diagonal().rsqrt()
    return scale, 0.5 * (covariance.diagonal().log().sum() - torch.logdet(covariance))


# %% no half
# slug: gap-no-half
# says: 1/2
# loses: mean-field-optimum-gap
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = precision.diagonal().rsqrt()
    return scale, 1.0 * (precision.diagonal().log().sum() - torch.logdet(precision))


# %% the determinant of the covariance
# slug: gap-determinant-sign
# says: minus that
# loses: mean-field-optimum-gap
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = precision.diagonal().rsqrt()
    return scale, 0.5 * (precision.diagonal().log().sum() - torch.logdet(covariance))


# %% minus
# slug: value-negated
# says: sign
# loses: mean-field-optimum-gap
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = precision.diagonal().rsqrt()
    return scale, -0.5 * (precision.diagonal().log().sum() - torch.logdet(precision))


# %% no determinant
# slug: gap-one-part
# says: two logarithms
# loses: mean-field-optimum-gap
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = precision.diagonal().rsqrt()
    return scale, 0.5 * (precision.diagonal().log().sum())


# %% a determinant that underflows
# slug: nan
# says: inf
# loses: mean-field-optimum-gap
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = precision.diagonal().rsqrt()
    return scale, 0.5 * (precision.diagonal().log().sum() - torch.det(precision).log())


# %% exchanged
# slug: mean-field-exchanged
# says: in this order
def mean_field_optimum(covariance):
    precision = torch.linalg.inv(covariance)
    scale = precision.diagonal().rsqrt()
    return 0.5 * (precision.diagonal().log().sum() - torch.logdet(precision)), scale
