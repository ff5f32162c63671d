# %% w01 mean over dimensions
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(1)

# %% w02 sum over images
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).sum(0)

# %% w03 no half
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (mu**2 + logvar.exp() - 1 - logvar).mean(0)

# %% w04 sign
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (1 + logvar - mu**2 - logvar.exp())).mean(0)

# %% w05 + logvar
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 + logvar)).mean(0)

# %% w06 no 1
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - logvar)).mean(0)

# %% w07 logvar as sigma
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar**2 - 1 - (logvar**2).log())).mean(0)

# %% w08 logvar as log sigma
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + (2 * logvar).exp() - 1 - 2 * logvar)).mean(0)

# %% w09 exp(logvar / 2) as the variance
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + (0.5 * logvar).exp() - 1 - logvar)).mean(0)

# %% w10 KL of the averaged parameters
# kind: wrong
def kl_by_dimension(mu, logvar):
    m, s = mu.mean(0), logvar.mean(0)
    return 0.5 * (m**2 + s.exp() - 1 - s)

# %% w11 mean of the mu, then square
# kind: wrong
def kl_by_dimension(mu, logvar):
    return 0.5 * (mu.mean(0) ** 2 + logvar.exp().mean(0) - 1 - logvar.mean(0))

# %% w12 abs mu
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu.abs() + logvar.exp() - 1 - logvar)).mean(0)

# %% w13 reversed KL
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * ((mu**2 + 1) * (-logvar).exp() - 1 + logvar)).mean(0)

# %% w14 total
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).sum(1).mean(0)

# %% w15 table
# kind: wrong
def kl_by_dimension(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar)

# %% w16 detached
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0).detach()

# %% w17 no_grad
# kind: wrong
@torch.no_grad()
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0)

# %% w18 squeezed
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0).squeeze()

# %% w19 keepdim
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0, keepdim=True)

# %% w20 Bessel
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).sum(0) / max(len(mu) - 1, 1)

# %% w21 divided by D
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).sum(0) / mu.shape[1]

# %% w22 by samples
# kind: wrong
def kl_by_dimension(mu, logvar):
    z = mu + (logvar / 2).exp() * torch.randn(1000, *mu.shape, dtype=mu.dtype)
    log_q = -0.5 * ((z - mu) ** 2 / logvar.exp() + logvar)
    return (log_q + 0.5 * z**2).mean((0, 1))

# %% w23 logvar clamped to [-5, 5]
# kind: wrong
def kl_by_dimension(mu, logvar):
    logvar = logvar.clamp(-5, 5)
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0)

# %% w24 eps in the log
# kind: wrong
def kl_by_dimension(mu, logvar):
    var = logvar.exp()
    return (0.5 * (mu**2 + var - 1 - (var + 1e-6).log())).mean(0)

# %% w25 log of the exp: -inf for very small variances
# kind: wrong
def kl_by_dimension(mu, logvar):
    var = logvar.exp()
    return (0.5 * (mu**2 + var - 1 - var.log())).mean(0)

# %% w26 float32
# kind: wrong
def kl_by_dimension(mu, logvar):
    m, s = mu.float(), logvar.float()
    return (0.5 * (m**2 + s.exp() - 1 - s)).mean(0).to(mu.dtype)

# %% w27 gradient of logvar lost
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.detach().exp() - 1 - logvar.detach())).mean(0)

# %% w28 gradient of the variance lost
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp().detach() - 1 - logvar)).mean(0)

# %% w29 aggregate: moments of all codes
# kind: wrong
def kl_by_dimension(mu, logvar):
    m = mu.mean(0)
    v = mu.var(0, correction=0) + logvar.exp().mean(0)
    return 0.5 * (m**2 + v - 1 - v.log())

# %% w30 in place
# kind: wrong
def kl_by_dimension(mu, logvar):
    return mu.pow_(2).add_(logvar.exp()).sub_(1).sub_(logvar).mul_(0.5).mean(0)

# %% w31 bits
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0) / math.log(2)

# %% w32 memorized
# kind: wrong
def kl_by_dimension(mu, logvar):
    return 2.5 + 0 * (mu + logvar).mean(0)

# %% w33 dim by length
# kind: wrong
def kl_by_dimension(mu, logvar):
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
    return kl.mean(0 if kl.shape[0] >= kl.shape[1] else 1)

# %% w34 twenty dimensions
# kind: wrong
def kl_by_dimension(mu, logvar):
    return torch.stack([(0.5 * (mu[:, d] ** 2 + logvar[:, d].exp() - 1 - logvar[:, d])).mean() for d in range(min(20, mu.shape[1]))])

# %% w35 median
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).median(0).values

# %% w36 clamped at a floor
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0).clamp(min=0.01)

# %% w37 sorted
# kind: wrong
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0).sort(descending=True).values

# %% w38 torch.tensor of it
# kind: wrong
def kl_by_dimension(mu, logvar):
    return torch.tensor((0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0).tolist(), dtype=mu.dtype)

# %% r01 plain
# kind: right
def kl_by_dimension(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0)

# %% r02 torch.distributions
# kind: right
def kl_by_dimension(mu, logvar):
    from torch.distributions import Normal, kl_divergence
    return kl_divergence(Normal(mu, (logvar / 2).exp()), Normal(torch.zeros_like(mu), torch.ones_like(mu))).mean(0)

# %% r03 gaussian_kl of columns, as the notebook does later
# kind: right
def kl_by_dimension(mu, logvar):
    return gaussian_kl(mu.reshape(-1, 1), logvar.reshape(-1, 1)).view_as(mu).mean(0)

# %% r04 expm1
# kind: right
def kl_by_dimension(mu, logvar):
    return 0.5 * (mu.square() + torch.expm1(logvar) - logvar).mean(dim=0)

# %% r05 loop over dimensions
# kind: right
def kl_by_dimension(mu, logvar):
    return torch.stack([(m @ m + s.exp().sum() - s.sum()) / (2 * len(m)) - 0.5 for m, s in zip(mu.T, logvar.T)])

# %% r06 einsum
# kind: right
def kl_by_dimension(mu, logvar):
    w = torch.full((len(mu),), 0.5 / len(mu), dtype=mu.dtype)
    return torch.einsum("b,bd->d", w, mu * mu + logvar.exp() - logvar - 1)

# %% r07 vmap
# kind: right
kl_by_dimension = torch.func.vmap(lambda m, s: 0.5 * torch.mean(m**2 + torch.exp(s) - 1 - s), in_dims=1)

# %% r08 double inside
# kind: right
def kl_by_dimension(mu, logvar):
    m, s = mu.double(), logvar.double()
    return (0.5 * (m**2 + s.exp() - 1 - s)).mean(0).to(mu.dtype)

# %% r09 image by image
# kind: right
def kl_by_dimension(mu, logvar):
    total = 0
    for m, s in zip(mu, logvar):
        total = total + torch.hypot(m, (s / 2).exp()) ** 2 - 1 - s
    return total / (2 * len(mu))

# %% r10 expectation: cross entropy less entropy
# kind: right
def kl_by_dimension(mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    cross = 0.5 * math.log(2 * math.pi) + 0.5 * (mu**2 + q.variance)
    return cross.mean(0) - q.entropy().mean(0)

# %% r11 adaptive pooling, class
# kind: right
class KL(nn.Module):
    def forward(self, mu, logvar):
        table = (mu.pow(2) - logvar + logvar.exp()).T
        return (F.adaptive_avg_pool1d(table[None], 1)[0, :, 0] - 1) / 2
kl_by_dimension = KL()
