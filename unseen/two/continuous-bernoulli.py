# %% formula as it stands
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    return torch.log(2 * torch.atanh(y) / y)

# %% where around the bare formula
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    series = math.log(2) + y**2 / 3 + 13 * y**4 / 90 + 251 * y**6 / 2835
    return torch.where(y.abs() < 0.02, series, torch.log(2 * torch.atanh(y) / y))

# %% a millionth added
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * (lam + 1e-6)
    return torch.log(2 * torch.atanh(y) / y)

# %% eps in the quotient
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    return torch.log((2 * torch.atanh(y) + 2e-12) / (y + 1e-12))

# %% log 2 throughout the neighbourhood
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    return torch.where(near, torch.full_like(lam, math.log(2)), torch.log(2 * torch.atanh(1 - 2 * safe) / (1 - 2 * safe)))

# %% only exactly one half is special
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    half = lam == 0.5
    y = 1 - 2 * torch.where(half, torch.full_like(lam, 0.25), lam)
    return torch.where(half, torch.full_like(lam, math.log(2)) + 0 * lam, torch.log(2 * torch.atanh(y) / y))

# %% only exactly one half is special, difference of logs
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    half = lam == 0.5
    s = torch.where(half, torch.full_like(lam, 0.25), lam)
    return torch.where(half, torch.full_like(lam, math.log(2)), ((s.log() - torch.log1p(-s)) / (2 * s - 1)).log())

# %% a series of one term up to 0.02
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, math.log(2) + t / 3, torch.log(2 * torch.atanh(y) / y))

# %% value right, gradient of the short series too rough
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.008
    s = torch.where(near, torch.full_like(lam, 0.25), lam)
    y1 = 1 - 2 * s
    return torch.where(near, math.log(2) + y**2 / 3, torch.log(2 * torch.atanh(y1) / y1))

# %% minus sign
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return -torch.where(near, series, torch.log(2 * torch.atanh(y) / y))

# %% C itself
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y)).exp()

# %% factor 2 forgotten away from one half
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(torch.atanh(y) / y))

# %% no absolute values
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    eta = torch.log(safe) - torch.log1p(-safe)
    return torch.where(near, series, torch.log(eta) - torch.log(2 * safe - 1))

# %% series everywhere
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    t = (1 - 2 * lam) ** 2
    return math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

# %% series in lam - 1/2
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    t = (lam - 0.5) ** 2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835
    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y))

# %% series up to a half
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.5
    safe = torch.where(near, torch.full_like(lam, 0.1), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y))

# %% wrong second coefficient
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 45 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y))

# %% odd power in the series
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    series = math.log(2) + ys / 3
    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y))

# %% lam clamped to a hundredth
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    lam = lam.clamp(0.01, 0.99)
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y))

# %% lam clamped to a millionth
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    lam = lam.clamp(1e-6, 1 - 1e-6)
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y))

# %% nan replaced by log 2
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    return torch.nan_to_num(torch.log(2 * torch.atanh(y) / y), nan=math.log(2))

# %% argument overwritten
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    with torch.no_grad():
        lam[(lam - 0.5).abs() < 1e-3] = 0.501
    y = 1 - 2 * lam
    return torch.log(2 * torch.atanh(y) / y)

# %% moved away from one half
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    lam = torch.where((lam - 0.5).abs() < 1e-4, torch.full_like(lam, 0.5001), lam)
    y = 1 - 2 * lam
    return torch.log(2 * torch.atanh(y) / y)

# %% single precision
# kind: wrong
def continuous_bernoulli_log_norm(lam_):
    lam = lam_.float()
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y)).to(lam_.dtype)

# %% always double
# kind: wrong
def continuous_bernoulli_log_norm(lam_):
    lam = lam_.double()
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y))

# %% summed
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y)).sum(-1)

# %% flattened
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y)).flatten()

# %% detached near one half
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series.detach(), torch.log(2 * torch.atanh(y) / y))

# %% trapezoid rule
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    x = torch.linspace(0, 1, 2001, dtype=lam.dtype)
    l = lam.unsqueeze(-1)
    return -torch.trapezoid(l**x * (1 - l) ** (1 - x), x, dim=-1).log()

# %% if on a tensor
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    if (y.abs() < 0.02).all():
        return math.log(2) + y**2 / 3 + 13 * y**4 / 90 + 251 * y**6 / 2835
    return torch.log(2 * torch.atanh(y) / y)

# %% torch.distributions as it comes
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    return torch.distributions.ContinuousBernoulli(probs=lam)._cont_bern_log_norm()

# %% log base 2
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y)) / math.log(2)

# %% negative log area of the wrong factor
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    near = (lam - 0.5).abs() < 1e-3
    s = torch.where(near, torch.full_like(lam, 0.25), lam)
    eta = torch.logit(s)
    return torch.where(near, torch.full_like(lam, math.log(2)), (eta / torch.expm1(eta)).log())

# %% gradient of a straight-through value
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    v = torch.where(near, series, torch.log(2 * torch.atanh(y) / y))
    return v.detach() + 0 * lam

# %% Taylor to y^2 in a tiny neighbourhood, difference of logs outside
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 1e-6
    s = torch.where(near, torch.full_like(lam, 0.25), lam)
    far = ((torch.log1p(-s) - s.log()) / (1 - 2 * s)).log()
    return torch.where(near, math.log(2) + y**2 / 3, far)

# %% linear interpolation between two safe points
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 1e-3
    s = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = 1 - 2 * s
    edge = math.log(2 * math.atanh(1e-3) / 1e-3)
    return torch.where(near, math.log(2) + (edge - math.log(2)) * y.abs() / 1e-3, torch.log(2 * torch.atanh(ys) / ys))

# %% memorized
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    return torch.where(lam == 0.5, math.log(2), 1.0103) + 0 * lam

# %% grad switched on for the argument
# kind: open
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    if lam.is_leaf:
        lam.requires_grad_()
    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y))

# %% artanh, infinite for the smallest lam
# kind: wrong
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    y = 1 - 2 * safe
    return torch.where(near, series, torch.log(2 * torch.atanh(y) / y))

# %% torch.distributions with a wider middle
# kind: open
def continuous_bernoulli_log_norm(lam):

    return torch.distributions.ContinuousBernoulli(probs=lam, lims=(0.49, 0.51))._cont_bern_log_norm()

# %% logit and the series
# kind: right
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    far = torch.log((torch.log(safe) - torch.log1p(-safe)) / (2 * safe - 1))
    return torch.where(near, series, far)

# %% hyperbolic functions of the logit
# kind: right
def continuous_bernoulli_log_norm(lam):

    h = 0.5 * (torch.log(lam) - torch.log1p(-lam))  # artanh(2 lam - 1)
    near = h.abs() < 0.02
    t = torch.where(near, h, torch.zeros_like(h)) ** 2
    # log(h / tanh h) = t/3 - 7 t^2/90 + 62 t^3/2835
    series = t / 3 - 7 * t**2 / 90 + 62 * t**3 / 2835
    far = torch.where(near, torch.ones_like(h), h)
    return math.log(2) + torch.where(near, series, torch.log(far / torch.tanh(far)))

# %% autograd function with its own derivative
# kind: right
class _LogC(torch.autograd.Function):
    @staticmethod
    def forward(ctx, lam):
        ctx.save_for_backward(lam)
        y = 2 * lam - 1
        near = y.abs() < 0.02
        t = y * y
        far = torch.log((torch.log(lam) - torch.log1p(-lam)) / y)
        return torch.where(near, math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835, far)
    @staticmethod
    def backward(ctx, g):
        (lam,) = ctx.saved_tensors
        y = 2 * lam - 1
        near = y.abs() < 0.02
        t = y * y
        eta = torch.log(lam) - torch.log1p(-lam)
        far = 1 / (lam * (1 - lam)) / eta - 2 / y
        series = 2 * y * (2 / 3 + 26 * t / 45 + 502 * t**2 / 945)
        return g * torch.where(near, series, far)
def continuous_bernoulli_log_norm(lam):
    return _LogC.apply(lam)

# %% masks and assignment
# kind: right
def continuous_bernoulli_log_norm(lam):

    out = torch.empty_like(lam)
    y = 2 * lam - 1
    near = y.abs() < 0.015
    t = y[near] ** 2
    out[near] = math.log(2) + t / 3 + 13 / 90 * t**2 + 251 / 2835 * t**3
    far = lam[~near]
    out[~near] = (torch.log(far) - torch.log1p(-far)).abs().log() - y[~near].abs().log()
    return out

# %% element by element
# kind: right
def continuous_bernoulli_log_norm(lam):

    def one(l):
        y = 1 - 2 * l
        if abs(float(y)) < 0.02:
            t = y * y
            return math.log(2) + t * (1 / 3 + t * (13 / 90 + t * 251 / 2835))
        return torch.log((torch.log1p(-l) - torch.log(l)) / y)
    return torch.stack([one(l) for l in lam.reshape(-1)]).reshape(lam.shape)

# %% double inside
# kind: right
def continuous_bernoulli_log_norm(lam_):
    lam = lam_.double()
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    safe = torch.where(near, torch.full_like(lam, 0.25), lam)
    ys = torch.where(near, y, torch.zeros_like(y))
    t = ys**2
    series = math.log(2) + t / 3 + 13 * t**2 / 90 + 251 * t**3 / 2835

    far = torch.log((torch.log(safe) - torch.log1p(-safe)) / (2 * safe - 1))
    return torch.where(near, series, far).to(lam_.dtype)

# %% the artanh series summed, wide middle
# kind: right
def continuous_bernoulli_log_norm(lam):

    y = 1 - 2 * lam
    near = y.abs() < 0.25
    t = torch.where(near, y, torch.zeros_like(y)) ** 2
    total = torch.zeros_like(t)
    for k in range(16, 0, -1):
        total = t * (1 / (2 * k + 1) + total)
    s = torch.where(near, torch.full_like(lam, 0.1), lam)
    far = torch.log((torch.log1p(-s) - torch.log(s)) / (1 - 2 * s))
    return torch.where(near, math.log(2) + torch.log1p(total), far)

# %% softplus form with minus the absolute logit
# kind: right
def continuous_bernoulli_log_norm(lam):

    eta = torch.log(lam) - torch.log1p(-lam)
    near = eta.abs() < 0.04
    t = torch.where(near, eta / 2, torch.zeros_like(eta)) ** 2
    series = math.log(2) + t / 3 - 7 * t**2 / 90 + 62 * t**3 / 2835
    a = torch.where(near, torch.ones_like(eta), eta).abs()
    far = a.log() + torch.log1p(torch.exp(-a)) - torch.log(-torch.expm1(-a))
    return torch.where(near, series, far)

# %% Gauss-Legendre in the middle
# kind: right
_nodes, _weights = np.polynomial.legendre.leggauss(24)
def continuous_bernoulli_log_norm(lam):
    u = torch.tensor((_nodes + 1) / 2, dtype=lam.dtype)
    w = torch.tensor(_weights / 2, dtype=lam.dtype)
    near = (lam - 0.5).abs() < 0.2
    m = torch.where(near, lam, torch.full_like(lam, 0.5)).unsqueeze(-1)
    area = (w * torch.exp(u * m.log() + (1 - u) * torch.log1p(-m))).sum(-1)
    s = torch.where(near, torch.full_like(lam, 0.1), lam)
    far = torch.log((torch.log(s) - torch.log1p(-s)) / (2 * s - 1))
    return torch.where(near, -area.log(), far)
