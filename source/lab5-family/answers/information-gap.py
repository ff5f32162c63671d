"""Answers to Exercise 15 b of lab5-family: right ones, then wrong ones."""


# %% sorted
def information_gap(information, entropies):
    ordered = torch.sort(information, dim=0, descending=True)[0]
    return torch.mean((ordered[0] - ordered[1]) / entropies)


# %% factor by factor
def information_gap(information, entropies):
    total = 0.0
    for column, entropy in zip(information.T, entropies):
        *_, second, first = sorted(column)
        total = total + (first - second) / entropy
    return total / len(entropies)


# %% shares first
def information_gap(information, entropies):
    share = information / entropies[None, :]
    best = share.argmax(0, keepdim=True)
    others = share.scatter(0, best, float("-inf"))
    return (share.gather(0, best)[0] - others.amax(0)).sum() / share.shape[1]


# %% kthvalue
def information_gap(information, entropies):
    last = len(information)
    gap = information.kthvalue(last, 0).values - information.kthvalue(last - 1, 0).values
    return torch.dot(gap, entropies.reciprocal()) / gap.numel()


# %% the runner-up by a mask
def information_gap(information, entropies):
    first, where = information.max(dim=0)
    own = F.one_hot(where, len(information)).T.bool()
    second = information.masked_fill(own, -1.0).max(dim=0).values
    return ((first - second) / entropies).mean()


# %% not normalized
# slug: gap-not-normalized
# says: entropies are missing
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return (first - second).mean()


# %% a quotient of means
# slug: gap-of-sums
# says: its own entropy
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return (first - second).mean() / entropies.mean()


# %% summed
# slug: gap-summed
# says: their mean
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return ((first - second) / entropies).sum()


# %% one for each factor
# slug: gap-not-averaged
# says: One gap for each
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return (first - second) / entropies


# %% over the largest
# slug: gap-of-largest
# says: largest information
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return ((first - second) / first).mean()


# %% no runner-up
# slug: gap-no-second
# says: second dimension is missing
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return (first / entropies).mean()


# %% to the smallest
# slug: gap-to-smallest
# says: runner-up
def information_gap(information, entropies):
    first, second = information.amax(0), information.amin(0)
    return ((first - second) / entropies).mean()


# %% sorted upward
# slug: gap-smallest-two
# says: wrong way round
def information_gap(information, entropies):
    second, first = information.sort(0).values[:2]
    return ((first - second) / entropies).mean()


# %% the mean of the others
# slug: gap-to-others
# says: all the others
def information_gap(information, entropies):
    first = information.amax(0)
    second = (information.sum(0) - first) / (len(information) - 1)
    return ((first - second) / entropies).mean()


# %% reversed
# slug: gap-negated
# says: not the other way
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return ((second - first) / entropies).mean()


# %% times the entropies
# slug: gap-times-entropy
# says: they divide
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return ((first - second) * entropies).mean()


# %% the median
# slug: gap-median
# says: Another summary
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return ((first - second) / entropies).median()


# %% equal ones once
# slug: gap-distinct
# says: count as one
def information_gap(information, entropies):
    pairs = [column.unique()[-2:] for column in information.T]
    second, first = torch.stack(
        [pair if len(pair) == 2 else F.pad(pair, (1, 0)) for pair in pairs]
    ).T
    return ((first - second) / entropies).mean()


# %% entropies in bits
# slug: gap-not-nats
# says: both come in nats
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return ((first - second) / (entropies / math.log(2))).mean()


# %% percent
# slug: gap-percent
# says: In percent
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return 100 * ((first - second) / entropies).mean()


# %% over factors
# slug: gap-over-factors
# says: for each factor over dimensions
def information_gap(information, entropies):
    first, second = information.topk(2, dim=1).values.T
    return (first - second).mean()


# %% the first two rows
# slug: wrong-value
# says: none of the usual
def information_gap(information, entropies):
    first, second = information[0], information[1]
    return ((first - second) / entropies).mean()


# %% a plain number
# slug: wrong-type
# says: tensor
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return ((first - second) / entropies).mean().item()


# %% no less than zero point one
# slug: wrong-value
# says: none of the usual
def information_gap(information, entropies):
    first, second = information.topk(2, dim=0).values
    return ((first - second) / entropies).clamp(min=0.4).mean()
