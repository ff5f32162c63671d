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
