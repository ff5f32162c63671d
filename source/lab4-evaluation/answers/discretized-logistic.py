"""Answers to Exercise 16 of lab4-evaluation: right ones, then wrong ones."""


# %% from the tail that has the digits
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), log_scale.exp()
    a, b = (x + h - mean) / s, (x - h - mean) / s
    mirrored = a + b > 0
    hi, lo = torch.where(mirrored, -b, a), torch.where(mirrored, -a, b)
    middle = F.logsigmoid(hi) + torch.log(-torch.expm1(F.logsigmoid(lo) - F.logsigmoid(hi)))
    result = torch.where(x < h, F.logsigmoid(a), middle)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% softplus, and log1p of an exp
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    half = 1 / (2 * levels - 2)
    inverse = (-log_scale).exp()
    up, down = (x + half - mean) * inverse, (x - half - mean) * inverse
    bottom, top = (x < half).to(x.dtype), (x > 1 - half).to(x.dtype)
    width = torch.log1p(-torch.exp(-2 * half * inverse))
    inside = 1 - bottom - top
    return -(1 - top) * F.softplus(-up) - (1 - bottom) * F.softplus(down) + inside * width


# %% in place on masks
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    mean, log_scale = mean.expand_as(x), log_scale.expand_as(x)
    k = torch.round(x * (levels - 1))
    h = 0.5 / (levels - 1)
    a = (x + h - mean) / log_scale.exp()
    b = (x - h - mean) / log_scale.exp()
    result = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result[k == 0] = F.logsigmoid(a[k == 0])
    result[k == levels - 1] = F.logsigmoid(-b[k == levels - 1])
    return result


# %% borders at minus and plus a number that is infinite to a sigmoid
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    low, high = x < h, x > 1 - h
    log_above = torch.where(high, torch.zeros_like(a), F.logsigmoid(a))
    log_below = torch.where(low, torch.zeros_like(b), F.logsigmoid(-b))
    factor = torch.where(low | high, torch.zeros_like(a), torch.log(-torch.expm1(b - a)))
    return log_above + log_below + factor


# %% the hyperbolic sine of the half width
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    t = h * torch.exp(-log_scale)
    u = (x - mean) * torch.exp(-log_scale)
    # s(u + t) - s(u - t) = sinh t / (cosh u + cosh t), by logarithms of exponentials
    log_sinh = t + torch.log(-torch.expm1(-2 * t)) - math.log(2)
    u, t = torch.broadcast_tensors(u, t)
    parts = torch.stack([u, -u, t, -t])
    inside = log_sinh - torch.logsumexp(parts, dim=0) + math.log(2)
    ends = torch.where(x < 0.5, -F.softplus(-(u + t)), -F.softplus(u - t))
    return torch.where((x < h) | (x > 1 - h), ends, inside)


# %% the difference of two sigmoids
# slug: dl-underflow
# says: stay in logarithms
# loses: discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    above = torch.sigmoid((x + h - mean) / s)
    below = torch.sigmoid((x - h - mean) / s)
    above = torch.where(x > 1 - h, 1.0, above)
    below = torch.where(x < h, 0.0, below)
    return torch.log(above - below)


# %% a floor under the probability
# slug: dl-floor
# says: every level costs the same
# loses: discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    above = torch.sigmoid((x + h - mean) / s)
    below = torch.sigmoid((x - h - mean) / s)
    above = torch.where(x > 1 - h, 1.0, above)
    below = torch.where(x < h, 0.0, below)
    return torch.log((above - below).clamp(min=1e-12))


# %% as PixelCNN++: the density where the difference is small
# slug: dl-midpoint
# says: only near
# loses: discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b, u = (x + h - mean) / s, (x - h - mean) / s, (x - mean) / s
    delta = torch.sigmoid(a) - torch.sigmoid(b)
    density = u - log_scale - 2 * F.softplus(u) + math.log(2 * h)
    inside = torch.where(delta > 1e-5, torch.log(delta.clamp(min=1e-12)), density)
    result = torch.where(x < h, a - F.softplus(a), inside)
    return torch.where(x > 1 - h, -F.softplus(b), result)


# %% no tails
# slug: dl-no-tails
# says: lack their tails
# loses: discretized-logistic-ends, discretized-logistic-levels, discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    return F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))


# %% no upper tail
# slug: dl-one-tail
# says: One end lacks its tail
# loses: discretized-logistic-ends, discretized-logistic-levels, discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    return torch.where(x < h, F.logsigmoid(a), inside)


# %% tails exchanged
# slug: dl-tails-swapped
# says: exchanged
# loses: discretized-logistic-ends, discretized-logistic-levels, discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(-b), inside)
    return torch.where(x > 1 - h, F.logsigmoid(a), result)


# %% 256 levels in any case
# slug: dl-levels-ignored
# says: 256 levels are fixed
# loses: discretized-logistic-levels
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 1 / 510, torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% the density
# slug: dl-density
# says: That is a density
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    u = (x - mean) * torch.exp(-log_scale)
    return F.logsigmoid(u) + F.logsigmoid(-u) - log_scale


# %% the density times the width
# slug: dl-midpoint
# says: Density times width
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    u = (x - mean) * torch.exp(-log_scale)
    return F.logsigmoid(u) + F.logsigmoid(-u) - log_scale - math.log(levels - 1)


# %% the scale without exp
# slug: dl-scale-no-exp
# says: is a logarithm
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), log_scale.abs()
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% times the scale
# slug: dl-scale-inverse
# says: divided by it
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(-log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% log_scale as a log-variance
# slug: dl-scale-half
# says: log of a variance
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(0.5 * log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% borders a whole level away
# slug: dl-borders
# says: half-way
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 1 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h / 2, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h / 2, F.logsigmoid(-b), result)


# %% bins of 1 / levels
# slug: dl-borders
# says: half-way
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / levels, torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% a normal distribution
# slug: dl-normal
# says: normal distribution
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    return torch.log(torch.special.ndtr(a) - torch.special.ndtr(b))


# %% summed over pixels
# slug: dl-summed
# says: one number for each pixel
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result).sum(dim=1)


# %% the negative
# slug: value-negated
# says: -1 times
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return -torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% the probability
# slug: value-exp
# says: One exp too many
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result).exp()


# %% borders exchanged
# slug: dl-borders-swapped
# says: borders exchanged
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    return torch.log(torch.sigmoid(b) - torch.sigmoid(a))


# %% the ends are those of the mean
# slug: dl-mean-swapped
# says: changed places
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    x, mean = mean, x
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% bits in place of nats
# slug: not-nats
# says: 1.443 times
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result) / math.log(2)


# %% a gradient that is nan, of logarithms that nobody takes
# slug: dl-gradient-nan
# says: 0 / 0
# loses: discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    naive = torch.log(torch.sigmoid(a) - torch.sigmoid(b))
    careful = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    inside = torch.where(a.abs() < 10, naive, careful)
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% detached mean
# slug: detached
# says: cut off
# loses: discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean.detach()) / s, (x - h - mean.detach()) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% a small number added to the probability
# slug: dl-not-one
# says: add up to 1
# loses: discretized-logistic-ends, discretized-logistic-far, discretized-logistic-levels
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    above = torch.sigmoid((x + h - mean) / s)
    below = torch.sigmoid((x - h - mean) / s)
    above = torch.where(x > 1 - h, 1.0, above)
    below = torch.where(x < h, 0.0, below)
    return torch.log(above - below + 1e-9)


# %% a scale that all images share and no pixel has
# slug: dl-scale-averaged
# says: scale of its own
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale).mean()
    a, b = (x + h - mean) / s, (x - h - mean) / s
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% the scale detached
# slug: value-right-gradient-wrong
# says: a part is detached
# loses: discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h, s = 0.5 / (levels - 1), torch.exp(log_scale)
    a, b = (x + h - mean) / s, (x - h - mean) / s
    width = torch.log(-torch.expm1(-2 * h / s.detach()))
    inside = F.logsigmoid(a) + F.logsigmoid(-b) + width
    result = torch.where(x < h, F.logsigmoid(a), inside)
    return torch.where(x > 1 - h, F.logsigmoid(-b), result)


# %% log_scale at least -7
# loses: discretized-logistic-far
# slug: dl-scale-cut
# says: log_scale is cut off
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    log_scale = log_scale.clamp(min=-7)
    half = 0.5 / (levels - 1)
    above = (x + half - mean) * torch.exp(-log_scale)
    below = (x - half - mean) * torch.exp(-log_scale)
    width = torch.log(-torch.expm1(-2 * half * torch.exp(-log_scale)))
    inside = F.logsigmoid(above) + F.logsigmoid(-below) + width
    lowest, highest = x < half, x > 1 - half
    ends = torch.where(lowest, F.logsigmoid(above), F.logsigmoid(-below))
    return torch.where(lowest | highest, ends, inside)


# %% highest end without the minus
# slug: dl-tails-swapped
# says: The tails are exchanged
# loses: discretized-logistic-ends, discretized-logistic-levels, discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(b))
    return torch.where(low | high, ends, middle)


# %% log scale clamped at -7
# slug: dl-scale-cut
# says: log_scale is cut off
# loses: discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale.clamp(min=-7))
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)


# %% arguments clamped at 30
# slug: dl-arguments-cut
# says: The sigmoids' arguments are cut
# loses: discretized-logistic-far
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    a, b = a.clamp(-30, 30), b.clamp(-30, 30)
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)


# %% ends of PixelCNN++, at a thousandth
# slug: dl-ends-wide
# says: Only the levels 0 and 1
# loses: discretized-logistic-levels
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < 0.001, x > 0.999
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)


# %% factor 1 - exp forgotten
# slug: dl-factor-missing
# says: A factor of sigma(a) sigma(-b) (1
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b)
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)


# %% mean clamped to [0, 1]
# slug: dl-mean-cut
# says: The mean is kept in [0,
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    mean = mean.clamp(0, 1)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)
