"""Answers to Exercise 7 of lab2-reparameterization: right ones, then wrong ones."""


# %% rsample
def reparameterize(mu, logvar):
    return Normal(mu, (0.5 * logvar).exp()).rsample()


# %% minus the noise
def reparameterize(mu, logvar):
    return mu - torch.sqrt(torch.exp(logvar)) * torch.randn(mu.shape, dtype=mu.dtype)


# %% multivariate normal
def reparameterize(mu, logvar):
    scale = torch.diag_embed(torch.exp(logvar / 2))
    return torch.distributions.MultivariateNormal(mu, scale_tril=scale).rsample()


# %% addcmul and normal_
def reparameterize(mu, logvar):
    eps = torch.empty_like(mu).normal_()
    return torch.addcmul(mu, eps, logvar.mul(0.5).exp())


# %% quantiles of uniform numbers
def reparameterize(mu, logvar):
    u = torch.rand_like(logvar).clamp(1e-15, 1 - 1e-15)
    return torch.special.ndtri(u) * math.e ** (logvar / 2) + mu


# %% vmap over the rows
def reparameterize(mu, logvar):
    def row(mu, logvar):
        return mu + torch.exp(logvar / 2) * torch.randn(mu.shape, dtype=mu.dtype)

    return torch.func.vmap(row, randomness="different")(mu, logvar)


# %% compiled
@torch.compile(dynamic=True)
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% drawn in float32, whatever the arguments are
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * torch.randn(mu.shape)


# %% drawn by numpy, and given the dtype of mu
def reparameterize(mu, logvar):
    eps = torch.from_numpy(np.random.default_rng().standard_normal(tuple(mu.shape)))
    return mu + torch.exp(logvar / 2) * eps.to(mu.dtype)


# %% an affine transform of a distribution
def reparameterize(mu, logvar):
    from torch.distributions import AffineTransform, TransformedDistribution

    base = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return TransformedDistribution(base, AffineTransform(mu, (logvar / 2).exp())).rsample()


# %% Box and Muller
def reparameterize(mu, logvar):
    radius = torch.sqrt(-2 * torch.log1p(-torch.rand_like(mu)))
    eps = radius * torch.cos(2 * math.pi * torch.rand_like(mu))
    return mu + torch.exp(logvar / 2) * eps


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def reparameterize(mu, logvar):
    mu + torch.exp(logvar / 2) * torch.randn_like(mu)


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


# %% a float
# slug: wrong-type
# says: float
def reparameterize(mu, logvar):
    return float((mu + torch.exp(logvar / 2) * torch.randn_like(mu)).sum())


# %% exp of the log-variance
# loses: reparameterize-pathwise
# slug: std-is-variance
# says: the variance
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar) * torch.randn_like(mu)


# %% no exp
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-no-exp
# says: an exp is missing
def reparameterize(mu, logvar):
    return mu + 0.5 * logvar * torch.randn_like(mu)


# %% sample without a path
# loses: reparameterize-pathwise
# slug: sample-detached
# says: cut off
def reparameterize(mu, logvar):
    return Normal(mu, torch.exp(logvar / 2)).sample()


# %% std detached
# loses: reparameterize-pathwise
# slug: std-detached
# says: logvar is never learned
def reparameterize(mu, logvar):
    std = torch.exp(logvar / 2).detach()
    return mu + std * torch.randn_like(mu)


# %% mean stretched along
# loses: reparameterize-pathwise
# slug: mu-scaled
# says: the mean is scaled
def reparameterize(mu, logvar):
    return (mu + torch.randn_like(mu)) * torch.exp(logvar / 2)


# %% inverse
# loses: reparameterize-pathwise
# slug: std-inverse
# says: wrong sign
def reparameterize(mu, logvar):
    return mu + torch.exp(-logvar / 2) * torch.randn_like(mu)


# %% uniform
# loses: reparameterize-noise
# slug: noise-uniform
# says: uniform
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * (torch.rand_like(mu) - 0.5) * 12**0.5


# %% uniform, not centered
# loses: reparameterize-noise
# slug: noise-uniform
# says: uniform
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * torch.rand_like(mu)


# %% shared over the batch
# loses: reparameterize-noise
# slug: noise-shared-batch
# says: for each
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * torch.randn(mu.shape[1], dtype=mu.dtype)


# %% shared over the dimensions
# loses: reparameterize-noise
# slug: noise-shared-latent
# says: draw each
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar / 2) * torch.randn(len(mu), 1, dtype=mu.dtype)


# %% noise too small
# loses: reparameterize-noise
# slug: noise-scale
# says: variance
def reparameterize(mu, logvar):
    return mu + 0.1 * torch.exp(logvar / 2) * torch.randn_like(mu)


# %% seeded
# loses: reparameterize-fresh
# slug: noise-frozen
# says: drawn once
def reparameterize(mu, logvar):
    eps = torch.randn(mu.shape, dtype=mu.dtype, generator=torch.Generator().manual_seed(1))
    return mu + torch.exp(logvar / 2) * eps


# %% mean in evaluation
# loses: reparameterize-noise, reparameterize-fresh
# slug: no-noise
# says: no noise
def reparameterize(mu, logvar):
    if not torch.is_grad_enabled():
        return mu
    return mu + torch.exp(logvar / 2) * torch.randn_like(mu)


# %% logvar overwritten
# slug: raised
# says: in-place
def reparameterize(mu, logvar):
    std = logvar.mul_(0.5).exp_()
    return mu + std * torch.randn_like(mu)


# %% a constant added to the variance
# loses: reparameterize-pathwise
# slug: std-clipped
# says: a constant added to the variance
def reparameterize(mu, logvar):
    std = torch.sqrt(torch.exp(logvar) + 1e-6)
    return mu + std * torch.randn_like(std)


# %% half of the batch copied
# loses: reparameterize-noise
# slug: noise-correlated
# says: are copies of others
def reparameterize(mu, logvar):
    half = torch.randn_like(mu[: (len(mu) + 1) // 2])
    eps = torch.cat([half, half])[: len(mu)]
    return mu + torch.exp(logvar / 2) * eps


# %% half of the batch mirrored
# loses: reparameterize-noise
# slug: noise-correlated
# says: up to the sign
def reparameterize(mu, logvar):
    half = torch.randn_like(mu[: (len(mu) + 1) // 2])
    eps = torch.cat([half, -half])[: len(mu)]
    return mu + torch.exp(logvar / 2) * eps


# %% the last dimension is the first, rolled
# loses: reparameterize-noise
# slug: noise-correlated
# says: are copies of others
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    eps[:, -1] = eps[:, 0].roll(2)
    return mu + torch.exp(logvar / 2) * eps


# %% blocks of fifty rows
# loses: reparameterize-noise
# slug: noise-correlated
# says: are copies of others
def reparameterize(mu, logvar):
    eps = torch.randn(50, mu.shape[1], dtype=mu.dtype)
    eps = eps.repeat(len(mu) // 50 + 1, 1)[: len(mu)]
    return mu + torch.exp(logvar / 2) * eps


# %% mixed with the row a thousand before
# loses: reparameterize-noise
# slug: noise-correlated
# says: at a distance of
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    eps = 0.8 * eps + 0.6 * eps.roll(1000, dims=0)
    return mu + torch.exp(logvar / 2) * eps


# %% the last dimension made of two others
# loses: reparameterize-noise
# slug: noise-correlated
# says: have correlation
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    if mu.shape[1] > 2:
        eps[:, -1] = (eps[:, 0] + eps[:, 1]) / 2**0.5
    return mu + torch.exp(logvar / 2) * eps


# %% a part shared by the batch
# loses: reparameterize-noise
# slug: noise-correlated
# says: share a part
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    sign = torch.randn(1).sign() * (-1.0) ** torch.arange(mu.shape[1])
    eps = 0.8 * eps + 0.6 * sign
    return mu + torch.exp(logvar / 2) * eps


# %% standardized over the batch
# loses: reparameterize-noise
# slug: noise-standardized
# says: than chance allows
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    if len(mu) > 9:
        eps = (eps - eps.mean(0)) / eps.std(0)
    return mu + torch.exp(logvar / 2) * eps


# %% centred over the batch
# loses: reparameterize-noise
# slug: noise-standardized
# says: means of the columns
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    if len(mu) > 9:
        eps = eps - eps.mean(0)
    return mu + torch.exp(logvar / 2) * eps


# %% standardized over all numbers
# loses: reparameterize-noise
# slug: noise-standardized
# says: mean and variance
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    if len(mu) > 9:
        eps = (eps - eps.mean()) / eps.std()
    return mu + torch.exp(logvar / 2) * eps


# %% rows of one length
# loses: reparameterize-noise
# slug: noise-standardized
# says: of one length
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    eps = mu.shape[1] ** 0.5 * torch.nn.functional.normalize(eps, dim=1)
    return mu + torch.exp(logvar / 2) * eps


# %% a grid of quantiles, shuffled
# loses: reparameterize-noise
# slug: noise-correlated
# says: up to the sign
def reparameterize(mu, logvar):
    grid = (torch.arange(mu.numel(), dtype=torch.float64) + 0.5) / mu.numel()
    eps = torch.special.ndtri(grid)[torch.randperm(mu.numel())].view_as(mu).to(mu.dtype)
    return mu + torch.exp(logvar / 2) * eps


# %% noise in double precision
# slug: sample-dtype
# says: z is torch.float64, the arguments are torch.float32
def reparameterize(mu, logvar):
    eps = torch.randn(mu.shape, dtype=torch.float64)
    return mu + torch.exp(logvar / 2) * eps


# %% numpy's noise as it comes
# slug: sample-dtype
# says: dtype of mu
def reparameterize(mu, logvar):
    eps = torch.from_numpy(np.random.default_rng().standard_normal(tuple(mu.shape)))
    return mu + torch.exp(logvar / 2) * eps


# %% all in double precision
# slug: sample-dtype
# says: z is torch.float64
def reparameterize(mu, logvar):
    mu, logvar = mu.double(), logvar.double()
    return mu + torch.exp(logvar / 2) * torch.randn_like(mu)


# %% all in single precision
# slug: sample-dtype
# says: z is torch.float32
def reparameterize(mu, logvar):
    mu, logvar = mu.float(), logvar.float()
    return mu + torch.exp(logvar / 2) * torch.randn_like(mu)


# %% noise in half precision
# loses: reparameterize-noise
# slug: noise-coarse
# says: few digits
def reparameterize(mu, logvar):
    eps = torch.randn(mu.shape, dtype=torch.half).to(mu.dtype)
    return mu + torch.exp(logvar / 2) * eps


# %% noise in bfloat16
# loses: reparameterize-noise
# slug: noise-coarse
# says: different sizes
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu).bfloat16().to(mu.dtype)
    return mu + torch.exp(logvar / 2) * eps


# %% noise rounded
# loses: reparameterize-noise
# slug: noise-coarse
# says: few digits
def reparameterize(mu, logvar):
    eps = (torch.randn_like(mu) * 100).round() / 100
    return mu + torch.exp(logvar / 2) * eps


# %% clamped where nobody looks
# loses: reparameterize-pathwise
# slug: std-clipped
# says: logvar = -60 z is off
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar.clamp(-30, 20)) * torch.randn_like(mu)


# %% clamped at -50
# loses: reparameterize-pathwise
# slug: std-clipped
# says: logvar = -60 z is off
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar.clamp(min=-50)) * torch.randn_like(mu)


# %% clamped above
# loses: reparameterize-pathwise
# slug: std-clipped
# says: dz/dlogvar is
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar.clamp(max=20)) * torch.randn_like(mu)


# %% a small number added
# loses: reparameterize-pathwise
# slug: std-clipped
# says: a constant added
def reparameterize(mu, logvar):
    return mu + (torch.exp(0.5 * logvar) + 1e-8) * torch.randn_like(mu)


# %% a standard deviation of a billionth at least
# loses: reparameterize-pathwise
# slug: std-clipped
# says: logvar = -60 z is off
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar).clamp(min=1e-9) * torch.randn_like(mu)


# %% noise cut off at 2.5
# loses: reparameterize-noise
# slug: noise-cut
# says: largest or smallest
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu).clamp(-2.5, 2.5)
    return mu + torch.exp(logvar / 2) * eps


# %% noise cut off at 3.5, on one side
# loses: reparameterize-noise
# slug: noise-cut
# says: lies beyond 3.5
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu).clamp(max=3.5)
    return mu + torch.exp(logvar / 2) * eps


# %% the sum of twelve uniform numbers
# loses: reparameterize-noise
# slug: noise-not-normal
# says: kurtosis 2.
def reparameterize(mu, logvar):
    eps = sum(torch.rand_like(mu) for _ in range(12)) - 6
    return mu + torch.exp(logvar / 2) * eps


# %% a dropout of one in twenty
# loses: reparameterize-noise
# slug: noise-zeros
# says: are 0
def reparameterize(mu, logvar):
    eps = torch.nn.functional.dropout(torch.randn_like(mu), 0.05)
    return mu + torch.exp(logvar / 2) * eps


# %% one in a hundred left out
# loses: reparameterize-noise
# slug: noise-zeros
# says: are 0
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu) * (torch.rand_like(mu) > 0.01)
    return mu + torch.exp(logvar / 2) * eps


# %% triangular
# loses: reparameterize-noise
# slug: noise-not-normal
# says: it is not normal
def reparameterize(mu, logvar):
    eps = (torch.rand_like(mu) - torch.rand_like(mu)) * 6**0.5
    return mu + torch.exp(logvar / 2) * eps


# %% Student's t with 40 degrees of freedom
# loses: reparameterize-noise
# slug: noise-not-normal
# says: kurtosis 3.
def reparameterize(mu, logvar):
    t = torch.distributions.StudentT(torch.tensor(40.0, dtype=mu.dtype))
    eps = t.sample(mu.shape) * (38 / 40) ** 0.5
    return mu + torch.exp(logvar / 2) * eps


# %% two normal numbers of different width
# loses: reparameterize-noise
# slug: noise-not-normal
# says: kurtosis 3.
def reparameterize(mu, logvar):
    wide = torch.rand_like(mu) < 0.5
    eps = torch.randn_like(mu) * torch.where(wide, 1.2**0.5, 0.8**0.5)
    return mu + torch.exp(logvar / 2) * eps


# %% skewed
# loses: reparameterize-noise
# slug: noise-cut
# says: on one side
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    eps = eps + 0.1 * (eps**2 - 1)
    return mu + torch.exp(logvar / 2) * eps


# %% exp of exp
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-exp-twice
# says: exp was taken twice
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * torch.exp(logvar)) * torch.randn_like(mu)


# %% logvar squared
# loses: reparameterize-pathwise
# slug: std-logvar-squared
# says: was squared
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar**2) * torch.randn_like(mu)


# %% a quarter in place of a half
# loses: reparameterize-pathwise
# slug: std-power
# says: another power
def reparameterize(mu, logvar):
    return mu + torch.exp(0.25 * logvar) * torch.randn_like(mu)


# %% softplus of the half
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-softplus
# says: another convention
def reparameterize(mu, logvar):
    return mu + torch.nn.functional.softplus(0.5 * logvar) * torch.randn_like(mu)


# %% a backward by hand without its half
# loses: reparameterize-pathwise
# slug: backward-by-hand
# says: its derivative is not its own
def reparameterize(mu, logvar):
    class Stretch(torch.autograd.Function):
        @staticmethod
        def forward(ctx, logvar, eps):
            ctx.save_for_backward(off := torch.exp(logvar / 2) * eps)
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
            ctx.save_for_backward(off := torch.exp(logvar / 2) * eps)
            return off.clone()

        @staticmethod
        def backward(ctx, gradient):
            (off,) = ctx.saved_tensors
            return -gradient * off / 2, None

    return mu + Stretch.apply(logvar, torch.randn_like(mu))


# %% two seeds in turn
# loses: reparameterize-fresh
# slug: noise-frozen
# says: came in an earlier call
def reparameterize(mu, logvar, calls=[0]):
    calls[0] += 1
    generator = torch.Generator().manual_seed(calls[0] % 2)
    eps = torch.randn(mu.shape, dtype=mu.dtype, generator=generator)
    return mu + torch.exp(logvar / 2) * eps


# %% the first row is always the same
# loses: reparameterize-fresh
# slug: noise-frozen
# says: came in an earlier call
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu)
    first = torch.Generator().manual_seed(1)
    eps[0] = torch.randn(mu.shape[1], dtype=mu.dtype, generator=first)
    return mu + torch.exp(logvar / 2) * eps


# %% every second call the noise of the last, with the other sign
# loses: reparameterize-fresh
# slug: noise-frozen
# says: came in an earlier call
def reparameterize(mu, logvar, last=[]):
    if last and last[0].shape == mu.shape and last[0].dtype == mu.dtype:
        eps = -last.pop()
    else:
        eps = torch.randn_like(mu)
        last[:] = [eps]
    return mu + torch.exp(logvar / 2) * eps


# %% mu clamped at 30
# loses: reparameterize-pathwise
# slug: value-cut
# says: cut off
def reparameterize(mu, logvar):
    return mu.clamp(-30, 30) + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% sign of the noise follows mu's sign
# slug: noise-of-mu
# says: it is N(0, 1), whatever the arguments are
# loses: reparameterize-noise
def reparameterize(mu, logvar):
    eps = torch.randn_like(mu).abs() * torch.where(mu > 0, 1.0, -1.0)
    return mu + torch.exp(0.5 * logvar) * eps


# %% rows with equal mu share noise
# slug: noise-shared-batch
# says: it must be drawn for each image
# loses: reparameterize-noise
def reparameterize(mu, logvar):
    u, inv = torch.unique(mu.detach(), dim=0, return_inverse=True)
    eps = torch.randn(len(u), mu.shape[1], dtype=mu.dtype)[inv]
    return mu + torch.exp(0.5 * logvar) * eps


# %% one latent dimension: noise shared by all images
# slug: noise-shared-batch
# says: it must be drawn for each image
# loses: reparameterize-noise
def reparameterize(mu, logvar):
    if mu.shape[1] == 1:
        eps = torch.randn((), dtype=mu.dtype).expand_as(mu)
    else:
        eps = torch.randn_like(mu)
    return mu + torch.exp(0.5 * logvar) * eps


# %% noise cached per batch position for the last 3 calls? pool of 5
# slug: noise-frozen
# says: each call needs its own
# loses: reparameterize-fresh
_pool = {}


def reparameterize(mu, logvar):
    p = _pool.setdefault(
        (mu.shape, mu.dtype), [[torch.randn_like(mu).detach() for _ in range(5)], 0]
    )
    p[1] += 1
    return mu + torch.exp(0.5 * logvar) * p[0][p[1] % 5]


# %% AR(1) across calls, rho 0.9
# slug: noise-correlated
# says: parts of it are used more than once
# loses: reparameterize-fresh
_st = {}


def reparameterize(mu, logvar):
    k = (mu.shape, mu.dtype)
    e = torch.randn(mu.shape, dtype=mu.dtype)
    if k in _st:
        e = 0.9 * _st[k] + 0.19**0.5 * e
    _st[k] = e
    return mu + torch.exp(0.5 * logvar) * e


# %% pool of 5 noise tensors per shape, cycled
# slug: noise-frozen
# says: each call needs its own
# loses: reparameterize-fresh
_pool = {}


def reparameterize(mu, logvar):
    p = _pool.setdefault((mu.shape, mu.dtype), [[torch.randn_like(mu) for _ in range(5)], 0])
    p[1] += 1
    return mu + torch.exp(0.5 * logvar) * p[0][p[1] % 5].detach()
