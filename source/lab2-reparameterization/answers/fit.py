"""Answers to Exercise 9 of lab2-reparameterization: right ones, then wrong ones."""


# %% no_grad and clones
def fit(gradient, mu, logvar, steps, rate):
    mu, logvar = mu.clone(), logvar.clone()
    mus, logvars = [mu.clone()], [logvar.clone()]
    with torch.no_grad():
        for _ in range(steps):
            by_mu, by_logvar = gradient(mu, logvar)
            mu -= rate * by_mu
            logvar -= rate * by_logvar
            mus.append(mu.clone())
            logvars.append(logvar.clone())
    return torch.stack(mus), torch.stack(logvars)


# %% preallocated
def fit(gradient, mu, logvar, steps, rate):
    mus = torch.empty(steps + 1, len(mu), dtype=mu.dtype)
    logvars = torch.empty_like(mus)
    mus[0], logvars[0] = mu, logvar
    for i in range(steps):
        g = gradient(mus[i], logvars[i])
        mus[i + 1] = mus[i] - rate * g[0]
        logvars[i + 1] = logvars[i] + g[1] * (-rate)
    return [mus, logvars]


# %% torch.optim.SGD
def fit(gradient, mu, logvar, steps, rate):
    parameters = [mu.clone().requires_grad_(), logvar.clone().requires_grad_()]
    optimizer = torch.optim.SGD(parameters, lr=rate)
    path = [[p.detach().clone() for p in parameters]]
    for _ in range(steps):
        for p, g in zip(parameters, gradient(*parameters)):
            p.grad = g
        optimizer.step()
        path.append([p.detach().clone() for p in parameters])
    return tuple(torch.stack(part) for part in zip(*path))


# %% recursion
def fit(gradient, mu, logvar, steps, rate):
    if steps == 0:
        return mu[None], logvar[None]
    by_mu, by_logvar = gradient(mu, logvar)
    mus, logvars = fit(gradient, mu - rate * by_mu, logvar - rate * by_logvar, steps - 1, rate)
    return torch.cat([mu[None], mus]), torch.cat([logvar[None], logvars])


# %% both in one tensor
def fit(gradient, mu, logvar, steps, rate):
    points = [torch.stack([mu, logvar])]
    while len(points) <= steps:
        points.append(points[-1].sub(torch.stack(gradient(*points[-1])), alpha=rate))
    return torch.stack(points).unbind(dim=1)


# %% in inference mode
@torch.inference_mode()
def fit(gradient, mu, logvar, steps, rate):
    points = [(mu, logvar)]
    for _ in range(steps):
        points.append(tuple(x - rate * g for x, g in zip(points[-1], gradient(*points[-1]))))
    return torch.stack([p[0] for p in points]), torch.stack([p[1] for p in points])


# %% gradient asked for each of its two parts, both at the same point
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        at = mus[-1], logvars[-1]
        mus.append(at[0] - rate * gradient(*at)[0])
        logvars.append(at[1] - rate * gradient(*at)[1])
    return torch.stack(mus), torch.stack(logvars)


# %% an optimizer with a schedule
def fit(gradient, mu, logvar, steps, rate):
    m, v = (torch.nn.Parameter(each.detach().clone()) for each in (mu, logvar))
    optimizer = torch.optim.SGD([m, v], lr=rate)
    schedule = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        m.grad, v.grad = (each.clone() for each in gradient(m.detach(), v.detach()))
        optimizer.step()
        schedule.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% the callable compiled
def fit(gradient, mu, logvar, steps, rate):
    step = torch.compile(gradient)
    path = [(mu, logvar)]
    for _ in range(steps):
        slopes = step(*path[-1])
        path.append(tuple(p - rate * s for p, s in zip(path[-1], slopes)))
    mus, logvars = zip(*path)
    return torch.stack(mus), torch.stack(logvars)


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)


# %% lists
# slug: wrong-type
# says: a list of
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return mus, logvars


# %% floats
# slug: wrong-type
# says: is float
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return mus[-1].sum().item(), logvars[-1].sum().item()


# %% float32
# slug: lost-precision
# says: torch.float32
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus).float(), torch.stack(logvars).float()


# %% a generator
# slug: wrong-type
# says: a generator
def fit(gradient, mu, logvar, steps, rate):
    for _ in range(steps):
        by_mu, by_logvar = gradient(mu, logvar)
        mu, logvar = mu - rate * by_mu, logvar - rate * by_logvar
        yield mu, logvar


# %% nan
# slug: nan
# says: contains nan
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu / (0 * by_mu) * 0)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% start moved in place
# slug: changed-argument
# says: changed the values of `mu`
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mu, logvar)
        mu -= rate * by_mu
        logvar -= rate * by_logvar
        mus.append(mu.clone())
        logvars.append(logvar.clone())
    return torch.stack(mus), torch.stack(logvars)


# %% one tensor many times
# slug: fit-overwritten
# says: one tensor many times
def fit(gradient, mu, logvar, steps, rate):
    mu, logvar = mu.clone(), logvar.clone()
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mu, logvar)
        mu -= rate * by_mu
        logvar -= rate * by_logvar
        mus.append(mu)
        logvars.append(logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% uphill
# loses: fit-path
# slug: fit-uphill
# says: uphill
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] + rate * by_mu)
        logvars.append(logvars[-1] + rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% rate ignored
# loses: fit-path
# slug: fit-rate-ignored
# says: learning rate
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - by_mu)
        logvars.append(logvars[-1] - by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% gradient taken once
# loses: fit-path
# slug: fit-gradient-frozen
# says: take it anew
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    by_mu, by_logvar = gradient(mu, logvar)
    for _ in range(steps):
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% one after the other
# loses: fit-path
# slug: fit-one-after-other
# says: move both at once
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        mus.append(mus[-1] - rate * gradient(mus[-1], logvars[-1])[0])
        logvars.append(logvars[-1] - rate * gradient(mus[-1], logvars[-1])[1])
    return torch.stack(mus), torch.stack(logvars)


# %% only the last point
# slug: fit-only-last
# says: return the whole path
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return mus[-1], logvars[-1]


# %% start left out
# slug: fit-no-start
# says: row 0 is the start
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus[1:]), torch.stack(logvars[1:])


# %% start left out, one step more
# slug: fit-no-start
# says: row 0 is the start
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps + 1):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus[1:]), torch.stack(logvars[1:])


# %% one step more
# slug: fit-step-count
# says: off by one
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps + 1):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% one step fewer
# slug: fit-step-count
# says: off by one
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(1, steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% gradients swapped
# loses: fit-path
# slug: fit-first-step
# says: first step is not rate times
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_logvar, by_mu = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% results swapped
# slug: gradients-swapped
# says: changed places
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(logvars), torch.stack(mus)


# %% arguments swapped
# loses: fit-path
# slug: fit-first-step
# says: first step is not rate times
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(logvars[-1], mus[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% one argument
# slug: raised
# says: missing 1 required positional argument
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% the whole path as argument
# slug: gradient-arguments
# says: gradient was called with
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(torch.stack(mus), torch.stack(logvars))
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% stands still
# slug: fit-stands-still
# says: never leaves its start
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        gradient(mus[-1], logvars[-1])
        mus.append(mus[-1].clone())
        logvars.append(logvars[-1].clone())
    return torch.stack(mus), torch.stack(logvars)


# %% logvar not moved
# loses: fit-path
# slug: fit-one-parameter
# says: only one
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1])
    return torch.stack(mus), torch.stack(logvars)


# %% rate hard-coded
# loses: fit-path
# slug: fit-first-step
# says: first step is not rate times
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - 0.02 * by_mu)
        logvars.append(logvars[-1] - 0.02 * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% momentum
# loses: fit-path
# slug: fit-momentum
# says: earlier gradients go on pushing
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    v, w = 0, 0
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        v, w = 0.9 * v + by_mu, 0.9 * w + by_logvar
        mus.append(mus[-1] - rate * v)
        logvars.append(logvars[-1] - rate * w)
    return torch.stack(mus), torch.stack(logvars)


# %% starts at zero
# slug: fit-wrong-start
# says: begins somewhere else
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [torch.zeros_like(mu)], [torch.zeros_like(logvar)]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% Adam
# loses: fit-path
# slug: fit-size-ignored
# says: the size of the gradient is lost
def fit(gradient, mu, logvar, steps, rate):
    parameters = [mu.clone().requires_grad_(), logvar.clone().requires_grad_()]
    optimizer = torch.optim.Adam(parameters, lr=rate)
    path = [[p.detach().clone() for p in parameters]]
    for _ in range(steps):
        for p, g in zip(parameters, gradient(*parameters)):
            p.grad = g
        optimizer.step()
        path.append([p.detach().clone() for p in parameters])
    return tuple(torch.stack(part) for part in zip(*path))


# %% rate divided by the number of steps
# loses: fit-path
# slug: fit-first-step
# says: first step is not rate times the gradient
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate / steps * by_mu)
        logvars.append(logvars[-1] - rate / steps * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% last step twice as long
# loses: fit-path
# slug: fit-later-step
# says: mus[5,
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for step in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        long = rate * (2 if 1 < steps == step + 1 else 1)
        mus.append(mus[-1] - long * by_mu)
        logvars.append(logvars[-1] - long * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% stops at a small gradient
# loses: fit-path
# slug: fit-stops-early
# says: make all steps
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        if by_mu.norm() + by_logvar.norm() < 1e-6:
            break
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% stops when a step is short, and repeats the last point
# loses: fit-path
# slug: fit-stops-early
# says: make all steps
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
        if (mus[-1] - mus[-2]).abs().max() < 1e-4:
            break
    while len(mus) <= steps:
        mus.append(mus[-1])
        logvars.append(logvars[-1])
    return torch.stack(mus), torch.stack(logvars)


# %% stops when the gradient grows
# slug: fit-stops-early
# says: make all steps
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    best = math.inf
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        size = by_mu.norm() + by_logvar.norm()
        if size > best:
            break
        best = size
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% a hundred steps at most
# loses: fit-path
# slug: fit-stops-early
# says: ends too soon
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for step in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        if step == 100:
            break
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% stops after ten steps without a smaller gradient
# loses: fit-path
# slug: fit-stops-early
# says: ends too soon
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    best, wait = math.inf, 0
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        size = by_mu.norm()
        wait = 0 if size < best else wait + 1
        best = min(best, size)
        if wait > 10:
            break
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    while len(mus) <= steps:
        mus.append(mus[-1])
        logvars.append(logvars[-1])
    return torch.stack(mus), torch.stack(logvars)


# %% clipped by its norm
# loses: fit-path
# slug: fit-clipped
# says: was clipped
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        size = torch.cat([by_mu, by_logvar]).norm()
        scale = min(1.0, 1.0 / size.item())
        by_mu, by_logvar = scale * by_mu, scale * by_logvar
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% clipped by value
# loses: fit-path
# slug: fit-clipped
# says: was clipped
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        by_mu, by_logvar = by_mu.clamp(-10, 10), by_logvar.clamp(-10, 10)
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% each of the two clipped by its norm
# loses: fit-path
# slug: fit-clipped
# says: taken whole
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        by_mu = by_mu * min(1.0, 5.0 / by_mu.norm().item())
        by_logvar = by_logvar * min(1.0, 5.0 / by_logvar.norm().item())
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% a rate that falls like one over the step
# loses: fit-path
# slug: fit-rate-changes
# says: a schedule, a decay
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for step in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        now = rate / (1 + step)
        mus.append(mus[-1] - now * by_mu)
        logvars.append(logvars[-1] - now * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% a rate that decays
# loses: fit-path
# slug: fit-rate-changes
# says: keep it the same
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for step in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        now = rate * 0.99**step
        mus.append(mus[-1] - now * by_mu)
        logvars.append(logvars[-1] - now * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% a rate that is halved after ten steps
# loses: fit-path
# slug: fit-rate-changes
# says: keep it the same
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for step in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        now = rate if step < 10 else rate / 2
        mus.append(mus[-1] - now * by_mu)
        logvars.append(logvars[-1] - now * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% a mean of gradients
# loses: fit-path
# slug: fit-momentum
# says: earlier gradients
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    v = w = None
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        v = by_mu if v is None else 0.9 * v + 0.1 * by_mu
        w = by_logvar if w is None else 0.9 * w + 0.1 * by_logvar
        mus.append(mus[-1] - rate * v)
        logvars.append(logvars[-1] - rate * w)
    return torch.stack(mus), torch.stack(logvars)


# %% weight decay
# loses: fit-path
# slug: fit-weight-decay
# says: weight decay
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * (by_mu + 0.01 * mus[-1]))
        logvars.append(logvars[-1] - rate * (by_logvar + 0.01 * logvars[-1]))
    return torch.stack(mus), torch.stack(logvars)


# %% decoupled weight decay
# loses: fit-path
# slug: fit-weight-decay
# says: moves the end
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] * 0.999 - rate * by_mu)
        logvars.append(logvars[-1] * 0.999 - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% the sign of the gradient
# loses: fit-path
# slug: fit-size-ignored
# says: its sign
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu.sign())
        logvars.append(logvars[-1] - rate * by_logvar.sign())
    return torch.stack(mus), torch.stack(logvars)


# %% a gradient of norm 1
# loses: fit-path
# slug: fit-size-ignored
# says: its norm divided out
def fit(gradient, mu, logvar, steps, rate):
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        size = torch.cat([by_mu, by_logvar]).norm()
        mus.append(mus[-1] - rate * by_mu / size)
        logvars.append(logvars[-1] - rate * by_logvar / size)
    return torch.stack(mus), torch.stack(logvars)


# %% SGD with momentum
# loses: fit-path
# slug: fit-momentum
# says: earlier gradients
def fit(gradient, mu, logvar, steps, rate):
    m, v = (torch.nn.Parameter(each.detach().clone()) for each in (mu, logvar))
    optimizer = torch.optim.SGD([m, v], lr=rate, momentum=0.9)
    path = [(m.detach().clone(), v.detach().clone())]
    for _ in range(steps):
        m.grad, v.grad = (each.clone() for each in gradient(m.detach(), v.detach()))
        optimizer.step()
        path.append((m.detach().clone(), v.detach().clone()))
    return tuple(torch.stack(part) for part in zip(*path))


# %% SGD with weight decay
# loses: fit-path
# slug: fit-weight-decay
# says: weight decay
def fit(gradient, mu, logvar, steps, rate):
    m, v = (torch.nn.Parameter(each.detach().clone()) for each in (mu, logvar))
    optimizer = torch.optim.SGD([m, v], lr=rate, weight_decay=1e-3)
    path = [(m.detach().clone(), v.detach().clone())]
    for _ in range(steps):
        m.grad, v.grad = (each.clone() for each in gradient(m.detach(), v.detach()))
        optimizer.step()
        path.append((m.detach().clone(), v.detach().clone()))
    return tuple(torch.stack(part) for part in zip(*path))
