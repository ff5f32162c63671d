"""Answers to Exercise 9 b of lab5-family: right ones, then wrong ones."""


# %% by unique
def perplexity(indices):
    counts = torch.unique(indices, return_counts=True)[1].double()
    share = counts / counts.sum()
    return torch.exp(-(share * share.log()).sum())


# %% by torch.distributions
def perplexity(indices):
    counts = torch.bincount(indices.reshape(-1)).double()
    return torch.distributions.Categorical(probs=counts).entropy().exp()


# %% by one-hot rows
def perplexity(indices):
    share = F.one_hot(indices.flatten(), int(indices.max()) + 1).double().mean(0)
    return torch.exp(-torch.xlogy(share, share).sum())


# %% a product of powers
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return (share ** (-share)).prod()


# %% in bits all through
def perplexity(indices):
    counts = torch.bincount(indices.flatten()).double()
    share = counts[counts > 0] / indices.numel()
    return 2 ** (-(share * share.log2()).sum())


# %% with a constant that is too small to matter
def perplexity(indices):
    share = torch.bincount(indices.flatten(), minlength=512).float() / indices.numel()
    return torch.exp(-torch.sum(share * torch.log(share + 1e-10)))


# %% a plain number
def perplexity(indices):
    flat = indices.flatten().tolist()
    shares = [flat.count(code) / len(flat) for code in set(flat)]
    return math.exp(-sum(share * math.log(share) for share in shares))


# %% the entropy
# slug: perplexity-entropy
# says: That is the entropy
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return torch.special.entr(share).sum()


# %% the entropy in bits
# slug: perplexity-entropy
# says: That is the entropy
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return torch.special.entr(share).sum() / math.log(2)


# %% exp of bits
# slug: perplexity-base
# says: Two bases
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return (torch.special.entr(share).sum() / math.log(2)).exp()


# %% two to the power of nats
# slug: perplexity-base
# says: Two bases
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return 2 ** torch.special.entr(share).sum()


# %% the sign forgotten
# slug: perplexity-inverse
# says: one over the perplexity
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return torch.xlogy(share, share).sum().exp()


# %% the codes counted
# slug: perplexity-used
# says: rare ones
def perplexity(indices):
    return torch.tensor(float(len(indices.unique())))


# %% squared shares
# slug: perplexity-simpson
# says: squared shares
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return 1 / share.square().sum()


# %% a share of the book
# slug: perplexity-share
# says: a number of codes
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return torch.special.entr(share).sum().exp() / len(share)


# %% zero times minus infinity
# slug: perplexity-zero
# says: 0 log 0
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return torch.exp(-(share * share.log()).sum())


# %% each row by itself
# slug: perplexity-per-image
# says: all codes count together
def perplexity(indices):
    rows = indices.flatten(1) if indices.ndim > 1 else indices[None]
    each = [torch.bincount(row).double() / len(row) for row in rows]
    return torch.stack([torch.special.entr(share).sum().exp() for share in each]).mean()


# %% p log p averaged
# slug: perplexity-mean
# says: an entropy is a sum
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return torch.special.entr(share).mean().exp()


# %% counts for shares
# slug: perplexity-not-shares
# says: add up to 1
def perplexity(indices):
    counts = torch.bincount(indices.flatten()).double()
    return torch.exp(-torch.xlogy(counts, counts).sum())


# %% the largest share
# slug: perplexity-most
# says: used most
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return 1 / share.max()


# %% divided by the first dimension
# slug: wrong-value
# says: The perplexity is
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / len(indices)
    return torch.special.entr(share).sum().exp()


# %% a large constant in the logarithm
# slug: value-nearly
# says: three digits
def perplexity(indices):
    share = torch.bincount(indices.flatten(), minlength=64).double() / indices.numel()
    return torch.exp(-(share * torch.log(share + 1e-5)).sum())


# %% rounded to a whole number
# slug: value-rounded
# says: rounded
def perplexity(indices):
    share = torch.bincount(indices.flatten()).double() / indices.numel()
    return torch.special.entr(share).sum().exp().round()


# %% no code above ten
# slug: raised
# says: It happened in line
def perplexity(indices):
    share = torch.zeros(10, dtype=torch.double)
    for code in indices.flatten():
        share[code] += 1 / indices.numel()
    return torch.special.entr(share).sum().exp()
