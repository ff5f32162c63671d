"""Answers to the first part of Exercise 6 of lab5-family: right ones, then wrong ones."""


# %% no_grad
def iwae_surrogate(log_w):
    with torch.no_grad():
        shares = F.softmax(log_w, dim=0)
    return (shares * -log_w).sum(0)


# %% by a log-sum-exp
def iwae_surrogate(log_w):
    shares = torch.exp(log_w - torch.logsumexp(log_w, dim=0, keepdim=True)).detach()
    return torch.sum(-shares * log_w, dim=0)


# %% einsum
def iwae_surrogate(log_w):
    return -torch.einsum("kb,kb->b", log_w.detach().softmax(0), log_w)


# %% the largest taken out
def iwae_surrogate(log_w):
    w = torch.exp(log_w - log_w.max(dim=0).values).data
    return -(w * log_w).sum(0) / w.sum(0)


# %% image by image
def iwae_surrogate(log_w):
    losses = []
    for column in log_w.unbind(1):
        losses.append(torch.dot(column.softmax(0).detach(), -column))
    return torch.stack(losses)


# %% sample by sample
def iwae_surrogate(log_w):
    total = log_w.logsumexp(0).detach()
    result = torch.zeros_like(log_w[0])
    for row in log_w:
        result = result - (row.detach() - total).exp() * row
    return result


# %% the bound's gradient, with the surrogate's value
def iwae_surrogate(log_w):
    minus_bound = math.log(len(log_w)) - log_w.logsumexp(0)
    value = -(log_w.softmax(0) * log_w).sum(0)
    return minus_bound + (value - minus_bound).detach()


# %% the shares not cut
# slug: shares-not-cut
# says: cut them out
# loses: iwae-loss-gradient
def iwae_surrogate(log_w):
    return -(log_w.softmax(0) * log_w).sum(0)


# %% the log weights cut
# slug: shares-only
# says: cut those, not the log weights
# loses: iwae-loss-gradient
def iwae_surrogate(log_w):
    return -(log_w.softmax(0) * log_w.detach()).sum(0)


# %% all of it cut
# slug: detached
# says: no gradient passes
# loses: iwae-loss-gradient
def iwae_surrogate(log_w):
    log_w = log_w.detach()
    return -(log_w.softmax(0) * log_w).sum(0)


# %% the bound to be maximized
# slug: shares-sign
# says: lower the bound
def iwae_surrogate(log_w):
    return (log_w.softmax(0).detach() * log_w).sum(0)


# %% minus the bound
# slug: shares-bound
# says: mean of losses by shares
# loses: iwae-loss-value
def iwae_surrogate(log_w):
    return math.log(len(log_w)) - log_w.logsumexp(0)


# %% shares of losses
# slug: shares-reversed
# says: worst code
def iwae_surrogate(log_w):
    losses = -log_w
    return (losses.softmax(0).detach() * losses).sum(0)


# %% the mean
# slug: shares-equal
# says: plain ELBO
def iwae_surrogate(log_w):
    return -log_w.mean(0)


# %% a mean over samples of the products
# slug: shares-divided
# says: Divided by K
def iwae_surrogate(log_w):
    return -(log_w.softmax(0).detach() * log_w).mean(0)


# %% squares
# slug: shares-squared
# says: another estimator
def iwae_surrogate(log_w):
    return -(log_w.softmax(0).detach() ** 2 * log_w).sum(0)


# %% softmax over images
# slug: shares-over-images
# says: of one image
def iwae_surrogate(log_w):
    return -(log_w.softmax(1).detach() * log_w).sum(0)


# %% the last dimension, as in code that keeps samples there
# slug: shares-over-images
# says: of one image
def iwae_surrogate(log_w):
    return -(log_w.softmax(-1).detach() * log_w).sum(-1)


# %% the best code
# slug: shares-best-only
# says: no choice
def iwae_surrogate(log_w):
    return -log_w.amax(0)


# %% not summed
# slug: shares-not-summed
# says: sum over them is missing
def iwae_surrogate(log_w):
    return -log_w.softmax(0).detach() * log_w


# %% averaged over the batch
# slug: shares-batch
# says: number of its own
def iwae_surrogate(log_w):
    return -(log_w.softmax(0).detach() * log_w).sum(0).mean()


# %% one softmax for all
# slug: shares-of-all
# says: shares of each image
def iwae_surrogate(log_w):
    shares = log_w.flatten().softmax(0).view_as(log_w).detach()
    return -(shares * log_w).sum(0)


# %% a log-softmax
# slug: shares-logged
# says: logarithm of a share
def iwae_surrogate(log_w):
    return -(log_w.log_softmax(0).detach() * log_w).sum(0)


# %% the weights themselves
# slug: shares-not-normalized
# says: add up to 1
def iwae_surrogate(log_w):
    return -(log_w.exp().detach() * log_w).sum(0)


# %% exp and division
# slug: shares-overflow
# says: softmax does not
def iwae_surrogate(log_w):
    w = log_w.exp().detach()
    return -(w / w.sum(0) * log_w).sum(0)


# %% exp and division, with a small number
# slug: shares-overflow
# says: softmax does not
def iwae_surrogate(log_w):
    w = torch.exp(log_w - log_w.mean(0)).detach()
    return -(w / (w.sum(0) + 1e-12) * log_w).sum(0)


# %% the largest of all images taken out
# slug: shares-overflow
# says: softmax does not
def iwae_surrogate(log_w):
    w = torch.exp(log_w - log_w.max() - 100).detach()
    return -(w / w.sum(0) * log_w).sum(0)


# %% a temperature
# slug: wrong-value
# says: surrogate
def iwae_surrogate(log_w):
    return -((log_w / 2).softmax(0).detach() * log_w).sum(0)


# %% in place
# slug: changed-argument
# says: in place
def iwae_surrogate(log_w):
    shares = log_w.softmax(0).detach()
    with torch.no_grad():
        log_w -= log_w.mean(0)
    return -(shares * log_w).sum(0)


# %% always double
# slug: shares-dtype
# says: float32 out
# loses: iwae-loss-value
def iwae_surrogate(log_w):
    return -(log_w.double().softmax(0).detach() * log_w.double()).sum(0)


# %% squeezed
# slug: shape-ones-dropped
# says: size 1
def iwae_surrogate(log_w):
    return -(log_w.softmax(0).detach() * log_w).sum(0).squeeze()
