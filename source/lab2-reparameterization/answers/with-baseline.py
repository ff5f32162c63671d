"""Answers to Exercise 6 of lab2-reparameterization: right ones, then wrong ones."""


# %% by a matrix
def with_baseline(f_values, scores):
    K = len(f_values)
    weights = (1 - torch.eye(K, dtype=f_values.dtype)) / (K - 1)
    return (f_values - weights @ f_values).unsqueeze(1) * scores


# %% the mean of all, rescaled
def with_baseline(f_values, scores):
    K = f_values.numel()
    return K / (K - 1) * (f_values - f_values.mean()).reshape(-1, 1) * scores


# %% a loop that leaves one out
def with_baseline(f_values, scores):
    rows = []
    for k in range(len(f_values)):
        others = torch.cat([f_values[:k], f_values[k + 1 :]])
        rows.append((f_values[k] - others.mean()) * scores[k])
    return torch.stack(rows)


# %% all pairs
def with_baseline(f_values, scores):
    pairs = f_values[:, None] - f_values[None, :]
    return torch.einsum("kj,kd->kd", pairs, scores) / (len(scores) - 1)


# %% the product taken apart
def with_baseline(f_values, scores):
    others = (torch.sum(f_values) - f_values) / (f_values.shape[0] - 1)
    return torch.diag(f_values) @ scores - others[:, None].expand_as(scores) * scores


# %% numpy, and back
def with_baseline(f_values, scores):
    f, s = f_values.numpy(), scores.numpy()
    others = np.array([np.delete(f, k).mean() for k in range(len(f))])
    return torch.tensor((f - others)[:, None] * s)


# %% sorted and put back
def with_baseline(f_values, scores):
    K = len(f_values)
    order = f_values.argsort()
    f = f_values[order]
    off = (K * f - f.sum()) / (K - 1)
    return off[order.argsort()].view(K, 1) * scores


# %% vmap over the samples
def with_baseline(f_values, scores):
    total, others = f_values.sum(), len(f_values) - 1
    return torch.func.vmap(lambda f, score: (f - (total - f) / others) * score)(f_values, scores)


# %% nothing returned
# slug: wrong-type
# says: Is a `return` missing?
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    (f_values - others)[:, None] * scores


# %% a float
# slug: wrong-type
# says: is float
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return float(((f_values - others)[:, None] * scores).mean())


# %% float32
# loses: with-baseline-rows, with-baseline-unbiased
# slug: lost-precision
# says: float32
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return ((f_values - others)[:, None] * scores).float()


# %% f centered in place
# slug: changed-argument
# says: changed the values of `f_values`
def with_baseline(f_values, scores):
    f_values -= (f_values.sum() - f_values) / (len(f_values) - 1)
    return f_values[:, None] * scores


# %% a generator
# slug: wrong-type
# says: a generator
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (v * row for v, row in zip(f_values - others, scores))


# %% divided by a spread of 0
# slug: nan
# says: contains
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (f_values - others)[:, None] * scores / (f_values * 0).std()


# %% no baseline
# slug: baseline-missing
# says: plain estimator
def with_baseline(f_values, scores):
    return f_values[:, None] * scores


# %% mean of all
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-own-sample
# says: shrinks the gradient
def with_baseline(f_values, scores):
    return (f_values - f_values.mean())[:, None] * scores


# %% optimal constant from the same samples
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-own-sample
# says: shrinks the gradient
def with_baseline(f_values, scores):
    b = (f_values[:, None] * scores**2).sum(0) / (scores**2).sum(0)
    return (f_values[:, None] - b) * scores


# %% baseline added
# slug: baseline-added
# says: must be subtracted
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (f_values + others)[:, None] * scores


# %% sum of the others
# slug: baseline-sum
# says: should be their mean
def with_baseline(f_values, scores):
    others = f_values.sum() - f_values
    return (f_values - others)[:, None] * scores


# %% divided by K
# slug: baseline-divisor
# says: K - 1 in number
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / len(f_values)
    return (f_values - others)[:, None] * scores


# %% baseline on the score
# slug: baseline-on-score
# says: belongs to f
def with_baseline(f_values, scores):
    return f_values[:, None] * (scores - scores.mean(0))


# %% mean of the products
# slug: baseline-on-product
# says: leaves nothing
def with_baseline(f_values, scores):
    rows = f_values[:, None] * scores
    return rows - rows.mean(0)


# %% median
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-median
# says: median over all
def with_baseline(f_values, scores):
    return (f_values - f_values.median())[:, None] * scores


# %% sign reversed
# loses: with-baseline-rows, with-baseline-unbiased
# slug: estimator-sign
# says: points the wrong way
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (others - f_values)[:, None] * scores


# %% score forgotten
# slug: estimator-no-score
# says: the score is missing
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return f_values - others


# %% averaged
# slug: samples-merged
# says: one row for each sample
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return ((f_values - others)[:, None] * scores).mean(0)


# %% the others alone
# slug: baseline-alone
# says: own value is missing
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return others[:, None] * scores


# %% number of samples hard-coded
# slug: term-replaced
# says: stands 0.25 times the sum of the others
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / 4
    return (f_values - others)[:, None] * scores


# %% standardized as in many codes
# loses: with-baseline-rows, with-baseline-unbiased
# slug: value-scaled
# says: it should be
def with_baseline(f_values, scores):
    v = (f_values - f_values.mean()) / (f_values.std() + 1e-8)
    return v[:, None] * scores


# %% mean of the samples before, right on average
# slug: wrong-value
# says: it should be
def with_baseline(f_values, scores):
    b = torch.cat([0 * f_values[:1], f_values.cumsum(0)[:-1] / torch.arange(1, len(f_values))])
    return (f_values - b)[:, None] * scores + 0 * scores


# %% the sample before as baseline, right on average
# loses: with-baseline-rows
# slug: baseline-one-other
# says: mean of all others
def with_baseline(f_values, scores):
    return (f_values - f_values.roll(1))[:, None] * scores


# %% another single sample as baseline
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-one-other
# says: mean of all others
def with_baseline(f_values, scores):
    return (f_values - f_values.flip(0))[:, None] * scores


# %% multiplied by K
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-times
# says: K - 1 times too large
def with_baseline(f_values, scores):
    return ((f_values - f_values.mean()) * len(f_values))[:, None] * scores


# %% differences in the wrong order
# loses: with-baseline-rows, with-baseline-unbiased
# slug: baseline-wrong-rows
# says: by the wrong rows
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (f_values - others).flip(0)[:, None] * scores


# %% no second dimension
# slug: raised
# says: need a second dimension
def with_baseline(f_values, scores):
    others = (f_values.sum() - f_values) / (len(f_values) - 1)
    return (f_values - others) * scores


# %% a constant as baseline, right on average
# slug: term-replaced
# says: stands 1.5 times the score
def with_baseline(f_values, scores):
    return (f_values - 1.5)[:, None] * scores


# %% zeros
# slug: baseline-nothing
# says: all estimates are 0
def with_baseline(f_values, scores):
    return 0 * scores
