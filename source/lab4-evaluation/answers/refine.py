"""Answers to Exercise 7 of lab4-evaluation: right ones, then wrong ones."""


# %% every candidate kept
def refine(elbo, mu, logvar, steps):
    a, b = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.05)
    found = [(elbo(mu, logvar), mu, logvar)]
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(a, b)).sum().backward()
        optimizer.step()
        with torch.no_grad():
            found.append((elbo(a, b), a.clone(), b.clone()))
    heights, mus, logvars = (torch.stack(part) for part in zip(*found, strict=True))
    place, image = heights.argmax(0), torch.arange(len(mu))
    return mus[place, image].detach(), logvars[place, image].detach()


# %% a mean as the loss, another step
def refine(elbo, mu, logvar, steps):
    best_mu, best_logvar = mu.detach().clone(), logvar.detach().clone()
    best = elbo(best_mu, best_logvar).detach()
    pair = [best_mu.clone().requires_grad_(), best_logvar.clone().requires_grad_()]
    optimizer = torch.optim.Adam(pair, lr=0.03)
    for _ in range(steps):
        loss = -elbo(*pair).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        now = elbo(*pair).detach()
        for b in (now > best).nonzero()[:, 0].tolist():
            best[b], best_mu[b], best_logvar[b] = now[b], pair[0][b].detach(), pair[1][b].detach()
    return best_mu, best_logvar


# %% steps so long that some lead nowhere
def refine(elbo, mu, logvar, steps):
    ends = [(elbo(mu, logvar).detach(), mu.detach().clone(), logvar.detach().clone())]
    m, s = ends[0][1].clone().requires_grad_(), ends[0][2].clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.3)
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, s).sum().neg().backward()
        optimizer.step()
        ends.append((elbo(m, s).detach(), m.detach().clone(), s.detach().clone()))
    height, *pair = (torch.stack(part) for part in zip(*ends, strict=True))
    best = height.argmax(0)[None, :, None].expand(1, *mu.shape)
    return tuple(each.gather(0, best)[0] for each in pair)


# %% in units of the given sigma
def refine(elbo, mu, logvar, steps):
    mu, logvar = mu.detach(), logvar.detach()
    sigma = torch.exp(0.5 * logvar)
    shift = torch.zeros_like(mu).requires_grad_()
    widening = torch.zeros_like(mu).requires_grad_()
    optimizer = torch.optim.Adam([shift, widening], lr=0.05)
    best, end_mu, end_logvar = elbo(mu, logvar).detach(), mu.clone(), logvar.clone()
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(mu + sigma * shift, logvar + widening).sum().neg().backward()
        optimizer.step()
        with torch.no_grad():
            a, b = mu + sigma * shift, logvar + widening
            now = elbo(a, b)
            better = (now > best)[:, None]
            end_mu, end_logvar = torch.where(better, a, end_mu), torch.where(better, b, end_logvar)
            best = torch.maximum(best, now)
    return end_mu, end_logvar


# %% LBFGS in units of sigma, image by image
def refine(elbo, mu, logvar, steps):
    mu, logvar = mu.detach(), logvar.detach()
    sigma, ends = torch.exp(0.5 * logvar), [mu.clone(), logvar.clone()]
    for image in range(len(mu)):
        mask = torch.zeros(len(mu), 1, dtype=mu.dtype)
        mask[image] = 1
        moves = torch.zeros(2, *mu.shape, dtype=mu.dtype).requires_grad_()

        def placed(moves=moves, mask=mask):
            return mu + mask * sigma * moves[0], logvar + mask * moves[1]

        def closure(moves=moves, placed=placed, image=image):
            moves.grad = None
            loss = -elbo(*placed())[image]
            loss.backward()
            return loss

        optimizer = torch.optim.LBFGS([moves], max_iter=20, line_search_fn="strong_wolfe")
        for _ in range(-(-steps // 20)):
            optimizer.step(closure)
        with torch.no_grad():
            if elbo(*placed())[image] > elbo(mu, logvar)[image]:
                ends = [torch.where(mask > 0, *pair) for pair in zip(placed(), ends, strict=True)]
    return tuple(ends)


# %% gradients by autograd.grad, steps in both signs alike
def refine(elbo, mu, logvar, steps):
    start = torch.cat([mu, logvar], dim=1).detach()
    now, best = start.clone(), start.clone()
    d = mu.shape[1]
    first, second = torch.zeros_like(now), torch.zeros_like(now)
    for step in range(1, steps + 1):
        now = now.requires_grad_()
        (slope,) = torch.autograd.grad(elbo(now[:, :d], now[:, d:]).sum(), now)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        scale = (second / (1 - 0.999**step)).sqrt() + 1e-8
        now = (now + 0.05 * first / (1 - 0.9**step) / scale).detach()
        better = elbo(now[:, :d], now[:, d:]) > elbo(best[:, :d], best[:, d:])
        best = torch.where(better[:, None], now, best)
    return best[:, :d].clone(), best[:, d:].clone()


# %% amsgrad with a decaying step
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.99)
    best = (elbo(a, b).detach(), a.detach().clone(), b.detach().clone())
    for _ in range(steps):
        optimizer.zero_grad()
        torch.sum(-elbo(a, b)).backward()
        optimizer.step()
        scheduler.step()
        with torch.no_grad():
            now = elbo(a, b)
            better = now > best[0]
            best = (
                torch.where(better, now, best[0]),
                torch.where(better.unsqueeze(1), a, best[1]),
                torch.where(better.unsqueeze(1), b, best[2]),
            )
    return best[1:]


# %% the last step
# slug: refine-worse
# says: past the summit
# loses: refine-never-worse
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(a, b).sum()).backward()
        optimizer.step()
    return a.detach(), b.detach()


# %% the best of the batch together
# slug: refine-not-best
# says: was passed by
# loses: refine-never-worse
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.05)
    best = (elbo(a, b).sum().item(), a.detach().clone(), b.detach().clone())
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(a, b).sum()).backward()
        optimizer.step()
        height = elbo(a, b).sum().item()
        if height > best[0]:
            best = (height, a.detach().clone(), b.detach().clone())
    return best[1], best[2]


# %% plain gradient ascent
# slug: refine-some-images
# says: its own width
# loses: refine-widths
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone(), logvar.detach().clone()
    best = (elbo(a, b), a.clone(), b.clone())
    for _ in range(steps):
        a, b = a.requires_grad_(), b.requires_grad_()
        by_a, by_b = torch.autograd.grad(elbo(a, b).sum(), [a, b])
        a, b = (a + 0.05 * by_a).detach(), (b + 0.05 * by_b).detach()
        now = elbo(a, b)
        better = now > best[0]
        best = (
            torch.where(better, now, best[0]),
            torch.where(better[:, None], a, best[1]),
            torch.where(better[:, None], b, best[2]),
        )
    return best[1], best[2]


# %% steps that are too short
# slug: refine-not-there
# says: does not arrive
# loses: refine-arrives, refine-never-worse, refine-widths
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.0005)
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(a, b).sum()).backward()
        optimizer.step()
    better = (elbo(a, b) > elbo(mu, logvar))[:, None]
    return torch.where(better, a, mu).detach(), torch.where(better, b, logvar).detach()


# %% the mean alone
# slug: refine-one-only
# says: needs both
# loses: refine-arrives, refine-widths
def refine(elbo, mu, logvar, steps):
    a = mu.detach().clone().requires_grad_()
    best = mu.detach().clone()
    optimizer = torch.optim.Adam([a], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(a, logvar).sum()).backward()
        optimizer.step()
        best = torch.where((elbo(a, logvar) > elbo(best, logvar))[:, None], a.detach(), best)
    return best, logvar.clone()


# %% downhill
# slug: climb-downhill
# says: goes downhill
# loses: refine-arrives, refine-widths, refine-never-worse
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.05)
    best_mu, best_logvar = mu.clone(), logvar.clone()
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(a, b).sum().backward()
        optimizer.step()
        better = (elbo(a, b) > elbo(best_mu, best_logvar)).detach()[:, None]
        best_mu = torch.where(better, a.detach(), best_mu)
        best_logvar = torch.where(better, b.detach(), best_logvar)
    return best_mu, best_logvar


# %% downhill to the end
# slug: climb-downhill
# says: goes downhill
# loses: refine-arrives, refine-widths, refine-never-worse
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(a, b).sum().backward()
        optimizer.step()
    return a.detach(), b.detach()


# %% the first image alone
# slug: refine-some-images
# says: only some images
# loses: refine-arrives, refine-widths, refine-never-worse
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(a, b)[0]).backward()
        optimizer.step()
    return a.detach(), b.detach()


# %% all of the path
# slug: refine-path
# says: only where it ends
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.05)
    mus, logvars = [a.detach().clone()], [b.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(a, b).sum()).backward()
        optimizer.step()
        mus.append(a.detach().clone())
        logvars.append(b.detach().clone())
    return torch.stack(mus), torch.stack(logvars)


# %% with its graph
# slug: graph-kept
# says: backward pass that never comes
# loses: refine-apart
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.05)
    best = (elbo(a, b), a.clone(), b.clone())
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(a, b).sum()).backward()
        optimizer.step()
        now = elbo(a, b).detach()
        better = now > best[0]
        best = (
            torch.where(better, now, best[0]),
            torch.where(better[:, None], a.detach(), best[1]),
            torch.where(better[:, None], b.detach(), best[2]),
        )
    return best[1], best[2]


# %% the arguments themselves
# slug: changed-argument
# says: not change its arguments
def refine(elbo, mu, logvar, steps):
    optimizer = torch.optim.Adam([mu.requires_grad_(), logvar.requires_grad_()], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(mu, logvar).sum()).backward()
        optimizer.step()
    return mu.detach(), logvar.detach()


# %% one image at a time
# slug: elbo-arguments
# says: of all images
def refine(elbo, mu, logvar, steps):
    ends = []
    for b in range(len(mu)):
        a, c = mu[b].clone().requires_grad_(), logvar[b].clone().requires_grad_()
        optimizer = torch.optim.Adam([a, c], lr=0.05)
        elbo(a, c)
        for _ in range(steps):
            optimizer.zero_grad()
            (-elbo(a, c)).backward()
            optimizer.step()
        ends.append((a.detach(), c.detach()))
    return torch.stack([a for a, _ in ends]), torch.stack([c for _, c in ends])


# %% a step when none is asked for
# slug: refine-no-steps
# says: the start itself
# loses: refine-never-worse
def refine(elbo, mu, logvar, steps):
    a, b = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([a, b], lr=0.05)
    best = [elbo(a, b).detach(), a.detach().clone(), b.detach().clone()]
    for _ in range(steps + 1):
        optimizer.zero_grad()
        (-elbo(a, b).sum()).backward()
        optimizer.step()
        now = elbo(a, b).detach()
        better = now > best[0]
        best[0] = torch.where(better, now, best[0])
        best[1] = torch.where(better[:, None], a.detach(), best[1])
        best[2] = torch.where(better[:, None], b.detach(), best[2])
    return best[1], best[2]


# %% nothing done
# slug: climb-stands-still
# says: does not move
def refine(elbo, mu, logvar, steps):
    elbo(mu, logvar)
    return mu.clone(), logvar.clone()


# %% the ELBO beside them
# slug: wrong-type
# says: (mu, logvar)
def refine(elbo, mu, logvar, steps):
    return mu.clone(), logvar.clone(), elbo(mu, logvar)


# %% the ELBO before a step, what stands after it
# loses: refine-apart, refine-never-worse
# slug: refine-last-step
# says: was not looked at
def refine(elbo, mu, logvar, steps):
    best = elbo(mu, logvar).detach()
    best_mu, best_logvar = mu.detach().clone(), logvar.detach().clone()
    m, v = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, v], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        value = elbo(m, v)
        (-value.sum()).backward()
        optimizer.step()
        better = value.detach() > best
        best = torch.where(better, value.detach(), best)
        best_mu = torch.where(better[:, None], m.detach(), best_mu)
        best_logvar = torch.where(better[:, None], v.detach(), best_logvar)
    return best_mu, best_logvar


# %% the end or the start
# loses: refine-never-worse
# slug: refine-not-best
# says: higher than the result
def refine(elbo, mu, logvar, steps):
    m, v = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, v], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, v).sum()).backward()
        optimizer.step()
    m, v = m.detach(), v.detach()
    better = (elbo(m, v) > elbo(mu, logvar))[:, None]
    return torch.where(better, m, mu), torch.where(better, v, logvar)


# %% AdamW
def refine(elbo, mu, logvar, steps):
    best = elbo(mu, logvar).detach()
    best_mu, best_logvar = mu.detach().clone(), logvar.detach().clone()
    m, v = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.AdamW([m, v], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, v).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            value = elbo(m, v)
            better = value > best
            best = torch.where(better, value, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], v, best_logvar)
    return best_mu, best_logvar


# %% steps - 1
# slug: refine-last-step
# says: A step's end was not looked
# loses: refine-never-worse, refine-apart
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps - 1):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar


# %% double Newton-like search: ELBO maximum by 300 steps whatever steps is, from steps=1 on
# slug: refine-other-steps
# says: Another number of steps
# loses: refine-never-worse
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(300 if steps else 0):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar


# %% descends
# slug: climb-downhill
# says: It goes downhill
# loses: refine-arrives, refine-widths, refine-never-worse
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, s).sum().backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar


# %% the last step is never looked at
# slug: refine-last-step
# says: A step's end was not looked
# loses: refine-never-worse, refine-apart
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best = torch.full((len(mu),), -math.inf, dtype=mu.dtype)
    best_mu, best_logvar = m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        now = elbo(m, s)
        with torch.no_grad():
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
        (-now.sum()).backward()
        optimizer.step()
    return best_mu, best_logvar


# %% the ELBO before the step with the candidate after it
# slug: refine-last-step
# says: A step's end was not looked
# loses: refine-never-worse, refine-apart
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        now = elbo(m, s)
        (-now.sum()).backward()
        optimizer.step()
        with torch.no_grad():
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar


# %% always 300 steps
# slug: refine-no-steps
# says: Without steps nothing may change
# loses: refine-never-worse
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(300):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar


# %% Adam 1e-3
# slug: refine-not-there
# says: It does not arrive
# loses: refine-arrives, refine-widths
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=1e-3)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar


# %% the mean of the iterates
# slug: refine-worse
# says: Keep the best Gaussian of each
# loses: refine-never-worse
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    ms, ss = [m.detach().clone()], [s.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        ms.append(m.detach().clone())
        ss.append(s.detach().clone())
    return torch.stack(ms[len(ms) // 2 :]).mean(0), torch.stack(ss[len(ss) // 2 :]).mean(0)


# %% each coordinate's best separately (greedy mix of candidates)
# slug: refine-not-best
# says: A better candidate was passed by
# loses: refine-never-worse
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for k in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            if k % 2 == 0:
                best_mu = torch.where(better[:, None], m, best_mu)
            else:
                best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar


# %% half of the steps only
# slug: refine-last-step
# says: A step's end was not looked
# loses: refine-never-worse, refine-apart
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.02)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps // 2):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar


# %% double inside, the ELBO asked in double
# slug: elbo-arguments
# says: elbo takes mu and logvar (B,
# loses: refine-apart
def refine(elbo, mu, logvar, steps):
    m, s = (
        mu.detach().double().clone().requires_grad_(),
        logvar.detach().double().clone().requires_grad_(),
    )
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu.to(mu.dtype), best_logvar.to(mu.dtype)
