"""Answers to Exercise 4 of lab6-pyro: right ones, then wrong ones."""


# %% softplus
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param(
        "scale",
        0.1 * torch.ones_like(prior_scale),
        dist.constraints.softplus_positive,
    )
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% independent
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Independent(dist.Normal(loc, scale), 1))


# %% a diagonal matrix
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.MultivariateNormal(loc, scale_tril=torch.diag(scale)))


# %% starts made when asked for, keywords
def mean_field_guide(X, y, prior_scale, sigma):
    D = X.shape[1]
    loc = pyro.param("loc", lambda: torch.zeros(D, dtype=X.dtype))
    above = constraints.greater_than(0.0)
    scale = pyro.param("scale", lambda: torch.full((D,), 0.2, dtype=X.dtype), constraint=above)
    return pyro.sample("w", dist.Normal(loc=loc, scale=scale).to_event(1))


# %% another start
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.randn_like(prior_scale))
    scale = pyro.param("scale", prior_scale.clone(), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% no constraint
# slug: guide-unconstrained
# says: constraint
# loses: mean-field-guide-parameters
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale))
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% a site for each weight
# slug: site-missing
# says: no site 'w'
# loses: mean-field-guide-site, mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    for d in range(len(loc)):
        pyro.sample(f"w_{d}", dist.Normal(loc[d], scale[d]))


# %% no event
# slug: guide-no-event
# says: to_event(1)
# loses: mean-field-guide-site, mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale))


# %% a plate around it
# slug: guide-no-event
# says: to_event(1)
# loses: mean-field-guide-site, mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    with pyro.plate("weights", len(loc)):
        pyro.sample("w", dist.Normal(loc, scale))


# %% scale as a variance
# slug: guide-scale-is-variance
# says: standard deviation
# loses: mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale.sqrt()).to_event(1))


# %% exp of a positive number
# slug: guide-exp-twice
# says: no exp of it
# loses: mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale.exp()).to_event(1))


# %% one scale for all
# slug: guide-parameter-shape
# says: (4,)
# loses: mean-field-guide-parameters
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", torch.tensor(0.1), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% another name
# slug: guide-parameter-missing
# says: 'scale'
# loses: mean-field-guide-parameters, mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("std", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% a parameter too many
# slug: guide-parameter-unasked
# says: too many
# loses: mean-field-guide-parameters
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.param("extra", torch.zeros(1))
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% a draw that is cut off
# slug: program-detached
# says: No gradient passes
# loses: mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc.detach(), scale.detach()).to_event(1))


# %% the data are in it
# slug: site-unasked
# says: a site
# loses: mean-field-guide-site, mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("y", dist.Normal(X @ loc, sigma).to_event(1), obs=y)
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% w is observed
# slug: site-observed
# says: obs
# loses: mean-field-guide-site, mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale).to_event(1), obs=loc)


# %% tensors that nobody trains
# slug: guide-parameter-missing
# says: 'loc'
# loses: mean-field-guide-parameters, mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = torch.zeros_like(prior_scale)
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% only the mean is trained
# slug: program-detached
# says: 'scale'
# loses: mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale.detach()).to_event(1))


# %% the right density of a wrong draw
# slug: noise-scale
# says: in units of the scale
# loses: mean-field-guide-density
class Narrow(dist.Normal):
    def rsample(self, sample_shape=()):
        return self.loc + 0.2 * (super().rsample(torch.Size(sample_shape)) - self.loc)


def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Independent(Narrow(loc, scale), 1))


# %% a scale below one
# slug: guide-bounded
# says: keeps it between
# loses: mean-field-guide-parameters
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.unit_interval)
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% an interval that ends below zero
# slug: guide-unconstrained
# says: above 0
# loses: mean-field-guide-parameters
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param(
        "scale", 0.1 * torch.ones_like(prior_scale), constraints.interval(-0.001, 5.0)
    )
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% a clamp
# slug: wrong-value
# says: log q(w)
# loses: mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale.clamp(0.2, 1.0)).to_event(1))


# %% only the width is trained
# slug: program-detached
# says: 'loc'
# loses: mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc.detach(), scale).to_event(1))


# %% it hardly counts
# slug: site-scaled
# says: counts 0.001 times
# loses: mean-field-guide-site
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    with pyro.poutine.scale(scale=0.001):
        pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% the store cleared inside
# slug: guide-starts-anew
# says: begins with another value
# loses: mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    pyro.clear_param_store()
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))


# %% a Delta
# slug: guide-delta
# says: -inf
# loses: mean-field-guide-density
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.zeros_like(prior_scale))
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Delta(loc).to_event(1))


# %% a mean above zero
# slug: guide-bounded
# says: keeps 'loc'
# loses: mean-field-guide-parameters
def mean_field_guide(X, y, prior_scale, sigma):
    loc = pyro.param("loc", torch.ones_like(prior_scale), constraints.positive)
    scale = pyro.param("scale", 0.1 * torch.ones_like(prior_scale), constraints.positive)
    pyro.sample("w", dist.Normal(loc, scale).to_event(1))
