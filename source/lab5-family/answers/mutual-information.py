"""Answers to Exercise 15 a of lab5-family: right ones, then wrong ones."""


# %% entropies by loops
def mutual_information(codes, factors, bins):
    def entropy(*columns):
        counts = {}
        for key in zip(*(column.tolist() for column in columns)):
            counts[key] = counts.get(key, 0) + 1
        return -sum(n / len(codes) * math.log(n / len(codes)) for n in counts.values())

    rows = []
    for z in codes.T:
        span = (z.max() - z.min()).item()
        place = torch.zeros_like(z) if span == 0 else (z - z.min()) / span * bins
        place = place.long().clamp(max=bins - 1)
        rows.append([entropy(place) + entropy(v) - entropy(place, v) for v in factors.T])
    return torch.tensor(rows, dtype=codes.dtype)


# %% bucketize and a histogram of pairs
def mutual_information(codes, factors, bins):
    values = int(factors.max()) + 1
    result = codes.new_zeros(codes.shape[1], factors.shape[1])
    for d in range(codes.shape[1]):
        z = codes[:, d].contiguous()
        edges = torch.linspace(z.min().item(), z.max().item(), bins + 1, dtype=z.dtype)[1:-1]
        place = torch.bucketize(z, edges) if z.min() < z.max() else torch.zeros_like(z).long()
        for f in range(factors.shape[1]):
            pair = torch.bincount(place * values + factors[:, f], minlength=bins * values)
            joint = pair.view(bins, values).to(codes.dtype) / len(codes)
            product = joint.sum(1, keepdim=True) * joint.sum(0)
            some = joint > 0
            result[d, f] = (joint[some] * (joint[some] / product[some]).log()).sum()
    return result


# %% numpy's histogram and digitize
def mutual_information(codes, factors, bins):
    import numpy as np

    z, v = codes.numpy(), factors.numpy()
    result = np.zeros((z.shape[1], v.shape[1]))
    for d in range(z.shape[1]):
        place = np.digitize(z[:, d], np.histogram(z[:, d], bins)[1][:-1])
        for f in range(v.shape[1]):
            table = np.histogram2d(place, v[:, f], [np.arange(bins + 3), np.arange(v.max() + 2)])[0]
            p = table / table.sum()
            q = p.sum(1, keepdims=True) * p.sum(0, keepdims=True)
            result[d, f] = np.sum(p[p > 0] * np.log(p[p > 0] / q[p > 0]))
    return torch.from_numpy(result).to(codes.dtype)


# %% scikit-learn's mutual information
def mutual_information(codes, factors, bins):
    from sklearn.metrics import mutual_info_score

    low, high = codes.min(0).values, codes.max(0).values
    place = ((codes - low) / (high - low).clamp(min=1e-300) * bins).floor().clamp(0, bins - 1)
    table = [[mutual_info_score(z.numpy(), v.numpy()) for v in factors.T] for z in place.T]
    return torch.tensor(table, dtype=codes.dtype)


# %% xlogy of the table
def mutual_information(codes, factors, bins):
    low, high = codes.aminmax(dim=0)
    span = torch.where(high == low, torch.ones_like(high), high - low)
    place = torch.clamp(torch.floor(bins * (codes - low) / span), max=bins - 1)
    in_bin = (place[..., None] == torch.arange(bins)).double()
    in_value = (factors[..., None] == torch.arange(int(factors.max()) + 1)).double()
    joint = torch.einsum("ndb,nfk->dfbk", in_bin, in_value) / len(codes)
    product = joint.sum(3, keepdim=True) * joint.sum(2, keepdim=True)
    value = torch.xlogy(joint, joint) - torch.xlogy(joint, product)
    return value.sum((2, 3)).to(codes)


# %% a categorical's KL of joint and product
def mutual_information(codes, factors, bins):
    result = []
    for z in codes.double().T:
        share = (z - z.min()) / (z.max() - z.min()) if z.max() > z.min() else torch.zeros_like(z)
        place = (share * bins).int().clamp(max=bins - 1)
        row = []
        for v in factors.T:
            joint = torch.zeros(bins, int(v.max()) + 1, dtype=torch.float64)
            joint.index_put_((place.long(), v), torch.ones(len(z)).double(), accumulate=True)
            joint = joint / joint.sum()
            log_ratio = torch.log(joint) - torch.log(joint.sum(1, keepdim=True) * joint.sum(0))
            row.append(torch.where(joint > 0, joint * log_ratio, 0.0).sum())
        result.append(torch.stack(row))
    return torch.stack(result).to(codes.dtype)


# %% in bits
# slug: not-nats
# says: natural logarithm
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return (of_bins + of_values - of_pair) / math.log(2)


# %% the entropy of the bins
# slug: information-entropy
# says: what they share
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + 0 * of_values


# %% the factor's entropy
# slug: information-entropy
# says: what they share
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_values + 0 * of_bins


# %% the entropy of the pair
# slug: information-joint
# says: entropy of the pair
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_pair


# %% conditional entropy of the factor
# slug: information-conditional
# says: stays open
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_pair - of_bins


# %% conditional entropy of the code
# slug: information-conditional
# says: stays open
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_pair - of_values


# %% one marginal missing
# slug: information-one-marginal
# says: is missing
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_values - of_pair


# %% minus
# slug: value-negated
# says: sign
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_pair - of_bins - of_values


# %% all added
# slug: information-added
# says: subtracted
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values + of_pair


# %% divided by the factor's entropy
# slug: information-normalized
# says: divided by an entropy
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return (of_bins + of_values - of_pair) / of_values.clamp(min=1e-12)


# %% symmetric uncertainty
# slug: information-normalized
# says: divided by an entropy
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return 2 * (of_bins + of_values - of_pair) / (of_bins + of_values).clamp(min=1e-12)


# %% counts
# slug: information-counts
# says: Counts stand
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return len(codes) * (of_bins + of_values - of_pair)


# %% the largest in a bin of its own
# slug: information-last-bin
# says: bin of its own
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long()
    one_hot = [F.one_hot(places, bins + 1).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values - of_pair


# %% edges by linspace
# slug: information-bins-count
# says: off by one
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / (bins - 1), 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 2)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values - of_pair


# %% bins minus one, the largest alone
# slug: information-bins-count
# says: off by one
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / (bins - 1), 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values - of_pair


# %% rounded
# slug: information-rounded
# says: half as wide
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width * (bins - 1) / bins).round().long()
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values - of_pair


# %% one range for all
# slug: information-one-range
# says: each has its own
def mutual_information(codes, factors, bins):
    low, high = codes.min(), codes.max()
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values - of_pair


# %% a fixed range
# slug: information-fixed-range
# says: range is fixed
def mutual_information(codes, factors, bins):
    low, high = torch.full_like(codes[0], -3.0), torch.full_like(codes[0], 3.0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(0, bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values - of_pair


# %% equally many codes
# slug: information-equal-counts
# says: equally wide
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = codes.argsort(0).argsort(0) * bins // len(codes)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values - of_pair


# %% transposed
# slug: information-transposed
# says: not the reverse
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return (of_bins + of_values - of_pair).T


# %% the mean over factors
# slug: information-over-factors
# says: number of its own
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return (of_bins + of_values - of_pair).mean(1)


# %% bias taken off
# slug: information-bias-taken-off
# says: plain table
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    some = (joint > 0).sum((2, 3)) - (joint.sum(3) > 0).sum(2) - (joint.sum(2) > 0).sum(2) + 1
    return of_bins + of_values - of_pair - some / (2 * len(codes))


# %% a logarithm of zero
# slug: information-empty-cell
# says: without images
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    product = joint.sum(3, keepdim=True) * joint.sum(2, keepdim=True)
    return (joint * (joint / product).log()).sum((2, 3))


# %% a dimension without a range
# slug: information-empty-cell
# says: without a range
# loses: mutual-information-limits
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = (high - low) / bins
    places = torch.nan_to_num((codes - low) / width, nan=-1e9).long().clamp(max=bins - 1)
    one_hot = [(places[..., None] == torch.arange(bins)).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return (of_bins + of_values - of_pair) / (joint.sum((2, 3)))


# %% noise in a dead dimension
# slug: information-dead-dimension
# says: tells nothing
# loses: mutual-information-limits
def mutual_information(codes, factors, bins):
    codes = codes + 1e-9 * torch.randn_like(codes)
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values - of_pair


# %% a small number in the logarithm
# slug: not-exact
# says: Too far off
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    product = joint.sum(3, keepdim=True) * joint.sum(2, keepdim=True)
    return (joint * ((joint + 1e-8) / (product + 1e-8)).log()).sum((2, 3))


# %% the correlation
# slug: information-linear
# says: straight lines
def mutual_information(codes, factors, bins):
    z = (codes - codes.mean(0)) / codes.std(0).clamp(min=1e-9)
    v = (factors - factors.double().mean(0)) / factors.double().std(0)
    r = z.T @ v.to(z) / (len(z) - 1)
    return -0.5 * torch.log1p(-(r**2).clamp(max=1 - 1e-12))
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values - of_pair


# %% in float64
# slug: sample-dtype
# says: dtype of the codes
# loses: mutual-information-value
def mutual_information(codes, factors, bins):
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return (of_bins + of_values - of_pair).double()


# %% codes sorted by itself
# slug: wrong-value
# says: none of the usual
def mutual_information(codes, factors, bins):
    codes = codes.sort(0).values
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    places = ((codes - low) / width).long().clamp(max=bins - 1)
    one_hot = [F.one_hot(places, bins).to(codes), F.one_hot(factors).to(codes)]
    joint = torch.einsum("ndb,nfk->dfbk", *one_hot) / len(codes)
    entropy = torch.special.entr
    of_bins, of_values = entropy(joint.sum(3)).sum(2), entropy(joint.sum(2)).sum(2)
    of_pair = entropy(joint).sum((2, 3))
    return of_bins + of_values - of_pair
