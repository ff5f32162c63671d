# %% difference of two sigmoids
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = torch.log(torch.sigmoid(a) - torch.sigmoid(b))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% difference with a floor
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = torch.log((torch.sigmoid(a) - torch.sigmoid(b)).clamp(min=1e-12))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% difference plus epsilon
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = torch.log(torch.sigmoid(a) - torch.sigmoid(b) + 1e-30)
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% density times width
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    c = (x - mean) / s
    middle = -c - log_scale - 2 * F.softplus(-c) + math.log(2 * h)
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% as PixelCNN++: density where the difference is small
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    c = (x - mean) / s
    diff = torch.sigmoid(a) - torch.sigmoid(b)
    dens = -c - log_scale - 2 * F.softplus(-c) + math.log(2 * h)
    middle = torch.where(diff > 1e-5, diff.clamp(min=1e-12).log(), dens)
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% ends as other bins
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    return F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))

# %% ends swapped
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(-b), F.logsigmoid(a))
    return torch.where(low | high, ends, middle)

# %% lowest end only
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    return torch.where(x < h, F.logsigmoid(a), middle)

# %% highest end only
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    return torch.where(x > 1 - h, F.logsigmoid(-b), middle)

# %% highest end without the minus
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(b))
    return torch.where(low | high, ends, middle)

# %% h is the whole distance
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 1 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h / 2, x > 1 - h / 2
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% h of levels, not of levels - 1
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / levels
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% log_scale used as scale
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = log_scale.abs() + 1e-9
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% times the scale
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(-log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% half the log scale
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(0.5 * log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% log scale clamped at -7
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale.clamp(min=-7))
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% log scale clamped at -3
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale.clamp(min=-3))
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% summed over pixels
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle).sum(dim=1)

# %% bits
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle) / math.log(2)

# %% minus sign
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return -torch.where(low | high, ends, middle)

# %% probability, no logarithm
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle).exp()

# %% 256 whatever levels
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / 255
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% x in -1 to 1
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    x2 = 2 * x - 1
    a = (x2 + h - mean) / s
    b = (x2 - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% x taken as an integer level
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    x = x / (levels - 1)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% arguments clamped at 30
# kind: wrong
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

# %% difference in double precision, cast back
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    ad, bd = a.double(), b.double()
    middle = torch.log(torch.sigmoid(ad) - torch.sigmoid(bd)).to(x.dtype)
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% difference taken in the lower tail by symmetry
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    flip = x > mean
    u, v = torch.where(flip, -b, a), torch.where(flip, -a, b)
    middle = torch.log(torch.sigmoid(u) - torch.sigmoid(v))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% symmetry and a tiny number
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    flip = x > mean
    u, v = torch.where(flip, -b, a), torch.where(flip, -a, b)
    middle = torch.log((torch.sigmoid(u) - torch.sigmoid(v)).clamp(min=torch.finfo(x.dtype).tiny))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% difference of log sigmoids without symmetry
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    la, lb = F.logsigmoid(a), F.logsigmoid(b)
    middle = la + torch.log1p(-torch.exp(lb - la))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% Gaussian bins
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    ndtr = torch.special.ndtr
    middle = torch.log(ndtr(a) - ndtr(b))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, torch.special.log_ndtr(a), torch.special.log_ndtr(-b))
    return torch.where(low | high, ends, middle)

# %% logs of the sigmoids
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = torch.log(torch.sigmoid(a)) + torch.log(torch.sigmoid(-b)) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, torch.log(torch.sigmoid(a)), torch.log(1 - torch.sigmoid(b)))
    return torch.where(low | high, ends, middle)

# %% upper end as one minus
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), torch.log(1 - torch.sigmoid(b)))
    return torch.where(low | high, ends, middle)

# %% infinite replaced by a large number
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = torch.nan_to_num(torch.log(torch.sigmoid(a) - torch.sigmoid(b)), neginf=-100.0)
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% where with nan behind it
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    diff = torch.sigmoid(a) - torch.sigmoid(b)
    good = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    middle = torch.where(diff > 1e-3, diff.log(), good)
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% ends of PixelCNN++, at a thousandth
# kind: wrong
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
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b)
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% factor 1 - exp with half the width
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% leading dimension added to log_scale
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)[None]
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% one scale for all pixels
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale.mean())
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% scale detached
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale).detach()
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% mean clamped to [0, 1]
# kind: wrong
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

# %% two levels always one half
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    if levels == 2:
        return torch.full_like(x, -math.log(2)) + 0 * mean
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% ends only at the batch's extremes
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x == x.min(), x == x.max()
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% normalized over the levels in place of the tails
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    k = torch.linspace(0, 1, levels, dtype=x.dtype)[:, None, None]
    def inside(v):
        return F.logsigmoid((v + h - mean) / s) + F.logsigmoid(-(v - h - mean) / s) + torch.log(-torch.expm1(-2 * h / s))
    return inside(x) - torch.logsumexp(inside(k), 0)

# %% single precision
# kind: wrong
def discretized_logistic_log_prob(x_, mean_, log_scale_, levels=256):
    x, mean, log_scale = x_.float(), mean_.float(), log_scale_.float()
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle).to(x_.dtype)

# %% argument overwritten
# kind: wrong
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    low, high = x < h, x > 1 - h
    x -= mean.detach()
    a, b = (x + h + mean.detach() - mean) / s, (x - h + mean.detach() - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    return torch.where(low, F.logsigmoid(a), torch.where(high, F.logsigmoid(-b), middle))

# %% log(1 - exp) without expm1
# kind: open
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(1 - torch.exp(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% softplus with its threshold
# kind: open
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = -F.softplus(-a) + -F.softplus(b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, -F.softplus(-a), -F.softplus(b))
    return torch.where(low | high, ends, middle)

# %% a - b subtracted, no closed width
# kind: open
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(b - a))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% product of three factors
# kind: right
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% infinite borders
# kind: right
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = log_scale.exp()
    inf = torch.full_like(x, math.inf)
    a = torch.where(x > 1 - h, inf, (x + h - mean) / s)
    b = torch.where(x < h, -inf, (x - h - mean) / s)
    inner = (x >= h) & (x <= 1 - h)
    width = torch.where(inner, 2 * h / s.expand_as(x), torch.ones_like(x))
    factor = torch.where(inner, torch.log(-torch.expm1(-width)), torch.zeros_like(x))
    return F.logsigmoid(a) + F.logsigmoid(-b) + factor

# %% hyperbolic form
# kind: right
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = log_scale.exp()
    c, half = (x - mean) / s, h / s
    half = half.expand_as(c)
    log_sinh = half + torch.log(-torch.expm1(-2 * half)) - math.log(2)
    log_sum = torch.logsumexp(torch.stack([c, -c, half, -half]), 0) - math.log(2)
    k = torch.round(x * (levels - 1))
    return torch.where(k == 0, F.logsigmoid(c + half), torch.where(k == levels - 1, F.logsigmoid(half - c), log_sinh - log_sum))

# %% logaddexp for the sigmoids
# kind: right
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    zero = torch.zeros_like(a)
    ls = lambda t: -torch.logaddexp(zero, -t)
    middle = ls(a) + ls(-b) + torch.log(-torch.expm1(-2 * h / s))
    k = (x * (levels - 1)).round().long()
    out = torch.where(k == 0, ls(a), middle)
    return torch.where(k == levels - 1, ls(-b), out)

# %% pixel column by pixel column
# kind: right
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    log_scale = log_scale.expand_as(x)
    columns = []
    for p in range(x.shape[1]):
        s, e = log_scale[:, p].exp(), x[:, p] - mean[:, p]
        up, down = F.logsigmoid((e + h) / s), F.logsigmoid((h - e) / s)
        mid = up + down + torch.log(-torch.expm1(-2 * h / s))
        columns.append(torch.where(x[:, p] == 0, up, torch.where(x[:, p] == 1, down, mid)))
    return torch.stack(columns, dim=1)

# %% masked assignment
# kind: right
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    mean, log_scale = mean.expand_as(x), log_scale.expand_as(x)
    out = torch.zeros_like(x)
    low, high = x < h, x > 1 - h
    mid = ~(low | high)
    s = log_scale.exp()
    out[low] = F.logsigmoid((h - mean[low]) / s[low])
    out[high] = F.logsigmoid((mean[high] - 1 + h) / s[high])
    m, sm = x[mid] - mean[mid], s[mid]
    out[mid] = F.logsigmoid((m + h) / sm) + F.logsigmoid((h - m) / sm) + torch.expm1(-2 * h / sm).neg().log()
    return out

# %% double inside
# kind: right
def discretized_logistic_log_prob(x_, mean_, log_scale_, levels=256):
    x, mean, log_scale = x_.double(), mean_.double(), log_scale_.double()
    x = torch.round(x * (levels - 1)) / (levels - 1)
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    middle = F.logsigmoid(a) + F.logsigmoid(-b) + torch.log(-torch.expm1(-2 * h / s))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle).to(x_.dtype)

# %% vmap of one pixel
# kind: right
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    def pixel(x, m, ls):
        r = torch.exp(-ls)
        up, down = F.logsigmoid((x - m + h) * r), F.logsigmoid((m - x + h) * r)
        mid = up + down + torch.log(-torch.expm1(-2 * h * r))
        return torch.where(x < h, up, torch.where(x > 1 - h, down, mid))
    each = torch.vmap(torch.vmap(pixel))
    return each(x, mean, log_scale.expand(x.shape))

# %% symmetry, difference of log sigmoids on the lower side
# kind: right
def discretized_logistic_log_prob(x, mean, log_scale, levels=256):
    h = 0.5 / (levels - 1)
    s = torch.exp(log_scale)
    a = (x + h - mean) / s
    b = (x - h - mean) / s
    flip = x > mean
    u = torch.where(flip, -b, a)
    v = torch.where(flip, -a, b)
    middle = F.logsigmoid(u) + torch.log(-torch.expm1(F.logsigmoid(v) - F.logsigmoid(u)))
    low, high = x < h, x > 1 - h
    ends = torch.where(low, F.logsigmoid(a), F.logsigmoid(-b))
    return torch.where(low | high, ends, middle)

# %% a class and keyword arguments
# kind: right
class Logistic:
    def __init__(self, ls=F.logsigmoid):
        self.ls = ls
    def __call__(self, x, mean, log_scale, levels=256):
        width = 1 / (levels - 1)
        r = torch.exp(torch.neg(log_scale))
        below = self.ls(torch.mul(x - mean + width / 2, r))
        above = self.ls(torch.mul(mean - x + width / 2, r))
        middle = torch.log(-torch.expm1(-width * r)).expand(x.shape)
        is_low, is_high = torch.isclose(x, torch.zeros_like(x), atol=width / 4), torch.isclose(x, torch.ones_like(x), rtol=0, atol=width / 4)
        return torch.where(is_high, 0, below) + torch.where(is_low, 0, above) + torch.where(is_low | is_high, 0, middle)
discretized_logistic_log_prob = Logistic()
