# %% unchanged
# kind: wrong
def mended_1(parts):
    return torch.cat(parts).mean(0)

# %% mean of the parts' bounds
# kind: wrong
def mended_1(parts):
    return torch.stack([torch.logsumexp(p, 0) - math.log(len(p)) for p in parts]).mean(0)

# %% weighted mean of the parts' bounds
# kind: wrong
def mended_1(parts):
    K = sum(len(p) for p in parts)
    return sum(len(p) / K * (torch.logsumexp(p, 0) - math.log(len(p))) for p in parts)

# %% log mean exp of the parts' bounds, unweighted
# kind: wrong
def mended_1(parts):
    b = torch.stack([torch.logsumexp(p, 0) - math.log(len(p)) for p in parts])
    return torch.logsumexp(b, 0) - math.log(len(b))

# %% no log K
# kind: wrong
def mended_1(parts):
    return torch.logsumexp(torch.cat(parts), 0)

# %% log of the number of parts
# kind: wrong
def mended_1(parts):
    return torch.logsumexp(torch.cat(parts), 0) - math.log(len(parts))

# %% K of the first part times parts
# kind: wrong
def mended_1(parts):
    return torch.logsumexp(torch.cat(parts), 0) - math.log(len(parts) * len(parts[0]))

# %% log of the last count
# kind: wrong
def mended_1(parts):
    total = None
    for log_w in parts:
        t, count = torch.logsumexp(log_w, 0), len(log_w)
        total = t if total is None else torch.logaddexp(total, t)
    return total - math.log(count)

# %% exponentials summed
# kind: wrong
def mended_1(parts):
    total, count = 0.0, 0
    for log_w in parts:
        total = total + log_w.exp().sum(dim=0)
        count += len(log_w)
    return torch.log(total / count)

# %% exponentials in double with epsilon
# kind: wrong
def mended_1(parts):
    return (torch.cat(parts).double().exp().mean(0) + 1e-300).log().to(parts[0].dtype)

# %% shifted by the first part's maximum
# kind: wrong
def mended_1(parts):
    m = parts[0].amax(0)
    total, count = 0.0, 0
    for log_w in parts:
        total, count = total + (log_w - m).exp().sum(0), count + len(log_w)
    return m + torch.log(total / count)

# %% one maximum for all images
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts)
    m = w.max()
    return m + (w - m).exp().mean(0).log()

# %% shifted by the mean
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts)
    m = w.mean(0)
    return m + (w - m).exp().mean(0).log()

# %% over images
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts)
    return torch.logsumexp(w, 1) - math.log(w.shape[1])

# %% joined along images
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts, dim=1)
    return torch.logsumexp(w, 0) - math.log(len(w))

# %% log B
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts)
    return torch.logsumexp(w, 0) - math.log(w.shape[1])

# %% stack of equal parts
# kind: wrong
def mended_1(parts):
    w = torch.stack(parts).flatten(0, 1)
    return torch.logsumexp(w, 0) - math.log(len(w))

# %% accumulator starts at the log of 1
# kind: wrong
def mended_1(parts):
    total, count = torch.zeros_like(parts[0][0]), 0
    for log_w in parts:
        total = torch.logaddexp(total, torch.logsumexp(log_w, 0))
        count += len(log_w)
    return total - math.log(count)

# %% accumulator starts at -100
# kind: wrong
def mended_1(parts):
    total, count = torch.full_like(parts[0][0], -100.0), 0
    for log_w in parts:
        total = torch.logaddexp(total, torch.logsumexp(log_w, 0))
        count += len(log_w)
    return total - math.log(count)

# %% accumulator starts at -1e3
# kind: wrong
def mended_1(parts):
    total, count = torch.full_like(parts[0][0], -1e3), 0
    for log_w in parts:
        total = torch.logaddexp(total, torch.logsumexp(log_w, 0))
        count += len(log_w)
    return total - math.log(count)

# %% running maximum starts at zero
# kind: wrong
def mended_1(parts):
    m, s, count = torch.zeros_like(parts[0][0]), 0.0, 0
    for log_w in parts:
        new = torch.maximum(m, log_w.amax(0))
        s = s * (m - new).exp() + (log_w - new).exp().sum(0)
        m, count = new, count + len(log_w)
    return m + torch.log(s / count)

# %% running sum not rescaled
# kind: wrong
def mended_1(parts):
    m, s, count = torch.full_like(parts[0][0], -math.inf), 0.0, 0
    for log_w in parts:
        m = torch.maximum(m, log_w.amax(0))
        s = s + (log_w - m).exp().sum(0)
        count += len(log_w)
    return m + torch.log(s / count)

# %% divided at every part
# kind: wrong
def mended_1(parts):
    total, count = None, 0
    for log_w in parts:
        t = torch.logsumexp(log_w, 0)
        count += len(log_w)
        total = (t if total is None else torch.logaddexp(total, t)) - math.log(count)
    return total

# %% last part forgotten
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts[:-1] or parts)
    return torch.logsumexp(w, 0) - math.log(len(w))

# %% first part only
# kind: wrong
def mended_1(parts):
    return torch.logsumexp(parts[0], 0) - math.log(len(parts[0]))

# %% the largest weight
# kind: wrong
def mended_1(parts):
    return torch.cat(parts).amax(0)

# %% mean over images too
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts)
    return (torch.logsumexp(w, 0) - math.log(len(w))).mean()

# %% minus sign
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts)
    return math.log(len(w)) - torch.logsumexp(w, 0)

# %% divided inside: log w / K
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts)
    return torch.logsumexp(w / len(w), 0)

# %% single precision
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts).float()
    return (torch.logsumexp(w, 0) - math.log(len(w))).to(parts[0].dtype)

# %% squeezed
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts)
    return (torch.logsumexp(w, 0) - math.log(len(w))).squeeze()

# %% clamped to keep the exponential alive
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts).clamp(-700, 700)
    return w.exp().mean(0).log()

# %% list emptied
# kind: wrong
def mended_1(parts):
    total, count = None, 0
    while parts:
        p = parts.pop()
        t = torch.logsumexp(p, 0)
        count += len(p)
        total = t if total is None else torch.logaddexp(total, t)
    return total - math.log(count)

# %% parts overwritten
# kind: wrong
def mended_1(parts):
    count = sum(map(len, parts))
    m = torch.cat(parts).amax(0)
    return m + torch.log(sum(p.sub_(m).exp_().sum(0) for p in parts) / count)

# %% log of the mean of the absolute sum
# kind: wrong
def mended_1(parts):
    w = torch.cat(parts)
    return torch.log(w.sum(0).abs() / len(w))

# %% no_grad
# kind: open
@torch.no_grad()
def mended_1(parts):
    w = torch.cat(parts)
    return torch.logsumexp(w, 0) - math.log(len(w))

# %% concatenated
# kind: right
def mended_1(parts):
    w = torch.cat(parts, dim=0)
    return w.logsumexp(0) - math.log(w.shape[0])

# %% logaddexp in the loop
# kind: right
def mended_1(parts):
    total, count = -math.inf, 0
    for log_w in parts:
        total = torch.logaddexp(torch.as_tensor(total, dtype=log_w.dtype), torch.logsumexp(log_w, dim=0))
        count += len(log_w)
    return total - math.log(count)

# %% running maximum
# kind: right
def mended_1(parts):
    m = torch.stack([p.amax(0) for p in parts]).amax(0)
    total, count = 0.0, 0
    for log_w in parts:
        total = total + (log_w - m).exp().sum(dim=0)
        count += len(log_w)
    return m + torch.log(total / count)

# %% logsumexp of the parts' logsumexps
# kind: right
def mended_1(parts):
    K = sum(p.shape[0] for p in parts)
    return torch.stack([p.logsumexp(0) for p in parts]).logsumexp(0).sub(math.log(K))

# %% reduce over rows
# kind: right
from functools import reduce
def mended_1(parts):
    rows = [row for p in parts for row in p]
    return reduce(torch.logaddexp, rows) - math.log(len(rows))

# %% weighted bounds of the parts
# kind: right
def mended_1(parts):
    n = torch.tensor([float(len(p)) for p in parts], dtype=parts[0].dtype)
    bounds = torch.stack([p.logsumexp(0) - math.log(len(p)) for p in parts])
    return torch.logsumexp(bounds + (n / n.sum()).log()[:, None], 0)

# %% recursion over parts
# kind: right
def mended_1(parts):
    def total(ps):
        return torch.logsumexp(ps[0], 0) if len(ps) == 1 else torch.logaddexp(total(ps[:1]), total(ps[1:]))
    return total(list(parts)) - math.log(sum(len(p) for p in parts))

# %% online softmax, double inside
# kind: right
def mended_1(parts):
    m, s, count = None, None, 0
    for p in parts:
        p = p.double()
        new = p.amax(0) if m is None else torch.maximum(m, p.amax(0))
        add = (p - new).exp().sum(0)
        s = add if s is None else s * (m - new).exp() + add
        m, count = new, count + len(p)
    return (m + (s / count).log()).to(parts[0].dtype)

# %% vmap over images
# kind: right
def mended_1(parts):
    w = torch.vstack(tuple(parts))
    return torch.vmap(lambda c: torch.logcumsumexp(c, 0)[-1] - math.log(len(w)), in_dims=1)(w)
