# %% unchanged
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
    return log_px_given_z - kl

# %% KL added
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
    return log_px_given_z + kl

# %% prior and q exchanged
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z - log_p + log_q

# %% no prior
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z - log_q

# %% no q
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    return log_px_given_z + log_p

# %% both added
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p + log_q

# %% both subtracted
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z - log_p - log_q

# %% sampled KL, mean over codes
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z - (log_q - log_p).mean(0)

# %% sampled KL, sum over codes
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z - (log_q - log_p).sum(0)

# %% KL besides the ratio
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
    return log_px_given_z + log_p - log_q - kl

# %% logvar missing in q
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% 2 pi in the prior only
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% 2 pi in q only
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% sigma for the variance
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / (0.5 * logvar).exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% logvar read as log sigma
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    logvar = 2 * logvar
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% times the variance
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 * logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% prior around mu
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * ((z - mu)**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% prior at the mean
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (mu**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% q at the mean
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (0 * z) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% squares without the half
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -(0.5 * (math.log(2 * math.pi) + logvar) + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% mean over dimensions
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).mean(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).mean(-1)
    return log_px_given_z + log_p - log_q

# %% sum over images
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(1)
    return log_px_given_z + log_p - log_q

# %% sum over codes
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(0)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(0)
    return log_px_given_z + log_p - log_q

# %% the bound instead of the weights
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return torch.logsumexp(log_px_given_z + log_p - log_q, 0) - math.log(len(z))

# %% log K inside
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q - math.log(len(z))

# %% new codes
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(z)
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% ratio of densities
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + (log_p.exp() / log_q.exp()).log()

# %% all densities multiplied
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return (log_px_given_z.exp() * log_p.exp() / log_q.exp()).log()

# %% weights, not logs
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return (log_px_given_z + log_p - log_q).exp()

# %% normalized over codes
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return (log_px_given_z + log_p - log_q).log_softmax(0)

# %% first code for all
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p[:1] - log_q[:1]

# %% squeezed
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return (log_px_given_z + log_p - log_q).squeeze()

# %% single precision
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    z, mu, logvar = z.float(), mu.float(), logvar.float()
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return (log_px_given_z.float() + log_p - log_q).to(log_px_given_z.dtype)

# %% mu along the codes
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    m, s = mu[:, None], logvar[:, None]
    if len(mu) != len(z):
        m, s = mu, logvar
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + s + (z - m) ** 2 / s.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% argument overwritten
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    log_px_given_z += log_p - log_q
    return log_px_given_z

# %% z centred in place
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + z.sub_(mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% logvar clamped
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    logvar = logvar.clamp(-2, 2)
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% q's squares in expectation
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + 1).sum(-1)
    return log_px_given_z + log_p - log_q

# %% prior in expectation
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (math.log(2 * math.pi) + mu**2 + logvar.exp()).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q

# %% two dimensions of the notebook
# kind: wrong
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2).sum(-1) - math.log(2 * math.pi)
    log_q = -0.5 * (logvar + (z - mu) ** 2 / logvar.exp()).sum(-1) - 0.5 * math.log(2 * math.pi) * 3
    return log_px_given_z + log_p - log_q

# %% detached q
# kind: open
def mended_2(log_px_given_z, z, mu, logvar):
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
    log_q = -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp()).sum(-1)
    return log_px_given_z + log_p - log_q.detach()

# %% the notebook's log_normal
# kind: right
def mended_2(log_px_given_z, z, mu, logvar):
    return log_px_given_z + log_normal(z, 0 * mu, 0 * mu) - log_normal(z, mu, logvar)

# %% torch.distributions
# kind: right
def mended_2(log_px_given_z, z, mu, logvar):
    q = torch.distributions.Normal(mu, torch.exp(logvar / 2))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return log_px_given_z + (p.log_prob(z) - q.log_prob(z)).sum(dim=2)

# %% constants cancelled
# kind: right
def mended_2(log_px_given_z, z, mu, logvar):
    e = (z - mu) * torch.exp(-0.5 * logvar)
    return log_px_given_z + 0.5 * (e * e - z * z + logvar).sum(-1)

# %% loops over codes and images
# kind: right
def mended_2(log_px_given_z, z, mu, logvar):
    rows = []
    for k in range(z.shape[0]):
        row = []
        for b in range(z.shape[1]):
            ratio = 0.5 * ((z[k, b] - mu[b]) ** 2 / logvar[b].exp() + logvar[b] - z[k, b] ** 2).sum()
            row.append(log_px_given_z[k, b] + ratio)
        rows.append(torch.stack(row))
    return torch.stack(rows)

# %% einsum
# kind: right
def mended_2(log_px_given_z, z, mu, logvar):
    e = (z - mu[None]) * torch.exp(-0.5 * logvar)[None]
    return log_px_given_z + 0.5 * torch.einsum("kbd,kbd->kb", e, e) - 0.5 * torch.einsum("kbd,kbd->kb", z, z) + 0.5 * logvar.sum(1)

# %% difference of squares as a product
# kind: right
def mended_2(log_px_given_z, z, mu, logvar):
    s = torch.exp(-0.5 * logvar)
    e = (z - mu) * s
    return log_px_given_z + 0.5 * ((e - z) * (e + z)).sum(-1) + 0.5 * logvar.sum(-1)

# %% vmap over codes
# kind: right
def mended_2(log_px_given_z, z, mu, logvar):
    def ratio(code, m, s):
        return 0.5 * (s + (code - m) ** 2 * torch.exp(-s) - code**2).sum()
    over_images = torch.vmap(ratio)
    return log_px_given_z + torch.vmap(over_images, in_dims=(0, None, None))(z, mu, logvar)

# %% dimension by dimension, double inside
# kind: right
def mended_2(log_px_given_z, z, mu, logvar):
    out = log_px_given_z.double()
    for d in range(z.shape[-1]):
        c, m, s = z[..., d].double(), mu[:, d].double(), logvar[:, d].double()
        out = out - 0.5 * c**2 + 0.5 * s + 0.5 * (c - m) ** 2 * torch.exp(-s)
    return out.to(log_px_given_z.dtype)

# %% multivariate normal
# kind: right
def mended_2(log_px_given_z, z, mu, logvar):
    D = torch.distributions
    q = D.MultivariateNormal(mu, scale_tril=torch.diag_embed(torch.exp(0.5 * logvar)))
    p = D.MultivariateNormal(torch.zeros_like(mu), torch.eye(mu.shape[1], dtype=mu.dtype))
    return log_px_given_z + p.log_prob(z) - q.log_prob(z)
