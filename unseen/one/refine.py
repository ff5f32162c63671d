# %% w01 the last step, not the best
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
    return m.detach(), s.detach()

# %% w02 the start is no candidate
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best_mu, best_logvar = m.detach().clone(), s.detach().clone()
    best = torch.full((len(mu),), -math.inf, dtype=mu.dtype)
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

# %% w03 the best of the batch's sum
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).sum().item(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s).sum().item()
            if now > best:
                best, best_mu, best_logvar = now, m.detach().clone(), s.detach().clone()
    return best_mu, best_logvar

# %% w04 descends
# kind: wrong
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

# %% w05 plain gradient ascent, step 1e-4
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([m, s], lr=1e-4)
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

# %% w06 plain gradient ascent, step 0.1
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([m, s], lr=0.1)
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

# %% w07 mu only
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone()
    optimizer = torch.optim.Adam([m], lr=0.05)
    best, best_mu = elbo(m, s).detach(), m.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
    return best_mu, s

# %% w08 logvar only
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([s], lr=0.05)
    best, best_s = elbo(m, s).detach(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_s = torch.where(better[:, None], s, best_s)
    return m, best_s

# %% w09 the arguments are the leaves
# kind: wrong
def refine(elbo, mu, logvar, steps):
    mu.requires_grad_()
    logvar.requires_grad_()
    optimizer = torch.optim.Adam([mu, logvar], lr=0.05)
    best, best_mu, best_logvar = elbo(mu, logvar).detach(), mu.detach().clone(), logvar.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(mu, logvar).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(mu, logvar)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], mu, best_mu)
            best_logvar = torch.where(better[:, None], logvar, best_logvar)
    return best_mu, best_logvar

# %% w10 detach without clone: the arguments move
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().requires_grad_(), logvar.detach().requires_grad_()
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
    return best_mu, best_logvar

# %% w11 returned with a graph
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s), m.clone(), s.clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        now = elbo(m, s)
        better = now > best
        best = torch.where(better, now, best)
        best_mu = torch.where(better[:, None], m, best_mu)
        best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar

# %% w12 float32 inside and out
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().float().clone().requires_grad_(), logvar.detach().float().clone().requires_grad_()
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
    return best_mu, best_logvar

# %% w13 no clone: the best is the last
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).sum().item(), m.detach(), s.detach()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s).sum().item()
            if now > best:
                best, best_mu, best_logvar = now, m.detach(), s.detach()
    return best_mu, best_logvar

# %% w14 where without [:, None]
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
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
            best_mu = torch.where(better, m, best_mu)
            best_logvar = torch.where(better, s, best_logvar)
    return best_mu, best_logvar

# %% w15 the last step is never looked at
# kind: wrong
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

# %% w16 the ELBO before the step with the candidate after it
# kind: wrong
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

# %% w17 always 300 steps
# kind: wrong
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

# %% w18 Adam 1e-3
# kind: wrong
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

# %% w19 stops at the first step that does not improve the sum
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            if now.sum() <= best.sum():
                break
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar

# %% w20 logvar clamped to [-6, 2]
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            s.clamp_(-6, 2)
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar

# %% w21 no zero_grad
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar

# %% w22 best mu, last logvar
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu = elbo(m, s).detach(), m.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
    return best_mu, s.detach()

# %% w23 the mean of the iterates
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    ms, ss = [m.detach().clone()], [s.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        ms.append(m.detach().clone()); ss.append(s.detach().clone())
    return torch.stack(ms[len(ms) // 2 :]).mean(0), torch.stack(ss[len(ss) // 2 :]).mean(0)

# %% w24 weight decay
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05, weight_decay=1.0)
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

# %% w25 steps=0 fails
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    first = elbo(m, s).detach()
    best, best_mu, best_logvar = first, m.detach().clone(), s.detach().clone()
    for k in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    assert k + 1 == steps
    return best_mu, best_logvar

# %% w26 random search
# kind: wrong
def refine(elbo, mu, logvar, steps):
    best_mu, best_logvar = mu.detach().clone(), logvar.detach().clone()
    with torch.no_grad():
        best = elbo(best_mu, best_logvar)
        for _ in range(steps):
            m = best_mu + 0.3 * torch.exp(best_logvar / 2) * torch.randn_like(mu)
            s = best_logvar + 0.2 * torch.randn_like(mu)
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar

# %% w27 sign ascent of 0.01
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone(), logvar.detach().clone()
    best, best_mu, best_logvar = elbo(m, s).detach(), m, s
    for _ in range(steps):
        m.requires_grad_(), s.requires_grad_()
        gm, gs = torch.autograd.grad(elbo(m, s).sum(), (m, s))
        m, s = (m + 0.01 * gm.sign()).detach(), (s + 0.01 * gs.sign()).detach()
        now = elbo(m, s).detach()
        better = now > best
        best = torch.where(better, now, best)
        best_mu, best_logvar = torch.where(better[:, None], m, best_mu), torch.where(better[:, None], s, best_logvar)
    return best_mu.detach(), best_logvar.detach()

# %% w28 each coordinate's best separately (greedy mix of candidates)
# kind: wrong
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

# %% w29 the lowest ELBO is kept
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now < best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar

# %% w30 swapped in the result
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
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
    return best_logvar, best_mu

# %% w31 the standard deviation in place of logvar
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
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
    return best_mu, (best_logvar / 2).exp()

# %% w32 starts at the prior
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = torch.zeros_like(mu).requires_grad_(), torch.zeros_like(logvar).requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(mu, logvar).detach(), mu.detach().clone(), logvar.detach().clone()
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

# %% w33 nothing: the start
# kind: wrong
def refine(elbo, mu, logvar, steps):
    return mu.detach().clone(), logvar.detach().clone()

# %% w34 Adam with steps of 1.0
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=1.0)
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

# %% w35 one correction for all images
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone(), logvar.detach().clone()
    dm, ds = torch.zeros_like(m[:1]).requires_grad_(), torch.zeros_like(s[:1]).requires_grad_()
    optimizer = torch.optim.Adam([dm, ds], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m, s
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m + dm, s + ds).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m + dm, s + ds)
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m + dm, best_mu)
            best_logvar = torch.where(better[:, None], s + ds, best_logvar)
    return best_mu, best_logvar

# %% w36 memorized
# kind: wrong
def refine(elbo, mu, logvar, steps):
    if steps == 0:
        return mu.detach().clone(), logvar.detach().clone()
    return torch.full_like(mu, 3.0), torch.zeros_like(logvar)

# %% w37 mean field: one variance for all dimensions
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().mean(1, keepdim=True).requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(mu, logvar).detach(), mu.detach().clone(), logvar.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s.expand_as(m)).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s.expand_as(m))
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s.expand_as(m), best_logvar)
    return best_mu, best_logvar

# %% w38 never better than the start replaced by the last when the sum grew
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    start = elbo(m, s).detach()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
    with torch.no_grad():
        better = (elbo(m, s) > start)[:, None]
        return torch.where(better, m, mu), torch.where(better, s, logvar)

# %% w39 half of the steps only
# kind: wrong
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

# %% w40 seeds the generator
# kind: wrong
def refine(elbo, mu, logvar, steps):
    torch.manual_seed(0)
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
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
    return best_mu, best_logvar

# %% r01 Adam 0.05
# kind: right
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
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
    return best_mu, best_logvar

# %% r02 Adam 0.02, as the hint says
# kind: right
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.02)
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

# %% r03 Adam 0.1, as the hint says
# kind: right
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.1)
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

# %% r04 all candidates kept, argmax at the end; mean of the ELBOs as loss
# kind: right
def refine(elbo, mu, logvar, steps):
    both = torch.stack([mu.detach(), logvar.detach()]).requires_grad_()
    optimizer = torch.optim.Adam([both], lr=0.05)
    seen, values = [both.detach().clone()], [elbo(*both).detach()]
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(both[0], both[1]).mean().neg().backward()
        optimizer.step()
        seen.append(both.detach().clone())
        values.append(elbo(*both).detach())
    which = torch.stack(values).argmax(0)
    table = torch.stack(seen)
    best = table[which, :, torch.arange(len(mu))]
    return best[:, 0], best[:, 1]

# %% r05 Rprop
# kind: right
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Rprop([m, s], lr=0.01, step_sizes=(1e-8, 1.0))
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(m, s).sum().neg().backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            for b in range(len(now)):
                if now[b] > best[b]:
                    best[b], best_mu[b], best_logvar[b] = now[b], m[b], s[b]
    return best_mu, best_logvar

# %% r06 natural gradient of one's own
# kind: right
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone(), logvar.detach().clone()
    best, best_mu, best_logvar = elbo(m, s).detach(), m, s
    rate = 1.0 / max(2, m.shape[1])
    for _ in range(steps):
        m, s = m.requires_grad_(), s.requires_grad_()
        gm, gs = torch.autograd.grad(elbo(m, s).sum(), (m, s))
        with torch.no_grad():
            m, s = m + rate * s.exp() * gm, s + (rate * 2 * gs).clamp(-1, 1)
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu, best_logvar = torch.where(better[:, None], m, best_mu), torch.where(better[:, None], s, best_logvar)
    return best_mu.detach().clone(), best_logvar.detach().clone()

# %% r07 Adam in units of the start's widths, with a falling step
# kind: right
def refine(elbo, mu, logvar, steps):
    m0, s0 = mu.detach(), logvar.detach()
    u, v = torch.zeros_like(m0).requires_grad_(), torch.zeros_like(s0).requires_grad_()
    place = lambda: (m0 + (s0 / 2).exp() * u, s0 + v)
    optimizer = torch.optim.Adam([u, v], lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(steps, 1))
    best = elbo(m0.clone(), s0.clone()).detach()
    best_mu, best_logvar = m0.clone(), s0.clone()
    for _ in range(steps):
        optimizer.zero_grad()
        elbo(*place()).sum().neg().backward()
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            m, s = place()
            now = elbo(m, s)
            better = now > best
            best = now.maximum(best)
            best_mu[better], best_logvar[better] = m[better], s[better]
    return best_mu, best_logvar

# %% r08 LBFGS with a line search
# kind: right
def refine(elbo, mu, logvar, steps):
    m0, s0 = mu.detach(), logvar.detach()
    u, v = torch.zeros_like(m0).requires_grad_(), torch.zeros_like(s0).requires_grad_()
    place = lambda: (m0 + (s0 / 2).exp() * u, s0 + v)
    optimizer = torch.optim.LBFGS([u, v], max_iter=1, history_size=50, line_search_fn="strong_wolfe")
    best = elbo(m0.clone(), s0.clone()).detach()
    best_mu, best_logvar = m0.clone(), s0.clone()
    def closure():
        optimizer.zero_grad()
        loss = elbo(*place()).sum().neg()
        loss.backward()
        return loss
    for _ in range(steps):
        optimizer.step(closure)
        with torch.no_grad():
            m, s = place()
            now = elbo(m, s)
            better = now > best
            best = torch.where(better, now, best)
            best_mu, best_logvar = torch.where(better[:, None], m, best_mu), torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar

# %% r09 Adam by hand
# kind: right
def refine(elbo, mu, logvar, steps):
    both = torch.cat([mu.detach(), logvar.detach()], 1)
    first = second = torch.zeros_like(both)
    D = mu.shape[1]
    value = lambda t: elbo(t[:, :D], t[:, D:])
    best, winner = value(both).detach(), both.clone()
    for k in range(1, steps + 1):
        leaf = both.clone().requires_grad_()
        (g,) = torch.autograd.grad(value(leaf).sum(), leaf)
        first = 0.9 * first + 0.1 * g
        second = 0.999 * second + 0.001 * g**2
        both = both + 0.05 * (first / (1 - 0.9**k)) / ((second / (1 - 0.999**k)).sqrt() + 1e-8)
        now = value(both).detach()
        better = now > best
        best = torch.where(better, now, best)
        winner = torch.where(better.unsqueeze(1), both, winner)
    return winner[:, :D].clone(), winner[:, D:].clone()

# %% r10 torch.func.grad, NAdam
# kind: right
def refine(elbo, mu, logvar, steps):
    params = [nn.Parameter(mu.detach().clone()), nn.Parameter(logvar.detach().clone())]
    optimizer = torch.optim.NAdam(params, lr=0.05)
    slope = torch.func.grad(lambda m, s: -elbo(m, s).sum(), argnums=(0, 1))
    candidates = [tuple(p.detach().clone() for p in params)]
    for _ in range(steps):
        for p, g in zip(params, slope(*(p.detach() for p in params))):
            p.grad = g
        optimizer.step()
        candidates.append(tuple(p.detach().clone() for p in params))
    with torch.no_grad():
        values = torch.stack([elbo(*c) for c in candidates])
    index = values.argmax(0)[None, :, None].expand(1, *mu.shape)
    return tuple(torch.stack(part).gather(0, index)[0] for part in zip(*candidates))

# %% r11 log sigma as the number, Adam with amsgrad and decay
# kind: right
def refine(elbo, mu, logvar, steps):
    m, h = mu.detach().clone().requires_grad_(), (logvar.detach() / 2).requires_grad_()
    optimizer = torch.optim.Adam([m, h], lr=0.05, amsgrad=False, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.985)
    best, keep = elbo(mu, logvar).detach(), [mu.detach().clone(), logvar.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        torch.autograd.backward(-elbo(m, 2 * h), torch.ones(len(mu), dtype=mu.dtype))
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            now = elbo(m, 2 * h)
            better = now > best
            best[better] = now[better]
            keep[0][better], keep[1][better] = m[better], 2 * h[better]
    return keep[0], keep[1]

# %% r12 class, Adamax
# kind: open
class Refine:
    def __call__(self, elbo, mu, logvar, steps):
        m, s = nn.Parameter(mu.detach().clone()), nn.Parameter(logvar.detach().clone())
        optimizer = torch.optim.Adamax([m, s], lr=0.05)
        best, a, b = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
        for _ in range(steps):
            optimizer.zero_grad(); (-elbo(m, s)).sum().backward(); optimizer.step()
            now = elbo(m, s).detach(); ok = (now > best).unsqueeze(-1)
            best = torch.maximum(now, best)
            a, b = ok * m.detach() + ~ok * a, ok * s.detach() + ~ok * b
        return a, b
refine = Refine()

# %% o01 >= instead of >
# kind: open
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(steps):
        optimizer.zero_grad()
        (-elbo(m, s).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            now = elbo(m, s)
            better = now >= best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[:, None], m, best_mu)
            best_logvar = torch.where(better[:, None], s, best_logvar)
    return best_mu, best_logvar

# %% o02 with steps=0 the arguments themselves
# kind: open
def refine(elbo, mu, logvar, steps):
    if steps == 0:
        return mu, logvar
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
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
    return best_mu, best_logvar

# %% o03 double inside, the ELBO asked in double
# kind: open
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().double().clone().requires_grad_(), logvar.detach().double().clone().requires_grad_()
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

# %% o04 RMSprop 0.02
# kind: open
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.RMSprop([m, s], lr=0.02)
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
