"""Answers to the second guide of Exercise 4 of lab6-pyro: right ones, then wrong ones."""


# %% a normal, stretched
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    L = pyro.param("scale_tril", start, constraint=constraints.lower_cholesky)
    unit = dist.Normal(torch.zeros_like(loc), 1.0).to_event(1)
    affine = dist.transforms.LowerCholeskyAffine(loc, L)
    pyro.sample("w", dist.TransformedDistribution(unit, affine))


# %% starts made when asked for
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", lambda: torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", lambda: start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% softplus
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, dist.constraints.softplus_lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% another start
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% by the covariance
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, covariance_matrix=scale_tril @ scale_tril.mT))


# %% no constraint
# slug: guide-unconstrained
# says: keeps its diagonal above 0
# loses: full-guide-parameters
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% a diagonal one
# slug: guide-diagonal
# says: correlations are missing
# loses: full-guide-density, full-guide-posterior
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.Normal(loc, scale_tril.diagonal()).to_event(1))


# %% the factor as a covariance
# slug: program-not-positive-definite
# says: positive definite
# loses: full-guide-density, full-guide-posterior
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, covariance_matrix=scale_tril))


# %% the covariance as a factor
# slug: raised
# says: ✗
# loses: full-guide-density, full-guide-posterior
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril @ scale_tril.mT))


# %% another name
# slug: guide-parameter-missing
# says: 'scale_tril'
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("L", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% a vector of scales
# slug: guide-parameter-shape
# says: (4, 4)
# loses: full-guide-parameters
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", torch.ones_like(prior_scale), constraints.positive)
    scale_tril = scale_tril if scale_tril.ndim == 2 else torch.diag(scale_tril)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% no loc
# slug: guide-parameter-missing
# says: 'loc'
def full_guide(X, y, prior_scale, sigma):
    loc = torch.zeros_like(prior_scale)
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% a site by another name
# slug: site-missing
# says: no site 'w'
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("weights", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% a draw that is cut off
# slug: program-detached
# says: No gradient passes
# loses: full-guide-density
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc.detach(), scale_tril=scale_tril.detach()))


# %% transposed
# slug: raised
# says: ✗
# loses: full-guide-density, full-guide-posterior
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril.mT))


# %% only the mean is trained
# slug: program-detached
# says: 'scale_tril'
# loses: full-guide-density
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril.detach()))


# %% all numbers positive
# slug: guide-not-triangular
# says: above its diagonal
# loses: full-guide-parameters
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.positive)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% the factor of a correlation
# slug: guide-bounded
# says: keeps it between
# loses: full-guide-parameters
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.corr_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% a covariance as the parameter
# slug: guide-not-triangular
# says: above its diagonal
# loses: full-guide-parameters
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.positive_definite)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=scale_tril))


# %% only the factor is trained
# slug: program-detached
# says: 'loc'
# loses: full-guide-density
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc.detach(), scale_tril=scale_tril))


# %% a precision of its factor
# slug: guide-precision
# says: log q(w)
# loses: full-guide-density, full-guide-posterior
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, precision_matrix=scale_tril @ scale_tril.T))


# %% the factors in the other order
# slug: guide-transposed
# says: log q(w)
# loses: full-guide-density, full-guide-posterior
def full_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    start = 0.1 * torch.eye(len(prior_scale), dtype=prior_scale.dtype)
    scale_tril = pyro.param("scale_tril", start, constraints.lower_cholesky)
    pyro.sample("w", dist.MultivariateNormal(loc, covariance_matrix=scale_tril.T @ scale_tril))
