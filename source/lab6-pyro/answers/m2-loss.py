"""Answers to Exercise 11 c of lab6-pyro: right ones, then wrong ones."""


# %% means times counts
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    parts = ((1.0, labelled), (1.0, unlabelled), (alpha, log_q_label))
    total = torch.zeros((), dtype=labelled.dtype)
    for weight, part in parts:
        if len(part):
            total = total - weight * len(part) * part.mean()
    return total


# %% a dot product
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    ones = torch.ones_like(labelled)
    return -(ones @ (labelled + alpha * log_q_label)) - torch.sum(unlabelled)


# %% joined first
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -torch.cat([labelled + alpha * log_q_label, unlabelled]).sum()


# %% negated one by one
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    costs = [-labelled, -unlabelled, -alpha * log_q_label]
    return sum(each.sum() for each in costs)


# %% three terms
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -labelled.sum() - unlabelled.sum() - alpha * log_q_label.sum()


# %% maximized
# slug: value-negated
# says: sign
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return labelled.sum() + unlabelled.sum() + alpha * log_q_label.sum()


# %% the classifier's sign
# slug: semi-classifier-sign
# says: rises
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -(labelled.sum() + unlabelled.sum() - alpha * log_q_label.sum())


# %% no classifier
# slug: semi-no-classifier
# says: would not train
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -(labelled.sum() + unlabelled.sum())


# %% alpha left out
# slug: semi-no-alpha
# says: alpha is not used
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -(labelled.sum() + unlabelled.sum() + log_q_label.sum())


# %% alpha everywhere
# slug: semi-alpha-everywhere
# says: alone
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -alpha * (labelled.sum() + unlabelled.sum() + log_q_label.sum())


# %% no labelled bound
# slug: semi-one-bound
# says: missing
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -(unlabelled.sum() + alpha * log_q_label.sum())


# %% no unlabelled bound
# slug: semi-one-bound
# says: missing
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -(labelled.sum() + alpha * log_q_label.sum())


# %% means
# slug: semi-means
# says: not means
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -(labelled.mean() + unlabelled.mean() + alpha * log_q_label.mean())


# %% a mean for the classifier
# slug: semi-means
# says: not means
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -(labelled.sum() + unlabelled.sum() + alpha * log_q_label.mean())


# %% the classifier cut off
# slug: semi-classifier-detached
# says: log_q_label
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    return -(labelled.sum() + unlabelled.sum() + alpha * log_q_label.detach().sum())


# %% the worst image alone
# slug: semi-coefficients
# says: The gradient by labelled
def m2_loss(labelled, unlabelled, log_q_label, alpha):
    worst = labelled.amin() if len(labelled) else labelled.sum()
    return -(worst + unlabelled.sum() + alpha * log_q_label.sum())
