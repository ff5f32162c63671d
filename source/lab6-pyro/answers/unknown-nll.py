"""Answers to Exercise 13 b of lab6-pyro: right ones, then wrong ones."""


# %% Bernoulli
def unknown_nll(logits, x, known):
    pixels = dist.Bernoulli(logits=logits).log_prob(x)
    return -pixels.masked_fill(known, 0.0).sum(1)


# %% selected first
def unknown_nll(logits, x, known):
    logits, x = logits[:, ~known], x[:, ~known]
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)


# %% a matrix product
def unknown_nll(logits, x, known):
    each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return each @ (~known).to(each.dtype)


# %% softplus
def unknown_nll(logits, x, known):
    each = F.softplus(logits) - x * logits
    return torch.where(known, torch.zeros_like(each), each).sum(-1)


# %% by a masked sum
def unknown_nll(logits, x, known):
    each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return (each * ~known).sum(1)


# %% the known ones
# slug: quadrants-known-pixels
# says: others are asked
def unknown_nll(logits, x, known):
    each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return each[:, known].sum(1)


# %% all of them
# slug: quadrants-all-pixels
# says: leave them out
def unknown_nll(logits, x, known):
    each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return each.sum(1)


# %% known pixels set to 0
# slug: quadrants-zeroed
# says: log 2
def unknown_nll(logits, x, known):
    return F.binary_cross_entropy_with_logits(logits * ~known, x * ~known, reduction="none").sum(1)


# %% a mean
# slug: quadrants-mean
# says: not averaged
def unknown_nll(logits, x, known):
    each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return each[:, ~known].mean(1)


# %% summed over images
# slug: quadrants-summed
# says: each image
def unknown_nll(logits, x, known):
    each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return each[:, ~known].sum()


# %% the log likelihood
# slug: value-negated
# says: sign
def unknown_nll(logits, x, known):
    each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return -each[:, ~known].sum(1)


# %% a sigmoid too many
# slug: program-sigmoid-twice
# says: twice
def unknown_nll(logits, x, known):
    each = F.binary_cross_entropy_with_logits(torch.sigmoid(logits), x, reduction="none")
    return each[:, ~known].sum(1)


# %% a sigmoid first
# slug: quadrants-sigmoid-rounds
# says: nll
def unknown_nll(logits, x, known):
    each = F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="none")
    return each[:, ~known].sum(1)


# %% an integer turned over
# slug: quadrants-inverted-integer
# says: nll
def unknown_nll(logits, x, known):
    each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return (each * ~known.int()).sum(1)


# %% exp of a logit
# slug: nan
# says: inf
def unknown_nll(logits, x, known):
    each = torch.log(1 + torch.exp(logits)) - x * logits
    return each[:, ~known].sum(1)


# %% without gradients
# slug: quadrants-detached
# says: requires_grad
def unknown_nll(logits, x, known):
    with torch.no_grad():
        each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return each[:, ~known].sum(dim=1)
