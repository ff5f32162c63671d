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


# %% double inside, float outside
def bernoulli_nll(logits, x):
    l, t = logits.double(), x.double()
    return (F.softplus(l) - t * l).sum(dim=1).to(logits.dtype)


# %% double for every type
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits.double(), x.double(), reduction="none").sum(1)


# %% by parts, where the sign decides
def bernoulli_nll(logits, x):
    small = torch.log1p(torch.exp(-logits.abs()))
    return torch.where(logits > 0, (1 - x) * logits + small, small - x * logits).sum(dim=1)


# %% vecdot and norm of nothing
def bernoulli_nll(logits, x):
    return F.softplus(logits).sum(-1) - torch.linalg.vecdot(x, logits)


# %% a loop over pixels
def bernoulli_nll(logits, x):
    total = torch.zeros(len(x), dtype=logits.dtype)
    for pixel, target in zip(logits.unbind(1), x.unbind(1), strict=True):
        total = total + F.softplus(pixel) - target * pixel
    return total


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
# says: cost stops at a limit
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


# %% a Gaussian constant a pixel
# slug: nll-constant-added
# says: a constant was added
def bernoulli_nll(logits, x):
    return (
        F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
        + 0.9189385 * x.shape[1]
    )


# %% a Gaussian constant an image
# slug: nll-constant-added
# says: a constant was added
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1) + 0.9189385


# %% half of log 2 pi in each pixel
# slug: nll-constant-added
# says: belongs to a Gaussian
def bernoulli_nll(logits, x):
    return (
        F.binary_cross_entropy_with_logits(logits, x, reduction="none")
        + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    ).sum(1)


# %% weights for white pixels
# slug: nll-pos-weight
# says: no such weights
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(
        logits, x, reduction="none", pos_weight=torch.tensor(3.0)
    ).sum(1)


# %% white pixels count double
# slug: nll-pos-weight
# says: no such weights
def bernoulli_nll(logits, x):
    return (2 * x * F.softplus(-logits) + (1 - x) * F.softplus(logits)).sum(1)


# %% black pixels count half
# slug: nll-pos-weight
# says: no such weights
def bernoulli_nll(logits, x):
    return (x * F.softplus(-logits) + 0.5 * (1 - x) * F.softplus(logits)).sum(1)


# %% twice
# slug: nll-scaled
# says: a factor too much
def bernoulli_nll(logits, x):
    return 2 * F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


# %% in bits
# slug: nll-scaled
# says: the same multiple
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1) / torch.log(
        torch.tensor(2.0)
    )


# %% number of images for number of pixels
# slug: pixels-from-batch
# says: number of images stands
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").mean(1) * x.shape[0]


# %% mean of all times the number of images
# slug: pixels-from-batch
# says: number of images stands
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x) * len(x)


# %% one mean of all times the pixels of MNIST
# slug: hard-coded-pixels
# says: 784
def bernoulli_nll(logits, x):
    return 784 * F.binary_cross_entropy_with_logits(logits, x)


# %% folded to 784
# slug: hard-coded-pixels
# says: take it from the shape
def bernoulli_nll(logits, x):
    logits, x = logits.view(-1, 784), x.view(-1, 784)
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


# %% folded to pictures
# slug: hard-coded-pixels
# says: written out
def bernoulli_nll(logits, x):
    logits, x = logits.reshape(-1, 28, 28), x.reshape(-1, 28, 28)
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum((1, 2))


# %% the distribution, which looks at what it is given
# slug: nll-grey-refused
# says: refuses grey pixels
def bernoulli_nll(logits, x):
    return -torch.distributions.Bernoulli(logits=logits, validate_args=True).log_prob(x).sum(1)


# %% the distribution of probabilities
# slug: nll-grey-refused
# says: neither 0 nor 1
def bernoulli_nll(logits, x):
    return (
        -torch.distributions.Bernoulli(torch.sigmoid(logits), validate_args=True).log_prob(x).sum(1)
    )


# %% absolute error
# slug: nll-absolute-error
# says: absolute error
def bernoulli_nll(logits, x):
    return (torch.sigmoid(logits) - x).abs().sum(1)


# %% mean squared error
# slug: nll-squared-error
# says: squared error
def bernoulli_nll(logits, x):
    return F.mse_loss(torch.sigmoid(logits), x, reduction="none").mean(1)


# %% pixels drawn
# slug: nll-random
# says: drawn at random
def bernoulli_nll(logits, x):
    drawn = torch.bernoulli(torch.sigmoid(logits))
    return F.binary_cross_entropy_with_logits(logits, drawn, reduction="none").sum(1)


# %% images drawn
# slug: nll-random
# says: drawn at random
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, torch.bernoulli(x), reduction="none").sum(1)


# %% logits clamped to +-50
# loses: bernoulli-nll-stable
# slug: nll-logits-clamped
# says: logits were clamped
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits.clamp(-50, 50), x, reduction="none").sum(1)


# %% logits clamped to +-15
# loses: bernoulli-nll-stable
# slug: nll-logits-clamped
# says: costs too little
def bernoulli_nll(logits, x):
    l = logits.clamp(-15, 15)
    return (F.softplus(l) - x * l).sum(1)


# %% logits clamped to +-1
# slug: nll-logits-clamped
# says: logits were clamped
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits.clamp(-1, 1), x, reduction="none").sum(1)


# %% nan and infinity replaced
# loses: bernoulli-nll-stable
# slug: nll-nan-to-num
# says: replaced by a number
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits)
    cost = -(x * p.log() + (1 - x) * (1 - p).log())
    return torch.nan_to_num(cost, nan=0.0, posinf=0.0).sum(1)


# %% logarithms without infinity
# loses: bernoulli-nll-stable
# slug: nll-overflow
# says: its logarithm is infinite
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits)
    log_p, log_q = torch.nan_to_num(p.log()), torch.nan_to_num((1 - p).log())
    return -(x * log_p + (1 - x) * log_q).sum(1)


# %% sums without infinity
# loses: bernoulli-nll-stable
# slug: nll-overflow
# says: its logarithm is infinite
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits)
    cost = -(x * p.log() + (1 - x) * (1 - p).log()).sum(1)
    return torch.nan_to_num(cost)


# %% probabilities clamped at 1e-6
# loses: bernoulli-nll-stable
# slug: nll-epsilon
# says: falsifies the value
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits).clamp(1e-6, 1 - 1e-6)
    return F.binary_cross_entropy(p, x, reduction="none").sum(1)


# %% a small number in the logarithms
# loses: bernoulli-nll-stable
# slug: nll-epsilon
# says: falsifies the value
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits)
    return -(x * (p + 1e-8).log() + (1 - x) * (1 - p + 1e-8).log()).sum(1)


# %% costs stop at 50
# loses: bernoulli-nll-stable
# slug: nll-clamped
# says: stops at a limit
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").clamp(max=50).sum(1)


# %% softplus detached
# loses: bernoulli-nll-stable
# slug: nll-part-detached
# says: the other only
def bernoulli_nll(logits, x):
    return (F.softplus(logits).detach() - x * logits).sum(1)


# %% the product detached
# loses: bernoulli-nll-stable
# slug: nll-part-detached
# says: is detached
def bernoulli_nll(logits, x):
    return (F.softplus(logits) - x * logits.detach()).sum(1)


# %% only white pixels learn
# loses: bernoulli-nll-stable
# slug: nll-part-detached
# says: is detached
def bernoulli_nll(logits, x):
    white, black = F.softplus(-logits), F.softplus(logits).detach()
    return (x * white + (1 - x) * black).sum(1)


# %% half precision
# slug: half-precision
# says: 16 bits
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).half()


# %% a double vector of ones
# slug: types-mixed
# says: must be what joins them
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none") @ torch.ones(
        x.shape[1], dtype=torch.float64
    )


# %% infinite logarithms replaced by 0
# loses: bernoulli-nll-stable
# slug: nll-nan-to-num
# says: the cost is another one
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits)
    log_p, log_q = (torch.nan_to_num(q.log(), neginf=0.0) for q in (p, 1 - p))
    return -(x * log_p + (1 - x) * log_q).sum(1)


# %% infinite costs masked out
# loses: bernoulli-nll-stable
# slug: nll-nan-to-num
# says: replaced by a number
def bernoulli_nll(logits, x):
    p = torch.sigmoid(logits)
    cost = -(x * p.log() + (1 - x) * (1 - p).log())
    return torch.where(cost.isfinite(), cost, 0.0).sum(1)


# %% double ones joined by a matrix product
# slug: types-mixed
# says: Types are mixed
def bernoulli_nll(logits, x):
    cost = F.softplus(logits) - x * logits
    ones = torch.ones(x.shape[1], 1).double()
    return torch.matmul(cost, ones)[:, 0]


# %% softplus with threshold 5
# slug: nll-approximated
# says: one formula is right for all
# loses: bernoulli-nll-stable
def bernoulli_nll(logits, x):
    return (F.softplus(logits, threshold=5) - x * logits).sum(1)


# %% same with clean masking
# slug: nll-approximated
# says: one formula is right for all
# loses: bernoulli-nll-stable
def bernoulli_nll(logits, x):
    safe = logits.clamp(-16, 16)
    p = torch.sigmoid(safe)
    naive = -(x * torch.log(p) + (1 - x) * torch.log(1 - p))
    far = logits.clamp(min=0) - x * logits
    return torch.where(logits.abs() > 16, far, naive).sum(1)


# %% pixels below 0.02 and above 0.98 rounded
# slug: nll-thresholds-x
# says: use them as they are
def bernoulli_nll(logits, x):
    x = torch.where(x < 0.02, 0.0, torch.where(x > 0.98, 1.0, x)).to(logits.dtype)
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


# %% first 784 pixels only
# slug: sizes-guessed
# says: it goes by the sizes, or works for some of them only
# loses: bernoulli-nll-value
def bernoulli_nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits[:, :784], x[:, :784], reduction="none").sum(1)
