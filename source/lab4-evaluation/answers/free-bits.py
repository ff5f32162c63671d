"""Answers to Exercise 11 of lab4-evaluation: right ones, then wrong ones."""


# %% torch.maximum
def free_bits(kl, floor):
    means = kl.mean(dim=0)
    return torch.maximum(means, torch.full_like(means, floor)).sum()


# %% where
def free_bits(kl, floor):
    means = kl.sum(dim=0) / kl.shape[0]
    return torch.where(means > floor, means, floor).sum()


# %% floor plus what lies above
def free_bits(kl, floor):
    above = F.relu(kl.mean(0) - floor)
    return (floor + above).sum()


# %% python's max, column by column
def free_bits(kl, floor):
    return sum(max(floor, column.mean()) for column in kl.unbind(dim=1))


# %% torch.clamp, float64 inside
def free_bits(kl, floor):
    return torch.sum(torch.clamp(kl.double().mean(dim=0), min=floor)).to(kl.dtype)


# %% by counting
def free_bits(kl, floor):
    means = kl.mean(dim=0)
    above = means > floor
    return means[above].sum() + floor * (~above).sum()


# %% np.maximum of a detached gate
def free_bits(kl, floor):
    means = kl.mean(dim=0)
    gate = (means > floor).to(kl.dtype)
    return (gate * means + (1 - gate) * floor).sum()


# %% a floor for each image
# slug: free-bits-by-image
# says: under their mean
# loses: free-bits-value, free-bits-gradient
def free_bits(kl, floor):
    return kl.clamp(min=floor).mean(dim=0).sum()


# %% a floor for the sum
# slug: free-bits-of-total
# says: under each dimension
def free_bits(kl, floor):
    return kl.mean(dim=0).sum().clamp(min=floor)


# %% a floor for the sum, D times
# slug: free-bits-of-total
# loses: free-bits-value, free-bits-gradient
# says: under the sum
def free_bits(kl, floor):
    return kl.mean(dim=0).sum().clamp(min=floor * kl.shape[1])


# %% a floor for each image's sum
# slug: free-bits-of-image-total
# says: a floor of its own
def free_bits(kl, floor):
    return kl.sum(dim=1).clamp(min=floor).mean()


# %% a ceiling
# slug: free-bits-ceiling
# says: the larger one counts
def free_bits(kl, floor):
    return kl.mean(dim=0).clamp(max=floor).sum()


# %% the excess
# slug: free-bits-excess
# loses: free-bits-value, free-bits-limits
# says: the cost is the floor
def free_bits(kl, floor):
    return (kl.mean(dim=0) - floor).clamp(min=0).sum()


# %% the distance
# slug: free-bits-distance
# says: from both sides
def free_bits(kl, floor):
    return (kl.mean(dim=0) - floor).abs().sum()


# %% dropped below
# slug: free-bits-dropped
# loses: free-bits-value, free-bits-limits
# says: as much as the floor
def free_bits(kl, floor):
    means = kl.mean(dim=0)
    return torch.where(means > floor, means, torch.zeros_like(means)).sum()


# %% added
# slug: free-bits-added
# says: added to the KL
def free_bits(kl, floor):
    return (kl.mean(dim=0) + floor).sum()


# %% no floor
# slug: free-bits-ignored
# says: the KL itself
def free_bits(kl, floor):
    return kl.mean(dim=0).sum()


# %% summed over images
# slug: free-bits-batch-sum
# says: their mean
def free_bits(kl, floor):
    return kl.sum(dim=0).clamp(min=floor).sum()


# %% a mean over dimensions
# slug: free-bits-mean-latent
# says: their costs add up
def free_bits(kl, floor):
    return kl.mean(dim=0).clamp(min=floor).mean()


# %% the floor shared
# slug: free-bits-floor-shared
# says: each has all of it
def free_bits(kl, floor):
    return kl.mean(dim=0).clamp(min=floor / kl.shape[1]).sum()


# %% the floor multiplied
# slug: free-bits-floor-times
# says: multiplied
def free_bits(kl, floor):
    return kl.mean(dim=0).clamp(min=floor * kl.shape[1]).sum()


# %% not summed
# slug: free-bits-not-summed
# says: the sum over them is missing
def free_bits(kl, floor):
    return kl.mean(dim=0).clamp(min=floor)


# %% soft
# slug: free-bits-smooth
# says: a smooth maximum
def free_bits(kl, floor):
    return (floor + F.softplus(kl.mean(dim=0) - floor)).sum()


# %% only the floor
# slug: free-bits-floor-only
# says: only the floors count
def free_bits(kl, floor):
    return floor * torch.ones_like(kl[0]).sum()


# %% the mean over the wrong dimension
# slug: free-bits-axes
# says: the axes are exchanged
def free_bits(kl, floor):
    return kl.mean(dim=1).clamp(min=floor).sum()


# %% pulls below
# slug: free-bits-pulls-below
# loses: free-bits-gradient
# says: must not be pulled at
def free_bits(kl, floor):
    means = kl.mean(dim=0)
    value = means.clamp(min=floor)
    return (means + (value - means).detach()).sum()


# %% nothing above
# slug: detached
# loses: free-bits-gradient
# says: no gradient passes
def free_bits(kl, floor):
    return kl.detach().mean(dim=0).clamp(min=floor).sum()


# %% only the first image above
# slug: free-bits-cut-above
# loses: free-bits-gradient
# says: the KL costs as always
def free_bits(kl, floor):
    means = (kl[:1].sum(dim=0) + kl[1:].detach().sum(dim=0)) / len(kl)
    return means.clamp(min=floor).sum()


# %% a number
# slug: number-not-tensor
# says: backward needs a tensor
# loses: free-bits-value, free-bits-limits, free-bits-gradient
def free_bits(kl, floor):
    return kl.mean(dim=0).clamp(min=floor).sum().item()


# %% negated
# slug: value-negated
# says: the sign of everything
# loses: free-bits-value, free-bits-limits, free-bits-gradient
def free_bits(kl, floor):
    return -kl.mean(dim=0).clamp(min=floor).sum()


# %% the floor written out
# slug: free-bits-floor-fixed
# loses: free-bits-value, free-bits-limits
# says: take it from the argument
def free_bits(kl, floor):
    return kl.mean(dim=0).clamp(min=0.5).sum()


# %% the first image only
# slug: rate-of-one-image
# says: one image stands for all
def free_bits(kl, floor):
    return kl[0].clamp(min=floor).sum()


# %% a limit above
# slug: value-cut
# says: cut off
# loses: free-bits-limits
def free_bits(kl, floor):
    return kl.mean(dim=0).clamp(floor, 100).sum()


# %% axes swapped
# slug: free-bits-axes
# says: The axes are exchanged
def free_bits(kl, floor):
    return kl.mean(1).clamp(min=floor).sum()


# %% squeeze first
# slug: value-cut
# says: Numbers beyond a bound are cut
# loses: free-bits-value
def free_bits(kl, floor):
    return kl.squeeze().mean(dim=0).clamp(min=floor).sum()


# %% median over images
# slug: free-bits-other-mean
# says: A median, or a sum over
def free_bits(kl, floor):
    return kl.median(dim=0).values.clamp(min=floor).sum()


# %% single precision inside
# slug: lost-precision
# says: Half of the digits are lost
# loses: free-bits-value, free-bits-limits
def free_bits(kl, floor):
    return kl.float().mean(0).clamp(min=floor).sum()


# %% elements above the floor keep their gradient
# slug: free-bits-pulls-below
# says: A gradient passes below the floor
# loses: free-bits-gradient
def free_bits(kl, floor):
    m = kl.mean(0)
    value = m.clamp(min=floor).sum().detach()
    path = (kl * (kl > floor)).mean(0).sum()
    return path + value - path.detach()


# %% gradient of the sum, not of the mean
# slug: free-bits-batch-sum
# says: Summed over images
# loses: free-bits-gradient
def free_bits(kl, floor):
    m = kl.mean(0)
    value = m.clamp(min=floor).sum()
    s = (kl.sum(0) * (m > floor)).sum()
    return s - s.detach() + value.detach()
