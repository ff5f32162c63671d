# ruff: noqa: F821, F811, E741, B905, RUF059, SIM103
"""Right answers that are not the model answer: each must earn every mark.

Each block runs in the notebook, in place of the solution cell of its exercise.
"""


# %% encoder / keyword arguments and torch.relu
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


# %% encoder / one layer of twice the size, chunked
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(data_dim, hidden_dim), nn.Tanh(), nn.Linear(hidden_dim, 2 * latent_dim)
        )

    def forward(self, x):
        return self.net(x).chunk(2, dim=1)


# %% encoder / one layer of twice the size, sliced, with GELU
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.latent_dim = latent_dim
        self.body = nn.Linear(data_dim, hidden_dim)
        self.heads = nn.Linear(hidden_dim, latent_dim * 2)

    def forward(self, x):
        out = self.heads(F.gelu(self.body(x)))
        return out[:, : self.latent_dim], out[:, self.latent_dim :]


# %% encoder / deeper, heads start at zero
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


# %% encoder / separate hidden layers, heads without bias
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


# %% encoder / dropout, batch normalization and a clamp far out
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


# %% encoder / own parameters and a named tuple
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


# %% encoder / lazy layers
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.LazyLinear(hidden_dim)
        self.mu = nn.LazyLinear(latent_dim)
        self.logvar = nn.LazyLinear(latent_dim)

    def forward(self, x):
        h = self.hidden(x).sigmoid()
        return self.mu(h), self.logvar(h)


# %% encoder / layer norm and weight norm, in double precision
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


# %% reparameterize / rsample
def reparameterize(mu, logvar):
    return torch.distributions.Normal(mu, (0.5 * logvar).exp()).rsample()


# %% reparameterize / minus eps
def reparameterize(mu, logvar):
    return mu - torch.exp(logvar / 2) * torch.randn(mu.shape)


# %% reparameterize / root of the variance, eps from numpy
def reparameterize(mu, logvar):
    import numpy as np

    eps = torch.from_numpy(np.random.default_rng().standard_normal(mu.shape))
    return mu + logvar.exp().sqrt() * eps.to(mu.dtype)


# %% reparameterize / multivariate normal with a diagonal
def reparameterize(mu, logvar):
    from torch.distributions import MultivariateNormal

    scale_tril = torch.diag_embed(torch.exp(0.5 * logvar))
    return MultivariateNormal(mu, scale_tril=scale_tril).rsample()


# %% reparameterize / Independent, logvar first
def reparameterize(mu, logvar):
    sigma = torch.sqrt(torch.exp(logvar))
    q = torch.distributions.Independent(torch.distributions.Normal(loc=mu, scale=sigma), 1)
    return q.rsample()


# %% reparameterize / row by row
def reparameterize(mu, logvar):
    rows = []
    for m, s in zip(mu, logvar):
        rows.append(m + torch.exp(s * 0.5) * torch.normal(0.0, 1.0, size=m.shape))
    return torch.stack(rows)


# %% reparameterize / eps filled in place, addcmul
def reparameterize(mu, logvar):
    eps = torch.empty_like(mu).normal_()
    return torch.addcmul(mu, eps, logvar.mul(0.5).exp())


# %% reparameterize / a generator and float32
def reparameterize(mu, logvar):
    generator = torch.Generator()
    generator.seed()
    eps = torch.randn(mu.size(0), mu.size(1), generator=generator)
    return mu.float() + torch.exp(0.5 * logvar.float()) * eps


# %% reparameterize / standard normal distribution, without gradient for eps
def reparameterize(mu, logvar):
    with torch.no_grad():
        eps = torch.distributions.Normal(0, 1).sample(mu.shape)
    return eps * (logvar * 0.5).exp() + mu


# %% reparameterize / inverse cumulative distribution
def reparameterize(mu, logvar):
    u = torch.rand_like(mu, dtype=torch.float64).clamp(1e-12, 1 - 1e-12)
    eps = torch.special.ndtri(u).to(mu.dtype)
    return mu + eps * 2 ** (logvar / (2 * torch.log(torch.tensor(2.0, dtype=mu.dtype))))


# %% reparameterize / einsum with a diagonal matrix
def reparameterize(mu, logvar):
    eps = torch.randn_like(logvar)
    return mu + torch.einsum("bij,bj->bi", torch.diag_embed((logvar / 2).exp()), eps)


# %% decoder / keyword arguments and functional relu
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.fc3 = nn.Linear(latent_dim, hidden_dim)
        self.fc4 = nn.Linear(in_features=hidden_dim, out_features=data_dim)

    def forward(self, z):
        h = self.fc3(z).relu()
        return self.fc4(h)


# %% decoder / Sequential with tanh
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(latent_dim, hidden_dim), nn.Tanh(), nn.Linear(hidden_dim, data_dim)
        )

    def forward(self, z):
        return self.net(z)


# %% decoder / a subclass of Sequential, deeper
class Decoder(nn.Sequential):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__(
            nn.Linear(latent_dim, hidden_dim // 2),
            nn.GELU(),
            nn.Linear(hidden_dim // 2, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, data_dim),
        )


# %% decoder / last layer starts at zero and without bias
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, data_dim, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, z):
        return self.out(F.softplus(self.hidden(z)))


# %% decoder / dropout and batch normalization
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


# %% decoder / matrices by hand
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.v = nn.Parameter(torch.randn(latent_dim, hidden_dim))
        self.c = nn.Parameter(torch.zeros(1, hidden_dim))
        self.w = nn.Parameter(torch.randn(hidden_dim, data_dim) / 20)
        self.b = nn.Parameter(torch.zeros(data_dim))

    def forward(self, z):
        return torch.maximum(z @ self.v + self.c, torch.zeros(())) @ self.w + self.b


# %% decoder / a shortcut from code to logits
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.a, self.b = nn.Linear(latent_dim, hidden_dim), nn.Linear(hidden_dim, data_dim)
        self.short = nn.Linear(latent_dim, data_dim)

    def forward(self, z):
        return self.b(torch.sin(self.a(z))) + self.short(z)


# %% bernoulli-nll / softplus
def bernoulli_nll(logits, x):
    return (F.softplus(logits) - x * logits).sum(-1)


# %% bernoulli-nll / logsigmoid
def bernoulli_nll(logits, x):
    return -(x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits)).sum(dim=1)


# %% bernoulli-nll / the distribution
def bernoulli_nll(logits, x):
    p = torch.distributions.Bernoulli(logits=logits, validate_args=False)
    return -p.log_prob(x).sum(dim=1)


# %% bernoulli-nll / BCEWithLogitsLoss, einsum
def bernoulli_nll(logits, x):
    return torch.einsum("bp->b", nn.BCEWithLogitsLoss(reduction="none")(logits, x))


# %% bernoulli-nll / logaddexp
def bernoulli_nll(logits, x):
    return (torch.logaddexp(logits, torch.zeros_like(logits)) - x * logits).sum(dim=-1)


# %% bernoulli-nll / image by image, reduction sum
def bernoulli_nll(logits, x):
    each = [F.binary_cross_entropy_with_logits(l, t, reduction="sum") for l, t in zip(logits, x)]
    return torch.stack(each)


# %% bernoulli-nll / mean over pixels times their number
def bernoulli_nll(logits, x):
    bce = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return bce.flatten(1).mean(1) * x.shape[1]


# %% bernoulli-nll / maximum and log1p
def bernoulli_nll(logits, x):
    positive = torch.clamp(logits, min=0)
    cost = positive - logits * x + torch.log1p(torch.exp(-torch.abs(logits)))
    return cost.sum(1)


# %% bernoulli-nll / two-class log-softmax
def bernoulli_nll(logits, x):
    log_p = torch.log_softmax(torch.stack([torch.zeros_like(logits), logits], dim=-1), dim=-1)
    target = torch.stack([1 - x, x], dim=-1)
    return -(target * log_p).sum(dim=(1, 2))


# %% bernoulli-nll / in float32
def bernoulli_nll(logits, x):
    logits, x = logits.float(), x.float()
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)


# %% gaussian-kl / the textbook form with a minus
def gaussian_kl(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)


# %% gaussian-kl / kl_divergence
def gaussian_kl(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(q, p).sum(-1)


# %% gaussian-kl / Independent distributions
def gaussian_kl(mu, logvar):
    from torch.distributions import Independent, Normal, kl_divergence

    q = Independent(Normal(mu, logvar.exp().sqrt()), 1)
    p = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    return kl_divergence(q, p)


# %% gaussian-kl / from the two expectations
def gaussian_kl(mu, logvar):
    from math import log, pi

    log_q = -0.5 * (log(2 * pi) + logvar + 1)
    log_p = -0.5 * (log(2 * pi) + mu**2 + logvar.exp())
    return (log_q - log_p).sum(dim=1)


# %% gaussian-kl / einsum and expm1
def gaussian_kl(mu, logvar):
    return 0.5 * (torch.einsum("bd,bd->b", mu, mu) + (torch.expm1(logvar) - logvar).sum(1))


# %% gaussian-kl / with sigma
def gaussian_kl(mu, logvar):
    sigma = torch.exp(logvar / 2)
    return torch.sum((sigma**2 + mu**2 - 1) / 2 - torch.log(sigma), dim=-1)


# %% gaussian-kl / image by image
def gaussian_kl(mu, logvar):
    out = []
    for m, s in zip(mu, logvar):
        total = 0
        for a, b in zip(m, s):
            total = total + 0.5 * (a * a + b.exp() - b - 1)
        out.append(total)
    return torch.stack(out)


# %% gaussian-kl / multivariate normal
def gaussian_kl(mu, logvar):
    from torch.distributions import MultivariateNormal, kl_divergence

    q = MultivariateNormal(mu, torch.diag_embed(logvar.exp()))
    p = MultivariateNormal(torch.zeros_like(mu), torch.eye(mu.shape[1], dtype=mu.dtype))
    return kl_divergence(q, p)


# %% gaussian-kl / in float32
def gaussian_kl(mu, logvar):
    mu, logvar = mu.float(), logvar.float()
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(dim=1)


# %% gaussian-kl / norm, size and mean
def gaussian_kl(mu, logvar):
    rest = (logvar.exp() - logvar).mean(dim=1) - 1
    return (mu.norm(dim=1) ** 2 + mu.size(1) * rest) / 2


# %% negative-elbo / two means
def negative_elbo(nll, kl, beta=1.0):
    return nll.mean() + beta * kl.mean()


# %% negative-elbo / sum over size
def negative_elbo(nll, kl, beta=1.0):
    return torch.sum(nll + kl * beta) / len(nll)


# %% negative-elbo / from the bound
def negative_elbo(nll, kl, beta=1.0):
    elbo = -nll - beta * kl
    return -elbo.mean()


# %% negative-elbo / torch.mean, add with alpha
def negative_elbo(nll, kl, beta=1.0):
    return torch.mean(torch.add(nll, kl, alpha=beta))


# %% negative-elbo / image by image
def negative_elbo(nll, kl, beta=1.0):
    loss = 0.0
    for a, b in zip(nll, kl):
        loss = loss + (a + beta * b) / nll.shape[0]
    return loss


# %% negative-elbo / stacked, weighted, in float32
def negative_elbo(nll, kl, beta=1.0):
    weights = torch.tensor([1.0, beta])
    return (torch.stack([nll.float(), kl.float()], dim=1) @ weights).mean()


# %% training-step / cleared to zero after the forward pass
def training_step(model, loss_fn, optimizer, x):
    model.train()
    out = model(x)
    loss, nll, kl = loss_fn(*out[:1], x, *out[1:])
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return float(nll.mean()), float(kl.mean())


# %% training-step / the model's own zero_grad, names of the loss
def training_step(model, loss_fn, optimizer, x):
    model.zero_grad()
    logits, mu, logvar = model(x)
    result = loss_fn(logits=logits, x=x, mu=mu, logvar=logvar)
    result.loss.backward()
    optimizer.step()
    with torch.no_grad():
        return result.nll.mean().item(), result.kl.mean().item()


# %% training-step / cleared at the end as well, detached means
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return tuple(term.detach().mean().cpu().item() for term in (nll, kl))


# %% training-step / in pieces, with autograd.grad
def training_step(model, loss_fn, optimizer, x):
    mu, logvar = model.encode(x)
    z = model.reparameterize(mu, logvar)
    loss, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
    parameters = list(model.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()
    return nll.sum().item() / len(x), kl.sum().item() / len(x)


# %% training-step / own noise, own clearing, numpy numbers in a list
def training_step(model, loss_fn, optimizer, x):
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None
    mu, logvar = model.encode(x)
    logits = model.decode(mu + torch.exp(logvar / 2) * torch.randn_like(mu))
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return [nll.detach().numpy().mean(), kl.detach().numpy().mean()]


# %% training-step / a closure
def training_step(model, loss_fn, optimizer, x):
    terms = {}

    def closure():
        optimizer.zero_grad()
        logits, mu, logvar = model(x)
        loss, terms["nll"], terms["kl"] = loss_fn(logits, x, mu, logvar)
        loss.backward()
        return loss

    optimizer.step(closure)
    return terms["nll"].mean().item(), terms["kl"].mean().item()


# %% train-epoch / DataLoader over the tensor
def train_epoch(step, images, batch_size=128):
    loader = torch.utils.data.DataLoader(images, batch_size=batch_size, shuffle=True)
    total_nll, total_kl, count = 0.0, 0.0, 0
    for x in loader:
        nll, kl = step(x)
        total_nll += nll * x.shape[0]
        total_kl += kl * x.shape[0]
        count += x.shape[0]
    return total_nll / count, total_kl / count


# %% train-epoch / TensorDataset, unpacked
def train_epoch(step, images, batch_size=128):
    data = torch.utils.data.TensorDataset(images)
    sums = [0.0, 0.0]
    for (x,) in torch.utils.data.DataLoader(data, batch_size, shuffle=True, drop_last=False):
        for place, mean in enumerate(step(x)):
            sums[place] += mean * len(x)
    return sums[0] / len(data), sums[1] / len(data)


# %% train-epoch / slices of a shuffled copy
def train_epoch(step, images, batch_size=128):
    shuffled = images[torch.randperm(images.shape[0])]
    results = []
    for start in range(0, len(shuffled), batch_size):
        x = shuffled[start : start + batch_size]
        results.append((len(x), *step(x)))
    n = sum(size for size, _, _ in results)
    return sum(s * a for s, a, _ in results) / n, sum(s * b for s, _, b in results) / n


# %% train-epoch / random.sample and numpy's average
def train_epoch(step, images, batch_size=128):
    import random

    import numpy as np

    order = random.sample(range(len(images)), k=len(images))
    parts = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    means = np.array([step(images[part]) for part in parts])
    return tuple(np.average(means, axis=0, weights=[len(part) for part in parts]))


# %% train-epoch / a running mean
def train_epoch(step, images, batch_size=128):
    nll = kl = 0.0
    seen = 0
    for x in torch.split(images[torch.argsort(torch.rand(len(images)))], batch_size):
        a, b = step(x)
        seen += len(x)
        nll += (a - nll) * len(x) / seen
        kl += (b - kl) * len(x) / seen
    return nll, kl


# %% train-epoch / index_select, weights as a tensor
def train_epoch(step, images, batch_size=128):
    batches = torch.randperm(len(images)).split(batch_size)
    means = torch.tensor([step(images.index_select(0, b)) for b in batches])
    weights = torch.tensor([len(b) for b in batches]) / len(images)
    nll, kl = (means * weights[:, None]).sum(dim=0).tolist()
    return nll, kl


# %% evaluate / decorator, left in evaluation mode
@torch.no_grad()
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    nll_sum, kl_sum = 0.0, 0.0
    for start in range(0, len(images), batch_size):
        x = images[start : start + batch_size]
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        nll_sum += float(nll.sum())
        kl_sum += float(kl.sum())
    return nll_sum / len(images), kl_sum / len(images)


# %% evaluate / inference mode, concatenated
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.train(False)
    nlls, kls = [], []
    with torch.inference_mode():
        for x in torch.split(images, batch_size):
            output = model(x)
            result = loss_fn(output.logits, x, output.mu, output.logvar)
            nlls.append(result.nll)
            kls.append(result.kl)
    model.train(was_training)
    return torch.cat(nlls).mean().item(), torch.cat(kls).mean().item()


# %% evaluate / DataLoader, means times sizes
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    total = torch.zeros(2, dtype=torch.float64)
    with torch.no_grad():
        for x in torch.utils.data.DataLoader(images, batch_size=batch_size):
            _, nll, kl = loss_fn(*_order(model(x), x))
            total += torch.stack([nll.mean(), kl.mean()]) * len(x)
    return tuple((total / len(images)).tolist())


def _order(output, x):
    logits, mu, logvar = output
    return logits, x, mu, logvar


# %% evaluate / in pieces, three samples an image
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    nll_total = kl_total = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            for _ in range(3):
                z = model.reparameterize(mu, logvar)
                _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
                nll_total += nll.sum().item() / 3
                kl_total += kl.sum().item() / 3
    return nll_total / images.shape[0], kl_total / images.shape[0]


# %% evaluate / gradients switched off by hand, numpy sums
def evaluate(model, loss_fn, images, batch_size=1000):
    model.eval()
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        nlls, kls = [], []
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            z = torch.distributions.Normal(mu, torch.exp(0.5 * logvar)).sample()
            _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
            nlls += nll.tolist()
            kls += kl.tolist()
    finally:
        torch.set_grad_enabled(before)
    return sum(nlls) / len(nlls), sum(kls) / len(kls)


# %% reconstruct / decorator, item
@torch.no_grad()
def reconstruct(model, x):
    return model.decode(model.encode(x)[0]).sigmoid()


# %% reconstruct / inference mode, F.sigmoid
def reconstruct(model, x):
    with torch.inference_mode():
        mu, logvar = model.encode(x)
        logits = model.decode(mu)
        return F.sigmoid(logits)


# %% reconstruct / detach at the end, formula
def reconstruct(model, x):
    mu = model.encode(x)[0]
    return (1 / (1 + torch.exp(-model.decode(mu)))).detach()


# %% reconstruct / mean of the Bernoulli
def reconstruct(model, x):
    with torch.no_grad():
        mu, _ = model.encode(x)
        return torch.distributions.Bernoulli(logits=model.decode(mu)).mean


# %% reconstruct / one image at a time, expit
def reconstruct(model, x):
    model.eval()
    with torch.no_grad():
        rows = [model.decode(model.encode(image[None])[0])[0] for image in x]
    return torch.special.expit(torch.stack(rows))


# %% sample / decorator and Normal
@torch.no_grad()
def sample(decoder, num_images, latent_dim):
    z = torch.distributions.Normal(0.0, 1.0).sample((num_images, latent_dim))
    return decoder(z).sigmoid()


# %% sample / torch.normal, inference mode
def sample(decoder, num_images, latent_dim):
    with torch.inference_mode():
        z = torch.normal(mean=0.0, std=1.0, size=(num_images, latent_dim))
        return torch.sigmoid(decoder(z))


# %% sample / one code at a time
def sample(decoder, num_images, latent_dim):
    pictures = []
    with torch.no_grad():
        for _ in range(num_images):
            pictures.append(torch.sigmoid(decoder(torch.randn(1, latent_dim))))
    return torch.cat(pictures)


# %% sample / detach, filled in place
def sample(decoder, num_images, latent_dim):
    z = torch.empty(num_images, latent_dim).normal_()
    return torch.special.expit(decoder(z)).detach()


# %% sample / multivariate normal, mean of the Bernoulli
def sample(decoder, num_images, latent_dim):
    prior = torch.distributions.MultivariateNormal(torch.zeros(latent_dim), torch.eye(latent_dim))
    with torch.no_grad():
        return torch.distributions.Bernoulli(logits=decoder(prior.sample((num_images,)))).probs


# %% diagnosis / in another order
diagnosis = {5: "B", 4: "G", 3: "A", 2: "F", 1: "D"}

# %% diagnosis / small letters
diagnosis = {1: "d", 2: "f", 3: "a", 4: "g", 5: "b"}

# %% diagnosis / from a string
diagnosis = dict(enumerate("DFAGB", start=1))

# %% diagnosis / item by item
diagnosis = {}
diagnosis[1] = "D"
diagnosis[2] = "F "
diagnosis[3] = "A"
diagnosis.update({4: "G", 5: "B"})


# %% bug-1 / sum of products
def mended_1(batch_losses, batch_sizes):
    return sum(loss * size for loss, size in zip(batch_losses, batch_sizes)) / sum(batch_sizes)


# %% bug-1 / numpy average
def mended_1(batch_losses, batch_sizes):
    import numpy as np

    return np.average(batch_losses, weights=batch_sizes)


# %% bug-1 / two accumulators
def mended_1(batch_losses, batch_sizes):
    total, count = 0, 0
    for i in range(len(batch_losses)):
        total = total + batch_losses[i] * batch_sizes[i]
        count += batch_sizes[i]
    return total / count


# %% bug-1 / tensors inside
def mended_1(batch_losses, batch_sizes):
    losses, sizes = torch.tensor(batch_losses), torch.tensor(batch_sizes)
    return ((losses * sizes).sum() / sizes.sum()).item()


# %% bug-2 / from the mean loss
@torch.no_grad()
def mended_2(model, loss_fn, images, batch_size=1000):
    total = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        total += loss.item() * len(x)
    return total / len(images)


# %% bug-2 / two totals
def mended_2(model, loss_fn, images, batch_size=1000):
    total_nll = total_kl = 0.0
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            result = loss_fn(logits, x, mu, logvar)
            total_nll += result.nll.sum().item()
            total_kl += result.kl.sum().item()
    return (total_nll + total_kl) / len(images)


# %% bug-2 / concatenated
@torch.no_grad()
def mended_2(model, loss_fn, images, batch_size=1000):
    each = []
    for start in range(0, len(images), batch_size):
        x = images[start : start + batch_size]
        output = model(x)
        _, nll, kl = loss_fn(output.logits, x, output.mu, output.logvar)
        each.append(nll + kl)
    return torch.cat(each).mean().item()


# %% bug-2 / with the lab's own evaluation
def mended_2(model, loss_fn, images, batch_size=1000):
    return sum(evaluate(model, loss_fn, images, batch_size))


# %% bug-3 / sum over pixels, two means
def mended_3(logits, x, kl):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)
    return nll.mean() + kl.mean()


# %% bug-3 / total over batch size
def mended_3(logits, x, kl):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
    return nll + kl.mean()


# %% bug-3 / with the lab's own functions
def mended_3(logits, x, kl):
    return negative_elbo(bernoulli_nll(logits, x), kl)


# %% bug-3 / mean times pixels
def mended_3(logits, x, kl):
    nll = F.binary_cross_entropy_with_logits(logits, x) * x.shape[1]
    return nll + kl.mean()


# %% bug-4 / text of the device
def mended_4(device):
    return "cuda" in str(device)


# %% bug-4 / startswith
def mended_4(device):
    return str(device).startswith("cuda")


# %% bug-4 / if and else
def mended_4(device):
    if device.type == "cuda":
        return True
    else:
        return False


# %% bug-4 / a set of types, also for text
def mended_4(device):
    return torch.device(device).type in {"cuda"}


# %% bug-5 / forward pass
@torch.no_grad()
def mended_5(model, loss_fn, images):
    model.eval()
    logits, mu, logvar = model(images)
    return loss_fn(logits, images, mu, logvar).loss.item()


# %% bug-5 / own noise
@torch.no_grad()
def mended_5(model, loss_fn, images):
    model.eval()
    mu, logvar = model.encode(images)
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    loss, _, _ = loss_fn(model.decode(z), images, mu, logvar)
    return float(loss)


# %% bug-5 / average of ten samples
@torch.no_grad()
def mended_5(model, loss_fn, images):
    model.eval()
    mu, logvar = model.encode(images)
    losses = []
    for _ in range(10):
        z = model.reparameterize(mu, logvar)
        losses.append(loss_fn(model.decode(z), images, mu, logvar).loss.item())
    return sum(losses) / len(losses)


# %% bug-5 / sum over length
def mended_5(model, loss_fn, images):
    model.eval()
    total = 0.0
    with torch.no_grad():
        for x in images.split(500):
            mu, logvar = model.encode(x)
            z = torch.distributions.Normal(mu, (logvar / 2).exp()).rsample()
            _, nll, kl = loss_fn(model.decode(z), x, mu, logvar)
            total += (nll + kl).sum().item()
    return total / len(images)


# %% reparameterize / a tiny constant on the standard deviation
def reparameterize(mu, logvar):
    return mu + (torch.exp(0.5 * logvar) + 1e-6) * torch.randn_like(mu)


# %% reconstruct / encoder and decoder by name
@torch.no_grad()
def reconstruct(model, x):
    mu, _ = model.encoder(x)
    return torch.sigmoid(model.decoder(mu))


# %% decoder / a clamp far out
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return self.logits(F.relu(self.hidden(z))).clamp(-50, 50)


# %% encoder / compiled forward
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


# %% encoder / compiled in place
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.hidden = nn.Linear(data_dim, hidden_dim)
        self.heads = nn.Linear(hidden_dim, 2 * latent_dim)
        self.compile(dynamic=True)

    def forward(self, x):
        return self.heads(F.silu(self.hidden(x))).chunk(2, dim=-1)


# %% encoder / a compiled layer
class Encoder(nn.Module):
    def __init__(self, data_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.body = torch.compile(nn.Sequential(nn.Linear(data_dim, hidden_dim), nn.Tanh()))
        self.heads = nn.ModuleList([nn.Linear(hidden_dim, latent_dim) for _ in range(2)])

    def forward(self, x):
        h = self.body(x)
        return [head(h) for head in self.heads]


# %% encoder / functional_call and vmap over the heads
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


# %% encoder / checkpointed hidden layer
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


# %% encoder / a hook that applies the nonlinearity
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


# %% reparameterize / compiled
@torch.compile
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% reparameterize / vmap over the rows
def reparameterize(mu, logvar):
    def row(mu, logvar):
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)

    return torch.func.vmap(row, randomness="different")(mu, logvar)


# %% reparameterize / a function of autograd's
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


# %% decoder / compiled forward
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(latent_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, data_dim)
        )

    @torch.compile(mode="reduce-overhead")
    def forward(self, z):
        return self.net(z)


# %% decoder / vmap over the rows
class Decoder(nn.Module):
    def __init__(self, latent_dim=20, hidden_dim=400, data_dim=784):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, hidden_dim)
        self.logits = nn.Linear(hidden_dim, data_dim)

    def forward(self, z):
        return torch.func.vmap(lambda z: self.logits(torch.tanh(self.hidden(z))))(z)


# %% bernoulli-nll / vmap over the images, compiled
@torch.compile
def bernoulli_nll(logits, x):
    def image(logits, x):
        return (F.softplus(logits) - x * logits).sum()

    return torch.func.vmap(image)(logits, x)


# %% gaussian-kl / vmap over the images
def gaussian_kl(mu, logvar):
    return torch.func.vmap(lambda m, v: 0.5 * (m**2 + v.exp() - 1 - v).sum())(mu, logvar)


# %% negative-elbo / compiled
@torch.compile
def negative_elbo(nll, kl, beta=1.0):
    return torch.add(nll, kl, alpha=beta).mean()


# %% training-step / the model compiled
def training_step(model, loss_fn, optimizer, x):
    compiled = torch.compile(model)
    logits, mu, logvar = compiled(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / the step compiled
@torch.compile
def training_step(model, loss_fn, optimizer, x):
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / functional_call and torch.func.grad
def training_step(model, loss_fn, optimizer, x):
    def loss_of(parameters):
        logits, mu, logvar = torch.func.functional_call(model, parameters, (x,))
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        return loss, (nll.detach(), kl.detach())

    parameters = {key: each.detach() for key, each in model.named_parameters()}
    gradients, (nll, kl) = torch.func.grad(loss_of, has_aux=True)(parameters)
    for key, each in model.named_parameters():
        each.grad = gradients[key]
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / gradients of each image by vmap
def training_step(model, loss_fn, optimizer, x):
    def loss_of(parameters, image):
        image = image[None]
        logits, mu, logvar = torch.func.functional_call(model, parameters, (image,))
        loss, nll, kl = loss_fn(logits, image, mu, logvar)
        return loss, (nll.detach(), kl.detach())

    parameters = {key: each.detach() for key, each in model.named_parameters()}
    each_image = torch.func.vmap(
        torch.func.grad(loss_of, has_aux=True), in_dims=(None, 0), randomness="different"
    )
    gradients, (nll, kl) = each_image(parameters, x)
    for key, each in model.named_parameters():
        each.grad = gradients[key].mean(0)
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / a schedule that stays, and clipping far out
def training_step(model, loss_fn, optimizer, x):
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
    optimizer.zero_grad()
    loss, nll, kl = (lambda out: loss_fn(out[0], x, out[1], out[2]))(model(x))
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1e9)
    optimizer.step()
    schedule.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / an average of the weights kept beside
def training_step(model, loss_fn, optimizer, x):
    average = torch.optim.swa_utils.AveragedModel(model)
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    average.update_parameters(model)
    return nll.mean().item(), kl.mean().item()


# %% training-step / a hook that watches the forward pass
def training_step(model, loss_fn, optimizer, x):
    passed = []
    hook = model.register_forward_hook(lambda module, given, out: passed.append(out))
    optimizer.zero_grad()
    model(x)
    hook.remove()
    logits, mu, logvar = passed[0]
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return nll.mean().item(), kl.mean().item()


# %% training-step / a step hook, and gradients with a graph of their own
def training_step(model, loss_fn, optimizer, x):
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(loss, parameters, create_graph=True)
    size = sum(each.square().sum() for each in gradients).sqrt()
    assert size.requires_grad
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient.detach()
    optimizer.step()
    return float(nll.mean()), float(kl.mean())


# %% training-step / the step in a copy first
def training_step(model, loss_fn, optimizer, x):
    import copy

    before = copy.deepcopy(model.state_dict())
    optimizer.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    optimizer.step()
    if not all(value.isfinite().all() for value in model.state_dict().values()):
        model.load_state_dict(before)
    return nll.mean().item(), kl.mean().item()


# %% train-epoch / compiled step
def train_epoch(step, images, batch_size=128):
    step = torch.compile(step)
    total = torch.zeros(2, dtype=torch.float64)
    for index in torch.randperm(len(images)).split(batch_size):
        total += len(index) * torch.tensor(step(images[index]), dtype=torch.float64)
    return tuple((total / len(images)).tolist())


# %% evaluate / a copy in eval mode
def evaluate(model, loss_fn, images, batch_size=1000):
    import copy

    model = copy.deepcopy(model).eval()
    terms = []
    with torch.inference_mode():
        for x in images.split(batch_size):
            logits, mu, logvar = model(x)
            terms.append(torch.stack(loss_fn(logits, x, mu, logvar)[1:]))
    return tuple(torch.cat(terms, 1).mean(1).tolist())


# %% evaluate / an averaged model
def evaluate(model, loss_fn, images, batch_size=1000):
    average = torch.optim.swa_utils.AveragedModel(model).eval()
    nll, kl = [], []
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = average(x)
            _, n, k = loss_fn(logits, x, mu, logvar)
            nll.append(n)
            kl.append(k)
    return torch.cat(nll).mean().item(), torch.cat(kl).mean().item()


# %% evaluate / the model compiled
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    compiled = torch.compile(model.eval())
    total = torch.zeros(2, dtype=torch.float64)
    with torch.no_grad():
        for x in images.split(batch_size):
            logits, mu, logvar = compiled(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            total += torch.stack([nll.sum(), kl.sum()])
    model.train(was_training)
    return tuple((total / len(images)).tolist())


# %% evaluate / functional_call
def evaluate(model, loss_fn, images, batch_size=1000):
    state = {key: each.detach() for key, each in model.state_dict().items()}
    was_training = model.training
    model.eval()
    sums = torch.zeros(2).double()
    for x in images.split(batch_size):
        logits, mu, logvar = torch.func.functional_call(model, state, (x,))
        _, nll, kl = loss_fn(logits, x, mu, logvar)
        sums += torch.stack([nll.sum(), kl.sum()])
    model.train(was_training)
    return (sums[0] / len(images)).item(), (sums[1] / len(images)).item()


# %% evaluate / vmap over the images of a batch
def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()

    def of_image(x):
        logits, mu, logvar = model(x[None])
        return torch.cat(loss_fn(logits, x[None], mu, logvar)[1:])

    with torch.no_grad():
        each = torch.func.vmap(of_image, randomness="different")
        every = [each(x) for x in images.split(batch_size)]
    model.train(was_training)
    return tuple(torch.cat(every).mean(0).tolist())


# %% reconstruct / vmap over the images
def reconstruct(model, x):
    def of_image(x):
        return torch.sigmoid(model.decode(model.encode(x[None])[0]))[0]

    with torch.no_grad():
        return torch.func.vmap(of_image)(x)


# %% reconstruct / a compiled copy
def reconstruct(model, x):
    import copy

    model = copy.deepcopy(model).requires_grad_(False).eval()
    mu, _ = torch.compile(model.encode)(x)
    return torch.compile(model.decode)(mu).sigmoid()


# %% sample / vmap over the codes
def sample(decoder, num_images, latent_dim):
    def image(z):
        return torch.sigmoid(decoder(z[None]))[0]

    with torch.no_grad():
        return torch.func.vmap(image)(torch.randn(num_images, latent_dim))


# %% sample / vmap without a batch
def sample(decoder, num_images, latent_dim):
    with torch.no_grad():
        return torch.func.vmap(decoder)(torch.randn(num_images, latent_dim)).sigmoid()


# %% sample / the decoder compiled
def sample(decoder, num_images, latent_dim):
    z = torch.randn(num_images, latent_dim)
    with torch.inference_mode():
        return torch.compile(decoder)(z).sigmoid()


# %% sample / functional_call of a copy
def sample(decoder, num_images, latent_dim):
    import copy

    weights = {key: each.detach() for key, each in decoder.named_parameters()}
    z = torch.randn(num_images, latent_dim)
    return torch.func.functional_call(copy.deepcopy(decoder), weights, (z,)).sigmoid()


# %% sample / a hook on the decoder
def sample(decoder, num_images, latent_dim):
    hook = decoder.register_forward_hook(lambda module, given, logits: torch.sigmoid(logits))
    try:
        with torch.no_grad():
            return decoder(torch.randn(num_images, latent_dim))
    finally:
        hook.remove()


# %% bug-1 / compiled
@torch.compile
def mended_1(batch_losses, batch_sizes):
    total = 0.0
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total += loss * size
    return total / sum(batch_sizes)


# %% bug-2 / a copy
@torch.no_grad()
def mended_2(model, loss_fn, images, batch_size=1000):
    import copy

    model = copy.deepcopy(model)
    total = 0.0
    for x in images.split(batch_size):
        logits, mu, logvar = model(x)
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        total += (nll + kl).sum().item()
    return total / len(images)


# %% bug-3 / vmap
def mended_3(logits, x, kl):
    def image(logits, x):
        return F.binary_cross_entropy_with_logits(logits, x, reduction="sum")

    return (torch.func.vmap(image)(logits, x) + kl).mean()


# %% bug-5 / an averaged model, compiled
@torch.no_grad()
def mended_5(model, loss_fn, images):
    average = torch.compile(torch.optim.swa_utils.AveragedModel(model).eval())
    logits, mu, logvar = average(images)
    return loss_fn(logits, images, mu, logvar).loss.item()
