# %% e1 steps - 1
# kind: wrong
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

# %% e2 two Adam steps for each
# kind: wrong
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.05)
    best, best_mu, best_logvar = elbo(m, s).detach(), m.detach().clone(), s.detach().clone()
    for _ in range(2 * steps):
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

# %% e3 a step of 0.5
# kind: open
def refine(elbo, mu, logvar, steps):
    m, s = mu.detach().clone().requires_grad_(), logvar.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.5)
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

# %% e4 double Newton-like search: ELBO maximum by 300 steps whatever steps is, from steps=1 on
# kind: wrong
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

# %% e5 where with a squeezed condition that fits only where B = D: better.T style
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
            now = elbo(m, s).squeeze()
            better = now > best
            best = torch.where(better, now, best)
            best_mu = torch.where(better[..., None], m, best_mu)
            best_logvar = torch.where(better[..., None], s, best_logvar)
    return best_mu, best_logvar
