"""Answers to Exercise 11 b of lab6-pyro: right ones, then wrong ones."""


# %% the entropy apart
def unlabelled_bound(bounds, log_qy):
    q = log_qy.exp()
    some = q > 0
    mean = torch.where(some, q * bounds, torch.zeros_like(q)).sum(dim=-1)
    return mean + torch.special.entr(q).sum(dim=-1)


# %% masked before
def unlabelled_bound(bounds, log_qy):
    some = log_qy > -math.inf
    gain = bounds.masked_fill(~some, 0.0) - log_qy.masked_fill(~some, 0.0)
    return (log_qy.exp() * gain).sum(1)


# %% nan_to_num
def unlabelled_bound(bounds, log_qy):
    terms = log_qy.exp() * (bounds - log_qy)
    return terms.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0).sum(1)


# %% an einsum
def unlabelled_bound(bounds, log_qy):
    q = log_qy.exp()
    gain = torch.where(q > 0, bounds - log_qy, torch.zeros_like(bounds))
    return torch.einsum("bc,bc->b", q, gain)


# %% a loop over classes
def unlabelled_bound(bounds, log_qy):
    total = 0.0
    for c in range(bounds.shape[1]):
        q = log_qy[:, c].exp()
        total = total + torch.where(q > 0, q * (bounds[:, c] - log_qy[:, c]), 0.0)
    return total


# %% no entropy
# slug: semi-no-entropy
# says: entropy
def unlabelled_bound(bounds, log_qy):
    q = log_qy.exp()
    return torch.where(q > 0, q * bounds, 0.0).sum(1)


# %% the entropy with the other sign
# slug: semi-entropy-sign
# says: entropy is added
def unlabelled_bound(bounds, log_qy):
    q = log_qy.exp()
    return torch.where(q > 0, q * (bounds + log_qy), 0.0).sum(1)


# %% all labels alike
# slug: semi-labels-alike
# says: not alike
def unlabelled_bound(bounds, log_qy):
    q = log_qy.exp()
    kept = torch.where(bounds > -math.inf, bounds, 0.0)
    return kept.mean(1) + torch.special.entr(q).sum(1)


# %% the best label
# slug: semi-best-label
# says: not the best
def unlabelled_bound(bounds, log_qy):
    return bounds.amax(1)


# %% the likeliest label
# slug: semi-best-label
# says: not the best
def unlabelled_bound(bounds, log_qy):
    return bounds.gather(1, log_qy.argmax(1, keepdim=True))[:, 0]


# %% the evidence
# slug: semi-logsumexp
# says: evidence of the labels
# loses: unlabelled-bound-value, unlabelled-bound-zeros
def unlabelled_bound(bounds, log_qy):
    return bounds.logsumexp(1)


# %% 0 times infinity
# slug: semi-zero-times-infinity
# says: 0 times infinity
# loses: unlabelled-bound-zeros
def unlabelled_bound(bounds, log_qy):
    return (log_qy.exp() * (bounds - log_qy)).sum(1)


# %% a floor under log q
# slug: semi-zero-times-infinity
# says: nan
# loses: unlabelled-bound-zeros
def unlabelled_bound(bounds, log_qy):
    log_qy = log_qy.clamp(min=-1e9)
    return (log_qy.exp() * (bounds - log_qy)).sum(1)


# %% over images
# slug: semi-over-images
# says: Sum over labels
def unlabelled_bound(bounds, log_qy):
    q = log_qy.exp()
    return torch.where(q > 0, q * (bounds - log_qy), 0.0).sum(0)


# %% minus
# slug: value-negated
# says: sign
def unlabelled_bound(bounds, log_qy):
    q = log_qy.exp()
    return -torch.where(q > 0, q * (bounds - log_qy), 0.0).sum(1)


# %% summed over images
# slug: semi-summed
# says: each image
def unlabelled_bound(bounds, log_qy):
    q = log_qy.exp()
    return torch.where(q > 0, q * (bounds - log_qy), 0.0).sum()


# %% log q taken for q
# slug: wrong-value
# says: ✗
def unlabelled_bound(bounds, log_qy):
    q = -log_qy.clamp(min=-50)
    return torch.where(q > 0, q * (bounds - log_qy), 0.0).sum(1)


# %% no gradient
# slug: detached
# says: ✗
# loses: unlabelled-bound-tight
def unlabelled_bound(bounds, log_qy):
    q = log_qy.exp()
    return torch.where(q > 0, q * (bounds.detach() - log_qy), 0.0).sum(1)


# %% the classifier cut off
# slug: value-right-gradient-wrong
# says: log q(y|x)
# loses: unlabelled-bound-value
def unlabelled_bound(bounds, log_qy):
    q = log_qy.exp().detach()
    return torch.where(q > 0, q * (bounds - log_qy), 0.0).sum(dim=1)
