"""Answers to Exercise 5 of lab5-family: right ones, then wrong ones."""


# %% one case after the other
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    beta = kl_weight / (2 * variance)
    if reduction == "mean":
        beta *= pixels
    if kl_reduction == "mean":
        beta /= latent_dim
    return beta


# %% dictionaries
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = {"sum": 1.0, "mean": 1.0 / pixels}[reduction]
    b = {"sum": 1.0, "mean": 1.0 / latent_dim}[kl_reduction]
    return kl_weight * b / (2.0 * variance * a)


# %% by an example
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    def reduced(values, way):
        return sum(values) if way == "sum" else sum(values) / len(values)

    per_square = reduced([1.0] * pixels, reduction) / pixels
    per_kl = kl_weight * reduced([1.0] * latent_dim, kl_reduction) / latent_dim
    return per_kl / per_square / (2 * variance)


# %% the precision first
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    precision = 1 / variance
    times = pixels if reduction != "sum" else 1
    divided = latent_dim if kl_reduction != "sum" else 1
    return float(0.5 * precision * kl_weight * times / divided)


# %% a match
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    match reduction, kl_reduction:
        case "sum", "sum":
            factor = 1
        case "mean", "sum":
            factor = pixels
        case "sum", "mean":
            factor = 1 / latent_dim
        case _:
            factor = pixels / latent_dim
    return factor * kl_weight / variance / 2


# %% powers of numpy
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    import numpy as np

    log_beta = np.log(kl_weight) - np.log(2 * variance)
    log_beta += np.log(pixels) * (reduction == "mean")
    log_beta -= np.log(latent_dim) * (kl_reduction == "mean")
    return np.exp(log_beta)


# %% upside down
# slug: beta-upside-down
# says: beta stands at the KL
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return 2 * variance * a / b


# %% no 2
# slug: beta-no-two
# says: 2 sigma^2
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return b / (variance * a)


# %% the 2 above
# slug: beta-two-above
# says: it divides
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return 2 * b / (variance * a)


# %% the variance as sigma
# slug: beta-of-deviation
# says: root nor its square
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return b / (2 * variance**2 * a)


# %% sigma for the variance
# slug: beta-of-deviation
# says: root nor its square
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return b / (2 * math.sqrt(variance) * a)


# %% the variance multiplies
# slug: beta-variance-above
# says: the smaller beta
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return 2 * variance * b / a


# %% the variance ignored
# slug: beta-variance-ignored
# says: not used
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return b / a


# %% pixels divide
# slug: beta-pixels-divide
# says: weighs more, not less
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return b * a / (2 * variance)


# %% latent dimensions multiply
# slug: beta-latent-multiplies
# says: weighs less, not more
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight * latent_dim if kl_reduction == "mean" else kl_weight
    return b / (2 * variance * a)


# %% the weight ignored
# slug: beta-weight-ignored
# says: kl_weight is not used
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = 1 / latent_dim if kl_reduction == "mean" else 1
    return b / (2 * variance * a)


# %% the weight divides
# slug: beta-weight-divides
# says: does not divide
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = 1 / latent_dim if kl_reduction == "mean" else 1
    return b / (2 * variance * a * kl_weight)


# %% the error's reduction ignored
# slug: beta-pixels-ignored
# says: P times too small
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return b / (2 * variance)


# %% the KL's reduction ignored
# slug: beta-latent-ignored
# says: D times too small
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    return kl_weight / (2 * variance * a)


# %% pixels and dimensions exchanged
# slug: beta-sizes-exchanged
# says: P and D are exchanged
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / latent_dim if reduction == "mean" else 1
    b = kl_weight / pixels if kl_reduction == "mean" else kl_weight
    return b / (2 * variance * a)


# %% always averaged
# slug: beta-always-averaged
# says: the word says sum
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    return kl_weight * pixels / latent_dim / (2 * variance)


# %% sum and mean exchanged
# slug: beta-reductions-swapped
# says: exchanged
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "sum" else 1
    b = kl_weight / latent_dim if kl_reduction == "sum" else kl_weight
    return b / (2 * variance * a)


# %% averaged by default
# slug: beta-defaults
# says: by default
def hidden_beta(pixels, latent_dim, variance, reduction="mean", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return b / (2 * variance * a)


# %% the weight of the error
# slug: beta-pixels-divide
# says: weighs more, not less
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = 1 / latent_dim if kl_reduction == "mean" else 1
    return kl_weight * a / (2 * variance * b)


# %% a tensor
# slug: tensor-not-number
# says: plain number
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / pixels if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return torch.tensor(b / (2 * variance * a))


# %% pixels of MNIST
# slug: wrong-value
# says: beta of
def hidden_beta(pixels, latent_dim, variance, reduction="sum", kl_reduction="sum", kl_weight=1.0):
    a = 1 / 784 if reduction == "mean" else 1
    b = kl_weight / latent_dim if kl_reduction == "mean" else kl_weight
    return b / (2 * variance * a)
