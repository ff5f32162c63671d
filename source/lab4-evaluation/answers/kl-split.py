"""Answers to Exercise 14 of lab4-evaluation: right ones, then wrong ones."""


# %% torch.distributions
def kl_split(mu, logvar, z, log_aggregate):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    information = q.log_prob(z).sum(dim=1).sub(log_aggregate).mean()
    kl = torch.distributions.kl_divergence(q, p).sum(dim=1).mean()
    return information, kl - information


# %% the library's KL, a named tuple
def kl_split(mu, logvar, z, log_aggregate):
    from typing import NamedTuple

    class Split(NamedTuple):
        mutual_information: torch.Tensor
        marginal_kl: torch.Tensor

    log_q = -0.5 * (((z - mu) / torch.exp(logvar / 2)) ** 2 + logvar).sum(1)
    log_q = log_q - 0.5 * z.shape[1] * math.log(2 * math.pi)
    information = torch.mean(log_q) - torch.mean(log_aggregate)
    return Split(information, gaussian_kl(mu, logvar).mean() - information)


# %% image by image
def kl_split(mu, logvar, z, log_aggregate):
    information = kl = 0.0
    for m, s, code, log_q in zip(mu, logvar, z, log_aggregate):
        own = -0.5 * ((code - m) ** 2 / s.exp() + s + math.log(2 * math.pi)).sum()
        information = information + (own - log_q) / len(mu)
        kl = kl + 0.5 * (m**2 + s.exp() - 1 - s).sum() / len(mu)
    return information, kl - information


# %% plain numbers
def kl_split(mu, logvar, z, log_aggregate):
    own = -0.5 * ((z - mu) ** 2 * (-logvar).exp() + logvar + math.log(2 * math.pi)).sum(1)
    information = (own - log_aggregate).mean().item()
    kl = (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).sum().item() / len(mu)
    return information, kl - information


# %% without gradients, a list
@torch.no_grad()
def kl_split(mu, logvar, z, log_aggregate):
    eps = (z - mu) * torch.exp(-0.5 * logvar)
    log_q = -0.5 * (eps.square() + logvar + math.log(2 * math.pi)).sum(-1)
    information = torch.stack([log_q, -log_aggregate]).sum(0).mean()
    return [information, gaussian_kl(mu, logvar).mean() - information]


# %% swapped
# slug: split-swapped
# says: changed places
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    information = (log_q - log_aggregate).mean()
    return gaussian_kl(mu, logvar).mean() - information, information


# %% sign
# slug: split-sign
# says: the sign is reversed
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    information = (log_aggregate - log_q).mean()
    return information, gaussian_kl(mu, logvar).mean() - information


# %% against the prior
# slug: split-to-prior
# says: the prior stands in the place
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(1)
    information = (log_q - log_p).mean()
    return information, gaussian_kl(mu, logvar).mean() - information


# %% summed over images
# slug: split-summed
# says: means over them
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    information = (log_q - log_aggregate).sum()
    return information, gaussian_kl(mu, logvar).sum() - information


# %% not averaged
# slug: split-not-averaged
# says: the mean over them is missing
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    information = log_q - log_aggregate
    return information, gaussian_kl(mu, logvar) - information


# %% log N
# slug: split-log-n
# says: where no codes overlap
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    information = torch.zeros_like(mu[0, 0]) + math.log(len(mu))
    return information, gaussian_kl(mu, logvar).mean() - information


# %% log N taken off once more
# slug: split-log-n-subtracted
# says: in log q(z) already
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    information = (log_q - log_aggregate).mean() - math.log(len(mu))
    return information, gaussian_kl(mu, logvar).mean() - information


# %% all pairs
# slug: split-all-pairs
# says: its own image
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_q = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(2)
    information = (log_q - log_aggregate[:, None]).mean()
    return information, gaussian_kl(mu, logvar).mean() - information


# %% only log q(z)
# slug: split-no-own
# says: log q(z|x) is missing
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    information = -log_aggregate.mean()
    return information, gaussian_kl(mu, logvar).mean() - information


# %% the entropy for log q
# slug: split-entropy
# says: both are of one code
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    entropy = 0.5 * (logvar + math.log(2 * math.pi) + 1).sum(1)
    information = (-entropy - log_aggregate).mean()
    return information, gaussian_kl(mu, logvar).mean() - information


# %% at the mean
# slug: split-own-at-mean
# says: the same code z
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * (logvar + math.log(2 * math.pi)).sum(1)
    information = (log_q - log_aggregate).mean()
    return information, gaussian_kl(mu, logvar).mean() - information


# %% no constant
# slug: density-constant
# says: for each dimension
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar).sum(1)
    information = (log_q - log_aggregate).mean()
    return information, gaussian_kl(mu, logvar).mean() - information


# %% clamped
# slug: split-clamped
# says: leave it as it comes out
# loses: kl-split-information
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    information = (log_q - log_aggregate).mean().clamp(0, math.log(len(mu)))
    return information, gaussian_kl(mu, logvar).mean() - information


# %% densities
# slug: density-not-logged
# says: the logarithm is missing
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    information = (log_q.exp() - log_aggregate.exp()).mean()
    return information, gaussian_kl(mu, logvar).mean() - information


# %% the second part from the codes
# slug: split-marginal-drawn
# says: is exact
# loses: kl-split-bounds, kl-split-identity
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(1)
    return (log_q - log_aggregate).mean(), (log_aggregate - log_p).mean()


# %% the whole KL
# slug: split-whole
# says: was not taken off
# loses: kl-split-identity
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    return (log_q - log_aggregate).mean(), gaussian_kl(mu, logvar).mean()


# %% added
# slug: split-added
# says: it is a part of it
# loses: kl-split-identity
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    information = (log_q - log_aggregate).mean()
    return information, gaussian_kl(mu, logvar).mean() + information


# %% the KL summed
# slug: split-kl-batch
# says: its mean is what is split
# loses: kl-split-bounds, kl-split-identity
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    information = (log_q - log_aggregate).mean()
    return information, gaussian_kl(mu, logvar).sum() - information


# %% clamped below
# slug: split-clamped
# says: a bound or an absolute value
# loses: kl-split-identity
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    information = (log_q - log_aggregate).mean()
    return information, (gaussian_kl(mu, logvar).mean() - information).clamp(min=0)


# %% one number
# slug: wrong-type
# says: Return the pair
def kl_split(mu, logvar, z, log_aggregate):
    log_q = -0.5 * ((z - mu) ** 2 * torch.exp(-logvar) + logvar + math.log(2 * math.pi)).sum(1)
    return (log_q - log_aggregate).mean()


# %% its own aggregate posterior
# slug: split-aggregate-anew
# says: of these rows alone
# loses: kl-split-information
def kl_split(mu, logvar, z, log_aggregate):
    pairs = (
        torch.distributions.Normal(mu, torch.exp(logvar / 2)).log_prob(z[:, None]).sum(-1)
    )  # (N, N)
    information = pairs.diagonal().mean() - (pairs.logsumexp(1) - math.log(len(mu))).mean()
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return information, (kl - information).mean()


# %% second part is information less rate
# slug: split-second-sign
# says: The second part is the mean
# loses: kl-split-bounds, kl-split-identity
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean()
    return info, info - 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()


# %% aggregate as a density
# slug: split-aggregate-exp
# says: log_aggregate is a logarithm already
# loses: kl-split-information, kl-split-bounds
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate.exp()).mean()
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info


# %% information kept below log N
# slug: split-clamped
# says: A bound or an absolute value
# loses: kl-split-information
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean().clamp(max=math.log(len(mu)))
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() - info


# %% bits
# slug: not-nats
# says: The logarithm has another base
def kl_split(mu, logvar, z, log_aggregate):
    info = (log_gaussian(z, mu, logvar) - log_aggregate).mean() / math.log(2)
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean() / math.log(2) - info


# %% Bessel
# slug: split-spread
# says: A spread, a median or a
def kl_split(mu, logvar, z, log_aggregate):
    n = max(len(mu) - 1, 1)
    info = (log_gaussian(z, mu, logvar) - log_aggregate).sum() / n
    return info, 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum() / n - info
