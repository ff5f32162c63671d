"""Answers to Exercise 6 of lab3-vae: right ones, then wrong ones."""


# %% two means
def negative_elbo(nll, kl, beta=1.0):
    return nll.mean() + beta * kl.mean()


# %% sum over size
def negative_elbo(nll, kl, beta=1.0):
    return torch.sum(nll + kl * beta) / len(nll)


# %% from the bound
def negative_elbo(nll, kl, beta=1.0):
    elbo = -nll - beta * kl
    return -elbo.mean()


# %% torch.mean, add with alpha
def negative_elbo(nll, kl, beta=1.0):
    return torch.mean(torch.add(nll, kl, alpha=beta))


# %% image by image
def negative_elbo(nll, kl, beta=1.0):
    loss = 0.0
    for a, b in zip(nll, kl):
        loss = loss + (a + beta * b) / nll.shape[0]
    return loss


# %% stacked, weighted, in float32
def negative_elbo(nll, kl, beta=1.0):
    weights = torch.tensor([1.0, beta])
    return (torch.stack([nll.float(), kl.float()], dim=1) @ weights).mean()


# %% compiled
@torch.compile
def negative_elbo(nll, kl, beta=1.0):
    return torch.add(nll, kl, alpha=beta).mean()


# %% minus
# slug: elbo-minus-kl
# says: the KL is subtracted
def negative_elbo(nll, kl, beta=1.0):
    return (nll - beta * kl).mean()


# %% the bound itself
# slug: elbo-sign
# says: the sign is reversed
def negative_elbo(nll, kl, beta=1.0):
    return -(nll + beta * kl).mean()


# %% sum over the batch
# slug: elbo-batch-sum
# says: it grows with the batch size
def negative_elbo(nll, kl, beta=1.0):
    return (nll + beta * kl).sum()


# %% mean and sum mixed
# slug: elbo-batch-sum
# says: a sum over the batch
def negative_elbo(nll, kl, beta=1.0):
    return nll.mean() + beta * kl.sum()


# %% not averaged
# slug: elbo-not-averaged
# says: the loss is one number
def negative_elbo(nll, kl, beta=1.0):
    return nll + beta * kl


# %% no KL
# slug: elbo-no-kl
# says: plain autoencoder
def negative_elbo(nll, kl, beta=1.0):
    return nll.mean()


# %% a plain number
# slug: number-not-tensor
# says: backward needs a tensor
def negative_elbo(nll, kl, beta=1.0):
    return (nll + beta * kl).mean().item()


# %% detached
# loses: negative-elbo-value
# slug: detached
# says: no gradient passes
def negative_elbo(nll, kl, beta=1.0):
    return (nll + beta * kl).mean().detach()


# %% beta ignored
# loses: negative-elbo-beta
# slug: beta-ignored
# says: accepted and not used
def negative_elbo(nll, kl, beta=1.0):
    return (nll + kl).mean()


# %% beta capped at 1
# loses: negative-elbo-beta
# slug: beta-ignored
# says: not beyond 1
def negative_elbo(nll, kl, beta=1.0):
    return (nll + min(beta, 1.0) * kl).mean()


# %% beta of zero taken for missing
# loses: negative-elbo-beta
# slug: beta-ignored
# says: beta=0
def negative_elbo(nll, kl, beta=None):
    return (nll + (beta or 1.0) * kl).mean()


# %% beta on the reconstruction
# loses: negative-elbo-beta
# slug: beta-on-nll
# says: it belongs to the KL
def negative_elbo(nll, kl, beta=1.0):
    return (beta * nll + kl).mean()


# %% beta on both
# loses: negative-elbo-beta
# slug: beta-on-both
# says: beta weighs both terms
def negative_elbo(nll, kl, beta=1.0):
    return beta * (nll + kl).mean()


# %% divided by beta
# loses: negative-elbo-beta
# slug: beta-divides
# says: must be multiplied
def negative_elbo(nll, kl, beta=1.0):
    return (nll + kl / max(beta, 1e-9)).mean()


# %% beta without default
# loses: negative-elbo-value
# slug: signature
# says: Keep the signature
def negative_elbo(nll, kl, beta):
    return (nll + beta * kl).mean()


# %% never below zero
# slug: value-cut
# says: for large arguments
# loses: negative-elbo-value
def negative_elbo(nll, kl, beta=1.0):
    return (nll + beta * kl).mean().clamp(min=0)


# %% free bits on the batch: kl clamped at 0.5
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: negative-elbo-value
def negative_elbo(nll, kl, beta=1.0):
    return nll.mean() + beta * kl.mean().clamp(min=0.5)


# %% kl clamped at 0.5 batch mean
# slug: value-cut
# says: a clamp or a ReLU is in the way
# loses: negative-elbo-value
def negative_elbo(nll, kl, beta=1.0):
    return nll.mean() + beta * kl.mean().clamp(min=0.5)


# %% beta capped at 10
# slug: beta-cut
# says: it may be as large as the caller wants
# loses: negative-elbo-beta
def negative_elbo(nll, kl, beta=1.0):
    return (nll + min(beta, 10.0) * kl).mean()


# %% batch of one not averaged: squeeze
# slug: elbo-not-averaged
# says: the loss is one number
# loses: negative-elbo-value
def negative_elbo(nll, kl, beta=1.0):
    t = nll + beta * kl
    return t.mean() if len(t) > 1 else t


# %% batch of one keeps its dimension
# slug: elbo-not-averaged
# says: the loss is one number
# loses: negative-elbo-value
def negative_elbo(nll, kl, beta=1.0):
    t = nll + beta * kl
    return t.mean() if len(t) > 1 else t
