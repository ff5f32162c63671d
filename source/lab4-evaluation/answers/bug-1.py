"""Answers to Exercise 18 of lab4-evaluation: right ones, then wrong ones."""


# %% a running sum
def mended_1(parts):
    total, count = None, 0
    for log_w in parts:
        here = torch.logsumexp(log_w, dim=0)
        total = here if total is None else torch.logaddexp(total, here)
        count += len(log_w)
    return total - math.log(count)


# %% minus infinity to begin with
def mended_1(parts):
    total = torch.full_like(parts[0][0], -math.inf)
    count = 0
    for log_w in parts:
        total = torch.logaddexp(total, log_w.logsumexp(0))
        count += log_w.shape[0]
    return total - math.log(count)


# %% all at once
def mended_1(parts):
    log_w = torch.cat(list(parts))
    return log_w.logsumexp(dim=0) - torch.log(torch.tensor(len(log_w), dtype=log_w.dtype))


# %% bounds of the parts, weighted by their lengths
def mended_1(parts):
    count = sum(len(log_w) for log_w in parts)
    shares = [
        log_w.logsumexp(0) - math.log(len(log_w)) + math.log(len(log_w) / count) for log_w in parts
    ]
    return torch.stack(shares).logsumexp(0)


# %% the largest taken out by hand, row by row
def mended_1(parts):
    top = torch.stack([log_w.amax(0) for log_w in parts]).amax(0)
    total, count = 0, 0
    for log_w in parts:
        for row in log_w:
            total = total + torch.exp(row - top)
            count += 1
    return top + torch.log(total / count)


# %% still broken
# slug: bug-mean-of-logs
# says: the ELBO again
def mended_1(parts):
    total, count = 0.0, 0
    for log_w in parts:
        total = total + log_w.sum(dim=0)
        count += len(log_w)
    return total / count


# %% a mean of the parts' bounds
# slug: bug-mean-of-parts
# says: as loose as the parts
def mended_1(parts):
    bounds = [log_w.logsumexp(0) - math.log(len(log_w)) for log_w in parts]
    return torch.stack(bounds).mean(0)


# %% a mean of the parts' bounds by their lengths
# slug: bug-mean-of-parts
# says: a mean of logs
def mended_1(parts):
    count = sum(len(log_w) for log_w in parts)
    return sum((log_w.logsumexp(0) - math.log(len(log_w))) * len(log_w) for log_w in parts) / count


# %% parts of different lengths weigh alike
# slug: bug-parts-weigh-alike
# says: each weight counts once
def mended_1(parts):
    bounds = torch.stack([log_w.logsumexp(0) - math.log(len(log_w)) for log_w in parts])
    return bounds.logsumexp(0) - math.log(len(bounds))


# %% no count
# slug: bug-no-count
# says: log K is not subtracted
def mended_1(parts):
    return torch.cat(list(parts)).logsumexp(0)


# %% the number of parts in place of K
# slug: bug-counts-parts
# says: do not go together
def mended_1(parts):
    return torch.cat(list(parts)).logsumexp(0) - math.log(len(parts))


# %% exp and log
# slug: bug-overflow
# says: keep to logarithms
# loses: bug-1-stable
def mended_1(parts):
    total, count = 0.0, 0
    for log_w in parts:
        total = total + log_w.exp().sum(dim=0)
        count += len(log_w)
    return torch.log(total / count)


# %% a sum that starts at a weight of 1
# slug: bug-starts-at-one
# says: log 0 is minus infinity
def mended_1(parts):
    total, count = torch.zeros_like(parts[0][0]), 0
    for log_w in parts:
        total = torch.logaddexp(total, log_w.logsumexp(0))
        count += len(log_w)
    return total - math.log(count)


# %% the last part
# slug: bug-last-part
# says: One part only
def mended_1(parts):
    for log_w in parts:
        bound = log_w.logsumexp(0) - math.log(len(log_w))
    return bound


# %% the best weight
# slug: bug-best-only
# says: needs all of them
def mended_1(parts):
    return torch.cat(list(parts)).amax(0)


# %% over images
# slug: bug-over-images
# says: a bound of its own
def mended_1(parts):
    log_w = torch.cat(list(parts))
    return (log_w.logsumexp(0) - math.log(len(log_w))).mean()


# %% a small number under the logarithm
# slug: bug-far-from-zero
# says: wrong for large ones
# loses: bug-1-stable
def mended_1(parts):
    log_w = torch.cat(list(parts))
    return torch.log(log_w.exp().mean(0) + 1e-12)


# %% logarithms added up
# slug: bug-sum-of-logs
# says: multiplies the weights
def mended_1(parts):
    return sum(log_w.sum(dim=0) for log_w in parts)


# %% about the largest weight of the first part
# loses: bug-1-stable
# slug: bug-overflow
# says: is infinite
def mended_1(parts):
    reference = parts[0].amax(0)
    total = sum((part - reference).exp().sum(0) for part in parts)
    return (total / sum(len(part) for part in parts)).log() + reference


# %% about the largest weight of all images
# loses: bug-1-stable
# slug: bug-overflow
# says: is infinite
def mended_1(parts):
    log_w = torch.cat(parts)
    return (log_w - log_w.max()).exp().mean(0).log() + log_w.max()


# %% running sum not rescaled
# slug: chunk-not-rescaled
# says: The old sum belongs to the
def mended_1(parts):
    m, s, count = torch.full_like(parts[0][0], -math.inf), 0.0, 0
    for log_w in parts:
        m = torch.maximum(m, log_w.amax(0))
        s = s + (log_w - m).exp().sum(0)
        count += len(log_w)
    return m + torch.log(s / count)


# %% divided at every part
# slug: bug-divided-in-parts
# says: Divided at every part
def mended_1(parts):
    total, count = None, 0
    for log_w in parts:
        t = torch.logsumexp(log_w, 0)
        count += len(log_w)
        total = (t if total is None else torch.logaddexp(total, t)) - math.log(count)
    return total


# %% last part forgotten
# slug: bug-last-part
# says: One part only
def mended_1(parts):
    w = torch.cat(parts[:-1] or parts)
    return torch.logsumexp(w, 0) - math.log(len(w))


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
# loses: bug-1-bound
def mended_1(parts):
    w = torch.cat(parts)
    return (torch.logsumexp(w, 0) - math.log(len(w))).squeeze()


# %% parts overwritten
# slug: changed-argument
# says: A function must not change its
def mended_1(parts):
    count = sum(map(len, parts))
    m = torch.cat(parts).amax(0)
    return m + torch.log(sum(p.sub_(m).exp_().sum(0) for p in parts) / count)


# %% logarithms of the parts' sums, added
# slug: bug-parts-multiplied
# says: weights add up
# loses: bug-1-bound, bug-1-stable
def mended_1(parts):
    total, count = 0.0, 0
    for log_w in parts:
        total = total + torch.logsumexp(log_w, dim=0)
        count += len(log_w)
    return total - math.log(count)


# %% the same, divided by their number
# slug: bug-parts-multiplied
# says: weights add up
# loses: bug-1-bound, bug-1-stable
def mended_1(parts):
    total, count = 0.0, 0
    for log_w in parts:
        total = total + torch.logsumexp(log_w, dim=0)
        count += len(log_w)
    return total / count
