"""Answers to Exercise 1 of lab5-family: right ones, then wrong ones."""


# %% one layer of twice the size, chunked
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.num_classes = classes
        self.encoder = nn.Sequential(
            nn.Linear(pixels + classes, hidden), nn.Tanh(), nn.Linear(hidden, 2 * latent_dim)
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim + classes, hidden), nn.Tanh(), nn.Linear(hidden, pixels)
        )

    def with_label(self, rows, y):
        return torch.hstack([rows, F.one_hot(y, self.num_classes).to(rows)])

    def encode(self, x, y):
        return self.encoder(self.with_label(x, y)).chunk(2, dim=-1)

    def decode(self, z, y):
        return self.decoder(self.with_label(z, y))


# %% embeddings
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.of_image, self.of_code = nn.Embedding(classes, 16), nn.Embedding(classes, 16)
        self.hidden = nn.Linear(pixels + 16, hidden)
        self.heads = nn.ModuleList(nn.Linear(hidden, latent_dim) for _ in range(2))
        self.back = nn.Linear(latent_dim + 16, hidden)
        self.out = nn.Linear(hidden, pixels)

    def encode(self, x, y):
        h = F.gelu(self.hidden(torch.cat((x, self.of_image(y)), 1)))
        return tuple(head(h) for head in self.heads)

    def decode(self, z, y):
        return self.out(F.gelu(self.back(torch.cat((z, self.of_code(y)), 1))))


# %% an embedding is added inside the nonlinearity
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.a, self.c = nn.Linear(pixels, hidden), nn.Linear(latent_dim, hidden)
        self.a_y, self.c_y = nn.Embedding(classes, hidden), nn.Embedding(classes, hidden)
        self.mu, self.logvar = nn.Linear(hidden, latent_dim), nn.Linear(hidden, latent_dim)
        self.logits = nn.Linear(hidden, pixels)

    def encode(self, x, y):
        h = torch.relu(self.a(x) + self.a_y(y))
        return [self.mu(h), self.logvar(h)]

    def decode(self, z, y):
        return self.logits(torch.relu(self.c(z) + self.c_y(y)))


# %% rows of an identity matrix, kept as a buffer
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.register_buffer("eye", torch.eye(classes))
        self.fc1 = nn.Linear(pixels + classes, hidden)
        self.fc21, self.fc22 = nn.Linear(hidden, latent_dim), nn.Linear(hidden, latent_dim)
        self.fc3, self.fc4 = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        h = F.relu(self.fc1(torch.cat([self.eye[y], x], dim=1)))
        return self.fc21(h), self.fc22(h)

    def decode(self, z, y):
        return self.fc4(F.relu(self.fc3(torch.cat([self.eye[y], z], dim=1))))


# %% a frozen embedding that is the identity
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.one_hot = nn.Embedding.from_pretrained(torch.eye(classes), freeze=True)
        self.fc1 = nn.Linear(pixels + classes, hidden)
        self.fc21, self.fc22 = nn.Linear(hidden, latent_dim), nn.Linear(hidden, latent_dim)
        self.fc3, self.fc4 = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        h = F.relu(self.fc1(torch.cat([x, self.one_hot(y)], dim=1)))
        return self.fc21(h), self.fc22(h)

    def decode(self, z, y):
        return self.fc4(F.relu(self.fc3(torch.cat([z, self.one_hot(y)], dim=1))))


# %% scale and shift of each hidden unit by the class
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.first, self.third = nn.Linear(pixels, hidden), nn.Linear(latent_dim, hidden)
        self.film = nn.ModuleList(nn.Embedding(classes, 2 * hidden) for _ in range(2))
        self.second, self.fourth = nn.Linear(hidden, 2 * latent_dim), nn.Linear(hidden, pixels)

    def modulated(self, which, h, y):
        scale, shift = self.film[which](y).chunk(2, dim=1)
        return F.silu((1 + scale) * h + shift)

    def encode(self, x, y):
        return self.second(self.modulated(0, self.first(x), y)).chunk(2, dim=1)

    def decode(self, z, y):
        return self.fourth(self.modulated(1, self.third(z), y))


# %% weights of each class, by einsum
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()

        def weights(*shape):
            return nn.Parameter(torch.randn(*shape) / shape[-1] ** 0.5)

        self.w1, self.w2 = weights(classes, hidden, pixels), weights(2 * latent_dim, hidden)
        self.w3, self.w4 = weights(classes, hidden, latent_dim), weights(pixels, hidden)
        self.b1, self.b3 = weights(classes, hidden), weights(classes, hidden)

    def encode(self, x, y):
        h = (torch.einsum("bhp,bp->bh", self.w1[y], x) + self.b1[y]).relu()
        return (h @ self.w2.T).tensor_split(2, dim=1)

    def decode(self, z, y):
        return (torch.einsum("bhd,bd->bh", self.w3[y], z) + self.b3[y]).relu() @ self.w4.T


# %% a one-hot row by scatter, deeper networks, dropout
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.trunk = nn.Sequential(
            nn.Linear(pixels + classes, hidden), nn.LeakyReLU(0.1), nn.Dropout(0.1),
            nn.Linear(hidden, hidden), nn.ELU(),
        )  # fmt: skip
        self.mu, self.logvar = nn.Linear(hidden, latent_dim), nn.Linear(hidden, latent_dim)
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim + classes, hidden), nn.ELU(), nn.Linear(hidden, hidden),
            nn.LeakyReLU(0.1), nn.Linear(hidden, pixels),
        )  # fmt: skip

    def rows(self, a, y):
        one_hot = torch.zeros(len(y), self.classes, dtype=a.dtype)
        return torch.cat([a, one_hot.scatter_(1, y[:, None], 1.0)], dim=1)

    def encode(self, x, y):
        h = self.trunk(self.rows(x, y))
        return self.mu(h), self.logvar(h).clamp(-30, 30)

    def decode(self, z, y):
        return self.decoder(self.rows(z, y))


# %% one-hot rows by comparison, minus their mean
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.enc = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.dec = nn.Linear(latent_dim + classes, hidden)
        self.out = nn.Linear(hidden, pixels)

    def centred(self, y):
        return (y[:, None] == torch.arange(self.classes)).float() - 1 / self.classes

    def encode(self, x, y):
        both = self.heads(torch.relu(self.enc(torch.cat([x, self.centred(y)], 1))))
        return both[:, ::2], both[:, 1::2]

    def decode(self, z, y):
        return self.out(torch.relu(self.dec(torch.cat([z, self.centred(y)], 1))))


# %% the classes in a code of three of them at once
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.LazyLinear(hidden)
        self.mu, self.logvar = nn.LazyLinear(latent_dim), nn.LazyLinear(latent_dim)
        self.back, self.logits = nn.LazyLinear(hidden), nn.LazyLinear(pixels)

    def encode(self, x, y):
        reached = (torch.arange(self.classes) <= y[:, None]).to(x)  # a thermometer
        h = self.hidden(torch.cat([x, reached], dim=1)).relu()
        return self.mu(h), self.logvar(h)

    def decode(self, z, y):
        reached = (torch.arange(self.classes) <= y[:, None]).to(z)
        return self.logits(self.back(torch.cat([z, reached], dim=1)).relu())


# %% no label in the encoder
# slug: label-not-in-encoder
# says: the same for all classes
# loses: conditional-vae-encoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels, hidden)
        self.mu, self.logvar = nn.Linear(hidden, latent_dim), nn.Linear(hidden, latent_dim)
        self.back, self.logits = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        h = F.relu(self.hidden(x))
        return self.mu(h), self.logvar(h)

    def decode(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.logits(F.relu(self.back(torch.cat([z, one_hot], dim=1))))


# %% no label in the decoder
# slug: label-not-in-decoder
# says: the decoder does not use the label
# loses: conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.mu, self.logvar = nn.Linear(hidden, latent_dim), nn.Linear(hidden, latent_dim)
        self.back, self.logits = nn.Linear(latent_dim, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        h = F.relu(self.hidden(torch.cat([x, one_hot], dim=1)))
        return self.mu(h), self.logvar(h)

    def decode(self, z, y):
        return self.logits(F.relu(self.back(z)))


# %% the label is a number
# slug: label-as-number
# says: one-hot
# loses: conditional-vae-encoder, conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.hidden = nn.Linear(pixels + 1, hidden)
        self.mu, self.logvar = nn.Linear(hidden, latent_dim), nn.Linear(hidden, latent_dim)
        self.back, self.logits = nn.Linear(latent_dim + 1, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        h = F.relu(self.hidden(torch.cat([x, y[:, None].float()], dim=1)))
        return self.mu(h), self.logvar(h)

    def decode(self, z, y):
        return self.logits(F.relu(self.back(torch.cat([z, y[:, None].float()], dim=1))))


# %% the label is a number between 0 and 1
# slug: label-as-number
# says: moves along a line
# loses: conditional-vae-encoder, conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + 1, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.logits = nn.Linear(latent_dim + 1, hidden), nn.Linear(hidden, pixels)

    def scaled(self, y):
        return y[:, None].float() / (self.classes - 1)

    def encode(self, x, y):
        return self.heads(torch.tanh(self.hidden(torch.cat([x, self.scaled(y)], 1)))).chunk(2, 1)

    def decode(self, z, y):
        return self.logits(torch.tanh(self.back(torch.cat([z, self.scaled(y)], 1))))


# %% the number is repeated ten times
# slug: label-as-number
# says: moves along a line
# loses: conditional-vae-encoder, conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back = nn.Linear(latent_dim + classes, hidden)
        self.logits = nn.Linear(hidden, pixels)

    def repeated(self, y):
        return y[:, None].expand(-1, self.classes).float()

    def encode(self, x, y):
        return self.heads(F.gelu(self.hidden(torch.cat([x, self.repeated(y)], 1)))).chunk(2, 1)

    def decode(self, z, y):
        return self.logits(F.gelu(self.back(torch.cat([z, self.repeated(y)], 1))))


# %% a number in the decoder only
# slug: label-as-number
# says: decode
# loses: conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.logits = nn.Linear(latent_dim + 1, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.heads(F.relu(self.hidden(torch.cat([x, one_hot], 1)))).chunk(2, 1)

    def decode(self, z, y):
        return self.logits(F.relu(self.back(torch.cat([z, y.view(-1, 1).to(z)], 1))))


# %% the label behind the nonlinearity
# slug: label-only-added
# says: for all rows
# loses: conditional-vae-encoder, conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden, self.back = nn.Linear(pixels, hidden), nn.Linear(latent_dim, hidden)
        self.heads = nn.Linear(hidden + classes, 2 * latent_dim)
        self.logits = nn.Linear(hidden + classes, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.heads(torch.cat([F.relu(self.hidden(x)), one_hot], 1)).chunk(2, 1)

    def decode(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.logits(torch.cat([F.relu(self.back(z)), one_hot], 1))


# %% a mean logit of each class is added
# slug: label-only-added
# says: behind the nonlinearity
# loses: conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden, self.back = nn.Linear(pixels + classes, hidden), nn.Linear(latent_dim, hidden)
        self.heads, self.logits = nn.Linear(hidden, 2 * latent_dim), nn.Linear(hidden, pixels)
        self.of_class = nn.Embedding(classes, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.heads(F.relu(self.hidden(torch.cat([x, one_hot], 1)))).chunk(2, 1)

    def decode(self, z, y):
        return self.logits(F.relu(self.back(z))) + self.of_class(y)


# %% the label reaches mu only
# slug: label-not-in-encoder
# says: logvar is the same
# loses: conditional-vae-encoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.for_mu = nn.Linear(pixels + classes, hidden)
        self.for_logvar = nn.Linear(pixels, hidden)
        self.mu, self.logvar = nn.Linear(hidden, latent_dim), nn.Linear(hidden, latent_dim)
        self.back, self.logits = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        mu = self.mu(F.relu(self.for_mu(torch.cat([x, one_hot], 1))))
        return mu, self.logvar(F.relu(self.for_logvar(x)))

    def decode(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.logits(F.relu(self.back(torch.cat([z, one_hot], 1))))


# %% one-hot rows of the batch'"'"'s length
# slug: label-one-hot-of-batch
# says: largest label
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.logits = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        return self.heads(F.relu(self.hidden(torch.cat([x, F.one_hot(y)], 1)))).chunk(2, 1)

    def decode(self, z, y):
        return self.logits(F.relu(self.back(torch.cat([z, F.one_hot(y)], 1))))


# %% ten classes, whatever was asked for
# slug: hard-coded-size
# says: a size is fixed
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.hidden = nn.Linear(pixels + 10, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.logits = nn.Linear(latent_dim + 10, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        return self.heads(F.relu(self.hidden(torch.cat([x, F.one_hot(y, 10)], 1)))).chunk(2, 1)

    def decode(self, z, y):
        return self.logits(F.relu(self.back(torch.cat([z, F.one_hot(y, 10)], 1))))


# %% the last class treated as the one before
# slug: label-classes-alike
# says: the same for classes
# loses: conditional-vae-encoder, conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.logits = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def one_hot(self, y):
        return F.one_hot(y.clamp(max=max(self.classes - 2, 0)), self.classes).float()

    def encode(self, x, y):
        return self.heads(F.relu(self.hidden(torch.cat([x, self.one_hot(y)], 1)))).chunk(2, 1)

    def decode(self, z, y):
        return self.logits(F.relu(self.back(torch.cat([z, self.one_hot(y)], 1))))


# %% the first row'"'"'s label for all rows
# slug: rows-mixed
# says: other rows
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.logits = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def one_hot(self, y):
        return F.one_hot(y[:1].expand(len(y)), self.classes).float()

    def encode(self, x, y):
        return self.heads(F.relu(self.hidden(torch.cat([x, self.one_hot(y)], 1)))).chunk(2, 1)

    def decode(self, z, y):
        return self.logits(F.relu(self.back(torch.cat([z, self.one_hot(y)], 1))))


# %% probabilities instead of logits
# slug: output-sigmoid
# says: a sigmoid squeezes
# loses: conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.out = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.heads(F.relu(self.hidden(torch.cat([x, one_hot], 1)))).chunk(2, 1)

    def decode(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        return torch.sigmoid(self.out(F.relu(self.back(torch.cat([z, one_hot], 1)))))


# %% a ReLU on the heads
# slug: output-relu
# says: exactly 0
# loses: conditional-vae-encoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.out = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        return F.relu(self.heads(F.relu(self.hidden(torch.cat([x, one_hot], 1))))).chunk(2, 1)

    def decode(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.out(F.relu(self.back(torch.cat([z, one_hot], 1))))


# %% the variance in place of its logarithm
# slug: logvar-positive
# says: logvar
# loses: conditional-vae-encoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.mu, self.var = nn.Linear(hidden, latent_dim), nn.Linear(hidden, latent_dim)
        self.back, self.out = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        h = F.relu(self.hidden(torch.cat([x, one_hot], 1)))
        return self.mu(h), F.softplus(self.var(h))

    def decode(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.out(F.relu(self.back(torch.cat([z, one_hot], 1))))


# %% one head for both
# slug: same-head
# says: equal
# loses: conditional-vae-encoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden, self.head = nn.Linear(pixels + classes, hidden), nn.Linear(hidden, latent_dim)
        self.back, self.out = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        h = F.relu(self.hidden(torch.cat([x, one_hot], 1)))
        return self.head(h), self.head(h)

    def decode(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.out(F.relu(self.back(torch.cat([z, one_hot], 1))))


# %% no nonlinearity
# slug: label-only-added
# says: for all rows
# loses: conditional-vae-encoder, conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.out = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.heads(self.hidden(torch.cat([x, one_hot], 1))).chunk(2, 1)

    def decode(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.out(self.back(torch.cat([z, one_hot], 1)))


# %% the code is ignored by the decoder
# slug: label-only-added
# says: behind the nonlinearity
# loses: conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.out = nn.Linear(classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.heads(F.relu(self.hidden(torch.cat([x, one_hot], 1)))).chunk(2, 1)

    def decode(self, z, y):
        return self.out(F.relu(self.back(F.one_hot(y, self.classes).float())))


# %% the decoder is not trained
# slug: detached
# says: gets no gradient
# loses: conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.out = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.heads(F.relu(self.hidden(torch.cat([x, one_hot], 1)))).chunk(2, 1)

    def decode(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        with torch.no_grad():
            h = F.relu(self.back(torch.cat([z, one_hot], 1)))
        return self.out(h)


# %% embeddings that are no parameters
# slug: layers-not-registered
# says: same state_dict
# loses: conditional-vae-shapes
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.of_class = torch.randn(classes, 16)
        self.hidden = nn.Linear(pixels + 16, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.out = nn.Linear(latent_dim + 16, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        return self.heads(F.relu(self.hidden(torch.cat([x, self.of_class[y]], 1)))).chunk(2, 1)

    def decode(self, z, y):
        return self.out(F.relu(self.back(torch.cat([z, self.of_class[y]], 1))))


# %% mu alone is returned
# slug: wrong-type
# says: return the pair
# loses: conditional-vae-shapes, conditional-vae-encoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden, self.mu = nn.Linear(pixels + classes, hidden), nn.Linear(hidden, latent_dim)
        self.back, self.out = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.mu(F.relu(self.hidden(torch.cat([x, one_hot], 1))))

    def decode(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.out(F.relu(self.back(torch.cat([z, one_hot], 1))))


# %% decode is called something else
# slug: label-no-method
# says: no method decode
# loses: conditional-vae-shapes, conditional-vae-decoder
class ConditionalVAE(nn.Module):
    def __init__(self, pixels=784, classes=10, latent_dim=20, hidden=400):
        super().__init__()
        self.classes = classes
        self.hidden = nn.Linear(pixels + classes, hidden)
        self.heads = nn.Linear(hidden, 2 * latent_dim)
        self.back, self.out = nn.Linear(latent_dim + classes, hidden), nn.Linear(hidden, pixels)

    def encode(self, x, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.heads(F.relu(self.hidden(torch.cat([x, one_hot], 1)))).chunk(2, 1)

    def decoder(self, z, y):
        one_hot = F.one_hot(y, self.classes).float()
        return self.out(F.relu(self.back(torch.cat([z, one_hot], 1))))
