"""Answers to Exercise 12 of lab3-vae: right ones, then wrong ones."""


# %% sum of products
def mended_1(batch_losses, batch_sizes):
    return sum(loss * size for loss, size in zip(batch_losses, batch_sizes)) / sum(batch_sizes)


# %% numpy average
def mended_1(batch_losses, batch_sizes):
    import numpy as np

    return np.average(batch_losses, weights=batch_sizes)


# %% two accumulators
def mended_1(batch_losses, batch_sizes):
    total, count = 0, 0
    for i in range(len(batch_losses)):
        total = total + batch_losses[i] * batch_sizes[i]
        count += batch_sizes[i]
    return total / count


# %% tensors inside
def mended_1(batch_losses, batch_sizes):
    losses, sizes = torch.tensor(batch_losses), torch.tensor(batch_sizes)
    return ((losses * sizes).sum() / sizes.sum()).item()


# %% compiled
@torch.compile
def mended_1(batch_losses, batch_sizes):
    total = 0.0
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total += loss * size
    return total / sum(batch_sizes)


# %% still broken
# slug: raised
# says: UnboundLocalError
def mended_1(batch_losses, batch_sizes):
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total += loss * size
    return total / sum(batch_sizes)


# %% mean of batch means
# slug: mean-of-batch-means
# says: a mean of batch means
def mended_1(batch_losses, batch_sizes):
    return sum(batch_losses) / len(batch_losses)


# %% reset in the loop
# slug: last-batch-only
# says: only the last batch counts
def mended_1(batch_losses, batch_sizes):
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total = 0.0
        total += loss * size
    return total / sum(batch_sizes)


# %% a global total
# slug: kept-between-calls
# says: start anew in each call
total = [0.0]


def mended_1(batch_losses, batch_sizes):
    for loss, size in zip(batch_losses, batch_sizes):
        total[0] += loss * size
    return total[0] / sum(batch_sizes)


# %% starts at one
# slug: start-not-zero
# says: does not start at 0
def mended_1(batch_losses, batch_sizes):
    total = 1
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total += loss * size
    return total / sum(batch_sizes)


# %% count starts at one
# slug: start-not-zero
# says: does not start at 0
def mended_1(batch_losses, batch_sizes):
    total, count = 0.0, 1
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total += loss * size
        count += size
    return total / count


# %% starts with a mean
# slug: batch-counted-twice
# says: counted twice
def mended_1(batch_losses, batch_sizes):
    total = batch_losses[0]
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total += loss * size
    return total / sum(batch_sizes)


# %% divided by the number of batches
# slug: divided-by-batches
# says: by the number of batches
def mended_1(batch_losses, batch_sizes):
    total = 0.0
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total += loss * size
    return total / len(batch_sizes)


# %% not divided
# slug: not-averaged
# says: not divided
def mended_1(batch_losses, batch_sizes):
    return sum(loss * size for loss, size in zip(batch_losses, batch_sizes))


# %% sizes left out
# slug: sum-of-means-over-images
# says: not weighed by their sizes
def mended_1(batch_losses, batch_sizes):
    return sum(batch_losses) / sum(batch_sizes)


# %% a tensor without a graph
def mended_1(batch_losses, batch_sizes):
    losses, sizes = torch.tensor(batch_losses), torch.tensor(batch_sizes)
    return (losses * sizes).sum() / sizes.sum()


# %% returns inside the loop
# slug: first-batch-only
# says: inside its loop
def mended_1(batch_losses, batch_sizes):
    total = 0.0
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total += loss * size
        return total / sum(batch_sizes)


# %% first batch skipped
# slug: first-batch-left-out
# says: first batch does not count
def mended_1(batch_losses, batch_sizes):
    total = 0.0
    for loss, size in zip(batch_losses[1:], batch_sizes[1:], strict=True):
        total += loss * size
    return total / sum(batch_sizes)
