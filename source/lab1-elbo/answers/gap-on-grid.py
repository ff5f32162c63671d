"""Answers to Exercise 13 of lab1-elbo: right ones, then wrong ones."""


# %% codes expanded, einsum
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes.unsqueeze(1).expand(-1, mu.shape[0], -1), mu, logvar)
    return cell * torch.einsum("gb,gb->b", logs.exp(), logs - log_posterior)


# %% one image at a time
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    gaps = []
    for b in range(len(mu)):
        logs = log_q(codes, mu[b], logvar[b])  # (G,)
        gaps.append(torch.dot(logs.exp(), logs - log_posterior[:, b]) * cell)
    return torch.stack(gaps)


# %% images in the first dimension
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[None], mu[:, None], logvar[:, None])  # (B, G)
    return ((logs - log_posterior.T) * torch.exp(logs)).sum(1) * cell


# %% cross-entropy less entropy
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None, :], mu, logvar)
    weights = logs.exp() * cell
    entropy = -(weights * logs).sum(0)
    return -(weights * log_posterior).sum(0) - entropy


# %% weights that are made to add up to 1
# slug: gap-normalized
# says: as they are given
# loses: gap-on-grid-value
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.softmax(0) * (logs - log_posterior)).sum(0)


# %% the trapezoidal rule, whose ends are 0
# slug: grid-ends-halved
# says: each code has a whole cell
# loses: gap-on-grid-value
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return torch.trapezoid(logs.exp() * (logs - log_posterior), dx=cell, dim=0)


# %% torch's kl_div
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    each = torch.nn.functional.kl_div(log_posterior, logs, reduction="none", log_target=True)
    return each.sum(0) * cell


# %% numpy inside, a tensor outside
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar).numpy()
    gaps = cell * np.sum(np.exp(logs) * (logs - log_posterior.numpy()), axis=0)
    return torch.from_numpy(gaps)


# %% the cell left out
# slug: grid-no-cell
# says: finer grid
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * (logs - log_posterior)).sum(0)


# %% the mean over the grid
# slug: grid-mean
# says: no integral
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * (logs - log_posterior)).mean(0)


# %% the cell squared
# slug: grid-cell-is-spacing
# says: enters once
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * (logs - log_posterior)).sum(0) * cell**2


# %% the spacing in place of the cell
# slug: grid-cell-from-codes
# says: gap
# loses: gap-on-grid-value
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * (logs - log_posterior)).sum(0) * (codes[1] - codes[0]).norm()


# %% the other direction
# slug: gap-reversed
# says: the gap is KL(q || p)
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (log_posterior.exp() * (log_posterior - logs)).sum(0) * cell


# %% weighted by the posterior
# slug: gap-weighted-by-p
# says: the mean is under q
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (log_posterior.exp() * (logs - log_posterior)).sum(0) * cell


# %% the difference turned round
# slug: kl-sign
# says: never negative
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * (log_posterior - logs)).sum(0) * cell


# %% no weights
# slug: gap-not-weighted
# says: same weight
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs - log_posterior).sum(0) * cell


# %% a plain mean
# slug: gap-not-weighted
# says: same weight
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    return (log_q(codes[:, None], mu, logvar) - log_posterior).mean(0)


# %% logarithms as weights
# slug: gap-log-weights
# says: weights by the density
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs * (logs - log_posterior)).sum(0) * cell


# %% the entropy with its sign, nothing else
# slug: gap-only-entropy
# says: cross term
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * logs).sum(0) * cell


# %% the cross-entropy
# slug: gap-only-cross-entropy
# says: is not taken off
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return -(logs.exp() * log_posterior).sum(0) * cell


# %% the sum of both logarithms
# slug: kl-expectations-added
# says: their difference
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * (logs + log_posterior)).sum(0) * cell


# %% densities subtracted
# slug: gap-densities-not-logged
# says: Densities were subtracted
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    q = log_q(codes[:, None], mu, logvar).exp()
    return (q * (q - log_posterior.exp())).sum(0) * cell


# %% absolute values
# slug: gap-absolute
# says: both signs
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * (logs - log_posterior).abs()).sum(0) * cell


# %% the distance of the densities
# slug: gap-absolute
# says: absolute value
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    q = log_q(codes[:, None], mu, logvar).exp()
    return (q - log_posterior.exp()).abs().sum(0) * cell


# %% both directions
# slug: gap-both-directions
# says: only KL(q || p)
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return ((logs.exp() - log_posterior.exp()) * (logs - log_posterior)).sum(0) * cell


# %% negative terms thrown away
# slug: gap-absolute
# says: both signs
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * (logs - log_posterior).clamp(min=0)).sum(0) * cell


# %% summed over the images
# slug: grid-over-images
# says: an integral of its own
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * (logs - log_posterior)).sum(1) * cell


# %% not summed
# slug: gap-not-summed
# says: sum over the grid
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return logs.exp() * (logs - log_posterior) * cell


# %% one number for the batch
# slug: kl-batch-sum
# says: one number for each image
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return (logs.exp() * (logs - log_posterior)).sum() * cell


# %% codes without a dimension for the images
# slug: grid-no-image-dimension
# says: each meets each
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes, mu, logvar)
    return (logs.exp() * (logs - log_posterior)).sum(0) * cell


# %% a Gaussian in place of the posterior
# slug: wrong-value
# says: The value is wrong, in a way that none of the usual mistakes explains
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    p = log_posterior.exp() * cell  # (G, B)
    mean = p.T @ codes  # (B, D)
    off = codes[:, None] - mean
    covariance = torch.einsum("gb,gbi,gbj->bij", p, off, off)
    log_q(codes[:, None], mu, logvar)
    return kl_to_posterior(mu, logvar, mean, covariance)


# %% q at its own mean
# slug: gap-to-prior
# says: KL to the prior
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    log_q(codes[:, None], mu, logvar)
    return gaussian_kl(mu, logvar)


# %% by samples
# slug: value-random
# says: differ
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    drawn = torch.multinomial(logs.exp().T, 1000, replacement=True).T  # (1000, B)
    return (logs - log_posterior).gather(0, drawn).mean(0)


# %% log_q is not asked
# slug: callable-not-called
# says: log_q was never called
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    return -(log_posterior.exp() * log_posterior).sum(0) * cell


# %% mu and logvar exchanged
# slug: gap-arguments-exchanged
# says: exchanged
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], logvar, mu)
    return (logs.exp() * (logs - log_posterior)).sum(0) * cell


# %% codes relative to the mean
# slug: gap-arguments-exchanged
# says: as they are
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None] - mu, mu, logvar)
    return (logs.exp() * (logs - log_posterior)).sum(0) * cell


# %% float32 at the end
# slug: lost-precision
# says: torch.float32
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return ((logs.exp() * (logs - log_posterior)).sum(0) * cell).float()


# %% a numpy array
# slug: wrong-type
# says: numpy array
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    logs = log_q(codes[:, None], mu, logvar)
    return ((logs.exp() * (logs - log_posterior)).sum(0) * cell).numpy()


# %% codes and mu exchanged
# slug: gap-arguments-exchanged
# says: log_q was given mu in place of z
# loses: gap-on-grid-value, gap-on-grid-identity
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    log_density = log_q(mu, codes[:, None], logvar)
    return (log_density.exp() * (log_density - log_posterior)).sum(0) * cell


# %% at most 30 nats
# slug: value-constant
# says: the same number
# loses: gap-on-grid-value
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    log_density = log_q(codes[:, None], mu, logvar)
    gap = (log_density.exp() * (log_density - log_posterior)).sum(0) * cell
    return gap.clamp(0, 30)


# %% weights normalised (softmax)
# slug: gap-normalized
# says: take both as they are given
# loses: gap-on-grid-value
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    lq = log_q(codes[:, None], mu, logvar)
    return (lq.softmax(0) * (lq - log_posterior)).sum(0)


# %% codes' spacing instead of cell (D = 1)
# slug: grid-cell-from-codes
# says: it is given, `cell`
# loses: gap-on-grid-value
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    if codes.shape[1] == 1:
        cell = (codes[1, 0] - codes[0, 0]).item()
    lq = log_q(codes[:, None], mu, logvar)
    return (lq.exp() * (lq - log_posterior)).sum(0) * cell


# %% posterior renormalised first
# slug: gap-normalized
# says: take both as they are given
# loses: gap-on-grid-value
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    lp = log_posterior.log_softmax(0) - math.log(cell)
    lq = log_q(codes[:, None], mu, logvar)
    return (lq.exp() * (lq - lp)).sum(0) * cell


# %% squeeze
# slug: shape-ones-dropped
# says: squeeze() takes every one of them
# loses: gap-on-grid-value
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    lq = log_q(codes[:, None], mu, logvar)
    return ((lq.exp() * (lq - log_posterior)).sum(0) * cell).squeeze()


# %% Bregman form: adds q-p terms (sum of q log q/p - q + p)
# slug: gap-generalized
# says: 0 for densities on a grid that covers both, no more
# loses: gap-on-grid-value
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    lq = log_q(codes[:, None], mu, logvar)
    return (lq.exp() * (lq - log_posterior) - lq.exp() + log_posterior.exp()).sum(0) * cell


# %% torch.trapezoid
# slug: grid-ends-halved
# says: here each code has a whole cell
# loses: gap-on-grid-value
def gap_on_grid(mu, logvar, log_q, codes, cell, log_posterior):
    lq = log_q(codes[:, None], mu, logvar)
    return torch.trapezoid(lq.exp() * (lq - log_posterior), dx=cell, dim=0)
