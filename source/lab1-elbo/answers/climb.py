"""Answers to Exercise 11 of lab1-elbo: right ones, then wrong ones."""


# %% SGD that maximizes, clones stored
def climb(elbo, mu, logvar, steps, step_size):
    m = mu.detach().clone().requires_grad_()
    v = logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([m, v], lr=step_size, maximize=True)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% descent on the negative bound, in preallocated tensors
def climb(elbo, mu, logvar, steps, step_size):
    mus = torch.empty(steps + 1, *mu.shape, dtype=mu.dtype)
    logvars = torch.empty_like(mus)
    mus[0], logvars[0] = mu, logvar
    for t in range(steps):
        m, v = mus[t].clone().requires_grad_(True), logvars[t].clone().requires_grad_(True)
        (-elbo(m, v)).sum().backward()
        mus[t + 1] = mus[t] - step_size * m.grad
        logvars[t + 1] = logvars[t] - step_size * v.grad
    return [mus, logvars]


# %% one image's gradient by a vector of ones
def climb(elbo, mu, logvar, steps, step_size):
    path = [(mu, logvar)]
    for _ in range(steps):
        m, v = (part.detach().requires_grad_() for part in path[-1])
        bounds = elbo(m, v)
        gradients = torch.autograd.grad(bounds, [m, v], grad_outputs=torch.ones_like(bounds))
        path.append(
            tuple((p + step_size * g).detach() for p, g in zip((m, v), gradients, strict=True))
        )
    mus, logvars = zip(*path, strict=True)
    return torch.stack(mus), torch.stack(logvars)


# %% in place on copies, under no_grad
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        m.grad = v.grad = None
        elbo(m, v).sum().backward()
        with torch.no_grad():
            m += step_size * m.grad
            v += step_size * v.grad
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus, dim=0), torch.stack(logvars, dim=0)


# %% recursion
def climb(elbo, mu, logvar, steps, step_size):
    start = torch.stack([mu, logvar]).detach()
    if steps == 0:
        return start[0][None], start[1][None]
    both = start.clone().requires_grad_()
    (slope,) = torch.autograd.grad(elbo(both[0], both[1]).sum(), both)
    after = start + step_size * slope
    mus, logvars = climb(elbo, after[0], after[1], steps - 1, step_size)
    return torch.cat([start[:1], mus]), torch.cat([start[1:], logvars])


# %% torch.func.grad
def climb(elbo, mu, logvar, steps, step_size):
    slope = torch.func.grad(lambda m, v: elbo(m, v).sum(), argnums=(0, 1))
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        by_mu, by_logvar = slope(mus[-1], logvars[-1])
        mus.append(mus[-1] + step_size * by_mu)
        logvars.append(logvars[-1] + step_size * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% jacrev of the whole batch
def climb(elbo, mu, logvar, steps, step_size):
    def own(jacobian):  # (B, B, D): each image's own
        return jacobian.diagonal(dim1=0, dim2=1).mT

    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        jacobians = torch.func.jacrev(elbo, argnums=(0, 1))(mus[-1], logvars[-1])
        mus.append(mus[-1] + step_size * own(jacobians[0]))
        logvars.append(logvars[-1] + step_size * own(jacobians[1]))
    return torch.stack(mus), torch.stack(logvars)


# %% jacfwd
def climb(elbo, mu, logvar, steps, step_size):
    path = [torch.stack([mu, logvar])]
    for _ in range(steps):
        slope = torch.func.jacfwd(lambda both: elbo(both[0], both[1]).sum())(path[-1])
        path.append(path[-1] + step_size * slope)
    path = torch.stack(path)
    return path[:, 0].clone(), path[:, 1].clone()


# %% vjp
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        value, pull = torch.func.vjp(elbo, mus[-1], logvars[-1])
        by_mu, by_logvar = pull(torch.ones_like(value))
        mus.append(mus[-1] + step_size * by_mu)
        logvars.append(logvars[-1] + step_size * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% autograd's jacobian
def climb(elbo, mu, logvar, steps, step_size):
    from torch.autograd.functional import jacobian

    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        found = jacobian(lambda m, v: elbo(m, v).sum(), (mus[-1], logvars[-1]), vectorize=True)
        mus.append(mus[-1] + step_size * found[0])
        logvars.append(logvars[-1] + step_size * found[1])
    return torch.stack(mus), torch.stack(logvars)


# %% an optimizer with a schedule that stays
def climb(elbo, mu, logvar, steps, step_size):
    m, v = (each.detach().clone().requires_grad_() for each in (mu, logvar))
    optimizer = torch.optim.SGD([m, v], lr=step_size, maximize=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        schedule.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% the callable compiled
def climb(elbo, mu, logvar, steps, step_size):
    bound = torch.compile(elbo)
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_mu, by_logvar = torch.autograd.grad(bound(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_mu)
        logvars.append(logvars[-1] + step_size * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


# %% downhill
# loses: climb-step, climb-arrives
# slug: climb-downhill
# says: ascent adds
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] - step_size * by_m)
        logvars.append(logvars[-1] - step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% mean over the batch
# loses: climb-step, climb-arrives
# slug: climb-batch-mean
# says: mean over images
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).mean(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% step size ignored
# loses: climb-step, climb-arrives
# slug: climb-no-step-size
# says: not used
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + by_m)
        logvars.append(logvars[-1] + by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% gradients added up
# loses: climb-step, climb-arrives
# slug: climb-adds-gradients
# says: Old gradients
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        elbo(m, v).sum().backward()
        with torch.no_grad():
            m += step_size * m.grad
            v += step_size * v.grad
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% the first gradient throughout
# loses: climb-step, climb-arrives
# slug: climb-same-gradient
# says: computed once
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
    t = torch.arange(steps + 1, dtype=mu.dtype)[:, None, None]
    return mu + t * step_size * by_m, logvar + t * step_size * by_v


# %% sign of the gradient
# loses: climb-step, climb-arrives
# slug: climb-sign-only
# says: rescales it
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m.sign())
        logvars.append(logvars[-1] + step_size * by_v.sign())
    return torch.stack(mus), torch.stack(logvars)


# %% Adam
# loses: climb-step, climb-arrives
# slug: climb-sign-only
# says: rescales it
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    optimizer = torch.optim.Adam([m, v], lr=step_size, maximize=True)
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% momentum
# loses: climb-step, climb-arrives
# slug: climb-momentum
# says: holds 0.9 times the movement before
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    optimizer = torch.optim.SGD([m, v], lr=step_size, momentum=0.9, maximize=True)
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% one after the other
# loses: climb-step
# slug: climb-one-after-other
# says: take both gradients
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        m = mus[-1].clone().requires_grad_()
        (by_m,) = torch.autograd.grad(elbo(m, logvars[-1]).sum(), m)
        mus.append(mus[-1] + step_size * by_m)
        v = logvars[-1].clone().requires_grad_()
        (by_v,) = torch.autograd.grad(elbo(mus[-1], v).sum(), v)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% logvar never updated
# slug: climb-stands-still
# says: does not move
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1])
    return torch.stack(mus), torch.stack(logvars)


# %% mu never updated
# slug: climb-stands-still
# says: does not move
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1])
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% half a step
# loses: climb-step, climb-arrives
# slug: climb-half-step
# says: twice or half
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + 0.5 * step_size * by_m)
        logvars.append(logvars[-1] + 0.5 * step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% start missing
# slug: climb-path-too-short
# says: steps + 1
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    mus, logvars = torch.stack(mus), torch.stack(logvars)
    return mus[1:], logvars[1:]


# %% end missing
# slug: climb-path-too-short
# says: steps + 1
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    mus, logvars = torch.stack(mus), torch.stack(logvars)
    return mus[:-1], logvars[:-1]


# %% end only
# slug: climb-end-only
# says: not only where it ends
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return mus[-1], logvars[-1]


# %% one tensor stored many times
# loses: climb-path, climb-step
# slug: climb-path-aliased
# says: store a copy
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone(), logvar.clone()
    mus, logvars = [m], [v]
    for _ in range(steps):
        m.requires_grad_(), v.requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        m, v = m.detach_(), v.detach_()
        m += step_size * by_m
        v += step_size * by_v
        mus.append(m)
        logvars.append(v)
    return torch.stack(mus), torch.stack(logvars)


# %% a graph kept
# loses: climb-path
# slug: graph-kept
# says: requires_grad=True
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    mus, logvars = [m], [v]
    for _ in range(steps):
        by_m, by_v = torch.autograd.grad(elbo(mus[-1], logvars[-1]).sum(), (mus[-1], logvars[-1]))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% arguments changed in place
# slug: changed-argument
# says: changed the values of `mu`
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.clone()], [logvar.clone()]
    for _ in range(steps):
        m, v = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mu += step_size * by_m
        logvar += step_size * by_v
        mus.append(mu.clone())
        logvars.append(logvar.clone())
    return torch.stack(mus), torch.stack(logvars)


# %% one image only
# slug: shape-reduced
# says: it should be
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus)[:, 0], torch.stack(logvars)[:, 0]


# %% lists
# slug: wrong-type
# says: a list of
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return mus, logvars


# %% path of mu only
# slug: wrong-type
# says: Return the pair
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus)


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    path = torch.stack(mus), torch.stack(logvars)


# %% sigma climbs instead of logvar
# loses: climb-step
# slug: wrong-value
# says: movement of logvar
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(2 * torch.log(torch.exp(0.5 * logvars[-1]) + step_size * by_v))
    return torch.stack(mus), torch.stack(logvars)


# %% float32
# loses: climb-path, climb-step
# slug: lost-precision
# says: torch.float32
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus).float(), torch.stack(logvars).float()


# %% one step too few, padded
# loses: climb-step
# slug: climb-stands-still
# says: In step 4 of 4 mu does not move
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(max(steps - 1, 0)):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return (
        torch.stack(mus + mus[-1:] * (steps + 1 - len(mus))),
        torch.stack(logvars + logvars[-1:] * (steps + 1 - len(logvars))),
    )


# %% each image by its own step, first only
# loses: climb-step, climb-arrives
# slug: climb-some-images
# says: stand still
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v)[0], (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% momentum in an average of gradients
# loses: climb-step, climb-arrives
# slug: climb-momentum
# says: plain ascent
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    mean_m, mean_v = torch.zeros_like(mu), torch.zeros_like(mu)
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mean_m, mean_v = 0.9 * mean_m + 0.1 * by_m, 0.9 * mean_v + 0.1 * by_v
        mus.append(mus[-1] + step_size * mean_m)
        logvars.append(logvars[-1] + step_size * mean_v)
    return torch.stack(mus), torch.stack(logvars)


# %% gradients asked of the arguments themselves
# slug: argument-marked
# says: has requires_grad=True
def climb(elbo, mu, logvar, steps, step_size):
    mu.requires_grad_(), logvar.requires_grad_()
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    m, v = mu, logvar
    for _ in range(steps):
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        m = (m + step_size * by_m).detach().requires_grad_()
        v = (v + step_size * by_v).detach().requires_grad_()
        mus.append(m.detach())
        logvars.append(v.detach())
    return torch.stack(mus), torch.stack(logvars)


# %% central differences of 1e-5
# loses: climb-step
# slug: climb-differences
# says: lose half of the digits
def climb(elbo, mu, logvar, steps, step_size):
    def slope(at, of, other):
        found = torch.zeros_like(at)
        for i in range(at.shape[1]):
            h = torch.zeros_like(at)
            h[:, i] = 1e-5
            found[:, i] = (of(at + h, other) - of(at - h, other)).detach() / 2e-5
        return found

    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1], logvars[-1]
        mus.append(m + step_size * slope(m, elbo, v))
        logvars.append(v + step_size * slope(v, lambda v, m: elbo(m, v), m))
    return torch.stack(mus), torch.stack(logvars)


# %% central differences of 1e-4
# loses: climb-step
# slug: climb-differences
# says: lose half of the digits
def climb(elbo, mu, logvar, steps, step_size):
    def slope(at, of, other):
        found = torch.zeros_like(at)
        for i in range(at.shape[1]):
            h = torch.zeros_like(at)
            h[:, i] = 1e-4
            found[:, i] = (of(at + h, other) - of(at - h, other)).detach() / 2e-4
        return found

    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1], logvars[-1]
        mus.append(m + step_size * slope(m, elbo, v))
        logvars.append(v + step_size * slope(v, lambda v, m: elbo(m, v), m))
    return torch.stack(mus), torch.stack(logvars)


# %% central differences of 1e-3
# loses: climb-step
# slug: climb-differences
# says: lose half of the digits
def climb(elbo, mu, logvar, steps, step_size):
    def slope(at, of, other):
        found = torch.zeros_like(at)
        for i in range(at.shape[1]):
            h = torch.zeros_like(at)
            h[:, i] = 1e-3
            found[:, i] = (of(at + h, other) - of(at - h, other)).detach() / 2e-3
        return found

    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1], logvars[-1]
        mus.append(m + step_size * slope(m, elbo, v))
        logvars.append(v + step_size * slope(v, lambda v, m: elbo(m, v), m))
    return torch.stack(mus), torch.stack(logvars)


# %% gradients clipped number by number
# loses: climb-step
# slug: climb-clipped
# says: clipped
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        by_m, by_v = by_m.clamp(-0.5, 0.5), by_v.clamp(-0.5, 0.5)
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% gradients clipped by their norm
# slug: climb-normalized
# says: clipped
# loses: climb-step
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([m, v], lr=step_size, maximize=True)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        torch.nn.utils.clip_grad_norm_([m, v], 1.0)
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% gradients clipped by a norm of 100
# loses: climb-step
# slug: climb-clipped
# says: clipped
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([m, v], lr=step_size, maximize=True)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        torch.nn.utils.clip_grad_norm_([m, v], 100.0)
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% gradients clipped at 10
# loses: climb-step
# slug: climb-clipped
# says: clipped
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([m, v], lr=step_size, maximize=True)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        torch.nn.utils.clip_grad_value_([m, v], 10.0)
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% logvar kept above -0.2
# loses: climb-step, climb-arrives
# slug: climb-clipped
# says: clipped
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append((logvars[-1] + step_size * by_v).clamp(-0.2, 0.2))
    return torch.stack(mus), torch.stack(logvars)


# %% weight decay
# loses: climb-step, climb-arrives
# slug: climb-weight-decay
# says: pulls it to 0
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([m, v], lr=step_size, maximize=True, weight_decay=0.01)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% weight decay of its own
# loses: climb-step, climb-arrives
# slug: climb-weight-decay
# says: pulls it to 0
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(0.999 * mus[-1] + step_size * by_m)
        logvars.append(0.999 * logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% a square added to the ELBO
# loses: climb-step, climb-arrives
# slug: climb-weight-decay
# says: pulls it to 0
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for _ in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        height = elbo(m, v).sum() - 0.05 * ((m**2).sum() + (v**2).sum())
        by_m, by_v = torch.autograd.grad(height, (m, v))
        mus.append(mus[-1] + step_size * by_m)
        logvars.append(logvars[-1] + step_size * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% a scheduler
# loses: climb-step
# slug: climb-step-size-changes
# says: changes on the way
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([m, v], lr=step_size, maximize=True)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.99)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        schedule.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% a step size that falls like 1 / t
# loses: climb-step, climb-arrives
# slug: climb-step-size-changes
# says: changes on the way
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for t in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        mus.append(mus[-1] + step_size / (t + 1) * by_m)
        logvars.append(logvars[-1] + step_size / (t + 1) * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% warm-up
# loses: climb-step
# slug: climb-step-size-changes
# says: changes on the way
def climb(elbo, mu, logvar, steps, step_size):
    mus, logvars = [mu.detach().clone()], [logvar.detach().clone()]
    for t in range(steps):
        m, v = mus[-1].clone().requires_grad_(), logvars[-1].clone().requires_grad_()
        by_m, by_v = torch.autograd.grad(elbo(m, v).sum(), (m, v))
        eta = step_size * min(1.0, (t + 1) / 3)
        mus.append(mus[-1] + eta * by_m)
        logvars.append(logvars[-1] + eta * by_v)
    return torch.stack(mus), torch.stack(logvars)


# %% nesterov
# loses: climb-step, climb-arrives
# slug: climb-momentum
# says: momentum
def climb(elbo, mu, logvar, steps, step_size):
    m, v = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([m, v], lr=step_size, maximize=True, momentum=0.5, nesterov=True)
    mus, logvars = [m.detach().clone()], [v.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, v).sum().backward()
        optimizer.step()
        mus.append(m.detach().clone())
        logvars.append(v.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% logvar kept in -10..10
# slug: climb-clipped
# says: plain ascent takes them as they are
# loses: climb-step
def climb(elbo, mu, logvar, steps, step_size):
    mus, lvs = [mu.detach()], [logvar.detach()]
    for _ in range(steps):
        a, b = mus[-1].clone().requires_grad_(), lvs[-1].clone().requires_grad_()
        ga, gb = torch.autograd.grad(elbo(a, b).sum(), [a, b])
        mus.append((a + step_size * ga).detach())
        lvs.append((b + step_size * gb).detach().clamp(-10, 10))
    return torch.stack(mus), torch.stack(lvs)


# %% stops early when the bound no longer rises, rest repeated
# slug: climb-stands-still
# says: every step must update it
# loses: climb-step
def climb(elbo, mu, logvar, steps, step_size):
    mus, lvs = [mu.detach()], [logvar.detach()]
    last = -math.inf
    for _ in range(steps):
        a, b = mus[-1].clone().requires_grad_(), lvs[-1].clone().requires_grad_()
        e = elbo(a, b).sum()
        if e.item() <= last:
            mus.append(mus[-1])
            lvs.append(lvs[-1])
            continue
        last = e.item()
        ga, gb = torch.autograd.grad(e, [a, b])
        mus.append((a + step_size * ga).detach())
        lvs.append((b + step_size * gb).detach())
    return torch.stack(mus), torch.stack(lvs)


# %% step length halves when elbo fell (line search)
# slug: climb-half-step
# says: The step has twice or half the size that it should have
# loses: climb-step
def climb(elbo, mu, logvar, steps, step_size):
    mus, lvs = [mu.detach()], [logvar.detach()]
    for _ in range(steps):
        a, b = mus[-1].clone().requires_grad_(), lvs[-1].clone().requires_grad_()
        e = elbo(a, b).sum()
        ga, gb = torch.autograd.grad(e, [a, b])
        t = step_size
        while elbo((a + t * ga).detach(), (b + t * gb).detach()).sum() < e and t > 1e-6 * step_size:
            t /= 2
        mus.append((a + t * ga).detach())
        lvs.append((b + t * gb).detach())
    return torch.stack(mus), torch.stack(lvs)


# %% gradient left in arguments: backward on leaves that are the arguments
# slug: argument-marked
# says: work on a detached copy
def climb(elbo, mu, logvar, steps, step_size):
    was = (mu.requires_grad, logvar.requires_grad)
    m, l = mu.requires_grad_(), logvar.requires_grad_()
    mus, lvs = [m.detach().clone()], [l.detach().clone()]
    elbo(m, l).sum().backward()
    ga, gb = mu.grad.clone(), logvar.grad.clone()
    mu.requires_grad_(was[0])
    logvar.requires_grad_(was[1])
    a, b = mus[0], lvs[0]
    for t in range(steps):
        if t:
            a, b = a.clone().requires_grad_(), b.clone().requires_grad_()
            ga, gb = torch.autograd.grad(elbo(a, b).sum(), [a, b])
        a = (a + step_size * ga).detach()
        b = (b + step_size * gb).detach()
        mus.append(a)
        lvs.append(b)
    return torch.stack(mus), torch.stack(lvs)


# %% best point instead of the last at the end
# slug: climb-goes-back
# says: where its step ended
# loses: climb-step
def climb(elbo, mu, logvar, steps, step_size):
    mus, lvs = [mu.detach()], [logvar.detach()]
    best = None
    for _ in range(steps):
        a, b = mus[-1].clone().requires_grad_(), lvs[-1].clone().requires_grad_()
        e = elbo(a, b).sum()
        if best is None or e.item() > best[0]:
            best = (e.item(), a.detach(), b.detach())
        ga, gb = torch.autograd.grad(e, [a, b])
        mus.append((a + step_size * ga).detach())
        lvs.append((b + step_size * gb).detach())
    if steps and best[0] > elbo(mus[-1], lvs[-1]).sum().item():
        mus[-1], lvs[-1] = best[1], best[2]
    return torch.stack(mus), torch.stack(lvs)


# %% step rejected when the bound would fall
# slug: climb-stands-still
# says: every step must update it
# loses: climb-step
def climb(elbo, mu, logvar, steps, step_size):
    mus, lvs = [mu.detach()], [logvar.detach()]
    for _ in range(steps):
        a, b = mus[-1].clone().requires_grad_(), lvs[-1].clone().requires_grad_()
        e = elbo(a, b)
        ga, gb = torch.autograd.grad(e.sum(), [a, b])
        m, l = (a + step_size * ga).detach(), (b + step_size * gb).detach()
        worse = (elbo(m, l) < e - 1e-12)[:, None]
        mus.append(torch.where(worse, a.detach(), m))
        lvs.append(torch.where(worse, b.detach(), l))
    return torch.stack(mus), torch.stack(lvs)
