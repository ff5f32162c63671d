"""Answers to Exercise 8 of lab4-evaluation: right ones, then wrong ones."""


# %% a named pair
def gaps(log_evidence, elbo_amortized, elbo_refined):
    from typing import NamedTuple

    class Gaps(NamedTuple):
        approximation: torch.Tensor
        amortization: torch.Tensor

    return Gaps(log_evidence - elbo_refined, elbo_refined - elbo_amortized)


# %% by the whole
def gaps(log_evidence, elbo_amortized, elbo_refined):
    whole = log_evidence - elbo_amortized
    amortization = elbo_refined - elbo_amortized
    return whole - amortization, amortization


# %% torch.sub, a list
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return [torch.sub(log_evidence, elbo_refined), torch.sub(elbo_refined, elbo_amortized)]


# %% signs turned round
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return -(elbo_refined - log_evidence), -(elbo_amortized - elbo_refined)


# %% differences of a stack
def gaps(log_evidence, elbo_amortized, elbo_refined):
    heights = torch.stack([elbo_amortized, elbo_refined, log_evidence])
    amortization, approximation = heights.diff(dim=0)
    return approximation, amortization


# %% exchanged
# slug: gaps-exchanged
# says: exchanged
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return elbo_refined - elbo_amortized, log_evidence - elbo_refined


# %% signs reversed
# slug: gaps-sign
# says: not negative
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return elbo_refined - log_evidence, elbo_amortized - elbo_refined


# %% the whole for the family
# slug: gaps-total
# says: together
# loses: gaps-approximation
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence - elbo_amortized, elbo_refined - elbo_amortized


# %% the whole for the encoder
# slug: gaps-total
# says: together
# loses: gaps-amortization
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence - elbo_refined, log_evidence - elbo_amortized


# %% the difference of both
# slug: gaps-difference
# says: add up to the whole
# loses: gaps-amortization
def gaps(log_evidence, elbo_amortized, elbo_refined):
    approximation = log_evidence - elbo_refined
    return approximation, (elbo_refined - elbo_amortized) - approximation


# %% shares
# slug: gaps-share
# says: nats are asked for
def gaps(log_evidence, elbo_amortized, elbo_refined):
    whole = log_evidence - elbo_amortized
    return (log_evidence - elbo_refined) / whole, (elbo_refined - elbo_amortized) / whole


# %% averaged
# slug: gaps-averaged
# says: comes later
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined).mean(), (elbo_refined - elbo_amortized).mean()


# %% added
# slug: gaps-added
# says: their difference
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence + elbo_refined, elbo_refined + elbo_amortized


# %% the bound itself
# slug: gaps-absolute-bound
# says: a bound itself
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return elbo_refined, elbo_amortized


# %% one tensor
# slug: wrong-type
# says: (approximation, amortization)
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return torch.stack([log_evidence - elbo_refined, elbo_refined - elbo_amortized])


# %% three parts
# slug: wrong-type
# says: not two values
def gaps(log_evidence, elbo_amortized, elbo_refined):
    approximation, amortization = log_evidence - elbo_refined, elbo_refined - elbo_amortized
    return approximation, amortization, approximation + amortization


# %% cut off at zero
# slug: value-cut
# says: cut off
def gaps(log_evidence, elbo_amortized, elbo_refined):
    approximation, amortization = log_evidence - elbo_refined, elbo_refined - elbo_amortized
    return approximation.clamp(min=0), amortization.clamp(min=0)


# %% squeezed
# slug: shape-ones-dropped
# says: A dimension of size 1 is
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined).squeeze(), (elbo_refined - elbo_amortized).squeeze()


# %% column against row
# slug: shape-not-reduced
# says: A sum or a mean is
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence[:, None] - elbo_refined, elbo_refined[:, None] - elbo_amortized


# %% arguments in another order
# slug: gaps-total
# says: That is the whole gap
def gaps(log_evidence, elbo_refined, elbo_amortized):
    return log_evidence - elbo_refined, elbo_refined - elbo_amortized
