"""Answers to Exercise 4 of lab4-evaluation, its second half: right ones, then wrong ones."""


# %% by the effective sample size
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    size = 1 / log_w.softmax(0).square().sum(0)
    each = ((samples / size - 1) / (samples - 1)).clamp(min=0).sqrt()
    return bound.std() / math.sqrt(images), torch.linalg.norm(each) / images


# %% shares in place of ratios
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = torch.logsumexp(log_w, dim=0) - math.log(samples)
    share = torch.softmax(log_w, dim=0)
    each = share.std(dim=0) / share.mean(dim=0) / samples**0.5
    return bound.std() / images**0.5, (each**2).sum().sqrt() / images


# %% the largest taken out, a list
def standard_errors(log_w):
    samples, images = log_w.shape
    top = log_w.amax(0)
    w = (log_w - top).exp()
    bound = w.mean(0).log() + top
    relative = w.var(0) / w.mean(0) ** 2 / samples  # (B,)
    return [(bound.var() / images).sqrt(), relative.mean().div(images).sqrt()]


# %% variances written out, a named pair
def standard_errors(log_w):
    from collections import namedtuple

    pair = namedtuple("Errors", "over_images over_samples")
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    between = ((bound - bound.mean()) ** 2).sum() / (images - 1)
    ratio = torch.exp(log_w - bound)
    within = ((ratio - 1) ** 2).sum(0) / (samples - 1) / samples
    return pair((between / images).sqrt(), within.sum().sqrt() / images)


# %% image by image
def standard_errors(log_w):
    samples, images = log_w.shape
    bounds, squares = [], []
    for column in log_w.T:
        bound = column.logsumexp(0) - math.log(samples)
        squares.append((column - bound).exp().var() / samples)
        bounds.append(bound)
    over_samples = torch.stack(squares).sum().sqrt() / images
    return torch.stack(bounds).std() / math.sqrt(images), over_samples


# %% exchanged
# slug: errors-exchanged
# says: changed places
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return each.norm() / images, bound.std() / math.sqrt(images)


# %% the root of K over images
# slug: error-root-of-samples
# says: root is of B
# loses: standard-errors-over-images
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return bound.std() / math.sqrt(samples), each.norm() / images


# %% the spread of the images
# slug: error-not-divided
# says: spread of the images
# loses: standard-errors-over-images
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return bound.std(), each.norm() / images


# %% divided by B
# slug: error-no-root
# says: not by its root
# loses: standard-errors-over-images
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return bound.std() / images, each.norm() / images


# %% variances with n
# slug: error-population
# says: divided by n - 1
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0, correction=0) / math.sqrt(samples)
    return bound.std(correction=0) / math.sqrt(images), each.norm() / images


# %% a variance over images
# slug: error-variance
# says: that is a variance
# loses: standard-errors-over-images
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return bound.var() / images, each.norm() / images


# %% the spread of the plain bound
# slug: error-of-elbo
# says: the plain bound
# loses: standard-errors-over-images
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return log_w.mean(0).std() / math.sqrt(images), each.norm() / images


# %% all log weights as one sample
# slug: error-all-as-one
# says: two reasons
# loses: standard-errors-over-images
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return log_w.std() / math.sqrt(log_w.numel()), each.norm() / images


# %% both joined
# slug: error-joined
# says: keep them apart
# loses: standard-errors-over-images
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    within = (log_w - bound).exp().var(0).sum() / samples / images**2
    return (bound.var() / images + within).sqrt(), within.sqrt()


# %% an error for each image
# slug: error-per-image
# says: of the mean over images
# loses: standard-errors-over-samples
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    return bound.std() / math.sqrt(images), (log_w - bound).exp().std(0) / math.sqrt(samples)


# %% errors averaged
# slug: error-added
# says: their squares do
# loses: standard-errors-over-samples
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return bound.std() / math.sqrt(images), each.mean()


# %% the root of the mean square
# slug: error-not-averaged
# says: divided by B
# loses: standard-errors-over-samples
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return bound.std() / math.sqrt(images), each.square().mean().sqrt()


# %% the root of the sum of squares
# slug: error-not-averaged
# says: divided by B
# loses: standard-errors-over-samples
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return bound.std() / math.sqrt(images), each.norm()


# %% the spread of one weight
# slug: error-no-samples
# says: root of K is missing
# loses: standard-errors-over-samples
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0)
    return bound.std() / math.sqrt(images), each.norm() / images


# %% the spread of the logs
# slug: error-of-logs
# says: log of a mean
# loses: standard-errors-over-samples
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = log_w.std(0) / math.sqrt(samples)
    return bound.std() / math.sqrt(images), each.norm() / images


# %% not relative
# slug: error-absolute
# says: divide by the mean weight
# loses: standard-errors-over-samples
def standard_errors(log_w):
    samples, images = log_w.shape
    w = log_w.exp()
    bound = log_w.logsumexp(0) - math.log(samples)
    return bound.std() / math.sqrt(images), (w.std(0) / math.sqrt(samples)).norm() / images


# %% one over the root of the size
# slug: error-of-size
# says: without its -1
# loses: standard-errors-over-samples
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    size = 1 / log_w.softmax(0).square().sum(0)
    return bound.std() / math.sqrt(images), size.rsqrt().norm() / images


# %% exp first
# slug: density-underflow
# says: left the range
# loses: standard-errors-over-images, standard-errors-over-samples
def standard_errors(log_w):
    samples, images = log_w.shape
    w = log_w.exp()
    each = w.std(0) / w.mean(0) / math.sqrt(samples)
    return w.mean(0).log().std() / math.sqrt(images), each.norm() / images


# %% only one error
# slug: wrong-type
# says: over_images, over_samples
def standard_errors(log_w):
    bound = log_w.logsumexp(0) - math.log(len(log_w))
    return bound.std() / math.sqrt(len(bound))


# %% plain numbers
# slug: wrong-type
# says: torch tensor
def standard_errors(log_w):
    samples, images = log_w.shape
    bound = log_w.logsumexp(0) - math.log(samples)
    each = (log_w - bound).exp().std(0) / math.sqrt(samples)
    return (bound.std() / math.sqrt(images)).item(), (each.norm() / images).item()


# %% about the mean of the logs
# loses: standard-errors-over-images, standard-errors-over-samples
# slug: density-underflow
# says: is nan
def standard_errors(log_w):
    K, B = log_w.shape
    middle = log_w.mean(0)
    w = (log_w - middle).exp()
    bounds = w.mean(0).log() + middle
    each = w.std(0) / w.mean(0) / K**0.5
    return bounds.std() / B**0.5, each.norm() / B


# %% no square root of the sum of squares
# slug: error-no-root
# says: Divided by the number, not by
# loses: standard-errors-over-samples
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum() / B


# %% axes swapped
# slug: error-axes
# says: Images and samples have changed places
def standard_errors(log_w):
    log_w = log_w.T
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B


# %% divides the sd by the mean of L_K
# slug: error-absolute
# says: The error of a logarithm is
# loses: standard-errors-over-samples
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    w = (log_w - log_w.amax(0)).exp()
    e = w.std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B


# %% L_K without log K in the ratios
# slug: error-no-count
# says: log K is missing
# loses: standard-errors-over-samples
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B


# %% e_b divided by sqrt(K - 1)
# slug: error-root-less-one
# says: The 1 less belongs into the
# loses: standard-errors-over-samples
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(max(K - 1, 1))
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B
