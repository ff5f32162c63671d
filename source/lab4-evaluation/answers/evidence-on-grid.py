"""Answers to Exercise 5 of lab4-evaluation: right ones, then wrong ones."""


# %% the area inside
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points) + math.log(cell_area), dim=0)


# %% in pieces
def log_evidence_on_grid(log_joint, points, cell_area):
    sums = [log_joint(part).logsumexp(0) for part in points.split(500)]
    return torch.stack(sums).logsumexp(0) + math.log(cell_area)


# %% the largest taken out
def log_evidence_on_grid(log_joint, points, cell_area):
    logs = log_joint(points)  # (G, B)
    top = logs.amax(0)
    return top + ((logs - top).exp().sum(0) * cell_area).log()


# %% image by image
def log_evidence_on_grid(log_joint, points, cell_area):
    columns = log_joint(points).unbind(1)
    return torch.stack([column.logsumexp(0) + math.log(cell_area) for column in columns])


# %% numpy inside
def log_evidence_on_grid(log_joint, points, cell_area):
    logs = log_joint(points).numpy()
    return torch.from_numpy(special.logsumexp(logs, axis=0) + np.log(cell_area))


# %% by a posterior
def log_evidence_on_grid(log_joint, points, cell_area):
    logs = log_joint(points)
    log_posterior = logs.log_softmax(0) - math.log(cell_area)
    place = logs.argmax(0, keepdim=True)
    return (logs.gather(0, place) - log_posterior.gather(0, place))[0]


# %% the area forgotten
# slug: grid-no-cell
# says: finer grid
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).logsumexp(0)


# %% a mean
# slug: grid-mean
# says: no integral
# loses: evidence-on-grid-value, evidence-on-grid-part, evidence-on-grid-stable
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).logsumexp(0) - math.log(len(points))


# %% a mean times the area
# slug: grid-mean
# says: no integral
# loses: evidence-on-grid-value, evidence-on-grid-part, evidence-on-grid-stable
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).logsumexp(0) - math.log(len(points)) + math.log(cell_area)


# %% divided by the area
# slug: grid-cell-sign
# says: multiplies it
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).logsumexp(0) - math.log(cell_area)


# %% the area beside logarithms
# slug: grid-cell-not-logged
# says: beside logarithms
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).logsumexp(0) + cell_area


# %% the area squared
# slug: grid-cell-is-spacing
# says: enters once
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).logsumexp(0) + points.shape[1] * math.log(cell_area)


# %% a mean of logs
# slug: grid-mean-of-logs
# says: not the log of an integral
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).mean(0) + math.log(cell_area)


# %% a sum of logs
# slug: grid-sum-of-logs
# says: multiplies the densities
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).sum(0) + math.log(cell_area)


# %% the largest
# slug: grid-best-only
# says: all of them
# loses: evidence-on-grid-value, evidence-on-grid-part, evidence-on-grid-stable
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).amax(0) + math.log(cell_area)


# %% the prior once more
# slug: grid-prior-twice
# says: the prior counts twice
def log_evidence_on_grid(log_joint, points, cell_area):
    prior = -0.5 * (points**2 + math.log(2 * math.pi)).sum(-1, keepdim=True)
    return (log_joint(points) + prior).logsumexp(0) + math.log(cell_area)


# %% the prior taken off
# slug: grid-prior-removed
# says: not drawn from it
def log_evidence_on_grid(log_joint, points, cell_area):
    prior = -0.5 * (points**2 + math.log(2 * math.pi)).sum(-1, keepdim=True)
    return (log_joint(points) - prior).logsumexp(0) + math.log(cell_area)


# %% over images
# slug: grid-over-images
# says: reduced over images
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).logsumexp(1) + math.log(cell_area)


# %% the posterior
# slug: grid-is-posterior
# says: posterior on the grid
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).log_softmax(0) - math.log(cell_area)


# %% cells not joined
# slug: grid-cells-not-joined
# says: sum over the grid
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points) + math.log(cell_area)


# %% averaged over images
# slug: evidence-batch
# says: reduced over images
def log_evidence_on_grid(log_joint, points, cell_area):
    return (log_joint(points).logsumexp(0) + math.log(cell_area)).mean()


# %% exp first
# slug: density-underflow
# says: left the range
# loses: evidence-on-grid-stable
def log_evidence_on_grid(log_joint, points, cell_area):
    return (log_joint(points).exp().sum(0) * cell_area).log()


# %% a floor under the logarithm
# slug: density-floor
# says: small constant
# loses: evidence-on-grid-stable
def log_evidence_on_grid(log_joint, points, cell_area):
    return (log_joint(points).exp().sum(0) * cell_area).clamp(1e-300, 1e300).log()


# %% made up for what lies outside
# slug: grid-renormalized
# says: made up for
# loses: evidence-on-grid-part
def log_evidence_on_grid(log_joint, points, cell_area):
    side = cell_area ** (1 / points.shape[1])
    axis = torch.arange(-15, 15, side, dtype=points.dtype)
    whole = torch.cartesian_prod(*[axis] * points.shape[1]).reshape(-1, points.shape[1])
    found = torch.stack([log_joint(part).logsumexp(0) for part in whole.split(4000)])
    return found.logsumexp(0) + math.log(cell_area)


# %% codes with a dimension for the images
# slug: grid-rows
# says: one a row
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points[:, None]).logsumexp(0) + math.log(cell_area)


# %% bits
# slug: not-nats
# says: natural logarithm
def log_evidence_on_grid(log_joint, points, cell_area):
    return (log_joint(points).logsumexp(0) + math.log(cell_area)) / math.log(2)


# %% a loss
# slug: density-sign
# says: reversed
def log_evidence_on_grid(log_joint, points, cell_area):
    return -(log_joint(points).logsumexp(0) + math.log(cell_area))


# %% log joint clamped at -1e4
# slug: density-floor
# says: A floor (a small constant, a
# loses: evidence-on-grid-stable
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points).clamp(min=-1e4), 0) + math.log(cell_area)


# %% area from the points (a square grid), not the argument
# slug: value-shifted
# says: A constant is missing, or one
# loses: evidence-on-grid-value, evidence-on-grid-part
def log_evidence_on_grid(log_joint, points, cell_area):
    side = points[:, 0].max() - points[:, 0].min()
    n = math.isqrt(len(points))
    area = float(side / max(n - 1, 1)) ** 2 or cell_area
    return torch.logsumexp(log_joint(points), 0) + math.log(area)


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
def log_evidence_on_grid(log_joint, points, cell_area):
    return (torch.logsumexp(log_joint(points), 0) + math.log(cell_area)).squeeze()


# %% keepdim
# slug: density-keeps-dimension
# says: A dimension that was summed is
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 0, keepdim=True) + math.log(cell_area)


# %% the largest point only (Laplace without a Hessian)
# slug: grid-best-only
# says: Only the best code counts
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).amax(0) + math.log(cell_area)


# %% adds the prior a second time
# slug: grid-prior-twice
# says: The prior counts twice
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points) - 0.5 * (points**2).sum(1, keepdim=True) - math.log(2 * math.pi)
    return torch.logsumexp(a, 0) + math.log(cell_area)


# %% shift clamped at 0
# slug: density-underflow
# says: A density left the range of
# loses: evidence-on-grid-stable
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    m = a.amax(0).clamp(min=0)
    return m + (a - m).exp().sum(0).log() + math.log(cell_area)
