"""Answers to Exercise 2 of lab3-vae: right ones, then wrong ones."""


# %% rsample
def reparameterize(mu, logvar):
    return torch.distributions.Normal(mu, (0.5 * logvar).exp()).rsample()


# %% minus eps
def reparameterize(mu, logvar):
    return mu - torch.exp(logvar / 2) * torch.randn(mu.shape)


# %% root of the variance, eps from numpy
def reparameterize(mu, logvar):
    import numpy as np

    eps = torch.from_numpy(np.random.default_rng().standard_normal(mu.shape))
    return mu + logvar.exp().sqrt() * eps.to(mu.dtype)


# %% multivariate normal with a diagonal
def reparameterize(mu, logvar):
    from torch.distributions import MultivariateNormal

    scale_tril = torch.diag_embed(torch.exp(0.5 * logvar))
    return MultivariateNormal(mu, scale_tril=scale_tril).rsample()


# %% Independent, logvar first
def reparameterize(mu, logvar):
    sigma = torch.sqrt(torch.exp(logvar))
    q = torch.distributions.Independent(torch.distributions.Normal(loc=mu, scale=sigma), 1)
    return q.rsample()


# %% row by row
def reparameterize(mu, logvar):
    rows = []
    for m, s in zip(mu, logvar):
        rows.append(m + torch.exp(s * 0.5) * torch.normal(0.0, 1.0, size=m.shape))
    return torch.stack(rows)


# %% eps filled in place, addcmul
def reparameterize(mu, logvar):
    eps = torch.empty_like(mu).normal_()
    return torch.addcmul(mu, eps, logvar.mul(0.5).exp())


# %% a generator of its own, in float32
def reparameterize(mu, logvar):
    generator = torch.Generator()
    generator.seed()
    eps = torch.randn(mu.size(0), mu.size(1), generator=generator)
    return mu + torch.exp(0.5 * logvar) * eps


# %% standard normal distribution, without gradient for eps
def reparameterize(mu, logvar):
    with torch.no_grad():
        eps = torch.distributions.Normal(0, 1).sample(mu.shape)
    return eps * (logvar * 0.5).exp() + mu


# %% inverse cumulative distribution
def reparameterize(mu, logvar):
    u = torch.rand_like(mu, dtype=torch.float64).clamp(1e-12, 1 - 1e-12)
    eps = torch.special.ndtri(u).to(mu.dtype)
    return mu + eps * 2 ** (logvar / (2 * torch.log(torch.tensor(2.0, dtype=mu.dtype))))


# %% einsum with a diagonal matrix
def reparameterize(mu, logvar):
    eps = torch.randn_like(logvar)
    return mu + torch.einsum("bij,bj->bi", torch.diag_embed((logvar / 2).exp()), eps)


# %% compiled
@torch.compile
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% vmap over the rows
def reparameterize(mu, logvar):
    def row(mu, logvar):
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)

    return torch.func.vmap(row, randomness="different")(mu, logvar)


# %% a function of autograd's
def reparameterize(mu, logvar):
    class Stretch(torch.autograd.Function):
        @staticmethod
        def forward(ctx, logvar, eps):
            ctx.save_for_backward(off := torch.exp(logvar / 2) * eps)
            return off.clone()

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, gradient):
            (off,) = ctx.saved_tensors
            return gradient * off / 2, None

    return mu + Stretch.apply(logvar, torch.randn_like(mu))


# %% stretched by the variance
# loses: reparameterize-pathwise
# slug: std-is-variance
# says: exp(logvar), the variance, instead of its root
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar) * torch.randn_like(mu)


# %% a derivative written by hand
# loses: reparameterize-pathwise
# slug: wrong-derivative
# says: From logvar = 0 to 6
def reparameterize(mu, logvar):
    class Sample(torch.autograd.Function):
        @staticmethod
        def forward(ctx, mu, logvar):
            noise = torch.randn_like(mu) * (logvar > -50)
            ctx.save_for_backward(noise)
            return mu + noise

        @staticmethod
        def backward(ctx, gradient):
            (noise,) = ctx.saved_tensors
            return gradient, gradient * noise / 2

    return Sample.apply(mu, logvar)


# %% exp missing
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-no-exp
# says: an exp is missing
def reparameterize(mu, logvar):
    return mu + 0.5 * logvar * torch.randn_like(mu)


# %% exp and half missing
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-no-exp
# says: stretched by the log-variance itself
def reparameterize(mu, logvar):
    return mu + logvar * torch.randn_like(mu)


# %% exponent with the wrong sign
# loses: reparameterize-pathwise
# slug: std-inverse
# says: 1 / sigma
def reparameterize(mu, logvar):
    return mu + torch.exp(-0.5 * logvar) * torch.randn_like(mu)


# %% softplus convention
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-softplus
# says: another convention
def reparameterize(mu, logvar):
    return mu + F.softplus(logvar) * torch.randn_like(mu)


# %% root of the log-variance
# slug: std-square-root
# says: undo the log first
def reparameterize(mu, logvar):
    return mu + torch.sqrt(logvar) * torch.randn_like(mu)


# %% uniform noise
# loses: reparameterize-noise
# slug: noise-uniform
# says: rand instead of randn
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.rand_like(mu)


# %% uniform noise of equal variance
# loses: reparameterize-noise
# slug: noise-uniform
# says: the noise is uniform
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * (2 * torch.rand_like(mu) - 1) * 3**0.5


# %% random signs
# loses: reparameterize-noise
# slug: noise-not-normal
# says: it is not normal
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu).sign()


# %% one eps for the whole batch
# loses: reparameterize-noise
# slug: noise-shared-batch
# says: drawn for each image
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape[1])


# %% one eps for all latent dimensions
# loses: reparameterize-noise
# slug: noise-shared-latent
# says: for all its latent dimensions
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(len(mu), 1)


# %% one number for everything
# loses: reparameterize-noise
# slug: noise-shared
# says: one random number serves the whole batch
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(())


# %% noise scaled down
# loses: reparameterize-noise
# slug: noise-scale
# says: does not have variance 1
def reparameterize(mu, logvar):
    return mu + 0.01 * torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% noise not centered
# loses: reparameterize-noise
# slug: noise-off-center
# says: mean 0
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * (torch.randn_like(mu) + 1)


# %% noise in pairs
# loses: reparameterize-noise
# slug: noise-correlated
# says: used more than once
def reparameterize(mu, logvar):
    half = torch.randn((len(mu) + 1) // 2, mu.shape[1]).repeat_interleave(2, dim=0)
    return mu + torch.exp(0.5 * logvar) * half[: len(mu)]


# %% mean scaled as well
# loses: reparameterize-pathwise
# slug: mu-scaled
# says: shift it then
def reparameterize(mu, logvar):
    return (mu + torch.randn_like(mu)) * torch.exp(0.5 * logvar)


# %% sample of a distribution
# loses: reparameterize-pathwise
# slug: sample-detached
# says: no gradient reaches mu and logvar
def reparameterize(mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(0.5 * logvar)).sample()


# %% torch.normal
# loses: reparameterize-pathwise
# slug: sample-detached
# says: no gradient reaches mu and logvar
def reparameterize(mu, logvar):
    return torch.normal(mu, torch.exp(0.5 * logvar))


# %% no_grad around all of it
# loses: reparameterize-pathwise
# slug: sample-detached
# says: requires_grad=False
@torch.no_grad()
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% standard deviation detached
# loses: reparameterize-pathwise
# slug: std-detached
# says: standard deviation is detached
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar).detach() * torch.randn_like(mu)


# %% mean detached
# loses: reparameterize-pathwise
# slug: mu-detached
# says: dz/dmu is 0
def reparameterize(mu, logvar):
    return mu.detach() + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% mean missing
# loses: reparameterize-pathwise, reparameterize-noise
# slug: mu-detached
# says: mu is missing
def reparameterize(mu, logvar):
    return torch.exp(0.5 * logvar) * torch.randn_like(logvar)


# %% mean returned
# slug: no-noise
# says: there is no noise
def reparameterize(mu, logvar):
    return mu


# %% seed inside
# loses: reparameterize-fresh
# slug: noise-frozen
# says: the noise is drawn once
def reparameterize(mu, logvar):
    generator = torch.Generator().manual_seed(0)
    eps = torch.randn(mu.shape, generator=generator)
    return mu + torch.exp(0.5 * logvar) * eps


# %% cached noise
# loses: reparameterize-fresh
# slug: noise-frozen
# says: each call needs its own
def reparameterize(mu, logvar, cache={}):
    key = mu.shape, mu.dtype
    if key not in cache:
        cache[key] = torch.randn_like(mu)
    return mu + torch.exp(0.5 * logvar) * cache[key]


# %% argument changed in place
# slug: raised
# says: in-place operation
def reparameterize(mu, logvar):
    mu += torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return mu


# %% a latent size hard-coded
# slug: raised
# says: line 2 of your cell
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(len(mu), 20)


# %% the mean where gradients are off
# loses: reparameterize-noise, reparameterize-fresh
# slug: no-noise
# says: under torch.no_grad()
def reparameterize(mu, logvar):
    if not torch.is_grad_enabled():
        return mu
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% log-variance clamped
# loses: reparameterize-pathwise
# slug: std-clipped
# says: logvar was clamped
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar.clamp(-4, 4)) * torch.randn_like(mu)


# %% log-variance clamped at -20
# loses: reparameterize-pathwise
# slug: std-clipped
# says: logvar = -60
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar.clamp(min=-20)) * torch.randn_like(mu)


# %% noise cut off at 2
# loses: reparameterize-noise
# slug: noise-cut
# says: large values are missing
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu).clamp(-2, 2)


# %% no standard deviation
# loses: reparameterize-pathwise
# slug: std-detached
# says: detached or missing
def reparameterize(mu, logvar):
    return mu + torch.randn_like(mu)


# %% gradients switched off for good
# slug: gradients-left-off
# says: use torch.no_grad()
def reparameterize(mu, logvar):
    torch.set_grad_enabled(False)
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% pairs of opposite noise
# loses: reparameterize-noise
# slug: noise-correlated
# says: copies of others, up to the sign
def reparameterize(mu, logvar):
    half = torch.randn_like(mu[: (len(mu) + 1) // 2])
    eps = torch.stack([half, -half], dim=1).flatten(0, 1)[: len(mu)]
    return mu + torch.exp(logvar / 2) * eps


# %% the second half is the first, backwards
# loses: reparameterize-noise
# slug: noise-correlated
# says: copies of others
def reparameterize(mu, logvar):
    half = torch.randn_like(mu[: (len(mu) + 1) // 2])
    eps = torch.cat([half, half.flip(0)])[: len(mu)]
    return mu + torch.exp(logvar / 2) * eps


# %% two columns for all
# loses: reparameterize-noise
# slug: noise-correlated
# says: copies of others
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu[:, :2])
    eps = eps.repeat(1, mu.shape[1] // 2 + 1)[:, : mu.shape[1]]
    return mu + torch.exp(logvar / 2) * eps


# %% each column a permutation of the first
# loses: reparameterize-noise
# slug: noise-correlated
# says: copies of others
def reparameterize(mu, logvar):
    first = torch.randn_like(mu[:, 0])
    columns = [first[torch.randperm(len(mu))] for _ in range(mu.shape[1])]
    eps = torch.stack(columns, dim=1)
    return mu + torch.exp(logvar / 2) * eps


# %% rows standardized, as by a layer norm
# loses: reparameterize-noise
# slug: noise-standardized
# says: means of the rows
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    eps = torch.nn.functional.layer_norm(eps, eps.shape[1:])
    return mu + torch.exp(logvar / 2) * eps


# %% a batch norm over the noise
# loses: reparameterize-noise
# slug: noise-standardized
# says: than chance allows
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    if len(mu) > 9:
        eps = torch.nn.functional.batch_norm(eps, None, None, training=True, eps=1e-5)
    return mu + torch.exp(logvar / 2) * eps


# %% the last dimension makes the sum of a row zero
# loses: reparameterize-noise
# slug: noise-standardized
# says: means of the rows
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    if mu.shape[1] > 2:
        eps[:, -1] = -eps[:, :-1].sum(1) / (mu.shape[1] - 1) ** 0.5
    return mu + torch.exp(logvar / 2) * eps


# %% noise of numpy in double precision
# slug: sample-dtype
# says: z is torch.float64, the arguments are torch.float32
def reparameterize(mu, logvar):
    import numpy as np

    eps = torch.tensor(np.random.default_rng().normal(size=tuple(mu.shape)))
    return mu + torch.exp(logvar / 2) * eps


# %% a distribution in double precision
# slug: sample-dtype
# says: dtype of mu
def reparameterize(mu, logvar):
    normal = torch.distributions.Normal(torch.zeros((), dtype=torch.float64), 1.0)
    eps = normal.sample(mu.shape)
    return mu + torch.exp(logvar / 2) * eps


# %% everything in float32
# slug: sample-dtype
# says: z is torch.float32, the arguments are torch.float64
def reparameterize(mu, logvar):
    mu, logvar = mu.float(), logvar.float()
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% half precision
# loses: reparameterize-noise
# slug: noise-coarse
# says: few digits
def reparameterize(mu, logvar):
    eps = torch.randn(mu.shape, dtype=torch.half)
    return mu + torch.exp(logvar / 2) * eps


# %% a tiny constant on the standard deviation
# loses: reparameterize-pathwise
# slug: std-clipped
# says: logvar = -60 z is off
def reparameterize(mu, logvar):
    return mu + (torch.exp(0.5 * logvar) + 1e-6) * torch.randn_like(mu)


# %% clamped between -30 and 20
# loses: reparameterize-pathwise
# slug: std-clipped
# says: logvar = -60
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * torch.clamp(logvar, -30, 20)) * torch.randn_like(mu)


# %% clamped between -1000 and 20
# loses: reparameterize-pathwise
# slug: std-clipped
# says: 0.5 times
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar.clamp(-1000, 20)) * torch.randn_like(mu)


# %% noise cut off at 2.5
# loses: reparameterize-noise
# slug: noise-cut
# says: largest or smallest
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu).clamp(-2.5, 2.5)
    return mu + torch.exp(logvar / 2) * eps


# %% truncated normal
# loses: reparameterize-noise
# slug: noise-cut
# says: lies beyond
def reparameterize(mu, logvar):
    eps = torch.nn.init.trunc_normal_(torch.empty_like(mu), a=-3.0, b=3.0)
    return mu + torch.exp(logvar / 2) * eps


# %% twelve uniform numbers
# loses: reparameterize-noise
# slug: noise-not-normal
# says: kurtosis 2.
def reparameterize(mu, logvar):
    eps = torch.rand(12, *mu.shape).sum(0).to(mu.dtype) - 6
    return mu + torch.exp(logvar / 2) * eps


# %% a mask over the noise
# loses: reparameterize-noise
# slug: noise-zeros
# says: are 0
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu) * torch.bernoulli(torch.full_like(mu, 0.95))
    return mu + torch.exp(logvar / 2) * eps


# %% logistic noise of equal variance
# loses: reparameterize-noise
# slug: noise-not-normal
# says: it is not normal
def reparameterize(mu, logvar):
    u = torch.rand_like(mu).clamp(1e-7, 1 - 1e-7)
    eps = torch.logit(u) * 3**0.5 / torch.pi
    return mu + torch.exp(logvar / 2) * eps


# %% Student's t with five degrees of freedom
# loses: reparameterize-noise
# slug: noise-not-normal
# says: not normal
def reparameterize(mu, logvar):
    t = torch.distributions.StudentT(torch.tensor(5.0, dtype=mu.dtype))
    eps = t.sample(mu.shape) * 0.6**0.5
    return mu + torch.exp(logvar / 2) * eps


# %% exp twice
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-exp-twice
# says: exp was taken twice
def reparameterize(mu, logvar):
    return mu + torch.exp(torch.exp(0.5 * logvar)) * torch.randn_like(mu)


# %% the log-variance squared
# loses: reparameterize-pathwise
# slug: std-logvar-squared
# says: was squared
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) ** logvar * torch.randn_like(mu)


# %% a backward by hand without its half
# loses: reparameterize-pathwise
# slug: backward-by-hand
# says: its derivative is not its own
def reparameterize(mu, logvar):
    class Stretch(torch.autograd.Function):
        @staticmethod
        def forward(ctx, logvar, eps):
            ctx.save_for_backward(off := torch.exp(0.5 * logvar) * eps)
            return off.clone()

        @staticmethod
        def backward(ctx, gradient):
            (off,) = ctx.saved_tensors
            return gradient * off, None

    return mu + Stretch.apply(logvar, torch.randn_like(mu))


# %% a backward by hand with the sign reversed
# loses: reparameterize-pathwise
# slug: backward-by-hand
# says: its derivative is not its own
def reparameterize(mu, logvar):
    class Stretch(torch.autograd.Function):
        @staticmethod
        def forward(ctx, logvar, eps):
            ctx.save_for_backward(off := torch.exp(0.5 * logvar) * eps)
            return off.clone()

        @staticmethod
        def backward(ctx, gradient):
            (off,) = ctx.saved_tensors
            return -gradient * off / 2, None

    return mu + Stretch.apply(logvar, torch.randn_like(mu))


# %% mu clamped at 30
# loses: reparameterize-pathwise
# slug: value-cut
# says: cut off
def reparameterize(mu, logvar):
    return mu.clamp(-30, 30) + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% pool of 5 noise tensors per shape, cycled
# slug: noise-frozen
# says: each call needs its own
# loses: reparameterize-fresh
_pool = {}


def reparameterize(mu, logvar):
    p = _pool.setdefault((mu.shape, mu.dtype), [[torch.randn_like(mu) for _ in range(5)], 0])
    p[1] += 1
    return mu + torch.exp(0.5 * logvar) * p[0][p[1] % 5].detach()


# %% AR(1) across calls, rho 0.5
# slug: noise-correlated
# says: parts of it are used more than once
# loses: reparameterize-fresh
_st = {}


def reparameterize(mu, logvar):
    k = (mu.shape, mu.dtype)
    e = torch.randn(mu.shape, dtype=mu.dtype)
    if k in _st:
        e = 0.5 * _st[k] + 0.75**0.5 * e
    _st[k] = e
    return mu + torch.exp(0.5 * logvar) * e


# %% sign of the noise follows mu's sign
# slug: noise-of-mu
# says: it is N(0, 1), whatever the arguments are
# loses: reparameterize-noise
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu).abs() * torch.where(mu > 0, 1.0, -1.0)
    return mu + torch.exp(0.5 * logvar) * eps


# %% rows whose mu are equal share noise (dict by value)
# slug: noise-shared-batch
# says: it must be drawn for each image
# loses: reparameterize-noise
def reparameterize(mu, logvar):
    u, inv = torch.unique(mu.detach(), dim=0, return_inverse=True)
    eps = torch.randn(len(u), mu.shape[1], dtype=mu.dtype)[inv]
    return mu + torch.exp(0.5 * logvar) * eps


# %% one latent dim: noise shared (expand)
# slug: noise-shared-batch
# says: it must be drawn for each image
# loses: reparameterize-noise
def reparameterize(mu, logvar):
    if mu.shape[1] == 1:
        eps = torch.randn((), dtype=mu.dtype).expand_as(mu)
    else:
        eps = torch.randn_like(mu)
    return mu + torch.exp(0.5 * logvar) * eps
