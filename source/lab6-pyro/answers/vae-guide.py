"""Answers to the guide of Exercise 9 of lab6-pyro: right ones, then wrong ones."""


# %% a normal, stretched
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        unit = dist.Normal(torch.zeros_like(mu), 1.0)
        maps = dist.transforms.AffineTransform(mu, torch.exp(0.5 * logvar))
        pyro.sample("z", dist.TransformedDistribution(unit, maps).to_event(1))


# %% a root of the variance
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, logvar.exp().sqrt()).to_event(1))


# %% the encoder outside of the plate
def vae_guide(x, encoder, decoder, latent_dim):
    encoder = pyro.module("encoder", encoder)
    mu, logvar = encoder(x)
    with pyro.plate("images", len(x)):
        return pyro.sample("z", dist.Normal(mu, (logvar / 2).exp()).to_event(1))


# %% a multivariate normal
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.MultivariateNormal(mu, torch.diag_embed(torch.exp(logvar))))


# %% independent
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Independent(dist.Normal(mu, torch.exp(0.5 * logvar)), 1))


# %% a variance as the scale
# slug: std-is-variance
# says: ✗
# loses: vae-guide-density, vae-guide-draws
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, torch.exp(logvar)).to_event(1))


# %% no exp
# slug: program-scale-not-positive
# says: not above 0
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, 0.5 * logvar).to_event(1))


# %% a softplus
# slug: std-softplus
# says: ✗
# loses: vae-guide-density, vae-guide-draws
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, torch.nn.functional.softplus(logvar)).to_event(1))


# %% the prior
# slug: program-guide-is-prior
# says: asks the encoder
# loses: vae-guide-density, vae-guide-draws
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(0 * mu, 1.0).to_event(1))


# %% a scale of one
# slug: program-unit-scale
# says: logvar is not used
# loses: vae-guide-density, vae-guide-draws
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, 1.0).to_event(1))


# %% not registered
# slug: program-not-registered
# says: Without pyro.module
# loses: vae-guide-sites
def vae_guide(x, encoder, decoder, latent_dim):
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, torch.exp(0.5 * logvar)).to_event(1))


# %% the decoder registered
# slug: program-not-registered
# says: 'encoder' was asked for
# loses: vae-guide-sites
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, torch.exp(0.5 * logvar)).to_event(1))


# %% no plate
# slug: plate-missing
# says: no plate
# loses: vae-guide-sites
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    if True:
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, torch.exp(0.5 * logvar)).to_event(1))


# %% no event
# slug: program-batch-shape
# says: Site 'z'
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, torch.exp(0.5 * logvar)))


# %% another name
# slug: site-missing
# says: no site 'z'
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("latent", dist.Normal(mu, torch.exp(0.5 * logvar)).to_event(1))


# %% the mean as a Delta
# slug: guide-delta
# says: -inf
# loses: vae-guide-density, vae-guide-draws
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Delta(mu, event_dim=1))


# %% no gradient
# slug: program-detached
# says: No gradient passes
# loses: vae-guide-draws
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu.detach(), torch.exp(0.5 * logvar).detach()).to_event(1))


# %% a seed inside
# slug: noise-frozen
# says: same z
# loses: vae-guide-draws
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        pyro.set_rng_seed(3)
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, torch.exp(0.5 * logvar)).to_event(1))


# %% the image is observed, too
# slug: site-unasked
# says: 'x'
# loses: vae-guide-sites
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        z = pyro.sample("z", dist.Normal(mu, torch.exp(0.5 * logvar)).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% only the width is trained
# slug: program-detached
# says: a drawn z
# loses: vae-guide-draws
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu.detach(), torch.exp(0.5 * logvar)).to_event(1))


# %% half of the gradient
# slug: program-gradient
# says: by '
# loses: vae-guide-draws
def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        mu = 0.5 * mu + 0.5 * mu.detach()
        pyro.sample("z", dist.Normal(mu, torch.exp(0.5 * logvar)).to_event(1))


# %% a copy is registered
# slug: program-registers-copy
# says: not the network
# loses: vae-guide-sites
def vae_guide(x, encoder, decoder, latent_dim):
    import copy

    pyro.module("encoder", copy.deepcopy(encoder))
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", dist.Normal(mu, torch.exp(0.5 * logvar)).to_event(1))


# %% the same noise in all dimensions
# slug: noise-shared-latent
# says: z
# loses: vae-guide-draws
class Shared(dist.Normal):
    def rsample(self, sample_shape=()):
        return self.loc + self.scale * torch.randn(self.loc.shape[0], 1).to(self.loc)

    def expand(self, batch_shape, _instance=None):
        return self


def vae_guide(x, encoder, decoder, latent_dim):
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        mu, logvar = encoder(x)
        pyro.sample("z", Shared(mu, torch.exp(0.5 * logvar)).to_event(1))
