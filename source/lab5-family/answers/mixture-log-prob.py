"""Answers to Exercise 12 of lab5-family: right ones, then wrong ones."""


# %% torch.distributions
def mixture_log_prob(z, mu, logvar, weights):
    d = torch.distributions
    components = d.Independent(d.Normal(mu, torch.exp(0.5 * logvar)), 1)
    return d.MixtureSameFamily(d.Categorical(probs=weights), components).log_prob(z)


# %% a loop over components
def mixture_log_prob(z, mu, logvar, weights):
    logs = []
    for c in range(len(weights)):
        squares = (z - mu[c]) ** 2 / logvar[c].exp()
        log_c = -0.5 * (math.log(2 * math.pi) + logvar[c] + squares).sum(-1)
        logs.append(weights[c].log() + log_c)
    return torch.stack(logs).logsumexp(0)


# %% logaddexp
def mixture_log_prob(z, mu, logvar, weights):
    total = None
    for w, m, s in zip(weights, mu, logvar):
        q = torch.distributions.Normal(m, torch.exp(s / 2))
        here = torch.log(w) + q.log_prob(z).sum(1)
        total = here if total is None else torch.logaddexp(total, here)
    return total


# %% the largest taken out by hand
def mixture_log_prob(z, mu, logvar, weights):
    squares = ((z.unsqueeze(1) - mu) / torch.exp(0.5 * logvar)).square()
    log_each = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(-1)
    joint = log_each + weights.log()
    top = joint.amax(dim=1, keepdim=True)
    return top[:, 0] + (joint - top).exp().sum(1).log()


# %% a softmax by hand for the largest, with its share
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu).square().mul(torch.exp(-logvar))
    log_each = (math.log(2 * math.pi) + logvar + squares).sum(dim=2).mul(-0.5)
    return (log_each + weights.log()).T.logsumexp(0)


# %% code by code
def mixture_log_prob(z, mu, logvar, weights):
    found = []
    for row in z:
        q = torch.distributions.Normal(mu, (0.5 * logvar).exp())
        found.append((q.log_prob(row).sum(dim=1) + weights.log()).logsumexp(dim=0))
    return torch.stack(found)


# %% a bracket too far
# slug: mixture-bracket
# says: bracket too far
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2
    log_each = -0.5 * (math.log(2 * math.pi) + (logvar + squares) * torch.exp(-logvar)).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% no log-variance
# slug: mixture-no-log-scale
# says: log-variance is missing
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% the half of the square alone
# slug: mixture-half-misplaced
# says: factor 1/2
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = (-0.5 * (math.log(2 * math.pi) + squares) - logvar).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% no half
# slug: mixture-half-misplaced
# says: factor 1/2
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -1 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% the sign of the log-variance
# slug: mixture-log-scale-sign
# says: wrong sign
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) - logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% log sigma
# slug: mixture-log-sigma
# says: log sigma
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-2 * logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + 2 * logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% the square divided by sigma
# slug: mixture-sigma-as-variance
# says: another power
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-0.5 * logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% no constant
# slug: mixture-constant
# says: every dimension
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% the constant once
# slug: mixture-constant
# says: 2 pi
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (logvar + squares).sum(dim=2) - 0.5 * math.log(2 * math.pi)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% equal weights
# slug: mixture-weights-ignored
# says: its own weight
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each, dim=1) - math.log(len(mu))


# %% no weights
# slug: mixture-not-averaged
# says: not weighted
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each, dim=1)


# %% weights and a count
# slug: mixture-count-twice
# says: the weights do that
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1) - math.log(len(mu))


# %% a softmax of the weights
# slug: mixture-weights-as-logits
# says: probabilities already
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log_softmax(weights, dim=0), dim=1)


# %% weights added to logarithms
# slug: mixture-weights-not-logged
# says: take its logarithm
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + weights, dim=1)


# %% weights times log densities
# slug: mixture-weights-outside
# says: multiplies the density
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each * weights, dim=1)


# %% a mean of logs
# slug: mixture-mean-of-logs
# says: adds the densities
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return log_each @ weights


# %% a sum of logs
# slug: mixture-mean-of-logs
# says: averaged or added
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return (log_each + torch.log(weights)).sum(dim=1)


# %% the best component
# slug: mixture-best-only
# says: all of them
# loses: mixture-log-prob-value
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return (log_each + torch.log(weights)).amax(dim=1)


# %% mixed dimension by dimension
# slug: mixture-by-dimension
# says: whole code
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares)
    return torch.logsumexp(log_each + torch.log(weights)[:, None], dim=1).sum(dim=1)


# %% a mean over dimensions
# slug: mixture-mean-over-dimensions
# says: are summed
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).mean(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% one Gaussian
# slug: mixture-one-gaussian
# says: one peak
def mixture_log_prob(z, mu, logvar, weights):
    mean = weights @ mu
    variance = weights @ (logvar.exp() + mu**2) - mean**2
    return torch.distributions.Normal(mean, variance.sqrt()).log_prob(z).sum(dim=1)


# %% the density
# slug: mixture-not-logged
# says: logarithm is asked
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.exp(log_each) @ weights


# %% over the batch
# slug: mixture-of-components
# says: exchanged
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=0)


# %% not joined
# slug: mixture-of-components
# says: one number a component
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return log_each + torch.log(weights)


# %% one number
# slug: mixture-batch
# says: own log density
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1).mean()


# %% densities added as they are
# slug: mixture-underflow
# says: without leaving
# loses: mixture-log-prob-far
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.log(torch.exp(log_each) @ weights)


# %% a floor under the logarithm
# slug: mixture-underflow
# says: should be
# loses: mixture-log-prob-far
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.log((torch.exp(log_each) @ weights).clamp(min=1e-300))


# %% no gradient to the weights
# slug: detached
# says: cut off
# loses: mixture-log-prob-far
def mixture_log_prob(z, mu, logvar, weights):
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights).detach(), dim=1)


# %% no gradient to the components
# slug: detached
# says: cut off
# loses: mixture-log-prob-far
def mixture_log_prob(z, mu, logvar, weights):
    mu, logvar = mu.detach(), logvar.detach()
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)


# %% in double
# slug: another-dtype
# says: another dtype
# loses: mixture-log-prob-value
def mixture_log_prob(z, mu, logvar, weights):
    z = z.double()
    squares = (z[:, None] - mu) ** 2 * torch.exp(-logvar)
    log_each = -0.5 * (math.log(2 * math.pi) + logvar + squares).sum(dim=2)
    return torch.logsumexp(log_each + torch.log(weights), dim=1)
