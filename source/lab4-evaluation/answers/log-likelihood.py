"""Answers to Exercise 3 of lab4-evaluation: right ones, then wrong ones."""


# %% all log weights kept
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = []
    for start in range(0, num_samples, chunk):
        parts.append(log_weights(model, x, min(chunk, num_samples - start)))
    return torch.cat(parts).logsumexp(0) - math.log(num_samples)


# %% one bound a chunk, weighted by its samples
def log_likelihood(model, x, log_weights, num_samples, chunk):
    terms = []
    for start in range(0, num_samples, chunk):
        log_w = log_weights(model, x, min(chunk, num_samples - start))
        bound = log_w.logsumexp(0) - math.log(len(log_w))
        terms.append(bound + math.log(len(log_w) / num_samples))
    return torch.stack(terms).logsumexp(0)


# %% beginning at minus infinity
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total = torch.full((len(x),), -math.inf, dtype=x.dtype)
    done = 0
    while done < num_samples:
        size = min(chunk, num_samples - done)
        total = torch.logaddexp(total, log_weights(model, x, size).logsumexp(0))
        done += size
    return total - math.log(num_samples)


# %% divmod, the rest at the end
def log_likelihood(model, x, log_weights, num_samples, chunk):
    whole, rest = divmod(num_samples, chunk)
    sizes = [chunk] * whole + ([rest] if rest else [])
    sums = [torch.logsumexp(log_weights(model, x, size), dim=0) for size in sizes]
    return torch.logsumexp(torch.stack(sums), dim=0) - math.log(num_samples)


# %% without gradients, image by image
@torch.no_grad()
def log_likelihood(model, x, log_weights, num_samples, chunk):
    found = []
    for image in x.split(1):
        sums = []
        for start in range(0, num_samples, chunk):
            size = min(chunk, num_samples - start)
            sums.append(log_weights(model, image, size)[:, 0].logsumexp(0))
        found.append(torch.stack(sums).logsumexp(0) - math.log(num_samples))
    return torch.stack(found)


# %% chunks of nearly equal size
def log_likelihood(model, x, log_weights, num_samples, chunk):
    number = -(-num_samples // chunk)
    sizes = [num_samples // number + (i < num_samples % number) for i in range(number)]
    parts = [log_weights(model, x, size) for size in sizes]
    return torch.cat(parts).logsumexp(0) - math.log(num_samples)


# %% the rest forgotten
# slug: callable-count
# says: exactly num_samples
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = [log_weights(model, x, chunk) for _ in range(num_samples // chunk)]
    return torch.cat(parts).logsumexp(0) - math.log(num_samples)


# %% a last chunk that is whole
# slug: callable-count
# says: exactly num_samples
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = [log_weights(model, x, chunk) for _ in range(-(-num_samples // chunk))]
    return torch.cat(parts)[:num_samples].logsumexp(0) - math.log(num_samples)


# %% chunks averaged as logarithms
# slug: chunk-mean-of-logs
# says: only weights may be averaged
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    bounds = []
    for start in range(0, num_samples, chunk):
        log_w = log_weights(model, x, min(chunk, num_samples - start))
        bounds.append(log_w.logsumexp(0) - math.log(len(log_w)))
    return torch.stack(bounds).mean(0)


# %% chunks averaged as logarithms, by their size
# slug: chunk-mean-of-logs
# says: only weights may be averaged
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total = 0.0
    for start in range(0, num_samples, chunk):
        log_w = log_weights(model, x, min(chunk, num_samples - start))
        total = total + (log_w.logsumexp(0) - math.log(len(log_w))) * len(log_w)
    return total / num_samples


# %% chunks alike
# slug: chunk-not-weighted
# says: each counts by its samples
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    bounds = []
    for start in range(0, num_samples, chunk):
        log_w = log_weights(model, x, min(chunk, num_samples - start))
        bounds.append(log_w.logsumexp(0) - math.log(len(log_w)))
    return torch.stack(bounds).logsumexp(0) - math.log(len(bounds))


# %% divided by the chunk
# slug: chunk-count
# says: another number than K
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    sums = []
    for start in range(0, num_samples, chunk):
        sums.append(log_weights(model, x, min(chunk, num_samples - start)).logsumexp(0))
    return torch.stack(sums).logsumexp(0) - math.log(chunk)


# %% the best chunk
# slug: chunk-best-only
# says: only the best chunk
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    bounds = []
    for start in range(0, num_samples, chunk):
        log_w = log_weights(model, x, min(chunk, num_samples - start))
        bounds.append(log_w.logsumexp(0) - math.log(len(log_w)))
    return torch.stack(bounds).amax(0)


# %% the last chunk
# slug: chunk-last-only
# says: left out
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    for start in range(0, num_samples, chunk):
        log_w = log_weights(model, x, min(chunk, num_samples - start))
    return log_w.logsumexp(0) - math.log(len(log_w))


# %% chunk ignored
# slug: chunk-ignored
# says: memory grows
# loses: log-likelihood-memory
def log_likelihood(model, x, log_weights, num_samples, chunk):
    return log_weights(model, x, num_samples).logsumexp(0) - math.log(num_samples)


# %% one sample at a time
# slug: chunk-too-small
# says: smaller than they may be
# loses: log-likelihood-memory
def log_likelihood(model, x, log_weights, num_samples, chunk):
    rows = torch.cat([log_weights(model, x, 1) for _ in range(num_samples)])
    return rows.logsumexp(0) - math.log(num_samples)


# %% an empty rest
# slug: chunk-empty
# says: without samples
# loses: log-likelihood-value, log-likelihood-memory
def log_likelihood(model, x, log_weights, num_samples, chunk):
    sizes = [chunk] * (num_samples // chunk) + [num_samples % chunk]
    parts = [log_weights(model, x, size) for size in sizes]
    return torch.cat(parts).logsumexp(0) - math.log(num_samples)


# %% beginning at log 1
# slug: evidence-starts-at-zero
# says: log of nothing
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total = torch.zeros(len(x), dtype=x.dtype)
    for start in range(0, num_samples, chunk):
        log_w = log_weights(model, x, min(chunk, num_samples - start))
        total = torch.logaddexp(total, log_w.logsumexp(0))
    return total - math.log(num_samples)


# %% weights summed
# slug: density-underflow
# says: left the range
# loses: log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total = 0.0
    for start in range(0, num_samples, chunk):
        total = total + log_weights(model, x, min(chunk, num_samples - start)).exp().sum(0)
    return torch.log(total / num_samples)


# %% the mean of all logs
# slug: evidence-mean-of-logs
# says: not the log of the mean
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total = 0.0
    for start in range(0, num_samples, chunk):
        total = total + log_weights(model, x, min(chunk, num_samples - start)).sum(0)
    return total / num_samples


# %% log K forgotten
# slug: evidence-no-samples
# says: log K is missing
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = []
    for start in range(0, num_samples, chunk):
        parts.append(log_weights(model, x, min(chunk, num_samples - start)))
    return torch.cat(parts).logsumexp(0)


# %% a mean over the images
# slug: evidence-batch
# says: reduced over images
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = []
    for start in range(0, num_samples, chunk):
        parts.append(log_weights(model, x, min(chunk, num_samples - start)))
    return (torch.cat(parts).logsumexp(0) - math.log(num_samples)).mean()


# %% weights of its own
# slug: callable-not-called
# says: passed in
def log_likelihood(model, x, log_weights, num_samples, chunk):
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
    return model.log_joint(x, z) - log_gaussian(z, mu, logvar)


# %% an endless loop
# slug: callable-count
# says: there is no end
def log_likelihood(model, x, log_weights, num_samples, chunk):
    left, parts = num_samples, []
    while left > 0:
        parts.append(log_weights(model, x, min(chunk, num_samples)))
    return torch.cat(parts).logsumexp(0) - math.log(num_samples)


# %% about the largest weight of the first chunk
# loses: log-likelihood-stable
# slug: density-underflow
# says: is inf
def log_likelihood(model, x, log_weights, num_samples, chunk):
    reference, total, left = None, 0.0, num_samples
    while left > 0:
        log_w = log_weights(model, x, min(chunk, left))
        left -= len(log_w)
        reference = log_w.amax(0) if reference is None else reference
        total = total + (log_w - reference).exp().sum(0)
    return total.log() + reference - math.log(num_samples)


# %% full last chunk, cut afterwards
# slug: callable-count
# says: Each image needs exactly num_samples codes
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = [log_weights(model, x, chunk) for _ in range(math.ceil(num_samples / chunk))]
    log_w = torch.cat(parts)[:num_samples]
    return torch.logsumexp(log_w, 0) - math.log(num_samples)


# %% starts at -1e4 as log of 0
# slug: density-floor
# says: A floor (a small constant, a
# loses: log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = torch.full((len(x),), -1e4, dtype=x.dtype), num_samples
    while left > 0:
        n = min(chunk, left)
        total = torch.logaddexp(total, torch.logsumexp(log_weights(model, x, n), 0))
        left -= n
    return total - math.log(num_samples)


# %% adds the logsumexps
# slug: chunk-logs-added
# says: Logarithms of sums were added up
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = 0, num_samples
    while left > 0:
        n = min(chunk, left)
        total = total + torch.logsumexp(log_weights(model, x, n), 0)
        left -= n
    return total - math.log(num_samples)


# %% divides by K each time
# slug: chunk-divided-each
# says: Divided at every chunk
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = None, num_samples
    while left > 0:
        n = min(chunk, left)
        part = torch.logsumexp(log_weights(model, x, n), 0)
        total = part if total is None else torch.logaddexp(total, part) - math.log(num_samples)
        left -= n
    return total


# %% asks first to see the shape, throws it away
# slug: callable-count
# says: Each image needs exactly num_samples codes
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total = torch.full_like(log_weights(model, x, 1)[0], -math.inf)
    left = num_samples
    while left > 0:
        n = min(chunk, left)
        total = torch.logaddexp(total, torch.logsumexp(log_weights(model, x, n), 0))
        left -= n
    return total - math.log(num_samples)


# %% chunks the images instead of the samples
# slug: chunk-ignored
# says: More samples at once than chunk
# loses: log-likelihood-memory
def log_likelihood(model, x, log_weights, num_samples, chunk):
    return torch.cat(
        [torch.logsumexp(log_weights(model, part, num_samples), 0) for part in x.split(chunk)]
    ) - math.log(num_samples)


# %% running maximum, but the old sum is not rescaled
# slug: chunk-not-rescaled
# says: The old sum belongs to the
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    top, total, left = None, 0, num_samples
    while left > 0:
        n = min(chunk, left)
        log_w = log_weights(model, x, n)
        new = log_w.amax(0) if top is None else torch.maximum(top, log_w.amax(0))
        total = total + (log_w - new).exp().sum(0)
        top = new
        left -= n
    return top + total.log() - math.log(num_samples)


# %% first chunk's maximum for all chunks
# slug: density-underflow
# says: A density left the range of
# loses: log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    top, total, left = None, 0, num_samples
    while left > 0:
        n = min(chunk, left)
        log_w = log_weights(model, x, n)
        if top is None:
            top = log_w.amax(0)
        total = total + (log_w - top).exp().sum(0)
        left -= n
    return top + total.log() - math.log(num_samples)


# %% off by one: rest is one short
# slug: callable-count
# says: Each image needs exactly num_samples codes
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, done = [], 0
    while done < num_samples - 1:
        n = min(chunk, num_samples - 1 - done)
        parts.append(log_weights(model, x, n))
        done += n
    return (
        torch.logsumexp(torch.cat(parts), 0) - math.log(num_samples)
        if parts
        else log_weights(model, x, 1)[0]
    )


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
# loses: log-likelihood-value, log-likelihood-stable
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, left = [], num_samples
    while left > 0:
        parts.append(log_weights(model, x, min(chunk, left)))
        left -= chunk
    return (torch.logsumexp(torch.cat(parts), 0) - math.log(num_samples)).squeeze()
