"""Answers to Exercise 7 of lab5-family: right ones, then wrong ones."""


# %% minus the bound
def mended_loss(nll, log_prior, log_q):
    log_w = log_prior - nll - log_q
    return math.log(len(log_w)) - torch.logsumexp(log_w, dim=0)


# %% log weights by name
def mended_loss(nll, log_prior, log_q):
    log_w = log_prior - nll - log_q
    shares = log_w.softmax(0).detach()
    return -(shares * log_w).sum(0)


# %% softmin
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    with torch.no_grad():
        shares = F.softmin(losses, dim=0)
    return torch.einsum("kb,kb->b", shares, losses)


# %% no log K
def mended_loss(nll, log_prior, log_q):
    return -torch.logsumexp(log_prior - nll - log_q, 0)


# %% image by image
def mended_loss(nll, log_prior, log_q):
    losses = (nll - log_prior + log_q).unbind(1)
    return torch.stack([each @ (-each).softmax(0).detach() for each in losses])


# %% one after the other
def mended_loss(nll, log_prior, log_q):
    total = None
    for a, b, c in zip(nll, log_prior, log_q):
        log_w = b - a - c
        total = log_w if total is None else torch.logaddexp(total, log_w)
    return math.log(nll.shape[0]) - total


# %% the smallest loss taken out
def mended_loss(nll, log_prior, log_q):
    losses = nll + log_q - log_prior
    least = losses.min(0).values.detach()
    return least - torch.log(torch.exp(least - losses).mean(0))


# %% still broken
# slug: mended-still-reversed
# says: worst code
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    shares = torch.softmax(losses, dim=0)
    return (shares.detach() * losses).sum(dim=0)


# %% the sign outside only
# slug: mended-still-reversed
# says: worst code
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    shares = torch.softmax(losses, dim=0)
    return -(shares.detach() * losses).sum(dim=0)


# %% a log-sum-exp of losses
# slug: mended-still-reversed
# says: worst code
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return torch.logsumexp(losses, dim=0) - math.log(len(losses))


# %% broken, and not cut
# slug: mended-still-reversed
# says: worst code
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return (torch.softmax(losses, dim=0) * losses).sum(dim=0)


# %% the right shares, not cut
# slug: mended-not-cut
# says: cut out of the graph
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return (torch.softmax(-losses, dim=0) * losses).sum(dim=0)


# %% the losses cut, not the shares
# slug: mended-not-cut
# says: cut out of the graph
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return (torch.softmax(-losses, dim=0) * losses.detach()).sum(dim=0)


# %% the bound
# slug: mended-negated
# says: sign of the whole
def mended_loss(nll, log_prior, log_q):
    log_w = log_prior - nll - log_q
    return (log_w.softmax(0).detach() * log_w).sum(0)


# %% both signs turned
# slug: mended-negated
# says: sign of the whole
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return (torch.softmax(-losses, dim=0).detach() * -losses).sum(dim=0)


# %% the mean
# slug: mended-equal
# says: plain ELBO
def mended_loss(nll, log_prior, log_q):
    return (nll - log_prior + log_q).mean(dim=0)


# %% the sum
# slug: mended-equal
# says: plain ELBO
def mended_loss(nll, log_prior, log_q):
    return (nll - log_prior + log_q).sum(dim=0)


# %% the best code
# slug: mended-best-only
# says: no choice
def mended_loss(nll, log_prior, log_q):
    return (nll - log_prior + log_q).amin(dim=0)


# %% the worst code
# slug: mended-worst-only
# says: worst code
def mended_loss(nll, log_prior, log_q):
    return (nll - log_prior + log_q).amax(dim=0)


# %% shares over images
# slug: mended-over-images
# says: of one image
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return (torch.softmax(-losses, dim=1).detach() * losses).sum(dim=0)


# %% one minus the shares
# slug: mended-complement
# says: One minus
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return ((1 - torch.softmax(losses, dim=0)).detach() * losses).sum(dim=0)


# %% a mean over codes
# slug: mended-divided
# says: Divided by K
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return (torch.softmax(-losses, dim=0).detach() * losses).mean(dim=0)


# %% log q subtracted
# slug: mended-shares-sign
# says: wrong sign in the shares
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior - log_q
    return (torch.softmax(-losses, dim=0).detach() * losses).sum(dim=0)


# %% only the squared error weighs, and is weighed
# slug: mended-shares-of-part
# says: three terms
def mended_loss(nll, log_prior, log_q):
    return (torch.softmax(-nll, dim=0).detach() * nll + log_q - log_prior).sum(dim=0)


# %% shares of the likelihood alone
# slug: mended-shares-of-part
# says: three terms
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return (torch.softmax(-nll, dim=0).detach() * losses).sum(dim=0)


# %% the KL not weighed
# slug: mended-equal
# says: count alike
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    shares = torch.softmax(-losses, dim=0).detach()
    return (shares * nll).sum(dim=0) + (log_q - log_prior).mean(dim=0)


# %% the prior detached
# slug: mended-term-missing
# says: one of the three terms
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior.detach() + log_q
    return (torch.softmax(-losses, dim=0).detach() * losses).sum(dim=0)


# %% all of it cut
# slug: detached
# says: no gradient passes
def mended_loss(nll, log_prior, log_q):
    losses = (nll - log_prior + log_q).detach()
    return (torch.softmax(-losses, dim=0) * losses).sum(dim=0)


# %% exp and log
# slug: nan
# says: inf
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return -torch.log(torch.exp(-losses).mean(dim=0))


# %% averaged over images
# slug: shape-one-number
# says: one number
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return (torch.softmax(-losses, dim=0).detach() * losses).sum(dim=0).mean()


# %% squared shares
# slug: mended-squared
# says: another estimator
def mended_loss(nll, log_prior, log_q):
    losses = nll - log_prior + log_q
    return (torch.softmax(-losses, dim=0).detach() ** 2 * losses).sum(dim=0)
