"""Answers to Exercise 9 of lab1-elbo: right ones, then wrong ones."""


# %% second form first
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy.sub(entropy)
    bound = log_likelihood - kl
    return {
        "gap": log_evidence - bound,
        "second_form": bound,
        "first_form": bound,
        "log_joint": bound - entropy,
        "kl": kl,
    }


# %% dict by keywords, nested sums
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    return dict(
        kl=-(entropy - cross_entropy),
        log_joint=-cross_entropy + log_likelihood,
        first_form=log_likelihood - cross_entropy + entropy,
        second_form=log_likelihood - (cross_entropy - entropy),
        gap=log_evidence - log_likelihood + cross_entropy - entropy,
    )


# %% a dict that is filled step by step
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    steps = {}
    steps["kl"] = cross_entropy - entropy
    steps["log_joint"] = log_likelihood - cross_entropy
    steps["first_form"] = steps["log_joint"] + entropy
    steps["second_form"] = log_likelihood - steps["kl"]
    steps["gap"] = log_evidence - steps["second_form"]
    steps["note"] = "all in nats"
    return steps


# %% an ordered dict
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    from collections import OrderedDict

    first = log_likelihood - cross_entropy + entropy
    steps = OrderedDict(first_form=first, second_form=first, gap=log_evidence - first)
    steps.update(kl=cross_entropy - entropy, log_joint=first - entropy)
    return steps


# %% a matrix of signs
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    pieces = torch.stack([log_evidence, log_likelihood, cross_entropy, entropy])
    signs = torch.tensor(
        [[0, 0, 1, -1], [0, 1, -1, 0], [0, 1, -1, 1], [0, 1, -1, 1], [1, -1, 1, -1]],
        dtype=pieces.dtype,
    )
    rows = signs @ pieces
    return dict(zip(["kl", "log_joint", "first_form", "second_form", "gap"], rows, strict=True))


# %% compiled
@torch.compile
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    joint = log_likelihood - cross_entropy
    return {
        "kl": cross_entropy - entropy,
        "log_joint": joint,
        "first_form": joint + entropy,
        "second_form": log_likelihood - (cross_entropy - entropy),
        "gap": log_evidence - (joint + entropy),
    }


# %% KL with its sign reversed
# loses: derivation-kl
# slug: kl-sign
# says: Step 1 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = entropy - cross_entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% entropies added
# loses: derivation-kl
# slug: kl-expectations-added
# says: Step 1 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy + entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% only the entropy
# loses: derivation-kl
# slug: kl-entropy-only
# says: Step 1 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = -entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% cross-entropy added to the log-likelihood
# loses: derivation-forms
# slug: chain-prior-sign
# says: Step 2 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood + cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% prior forgotten
# loses: derivation-forms
# slug: joint-no-prior
# says: Step 2 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood + 0
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% entropy in the log joint
# loses: derivation-forms
# slug: chain-entropy-for-prior
# says: Step 2 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% KL in the log joint
# loses: derivation-forms
# slug: chain-entropy-for-prior
# says: Step 2 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - kl
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% entropy subtracted
# loses: derivation-forms
# slug: chain-entropy-sign
# says: Step 3 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint - entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% entropy forgotten
# loses: derivation-forms
# slug: chain-no-entropy
# says: Step 3 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + 0
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% KL taken off the log joint
# loses: derivation-forms
# slug: chain-prior-twice
# says: Step 3 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy - kl
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% negative bound
# loses: derivation-forms
# slug: chain-sign
# says: Step 3 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = -log_joint - entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% KL added
# loses: derivation-forms
# slug: chain-kl-sign
# says: Step 4 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood + kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% KL forgotten
# loses: derivation-forms
# slug: chain-no-kl
# says: Step 4 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood + 0
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% log joint minus KL
# loses: derivation-forms
# slug: chain-prior-twice
# says: Step 4 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_joint - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% gap with its sign reversed
# loses: derivation-forms
# slug: chain-gap-sign
# says: Step 5 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = first_form - log_evidence
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% KL to the prior as the gap
# loses: derivation-forms
# slug: chain-gap-is-kl
# says: Step 5 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = kl
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% bound added to the evidence
# loses: derivation-forms
# slug: chain-gap-sum
# says: Step 5 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence + first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% something else in step 2
# loses: derivation-forms
# slug: chain-breaks
# says: Step 2 breaks
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_evidence - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% a key missing
# slug: wrong-type
# says: no 'gap'
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form)


# %% a tuple
# slug: wrong-type
# says: a tuple of 5
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return kl, log_joint, first_form, second_form, gap


# %% nothing returned
# slug: wrong-type
# says: None
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form


# %% mean over the batch
# slug: shape-one-number
# says: it should be (3,)
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    kl = kl.mean()
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% floats
# slug: wrong-type
# says: float
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy - entropy
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    kl = kl.sum().item()
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% changes an argument in place
# slug: changed-argument
# says: changed the values of `cross_entropy`
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = cross_entropy.sub_(entropy)
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)


# %% a KL of at most 50
# slug: value-cut
# says: cut off
# loses: derivation-kl
def derivation(log_evidence, log_likelihood, cross_entropy, entropy):
    kl = (cross_entropy - entropy).clamp(0, 50)
    log_joint = log_likelihood - cross_entropy
    first_form = log_joint + entropy
    second_form = log_likelihood - kl
    gap = log_evidence - first_form
    return dict(kl=kl, log_joint=log_joint, first_form=first_form, second_form=second_form, gap=gap)
