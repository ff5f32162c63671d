"""Answers to Exercise 3 of lab5-family: right ones, then wrong ones."""


# %% one layer of twice the size, chunked, kernels of 3
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        self.grid = (12, side // 4, side // 4)
        self.first = nn.Conv2d(channels, 6, 3, stride=2, padding=1)
        self.second = nn.Conv2d(6, 12, 3, stride=2, padding=1)
        self.heads = nn.Linear(math.prod(self.grid), 2 * latent_dim)
        self.start = nn.Linear(latent_dim, math.prod(self.grid))
        self.third = nn.ConvTranspose2d(12, 6, 3, stride=2, padding=1, output_padding=1)
        self.fourth = nn.ConvTranspose2d(6, channels, 3, stride=2, padding=1, output_padding=1)

    def encode(self, x):
        h = F.relu(self.second(F.relu(self.first(x))))
        return self.heads(h.flatten(1)).chunk(2, dim=1)

    def decode(self, z):
        h = F.relu(self.start(z)).view(-1, *self.grid)
        return self.fourth(F.relu(self.third(h)))


# %% batch normalization, a hidden layer, leaky ReLUs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        small = side // 4
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1, bias=False),
            nn.BatchNorm2d(8),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8, 16, 4, 2, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(16 * small**2, 64),
            nn.LeakyReLU(0.2),
        )
        self.fc_mu = nn.Linear(64, latent_dim)
        self.fc_var = nn.Linear(64, latent_dim)
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, 64),
            nn.ReLU(),
            nn.Linear(64, 16 * small**2),
            nn.Unflatten(1, (16, small, small)),
            nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.encoder(x)
        return self.fc_mu(h), self.fc_var(h)

    def decode(self, z):
        return self.decoder(z)


# %% upsampling and a convolution in the decoder, SiLU
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        self.small = side // 4
        self.c1 = nn.Conv2d(channels, 8, 5, stride=2, padding=2)
        self.c2 = nn.Conv2d(8, 16, 5, stride=2, padding=2)
        self.mu = nn.Linear(16 * self.small**2, latent_dim)
        self.logvar = nn.Linear(16 * self.small**2, latent_dim)
        self.up = nn.Linear(latent_dim, 16 * self.small**2)
        self.c3 = nn.Conv2d(16, 8, 3, padding=1)
        self.c4 = nn.Conv2d(8, channels, 3, padding=1)

    def encode(self, x):
        h = torch.flatten(F.silu(self.c2(F.silu(self.c1(x)))), 1)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        h = F.silu(self.up(z)).reshape(len(z), 16, self.small, self.small)
        h = F.silu(self.c3(F.interpolate(h, scale_factor=2)))
        return self.c4(F.interpolate(h, scale_factor=2))


# %% pooling by a stride-free convolution, pixel shuffle
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        small = side // 4
        self.body = nn.Sequential(
            nn.Conv2d(channels, 8, 3, padding=1),
            nn.ELU(),
            nn.AvgPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ELU(),
            nn.AvgPool2d(2),
            nn.Flatten(),
        )
        self.heads = nn.ModuleList([nn.Linear(16 * small**2, latent_dim) for _ in range(2)])
        self.back = nn.Sequential(
            nn.Linear(latent_dim, 16 * small**2),
            nn.ELU(),
            nn.Unflatten(1, (16, small, small)),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.PixelShuffle(2),
            nn.ELU(),
            nn.Conv2d(8, 4 * channels, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def encode(self, x):
        h = self.body(x)
        return [head(h) for head in self.heads]

    def decode(self, z):
        return self.back(z)


# %% residual blocks with group normalization, a forward as well
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.GroupNorm(2, width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return x + self.conv(F.gelu(self.norm(x)))


class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        self.latent_dim = latent_dim
        grid = (12, side // 4, side // 4)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 6, 2, stride=2),
            Block(6),
            nn.GELU(),
            nn.Conv2d(6, 12, 2, stride=2),
            Block(12),
            nn.GELU(),
            nn.Flatten(),
            nn.Linear(math.prod(grid), 2 * latent_dim),
        )
        self.up = nn.Sequential(
            nn.Linear(latent_dim, math.prod(grid)),
            nn.Unflatten(1, grid),
            Block(12),
            nn.GELU(),
            nn.ConvTranspose2d(12, 6, 2, stride=2),
            Block(6),
            nn.GELU(),
            nn.ConvTranspose2d(6, channels, 2, stride=2),
        )

    def encode(self, x):
        both = self.down(x)
        return both[:, : self.latent_dim], both[:, self.latent_dim :]

    def decode(self, z):
        return self.up(z)

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)), mu, logvar


# %% lazy layers, dropout
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        self.small = side // 4
        self.down = nn.Sequential(
            nn.LazyConv2d(8, 4, 2, 1), nn.ReLU(), nn.LazyConv2d(16, 4, 2, 1), nn.ReLU()
        )
        self.drop = nn.Dropout(0.1)
        self.mu, self.logvar = nn.LazyLinear(latent_dim), nn.LazyLinear(latent_dim)
        self.start = nn.LazyLinear(16 * self.small * self.small)
        self.up = nn.Sequential(
            nn.ReLU(),
            nn.LazyConvTranspose2d(8, 4, 2, 1),
            nn.ReLU(),
            nn.LazyConvTranspose2d(channels, 4, 2, 1),
        )
        with torch.no_grad():
            self.decode(self.encode(torch.zeros(1, channels, side, side))[0])

    def encode(self, x):
        h = self.drop(self.down(x).flatten(1))
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(self.start(z).view(len(z), 16, self.small, self.small))


# %% fully connected
# slug: conv-fully-connected
# says: grows with the image
# loses: conv-vae-shared
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        self.shape = (channels, side, side)
        self.hidden = nn.Linear(math.prod(self.shape), 32)
        self.mu, self.logvar = nn.Linear(32, latent_dim), nn.Linear(32, latent_dim)
        self.back = nn.Sequential(
            nn.Linear(latent_dim, 32), nn.ReLU(), nn.Linear(32, math.prod(self.shape))
        )

    def encode(self, x):
        h = F.relu(self.hidden(x.flatten(1)))
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.back(z).view(-1, *self.shape)


# %% a convolutional encoder, a fully connected decoder
# slug: conv-fully-connected
# says: grows with the image
# loses: conv-vae-shared
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        self.shape = (channels, side, side)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 4, 2, 1), nn.ReLU()
        )
        numbers = 16 * (side // 4) ** 2
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.back = nn.Sequential(
            nn.Linear(latent_dim, 32), nn.ReLU(), nn.Linear(32, math.prod(self.shape))
        )

    def encode(self, x):
        h = self.down(x).flatten(1)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.back(z).view(-1, *self.shape)


# %% the grid averaged
# slug: conv-place-lost
# says: average over all places
# loses: conv-vae-shared
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(16, latent_dim), nn.Linear(16, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, math.prod(grid)),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% a side of 28 built in
# slug: hard-coded-size
# says: a size is fixed
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, 7, 7)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% one channel built in
# slug: hard-coded-size
# says: a size is fixed
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% twenty latent dimensions built in
# slug: hard-coded-size
# says: a size is fixed
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, 20), nn.Linear(numbers, 20)
        self.up = nn.Sequential(
            nn.Linear(20, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% a sigmoid at the end
# slug: output-sigmoid
# says: into (0, 1)
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
            nn.Sigmoid(),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% a tanh at the end
# slug: output-tanh
# says: [-1, 1]
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
            nn.Tanh(),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% a ReLU at the end
# slug: output-relu
# says: cuts off
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
            nn.ReLU(),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% a ReLU on the mean
# slug: output-relu
# says: cuts off
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return F.relu(self.mu(h)), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% a softplus on the log variance
# slug: logvar-positive
# says: may be negative
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), F.softplus(self.logvar(h))

    def decode(self, z):
        return self.up(z)


# %% a variance
# slug: logvar-positive
# says: may be negative
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h).exp()

    def decode(self, z):
        return self.up(z)


# %% one head for both
# slug: same-head
# says: head of its own
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.mu(h)

    def decode(self, z):
        return self.up(z)


# %% the log variance of the mean
# slug: same-head
# says: head of its own
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        mu = self.mu(h)
        return mu, -mu

    def decode(self, z):
        return self.up(z)


# %% one tensor
# slug: one-output
# says: (mu, logvar)
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return torch.cat([self.mu(h), self.logvar(h)], 1)

    def decode(self, z):
        return self.up(z)


# %% no nonlinearity
# slug: no-nonlinearity
# says: linear
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% a linear decoder
# slug: no-nonlinearity
# says: linear
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% flat images
# slug: conv-flat-images
# says: (B, C, H, W)
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z).flatten(1)


# %% a forward only
# slug: conv-no-method
# says: encode(x)
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def embed(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% squeezed
# slug: shape-ones-dropped
# says: size 1
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z).squeeze()


# %% cropped
# slug: wrong-shape
# says: shape
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)[..., :-1]


# %% one convolution less on the way up
# slug: wrong-shape
# says: shape
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% transposed kernels of 3 as they come
# slug: wrong-shape
# says: shape
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 3, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% noise in encode
# slug: output-random
# says: draws anew
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x + 0.1 * torch.randn_like(x))
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% detached codes
# slug: detached
# says: gradient
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x).detach()
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% layers in a list
# slug: layers-not-registered
# says: registered
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.heads = [nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)]
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return [head(h) for head in self.heads]

    def decode(self, z):
        return self.up(z)


# %% normalized over the batch
# slug: rows-mixed
# says: across the batch
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        h = h - h.mean(0)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% doubled pixels
# slug: outputs-tied
# says: move together
# loses: conv-vae-outputs
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, channels, 3, padding=1),
            nn.Upsample(scale_factor=2),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% kernels of 1
# slug: input-ignored
# says: changes nothing
# loses: conv-vae-shared
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 1, 2),
            nn.ReLU(),
            nn.Conv2d(8, 16, 1, 2),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% a weight for each pixel
# slug: conv-fully-connected
# says: grows with the image
# loses: conv-vae-shared
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels, side, side))
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x * self.gain)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% a bias for each pixel of the logits
# slug: conv-fully-connected
# says: grows with the image
# loses: conv-vae-shared
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels, side, side))
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z) + self.bias


# %% the maximum over places
# slug: conv-place-lost
# says: all places
# loses: conv-vae-shared
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
        )
        self.mu, self.logvar = nn.Linear(16, latent_dim), nn.Linear(16, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)


# %% double weights
# slug: weights-not-single
# says: float32
class ConvVAE(nn.Module):
    def __init__(self, side=28, channels=1, latent_dim=20):
        super().__init__()
        grid = (16, side // 4, side // 4)
        numbers = math.prod(grid)
        self.down = nn.Sequential(
            nn.Conv2d(channels, 8, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.down.double()
        self.mu, self.logvar = nn.Linear(numbers, latent_dim), nn.Linear(numbers, latent_dim)
        self.up = nn.Sequential(
            nn.Linear(latent_dim, numbers),
            nn.Unflatten(1, grid),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 4, 2, 1),
        )

    def encode(self, x):
        h = self.down(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.up(z)
