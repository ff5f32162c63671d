"""Answers to Exercise 18 of lab4-evaluation: right ones, then wrong ones."""


# %% two signs
def mended_3(losses):
    return -(torch.logsumexp(-losses, dim=0) - math.log(len(losses)))


# %% log weights by name
def mended_3(losses):
    log_w = -losses
    bound = log_w.logsumexp(0) - math.log(log_w.shape[0])
    return bound.neg()


# %% the smallest loss taken out
def mended_3(losses):
    least = losses.amin(dim=0)
    return least - torch.log(torch.exp(least - losses).mean(dim=0))


# %% a softmax
def mended_3(losses):
    return (losses + torch.log_softmax(-losses, dim=0))[0] + math.log(len(losses))


# %% one after the other
def mended_3(losses):
    total = -losses[0]
    for loss in losses[1:]:
        total = torch.logaddexp(total, -loss)
    return math.log(losses.shape[0]) - total


# %% numpy, and back
def mended_3(losses):
    import numpy as np

    a = -losses.numpy()
    result = np.logaddexp.reduce(a, axis=0) - np.log(a.shape[0]).astype(a.dtype)
    return -torch.from_numpy(np.asarray(result))


# %% still broken
# slug: bug-sign-of-losses
# says: the worst code
def mended_3(losses):
    return torch.logsumexp(losses, dim=0) - math.log(len(losses))


# %% the bound in place of the loss
# slug: bug-sign-of-result
# says: a loss is minus that
def mended_3(losses):
    return torch.logsumexp(-losses, dim=0) - math.log(len(losses))


# %% the sign outside only
# slug: bug-sign-of-losses
# says: counts most
def mended_3(losses):
    return -(torch.logsumexp(losses, dim=0) - math.log(len(losses)))


# %% log K with the wrong sign
# slug: bug-count-sign
# says: wrong sign
def mended_3(losses):
    return -torch.logsumexp(-losses, dim=0) - math.log(len(losses))


# %% no log K
# slug: bug-no-count
# says: not subtracted
def mended_3(losses):
    return -torch.logsumexp(-losses, dim=0)


# %% the mean loss
# slug: bug-mean-of-logs
# says: the ELBO again
# loses: bug-3-bound, bug-3-stable
def mended_3(losses):
    return losses.mean(dim=0)


# %% the smallest loss
# slug: bug-best-only
# says: One weight only
def mended_3(losses):
    return losses.amin(dim=0)


# %% exp and log
# slug: bug-overflow
# says: keep to logarithms
# loses: bug-3-stable
def mended_3(losses):
    return -torch.log(torch.exp(-losses).mean(dim=0))


# %% normalized weights times losses
# slug: bug-softmax-weights
# says: not its value
def mended_3(losses):
    return (torch.softmax(-losses, dim=0) * losses).sum(dim=0)


# %% over images
# slug: bug-over-images
# says: of its own
def mended_3(losses):
    return -(torch.logsumexp(-losses, dim=1) - math.log(losses.shape[1]))


# %% averaged over images
# slug: bug-over-images
# says: of its own
def mended_3(losses):
    return (math.log(len(losses)) - torch.logsumexp(-losses, dim=0)).mean()


# %% about the mean loss
# loses: bug-3-stable
# slug: bug-overflow
# says: is infinite
def mended_3(losses):
    middle = losses.mean(0)
    return middle - (middle - losses).exp().mean(0).log()


# %% log B
# slug: value-shifted
# says: A constant is missing, or one
def mended_3(losses):
    return -torch.logsumexp(-losses, dim=0) + math.log(losses.shape[-1])


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
# loses: bug-3-bound
def mended_3(losses):
    return (math.log(len(losses)) - torch.logsumexp(-losses, 0)).squeeze()
