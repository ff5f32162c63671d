"""Answers to Exercise 14 of lab5-family: right ones, then wrong ones."""


# %% kl_divergence
class KLLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.kl = None

    def forward(self, mu, logvar):
        q = torch.distributions.Normal(mu, torch.exp(logvar / 2))
        prior = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
        self.kl = torch.distributions.kl_divergence(q, prior).sum(dim=-1)
        return mu, logvar


# %% expm1, a list is returned
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = (mu.square() + torch.expm1(logvar) - logvar).sum(-1) / 2
        return [mu, logvar]


# %% a buffer that is not saved
class KLLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("kl", None, persistent=False)

    def forward(self, mu, logvar):
        self.kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)
        return mu, logvar


# %% a property
class KLLayer(nn.Module):
    @property
    def kl(self):
        mu, logvar = self.codes
        return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)

    def forward(self, mu, logvar):
        self.codes = mu, logvar
        return mu, logvar


# %% a hook
class KLLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_forward_hook(self.hold)

    def hold(self, module, given, result):
        mu, logvar = given
        self.kl = 0.5 * torch.einsum("bd->b", mu * mu + logvar.exp() - logvar - 1)

    def forward(self, mu, logvar):
        return mu, logvar


# %% a loop over dimensions
class KLLayer(nn.Module):
    def forward(self, *pair):
        mu, logvar = pair
        self.kl = sum(
            (m * m + torch.exp(s) - 1.0 - s) / 2 for m, s in zip(mu.T, logvar.T, strict=True)
        )
        return pair


# %% Independent
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        from torch.distributions import Independent, Normal, kl_divergence

        q = Independent(Normal(mu, (0.5 * logvar).exp()), 1)
        prior = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
        self.kl = kl_divergence(q, prior)
        return mu, logvar


# %% nothing is held
# slug: layer-no-kl
# says: attribute kl
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.loss = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar


# %% the KL is returned
# slug: layer-returns-kl
# says: held, not returned
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return self.kl


# %% all three are returned
# slug: wrong-type
# says: two values
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar, self.kl


# %% nothing is returned
# slug: wrong-type
# says: Is a `return` missing?
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% a code is drawn
# slug: layer-returns-code
# says: another layer
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


# %% a code in place of mu
# slug: layer-returns-code
# says: another layer
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu), logvar


# %% sigma comes back
# slug: layer-returns-sigma
# says: as a variance
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, torch.exp(0.5 * logvar)


# %% the pair is exchanged
# slug: results-swapped
# says: changed places
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return logvar, mu


# %% clamped on the way
# slug: layer-changes-input
# says: as it was given
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar.clamp(-0.2, 0.2)


# %% clamped far out on the way
# slug: layer-changes-input
# says: as it was given
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar.clamp(-10, 10)


# %% detached on the way
# slug: layer-cuts-input
# says: without its graph
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu.detach(), logvar.detach().requires_grad_()


# %% detached for good
# slug: layer-cuts-input
# says: requires_grad=False
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu.detach(), logvar.detach()


# %% the KL is detached
# slug: layer-kl-detached
# says: no gradient
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1).detach()
        return mu, logvar


# %% computed without gradients
# slug: layer-kl-detached
# says: could not be minimized
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        with torch.no_grad():
            self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar


# %% only mu is trained by it
# slug: layer-kl-detached
# says: d kl / d logvar
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        fixed = logvar.detach()
        self.kl = 0.5 * (mu**2 + fixed.exp() - 1 - fixed).sum(dim=1)
        return mu, logvar


# %% a running sum
# slug: layer-accumulates
# says: each call replaces
class KLLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.kl = 0.0

    def forward(self, mu, logvar):
        self.kl = self.kl + 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar


# %% a list of all calls
# slug: layer-accumulates
# says: calls before
class KLLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.losses = []

    @property
    def kl(self):
        return sum(self.losses)

    def forward(self, mu, logvar):
        self.losses.append(0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1))
        return mu, logvar


# %% the first call stays
# slug: layer-keeps-first
# says: stays
class KLLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.kl = None

    def forward(self, mu, logvar):
        if self.kl is None:
            self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar


# %% held by the class
# slug: layer-shared
# says: one of its own
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        type(self).kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar


# %% in training only
# slug: layer-training-only
# says: in an evaluation
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        if self.training:
            self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar


# %% 0 in an evaluation
# slug: layer-training-only
# says: in eval mode
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        self.kl = kl if self.training else torch.zeros_like(kl)
        return mu, logvar


# %% registered as a buffer
# slug: layer-saved
# says: state_dict
class KLLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("kl", torch.zeros(1))

    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar


# %% a method
# slug: layer-kl-is-method
# says: a tensor
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.codes = mu, logvar
        return mu, logvar

    def kl(self):
        mu, logvar = self.codes
        return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


# %% the mean over the batch, as in Keras
# slug: layer-batch-mean
# says: as Keras takes it
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp(), dim=-1)
        self.kl = kl.mean()
        return mu, logvar


# %% the sum over everything
# slug: kl-batch-sum
# says: too early
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())
        return mu, logvar


# %% no half
# slug: kl-no-half
# says: 1/2
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        return mu, logvar


# %% the mean over dimensions
# slug: kl-mean-latent
# says: factor D
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(dim=1)
        return mu, logvar


# %% not summed
# slug: kl-not-summed
# says: sum over them
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
        return mu, logvar


# %% log sigma
# slug: kl-log-sigma
# says: log sigma
class KLLayer(nn.Module):
    def forward(self, mu, logsigma):
        self.kl = 0.5 * (mu**2 + (2 * logsigma).exp() - 1 - 2 * logsigma).sum(dim=1)
        return mu, logsigma


# %% the other sign
# slug: kl-sign
# says: never negative
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(dim=1)
        return mu, logvar


# %% from the prior to q
# slug: kl-reversed
# says: KL(p || q)
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * ((1 + mu**2) / logvar.exp() - 1 + logvar).sum(dim=1)
        return mu, logvar


# %% the log-variance is clamped
# slug: kl-clipped
# says: clamped
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        cut = logvar.clamp(-10, 10)
        self.kl = 0.5 * (mu**2 + cut.exp() - 1 - cut).sum(dim=1)
        return mu, logvar


# %% a plain number
# slug: wrong-type
# says: layer.kl is
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum().item()
        return mu, logvar


# %% in float64
# slug: layer-dtype
# says: dtype of mu
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        m, s = mu.double(), logvar.double()
        self.kl = 0.5 * (m**2 + s.exp() - 1 - s).sum(dim=1)
        return mu, logvar


# %% mu is changed in place
# slug: changed-argument
# says: changed the values
class KLLayer(nn.Module):
    def forward(self, mu, logvar):
        self.kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
        with torch.no_grad():
            mu.mul_(2)
        return mu, logvar
