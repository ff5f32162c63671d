# %% w01 mean of the bounds of the chunks
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    bounds, left = [], num_samples
    while left > 0:
        n = min(chunk, left)
        bounds.append(torch.logsumexp(log_weights(model, x, n), 0) - math.log(n))
        left -= n
    return torch.stack(bounds).mean(0)

# %% w02 chunk means joined with equal weights
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    bounds, left = [], num_samples
    while left > 0:
        n = min(chunk, left)
        bounds.append(torch.logsumexp(log_weights(model, x, n), 0) - math.log(n))
        left -= n
    return torch.logsumexp(torch.stack(bounds), 0) - math.log(len(bounds))

# %% w03 the rest is left out
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = [log_weights(model, x, chunk) for _ in range(num_samples // chunk)]
    return torch.logsumexp(torch.cat(parts), 0) - math.log(num_samples)

# %% w04 the rest is left out, divided by what was drawn
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    n = min(chunk, num_samples)
    parts = [log_weights(model, x, n) for _ in range(max(num_samples // chunk, 1))]
    log_w = torch.cat(parts)
    return torch.logsumexp(log_w, 0) - math.log(len(log_w))

# %% w05 rounded up: the last chunk is full
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = [log_weights(model, x, chunk) for _ in range(math.ceil(num_samples / chunk))]
    log_w = torch.cat(parts)
    return torch.logsumexp(log_w, 0) - math.log(len(log_w))

# %% w06 full last chunk, cut afterwards
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = [log_weights(model, x, chunk) for _ in range(math.ceil(num_samples / chunk))]
    log_w = torch.cat(parts)[:num_samples]
    return torch.logsumexp(log_w, 0) - math.log(num_samples)

# %% w07 asks for an empty rest
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = [log_weights(model, x, chunk) for _ in range(num_samples // chunk)]
    parts.append(log_weights(model, x, num_samples % chunk))
    log_w = torch.cat(parts)
    return torch.logsumexp(log_w, 0) - math.log(num_samples)

# %% w08 all at once
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    return torch.logsumexp(log_weights(model, x, num_samples), 0) - math.log(num_samples)

# %% w09 one sample at a time
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    log_w = torch.cat([log_weights(model, x, 1) for _ in range(num_samples)])
    return torch.logsumexp(log_w, 0) - math.log(num_samples)

# %% w10 equal chunks instead of full ones and a rest (4, 4, 3 -> 4, 4, 3; 9 by 4 -> 3, 3, 3)
# kind: open
def log_likelihood(model, x, log_weights, num_samples, chunk):
    pieces = math.ceil(num_samples / chunk)
    sizes = [num_samples // pieces + (i < num_samples % pieces) for i in range(pieces)]
    log_w = torch.cat([log_weights(model, x, n) for n in sizes])
    return torch.logsumexp(log_w, 0) - math.log(num_samples)

# %% w11 rest first
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    sizes = [num_samples % chunk] * (num_samples % chunk > 0) + [chunk] * (num_samples // chunk)
    log_w = torch.cat([log_weights(model, x, n) for n in sizes])
    return torch.logsumexp(log_w, 0) - math.log(num_samples)

# %% w12 starts the sum at log 1
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = torch.zeros(len(x), dtype=x.dtype), num_samples
    while left > 0:
        n = min(chunk, left)
        total = torch.logaddexp(total, torch.logsumexp(log_weights(model, x, n), 0))
        left -= n
    return total - math.log(num_samples)

# %% w13 starts at -1e4 as log of 0
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = torch.full((len(x),), -1e4, dtype=x.dtype), num_samples
    while left > 0:
        n = min(chunk, left)
        total = torch.logaddexp(total, torch.logsumexp(log_weights(model, x, n), 0))
        left -= n
    return total - math.log(num_samples)

# %% w14 starts at a float32 -inf column, result float32
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = torch.full((len(x),), -math.inf), num_samples
    while left > 0:
        n = min(chunk, left)
        total = torch.logaddexp(total, torch.logsumexp(log_weights(model, x, n), 0).float())
        left -= n
    return total - math.log(num_samples)

# %% w15 sum of weights, not of logs
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = 0, num_samples
    while left > 0:
        n = min(chunk, left)
        total = total + log_weights(model, x, n).exp().sum(0)
        left -= n
    return (total / num_samples).log()

# %% w16 adds the logsumexps
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = 0, num_samples
    while left > 0:
        n = min(chunk, left)
        total = total + torch.logsumexp(log_weights(model, x, n), 0)
        left -= n
    return total - math.log(num_samples)

# %% w17 divides by K each time
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = None, num_samples
    while left > 0:
        n = min(chunk, left)
        part = torch.logsumexp(log_weights(model, x, n), 0)
        total = part if total is None else torch.logaddexp(total, part) - math.log(num_samples)
        left -= n
    return total

# %% w18 no log K
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, left = [], num_samples
    while left > 0:
        parts.append(log_weights(model, x, min(chunk, left)))
        left -= chunk
    return torch.logsumexp(torch.cat(parts), 0)

# %% w19 log of chunk instead of K
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, left = [], num_samples
    while left > 0:
        parts.append(log_weights(model, x, min(chunk, left)))
        left -= chunk
    return torch.logsumexp(torch.cat(parts), 0) - math.log(chunk)

# %% w20 mean of the logs
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, left = [], num_samples
    while left > 0:
        parts.append(log_weights(model, x, min(chunk, left)))
        left -= chunk
    return torch.cat(parts).mean(0)

# %% w21 mean over images
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, left = [], num_samples
    while left > 0:
        parts.append(log_weights(model, x, min(chunk, left)))
        left -= chunk
    return (torch.logsumexp(torch.cat(parts), 0) - math.log(num_samples)).mean()

# %% w22 asks once too often (loop runs while left >= 0)
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, left = [], num_samples
    while left >= 0:
        parts.append(log_weights(model, x, min(chunk, left)))
        left -= chunk
    return torch.logsumexp(torch.cat(parts), 0) - math.log(num_samples)

# %% w23 asks first to see the shape, throws it away
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total = torch.full_like(log_weights(model, x, 1)[0], -math.inf)
    left = num_samples
    while left > 0:
        n = min(chunk, left)
        total = torch.logaddexp(total, torch.logsumexp(log_weights(model, x, n), 0))
        left -= n
    return total - math.log(num_samples)

# %% w24 chunks the images instead of the samples
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    return torch.cat([torch.logsumexp(log_weights(model, part, num_samples), 0) for part in x.split(chunk)]) - math.log(num_samples)

# %% w25 the global log_weights of the notebook (another argument name)
# kind: wrong
_own = globals().get("log_weights")
def log_likelihood(model, x, log_weights, num_samples, chunk):
    def global_weights(model, x, n):
        mu, logvar = model.encode(x)
        z = mu + torch.exp(logvar / 2) * torch.randn(n, *mu.shape, dtype=mu.dtype)
        joint = model.log_joint(x.repeat(n, 1), z.flatten(0, 1)).view(n, len(x))
        return joint - log_gaussian(z, mu, logvar)
    parts, left = [], num_samples
    while left > 0:
        parts.append(global_weights(model, x, min(chunk, left)))
        left -= chunk
    return torch.logsumexp(torch.cat(parts), 0) - math.log(num_samples)

# %% w26 chunks weighted by n in logs of mean: mean weighted by n
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = 0, num_samples
    while left > 0:
        n = min(chunk, left)
        total = total + n / num_samples * (torch.logsumexp(log_weights(model, x, n), 0) - math.log(n))
        left -= n
    return total

# %% w27 running maximum, but the old sum is not rescaled
# kind: wrong
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

# %% w28 first chunk's maximum for all chunks
# kind: wrong
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

# %% w29 chunk forced to 100
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, left = [], num_samples
    while left > 0:
        parts.append(log_weights(model, x, min(100, left)))
        left -= 100
    return torch.logsumexp(torch.cat(parts), 0) - math.log(num_samples)

# %% w30 the first chunk many times
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    first = log_weights(model, x, min(chunk, num_samples))
    log_w = first.repeat(math.ceil(num_samples / len(first)), 1)[:num_samples]
    return torch.logsumexp(log_w, 0) - math.log(num_samples)

# %% w31 keeps the decoded weights stacked: wrong with a shorter rest
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, left = [], num_samples
    while left > 0:
        parts.append(log_weights(model, x, min(chunk, left)))
        left -= chunk
    return torch.logsumexp(torch.stack(parts).flatten(0, 1), 0) - math.log(num_samples)

# %% w32 off by one: rest is one short
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, done = [], 0
    while done < num_samples - 1:
        n = min(chunk, num_samples - 1 - done)
        parts.append(log_weights(model, x, n))
        done += n
    return torch.logsumexp(torch.cat(parts), 0) - math.log(num_samples) if parts else log_weights(model, x, 1)[0]

# %% w33 squeezed
# kind: wrong
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts, left = [], num_samples
    while left > 0:
        parts.append(log_weights(model, x, min(chunk, left)))
        left -= chunk
    return (torch.logsumexp(torch.cat(parts), 0) - math.log(num_samples)).squeeze()

# %% w34 the chunk's list changed in place (exp_ of what log_weights returned)
# kind: open
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = None, num_samples
    while left > 0:
        n = min(chunk, left)
        log_w = log_weights(model, x, n)
        top = log_w.amax(0)
        part = top + log_w.sub_(top).exp_().sum(0).log()
        total = part if total is None else torch.logaddexp(total, part)
        left -= n
    return total - math.log(num_samples)

# %% r01 logaddexp from -inf
# kind: right
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left = torch.tensor(-math.inf), num_samples
    while left > 0:
        n = min(chunk, left)
        part = torch.logsumexp(log_weights(model, x, n), 0)
        total = torch.logaddexp(total.to(part), part)
        left -= n
    return total - math.log(num_samples)

# %% r02 all kept, joined at the end
# kind: right
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = [log_weights(model, x, min(chunk, num_samples - first)) for first in range(0, num_samples, chunk)]
    return torch.cat(parts).logsumexp(0) - math.log(num_samples)

# %% r03 divmod
# kind: right
def log_likelihood(model, x, log_weights, num_samples, chunk):
    full, rest = divmod(num_samples, chunk)
    sizes = [chunk] * full + ([rest] if rest else [])
    return torch.logsumexp(torch.stack([log_weights(model, x, n).logsumexp(0) for n in sizes]), 0) - math.log(num_samples)

# %% r04 weighted means of chunks as weights
# kind: right
def log_likelihood(model, x, log_weights, num_samples, chunk):
    bounds, counts = [], []
    while sum(counts) < num_samples:
        counts.append(min(chunk, num_samples - sum(counts)))
        bounds.append(log_weights(model, x, counts[-1]).logsumexp(0) - math.log(counts[-1]))
    share = torch.tensor(counts, dtype=bounds[0].dtype).div(num_samples).log()
    return torch.logsumexp(torch.stack(bounds) + share[:, None], 0)

# %% r05 recursion
# kind: right
def log_likelihood(model, x, log_weights, num_samples, chunk):
    def total(n):
        part = torch.logsumexp(log_weights(model, x, min(chunk, n)), 0)
        return part if n <= chunk else torch.logaddexp(part, total(n - chunk))
    return total(num_samples) - math.log(num_samples)

# %% r06 running maximum, rescaled
# kind: right
def log_likelihood(model, x, log_weights, num_samples, chunk):
    top = total = None
    for n in map(len, torch.arange(num_samples).split(chunk)):
        log_w = log_weights(model, x, n)
        if top is None:
            top = log_w.amax(0)
            total = (log_w - top).exp().sum(0)
        else:
            new = torch.maximum(top, log_w.amax(0))
            total = total * (top - new).exp() + (log_w - new).exp().sum(0)
            top = new
    return top + total.log() - math.log(num_samples)

# %% r07 a preallocated table
# kind: right
def log_likelihood(model, x, log_weights, num_samples, chunk):
    table, done = None, 0
    while done < num_samples:
        part = log_weights(model, x, min(chunk, num_samples - done))
        if table is None:
            table = part.new_empty(num_samples, part.shape[1])
        table[done : done + len(part)] = part
        done += len(part)
    return torch.log_softmax(table, 0).neg().add(table).mean(0) - math.log(num_samples)

# %% r08 double total, rounded at the end
# kind: right
def log_likelihood(model, x, log_weights, num_samples, chunk):
    total, left, dtype = None, num_samples, None
    while left:
        log_w = log_weights(model, x, min(chunk, left))
        dtype, left = log_w.dtype, left - len(log_w)
        part = torch.logsumexp(log_w.double(), 0)
        total = part if total is None else torch.logaddexp(total, part)
    return (total - math.log(num_samples)).to(dtype)

# %% r09 generator and reduce
# kind: right
import functools
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = (log_weights(model, x, min(chunk, num_samples - i)).logsumexp(0) for i in range(0, num_samples, chunk))
    return functools.reduce(torch.logaddexp, parts) - math.log(num_samples)

# %% r10 running mean in logs
# kind: right
def log_likelihood(model, x, log_weights, num_samples, chunk):
    mean, done = None, 0
    while done < num_samples:
        log_w = log_weights(model, x, min(chunk, num_samples - done))
        n = len(log_w)
        part = log_w.logsumexp(0) - math.log(n)
        if mean is None:
            mean = part
        else:
            mean = torch.logaddexp(mean + math.log(done / (done + n)), part + math.log(n / (done + n)))
        done += n
    return mean

# %% o01 no_grad
# kind: open
@torch.no_grad()
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = [log_weights(model, x, min(chunk, num_samples - first)) for first in range(0, num_samples, chunk)]
    return torch.cat(parts).logsumexp(0) - math.log(num_samples)

# %% o02 keyword call of log_weights
# kind: open
def log_likelihood(model, x, log_weights, num_samples, chunk):
    parts = [log_weights(model, x, num_samples=min(chunk, num_samples - first)) for first in range(0, num_samples, chunk)]
    return torch.cat(parts).logsumexp(0) - math.log(num_samples)
