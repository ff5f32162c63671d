"""Answers to Exercise 1 of lab6-pyro: right ones, then wrong ones."""


# %% weights in a loop
def regression(africa, ruggedness, log_gdp=None):
    scales = {"a": 10.0, "b_africa": 1.0, "b_ruggedness": 1.0, "b_both": 1.0}
    w = {name: pyro.sample(name, dist.Normal(0.0, scale)) for name, scale in scales.items()}
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    slope = w["b_ruggedness"] + w["b_both"] * africa
    with pyro.plate("countries", len(africa)):
        mean = w["a"] + w["b_africa"] * africa + slope * ruggedness
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% sigma first, the plate by its size
def regression(africa, ruggedness, log_gdp=None):
    sigma = pyro.sample("sigma", dist.Uniform(0, 10))
    a = pyro.sample("a", dist.Normal(0, 10))
    b_africa, b_ruggedness, b_both = (
        pyro.sample(name, dist.Normal(0, 1)) for name in ("b_africa", "b_ruggedness", "b_both")
    )
    X = torch.stack([torch.ones_like(africa), africa, ruggedness, africa * ruggedness], dim=-1)
    mean = X @ torch.stack([a, b_africa, b_ruggedness, b_both]).to(X.dtype)
    with pyro.plate("countries", africa.shape[0]):
        return pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% the plate over the subsample of all, an index
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(torch.tensor(0.0), torch.tensor(10.0)))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    with pyro.plate("countries", len(ruggedness)) as rows:
        inside, rough = africa[rows], ruggedness[rows]
        mean = a + b_africa * inside + b_ruggedness * rough + b_both * inside * rough
        seen = None if log_gdp is None else log_gdp[rows]
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=seen)


# %% handlers and a deterministic site
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    line = a + b_africa * africa + (b_ruggedness + b_both * africa) * ruggedness
    mean = pyro.deterministic("mean", line, event_dim=1)
    with pyro.plate("countries", size=len(africa), dim=-1):
        pyro.sample("log_gdp", dist.Normal(loc=mean, scale=sigma), obs=log_gdp)


# %% a normal number, stretched and moved
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + (b_ruggedness + b_both * africa) * ruggedness
    unit = dist.Normal(torch.zeros_like(mean), 1.0)
    scaled = dist.TransformedDistribution(unit, dist.transforms.AffineTransform(mean, sigma))
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", scaled, obs=log_gdp)


# %% no plate
# slug: plate-missing
# says: in no plate
# loses: regression-likelihood
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% another plate
# slug: plate-missing
# says: 'countries' was asked for
# loses: regression-likelihood
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("data", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% a variance as the scale
# slug: regression-variance-for-scale
# says: sigma itself
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma**2), obs=log_gdp)


# %% a root as the scale
# slug: regression-variance-for-scale
# says: sigma itself
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma**0.5), obs=log_gdp)


# %% no interaction
# slug: regression-no-interaction
# says: b_both is not used
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% no constant
# slug: regression-no-constant
# says: constant a is missing
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% africa left out
# slug: regression-no-africa
# says: b_africa is not used
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% ruggedness left out
# slug: regression-no-ruggedness
# says: b_ruggedness is not used
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% the two exchanged
# slug: regression-exchanged
# says: exchanged
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * ruggedness + b_ruggedness * africa + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% an interaction that is a sum
# slug: regression-interaction-sum
# says: product of the two
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * (africa + ruggedness)
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% exp of the data
# slug: regression-of-exp
# says: no exp
# loses: regression-likelihood
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample(
            "log_gdp", dist.Normal(mean, sigma), obs=None if log_gdp is None else log_gdp.exp()
        )


# %% a prior of one for the constant
# slug: prior-scale
# says: another scale
# loses: regression-priors
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 1.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% variances for scales
# slug: prior-scale
# says: another scale
# loses: regression-priors
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 100.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% all priors ten
# slug: prior-scale
# says: another scale
# loses: regression-priors
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 10.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 10.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 10.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% a half normal for sigma
# slug: prior-sigma
# says: Uniform(0, 10)
# loses: regression-priors
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.HalfNormal(1.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% a uniform prior up to one
# slug: prior-sigma
# says: Uniform(0, 10)
# loses: regression-priors
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 1.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% the data are drawn
# slug: site-not-observed
# says: drawn anew
# loses: regression-sites, regression-priors, regression-likelihood
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma))


# %% a site by another name
# slug: site-missing
# says: no site 'b_both'
# loses: regression-sites, regression-priors, regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_interaction", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% a site too many
# slug: site-unasked
# says: a site 'tau'
# loses: regression-sites, regression-priors
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    pyro.sample("tau", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% weights as vectors of one
# slug: site-shape
# says: single number
# loses: regression-sites, regression-priors
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(torch.zeros(1), 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(torch.zeros(1), 1.0))
    b_both = pyro.sample("b_both", dist.Normal(torch.zeros(1), 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% sigma is known
# slug: site-missing
# says: no site 'sigma'
# loses: regression-sites, regression-priors, regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = 1.0
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% one event of all countries
# slug: regression-summed
# says: the plate is enough
# loses: regression-likelihood
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    pyro.sample("log_gdp", dist.Normal(mean, sigma).to_event(1), obs=log_gdp)


# %% a seed inside
# slug: noise-frozen
# says: draw the same
# loses: regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    pyro.set_rng_seed(0)
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% counted ten times
# slug: site-scaled
# says: counts 10 times
# loses: regression-likelihood
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.poutine.scale(scale=10.0), pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% sigma cut off
# slug: program-detached
# says: 'sigma'
# loses: regression-likelihood
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma.item()), obs=log_gdp)


# %% the right density of a wrong draw
# slug: noise-scale
# says: in units of its prior
# loses: regression-priors
class Forged(dist.Normal):
    def sample(self, sample_shape=()):
        return 0.1 * super().sample(torch.Size(sample_shape))

    rsample = sample

    def __call__(self, *arguments, **keywords):
        return self.sample(*arguments)

    def expand(self, batch_shape, _instance=None):
        return self


def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", Forged(torch.tensor(0.0), torch.tensor(10.0)))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", Forged(torch.tensor(0.0), torch.tensor(1.0)))
    b_both = pyro.sample("b_both", Forged(torch.tensor(0.0), torch.tensor(1.0)))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% the mean cut off
# slug: program-detached
# says: No gradient passes
# loses: regression-likelihood
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean.detach(), sigma), obs=log_gdp)


# %% a prior that hardly counts
# slug: site-scaled
# says: 'a' counts 0.001 times
# loses: regression-priors
def regression(africa, ruggedness, log_gdp=None):
    with pyro.poutine.scale(scale=0.001):
        a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% a prior behind a mask
# slug: site-masked
# says: mask leaves some of 'a' out
# loses: regression-priors
def regression(africa, ruggedness, log_gdp=None):
    with pyro.poutine.mask(mask=False):
        a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% sigma begins above zero
# slug: prior-sigma
# says: 'sigma' at 0.01
# loses: regression-priors
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.05, 10.05))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% a term that is noted as none
# slug: site-unasked
# says: 'extra'
# loses: regression-sites, regression-priors
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)
    pyro.sample("extra", dist.Normal(0.0, 1.0), obs=mean.sum(), infer={"_deterministic": True})


# %% to_event in the plate
# slug: regression-summed
# says: log p(log_gdp)
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma).to_event(1), obs=log_gdp)


# %% the mean where there are no data
# slug: regression-no-noise
# says: without noise
# loses: regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        if log_gdp is None:
            pyro.sample("log_gdp", dist.Delta(mean))
        else:
            pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% a prior around nine
# slug: prior-other
# says: log prior of 'a'
# loses: regression-priors
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(9.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% centered in place
# slug: changed-argument
# says: ruggedness
def regression(africa, ruggedness, log_gdp=None):
    ruggedness -= ruggedness.mean()
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa = pyro.sample("b_africa", dist.Normal(0.0, 1.0))
    b_ruggedness = pyro.sample("b_ruggedness", dist.Normal(0.0, 1.0))
    b_both = pyro.sample("b_both", dist.Normal(0.0, 1.0))
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% the plate as large as the data of the notebook
# slug: plate-size
# says: there are
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa, b_ruggedness, b_both = (
        pyro.sample(name, dist.Normal(0.0, 1.0)) for name in ("b_africa", "b_ruggedness", "b_both")
    )
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + (b_ruggedness + b_both * africa) * ruggedness
    with pyro.plate("countries", 170):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% the interaction without africa
# slug: regression-factor-left-out
# says: log p(log_gdp)
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa, b_ruggedness, b_both = (
        pyro.sample(name, dist.Normal(0.0, 1.0)) for name in ("b_africa", "b_ruggedness", "b_both")
    )
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + b_ruggedness * ruggedness + b_both * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)


# %% b_africa without africa
# slug: regression-factor-left-out
# says: log p(log_gdp)
# loses: regression-likelihood, regression-drawn
def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", dist.Normal(0.0, 10.0))
    b_africa, b_ruggedness, b_both = (
        pyro.sample(name, dist.Normal(0.0, 1.0)) for name in ("b_africa", "b_ruggedness", "b_both")
    )
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa + b_ruggedness * ruggedness + b_both * africa * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)
