"""Answers to Exercise 9 of lab6-pyro: right ones, then wrong ones."""


# %% independent, in a plate by itself
def vae_model(x, encoder, decoder, latent_dim):
    decoder = pyro.module("decoder", decoder)
    plate = pyro.plate("images", len(x), dim=-1)
    with plate:
        prior = dist.Independent(dist.Normal(x.new_zeros(len(x), latent_dim), 1.0), 1)
        z = pyro.sample("z", prior)
    with plate:
        pyro.sample("x", dist.Independent(dist.Bernoulli(logits=decoder(z)), 1), obs=x)


# %% expanded
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    unit = dist.Normal(x.new_tensor(0.0), x.new_tensor(1.0))
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", unit.expand([latent_dim]).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% a multivariate prior
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    zero, eye = x.new_zeros(latent_dim), torch.eye(latent_dim, dtype=x.dtype)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.MultivariateNormal(zero, eye))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% probabilities
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(probs=torch.sigmoid(decoder(z))).to_event(1), obs=x)


# %% zeros and ones of the batch
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", x.shape[0]):
        zero = x.new_zeros(x.shape[0], latent_dim)
        z = pyro.sample("z", dist.Normal(zero, torch.ones_like(zero)).to_event(1))
        logits = decoder(z)
        pyro.sample("x", dist.Bernoulli(logits=logits).to_event(1), obs=x)


# %% the decoder is not registered
# slug: program-not-registered
# says: Without pyro.module
# loses: vae-model-sites
def vae_model(x, encoder, decoder, latent_dim):
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% registered by another name
# slug: program-not-registered
# says: 'decoder' was asked for
# loses: vae-model-sites
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("generator", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% both registered
# slug: program-registers-other
# says: belongs to the model
# loses: vae-model-sites
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    pyro.module("encoder", encoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% no event of z
# slug: program-batch-shape
# says: Site 'z'
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% no event of x
# slug: program-batch-shape
# says: Site 'x'
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)), obs=x)


# %% no plate
# slug: plate-missing
# says: no plate
# loses: vae-model-sites
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    if True:
        z = pyro.sample("z", dist.Normal(x.new_zeros(len(x), latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% another plate
# slug: plate-missing
# says: 'images' was asked for
# loses: vae-model-sites
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("data", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% a code for all images
# slug: site-shape
# says: ✗
# loses: vae-model-sites, vae-model-prior
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
    with pyro.plate("images", len(x)):
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% the images are drawn
# slug: site-not-observed
# says: drawn anew
# loses: vae-model-sites, vae-model-likelihood
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1))


# %% a wide prior
# slug: program-prior
# says: scale 1
# loses: vae-model-prior
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 10.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% a sigmoid too many
# slug: program-sigmoid-twice
# says: twice
# loses: vae-model-likelihood
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=torch.sigmoid(decoder(z))).to_event(1), obs=x)


# %% a Gaussian likelihood
# slug: program-gaussian
# says: Bernoulli
# loses: vae-model-likelihood
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Normal(torch.sigmoid(decoder(z)), 1.0).to_event(1), obs=x)


# %% a scaled likelihood
# slug: site-scaled
# says: counts
# loses: vae-model-sites
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        with pyro.poutine.scale(scale=1 / x.shape[1]):
            pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% the site by another name
# slug: site-missing
# says: no site 'z'
# loses: vae-model-sites, vae-model-prior, vae-model-likelihood
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("latent", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% a code of the encoder
# slug: site-missing
# says: no site 'z'
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        pyro.sample("x", dist.Bernoulli(logits=decoder(encoder(x)[0])).to_event(1), obs=x)


# %% the decoder without a gradient
# slug: program-detached
# says: log p(x|z)
# loses: vae-model-likelihood
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        with torch.no_grad():
            logits = decoder(z)
        pyro.sample("x", dist.Bernoulli(logits=logits).to_event(1), obs=x)


# %% the code cut off from the decoder
# slug: program-detached
# says: 'z'
# loses: vae-model-likelihood
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z.detach())).to_event(1), obs=x)


# %% a copy is registered
# slug: program-registers-copy
# says: not the network
# loses: vae-model-sites
def vae_model(x, encoder, decoder, latent_dim):
    import copy

    pyro.module("decoder", copy.deepcopy(decoder))
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% the encoder by another name
# slug: program-registers-other
# says: 'other'
# loses: vae-model-sites
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    pyro.module("other", encoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% logits as probabilities
# slug: program-logits-as-probs
# says: not between 0 and 1
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(decoder(z)).to_event(1), obs=x)


# %% a code in float32
# slug: program-dtype
# says: torch.float32
# loses: vae-model-prior
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(torch.zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z.to(x.dtype))).to_event(1), obs=x)


# %% a seed inside
# slug: noise-frozen
# says: same z
# loses: vae-model-prior
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        torch.manual_seed(0)
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% a code that is squashed
# slug: program-code-changed
# says: log p(x|z)
# loses: vae-model-likelihood
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(torch.tanh(z))).to_event(1), obs=x)


# %% an image from minus one to one
# slug: program-not-binary
# says: not zeros and ones
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=2 * x - 1)


# %% the image in place of the code
# slug: program-layer-shape
# says: first layer
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(x)).to_event(1), obs=x)


# %% a number for the image
# slug: program-no-tensor
# says: wants a tensor
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=1)


# %% two images
# slug: program-site-twice
# says: Site 'x' is there twice
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)


# %% the plate as large as a batch of the training
# slug: plate-size
# says: there are
def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", 128):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)
