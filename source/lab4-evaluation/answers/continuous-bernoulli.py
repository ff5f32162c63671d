"""Answers to Exercise 15 of lab4-evaluation: right ones, then wrong ones."""


# %% as torch.distributions has it, which is right away from the end of its series
def continuous_bernoulli_log_norm(lam):
    near = (lam > 0.499) & (lam < 0.501)
    cut = torch.where(near, 0.499, lam)
    exact = torch.log(torch.abs(torch.log1p(-cut) - torch.log(cut))) - torch.log(
        torch.abs(1 - 2 * cut)
    )
    x = torch.where(near, lam - 0.5, 0.0)
    return torch.where(near, math.log(2) + (4 / 3 + 104 / 45 * x**2) * x**2, exact)


# %% through the logit
def continuous_bernoulli_log_norm(lam):
    u = torch.logit(lam) / 2
    near = u.abs() < 0.1
    far = torch.where(near, 1.0, u).abs()
    s = torch.where(near, u, 0.0) ** 2
    series = s / 3 - 7 * s**2 / 90 + 62 * s**3 / 2835 - 127 * s**4 / 18900
    return math.log(2) + torch.where(near, series, torch.log(far / torch.tanh(far)))


# %% a mask in place of where
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    result = math.log(2) + y**2 / 3 + 13 * y**4 / 90 + 251 * y**6 / 2835
    far = y.abs() >= 0.03
    result[far] = torch.log(-torch.logit(lam[far]) / y[far])
    return result


# %% by quadrature
def continuous_bernoulli_log_norm(lam):
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(40)
    x = torch.tensor((nodes + 1) / 2)
    w = torch.tensor(weights / 2)
    exponent = torch.logit(lam.double())[..., None] * x
    total = torch.logsumexp(exponent + w.log(), dim=-1)
    return -(total + torch.log1p(-lam.double())).to(lam.dtype)


# %% the quotient as the sum of its own series, near one half
def continuous_bernoulli_log_norm(lam):
    y = (1 - 2 * lam).abs()
    inner = torch.where(y < 0.05, y, torch.zeros_like(y))
    powers = sum(inner ** (2 * n) / (2 * n + 1) for n in range(7))
    outer = torch.where(y < 0.05, 0.25, lam)
    ratio = torch.where(y < 0.05, 2 * powers, torch.logit(outer) / (2 * outer - 1))
    return torch.log(ratio)


# %% numbers one by one
def continuous_bernoulli_log_norm(lam):
    def one(value):
        y = 1 - 2 * value
        if y.abs() < 0.02:
            return math.log(2) + y * y / 3 + 13 / 90 * y**4
        return torch.log(-torch.logit(value) / y)

    return torch.stack([one(value) for value in lam.flatten()]).reshape(lam.shape)


# %% an artanh that sees one half as an exception, the logit far away
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near, ends = y == 0, y.abs() > 0.5
    far = torch.where(near | ends, 0.5, y)
    middle = torch.log(2 * torch.atanh(far) / far)
    outside = torch.where(ends, lam, 0.1)
    outside = torch.log(torch.logit(outside) / (2 * outside - 1))
    return torch.where(near, math.log(2) + 0 * y, torch.where(ends, outside, middle))


# %% the formula as it stands
# slug: cb-zero-by-zero
# says: at lam = 1/2
# loses: continuous-bernoulli-near-half, continuous-bernoulli-gradient
def continuous_bernoulli_log_norm(lam):
    return torch.log(torch.logit(lam) / (2 * lam - 1))


# %% a where whose other branch is nan
# slug: cb-gradient-nan
# says: 0 times nan
# loses: continuous-bernoulli-gradient
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    return torch.where(
        y.abs() < 0.02, math.log(2) + y**2 / 3 + 13 * y**4 / 90, torch.log(-torch.logit(lam) / y)
    )


# %% constant near one half
# slug: cb-near-half
# says: too few terms
# loses: continuous-bernoulli-near-half, continuous-bernoulli-gradient
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.25, lam)
    return torch.where(near, math.log(2) + 0 * y, torch.log(torch.logit(far) / (2 * far - 1)))


# %% constant very near one half
# slug: cb-flat-near-half
# says: has no gradient
# loses: continuous-bernoulli-gradient
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 3e-5
    far = torch.where(near, 0.25, lam)
    return torch.where(near, math.log(2) + 0 * y, torch.log(torch.logit(far) / (2 * far - 1)))


# %% logs that cancel
# slug: cb-cancels
# says: few digits
# loses: continuous-bernoulli-near-half, continuous-bernoulli-gradient
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y == 0
    far = torch.where(near, 0.3, lam)
    ratio = (torch.log(1 - far) - torch.log(far)) / (1 - 2 * far)
    return torch.where(near, math.log(2), torch.log(ratio))


# %% an epsilon in the denominator
# slug: cb-zero-by-zero
# says: its limit there
# loses: continuous-bernoulli-near-half, continuous-bernoulli-gradient
def continuous_bernoulli_log_norm(lam):
    y = (1 - 2 * lam).abs()
    return torch.log(torch.logit(lam).abs() / (y + 1e-9))


# %% logs that cancel, a series only where nothing is left of them
# slug: cb-gradient-cancels
# says: loses its digits
# loses: continuous-bernoulli-gradient
def continuous_bernoulli_log_norm(lam):
    near = (lam - 0.5).abs() < 5e-8
    far = torch.where(near, 0.3, lam)
    ratio = (torch.log(1 - far) - torch.log(far)) / (1 - 2 * far)
    return torch.where(near, math.log(2) + 4 / 3 * (lam - 0.5) ** 2, torch.log(ratio))


# %% series everywhere
# slug: cb-taylor
# says: elsewhere take the formula
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    return math.log(2) + y**2 / 3 + 13 * y**4 / 90


# %% without the 2
# slug: cb-no-two
# says: the constant C is 2
# loses: continuous-bernoulli-value, continuous-bernoulli-near-half
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.5, y)
    return torch.where(near, y**2 / 3 + 13 * y**4 / 90, torch.log(torch.atanh(far) / far))


# %% C itself
# slug: value-exp
# says: One exp too many
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.5, y)
    return torch.where(near, 2 * (1 + y**2 / 3 + y**4 / 5), 2 * torch.atanh(far) / far)


# %% the integral
# slug: cb-sign
# says: never below 2
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.5, y)
    exact = torch.log(far / (2 * torch.atanh(far)))
    return torch.where(near, -math.log(2) - y**2 / 3 - 13 * y**4 / 90, exact)


# %% two logarithms
# slug: cb-log-of-negative
# says: take one logarithm
# loses: continuous-bernoulli-value, continuous-bernoulli-near-half
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.5, y)
    exact = torch.log(2 * torch.atanh(far)) - torch.log(far)
    return torch.where(near, math.log(2) + y**2 / 3 + 13 * y**4 / 90, exact)


# %% tanh
# slug: cb-other-function
# says: the inverse of tanh
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.5, y)
    exact = torch.log(2 * torch.tanh(far) / far)
    return torch.where(near, math.log(2) + y**2 / 3 + 13 * y**4 / 90, exact)


# %% entropy of the coin
# slug: cb-entropy
# says: entropy of a coin
def continuous_bernoulli_log_norm(lam):
    return -(lam * lam.log() + (1 - lam) * torch.log1p(-lam))


# %% log 2 for all
# slug: cb-only-two
# says: at lam = 1/2 alone
def continuous_bernoulli_log_norm(lam):
    return math.log(2) + 0 * lam


# %% without the denominator
# slug: cb-no-denominator
# says: in it twice
def continuous_bernoulli_log_norm(lam):
    return torch.log(2 * torch.atanh((1 - 2 * lam).abs()))


# %% summed over pixels
# slug: cb-summed
# says: one number for each lam
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.5, y)
    exact = torch.log(2 * torch.atanh(far) / far)
    series = math.log(2) + y**2 / 3 + 13 * y**4 / 90
    return torch.where(near, series, exact).sum(dim=-1)


# %% detached
# slug: detached
# says: No gradient
# loses: continuous-bernoulli-gradient
@torch.no_grad()
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.25, lam)
    exact = torch.log(torch.logit(far) / (2 * far - 1))
    return torch.where(near, math.log(2) + y**2 / 3 + 13 * y**4 / 90, exact)


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def continuous_bernoulli_log_norm(lam):
    torch.log(2 * torch.atanh(1 - 2 * lam) / (1 - 2 * lam))


# %% lam pushed away from one half
# slug: cb-near-half
# says: is off
# loses: continuous-bernoulli-near-half, continuous-bernoulli-gradient
def continuous_bernoulli_log_norm(lam):
    lam = torch.where((lam - 0.5).abs() < 1e-3, 0.501, lam)
    return torch.log(torch.logit(lam) / (2 * lam - 1))


# %% the denominator detached
# slug: value-right-gradient-wrong
# says: its gradient is not
# loses: continuous-bernoulli-gradient
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.25, lam)
    exact = torch.log(torch.logit(far) / (2 * far - 1).detach())
    return torch.where(near, math.log(2) + y**2 / 3 + 13 * y**4 / 90, exact)


# %% lam clamped at a thousandth
# loses: continuous-bernoulli-value
# slug: cb-clamped
# says: was clamped
def continuous_bernoulli_log_norm(lam):
    lam = lam.clamp(1e-3, 1 - 1e-3)
    near = (lam - 0.5).abs() < 1e-2
    safe = torch.where(near, torch.full_like(lam, 0.3), lam)
    away = 1 - 2 * safe
    exact = math.log(2) + torch.log(torch.atanh(away) / away)
    u = (1 - 2 * lam) ** 2
    series = math.log(2) + u / 3 + 13 * u**2 / 90 + 251 * u**3 / 2835
    return torch.where(near, series, exact)


# %% an artanh as far as the ends
# slug: cb-ends-cancel
# says: log1p(-lam)
# loses: continuous-bernoulli-value
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.5, y)
    y2 = torch.where(near, y, 0.0) ** 2
    series = math.log(2) + y2 * (1 / 3 + y2 * (13 / 90 + y2 * 251 / 2835))
    return torch.where(near, series, torch.log(2 * torch.atanh(far) / far))


# %% lam clamped at a millionth
# slug: cb-clamped
# says: was clamped
# loses: continuous-bernoulli-value
def continuous_bernoulli_log_norm(lam):
    lam = lam.clamp(1e-6, 1 - 1e-6)
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.25, lam)
    series = (
        math.log(2) + torch.where(near, y, 0.0) ** 2 / 3 + 13 * torch.where(near, y, 0.0) ** 4 / 90
    )
    return torch.where(near, series, torch.log(torch.logit(far) / (2 * far - 1)))


# %% always in double precision
# slug: weight-dtype
# says: another dtype
# loses: continuous-bernoulli-value
def continuous_bernoulli_log_norm(lam):
    lam = lam.double()
    y = 1 - 2 * lam
    near = y.abs() < 0.02
    far = torch.where(near, 0.25, lam)
    y2 = torch.where(near, y, 0.0) ** 2
    series = math.log(2) + y2 * (1 / 3 + y2 * (13 / 90 + y2 * 251 / 2835))
    return torch.where(near, series, torch.log(torch.logit(far) / (2 * far - 1)))


# %% one term of the series, a little too far
# slug: cb-gradient-cancels
# says: loses its digits near 1/2
# loses: continuous-bernoulli-gradient
def continuous_bernoulli_log_norm(lam):
    y = 1 - 2 * lam
    near = y.abs() < 0.009
    far = torch.where(near, 0.25, lam)
    series = math.log(2) + torch.where(near, y, 0.0) ** 2 / 3
    return torch.where(near, series, torch.log(torch.logit(far) / (2 * far - 1)))
