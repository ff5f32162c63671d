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
