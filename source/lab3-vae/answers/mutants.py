# ruff: noqa: F821, F811, F823, B006, B905, RUF059
"""Wrong answers, one misconception each: the cells that each loses, and what it must be told.

Each block runs in the notebook, in place of the solution cell of its exercise.
"""


# %% encoder / sizes of the lab hard-coded
# loses: encoder-shapes, encoder-nonlinear, encoder-heads
# slug: hard-coded-size
# says: a size is fixed
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(784, 400)
        self.mu = nn.Linear(400, 20)
        self.logvar = nn.Linear(400, 20)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h)


# %% encoder / hidden width hard-coded
# loses: encoder-shapes
# slug: hard-coded-size
# says: hidden_dim=11 and 13 alike
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, 400)
        self.mu = nn.Linear(400, latent_dim)
        self.logvar = nn.Linear(400, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h)


# %% encoder / one result only
# loses: encoder-shapes, encoder-nonlinear, encoder-heads
# slug: wrong-type
# says: Return the pair (mu, logvar)
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        return self.mu(F.relu(self.hidden(x)))


# %% encoder / nothing returned
# loses: encoder-shapes, encoder-nonlinear, encoder-heads
# slug: wrong-type
# says: Is a `return` missing?
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        self.mu(h), self.logvar(h)


# %% encoder / super().__init__ forgotten
# loses: encoder-shapes, encoder-nonlinear, encoder-heads
# slug: raised
# says: line 3 of your cell
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h)


# %% encoder / a batch of one loses its dimension
# loses: encoder-shapes
# slug: wrong-shape
# says: it should be (1, 5)
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h).squeeze(), self.logvar(h).squeeze()


# %% encoder / layers kept in a list
# loses: encoder-shapes, encoder-heads
# slug: layers-not-registered
# says: not all layers are registered
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.layers = [nn.Linear(data_dim, hidden_dim)]
        self.heads = [nn.Linear(hidden_dim, latent_dim) for _ in range(2)]

    def forward(self, x):
        h = F.relu(self.layers[0](x))
        return self.heads[0](h), self.heads[1](h)


# %% encoder / layers created in forward
# loses: encoder-shapes, encoder-heads
# slug: layers-not-registered
# says: not all layers are registered
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.sizes = data_dim, hidden_dim
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(nn.Linear(*self.sizes)(x))
        return self.mu(h), self.logvar(h)


# %% encoder / no nonlinearity
# loses: encoder-nonlinear
# slug: no-nonlinearity
# says: the whole network is linear
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = self.hidden(x)
        return self.mu(h), self.logvar(h)


# %% encoder / nonlinearity on the images only
# loses: encoder-nonlinear
# slug: no-nonlinearity
# says: no nonlinearity follows the hidden layer
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = self.hidden(F.relu(x))
        return self.mu(h), self.logvar(h)


# %% encoder / nonlinearity for one head only
# loses: encoder-nonlinear
# slug: no-nonlinearity
# says: logvar(a) + logvar(b)
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        return self.mu(F.relu(self.hidden(x))), self.logvar(self.hidden(x))


# %% encoder / ReLU on the mean
# loses: encoder-heads
# slug: output-relu
# says: With large weights mu
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return F.relu(self.mu(h)), self.logvar(h)


# %% encoder / ReLU on the log-variance
# loses: encoder-heads
# slug: output-relu
# says: With large weights logvar
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), F.relu(self.logvar(h))


# %% encoder / tanh on the mean
# loses: encoder-heads
# slug: output-tanh
# says: confines the output to [-1, 1]
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return torch.tanh(self.mu(h)), self.logvar(h)


# %% encoder / sigmoid on the mean
# loses: encoder-heads
# slug: output-sigmoid
# says: squeezes the output into (0, 1)
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return torch.sigmoid(self.mu(h)), self.logvar(h)


# %% encoder / a variance instead of its logarithm
# loses: encoder-heads
# slug: logvar-positive
# says: its logarithm may be negative
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), torch.exp(self.logvar(h))


# %% encoder / a standard deviation by softplus
# loses: encoder-heads
# slug: logvar-positive
# says: variance or a standard deviation
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.std = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = torch.tanh(self.hidden(x))
        return self.mu(h), F.softplus(self.std(h)) + 1e-6


# %% encoder / ELU on the log-variance
# loses: encoder-heads
# slug: output-one-sided
# says: bounded on one side
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.elu(self.hidden(x))
        return self.mu(h), F.elu(self.logvar(h))


# %% encoder / one head for both
# loses: encoder-heads
# slug: same-head
# says: each needs a head of its own
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.head = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.head(h), self.head(h)


# %% encoder / log-variance fixed at zero
# loses: encoder-nonlinear, encoder-heads
# slug: output-constant
# says: logvar is the same for every input
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        mu = self.mu(F.relu(self.hidden(x)))
        return mu, torch.zeros_like(mu)


# %% reparameterize / stretched by the variance
# loses: reparameterize-pathwise
# slug: std-is-variance
# says: exp(logvar), the variance, instead of its root
def reparameterize(mu, logvar):
    return mu + torch.exp(logvar) * torch.randn_like(mu)


# %% reparameterize / a derivative written by hand
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


# %% reparameterize / exp missing
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-no-exp
# says: an exp is missing
def reparameterize(mu, logvar):
    return mu + 0.5 * logvar * torch.randn_like(mu)


# %% reparameterize / exp and half missing
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-no-exp
# says: stretched by the log-variance itself
def reparameterize(mu, logvar):
    return mu + logvar * torch.randn_like(mu)


# %% reparameterize / exponent with the wrong sign
# loses: reparameterize-pathwise
# slug: std-inverse
# says: 1 / sigma
def reparameterize(mu, logvar):
    return mu + torch.exp(-0.5 * logvar) * torch.randn_like(mu)


# %% reparameterize / softplus convention
# loses: reparameterize-pathwise, reparameterize-noise
# slug: std-softplus
# says: another convention
def reparameterize(mu, logvar):
    return mu + F.softplus(logvar) * torch.randn_like(mu)


# %% reparameterize / root of the log-variance
# loses: reparameterize-pathwise, reparameterize-noise, reparameterize-fresh
# slug: std-square-root
# says: undo the log first
def reparameterize(mu, logvar):
    return mu + torch.sqrt(logvar) * torch.randn_like(mu)


# %% reparameterize / uniform noise
# loses: reparameterize-noise
# slug: noise-uniform
# says: rand instead of randn
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.rand_like(mu)


# %% reparameterize / uniform noise of equal variance
# loses: reparameterize-noise
# slug: noise-uniform
# says: the noise is uniform
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * (2 * torch.rand_like(mu) - 1) * 3**0.5


# %% reparameterize / random signs
# loses: reparameterize-noise
# slug: noise-not-normal
# says: it is not normal
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu).sign()


# %% reparameterize / one eps for the whole batch
# loses: reparameterize-noise
# slug: noise-shared-batch
# says: drawn for each image
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape[1])


# %% reparameterize / one eps for all latent dimensions
# loses: reparameterize-noise
# slug: noise-shared-latent
# says: for all its latent dimensions
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(len(mu), 1)


# %% reparameterize / one number for everything
# loses: reparameterize-noise
# slug: noise-shared
# says: one random number serves the whole batch
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(())


# %% reparameterize / noise scaled down
# loses: reparameterize-noise
# slug: noise-scale
# says: does not have variance 1
def reparameterize(mu, logvar):
    return mu + 0.01 * torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% reparameterize / noise not centered
# loses: reparameterize-noise
# slug: noise-off-center
# says: mean 0
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * (torch.randn_like(mu) + 1)


# %% reparameterize / noise in pairs
# loses: reparameterize-noise
# slug: noise-correlated
# says: used more than once
def reparameterize(mu, logvar):
    half = torch.randn((len(mu) + 1) // 2, mu.shape[1]).repeat_interleave(2, dim=0)
    return mu + torch.exp(0.5 * logvar) * half[: len(mu)]


# %% reparameterize / mean scaled as well
# loses: reparameterize-pathwise
# slug: mu-scaled
# says: shift it then
def reparameterize(mu, logvar):
    return (mu + torch.randn_like(mu)) * torch.exp(0.5 * logvar)


# %% reparameterize / sample of a distribution
# loses: reparameterize-pathwise
# slug: sample-detached
# says: no gradient reaches mu and logvar
def reparameterize(mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(0.5 * logvar)).sample()


# %% reparameterize / torch.normal
# loses: reparameterize-pathwise
# slug: sample-detached
# says: no gradient reaches mu and logvar
def reparameterize(mu, logvar):
    return torch.normal(mu, torch.exp(0.5 * logvar))


# %% reparameterize / no_grad around all of it
# loses: reparameterize-pathwise
# slug: sample-detached
# says: requires_grad=False
@torch.no_grad()
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% reparameterize / standard deviation detached
# loses: reparameterize-pathwise
# slug: std-detached
# says: standard deviation is detached
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar).detach() * torch.randn_like(mu)


# %% reparameterize / mean detached
# loses: reparameterize-pathwise
# slug: mu-detached
# says: dz/dmu is 0
def reparameterize(mu, logvar):
    return mu.detach() + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% reparameterize / mean missing
# loses: reparameterize-pathwise, reparameterize-noise
# slug: mu-detached
# says: mu is missing
def reparameterize(mu, logvar):
    return torch.exp(0.5 * logvar) * torch.randn_like(logvar)


# %% reparameterize / mean returned
# loses: reparameterize-pathwise, reparameterize-noise, reparameterize-fresh
# slug: no-noise
# says: there is no noise
def reparameterize(mu, logvar):
    return mu


# %% reparameterize / seed inside
# loses: reparameterize-fresh
# slug: noise-frozen
# says: the noise is drawn once
def reparameterize(mu, logvar):
    generator = torch.Generator().manual_seed(0)
    eps = torch.randn(mu.shape, generator=generator)
    return mu + torch.exp(0.5 * logvar) * eps


# %% reparameterize / cached noise
# loses: reparameterize-fresh
# slug: noise-frozen
# says: each call needs its own
def reparameterize(mu, logvar, cache={}):
    if mu.shape not in cache:
        cache[mu.shape] = torch.randn_like(mu)
    return mu + torch.exp(0.5 * logvar) * cache[mu.shape]


# %% reparameterize / argument changed in place
# loses: reparameterize-pathwise, reparameterize-noise, reparameterize-fresh
# slug: raised
# says: in-place operation
def reparameterize(mu, logvar):
    mu += torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return mu


# %% reparameterize / a latent size hard-coded
# loses: reparameterize-pathwise, reparameterize-noise, reparameterize-fresh
# slug: raised
# says: line 2 of your cell
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(len(mu), 20)


# %% decoder / sizes of the lab hard-coded
# loses: decoder-shapes, decoder-nonlinear, decoder-logits
# slug: hard-coded-size
# says: a size is fixed
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(20, 400)
        self.logits = nn.Linear(400, 784)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z)))


# %% decoder / folded to pictures
# loses: decoder-shapes, decoder-nonlinear, decoder-logits
# slug: hard-coded-size
# says: 28, 28
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z))).view(-1, 28, 28)


# %% decoder / no nonlinearity
# loses: decoder-nonlinear
# slug: no-nonlinearity
# says: the whole network is linear
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(self.hidden(z))


# %% decoder / probabilities instead of logits
# loses: decoder-logits
# slug: output-sigmoid
# says: squeezes the output into (0, 1)
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.sigmoid(self.logits(F.relu(self.hidden(z))))


# %% decoder / tanh at the end
# loses: decoder-logits
# slug: output-tanh
# says: confines the output to [-1, 1]
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.tanh(self.logits(F.relu(self.hidden(z))))


# %% decoder / ReLU at the end
# loses: decoder-logits
# slug: output-relu
# says: cuts off all negative values
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(latent_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, data_dim), nn.ReLU()
        )

    def forward(self, z):
        return self.net(z)


# %% decoder / softmax over pixels
# loses: decoder-logits
# slug: output-softmax
# says: each has a probability of its own
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.softmax(self.logits(F.relu(self.hidden(z))), dim=1)


# %% decoder / log-probabilities
# loses: decoder-logits
# slug: output-one-sided
# says: bounded on one side
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return F.logsigmoid(self.logits(F.relu(self.hidden(z))))


# %% bernoulli-nll / mean over pixels
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-mean-pixels
# says: the KL then weighs too much
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").mean(dim=1)


# %% bernoulli-nll / default reduction
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-mean-all
# says: mean over batch and pixels
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x)


# %% bernoulli-nll / reduction sum
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-batch-sum
# says: summed over the batch too early
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="sum")


# %% bernoulli-nll / averaged over the batch
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-batch-mean
# says: averaged over the batch too early
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1).mean()


# %% bernoulli-nll / not summed
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-not-summed
# says: the sum over pixels is missing
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none")


# %% bernoulli-nll / summed over the wrong dimension
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-sum-over-batch
# says: wrong dimension
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=0)


# %% bernoulli-nll / the dimension kept
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: wrong-shape
# says: (3, 1), it should be (3,)
def bernoulli_nll(logits, x):
    bce = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return bce.sum(dim=1, keepdim=True)


# %% bernoulli-nll / log-likelihood
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-sign
# says: the sign is reversed
def bernoulli_nll(logits, x):
    return -F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)


# %% bernoulli-nll / sigmoid twice
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-sigmoid-twice
# says: the sigmoid is applied twice
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits)
    return F.binary_cross_entropy_with_logits(p, x, reduction="none").sum(dim=1)


# %% bernoulli-nll / no sigmoid
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-no-sigmoid
# says: a sigmoid is missing
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy(logits, x, reduction="none").sum(dim=1)


# %% bernoulli-nll / no sigmoid, by hand
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-no-sigmoid
# says: as if they were probabilities
def bernoulli_nll(logits, x):
    return -(x * logits.log() + (1 - x) * (1 - logits).log()).sum(dim=1)


# %% bernoulli-nll / white pixels only
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-half-the-terms
# says: the cross-entropy has two terms
def bernoulli_nll(logits, x):
    return -(x * F.logsigmoid(logits)).sum(dim=1)


# %% bernoulli-nll / squared error
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-squared-error
# says: the likelihood of a Gaussian
def bernoulli_nll(logits, x):
    return (torch.sigmoid(logits) - x).pow(2).sum(dim=1)


# %% bernoulli-nll / arguments swapped
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-swapped
# says: have changed places
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(x, logits, reduction="none").sum(dim=1)


# %% bernoulli-nll / black and white exchanged
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-flipped
# says: black and white are exchanged
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, 1 - x, reduction="none").sum(dim=1)


# %% bernoulli-nll / grey pixels rounded
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-thresholds-x
# says: grey pixels were rounded
def bernoulli_nll(logits, x):
    x = (x > 0.5).to(logits.dtype)
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)


# %% bernoulli-nll / logarithm of the sigmoid
# loses: bernoulli-nll-stable
# slug: nll-overflow
# says: its logarithm is infinite
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits)
    return -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1)


# %% bernoulli-nll / cross-entropy of the sigmoid
# loses: bernoulli-nll-stable
# slug: nll-clamped
# says: costs stop at 100 nats a pixel
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="none").sum(dim=1)


# %% bernoulli-nll / sigmoid clamped
# loses: bernoulli-nll-stable
# slug: nll-epsilon
# says: falsifies the value
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits).clamp(1e-7, 1 - 1e-7)
    return -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1)


# %% bernoulli-nll / exponential overflows
# loses: bernoulli-nll-stable
# slug: nll-overflow
# says: at logits of size 200
def bernoulli_nll(logits, x):
    return (torch.log(1 + torch.exp(logits)) - x * logits).sum(dim=1)


# %% bernoulli-nll / detached
# loses: bernoulli-nll-stable
# slug: detached
# says: no gradient passes
def bernoulli_nll(logits, x):
    with torch.no_grad():
        return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)


# %% gaussian-kl / half missing
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-no-half
# says: factor 1/2
def gaussian_kl(mu, logvar):
    return (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% gaussian-kl / sign
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-sign
# says: a KL divergence is never negative
def gaussian_kl(mu, logvar):
    return 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(dim=1)


# %% gaussian-kl / mean over latent dimensions
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-mean-latent
# says: too small by the factor D
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(dim=1)


# %% gaussian-kl / mean over everything
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-mean-all
# says: mean over batch and latent dimensions
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean()


# %% gaussian-kl / summed over the batch
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-batch-sum
# says: summed over the batch too early
def gaussian_kl(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


# %% gaussian-kl / averaged over the batch
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-batch-mean
# says: averaged over the batch too early
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1).mean()


# %% gaussian-kl / not summed
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-not-summed
# says: the sum over them is missing
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar)


# %% gaussian-kl / summed over the wrong dimension
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-sum-over-batch
# says: wrong dimension
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=0)


# %% gaussian-kl / logvar read as log sigma
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-log-sigma
# says: it is log sigma squared
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + (2 * logvar).exp() - 1 - 2 * logvar).sum(dim=1)


# %% gaussian-kl / variance squared
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-sigma-squared-twice
# says: squared once more
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() ** 2 - 1 - logvar).sum(dim=1)


# %% gaussian-kl / sigma not squared
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-sigma-not-squared
# says: where the variance belongs
def gaussian_kl(mu, logvar):
    sigma = torch.exp(0.5 * logvar)
    return 0.5 * (mu**2 + sigma - 1 - logvar).sum(dim=1)


# %% gaussian-kl / from prior to posterior
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-reversed
# says: KL(p || q)
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(p, q).sum(dim=1)


# %% gaussian-kl / no mean
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-no-mu
# says: term with the mean is missing
def gaussian_kl(mu, logvar):
    return 0.5 * (logvar.exp() - 1 - logvar).sum(dim=1)


# %% gaussian-kl / mean not squared
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-mu-not-squared
# says: the mean is not squared
def gaussian_kl(mu, logvar):
    return 0.5 * (mu + logvar.exp() - 1 - logvar).sum(dim=1)


# %% gaussian-kl / constant missing
# loses: gaussian-kl-value
# slug: kl-no-one
# says: constant -1
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - logvar).sum(dim=1)


# %% gaussian-kl / log-variance missing
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-no-logvar
# says: the variance may go to 0
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1).sum(dim=1)


# %% gaussian-kl / exp missing
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-no-exp
# says: an exp is missing
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar - 1 - logvar).sum(dim=1)


# %% gaussian-kl / wrong sign of the log-variance
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-logvar-sign
# says: has the wrong sign
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 + logvar).sum(dim=1)


# %% gaussian-kl / brackets
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-half-misplaced
# says: look at the brackets
def gaussian_kl(mu, logvar):
    return (0.5 * mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% gaussian-kl / estimated from a sample
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-random
# says: closed form without noise
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    z = q.rsample()
    return (q.log_prob(z) - p.log_prob(z)).sum(dim=1)


# %% gaussian-kl / a constant factor nobody asked for
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: wrong-value
# says: 0.3 times the right ones
def gaussian_kl(mu, logvar):
    return 0.15 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% gaussian-kl / detached
# loses: gaussian-kl-gradient
# slug: detached
# says: no gradient passes
def gaussian_kl(mu, logvar):
    mu, logvar = mu.detach(), logvar.detach()
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% gaussian-kl / log-variance detached
# loses: gaussian-kl-gradient
# slug: detached
# says: with respect to logvar is 0
def gaussian_kl(mu, logvar):
    logvar = logvar.detach()
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% gaussian-kl / arguments changed in place
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: changed-argument
# says: must not change its arguments
def gaussian_kl(mu, logvar):
    return 0.5 * (mu.pow_(2) + logvar.exp() - 1 - logvar).sum(dim=1)


# %% gaussian-kl / numpy result
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: wrong-type
# says: a torch tensor is wanted
def gaussian_kl(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)).detach().numpy()


# %% negative-elbo / minus
# loses: negative-elbo-value, negative-elbo-beta
# slug: elbo-minus-kl
# says: the KL is subtracted
def negative_elbo(nll, kl, beta=1.0):
    return (nll - beta * kl).mean()


# %% negative-elbo / the bound itself
# loses: negative-elbo-value, negative-elbo-beta
# slug: elbo-sign
# says: the sign is reversed
def negative_elbo(nll, kl, beta=1.0):
    return -(nll + beta * kl).mean()


# %% negative-elbo / sum over the batch
# loses: negative-elbo-value, negative-elbo-beta
# slug: elbo-batch-sum
# says: it grows with the batch size
def negative_elbo(nll, kl, beta=1.0):
    return (nll + beta * kl).sum()


# %% negative-elbo / mean and sum mixed
# loses: negative-elbo-value, negative-elbo-beta
# slug: elbo-batch-sum
# says: a sum over the batch
def negative_elbo(nll, kl, beta=1.0):
    return nll.mean() + beta * kl.sum()


# %% negative-elbo / not averaged
# loses: negative-elbo-value, negative-elbo-beta
# slug: elbo-not-averaged
# says: the loss is one number
def negative_elbo(nll, kl, beta=1.0):
    return nll + beta * kl


# %% negative-elbo / no KL
# loses: negative-elbo-value, negative-elbo-beta
# slug: elbo-no-kl
# says: plain autoencoder
def negative_elbo(nll, kl, beta=1.0):
    return nll.mean()


# %% negative-elbo / a plain number
# loses: negative-elbo-value, negative-elbo-beta
# slug: number-not-tensor
# says: backward needs a tensor
def negative_elbo(nll, kl, beta=1.0):
    return (nll + beta * kl).mean().item()


# %% negative-elbo / detached
# loses: negative-elbo-value
# slug: detached
# says: no gradient passes
def negative_elbo(nll, kl, beta=1.0):
    return (nll + beta * kl).mean().detach()


# %% negative-elbo / beta ignored
# loses: negative-elbo-beta
# slug: beta-ignored
# says: accepted and not used
def negative_elbo(nll, kl, beta=1.0):
    return (nll + kl).mean()


# %% negative-elbo / beta capped at 1
# loses: negative-elbo-beta
# slug: beta-ignored
# says: not beyond 1
def negative_elbo(nll, kl, beta=1.0):
    return (nll + min(beta, 1.0) * kl).mean()


# %% negative-elbo / beta of zero taken for missing
# loses: negative-elbo-beta
# slug: beta-ignored
# says: beta=0
def negative_elbo(nll, kl, beta=None):
    return (nll + (beta or 1.0) * kl).mean()


# %% negative-elbo / beta on the reconstruction
# loses: negative-elbo-beta
# slug: beta-on-nll
# says: it belongs to the KL
def negative_elbo(nll, kl, beta=1.0):
    return (beta * nll + kl).mean()


# %% negative-elbo / beta on both
# loses: negative-elbo-beta
# slug: beta-on-both
# says: beta weighs both terms
def negative_elbo(nll, kl, beta=1.0):
    return beta * (nll + kl).mean()


# %% negative-elbo / divided by beta
# loses: negative-elbo-beta
# slug: beta-divides
# says: must be multiplied
def negative_elbo(nll, kl, beta=1.0):
    return (nll + kl / max(beta, 1e-9)).mean()


# %% training-step / no zero_grad
# loses: training-step-update
# slug: no-zero-grad
# says: old gradients were added
def training_step(model, loss_fn, optimizer, x):
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / no step
# loses: training-step-update
# slug: no-step
# says: the parameters do not move
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    return nll.mean().item(), kl.mean().item()


# %% training-step / step before backward
# loses: training-step-update
# slug: no-step
# says: after backward
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    optimizer.step()
    loss.backward()
    return nll.mean().item(), kl.mean().item()


# %% training-step / no backward
# loses: training-step-update
# slug: no-step-cleared
# says: backward is missing
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / cleared between backward and step
# loses: training-step-update
# slug: no-step-cleared
# says: its gradients gone
def training_step(model, loss_fn, optimizer, x):
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / step on the gradients of the last batch
# loses: training-step-update
# slug: step-on-old-gradients
# says: from before this batch
def training_step(model, loss_fn, optimizer, x):
    optimizer.step()
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    return nll.mean().item(), kl.mean().item()


# %% training-step / two steps
# loses: training-step-update, training-step-returns
# slug: step-twice
# says: two optimizer steps
def training_step(model, loss_fn, optimizer, x):
    for _ in range(2):
        optimizer.zero_grad()
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        loss.backward()
        optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / uphill
# loses: training-step-update
# slug: step-uphill
# says: it increases the loss
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (-loss).backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / only the reconstruction
# loses: training-step-update
# slug: update-nll-only
# says: only nll is differentiated
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    nll.mean().backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / its own loss
# loses: training-step-update
# slug: update-own-loss
# says: not the loss that loss_fn returned
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (nll + kl).mean().backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / a sum over the batch
# loses: training-step-update
# slug: update-batch-sum
# says: a sum over the batch
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (loss * len(x)).backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / minus KL
# loses: training-step-update
# slug: update-minus-kl
# says: the step drives it up
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    (nll - kl).mean().backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / encoder under no_grad
# loses: training-step-update
# slug: encoder-not-moved
# says: no gradient reaches the encoder
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    with torch.no_grad():
        mu, logvar = model.encode(x)
        z = model.reparameterize(mu, logvar)
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / code detached
# loses: training-step-update
# slug: code-detached
# says: hears nothing of the reconstruction
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    z = model.reparameterize(mu, logvar).detach()
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / decodes the mean
# loses: training-step-samples
# slug: decodes-mu
# says: the mean was decoded
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    loss, nll, kl = loss_fn(model.decode(mu), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / noise stretched by the variance
# loses: training-step-samples
# slug: noise-scale
# says: does not have variance 1
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar) * torch.randn_like(mu)
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / seeded
# loses: training-step-samples
# slug: noise-frozen
# says: the noise is drawn once
def training_step(model, loss_fn, optimizer, x):
    torch.manual_seed(0)
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / tensors returned
# loses: training-step-returns
# slug: tensor-not-number
# says: may keep its graph
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean(), kl.mean()


# %% training-step / sums returned
# loses: training-step-returns
# slug: not-averaged
# says: not divided by the number of images
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.sum().item(), kl.sum().item()


# %% training-step / loss returned
# loses: training-step-returns
# slug: returns-loss
# says: not one of its two terms
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return loss.item(), kl.mean().item()


# %% training-step / swapped
# loses: training-step-returns
# slug: returns-swapped
# says: nll and kl have changed places
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return kl.mean().item(), nll.mean().item()


# %% training-step / nothing returned
# loses: training-step-returns
# slug: wrong-type
# says: Is a `return` missing?
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()


# %% training-step / arguments of the loss in another order
# loses: training-step-update, training-step-samples, training-step-returns
# slug: loss-arguments
# says: in this order
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(x, logits, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / outputs of the model in another order
# loses: training-step-update, training-step-samples, training-step-returns
# slug: loss-arguments
# says: in this order
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, logvar, mu = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% train-epoch / last batch dropped
# loses: train-epoch-every-image
# slug: last-batch-dropped
# says: short last batch was left out
def train_epoch(step, images, batch_size=128):
    loader = torch.utils.data.DataLoader(images, batch_size, shuffle=True, drop_last=True)
    total_nll = total_kl = count = 0.0
    for x in loader:
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
        count += len(x)
    return total_nll / count, total_kl / count


# %% train-epoch / last batch dropped, divided by all
# loses: train-epoch-every-image, train-epoch-average
# slug: last-batch-dropped
# says: 4 images never came
def train_epoch(step, images, batch_size=128):
    order = torch.randperm(len(images))
    total_nll = total_kl = 0.0
    for i in range(len(images) // batch_size):
        index = order[i * batch_size : (i + 1) * batch_size]
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / drawn with replacement
# loses: train-epoch-every-image
# slug: image-twice
# says: drawn with replacement
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randint(len(images), (len(images),)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / batch size hard-coded
# loses: train-epoch-every-image
# slug: wrong-batch-size
# says: batches of 53
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(128):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / number of batches instead of their size
# loses: train-epoch-every-image
# slug: chunk-not-split
# says: chunk takes the number of batches
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).chunk(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / batches wrapped in a list
# loses: train-epoch-every-image, train-epoch-shuffled, train-epoch-average
# slug: batch-not-tensor
# says: may wrap it in a list
def train_epoch(step, images, batch_size=128):
    data = torch.utils.data.TensorDataset(images)
    total_nll = total_kl = 0.0
    for x in torch.utils.data.DataLoader(data, batch_size, shuffle=True):
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / image by image
# loses: train-epoch-every-image, train-epoch-shuffled, train-epoch-average
# slug: wrong-shape
# says: one image a row
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)):
        nll, kl = step(images[index])
        total_nll += nll
        total_kl += kl
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / one batch too many
# loses: train-epoch-every-image
# slug: empty-batch
# says: one batch too many
def train_epoch(step, images, batch_size=128):
    shuffled = images[torch.randperm(len(images))]
    total_nll = total_kl = 0.0
    for i in range(len(images) // batch_size + 2):
        x = shuffled[i * batch_size : (i + 1) * batch_size]
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / all images in one step
# loses: train-epoch-every-image, train-epoch-shuffled, train-epoch-average
# slug: wrong-batch-size
# says: batches of 53
def train_epoch(step, images, batch_size=128):
    return step(images)


# %% train-epoch / two images only
# loses: train-epoch-every-image, train-epoch-shuffled, train-epoch-average
# slug: image-missing
# says: some images were left out
def train_epoch(step, images, batch_size=128):
    first, second = step(images[:1]), step(images[1:2])
    return (first[0] + second[0]) / 2, (first[1] + second[1]) / 2


# %% train-epoch / not shuffled
# loses: train-epoch-shuffled
# slug: not-shuffled
# says: original order
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / seeded order
# loses: train-epoch-shuffled
# slug: same-order
# says: each epoch needs a fresh one
def train_epoch(step, images, batch_size=128):
    generator = torch.Generator().manual_seed(0)
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images), generator=generator).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / shuffled inside batches
# loses: train-epoch-shuffled
# slug: shuffled-blocks
# says: mix them all
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        nll, kl = step(x[torch.randperm(len(x))])
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / rolled
# loses: train-epoch-shuffled
# slug: order-not-random
# says: shifted or reversed
def train_epoch(step, images, batch_size=128):
    shift = torch.randint(1, len(images), ()).item()
    total_nll = total_kl = 0.0
    for x in images.roll(shift, dims=0).split(batch_size):
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / mean of batch means
# loses: train-epoch-average
# slug: mean-of-batch-means
# says: short last batch weighs too much
def train_epoch(step, images, batch_size=128):
    results = [step(images[i]) for i in torch.randperm(len(images)).split(batch_size)]
    nlls, kls = zip(*results)
    return sum(nlls) / len(nlls), sum(kls) / len(kls)


# %% train-epoch / batch means over images
# loses: train-epoch-average
# slug: sum-of-means-over-images
# says: not weighed by their sizes
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll
        total_kl += kl
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / every batch counted as full
# loses: train-epoch-average
# slug: divided-by-full-batches
# says: all batches count as full
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * batch_size
        total_kl += kl * batch_size
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / total
# loses: train-epoch-average
# slug: not-averaged
# says: not divided by the number of images
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll, total_kl


# %% train-epoch / total over number of batches
# loses: train-epoch-average
# slug: divided-by-batches
# says: by the number of batches
def train_epoch(step, images, batch_size=128):
    batches = torch.randperm(len(images)).split(batch_size)
    total_nll = total_kl = 0.0
    for index in batches:
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(batches), total_kl / len(batches)


# %% train-epoch / last batch only
# loses: train-epoch-average
# slug: last-batch-only
# says: only the last batch counts
def train_epoch(step, images, batch_size=128):
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
    return nll, kl


# %% train-epoch / accumulator never defined
# loses: train-epoch-every-image, train-epoch-shuffled, train-epoch-average
# slug: raised
# says: UnboundLocalError
def train_epoch(step, images, batch_size=128):
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / images shuffled in place
# loses: train-epoch-every-image, train-epoch-shuffled, train-epoch-average
# slug: changed-argument
# says: changed the values of `images`
def train_epoch(step, images, batch_size=128):
    images[:] = images[torch.randperm(len(images))]
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        nll, kl = step(x)
        total_nll += nll * len(x)
        total_kl += kl * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% evaluate / mean of batch means
# loses: evaluate-average
# slug: mean-of-batch-means
# says: short last batch weighs too much
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    nlls, kls = [], []
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        nlls.append(nll.mean().item())
        kls.append(kl.mean().item())
    return sum(nlls) / len(nlls), sum(kls) / len(kls)


# %% evaluate / counted twice
# loses: evaluate-average
# slug: counted-twice
# says: every image is counted twice
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
        total_nll += nll.mean().item() * len(x)
        total_kl += kl.mean().item() * len(x)
    return total_nll / len(images), total_kl / len(images)


# %% evaluate / last batch dropped
# loses: evaluate-average
# slug: last-batch-dropped
# says: the short last batch was left out
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total_nll = total_kl = count = 0.0
    for x in torch.utils.data.DataLoader(images, batch_size, drop_last=True):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
        count += len(x)
    return total_nll / count, total_kl / count


# %% evaluate / divided by full batches
# loses: evaluate-average
# slug: divided-by-full-batches
# says: the last one holds fewer images
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total_nll = total_kl = 0.0
    batches = images.split(batch_size)
    for x in batches:
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    return total_nll / (len(batches) * batch_size), total_kl / (len(batches) * batch_size)


# %% evaluate / returns inside the loop
# loses: evaluate-average
# slug: first-batch-only
# says: returns inside its loop
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
        return total_nll / len(x), total_kl / len(x)


# %% evaluate / whole loss returned
# loses: evaluate-average
# slug: returns-loss
# says: that is the whole loss
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        total += loss.item() * len(x)
        total_kl += kl.sum().item()
    return total / len(images), total_kl / len(images)


# %% evaluate / tensors returned
# loses: evaluate-average
# slug: tensor-not-number
# says: not a plain number
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum()
        total_kl += kl.sum()
    return total_nll / len(images), total_kl / len(images)


# %% evaluate / decodes the mean
# loses: evaluate-bound
# slug: decodes-mu
# says: no bound on -log p(x)
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        mu, logvar = model.encode(x)
        _, nll, kl = loss_fn(model.decode(mu), x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    return total_nll / len(images), total_kl / len(images)


# %% evaluate / half of the noise
# loses: evaluate-bound
# slug: noise-scale
# says: scaled by the wrong number
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        mu, logvar = model.encode(x)
        z = (mu + model.reparameterize(mu, logvar)) / 2
        _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    return total_nll / len(images), total_kl / len(images)


# %% evaluate / gradients on
# loses: evaluate-no-training
# slug: graph-kept
# says: a graph was recorded
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    return total_nll / len(images), total_kl / len(images)


# %% evaluate / training mode
# loses: evaluate-no-training
# slug: evaluation-mode
# says: must be in evaluation mode
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    return total_nll / len(images), total_kl / len(images)


# %% evaluate / gradients cleared
# loses: evaluate-no-training
# slug: evaluation-gradients
# says: leave gradients alone
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    model.zero_grad()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    return total_nll / len(images), total_kl / len(images)


# %% evaluate / trains on the images
# loses: evaluate-average, evaluate-bound, evaluate-no-training
# slug: evaluation-trains
# says: must not change the model
def evaluate(model, loss_fn, images, batch_size=1000):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.eval()
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        optimizer.zero_grad()
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        loss.backward()
        optimizer.step()
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    return total_nll / len(images), total_kl / len(images)


# %% reconstruct / sampled code
# loses: reconstruct-value
# slug: reconstruction-random
# says: decodes the posterior mean
@torch.no_grad()
def reconstruct(model, x):
    mu, logvar = model.encode(x)
    return torch.sigmoid(model.decode(model.reparameterize(mu, logvar)))


# %% reconstruct / logits
# loses: reconstruct-value
# slug: returns-logits
# says: a sigmoid is missing
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return model.decode(mu)


# %% reconstruct / sigmoid twice
# loses: reconstruct-value
# slug: sigmoid-twice
# says: confined to 0.5 ... 0.73
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return torch.sigmoid(torch.sigmoid(model.decode(mu)))


# %% reconstruct / rounded
# loses: reconstruct-value
# slug: probabilities-rounded
# says: return the probabilities
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return torch.sigmoid(model.decode(mu)).round()


# %% reconstruct / gradient kept
# loses: reconstruct-value
# slug: graph-kept
# says: requires_grad=True
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return torch.sigmoid(model.decode(mu))


# %% reconstruct / log-variance decoded
# loses: reconstruct-value
# slug: decodes-logvar
# says: encode returns the pair
@torch.no_grad()
def reconstruct(model, x):
    return torch.sigmoid(model.decode(model.encode(x)[1]))


# %% reconstruct / the ready-made method
# loses: reconstruct-value
# slug: ready-made
# says: asks you to write
def reconstruct(model, x):
    return model.reconstruct(x)


# %% reconstruct / the pair decoded
# loses: reconstruct-value
# slug: raised
# says: line 3 of your cell
@torch.no_grad()
def reconstruct(model, x):
    return torch.sigmoid(model.decode(model.encode(x)))


# %% sample / latent size hard-coded
# loses: sample-shape, sample-prior, sample-probabilities
# slug: hard-coded-latent
# says: not taken from the argument
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(num_images, 20)))


# %% sample / number of images hard-coded
# loses: sample-shape
# slug: wrong-shape
# says: (64, 7), it should be (3, 7)
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(64, latent_dim)))


# %% sample / sizes exchanged
# loses: sample-shape, sample-prior, sample-probabilities
# slug: hard-coded-latent
# says: codes of shape (5, 3)
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(latent_dim, num_images)))


# %% sample / uniform codes
# loses: sample-prior
# slug: prior-uniform
# says: the prior is N(0, I)
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.rand(num_images, latent_dim)))


# %% sample / one code for all images
# loses: sample-prior
# slug: noise-shared-batch
# says: the same for every image
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.randn(1, latent_dim).expand(num_images, latent_dim)
    return torch.sigmoid(decoder(z))


# %% sample / codes at zero
# loses: sample-prior
# slug: no-noise
# says: there is no noise
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.zeros(num_images, latent_dim)))


# %% sample / codes scaled down
# loses: sample-prior
# slug: noise-scale
# says: does not have variance 1
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(0.7 * torch.randn(num_images, latent_dim)))


# %% sample / seeded
# loses: sample-prior
# slug: noise-frozen
# says: two calls decode the same codes
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    torch.manual_seed(0)
    return torch.sigmoid(decoder(torch.randn(num_images, latent_dim)))


# %% sample / logits
# loses: sample-probabilities
# slug: returns-logits
# says: a sigmoid is missing
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return decoder(torch.randn(num_images, latent_dim))


# %% sample / drawn pixels
# loses: sample-probabilities
# slug: probabilities-rounded
# says: drawn or rounded to 0 and 1
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.bernoulli(torch.sigmoid(decoder(torch.randn(num_images, latent_dim))))


# %% sample / sigmoid twice
# loses: sample-probabilities
# slug: sigmoid-twice
# says: the sigmoid is applied twice
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return decoder(torch.randn(num_images, latent_dim)).sigmoid().sigmoid()


# %% sample / gradient kept
# loses: sample-probabilities
# slug: graph-kept
# says: a graph was recorded
def sample(decoder, num_images, latent_dim):
    return torch.sigmoid(decoder(torch.randn(num_images, latent_dim)))


# %% sample / softmax
# loses: sample-probabilities
# slug: returns-softmax
# says: makes the pixels compete
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    return torch.softmax(decoder(torch.randn(num_images, latent_dim)), dim=1)


# %% diagnosis / two exchanged
# loses: diagnosis-symptoms
# slug: diagnosis-wrong
# says: 3 of 5 scripts
diagnosis = {1: "D", 2: "F", 3: "G", 4: "A", 5: "B"}

# %% diagnosis / a letter twice
# loses: diagnosis-symptoms
# slug: diagnosis-form
# says: the same letter
diagnosis = {1: "D", 2: "F", 3: "A", 4: "F", 5: "B"}

# %% diagnosis / a letter that is none
# loses: diagnosis-symptoms
# slug: diagnosis-form
# says: Script 5
diagnosis = {1: "D", 2: "F", 3: "A", 4: "G", 5: "H"}

# %% diagnosis / keys are text
# loses: diagnosis-symptoms
# slug: diagnosis-form
# says: scripts 1 to 5
diagnosis = {"one": "D", "two": "F", "three": "A", "four": "G", "five": "B"}

# %% diagnosis / a list
# loses: diagnosis-symptoms
# slug: diagnosis-form
# says: not a dictionary
diagnosis = ["D", "F", "A", "G", "B"]


# %% bug-1 / still broken
# loses: bug-1-mended
# slug: raised
# says: UnboundLocalError
def mended_1(batch_losses, batch_sizes):
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total += loss * size
    return total / sum(batch_sizes)


# %% bug-1 / mean of batch means
# loses: bug-1-mended
# slug: mean-of-batch-means
# says: a mean of batch means
def mended_1(batch_losses, batch_sizes):
    return sum(batch_losses) / len(batch_losses)


# %% bug-1 / reset in the loop
# loses: bug-1-mended
# slug: last-batch-only
# says: only the last batch counts
def mended_1(batch_losses, batch_sizes):
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total = 0.0
        total += loss * size
    return total / sum(batch_sizes)


# %% bug-2 / still broken
# loses: bug-2-mended
# slug: counted-twice
# says: every image is counted twice
@torch.no_grad()
def mended_2(model, loss_fn, images, batch_size=1000):
    total = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        total += loss.item() * len(x)
        total += (nll + kl).sum().item()
    return total / len(images)


# %% bug-2 / mean of batch means
# loses: bug-2-mended
# slug: mean-of-batch-means
# says: short last batch weighs too much
@torch.no_grad()
def mended_2(model, loss_fn, images, batch_size=1000):
    losses = []
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        losses.append(loss_fn(logits, x, mu, logvar).loss.item())
    return sum(losses) / len(losses)


# %% bug-2 / batch means over images
# loses: bug-2-mended
# slug: sum-of-means-over-images
# says: not weighed by their sizes
@torch.no_grad()
def mended_2(model, loss_fn, images, batch_size=1000):
    total = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        total += loss_fn(logits, x, mu, logvar).loss.item()
    return total / len(images)


# %% bug-2 / KL forgotten
# loses: bug-2-mended
# slug: elbo-no-kl
# says: the KL is missing
@torch.no_grad()
def mended_2(model, loss_fn, images, batch_size=1000):
    total = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        total += nll.sum().item()
    return total / len(images)


# %% bug-3 / still broken
# loses: bug-3-mended
# slug: nll-mean-pixels
# says: the mean over pixels was taken
def mended_3(logits, x, kl):
    nll = F.binary_cross_entropy_with_logits(logits, x)
    return nll + kl.mean()


# %% bug-3 / sum over the batch as well
# loses: bug-3-mended
# slug: elbo-batch-sum
# says: a sum over the batch
def mended_3(logits, x, kl):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    return nll + kl.mean()


# %% bug-3 / not averaged
# loses: bug-3-mended
# slug: elbo-not-averaged
# says: mean over the batch is missing
def mended_3(logits, x, kl):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1) + kl


# %% bug-3 / detached
# loses: bug-3-mended
# slug: detached
# says: requires_grad=False
def mended_3(logits, x, kl):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)
    return (nll + kl).mean().detach()


# %% bug-4 / still broken
# loses: bug-4-mended
# slug: device-always-same
# says: ask for its type
def mended_4(device):
    return device == "cuda"


# %% bug-4 / device without index only
# loses: bug-4-mended
# slug: device-index
# says: may carry an index
def mended_4(device):
    return device == torch.device("cuda")


# %% bug-4 / anything but the CPU
# loses: bug-4-mended
# slug: device-not-cpu
# says: other accelerators
def mended_4(device):
    return device.type != "cpu"


# %% bug-4 / is there any CUDA
# loses: bug-4-mended
# slug: device-always-same
# says: for every device
def mended_4(device):
    return torch.cuda.is_available()


# %% bug-4 / the type itself
# loses: bug-4-mended
# slug: wrong-type
# says: Return True or False
def mended_4(device):
    return device.type


# %% bug-5 / still broken
# loses: bug-5-mended
# slug: decodes-mu
# says: the mean was decoded
@torch.no_grad()
def mended_5(model, loss_fn, images):
    model.eval()
    mu, logvar = model.encode(images)
    return loss_fn(model.decode(mu), images, mu, logvar).loss.item()


# %% bug-5 / reconstruction term only
# loses: bug-5-mended
# slug: elbo-no-kl
# says: the KL is missing
@torch.no_grad()
def mended_5(model, loss_fn, images):
    mu, logvar = model.encode(images)
    z = model.reparameterize(mu, logvar)
    return loss_fn(model.decode(z), images, mu, logvar).nll.mean().item()


# %% bug-5 / tensor returned
# loses: bug-5-mended
# slug: tensor-not-number
# says: not a plain number
@torch.no_grad()
def mended_5(model, loss_fn, images):
    mu, logvar = model.encode(images)
    z = model.reparameterize(mu, logvar)
    return loss_fn(model.decode(z), images, mu, logvar).loss


# %% evaluate / all at once
# loses: evaluate-average
# slug: wrong-batch-size
# says: 17 images at once
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    with torch.no_grad():
        logits, mu, logvar = model(images)
        _, nll, kl = loss_fn(logits, images, mu, logvar)
    model.train()
    return nll.mean().item(), kl.mean().item()


# %% encoder / log-variance clamped to +-10
# loses: encoder-heads
# slug: output-clipped
# says: A clamp or a squashing function
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h).clamp(-10, 10)


# %% encoder / log-variance clamped to +-2
# loses: encoder-heads
# slug: output-clipped
# says: A clamp or a squashing function
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h).clamp(-2, 2)


# %% encoder / log-variance bounded below
# loses: encoder-heads
# slug: output-one-sided
# says: bounded on one side
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h).clamp(min=-10)


# %% encoder / mean squashed to +-3
# loses: encoder-heads
# slug: output-clipped
# says: A clamp or a squashing function
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return 3 * torch.tanh(self.mu(h)), self.logvar(h)


# %% encoder / batch mean subtracted
# loses: encoder-shapes
# slug: rows-mixed
# says: something works across the batch
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x - x.mean(0)))
        return self.mu(h), self.logvar(h)


# %% encoder / hidden layer detached
# loses: encoder-heads
# slug: detached
# says: gets no gradient
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x)).detach()
        return self.mu(h), self.logvar(h)


# %% encoder / mean detached
# loses: encoder-heads
# slug: detached
# says: mu has requires_grad=False
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h).detach(), self.logvar(h)


# %% encoder / twice the mean as log-variance
# loses: encoder-heads
# slug: same-head
# says: a multiple of mu
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), 2 * self.mu(h)


# %% encoder / forward inside of init
# loses: encoder-shapes, encoder-nonlinear, encoder-heads
# slug: no-forward
# says: look at the indentation
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)

        def forward(self, x):
            return self.hidden(x)


# %% encoder / latent size left out
# loses: encoder-shapes, encoder-nonlinear, encoder-heads
# slug: signature
# says: Keep the signature
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, 20)
        self.logvar = nn.Linear(hidden_dim, 20)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h)


# %% decoder / logits clamped to +-10
# loses: decoder-logits
# slug: output-clipped
# says: A clamp or a squashing function
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z))).clamp(-10, 10)


# %% decoder / logit of the clipped sigmoid
# loses: decoder-logits
# slug: output-clipped
# says: real number
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.logit(torch.sigmoid(self.logits(F.relu(self.hidden(z)))), eps=1e-6)


# %% decoder / softmax over the batch
# loses: decoder-shapes
# slug: rows-mixed
# says: something works across the batch
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(self.hidden(z).softmax(dim=0))


# %% decoder / code detached
# loses: decoder-logits
# slug: detached
# says: reaches z
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z.detach())))


# %% reparameterize / the mean where gradients are off
# loses: reparameterize-noise, reparameterize-fresh
# slug: no-noise
# says: under torch.no_grad()
def reparameterize(mu, logvar):
    if not torch.is_grad_enabled():
        return mu
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% reparameterize / log-variance clamped
# loses: reparameterize-pathwise
# slug: std-clipped
# says: logvar was clamped
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar.clamp(-4, 4)) * torch.randn_like(mu)


# %% reparameterize / log-variance clamped at -20
# loses: reparameterize-pathwise
# slug: std-clipped
# says: logvar = -60
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar.clamp(min=-20)) * torch.randn_like(mu)


# %% reparameterize / noise cut off at 2
# loses: reparameterize-noise
# slug: noise-not-normal
# says: it is not normal
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu).clamp(-2, 2)


# %% reparameterize / no standard deviation
# loses: reparameterize-pathwise
# slug: std-detached
# says: detached or missing
def reparameterize(mu, logvar):
    return mu + torch.randn_like(mu)


# %% reparameterize / gradients switched off for good
# loses: reparameterize-pathwise, reparameterize-noise, reparameterize-fresh
# slug: gradients-left-off
# says: use torch.no_grad()
def reparameterize(mu, logvar):
    torch.set_grad_enabled(False)
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% bernoulli-nll / 784 written out
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: hard-coded-pixels
# says: 784
def bernoulli_nll(logits, x):
    return 784 * F.binary_cross_entropy_with_logits(logits, x, reduction="none").mean(1)


# %% bernoulli-nll / softmax cross-entropy
# loses: bernoulli-nll-value, bernoulli-nll-stable
# slug: nll-softmax
# says: F.cross_entropy
def bernoulli_nll(logits, x):
    return F.cross_entropy(logits, x, reduction="none")


# %% gaussian-kl / a floor for each dimension
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-floor
# says: A floor lies under the KL
def gaussian_kl(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).clamp(min=0.02).sum(1)


# %% gaussian-kl / log-variance clamped
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-clipped
# says: logvar is clamped
def gaussian_kl(mu, logvar):
    logvar = logvar.clamp(-10, 10)
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)


# %% gaussian-kl / minus one outside
# loses: gaussian-kl-value
# slug: kl-one-outside
# says: outside of the sum
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - logvar).sum(1) - 1


# %% gaussian-kl / plus one
# loses: gaussian-kl-value
# slug: kl-no-one
# says: wrong sign
def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() + 1 - logvar).sum(1)


# %% gaussian-kl / expectations added
# loses: gaussian-kl-value, gaussian-kl-gradient
# slug: kl-expectations-added
# says: their difference
def gaussian_kl(mu, logvar):
    return -0.5 * (1 + logvar + mu**2 + logvar.exp()).sum(1)


# %% negative-elbo / beta without default
# loses: negative-elbo-value
# slug: signature
# says: Keep the signature
def negative_elbo(nll, kl, beta):
    return (nll + beta * kl).mean()


# %% training-step / backward twice
# loses: training-step-update
# slug: gradient-doubled
# says: backward ran twice
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward(retain_graph=True)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / numbers of a second pass
# loses: training-step-returns
# slug: returns-after-step
# says: another pass after the step
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    logits, mu, logvar = model(x)
    _, nll, kl = loss_fn(logits, x, mu, logvar)
    return nll.mean().item(), kl.mean().item()


# %% training-step / in evaluation mode
# loses: training-step-update
# slug: step-in-eval-mode
# says: needs model.train()
def training_step(model, loss_fn, optimizer, x):
    model.eval()
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% train-epoch / another default
# loses: train-epoch-every-image
# slug: wrong-batch-size
# says: default batch_size
def train_epoch(step, images, batch_size=64):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% train-epoch / 60000 written out
# loses: train-epoch-average
# slug: hard-coded-images
# says: written out
def train_epoch(step, images, batch_size=128):
    total_nll = total_kl = 0.0
    for index in torch.randperm(len(images)).split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / 60000, total_kl / 60000


# %% train-epoch / returns inside the loop
# loses: train-epoch-every-image, train-epoch-shuffled, train-epoch-average
# slug: first-batch-only
# says: returns inside its loop
def train_epoch(step, images, batch_size=128):
    for index in torch.randperm(len(images)).split(batch_size):
        return step(images[index])


# %% evaluate / seeded
# loses: evaluate-bound
# slug: noise-frozen
# says: Two evaluations
def evaluate(model, loss_fn, images, batch_size=1000):
    torch.manual_seed(0)
    model.eval()
    with torch.no_grad():
        total_nll = total_kl = 0.0
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
        return total_nll / len(images), total_kl / len(images)


# %% evaluate / gradients switched off for good
# loses: evaluate-average, evaluate-bound, evaluate-no-training
# slug: gradients-left-off
# says: use torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    torch.set_grad_enabled(False)
    total_nll = total_kl = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        total_nll += nll.sum().item()
        total_kl += kl.sum().item()
    return total_nll / len(images), total_kl / len(images)


# %% reconstruct / drawn pixels
# loses: reconstruct-value
# slug: probabilities-rounded
# says: Pixels were drawn
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encode(x)
    return torch.bernoulli(torch.sigmoid(model.decode(mu)))


# %% bug-1 / a global total
# loses: bug-1-mended
# slug: kept-between-calls
# says: start anew in each call
total = [0.0]


def mended_1(batch_losses, batch_sizes):
    for loss, size in zip(batch_losses, batch_sizes):
        total[0] += loss * size
    return total[0] / sum(batch_sizes)


# %% bug-2 / decodes the mean
# loses: bug-2-mended
# slug: decodes-mu
# says: no bound
@torch.no_grad()
def mended_2(model, loss_fn, images, batch_size=1000):
    total = 0.0
    for x in images.split(batch_size):
        mu, logvar = model.encode(x)
        _, nll, kl = loss_fn(model.decode(mu), x, mu, logvar)
        total += (nll + kl).sum().item()
    return total / len(images)


# %% bug-2 / terms of its own, of the mean
# loses: bug-2-mended
# slug: loss-not-called
# says: function that is passed in
@torch.no_grad()
def mended_2(model, loss_fn, images, batch_size=1000):
    mu, logvar = model.encode(images)
    logits = model.decode(mu)
    return (bernoulli_nll(logits, images) + gaussian_kl(mu, logvar)).mean().item()


# %% bug-3 / both terms per pixel
# loses: bug-3-mended
# slug: terms-per-pixel
# says: per pixel
def mended_3(logits, x, kl):
    return F.binary_cross_entropy_with_logits(logits, x) + kl.mean() / x.shape[1]


# %% bug-5 / in training mode
# loses: bug-5-mended
# slug: evaluation-mode
# says: evaluation mode
@torch.no_grad()
def mended_5(model, loss_fn, images):
    mu, logvar = model.encode(images)
    z = model.reparameterize(mu, logvar)
    return loss_fn(model.decode(z), images, mu, logvar).loss.item()


# %% bug-5 / z handed to the loss as mu
# loses: bug-5-mended
# slug: loss-arguments
# says: in place of mu
@torch.no_grad()
def mended_5(model, loss_fn, images):
    model.eval()
    mu, logvar = model.encode(images)
    z = model.reparameterize(mu, logvar)
    return loss_fn(model.decode(z), images, z, logvar).loss.item()


# Answers that are right only at the sizes, or in the order, that one idea is tested with.


# %% training-step / samples large batches only
# loses: training-step-samples
# slug: decodes-mu
# says: equals its mu
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    mu, logvar = model.encode(x)
    z = model.reparameterize(mu, logvar) if len(x) > 100 else mu
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% train-epoch / mean of batch means from 27 images on
# loses: train-epoch-average
# slug: mean-of-batch-means
# says: a mean of batch means
def train_epoch(step, images, batch_size=128):
    pairs, sizes = [], []
    for index in torch.randperm(len(images)).split(batch_size):
        pairs.append(step(images[index]))
        sizes.append(len(index) if len(images) < 27 else 1)
    nll, kl = (
        sum(pair[which] * size for pair, size in zip(pairs, sizes, strict=True)) / sum(sizes)
        for which in (0, 1)
    )
    return nll, kl


# %% train-epoch / shuffles from 27 images on
# loses: train-epoch-shuffled
# slug: not-shuffled
# says: not shuffled
def train_epoch(step, images, batch_size=128):
    order = torch.randperm(len(images)) if len(images) >= 27 else torch.arange(len(images))
    total_nll = total_kl = 0.0
    for index in order.split(batch_size):
        nll, kl = step(images[index])
        total_nll += nll * len(index)
        total_kl += kl * len(index)
    return total_nll / len(images), total_kl / len(images)


# %% evaluate / mean of batch means from 27 images on
# loses: evaluate-average
# slug: mean-of-batch-means
# says: a mean of batch means
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    pairs, sizes = [], []
    with torch.no_grad():
        for x in images.split(batch_size):
            _, nll, kl = loss_fn(*_arguments_of_loss(model, x))
            pairs.append((nll.mean().item(), kl.mean().item()))
            sizes.append(len(x) if len(images) < 27 else 1)
    nll, kl = (
        sum(pair[which] * size for pair, size in zip(pairs, sizes, strict=True)) / sum(sizes)
        for which in (0, 1)
    )
    return nll, kl


def _arguments_of_loss(model, x):
    logits, mu, logvar = model(x)
    return logits, x, mu, logvar


# %% evaluate / samples large sets only
# loses: evaluate-bound
# slug: decodes-mu
# says: equals its mu
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            z = model.reparameterize(mu, logvar) if len(images) > 1000 else mu
            _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
            total_nll += nll.sum().item()
            total_kl += kl.sum().item()
    return total_nll / len(images), total_kl / len(images)


# %% bug-4 / goes by the order of the calls
# loses: bug-4-mended
# slug: kept-between-calls
# says: now True, now False
calls = [0]


def mended_4(device):
    calls[0] += 1
    return calls[0] % 6 in (1, 2, 3)


# %% bug-5 / one image for all
# loses: bug-5-mended
# slug: image-missing
# says: 1 different images
@torch.no_grad()
def mended_5(model, loss_fn, images):
    model.eval()
    images = images[:1].expand_as(images)
    mu, logvar = model.encode(images)
    z = model.reparameterize(mu, logvar)
    return loss_fn(model.decode(z), images, mu, logvar).loss.item()
