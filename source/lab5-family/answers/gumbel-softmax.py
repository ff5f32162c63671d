"""Answers to Exercise 10 of lab5-family: right ones, then wrong ones."""


# %% by exponential numbers
def gumbel_softmax(logits, temperature):
    gumbel = -torch.empty_like(logits).exponential_().log()
    return F.softmax((logits + gumbel) / temperature, dim=1)


# %% by torch.distributions
def gumbel_softmax(logits, temperature):
    gumbel = torch.distributions.Gumbel(torch.zeros_like(logits), 1.0).sample()
    return ((logits + gumbel) / temperature).softmax(dim=-1)


# %% a relaxed distribution
def gumbel_softmax(logits, temperature):
    tau = torch.tensor(temperature, dtype=logits.dtype)
    relaxed = torch.distributions.RelaxedOneHotCategorical(tau, logits=logits)
    return relaxed.rsample()


# %% torch's own
def gumbel_softmax(logits, temperature):
    return F.gumbel_softmax(logits, tau=temperature, hard=False, dim=-1)


# %% with small constants
def gumbel_softmax(logits, temperature):
    u = torch.rand(logits.shape, dtype=logits.dtype)
    gumbel = -torch.log(-torch.log(u + 1e-20) + 1e-20)
    return torch.softmax((logits + gumbel) / temperature, -1)


# %% a log-softmax first
def gumbel_softmax(logits, temperature):
    u = torch.rand_like(logits).clamp_min(1e-30)
    scores = (logits.log_softmax(1) - torch.log(-torch.log(u))) / temperature
    return scores.log_softmax(1).exp()


# %% the largest taken out by hand
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(torch.distributions.Exponential(1.0).sample(logits.shape)).to(logits)
    scores = (logits + gumbel) / temperature
    scores = scores - scores.amax(1, keepdim=True).detach()
    return scores.exp() / scores.exp().sum(1, keepdim=True)


# %% no noise
# slug: gumbel-no-noise
# says: There is no noise
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    return (logits / temperature).softmax(-1)


# %% one number a row
# slug: gumbel-no-noise
# says: which cancels
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    u = torch.rand_like(logits[:, :1])
    return ((logits - torch.log(-torch.log(u))) / temperature).softmax(-1)


# %% one row of noise for all
# slug: noise-shared-batch
# says: share their noise
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    u = torch.rand_like(logits[0])
    return ((logits - torch.log(-torch.log(u))) / temperature).softmax(-1)


# %% normal noise
# slug: gumbel-noise-normal
# says: The noise is normal
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    return ((logits + torch.randn_like(logits)) / temperature).softmax(-1)


# %% uniform noise
# slug: gumbel-noise-uniform
# says: The noise is uniform
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    return ((logits + torch.rand_like(logits)) / temperature).softmax(-1)


# %% one logarithm
# slug: gumbel-noise-one-log
# says: one more logarithm
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    return ((logits - torch.log(torch.rand_like(logits))) / temperature).softmax(-1)


# %% the sign of the outer logarithm
# slug: gumbel-noise-sign
# says: long tail is on the right
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    u = torch.rand_like(logits)
    return ((logits + torch.log(-torch.log(u))) / temperature).softmax(-1)


# %% noise subtracted
# slug: gumbel-noise-sign
# says: long tail is on the right
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return ((logits - gumbel) / temperature).softmax(-1)


# %% logistic noise
# slug: gumbel-noise-logistic
# says: difference of two Gumbel
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    u = torch.rand_like(logits)
    return ((logits + torch.log(u) - torch.log1p(-u)) / temperature).softmax(-1)


# %% noise of half the size
# slug: gumbel-noise-scale
# says: wrong scale
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return ((logits + 0.5 * gumbel) / temperature).softmax(-1)


# %% the noise outside of the quotient
# slug: gumbel-noise-not-tempered
# says: noise is not divided
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return (logits / temperature + gumbel).softmax(-1)


# %% the logits outside of the quotient
# slug: gumbel-logits-not-tempered
# says: logits are not divided
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return (logits + gumbel / temperature).softmax(-1)


# %% no temperature
# slug: gumbel-temperature-ignored
# says: no effect
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return (logits + gumbel).softmax(-1)


# %% times the temperature
# slug: gumbel-temperature-multiplied
# says: where it divides
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return ((logits + gumbel) * temperature).softmax(-1)


# %% noise times the temperature
# slug: gumbel-noise-not-tempered
# says: noise is not divided
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return ((logits + temperature * gumbel) / temperature).softmax(-1)


# %% probabilities for logits
# slug: gumbel-probabilities
# says: Probabilities stand
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return ((logits.softmax(-1) + gumbel) / temperature).softmax(-1)


# %% logarithms
# slug: gumbel-logarithms
# says: Those are logarithms
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return ((logits + gumbel) / temperature).log_softmax(-1)


# %% not normalized
# slug: gumbel-off-simplex
# says: add up to 1
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return torch.sigmoid((logits + gumbel) / temperature)


# %% over the rows
# slug: gumbel-wrong-dimension
# says: over the rows
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return ((logits + gumbel) / temperature).softmax(0)


# %% one-hot
# slug: gumbel-hard
# says: one-hot
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return F.one_hot((logits + gumbel).argmax(-1), logits.shape[-1]).to(logits)


# %% one-hot with the relaxed gradient
# slug: gumbel-hard
# says: one-hot
def gumbel_softmax(logits, temperature):
    return F.gumbel_softmax(logits, tau=temperature, hard=True)


# %% seeded
# slug: noise-frozen
# says: drawn once
# loses: gumbel-softmax-categories
def gumbel_softmax(logits, temperature):
    generator = torch.Generator().manual_seed(0)
    u = torch.rand(logits.shape, generator=generator, dtype=logits.dtype)
    return ((logits - torch.log(-torch.log(u))) / temperature).softmax(-1)


# %% detached
# slug: detached
# says: No gradient passes
# loses: gumbel-softmax-gradient
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return ((logits + gumbel) / temperature).softmax(-1).detach()


# %% detached in the denominator
# slug: gumbel-slope
# says: that of the softmax
# loses: gumbel-softmax-gradient
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    scores = (logits + gumbel) / temperature
    return (scores - scores.logsumexp(-1, keepdim=True).detach()).exp()


# %% exponentials as they come
# slug: gumbel-overflow
# says: It overflows
# loses: gumbel-softmax-gradient
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    scores = ((logits + gumbel) / temperature).exp()
    return scores / scores.sum(-1, keepdim=True)


# %% a small constant under the sum
# slug: gumbel-overflow
# says: It overflows
# loses: gumbel-softmax-gradient
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    scores = ((logits + gumbel) / temperature).exp()
    return scores / (scores.sum(-1, keepdim=True) + 1e-20)


# %% probabilities that underflow
# slug: gumbel-overflow
# says: It overflows
# loses: gumbel-softmax-gradient
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return ((logits.softmax(-1).log() + gumbel) / temperature).softmax(-1)


# %% a floor under the temperature
# slug: gumbel-slope
# says: that of the softmax
# loses: gumbel-softmax-gradient
def gumbel_softmax(logits, temperature):
    gumbel = -torch.log(-torch.log(torch.rand_like(logits)))
    return ((logits + gumbel) / max(temperature, 0.1)).softmax(-1)
