"""Answers to Exercise 3 of lab3-vae: right ones, then wrong ones."""


# %% keyword arguments and functional relu
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.fc3 = nn.Linear(latent_dim, hidden_dim)
        self.fc4 = nn.Linear(in_features=hidden_dim, out_features=data_dim)

    def forward(self, z):
        h = self.fc3(z).relu()
        return self.fc4(h)


# %% Sequential with tanh
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(latent_dim, hidden_dim), nn.Tanh(), nn.Linear(hidden_dim, data_dim)
        )

    def forward(self, z):
        return self.net(z)


# %% a subclass of Sequential, deeper
class Decoder(nn.Sequential):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__(
            nn.Linear(latent_dim, hidden_dim // 2),
            nn.GELU(),
            nn.Linear(hidden_dim // 2, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, data_dim),
        )


# %% last layer starts at zero and without bias
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, data_dim, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, z):
        return self.out(F.softplus(self.hidden(z)))


# %% dropout and batch normalization
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.layers = nn.ModuleList(
            [nn.Linear(latent_dim, hidden_dim), nn.BatchNorm1d(hidden_dim), nn.Dropout(0.5)]
        )
        self.last = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        for layer in self.layers:
            z = layer(z)
        return self.last(F.leaky_relu(z, 0.2))


# %% matrices by hand
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.v = nn.Parameter(torch.randn(latent_dim, hidden_dim))
        self.c = nn.Parameter(torch.zeros(1, hidden_dim))
        self.w = nn.Parameter(torch.randn(hidden_dim, data_dim) / 20)
        self.b = nn.Parameter(torch.zeros(data_dim))

    def forward(self, z):
        return torch.maximum(z @ self.v + self.c, torch.zeros(())) @ self.w + self.b


# %% a shortcut from code to logits
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.a, self.b = nn.Linear(latent_dim, hidden_dim), nn.Linear(hidden_dim, data_dim)
        self.short = nn.Linear(latent_dim, data_dim)

    def forward(self, z):
        return self.b(torch.sin(self.a(z))) + self.short(z)


# %% a clamp far out
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z))).clamp(-50, 50)


# %% compiled forward
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(latent_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, data_dim)
        )

    @torch.compile(mode="reduce-overhead")
    def forward(self, z):
        return self.net(z)


# %% vmap over the rows
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.func.vmap(lambda z: self.logits(torch.tanh(self.hidden(z))))(z)


# %% a leaky ReLU on the logits
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return F.leaky_relu(self.logits(F.relu(self.hidden(z))))


# %% a leaky ReLU on the logits, behind tanh
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return F.leaky_relu(self.logits(torch.tanh(self.hidden(z))), 0.01)


# %% a learned slope on the logits
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)
        self.slope = nn.PReLU()

    def forward(self, z):
        return self.slope(self.logits(torch.sigmoid(self.hidden(z))))


# %% batch norm on the logits
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)
        self.norm = nn.BatchNorm1d(data_dim)

    def forward(self, z):
        return self.norm(self.logits(F.relu(self.hidden(z))))


# %% a clamp at +-41
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.clamp(self.logits(F.elu(self.hidden(z))), -41, 41)


# %% double inside and outside
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)
        self.double()

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z.double())))


# %% residual blocks, layer norm in front of the last layer
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.first = nn.Linear(latent_dim, hidden_dim)
        self.blocks = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(3)])
        self.norm = nn.LayerNorm(hidden_dim)
        self.last = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        h = self.first(z)
        for block in self.blocks:
            h = h + F.silu(block(h))
        return self.last(self.norm(h))


# %% gated units, addmm
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.gate, self.value = (nn.Linear(latent_dim, hidden_dim) for _ in range(2))
        self.weight = nn.Parameter(torch.randn(hidden_dim, data_dim) / hidden_dim**0.5)
        self.bias = nn.Parameter(torch.zeros(data_dim))

    def forward(self, z):
        h = torch.sigmoid(self.gate(z)) * self.value(z)
        return torch.addmm(self.bias, h, self.weight)


# %% sizes of the lab hard-coded
# slug: hard-coded-size
# says: a size is fixed
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(20, 400)
        self.logits = nn.Linear(400, 784)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z)))


# %% folded to pictures
# slug: hard-coded-size
# says: 28, 28
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z))).view(-1, 28, 28)


# %% no nonlinearity
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


# %% probabilities instead of logits
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


# %% tanh at the end
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


# %% ReLU at the end
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


# %% softmax over pixels
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


# %% log-probabilities
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


# %% logits clamped to +-10
# loses: decoder-logits
# slug: output-clipped
# says: squashing function confines it
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z))).clamp(-10, 10)


# %% logit of the clipped sigmoid
# loses: decoder-logits
# slug: output-clipped
# says: confines it
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.logit(torch.sigmoid(self.logits(F.relu(self.hidden(z)))), eps=1e-6)


# %% softmax over the batch
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


# %% code detached
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


# %% one logit for all pixels
# loses: decoder-logits
# slug: outputs-tied
# says: always move together
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logit = nn.Linear(hidden_dim, 1)
        self.data_dim = data_dim

    def forward(self, z):
        return self.logit(F.relu(self.hidden(z))).expand(-1, self.data_dim)


# %% one logit, and a bias for each pixel
# loses: decoder-logits
# slug: outputs-tied
# says: always move together
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logit = nn.Linear(hidden_dim, 1)
        self.bias = nn.Parameter(torch.zeros(data_dim))

    def forward(self, z):
        return self.logit(F.relu(self.hidden(z))) + self.bias


# %% left half mirrored
# loses: decoder-logits
# slug: outputs-tied
# says: always move together
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.left = nn.Linear(hidden_dim, (data_dim + 1) // 2)
        self.data_dim = data_dim

    def forward(self, z):
        half = self.left(F.relu(self.hidden(z)))
        return torch.cat([half, half.flip(1)], dim=1)[:, : self.data_dim]


# %% every pixel twice
# loses: decoder-logits
# slug: outputs-tied
# says: always move together
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.left = nn.Linear(hidden_dim, (data_dim + 1) // 2)
        self.data_dim = data_dim

    def forward(self, z):
        half = self.left(F.relu(self.hidden(z)))
        return half.repeat_interleave(2, dim=1)[:, : self.data_dim]


# %% last pixel left at zero
# loses: decoder-logits
# slug: output-constant
# says: does not depend on the input
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim - 1)

    def forward(self, z):
        return F.pad(self.logits(F.relu(self.hidden(z))), (0, 1))


# %% layer norm on the logits
# loses: decoder-logits
# slug: output-clipped
# says: a clamp, norm or
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)
        self.norm = nn.LayerNorm(data_dim)

    def forward(self, z):
        return self.norm(self.logits(F.relu(self.hidden(z))))


# %% logits clamped to +-30
# loses: decoder-logits
# slug: output-clipped
# says: a clamp, norm or
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z))).clamp(-30, 30)


# %% logits clamped from below
# loses: decoder-logits
# slug: output-one-sided
# says: bounded on one side
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z))).clamp(min=-20)


# %% an ELU at the end
# loses: decoder-logits
# slug: output-one-sided
# says: bounded on one side
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return F.elu(self.logits(F.relu(self.hidden(z))))


# %% a GELU at the end
# loses: decoder-logits
# slug: output-one-sided
# says: bounded on one side
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return F.gelu(self.logits(F.relu(self.hidden(z))))


# %% an exp at the end
# loses: decoder-logits
# slug: output-positive
# says: only be positive
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.exp(self.logits(F.relu(self.hidden(z))))


# %% a hyperbolic sine at the end
# loses: decoder-logits
# slug: output-infinite
# says: it overflows
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.sinh(self.logits(F.relu(self.hidden(z))))


# %% pixels drawn
# loses: decoder-shapes, decoder-logits
# slug: output-random
# says: each call draws anew
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.bernoulli(torch.sigmoid(self.logits(F.relu(self.hidden(z)))))


# %% pixels drawn by the distribution
# loses: decoder-shapes, decoder-logits
# slug: output-random
# says: each call draws anew
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        p = torch.distributions.Bernoulli(logits=self.logits(F.relu(self.hidden(z))))
        return p.sample()


# %% dropout in evaluation, too
# loses: decoder-shapes
# slug: output-random
# says: each call draws anew
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.dropout(F.relu(self.hidden(z)), 0.5))


# %% double layers that take no float
# slug: weights-not-single
# says: not float32
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)
        self.double()

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z)))


# %% a double last layer
# slug: weights-not-single
# says: not float32
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)
        self.logits.double()

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z)))


# %% half precision
# slug: half-precision
# says: 16 bits
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z))).half()


# %% images of 784 pixels
# slug: hard-coded-size
# says: a size is fixed
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z))).view(-1, 784)


# %% codes rounded
# loses: decoder-nonlinear, decoder-logits
# slug: input-rounded
# says: the input is rounded
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.out(F.relu(self.hidden(z.round())))


# %% only the sign of a code counts
# loses: decoder-nonlinear, decoder-logits
# slug: input-rounded
# says: the input is rounded
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.out(F.relu(self.hidden(torch.sign(z))))


# %% z normalised to unit length
# slug: input-scaled-away
# says: something normalizes it
# loses: decoder-nonlinear
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.a = nn.Linear(latent_dim, hidden_dim)
        self.b = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        z = F.normalize(z, dim=1)
        return self.b(F.relu(self.a(z)))


# %% sigmoid only in train mode
# slug: output-sigmoid
# says: A sigmoid squeezes the output into (0, 1); it must be any real number
# loses: decoder-logits
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.a = nn.Linear(latent_dim, hidden_dim)
        self.b = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        o = self.b(F.relu(self.a(z)))
        return torch.sigmoid(o) if self.training else o


# %% first latent dimension ignored
# slug: input-ignored
# says: every number of it counts
# loses: decoder-nonlinear
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.a = nn.Linear(latent_dim, hidden_dim)
        self.b = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        z = z.clone()
        z[:, 0] = 0
        return self.b(F.relu(self.a(z)))


# %% sigmoid in training mode only
# slug: output-sigmoid
# says: A sigmoid squeezes the output into (0, 1); it must be any real number
# loses: decoder-logits
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.a = nn.Linear(latent_dim, hidden_dim)
        self.b = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        o = self.b(F.relu(self.a(z)))
        return torch.sigmoid(o) if self.training else o


# %% no relu in training mode
# slug: no-nonlinearity
# says: no nonlinearity follows the hidden layer
# loses: decoder-nonlinear
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.a = nn.Linear(latent_dim, hidden_dim)
        self.b = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        h = self.a(z)
        if not self.training:
            h = F.relu(h)
        return self.b(h)
