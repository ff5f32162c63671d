"""Answers to Exercise 6 of lab4-evaluation: right ones, then wrong ones."""


# %% only where q is positive
def kl_on_grid(log_q, log_posterior, cell_area):
    kl = torch.zeros_like(log_q[0])
    for b in range(log_q.shape[1]):
        inside = log_q[:, b] > -math.inf
        q, p = log_q[inside, b], log_posterior[inside, b]
        kl[b] = (q.exp() * (q - p)).sum() * cell_area
    return kl


# %% the difference masked
def kl_on_grid(log_q, log_posterior, cell_area):
    off = (log_q - log_posterior).masked_fill(log_q == -math.inf, 0.0)
    return torch.einsum("gb,gb->b", log_q.exp(), off) * cell_area


# %% nan to zero
def kl_on_grid(log_q, log_posterior, cell_area):
    terms = log_q.exp() * (log_q - log_posterior)
    return terms.nan_to_num(nan=0.0).sum(0) * cell_area


# %% entropy and cross-entropy
def kl_on_grid(log_q, log_posterior, cell_area):
    q = torch.exp(log_q)
    entropy = -torch.xlogy(q, q).sum(0) * cell_area
    cross = -torch.where(q > 0, q * log_posterior, torch.zeros_like(q)).sum(0) * cell_area
    return cross - entropy


# %% very low in place of minus infinity
def kl_on_grid(log_q, log_posterior, cell_area):
    log_q = log_q.clamp(min=-1e6)
    terms = log_q.exp() * (log_q - log_posterior.clamp(min=-1e6))
    return cell_area * terms.sum(dim=0)


# %% a mask at 1e-12
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 1e-12, q * (log_q - log_posterior), 0.0).sum(0) * cell_area


# %% numpy inside
def kl_on_grid(log_q, log_posterior, cell_area):
    q, p = log_q.numpy(), log_posterior.numpy()
    with np.errstate(invalid="ignore"):
        terms = np.where(q > -np.inf, np.exp(q) * (q - p), 0)
    return torch.from_numpy(terms.sum(axis=0) * cell_area).to(log_q.dtype)


# %% a mask at 1e-9
# slug: not-exact
# says: too far off for float64
# loses: kl-on-grid-value, kl-on-grid-identity
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 1e-9, q * (log_q - log_posterior), 0.0).sum(0) * cell_area


# %% zero times infinity
# slug: kl-zero-times-infinity
# says: its term is 0
# loses: kl-on-grid-zeros
def kl_on_grid(log_q, log_posterior, cell_area):
    return (log_q.exp() * (log_q - log_posterior)).sum(0) * cell_area


# %% the area forgotten
# slug: grid-no-cell
# says: finer grid
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0)


# %% a mean
# slug: grid-mean
# says: no integral
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).mean(0)


# %% divided by the area
# slug: grid-cell-sign
# says: multiplies it
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0) / cell_area


# %% the area squared
# slug: grid-cell-is-spacing
# says: enters once
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0) * cell_area**2


# %% the other direction
# slug: gap-reversed
# says: the gap is KL(q || p)
def kl_on_grid(log_q, log_posterior, cell_area):
    p = log_posterior.exp()
    off = log_posterior - log_q.clamp(min=-1e9)
    return torch.where(p > 0, p * off, 0.0).sum(0) * cell_area


# %% weighted by the posterior
# slug: gap-weighted-by-p
# says: the mean is under q
# loses: kl-on-grid-value, kl-on-grid-identity, kl-on-grid-zeros
def kl_on_grid(log_q, log_posterior, cell_area):
    off = torch.where(log_q > -math.inf, log_q - log_posterior, 0.0)
    return (log_posterior.exp() * off).sum(0) * cell_area


# %% the difference turned round
# slug: kl-sign
# says: never negative
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_posterior - log_q), 0.0).sum(0) * cell_area


# %% no weights
# slug: gap-not-weighted
# says: same weight
def kl_on_grid(log_q, log_posterior, cell_area):
    return torch.where(log_q > -math.inf, log_q - log_posterior, 0.0).sum(0) * cell_area


# %% the entropy alone
# slug: gap-only-entropy
# says: cross term
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.xlogy(q, q).sum(0) * cell_area


# %% the cross-entropy alone
# slug: gap-only-cross-entropy
# says: not taken off
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return -torch.where(q > 0, q * log_posterior, 0.0).sum(0) * cell_area


# %% densities subtracted
# slug: gap-densities-not-logged
# says: compares their logarithms
def kl_on_grid(log_q, log_posterior, cell_area):
    q, p = log_q.exp(), log_posterior.exp()
    return (q * (q - p)).sum(0) * cell_area


# %% an absolute value
# slug: gap-absolute
# says: both signs
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior).abs(), 0.0).sum(0) * cell_area


# %% both directions
# slug: gap-both-directions
# says: only KL(q || p)
# loses: kl-on-grid-value, kl-on-grid-identity, kl-on-grid-zeros
def kl_on_grid(log_q, log_posterior, cell_area):
    off = torch.where(log_q > -math.inf, log_q - log_posterior, 0.0)
    return ((log_q.exp() - log_posterior.exp()) * off).sum(0) * cell_area


# %% squared
# slug: gap-squared
# says: as it is
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior) ** 2, 0.0).sum(0) * cell_area


# %% not summed
# slug: gap-not-summed
# says: one number for each code
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0) * cell_area


# %% over images
# slug: grid-over-images
# says: reduced over images
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(1) * cell_area


# %% averaged over images
# slug: kl-batch-mean
# says: one number for each image
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0).mean() * cell_area


# %% torch's kl_div
# slug: kl-zero-times-infinity
# says: its term is 0
# loses: kl-on-grid-zeros
def kl_on_grid(log_q, log_posterior, cell_area):
    each = F.kl_div(log_posterior, log_q, reduction="none", log_target=True)
    return each.sum(0) * cell_area


# %% weights of q normalized on the grid, posterior as it is
# slug: gap-normalized
# says: A density was normalized over the
# loses: kl-on-grid-value
def kl_on_grid(log_q, log_posterior, cell_area):
    w = log_q.exp()
    w = w / w.sum(0)
    return torch.where(w > 0, w * (log_q - log_posterior), 0.0).sum(0)


# %% normalized on the grid
# slug: gap-normalized
# says: A density was normalized over the
def kl_on_grid(log_q, log_posterior, cell_area):
    q, p = log_q.softmax(0), log_posterior.softmax(0)
    return torch.where(q > 0, q * (q.log() - p.log()), 0.0).sum(0)


# %% q normalized on the grid, weights only
# slug: gap-normalized
# says: A density was normalized over the
# loses: kl-on-grid-value
def kl_on_grid(log_q, log_posterior, cell_area):
    w = log_q.softmax(0)
    return torch.where(w > 0, w * (log_q - log_posterior), 0.0).sum(0)


# %% result clamped at 0
# slug: value-cut
# says: Numbers beyond a bound are cut
# loses: kl-on-grid-value
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return (torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0) * cell_area).clamp(min=0)


# %% rows with a -inf anywhere dropped for all images
# slug: wrong-value
# says: The value is wrong, in a
# loses: kl-on-grid-zeros
def kl_on_grid(log_q, log_posterior, cell_area):
    keep = (log_q > -math.inf).all(1)
    a, b = log_q[keep], log_posterior[keep]
    return (a.exp() * (a - b)).sum(0) * cell_area


# %% masked to one vector: images mixed
# slug: value-averaged
# says: Everything was averaged or added up
def kl_on_grid(log_q, log_posterior, cell_area):
    keep = log_q > -math.inf
    a, b = log_q[keep], log_posterior[keep]
    return ((a.exp() * (a - b)).sum() * cell_area).expand(log_q.shape[1])


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return (torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0) * cell_area).squeeze()


# %% an infinite term is dropped
# slug: kl-infinite
# says: costs infinitely much
# loses: kl-on-grid-zeros
def kl_on_grid(log_q, log_posterior, cell_area):
    off = (log_q - log_posterior).nan_to_num(0, posinf=0, neginf=0)
    return (log_q.exp() * off).sum(0) * cell_area


# %% points where either density is 0 are left out
# slug: kl-infinite
# says: costs infinitely much
# loses: kl-on-grid-zeros
def kl_on_grid(log_q, log_posterior, cell_area):
    both = log_q.isfinite() & log_posterior.isfinite()
    return torch.where(both, log_q.exp() * (log_q - log_posterior), 0.0).sum(0) * cell_area


# %% the posterior has a floor of e^-1000
# slug: kl-infinite
# says: costs infinitely much
# loses: kl-on-grid-zeros
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    off = log_q - log_posterior.clamp(min=-1e3)
    return torch.where(q > 0, q * off, 0.0).sum(0) * cell_area
