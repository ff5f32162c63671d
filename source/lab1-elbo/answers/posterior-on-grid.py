"""Answers to Exercise 12 of lab1-elbo: right ones, then wrong ones."""


# %% the largest pulled out, codes expanded
def posterior_on_grid(x, log_joint, codes, cell):
    every = codes.unsqueeze(1).expand(-1, x.shape[0], -1)
    logs = log_joint(x, every)
    top = logs.max(dim=0).values
    evidence = top + ((logs - top).exp().sum(dim=0) * cell).log()
    return evidence, logs - evidence[None, :]


# %% images in the first dimension
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x[:, None, :], codes[None, :, :])  # (B, G)
    log_evidence = (logs + math.log(cell)).logsumexp(-1)
    return log_evidence, (logs - log_evidence[:, None]).T


# %% log_softmax
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_posterior = logs.log_softmax(0) - math.log(cell)
    return (logs - log_posterior)[0], log_posterior


# %% one image at a time
def posterior_on_grid(x, log_joint, codes, cell):
    evidences, densities = [], []
    for image in x:
        logs = log_joint(image, codes)  # (G,)
        evidences.append(torch.logsumexp(logs, 0) + np.log(cell))
        densities.append(logs - evidences[-1])
    return torch.stack(evidences), torch.stack(densities, dim=1)


# %% one code at a time, a running sum that starts at minus infinity
def posterior_on_grid(x, log_joint, codes, cell):
    rows = [log_joint(x, code.expand(len(x), -1)) for code in codes]
    total = torch.full((len(x),), -math.inf, dtype=x.dtype)
    for row in rows:
        total = torch.logaddexp(total, row)
    log_evidence = total + math.log(cell)
    return log_evidence, torch.stack([row - log_evidence for row in rows])


# %% the trapezoidal rule, whose ends are 0
# slug: grid-ends-halved
# says: each code has a whole cell
# loses: posterior-on-grid-evidence, posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    top = logs.amax(0)
    log_evidence = top + torch.trapezoid((logs - top).exp(), dx=cell, dim=0).log()
    return [log_evidence, logs - log_evidence]


# %% scipy inside, tensors outside
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None]).numpy()
    log_evidence = special.logsumexp(logs, axis=0, b=cell)
    return torch.from_numpy(log_evidence), torch.from_numpy(logs - log_evidence)


# %% a named tuple, and a vmap over the images
def posterior_on_grid(x, log_joint, codes, cell):
    from collections import namedtuple

    logs = torch.vmap(lambda image: log_joint(image, codes))(x).mT  # (G, B)
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return namedtuple("Found", "log_evidence log_posterior")(log_evidence, logs - log_evidence)


# %% the cell left out
# slug: grid-no-cell
# says: finer grid
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0)
    return log_evidence, logs - log_evidence


# %% probabilities of cells
# slug: grid-probability-not-density
# says: not densities
# loses: posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    return logs.logsumexp(0) + math.log(cell), logs.log_softmax(0)


# %% the mean over the grid
# slug: grid-mean
# says: no integral
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) - math.log(len(codes))
    return log_evidence, logs - log_evidence


# %% the mean over the grid, times the cell
# slug: grid-mean
# says: no integral
# loses: posterior-on-grid-evidence, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) - math.log(len(codes)) + math.log(cell)
    return log_evidence, logs.log_softmax(0) - math.log(cell)


# %% the mean of the logs
# slug: grid-mean-of-logs
# says: not the log of an integral
# loses: posterior-on-grid-evidence, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    return logs.mean(0) + math.log(cell), logs - logs.logsumexp(0) - math.log(cell)


# %% the sum of the logs
# slug: grid-sum-of-logs
# says: multiplies the densities
# loses: posterior-on-grid-evidence, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    return logs.sum(0) * cell, logs - logs.logsumexp(0) - math.log(cell)


# %% the cell divides
# slug: grid-cell-sign
# says: it multiplies it
# loses: posterior-on-grid-evidence, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    return logs.logsumexp(0) - math.log(cell), logs - logs.logsumexp(0) - math.log(cell)


# %% the cell beside the logarithm
# slug: grid-cell-not-logged
# says: beside logarithms
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) + cell
    return log_evidence, logs - log_evidence


# %% the spacing of the codes in place of the cell
# slug: grid-cell-is-spacing
# says: enters once
# loses: posterior-on-grid-evidence
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) + (codes[1] - codes[0]).norm().log()
    return log_evidence, logs.log_softmax(0) - math.log(cell)


# %% the cell once for each dimension
# slug: grid-cell-is-spacing
# says: enters once
# loses: posterior-on-grid-evidence
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) + codes.shape[-1] * math.log(cell)
    return log_evidence, logs.log_softmax(0) - math.log(cell)


# %% exp first
# slug: density-underflow
# says: range of float64
# loses: posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    joint = log_joint(x, codes[:, None]).exp()
    evidence = joint.sum(0) * cell
    return evidence.log(), log_joint(x, codes[:, None]) - evidence.log()


# %% one maximum for the whole batch
# slug: density-underflow
# says: range of float64
# loses: posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = ((logs - logs.max()).exp().sum(0) * cell).log() + logs.max()
    return log_evidence, logs - log_evidence


# %% a floor under the densities
# slug: density-floor
# says: hides an underflow
# loses: posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = ((logs.clamp(max=700).exp().sum(0) * cell) + 1e-300).log()
    return log_evidence, logs.log_softmax(0) - math.log(cell)


# %% a floor of 1e-300 under each density
# slug: density-floor
# says: hides an underflow
# loses: posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.clamp(min=-690).logsumexp(0) + math.log(cell)
    return log_evidence, logs.log_softmax(0) - math.log(cell)


# %% a running sum that starts at 0
# slug: evidence-starts-at-zero
# says: log 1 = 0
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    total = torch.zeros(len(x), dtype=x.dtype)
    for row in logs:
        total = torch.logaddexp(total, row)
    return total + math.log(cell), logs - total - math.log(cell)


# %% reduced over the images
# slug: grid-over-images
# says: an integral of its own
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(1) + math.log(cell)
    return log_evidence, logs - log_evidence[:, None]


# %% normalized over the images
# slug: grid-over-images
# says: an integral of its own
# loses: posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    return logs.logsumexp(0) + math.log(cell), logs.log_softmax(1)


# %% normalized over codes and images at once
# slug: grid-over-all
# says: evidence of its own
# loses: posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    whole = logs.flatten().logsumexp(0)
    return logs.logsumexp(0) + math.log(cell), logs - whole - math.log(cell)


# %% one evidence for the batch
# slug: evidence-batch
# says: Reduced over images too
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.flatten().logsumexp(0) + math.log(cell)
    return log_evidence, logs - log_evidence


# %% the prior once more
# slug: evidence-prior-twice
# says: prior counts twice
# loses: posterior-on-grid-evidence, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_prior = stats.norm.logpdf(codes).sum(-1)[:, None]
    log_evidence = (logs + torch.from_numpy(log_prior)).logsumexp(0) + math.log(cell)
    return log_evidence, logs.log_softmax(0) - math.log(cell)


# %% the best code
# slug: grid-best-only
# says: all of them
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    return logs.amax(0), logs - logs.amax(0)


# %% the log joint as posterior
# slug: grid-not-normalized
# says: does not integrate to 1
# loses: posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    return logs.logsumexp(0) + math.log(cell), logs


# %% relative to the largest
# slug: grid-not-normalized
# says: does not integrate to 1
# loses: posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    return logs.logsumexp(0) + math.log(cell), logs - logs.amax(0)


# %% the evidence added
# slug: grid-evidence-added
# says: divides by the evidence
# loses: posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return log_evidence, logs + log_evidence


# %% densities themselves
# slug: density-not-logged
# says: logarithm is missing
# loses: posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return log_evidence, (logs - log_evidence).exp()


# %% images first
# slug: grid-transposed
# says: Codes come first
# loses: posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x[:, None], codes)
    log_evidence = logs.logsumexp(1) + math.log(cell)
    return log_evidence, logs - log_evidence[:, None]


# %% a dimension too many
# slug: shape-extra-one
# says: A dimension of size 1 is too much
# loses: posterior-on-grid-evidence, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0, keepdim=True) + math.log(cell)
    return log_evidence, logs - log_evidence


# %% codes without a dimension for the images
# slug: grid-no-image-dimension
# says: each meets each
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes)
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return log_evidence, logs - log_evidence


# %% logarithms to base 2
# slug: not-nats
# says: log_evidence
# loses: posterior-on-grid-evidence, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return log_evidence / math.log(2), logs - log_evidence


# %% logarithms to base 10
# slug: not-nats
# says: another base
# loses: posterior-on-grid-evidence, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return log_evidence / math.log(10), logs - log_evidence


# %% in float32
# slug: lost-precision
# says: not torch.float64
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x.float(), codes[:, None].float())
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return log_evidence, logs - log_evidence


# %% float32 at the end
# slug: lost-precision
# says: torch.float32
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return log_evidence.float(), (logs - log_evidence).float()


# %% numpy arrays
# slug: wrong-type
# says: numpy array
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None]).numpy()
    log_evidence = special.logsumexp(logs, axis=0) + np.log(cell)
    return log_evidence, logs - log_evidence


# %% the evidence alone
# slug: wrong-type
# says: not two values
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    return (log_joint(x, codes[:, None]).logsumexp(0) + math.log(cell),)


# %% arguments of log_joint exchanged
# slug: callable-arguments
# says: its last size is
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(codes[:, None], x)
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return log_evidence, logs - log_evidence


# %% the results in the other order
# slug: results-swapped
# says: have changed places
# loses: posterior-on-grid-evidence, posterior-on-grid-density, posterior-on-grid-stable
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return logs - log_evidence, log_evidence


# %% the cell once more in the density
# slug: grid-cell-twice
# says: counts once more
# loses: posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    logs = log_joint(x, codes[:, None])
    log_evidence = logs.logsumexp(0) + math.log(cell)
    return log_evidence, logs - log_evidence - math.log(cell)


# %% trapezoid (half weight at the ends)
# slug: grid-ends-halved
# says: here each code has a whole cell
# loses: posterior-on-grid-evidence, posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    lj = log_joint(x, codes[:, None])
    w = torch.zeros(len(codes), 1, dtype=x.dtype)
    w[0] = w[-1] = -math.log(2)
    ev = (lj + w).logsumexp(0) + math.log(cell)
    return ev, lj - ev


# %% own spacing, cell ignored when D = 1
# slug: grid-cell-is-spacing
# says: it enters once, whatever D is
# loses: posterior-on-grid-evidence
def posterior_on_grid(x, log_joint, codes, cell):
    if codes.shape[1] == 1:
        cell = (codes[1] - codes[0]).abs().item()
    lj = log_joint(x, codes[:, None])
    ev = lj.logsumexp(0) + math.log(cell)
    return ev, lj - ev


# %% squeeze
# slug: shape-ones-dropped
# says: squeeze() takes every one of them
# loses: posterior-on-grid-evidence, posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    lj = log_joint(x, codes[:, None])
    ev = lj.logsumexp(0) + math.log(cell)
    return ev.squeeze(), (lj - ev).squeeze()


# %% torch.trapezoid with dx = cell
# slug: grid-ends-halved
# says: here each code has a whole cell
# loses: posterior-on-grid-evidence, posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    lj = log_joint(x, codes[:, None])
    m = lj.max(0).values
    ev = m + torch.trapezoid((lj - m).exp(), dx=cell, dim=0).log()
    return ev, lj - ev


# %% largest code left out (off by one slice)
# slug: grid-code-left-out
# says: The first or the last code is left out of the sum
# loses: posterior-on-grid-evidence, posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    lj = log_joint(x, codes[:, None])
    ev = lj[:-1].logsumexp(0) + math.log(cell)
    return ev, lj - ev


# %% only D = 1 and D = 2 supported
# slug: raised
# says: ValueError
# loses: posterior-on-grid-evidence, posterior-on-grid-density
def posterior_on_grid(x, log_joint, codes, cell):
    if codes.shape[1] > 2:
        raise ValueError("D > 2")
    lj = log_joint(x, codes[:, None])
    ev = lj.logsumexp(0) + math.log(cell)
    return ev, lj - ev
