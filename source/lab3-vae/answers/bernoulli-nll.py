"""Answers to Exercise 4 of lab3-vae: right ones, then wrong ones."""


# %% softplus
def bernoulli_nll(logits, x):
    return (F.softplus(logits) - x * logits).sum(-1)


# %% logsigmoid
def bernoulli_nll(logits, x):
    return -(x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits)).sum(dim=1)


# %% the distribution
def bernoulli_nll(logits, x):
    p = torch.distributions.Bernoulli(logits=logits, validate_args=False)
    return -p.log_prob(x).sum(dim=1)


# %% BCEWithLogitsLoss, einsum
def bernoulli_nll(logits, x):
    return torch.einsum("bp->b", nn.BCEWithLogitsLoss(reduction="none")(logits, x))


# %% logaddexp
def bernoulli_nll(logits, x):
    return (torch.logaddexp(logits, torch.zeros_like(logits)) - x * logits).sum(dim=-1)


# %% image by image, reduction sum
def bernoulli_nll(logits, x):
    each = [F.binary_cross_entropy_with_logits(l, t, reduction="sum") for l, t in zip(logits, x)]
    return torch.stack(each)


# %% mean over pixels times their number
def bernoulli_nll(logits, x):
    bce = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return bce.flatten(1).mean(1) * x.shape[1]


# %% maximum and log1p
def bernoulli_nll(logits, x):
    positive = torch.clamp(logits, min=0)
    cost = positive - logits * x + torch.log1p(torch.exp(-torch.abs(logits)))
    return cost.sum(1)


# %% two-class log-softmax
def bernoulli_nll(logits, x):
    log_p = torch.log_softmax(torch.stack([torch.zeros_like(logits), logits], dim=-1), dim=-1)
    target = torch.stack([1 - x, x], dim=-1)
    return -(target * log_p).sum(dim=(1, 2))


# %% in float32
def bernoulli_nll(logits, x):
    logits, x = logits.float(), x.float()
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)


# %% vmap over the images, compiled
@torch.compile
def bernoulli_nll(logits, x):
    def image(logits, x):
        return (F.softplus(logits) - x * logits).sum()

    return torch.func.vmap(image)(logits, x)


# %% mean over pixels
# slug: nll-mean-pixels
# says: the KL then weighs too much
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").mean(dim=1)


# %% default reduction
# slug: nll-mean-all
# says: mean over batch and pixels
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x)


# %% reduction sum
# slug: nll-batch-sum
# says: summed over the batch too early
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="sum")


# %% averaged over the batch
# slug: nll-batch-mean
# says: averaged over the batch too early
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1).mean()


# %% not summed
# slug: nll-not-summed
# says: the sum over pixels is missing
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none")


# %% summed over the wrong dimension
# slug: nll-sum-over-batch
# says: wrong dimension
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=0)


# %% the dimension kept
# slug: shape-extra-one
# says: (3, 1), it should be (3,)
def bernoulli_nll(logits, x):
    bce = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return bce.sum(dim=1, keepdim=True)


# %% log-likelihood
# slug: nll-sign
# says: the sign is reversed
def bernoulli_nll(logits, x):
    return -F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)


# %% sigmoid twice
# slug: nll-sigmoid-twice
# says: the sigmoid is applied twice
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits)
    return F.binary_cross_entropy_with_logits(p, x, reduction="none").sum(dim=1)


# %% no sigmoid
# slug: nll-no-sigmoid
# says: a sigmoid is missing
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy(logits, x, reduction="none").sum(dim=1)


# %% no sigmoid, by hand
# slug: nll-no-sigmoid
# says: as if they were probabilities
def bernoulli_nll(logits, x):
    return -(x * logits.log() + (1 - x) * (1 - logits).log()).sum(dim=1)


# %% white pixels only
# slug: nll-half-the-terms
# says: the cross-entropy has two terms
def bernoulli_nll(logits, x):
    return -(x * F.logsigmoid(logits)).sum(dim=1)


# %% squared error
# slug: nll-squared-error
# says: the likelihood of a Gaussian
def bernoulli_nll(logits, x):
    return (torch.sigmoid(logits) - x).pow(2).sum(dim=1)


# %% arguments swapped
# slug: nll-swapped
# says: have changed places
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(x, logits, reduction="none").sum(dim=1)


# %% black and white exchanged
# slug: nll-flipped
# says: black and white are exchanged
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, 1 - x, reduction="none").sum(dim=1)


# %% grey pixels rounded
# slug: nll-thresholds-x
# says: grey pixels were rounded
def bernoulli_nll(logits, x):
    x = (x > 0.5).to(logits.dtype)
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)


# %% logarithm of the sigmoid
# loses: bernoulli-nll-stable
# slug: nll-overflow
# says: its logarithm is infinite
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits)
    return -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1)


# %% cross-entropy of the sigmoid
# loses: bernoulli-nll-stable
# slug: nll-clamped
# says: costs stop at 100 nats a pixel
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="none").sum(dim=1)


# %% sigmoid clamped
# loses: bernoulli-nll-stable
# slug: nll-epsilon
# says: falsifies the value
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits).clamp(1e-7, 1 - 1e-7)
    return -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1)


# %% exponential overflows
# loses: bernoulli-nll-stable
# slug: nll-overflow
# says: at logits of size 200
def bernoulli_nll(logits, x):
    return (torch.log(1 + torch.exp(logits)) - x * logits).sum(dim=1)


# %% detached
# loses: bernoulli-nll-stable
# slug: detached
# says: no gradient passes
def bernoulli_nll(logits, x):
    with torch.no_grad():
        return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)


# %% 784 written out
# slug: hard-coded-pixels
# says: 784
def bernoulli_nll(logits, x):
    return 784 * F.binary_cross_entropy_with_logits(logits, x, reduction="none").mean(1)


# %% softmax cross-entropy
# slug: nll-softmax
# says: F.cross_entropy
def bernoulli_nll(logits, x):
    return F.cross_entropy(logits, x, reduction="none")
