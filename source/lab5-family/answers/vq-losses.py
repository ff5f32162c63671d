"""Answers to Exercise 9 a of lab5-family: right ones, then wrong ones."""


# %% by mse_loss
def vq_losses(z, codes, beta=0.25):
    codebook = F.mse_loss(z.detach(), codes, reduction="none").flatten(1).sum(1)
    commitment = F.mse_loss(z, codes.detach(), reduction="none").flatten(1).sum(1)
    return codebook, beta * commitment


# %% over all dimensions but the first
def vq_losses(z, codes, beta=0.25):
    dims = list(range(1, z.ndim))
    first = ((codes - z.detach()) ** 2).sum(dim=dims)
    return first, ((z - codes.detach()) ** 2).sum(dim=dims) * beta


# %% image by image
def vq_losses(z, codes, beta=0.25):
    first = torch.stack([(a.detach() - b).square().sum() for a, b in zip(z, codes)])
    second = torch.stack([beta * (a - b.detach()).square().sum() for a, b in zip(z, codes)])
    return [first, second]


# %% einsum
def vq_losses(z, codes, beta=0.25):
    def squared(a, b):
        away = (a - b).reshape(len(a), -1)
        return torch.einsum("bi,bi->b", away, away)

    return squared(z.detach(), codes), beta * squared(z, codes.detach())


# %% detached without gradients
def vq_losses(z, codes, beta=0.25):
    with torch.no_grad():
        fixed_z, fixed_codes = z + 0, codes + 0
    first = (fixed_z - codes).pow(2).flatten(1).sum(-1)
    return first, (z - fixed_codes).pow(2).flatten(1).sum(-1).mul(beta)


# %% norms squared
def vq_losses(z, codes, beta=0.25):
    first = torch.linalg.vector_norm((z.detach() - codes).flatten(1), dim=1) ** 2
    return first, beta * torch.linalg.vector_norm((z - codes.detach()).flatten(1), dim=1) ** 2


# %% means of squares
# slug: vq-mean
# says: mean of squares
def vq_losses(z, codes, beta=0.25):
    first = (z.detach() - codes).square().flatten(1).mean(1)
    return first, beta * (z - codes.detach()).square().flatten(1).mean(1)


# %% means over D
# slug: vq-mean
# says: mean of squares
def vq_losses(z, codes, beta=0.25):
    first = (z.detach() - codes).square().mean(-1).reshape(len(z), -1)
    second = beta * (z - codes.detach()).square().mean(-1).reshape(len(z), -1)
    return first.sum(1), second.sum(1)


# %% one number, as mse_loss gives it
# slug: vq-batch
# says: each image has losses
def vq_losses(z, codes, beta=0.25):
    return F.mse_loss(z.detach(), codes), beta * F.mse_loss(z, codes.detach())


# %% summed over the batch
# slug: vq-batch
# says: each image has losses
def vq_losses(z, codes, beta=0.25):
    return (z.detach() - codes).square().sum(), beta * (z - codes.detach()).square().sum()


# %% only over D
# slug: vq-per-place
# says: One number for each place
def vq_losses(z, codes, beta=0.25):
    return (z.detach() - codes).square().sum(-1), beta * (z - codes.detach()).square().sum(-1)


# %% only over places
# slug: vq-per-dimension
# says: squares are summed over places alone
def vq_losses(z, codes, beta=0.25):
    def squared(a, b):
        each = (a - b).square()
        return each.sum(1) if each.ndim > 2 else each

    return squared(z.detach(), codes), beta * squared(z, codes.detach())


# %% distances
# slug: vq-root
# says: squared distances
def vq_losses(z, codes, beta=0.25):
    first = (z.detach() - codes).flatten(1).norm(dim=1)
    return first, beta * (z - codes.detach()).flatten(1).norm(dim=1)


# %% absolute values
# slug: vq-absolute
# says: in place of squares
def vq_losses(z, codes, beta=0.25):
    first = (z.detach() - codes).abs().flatten(1).sum(1)
    return first, beta * (z - codes.detach()).abs().flatten(1).sum(1)


# %% halves
# slug: vq-half
# says: factor 1/2
def vq_losses(z, codes, beta=0.25):
    first = 0.5 * (z.detach() - codes).square().flatten(1).sum(1)
    return first, 0.5 * beta * (z - codes.detach()).square().flatten(1).sum(1)


# %% negative
# slug: vq-negative
# says: sign is reversed
def vq_losses(z, codes, beta=0.25):
    first = -(z.detach() - codes).square().flatten(1).sum(1)
    return first, -beta * (z - codes.detach()).square().flatten(1).sum(1)


# %% beta on the codebook term
# slug: vq-beta-on-codebook
# says: weighs the commitment
def vq_losses(z, codes, beta=0.25):
    first = beta * (z.detach() - codes).square().flatten(1).sum(1)
    return first, (z - codes.detach()).square().flatten(1).sum(1)


# %% the pair the other way round
# slug: results-swapped
# says: changed places
def vq_losses(z, codes, beta=0.25):
    first = (z.detach() - codes).square().flatten(1).sum(1)
    return beta * (z - codes.detach()).square().flatten(1).sum(1), first


# %% beta on both
# slug: vq-beta-on-both
# says: the commitment alone
def vq_losses(z, codes, beta=0.25):
    first = beta * (z.detach() - codes).square().flatten(1).sum(1)
    return first, beta * (z - codes.detach()).square().flatten(1).sum(1)


# %% beta forgotten
# slug: vq-no-beta
# says: missing from the commitment
def vq_losses(z, codes, beta=0.25):
    first = (z.detach() - codes).square().flatten(1).sum(1)
    return first, (z - codes.detach()).square().flatten(1).sum(1)


# %% beta written in
# slug: vq-beta-fixed
# says: is an argument
def vq_losses(z, codes, beta=0.25):
    first = (z.detach() - codes).square().flatten(1).sum(1)
    return first, 0.25 * (z - codes.detach()).square().flatten(1).sum(1)


# %% divided by beta
# slug: vq-beta-power
# says: another way
def vq_losses(z, codes, beta=0.25):
    first = (z.detach() - codes).square().flatten(1).sum(1)
    return first, (z - codes.detach()).square().flatten(1).sum(1) / beta


# %% another default
# slug: vq-beta-default
# says: Without the argument
# loses: vq-losses-value
def vq_losses(z, codes, beta=1.0):
    first = (z.detach() - codes).square().flatten(1).sum(1)
    return first, beta * (z - codes.detach()).square().flatten(1).sum(1)


# %% added up
# slug: vq-added
# says: returned apart
def vq_losses(z, codes, beta=0.25):
    first = (z.detach() - codes).square().flatten(1).sum(1)
    return first + beta * (z - codes.detach()).square().flatten(1).sum(1)


# %% stops on the wrong sides
# slug: vq-stops-reversed
# says: wrong sides
# loses: vq-losses-gradient
def vq_losses(z, codes, beta=0.25):
    first = (z - codes.detach()).square().flatten(1).sum(1)
    return first, beta * (z.detach() - codes).square().flatten(1).sum(1)


# %% no stops
# slug: vq-no-stop
# says: at once
# loses: vq-losses-gradient
def vq_losses(z, codes, beta=0.25):
    squares = (z - codes).square().flatten(1).sum(1)
    return squares, beta * squares


# %% the commitment not stopped
# slug: vq-no-stop
# says: at once
# loses: vq-losses-gradient
def vq_losses(z, codes, beta=0.25):
    first = (z.detach() - codes).square().flatten(1).sum(1)
    return first, beta * (z - codes).square().flatten(1).sum(1)


# %% both move the codes
# slug: vq-commitment-moves-codes
# says: and not the codes
# loses: vq-losses-gradient
def vq_losses(z, codes, beta=0.25):
    squares = (z.detach() - codes).square().flatten(1).sum(1)
    return squares, beta * squares


# %% both move the encoder
# slug: vq-codebook-moves-encoder
# says: and not the encoder
# loses: vq-losses-gradient
def vq_losses(z, codes, beta=0.25):
    squares = (z - codes.detach()).square().flatten(1).sum(1)
    return squares, beta * squares


# %% everything detached
# slug: detached
# says: No gradient passes
# loses: vq-losses-gradient
def vq_losses(z, codes, beta=0.25):
    squares = (z - codes).detach().square().flatten(1).sum(1)
    return squares, beta * squares


# %% lost digits
# slug: lost-precision
# says: float32
# loses: vq-losses-value
def vq_losses(z, codes, beta=0.25):
    a, b = z.float(), codes.float()
    first = (a.detach() - b).square().flatten(1).sum(1)
    return first, beta * (a - b.detach()).square().flatten(1).sum(1)
