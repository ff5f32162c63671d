"""Answers to Exercise 1 of lab3-vae: right ones, then wrong ones."""


# %% keyword arguments and torch.relu
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.fc1 = nn.Linear(in_features=data_dim, out_features=hidden_dim)
        self.fc21 = nn.Linear(hidden_dim, latent_dim)
        self.fc22 = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = torch.relu(self.fc1(x))
        mu, logvar = self.fc21(h), self.fc22(h)
        return [mu, logvar]


# %% one layer of twice the size, chunked
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(data_dim, hidden_dim), nn.Tanh(), nn.Linear(hidden_dim, 2 * latent_dim)
        )

    def forward(self, x):
        return self.net(x).chunk(2, dim=1)


# %% one layer of twice the size, sliced, with GELU
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.latent_dim = latent_dim
        self.body = nn.Linear(data_dim, hidden_dim)
        self.heads = nn.Linear(hidden_dim, latent_dim * 2)

    def forward(self, x):
        out = self.heads(F.gelu(self.body(x)))
        return out[:, : self.latent_dim], out[:, self.latent_dim :]


# %% deeper, heads start at zero
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Linear(data_dim, hidden_dim),
            nn.LeakyReLU(0.1),
            nn.Linear(hidden_dim, hidden_dim),
            nn.SiLU(),
            nn.Linear(hidden_dim, hidden_dim // 2),
            nn.Softplus(),
        )
        self.mu = nn.Linear(hidden_dim // 2, latent_dim)
        self.logvar = nn.Linear(hidden_dim // 2, latent_dim)
        for head in (self.mu, self.logvar):
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

    def forward(self, x):
        h = self.trunk(x)
        return self.mu(h), self.logvar(h)


# %% separate hidden layers, heads without bias
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()

        def network():
            return nn.Sequential(
                nn.Linear(data_dim, hidden_dim),
                nn.ReLU(),
                nn.Linear(hidden_dim, latent_dim, bias=False),
            )

        self.networks = nn.ModuleDict({"mu": network(), "logvar": network()})

    def forward(self, x):
        return tuple(self.networks[name](x) for name in ("mu", "logvar"))


# %% dropout, batch normalization and a clamp far out
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.layer = nn.Linear(data_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.drop = nn.Dropout(0.2)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = self.drop(F.elu(self.norm(self.layer(x))))
        return self.mu(h), self.logvar(h).clamp(-30, 30)


# %% own parameters and a named tuple
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.w = nn.Parameter(torch.randn(hidden_dim, data_dim) / data_dim**0.5)
        self.b = nn.Parameter(torch.zeros(hidden_dim))
        self.heads = nn.ParameterList(
            [nn.Parameter(torch.randn(latent_dim, hidden_dim) * 0.01) for _ in range(2)]
        )

    def forward(self, x):
        from collections import namedtuple

        h = torch.einsum("hp,bp->bh", self.w, x).add(self.b).clamp(min=0)
        return namedtuple("Gaussian", "mu logvar")(h @ self.heads[0].T, h @ self.heads[1].T)


# %% lazy layers
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.LazyLinear(hidden_dim)
        self.mu = nn.LazyLinear(latent_dim)
        self.logvar = nn.LazyLinear(latent_dim)

    def forward(self, x):
        h = self.hidden(x).sigmoid()
        return self.mu(h), self.logvar(h)


# %% layer norm and weight norm, in double precision
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.norm = nn.LayerNorm(hidden_dim)
        self.mu = nn.utils.parametrizations.weight_norm(nn.Linear(hidden_dim, latent_dim))
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.double()

    def forward(self, x):
        h = F.relu(self.norm(self.hidden(x.double())))
        return self.mu(h), self.logvar(h)


# %% compiled forward
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    @torch.compile
    def forward(self, x):
        h = torch.relu(self.hidden(x))
        return self.mu(h), self.logvar(h)


# %% compiled in place
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.heads = nn.Linear(hidden_dim, 2 * latent_dim)
        self.compile(dynamic=True)

    def forward(self, x):
        return self.heads(F.silu(self.hidden(x))).chunk(2, dim=-1)


# %% a compiled layer
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.body = torch.compile(nn.Sequential(nn.Linear(data_dim, hidden_dim), nn.Tanh()))
        self.heads = nn.ModuleList([nn.Linear(hidden_dim, latent_dim) for _ in range(2)])

    def forward(self, x):
        h = self.body(x)
        return [head(h) for head in self.heads]


# %% functional_call and vmap over the heads
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.weights = nn.Parameter(torch.randn(2, latent_dim, hidden_dim) / hidden_dim**0.5)
        self.biases = nn.Parameter(torch.zeros(2, latent_dim))

    def forward(self, x):
        h = torch.relu(self.hidden(x))
        both = torch.func.vmap(F.linear, in_dims=(None, 0, 0))(h, self.weights, self.biases)
        return both[0], both[1]


# %% checkpointed hidden layer
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        from torch.utils.checkpoint import checkpoint

        h = checkpoint(lambda x: torch.relu(self.hidden(x)), x, use_reentrant=False)
        return self.mu(h), self.logvar(h)


# %% a hook that applies the nonlinearity
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.hidden.register_forward_hook(lambda module, given, h: h.relu())
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = self.hidden(x)
        return self.mu(h), self.logvar(h)


# %% residual block, dropout, GELU
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.more = nn.Linear(hidden_dim, hidden_dim)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        h = F.gelu(self.hidden(x))
        h = h + self.drop(F.gelu(self.more(h)))
        return self.mu(h), self.logvar(h)


# %% logvar head sees the mean as well
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim + latent_dim, latent_dim)

    def forward(self, x):
        h = torch.tanh(self.hidden(x))
        mu = self.mu(h)
        return mu, self.logvar(torch.cat([h, mu], dim=1))


# %% interleaved heads, spectral norm
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.heads = nn.utils.parametrizations.spectral_norm(nn.Linear(hidden_dim, 2 * latent_dim))

    def forward(self, x):
        both = self.heads(F.silu(self.hidden(x)))
        return both[:, ::2], both[:, 1::2]


# %% images centred by a buffer, convolution over units
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.register_buffer("middle", torch.full((1, data_dim), 0.5))
        self.conv = nn.Conv1d(1, 1, kernel_size=3, padding=1)

    def forward(self, x):
        h = F.relu(self.hidden(x - self.middle))
        h = h + F.relu(self.conv(h[:, None]))[:, 0]
        return self.mu(h), self.logvar(h)


# %% images standardized by numbers that are buffers
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.register_buffer("mean", torch.full((1, data_dim), 0.1307))
        self.register_buffer("std", torch.full((1, data_dim), 0.3081))
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden((x - self.mean) / self.std))
        return self.mu(h), self.logvar(h)


# %% double inside, float outside, by einsum
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.first = nn.Parameter(torch.randn(hidden_dim, data_dim).double() / data_dim**0.5)
        self.second = nn.Parameter(
            torch.randn(2, latent_dim, hidden_dim).double() / hidden_dim**0.5
        )

    def forward(self, x):
        h = torch.einsum("hp,bp->bh", self.first, x.double()).relu()
        both = torch.einsum("kdh,bh->kbd", self.second, h).to(x.dtype)
        return both.unbind(0)


# %% logvar clamped to +-20, mu to +-16
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h).clamp(-16, 16), torch.clamp(self.logvar(h), min=-20, max=20)


# %% batch norm on both heads
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.norms = nn.ModuleList([nn.BatchNorm1d(latent_dim) for _ in range(2)])

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.norms[0](self.mu(h)), self.norms[1](self.logvar(h))


# %% a leaky ReLU on the log-variance
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = torch.tanh(self.hidden(x))
        return self.mu(h), F.leaky_relu(self.logvar(h))


# %% maxout units, twice log sigma
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, 2 * hidden_dim)
        self.mu, self.log_sigma = (nn.Linear(hidden_dim, latent_dim) for _ in range(2))

    def forward(self, x):
        h = self.hidden(x).unflatten(1, (-1, 2)).amax(-1)
        return self.mu(h), 2 * self.log_sigma(h)


# %% sizes of the lab hard-coded
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


# %% hidden width hard-coded
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


# %% one result only
# slug: wrong-type
# says: Return the pair (mu, logvar)
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        return self.mu(F.relu(self.hidden(x)))


# %% nothing returned
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


# %% super().__init__ forgotten
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


# %% a batch of one loses its dimension
# slug: shape-ones-dropped
# says: it should be (1, 5)
# loses: encoder-shapes
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h).squeeze(), self.logvar(h).squeeze()


# %% layers kept in a list
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


# %% layers created in forward
# loses: encoder-shapes
# slug: output-random
# says: a new layer
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.sizes = data_dim, hidden_dim
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(nn.Linear(*self.sizes)(x))
        return self.mu(h), self.logvar(h)


# %% no nonlinearity
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


# %% nonlinearity on the images only
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


# %% nonlinearity for one head only
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


# %% ReLU on the mean
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


# %% ReLU on the log-variance
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


# %% tanh on the mean
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


# %% sigmoid on the mean
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


# %% a variance instead of its logarithm
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


# %% a standard deviation by softplus
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


# %% ELU on the log-variance
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


# %% one head for both
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


# %% log-variance fixed at zero
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


# %% log-variance clamped to +-10
# loses: encoder-heads
# slug: output-clipped
# says: squashing function confines it
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h).clamp(-10, 10)


# %% log-variance clamped to +-2
# loses: encoder-heads
# slug: output-clipped
# says: squashing function confines it
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h).clamp(-2, 2)


# %% log-variance bounded below
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


# %% mean squashed to +-3
# loses: encoder-heads
# slug: output-clipped
# says: squashing function confines it
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return 3 * torch.tanh(self.mu(h)), self.logvar(h)


# %% batch mean subtracted
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


# %% hidden layer detached
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


# %% mean detached
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


# %% twice the mean as log-variance
# loses: encoder-heads
# slug: same-head
# says: a function of mu
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), 2 * self.mu(h)


# %% forward inside of init
# slug: no-forward
# says: look at the indentation
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)

        def forward(self, x):
            return self.hidden(x)


# %% latent size left out
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


# %% one number for all of mu
# loses: encoder-heads
# slug: outputs-tied
# says: weights of its own
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, 1)
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.latent_dim = latent_dim

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h).expand(-1, self.latent_dim), self.logvar(h)


# %% one number for all of logvar, scaled
# loses: encoder-heads
# slug: outputs-tied
# says: always move together
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, 1)
        self.scale = nn.Parameter(torch.ones(latent_dim))

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h) * self.scale


# %% halves of mu mirrored
# loses: encoder-heads
# slug: outputs-tied
# says: always move together
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, (latent_dim + 1) // 2)
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.latent_dim = latent_dim

    def forward(self, x):
        h = F.relu(self.hidden(x))
        mu = self.mu(h)
        return torch.cat([mu, -mu.flip(1)], dim=1)[:, : self.latent_dim], self.logvar(h)


# %% log-variance is the mean flipped
# loses: encoder-heads
# slug: same-head
# says: head of its own
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        mu = self.mu(h)
        return mu, mu.flip(1)


# %% log-variance is minus the mean, rolled
# loses: encoder-heads
# slug: same-head
# says: head of its own
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        mu = self.mu(h)
        return mu, -mu.roll(1, dims=1)


# %% log-variance is a learned multiple of the mean
# loses: encoder-heads
# slug: same-head
# says: head of its own
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.scale = nn.Parameter(torch.ones(latent_dim))
        self.shift = nn.Parameter(torch.zeros(latent_dim))

    def forward(self, x):
        h = F.relu(self.hidden(x))
        mu = self.mu(h)
        return mu, self.scale * mu + self.shift


# %% log-variance is a linear layer of the mean
# loses: encoder-heads
# slug: same-head
# says: linear function of mu
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(latent_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        mu = self.mu(h)
        return mu, self.logvar(mu)


# %% log-variance is a running sum of the mean
# loses: encoder-heads
# slug: same-head
# says: a function of mu
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        mu = self.mu(h)
        return mu, mu.cumsum(dim=1)


# %% log-variance is a cube of the mean
# loses: encoder-heads
# slug: same-head
# says: a function of mu
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        mu = self.mu(h)
        return mu, mu**3


# %% log-variance is the size of the mean, with signs by column
# loses: encoder-heads
# slug: same-head
# says: is a function of the size of mu[:
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.register_buffer("sign", (-1.0) ** torch.arange(latent_dim))

    def forward(self, x):
        mu = self.mu(F.relu(self.hidden(x)))
        return mu, self.sign * mu.abs()


# %% cut along the batch
# slug: chunk-batch
# says: mind the dimension
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.heads = nn.Linear(hidden_dim, 2 * latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.heads(h).chunk(2)


# %% cut along the batch by split
# slug: chunk-batch
# says: The images were cut
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.heads = nn.Linear(hidden_dim, 2 * latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        both = self.heads(h)
        return both.split((len(both) + 1) // 2)


# %% cut along the batch by tensor_split
# slug: chunk-batch
# says: The images were cut
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.heads = nn.Linear(hidden_dim, 2 * latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.heads(h).tensor_split(2)


# %% not cut at all
# slug: one-output
# says: Return the pair
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.heads = nn.Linear(hidden_dim, 2 * latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.heads(h)


# %% double layers that take no float
# slug: weights-not-single
# says: not float32
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.double()

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h)


# %% a double head
# slug: weights-not-single
# says: not float32
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.logvar.double()

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h)


# %% half layers
# slug: weights-not-single
# says: not float32
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.half()

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h)


# %% bfloat16 inside
# slug: half-precision
# says: 16 bits
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.bfloat16()

    def forward(self, x):
        h = F.relu(self.hidden(x.bfloat16()))
        return self.mu(h), self.logvar(h)


# %% logarithm of a softplus
# loses: encoder-heads
# slug: output-infinite
# says: it overflows
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), torch.log(F.softplus(self.logvar(h)))


# %% logarithm of a softplus and a little
# loses: encoder-heads
# slug: output-clipped
# says: confines it
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), torch.log(F.softplus(self.logvar(h)) + 1e-6)


# %% layer norm on the mean
# loses: encoder-heads
# slug: output-clipped
# says: a clamp, norm or
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)
        self.norm = nn.LayerNorm(latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.norm(self.mu(h)), self.logvar(h)


# %% mean of length one
# loses: encoder-heads
# slug: output-tanh
# says: confines the output
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return F.normalize(self.mu(h)), self.logvar(h)


# %% log-variance clamped to +-14
# loses: encoder-heads
# slug: output-clipped
# says: a clamp, norm or
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h).clamp(-14, 14)


# %% dropout in evaluation, too
# loses: encoder-shapes
# slug: output-random
# says: each call draws anew
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.dropout(F.relu(self.hidden(x)), 0.2)
        return self.mu(h), self.logvar(h)


# %% noise on the mean
# loses: encoder-shapes
# slug: output-random
# says: each call draws anew
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        mu = self.mu(h)
        return mu + 0.1 * torch.randn_like(mu), self.logvar(h)


# %% images rounded
# loses: encoder-nonlinear
# slug: input-rounded
# says: the input is rounded
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.mu = nn.Linear(hidden_dim, latent_dim)
        self.logvar = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x.round()))
        return self.mu(h), self.logvar(h)


# %% hidden units rounded
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
        h = F.relu(self.hidden(x)).round()
        return self.mu(h), self.logvar(h)


# %% hidden units zero or one
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
        h = (self.hidden(x) > 0).to(x.dtype)
        return self.mu(h), self.logvar(h)


# %% tanh on mu in training mode only
# slug: output-tanh
# says: A tanh or a clamp confines the output to [-1, 1]; it must be any real number
# loses: encoder-heads
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.fc1 = nn.Linear(data_dim, hidden_dim)
        self.fc21 = nn.Linear(hidden_dim, latent_dim)
        self.fc22 = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = F.relu(self.fc1(x))
        mu = self.fc21(h)
        return (torch.tanh(mu) if self.training else mu), self.fc22(h)


# %% no relu in training mode
# slug: no-nonlinearity
# says: no nonlinearity follows the hidden layer
# loses: encoder-nonlinear
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.fc1 = nn.Linear(data_dim, hidden_dim)
        self.fc21 = nn.Linear(hidden_dim, latent_dim)
        self.fc22 = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        h = self.fc1(x)
        if not self.training:
            h = F.relu(h)
        return self.fc21(h), self.fc22(h)


# %% last half of the pixels ignored
# slug: input-ignored
# says: every number of it counts
# loses: encoder-nonlinear
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.fc1 = nn.Linear(data_dim, hidden_dim)
        self.fc21 = nn.Linear(hidden_dim, latent_dim)
        self.fc22 = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        x = x.clone()
        x[:, x.shape[1] // 2 :] = 0
        h = F.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)


# %% first pixel ignored
# slug: input-ignored
# says: every number of it counts
# loses: encoder-nonlinear
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.fc1 = nn.Linear(data_dim, hidden_dim)
        self.fc21 = nn.Linear(hidden_dim, latent_dim)
        self.fc22 = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        x = x.clone()
        x[:, 0] = 0
        h = F.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)


# %% image normalised to unit length
# slug: input-scaled-away
# says: something normalizes it
# loses: encoder-nonlinear
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.fc1 = nn.Linear(data_dim, hidden_dim)
        self.fc21 = nn.Linear(hidden_dim, latent_dim)
        self.fc22 = nn.Linear(hidden_dim, latent_dim)

    def forward(self, x):
        x = F.normalize(x, dim=1)
        h = F.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)
