"""Answers to Exercise 13 of lab5-family: right ones, then wrong ones."""


# %% torch.distributions
def flow_log_q(eps, log_dets):
    result = torch.distributions.Normal(torch.zeros_like(eps), 1.0).log_prob(eps).sum(1)
    for log_det in log_dets:
        result = result - log_det
    return result


# %% stacked
def flow_log_q(eps, log_dets):
    total = torch.stack([torch.zeros_like(eps[:, 0]), *log_dets]).sum(dim=0)
    return -0.5 * eps.square().sum(-1) - 0.5 * eps.shape[1] * math.log(2 * math.pi) - total


# %% a multivariate normal
def flow_log_q(eps, log_dets):
    identity = torch.eye(eps.shape[1], dtype=eps.dtype)
    base = torch.distributions.MultivariateNormal(torch.zeros_like(eps[0]), identity)
    return base.log_prob(eps) - sum(log_dets, start=torch.zeros_like(eps[:, 0]))


# %% einsum
def flow_log_q(eps, log_dets):
    log_q = -0.5 * torch.einsum("bd,bd->b", eps, eps) - eps.shape[1] * math.log(2 * math.pi) / 2
    for t in range(len(log_dets)):
        log_q = log_q - log_dets[-1 - t]
    return log_q


# %% recursion
def flow_log_q(eps, log_dets):
    if not log_dets:
        return -0.5 * (eps * eps + math.log(2 * math.pi)).sum(1)
    return flow_log_q(eps, log_dets[1:]) - log_dets[0]


# %% a density by math.pi
def flow_log_q(eps, log_dets):
    return (-(eps**2) / 2 - math.log(math.sqrt(2 * math.pi))).sum(dim=-1) - sum(log_dets)


# %% determinants added
# slug: logq-sign
# says: thinner
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return log_normal + sum(log_dets)


# %% no determinants
# slug: logq-no-determinants
# says: missing
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return log_normal


# %% no noise
# slug: logq-no-noise
# says: noise is missing
def flow_log_q(eps, log_dets):
    return torch.zeros_like(eps[:, 0]) - sum(log_dets)


# %% no constant
# slug: logq-constant
# says: every dimension
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2).sum(dim=1)
    return log_normal - sum(log_dets)


# %% the constant once
# slug: logq-constant
# says: 2 pi
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2).sum(dim=1) - 0.5 * math.log(2 * math.pi)
    return log_normal - sum(log_dets)


# %% no half
# slug: logq-no-half
# says: factor 1/2
def flow_log_q(eps, log_dets):
    log_normal = -1 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return log_normal - sum(log_dets)


# %% the half of the constant alone
# slug: logq-no-half
# says: factor 1/2
def flow_log_q(eps, log_dets):
    log_normal = -(eps**2 + 0.5 * math.log(2 * math.pi)).sum(dim=1)
    return log_normal - sum(log_dets)


# %% minus log q
# slug: logq-negative
# says: minus log q
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return sum(log_dets) - log_normal


# %% the sign of the square
# slug: logq-exponent-sign
# says: fall with
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (-(eps**2) + math.log(2 * math.pi)).sum(dim=1)
    return log_normal - sum(log_dets)


# %% the density
# slug: logq-not-logged
# says: logarithm
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return torch.exp(log_normal - sum(log_dets))


# %% a mean over dimensions
# slug: logq-mean-of-dimensions
# says: summed over
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).mean(dim=1)
    return log_normal - sum(log_dets)


# %% a mean over images
# slug: logq-batch
# says: each has its own
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return (log_normal - sum(log_dets)).mean()


# %% determinants of the batch
# slug: logq-determinants-batch
# says: reduced over images
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return log_normal - sum(each.sum() for each in log_dets)


# %% a mean of the determinants
# slug: logq-determinants-averaged
# says: add up
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return log_normal - sum(log_dets) / max(1, len(log_dets))


# %% the last determinant
# slug: logq-one-determinant
# says: only one map
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return log_normal - (log_dets[-1] if log_dets else 0)


# %% the exponentials
# slug: logq-determinants-exp
# says: no exp
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return log_normal - sum(each.exp() for each in log_dets)


# %% an empty list
# slug: raised
# says: line
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return log_normal - torch.stack(log_dets).sum(dim=0)


# %% determinants cut off
# slug: detached
# says: cut off
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return log_normal - sum(each.detach() for each in log_dets)


# %% eps not squared
# slug: term-replaced
# says: eps
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps + math.log(2 * math.pi)).sum(dim=1)
    return log_normal - sum(log_dets)


# %% in double
# slug: another-dtype
# says: another dtype
def flow_log_q(eps, log_dets):
    eps = eps.double()
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(dim=1)
    return log_normal - sum(log_dets)


# %% no sum over dimensions
# slug: shape-not-reduced
# says: sum or a mean
def flow_log_q(eps, log_dets):
    log_normal = -0.5 * (eps**2 + math.log(2 * math.pi))
    return log_normal - sum(each[:, None] for each in log_dets)
