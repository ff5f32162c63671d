"""Answers to Exercise 11 a of lab6-pyro: right ones, then wrong ones."""


# %% by a categorical distribution
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    labels = dist.Categorical(torch.ones(num_classes, dtype=log_px.dtype))
    return log_px + labels.log_prob(torch.tensor(0)) + log_pz - log_qz


# %% as a tensor
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    return log_px + log_pz - log_qz - torch.log(torch.tensor(num_classes, dtype=log_px.dtype))


# %% stacked and summed
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    price = torch.full_like(log_px, math.log(num_classes))
    return torch.stack([log_px, log_pz, -log_qz, -price]).sum(0)


# %% image by image
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    terms = zip(log_px, log_pz, log_qz)
    return torch.stack([a + b - c - math.log(num_classes) for a, b, c in terms])


# %% a logarithm in float32
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    return log_px + log_pz - log_qz - torch.log(torch.tensor(num_classes))


# %% plus the log of one over C
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    return log_px + log_pz - log_qz + math.log(1 / num_classes)


# %% no price of the label
# slug: semi-no-label-prior
# says: log C
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    return log_px + log_pz - log_qz


# %% the price with the other sign
# slug: semi-label-prior-sign
# says: below 0
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    return log_px + log_pz - log_qz + math.log(num_classes)


# %% the probability, not its log
# slug: semi-label-prior-not-logged
# says: its logarithm
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    return log_px + log_pz - log_qz + 1 / num_classes


# %% the encoder's term added
# slug: argument-misread
# says: log_qz
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    return log_px + log_pz + log_qz - math.log(num_classes)


# %% no prior of z
# slug: argument-misread
# says: log_pz
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    return log_px - log_qz - math.log(num_classes)


# %% minus
# slug: value-negated
# says: sign
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    return -(log_px + log_pz - log_qz - math.log(num_classes))


# %% summed over images
# slug: semi-summed
# says: each image
def labelled_bound(log_px, log_pz, log_qz, num_classes):
    return (log_px + log_pz - log_qz - math.log(num_classes)).sum()
